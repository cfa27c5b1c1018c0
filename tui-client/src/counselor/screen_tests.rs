//! Keys under way: the runs that once went wrong. Random ones stand in `screen_chance_tests.rs`.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use hamsa_client::api::CounselorEvent;
use ratatui::{Terminal, backend::TestBackend};

use super::*;
use crate::{
    counselor::view::view,
    gate::PAUSE,
    i18n::{Locale, Texts},
};

/// Read once for all runs.
static TEXTS: std::sync::LazyLock<Texts> = std::sync::LazyLock::new(|| Texts::desk(Locale::English));

/// A desk with its clock, drawn as the loop draws it.
struct Bench {
    screen: GatedDesk,
    now: Instant,
    size: (u16, u16),
}

impl Bench {
    fn new() -> Self {
        Self {
            screen: GatedDesk::new(DeskModel::default()),
            now: Instant::now(),
            size: (80, 24),
        }
    }

    /// Whether a frame of this size has room for what keys mean.
    fn whole(&self) -> bool {
        self.size.0 >= 30 && self.size.1 >= 8 || self.screen.model.locked()
    }

    fn take(&mut self, msg: DeskMsg) -> Vec<DeskEffect> {
        self.screen.take(msg, self.now)
    }

    fn event(&mut self, event: CounselorEvent) {
        self.take(DeskMsg::Event(event));
        self.draw();
    }

    fn key(&mut self, code: KeyCode) -> Vec<DeskEffect> {
        let effects = self.take(DeskMsg::Key(code.into()));
        self.draw();
        effects
    }

    fn control(&mut self, c: char) -> Vec<DeskEffect> {
        let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
        let effects = self.take(DeskMsg::Key(key));
        self.draw();
        effects
    }

    /// Types at 90 ms a letter.
    fn types(&mut self, text: &str) -> Vec<DeskEffect> {
        let mut effects = Vec::new();
        for c in text.chars() {
            self.wait(90);
            effects.extend(self.key(KeyCode::Char(c)));
        }
        effects
    }

    fn wait(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
    }

    fn draw(&mut self) -> Vec<CounselorCommand> {
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        let mut drawn = DeskFrame::default();
        terminal
            .draw(|frame| drawn = view(frame, &self.screen.model, &TEXTS))
            .unwrap();
        self.screen.drawn(&drawn, self.now).0
    }

    fn draft(&self, id: &str) -> &str {
        let chat = self.screen.model.chats.iter().find(|chat| chat.id == id);
        chat.map_or("", |chat| chat.composer.text())
    }
}

fn chat(id: &str, urgent: bool) -> CounselorEvent {
    CounselorEvent::Chat {
        chat: id.into(),
        language: "fr".into(),
        urgent,
        text: "salam".into(),
        number: None,
        returning: false,
    }
}

fn ended(id: &str) -> CounselorEvent {
    CounselorEvent::Ended {
        chat: id.into(),
        by: hamsa_client::api::EndedBy::Peer,
        reason: hamsa_client::api::ChatOver::Said(hamsa_client::api::EndReason::LeftQuickly),
    }
}

fn on_duty() -> Bench {
    let mut bench = Bench::new();
    bench.draw();
    assert_eq!(
        bench.key(KeyCode::Char('o')),
        [DeskEffect::Tell(CounselorCommand::OnDuty)]
    );
    bench.event(CounselorEvent::OnDuty);
    bench.event(CounselorEvent::Desk {
        waiting: 2,
        urgent: 0,
    });
    bench
}

