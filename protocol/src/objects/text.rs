//! Short texts in signed objects: labels and language codes. A value that exists is valid.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark, is_nfc};
use unicode_segmentation::UnicodeSegmentation;

/// Most letters of a label (a pseudonym, an association's name), as a person counts them: extended grapheme clusters of
/// UAX 29. Names of real associations in French, Arabic and Tifinagh have up to forty; more fills a row of a terminal.
pub const LABEL_LETTERS_MAX: usize = 48;
/// Most bytes of a label: four for each letter. That is a letter of any script, or a letter of two bytes with its mark.
pub const LABEL_MAX: usize = 192;
/// Most languages of one counselor.
pub const LANGUAGES_MAX: usize = 8;
/// Shortest and longest language code, in bytes: `fr` to `zgh-Tfng`.
const LANGUAGE_LEN: core::ops::RangeInclusive<usize> = 2..=8;

/// The text is not allowed in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// A name that exceeds one of its two limits.
    #[error(
        "expected a name of 1 to {LABEL_LETTERS_MAX} letters and at most {LABEL_MAX} bytes; this one has {letters} letters \
         in {bytes} bytes"
    )]
    Length {
        /// Grapheme clusters of the name.
        letters: usize,
        /// Bytes of the name.
        bytes: usize,
    },
    /// Anything else.
    #[error("expected {0}")]
    Form(&'static str),
}

/// A name that people see: 1 to 48 letters in at most 192 bytes of NFC, trimmed, without invisible characters and
/// without characters that change the direction of the text.
///
/// Text that a person types or writes into a file comes through [`FromStr`], which normalises it. Text of a peer
/// comes through [`TryFrom`], which refuses any other form, so that a name has one encoding.
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
        let (letters, bytes) = (text.graphemes(true).count(), text.len());
        if letters == 0 || letters > LABEL_LETTERS_MAX || bytes > LABEL_MAX {
            return Err(BadText::Length { letters, bytes });
        }
        if text.trim() != text {
            return Err(BadText::Form("a name without spaces at its ends"));
        }
        if text.chars().any(|c| c.is_control() || is_direction(c)) {
            return Err(BadText::Form("a name without control characters"));
        }
        if text.chars().any(|c| is_unseen(c) && !is_joiner(c)) || !joiners_join(&text) {
            return Err(BadText::Form("a name without invisible characters"));
        }
        if text.chars().any(|c| c == char::REPLACEMENT_CHARACTER) {
            return Err(BadText::Form(
                "a name without replacement marks; save its file as UTF-8",
            ));
        }
        if text.chars().next().is_some_and(is_combining_mark) {
            return Err(BadText::Form(
                "a name that begins with a letter and not with a mark",
            ));
        }
        if !is_nfc(&text) {
            return Err(BadText::Form("a name in normalisation form C"));
        }
        Ok(Self(text))
    }
}

impl FromStr for Label {
    type Err = BadText;

    /// A name as a person typed or pasted it. It is normalised to NFC and trimmed. Direction marks and invisible
    /// characters are removed, except joiners between letters.
    fn from_str(text: &str) -> Result<Self, BadText> {
        let seen: String = text
            .chars()
            .filter(|c| is_joiner(*c) || !(is_direction(*c) || is_unseen(*c)))
            .nfc()
            .collect();
        Self::try_from(between_letters(seen.trim()))
    }
}

/// The text without joiners that join nothing.
fn between_letters(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let joins =
            kept.chars().next_back().is_some_and(is_letter) && chars.peek().is_some_and(|c| is_letter(*c));
        if !is_joiner(c) || joins {
            kept.push(c);
        }
    }
    kept
}

fn joiners_join(text: &str) -> bool {
    !text.chars().any(is_joiner) || between_letters(text) == text
}

/// A letter, or a mark on one.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_combining_mark(c)
}

