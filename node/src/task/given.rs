//! What a home's task reads from the directory, at its start and at each reload.

use hamsa_protocol::{
    crypto::{
        hash::Secret,
        keys::{DhSecret, HelplineId, RootKey, SignKey},
    },
    home::Survey,
    objects::{Delegation, Signed},
};

use crate::{
    directory::{DirectoryError, NodeDirectory},
    publication::Publication,
};

/// What an association and its operator gave a node, read from the directory.
pub(crate) struct FromDirectory {
    pub(super) delegation: Option<(RootKey, Signed<Delegation>)>,
    /// Nothing, or why it is none.
    pub(super) publication: Option<Result<Publication, DirectoryError>>,
    pub(super) home_x: DhSecret,
    pub(super) first: Option<FirstStart>,
}

/// What only a machine needs that is about to start.
pub(super) struct FirstStart {
    pub(super) operator: SignKey,
    pub(super) receipt_key: Secret,
    pub(super) survey: Survey,
}

impl FromDirectory {
    /// Waits for the disk. `first`: there is no machine yet.
    pub(super) fn read(directory: &NodeDirectory, first: bool) -> Result<Box<Self>, DirectoryError> {
        let delegation = directory.delegation()?;
        let first = first && delegation.is_some();
        let first = first.then(|| {
            Ok::<_, DirectoryError>(FirstStart {
                operator: directory.operator_key()?,
                receipt_key: directory.receipt_key()?,
                survey: directory.survey()?,
            })
        });
        Ok(Box::new(Self {
            delegation,
            publication: directory.publication().transpose(),
            home_x: directory.home_key()?,
            first: first.transpose()?,
        }))
    }
}

/// What a link needs to prove that this node speaks for a helpline.
pub(crate) struct Proof {
    pub(crate) root: RootKey,
    pub(crate) helpline: HelplineId,
    pub(crate) home_x: DhSecret,
    pub(crate) delegation: Signed<Delegation>,
}
