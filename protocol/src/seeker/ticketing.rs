//! The seeker's ticket: the counselors it is sealed to, the homes where it lies, and when it is sealed again.

use core::time::Duration;
use std::collections::BTreeMap;

use super::{WIDEN, attempt::Attempt, context::SeekerContext, event::Event};
use crate::{
    client::directory::OnDuty,
    crypto::{
        hash::Secret,
        puzzle::{Priced, Puzzle, Step},
        random::{self, Random},
        tokens,
        tokens::Token,
    },
    objects::{HomeIndex, Serial, TicketId, postcard_encode},
    session::ticket::{Intake, URGENCY_SEEDS_MAX, UrgencyPayment},
    time::{Now, Tick},
    wire::{ClientMessage, Kind, Posting, Receipt, Refusal, Terms},
};

/// Least time between two bodies of a ticket.
const RESEAL_PAUSE: Duration = Duration::from_secs(10);

/// A ticket that was paid for waits no longer than this for what pays for its urgency. On a phone that needs longer it is
/// posted without, and again with it.
const URGENCY_PATIENCE: Duration = Duration::from_secs(1);

/// A home that could not take a ticket is asked again after this long.
const POST_AGAIN: Duration = Duration::from_secs(5);
/// The pause of a client that is refused as busy again and again doubles up to this: a thousand of them ask thirty times a
/// second, and each hears of free room within a minute.
const POST_AGAIN_MAX: Duration = Duration::from_secs(60);

/// The state of the ticket at one home.
#[derive(Default)]
struct Posted {
    /// The secret that withdraws, replaces and holds the ticket at this home.
    token: Option<Secret>,
    receipt: Option<Receipt>,
    /// The attempt that this home has confirmed on its present link.
    confirmed: Option<u32>,
    /// The attempt that was sent on the present link, with its request number.
    sent: Option<(u32, u32)>,
    again: Option<Tick>,
    /// How often in a row the home was busy.
    busy: u32,
    ahead: Option<u64>,
    /// The home asked for an effort since it gave a place last.
    asked: bool,
}

impl Posted {
    /// Refused as busy over two links: the pause goes on, whatever link comes.
    const fn pauses(&self) -> bool {
        self.busy > 0 && self.busy.is_multiple_of(2)
    }

    /// The home was busy. The first time another entry is tried at once; refused there too, the client waits, by chance
    /// and longer each time, so that those who were refused together do not come together. Gives the pause, and whether
    /// to try another entry.
    fn refused(&mut self, random: &mut Random) -> (Duration, bool) {
        self.busy = self.busy.saturating_add(1);
        if !self.pauses() {
            return (POST_AGAIN, true);
        }
        let doubled = POST_AGAIN.saturating_mul(1 << (self.busy / 2 - 1).min(6));
        let most = usize::try_from(doubled.min(POST_AGAIN_MAX).as_millis()).unwrap_or(usize::MAX);
        let pause = random::below(random, most);
        (Duration::from_millis(pause as u64), false)
    }
}

/// The ticket, from `start` until its chat is over.
pub(super) struct Ticketing {
    pub(super) id: TicketId,
    /// What the card says.
    pub(super) intake: Option<Intake>,
    /// What was paid for its urgency, for each body from now on.
    urgency: UrgencyPayment,
    /// How much was asked for it: as much as for the ticket.
    urgency_step: Step,
    /// While it is being paid for: until when the ticket waits for that.
    urgency_until: Option<Tick>,
    /// A counselor to whom the ticket is sealed alone, until the moment given.
    prefer: Option<(Serial, Tick)>,
    homes: BTreeMap<HomeIndex, Posted>,
    current: Option<Attempt>,
    previous: Option<Attempt>,
    next_attempt: u32,
    sealed_at: Tick,
    told_ahead: Option<Option<u32>>,
}

impl Ticketing {
    pub(super) fn new(random: &mut Random, now: Tick) -> Self {
        Self {
            id: TicketId(random::public(random)),
            intake: None,
            urgency: UrgencyPayment::default(),
            urgency_step: Step::FREE,
            urgency_until: None,
            prefer: None,
            homes: BTreeMap::new(),
            current: None,
            previous: None,
            next_attempt: 0,
            sealed_at: now,
            told_ahead: None,
        }
    }

    /// Whether it is sealed to counselors.
    pub(super) const fn is_sealed(&self) -> bool {
        self.current.is_some()
    }

    pub(super) fn prefer(&mut self, counselor: Serial, now: Now) {
        self.prefer = Some((counselor, now.tick + WIDEN));
    }

