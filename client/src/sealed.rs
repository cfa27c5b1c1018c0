//! A file under a passphrase: how a counselor's vault and a seeker's notebook lie on disk.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | what kind of file it is, in letters |
//! | 1 | version of that kind |
//! | 4 + 4 + 4 | Argon2id: memory in KiB, passes, lanes, big-endian |
//! | 16 | salt, random, for the life of the file |
//! | 24 | nonce, random, new with every write |
//! | any + 16 | XChaCha20-Poly1305 over the contents, everything before as associated data |
//! | 32 | SHA-256 over everything before |
//!
//! The checksum tells a damaged file from a wrong passphrase; every later version ends with one too, so that
//! "newer" and "damaged" are not mixed up either. It says nothing about what the contents are: that they do not
//! tell more by their length than they should is up to the caller.
//!
//! A file is read whole and [replaced whole](mod@file): a power cut leaves the old one or the new one.

pub mod file;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use hamsa_protocol::{crypto::hash, text};
use zeroize::Zeroizing;

/// Memory of a new file's Argon2id, in KiB: 64 MiB, RFC 9106's second choice, which an old laptop has.
const MEMORY_KIB: u32 = 65_536;
/// Passes of it; RFC 9106's second choice.
const PASSES: u32 = 3;
/// Lanes of it. The crate computes lanes one after the other, so more would only help an attacker.
const LANES: u32 = 1;
/// Most memory that a file may ask for, in KiB: 1 GiB. The head is read before anything authenticates it.
const MEMORY_MAX_KIB: u32 = 1 << 20;
/// Most passes that a file may ask for: minutes, not hours.
const PASSES_MAX: u32 = 16;
/// Most lanes that a file may ask for.
const LANES_MAX: u32 = 16;

const MAGIC_LEN: usize = 8;
/// Where the version stands.
const VERSION_AT: usize = MAGIC_LEN;
const SALT_LEN: usize = 16;
const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
const SUM_LEN: usize = 32;
const HEAD_LEN: usize = MAGIC_LEN + 1 + 12 + SALT_LEN;
/// What sealing adds to the contents, in bytes.
pub const OVERHEAD: usize = HEAD_LEN + NONCE_LEN + TAG_LEN + SUM_LEN;

const NO_MEMORY: &str = "no memory for the passphrase";

/// A kind of sealed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedKind {
    /// What it begins with.
    pub magic: &'static [u8; MAGIC_LEN],
    /// The latest version that this program reads, and the one it writes.
    pub version: u8,
    /// The oldest version that it reads.
    pub oldest: u8,
}

/// What is wrong with a sealed file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is whole and the passphrase does not open it.
    #[error("the passphrase does not open it")]
    WrongPassphrase,
    /// Its checksum differs, or what is in it makes no sense.
    #[error("it is not as it was written")]
    Damaged,
    /// It is a file of another kind.
    #[error("it is a file of another kind")]
    OtherKind,
    /// A later version of this program wrote it.
    #[error("it is of a newer kind ({0}) than this program knows")]
    Newer(u8),
    /// An earlier version of this program wrote it, and this one does not read it.
    #[error("it is of an older kind ({0}) than this program reads")]
    Older(u8),
    /// Another file of this kind lies there now.
    #[error("it was replaced by another one while it was open")]
    Replaced,
    /// The operating system gave no random numbers, or no memory for the passphrase.
    #[error("this device could not do the cryptography: {0}")]
    Device(&'static str),
}

/// The key that a passphrase gave, and the head that it was derived with.
pub struct Key {
    head: [u8; HEAD_LEN],
    // In a place of its own that never moves, so that its page can be kept in memory.
    key: Box<Zeroizing<[u8; 32]>>,
}

/// What was in a file.
pub struct OpenedFile {
    /// To write it again.
    pub key: Key,
    /// The version that wrote it.
    pub version: u8,
    /// The contents.
    pub plain: Zeroizing<Vec<u8>>,
}

impl Key {
    /// For a new file.
    ///
    /// # Errors
    /// [`Fault::Device`].
    pub fn new(kind: &SealedKind, passphrase: &str) -> Result<Self, Fault> {
        let salt = random::<SALT_LEN>()?;
        let numbers = [MEMORY_KIB, PASSES, LANES].map(u32::to_be_bytes);
        let mut head = [0; HEAD_LEN];
        let parts = kind
            .magic
            .iter()
            .chain([&kind.version])
            .chain(numbers.as_flattened())
            .chain(&salt);
        for (to, from) in head.iter_mut().zip(parts) {
            *to = *from;
        }
        Self::derive(head, passphrase).map_err(|_| Fault::Device(NO_MEMORY))
    }

    fn derive(head: [u8; HEAD_LEN], passphrase: &str) -> Result<Self, Fault> {
        let (numbers, salt) = split_head(&head).ok_or(Fault::Damaged)?;
        let [memory, passes, lanes] = numbers;
        if memory > MEMORY_MAX_KIB || passes > PASSES_MAX || lanes > LANES_MAX {
            return Err(Fault::Damaged);
        }
        let params = Params::new(memory, passes, lanes, Some(32)).map_err(|_| Fault::Damaged)?;
        let mut key = Box::new(Zeroizing::new([0; 32]));
        // A refusal was said at the start of the program.
        hamsa_system::keep_in_memory(key.as_slice());
        let passphrase = text::passphrase(passphrase);
        hamsa_system::keep_in_memory(passphrase.as_bytes());
        // Memory of our own, to wipe it: its last block is all that the key is computed from.
        let mut memory = Zeroizing::new(Vec::new());
        memory
            .try_reserve_exact(params.block_count())
            .map_err(|_| Fault::Device(NO_MEMORY))?;
        memory.resize(params.block_count(), Block::default());
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(
                passphrase.as_bytes(),
                &salt,
                key.as_mut_slice(),
                memory.as_mut_slice(),
            )
            .map_err(|_| Fault::Damaged)?;
        Ok(Self { head, key })
    }

