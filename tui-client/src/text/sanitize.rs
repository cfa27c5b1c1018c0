//! The one way of a string from outside onto a screen: messages, pseudonyms, names of
//! associations, settings' texts, errors, peer ids, file names.
//!
//! What a terminal would obey is dropped (C0, DEL, C1, and with them every escape sequence: what is left of one is
//! plain letters), so is what a reader cannot see (bidi marks, overrides and isolates, zero-width blanks, tags,
//! fillers). Line ends become `\n`, tabs a blank. Marks on a letter are bounded, a mark without a letter gets a
//! dotted circle to stand on, and a text without an end gets one, with a visible sign. Joiners stay only where
//! a script or an emoji needs them.
//!
//! It decides nothing about meaning: a lookalike letter or a picture drawn in punctuation passes.

use std::{borrow::Borrow, fmt, ops::Deref};

use unicode_width::UnicodeWidthChar;

use crate::composer::MESSAGE_MAX;

/// Most bytes of a sanitized text: a whole message (16 KiB) is never cut, as sanitizing at most doubles it
/// (a line break and a lone mark, 3 bytes, become 6).
pub const TEXT_MAX: usize = 2 * MESSAGE_MAX + 64;
/// Most bytes of a sanitized line: names, paths and sentences of errors are shorter.
pub const LINE_MAX: usize = 1_024;
/// Most marks on one letter: enough for every script, too few to flood the rows above and below.
pub const MARKS_MAX: usize = 8;
/// Most joiners between two blanks: a family of four and a few Persian endings have them, a flood has more.
const JOINERS_MAX: usize = 8;
/// Stands where a text was cut.
pub const CUT: &str = " […]";
/// What a mark without a letter stands on, as Unicode recommends (chapter 5.13).
const DOTTED_CIRCLE: char = '\u{25cc}';

/// Words from outside, without anything that a terminal would obey or a reader could not see.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sanitized(String);

/// Words of others as a string that is safe to print.
pub fn clean(text: &str) -> String {
    Sanitized::text(text).into_string()
}

/// A name from outside as one line that is safe to print.
pub(crate) fn one_line(name: &str) -> String {
    Sanitized::line(name).into_string()
}

impl Sanitized {
    /// A text of any number of lines, at most [`TEXT_MAX`] bytes.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(sanitize(text, TEXT_MAX, None).0)
    }

    /// A single line, at most [`LINE_MAX`] bytes: line breaks become blanks.
    #[must_use]
    pub fn line(text: &str) -> Self {
        let broken = sanitize(text, LINE_MAX, None).0;
        Self(broken.replace('\n', " "))
    }

    /// A text, and where the byte `caret` of the original came to stand in it.
    pub(crate) fn with_caret(text: &str, caret: usize) -> (Self, usize) {
        let (text, caret) = sanitize(text, TEXT_MAX, Some(caret));
        (Self(text), caret)
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The words as an owned string.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for Sanitized {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Sanitized {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Sanitized {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<Sanitized> for String {
    fn from(text: Sanitized) -> Self {
        text.0
    }
}

impl fmt::Display for Sanitized {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Words of a person never reach a log.
impl fmt::Debug for Sanitized {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sanitized({} bytes)", self.0.len())
    }
}

/// What becomes of one character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CharClass {
    /// It has columns of its own.
    Base,
    /// It stands on the character before it.
    Mark,
    /// It says how the one before it looks: as text or as a picture.
    Look,
    /// It holds two characters together or apart.
    Joiner,
    /// It ends a line.
    Break,
    /// It becomes a blank.
    Blank,
    /// It is left out.
    Drop,
}

fn fate(c: char) -> CharClass {
    match c {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => CharClass::Break,
        '\t' => CharClass::Blank,
        '\u{200c}' | '\u{200d}' => CharClass::Joiner,
        '\u{fe0e}' | '\u{fe0f}' => CharClass::Look,
        _ if c.is_control() || unseen(c) => CharClass::Drop,
        _ if c.width() == Some(0) => CharClass::Mark,
        _ => CharClass::Base,
    }
}

/// What is invisible and obeyed by some programs: Unicode's default ignorables, fillers, annotations, deprecated and
/// bidi controls, tags, all but two variation selectors, and code points that are no characters.
const fn unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0d}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || c as u32 & 0xfffe == 0xfffe
}

/// Scripts whose letters a joiner shapes, and the blocks that emoji sequences are made of.
const fn joins(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{2190}'..='\u{2bff}'
        | '\u{2d30}'..='\u{2d7f}' | '\u{1f000}'..='\u{1faff}')
}

