//! What lies over the desk: help and sealed messages; and the one list of keys that help and hint bar share.

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::Line as Row,
    widgets::Paragraph,
};

use super::{
    chat::{COMPOSER_ROWS, compose_rows},
    dim, state_key, window,
};
use crate::{
    counselor::model::{ChatTab, Confirmation, DeskModel, Mode, SealedMessage},
    i18n::{
        Text::{self, *},
        Texts,
    },
    shared::draw_composer,
};

/// Every key. On a low screen they stand in two columns, and where these are too long as well they scroll, round and round.
pub(super) fn help(frame: &mut Frame, area: Rect, from: usize, texts: &Texts) {
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
    let hidden = each.saturating_sub(usize::from(inner.height));
    let from = from % (hidden + 1);
    for (part, keys) in parts.iter().zip(KEYS.chunks(each.max(1))) {
        let row = |(key, name): &(&str, Text)| {
            Row::raw(texts.key(&format!("{key:<11}"), &texts.say(*name), part.width))
        };
        let rows: Vec<Row> = keys.iter().skip(from).map(row).collect();
        frame.render_widget(Paragraph::new(rows), *part);
    }
    if hidden > 0 {
        let more = texts.key(SCROLL.0, &texts.say(SCROLL.1), inner.width);
        let last = Rect {
            y: inner.bottom(),
            height: 1,
            ..inner
        };
        frame.render_widget(Paragraph::new(dim(more)), last.intersection(area));
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
    let composed = compose_rows(&mail.composer, composer.width, texts);
    draw_composer(frame, composer, composed, mail.writable());
    frame.render_widget(Paragraph::new(dim(texts.keys(mail_keys(mail), keys.width))), keys);
}

fn mail_keys(mail: &SealedMessage) -> &'static [DeskKey] {
    match (mail.blurred, mail.writable()) {
        (true, _) => &[READ, NEXT_MAIL, CANCEL],
        (false, true) => &[SEND, NEXT_MAIL, CANCEL],
        (false, false) => &[NEXT_MAIL, CANCEL],
    }
}

/// A key and what it does.
pub(super) type DeskKey = (&'static str, Text);

const READ: DeskKey = ("Enter", DeskKeyRead);
const NEXT_MAIL: DeskKey = ("Tab", DeskKeyNextMail);
const CANCEL: DeskKey = ("Esc", DeskKeyCancel);
const SEND: DeskKey = ("Enter", DeskKeySend);
pub(super) const NEXT: DeskKey = ("n", DeskKeyNext);
pub(super) const BREAK: DeskKey = ("b", DeskKeyBreak);
pub(super) const DUTY: DeskKey = ("o", DeskKeyDuty);
pub(super) const MAIL: DeskKey = ("m", DeskKeyMail);
pub(super) const END: DeskKey = ("e", DeskKeyEnd);
pub(super) const BLOCK: DeskKey = ("x", DeskKeyBlock);
pub(super) const TRANSFER: DeskKey = ("t", DeskKeyTransfer);
pub(super) const CLOSE: DeskKey = ("c", DeskKeyClose);
const SWITCH: DeskKey = ("Tab", DeskKeySwitch);
const BLUR: DeskKey = ("^B", DeskKeyBlur);
const LEAVE: DeskKey = ("^Q", DeskKeyLeave);
const COMMANDS: DeskKey = ("^K", DeskKeyCommands);
const HELP: DeskKey = ("F1", DeskKeyHelp);
const THROW: DeskKey = ("Esc Esc", DeskKeyThrow);
const WRITE: DeskKey = ("Enter", DeskKeyWrite);
const HELP_LETTER: DeskKey = ("?", DeskKeyHelp);
const YES_END: DeskKey = ("y", DeskKeyEnd);
const YES_BLOCK: DeskKey = ("y", DeskKeyBlock);
const SCROLL: DeskKey = ("PgUp PgDn", DeskKeyScroll);
const GO_ON: DeskKey = ("Esc", DeskKeyGoOn);
const YES_LEAVE: DeskKey = ("y", DeskKeyLeave);
const STAY: DeskKey = ("Esc", DeskKeyStay);

/// Every key of this face, once: the help shows them all, the bar the ones of the moment.
pub(super) const KEYS: [DeskKey; 18] = [
    NEXT,
    BREAK,
    DUTY,
    MAIL,
    END,
    BLOCK,
    TRANSFER,
    CLOSE,
    ("d", DeskKeyDrawer),
    SEND,
    ("Alt+Enter", DeskKeyNewline),
    ("^K  Esc", DeskKeyCommands),
    SWITCH,
    SCROLL,
    ("^A ^E ^W ^U", DeskKeyEdit),
    BLUR,
    ("^L", DeskKeyLock),
    LEAVE,
];

/// The keys of the moment. A narrow bar leaves the last ones out.
pub(super) fn hints(model: &DeskModel) -> &'static [DeskKey] {
    let chat = model.chat();
    let over = chat.is_some_and(|chat| chat.ended());
    match &model.mode {
        Mode::Write if chat.is_some_and(ChatTab::writable) => &[SEND, COMMANDS, BLUR, HELP, LEAVE],
        Mode::Write if chat.is_some_and(ChatTab::keeps_draft) => &[COMMANDS, THROW, HELP, LEAVE],
        Mode::Write if over => &[COMMANDS, SWITCH, HELP, LEAVE],
        Mode::Write if chat.is_some_and(|chat| chat.blurred) => &[READ, COMMANDS, HELP, LEAVE],
        Mode::Write => &[WRITE, COMMANDS, BLUR, HELP, LEAVE],
        Mode::Command if over => &[NEXT, CLOSE, CANCEL, HELP_LETTER, LEAVE],
        Mode::Command if chat.is_some() => &[WRITE, NEXT, END, TRANSFER, HELP_LETTER, LEAVE],
        Mode::Command => &[NEXT, BREAK, DUTY, HELP_LETTER, LEAVE],
        Mode::Confirm(Confirmation::End(_)) => &[YES_END, GO_ON],
        Mode::Confirm(Confirmation::Block(_)) => &[YES_BLOCK, GO_ON],
        Mode::Confirm(Confirmation::Leave) => &[YES_LEAVE, STAY],
        Mode::Transfer(..) => &[SEND, CANCEL],
        Mode::Mails(_) | Mode::Help(_) | Mode::Locked(_) => &[CANCEL],
    }
}

#[cfg(test)]
#[path = "../manual_tests.rs"]
mod manual_tests;
