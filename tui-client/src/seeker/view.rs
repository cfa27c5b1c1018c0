//! Draws a page. It reads the model and changes nothing; it gives back what it drew, for the mouse and for the
//! ends of long texts. One column at every size; the way out stands first on the first line, always.

mod body;

use std::ops::Range;

use hamsa_client::api::MessageState;
use ratatui::{
    Frame,
    layout::{Alignment, Position, Rect},
    style::{Color, Modifier, Style},
    text::{Line as Row, Span},
    widgets::{Clear, Paragraph},
};
use zeroize::Zeroizing;

use super::{
    keys,
    model::{SeekerFrame, SeekerModel, SeekerNotice},
    page::{self, Choice, Page},
    screen::{Overlay, Screen},
};
use crate::{
    composer::Composer,
    i18n::{
        Text::{self, *},
        Texts,
    },
    shared::draw_composer,
    text,
};

/// Below this nothing useful fits.
const SMALLEST: (u16, u16) = (30, 10);
/// Most columns of text: longer rows are hard to read.
const TEXT_WIDTH: u16 = 96;
/// Most rows of the composer before it scrolls.
const COMPOSER_ROWS: u16 = 4;
/// Rows of the page that stay in sight, whatever is reported under it.
const PAGE_ROWS: u16 = 3;
/// Rows of a title; what does not even fit into these is cut.
const TITLE_ROWS: usize = 2;
/// What stands for each letter of a passphrase.
const HIDDEN: char = '•';
/// The one colour besides the terminal's own: what did not go well.
const MARK: Color = Color::Yellow;

/// Draws everything.
pub(crate) fn view(frame: &mut Frame, model: &SeekerModel, texts: &Texts) -> SeekerFrame {
    let area = frame.area();
    if area.is_empty() {
        return SeekerFrame::default();
    }
    if model.top() == Some(Overlay::Practiced) {
        return SeekerFrame {
            whole: true,
            ..SeekerFrame::default()
        };
    }
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let exit = Row::styled(texts.fit(&texts.say(exit_key(model)), area.width), bold());
        let mut rows = vec![exit];
        rows.extend(paragraph(&texts.say(SeekSmall), area.width, texts));
        frame.render_widget(Paragraph::new(rows), area);
        return SeekerFrame::default();
    }
    let page = page::page(model, texts);
    let mut left = area;
    for row in header(model, &page, texts, area.width) {
        draw_row(frame, &mut left, row);
    }
    let hints = take_bottom(&mut left, 1);
    if let Some(notice) = &model.notice {
        draw_notice(frame, &mut left, notice, texts);
    }
    if let Some(input) = model.input() {
        draw_input(frame, &mut left, model, input, texts);
    }
    let drawn = draw_page(frame, left, model, page, texts);
    // Last, because only now is it known whether there is more to read.
    let hint = hint_row(model, &drawn, texts, hints.width);
    frame.render_widget(Paragraph::new(hint), hints);
    drawn
}

fn draw_notice(frame: &mut Frame, left: &mut Rect, notice: &SeekerNotice, texts: &Texts) {
    let style = match notice {
        SeekerNotice::Error(_) => bold().fg(MARK),
        _ => bold(),
    };
    let mut rows = paragraph(&page::notice(notice, texts), left.width.min(TEXT_WIDTH), texts);
    rows.truncate(left.height.saturating_sub(PAGE_ROWS).max(1).into());
    let place = take_bottom(left, rows.len());
    frame.render_widget(Paragraph::new(rows).style(style), place);
}

fn draw_input(frame: &mut Frame, left: &mut Rect, model: &SeekerModel, input: &Composer, texts: &Texts) {
    let (before, after) = input.halves();
    let signs = |text: &str| Zeroizing::new(text.chars().map(|_| HIDDEN).collect::<String>());
    let width = left.width.saturating_sub(2).max(1);
    let composed = if model.hidden() {
        texts.compose((&signs(before), &signs(after)), width)
    } else {
        texts.compose((before, after), width)
    };
    let height = u16::try_from(composed.0.len()).unwrap_or(COMPOSER_ROWS);
    let most = COMPOSER_ROWS.min(left.height / 4).max(1);
    let place = take_bottom(left, height.clamp(1, most).into());
    draw_composer(frame, place, composed, model.writing());
}

