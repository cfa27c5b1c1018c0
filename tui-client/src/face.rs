//! What a program with a face of its own builds on, as the demo does: texts, the line that is written on, the keys of a
//! terminal, lines from a pipe, and the guard that gives the terminal back.

pub use crate::{
    composer::{Composer, MESSAGE_MAX},
    counselor::{link_key, state_key, text::at_side},
    i18n::{Locale, Text, Texts},
    input::{Hand, Keys, LineReader, Lines, NOT_TEXT, Read, keys},
    terminal::{ABORT, Guard, OwnedStdout},
    text::{Strategy, clean},
};
