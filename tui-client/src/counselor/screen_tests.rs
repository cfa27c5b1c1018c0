//! Keys under way: random sequences of keys and events, held against an oracle that knows only what was drawn and
//! when, and the runs that once went wrong.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use hamsa_client::api::{CounselorEvent, Words};
use proptest::prelude::*;
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

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    Key(KeyCode),
    Control(char),
    Paste,
    Wait(u64),
    Chat(u8, bool),
    Ended(u8),
    Message(u8),
    Mail(u8),
    MailAnswered(u8),
    Duty(bool),
    Idle,
    Unlocked(bool),
    Resize(u16, u16),
    Error,
    /// No frame for what comes next: the machine is busy.
    Blind,
}

fn act() -> impl Strategy<Value = Act> {
    let letters = prop::sample::select(vec![
        'n', 'c', 'o', 'e', 'y', 'b', 'm', 't', 'd', 'x', '1', '2', '?', 'ى', 'غ', 'a',
    ]);
    let keys = prop::sample::select(vec![
        KeyCode::Enter,
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::PageUp,
        KeyCode::Backspace,
        KeyCode::F(1),
    ]);
    let waits = prop::sample::select(vec![1, 90, 499, 500, 700, 3_000]);
    let sizes = prop::sample::select(vec![(20, 5), (40, 15), (80, 24), (120, 40)]);
    prop_oneof![
        10 => letters.prop_map(|c| Act::Key(KeyCode::Char(c))),
        5 => keys.prop_map(Act::Key),
        3 => prop::sample::select(vec!['k', 'b', 'q', 'c', 'l', 'h', 'ن']).prop_map(Act::Control),
        1 => Just(Act::Paste),
        6 => waits.prop_map(Act::Wait),
        3 => (0..3_u8, any::<bool>()).prop_map(|(chat, urgent)| Act::Chat(chat, urgent)),
        3 => (0..3_u8).prop_map(Act::Ended),
        1 => (0..3_u8).prop_map(Act::Message),
        1 => (0..2_u8).prop_map(Act::Mail),
        1 => (0..2_u8).prop_map(Act::MailAnswered),
        1 => any::<bool>().prop_map(Act::Duty),
        1 => Just(Act::Idle),
        2 => any::<bool>().prop_map(Act::Unlocked),
        1 => sizes.prop_map(|(width, height)| Act::Resize(width, height)),
        1 => Just(Act::Error),
        1 => Just(Act::Blind),
    ]
}

/// What keys can change: the words of every draft, what is hidden, and the meaning.
type Snapshot = (
    DeskMeaning,
    Vec<(String, String, bool)>,
    Vec<(String, String, bool)>,
);

fn snapshot(model: &DeskModel) -> Snapshot {
    let chats = model.chats.iter().map(|chat| {
        let text = chat.composer.text().to_owned();
        (chat.id.clone(), text, chat.blurred)
    });
    let mails = model.mails.iter().map(|mail| {
        let text = mail.composer.text().to_owned();
        (mail.id.clone(), text, mail.blurred)
    });
    (meaning(model), chats.collect(), mails.collect())
}

/// The oracle: what the person could have read, and since when in peace.
struct Oracle {
    /// The meaning of the last frame.
    read: DeskMeaning,
    /// The person did not make the present meaning, and no pause has passed: since the last key or the frame.
    pause: Option<Option<Instant>>,
    /// Since when commands were asked for by an explicit key; without a chat they need none.
    commands: bool,
}

fn drafts_of(snapshot: &Snapshot) -> impl Iterator<Item = &(String, String, bool)> {
    snapshot.1.iter().chain(&snapshot.2)
}

impl Oracle {
    /// A frame is there to be read.
    fn frame(&mut self, meaning: DeskMeaning, now: Instant) {
        self.read = meaning;
        if self.pause == Some(None) {
            self.pause = Some(Some(now));
        }
    }

    /// Whether a key now may do more than open a way.
    fn may_act(&mut self, now: Instant) -> bool {
        match self.pause {
            None => true,
            Some(since) => {
                let rested = since.is_some_and(|since| now.duration_since(since) >= PAUSE);
                self.pause = if rested { None } else { Some(since.map(|_| now)) };
                false
            }
        }
    }

