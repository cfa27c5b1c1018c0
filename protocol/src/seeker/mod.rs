//! The seeker's machine: from the first link to the last word of one visit.
//!
//! Contract: [`Machine`]. After [`Output::Disconnect`] the driver closes that link and gives
//! [`Input::Disconnected`].
//!
//! ```text
//!   start            duties known          first valid answer         end, either side
//!  ──────► Wanting ───────────────► Waiting ─────────────────► Chat ───────────────────► Over
//!             ▲    no duty stands      ▲                        │ 45 s without a cell
//!             └── "closed"             └── next attempt, ◄──────┘ of the counselor
//!                                          old place
//! ```
//!
//! The seeker alone decides which counselors a ticket is sealed to, which answer is valid, and when the ticket is
//! reopened.

mod attempt;
mod event;
mod mail;
mod posting;
mod talk;

use core::time::Duration;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use zeroize::Zeroizing;

use attempt::Attempt;
pub use event::{Event, NothingAsked, StartError};
use mail::SeekerMail;
pub use mail::{LEAVE_ID, LeaveError, NotLeft, check_message};
pub(crate) use posting::CLOSED_PATIENCE;
use posting::Posted;
use talk::SeekerChat;

use crate::{
    client::{
        ProvenLink,
        directory::Directory,
        home_links::{DirectoryEvent, HomeLinks, Received, Unanswered},
    },
    crypto::{
        keys::{HelplineId, RootKey},
        random::{self, Random},
    },
    limits::QUEUE_MAX,
    machine::{Input, Machine, Output},
    objects::{HomeIndex, RunId, Serial, TicketId},
    session::{
        chat::{EndReason, EndedBy, Numbers, Pace, SayError, Seen, State, check_words, multipath::Multipath},
        ticket::{INTAKE_MAX, Intake},
    },
    time::{Now, Tick},
    wire::{HomeMessage, Record},
};

pub use crate::client::LinkState;

/// Without an authenticated cell of the counselor for this long, while her own link is up, the ticket opens
/// again: three lost heartbeats.
pub const COUNSELOR_SILENT: Duration = Duration::from_secs(45);
/// A ticket nobody answered is sealed to others after this long.
pub const WIDEN: Duration = Duration::from_secs(60);

enum Phase {
    /// Neither a ticket nor an open chat.
    Idle,
    /// A ticket waits, or cannot be sealed yet because no counselor is on duty.
    Waiting,
    /// A counselor has answered.
    Chat(Box<SeekerChat>),
}

/// Whether a counselor is on duty, as the face was last told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Open,
    Closed,
}

/// The seeker's machine.
pub struct Seeker {
    helpline: HelplineId,
    random: Random,
    links: HomeLinks,
    phase: Phase,
    /// Ended chats with cells in flight, each with its deadline.
    closing: Vec<(Box<SeekerChat>, Tick)>,
    /// While set, the ticket is sealed to this counselor alone, until the deadline.
    prefer: Option<(Serial, Tick)>,
    intake: Option<Intake>,
    ticket: TicketId,
    homes: BTreeMap<HomeIndex, Posted>,
    current: Option<Attempt>,
    previous: Option<Attempt>,
    next_attempt: u32,
    sealed_at: Tick,
    /// Messages that no chat has taken yet.
    queue: VecDeque<(String, Zeroizing<String>)>,
    /// Everything said in this visit, so that a new counselor can be given what an earlier one had.
    said: Vec<(String, Zeroizing<String>)>,
    ids: BTreeSet<String>,
    /// How the seeker wants the talk to go, whichever counselor answers.
    pace: Pace,
    /// Which messages of the counselors the face has taken, and which it has shown.
    seen: Seen,
    /// The numbers by which the face refers to these messages.
    numbers: Numbers<(RunId, String)>,
    verified: bool,
    verified_at: Tick,
    /// Whether a counselor is on duty, as the face was last told.
    stands: Option<Stands>,
    /// Whether a sealed message could be read, as the face was last told.
    sealed_told: Option<bool>,
    /// Since when no counselor is on duty, as far as the homes have told.
    nobody_since: Option<Tick>,
    bare_told: bool,
    told_ahead: Option<Option<u32>>,
    mail: SeekerMail,
    events: VecDeque<Event>,
    now: Now,
}

