use hamsa_client::{
    api::{ErrorReport, LinkState},
    names::ErrorCode,
};

use super::*;
use crate::i18n::Text;

pub(crate) fn key(code: KeyCode) -> DeskMsg {
    DeskMsg::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

pub(crate) fn control(c: char) -> DeskMsg {
    DeskMsg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))
}

fn typed(model: &mut DeskModel, text: &str) -> Vec<DeskEffect> {
    text.chars()
        .flat_map(|c| update(model, key(KeyCode::Char(c))))
        .collect()
}

fn chat(urgent: bool) -> DeskMsg {
    DeskMsg::Event(CounselorEvent::Chat {
        chat: "k1".into(),
        language: "fr".into(),
        urgent,
        text: "bonjour".into(),
        number: None,
        returning: false,
    })
}

/// Opens the chat that is shown with the key that it asks for.
fn open(model: &mut DeskModel) {
    assert_eq!(update(model, key(KeyCode::Enter)), []);
    assert!(model.chat().unwrap().writable());
}

fn pace(pause: bool, no_details: bool) -> DeskMsg {
    DeskMsg::Event(CounselorEvent::Pace {
        chat: "k1".into(),
        pause,
        no_details,
    })
}

fn on_duty(waiting: u32) -> DeskModel {
    let mut model = DeskModel::default();
    update(&mut model, DeskMsg::Event(CounselorEvent::OnDuty));
    update(
        &mut model,
        DeskMsg::Event(CounselorEvent::Desk { waiting, urgent: 0 }),
    );
    model
}

#[test]
fn letters_in_a_chat_are_words_and_enter_sends_them_once() {
    let mut model = on_duty(1);
    update(&mut model, chat(false));
    open(&mut model);
    assert_eq!(typed(&mut model, "non be to"), []);
    let sent = update(&mut model, key(KeyCode::Enter));
    let expected = CounselorCommand::Say {
        chat: "k1".into(),
        id: "c1".into(),
        text: "non be to".into(),
    };
    assert_eq!(sent, [DeskEffect::Tell(expected)]);
    assert_eq!(
        update(&mut model, key(KeyCode::Enter)),
        [],
        "an empty line is not sent"
    );
}

#[test]
fn commands_want_control_k_or_escape_inside_a_chat() {
    let mut model = on_duty(1);
    update(&mut model, chat(false));
    open(&mut model);
    update(&mut model, control('k'));
    assert_eq!(
        typed(&mut model, "n"),
        [DeskEffect::Tell(CounselorCommand::TakeNext)]
    );
    assert!(model.chat().unwrap().composer.is_blank());
    update(&mut model, key(KeyCode::Enter));
    assert_eq!(typed(&mut model, "n"), []);
    assert_eq!(model.chat().unwrap().composer.text(), "n");
}

#[test]
fn take_next_asks_once_until_an_answer_comes() {
    let mut model = on_duty(2);
    assert_eq!(typed(&mut model, "nnn").len(), 1);
    update(
        &mut model,
        DeskMsg::Event(CounselorEvent::Desk {
            waiting: 1,
            urgent: 0,
        }),
    );
    assert_eq!(typed(&mut model, "n"), []);
    let report = ErrorReport::new(ErrorCode::Taken, String::new(), String::new());
    update(&mut model, DeskMsg::Event(CounselorEvent::Error(report)));
    assert_eq!(typed(&mut model, "n").len(), 1);
}

#[test]
fn a_way_that_fails_beside_another_is_not_said() {
    let mut model = DeskModel::default();
    for state in [LinkState::Reconnecting, LinkState::Connected] {
        update(&mut model, DeskMsg::Event(CounselorEvent::Link { state }));
        let report = ErrorReport::new(ErrorCode::HomeGone, String::new(), String::new());
        update(&mut model, DeskMsg::Event(CounselorEvent::Error(report)));
        assert_eq!(model.notice.is_some(), state == LinkState::Reconnecting);
    }
}

#[test]
fn ending_is_confirmed_by_y_alone() {
    let mut model = on_duty(1);
    update(&mut model, chat(false));
    open(&mut model);
    update(&mut model, key(KeyCode::Esc));
    typed(&mut model, "e");
    assert_eq!(update(&mut model, key(KeyCode::Enter)), []);
    assert!(matches!(model.mode, Mode::Confirm(Confirmation::End(_))));
    assert_eq!(
        typed(&mut model, "y"),
        [DeskEffect::Tell(CounselorCommand::End { chat: "k1".into() })]
    );
}

