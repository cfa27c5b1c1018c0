//! The chat that is shown: its words, newest at the bottom, and the composer under them.

use hamsa_client::api::MessageState;
use ratatui::{
    Frame,
    layout::{Alignment, Constraint, Layout, Margin, Position, Rect},
    style::{Modifier, Style},
    text::{Line as Row, Span},
    widgets::Paragraph,
};

use super::{MARK, bold, boxed, dim, state_key};
use crate::counselor::{
    composer::Composer,
    model::{Chat, Duty, Mode, Model, Who},
    text::{self, Texts},
};

/// Most rows of the composer before it scrolls.
pub(super) const COMPOSER_ROWS: u16 = 5;

/// Draws it, or what to do when there is none.
pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, texts: &Texts) {
    let Some(chat) = model.chat() else {
        let inner = boxed(frame, area, &texts.say("desk-title"), texts);
        let key = match (&model.duty, model.waiting) {
            (Duty::Off(_), _) => "desk-on-duty-first",
            (_, 0) => "desk-nobody-yet",
            _ => "desk-take-next-when",
        };
        frame.render_widget(Paragraph::new(texts.rows(&texts.say(key), inner.width)), inner);
        return;
    };
    let title = texts.with("desk-chat", &[("number", &chat.number.to_string())]);
    let over = if chat.ended.is_some() {
        format!(" · {}", texts.say("desk-over-mark"))
    } else {
        String::new()
    };
    let urgent = if chat.urgent {
        format!(" · {}", texts.say("desk-urgent-mark"))
    } else {
        String::new()
    };
    let marks = super::pace_marks(chat);
    let pace: String = marks.map(|mark| format!(" · {}", texts.say(mark))).collect();
    let inner = boxed(
        frame,
        area,
        &format!("{title}{pace} · {}{urgent}{over}", text::clean(&chat.language)),
        texts,
    );
    let inner = inner.inner(Margin::new(u16::from(inner.width > 40), 0));
    let wanted = u16::try_from(compose_rows(&chat.composer, inner.width).0.len()).unwrap_or(COMPOSER_ROWS);
    let rows = wanted.clamp(1, COMPOSER_ROWS).min(inner.height / 2).max(1);
    let [words, rule, composer] = Layout::vertical([
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(rows),
    ])
    .areas(inner);
    if chat.blurred {
        let heavy = [
            texts.rows(&texts.say("desk-blur-heavy"), words.width),
            texts.rows(&texts.say("desk-blur-read"), words.width),
        ];
        frame.render_widget(Paragraph::new(heavy.concat()).alignment(Alignment::Center), words);
    } else {
        draw_lines(frame, words, chat, texts);
    }
    frame.render_widget(Paragraph::new(dim("─".repeat(usize::from(rule.width)))), rule);
    match &model.mode {
        Mode::Confirm(_) | Mode::Transfer(_) | Mode::Mails(_) | Mode::Help => {}
        mode => draw_composer(frame, composer, &chat.composer, matches!(mode, Mode::Write)),
    }
}

fn draw_lines(frame: &mut Frame, area: Rect, chat: &Chat, texts: &Texts) {
    let mut rows: Vec<Row> = Vec::new();
    // Newest last: folding stops when the window is full, so a long chat costs no more than a short one.
    let wanted = usize::from(area.height) + chat.scroll;
    let width = area.width.saturating_sub(area.width / 6).max(10).min(area.width);
    for line in chat.lines.iter().rev() {
        let (label, mine) = match line.who {
            Who::Seeker => (texts.say("desk-she"), false),
            Who::Me => {
                let state = line
                    .state
                    .map(|state| texts.say(state_key(state)))
                    .unwrap_or_default();
                (format!("{} {state}", texts.say("desk-me")), true)
            }
        };
        let failed = line.state == Some(MessageState::Failed);
        let style = if failed {
            bold(MARK)
        } else {
            Style::new().add_modifier(Modifier::DIM)
        };
        let label = text::at_side(texts.fit(&label, area.width), area.width, mine);
        let mut block = vec![Row::styled(label, style)];
        block.extend(
            text::fold(&line.text.0, width)
                .into_iter()
                .map(|row| Row::raw(text::at_side(row, area.width, mine))),
        );
        rows.extend(block.into_iter().rev());
        if rows.len() >= wanted {
            break;
        }
    }
    let scroll = chat
        .scroll
        .min(rows.len().saturating_sub(usize::from(area.height)));
    let mut shown: Vec<Row> = rows
        .into_iter()
        .skip(scroll)
        .take(usize::from(area.height))
        .collect();
    shown.reverse();
    frame.render_widget(Paragraph::new(shown), area);
}

/// The composer's rows and where the caret stands among them, by column and row.
fn compose_rows(composer: &Composer, width: u16) -> (Vec<text::Folded>, (u16, u16)) {
    let (before, after) = composer.halves();
    text::compose(before, after, width.saturating_sub(2).max(1))
}

/// Draws what is being written; with the focus, the real cursor stands where the next letter comes.
pub(super) fn draw_composer(frame: &mut Frame, area: Rect, composer: &Composer, focus: bool) {
    let (rows, (column, row)) = compose_rows(composer, area.width);
    // The row with the caret is always on screen.
    let skip = (row + 1).saturating_sub(area.height);
    let shown = rows.iter().skip(usize::from(skip)).take(usize::from(area.height));
    let lines: Vec<Row> = shown
        .enumerate()
        .map(|(at, folded)| {
            let mark = if at == 0 && skip == 0 { "› " } else { "  " };
            Row::from(vec![Span::raw(mark), Span::raw(folded.text.clone())])
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
    if focus {
        let x = area.x + (column + 2).min(area.width.saturating_sub(1));
        frame.set_cursor_position(Position::new(
            x,
            area.y + (row - skip).min(area.height.saturating_sub(1)),
        ));
    }
}
