//! What a counselor is told.

use zeroize::Zeroizing;

use crate::{
    client::home_links::LinkState,
    objects::{ObjectError, TicketId},
    session::{
        chat::{EndReason, EndedBy, Pace, State},
        mail::DepositId,
        ticket::Intake,
    },
    wire::Refusal,
};

/// What happened, for the person.
pub enum Event {
    /// The keys of the shift are new and must be kept, sealed: see [`super::Counselor::shift`].
    ShiftBegan,
    /// The keys of the shift can be deleted.
    ShiftEnded,
    /// At least one home holds her duty.
    OnDuty,
    /// No home holds her duty.
    OffDuty(OffReason),
    /// How many wait, of those she could take, and how many of them say they are in danger.
    Desk {
        /// All.
        waiting: u32,
        /// Of these, in danger.
        urgent: u32,
    },
    /// A chat began.
    Chat {
        /// Its ticket.
        chat: TicketId,
        /// What the seeker said first.
        intake: Intake,
        /// Whether she proved that she wrote one of the sealed messages that this run of the program has opened.
        returning: bool,
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
    /// How the seeker wants the talk to go from now on. Before the first of these she has said nothing of it.
    Pace {
        /// The chat.
        chat: TicketId,
        /// Her wishes.
        pace: Pace,
    },
    /// One of her own messages came further.
    State {
        /// The chat.
        chat: TicketId,
        /// Her id.
        id: String,
        /// How far.
        state: State,
    },
    /// The links stand otherwise than before.
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
    /// The seeker would rather stay.
    TransferDeclined {
        /// The chat.
        chat: TicketId,
    },
    /// Nobody waits.
    NobodyWaits,
    /// She has as many chats as the association allows.
    Enough {
        /// The limit.
        max: u8,
    },
    /// A home showed something that does not hold.
    BadObject(ObjectError),
    /// The mail keys changed and must be kept, sealed: see [`super::Counselor::mail_keys`]. When they are, say
    /// [`super::Counselor::mail_keys_kept`].
    MailKeysChanged,
    /// A sealed message that she can open. It is told again when it was said to be answered and a home comes back
    /// where it waits.
    Mail {
        /// Its name.
        mail: DepositId,
        /// The words.
        text: Zeroizing<String>,
        /// Whether its author came back with a phrase, as she says: nothing proves it.
        returning: bool,
    },
    /// A sealed message does not wait any more: a colleague has answered it, or its time is over.
    MailAnswered {
        /// Its name.
        mail: DepositId,
    },
    /// One of her replies came further.
    MailState {
        /// The message it answers.
        mail: DepositId,
        /// Her id.
        id: String,
        /// How far.
        state: State,
    },
    /// A reply will not arrive.
    NotReplied(Refusal),
}

/// Why a chat was not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// Nobody of that name is on duty.
    #[error("nobody of that name is on duty now")]
    NoColleague,
    /// There is no such chat.
    #[error("there is no such chat")]
    NoChat,
}

/// Why a duty ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffReason {
    /// She asked.
    Asked,
    /// A break.
    Break,
    /// A home refused it or took it back.
    Home(Refusal),
    /// Homes said that her certificate was taken back, and no roster does: she may say that she is on duty again.
    HomesAlone,
    /// The time of her shift is over, and not that of her certificate: she may begin another.
    ShiftOver,
    /// Another program of hers has begun a shift, or took this one back.
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
