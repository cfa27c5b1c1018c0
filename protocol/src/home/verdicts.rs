//! Verdicts of counselors: a chat was abuse, and what comes by the same entry costs more for some minutes.
//!
//! A home knows no person, and an entry is all that it knows of where a ticket came from. So a verdict meets everybody who
//! comes by that entry, and is bounded for their sake: two steps, ten minutes, and few verdicts of one counselor.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use super::Via;
use crate::{objects::Serial, time::Tick};

/// Most steps that verdicts raise the price of one entry: four times the attempts. A counselor who is wrong, or lies, takes
/// no more than that from honest people.
pub const VERDICT_STEPS: usize = 2;
/// A step that a verdict raised stays for this long: most who come to abuse a helpline have given up by then.
pub const VERDICT_STAYS: Duration = Duration::from_secs(10 * 60);
/// Most verdicts of one counselor that count in an hour: a bad evening has no more, and a counselor who lies keeps no entry
/// two steps up.
pub const VERDICTS_AN_HOUR: usize = 6;
/// What counselors said of late.
#[derive(Default)]
pub(super) struct Verdicts {
    /// For each entry, until when each step stays.
    raised: BTreeMap<Via, VecDeque<Tick>>,
    /// When each counselor gave the last ones.
    given: BTreeMap<Serial, VecDeque<Tick>>,
}

impl Verdicts {
    /// Takes a verdict about what came by this entry; `false` if this counselor has given too many.
    pub(super) fn take(&mut self, by: Serial, via: Via, now: Tick) -> bool {
        let given = self.given.entry(by).or_default();
        given.retain(|at| is_recent(*at, now));
        if given.len() >= VERDICTS_AN_HOUR {
            return false;
        }
        given.push_back(now);
        let raised = self.raised.entry(via).or_default();
        if raised.len() >= VERDICT_STEPS {
            raised.pop_front();
        }
        raised.push_back(now + VERDICT_STAYS);
        true
    }

    /// So many steps are on top of what everybody pays.
    pub(super) fn steps(&self, via: Via) -> usize {
        self.raised.get(&via).map_or(0, VecDeque::len)
    }

    /// Does what is due.
    pub(super) fn expire(&mut self, now: Tick) {
        self.raised.retain(|_, steps| {
            steps.retain(|until| *until > now);
            !steps.is_empty()
        });
        self.given.retain(|_, given| {
            given.retain(|at| is_recent(*at, now));
            !given.is_empty()
        });
    }

    /// Whether the home must go on looking at it.
    pub(super) fn is_busy(&self) -> bool {
        !self.raised.is_empty()
    }
}

/// Whether it was within the hour.
const fn is_recent(at: Tick, now: Tick) -> bool {
    now.since(at).as_secs() < 3_600
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::millis;

    const HERE: Via = Via(0);
    const NOUR: Serial = Serial([1; 8]);

    #[test]
    fn two_steps_at_one_entry_and_ten_minutes() {
        let mut verdicts = Verdicts::default();
        for (at, steps) in [(0, 1), (60_000, 2), (120_000, 2)] {
            assert!(verdicts.take(NOUR, HERE, Tick(at)));
            assert_eq!(verdicts.steps(HERE), steps);
        }
        assert_eq!(verdicts.steps(Via(1)), 0, "no other entry");
        let stays = millis(VERDICT_STAYS);
        for (at, steps) in [(59_999 + stays, 2), (60_000 + stays, 1), (120_000 + stays, 0)] {
            verdicts.expire(Tick(at));
            assert_eq!(verdicts.steps(HERE), steps, "{at}");
        }
        assert!(!verdicts.is_busy());
    }

    #[test]
    fn six_of_one_counselor_count_in_an_hour() {
        let mut verdicts = Verdicts::default();
        let counted = (0..20)
            .filter(|second| verdicts.take(NOUR, HERE, Tick(second * 1_000)))
            .count();
        assert_eq!(counted, VERDICTS_AN_HOUR);
        assert!(
            verdicts.take(Serial([2; 8]), HERE, Tick(30_000)),
            "each for itself"
        );
        let hour = 3_600_000;
        assert!(!verdicts.take(NOUR, HERE, Tick(hour - 1)));
        assert!(verdicts.take(NOUR, HERE, Tick(hour)));
    }
}
