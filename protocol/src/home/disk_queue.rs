//! What a home has asked of its store and not heard of yet, and the bounds on it.
//!
//! Nothing here waits. An operation that takes too long is given up by those who asked; the store still does it, in its
//! order, and what comes of it counts when it comes.

use core::time::Duration;
use std::collections::BTreeMap;

use super::store::{Completion, OpId, Place, Store, StoreError, StoreOp, StoreResult};
use crate::time::Tick;

/// Operations that may wait for the disk before a stranger's is refused: a flush takes all that wait, so that a slow
/// disk has a few batches behind it, and not more.
pub const MAX_DISK_OPS: usize = 256;
/// Bytes of them: as many deposits of the longest kind as a quarter of a day's.
pub const MAX_DISK_BYTES: usize = 1_024 * 1_024;
/// A request that waits for the disk longer than this is refused: as long as a client waits for a word of its home.
pub const DISK_PATIENCE: Duration = Duration::from_secs(15);

struct PendingOp<W> {
    waiting: W,
    bytes: usize,
    since: Tick,
    late: bool,
}

/// The store, and what it was asked. `W` says who waits, and for what.
pub(super) struct DiskQueue<W> {
    store: Box<dyn Store>,
    next: u64,
    flight: BTreeMap<OpId, PendingOp<W>>,
    bytes: usize,
}

impl<W> DiskQueue<W> {
    pub(super) const fn new(store: Box<dyn Store>) -> Self {
        Self {
            store,
            next: 0,
            flight: BTreeMap::new(),
            bytes: 0,
        }
    }

    pub(super) fn load(&mut self, found: &mut dyn FnMut(Place, Vec<u8>)) -> Result<(), StoreError> {
        self.store.load(found)
    }

    /// Whether one more operation may wait. Desks have as much room again, so that strangers do not keep them out.
    pub(super) fn has_room(&self, desk: bool) -> bool {
        let times = if desk { 2 } else { 1 };
        self.flight.len() < times * MAX_DISK_OPS && self.bytes < times * MAX_DISK_BYTES
    }

    pub(super) fn submit(&mut self, what: StoreOp, waiting: W, now: Tick) {
        let op = OpId(self.next);
        self.next += 1;
        let bytes = what.bytes();
        self.bytes += bytes;
        let flight = PendingOp {
            waiting,
            bytes,
            since: now,
            late: false,
        };
        self.flight.insert(op, flight);
        self.store.submit(op, what);
    }

    /// The next completion, and who waits for it.
    pub(super) fn completed(&mut self) -> Option<(W, StoreResult)> {
        loop {
            let Completion { op, result } = self.store.completed()?;
            if let Some(flight) = self.flight.remove(&op) {
                self.bytes -= flight.bytes;
                return Some((flight.waiting, result));
            }
        }
    }

    /// Bytes of what waits for the disk.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Who waits, in the order of the operations.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &W> {
        self.flight.values().map(|flight| &flight.waiting)
    }

    pub(super) fn waiting_mut(&mut self) -> impl Iterator<Item = &mut W> {
        self.flight.values_mut().map(|flight| &mut flight.waiting)
    }

    /// Those who have waited too long, each once.
    pub(super) fn late(&mut self, now: Tick) -> impl Iterator<Item = &mut W> {
        self.flight.values_mut().filter_map(move |flight| {
            let late = !flight.late && now.since(flight.since) >= DISK_PATIENCE;
            flight.late |= late;
            late.then_some(&mut flight.waiting)
        })
    }
}
