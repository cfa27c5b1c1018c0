//! The only entrance for text from outside: files, arguments and typed words of people who use other systems.
//!
//! | function | for |
//! |---|---|
//! | [`decode`] | the bytes of a text file |
//! | [`code`] | text of programs: addresses, requests, certificates, serials, languages |
//! | [`word`] | text of programs that has no blanks inside: addresses of nodes, languages |
//! | [`name`] | text that people compare: pseudonyms, names of associations |
//! | [`prose`] | text that people read: hours, legal texts |
//! | [`digits`] | numbers and dates that a person typed |
//! | [`passphrase`] | text that becomes a key |
//!
//! This module judges no meaning and shortens nothing. Limits belong to the value that is made of a text.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The byte order mark with which files of Windows begin.
const BOM: char = '\u{feff}';
/// The same in UTF-8.
const BOM_UTF8: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Why bytes are not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Another encoding, most often Latin-1 or Windows-1252.
    #[error(
        "line {line}: byte 0x{byte:02x} is not UTF-8; the file has another encoding (such as Latin-1 or \
         Windows-1252), save it as UTF-8"
    )]
    NotUtf8 {
        /// The line, from 1.
        line: usize,
        /// The first invalid byte.
        byte: u8,
    },
    /// UTF-16 with a byte order mark, and damaged.
    #[error("line {line}: the file says that it is UTF-16 and is damaged there; save it as UTF-8")]
    Utf16 {
        /// The line, from 1.
        line: usize,
    },
    /// UTF-32, UTF-16 without a byte order mark, or not text.
    #[error("line {line}: a zero byte; this is not a text file in UTF-8, save it as UTF-8")]
    Zero {
        /// The line, from 1.
        line: usize,
    },
}

/// The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one. Every line end becomes `\n`.
///
/// # Errors
/// [`TextError`] for every other encoding, with the line.
pub fn decode(bytes: &[u8]) -> Result<String, TextError> {
    if let Some(rest) = bytes.strip_prefix(&BOM_UTF8) {
        return utf8(rest);
    }
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(TextError::Zero { line: 1 }),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, TextError> {
    let text = core::str::from_utf8(bytes).map_err(|error| {
        let (good, rest) = bytes.split_at_checked(error.valid_up_to()).unwrap_or_default();
        TextError::NotUtf8 {
            line: 1 + good.iter().filter(|byte| **byte == b'\n').count(),
            byte: rest.first().copied().unwrap_or_default(),
        }
    })?;
    lines(text)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, TextError> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let units = pairs.iter().map(|pair| unit(*pair));
    for c in char::decode_utf16(units) {
        let line = 1 + text.matches('\n').count();
        text.push(c.map_err(|_| TextError::Utf16 { line })?);
    }
    if odd.is_empty() {
        lines(&text)
    } else {
        let line = 1 + text.matches('\n').count();
        Err(TextError::Utf16 { line })
    }
}

/// Ends each line with `\n`, and refuses zero bytes.
fn lines(text: &str) -> Result<String, TextError> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    match text.split('\n').position(|line| line.contains('\0')) {
        Some(at) => Err(TextError::Zero { line: at + 1 }),
        None => Ok(text),
    }
}

/// Text that programs wrote and people copied: without blanks, line breaks and invisible characters. Wide letters
/// and digits of other scripts become ASCII.
#[must_use]
pub fn code(text: &str) -> String {
    let seen = text.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c));
    let compact: String = seen.nfkc().filter(|c| !c.is_whitespace()).collect();
    // A combining mark whose blank was removed joins the letter before it.
    digits(&compact.nfc().collect::<String>())
}

/// As [`code`], of a text that is one word: a host name, a language. Blanks around it and what is invisible are removed;
/// with blanks inside it is none.
#[must_use]
pub fn word(text: &str) -> Option<String> {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let mut words = seen.split_whitespace();
    let word = words.next().unwrap_or_default();
    words.next().is_none().then(|| code(word))
}

/// A name: normalized (NFC), without invisible characters and without blanks at its ends.
#[must_use]
pub fn name(text: &str) -> String {
    prose(text).trim().to_owned()
}