    /// A new link with a home: what was in flight on the one before counts no more.
    pub(super) fn home_up(&mut self, home: HomeIndex) {
        let posted = self.homes.entry(home).or_default();
        posted.confirmed = None;
        posted.sent = None;
        if !posted.pauses() {
            posted.again = None;
        }
    }

    /// The roster no longer carries this home: no counselor reads there, and the place there is void.
    pub(super) fn home_dropped(&mut self, home: HomeIndex) {
        if let Some(posted) = self.homes.get_mut(&home) {
            *posted = Posted::default();
        }
    }

    /// The place is told again when it is next known.
    pub(super) const fn tell_again(&mut self) {
        self.told_ahead = None;
    }

    /// A counselor has the ticket.
    pub(super) fn chat_began(&mut self) {
        self.current = None;
        self.previous = None;
        self.told_ahead = None;
        self.prefer = None;
    }

    /// The chat is gone: the ticket is posted again at every home.
    pub(super) fn reopened(&mut self) {
        for posted in self.homes.values_mut() {
            posted.sent = None;
            posted.confirmed = None;
        }
    }

    /// Seals and posts what is due. `closed`: the seeker was told that no counselor is on duty.
    pub(super) fn work(&mut self, ctx: &mut SeekerContext, closed: bool) {
        if self.previous.is_some() && self.all_confirmed(ctx) {
            self.previous = None;
        }
        let mut on_duty = ctx.links.directory().on_duty(ctx.now.unix);
        self.prefer = self.prefer.filter(|(serial, until)| {
            *until > ctx.now.tick && on_duty.iter().any(|duty| duty.certificate.serial == *serial)
        });
        if let Some((serial, _)) = self.prefer {
            on_duty.retain(|duty| duty.certificate.serial == serial);
        }
        if on_duty.is_empty() && self.current.is_none() {
            return;
        }
        let widen = self.widen_due(ctx).is_some_and(|due| due <= ctx.now.tick);
        let due = self.current.as_ref().is_none_or(|attempt| {
            let unknown = on_duty.iter().any(|duty| !attempt.sealed_to(&duty.duty.hash()));
            let paused = ctx.now.tick.since(self.sealed_at) >= RESEAL_PAUSE;
            unknown && (widen || (paused && attempt.has_room()))
        });
        if due && !on_duty.is_empty() {
            self.sealed_at = ctx.now.tick;
            self.seal(ctx, on_duty);
        } else {
            if widen {
                self.sealed_at = ctx.now.tick;
            }
            self.seal_urgency(ctx, on_duty);
        }
        self.pay_for_urgency(ctx);
        self.post(ctx);
        if !closed {
            self.tell_place(ctx);
        }
    }

    fn widen_due(&self, ctx: &SeekerContext) -> Option<Tick> {
        let attempt = self.current.as_ref()?;
        let pause = if attempt.has_room() { RESEAL_PAUSE } else { WIDEN };
        // Compare the duties and not their number: one counselor may have come in the place of another.
        let on_duty = ctx.links.directory().on_duty(ctx.now.unix);
        let more = on_duty.iter().any(|duty| !attempt.sealed_to(&duty.duty.hash()));
        Some(self.sealed_at + if more { pause } else { WIDEN })
    }

    fn seal(&mut self, ctx: &mut SeekerContext, on_duty: Vec<OnDuty>) {
        let Some(intake) = &self.intake else { return };
        let known = self.current.as_ref();
        let card = (intake, &self.urgency);
        let attempt = Attempt::seal(
            &ctx.helpline,
            self.id,
            self.next_attempt,
            on_duty,
            known,
            card,
            &mut ctx.random,
        );
        if let Some(attempt) = attempt {
            self.next_attempt += 1;
            self.previous = self.current.replace(attempt);
        }
    }

    /// What was paid for urgency goes into a new body at once, for the same counselors.
    fn seal_urgency(&mut self, ctx: &mut SeekerContext, mut on_duty: Vec<OnDuty>) {
        let Some(attempt) = &self.current else { return };
        on_duty.retain(|duty| attempt.sealed_to(&duty.duty.hash()));
        if attempt.urgency != self.urgency && !on_duty.is_empty() {
            self.seal(ctx, on_duty);
        }
    }

