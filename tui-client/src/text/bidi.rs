//! One paragraph as cells: what is drawn, how wide it is, and where the eye expects it.
//!
//! The Unicode bidi algorithm (UAX 9, by `unicode-bidi`) gives levels; Arabic letters are joined by `ar-reshaper`
//! with harakat kept and without ligatures, so that lam and alef stay the two columns they were measured as; rows
//! are turned grapheme by grapheme, so that a mark stays on its letter, and brackets are mirrored. A link, an
//! @account, a #tag, a +number, a date or a key such as ^X is one left-to-right word, as people expect to read and copy it.

use std::{borrow::Cow, ops::Range, sync::LazyLock};

use ar_reshaper::{ArabicReshaper, ReshaperConfig};
use unicode_bidi::{BidiClass, Direction, Level, ParagraphBidiInfo, bidi_class, get_base_direction};
use unicode_segmentation::UnicodeSegmentation;

use super::{mirror::mirrored, strategy::Strategy, width::columns};

/// Stands for a grapheme that is wider than its row.
const TOO_WIDE: &str = "…";

/// One grapheme.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    /// Where it began in the paragraph, in bytes.
    pub(super) source: usize,
    /// Columns.
    pub(super) columns: usize,
    /// Whether a row may end here.
    pub(super) blank: bool,
    /// Where it is in [`Paragraph::shown`].
    shown: Range<usize>,
    level: Level,
    /// A letter that runs from right to left.
    letter: bool,
}

/// What stands between two line breaks.
#[derive(Debug)]
pub(super) struct Paragraph {
    /// The graphemes in logical order.
    pub(super) cells: Vec<Glyph>,
    /// Whether it begins at the right.
    pub(super) rtl: bool,
    shown: String,
    level: Level,
    strategy: Strategy,
}

impl Paragraph {
    /// Cuts `line` into cells, none of them wider than `most` columns. Without a letter of any direction it goes
    /// where `before` went.
    pub(super) fn new(line: &str, most: usize, before: bool, strategy: Strategy) -> Self {
        let (levels, level) = levels(line, before);
        let shaped = match strategy {
            Strategy::Visual if levels.is_some() => Cow::Owned(shape(line)),
            _ => Cow::Borrowed(line),
        };
        let mut paragraph = Self {
            cells: Vec::new(),
            rtl: level.is_rtl(),
            shown: String::with_capacity(shaped.len()),
            level,
            strategy,
        };
        let mut rest = shaped.as_ref();
        for (source, grapheme) in line.grapheme_indices(true) {
            // Shaping changes letters one for one, so the same number of characters is the same grapheme.
            let characters = grapheme.chars().count();
            let end = rest
                .char_indices()
                .nth(characters)
                .map_or(rest.len(), |(at, _)| at);
            let (shown, left) = rest.split_at_checked(end).unwrap_or((rest, ""));
            rest = left;
            let shown = if columns(shown) > most { TOO_WIDE } else { shown };
            let from = paragraph.shown.len();
            paragraph.shown.push_str(shown);
            let first = grapheme.chars().next().unwrap_or(' ');
            paragraph.cells.push(Glyph {
                source,
                columns: columns(shown),
                // A blank that must not be broken at holds French quotes and units together.
                blank: first.is_whitespace() && !matches!(first, '\u{a0}' | '\u{2007}' | '\u{202f}'),
                shown: from..paragraph.shown.len(),
                level: levels
                    .as_ref()
                    .and_then(|levels| levels.get(source).copied())
                    .unwrap_or(level),
                letter: matches!(bidi_class(first), BidiClass::R | BidiClass::AL),
            });
        }
        paragraph
    }

    /// The row that these cells make, as it is sent to the terminal.
    pub(super) fn row(&self, cells: Range<usize>) -> String {
        let mut order = self.order(&cells);
        if self.strategy == Strategy::Words {
            self.turn_words_back(&mut order);
        }
        let mut row = String::new();
        for (at, level) in order {
            let Some(shown) = self.shown(at) else { continue };
            if self.strategy.reorders() && level.is_rtl() {
                row.extend(mirrored(shown));
            } else {
                row.push_str(shown);
            }
        }
        row
    }

