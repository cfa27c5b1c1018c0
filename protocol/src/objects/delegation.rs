//! The root's statement that a node is a home of the helpline.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Object, ObjectError, lasts, within};
use crate::{
    crypto::keys::{DhPublic, NodePeer, VerifyKey},
    time::Unix,
};

/// Longest validity of a delegation: 90 days, so that a home that was given up dies by itself.
pub const DELEGATION_LIFE_MAX: Duration = Duration::from_secs(90 * 86_400);

/// "This node, with this link key and this operator key, is a home of the helpline."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// The node's libp2p identity.
    pub home_peer: NodePeer,
    /// Static key of the home link.
    pub home_x: DhPublic,
    /// Key that signs descriptors.
    pub op_pk: [u8; 32],
    /// Not before.
    pub not_before: Unix,
    /// Not at or after.
    pub expires: Unix,
}

impl Delegation {
    /// The operator key.
    ///
    /// # Errors
    /// [`ObjectError::Rule`] when it is invalid, which `check` has excluded.
    pub fn operator(&self) -> Result<VerifyKey, ObjectError> {
        VerifyKey::from_bytes(&self.op_pk).map_err(|_| ObjectError::Rule {
            name: Self::NAME,
            expected: "an Ed25519 operator key",
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

impl Object for Delegation {
    const NAME: &'static str = "delegation";
    const MAX: usize = 128;

    fn check(&self) -> Result<(), &'static str> {
        if VerifyKey::from_bytes(&self.op_pk).is_err() {
            return Err("an Ed25519 operator key");
        }
        lasts(self.not_before, self.expires, DELEGATION_LIFE_MAX).ok_or("a validity of at most 90 days")
    }
}