    /// A ticket was paid for on terms that its urgency is not paid for: pays.
    fn pay_for_urgency(&mut self, ctx: &mut SeekerContext) {
        let paid = |(home, posted): (&HomeIndex, &Posted)| {
            let token = Token::of(posted.token.as_ref()?).hash();
            ctx.payments.terms(*home, Priced::Ticket, token)
        };
        let terms: Vec<Terms> = self.homes.iter().filter_map(paid).collect();
        let step = terms.iter().map(|terms| terms.step).max().unwrap_or_default();
        let known = |terms: &Terms| self.urgency.seeds.contains(&terms.seed);
        if step > self.urgency_step || !terms.iter().all(known) {
            let seeds = terms.iter().map(|terms| terms.seed).take(URGENCY_SEEDS_MAX);
            if ctx.pay_for_urgency(self.id, seeds.collect(), step) {
                let until = ctx.now.tick + URGENCY_PATIENCE;
                self.urgency_until.get_or_insert(until);
            }
        }
    }

    /// The urgency of a ticket is paid for: the next body says so.
    pub(super) fn take_urgency(&mut self, ctx: &SeekerContext, ticket: TicketId, payment: UrgencyPayment) {
        if ticket == self.id {
            self.urgency_step =
                Puzzle::urgent(&ctx.helpline, &ticket.0, &payment.seeds).reached(payment.nonce);
            self.urgency = payment;
            self.urgency_until = None;
        }
    }

    fn all_confirmed(&self, ctx: &SeekerContext) -> bool {
        let Some(attempt) = &self.current else {
            return false;
        };
        ctx.links.usable().iter().all(|(home, _)| {
            self.homes
                .get(home)
                .is_some_and(|posted| posted.confirmed == Some(attempt.number))
        })
    }

    /// Posts the current attempt at every home that does not have it.
    fn post(&mut self, ctx: &mut SeekerContext) {
        let Some(attempt) = &self.current else { return };
        for (home, home_x) in ctx.links.usable() {
            let posted = self.homes.entry(home).or_default();
            let sent = posted.sent.is_some_and(|(number, _)| number == attempt.number);
            if sent || posted.again.is_some_and(|at| at > ctx.now.tick) {
                continue;
            }
            posted.again = None;
            let token = **posted
                .token
                .get_or_insert_with(|| random::secret(&mut ctx.random));
            // A ticket that has a place is not paid for, unless the home says that the place is gone.
            let free = posted.receipt.is_some() && !posted.asked;
            if !free && !ctx.may_ask(home, &home_x, Priced::Ticket, Token(token).hash()) {
                continue;
            }
            if self.urgency_until.is_some_and(|until| until > ctx.now.tick) {
                continue;
            }
            let slot = tokens::answer_slot(&ctx.helpline, &attempt.sealed.secret, attempt.number, &home_x);
            let posting = Posting {
                ticket: self.id,
                attempt: attempt.number,
                slot: slot.hash(),
                receipt: posted.receipt,
                body: crate::objects::Bytes(attempt.sealed.body.clone()),
            };
            let posting = postcard_encode(&posting);
            let request = ctx.links.send_object(home, Kind::Post, token, &posting, ctx.now);
            posted.sent = Some((attempt.number, request));
        }
    }

    fn tell_place(&mut self, ctx: &mut SeekerContext) {
        let confirmed = self.homes.values().filter(|posted| posted.confirmed.is_some());
        let ahead: Vec<_> = confirmed.filter_map(|posted| posted.ahead).collect();
        let Some(least) = ahead.into_iter().min() else {
            return;
        };
        let least = Some(u32::try_from(least).unwrap_or(u32::MAX));
        if self.told_ahead != Some(least) {
            self.told_ahead = Some(least);
            ctx.emit(Event::Waiting(least));
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
            posted.asked = false;
            posted.busy = 0;
            posted.ahead = Some(ahead);
            // The order in it is that of the first attempt; the time in it is new.
            posted.receipt = receipt.or(posted.receipt);
        }
    }

    pub(super) fn take_refusal(
        &mut self,
        ctx: &mut SeekerContext,
        home: HomeIndex,
        request: u32,
        reason: Refusal,
    ) {
        let Some(posted) = self.homes.get_mut(&home) else {
            return;
        };
        if posted.sent.is_some_and(|(_, sent)| sent == request) {
            posted.sent = None;
            if let Refusal::Effort(prices) = reason
                && let Some(token) = &posted.token
            {
                posted.asked = true;
                if ctx.more_asked(home, Priced::Ticket, Token::of(token).hash(), prices) {
                    posted.again = None;
                    return;
                }
            }
            posted.again = Some(ctx.now.tick + POST_AGAIN);
            // Where an earlier attempt stands, the ticket waits, and only the newer one comes later.
            if posted.confirmed.is_some() {
                return;
            }
            if reason == Refusal::Busy {
                let (pause, other_entry) = posted.refused(&mut ctx.random);
                posted.again = Some(ctx.now.tick + pause);
                if other_entry {
                    ctx.links.try_other_entry(home);
                }
            }
            ctx.emit(Event::NotTaken(reason));
        }
    }

