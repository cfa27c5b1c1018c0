//! Noise (revision 34) through snow, with primitives of our own choice.
//!
//! Suite `25519_ChaChaPoly_SHA256`. Patterns: `NX` (home link), `Npsk0` (wraps), `NXpsk0+psk2` (live chats),
//! `KKpsk0+psk2` (ratchet), `Xpsk0` (replies to sealed messages). snow implements the patterns. This module keeps
//! keys from snow for as long as it can.

mod resolver;

use core::fmt;

use snow::{Builder, HandshakeState, params::NoiseParams};
use zeroize::Zeroizing;

use crate::crypto::{
    hash::Secret,
    keys::{DhPublic, DhSecret},
    random::{self, Random},
};

pub use crate::crypto::aead::TAG_LEN;
pub(crate) use resolver::Resolver;
#[cfg(test)]
pub(crate) use resolver::watched;

/// A pattern of HP1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The home link: the client is anonymous, the home proves its key.
    Nx,
    /// A wrap: one message to a known key, hardened by a KEM secret.
    NPsk0,
    /// A live chat: the seeker is anonymous, the counselor proves its key, hardened by the ticket's secret and a
    /// KEM secret.
    NxPsk0Psk2,
    /// The ratchet: both prove the keys of this chat, hardened by the old epoch's chain and a KEM secret.
    KkPsk0Psk2,
    /// A reply to a sealed message: one message to a known key. The sender proves its key inside it, hardened by a
    /// KEM secret.
    XPsk0,
}

impl Pattern {
    /// The protocol name that enters the first hash.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nx => "Noise_NX_25519_ChaChaPoly_SHA256",
            Self::NPsk0 => "Noise_Npsk0_25519_ChaChaPoly_SHA256",
            Self::NxPsk0Psk2 => "Noise_NXpsk0+psk2_25519_ChaChaPoly_SHA256",
            Self::KkPsk0Psk2 => "Noise_KKpsk0+psk2_25519_ChaChaPoly_SHA256",
            Self::XPsk0 => "Noise_Xpsk0_25519_ChaChaPoly_SHA256",
        }
    }
}

/// A handshake failed. The error has no details: a forger learns only that the forgery was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the handshake failed: expected a message of this pattern from the holder of the expected keys")]
pub struct HandshakeFailed;

impl From<snow::Error> for HandshakeFailed {
    fn from(_: snow::Error) -> Self {
        Self
    }
}

/// One end of a handshake.
pub(crate) struct Handshake(HandshakeState);

/// What a handshake starts from.
pub(crate) struct Start<'a> {
    pub(crate) pattern: Pattern,
    pub(crate) prologue: &'a [u8],
    pub(crate) local: Option<&'a DhSecret>,
    pub(crate) remote: Option<&'a DhPublic>,
    pub(crate) psk0: Option<&'a [u8; 32]>,
}

impl Handshake {
    pub(crate) fn initiator(start: &Start<'_>, random: &mut Random) -> Result<Self, HandshakeFailed> {
        Self::initiator_with(start, random::secret(random))
    }

    /// With an ephemeral key that the caller drew, so that the same message can be made again.
    pub(crate) fn initiator_with(start: &Start<'_>, ephemeral: Secret) -> Result<Self, HandshakeFailed> {
        Self::build(start, ephemeral, true)
    }

    pub(crate) fn responder(start: &Start<'_>, random: &mut Random) -> Result<Self, HandshakeFailed> {
        Self::responder_with(start, random::secret(random))
    }

    pub(crate) fn responder_with(start: &Start<'_>, ephemeral: Secret) -> Result<Self, HandshakeFailed> {
        Self::build(start, ephemeral, false)
    }

