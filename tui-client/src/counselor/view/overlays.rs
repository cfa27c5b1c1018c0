//! What lies over the desk: help and sealed messages; and the one list of keys that help and hint bar share.

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::Line as Row,
    widgets::Paragraph,
};

use super::{
    chat::{COMPOSER_ROWS, draw_composer},
    dim, state_key, window,
};
use crate::counselor::{
    model::{ChatTab, Confirmation, DeskModel, Mode, SealedMessage},
    text::{self, Texts},
};

/// Every key. On a low screen they stand in two columns.
pub(super) fn help(frame: &mut Frame, area: Rect, texts: &Texts) {
    let rows = u16::try_from(KEYS.len()).unwrap_or(u16::MAX);
    let columns = if rows.saturating_add(2) > area.height {
        2
    } else {
        1
    };
    let height = rows.div_ceil(columns).saturating_add(2);
    let inner = window(frame, area, height, &texts.say("desk-key-help"), texts);
    let parts = Layout::horizontal(vec![Constraint::Fill(1); usize::from(columns)])
        .spacing(1)
        .split(inner);
    let each = usize::from(rows.div_ceil(columns));
    for (part, keys) in parts.iter().zip(KEYS.chunks(each.max(1))) {
        let row = |(key, name): &(&str, &str)| {
            Row::raw(texts.key(&format!("{key:<9}"), &texts.say(name), part.width))
        };
        let rows: Vec<Row> = keys.iter().map(row).collect();
        frame.render_widget(Paragraph::new(rows), *part);
    }
}

/// The sealed message at `at`, and the reply that is being written.
pub(super) fn mails(frame: &mut Frame, area: Rect, model: &DeskModel, at: usize, texts: &Texts) {
    let Some(mail) = model.mails.get(at) else {
        return;
    };
    let (number, count) = ((at + 1).to_string(), model.mails.len().to_string());
    let title = texts.with("desk-mail-title", &[("number", &number), ("count", &count)]);
    let inner = window(frame, area, area.height.saturating_sub(2), &title, texts);
    let [words, label, composer, keys] = Layout::vertical([
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(COMPOSER_ROWS.min(inner.height / 3).max(1)),
        Constraint::Length(1),
    ])
    .areas(inner);
    let mut rows = Vec::new();
    if mail.returning {
        rows.push(dim(texts.fit(&texts.say("desk-mail-returning"), words.width)));
    }
    if mail.blurred {
        for key in ["desk-blur-heavy", "desk-blur-read"] {
            rows.extend(texts.rows(&texts.say(key), words.width));
        }
    } else {
        rows.extend(text::fold(&mail.text.0, words.width).into_iter().map(Row::raw));
    }
    frame.render_widget(Paragraph::new(rows), words);
    let state = mail
        .answered
        .map(|state| texts.say(state_key(state)))
        .unwrap_or_default();
    let reply = if mail.gone {
        texts.with("desk-mail-gone", &[("number", &number)])
    } else if mail.too_long {
        texts.say("desk-too-long")
    } else {
        format!("{} {state}", texts.say("desk-mail-reply"))
    };
    frame.render_widget(Paragraph::new(texts.fit(&reply, label.width)), label);
    draw_composer(frame, composer, &mail.composer, mail.writable());
    frame.render_widget(Paragraph::new(dim(texts.keys(mail_keys(mail), keys.width))), keys);
}

fn mail_keys(mail: &SealedMessage) -> &'static [(&'static str, &'static str)] {
    match (mail.blurred, mail.writable()) {
        (true, _) => &[
            ("Enter", "desk-key-read"),
            ("Tab", "desk-key-next-mail"),
            ("Esc", "desk-key-cancel"),
        ],
        (false, true) => &[
            ("Enter", "desk-key-send"),
            ("Tab", "desk-key-next-mail"),
            ("Esc", "desk-key-cancel"),
        ],
        (false, false) => &[("Tab", "desk-key-next-mail"), ("Esc", "desk-key-cancel")],
    }
}

