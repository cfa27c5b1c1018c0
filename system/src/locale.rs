//! The encoding that the locale of this process names. Hamsa writes and reads UTF-8 in any case; with another encoding
//! letters may look wrong or be missing, and the person is warned.

/// Variables that decide, in the order of POSIX.
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];

/// What sets another encoding than UTF-8, such as `LC_ALL=C`; `None` where UTF-8 is named.
#[must_use]
pub fn not_utf8() -> Option<String> {
    of(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
}

/// What sets UTF-8 and leaves the language as it is. Where `LC_ALL` is set, it decides over every other variable.
#[must_use]
pub fn utf8_instead() -> String {
    instead(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
}

fn instead(variable: impl Fn(&str) -> Option<String>) -> String {
    let Some((name, value)) = first_set(&["LC_ALL"], variable) else {
        return "LC_CTYPE=C.UTF-8".to_owned();
    };
    let language = value.split(['.', '@']).next().unwrap_or_default();
    let language = if language == "POSIX" { "C" } else { language };
    format!("{name}={language}.UTF-8")
}

/// The first of these variables that is set, and its value; an empty one counts as not set.
pub fn first_set<'a>(
    names: &[&'a str],
    variable: impl Fn(&str) -> Option<String>,
) -> Option<(&'a str, String)> {
    let set = |name: &&'a str| Some((*name, variable(name).filter(|value| !value.is_empty())?));
    names.iter().find_map(set)
}

fn of(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    match first_set(&VARIABLES, variable) {
        None => Some("LANG is not set".to_owned()),
        Some((_, value)) if names_utf8(&value) => None,
        Some((name, value)) => Some(format!("{name}={value}")),
    }
}

/// `language_COUNTRY.encoding@variant`, or the encoding alone as macOS has it.
fn names_utf8(locale: &str) -> bool {
    let locale = locale.split('@').next().unwrap_or_default();
    let encoding = locale.rsplit('.').next().unwrap_or_default();
    let letters = encoding.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let with = |pairs: &[(&str, &str)]| {
            of(|name| {
                let found = pairs.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        for utf8 in [
            "C.UTF-8",
            "fr_FR.utf8",
            "ar_MA.UTF8",
            "ca_ES.UTF-8@valencia",
            "UTF-8",
        ] {
            assert_eq!(with(&[("LANG", utf8)]), None, "{utf8}");
        }
        let named = |name: &str, value: &str| Some(format!("{name}={value}"));
        for other in ["C", "POSIX", "fr_FR.ISO-8859-1", "fr_FR@euro", "fr_FR", "UTF-16"] {
            assert_eq!(
                with(&[("LC_ALL", other), ("LANG", "fr_FR.UTF-8")]),
                named("LC_ALL", other)
            );
        }
        assert_eq!(
            with(&[("LC_ALL", ""), ("LC_CTYPE", "C"), ("LANG", "C.UTF-8")]),
            named("LC_CTYPE", "C")
        );
        assert_eq!(with(&[]).as_deref(), Some("LANG is not set"));
    }

    #[test]
    fn what_is_advised_leaves_the_language() {
        let with = |all: &str| instead(|name| (name == "LC_ALL").then(|| all.to_owned()));
        assert_eq!(with("fr_FR.ISO-8859-1"), "LC_ALL=fr_FR.UTF-8");
        assert_eq!(with("ca_ES@euro"), "LC_ALL=ca_ES.UTF-8");
        assert_eq!(with("C"), "LC_ALL=C.UTF-8");
        assert_eq!(with("POSIX"), "LC_ALL=C.UTF-8");
        // `LANG` or `LC_MESSAGES` names the language, and stays.
        assert_eq!(with(""), "LC_CTYPE=C.UTF-8");
    }
}
