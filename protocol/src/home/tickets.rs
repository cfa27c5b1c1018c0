//! Tickets that wait: who may wait, their order, their claims, and their answers.
//!
//! ```text
//!            claim                answer               hold
//!   Open ───────────► Claimed ───────────► Answered ─────────► Held
//!    ▲  20 s, link gone │   45 s, reject      │                 │
//!    └──────────────────┴─────────────────────┘                 │
//!    ▲                 a new attempt, at the old place          │
//!    └──────────────────────────────────────────────────────────┘
//! ```
//!
//! All but the held ones wait, and take a place of the queue. A held one is a name and a place, without a body.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use super::{LinkId, Via};
use crate::{
    crypto::{
        hash,
        tokens::{Token, TokenHash},
    },
    limits::MAX_TICKETS,
    objects::{Bytes, Serial, TicketId},
    session::ticket::TICKET_LEN,
    time::Tick,
    wire::{Posting, Refusal, Terms},
};

/// Most tickets that one link may have, held ones too: a seeker has one, and two at most while a transfer goes on.
pub const MAX_TICKETS_PER_LINK: usize = 2;
/// Most held tickets: five times the chats of 64 counselors. They have no body and take no place of the queue.
pub const MAX_HELD: usize = 1_024;
/// A claim without an answer opens the ticket again.
pub const CLAIM: Duration = Duration::from_secs(20);
/// An answer without a hold opens the ticket again.
pub const ANSWER: Duration = Duration::from_secs(45);
/// A ticket lives this long without a link that holds it.
pub const TICKET_ALONE: Duration = Duration::from_secs(90);
/// A ticket whose links have said nothing for this long is silent: a heartbeat of a client (15 s), and slack.
pub const TICKET_SILENT: Duration = Duration::from_secs(20);
/// New attempts that a ticket may make at once: a widening, the counselor's "lost", and one that came late or brings what
/// was paid for urgency.
pub const ATTEMPTS_AT_ONCE: u32 = 3;
/// One more attempt each time this has passed: the least pause between two bodies of an honest client that widens.
pub const ATTEMPT_EVERY: Duration = Duration::from_secs(10);
/// How long a receipt counts: as long as a long chat. While a home that started again has no ticket of somebody
/// who talks, it renews no receipt; should the counselor go then, the old place is still due.
pub const RECEIPT_LIFE: Duration = Duration::from_secs(2 * 3_600);
/// A receipt of this run comes in without a price for this long: it is renewed before while its ticket stands.
pub const RECEIPT_FREE: Duration = Duration::from_secs(15 * 60);
/// A ticket that stands gets a new receipt after this long: a small part of the time that it counts.
pub const RECEIPT_RENEWED: Duration = Duration::from_secs(10 * 60);
/// Places of withdrawn tickets that a home remembers, each until its receipt has expired.
pub const MAX_SPENT: usize = 4_096;
/// Tickets that were paid for and are gone, of which a home remembers the terms as long as a receipt brings them back
/// without a price: eight times the queue, as above.
pub const MAX_LEFT: usize = 4_096;
/// A place is told as the least of these that it is not above.
pub const PLACE_STEPS: [u64; 12] = [0, 1, 2, 3, 4, 5, 10, 20, 50, 100, 200, 500];

#[derive(Clone)]
enum TicketState {
    Open,
    Claimed {
        link: LinkId,
        until: Tick,
    },
    Answered {
        link: LinkId,
        by: Serial,
        message: Vec<u8>,
        until: Tick,
    },
    /// The counselor of the chat, if the accepted answer came through this home.
    Held {
        by: Option<Serial>,
        since: Tick,
    },
}

/// The new attempts that a ticket may still make.
struct Attempts {
    left: u32,
    since: Tick,
}

impl Attempts {
    /// Takes one, if one is left.
    fn take(&mut self, now: Tick) -> bool {
        while self.left < ATTEMPTS_AT_ONCE && now.since(self.since) >= ATTEMPT_EVERY {
            self.left += 1;
            self.since = self.since + ATTEMPT_EVERY;
        }
        if self.left == ATTEMPTS_AT_ONCE {
            self.since = now;
        }
        let taken = self.left > 0;
        self.left = self.left.saturating_sub(1);
        taken
    }
}

