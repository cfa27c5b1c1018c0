use hamsa_client::{
    api::{CounselorEvent, ErrorReport},
    names::ErrorCode,
};
use ratatui::{Terminal, backend::TestBackend};

use super::*;
use crate::{
    counselor::{
        model::DeskTime,
        update::{DeskMsg, update},
    },
    i18n::{Locale, Text},
};

fn screen(model: &DeskModel, language: &str, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| drop(view(frame, model, &Texts::desk(Locale::of(language).unwrap()))))
        .unwrap();
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(usize::from(width.max(1)));
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>())
        .collect::<Vec<_>>()
        .join("\n")
}

fn events(urgent: bool) -> [CounselorEvent; 5] {
    [
        CounselorEvent::Unlocked {
            pseudonym: "Nour".into(),
            association: Some("Association A".into()),
            certificate_ends: 9,
        },
        CounselorEvent::OnDuty,
        CounselorEvent::Link {
            state: LinkState::Connected,
        },
        CounselorEvent::Desk {
            waiting: 2,
            urgent: 1,
        },
        CounselorEvent::Chat {
            chat: "k".into(),
            language: "fr".into(),
            urgent,
            text: "il va tout publier".into(),
            number: None,
            returning: false,
        },
    ]
}

fn desk(urgent: bool) -> DeskModel {
    let mut model = DeskModel::default();
    for event in events(urgent) {
        update(&mut model, DeskMsg::Event(event));
    }
    model
}

/// The chat that is shown, opened with the key that it asks for.
fn talking() -> DeskModel {
    let mut model = desk(false);
    press(&mut model, crossterm::event::KeyCode::Enter);
    model
}

fn press(model: &mut DeskModel, code: crossterm::event::KeyCode) {
    update(model, DeskMsg::Key(code.into()));
}

#[test]
fn the_desk_shows_two_numbers_and_no_names() {
    let shown = screen(&desk(false), "en", 80, 24);
    for wanted in [
        "Nour",
        "on duty",
        "waiting: 2",
        "urgent: 1",
        "connected",
        "^L lock",
        "il va tout publier",
        "take next",
    ] {
        assert!(shown.contains(wanted), "{wanted} in\n{shown}");
    }
}

#[test]
fn a_wide_screen_has_the_details_and_a_narrow_one_a_drawer() {
    let mut model = talking();
    assert!(screen(&model, "en", 120, 40).contains("this chat"));
    assert!(!screen(&model, "en", 80, 24).contains("this chat"));
    press(&mut model, crossterm::event::KeyCode::Esc);
    press(&mut model, crossterm::event::KeyCode::Char('d'));
    assert!(screen(&model, "en", 80, 24).contains("this chat"));
    assert!(screen(&model, "en", 40, 24).contains("this chat"));
}

const LANGUAGES: [&str; 3] = ["fr", "ar", "en"];

#[test]
fn the_urgent_mark_stands_apart_in_the_list_of_chats() {
    for language in LANGUAGES {
        let texts = Texts::desk(Locale::of(language).unwrap());
        let mark = texts.visual(&texts.say(Text::DeskUrgentMark));
        let shown = screen(&desk(true), language, 120, 40);
        let mut rows = shown.lines().skip(2);
        let row = rows.find(|row| row.contains(&mark) && row.contains("fr"));
        let row = row.unwrap_or_else(|| panic!("{mark} in\n{shown}"));
        let (before, _) = row.split_once(&mark).unwrap();
        assert!(
            before.ends_with(' ') && before.trim_end().ends_with(['r', '1', '▸']),
            "{language}: {row}"
        );
    }
}

#[test]
fn a_desk_is_told_that_no_words_have_come_for_a_minute() {
    for language in LANGUAGES {
        let texts = Texts::desk(Locale::of(language).unwrap());
        let report = ErrorReport::new(ErrorCode::NoWords, "in English", "in English");
        let sentence = texts.error(&report);
        let mut model = talking();
        update(&mut model, DeskMsg::Event(report.into()));
        for (width, height) in [(80, 24), (120, 40)] {
            let shown = screen(&model, language, width, height);
            for row in texts.rows(&sentence, width) {
                let row = row.to_string();
                assert!(shown.contains(row.trim()), "{language}, {row} in\n{shown}");
            }
        }
    }
}

