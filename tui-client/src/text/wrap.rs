//! Rows: words broken into what fits between two edges, and the line that is written, with its caret.
//!
//! Rows are broken in logical order by summed grapheme widths and only then put in the order the eye reads, so that
//! the first words of a right-to-left sentence stand in the first row.

use std::ops::Range;

use super::{bidi::Paragraph, sanitize::Sanitized, strategy::Strategy};

/// One row, ready to be drawn.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// As it is sent to the terminal.
    pub text: String,
    /// Columns it takes.
    pub columns: usize,
    /// Whether it belongs at the right edge.
    pub rtl: bool,
}

impl Row {
    /// With blanks before it, where it belongs at the right edge of `columns`.
    #[must_use]
    pub fn padded(&self, columns: usize) -> String {
        let before = if self.rtl {
            columns.saturating_sub(self.columns)
        } else {
            0
        };
        format!("{}{}", " ".repeat(before), self.text)
    }

    fn of(paragraph: &Paragraph, cells: Range<usize>, strategy: Strategy) -> Self {
        Self {
            columns: columns(paragraph, &cells),
            text: paragraph.row(cells),
            rtl: paragraph.rtl && strategy.moves_right(),
        }
    }
}

/// Words of a person never reach a log.
impl std::fmt::Debug for Row {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Row({} columns)", self.columns)
    }
}

/// A text as rows of at most `most` columns, broken between words where that is possible; blanks at a break hang
/// over the edge and are not drawn.
#[must_use]
pub fn rows(text: &Sanitized, most: u16, strategy: Strategy) -> Vec<Row> {
    let most = usize::from(most).max(1);
    let mut rows = Vec::new();
    let mut rtl = false;
    for line in text.split('\n') {
        let paragraph = Paragraph::new(line, most, rtl, strategy);
        rtl = paragraph.rtl;
        for cells in between_words(&paragraph, most) {
            rows.push(Row::of(&paragraph, cells, strategy));
        }
    }
    rows
}

/// A line as one row, however long.
#[must_use]
pub fn one_row(line: &Sanitized, strategy: Strategy) -> Row {
    let line = line.replace('\n', " ");
    let paragraph = Paragraph::new(&line, usize::MAX, false, strategy);
    Row::of(&paragraph, 0..paragraph.cells.len(), strategy)
}

/// Keys with their labels as one row: each key stands beside its own label, whatever the direction of both. A row of
/// labels that run to the left begins at the right, each key before its label as it is read.
///
/// Each label is laid out by itself, as between bidi isolates. The marks themselves are not sent: some terminals draw
/// them as boxes. A terminal that orders by itself gets logical order.
#[must_use]
pub fn pairs(pairs: &[(&str, &str)], between: &str, strategy: Strategy) -> Row {
    let labels: Vec<Row> = pairs
        .iter()
        .map(|(_, label)| one_row(&Sanitized::line(label), strategy))
        .collect();
    let rtl = labels.iter().any(|label| label.rtl);
    let turned = rtl && strategy.reorders();
    let mut parts: Vec<String> = pairs
        .iter()
        .zip(&labels)
        .map(|((key, _), label)| {
            let key = Sanitized::line(key);
            if turned {
                format!("{} {key}", label.text)
            } else {
                format!("{key} {}", label.text)
            }
        })
        .collect();
    if turned {
        parts.reverse();
    }
    let text = parts.join(between);
    Row {
        columns: super::width(&text),
        rtl,
        text,
    }
}

