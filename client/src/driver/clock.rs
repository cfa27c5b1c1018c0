//! What the machines are given by the device they run on: time and randomness.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use hamsa_protocol::{
    crypto::random::Random,
    time::{Now, Tick, Unix, WallClockGuard, millis},
};
use hamsa_system::clock::{since_boot, wall};
use tokio::time::Instant as TokioInstant;

/// Both clocks of this device. A wall clock that jumps is not followed; see [`WallClockGuard`].
#[derive(Clone, Debug)]
pub(super) struct DeviceClock {
    start: Instant,
    steady: Arc<Mutex<WallClockGuard>>,
}

impl DeviceClock {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            steady: Arc::default(),
        }
    }

    /// The date as it is believed.
    pub(super) fn today(&self) -> Unix {
        let mut steady = self.steady.lock().unwrap_or_else(PoisonError::into_inner);
        steady.read(Tick(millis(since_boot())), today()).unix
    }

    pub(super) fn now(&self) -> Now {
        let tick = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now {
            tick: Tick(tick),
            unix: self.today(),
        }
    }

    /// When the monotonic clock shows `at`.
    pub(super) fn instant(&self, at: Tick) -> TokioInstant {
        // Rounded up: a machine that is woken too early would only ask again.
        TokioInstant::from_std(self.start) + std::time::Duration::from_millis(at.0 + 1)
    }
}

/// The wall clock of this device.
#[must_use]
pub fn today() -> Unix {
    Unix(wall().as_secs())
}

/// The operating system's generator. It fails only on a system without one, and then nothing here may go on.
#[must_use]
pub fn system_random() -> Random {
    Box::new(rand_core::UnwrapErr(getrandom::SysRng))
}
