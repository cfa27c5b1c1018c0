//! docs/settings.md against the parser, both ways: its keys, its example, and what it says of mistakes.

use std::{collections::BTreeSet, path::PathBuf};

use hamsa_protocol::{
    crypto::keys::SignKey,
    objects::{CHATS_MAX, LABEL_LETTERS_MAX, LABEL_MAX, SETTINGS_MAX, TEXT_MAX},
};

use super::{super::file::AssociationFile, *};

const PAGE: &str = include_str!("../../../docs/settings.md");

/// What the command makes of a file.
fn read(text: &str) -> Result<Settings, String> {
    let association = Association {
        path: PathBuf::from("A"),
        root: SignKey::from_bytes(&[7; 32]),
        file: AssociationFile::named(&label("Association B").unwrap()),
    };
    let settings = association
        .read_settings(Path::new("F.toml"), text)
        .map_err(|error| error.to_string())?;
    let encoded = settings.encode().map_err(AssociationError::from);
    encoded.map(|_| settings).map_err(|error| error.to_string())
}

/// The rows of the table whose head begins with these cells.
fn table(head: &str) -> Vec<Vec<&'static str>> {
    let (_, rest) = PAGE
        .split_once(&format!("\n| {head} |\n"))
        .unwrap_or_else(|| panic!("a table {head}"));
    let rows = rest.lines().skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

fn keys(head: &str) -> BTreeSet<String> {
    let rows = table(head);
    let keys: BTreeSet<String> = rows
        .iter()
        .map(|row| row[0].trim_matches('`').to_owned())
        .collect();
    assert_eq!(keys.len(), rows.len(), "a key stands twice");
    keys
}

/// The keys that the parser takes, as it says itself of one that it does not take.
fn taken(unknown: &str) -> BTreeSet<String> {
    let answer = read(unknown).unwrap_err();
    let (_, expected) = answer.split_once("expected one of ").expect("a list of keys");
    let keys = expected.split('`').skip(1).step_by(2);
    keys.map(str::to_owned).collect()
}

#[test]
fn page_and_parser_have_the_same_keys() {
    assert_eq!(keys("Key | Type | Limit | Without it"), taken("zz = 1"));
    let texts = keys("Key | Type | Limit | Without it | What belongs there");
    assert_eq!(texts, taken("texts.fr.zz = 1"));
}

#[test]
fn the_example_of_the_page_is_complete_and_valid() {
    let example = PAGE
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let example = example.expect("an example");
    let settings = read(example).unwrap();
    assert_eq!(
        (settings.name.as_str(), settings.chats_at_once),
        ("Association A", 2)
    );
    assert_eq!(settings.texts.len(), 3);
    for texts in &settings.texts {
        let LocalTexts {
            language,
            hours,
            confidentiality,
            danger,
            legal,
            services,
        } = texts;
        for text in [hours, confidentiality, danger, legal, services] {
            assert!(!text.is_empty(), "{language}: {texts:#?}");
        }
    }
    // And every key of it is there by name: a default would hide one that is missing.
    let table: toml::Table = example.parse().unwrap();
    let there = |table: &toml::Table| table.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(there(&table), taken("zz = 1"));
    for texts in table["texts"].as_table().unwrap().values() {
        assert_eq!(there(texts.as_table().unwrap()), taken("texts.fr.zz = 1"));
    }
}

#[test]
fn defaults_are_as_the_page_says() {
    let settings = read("").unwrap();
    assert_eq!(
        (settings.name.as_str(), settings.chats_at_once),
        ("Association B", 1)
    );
    assert!(settings.texts.is_empty());
    let settings = read("[texts.FR]\n").unwrap();
    assert_eq!(settings.texts[0].language.as_str(), "fr");
    assert_eq!(settings.texts[0].hours, "");
}

/// A file with a mistake that does not fit into a cell.
fn described(mistake: &str) -> String {
    let many = |languages: usize, keys: &[&str]| -> String {
        let table = |number: usize| {
            let keys = keys
                .iter()
                .map(|key| format!("{key} = \"{}\"\n", "a".repeat(TEXT_MAX)));
            format!("[texts.a{number}]\n{}", keys.collect::<String>())
        };
        (0..languages).map(table).collect()
    };
    match mistake {
        "a name with 49 letters" => format!("name = \"{}\"", "a".repeat(49)),
        "a name of two lines" => "name = \"a\\nb\"".to_owned(),
        "a key twice" => "name = \"a\"\nname = \"b\"".to_owned(),
        "a text of 2,001 bytes" => format!("texts.fr.legal = \"{}\"", "a".repeat(2_001)),
        "texts in 7 languages" => many(7, &[]),
        "more than 32,768 bytes in all" => {
            many(4, &["hours", "confidentiality", "danger", "legal", "services"])
        }
        other => panic!("nobody knows how to make this mistake: {other}"),
    }
}

#[test]
fn errors_are_as_the_page_says() {
    let rows = table("Mistake | The answer contains | What to do");
    assert!(rows.len() > 15);
    for row in rows {
        let mistake = row[0];
        let code = mistake.strip_prefix('`').and_then(|code| code.strip_suffix('`'));
        let file = code.map_or_else(|| described(mistake), str::to_owned);
        let answer = read(&file).expect_err(mistake);
        for part in row[1].split(" … ") {
            assert!(answer.contains(part), "{mistake}: no {part:?} in\n{answer}");
        }
        // A mistake with a place is in the file that was given, and not in the copy of the one before.
        let placed = answer.contains("TOML parse error") || answer.contains("at `");
        assert_eq!(answer.contains("F.toml"), placed, "{answer}");
        assert!(!answer.contains("settings.toml"), "{answer}");
        assert!(!row[2].is_empty());
    }
}

#[test]
fn page_and_code_have_the_same_limits() {
    let thousands = |number: usize| format!("{},{:03}", number / 1_000, number % 1_000);
    let rows = table("Key | Type | Limit | Without it");
    for (key, limit) in [
        ("`name`", format!("1 to {LABEL_LETTERS_MAX} letters")),
        ("`name`", format!("at most {LABEL_MAX} bytes")),
        ("`chats_at_once`", format!("1 to {CHATS_MAX} chats")),
        ("`texts`", format!("at most {} bytes", thousands(SETTINGS_MAX))),
        ("`texts`", "at most 6 languages".to_owned()),
    ] {
        let row = rows.iter().find(|row| row[0] == key).unwrap();
        assert!(row[2].contains(&limit), "{key}: {limit}");
    }
    for row in table("Key | Type | Limit | Without it | What belongs there") {
        assert_eq!(row[2], format!("{} bytes", thousands(TEXT_MAX)));
    }
    // The longest that is taken.
    for taken in [
        format!("name = \"{}\"", "a".repeat(LABEL_LETTERS_MAX)),
        format!("chats_at_once = {CHATS_MAX}"),
        format!("texts.fr.hours = \"{}\"", "a".repeat(TEXT_MAX)),
        (1..=6).map(|number| format!("[texts.a{number}]\n")).collect(),
    ] {
        assert!(read(&taken).is_ok(), "{taken}");
    }
}
