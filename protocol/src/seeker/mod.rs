//! The seeker's machine: from the first link to the last word of one visit.
//!
//! Contract: [`Machine`]. After [`Output::Disconnect`] the driver closes that link and gives
//! [`Input::Disconnected`].
//!
//! ```text
//!        start            first valid answer         end, either side
//!  Idle ───────► Waiting ─────────────────► Chat ───────────────────► Idle
//!                   ▲                        │ 45 s without a cell
//!                   └── next attempt, ◄──────┘ of the counselor
//!                       old place
//! ```
//!
//! The seeker alone decides which counselors a ticket is sealed to, which answer is valid, and when the ticket is
//! reopened.

mod attempt;
mod context;
mod event;
mod mail;
mod payments;
mod presence;
mod talk;
mod ticketing;
mod words;

use core::time::Duration;
use std::collections::{BTreeSet, VecDeque};

use context::SeekerContext;
pub use event::{Event, LeaveError, NotLeft, NothingAsked, StartError};
use mail::SeekerMail;
pub use mail::{LEAVE_ID, check_message};
use payments::Payments;
pub use payments::Toll;
#[cfg(test)]
pub(crate) use presence::CLOSED_PATIENCE;
use presence::{Presence, Stands};
use talk::SeekerChat;
use ticketing::Ticketing;
use words::Said;
use zeroize::Zeroizing;

pub use crate::client::LinkState;
use crate::{
    client::{
        ProvenLink, client_machine,
        directory::Directory,
        home_links::{DirectoryEvent, HomeLinks, Received, Unanswered},
    },
    crypto::{keys::RootKey, random::Random},
    machine::{Input, Machine, Output},
    objects::HomeIndex,
    session::{
        chat::{
            EndReason, EndedBy, FIRST_ID, FIRST_WORDS_MAX, Pace, SayError, Seen, State, check_words,
            multipath::Multipath,
        },
        ticket::Intake,
    },
    time::{Now, Tick},
    wire::{HomeMessage, Record},
};

/// Without an authenticated cell of the counselor for this long, while the seeker's own link is up, the ticket is
/// reopened: three lost heartbeats.
pub const COUNSELOR_SILENT: Duration = Duration::from_secs(45);
/// A ticket without an answer is sealed to other counselors after this long.
pub const WIDEN: Duration = Duration::from_secs(60);

enum Phase {
    /// Neither a ticket nor an open chat.
    Idle,
    /// As before, after one that ended: nothing is said until another one begins.
    Over,
    /// A ticket waits, or cannot be sealed yet because no counselor is on duty.
    Waiting,
    /// A counselor has answered.
    Chat(Box<SeekerChat>),
}

/// The seeker's machine.
pub struct Seeker {
    ctx: SeekerContext,
    phase: Phase,
    presence: Presence,
    ticket: Ticketing,
    words: Said,
    mail: SeekerMail,
    /// Ended chats with cells in flight, each with its deadline.
    closing: Vec<(Box<SeekerChat>, Tick)>,
}

impl Seeker {
    /// A visit to the helpline of `root`.
    #[must_use]
    pub fn new(root: RootKey, mut random: Random, now: Now) -> Self {
        Self {
            phase: Phase::Idle,
            presence: Presence::new(now.tick),
            ticket: Ticketing::new(&mut random, now.tick),
            words: Said::default(),
            mail: SeekerMail::default(),
            closing: Vec::new(),
            ctx: SeekerContext {
                helpline: root.helpline(),
                random,
                links: HomeLinks::new(root, now),
                payments: Payments::default(),
                homes_named: 0,
                homes_met: BTreeSet::new(),
                events: VecDeque::new(),
                now,
            },
        }
    }

    /// How many homes the helpline's address names. Where there are two, two copies of a message are wanted.
    pub fn expect_homes(&mut self, count: usize) {
        self.ctx.homes_named = count;
    }

