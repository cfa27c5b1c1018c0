//! What the commands say and ask before there is a face, in the person's language: sentences of the locale files, drawn
//! as this terminal needs it. A pipe gets them in logical order, for screen readers.

mod error;

use std::{
    io::{self, ErrorKind, IsTerminal, Write},
    path::Path,
};

use hamsa_client::vault::VaultError;
use hamsa_protocol::text::{self, TextError};
use hamsa_system::{output, read};
use zeroize::Zeroizing;

pub(crate) use error::CommandError;

use crate::{
    i18n::{Catalog, Locale, Text, Texts},
    input::prompt,
    strength::{self, Weakness},
    text::{Sanitized, Strategy},
};

/// Most bytes of a file whose first line is a passphrase.
const PASSPHRASE_FILE_MAX: u64 = 64 * 1_024;

/// The texts of the commands in one language.
pub(crate) struct Console(Texts);

impl std::ops::Deref for Console {
    type Target = Texts;

    fn deref(&self) -> &Texts {
        &self.0
    }
}

impl Console {
    /// The texts of `locale`, for a terminal that draws Arabic in this way.
    pub(crate) fn new(locale: Locale, arabic: Strategy) -> Self {
        Self(Texts::new(Catalog::Commands, locale).drawn(arabic))
    }

    /// What a command has done. A pipe that closed early has read what it wanted.
    pub(crate) fn tell(&self, said: &str) {
        output::mind_letters(said);
        let _ = io::stdout().write_all(self.shown(said, io::stdout().is_terminal()).as_bytes());
    }

    /// What went wrong.
    pub(crate) fn complain(&self, said: &str) {
        let said = self.shown(said, io::stderr().is_terminal());
        output::complain(said.trim_end_matches('\n'));
    }

    /// Why a command failed, and what to do next. What nobody expected has a line for whoever helps.
    pub(crate) fn failed(&self, error: &CommandError) {
        if matches!(error, CommandError::Said) {
            return;
        }
        let stopped = match error {
            CommandError::Stopped(error) => {
                Some(format!("hamsa: {}", Sanitized::text(&format!("{error:#}"))))
            }
            _ => None,
        };
        // In English that line says it all.
        if stopped.is_none() || self.locale() != Locale::English {
            let (what, next) = self.error(error);
            self.complain(&format!("{what}\n{next}"));
        }
        if let Some(line) = stopped {
            output::complain(&line);
        }
    }

    /// What happened, and what to do next.
    pub(crate) fn error(&self, error: &CommandError) -> (String, String) {
        let path = error.path().map(|path| path.display().to_string());
        let path = path.as_deref().unwrap_or_default();
        let mut variables = vec![("path", path)];
        let (mut number, mut why) = (String::new(), String::new());
        match error {
            CommandError::File(_, source) => number = code(source),
            CommandError::Vault(VaultError::Io { source, .. }) => number = code(source),
            CommandError::FileText(_, error) => number = line_of(*error).to_string(),
            CommandError::Weak(_, weakness) => why = self.why_weak(*weakness),
            _ => {}
        }
        variables.extend([("number", number.as_str()), ("line", &number), ("why", &why)]);
        let (what, next) = self.keyed(error.keys(), &variables);
        // These sentences are about what stands in a file.
        let inside = matches!(error, CommandError::Address(_, Some(_)) | CommandError::Weak(..));
        if inside {
            let variables = [("path", path), ("what", what.as_str())];
            return (self.with(Text::CommandIn, &variables), next);
        }
        (what, next)
    }

    /// What the system said about a file, and what to do next.
    pub(crate) fn file_fault(&self, path: &Path, source: &io::Error) -> (String, String) {
        let variables = [("path", path.display().to_string()), ("number", code(source))];
        let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.keyed(error::file_keys(source), &variables)
    }

    fn keyed(
        &self,
        (prefix, what, next): (&str, &str, &str),
        variables: &[(&str, &str)],
    ) -> (String, String) {
        let said = |prefix: &str, code: &str| {
            Text::coded(prefix, code).map_or_else(String::new, |text| self.with(text, variables))
        };
        (said(prefix, what), said("command-advice", next))
    }

