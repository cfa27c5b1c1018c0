//! The home's disk for mail: protocol's [`Disk`] over sled, one database per expiry day.
//!
//! It has no policy: what is stored, until when, and for which reader is decided by the home. It stores bytes, seals them
//! a second time under a key per day, and destroys that key when the day has passed.
//!
//! Its calls wait for the disk, so a home has it behind a [`StoreThread`], which waits in its place.

mod day;
mod days;
mod guard;
mod layout;
mod mark;
mod reserve;
mod seal;
mod thread;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use hamsa_protocol::home::store::{Day, Disk, Place, StoreError};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

pub use self::thread::{IdleDisk, StoreThread};
use self::{days::Days, layout::Layout};
use crate::files::{self, NodeFileError};

const MIB: u64 = 1_024 * 1_024;
/// What mail may take when nothing is said, in MiB: a home takes at most 8 MiB a day for a fortnight, which makes 120,
/// and keys. On the disk it is two to four times that, as measured: sled writes pages anew.
pub const MAIL_MIB: u64 = 256;
/// Free room that is left on the disk, in bytes: the node's state and the system's logs must go on being written.
const FLOOR: u64 = 64 * MIB;
/// Room set aside for deleting on a full disk, in bytes: a deletion writes at most one page of 280 KiB in ten.
const RESERVE: u64 = 8 * MIB;

/// How much of a disk mail may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailLimits {
    /// Bytes of everything that is kept.
    pub bytes: u64,
    /// Bytes that stay free on the disk.
    pub floor: u64,
    /// Bytes set aside for deleting.
    pub reserve: u64,
}

impl MailLimits {
    /// The limits of a node that gives mail so many MiB.
    #[must_use]
    pub fn mebibytes(mail: u64) -> Self {
        Self {
            bytes: mail.saturating_mul(MIB),
            floor: FLOOR,
            reserve: RESERVE,
        }
    }
}

impl Default for MailLimits {
    fn default() -> Self {
        Self::mebibytes(MAIL_MIB)
    }
}

/// Why the mail of a node cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum MailDiskError {
    /// A file or a folder.
    #[error(transparent)]
    File(#[from] NodeFileError),
    /// The disk.
    #[error(
        "could not {action} {}: {source}; check that the disk is there, that it can be written, and that this user may",
        path.display()
    )]
    Disk {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process.
    #[error("{} is held by another process: the mail of a node is for one process; stop the other one", .0.display())]
    Held(PathBuf),
    /// A newer version of this program was here.
    #[error(
        "{} says format {found}, this version knows {known}: run the newer hamsa-node again; nothing was changed",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// Not ours, or damaged.
    #[error(
        "{} is damaged; if the folder is this node's mail, write the line `{remedy}` into it; nothing was changed",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// What should stand there.
        remedy: String,
    },
}

impl MailDiskError {
    fn disk(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Disk {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// How the mail of a node stands, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Items.
    pub items: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Bytes they may take.
    pub limit: u64,
    /// Whether the last item was refused for want of room.
    pub full: bool,
    /// By expiry day.
    pub days: Vec<DayNumbers>,
    /// Days on the disk that were not looked at yet.
    #[serde(default)]
    pub unread: usize,
    /// Folders of days that were damaged and put aside.
    pub damaged: Vec<String>,
}

/// A day of an [`Overview`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayNumbers {
    /// The day after which it is gone: `2026-11-25`.
    pub day: String,
    /// Items.
    pub items: usize,
    /// Bytes of them.
    pub bytes: u64,
}

/// A handle to the numbers of a store.
#[derive(Clone, Debug, Default)]
pub struct MailNumbers(Arc<Mutex<Overview>>);

impl MailNumbers {
    /// As they are now; never waits for the disk.
    #[must_use]
    pub fn now(&self) -> Overview {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Mail on a disk. See the module.
pub struct SledDisk {
    days: Days,
    numbers: MailNumbers,
}

impl std::fmt::Debug for SledDisk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SledDisk").finish_non_exhaustive()
    }
}

impl SledDisk {
    /// Opens the mail of a node's directory, or makes it. Days are opened when they are needed.
    ///
    /// # Errors
    /// [`MailDiskError`]; a damaged day is none, it is put aside when it is met.
    pub fn open(directory: &Path, limits: MailLimits) -> Result<Self, MailDiskError> {
        let layout = Layout::new(directory);
        layout.make()?;
        layout.check_format(false)?;
        let path = layout.lock();
        let lock = files::open_lock(&path)?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Err(MailDiskError::Held(path));
        }
        layout.check_format(true)?;
        let numbers = MailNumbers::default();
        let mail = layout.mail().to_owned();
        let days = Days::new(layout, limits, lock, Arc::clone(&numbers.0))
            .map_err(|source| MailDiskError::disk("read", &mail, source))?;
        Ok(Self { days, numbers })
    }

    /// The numbers, for the operator.
    #[must_use]
    pub fn numbers(&self) -> MailNumbers {
        self.numbers.clone()
    }

    fn then_publish<T>(&mut self, work: impl FnOnce(&mut Days) -> T) -> T {
        let result = work(&mut self.days);
        self.days.publish();
        result
    }
}

impl Disk for SledDisk {
    fn places(&mut self) -> Result<Vec<Place>, StoreError> {
        self.then_publish(Days::places)
    }

    fn read(&mut self, place: &Place) -> Result<Option<Vec<u8>>, StoreError> {
        self.then_publish(|days| days.read(place))
    }

    fn put(&mut self, place: &Place, value: &[u8]) -> Result<(), StoreError> {
        self.then_publish(|days| days.put(place, value))
    }

    fn remove(&mut self, place: &Place) -> Result<(), StoreError> {
        self.then_publish(|days| days.remove(place))
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.then_publish(Days::commit)
    }

    fn forget_before(&mut self, day: Day) -> Result<usize, StoreError> {
        self.then_publish(|days| days.forget_before(day))
    }
}

impl IdleDisk for SledDisk {
    fn on_idle(&mut self) {
        self.days.close_idle();
    }
}

/// Looks at the mail of a directory without touching it: what an operator should mend, in words.
#[must_use]
pub fn check(directory: &Path) -> Vec<String> {
    layout_check(&Layout::new(directory))
}

fn layout_check(layout: &Layout) -> Vec<String> {
    let mut wrong = Vec::new();
    // A node that never ran has no mail.
    if !layout.mail().exists() {
        return wrong;
    }
    wrong.extend(layout.check_format(false).err().map(|error| error.to_string()));
    match layout.entries() {
        Ok(entries) => wrong.extend(
            entries
                .iter()
                .filter_map(|(entry, path)| layout.complaint(*entry, path)),
        ),
        Err(source) => wrong.push(MailDiskError::disk("read", layout.mail(), source).to_string()),
    }
    for folder in [layout.mail(), layout.keys()] {
        use rustix::fs::{Access, access};
        if let Err(error) = access(folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK) {
            wrong.push(MailDiskError::disk("write into", folder, error.into()).to_string());
        }
    }
    if let Some(free) = guard::free(layout.mail())
        && free < FLOOR
    {
        wrong.push(format!(
            "the disk of {} has {} MiB left: no mail is taken below {}; free some room",
            layout.mail().display(),
            free / MIB,
            FLOOR / MIB
        ));
    }
    wrong
}

#[cfg(test)]
mod tests;
