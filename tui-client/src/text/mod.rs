//! Scripts on a terminal: words from outside are sanitized, then measured, folded and put in the
//! order the eye reads. The text that is kept and sent is never touched here: everything is made for one look.
//!
//! [`sanitize`] is the one door for strings of others; `bidi` shapes and orders; `wrap` makes rows;
//! `width` counts columns as the terminal does; [`calibration`] finds
//! out what this terminal does with Arabic by itself; [`check`] is what a fuzzer calls.

mod bidi;
pub mod calibration;
pub mod check;
#[cfg(test)]
mod golden_tests;
mod mirror;
pub mod sanitize;
mod strategy;
mod width;
mod wrap;

pub(crate) use bidi::starts_right;
pub use sanitize::Sanitized;
pub use sanitize::clean;
pub(crate) use sanitize::one_line;
pub use strategy::Strategy;
pub use width::{cut, right, width};
pub use wrap::{Row, compose, one_row, pairs, rows};
