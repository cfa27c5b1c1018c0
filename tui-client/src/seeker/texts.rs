//! The seeker's sentences in her language. A sentence that a language does not have yet is said in the next one
//! of its chain, down to English, which has them all. Words of others are made harmless where they are put in.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use hamsa_client::api::{AssociationTexts, ErrorReport};

pub(super) use crate::text::width;
use crate::text::{self, Row, Sanitized, Strategy};

/// Somebody else's words without anything a terminal would obey.
pub(super) fn clean(text: &str) -> String {
    Sanitized::text(text).into_string()
}

/// A name of somebody else's choosing, as one harmless line.
pub(super) fn one_line(name: &str) -> String {
    Sanitized::line(name).into_string()
}

/// Somebody's words as rows of at most `columns`, in this run's way of drawing Arabic.
pub(super) fn fold(words: &str, columns: u16) -> Vec<Row> {
    text::rows(&Sanitized::text(words), columns, Strategy::current())
}

/// One row in the order the eye reads.
pub(super) fn visual(line: &str) -> String {
    text::one_row(&Sanitized::line(line), Strategy::current()).text
}

/// One row, cut with `…` where it does not fit.
pub(super) fn fit(line: &str, columns: u16) -> String {
    let line = text::cut(&Sanitized::line(line), usize::from(columns));
    text::one_row(&line, Strategy::current()).text
}

/// What is being written as rows, and the column and row of the caret.
pub(super) fn compose(before: &str, after: &str, columns: u16) -> (Vec<String>, (u16, u16)) {
    text::compose(before, after, columns, Strategy::current())
}

/// One of our own sentences as rows in the order the eye reads.
pub(super) fn ours(sentence: &str, columns: u16) -> Vec<String> {
    fold(sentence, columns).into_iter().map(|row| row.text).collect()
}

/// A language of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locale {
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
    next: Option<Locale>,
}

impl Locale {
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
                source: include_str!("../i18n/locales/fr-seeker.ftl"),
                partly: None,
                next: Some(Self::English),
            },
            Self::Arabic => Facts {
                code: "ar",
                name: "العربية (الدارجة)",
                source: include_str!("../i18n/locales/ar-seeker.ftl"),
                partly: None,
                next: Some(Self::French),
            },
            Self::English => Facts {
                code: "en",
                name: "English",
                source: include_str!("../i18n/locales/en-seeker.ftl"),
                partly: None,
                next: None,
            },
            Self::TamazightLatin => Facts {
                code: "zgh-latn",
                name: "Tamaziɣt",
                source: include_str!("../i18n/locales/zgh-latn-seeker.ftl"),
                partly: Some("kra"),
                next: Some(Self::French),
            },
            Self::Tamazight => Facts {
                code: "zgh",
                name: "ⵜⴰⵎⴰⵣⵉⵖⵜ",
                source: include_str!("../i18n/locales/zgh-seeker.ftl"),
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
            _ => Self::ALL.into_iter().find(|locale| locale.facts().code == code),
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
        std::iter::successors(Some(self), |locale| locale.facts().next)
    }
}

/// The sentences of one language and of those it falls back to.
pub(crate) struct Texts {
    locale: Locale,
    /// Whether keys are lines: then a sentence that names a key has another wording.
    lines: bool,
    bundles: Vec<FluentBundle<FluentResource>>,
}

impl Texts {
    /// The sentences of `locale`.
    pub(crate) fn new(locale: Locale) -> Self {
        Self {
            locale,
            lines: false,
            bundles: locale.chain().map(bundle).collect(),
        }
    }

    /// The same for the plain face.
    pub(crate) fn for_lines(locale: Locale) -> Self {
        Self {
            lines: true,
            ..Self::new(locale)
        }
    }

