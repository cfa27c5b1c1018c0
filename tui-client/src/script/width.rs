//! Columns, counted as the terminal and ratatui count them: grapheme by grapheme. Measured as a whole, lam and alef
//! are one column to `unicode-width` (and so to `Line::width`), where the terminal draws two.

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

use super::neutral::Harmless;

/// Columns of a row.
#[must_use]
pub fn width(row: &str) -> usize {
    row.graphemes(true).map(columns).sum()
}

/// Columns of one grapheme. What still holds a control character is never drawn.
pub(super) fn columns(grapheme: &str) -> usize {
    if grapheme.contains(char::is_control) {
        return 0;
    }
    usize::from(grapheme.cell_width())
}

/// The start of a line that fits into `most` columns, with `…` where something is left out. In logical order.
#[must_use]
pub fn cut(line: &Harmless, most: usize) -> Harmless {
    if width(line) <= most {
        return line.clone();
    }
    let mut used = 1;
    let end = line
        .grapheme_indices(true)
        .find(|(_, grapheme)| {
            used += columns(grapheme);
            used > most
        })
        .map_or(line.len(), |(at, _)| at);
    let mut kept = line.get(..end).unwrap_or_default().trim_end().to_owned();
    if most > 0 {
        kept.push('…');
    }
    Harmless::line(&kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_as_they_are_drawn() {
        for (row, columns) in [
            ("abc", 3),
            ("سلام", 4),
            ("لا", 2),
            ("سَلَامٌ", 4),
            ("ﻻ", 1),
            ("ⵜⴰⵎⴰⵣⵉⵖⵜ", 8),
            ("é e\u{301}", 3),
            ("日本", 4),
            ("👩\u{200d}👧", 2),
            ("", 0),
        ] {
            assert_eq!(width(row), columns, "{row}");
        }
    }

    #[test]
    fn what_is_cut_says_so() {
        let cut = |line: &str, most| cut(&Harmless::line(line), most).into_string();
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("ab cdef", 4), "ab…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("abc", 1), "…");
        assert_eq!(cut("abc", 0), "");
    }
}
