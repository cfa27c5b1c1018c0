//! Which language a command speaks when none was chosen: that of the system, in the order of POSIX.

use super::Locale;

/// The language of this process's locale; English where it names none that every face has.
pub(crate) fn language() -> Locale {
    of(|name| std::env::var(name).ok())
}

fn of(variable: impl Fn(&str) -> Option<String>) -> Locale {
    let set = hamsa_system::locale::first_set(&["LC_ALL", "LC_MESSAGES", "LANG"], variable);
    set.and_then(|(_, locale)| known(&locale))
        .unwrap_or(Locale::English)
}

/// The language that a locale or a code names, if every face has it.
fn known(locale: &str) -> Option<Locale> {
    let code = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
    Locale::of(code).filter(|locale| Locale::WHOLE.contains(locale))
}

/// Reads `--lang`.
///
/// # Errors
/// The languages that there are.
pub(crate) fn chosen(code: &str) -> Result<Locale, String> {
    let code = hamsa_protocol::text::code(code);
    known(&code).ok_or_else(|| format!("there is {}", Locale::WHOLE.map(Locale::code).join(", ")))
}

/// Answers that are yes: in each language of the faces, in Darija, and in Tamazight. A letter alone is none.
const YES: [&str; 8] = ["yes", "oui", "نعم", "آه", "اه", "ايه", "إيه", "yah"];

/// Whether an answer is yes, in whichever of the languages.
pub(crate) fn is_yes(answer: &str) -> bool {
    let answer = hamsa_protocol::text::name(answer).to_lowercase();
    YES.contains(&answer.as_str())
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Catalog, Text, Texts},
        *,
    };

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let with = |pairs: &[(&str, &str)]| {
            of(|name| {
                let found = pairs.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(with(&[]), Locale::English);
        assert_eq!(with(&[("LANG", "C")]), Locale::English);
        assert_eq!(with(&[("LANG", "C.UTF-8")]), Locale::English);
        assert_eq!(with(&[("LANG", "fr_MA.UTF-8")]), Locale::French);
        assert_eq!(
            with(&[("LC_ALL", "ar_MA.UTF-8"), ("LANG", "fr_FR.UTF-8")]),
            Locale::Arabic
        );
        assert_eq!(
            with(&[("LC_ALL", ""), ("LC_MESSAGES", "ary_MA"), ("LANG", "fr")]),
            Locale::Arabic
        );
        assert_eq!(with(&[("LANG", "de_DE.UTF-8")]), Locale::English);
    }

    #[test]
    fn the_setting_that_is_advised_keeps_the_language() {
        for locale in Locale::WHOLE {
            for (catalog, text) in [
                (Catalog::Desk, Text::DeskLocale),
                (Catalog::Seeker, Text::SeekLocale),
            ] {
                let said = Texts::new(catalog, locale).say(text);
                let value = said.split_once("LC_ALL=").unwrap().1.trim_end_matches('.');
                assert!(value.ends_with(".UTF-8") && !value.contains(' '), "{said}");
                assert_eq!(of(|name| (name == "LC_ALL").then(|| value.to_owned())), locale);
            }
        }
    }

    #[test]
    fn yes_is_yes_in_every_language_and_nothing_else_is() {
        for yes in [" Oui ", "YES", "\u{200f}نعم", "\u{627}\u{653}ه"]
            .iter()
            .chain(&YES)
        {
            assert!(is_yes(yes), "{yes}");
        }
        for no in ["", "y", "o", "no", "non", "لا", "آه لا", "نعم نعم", "uhu"] {
            assert!(!is_yes(no), "{no}");
        }
    }

    #[test]
    fn an_unknown_language_is_refused_with_the_known_ones() {
        assert_eq!(chosen("FR"), Ok(Locale::French));
        assert_eq!(chosen("\u{200f}ar"), Ok(Locale::Arabic));
        assert_eq!(chosen("xx"), Err("there is fr, ar, en".to_owned()));
    }
}
