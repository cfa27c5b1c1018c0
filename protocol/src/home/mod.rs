//! The home node's whole logic: who is there, tickets, channels. It has no socket, clock or file; `node` feeds it.
//!
//! Contract: give it **one** input (`link_opened`, `handle_record`, `link_closed`, `handle_timeout`, `install`,
//! `drain`), then call [`Home::poll_output`] until it gives none, then ask [`Home::poll_timeout`] when it wants
//! to be woken.

use crate::{
    kdf::Secret,
    keys::{RootKey, SignKey},
    objects::{Delegation, Entry, ObjectError, Signed},
    random::Random,
    time::{Millis, Moment},
    wire::Record,
};

/// Names a link while it stands; given by whoever feeds the machine, never used twice in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// What a home is made of. The secrets live in the node's directory.
pub struct HomeConfig {
    /// Whose home it is.
    pub root: RootKey,
    /// The root's word for this node.
    pub delegation: Signed<Delegation>,
    /// Signs descriptors; its public half stands in the delegation.
    pub operator: SignKey,
    /// MACs place receipts; kept over restarts.
    pub receipt_key: Secret,
    /// How often the node was started: higher at every start, so that new tickets queue behind old ones.
    pub boot: u32,
    /// The highest descriptor version that was ever signed, as persisted.
    pub descriptor_floor: u64,
}

/// What the machine wants done.
#[derive(Debug)]
pub enum Output {
    /// Send this record on this link.
    Send {
        /// The link.
        link: LinkId,
        /// The record.
        record: Record,
    },
    /// Close this link after what was sent.
    Close {
        /// The link.
        link: LinkId,
    },
}

/// What stands in memory now, in numbers that name nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Links.
    pub links: usize,
    /// Desks logged in.
    pub desks: usize,
    /// Duties.
    pub duties: usize,
    /// Tickets, held ones too.
    pub tickets: usize,
    /// Live channels.
    pub channels: usize,
    /// Things taken into memory since the start: tickets and cells.
    pub stored: u64,
    /// Things that ran out of time since the start.
    pub expired: u64,
    /// Requests refused since the start.
    pub refused: u64,
}

/// The machine.
pub struct Home {}

impl Home {
    /// Starts without a roster: every request but `describe` and `heartbeat` is refused until [`Self::install`].
    #[must_use]
    pub fn new(config: HomeConfig, random: Random, now: Moment) -> Self {
        let _ = (config, random, now);
        Self {}
    }

    /// Takes a roster and its settings, verified against the root; gives the roster's version. A version that
    /// is not higher than the one that stands changes only the entries. Logins that the roster no longer
    /// carries are told and dropped.
    ///
    /// # Errors
    /// [`ObjectError`]; nothing changed.
    pub fn install(&mut self, roster: &[u8], settings: &[u8], entries: Vec<Entry>, now: Moment) -> Result<u64, ObjectError> {
        let _ = (roster, settings, entries, now);
        Ok(0)
    }

    /// A link stands. `hash` is its handshake hash.
    pub fn link_opened(&mut self, link: LinkId, hash: [u8; 32], now: Moment) {
        let _ = (link, hash, now);
    }

    /// A record came on a link.
    pub fn handle_record(&mut self, link: LinkId, record: Record, now: Moment) {
        let _ = (link, record, now);
    }

    /// A link is gone.
    pub fn link_closed(&mut self, link: LinkId, now: Moment) {
        let _ = (link, now);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Moment) {
        let _ = now;
    }

    /// When to be woken.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Millis> {
        None
    }

    /// What to do next.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// Tells every link that this node stops.
    pub fn drain(&mut self, now: Moment) {
        let _ = now;
    }

    /// The highest roster version installed; 0 before the first.
    #[must_use]
    pub fn roster_version(&self) -> u64 {
        0
    }

    /// The highest descriptor version signed, to be persisted before what was polled goes out.
    #[must_use]
    pub fn descriptor_version(&self) -> u64 {
        0
    }

    /// Numbers for `status` and metrics.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::default()
    }
}
