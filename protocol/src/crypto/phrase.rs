//! The phrase: eight words that give a seeker access to the replies, and prove an earlier visit.
//!
//! 80 random bits and 8 bits of a check make eight numbers of 11 bits, shown as words of the BIP-39 French or
//! English list (the lists only; the words are not a mnemonic). Only the bits count, so that a phrase stays valid
//! whatever language the seeker uses next time.
//!
//! No part of it is stored anywhere. [`Phrase::derive`] takes seconds on a phone, and 64 MiB, on purpose, so that
//! guessing phrases is expensive. Do not call it on a thread that must respond meanwhile.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    crypto::{
        hash::{self, Secret},
        kdf,
        kem::{KemSecret, SEED_LEN},
        keys::{DhPublic, DhSecret, HelplineId, RootKey},
        random::{self, Random},
    },
    text,
};

/// Words of a phrase: few enough to be learned by heart, 80 bits behind a slow function.
pub const PHRASE_WORDS: usize = 8;
/// Random bytes of a phrase.
const BITS_LEN: usize = 10;
/// Bits of a word.
const WORD_BITS: usize = 11;
/// Memory of the phrase's Argon2id, in KiB: 64 MiB, RFC 9106's second choice. The browser of a phone with 1 GB can spare
/// it, and each guess needs it too.
pub const PHRASE_MEMORY_KIB: u32 = 65_536;
/// Passes of Argon2id: RFC 9106's for this memory. About two seconds in the browser of an old phone.
pub const PHRASE_PASSES: u32 = 3;
/// Bytes of its output: X25519 key, ML-KEM seed, mailbox secret.
pub const RETURN_KEYS_LEN: usize = 32 + SEED_LEN + 32;
/// Bytes of the proof in a hello: the return key and its MAC.
pub const PROOF_LEN: usize = 32 + 32;

/// The list that the words are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordList {
    /// French; accents need not be typed.
    French,
    /// English.
    English,
}

impl WordList {
    const ALL: [Self; 2] = [Self::French, Self::English];

    fn words(self) -> &'static [&'static str; 2_048] {
        match self {
            Self::French => bip39::Language::French.word_list(),
            Self::English => bip39::Language::English.word_list(),
        }
    }

    fn position(self, word: &str) -> Option<u16> {
        let same = |known: &&&str| folded(known).eq(folded(word));
        let (position, _) = (0_u16..).zip(self.words()).find(|(_, known)| same(known))?;
        Some(position)
    }
}

/// Why words are not a phrase. Errors name positions, never words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Too few or too many words.
    #[error("a phrase has {PHRASE_WORDS} words, these are {0}")]
    Count(usize),
    /// A word that is in no list.
    #[error("word {0} is not a word that a phrase can have")]
    Unknown(usize),
    /// Words of both lists.
    #[error("these words are of two languages, a phrase is of one")]
    Mixed,
    /// All words are known, and the check fails.
    #[error("these words do not belong together: one of them is another word, or two changed places")]
    Check,
}

/// The device could not compute the keys of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this device does not have the 64 MiB of memory that a phrase needs")]
pub struct NoMemory;

/// Eight words with a valid check.
pub struct Phrase {
    bits: Zeroizing<[u8; BITS_LEN]>,
    list: WordList,
}

impl Phrase {
    /// Draws a new phrase.
    pub fn generate(list: WordList, random: &mut Random) -> Self {
        loop {
            let phrase = Self {
                bits: random::secret(random),
                list,
            };
            // A few words are in both lists. Very few phrases would therefore be parsed as another one.
            if Self::parse(&phrase.words()).is_ok_and(|back| back.bits == phrase.bits) {
                return phrase;
            }
        }
    }

