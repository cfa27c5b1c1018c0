//! One day's sled, open.
//!
//! What sled 0.34 does and what is done about it, in the order of its source:
//! - `flush` writes with `sync_file_range`, which makes no file longer on the disk: [`OpenDay::commit`] also calls
//!   `sync_all` on sled's file, through a handle that was open before the write and so hears of its errors.
//! - Its own flushing thread is off: it writes between our calls, an error it meets is only logged, and it wakes the
//!   disk twice a second. Nothing is written but by our calls.
//! - An item above a quarter of a segment goes to a file of its own that is never synced. The segment is large enough
//!   that this does not happen with items up to [`VALUE_MAX`]; should it, those files are synced too.
//! - Its cache is cut into 256 parts, and a page that is larger than a part is read from the disk at every access; with
//!   2 MiB that is every page. [`AHEAD`] makes reads in order cheap, as at the start of a home.
//! - After an I/O error the database cannot be used any more: after a [`SledFault`] the day MUST be dropped and opened again.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    guard::{SledFault, guarded, let_go},
    layout::sync_folder,
    mark::Mark,
    seal::{NAME_LEN, Name, OVERHEAD},
};

/// Memory that sled may keep pages of a day in, in bytes: mail is read seldom, and a small node has many days.
const CACHE: u64 = 2 * 1_024 * 1_024;
/// sled's unit of writing in bytes. A page of 17 items is written in one piece, up to a quarter of this.
const SEGMENT: usize = 2 * 1_024 * 1_024;
/// How many items one reading takes along: what a page of sled's holds, 400 KiB at most.
const AHEAD: usize = 16;
/// The longest value in bytes: half as much again as the largest object of the protocol, a deposit of 8 records.
pub(super) const VALUE_MAX: usize = 24 * 1_024;
/// The item that counts how many times the day was made durable; shorter than every name, so that it is none.
const COUNT: &[u8] = b"n";
/// How often and how long to wait for a lock that our own last use may still hold: sled lets go in its own threads.
const LOCK_TRIES: u32 = 20;
const LOCK_WAIT: Duration = Duration::from_millis(50);

/// What a day holds: names, and how many bytes each takes.
#[derive(Debug, Default)]
pub(super) struct Index {
    items: BTreeMap<Name, u64>,
    bytes: u64,
}

impl Index {
    pub(super) fn insert(&mut self, name: Name, len: usize) {
        let len = Self::cost(len);
        let before = self.items.insert(name, len).unwrap_or(0);
        self.bytes = self.bytes.saturating_sub(before).saturating_add(len);
    }

    pub(super) fn remove(&mut self, name: &Name) {
        self.bytes = self.bytes.saturating_sub(self.items.remove(name).unwrap_or(0));
    }

    pub(super) fn contains(&self, name: &Name) -> bool {
        self.items.contains_key(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        self.items.keys()
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes that a sealed value takes with its name.
    fn cost(sealed: usize) -> u64 {
        u64::try_from(sealed + NAME_LEN).unwrap_or(u64::MAX)
    }

    /// Bytes that would come in addition if a value were kept.
    pub(super) fn growth(&self, name: &Name, value: usize) -> u64 {
        let before = self.items.get(name).copied().unwrap_or(0);
        Self::cost(value + OVERHEAD).saturating_sub(before)
    }
}

/// How much is asked of a day when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Everything that was acknowledged is there, and every page can be read.
    Whole,
    /// Whatever can be read.
    WhatIsLeft,
}

/// A day whose sled is open.
pub(super) struct OpenDay {
    folder: PathBuf,
    db: Option<sled::Db>,
    file: File,
    mark: Mark,
    count: u64,
    /// Sealed values that came along with the last reading.
    ahead: BTreeMap<Name, Vec<u8>>,
    /// When it was used last.
    pub(super) used: Instant,
}

impl std::fmt::Debug for OpenDay {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "OpenDay({})", self.folder.display())
    }
}

impl Drop for OpenDay {
    fn drop(&mut self) {
        let_go(self.db.take());
    }
}

