//! Draws the counselor's screen. It reads the model and changes nothing; what comes from outside goes
//! through [`text`](super::text) first. Locked, it draws one line and nothing of any chat.

mod chat;
mod overlays;

use hamsa_client::api::{LinkState, MessageState};
use ratatui::{
    Frame,
    layout::{Alignment, Constraint, Layout, Position, Rect},
    style::{Color, Modifier, Style},
    text::{Line as Row, Span},
    widgets::{Block, Clear, Paragraph},
};

use super::model::{ChatTab, Confirmation, DeskModel, DutyState, LockState, Mode};
use crate::{
    i18n::{
        Text::{self, *},
        Texts,
    },
    text::{self, clean},
};

/// Below this nothing useful fits.
const SMALLEST: (u16, u16) = (30, 8);
/// Most rows of what is told: the longest sentence at 80 columns needs three.
const NOTICE_ROWS: usize = 3;
/// Rows of a screen from which on such a sentence may have more than one; below, the talk needs them.
const ROOMY: u16 = 16;
/// From here on the list of chats has a column of its own.
const WITH_CHATS: u16 = 60;
/// From here on the details have one too.
const WITH_DETAILS: u16 = 110;
/// From here on the drawer stands beside the words: they keep as many columns as the smallest window has.
const WITH_DRAWER: u16 = SMALLEST.0 + DETAILS_WIDTH;
/// From here on the list of chats as well.
const WITH_ALL: u16 = WITH_DRAWER + CHATS_WIDTH;
/// Columns of the list of chats.
const CHATS_WIDTH: u16 = 22;
/// Columns of the details.
const DETAILS_WIDTH: u16 = 28;

/// The one colour besides the terminal's own: what must be seen first.
const MARK: Color = Color::Yellow;

/// What a frame has shown of a chat.
#[derive(Debug, Default)]
pub(crate) struct DeskFrame {
    /// Whether there was room for what keys mean, and not only for the sentence that there is none.
    pub(crate) whole: bool,
    /// The chat.
    pub(crate) chat: Option<String>,
    /// Its lines whose first row was in the frame with nothing over it, by their number in the chat.
    pub(crate) lines: Vec<usize>,
    /// Rows that the window stands above the newest, because the unread begins there.
    pub(crate) unread: Option<usize>,
}

/// Draws everything, and gives what of a chat is in the frame.
pub(crate) fn view(frame: &mut Frame, model: &DeskModel, texts: &Texts) -> DeskFrame {
    let area = frame.area();
    if area.is_empty() {
        return DeskFrame::default();
    }
    if let Mode::Locked(lock) = &model.mode {
        locked(frame, area, model, lock, texts);
        return DeskFrame {
            whole: true,
            ..DeskFrame::default()
        };
    }
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        frame.render_widget(
            Paragraph::new(texts.rows(&texts.say(DeskSmall), area.width)),
            area,
        );
        return DeskFrame::default();
    }
    let told = notice_rows(model, texts, area);
    let [header, body, notice, hints] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(u16::try_from(told.len()).unwrap_or(1).max(1)),
        Constraint::Length(1),
    ])
    .areas(area);
    draw_header(frame, header, model, texts);
    let seen = draw_body(frame, body, model, texts);
    draw_notice(frame, notice, model, texts, told);
    let bar = if model.pausing {
        Row::styled(
            texts.fit(&texts.say(DeskPausing), hints.width),
            bold(Color::Reset),
        )
    } else {
        dim(texts.keys(overlays::hints(model), hints.width))
    };
    frame.render_widget(Paragraph::new(bar), hints);
    match &model.mode {
        Mode::Help(from) => overlays::help(frame, area, *from, texts),
        Mode::Mails(at) => overlays::mails(frame, area, model, *at, texts),
        _ => {
            return DeskFrame {
                whole: true,
                chat: model.chat().map(|chat| chat.id.clone()),
                lines: seen.lines,
                unread: seen.unread,
            };
        }
    }
    // What lies over the words hides them, as far as this frame knows.
    DeskFrame {
        whole: true,
        ..DeskFrame::default()
    }
}

