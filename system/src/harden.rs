//! Hardens a process at its start: no core file, no access by other processes, no secrets in the swap.
//!
//! It handles no signals: SIGSEGV and SIGABRT end the process, without a core file.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use rustix::{
    mm::{MlockAllFlags, mlockall},
    process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask},
};

/// Files are for their owner only.
const UMASK: rustix::fs::Mode = rustix::fs::Mode::RWXG.union(rustix::fs::Mode::RWXO);
/// Where Linux lists swap: a header line, then one line for each swap area.
const SWAPS: &str = "/proc/swaps";

/// Whether every page of this process stays in memory.
static ALL_LOCKED: AtomicBool = AtomicBool::new(false);

/// What the system refused to protect. Usually empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unprotected(Vec<&'static str>);

impl Unprotected {
    /// Whether everything is protected.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Unprotected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("\n"))
    }
}

/// Hardens this process. It MUST be called before a thread, a file or a secret exists.
///
/// - No core file ([`Resource::Core`]).
/// - No dump, and no access to the memory by other processes of the same user (`PR_SET_DUMPABLE`).
/// - New files for their owner only (umask).
/// - All pages locked in memory, if the limit on locked memory is "unlimited". Below that limit Argon2 would fail, so
///   only the pages of [`keep_in_memory`] are locked.
#[must_use]
pub fn harden() -> Unprotected {
    let mut unprotected = Vec::new();
    umask(UMASK);
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let no_core = setrlimit(Resource::Core, none).is_ok();
    let no_dump = set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok();
    if !no_core || !no_dump {
        unprotected.push("a crash of this program could leave a copy of its memory on the disk");
    }
    let all = lock_all();
    ALL_LOCKED.store(all, Ordering::Relaxed);
    if !all && has_swap() {
        unprotected.push(
            "parts of this program's memory could be written to the swap of this device; \
             raise the limit of locked memory (ulimit -l unlimited) or encrypt the swap",
        );
    }
    Unprotected(unprotected)
}

/// Locks all pages, future ones included, if there is no limit on them.
fn lock_all() -> bool {
    let limit = getrlimit(Resource::Memlock);
    // ONFAULT locks used pages only: a stack of 8 MiB does not take 8 MiB of memory.
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    let with = |current| {
        let wanted = Rlimit {
            current,
            maximum: limit.maximum,
        };
        setrlimit(Resource::Memlock, wanted).is_ok()
    };
    if limit.maximum.is_none() {
        return with(None) && mlockall(flags).is_ok();
    }
    // With a limit of zero, `mlockall` succeeds only for a privileged process. With any other limit it could succeed
    // now, and the next allocation would fail.
    let all = with(Some(0)) && mlockall(flags).is_ok();
    with(limit.maximum);
    all
}

/// Whether this system has swap; false where that is unknown.
fn has_swap() -> bool {
    std::fs::read_to_string(SWAPS).is_ok_and(|swaps| swaps.lines().count() > 1)
}

/// Keeps the pages of a long-lived secret in memory, as long as the process lives; `false` when the system refuses.
///
/// The lock outlives the secret: its page holds other secrets too, and locks do not nest.
pub fn keep_in_memory(secret: &[u8]) -> bool {
    if secret.is_empty() || ALL_LOCKED.load(Ordering::Relaxed) {
        return true;
    }
    match region::lock(secret.as_ptr(), secret.len()) {
        Ok(guard) => {
            std::mem::forget(guard);
            true
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hardened_process_has_no_core_and_is_not_dumpable() {
        let _ = harden();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        let dumpable = rustix::process::dumpable_behavior().unwrap();
        assert_eq!(dumpable, DumpableBehavior::NotDumpable);
        assert_eq!(umask(UMASK), UMASK);
        assert!(keep_in_memory(&[7; 64]) || getrlimit(Resource::Memlock).current == Some(0));
        assert!(keep_in_memory(&[]));
    }
}
