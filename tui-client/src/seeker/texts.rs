//! The seeker's sentences in her language. A sentence that a language does not have yet is said in the next one
//! of its chain, down to English, which has them all. Words of others are made harmless where they are put in.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use hamsa_client::api::{AssociationTexts, ErrorReport};

pub(super) use crate::script::width;
use crate::script::{self, Harmless, Row, Strategy};

/// Somebody else's words without anything a terminal would obey.
pub(super) fn clean(text: &str) -> String {
    Harmless::text(text).into_string()
}

/// A name of somebody else's choosing, as one harmless line.
pub(super) fn one_line(name: &str) -> String {
    Harmless::line(name).into_string()
}

/// Somebody's words as rows of at most `columns`, in this run's way of drawing Arabic.
pub(super) fn fold(words: &str, columns: u16) -> Vec<Row> {
    script::rows(&Harmless::text(words), columns, Strategy::current())
}

/// One row in the order the eye reads.
pub(super) fn visual(line: &str) -> String {
    script::one_row(&Harmless::line(line), Strategy::current()).text
}

/// One row, cut with `…` where it does not fit.
pub(super) fn fit(line: &str, columns: u16) -> String {
    let line = script::cut(&Harmless::line(line), usize::from(columns));
    script::one_row(&line, Strategy::current()).text
}

/// What is being written as rows, and the column and row of the caret.
pub(super) fn compose(before: &str, after: &str, columns: u16) -> (Vec<String>, (u16, u16)) {
    script::compose(before, after, columns, Strategy::current())
}

/// One of our own sentences as rows in the order the eye reads.
pub(super) fn ours(sentence: &str, columns: u16) -> Vec<String> {
    fold(sentence, columns).into_iter().map(|row| row.text).collect()
}

/// A language of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// French.
    French,
    /// Arabic script: Darija wording, Standard where Darija has no settled word.
    Arabic,
    /// English.
    English,
    /// Tamazight in Latin letters.
    TamazightLatin,
    /// Tamazight in Tifinagh.
    Tamazight,
}

/// The parts of a language that are facts, not sentences.
struct Facts {
    /// What `--lang` takes and what counselors' certificates carry.
    code: &'static str,
    /// Its name in itself.
    name: &'static str,
    source: &'static str,
    /// How it says "in part", while some of its sentences are said in another language.
    partly: Option<&'static str>,
    /// Where to look when a sentence is missing.
    next: Option<Tongue>,
}

impl Tongue {
    /// All, in the order of the menu.
    pub(crate) const ALL: [Self; 5] = [
        Self::French,
        Self::Arabic,
        Self::English,
        Self::TamazightLatin,
        Self::Tamazight,
    ];

    const fn facts(self) -> Facts {
        match self {
            Self::French => Facts {
                code: "fr",
                name: "Français",
                source: include_str!("../words/fr-seeker.ftl"),
                partly: None,
                next: Some(Self::English),
            },
            Self::Arabic => Facts {
                code: "ar",
                name: "العربية (الدارجة)",
                source: include_str!("../words/ar-seeker.ftl"),
                partly: None,
                next: Some(Self::French),
            },
            Self::English => Facts {
                code: "en",
                name: "English",
                source: include_str!("../words/en-seeker.ftl"),
                partly: None,
                next: None,
            },
            Self::TamazightLatin => Facts {
                code: "zgh-latn",
                name: "Tamaziɣt",
                source: include_str!("../words/zgh-latn-seeker.ftl"),
                partly: Some("kra"),
                next: Some(Self::French),
            },
            Self::Tamazight => Facts {
                code: "zgh",
                name: "ⵜⴰⵎⴰⵣⵉⵖⵜ",
                source: include_str!("../words/zgh-seeker.ftl"),
                partly: Some("ⴽⵔⴰ"),
                next: Some(Self::French),
            },
        }
    }

    /// The language of a code as people type it; `None` when there is none.
    pub(crate) fn of(code: &str) -> Option<Self> {
        let code = code.to_ascii_lowercase().replace('_', "-");
        match code.as_str() {
            "ary" => Some(Self::Arabic),
            "tzm" | "ber" => Some(Self::TamazightLatin),
            _ => Self::ALL.into_iter().find(|tongue| tongue.facts().code == code),
        }
    }

    /// Its name in itself.
    pub(crate) fn name(self) -> String {
        let Facts { name, partly, .. } = self.facts();
        partly.map_or_else(|| name.to_owned(), |partly| format!("{name} ({partly})"))
    }

    /// The code that counselors' certificates carry: a script is no language.
    pub(crate) const fn spoken(self) -> &'static str {
        match self {
            Self::TamazightLatin | Self::Tamazight => "zgh",
            other => other.facts().code,
        }
    }

    /// Whether it is written from the right.
    pub(crate) const fn is_from_right(self) -> bool {
        matches!(self, Self::Arabic)
    }

    /// A colon as its rows have it; French, and what falls back to it, puts a space before.
    pub(crate) const fn colon(self) -> &'static str {
        match self {
            Self::Arabic | Self::English => ":",
            Self::French | Self::TamazightLatin | Self::Tamazight => "\u{a0}:",
        }
    }

    /// It, and where to look next.
    fn chain(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |tongue| tongue.facts().next)
    }
}

