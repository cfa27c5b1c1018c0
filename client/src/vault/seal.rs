//! A vault's bytes.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `HAMSAVLT` |
//! | 1 | version, 2; a file of version 1 has no mail keys and is read too |
//! | 4 + 4 + 4 | Argon2id: memory in KiB, passes, lanes, big-endian |
//! | 16 | salt, random, for the life of the vault |
//! | 24 | nonce, random, new with every write |
//! | 8,192 + 16 | XChaCha20-Poly1305 over `length u16 ‖ postcard ‖ zeros`, everything before as associated data |
//! | 32 | SHA-256 over everything before |
//!
//! The checksum tells a damaged file from a wrong passphrase; every later version ends with one too, so that
//! "newer" and "damaged" are not mixed up either. The sealed part has one size, so that a stolen file does not
//! say whether its owner is on duty.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use hamsa_protocol::{kdf, kem::SEED_LEN};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::error::{Fault, VaultError};

const MAGIC: &[u8; 8] = b"HAMSAVLT";
const VERSION: u8 = 2;
/// Where the version stands.
const VERSION_AT: usize = MAGIC.len();
/// Memory of a new vault's Argon2id, in KiB: 64 MiB, RFC 9106's second choice, which an old laptop has.
const MEMORY_KIB: u32 = 65_536;
/// Passes of it; RFC 9106's second choice.
const PASSES: u32 = 3;
/// Lanes of it. The crate computes lanes one after the other, so more would only help an attacker.
const LANES: u32 = 1;
/// Most memory that a file may ask for, in KiB: 1 GiB. The head is read before anything proves who wrote it.
const MEMORY_MAX_KIB: u32 = 1 << 20;
/// Most passes that a file may ask for: minutes, not hours.
const PASSES_MAX: u32 = 16;
/// Most lanes that a file may ask for.
const LANES_MAX: u32 = 16;

const SALT_LEN: usize = 16;
const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
const SUM_LEN: usize = 32;
const HEAD_LEN: usize = 8 + 1 + 12 + SALT_LEN;
/// Bytes under the seal: certificate file (at most 4,624), duty (1,310), its keys and eight mail keys (254 each)
/// fit.
const PLAIN_LEN: usize = 8_192;
/// Bytes of a vault of this version.
pub(super) const FILE_LEN: usize = HEAD_LEN + NONCE_LEN + PLAIN_LEN + TAG_LEN + SUM_LEN;

/// What is kept. Wiped when dropped.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct Contents {
    identity: [u8; 32],
    certificate: Option<String>,
    duty: Option<KeptKeys>,
    mail_keys: Vec<KeptKeys>,
}

/// What version 1 kept.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct ContentsOf1 {
    identity: [u8; 32],
    certificate: Option<String>,
    duty: Option<KeptKeys>,
}

impl From<ContentsOf1> for Contents {
    fn from(mut old: ContentsOf1) -> Self {
        Self {
            identity: old.identity,
            certificate: old.certificate.take(),
            duty: old.duty.take(),
            mail_keys: Vec::new(),
        }
    }
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

/// What a passphrase became, and the head it became it with.
pub(super) struct Key {
    head: [u8; HEAD_LEN],
    key: Zeroizing<[u8; 32]>,
}

impl Key {
    /// For a new vault.
    pub(super) fn new(passphrase: &str) -> Result<Self, VaultError> {
        let salt = random::<SALT_LEN>()?;
        let numbers = [MEMORY_KIB, PASSES, LANES].map(u32::to_be_bytes);
        let mut head = [0; HEAD_LEN];
        let parts = MAGIC
            .iter()
            .chain([&VERSION])
            .chain(numbers.as_flattened())
            .chain(&salt);
        for (to, from) in head.iter_mut().zip(parts) {
            *to = *from;
        }
        Self::derive(head, passphrase).map_err(|_| VaultError::Device(NO_MEMORY))
    }

    fn derive(head: [u8; HEAD_LEN], passphrase: &str) -> Result<Self, Fault> {
        let (numbers, salt) = split_head(&head).ok_or(Fault::Damaged)?;
        let [memory, passes, lanes] = numbers;
        if memory > MEMORY_MAX_KIB || passes > PASSES_MAX || lanes > LANES_MAX {
            return Err(Fault::Damaged);
        }
        let params = Params::new(memory, passes, lanes, Some(32)).map_err(|_| Fault::Damaged)?;
        let mut key = Zeroizing::new([0; 32]);
        // Memory of our own, to wipe it: its last block is all that the key is computed from.
        let mut memory = Zeroizing::new(Vec::new());
        memory
            .try_reserve_exact(params.block_count())
            .map_err(|_| Fault::Device(NO_MEMORY))?;
        memory.resize(params.block_count(), Block::default());
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(passphrase.as_bytes(), &salt, key.as_mut(), memory.as_mut_slice())
            .map_err(|_| Fault::Damaged)?;
        Ok(Self { head, key })
    }

    /// Whether a file with this head is of this key, whatever version wrote it.
    fn fits(&self, head: &[u8; HEAD_LEN]) -> bool {
        let same = |(at, (a, b)): (usize, (&u8, &u8))| at == VERSION_AT || a == b;
        self.head.iter().zip(head).enumerate().all(same)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.key).into())
    }
}

const NO_MEMORY: &str = "no memory for the passphrase";

