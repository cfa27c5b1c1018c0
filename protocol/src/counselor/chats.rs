//! The counselor's chats: their events, when a seeker counts as gone, and how they end.

use std::collections::BTreeSet;

use super::{
    Counselor, HELLO, REOPENED, SEEKER_SILENT,
    event::{ChatOver, Event},
};
use crate::{
    crypto::phrase,
    limits::LINGER,
    objects::{HomeIndex, RosterId, RunId, TicketId},
    session::{
        chat::{ChatEvent, EndReason, EndedBy, State, multipath::Multipath},
        ticket::Intake,
    },
    time::Tick,
};

pub(super) struct DeskChat {
    pub(super) line: Multipath,
    pub(super) attempt: u32,
    pub(super) message_2: Vec<u8>,
    pub(super) secret: crate::crypto::hash::Secret,
    /// Until the seeker's first cell.
    pub(super) intake: Option<Intake>,
    /// Homes that have the answer.
    pub(super) answered: BTreeSet<HomeIndex>,
    /// Homes where the ticket was claimed. New offers of the ticket wait on the desk: if the seeker gets the answer
    /// from no home, the ticket still waits.
    pub(super) claimed: BTreeSet<HomeIndex>,
    /// Homes that offer a newer attempt, also one that is not sealed to this counselor.
    pub(super) newer: BTreeSet<HomeIndex>,
    pub(super) since: Tick,
    pub(super) closing: Option<Tick>,
}

impl Counselor {
    pub(super) fn poll_chats(&mut self) -> Option<Event> {
        let ids: Vec<TicketId> = self.chats.keys().copied().collect();
        for chat in ids {
            while let Some(event) = self.chats.get_mut(&chat).and_then(|talk| talk.line.poll_event()) {
                match event {
                    ChatEvent::Ready => {
                        let returning = self.returning(&chat);
                        self.compare_rosters(chat);
                        let intake = self.chats.get_mut(&chat).and_then(|talk| talk.intake.take());
                        if let Some(intake) = intake {
                            if let Some(talk) = self.chats.get(&chat) {
                                self.desk.answered(&chat, talk.attempt);
                            }
                            return Some(Event::Chat {
                                chat,
                                intake,
                                returning,
                            });
                        }
                    }
                    ChatEvent::Message { id, text } => {
                        let seen = self.seen.entry(chat).or_default();
                        seen.take(RunId::default(), id.clone());
                        let number = self.numbers.give((chat, id.clone()));
                        return Some(Event::Message {
                            chat,
                            number,
                            id,
                            text,
                        });
                    }
                    ChatEvent::State { id, state } => return Some(Event::State { chat, id, state }),
                    ChatEvent::Pace(pace) => return Some(Event::Pace { chat, pace }),
                    ChatEvent::TransferAsked(_) | ChatEvent::Status(_) => {}
                    ChatEvent::TransferAnswered(true) => {
                        self.finish(chat, EndedBy::Peer, ChatOver::Said(EndReason::Transferred));
                        if let Some(event) = self.ctx.events.pop_front() {
                            return Some(event);
                        }
                    }
                    ChatEvent::TransferAnswered(false) => return Some(Event::TransferDeclined { chat }),
                    ChatEvent::Ended(reason) => {
                        self.finish(chat, EndedBy::Peer, ChatOver::Said(reason));
                        if let Some(event) = self.ctx.events.pop_front() {
                            return Some(event);
                        }
                    }
                }
            }
        }
        None
    }

    /// Whether the seeker's first cell proves an earlier visit to this counselor: the phrase of a sealed message that
    /// this run of the program has opened. A valid proof alone only shows that the seeker holds some phrase.
    fn returning(&self, chat: &TicketId) -> bool {
        let (Some(talk), Some((_, secrets))) = (self.chats.get(chat), &self.shift.keys) else {
            return false;
        };
        let (chat, helpline) = (talk.line.chat(), &self.ctx.helpline);
        RosterId::read(chat.hello_extra())
            .and_then(|(_, proof)| phrase::verify_proof(helpline, &secrets.x, chat.handshake_hash(), proof))
            .is_some_and(|return_x| self.mail.knows(&return_x))
    }