fn locked(frame: &mut Frame, area: Rect, model: &DeskModel, lock: &LockState, texts: &Texts) {
    let (key, asking) = match lock {
        LockState::Quiet => (DeskLocked, false),
        LockState::Asking(_) => (DeskLockedAsking, true),
        LockState::Trying => (DeskLockedTrying, false),
        LockState::Refused => (DeskLockedRefused, false),
    };
    let mut rows = texts.rows(&texts.say(key), area.width);
    let width = rows.last().map_or(0, Row::width);
    let width = u16::try_from(width).unwrap_or(u16::MAX);
    let last = u16::try_from(rows.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let unread = model.unread();
    if unread.0 > 0 {
        rows.extend(texts.rows(&texts.unread(unread), area.width));
    }
    frame.render_widget(Paragraph::new(rows), area);
    if asking {
        // Not even how many letters were typed.
        frame.set_cursor_position(Position::new(
            area.x + (width + 1).min(area.width.saturating_sub(1)),
            area.y + last.min(area.height.saturating_sub(1)),
        ));
    }
}

fn draw_header(frame: &mut Frame, area: Rect, model: &DeskModel, texts: &Texts) {
    let lock = texts.say(DeskLockHint);
    let lock_width = u16::try_from(text::width(&lock)).unwrap_or(0) + 1;
    // What reads from right to left begins at the right.
    let mirrored = texts.locale().is_from_right();
    let [left, right] = side_by_side(
        [Constraint::Min(1), Constraint::Length(lock_width)],
        area,
        mirrored,
    );
    let name = if model.pseudonym.is_empty() {
        texts.say(DeskTitle)
    } else {
        clean(&model.pseudonym)
    };
    let duty = texts.say(match model.duty {
        DutyState::Off(_) => DeskOffDuty,
        DutyState::Asked => DeskAsked,
        DutyState::On => DeskOnDuty,
        DutyState::Break => DeskBreak,
    });
    let link = texts.say(link_key(model.link));
    let counts = texts.with(DeskWaiting, &[("waiting", &model.waiting.to_string())]);
    // What is acted on comes first, so that a narrow window cuts only what is known already.
    let mut parts = vec![
        Span::raw(texts.fit(&name, 24)),
        Span::raw(" · "),
        Span::raw(texts.visual(&duty)),
    ];
    parts.extend([Span::raw(" · "), Span::raw(texts.visual(&counts))]);
    if model.urgent > 0 {
        let urgent = texts.with(DeskUrgent, &[("urgent", &model.urgent.to_string())]);
        parts.extend([Span::raw(" · "), Span::styled(texts.visual(&urgent), bold(MARK))]);
    }
    parts.extend([Span::raw(" · "), Span::raw(texts.visual(&link))]);
    if let Some(association) = &model.association {
        // What fits beside the rest, or nothing: half a name is of no use.
        let used: usize = parts.iter().map(|span| text::width(&span.content)).sum();
        let association = texts.fit(association, 40);
        if used + 3 + text::width(&association) <= usize::from(left.width) {
            parts.extend([Span::raw(" · "), Span::raw(association)]);
        }
    }
    let (begins, ends) = if mirrored {
        parts.reverse();
        (Alignment::Right, Alignment::Left)
    } else {
        (Alignment::Left, Alignment::Right)
    };
    frame.render_widget(Paragraph::new(Row::from(parts)).alignment(begins), left);
    let lock = Paragraph::new(dim(texts.visual(&lock)));
    frame.render_widget(lock.alignment(ends), right);
}

/// Areas beside each other, the first one where reading begins.
fn side_by_side<const N: usize>(mut columns: [Constraint; N], area: Rect, mirrored: bool) -> [Rect; N] {
    if mirrored {
        columns.reverse();
    }
    let mut areas = Layout::horizontal(columns).areas(area);
    if mirrored {
        areas.reverse();
    }
    areas
}

fn draw_body(frame: &mut Frame, area: Rect, model: &DeskModel, texts: &Texts) -> chat::VisibleLines {
    let column = area.width >= WITH_DETAILS;
    // The drawer stands beside the words, never over them: what is in it is read while the talk goes on.
    let beside = model.drawer && area.width >= WITH_DRAWER;
    let chats = if area.width >= if beside { WITH_ALL } else { WITH_CHATS } {
        CHATS_WIDTH
    } else {
        0
    };
    let details = if column || beside { DETAILS_WIDTH } else { 0 };
    let columns = [
        Constraint::Length(chats),
        Constraint::Min(1),
        Constraint::Length(details),
    ];
    let [left, middle, right] = side_by_side(columns, area, texts.locale().is_from_right());
    if chats > 0 {
        draw_chats(frame, left, model, texts);
    }
    // Where it has no room beside them it stands above them, and not at all on a low screen.
    let above = if model.drawer && details == 0 && middle.height >= ROOMY {
        middle.height / 2
    } else {
        0
    };
    let [drawer, middle] = Layout::vertical([Constraint::Length(above), Constraint::Min(1)]).areas(middle);
    let seen = chat::draw(frame, middle, model, texts);
    if details > 0 {
        draw_details(frame, right, model, texts);
    } else if above > 0 {
        draw_details(frame, drawer, model, texts);
    }
    seen
}

fn draw_chats(frame: &mut Frame, area: Rect, model: &DeskModel, texts: &Texts) {
    let inner = boxed(frame, area, &texts.say(DeskChats), texts);
    let mut rows = Vec::new();
    for (at, chat) in model.chats.iter().enumerate() {
        let here = if at == model.selected { "▸" } else { " " };
        let entry = format!("{here}{} {}", chat.number, clean(&chat.language));
        let style = if at == model.selected {
            bold(Color::Reset)
        } else {
            Style::new()
        };
        let mut row = vec![Span::styled(texts.visual(&entry), style)];
        // Danger first: a narrow list cuts what comes last. A space is no part of a mark: from right to left it would stand
        // at its other end.
        if chat.urgent {
            let urgent = texts.visual(&texts.say(DeskUrgentMark));
            row.extend([Span::raw(" "), Span::styled(urgent, bold(MARK))]);
        }
        let mark = mark(chat, texts);
        row.extend([Span::raw(" "), Span::styled(texts.visual(mark.trim()), style)]);
        rows.push(Row::from(row));
    }
    if rows.is_empty() {
        rows.push(dim(texts.fit(&texts.say(DeskNoChat), inner.width)));
    }
    rows.push(Row::default());
    for (key, name) in [overlays::NEXT, overlays::BREAK, overlays::DUTY, overlays::MAIL] {
        let mut label = texts.say(name);
        if key == "m" && model.mails_there() > 0 {
            label.push_str(&format!(" ({})", model.mails_there()));
        }
        let line = texts.key(key, &label, inner.width);
        rows.push(if matches!(model.mode, Mode::Command) {
            Row::raw(line)
        } else {
            dim(line)
        });
    }
    frame.render_widget(Paragraph::new(rows), inner);
}

fn draw_details(frame: &mut Frame, area: Rect, model: &DeskModel, texts: &Texts) {
    let inner = boxed(frame, area, &texts.say(DeskThisChat), texts);
    let mut rows = Vec::new();
    if let Some(chat) = model.chat() {
        let language = texts.with(DeskLanguage, &[("language", &clean(&chat.language))]);
        let state = if chat.ended() {
            DeskStateOver
        } else {
            DeskStateRunning
        };
        let length = chat.length(model.now);
        let length = length.map(|length| texts.with(DeskLength, &[("length", &length)]));
        let danger = if chat.urgent { DeskDangerYes } else { DeskDangerNo };
        let pause = chat.paused.then_some(DeskPacePause);
        let details = chat.no_details.then_some(DeskPaceDetails);
        let says = [Some(danger), pause, details, Some(state)];
        let says = says.into_iter().flatten().map(|key| texts.say(key));
        for sentence in [language].into_iter().chain(length).chain(says) {
            rows.extend(texts.rows(&sentence, inner.width));
        }
        rows.push(Row::default());
        for (key, name) in [
            overlays::TRANSFER,
            overlays::END,
            overlays::BLOCK,
            overlays::CLOSE,
        ] {
            rows.push(dim(texts.key(key, &texts.say(name), inner.width)));
        }
    }
    frame.render_widget(Paragraph::new(rows), inner);
}

/// What a list says of a chat that is not looked at: that it is over, that there is something new.
fn mark(chat: &ChatTab, texts: &Texts) -> String {
    let unread = chat.unread();
    if unread > 0 {
        let unread = unread.to_string();
        return format!(" {}", texts.with(DeskNewMark, &[("number", &unread)]));
    }
    if chat.ended() {
        return format!(" {}", texts.say(DeskOverMark));
    }
    String::new()
}

/// What happens in the chats that are not shown, where there is no room for a list of them.
fn elsewhere(model: &DeskModel, texts: &Texts) -> String {
    let others = model
        .chats
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != model.selected);
    let marks = others.filter_map(|(_, chat)| {
        let mark = mark(chat, texts);
        let title = texts.with(DeskChat, &[("number", &chat.number.to_string())]);
        (!mark.is_empty()).then(|| format!("{title}:{mark}"))
    });
    marks.collect::<Vec<_>>().join(" · ")
}