#[test]
fn urgent_words_stay_blurred_until_asked_for() {
    let mut model = desk(true);
    let shown = screen(&model, "en", 120, 40);
    assert!(shown.contains("Heavy content ahead") && !shown.contains("publier"));
    press(&mut model, crossterm::event::KeyCode::Enter);
    assert!(screen(&model, "en", 120, 40).contains("publier"));
}

#[test]
fn locked_is_one_line_with_nothing_of_anybody() {
    let mut model = desk(false);
    update(&mut model, DeskMsg::Idle);
    let shown = screen(&model, "en", 80, 24);
    assert!(shown.starts_with("Locked."));
    assert_eq!(shown.lines().nth(1).map(str::trim), Some("1 new in 1 chat"));
    assert!(
        shown.lines().skip(2).all(|line| line.trim().is_empty()),
        "{shown}"
    );
    press(&mut model, crossterm::event::KeyCode::Enter);
    update(&mut model, DeskMsg::Paste("secret".into()));
    assert!(!screen(&model, "en", 80, 24).contains("secret"));
}

#[test]
fn my_words_carry_their_state_in_signs_and_words() {
    let mut model = talking();
    update(&mut model, DeskMsg::Paste("je suis là".into()));
    press(&mut model, crossterm::event::KeyCode::Enter);
    for (state, shown) in [
        (MessageState::AtNode, "✓ on its way"),
        (MessageState::Received, "✓✓ received"),
    ] {
        update(
            &mut model,
            DeskMsg::Event(CounselorEvent::State {
                chat: "k".into(),
                id: "c1".into(),
                state,
            }),
        );
        assert!(screen(&model, "en", 80, 24).contains(shown));
    }
}

#[test]
fn nothing_of_others_steers_the_terminal() {
    let evil = "\u{1b}[2J\u{9b}1m\u{202e}x\u{7}\n\u{1b}]0;t\u{7}".to_owned();
    let mut model = desk(false);
    let message = CounselorEvent::Message {
        number: 0,
        chat: "k".into(),
        id: "s".into(),
        text: evil.as_str().into(),
    };
    update(&mut model, DeskMsg::Event(message));
    let report = ErrorReport::new(
        hamsa_client::names::ErrorCode::Stopped,
        evil.clone(),
        evil.clone(),
    );
    update(&mut model, DeskMsg::Event(CounselorEvent::Error(report)));
    let name = CounselorEvent::Unlocked {
        pseudonym: evil.clone(),
        association: Some(evil),
        certificate_ends: 1,
    };
    update(&mut model, DeskMsg::Event(name));
    let shown = screen(&model, "en", 120, 40);
    assert!(
        !shown
            .replace('\n', "")
            .chars()
            .any(|c| c.is_control() || c == '\u{202e}')
    );
}

#[test]
fn every_size_and_language_is_drawn_without_a_panic() {
    let mut modes = vec![DeskModel::default(), desk(false), desk(true)];
    for key in ["e", "t", "?", "d"] {
        let mut model = talking();
        press(&mut model, crossterm::event::KeyCode::Esc);
        press(
            &mut model,
            crossterm::event::KeyCode::Char(key.chars().next().unwrap()),
        );
        modes.push(model);
    }
    let mut mail = desk(false);
    let text = "salam".repeat(99);
    update(
        &mut mail,
        DeskMsg::Event(CounselorEvent::Mail {
            mail: "m".into(),
            text: text.into(),
            returning: true,
        }),
    );
    mail.mode = Mode::Command;
    press(&mut mail, crossterm::event::KeyCode::Char('m'));
    modes.push(mail);
    let mut writing = talking();
    update(&mut writing, DeskMsg::Paste("سلام world\n\n\n\n\n\n\nx".into()));
    modes.push(writing);
    for model in &modes {
        for (width, height) in [
            (0, 0),
            (1, 1),
            (20, 5),
            (31, 8),
            (40, 15),
            (80, 24),
            (120, 40),
            (300, 90),
        ] {
            for language in ["en", "fr", "ar"] {
                screen(model, language, width, height);
            }
        }
    }
}

