//! The root's list of the certificates and delegations that count now.

use serde::{Deserialize, Serialize};

use super::{Object, ObjectError, Serial, within};
use crate::{objects::ObjectHash, time::Unix};

/// Longest validity of a roster: 30 days.
pub const ROSTER_MAX_SECONDS: u64 = 30 * 86_400;
/// Usual validity: 7 days. A lone stale home can hide a revocation this long, so it is short.
pub const ROSTER_DEFAULT_SECONDS: u64 = 7 * 86_400;
/// Most certificates in a roster; with the other lists it keeps a head within five records.
pub const MAX_CERTIFICATES: usize = 64;
/// Most homes in a roster.
pub const MAX_DELEGATIONS: usize = 8;
/// Most revoked serials that still have to be named (an expired certificate needs no naming).
pub const MAX_REVOKED: usize = 64;

/// Hashes of everything that the root vouches for, and the serials that it revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// Grows with each roster. A client never accepts a lower one.
    pub version: u64,
    /// When it was signed.
    pub issued: Unix,
    /// Not at or after.
    pub expires: Unix,
    /// Hashes of valid certificates.
    pub certificates: Vec<ObjectHash>,
    /// Hashes of valid delegations.
    pub delegations: Vec<ObjectHash>,
    /// Serials that were revoked before they expired.
    pub revoked: Vec<Serial>,
    /// Hash of the settings.
    pub settings: ObjectHash,
    /// Hash of the entry list.
    pub entries: ObjectHash,
}

impl Roster {
    /// Checks the validity window.
    ///
    /// # Errors
    /// [`ObjectError::NotYet`] or [`ObjectError::Expired`].
    pub fn valid_at(&self, now: Unix) -> Result<(), ObjectError> {
        within(Self::NAME, self.issued, self.expires, now)
    }

    /// Whether a certificate of this hash and serial stands.
    #[must_use]
    pub fn lists(&self, certificate: &ObjectHash, serial: Serial) -> bool {
        self.certificates.contains(certificate) && !self.revoked.contains(&serial)
    }
}

impl Object for Roster {
    const NAME: &'static str = "roster";
    /// 10 + 10 + 10 + (1 + 64 × 32) + (1 + 8 × 32) + (1 + 64 × 8) + 32 + 32.
    const MAX: usize = 2_913;

    fn check(&self) -> Result<(), &'static str> {
        if self.certificates.len() > MAX_CERTIFICATES {
            return Err("at most 64 certificates");
        }
        if self.delegations.len() > MAX_DELEGATIONS {
            return Err("at most 8 homes");
        }
        if self.revoked.len() > MAX_REVOKED {
            return Err("at most 64 revoked serials");
        }
        if self.expires <= self.issued || self.expires.0 - self.issued.0 > ROSTER_MAX_SECONDS {
            return Err("a validity of at most 30 days");
        }
        Ok(())
    }
}
