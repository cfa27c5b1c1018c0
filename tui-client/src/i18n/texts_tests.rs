use std::collections::{BTreeMap, BTreeSet};

use hamsa_client::names::ErrorCode;

use super::{super::KEYS, *};

/// Every key of a file with the variables it names.
fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            last = line.split_once(" =").expect("a key and =").0.to_owned();
            let fresh = keys.insert(last.clone(), BTreeSet::new()).is_none();
            assert!(fresh, "{last} stands there twice");
        }
        for part in line.split('$').skip(1) {
            let name: String = part.chars().take_while(char::is_ascii_alphanumeric).collect();
            keys.get_mut(&last).unwrap().insert(name);
        }
    }
    keys
}

const CATALOGS: [Catalog; 3] = [Catalog::Seeker, Catalog::Desk, Catalog::Commands];

/// Every file with its catalog and its locale.
fn files() -> impl Iterator<Item = (Catalog, Locale, &'static str)> {
    let all = CATALOGS
        .into_iter()
        .flat_map(|catalog| Locale::ALL.map(|locale| (catalog, locale)));
    all.filter_map(|(catalog, locale)| Some((catalog, locale, locale.source(catalog)?)))
}

fn english(catalog: Catalog) -> BTreeMap<String, BTreeSet<String>> {
    keys(Locale::English.source(catalog).unwrap())
}

#[test]
fn every_text_and_variable_stands_in_every_language() {
    for (catalog, locale, source) in files() {
        let (english, theirs) = (english(catalog), keys(source));
        assert!(english.len() > 50);
        for (key, variables) in &english {
            match theirs.get(key) {
                Some(found) => assert_eq!(found, variables, "{key} in {}", locale.name()),
                None => assert!(!Locale::WHOLE.contains(&locale), "no {key} in {}", locale.name()),
            }
        }
        for key in theirs.keys() {
            assert!(
                english.contains_key(key),
                "{key} of {} is not used",
                locale.name()
            );
        }
    }
    for locale in Locale::WHOLE {
        assert!(CATALOGS.iter().all(|catalog| locale.source(*catalog).is_some()));
    }
}

#[test]
fn every_text_resolves_in_every_language() {
    for (catalog, locale, _) in files() {
        let texts = Texts::new(catalog, locale);
        for (key, variables) in english(catalog) {
            let values: Vec<_> = variables.iter().map(|name| (name.as_str(), "7")).collect();
            let said = texts.find(&key, &values).unwrap();
            assert!(said != key && !said.contains(['{', '$']), "{key}: {said}");
            assert!(variables.is_empty() || said.contains('7'), "{key}: {said}");
        }
    }
}

#[test]
fn every_key_has_its_text() {
    for (text, key) in KEYS {
        assert_eq!(text.key(), key);
        assert!(CATALOGS.iter().any(|catalog| english(*catalog).contains_key(key)));
    }
    assert_eq!(
        KEYS.len(),
        CATALOGS
            .iter()
            .map(|catalog| english(*catalog).len())
            .sum::<usize>()
    );
}

#[test]
fn every_file_asks_for_a_native_review_until_it_had_one() {
    for (_, locale, source) in files().filter(|(catalog, ..)| *catalog != Catalog::Desk) {
        let head = source.lines().take(3).collect::<Vec<_>>().join(" ");
        assert!(head.contains("Needs native review"), "{}", locale.name());
    }
}

#[test]
fn no_text_of_the_seeker_counts() {
    // Plural rules are missing for two of the languages: a number stands alone, after a colon or in brackets.
    for (_, locale, source) in files().filter(|(catalog, ..)| *catalog == Catalog::Seeker) {
        assert!(!source.contains("->"), "{}", locale.name());
    }
}

#[test]
fn a_missing_sentence_is_said_in_the_next_language() {
    let texts = Texts::seeker(Locale::Tamazight);
    let french = Texts::seeker(Locale::French);
    assert_eq!(texts.say(Text::SeekSafeSaved), french.say(Text::SeekSafeSaved));
    assert_ne!(texts.say(Text::SeekExit), french.say(Text::SeekExit));
}

fn report(code: ErrorCode) -> ErrorReport {
    ErrorReport::new(code, "plain\u{1b}[2J", "English")
}

#[test]
fn an_unknown_error_has_a_sentence_without_english() {
    for locale in Locale::ALL {
        let texts = Texts::seeker(locale);
        for code in [ErrorCode::VaultIo, ErrorCode::CertificateFile] {
            assert_eq!(
                texts.error(&report(code)),
                texts.say(Text::SeekErrorUnknown),
                "{code:?}"
            );
        }
    }
}

#[test]
fn too_long_names_both_numbers() {
    for locale in Locale::WHOLE {
        let long = ErrorReport {
            message: "a message holds at most 16384 bytes, this one has 20001".to_owned(),
            ..report(ErrorCode::TooLong)
        };
        let said = Texts::seeker(locale).error(&long);
        assert!(said.contains("16384") && said.contains("20001"), "{said}");
    }
}

/// A vault is opened before there is a face with these texts.
fn of_the_vault(code: ErrorCode) -> bool {
    let heads = ["vault_", "certificate_"];
    heads.iter().any(|head| code.name().starts_with(head))
}

#[test]
fn every_code_that_a_seeker_is_told_has_a_text() {
    use ErrorCode::{
        BadAddress, BadCommand, Enough, NoWords, NobodyWaits, OlderRoster, Stopped, TransferDeclined, Vault,
    };

    // What a counselor alone is told, and what the json face says itself.
    let others = [
        NoWords,
        TransferDeclined,
        NobodyWaits,
        Enough,
        OlderRoster,
        BadCommand,
        BadAddress,
        Vault,
        Stopped,
    ];
    let own = ErrorCode::ALL.iter();
    let own = own.filter(|code| !others.contains(code) && !of_the_vault(**code));
    let all: BTreeSet<ErrorCode> = own.copied().collect();
    for locale in Locale::WHOLE {
        let texts = Texts::seeker(locale);
        let source = keys(locale.source(Catalog::Seeker).unwrap());
        for code in &all {
            let key = format!("seek-error-{}", code.name().replace('_', "-"));
            assert!(source.contains_key(&key), "{key} in {}", locale.name());
            assert!(!texts.error(&report(*code)).contains("English"), "{code:?}");
        }
    }
}

#[test]
fn every_code_that_a_desk_is_told_has_a_text() {
    use hamsa_client::names::ErrorCode as Code;

    // What only a seeker is told, and what the json face says itself.
    let others = [
        Code::BadLanguage,
        Code::Already,
        Code::NothingAsked,
        Code::BadPhrase,
        Code::PhraseBusy,
        Code::NoPhrase,
        Code::LeaveBusy,
        Code::LeaveLater,
        Code::NobodyReads,
        Code::NotKept,
        Code::MailRefused,
        Code::BadCommand,
        Code::BadAddress,
        Code::Vault,
        Code::Stopped,
    ];
    let own = Code::ALL.iter();
    let own = own.filter(|code| !others.contains(code) && !of_the_vault(**code));
    let codes: Vec<Code> = own.copied().collect();
    for locale in Locale::WHOLE {
        let texts = Texts::desk(locale);
        let report = |code| ErrorReport::new(code, "in English", "in English");
        let unknown = texts.error(&report(Code::VaultIo));
        assert_eq!(unknown, texts.say(Text::DeskErrorUnknown));
        for code in &codes {
            let said = texts.error(&report(*code));
            assert_ne!(said, unknown, "{code:?}");
            assert!(
                !said.contains("English") && !said.contains("desk-error"),
                "{said}"
            );
        }
    }
}
