use hamsa_client::api::{CounselorEvent, ErrorReport};
use ratatui::{Terminal, backend::TestBackend};

use super::*;
use crate::counselor::update::{Msg, update};

fn screen(model: &Model, language: &str, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| view(frame, model, &Texts::new(language)))
        .unwrap();
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(usize::from(width.max(1)));
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>())
        .collect::<Vec<_>>()
        .join("\n")
}

fn desk(urgent: bool) -> Model {
    let mut model = Model::default();
    let events = [
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
            returning: false,
        },
    ];
    for event in events {
        update(&mut model, Msg::Event(event));
    }
    model
}

fn press(model: &mut Model, code: crossterm::event::KeyCode) {
    update(model, Msg::Key(code.into()));
}

#[test]
fn the_desk_shows_two_numbers_and_never_who_waits() {
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
    let mut model = desk(false);
    assert!(screen(&model, "en", 120, 40).contains("this chat"));
    assert!(!screen(&model, "en", 80, 24).contains("this chat"));
    press(&mut model, crossterm::event::KeyCode::Esc);
    press(&mut model, crossterm::event::KeyCode::Char('d'));
    assert!(screen(&model, "en", 80, 24).contains("this chat"));
}

#[test]
fn urgent_words_stand_behind_the_blur_until_she_asks() {
    let mut model = desk(true);
    let shown = screen(&model, "en", 120, 40);
    assert!(shown.contains("Heavy content ahead") && !shown.contains("publier"));
    press(&mut model, crossterm::event::KeyCode::Enter);
    assert!(screen(&model, "en", 120, 40).contains("publier"));
}

#[test]
fn locked_is_one_line_with_nothing_of_anybody() {
    let mut model = desk(false);
    update(&mut model, Msg::Idle);
    let shown = screen(&model, "en", 80, 24);
    assert!(shown.starts_with("Locked."));
    assert!(
        shown.lines().skip(1).all(|line| line.trim().is_empty()),
        "{shown}"
    );
    press(&mut model, crossterm::event::KeyCode::Enter);
    update(&mut model, Msg::Paste("secret".into()));
    assert!(!screen(&model, "en", 80, 24).contains("secret"));
}

#[test]
fn my_words_carry_their_state_in_signs_and_words() {
    let mut model = desk(false);
    update(&mut model, Msg::Paste("je suis là".into()));
    press(&mut model, crossterm::event::KeyCode::Enter);
    for (state, shown) in [
        (MessageState::AtNode, "✓ on its way"),
        (MessageState::Received, "✓✓ received"),
    ] {
        update(
            &mut model,
            Msg::Event(CounselorEvent::State {
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
    update(&mut model, Msg::Event(message));
    let report = ErrorReport {
        code: "x".into(),
        message: evil.clone(),
        advice: evil.clone(),
        ..ErrorReport::default()
    };
    update(&mut model, Msg::Event(CounselorEvent::Error(report)));
    let name = CounselorEvent::Unlocked {
        pseudonym: evil.clone(),
        association: Some(evil),
        certificate_ends: 1,
    };
    update(&mut model, Msg::Event(name));
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
    let mut modes = vec![Model::default(), desk(false), desk(true)];
    for key in ["e", "t", "?", "d"] {
        let mut model = desk(false);
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
        Msg::Event(CounselorEvent::Mail {
            mail: "m".into(),
            text: text.into(),
            returning: true,
        }),
    );
    press(&mut mail, crossterm::event::KeyCode::Esc);
    press(&mut mail, crossterm::event::KeyCode::Char('m'));
    modes.push(mail);
    let mut writing = desk(false);
    update(&mut writing, Msg::Paste("سلام world\n\n\n\n\n\n\nx".into()));
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
    update(&mut model, Msg::Event(pace));
    for (language, marks) in [("en", "pause · no details"), ("fr", "pause · sans détails")] {
        for (width, height) in [(120, 40), (80, 24), (60, 15)] {
            let shown = screen(&model, language, width, height);
            assert!(shown.contains(marks), "{shown}");
        }
    }
    assert!(screen(&model, "en", 120, 40).contains("she needs a pause"));
    model.mode = Mode::Locked(Lock::Quiet);
    assert!(!screen(&model, "en", 120, 40).contains("pause"));
}

#[test]
fn why_she_is_off_duty_is_told_to_its_end() {
    let mut model = desk(false);
    let reason = "elsewhere".to_owned();
    update(&mut model, Msg::Event(CounselorEvent::OffDuty { reason }));
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
        let texts = Texts::new(language);
        for key in keys {
            let sentence = texts.say(&format!("desk-off-{key}"));
            let rows = texts.rows(&sentence, 80).len();
            assert!(rows <= NOTICE_ROWS, "{language}, {key}: {rows} rows");
        }
    }
}