#[test]
fn leaving_asks_only_while_a_chat_runs() {
    let mut model = on_duty(0);
    assert_eq!(
        update(&mut model, control('q')),
        [DeskEffect::Tell(CounselorCommand::Exit), DeskEffect::Leave]
    );
    update(&mut model, chat(false));
    open(&mut model);
    assert_eq!(update(&mut model, control('q')), []);
    assert_eq!(
        typed(&mut model, "y"),
        [DeskEffect::Tell(CounselorCommand::Exit), DeskEffect::Leave]
    );
}

#[test]
fn an_urgent_chat_opens_blurred_and_takes_no_letters() {
    let mut model = on_duty(1);
    update(&mut model, chat(true));
    assert!(model.chat().unwrap().blurred);
    typed(&mut model, "x");
    assert!(model.chat().unwrap().composer.is_blank());
    update(&mut model, key(KeyCode::Enter));
    assert!(!model.chat().unwrap().blurred);
    assert!(matches!(model.mode, Mode::Write));
}

#[test]
fn a_second_chat_does_not_take_the_place_of_the_first() {
    let mut model = on_duty(2);
    update(&mut model, chat(false));
    open(&mut model);
    typed(&mut model, "je");
    let second = CounselorEvent::Chat {
        chat: "k2".into(),
        language: "ar".into(),
        urgent: true,
        text: "".into(),
        number: None,
        returning: false,
    };
    update(&mut model, DeskMsg::Event(second));
    typed(&mut model, " suis");
    assert_eq!(model.chat().unwrap().composer.text(), "je suis");
}

#[test]
fn states_only_go_forward() {
    let mut model = on_duty(1);
    update(&mut model, chat(false));
    open(&mut model);
    typed(&mut model, "a");
    update(&mut model, key(KeyCode::Enter));
    for state in [MessageState::Received, MessageState::AtNode] {
        update(
            &mut model,
            DeskMsg::Event(CounselorEvent::State {
                chat: "k1".into(),
                id: "c1".into(),
                state,
            }),
        );
    }
    assert_eq!(
        model.chat().unwrap().lines.last().unwrap().state,
        Some(MessageState::Received)
    );
}

#[test]
fn the_lock_takes_the_passphrase_and_nothing_reaches_the_chat() {
    let mut model = on_duty(1);
    update(&mut model, chat(false));
    open(&mut model);
    update(&mut model, control('l'));
    typed(&mut model, "zzz");
    update(&mut model, key(KeyCode::Enter));
    typed(&mut model, "secret");
    update(&mut model, DeskMsg::Paste(" word\nrest".into()));
    assert!(
        !format!("{model:?}").contains("secret"),
        "a passphrase never prints itself"
    );
    let tried = update(&mut model, key(KeyCode::Enter));
    assert_eq!(tried, [DeskEffect::TryPassphrase("secret word".into())]);
    update(&mut model, DeskMsg::Unlocked(false));
    assert!(matches!(model.mode, Mode::Locked(LockState::Refused)));
    update(&mut model, DeskMsg::Unlocked(true));
    assert!(matches!(model.mode, Mode::Write));
    assert!(model.chat().unwrap().composer.is_blank());
}

#[test]
fn a_paste_with_a_hidden_enter_sends_nothing() {
    let mut model = on_duty(1);
    update(&mut model, chat(false));
    open(&mut model);
    assert_eq!(update(&mut model, DeskMsg::Paste("un\rdeux\r\n".into())), []);
    assert_eq!(model.chat().unwrap().composer.text(), "un\ndeux\n");
}

#[test]
fn after_a_quick_exit_the_counselor_cannot_write_on() {
    let mut model = on_duty(1);
    update(&mut model, chat(false));
    open(&mut model);
    typed(&mut model, "je");
    let ended = CounselorEvent::Ended {
        chat: "k1".into(),
        by: hamsa_client::api::EndedBy::Peer,
        reason: hamsa_client::api::ChatOver::Said(hamsa_client::api::EndReason::LeftQuickly),
    };
    update(&mut model, DeskMsg::Event(ended));
    let told = Some(DeskNotice::Text(Text::DeskEndedLeftQuickly));
    assert_eq!(model.chat().unwrap().told(), told);
    assert_eq!(model.told(), None, "it is hers, and not the desk's");
    typed(&mut model, " c'est noté");
    assert_eq!(update(&mut model, key(KeyCode::Enter)), []);
    assert_eq!(model.chat().unwrap().composer.text(), "je");
    update(&mut model, control('k'));
    typed(&mut model, "c");
    assert!(model.chats.is_empty());
}

