//! Deposits: a seeker's message, sealed to the mail keys of absent counselors.
//!
//! | bytes | part |
//! |---|---|
//! | 8 × 1,168 | wraps: `ct (1,088) ‖ Noise_Npsk0(t) (80)` |
//! | 6,160 | card: `AEAD(HKDF(t, "HP1/mailcard"), card padded to 6,144)` |
//!
//! As in a ticket, there are always eight wraps in random order. Unused ones are made to keys that are thrown away.

use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::MailError;
use crate::{
    crypto::{
        aead::{self, TAG_LEN},
        envelope::{WRAP_LEN, WRAPS, unwrap, wrap},
        hash::{self, Secret},
        kdf,
        kem::{EK_LEN, KemPublic, KemSecret},
        keys::{DhPublic, DhSecret, HelplineId, RootKey},
        noise::HandshakeFailed,
        random::{self, Random},
        tokens::TokenHash,
    },
    limits::DEPOSIT_LEN,
    objects::{Bytes, Certificate, Language, MailKey, MailKeySecrets, ObjectHash, Signed},
    time::Unix,
};

/// Bytes of a card before sealing.
const CARD_PLAIN_LEN: usize = 6_144;
/// Bytes of a card.
pub const DEPOSIT_CARD_LEN: usize = CARD_PLAIN_LEN + TAG_LEN;
const _: () = assert!(DEPOSIT_LEN == WRAPS * WRAP_LEN + DEPOSIT_CARD_LEN);
/// Most bytes of a message: with the return keys (1,216) and eight boxes (512) it fits a card.
pub const MAIL_TEXT_MAX: usize = 4_096;
/// Most homes a card names: as many as a roster can list.
pub const MAIL_BOXES_MAX: usize = 8;

pub use crate::objects::DepositId;

/// A mail key and the certificate of its counselor, both verified.
#[derive(Clone, Debug)]
pub struct OnMail {
    /// The counselor's certificate.
    pub certificate: Signed<Certificate>,
    /// The counselor's mail key.
    pub key: Signed<MailKey>,
    /// The KEM key it names.
    pub kem: KemPublic,
}

impl OnMail {
    /// Verifies what a home hands out. Whether the roster carries the certificate is not checked here.
    #[must_use]
    pub fn verify(root: &RootKey, certificate: &[u8], key: &[u8], ek: &[u8], now: Unix) -> Option<Self> {
        let helpline = root.helpline();
        let certificate = Signed::<Certificate>::verify(certificate, &root.0, &helpline).ok()?;
        let key = Signed::<MailKey>::verify(key, &certificate.identity().ok()?, &helpline).ok()?;
        let kem = key.kem(ek).ok()?;
        let good = key.serial == certificate.serial && key.valid_at(now).is_ok();
        good.then_some(Self {
            certificate,
            key,
            kem,
        })
    }
}

/// Where replies are stored at one home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailBox {
    /// The home.
    pub home: DhPublic,
    /// Hash of the token that reads there.
    pub read: TokenHash,
}

/// What a counselor reads.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The preferred language.
    pub language: Language,
    /// Whether the seeker came back with a phrase of an earlier visit.
    pub returning: bool,
    /// Which message of the visit it is, from 1.
    pub number: u16,
    /// X25519 key to which replies are sealed.
    pub return_x: DhPublic,
    /// KEM key to which replies are sealed.
    pub return_ek: Bytes<EK_LEN>,
    /// Where replies are stored, also at homes that may not have this deposit.
    pub boxes: Vec<MailBox>,
    /// The text, at most [`MAIL_TEXT_MAX`] bytes.
    pub text: String,
}

impl fmt::Debug for Card {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Card({} bytes)", self.text.len())
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

/// A deposit as its author keeps it.
pub struct SealedDeposit {
    /// What the homes store.
    pub body: Box<[u8; DEPOSIT_LEN]>,
    /// Its name.
    pub id: DepositId,
    /// The secret t, for the write tokens.
    pub secret: Secret,
}

impl fmt::Debug for SealedDeposit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SealedDeposit({:?})", self.id)
    }
}

/// A deposit as a counselor it was sealed to sees it.
pub struct OpenedDeposit {
    /// Its name.
    pub id: DepositId,
    /// What the seeker wrote.
    pub card: Card,
    /// The secret t, for the write tokens.
    pub secret: Secret,
}

impl fmt::Debug for OpenedDeposit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OpenedDeposit(secret)")
    }
}