impl OpenDay {
    /// Opens a day, makes it when it is not there, and lists what it holds.
    pub(super) fn open(folder: &Path, trust: Trust) -> Result<(Self, Index), SledFault> {
        let there = folder.is_dir();
        if !there {
            use std::os::unix::fs::DirBuilderExt;
            fs::DirBuilder::new().mode(0o700).create(folder)?;
        }
        let db = open_sled(folder)?;
        let mark = Mark::open(folder)?;
        sync_files(folder)?;
        if !there {
            folder.parent().map_or(Ok(()), sync_folder)?;
        }
        let file = File::open(folder.join("db"))?;
        let mut open = Self {
            folder: folder.to_owned(),
            db: Some(db),
            file,
            mark,
            count: 0,
            ahead: BTreeMap::new(),
            used: Instant::now(),
        };
        let mut index = Index::default();
        let listed = open.list(&mut index);
        if trust == Trust::Whole {
            listed?;
            let missing = open.mark.count().saturating_sub(open.count);
            if missing > 0 {
                return Err(SledFault::Damaged(format!(
                    "the last {missing} of {} writes are missing",
                    open.mark.count()
                )));
            }
        }
        open.count = open.count.max(open.mark.count());
        Ok((open, index))
    }

    fn list(&mut self, index: &mut Index) -> Result<(), SledFault> {
        let count = &mut self.count;
        let db = self.db.as_ref();
        guarded(&self.folder, || {
            for item in db.into_iter().flat_map(|db| db.iter()) {
                let (name, value) = item?;
                if let Ok(name) = Name::try_from(name.as_ref()) {
                    index.insert(name, value.len());
                } else if name.as_ref() == COUNT {
                    *count = value.as_ref().try_into().map_or(0, u64::from_be_bytes);
                }
            }
            Ok(())
        })
    }

    fn with<T>(&mut self, work: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Result<T, SledFault> {
        self.used = Instant::now();
        let Some(db) = &self.db else {
            return Err(SledFault::Refused("it is closed".into()));
        };
        guarded(&self.folder, || Ok(work(db)?))
    }

    /// What lies under a name, still sealed.
    pub(super) fn read(&mut self, name: &Name) -> Result<Option<Vec<u8>>, SledFault> {
        if let Some(sealed) = self.ahead.remove(name) {
            self.used = Instant::now();
            return Ok(Some(sealed));
        }
        let mut found = BTreeMap::new();
        self.with(|db| {
            for item in db.range(name.as_slice()..).take(AHEAD) {
                match item {
                    Ok((key, sealed)) => {
                        if let Ok(key) = Name::try_from(key.as_ref()) {
                            found.insert(key, sealed.to_vec());
                        }
                    }
                    // A later item reports its error when it is read.
                    Err(error) if found.is_empty() => return Err(error),
                    Err(_) => break,
                }
            }
            Ok(())
        })?;
        self.ahead = found;
        Ok(self.ahead.remove(name))
    }

    /// Keeps a sealed value; durable after [`Self::commit`].
    pub(super) fn insert(&mut self, name: &Name, sealed: Vec<u8>) -> Result<(), SledFault> {
        self.ahead.remove(name);
        self.with(|db| db.insert(name, sealed).map(|_| ()))
    }

    /// Forgets a name; durable after [`Self::commit`].
    pub(super) fn remove(&mut self, name: &Name) -> Result<(), SledFault> {
        self.ahead.remove(name);
        self.with(|db| db.remove(name).map(|_| ()))
    }

    /// Makes everything before it durable: sled's log, the length of its file, then the mark outside.
    pub(super) fn commit(&mut self) -> Result<(), SledFault> {
        let count = self.count.saturating_add(1);
        self.with(|db| {
            db.insert(COUNT, &count.to_be_bytes())?;
            db.flush().map(|_| ())
        })?;
        self.file.sync_all()?;
        sync_blobs(&self.folder)?;
        self.mark.advance(count)?;
        self.count = count;
        Ok(())
    }
}

fn open_sled(folder: &Path) -> Result<sled::Db, SledFault> {
    let config = sled::Config::new()
        .path(folder)
        .mode(sled::Mode::LowSpace)
        .cache_capacity(CACHE)
        .segment_size(SEGMENT)
        .flush_every_ms(None);
    for _ in 0..LOCK_TRIES {
        match guarded(folder, || Ok(config.open()?)) {
            Err(SledFault::Held) => std::thread::park_timeout(LOCK_WAIT),
            result => return result,
        }
    }
    Err(SledFault::Held)
}

/// Syncs the files that sled and we made beside the log, and their names.
fn sync_files(folder: &Path) -> io::Result<()> {
    for found in fs::read_dir(folder)? {
        let found = found?;
        if found.file_type()?.is_file() {
            File::open(found.path())?.sync_all()?;
        }
    }
    sync_blobs(folder)?;
    sync_folder(folder)
}

/// Syncs what sled put into files of their own.
fn sync_blobs(folder: &Path) -> io::Result<()> {
    let blobs = folder.join("blobs");
    let mut any = false;
    for found in fs::read_dir(&blobs)? {
        File::open(found?.path())?.sync_all()?;
        any = true;
    }
    if any { sync_folder(&blobs) } else { Ok(()) }
}
