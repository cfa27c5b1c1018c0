//! All days, and what happens when one of them fails. Used by the thread of the store only.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hamsa_protocol::home::store::{Day, ItemKind, Place, StoreError};

use super::{
    DayNumbers, MailLimits, Overview,
    day::{Index, OpenDay, Trust, VALUE_MAX},
    guard::{SledFault, free},
    layout::{FolderEntry, Layout, date, sync_folder},
    reserve,
    seal::{self, DayKey, Name},
};
use crate::files::NodeFileError;

/// Days that are open at once: each takes three descriptors and up to 2 MiB of cache. Mail goes to one day, that of
/// what comes in today, and to a few more for answers and keys.
const OPEN_MAX: usize = 4;
/// How long a day stays open without being used.
pub(super) const IDLE: Duration = Duration::from_secs(300);
/// Below this, in bytes, the room set aside is given up, so that deleting and reopening go on: about what opening a
/// day writes, twice.
const TIGHT: u64 = 4 * 1_024 * 1_024;

/// A day that is in use.
struct OneDay {
    key: DayKey,
    open: Option<OpenDay>,
    /// `None` after a fault, until the day has been read again.
    index: Option<Index>,
    /// Something was put or removed and is not durable yet.
    dirty: bool,
}

/// All days.
pub(super) struct Days {
    layout: Layout,
    limits: MailLimits,
    days: BTreeMap<Day, OneDay>,
    /// Days on the disk that were not looked at yet.
    unread: BTreeSet<Day>,
    /// What was put aside.
    damaged: BTreeMap<PathBuf, Day>,
    /// What was put, not made durable, and lost since: the next commit says it.
    lost: Option<StoreError>,
    full: bool,
    /// The last thing said in the log, not to be said again and again.
    told: String,
    overview: Arc<Mutex<Overview>>,
    _lock: File,
}

/// What came of opening a day.
struct DayOpening {
    there: bool,
    /// It was damaged when it was opened; what could be saved of it is there.
    damaged: bool,
}

impl Days {
    pub(super) fn new(
        layout: Layout,
        limits: MailLimits,
        lock: File,
        overview: Arc<Mutex<Overview>>,
    ) -> std::io::Result<Self> {
        let mut days = Self {
            layout,
            limits,
            days: BTreeMap::new(),
            unread: BTreeSet::new(),
            damaged: BTreeMap::new(),
            lost: None,
            full: false,
            told: String::new(),
            overview,
            _lock: lock,
        };
        for (entry, path) in days.layout.entries()? {
            match entry {
                FolderEntry::Day(day) => {
                    days.unread.insert(day);
                }
                FolderEntry::Damaged(day, _) => {
                    days.damaged.insert(path, day);
                }
                // Its removal was interrupted.
                FolderEntry::Forgotten(day) => days.finish_forgetting(day)?,
            }
        }
        for (day, path) in days.layout.key_files()? {
            // A key that never got its name has sealed nothing.
            if day.is_none() {
                seal::destroy(&path)?;
            }
        }
        // Room for deleting. Without it no item is accepted.
        if let Err(fault) = days.take_reserve() {
            days.report(None, &fault);
        }
        days.publish();
        Ok(days)
    }

    /// Every item that can be read. A day that cannot be read now is left out and logged; the other days do not wait for
    /// it.
    pub(super) fn places(&mut self) -> Result<Vec<Place>, StoreError> {
        self.read_all();
        let mut places = Vec::new();
        for (day, one) in &self.days {
            for name in one.index.iter().flat_map(Index::names) {
                places.extend(place(*day, name));
            }
        }
        Ok(places)
    }

    pub(super) fn read(&mut self, place: &Place) -> Result<Option<Vec<u8>>, StoreError> {
        let name = seal::name(place);
        if self.known_absent(place.day, &name) {
            return Ok(None);
        }
        let opened = self.ready(place.day, false)?;
        let absent = if opened.damaged {
            Err(StoreError::Damaged(place.day))
        } else {
            Ok(None)
        };
        if !opened.there || self.known_absent(place.day, &name) {
            return absent;
        }
        let Some((key, open, index)) = self.parts(place.day) else {
            return absent;
        };
        match open.read(&name) {
            Err(fault) => Err(self.fail(place.day, fault)),
            Ok(sealed) => match sealed.and_then(|sealed| key.open_value(&name, &sealed)) {
                Some(value) => Ok(Some(value)),
                None => {
                    // Reported once. It stays on the disk until its day, and is never read again.
                    index.remove(&name);
                    let date = date(place.day).unwrap_or_default();
                    tracing::error!(
                        "one item of mail that expires on {date} was changed on this disk and cannot be opened; the others are served. Check the disk of {}",
                        self.layout.mail().display()
                    );
                    Err(StoreError::Damaged(place.day))
                }
            },
        }
    }

