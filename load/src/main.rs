//! `hamsa-load`: measures the real programs beside what a user would pick instead.
//!
//! Standard output is JSON, one object for each scenario. The exit status is not 0 when it measured something else than
//! it says; standard error has the sentence.

use std::process::ExitCode;

use clap::Parser;
use hamsa_load::{Cli, run};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hamsa-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}
