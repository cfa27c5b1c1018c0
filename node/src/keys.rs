//! The secret keys of a node: 32 bytes each, in files for their owner only.

use hamsa_net::NodeIdentity;
use hamsa_protocol::crypto::{
    hash::Secret,
    keys::{DhSecret, SignKey},
};

use crate::{
    directory::{DirectoryError, NodeDirectory},
    files,
};

impl NodeDirectory {
    /// The network identity.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn identity(&self) -> Result<NodeIdentity, DirectoryError> {
        Ok(NodeIdentity::from_secret(&*files::read_key(
            &self.file("identity.key"),
        )?))
    }

    /// The network identity as a key that signs consents: they are the entry's own word.
    pub(crate) fn lender_key(&self) -> Result<SignKey, DirectoryError> {
        Ok(SignKey::from_bytes(&*files::read_key(
            &self.file("identity.key"),
        )?))
    }

    /// The key of the home link.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn home_key(&self) -> Result<DhSecret, DirectoryError> {
        Ok(DhSecret::from_bytes(&*files::read_key(&self.file("home.key"))?))
    }

    /// The key that signs descriptors.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn operator_key(&self) -> Result<SignKey, DirectoryError> {
        Ok(SignKey::from_bytes(&*files::read_key(
            &self.file("operator.key"),
        )?))
    }

    /// The key of place receipts.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn receipt_key(&self) -> Result<Secret, DirectoryError> {
        Ok(files::read_key(&self.file("receipt.key"))?)
    }
}
