//! The hostile client: it speaks libp2p, the home link and records, and does what no honest client does. Beside it the
//! honest people who must not notice. Tests use both for seconds, and `hamsa-attack` for minutes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this is test code: it stops at the first surprise"
)]

mod crowd;
mod evil;
mod honest;
mod paying;
mod raw_link;
mod slow;
mod sources;
mod stranger;
mod strikes;

pub use crowd::{Cheat, crowd};
pub use evil::{Claim, Evil, certificate, duty, false_entries};
pub use honest::{Arrival, Talk, arrive, is_set_back, serve, stopped};
pub use paying::{duties, paying, sealed};
pub use raw_link::{Answered, RawLink, ticket, token};
pub use slow::slow_disk;
pub use sources::Sources;
pub use stranger::{Stranger, Target};
pub use strikes::{
    connections, full_channel, memory, one_ticket_again, sealed_messages, silent, tickets, unread_answers,
};

use std::collections::BTreeMap;

use tokio::{sync::watch, time::timeout};

use crate::cast::PATIENCE;

/// What an attacker did, by name.
#[derive(Debug, Default)]
pub struct Tally(watch::Sender<BTreeMap<String, u64>>);

impl Tally {
    /// One more.
    pub fn count(&self, what: &str) {
        self.0
            .send_modify(|counts| *counts.entry(what.to_owned()).or_default() += 1);
    }

    /// How many so far.
    #[must_use]
    pub fn of(&self, what: &str) -> u64 {
        self.0.borrow().get(what).copied().unwrap_or_default()
    }

    /// All of it.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.0.borrow().clone()
    }

    /// Waits until there are so many of something.
    ///
    /// # Panics
    /// When that takes longer than anything may.
    pub async fn reaches(&self, what: &str, count: u64) {
        let mut counts = self.0.subscribe();
        let reached = counts.wait_for(|counts| counts.get(what).is_some_and(|so_far| *so_far >= count));
        let reached = timeout(PATIENCE, reached).await.is_ok();
        assert!(reached, "no {count} of {what:?}: {:?}", self.counts());
    }
}