#[test]
fn the_rest_of_a_sentence_is_no_command() {
    for rest in [
        "n'a rien vu, cachez le telephone",
        "comprends, restez en ligne",
        "oeyc\u{649}",
    ] {
        let mut bench = on_duty();
        assert_eq!(
            bench.key(KeyCode::Char('n')),
            [DeskEffect::Tell(CounselorCommand::TakeNext)]
        );
        bench.event(chat("a", false));
        bench.wait(1_000);
        bench.key(KeyCode::Enter);
        bench.types("je ");
        bench.wait(30);
        bench.event(ended("a"));
        assert_eq!(bench.types(rest), []);
        bench.wait(2_000);
        assert_eq!(bench.types(rest), [], "after a pause as well");
        assert_eq!(bench.key(KeyCode::Enter), []);
        assert_eq!(bench.draft("a"), "je ");
        bench.control('k');
        bench.wait(1_000);
        let mut taken = bench.key(KeyCode::Char('n'));
        taken.extend(bench.key(KeyCode::Char('n')));
        assert_eq!(
            taken,
            [DeskEffect::Tell(CounselorCommand::TakeNext)],
            "^K n takes the next one, once"
        );
        bench.event(chat("b", true));
        assert_eq!(bench.types(rest), []);
        assert_eq!((bench.draft("a"), bench.draft("b")), ("je ", ""));
    }
}

#[test]
fn one_key_opens_a_chat_that_came_and_none_under_way_does() {
    let mut bench = on_duty();
    bench.key(KeyCode::Char('n'));
    bench.event(chat("a", true));
    bench.wait(100);
    bench.key(KeyCode::Enter);
    bench.wait(600);
    bench.key(KeyCode::Esc);
    assert!(bench.screen.model.chat().unwrap().blurred);
    bench.key(KeyCode::Enter);
    assert!(bench.screen.model.chat().unwrap().writable());
}

#[test]
fn the_ways_act_at_once_and_what_they_open_waits() {
    let mut bench = on_duty();
    bench.key(KeyCode::Char('n'));
    bench.event(chat("a", false));
    bench.wait(10);
    assert_eq!(bench.control('q'), []);
    assert!(matches!(
        bench.screen.model.mode,
        Mode::Confirm(Confirmation::Leave)
    ));
    bench.wait(10);
    assert_eq!(
        bench.key(KeyCode::Char('y')),
        [],
        "a letter under way does not leave"
    );
    bench.control('k');
    bench.wait(10);
    assert_eq!(bench.key(KeyCode::Char('o')), []);
    let locked = bench.control('l');
    assert_eq!(
        locked,
        [DeskEffect::Tell(CounselorCommand::ScreenLocked { locked: true })]
    );
}

#[test]
fn after_the_lock_opens_nothing_under_way_acts() {
    let mut bench = on_duty();
    bench.key(KeyCode::Char('n'));
    bench.event(chat("a", false));
    bench.wait(1_000);
    bench.key(KeyCode::Enter);
    bench.control('l');
    bench.key(KeyCode::Enter);
    bench.types("secret");
    bench.key(KeyCode::Enter);
    let opened = bench.take(DeskMsg::Unlocked(true));
    assert_eq!(
        opened,
        [DeskEffect::Tell(CounselorCommand::ScreenLocked { locked: false })]
    );
    bench.draw();
    bench.types("secret");
    assert_eq!(bench.key(KeyCode::Enter), []);
    assert_eq!(bench.draft("a"), "");
}

#[test]
fn a_message_is_told_as_shown_once_when_it_was_in_a_frame() {
    let mut bench = on_duty();
    bench.key(KeyCode::Char('n'));
    bench.event(chat("a", false));
    bench.control('l');
    let message = |number| CounselorEvent::Message {
        number,
        chat: "a".into(),
        id: format!("s{number}"),
        text: "kayhddni".into(),
    };
    bench.take(DeskMsg::Event(message(4)));
    assert_eq!(bench.draw(), []);
    bench.take(DeskMsg::Unlocked(true));
    assert_eq!(bench.draw(), [CounselorCommand::Shown { number: 4 }]);
    assert_eq!(bench.draw(), []);
    bench.size = (20, 5);
    bench.take(DeskMsg::Event(message(5)));
    assert_eq!(bench.draw(), []);
    bench.size = (80, 24);
    assert_eq!(bench.draw(), [CounselorCommand::Shown { number: 5 }]);
}

