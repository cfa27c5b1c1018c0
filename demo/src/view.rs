//! Draws the demo: two people side by side, below them what each node sees, and one sentence. On a small screen
//! the person without the keys and the longest rows give way first.

use hamsa::face::{Text, Texts, at_side, link_key, state_key};
use hamsa_client::api::LinkState;
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    style::{Color, Modifier, Style},
    text::{Line as Row, Span},
    widgets::{Block, Paragraph},
};

use crate::{
    model::{DemoModel, DemoSide},
    script::Speaker,
    world::{ANSWERS, PASSES, PSEUDONYM},
};

/// Below this width one person is shown at a time.
const BOTH: u16 = 60;
/// Below this height the nodes are not shown.
const WITH_NODES: u16 = 14;
/// Most rows of a composer.
const COMPOSER_ROWS: usize = 3;

/// The lines of both halves whose first row is in a frame, by their number on their side.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct DrawnLines {
    /// On the seeker's side.
    pub(crate) seeker: Vec<usize>,
    /// On the counselor's side.
    pub(crate) counselor: Vec<usize>,
}

/// Draws everything, and gives what of the talk is in the frame.
pub(crate) fn view(frame: &mut Frame, model: &DemoModel, texts: &Texts) -> DrawnLines {
    let area = frame.area();
    let mut drawn = DrawnLines::default();
    if area.is_empty() {
        return drawn;
    }
    if area.width < 20 || area.height < 6 {
        frame.render_widget(Paragraph::new(texts.row(Text::DeskSmall)), area);
        return drawn;
    }
    let nodes = if area.height >= WITH_NODES {
        (area.height / 3).max(5)
    } else {
        0
    };
    let [people, seen, strip, hint] = Layout::vertical([
        Constraint::Min(3),
        Constraint::Length(nodes),
        Constraint::Length(2),
        Constraint::Length(1),
    ])
    .areas(area);
    if area.width >= BOTH {
        let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(people);
        drawn.seeker = draw_person(frame, left, model, Speaker::Seeker, texts);
        drawn.counselor = draw_person(frame, right, model, Speaker::Counselor, texts);
    } else {
        let lines = draw_person(frame, people, model, model.focus, texts);
        match model.focus {
            Speaker::Seeker => drawn.seeker = lines,
            Speaker::Counselor => drawn.counselor = lines,
        }
    }
    if nodes > 0 {
        draw_nodes(frame, seen, model, texts);
    }
    draw_strip(frame, strip, model, texts);
    let hints = Row::styled(texts.fit(&texts.say(Text::DemoHint), hint.width), dim());
    frame.render_widget(Paragraph::new(hints), hint);
    drawn
}

fn draw_person(
    frame: &mut Frame,
    area: Rect,
    model: &DemoModel,
    person: Speaker,
    texts: &Texts,
) -> Vec<usize> {
    let (side, name) = match person {
        Speaker::Seeker => (&model.seeker, texts.say(Text::DemoSeeker)),
        Speaker::Counselor => (
            &model.counselor,
            texts.with(Text::DemoCounselor, &[("name", PSEUDONYM)]),
        ),
    };
    let focus = model.focus == person;
    let state = if side.over {
        Text::DeskOverMark
    } else {
        link_key(side.link)
    };
    // Not by weight alone: some terminals and some eyes do not tell bold.
    let mark = if focus { "▸ " } else { "" };
    let title = texts.fit(
        &format!("{mark}{name} · {}", texts.say(state)),
        area.width.saturating_sub(4),
    );
    let style = if focus {
        Style::new().add_modifier(Modifier::BOLD)
    } else {
        Style::new()
    };
    let block = Block::bordered().title(Span::styled(format!(" {title} "), style));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    if inner.is_empty() {
        return Vec::new();
    }
    let (before, after) = side.composer.halves();
    let (rows, (column, row)) = texts.compose((before, after), inner.width.saturating_sub(2).max(1));
    let height = u16::try_from(rows.len().clamp(1, COMPOSER_ROWS))
        .unwrap_or(1)
        .min(inner.height);
    let [words, composer] = Layout::vertical([Constraint::Min(0), Constraint::Length(height)]).areas(inner);
    let in_frame = draw_words(frame, words, model, side, person, texts);
    let skip = (row + 1).saturating_sub(composer.height);
    let shown = rows
        .into_iter()
        .skip(usize::from(skip))
        .take(usize::from(composer.height))
        .enumerate();
    let mark = |at: usize| {
        Span::styled(
            if at == 0 { "› " } else { "  " },
            if focus { style } else { dim() },
        )
    };
    let lines: Vec<Row> = shown
        .map(|(at, folded)| Row::from(vec![mark(at), Span::raw(folded)]))
        .collect();
    frame.render_widget(Paragraph::new(lines), composer);
    if focus && !side.over {
        let x = composer.x + (column + 2).min(composer.width.saturating_sub(1));
        frame.set_cursor_position(Position::new(x, composer.y + (row - skip)));
    }
    in_frame
}

