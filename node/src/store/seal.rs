//! The seal around every value: a key per day, outside sled, so that a day can be destroyed whatever sled keeps.

use std::{
    fs::OpenOptions,
    io::{self, Seek, Write},
    path::Path,
};

use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use hamsa_protocol::{
    crypto::hash::Secret,
    home::store::{Day, Place},
};

use super::layout::sync_folder;
use crate::files::{self, NodeFileError};

const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
/// What sealing adds to a value, in bytes.
pub(super) const OVERHEAD: usize = NONCE_LEN + TAG_LEN;
/// Bytes of a kind and a key: the name of an item within its day.
pub(super) const NAME_LEN: usize = 33;

/// The name of an item within its day: kind, then key.
pub(super) type Name = [u8; NAME_LEN];

pub(super) fn name(place: &Place) -> Name {
    let mut name = [place.kind as u8; NAME_LEN];
    if let Some(key) = name.last_chunk_mut::<32>() {
        *key = place.key;
    }
    name
}

/// A day's key.
pub(super) struct DayKey {
    day: Day,
    key: Secret,
}

impl std::fmt::Debug for DayKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "DayKey({})", self.day.0)
    }
}

impl DayKey {
    /// Reads it; makes it first when `make`, durably, before anything is sealed with it.
    pub(super) fn open(day: Day, path: &Path, make: bool) -> Result<Option<Self>, NodeFileError> {
        if !path.exists() {
            if !make {
                return Ok(None);
            }
            files::make_key(path)?;
        }
        let key = files::read_key(path)?;
        Ok(Some(Self { day, key }))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.key).into())
    }

    /// The associated data: a value opens only in its own place.
    fn context(&self, name: &Name) -> Vec<u8> {
        [b"hamsa mail 1".as_slice(), &self.day.0.to_be_bytes(), name].concat()
    }

    /// `nonce 24 ‖ sealed ‖ tag 16`. The nonce is random: 192 bits do not repeat.
    pub(super) fn seal(&self, name: &Name, value: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).ok()?;
        let mut sealed = Vec::with_capacity(value.len() + OVERHEAD);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(value);
        let body = sealed.get_mut(NONCE_LEN..)?;
        let tag = self
            .cipher()
            .encrypt_inout_detached(&nonce.into(), &self.context(name), body.into())
            .ok()?;
        sealed.extend_from_slice(&tag);
        Some(sealed)
    }

    /// The value, if it is authentic.
    pub(super) fn open_value(&self, name: &Name, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let (body, tag) = rest.split_last_chunk::<TAG_LEN>()?;
        let mut value = body.to_vec();
        self.cipher()
            .decrypt_inout_detached(
                &(*nonce).into(),
                &self.context(name),
                value.as_mut_slice().into(),
                &(*tag).into(),
            )
            .ok()?;
        Some(value)
    }
}

/// Overwrites a key and removes it. A disk that writes elsewhere may keep the old block for a while: this is the
/// best a program can do, and what was sealed with it is 32 bytes away from nothing.
pub(super) fn destroy(path: &Path) -> io::Result<()> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let len = usize::try_from(file.metadata()?.len()).unwrap_or(0).max(32);
    file.rewind()?;
    file.write_all(&vec![0; len])?;
    file.sync_all()?;
    std::fs::remove_file(path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

#[cfg(test)]
mod tests {
    use hamsa_protocol::home::store::ItemKind;

    use super::*;

    #[test]
    fn a_value_opens_in_its_own_place_only() {
        let folder = tempfile::tempdir().unwrap();
        let key = |day, file: &str| {
            DayKey::open(Day(day), &folder.path().join(file), true)
                .unwrap()
                .unwrap()
        };
        let place = |kind, key| {
            name(&Place {
                day: Day(1),
                kind,
                key: [key; 32],
            })
        };
        let here = place(ItemKind::Deposit, 7);
        let sealed = key(1, "a").seal(&here, b"salam").unwrap();
        assert_eq!(sealed.len(), 5 + OVERHEAD);
        assert_eq!(key(1, "a").open_value(&here, &sealed).unwrap(), b"salam");
        assert_ne!(key(1, "a").seal(&here, b"salam").unwrap(), sealed);
        assert!(key(2, "a").open_value(&here, &sealed).is_none(), "another day");
        assert!(key(1, "b").open_value(&here, &sealed).is_none(), "another key");
        for other in [place(ItemKind::Reply, 7), place(ItemKind::Deposit, 8)] {
            assert!(key(1, "a").open_value(&other, &sealed).is_none());
        }
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert!(key(1, "a").open_value(&here, &flipped).is_none(), "{at}");
            assert!(key(1, "a").open_value(&here, &sealed[..at]).is_none(), "{at}");
        }
    }
}
