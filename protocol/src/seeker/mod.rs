//! The seeker's machine: from the first link to the last word of one visit.
//!
//! Contract: give it **one** input (a link that came or went, a record, a command, a timeout), then drain
//! [`Seeker::poll_output`] and [`Seeker::poll_event`] until both give none, then ask [`Seeker::poll_timeout`].
//! After [`Output::Disconnect`] the driver closes that link and says [`Seeker::link_down`].
//!
//! ```text
//!   start            duties known          first valid answer         end, either side
//!  ──────► Wanting ───────────────► Waiting ─────────────────► Chat ───────────────────► Over
//!             ▲    nobody on duty      ▲                        │ 45 s without a sign
//!             └── "closed"             └── next attempt, ◄──────┘ of the counselor
//!                                          old place
//! ```
//!
//! She alone decides: which counselors a ticket is sealed to, which answer is one, and when it opens again.

mod attempt;
mod mail;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use zeroize::Zeroizing;

use attempt::Attempt;
use mail::Mail;
pub use mail::{COPIES_PATIENCE_MS, LEAVE_ID, LeaveError, MAIL_COPIES, NotLeft, check_message};

use crate::{
    chat::{
        Beginning, Chat, ChatEvent, Colleague, EndReason, QUEUE_MAX, Role, SayError, Seen, State,
        check_words, line::Line,
    },
    directory::{Directory, OnDuty},
    kdf::Secret,
    keys::{HelplineId, RootKey},
    links::{Heard, Links, News},
    live,
    objects::{Delegation, ObjectError, Serial, Signed},
    planted::{self, Bug},
    random::{self, Random},
    ticket::{INTAKE_MAX, Intake, TicketId},
    time::{Millis, Moment, Unix},
    tokens,
    wire::{Kind, Posting, Receipt, Record, Refusal, postcard_decode, postcard_encode, split},
};

pub use crate::links::{LinkState, Output};

/// Without an authenticated cell of the counselor for this long, while her own link is up, the ticket opens
/// again, in milliseconds: three lost heartbeats.
pub const COUNSELOR_SILENT_MS: u64 = 45_000;
/// A ticket nobody answered is sealed to others after this long, in milliseconds.
pub const WIDEN_MS: u64 = 60_000;
/// Least time between two bodies of a ticket, in milliseconds.
const RESEAL_PAUSE_MS: u64 = 10_000;
/// A home that could not take a ticket is asked again after this long, in milliseconds.
const POST_AGAIN_MS: u64 = 5_000;
/// "Nobody is on duty" is said only when this long has passed since the helpline was verified and another home
/// may still answer, in milliseconds.
const CLOSED_PATIENCE_MS: u64 = 3_000;
/// How long the last cells of a chat may take to reach the peer, in milliseconds.
pub const LINGER_MS: u64 = 5_000;

/// What happened, for the person.
pub enum Event {
    /// The helpline proved who it is; name and texts are in [`Seeker::directory`].
    Verified,
    /// Nobody is on duty.
    Closed,
    /// The ticket waits; how many are before it.
    Waiting(Option<u32>),
    /// A counselor answered and proved who she is.
    Answered {
        /// Her pseudonym.
        pseudonym: String,
    },
    /// Words from the counselor.
    Message {
        /// The sender's id.
        id: String,
        /// The words.
        text: Zeroizing<String>,
    },
    /// One of her own messages came further.
    State {
        /// Her id.
        id: String,
        /// How far.
        state: State,
    },
    /// The links stand otherwise than before.
    Link(LinkState),
    /// The counselor is gone; the ticket waits again at its old place.
    Reopened,
    /// The counselor would like a colleague to go on.
    TransferAsked {
        /// The colleague's pseudonym.
        to: String,
    },
    /// The chat is over.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// Why.
        reason: EndReason,
    },
    /// A home showed something that does not hold.
    BadObject(ObjectError),
    /// Homes could not take the ticket, or read the mail; it is tried again.
    NotTaken(Refusal),
    /// The sealed message will not arrive.
    NotLeft(NotLeft),
    /// A reply to a sealed message.
    Mail {
        /// Its hash.
        mail: [u8; 32],
        /// Who wrote it.
        pseudonym: String,
        /// The words.
        text: Zeroizing<String>,
        /// When, as the writer says.
        date: Unix,
    },
    /// A reply of somebody whom the association does not list any more.
    MailRefused,
    /// No home that was reached has a reply.
    NoMail,
}

