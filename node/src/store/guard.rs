//! Contains sled: neither its panics nor its errors may reach the node.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use rustix::fs::statvfs;

/// With less free room than this, in bytes, a panic counts as a full disk and not as damage: opening a day writes up to
/// one segment.
const TIGHT: u64 = 4 * 1_024 * 1_024;

/// Why sled, or the disk under it, did not do what was asked.
#[derive(Debug)]
pub(super) enum SledFault {
    /// No room, or no more of it for this user.
    Full,
    /// What lies there is not what was written.
    Damaged(String),
    /// Another process has it open.
    Held,
    /// The system refused, which says nothing about the data.
    Refused(String),
}

impl From<io::Error> for SledFault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => Self::Damaged(error.to_string()),
            _ if error.to_string().contains("could not acquire lock") => Self::Held,
            _ => Self::Refused(error.to_string()),
        }
    }
}

impl From<sled::Error> for SledFault {
    fn from(error: sled::Error) -> Self {
        match error {
            sled::Error::Io(error) => error.into(),
            // The other texts may hold data that was read: they must not be logged.
            sled::Error::Corruption { .. } => Self::Damaged("a checksum does not hold".into()),
            sled::Error::Unsupported(_) => Self::Damaged("it was written in a way that is not known".into()),
            sled::Error::CollectionNotFound(_) | sled::Error::ReportableBug(_) => {
                Self::Damaged("its parts do not fit together".into())
            }
        }
    }
}

/// Runs a call of sled that may panic. After a fault the caller MUST drop what it had open.
pub(super) fn guarded<T>(folder: &Path, work: impl FnOnce() -> Result<T, SledFault>) -> Result<T, SledFault> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(_) if free(folder).is_some_and(|free| free < TIGHT) => Err(SledFault::Full),
        Err(_) => Err(SledFault::Damaged("sled gave up on it".into())),
    }
}

/// Drops something whose drop may panic.
pub(super) fn let_go<T>(value: T) {
    let _ = catch_unwind(AssertUnwindSafe(move || drop(value)));
}

/// Free bytes for this user on the disk that holds a path.
pub(super) fn free(path: &Path) -> Option<u64> {
    let numbers = statvfs(path).ok()?;
    Some(numbers.f_bavail.saturating_mul(numbers.f_frsize))
}
