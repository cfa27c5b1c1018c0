//! The chat that is shown: its words, newest at the bottom, and the composer under them.

use hamsa_client::api::MessageState;
use ratatui::{
    Frame,
    layout::{Alignment, Constraint, Layout, Margin, Rect},
    style::{Modifier, Style},
    text::Line as Row,
    widgets::Paragraph,
};

use super::{MARK, bold, boxed, dim, state_key};
use crate::{
    composer::Composer,
    counselor::{
        model::{Author, ChatStage, ChatTab, DeskLine, DeskModel, DutyState, Mode},
        text::at_side,
    },
    i18n::{
        Text::{self, *},
        Texts,
    },
    shared::draw_composer,
    text::{self, clean},
};

/// Most rows of the composer before it scrolls.
pub(super) const COMPOSER_ROWS: u16 = 5;
/// Most columns of the words.
const COLUMNS_MAX: u16 = 90;
/// Most rows of what is said of the chat.
const TOLD_ROWS: usize = 3;

/// Draws it, or what to do when there is none. Gives what of it is in the frame.
pub(super) fn draw(frame: &mut Frame, area: Rect, model: &DeskModel, texts: &Texts) -> VisibleLines {
    let Some(chat) = model.chat() else {
        let inner = boxed(frame, area, &texts.say(DeskTitle), texts);
        let key = match (&model.duty, model.waiting) {
            (DutyState::Off(_), _) => DeskOnDutyFirst,
            (_, 0) => DeskNobodyYet,
            _ => DeskTakeNextWhen,
        };
        frame.render_widget(Paragraph::new(texts.rows(&texts.say(key), inner.width)), inner);
        return VisibleLines::default();
    };
    let title = texts.with(DeskChat, &[("number", &chat.number.to_string())]);
    let say = |marks: &mut dyn Iterator<Item = Text>| -> String {
        marks.map(|mark| format!(" · {}", texts.say(mark))).collect()
    };
    let pace = say(&mut super::pace_marks(chat));
    let urgent = say(&mut chat.urgent.then_some(DeskUrgentMark).into_iter());
    let over = say(&mut chat.ended().then_some(DeskOverMark).into_iter());
    let length = chat.length(model.now);
    let length = length.map(|length| format!(" · {length}")).unwrap_or_default();
    let inner = boxed(
        frame,
        area,
        &format!("{title}{pace} · {}{urgent}{over}{length}", clean(&chat.language)),
        texts,
    );
    // A line that is longer than this is hard to find the way back from.
    let margin = (inner.width.saturating_sub(COLUMNS_MAX) / 2).max(u16::from(inner.width > 40));
    let inner = inner.inner(Margin::new(margin, 0));
    let wanted =
        u16::try_from(compose_rows(&chat.composer, inner.width, texts).0.len()).unwrap_or(COMPOSER_ROWS);
    let rows = wanted.clamp(1, COMPOSER_ROWS).min(inner.height / 2).max(1);
    let told = told(chat, texts, inner, rows);
    let [words, told_area, rule, composer] = Layout::vertical([
        Constraint::Min(1),
        Constraint::Length(u16::try_from(told.len()).unwrap_or(0)),
        Constraint::Length(1),
        Constraint::Length(rows),
    ])
    .areas(inner);
    let seen = if chat.blurred {
        let heavy = [
            texts.rows(&texts.say(DeskBlurHeavy), words.width),
            texts.rows(&texts.say(DeskBlurRead), words.width),
        ];
        frame.render_widget(Paragraph::new(heavy.concat()).alignment(Alignment::Center), words);
        VisibleLines::default()
    } else {
        draw_lines(frame, words, chat, texts)
    };
    frame.render_widget(Paragraph::new(told), told_area);
    frame.render_widget(
        Paragraph::new(dim(rule_text(chat, &seen, texts, rule.width))),
        rule,
    );
    match &model.mode {
        Mode::Confirm(_) | Mode::Transfer(..) | Mode::Mails(_) | Mode::Help(_) => {}
        mode => {
            let focus = matches!(mode, Mode::Write) && chat.writable();
            draw_composer(
                frame,
                composer,
                compose_rows(&chat.composer, composer.width, texts),
                focus,
            );
        }
    }
    seen
}

/// What is said of this chat, in it. The words keep at least half of what the composer leaves.
fn told(chat: &ChatTab, texts: &Texts, area: Rect, composer: u16) -> Vec<Row<'static>> {
    let Some(notice) = chat.told() else {
        return Vec::new();
    };
    let sentence = texts.notice(&notice);
    let room = area.height.saturating_sub(composer + 1) / 2;
    let mut rows = texts.rows(&sentence, area.width);
    let most = usize::from(room).min(TOLD_ROWS);
    if rows.len() > most && most == 1 {
        return vec![Row::raw(texts.fit(&sentence, area.width))];
    }
    rows.truncate(most);
    rows
}

