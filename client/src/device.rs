//! What the machines are given by the device they run on: time and randomness.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use hamsa_protocol::{
    random::Random,
    time::{Millis, Moment, Unix},
};
use tokio::time::Instant as TokioInstant;

/// Both clocks of this device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> Moment {
        let tick = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Moment {
            tick: Millis(tick),
            unix: today(),
        }
    }

    /// When the monotonic clock shows `at`.
    pub(crate) fn instant(&self, at: Millis) -> TokioInstant {
        // Rounded up: a machine that is woken too early would only ask again.
        TokioInstant::from_std(self.start) + std::time::Duration::from_millis(at.0 + 1)
    }
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