/// Who ended a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// This side.
    You,
    /// The other person.
    Peer,
    /// The association, by its roster.
    Helpline,
}

/// Why a ticket was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The first words are too long.
    #[error("first words hold at most {max} bytes, these have {got}")]
    TooLong {
        /// The limit.
        max: usize,
        /// What came.
        got: usize,
    },
    /// A ticket or a chat is there already.
    #[error("a ticket or a chat is there already")]
    Already,
}

/// Nothing was asked that could be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing was asked")]
pub struct NothingAsked;

/// A home as far as the ticket goes.
#[derive(Default)]
struct Posted {
    /// The secret that withdraws, replaces and holds the ticket here.
    token: Option<Secret>,
    receipt: Option<Receipt>,
    /// The attempt this home has confirmed on the link that stands.
    confirmed: Option<u32>,
    /// The attempt that was sent on the link that stands, with its request number.
    sent: Option<(u32, u32)>,
    again: Option<Millis>,
    ahead: Option<u64>,
}

struct Talk {
    line: Line,
    counselor: OnDuty,
    attempt: u32,
    message_2: Vec<u8>,
    since: Millis,
    /// Asked for, and not yet answered.
    transfer: Option<Colleague>,
}

enum Phase {
    /// Nothing asked for.
    Idle,
    /// A ticket waits, or cannot be sealed yet because nobody is on duty.
    Waiting,
    /// A counselor is there.
    Chat(Box<Talk>),
}

/// The machine.
pub struct Seeker {
    helpline: HelplineId,
    random: Random,
    links: Links,
    phase: Phase,
    /// Chats whose last cells are on their way, until the moment given.
    closing: Vec<(Box<Talk>, Millis)>,
    /// A counselor to whom the ticket is sealed alone, until the moment given.
    prefer: Option<(Serial, Millis)>,
    intake: Option<Intake>,
    ticket: TicketId,
    homes: BTreeMap<usize, Posted>,
    current: Option<Attempt>,
    previous: Option<Attempt>,
    next_attempt: u32,
    sealed_at: Millis,
    /// Said, and not yet in a chat.
    queue: VecDeque<(String, Zeroizing<String>)>,
    /// Everything said in this visit, so that a new counselor can be given what an earlier one had.
    said: Vec<(String, Zeroizing<String>)>,
    ids: BTreeSet<String>,
    /// The counselors' messages that were shown.
    seen: Seen,
    verified: bool,
    verified_at: Millis,
    closed_told: bool,
    told_ahead: Option<Option<u32>>,
    mail: Mail,
    events: VecDeque<Event>,
    now: Moment,
}

impl Seeker {
    /// A visit to the helpline of `root`.
    #[must_use]
    pub fn new(root: RootKey, mut random: Random, now: Moment) -> Self {
        Self {
            helpline: root.helpline(),
            ticket: TicketId(random::public(&mut random)),
            random,
            links: Links::new(root, now),
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
            seen: Seen::new(),
            verified: false,
            verified_at: now.tick,
            closed_told: false,
            told_ahead: None,
            mail: Mail::default(),
            events: VecDeque::new(),
            now,
        }
    }