/// Draws the text, the status and the choices.
fn draw_page(
    frame: &mut Frame,
    area: Rect,
    model: &SeekerModel,
    mut page: Page,
    texts: &Texts,
) -> SeekerFrame {
    let mut left = area;
    let mut drawn = SeekerFrame::default();
    let choosing = !model.writing();
    let has_choices = !page.choices.is_empty() && (choosing || left.height >= 14);
    if model.input().is_some() && (has_choices || !page.status.is_empty()) {
        rule(frame, &mut left, "");
    }
    let before_choices = left;
    // What the text leaves is for the choices.
    let needed = if page.newest {
        usize::MAX
    } else {
        body::height(left, &page, texts).saturating_add(page.status.len())
    };
    let choices = |frame: &mut Frame, left: &mut Rect, page: &Page, drawn: &mut SeekerFrame| {
        draw_choices(frame, left, model, page, (texts, needed), drawn);
    };
    if has_choices {
        choices(frame, &mut left, &page, &mut drawn);
    }
    let choices_top = left.bottom();
    draw_status(frame, &mut left, &page, texts);
    let bare = page.paras.is_empty() && page.status.is_empty() && model.input().is_none();
    let mut rule_row = take_bottom(&mut left, usize::from(!bare));
    body::draw(frame, left, model, &page, texts, &mut drawn);
    let more = match (drawn.above > 0, drawn.below > 0) {
        (true, true) => " ↑↓ ",
        (true, false) => " ↑ ",
        (false, true) => " ↓ ",
        (false, false) => "",
    };
    rule(frame, &mut rule_row, more);
    if page.whole
        && drawn.below > 0
        && let Some(first) = page.choices.first_mut()
    {
        // Until the end was on the screen, the first choice leads there.
        first.label = texts.say(SeekReadOn);
        drawn.targets.clear();
        // Only the choices: the status above them stays.
        let place = Rect {
            y: choices_top,
            height: before_choices.bottom().saturating_sub(choices_top),
            ..before_choices
        };
        frame.render_widget(Clear, place.intersection(before_choices));
        let mut again = before_choices;
        choices(frame, &mut again, &page, &mut drawn);
        drawn.reads_on = true;
    }
    drawn.newest = page.newest;
    drawn.whole = true;
    drawn
}

fn draw_status(frame: &mut Frame, left: &mut Rect, page: &Page, texts: &Texts) {
    if page.status.is_empty() {
        return;
    }
    let most = usize::from(left.height.saturating_sub(PAGE_ROWS)).max(1);
    let mut rows: Vec<Row> = Vec::new();
    for sentence in &page.status {
        let more = paragraph(sentence, left.width.min(TEXT_WIDTH), texts);
        // Half a sentence could say the contrary of the whole one.
        if rows.is_empty() || rows.len() + more.len() <= most {
            rows.extend(more);
        }
    }
    rows.truncate(most);
    let place = take_bottom(left, rows.len());
    frame.render_widget(Paragraph::new(rows), place);
}

fn header(model: &SeekerModel, page: &Page, texts: &Texts, width: u16) -> Vec<Row<'static>> {
    let columns = usize::from(width);
    let exit = texts.visual(&texts.say(exit_key(model)));
    let link = texts.visual(&page::link(model, texts));
    let mut titles = texts.ours(&page.title, width);
    if titles.len() > TITLE_ROWS {
        titles = vec![texts.fit(&page.title, width)];
    }
    let below = titles.split_off(titles.len().min(1));
    let title = titles.pop().unwrap_or_default();
    let room = |used: usize, part: &str| used + 2 + text::width(part) <= columns;
    let mut rows = Vec::new();
    let exit_width = text::width(&exit);
    let link_first = room(exit_width, &link);
    rows.push(beside(
        &exit,
        if link_first { &link } else { "" },
        columns,
        bold(),
    ));
    let (start, end) = if link_first || !below.is_empty() || !room(text::width(&title), &link) {
        (title, String::new())
    } else {
        (title, link.clone())
    };
    let rtl = texts.locale().is_from_right();
    let link_second = !end.is_empty();
    if rtl {
        rows.push(beside(&end, &start, columns, Style::new()));
    } else {
        rows.push(beside(&start, &end, columns, Style::new()));
    }
    rows.extend(below.into_iter().map(|row| align(Row::raw(row), rtl)));
    if !link_first && !link_second {
        rows.push(align(Row::raw(texts.fit(&page::link(model, texts), width)), rtl));
    }
    rows
}

