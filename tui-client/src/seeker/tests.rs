//! Tests of the whole face: every step drawn in every language and held against golden screens, and the way out
//! from wherever chance leads.
//!
//! This is the one place where the seeker's screens are golden: `golden/LANGUAGE-SIZE.txt`, a section for each scene.
//! `UPDATE_GOLDEN=1` writes the files anew; look at each before it is committed. `tests/tests/it/screens` holds a real
//! terminal against the same files.

mod said;
mod scenes;
mod steps;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use hamsa_client::api::{AssociationTexts, LinkState, SeekerCommand, SeekerEvent};
use ratatui::{Terminal, backend::TestBackend};

use said::Said;
use scenes::scenes;

use super::{
    message::{SeekerEffect, SeekerMsg},
    model::SeekerModel,
    page::page,
    screen::{Action, Overlay, Screen},
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
        let texts = said::ALL.map(|(language, said)| AssociationTexts {
            language: language.to_owned(),
            hours: said.hours.to_owned(),
            confidentiality: said.confidentiality.to_owned(),
            danger: said.danger.to_owned(),
            legal: said.legal.to_owned(),
            services: said.services.to_owned(),
        });
        self.event(SeekerEvent::Verified {
            association: "Association A".to_owned(),
            fingerprint: String::new(),
            texts: texts.into(),
        });
    }

    /// What the people of the scenes say, in the language of the screen.
    pub(super) fn said(&self) -> &'static Said {
        match self.model.locale {
            Locale::French => &said::FRENCH,
            Locale::Arabic => &said::ARABIC,
            _ => &said::ENGLISH,
        }
    }

    /// What is drawn at the end of a text that is longer than the screen.
    fn draw_to_its_end(&mut self) -> Option<String> {
        let long = |bench: &Self| bench.model.drawn.below > 0 && !bench.model.drawn.newest;
        let mut end = None;
        while long(self) {
            self.press(KeyCode::PageDown);
            end = Some(self.draw());
        }
        end
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
            for (scene, set) in scenes() {
                let mut bench = Bench::new(locale, width, height);
                set(&mut bench);
                let screen = bench.draw();
                book.push_str(&format!("=== {scene}\n{screen}\n"));
                if let Some(screen) = bench.draw_to_its_end() {
                    book.push_str(&format!("=== {scene}, to its end\n{screen}\n"));
                }
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
            for (scene, set) in scenes() {
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
            for (scene, set) in scenes() {
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
                let arrow = |row: &str| row.contains('─') && row.contains('↓');
                let on = named("PgDn") || (model.drawn.newest && screen.lines().any(arrow));
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
    for (_, set) in scenes() {
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
