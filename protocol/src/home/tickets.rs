//! Tickets that wait: their order, their claims, and their answers.
//!
//! ```text
//!            claim                answer               hold
//!   Open ───────────► Claimed ───────────► Answered ─────────► Held
//!    ▲  20 s, link gone │   45 s, reject      │                 │
//!    └──────────────────┴─────────────────────┘                 │
//!    ▲                 a new attempt, at the old place          │
//!    └──────────────────────────────────────────────────────────┘
//! ```

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use super::LinkId;
use crate::{
    crypto::tokens::{Token, TokenHash},
    limits::MAX_TICKETS,
    objects::{Bytes, Serial, TicketId},
    session::ticket::TICKET_LEN,
    time::Tick,
    wire::{Posting, Refusal},
};

/// Most tickets that one link may hold: a seeker has one.
pub const MAX_TICKETS_PER_LINK: usize = 4;
/// A claim without an answer opens the ticket again.
pub const CLAIM: Duration = Duration::from_secs(20);
/// An answer without a hold opens the ticket again.
pub const ANSWER: Duration = Duration::from_secs(45);
/// A ticket lives this long without a link that holds it.
pub const TICKET_ALONE: Duration = Duration::from_secs(90);

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
    },
}

pub(super) struct Ticket {
    pub(super) id: TicketId,
    pub(super) attempt: u32,
    pub(super) order: u64,
    pub(super) body: Bytes<TICKET_LEN>,
    owner: TokenHash,
    slot: TokenHash,
    state: TicketState,
    /// Number of the last claim granted, over all attempts.
    claim: u64,
    links: BTreeSet<LinkId>,
    alone_since: Option<Tick>,
    told: Option<u64>,
}

