//! No running key answers a page that came by itself.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use hamsa_client::api::{CounselorState, SeekerCommand, SeekerEvent};
use proptest::prelude::*;

use super::*;
use crate::{
    gate::PAUSE,
    i18n::Locale,
    seeker::{
        chance::{answered, ended, event},
        tests::Bench,
    },
};

thread_local! {
    static TEXTS: std::cell::Cell<Option<Texts>> = const { std::cell::Cell::new(None) };
}

/// A face with a clock in the test's hands.
struct Face {
    bench: Bench,
    pause: Pause,
    now: Instant,
}

impl Face {
    fn new(locale: Locale) -> Self {
        // Parsing the texts is what takes the time.
        let texts = TEXTS.take().filter(|texts| texts.locale() == locale);
        let mut bench = Bench::with(locale, 80, 24, texts.unwrap_or_else(|| Texts::seeker(locale)));
        bench.draw();
        let mut face = Self {
            pause: Pause::new(&bench.model, &bench.texts),
            bench,
            now: Instant::now(),
        };
        face.draws();
        face
    }

    /// The page is another one now, by the test's own hand.
    fn turned(&mut self) {
        self.pause = Pause::new(&self.bench.model, &self.bench.texts);
        self.draws();
    }

    fn waits(&mut self, time: Duration) {
        self.now += time;
    }

    fn takes(&mut self, msg: SeekerMsg) -> Vec<SeekerEffect> {
        let Bench { model, texts, .. } = &mut self.bench;
        let effects = self.pause.act(model, msg, texts, self.now);
        self.bench
            .texts
            .follow(self.bench.model.locale, self.bench.model.arabic);
        effects
    }

    fn draws(&mut self) -> String {
        let screen = self.bench.draw();
        if self.bench.model.drawn.whole {
            self.pause.drawn(self.now);
        } else {
            self.pause.hidden(&mut self.bench.model);
        }
        screen
    }

    fn event(&mut self, event: SeekerEvent) {
        self.takes(SeekerMsg::Event(event));
    }

    fn key(&mut self, code: KeyCode) -> Vec<SeekerEffect> {
        self.takes(SeekerMsg::Key(code.into()))
    }

    /// Letter by letter, each drawn, a tenth of a second between them.
    fn types(&mut self, text: &str) -> Vec<SeekerEffect> {
        let mut effects = Vec::new();
        for c in text.chars() {
            self.waits(Duration::from_millis(100));
            let code = if c == '\n' {
                KeyCode::Enter
            } else {
                KeyCode::Char(c)
            };
            effects.extend(self.key(code));
            self.draws();
        }
        effects
    }

    /// In a chat with a counselor.
    fn chatting() -> Self {
        let mut face = Self::new(Locale::French);
        face.bench.choose(Action::Consent);
        face.bench.choose(Action::Danger(false));
        face.bench.choose(Action::Ask);
        face.turned();
        face.event(answered("Nour"));
        face.draws();
        face.waits(PAUSE * 2);
        face
    }
}

#[test]
fn digits_under_way_choose_nothing_when_the_chat_ends() {
    let mut face = Face::chatting();
    face.types("le ");
    face.event(ended());
    face.draws();
    let effects = face.types("25/11 wa7d 12 3endo\n");
    assert!(effects.is_empty(), "{effects:?}");
    assert_eq!(face.bench.model.screen, Screen::Talk);
    assert_eq!(face.bench.model.words.text(), "le ");
    // Slowly and without a look at the screen: letters are words there, whatever they are, and go nowhere.
    for c in "12 3\n1\n".chars() {
        face.waits(PAUSE * 2);
        face.types(&c.to_string());
    }
    assert_eq!(face.bench.model.screen, Screen::Talk);
    assert!(face.bench.model.words.text().starts_with("le 2 3"));
    assert!(face.draws().contains("Tab"));
    // An explicit key leads on.
    face.waits(PAUSE * 2);
    face.key(KeyCode::Tab);
    face.key(KeyCode::Enter);
    assert_eq!(face.bench.model.screen, Screen::Over);
    assert!(face.bench.model.unsent());
}

#[test]
fn no_running_key_sends_words_to_the_next_counselor() {
    let mut face = Face::chatting();
    face.types("pour Nour");
    face.event(SeekerEvent::Reopened);
    face.event(answered("Salma"));
    face.draws();
    assert!(face.types(" seulement\n").is_empty());
    assert_eq!(face.bench.model.words.text(), "pour Nour");
    face.waits(PAUSE);
    assert!(face.key(KeyCode::End).is_empty(), "it ends the pause");
    assert!(matches!(
        face.key(KeyCode::Enter).as_slice(),
        [SeekerEffect::Tell(SeekerCommand::Say { .. })]
    ));
}