/// What is told of the desk, whole where it fits in a few rows: what to do next stands at the end of a sentence.
fn notice_rows(model: &DeskModel, texts: &Texts, area: Rect) -> Vec<Row<'static>> {
    let about = |question, chat: &str| {
        let about = model.chats.iter().find(|about| about.id == chat);
        let number = about.map_or(0, |about| about.number).to_string();
        texts.with(question, &[("number", &number)])
    };
    let sentence = match &model.mode {
        Mode::Confirm(Confirmation::End(chat)) => about(DeskAskEnd, chat),
        Mode::Confirm(Confirmation::Block(chat)) => about(DeskAskBlock, chat),
        Mode::Confirm(Confirmation::Leave) => texts.say(if model.any_running() {
            DeskAskLeave
        } else {
            DeskAskLeaveQuiet
        }),
        Mode::Transfer(..) => return Vec::new(),
        _ => match model.told() {
            Some(notice) => texts.notice(&notice),
            None if area.width < WITH_CHATS => elsewhere(model, texts),
            None => String::new(),
        },
    };
    if sentence.is_empty() {
        return Vec::new();
    }
    if matches!(model.mode, Mode::Confirm(_)) {
        let rows = texts.rows(&sentence, area.width);
        return rows.into_iter().map(|row| row.style(bold(MARK))).collect();
    }
    let mut rows = texts.rows(&sentence, area.width);
    if area.height < ROOMY && rows.len() > 1 {
        return vec![Row::raw(texts.fit(&sentence, area.width))];
    }
    rows.truncate(NOTICE_ROWS);
    rows
}