    fn why_weak(&self, weakness: Weakness) -> String {
        Text::coded("notebook-weak", weakness.code()).map_or_else(String::new, |text| self.say(text))
    }

    /// Why a new passphrase is not taken.
    pub(crate) fn weak(&self, weakness: Weakness) -> String {
        self.with(Text::CommandErrorWeak, &[("why", &self.why_weak(weakness))])
    }

    /// Why a new passphrase is not taken, and one that is.
    pub(crate) fn weak_and_offer(&self, weakness: Weakness) -> String {
        let next = match strength::offered() {
            Some(words) => self.with(Text::CommandWeakOffer, &[("words", &words)]),
            None => self.say(Text::CommandAdviceWeak),
        };
        format!("{}\n{next}", self.weak(weakness))
    }

    /// One line that is typed; none when it is empty.
    pub(crate) fn ask(&self, question: Text) -> Result<Option<String>, CommandError> {
        let line = match prompt::line(&self.asked(question)) {
            Ok(line) => line,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(unasked(&error)),
        };
        let line = line.trim();
        Ok((!line.is_empty()).then(|| line.to_owned()))
    }

    /// The passphrase, from a file or from the person; typed twice when it is a new one.
    pub(crate) fn passphrase(
        &self,
        file: Option<&Path>,
        new: bool,
    ) -> Result<Zeroizing<String>, CommandError> {
        if let Some(path) = file {
            let bytes = read::given(path, PASSPHRASE_FILE_MAX).map_err(CommandError::file(path))?;
            let passphrase = text::passphrase_file(&Zeroizing::new(bytes))
                .map_err(|error| CommandError::FileText(path.to_owned(), error))?;
            // An empty one is said to be that.
            let weakness = strength::weakness(&passphrase).filter(|_| new && !passphrase.is_empty());
            return match weakness {
                Some(weakness) => Err(CommandError::Weak(path.to_owned(), weakness)),
                None => Ok(passphrase),
            };
        }
        if !io::stdin().is_terminal() {
            return Err(CommandError::NoTerminal);
        }
        let ask = |question| prompt::secret(&self.asked(question)).map_err(|error| unasked(&error));
        let mut first = ask(Text::CommandPassphrase)?;
        while new && let Some(weakness) = strength::weakness(&first) {
            self.complain(&self.weak_and_offer(weakness));
            first = ask(Text::CommandPassphrase)?;
        }
        if new && *ask(Text::CommandPassphraseAgain)? != *first {
            return Err(CommandError::Differ);
        }
        Ok(first)
    }

    /// A question, with room for the answer. The answer is typed after it, so it stays at the left.
    fn asked(&self, question: Text) -> String {
        format!("{} ", self.visual(&self.say(question)))
    }

    /// Whole lines as a terminal shows them: folded, and Arabic in this run's way. A pipe gets them as they are.
    pub(crate) fn shown(&self, text: &str, terminal: bool) -> String {
        let text = text.trim_end_matches('\n');
        if !terminal {
            return format!("{text}\n");
        }
        let columns = crossterm::terminal::size().map_or(80, |(columns, _)| columns);
        text.split('\n')
            .flat_map(|line| self.fold(line, columns))
            .map(|row| row.padded(usize::from(columns)) + "\n")
            .collect()
    }
}

/// The system's number of an error, for whoever helps.
fn code(source: &io::Error) -> String {
    source.raw_os_error().unwrap_or_default().to_string()
}

/// The line in which a file is no text.
const fn line_of(error: TextError) -> usize {
    match error {
        TextError::NotUtf8 { line, .. } | TextError::Utf16 { line } | TextError::Zero { line } => line,
    }
}

/// Why there is no answer.
fn unasked(error: &io::Error) -> CommandError {
    match error.kind() {
        ErrorKind::InvalidData => CommandError::NotText,
        ErrorKind::UnexpectedEof => CommandError::NotTyped,
        _ => CommandError::NoTerminal,
    }
}

