//! Where a home keeps what must outlive its process: mail, and the keys it is sealed to, by expiry day.
//!
//! The machine decides what is kept and until when; a store only keeps bytes. Everything that expires on one day is
//! stored together, so that a whole day can be forgotten at once, provably.
//!
//! Contract. Every store runs the conformance tests, which open it again after a crash. What remains in a copy of a
//! disk, and what an error leaves behind, can only be shown on a real disk; such a store has its own tests for that.
//! - What was put can be read at once. It is durable when [`Store::commit`] has returned `Ok`.
//! - A crash may lose what was put and not committed, but nothing that was committed before.
//! - Putting the same key again replaces the value, whole or not at all.
//! - After [`Store::forget_before`], the earlier days are gone from the disk, and unreadable even in a copy of it.
//! - An error changes nothing that was committed, and the store still serves what it has.

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
}

/// A place for bytes, by expiry day.
pub trait Store: Send {
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
    /// [`StoreError`]. Every request that waits for the commit must be told that its item was not kept.
    fn commit(&mut self) -> Result<(), StoreError>;

    /// Forgets every day before `day`; returns how many items that removes.
    ///
    /// # Errors
    /// [`StoreError`].
    fn forget_before(&mut self, day: Day) -> Result<usize, StoreError>;
}
