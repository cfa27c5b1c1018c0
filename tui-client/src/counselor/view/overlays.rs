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
    i18n::{Text, Texts},
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
    let inner = window(frame, area, height, &texts.say(Text::DeskKeyHelp), texts);
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
    let title = texts.with(Text::DeskMailTitle, &[("number", &number), ("count", &count)]);
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
        rows.push(dim(texts.fit(&texts.say(Text::DeskMailReturning), words.width)));
    }
    if mail.blurred {
        for key in [Text::DeskBlurHeavy, Text::DeskBlurRead] {
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
        texts.with(Text::DeskMailGone, &[("number", &number)])
    } else if mail.too_long {
        texts.say(Text::DeskTooLong)
    } else {
        format!("{} {state}", texts.say(Text::DeskMailReply))
    };
    frame.render_widget(Paragraph::new(texts.fit(&reply, label.width)), label);
    draw_composer(frame, composer, &mail.composer, texts, mail.writable());
    frame.render_widget(Paragraph::new(dim(texts.keys(mail_keys(mail), keys.width))), keys);
}

fn mail_keys(mail: &SealedMessage) -> &'static [(&'static str, Text)] {
    match (mail.blurred, mail.writable()) {
        (true, _) => &[
            ("Enter", Text::DeskKeyRead),
            ("Tab", Text::DeskKeyNextMail),
            ("Esc", Text::DeskKeyCancel),
        ],
        (false, true) => &[
            ("Enter", Text::DeskKeySend),
            ("Tab", Text::DeskKeyNextMail),
            ("Esc", Text::DeskKeyCancel),
        ],
        (false, false) => &[("Tab", Text::DeskKeyNextMail), ("Esc", Text::DeskKeyCancel)],
    }
}

/// Every key of this face, once: the help shows them all, the bar the ones of the moment.
const KEYS: [(&str, Text); 16] = [
    ("n", Text::DeskKeyNext),
    ("b", Text::DeskKeyBreak),
    ("o", Text::DeskKeyDuty),
    ("m", Text::DeskKeyMail),
    ("e", Text::DeskKeyEnd),
    ("t", Text::DeskKeyTransfer),
    ("c", Text::DeskKeyClose),
    ("d", Text::DeskKeyDrawer),
    ("Enter", Text::DeskKeySend),
    ("Alt+Enter", Text::DeskKeyNewline),
    ("^K  Esc", Text::DeskKeyCommands),
    ("Tab", Text::DeskKeySwitch),
    ("PgUp PgDn", Text::DeskKeyScroll),
    ("^B", Text::DeskKeyBlur),
    ("^L", Text::DeskKeyLock),
    ("^Q", Text::DeskKeyLeave),
];

/// The keys of the moment. A narrow bar leaves the last ones out.
pub(super) fn hints(model: &DeskModel) -> &'static [(&'static str, Text)] {
    let chat = model.chat();
    let over = chat.is_some_and(|chat| chat.ended());
    match &model.mode {
        Mode::Write if chat.is_some_and(ChatTab::writable) => &[
            ("Enter", Text::DeskKeySend),
            ("^K", Text::DeskKeyCommands),
            ("^B", Text::DeskKeyBlur),
            ("F1", Text::DeskKeyHelp),
            ("^Q", Text::DeskKeyLeave),
        ],
        Mode::Write if chat.is_some_and(ChatTab::keeps_draft) => &[
            ("^K", Text::DeskKeyCommands),
            ("Esc Esc", Text::DeskKeyThrow),
            ("F1", Text::DeskKeyHelp),
            ("^Q", Text::DeskKeyLeave),
        ],
        Mode::Write if over => &[
            ("^K", Text::DeskKeyCommands),
            ("Tab", Text::DeskKeySwitch),
            ("F1", Text::DeskKeyHelp),
            ("^Q", Text::DeskKeyLeave),
        ],
        Mode::Write if chat.is_some_and(|chat| chat.blurred) => &[
            ("Enter", Text::DeskKeyRead),
            ("^K", Text::DeskKeyCommands),
            ("F1", Text::DeskKeyHelp),
            ("^Q", Text::DeskKeyLeave),
        ],
        Mode::Write => &[
            ("Enter", Text::DeskKeyWrite),
            ("^K", Text::DeskKeyCommands),
            ("^B", Text::DeskKeyBlur),
            ("F1", Text::DeskKeyHelp),
            ("^Q", Text::DeskKeyLeave),
        ],
        Mode::Command if over => &[
            ("n", Text::DeskKeyNext),
            ("c", Text::DeskKeyClose),
            ("Esc", Text::DeskKeyCancel),
            ("?", Text::DeskKeyHelp),
            ("^Q", Text::DeskKeyLeave),
        ],
        Mode::Command if chat.is_some() => &[
            ("Enter", Text::DeskKeyWrite),
            ("n", Text::DeskKeyNext),
            ("e", Text::DeskKeyEnd),
            ("t", Text::DeskKeyTransfer),
            ("?", Text::DeskKeyHelp),
            ("^Q", Text::DeskKeyLeave),
        ],
        Mode::Command => &[
            ("n", Text::DeskKeyNext),
            ("b", Text::DeskKeyBreak),
            ("o", Text::DeskKeyDuty),
            ("?", Text::DeskKeyHelp),
            ("^Q", Text::DeskKeyLeave),
        ],
        Mode::Confirm(Confirmation::End(_)) => &[("y", Text::DeskKeyEnd), ("Esc", Text::DeskKeyGoOn)],
        Mode::Confirm(Confirmation::Leave) => &[("y", Text::DeskKeyLeave), ("Esc", Text::DeskKeyStay)],
        Mode::Transfer(..) => &[("Enter", Text::DeskKeySend), ("Esc", Text::DeskKeyCancel)],
        Mode::Mails(_) | Mode::Help | Mode::Locked(_) => &[("Esc", Text::DeskKeyCancel)],
    }
}

#[cfg(test)]
#[path = "../manual_tests.rs"]
mod manual_tests;
