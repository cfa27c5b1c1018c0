//! HP1, the protocol of Hamsa: everything on the wire and every state machine behind it.
//!
//! The crate is sans-IO. It opens no socket, reads no clock, touches no file and starts no task. Time comes in as a
//! [`time::Now`], randomness as a [`crypto::random::Random`], bytes as slices. What must be sent, stored or
//! shown comes out as values. Each role is one machine ([`home::Home`], [`seeker::Seeker`],
//! [`counselor::Counselor`]) with the same contract: [`machine::Machine`].
//!
//! docs/protocol.md is the specification. Where this crate and that page differ, one of them has a bug.

/// `Debug` that shows the name of a type and nothing of its value.
macro_rules! secret_debug {
    ($name:ident) => {
        impl core::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(secret)"))
            }
        }
    };
}

pub mod client;
pub mod counselor;
pub mod crypto;
pub mod home;
pub mod limits;
pub mod machine;
pub mod objects;
pub mod seeker;
pub mod session;
pub mod text;
pub mod time;
pub mod wire;

/// Name and number of the protocol. Every label begins with it.
pub const PROTOCOL: &str = "HP1";

#[cfg(test)]
pub(crate) mod testing {
    //! A seeded generator for tests, and a helpline without entries.
    use rand_core::SeedableRng;

    use crate::{crypto::keys::SignKey, objects::Entrances};

    pub(crate) fn no_entries(root: &SignKey) -> Entrances {
        Entrances::sign(Vec::new(), root).unwrap()
    }

    pub(crate) fn seeded(seed: u64) -> crate::crypto::random::Random {
        Box::new(rand_chacha::ChaCha20Rng::seed_from_u64(seed))
    }
}