    pub(super) fn put(&mut self, place: &Place, value: &[u8]) -> Result<(), StoreError> {
        if value.len() > VALUE_MAX {
            let text = format!("an item of {} bytes is longer than mail can be", value.len());
            return Err(self.report(None, &SledFault::Refused(text)));
        }
        self.read_all();
        let name = seal::name(place);
        if let Err(fault) = self.make_room(place.day, &name, value.len()) {
            return Err(self.report(None, &fault));
        }
        self.ready(place.day, true)?;
        let Some((key, open, index)) = self.parts(place.day) else {
            return Err(StoreError::Unavailable);
        };
        let Some(sealed) = key.seal(&name, value) else {
            return Err(StoreError::Unavailable);
        };
        let len = sealed.len();
        match open.insert(&name, sealed) {
            Ok(()) => {
                index.insert(name, len);
                self.touch(place.day);
                Ok(())
            }
            Err(fault) => {
                // What sled did of it is not known.
                self.touch(place.day);
                Err(self.fail(place.day, fault))
            }
        }
    }

    pub(super) fn remove(&mut self, place: &Place) -> Result<(), StoreError> {
        let name = seal::name(place);
        self.tend_reserve();
        if self.known_absent(place.day, &name)
            || !self.ready(place.day, false)?.there
            || self.known_absent(place.day, &name)
        {
            return Ok(());
        }
        let Some((_, open, index)) = self.parts(place.day) else {
            return Ok(());
        };
        match open.remove(&name) {
            Ok(()) => {
                index.remove(&name);
                self.touch(place.day);
                Ok(())
            }
            Err(fault) => {
                self.touch(place.day);
                Err(self.fail(place.day, fault))
            }
        }
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        self.tend_reserve();
        let mut result = Ok(());
        for day in self.dirty() {
            if let Err(error) = self.commit_day(day) {
                result = Err(error);
            }
        }
        // Also what was lost before this call, or by it.
        let result = self.lost.take().map_or(result, Err);
        if result.is_ok() {
            self.told.clear();
        }
        result
    }

    pub(super) fn forget_before(&mut self, bound: Day) -> Result<usize, StoreError> {
        let old: Vec<Day> = self.unread.range(..bound).copied().collect();
        // Only to count them; what cannot be read goes all the same.
        for day in old {
            let _ = self.ready(day, false);
        }
        let mut days: BTreeSet<Day> = self.days.range(..bound).map(|(day, _)| *day).collect();
        let keys = self.layout.key_files();
        let entries = self.layout.entries();
        let (keys, entries) = match (keys, entries) {
            (Ok(keys), Ok(entries)) => (keys, entries),
            (Err(error), _) | (_, Err(error)) => return Err(self.report(None, &error.into())),
        };
        days.extend(keys.iter().filter_map(|(day, _)| *day).filter(|day| *day < bound));
        days.extend(
            entries
                .iter()
                .map(|(entry, _)| entry.day())
                .filter(|day| *day < bound),
        );
        let mut items = 0;
        let mut result = Ok(());
        for day in days {
            let count = self
                .days
                .remove(&day)
                .and_then(|one| one.index)
                .map_or(0, |index| index.len());
            self.unread.remove(&day);
            match self.forget(day) {
                Ok(()) => items += count,
                Err(error) => result = Err(self.report(Some(day), &error.into())),
            }
        }
        result.map(|()| items)
    }

    /// Closes what was not used for a while; what is not durable yet stays open.
    pub(super) fn close_idle(&mut self) {
        for one in self.days.values_mut() {
            if !one.dirty && one.open.as_ref().is_some_and(|open| open.used.elapsed() >= IDLE) {
                one.open = None;
            }
        }
    }