    /// The column where the caret stands in the row of `cells` when it is before the cell `at`: on that cell, or
    /// after the last one, on the side to which that one's script runs. May be one left of the row.
    pub(super) fn caret(&self, cells: Range<usize>, at: usize) -> isize {
        let order = self.order(&cells);
        let after = !cells.contains(&at);
        let target = if after { cells.end.saturating_sub(1) } else { at };
        let mut left = 0;
        for (cell, level) in order {
            let columns = self.cells.get(cell).map_or(0, |cell| cell.columns);
            if cell == target {
                let left = isize::try_from(left).unwrap_or(isize::MAX);
                let columns = isize::try_from(columns).unwrap_or(isize::MAX);
                return match (after, self.strategy.reorders() && level.is_rtl()) {
                    (false, _) => left,
                    (true, true) => left - 1,
                    (true, false) => left.saturating_add(columns),
                };
            }
            left += columns;
        }
        0
    }

    fn shown(&self, at: usize) -> Option<&str> {
        self.shown.get(self.cells.get(at)?.shown.clone())
    }

    /// The cells from left to right, each with its level in this row.
    fn order(&self, cells: &Range<usize>) -> Vec<(usize, Level)> {
        let mut levels: Vec<Level> = self
            .cells
            .get(cells.clone())
            .unwrap_or_default()
            .iter()
            .map(|cell| cell.level)
            .collect();
        // Rule L1: blanks at the end of a row belong to the paragraph.
        let hanging = self.cells.get(cells.clone()).unwrap_or_default().iter().rev();
        let hanging = hanging.take_while(|cell| cell.blank).count();
        for level in levels.iter_mut().rev().take(hanging) {
            *level = self.level;
        }
        if !self.strategy.reorders() || levels.iter().all(|level| !level.is_rtl() && *level == self.level) {
            return cells.clone().zip(levels).collect();
        }
        ParagraphBidiInfo::reorder_visual(&levels)
            .into_iter()
            .filter_map(|at| Some((cells.start + at, *levels.get(at)?)))
            .collect()
    }

    /// The terminal turns a word's letters itself, so they leave in logical order while the words stay turned.
    fn turn_words_back(&self, order: &mut [(usize, Level)]) {
        let turned = |(at, level): &(usize, Level)| {
            level.is_rtl() && self.cells.get(*at).is_some_and(|cell| cell.letter)
        };
        for word in order.chunk_by_mut(|left, right| turned(left) && turned(right) && left.1 == right.1) {
            if word.first().is_some_and(turned) {
                word.reverse();
            }
        }
    }
}

/// Whether the last of these lines is drawn from right to left.
pub(crate) fn starts_right<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    lines.fold(false, |before, line| direction(line, before).is_rtl())
}

/// By the first letter that has a direction. A link or an account in front decides nothing, as an isolate would not:
/// what is said about it does.
fn direction(line: &str, before: bool) -> Level {
    let said = get_base_direction(whole_words(line, ' ').as_ref());
    let first = match said {
        Direction::Mixed => get_base_direction(line),
        known => known,
    };
    match first {
        Direction::Ltr => Level::ltr(),
        Direction::Rtl => Level::rtl(),
        Direction::Mixed if before => Level::rtl(),
        Direction::Mixed => Level::ltr(),
    }
}

/// The level of each byte (none where everything runs from left to right) and of the paragraph.
fn levels(line: &str, before: bool) -> (Option<Vec<Level>>, Level) {
    let base = direction(line, before);
    if line.is_ascii() && !base.is_rtl() {
        return (None, base);
    }
    let whole = whole_words(line, 'a');
    let info = ParagraphBidiInfo::new(&whole, Some(base));
    (info.has_rtl().then_some(info.levels), base)
}