    /// What the seeker believes about the helpline.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        self.ctx.links.directory()
    }

    fn on_connected(&mut self, home: HomeIndex, link: ProvenLink) {
        self.ctx.homes_met.insert(home);
        self.ticket.home_up(home);
        self.ctx.links.link_up(home, link.delegation, self.ctx.now);
        self.connect_line();
    }

    fn on_disconnected(&mut self, home: HomeIndex) {
        let now = self.ctx.now;
        self.ctx.links.link_down(home, now);
        self.mail.home_down(home);
        self.ctx.forget_payment(|of, _| of == Some(home));
        if let Phase::Chat(talk) = &mut self.phase {
            talk.held.remove(&home);
        }
        for line in self.lines_mut() {
            line.home_down(home, now.tick);
        }
    }

    fn on_record(&mut self, home: HomeIndex, record: Record) {
        let now = self.ctx.now;
        let received = self.ctx.links.handle_record(home, record, now);
        // Ignore a home that the roster does not carry, or no longer carries: nothing was asked of it.
        let Some(received) = received.filter(|_| self.ctx.links.directory().carries(home)) else {
            return;
        };
        match received {
            Received::Message(request, message) => self.on_message(home, request, &message),
            Received::MailKeys(request, page) => self.mail.take_key_page(&mut self.ctx, home, request, &page),
            Received::Reply(request, reply) => self.mail.take_letter(&mut self.ctx, home, request, &reply),
            Received::Ticket(_) | Received::Mail(..) => {}
        }
    }

    /// Asks for a counselor. The first words are the first message of each chat that this ticket becomes; how far they
    /// came is told under [`FIRST_ID`], unless they are none.
    ///
    /// # Errors
    /// [`StartError`]; nothing changed.
    pub fn start(&mut self, intake: Intake, first: Zeroizing<String>, now: Now) -> Result<(), StartError> {
        self.ctx.now = now;
        if first.len() > FIRST_WORDS_MAX {
            return Err(StartError::TooLong {
                max: FIRST_WORDS_MAX,
                got: first.len(),
            });
        }
        match self.phase {
            Phase::Idle | Phase::Over => {}
            Phase::Waiting | Phase::Chat(_) => return Err(StartError::Already),
        }
        self.renew_ticket();
        self.words.pace.pause = false;
        (self.words.first, self.words.first_waits) = (first, true);
        for (talk, _) in &mut self.closing {
            talk.tells_first = false;
        }
        let written = [(FIRST_ID.to_owned(), State::Written)];
        self.words.emit_states(&mut self.ctx, written);
        self.ticket.intake = Some(intake);
        self.phase = Phase::Waiting;
        self.work();
        Ok(())
    }

    /// Says something. Before a counselor has answered, the message is queued.
    ///
    /// # Errors
    /// [`SayError`]; nothing was taken.
    pub fn say(&mut self, id: String, text: Zeroizing<String>, now: Now) -> Result<(), SayError> {
        self.ctx.now = now;
        check_words(&id, &text)?;
        if self.words.has(&id) {
            return Err(SayError::DuplicateId);
        }
        match &mut self.phase {
            Phase::Chat(talk) => talk.line.say(id.clone(), text.clone(), now.tick)?,
            // They were meant for the one that ended, and do not wait for another one.
            Phase::Over => return Err(SayError::Over),
            Phase::Idle | Phase::Waiting => self.words.enqueue(&mut self.ctx, &id, &text)?,
        }
        self.words.keep(id, text);
        if core::mem::take(&mut self.words.pace.pause)
            && let Phase::Chat(talk) = &mut self.phase
        {
            talk.line.set_pace(self.words.pace, now.tick);
        }
        self.work();
        Ok(())
    }

    /// Sets how the seeker wants the talk to go. The present counselor is told, and each later one. The next message of
    /// the seeker ends a pause.
    pub fn set_pace(&mut self, pace: Pace, now: Now) {
        self.ctx.now = now;
        self.words.pace = pace;
        if let Phase::Chat(talk) = &mut self.phase {
            talk.line.set_pace(pace, now.tick);
        }
        self.work();
    }

    /// Gives a new counselor what an earlier one had already received.
    pub fn resend(&mut self, now: Now) {
        self.ctx.now = now;
        if let Phase::Chat(talk) = &mut self.phase {
            talk.again = self.words.said();
        }
        self.work();
    }

    /// Ends the chat, or takes the ticket back.
    pub fn end(&mut self, reason: EndReason, now: Now) {
        self.ctx.now = now;
        self.finish(EndedBy::You, reason);
        self.work();
    }

    /// The face has shown the message with this number: the seeker could read it.
    pub fn shown(&mut self, number: u64, now: Now) {
        self.ctx.now = now;
        let Some((source, id)) = self.words.numbers.take(number) else {
            return;
        };
        self.words.seen.show(&source, &id);
        for line in self.lines_mut() {
            line.shown(&source, &id, now.tick);
        }
        self.work();
    }

    /// A puzzle of [`Event::Solve`] is solved by `nonce`.
    pub fn solved(&mut self, number: u64, nonce: u64, now: Now) {
        self.ctx.now = now;
        if let Some((ticket, payment)) = self.ctx.take_solution(number, nonce) {
            self.ticket.take_urgency(&self.ctx, ticket, payment);
        }
        self.work();
    }

    /// Whether there is no ticket, no chat and nothing in flight: the program may stop.
    #[must_use]
    pub fn settled(&self) -> bool {
        let done = |(talk, _): &(Box<SeekerChat>, Tick)| talk.line.chat().done();
        matches!(self.phase, Phase::Idle | Phase::Over)
            && self.closing.iter().all(done)
            && self.mail.settled()
    }

    fn on_timeout(&mut self) {
        let now = self.ctx.now;
        for line in self.lines_mut() {
            line.handle_timeout(now.tick);
        }
        self.ctx.links.handle_timeout(&self.unanswered(), now);
    }

    fn next_timeout(&self) -> Option<Tick> {
        let mut due = vec![
            self.ctx.links.poll_timeout(&self.unanswered(), self.ctx.now.tick),
            self.mail.poll_timeout(self.ctx.now.tick),
        ];
        // A deadline that has passed waits for another input: a link, or a counselor on duty.
        let ahead = |at: &Option<Tick>| at.is_some_and(|at| at > self.ctx.now.tick);
        if !matches!(self.phase, Phase::Chat(_)) {
            due.extend(self.presence.poll_timeout(&self.ctx).map(Some).filter(ahead));
        }
        match &self.phase {
            Phase::Idle | Phase::Over => {}
            Phase::Waiting => due.extend(self.ticket.poll_timeout(&self.ctx).map(Some).filter(ahead)),
            Phase::Chat(talk) => {
                due.push(talk.line.poll_timeout());
                due.push(self.silent_due(talk));
            }
        }
        for (talk, until) in &self.closing {
            due.push(talk.line.poll_timeout());
            due.push(Some(*until));
        }
        due.into_iter().flatten().min()
    }

    fn lines_mut(&mut self) -> impl Iterator<Item = &mut Multipath> {
        let talk = match &mut self.phase {
            Phase::Chat(talk) => Some(talk),
            Phase::Idle | Phase::Over | Phase::Waiting => None,
        };
        let closing = self.closing.iter_mut().map(|(talk, _)| talk);
        talk.into_iter().chain(closing).map(|talk| &mut talk.line)
    }

    fn unanswered(&self) -> Unanswered {
        match &self.phase {
            Phase::Chat(talk) => talk.line.unanswered().collect(),
            _ => Unanswered::new(),
        }
    }

    /// Tells the lines of the homes in use, and of those that the roster has dropped. A line knows which homes it has.
    fn connect_line(&mut self) {
        let (homes, now) = (self.ctx.links.usable(), self.ctx.now.tick);
        let dropped = self.ctx.links.dropped();
        for home in &dropped {
            self.ticket.home_dropped(*home);
            self.mail.home_dropped(*home);
        }
        for line in self.lines_mut() {
            for home in &dropped {
                line.home_down(*home, now);
            }
            for (home, home_x) in &homes {
                line.home_up(*home, home_x, now);
            }
        }
    }

    /// Does everything that may follow from an input.
    fn work(&mut self) {
        self.take_news();
        match self.phase {
            Phase::Waiting => self.work_ticket(),
            Phase::Chat(_) => {
                self.presence.chat_began();
                self.hold_at_all();
                self.give_again();
                self.work_chat();
            }
            Phase::Idle | Phase::Over => self.tell_presence(),
        }
        self.mail.work(&mut self.ctx);
        if self.presence.closed() {
            self.mail.tell_sealed(&mut self.ctx);
        }
        self.work_closing();
        let closing = self.closing.iter_mut().map(|(talk, _)| talk);
        let talk = match &mut self.phase {
            Phase::Chat(talk) => Some(talk),
            _ => None,
        };
        for talk in talk.into_iter().chain(closing) {
            talk.line.ratchet(&mut self.ctx.random, self.ctx.now.tick);
        }
        let mut records = Vec::new();
        for line in self.lines_mut() {
            records.extend(core::iter::from_fn(|| line.poll_output()));
        }
        for (home, record) in records {
            self.ctx.links.send(home, record);
        }
        let unanswered = self.unanswered();
        self.ctx.links.judge(&unanswered, self.ctx.now);
        self.take_news();
    }

    fn work_ticket(&mut self) {
        self.presence.tell_bare(&mut self.ctx);
        self.tell_presence();
        self.ticket.work(&mut self.ctx, self.presence.closed());
    }

    /// Tells whether a counselor is on duty, as soon as it is known and whenever it changes.
    fn tell_presence(&mut self) {
        match self.presence.update(&self.ctx, self.ticket.is_sealed()) {
            None => {}
            Some(Stands::Open) => {
                self.mail.opened();
                // After `Closed`, the place is told again.
                self.ticket.tell_again();
                self.ctx.emit(Event::Open);
            }
            Some(Stands::Closed) => {
                self.mail.closed();
                self.ctx.emit(Event::Closed);
            }
        }
    }

    /// The next ticket has nothing in common with the one before.
    fn renew_ticket(&mut self) {
        self.ticket.renew(&mut self.ctx);
        self.presence.ticket_began();
        self.mail.opened();
        self.words.seen = Seen::default();
    }

    fn take_news(&mut self) {
        while let Some(news) = self.ctx.links.poll_news() {
            match news {
                DirectoryEvent::Roster => {
                    self.connect_line();
                    self.check_counselor();
                }
                DirectoryEvent::Split(split) => self.ctx.emit(Event::SplitView(split)),
                DirectoryEvent::Duties => self.check_colleague(),
                DirectoryEvent::Settings => self.presence.settings_came(&mut self.ctx),
                DirectoryEvent::Prices(home, prices) => {
                    self.ctx.payments.take_prices(home, prices, self.ctx.now.tick);
                }
                DirectoryEvent::Link(state) => self.ctx.emit(Event::Link(state)),
                DirectoryEvent::Refused(error) => self.ctx.emit(Event::BadObject(error)),
            }
        }
    }

    fn on_message(&mut self, home: HomeIndex, request: u32, message: &HomeMessage) {
        let (now, own) = (self.ctx.now.tick, self.ticket.id);
        if self
            .lines_mut()
            .any(|line| line.handle_message(home, message, now))
        {
            return;
        }
        if self.mail.take_message(&mut self.ctx, home, request, message) {
            return;
        }
        match message {
            HomeMessage::Posted { ahead, receipt, .. } => {
                self.ticket
                    .take_posted(&self.ctx, home, request, *ahead, *receipt);
            }
            HomeMessage::Place {
                ticket,
                ahead,
                receipt,
            } if *ticket == own => self.ticket.take_place(home, *ahead, *receipt),
            HomeMessage::Answered {
                ticket,
                attempt,
                claim,
                answer,
            } if *ticket == own => {
                self.take_answer(home, *attempt, *claim, answer);
            }
            HomeMessage::LostBy {
                ticket,
                attempt,
                proof,
            } if *ticket == own => self.take_lost(*attempt, proof),
            HomeMessage::Refused { reason, .. } => {
                self.ticket.take_refusal(&mut self.ctx, home, request, *reason)
            }
            _ => {}
        }
    }
}