/// Who posts: all that the home knows of it.
pub(super) struct Poster {
    pub(super) link: LinkId,
    /// The entry of the link.
    pub(super) via: Via,
    /// Hash of the withdraw token.
    pub(super) owner: TokenHash,
    /// The place of a new ticket: that of a valid receipt, or the last one.
    pub(super) order: u64,
    /// How many places of the queue one entry may take.
    pub(super) share: usize,
    /// On which terms it was paid for.
    pub(super) paid: Option<Terms>,
}

pub(super) struct Ticket {
    pub(super) id: TicketId,
    pub(super) attempt: u32,
    pub(super) order: u64,
    /// On which terms its seeker paid for it, as desks are told: urgency costs the same again.
    pub(super) paid: Option<Terms>,
    /// None while it is held.
    pub(super) body: Option<Bytes<TICKET_LEN>>,
    body_hash: [u8; 32],
    /// Whether its seeker lives, as desks are told.
    pub(super) living: bool,
    pub(super) owner: TokenHash,
    /// The entry that it came by first. Its place counts as one of that entry for ever, whatever links come later.
    via: Via,
    slot: TokenHash,
    state: TicketState,
    /// The counselor whose answer to this attempt came here last, whichever answer the seeker took.
    answered_by: Option<Serial>,
    /// Number of the last claim granted, over all attempts.
    claim: u64,
    links: BTreeSet<LinkId>,
    alone_since: Option<Tick>,
    attempts: Attempts,
    /// The step of its place that was told last.
    told: Option<u64>,
    receipt_at: Tick,
}

impl Ticket {
    const fn is_held(&self) -> bool {
        matches!(self.state, TicketState::Held { .. })
    }
}

/// A place that the seeker is to be told, with a new receipt.
pub(super) struct PlaceNews {
    pub(super) links: Vec<LinkId>,
    pub(super) ticket: TicketId,
    pub(super) owner: TokenHash,
    pub(super) order: u64,
    pub(super) ahead: u64,
}

/// How a number of people is told: the upper end of a coarse step, so that a place is told only when the step changes.
fn step(ahead: u64) -> u64 {
    let reached = PLACE_STEPS.into_iter().find(|step| ahead <= *step);
    reached.unwrap_or(MAX_TICKETS as u64)
}

/// A change that others must be told of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// For desks: this ticket is open.
    Opened(TicketId),
    /// For desks: this ticket is no longer open.
    Gone(TicketId),
    /// For desks: the seeker of this open ticket lives again, or is silent.
    Living(TicketId),
    /// For the seeker's links: an answer.
    Answered {
        links: Vec<LinkId>,
        ticket: TicketId,
        attempt: u32,
        claim: u64,
        message: Vec<u8>,
    },
    /// For this desk: a colleague has the ticket.
    Taken { link: LinkId, ticket: TicketId },
}

#[derive(Default)]
pub(super) struct Tickets {
    tickets: BTreeMap<TicketId, Ticket>,
    owners: BTreeMap<TokenHash, TicketId>,
    /// Orders of tickets that were withdrawn, until their receipts have expired.
    spent: BTreeMap<u64, Tick>,
    /// On which terms tickets were paid for that are gone and may come back with a receipt, by their owners.
    left: BTreeMap<TokenHash, (Terms, Tick)>,
    pub(super) changes: Vec<Change>,
}

impl Tickets {
    pub(super) fn len(&self) -> usize {
        self.tickets.len()
    }

    /// Whether a ticket of this owner is here.
    pub(super) fn is_owner(&self, owner: &TokenHash) -> bool {
        self.owners.contains_key(owner)
    }

    pub(super) fn get(&self, id: &TicketId) -> Option<&Ticket> {
        self.tickets.get(id)
    }

    /// Open tickets, each with its order.
    pub(super) fn open(&self) -> Vec<(u64, TicketId)> {
        let mut open: Vec<_> = self
            .tickets
            .values()
            .filter(|ticket| matches!(ticket.state, TicketState::Open))
            .map(|ticket| (ticket.order, ticket.id))
            .collect();
        open.sort_unstable();
        open
    }

    /// Tickets that an answer of this counselor holds: id and attempt.
    pub(super) fn held_by(&self, serial: Serial) -> Vec<(TicketId, u32)> {
        let hers =
            |ticket: &&Ticket| matches!(ticket.state, TicketState::Held { by: Some(by), .. } if by == serial);
        self.tickets
            .values()
            .filter(hers)
            .map(|ticket| (ticket.id, ticket.attempt))
            .collect()
    }

