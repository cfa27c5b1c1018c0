//! A sealed file on disk: read whole, replaced whole, never written into. Only its owner may read it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
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

/// Held while a sealed file is changed; gone when dropped.
#[derive(Debug)]
pub struct Lock(File);

fn fault(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileFault {
    let path = path.to_owned();
    move |source| FileFault::Io { action, path, source }
}

/// The folder a file lies in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Behind symbolic links, so that replacing the file does not replace the link.
fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Reads a file, but no more than `most` bytes of it: what was cut fails its checksum.
///
/// # Errors
/// [`FileFault`].
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, FileFault> {
    let file = File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => FileFault::Missing(path.to_owned()),
        _ => fault("open", path)(source),
    })?;
    let mut bytes = Vec::new();
    file.take(most)
        .read_to_end(&mut bytes)
        .map_err(fault("read", path))?;
    Ok(bytes)
}

/// Waits for whoever else changes a sealed file in this folder: milliseconds.
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

/// Writes a file where none is.
///
/// # Errors
/// [`FileFault`]; nothing was written over.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), FileFault> {
    let folder = folder(path);
    let lock = lock(path)?;
    if fs::symlink_metadata(path).is_ok() {
        return Err(FileFault::Exists(path.to_owned()));
    }
    write(path, bytes)?;
    lock.0.sync_all().map_err(fault("sync the folder", folder))
}

/// Puts a new version in the place of a file.
///
/// # Errors
/// [`FileFault`]; the old one is as it was, unless only the folder could not be synced.
pub fn replace(path: &Path, bytes: &[u8], lock: &Lock) -> Result<(), FileFault> {
    let path = real(path);
    write(&path, bytes)?;
    lock.0.sync_all().map_err(fault("sync the folder", folder(&path)))
}

/// Beside it, synced, then renamed over it. On any error before the rename the old file stands untouched.
fn write(path: &Path, bytes: &[u8]) -> Result<(), FileFault> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    // What an earlier power cut left; sealed, and never the file itself.
    let _ = fs::remove_file(&beside);
    let result = write_new(&beside, bytes)
        .map_err(fault("write", &beside))
        .and_then(|()| fs::rename(&beside, path).map_err(fault("replace", path)));
    if result.is_err() {
        let _ = fs::remove_file(&beside);
    }
    result
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
