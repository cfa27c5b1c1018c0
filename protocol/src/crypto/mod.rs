//! Hashes, keys and handshakes. No module here knows an object, a record or a role.

pub(crate) mod aead;
pub(crate) mod envelope;
pub mod fingerprint;
pub mod hash;
pub mod kdf;
pub mod kem;
pub mod keys;
pub mod noise;
pub mod phrase;
pub mod puzzle;
pub mod random;
pub mod tokens;

#[cfg(test)]
mod wycheproof_tests;
