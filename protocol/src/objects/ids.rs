//! Names of tickets, sealed messages, runs and homes.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Names a ticket over all its attempts and homes. It is random.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TicketId(pub [u8; 32]);

impl fmt::Debug for TicketId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, ..] = self.0;
        write!(formatter, "TicketId({a:02x}{b:02x}…)")
    }
}

/// SHA-256 of a deposit: its name at every home.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DepositId(pub [u8; 32]);

impl fmt::Debug for DepositId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, ..] = self.0;
        write!(formatter, "DepositId({a:02x}{b:02x}…)")
    }
}

/// SHA-256 of the body of a signed object, or of the settings: how other objects name it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectHash(pub [u8; 32]);

/// A run of a counselor's program: drawn at its start and named in its hello. It tells message ids apart, so that a
/// restarted program may count its messages from one.
pub type RunId = [u8; 16];

/// A home by its place in the helpline's address, as a client counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HomeIndex(pub usize);