/// What is known of the characters written so far.
#[derive(Default)]
struct Written {
    out: String,
    /// The last character with columns of its own on this line.
    base: Option<char>,
    /// Marks on it.
    marks: usize,
    /// Whether the last character written is that base, with nothing on it.
    bare: bool,
    /// A joiner that waits for what it would join.
    joiner: Option<char>,
    /// Joiners since the last blank or line break.
    joiners: usize,
}

impl Written {
    fn put(&mut self, c: char) {
        match fate(c) {
            CharClass::Drop => {}
            CharClass::Break => self.end('\n'),
            CharClass::Blank => self.end(' '),
            CharClass::Joiner => {
                if self.joiner.is_none() && self.joiners < JOINERS_MAX && self.base.is_some_and(joins) {
                    self.joiner = Some(c);
                }
            }
            CharClass::Look => {
                if self.bare {
                    self.joiner = None;
                    self.out.push(c);
                    self.bare = false;
                }
            }
            CharClass::Mark => {
                self.joiner = None;
                if self.base.is_none() {
                    self.base(DOTTED_CIRCLE);
                }
                if self.marks < MARKS_MAX {
                    self.out.push(c);
                    self.marks += 1;
                    self.bare = false;
                }
            }
            CharClass::Base => {
                if let Some(joiner) = self.joiner.take()
                    && joins(c)
                {
                    self.out.push(joiner);
                    self.joiners += 1;
                }
                self.base(c);
                if c.is_whitespace() {
                    self.joiners = 0;
                }
            }
        }
    }

    fn base(&mut self, c: char) {
        self.out.push(c);
        self.base = Some(c);
        self.marks = 0;
        self.bare = true;
    }

    fn end(&mut self, blank: char) {
        self.joiner = None;
        self.joiners = 0;
        self.out.push(blank);
        self.base = (blank == ' ').then_some(' ');
        self.marks = 0;
        self.bare = true;
    }
}

/// Sanitizes `text` within `most` bytes, and gives where its byte `caret` came to stand.
fn sanitize(text: &str, most: usize, caret: Option<usize>) -> (String, usize) {
    let mut written = Written {
        out: String::with_capacity(text.len().min(most)),
        ..Written::default()
    };
    let mut stands = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if stands.is_none() && caret.is_some_and(|caret| at >= caret) {
            stands = Some(written.out.len());
        }
        // A pasted or a Windows line end is one.
        if c == '\r' && characters.peek().is_some_and(|(_, next)| *next == '\n') {
            continue;
        }
        written.put(c);
        if written.out.len() > most {
            let mut out = written.out;
            shorten(&mut out, most);
            let stands = stands.unwrap_or(out.len()).min(out.len());
            return (out, stands);
        }
    }
    let stands = stands.unwrap_or(written.out.len());
    (written.out, stands)
}

