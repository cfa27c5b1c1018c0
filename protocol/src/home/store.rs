//! Where a home keeps what must outlive its process: mail and the keys it is sealed to, by expiry day.
//!
//! The machine decides what is kept and until when; a store only keeps bytes. Everything that expires on one
//! day lies together, so that a whole day can be forgotten at once, provably.
//!
//! Contract. Every store runs the conformance tests, which open it again after a crash; that nothing is left in a copy of
//! a disk, and what an error leaves, only a real disk can show, in tests of its own:
//! - what was put is there to be read at once, and is durable when [`Store::commit`] has returned `Ok`;
//! - what was put and not committed may be lost by a crash, but nothing that was committed before is;
//! - putting the same key again replaces the value, whole or not at all;
//! - after [`Store::forget_before`] the days before are gone from the disk, unreadable even from a copy of it;
//! - an error changes nothing that was committed, and the store goes on serving what it has.

/// Days since 1970-01-01 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u32);

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Shelf {
    /// A sealed message of a seeker.
    Deposit = 1,
    /// A sealed answer to one.
    Reply = 2,
    /// A counselor's key for mail.
    MailKey = 3,
}

/// Where an item lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The day after which it is gone.
    pub day: Day,
    /// What it is.
    pub shelf: Shelf,
    /// Its name on the shelf: a hash, never something that names a person.
    pub key: [u8; 32],
}

/// Why a store did not do what was asked. Where and how to mend it is for the node's log, which knows the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk, or the share of it that mail may take, is full.
    #[error("there is no room for it on this node's disk")]
    Full,
    /// What lies on the disk for this day cannot be read; it was put aside.
    #[error("what was kept for day {} is damaged and was put aside", .0.0)]
    Damaged(Day),
    /// The disk does not do what is asked of it.
    #[error("this node's disk does not answer")]
    Unavailable,
}

/// A place for bytes by expiry day.
pub trait Store: Send {
    /// Everything that is kept, in no order.
    ///
    /// # Errors
    /// [`StoreError`]; damaged days are left out and do not make an error.
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

    /// Makes everything before it durable.
    ///
    /// # Errors
    /// [`StoreError`]; whoever waits for it must be told that it was not kept.
    fn commit(&mut self) -> Result<(), StoreError>;

    /// Forgets every day before `day`; gives how many items went with them.
    ///
    /// # Errors
    /// [`StoreError`].
    fn forget_before(&mut self, day: Day) -> Result<usize, StoreError>;
}