/// The rule over the composer, with what has to be known about what is above and below it.
fn rule_text(chat: &ChatTab, seen: &VisibleLines, texts: &Texts, width: u16) -> String {
    let number = |key, count: usize| texts.with(key, &[("number", &count.to_string())]);
    let room = width.saturating_sub(4);
    let waits = matches!(chat.stage, ChatStage::Fresh) && !chat.blurred;
    let said = if waits {
        texts
            .keys(&[("Enter", DeskKeyWrite)], room)
            .trim_start()
            .to_owned()
    } else if matches!(chat.stage, ChatStage::Ended { throwing: true, .. }) {
        texts.fit(&texts.say(DeskThrowAgain), room)
    } else if chat.keeps_draft() {
        texts.fit(&texts.say(DeskNotSentKept), room)
    } else if seen.below > 0 {
        texts.fit(&number(DeskNewBelow, seen.below), room)
    } else if seen.above > 0 {
        texts.fit(&number(DeskNewAbove, seen.above), room)
    } else {
        return "─".repeat(usize::from(width));
    };
    let rest = usize::from(width).saturating_sub(text::width(&said) + 4);
    format!("{} {said} ──", "─".repeat(rest))
}

/// What of a chat is in the frame.
#[derive(Default)]
pub(super) struct VisibleLines {
    /// The lines whose first row is in it, by their number in the chat.
    pub(super) lines: Vec<usize>,
    /// Rows that it stands above the newest, because the unread begins there.
    pub(super) unread: Option<usize>,
    /// New messages below it.
    below: usize,
    /// New messages above it.
    above: usize,
}

fn draw_lines(frame: &mut Frame, area: Rect, chat: &ChatTab, texts: &Texts) -> VisibleLines {
    let mut rows: Vec<Row> = Vec::new();
    // Newest last: folding stops when the window is full, so a long chat costs no more than a short one.
    let wanted = usize::from(area.height) + chat.scroll;
    let width = area.width.saturating_sub(area.width / 6).max(10).min(area.width);
    // At the newest row the oldest that is unread is looked for, too.
    let new = |line: &DeskLine| line.who == Author::Peer && !line.shown;
    let unread = chat.lines.iter().position(new).filter(|_| chat.scroll == 0);
    // Where the first row of each line is, counted from the newest row of all.
    let mut firsts: Vec<(usize, usize)> = Vec::new();
    for (at, line) in chat.lines.iter().enumerate().rev() {
        let time = line.at.map(|at| at.strftime("%H:%M").to_string());
        let time = time.unwrap_or_default();
        let (label, mine) = match line.who {
            Author::Peer => (format!("{} {time}", texts.say(DeskShe)), false),
            Author::Me => {
                let state = line
                    .state
                    .map(|state| texts.say(state_key(state)))
                    .unwrap_or_default();
                (format!("{time} {} {state}", texts.say(DeskMe)), true)
            }
        };
        let right = mine != texts.locale().is_from_right();
        let failed = line.state == Some(MessageState::Failed);
        let style = if failed {
            bold(MARK)
        } else {
            Style::new().add_modifier(Modifier::DIM)
        };
        let label = at_side(texts.fit(label.trim(), area.width), area.width, right);
        let words = texts.block(&line.text.0, width, area.width, right);
        firsts.push((at, rows.len() + words.len().saturating_sub(1)));
        rows.extend(words.into_iter().rev().map(Row::raw));
        rows.push(Row::styled(label, style));
        if rows.len() >= wanted && unread.is_none_or(|unread| at <= unread) {
            break;
        }
    }
    let height = usize::from(area.height);
    let first = |wanted: usize| firsts.iter().find(|(at, _)| *at == wanted).map(|(_, row)| *row);
    // What came does not fit: the window stays where the unread begins, until the reader goes on.
    let begins = unread.and_then(first).map(|row| (row + 1).saturating_sub(height));
    let begins = begins.filter(|begins| *begins > 0);
    let scroll = begins
        .unwrap_or(chat.scroll)
        .min(rows.len().saturating_sub(height));
    let mut shown: Vec<Row> = rows.into_iter().skip(scroll).take(height).collect();
    shown.reverse();
    frame.render_widget(Paragraph::new(shown), area);
    let mut seen = VisibleLines {
        unread: begins,
        ..VisibleLines::default()
    };
    let (mut below, mut above) = (0, 0);
    for (at, line) in chat.lines.iter().enumerate() {
        let new = usize::from(new(line));
        match first(at) {
            Some(row) if row < scroll => below += new,
            Some(row) if row < scroll + height => seen.lines.push(at),
            _ => above += new,
        }
    }
    (seen.below, seen.above) = (below, above);
    seen
}

/// The composer's rows and where the caret stands among them, by column and row.
pub(super) fn compose_rows(composer: &Composer, width: u16, texts: &Texts) -> (Vec<String>, (u16, u16)) {
    texts.compose(composer.halves(), width.saturating_sub(2).max(1))
}
