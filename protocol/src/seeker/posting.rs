//! The seeker's ticket: the counselors it is sealed to, the homes where it lies, and when it is sealed again.

use core::time::Duration;

use super::{Seeker, Stands, WIDEN, attempt::Attempt, event::Event};
use crate::{
    client::directory::OnDuty,
    crypto::{hash::Secret, random, tokens},
    objects::{HomeIndex, TicketId, postcard_encode},
    session::chat::Seen,
    time::Tick,
    wire::{ClientMessage, Kind, Posting, Receipt, Refusal},
};

/// Least time between two bodies of a ticket.
const RESEAL_PAUSE: Duration = Duration::from_secs(10);

/// A home that could not take a ticket is asked again after this long.
const POST_AGAIN: Duration = Duration::from_secs(5);

/// "Nobody is on duty" is said only when this long has passed since the helpline was verified and another home
/// may still answer. After it the homes that have answered are enough.
pub(crate) const CLOSED_PATIENCE: Duration = Duration::from_secs(3);

/// The state of the ticket at one home.
#[derive(Default)]
pub(super) struct Posted {
    /// The secret that withdraws, replaces and holds the ticket at this home.
    pub(super) token: Option<Secret>,
    pub(super) receipt: Option<Receipt>,
    /// The attempt that this home has confirmed on its present link.
    pub(super) confirmed: Option<u32>,
    /// The attempt that was sent on the present link, with its request number.
    pub(super) sent: Option<(u32, u32)>,
    pub(super) again: Option<Tick>,
    pub(super) ahead: Option<u64>,
}

impl Seeker {
    pub(super) fn work_ticket(&mut self) {
        self.tell_bare();
        if self.previous.is_some() && self.all_confirmed() {
            self.previous = None;
        }
        self.tell_stands();
        let mut on_duty = self.links.directory().on_duty(self.now.unix);
        self.prefer = self.prefer.filter(|(serial, until)| {
            *until > self.now.tick && on_duty.iter().any(|duty| duty.certificate.serial == *serial)
        });
        if let Some((serial, _)) = self.prefer {
            on_duty.retain(|duty| duty.certificate.serial == serial);
        }
        if on_duty.is_empty() && self.current.is_none() {
            return;
        }
        let widen = self.widen_due().is_some_and(|due| due <= self.now.tick);
        let due = self.current.as_ref().is_none_or(|attempt| {
            let unknown = on_duty.iter().any(|duty| !attempt.sealed_to(&duty.duty.hash()));
            let paused = self.now.tick.since(self.sealed_at) >= RESEAL_PAUSE;
            unknown && (widen || (paused && attempt.has_room()))
        });
        if due && !on_duty.is_empty() {
            self.seal(on_duty);
        } else if widen {
            self.sealed_at = self.now.tick;
        }
        self.post();
        self.tell_place();
    }

    pub(super) fn widen_due(&self) -> Option<Tick> {
        let attempt = self.current.as_ref()?;
        let pause = if attempt.has_room() { RESEAL_PAUSE } else { WIDEN };
        // Compare the duties and not their number: one counselor may have come in the place of another.
        let on_duty = self.links.directory().on_duty(self.now.unix);
        let more = on_duty.iter().any(|duty| !attempt.sealed_to(&duty.duty.hash()));
        Some(self.sealed_at + if more { pause } else { WIDEN })
    }

    pub(super) fn seal(&mut self, on_duty: Vec<OnDuty>) {
        let Some(intake) = &self.intake else { return };
        let known = self.current.as_ref();
        let attempt = Attempt::seal(
            &self.helpline,
            self.ticket,
            self.next_attempt,
            on_duty,
            known,
            intake,
            &mut self.random,
        );
        if let Some(attempt) = attempt {
            self.next_attempt += 1;
            self.sealed_at = self.now.tick;
            self.previous = self.current.replace(attempt);
        }
    }

    fn all_confirmed(&self) -> bool {
        let Some(attempt) = &self.current else {
            return false;
        };
        self.links.usable().iter().all(|(home, _)| {
            self.homes
                .get(home)
                .is_some_and(|posted| posted.confirmed == Some(attempt.number))
        })
    }

    /// Posts the current attempt at every home that does not have it.
    fn post(&mut self) {
        let Some(attempt) = &self.current else { return };
        for (home, home_x) in self.links.usable() {
            let posted = self.homes.entry(home).or_default();
            let sent = posted.sent.is_some_and(|(number, _)| number == attempt.number);
            if sent || posted.again.is_some_and(|at| at > self.now.tick) {
                continue;
            }
            posted.again = None;
            let token = **posted
                .token
                .get_or_insert_with(|| random::secret(&mut self.random));
            let slot = tokens::answer_slot(&self.helpline, &attempt.sealed.secret, attempt.number, &home_x);
            let posting = Posting {
                ticket: self.ticket,
                attempt: attempt.number,
                slot: tokens::hash(&slot),
                receipt: posted.receipt,
                body: crate::objects::Bytes(attempt.sealed.body.clone()),
            };
            let posting = postcard_encode(&posting);
            let request = self
                .links
                .send_object(home, Kind::Post, token, &posting, self.now);
            posted.sent = Some((attempt.number, request));
        }
    }