    /// Parses words: any case, with or without accents (in either Unicode form), with any separators.
    ///
    /// # Errors
    /// [`PhraseError`].
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        let letter = |c: char| c.is_alphabetic() || is_mark(c);
        // Invisible characters that a page or a mail program put into a word do not end it.
        let text = Zeroizing::new(text::prose(text));
        let words: Vec<&str> = text
            .split(|c| !letter(c))
            .filter(|word| !word.is_empty())
            .collect();
        if words.len() != PHRASE_WORDS {
            return Err(PhraseError::Count(words.len()));
        }
        let mut wrong = PhraseError::Mixed;
        for list in WordList::ALL {
            let indexes: Zeroizing<Vec<u16>> =
                Zeroizing::new(words.iter().map_while(|word| list.position(word)).collect());
            if indexes.len() < PHRASE_WORDS {
                continue;
            }
            match Self::from_indexes(&indexes) {
                Some(bits) => return Ok(Self { bits, list }),
                None => wrong = PhraseError::Check,
            }
        }
        let nowhere = |word: &&str| WordList::ALL.iter().all(|list| list.position(word).is_none());
        match words.iter().position(nowhere) {
            Some(position) => Err(PhraseError::Unknown(position + 1)),
            None => Err(wrong),
        }
    }

    /// A copy of the phrase, for a thread that computes its keys.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            bits: self.bits.clone(),
            list: self.list,
        }
    }

    /// The words, as they are shown and learned.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(PHRASE_WORDS * 12));
        for index in self.indexes().iter() {
            let word = self.list.words().get(usize::from(*index));
            if !text.is_empty() {
                text.push(' ');
            }
            compose(word.copied().unwrap_or_default(), &mut text);
        }
        text
    }

    /// The keys of this phrase at the helpline of `root`. It takes seconds on a phone, and 64 MiB that are wiped afterwards.
    ///
    /// # Errors
    /// [`NoMemory`].
    pub fn derive(&self, root: &RootKey) -> Result<ReturnKeys, NoMemory> {
        let params = Params::new(PHRASE_MEMORY_KIB, PHRASE_PASSES, 1, Some(RETURN_KEYS_LEN));
        let params = params.map_err(|_| NoMemory)?;
        let salt = [b"HP1/return".as_slice(), &root.0.to_bytes()].concat();
        // Use memory of our own, so that it can be wiped: its last block is all that the keys are computed from.
        let mut memory = Zeroizing::new(Vec::new());
        memory
            .try_reserve_exact(params.block_count())
            .map_err(|_| NoMemory)?;
        memory.resize(params.block_count(), Block::default());
        let mut out = Zeroizing::new([0; RETURN_KEYS_LEN]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(
                self.bits.as_slice(),
                &salt,
                out.as_mut_slice(),
                memory.as_mut_slice(),
            )
            .map_err(|_| NoMemory)?;
        Ok(ReturnKeys::from_bytes(&out))
    }

    fn indexes(&self) -> Zeroizing<[u16; PHRASE_WORDS]> {
        let mut number = self
            .bits
            .iter()
            .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        number = number << 8 | u128::from(check(&self.bits));
        let mut indexes = Zeroizing::new([0; PHRASE_WORDS]);
        for index in indexes.iter_mut().rev() {
            *index = u16::try_from(number & ((1 << WORD_BITS) - 1)).unwrap_or_default();
            number >>= WORD_BITS;
        }
        indexes
    }

    fn from_indexes(indexes: &[u16]) -> Option<Zeroizing<[u8; BITS_LEN]>> {
        let mut number = indexes
            .iter()
            .fold(0_u128, |number, index| number << WORD_BITS | u128::from(*index));
        let mut bytes = Zeroizing::new(number.to_be_bytes());
        number.zeroize();
        let (sum, rest) = bytes.split_last()?;
        let bits = Zeroizing::new(*rest.last_chunk::<BITS_LEN>()?);
        let good = *sum == check(&bits);
        bytes.zeroize();
        good.then_some(bits)
    }
}

secret_debug!(Phrase);

/// The first byte of `SHA256("HP1/phrase" ‖ bits)`.
fn check(bits: &[u8; BITS_LEN]) -> u8 {
    let [first, ..] = hash::sha256(&[b"HP1/phrase", bits]);
    first
}

const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A word as it is compared: lower case, no accents. No list has two words that differ in accents only.
fn folded(word: &str) -> impl Iterator<Item = char> + '_ {
    let small = word.chars().flat_map(char::to_lowercase);
    small.filter(|c| !is_mark(*c)).map(|c| match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        other => other,
    })
}

/// Appends a word of a list in composed form. The lists use combining accents; keyboards do not.
fn compose(word: &str, to: &mut String) {
    for c in word.chars() {
        let last = to.chars().next_back();
        let whole = match (last, c) {
            (Some('e'), '\u{301}') => 'é',
            (Some('e'), '\u{300}') => 'è',
            _ => {
                to.push(c);
                continue;
            }
        };
        to.pop();
        to.push(whole);
    }
}

