//! The desk: tickets this counselor can open, and which is next. Only counts leave it.
//!
//! The offers of different homes are kept side by side, and an offer replaces only an earlier one of the same home. A
//! home that lies may name any ticket and any attempt, and any party can seal to a duty, because it is public. The
//! newest attempt is claimed first. If that claim fails, the offers of the other homes are still there.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    objects::{HomeIndex, TicketId},
    session::ticket::Opened,
};

/// Most tickets that a desk keeps of one home: as many as a home may have. A home that lies could seal any number to a
/// duty, and must not use up the room of the others.
const WAITING_MAX: usize = crate::limits::MAX_TICKETS;

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
}

/// One ticket, with the offers of all homes.
#[derive(Default)]
struct Person {
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

    fn urgent(&self) -> bool {
        self.best().is_some_and(|offer| offer.opened.intake.urgent)
    }
}

#[derive(Default)]
pub(super) struct Desk {
    waiting: BTreeMap<TicketId, Person>,
}

impl Desk {
    /// A ticket is open at `home`. `open` is called only if this body is not open already.
    pub(super) fn open(
        &mut self,
        home: HomeIndex,
        (id, attempt, order): (TicketId, u32, u64),
        body: [u8; 32],
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
        let offer = Offer {
            attempt,
            order,
            body,
            opened,
        };
        self.waiting.entry(id).or_default().offers.insert(home, offer);
    }

    fn full(&self, home: HomeIndex, id: &TicketId) -> bool {
        let here = |person: &&Person| person.offers.contains_key(&home);
        !self.waiting.get(id).as_ref().is_some_and(here)
            && self.waiting.values().filter(here).count() >= WAITING_MAX
    }

    /// The ticket is no longer open at `home`.
    pub(super) fn gone(&mut self, home: HomeIndex, id: &TicketId) {
        self.keep(id, |at, _| *at != home);
    }

    /// Forgets everything of `home`.
    pub(super) fn home_gone(&mut self, home: HomeIndex) {
        let ids: Vec<_> = self.waiting.keys().copied().collect();
        for id in ids {
            self.gone(home, &id);
        }
    }

    /// The seeker's first cell came in the chat of this attempt: the offers of this attempt and of older ones are void.
    pub(super) fn answered(&mut self, id: &TicketId, attempt: u32) {
        self.keep(id, |_, offer| offer.attempt > attempt);
    }

    fn keep(&mut self, id: &TicketId, keep: impl Fn(&HomeIndex, &Offer) -> bool) {
        if let Some(person) = self.waiting.get_mut(id) {
            person.offers.retain(|home, offer| keep(home, offer));
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

    /// Takes out the next ticket: urgent ones first, then the one that has waited longest. The orders of two homes
    /// cannot be compared; the places in them can.
    pub(super) fn take_next(&mut self, free: impl Fn(&TicketId) -> bool) -> Option<NextTicket> {
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
        let next = waiting()
            .min_by_key(|(id, person)| (!person.urgent(), place(person), **id))
            .map(|(id, _)| *id)?;
        self.take(&next)
    }

    /// The attempt of this ticket that would be claimed, if it is open.
    pub(super) fn attempt(&self, id: &TicketId) -> Option<u32> {
        let best = self.waiting.get(id)?.best()?;
        Some(best.attempt)
    }

    /// Homes that offer a newer attempt of the ticket than this one.
    pub(super) fn newer(&self, id: &TicketId, attempt: u32) -> BTreeSet<HomeIndex> {
        let Some(person) = self.waiting.get(id) else {
            return BTreeSet::new();
        };
        let newer = person.offers.iter().filter(|(_, offer)| offer.attempt > attempt);
        newer.map(|(home, _)| *home).collect()
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
