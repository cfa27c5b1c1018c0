//! Keys: Ed25519 for signatures, X25519 for Noise, and the id of a helpline.
//!
//! No secret type prints itself, or is `Clone` without need. Each is wiped when dropped.

use core::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::crypto::{
    hash::{self, Secret},
    random::{self, Random},
};

/// Length of every public key, secret key and hash of HP1, in bytes.
pub const KEY_LEN: usize = 32;
/// Length of a signature, in bytes (RFC 8032).
pub const SIGNATURE_LEN: usize = 64;

/// The id of a helpline: `SHA256("HP1/root" ‖ root_pk)`. It goes into every prologue, signature and derivation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HelplineId(pub [u8; 32]);

impl fmt::Debug for HelplineId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HelplineId({})", short_hex(&self.0))
    }
}

/// The Ed25519 public key of a libp2p identity. It names a node. Nodes are public; people never have one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodePeer(pub [u8; 32]);

impl fmt::Debug for NodePeer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NodePeer({})", short_hex(&self.0))
    }
}

/// An Ed25519 public key that decodes to a point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyKey(VerifyingKey);

impl VerifyKey {
    /// Takes 32 bytes.
    ///
    /// # Errors
    /// [`BadKey`] when the bytes are not a point of the curve.
    pub fn from_bytes(bytes: &[u8; KEY_LEN]) -> Result<Self, BadKey> {
        VerifyingKey::from_bytes(bytes).map(Self).map_err(|_| BadKey)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; KEY_LEN] {
        self.0.to_bytes()
    }

    /// Strict verification (RFC 8032 with the extra checks of `verify_strict`).
    ///
    /// # Errors
    /// [`BadKey`] when the signature is not this key's over these bytes.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> Result<(), BadKey> {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.0.verify_strict(message, &signature).map_err(|_| BadKey)
    }
}

impl fmt::Debug for VerifyKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VerifyKey({})", short_hex(self.0.as_bytes()))
    }
}

/// The bytes are not a key, or not a signature of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a valid key or signature, got bytes that are none")]
pub struct BadKey;

/// An Ed25519 secret key.
pub struct SignKey(SigningKey);

impl SignKey {
    /// A new key.
    pub fn generate(random: &mut Random) -> Self {
        Self(SigningKey::from_bytes(&random::secret(random)))
    }

    /// Takes the 32 secret bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; KEY_LEN]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// The 32 secret bytes, for their owner to seal or write.
    #[must_use]
    pub fn to_bytes(&self) -> Secret {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> VerifyKey {
        VerifyKey(self.0.verifying_key())
    }

    /// Signs exactly these bytes. The caller adds the context.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        self.0.sign(message).to_bytes()
    }
}

secret_debug!(SignKey);

/// An association's root key. It is made and used offline, and signs delegations, certificates and rosters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootKey(pub VerifyKey);

impl RootKey {
    /// The helpline this root speaks for.
    #[must_use]
    pub fn helpline(&self) -> HelplineId {
        HelplineId(hash::sha256(&[b"HP1/root", &self.0.to_bytes()]))
    }
}

/// An X25519 secret key.
pub struct DhSecret(StaticSecret);

impl DhSecret {
    /// A new key.
    pub fn generate(random: &mut Random) -> Self {
        Self(StaticSecret::from(*random::secret(random)))
    }

    /// Takes the 32 secret bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; KEY_LEN]) -> Self {
        Self(StaticSecret::from(*bytes))
    }

    /// The 32 secret bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Secret {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> DhPublic {
        DhPublic(PublicKey::from(&self.0).to_bytes())
    }

    /// X25519; `None` when the result is all zero (a low-order point was offered, RFC 7748 section 6.1).
    #[must_use]
    pub fn agree(&self, their: &DhPublic) -> Option<Secret> {
        let shared = self.0.diffie_hellman(&PublicKey::from(their.0));
        shared
            .was_contributory()
            .then(|| Zeroizing::new(shared.to_bytes()))
    }
}

secret_debug!(DhSecret);

/// An X25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DhPublic(pub [u8; KEY_LEN]);

impl DhPublic {
    /// Whether every agreement with it gives zero: a point of low order, RFC 7748 section 6.1. Secrets are
    /// multiples of the cofactor below the order of the group, so one secret decides it for all.
    #[must_use]
    pub fn is_of_low_order(&self) -> bool {
        DhSecret::from_bytes(&[8; KEY_LEN]).agree(self).is_none()
    }
}

impl fmt::Debug for DhPublic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DhPublic({})", short_hex(&self.0))
    }
}

/// The first four bytes, enough to tell two public values apart in a trace.
fn short_hex(bytes: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(bytes.get(..4).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::seeded;

    #[test]
    fn secrets_do_not_print_themselves() {
        let mut random = seeded(1);
        assert_eq!(format!("{:?}", SignKey::generate(&mut random)), "SignKey(secret)");
        assert_eq!(
            format!("{:?}", DhSecret::generate(&mut random)),
            "DhSecret(secret)"
        );
    }

    #[test]
    fn low_order_points_are_refused() {
        let secret = DhSecret::generate(&mut seeded(1));
        assert!(secret.agree(&DhPublic([0; 32])).is_none());
        let mut one = [0; 32];
        one[0] = 1;
        assert!(secret.agree(&DhPublic(one)).is_none());
        assert!(DhPublic([0; 32]).is_of_low_order() && DhPublic(one).is_of_low_order());
        assert!(!secret.public().is_of_low_order());
    }

    #[test]
    fn two_roots_are_two_helplines() {
        let mut random = seeded(1);
        let a = RootKey(SignKey::generate(&mut random).public());
        let b = RootKey(SignKey::generate(&mut random).public());
        assert_ne!(a.helpline(), b.helpline());
    }
}
