//! A counselor's keys for sealed messages. They are valid for days, because the counselor is absent when they are
//! used.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Object, ObjectError, Serial, lasts, within};
use crate::{
    crypto::{
        hash,
        kem::{KemPublic, KemSecret},
        keys::{DhPublic, DhSecret},
        random::Random,
    },
    time::Unix,
};

/// Longest validity of a mail key: 14 days, so that a counselor who comes once a week always has one standing.
pub const MAIL_KEY_LIFE_MAX: Duration = Duration::from_secs(14 * 86_400);
/// The secrets are kept this much longer: as long as a message may be stored.
pub const MAIL_SECRETS_KEPT: Duration = Duration::from_secs(15 * 86_400);

/// "Seal messages to these keys." Signed by the counselor, the same one at every home.
///
/// It names its ML-KEM key by hash only, so that a reply can carry the whole signed object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailKey {
    /// The counselor's certificate.
    pub serial: Serial,
    /// X25519 key. Messages are sealed to it, and replies come from it.
    pub x: DhPublic,
    /// SHA-256 of the ML-KEM-768 key, which travels beside it.
    pub ek_hash: [u8; 32],
    /// Not before.
    pub not_before: Unix,
    /// Not at or after.
    pub expires: Unix,
}

impl MailKey {
    /// The KEM key that travelled beside it, if it has the right hash.
    ///
    /// # Errors
    /// [`ObjectError::Rule`].
    pub fn kem(&self, ek: &[u8]) -> Result<KemPublic, ObjectError> {
        let wrong = ObjectError::Rule {
            name: Self::NAME,
            expected: "the ML-KEM-768 key whose hash it carries",
        };
        if hash::sha256(&[ek]) != self.ek_hash {
            return Err(wrong);
        }
        KemPublic::from_bytes(ek).map_err(|_| wrong)
    }

    /// Checks the validity window.
    ///
    /// # Errors
    /// [`ObjectError::NotYet`] or [`ObjectError::Expired`].
    pub fn valid_at(&self, now: Unix) -> Result<(), ObjectError> {
        within(Self::NAME, self.not_before, self.expires, now)
    }

    /// Whether its secrets are still needed: messages sealed to it may still be stored at a home.
    #[must_use]
    pub fn needed_at(&self, now: Unix) -> bool {
        now < self.expires + MAIL_SECRETS_KEPT
    }
}

impl Object for MailKey {
    const NAME: &'static str = "mail_key";
    /// 8 + 32 + 32 + 10 + 10.
    const MAX: usize = 92;

    fn check(&self) -> Result<(), &'static str> {
        // Nothing could be sealed to it, nor to other keys together with it.
        if self.x.is_of_low_order() {
            return Err("an X25519 key that is not of low order");
        }
        lasts(self.not_before, self.expires, MAIL_KEY_LIFE_MAX).ok_or("a validity of at most 14 days")
    }
}

/// The secret half of a mail key.
pub struct MailKeySecrets {
    /// Secret of [`MailKey::x`].
    pub x: DhSecret,
    /// Secret of the ML-KEM key.
    pub kem: KemSecret,
}

impl MailKeySecrets {
    /// New keys.
    pub fn generate(random: &mut Random) -> Self {
        Self {
            x: DhSecret::generate(random),
            kem: KemSecret::generate(random),
        }
    }

    /// The mail key of these secrets from `now` on, for `duration` (cut at the limit).
    #[must_use]
    pub fn mail_key(&self, serial: Serial, now: Unix, duration: Duration) -> MailKey {
        MailKey {
            serial,
            x: self.x.public(),
            ek_hash: hash::sha256(&[self.kem.public().as_bytes()]),
            not_before: now,
            expires: now + duration.min(MAIL_KEY_LIFE_MAX),
        }
    }
}

secret_debug!(MailKeySecrets);
