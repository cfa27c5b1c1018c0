//! `hamsa notebook`: what is asked, in which order. Before anything is written it is asked whether it is safe to keep
//! it here; only an explicit yes goes on.

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Subcommand};
use hamsa_client::sealed::file::look;
use hamsa_system::output;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::{bag, book::NotebookEntry, date, error::NotebookError, keep, words::Sentences};
use crate::{
    console::Console,
    i18n::{self, Locale, Text},
    input::prompt,
};

/// A notebook of what happened, on this device only, under a passphrase.
#[derive(Debug, Args)]
pub(crate) struct NotebookArgs {
    #[command(subcommand)]
    command: NotebookCommand,
    /// Language: fr, ar or en; without it, the system's (LC_ALL, LC_MESSAGES, LANG), or English.
    #[arg(long, global = true, value_parser = i18n::chosen)]
    pub(crate) lang: Option<Locale>,
}

#[derive(Debug, Subcommand)]
enum NotebookCommand {
    /// Make an empty notebook.
    New {
        #[command(flatten)]
        place: NotebookFile,
        #[command(flatten)]
        safe: Safe,
    },
    /// Write something down, with files as they are. What you type after the command stays in the shell's history:
    /// leave it out, and you are asked.
    Add {
        #[command(flatten)]
        place: NotebookFile,
        #[command(flatten)]
        safe: Safe,
        /// Where it can be seen.
        #[arg(long)]
        url: Option<String>,
        /// Whose account it was.
        #[arg(long)]
        account: Option<String>,
        /// What happened, in your words.
        #[arg(long)]
        note: Option<String>,
        /// When: 2026-11-25, or 2026-11-25T18:30 in this device's time zone, or with +01:00. Without it, now.
        #[arg(long)]
        date: Option<String>,
        /// Pictures, pages, messages: kept byte for byte; the files themselves stay where they are.
        originals: Vec<PathBuf>,
    },
    /// Read what is in it.
    List {
        #[command(flatten)]
        place: NotebookFile,
    },
    /// Copy everything into an open folder (BagIt), for somebody who helps you.
    Export {
        #[command(flatten)]
        place: NotebookFile,
        #[command(flatten)]
        safe: Safe,
        /// A folder that does not exist yet.
        #[arg(long)]
        to: PathBuf,
    },
}

#[derive(Debug, Args)]
struct NotebookFile {
    /// The notebook's file.
    #[arg(long)]
    file: PathBuf,
    /// A file whose first line is the passphrase; without it you are asked.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Safe {
    /// You have thought about it: it is safe to keep this on this device.
    #[arg(long = "yes-it-is-safe-here")]
    yes: bool,
}

/// Does what was asked. Exit status: 0 done, 1 not done, with the reason.
pub(crate) fn main(notebook: NotebookArgs, console: Console) -> ExitCode {
    let words = Sentences(console);
    let done = act(notebook.command, &words);
    prompt::release();
    match done {
        Ok(said) => {
            words.tell(&said);
            ExitCode::SUCCESS
        }
        Err(error) => {
            words.complain(&words.error(&error));
            ExitCode::FAILURE
        }
    }
}

