//! docs/counselor.*.md name every key of the desk and no other, and its marks as they stand on the screen.

use std::collections::BTreeSet;

use super::*;
use crate::i18n::{Locale, Text};

const PAGES: [(&str, &str); 3] = [
    ("en", include_str!("../../../docs/counselor.en.md")),
    ("fr", include_str!("../../../docs/counselor.fr.md")),
    ("ar", include_str!("../../../docs/counselor.ar.md")),
];

/// Keys as they are written on a French keyboard.
const FRENCH: [(&str, &str); 5] = [
    ("Enter", "Entrée"),
    ("Alt+Enter", "Alt+Entrée"),
    ("Esc", "Échap"),
    ("PgUp", "PgPréc"),
    ("PgDn", "PgSuiv"),
];

fn written(key: &str, language: &str) -> String {
    let french = FRENCH.iter().find(|(english, _)| *english == key);
    let french = french.filter(|_| language == "fr");
    french.map_or(key, |(_, french)| french).to_owned()
}

#[test]
fn the_manuals_name_every_key_of_the_desk_and_no_other() {
    for (language, page) in PAGES {
        let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
        let keys = KEYS.iter().flat_map(|(keys, _)| keys.split_whitespace());
        // Help has a key that its own page does not show; `y` answers, and numbers are chats.
        let keys = keys.chain(["F1", "y", "1", "9"]);
        let keys: BTreeSet<String> = keys.map(|key| written(key, language)).collect();
        let keys: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
        assert_eq!(named, keys, "{language}");
    }
}

#[test]
fn the_manuals_show_the_marks_as_the_screen_does() {
    use hamsa_client::api::MessageState::{AtNode, Failed, Received, Written};

    for (language, page) in PAGES {
        let texts = Texts::desk(Locale::of(language).unwrap());
        for state in [Written, AtNode, Received, Failed] {
            let mark = texts.say(state_key(state));
            assert!(page.contains(&format!("\n| {mark} |")), "{language}: {mark}");
        }
        for said in [texts.say(Text::DeskOnDuty), texts.say(Text::DeskEndedLeftQuickly)] {
            let said = said.split('.').next().unwrap();
            assert!(page.contains(said), "{language}: {said}");
        }
    }
}
