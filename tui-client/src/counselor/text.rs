//! Texts as this face draws them: its own sentences by language, and other people's words through
//! [`text`](crate::text) in this run's way of drawing Arabic. The text that is kept and sent is never touched
//! here.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use hamsa_client::api::ErrorReport;
use ratatui::text::Line as Row;

use super::model::DeskNotice;
pub(crate) use crate::text::width;
use crate::text::{self, Sanitized, Strategy};

/// One row of what is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folded {
    /// As it is drawn.
    pub(crate) text: String,
}

/// This face's sentences in one language.
pub(crate) struct Texts {
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The sentences of `language`; English where there are none.
    pub(crate) fn new(language: &str) -> Self {
        let (source, name) = match language {
            "fr" => (include_str!("../i18n/locales/fr-desk.ftl"), "fr"),
            "ar" => (include_str!("../i18n/locales/ar-desk.ftl"), "ar"),
            _ => (include_str!("../i18n/locales/en-desk.ftl"), "en"),
        };
        Self::of(source, name)
    }

    /// The sentences of one file.
    pub(crate) fn of(source: &str, name: &str) -> Self {
        let locales = name.parse().into_iter().collect();
        let mut bundle = FluentBundle::new_concurrent(locales);
        // Isolates are invisible marks that a terminal may print as boxes; our sentences place their variables
        // at an edge instead.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
        Self { bundle }
    }

    /// A sentence without variables.
    pub(crate) fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A sentence with variables; they are made harmless here, and one line each: a name with a line break in it must
    /// not look like a sentence of ours.
    pub(crate) fn with(&self, key: &str, variables: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in variables {
            args.set((*name).to_owned(), Sanitized::line(value).into_string());
        }
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        // A missing key shows as itself: strange, but not silent, and a test finds it first.
        pattern.map_or_else(
            || key.to_owned(),
            |pattern| {
                self.bundle
                    .format_pattern(pattern, Some(&args), &mut Vec::new())
                    .into_owned()
            },
        )
    }

    /// What the engine reported, in her language: what happened and what to do. The engine's own words are for programs.
    pub(crate) fn error(&self, report: &ErrorReport) -> String {
        let key = format!("desk-error-{}", report.code.replace('_', "-"));
        let known = self.bundle.has_message(&key);
        self.say(if known { &key } else { "desk-error-unknown" })
    }

    /// A sentence as one row.
    pub(crate) fn row(&self, key: &str) -> Row<'static> {
        Row::raw(visual(&self.say(key)))
    }

    /// A sentence folded into rows.
    pub(crate) fn rows(&self, sentence: &str, width: u16) -> Vec<Row<'static>> {
        fold(sentence, width).into_iter().map(Row::raw).collect()
    }

    /// One row, cut with `…` where it does not fit.
    pub(crate) fn fit(&self, sentence: &str, width: u16) -> String {
        let line = text::cut(&Sanitized::line(sentence), usize::from(width));
        text::one_row(&line, Strategy::current()).text
    }

    /// Keys with their labels in one row. Where not all of them fit the last ones are left out, whole.
    pub(crate) fn keys(&self, keys: &[(&str, &str)], columns: u16) -> String {
        let labels: Vec<(&str, String)> = keys.iter().map(|(key, name)| (*key, self.say(name))).collect();
        let mut pairs: Vec<(&str, &str)> = labels.iter().map(|(key, label)| (*key, label.as_str())).collect();
        let columns = usize::from(columns);
        loop {
            let row = text::pairs(&pairs, " · ", Strategy::current());
            if row.columns <= columns || pairs.len() < 2 {
                return row.padded(if row.rtl { columns } else { 0 });
            }
            pairs.pop();
        }
    }

    /// A key and its label in a list; the label is cut where it does not fit.
    pub(crate) fn key(&self, key: &str, label: &str, columns: u16) -> String {
        let room = usize::from(columns).saturating_sub(width(key) + 1);
        let label = text::cut(&Sanitized::line(label), room);
        let row = text::pairs(&[(key, &label)], "", Strategy::current());
        row.padded(if row.rtl { usize::from(columns) } else { 0 })
    }

    /// What is to be said, as one sentence.
    pub(crate) fn notice(&self, notice: &DeskNotice) -> String {
        match notice {
            DeskNotice::Text(key) => self.say(key),
            DeskNotice::Mail(key, number) => self.with(key, &[("number", &number.to_string())]),
            DeskNotice::Error(report) => self.error(report),
        }
    }

    /// How many words are new, without any of them.
    pub(crate) fn unread(&self, (messages, chats): (usize, usize)) -> String {
        let key = if chats == 1 {
            "desk-locked-new-one"
        } else {
            "desk-locked-new-many"
        };
        let (count, chats) = (messages.to_string(), chats.to_string());
        self.with(key, &[("count", &count), ("chats", &chats)])
    }

    /// One row in the order the eye reads.
    pub(crate) fn visual(&self, sentence: &str) -> String {
        visual(sentence)
    }
}

