//! What one home says of itself now: which entries of the root's list lead to it, and the duties at it. A home can
//! leave a duty out, but cannot make one: a duty is signed by a counselor that the root certified. Nor can it make an
//! entry: it names nodes only, and those that the root's list lacks are never used.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Language, MAX_ENTRIES, Object, ObjectError, Serial, certificate, lasts, within};
use crate::{crypto::keys::NodePeer, objects::ObjectHash, time::Unix};

/// Longest validity of a descriptor: 24 hours.
pub const DESCRIPTOR_LIFE: Duration = Duration::from_secs(24 * 3_600);
/// Most duties on one home at a time.
pub const MAX_DUTIES: usize = 32;
/// A head (roster, descriptor, entry list, consents) fits in six records of 2,048 bytes.
pub const HEAD_MAX: usize = 6 * 2_048;

/// A duty, with enough to choose by. The duty itself comes in pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyEntry {
    /// The counselor's certificate.
    pub serial: Serial,
    /// The counselor's languages.
    pub languages: Vec<Language>,
    /// Hash of the duty.
    pub hash: ObjectHash,
}

/// A home's entries and duties as they are now, signed with its operator key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// The key that signs it.
    pub op_pk: [u8; 32],
    /// Grows with each descriptor; compared per operator key.
    pub version: u64,
    /// When it was signed.
    pub issued: Unix,
    /// Not at or after.
    pub expires: Unix,
    /// The version of the roster it goes with.
    pub roster_version: u64,
    /// Entries to this home, of those in the root's list.
    pub entries: Vec<NodePeer>,
    /// The duties at this home.
    pub duties: Vec<DutyEntry>,
}

impl Descriptor {
    /// Checks the validity window.
    ///
    /// # Errors
    /// [`ObjectError::NotYet`] or [`ObjectError::Expired`].
    pub fn valid_at(&self, now: Unix) -> Result<(), ObjectError> {
        within(Self::NAME, self.issued, self.expires, now)
    }
}

impl Object for Descriptor {
    const NAME: &'static str = "descriptor";
    /// 32 + 4 × 10 + (1 + 6 × 32) + (1 + 32 × (8 + 1 + 8 × 9 + 32)); with the largest roster, entry list, consents and
    /// all signatures it stays below [`HEAD_MAX`].
    const MAX: usize = 3_882;

    fn check(&self) -> Result<(), &'static str> {
        if self.entries.len() > MAX_ENTRIES {
            return Err("at most 6 entries");
        }
        if self.duties.len() > MAX_DUTIES {
            return Err("at most 32 duties");
        }
        for duty in &self.duties {
            certificate::languages(&duty.languages)?;
        }
        lasts(self.issued, self.expires, DESCRIPTOR_LIFE).ok_or("a validity of at most 24 hours")
    }
}
