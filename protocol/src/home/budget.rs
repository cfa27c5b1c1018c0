//! What a home has in memory for its links, and what it gives up when its node has no more room.
//!
//! Nothing of a desk, and nothing that a desk listens to, is given up.

use super::{Home, LinkId};
use crate::{session::ticket::TICKET_LEN, time::Now};

impl Home {
    /// Bytes of what grows with what clients send: tickets, cells, objects that are not whole yet, and what waits for
    /// the disk. What waits for clients is counted by the driver.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.tickets.bodies() * TICKET_LEN + self.channels.bytes(None) + self.fragments + self.mail.bytes()
    }

    /// The bytes that [`Self::shed`] would free.
    #[must_use]
    pub fn bytes_of(&self, link: LinkId) -> usize {
        let fragments = self.links.get(&link).map_or(0, |state| state.pieces.bytes());
        fragments + self.tickets.bodies_alone_with(link) * TICKET_LEN + self.channels.bytes(Some(link))
    }

    /// Gives up the cells of one channel that has lost its only link; `false` if there is none.
    pub fn shed_abandoned(&mut self) -> bool {
        self.channels.shed_abandoned()
    }

    /// Ends a link, with everything that nobody else has a part in.
    pub fn shed(&mut self, link: LinkId, now: Now) {
        self.now = now;
        self.tickets.shed(link, now.tick);
        let links = &self.links;
        let desk = |link: LinkId| links.get(&link).is_some_and(|state| state.desk.is_some());
        self.channels.shed(link, desk);
        self.on_disconnected(link);
    }

    /// Whether this link is neither a desk nor in a chat with one.
    #[must_use]
    pub fn is_stranger(&self, link: LinkId) -> bool {
        let desk = |link: LinkId| self.links.get(&link).is_some_and(|state| state.desk.is_some());
        !desk(link) && !self.channels.listens_beside(link, desk)
    }
}