    fn check_key(
        &mut self,
        act: &Act,
        before: &Snapshot,
        after: &Snapshot,
        effects: &[DeskEffect],
        now: Instant,
    ) -> Result<(), TestCaseError> {
        let control = match act {
            Act::Control('ن') => Some('k'),
            Act::Control(c) => Some(*c),
            _ => None,
        };
        let is_way = matches!(control, Some('k' | 'q' | 'c' | 'l')) || matches!(act, Act::Key(KeyCode::F(1)));
        let enter = matches!(act, Act::Key(KeyCode::Enter));
        let may = self.may_act(now);
        let ended_pause = !may && self.pause.is_none();
        if !may {
            // Only a lock says something, and no draft changes; the blur opens for Enter after the pause alone.
            let tells = effects
                .iter()
                .all(|effect| matches!(effect, DeskEffect::Tell(CounselorCommand::ScreenLocked { .. })));
            prop_assert!(tells, "{:?} acted at {:?}: {:?}", act, before.0, effects);
            let texts = |snapshot: &Snapshot| -> Vec<String> {
                drafts_of(snapshot).map(|draft| draft.1.clone()).collect()
            };
            prop_assert_eq!(texts(before), texts(after));
            let opens = ended_pause && enter;
            prop_assert!(
                is_way || opens || before == after,
                "{:?} acted at {:?}",
                act,
                before.0
            );
        }
        for effect in effects {
            let DeskEffect::Tell(command) = effect else {
                continue;
            };
            prop_assert!(
                before.0 == self.read
                    || matches!(
                        command,
                        CounselorCommand::ScreenLocked { .. } | CounselorCommand::Exit
                    ),
                "{:?} was done at {:?}, and {:?} was read",
                command,
                before.0,
                self.read
            );
            match (command, &before.0) {
                (CounselorCommand::Say { chat, .. }, DeskMeaning::Write(Some(shown))) => {
                    prop_assert!(*chat == shown.id && shown.entered && !shown.blurred && !shown.over);
                }
                (CounselorCommand::Reply { mail, .. }, DeskMeaning::Mail(Some((shown, false, true)))) => {
                    prop_assert_eq!(mail, shown);
                }
                (CounselorCommand::End { chat }, DeskMeaning::Confirm(Confirmation::End(about), _)) => {
                    prop_assert_eq!(chat, about);
                }
                (CounselorCommand::Transfer { chat, .. }, DeskMeaning::Transfer(about)) => {
                    prop_assert_eq!(chat, about);
                }
                (
                    CounselorCommand::TakeNext
                    | CounselorCommand::OnDuty
                    | CounselorCommand::OffDuty
                    | CounselorCommand::Break,
                    DeskMeaning::Command(chat, _),
                ) => prop_assert!(
                    self.commands || chat.is_none(),
                    "{:?} without an explicit key",
                    command
                ),
                (CounselorCommand::ScreenLocked { locked: true }, _) => prop_assert_eq!(control, Some('l')),
                (CounselorCommand::Exit, DeskMeaning::Confirm(Confirmation::Leave, _)) => {
                    let yes = matches!(act, Act::Key(KeyCode::Char('y' | 'غ')));
                    let yes = yes || (may && matches!(control, Some('q' | 'c')));
                    prop_assert!(yes);
                }
                (CounselorCommand::Exit, _) => prop_assert!(may && matches!(control, Some('q' | 'c'))),
                (command, meaning) => prop_assert!(false, "{:?} at {:?}", command, meaning),
            }
        }
        // A draft changes only where it was read that letters go there.
        for draft in drafts_of(before) {
            let now = drafts_of(after).find(|(id, ..)| *id == draft.0);
            let Some(now) = now else {
                // Closed with `c`.
                prop_assert!(matches!(act, Act::Key(KeyCode::Char('c' | 'ؤ'))) && self.commands && may);
                continue;
            };
            if now.1 != draft.1 {
                let here = match &before.0 {
                    DeskMeaning::Write(Some(shown)) => {
                        let thrown = shown.over && *act_code(act) == KeyCode::Esc && now.1.is_empty();
                        shown.id == draft.0 && ((shown.entered && !shown.blurred && !shown.over) || thrown)
                    }
                    DeskMeaning::Mail(Some((id, false, true))) => *id == draft.0,
                    _ => false,
                };
                prop_assert!(
                    here && before.0 == self.read && may,
                    "{:?} wrote at {:?}",
                    act,
                    before.0
                );
            }
            if draft.2 && !now.2 {
                prop_assert!(enter || control == Some('b'), "{:?} opened the blur", act);
            }
        }
        // What the person made of a frame that was read needs no frame of its own.
        if before.0 == self.read {
            self.read = after.0.clone();
        }
        let was = matches!(before.0, DeskMeaning::Command(..));
        let is = matches!(after.0, DeskMeaning::Command(..));
        self.commands = is
            && (self.commands && was
                || control == Some('k')
                || *act_code(act) == KeyCode::Esc && may
                || matches!(before.0, DeskMeaning::Confirm(..)));
        Ok(())
    }
}