    /// Writes the numbers for the operator.
    pub(super) fn publish(&mut self) {
        let days = self.days.iter().filter_map(|(day, one)| {
            let index = one.index.as_ref()?;
            (index.len() > 0).then(|| DayNumbers {
                day: date(*day).unwrap_or_default(),
                items: index.len(),
                bytes: index.bytes(),
            })
        });
        let days: Vec<DayNumbers> = days.collect();
        let overview = Overview {
            items: days.iter().map(|day| day.items).sum(),
            bytes: days.iter().map(|day| day.bytes).sum(),
            limit: self.limits.bytes,
            full: self.full,
            unread: self.unread.len(),
            damaged: self.damaged.keys().map(|path| file_name(path)).collect(),
            days,
        };
        *self.overview.lock().unwrap_or_else(PoisonError::into_inner) = overview;
    }

    fn dirty(&self) -> Vec<Day> {
        self.days
            .iter()
            .filter(|(_, one)| one.dirty)
            .map(|(day, _)| *day)
            .collect()
    }

    fn commit_day(&mut self, day: Day) -> Result<(), StoreError> {
        let Some(one) = self.days.get_mut(&day) else {
            return Ok(());
        };
        let Some(open) = &mut one.open else { return Ok(()) };
        match open.commit() {
            Ok(()) => {
                one.dirty = false;
                Ok(())
            }
            Err(fault) => Err(self.fail(day, fault)),
        }
    }

    fn touch(&mut self, day: Day) {
        if let Some(one) = self.days.get_mut(&day) {
            one.dirty = true;
        }
    }

    fn known_absent(&self, day: Day, name: &Name) -> bool {
        match self.days.get(&day) {
            Some(one) => one.index.as_ref().is_some_and(|index| !index.contains(name)),
            None => false,
        }
    }

    fn parts(&mut self, day: Day) -> Option<(&DayKey, &mut OpenDay, &mut Index)> {
        let one = self.days.get_mut(&day)?;
        Some((&one.key, one.open.as_mut()?, one.index.as_mut()?))
    }

    /// Looks at every day that was not looked at since the start or since a fault.
    fn read_all(&mut self) {
        let failed = self.days.iter().filter(|(_, one)| one.index.is_none());
        let days: BTreeSet<Day> = failed
            .map(|(day, _)| *day)
            .chain(self.unread.iter().copied())
            .collect();
        for day in days {
            // A failure is logged, and the day stays on the list.
            let _ = self.ready(day, false);
        }
    }

    /// Opens a day. A damaged one is put aside, what is left of it saved, and a fresh one stands in its place.
    fn ready(&mut self, day: Day, make: bool) -> Result<DayOpening, StoreError> {
        let mut damaged = false;
        loop {
            match self.open(day, make) {
                Ok(there) => return Ok(DayOpening { there, damaged }),
                Err(SledFault::Damaged(reason)) if !damaged => {
                    damaged = true;
                    self.set_aside(day, &reason)?;
                }
                Err(fault) => return Err(self.report(Some(day), &fault)),
            }
        }
    }

    fn open(&mut self, day: Day, make: bool) -> Result<bool, SledFault> {
        if self.parts(day).is_some() {
            return Ok(true);
        }
        let (Some(folder), Some(key)) = (self.layout.day(day), self.layout.key(day)) else {
            return Err(SledFault::Refused("no calendar has this day".into()));
        };
        let there = folder.exists();
        if !there && !make {
            self.unread.remove(&day);
            return Ok(false);
        }
        self.tend_reserve();
        let key = match DayKey::open(day, &key, !there) {
            Ok(Some(key)) => key,
            Ok(None) => {
                return Err(SledFault::Damaged(format!(
                    "its key {} is missing",
                    key.display()
                )));
            }
            Err(NodeFileError::NotAKey { .. }) => {
                // A key made anew needs the name.
                fs::rename(&key, key.with_extension("key.damaged"))?;
                return Err(SledFault::Damaged(format!(
                    "its key {} is damaged",
                    key.display()
                )));
            }
            Err(NodeFileError::Io { source, path, action }) => {
                return Err(match SledFault::from(source) {
                    SledFault::Refused(reason) => {
                        SledFault::Refused(format!("could not {action} {}: {reason}", path.display()))
                    }
                    fault => fault,
                });
            }
            Err(error) => return Err(SledFault::Refused(error.to_string())),
        };
        self.close_oldest();
        let (open, index) = OpenDay::open(&folder, Trust::Whole)?;
        self.unread.remove(&day);
        let one = OneDay {
            key,
            open: Some(open),
            index: Some(index),
            dirty: false,
        };
        self.days.insert(day, one);
        Ok(true)
    }

