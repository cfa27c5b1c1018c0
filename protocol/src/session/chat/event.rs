//! Events of a chat, and the reasons to refuse a message.

use zeroize::Zeroizing;

use super::cell::{Colleague, MESSAGE_ID_MAX, MESSAGE_MAX, Pace, Status};
use crate::limits::QUEUE_MAX;

/// Why a chat ended, as the last cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EndReason {
    /// The talk is finished.
    Finished = 1,
    /// The seeker used the quick exit: the counselor should write nothing more.
    LeftQuickly = 2,
    /// The counselor's certificate was revoked.
    Revoked = 3,
    /// A colleague continues.
    Transferred = 4,
    /// The counselor has as many chats as the association allows. The seeker's machine opens the ticket again, and
    /// tells no person of it.
    NoPlace = 5,
}

impl EndReason {
    pub(super) const fn from_byte(byte: u8) -> Self {
        match byte {
            2 => Self::LeftQuickly,
            3 => Self::Revoked,
            4 => Self::Transferred,
            5 => Self::NoPlace,
            // An unknown reason of a later version still ends the chat.
            _ => Self::Finished,
        }
    }
}

/// Which party ended a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// This end.
    You,
    /// The peer.
    Peer,
    /// The association, by its roster.
    Helpline,
}

/// State of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// On this device only.
    Written,
    /// At a home in memory, or with the peer, and not shown yet.
    AtNode,
    /// It was shown to the peer.
    Received,
    /// It will not arrive.
    Failed,
}

/// What happened in a chat.
#[derive(Clone, PartialEq, Eq)]
pub enum ChatEvent {
    /// The peer's hello came: both ends have the same keys.
    Ready,
    /// A message of the peer.
    Message {
        /// The peer's id of it.
        id: String,
        /// The text.
        text: Zeroizing<String>,
    },
    /// The state of one of our messages changed.
    State {
        /// Our id of it.
        id: String,
        /// The new state.
        state: State,
    },
    /// The counselor requests a transfer to a colleague.
    TransferAsked(Colleague),
    /// The seeker's answer to the transfer request.
    TransferAnswered(bool),
    /// The seeker's new pace.
    Pace(Pace),
    /// The counselor's new status.
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
            // A log must not tell that a person could not go on.
            Self::Pace(_) => formatter.write_str("Pace"),
            Self::Status(status) => write!(formatter, "Status({status:?})"),
            Self::Ended(reason) => write!(formatter, "Ended({reason:?})"),
        }
    }
}

/// Why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SayError {
    /// The text is too long.
    #[error("a message holds at most {max} bytes, this one has {got}")]
    TooLong {
        /// The limit.
        max: usize,
        /// The length of the text.
        got: usize,
    },
    /// The id was used before.
    #[error("this id was used before; every message needs its own")]
    DuplicateId,
    /// The id is empty or too long.
    #[error("an id has 1 to {MESSAGE_ID_MAX} bytes")]
    Id,
    /// The queue is full.
    #[error("{QUEUE_MAX} messages wait already; this one was not taken")]
    QueueFull,
    /// The chat is over.
    #[error("the chat is over")]
    Over,
}

/// Checks id and text of a message before it is queued anywhere.
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
