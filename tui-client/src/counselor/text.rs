//! Texts as this face draws them: its own sentences by language, and other people's words made harmless, folded
//! to a width and put in the order the eye reads. The text that is kept and sent is never touched here.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use hamsa_client::api::ErrorReport;
use ratatui::text::Line as Row;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// One row of what is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folded {
    /// As it is drawn.
    pub(crate) text: String,
}

/// This face's sentences in one language.
pub(crate) struct Texts {
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The sentences of `language`; English where there are none.
    pub(crate) fn new(language: &str) -> Self {
        let (source, name) = match language {
            "fr" => (include_str!("../words/fr-desk.ftl"), "fr"),
            "ar" => (include_str!("../words/ar-desk.ftl"), "ar"),
            _ => (include_str!("../words/en-desk.ftl"), "en"),
        };
        let locales = name.parse().into_iter().collect();
        let mut bundle = FluentBundle::new_concurrent(locales);
        // Isolates are invisible marks that a terminal may print as boxes; our sentences place their variables
        // at an edge instead.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
        Self { bundle }
    }

    /// A sentence without variables.
    pub(crate) fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A sentence with variables; they are made harmless here.
    pub(crate) fn with(&self, key: &str, variables: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in variables {
            args.set((*name).to_owned(), clean(value));
        }
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        // A missing key shows as itself: strange, but not silent, and a test finds it first.
        pattern.map_or_else(
            || key.to_owned(),
            |pattern| {
                self.bundle
                    .format_pattern(pattern, Some(&args), &mut Vec::new())
                    .into_owned()
            },
        )
    }

    /// What the engine reported, as one sentence.
    pub(crate) fn error(&self, report: &ErrorReport) -> String {
        clean(&format!("{} {}", report.message, report.advice))
    }

    /// A sentence as one row.
    pub(crate) fn row(&self, key: &str) -> Row<'static> {
        Row::raw(visual(&self.say(key)))
    }

    /// A sentence folded into rows.
    pub(crate) fn rows(&self, sentence: &str, width: u16) -> Vec<Row<'static>> {
        fold(sentence, width).into_iter().map(Row::raw).collect()
    }

    /// One row, cut with `…` where it does not fit.
    pub(crate) fn fit(&self, sentence: &str, width: u16) -> String {
        let (cleaned, columns) = (clean(sentence).replace('\n', " "), usize::from(width));
        if self::width(&cleaned) <= columns {
            return visual(&cleaned);
        }
        let mut kept = String::new();
        for grapheme in cleaned.graphemes(true) {
            if self::width(&kept) + grapheme.width() >= columns {
                break;
            }
            kept.push_str(grapheme);
        }
        kept.push('…');
        visual(&kept)
    }

    /// One row in the order the eye reads.
    pub(crate) fn visual(&self, sentence: &str) -> String {
        visual(sentence)
    }
}

/// Most combining marks kept on one base: enough for every script, too few to flood the rows above.
const MARKS_MAX: usize = 8;

/// Somebody else's words without anything a terminal would obey.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for grapheme in text.graphemes(true) {
        let mut marks = 0;
        for c in grapheme.chars() {
            let control = c.is_control() && c != '\n' && c != '\t';
            let direction = matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if control || direction || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') {
                continue;
            }
            marks += 1;
            if marks <= MARKS_MAX + 1 {
                out.push(if c == '\t' { ' ' } else { c });
            }
        }
    }
    out
}

