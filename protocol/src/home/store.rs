//! Where a home keeps what must outlive its process: mail, and the keys it is sealed to, by expiry day.
//!
//! The machine decides what is kept and until when; a store only keeps bytes. Everything that expires on one day is
//! stored together, so that a whole day can be forgotten at once, provably.
//!
//! A disk may take seconds, and a home must not wait for it: live chats go through the same machine. So there are two
//! contracts.
//!
//! [`Store`] is what the machine has. It submits an operation and goes on. What became of it comes back later, by
//! [`Store::completed`]; the driver says that there is something by
//! [`Home::handle_stored`](super::Home::handle_stored).
//! - Operations are done in the order in which they were submitted.
//! - A write that completed with `Ok` is durable. One that completed with an error left nothing behind, as far as the
//!   disk takes that back.
//! - A crash loses operations that did not complete, each as a whole, and nothing else.
//!
//! [`Disk`] is what does the work and may wait; it belongs to a thread of its own. [`work`] brings the one to the other.
//! Every disk and every store runs the conformance tests, which open it again after a crash. What remains in a copy of a
//! disk, and what an error leaves behind, can only be shown on a real disk; such a disk has its own tests for that.
//! - What was put can be read at once. It is durable when [`Disk::commit`] has returned `Ok`.
//! - A crash may lose what was put and not committed, but nothing that was committed before.
//! - Putting the same key again replaces the value, whole or not at all.
//! - After [`Disk::forget_before`], the earlier days are gone from the disk, and unreadable even in a copy of it.
//! - An error changes nothing that was committed, and the disk still serves what it has.

/// Days since 1970-01-01 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u32);

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ItemKind {
    /// A sealed message of a seeker.
    Deposit = 1,
    /// A sealed reply to one.
    Reply = 2,
    /// A counselor's key for mail.
    MailKey = 3,
}

/// Where an item lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The day after which it is deleted.
    pub day: Day,
    /// What it is.
    pub kind: ItemKind,
    /// Its name: a hash, and never something that names a person.
    pub key: [u8; 32],
}

/// Why a store did not do what was asked. The path and the remedy are for the node's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk, or the share of it that mail may use, is full.
    #[error("there is no room for it on this node's disk")]
    Full,
    /// The data of this day cannot be read; it was put aside.
    #[error("what was kept for day {} is damaged and was put aside", .0.0)]
    Damaged(Day),
    /// The disk does not work.
    #[error("this node's disk does not answer")]
    Unavailable,
    /// The disk may still do it, and nobody waits for that any longer.
    #[error("this node's disk takes too long")]
    Late,
}

/// Names an operation in a run of a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(pub u64);

/// What a store is asked to do.
pub enum StoreOp {
    /// Keeps an item.
    Put {
        /// Where.
        place: Place,
        /// Its bytes.
        value: Vec<u8>,
    },
    /// Forgets an item.
    Remove {
        /// Which.
        place: Place,
    },
    /// Reads items.
    Read {
        /// Which.
        places: Vec<Place>,
    },
    /// Forgets every day before this one.
    Forget {
        /// The first day that stays.
        before: Day,
    },
}

impl StoreOp {
    /// About how many bytes it holds in memory.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        const FIELDS: usize = 128;
        match self {
            Self::Put { value, .. } => FIELDS + value.len(),
            Self::Read { places } => FIELDS + size_of::<Place>() * places.len(),
            Self::Remove { .. } | Self::Forget { .. } => FIELDS,
        }
    }
}

/// What came of an operation: the values that were read, none of which for a write.
pub type StoreResult = Result<Vec<Vec<u8>>, StoreError>;

/// What became of an operation.
#[derive(Debug, PartialEq, Eq)]
pub struct Completion {
    /// Of which.
    pub op: OpId,
    /// What was read, without the items that are not there; nothing for other operations.
    pub result: StoreResult,
}

/// A place for bytes that never makes its caller wait once it is loaded. See the module.
pub trait Store: Send {
    /// Gives every item to `found`. Called before the first operation; this alone may wait for the disk.
    ///
    /// # Errors
    /// The last [`StoreError`]; every item that could be read was given.
    fn load(&mut self, found: &mut dyn FnMut(Place, Vec<u8>)) -> Result<(), StoreError>;

    /// Takes an operation, which completes later.
    fn submit(&mut self, op: OpId, what: StoreOp);

    /// The next completion, if there is one now.
    fn completed(&mut self) -> Option<Completion>;
}

/// A disk for bytes, by expiry day. Its calls may wait.
pub trait Disk {
    /// All items, in no particular order.
    ///
    /// # Errors
    /// [`StoreError`]. Damaged days are left out and are not an error.
    fn places(&mut self) -> Result<Vec<Place>, StoreError>;

