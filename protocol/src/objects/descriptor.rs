//! What one home says of itself now: the entries to reach it, and the duties at it. A home can leave a duty out,
//! but cannot make one: a duty is signed by a counselor that the root certified.

use serde::{Deserialize, Serialize};

use super::{Label, Language, Object, ObjectError, Serial, certificate, within};
use crate::{crypto::keys::NodePeer, objects::ObjectHash, time::Unix};

/// Longest validity of a descriptor: 24 hours.
pub const DESCRIPTOR_MAX_SECONDS: u64 = 24 * 3_600;
/// Most entries a home names.
pub const MAX_ENTRIES: usize = 6;
/// Most duties on one home at a time.
pub const MAX_DUTIES: usize = 32;
/// Most bytes of an entry's address: an onion-free multiaddr with a long DNS name fits.
pub(crate) const ENTRY_ADDRESS_MAX: usize = 128;
/// A head (roster, descriptor) fits in five records of 2,048 bytes.
pub const HEAD_MAX: usize = 5 * 2_048;

/// A node through which a home can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Multiaddr without the peer.
    pub address: String,
    /// The node.
    pub peer: NodePeer,
    /// The association that runs it, as the home's association says; `None` when it is the home's own.
    pub association: Option<Label>,
}

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
    /// Entries to this home.
    pub entries: Vec<Entry>,
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
    /// 32 + 4 × 10 + (1 + 6 × (2 + 128 + 32 + 1 + 194)) + (1 + 32 × (8 + 1 + 8 × 9 + 32)); with the largest
    /// roster and both signatures it stays below [`HEAD_MAX`].
    const MAX: usize = 5_832;

    fn check(&self) -> Result<(), &'static str> {
        if self.entries.len() > MAX_ENTRIES {
            return Err("at most 6 entries");
        }
        if self
            .entries
            .iter()
            .any(|entry| entry.address.len() > ENTRY_ADDRESS_MAX)
        {
            return Err("entry addresses of at most 128 bytes");
        }
        if self.duties.len() > MAX_DUTIES {
            return Err("at most 32 duties");
        }
        for duty in &self.duties {
            certificate::languages(&duty.languages)?;
        }
        if self.expires <= self.issued || self.expires.0 - self.issued.0 > DESCRIPTOR_MAX_SECONDS {
            return Err("a validity of at most 24 hours");
        }
        Ok(())
    }
}
