//! The events of the counselor's machine.

use zeroize::Zeroizing;

use crate::{
    client::home_links::LinkState,
    objects::{ObjectError, SplitView, TicketId},
    session::{
        chat::{EndReason, EndedBy, Pace, State},
        mail::DepositId,
        ticket::Intake,
    },
    wire::Refusal,
};

/// What happened, for the face.
pub enum Event {
    /// The keys of the shift are new and must be kept, sealed: see [`super::Counselor::shift`].
    ShiftBegan,
    /// The keys of the shift can be deleted.
    ShiftEnded,
    /// At least one home holds the duty.
    OnDuty,
    /// No home holds the duty.
    OffDuty(OffReason),
    /// How many of the waiting tickets this counselor could take, and how many of these are marked urgent.
    Desk {
        /// All.
        waiting: u32,
        /// Of these, the urgent ones.
        urgent: u32,
    },
    /// A chat began.
    Chat {
        /// Its ticket.
        chat: TicketId,
        /// What the card said.
        intake: Intake,
        /// The seeker's first words; empty if there are none, if they did not come in time (they are a
        /// [`Self::Message`] then), and if this run has shown them in an earlier chat of the ticket.
        text: Zeroizing<String>,
        /// For [`super::Counselor::shown`], if there are words.
        number: Option<u64>,
        /// Whether the seeker proved to be the author of one of the sealed messages that this run of the program has
        /// opened.
        returning: bool,
    },
    /// Nothing that the seeker wrote has come since the answer, for as long as a person can be expected to wait.
    NoWords {
        /// The chat, or a ticket that is none yet.
        chat: TicketId,
    },
    /// Words from the seeker.
    Message {
        /// The chat.
        chat: TicketId,
        /// For [`super::Counselor::shown`].
        number: u64,
        /// The sender's id.
        id: String,
        /// The words.
        text: Zeroizing<String>,
    },
    /// How the seeker wants the talk to go from now on. Before the first of these, the seeker has said nothing of it.
    Pace {
        /// The chat.
        chat: TicketId,
        /// The seeker's wishes.
        pace: Pace,
    },
    /// One of the counselor's own messages has a new state.
    State {
        /// The chat.
        chat: TicketId,
        /// The id given to [`super::Counselor::say`].
        id: String,
        /// The new state.
        state: State,
    },
    /// The state of the links has changed.
    Link(LinkState),
    /// A chat is over.
    Ended {
        /// The chat.
        chat: TicketId,
        /// Who ended it.
        by: EndedBy,
        /// Why.
        reason: ChatOver,
    },
    /// The seeker declined the transfer.
    TransferDeclined {
        /// The chat.
        chat: TicketId,
    },
    /// No ticket waits.
    NobodyWaits,
    /// The counselor has as many chats as the association allows.
    Enough {
        /// The limit.
        max: u8,
    },
    /// Another roster counts from now on. The driver keeps [`super::Counselor::directory`]'s for the next run.
    RosterChanged,
    /// Two rosters of one order are in use. Chats go on.
    SplitView {
        /// The chat whose seeker named the other one, if none of the homes has shown it.
        chat: Option<TicketId>,
        /// Both.
        split: Box<SplitView>,
    },
    /// A home sent an invalid or expired object.
    BadObject(ObjectError),
    /// The mail keys changed and must be kept, sealed: see [`super::Counselor::mail_keys`]. Once they are kept, call
    /// [`super::Counselor::mail_keys_kept`].
    MailKeysChanged,
    /// A sealed message that this counselor can open. It is told again when it counted as answered and then waits at a
    /// home that came back.
    Mail {
        /// Its name.
        mail: DepositId,
        /// The words.
        text: Zeroizing<String>,
        /// Whether the author came back with a phrase. This is the author's claim: nothing proves it.
        returning: bool,
    },
    /// A sealed message does not wait any more: a colleague has answered it, or it has expired.
    MailAnswered {
        /// Its name.
        mail: DepositId,
    },
    /// One of the counselor's replies has a new state.
    MailState {
        /// The message it answers.
        mail: DepositId,
        /// The id given to [`super::Counselor::reply`].
        id: String,
        /// The new state.
        state: State,
    },
    /// A reply will not arrive.
    NotReplied(Refusal),
}

/// Why a chat was not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// No colleague of that name is on duty.
    #[error("nobody of that name is on duty now")]
    NoColleague,
    /// There is no such chat.
    #[error("there is no such chat")]
    NoChat,
}

/// Why a duty ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffReason {
    /// The counselor asked.
    Asked,
    /// A break.
    Break,
    /// A home refused it or took it back.
    Home(Refusal),
    /// Homes said that the certificate was revoked, and no roster says so. The counselor may go on duty again.
    HomesAlone,
    /// The shift has expired, and the certificate has not. The counselor may begin another shift.
    ShiftOver,
    /// Another program of this counselor has begun a shift, or withdrew this one.
    Elsewhere,
}

/// Why a chat is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatOver {
    /// As the last cell says.
    Said(EndReason),
    /// A colleague has it.
    Taken,
    /// The seeker is not there any more.
    Gone,
}