#[test]
fn a_mail_answered_elsewhere_leaves_and_no_number_changes() {
    let mail = |id: &str| {
        DeskMsg::Event(CounselorEvent::Mail {
            mail: id.into(),
            text: "salam".into(),
            returning: false,
        })
    };
    let answered = |id: &str| DeskMsg::Event(CounselorEvent::MailAnswered { mail: id.into() });
    let mut model = on_duty(0);
    for id in ["m1", "m2", "m3"] {
        update(&mut model, mail(id));
    }
    update(&mut model, answered("m1"));
    assert_eq!(model.mails_there(), 2);
    assert!(matches!(
        model.notice,
        Some(DeskNotice::Mail(Text::DeskMailGone, 1))
    ));
    update(&mut model, key(KeyCode::Char('m')));
    assert!(matches!(model.mode, Mode::Mails(1)), "the first that is there");

    // It is answered while a reply is written: nothing is sent, neither there nor to the next one.
    typed(&mut model, "x");
    assert!(model.mails[1].composer.is_blank(), "behind the blur");
    assert_eq!(update(&mut model, key(KeyCode::Enter)), []);
    typed(&mut model, "marhba");
    update(&mut model, answered("m2"));
    assert!(matches!(model.mode, Mode::Mails(1)), "she is not torn out of it");
    assert!(matches!(
        model.notice,
        Some(DeskNotice::Mail(Text::DeskMailGoneBegun, 2))
    ));
    assert_eq!(update(&mut model, key(KeyCode::Enter)), []);
    update(&mut model, key(KeyCode::Tab));
    assert!(matches!(model.mode, Mode::Mails(2)));
    assert_eq!(
        update(&mut model, key(KeyCode::Enter)),
        [],
        "nothing was written here"
    );
    update(&mut model, key(KeyCode::BackTab));
    assert!(matches!(model.mode, Mode::Mails(2)), "the only one");
    update(&mut model, answered("m3"));
    update(&mut model, key(KeyCode::Tab));
    assert!(!matches!(model.mode, Mode::Mails(_)));
    update(&mut model, key(KeyCode::Esc));
    update(&mut model, key(KeyCode::Char('m')));
    assert!(matches!(model.notice, Some(DeskNotice::Text(Text::DeskNoMail))));

    // A home comes back where one of them still waits: it is there again, under its number.
    update(&mut model, mail("m2"));
    assert_eq!((model.mails_there(), model.mails.len()), (1, 3));
    update(&mut model, key(KeyCode::Char('m')));
    assert!(matches!(model.mode, Mode::Mails(1)));
}

#[test]
fn the_wishes_of_a_seeker_stand_beside_the_chat() {
    let mut model = on_duty(1);
    update(&mut model, chat(false));
    open(&mut model);
    let mut tell = |pause, no_details| {
        model.chat_mut().unwrap().notice = None;
        update(&mut model, pace(pause, no_details));
        let chat = model.chat().unwrap();
        assert_eq!((chat.paused, chat.no_details), (pause, no_details));
        match &chat.notice {
            Some(DeskNotice::Text(key)) => Some(*key),
            _ => None,
        }
    };
    assert_eq!(tell(false, true), Some(Text::DeskPaceToldNoDetails));
    assert_eq!(tell(false, true), None);
    assert_eq!(tell(true, true), Some(Text::DeskPaceToldPause));
    assert_eq!(tell(false, true), Some(Text::DeskPaceToldOn));
    assert_eq!(tell(false, false), Some(Text::DeskPaceToldDetails));
    assert_eq!(tell(true, true), Some(Text::DeskPaceToldPause));
}

/// A link that was down for a minute: the seeker opened the ticket again, and it came back to this desk.
#[test]
fn a_chat_that_comes_back_goes_on_where_it_stands() {
    let mut model = on_duty(1);
    update(&mut model, chat(false));
    open(&mut model);
    typed(&mut model, "je suis");
    update(&mut model, key(KeyCode::Enter));
    update(&mut model, pace(true, true));
    let ended = CounselorEvent::Ended {
        chat: "k1".into(),
        by: hamsa_client::api::EndedBy::Peer,
        reason: hamsa_client::api::ChatOver::Gone,
    };
    update(&mut model, DeskMsg::Event(ended));
    assert!(model.chat().unwrap().ended());
    let mut again = chat(true);
    if let DeskMsg::Event(CounselorEvent::Chat { text, .. }) = &mut again {
        // This run has shown the first words.
        *text = "".into();
    }
    update(&mut model, again);
    let back = model.chat().unwrap();
    assert_eq!((model.chats.len(), back.lines.len()), (1, 2));
    assert!(!back.ended() && back.urgent && !back.paused && !back.no_details);
    assert_eq!(back.told(), Some(DeskNotice::Text(Text::DeskChatAgain)));
    typed(&mut model, "x");
    assert!(model.chat().unwrap().composer.is_blank(), "letters under way");
    // The chat comes back as urgent, and open: one key, and it goes on.
    open(&mut model);
    typed(&mut model, "toujours la");
    let said = update(&mut model, key(KeyCode::Enter));
    assert!(matches!(
        said.as_slice(),
        [DeskEffect::Tell(CounselorCommand::Say { .. })]
    ));
}

