//! The counselor's chats: their events, when a seeker counts as gone, and how they end.

use core::time::Duration;
use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::{
    Counselor, FIRST_WORDS, HELLO, REOPENED, SEEKER_SILENT, WORDS,
    event::{ChatOver, Event},
    shift::{Standing, Wanted},
};
use crate::{
    crypto::phrase,
    limits::LINGER,
    objects::{HomeIndex, RosterId, RunId, TicketId},
    session::{
        chat::{ChatEvent, EndReason, EndedBy, FIRST_ID, Seen, State, multipath::Multipath},
        ticket::Intake,
    },
    time::Tick,
    wire::ClientMessage,
};

pub(super) struct DeskChat {
    pub(super) line: Multipath,
    pub(super) attempt: u32,
    pub(super) message_2: Vec<u8>,
    pub(super) secret: crate::crypto::hash::Secret,
    /// Until the seeker's first cell.
    pub(super) intake: Option<Intake>,
    /// From then until the face has the chat.
    pub(super) opening: Option<Opening>,
    /// Whether the seeker has written something, or the counselor was told that nothing came.
    pub(super) heard: bool,
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
    /// The counselor has ended it as abuse: nothing more of it is shown.
    pub(super) blocked: bool,
    pub(super) closing: Option<Tick>,
}

/// A chat that the face does not have yet: the seeker's first cell came, and the first words are awaited.
pub(super) struct Opening {
    intake: Intake,
    returning: bool,
    /// Until then.
    pub(super) due: Tick,
}

impl DeskChat {
    /// Whether the face has the chat, and it is not over.
    pub(super) const fn is_open(&self) -> bool {
        self.closing.is_none() && self.intake.is_none() && self.opening.is_none()
    }

    /// When the counselor is told that no words came.
    pub(super) fn words_due(&self) -> Option<Tick> {
        (!self.heard && self.closing.is_none()).then(|| self.since + WORDS)
    }
}

impl Counselor {
    /// Emits the events of what came next in one of the chats.
    pub(super) fn poll_chats(&mut self) {
        let ids: Vec<TicketId> = self.chats.keys().copied().collect();
        for chat in ids {
            while let Some(event) = self.chats.get_mut(&chat).and_then(|talk| talk.line.poll_event()) {
                if self.is_handed_back(&chat) || self.is_blocked(&chat, &event) {
                    continue;
                }
                self.on_chat_event(chat, event);
                if !self.ctx.events.is_empty() {
                    return;
                }
            }
        }
    }

    fn on_chat_event(&mut self, chat: TicketId, event: ChatEvent) {
        match &event {
            ChatEvent::Ready if !self.has_chair() => self.hand_back(chat),
            ChatEvent::Ready => self.on_hello(chat),
            ChatEvent::Message { id, .. } if id == FIRST_ID => {}
            // What stands behind the first words is here, and they are not: this seeker has said none.
            _ => self.open(chat, None),
        }
        match event {
            ChatEvent::Ready | ChatEvent::TransferAsked(_) | ChatEvent::Status(_) => {}
            ChatEvent::Message { id, text } => self.on_words(chat, id, text),
            ChatEvent::State { id, state } => self.ctx.emit(Event::State { chat, id, state }),
            ChatEvent::Pace(pace) => self.ctx.emit(Event::Pace { chat, pace }),
            ChatEvent::TransferAnswered(true) => {
                self.finish(chat, EndedBy::Peer, ChatOver::Said(EndReason::Transferred));
            }
            ChatEvent::TransferAnswered(false) => self.ctx.emit(Event::TransferDeclined { chat }),
            ChatEvent::Ended(reason) => self.finish(chat, EndedBy::Peer, ChatOver::Said(reason)),
        }
    }

