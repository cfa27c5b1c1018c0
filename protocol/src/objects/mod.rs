//! Signed objects: the statements of a root, a counselor and a home, and how they are verified.
//!
//! An object travels as `signature (64 bytes) ‖ body`, the body being closed postcard. The signature is strict
//! Ed25519 over `"HP1/<object>\0" ‖ HID ‖ body` and is verified **before** the body is parsed; bytes after the
//! body are refused. A new field is a new object name.

pub mod address;
mod bytes;
mod carried;
mod certificate;
mod codec;
mod delegation;
mod descriptor;
mod duty;
mod entries;
mod files;
mod ids;
mod lend;
mod mail_key;
mod roster;
mod settings;
mod text;

pub use address::HelplineAddress;
pub use bytes::Bytes;
pub use certificate::{CERTIFICATE_LIFE_MAX, Certificate, CertificateRequest, CertifiedRole, Serial};
pub use codec::{postcard_decode, postcard_encode};
pub use delegation::{DELEGATION_LIFE_MAX, Delegation};
pub use descriptor::{DESCRIPTOR_LIFE, Descriptor, DutyEntry, HEAD_MAX, MAX_DUTIES};
pub use duty::{DUTY_LIFE_MAX, Duty, DutySecrets};
pub use entries::{Entrances, Entry, EntryList, MAX_ENTRIES};
pub use files::{CertificateFile, FileError, LendFile};
pub use ids::{DepositId, HomeIndex, ObjectHash, RunId, TicketId};
pub use lend::{LEND_LIFE_MAX, LEND_PARTNER_LIFE, Lend, LendError, lend_request, read_lend_request};
pub use mail_key::{MAIL_KEY_LIFE_MAX, MAIL_SECRETS_KEPT, MailKey, MailKeySecrets};
pub use roster::{
    MAX_CERTIFICATES, MAX_DELEGATIONS, MAX_REVOKED, ROSTER_AHEAD, ROSTER_ID_LEN, ROSTER_LIFE,
    ROSTER_LIFE_MAX, Roster, RosterId, RosterOrder, SplitView,
};
pub use settings::{CHATS_MAX, LocalTexts, SETTINGS_MAX, Settings, TEXT_MAX};
pub use text::{BadText, LABEL_LETTERS_MAX, LABEL_MAX, LANGUAGES_MAX, Label, Language};

use core::{fmt, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    crypto::{
        hash,
        keys::{HelplineId, SIGNATURE_LEN, SignKey, VerifyKey},
    },
    time::Unix,
};

/// How far two honest clocks may differ when an object says "not before": 5 minutes, as in
/// RFC 7519's usual leeway.
pub const CLOCK_LEEWAY: Duration = Duration::from_secs(300);

/// A body that can be signed.
pub trait Object: Serialize + DeserializeOwned {
    /// The object's name, as in `HP1/<name>`.
    const NAME: &'static str;
    /// Most bytes of an encoded body.
    const MAX: usize;

    /// Checks the rules that the types do not express.
    ///
    /// # Errors
    /// A text that says what was expected.
    fn check(&self) -> Result<(), &'static str>;
}

