//! Tokens: each gives a right at a home without telling whose it is.
//!
//! A home sees a token when it is used, and keeps only its hash. Every token is bound to one home through `home_x`,
//! so that a home cannot use at another home what it saw.

use crate::crypto::{
    hash::{self, Secret},
    kdf,
    keys::{DhPublic, HelplineId},
};

/// The direction of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// Seeker to counselor.
    FromSeeker,
    /// Counselor to seeker.
    FromCounselor,
}

impl Direction {
    /// The opposite direction.
    #[must_use]
    pub const fn reverse(self) -> Self {
        match self {
            Self::FromSeeker => Self::FromCounselor,
            Self::FromCounselor => Self::FromSeeker,
        }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::FromSeeker => 0,
            Self::FromCounselor => 1,
        }
    }
}

/// What a token of a channel allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Put,
    Listen,
}

/// The secret from which a chat's channels are derived, over all its epochs. It comes from h_0, which is secret
/// because both psks are mixed into it. It is separate from every key that encrypts words.
#[must_use]
pub fn channels(helpline: &HelplineId, handshake_hash: &Secret) -> Secret {
    kdf::hkdf(helpline, &[], handshake_hash.as_slice(), &[b"HP1/channels"])
}

/// The four tokens of one channel at one home.
pub struct ChannelTokens {
    put: [Secret; 2],
    listen: [Secret; 2],
}

impl ChannelTokens {
    /// The tokens at the home with this link key.
    #[must_use]
    pub fn derive(helpline: &HelplineId, channels: &Secret, home: &DhPublic) -> Self {
        let token = |direction: Direction, purpose: Use| {
            let purpose = match purpose {
                Use::Put => 0,
                Use::Listen => 1,
            };
            kdf::hkdf(
                helpline,
                &[],
                channels.as_slice(),
                &[b"HP1/channel", &home.0, &[direction.byte(), purpose]],
            )
        };
        let both = |purpose| {
            [
                token(Direction::FromSeeker, purpose),
                token(Direction::FromCounselor, purpose),
            ]
        };
        Self {
            put: both(Use::Put),
            listen: both(Use::Listen),
        }
    }

    /// The token that puts cells of this direction.
    #[must_use]
    pub fn put(&self, direction: Direction) -> Token {
        let [seeker, counselor] = &self.put;
        Token::of(match direction {
            Direction::FromSeeker => seeker,
            Direction::FromCounselor => counselor,
        })
    }

    /// The token that listens for cells of this direction.
    #[must_use]
    pub fn listen(&self, direction: Direction) -> Token {
        let [seeker, counselor] = &self.listen;
        Token::of(match direction {
            Direction::FromSeeker => seeker,
            Direction::FromCounselor => counselor,
        })
    }
}

secret_debug!(ChannelTokens);

/// The slot for an answer to `attempt` at one home. Besides the seeker, only a counselor that opened the ticket
/// knows it.
#[must_use]
pub fn answer_slot(helpline: &HelplineId, ticket_secret: &Secret, attempt: u32, home: &DhPublic) -> Token {
    Token::of(&kdf::hkdf(
        helpline,
        &[],
        ticket_secret.as_slice(),
        &[b"HP1/answer", &attempt.to_be_bytes(), &home.0],
    ))
}

/// The token that writes replies to one sealed message at one home. Besides the seeker, only a counselor that
/// opened the message knows it.
#[must_use]
pub fn mail_write(helpline: &HelplineId, deposit_secret: &Secret, home: &DhPublic) -> Token {
    Token::of(&kdf::hkdf(
        helpline,
        &[],
        deposit_secret.as_slice(),
        &[b"HP1/mailwrite", &home.0],
    ))
}

/// The token that reads the replies to all messages of one phrase at one home.
#[must_use]
pub fn mail_read(helpline: &HelplineId, mailbox: &Secret, home: &DhPublic) -> Token {
    Token::of(&kdf::hkdf(
        helpline,
        &[],
        mailbox.as_slice(),
        &[b"HP1/mailread", &home.0],
    ))
}

/// A bearer secret for one thing at one home, as it travels in a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token(pub [u8; 32]);

impl Token {
    /// A derived or drawn secret as a token.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        Self(**secret)
    }

    /// What a home keeps of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(hash::sha256(&[b"HP1/token", &self.0]))
    }
}

secret_debug!(Token);

/// What a home keeps of a token: it finds the thing, and opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct TokenHash(pub [u8; 32]);
