use super::*;

fn press(model: &mut DemoModel, code: KeyCode) -> Vec<DemoEffect> {
    model.update(DemoMsg::Key(code.into()))
}

fn typed(model: &mut DemoModel, text: &str) -> Vec<DemoEffect> {
    text.chars()
        .flat_map(|c| press(model, KeyCode::Char(c)))
        .collect()
}

pub(crate) fn met() -> DemoModel {
    let mut model = DemoModel::default();
    for event in [
        CounselorEvent::OnDuty,
        CounselorEvent::Desk {
            waiting: 1,
            urgent: 0,
        },
        CounselorEvent::Chat {
            chat: "k".into(),
            language: "fr".into(),
            urgent: false,
            text: "".into(),
            number: None,
            returning: false,
        },
    ] {
        model.update(DemoMsg::Counselor(Some(event)));
    }
    let answered = SeekerEvent::Answered {
        association: ANSWERS.into(),
        pseudonym: PSEUDONYM.into(),
    };
    model.update(DemoMsg::Seeker(Some(answered)));
    model
}

pub(crate) fn trace(home: bool, kind: &'static str) -> DemoMsg {
    DemoMsg::Trace(TraceEvent {
        home,
        link: 1,
        inbound: true,
        bytes: 2_128,
        kind,
        token: [0xab, 1, 2, 3],
        index: 7,
    })
}

#[test]
fn the_seeker_starts_once_and_the_counselor_takes_the_ticket() {
    let mut model = DemoModel::default();
    let start = model.update(DemoMsg::Counselor(Some(CounselorEvent::OnDuty)));
    assert!(matches!(
        start.as_slice(),
        [DemoEffect::Seeker(SeekerCommand::Start { urgent: false, .. })]
    ));
    assert_eq!(model.update(DemoMsg::Counselor(Some(CounselorEvent::OnDuty))), []);
    let waits = |waiting| DemoMsg::Counselor(Some(CounselorEvent::Desk { waiting, urgent: 0 }));
    assert_eq!(model.update(waits(0)), [], "nobody waits yet");
    assert_eq!(
        model.update(waits(1)),
        [DemoEffect::Counselor(CounselorCommand::TakeNext)]
    );
    press(&mut model, KeyCode::Tab);
    assert_eq!(typed(&mut model, "n"), [], "she is being taken already");
}

#[test]
fn tab_gives_the_keys_to_the_other_person() {
    let mut model = met();
    typed(&mut model, "salam");
    let say = SeekerCommand::Say {
        id: "s1".into(),
        text: "salam".into(),
    };
    assert_eq!(press(&mut model, KeyCode::Enter), [DemoEffect::Seeker(say)]);
    press(&mut model, KeyCode::Tab);
    typed(&mut model, "non");
    let say = CounselorCommand::Say {
        chat: "k".into(),
        id: "c1".into(),
        text: "non".into(),
    };
    assert_eq!(press(&mut model, KeyCode::Enter), [DemoEffect::Counselor(say)]);
}

#[test]
fn the_quick_exit_empties_the_seekers_side_for_good() {
    let mut model = met();
    typed(&mut model, "salam");
    press(&mut model, KeyCode::Enter);
    let control_x = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::CONTROL);
    assert_eq!(
        model.update(DemoMsg::Key(control_x)),
        [DemoEffect::Seeker(SeekerCommand::QuickExit)]
    );
    let late = SeekerEvent::Message {
        number: 0,
        id: "c9".into(),
        text: "late".into(),
    };
    model.update(DemoMsg::Seeker(Some(late)));
    assert!(model.seeker.lines.is_empty() && model.seeker.composer.is_blank());
    assert_eq!(model.update(DemoMsg::Key(control_x)), []);
}

#[test]
fn rows_show_what_a_node_saw_and_nothing_else() {
    let mut model = met();
    model.update(trace(false, ""));
    model.update(trace(true, "put"));
    assert_eq!(model.entry_rows, ["→  2128 B"]);
    assert_eq!(model.home_rows, ["→  2128 B  put          ab010203    7"]);
    for _ in 0..1_000 {
        model.update(trace(true, "put"));
    }
    assert_eq!(model.home_rows.len(), ROWS_MAX);
    assert_eq!(model.tally.home.pieces, 1_001);
}

#[test]
fn each_engine_is_told_once_what_was_shown_on_its_side() {
    let mut model = met();
    let to_seeker = SeekerEvent::Message {
        number: 3,
        id: "c1".into(),
        text: "salam".into(),
    };
    model.update(DemoMsg::Seeker(Some(to_seeker)));
    let to_counselor = CounselorEvent::Message {
        number: 8,
        chat: "k".into(),
        id: "s1".into(),
        text: "bonsoir".into(),
    };
    model.update(DemoMsg::Counselor(Some(to_counselor)));
    let drawn = DrawnLines {
        seeker: vec![0],
        counselor: Vec::new(),
    };
    let told = [DemoEffect::Seeker(SeekerCommand::Shown { number: 3 })];
    assert_eq!(model.drawn(&drawn), told);
    assert_eq!(model.drawn(&drawn), []);
    let drawn = DrawnLines {
        seeker: vec![0],
        counselor: vec![0],
    };
    let told = [DemoEffect::Counselor(CounselorCommand::Shown { number: 8 })];
    assert_eq!(model.drawn(&drawn), told);
}
