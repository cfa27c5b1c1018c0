//! Whether the helpline is verified, and whether a counselor is on duty: what the seeker was told of it.

use core::time::Duration;

use super::{context::SeekerContext, event::Event};
use crate::{time::Tick, wire::Refusal};

/// While another home may still answer, "no counselor is on duty" is told only this long after the helpline was
/// verified. After it, the homes that have answered are enough.
pub(crate) const CLOSED_PATIENCE: Duration = Duration::from_secs(3);

/// Whether a counselor is on duty, as the seeker was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    Open,
    Closed,
}

pub(super) struct Presence {
    verified: bool,
    verified_at: Tick,
    /// What the seeker was told.
    stands: Option<Stands>,
    /// Since when no counselor is on duty, as far as the homes have told.
    nobody_since: Option<Tick>,
    bare_told: bool,
}

impl Presence {
    pub(super) const fn new(now: Tick) -> Self {
        Self {
            verified: false,
            verified_at: now,
            stands: None,
            nobody_since: None,
            bare_told: false,
        }
    }

    pub(super) fn closed(&self) -> bool {
        self.stands == Some(Stands::Closed)
    }

    /// The settings of the roster came.
    pub(super) fn settings_came(&mut self, ctx: &mut SeekerContext) {
        self.verified_at = ctx.now.tick;
        if !core::mem::replace(&mut self.verified, true) {
            ctx.emit(Event::Verified);
        }
    }

    /// A counselor is in the chat.
    pub(super) const fn chat_began(&mut self) {
        self.nobody_since = None;
    }

    /// A ticket of closed hours is told `Closed`, even if an earlier one was.
    pub(super) fn ticket_began(&mut self) {
        self.stands = self.stands.filter(|stands| *stands == Stands::Open);
    }

    /// No home has a roster: tell the seeker.
    pub(super) fn tell_bare(&mut self, ctx: &mut SeekerContext) {
        let waited = |since: Tick| ctx.now.tick.since(since) >= CLOSED_PATIENCE;
        if ctx.links.all_bare() && ctx.links.up_since().is_some_and(waited) && !self.bare_told {
            self.bare_told = true;
            ctx.emit(Event::NotTaken(Refusal::NoRoster));
        }
    }

    /// Returns whether a counselor is on duty, as soon as it is known and whenever it changes. `waiting`: a ticket is
    /// sealed to counselors.
    pub(super) fn update(&mut self, ctx: &SeekerContext, waiting: bool) -> Option<Stands> {
        if !ctx.links.directory().on_duty(ctx.now.unix).is_empty() {
            self.nobody_since = None;
            // One valid duty is proof enough, whatever other homes say.
            let news = self.verified && self.stands != Some(Stands::Open);
            return news.then(|| *self.stands.insert(Stands::Open));
        }
        let since = *self.nobody_since.get_or_insert(ctx.now.tick);
        let since = ctx.since_up(since);
        let patient = ctx.now.tick.since(ctx.since_up(self.verified_at)) >= CLOSED_PATIENCE;
        // A counselor was on duty, or the ticket waits and its counselors have gone: they may come back in a moment.
        let before = waiting || self.stands == Some(Stands::Open);
        let moment = before && ctx.now.tick.since(since) < CLOSED_PATIENCE;
        let all = ctx.links.all_loaded() && ctx.links.usable().len() >= ctx.homes_expected();
        // A home whose roster is missing or expired never tells who is on duty. After the patience, one home that does
        // is enough.
        let known = self.verified && (all || patient && ctx.links.any_loaded());
        let news = known && !moment && !self.closed();
        news.then(|| *self.stands.insert(Stands::Closed))
    }

    pub(super) fn poll_timeout(&self, ctx: &SeekerContext) -> impl Iterator<Item = Tick> {
        let since = [Some(self.verified_at), self.nobody_since].into_iter().flatten();
        let due: Vec<Tick> = since.map(|since| ctx.since_up(since) + CLOSED_PATIENCE).collect();
        due.into_iter()
    }
}
