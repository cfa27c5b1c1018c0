//! The entries of a helpline, as its root names them. A home chooses among them and cannot add one.

use serde::{Deserialize, Serialize};

use super::{Label, Lend, Object, ObjectError, Signed};
use crate::{
    crypto::keys::{HelplineId, NodePeer, RootKey, SignKey},
    objects::ObjectHash,
};

/// Most entries of a helpline.
pub const MAX_ENTRIES: usize = 6;
/// Most bytes of an entry's address: an onion-free multiaddr with a long DNS name fits.
pub(crate) const ENTRY_ADDRESS_MAX: usize = 128;

/// A node through which the homes can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Multiaddr without the peer.
    pub address: String,
    /// The node; its key is the lender's.
    pub peer: NodePeer,
    /// The association that runs it, as the root says; `None` when it is the root's own. It counts as another
    /// association's only with a consent of the node: see [`Lend`].
    pub association: Option<Label>,
}

/// All entries of a helpline. Its hash stands in the roster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryList {
    /// Each node once.
    pub entries: Vec<Entry>,
}

impl EntryList {
    /// The entry of this node.
    #[must_use]
    pub fn find(&self, peer: &NodePeer) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.peer == *peer)
    }
}

impl Object for EntryList {
    const NAME: &'static str = "entries";
    /// 1 + 6 × ((2 + 128) + 32 + (1 + 194)).
    const MAX: usize = 2_143;

    fn check(&self) -> Result<(), &'static str> {
        if self.entries.len() > MAX_ENTRIES {
            return Err("at most 6 entries");
        }
        for (number, entry) in self.entries.iter().enumerate() {
            if entry.address.len() > ENTRY_ADDRESS_MAX {
                return Err("entry addresses of at most 128 bytes");
            }
            if self
                .entries
                .iter()
                .skip(number + 1)
                .any(|other| other.peer == entry.peer)
            {
                return Err("each entry once");
            }
        }
        Ok(())
    }
}

/// The entry list and the consents that are known: what a home hands out beside the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrances {
    /// Signed by the root.
    pub list: Signed<EntryList>,
    /// Each signed by the entry that it names.
    pub lends: Vec<Signed<Lend>>,
}

impl Entrances {
    /// Signs a list, with no consent yet.
    ///
    /// # Errors
    /// [`ObjectError`] when it breaks a rule.
    pub fn sign(entries: Vec<Entry>, root: &SignKey) -> Result<Self, ObjectError> {
        let helpline = RootKey(root.public()).helpline();
        Ok(Self {
            list: Signed::sign(EntryList { entries }, root, &helpline)?,
            lends: Vec::new(),
        })
    }
}

impl Signed<EntryList> {
    /// Verifies a list that must be the one with this hash.
    ///
    /// # Errors
    /// [`ObjectError`]; [`ObjectError::Rule`] for another list of the same root.
    pub fn verify_named(
        encoded: &[u8],
        root: &RootKey,
        helpline: &HelplineId,
        hash: &ObjectHash,
    ) -> Result<Self, ObjectError> {
        let list = Self::verify(encoded, &root.0, helpline)?;
        if list.hash() != *hash {
            return Err(ObjectError::Rule {
                name: EntryList::NAME,
                expected: "the entry list that the roster names",
            });
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_each_node_once_and_few() {
        let root = SignKey::from_bytes(&[1; 32]);
        let entry = |peer: usize| Entry {
            address: "/ip4/203.0.113.5/tcp/4310".into(),
            peer: NodePeer([u8::try_from(peer).unwrap(); 32]),
            association: None,
        };
        let list = |peers: &[usize]| Entrances::sign(peers.iter().copied().map(entry).collect(), &root);
        assert!(list(&[1, 2, 3, 4, 5, 6]).is_ok());
        assert!(list(&[1, 2, 3, 4, 5, 6, 7]).is_err());
        assert!(list(&[1, 2, 1]).is_err());
        assert!(list(&[]).is_ok());
    }

    #[test]
    fn another_list_of_the_same_root_is_refused() {
        let key = SignKey::from_bytes(&[1; 32]);
        let root = RootKey(key.public());
        let list = Entrances::sign(Vec::new(), &key).unwrap().list;
        let read = |hash| Signed::<EntryList>::verify_named(list.encoded(), &root, &root.helpline(), &hash);
        assert_eq!(read(list.hash()), Ok(list.clone()));
        let error = read(ObjectHash([0; 32])).unwrap_err();
        assert!(error.to_string().contains("that the roster names"), "{error}");
    }
}