/// What is being written, before and after the caret, as rows of at most `most` columns broken between words where
/// that is possible, and the caret's column and row. No blank is left out: the caret can stand on each.
///
/// One column is kept free for the caret at the end of a row. It stands on the letter before which the next one
/// comes: at the end of right-to-left words that is the column to their left. Rows at the right edge are padded.
#[must_use]
pub fn compose(before: &str, after: &str, most: u16, strategy: Strategy) -> (Vec<String>, (u16, u16)) {
    let (text, caret) = Sanitized::with_caret(&format!("{before}{after}"), before.len());
    let most = usize::from(most).max(1);
    let room = most.saturating_sub(1).max(1);
    let mut rows = Vec::new();
    let mut stands = (0, 0);
    let mut start = 0;
    let mut rtl = false;
    for line in text.split('\n') {
        let paragraph = Paragraph::new(line, room, rtl, strategy);
        rtl = paragraph.rtl;
        // In cells of this paragraph; beyond the last one it is at the end.
        let here = (start..=start + line.len()).contains(&caret).then(|| {
            let edge = paragraph
                .cells
                .iter()
                .position(|cell| start + cell.source >= caret);
            edge.unwrap_or(paragraph.cells.len())
        });
        start += line.len() + 1;
        let all = with_blanks(&paragraph, room);
        let last = all.len().saturating_sub(1);
        for (number, cells) in all.into_iter().enumerate() {
            let row = Row::of(&paragraph, cells.clone(), strategy);
            // A terminal that orders rows itself wants the caret after them, so the free column is there.
            let edge = if strategy.reorders() { most } else { room };
            let padded = row.padded(edge);
            if let Some(at) = here.filter(|at| cells.contains(at) || (number == last && *at == cells.end)) {
                let indent = if row.rtl {
                    edge.saturating_sub(row.columns)
                } else {
                    0
                };
                let column = if cells.is_empty() && row.rtl {
                    most - 1
                } else {
                    indent
                        .saturating_add_signed(paragraph.caret(cells, at))
                        .min(most - 1)
                };
                stands = (column, rows.len());
            }
            rows.push(padded);
        }
    }
    let small = |number| u16::try_from(number).unwrap_or(u16::MAX);
    (rows, (small(stands.0), small(stands.1)))
}

fn columns(paragraph: &Paragraph, cells: &Range<usize>) -> usize {
    let cells = paragraph.cells.get(cells.clone()).unwrap_or_default();
    cells.iter().map(|cell| cell.columns).sum()
}

/// Broken at blanks; a word longer than a row is broken where the row ends.
fn between_words(paragraph: &Paragraph, most: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let (mut start, mut used) = (0, 0);
    let mut edge = 0;
    for (at, cell) in paragraph.cells.iter().enumerate() {
        if !cell.blank && used + cell.columns > most {
            if edge > start {
                rows.push(start..edge);
                start = edge;
                used = columns(paragraph, &(start..at));
            }
            if used + cell.columns > most && at > start {
                rows.push(start..at);
                start = at;
                used = 0;
            }
        }
        used += cell.columns;
        if cell.blank {
            edge = at + 1;
        }
    }
    rows.push(start..paragraph.cells.len());
    for row in &mut rows {
        let blanks = paragraph.cells.get(row.clone()).unwrap_or_default().iter().rev();
        row.end -= blanks.take_while(|cell| cell.blank).count();
    }
    rows
}

/// Broken after blanks, which all keep their columns; a word longer than a row is broken where the row ends.
fn with_blanks(paragraph: &Paragraph, most: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let (mut start, mut used) = (0, 0);
    let mut edge = 0;
    for (at, cell) in paragraph.cells.iter().enumerate() {
        while used + cell.columns > most && at > start {
            // A word that ends at the edge stays; a blank that does not fit behind it begins the next row.
            let end = if edge > start && !cell.blank { edge } else { at };
            rows.push(start..end);
            start = end;
            used = columns(paragraph, &(start..at));
        }
        used += cell.columns;
        if cell.blank {
            edge = at + 1;
        }
    }
    rows.push(start..paragraph.cells.len());
    rows
}

#[cfg(test)]
mod tests {
    use super::{super::width::width, *};

    fn fold(text: &str, most: u16) -> Vec<String> {
        let rows = rows(&Sanitized::text(text), most, Strategy::Visual);
        rows.into_iter().map(|row| row.text).collect()
    }

    fn caret(before: &str, after: &str, most: u16) -> (u16, u16) {
        compose(before, after, most, Strategy::Visual).1
    }