/// A change that others must be told of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// For desks: this ticket is open.
    Opened(TicketId),
    /// For desks: this ticket is no longer open.
    Gone(TicketId),
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
            |ticket: &&Ticket| matches!(ticket.state, TicketState::Held { by: Some(by) } if by == serial);
        self.tickets
            .values()
            .filter(hers)
            .map(|ticket| (ticket.id, ticket.attempt))
            .collect()
    }

    /// Links of the seeker whose ticket this counselor holds.
    pub(super) fn links_held_by(&self, id: &TicketId, serial: Serial) -> Vec<LinkId> {
        let hers =
            |ticket: &&Ticket| matches!(ticket.state, TicketState::Held { by: Some(by) } if by == serial);
        let ticket = self.tickets.get(id).filter(hers);
        ticket
            .map(|ticket| ticket.links.iter().copied().collect())
            .unwrap_or_default()
    }

    /// How many wait before `order`.
    pub(super) fn ahead(&self, order: u64) -> u64 {
        let before =
            |ticket: &&Ticket| ticket.order < order && !matches!(ticket.state, TicketState::Held { .. });
        u64::try_from(self.tickets.values().filter(before).count()).unwrap_or(u64::MAX)
    }

    /// Takes a posting. `order` is used only if the ticket is new here.
    pub(super) fn post(
        &mut self,
        link: LinkId,
        token: Token,
        posting: Posting,
        order: u64,
    ) -> Result<u64, Refusal> {
        let owner = token.hash();
        let Some(ticket) = self.tickets.get_mut(&posting.ticket) else {
            return self.post_new(link, owner, posting, order);
        };
        if ticket.owner != owner {
            return Err(Refusal::Taken);
        }
        if posting.attempt < ticket.attempt
            || (posting.attempt == ticket.attempt && posting.body != ticket.body)
        {
            return Err(Refusal::Stale);
        }
        ticket.links.insert(link);
        ticket.alone_since = None;
        let id = ticket.id;
        if posting.attempt > ticket.attempt {
            let previous = core::mem::replace(&mut ticket.state, TicketState::Open);
            ticket.attempt = posting.attempt;
            ticket.slot = posting.slot;
            ticket.body = posting.body;
            if let TicketState::Claimed { link, .. } | TicketState::Answered { link, .. } = previous {
                self.changes.push(Change::Taken { link, ticket: id });
            }
            self.changes.push(Change::Opened(id));
        } else if let TicketState::Answered { message, .. } = &ticket.state {
            // The seeker may have lost the link before the answer came.
            let change = Change::Answered {
                links: vec![link],
                ticket: id,
                attempt: ticket.attempt,
                claim: ticket.claim,
                message: message.clone(),
            };
            self.changes.push(change);
        }
        Ok(ticket.order)
    }

    fn post_new(
        &mut self,
        link: LinkId,
        owner: TokenHash,
        posting: Posting,
        order: u64,
    ) -> Result<u64, Refusal> {
        let mine = self
            .tickets
            .values()
            .filter(|ticket| ticket.links.contains(&link))
            .count();
        if self.tickets.len() >= MAX_TICKETS || mine >= MAX_TICKETS_PER_LINK {
            return Err(Refusal::Busy);
        }
        if self.owners.contains_key(&owner) {
            return Err(Refusal::Taken);
        }
        let id = posting.ticket;
        let ticket = Ticket {
            id,
            attempt: posting.attempt,
            order,
            body: posting.body,
            owner,
            slot: posting.slot,
            state: TicketState::Open,
            claim: 0,
            links: BTreeSet::from([link]),
            alone_since: None,
            told: None,
        };
        self.owners.insert(owner, id);
        self.tickets.insert(id, ticket);
        self.changes.push(Change::Opened(id));
        Ok(order)
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
    pub(super) fn hold(&mut self, link: LinkId, token: Token, claim: u64) {
        let Some(ticket) = self.owned(token) else { return };
        // After a reconnect: a desk that lost the chat must reach the seeker over the new link.
        ticket.links.insert(link);
        ticket.alone_since = None;
        let (id, granted) = (ticket.id, ticket.claim);
        let by = match &ticket.state {
            TicketState::Answered { by, .. } if claim == granted => Some(*by),
            TicketState::Held { by } => *by,
            _ => None,
        };
        let change = match core::mem::replace(&mut ticket.state, TicketState::Held { by }) {
            TicketState::Answered { link, .. } if claim != granted => {
                Some(Change::Taken { link, ticket: id })
            }
            TicketState::Claimed { link, .. } => Some(Change::Taken { link, ticket: id }),
            TicketState::Open => Some(Change::Gone(id)),
            _ => None,
        };
        self.changes.extend(change);
    }

    /// The answer under claim number `claim` was invalid.
    pub(super) fn reject(&mut self, token: Token, claim: u64) {
        let Some(ticket) = self.owned(token) else { return };
        if matches!(ticket.state, TicketState::Answered { .. }) && ticket.claim == claim {
            let id = ticket.id;
            ticket.state = TicketState::Open;
            self.changes.push(Change::Opened(id));
        }
    }

    pub(super) fn withdraw(&mut self, token: Token) {
        if let Some(id) = self.owners.get(&token.hash()).copied() {
            self.remove(&id);
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

    /// Drops the tickets that only this link holds.
    pub(super) fn shed(&mut self, link: LinkId) {
        for id in self.alone_with(link) {
            self.remove(&id);
        }
    }

    /// Does what is due; returns how many tickets expired.
    pub(super) fn expire(&mut self, now: Tick) -> usize {
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
            self.remove(id);
        }
        dead.len()
    }

    /// Places that changed since they were last told: link, ticket, and how many are before it.
    pub(super) fn places(&mut self) -> Vec<(LinkId, TicketId, u64)> {
        let mut waiting: Vec<_> = self
            .tickets
            .values()
            .filter(|ticket| !matches!(ticket.state, TicketState::Held { .. }))
            .map(|ticket| (ticket.order, ticket.id))
            .collect();
        waiting.sort_unstable();
        let mut places = Vec::new();
        for (ahead, (_, id)) in (0_u64..).zip(waiting) {
            if let Some(ticket) = self.tickets.get_mut(&id)
                && ticket.told != Some(ahead)
            {
                ticket.told = Some(ahead);
                places.extend(ticket.links.iter().map(|link| (*link, id, ahead)));
            }
        }
        places
    }

    fn owned(&mut self, token: Token) -> Option<&mut Ticket> {
        let id = self.owners.get(&token.hash())?;
        self.tickets.get_mut(id)
    }

    fn remove(&mut self, id: &TicketId) {
        let Some(ticket) = self.tickets.remove(id) else {
            return;
        };
        self.owners.remove(&ticket.owner);
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
mod tests {
    use super::*;
    use crate::time::millis;

    const NOW: Tick = Tick(0);
    const SEEKER: LinkId = LinkId(1);
    const DESK: LinkId = LinkId(2);
    const OTHER: LinkId = LinkId(3);
    const BY: Serial = Serial([4; 8]);
    const OWNER: Token = Token([1; 32]);
    const SLOT: Token = Token([2; 32]);
    const ID: TicketId = TicketId([7; 32]);

    fn posting(attempt: u32) -> Posting {
        Posting {
            ticket: ID,
            attempt,
            slot: SLOT.hash(),
            receipt: None,
            body: Bytes(
                vec![u8::try_from(attempt).unwrap(); TICKET_LEN]
                    .into_boxed_slice()
                    .try_into()
                    .unwrap(),
            ),
        }
    }

    fn posted() -> Tickets {
        let mut tickets = Tickets::default();
        assert_eq!(tickets.post(SEEKER, OWNER, posting(0), 5), Ok(5));
        tickets.changes.clear();
        tickets
    }

    #[test]
    fn one_claim_at_a_time_and_late_answers_are_fenced_off() {
        let mut tickets = posted();
        assert_eq!(tickets.claim(DESK, &ID, 0, NOW), Ok(1));
        assert_eq!(tickets.claim(DESK, &ID, 0, NOW), Ok(1), "asked again");
        assert_eq!(tickets.claim(OTHER, &ID, 0, NOW), Err(Refusal::Taken));
        tickets.expire(Tick(millis(CLAIM)));
        assert_eq!(tickets.claim(OTHER, &ID, 0, NOW), Ok(2));
        assert_eq!(
            tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW),
            Err(Refusal::Taken)
        );
        assert_eq!(
            tickets.answer(OTHER, &ID, BY, Token([9; 32]), 2, vec![1], NOW),
            Err(Refusal::Stale)
        );
        assert_eq!(tickets.answer(OTHER, &ID, BY, SLOT, 2, vec![1], NOW), Ok(()));
        assert_eq!(
            tickets.answer(OTHER, &ID, BY, SLOT, 2, vec![2], NOW),
            Err(Refusal::Taken),
            "written once"
        );
    }

    #[test]
    fn a_new_attempt_keeps_its_place_and_tells_the_claimant() {
        let mut tickets = posted();
        tickets.claim(DESK, &ID, 0, NOW).unwrap();
        tickets.changes.clear();
        assert_eq!(tickets.post(SEEKER, OWNER, posting(1), 99), Ok(5));
        assert_eq!(
            tickets.changes,
            [
                Change::Taken {
                    link: DESK,
                    ticket: ID
                },
                Change::Opened(ID)
            ]
        );
        assert_eq!(tickets.post(SEEKER, OWNER, posting(0), 99), Err(Refusal::Stale));
        assert_eq!(
            tickets.post(OTHER, Token([8; 32]), posting(2), 99),
            Err(Refusal::Taken),
            "not the owner"
        );
        assert_eq!(tickets.claim(DESK, &ID, 0, NOW), Err(Refusal::Stale));
    }

    #[test]
    fn a_hold_over_a_new_link_tells_where_the_seeker_is() {
        let mut tickets = posted();
        tickets.claim(DESK, &ID, 0, NOW).unwrap();
        tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
        tickets.hold(SEEKER, OWNER, 1);
        tickets.release(SEEKER, NOW);
        assert!(tickets.links_held_by(&ID, BY).is_empty());
        tickets.hold(OTHER, OWNER, 1);
        assert_eq!(tickets.links_held_by(&ID, BY), [OTHER]);
        assert_eq!(tickets.expire(Tick(2 * millis(TICKET_ALONE))), 0, "she is there");
    }

    #[test]
    fn hold_tells_the_loser_and_only_the_loser() {
        let mut tickets = posted();
        tickets.claim(DESK, &ID, 0, NOW).unwrap();
        tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
        tickets.changes.clear();
        tickets.hold(SEEKER, OWNER, 1);
        assert!(tickets.changes.is_empty());
        assert_eq!(tickets.expire(Tick(millis(ANSWER))), 0);
        assert!(tickets.open().is_empty(), "held stays held");

        let mut tickets = posted();
        tickets.claim(DESK, &ID, 0, NOW).unwrap();
        tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
        tickets.changes.clear();
        tickets.hold(SEEKER, OWNER, 0);
        assert_eq!(
            tickets.changes,
            [Change::Taken {
                link: DESK,
                ticket: ID
            }]
        );
    }

    #[test]
    fn garbage_reopens_at_the_next_claim_number() {
        let mut tickets = posted();
        tickets.claim(DESK, &ID, 0, NOW).unwrap();
        tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
        tickets.reject(OWNER, 7);
        assert!(tickets.open().is_empty());
        tickets.reject(OWNER, 1);
        assert_eq!(tickets.open(), [(5, ID)]);
        assert_eq!(tickets.claim(OTHER, &ID, 0, NOW), Ok(2));
    }

    #[test]
    fn a_ticket_lives_while_its_seeker_is_near() {
        let mut tickets = posted();
        tickets.release(SEEKER, NOW);
        assert_eq!(tickets.expire(Tick(millis(TICKET_ALONE) - 1)), 0);
        tickets.post(OTHER, OWNER, posting(0), 9).unwrap();
        assert_eq!(tickets.expire(Tick(millis(TICKET_ALONE) * 3)), 0);
        tickets.release(OTHER, Tick(1));
        assert_eq!(tickets.expire(Tick(millis(TICKET_ALONE) + 1)), 1);
        assert_eq!((tickets.len(), tickets.owners.len()), (0, 0));
    }

    #[test]
    fn limits_hold() {
        let mut tickets = Tickets::default();
        let post = |tickets: &mut Tickets, link, number: usize| {
            let mut name = [0; 32];
            name[..8].copy_from_slice(&number.to_be_bytes());
            tickets.post(
                link,
                Token(name),
                Posting {
                    ticket: TicketId(name),
                    ..posting(0)
                },
                0,
            )
        };
        for number in 0..MAX_TICKETS_PER_LINK {
            post(&mut tickets, SEEKER, number).unwrap();
        }
        assert_eq!(post(&mut tickets, SEEKER, 99), Err(Refusal::Busy));
        assert!(post(&mut tickets, OTHER, 99).is_ok());
    }
}
