//! The plain desk under random lines and events: no line reaches another chat, acts, or answers what could not have been
//! heard. The rules here do not ask the gate: they know when each line was begun and what had been said by then.

use std::{cell::Cell, time::Duration};

use futures::FutureExt;
use hamsa_client::api::{CounselorEvent, ErrorReport};
use proptest::prelude::*;

use super::{super::model::DutyState, *};
use crate::{
    gate::PAUSE,
    i18n::Locale,
    shared::clock::{NOW, clock},
};

thread_local! {
    // Parsing the texts is what takes the time.
    static TEXTS: Cell<Option<Texts>> = const { Cell::new(None) };
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Doing {
    /// A line is begun, if none is.
    Begin,
    /// Enter, with this on the line.
    Line(&'static str),
    Paste,
    NotText,
    Wait(u64),
    Chat(u8, bool),
    Ended(u8),
    Message(u8),
    Mail(u8),
    MailAnswered(u8),
    Waiting(u32),
    Duty(bool),
    Error,
    Unlocked,
}

fn doing() -> impl Strategy<Value = Doing> {
    let lines = prop::sample::select(vec![
        "> salam 1",
        "< chno",
        ">",
        "25/11",
        "3endo 12",
        "n",
        "y",
        "non",
        "",
        "0",
        "1",
        "1",
        "2",
        "2",
        "3",
        "4",
        "4",
        "4",
        "5",
        "5",
        "6",
        "7",
        "7 1",
        "7 2",
        "8",
        "8",
        "8",
        "9",
        "r 1 merci",
        "r 2 merci",
        "yes",
        "آه",
        "YES",
        "٤",
    ]);
    prop_oneof![
        8 => Just(Doing::Begin),
        4 => Just(Doing::Line("> salam 1")),
        12 => lines.prop_map(Doing::Line),
        1 => Just(Doing::Paste),
        1 => Just(Doing::NotText),
        8 => prop::sample::select(vec![1, 90, 499, 500, 700, 3_000]).prop_map(Doing::Wait),
        3 => (0..3_u8, any::<bool>()).prop_map(|(chat, urgent)| Doing::Chat(chat, urgent)),
        3 => (0..3_u8).prop_map(Doing::Ended),
        2 => (0..3_u8).prop_map(Doing::Message),
        1 => (0..2_u8).prop_map(Doing::Mail),
        1 => (0..2_u8).prop_map(Doing::MailAnswered),
        1 => (0..3_u32).prop_map(Doing::Waiting),
        2 => any::<bool>().prop_map(Doing::Duty),
        1 => Just(Doing::Error),
        2 => Just(Doing::Unlocked),
    ]
}

/// What a line could act on when it was begun: the names of the parts are those of the desk, their values are not asked
/// of it again.
#[derive(Clone, Debug, Default, PartialEq)]
struct Heard {
    shown: Option<(String, bool, bool, bool)>,
    next: Option<String>,
    off: bool,
    asked: Option<Confirmation>,
}

impl Heard {
    fn of(model: &DeskModel) -> Self {
        let chats = &model.chats;
        let at = model.selected;
        let next = chats.get(at + 1).or(chats.first());
        Self {
            shown: model
                .chat()
                .map(|chat| (chat.id.clone(), chat.opened(), chat.blurred, chat.ended())),
            next: next.map(|chat| chat.id.clone()),
            off: matches!(model.duty, DutyState::Off(_)),
            asked: match &model.mode {
                Mode::Confirm(question) => Some(question.clone()),
                _ => None,
            },
        }
    }
}

/// What lines can change beside what they tell the engine.
type State = (
    Heard,
    bool,
    bool,
    Vec<(String, bool, bool, usize)>,
    Vec<(String, bool)>,
);

fn state(model: &DeskModel) -> State {
    let chats = model.chats.iter().map(|chat| {
        let mine = chat.lines.iter().filter(|line| line.who == Author::Me).count();
        (chat.id.clone(), chat.opened(), chat.blurred, mine)
    });
    let mails = model.mails.iter().map(|mail| (mail.id.clone(), mail.blurred));
    (
        Heard::of(model),
        model.locked(),
        model.taking,
        chats.collect(),
        mails.collect(),
    )
}

struct Bench {
    desk: DeskPlain<Vec<u8>>,
    hand: Hand,
    /// When the line was begun, and what had been said by then.
    begun: Option<(Instant, Heard)>,
    /// When words, and when anything, last came to mean something else by itself.
    moved: (Option<Instant>, Option<Instant>),
    number: u64,
}

impl Bench {
    fn new(hand: Hand) -> Self {
        let texts = TEXTS.take().unwrap_or_else(|| Texts::desk(Locale::English));
        Self {
            desk: DeskPlain {
                out: Vec::new(),
                texts,
                model: DeskModel::default(),
                pending: VecDeque::new(),
                gate: LineGate::default(),
                now: clock,
                clears: false,
                strange_locale: false,
            },
            hand,
            begun: None,
            moved: (None, None),
            number: 0,
        }
    }

    fn done<T>(done: impl Future<Output = Result<T>>) -> T {
        // Nothing waits: what is said goes into memory.
        done.now_or_never().unwrap().unwrap()
    }

    fn begin(&mut self) {
        let heard = Heard::of(&self.desk.model);
        self.begun.get_or_insert((clock(), heard));
    }

    fn event(&mut self, event: CounselorEvent) -> Result<(), TestCaseError> {
        let before = state(&self.desk.model);
        let told = self.desk.pending.len();
        Self::done(self.desk.on_event(Some(event), self.hand));
        self.settle(&before, told)
    }

    /// Something that the person did not do is over.
    fn settle(&mut self, before: &State, told: usize) -> Result<(), TestCaseError> {
        let after = state(&self.desk.model);
        if before.0 != after.0 {
            self.moved.1 = Some(clock());
            if before.0.shown != after.0.shown {
                self.moved.0 = self.moved.1;
            }
        }
        let mine = |state: &State| state.3.iter().map(|chat| chat.3).sum::<usize>();
        prop_assert_eq!(mine(before), mine(&after), "an event said something");
        self.shown_is_said(told)
    }

    /// What the engine is told to be shown was written; nothing else is told by itself.
    fn shown_is_said(&self, told: usize) -> Result<(), TestCaseError> {
        let out = String::from_utf8_lossy(&self.desk.out);
        for command in self.desk.pending.iter().skip(told) {
            let CounselorCommand::Shown { number } = command else {
                return Err(TestCaseError::fail(format!("{command:?} by itself")));
            };
            prop_assert!(out.contains(&format!("w{number}w")), "{} was not said", number);
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<bool, TestCaseError> {
        self.begin();
        let (at, heard) = self.begun.take().unwrap();
        let began = (self.hand == Hand::Keys).then_some(at);
        let before = state(&self.desk.model);
        let told = self.desk.pending.len();
        let effects = Self::done(self.desk.on_line(line, began));
        let after = state(&self.desk.model);
        self.shown_is_said(told)?;
        if before.1 {
            // Locked: the one line that acts is not a part of this.
            prop_assert!(effects.is_empty() && before == after);
            return Ok(false);
        }
        let yes = matches!(line, "yes" | "YES" | "آه");
        let words = line.starts_with(['>', '<']) && before.0.asked.is_none();
        let way = matches!(
            line,
            "" | "0" | "6" | "7" | "9" | "7 1" | "7 2" | "r 1 merci" | "r 2 merci"
        );
        let moved = if words { self.moved.0 } else { self.moved.1 };
        // Where no letter is seen, a line is only known to be whole late enough.
        let blind = moved.is_some_and(|moved| match self.hand {
            Hand::Keys => at < moved + PAUSE,
            _ => clock() < moved + PAUSE,
        });
        let changed = if words {
            heard.shown != before.0.shown
        } else {
            heard != before.0
        };
        let blind = blind || changed;
        if blind && !way {
            prop_assert!(
                effects.is_empty() && before == after && told == self.desk.pending.len(),
                "{:?} acted on {:?}, and {:?} was heard: {:?}",
                line,
                before.0,
                heard,
                effects
            );
            return Ok(false);
        }
        for effect in &effects {
            let right = match effect {
                DeskEffect::Tell(CounselorCommand::Say { chat, .. }) => {
                    words && heard.shown == Some((chat.clone(), true, false, false))
                }
                DeskEffect::Tell(CounselorCommand::Reply { mail, .. }) => {
                    let index = usize::from(line.starts_with("r 2"));
                    line.starts_with("r ") && before.4.get(index) == Some(&(mail.clone(), false))
                }
                DeskEffect::Tell(CounselorCommand::End { chat }) => {
                    yes && heard.asked == Some(Confirmation::End(chat.clone()))
                }
                DeskEffect::Tell(CounselorCommand::OnDuty) => line == "1" && heard.off,
                DeskEffect::Tell(CounselorCommand::OffDuty) => line == "1" && !heard.off,
                DeskEffect::Tell(CounselorCommand::TakeNext) => line == "2",
                DeskEffect::Tell(CounselorCommand::Break) => line == "3",
                DeskEffect::Tell(CounselorCommand::ScreenLocked { locked: true }) => line == "6",
                DeskEffect::Tell(CounselorCommand::Exit) | DeskEffect::Leave => {
                    line == "9" || (yes && heard.asked == Some(Confirmation::Leave))
                }
                _ => false,
            };
            prop_assert!(right, "{:?} led to {:?}; heard was {:?}", line, effect, heard);
        }
        // A chat takes words, and its words are heard, only by the key that was meant for it.
        for (id, entered, blurred, _) in &after.3 {
            let old = before.3.iter().find(|old| old.0 == *id).unwrap();
            if (old.1, old.2) != (*entered, *blurred) {
                let aim = match line {
                    "8" => heard.shown.as_ref().map(|shown| &shown.0),
                    "5" => heard.next.as_ref(),
                    _ => None,
                };
                prop_assert_eq!(aim, Some(id), "{:?} opened it", line);
            }
        }
        for (at, (mail, blurred)) in after.4.iter().enumerate() {
            let opened = before.4.get(at) != Some(&(mail.clone(), *blurred));
            prop_assert!(
                !opened || line == format!("7 {}", at + 1),
                "{:?} opened a mail",
                line
            );
        }
        Ok(effects.contains(&DeskEffect::Leave))
    }
}

fn play(hand: Hand, doings: Vec<Doing>) -> Result<(), TestCaseError> {
    let mut bench = Bench::new(hand);
    bench.event(CounselorEvent::OnDuty)?;
    bench.event(CounselorEvent::Desk {
        waiting: 2,
        urgent: 1,
    })?;
    NOW.set(Some(clock() + PAUSE));
    if hand == Hand::Lines {
        // Nothing is under way yet.
        bench.line("")?;
    }
    for doing in doings {
        let id = |prefix: &str, at: u8| format!("{prefix}{at}");
        bench.number += 1;
        let number = bench.number;
        let secret = bench.desk.model.locked().then_some(bench.desk.out.len());
        match doing {
            Doing::Begin => bench.begin(),
            Doing::Line(line) => {
                if bench.line(line)? {
                    break;
                }
            }
            Doing::Paste => {
                bench.begun = None;
                bench.desk.gate.whole_line();
            }
            Doing::NotText => {
                bench.begun = None;
                bench.desk.gate.whole_line();
            }
            Doing::Wait(ms) => NOW.set(Some(clock() + Duration::from_millis(ms))),
            Doing::Chat(at, urgent) => bench.event(CounselorEvent::Chat {
                chat: id("k", at),
                language: "en".into(),
                urgent,
                text: "w0w".into(),
                number: None,
                returning: false,
            })?,
            Doing::Ended(at) => bench.event(CounselorEvent::Ended {
                chat: id("k", at),
                by: hamsa_client::api::EndedBy::Peer,
                reason: hamsa_client::api::ChatOver::Said(hamsa_client::api::EndReason::LeftQuickly),
            })?,
            Doing::Message(at) => bench.event(CounselorEvent::Message {
                number,
                chat: id("k", at),
                id: id("s", at),
                text: format!("w{number}w").as_str().into(),
            })?,
            Doing::Mail(at) => bench.event(CounselorEvent::Mail {
                mail: id("m", at),
                text: "w0w".into(),
                returning: false,
            })?,
            Doing::MailAnswered(at) => bench.event(CounselorEvent::MailAnswered { mail: id("m", at) })?,
            Doing::Waiting(waiting) => bench.event(CounselorEvent::Desk { waiting, urgent: 0 })?,
            Doing::Duty(true) => bench.event(CounselorEvent::OnDuty)?,
            Doing::Duty(false) => bench.event(CounselorEvent::OffDuty {
                reason: hamsa_client::api::OffReason::Elsewhere,
            })?,
            Doing::Error => bench.event(CounselorEvent::Error(ErrorReport::new(
                hamsa_client::names::ErrorCode::Stopped,
                "x",
                "x",
            )))?,
            Doing::Unlocked if bench.desk.model.locked() => {
                Bench::done(bench.desk.unlocked(hand));
                bench.moved = (Some(clock()), Some(clock()));
                bench.begun = None;
                bench.desk.pending.clear();
                continue;
            }
            Doing::Unlocked => {}
        }
        if let Some(out) = secret {
            let new = String::from_utf8_lossy(bench.desk.out.get(out..).unwrap_or_default()).into_owned();
            prop_assert!(
                !new.contains('w') || !new.contains("w0w"),
                "a locked desk says words"
            );
        }
    }
    TEXTS.set(Some(bench.desk.texts));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// R29.
    #[test]
    fn no_line_acts_on_what_was_not_heard(letters in any::<bool>(), doings in prop::collection::vec(doing(), 1..40)) {
        play(if letters { Hand::Keys } else { Hand::Lines }, doings)?;
    }
}
