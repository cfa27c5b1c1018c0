//! The seeker's chat: the first valid answer, a counselor that is gone, a transfer, and the end.

use std::collections::{BTreeSet, VecDeque};

use zeroize::Zeroizing;

use super::{
    COUNSELOR_SILENT, Phase, Seeker,
    event::{Event, NothingAsked},
};
use crate::{
    client::directory::OnDuty,
    limits::{LINGER, QUEUE_MAX},
    objects::HomeIndex,
    session::{
        chat::{
            Beginning, Chat, ChatEvent, Colleague, EndReason, EndedBy, FIRST_ID, Pace, Role, State, Status,
            multipath::Multipath,
        },
        handshake,
    },
    time::{Now, Tick},
};

pub(super) struct SeekerChat {
    pub(super) line: Multipath,
    pub(super) counselor: OnDuty,
    pub(super) attempt: u32,
    pub(super) message_2: Vec<u8>,
    /// The home that brought the answer, and the number of the claim there.
    pub(super) answered_at: (HomeIndex, u64),
    /// Homes that were told of the chat on their present link.
    pub(super) held: BTreeSet<HomeIndex>,
    pub(super) since: Tick,
    /// A transfer that the seeker has not answered yet.
    pub(super) transfer: Option<Colleague>,
    /// Messages that an earlier counselor had and that this one is to get, and for which the chat has had no room yet.
    pub(super) again: VecDeque<(String, Zeroizing<String>)>,
    /// In a chat that closes: whether states of its first words are told. A later ticket has first words of its own.
    pub(super) tells_first: bool,
}

impl SeekerChat {
    fn tells(&self, id: &str) -> bool {
        id != FIRST_ID || self.tells_first
    }
}

impl Seeker {
    /// Emits what the chats give next.
    pub(super) fn poll_chats(&mut self) {
        for (talk, _) in &mut self.closing {
            while let Some(event) = talk.line.poll_event() {
                let event = match event {
                    ChatEvent::Message { id, text } => {
                        let number = self.words.numbers.give((*talk.line.chat().source(), id.clone()));
                        Event::Message { number, id, text }
                    }
                    ChatEvent::State { id, state } if talk.tells(&id) => Event::State { id, state },
                    // The chat is over already.
                    _ => continue,
                };
                return self.ctx.emit(event);
            }
        }
        while self.ctx.events.is_empty()
            && let Phase::Chat(talk) = &mut self.phase
            && let Some(event) = talk.line.poll_event()
        {
            match event {
                ChatEvent::Ready | ChatEvent::TransferAnswered(_) | ChatEvent::Pace(_) => {}
                ChatEvent::Status(status) => self.ctx.emit(Event::Counselor(status)),
                ChatEvent::Message { id, text } => {
                    let number = self.words.numbers.give((*talk.line.chat().source(), id.clone()));
                    self.ctx.emit(Event::Message { number, id, text });
                }
                ChatEvent::State { id, .. } if !self.words.tells(&id) => {}
                ChatEvent::State { id, state } => self.ctx.emit(Event::State { id, state }),
                ChatEvent::TransferAsked(colleague) => {
                    // Show the name only as the association certified it, for the counselor that the ticket would be
                    // sealed to. The counselor's program alone could name one person and mean another.
                    let own = talk.counselor.certificate.serial;
                    let on_duty = self.ctx.links.directory().on_duty(self.ctx.now.unix);
                    let known = on_duty.iter().map(|duty| &duty.certificate).any(|certificate| {
                        certificate.serial == colleague.serial
                            && certificate.serial != own
                            && certificate.pseudonym == colleague.pseudonym
                    });
                    if known {
                        let to = colleague.pseudonym.as_str().to_owned();
                        talk.transfer = Some(colleague);
                        self.ctx.emit(Event::TransferAsked { to });
                    } else {
                        talk.transfer = None;
                        talk.line.answer_transfer(false, self.ctx.now.tick);
                    }
                }
                // The counselor has as many chats as there may be: this one did not begin.
                ChatEvent::Ended(EndReason::NoPlace) => self.reopen(),
                ChatEvent::Ended(reason) => {
                    let by = match reason {
                        EndReason::Revoked => EndedBy::Helpline,
                        _ => EndedBy::Peer,
                    };
                    self.finish(by, reason);
                }
            }
        }
    }

    pub(super) fn check_counselor(&mut self) {
        if let Phase::Chat(talk) = &self.phase
            && !self
                .ctx
                .links
                .directory()
                .certified(&talk.counselor.certificate, self.ctx.now.unix)
        {
            self.finish(EndedBy::Helpline, EndReason::Revoked);
        }
    }

