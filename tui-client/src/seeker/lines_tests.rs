//! The seeker's pages line by line, under random lines and events: no line is sent, chooses or answers where its page
//! could not have been heard. The rules here do not ask the gate: they know when each line was begun and what had been
//! said by then.

use std::{cell::Cell, io, time::Duration};

use futures::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::{
    gate::PAUSE,
    seeker::{
        chance::{answered, event},
        pause::{Offered, PageMeaning},
    },
    shared::clock::{NOW, clock},
};

thread_local! {
    // Parsing the texts is what takes the time.
    static TEXTS: Cell<Option<Texts>> = const { Cell::new(None) };
}

/// Sent by an explicit choice only.
const PASTED: &str = "collé\n1";

/// Nothing is read from here: the test hands lines over.
struct Nowhere;

impl LineReader for Nowhere {
    async fn next(&mut self) -> io::Result<Option<Read>> {
        Ok(None)
    }
}

#[derive(Clone, Debug)]
enum Doing {
    /// A line is begun, if none is.
    Begin,
    /// Enter, with this on the line.
    Line(&'static str),
    Paste,
    NotText,
    Event(SeekerEvent),
    Stop,
    Wait(u64),
}

fn doing() -> impl Strategy<Value = Doing> {
    let lines = prop::sample::select(vec![
        "> salam 1",
        "< wa7d",
        ">",
        "25/11",
        "3endo 12",
        "un deux",
        "n",
        "oui",
        "",
        "0",
        "1",
        "1",
        "1",
        "2",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "٢",
        "m",
        "h",
        "l",
    ]);
    prop_oneof![
        8 => Just(Doing::Begin),
        12 => lines.prop_map(Doing::Line),
        1 => Just(Doing::Line("x")),
        1 => Just(Doing::Paste),
        1 => Just(Doing::NotText),
        8 => event().prop_map(Doing::Event),
        1 => Just(Doing::Stop),
        8 => prop::sample::select(vec![1, 100, 499, 500, 900]).prop_map(Doing::Wait),
    ]
}

/// What lines can change beside what they tell the engine.
type State = (
    (PageMeaning, Offered),
    usize,
    [Option<bool>; 3],
    Option<String>,
    bool,
);

fn state(plain: &SeekerPlain<Vec<u8>>) -> State {
    let model = &plain.model;
    (
        meaning(model, &plain.texts),
        model.lines.len(),
        model.answers,
        model.pasted.as_ref().map(|pasted| pasted.0.clone()),
        model.urgent,
    )
}

struct Bench {
    plain: SeekerPlain<Vec<u8>>,
    hand: Hand,
    /// When the line was begun, and what had been said by then.
    begun: Option<(Instant, (PageMeaning, Offered))>,
    /// When words, and when anything, last came to mean something else by itself.
    moved: (Option<Instant>, Option<Instant>),
}

impl Bench {
    fn new(hand: Hand, chat: bool) -> Self {
        let mut model = SeekerModel::new(Some(Locale::French));
        model.calibrated = true;
        model.by_lines = true;
        let texts = TEXTS.take().filter(|texts| texts.locale() == Locale::French);
        let mut bench = Self {
            plain: SeekerPlain {
                out: Vec::new(),
                texts: texts.unwrap_or_else(|| Texts::for_lines(Locale::French)),
                model,
                clears: false,
                single: false,
                pending: VecDeque::new(),
                answers: mpsc::channel(1),
                saying: Zeroizing::default(),
                said: SaidPage::default(),
                gate: LineGate::default(),
                now: clock,
                heard: Vec::new(),
            },
            hand,
            begun: None,
            moved: (None, None),
        };
        bench.says();
        if chat {
            for line in ["1", "1", "> salam"] {
                bench.line(line).unwrap();
            }
            bench.event(Some(answered("Nour"))).unwrap();
            NOW.set(Some(clock() + PAUSE));
            bench.line("").unwrap();
        }
        bench
    }

    /// What the loop does before it reads again.
    fn says(&mut self) {
        let plain = &mut self.plain;
        if plain.texts.follow(plain.model.locale, plain.model.arabic) {
            plain.said = SaidPage::default();
        }
        plain.show();
        // Nothing waits: what is said goes into memory.
        plain.pour(&mut Nowhere).now_or_never().unwrap().unwrap();
        plain.gate.said(clock());
    }

    fn begin(&mut self) {
        let heard = meaning(&self.plain.model, &self.plain.texts);
        self.begun.get_or_insert((clock(), heard));
    }

