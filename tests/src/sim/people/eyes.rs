//! What a face was given and nobody has looked at: a screen is locked, scrolled, or covered.

use std::collections::VecDeque;

use hamsa_protocol_planted::{objects::TicketId, time::Tick};

/// A message that a face has.
pub(super) struct Unseen {
    /// How the face names it.
    pub(super) number: u64,
    /// At a desk, whose.
    pub(super) chat: Option<TicketId>,
    pub(super) id: String,
    pub(super) text: String,
}

/// A person's eyes.
#[derive(Default)]
pub(super) struct Eyes {
    unseen: VecDeque<Unseen>,
    /// They see nothing until then.
    closed_until: Option<Tick>,
}

impl Eyes {
    pub(super) fn give(&mut self, message: Unseen) {
        self.unseen.push_back(message);
    }

    pub(super) fn close(&mut self, until: Tick) {
        self.closed_until = Some(until);
    }

    pub(super) fn closed(&self, now: Tick) -> bool {
        self.closed_until.is_some_and(|until| until > now)
    }

    /// The next that is seen.
    pub(super) fn see(&mut self, now: Tick) -> Option<Unseen> {
        if self.closed(now) {
            return None;
        }
        self.unseen.pop_front()
    }

    /// A new process has nothing of what the last one had.
    pub(super) fn forget(&mut self) {
        self.unseen.clear();
    }

    /// When they open, if they are closed.
    pub(super) fn open_at(&self, now: Tick) -> Option<Tick> {
        self.closed_until.filter(|until| *until > now)
    }
}
