//! The desk: tickets this counselor can open, and which is next. Only counts leave it.
//!
//! The offers of different homes are kept side by side, and an offer replaces only an earlier one of the same home. A
//! home that lies may name any ticket and any attempt, and any party can seal to a duty, because it is public. The
//! newest attempt is claimed first. If that claim fails, the offers of the other homes are still there.
//!
//! Whether a seeker lives is a word of a home too: one that says so of nobody puts its tickets behind those of others.

use core::time::Duration;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use crate::{
    limits::TICKET_LEN,
    objects::{HomeIndex, TicketId},
    session::ticket::Opened,
    time::Tick,
    wire::Terms,
};

/// Who has waited longer than this is not passed for ever.
pub const LONG_WAIT: Duration = Duration::from_secs(10 * 60);
/// So many urgent ones that came later may be taken before such a person.
pub const URGENT_AHEAD: u32 = 2;

/// Most tickets that a desk keeps of one home: as many as a home may have. A home that lies could seal any number to a
/// duty, and must not use up the room of the others.
const WAITING_MAX: usize = crate::limits::MAX_TICKETS;

/// Tickets that a desk tries to open at one deadline. Each attempt costs up to eight decapsulations, about a
/// millisecond: what comes on the links goes first, so that four hundred tickets do not hold up a chat.
pub(super) const OPENED_AT_ONCE: u32 = 4;
/// After this the next ones are tried.
const OPENING_PAUSE: Duration = Duration::from_millis(1);

/// A ticket that a home has sent, and that was not tried yet.
pub(super) struct UnopenedTicket {
    pub(super) home: HomeIndex,
    pub(super) id: TicketId,
    pub(super) attempt: u32,
    /// Its place at that home.
    pub(super) order: u64,
    /// What was paid for it there.
    pub(super) paid: Option<Terms>,
    /// Hash of the sealed body.
    pub(super) body: [u8; 32],
    pub(super) sealed: Box<[u8; TICKET_LEN]>,
    pub(super) came: Tick,
    pub(super) living: bool,
}

/// A ticket to claim.
pub(super) struct WaitingTicket {
    pub(super) attempt: u32,
    pub(super) opened: Arc<Opened>,
}

/// A ticket that was taken from the desk, its content, and the homes where it is open.
pub(super) type NextTicket = (TicketId, WaitingTicket, BTreeSet<HomeIndex>);

/// A ticket as one home offers it.
struct Offer {
    attempt: u32,
    /// Its place at that home.
    order: u64,
    /// Hash of the sealed body: the same at all honest homes.
    body: [u8; 32],
    opened: Arc<Opened>,
    /// Whether the seeker says to be in danger, and has paid for that as much as for the ticket here.
    urgent: bool,
    /// Whether the seeker lives, as this home says.
    living: bool,
}

/// One ticket, with the offers of all homes.
struct Person {
    /// When this desk saw it first. A desk that starts again counts anew: nobody else knows.
    since: Tick,
    /// How many urgent ones that came later were taken here after the long wait.
    passed: u32,
    offers: BTreeMap<HomeIndex, Offer>,
    /// How often the offers of a home led to no chat while another home offered the ticket.
    nowhere: BTreeMap<HomeIndex, u32>,
}

impl Person {
    /// Prefer the homes with the fewest failed claims, then the highest attempt.
    fn best(&self) -> Option<&Offer> {
        let failed = |home: &HomeIndex| self.nowhere.get(home).copied().unwrap_or_default();
        let best = self
            .offers
            .iter()
            .max_by_key(|(home, offer)| (Reverse(failed(home)), offer.attempt, Reverse(**home)));
        best.map(|(_, offer)| offer)
    }

    /// One home that hears the seeker is enough.
    fn living(&self) -> bool {
        self.offers.values().any(|offer| offer.living)
    }

    fn waits_long(&self, now: Tick) -> bool {
        now.since(self.since) >= LONG_WAIT && self.living() && !self.urgent()
    }

