//! Rows of the desk. The text that is kept and sent is never touched here.

use ratatui::text::Line as RatatuiRow;

use super::model::DeskNotice;
pub(crate) use crate::text::width;
use crate::{
    i18n::{Text, Texts},
    text::{self, Sanitized},
};

impl Texts {
    /// A text as one row.
    pub fn row(&self, key: Text) -> RatatuiRow<'static> {
        RatatuiRow::raw(self.visual(&self.say(key)))
    }

    /// A sentence folded into rows.
    pub fn rows(&self, sentence: &str, width: u16) -> Vec<RatatuiRow<'static>> {
        self.padded(sentence, width)
            .into_iter()
            .map(RatatuiRow::raw)
            .collect()
    }

    /// Words as rows of at most `columns`. Right-to-left rows stand at the right edge of the longest of them.
    pub(crate) fn padded(&self, words: &str, columns: u16) -> Vec<String> {
        let rows = self.fold(words, columns);
        let longest = rows.iter().map(|row| row.columns).max().unwrap_or(0);
        rows.iter().map(|row| row.padded(longest)).collect()
    }

    /// Words at the side of their author: at the right edge as one block, each row of it at the same column.
    pub fn block(&self, words: &str, most: u16, columns: u16, right: bool) -> Vec<String> {
        let rows = self.padded(words, most);
        if !right {
            return rows;
        }
        let longest = rows.iter().map(|row| width(row)).max().unwrap_or(0);
        let aligned = rows.into_iter().map(|row| {
            let missing = longest.saturating_sub(width(&row));
            text::right(&format!("{row}{}", " ".repeat(missing)), usize::from(columns))
        });
        aligned.collect()
    }

    /// Keys with their labels in one row. Where not all of them fit the last ones are left out, whole.
    pub(crate) fn keys(&self, keys: &[(&str, Text)], columns: u16) -> String {
        let labels: Vec<(&str, String)> = keys.iter().map(|(key, name)| (*key, self.say(*name))).collect();
        let mut pairs: Vec<(&str, &str)> = labels.iter().map(|(key, label)| (*key, label.as_str())).collect();
        let columns = usize::from(columns);
        loop {
            let row = text::pairs(&pairs, " · ", self.arabic());
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
        let row = text::pairs(&[(key, &label)], "", self.arabic());
        row.padded(if row.rtl { usize::from(columns) } else { 0 })
    }

    /// A notice as one sentence.
    pub(crate) fn notice(&self, notice: &DeskNotice) -> String {
        match notice {
            DeskNotice::Text(text) => self.say(*text),
            DeskNotice::Mail(text, number) => self.with(*text, &[("number", &number.to_string())]),
            DeskNotice::Error(report) => self.error(report),
            DeskNotice::Chat(number, report) => {
                let chat = self.with(Text::DeskChat, &[("number", &number.to_string())]);
                format!("{chat}{} {}", self.locale().colon(), self.error(report))
            }
        }
    }

    /// How many messages are new, without any of their words.
    pub(crate) fn unread(&self, (messages, chats): (usize, usize)) -> String {
        let text = if chats == 1 {
            Text::DeskLockedNewOne
        } else {
            Text::DeskLockedNewMany
        };
        let (count, chats) = (messages.to_string(), chats.to_string());
        self.with(text, &[("count", &count), ("chats", &chats)])
    }
}

/// A row at the side of its author.
pub fn at_side(row: String, columns: u16, right: bool) -> String {
    if right {
        text::right(&row, usize::from(columns))
    } else {
        row
    }
}
