//! The entries of an association: its own nodes, and those that others lend it.

use std::path::Path;

use data_encoding::BASE32_NOPAD;
use hamsa_net::{NodeAddress, NodePeer, peer_text};
use hamsa_protocol::{
    objects::{Entrances, Entry, Label, Lend, LendError, LendFile, MAX_ENTRIES, Signed},
    time::Unix,
};

use super::{Association, AssociationError, FILE, certificates::skeleton, damaged, file::EntryRow, label};
use crate::{
    clock::today,
    config::parse_address,
    control::{self, Request},
};

/// What the operator says of an entry.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewEntry<'a> {
    /// `MULTIADDR/p2p/PEER`; without it the one in the consent.
    pub address: Option<&'a str>,
    /// Who runs it; without it the name in the consent, or the association itself.
    pub association: Option<&'a str>,
    /// The text of a file that `hamsa-node lend` wrote.
    pub lent: Option<&'a str>,
}

/// An entry that stands in the list now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedEntry {
    /// What it is called.
    pub peer: String,
    /// Of an entry that should belong to another association: why there is no consent of it.
    pub no_consent: Option<String>,
}

/// Names an entry through which the homes can be reached. Without a file with its consent, running homes of the
/// association ask for it.
///
/// # Errors
/// [`AssociationError`].
pub async fn add_entry(path: &Path, new: NewEntry<'_>) -> Result<AddedEntry, AssociationError> {
    let association = Association::open(path)?;
    let file = new.lent.map(str::parse::<LendFile>).transpose();
    let file = file.map_err(AssociationError::LendFile)?;
    let address = entry_address(new.address, file.as_ref())?;
    let name = new.association.map(label).transpose()?;
    let name = match (name, &file) {
        (Some(name), _) => Some(name),
        (None, None) => None,
        (None, Some(file)) => Some(file.lend.name.clone().ok_or_else(|| {
            AssociationError::Value(
                "the consent names no association: say whose it is with --association".into(),
            )
        })?),
    };
    let name = match name {
        Some(name) if association.is_own(&name) => None,
        name => name,
    };
    let now = today();
    let (lend, no_consent) = match file {
        Some(file) => {
            association.check(&file.lend, &address.peer, now)?;
            (Some(file.lend), None)
        }
        None if name.is_some() => match association.fetch(&address.peer, now).await {
            Ok(lend) => (Some(lend), None),
            Err(reason) => (association.known_lend(&address.peer, now)?, Some(reason)),
        },
        None => (None, None),
    };
    // To ask takes seconds: what another command has written meanwhile must stay.
    let (_changing, mut association) = Association::change(path)?;
    let before = association.known_lend(&address.peer, now)?;
    let lend = lend.into_iter().chain(before).max_by_key(|lend| lend.expires);
    association.put_entry(&address, name, lend.as_ref())?;
    Ok(AddedEntry {
        peer: peer_text(&address.peer),
        no_consent: no_consent.filter(|_| lend.is_none()),
    })
}

/// The address that the operator gave, or else the one in the consent.
fn entry_address(text: Option<&str>, file: Option<&LendFile>) -> Result<NodeAddress, AssociationError> {
    match (text, file) {
        (Some(text), _) => Ok(parse_address(text)?),
        (None, Some(file)) => NodeAddress::new(&file.address, file.lend.entry)
            .map_err(|error| AssociationError::Value(format!("the address in the consent: {error}"))),
        (None, None) => Err(AssociationError::Value(
            "say where the entry is, or give its consent with --lent".into(),
        )),
    }
}