#[test]
fn what_comes_beside_the_words_does_not_stop_them() {
    let mut face = Face::chatting();
    face.types("un ");
    face.event(SeekerEvent::TransferAsked {
        to: "Salma".to_owned(),
    });
    face.event(SeekerEvent::Counselor {
        state: CounselorState::Locked,
    });
    face.draws();
    face.types("deux");
    assert_eq!(face.bench.model.words.text(), "un deux");
    // But the question's own key waits, and that is seen.
    assert!(face.bench.model.offers_pausing);
    face.takes(SeekerMsg::Key(KeyEvent::new(
        KeyCode::Char('y'),
        KeyModifiers::CONTROL,
    )));
    assert!(face.bench.model.overlays.is_empty());
}

#[test]
fn the_ways_out_the_menu_and_help_act_at_once() {
    let control = |c| SeekerMsg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
    for c in ['x', 'c', 'ء'] {
        let mut face = Face::chatting();
        face.event(ended());
        assert!(face.takes(control(c)).contains(&SeekerEffect::Leave));
    }
    let mut face = Face::chatting();
    face.event(ended());
    face.draws();
    face.takes(control('k'));
    assert_eq!(face.bench.model.top(), Some(Overlay::Menu));
    // What it opened is under the same pause.
    face.draws();
    face.types("123456789");
    assert_eq!(face.bench.model.overlays, [Overlay::Menu]);
    face.key(KeyCode::Esc);
    assert_eq!(face.bench.model.overlays, [Overlay::Menu]);
}

#[test]
fn a_page_that_no_frame_showed_costs_no_key() {
    let mut face = Face::new(Locale::French);
    face.bench.choose(Action::Consent);
    face.bench.choose(Action::Danger(true));
    face.turned();
    face.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
    assert!(face.bench.model.pausing, "the choice leads elsewhere now");
    face.event(SeekerEvent::Waiting { ahead: None });
    face.draws();
    face.key(KeyCode::Enter);
    assert_eq!(face.bench.model.screen, Screen::Talk);
}

#[test]
fn what_was_not_drawn_whole_is_not_answered() {
    let mut face = Face::new(Locale::French);
    // Typed at the shell, before the first frame.
    face.pause = Pause::new(&face.bench.model, &face.bench.texts);
    assert!(face.key(KeyCode::Enter).is_empty() && face.key(KeyCode::Char('2')).is_empty());
    assert_eq!(face.bench.model.screen, Screen::Safety);
    face.draws();
    assert!(!face.bench.model.pausing);
    face.bench.choose(Action::Consent);
    face.turned();
    face.bench.terminal.backend_mut().resize(20, 5);
    face.draws();
    for c in "12345".chars() {
        face.waits(PAUSE * 2);
        assert!(face.key(KeyCode::Char(c)).is_empty());
        assert_eq!(face.bench.model.screen, Screen::Danger);
        face.draws();
    }
    face.bench.terminal.backend_mut().resize(80, 24);
    let frame = face.draws();
    assert!(frame.contains("puis une touche"), "{frame}");
    face.waits(PAUSE);
    face.key(KeyCode::Char('2'));
    assert_eq!(face.bench.model.screen, Screen::Danger, "it ends the pause");
    face.key(KeyCode::Char('1'));
    assert_ne!(face.bench.model.screen, Screen::Danger);
}

#[test]
fn a_helpline_that_closes_takes_no_letter_from_a_draft() {
    let mut face = Face::chatting();
    face.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
    face.draws();
    face.types("salam 1");
    assert_eq!(face.bench.model.screen, Screen::Talk);
    assert_eq!(face.bench.model.words.text(), "salam 1");
}

#[test]
fn a_draft_survives_the_next_talk() {
    let mut face = Face::chatting();
    face.types("presque");
    face.event(ended());
    face.bench.choose(Action::Go(Screen::Over));
    face.bench.choose(Action::Again);
    face.bench.choose(Action::Danger(false));
    face.bench.choose(Action::Ask);
    assert_eq!(face.bench.model.words.text(), "presque");
}

#[derive(Clone, Debug)]
enum Doing {
    Key(KeyEvent),
    Paste,
    Click(u16, u16),
    Event(SeekerEvent),
    Stop,
    Resize(u16, u16),
    Draw,
    Wait(u64),
}

