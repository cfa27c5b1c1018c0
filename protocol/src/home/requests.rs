//! Requests about tickets, claims, channels and cells.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;

use super::{
    Home, HomeRequest, LinkId, RECEIPT_FREE, RECEIPT_LIFE,
    channels::{Delivery, PutResult},
    tickets::{Change, PlaceNews, Poster},
};
use crate::{
    crypto::{
        puzzle::Priced,
        tokens::{Token, TokenHash},
    },
    limits::MAX_TICKETS,
    objects::{CLOCK_LEEWAY, TicketId, postcard_decode, postcard_encode},
    session::handshake::MESSAGE_2_LEN,
    time::Unix,
    wire::{ChannelOpening, HomeMessage, Kind, Posting, Receipt, Record, Refusal, ShownTicket, split},
};

impl Home {
    /// Takes a fragment; returns the object after its last one. Invalid objects are refused.
    pub(super) fn assemble<T: Serialize + DeserializeOwned>(
        &mut self,
        request: HomeRequest,
        part: &Record,
    ) -> Option<T> {
        let pieces = &mut self.links.get_mut(&request.link)?.pieces;
        let before = pieces.bytes();
        let whole = pieces.take(part);
        self.fragments = self.fragments + pieces.bytes() - before;
        let object = match whole {
            Ok(None) => return None,
            Ok(Some(bytes)) => postcard_decode(&bytes),
            Err(_) => None,
        };
        if object.is_none() {
            self.refuse(request, Refusal::Malformed);
        }
        object
    }

    pub(super) fn post(&mut self, request: HomeRequest, withdraw: Token, part: &Record) {
        let Some(posting) = self.assemble::<Posting>(request, part) else {
            return;
        };
        if let Err(reason) = self.roster() {
            return self.refuse(request, reason);
        }
        let (id, owner) = (posting.ticket, withdraw.hash());
        let known = posting
            .receipt
            .filter(|receipt| self.is_valid(&owner, &id, receipt));
        let order = known.map_or_else(
            || {
                self.arrivals += 1;
                (u64::from(self.config.boot) << 32) | self.arrivals
            },
            |receipt| receipt.order,
        );
        let Some(via) = self.via(request.link) else { return };
        let poster = Poster {
            link: request.link,
            via,
            owner,
            order,
            share: self.share(MAX_TICKETS),
            // A ticket that comes back with its receipt has the terms that it had: urgency costs what it did.
            paid: (self.tolls.terms(owner)).or_else(|| self.tickets.terms_left(&owner)),
        };
        let newcomer = !self.is_free(known.as_ref()) && !self.tickets.is_owner(&owner);
        if newcomer {
            let room = self.tickets.room(via, poster.share);
            if let Err(reason) = self.admit(Priced::Ticket, owner, (via, room)) {
                // Where there is another entry, she comes in there.
                let elsewhere = room == 0 && self.entries.len() > 1;
                return self.refuse(request, if elsewhere { Refusal::Busy } else { reason });
            }
        }
        match self.tickets.post(&poster, posting, self.now.tick) {
            Ok(order) => {
                if newcomer {
                    self.tolls.admitted(Priced::Ticket, owner);
                }
                self.stored += 1;
                let posted = HomeMessage::Posted {
                    ticket: id,
                    ahead: self.tickets.ahead(order),
                    receipt: Some(self.receipt(&owner, &id, order, self.now.unix)),
                };
                self.answer(request, posted);
            }
            Err(reason) => self.refuse(request, reason),
        }
    }

    /// Whether a receipt comes in without a price: of an earlier start of this home, or of a ticket that stood here not long
    /// ago. Otherwise receipts of tickets that were left to die could be stored up, and fill the queue at once.
    fn is_free(&self, receipt: Option<&Receipt>) -> bool {
        receipt.is_some_and(|receipt| {
            receipt.order >> 32 != u64::from(self.config.boot)
                || self.now.unix < receipt.issued + RECEIPT_FREE
        })
    }

    /// Whether a receipt gives this ticket of this owner a place now. A ticket that was withdrawn has none.
    fn is_valid(&self, owner: &TokenHash, ticket: &TicketId, receipt: &Receipt) -> bool {
        let now = self.now.unix;
        self.receipt(owner, ticket, receipt.order, receipt.issued) == *receipt
            && receipt.issued <= now + CLOCK_LEEWAY
            && now < receipt.issued + RECEIPT_LIFE
            && !self.tickets.is_spent(receipt.order)
    }

    fn receipt(&self, owner: &TokenHash, ticket: &TicketId, order: u64, issued: Unix) -> Receipt {
        let mut mac = [0; 32];
        if let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(self.config.receipt_key.as_slice()) {
            hmac.update(b"HP1/receipt");
            hmac.update(&owner.0);
            hmac.update(&ticket.0);
            hmac.update(&order.to_be_bytes());
            hmac.update(&issued.0.to_be_bytes());
            mac.copy_from_slice(&hmac.finalize().into_bytes());
        }
        Receipt { order, issued, mac }
    }

    /// Tells seekers that wait their places, where these are others than before, with receipts that count longer.
    pub(super) fn tell_places(&mut self) {
        for news in self.tickets.places(self.now.tick) {
            let PlaceNews {
                links,
                ticket,
                owner,
                order,
                ahead,
            } = news;
            let receipt = self.receipt(&owner, &ticket, order, self.now.unix);
            for link in links {
                self.told.place(link, ticket, ahead, receipt);
            }
        }
    }