/// Why an object was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// The bytes are too few to hold a signature, or too many.
    #[error("expected a {name} of at most {max} bytes, got {got}")]
    Length {
        /// The object.
        name: &'static str,
        /// The limit.
        max: usize,
        /// The length that came.
        got: usize,
    },
    /// Not signed by the key that must have signed it, for this helpline.
    #[error("the {0} is not signed by the key that must sign it for this helpline")]
    Signature(&'static str),
    /// The signature is valid, but the body does not have this shape.
    #[error("the {0} has a shape that this version does not know")]
    Shape(&'static str),
    /// A field breaks a rule.
    #[error("the {name} breaks a rule: expected {expected}")]
    Rule {
        /// The object.
        name: &'static str,
        /// The rule.
        expected: &'static str,
    },
    /// Not valid yet.
    #[error("the {0} is not valid yet")]
    NotYet(&'static str),
    /// Expired.
    #[error("the {0} has expired")]
    Expired(&'static str),
    /// Lower than one that counted before.
    #[error("the {0} is older than one that counted before")]
    Older(&'static str),
    /// Another one of the same order counts already.
    #[error("there is another {0} of the same version")]
    Split(&'static str),
}

/// An object whose signature was verified when it was read, or made here.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed<T> {
    value: T,
    /// `signature ‖ body`.
    encoded: Vec<u8>,
    /// Hash of the body. Duties and certificates are compared by it again and again.
    hash: ObjectHash,
}

impl<T: Object> Signed<T> {
    /// Checks and signs `value`.
    ///
    /// # Errors
    /// [`ObjectError::Rule`] or [`ObjectError::Length`] when a verifier would refuse the value.
    pub fn sign(value: T, key: &SignKey, helpline: &HelplineId) -> Result<Self, ObjectError> {
        rules(&value)?;
        let body = postcard::to_allocvec(&value).map_err(|_| ObjectError::Shape(T::NAME))?;
        length::<T>(body.len())?;
        let signature = key.sign(&context::<T>(helpline, &body));
        let mut encoded = Vec::with_capacity(SIGNATURE_LEN + body.len());
        encoded.extend_from_slice(&signature);
        encoded.extend_from_slice(&body);
        let hash = ObjectHash(hash::sha256(&[&body]));
        Ok(Self { value, encoded, hash })
    }

    /// Verifies, then parses.
    ///
    /// # Errors
    /// Every [`ObjectError`] except those of time.
    pub fn verify(encoded: &[u8], key: &VerifyKey, helpline: &HelplineId) -> Result<Self, ObjectError> {
        let (signature, body) = parts::<T>(encoded)?;
        key.verify(&context::<T>(helpline, body), signature)
            .map_err(|_| ObjectError::Signature(T::NAME))?;
        let value = parse::<T>(body)?;
        rules(&value)?;
        Ok(Self {
            value,
            encoded: encoded.to_vec(),
            hash: ObjectHash(hash::sha256(&[body])),
        })
    }

    /// Parses without verifying, to learn which key must have signed. The result must not be acted upon.
    ///
    /// # Errors
    /// [`ObjectError::Length`] or [`ObjectError::Shape`].
    pub(crate) fn peek(encoded: &[u8]) -> Result<T, ObjectError> {
        let (_, body) = parts::<T>(encoded)?;
        parse::<T>(body)
    }

    /// `signature ‖ body`, as it travels.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// SHA-256 of the body.
    #[must_use]
    pub const fn hash(&self) -> ObjectHash {
        self.hash
    }
}

impl<T> core::ops::Deref for Signed<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Signed<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signed({:?})", self.value)
    }
}

/// Checks a validity window against the wall clock.
pub(crate) fn within(
    name: &'static str,
    not_before: Unix,
    expires: Unix,
    now: Unix,
) -> Result<(), ObjectError> {
    if now + CLOCK_LEEWAY < not_before {
        return Err(ObjectError::NotYet(name));
    }
    if now >= expires {
        return Err(ObjectError::Expired(name));
    }
    Ok(())
}

/// Whether an object ends after it begins, and at most `longest` after it.
fn lasts(from: Unix, expires: Unix, longest: Duration) -> Option<()> {
    (from < expires && expires <= from + longest).then_some(())
}

fn rules<T: Object>(value: &T) -> Result<(), ObjectError> {
    value.check().map_err(|expected| ObjectError::Rule {
        name: T::NAME,
        expected,
    })
}

/// Signature and body.
fn parts<T: Object>(encoded: &[u8]) -> Result<(&[u8; SIGNATURE_LEN], &[u8]), ObjectError> {
    let wrong = ObjectError::Length {
        name: T::NAME,
        max: T::MAX + SIGNATURE_LEN,
        got: encoded.len(),
    };
    let (signature, body) = encoded.split_first_chunk().ok_or(wrong)?;
    length::<T>(body.len())?;
    Ok((signature, body))
}

fn parse<T: Object>(body: &[u8]) -> Result<T, ObjectError> {
    crate::objects::postcard_decode(body).ok_or(ObjectError::Shape(T::NAME))
}

fn length<T: Object>(got: usize) -> Result<(), ObjectError> {
    if got > T::MAX {
        return Err(ObjectError::Length {
            name: T::NAME,
            max: T::MAX,
            got,
        });
    }
    Ok(())
}

fn context<T: Object>(helpline: &HelplineId, body: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(64 + body.len());
    message.extend_from_slice(b"HP1/");
    message.extend_from_slice(T::NAME.as_bytes());
    message.push(0);
    message.extend_from_slice(&helpline.0);
    message.extend_from_slice(body);
    message
}
