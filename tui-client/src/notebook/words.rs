//! The notebook's sentences, in logical order: they go to the command line, where pipes and screen
//! readers read too.

use super::{
    book::{NotebookEntry, Original},
    error::NotebookError,
};
use crate::{
    console::Console,
    i18n::{Locale, Text},
    text::{Sanitized, Strategy},
};

/// The notebook's texts in one language.
pub(crate) struct Sentences(pub(super) Console);

impl std::ops::Deref for Sentences {
    type Target = Console;

    fn deref(&self) -> &Console {
        &self.0
    }
}

impl Sentences {
    /// The texts of `locale`, for a terminal that draws Arabic in this way.
    pub(crate) fn new(locale: Locale, arabic: Strategy) -> Self {
        Self(Console::new(locale, arabic))
    }

    /// What went wrong, and what to do next.
    pub(crate) fn error(&self, error: &NotebookError) -> String {
        let (what, next) = match error {
            NotebookError::Weak(weakness) => (self.weak(*weakness), self.say(Text::CommandAdviceWeak)),
            NotebookError::Command(error) => self.0.error(error),
            NotebookError::Io { path, source, .. } => self.file_fault(path, source),
            error => {
                let path = error.path().map(|path| path.display().to_string());
                let variables = [("path", path.as_deref().unwrap_or_default())];
                let coded = |prefix| {
                    let text = Text::coded(prefix, error.code());
                    text.map_or_else(String::new, |text| self.with(text, &variables))
                };
                (coded("notebook-error"), coded("notebook-advice"))
            }
        };
        format!("{what}\n{next}")
    }

    /// An entry, without its files.
    pub(crate) fn entry(&self, number: usize, entry: &NotebookEntry) -> String {
        let mut text = self.with(Text::NotebookEntry, &[("number", &number.to_string())]);
        text.push('\n');
        let lines = [
            (Text::NotebookHappened, Some(&entry.happened)),
            (Text::NotebookAdded, Some(&entry.added)),
            (Text::NotebookUrl, entry.url.as_ref()),
            (Text::NotebookAccount, entry.account.as_ref()),
        ];
        for (key, value) in lines {
            if let Some(value) = value {
                text.push_str(&format!("  {}\n", self.with(key, &[("value", value)])));
            }
        }
        if let Some(note) = &entry.note {
            text.push_str(&format!("  {}\n", self.say(Text::NotebookNote)));
            for line in Sanitized::text(note).split('\n') {
                text.push_str(&format!("    {line}\n"));
            }
        }
        text
    }

    /// An entry with its files, under the names that they had.
    pub(crate) fn whole_entry(&self, number: usize, entry: &NotebookEntry) -> String {
        let files = entry
            .originals
            .iter()
            .map(|original| self.file(&original.name, original));
        self.entry(number, entry) + &files.collect::<String>()
    }

    /// A file of an entry, under the name that it has now.
    pub(crate) fn file(&self, name: &str, original: &Original) -> String {
        let sum: String = original.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        let variables = [
            ("name", name),
            ("bytes", &original.length.to_string()),
            ("sum", &sum),
        ];
        format!("  {}\n", self.with(Text::NotebookFile, &variables))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{console::CommandError, strength::Weakness};

    #[test]
    fn every_error_has_its_sentence_and_its_advice() {
        let path = || "x".into();
        let errors = [
            NotebookError::Missing(path()),
            NotebookError::Exists(path()),
            NotebookError::WrongPassphrase,
            NotebookError::NoPassphrase,
            NotebookError::Weak(Weakness::Name),
            NotebookError::Damaged(path()),
            NotebookError::NotANotebook(path()),
            NotebookError::Newer(path()),
            NotebookError::TooLarge(path()),
            NotebookError::NoFile(path()),
            NotebookError::TooLong,
            NotebookError::Nothing,
            NotebookError::Date,
            NotebookError::NotSafe,
            NotebookError::Command(CommandError::Differ),
            NotebookError::BadBag(path()),
            NotebookError::Device,
            NotebookError::io("write", "x".as_ref())(std::io::Error::other("full")),
        ];
        for error in errors {
            let said = Sentences::new(Locale::English, Strategy::Visual).error(&error);
            assert!(!said.contains("notebook-"), "{said}");
        }
        for weakness in Weakness::ALL {
            let said = Sentences::new(Locale::Arabic, Strategy::Visual).weak_and_offer(weakness);
            assert!(!said.contains("notebook-"), "{said}");
        }
    }
}