fn split_head(head: &[u8; HEAD_LEN]) -> Option<([u32; 3], [u8; SALT_LEN])> {
    let rest = head.get(MAGIC.len() + 1..)?;
    let (memory, rest) = rest.split_first_chunk::<4>()?;
    let (passes, rest) = rest.split_first_chunk::<4>()?;
    let (lanes, salt) = rest.split_first_chunk::<4>()?;
    let numbers = [memory, passes, lanes].map(|bytes| u32::from_be_bytes(*bytes));
    Some((numbers, salt.try_into().ok()?))
}

/// Fresh bytes from the operating system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| VaultError::Device("no random numbers"))?;
    Ok(bytes)
}

/// The file of these contents.
pub(super) fn seal(key: &Key, contents: &Contents) -> Result<Vec<u8>, VaultError> {
    const TOO_LARGE: VaultError = VaultError::Device("the contents do not fit a vault");
    let mut plain = Zeroizing::new(vec![0; PLAIN_LEN]);
    // Into a buffer that never grows: a growing one would leave copies of the keys behind.
    let (length, rest) = plain.split_first_chunk_mut::<2>().ok_or(TOO_LARGE)?;
    let used = postcard::to_slice(contents, rest).map_err(|_| TOO_LARGE)?.len();
    *length = u16::try_from(used).map_err(|_| TOO_LARGE)?.to_be_bytes();

    let nonce = random::<NONCE_LEN>()?;
    let mut bytes = Vec::with_capacity(FILE_LEN);
    bytes.extend_from_slice(&key.head);
    // A file of an earlier version becomes one of this when it is changed.
    if let Some(version) = bytes.get_mut(VERSION_AT) {
        *version = VERSION;
    }
    bytes.extend_from_slice(&nonce);
    let tag = key
        .cipher()
        .encrypt_inout_detached(&nonce.into(), &bytes, plain.as_mut_slice().into())
        .map_err(|_| TOO_LARGE)?;
    bytes.extend_from_slice(&plain);
    bytes.extend_from_slice(&tag);
    let sum = kdf::sha256(&[&bytes]);
    bytes.extend_from_slice(&sum);
    Ok(bytes)
}

/// Opens a file with a passphrase.
pub(super) fn open_with(bytes: &[u8], passphrase: &str) -> Result<(Key, Contents), Fault> {
    let parts = Parts::of(bytes)?;
    let key = Key::derive(*parts.head, passphrase)?;
    let contents = parts.open(&key)?;
    Ok((key, contents))
}

/// Opens a file with the key of an earlier opening.
pub(super) fn open(bytes: &[u8], key: &Key) -> Result<Contents, Fault> {
    let parts = Parts::of(bytes)?;
    if !key.fits(parts.head) {
        return Err(Fault::Replaced);
    }
    parts.open(key)
}

/// A file whose checksum is right.
struct Parts<'a> {
    version: u8,
    head: &'a [u8; HEAD_LEN],
    nonce: &'a [u8; NONCE_LEN],
    /// Head and nonce, as the seal binds them.
    context: &'a [u8],
    sealed: &'a [u8],
    tag: &'a [u8; TAG_LEN],
}

impl<'a> Parts<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, Fault> {
        // Nothing at all is what an interrupted copy leaves.
        if !bytes.is_empty() && !bytes.starts_with(MAGIC) {
            return Err(Fault::NotAVault);
        }
        let (body, sum) = bytes.split_last_chunk::<SUM_LEN>().ok_or(Fault::Damaged)?;
        if kdf::sha256(&[body]) != *sum {
            return Err(Fault::Damaged);
        }
        let version = body.get(MAGIC.len()).copied().ok_or(Fault::Damaged)?;
        if version > VERSION {
            return Err(Fault::Newer(version));
        }
        if version == 0 || bytes.len() != FILE_LEN {
            return Err(Fault::Damaged);
        }
        let (head, rest) = body.split_first_chunk::<HEAD_LEN>().ok_or(Fault::Damaged)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Fault::Damaged)?;
        let (sealed, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(Fault::Damaged)?;
        let context = body.get(..HEAD_LEN + NONCE_LEN).ok_or(Fault::Damaged)?;
        Ok(Self {
            version,
            head,
            nonce,
            context,
            sealed,
            tag,
        })
    }

    fn open(&self, key: &Key) -> Result<Contents, Fault> {
        let mut plain = Zeroizing::new(self.sealed.to_vec());
        key.cipher()
            .decrypt_inout_detached(
                &(*self.nonce).into(),
                self.context,
                plain.as_mut_slice().into(),
                &(*self.tag).into(),
            )
            .map_err(|_| Fault::WrongPassphrase)?;
        let (length, rest) = plain.split_first_chunk::<2>().ok_or(Fault::Damaged)?;
        let used = rest
            .get(..usize::from(u16::from_be_bytes(*length)))
            .ok_or(Fault::Damaged)?;
        let contents = match self.version {
            1 => whole::<ContentsOf1>(used).map(Contents::from),
            _ => whole::<Contents>(used),
        };
        contents.ok_or(Fault::Damaged)
    }
}

/// A value that fills its bytes.
fn whole<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    match postcard::take_from_bytes::<T>(bytes) {
        Ok((value, [])) => Some(value),
        _ => None,
    }
}