    /// Links of the seeker whose ticket this counselor holds.
    pub(super) fn links_held_by(&self, id: &TicketId, serial: Serial) -> Vec<LinkId> {
        let hers =
            |ticket: &&Ticket| matches!(ticket.state, TicketState::Held { by: Some(by), .. } if by == serial);
        let ticket = self.tickets.get(id).filter(hers);
        ticket
            .map(|ticket| ticket.links.iter().copied().collect())
            .unwrap_or_default()
    }

    /// The entry that a held ticket came by, if this counselor's answer to it is here.
    pub(super) fn answered_by(&self, id: &TicketId, serial: Serial) -> Option<Via> {
        let ticket = self.tickets.get(id)?;
        (ticket.is_held() && ticket.answered_by == Some(serial)).then_some(ticket.via)
    }

    /// How many wait before `order` whose seeker lives, as it is told.
    pub(super) fn ahead(&self, order: u64) -> u64 {
        let before = |ticket: &&Ticket| ticket.order < order && !ticket.is_held() && ticket.living;
        step(u64::try_from(self.tickets.values().filter(before).count()).unwrap_or(u64::MAX))
    }

    /// On which terms the ticket of this owner was paid for, which is gone and may come back without paying again.
    pub(super) fn terms_left(&self, owner: &TokenHash) -> Option<Terms> {
        self.left.get(owner).map(|(terms, _)| *terms)
    }

    /// Whether the ticket of this order was withdrawn in this run.
    pub(super) fn is_spent(&self, order: u64) -> bool {
        self.spent.contains_key(&order)
    }

    /// How many more tickets that come by `via` may wait.
    pub(super) fn room(&self, via: Via, share: usize) -> usize {
        let waiting = || self.tickets.values().filter(|ticket| !ticket.is_held());
        let by_entry = waiting().filter(|ticket| ticket.via == via).count();
        let room = MAX_TICKETS.saturating_sub(waiting().count());
        room.min(share.saturating_sub(by_entry))
    }

    /// Whether a new ticket is taken. A home decides here alone who may wait.
    fn admit(&self, poster: &Poster) -> Result<(), Refusal> {
        if self.owners.contains_key(&poster.owner) {
            return Err(Refusal::Taken);
        }
        let on_link = |ticket: &&Ticket| ticket.links.contains(&poster.link);
        if self.tickets.values().filter(on_link).count() >= MAX_TICKETS_PER_LINK
            || self.room(poster.via, poster.share) == 0
        {
            return Err(Refusal::Busy);
        }
        Ok(())
    }

    /// Whether a new attempt of a ticket that is here is taken.
    fn admit_again(&mut self, poster: &Poster, posting: &Posting, now: Tick) -> Result<(), Refusal> {
        // A chat that a counselor of this home began comes back whatever waits: there are no more of these than
        // counselors allow.
        let back = |ticket: &Ticket| match ticket.state {
            TicketState::Held { by: None, .. } => self.room(ticket.via, poster.share) > 0,
            _ => true,
        };
        let room = self.tickets.get(&posting.ticket).is_some_and(back);
        let ticket = self.tickets.get_mut(&posting.ticket);
        let taken = ticket.is_some_and(|ticket| room && ticket.attempts.take(now));
        if taken { Ok(()) } else { Err(Refusal::Busy) }
    }