/// The sentences of one language and of those it falls back to.
pub(crate) struct Texts {
    tongue: Tongue,
    /// Whether keys are lines: then a sentence that names a key has another wording.
    lines: bool,
    bundles: Vec<FluentBundle<FluentResource>>,
}

impl Texts {
    /// The sentences of `tongue`.
    pub(crate) fn new(tongue: Tongue) -> Self {
        Self {
            tongue,
            lines: false,
            bundles: tongue.chain().map(bundle).collect(),
        }
    }

    /// The same for the plain face.
    pub(crate) fn for_lines(tongue: Tongue) -> Self {
        Self {
            lines: true,
            ..Self::new(tongue)
        }
    }

    /// Which language this is.
    pub(crate) const fn tongue(&self) -> Tongue {
        self.tongue
    }

    /// Whether keys are lines.
    pub(crate) const fn lines(&self) -> bool {
        self.lines
    }

    /// A sentence without variables.
    pub(crate) fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A sentence with variables; they are made harmless here, and one line each: a name with a line break in it
    /// must not look like a sentence of ours.
    pub(crate) fn with(&self, key: &str, variables: &[(&str, &str)]) -> String {
        let plain = || self.find(&format!("{key}-plain"), variables);
        let said = if self.lines { plain() } else { None };
        // A missing key shows as itself: strange, but not silent, and a test finds it first.
        said.or_else(|| self.find(key, variables))
            .unwrap_or_else(|| key.to_owned())
    }

    fn find(&self, key: &str, variables: &[(&str, &str)]) -> Option<String> {
        let mut args = FluentArgs::new();
        for (name, value) in variables {
            args.set((*name).to_owned(), Harmless::line(value).into_string());
        }
        self.bundles.iter().find_map(|bundle| {
            let pattern = bundle.get_message(key)?.value()?;
            let said = bundle.format_pattern(pattern, Some(&args), &mut Vec::new());
            Some(said.into_owned())
        })
    }

    /// What the engine reported: what happened and what to do. A code that has no sentence has one of the fallback's,
    /// in the same language.
    pub(crate) fn error(&self, report: &ErrorReport) -> String {
        if report.code == hamsa_client::names::ErrorCode::TooLong
            && let Some((most, bytes)) = two_numbers(&report.message)
        {
            return self.too_long("seek-too-long", bytes, most);
        }
        let key = format!("seek-error-{}", report.code.name().replace('_', "-"));
        // A key is ours; a code with other letters in it is not.
        let ours = key.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        let known = || {
            let by_lines = self.lines.then(|| self.find(&format!("{key}-plain"), &[]));
            by_lines.flatten().or_else(|| self.find(&key, &[]))
        };
        ours.then(known)
            .flatten()
            .unwrap_or_else(|| self.say("seek-error-unknown"))
    }

    /// What does not fit, with both numbers.
    pub(crate) fn too_long(&self, key: &str, bytes: usize, most: usize) -> String {
        self.with(key, &[("bytes", &bytes.to_string()), ("most", &most.to_string())])
    }

    /// What the association says, in her language or the nearest that it wrote in; `None` when it wrote nothing.
    pub(crate) fn association(
        &self,
        all: &[AssociationTexts],
        part: impl Fn(&AssociationTexts) -> &String,
    ) -> Option<String> {
        let written = |code: &str| {
            all.iter()
                .filter(|texts| texts.language == code || (code == "ar" && texts.language == "ary"))
                .map(&part)
                .find(|text| !text.trim().is_empty())
        };
        self.tongue
            .chain()
            .find_map(|tongue| written(tongue.spoken()))
            .or_else(|| all.iter().map(&part).find(|text| !text.trim().is_empty()))
            .map(|text| clean(text.trim()))
    }
}

/// The two numbers of an error that names both: the most that fits, and what was tried.
fn two_numbers(message: &str) -> Option<(usize, usize)> {
    let mut numbers = message
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok());
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(most), Some(bytes), None) => Some((most, bytes)),
        _ => None,
    }
}

