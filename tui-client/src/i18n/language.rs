//! Which language a command speaks when nobody chose one: what the system says, in the order of POSIX.

/// Languages of every face.
pub(crate) const KNOWN: [&str; 3] = ["fr", "ar", "en"];

/// The language of this process's locale; English where it names none that is known.
pub(crate) fn language() -> &'static str {
    of(|name| std::env::var(name).ok())
}

fn of(variable: impl Fn(&str) -> Option<String>) -> &'static str {
    let set = hamsa_system::locale::first_set(&["LC_ALL", "LC_MESSAGES", "LANG"], variable);
    set.and_then(|(_, locale)| known(&locale)).unwrap_or("en")
}

/// The known language that a locale or a code names.
fn known(locale: &str) -> Option<&'static str> {
    let code = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
    let code = code.to_ascii_lowercase();
    let code = if code == "ary" { "ar" } else { code.as_str() };
    KNOWN.into_iter().find(|known| *known == code)
}

/// Reads `--lang`.
///
/// # Errors
/// The languages that there are.
pub(crate) fn chosen(code: &str) -> Result<String, String> {
    let code = hamsa_protocol::text::code(code);
    known(&code)
        .map(str::to_owned)
        .ok_or_else(|| format!("there is {}", KNOWN.join(", ")))
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
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let with = |pairs: &[(&str, &str)]| {
            of(|name| {
                let found = pairs.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(with(&[]), "en");
        assert_eq!(with(&[("LANG", "C")]), "en");
        assert_eq!(with(&[("LANG", "C.UTF-8")]), "en");
        assert_eq!(with(&[("LANG", "fr_MA.UTF-8")]), "fr");
        assert_eq!(with(&[("LC_ALL", "ar_MA.UTF-8"), ("LANG", "fr_FR.UTF-8")]), "ar");
        assert_eq!(
            with(&[("LC_ALL", ""), ("LC_MESSAGES", "ary_MA"), ("LANG", "fr")]),
            "ar"
        );
        assert_eq!(with(&[("LANG", "de_DE.UTF-8")]), "en");
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
        assert_eq!(chosen("FR").as_deref(), Ok("fr"));
        assert_eq!(chosen("\u{200f}ar").as_deref(), Ok("ar"));
        assert_eq!(chosen("xx"), Err("there is fr, ar, en".to_owned()));
    }
}
