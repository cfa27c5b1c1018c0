//! What reaches the screen, and what it wants done.

use crossterm::event::KeyEvent;
use hamsa_client::api::{SeekerCommand, SeekerEvent, Words};

use crate::i18n::Locale;

/// What reaches the screen.
#[derive(Debug)]
pub(crate) enum SeekerMsg {
    /// A key.
    Key(KeyEvent),
    /// A paste, in one piece.
    Paste(String),
    /// Letters came that are no UTF-8, and are missing.
    NotText,
    /// A click at a column and a row.
    Click(u16, u16),
    /// A wheel was turned; `true` is up.
    Wheel(bool),
    /// The engine spoke.
    Event(SeekerEvent),
    /// The engine stopped.
    EngineStopped,
    /// What the notebook's disk did.
    Notebook(NotebookAnswer),
    /// The process is told to stop.
    Stop,
}

/// What the screen wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SeekerEffect {
    /// Empty the screen, before anything else.
    Clear,
    /// Empty the screen in practice: what was scrolled off it stays.
    Blank,
    /// Tell the engine.
    Tell(SeekerCommand),
    /// Set the disk to work, in another thread.
    Notebook(NotebookWork),
    /// Leave the screen.
    Leave,
}

/// Something for another thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotebookWork {
    pub(super) task: NotebookTask,
    pub(super) path: Words,
    /// Of the sentences of its answer.
    pub(super) locale: Locale,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotebookTask {
    /// See whether there is a file, and write nothing.
    Look { new: bool },
    /// Make one.
    Make(Words),
    /// Open it.
    Open(Words),
    /// Add words.
    Note(Words, Words),
    /// Add a file.
    File(Words, Words),
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum NotebookAnswer {
    /// The place is right.
    Looked,
    /// It is open; every entry, and what to say.
    Opened(Vec<Words>, Option<Words>),
    /// What went wrong and what to do, in the language of the screen.
    Wrong(Words),
}
