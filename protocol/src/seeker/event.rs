//! What a seeker is told.

use zeroize::Zeroizing;

use super::mail::NotLeft;
use crate::{
    client::home_links::LinkState,
    objects::ObjectError,
    session::chat::{EndReason, EndedBy, State, Status},
    time::Unix,
    wire::Refusal,
};

/// What happened, for the person.
pub enum Event {
    /// The helpline proved who it is; name and texts are in [`super::Seeker::directory`].
    Verified,
    /// Somebody is on duty. As [`Self::Closed`] it is told as soon as it is known, with a ticket or without, and again
    /// when it changes; not during a chat.
    Open,
    /// Nobody is on duty, as far as the homes that answered know. It is told once more to who asks for a counselor then.
    /// Where no home has a roster that is valid this is not said: [`Self::NotTaken`] is when none has any, once, and
    /// [`Self::BadObject`] when it has expired.
    Closed,
    /// After [`Self::Closed`]: whether a counselor has a mail key, so that a sealed message could be read; again when it
    /// changes.
    Sealed(bool),
    /// The ticket waits; how many are before it.
    Waiting(Option<u32>),
    /// A counselor answered and proved who she is.
    Answered {
        /// Her pseudonym.
        pseudonym: String,
    },
    /// How the counselor's face is from now on. Before the first of these it is [`Status::Here`].
    Counselor(Status),
    /// Words from the counselor.
    Message {
        /// For [`super::Seeker::shown`].
        number: u64,
        /// The sender's id.
        id: String,
        /// The words.
        text: Zeroizing<String>,
    },
    /// One of her own messages came further.
    State {
        /// Her id.
        id: String,
        /// How far.
        state: State,
    },
    /// The links stand otherwise than before.
    Link(LinkState),
    /// The counselor is gone; the ticket waits again at its old place.
    Reopened,
    /// The counselor would like a colleague to go on. The colleague is on duty, as far as the homes have told; a question
    /// about anybody else is declined without being shown.
    TransferAsked {
        /// The colleague's pseudonym, as the association certified it.
        to: String,
    },
    /// The chat is over.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// Why.
        reason: EndReason,
    },
    /// A home showed something that does not hold.
    BadObject(ObjectError),
    /// Homes could not take the ticket, or read the mail; it is tried again.
    NotTaken(Refusal),
    /// The sealed message will not arrive.
    NotLeft(NotLeft),
    /// A reply to a sealed message.
    Mail {
        /// Its hash.
        mail: [u8; 32],
        /// Who wrote it.
        pseudonym: String,
        /// The words.
        text: Zeroizing<String>,
        /// When, as the writer says.
        date: Unix,
    },
    /// A reply of somebody whom the association does not list any more.
    MailRefused,
    /// No home that was reached has a reply.
    NoMail,
}

/// Why a ticket was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The first words are too long.
    #[error("first words hold at most {max} bytes, these have {got}")]
    TooLong {
        /// The limit.
        max: usize,
        /// What came.
        got: usize,
    },
    /// A ticket or a chat is there already.
    #[error("a ticket or a chat is there already")]
    Already,
}

/// Nothing was asked that could be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing was asked")]
pub struct NothingAsked;
