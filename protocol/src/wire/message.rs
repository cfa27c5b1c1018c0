//! Unsigned objects inside records: postings, receipts, openings, refusals.

use serde::{Deserialize, Serialize};

use crate::{
    crypto::{
        puzzle::{Priced, Seed, Step},
        tokens::TokenHash,
    },
    limits::{DEPOSIT_LEN, REPLY_LEN, TICKET_LEN},
    objects::{Bytes, TicketId},
    time::Unix,
};

/// A ticket as it is posted at one home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The ticket; the same over all attempts.
    pub ticket: TicketId,
    /// Grows with each new body.
    pub attempt: u32,
    /// Hash of the answer slot of this attempt at this home.
    pub slot: TokenHash,
    /// The receipt that this home gave when the ticket came first, so that the ticket keeps its place after a
    /// restart.
    pub receipt: Option<Receipt>,
    /// Wraps, card and message 1.
    pub body: Bytes<TICKET_LEN>,
}

/// A ticket as a home shows it to desks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownTicket {
    /// The ticket.
    pub ticket: TicketId,
    /// The attempt that stands.
    pub attempt: u32,
    /// Its order. The receipt stays with the seeker: with it, another party could take the place.
    pub order: u64,
    /// On which terms its seeker paid for it; `None` when the home took it for nothing. Urgency costs the same again.
    pub paid: Option<Terms>,
    /// Wraps, card and message 1.
    pub body: Bytes<TICKET_LEN>,
}

/// A home's receipt for the place of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The home's own order: number of its start, then a count.
    pub order: u64,
    /// When the home gave it, by its own clock: it counts for two hours (`RECEIPT_LIFE`).
    pub issued: Unix,
    /// HMAC-SHA256 under the home's receipt key over `"HP1/receipt" ‖ owner ‖ ticket ‖ order ‖ issued`, the owner being
    /// the hash of the withdraw token.
    pub mac: [u8; 32],
}

/// A sealed message as it is left at one home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositPosting {
    /// Hash of the token that writes replies to it at this home.
    pub write: TokenHash,
    /// Hash of the token that reads replies to it at this home.
    pub read: TokenHash,
    /// The deposit.
    pub body: Bytes<DEPOSIT_LEN>,
}

/// A reply as it is put at one home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyPosting {
    /// Hash of the token that reads it at this home. It counts only where the deposit is not stored.
    pub read: TokenHash,
    /// The reply.
    pub object: Bytes<REPLY_LEN>,
}

/// Opens a channel: hashes of its four tokens and where each direction starts.
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
    pub put: TokenHash,
    /// Hash of the token that listens and acknowledges.
    pub listen: TokenHash,
    /// First index that is still wanted.
    pub start: u64,
}

/// A seeker's answers to the three questions at the end, in the order of docs/protocol.md.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Answers(
    /// Each is `None` if skipped, else yes or no.
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

    /// Decodes exactly these three bytes.
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
        // A log must not tell how a person fared.
        formatter.write_str("Answers")
    }
}

/// What a home asks of strangers now: nothing at all, when it is idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// The seed of puzzles.
    pub seed: Seed,
    /// The steps, in the order of [`Priced::ALL`].
    pub steps: [Step; 3],
}

impl Prices {
    /// Nothing is asked.
    #[cfg(test)]
    pub(crate) const fn free() -> Self {
        Self {
            seed: Seed([0; crate::crypto::puzzle::SEED_LEN]),
            steps: [Step::FREE; 3],
        }
    }

    /// What is asked for this.
    #[must_use]
    pub fn step(&self, priced: Priced) -> Step {
        let step = self.steps.get(usize::from(priced.byte()));
        step.copied().unwrap_or_default()
    }
}

/// What a payment is for, and how it was solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What it pays for.
    pub priced: Priced,
    /// The step that it reaches.
    pub step: Step,
    /// The home's seed.
    pub seed: Seed,
}

/// Why a home refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The login's signature is not valid for this link.
    Login,
    /// The certificate is not in the roster.
    NotListed,
    /// The certificate was revoked.
    Revoked,
    /// The certificate or duty has expired.
    Expired,
    /// The certificate or duty is not valid yet.
    NotYet,
    /// The duty is invalid, or shares a key with another.
    Duty,
    /// This home has no roster yet, or its roster has expired.
    NoRoster,
    /// Another counselor has this ticket, or it is gone.
    Taken,
    /// The attempt is older than the current one.
    Stale,
    /// The home is at a limit.
    Busy,
    /// Not a message of this protocol.
    Malformed,
    /// There is no room for it.
    Full,
    /// The disk fails.
    Disk,
    /// Too many ask: a puzzle is to be solved first.
    Effort(Prices),
}

impl Refusal {
    /// A stable name, as in events and metrics.
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
            Self::Effort(_) => "effort",
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