/// Every key of this face, once: the help shows them all, the bar the ones of the moment.
const KEYS: [(&str, &str); 16] = [
    ("n", "desk-key-next"),
    ("b", "desk-key-break"),
    ("o", "desk-key-duty"),
    ("m", "desk-key-mail"),
    ("e", "desk-key-end"),
    ("t", "desk-key-transfer"),
    ("c", "desk-key-close"),
    ("d", "desk-key-drawer"),
    ("Enter", "desk-key-send"),
    ("Alt+Enter", "desk-key-newline"),
    ("^K  Esc", "desk-key-commands"),
    ("Tab", "desk-key-switch"),
    ("PgUp PgDn", "desk-key-scroll"),
    ("^B", "desk-key-blur"),
    ("^L", "desk-key-lock"),
    ("^Q", "desk-key-leave"),
];

/// The keys of the moment. A narrow bar leaves the last ones out.
pub(super) fn hints(model: &DeskModel) -> &'static [(&'static str, &'static str)] {
    let chat = model.chat();
    let over = chat.is_some_and(|chat| chat.ended.is_some());
    match &model.mode {
        Mode::Write if chat.is_some_and(ChatTab::writable) => &[
            ("Enter", "desk-key-send"),
            ("^K", "desk-key-commands"),
            ("^B", "desk-key-blur"),
            ("F1", "desk-key-help"),
            ("^Q", "desk-key-leave"),
        ],
        Mode::Write if chat.is_some_and(ChatTab::keeps_draft) => &[
            ("^K", "desk-key-commands"),
            ("Esc Esc", "desk-key-throw"),
            ("F1", "desk-key-help"),
            ("^Q", "desk-key-leave"),
        ],
        Mode::Write if over => &[
            ("^K", "desk-key-commands"),
            ("Tab", "desk-key-switch"),
            ("F1", "desk-key-help"),
            ("^Q", "desk-key-leave"),
        ],
        Mode::Write if chat.is_some_and(|chat| chat.blurred) => &[
            ("Enter", "desk-key-read"),
            ("^K", "desk-key-commands"),
            ("F1", "desk-key-help"),
            ("^Q", "desk-key-leave"),
        ],
        Mode::Write => &[
            ("Enter", "desk-key-write"),
            ("^K", "desk-key-commands"),
            ("^B", "desk-key-blur"),
            ("F1", "desk-key-help"),
            ("^Q", "desk-key-leave"),
        ],
        Mode::Command if over => &[
            ("n", "desk-key-next"),
            ("c", "desk-key-close"),
            ("Esc", "desk-key-cancel"),
            ("?", "desk-key-help"),
            ("^Q", "desk-key-leave"),
        ],
        Mode::Command if chat.is_some() => &[
            ("Enter", "desk-key-write"),
            ("n", "desk-key-next"),
            ("e", "desk-key-end"),
            ("t", "desk-key-transfer"),
            ("?", "desk-key-help"),
            ("^Q", "desk-key-leave"),
        ],
        Mode::Command => &[
            ("n", "desk-key-next"),
            ("b", "desk-key-break"),
            ("o", "desk-key-duty"),
            ("?", "desk-key-help"),
            ("^Q", "desk-key-leave"),
        ],
        Mode::Confirm(Confirmation::End(_)) => &[("y", "desk-key-end"), ("Esc", "desk-key-go-on")],
        Mode::Confirm(Confirmation::Leave) => &[("y", "desk-key-leave"), ("Esc", "desk-key-stay")],
        Mode::Transfer(..) => &[("Enter", "desk-key-send"), ("Esc", "desk-key-cancel")],
        Mode::Mails(_) | Mode::Help | Mode::Locked(_) => &[("Esc", "desk-key-cancel")],
    }
}

#[cfg(test)]
#[path = "../manual_tests.rs"]
mod manual_tests;