    /// The seeker's first cell came: the first words are awaited, unless this run had them in an earlier chat of the
    /// ticket.
    fn on_hello(&mut self, chat: TicketId) {
        let returning = self.returning(&chat);
        let had = |seen: &Seen| seen.has(&RunId::default(), FIRST_ID);
        let had = self.seen.get(&chat).is_some_and(had);
        let Some(talk) = self.chats.get_mut(&chat) else {
            return;
        };
        let Some(intake) = talk.intake.take() else { return };
        talk.heard |= had;
        talk.opening = Some(Opening {
            intake,
            returning,
            due: self.ctx.now.tick + FIRST_WORDS,
        });
        self.handed_back.remove(&chat);
        self.desk.answered(&chat, talk.attempt);
        if had {
            self.open(chat, None);
        }
    }

    fn on_words(&mut self, chat: TicketId, id: String, text: Zeroizing<String>) {
        let seen = self.seen.entry(chat).or_default();
        seen.take(RunId::default(), id.clone());
        if id == FIRST_ID && text.is_empty() {
            // Nothing to show.
            seen.show(&RunId::default(), &id);
            if let Some(talk) = self.chats.get_mut(&chat) {
                talk.line.shown(&RunId::default(), &id, self.ctx.now.tick);
            }
            return self.open(chat, None);
        }
        let number = self.numbers.give((chat, id.clone()));
        let Some(talk) = self.chats.get_mut(&chat) else {
            return;
        };
        talk.heard = true;
        if talk.opening.is_some() {
            return self.open(chat, Some((number, text)));
        }
        self.ctx.emit(Event::Message {
            chat,
            number,
            id,
            text,
        });
    }

    /// Gives the chat to the face, once.
    fn open(&mut self, chat: TicketId, first: Option<(u64, Zeroizing<String>)>) {
        let opening = self.chats.get_mut(&chat).and_then(|talk| talk.opening.take());
        let Some(opening) = opening else { return };
        let (number, text) = first.unzip();
        self.ctx.emit(Event::Chat {
            chat,
            intake: opening.intake,
            text: text.unwrap_or_default(),
            number,
            returning: opening.returning,
        });
        self.compare_rosters(chat);
    }

    /// Tells of chats that wait for words no longer, or in vain.
    fn work_words(&mut self) {
        let now = self.ctx.now.tick;
        let ids: Vec<TicketId> = self.chats.keys().copied().collect();
        for chat in ids {
            let Some(talk) = self.chats.get_mut(&chat) else {
                continue;
            };
            let late = talk.words_due().is_some_and(|due| due <= now);
            talk.heard |= late;
            if talk.opening.as_ref().is_some_and(|opening| opening.due <= now) {
                self.open(chat, None);
            }
            if late {
                self.ctx.emit(Event::NoWords { chat });
            }
        }
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

    /// The counselor blocks a chat. The seeker learns that it has ended, and no more.
    pub(super) fn block_chat(&mut self, chat: TicketId) {
        if let Some(talk) = self.chats.get_mut(&chat) {
            talk.blocked = true;
            talk.line.end_at_once(EndReason::Finished, self.ctx.now.tick);
        }
        self.finish(chat, EndedBy::You, ChatOver::Said(EndReason::Finished));
        for home in self.ctx.desks(Standing::In) {
            self.ctx.links.send(home, ClientMessage::Abuse { ticket: chat });
        }
    }

    /// Whether the face is spared what still comes of a chat: only how far the counselor's own words came is told.
    fn is_blocked(&self, chat: &TicketId, event: &ChatEvent) -> bool {
        let blocked = self.chats.get(chat).is_some_and(|talk| talk.blocked);
        blocked && !matches!(event, ChatEvent::State { .. })
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
        self.work_late();
        self.work_words();
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
        if self.chats.get(&chat).is_none_or(|talk| talk.closing.is_some()) {
            return;
        }
        // Words that come while the chat closes must find it there.
        self.open(chat, None);
        self.ctx.emit(Event::Ended { chat, by, reason });
        let Some(talk) = self.chats.get_mut(&chat) else {
            return;
        };
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