    /// Which language this is.
    pub(crate) const fn locale(&self) -> Locale {
        self.locale
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
            args.set((*name).to_owned(), Sanitized::line(value).into_string());
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
        if report.code == "too_long"
            && let Some((most, bytes)) = two_numbers(&report.message)
        {
            return self.too_long("seek-too-long", bytes, most);
        }
        let key = format!("seek-error-{}", report.code.replace('_', "-"));
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
        self.locale
            .chain()
            .find_map(|locale| written(locale.spoken()))
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

fn bundle(locale: Locale) -> FluentBundle<FluentResource> {
    let locales = locale.facts().code.parse().into_iter().collect();
    let mut bundle = FluentBundle::new_concurrent(locales);
    // Isolates are invisible marks that a terminal may print as boxes; our sentences place their variables at an
    // edge instead.
    bundle.set_use_isolating(false);
    let source = locale.facts().source.to_owned();
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
        let english = keys(Locale::English.facts().source);
        assert!(english.len() > 100);
        for locale in Locale::ALL {
            let theirs = keys(locale.facts().source);
            for (key, variables) in &english {
                match theirs.get(key) {
                    Some(found) => assert_eq!(found, variables, "{key} in {}", locale.name()),
                    None => assert!(
                        locale.facts().partly.is_some(),
                        "{key} is missing in {}",
                        locale.name()
                    ),
                }
            }
            for key in theirs.keys() {
                assert!(
                    english.contains_key(key),
                    "{key} of {} is used by nobody",
                    locale.name()
                );
            }
        }
    }

    #[test]
    fn every_sentence_resolves_in_every_language() {
        let english = keys(Locale::English.facts().source);
        for locale in Locale::ALL {
            let texts = Texts::new(locale);
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
        for locale in Locale::ALL {
            let head: Vec<&str> = locale.facts().source.lines().take(3).collect();
            assert!(
                head.iter().any(|line| line.contains("Needs native review")),
                "{}",
                locale.name()
            );
        }
    }

    #[test]
    fn no_sentence_counts() {
        // Plural rules are missing for two of the languages: a number stands alone, after a colon or in brackets.
        for locale in Locale::ALL {
            let selector = locale.facts().source.lines().find(|line| line.contains("->"));
            assert_eq!(selector, None, "{}", locale.name());
        }
    }

    #[test]
    fn a_missing_sentence_is_said_in_the_next_language() {
        let texts = Texts::new(Locale::Tamazight);
        let french = Texts::new(Locale::French);
        assert_eq!(texts.say("seek-safe-saved"), french.say("seek-safe-saved"));
        assert_ne!(texts.say("seek-exit"), french.say("seek-exit"));
    }

    fn report(code: &str) -> ErrorReport {
        ErrorReport {
            code: code.to_owned(),
            message: "plain\u{1b}[2J".to_owned(),
            advice: "English".to_owned(),
            ..ErrorReport::default()
        }
    }

    #[test]
    fn an_unknown_error_has_a_sentence_without_english() {
        for locale in Locale::ALL {
            let texts = Texts::new(locale);
            for code in ["no_such", "../$x", ""] {
                assert_eq!(
                    texts.error(&report(code)),
                    texts.say("seek-error-unknown"),
                    "{code}"
                );
            }
        }
    }

    #[test]
    fn too_long_names_both_numbers() {
        for locale in [Locale::French, Locale::Arabic, Locale::English] {
            let long = ErrorReport {
                message: "a message holds at most 16384 bytes, this one has 20001".to_owned(),
                ..report("too_long")
            };
            let said = Texts::new(locale).error(&long);
            assert!(said.contains("16384") && said.contains("20001"), "{said}");
        }
    }

    #[test]
    fn every_code_of_the_engine_has_a_sentence_in_every_language() {
        use ErrorCode::{BadAddress, BadCommand, Enough, NobodyWaits, TransferDeclined, Vault};

        // What a counselor alone is told, and what the json face says itself.
        let others = [
            TransferDeclined,
            NobodyWaits,
            Enough,
            BadCommand,
            BadAddress,
            Vault,
        ];
        let own = ErrorCode::ALL.iter().filter(|code| !others.contains(code));
        let mut all: BTreeSet<String> = own.map(|code| code.name().to_owned()).collect();
        let more = "no_route entry_name entry_silent entry_refused entry_impostor entry_broken entry_address login_page";
        all.extend(more.split(' ').map(str::to_owned));
        for locale in [Locale::French, Locale::Arabic, Locale::English] {
            let texts = Texts::new(locale);
            let source = keys(locale.facts().source);
            for code in &all {
                let key = format!("seek-error-{}", code.replace('_', "-"));
                assert!(source.contains_key(&key), "{key} in {}", locale.name());
                assert!(!texts.error(&report(code)).contains("English"), "{code}");
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
        let hours = |locale| Texts::new(locale).association(&all, |texts| &texts.hours);
        assert_eq!(hours(Locale::Arabic).as_deref(), Some("neuf"));
        assert_eq!(hours(Locale::English).as_deref(), Some("nine"));
        let only = [texts("es", "nueve")];
        let hours = Texts::new(Locale::French).association(&only, |texts| &texts.hours);
        assert_eq!(hours.as_deref(), Some("nueve"));
        assert_eq!(
            Texts::new(Locale::French).association(&all, |texts| &texts.legal),
            None
        );
    }
}