    pub(super) fn claim(&mut self, request: HomeRequest, ticket: &TicketId, attempt: u64) {
        if !self.duties.has_link(request.link) {
            return self.refuse(request, Refusal::Login);
        }
        match self.tickets.claim(request.link, ticket, attempt, self.now.tick) {
            Ok(claim) => {
                let token = Token(ticket.0);
                let granted = HomeMessage::Granted {
                    token,
                    attempt,
                    claim,
                };
                self.answer(request, granted);
            }
            Err(reason) => self.refuse(request, reason),
        }
    }

    pub(super) fn answer_ticket(&mut self, request: HomeRequest, slot: Token, claim: u64, answer: &[u8]) {
        let parts = answer.split_first_chunk::<32>();
        let Some((id, message)) = parts.filter(|(_, message)| message.len() == MESSAGE_2_LEN) else {
            return self.refuse(request, Refusal::Malformed);
        };
        let id = TicketId(*id);
        // A claim is granted to desks only, and an answer needs a claim.
        let Some(by) = self.serial_of(request.link) else {
            return self.refuse(request, Refusal::Login);
        };
        let (link, now) = (request.link, self.now.tick);
        let result = self
            .tickets
            .answer(link, &id, by, slot, claim, message.to_vec(), now);
        if let Err(reason) = result {
            // A desk knows its chats by their tickets, not by slots.
            let request = HomeRequest {
                token: Token(id.0),
                ..request
            };
            self.refuse(request, reason);
        }
    }

    pub(super) fn open(&mut self, request: HomeRequest, token: Token, opening: Option<ChannelOpening>) {
        let (link, now) = (request.link, self.now.tick);
        let opened = opening.is_some_and(|opening| self.channels.open(link, token, &opening, now));
        if opened {
            self.answer(request, HomeMessage::Opened { token });
        } else {
            self.refused += 1;
            self.answer(request, HomeMessage::Gone { token, index: 0 });
        }
    }

    pub(super) fn put(&mut self, request: HomeRequest, put: Token, index: u64, cell: Vec<u8>) {
        let (result, delivery) = self.channels.put(put, index, cell);
        if result == PutResult::Stored {
            self.stored += 1;
        } else {
            self.refused += 1;
        }
        self.answer(
            request,
            match result {
                PutResult::Stored => HomeMessage::Stored { put, index },
                PutResult::Full => HomeMessage::Full { put, index },
                PutResult::Gone => HomeMessage::Gone { token: put, index },
            },
        );
        if let Some(delivery) = delivery {
            self.deliver(delivery);
        }
    }

    pub(super) fn deliver(&mut self, delivery: Delivery) {
        let Delivery {
            link,
            token,
            index,
            cell,
        } = delivery;
        self.send(
            link,
            HomeMessage::Cell {
                listen: token,
                index,
                cell,
            },
        );
    }

    /// Sends an open ticket to a desk.
    pub(super) fn offer(&mut self, link: LinkId, id: &TicketId) {
        let Some(ticket) = self.tickets.get(id) else {
            return;
        };
        let Some(body) = ticket.body.clone() else { return };
        let silent = !ticket.living;
        let shown = ShownTicket {
            ticket: ticket.id,
            attempt: ticket.attempt,
            order: ticket.order,
            paid: ticket.paid,
            body,
        };
        for record in split(Kind::Ticket, 0, id.0, &postcard_encode(&shown)) {
            self.send_record(link, record);
        }
        // A desk takes a ticket for that of a seeker who lives until it is told otherwise.
        if silent {
            self.tell_living(link, id);
        }
    }

    /// Tells a desk whether the seeker of an open ticket lives.
    pub(super) fn tell_living(&mut self, link: LinkId, id: &TicketId) {
        if let Some(ticket) = self.tickets.get(id) {
            let living = HomeMessage::Living {
                ticket: *id,
                living: u64::from(ticket.living),
            };
            self.send(link, living);
        }
    }

    pub(super) fn tell_changes(&mut self) {
        for change in core::mem::take(&mut self.tickets.changes) {
            match change {
                Change::Opened(id) => {
                    let Some(order) = self.tickets.get(&id).map(|ticket| ticket.order) else {
                        continue;
                    };
                    for desk in self.duties.links() {
                        self.told.opened(desk, id, order);
                    }
                }
                Change::Living(id) => {
                    for desk in self.duties.links() {
                        self.told.living(desk, id);
                    }
                }
                Change::Gone(id) => {
                    for desk in self.duties.links() {
                        self.told.gone(desk, id);
                    }
                }
                Change::Answered {
                    links,
                    ticket,
                    attempt,
                    claim,
                    message,
                } => {
                    let answered = HomeMessage::Answered {
                        ticket,
                        attempt: u64::from(attempt),
                        claim,
                        answer: message,
                    };
                    let record = answered.record();
                    for link in links {
                        self.send_record(link, record.clone());
                    }
                }
                Change::Taken { link, ticket } => {
                    let refused = HomeMessage::Refused {
                        token: Token(ticket.0),
                        index: 0,
                        reason: Refusal::Taken,
                    };
                    self.send(link, refused);
                }
            }
        }
    }
}
