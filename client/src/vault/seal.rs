//! A vault's bytes: a [sealed file](crate::sealed) named `HAMSAVLT` whose contents are
//! `length u16 ‖ postcard ‖ zeros`. Every file has 65,536 bytes, so that a stolen one does not say whether its owner is on
//! duty. The version is 3; older files are refused.

use hamsa_protocol::crypto::kem::SEED_LEN;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::error::VaultError;
use crate::sealed::{self, Fault, Key, SealedKind};

pub(super) const VAULT: SealedKind = SealedKind {
    magic: b"HAMSAVLT",
    version: 3,
    oldest: 3,
};
/// Most bytes that are read of a file that may be a vault: room for later versions, none for a film.
pub(super) const READ_MAX: u64 = 1 << 20;
/// Bytes of every vault. Today certificate file (at most 4,624), duty (1,310), its keys, eight mail keys (254 each) and a
/// roster (2,945) lie in it; the rest is room, so that later versions need not tell by the size of a file what is in it.
pub(super) const FILE_LEN: usize = 65_536;
/// Bytes under the seal.
const PLAIN_LEN: usize = FILE_LEN - sealed::OVERHEAD;

/// What is kept. Wiped when dropped.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct Contents {
    identity: [u8; 32],
    certificate: Option<String>,
    duty: Option<KeptKeys>,
    mail_keys: Vec<KeptKeys>,
    /// The highest roster that counted, signed.
    roster: Option<Vec<u8>>,
}

/// A signed duty or mail key, and its secrets.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct KeptKeys {
    encoded: Vec<u8>,
    x: [u8; 32],
    seed: [[u8; 32]; 2],
}

impl Contents {
    pub(super) fn new(identity: &[u8; 32]) -> Self {
        Self {
            identity: *identity,
            certificate: None,
            duty: None,
            mail_keys: Vec::new(),
            roster: None,
        }
    }

    pub(super) const fn identity(&self) -> &[u8; 32] {
        &self.identity
    }

    pub(super) fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    pub(super) fn set_certificate(&mut self, text: &str) {
        self.certificate.zeroize();
        self.certificate = Some(text.to_owned());
    }

    pub(super) const fn duty(&self) -> Option<&KeptKeys> {
        self.duty.as_ref()
    }

    pub(super) fn set_duty(&mut self, duty: Option<KeptKeys>) {
        self.duty = duty;
    }

    pub(super) fn mail_keys(&self) -> &[KeptKeys] {
        &self.mail_keys
    }

    pub(super) fn set_mail_keys(&mut self, keys: Vec<KeptKeys>) {
        self.mail_keys = keys;
    }

    pub(super) fn roster(&self) -> Option<&[u8]> {
        self.roster.as_deref()
    }

    pub(super) fn set_roster(&mut self, signed: &[u8]) {
        self.roster = Some(signed.to_vec());
    }
}

impl KeptKeys {
    pub(super) fn new(encoded: &[u8], x: &[u8; 32], seed: &[u8; SEED_LEN]) -> Self {
        let mut halves = [[0; 32]; 2];
        halves.as_flattened_mut().copy_from_slice(seed);
        Self {
            encoded: encoded.to_vec(),
            x: *x,
            seed: halves,
        }
    }

    pub(super) fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    pub(super) const fn x(&self) -> &[u8; 32] {
        &self.x
    }

    pub(super) fn seed(&self) -> Zeroizing<[u8; SEED_LEN]> {
        let mut seed = Zeroizing::new([0; SEED_LEN]);
        seed.copy_from_slice(self.seed.as_flattened());
        seed
    }
}

/// The file of these contents.
pub(super) fn seal(key: &Key, contents: &Contents) -> Result<Vec<u8>, VaultError> {
    const TOO_LARGE: VaultError = VaultError::Device("the contents do not fit a vault");
    let mut plain = Zeroizing::new(vec![0; PLAIN_LEN]);
    // Into a buffer that never grows: a growing one would leave copies of the keys behind.
    let (length, rest) = plain.split_first_chunk_mut::<2>().ok_or(TOO_LARGE)?;
    let used = postcard::to_slice(contents, rest).map_err(|_| TOO_LARGE)?.len();
    *length = u16::try_from(used).map_err(|_| TOO_LARGE)?.to_be_bytes();
    sealed::seal(&VAULT, key, plain).map_err(|_| VaultError::Device("no random numbers"))
}

/// Opens a file with a passphrase.
pub(super) fn open_with(bytes: &[u8], passphrase: &str) -> Result<(Key, Contents), Fault> {
    let opened = sealed::open_with(&VAULT, bytes, passphrase)?;
    let contents = contents(&opened.plain)?;
    Ok((opened.key, contents))
}

/// Opens a file with the key of an earlier opening.
pub(super) fn open(bytes: &[u8], key: &Key) -> Result<Contents, Fault> {
    let (_, plain) = sealed::open(&VAULT, bytes, key)?;
    contents(&plain)
}

fn contents(plain: &[u8]) -> Result<Contents, Fault> {
    if plain.len() != PLAIN_LEN {
        return Err(Fault::Damaged);
    }
    let (length, rest) = plain.split_first_chunk::<2>().ok_or(Fault::Damaged)?;
    let used = rest
        .get(..usize::from(u16::from_be_bytes(*length)))
        .ok_or(Fault::Damaged)?;
    match postcard::take_from_bytes(used) {
        Ok((contents, [])) => Ok(contents),
        _ => Err(Fault::Damaged),
    }
}