    fn event(&mut self, event: Option<SeekerEvent>) -> Result<(), TestCaseError> {
        let before = state(&self.plain);
        let told = self.plain.pending.len();
        self.plain.by_itself(self.hand, |plain| plain.on_event(event));
        self.says();
        let after = state(&self.plain);
        if before.0 != after.0 {
            self.moved.1 = Some(clock());
            if before.0.0 != after.0.0 {
                self.moved.0 = self.moved.1;
            }
        }
        prop_assert!(before.2 == after.2 && before.4 == after.4, "an event answered");
        // What was pasted is thrown away with its page, and never sent.
        let out = String::from_utf8_lossy(&self.plain.out);
        for command in self.plain.pending.iter().skip(told) {
            let SeekerCommand::Shown { number } = command else {
                return Err(TestCaseError::fail(format!("{command:?} by itself")));
            };
            prop_assert!(*number == 1 && out.contains("un deux"), "it was not said");
        }
        Ok(())
    }

    /// Takes a line; whether the person left by it.
    fn line(&mut self, line: &str) -> Result<bool, TestCaseError> {
        self.begin();
        let (at, heard) = self.begun.take().unwrap();
        let began = (self.hand == Hand::Keys).then_some(at);
        let before = state(&self.plain);
        let effects = self.plain.on_read(Some(Read::Line(line.to_owned())), began);
        let after = state(&self.plain);
        let words = line.starts_with(['>', '<']);
        let way = matches!(line, "" | "0" | "x" | "m" | "h");
        let moved = if words { self.moved.0 } else { self.moved.1 };
        // Where no letter is seen, a line is only known to be whole late enough.
        let blind = moved.is_some_and(|moved| match self.hand {
            Hand::Keys => at < moved + PAUSE,
            _ => clock() < moved + PAUSE,
        });
        let changed = if words {
            heard.0 != before.0.0
        } else {
            heard != before.0
        };
        let blind = blind || changed;
        if blind && !way {
            prop_assert!(
                effects.is_empty() && before == after,
                "{:?} acted on {:?}, and {:?} was heard: {:?}",
                line,
                before.0,
                heard,
                effects
            );
        }
        for effect in &effects {
            let right = match effect {
                SeekerEffect::Tell(SeekerCommand::QuickExit) | SeekerEffect::Clear | SeekerEffect::Blank => {
                    line == "x"
                }
                // On the notebook's pages words need no sign.
                SeekerEffect::Leave | SeekerEffect::Notebook(_) => true,
                SeekerEffect::Tell(SeekerCommand::Say { text, .. }) => words || text.0.starts_with(PASTED),
                // A choice starts with the first words, and seals the letter, that the page has shown.
                SeekerEffect::Tell(SeekerCommand::Start { .. } | SeekerCommand::Leave { .. }) => {
                    words || line.chars().all(char::is_numeric)
                }
                SeekerEffect::Tell(SeekerCommand::Return { words: phrase }) => {
                    words || line.contains(' ') || phrase.0.starts_with(PASTED)
                }
                SeekerEffect::Tell(SeekerCommand::Shown { .. }) => false,
                SeekerEffect::Tell(_) => line.chars().all(char::is_numeric),
            };
            prop_assert!(right, "{:?} led to {:?}", line, effect);
        }
        self.says();
        Ok(effects.contains(&SeekerEffect::Leave))
    }
}

fn play(hand: Hand, chat: bool, doings: Vec<Doing>) -> Result<(), TestCaseError> {
    let mut bench = Bench::new(hand, chat);
    for doing in doings {
        match doing {
            Doing::Begin => bench.begin(),
            Doing::Line(line) => {
                if bench.line(line)? {
                    break;
                }
            }
            Doing::Paste | Doing::NotText => {
                let read = match doing {
                    Doing::Paste => Read::Paste(Words(PASTED.to_owned())),
                    _ => Read::NotText,
                };
                bench.begun = None;
                let told = bench.plain.pending.len();
                let effects = bench.plain.on_read(Some(read), None);
                prop_assert!(effects.is_empty() && told == bench.plain.pending.len());
                bench.says();
            }
            Doing::Event(event) => bench.event(Some(event))?,
            Doing::Stop => bench.event(None)?,
            Doing::Wait(ms) => NOW.set(Some(clock() + Duration::from_millis(ms))),
        }
    }
    TEXTS.set(Some(bench.plain.texts));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// R29.
    #[test]
    fn no_line_answers_what_could_not_be_heard(
        letters in any::<bool>(),
        chat in any::<bool>(),
        doings in prop::collection::vec(doing(), 1..30),
    ) {
        play(if letters { Hand::Keys } else { Hand::Lines }, chat, doings)?;
    }
}