    /// Makes room for one more open day.
    fn close_oldest(&mut self) {
        let mut open: Vec<_> = self
            .days
            .iter()
            .filter_map(|(day, one)| one.open.as_ref().map(|open| (open.used, *day, one.dirty)))
            .collect();
        open.sort_unstable();
        let many = (open.len() + 1).saturating_sub(OPEN_MAX);
        for (_, day, dirty) in open.into_iter().take(many) {
            // Closing would write it too, without telling whether that succeeded.
            if dirty && let Err(error) = self.commit_day(day) {
                self.lost = Some(error);
            }
            if let Some(one) = self.days.get_mut(&day) {
                one.open = None;
            }
        }
    }

    /// After a fault of an open day: it is closed, and the next use opens it again.
    pub(super) fn fail(&mut self, day: Day, fault: SledFault) -> StoreError {
        if let SledFault::Damaged(reason) = fault {
            return self
                .set_aside(day, &reason)
                .err()
                .unwrap_or(StoreError::Damaged(day));
        }
        let error = self.report(Some(day), &fault);
        if let Some(one) = self.days.get_mut(&day) {
            one.open = None;
            one.index = None;
            if std::mem::take(&mut one.dirty) {
                self.lost = Some(error);
            }
        }
        error
    }

    /// Puts a damaged day aside and saves what can be read of it.
    fn set_aside(&mut self, day: Day, reason: &str) -> Result<(), StoreError> {
        self.unread.remove(&day);
        if let Some(one) = self.days.remove(&day)
            && one.dirty
        {
            self.lost = Some(StoreError::Damaged(day));
        }
        let (Some(from), Some(to)) = (self.layout.day(day), self.layout.damaged(day)) else {
            return Err(StoreError::Unavailable);
        };
        let moved = fs::rename(&from, &to).and_then(|()| sync_folder(self.layout.mail()));
        if let Err(error) = moved {
            return Err(self.report(Some(day), &error.into()));
        }
        self.damaged.insert(to.clone(), day);
        let (saved, whole) = self.save_rest(day, &to);
        let date = date(day).unwrap_or_default();
        let rest = if whole {
            ""
        } else {
            "; not everything in it could be looked at"
        };
        tracing::error!(
            "mail that expires on {date} is damaged: {reason}. It was put aside as {} until that day has passed; {saved} items could be saved and are served{rest}. Check this disk, and have the other homes of the helpline running: they keep the same mail",
            to.display()
        );
        Ok(())
    }

    /// Copies the items that open under the day's key. Returns how many, and whether every item was checked.
    fn save_rest(&mut self, day: Day, from: &Path) -> (usize, bool) {
        let key = self
            .layout
            .key(day)
            .and_then(|path| DayKey::open(day, &path, false).ok().flatten());
        let Some(key) = key else { return (0, false) };
        let Ok((mut old, index)) = OpenDay::open(from, Trust::WhatIsLeft) else {
            return (0, false);
        };
        let mut saved = 0;
        for name in index.names() {
            let Ok(sealed) = old.read(name) else {
                return (saved, false);
            };
            let Some(sealed) = sealed.filter(|sealed| key.open_value(name, sealed).is_some()) else {
                continue;
            };
            if !matches!(self.open(day, true), Ok(true)) {
                return (saved, false);
            }
            let Some((_, open, index)) = self.parts(day) else {
                return (saved, false);
            };
            let len = sealed.len();
            if open.insert(name, sealed).is_err() {
                return (saved, false);
            }
            index.insert(*name, len);
            saved += 1;
        }
        self.touch(day);
        let kept = self
            .days
            .get_mut(&day)
            .and_then(|one| one.open.as_mut())
            .is_none_or(|open| open.commit().is_ok());
        if kept && let Some(one) = self.days.get_mut(&day) {
            one.dirty = false;
        }
        (saved, kept)
    }

