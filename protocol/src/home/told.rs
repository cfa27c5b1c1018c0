//! What links are told without having asked: tickets and mail to desks, places to seekers, versions to all.
//!
//! Nothing of it is queued. For each link there is a set of what has changed and was not told yet. When nothing else is
//! to be sent and the driver has room, the next of it is told, as it stands then. So a ticket that opened and went
//! meanwhile is never sent, one that was posted twenty times is sent once, and cells wait for none of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use super::{Home, LinkId};
use crate::{
    limits::MAIL_NAMES,
    objects::TicketId,
    session::mail::DepositId,
    time::Now,
    wire::{HomeMessage, Receipt},
};

#[derive(Default)]
struct Untold {
    /// The driver has no room for this link.
    full: bool,
    /// There are new versions.
    beat: bool,
    /// Places that changed, and the receipts for them.
    places: BTreeMap<TicketId, (u64, Receipt)>,
    /// Tickets that this desk was shown, and that are open as far as it knows.
    shown: BTreeSet<TicketId>,
    /// Those of them that are not.
    gone: BTreeSet<TicketId>,
    /// Tickets that it was shown and whose seekers live again, or are silent.
    living: BTreeSet<TicketId>,
    /// Open tickets, with their order, that are new or were opened again.
    open: BTreeMap<TicketId, u64>,
    /// Messages that came or were answered.
    mail: BTreeSet<DepositId>,
}

/// The next thing to tell a link.
#[derive(Debug, PartialEq, Eq)]
enum ToTell {
    Beat,
    Place(TicketId, u64, Receipt),
    TicketGone(TicketId),
    Living(TicketId),
    Mail(Vec<DepositId>),
    Ticket(TicketId),
}

impl Untold {
    fn is_due(&self) -> bool {
        let nothing = self.places.is_empty()
            && self.gone.is_empty()
            && self.living.is_empty()
            && self.open.is_empty()
            && self.mail.is_empty();
        !self.full && (self.beat || !nothing)
    }

    /// Short things first. Of the open tickets the first in order: it is the next to be answered.
    fn next(&mut self) -> Option<ToTell> {
        if core::mem::take(&mut self.beat) {
            return Some(ToTell::Beat);
        }
        if let Some((id, (ahead, receipt))) = self.places.pop_first() {
            return Some(ToTell::Place(id, ahead, receipt));
        }
        if let Some(id) = self.gone.pop_first() {
            self.shown.remove(&id);
            return Some(ToTell::TicketGone(id));
        }
        if let Some(id) = self.living.pop_first() {
            return Some(ToTell::Living(id));
        }
        if !self.mail.is_empty() {
            let rest = self.mail.iter().nth(MAIL_NAMES).copied();
            let later = rest.map_or_else(BTreeSet::new, |first| self.mail.split_off(&first));
            let now = core::mem::replace(&mut self.mail, later);
            return Some(ToTell::Mail(now.into_iter().collect()));
        }
        let first = self
            .open
            .iter()
            .min_by_key(|(_, order)| **order)
            .map(|(id, _)| *id)?;
        self.open.remove(&first);
        self.shown.insert(first);
        Some(ToTell::Ticket(first))
    }

    fn off_duty(&mut self) {
        self.shown.clear();
        self.gone.clear();
        self.living.clear();
        self.open.clear();
        self.mail.clear();
    }
}

/// What all links are still to be told.
#[derive(Default)]
pub(super) struct ToTellAll {
    links: BTreeMap<LinkId, Untold>,
    /// Links with something to tell, and room for it.
    due: BTreeSet<LinkId>,
    /// The one that was told last: each has its turn.
    last: Option<LinkId>,
}

impl ToTellAll {
    fn change(&mut self, link: LinkId, change: impl FnOnce(&mut Untold)) {
        let untold = self.links.entry(link).or_default();
        change(untold);
        if untold.is_due() {
            self.due.insert(link);
        } else {
            self.due.remove(&link);
        }
    }

