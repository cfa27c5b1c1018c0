use crossterm::event::KeyCode;
use hamsa::face::Locale;
use hamsa_client::api::{CounselorEvent, SeekerEvent};
use ratatui::{Terminal, backend::TestBackend};

use super::*;
use crate::model::{
    DemoMsg,
    tests::{met, trace},
};

fn screen(model: &DemoModel, language: Locale, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| drop(view(frame, model, &Texts::desk(language))))
        .unwrap();
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(usize::from(width.max(1)));
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>())
        .collect::<Vec<_>>()
        .join("\n")
}

fn talking() -> DemoModel {
    let mut model = met();
    model.update(DemoMsg::Paste("kayn chi wa7d kayhddni".into()));
    model.update(DemoMsg::Key(KeyCode::Enter.into()));
    let message = CounselorEvent::Message {
        number: 0,
        chat: "k".into(),
        id: "s1".into(),
        text: "kayn chi wa7d kayhddni".into(),
    };
    model.update(DemoMsg::Counselor(Some(message)));
    model.update(trace(true, "put"));
    model.update(trace(false, ""));
    model
}

#[test]
fn both_people_both_nodes_and_one_sentence() {
    for (width, height) in [(80, 24), (120, 40)] {
        let shown = screen(&talking(), Locale::English, width, height);
        assert_eq!(shown.matches("kayn chi wa7d kayhddni").count(), 2, "{shown}");
        for wanted in [
            "entry node of",
            "home node of",
            "put          ab010203",
            "words this node could read: 0",
            "passed 2128 bytes",
        ] {
            assert!(shown.contains(wanted), "{wanted} in\n{shown}");
        }
    }
}

#[test]
fn received_text_cannot_control_the_terminal() {
    let mut model = talking();
    let message = SeekerEvent::Message {
        number: 0,
        id: "c1".into(),
        text: "\u{1b}[2J\u{9b}1mx\u{202e}".into(),
    };
    model.update(DemoMsg::Seeker(Some(message)));
    let shown = screen(&model, Locale::English, 120, 40);
    assert!(
        !shown
            .replace('\n', "")
            .chars()
            .any(|c| c.is_control() || c == '\u{202e}')
    );
}

#[test]
fn every_size_and_language_is_drawn_without_a_panic() {
    for model in [DemoModel::default(), talking()] {
        for (width, height) in [
            (0, 0),
            (1, 1),
            (20, 5),
            (20, 6),
            (40, 15),
            (61, 9),
            (80, 24),
            (200, 60),
        ] {
            for language in [Locale::English, Locale::French, Locale::Arabic] {
                screen(&model, language, width, height);
            }
        }
    }
}

#[test]
fn what_is_shown_is_on_the_side_that_is_drawn() {
    let model = talking();
    let drawn = |width, height| {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut drawn = DrawnLines::default();
        let texts = Texts::desk(Locale::English);
        terminal
            .draw(|frame| drawn = view(frame, &model, &texts))
            .unwrap();
        drawn
    };
    let both = DrawnLines {
        seeker: vec![0],
        counselor: vec![0],
    };
    assert_eq!(drawn(120, 40), both);
    let one = DrawnLines {
        seeker: vec![0],
        counselor: vec![],
    };
    assert_eq!(drawn(40, 15), one, "the other half has no room");
    assert_eq!(drawn(20, 5), DrawnLines::default());
}