client_machine!(Seeker, Event);

impl core::fmt::Debug for Seeker {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let phase = match self.phase {
            Phase::Idle => "idle",
            Phase::Over => "over",
            Phase::Waiting => "waiting",
            Phase::Chat(_) => "chat",
        };
        write!(formatter, "Seeker({phase}, {:?})", self.directory())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{crypto::keys::SignKey, testing::seeded, time::Unix};

    #[test]
    fn words_after_an_end_wait_for_no_other_chat() {
        let root = RootKey(SignKey::generate(&mut seeded(1)).public());
        let now = Now {
            tick: Tick(0),
            unix: Unix(1_800_000_000),
        };
        let mut seeker = Seeker::new(root, seeded(2), now);
        let says = |seeker: &mut Seeker, id: &str| {
            seeker.say(id.to_owned(), Zeroizing::new("salam".to_owned()), now)
        };
        let starts = |seeker: &mut Seeker| {
            let intake = Intake {
                language: "fr".parse().unwrap(),
                urgent: false,
            };
            seeker.start(intake, Zeroizing::default(), now).unwrap();
        };
        assert!(says(&mut seeker, "before").is_ok());
        starts(&mut seeker);
        assert!(says(&mut seeker, "waits").is_ok());
        seeker.end(EndReason::Finished, now);
        assert!(seeker.closing.is_empty());
        assert_eq!(says(&mut seeker, "after"), Err(SayError::Over));
        starts(&mut seeker);
        assert!(says(&mut seeker, "again").is_ok());
    }
}