    pub(super) fn withdraw(&mut self, ctx: &mut SeekerContext) {
        ctx.payments.forget(|_, priced| priced == Priced::Ticket);
        for (home, _) in ctx.links.usable() {
            if let Some(withdraw) = self.token(home) {
                ctx.links.send(home, ClientMessage::Withdraw { withdraw });
            }
        }
        for posted in self.homes.values_mut() {
            *posted = Posted::default();
        }
        self.current = None;
        self.previous = None;
    }

    /// A new ticket has nothing in common with the one before.
    pub(super) fn renew(&mut self, ctx: &mut SeekerContext) {
        ctx.payments.forget(|_, priced| priced == Priced::Ticket);
        self.id = TicketId(random::public(&mut ctx.random));
        self.next_attempt = 0;
        self.current = None;
        self.previous = None;
        self.told_ahead = None;
        self.prefer = None;
        (self.urgency, self.urgency_step) = (UrgencyPayment::default(), Step::FREE);
        self.urgency_until = None;
        for posted in self.homes.values_mut() {
            *posted = Posted::default();
        }
    }

    /// The place at a home has changed, or its receipt was renewed.
    pub(super) fn take_place(&mut self, home: HomeIndex, ahead: u64, receipt: Option<Receipt>) {
        if let Some(posted) = self.homes.get_mut(&home) {
            posted.ahead = Some(ahead);
            posted.receipt = receipt.or(posted.receipt);
        }
    }

    /// The attempt that an answer belongs to, if it may still be accepted.
    pub(super) fn attempt(&self, home: HomeIndex, number: u32) -> Option<&Attempt> {
        // A newer attempt is in flight to this home. The home will tell the counselor that the answer is void, and will
        // offer the newer attempt instead. A chat accepted now would have no peer.
        let sent = self.homes.get(&home).and_then(|posted| posted.sent);
        if sent.is_some_and(|(sent, _)| sent > number) {
            return None;
        }
        let attempts = [&self.current, &self.previous].into_iter().flatten();
        attempts.into_iter().find(|attempt| attempt.number == number)
    }

    fn token(&self, home: HomeIndex) -> Option<Token> {
        let posted = self.homes.get(&home)?;
        posted.token.as_ref().map(Token::of)
    }

    /// Tells a home that the seeker is in a chat; `claim` is 0 where another home brought the answer.
    pub(super) fn hold(&self, ctx: &mut SeekerContext, home: HomeIndex, attempt: u32, claim: u64) {
        if let Some(withdraw) = self.token(home) {
            let attempt = u64::from(attempt);
            let hold = ClientMessage::Hold {
                withdraw,
                attempt,
                claim,
            };
            ctx.links.send(home, hold);
        }
    }

    /// Tells a home that an answer is not valid.
    pub(super) fn reject(&self, ctx: &mut SeekerContext, home: HomeIndex, claim: u64) {
        if let Some(withdraw) = self.token(home) {
            ctx.links.send(home, ClientMessage::Reject { withdraw, claim });
        }
    }

    pub(super) fn poll_timeout(&self, ctx: &SeekerContext) -> impl Iterator<Item = Tick> {
        let again = self.homes.values().map(|posted| posted.again);
        let alone = self.prefer.map(|(_, until)| until);
        let own = [self.widen_due(ctx), alone, self.urgency_until];
        let due: Vec<_> = again.chain(own).flatten().collect();
        due.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::seeded;

    #[test]
    fn who_is_refused_again_and_again_asks_less_and_less() {
        let mut pauses = BTreeMap::new();
        for seed in 0..64 {
            let (mut posted, mut random) = (Posted::default(), seeded(seed));
            for refusal in 1..=20_u32 {
                let (pause, other_entry) = posted.refused(&mut random);
                // By another entry at once, then after a pause that no new link shortens.
                assert_eq!(
                    (other_entry, posted.pauses()),
                    (refusal % 2 == 1, refusal % 2 == 0)
                );
                if !other_entry {
                    pauses.entry(refusal / 2).or_insert_with(Vec::new).push(pause);
                }
            }
        }
        for (number, pauses) in pauses {
            let most = POST_AGAIN_MAX.min(POST_AGAIN * 2_u32.pow(number.min(8) - 1));
            assert!(pauses.iter().all(|pause| *pause < most), "{number}: {pauses:?}");
            // By chance over all of it.
            for quarter in 0..4 {
                let part = most / 4 * quarter..most / 4 * (quarter + 1);
                assert!(
                    pauses.iter().any(|pause| part.contains(pause)),
                    "{number}: {part:?}"
                );
            }
        }
    }
}