/// The line with every link and account as so many `letter`s, byte for byte as long: for the algorithm only. With
/// blanks for letters, a key such as ^X stays: it does decide a direction.
fn whole_words(line: &str, letter: char) -> Cow<'_, str> {
    let mut whole = Cow::Borrowed(line);
    for word in line.split(char::is_whitespace) {
        let core = core(word);
        if !core.is_ascii() || !runs_left_to_right(core) || (letter == ' ' && core.starts_with('^')) {
            continue;
        }
        let start = core.as_ptr().addr() - line.as_ptr().addr();
        let letters: String = core.chars().map(|_| letter).collect();
        whole.to_mut().replace_range(start..start + core.len(), &letters);
    }
    whole
}

/// A word without the punctuation round it; a bracket that was opened in it is closed in it.
fn core(word: &str) -> &str {
    let edge = |c: char| !c.is_ascii() || "()[]{}<>\"'.,;:!?".contains(c);
    let word = word.trim_start_matches(edge);
    let core = word.trim_end_matches(edge);
    let count = |bracket: char| core.matches(bracket).count();
    let closed = [('(', ')'), ('[', ']')].into_iter().find(|(open, close)| {
        count(*open) > count(*close)
            && word
                .get(core.len()..)
                .is_some_and(|rest| rest.starts_with(*close))
    });
    word.get(..core.len() + usize::from(closed.is_some()))
        .unwrap_or(core)
}

fn runs_left_to_right(word: &str) -> bool {
    let mut characters = word.chars();
    let (first, second) = (characters.next(), characters.next());
    match first {
        Some('@' | '#') => second.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_'),
        Some('+') => second.is_some_and(|c| c.is_ascii_digit()),
        Some('^') => second.is_some_and(|c| c.is_ascii_uppercase()),
        // A date, a time span, a telephone number: after Arabic letters its parts would change places.
        Some('0'..='9') => word.contains('-'),
        _ => word.contains("://") || word.starts_with("www."),
    }
}

static RESHAPER: LazyLock<ArabicReshaper> = LazyLock::new(|| {
    ArabicReshaper::new(ReshaperConfig {
        delete_harakat: false,
        support_ligatures: false,
        ..ReshaperConfig::default()
    })
});

const fn is_haraka(c: char) -> bool {
    matches!(c,
        '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}'
        | '\u{6ea}'..='\u{6ed}' | '\u{8d4}'..='\u{8e1}' | '\u{8e3}'..='\u{8ff}')
}

const fn is_arabic(c: char) -> bool {
    is_haraka(c)
        || matches!(c, '\u{620}'..='\u{64a}' | '\u{66e}'..='\u{6d5}' | '\u{6ee}' | '\u{6ef}' | '\u{6fa}'..='\u{6ff}'
            | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8d3}')
}