/// Zero-width joiner and non-joiner: Persian, Kabyle in Arabic script and the scripts of India need them inside words.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
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
            return Err(BadText::Form(
                "a language code of 2 to 8 letters, such as fr, ar or en",
            ));
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

/// Bidi marks, embeddings, overrides and isolates: they can make a name read as another one.
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters without width or glyph: the Unicode property Default_Ignorable_Code_Point, line and paragraph
/// separators, annotations, and the empty Braille cell. Two names that differ only in them look the same.
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{00ad}'
            | '\u{034f}'
            | '\u{061c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Label, BadText> {
        Label::try_from(text.to_owned())
    }

    #[test]
    fn names_of_associations_in_three_scripts_fit() {
        for name in [
            "Association Démocratique des Femmes d'ici",
            "الجمعية المغربية لمساعدة النساء ضحايا العنف",
            "ⵜⴰⵎⵙⵙⵓⵏⵜ ⵏ ⵜⵎⵖⴰⵔⵉⵏ ⵉ ⵜⵉⵡⵉⵙⵉ ⴷ ⵓⵎⵙⵜⴰⵏ",
            "می\u{200c}خواهم",
        ] {
            assert!(name.len() <= LABEL_MAX);
            assert_eq!(read(name).map(String::from), Ok(name.to_owned()));
        }
    }

    #[test]
    fn letters_are_counted_as_a_person_counts_them() {
        // A letter with two marks counts as one.
        let marked = "ش\u{064e}\u{0651}".nfc().collect::<String>();
        assert!(read(&marked.repeat(32)).is_ok(), "32 letters in 192 bytes");
        assert!(read(&"é".repeat(48)).is_ok());
        assert_eq!(
            read(&"é".repeat(49)),
            Err(BadText::Length {
                letters: 49,
                bytes: 98
            })
        );
        assert_eq!(
            read(&marked.repeat(33)),
            Err(BadText::Length {
                letters: 33,
                bytes: 198
            })
        );
        let sentence = read(&"é".repeat(49)).unwrap_err().to_string();
        for number in ["48", "192", "49", "98"] {
            assert!(sentence.contains(number), "{sentence}");
        }
        assert_eq!(read(""), Err(BadText::Length { letters: 0, bytes: 0 }));
    }

    #[test]
    fn a_reader_refuses_every_other_form_of_a_name() {
        for bad in [
            " a",
            "a ",
            "a\u{a0}",
            "a\nb",
            "e\u{301}coute",
            "\u{301}a",
            "a\u{200b}b",
            "a\u{feff}b",
            "\u{feff}a",
            "a\u{ad}b",
            "a\u{2066}b\u{2069}",
            "a\u{61c}b",
            "a\u{200d}",
            "\u{200c}a",
            "a \u{200d}b",
            "a\u{200d}\u{200d}b",
            "a\u{fe0f}",
            "\u{fffd}coute",
            "\u{e0041}",
            "a\u{2028}b",
        ] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_a_person_types_is_brought_into_that_form() {
        for (typed, name) in [
            ("\u{feff}E\u{301}coute \r\n", "Écoute"),
            ("\u{200f}أنصت\u{200f}", "أنصت"),
            ("a\u{200d}", "a"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("❤\u{fe0f} Nour", "❤ Nour"),
        ] {
            assert_eq!(typed.parse::<Label>().map(String::from), Ok(name.to_owned()));
        }
        assert!("a\nb".parse::<Label>().is_err(), "two lines are no name");
        assert!(
            "\u{fffd}coute".parse::<Label>().is_err(),
            "misread text is not repaired"
        );
    }

    proptest! {
        #[test]
        fn what_was_typed_is_read_back(typed in "\\PC{0,60}|.{0,40}") {
            if let Ok(label) = typed.parse::<Label>() {
                prop_assert_eq!(read(label.as_str()), Ok(label.clone()));
                prop_assert_eq!(label.as_str().parse::<Label>(), Ok(label));
            }
        }
    }
}