/// Seals a card.
///
/// # Errors
/// [`MailError`].
pub fn seal_deposit(
    helpline: &HelplineId,
    keys: &[&OnMail],
    card: &Card,
    random: &mut Random,
) -> Result<SealedDeposit, MailError> {
    if keys.is_empty() || keys.len() > WRAPS {
        return Err(MailError::Keys(keys.len()));
    }
    let secret: Secret = random::secret(random);
    let mut wraps = Vec::with_capacity(WRAPS);
    for on_mail in keys {
        let prologue = wrap_prologue(helpline, &on_mail.key.hash());
        wraps.push(wrap(&prologue, &on_mail.key.x, &on_mail.kem, &secret, random)?);
    }
    while wraps.len() < WRAPS {
        let x = DhSecret::generate(random).public();
        let kem = KemSecret::generate(random).public();
        let prologue = wrap_prologue(helpline, &ObjectHash(random::public(random)));
        wraps.push(wrap(&prologue, &x, &kem, &secret, random)?);
    }
    random::shuffle(random, &mut wraps);
    let mut body = wraps.concat();
    let card = seal_card(helpline, &body, &secret, card)?;
    body.extend_from_slice(&card);
    let id = DepositId(hash::sha256(&[&body]));
    let body = body.into_boxed_slice().try_into().map_err(|_| HandshakeFailed)?;
    Ok(SealedDeposit { body, id, secret })
}

/// Tries all wraps with all keys. `None` if it is sealed to other keys, or damaged.
#[must_use]
pub fn open_deposit<'a>(
    helpline: &HelplineId,
    body: &[u8],
    keys: impl Iterator<Item = &'a (Signed<MailKey>, MailKeySecrets)>,
) -> Option<OpenedDeposit> {
    if body.len() != DEPOSIT_LEN {
        return None;
    }
    let (wraps, card) = body.split_at_checked(WRAPS * WRAP_LEN)?;
    for (key, secrets) in keys {
        let prologue = wrap_prologue(helpline, &key.hash());
        let open = |one: &[u8]| unwrap(one, &prologue, &secrets.x, &secrets.kem);
        let Some(secret) = wraps.chunks_exact(WRAP_LEN).find_map(open) else {
            continue;
        };
        let card = open_card(helpline, wraps, &secret, card)?;
        let id = DepositId(hash::sha256(&[body]));
        return Some(OpenedDeposit { id, card, secret });
    }
    None
}

fn wrap_prologue(helpline: &HelplineId, key: &ObjectHash) -> Vec<u8> {
    [b"HP1/mailwrap".as_slice(), &helpline.0, &key.0].concat()
}

fn card_key(helpline: &HelplineId, secret: &Secret) -> Secret {
    kdf::hkdf(helpline, &[], secret.as_slice(), &[b"HP1/mailcard"])
}

fn card_context(helpline: &HelplineId, wraps: &[u8]) -> Vec<u8> {
    [helpline.0.as_slice(), &hash::sha256(&[wraps])].concat()
}

/// The key is used once, because t is fresh for every deposit. Therefore the nonce is zero.
fn seal_card(
    helpline: &HelplineId,
    wraps: &[u8],
    secret: &Secret,
    card: &Card,
) -> Result<Vec<u8>, MailError> {
    let too_long = MailError::TooLong {
        max: MAIL_TEXT_MAX,
        got: card.text.len(),
    };
    if card.text.len() > MAIL_TEXT_MAX || card.boxes.len() > MAIL_BOXES_MAX {
        return Err(too_long);
    }
    let plain = Zeroizing::new(crate::objects::postcard_encode(card));
    if plain.len() + 2 > CARD_PLAIN_LEN {
        return Err(too_long);
    }
    let mut sealed = Vec::with_capacity(DEPOSIT_CARD_LEN);
    sealed.extend_from_slice(&u16::try_from(plain.len()).map_err(|_| too_long)?.to_be_bytes());
    sealed.extend_from_slice(&plain);
    sealed.resize(CARD_PLAIN_LEN, 0);
    let context = card_context(helpline, wraps);
    let tag =
        aead::seal(&card_key(helpline, secret), [0; 12], &context, &mut sealed).ok_or(HandshakeFailed)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

fn open_card(helpline: &HelplineId, wraps: &[u8], secret: &Secret, sealed: &[u8]) -> Option<Card> {
    let (plain, tag) = sealed.split_last_chunk::<TAG_LEN>()?;
    let mut plain = Zeroizing::new(plain.to_vec());
    let context = card_context(helpline, wraps);
    aead::open(&card_key(helpline, secret), [0; 12], &context, &mut plain, tag)?;
    let card: Card = super::reply::unpad(&plain)?;
    let fits = card.text.len() <= MAIL_TEXT_MAX && card.boxes.len() <= MAIL_BOXES_MAX;
    let keys = card.return_x.0 != [0; 32] && KemPublic::from_bytes(card.return_ek.0.as_slice()).is_ok();
    (fits && keys).then_some(card)
}