#[test]
fn that_a_seeker_is_in_danger_is_not_talked_over() {
    let mut model = on_duty(1);
    update(&mut model, chat(true));
    update(&mut model, pace(false, true));
    assert_eq!(
        model.chat().unwrap().told(),
        Some(DeskNotice::Text(Text::DeskChatUrgent))
    );
    assert!(model.chat().unwrap().no_details);
    // It was looked at: what comes now is said.
    update(&mut model, key(KeyCode::Enter));
    update(&mut model, pace(true, true));
    assert_eq!(
        model.chat().unwrap().told(),
        Some(DeskNotice::Text(Text::DeskPaceToldPause))
    );
}

fn ended(id: &str) -> DeskMsg {
    DeskMsg::Event(CounselorEvent::Ended {
        chat: id.into(),
        by: hamsa_client::api::EndedBy::Peer,
        reason: hamsa_client::api::ChatOver::Said(hamsa_client::api::EndReason::Finished),
    })
}

fn other_chat() -> DeskMsg {
    DeskMsg::Event(CounselorEvent::Chat {
        chat: "k2".into(),
        language: "ar".into(),
        urgent: true,
        text: "salam".into(),
        number: None,
        returning: false,
    })
}

#[test]
fn a_question_about_a_chat_goes_with_it_and_with_no_other() {
    let mut model = on_duty(2);
    update(&mut model, chat(false));
    open(&mut model);
    update(&mut model, other_chat());
    update(&mut model, control('k'));
    typed(&mut model, "e");
    update(&mut model, ended("k2"));
    assert!(matches!(&model.mode, Mode::Confirm(Confirmation::End(about)) if about == "k1"));
    update(&mut model, ended("k1"));
    assert!(matches!(model.mode, Mode::Write));
    assert_eq!(typed(&mut model, "y"), []);
    assert!(model.chats.iter().all(|chat| chat.composer.is_blank()));
}

#[test]
fn a_kept_draft_goes_by_escape_twice_and_by_nothing_else() {
    let mut model = on_duty(2);
    update(&mut model, chat(false));
    open(&mut model);
    typed(&mut model, "je comprends");
    update(&mut model, ended("k1"));
    update(&mut model, key(KeyCode::Esc));
    typed(&mut model, "n");
    update(&mut model, key(KeyCode::Esc));
    assert_eq!(model.chat().unwrap().composer.text(), "je comprends");
    assert!(matches!(model.mode, Mode::Write), "it is no way to the commands");
    update(&mut model, key(KeyCode::Esc));
    assert!(model.chat().unwrap().composer.is_blank());
}

#[test]
fn what_is_true_no_more_is_not_said_any_more() {
    let mut model = on_duty(0);
    typed(&mut model, "n");
    assert_eq!(model.told(), Some(DeskNotice::Text(Text::DeskNobodyWaits)));
    update(
        &mut model,
        DeskMsg::Event(CounselorEvent::Desk {
            waiting: 1,
            urgent: 0,
        }),
    );
    assert_eq!(model.told(), None);
    typed(&mut model, "n");
    assert_eq!(model.told(), Some(DeskNotice::Text(Text::DeskTaking)));
    update(&mut model, chat(false));
    assert_eq!(model.told(), None);
    let reason = hamsa_client::api::OffReason::Asked;
    update(&mut model, DeskMsg::Event(CounselorEvent::OffDuty { reason }));
    assert_eq!(model.told(), Some(DeskNotice::Text(Text::DeskOffAsked)));
    update(&mut model, DeskMsg::Event(CounselorEvent::OnDuty));
    assert_eq!(model.told(), None);
}

#[test]
fn the_same_keys_act_on_an_arabic_layout() {
    let mut model = on_duty(1);
    assert_eq!(
        typed(&mut model, "ى"),
        [DeskEffect::Tell(CounselorCommand::TakeNext)]
    );
    update(&mut model, chat(false));
    open(&mut model);
    assert_eq!(typed(&mut model, "ى"), []);
    assert_eq!(model.chat().unwrap().composer.text(), "ى");
    update(&mut model, control('ن'));
    assert!(matches!(model.mode, Mode::Command));
    let locked = update(&mut model, control('م'));
    assert_eq!(
        locked,
        [DeskEffect::Tell(CounselorCommand::ScreenLocked { locked: true })]
    );
}
