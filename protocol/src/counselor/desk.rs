//! The desk: tickets this counselor can open, and which is next. Only counts leave it.

use std::collections::{BTreeMap, BTreeSet};

use crate::ticket::{Opened, TicketId};

/// Most tickets that a desk keeps open: what one home may have. A home that lies could seal any number to a duty,
/// which is public.
const WAITING_MAX: usize = crate::home::MAX_TICKETS;

pub(super) struct Waiting {
    pub(super) attempt: u32,
    pub(super) opened: Opened,
    /// Homes where it is open, with its order there.
    homes: BTreeMap<usize, u64>,
}

/// What was taken out: the ticket, what it holds, and where it is open.
pub(super) type Next = (TicketId, Waiting, BTreeSet<usize>);

#[derive(Default)]
pub(super) struct Desk {
    waiting: BTreeMap<TicketId, Waiting>,
}

impl Desk {
    /// A ticket is open at `home`. `open` is called when this attempt was not opened before.
    pub(super) fn open(
        &mut self,
        home: usize,
        id: TicketId,
        attempt: u32,
        order: u64,
        open: impl FnOnce() -> Option<Opened>,
    ) {
        if let Some(waiting) = self.waiting.get_mut(&id) {
            if waiting.attempt == attempt {
                waiting.homes.insert(home, order);
                return;
            }
            if waiting.attempt > attempt {
                return;
            }
            // The new attempt may not be sealed to us: then the old one is nothing any more.
            self.waiting.remove(&id);
        }
        if self.waiting.len() >= WAITING_MAX {
            return;
        }
        if let Some(opened) = open() {
            let homes = BTreeMap::from([(home, order)]);
            self.waiting.insert(
                id,
                Waiting {
                    attempt,
                    opened,
                    homes,
                },
            );
        }
    }

    /// It is not open any more at `home`.
    pub(super) fn gone(&mut self, home: usize, id: &TicketId) {
        if let Some(waiting) = self.waiting.get_mut(id) {
            waiting.homes.remove(&home);
            if waiting.homes.is_empty() {
                self.waiting.remove(id);
            }
        }
    }

    /// Nothing is known of `home` any more.
    pub(super) fn home_gone(&mut self, home: usize) {
        let ids: Vec<_> = self.waiting.keys().copied().collect();
        for id in ids {
            self.gone(home, &id);
        }
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// How many wait, and how many of them say they are in danger.
    pub(super) fn counts(&self) -> (u32, u32) {
        let urgent = self
            .waiting
            .values()
            .filter(|waiting| waiting.opened.intake.urgent)
            .count();
        (
            u32::try_from(self.waiting.len()).unwrap_or(u32::MAX),
            u32::try_from(urgent).unwrap_or(u32::MAX),
        )
    }

    /// Takes out who is next: those in danger first, then who waits longest. Orders of two homes cannot be
    /// compared, places in them can.
    pub(super) fn take_next(&mut self) -> Option<Next> {
        let mut orders: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for waiting in self.waiting.values() {
            for (home, order) in &waiting.homes {
                orders.entry(*home).or_default().push(*order);
            }
        }
        let place = |waiting: &Waiting| {
            let before = |(home, order): (&usize, &u64)| {
                orders
                    .get(home)
                    .map_or(0, |all| all.iter().filter(|other| *other < order).count())
            };
            waiting.homes.iter().map(before).min()
        };
        let next = self
            .waiting
            .iter()
            .min_by_key(|(id, waiting)| (!waiting.opened.intake.urgent, place(waiting), **id))
            .map(|(id, _)| *id)?;
        self.take(&next)
    }

    /// The attempt of this one, if it is open.
    pub(super) fn attempt(&self, id: &TicketId) -> Option<u32> {
        self.waiting.get(id).map(|waiting| waiting.attempt)
    }

    /// Takes out this one.
    pub(super) fn take(&mut self, id: &TicketId) -> Option<Next> {
        let waiting = self.waiting.remove(id)?;
        let homes = waiting.homes.keys().copied().collect();
        Some((*id, waiting, homes))
    }
}
