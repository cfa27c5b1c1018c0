//! What both faces share.

use std::{collections::VecDeque, time::Duration};

use hamsa_client::{driver::Handle, names::ErrorCode};
use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::Line,
    widgets::Paragraph,
};

/// How long leaving waits for the engine to drain (its own bound is 5 s).
pub(crate) const DRAIN: Duration = Duration::from_secs(6);

/// The author of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    /// The other end of the chat.
    Peer,
    /// The person at this face.
    Me,
}

/// Whether an error is about the way to the helpline, which is tried again by itself.
pub(crate) const fn of_the_way(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::EntryAddress
            | ErrorCode::EntryName
            | ErrorCode::EntryRefused
            | ErrorCode::EntrySilent
            | ErrorCode::EntryImpostor
            | ErrorCode::EntryBroken
            | ErrorCode::NoRoute
            | ErrorCode::HomeGone
            | ErrorCode::Stopped
            | ErrorCode::Busy
            | ErrorCode::NoRoster
    )
}

/// Whether an error says only that one way to a home failed: nothing to be told while another answers.
pub(crate) const fn of_one_link(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::EntryName
            | ErrorCode::EntryRefused
            | ErrorCode::EntrySilent
            | ErrorCode::EntryBroken
            | ErrorCode::NoRoute
            | ErrorCode::HomeGone
    )
}

/// Gives the engine the commands that are left, and the time to say its last.
pub(crate) async fn part<C, E>(handle: Handle<C, E>, pending: VecDeque<C>, patience: Duration) {
    let Handle { commands, mut events } = handle;
    let tell = async {
        for command in pending {
            if commands.send(command).await.is_err() {
                break;
            }
        }
        // An engine without a face leaves by itself.
        drop(commands);
    };
    let drain = async { while events.recv().await.is_some() {} };
    let _ = tokio::time::timeout(patience, async { tokio::join!(tell, drain) }).await;
}

/// Draws rows that are being written, with the caret's column and row; with the focus, the real cursor stands where
/// the next letter comes. Rows from the right come padded to the right edge.
pub(crate) fn draw_composer(
    frame: &mut Frame,
    area: Rect,
    (rows, (column, row)): (Vec<String>, (u16, u16)),
    focus: bool,
) {
    // The row with the caret is always on screen.
    let skip = (row + 1).saturating_sub(area.height);
    let mark = |at| if at == 0 { "› " } else { "  " };
    let rows = rows
        .iter()
        .enumerate()
        .map(|(at, text)| Line::raw(format!("{}{text}", mark(at))));
    let shown: Vec<Line> = rows.skip(skip.into()).take(area.height.into()).collect();
    frame.render_widget(Paragraph::new(shown), area);
    if focus && !area.is_empty() {
        frame.set_cursor_position(Position::new(
            (area.x + 2 + column).min(area.right() - 1),
            area.y + (row - skip).min(area.height - 1),
        ));
    }
}

/// A clock in the hands of a test.
#[cfg(test)]
pub(crate) mod clock {
    use std::{cell::Cell, time::Instant};

    thread_local! {
        /// The time of this thread's test.
        pub(crate) static NOW: Cell<Option<Instant>> = const { Cell::new(None) };
    }

    /// The clock of this thread's test.
    pub(crate) fn clock() -> Instant {
        let now = NOW.get().unwrap_or_else(Instant::now);
        NOW.set(Some(now));
        now
    }
}
