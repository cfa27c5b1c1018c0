//! Columns, counted as the terminal and ratatui count them: grapheme by grapheme. Measured as a whole, lam and alef
//! are one column to `unicode-width` (and so to `Line::width`), where the terminal draws two.

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

use super::sanitize::Sanitized;

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

/// A row at the right edge of `columns`. Ratatui's own alignment measures a row as a whole, and would push one with
/// lam and alef out of sight by a column.
#[must_use]
pub fn right(row: &str, columns: usize) -> String {
    format!("{}{row}", " ".repeat(columns.saturating_sub(width(row))))
}

/// The start of a line that fits into `most` columns, with `…` where something is left out. In logical order.
#[must_use]
pub fn cut(line: &Sanitized, most: usize) -> Sanitized {
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
    Sanitized::line(&kept)
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
    fn a_row_at_the_right_edge_is_whole() {
        use ratatui::{Terminal, backend::TestBackend, text::Line};

        let mut terminal = Terminal::new(TestBackend::new(8, 1)).unwrap();
        let row = "لا لا";
        terminal
            .draw(|frame| frame.render_widget(Line::raw(right(row, 8)), frame.area()))
            .unwrap();
        let cells = terminal.backend().buffer().content();
        assert_eq!(
            cells.iter().map(|cell| cell.symbol()).collect::<String>(),
            "   لا لا"
        );
        assert!(
            Line::raw(row).width() < width(row),
            "when this fails, `right` may go"
        );
    }

    #[test]
    fn what_is_cut_says_so() {
        let cut = |line: &str, most| cut(&Sanitized::line(line), most).into_string();
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("ab cdef", 4), "ab…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("abc", 1), "…");
        assert_eq!(cut("abc", 0), "");
    }
}