/// Columns of a cleaned row, grapheme by grapheme: measured as a whole, lam and alef count as one column, and
/// the terminal draws two.
pub(crate) fn width(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Somebody's words as rows of at most `columns`, broken between words where that is possible.
pub(crate) fn fold(text: &str, columns: u16) -> Vec<String> {
    let columns = usize::from(columns).max(1);
    let mut rows = Vec::new();
    for line in clean(text).split('\n') {
        let mut row = String::new();
        for word in line.split_inclusive(char::is_whitespace) {
            // The blank after a word may hang over the edge; links stay whole where they fit.
            if width(&row) + width(word.trim_end()) <= columns {
                row.push_str(word);
                continue;
            }
            if !row.trim().is_empty() {
                rows.push(visual(row.trim_end()));
                row.clear();
            }
            if width(word.trim_end()) <= columns {
                row.push_str(word);
                continue;
            }
            for grapheme in word.graphemes(true) {
                if width(&row) + grapheme.width() > columns {
                    rows.push(visual(row.trim_end()));
                    row.clear();
                }
                row.push_str(grapheme);
            }
        }
        rows.push(visual(row.trim_end()));
    }
    rows
}

/// What is being written as rows broken at the edge (so that no letter jumps while she types), and the column
/// and row of the caret that stands between the two halves.
pub(crate) fn compose(before: &str, after: &str, columns: u16) -> (Vec<Folded>, (u16, u16)) {
    let columns = usize::from(columns).max(1);
    let mut rows = vec![String::new()];
    let mut caret = (0, 0);
    for (half, at) in [before, after].into_iter().zip([false, true]) {
        if at {
            caret = (rows.len() - 1, rows.last().map_or(0, String::len));
        }
        for grapheme in clean(half).graphemes(true) {
            let full = rows
                .last()
                .is_none_or(|row| width(row) + grapheme.width() > columns);
            if grapheme == "\n" || full {
                rows.push(String::new());
            }
            if grapheme != "\n"
                && let Some(row) = rows.last_mut()
            {
                row.push_str(grapheme);
            }
        }
    }
    let (row, offset) = caret;
    let typed = rows.get(row).map_or("", String::as_str);
    let left = typed.get(..offset).unwrap_or(typed);
    // In a right-to-left row the words grow to the left: the caret is as far from the right end.
    let column = if is_rtl(typed) {
        width(typed) - width(left).min(width(typed))
    } else {
        width(left)
    };
    let rows = rows.iter().map(|row| Folded { text: visual(row) }).collect();
    (
        rows,
        (
            u16::try_from(column).unwrap_or(u16::MAX),
            u16::try_from(row).unwrap_or(u16::MAX),
        ),
    )
}

fn is_rtl(text: &str) -> bool {
    unicode_bidi::get_base_direction(text) == unicode_bidi::Direction::Rtl
}

/// One row with its letters joined and in the order the eye reads, for terminals that do neither.
pub(crate) fn visual(row: &str) -> String {
    if row.is_ascii() {
        return row.to_owned();
    }
    let info = unicode_bidi::ParagraphBidiInfo::new(row, None);
    if !info.has_rtl() {
        return row.to_owned();
    }
    let config = ar_reshaper::ReshaperConfig {
        delete_harakat: false,
        // A ligature is one column where its two letters were measured as two: none of them.
        support_ligatures: false,
        ..Default::default()
    };
    let shaped = config.to_reshaper().reshape(row);
    let info = unicode_bidi::ParagraphBidiInfo::new(&shaped, None);
    let (levels, runs) = info.visual_runs(0..shaped.len());
    let mut out = String::with_capacity(shaped.len());
    for run in runs {
        let rtl = levels.get(run.start).is_some_and(|level| level.is_rtl());
        let part = shaped.get(run).unwrap_or_default();
        if rtl {
            out.extend(part.graphemes(true).rev().map(mirrored));
        } else {
            out.push_str(part);
        }
    }
    out
}

fn mirrored(grapheme: &str) -> &str {
    match grapheme {
        "(" => ")",
        ")" => "(",
        "[" => "]",
        "]" => "[",
        "{" => "}",
        "}" => "{",
        "<" => ">",
        ">" => "<",
        "«" => "»",
        "»" => "«",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_stands_in_every_language_and_its_variables_resolve() {
        let keys = |source: &str| -> Vec<String> {
            let starts = source
                .lines()
                .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
            starts
                .filter_map(|line| line.split_once(" ="))
                .map(|(key, _)| key.to_owned())
                .collect()
        };
        let english = keys(include_str!("../words/en-desk.ftl"));
        assert!(english.len() > 100);
        assert_eq!(english, keys(include_str!("../words/fr-desk.ftl")));
        assert_eq!(english, keys(include_str!("../words/ar-desk.ftl")));
        let names = [
            "waiting",
            "urgent",
            "date",
            "number",
            "language",
            "count",
            "name",
            "bytes",
            "association",
        ];
        let names = names.iter().chain(&["pseudonym", "id", "state", "split"]);
        let values: Vec<_> = names.map(|name| (*name, "7")).collect();
        for language in ["en", "fr", "ar"] {
            let texts = Texts::new(language);
            for key in &english {
                let sentence = texts.with(key, &values);
                assert!(
                    !sentence.contains(['{', '$']) && sentence != *key,
                    "{language} {key}: {sentence}"
                );
            }
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_gone() {
        let evil = format!("a\u{1b}[2J\u{9b}31m\u{7}\u{202e}b\0{}", "\u{301}".repeat(10_000));
        let clean = clean(&evil);
        assert!(!clean.chars().any(char::is_control), "{clean:?}");
        assert!(clean.chars().count() < 30);
    }

    #[test]
    fn rows_never_pass_the_width() {
        for text in [
            "un deux trois quatre",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "سلام كيف دايرة اليوم",
            "👩‍👧👩‍👧👩‍👧👩‍👧👩‍👧",
        ] {
            for row in fold(text, 7) {
                assert!(width(&row) <= 7, "{row}");
            }
        }
        assert_eq!(fold("un deux trois", 8), ["un deux", "trois"]);
    }

    #[test]
    fn the_caret_is_where_the_next_letter_comes() {
        assert_eq!(compose("abc", "", 10).1, (3, 0));
        assert_eq!(compose("abcdef", "g", 3).1, (3, 1));
        assert_eq!(compose("ab\n", "", 10).1, (0, 1));
        assert_eq!(compose("سلام", "", 10).1, (0, 0));
    }
}
