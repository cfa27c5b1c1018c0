//! The clocks of a running node: what is believed of the wall clock, and what is doubtful about it.
//!
//! [`crate::clock`] judges the wall clock at the start; this watches it from then on.

use std::time::{Duration, Instant};

use hamsa_protocol::time::{Now, Tick, Unix, WallClockGuard, millis};
use hamsa_system::clock::since_boot;
use tokio::sync::watch;

use crate::{
    clock::{Date, today, witnesses},
    directory::NodeDirectory,
};

/// The wall clock may be ahead of the truth. What is sure is the hour that was kept, and the time since the start.
#[derive(Clone, Copy)]
struct Doubt {
    /// The hour that was kept.
    kept: Unix,
    /// When this node started, by the monotonic clock.
    start: Tick,
}

impl Doubt {
    /// It is at least this late.
    fn proven(&self, tick: Tick) -> Unix {
        self.kept + tick.since(self.start)
    }
}

/// What a running node knows of the time.
pub(crate) struct ClockWatch {
    directory: NodeDirectory,
    start: Instant,
    wall: WallClockGuard,
    /// The jump that lasts now is in the log.
    jump_logged: bool,
    doubt: Option<Doubt>,
    /// The doubt in words, for the operator.
    doubt_text: watch::Sender<Option<String>>,
}

impl ClockWatch {
    pub(crate) fn new(directory: NodeDirectory) -> Self {
        Self {
            directory,
            start: Instant::now(),
            wall: WallClockGuard::default(),
            jump_logged: false,
            doubt: None,
            doubt_text: watch::Sender::new(None),
        }
    }

    pub(crate) fn doubt_text(&self) -> watch::Receiver<Option<String>> {
        self.doubt_text.subscribe()
    }

    pub(crate) fn now(&mut self) -> Now {
        let elapsed = self.start.elapsed();
        Now {
            tick: Tick(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)),
            unix: self.wall.read(Tick(millis(since_boot())), today()).unix,
        }
    }

    /// The first instant at which `tick` is over.
    pub(crate) fn after(&self, tick: Tick) -> Instant {
        self.start + Duration::from_millis(tick.0 + 1)
    }

    /// Doubts the wall clock: it says `wall`, and this node last ran at `kept`.
    pub(crate) fn doubt(&mut self, kept: Unix, wall: Unix) {
        let start = self.now().tick;
        self.doubt = Some(Doubt { kept, start });
        let text = format!(
            "this machine says {}, and this node last ran at {}: until it is sure which, mail does not grow older than the time that it runs. If the date is right, publish, or stop the node, delete {} and start it again; if not, set the clock and start it again",
            Date(wall),
            Date(kept),
            self.directory.clock().display()
        );
        tracing::warn!("{text}");
        self.doubt_text.send_replace(Some(text));
    }

    /// While the wall clock is in doubt: it is at least this late.
    pub(crate) fn proven(&self, tick: Tick) -> Option<Unix> {
        self.doubt.map(|doubt| doubt.proven(tick))
    }

    /// A roster was installed. Whether it ends a doubt: the root has the same date, and two clocks do not go wrong
    /// alike.
    pub(crate) fn on_roster(&mut self, issued: Unix, now: Now) -> bool {
        if self.doubt.is_none() || !witnesses(issued, now.unix) {
            return false;
        }
        self.doubt = None;
        self.doubt_text.send_replace(None);
        tracing::info!("the roster was issued at the date that this machine shows: it is believed");
        true
    }

    /// The operator is here: the date that this machine shows now is believed.
    pub(crate) const fn confirm(&mut self) {
        self.wall.confirm();
    }

    /// The date as far as it is known.
    pub(crate) fn known(&mut self) -> Unix {
        let now = self.now();
        self.proven(now.tick).unwrap_or(now.unix)
    }

    /// Logs a jump of the wall clock, once.
    pub(crate) fn log_jump(&mut self) {
        if self.wall.jumped() && !self.jump_logged {
            tracing::warn!(
                "the clock of this machine has jumped; this node goes on by the time it had. If the new date is right, publish or install again, or start the node again"
            );
        }
        self.jump_logged = self.wall.jumped();
    }
}
