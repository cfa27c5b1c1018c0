//! A wrap: 32 secret bytes sealed to one known pair of keys, X25519 and ML-KEM, in one message.
//!
//! `ct (1,088) ‖ Noise_Npsk0(secret) (80)`, psk0 from the KEM. Tickets and sealed messages use it, each with a
//! prologue of its own.

use zeroize::Zeroizing;

use crate::crypto::{
    hash::Secret,
    kem::{CT_LEN, KemPublic, KemSecret, KemUse},
    keys::{DhPublic, DhSecret},
    noise::{Handshake, HandshakeFailed, Pattern, Start, TAG_LEN},
    random::Random,
};

/// Wraps in every ticket and every sealed message.
pub const WRAPS: usize = 8;
/// Bytes of a wrap: ciphertext, ephemeral key, secret, tag.
pub const WRAP_LEN: usize = CT_LEN + 32 + 32 + TAG_LEN;

pub(crate) fn wrap(
    prologue: &[u8],
    x: &DhPublic,
    kem: &KemPublic,
    secret: &Secret,
    random: &mut Random,
) -> Result<Vec<u8>, HandshakeFailed> {
    let (ct, psk0) = kem.encapsulate(KemUse::Wrap, random);
    let start = Start {
        pattern: Pattern::NPsk0,
        prologue,
        local: None,
        remote: Some(x),
        psk0: Some(&psk0),
    };
    let mut wrap = ct.to_vec();
    wrap.extend_from_slice(&Handshake::initiator(&start, random)?.write(secret.as_slice())?);
    Ok(wrap)
}

pub(crate) fn unwrap(wrap: &[u8], prologue: &[u8], x: &DhSecret, kem: &KemSecret) -> Option<Secret> {
    let (ct, message) = wrap.split_first_chunk::<CT_LEN>()?;
    let psk0 = kem.decapsulate(KemUse::Wrap, ct);
    let start = Start {
        pattern: Pattern::NPsk0,
        prologue,
        local: Some(x),
        remote: None,
        psk0: Some(&psk0),
    };
    // The responder of a one-way pattern draws no ephemeral key, so this one is never used.
    let mut handshake = Handshake::responder_with(&start, Zeroizing::new([0; 32])).ok()?;
    let payload = handshake.read(message).ok()?;
    let bytes: [u8; 32] = payload.as_slice().try_into().ok()?;
    Some(Zeroizing::new(bytes))
}
