//! The events of the seeker's machine.

use zeroize::Zeroizing;

use super::payments::Toll;
use crate::{
    client::home_links::LinkState,
    objects::{ObjectError, SplitView},
    session::chat::{EndReason, EndedBy, State, Status},
    time::Unix,
    wire::Refusal,
};

/// What happened, for the face.
pub enum Event {
    /// The helpline has proved its identity. Its name and texts are in [`super::Seeker::directory`].
    Verified,
    /// A counselor is on duty. Like [`Self::Closed`], it is told as soon as it is known, with a ticket or without, and
    /// again when it changes. It is not told during a chat.
    Open,
    /// No counselor is on duty, as far as the homes that answered know. It is told once more when a counselor is asked
    /// for in closed hours. It is not told where no home has a valid roster: [`Self::NotTaken`] is told once if no home
    /// has any roster, and [`Self::BadObject`] if the roster has expired.
    Closed,
    /// After [`Self::Closed`]: whether a counselor has a mail key, so that a sealed message could be read. It is told
    /// again when it changes.
    Sealed(bool),
    /// A home asks for an effort first. The driver solves the puzzle and gives the nonce to [`super::Seeker::solved`].
    /// One is wanted at a time: the one before need not be solved any more.
    Solve(Toll),
    /// The puzzle of the last [`Self::Solve`] is wanted no more.
    StopSolving,
    /// The ticket waits behind this many others.
    Waiting(Option<u32>),
    /// A counselor answered, with a valid proof of identity.
    Answered {
        /// The counselor's pseudonym.
        pseudonym: String,
    },
    /// The status of the counselor's face from now on. Before the first of these it is [`Status::Here`].
    Counselor(Status),
    /// Words of the counselor.
    Message {
        /// For [`super::Seeker::shown`].
        number: u64,
        /// The sender's id.
        id: String,
        /// The words.
        text: Zeroizing<String>,
    },
    /// One of the seeker's own messages has a new state.
    State {
        /// The id given to [`super::Seeker::say`], [`FIRST_ID`](crate::session::chat::FIRST_ID) or [`super::LEAVE_ID`].
        id: String,
        /// The new state.
        state: State,
    },
    /// The state of the links has changed.
    Link(LinkState),
    /// The counselor is gone; the ticket waits again at its old place.
    Reopened,
    /// The counselor asks to pass the chat on to a colleague. The colleague is on duty, as far as the homes have told.
    /// A question about any other person is declined without being shown.
    TransferAsked {
        /// The colleague's pseudonym, as the association certified it.
        to: String,
    },
    /// The colleague of the last question is not on duty any more: there is nothing to answer. The chat goes on.
    TransferGone,
    /// The chat is over.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// Why.
        reason: EndReason,
    },
    /// Two rosters of one order are in use. A chat goes on.
    SplitView(Box<SplitView>),
    /// A home sent an invalid or expired object.
    BadObject(ObjectError),
    /// Homes could not take the ticket, or read the mail. This is retried.
    NotTaken(Refusal),
    /// The sealed message will not arrive.
    NotLeft(NotLeft),
    /// A reply to a sealed message.
    Mail {
        /// Its hash.
        mail: [u8; 32],
        /// The writer's pseudonym.
        pseudonym: String,
        /// The words.
        text: Zeroizing<String>,
        /// The date that the writer gave.
        date: Unix,
    },
    /// A reply of a counselor that the association no longer lists.
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

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeaveError {
    /// The words are too long.
    #[error("a sealed message holds at most {max} bytes, this one has {got}")]
    TooLong {
        /// The limit.
        max: usize,
        /// What came.
        got: usize,
    },
    /// There are no words.
    #[error("there are no words in this message")]
    Empty,
    /// The message before is still in flight.
    #[error("the message before is still on its way")]
    Already,
    /// There is no phrase, so no reply could be read.
    #[error("without a phrase no reply could be read")]
    NoPhrase,
}

/// Why a message will not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotLeft {
    /// No counselor has a mail key that is valid now.
    NobodyReads,
    /// No home took it.
    Refused(Refusal),
}