/// Two parts at the two edges of a row.
fn beside(left: &str, right: &str, columns: usize, style: Style) -> Row<'static> {
    let gap = columns.saturating_sub(text::width(left) + text::width(right));
    Row::from(vec![
        Span::styled(left.to_owned(), style),
        Span::raw(" ".repeat(gap)),
        Span::raw(right.to_owned()),
    ])
}

/// The way out. It must be understood before a language is chosen, too.
fn exit_key(model: &SeekerModel) -> Text {
    if model.screen == Screen::Language && model.overlays.is_empty() {
        SeekExitAny
    } else {
        SeekExit
    }
}

/// As many whole hints as fit.
fn hint_row(model: &SeekerModel, drawn: &SeekerFrame, texts: &Texts, width: u16) -> Row<'static> {
    let rtl = texts.locale().is_from_right();
    let pausing = match (model.pausing, model.offers_pausing) {
        (true, _) => Some(SeekPausing),
        (false, true) => Some(SeekOffersPausing),
        (false, false) => None,
    };
    if let Some(pausing) = pausing {
        let row = Row::styled(texts.fit(&texts.say(pausing), width), bold());
        return align(row, rtl);
    }
    let mut line = String::new();
    for hint in keys::now(model, drawn, texts) {
        let hint = texts.visual(&hint);
        let longer = match (line.is_empty(), rtl) {
            (true, _) => hint,
            (false, true) => format!("{hint} · {line}"),
            (false, false) => format!("{line} · {hint}"),
        };
        if text::width(&longer) <= usize::from(width) {
            line = longer;
        }
    }
    align(Row::styled(line, Style::new().add_modifier(Modifier::DIM)), rtl)
}

fn draw_choices(
    frame: &mut Frame,
    left: &mut Rect,
    model: &SeekerModel,
    page: &Page,
    (texts, needed): (&Texts, usize),
    drawn: &mut SeekerFrame,
) {
    let choosing = !model.writing();
    let width = left.width.min(TEXT_WIDTH);
    let selected = model.selected.min(page.choices.len().saturating_sub(1));
    let mut rows: Vec<(Row, usize)> = Vec::new();
    for (at, choice) in page.choices.iter().enumerate() {
        let marked = choosing && at == selected;
        rows.extend(choice_rows(choice, at, choosing, marked, width, texts).map(|row| (row, at)));
    }
    // A talk without a word yet has its text, and what is written, below all the same.
    let has_text = page.newest || !page.paras.is_empty() || !page.status.is_empty();
    let window = whole_choices(&rows, selected, choice_room(*left, has_text, needed));
    let (skip, shown) = (window.start, window.len());
    let hidden = rows.len() - shown;
    let place = if has_text {
        take_bottom(left, shown)
    } else {
        take_top(left, shown)
    };
    // The column at which a row begins.
    let edge = |area: Rect, begins: bool| {
        if texts.locale().is_from_right() == begins {
            area.right().saturating_sub(1)
        } else {
            area.x
        }
    };
    let mut window = place;
    for (row, at) in rows.into_iter().skip(skip).take(shown) {
        let target = Rect { height: 1, ..window };
        if choosing && at == selected {
            frame.set_cursor_position(Position::new(edge(target, true), target.y));
        }
        if let Some(choice) = page.choices.get(at) {
            drawn.targets.push((target, choice.does));
        }
        draw_row(frame, &mut window, row);
    }
    if hidden > 0 {
        // A sign that the list goes on, where its last row ends.
        let sign = match (skip > 0, skip < hidden) {
            (true, true) => "↕",
            (true, false) => "↑",
            _ => "↓",
        };
        let corner = Rect {
            x: edge(place, false),
            y: place.bottom().saturating_sub(1),
            width: 1.min(place.width),
            height: 1.min(place.height),
        };
        frame.render_widget(Paragraph::new(sign), corner);
    }
}

/// Most rows for the choices. A text keeps at least half of the room, if it needs it.
fn choice_room(left: Rect, has_text: bool, needed: usize) -> usize {
    let least = if left.height < 16 {
        3
    } else {
        usize::from(left.height / 2)
    };
    let all = usize::from(left.height.saturating_sub(1)).max(1);
    if has_text {
        least.max(all.saturating_sub(needed))
    } else {
        all
    }
}

