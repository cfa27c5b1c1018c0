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
use crate::{
    counselor::model::{ChatTab, Confirmation, DeskModel, Mode, SealedMessage},
    i18n::{
        Text::{self, *},
        Texts,
    },
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
    let inner = window(frame, area, height, &texts.say(DeskKeyHelp), texts);
    let parts = Layout::horizontal(vec![Constraint::Fill(1); usize::from(columns)])
        .spacing(1)
        .split(inner);
    let each = usize::from(rows.div_ceil(columns));
    for (part, keys) in parts.iter().zip(KEYS.chunks(each.max(1))) {
        let row = |(key, name): &(&str, Text)| {
            Row::raw(texts.key(&format!("{key:<9}"), &texts.say(*name), part.width))
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
    let title = texts.with(DeskMailTitle, &[("number", &number), ("count", &count)]);
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
        rows.push(dim(texts.fit(&texts.say(DeskMailReturning), words.width)));
    }
    if mail.blurred {
        for key in [DeskBlurHeavy, DeskBlurRead] {
            rows.extend(texts.rows(&texts.say(key), words.width));
        }
    } else {
        rows.extend(texts.padded(&mail.text.0, words.width).into_iter().map(Row::raw));
    }
    frame.render_widget(Paragraph::new(rows), words);
    let state = mail
        .answered
        .map(|state| texts.say(state_key(state)))
        .unwrap_or_default();
    let reply = if mail.gone {
        texts.with(DeskMailGone, &[("number", &number)])
    } else if mail.too_long {
        texts.say(DeskTooLong)
    } else {
        format!("{} {state}", texts.say(DeskMailReply))
    };
    frame.render_widget(Paragraph::new(texts.fit(&reply, label.width)), label);
    draw_composer(frame, composer, &mail.composer, texts, mail.writable());
    frame.render_widget(Paragraph::new(dim(texts.keys(mail_keys(mail), keys.width))), keys);
}

fn mail_keys(mail: &SealedMessage) -> &'static [(&'static str, Text)] {
    match (mail.blurred, mail.writable()) {
        (true, _) => &[
            ("Enter", DeskKeyRead),
            ("Tab", DeskKeyNextMail),
            ("Esc", DeskKeyCancel),
        ],
        (false, true) => &[
            ("Enter", DeskKeySend),
            ("Tab", DeskKeyNextMail),
            ("Esc", DeskKeyCancel),
        ],
        (false, false) => &[("Tab", DeskKeyNextMail), ("Esc", DeskKeyCancel)],
    }
}

/// Every key of this face, once: the help shows them all, the bar the ones of the moment.
const KEYS: [(&str, Text); 16] = [
    ("n", DeskKeyNext),
    ("b", DeskKeyBreak),
    ("o", DeskKeyDuty),
    ("m", DeskKeyMail),
    ("e", DeskKeyEnd),
    ("t", DeskKeyTransfer),
    ("c", DeskKeyClose),
    ("d", DeskKeyDrawer),
    ("Enter", DeskKeySend),
    ("Alt+Enter", DeskKeyNewline),
    ("^K  Esc", DeskKeyCommands),
    ("Tab", DeskKeySwitch),
    ("PgUp PgDn", DeskKeyScroll),
    ("^B", DeskKeyBlur),
    ("^L", DeskKeyLock),
    ("^Q", DeskKeyLeave),
];

/// The keys of the moment. A narrow bar leaves the last ones out.
pub(super) fn hints(model: &DeskModel) -> &'static [(&'static str, Text)] {
    let chat = model.chat();
    let over = chat.is_some_and(|chat| chat.ended());
    match &model.mode {
        Mode::Write if chat.is_some_and(ChatTab::writable) => &[
            ("Enter", DeskKeySend),
            ("^K", DeskKeyCommands),
            ("^B", DeskKeyBlur),
            ("F1", DeskKeyHelp),
            ("^Q", DeskKeyLeave),
        ],
        Mode::Write if chat.is_some_and(ChatTab::keeps_draft) => &[
            ("^K", DeskKeyCommands),
            ("Esc Esc", DeskKeyThrow),
            ("F1", DeskKeyHelp),
            ("^Q", DeskKeyLeave),
        ],
        Mode::Write if over => &[
            ("^K", DeskKeyCommands),
            ("Tab", DeskKeySwitch),
            ("F1", DeskKeyHelp),
            ("^Q", DeskKeyLeave),
        ],
        Mode::Write if chat.is_some_and(|chat| chat.blurred) => &[
            ("Enter", DeskKeyRead),
            ("^K", DeskKeyCommands),
            ("F1", DeskKeyHelp),
            ("^Q", DeskKeyLeave),
        ],
        Mode::Write => &[
            ("Enter", DeskKeyWrite),
            ("^K", DeskKeyCommands),
            ("^B", DeskKeyBlur),
            ("F1", DeskKeyHelp),
            ("^Q", DeskKeyLeave),
        ],
        Mode::Command if over => &[
            ("n", DeskKeyNext),
            ("c", DeskKeyClose),
            ("Esc", DeskKeyCancel),
            ("?", DeskKeyHelp),
            ("^Q", DeskKeyLeave),
        ],
        Mode::Command if chat.is_some() => &[
            ("Enter", DeskKeyWrite),
            ("n", DeskKeyNext),
            ("e", DeskKeyEnd),
            ("t", DeskKeyTransfer),
            ("?", DeskKeyHelp),
            ("^Q", DeskKeyLeave),
        ],
        Mode::Command => &[
            ("n", DeskKeyNext),
            ("b", DeskKeyBreak),
            ("o", DeskKeyDuty),
            ("?", DeskKeyHelp),
            ("^Q", DeskKeyLeave),
        ],
        Mode::Confirm(Confirmation::End(_)) => &[("y", DeskKeyEnd), ("Esc", DeskKeyGoOn)],
        Mode::Confirm(Confirmation::Leave) => &[("y", DeskKeyLeave), ("Esc", DeskKeyStay)],
        Mode::Transfer(..) => &[("Enter", DeskKeySend), ("Esc", DeskKeyCancel)],
        Mode::Mails(_) | Mode::Help | Mode::Locked(_) => &[("Esc", DeskKeyCancel)],
    }
}

#[cfg(test)]
#[path = "../manual_tests.rs"]
mod manual_tests;