    /// A colleague who is not on duty any more cannot take the chat: the question is taken back, and answered "no".
    pub(super) fn check_colleague(&mut self) {
        let now = self.ctx.now;
        // Without a link nothing is known of her.
        let Phase::Chat(talk) = &mut self.phase else {
            return;
        };
        if talk.transfer.is_none() || self.ctx.links.usable().is_empty() {
            return;
        }
        let on_duty = self.ctx.links.directory().on_duty(now.unix);
        let gone = |colleague: &mut Colleague| {
            let same = |duty: &OnDuty| duty.certificate.serial == colleague.serial;
            !on_duty.iter().any(same)
        };
        if talk.transfer.take_if(gone).is_some() {
            talk.line.answer_transfer(false, now.tick);
            self.ctx.emit(Event::TransferGone);
        }
    }

    pub(super) fn take_answer(&mut self, home: HomeIndex, attempt: u64, claim: u64, answer: &[u8]) {
        let Ok(number) = u32::try_from(attempt) else {
            return;
        };
        if let Phase::Chat(talk) = &self.phase {
            let same = talk.attempt == number && talk.message_2 == answer;
            self.hold(home, number, if same { claim } else { 0 });
            return;
        }
        if !matches!(self.phase, Phase::Waiting) {
            return;
        }
        let Some(attempt) = self.ticket.attempt(home, number) else {
            return;
        };
        match attempt.accept(answer, self.ctx.links.directory(), self.ctx.now.unix) {
            Some((established, counselor)) => {
                let directory = self.ctx.links.directory();
                let split = directory.compare(established.roster);
                let mut extra = directory.roster_id().to_bytes().to_vec();
                let proof = self
                    .mail
                    .proof(&self.ctx.helpline, &counselor.duty.x, &established);
                extra.extend(proof.iter().flatten());
                let beginning = Beginning {
                    helpline: self.ctx.helpline,
                    ticket: self.ticket.id,
                    established,
                    role: Role::Seeker,
                    seen: core::mem::take(&mut self.words.seen),
                    status: Status::default(),
                    extra,
                };
                let chat = Chat::new(beginning, &mut self.ctx.random, self.ctx.now.tick);
                self.begin((home, claim), answer, number, chat, counselor);
                if let Some(split) = split {
                    self.ctx.emit(Event::SplitView(Box::new(split)));
                }
            }
            None => self.ticket.reject(&mut self.ctx, home, claim),
        }
    }

    fn hold(&mut self, home: HomeIndex, attempt: u32, claim: u64) {
        self.ticket.hold(&mut self.ctx, home, attempt, claim);
    }

    /// Tells every home once per link that the seeker is in a chat. After a reconnect the home would not know the
    /// seeker otherwise, and could not pass on that the counselor has lost the chat.
    pub(super) fn hold_at_all(&mut self) {
        let usable = self.ctx.links.usable();
        let Phase::Chat(talk) = &mut self.phase else {
            return;
        };
        let (attempt, (answered, claim)) = (talk.attempt, talk.answered_at);
        let mut homes: Vec<HomeIndex> = usable.into_iter().map(|(home, _)| home).collect();
        homes.retain(|home| talk.held.insert(*home));
        for home in homes {
            self.hold(home, attempt, if home == answered { claim } else { 0 });
        }
    }

    fn begin(
        &mut self,
        answered_at: (HomeIndex, u64),
        answer: &[u8],
        attempt: u32,
        chat: Chat,
        counselor: OnDuty,
    ) {
        self.ticket.chat_began();
        let pseudonym = counselor.certificate.pseudonym.as_str().to_owned();
        let talk = SeekerChat {
            line: Multipath::new(self.ctx.helpline, chat),
            counselor,
            attempt,
            message_2: answer.to_vec(),
            answered_at,
            held: BTreeSet::new(),
            since: self.ctx.now.tick,
            transfer: None,
            again: VecDeque::new(),
            tells_first: false,
        };
        self.phase = Phase::Chat(Box::new(talk));
        self.hold_at_all();
        self.connect_line();
        self.ctx.emit(Event::Answered { pseudonym });
        let (mut waiting, now) = (self.words.begin(), self.ctx.now.tick);
        if let Phase::Chat(talk) = &mut self.phase {
            // The messages were checked when they were said, and are no more than a chat takes.
            if let Some((id, text)) = waiting.next() {
                let _ = talk.line.say(id, text, now);
            }
            if self.words.pace != Pace::default() {
                talk.line.set_pace(self.words.pace, now);
            }
            for (id, text) in waiting {
                let _ = talk.line.say(id, text, now);
            }
        }
    }

    /// When the counselor counts as gone.
    pub(super) fn silent_due(&self, talk: &SeekerChat) -> Option<Tick> {
        let heard = talk.line.chat().last_in().max(talk.since);
        let up = self.ctx.links.up_since()?;
        let silent = heard.max(up) + COUNSELOR_SILENT;
        // A peer that acknowledges but makes no new epoch may be something else than the counselor's machine.
        Some(
            talk.line
                .chat()
                .give_up_due()
                .map_or(silent, |due| due.min(silent)),
        )
    }

