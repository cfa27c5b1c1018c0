//! Key derivation with HP1's labels.
//!
//! Every `info` ends with the helpline's id, so that no key of one helpline is also a key of another.

use zeroize::Zeroizing;

use crate::crypto::{
    hash::{Secret, hkdf_raw},
    keys::HelplineId,
};

/// HKDF-SHA256 with 32 bytes of output: `salt`, `ikm`, and `info` = the parts and then the helpline's id.
#[must_use]
pub fn hkdf(helpline: &HelplineId, salt: &[u8], ikm: &[u8], info: &[&[u8]]) -> Secret {
    let mut all = Zeroizing::new(Vec::with_capacity(128));
    for part in info {
        all.extend_from_slice(part);
    }
    all.extend_from_slice(&helpline.0);
    hkdf_raw(salt, ikm, &all)
}
