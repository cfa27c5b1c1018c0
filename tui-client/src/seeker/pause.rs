//! The pause after a page that came by itself: what keys mean on the seeker's page, and the one place where each key,
//! paste and click is asked whether it may act.

use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::{
    message::{SeekerEffect, SeekerMsg},
    model::SeekerModel,
    page::page,
    screen::{Action, Overlay, Screen},
    update::{is_exit, update},
};
use crate::{gate::Gate, i18n::Texts, keyboard::control};

/// What a letter, Enter or Esc acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageMeaning {
    step: Screen,
    over: Vec<Overlay>,
    /// Whether letters are words; they go where step and overlays say.
    writing: bool,
    /// Whether the chat is over: then the same place takes no words.
    ended: bool,
    /// Counts the counselors: a sentence that was begun for one is not sent to another by a running key.
    hand: u32,
    /// The choices, where letters are no words. While the seeker writes they change without being in the way.
    choices: Vec<Action>,
    /// The question that is being answered.
    asked: Option<String>,
}

/// What a click, Tab and the key of the question act on, also while the seeker writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    choices: Vec<Action>,
    asked: Option<String>,
    /// Whether Esc leads back to the chat, over all that lies on it.
    called: bool,
}

/// Both, as they are now.
pub(crate) fn meaning(model: &SeekerModel, texts: &Texts) -> (PageMeaning, Offered) {
    let choices: Vec<Action> = page(model, texts)
        .choices
        .iter()
        .map(|choice| choice.does)
        .collect();
    let writing = model.writing();
    let asked = model.asked.clone();
    let meaning = PageMeaning {
        step: model.screen,
        over: model.overlays.clone(),
        writing,
        ended: model.ended(),
        hand: model.hand,
        choices: if writing { Vec::new() } else { choices.clone() },
        asked: asked.clone().filter(|_| model.top() == Some(Overlay::Asked)),
    };
    let called = model.called();
    (
        meaning,
        Offered {
            choices,
            asked,
            called,
        },
    )
}

/// The gates before the page and before what is offered beside the words.
#[derive(Debug)]
pub(crate) struct Pause {
    page: Gate<PageMeaning>,
    offered: Gate<Offered>,
    /// The page on which keys acted last; `None` once a frame has shown another.
    before: Option<(PageMeaning, Offered)>,
}

impl Pause {
    /// Before the first frame: what was typed ahead was meant for another program.
    pub(crate) fn new(model: &SeekerModel, texts: &Texts) -> Self {
        let (meaning, offered) = meaning(model, texts);
        Self {
            before: None,
            page: Gate::new(meaning),
            offered: Gate::new(offered),
        }
    }

    /// Does what `msg` asks, if it may act now.
    pub(crate) fn act(
        &mut self,
        model: &mut SeekerModel,
        msg: SeekerMsg,
        texts: &Texts,
        now: Instant,
    ) -> Vec<SeekerEffect> {
        let person = match &msg {
            SeekerMsg::Key(key) if key.kind == KeyEventKind::Release => return Vec::new(),
            SeekerMsg::Key(_) | SeekerMsg::Paste(_) | SeekerMsg::Click(..) | SeekerMsg::Wheel(_) => true,
            SeekerMsg::NotText
            | SeekerMsg::Event(_)
            | SeekerMsg::EngineStopped
            | SeekerMsg::Notebook(_)
            | SeekerMsg::Stop => false,
        };
        if !self.admits(&msg, model, now) {
            self.tell(model);
            if !self.page.closed() {
                self.before = Some(meaning(model, texts));
            }
            return Vec::new();
        }
        let effects = update(model, msg, texts);
        self.changed(model, texts, person);
        effects
    }

    /// Whether this may act now. Each key counts for the pause, also one that always acts.
    fn admits(&mut self, msg: &SeekerMsg, model: &SeekerModel, now: Instant) -> bool {
        let key = match msg {
            SeekerMsg::Key(key) => Some(key),
            SeekerMsg::Paste(_) | SeekerMsg::Click(..) => None,
            // A wheel moves rows and chooses nothing.
            SeekerMsg::Wheel(_)
            | SeekerMsg::NotText
            | SeekerMsg::Event(_)
            | SeekerMsg::EngineStopped
            | SeekerMsg::Notebook(_)
            | SeekerMsg::Stop => return true,
        };
        let page = self.page.admits(now);
        let offered = self.offered.admits(now);
        if key.is_some_and(always) {
            return true;
        }
        let words = model.writing()
            && key.is_none_or(|key| !reaches_out(key))
            && !matches!(msg, SeekerMsg::Click(..));
        page && (words || offered)
    }

    /// Something changed: by the person, or by itself.
    pub(crate) fn changed(&mut self, model: &mut SeekerModel, texts: &Texts, person: bool) {
        let (meaning, offered) = meaning(model, texts);
        if person {
            if !self.page.closed() {
                self.before = Some((meaning.clone(), offered.clone()));
            }
            self.page.chosen(meaning);
            self.offered.chosen(offered);
        } else if self.page.closed() && self.before.as_ref().is_some_and(|before| before.0 == meaning) {
            // No frame showed anything else: nothing has changed for the eyes, and no letter is lost for it.
            self.page = Gate::open(meaning);
            if self.before.as_ref().is_some_and(|before| before.1 == offered) {
                self.offered = Gate::open(offered);
            } else {
                self.offered.changed(offered);
            }
        } else {
            self.page.changed(meaning);
            self.offered.changed(offered);
        }
        self.tell(model);
    }

    /// The page says what the next key does not do.
    fn tell(&self, model: &mut SeekerModel) {
        model.pausing = self.page.pauses();
        model.offers_pausing = self.offered.pauses();
    }

    /// A frame of the present page is on the screen.
    pub(crate) fn drawn(&mut self, now: Instant) {
        if self.page.closed() {
            self.before = None;
        }
        self.page.drawn(now);
        self.offered.drawn(now);
        if !self.page.closed() && self.before.is_none() {
            self.before = Some((self.page.meaning().clone(), self.offered.meaning().clone()));
        }
    }

    /// The window is too small for the page: nothing that it asks is answered.
    pub(crate) fn hidden(&mut self, model: &mut SeekerModel) {
        self.before = None;
        self.page.hidden();
        self.offered.hidden();
        self.tell(model);
    }
}

/// The ways out, the menu and help: they act on every page, and what they open is under the same pause.
fn always(key: &KeyEvent) -> bool {
    is_exit(key) || key.code == KeyCode::F(1) || matches!(control(key), Some('k' | 'g'))
}

/// Whether a key acts on what is offered beside the words.
fn reaches_out(key: &KeyEvent) -> bool {
    matches!(key.code, KeyCode::Tab | KeyCode::BackTab | KeyCode::Esc) || control(key) == Some('y')
}

#[cfg(test)]
#[path = "pause_tests.rs"]
mod tests;