#[test]
fn her_pace_is_in_sight_at_every_width() {
    let mut model = desk(false);
    let pace = CounselorEvent::Pace {
        chat: "k".into(),
        pause: true,
        no_details: true,
    };
    update(&mut model, DeskMsg::Event(pace));
    for (language, marks) in [("en", "pause · no details"), ("fr", "pause · sans détails")] {
        for (width, height) in [(120, 40), (80, 24), (60, 15)] {
            let shown = screen(&model, language, width, height);
            assert!(shown.contains(marks), "{shown}");
        }
    }
    assert!(screen(&model, "en", 120, 40).contains("she needs a pause"));
    model.mode = Mode::Locked(LockState::Quiet);
    assert!(!screen(&model, "en", 120, 40).contains("pause"));
}

#[test]
fn the_reason_of_off_duty_is_told_to_its_end() {
    let mut model = desk(false);
    let reason = hamsa_client::api::OffReason::Elsewhere;
    update(&mut model, DeskMsg::Event(CounselorEvent::OffDuty { reason }));
    let shown = screen(&model, "en", 80, 24);
    assert!(shown.contains("Press o to come back."), "{shown}");
    // Where there is no room the talk keeps it.
    assert!(!screen(&model, "en", 80, 10).contains("Press o to come back."));
    let keys = [
        "asked",
        "revoked",
        "expired",
        "not-yet",
        "unknown",
        "homes-alone",
        "elsewhere",
        "shift-over",
    ];
    for language in ["en", "fr", "ar"] {
        let texts = Texts::desk(Locale::of(language).unwrap());
        for key in keys {
            let sentence = texts.say(Text::coded("desk-off", key).unwrap());
            let rows = texts.rows(&sentence, 80).len();
            assert!(rows <= NOTICE_ROWS, "{language}, {key}: {rows} rows");
        }
    }
}

/// What a frame of this size says it has shown.
fn drawn(model: &DeskModel, width: u16, height: u16) -> Vec<usize> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut drawn = DeskFrame::default();
    let texts = Texts::desk(Locale::English);
    terminal.draw(|frame| drawn = view(frame, model, &texts)).unwrap();
    drawn.lines
}

fn message(model: &mut DeskModel, number: u64, text: &str) {
    let message = CounselorEvent::Message {
        number,
        chat: "k".into(),
        id: format!("s{number}"),
        text: text.into(),
    };
    update(model, DeskMsg::Event(message));
}

#[test]
fn shown_is_what_has_its_first_row_in_the_frame() {
    let mut model = talking();
    message(&mut model, 1, "one");
    assert_eq!(drawn(&model, 80, 24), [0, 1]);
    assert_eq!(drawn(&model, 20, 5), [0usize; 0], "nothing fits in there");
    // A message longer than the screen: the window stays where the unread begins.
    message(&mut model, 2, &"row\n".repeat(60));
    message(&mut model, 3, "last");
    assert_eq!(drawn(&model, 80, 24), [0, 1, 2]);
    let frame = screen(&model, "en", 80, 24);
    assert!(
        frame.contains("new below: 1 · PgDn") && !frame.contains("last"),
        "{frame}"
    );
    for mode in [Mode::Help(0), Mode::Mails(0), Mode::Locked(LockState::Quiet)] {
        let mut model = talking();
        model.mode = mode;
        assert_eq!(drawn(&model, 80, 24), [0usize; 0]);
    }
    let mut blurred = talking();
    update(&mut blurred, crate::counselor::update::tests::control('b'));
    assert_eq!(drawn(&blurred, 80, 24), [0usize; 0]);
    let mut drawer = talking();
    drawer.drawer = true;
    for (width, height) in [(120, 40), (80, 24), (60, 24), (40, 24), (30, 8)] {
        assert_eq!(
            drawn(&drawer, width, height),
            [0],
            "{width}x{height}: it lies over no words"
        );
    }
}

#[test]
fn the_locked_line_is_whole_on_a_narrow_screen() {
    let mut model = talking();
    for (lock, end) in [(LockState::Quiet, "secrète."), (LockState::Refused, "réessayer.")] {
        model.mode = Mode::Locked(lock);
        for width in [30, 60, 80] {
            let shown = screen(&model, "fr", width, 24);
            assert!(shown.contains(end), "{shown}");
        }
    }
}

