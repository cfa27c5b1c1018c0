//! The golden screens, which are those of the seeker's own tests: a section for each page in
//! `tui-client/src/seeker/golden/LANGUAGE-80x24.txt`, drawn there without a terminal. There they are written anew.
//!
//! What differs from run to run is masked on both sides by something of the same width: each digit of a time (`21:07`)
//! or a date (`2026-12-09`) by `0`, each word of a phrase by eight `w`, which is the longest a word can be.
//! Everything else is made constant by the world the test builds.

use std::{collections::BTreeMap, fs, path::Path};

/// Begins a section.
const SECTION: &str = "=== ";
/// Columns of one numbered word on the page that shows a phrase.
const WORD_COLUMNS: usize = 14;
/// What stands for a word.
const WORD: &str = "wwwwwwww";

/// The screens of one language at one size, masked, by the names of their pages.
pub(super) struct Book(BTreeMap<String, String>);

impl Book {
    pub(super) fn open(language: &str, (width, height): (u16, u16)) -> Self {
        let path = format!("../tui-client/src/seeker/golden/{language}-{width}x{height}.txt");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (text, section) = (format!("\n{text}"), format!("\n{SECTION}"));
        let sections = text.split(&section).skip(1);
        let screens = sections.map(|section| section.split_once('\n').unwrap());
        Self(
            screens
                .map(|(page, screen)| (page.to_owned(), mask(screen)))
                .collect(),
        )
    }

    /// A page as it was reviewed.
    pub(super) fn golden(&self, page: &str) -> &str {
        self.0.get(page).unwrap_or_else(|| panic!("no page {page:?}"))
    }
}

/// A screen with what varies replaced by something as wide.
pub(super) fn mask(screen: &str) -> String {
    let mut rows = Vec::new();
    for row in screen.trim_end().lines() {
        rows.push(words(row).unwrap_or_else(|| digits(row)));
    }
    rows.join("\n") + "\n"
}

/// The words of a phrase that is on the screen, in order.
pub(super) fn phrase(screen: &str) -> Vec<String> {
    let pairs = || screen.lines().filter_map(numbered);
    let left = pairs().map(|(left, _)| left);
    left.chain(pairs().map(|(_, right)| right)).collect()
}

/// The two words of a row such as `1  abaisser   5  échelle`.
fn numbered(row: &str) -> Option<(String, String)> {
    let half = row.char_indices().nth(WORD_COLUMNS).map(|(at, _)| at)?;
    let (left, right) = row.split_at(half);
    let word = |part: &str| {
        let (number, word) = part.split_once("  ")?;
        let word = word.trim_end();
        let fits = matches!(number.parse(), Ok(1..=8)) && !word.is_empty() && !word.contains(' ');
        fits.then(|| (number.parse::<usize>().ok(), word.to_owned()))
    };
    let ((first, left), (second, right)) = (word(left)?, word(right)?);
    (first?.checked_add(4) == second).then_some((left, right))
}

fn words(row: &str) -> Option<String> {
    numbered(row)?;
    let number: usize = row.split(' ').next()?.parse().ok()?;
    let left = format!("{number}  {WORD}");
    Some(format!("{left:<WORD_COLUMNS$}{}  {WORD}", number + 4))
}

/// Masks runs such as `21:07`, `2026-12-09` and, where a row is read from the right, `09-12-2026`.
fn digits(row: &str) -> String {
    let varies = |run: &str| {
        let shape: String = run
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        matches!(shape.as_str(), "00:00" | "0000-00-00" | "00-00-0000").then_some(shape)
    };
    let mut out = String::new();
    let mut run = String::new();
    for c in row.chars().chain(['\n']) {
        if c.is_ascii_digit() || c == ':' || c == '-' {
            run.push(c);
            continue;
        }
        out.push_str(&varies(&run).unwrap_or_else(|| run.clone()));
        run.clear();
        out.push(c);
    }
    out.pop();
    out
}

#[test]
fn what_varies_is_masked_and_as_wide() {
    let screen = "you · 21:07 · ✓✓\nuntil 2026-12-09.\n09-12-2026\n1  abaisser   5  échelle\n18:1 2 -\n\n";
    let masked = mask(screen);
    assert_eq!(
        masked,
        "you · 00:00 · ✓✓\nuntil 0000-00-00.\n00-00-0000\n1  wwwwwwww   5  wwwwwwww\n18:1 2 -\n"
    );
    assert_eq!(phrase(screen), ["abaisser", "échelle"]);
    assert_eq!(mask(&masked), masked);
}