    /// What she believes about the helpline.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        self.links.directory()
    }

    /// A link with `home` stands; its delegation was verified by [`crate::link::Dialing::finish`].
    pub fn link_up(&mut self, home: usize, delegation: Signed<Delegation>, now: Moment) {
        self.now = now;
        let posted = self.homes.entry(home).or_default();
        posted.confirmed = None;
        posted.sent = None;
        posted.again = None;
        self.links.link_up(home, delegation, now);
        self.connect_line();
        self.work();
    }

    /// The link with `home` is gone.
    pub fn link_down(&mut self, home: usize, now: Moment) {
        self.now = now;
        self.links.link_down(home, now);
        self.mail.home_down(home);
        for line in self.lines_mut() {
            line.home_down(home, now.tick);
        }
        self.work();
    }

    /// A record came from `home`.
    pub fn handle_record(&mut self, home: usize, record: Record, now: Moment) {
        self.now = now;
        match self.links.handle_record(home, record, now) {
            Heard::Record(record) => self.take_record(home, &record),
            Heard::Object(record, object) => self.take_mail_object(home, &record, &object),
            Heard::Nothing | Heard::Ticket(_) => {}
        }
        self.work();
    }

    /// Asks for a counselor.
    ///
    /// # Errors
    /// [`StartError`]; nothing changed.
    pub fn start(&mut self, intake: Intake, now: Moment) -> Result<(), StartError> {
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
        self.intake = Some(intake);
        self.phase = Phase::Waiting;
        self.work();
        Ok(())
    }

    /// Says something; before an answer it queues.
    ///
    /// # Errors
    /// [`SayError`]; nothing was taken.
    pub fn say(&mut self, id: String, text: Zeroizing<String>, now: Moment) -> Result<(), SayError> {
        self.now = now;
        check_words(&id, &text)?;
        if self.ids.contains(&id) {
            return Err(SayError::DuplicateId);
        }
        match &mut self.phase {
            Phase::Chat(talk) => talk.line.say(id.clone(), text.clone(), now.tick)?,
            // What is said while a chat ends is not the beginning of another.
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
        self.work();
        Ok(())
    }

    /// Gives a new counselor what an earlier one had already received.
    pub fn resend(&mut self, now: Moment) {
        self.now = now;
        if let Phase::Chat(talk) = &mut self.phase {
            for (id, text) in &self.said {
                // What this chat has already is refused by its id, and that is right.
                let _ = talk.line.say(id.clone(), text.clone(), now.tick);
            }
        }
        self.work();
    }

    /// Ends the chat, or takes the ticket back.
    pub fn end(&mut self, reason: EndReason, now: Moment) {
        self.now = now;
        self.finish(EndedBy::You, reason);
        self.work();
    }

    /// Whether there is no ticket, no chat and nothing on its way: a program may stop.
    #[must_use]
    pub fn settled(&self) -> bool {
        matches!(self.phase, Phase::Idle) && self.closing.is_empty() && self.mail.settled()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Moment) {
        self.now = now;
        for line in self.lines_mut() {
            line.handle_timeout(now.tick);
        }
        self.links.handle_timeout(self.waiting_since(), now);
        self.work();
    }

    /// When to be woken.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Millis> {
        let mut due = vec![
            self.links.poll_timeout(self.waiting_since(), self.now.tick),
            self.mail.poll_timeout(self.now.tick),
        ];
        match &self.phase {
            Phase::Idle => {}
            Phase::Waiting => {
                let closed = Some(self.verified_at + CLOSED_PATIENCE_MS);
                let again = self.homes.values().map(|posted| posted.again);
                // What is over already waits for something else to happen: a link, or somebody on duty.
                let ahead = |at: &Option<Millis>| at.is_some_and(|at| at > self.now.tick);
                let alone = self.prefer.map(|(_, until)| until);
                due.extend(again.chain([self.widen_due(), closed, alone]).filter(ahead));
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

    /// What to do on the network.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.links.poll_output()
    }

    /// What to show.
    pub fn poll_event(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        // A message counts as received when it is taken here, so it is taken one by one.
        let event = self.poll_chat();
        self.work();
        event.or_else(|| self.events.pop_front())
    }

    fn poll_chat(&mut self) -> Option<Event> {
        for (talk, _) in &mut self.closing {
            while let Some(event) = talk.line.poll_event(self.now.tick) {
                match event {
                    ChatEvent::Message { id, text } => return Some(Event::Message { id, text }),
                    ChatEvent::State { id, state } => return Some(Event::State { id, state }),
                    // It is over already.
                    _ => {}
                }
            }
        }
        loop {
            let Phase::Chat(talk) = &mut self.phase else {
                return None;
            };
            match talk.line.poll_event(self.now.tick)? {
                ChatEvent::Ready | ChatEvent::TransferAnswered(_) => {}
                ChatEvent::Message { id, text } => return Some(Event::Message { id, text }),
                ChatEvent::State { id, state } => return Some(Event::State { id, state }),
                ChatEvent::TransferAsked(colleague) => {
                    let to = colleague.pseudonym.as_str().to_owned();
                    talk.transfer = Some(colleague);
                    return Some(Event::TransferAsked { to });
                }
                ChatEvent::Ended(reason) => {
                    let by = match reason {
                        EndReason::Revoked => EndedBy::Helpline,
                        _ => EndedBy::Peer,
                    };
                    self.finish(by, reason);
                    if let Some(event) = self.events.pop_front() {
                        return Some(event);
                    }
                }
            }
        }
    }

    fn lines_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        let talk = match &mut self.phase {
            Phase::Chat(talk) => Some(talk),
            Phase::Idle | Phase::Waiting => None,
        };
        let closing = self.closing.iter_mut().map(|(talk, _)| talk);
        talk.into_iter().chain(closing).map(|talk| &mut talk.line)
    }

    fn waiting_since(&self) -> Option<Millis> {
        match &self.phase {
            Phase::Chat(talk) => talk.line.oldest_unanswered(),
            _ => None,
        }
    }

    /// The line learns of homes that came; it knows which it has.
    fn connect_line(&mut self) {
        let (homes, now) = (self.links.usable(), self.now.tick);
        for line in self.lines_mut() {
            for (home, home_x) in &homes {
                line.home_up(*home, home_x, now);
            }
        }
    }

    /// Everything that may follow from an input.
    fn work(&mut self) {
        self.take_news();
        match self.phase {
            Phase::Waiting => self.work_ticket(),
            Phase::Chat(_) => self.work_chat(),
            Phase::Idle => {}
        }
        self.work_mail();
        self.work_closing();
        if let Phase::Chat(talk) = &mut self.phase {
            talk.line.heal(&mut self.random, self.now.tick);
        }
        let mut records = Vec::new();
        for line in self.lines_mut() {
            records.extend(core::iter::from_fn(|| line.poll_output()));
        }
        for (home, record) in records {
            self.links.send(home, record);
        }
        let since = self.waiting_since();
        self.links.judge(since, self.now);
        self.take_news();
    }

    fn take_news(&mut self) {
        while let Some(news) = self.links.poll_news() {
            match news {
                News::Roster => {
                    self.connect_line();
                    self.check_counselor();
                }
                News::Duties => {}
                News::Settings => {
                    self.verified_at = self.now.tick;
                    if !core::mem::replace(&mut self.verified, true) {
                        self.events.push_back(Event::Verified);
                    }
                }
                News::Link(state) => self.events.push_back(Event::Link(state)),
                News::Refused(error) => self.events.push_back(Event::BadObject(error)),
            }
        }
    }

    fn check_counselor(&mut self) {
        if let Phase::Chat(talk) = &self.phase
            && !self
                .links
                .directory()
                .certified(&talk.counselor.certificate, self.now.unix)
        {
            self.finish(EndedBy::Helpline, EndReason::Revoked);
        }
    }

    // ── the ticket ──

    fn work_ticket(&mut self) {
        if self.previous.is_some() && self.all_confirmed() {
            self.previous = None;
        }
        let mut on_duty = self.links.directory().on_duty(self.now.unix);
        self.tell_closed(on_duty.is_empty());
        self.prefer = self.prefer.filter(|(serial, until)| {
            *until > self.now.tick && on_duty.iter().any(|duty| duty.certificate.serial == *serial)
        });
        if let Some((serial, _)) = self.prefer {
            on_duty.retain(|duty| duty.certificate.serial == serial);
        }
        if on_duty.is_empty() && self.current.is_none() {
            return;
        }
        let widen = self.widen_due().is_some_and(|due| due <= self.now.tick);
        let due = self.current.as_ref().is_none_or(|attempt| {
            let unknown = on_duty.iter().any(|duty| !attempt.sealed_to(&duty.duty.hash()));
            let paused = self.now.tick.since(self.sealed_at) >= RESEAL_PAUSE_MS;
            unknown && (widen || (paused && attempt.has_room()))
        });
        if due && !on_duty.is_empty() {
            self.seal(on_duty);
        } else if widen {
            self.sealed_at = self.now.tick;
        }
        self.post();
        self.tell_place();
    }

    fn widen_due(&self) -> Option<Millis> {
        let attempt = self.current.as_ref()?;
        let pause = if attempt.has_room() {
            RESEAL_PAUSE_MS
        } else {
            WIDEN_MS
        };
        let more = self.links.directory().on_duty(self.now.unix).len() > attempt.size();
        Some(self.sealed_at + if more { pause } else { WIDEN_MS })
    }

    fn seal(&mut self, on_duty: Vec<OnDuty>) {
        let Some(intake) = &self.intake else { return };
        let known = self.current.as_ref();
        let attempt = Attempt::seal(
            &self.helpline,
            self.ticket,
            self.next_attempt,
            on_duty,
            known,
            intake,
            &mut self.random,
        );
        if let Some(attempt) = attempt {
            self.next_attempt += 1;
            self.sealed_at = self.now.tick;
            self.previous = self.current.replace(attempt);
        }
    }

    fn all_confirmed(&self) -> bool {
        let Some(attempt) = &self.current else {
            return false;
        };
        self.links.usable().iter().all(|(home, _)| {
            self.homes
                .get(home)
                .is_some_and(|posted| posted.confirmed == Some(attempt.number))
        })
    }

    /// Posts the current attempt at every home that has not got it.
    fn post(&mut self) {
        let Some(attempt) = &self.current else { return };
        for (home, home_x) in self.links.usable() {
            let posted = self.homes.entry(home).or_default();
            let sent = posted.sent.is_some_and(|(number, _)| number == attempt.number);
            if sent || posted.again.is_some_and(|at| at > self.now.tick) {
                continue;
            }
            posted.again = None;
            let token = **posted
                .token
                .get_or_insert_with(|| random::secret(&mut self.random));
            let slot = tokens::answer_slot(&self.helpline, &attempt.sealed.secret, attempt.number, &home_x);
            let posting = Posting {
                ticket: self.ticket,
                attempt: attempt.number,
                slot: tokens::hash(&slot),
                receipt: posted.receipt,
                body: crate::objects::Bytes(attempt.sealed.body.clone()),
            };
            let request = self.links.request(home, self.now);
            posted.sent = Some((attempt.number, request));
            for record in split(Kind::Post, request, token, &postcard_encode(&posting)) {
                self.links.send(home, record);
            }
        }
    }

    fn tell_closed(&mut self, nobody: bool) {
        if !nobody {
            self.closed_told = false;
            return;
        }
        let patient = self.now.tick.since(self.verified_at) >= CLOSED_PATIENCE_MS;
        let known = self.verified && self.links.all_loaded();
        if known
            && (patient || self.links.usable().len() == self.homes.len())
            && self.current.is_none()
            && !self.closed_told
        {
            self.closed_told = true;
            self.mail.closed();
            self.events.push_back(Event::Closed);
        }
    }

    fn tell_place(&mut self) {
        let confirmed = self.homes.values().filter(|posted| posted.confirmed.is_some());
        let ahead: Vec<_> = confirmed.filter_map(|posted| posted.ahead).collect();
        let Some(least) = ahead.into_iter().min() else {
            return;
        };
        let least = Some(u32::try_from(least).unwrap_or(u32::MAX));
        if self.told_ahead != Some(least) {
            self.told_ahead = Some(least);
            self.events.push_back(Event::Waiting(least));
        }
    }

    fn take_record(&mut self, home: usize, record: &Record) {
        let now = self.now.tick;
        if self.lines_mut().any(|line| line.handle_record(home, record, now)) {
            return;
        }
        if self.take_mail_record(home, record) {
            return;
        }
        match record.kind {
            Kind::Posted => self.take_posted(home, record),
            Kind::Place if record.token == self.ticket.0 => {
                if let Some(posted) = self.homes.get_mut(&home) {
                    posted.ahead = Some(record.index);
                }
            }
            Kind::Answered if record.token == self.ticket.0 => self.take_answer(home, record),
            Kind::LostBy if record.token == self.ticket.0 => self.take_lost(record),
            Kind::Refused => self.take_refusal(home, record),
            _ => {}
        }
    }

    fn take_posted(&mut self, home: usize, record: &Record) {
        let Some(posted) = self.homes.get_mut(&home) else {
            return;
        };
        if let Some((number, request)) = posted.sent
            && request == record.request
        {
            posted.confirmed = Some(number);
            posted.ahead = Some(record.index);
            // The first receipt keeps the place; later ones say the same.
            posted.receipt = postcard_decode(&record.body).or(posted.receipt);
        }
    }

    fn take_refusal(&mut self, home: usize, record: &Record) {
        let Some(posted) = self.homes.get_mut(&home) else {
            return;
        };
        if posted.sent.is_some_and(|(_, request)| request == record.request) {
            let reason = postcard_decode(&record.body).unwrap_or(Refusal::Malformed);
            posted.sent = None;
            posted.again = Some(self.now.tick + POST_AGAIN_MS);
            self.events.push_back(Event::NotTaken(reason));
        }
    }

    fn take_answer(&mut self, home: usize, record: &Record) {
        let number = u32::try_from(record.index).unwrap_or(u32::MAX);
        if let Phase::Chat(talk) = &self.phase
            && !planted::is(Bug::SeekerAcceptsTwo)
        {
            let same = talk.attempt == number && talk.message_2 == record.body;
            self.hold(home, number, if same { record.ack } else { 0 });
            return;
        }
        if !matches!(self.phase, Phase::Waiting) && !planted::is(Bug::SeekerAcceptsTwo) {
            return;
        }
        // A newer attempt is on its way to this home, which will tell that counselor that her answer is void and offer the
        // newer one instead: to take the answer would be to talk to nobody.
        let sent = self.homes.get(&home).and_then(|posted| posted.sent);
        if sent.is_some_and(|(sent, _)| sent > number) {
            return;
        }
        let attempts = [&self.current, &self.previous];
        let attempt = attempts
            .into_iter()
            .flatten()
            .find(|attempt| attempt.number == number);
        let Some(attempt) = attempt else { return };
        match attempt.accept(&record.body, self.links.directory(), self.now.unix) {
            Some((established, counselor)) => {
                let proof = self.mail.proof(&self.helpline, &counselor.duty.x, &established);
                let beginning = Beginning {
                    helpline: self.helpline,
                    ticket: self.ticket,
                    established,
                    role: Role::Seeker,
                    seen: core::mem::take(&mut self.seen),
                    extra: proof.map_or_else(Vec::new, |proof| proof.to_vec()),
                };
                let chat = Chat::new(beginning, &mut self.random, self.now.tick);
                self.begin(home, record, number, chat, counselor);
            }
            None => {
                let token = self.homes.get(&home).and_then(|posted| posted.token.clone());
                if let Some(token) = token {
                    self.links
                        .send(home, Record::new(Kind::Reject).token(*token).ack(record.ack));
                }
            }
        }
    }

    fn hold(&mut self, home: usize, attempt: u32, claim: u64) {
        if let Some(token) = self.homes.get(&home).and_then(|posted| posted.token.clone()) {
            let hold = Record::new(Kind::Hold)
                .token(*token)
                .index(u64::from(attempt))
                .ack(claim);
            self.links.send(home, hold);
        }
    }

    // ── the chat ──

    fn begin(&mut self, home: usize, answer: &Record, attempt: u32, chat: Chat, counselor: OnDuty) {
        for (other, _) in self.links.usable() {
            if planted::is(Bug::HoldNotPosted) {
                break;
            }
            self.hold(other, attempt, if other == home { answer.ack } else { 0 });
        }
        if !planted::is(Bug::SeekerAcceptsTwo) {
            self.current = None;
        }
        self.previous = None;
        self.told_ahead = None;
        let pseudonym = counselor.certificate.pseudonym.as_str().to_owned();
        let talk = Talk {
            line: Line::new(self.helpline, chat),
            counselor,
            attempt,
            message_2: answer.body.clone(),
            since: self.now.tick,
            transfer: None,
        };
        self.prefer = None;
        self.phase = Phase::Chat(Box::new(talk));
        self.connect_line();
        self.events.push_back(Event::Answered { pseudonym });
        let queue = core::mem::take(&mut self.queue);
        let now = self.now.tick;
        if let Phase::Chat(talk) = &mut self.phase {
            for (id, text) in queue {
                // Checked when it was said, and the queue is no longer than a chat's.
                let _ = talk.line.say(id, text, now);
            }
        }
    }

    /// When the counselor counts as gone.
    fn silent_due(&self, talk: &Talk) -> Option<Millis> {
        let heard = talk.line.chat().last_in().max(talk.since);
        let up = self.links.up_since()?;
        let silent = heard.max(up) + COUNSELOR_SILENT_MS;
        // Somebody acknowledges, and cannot do what only the counselor can.
        Some(
            talk.line
                .chat()
                .give_up_due()
                .map_or(silent, |due| due.min(silent)),
        )
    }

    fn work_chat(&mut self) {
        let Phase::Chat(talk) = &self.phase else { return };
        if self.silent_due(talk).is_some_and(|due| due <= self.now.tick) {
            self.reopen();
        }
    }

    /// The counselor's program was started again, she says, and this chat is lost there.
    fn take_lost(&mut self, record: &Record) {
        let Phase::Chat(talk) = &self.phase else { return };
        let certificate = &talk.counselor.certificate;
        let speaking = talk.line.chat().source();
        let signed = certificate.identity().is_ok_and(|key| {
            live::is_lost(
                &self.helpline,
                &self.ticket,
                talk.attempt,
                &key,
                speaking,
                &record.body,
            )
        });
        if record.index == u64::from(talk.attempt) && signed {
            self.prefer = Some((certificate.serial, self.now.tick + WIDEN_MS));
            self.reopen();
        }
    }

    /// The counselor is gone: what she did not receive is sealed again.
    fn reopen(&mut self) {
        let Phase::Chat(mut talk) = core::mem::replace(&mut self.phase, Phase::Waiting) else {
            return;
        };
        talk.line.close();
        while let Some((home, record)) = talk.line.poll_output() {
            self.links.send(home, record);
        }
        let mut chat = talk.line.into_chat();
        self.keep_unreceived(&mut chat);
        if planted::is(Bug::ReopenForgets) {
            self.queue.clear();
        }
        if planted::is(Bug::ReopenReverses) {
            self.queue.make_contiguous().reverse();
        }
        self.seen = chat.into_seen();
        for posted in self.homes.values_mut() {
            posted.sent = None;
            posted.confirmed = None;
        }
        planted::happened("reopened");
        self.events.push_back(Event::Reopened);
        self.work_ticket();
    }

    fn keep_unreceived(&mut self, chat: &mut Chat) {
        for (id, state) in chat.take_states() {
            self.events.push_back(Event::State { id, state });
        }
        self.queue = chat.unreceived().into();
        for (id, _) in &self.queue {
            self.events.push_back(Event::State {
                id: id.clone(),
                state: State::Written,
            });
        }
    }

    /// Answers what the counselor asked.
    ///
    /// # Errors
    /// [`NothingAsked`]; nothing changed.
    pub fn answer_transfer(&mut self, yes: bool, now: Moment) -> Result<(), NothingAsked> {
        self.now = now;
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

    /// A new ticket with new keys, first for the colleague alone. The first counselor has no part in it.
    fn pass_on(&mut self, colleague: &Colleague) {
        let Phase::Chat(mut talk) = core::mem::replace(&mut self.phase, Phase::Waiting) else {
            return;
        };
        let now = self.now.tick;
        for (id, state) in talk.line.take_states() {
            self.events.push_back(Event::State { id, state });
        }
        let unreceived = talk.line.take_unreceived();
        planted::happened("passed on");
        talk.line.end(EndReason::Transferred, now);
        self.closing.push((talk, now + LINGER_MS));
        self.withdraw();
        self.forget_ticket();
        for (id, _) in &unreceived {
            self.events.push_back(Event::State {
                id: id.clone(),
                state: State::Written,
            });
        }
        self.queue = unreceived.into();
        self.prefer = Some((colleague.serial, now + WIDEN_MS));
    }

    fn finish(&mut self, by: EndedBy, reason: EndReason) {
        match core::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Chat(mut talk) => {
                let own = if by == EndedBy::Peer {
                    EndReason::Finished
                } else {
                    reason
                };
                talk.line.end(own, self.now.tick);
                self.closing.push((talk, self.now.tick + LINGER_MS));
                self.events.push_back(Event::Ended { by, reason });
            }
            Phase::Waiting => {
                for (id, _) in core::mem::take(&mut self.queue) {
                    self.events.push_back(Event::State {
                        id,
                        state: State::Failed,
                    });
                }
                self.events.push_back(Event::Ended { by, reason });
            }
            other => self.phase = other,
        }
        self.withdraw();
    }

    fn work_closing(&mut self) {
        let now = self.now.tick;
        let over = |(talk, until): &mut (Box<Talk>, Millis)| talk.line.chat().over() || *until <= now;
        let done: Vec<_> = self.closing.extract_if(.., over).collect();
        for (mut talk, _) in done {
            for (id, state) in talk.line.take_states() {
                self.events.push_back(Event::State { id, state });
            }
            for (id, _) in talk.line.take_unreceived() {
                self.events.push_back(Event::State {
                    id,
                    state: State::Failed,
                });
            }
            talk.line.close();
            while let Some((home, record)) = talk.line.poll_output() {
                self.links.send(home, record);
            }
        }
    }

    fn withdraw(&mut self) {
        for (home, _) in self.links.usable() {
            if let Some(token) = self.homes.get(&home).and_then(|posted| posted.token.clone()) {
                self.links.send(home, Record::new(Kind::Withdraw).token(*token));
            }
        }
        for posted in self.homes.values_mut() {
            *posted = Posted::default();
        }
        self.current = None;
        self.previous = None;
    }

    /// A new ticket has nothing in common with the one before.
    fn forget_ticket(&mut self) {
        self.ticket = TicketId(random::public(&mut self.random));
        self.next_attempt = 0;
        self.current = None;
        self.previous = None;
        self.told_ahead = None;
        self.closed_told = false;
        self.prefer = None;
        self.seen = Seen::new();
        for posted in self.homes.values_mut() {
            *posted = Posted::default();
        }
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