    /// Whether a file with this head is of this key, whatever version wrote it.
    fn fits(&self, head: &[u8; HEAD_LEN]) -> bool {
        let same = |(at, (a, b)): (usize, (&u8, &u8))| at == VERSION_AT || a == b;
        self.head.iter().zip(head).enumerate().all(same)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(**self.key).into())
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key(secret)")
    }
}

fn split_head(head: &[u8; HEAD_LEN]) -> Option<([u32; 3], [u8; SALT_LEN])> {
    let rest = head.get(MAGIC_LEN + 1..)?;
    let (memory, rest) = rest.split_first_chunk::<4>()?;
    let (passes, rest) = rest.split_first_chunk::<4>()?;
    let (lanes, salt) = rest.split_first_chunk::<4>()?;
    let numbers = [memory, passes, lanes].map(|bytes| u32::from_be_bytes(*bytes));
    Some((numbers, salt.try_into().ok()?))
}

/// Fresh bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Fault::Device("no random numbers"))?;
    Ok(bytes)
}

/// The file of these contents, which are encrypted where they lie.
///
/// # Errors
/// [`Fault::Device`].
pub fn seal(kind: &SealedKind, key: &Key, mut plain: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, Fault> {
    let nonce = random::<NONCE_LEN>()?;
    let mut bytes = Vec::with_capacity(plain.len() + OVERHEAD);
    bytes.extend_from_slice(&key.head);
    // A file of an earlier version becomes one of this when it is changed.
    if let Some(version) = bytes.get_mut(VERSION_AT) {
        *version = kind.version;
    }
    bytes.extend_from_slice(&nonce);
    let tag = key
        .cipher()
        .encrypt_inout_detached(&nonce.into(), &bytes, plain.as_mut_slice().into())
        .map_err(|_| Fault::Device("the contents are too large"))?;
    bytes.extend_from_slice(&plain);
    bytes.extend_from_slice(&tag);
    let sum = hash::sha256(&[&bytes]);
    bytes.extend_from_slice(&sum);
    Ok(bytes)
}

/// Opens a file with a passphrase.
///
/// # Errors
/// [`Fault`].
pub fn open_with(kind: &SealedKind, bytes: &[u8], passphrase: &str) -> Result<OpenedFile, Fault> {
    let parts = Parts::of(kind, bytes)?;
    let key = Key::derive(*parts.head, passphrase)?;
    let plain = parts.open(&key)?;
    Ok(OpenedFile {
        key,
        version: parts.version,
        plain,
    })
}

/// Opens a file with the key of an earlier opening; gives the version that wrote it, and the contents.
///
/// # Errors
/// [`Fault`].
pub fn open(kind: &SealedKind, bytes: &[u8], key: &Key) -> Result<(u8, Zeroizing<Vec<u8>>), Fault> {
    let parts = Parts::of(kind, bytes)?;
    if !key.fits(parts.head) {
        return Err(Fault::Replaced);
    }
    Ok((parts.version, parts.open(key)?))
}

/// A file with a valid checksum.
struct Parts<'a> {
    head: &'a [u8; HEAD_LEN],
    version: u8,
    nonce: &'a [u8; NONCE_LEN],
    /// Head and nonce, as the seal binds them.
    context: &'a [u8],
    sealed: &'a [u8],
    tag: &'a [u8; TAG_LEN],
}

impl<'a> Parts<'a> {
    fn of(kind: &SealedKind, bytes: &'a [u8]) -> Result<Self, Fault> {
        // Nothing at all is what an interrupted copy leaves.
        if !bytes.is_empty() && !bytes.starts_with(kind.magic) {
            return Err(Fault::OtherKind);
        }
        let (body, sum) = bytes.split_last_chunk::<SUM_LEN>().ok_or(Fault::Damaged)?;
        if hash::sha256(&[body]) != *sum {
            return Err(Fault::Damaged);
        }
        let version = body.get(VERSION_AT).copied().ok_or(Fault::Damaged)?;
        if version > kind.version {
            return Err(Fault::Newer(version));
        }
        if version == 0 {
            return Err(Fault::Damaged);
        }
        if version < kind.oldest {
            return Err(Fault::Older(version));
        }
        let (head, rest) = body.split_first_chunk::<HEAD_LEN>().ok_or(Fault::Damaged)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Fault::Damaged)?;
        let (sealed, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(Fault::Damaged)?;
        let context = body.get(..HEAD_LEN + NONCE_LEN).ok_or(Fault::Damaged)?;
        Ok(Self {
            head,
            version,
            nonce,
            context,
            sealed,
            tag,
        })
    }

    fn open(&self, key: &Key) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let mut plain = Zeroizing::new(self.sealed.to_vec());
        key.cipher()
            .decrypt_inout_detached(
                &(*self.nonce).into(),
                self.context,
                plain.as_mut_slice().into(),
                &(*self.tag).into(),
            )
            .map_err(|_| Fault::WrongPassphrase)?;
        Ok(plain)
    }
}