#[cfg(test)]
mod tests {
    use hamsa_protocol::objects::{FileError, ObjectError, address::AddressError};

    use super::*;

    /// One of each.
    fn errors() -> Vec<CommandError> {
        let path = || "x".into();
        let file = |kind: ErrorKind| CommandError::File(path(), kind.into());
        let vault = [
            VaultError::Missing { path: path() },
            VaultError::WrongPassphrase,
            VaultError::NoPassphrase,
            VaultError::Damaged { path: path() },
            VaultError::NotAVault { path: path() },
            VaultError::NewerFormat {
                path: path(),
                version: 9,
            },
            VaultError::OlderFormat {
                path: path(),
                version: 1,
            },
            VaultError::Exists { path: path() },
            VaultError::InUse { path: path() },
            VaultError::Replaced { path: path() },
            VaultError::NoCertificate,
            VaultError::NotYours,
            VaultError::Expired,
            VaultError::NotYet,
            VaultError::CertificateFile(FileError::Damaged),
            VaultError::Object(ObjectError::Expired("x")),
            VaultError::Device("x"),
            VaultError::Io {
                action: "read",
                path: path(),
                source: ErrorKind::IsADirectory.into(),
            },
        ];
        let address = [
            AddressError::Prefix,
            AddressError::WordsBefore,
            AddressError::Version,
            AddressError::Damaged,
            AddressError::Content,
            AddressError::Exchanged,
        ];
        let files = [
            ErrorKind::NotFound,
            ErrorKind::NotADirectory,
            ErrorKind::IsADirectory,
            ErrorKind::InvalidInput,
            ErrorKind::FileTooLarge,
            ErrorKind::TimedOut,
            ErrorKind::PermissionDenied,
            ErrorKind::StorageFull,
            ErrorKind::QuotaExceeded,
            ErrorKind::ReadOnlyFilesystem,
            ErrorKind::Other,
        ];
        let mut all = vec![
            CommandError::NoAddress("x".to_owned()),
            CommandError::FileText(path(), TextError::Zero { line: 7 }),
            CommandError::NoScreen,
            CommandError::Dumb,
            CommandError::NoTerminal,
            CommandError::NotTyped,
            CommandError::NotText,
            CommandError::JsonAsksNobody,
            CommandError::Differ,
            CommandError::Weak(path(), Weakness::Name),
            CommandError::OutIsVault,
            CommandError::OutIsPassphrase,
            CommandError::OutIsOther(path()),
            CommandError::OutOfAnotherVault(path()),
            CommandError::Stopped(anyhow::anyhow!("x")),
        ];
        all.extend(vault.map(CommandError::Vault));
        all.extend(address.map(|error| CommandError::Address(error, Some(path()))));
        all.extend(files.map(file));
        all
    }

    #[test]
    fn every_error_is_said_in_every_language() {
        let english = Console::new(Locale::English, Strategy::Off);
        for error in errors() {
            let (what, next) = english.error(&error);
            assert!(!what.is_empty() && !next.is_empty(), "{error:?}");
            for locale in [Locale::French, Locale::Arabic, Locale::Tamazight] {
                let said = Console::new(locale, Strategy::Off).error(&error);
                assert!(said.0 != what && said.1 != next, "{error:?}: {said:?}");
                let said = format!("{} {}", said.0, said.1);
                assert!(!said.contains(['{', '$']) && !said.contains("command-"), "{said}");
                let about = error.path().is_none_or(|_| said.contains('x'));
                assert!(about, "{said}");
            }
        }
    }

    #[test]
    fn the_system_s_own_text_is_not_shown() {
        for number in 1..134 {
            let source = io::Error::from_raw_os_error(number);
            let said = Console::new(Locale::French, Strategy::Off).file_fault("x".as_ref(), &source);
            let whole = format!("{} {}", said.0, said.1);
            assert!(!whole.contains("os error"), "{whole}");
        }
    }
}
