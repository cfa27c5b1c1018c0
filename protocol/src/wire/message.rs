//! Objects inside records that are not signed: postings, receipts, openings, refusals.

use serde::{Deserialize, Serialize};

use crate::{
    limits::{DEPOSIT_LEN, REPLY_LEN, TICKET_LEN},
    objects::{Bytes, TicketId},
};

/// A ticket as it is posted at one home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The ticket; the same over all attempts.
    pub ticket: TicketId,
    /// Counts up with each new body.
    pub attempt: u32,
    /// Hash of the answer slot of this attempt at this home.
    pub slot: [u8; 32],
    /// What this home gave when the ticket came first, so that it keeps its turn after a restart.
    pub receipt: Option<Receipt>,
    /// Wraps, card and message 1.
    pub body: Bytes<TICKET_LEN>,
}

/// A home's word on when a ticket came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The home's own order: number of its start, then a count.
    pub order: u64,
    /// HMAC-SHA256 under the home's receipt key over `"HP1/receipt" ‖ ticket ‖ order`.
    pub mac: [u8; 32],
}

/// A sealed message as it is left at one home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositPosting {
    /// Hash of the token that writes replies to it at this home.
    pub write: [u8; 32],
    /// Hash of the token that reads replies to it at this home.
    pub read: [u8; 32],
    /// The deposit.
    pub body: Bytes<DEPOSIT_LEN>,
}

/// A reply as it is put at one home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyPosting {
    /// Hash of the token that reads it at this home; counts only where the deposit does not lie.
    pub read: [u8; 32],
    /// The reply.
    pub object: Bytes<REPLY_LEN>,
}

/// Makes a channel ready: hashes of its four tokens and where each direction starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelOpening {
    /// Seeker to counselor.
    pub from_seeker: Lane,
    /// Counselor to seeker.
    pub from_counselor: Lane,
}

/// One direction of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Hash of the token that puts.
    pub put: [u8; 32],
    /// Hash of the token that listens and acknowledges.
    pub listen: [u8; 32],
    /// First index that is still wanted.
    pub start: u64,
}

/// A seeker's answers to the three questions at the end, in the order that the page gives them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Answers(
    /// Each: `None` skipped, else yes or no.
    pub [Option<bool>; 3],
);

impl Answers {
    /// One byte for each question: 0 skipped, 1 yes, 2 no.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let byte = |answer| match answer {
            None => 0,
            Some(true) => 1,
            Some(false) => 2,
        };
        self.0.map(byte).to_vec()
    }

    /// Takes exactly these three bytes.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 3] = bytes.try_into().ok()?;
        let mut answers = [None; 3];
        for (answer, byte) in answers.iter_mut().zip(bytes) {
            *answer = match byte {
                0 => None,
                1 => Some(true),
                2 => Some(false),
                _ => return None,
            };
        }
        Some(Self(answers))
    }
}

impl core::fmt::Debug for Answers {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // How somebody fared is nothing for a log.
        formatter.write_str("Answers")
    }
}

/// Why a home refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The login's signature is not right for this link.
    Login,
    /// The certificate is not in the roster.
    NotListed,
    /// The certificate was taken back.
    Revoked,
    /// The certificate or duty has expired.
    Expired,
    /// The certificate or duty is not valid yet.
    NotYet,
    /// The duty is not one, or shares a key with another.
    Duty,
    /// There is no roster here yet, or it has expired.
    NoRoster,
    /// Somebody else has this ticket, or it is gone.
    Taken,
    /// An older attempt than the one that stands.
    Stale,
    /// The home is at a limit.
    Busy,
    /// Not of this protocol.
    Malformed,
    /// There is no room for it.
    Full,
    /// The disk does not do what is asked of it.
    Disk,
}

impl Refusal {
    /// A stable name, as events and metrics have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::NotListed => "not_listed",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::NotYet => "not_yet_valid",
            Self::Duty => "duty",
            Self::NoRoster => "no_roster",
            Self::Taken => "taken",
            Self::Stale => "stale",
            Self::Busy => "busy",
            Self::Malformed => "malformed",
            Self::Full => "full",
            Self::Disk => "disk",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_one_encoding_and_show_themselves_to_nobody() {
        let mut right = 0;
        for number in 0..5_usize.pow(3) {
            let bytes = [1, 5, 25].map(|place| [0, 1, 2, 3, 255][number / place % 5]);
            let Some(answers) = Answers::decode(&bytes) else {
                continue;
            };
            assert_eq!(answers.encode(), bytes);
            assert_eq!(format!("{answers:?}"), "Answers");
            right += 1;
        }
        assert_eq!(right, 27);
        assert_eq!(
            Answers::decode(&[1, 2, 0]),
            Some(Answers([Some(true), Some(false), None]))
        );
        for length in [0, 1, 2, 4, 2_048] {
            assert_eq!(Answers::decode(&vec![0; length]), None, "{length} bytes");
        }
    }
}
