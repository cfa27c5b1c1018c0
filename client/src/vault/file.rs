//! A vault on disk: read whole, replaced whole, never written into.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::error::VaultError;

/// Most bytes that are read of a file that may be a vault: room for later versions, none for a film.
const READ_MAX: u64 = 1 << 20;

/// Held while a vault is changed; gone when dropped.
pub(super) struct Lock(File);

fn fault(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> VaultError {
    let path = path.to_owned();
    move |source| VaultError::Io { action, path, source }
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

pub(super) fn read(path: &Path) -> Result<Vec<u8>, VaultError> {
    let file = File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => VaultError::Missing {
            path: path.to_owned(),
        },
        _ => VaultError::Io {
            action: "open the vault at",
            path: path.to_owned(),
            source,
        },
    })?;
    let mut bytes = Vec::new();
    file.take(READ_MAX)
        .read_to_end(&mut bytes)
        .map_err(fault("read the vault at", path))?;
    Ok(bytes)
}

/// Waits for whoever else changes a vault in this folder: milliseconds.
pub(super) fn lock(path: &Path) -> Result<Lock, VaultError> {
    let path = real(path);
    let folder = folder(&path);
    let handle = File::open(folder).map_err(fault("open the folder", folder))?;
    // Some network disks cannot lock a folder. Then two programs that change one vault in the same instant
    // could lose one of the two changes, which is better than no vault.
    let _ = handle.lock();
    Ok(Lock(handle))
}

/// Writes a vault where none is.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let folder = folder(path);
    let lock = lock(path)?;
    if fs::symlink_metadata(path).is_ok() {
        return Err(VaultError::Exists {
            path: path.to_owned(),
        });
    }
    write(path, bytes)?;
    lock.0.sync_all().map_err(fault("sync the folder", folder))
}

/// Puts a new version in the place of a vault.
pub(super) fn replace(path: &Path, bytes: &[u8], lock: &Lock) -> Result<(), VaultError> {
    let path = real(path);
    write(&path, bytes)?;
    lock.0.sync_all().map_err(fault("sync the folder", folder(&path)))
}

/// Beside it, synced, then renamed over it. On any error before the rename the old file stands untouched.
fn write(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    // What an earlier power cut left; sealed, and never the vault itself.
    let _ = fs::remove_file(&beside);
    let result = write_new(&beside, bytes)
        .map_err(fault("write", &beside))
        .and_then(|()| fs::rename(&beside, path).map_err(fault("replace the vault at", path)));
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