#[test]
fn new_words_below_a_screen_that_is_scrolled_up_leave_a_mark() {
    let mut model = talking();
    for number in 1..30 {
        message(&mut model, number, "old");
    }
    let chat = model.chat_mut().unwrap();
    for at in 0..chat.lines.len() {
        let _ = chat.show(at);
    }
    press(&mut model, crossterm::event::KeyCode::PageUp);
    message(&mut model, 30, "new words");
    let shown = screen(&model, "en", 80, 24);
    assert!(
        shown.contains("new below: 1 · PgDn") && !shown.contains("new words"),
        "{shown}"
    );
    assert!(!drawn(&model, 80, 24).contains(&30));
    press(&mut model, crossterm::event::KeyCode::PageDown);
    assert!(drawn(&model, 80, 24).contains(&30));
}

#[test]
fn what_is_said_of_a_chat_stands_under_that_chat_only() {
    let mut model = talking();
    let second = CounselorEvent::Chat {
        chat: "k2".into(),
        language: "ar".into(),
        urgent: false,
        text: "salam".into(),
        number: None,
        returning: false,
    };
    update(&mut model, DeskMsg::Event(second));
    let ended = CounselorEvent::Ended {
        chat: "k2".into(),
        by: hamsa_client::api::EndedBy::Peer,
        reason: hamsa_client::api::ChatOver::Said(hamsa_client::api::EndReason::LeftQuickly),
    };
    update(&mut model, DeskMsg::Event(ended));
    for (width, height) in [(120, 40), (80, 24), (40, 15)] {
        assert!(!screen(&model, "en", width, height).contains("left quickly"));
    }
    assert!(screen(&model, "en", 40, 15).contains("chat 2: new: 1"));
    press(&mut model, crossterm::event::KeyCode::Tab);
    for (width, height) in [(120, 40), (80, 24), (40, 15)] {
        let shown = screen(&model, "en", width, height);
        assert!(
            shown.contains("left quickly") && shown.contains("over"),
            "{shown}"
        );
    }
}

#[test]
fn a_kept_draft_is_said_to_be_kept() {
    let mut model = talking();
    update(&mut model, DeskMsg::Paste("je comprends, prenez".into()));
    let ended = CounselorEvent::Ended {
        chat: "k".into(),
        by: hamsa_client::api::EndedBy::Peer,
        reason: hamsa_client::api::ChatOver::Said(hamsa_client::api::EndReason::LeftQuickly),
    };
    update(&mut model, DeskMsg::Event(ended));
    for wanted in [
        "je comprends, prenez",
        "not sent, kept",
        "Do not write on",
        "^K commands · Esc Esc throw the draft away",
    ] {
        let shown = screen(&model, "en", 80, 24);
        assert!(shown.contains(wanted), "{wanted} in\n{shown}");
    }
}

#[test]
fn long_words_of_mine_are_one_block() {
    let rows = Texts::desk(Locale::English).block("aaaa bb\ncc", 7, 20, true);
    assert_eq!(rows, ["             aaaa bb", "             cc     "]);
}

#[test]
fn in_arabic_each_key_stands_beside_its_own_label() {
    let model = talking();
    let texts = Texts::desk(Locale::Arabic);
    let pair = |key: &str, name: Text| format!("{} {key}", texts.visual(&texts.say(name)));
    let shown = screen(&model, "ar", 80, 24);
    let bar = shown.lines().last().unwrap();
    for (key, name) in [
        ("Enter", Text::DeskKeySend),
        ("^K", Text::DeskKeyCommands),
        ("^Q", Text::DeskKeyLeave),
    ] {
        assert!(bar.contains(&pair(key, name)), "{bar}");
    }
    assert!(
        bar.trim_end().ends_with(&pair("Enter", Text::DeskKeySend)),
        "{bar}"
    );
    assert!(shown.contains(&pair("n", Text::DeskKeyNext)), "{shown}");
}

fn at(model: &mut DeskModel, hour: i8, minute: i8, run: u64) {
    model.now = Some(DeskTime {
        wall: jiff::civil::time(hour, minute, 0, 0),
        run: std::time::Duration::from_secs(run * 60),
    });
}

