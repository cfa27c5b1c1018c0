//! The notebook's sentences in her language, in logical order: they go to the command line, where pipes and screen
//! readers read too.

use super::{
    book::{NotebookEntry, Original},
    error::NotebookError,
};
use crate::{
    counselor::text::Texts,
    strength::{self, Weakness},
    text::Sanitized,
};

/// One language.
pub(crate) struct Sentences(Texts);

impl Sentences {
    /// The sentences of `language`; English where there are none.
    pub(crate) fn new(language: &str) -> Self {
        Self(match language {
            "fr" => Texts::of(include_str!("../i18n/locales/fr-notebook.ftl"), "fr"),
            "ar" => Texts::of(include_str!("../i18n/locales/ar-notebook.ftl"), "ar"),
            _ => Texts::of(include_str!("../i18n/locales/en-notebook.ftl"), "en"),
        })
    }

    /// A sentence.
    pub(crate) fn say(&self, key: &str) -> String {
        self.0.say(key)
    }

    /// A sentence with variables, which are made harmless.
    pub(crate) fn with(&self, key: &str, variables: &[(&str, &str)]) -> String {
        self.0.with(key, variables)
    }

    /// What went wrong, and what to do next.
    pub(crate) fn error(&self, error: &NotebookError) -> String {
        let path = error.path().map(|path| path.display().to_string());
        let variables = [
            ("path", path.as_deref().unwrap_or_default()),
            ("detail", &error.detail()),
        ];
        let code = error.code();
        let what = match error {
            NotebookError::Weak(weakness) => self.weak(*weakness),
            _ => self.with(&format!("notebook-error-{code}"), &variables),
        };
        let next = self.with(&format!("notebook-advice-{code}"), &variables);
        format!("{what}\n{next}")
    }

    /// Why a new passphrase is not taken.
    fn weak(&self, weakness: Weakness) -> String {
        let why = self.say(&format!("notebook-weak-{}", weakness.code()));
        self.with("notebook-error-weak", &[("why", &why)])
    }

    /// Why a new passphrase is not taken, and one that is.
    pub(crate) fn weak_and_offer(&self, weakness: Weakness) -> String {
        let next = match strength::offered() {
            Some(words) => self.with("notebook-weak-offer", &[("words", &words)]),
            None => self.say("notebook-advice-weak"),
        };
        format!("{}\n{next}", self.weak(weakness))
    }

    /// An entry, without its files.
    pub(crate) fn entry(&self, number: usize, entry: &NotebookEntry) -> String {
        let mut text = self.with("notebook-entry", &[("number", &number.to_string())]);
        text.push('\n');
        let lines = [
            ("notebook-happened", Some(&entry.happened)),
            ("notebook-added", Some(&entry.added)),
            ("notebook-url", entry.url.as_ref()),
            ("notebook-account", entry.account.as_ref()),
        ];
        for (key, value) in lines {
            if let Some(value) = value {
                text.push_str(&format!("  {}\n", self.with(key, &[("value", value)])));
            }
        }
        if let Some(note) = &entry.note {
            text.push_str(&format!("  {}\n", self.say("notebook-note")));
            for line in Sanitized::text(note).split('\n') {
                text.push_str(&format!("    {line}\n"));
            }
        }
        text
    }

    /// A file of an entry, under the name that it has now.
    pub(crate) fn file(&self, name: &str, original: &Original) -> String {
        let sum: String = original.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        let variables = [
            ("name", name),
            ("bytes", &original.length.to_string()),
            ("sum", &sum),
        ];
        format!("  {}\n", self.with("notebook-file", &variables))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_stands_in_every_language_and_its_variables_resolve() {
        let sources = [
            ("en", include_str!("../i18n/locales/en-notebook.ftl")),
            ("fr", include_str!("../i18n/locales/fr-notebook.ftl")),
            ("ar", include_str!("../i18n/locales/ar-notebook.ftl")),
        ];
        let keys = |source: &str| -> Vec<String> {
            let lines = source.lines().filter(|line| line.starts_with("notebook-"));
            lines
                .filter_map(|line| line.split_once(" ="))
                .map(|(key, _)| key.to_owned())
                .collect()
        };
        let english = keys(sources[0].1);
        let variables = [
            "path", "detail", "number", "value", "name", "bytes", "sum", "why", "words",
        ];
        let variables = variables.map(|name| (name, "7"));
        for (language, source) in sources {
            assert_eq!(keys(source), english, "{language}");
            assert!(source.contains("Needs native review."), "{language}");
            let words = Sentences::new(language);
            for key in &english {
                let sentence = words.with(key, &variables);
                assert!(
                    !sentence.contains(['{', '$']) && sentence != *key,
                    "{language} {key}"
                );
            }
        }
    }

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
            let said = Sentences::new("en").error(&error);
            assert!(!said.contains("notebook-"), "{said}");
        }
        for weakness in Weakness::ALL {
            let said = Sentences::new("ar").weak_and_offer(weakness);
            assert!(!said.contains("notebook-"), "{said}");
            // The command line speaks of vaults with the same words.
            let said = Sentences::new("en").weak(weakness);
            assert!(said.ends_with(&weakness.to_string()), "{said}");
        }
    }
}
