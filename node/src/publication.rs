//! What an association publishes: one file, everything in it signed by its root, for each of its homes.

use hamsa_protocol::{
    crypto::keys::{RootKey, VerifyKey},
    objects::{
        Delegation, Entrances, EntryList, Lend, Object, ObjectError, Roster, SETTINGS_MAX, Settings, Signed,
        postcard_decode, postcard_encode,
    },
};
use serde::{Deserialize, Serialize};

/// How the file begins: name and format.
const MAGIC: &[u8] = b"hamsa-publication:1\n";
/// Most bytes of the file: the settings and everything else several times over.
const MAX: usize = 4 * SETTINGS_MAX;

/// Why a file is not a valid publication.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// Another file, or another version of the program wrote it.
    #[error("expected a file that `hamsa-node association publish` wrote, of this version")]
    Format,
    /// A signature or a shape.
    #[error(transparent)]
    Object(#[from] ObjectError),
}

/// A publication, verified.
#[derive(Debug)]
pub struct Publication {
    /// The root of its association.
    pub root: RootKey,
    /// The members of the helpline.
    pub roster: Signed<Roster>,
    /// Its settings, encoded; their hash stands in the roster.
    pub settings: Vec<u8>,
    /// The entry list, whose hash stands in the roster, and the consents that the association has.
    pub entrances: Entrances,
    /// The homes.
    pub delegations: Vec<Signed<Delegation>>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    root: [u8; 32],
    roster: Vec<u8>,
    settings: Vec<u8>,
    entries: Vec<u8>,
    lends: Vec<Vec<u8>>,
    delegations: Vec<Vec<u8>>,
}

fn bytes_of<T: Object>(objects: &[Signed<T>]) -> Vec<Vec<u8>> {
    objects.iter().map(|object| object.encoded().to_vec()).collect()
}

impl Publication {
    /// The bytes of the file.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let wire = Wire {
            root: self.root.0.to_bytes(),
            roster: self.roster.encoded().to_vec(),
            settings: self.settings.clone(),
            entries: self.entrances.list.encoded().to_vec(),
            lends: bytes_of(&self.entrances.lends),
            delegations: bytes_of(&self.delegations),
        };
        [MAGIC, &postcard_encode(&wire)].concat()
    }

    /// Reads and verifies them.
    ///
    /// # Errors
    /// [`PublicationError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, PublicationError> {
        let body = bytes
            .strip_prefix(MAGIC)
            .filter(|body| body.len() <= MAX)
            .ok_or(PublicationError::Format)?;
        let wire: Wire = postcard_decode(body).ok_or(PublicationError::Format)?;
        let root = RootKey(VerifyKey::from_bytes(&wire.root).map_err(|_| PublicationError::Format)?);
        let roster = Signed::<Roster>::verify(&wire.roster, &root.0, &root.helpline())?;
        Settings::verify(&wire.settings, &roster.settings)?;
        let (list, named) = (&wire.entries, &roster.entries);
        let list = Signed::<EntryList>::verify_named(list, &root, &root.helpline(), named)?;
        let lends = wire.lends.iter().map(|encoded| Signed::<Lend>::read(encoded));
        let lends = lends.collect::<Result<_, _>>()?;
        let delegations = wire
            .delegations
            .iter()
            .map(|encoded| Signed::verify(encoded, &root.0, &root.helpline()))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            root,
            roster,
            settings: wire.settings,
            entrances: Entrances { list, lends },
            delegations,
        })
    }
}
