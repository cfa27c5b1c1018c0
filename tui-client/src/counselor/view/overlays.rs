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
    model::{Mode, Model},
    text::{self, Texts},
};

/// Every key.
pub(super) fn help(frame: &mut Frame, area: Rect, texts: &Texts) {
    let mut rows = Vec::new();
    for (keys, name) in KEYS {
        rows.push(Row::raw(format!("{keys:<12} {}", texts.visual(&texts.say(name)))));
    }
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inner = window(frame, area, height, &texts.say("desk-key-help"), texts);
    frame.render_widget(Paragraph::new(rows), inner);
}

/// The sealed message at `at`, and the reply that is being written.
pub(super) fn mails(frame: &mut Frame, area: Rect, model: &Model, at: usize, texts: &Texts) {
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
    rows.extend(text::fold(&mail.text.0, words.width).into_iter().map(Row::raw));
    frame.render_widget(Paragraph::new(rows), words);
    let state = mail
        .answered
        .map(|state| texts.say(state_key(state)))
        .unwrap_or_default();
    let reply = if mail.gone {
        texts.say("desk-mail-gone")
    } else {
        format!("{} {state}", texts.say("desk-mail-reply"))
    };
    frame.render_widget(Paragraph::new(texts.fit(&reply, label.width)), label);
    draw_composer(frame, composer, &mail.composer, true);
    frame.render_widget(
        Paragraph::new(dim(texts.fit(&texts.say("desk-mail-keys"), keys.width))),
        keys,
    );
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

/// The keys of the moment.
pub(super) fn hints(model: &Model, texts: &Texts) -> String {
    let keys: &[(&str, &str)] = match &model.mode {
        Mode::Write => &[
            ("Enter", "desk-key-send"),
            ("^K", "desk-key-commands"),
            ("^B", "desk-key-blur"),
            ("^H", "desk-key-help"),
            ("^Q", "desk-key-leave"),
        ],
        Mode::Command if model.chat().is_some_and(|chat| chat.ended.is_some()) => &[
            ("c", "desk-key-close"),
            ("n", "desk-key-next"),
            ("?", "desk-key-help"),
            ("^Q", "desk-key-leave"),
        ],
        Mode::Command if model.chat().is_some() => &[
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
        _ => &[("Esc", "desk-key-cancel")],
    };
    let parts: Vec<String> = keys
        .iter()
        .map(|(key, name)| format!("{key} {}", texts.say(name)))
        .collect();
    parts.join(" · ")
}
