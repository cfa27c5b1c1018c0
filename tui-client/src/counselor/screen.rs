//! The desk as a whole screen has it: the model behind the gate that swallows the keys under way.
//!
//! The model says what a key does; here it is decided whether a key may act at all. Every message of the screen comes
//! through [`GatedDesk::take`], and every frame is reported through [`GatedDesk::drawn`].

use std::time::Instant;

use crossterm::event::KeyEventKind;
use hamsa_client::api::CounselorCommand;

use super::{
    model::{ChatTab, Confirmation, DeskModel, DutyState, LockState, Mode, SealedMessage},
    update::{DeskEffect, DeskMsg, Shortcut, ask_to_leave, open_what_waits, update, way},
    view::DeskFrame,
};
use crate::gate::Gate;

/// What keys mean: the mode, and what in it a key could act on. Words that arrive in the chat that is shown are not a
/// part of it: they change nothing about where a letter goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeskMeaning {
    /// Locked, and whether a passphrase is typed.
    Locked(bool),
    /// Commands, about this chat, on duty or not.
    Command(Option<Shown>, bool),
    /// Words, for this chat.
    Write(Option<Shown>),
    /// An answer; for leaving, whether a chat would go back.
    Confirm(Confirmation, bool),
    /// A pseudonym, for this chat.
    Transfer(String),
    /// A reply to this sealed message; whether it is hidden, and whether it can be answered.
    Mail(Option<(String, bool, bool)>),
    /// Nothing.
    Help,
}

/// The chat that is shown, as far as keys act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    id: String,
    entered: bool,
    blurred: bool,
    over: bool,
}

impl Shown {
    pub(super) fn of(chat: &ChatTab) -> Self {
        Self {
            id: chat.id.clone(),
            entered: chat.opened(),
            blurred: chat.blurred,
            over: chat.ended(),
        }
    }
}

/// What keys mean on this model.
pub(crate) fn meaning(model: &DeskModel) -> DeskMeaning {
    let shown = || model.chat().map(Shown::of);
    match &model.mode {
        Mode::Locked(lock) => DeskMeaning::Locked(matches!(lock, LockState::Asking(_))),
        Mode::Command => DeskMeaning::Command(shown(), matches!(model.duty, DutyState::Off(_))),
        Mode::Write => DeskMeaning::Write(shown()),
        Mode::Confirm(question) => DeskMeaning::Confirm(question.clone(), model.any_running()),
        Mode::Transfer(chat, _) => DeskMeaning::Transfer(chat.clone()),
        Mode::Mails(at) => {
            let page = |mail: &SealedMessage| (mail.id.clone(), mail.blurred, mail.writable());
            DeskMeaning::Mail(model.mails.get(*at).map(page))
        }
        Mode::Help(_) => DeskMeaning::Help,
    }
}

/// The model and its gate.
#[derive(Debug)]
pub(crate) struct GatedDesk {
    /// The model.
    pub(crate) model: DeskModel,
    gate: Gate<DeskMeaning>,
    /// Whether the last frame showed what keys mean.
    whole: bool,
}

impl GatedDesk {
    /// The screen of this model, before its first frame.
    pub(crate) fn new(model: DeskModel) -> Self {
        let gate = Gate::new(meaning(&model));
        Self {
            model,
            gate,
            whole: false,
        }
    }

    /// Takes what comes, at this time.
    pub(crate) fn take(&mut self, msg: DeskMsg, now: Instant) -> Vec<DeskEffect> {
        let persons = match &msg {
            DeskMsg::Key(key) => key.kind != KeyEventKind::Release,
            DeskMsg::Paste(_) => true,
            DeskMsg::NotText
            | DeskMsg::Event(_)
            | DeskMsg::EngineStopped
            | DeskMsg::Idle
            | DeskMsg::Unlocked(_) => false,
        };
        if !persons {
            let effects = update(&mut self.model, msg);
            self.gate.changed(meaning(&self.model));
            self.model.pausing = self.gate.pauses();
            return effects;
        }
        let closed = self.gate.closed();
        let effects = if self.gate.admits(now) {
            update(&mut self.model, msg)
        } else {
            // The pause is over, and this key ended it.
            let rested = closed && !self.gate.closed();
            self.swallow(msg, rested)
        };
        self.gate.chosen(meaning(&self.model));
        self.model.pausing = self.gate.pauses();
        effects
    }

    /// A key while nothing acts but the ways. What waits for Enter takes the one that ends the pause: the frame was
    /// there to be read, and nothing is said or answered by it.
    fn swallow(&mut self, msg: DeskMsg, rested: bool) -> Vec<DeskEffect> {
        let DeskMsg::Key(key) = msg else {
            return Vec::new();
        };
        match way(&key) {
            // A question that nobody can read is no way out: where nothing would be lost it is not asked.
            Some(Shortcut::Out) if self.whole || self.model.would_lose() => ask_to_leave(&mut self.model),
            Some(Shortcut::Out | Shortcut::Lock | Shortcut::Commands | Shortcut::Help) => {
                return update(&mut self.model, DeskMsg::Key(key));
            }
            None if rested => open_what_waits(&mut self.model, &key),
            None => {}
        }
        Vec::new()
    }

    /// A frame of the present model is on the screen, with these messages in it. Gives what the engine is told, and
    /// whether the next frame will look different for it.
    pub(crate) fn drawn(&mut self, drawn: &DeskFrame, now: Instant) -> (Vec<CounselorCommand>, bool) {
        self.whole = drawn.whole;
        if drawn.whole {
            self.gate.drawn(now);
        } else {
            self.gate.hidden();
        }
        self.model.pausing = self.gate.pauses();
        let chat = drawn.chat.as_deref().and_then(|id| self.model.chat_by_id(id));
        let Some(chat) = chat else {
            return (Vec::new(), false);
        };
        if let Some(rows) = drawn.unread {
            chat.scroll = rows;
        }
        let new: Vec<Option<u64>> = drawn.lines.iter().filter_map(|at| chat.show(*at)).collect();
        let again = !new.is_empty();
        let tell = |number| CounselorCommand::Shown { number };
        (new.into_iter().flatten().map(tell).collect(), again)
    }
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