    /// Takes a posting; returns the place of the ticket.
    pub(super) fn post(&mut self, poster: &Poster, posting: Posting, now: Tick) -> Result<u64, Refusal> {
        let Some(ticket) = self.tickets.get(&posting.ticket) else {
            return self.post_new(poster, posting, now);
        };
        if ticket.owner != poster.owner {
            return Err(Refusal::Taken);
        }
        let body_hash = hash::sha256(&[posting.body.0.as_slice()]);
        if posting.attempt < ticket.attempt
            || (posting.attempt == ticket.attempt && body_hash != ticket.body_hash)
        {
            return Err(Refusal::Stale);
        }
        if posting.attempt > ticket.attempt {
            self.admit_again(poster, &posting, now)?;
        }
        let Some(ticket) = self.tickets.get_mut(&posting.ticket) else {
            return Err(Refusal::Busy);
        };
        ticket.links.insert(poster.link);
        ticket.alone_since = None;
        ticket.receipt_at = now;
        let id = ticket.id;
        if posting.attempt > ticket.attempt {
            let previous = core::mem::replace(&mut ticket.state, TicketState::Open);
            ticket.attempt = posting.attempt;
            ticket.slot = posting.slot;
            ticket.answered_by = None;
            ticket.body = Some(posting.body);
            ticket.body_hash = body_hash;
            ticket.living = true;
            if let TicketState::Claimed { link, .. } | TicketState::Answered { link, .. } = previous {
                self.changes.push(Change::Taken { link, ticket: id });
            }
            self.changes.push(Change::Opened(id));
        } else if let TicketState::Answered { message, .. } = &ticket.state {
            // The seeker may have lost the link before the answer came.
            let change = Change::Answered {
                links: vec![poster.link],
                ticket: id,
                attempt: ticket.attempt,
                claim: ticket.claim,
                message: message.clone(),
            };
            self.changes.push(change);
        }
        Ok(ticket.order)
    }

    fn post_new(&mut self, poster: &Poster, posting: Posting, now: Tick) -> Result<u64, Refusal> {
        self.admit(poster)?;
        let id = posting.ticket;
        let ticket = Ticket {
            id,
            attempt: posting.attempt,
            order: poster.order,
            body_hash: hash::sha256(&[posting.body.0.as_slice()]),
            body: Some(posting.body),
            living: true,
            owner: poster.owner,
            via: poster.via,
            slot: posting.slot,
            state: TicketState::Open,
            paid: poster.paid,
            answered_by: None,
            claim: 0,
            links: BTreeSet::from([poster.link]),
            alone_since: None,
            attempts: Attempts {
                left: ATTEMPTS_AT_ONCE,
                since: now,
            },
            told: None,
            receipt_at: now,
        };
        self.owners.insert(poster.owner, id);
        self.tickets.insert(id, ticket);
        self.changes.push(Change::Opened(id));
        Ok(poster.order)
    }

    /// Grants a claim to `link`; returns its number.
    pub(super) fn claim(
        &mut self,
        link: LinkId,
        id: &TicketId,
        attempt: u64,
        now: Tick,
    ) -> Result<u64, Refusal> {
        let ticket = self.tickets.get_mut(id).ok_or(Refusal::Taken)?;
        if attempt != u64::from(ticket.attempt) {
            return Err(Refusal::Stale);
        }
        match ticket.state {
            TicketState::Claimed { link: holder, .. } if holder == link => Ok(ticket.claim),
            TicketState::Open => {
                ticket.claim += 1;
                ticket.state = TicketState::Claimed {
                    link,
                    until: now + CLAIM,
                };
                self.changes.push(Change::Gone(*id));
                Ok(ticket.claim)
            }
            _ => Err(Refusal::Taken),
        }
    }