/// Gives what to say.
fn act(command: NotebookCommand, words: &Sentences) -> Result<String, NotebookError> {
    match command {
        NotebookCommand::New { place, safe } => {
            keep::absent(&place.file)?;
            is_safe(&safe, words, Text::NotebookSafe)?;
            let passphrase = passphrase(&place, words, true)?;
            keep::create(&place.file, &passphrase)?;
            let path = place.file.display().to_string();
            Ok(words.with(Text::NotebookMade, &[("path", &path)]) + "\n")
        }
        NotebookCommand::Add {
            place,
            safe,
            url,
            account,
            note,
            date,
            originals,
        } => {
            let typed = Typed {
                url,
                account,
                note,
                date,
                originals,
            };
            add(&place, &safe, typed, words)
        }
        NotebookCommand::List { place } => {
            look(&place.file)?;
            let passphrase = passphrase(&place, words, false)?;
            let (_, book) = keep::open(&place.file, &passphrase)?;
            if book.entries().is_empty() {
                return Ok(words.say(Text::NotebookEmpty) + "\n");
            }
            let mut said = String::new();
            for (at, entry) in book.entries().iter().enumerate() {
                said += &(words.whole_entry(at + 1, entry) + "\n");
            }
            Ok(said)
        }
        NotebookCommand::Export { place, safe, to } => {
            look(&place.file)?;
            keep::absent(&to)?;
            is_safe(&safe, words, Text::NotebookSafeOpen)?;
            let passphrase = passphrase(&place, words, false)?;
            let (_, book) = keep::open(&place.file, &passphrase)?;
            let day = Timestamp::now()
                .to_zoned_datetime(date::zone())
                .date()
                .to_string();
            bag::export(&book, &to, words, &day)?;
            let path = to.display().to_string();
            Ok(words.with(Text::NotebookExported, &[("path", &path)])
                + "\n"
                + &words.say(Text::NotebookLawyer)
                + "\n")
        }
    }
}

fn add(
    place: &NotebookFile,
    safe: &Safe,
    mut typed: Typed,
    words: &Sentences,
) -> Result<String, NotebookError> {
    look(&place.file)?;
    let given = typed.anything();
    if !given && !io::stdin().is_terminal() {
        return Err(NotebookError::Nothing);
    }
    is_safe(safe, words, Text::NotebookSafe)?;
    if !given {
        typed.ask(words)?;
    }
    let zone = date::zone();
    let now = date::moment(Timestamp::now(), &zone);
    let happened = match &typed.date {
        Some(date) => date::parse(date, &zone)?,
        None => now.clone(),
    };
    let entry = NotebookEntry {
        happened,
        added: now,
        url: typed.url,
        account: typed.account,
        note: typed.note,
        originals: Vec::new(),
    };
    let passphrase = passphrase(place, words, false)?;
    let number = keep::add(&place.file, &passphrase, entry, &typed.originals, &zone)?;
    Ok(words.with(Text::NotebookKept, &[("number", &number.to_string())]) + "\n")
}

/// What is told about an entry.
struct Typed {
    url: Option<String>,
    account: Option<String>,
    note: Option<String>,
    date: Option<String>,
    originals: Vec<PathBuf>,
}

impl Typed {
    /// Whether more than a date is told.
    const fn anything(&self) -> bool {
        let words = self.url.is_some() || self.account.is_some() || self.note.is_some();
        words || !self.originals.is_empty()
    }

    /// Asks for each part; each may be skipped, not all of them.
    fn ask(&mut self, words: &Sentences) -> Result<(), NotebookError> {
        self.url = words.ask(Text::NotebookAskUrl)?;
        self.account = words.ask(Text::NotebookAskAccount)?;
        if self.date.is_none() {
            self.date = words.ask(Text::NotebookAskDate)?;
        }
        self.note = words.ask(Text::NotebookAskNote)?;
        while let Some(path) = words.ask(Text::NotebookAskFile)? {
            // Terminals put quotes round a path that is dropped on them.
            self.originals.push(path.trim_matches(['\'', '"']).into());
        }
        if self.anything() {
            Ok(())
        } else {
            Err(NotebookError::Nothing)
        }
    }
}

/// Asks whether it is safe; nothing but a yes is one.
fn is_safe(safe: &Safe, words: &Sentences, question: Text) -> Result<(), NotebookError> {
    if safe.yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(NotebookError::NotSafe);
    }
    let _ = output::say(&words.shown(&words.say(question), true));
    let answer = words.ask(Text::NotebookSafeQuestion)?;
    if answer.is_some_and(|answer| i18n::is_yes(&answer)) {
        Ok(())
    } else {
        Err(NotebookError::NotSafe)
    }
}

fn passphrase(
    place: &NotebookFile,
    words: &Sentences,
    new: bool,
) -> Result<Zeroizing<String>, NotebookError> {
    Ok(words.passphrase(place.passphrase_file.as_deref(), new)?)
}