    /// Reads an item.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read(&mut self, place: &Place) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps an item; durable after the next [`Self::commit`].
    ///
    /// # Errors
    /// [`StoreError`]; nothing of it is kept.
    fn put(&mut self, place: &Place, value: &[u8]) -> Result<(), StoreError>;

    /// Forgets an item; durable after the next [`Self::commit`].
    ///
    /// # Errors
    /// [`StoreError`].
    fn remove(&mut self, place: &Place) -> Result<(), StoreError>;

    /// Makes everything before this call durable.
    ///
    /// # Errors
    /// [`StoreError`]. Whatever waits for the commit counts as not kept.
    fn commit(&mut self) -> Result<(), StoreError>;

    /// Forgets every day before `day`; returns how many items that removes.
    ///
    /// # Errors
    /// [`StoreError`].
    fn forget_before(&mut self, day: Day) -> Result<usize, StoreError>;
}

/// Reads everything on a disk: see [`Store::load`].
///
/// # Errors
/// The last [`StoreError`]; every item that could be read was given.
pub fn load(disk: &mut impl Disk, found: &mut dyn FnMut(Place, Vec<u8>)) -> Result<(), StoreError> {
    let mut result = Ok(());
    for place in disk.places()? {
        match disk.read(&place) {
            Ok(value) => value.into_iter().for_each(|value| found(place, value)),
            Err(error) => result = Err(error),
        }
    }
    result
}

/// Does what was asked, in order, and commits once for all that came together. `done` is told of each operation as soon
/// as it has completed.
pub fn work(
    disk: &mut impl Disk,
    batch: impl IntoIterator<Item = (OpId, StoreOp)>,
    done: &mut dyn FnMut(Completion),
) {
    // Operations that the next commit makes durable, and what it takes back should it fail.
    let mut written: Vec<(OpId, Option<Place>)> = Vec::new();
    for (op, what) in batch {
        let result = match what {
            StoreOp::Put { place, value } => match disk.put(&place, &value) {
                Ok(()) => {
                    written.push((op, Some(place)));
                    continue;
                }
                Err(error) => Err(error),
            },
            StoreOp::Remove { place } => match disk.remove(&place) {
                Ok(()) => {
                    written.push((op, None));
                    continue;
                }
                Err(error) => Err(error),
            },
            StoreOp::Read { places } => places
                .iter()
                .filter_map(|place| disk.read(place).transpose())
                .collect(),
            StoreOp::Forget { before } => disk.forget_before(before).map(|_| Vec::new()),
        };
        done(Completion { op, result });
    }
    if written.is_empty() {
        return;
    }
    let committed = disk.commit();
    if committed.is_err() {
        // Whoever asked is told that the item is not kept, so it should not be. If the disk refuses this too, it stays
        // there as ciphertext until its day.
        for place in written.iter().filter_map(|(_, place)| place.as_ref()) {
            let _ = disk.remove(place);
        }
    }
    for (op, _) in written {
        let result = committed.map(|()| Vec::new());
        done(Completion { op, result });
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::memory::{MemoryStore, StoreStep},
        *,
    };

    fn put(number: u8) -> (OpId, StoreOp) {
        let place = place(number);
        let value = vec![number];
        (OpId(u64::from(number)), StoreOp::Put { place, value })
    }

    fn place(number: u8) -> Place {
        Place {
            day: Day(1),
            kind: ItemKind::Deposit,
            key: [number; 32],
        }
    }

    fn worked<const N: usize>(
        disk: &mut MemoryStore,
        batch: [(OpId, StoreOp); N],
    ) -> Vec<(u64, StoreResult)> {
        let mut done = Vec::new();
        work(disk, batch, &mut |Completion { op, result }| {
            done.push((op.0, result))
        });
        done
    }

    #[test]
    fn a_commit_that_fails_takes_back_its_batch_alone() {
        let mut disk = MemoryStore::new();
        assert_eq!(worked(&mut disk, [put(1)]), [(1, Ok(vec![]))]);
        disk.fail(StoreStep::Commit, Some(StoreError::Unavailable));
        let places = vec![place(1), place(2), place(9)];
        let batch = [put(2), (OpId(7), StoreOp::Read { places }), put(3)];
        let lost = Err(StoreError::Unavailable);
        assert_eq!(
            worked(&mut disk, batch),
            [(7, Ok(vec![vec![1], vec![2]])), (2, lost.clone()), (3, lost)],
            "what was read is told at once"
        );
        disk.fail(StoreStep::Commit, None);
        worked(&mut disk, [put(4)]);
        disk.crash();
        assert_eq!(disk.places(), Ok(vec![place(1), place(4)]), "what was kept stays");
    }
}