/// Cuts to `most` bytes, the sign of the cut included.
fn shorten(out: &mut String, most: usize) {
    let mut end = most.saturating_sub(CUT.len());
    while !out.is_char_boundary(end) {
        end -= 1;
    }
    out.truncate(end);
    // A joiner joins nothing any more.
    while out.ends_with(['\u{200c}', '\u{200d}']) {
        out.pop();
    }
    out.push_str(CUT);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> String {
        Sanitized::text(text).into_string()
    }

    /// What must never come out of [`Sanitized`].
    fn forbidden(c: char) -> bool {
        (c.is_control() && c != '\n') || unseen(c)
    }

    #[test]
    fn what_a_terminal_would_obey_is_gone() {
        let evil = "a\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{9d}8;;x\u{9c}\u{90}q\u{7f}\u{8}b\0";
        assert_eq!(text(evil), "a[2J]0;title31m8;;xqb");
    }

    #[test]
    fn what_a_reader_cannot_see_is_gone() {
        assert_eq!(text("pay\u{200b}pal\u{feff}\u{2060}\u{ad}.ma"), "paypal.ma");
        assert_eq!(
            text("\u{202e}gpj.exe\u{202c}\u{2066}x\u{2069}\u{200f}\u{61c}"),
            "gpj.exex"
        );
        assert_eq!(text("a\u{e0041}\u{e007f}\u{fe01}\u{e0100}b"), "ab");
        assert_eq!(text("x\u{200d}y\u{200c}z"), "xyz");
        assert_eq!(text("\u{3164}\u{ffa0}\u{115f}n"), "n");
    }

    #[test]
    fn every_end_of_a_line_is_one() {
        assert_eq!(
            text("a\r\nb\rc\u{85}d\u{2028}e\u{2029}f\u{b}g\u{c}h\ni"),
            "a\nb\nc\nd\ne\nf\ng\nh\ni"
        );
        assert_eq!(Sanitized::line("a\r\nb\tc\u{2028}d").as_str(), "a b c d");
    }

    #[test]
    fn what_people_write_stays_byte_for_byte() {
        for words in [
            "سَلَامٌ عليكم، كيف دايرة؟ (2026)",
            "wa7d kayhddni 3lach? ﷺ",
            "ⵜⴰⵎⴰⵣⵉⵖⵜ ⵏⵏⵖ",
            "été, œuvre : « oui »\u{a0}!",
            "👩\u{200d}👩\u{200d}👧\u{200d}👦 ❤\u{fe0f}\u{200d}🔥 👍🏽 🇲🇦 1\u{fe0f}\u{20e3}",
            "می\u{200c}خواهم",
            "क्\u{200d}ष e\u{301} 각 각",
            "https://example.org/a?b=1&c=[2]",
            "",
        ] {
            assert_eq!(text(words), words);
        }
    }

    #[test]
    fn floods_are_bounded() {
        assert!(text(&format!("a{}", "\u{301}".repeat(10_000))).chars().count() <= 1 + MARKS_MAX);
        // Not even around what is dropped, nor with looks.
        let sneaky = "\u{301}\u{200b}\u{fe0f}".repeat(10_000);
        assert!(text(&format!("a{sneaky}")).chars().count() <= 2 + MARKS_MAX);
        assert!(text(&"🔥\u{200d}".repeat(10_000)).matches('\u{200d}').count() <= JOINERS_MAX);
        let long = text(&"a".repeat(1 << 20));
        assert!(long.len() <= TEXT_MAX && long.ends_with(CUT));
        let long = Sanitized::line(&"é".repeat(1 << 20));
        assert!(long.len() <= LINE_MAX && long.ends_with(CUT));
    }

    #[test]
    fn the_longest_message_is_never_cut() {
        for unit in [
            "\n\u{301}",
            "\u{301}\n",
            "\r\u{5b0}",
            "م",
            "\u{64e}",
            "👩\u{200d}",
        ] {
            let message = unit.repeat(MESSAGE_MAX / unit.len());
            assert!(!text(&message).ends_with(CUT), "{unit:?}");
        }
    }

    #[test]
    fn a_mark_without_a_letter_gets_something_to_stand_on() {
        assert_eq!(text("\u{64e}"), "◌\u{64e}");
        assert_eq!(text("a\n\u{64e}b"), "a\n◌\u{64e}b");
        assert_eq!(text("a \u{64e}"), "a \u{64e}");
    }

    #[test]
    fn the_caret_goes_where_its_letter_went() {
        let at = |words: &str, caret| Sanitized::with_caret(words, caret).1;
        assert_eq!(at("abc", 1), 1);
        assert_eq!(at("a\u{200b}b", 4), 1);
        assert_eq!(at("abc", 3), 3);
        assert_eq!(at("\u{64e}b", 2), "◌\u{64e}".len());
    }

    #[test]
    fn it_says_nothing_in_a_log() {
        assert_eq!(
            format!("{:?}", Sanitized::text("kayn chi wa7d")),
            "Sanitized(13 bytes)"
        );
    }

    /// Characters that people and attackers like.
    fn characters() -> impl Strategy<Value = char> {
        prop_oneof![
            4 => any::<char>(),
            2 => prop::sample::select(vec![
                '\u{1b}', '\u{9b}', '\r', '\n', '\t', '\0', '\u{7f}', '\u{85}', '\u{200b}', '\u{200c}', '\u{200d}',
                '\u{202e}', '\u{2066}', '\u{2028}', '\u{feff}', '\u{fe0f}', '\u{e0061}', '\u{301}', '\u{64e}', '\u{600}',
                'ل', 'ا', 'a', ' ', '(', '👩', '🏽', '🇲', 'ⵣ', '\u{2d7f}', '\u{1100}', '\u{1161}', '\u{93f}', '◌',
            ]),
            1 => prop::char::range('\u{80}', '\u{9f}'),
            1 => prop::char::range('\u{600}', '\u{6ff}'),
        ]
    }

    proptest! {
        #[test]
        fn nothing_forbidden_passes_and_nothing_changes_twice(
            words in prop::collection::vec(characters(), 0..200).prop_map(String::from_iter),
            repeat in 1_usize..400,
        ) {
            let words = words.repeat(repeat);
            for once in [Sanitized::text(&words), Sanitized::line(&words)] {
                prop_assert!(!once.chars().any(forbidden));
                prop_assert!(once.len() <= 2 * words.len() + 3);
                let lines = once.contains('\n');
                let twice = if lines { Sanitized::text(&once) } else { Sanitized::line(&once) };
                prop_assert!(lines || once.len() > LINE_MAX || once == twice);
                prop_assert_eq!(&Sanitized::text(&once), &once);
            }
            prop_assert!(!Sanitized::line(&words).contains('\n'));
            prop_assert!(Sanitized::line(&words).len() <= LINE_MAX);
        }
    }
}