    pub(super) fn link_closed(&mut self, link: LinkId) {
        self.links.remove(&link);
        self.due.remove(&link);
    }

    /// A ticket is open, or open again.
    pub(super) fn opened(&mut self, desk: LinkId, id: TicketId, order: u64) {
        self.change(desk, |untold| {
            untold.gone.remove(&id);
            untold.open.insert(id, order);
        });
    }

    /// A ticket is no longer open.
    pub(super) fn gone(&mut self, desk: LinkId, id: TicketId) {
        self.change(desk, |untold| {
            untold.open.remove(&id);
            untold.living.remove(&id);
            if untold.shown.contains(&id) {
                untold.gone.insert(id);
            }
        });
    }

    /// The seeker of a ticket lives again, or is silent. A desk that was not shown the ticket hears it with it.
    pub(super) fn living(&mut self, desk: LinkId, id: TicketId) {
        self.change(desk, |untold| {
            if untold.shown.contains(&id) {
                untold.living.insert(id);
            }
        });
    }

    /// A desk has published its duty: it is told of all open tickets, and of those that went while it had none.
    pub(super) fn on_duty(&mut self, desk: LinkId, open: BTreeMap<TicketId, u64>) {
        self.change(desk, |untold| {
            untold.gone = untold
                .shown
                .iter()
                .filter(|id| !open.contains_key(id))
                .copied()
                .collect();
            untold.open = open;
        });
    }

    pub(super) fn place(&mut self, link: LinkId, id: TicketId, ahead: u64, receipt: Receipt) {
        self.change(link, |untold| {
            untold.places.insert(id, (ahead, receipt));
        });
    }

    pub(super) fn mail(&mut self, desk: LinkId, id: DepositId) {
        self.change(desk, |untold| {
            untold.mail.insert(id);
        });
    }

    pub(super) fn beat(&mut self, link: LinkId) {
        self.change(link, |untold| untold.beat = true);
    }

    /// The next thing to tell, and whom; nothing for a desk that was about to be told of tickets, and has no duty any more.
    fn next(&mut self, on_duty: impl FnOnce(LinkId) -> bool) -> Option<(LinkId, Option<ToTell>)> {
        let link = self.turn()?;
        let on_duty = on_duty(link);
        let mut next = None;
        self.change(link, |untold| {
            if !on_duty {
                untold.off_duty();
            }
            next = untold.next();
        });
        Some((link, next))
    }

    /// The next link that has its turn.
    fn turn(&mut self) -> Option<LinkId> {
        let after = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let next = self
            .due
            .range((after, Bound::Unbounded))
            .next()
            .or_else(|| self.due.first());
        self.last = next.copied();
        self.last
    }
}

impl Home {
    /// Whether the driver has room for what a link is told without having asked. It has, until it says otherwise.
    /// Answers and cells are given all the same.
    pub fn handle_room(&mut self, link: LinkId, room: bool, now: Now) {
        self.now = now;
        if self.links.contains_key(&link) {
            self.told.change(link, |untold| untold.full = !room);
        }
    }