    /// Whether one more item may be taken: by the share of mail, by the disk, and with room left for deleting.
    fn make_room(&mut self, day: Day, name: &Name, len: usize) -> Result<(), SledFault> {
        let index = self.days.get(&day).and_then(|one| one.index.as_ref());
        let growth = index.unwrap_or(&Index::default()).growth(name, len);
        let bytes: u64 = self
            .days
            .values()
            .filter_map(|one| one.index.as_ref())
            .map(Index::bytes)
            .sum();
        if bytes.saturating_add(growth) > self.limits.bytes {
            return Err(SledFault::Full);
        }
        self.take_reserve()?;
        let free = free(self.layout.mail())
            .ok_or_else(|| SledFault::Refused("its free room is not known".into()))?;
        if free < self.limits.floor.saturating_add(growth) {
            return Err(SledFault::Full);
        }
        self.full = false;
        Ok(())
    }

    /// Allocates it where it is missing, if enough room is left then.
    fn take_reserve(&self) -> Result<(), SledFault> {
        let room = self.limits.reserve.saturating_add(2 * TIGHT);
        reserve::take(&self.layout.reserve(), self.limits.reserve, room)
    }

    /// Frees it where room is tight, and allocates it again later.
    fn tend_reserve(&self) {
        if free(self.layout.mail()).is_some_and(|free| free < TIGHT) {
            reserve::give(&self.layout.reserve());
        } else {
            // A caller that needs it checks for it.
            let _ = self.take_reserve();
        }
    }

    /// Rename, destroy, remove: after the second step nothing can be read, wherever a stop comes.
    fn forget(&mut self, day: Day) -> std::io::Result<()> {
        let (Some(from), Some(to)) = (self.layout.day(day), self.layout.forgotten(day)) else {
            return Ok(());
        };
        if from.exists() {
            remove_folder(&to)?;
            fs::rename(&from, &to)?;
            sync_folder(self.layout.mail())?;
        }
        self.finish_forgetting(day)
    }

    fn finish_forgetting(&mut self, day: Day) -> std::io::Result<()> {
        let Some(folder) = self.layout.forgotten(day) else {
            return Ok(());
        };
        for (_, path) in self
            .layout
            .key_files()?
            .iter()
            .filter(|(owner, _)| *owner == Some(day))
        {
            seal::destroy(path)?;
        }
        remove_folder(&folder)?;
        let aside: Vec<PathBuf> = self
            .damaged
            .iter()
            .filter(|(_, of)| **of == day)
            .map(|(path, _)| path.clone())
            .collect();
        for path in aside {
            remove_folder(&path)?;
            self.damaged.remove(&path);
        }
        sync_folder(self.layout.mail())
    }

    /// Logs a fault with the path and what to do; not twice in a row.
    fn report(&mut self, day: Option<Day>, fault: &SledFault) -> StoreError {
        let path = day
            .and_then(|day| self.layout.day(day))
            .unwrap_or_else(|| self.layout.mail().to_owned());
        let path = path.display();
        let (error, text) = match fault {
            SledFault::Full => {
                self.full = true;
                let text = format!(
                    "no room for mail in {path}: nothing new is taken, what is there is served. Free some disk, or raise `mail_mib` in node.toml and start the node again"
                );
                (StoreError::Full, text)
            }
            SledFault::Damaged(reason) => (
                day.map_or(StoreError::Unavailable, StoreError::Damaged),
                format!("{path} is damaged: {reason}. Check this disk"),
            ),
            SledFault::Held => (
                StoreError::Unavailable,
                format!(
                    "{path} is in use by another process. Stop it; a node's directory is for one process"
                ),
            ),
            SledFault::Refused(reason) => (
                StoreError::Unavailable,
                format!(
                    "{path} cannot be used: {reason}. Check that the disk is well and that this user may read and write there"
                ),
            ),
        };
        if self.told != text {
            tracing::error!("{text}");
            self.told = text;
        }
        error
    }
}

impl FolderEntry {
    fn day(self) -> Day {
        match self {
            Self::Day(day) | Self::Damaged(day, _) | Self::Forgotten(day) => day,
        }
    }
}

fn place(day: Day, name: &Name) -> Option<Place> {
    let (kind, key) = name.split_first()?;
    let kind = [ItemKind::Deposit, ItemKind::Reply, ItemKind::MailKey]
        .into_iter()
        .find(|known| *known as u8 == *kind)?;
    let key = key.try_into().ok()?;
    Some(Place { day, kind, key })
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn remove_folder(path: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
