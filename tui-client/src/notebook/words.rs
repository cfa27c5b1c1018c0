//! The notebook's sentences, in logical order: they go to the command line, where pipes and screen
//! readers read too.

use super::{
    book::{NotebookEntry, Original},
    error::NotebookError,
};
use crate::{
    i18n::{Catalog, Locale, Text, Texts},
    strength::{self, Weakness},
    text::{Sanitized, Strategy},
};

/// The notebook's texts in one language.
pub(crate) struct Sentences(Texts);

impl std::ops::Deref for Sentences {
    type Target = Texts;

    fn deref(&self) -> &Texts {
        &self.0
    }
}

impl Sentences {
    /// The texts of `locale`, for a terminal that draws Arabic in this way.
    pub(crate) fn new(locale: Locale, arabic: Strategy) -> Self {
        Self(Texts::new(Catalog::Notebook, locale).drawn(arabic))
    }

    /// What went wrong, and what to do next.
    pub(crate) fn error(&self, error: &NotebookError) -> String {
        let path = error.path().map(|path| path.display().to_string());
        let variables = [
            ("path", path.as_deref().unwrap_or_default()),
            ("detail", &error.detail()),
        ];
        let coded = |prefix| {
            let text = Text::coded(prefix, error.code());
            text.map_or_else(String::new, |text| self.with(text, &variables))
        };
        let what = match error {
            NotebookError::Weak(weakness) => self.weak(*weakness),
            _ => coded("notebook-error"),
        };
        let next = coded("notebook-advice");
        format!("{what}\n{next}")
    }

    /// Why a new passphrase is not taken.
    fn weak(&self, weakness: Weakness) -> String {
        let why =
            Text::coded("notebook-weak", weakness.code()).map_or_else(String::new, |text| self.say(text));
        self.with(Text::NotebookErrorWeak, &[("why", &why)])
    }

    /// Why a new passphrase is not taken, and one that is.
    pub(crate) fn weak_and_offer(&self, weakness: Weakness) -> String {
        let next = match strength::offered() {
            Some(words) => self.with(Text::NotebookWeakOffer, &[("words", &words)]),
            None => self.say(Text::NotebookAdviceWeak),
        };
        format!("{}\n{next}", self.weak(weakness))
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
            NotebookError::NoTerminal,
            NotebookError::NotText,
            NotebookError::Differ,
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
            // The command line speaks of vaults with the same words.
            let said = Sentences::new(Locale::English, Strategy::Visual).weak(weakness);
            assert!(said.ends_with(&weakness.to_string()), "{said}");
        }
    }
}