/// Which of the rows are shown: at most so many, the marked choice among them, and no choice cut in two, unless it
/// is the only one.
fn whole_choices(rows: &[(Row, usize)], selected: usize, most: usize) -> Range<usize> {
    let shown = rows.len().min(most);
    let first = rows.iter().position(|(_, at)| *at == selected).unwrap_or(0);
    let last = rows.iter().rposition(|(_, at)| *at == selected).unwrap_or(0);
    let mut start = (last + 1).saturating_sub(shown).min(first);
    let mut end = (start + shown).min(rows.len());
    let cut = |edge: usize| {
        let choice = |at: usize| rows.get(at).map(|(_, choice)| *choice);
        edge > 0 && choice(edge).is_some() && choice(edge) == choice(edge - 1)
    };
    while start < first && cut(start) {
        start += 1;
    }
    while end > last + 1 && cut(end) {
        end -= 1;
    }
    start..end
}

fn choice_rows(
    choice: &Choice,
    at: usize,
    choosing: bool,
    marked: bool,
    width: u16,
    texts: &Texts,
) -> impl Iterator<Item = Row<'static>> {
    // One key is one digit: what lies behind the ninth is reached by the arrows.
    let number = if at < 9 {
        (at + 1).to_string()
    } else {
        String::new()
    };
    let rtl = texts.locale().is_from_right();
    let rows = match &choice.row {
        Some(row) => vec![row.clone()],
        None => texts.ours(&choice.label, width.saturating_sub(7).max(1)),
    };
    let style = match (choosing, marked) {
        (true, true) => bold(),
        (true, false) => Style::new(),
        (false, _) => Style::new().add_modifier(Modifier::DIM),
    };
    rows.into_iter().enumerate().map(move |(row, text)| {
        let (mark, number) = match (row, choosing, marked, rtl) {
            // Where letters are words, a number would be one too: it is not offered.
            (0, false, ..) if at == 0 => ("T", String::new()),
            (0, true, true, false) => ("▸", format!("{number:>2}")),
            (0, true, true, true) => ("◂", format!("{number:<2}")),
            (0, true, false, true) => (" ", format!("{number:<2}")),
            (0, true, false, false) => (" ", format!("{number:>2}")),
            _ => (" ", "  ".to_owned()),
        };
        let line = match (rtl, mark) {
            (false, "T") => format!("Tab   {text}"),
            (true, "T") => format!("{text}  Tab"),
            (false, _) => format!("{mark} {number}  {text}"),
            (true, _) => format!("{text}  {number} {mark}"),
        };
        align(Row::styled(line, style), rtl)
    })
}

/// A sentence as rows at its own edge.
fn paragraph(sentence: &str, width: u16, texts: &Texts) -> Vec<Row<'static>> {
    let rows = texts.ours(sentence, width).into_iter();
    let rtl = texts.locale().is_from_right();
    rows.map(|row| align(Row::raw(row), rtl)).collect()
}

fn align(row: Row<'static>, rtl: bool) -> Row<'static> {
    if rtl { row.alignment(Alignment::Right) } else { row }
}

fn draw_row(frame: &mut Frame, left: &mut Rect, row: Row<'static>) {
    if left.height == 0 {
        return;
    }
    frame.render_widget(Paragraph::new(row), Rect { height: 1, ..*left });
    left.y += 1;
    left.height -= 1;
}

fn rule(frame: &mut Frame, left: &mut Rect, sign: &str) {
    let place = take_bottom(left, 1);
    let columns = usize::from(place.width).saturating_sub(text::width(sign));
    let line = format!("{}{sign}", "─".repeat(columns));
    let row = Row::styled(line, Style::new().add_modifier(Modifier::DIM));
    frame.render_widget(Paragraph::new(row), place);
}

/// Takes rows from the top of what is left.
fn take_top(left: &mut Rect, rows: usize) -> Rect {
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(left.height);
    let place = Rect {
        height: rows,
        ..*left
    };
    left.y += rows;
    left.height -= rows;
    place
}

/// Takes rows from the bottom of what is left.
fn take_bottom(left: &mut Rect, rows: usize) -> Rect {
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(left.height);
    left.height -= rows;
    Rect {
        y: left.bottom(),
        height: rows,
        ..*left
    }
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// How a state looks: what did not arrive is marked.
fn state_style(state: Option<MessageState>) -> Style {
    if state == Some(MessageState::Failed) {
        bold().fg(MARK)
    } else {
        Style::new().add_modifier(Modifier::DIM)
    }
}