/// What came unseen and does not fit is read from its first word on.
#[test]
fn what_does_not_fit_is_shown_from_where_the_unread_begins() {
    let mut bench = on_duty();
    bench.key(KeyCode::Char('n'));
    bench.event(chat("a", false));
    bench.control('l');
    let message = |number: u64, text: String| {
        DeskMsg::Event(CounselorEvent::Message {
            number,
            chat: "a".into(),
            id: format!("s{number}"),
            text: text.as_str().into(),
        })
    };
    for number in 1..40 {
        bench.take(message(number, format!("word {number}.")));
    }
    bench.take(message(40, "a long story ".repeat(400)));
    bench.take(DeskMsg::Unlocked(true));
    let first = bench.draw();
    assert_eq!(first.first(), Some(&CounselorCommand::Shown { number: 1 }));
    assert!(first.len() < 20, "{} in one frame", first.len());
    assert_eq!(bench.draw(), [], "and it stays there");
    bench.wait(1_000);
    bench.key(KeyCode::F(12));
    let mut told = first.len();
    for _ in 0..20 {
        bench.wait(1_000);
        bench.take(DeskMsg::Key(KeyCode::PageDown.into()));
        told += bench.draw().len();
    }
    assert_eq!(told, 40, "every one was in a frame");
}

/// A window too small for a question answers none: only what opens something, locks or leaves acts.
#[test]
fn a_window_that_is_too_small_answers_nothing() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.take(DeskMsg::Key(KeyCode::Char('o').into())),
        [],
        "typed ahead"
    );
    let mut bench = on_duty();
    bench.event(chat("a", false));
    bench.wait(1_000);
    bench.key(KeyCode::Enter);
    bench.key(KeyCode::Enter);
    bench.size = (29, 24);
    bench.draw();
    bench.event(ended("a"));
    bench.event(chat("b", false));
    for code in [KeyCode::Tab, KeyCode::Enter, KeyCode::Char('x'), KeyCode::Enter] {
        bench.wait(1_000);
        assert_eq!(bench.key(code), []);
    }
    bench.control('k');
    for c in "ney".chars() {
        bench.wait(1_000);
        assert_eq!(bench.key(KeyCode::Char(c)), []);
    }
    assert!(!bench.control('l').is_empty(), "the lock acts");
    bench.take(DeskMsg::Unlocked(true));
    bench.draw();
    // The way out asks where somebody would be sent back, and that is read and answered on a larger screen.
    assert_eq!(bench.control('q'), []);
    assert_eq!(bench.key(KeyCode::Char('y')), []);
    bench.size = (80, 24);
    bench.draw();
    assert!(bench.screen.model.pausing);
    bench.wait(1_000);
    assert_eq!(bench.key(KeyCode::Char('y')), [], "it ends the pause");
    assert!(bench.key(KeyCode::Char('y')).contains(&DeskEffect::Leave));
    let mut bench = on_duty();
    bench.size = (20, 5);
    bench.draw();
    assert!(bench.control('c').contains(&DeskEffect::Leave), "nothing is lost");
}

/// Every pause is seen as long as it lasts, and what was said of one chat is said with its name elsewhere.
#[test]
fn a_pause_and_a_notice_of_another_chat_are_seen() {
    let mut bench = on_duty();
    bench.event(chat("a", false));
    bench.wait(1_000);
    bench.key(KeyCode::Enter);
    bench.key(KeyCode::Enter);
    let bar = |bench: &mut Bench| {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal
            .draw(|frame| {
                view(frame, &bench.screen.model, &TEXTS);
            })
            .unwrap();
        terminal.backend().to_string()
    };
    assert!(!bar(&mut bench).contains("then press a key"));
    bench.event(chat("b", false));
    bench.key(KeyCode::Tab);
    let declined = || {
        let mut report = hamsa_client::api::ErrorReport::new(
            hamsa_client::names::ErrorCode::TransferDeclined,
            String::new(),
            String::new(),
        );
        report.chat = Some("a".to_owned());
        CounselorEvent::Error(report)
    };
    bench.event(declined());
    let screen = bar(&mut bench);
    assert!(screen.contains("chat 1: "), "{screen}");
    bench.event(ended("a"));
    let screen = bar(&mut bench);
    assert!(!screen.contains("chat 1: "), "{screen}");
    bench.event(CounselorEvent::Link {
        state: hamsa_client::api::LinkState::Reconnecting,
    });
    bench.event(ended("b"));
    assert!(bar(&mut bench).contains("then press a key"));
}

#[path = "screen_chance_tests.rs"]
mod chance;
