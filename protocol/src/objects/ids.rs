//! Names of tickets, runs and homes.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Names a ticket over all its attempts and homes; random.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TicketId(pub [u8; 32]);

impl fmt::Debug for TicketId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, ..] = self.0;
        write!(formatter, "TicketId({a:02x}{b:02x}…)")
    }
}

/// Which run of a counselor's program speaks: drawn at its start, told in its first cell. Ids of messages are
/// told apart by it, so that a program that was started again may count its messages from one.
pub type RunId = [u8; 16];

/// A home by its place in the helpline's address, as a client counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HomeIndex(pub usize);
