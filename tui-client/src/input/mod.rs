//! What comes from the keyboard, the mouse and the clipboard of a terminal: one thread reads the bytes, `decoder`
//! makes keys and pastes of them; for the plain faces `typing` makes lines of those, and `Lines` reads whole ones. The way out is looked for in the thread itself and
//! goes before everything that waits, so that neither a paste nor a busy screen can stand in its way.
//!
//! Why Hamsa reads for itself: docs/decisions/0011-reading-the-terminal.md.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

pub mod check;
pub(crate) mod decoder;
pub(crate) mod lines;
pub(crate) mod prompt;
mod reader;
mod sequence;
mod typing;

pub(crate) use decoder::Decoder;
pub use lines::{Hand, LineReader, Lines, Read};
pub use reader::{Keys, keys};
pub(crate) use typing::LineInput;

/// Bytes came that are no UTF-8, and were left out: the person's letters are missing where they stood. crossterm has no
/// event for it, and no key of a terminal is this one.
pub const NOT_TEXT: Event = Event::Key(KeyEvent::new(KeyCode::Null, KeyModifiers::META));
