//! What a chat tells, and why it does not take words.

use zeroize::Zeroizing;

use super::cell::{Colleague, MESSAGE_ID_MAX, MESSAGE_MAX, Pace, Status};
use crate::limits::QUEUE_MAX;

/// Why a chat ended, as the last cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EndReason {
    /// In peace.
    Finished = 1,
    /// The seeker pressed the key that leaves at once: do not write on.
    LeftQuickly = 2,
    /// The counselor's certificate was taken back.
    Revoked = 3,
    /// A colleague goes on.
    Transferred = 4,
}

impl EndReason {
    pub(super) const fn from_byte(byte: u8) -> Self {
        match byte {
            2 => Self::LeftQuickly,
            3 => Self::Revoked,
            4 => Self::Transferred,
            // An end is an end, also for a reason that a later version has.
            _ => Self::Finished,
        }
    }
}

/// Who ended a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// This side.
    You,
    /// The other person.
    Peer,
    /// The association, by its roster.
    Helpline,
}

/// How far a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// On this device only.
    Written,
    /// A home has it in memory, or the peer's machine: nobody was shown it yet.
    AtNode,
    /// It was shown to the peer.
    Received,
    /// It will not arrive.
    Failed,
}

/// What happened in a chat.
#[derive(Clone, PartialEq, Eq)]
pub enum ChatEvent {
    /// The peer's first cell came: both ends have the same keys.
    Ready,
    /// Words from the peer.
    Message {
        /// The sender's id.
        id: String,
        /// The words.
        text: Zeroizing<String>,
    },
    /// One of our messages came further.
    State {
        /// Our id.
        id: String,
        /// How far.
        state: State,
    },
    /// The counselor would like a colleague to go on.
    TransferAsked(Colleague),
    /// The seeker agreed to that, or not.
    TransferAnswered(bool),
    /// The seeker wants the talk to go so from now on.
    Pace(Pace),
    /// The counselor's face is so from now on.
    Status(Status),
    /// The peer ended the chat.
    Ended(EndReason),
}

impl core::fmt::Debug for ChatEvent {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Ready => formatter.write_str("Ready"),
            Self::Message { text, .. } => write!(formatter, "Message({} bytes)", text.len()),
            Self::State { state, .. } => write!(formatter, "State({state:?})"),
            Self::TransferAsked(_) => formatter.write_str("TransferAsked"),
            Self::TransferAnswered(yes) => write!(formatter, "TransferAnswered({yes})"),
            // Nobody needs to read in a log that somebody could not go on.
            Self::Pace(_) => formatter.write_str("Pace"),
            Self::Status(status) => write!(formatter, "Status({status:?})"),
            Self::Ended(reason) => write!(formatter, "Ended({reason:?})"),
        }
    }
}

/// Why words were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SayError {
    /// Longer than a message may be.
    #[error("a message holds at most {max} bytes, this one has {got}")]
    TooLong {
        /// The limit.
        max: usize,
        /// What came.
        got: usize,
    },
    /// The id was used before.
    #[error("this id was used before; every message needs its own")]
    DuplicateId,
    /// The id is empty or too long.
    #[error("an id has 1 to {MESSAGE_ID_MAX} bytes")]
    Id,
    /// Too much waits already.
    #[error("{QUEUE_MAX} messages wait already; this one was not taken")]
    QueueFull,
    /// The chat is over.
    #[error("the chat is over")]
    Over,
}

/// Checks words before they are taken anywhere.
///
/// # Errors
/// [`SayError`].
pub fn check_words(id: &str, text: &str) -> Result<(), SayError> {
    if id.is_empty() || id.len() > MESSAGE_ID_MAX {
        return Err(SayError::Id);
    }
    if text.len() > MESSAGE_MAX {
        return Err(SayError::TooLong {
            max: MESSAGE_MAX,
            got: text.len(),
        });
    }
    Ok(())
}