impl Seeker {
    /// A visit to the helpline of `root`.
    #[must_use]
    pub fn new(root: RootKey, mut random: Random, now: Now) -> Self {
        Self {
            helpline: root.helpline(),
            ticket: TicketId(random::public(&mut random)),
            random,
            links: HomeLinks::new(root, now),
            phase: Phase::Idle,
            closing: Vec::new(),
            prefer: None,
            intake: None,
            homes: BTreeMap::new(),
            current: None,
            previous: None,
            next_attempt: 0,
            sealed_at: now.tick,
            queue: VecDeque::new(),
            said: Vec::new(),
            ids: BTreeSet::new(),
            pace: Pace::default(),
            seen: Seen::default(),
            numbers: Numbers::default(),
            verified: false,
            verified_at: now.tick,
            stands: None,
            sealed_told: None,
            nobody_since: None,
            bare_told: false,
            told_ahead: None,
            mail: SeekerMail::default(),
            events: VecDeque::new(),
            now,
        }
    }

    /// What the seeker believes about the helpline.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        self.links.directory()
    }

    fn on_connected(&mut self, home: HomeIndex, link: ProvenLink) {
        let posted = self.homes.entry(home).or_default();
        posted.confirmed = None;
        posted.sent = None;
        posted.again = None;
        self.links.link_up(home, link.delegation, self.now);
        self.connect_line();
    }

    fn on_disconnected(&mut self, home: HomeIndex) {
        let now = self.now;
        self.links.link_down(home, now);
        self.mail.home_down(home);
        if let Phase::Chat(talk) = &mut self.phase {
            talk.held.remove(&home);
        }
        for line in self.lines_mut() {
            line.home_down(home, now.tick);
        }
    }

    fn on_record(&mut self, home: HomeIndex, record: Record) {
        let now = self.now;
        let received = self.links.handle_record(home, record, now);
        // Ignore a home that the roster does not carry, or no longer carries: nothing was asked of it.
        let Some(received) = received.filter(|_| self.links.directory().carries(home)) else {
            return;
        };
        match received {
            Received::Message(request, message) => self.on_message(home, request, &message),
            Received::MailKeys(request, page) => self.take_key_page(home, request, &page),
            Received::Reply(request, reply) => self.take_letter(home, request, &reply),
            Received::Ticket(_) | Received::Mail(..) => {}
        }
    }

    /// Asks for a counselor.
    ///
    /// # Errors
    /// [`StartError`]; nothing changed.
    pub fn start(&mut self, intake: Intake, now: Now) -> Result<(), StartError> {
        self.now = now;
        if intake.text.len() > INTAKE_MAX {
            return Err(StartError::TooLong {
                max: INTAKE_MAX,
                got: intake.text.len(),
            });
        }
        match self.phase {
            Phase::Idle => {}
            Phase::Waiting | Phase::Chat(_) => return Err(StartError::Already),
        }
        self.forget_ticket();
        self.pace.pause = false;
        self.intake = Some(intake);
        self.phase = Phase::Waiting;
        self.work();
        Ok(())
    }

    /// Says something. Before a counselor has answered, the message is queued.
    ///
    /// # Errors
    /// [`SayError`]; nothing was taken.
    pub fn say(&mut self, id: String, text: Zeroizing<String>, now: Now) -> Result<(), SayError> {
        self.now = now;
        check_words(&id, &text)?;
        if self.ids.contains(&id) {
            return Err(SayError::DuplicateId);
        }
        match &mut self.phase {
            Phase::Chat(talk) => talk.line.say(id.clone(), text.clone(), now.tick)?,
            // Words said while a chat is closing do not begin another chat.
            Phase::Idle if !self.closing.is_empty() => return Err(SayError::Over),
            Phase::Idle | Phase::Waiting => {
                if self.queue.len() >= QUEUE_MAX {
                    return Err(SayError::QueueFull);
                }
                self.events.push_back(Event::State {
                    id: id.clone(),
                    state: State::Written,
                });
                self.queue.push_back((id.clone(), text.clone()));
            }
        }
        self.ids.insert(id.clone());
        self.said.push((id, text));
        if core::mem::take(&mut self.pace.pause)
            && let Phase::Chat(talk) = &mut self.phase
        {
            talk.line.set_pace(self.pace, now.tick);
        }
        self.work();
        Ok(())
    }

    /// Sets how the seeker wants the talk to go. The present counselor is told, and each later one. The next message of
    /// the seeker ends a pause.
    pub fn set_pace(&mut self, pace: Pace, now: Now) {
        self.now = now;
        self.pace = pace;
        if let Phase::Chat(talk) = &mut self.phase {
            talk.line.set_pace(pace, now.tick);
        }
        self.work();
    }

    /// Gives a new counselor what an earlier one had already received.
    pub fn resend(&mut self, now: Now) {
        self.now = now;
        if let Phase::Chat(talk) = &mut self.phase {
            talk.again = self.said.iter().cloned().collect();
        }
        self.work();
    }

    /// Ends the chat, or takes the ticket back.
    pub fn end(&mut self, reason: EndReason, now: Now) {
        self.now = now;
        self.finish(EndedBy::You, reason);
        self.work();
    }

    /// The face has shown the message with this number: the seeker could read it.
    pub fn shown(&mut self, number: u64, now: Now) {
        self.now = now;
        let Some((source, id)) = self.numbers.take(number) else {
            return;
        };
        self.seen.show(&source, &id);
        for line in self.lines_mut() {
            line.shown(&source, &id, now.tick);
        }
        self.work();
    }

    /// Whether there is no ticket, no chat and nothing in flight: the program may stop.
    #[must_use]
    pub fn settled(&self) -> bool {
        let done = |(talk, _): &(Box<SeekerChat>, Tick)| talk.line.chat().done();
        matches!(self.phase, Phase::Idle) && self.closing.iter().all(done) && self.mail.settled()
    }

    fn on_timeout(&mut self) {
        let now = self.now;
        for line in self.lines_mut() {
            line.handle_timeout(now.tick);
        }
        self.links.handle_timeout(&self.unanswered(), now);
    }

    fn next_timeout(&self) -> Option<Tick> {
        let mut due = vec![
            self.links.poll_timeout(&self.unanswered(), self.now.tick),
            self.mail.poll_timeout(self.now.tick),
        ];
        // A deadline that has passed waits for another input: a link, or a counselor on duty.
        let ahead = |at: &Option<Tick>| at.is_some_and(|at| at > self.now.tick);
        if !matches!(self.phase, Phase::Chat(_)) {
            let closed = Some(self.since_up(self.verified_at) + CLOSED_PATIENCE);
            let nobody = self
                .nobody_since
                .map(|since| self.since_up(since) + CLOSED_PATIENCE);
            due.extend([closed, nobody].into_iter().filter(ahead));
        }
        match &self.phase {
            Phase::Idle => {}
            Phase::Waiting => {
                let again = self.homes.values().map(|posted| posted.again);
                let alone = self.prefer.map(|(_, until)| until);
                due.extend(again.chain([self.widen_due(), alone]).filter(ahead));
            }
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

    fn next_event(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        let event = self.poll_chat();
        self.work();
        event.or_else(|| self.events.pop_front())
    }

    fn lines_mut(&mut self) -> impl Iterator<Item = &mut Multipath> {
        let talk = match &mut self.phase {
            Phase::Chat(talk) => Some(talk),
            Phase::Idle | Phase::Waiting => None,
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
        let (homes, now) = (self.links.usable(), self.now.tick);
        let dropped = self.links.dropped();
        for home in &dropped {
            // No counselor reads what lies at a dropped home, and a place in its queue is void.
            if let Some(posted) = self.homes.get_mut(home) {
                *posted = Posted::default();
            }
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
                self.nobody_since = None;
                self.hold_at_all();
                self.give_again();
                self.work_chat();
            }
            Phase::Idle => self.tell_stands(),
        }
        self.work_mail();
        self.tell_sealed();
        self.work_closing();
        let closing = self.closing.iter_mut().map(|(talk, _)| talk);
        let talk = match &mut self.phase {
            Phase::Chat(talk) => Some(talk),
            _ => None,
        };
        for talk in talk.into_iter().chain(closing) {
            talk.line.heal(&mut self.random, self.now.tick);
        }
        let mut records = Vec::new();
        for line in self.lines_mut() {
            records.extend(core::iter::from_fn(|| line.poll_output()));
        }
        for (home, record) in records {
            self.links.send(home, record);
        }
        let unanswered = self.unanswered();
        self.links.judge(&unanswered, self.now);
        self.take_news();
    }

    fn take_news(&mut self) {
        while let Some(news) = self.links.poll_news() {
            match news {
                DirectoryEvent::Roster => {
                    self.connect_line();
                    self.check_counselor();
                }
                DirectoryEvent::Duties => {}
                DirectoryEvent::Settings => {
                    self.verified_at = self.now.tick;
                    if !core::mem::replace(&mut self.verified, true) {
                        self.events.push_back(Event::Verified);
                    }
                }
                DirectoryEvent::Link(state) => self.events.push_back(Event::Link(state)),
                DirectoryEvent::Refused(error) => self.events.push_back(Event::BadObject(error)),
            }
        }
    }

    fn on_message(&mut self, home: HomeIndex, request: u32, message: &HomeMessage) {
        let (now, own) = (self.now.tick, self.ticket);
        if self
            .lines_mut()
            .any(|line| line.handle_message(home, message, now))
        {
            return;
        }
        if self.take_mail_message(home, request, message) {
            return;
        }
        match message {
            HomeMessage::Posted { ahead, receipt, .. } => self.take_posted(home, request, *ahead, *receipt),
            HomeMessage::Place { ticket, ahead } if *ticket == own => {
                if let Some(posted) = self.homes.get_mut(&home) {
                    posted.ahead = Some(*ahead);
                }
            }
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
            HomeMessage::Refused { reason, .. } => self.take_refusal(home, request, *reason),
            _ => {}
        }
    }
}

impl Machine for Seeker {
    type Peer = HomeIndex;
    type Link = ProvenLink;
    type Event = Event;

    fn handle(&mut self, input: Input<HomeIndex, ProvenLink>, now: Now) {
        self.now = now;
        match input {
            Input::Connected { peer, link } => self.on_connected(peer, link),
            Input::Disconnected { peer } => self.on_disconnected(peer),
            Input::Record { peer, record } => self.on_record(peer, record),
            Input::Timeout => self.on_timeout(),
        }
        self.work();
    }

    fn poll_output(&mut self) -> Output<HomeIndex, Event> {
        if let Some(output) = self.links.poll_output() {
            return output;
        }
        if let Some(event) = self.next_event() {
            return Output::Event(event);
        }
        // `next_event` may have made records.
        let last = self.links.poll_output();
        last.unwrap_or_else(|| Output::Sleep(self.next_timeout()))
    }
}

impl core::fmt::Debug for Seeker {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let phase = match self.phase {
            Phase::Idle => "idle",
            Phase::Waiting => "waiting",
            Phase::Chat(_) => "chat",
        };
        write!(formatter, "Seeker({phase}, {:?})", self.directory())
    }
}