fn doing() -> impl Strategy<Value = Doing> {
    let codes = "123456789pxn?aا٣ ".chars().map(KeyCode::Char).chain([
        KeyCode::Enter,
        KeyCode::Enter,
        KeyCode::Tab,
        KeyCode::Esc,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::F(1),
    ]);
    let plain = codes.map(KeyEvent::from);
    let control = "klgyj"
        .chars()
        .map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
    let keys: Vec<KeyEvent> = plain.chain(control).collect();
    prop_oneof![
        8 => prop::sample::select(keys).prop_map(Doing::Key),
        1 => Just(Doing::Paste),
        1 => (0_u16..80, 0_u16..24).prop_map(|(x, y)| Doing::Click(x, y)),
        4 => event().prop_map(Doing::Event),
        1 => Just(Doing::Stop),
        2 => prop::sample::select(vec![(80, 24), (40, 15), (20, 5)]).prop_map(|(x, y)| Doing::Resize(x, y)),
        6 => Just(Doing::Draw),
        4 => prop::sample::select(vec![1, 100, 499, 500, 900]).prop_map(Doing::Wait),
    ]
}

/// What a rule of its own says about the same keys: the test does not ask the gate.
struct Watch {
    /// The page as it stood when it last came by itself; `None` once it could be read.
    came: bool,
    /// When the frame of it, or the last key after it, came.
    quiet: Option<Instant>,
    /// The page that it took the place of, as long as no frame showed another.
    left: Option<PageMeaning>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_key_answers_what_could_not_be_read(begins in 0..3_u8, doings in prop::collection::vec(doing(), 1..16)) {
        let mut face = if begins == 0 { Face::chatting() } else { Face::new(Locale::French) };
        let mut early = begins == 2;
        if early {
            face.pause = Pause::new(&face.bench.model, &face.bench.texts);
        }
        let mut watch = Watch { came: early, quiet: None, left: None };
        for doing in doings {
            let before = meaning(&face.bench.model, &face.bench.texts).0;
            let draft = face.bench.model.words.text().to_owned();
            let (msg, always, event) = match doing {
                Doing::Wait(ms) => { face.waits(Duration::from_millis(ms)); continue }
                Doing::Draw => {
                    face.draws();
                    watch.left = None;
                    let first = std::mem::take(&mut early);
                    if !face.bench.model.drawn.whole {
                        watch = Watch { came: true, quiet: None, left: None };
                    } else if first {
                        watch.came = false;
                    } else if watch.came && watch.quiet.is_none() {
                        watch.quiet = Some(face.now);
                    }
                    continue;
                }
                Doing::Resize(x, y) => { face.bench.terminal.backend_mut().resize(x, y); continue }
                Doing::Key(key) => (SeekerMsg::Key(key), always(&key), false),
                Doing::Paste => (SeekerMsg::Paste("1\n2".to_owned()), false, false),
                Doing::Click(x, y) => (SeekerMsg::Click(x, y), false, false),
                Doing::Event(event) => (SeekerMsg::Event(event), false, true),
                Doing::Stop => (SeekerMsg::EngineStopped, false, true),
            };
            let may = !watch.came || watch.quiet.is_some_and(|at| face.now.duration_since(at) >= PAUSE);
            let waited = watch.came;
            let effects = face.takes(msg);
            let after = meaning(&face.bench.model, &face.bench.texts).0;
            if event {
                if watch.left.as_ref() == Some(&after) {
                    watch = Watch { came: false, quiet: None, left: None };
                } else if before != after {
                    let left = if watch.came { watch.left.take() } else { Some(before) };
                    watch = Watch { came: true, quiet: None, left };
                }
                prop_assert!(effects.is_empty());
                // Events add to a draft, or move it on; none takes a letter away. Blanks are no draft.
                prop_assert!(face.bench.model.words.text().contains(draft.trim()));
                continue;
            }
            if waited && !always {
                // Swallowed, the one that ends the pause too.
                prop_assert_eq!(&before, &after);
                prop_assert!(effects.is_empty());
                prop_assert_eq!(&draft, face.bench.model.words.text());
            }
            prop_assert!(!effects.contains(&SeekerEffect::Leave) || !waited);
            if waited && may {
                watch.came = false;
            } else if waited && watch.quiet.is_some() {
                watch.quiet = Some(face.now);
            }
        }
        TEXTS.set(Some(face.bench.texts));
    }
}