    /// No home has a roster: tell the seeker.
    fn tell_bare(&mut self) {
        let waited = |since: Tick| self.now.tick.since(since) >= CLOSED_PATIENCE;
        if self.links.all_bare() && self.links.up_since().is_some_and(waited) && !self.bare_told {
            self.bare_told = true;
            self.events.push_back(Event::NotTaken(Refusal::NoRoster));
        }
    }

    /// The later of `at` and the moment when a link came up. The homes' time to answer counts from then on.
    pub(super) fn since_up(&self, at: Tick) -> Tick {
        self.links.up_since().map_or(at, |up| at.max(up))
    }

    /// Tells whether a counselor is on duty, as soon as it is known and whenever it changes.
    pub(super) fn tell_stands(&mut self) {
        if !self.links.directory().on_duty(self.now.unix).is_empty() {
            self.nobody_since = None;
            // One duty that stands is proof enough, whatever other homes say or do not say.
            if self.verified && self.stands != Some(Stands::Open) {
                self.stands = Some(Stands::Open);
                self.sealed_told = None;
                // After `Closed`, the place is told again.
                self.told_ahead = None;
                self.events.push_back(Event::Open);
            }
            return;
        }
        let since = *self.nobody_since.get_or_insert(self.now.tick);
        let since = self.since_up(since);
        let patient = self.now.tick.since(self.since_up(self.verified_at)) >= CLOSED_PATIENCE;
        // A counselor was on duty, or the ticket waits and its counselors have gone: they may come back in a moment.
        let before = self.current.is_some() || self.stands == Some(Stands::Open);
        let moment = before && self.now.tick.since(since) < CLOSED_PATIENCE;
        let all = self.links.all_loaded() && self.links.usable().len() >= self.homes_expected();
        // A home whose roster is missing or expired never tells who is on duty. After the patience, one home that does
        // is enough.
        let known = self.verified && (all || patient && self.links.any_loaded());
        if known && !moment && self.stands != Some(Stands::Closed) {
            self.stands = Some(Stands::Closed);
            self.mail.closed();
            self.events.push_back(Event::Closed);
        }
    }

    fn tell_place(&mut self) {
        if self.stands == Some(Stands::Closed) {
            return;
        }
        let confirmed = self.homes.values().filter(|posted| posted.confirmed.is_some());
        let ahead: Vec<_> = confirmed.filter_map(|posted| posted.ahead).collect();
        let Some(least) = ahead.into_iter().min() else {
            return;
        };
        let least = Some(u32::try_from(least).unwrap_or(u32::MAX));
        if self.told_ahead != Some(least) {
            self.told_ahead = Some(least);
            self.events.push_back(Event::Waiting(least));
        }
    }

    pub(super) fn take_posted(
        &mut self,
        home: HomeIndex,
        request: u32,
        ahead: u64,
        receipt: Option<Receipt>,
    ) {
        let Some(posted) = self.homes.get_mut(&home) else {
            return;
        };
        if let Some((number, sent)) = posted.sent
            && sent == request
        {
            posted.confirmed = Some(number);
            posted.ahead = Some(ahead);
            // The first receipt keeps the place; later ones say the same.
            posted.receipt = receipt.or(posted.receipt);
        }
    }

    pub(super) fn take_refusal(&mut self, home: HomeIndex, request: u32, reason: Refusal) {
        let Some(posted) = self.homes.get_mut(&home) else {
            return;
        };
        if posted.sent.is_some_and(|(_, sent)| sent == request) {
            posted.sent = None;
            posted.again = Some(self.now.tick + POST_AGAIN);
            self.events.push_back(Event::NotTaken(reason));
        }
    }

    pub(super) fn withdraw(&mut self) {
        for (home, _) in self.links.usable() {
            if let Some(token) = self.homes.get(&home).and_then(|posted| posted.token.clone()) {
                self.links
                    .send(home, ClientMessage::Withdraw { withdraw: *token });
            }
        }
        for posted in self.homes.values_mut() {
            *posted = Posted::default();
        }
        self.current = None;
        self.previous = None;
    }

    /// A new ticket has nothing in common with the one before.
    pub(super) fn forget_ticket(&mut self) {
        self.ticket = TicketId(random::public(&mut self.random));
        self.next_attempt = 0;
        self.current = None;
        self.previous = None;
        self.told_ahead = None;
        // A ticket of closed hours is told `Closed`, even if an earlier one was.
        self.stands = self.stands.filter(|stands| *stands == Stands::Open);
        self.sealed_told = None;
        self.prefer = None;
        self.seen = Seen::default();
        for posted in self.homes.values_mut() {
            *posted = Posted::default();
        }
    }
}
