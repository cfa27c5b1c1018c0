//! Twelve words that two people can compare by voice.

use bip39::Language;

use crate::crypto::{hash, keys::RootKey};

/// Words of a fingerprint: 12 × 11 bits = 132 bits of the hash.
pub const FINGERPRINT_WORDS: usize = 12;

/// The twelve words of a root key: the first 132 bits of `SHA256("HP1/fingerprint" ‖ root_pk)` in the BIP-39
/// English list (only the list; the words are not a mnemonic).
#[must_use]
pub fn fingerprint(root: &RootKey) -> String {
    let hash = hash::sha256(&[b"HP1/fingerprint", &root.0.to_bytes()]);
    let list = Language::English.word_list();
    let bit = |index: usize| {
        hash.get(index / 8)
            .is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
    };
    let words: Vec<&str> = (0..FINGERPRINT_WORDS)
        .map(|word| {
            (0..11).fold(0, |number, offset| {
                number << 1 | usize::from(bit(word * 11 + offset))
            })
        })
        .map(|number| list.get(number).copied().unwrap_or_default())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{crypto::keys::SignKey, testing::seeded};

    #[test]
    fn twelve_words_that_differ_between_roots() {
        let a = fingerprint(&RootKey(SignKey::generate(&mut seeded(1)).public()));
        let b = fingerprint(&RootKey(SignKey::generate(&mut seeded(2)).public()));
        assert_eq!(a.split(' ').count(), FINGERPRINT_WORDS);
        assert!(a.split(' ').all(|word| !word.is_empty()));
        assert_ne!(a, b);
    }
}