/// The keys of a phrase at one helpline.
pub struct ReturnKeys {
    /// X25519 key. Replies are sealed to it, and a returning seeker proves it.
    pub x: DhSecret,
    /// KEM key. Replies are sealed to it too.
    pub kem: KemSecret,
    /// The mailbox secret, from which the read tokens are derived.
    pub mailbox: Secret,
}

impl ReturnKeys {
    /// From the output of Argon2id.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; RETURN_KEYS_LEN]) -> Self {
        let mut x = Zeroizing::new([0; 32]);
        let mut seed = Zeroizing::new([0; SEED_LEN]);
        let mut mailbox = Zeroizing::new([0; 32]);
        let parts = x.iter_mut().chain(seed.iter_mut()).chain(mailbox.iter_mut());
        for (to, from) in parts.zip(bytes) {
            *to = *from;
        }
        Self {
            x: DhSecret::from_bytes(&x),
            kem: KemSecret::from_seed(seed),
            mailbox,
        }
    }

    /// Proves to the holder of `duty`, in the chat with handshake hash `h_0`, that the seeker was here before. Only
    /// that counselor can check it. That counselor could also have made it, so that it convinces no other party.
    #[must_use]
    pub fn prove(&self, helpline: &HelplineId, duty: &DhPublic, h_0: &[u8; 32]) -> Option<[u8; PROOF_LEN]> {
        let own = self.x.public();
        let mac = proof_mac(helpline, &self.x.agree(duty)?, &own, duty, h_0)?;
        let mut proof = [0; PROOF_LEN];
        for (to, from) in proof
            .iter_mut()
            .zip(own.0.iter().chain(&mac.finalize().into_bytes()))
        {
            *to = *from;
        }
        Some(proof)
    }
}

secret_debug!(ReturnKeys);

/// Whether a proof of [`ReturnKeys::prove`] is valid for the duty with this secret; gives the return key.
#[must_use]
pub fn verify_proof(
    helpline: &HelplineId,
    duty: &DhSecret,
    h_0: &[u8; 32],
    proof: &[u8],
) -> Option<DhPublic> {
    let (own, mac) = proof.split_first_chunk::<32>()?;
    let own = DhPublic(*own);
    let expected = proof_mac(helpline, &duty.agree(&own)?, &own, &duty.public(), h_0)?;
    expected.verify_slice(mac).ok()?;
    Some(own)
}

