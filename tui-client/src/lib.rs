//! `hamsa`: the terminal client of a seeker and of a counselor, and the demo.

mod cli;
mod composer;
mod counselor;
mod demo;
mod face;
mod gate;
mod i18n;
pub mod input;
mod json;
mod keyboard;
mod notebook;
mod seeker;
mod strength;
mod terminal;
pub mod text;

use std::process::ExitCode;

/// Runs the command line of this process. Exit status: 0 done, 1 failed with a reason, 2 wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    cli::main()
}
