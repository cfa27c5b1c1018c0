//! From a ticket on the desk to an answer: what is offered, claimed, granted, and answered.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use super::{
    Counselor, HELLO, PLACE, PLACE_ROUND_TRIPS,
    chats::DeskChat,
    desk::{NextTicket, UnopenedTicket, WaitingTicket},
    event::{ChatOver, Event},
    shift::{Standing, Wanted},
};
use crate::{
    crypto::{hash, keys::DhSecret, tokens},
    objects::{HomeIndex, TicketId, postcard_decode},
    session::{
        chat::{Beginning, Chat, EndedBy, Role, multipath::Multipath},
        handshake, ticket,
    },
    time::Tick,
    wire::{ClientMessage, ShownTicket},
};

/// A claim that no home answered is given up after this long.
const TAKE: Duration = Duration::from_secs(10);
/// Most chats of an earlier run that one home may name. A counselor has at most three chats at once, and a program that
/// restarts again and again leaves some behind. Each costs a signature.
const YOURS_MAX: usize = 8;

pub(super) struct Taking {
    pub(super) ticket: TicketId,
    pub(super) waiting: WaitingTicket,
    /// Homes that offered it.
    pub(super) homes: BTreeSet<HomeIndex>,
    /// Homes that have not answered, by request.
    pub(super) asked: BTreeMap<u32, HomeIndex>,
    pub(super) since: Tick,
    pub(super) until: Tick,
}

impl Counselor {
    pub(super) fn take_ticket(&mut self, home: HomeIndex, ticket: &[u8]) {
        let Some(shown) = postcard_decode::<ShownTicket>(ticket) else {
            return;
        };
        let (id, attempt) = (shown.ticket, shown.attempt);
        if !self.ctx.serves(home) {
            return;
        }
        if let Some(talk) = self.chats.get_mut(&id) {
            // If the seeker has reopened the ticket, the old chat is over. Only the home says so; cells that still come
            // in the chat would show the contrary.
            if attempt > talk.attempt {
                talk.newer.insert(home);
            } else {
                talk.newer.remove(&home);
                if talk.intake.is_none() {
                    return;
                }
            }
        }
        if self.shift.keys.is_none() || self.shift.wanted != Wanted::On {
            return;
        }
        self.desk.comes(UnopenedTicket {
            home,
            id,
            attempt,
            order: shown.order,
            paid: shown.paid,
            body: hash::sha256(&[shown.body.0.as_slice()]),
            sealed: shown.body.0,
            came: self.ctx.now.tick,
            living: true,
        });
    }

    /// Tries tickets that came, as many as may be tried now. Only at a deadline: what came on the links goes first.
    pub(super) fn open_tickets(&mut self) {
        let Some((duty, secrets)) = &self.shift.keys else {
            return;
        };
        let helpline = self.ctx.helpline;
        while let Some(ticket) = self.desk.next_unopened(self.ctx.now.tick) {
            let (home, id, attempt) = (ticket.home, ticket.id, ticket.attempt);
            let place = (id, attempt, ticket.order);
            self.desk
                .open(home, place, (ticket.body, ticket.paid), ticket.came, || {
                    ticket::open(&helpline, id, attempt, &ticket.sealed, duty, secrets).ok()
                });
            self.desk.set_living(home, &id, ticket.living);
        }
    }

    /// A home names a chat of this counselor. If this run of the program does not have it, its keys are
    /// gone. The seeker is told, and need not wait until the counselor counts as silent.
    pub(super) fn take_yours(&mut self, home: HomeIndex, id: TicketId, lost: u64) {
        if self.chats.contains_key(&id) || self.taking.as_ref().is_some_and(|taking| taking.ticket == id) {
            return;
        }
        let Ok(attempt) = u32::try_from(lost) else {
            return;
        };
        let named = self
            .mine
            .keys()
            .filter(|(at, other)| *at == home && *other != id)
            .count();
        let Some(desk) = self.ctx.homes.get_mut(&home) else {
            return;
        };
        if named >= YOURS_MAX || desk.yours >= YOURS_MAX {
            return;
        }
        desk.yours += 1;
        let signature = self.ctx.identity.sign(&handshake::lost_message(
            &self.ctx.helpline,
            &id,
            attempt,
            &self.source,
        ));
        self.mine.insert((home, id), attempt);
        let lost = ClientMessage::Lost {
            ticket: id,
            attempt: lost,
            proof: [signature.as_slice(), &self.source].concat(),
        };
        self.ctx.links.send(home, lost);
    }

    /// Takes again the tickets of chats that an earlier run had.
    pub(super) fn take_mine(&mut self) {
        if self.taking.is_some() || self.shift.wanted != Wanted::On || !self.has_room() {
            return;
        }
        // Take only a ticket that was reopened after the loss: the word of a home alone takes none.
        let again = |((_, id), lost): &(&(HomeIndex, TicketId), &u32)| {
            !self.chats.contains_key(id) && self.desk.attempt(id).is_some_and(|attempt| attempt > **lost)
        };
        let open = self.mine.iter().find(again).map(|((_, id), _)| *id);
        if let Some(id) = open
            && let Some(next) = self.desk.take(&id)
        {
            self.mine.retain(|(_, other), _| *other != id);
            self.claim(next);
        }
    }

