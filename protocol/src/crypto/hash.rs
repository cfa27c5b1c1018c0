//! SHA-256 and HKDF-SHA256, as the labels of HP1 use them.

use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A 32-byte secret, wiped when dropped.
pub type Secret = Zeroizing<[u8; 32]>;

/// SHA-256 over the concatenation of `parts`.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// HKDF-SHA256 with 32 bytes of output and exactly these inputs.
pub(crate) fn hkdf_raw(salt: &[u8], ikm: &[u8], info: &[u8]) -> Secret {
    let mut out = Zeroizing::new([0; 32]);
    // 32 bytes are one block of the hash: the only error of `expand` is asking for more than 255 blocks.
    let _ = Hkdf::<Sha256>::new(Some(salt), ikm).expand(info, out.as_mut());
    out
}
