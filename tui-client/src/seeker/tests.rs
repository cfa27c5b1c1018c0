//! Tests of the whole face: every step drawn in every language and held against golden screens, and the way out
//! from wherever chance leads.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use hamsa_client::api::{
    AssociationTexts, ErrorReport, LinkState, MessageState, SeekerCommand, SeekerEvent, Words,
};
use ratatui::{Terminal, backend::TestBackend};

use super::{
    message::{NotebookAnswer, SeekerEffect, SeekerMsg},
    model::SeekerModel,
    page::page,
    screen::{Action, NotebookPage, Overlay, Screen, Topic},
    update::{choose, update},
    view::view,
};
use crate::i18n::{Locale, Text, Texts};

/// A screen that keeps the model, its texts and a terminal together.
pub(super) struct Bench {
    pub(super) model: SeekerModel,
    pub(super) texts: Texts,
    pub(super) terminal: Terminal<TestBackend>,
    /// What the engine was told of frames.
    pub(super) told: Vec<SeekerCommand>,
}

impl Bench {
    pub(super) fn new(locale: Locale, width: u16, height: u16) -> Self {
        Self::with(locale, width, height, Texts::seeker(locale))
    }

    pub(super) fn with(locale: Locale, width: u16, height: u16, texts: Texts) -> Self {
        let mut model = SeekerModel::new(Some(locale));
        model.time = "21:07".to_owned();
        model.expires = "2026-12-09".to_owned();
        Self {
            model,
            texts,
            terminal: Terminal::new(TestBackend::new(width, height)).unwrap(),
            told: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, msg: SeekerMsg) -> Vec<SeekerEffect> {
        let effects = update(&mut self.model, msg, &self.texts);
        self.texts.follow(self.model.locale, self.model.arabic);
        effects
    }

    pub(super) fn event(&mut self, event: SeekerEvent) {
        self.take(SeekerMsg::Event(event));
    }

    pub(super) fn press(&mut self, code: KeyCode) -> Vec<SeekerEffect> {
        self.take(SeekerMsg::Key(code.into()))
    }

    pub(super) fn control(&mut self, c: char) -> Vec<SeekerEffect> {
        self.take(SeekerMsg::Key(KeyEvent::new(
            KeyCode::Char(c),
            KeyModifiers::CONTROL,
        )))
    }

    pub(super) fn types(&mut self, text: &str) {
        for c in text.chars() {
            self.press(KeyCode::Char(c));
        }
    }

    pub(super) fn choose(&mut self, does: Action) -> Vec<SeekerEffect> {
        choose(&mut self.model, does)
    }

    pub(super) fn draw(&mut self) -> String {
        let Self {
            model,
            texts,
            terminal,
            ..
        } = self;
        terminal
            .draw(|frame| {
                let drawn = view(frame, model, texts);
                model.drawn = drawn;
            })
            .unwrap();
        self.told.extend(self.model.shown());
        shown(&self.terminal)
    }

    /// A talk with Nour of Association A.
    pub(super) fn talking(&mut self) {
        self.verified();
        self.choose(Action::Go(Screen::First));
        self.choose(Action::Ask);
        self.event(SeekerEvent::Answered {
            association: "Association A".to_owned(),
            pseudonym: "Nour".to_owned(),
        });
    }

    pub(super) fn verified(&mut self) {
        self.event(SeekerEvent::Link {
            state: LinkState::Connected,
        });
        self.event(SeekerEvent::Path {
            entry: "e".to_owned(),
            home: "h".to_owned(),
            split: true,
        });
        let texts =
            |language: &str, hours: &str, legal: &str, danger: &str, services: &str| AssociationTexts {
                language: language.to_owned(),
                hours: hours.to_owned(),
                confidentiality: String::new(),
                danger: danger.to_owned(),
                legal: legal.to_owned(),
                services: services.to_owned(),
            };
        self.event(SeekerEvent::Verified {
            association: "Association A".to_owned(),
            fingerprint: String::new(),
            texts: vec![
                texts(
                    "fr",
                    "lundi à vendredi, 9 h à 18 h",
                    "Parlez-nous d'abord.",
                    "Venez à l'accueil.",
                    "Accueil, rue 3.",
                ),
                texts(
                    "ar",
                    "من الاثنين للجمعة، 9 حتى 18",
                    "هضري معانا الأول.",
                    "أجي للاستقبال.",
                    "الاستقبال، زنقة 3.",
                ),
                texts(
                    "en",
                    "Monday to Friday, 9 to 18",
                    "Talk to us first.",
                    "Come to our house.",
                    "House, street 3.",
                ),
            ],
        });
    }
}

pub(super) fn shown(terminal: &Terminal<TestBackend>) -> String {
    let buffer = terminal.backend().buffer();
    let width = usize::from(buffer.area.width.max(1));
    let mut rows = Vec::new();
    for row in buffer.content().chunks(width) {
        let mut line = String::new();
        let mut covered = 0;
        for cell in row {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            line.push_str(cell.symbol());
            covered = crate::text::width(cell.symbol()).saturating_sub(1);
        }
        rows.push(line.trim_end().to_owned());
    }
    rows.join("\n")
}

type Scene = (&'static str, fn(&mut Bench));

/// Every step and everything that can lie over one.
const SCENES: [Scene; 39] = [
    ("language", |bench| bench.model.screen = Screen::Language),
    ("which row reads right", |bench| {
        bench.model.screen = Screen::Language;
        bench.choose(Action::Speak(Locale::Arabic));
        bench.texts = Texts::seeker(Locale::Arabic);
    }),
    ("safety before the helpline answered", |_| {}),
    ("safety", Bench::verified),
    ("practice", |bench| {
        bench.choose(Action::Open(Overlay::Practice));
    }),
    ("practised", |bench| {
        bench.choose(Action::Open(Overlay::Practice));
        bench.control('x');
    }),
    ("not now", |bench| {
        bench.verified();
        bench.choose(Action::Refuse);
    }),
    ("danger", |bench| bench.model.go(Screen::Danger)),
    ("in danger", |bench| {
        bench.verified();
        bench.choose(Action::Danger(true));
    }),
    ("first words", |bench| {
        bench.model.go(Screen::First);
        bench.take(SeekerMsg::Paste(words(bench, 0)));
    }),
    ("waiting room", |bench| {
        bench.verified();
        bench.choose(Action::Go(Screen::First));
        bench.take(SeekerMsg::Paste(words(bench, 0)));
        bench.press(KeyCode::Enter);
        bench.event(SeekerEvent::Waiting { ahead: Some(2) });
    }),
    ("waiting room, all busy, reading", |bench| {
        bench.verified();
        bench.choose(Action::Go(Screen::First));
        bench.choose(Action::Ask);
        bench.event(SeekerEvent::Waiting { ahead: None });
        bench.choose(Action::Open(Overlay::Reading(Topic::Proof)));
    }),
    ("reading about a device", |bench| {
        bench.model.open(Overlay::Reading(Topic::Device))
    }),
    ("reading before a complaint", |bench| {
        bench.verified();
        bench.model.open(Overlay::Reading(Topic::Complaint));
    }),
    ("shelf", |bench| bench.model.open(Overlay::Shelf)),
    ("talk", talk),
    ("talk without a word", Bench::talking),
    ("talk, reconnecting", |bench| {
        talk(bench);
        bench.event(SeekerEvent::Link {
            state: LinkState::Reconnecting,
        });
    }),
    ("menu in a talk", |bench| {
        talk(bench);
        bench.control('k');
    }),
    ("language in a talk", |bench| {
        talk(bench);
        bench.control('l');
    }),
    ("help in a talk", |bench| {
        talk(bench);
        bench.press(KeyCode::F(1));
    }),
    ("transfer asked", |bench| {
        talk(bench);
        bench.event(SeekerEvent::TransferAsked {
            to: "Salma".to_owned(),
        });
    }),
    ("transfer answered", |bench| {
        talk(bench);
        bench.event(SeekerEvent::TransferAsked {
            to: "Salma".to_owned(),
        });
        bench.control('y');
    }),
    ("counselor gone", |bench| {
        talk(bench);
        bench.event(SeekerEvent::Reopened);
    }),
    ("nobody on duty", |bench| {
        bench.verified();
        bench.choose(Action::Go(Screen::First));
        bench.event(SeekerEvent::Closed {
            until: None,
            opens: None,
        });
        bench.choose(Action::Ask);
    }),
    ("sealed message", |bench| {
        bench.model.go(Screen::Leave);
        bench.take(SeekerMsg::Paste(words(bench, 1)));
    }),
    ("sealed message kept", |bench| {
        bench.model.go(Screen::Left);
        bench.event(SeekerEvent::State {
            id: "leave".to_owned(),
            state: MessageState::AtNode,
        });
    }),
    ("coming back", |bench| {
        bench.model.go(Screen::Return);
        bench.types("abandon ability able");
    }),
    ("answer found", |bench| {
        bench.model.go(Screen::Return);
        bench.event(SeekerEvent::Mail {
            mail: "m".to_owned(),
            text: Words(words(bench, 2)),
            date: "2026-11-24".to_owned(),
        });
    }),
    ("before a phrase", |bench| bench.model.open(Overlay::PhraseBefore)),
    ("phrase", phrase),
    ("phrase typed back wrong", |bench| {
        phrase(bench);
        bench.choose(Action::Open(Overlay::PhraseBack));
        bench.types("un deux trois");
        bench.press(KeyCode::Enter);
    }),
    ("ended by the counselor", |bench| {
        talk(bench);
        bench.take(SeekerMsg::Paste("…".to_owned()));
        bench.event(SeekerEvent::Ended {
            by: hamsa_client::api::EndedBy::Peer,
            reason: hamsa_client::api::EndReason::Finished,
        });
    }),
    ("over", |bench| {
        talk(bench);
        bench.event(SeekerEvent::Ended {
            by: hamsa_client::api::EndedBy::Helpline,
            reason: hamsa_client::api::EndReason::Revoked,
        });
        bench.press(KeyCode::Enter);
    }),
    ("notebook asked", |bench| {
        bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
    }),
    ("notebook place", |bench| {
        bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
        bench.choose(Action::Notebook(true));
        bench.types("/media/k/list");
    }),
    ("notebook passphrase", |bench| {
        bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
        bench.choose(Action::Notebook(true));
        bench.choose(Action::Turn(NotebookPage::Passphrase));
        bench.types("quatre mots");
    }),
    ("notebook", |bench| {
        bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
        bench.choose(Action::Notebook(false));
        bench.choose(Action::Turn(NotebookPage::Busy));
        let entries = vec![Words(words(bench, 0)), Words(words(bench, 1))];
        let said = Some(Words("2026-11-25".to_owned()));
        bench.take(SeekerMsg::Notebook(NotebookAnswer::Opened(entries, said)));
    }),
    ("an error", |bench| {
        bench.event(SeekerEvent::Error(ErrorReport::new(
            hamsa_client::names::ErrorCode::EntryImpostor,
            "x",
            "y",
        )));
    }),
];

/// What a person could write, in the language of the screen.
fn words(bench: &Bench, at: usize) -> String {
    let all = match bench.model.locale {
        Locale::French => [
            "il dit qu'il va tout publier",
            "je ne sais pas quoi faire",
            "Nous sommes là. Revenez quand vous voulez.",
        ],
        Locale::Arabic => [
            "كيقول غادي ينشر كلشي (الصور) فـ Instagram",
            "ما عرفتش شنو ندير",
            "حنا هنا. رجعي وقت ما بغيتي.",
        ],
        _ => [
            "kayn chi wa7d kayhddni",
            "3afak ma 3reft ch ndir",
            "We are here. Come back any time.",
        ],
    };
    all[at].to_owned()
}

fn talk(bench: &mut Bench) {
    bench.talking();
    let hello = match bench.model.locale {
        Locale::French => "Bonjour, je suis là. Prenez votre temps.",
        Locale::Arabic => "السلام، أنا هنا. خدي الوقت ديالك.",
        _ => "Salam, I am here. Take your time.",
    };
    bench.event(SeekerEvent::Message {
        number: 0,
        id: "c1".to_owned(),
        text: hello.into(),
    });
    for (at, state) in [(0, MessageState::Received), (1, MessageState::AtNode)] {
        bench.take(SeekerMsg::Paste(words(bench, at)));
        let effects = bench.press(KeyCode::Enter);
        let [SeekerEffect::Tell(SeekerCommand::Say { id, .. })] = effects.as_slice() else {
            panic!("expected words, got {effects:?}");
        };
        bench.event(SeekerEvent::State {
            id: id.clone(),
            state,
        });
    }
    bench.take(SeekerMsg::Paste(words(bench, 0)));
}

fn phrase(bench: &mut Bench) {
    bench.model.open(Overlay::PhraseBefore);
    bench.choose(Action::Keep);
    bench.event(SeekerEvent::Phrase {
        words: "abaisser bagage cabine dauphin échelle fable gagner habitude".into(),
    });
}

#[test]
fn every_step_looks_as_it_was_reviewed() {
    let write = std::env::var_os("UPDATE_GOLDEN").is_some();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/seeker/golden");
    for (name, locale) in [
        ("fr", Locale::French),
        ("ar", Locale::Arabic),
        ("en", Locale::English),
    ] {
        for (width, height) in [(80, 24), (40, 15)] {
            let mut book = String::new();
            for (scene, set) in SCENES {
                let mut bench = Bench::new(locale, width, height);
                set(&mut bench);
                let screen = bench.draw();
                book.push_str(&format!("=== {scene}\n{screen}\n"));
            }
            let path = folder.join(format!("{name}-{width}x{height}.txt"));
            if write {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &book).unwrap();
            }
            let golden = std::fs::read_to_string(&path).unwrap_or_default();
            let other = book.lines().zip(golden.lines()).find(|(now, then)| now != then);
            assert!(
                book == golden,
                "{} differs, first at {other:?}; look at it, then UPDATE_GOLDEN=1",
                path.display()
            );
        }
    }
}

#[test]
fn every_step_shows_the_way_out_in_the_same_place() {
    for locale in Locale::ALL {
        for (width, height) in [(30, 10), (200, 60)] {
            for (scene, set) in SCENES {
                let mut bench = Bench::new(locale, width, height);
                set(&mut bench);
                let screen = bench.draw();
                if bench.model.top() == Some(Overlay::Practiced) {
                    assert_eq!(screen.trim(), "");
                    continue;
                }
                let first = screen.lines().next().unwrap();
                assert!(first.contains("Ctrl+X"), "{scene} at {width}x{height}:\n{screen}");
            }
        }
    }
}

#[test]
fn every_page_names_the_way_on_and_the_way_back() {
    for locale in [Locale::French, Locale::Arabic, Locale::English] {
        for (width, height) in [(40, 15), (80, 24)] {
            for (scene, set) in SCENES {
                let mut bench = Bench::new(locale, width, height);
                set(&mut bench);
                // What a page says of itself must be true at its first frame.
                let screen = bench.draw();
                if bench.model.top() == Some(Overlay::Practiced) {
                    continue;
                }
                let Bench { model, texts, .. } = &bench;
                let hints = screen.lines().last().unwrap();
                let named = |press: &str| hints.contains(press);
                let choices = page(model, texts).choices;
                let back = choices.iter().any(|choice| matches!(choice.does, Action::Close));
                let shown = choices.len() == 1 || !model.writing();
                let esc = texts.say(Text::SeekPressEsc);
                let place = format!("{scene} at {width}x{height}:\n{screen}");
                assert!(
                    !model.writing() || named("Tab") || named(&esc),
                    "no way to the choices: {place}"
                );
                assert!(
                    model.overlays.is_empty() || named(&esc) || (back && shown),
                    "no way back: {place}"
                );
                let below = model.drawn.below > 0 && !model.drawn.reads_on;
                // In a talk the rule has its arrow, and Esc leads on to what is unread.
                let on = named("PgDn") || (model.drawn.newest && screen.contains(" ↓"));
                assert!(!below || on, "no way to read on: {place}");
            }
        }
    }
}

#[test]
fn a_page_that_reads_on_says_the_duty() {
    let mut bench = Bench::new(Locale::English, 40, 15);
    bench.verified();
    bench.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
    let screen = bench.draw();
    assert!(screen.contains("Read on"), "{screen}");
    assert!(screen.contains("Nobody is on duty at the moment."), "{screen}");
}

#[test]
fn every_size_is_drawn_without_a_panic() {
    for (_, set) in SCENES {
        let mut bench = Bench::new(Locale::Arabic, 80, 24);
        set(&mut bench);
        for width in [0, 1, 2, 5, 29, 30, 31, 40, 200] {
            for height in [0, 1, 9, 10, 11, 15, 60] {
                bench.terminal.backend_mut().resize(width, height);
                bench.draw();
            }
        }
    }
}