fn draw_words(
    frame: &mut Frame,
    area: Rect,
    model: &DemoModel,
    side: &DemoSide,
    person: Speaker,
    texts: &Texts,
) -> Vec<usize> {
    let mut rows: Vec<Row> = Vec::new();
    let width = area.width.saturating_sub(area.width / 6).max(10).min(area.width);
    let mut in_frame = Vec::new();
    for (at, line) in side.lines.iter().enumerate().rev() {
        let mine = line.by == person;
        let words = texts.block(&line.text.0, width, area.width, mine);
        let mut block: Vec<Row> = words.into_iter().map(Row::raw).collect();
        if let Some(state) = line.state {
            let state = texts.visual(&texts.say(state_key(state)));
            block.push(Row::styled(at_side(state, area.width, mine), dim()));
        }
        rows.extend(block.into_iter().rev());
        // The first row is the last of those counted from the newest.
        if rows.len() <= usize::from(area.height) {
            in_frame.push(at);
        }
        if rows.len() >= usize::from(area.height) {
            break;
        }
    }
    if rows.is_empty() {
        let key = match person {
            Speaker::Seeker if side.over => Text::DemoLeft,
            Speaker::Seeker if !side.open => Text::DemoWaitHome,
            Speaker::Counselor if model.chat.is_none() && model.waiting > 0 => Text::DemoPressN,
            Speaker::Counselor if model.chat.is_none() => Text::DeskNobodyYet,
            _ => return in_frame,
        };
        frame.render_widget(
            Paragraph::new(texts.rows(&texts.say(key), area.width)).style(dim()),
            area,
        );
        return in_frame;
    }
    rows.truncate(usize::from(area.height));
    rows.reverse();
    frame.render_widget(Paragraph::new(rows), area);
    in_frame
}

fn draw_nodes(frame: &mut Frame, area: Rect, model: &DemoModel, texts: &Texts) {
    let [left, right] = Layout::horizontal([Constraint::Fill(2), Constraint::Fill(3)]).areas(area);
    for (area, key, name, rows, pieces) in [
        (
            left,
            Text::DemoEntry,
            PASSES,
            &model.entry_rows,
            model.tally.entry.pieces,
        ),
        (
            right,
            Text::DemoHome,
            ANSWERS,
            &model.home_rows,
            model.tally.home.pieces,
        ),
    ] {
        let title = texts.fit(&texts.with(key, &[("name", name)]), area.width.saturating_sub(4));
        let block = Block::bordered().title(format!(" {title} ")).border_style(dim());
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let [list, count] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(inner);
        let skip = rows.len().saturating_sub(usize::from(list.height));
        let shown: Vec<Row> = rows
            .iter()
            .skip(skip)
            .map(|row| Row::raw(texts.fit(row, list.width)))
            .collect();
        frame.render_widget(Paragraph::new(shown), list);
        let sentence = format!("{pieces} · {}", texts.say(Text::DemoWordsRead));
        let sentence = Row::styled(texts.fit(&sentence, count.width), Style::new().fg(Color::Yellow));
        frame.render_widget(Paragraph::new(sentence), count);
    }
}

fn draw_strip(frame: &mut Frame, area: Rect, model: &DemoModel, texts: &Texts) {
    let variables: Vec<(&str, &str)> = model
        .strip
        .variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let sentence = match &model.error {
        Some(error) if model.seeker.link != LinkState::Connected => error.clone(),
        _ => texts.with(model.strip.key, &variables),
    };
    frame.render_widget(Paragraph::new(texts.rows(&sentence, area.width)), area);
}

fn dim() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
