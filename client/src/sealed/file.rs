//! A sealed file on disk: read whole, replaced whole, never written into. Only its owner may read it.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use hamsa_system::{
    read,
    whole::{self, folder, real},
};

/// What the disk said.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// No file there.
    #[error("there is no file at {}", .0.display())]
    Missing(PathBuf),
    /// A file is there already.
    #[error("there is already a file at {}", .0.display())]
    Exists(PathBuf),
    /// Something else.
    #[error("could not {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Another program has the file open.
#[derive(Debug)]
pub struct OpenElsewhere;

/// Held while a sealed file is changed; gone when dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

fn fault(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileFault {
    let path = path.to_owned();
    move |source| FileFault::Io { action, path, source }
}

fn unread(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileFault {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::NotFound => FileFault::Missing(path),
        _ => FileFault::Io { action, path, source },
    }
}

/// That a file is there, before anybody is asked for its passphrase.
///
/// # Errors
/// [`FileFault`].
pub fn look(path: &Path) -> Result<(), FileFault> {
    read::look(path).map_err(unread("look at", path))
}

/// Reads a file of at most so many bytes.
///
/// # Errors
/// [`FileFault`].
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, FileFault> {
    read::file(path, most).map_err(unread("read", path))
}

/// Waits for another program that changes a sealed file in this folder: milliseconds.
///
/// # Errors
/// [`FileFault`].
pub fn lock(path: &Path) -> Result<Lock, FileFault> {
    let path = real(path);
    let folder = folder(&path);
    let handle = File::open(folder).map_err(fault("open the folder", folder))?;
    // Some network disks cannot lock a folder. Then two programs that change one file in the same instant
    // could lose one of the two changes, which is better than no file.
    let _ = handle.lock();
    Ok(Lock(handle))
}

/// How long a program waits for another one that has the file open: one that was just closed may still write.
const OPEN_WAIT: Duration = Duration::from_secs(3);
/// How often it looks.
const OPEN_POLL: Duration = Duration::from_millis(20);

/// Keeps other programs from opening a file in this way, until this is dropped or the process ends. Nothing: another one
/// has it open, for longer than a program that ends needs. The lock is a file beside it, because each change is a new file.
///
/// # Errors
/// [`OpenElsewhere`].
#[expect(
    clippy::disallowed_methods,
    reason = "a command that waits for another one has nothing else to do"
)]
pub fn lock_open(path: &Path) -> Result<Option<Lock>, OpenElsewhere> {
    let mut name = real(path).into_os_string();
    name.push(".lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(whole::SECRET)
        .open(name);
    // Where no file can be made or locked, as on some network disks, two programs are not told of each other; each change
    // is still made under the lock of the folder.
    let Ok(handle) = file else { return Ok(None) };
    let begin = Instant::now();
    loop {
        match handle.try_lock() {
            Ok(()) => return Ok(Some(Lock(handle))),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) if begin.elapsed() < OPEN_WAIT => sleep(OPEN_POLL),
            Err(TryLockError::WouldBlock) => return Err(OpenElsewhere),
        }
    }
}

/// Writes a file where none is.
///
/// # Errors
/// [`FileFault`]; nothing was written over.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), FileFault> {
    let _lock = lock(path)?;
    whole::create(path, bytes, whole::SECRET).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => FileFault::Exists(path.to_owned()),
        _ => fault("write", path)(source),
    })
}

/// Removes a file.
///
/// # Errors
/// [`FileFault`].
pub fn remove(path: &Path, _lock: &Lock) -> Result<(), FileFault> {
    std::fs::remove_file(path).map_err(fault("remove", path))
}

/// Puts a new version in the place of a file; its owner and the links to it stay.
///
/// # Errors
/// [`FileFault`]; the old one is as it was, unless only the folder could not be synced.
pub fn replace(path: &Path, bytes: &[u8], _lock: &Lock) -> Result<(), FileFault> {
    // Sealed, and never the file itself.
    whole::sweep(path);
    whole::replace_secret(path, bytes).map_err(fault("replace", path))
}