    #[test]
    fn rows_never_pass_the_edge() {
        for text in [
            "un deux trois quatre",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "سلام كيف دايرة اليوم",
            "لا لا لا لا لا لا",
            "👩\u{200d}👧👩\u{200d}👧👩\u{200d}👧👩\u{200d}👧👩\u{200d}👧",
            "日本語日本語日本語",
            "a\tb\tc\td\te",
        ] {
            for most in 1..12 {
                for strategy in Strategy::ALL {
                    for row in rows(&Sanitized::text(text), most, strategy) {
                        assert!(width(&row.text) <= usize::from(most), "{} in {most}", row.text);
                        assert_eq!(width(&row.text), row.columns);
                    }
                    for row in compose(text, "", most, strategy).0 {
                        assert!(width(&row) <= usize::from(most), "{row} in {most}");
                    }
                }
            }
        }
    }

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(fold("un deux trois", 8), ["un deux", "trois"]);
        assert_eq!(fold("un  deux", 3), ["un", "deu", "x"]);
        assert_eq!(fold("un\n\n  deux ", 8), ["un", "", "  deux"]);
        assert_eq!(fold("oui\u{a0}! non", 5), ["oui\u{a0}!", "non"]);
        assert_eq!(fold("日本", 1), ["…", "…"]);
    }

    #[test]
    fn the_first_words_stand_in_the_first_row() {
        let rows = rows(&Sanitized::text("أب جد هو"), 5, Strategy::Terminal);
        assert_eq!(rows[0].text, "أب جد");
        assert_eq!(rows[1].text, "هو");
        assert_eq!(rows[1].padded(5), "   هو");
        // Brackets and digits alone go where the words before them went.
        let rows = super::rows(&Sanitized::text("أب\n(1)"), 5, Strategy::Visual);
        assert_eq!(rows[1].padded(5), "  (1)");
    }

    #[test]
    fn the_caret_is_where_the_next_letter_comes() {
        assert_eq!(caret("abc", "", 10), (3, 0));
        assert_eq!(caret("a", "bc", 10), (1, 0));
        assert_eq!(caret("abcdef", "g", 4), (0, 2));
        assert_eq!(caret("abc", "", 4), (3, 0));
        assert_eq!(caret("ab\n", "", 10), (0, 1));
        assert_eq!(caret("", "", 10), (0, 0));
        // Right-to-left rows stand at the right edge (columns 6 to 9) and grow to the left.
        assert_eq!(caret("سلام", "", 10), (5, 0));
        assert_eq!(caret("", "سلام", 10), (9, 0));
        assert_eq!(caret("س", "لام", 10), (8, 0));
        assert_eq!(caret("سلام\n", "", 10), (9, 1));
        // Latin in Arabic: `ab مالس`; after the b comes the next Latin letter.
        assert_eq!(caret("سلام ab", "", 10), (5, 0));
        assert_eq!(caret("سلام ", "ab", 10), (3, 0));
        assert_eq!(caret("سلام", " ab", 10), (5, 0));
        // Arabic in Latin: `ab مالس`; the next letter comes to the left of the last.
        assert_eq!(caret("ab سلام", "", 10), (2, 0));
        assert_eq!(caret("ab ", "سلام", 10), (6, 0));
    }

    #[test]
    fn what_is_written_is_broken_between_words_and_keeps_its_blanks() {
        let written = |text: &str, most: u16| {
            let (rows, caret) = compose(text, "", most, Strategy::Visual);
            (rows, caret)
        };
        let rows = |all: &[&str]| all.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>();
        // Seven columns, of which the caret keeps one.
        assert_eq!(written("un deux", 7), (rows(&["un ", "deux"]), (4, 1)));
        assert_eq!(written("un deu ", 7), (rows(&["un deu", " "]), (1, 1)));
        assert_eq!(written("un  ", 7), (rows(&["un  "]), (4, 0)));
        assert_eq!(written("undeuxtrois", 7), (rows(&["undeux", "trois"]), (5, 1)));
        assert_eq!(
            written("a undeuxtrois", 7),
            (rows(&["a ", "undeux", "trois"]), (5, 2))
        );
        // No blank is lost, wherever the rows end.
        let text = "il dit  qu'il   va tout publier";
        for most in 2..20 {
            assert_eq!(written(text, most).0.concat(), text, "{most}");
        }
        // The second word stands in the second row, both at the right edge.
        assert_eq!(compose("سلام كيفاش", "", 8, Strategy::Visual).0.len(), 2);
        assert_eq!(caret("سلام كيفاش", "", 8), (2, 1));
    }

    #[test]
    fn a_terminal_that_orders_rows_gets_the_caret_in_logical_order() {
        let caret = |before, after, strategy| compose(before, after, 10, strategy).1.0;
        assert_eq!(caret("سلام", "", Strategy::Terminal), 9);
        assert_eq!(caret("س", "لام", Strategy::Terminal), 6);
        assert_eq!(caret("سلام", "", Strategy::Off), 4);
        assert_eq!(caret("سلام", "", Strategy::Words), 5);
    }

    #[test]
    fn harakat_move_no_caret() {
        assert_eq!(caret("سَلَامٌ", "", 10), (5, 0));
        assert_eq!(caret("e\u{301}", "", 10), (1, 0));
    }
}
