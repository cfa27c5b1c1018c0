//! The counselor's chats: their events, when a seeker counts as gone, and how they end.

use core::time::Duration;
use std::collections::BTreeSet;

use super::{
    Counselor, HELLO, REOPENED, SEEKER_SILENT,
    event::{ChatOver, Event},
    shift::Wanted,
};
use crate::{
    crypto::phrase,
    limits::LINGER,
    objects::{HomeIndex, RunId, TicketId},
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
    /// How long the answer keeps a place without the seeker's first cell.
    pub(super) patience: Duration,
    /// That time has passed: the next person may be taken.
    pub(super) late: bool,
    pub(super) closing: Option<Tick>,
}

impl Counselor {
    pub(super) fn poll_chats(&mut self) -> Option<Event> {
        let ids: Vec<TicketId> = self.chats.keys().copied().collect();
        for chat in ids {
            while let Some(event) = self.chats.get_mut(&chat).and_then(|talk| talk.line.poll_event()) {
                if self.is_handed_back(&chat) {
                    continue;
                }
                match event {
                    ChatEvent::Ready if !self.has_chair() => self.hand_back(chat),
                    ChatEvent::Ready => {
                        let returning = self.returning(&chat);
                        let intake = self.chats.get_mut(&chat).and_then(|talk| talk.intake.take());
                        if let Some(intake) = intake {
                            self.handed_back.remove(&chat);
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
        phrase::verify_proof(helpline, &secrets.x, chat.handshake_hash(), chat.hello_extra())
            .is_some_and(|return_x| self.mail.knows(&return_x))
    }

    /// How many chats are shown.
    fn shown_chats(&self) -> usize {
        let shown = |talk: &&DeskChat| talk.closing.is_none() && talk.intake.is_none();
        self.chats.values().filter(shown).count()
    }

    /// Whether one more chat may be shown: whoever comes first takes the place.
    fn has_chair(&self) -> bool {
        self.shown_chats() < usize::from(self.chats_at_once())
    }

    /// Whether the association allows one more chat to be taken. An answer keeps a place for a while only.
    pub(super) fn has_room(&self) -> bool {
        let answered = |talk: &&DeskChat| talk.closing.is_none() && talk.intake.is_some() && !talk.late;
        let answered = self.chats.values().filter(answered).count();
        // A claim that was granted somewhere has its chat already.
        let claimed = self
            .taking
            .as_ref()
            .is_some_and(|taking| !self.chats.contains_key(&taking.ticket));
        self.shown_chats() + answered + usize::from(claimed) < usize::from(self.chats_at_once())
    }

    /// The seeker came when all places were taken: the ticket opens again at its place, and its answer keeps a place
    /// for longer the next time. The person at the desk learns nothing of it.
    fn hand_back(&mut self, chat: TicketId) {
        let now = self.ctx.now.tick;
        if let Some(talk) = self.chats.get_mut(&chat) {
            talk.line.end(EndReason::NoPlace, now);
            talk.closing = Some(now + LINGER);
            self.handed_back.insert(chat);
        }
    }

    /// Whether the chat ends without having been shown.
    fn is_handed_back(&self, chat: &TicketId) -> bool {
        let talk = self.chats.get(chat);
        talk.is_some_and(|talk| talk.closing.is_some() && talk.intake.is_some())
    }

    /// When the next person may be taken instead.
    pub(super) fn late_due(talk: &DeskChat) -> Option<Tick> {
        let waits = talk.intake.is_some() && talk.closing.is_none() && !talk.late;
        waits.then(|| talk.since + talk.patience)
    }

    /// Somebody was to be taken, and does not come: the next one is.
    fn work_late(&mut self) {
        let now = self.ctx.now.tick;
        let mut late = false;
        for talk in self.chats.values_mut() {
            if Self::late_due(talk).is_some_and(|due| due <= now) {
                talk.late = true;
                late = true;
            }
        }
        if late && self.taking.is_none() && self.shift.wanted == Wanted::On && self.has_room() {
            self.take_quietly();
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
        self.work_late();
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
