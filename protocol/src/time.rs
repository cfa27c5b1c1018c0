//! Time as the machines see it: given, never read.

use core::{ops::Add, time::Duration};

/// Seconds since 1970-01-01T00:00:00Z, by the device's own clock or as its user corrected it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Unix(pub u64);

impl Add<Duration> for Unix {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }
}

/// Year, month and day of a day counted from 1970-01-01, by Howard Hinnant's `civil_from_days`: years that begin in
/// March end with the leap day.
#[must_use]
pub const fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// A reading of a monotonic clock, in milliseconds since an arbitrary moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub u64);

impl Tick {
    /// The time since `earlier`; zero if that lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Tick {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }
}

/// The `divisor`th part of a duration, in whole milliseconds: timers have no finer grain.
pub(crate) fn part(duration: Duration, divisor: u64) -> Duration {
    Duration::from_millis(millis(duration) / divisor)
}

/// A duration in whole milliseconds.
#[must_use]
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The same moment on both clocks. Timers use `tick`, validity of objects uses `unix`; neither gives an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The monotonic clock.
    pub tick: Tick,
    /// The wall clock.
    pub unix: Unix,
}

/// A wall clock that is corrected by less than this is followed; by more, it has jumped. Network time
/// corrects a running clock by less, and every object is valid for hours.
pub const CLOCK_JUMP: Duration = Duration::from_secs(120);

/// A device's two clocks. A wall clock that jumps must not make an object expire early or become valid again. The
/// wall clock is believed once, at the start. After that it is believed only while it agrees with the monotonic
/// clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallClockGuard {
    believed: Option<Now>,
    jumped: bool,
}

impl WallClockGuard {
    /// Takes what both clocks show; returns the moment that is believed.
    pub fn read(&mut self, tick: Tick, wall: Unix) -> Now {
        let unix = self.believed.map_or(wall, |believed| {
            let expected = believed.unix + tick.since(believed.tick);
            self.jumped = Duration::from_secs(wall.0.abs_diff(expected.0)) > CLOCK_JUMP;
            if self.jumped { expected } else { wall }
        });
        let now = Now { tick, unix };
        // The anchor moves only with a clock that agrees. Otherwise each step would drop part of a second.
        if !self.jumped {
            self.believed = Some(now);
        }
        now
    }

    /// Whether the wall clock differs from the believed time.
    #[must_use]
    pub const fn jumped(&self) -> bool {
        self.jumped
    }

    /// The user confirms the wall clock: the next reading is believed.
    pub const fn confirm(&mut self) {
        self.believed = None;
        self.jumped = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_noticed_and_not_followed_and_a_correction_is() {
        let mut clock = WallClockGuard::default();
        assert_eq!(clock.read(Tick(0), Unix(1_000_000)).unix, Unix(1_000_000));
        assert_eq!(clock.read(Tick(10_000), Unix(1_000_030)).unix, Unix(1_000_030));
        for jump in [3_600, 315_360_000] {
            let read = clock.read(Tick(20_000), Unix(1_000_040 + jump));
            assert_eq!((read.unix, clock.jumped()), (Unix(1_000_040), true));
            let read = clock.read(Tick(20_000), Unix(1_000_040_u64.saturating_sub(jump)));
            assert_eq!((read.unix, clock.jumped()), (Unix(1_000_040), true));
        }
        assert_eq!(clock.read(Tick(80_000), Unix(1_000_101)).unix, Unix(1_000_101));
        assert!(!clock.jumped());
        clock.read(Tick(81_000), Unix(5));
        clock.confirm();
        assert_eq!(clock.read(Tick(82_000), Unix(6)).unix, Unix(6));
    }
}
