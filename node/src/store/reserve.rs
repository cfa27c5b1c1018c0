//! Room set aside on the disk. Deleting writes too: on a full disk this file is removed first.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::fs::{FallocateFlags, fallocate};

use super::{
    guard::{SledFault, free},
    layout::sync_folder,
};

/// Makes sure that it is there; it is only made anew when `room` bytes are free.
pub(super) fn take(path: &Path, size: u64, room: u64) -> Result<(), SledFault> {
    if size == 0 || fs::metadata(path).is_ok_and(|file| file.len() >= size) {
        return Ok(());
    }
    if path.parent().and_then(free).is_none_or(|free| free < room) {
        return Err(SledFault::Full);
    }
    let made = make(path, size);
    if made.is_err() {
        give(path);
    }
    made.map_err(SledFault::from)
}

/// Gives it up.
pub(super) fn give(path: &Path) {
    if fs::remove_file(path).is_ok()
        && let Some(folder) = path.parent()
    {
        // The room counts as soon as the name is gone; whether that is durable does not matter.
        let _ = sync_folder(folder);
    }
}

fn make(path: &Path, size: u64) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    if fallocate(&file, FallocateFlags::empty(), 0, size).is_err() {
        // Not every file system can: then it is written.
        let zeros = vec![0; 64 * 1_024];
        let mut left = size;
        while left > 0 {
            let part = left.min(64 * 1_024);
            file.write_all(
                zeros
                    .get(..usize::try_from(part).unwrap_or(0))
                    .unwrap_or_default(),
            )?;
            left -= part;
        }
    }
    file.sync_all()
}
