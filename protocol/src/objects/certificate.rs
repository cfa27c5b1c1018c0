//! The certificate that the root gives to a counselor, and the counselor's request for it.

use core::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::{LANGUAGES_MAX, Label, Language, Object, ObjectError, lasts, within};
use crate::{crypto::keys::VerifyKey, text::code, time::Unix};

/// Longest validity of a certificate: 180 days.
pub const CERTIFICATE_LIFE_MAX: Duration = Duration::from_secs(180 * 86_400);

/// Number of a certificate: eight random bytes, shown as 16 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Serial(pub [u8; 8]);

impl fmt::Display for Serial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// The text is not a serial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a serial of 16 hex digits, as `certify` printed it")]
pub struct BadSerial;

impl FromStr for Serial {
    type Err = BadSerial;
    fn from_str(text: &str) -> Result<Self, BadSerial> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE
            .decode(code(text).as_bytes())
            .map_err(|_| BadSerial)?;
        Ok(Self(bytes.try_into().map_err(|_| BadSerial)?))
    }
}

/// What a certificate allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CertifiedRole {
    /// Answers chats.
    Counselor,
    /// Answers chats, and may join other chats with the seeker's consent.
    Supervisor,
}

/// "The holder of this key is a counselor of the helpline, under this pseudonym."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Its number.
    pub serial: Serial,
    /// The counselor's Ed25519 key.
    pub id_pk: [u8; 32],
    /// The name that a seeker sees.
    pub pseudonym: Label,
    /// The counselor's languages, best first.
    pub languages: Vec<Language>,
    /// What the counselor may do.
    pub role: CertifiedRole,
    /// Not before.
    pub not_before: Unix,
    /// Not at or after.
    pub expires: Unix,
}

impl Certificate {
    /// The counselor's key.
    ///
    /// # Errors
    /// [`ObjectError::Rule`] when it is invalid, which `check` has excluded.
    pub fn identity(&self) -> Result<VerifyKey, ObjectError> {
        VerifyKey::from_bytes(&self.id_pk).map_err(|_| ObjectError::Rule {
            name: Self::NAME,
            expected: "an Ed25519 key",
        })
    }

    /// Checks the validity window.
    ///
    /// # Errors
    /// [`ObjectError::NotYet`] or [`ObjectError::Expired`].
    pub fn valid_at(&self, now: Unix) -> Result<(), ObjectError> {
        within(Self::NAME, self.not_before, self.expires, now)
    }
}

impl Object for Certificate {
    const NAME: &'static str = "certificate";
    /// 8 + 32 + (2 + 192) + 1 + 8 × (1 + 8) + 1 + 10 + 10.
    const MAX: usize = 328;

    fn check(&self) -> Result<(), &'static str> {
        if VerifyKey::from_bytes(&self.id_pk).is_err() {
            return Err("an Ed25519 key");
        }
        languages(&self.languages)?;
        lasts(self.not_before, self.expires, CERTIFICATE_LIFE_MAX).ok_or("a validity of at most 180 days")
    }
}

/// What a counselor hands to the association, signed with the key to be certified. It belongs to no helpline yet,
/// so it is signed for the all-zero id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRequest {
    /// The counselor's Ed25519 key.
    pub id_pk: [u8; 32],
    /// When it was made.
    pub made: Unix,
}

impl Object for CertificateRequest {
    const NAME: &'static str = "request";
    const MAX: usize = 48;

    fn check(&self) -> Result<(), &'static str> {
        VerifyKey::from_bytes(&self.id_pk)
            .map(|_| ())
            .map_err(|_| "an Ed25519 key")
    }
}

impl CertificateRequest {
    /// The helpline id in the signature of a request, which belongs to no helpline yet.
    pub const HELPLINE: crate::crypto::keys::HelplineId = crate::crypto::keys::HelplineId([0; 32]);

    /// Verifies a request with the key inside it. This proves possession of the key and nothing else.
    ///
    /// # Errors
    /// [`ObjectError`] when it is not a request, or not signed by its own key.
    pub fn verify(encoded: &[u8]) -> Result<super::Signed<Self>, ObjectError> {
        let claimed = super::Signed::<Self>::peek(encoded)?;
        let key = VerifyKey::from_bytes(&claimed.id_pk).map_err(|_| ObjectError::Signature(Self::NAME))?;
        super::Signed::verify(encoded, &key, &Self::HELPLINE)
    }
}

/// 1 to 8 different languages.
pub(super) fn languages(languages: &[Language]) -> Result<(), &'static str> {
    if languages.is_empty() || languages.len() > LANGUAGES_MAX {
        return Err("1 to 8 languages");
    }
    let different: std::collections::BTreeSet<_> = languages.iter().collect();
    if different.len() != languages.len() {
        return Err("languages named once each");
    }
    Ok(())
}
