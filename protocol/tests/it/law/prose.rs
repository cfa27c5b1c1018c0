//! Numbers in sentences: each time, and each other number of two digits or more, must be one that has a row. Only a
//! person can tell which row it is.

use std::collections::BTreeSet;

use super::page::{LAW, columns, numbers, sizes};
use crate::source::Source;

/// Heads of tables whose cells have tests of their own, except the last cell of a row.
const COMPARED: [&str; 26] = [
    "A place is told as",
    "Address",
    "Argon2id",
    "Bytes",
    "Card",
    "Code",
    "Hello",
    "Hello of the counselor",
    "Hello of the seeker",
    "Intake",
    "Keys of a phrase",
    "Kind",
    "List",
    "Message",
    "Message, all fragments",
    "Object",
    "Offset",
    "Payload",
    "Reason",
    "Record",
    "Row",
    "Settings",
    "Text",
    "Texts of one language",
    "Urgency",
    "Words of",
];

fn number(text: &str) -> Option<u64> {
    text.replace(',', "").parse().ok()
}

fn milliseconds(text: &str, unit: &str) -> Option<u64> {
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "days" => 86_400_000,
        _ => return None,
    };
    Some(unit * number(text)?)
}

/// Each word with the next one, without the punctuation around them.
fn pairs(text: &str) -> Vec<[&str; 2]> {
    let bare = |word| str::trim_matches(word, |c: char| !c.is_alphanumeric());
    let words: Vec<&str> = text.split_whitespace().chain([""]).map(bare).collect();
    words.windows(2).map(|pair| [pair[0], pair[1]]).collect()
}

/// Times in milliseconds, and other numbers, that are allowed in a sentence.
struct Known {
    times: BTreeSet<u64>,
    others: BTreeSet<u64>,
}

impl Known {
    fn of_the_page() -> Self {
        let (mut times, mut others) = (BTreeSet::new(), BTreeSet::new());
        for row in numbers() {
            let unit = row[0].rsplit(", ").next().unwrap();
            let unit = if unit == "days of mail" { "days" } else { unit };
            times.extend(milliseconds(&row[1], unit));
            others.extend(number(&row[1]));
        }
        for row in columns::<4>("## Signed objects", "Object | Signed by") {
            others.extend(number(&row[3]));
        }
        let source = Source::read();
        let word = source.value("WORD_BITS");
        let fingerprint = word * source.value("FINGERPRINT_WORDS");
        others.extend([word, fingerprint, 8 * source.value("BITS_LEN")]);
        Self { times, others }
    }

    /// The times, and the other numbers of two digits or more, that have no row.
    fn unknown(&self, block: &Block) -> Vec<String> {
        let mut unknown = Vec::new();
        for [time, unit] in pairs(&block.whole) {
            let without_row = milliseconds(time, unit).is_some_and(|time| !self.times.contains(&time));
            unknown.extend(without_row.then(|| format!("{time} {unit}")));
        }
        // The "(32)" of a formula has a test of its own.
        let words = block.free.split_whitespace();
        let words: Vec<&str> = words.filter(|word| sizes(word).is_empty()).collect();
        let words = words.join(" ");
        let pairs = pairs(&words);
        let named = pairs
            .iter()
            .filter(|[name, _]| ["RFC", "FIPS", "decision"].contains(name));
        let named: Vec<&str> = named.map(|[_, number]| *number).collect();
        for [text, unit] in &pairs {
            let other = number(text).filter(|other| *other > 9 && milliseconds(text, unit).is_none());
            let other = other.filter(|other| !named.contains(text) && !self.others.contains(other));
            unknown.extend(other.map(|_| (*text).to_owned()));
        }
        unknown
    }
}

/// A paragraph, or a row of a table.
struct Block {
    whole: String,
    /// The part that has no test of its own.
    free: String,
}

/// All blocks of a text, and the heads of its tables.
fn blocks(text: &str) -> (Vec<Block>, BTreeSet<&str>) {
    let (mut blocks, mut heads) = (Vec::new(), BTreeSet::new());
    for paragraph in text.split("\n\n") {
        let rows = paragraph.trim();
        if !rows.starts_with('|') {
            let whole = rows.replace('\n', " ");
            let free = whole.clone();
            blocks.push(Block { whole, free });
            continue;
        }
        let head = rows.trim_start_matches('|').split('|').next().unwrap().trim();
        heads.insert(head);
        for row in rows.lines() {
            let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
            let whole = cells.join(" – ");
            let last = cells.last().copied().unwrap_or_default().to_owned();
            let free = if COMPARED.contains(&head) {
                last
            } else {
                whole.clone()
            };
            blocks.push(Block { whole, free });
        }
    }
    (blocks, heads)
}

/// The page without its rows under "Numbers", of which the last cell gives reasons.
fn without_numbers() -> String {
    let (before, rest) = LAW.split_once("\n## Numbers\n").unwrap();
    let (_, after) = rest.split_once("\n## ").unwrap();
    format!("{before}\n\n{after}")
}

#[test]
fn every_number_in_the_text_has_a_row() {
    let known = Known::of_the_page();
    let text = without_numbers();
    let (blocks, heads) = blocks(&text);
    for block in &blocks {
        let unknown = known.unknown(block);
        assert!(unknown.is_empty(), "no row for {unknown:?}: {}", block.whole);
    }
    let gone: Vec<_> = COMPARED.iter().filter(|head| !heads.contains(*head)).collect();
    assert!(gone.is_empty(), "listed here, and no table of the page: {gone:?}");
}

/// Each chapter is read: a number that is put into it is found.
#[test]
fn a_number_without_a_row_is_found_in_every_chapter() {
    let known = Known::of_the_page();
    let text = without_numbers();
    let chapters = text.split("\n#").count();
    assert!(chapters > 40, "{chapters} chapters");
    let planted = [
        "It waits\n19 s.",
        "Of these 9,997 are left.",
        "| A new table | Of |\n|---|---|\n| it waits 19 s | here |",
        "| A new table | Of |\n|---|---|\n| 9,997 | cells |",
        "| Kind | Meaning |\n|---|---|\n| 1 | 9,997 cells |",
    ];
    for (chapter, sentence) in (1..chapters).flat_map(|chapter| planted.map(|sentence| (chapter, sentence))) {
        let mut parts: Vec<String> = text.split("\n#").map(str::to_owned).collect();
        parts[chapter] += &format!("\n\n{sentence}\n");
        let text = parts.join("\n#");
        let found: Vec<String> = blocks(&text)
            .0
            .iter()
            .flat_map(|block| known.unknown(block))
            .collect();
        assert_eq!(found.len(), 1, "chapter {chapter}, {sentence}: {found:?}");
    }
}
