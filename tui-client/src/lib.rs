//! `hamsa`: the terminal client of a seeker and of a counselor, and the demo.

mod cli;
mod counselor;
mod demo;
mod gate;
pub mod input;
mod json;
mod keyboard;
mod locale;
mod notebook;
pub mod script;
mod seeker;
mod strength;
mod terminal;

use std::process::ExitCode;

/// Runs the command line of this process. Exit status: 0 done, 1 failed with a reason, 2 wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    cli::main()
}
