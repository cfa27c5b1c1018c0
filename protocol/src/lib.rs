//! HP1, Hamsa's protocol: everything said on the wire and every state machine behind it.
//!
//! The crate is sans-IO. It opens no socket, reads no clock, touches no file and starts no task: time comes in
//! as a [`time::Moment`], randomness as a [`random::Random`], bytes as slices; what must be sent, stored or
//! shown comes out as values. Each role is one machine ([`home::Home`], [`seeker::Seeker`],
//! [`counselor::Counselor`]) with the same contract: give it **one** input, then drain its outputs until it
//! has none, then ask when it wants to be woken.
//!
//! docs/protocol.md is the law; where this crate and that page differ, one of them has a bug.

pub mod chat;
pub mod counselor;
pub mod directory;
pub mod fingerprint;
pub mod home;
pub mod kdf;
pub mod kem;
pub mod keys;
pub mod link;
mod links;
pub mod live;
pub mod mail;
pub mod noise;
pub mod objects;
pub mod phrase;
#[cfg(planted)]
pub mod planted;
#[cfg(not(planted))]
mod planted;
pub mod random;
pub mod seeker;
pub mod text;
pub mod ticket;
pub mod time;
pub mod tokens;
pub mod wire;
mod wrap;

/// Name and number of the protocol, as every label begins.
pub const PROTOCOL: &str = "HP1";

#[cfg(test)]
mod wycheproof_tests;

#[cfg(test)]
pub(crate) mod testing {
    //! A seeded generator for tests.
    use rand_core::SeedableRng;

    pub(crate) fn seeded(seed: u64) -> crate::random::Random {
        Box::new(rand_chacha::ChaCha20Rng::seed_from_u64(seed))
    }
}
