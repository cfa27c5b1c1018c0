//! The demo's options, and the way to the program that shows it.

use std::{env, io, os::unix::process::CommandExt, path::PathBuf, process::Command};

use anyhow::anyhow;
use clap::Args;

use crate::{
    i18n::{self, Locale},
    text::Strategy,
};

/// The program of the package with the same name.
const PROGRAM: &str = "hamsa-demo";

/// What runs the demo to its end.
pub type ShowDemo = fn(DemoOptions, Strategy) -> anyhow::Result<()>;

/// How the demo is shown.
#[derive(Clone, Debug, Default, Args)]
pub struct DemoOptions {
    /// As a transcript.
    #[arg(long)]
    pub plain: bool,
    /// Play lines from a file; succeeds only if every line arrived in order.
    #[arg(long)]
    pub script: Option<PathBuf>,
    /// Language of the screen: fr, ar or en; without it, the system's (LC_ALL, LC_MESSAGES, LANG), or English.
    #[arg(long, value_parser = i18n::chosen)]
    pub lang: Option<Locale>,
}

impl DemoOptions {
    /// The language of the screen.
    #[must_use]
    pub fn language(&self) -> Locale {
        self.lang.unwrap_or_else(i18n::language)
    }
}

/// Replaces this process by the demo's program, with the same arguments. Prefers the one beside this program to one on
/// the `PATH`. Comes back only with the reason why there is none.
pub(crate) fn start_program() -> anyhow::Error {
    let start = |program: PathBuf| Command::new(program).args(env::args_os().skip(1)).exec();
    let beside = env::current_exe().map(|own| own.with_file_name(PROGRAM));
    let mut error = beside.map_or_else(|error| error, start);
    if error.kind() == io::ErrorKind::NotFound {
        error = start(PROGRAM.into());
    }
    if error.kind() == io::ErrorKind::NotFound {
        return anyhow!(
            "the demo comes with the package {PROGRAM}, which is not installed here: run `cargo run --release -- demo` in the repository"
        );
    }
    anyhow::Error::new(error).context(format!("could not start {PROGRAM}"))
}