/// `HMAC(HKDF(DH(return, duty.x), "HP1/return" ‖ return_x ‖ duty.x), h_0)`.
fn proof_mac(
    helpline: &HelplineId,
    shared: &Secret,
    own: &DhPublic,
    duty: &DhPublic,
    h_0: &[u8; 32],
) -> Option<Hmac<Sha256>> {
    let key = kdf::hkdf(
        helpline,
        &[],
        shared.as_slice(),
        &[b"HP1/return", &own.0, &duty.0],
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).ok()?;
    mac.update(h_0);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{crypto::keys::SignKey, testing::seeded};

    #[test]
    fn both_lists_are_told_apart_without_accents() {
        for list in WordList::ALL {
            let plain: BTreeSet<String> = list.words().iter().map(|word| folded(word).collect()).collect();
            assert_eq!(plain.len(), 2_048);
            assert!(
                plain
                    .iter()
                    .all(|word| word.bytes().all(|b| b.is_ascii_lowercase()))
            );
            // Shown words are composed, one character for one key.
            for word in list.words() {
                let mut shown = String::new();
                compose(word, &mut shown);
                assert!(!shown.chars().any(is_mark), "{shown}");
            }
        }
    }

    #[test]
    fn words_are_read_as_people_type_them() {
        // All zero except the check: seven times the first word.
        let zero = Phrase {
            bits: Zeroizing::new([0; BITS_LEN]),
            list: WordList::English,
        };
        let words = zero.words();
        assert!(
            words.starts_with("abandon abandon abandon abandon abandon abandon abandon "),
            "{words:?}"
        );

        let phrase = (0..)
            .map(|seed| Phrase::generate(WordList::French, &mut seeded(seed)))
            .find(|phrase| phrase.words().contains('é') && phrase.words().contains('è'))
            .unwrap();
        let shown = phrase.words();
        let plain: String = shown.replace(['é', 'è'], "e");
        let decomposed = shown.replace('é', "e\u{301}").replace('è', "e\u{300}");
        let numbered: String = (1..)
            .zip(shown.split(' '))
            .map(|(n, word)| format!("{n}. {word}\n"))
            .collect();
        for typed in [
            shown.to_string(),
            plain,
            decomposed,
            shown.to_uppercase(),
            format!("  \t{}\n", shown.replace(' ', "   ")),
            shown.replace(' ', ", "),
            numbered,
        ] {
            let back = Phrase::parse(&typed).unwrap();
            assert_eq!(
                (back.bits.as_slice(), back.list),
                (phrase.bits.as_slice(), WordList::French)
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said_by_position_and_never_by_word() {
        let phrase = Phrase::generate(WordList::English, &mut seeded(5));
        let words = phrase.words();
        let words: Vec<&str> = words.split(' ').collect();
        assert_eq!(Phrase::parse("").err(), Some(PhraseError::Count(0)));
        assert_eq!(
            Phrase::parse(&words[1..].join(" ")).err(),
            Some(PhraseError::Count(7))
        );
        let with = |position: usize, word: &'static str| {
            let mut other = words.clone();
            other[position] = word;
            Phrase::parse(&other.join(" ")).err()
        };
        assert_eq!(with(2, "qwertz"), Some(PhraseError::Unknown(3)));
        assert_eq!(with(0, "abaisser"), Some(PhraseError::Mixed));
        let wrong = (0..256).filter(|n| {
            let word = WordList::English.words()[*n];
            word != words[7] && with(7, word) == Some(PhraseError::Check)
        });
        assert!(wrong.count() >= 254, "eight bits of check");
        let error = with(2, "qwertz").unwrap().to_string();
        assert!(error.contains('3') && !error.contains("qwertz"));
        assert_eq!(format!("{phrase:?}"), "Phrase(secret)");
    }

    #[test]
    fn keys_depend_on_words_and_helpline_and_not_on_the_list() {
        let root = |seed| RootKey(SignKey::generate(&mut seeded(seed)).public());
        let phrase = Phrase::generate(WordList::French, &mut seeded(1));
        let english = Phrase {
            bits: phrase.bits.clone(),
            list: WordList::English,
        };
        let (keys, same) = (
            phrase.derive(&root(1)).unwrap(),
            english.derive(&root(1)).unwrap(),
        );
        assert_eq!(keys.x.public(), same.x.public());
        assert_eq!(keys.kem.public(), same.kem.public());
        assert_eq!(keys.mailbox, same.mailbox);
        let elsewhere = phrase.derive(&root(2)).unwrap();
        assert_ne!(keys.x.public(), elsewhere.x.public());
        assert_ne!(keys.mailbox, elsewhere.mailbox);
        assert_eq!(format!("{keys:?}"), "ReturnKeys(secret)");
    }

    #[test]
    fn a_proof_holds_for_one_duty_and_one_chat() {
        let mut random = seeded(9);
        let keys = ReturnKeys::from_bytes(&random::secret(&mut random));
        let (duty, other) = (DhSecret::generate(&mut random), DhSecret::generate(&mut random));
        let helpline = RootKey(SignKey::generate(&mut random).public()).helpline();
        let proof = keys.prove(&helpline, &duty.public(), &[7; 32]).unwrap();
        let check = |duty, h_0, proof: &[u8]| verify_proof(&helpline, duty, h_0, proof);
        assert_eq!(check(&duty, &[7; 32], &proof), Some(keys.x.public()));
        assert_eq!(check(&duty, &[8; 32], &proof), None, "another chat");
        assert_eq!(check(&other, &[7; 32], &proof), None, "another counselor");
        assert_eq!(check(&duty, &[7; 32], &proof[..63]), None);
        for position in [0, 31, 32, 63] {
            let mut forged = proof;
            forged[position] ^= 1;
            assert_eq!(check(&duty, &[7; 32], &forged), None, "at {position}");
        }
        assert_eq!(
            keys.prove(&helpline, &DhPublic([0; 32]), &[7; 32]),
            None,
            "a low-order key"
        );
    }

    proptest::proptest! {
        #[test]
        fn every_phrase_round_trips(seed: u64, french: bool) {
            let list = if french { WordList::French } else { WordList::English };
            let phrase = Phrase::generate(list, &mut seeded(seed));
            let back = Phrase::parse(&phrase.words()).unwrap();
            proptest::prop_assert_eq!(&back.bits, &phrase.bits);
            proptest::prop_assert_eq!(back.words(), phrase.words());
        }

        #[test]
        fn parsing_never_panics(text: String) {
            let _ = Phrase::parse(&text);
        }
    }
}
