//! Sealed messages for closed hours, and the replies to them.
//!
//! A seeker seals a **deposit** to the mail keys of up to eight counselors and leaves it at the homes. A counselor
//! on duty opens it and seals a **reply** to the keys of the seeker's phrase. Both are objects of one published
//! size that homes keep on disk, cannot read, and delete after fourteen days.
//!
//! This module makes and opens the two objects. The machines carry them.

mod deposit;
mod reply;

pub use crate::limits::{DEPOSIT_LEN, REPLY_LEN};
pub use deposit::{
    Card, DEPOSIT_CARD_LEN, DepositId, MAIL_BOXES_MAX, MAIL_TEXT_MAX, MailBox, OnMail, OpenedDeposit,
    SealedDeposit, open_deposit, seal_deposit,
};
pub use reply::{OpenedReply, REPLY_TEXT_MAX, Replier, open_reply, seal_reply};

use crate::crypto::{envelope::WRAPS, noise::HandshakeFailed};

/// A deposit or reply could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The text is too long.
    #[error("a sealed message holds at most {max} bytes, this one has {got}")]
    TooLong {
        /// The limit.
        max: usize,
        /// The length of the text.
        got: usize,
    },
    /// No mail key to seal to, or more keys than wraps.
    #[error("expected 1 to {WRAPS} mail keys to seal to, got {0}")]
    Keys(usize),
    /// A handshake could not be started.
    #[error(transparent)]
    Handshake(#[from] HandshakeFailed),
}

#[cfg(test)]
mod tests;