    /// Compares the seeker's roster, as its hello names it, with the one that counts here.
    fn compare_rosters(&mut self, chat: TicketId) {
        let talk = self.chats.get(&chat);
        let theirs = talk.and_then(|talk| RosterId::read(talk.line.chat().hello_extra()));
        let split = theirs.and_then(|(theirs, _)| self.ctx.links.directory().compare(theirs));
        if let Some(split) = split {
            let (chat, split) = (Some(chat), Box::new(split));
            self.ctx.emit(Event::SplitView { chat, split });
        }
    }

    /// When the seeker counts as gone, or as taken by a colleague.
    pub(super) fn silent_due(&self, talk: &DeskChat) -> Option<Tick> {
        if talk.intake.is_some() {
            return Some(talk.since + HELLO);
        }
        let up = self.ctx.links.up_since()?;
        Some(talk.line.chat().last_in().max(up) + SEEKER_SILENT)
    }

    /// When the ticket counts as reopened, if a home says so.
    pub(super) fn reopened_due(&self, talk: &DeskChat) -> Option<Tick> {
        if talk.newer.is_empty() {
            return None;
        }
        let up = self.ctx.links.up_since()?;
        Some(talk.line.chat().last_in().max(up) + REOPENED)
    }

    pub(super) fn work_chats(&mut self) {
        let now = self.ctx.now.tick;
        let reopened: Vec<_> = self
            .chats
            .iter()
            .filter(|(_, talk)| self.reopened_due(talk).is_some_and(|due| due <= now))
            .map(|(chat, _)| *chat)
            .collect();
        for chat in reopened {
            self.finish(chat, EndedBy::Peer, ChatOver::Gone);
            // Also a chat that only lingers.
            self.close(chat);
        }
        let silent: Vec<_> = self
            .chats
            .iter()
            .filter(|(_, talk)| talk.closing.is_none() && self.silent_due(talk).is_some_and(|due| due <= now))
            .map(|(chat, talk)| {
                (
                    *chat,
                    if talk.intake.is_some() {
                        ChatOver::Taken
                    } else {
                        ChatOver::Gone
                    },
                )
            })
            .collect();
        for (chat, reason) in silent {
            self.finish(chat, EndedBy::Peer, reason);
        }
        let over = |talk: &DeskChat| {
            talk.closing
                .is_some_and(|until| until <= now || talk.line.chat().over())
        };
        let done: Vec<_> = self
            .chats
            .iter()
            .filter(|(_, talk)| over(talk))
            .map(|(chat, _)| *chat)
            .collect();
        for chat in done {
            self.close(chat);
        }
    }

    pub(super) fn finish(&mut self, chat: TicketId, by: EndedBy, reason: ChatOver) {
        let now = self.ctx.now.tick;
        let Some(talk) = self.chats.get_mut(&chat).filter(|talk| talk.closing.is_none()) else {
            return;
        };
        self.ctx.emit(Event::Ended { chat, by, reason });
        match reason {
            ChatOver::Said(reason) => {
                let own = if by == EndedBy::Peer {
                    EndReason::Finished
                } else {
                    reason
                };
                talk.line.end(own, now);
                talk.closing = Some(now + LINGER);
            }
            // No peer is left.
            ChatOver::Taken | ChatOver::Gone => {
                if talk.intake.is_some() {
                    self.desk.led_nowhere(&chat, &talk.claimed);
                }
                self.close(chat);
            }
        }
    }

    pub(super) fn close(&mut self, chat: TicketId) {
        let Some(mut talk) = self.chats.remove(&chat) else {
            return;
        };
        for (id, state) in talk.line.take_states() {
            self.ctx.emit(Event::State { chat, id, state });
        }
        for id in talk.line.take_lost() {
            let state = State::Failed;
            self.ctx.emit(Event::State { chat, id, state });
        }
        talk.line.close();
        while let Some((home, message)) = talk.line.poll_output() {
            self.ctx.links.send(home, message);
        }
    }
}