    /// Takes an answer. The slot must be that of the attempt. The claim must be the last one, and that of this link.
    #[expect(
        clippy::too_many_arguments,
        reason = "the fields of one record and who sent it"
    )]
    pub(super) fn answer(
        &mut self,
        link: LinkId,
        id: &TicketId,
        by: Serial,
        slot: Token,
        claim: u64,
        message: Vec<u8>,
        now: Tick,
    ) -> Result<(), Refusal> {
        let ticket = self.tickets.get_mut(id).ok_or(Refusal::Taken)?;
        if ticket.slot != slot.hash() {
            return Err(Refusal::Stale);
        }
        match &ticket.state {
            TicketState::Claimed { link: holder, .. } if *holder == link && claim == ticket.claim => {}
            // Written once: the same answer again is accepted, another one is not.
            TicketState::Answered {
                link: holder,
                message: known,
                ..
            } if *holder == link && *known == message => {
                return Ok(());
            }
            _ => return Err(Refusal::Taken),
        }
        ticket.answered_by = Some(by);
        ticket.state = TicketState::Answered {
            link,
            by,
            message: message.clone(),
            until: now + ANSWER,
        };
        let change = Change::Answered {
            links: ticket.links.iter().copied().collect(),
            ticket: *id,
            attempt: ticket.attempt,
            claim,
            message,
        };
        self.changes.push(change);
        Ok(())
    }

    /// The seeker has accepted an answer: at this home under claim number `claim`, or at another one (0).
    ///
    /// The accepted attempt may be any: the seeker may take an answer to the one before the last.
    ///
    /// `share`: how many held tickets one entry may have.
    pub(super) fn hold(&mut self, link: LinkId, token: Token, claim: u64, share: usize, now: Tick) {
        let Some(ticket) = self.owned(token) else { return };
        // After a reconnect: a desk that lost the chat must reach the seeker over the new link.
        ticket.links.insert(link);
        ticket.alone_since = None;
        let (id, granted) = (ticket.id, ticket.claim);
        let by = match &ticket.state {
            TicketState::Answered { by, .. } if claim == granted => Some(*by),
            TicketState::Held { by, .. } => *by,
            _ => None,
        };
        let via = ticket.via;
        ticket.body = None;
        let since = match ticket.state {
            TicketState::Held { since, .. } => since,
            _ => now,
        };
        let change = match core::mem::replace(&mut ticket.state, TicketState::Held { by, since }) {
            TicketState::Answered { link, .. } if claim != granted => {
                Some(Change::Taken { link, ticket: id })
            }
            TicketState::Claimed { link, .. } => Some(Change::Taken { link, ticket: id }),
            TicketState::Open => Some(Change::Gone(id)),
            _ => None,
        };
        self.changes.extend(change);
        self.bound_held(id, via, share, now);
    }

    /// Where one entry has too many held tickets, the oldest of its own goes that no counselor of this home answered.
    /// Where there is none, the one that came last does. Its chat loses nothing; a new attempt is a new ticket here.
    fn bound_held(&mut self, last: TicketId, via: Via, share: usize, now: Tick) {
        let held = |ticket: &&Ticket| ticket.is_held() && ticket.via == via;
        if self.tickets.values().filter(held).count() <= share {
            return;
        }
        let oldest = self.tickets.values().filter_map(|ticket| match ticket.state {
            TicketState::Held { by: None, since } if ticket.via == via => Some((since, ticket.id)),
            _ => None,
        });
        let goes = oldest.min().map_or(last, |(_, id)| id);
        self.remove(&goes, now);
    }

    /// The answer under claim number `claim` was invalid.
    pub(super) fn reject(&mut self, token: Token, claim: u64) {
        let Some(ticket) = self.owned(token) else { return };
        if matches!(ticket.state, TicketState::Answered { .. }) && ticket.claim == claim {
            let id = ticket.id;
            ticket.state = TicketState::Open;
            // Whose answer was no valid one has no word about the chat that another home's answer begins.
            ticket.answered_by = None;
            self.changes.push(Change::Opened(id));
        }
    }

    /// The seeker takes the ticket back. Its place is gone with it.
    pub(super) fn withdraw(&mut self, token: Token, now: Tick) {
        if let Some(id) = self.owners.get(&token.hash()).copied() {
            self.spend(&id, now);
        }
    }

    /// A ticket goes, and its place with it.
    pub(super) fn spend(&mut self, id: &TicketId, now: Tick) {
        let owner = self.tickets.get(id).map(|ticket| ticket.owner);
        if let Some(ticket) = self.tickets.get(id) {
            let until = now + RECEIPT_LIFE;
            self.spent.insert(ticket.order, until);
            if self.spent.len() > MAX_SPENT {
                let oldest = self.spent.iter().min_by_key(|(_, until)| **until);
                let oldest = oldest.map(|(order, _)| *order);
                oldest.map(|order| self.spent.remove(&order));
            }
        }
        self.remove(id, now);
        // Its receipts are void: whoever comes again pays again.
        if let Some(owner) = owner {
            self.left.remove(&owner);
        }
    }

    /// A link is gone, or may no longer claim.
    pub(super) fn release(&mut self, link: LinkId, now: Tick) {
        for ticket in self.tickets.values_mut() {
            if matches!(ticket.state, TicketState::Claimed { link: holder, .. } if holder == link) {
                ticket.state = TicketState::Open;
                self.changes.push(Change::Opened(ticket.id));
            }
            ticket.links.remove(&link);
            if ticket.links.is_empty() {
                ticket.alone_since.get_or_insert(now);
            }
        }
    }

    /// Tickets that only this link holds.
    pub(super) fn alone_with(&self, link: LinkId) -> Vec<TicketId> {
        let alone = |ticket: &&Ticket| ticket.links.len() == 1 && ticket.links.contains(&link);
        self.tickets
            .values()
            .filter(alone)
            .map(|ticket| ticket.id)
            .collect()
    }

    /// How many bodies are kept. A held ticket has none.
    pub(super) fn bodies(&self) -> usize {
        let kept = |ticket: &&Ticket| ticket.body.is_some();
        self.tickets.values().filter(kept).count()
    }

    /// How many of them only this link holds.
    pub(super) fn bodies_alone_with(&self, link: LinkId) -> usize {
        let alone = self.alone_with(link).into_iter();
        alone
            .filter(|id| self.tickets.get(id).is_some_and(|ticket| ticket.body.is_some()))
            .count()
    }

    /// Drops the tickets that only this link holds.
    pub(super) fn shed(&mut self, link: LinkId, now: Tick) {
        for id in self.alone_with(link) {
            self.remove(&id, now);
        }
    }

    /// Does what is due; returns how many tickets expired.
    pub(super) fn expire(&mut self, now: Tick) -> usize {
        self.spent.retain(|_, until| *until > now);
        self.left.retain(|_, (_, until)| *until > now);
        let mut dead = Vec::new();
        for ticket in self.tickets.values_mut() {
            if ticket
                .alone_since
                .is_some_and(|since| now.since(since) >= TICKET_ALONE)
            {
                dead.push(ticket.id);
                continue;
            }
            let over = match &ticket.state {
                TicketState::Claimed { until, .. } | TicketState::Answered { until, .. } => *until <= now,
                TicketState::Open | TicketState::Held { .. } => false,
            };
            if over {
                ticket.state = TicketState::Open;
                self.changes.push(Change::Opened(ticket.id));
            }
        }
        for id in &dead {
            self.remove(id, now);
        }
        dead.len()
    }

    /// Finds whose seeker lives. `heard`: when a link that stands last said something.
    pub(super) fn judge_living(&mut self, heard: impl Fn(LinkId) -> Option<Tick>, now: Tick) {
        for ticket in self.tickets.values_mut() {
            let last = ticket.links.iter().filter_map(|link| heard(*link)).max();
            let living = last.is_some_and(|last| now.since(last) < TICKET_SILENT);
            if living != ticket.living {
                ticket.living = living;
                if matches!(ticket.state, TicketState::Open) {
                    self.changes.push(Change::Living(ticket.id));
                }
            }
        }
    }

    /// Places whose step changed since it was last told, and those whose receipt must be renewed.
    pub(super) fn places(&mut self, now: Tick) -> Vec<PlaceNews> {
        let mut all: Vec<_> = self
            .tickets
            .values()
            .map(|ticket| (ticket.order, ticket.id))
            .collect();
        all.sort_unstable();
        let mut places = Vec::new();
        let mut before = 0;
        for (_, id) in all {
            let Some(ticket) = self.tickets.get_mut(&id) else {
                continue;
            };
            let ahead = step(before);
            let old = now.since(ticket.receipt_at) >= RECEIPT_RENEWED;
            if old || (!ticket.is_held() && ticket.told != Some(ahead)) {
                ticket.told = Some(ahead);
                ticket.receipt_at = now;
                places.push(PlaceNews {
                    links: ticket.links.iter().copied().collect(),
                    ticket: id,
                    owner: ticket.owner,
                    order: ticket.order,
                    ahead,
                });
            }
            before += u64::from(!ticket.is_held() && ticket.living);
        }
        places
    }

    fn owned(&mut self, token: Token) -> Option<&mut Ticket> {
        let id = self.owners.get(&token.hash())?;
        self.tickets.get_mut(id)
    }

    fn remove(&mut self, id: &TicketId, now: Tick) {
        let Some(ticket) = self.tickets.remove(id) else {
            return;
        };
        self.owners.remove(&ticket.owner);
        if let Some(paid) = ticket.paid {
            self.left.insert(ticket.owner, (paid, now + RECEIPT_FREE));
            if self.left.len() > MAX_LEFT {
                let oldest = self.left.iter().min_by_key(|(_, (_, until))| *until);
                let oldest = oldest.map(|(owner, _)| *owner);
                oldest.map(|owner| self.left.remove(&owner));
            }
        }
        match ticket.state {
            TicketState::Open => self.changes.push(Change::Gone(*id)),
            TicketState::Claimed { link, .. } | TicketState::Answered { link, .. } => {
                self.changes.push(Change::Taken { link, ticket: *id });
            }
            TicketState::Held { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests;