    fn build(start: &Start<'_>, ephemeral: Secret, initiator: bool) -> Result<Self, HandshakeFailed> {
        let params: NoiseParams = start.pattern.name().parse()?;
        let resolver = Resolver::with_ephemeral(ephemeral);
        let local = start.local.map(DhSecret::to_bytes);
        let mut builder = Builder::with_resolver(params, Box::new(resolver)).prologue(start.prologue)?;
        if let Some(local) = &local {
            builder = builder.local_private_key(local.as_slice())?;
        }
        if let Some(remote) = start.remote {
            builder = builder.remote_public_key(&remote.0)?;
        }
        if let Some(psk) = start.psk0 {
            builder = builder.psk(0, psk)?;
        }
        let state = if initiator {
            builder.build_initiator()?
        } else {
            builder.build_responder()?
        };
        Ok(Self(state))
    }

    /// Sets the psk of slot 2, which is known only after message 1.
    pub(crate) fn set_psk2(&mut self, psk: &[u8; 32]) -> Result<(), HandshakeFailed> {
        Ok(self.0.set_psk(2, psk)?)
    }

    pub(crate) fn write(&mut self, payload: &[u8]) -> Result<Vec<u8>, HandshakeFailed> {
        // e (32), s (32 + 16), payload and its tag: the largest message of our patterns.
        let mut message = vec![0; payload.len() + 32 + 48 + TAG_LEN];
        let length = self.0.write_message(payload, &mut message)?;
        message.truncate(length);
        Ok(message)
    }

    pub(crate) fn read(&mut self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, HandshakeFailed> {
        let mut payload = Zeroizing::new(vec![0; message.len()]);
        let length = self.0.read_message(message, &mut payload)?;
        payload.truncate(length);
        Ok(payload)
    }

    pub(crate) fn remote_static(&self) -> Option<DhPublic> {
        self.0
            .get_remote_static()
            .and_then(|key| key.try_into().ok())
            .map(DhPublic)
    }

    /// The handshake hash and the transport keys. The hash is read first, because snow drops it.
    pub(crate) fn finish(self) -> Result<([u8; 32], Transport), HandshakeFailed> {
        let hash = self
            .0
            .get_handshake_hash()
            .try_into()
            .map_err(|_| HandshakeFailed)?;
        Ok((hash, Transport(self.0.into_transport_mode()?)))
    }
}

/// The two directions after a handshake. Nonces count up. A failed read changes nothing.
pub(crate) struct Transport(snow::TransportState);

impl Transport {
    /// Encrypts into a new buffer.
    pub(crate) fn seal(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, HandshakeFailed> {
        let mut ciphertext = vec![0; plaintext.len() + TAG_LEN];
        let length = self.0.write_message(plaintext, &mut ciphertext)?;
        ciphertext.truncate(length);
        Ok(ciphertext)
    }

    /// Decrypts into a new buffer that is wiped when dropped.
    pub(crate) fn open(&mut self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, HandshakeFailed> {
        let mut plaintext = Zeroizing::new(vec![0; ciphertext.len()]);
        let length = self.0.read_message(ciphertext, &mut plaintext)?;
        plaintext.truncate(length);
        Ok(plaintext)
    }

    /// Takes back the last opened message: another one may be opened in its place.
    pub(crate) fn close_again(&mut self) {
        let nonce = self.0.receiving_nonce().saturating_sub(1);
        self.0.set_receiving_nonce(nonce);
    }

    pub(crate) fn rekey_outgoing(&mut self) {
        self.0.rekey_outgoing();
    }

    pub(crate) fn rekey_incoming(&mut self) {
        self.0.rekey_incoming();
    }

    /// Wipes the key that encrypts. Reading still works.
    pub(crate) fn wipe_outgoing(&mut self) {
        let nothing = [0; 32];
        if self.0.is_initiator() {
            self.0.rekey_initiator_manually(&nothing);
        } else {
            self.0.rekey_responder_manually(&nothing);
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Transport(secret)")
    }
}

#[cfg(test)]
mod clatter_tests;
#[cfg(test)]
mod vectors_tests;