#[test]
fn messages_have_times_and_a_chat_its_length() {
    let mut model = DeskModel::default();
    at(&mut model, 12, 41, 3);
    for event in events(false) {
        update(&mut model, DeskMsg::Event(event));
    }
    press(&mut model, crossterm::event::KeyCode::Enter);
    at(&mut model, 13, 0, 22);
    update(&mut model, DeskMsg::Paste("je suis là".into()));
    press(&mut model, crossterm::event::KeyCode::Enter);
    at(&mut model, 13, 53, 75);
    for language in LANGUAGES {
        let shown = screen(&model, language, 120, 40);
        for wanted in ["12:41", "13:00", "01:12"] {
            assert!(shown.contains(wanted), "{language}, {wanted} in\n{shown}");
        }
    }
    let ended = CounselorEvent::Ended {
        chat: "k".into(),
        by: hamsa_client::api::EndedBy::Peer,
        reason: hamsa_client::api::ChatOver::Gone,
    };
    update(&mut model, DeskMsg::Event(ended));
    at(&mut model, 20, 0, 442);
    assert!(
        screen(&model, "en", 120, 40).contains("01:12"),
        "it goes on after its end"
    );
}

#[test]
fn arabic_begins_at_the_right() {
    let shown = screen(&talking(), "ar", 120, 40);
    let column = |wanted: &str| {
        let row = shown.lines().find(|row| row.contains(wanted));
        let row = row.unwrap_or_else(|| panic!("{wanted} in\n{shown}"));
        let (before, _) = row.split_once(wanted).unwrap();
        crate::text::width(before)
    };
    // The key of the list of chats, and the one of the details.
    assert!(column("^L") < 20 && column("Nour") > 80);
    let texts = Texts::desk(Locale::of("ar").unwrap());
    let title = |key| texts.visual(&texts.say(key));
    assert!(column(&title(DeskChats)) > 90 && column(&title(DeskThisChat)) < 28);
}

#[test]
fn a_help_that_does_not_fit_scrolls_to_every_key() {
    for language in LANGUAGES {
        let texts = Texts::desk(Locale::of(language).unwrap());
        let mut model = talking();
        model.mode = Mode::Help(0);
        let mut all = String::new();
        for _ in 0..overlays::KEYS.len() {
            all.push_str(&screen(&model, language, 60, 8));
            press(&mut model, crossterm::event::KeyCode::Down);
        }
        assert!(matches!(model.mode, Mode::Help(_)));
        let first = |key| texts.visual(&texts.say(key)).chars().take(6).collect::<String>();
        for (key, name) in overlays::KEYS {
            let label = if texts.locale().is_from_right() {
                key.to_owned()
            } else {
                first(name)
            };
            assert!(all.contains(&label), "{language}, {label} in\n{all}");
        }
    }
}

#[test]
fn words_are_never_wider_than_ninety_columns() {
    let mut model = talking();
    update(&mut model, DeskMsg::Paste("mot ".repeat(80)));
    press(&mut model, crossterm::event::KeyCode::Enter);
    let shown = screen(&model, "fr", 200, 40);
    for row in shown.lines().filter(|row| row.contains("mot mot")) {
        let words: Vec<&str> = row.split('│').filter(|part| part.contains("mot")).collect();
        assert!(
            words.iter().all(|part| part.trim().chars().count() <= 90),
            "{row}"
        );
    }
}

#[test]
fn a_chat_that_is_abuse_is_ended_so_after_a_question() {
    let mut model = talking();
    press(&mut model, crossterm::event::KeyCode::Esc);
    press(&mut model, crossterm::event::KeyCode::Char('x'));
    for language in LANGUAGES {
        let texts = Texts::desk(Locale::of(language).unwrap());
        let shown = screen(&model, language, 80, 24);
        let question = texts.with(DeskAskBlock, &[("number", "1")]);
        for row in texts.rows(&question, 80) {
            let row = row.to_string();
            assert!(shown.contains(row.trim()), "{language}, {row} in\n{shown}");
        }
    }
    let yes = DeskMsg::Key(crossterm::event::KeyCode::Char('y').into());
    let told = update(&mut model, yes);
    let wanted = hamsa_client::api::CounselorCommand::Block { chat: "k".into() };
    assert_eq!(told, [crate::counselor::update::DeskEffect::Tell(wanted)]);
}