    /// One home where as much was paid is enough: none can take her urgency away.
    fn urgent(&self) -> bool {
        let best = self.best();
        let same = |offer: &&Offer| best.is_some_and(|best| best.body == offer.body);
        self.offers.values().filter(same).any(|offer| offer.urgent)
    }
}

#[derive(Default)]
pub(super) struct Desk {
    waiting: BTreeMap<TicketId, Person>,
    /// In the order in which they came; one of a home and a ticket at most.
    unopened: VecDeque<UnopenedTicket>,
    /// When tickets were tried last, and how many then.
    tried: Option<(Tick, u32)>,
}

impl Desk {
    /// A ticket is open at a home. It is tried in its turn.
    pub(super) fn comes(&mut self, ticket: UnopenedTicket) {
        let same = |other: &UnopenedTicket| (other.home, other.id) == (ticket.home, ticket.id);
        self.unopened.retain(|other| !same(other));
        if !self.full(ticket.home, &ticket.id) {
            self.unopened.push_back(ticket);
        }
    }

    /// The next ticket to try, unless enough were tried just now.
    pub(super) fn next_unopened(&mut self, now: Tick) -> Option<UnopenedTicket> {
        let tried = self
            .tried
            .filter(|(at, _)| *at == now)
            .map_or(0, |(_, count)| count);
        if tried >= OPENED_AT_ONCE {
            return None;
        }
        let next = self.unopened.pop_front()?;
        self.tried = Some((now, tried + 1));
        Some(next)
    }

    /// When the next ticket may be tried: at a deadline, so that no ticket is tried while something waits on the links.
    pub(super) fn opening_due(&self) -> Option<Tick> {
        let came = self.unopened.front()?.came;
        Some(self.tried.map_or(came, |(at, _)| came.max(at + OPENING_PAUSE)))
    }

    /// A ticket is open at `home`. `open` is called only if this body is not open already.
    pub(super) fn open(
        &mut self,
        home: HomeIndex,
        (id, attempt, order): (TicketId, u32, u64),
        (body, paid): ([u8; 32], Option<Terms>),
        now: Tick,
        open: impl FnOnce() -> Option<Opened>,
    ) {
        let known = self.waiting.get(&id).and_then(|person| {
            let same = |offer: &&Offer| offer.attempt == attempt && offer.body == body;
            person.offers.values().find(same)
        });
        let opened = match known {
            Some(offer) => Some(offer.opened.clone()),
            None if self.full(home, &id) => return,
            None => open().map(Arc::new),
        };
        let Some(opened) = opened else {
            // Not sealed to this counselor: the earlier offer of this home is void.
            return self.gone(home, &id);
        };
        let urgent = opened.intake.urgent && opened.urgency.covers(paid.as_ref());
        let offer = Offer {
            attempt,
            order,
            body,
            opened,
            urgent,
            living: true,
        };
        let person = self.waiting.entry(id).or_insert_with(|| Person {
            since: now,
            passed: 0,
            offers: BTreeMap::new(),
            nowhere: BTreeMap::new(),
        });
        person.offers.insert(home, offer);
    }

    /// A home says whether the seeker of a ticket that it offers lives.
    pub(super) fn set_living(&mut self, home: HomeIndex, id: &TicketId, living: bool) {
        let person = self.waiting.get_mut(id);
        if let Some(offer) = person.and_then(|person| person.offers.get_mut(&home)) {
            offer.living = living;
        }
        let mut unopened = self.unopened.iter_mut();
        if let Some(ticket) = unopened.find(|ticket| (ticket.home, ticket.id) == (home, *id)) {
            ticket.living = living;
        }
    }

    fn full(&self, home: HomeIndex, id: &TicketId) -> bool {
        let here = |person: &&Person| person.offers.contains_key(&home);
        let unopened = self.unopened.iter().filter(|ticket| ticket.home == home);
        !self.waiting.get(id).as_ref().is_some_and(here)
            && self.waiting.values().filter(here).count() + unopened.count() >= WAITING_MAX
    }