    /// Sends more of `again`, as far as the chat has room.
    pub(super) fn give_again(&mut self) {
        let now = self.ctx.now.tick;
        let Phase::Chat(talk) = &mut self.phase else {
            return;
        };
        // Half of the room is reserved for new messages of the seeker.
        while talk.line.chat().waiting() < QUEUE_MAX / 2
            && let Some((id, text)) = talk.again.pop_front()
        {
            // A message that this chat already has is refused as a duplicate, which is right.
            let _ = talk.line.say(id, text, now);
        }
    }

    pub(super) fn work_chat(&mut self) {
        let Phase::Chat(talk) = &self.phase else { return };
        if self.silent_due(talk).is_some_and(|due| due <= self.ctx.now.tick) {
            self.reopen();
        }
    }

    /// The counselor's program says that it was restarted and that this chat is lost there.
    pub(super) fn take_lost(&mut self, attempt: u64, proof: &[u8]) {
        let Phase::Chat(talk) = &self.phase else { return };
        let certificate = &talk.counselor.certificate;
        let speaking = talk.line.chat().source();
        let signed = certificate.identity().is_ok_and(|key| {
            handshake::is_lost(
                &self.ctx.helpline,
                &self.ticket.id,
                talk.attempt,
                &key,
                speaking,
                proof,
            )
        });
        if attempt == u64::from(talk.attempt) && signed {
            self.ticket.prefer(certificate.serial, self.ctx.now);
            self.reopen();
        }
    }

    /// The counselor is gone: messages that were not shown return to the queue, and the ticket is sealed again.
    fn reopen(&mut self) {
        let Phase::Chat(mut talk) = core::mem::replace(&mut self.phase, Phase::Waiting) else {
            return;
        };
        talk.line.close();
        while let Some((home, message)) = talk.line.poll_output() {
            self.ctx.links.send(home, message);
        }
        let mut chat = talk.line.into_chat();
        self.keep_unreceived(&mut chat);
        self.words.seen = chat.into_seen();
        self.ticket.reopened();
        self.ctx.emit(Event::Reopened);
        self.work_ticket();
    }

    fn keep_unreceived(&mut self, chat: &mut Chat) {
        self.words.emit_states(&mut self.ctx, chat.take_states());
        let unreceived = chat.unreceived();
        self.words.wait(&mut self.ctx, unreceived);
    }

    /// Answers the counselor's question about a transfer.
    ///
    /// # Errors
    /// [`NothingAsked`]; nothing changed.
    pub fn answer_transfer(&mut self, yes: bool, now: Now) -> Result<(), NothingAsked> {
        self.ctx.now = now;
        let Phase::Chat(talk) = &mut self.phase else {
            return Err(NothingAsked);
        };
        let colleague = talk.transfer.take().ok_or(NothingAsked)?;
        talk.line.answer_transfer(yes, now.tick);
        if yes {
            self.pass_on(&colleague);
        }
        self.work();
        Ok(())
    }

    /// Opens a new ticket with new keys, at first sealed to the colleague alone. The first counselor has no part in it.
    fn pass_on(&mut self, colleague: &Colleague) {
        let Phase::Chat(mut talk) = core::mem::replace(&mut self.phase, Phase::Waiting) else {
            return;
        };
        let now = self.ctx.now.tick;
        self.words.emit_states(&mut self.ctx, talk.line.take_states());
        let unreceived = talk.line.take_unreceived();
        talk.line.end(EndReason::Transferred, now);
        self.closing.push((talk, now + LINGER));
        self.ticket.withdraw(&mut self.ctx);
        self.renew_ticket();
        self.words.wait(&mut self.ctx, unreceived);
        self.ticket.prefer(colleague.serial, self.ctx.now);
    }

    pub(super) fn finish(&mut self, by: EndedBy, reason: EndReason) {
        match core::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Chat(mut talk) => {
                let own = if by == EndedBy::Peer {
                    EndReason::Finished
                } else {
                    reason
                };
                talk.line.end(own, self.ctx.now.tick);
                talk.tells_first = self.words.tells(FIRST_ID);
                self.closing.push((talk, self.ctx.now.tick + LINGER));
                self.ctx.emit(Event::Ended { by, reason });
            }
            Phase::Waiting => {
                self.words.fail(&mut self.ctx);
                self.ctx.emit(Event::Ended { by, reason });
            }
            other => self.phase = other,
        }
        self.ticket.withdraw(&mut self.ctx);
    }

    pub(super) fn work_closing(&mut self) {
        let now = self.ctx.now.tick;
        let over = |(talk, until): &mut (Box<SeekerChat>, Tick)| talk.line.chat().over() || *until <= now;
        let done: Vec<_> = self.closing.extract_if(.., over).collect();
        for (mut talk, _) in done {
            let lost = talk.line.take_lost().into_iter().map(|id| (id, State::Failed));
            let states: Vec<_> = talk.line.take_states().into_iter().chain(lost).collect();
            let told = states.into_iter().filter(|(id, _)| talk.tells(id));
            self.ctx.emit_states(told);
            talk.line.close();
            while let Some((home, record)) = talk.line.poll_output() {
                self.ctx.links.send(home, record);
            }
        }
    }
}