/// Somebody else's words without anything a terminal would obey.
pub(crate) fn clean(text: &str) -> String {
    Sanitized::text(text).into_string()
}

/// Somebody's words as rows of at most `columns`, in this run's way of drawing Arabic. Right-to-left rows stand at
/// the right edge of the longest of them.
pub(crate) fn fold(text: &str, columns: u16) -> Vec<String> {
    let rows = text::rows(&Sanitized::text(text), columns, Strategy::current());
    let longest = rows.iter().map(|row| row.columns).max().unwrap_or(0);
    rows.iter().map(|row| row.padded(longest)).collect()
}

/// Words where their speaker's stand: mine as one block at the right edge, each row of it at the same column.
pub(crate) fn block(text: &str, most: u16, columns: u16, mine: bool) -> Vec<String> {
    let rows = fold(text, most);
    if !mine {
        return rows;
    }
    let longest = rows.iter().map(|row| width(row)).max().unwrap_or(0);
    let aligned = rows.into_iter().map(|row| {
        let missing = longest.saturating_sub(width(&row));
        text::right(&format!("{row}{}", " ".repeat(missing)), usize::from(columns))
    });
    aligned.collect()
}

/// A row where its speaker's words stand: mine at the right edge.
pub(crate) fn at_side(row: String, columns: u16, mine: bool) -> String {
    if mine {
        text::right(&row, usize::from(columns))
    } else {
        row
    }
}

/// What is being written as rows, and the column and row of the caret that stands between the two halves.
pub(crate) fn compose(before: &str, after: &str, columns: u16) -> (Vec<Folded>, (u16, u16)) {
    let (rows, caret) = text::compose(before, after, columns, Strategy::current());
    (rows.into_iter().map(|text| Folded { text }).collect(), caret)
}

/// One row in the order the eye reads.
pub(crate) fn visual(row: &str) -> String {
    text::one_row(&Sanitized::text(row), Strategy::current()).text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_a_desk_is_told_has_a_sentence_in_every_language() {
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
            Code::NobodyReads,
            Code::NotKept,
            Code::MailRefused,
            Code::BadCommand,
            Code::BadAddress,
            Code::Vault,
        ];
        let own = Code::ALL.iter().filter(|code| !others.contains(code));
        let links = [
            "no_route",
            "entry_name",
            "entry_silent",
            "entry_refused",
            "entry_impostor",
            "entry_broken",
            "entry_address",
            "login_page",
        ];
        let codes: Vec<&str> = own.map(|code| code.name()).chain(links).collect();
        for language in ["fr", "ar", "en"] {
            let texts = Texts::new(language);
            let report = |code: &str| ErrorReport {
                code: code.to_owned(),
                message: "in English".to_owned(),
                advice: "in English".to_owned(),
                ..ErrorReport::default()
            };
            let unknown = texts.error(&report("a_code_of_tomorrow"));
            assert_eq!(unknown, texts.say("desk-error-unknown"));
            for code in &codes {
                let said = texts.error(&report(code));
                assert_ne!(said, unknown, "{code}");
                assert!(
                    !said.contains("English") && !said.contains("desk-error"),
                    "{said}"
                );
            }
        }
    }

    #[test]
    fn every_sentence_stands_in_every_language_and_its_variables_resolve() {
        let keys = |source: &str| -> Vec<String> {
            let starts = source
                .lines()
                .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
            starts
                .filter_map(|line| line.split_once(" ="))
                .map(|(key, _)| key.to_owned())
                .collect()
        };
        let english = keys(include_str!("../i18n/locales/en-desk.ftl"));
        assert!(english.len() > 100);
        assert_eq!(english, keys(include_str!("../i18n/locales/fr-desk.ftl")));
        assert_eq!(english, keys(include_str!("../i18n/locales/ar-desk.ftl")));
        let names = [
            "waiting",
            "urgent",
            "date",
            "number",
            "language",
            "count",
            "name",
            "bytes",
            "association",
        ];
        let names = names
            .iter()
            .chain(&["pseudonym", "id", "state", "split", "chats"]);
        let values: Vec<_> = names.map(|name| (*name, "7")).collect();
        for language in ["en", "fr", "ar"] {
            let texts = Texts::new(language);
            for key in &english {
                let sentence = texts.with(key, &values);
                assert!(
                    !sentence.contains(['{', '$']) && sentence != *key,
                    "{language} {key}: {sentence}"
                );
            }
        }
    }
}
