//! The home's disk for mail: protocol's [`Store`] over sled, one database per expiry day.
//!
//! It has no policy: what is stored, until when, and for which reader is decided by the home. It stores bytes, seals them
//! a second time under a key per day, and destroys that key when the day has passed.
//!
//! One thread does all of it. A caller waits at most [`PATIENCE`]: a disk that hangs gives an error and does not stop the
//! node. A tokio worker hands its other tasks over before it waits. Only calls that go to the disk cost that; live chats
//! make none.

mod day;
mod days;
mod guard;
mod layout;
mod mark;
mod reserve;
mod seal;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    time::Duration,
};

use hamsa_protocol::home::store::{Day, Place, Store, StoreError};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use tokio::runtime::{Handle, RuntimeFlavor};

use self::{days::Days, layout::Layout};
use crate::files::{self, NodeFileError};

/// How long a caller waits for the disk: less than the 15 s after which a client probes a silent home.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How long a drop waits for the files to close: less than the 5 s that a node may take to stop. Acknowledged items are on
/// the disk already.
const CLOSING: Duration = Duration::from_secs(4);
/// How often idle days are closed.
const LOOK_FOR_IDLE: Duration = Duration::from_secs(60);

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

type Job = Box<dyn FnOnce(&mut Days) + Send>;

/// Mail on a disk. See the module.
pub struct SledStore {
    jobs: Option<SyncSender<Job>>,
    /// The thread still works on a call that timed out.
    late: Arc<AtomicBool>,
    ended: Receiver<()>,
    numbers: MailNumbers,
    patience: Duration,
}

impl std::fmt::Debug for SledStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SledStore").finish_non_exhaustive()
    }
}

impl SledStore {
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
        let mut days = Days::new(layout, limits, lock, Arc::clone(&numbers.0))
            .map_err(|source| MailDiskError::disk("read", &mail, source))?;
        let (jobs, todo) = mpsc::sync_channel::<Job>(1);
        let (end, ended) = mpsc::sync_channel(1);
        let work = move || {
            loop {
                match todo.recv_timeout(LOOK_FOR_IDLE) {
                    Ok(job) => job(&mut days),
                    Err(RecvTimeoutError::Timeout) => days.close_idle(),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            drop(days);
            let _ = end.send(());
        };
        std::thread::Builder::new()
            .name("mail".into())
            .spawn(work)
            .map_err(|source| MailDiskError::disk("start a thread for", &mail, source))?;
        Ok(Self {
            jobs: Some(jobs),
            late: Arc::new(AtomicBool::new(false)),
            ended,
            numbers,
            patience: PATIENCE,
        })
    }

    /// The numbers, for the operator.
    #[must_use]
    pub fn numbers(&self) -> MailNumbers {
        self.numbers.clone()
    }

    /// Has the thread do something, and waits for it, but not for ever.
    fn ask<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Days) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        // A call that timed out must end first: the order of calls is part of the contract.
        if self.late.swap(true, Ordering::AcqRel) {
            return Err(StoreError::Unavailable);
        }
        let late = Arc::clone(&self.late);
        let (answer, answered) = mpsc::sync_channel(1);
        let job: Job = Box::new(move |days| {
            let result = work(days);
            days.publish();
            late.store(false, Ordering::Release);
            let _ = answer.send(result);
        });
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(job).is_ok());
        if !sent {
            return Err(StoreError::Unavailable);
        }
        waiting(|| answered.recv_timeout(self.patience)).unwrap_or_else(|_| {
            tracing::error!(
                "the disk for mail does not answer within {} s; mail is refused until it does. Check this disk",
                self.patience.as_secs()
            );
            Err(StoreError::Unavailable)
        })
    }
}

/// Waits without holding up the other tasks of a tokio worker.
fn waiting<T>(wait: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        // One thread, or no tokio runtime: no worker could take the other tasks.
        _ => wait(),
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        // The thread closes what is open and lets go of the lock.
        self.jobs = None;
        let _ = waiting(|| self.ended.recv_timeout(CLOSING));
    }
}

impl Store for SledStore {
    fn places(&mut self) -> Result<Vec<Place>, StoreError> {
        self.ask(Days::places)
    }

    fn read(&mut self, place: &Place) -> Result<Option<Vec<u8>>, StoreError> {
        let place = *place;
        self.ask(move |days| days.read(&place))
    }

    fn put(&mut self, place: &Place, value: &[u8]) -> Result<(), StoreError> {
        let (place, value) = (*place, value.to_vec());
        self.ask(move |days| days.put(&place, &value))
    }

    fn remove(&mut self, place: &Place) -> Result<(), StoreError> {
        let place = *place;
        self.ask(move |days| days.remove(&place))
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.ask(Days::commit)
    }

    fn forget_before(&mut self, day: Day) -> Result<usize, StoreError> {
        self.ask(move |days| days.forget_before(day))
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