impl Association {
    /// All entries, as the list that the root signs has them.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, AssociationError> {
        self.file
            .entries
            .iter()
            .map(|row| {
                let NodeAddress { address, peer } = parse_address(&row.address)?;
                let association = row.association.as_deref().map(label).transpose()?;
                let association = match association {
                    Some(name) if self.is_own(&name) => None,
                    other => other,
                };
                Ok(Entry {
                    address,
                    peer,
                    association,
                })
            })
            .collect()
    }

    /// Whether a person would take a name for this association's: an entry of that name is its own, however the name is
    /// written. Of an entry that is no home nothing else tells whose it is.
    fn is_own(&self, name: &Label) -> bool {
        // Settings that are damaged are another command's matter.
        let shown = self.settings().map(|settings| settings.name);
        let mut own = [label(&self.file.name), shown].into_iter().flatten();
        own.any(|own| letters(&own) == letters(name))
    }

    /// The signed list, and the consents that count now.
    pub(super) fn entrances(&self, now: Unix) -> Result<Entrances, AssociationError> {
        let mut entrances = Entrances::sign(self.entries()?, &self.root)?;
        for entry in &entrances.list.entries {
            if entry.association.is_some() {
                entrances.lends.extend(self.known_lend(&entry.peer, now)?);
            }
        }
        Ok(entrances)
    }

    /// The consent of an entry that was added before, if it counts still.
    fn known_lend(&self, peer: &NodePeer, now: Unix) -> Result<Option<Signed<Lend>>, AssociationError> {
        let row = self.file.entries.iter().find(|row| is_of(row, peer));
        let Some(text) = row.and_then(|row| row.lend.as_ref()) else {
            return Ok(None);
        };
        let file = self.path.join(FILE);
        let encoded = BASE32_NOPAD.decode(text.as_bytes());
        let lend = Signed::<Lend>::read(&encoded.map_err(|error| damaged(&file, &error))?);
        let lend = lend.map_err(|error| damaged(&file, &error))?;
        Ok(self.check(&lend, peer, now).is_ok().then_some(lend))
    }

    /// Whether a consent is this entry's, for this helpline, by none of its own homes, and valid now.
    fn check(&self, lend: &Lend, peer: &NodePeer, now: Unix) -> Result<(), AssociationError> {
        let homes = self.delegations()?.into_iter();
        let homes: Vec<_> = homes.map(|(_, delegation)| delegation.home_peer).collect();
        lend.counts(&self.root_key().helpline(), &homes, now)?;
        if lend.name.as_ref().is_some_and(|name| self.is_own(name)) {
            return Err(LendError::OwnNode.into());
        }
        if lend.entry != *peer {
            return Err(LendError::OtherNode.into());
        }
        Ok(())
    }

    /// Lets the homes that run here ask an entry for its consent. The error says why there is none.
    async fn fetch(&self, peer: &NodePeer, now: Unix) -> Result<Signed<Lend>, String> {
        let homes = self.delegations().map_err(|error| error.to_string())?;
        if homes.iter().any(|(_, home)| home.home_peer == *peer) {
            return Err(LendError::OwnNode.to_string());
        }
        let mut reasons = Vec::new();
        let request = Request::Lend {
            peer: peer_text(peer),
        };
        for home in &self.file.homes {
            // A home that does not run cannot ask.
            let Ok(status) = control::ask(&home.node, &request).await else {
                continue;
            };
            let encoded = status
                .lend
                .and_then(|lend| BASE32_NOPAD.decode(lend.as_bytes()).ok());
            let Some(encoded) = encoded else {
                if let Some(reason) = status.error
                    && !reasons.contains(&reason)
                {
                    reasons.push(reason);
                }
                continue;
            };
            let lend = Signed::<Lend>::read(&encoded).map_err(|error| error.to_string())?;
            self.check(&lend, peer, now).map_err(|error| error.to_string())?;
            return Ok(lend);
        }
        if reasons.is_empty() {
            return Err("no home of yours runs here that could ask it".to_owned());
        }
        Err(reasons.join("; "))
    }

    /// Writes an entry into the file; one that is there already is replaced.
    fn put_entry(
        &mut self,
        address: &NodeAddress,
        name: Option<Label>,
        lend: Option<&Signed<Lend>>,
    ) -> Result<(), AssociationError> {
        let rows = &mut self.file.entries;
        rows.retain(|row| !is_of(row, &address.peer));
        if rows.len() >= MAX_ENTRIES {
            return Err(AssociationError::Value(format!(
                "a helpline has at most {MAX_ENTRIES} entries, and they are named already"
            )));
        }
        rows.push(EntryRow {
            address: address.to_string(),
            association: name.map(String::from),
            lend: lend.map(|lend| BASE32_NOPAD.encode(lend.encoded())),
        });
        self.save()
    }
}

/// What of a name does not change with capitals, spaces and signs, or with letters that look alike.
fn letters(name: &Label) -> String {
    let all = skeleton(name);
    let letters: String = all.chars().filter(|letter| letter.is_alphanumeric()).collect();
    if letters.is_empty() { all } else { letters }
}

fn is_of(row: &EntryRow, peer: &NodePeer) -> bool {
    parse_address(&row.address).is_ok_and(|known| known.peer == *peer)
}