    pub(super) fn tell_desk(&mut self) {
        let standing = self
            .ctx
            .homes
            .values()
            .any(|desk| desk.standing == Standing::OnDuty);
        let counts = self.waiting();
        let known = self.desk_told.is_some() || standing;
        if known && self.desk_told != Some(counts) {
            self.desk_told = Some(counts);
            let (waiting, urgent) = counts;
            self.ctx.emit(Event::Desk { waiting, urgent });
        }
    }

    /// How many tickets this counselor could take, and how many of these are marked urgent.
    pub(super) fn waiting(&self) -> (u32, u32) {
        let taken = self.taking.as_ref().map(|taking| taking.ticket);
        self.desk
            .counts(|id| taken != Some(*id) && !self.chats.contains_key(id))
    }

    pub(super) fn take(&mut self) {
        if !self.take_quietly() {
            self.ctx.emit(Event::NobodyWaits);
        }
    }

    /// Claims the next ticket; `false` when none waits.
    pub(super) fn take_quietly(&mut self) -> bool {
        let (chats, taken) = (&self.chats, self.taking.as_ref().map(|taking| taking.ticket));
        let free = |id: &TicketId| taken != Some(*id) && !chats.contains_key(id);
        let next = self.desk.take_next(free, self.ctx.now.tick);
        let some = next.is_some();
        if let Some(next) = next {
            self.claim(next);
        }
        some
    }

    fn claim(&mut self, (ticket, waiting, homes): NextTicket) {
        let mut asked = BTreeMap::new();
        for home in &homes {
            let attempt = u64::from(waiting.attempt);
            let claim = ClientMessage::Claim { ticket, attempt };
            asked.insert(self.ctx.links.ask(*home, claim, self.ctx.now), *home);
        }
        self.taking = Some(Taking {
            ticket,
            waiting,
            homes,
            asked,
            since: self.ctx.now.tick,
            until: self.ctx.now.tick + TAKE,
        });
    }

    pub(super) fn work_taking(&mut self) {
        let Some(taking) = &self.taking else { return };
        if taking.asked.is_empty() || taking.until <= self.ctx.now.tick {
            let answered = self.chats.contains_key(&taking.ticket);
            if !answered {
                self.desk.led_nowhere(&taking.ticket, &taking.homes);
            }
            self.taking = None;
            // A colleague was first at every home: take the next ticket.
            if !answered && self.shift.wanted == Wanted::On && self.has_room() {
                self.take();
            }
        }
    }

    pub(super) fn take_grant(&mut self, home: HomeIndex, request: u32, claim: u64) {
        let Some(taking) = &mut self.taking else { return };
        if taking.asked.get(&request) != Some(&home) {
            return;
        }
        taking.asked.remove(&request);
        let (ticket, attempt) = (taking.ticket, taking.waiting.attempt);
        let round_trip = self.ctx.now.tick.since(taking.since);
        let patience = (PLACE_ROUND_TRIPS * round_trip).clamp(PLACE, HELLO);
        let known = self
            .chats
            .get(&ticket)
            .is_some_and(|talk| talk.attempt == attempt);
        if !known && !self.answer(ticket) {
            return;
        }
        let Some(home_x) = self.ctx.homes.get(&home).map(|desk| desk.home_x) else {
            return;
        };
        let Some(talk) = self.chats.get_mut(&ticket) else {
            return;
        };
        talk.answered.insert(home);
        talk.patience = talk.patience.max(patience);
        let slot = tokens::answer_slot(&self.ctx.helpline, &talk.secret, attempt, &home_x);
        let (slot, answer) = (slot, [ticket.0.as_slice(), &talk.message_2].concat());
        self.ctx
            .links
            .send(home, ClientMessage::Answer { slot, claim, answer });
    }

    /// Makes message 2, once for all homes, and the chat that waits for the seeker's first cell.
    fn answer(&mut self, ticket: TicketId) -> bool {
        let (Some(taking), Some((duty, secrets))) = (&self.taking, &self.shift.keys) else {
            return false;
        };
        let roster = self.ctx.links.directory().roster_id();
        let opened = &taking.waiting.opened;
        let Ok((message_2, established)) = opened.answer(duty, secrets, roster, &mut self.ctx.random) else {
            return false;
        };
        let seen = self.seen.get(&ticket).cloned().unwrap_or_default();
        let beginning = Beginning {
            helpline: self.ctx.helpline,
            ticket,
            established,
            role: Role::Counselor(DhSecret::from_bytes(&secrets.x.to_bytes()), self.source),
            seen,
            status: self.status,
            extra: Vec::new(),
        };
        let chat = Chat::new(beginning, &mut self.ctx.random, self.ctx.now.tick);
        let talk = DeskChat {
            line: Multipath::new(self.ctx.helpline, chat),
            attempt: taking.waiting.attempt,
            message_2,
            secret: opened.secret.clone(),
            intake: Some(opened.intake.clone()),
            opening: None,
            heard: false,
            answered: BTreeSet::new(),
            since: self.ctx.now.tick,
            // Once for each time: whoever does not come then keeps nobody waiting again.
            patience: if self.handed_back.remove(&ticket) {
                HELLO
            } else {
                PLACE
            },
            late: false,
            blocked: false,
            claimed: taking.homes.clone(),
            // The home that granted the claim may be late. A newer attempt waits beside the chat, as if it came later.
            newer: self.desk.newer(&ticket, taking.waiting.attempt),
            closing: None,
        };
        // No chat of this ticket should be left here. If one is, its messages are told as failed.
        self.finish(ticket, EndedBy::Peer, ChatOver::Gone);
        self.close(ticket);
        self.chats.insert(ticket, talk);
        self.connect_lines();
        true
    }
}
