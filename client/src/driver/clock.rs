//! What the machines are given by the device they run on: time and randomness.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use hamsa_protocol::{
    crypto::random::Random,
    time::{Now, Tick, Unix, WallClockGuard},
};
use rustix::time::{ClockId, clock_gettime};
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
        steady.read(since_boot(), today()).unix
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

/// A clock that never jumps and goes on while the device sleeps, so that sleep is no jump of the other one.
fn since_boot() -> Tick {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let millis = u64::try_from(time.tv_nsec / 1_000_000).unwrap_or_default();
    Tick(seconds.saturating_mul(1_000).saturating_add(millis))
}

/// The wall clock of this device.
#[must_use]
pub fn today() -> Unix {
    Unix(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
    )
}

/// The operating system's generator. It fails only on a system without one, and then nothing here may go on.
#[must_use]
pub fn system_random() -> Random {
    Box::new(rand_core::UnwrapErr(getrandom::SysRng))
}
