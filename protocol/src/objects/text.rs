//! Short texts in signed objects: labels and language codes that are valid when they exist.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Most bytes of a label (a pseudonym, an association's name): fits a line of 80 columns in any script.
pub const LABEL_MAX: usize = 64;
/// Most languages of one counselor.
pub const LANGUAGES_MAX: usize = 8;
/// Shortest and longest language code, in bytes: `fr` to `zgh-Tfng`.
const LANGUAGE_LEN: core::ops::RangeInclusive<usize> = 2..=8;

/// The text is not one that may stand in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct BadText(&'static str);

/// A name that people see: 1 to 64 bytes, trimmed, without control or direction characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

impl Label {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Label {
    type Error = BadText;
    fn try_from(text: String) -> Result<Self, BadText> {
        if text.is_empty() || text.len() > LABEL_MAX {
            return Err(BadText("a name of 1 to 64 bytes"));
        }
        if text.trim() != text {
            return Err(BadText("a name without spaces at its ends"));
        }
        if text.chars().any(|c| c.is_control() || is_direction(c)) {
            return Err(BadText("a name without control characters"));
        }
        Ok(Self(text))
    }
}

impl FromStr for Label {
    type Err = BadText;
    fn from_str(text: &str) -> Result<Self, BadText> {
        Self::try_from(text.to_owned())
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A language code such as `fr`, `ar`, `zgh`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = BadText;
    fn try_from(text: String) -> Result<Self, BadText> {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !LANGUAGE_LEN.contains(&text.len()) || !text.chars().all(good) {
            return Err(BadText("a language code of 2 to 8 letters, such as fr, ar or en"));
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl FromStr for Language {
    type Err = BadText;
    fn from_str(text: &str) -> Result<Self, BadText> {
        Self::try_from(text.to_owned())
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Bidi embeddings, overrides and isolates: they can make a name read as another one.
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
