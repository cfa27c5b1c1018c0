//! `hamsa`: the terminal client of a seeker and of a counselor.
//!
//! The demo is the package `hamsa-demo`, which brings the node with it: this one links none.

mod cli;
mod composer;
mod console;
mod counselor;
mod demo;
pub mod face;
mod gate;
mod i18n;
pub mod input;
mod json;
mod keyboard;
mod notebook;
mod seeker;
mod shared;
mod strength;
mod terminal;
pub mod text;

use std::process::ExitCode;

pub use demo::{DemoOptions, ShowDemo};

/// Runs the command line of this process. Exit status: 0 done, 1 failed with a reason, 2 wrong usage.
///
/// `hamsa demo` becomes the program `hamsa-demo`.
#[must_use]
pub fn main() -> ExitCode {
    cli::main(None)
}

/// As [`main`], with the demo in this program.
#[must_use]
pub fn main_with_demo(show: ShowDemo) -> ExitCode {
    cli::main(Some(show))
}

/// Runs a command to its end, in a runtime of its own.
///
/// # Errors
/// Those of the command, and the system's when there can be no runtime.
pub fn block_on(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    cli::block_on(command)
}
