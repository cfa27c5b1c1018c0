//! The texts of one face in one language, and how rows of this run are drawn. What is put into a text is sanitized.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use hamsa_client::{api::ErrorReport, names::ErrorCode};

use super::{Catalog, Locale, Text};
use crate::text::{self, Row, Sanitized, Strategy};

/// The texts of one language and of those it falls back to.
pub struct Texts {
    locale: Locale,
    catalog: Catalog,
    /// Whether keys are lines: then a text that names a key has another wording.
    lines: bool,
    arabic: Strategy,
    bundles: Vec<FluentBundle<FluentResource>>,
}

impl Texts {
    /// The texts of `catalog` in `locale`.
    pub(crate) fn new(catalog: Catalog, locale: Locale) -> Self {
        Self {
            locale,
            catalog,
            lines: false,
            arabic: Strategy::default(),
            bundles: locale
                .chain()
                .filter_map(|locale| bundle(locale, catalog))
                .collect(),
        }
    }

    /// The texts of the seeker's pages.
    pub(crate) fn seeker(locale: Locale) -> Self {
        Self::new(Catalog::Seeker, locale)
    }

    /// The same for the plain face.
    pub(crate) fn for_lines(locale: Locale) -> Self {
        Self {
            lines: true,
            ..Self::seeker(locale)
        }
    }

    /// The texts of the desk.
    pub fn desk(locale: Locale) -> Self {
        Self::new(Catalog::Desk, locale)
    }

    /// Draws Arabic in this way.
    pub fn drawn(self, arabic: Strategy) -> Self {
        Self { arabic, ..self }
    }

    /// Goes on in this language and draws Arabic in this way. Whether the language is another one.
    pub(crate) fn follow(&mut self, locale: Locale, arabic: Strategy) -> bool {
        self.arabic = arabic;
        if self.locale == locale {
            return false;
        }
        *self = Self {
            lines: self.lines,
            ..Self::new(self.catalog, locale).drawn(arabic)
        };
        true
    }

    /// Which language this is.
    pub(crate) const fn locale(&self) -> Locale {
        self.locale
    }

    /// How Arabic is drawn.
    pub(crate) const fn arabic(&self) -> Strategy {
        self.arabic
    }

    /// Whether keys are lines.
    pub(crate) const fn lines(&self) -> bool {
        self.lines
    }

    /// A text without variables.
    pub fn say(&self, text: Text) -> String {
        self.with(text, &[])
    }

    /// A text with variables. They are sanitized, and one line each: a name with a line break in it must not look like
    /// a sentence of ours.
    pub fn with(&self, text: Text, variables: &[(&str, &str)]) -> String {
        let key = text.key();
        let plain = || self.find(&format!("{key}-plain"), variables);
        let said = if self.lines { plain() } else { None };
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

    /// What the engine reported: what happened and what to do. The engine's own words are for programs.
    pub(crate) fn error(&self, report: &ErrorReport) -> String {
        let (prefix, unknown) = match self.catalog {
            Catalog::Seeker => ("seek-error", Text::SeekErrorUnknown),
            Catalog::Desk | Catalog::Commands => ("desk-error", Text::DeskErrorUnknown),
        };
        if self.catalog == Catalog::Seeker
            && report.code == ErrorCode::TooLong
            && let Some((most, bytes)) = two_numbers(&report.message)
        {
            return self.too_long(Text::SeekTooLong, bytes, most);
        }
        self.say(Text::coded(prefix, report.code.name()).unwrap_or(unknown))
    }

    /// What does not fit, with both numbers.
    pub(crate) fn too_long(&self, text: Text, bytes: usize, most: usize) -> String {
        self.with(
            text,
            &[("bytes", &bytes.to_string()), ("most", &most.to_string())],
        )
    }

    /// Words as rows of at most `columns`.
    pub(crate) fn fold(&self, words: &str, columns: u16) -> Vec<Row> {
        text::rows(&Sanitized::text(words), columns, self.arabic)
    }

    /// Words as the texts of such rows.
    pub(crate) fn ours(&self, words: &str, columns: u16) -> Vec<String> {
        self.fold(words, columns)
            .into_iter()
            .map(|row| row.text)
            .collect()
    }

    /// One row in the order the eye reads.
    pub fn visual(&self, line: &str) -> String {
        text::one_row(&Sanitized::line(line), self.arabic).text
    }

    /// One row, cut with `…` where it does not fit.
    pub fn fit(&self, line: &str, columns: u16) -> String {
        let line = text::cut(&Sanitized::line(line), usize::from(columns));
        text::one_row(&line, self.arabic).text
    }

    /// What is being written as rows, and the column and row of the caret between the two halves.
    pub fn compose(&self, (before, after): (&str, &str), columns: u16) -> (Vec<String>, (u16, u16)) {
        text::compose(before, after, columns, self.arabic)
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

fn bundle(locale: Locale, catalog: Catalog) -> Option<FluentBundle<FluentResource>> {
    let source = locale.source(catalog)?.to_owned();
    let mut bundle = FluentBundle::new_concurrent(locale.code().parse().into_iter().collect());
    // Isolates are invisible marks that a terminal may print as boxes; our sentences place their variables at an
    // edge instead.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(FluentResource::try_new(source).unwrap_or_else(|(resource, _)| resource));
    Some(bundle)
}

#[cfg(test)]
#[path = "texts_tests.rs"]
mod tests;