fn bundle(tongue: Tongue) -> FluentBundle<FluentResource> {
    let locales = tongue.facts().code.parse().into_iter().collect();
    let mut bundle = FluentBundle::new_concurrent(locales);
    // Isolates are invisible marks that a terminal may print as boxes; our sentences place their variables at an
    // edge instead.
    bundle.set_use_isolating(false);
    let source = tongue.facts().source.to_owned();
    let resource = FluentResource::try_new(source).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use hamsa_client::names::ErrorCode;

    use super::*;

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

    #[test]
    fn every_sentence_and_variable_stands_in_every_language() {
        let english = keys(Tongue::English.facts().source);
        assert!(english.len() > 100);
        for tongue in Tongue::ALL {
            let theirs = keys(tongue.facts().source);
            for (key, variables) in &english {
                match theirs.get(key) {
                    Some(found) => assert_eq!(found, variables, "{key} in {}", tongue.name()),
                    None => assert!(
                        tongue.facts().partly.is_some(),
                        "{key} is missing in {}",
                        tongue.name()
                    ),
                }
            }
            for key in theirs.keys() {
                assert!(
                    english.contains_key(key),
                    "{key} of {} is used by nobody",
                    tongue.name()
                );
            }
        }
    }

    #[test]
    fn every_sentence_resolves_in_every_language() {
        let english = keys(Tongue::English.facts().source);
        for tongue in Tongue::ALL {
            let texts = Texts::new(tongue);
            for (key, variables) in &english {
                let values: Vec<_> = variables.iter().map(|name| (name.as_str(), "7")).collect();
                let said = texts.with(key, &values);
                assert!(said != *key && !said.contains(['{', '$']), "{key}: {said}");
                assert!(variables.is_empty() || said.contains('7'), "{key}: {said}");
            }
        }
    }

    #[test]
    fn every_file_asks_for_a_native_review_until_it_had_one() {
        for tongue in Tongue::ALL {
            let head: Vec<&str> = tongue.facts().source.lines().take(3).collect();
            assert!(
                head.iter().any(|line| line.contains("Needs native review")),
                "{}",
                tongue.name()
            );
        }
    }

    #[test]
    fn no_sentence_counts() {
        // Plural rules are missing for two of the languages: a number stands alone, after a colon or in brackets.
        for tongue in Tongue::ALL {
            let selector = tongue.facts().source.lines().find(|line| line.contains("->"));
            assert_eq!(selector, None, "{}", tongue.name());
        }
    }

    #[test]
    fn a_missing_sentence_is_said_in_the_next_language() {
        let texts = Texts::new(Tongue::Tamazight);
        let french = Texts::new(Tongue::French);
        assert_eq!(texts.say("seek-safe-saved"), french.say("seek-safe-saved"));
        assert_ne!(texts.say("seek-exit"), french.say("seek-exit"));
    }

    fn report(code: ErrorCode) -> ErrorReport {
        ErrorReport::new(code, "plain\u{1b}[2J", "English")
    }

    #[test]
    fn an_unknown_error_has_a_sentence_without_english() {
        for tongue in Tongue::ALL {
            let texts = Texts::new(tongue);
            for code in [ErrorCode::VaultIo, ErrorCode::CertificateFile] {
                assert_eq!(
                    texts.error(&report(code)),
                    texts.say("seek-error-unknown"),
                    "{code:?}"
                );
            }
        }
    }

    #[test]
    fn too_long_names_both_numbers() {
        for tongue in [Tongue::French, Tongue::Arabic, Tongue::English] {
            let long = ErrorReport {
                message: "a message holds at most 16384 bytes, this one has 20001".to_owned(),
                ..report(ErrorCode::TooLong)
            };
            let said = Texts::new(tongue).error(&long);
            assert!(said.contains("16384") && said.contains("20001"), "{said}");
        }
    }

    #[test]
    fn every_code_of_the_engine_has_a_sentence_in_every_language() {
        use ErrorCode::{BadAddress, BadCommand, Enough, NobodyWaits, Stopped, TransferDeclined, Vault};

        // What a counselor alone is told, and what the json face says itself.
        let others = [
            TransferDeclined,
            NobodyWaits,
            Enough,
            BadCommand,
            BadAddress,
            Vault,
            Stopped,
        ];
        let of_the_vault = |code: &ErrorCode| {
            ["vault_", "certificate_"]
                .iter()
                .any(|head| code.name().starts_with(head))
        };
        let own = ErrorCode::ALL
            .iter()
            .filter(|code| !others.contains(code) && !of_the_vault(code));
        let all: BTreeSet<ErrorCode> = own.copied().collect();
        for tongue in [Tongue::French, Tongue::Arabic, Tongue::English] {
            let texts = Texts::new(tongue);
            let source = keys(tongue.facts().source);
            for code in &all {
                let key = format!("seek-error-{}", code.name().replace('_', "-"));
                assert!(source.contains_key(&key), "{key} in {}", tongue.name());
                assert!(!texts.error(&report(*code)).contains("English"), "{code:?}");
            }
        }
    }

    #[test]
    fn the_association_speaks_in_the_nearest_language() {
        let texts = |language: &str, hours: &str| AssociationTexts {
            language: language.to_owned(),
            hours: hours.to_owned(),
            confidentiality: String::new(),
            danger: String::new(),
            legal: String::new(),
            services: String::new(),
        };
        let all = [texts("en", "nine"), texts("fr", "neuf"), texts("ary", " ")];
        let hours = |tongue| Texts::new(tongue).association(&all, |texts| &texts.hours);
        assert_eq!(hours(Tongue::Arabic).as_deref(), Some("neuf"));
        assert_eq!(hours(Tongue::English).as_deref(), Some("nine"));
        let only = [texts("es", "nueve")];
        let hours = Texts::new(Tongue::French).association(&only, |texts| &texts.hours);
        assert_eq!(hours.as_deref(), Some("nueve"));
        assert_eq!(
            Texts::new(Tongue::French).association(&all, |texts| &texts.legal),
            None
        );
    }
}