fn act_code(act: &Act) -> &KeyCode {
    match act {
        Act::Key(code) => code,
        _ => &KeyCode::Null,
    }
}

fn play(acts: Vec<Act>) -> Result<(), TestCaseError> {
    let mut bench = on_duty();
    let mut blind = false;
    let mut oracle = Oracle {
        read: meaning(&bench.screen.model),
        pause: None,
        commands: false,
    };
    for (number, act) in (1_u64..).zip(acts) {
        let id = |prefix: &str, at: u8| format!("{prefix}{at}");
        let msg = match &act {
            Act::Key(code) => DeskMsg::Key((*code).into()),
            Act::Control(c) => DeskMsg::Key(KeyEvent::new(KeyCode::Char(*c), KeyModifiers::CONTROL)),
            Act::Paste => DeskMsg::Paste("ny\r".into()),
            Act::Wait(ms) => {
                bench.wait(*ms);
                continue;
            }
            Act::Blind => {
                blind = true;
                continue;
            }
            Act::Resize(width, height) => {
                bench.size = (*width, *height);
                bench.draw();
                oracle.frame(meaning(&bench.screen.model), bench.now);
                continue;
            }
            Act::Chat(at, urgent) => DeskMsg::Event(chat(&id("k", *at), *urgent)),
            Act::Ended(at) => DeskMsg::Event(ended(&id("k", *at))),
            Act::Message(at) => DeskMsg::Event(CounselorEvent::Message {
                number,
                chat: id("k", *at),
                id: id("s", *at),
                text: "words".into(),
            }),
            Act::Mail(at) => DeskMsg::Event(CounselorEvent::Mail {
                mail: id("m", *at),
                text: Words("words".into()),
                returning: false,
            }),
            Act::MailAnswered(at) => DeskMsg::Event(CounselorEvent::MailAnswered { mail: id("m", *at) }),
            Act::Duty(true) => DeskMsg::Event(CounselorEvent::OnDuty),
            Act::Duty(false) => DeskMsg::Event(CounselorEvent::OffDuty {
                reason: hamsa_client::api::OffReason::Elsewhere,
            }),
            Act::Idle => DeskMsg::Idle,
            Act::Unlocked(opened) => DeskMsg::Unlocked(*opened),
            Act::Error => DeskMsg::Event(CounselorEvent::Error(hamsa_client::api::ErrorReport::new(
                hamsa_client::names::ErrorCode::Stopped,
                String::new(),
                String::new(),
            ))),
        };
        let key = matches!(act, Act::Key(_) | Act::Control(_) | Act::Paste);
        let before = snapshot(&bench.screen.model);
        let effects = bench.take(msg);
        let after = snapshot(&bench.screen.model);
        if key {
            oracle.check_key(&act, &before, &after, &effects, bench.now)?;
        } else {
            for draft in drafts_of(&before) {
                prop_assert!(
                    drafts_of(&after).any(|now| now.0 == draft.0 && now.1 == draft.1),
                    "an event changed a draft"
                );
            }
            for effect in &effects {
                let lock = matches!(effect, DeskEffect::Tell(CounselorCommand::ScreenLocked { .. }));
                prop_assert!(lock, "an event led to {:?}", effect);
            }
            if before.0 != after.0 {
                oracle.pause = Some(None);
                oracle.commands &= matches!(after.0, DeskMeaning::Command(..));
            }
        }
        if effects.contains(&DeskEffect::Leave) {
            return Ok(());
        }
        if !std::mem::take(&mut blind) {
            // What a frame of this size looks like matters to no key: only resizes are drawn in full here.
            bench.screen.drawn(&DeskFrame::default(), bench.now);
            oracle.frame(meaning(&bench.screen.model), bench.now);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No letter reaches another chat, acts as a command or answers what could not have been read; drafts stay.
    #[test]
    fn no_key_acts_on_what_was_not_read(acts in prop::collection::vec(act(), 1..40)) {
        play(acts)?;
    }
}
