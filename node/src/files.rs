//! Files that must be whole or not there, and secrets that only their owner may read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use hamsa_protocol::{
    kdf::Secret,
    text::{self, TextError},
};
use zeroize::Zeroizing;

/// Bits of a mode that let others read or write.
const OTHERS: u32 = 0o077;

/// What went wrong with a file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system said no.
    #[error("could not {action} {}: {source}; check that the path exists and that this user may use it", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A text in another encoding.
    #[error("{}, {reason}", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The line, and why.
        reason: TextError,
    },
    /// Others can read a secret.
    #[error("{} can be read by other users of this machine; run `chmod 600 {}`", path.display(), path.display())]
    Readable {
        /// The file.
        path: PathBuf,
    },
    /// A key of another length.
    #[error("{} is not a key of this node: expected 32 bytes, got {got}; put back a copy of it", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// Bytes.
        got: usize,
    },
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError::Io { action, path, source }
}

/// Writes a file so that after a power cut there is the old one or the new one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FileError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&temporary)
        .map_err(io("create", &temporary))?;
    file.write_all(bytes).map_err(io("write", &temporary))?;
    file.sync_all().map_err(io("sync", &temporary))?;
    fs::rename(&temporary, path).map_err(io("replace", path))?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let opened = File::open(folder).map_err(io("open", folder))?;
    opened.sync_all().map_err(io("sync", folder))
}

/// Gives a file that holds nothing of use another name, `FILE.damaged-1` or the next that is free, and tells it.
pub(crate) fn put_aside(path: &Path) -> Result<PathBuf, FileError> {
    let mut number = 1_u64;
    let aside = loop {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".damaged-{number}"));
        let name = PathBuf::from(name);
        if !name.exists() {
            break name;
        }
        number += 1;
    };
    fs::rename(path, &aside).map_err(io("put aside", path))?;
    Ok(aside)
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(io("read", path))
}

/// Reads a text file of any system; see [`text::decode`].
pub(crate) fn read_text(path: &Path) -> Result<String, FileError> {
    as_text(path, &read(path)?)
}

/// The text of a file that was read.
pub(crate) fn as_text(path: &Path, bytes: &[u8]) -> Result<String, FileError> {
    text::decode(bytes).map_err(|reason| FileError::NotText {
        path: path.to_owned(),
        reason,
    })
}

pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io("read", path)(error)),
    }
}

pub(crate) fn make_folder(path: &Path) -> Result<(), FileError> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(io("create", path))
}

pub(crate) fn open_folder(path: &Path) -> Result<File, FileError> {
    File::open(path).map_err(io("open", path))
}

/// Opens a file to lock it.
pub(crate) fn open_lock(path: &Path) -> Result<File, FileError> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(io("open", path))
}

/// Reads a key that nobody else may read.
pub(crate) fn read_key(path: &Path) -> Result<Secret, FileError> {
    let metadata = fs::metadata(path).map_err(io("read", path))?;
    if metadata.mode() & OTHERS != 0 {
        return Err(FileError::Readable {
            path: path.to_owned(),
        });
    }
    let bytes = Zeroizing::new(read(path)?);
    let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| FileError::NotAKey {
        path: path.to_owned(),
        got: bytes.len(),
    })?;
    Ok(Zeroizing::new(key))
}

/// Makes a key that was not there.
pub(crate) fn make_key(path: &Path) -> Result<(), FileError> {
    let mut key = Zeroizing::new([0_u8; 32]);
    getrandom::fill(key.as_mut())
        .map_err(|error| io("draw randomness for", path)(io::Error::other(error)))?;
    write_whole(path, key.as_slice(), 0o600)
}
