//! The seeker's ticket: the counselors it is sealed to, the homes where it lies, and when it is sealed again.

use core::time::Duration;
use std::collections::BTreeMap;

use super::{WIDEN, attempt::Attempt, context::SeekerContext, event::Event};
use crate::{
    client::directory::OnDuty,
    crypto::{
        hash::Secret,
        keys::DhPublic,
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

/// How often a home may change the terms that the urgency of a ticket is paid for: as the ticket is paid for there first,
/// and as the home takes it. A home that lies could have the ticket sealed again and again otherwise.
const URGENCIES_PER_HOME: u32 = 2;

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
    /// On which terms the home has taken the ticket.
    taken: Option<Terms>,
    /// The terms of this home that the urgency is paid for, and how often there were new ones.
    urgency: Option<Terms>,
    urgencies: u32,
}

impl Posted {
    /// The terms that the urgency of the ticket is to be paid for: those of the first payment here, and then those on which
    /// the home has taken the ticket. What it asks otherwise is for its own request alone.
    fn urgency_terms(&self, ctx: &SeekerContext, home: HomeIndex) -> Option<Terms> {
        let token = Token::of(self.token.as_ref()?).hash();
        let paid = ctx.payments.terms(home, Priced::Ticket, token);
        let counts = match self.urgencies {
            0 => true,
            changes => changes < URGENCIES_PER_HOME && self.taken == paid,
        };
        if counts { paid } else { self.urgency }
    }

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
    /// When it was sealed last for what was paid for its urgency alone.
    urgent_at: Tick,
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
            urgent_at: now,
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
        let homes = self.pay_for_ticket(ctx);
        self.pay_for_urgency(ctx);
        self.post(ctx, homes);
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

    /// When what was paid for urgency goes into a new body: at once where the last one has nothing, as for whoever needs long to
    /// pay; then not sooner than any other body.
    fn urgency_due(&self) -> Option<Tick> {
        let attempt = self.current.as_ref()?;
        let first = attempt.urgency == UrgencyPayment::default();
        let pause = if first { Duration::ZERO } else { RESEAL_PAUSE };
        (attempt.urgency != self.urgency).then(|| self.urgent_at + pause)
    }

    /// What was paid for urgency goes into a new body, for the same counselors.
    fn seal_urgency(&mut self, ctx: &mut SeekerContext, mut on_duty: Vec<OnDuty>) {
        let Some(attempt) = &self.current else { return };
        on_duty.retain(|duty| attempt.sealed_to(&duty.duty.hash()));
        let may = self.urgency_due().is_some_and(|due| due <= ctx.now.tick);
        if may && !on_duty.is_empty() {
            self.urgent_at = ctx.now.tick;
            self.seal(ctx, on_duty);
        }
    }

    /// The terms that its urgency is to be paid for.
    fn urgency_terms(&self, ctx: &SeekerContext) -> Vec<(HomeIndex, Terms)> {
        let homes = self.homes.iter();
        homes
            .filter_map(|(home, posted)| Some((*home, posted.urgency_terms(ctx, *home)?)))
            .collect()
    }

    /// A ticket was paid for on terms that its urgency is not paid for: pays.
    fn pay_for_urgency(&mut self, ctx: &mut SeekerContext) {
        let terms = self.urgency_terms(ctx);
        let step = terms
            .iter()
            .map(|(_, terms)| terms.step)
            .max()
            .unwrap_or_default();
        let known = |(_, terms): &(HomeIndex, Terms)| self.urgency.seeds.contains(&terms.seed);
        if step > self.urgency_step || !terms.iter().all(known) {
            let seeds = terms.iter().map(|(_, terms)| terms.seed).take(URGENCY_SEEDS_MAX);
            let until = ctx.now.tick + URGENCY_PATIENCE;
            self.urgency_until.get_or_insert(until);
            ctx.pay_for_urgency(self.id, seeds.collect(), step);
        }
    }

    /// The urgency of a ticket is paid for: the next body says so.
    pub(super) fn take_urgency(&mut self, ctx: &SeekerContext, ticket: TicketId, payment: UrgencyPayment) {
        if ticket == self.id {
            for (home, terms) in self.urgency_terms(ctx) {
                if let Some(posted) = self.homes.get_mut(&home)
                    && payment.seeds.contains(&terms.seed)
                    && posted.urgency.replace(terms) != Some(terms)
                {
                    posted.urgencies += 1;
                }
            }
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

    /// The homes where the current attempt is not posted yet and may be now. What they ask is paid first.
    fn pay_for_ticket(&mut self, ctx: &mut SeekerContext) -> Vec<(HomeIndex, DhPublic)> {
        let mut homes = Vec::new();
        let Some(attempt) = &self.current else {
            return homes;
        };
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
            homes.push((home, home_x));
        }
        homes
    }

    /// Posts the current attempt at these homes, unless what pays for its urgency comes soon.
    fn post(&mut self, ctx: &mut SeekerContext, homes: Vec<(HomeIndex, DhPublic)>) {
        let Some(attempt) = &self.current else { return };
        if self.urgency_until.is_some_and(|until| until > ctx.now.tick) {
            return;
        }
        for (home, home_x) in homes {
            let Some(posted) = self.homes.get_mut(&home) else {
                continue;
            };
            let Some(token) = posted.token.as_ref().map(|token| **token) else {
                continue;
            };
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
        ctx: &SeekerContext,
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
            let token = posted.token.as_ref().map(|token| Token::of(token).hash());
            posted.taken = token.and_then(|token| ctx.payments.terms(home, Priced::Ticket, token));
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
        ctx.forget_payment(|_, priced| priced == Priced::Ticket);
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
        ctx.forget_payment(|_, priced| priced == Priced::Ticket);
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
        let own = [self.widen_due(ctx), alone, self.urgency_until, self.urgency_due()];
        let due: Vec<_> = again.chain(own).flatten().collect();
        due.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::home_links::HomeLinks,
        crypto::{
            keys::{RootKey, SignKey},
            puzzle::{SEED_LEN, Search, Seed},
        },
        seeker::payments::Payments,
        testing::seeded,
        time::Unix,
    };

    const HONEST: HomeIndex = HomeIndex(0);
    const LIAR: HomeIndex = HomeIndex(1);

    /// A ticket that two homes are to have.
    fn ticket() -> (SeekerContext, Ticketing) {
        let root = RootKey(SignKey::generate(&mut seeded(1)).public());
        let now = Now {
            tick: Tick(0),
            unix: Unix(1_800_000_000),
        };
        let mut ctx = SeekerContext {
            helpline: root.helpline(),
            random: seeded(2),
            links: HomeLinks::new(root, now),
            payments: Payments::default(),
            homes_named: 2,
            homes_met: [HONEST, LIAR].into(),
            events: std::collections::VecDeque::new(),
            now,
        };
        let mut ticket = Ticketing::new(&mut seeded(3), now.tick);
        for home in [HONEST, LIAR] {
            ticket.homes.entry(home).or_default().token = Some(random::secret(&mut ctx.random));
        }
        (ctx, ticket)
    }

    /// The ticket is paid for at a home under a new seed; `taken`: and the home takes it.
    fn pays(ctx: &mut SeekerContext, ticket: &mut Ticketing, home: HomeIndex, seed: u8, taken: bool) {
        let terms = Terms {
            priced: Priced::Ticket,
            step: 1.try_into().unwrap(),
            seed: Seed([seed; SEED_LEN]),
        };
        let token = ticket.token(home).unwrap().hash();
        ctx.payments.pays(home, token, terms);
        let posted = ticket.homes.get_mut(&home).unwrap();
        posted.sent = taken.then_some((0, 1));
        ticket.take_posted(ctx, home, 1, 0, None);
    }

    /// Pays for urgency as a driver does; gives how often.
    fn solves(ctx: &mut SeekerContext, ticket: &mut Ticketing) -> usize {
        ticket.pay_for_urgency(ctx);
        let mut solved = 0;
        while let Some(event) = ctx.events.pop_front() {
            let Event::Solve(toll) = event else { continue };
            let nonce = Search::new(toll.puzzle, toll.step).run(u32::MAX).unwrap();
            if let Some((id, payment)) = ctx.take_solution(toll.number, nonce) {
                ticket.take_urgency(ctx, id, payment);
                solved += 1;
            }
            ticket.pay_for_urgency(ctx);
        }
        solved
    }

    #[test]
    fn a_home_that_lies_has_urgency_paid_for_twice_at_most() {
        for takes in [false, true] {
            let (mut ctx, mut ticket) = ticket();
            pays(&mut ctx, &mut ticket, HONEST, 1, false);
            let mut solved = solves(&mut ctx, &mut ticket);
            for seed in 2..30 {
                pays(&mut ctx, &mut ticket, LIAR, seed, takes);
                solved += solves(&mut ctx, &mut ticket);
            }
            assert_eq!(
                solved,
                if takes { 3 } else { 2 },
                "the honest home's, and the liar's"
            );
            // What the honest home asks meanwhile is paid for.
            pays(&mut ctx, &mut ticket, HONEST, 40, true);
            assert_eq!(solves(&mut ctx, &mut ticket), 1);
            assert!(ticket.urgency.seeds.contains(&Seed([40; SEED_LEN])));
            // Another ticket has nothing of it.
            ticket.renew(&mut ctx);
            ticket.homes.get_mut(&HONEST).unwrap().token = Some(random::secret(&mut ctx.random));
            pays(&mut ctx, &mut ticket, HONEST, 50, false);
            assert_eq!(solves(&mut ctx, &mut ticket), 1);
        }
    }

    #[test]
    fn what_is_wanted_no_more_is_not_solved() {
        let (mut ctx, mut ticket) = ticket();
        pays(&mut ctx, &mut ticket, HONEST, 1, false);
        ticket.pay_for_urgency(&mut ctx);
        assert!(matches!(ctx.events.pop_front(), Some(Event::Solve(_))));
        // The home's link is no matter for urgency.
        ctx.forget_payment(|home, _| home == Some(HONEST));
        assert!(ctx.events.is_empty());
        ticket.withdraw(&mut ctx);
        assert!(matches!(ctx.events.pop_front(), Some(Event::StopSolving)));
    }

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