/// Text for people, of any number of lines: normalized (NFC), without invisible characters. Joiners between two
/// visible characters are kept, because scripts and emoji need them.
#[must_use]
pub fn prose(text: &str) -> String {
    let marks = text.chars().filter(|c| is_joiner(*c) || !is_invisible(*c));
    let text: String = marks.nfc().collect();
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let stands = |c: Option<char>| c.is_some_and(joins);
        if !is_joiner(c) || (stands(out.chars().next_back()) && stands(rest.peek().copied())) {
            out.push(c);
        }
    }
    out
}

/// Whether a joiner beside this character can have a meaning: in every script that has joiners, and in emoji.
fn joins(c: char) -> bool {
    !c.is_ascii() && !c.is_whitespace() && !is_invisible(c)
}

/// Arabic-Indic, extended Arabic-Indic and wide digits become ASCII digits. Everything else is unchanged.
#[must_use]
pub fn digits(text: &str) -> String {
    text.chars().map(digit).collect()
}

/// The digit as ASCII. Every other character is unchanged.
#[must_use]
pub fn digit(c: char) -> char {
    let zero = match c {
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        _ => return c,
    };
    let value = u32::from(c) - u32::from(zero);
    char::from_digit(value, 10).unwrap_or(c)
}

/// A number or a date that a person typed: ASCII digits, without invisible characters and without blanks at its
/// ends.
#[must_use]
pub fn typed_number(text: &str) -> String {
    let seen = text.chars().filter(|c| !is_invisible(*c)).map(digit);
    seen.collect::<String>().trim().to_owned()
}

/// A passphrase as it becomes a key (RFC 8265, OpaqueString): normalized (NFC), every blank a space, without
/// invisible characters and line ends. Capital letters and blanks count.
#[must_use]
pub fn passphrase(text: &str) -> Zeroizing<String> {
    let seen = text.chars().filter(|c| !is_invisible(*c) && !is_line_end(*c));
    let spaces = seen.map(|c| if c.is_whitespace() { ' ' } else { c });
    // Reserve the full size: text that grows would leave copies behind. NFC makes a text at most three times as
    // long (UAX 15, maximum expansion factors).
    let mut out = Zeroizing::new(String::with_capacity(3 * text.len()));
    out.extend(spaces.nfc());
    out
}

/// The passphrase of a file: its first line.
///
/// # Errors
/// [`TextError`].
pub fn passphrase_file(bytes: &[u8]) -> Result<Zeroizing<String>, TextError> {
    let text = Zeroizing::new(decode(bytes)?);
    Ok(passphrase(text.lines().next().unwrap_or_default()))
}

const fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Invisible characters that other systems put into texts: byte order and direction marks, zero-width blanks and
/// joiners, soft hyphens, fillers, tags.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    matches!(c,
        BOM
        | '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
        | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One text in the forms in which other systems send it.
    fn forms(text: &str) -> Vec<Vec<u8>> {
        let unit = |order: fn(u16) -> [u8; 2], mark: [u8; 2]| {
            let units = text.encode_utf16().flat_map(order);
            mark.into_iter().chain(units).collect::<Vec<u8>>()
        };
        vec![
            text.into(),
            [&BOM_UTF8, text.as_bytes()].concat(),
            text.replace('\n', "\r\n").into(),
            text.replace('\n', "\r").into(),
            unit(u16::to_le_bytes, [0xff, 0xfe]),
            unit(u16::to_be_bytes, [0xfe, 0xff]),
        ]
    }

    #[test]
    fn every_form_of_a_file_is_one_text() {
        let text = "name = \"Écoute\"\nسلام 👩‍👧\n";
        for form in forms(text) {
            assert_eq!(decode(&form).as_deref(), Ok(text), "{form:?}");
        }
        assert_eq!(decode(b"").as_deref(), Ok(""));
    }

    #[test]
    fn other_encodings_are_refused_with_their_line() {
        let latin = decode(b"a\nb\nhours = \"d\xe9j\xe0\"\n");
        assert_eq!(latin, Err(TextError::NotUtf8 { line: 3, byte: 0xe9 }));
        assert_eq!(decode(b"\xff\xfe\0"), Err(TextError::Utf16 { line: 1 }));
        // Half of a surrogate pair in the second line.
        let torn = decode(b"\xff\xfea\0\n\0\0\xd8a\0");
        assert_eq!(torn, Err(TextError::Utf16 { line: 2 }));
        assert_eq!(decode(b"a\0b\0"), Err(TextError::Zero { line: 1 }));
        assert_eq!(decode(b"a\n\0"), Err(TextError::Zero { line: 2 }));
        assert_eq!(decode(b"\xff\xfe\0\0a\0\0\0"), Err(TextError::Zero { line: 1 }));
        let said = decode(b"\xe9").unwrap_err().to_string();
        assert!(
            said.contains("line 1") && said.contains("save it as UTF-8"),
            "{said}"
        );
    }

    #[test]
    fn a_code_has_no_blanks_no_marks_and_ascii_digits() {
        let carried =
            "\u{feff}\u{200f}\u{202a}hamsa:\u{200b}1:\r\n A\u{ad}B\u{2066}C\u{2069}\u{a0}٢٣\u{202c}７：\n";
        assert_eq!(code(carried), "hamsa:1:ABC237:");
        assert_eq!(code("ｆｒ"), "fr");
    }

    #[test]
    fn a_word_has_no_blanks_inside() {
        for text in ["fr", " \u{feff}fr\r\n", "f\u{200b}r", "ｆｒ"] {
            assert_eq!(word(text).as_deref(), Some("fr"), "{text:?}");
        }
        for text in ["fr ar", "fr\u{a0}ar", "f\nr"] {
            assert_eq!(word(text), None, "{text:?}");
        }
        assert_eq!(word("").as_deref(), Some(""));
    }

    #[test]
    fn names_are_composed_and_joiners_stay_where_they_join() {
        assert_eq!(name(" \u{feff}E\u{301}coute\u{200f} \r"), "Écoute");
        assert_eq!(name("می\u{200c}خواهم"), "می\u{200c}خواهم");
        assert_eq!(name("\u{200d}No\u{200c}ur\u{200d}"), "Nour");
        assert_eq!(prose("👩\u{200d}👧\r\n\u{202b}نعم"), "👩\u{200d}👧\nنعم");
    }

    #[test]
    fn numbers_of_every_keyboard_are_numbers() {
        assert_eq!(typed_number(" \u{200f}٢٠٢٦-۱۱-２５\u{200e} "), "2026-11-25");
        assert_eq!(digits("a٣b"), "a3b");
    }

    #[test]
    fn a_passphrase_is_one_on_every_keyboard() {
        let composed = passphrase("léna a été là");
        assert_eq!(
            passphrase("\u{feff}le\u{301}na a\u{a0}e\u{301}te\u{301} la\u{300}\r\n"),
            composed
        );
        assert_ne!(passphrase("Léna a été là"), composed);
        assert_ne!(passphrase("léna  a été là"), composed);
        assert_eq!(*passphrase(" a "), " a ");
        let file = passphrase_file("\u{feff}le\u{301}na\r\nnot this\r\n".as_bytes());
        assert_eq!(file, Ok(passphrase("léna")));
        assert_eq!(
            passphrase_file(b"\xe9\n"),
            Err(TextError::NotUtf8 { line: 1, byte: 0xe9 })
        );
        assert_eq!(passphrase_file(b""), Ok(passphrase("")));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_went_through_the_door_goes_through_it_unchanged(text in "\\PC*") {
            let once = prose(&text);
            prop_assert_eq!(prose(&once), once.clone());
            let once = code(&text);
            prop_assert_eq!(code(&once), once.clone());
            let once = passphrase(&text);
            prop_assert_eq!(passphrase(&once), once.clone());
            for form in forms(&text) {
                prop_assert_eq!(decode(&form).map(|text| name(&text)), Ok(name(&text)));
            }
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            if let Ok(text) = decode(&bytes) {
                prop_assert!(!text.contains(['\r', '\0']));
            }
        }
    }
}