/// Arabic letters joined, one for one; everything else as it is.
fn shape(line: &str) -> String {
    let mut out = String::with_capacity(line.len() * 3 / 2);
    let mut rest = line;
    while !rest.is_empty() {
        let end = |of: &str, wanted: fn(char) -> bool| of.find(|c| !wanted(c)).unwrap_or(of.len());
        // The reshaper stops the program at a haraka without a letter, and takes joiners out of emoji: it is given
        // Arabic words only.
        let marks = end(rest, is_haraka);
        let (free, from) = rest.split_at_checked(marks).unwrap_or((rest, ""));
        out.push_str(free);
        let (word, after) = from.split_at_checked(end(from, is_arabic)).unwrap_or((from, ""));
        if !word.is_empty() {
            let shaped = RESHAPER.reshape(word);
            let same = shaped.chars().count() == word.chars().count() && !shaped.contains('\0');
            out.push_str(if same { &shaped } else { word });
        }
        let (other, after) = after
            .split_at_checked(end(after, |c| !is_arabic(c)))
            .unwrap_or((after, ""));
        out.push_str(other);
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(line: &str, strategy: Strategy) -> String {
        let paragraph = Paragraph::new(line, 80, false, strategy);
        paragraph.row(0..paragraph.cells.len())
    }

    /// The letters of a row without their joining, for the reader of this test.
    fn order(line: &str) -> String {
        let mut paragraph = Paragraph::new(line, 80, false, Strategy::Terminal);
        paragraph.strategy = Strategy::Visual;
        paragraph.row(0..paragraph.cells.len())
    }

    /// Letters named by Latin capitals, as in the examples of UAX 9: what is a capital here runs right to left.
    fn as_in_uax9(line: &str) -> String {
        let there = |c: char| match c {
            'A'..='Z' => char::from_u32(u32::from(c) - u32::from('A') + 0x5d0).unwrap(),
            other => other,
        };
        let back = |c: char| match c {
            '\u{5d0}'..='\u{5ea}' => char::from_u32(u32::from(c) - 0x5d0 + u32::from('A')).unwrap(),
            other => other,
        };
        let hebrew: String = line.chars().map(there).collect();
        order(&hebrew).chars().map(back).collect()
    }

    #[test]
    fn words_stand_where_the_eye_expects_them() {
        for (typed, seen) in [
            ("abc", "abc"),
            ("ABC", "CBA"),
            ("car MEANS CAR", "car RAC SNAEM"),
            ("HE SAID car OK", "KO car DIAS EH"),
            ("ABC 123 DEF", "FED 123 CBA"),
            ("ABC (DEF) [G]", "[G] (FED) CBA"),
            ("abc (ABC) def", "abc (CBA) def"),
            ("AB, CD!", "!DC ,BA"),
            ("A «B» <C> ≤ D", "D ≥ <C> «B» A"),
        ] {
            assert_eq!(as_in_uax9(typed), seen, "{typed}");
        }
    }

    #[test]
    fn links_accounts_and_numbers_are_read_from_left_to_right() {
        for (typed, seen) in [
            ("ABC https://a.ma/?b=1/ DEF", "FED https://a.ma/?b=1/ CBA"),
            ("ABC (https://a.ma/).", ".(https://a.ma/) CBA"),
            ("ABC @nour_1 #stop", "@nour_1 #stop CBA"),
            ("ABC +212600 DEF", "FED +212600 CBA"),
            (
                "ABC 2026-11-25t18:30:00+01:00[etc/utc].",
                ".2026-11-25t18:30:00+01:00[etc/utc] CBA",
            ),
            ("ABC (06-12-34) DEF", "FED (06-12-34) CBA"),
            ("ABC https://a.ma/b_(c) DEF", "FED https://a.ma/b_(c) CBA"),
            ("abc @nour", "abc @nour"),
            ("@nour SAID (NO)", "(ON) DIAS @nour"),
            ("https://a.ma abc ABC", "https://a.ma abc CBA"),
            ("@nour #stop", "@nour #stop"),
        ] {
            assert_eq!(as_in_uax9(typed), seen, "{typed}");
        }
    }

    #[test]
    fn a_key_is_read_from_left_to_right() {
        assert_eq!(order("اضغطي ^X الآن"), "نآلا ^X يطغضا");
        assert_eq!(order("خروج (^X)"), "(^X) جورخ");
    }

    #[test]
    fn letters_join_and_harakat_stay() {
        assert_eq!(drawn("سلام", Strategy::Visual), "ﻡﺎﻠﺳ");
        assert_eq!(drawn("سَلام", Strategy::Visual), "ﻡﺎﻠﺳَ");
        assert_eq!(shape("سَلَامٌ").chars().count(), "سَلَامٌ".chars().count());
        // Not broken by what stands beside it.
        assert_eq!(drawn("\u{64e}سلام", Strategy::Visual), "ﻡﺎﻠﺳ\u{64e}");
        assert_eq!(shape("👩\u{200d}👧 س"), "👩\u{200d}👧 ﺱ");
    }

    #[test]
    fn a_terminal_that_knows_arabic_gets_it_as_it_was_typed() {
        let typed = "سلام (عليكم) ok";
        assert_eq!(drawn(typed, Strategy::Terminal), typed);
        assert_eq!(drawn(typed, Strategy::Off), typed);
        assert_eq!(drawn(typed, Strategy::Words), "ok (عليكم) سلام");
        assert_eq!(drawn("قال 12 مرة!", Strategy::Words), "!مرة 12 قال");
    }
}
