//! A store in memory that behaves like a disk: what was not committed is lost in a crash, and it can be told to fail.
//! It is for tests, the simulator, and a node that has no disk for mail.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::store::{Completion, Day, Disk, ItemKind, OpId, Place, Store, StoreError, StoreOp, load, work};

/// What can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreStep {
    /// Reading an item.
    Read,
    /// Taking an item.
    Put,
    /// Making what was taken durable.
    Commit,
}

/// What a slow disk keeps back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeldBack {
    /// Nothing: an operation completes as soon as its completion is asked for.
    #[default]
    Nothing,
    /// The work: what was submitted is not done yet.
    Work,
    /// The word: what was submitted is done, and does not say so yet.
    Word,
}

#[derive(Default)]
struct MemoryDisk {
    /// What survives a crash.
    durable: BTreeMap<Place, Vec<u8>>,
    /// What can be read.
    seen: BTreeMap<Place, Vec<u8>>,
    faults: BTreeMap<StoreStep, StoreError>,
    held: HeldBack,
}

/// A virtual disk. Clones are handles to the same disk, as for two processes one after the other; operations and their
/// completions are those of one process.
#[derive(Default)]
pub struct MemoryStore {
    disk: Arc<Mutex<MemoryDisk>>,
    submitted: VecDeque<(OpId, StoreOp)>,
    done: VecDeque<Completion>,
}

impl Clone for MemoryStore {
    fn clone(&self) -> Self {
        Self {
            disk: Arc::clone(&self.disk),
            ..Self::default()
        }
    }
}

impl MemoryStore {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Simulates a power failure: what was not committed is lost.
    pub fn crash(&self) {
        let mut disk = self.disk();
        disk.seen = disk.durable.clone();
    }

    /// From now on `step` fails with `error`, until this is called with `None`.
    pub fn fail(&self, step: StoreStep, error: Option<StoreError>) {
        let mut disk = self.disk();
        match error {
            Some(error) => disk.faults.insert(step, error),
            None => disk.faults.remove(&step),
        };
    }

    /// From now on the disk keeps this back.
    pub fn hold_back(&self, what: HeldBack) {
        self.disk().held = what;
    }

    /// Whether an item of this name is durable, whatever its day.
    #[must_use]
    pub fn holds(&self, kind: ItemKind, key: &[u8; 32]) -> bool {
        let its = |place: &&Place| place.kind == kind && place.key == *key;
        self.disk().durable.keys().any(|place| its(&place))
    }

    /// How many items are durable.
    #[must_use]
    pub fn len(&self) -> usize {
        self.disk().durable.len()
    }

    /// Whether nothing is durable.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn disk(&self) -> MutexGuard<'_, MemoryDisk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn working(&self, step: StoreStep) -> Result<MutexGuard<'_, MemoryDisk>, StoreError> {
        let disk = self.disk();
        match disk.faults.get(&step) {
            Some(error) => Err(*error),
            None => Ok(disk),
        }
    }
}

impl Store for MemoryStore {
    fn load(&mut self, found: &mut dyn FnMut(Place, Vec<u8>)) -> Result<(), StoreError> {
        load(self, found)
    }

    fn submit(&mut self, op: OpId, what: StoreOp) {
        self.submitted.push_back((op, what));
    }

    fn completed(&mut self) -> Option<Completion> {
        let held = self.disk().held;
        if held != HeldBack::Work {
            let batch = core::mem::take(&mut self.submitted);
            let mut done = Vec::new();
            work(self, batch, &mut |completion| done.push(completion));
            self.done.extend(done);
        }
        if held == HeldBack::Nothing {
            self.done.pop_front()
        } else {
            None
        }
    }
}

impl Disk for MemoryStore {
    fn places(&mut self) -> Result<Vec<Place>, StoreError> {
        Ok(self.working(StoreStep::Read)?.seen.keys().copied().collect())
    }

    fn read(&mut self, place: &Place) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.working(StoreStep::Read)?.seen.get(place).cloned())
    }

    fn put(&mut self, place: &Place, value: &[u8]) -> Result<(), StoreError> {
        self.working(StoreStep::Put)?.seen.insert(*place, value.to_vec());
        Ok(())
    }

    fn remove(&mut self, place: &Place) -> Result<(), StoreError> {
        self.working(StoreStep::Put)?.seen.remove(place);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let mut disk = self.working(StoreStep::Commit)?;
        disk.durable = disk.seen.clone();
        Ok(())
    }

    fn forget_before(&mut self, day: Day) -> Result<usize, StoreError> {
        let mut disk = self.working(StoreStep::Commit)?;
        let before = disk.seen.len();
        disk.seen.retain(|place, _| place.day >= day);
        disk.durable.retain(|place, _| place.day >= day);
        Ok(before - disk.seen.len())
    }
}

impl core::fmt::Debug for MemoryStore {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "MemoryStore({} items)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(day: u32, key: u8) -> Place {
        Place {
            day: Day(day),
            kind: ItemKind::Deposit,
            key: [key; 32],
        }
    }

    #[test]
    fn a_crash_loses_what_was_not_committed_and_nothing_else() {
        let mut store = MemoryStore::new();
        let disk = store.clone();
        store.put(&place(1, 1), b"a").unwrap();
        store.commit().unwrap();
        store.put(&place(1, 1), b"b").unwrap();
        store.put(&place(2, 2), b"c").unwrap();
        assert_eq!(store.read(&place(1, 1)), Ok(Some(b"b".to_vec())));
        disk.crash();
        assert_eq!(store.read(&place(1, 1)), Ok(Some(b"a".to_vec())));
        assert_eq!(store.places(), Ok(vec![place(1, 1)]));
        store.remove(&place(1, 1)).unwrap();
        disk.crash();
        assert_eq!(disk.len(), 1, "a removal that was not committed");
    }

    #[test]
    fn days_go_as_a_whole_and_faults_change_nothing() {
        let mut store = MemoryStore::new();
        for day in 1..4 {
            store.put(&place(day, 1), b"a").unwrap();
        }
        store.commit().unwrap();
        store.fail(StoreStep::Commit, Some(StoreError::Unavailable));
        assert_eq!(store.forget_before(Day(3)), Err(StoreError::Unavailable));
        assert_eq!(store.commit(), Err(StoreError::Unavailable));
        assert_eq!(store.len(), 3);
        store.fail(StoreStep::Commit, None);
        assert_eq!(store.forget_before(Day(3)), Ok(2));
        store.crash();
        assert_eq!(store.places(), Ok(vec![place(3, 1)]));
        store.fail(StoreStep::Put, Some(StoreError::Full));
        assert_eq!(store.put(&place(3, 2), b"b"), Err(StoreError::Full));
        assert_eq!(store.read(&place(3, 1)), Ok(Some(b"a".to_vec())));
    }
}
