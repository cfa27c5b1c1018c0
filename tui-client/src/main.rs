//! `hamsa`: the terminal client of a seeker and of a counselor, and the demo.

mod cli;
mod counselor;
mod demo;
mod json;
mod terminal;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
