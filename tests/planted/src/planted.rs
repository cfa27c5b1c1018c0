//! The switch of the planted bugs, and what the patches tell the simulator.

use core::cell::{Cell, RefCell};
use std::collections::BTreeMap;

include!(concat!(env!("OUT_DIR"), "/bugs.rs"));

/// Whether this bug is planted, in a patch of it: `planted!(NoDedup)`.
macro_rules! planted {
    ($bug:ident) => {
        crate::planted::is(crate::planted::Bug::$bug)
    };
}

thread_local! {
    /// One bug for all machines of this thread.
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    /// What did not hold since it was last asked for.
    static BROKEN: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    /// What happened since it was last asked for.
    static HAPPENED: RefCell<BTreeMap<&'static str, u64>> = const { RefCell::new(BTreeMap::new()) };
}

/// Plants a bug in all machines that this thread runs.
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

/// Whether this bug is planted.
pub(crate) fn is(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Something that must always hold, asserted where it could break.
pub(crate) fn must(holds: bool, what: &'static str) {
    if !holds {
        BROKEN.with_borrow_mut(|broken| broken.push(what));
    }
}

/// What did not hold in this thread since this was last asked.
#[must_use]
pub fn take_broken() -> Vec<&'static str> {
    BROKEN.take()
}

/// Something that a run should have seen happen, so that it is known to have been tried.
pub(crate) fn happened(what: &'static str) {
    HAPPENED.with_borrow_mut(|seen| *seen.entry(what).or_default() += 1);
}

/// What happened in this thread since this was last asked, and how often.
#[must_use]
pub fn take_happened() -> BTreeMap<&'static str, u64> {
    HAPPENED.take()
}
