//! The text of a page, with the window that slides over it.

use ratatui::{
    Frame,
    layout::{Alignment, Rect},
    style::Style,
    text::Line as Row,
    widgets::Paragraph,
};

use super::{super::model::SeekerFrame, TEXT_WIDTH, align, bold, state_style};
use crate::{
    i18n::Texts,
    seeker::{
        model::{SeekerLine, SeekerModel},
        page::{self, Page, Para},
    },
    shared::Author,
    text,
};

/// Draws as much of it as fits and says how much does not.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    model: &SeekerModel,
    page: &Page,
    texts: &Texts,
    drawn: &mut SeekerFrame,
) {
    let width = area.width.min(TEXT_WIDTH);
    let height = usize::from(area.height);
    let mut rows: Vec<Row<'static>> = Vec::new();
    // At which row a message begins that was not on the screen before.
    let mut firsts: Vec<(usize, u64)> = Vec::new();
    if page.newest {
        // Newest first, so that a long talk costs no more than a short one.
        for para in page.paras.iter().rev() {
            rows.extend(para_rows(para, texts, width, area.width).into_iter().rev());
            firsts.extend(unshown(para).map(|number| (rows.len(), number)));
        }
        rows.reverse();
        for (row, _) in &mut firsts {
            *row = rows.len() - *row;
        }
    } else {
        for para in &page.paras {
            firsts.extend(unshown(para).map(|number| (rows.len(), number)));
            rows.extend(para_rows(para, texts, width, area.width));
        }
    }
    let hidden = rows.len().saturating_sub(height);
    let mut scroll = model.scroll.min(hidden);
    // At the newest row, and what came does not fit: the window stays where the unread begins, until the reader goes on.
    let unread = firsts.iter().map(|(row, _)| *row).min();
    if page.newest
        && scroll == 0
        && let Some(row) = unread.filter(|row| *row < hidden)
    {
        scroll = hidden - row;
        drawn.unread = Some(scroll);
    }
    let above = if page.newest { hidden - scroll } else { scroll };
    drawn.above = above;
    drawn.below = hidden - above;
    drawn.page = height;
    let window = above..above + height;
    let seen = firsts.into_iter().filter(|(row, _)| window.contains(row));
    drawn.shown = seen.map(|(_, number)| number).collect();
    let shown: Vec<Row> = rows.into_iter().skip(above).take(height).collect();
    frame.render_widget(Paragraph::new(shown), area);
}

fn unshown(para: &Para) -> Option<u64> {
    match para {
        Para::Line(line) => line.unshown,
        _ => None,
    }
}

/// Rows that the whole text takes.
pub(super) fn height(area: Rect, page: &Page, texts: &Texts) -> usize {
    let width = area.width.min(TEXT_WIDTH);
    let rows = |para| para_rows(para, texts, width, area.width).len();
    page.paras.iter().map(rows).sum()
}

fn para_rows(para: &Para, texts: &Texts, width: u16, full: u16) -> Vec<Row<'static>> {
    let rtl = texts.locale().is_from_right();
    match para {
        Para::Gap => vec![Row::default()],
        Para::Say(sentence) => hanging(sentence, "·", width, texts, Style::new()),
        Para::Strong(sentence) => {
            let rows = texts.ours(sentence, width).into_iter();
            rows.map(|row| align(Row::styled(row, bold()), rtl)).collect()
        }
        Para::Row(row) => latin(row, width)
            .into_iter()
            .map(|row| Row::styled(texts.fit(&row, width), bold()))
            .collect(),
        Para::Quote(words) => {
            let rows = texts.fold(words, width.saturating_sub(2).max(1)).into_iter();
            rows.map(|row| {
                if rtl || row.rtl {
                    align(Row::raw(format!("{} │", row.text)), true)
                } else {
                    Row::raw(format!("│ {}", row.text))
                }
            })
            .collect()
        }
        Para::Line(line) => message(line, texts, if rtl { width } else { full }, rtl),
    }
}

/// A row of Latin words as it stands, or, where it is too long (a command on a small screen), on as many rows as it
/// needs: a command that is cut cannot be typed.
fn latin(row: &str, width: u16) -> Vec<String> {
    let width = usize::from(width);
    if text::width(row) <= width {
        return vec![row.to_owned()];
    }
    let mut rows: Vec<String> = Vec::new();
    for word in row.split(' ') {
        match rows.last_mut() {
            Some(last) if text::width(last) + 1 + text::width(word) <= width => {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) => rows.push(format!("  {word}")),
            None => rows.push(word.to_owned()),
        }
    }
    rows
}

/// A sentence with a sign before its first row and room before the others.
fn hanging(sentence: &str, sign: &str, width: u16, texts: &Texts, style: Style) -> Vec<Row<'static>> {
    let rtl = texts.locale().is_from_right();
    let rows = texts
        .ours(sentence, width.saturating_sub(2).max(1))
        .into_iter()
        .enumerate();
    rows.map(|(at, row)| {
        let sign = if at == 0 { sign } else { " " };
        let row = if rtl {
            format!("{row} {sign}")
        } else {
            format!("{sign} {row}")
        };
        align(Row::styled(row, style), rtl)
    })
    .collect()
}

/// A message: the words, then author, time and state, on a row of their own.
fn message(line: &SeekerLine, texts: &Texts, width: u16, rtl: bool) -> Vec<Row<'static>> {
    let right = rtl || line.who == Author::Me;
    let alignment = if right { Alignment::Right } else { Alignment::Left };
    let columns = if rtl {
        width
    } else {
        width.saturating_sub(width / 6).clamp(10, TEXT_WIDTH)
    };
    let words = texts.fold(&line.text.0, columns);
    let longest = words.iter().map(|row| row.columns).max().unwrap_or(0);
    let rows = words.iter().map(|row| {
        // One block: what begins at the other edge still begins at one common column.
        let text = if right && !row.rtl {
            let blanks = longest.saturating_sub(row.columns);
            format!("{}{}", row.text, " ".repeat(blanks))
        } else if right {
            row.text.clone()
        } else {
            row.padded(longest)
        };
        Row::raw(text).alignment(alignment)
    });
    let mut rows: Vec<Row> = rows.collect();
    let row = texts.fit(&about(line, texts), width);
    rows.push(Row::styled(row, state_style(line.state)).alignment(alignment));
    rows
}

/// Author, time and state.
pub(in crate::seeker) fn about(line: &SeekerLine, texts: &Texts) -> String {
    let who = page::author(line, texts);
    let state = line.state.map(|state| page::state(state, texts));
    let parts = [Some(who), Some(line.time.clone()), state];
    let said: Vec<String> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    said.join(" · ")
}