fn draw_notice(frame: &mut Frame, area: Rect, model: &DeskModel, texts: &Texts, told: Vec<Row<'static>>) {
    let Mode::Transfer(_, input) = &model.mode else {
        frame.render_widget(Paragraph::new(told), area);
        return;
    };
    let asked = format!("{} {}", texts.say(DeskAskTransfer), input.text());
    let width = u16::try_from(text::width(&clean(&asked))).unwrap_or(u16::MAX);
    frame.set_cursor_position(Position::new(
        area.x + width.min(area.width.saturating_sub(1)),
        area.y,
    ));
    frame.render_widget(Paragraph::new(texts.fit(&asked, area.width)), area);
}

/// How the seeker wants the talk to go, in a word or two.
pub(crate) fn pace_marks(chat: &ChatTab) -> impl Iterator<Item = Text> {
    let pause = chat.paused.then_some(DeskPacePauseMark);
    let details = chat.no_details.then_some(DeskPaceDetailsMark);
    pause.into_iter().chain(details)
}

/// The text for a link's state.
pub const fn link_key(state: LinkState) -> Text {
    match state {
        LinkState::Connected => DeskLinkConnected,
        LinkState::Reconnecting => DeskLinkReconnecting,
        LinkState::Offline => DeskLinkOffline,
    }
}

/// The text for how far a message came: a sign and a word.
pub const fn state_key(state: MessageState) -> Text {
    match state {
        MessageState::Written => DeskSentWritten,
        MessageState::AtNode => DeskSentAtNode,
        MessageState::Received => DeskSentReceived,
        MessageState::Failed => DeskSentFailed,
    }
}

fn boxed(frame: &mut Frame, area: Rect, title: &str, texts: &Texts) -> Rect {
    let title = texts.fit(title, area.width.saturating_sub(4));
    let block = Block::bordered().title(format!(" {title} "));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
}

fn window(frame: &mut Frame, area: Rect, height: u16, title: &str, texts: &Texts) -> Rect {
    let height = height.min(area.height);
    let width = area.width.saturating_sub(4).min(76);
    let x = area.x + (area.width - width) / 2;
    let y = area.y + (area.height - height) / 2;
    let place = Rect { x, y, width, height };
    frame.render_widget(Clear, place);
    boxed(frame, place, title, texts)
}

fn dim<'a>(text: impl Into<String>) -> Row<'a> {
    Row::styled(text.into(), Style::new().add_modifier(Modifier::DIM))
}

fn bold(color: Color) -> Style {
    Style::new().fg(color).add_modifier(Modifier::BOLD)
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
