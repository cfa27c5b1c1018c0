//! Judges at a start whether the wall clock of this machine is right.
//!
//! A node keeps the hour in which it last knew the date, in the file `clock`; nothing finer, so that it tells nothing
//! of people. A clock that stands before that hour is wrong for sure, and the node does not start by it. A clock that
//! stands long after it may be wrong, or the node was off: then it starts, and mail is not counted older than the time
//! that has surely passed, until something else than this clock says so: a roster that was issued at that time.
//!
//! It does not watch a clock that jumps while the node runs; [`hamsa_protocol::time::WallClockGuard`] does.

use std::{fmt, time::Duration};

use hamsa_protocol::time::Unix;
use jiff::Timestamp;

/// Seconds of what is kept.
pub(crate) const HOUR: u64 = 3_600;
/// How far the clock may stand from the hour that was kept: that hour itself, the hour until it is written
/// anew, and one more for a machine that was off for a moment or takes summer time for winter time.
pub(crate) const TOLERANCE: Duration = Duration::from_secs(3 * HOUR);
/// A roster is a witness for the date when it was issued so shortly before, or after: a day, as it takes a
/// file to come from a root that stays offline.
const WITNESS: Duration = Duration::from_secs(24 * HOUR);

/// What the wall clock of this machine shows.
pub(crate) fn today() -> Unix {
    Unix(hamsa_system::clock::wall().as_secs())
}

/// What a start makes of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It agrees with what was kept, or nothing was.
    Right,
    /// It stands before the hour that was kept.
    Behind(Unix),
    /// It stands long after that hour.
    Ahead(Unix),
}

/// Compares the clock with the hour that was kept.
pub(crate) fn judge(kept: Option<Unix>, wall: Unix) -> Verdict {
    match kept {
        Some(kept) if wall + TOLERANCE < kept => Verdict::Behind(kept),
        Some(kept) if wall > kept + TOLERANCE => Verdict::Ahead(kept),
        _ => Verdict::Right,
    }
}

/// Whether a roster that was issued then speaks for this clock.
pub(crate) fn witnesses(issued: Unix, wall: Unix) -> bool {
    Duration::from_secs(issued.0.abs_diff(wall.0)) <= WITNESS
}

/// A moment as a person reads it: `2026-11-25 05:00 UTC`.
pub(crate) struct Date(pub(crate) Unix);

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = i64::try_from(self.0.0)
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        match timestamp {
            Some(timestamp) => write!(formatter, "{}", timestamp.strftime("%Y-%m-%d %H:%M UTC")),
            None => write!(formatter, "second {} of all calendars", self.0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Unix = Unix(1_795_593_600);

    #[test]
    fn an_hour_off_is_believed_and_a_day_is_not() {
        assert_eq!(judge(None, Unix(0)), Verdict::Right);
        for (kept, wall) in [(0, 0), (0, HOUR), (HOUR, 0), (0, 3 * HOUR)] {
            assert_eq!(
                judge(
                    Some(NOW + Duration::from_secs(kept)),
                    NOW + Duration::from_secs(wall)
                ),
                Verdict::Right
            );
        }
        let day = NOW + Duration::from_secs(24 * HOUR);
        assert_eq!(judge(Some(day), NOW), Verdict::Behind(day));
        assert_eq!(judge(Some(NOW), day), Verdict::Ahead(NOW));
        assert_eq!(judge(Some(NOW), Unix(u64::MAX)), Verdict::Ahead(NOW));
        assert_eq!(judge(Some(Unix(u64::MAX)), NOW), Verdict::Behind(Unix(u64::MAX)));
    }

    #[test]
    fn dates_are_readable() {
        assert_eq!(Date(NOW).to_string(), "2026-11-25 08:00 UTC");
        assert_eq!(
            Date(Unix(u64::MAX)).to_string(),
            format!("second {} of all calendars", u64::MAX)
        );
    }
}