    /// The ticket is no longer open at `home`.
    pub(super) fn gone(&mut self, home: HomeIndex, id: &TicketId) {
        self.keep(id, |at, _| *at != home);
    }

    /// Forgets everything of `home`.
    pub(super) fn home_gone(&mut self, home: HomeIndex) {
        self.waiting.retain(|_, person| {
            person.offers.remove(&home);
            !person.offers.is_empty()
        });
        self.unopened.retain(|ticket| ticket.home != home);
    }

    /// The seeker's first cell came in the chat of this attempt: the offers of this attempt and of older ones are void.
    pub(super) fn answered(&mut self, id: &TicketId, attempt: u32) {
        self.keep(id, |_, other| other > attempt);
    }

    /// Keeps the offers of a ticket for which `keep` is true, of home and attempt.
    fn keep(&mut self, id: &TicketId, keep: impl Fn(&HomeIndex, u32) -> bool) {
        self.unopened
            .retain(|ticket| ticket.id != *id || keep(&ticket.home, ticket.attempt));
        if let Some(person) = self.waiting.get_mut(id) {
            person.offers.retain(|home, offer| keep(home, offer.attempt));
            if person.offers.is_empty() {
                self.waiting.remove(id);
            }
        }
    }

    /// The offers of these homes led to no chat. If other homes offer the ticket too, theirs are preferred from now on.
    pub(super) fn led_nowhere(&mut self, id: &TicketId, homes: &BTreeSet<HomeIndex>) {
        if let Some(person) = self.waiting.get_mut(id) {
            for home in homes {
                let failed = person.nowhere.entry(*home).or_default();
                *failed = failed.saturating_add(1);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.unopened.clear();
    }

    /// How many tickets wait, and how many of these are marked urgent. `free`: neither a claim nor a chat has the
    /// ticket.
    pub(super) fn counts(&self, free: impl Fn(&TicketId) -> bool) -> (u32, u32) {
        let waiting = || self.waiting.iter().filter(|(id, _)| free(id));
        let urgent = waiting().filter(|(_, person)| person.urgent()).count();
        (
            u32::try_from(waiting().count()).unwrap_or(u32::MAX),
            u32::try_from(urgent).unwrap_or(u32::MAX),
        )
    }

    /// Takes out the next ticket: of those whose seeker lives the urgent ones first, then the one that has waited
    /// longest; then the silent ones in the same order. Two urgent ones pass a person who has waited long, and no more.
    /// The orders of two homes cannot be compared; the places in them can.
    pub(super) fn take_next(&mut self, free: impl Fn(&TicketId) -> bool, now: Tick) -> Option<NextTicket> {
        let waiting = || self.waiting.iter().filter(|(id, _)| free(id));
        let mut orders: BTreeMap<HomeIndex, Vec<u64>> = BTreeMap::new();
        for (_, person) in waiting() {
            for (home, offer) in &person.offers {
                orders.entry(*home).or_default().push(offer.order);
            }
        }
        let place = |person: &Person| {
            let before = |(home, offer): (&HomeIndex, &Offer)| {
                orders
                    .get(home)
                    .map_or(0, |all| all.iter().filter(|other| **other < offer.order).count())
            };
            person.offers.iter().map(before).min()
        };
        let order =
            |(id, person): &(&TicketId, &Person)| (!person.living(), !person.urgent(), place(person), **id);
        let first = waiting().min_by_key(order)?;
        let passed = waiting().filter(|(_, person)| person.waits_long(now) && person.passed >= URGENT_AHEAD);
        let next = passed
            .min_by_key(order)
            .filter(|(_, person)| place(person) < place(first.1))
            .unwrap_or(first);
        let behind = |person: &Person| person.waits_long(now) && place(person) < place(next.1);
        let urgent = next.1.urgent() && next.1.living();
        let passes: Vec<TicketId> = waiting()
            .filter(|(_, person)| urgent && behind(person))
            .map(|(id, _)| *id)
            .collect();
        let next = *next.0;
        for id in passes {
            if let Some(person) = self.waiting.get_mut(&id) {
                person.passed += 1;
            }
        }
        self.take(&next)
    }

    /// The attempt of this ticket that would be claimed, if it is open.
    pub(super) fn attempt(&self, id: &TicketId) -> Option<u32> {
        let best = self.waiting.get(id)?.best()?;
        Some(best.attempt)
    }

    /// Homes that offer a newer attempt of the ticket than this one, tried or not.
    pub(super) fn newer(&self, id: &TicketId, attempt: u32) -> BTreeSet<HomeIndex> {
        let offers = self.waiting.get(id).into_iter().flat_map(|person| &person.offers);
        let tried = offers.map(|(home, offer)| (home, offer.attempt));
        let untried = self.unopened.iter().filter(|ticket| ticket.id == *id);
        let all = tried.chain(untried.map(|ticket| (&ticket.home, ticket.attempt)));
        all.filter(|(_, other)| *other > attempt)
            .map(|(home, _)| *home)
            .collect()
    }

    #[cfg(test)]
    pub(super) fn ids(&self) -> Vec<TicketId> {
        self.waiting.keys().copied().collect()
    }

    /// Takes out this ticket. Other bodies or attempts of it, from other homes, stay.
    pub(super) fn take(&mut self, id: &TicketId) -> Option<NextTicket> {
        let best = self.waiting.get(id)?.best()?;
        let (attempt, body, opened) = (best.attempt, best.body, best.opened.clone());
        let mut homes = BTreeSet::new();
        if let Some(person) = self.waiting.get_mut(id) {
            person.offers.retain(|home, offer| {
                let other = (offer.attempt, offer.body) != (attempt, body);
                if !other {
                    homes.insert(*home);
                }
                other
            });
            if person.offers.is_empty() {
                self.waiting.remove(id);
            }
        }
        Some((*id, WaitingTicket { attempt, opened }, homes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crypto::{
            keys::{RootKey, SignKey},
            puzzle::{Priced, Puzzle, SEED_LEN, Search, Seed, Step},
        },
        objects::{DutySecrets, Serial, Signed},
        session::ticket::{self, Intake, UrgencyPayment},
        testing::seeded,
        time::{Unix, millis},
    };

    const HOME: HomeIndex = HomeIndex(0);
    const OTHER: HomeIndex = HomeIndex(1);

    fn id(number: u8) -> TicketId {
        TicketId([number; 32])
    }

    fn opened(urgent: bool, payment: &UrgencyPayment) -> Opened {
        let mut random = seeded(3);
        let key = SignKey::generate(&mut random);
        let helpline = RootKey(key.public()).helpline();
        let secrets = DutySecrets::generate(&mut random);
        let duty = Signed::sign(
            secrets.duty(Serial([1; 8]), Unix(1), Duration::from_secs(9)),
            &key,
            &helpline,
        )
        .unwrap();
        let intake = Intake {
            language: "ar".parse().unwrap(),
            urgent,
        };
        let sealed = ticket::seal(&helpline, id(0), 0, &[&duty], (&intake, payment), &mut random).unwrap();
        ticket::open(&helpline, id(0), 0, &sealed.body, &duty, &secrets).unwrap()
    }

    /// A ticket comes; its number is its place.
    fn comes(desk: &mut Desk, number: u8, urgent: bool, at: Tick) {
        let order = u64::from(number);
        desk.open(HOME, (id(number), 0, order), ([number; 32], None), at, || {
            Some(opened(urgent, &UrgencyPayment::default()))
        });
    }

    fn next(desk: &mut Desk, at: Tick) -> Option<u8> {
        let (TicketId([number, ..]), ..) = desk.take_next(|_| true, at)?;
        Some(number)
    }

    #[test]
    fn those_who_live_go_first_and_urgent_ones_first_of_them() {
        let (mut desk, now) = (Desk::default(), Tick(0));
        for (number, urgent) in [(1, true), (2, false), (3, true), (4, false), (5, true)] {
            comes(&mut desk, number, urgent, now);
        }
        for silent in [1, 2] {
            desk.set_living(HOME, &id(silent), false);
        }
        let order: Vec<_> = core::iter::from_fn(|| next(&mut desk, now)).collect();
        assert_eq!(order, [3, 5, 4, 1, 2]);
    }

    #[test]
    fn one_home_that_hears_the_seeker_is_enough() {
        let (mut desk, now) = (Desk::default(), Tick(0));
        comes(&mut desk, 1, false, now);
        comes(&mut desk, 2, false, now);
        let free = UrgencyPayment::default();
        desk.open(OTHER, (id(1), 0, 1), ([1; 32], None), now, || {
            Some(opened(false, &free))
        });
        desk.set_living(HOME, &id(1), false);
        desk.set_living(OTHER, &id(9), false);
        assert_eq!(desk.counts(|_| true), (2, 0));
        assert_eq!(next(&mut desk, now), Some(1));
        // What a home says of a ticket that it shows anew begins anew.
        comes(&mut desk, 1, false, now);
        desk.set_living(HOME, &id(1), false);
        comes(&mut desk, 1, false, now);
        assert_eq!(next(&mut desk, now), Some(1));
    }

    #[test]
    fn two_urgent_ones_pass_a_long_wait_and_no_more() {
        let mut desk = Desk::default();
        let long = Tick(millis(LONG_WAIT));
        comes(&mut desk, 1, true, Tick(0));
        comes(&mut desk, 2, false, Tick(0));
        comes(&mut desk, 3, false, Tick(1));
        for number in 4..10 {
            comes(&mut desk, number, true, Tick(2));
        }
        // Nobody has waited long: urgent ones go first, and none of them counts.
        assert_eq!(next(&mut desk, Tick(9)), Some(1));
        assert_eq!(next(&mut desk, Tick(9)), Some(4));
        // One urgent person goes first in both orders; two more pass 2, which has waited long, and 3 has not yet.
        assert_eq!([next(&mut desk, long), next(&mut desk, long)], [Some(5), Some(6)]);
        assert_eq!(next(&mut desk, long), Some(2));
        let later = Tick(millis(LONG_WAIT) + 1);
        assert_eq!(
            [next(&mut desk, later), next(&mut desk, later)],
            [Some(7), Some(8)]
        );
        assert_eq!(
            [next(&mut desk, later), next(&mut desk, later)],
            [Some(3), Some(9)]
        );
    }

    /// A ticket of this number that is not tried yet.
    fn unopened(home: HomeIndex, number: u8, attempt: u32) -> UnopenedTicket {
        UnopenedTicket {
            home,
            id: id(number),
            attempt,
            order: u64::from(number),
            paid: None,
            body: [number; 32],
            sealed: Box::new([0; TICKET_LEN]),
            came: Tick(0),
            living: true,
        }
    }

    #[test]
    fn a_few_tickets_are_tried_at_once_and_the_rest_in_turn() {
        let mut desk = Desk::default();
        for number in 0..10 {
            desk.comes(unopened(HOME, number, 0));
        }
        let mut tried = Vec::new();
        let mut now = Tick(5);
        assert_eq!(
            desk.opening_due(),
            Some(Tick(0)),
            "at once, when nothing else waits"
        );
        loop {
            let at_once: Vec<_> = core::iter::from_fn(|| desk.next_unopened(now)).collect();
            assert!(at_once.len() <= usize::try_from(OPENED_AT_ONCE).unwrap());
            tried.extend(at_once.iter().map(|ticket| ticket.id.0[0]));
            let Some(due) = desk.opening_due() else { break };
            assert!(due > now, "links have their turn first");
            now = due;
        }
        assert_eq!(tried, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(now, Tick(7));
    }

    #[test]
    fn what_happens_to_an_untried_ticket_counts() {
        let mut desk = Desk::default();
        for number in 1..=6 {
            desk.comes(unopened(HOME, number, 0));
            desk.comes(unopened(OTHER, number, 0));
        }
        desk.gone(HOME, &id(1));
        desk.answered(&id(2), 0);
        // A newer one of the same home replaces it, and waits for its turn.
        desk.comes(unopened(HOME, 3, 1));
        desk.answered(&id(3), 0);
        desk.set_living(OTHER, &id(4), false);
        let mut left = Vec::new();
        for now in 0..9 {
            while let Some(ticket) = desk.next_unopened(Tick(now)) {
                left.push((ticket.home.0, ticket.id.0[0], ticket.attempt, ticket.living));
            }
        }
        let (yes, no) = (true, false);
        let both = |number| [(0, number, 0, yes), (1, number, 0, yes)];
        let mut expected = vec![(1, 1, 0, yes), (0, 4, 0, yes), (1, 4, 0, no)];
        expected.extend([5, 6].into_iter().flat_map(both));
        expected.push((0, 3, 1, yes));
        assert_eq!(left, expected);
        for number in 1..=6 {
            desk.comes(unopened(HOME, number, 0));
            desk.comes(unopened(OTHER, number, 0));
        }
        // A newer attempt that was not tried is one.
        desk.comes(unopened(OTHER, 2, 7));
        assert_eq!(desk.newer(&id(2), 6), BTreeSet::from([OTHER]));
        assert_eq!(desk.newer(&id(2), 7), BTreeSet::new());
        desk.home_gone(HOME);
        let next = desk.next_unopened(Tick(99)).unwrap();
        assert_eq!((next.home, next.id), (OTHER, id(1)));
        desk.clear();
        assert!(desk.next_unopened(Tick(100)).is_none() && desk.opening_due().is_none());
    }

    #[test]
    fn urgency_counts_where_as_much_was_paid_as_for_the_ticket() {
        let (mut desk, now) = (Desk::default(), Tick(0));
        let helpline = RootKey(SignKey::generate(&mut seeded(3)).public()).helpline();
        let step = |number: u8| Step::try_from(number).unwrap();
        let terms = |seed, step| Terms {
            priced: Priced::Ticket,
            step,
            seed: Seed([seed; SEED_LEN]),
        };
        let seeds = vec![Seed([7; SEED_LEN])];
        let puzzle = Puzzle::urgent(&helpline, &id(0).0, &seeds);
        let nonce = Search::new(puzzle, step(3)).run(u32::MAX).unwrap();
        let reached = puzzle.reached(nonce);
        let payment = UrgencyPayment { seeds, nonce };
        let urgent = |desk: &mut Desk, home, paid, urgent| {
            desk.open(home, (id(0), 0, 1), ([0; 32], paid), now, || {
                Some(opened(urgent, &payment))
            });
            desk.counts(|_| true).1 == 1
        };
        assert!(urgent(&mut desk, HOME, None, true), "nothing was asked");
        assert!(urgent(&mut desk, HOME, Some(terms(7, reached)), true));
        assert!(
            !urgent(&mut desk, HOME, Some(terms(7, reached.up())), true),
            "too little"
        );
        assert!(
            !urgent(&mut desk, HOME, Some(terms(8, step(1))), true),
            "of another time"
        );
        // What one home says takes nothing away that counts at another.
        assert!(urgent(&mut desk, OTHER, Some(terms(7, step(3))), true));
        desk.clear();
        assert!(
            !urgent(&mut desk, HOME, Some(terms(7, step(1))), false),
            "who is in no danger"
        );
    }

    #[test]
    fn a_silent_person_passes_nobody_and_is_not_counted_against() {
        let mut desk = Desk::default();
        let long = Tick(millis(LONG_WAIT));
        comes(&mut desk, 1, false, Tick(0));
        desk.set_living(HOME, &id(1), false);
        for number in 2..6 {
            comes(&mut desk, number, true, Tick(0));
        }
        let order: Vec<_> = core::iter::from_fn(|| next(&mut desk, long)).collect();
        assert_eq!(order, [2, 3, 4, 5, 1]);
    }
}
