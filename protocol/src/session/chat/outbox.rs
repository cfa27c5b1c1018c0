//! The outbox: messages become cells. Each cell is encrypted once and kept until it is acknowledged.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::{
    Chat, DATA_WINDOW,
    cell::{self, Cell, CellKind, cut},
    event::{ChatEvent, EndReason, State},
};
use crate::{limits::WINDOW, time::Tick};

/// A cell that the peer has not acknowledged.
pub(super) struct Sent {
    pub(super) index: u64,
    pub(super) cell: Vec<u8>,
    pub(super) at_node: bool,
}

/// A message of ours until the peer was shown it. The text is kept, so that it can be sealed again for another
/// counselor.
pub(super) struct Outgoing {
    pub(super) id: String,
    pub(super) text: Zeroizing<String>,
    pub(super) cells: Option<core::ops::RangeInclusive<u64>>,
    pub(super) state: State,
}

impl Chat {
    pub(super) fn flying(&self) -> u64 {
        self.next_out - self.peer_acked
    }

    /// Encrypts what the window has room for.
    pub(super) fn pump(&mut self, now: Tick) {
        while self.flying() < WINDOW && !self.ended {
            let Some((kind, body)) = self.controls.pop_front() else {
                break;
            };
            self.send(kind, body, now);
        }
        // Not from the reserve: a seeker who changes the pace again and again must not use up the room for
        // acknowledgements.
        if self.flying() < DATA_WINDOW
            && self.end_wanted.is_none()
            && !self.ended
            && let Some(pace) = self.pace_due.take()
        {
            self.send(CellKind::Pace, Zeroizing::new(vec![pace.encode()]), now);
        }
        while self.flying() < DATA_WINDOW && !self.ended {
            let next = self.messages.iter().position(|message| message.cells.is_none());
            let quick = self.end_wanted.filter(|reason| *reason != EndReason::Finished);
            match (quick, next) {
                // A message beyond the limits of this epoch waits for the next one.
                (None, Some(position)) if self.used.blocked(self.cells_of(position), now) => {
                    return;
                }
                (None, Some(position)) => self.send_message(position, now),
                (Some(reason), _) => self.send_end(reason, now),
                (None, None) => match self.end_wanted {
                    Some(reason) => self.send_end(reason, now),
                    None => return,
                },
            }
        }
    }

    fn cells_of(&self, position: usize) -> u64 {
        let message = self.messages.get(position);
        message.map_or(0, |message| cell::count(&message.id, message.text.as_bytes()))
    }

    fn send_message(&mut self, position: usize, now: Tick) {
        let Some(message) = self.messages.get(position) else {
            return;
        };
        // A message takes at most nine cells. It may exceed the data window by eight, which is within the reserve.
        let bodies = cut(&message.id, message.text.as_bytes());
        let first = self.next_out;
        for body in bodies {
            self.send(CellKind::Data, body, now);
        }
        let last = self.next_out.saturating_sub(1);
        if let Some(message) = self.messages.get_mut(position) {
            message.cells = Some(first..=last);
        }
    }

    fn send_end(&mut self, reason: EndReason, now: Tick) {
        self.end_index = Some(self.next_out);
        self.send(CellKind::End, Zeroizing::new(vec![reason as u8]), now);
        self.ended = true;
    }

    pub(super) fn send(&mut self, kind: CellKind, body: Zeroizing<Vec<u8>>, now: Tick) {
        let cell = Cell {
            kind,
            status: self.status,
            ack: self.ack(),
            shown: self.shown_below(),
            body,
        };
        // Nonce and index are one counter: the cell of an index is encrypted here, once, and nowhere else.
        let transport = self.next.as_mut().unwrap_or(&mut self.transport);
        let Ok(bytes) = transport.seal(&cell.encode()) else {
            // This happens only after 2^64 cells.
            self.ended = true;
            return;
        };
        transport.rekey_outgoing();
        if kind == CellKind::Data {
            self.used.sent(now);
        }
        let index = self.next_out;
        self.next_out += 1;
        self.outbox.push_back(Sent {
            index,
            cell: bytes,
            at_node: false,
        });
        self.fresh.push_back(index);
        self.last_cell = now;
        self.ack_due = None;
    }

    /// The peer has every cell below `ack`, and has shown every message whose last cell is below `shown`.
    pub(super) fn acknowledged(&mut self, ack: u64, shown: u64) {
        // Ignore an acknowledgement of cells that were never sent.
        if ack > self.peer_acked && ack <= self.next_out {
            self.peer_acked = ack;
            while self.outbox.front().is_some_and(|sent| sent.index < ack) {
                self.outbox.pop_front();
            }
            self.move_on();
        }
        let shown = shown.min(self.peer_acked);
        let below = |message: &Outgoing| message.cells.as_ref().is_some_and(|cells| *cells.end() < shown);
        while self.messages.front().is_some_and(below)
            && let Some(message) = self.messages.pop_front()
        {
            let (id, state) = (message.id, State::Received);
            self.event(ChatEvent::State { id, state });
        }
    }

    /// A message becomes `AtNode` when each of its cells is at a home or acknowledged.
    pub(super) fn move_on(&mut self) {
        let here: BTreeSet<u64> = self
            .outbox
            .iter()
            .filter(|sent| !sent.at_node)
            .map(|sent| sent.index)
            .collect();
        let mut moved = Vec::new();
        for message in &mut self.messages {
            let Some(cells) = &message.cells else { break };
            if message.state == State::Written && here.range(cells.clone()).next().is_none() {
                message.state = State::AtNode;
                moved.push(message.id.clone());
            }
        }
        for id in moved {
            let state = State::AtNode;
            self.event(ChatEvent::State { id, state });
        }
    }
}