    /// Tells one thing to the next link that has its turn; `false` when nothing is left to tell.
    pub(super) fn tell_next(&mut self) -> bool {
        let Some((link, next)) = self.told.next(|link| self.duties.has_link(link)) else {
            return false;
        };
        match next {
            Some(ToTell::Beat) => {
                let beat = self.beat();
                self.send(link, beat);
            }
            Some(ToTell::Place(ticket, ahead, receipt)) => {
                let receipt = Some(receipt);
                let place = HomeMessage::Place {
                    ticket,
                    ahead,
                    receipt,
                };
                self.send(link, place);
            }
            Some(ToTell::Living(ticket)) => self.tell_living(link, &ticket),
            Some(ToTell::TicketGone(ticket)) => self.send(link, HomeMessage::TicketGone { ticket }),
            Some(ToTell::Mail(changed)) => self.tell_mail(link, &changed),
            Some(ToTell::Ticket(id)) => self.offer(link, &id),
            None => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Unix;

    const DESK: LinkId = LinkId(1);
    const OTHER: LinkId = LinkId(2);
    const RECEIPT: Receipt = Receipt {
        order: 1,
        issued: Unix(2),
        mac: [3; 32],
    };

    fn ticket(number: u8) -> TicketId {
        TicketId([number; 32])
    }

    fn room(told: &mut ToTellAll, link: LinkId, room: bool) {
        told.change(link, |untold| untold.full = !room);
    }

    fn tell_all(told: &mut ToTellAll) -> Vec<(LinkId, ToTell)> {
        let told = core::iter::from_fn(|| told.next(|_| true));
        told.filter_map(|(link, next)| Some((link, next?))).collect()
    }

    #[test]
    fn what_came_and_went_without_room_is_never_told() {
        let mut told = ToTellAll::default();
        room(&mut told, DESK, false);
        for number in 0..=255 {
            told.opened(DESK, ticket(number), 9);
            told.beat(DESK);
            told.place(DESK, ticket(0), u64::from(number), RECEIPT);
        }
        for number in 1..=255 {
            told.gone(DESK, ticket(number));
        }
        // Posted again and again.
        for _ in 0..20 {
            told.opened(DESK, ticket(0), 9);
        }
        assert_eq!(told.next(|_| true), None, "there is no room");
        room(&mut told, DESK, true);
        let now = [
            ToTell::Beat,
            ToTell::Place(ticket(0), 255, RECEIPT),
            ToTell::Ticket(ticket(0)),
        ];
        assert_eq!(tell_all(&mut told), now.map(|now| (DESK, now)));
    }

    #[test]
    fn a_desk_hears_that_what_it_was_shown_is_gone() {
        let mut told = ToTellAll::default();
        told.opened(DESK, ticket(1), 1);
        assert_eq!(tell_all(&mut told).len(), 1);
        room(&mut told, DESK, false);
        told.gone(DESK, ticket(1));
        told.opened(DESK, ticket(1), 1);
        told.gone(DESK, ticket(1));
        told.gone(DESK, ticket(2));
        room(&mut told, DESK, true);
        assert_eq!(tell_all(&mut told), [(DESK, ToTell::TicketGone(ticket(1)))]);
        told.gone(DESK, ticket(1));
        assert!(tell_all(&mut told).is_empty(), "once");
        // What went while it had no duty.
        told.opened(DESK, ticket(3), 1);
        tell_all(&mut told);
        told.on_duty(DESK, BTreeMap::from([(ticket(4), 2)]));
        let now = [ToTell::TicketGone(ticket(3)), ToTell::Ticket(ticket(4))];
        assert_eq!(tell_all(&mut told), now.map(|now| (DESK, now)));
    }

    #[test]
    fn tickets_come_in_their_order_and_links_in_turn() {
        let mut told = ToTellAll::default();
        for (number, order) in [(1, 3), (2, 1), (3, 2)] {
            told.opened(DESK, ticket(number), order);
        }
        told.opened(OTHER, ticket(1), 3);
        let shown: Vec<_> = tell_all(&mut told);
        let expected = [(DESK, 2), (OTHER, 1), (DESK, 3), (DESK, 1)];
        assert_eq!(
            shown,
            expected.map(|(link, number)| (link, ToTell::Ticket(ticket(number))))
        );
        assert_eq!(told.links.len(), 2);
        told.opened(OTHER, ticket(5), 5);
        assert_eq!(told.next(|_| false), Some((OTHER, None)), "off duty");
        told.opened(OTHER, ticket(6), 6);
        told.link_closed(OTHER);
        assert_eq!(told.next(|_| true), None);
        assert_eq!(told.links.len(), 1);
    }
}
