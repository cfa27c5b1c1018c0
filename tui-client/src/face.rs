//! What a program with a face of its own builds on, as the demo does: texts, the line that is written on, the keys of a
//! terminal, lines from a pipe, and the guard that gives the terminal back.

pub use crate::{
    counselor::{
        edit, link_key, state_key,
        text::{Folded, Texts, at_side, block, clean, compose},
    },
    input::{Hand, Keys, Lines, NOT_TEXT, Read, Reading, keys},
    script::composer::{Composer, MESSAGE_MAX},
    terminal::{ABORT, Guard, Screen},
};
