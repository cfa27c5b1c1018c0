//! Bugs that the simulator must be able to find, each at the place where somebody could make it.
//!
//! In a product [`is`] is `false` at compile time and nothing of this is left. The switch exists only under
//! `cfg(planted)`, which one crate sets for itself: tests/planted compiles these sources a second time, for the
//! simulator alone (docs/decisions/0009).

#![cfg_attr(
    not(planted),
    allow(unreachable_pub, dead_code, reason = "named here, used under `cfg(planted)`")
)]

/// A bug, named after what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A chat says that words were shown which its face has not shown.
    ShownBeforeShown,
    /// A chat calls received what the peer's machine has, shown or not.
    ReceivedWhenAcknowledged,
    /// A chat acknowledges one cell more than it has.
    AcknowledgeTooMuch,
    /// A chat shows a message again whose id it knows.
    NoDedup,
    /// A cell that does not decrypt moves the place of reading on.
    CursorMovedByForgery,
    /// A home forgets a cell when it was sent on, not when it was acknowledged.
    CursorMovedEarly,
    /// A cell that waits for long is encrypted again.
    CellEncryptedTwice,
    /// The key is not changed after a cell that was sent while others wait.
    RekeySkipped,
    /// A cell leaves the outbox when a home says that it is stored.
    OutboxDroppedAtStored,
    /// A home grants a claim while another one stands.
    ClaimGrantedTwice,
    /// A home forgets a ticket's place when it starts again.
    HomeForgetsOrder,
    /// A home orders tickets by its wall clock.
    OrderFromClock,
    /// A seeker takes a second answer while she talks.
    SeekerAcceptsTwo,
    /// A seeker takes an answer and tells no home.
    HoldNotPosted,
    /// A home confirms a new attempt and goes on offering the one it replaces.
    StaleAttemptAnswered,
    /// A home's ring that is full drops the oldest cell and says "stored".
    RingOverwrites,
    /// A seeker who opens her ticket again forgets what the counselor had not received.
    ReopenForgets,
    /// A seeker who opens her ticket again says what waits in the wrong order.
    ReopenReverses,
    /// A cell that was not answered in time is not given to the other homes.
    NoFailOver,
    /// A counselor's machine does not answer when the seeker's asks for a new epoch.
    HealNotAnswered,
    /// A chat never heals, and goes on past the limits of an epoch.
    LimitsIgnored,
    /// A home says that mail is kept before the disk has it.
    MailKeptTooEarly,
    /// A reply that lies at two homes is shown twice.
    ReplyShownTwice,
}

/// Something that must always hold, asserted where it could break. In a product nobody listens and nothing is
/// left of it.
#[cfg(not(planted))]
pub(crate) const fn must(_holds: bool, _what: &'static str) {}

/// Something that a run should have seen happen, so that it is known to have been tried.
#[cfg(not(planted))]
pub(crate) const fn happened(_what: &'static str) {}

/// Whether this bug is planted: never, in a product.
#[cfg(not(planted))]
pub(crate) const fn is(_: Bug) -> bool {
    false
}

#[cfg(planted)]
thread_local! {
    /// One bug for all machines of this thread.
    static PLANTED: core::cell::Cell<Option<Bug>> = const { core::cell::Cell::new(None) };
    /// What did not hold since it was last asked for.
    static BROKEN: core::cell::RefCell<Vec<&'static str>> = const { core::cell::RefCell::new(Vec::new()) };
    /// What happened since it was last asked for.
    static HAPPENED: core::cell::RefCell<std::collections::BTreeMap<&'static str, u64>> =
        const { core::cell::RefCell::new(std::collections::BTreeMap::new()) };
}

/// Something that must always hold, asserted where it could break.
#[cfg(planted)]
pub(crate) fn must(holds: bool, what: &'static str) {
    if !holds {
        BROKEN.with_borrow_mut(|broken| broken.push(what));
    }
}

/// What did not hold in this thread since this was last asked.
#[cfg(planted)]
#[must_use]
pub fn take_broken() -> Vec<&'static str> {
    BROKEN.take()
}

/// Something that a run should have seen happen.
#[cfg(planted)]
pub(crate) fn happened(what: &'static str) {
    HAPPENED.with_borrow_mut(|seen| *seen.entry(what).or_default() += 1);
}

/// What happened in this thread since this was last asked, and how often.
#[cfg(planted)]
#[must_use]
pub fn take_happened() -> std::collections::BTreeMap<&'static str, u64> {
    HAPPENED.take()
}

/// Plants a bug in all machines that this thread runs.
#[cfg(planted)]
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

/// Whether this bug is planted.
#[cfg(planted)]
pub(crate) fn is(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}
