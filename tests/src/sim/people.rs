//! The people of the simulator: what they do, and what they saw.

use std::collections::{BTreeMap, BTreeSet};

use hamsa_protocol_planted::{
    chat::{EndReason, SayError, State},
    counselor::{Counselor, Event as DeskEvent, OffReason, ReplyError},
    kem::{KemSecret, SEED_LEN},
    keys::{DhSecret, RootKey, SignKey},
    mail::DepositId,
    objects::{Certificate, Delegation, DutySecrets, MailKey, MailKeySecrets, Serial, Signed},
    seeker::{EndedBy, Event, LEAVE_ID, LinkState, NotLeft, Output, Seeker},
    ticket::{Intake, TicketId},
    time::{Millis, Moment, Unix},
    wire::{Kind, Record},
};
use zeroize::Zeroizing;

use super::{
    judge::{Judge, Process, Wrong},
    letters::phrase,
    seeded,
};

/// A counselor takes the next this long after the desk says that somebody waits, in milliseconds.
const TAKE_PAUSE_MS: u64 = 500;
/// While somebody waits she looks again this often, in milliseconds.
const LOOK_AGAIN_MS: u64 = 5_000;

/// After so many messages of a seeker a counselor who passes her chats on asks for it.
const PASS_AFTER: usize = 20;

/// Anybody with a client.
pub enum Person {
    /// She looks for help.
    Seeker(Box<SeekerSeat>),
    /// She answers.
    Counselor(Box<CounselorSeat>),
}

/// How a seeker's visit ends once her words have arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leave {
    /// She stays.
    #[default]
    Never,
    /// In peace.
    Peace,
    /// By the key that leaves at once.
    Quickly,
    /// The counselor ends it.
    Counselor,
}

/// How a seeker talks.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Milliseconds between two of her messages, or bursts.
    pub pause: u64,
    /// Messages at once.
    pub burst: usize,
    /// How she leaves.
    pub leave: Leave,
    /// What she comes for.
    pub visit: Visit,
    /// How many homes the address names.
    pub homes: usize,
}

/// A seeker, her words and what she saw.
pub struct SeekerSeat {
    /// Her machine.
    pub machine: Seeker,
    /// Which client of the world it is.
    pub process: Process,
    messages: Vec<String>,
    manner: Manner,
    next: usize,
    next_at: Option<Millis>,
    reads_from: Millis,
    /// Whether she sees herself in a chat.
    pub talks: bool,
    /// Since when.
    talks_since: Millis,
    /// Whether her client died: her visit is over.
    pub gone: bool,
    left: bool,
    /// Homes told of an answer since the last one that was shown.
    holds: usize,
    /// The last state of each of her messages.
    pub states: BTreeMap<String, State>,
    /// How many of them are neither received nor failed: asked with every step of the world.
    waiting: usize,
    /// What the counselors said, in the order it was shown: id and words.
    pub shown: Vec<(String, String)>,
    /// Places in the queue, as they were told.
    pub places: Vec<Option<u32>>,
    /// Pseudonyms of those who answered.
    pub answered: Vec<String>,
    /// How often the ticket was opened again.
    pub reopened: u32,
    /// Nobody on duty, as it was told.
    pub closed: u32,
    /// How the links stood.
    pub links: Vec<LinkState>,
    /// How it ended.
    pub ended: Option<EndedBy>,
    /// How often she was asked whether a colleague may go on.
    pub transfer_asked: u32,
    /// Replies to sealed messages: words and date.
    pub mail: Vec<(String, Unix)>,
    /// How often she was told that there is no mail.
    pub no_mail: u32,
    /// Why a sealed message was not left.
    pub not_left: Option<NotLeft>,
    /// What she comes for.
    visit: Visit,
    /// Whether she was told how her sealed message came on.
    letter_told: bool,
    /// A colleague might go on; her answer.
    transfer_answer: Option<bool>,
}

/// What a seeker comes for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visit {
    /// To talk.
    #[default]
    Talk,
    /// To leave a sealed message, to be answered to the phrase of this number.
    Letter(u8),
    /// To read what was answered to it.
    Return(u8),
}

/// What a counselor's vault keeps of a shift: its duty, the key and the seed of its KEM.
type KeptShift = (
    Signed<hamsa_protocol_planted::objects::Duty>,
    [u8; 32],
    Zeroizing<[u8; SEED_LEN]>,
);

/// What a counselor's vault keeps of a mail key.
type KeptMail = (Signed<MailKey>, [u8; 32], Zeroizing<[u8; SEED_LEN]>);

/// A counselor, and what she saw since her client was started.
pub struct CounselorSeat {
    /// Her machine.
    pub machine: Counselor,
    /// Which client of the world it is.
    pub process: Process,
    root: RootKey,
    identity: [u8; 32],
    certificate: Signed<Certificate>,
    seed: u64,
    kept: Option<KeptShift>,
    kept_mail: Vec<KeptMail>,
    /// Sealed messages: name, words, whether their author came back.
    pub mail: Vec<(DepositId, String, bool)>,
    /// Of these, what she was told is answered.
    pub mail_gone: BTreeSet<DepositId>,
    /// The last state of each of her replies.
    pub replied: BTreeMap<String, State>,
    /// Tickets whose seekers proved that they were here before.
    pub returning: BTreeSet<TicketId>,
    take_at: Option<Millis>,
    reads_from: Millis,
    /// Whether she takes tickets by herself.
    pub eager: bool,
    /// Whether she answers sealed messages by herself; how many homes the address names.
    pub answers_mail: Option<usize>,
    letters: u32,
    /// Asks in the middle of each of her chats whether this colleague may go on.
    pub passes_to: Option<String>,
    /// How many homes the helpline's address names.
    homes: usize,
    /// Chats, each with what the seeker said in it: id and words.
    pub chats: BTreeMap<TicketId, Vec<(String, String)>>,
    /// Tickets in the order she began to talk.
    pub order: Vec<(TicketId, String)>,
    /// Chats that are open.
    pub live: BTreeSet<TicketId>,
    replies: BTreeMap<TicketId, (u32, u32)>,
    /// The last state of each of her messages.
    pub states: BTreeMap<(TicketId, String), State>,
    /// How many of them are neither received nor failed: asked with every step of the world.
    waiting: usize,
    /// Waiting and urgent, as told last.
    pub desk: (u32, u32),
    /// Why her duty ended, if it did.
    pub off: Option<OffReason>,
    /// Why chats ended.
    pub ended: Vec<(TicketId, EndedBy)>,
}

/// What a person's machine and face gave at once.
#[derive(Default)]
pub(super) struct Drained {
    pub(super) outputs: Vec<Output>,
    /// Lines for the trace.
    pub(super) lines: Vec<String>,
}

impl Person {
    pub(super) fn counselor(
        root: RootKey,
        person: usize,
        identity: [u8; 32],
        certificate: Signed<Certificate>,
        (seed, homes): (u64, usize),
        now: Moment,
    ) -> Self {
        let key = SignKey::from_bytes(&identity);
        let mut machine = Counselor::new(root, key, certificate.clone(), None, seeded(seed), now);
        machine.expect_homes(homes);
        machine.on_duty(now);
        Self::Counselor(Box::new(CounselorSeat {
            machine,
            process: Process { person, start: 0 },
            root,
            identity,
            certificate,
            seed,
            kept: None,
            kept_mail: Vec::new(),
            mail: Vec::new(),
            mail_gone: BTreeSet::new(),
            replied: BTreeMap::new(),
            returning: BTreeSet::new(),
            take_at: None,
            reads_from: now.tick,
            eager: true,
            answers_mail: None,
            letters: 0,
            passes_to: None,
            homes,
            chats: BTreeMap::new(),
            order: Vec::new(),
            live: BTreeSet::new(),
            replies: BTreeMap::new(),
            states: BTreeMap::new(),
            waiting: 0,
            desk: (0, 0),
            off: None,
            ended: Vec::new(),
        }))
    }

    /// Her client, as it runs now.
    #[must_use]
    pub const fn process(&self) -> Process {
        match self {
            Self::Seeker(seat) => seat.process,
            Self::Counselor(seat) => seat.process,
        }
    }

    pub(super) const fn gone(&self) -> bool {
        matches!(self, Self::Seeker(seat) if seat.gone)
    }

    /// Her face is slow: it looks at nothing until then.
    pub(super) fn read_from(&mut self, at: Millis) {
        match self {
            Self::Seeker(seat) => seat.reads_from = at,
            Self::Counselor(seat) => seat.reads_from = at,
        }
    }

    pub(super) fn link_up(
        &mut self,
        home: usize,
        delegation: Signed<Delegation>,
        hash: [u8; 32],
        now: Moment,
    ) {
        match self {
            Self::Seeker(seat) => seat.machine.link_up(home, delegation, now),
            Self::Counselor(seat) => seat.machine.link_up(home, delegation, hash, now),
        }
    }

    pub(super) fn link_down(&mut self, home: usize, now: Moment) {
        match self {
            Self::Seeker(seat) => seat.machine.link_down(home, now),
            Self::Counselor(seat) => seat.machine.link_down(home, now),
        }
    }

    pub(super) fn handle_record(&mut self, home: usize, record: Record, now: Moment) {
        match self {
            Self::Seeker(seat) => seat.machine.handle_record(home, record, now),
            Self::Counselor(seat) => seat.machine.handle_record(home, record, now),
        }
    }

    pub(super) fn poll_timeout(&self, now: Millis) -> Option<Millis> {
        let (machine, own, reads) = match self {
            Self::Seeker(seat) if seat.gone => return None,
            Self::Seeker(seat) => (seat.machine.poll_timeout(), seat.next_at, seat.reads_from),
            Self::Counselor(seat) => (seat.machine.poll_timeout(), seat.take_at, seat.reads_from),
        };
        let reads = (reads > now).then_some(reads);
        machine.into_iter().chain(own).chain(reads).min()
    }

    /// How the machine describes itself.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Seeker(seat) => format!("{:?}", seat.machine),
            Self::Counselor(seat) => format!("{:?}", seat.machine),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Moment, judge: &mut Judge) {
        match self {
            Self::Seeker(seat) => {
                seat.machine.handle_timeout(now);
                seat.speak(now, judge);
            }
            Self::Counselor(seat) => {
                seat.machine.handle_timeout(now);
                if seat.take_at.is_some_and(|at| at <= now.tick) {
                    seat.take_at = (seat.desk.0 > 0 && seat.eager).then(|| now.tick + LOOK_AGAIN_MS);
                    seat.machine.take_next(now);
                }
            }
        }
    }

    /// Sees what there is to see, unless the face is slow, and gives what must be sent.
    pub(super) fn drain(&mut self, now: Moment, judge: &mut Judge) -> Drained {
        let mut drained = Drained::default();
        match self {
            Self::Seeker(seat) => {
                let talks = seat.answered.len();
                while seat.reads_from <= now.tick
                    && let Some(event) = seat.machine.poll_event()
                {
                    seat.see(event, now, judge, &mut drained.lines);
                }
                while let Some(output) = seat.machine.poll_output() {
                    let hold = |record: &Record| record.kind == Kind::Hold;
                    seat.holds += usize::from(matches!(&output, Output::Send { record, .. } if hold(record)));
                    drained.outputs.push(output);
                }
                if seat.answered.len() > talks {
                    judge.held(seat.process, core::mem::take(&mut seat.holds), now.tick);
                }
            }
            Self::Counselor(seat) => {
                while seat.reads_from <= now.tick
                    && let Some(event) = seat.machine.poll_event()
                {
                    seat.see(event, now, judge, &mut drained.lines);
                }
                while let Some(output) = seat.machine.poll_output() {
                    drained.outputs.push(output);
                }
            }
        }
        drained
    }
}

impl SeekerSeat {
    #[expect(
        clippy::too_many_arguments,
        reason = "who she is, what she says and how; a struct would only rename them"
    )]
    pub(super) fn new(
        root: RootKey,
        person: usize,
        language: &str,
        messages: Vec<String>,
        manner: Manner,
        seed: u64,
        now: Moment,
        judge: &mut Judge,
    ) -> Self {
        let mut machine = Seeker::new(root, seeded(seed), now);
        let started = language
            .parse()
            .map_err(|error| format!("{error}"))
            .and_then(|language| {
                if manner.visit != Visit::Talk {
                    return Ok(());
                }
                let intake = Intake {
                    language,
                    urgent: false,
                    text: "salam".to_owned(),
                };
                machine.start(intake, now).map_err(|error| error.to_string())
            });
        if let Err(error) = started {
            judge.note(Wrong::Broken, now.tick, error);
        }
        Self {
            machine,
            process: Process { person, start: 0 },
            messages,
            next: 0,
            next_at: Some(now.tick + manner.pause),
            visit: manner.visit,
            manner,
            reads_from: now.tick,
            talks: false,
            talks_since: now.tick,
            gone: false,
            left: false,
            holds: 0,
            states: BTreeMap::new(),
            waiting: 0,
            shown: Vec::new(),
            places: Vec::new(),
            answered: Vec::new(),
            reopened: 0,
            closed: 0,
            links: Vec::new(),
            ended: None,
            transfer_asked: 0,
            mail: Vec::new(),
            no_mail: 0,
            not_left: None,
            letter_told: false,
            transfer_answer: None,
        }
    }

    /// The id of her message `number`.
    #[must_use]
    pub fn id(&self, number: usize) -> String {
        format!("s{}-{number:05}", self.process.person)
    }

    /// Whether everything she had to say was said and received.
    #[must_use]
    pub fn content(&self) -> bool {
        self.next == self.messages.len() && self.states.values().all(|state| *state == State::Received)
    }

    /// Whether she waits for nothing any more: her words are received or said to have failed, or she is gone.
    #[must_use]
    pub fn settled(&self) -> bool {
        let waits = matches!(self.visit, Visit::Letter(_)) && !self.letter_told;
        self.gone
            || (self.waiting == 0 && !waits && (self.ended.is_some() || self.next == self.messages.len()))
    }

    /// Whether she is there and has seen herself in a chat since then or longer.
    #[must_use]
    pub fn has_talked(&self, since: Millis) -> bool {
        !self.gone && self.talks && self.talks_since <= since
    }

    /// Whether she sees herself in a chat with this counselor.
    #[must_use]
    pub fn talks_with(&self, counselor: &str) -> bool {
        !self.gone && self.talks && self.answered.last().is_some_and(|last| last == counselor)
    }

    /// Her client dies, and her visit is over.
    pub(super) fn crash(&mut self) {
        self.gone = true;
        self.next_at = None;
    }

    fn speak(&mut self, now: Moment, judge: &mut Judge) {
        if self.next_at.is_none_or(|at| at > now.tick) {
            return;
        }
        if self.visit != Visit::Talk {
            self.next_at = None;
            self.come_for_mail(now, judge);
            return;
        }
        self.next_at = Some(now.tick + self.manner.pause);
        if let Some(yes) = self.transfer_answer.take()
            && self.machine.answer_transfer(yes, now).is_ok()
            && yes
        {
            self.talks = false;
            judge.parted(self.process);
        }
        if self.ended.is_some() {
            self.next_at = None;
            return;
        }
        if self.next == self.messages.len() {
            self.take_leave(now);
            return;
        }
        for _ in 0..self.manner.burst.max(1) {
            let Some(text) = self.messages.get(self.next) else {
                return;
            };
            let id = self.id(self.next);
            match self.machine.say(id.clone(), Zeroizing::new(text.clone()), now) {
                Ok(()) => {
                    judge.said(self.process, &id, text, now.tick);
                    self.next += 1;
                }
                // Full for the moment, she tries again; or over, which her slow face has not shown yet.
                Err(SayError::QueueFull | SayError::Over) => return,
                Err(error) => {
                    let what = format!("a seeker's words were not taken: {error}");
                    judge.note(Wrong::Broken, now.tick, what);
                }
            }
        }
    }

    /// Leaves her sealed message, or asks for what was answered.
    fn come_for_mail(&mut self, now: Moment, judge: &mut Judge) {
        self.machine.expect_homes(self.manner.homes);
        let number = match self.visit {
            Visit::Talk => return,
            Visit::Letter(number) => number,
            Visit::Return(number) => return self.machine.come_back(phrase(number), now),
        };
        let text = self.messages.first().cloned().unwrap_or_default();
        self.machine.keep_phrase(phrase(number));
        judge.letters.left(self.process.person, number, &text);
        let left = "ar"
            .parse()
            .map_err(|error| format!("{error}"))
            .and_then(|language| {
                let left = self.machine.leave(language, Zeroizing::new(text), now);
                left.map_err(|error| error.to_string())
            });
        if let Err(error) = left {
            judge.note(
                Wrong::Broken,
                now.tick,
                format!("a sealed message was not taken: {error}"),
            );
        }
    }

    fn take_leave(&mut self, now: Moment) {
        match self.manner.leave {
            Leave::Never | Leave::Counselor => self.next_at = None,
            _ if self.left => self.next_at = None,
            Leave::Peace => {
                if self.content() {
                    self.left = true;
                    self.machine.end(EndReason::Finished, now);
                }
            }
            Leave::Quickly => {
                self.left = true;
                self.machine.end(EndReason::LeftQuickly, now);
            }
        }
    }

    fn see(&mut self, event: Event, now: Moment, judge: &mut Judge, lines: &mut Vec<String>) {
        match event {
            Event::Message { id, text } => {
                judge.showed(self.process, None, &id, &text, now.tick);
                lines.push(format!("is shown {id}, {} bytes", text.len()));
                self.shown.push((id, text.to_string()));
            }
            Event::State { id, state } => {
                // A sealed message is no word of a chat: the tests of mail look after it.
                if id != LEAVE_ID {
                    judge.stated(self.process, &id, state, now.tick);
                }
                lines.push(format!("sees {id} {state:?}"));
                if id == LEAVE_ID {
                    judge.letters.stated(self.process.person, state);
                    self.letter_told = matches!(state, State::AtNode | State::Failed);
                    self.states.insert(id, state);
                } else {
                    let before = self.states.insert(id, state);
                    self.waiting = counted(self.waiting, before, state);
                }
            }
            Event::Waiting(ahead) => {
                lines.push(format!("waits, {ahead:?} before her"));
                self.places.push(ahead);
            }
            Event::Answered { pseudonym } => {
                lines.push(format!("is answered by {pseudonym}"));
                self.answered.push(pseudonym);
                judge.answered(self.process, now.tick);
                self.talks = true;
                self.talks_since = now.tick;
            }
            Event::Reopened => {
                judge.parted(self.process);
                lines.push("sees her ticket open again".to_owned());
                self.reopened += 1;
                self.talks = false;
            }
            Event::Closed => {
                lines.push("sees nobody on duty".to_owned());
                self.closed += 1;
            }
            Event::Link(state) => {
                lines.push(format!("is {state:?}"));
                self.links.push(state);
            }
            Event::Ended { by, .. } => {
                judge.parted(self.process);
                lines.push(format!("sees the end, by {by:?}"));
                self.ended = Some(by);
                self.talks = false;
            }
            Event::BadObject(error) => {
                judge.bad_object(now.tick, &error);
                lines.push(format!("refused an object: {error}"));
            }
            Event::TransferAsked { to } => {
                lines.push(format!("is asked whether {to} may go on"));
                self.transfer_asked += 1;
                if self.manner.homes > 0 {
                    // One of three says no.
                    self.transfer_answer = Some(!self.next.is_multiple_of(3));
                }
            }
            Event::Mail { text, date, .. } => {
                lines.push(format!("reads mail, {} bytes", text.len()));
                if let Visit::Return(number) = self.visit {
                    let read = judge.letters.read(self.process, number, &text);
                    judge.found(now.tick, read);
                }
                self.mail.push((text.to_string(), date));
            }
            Event::NoMail => {
                lines.push("has no mail".to_owned());
                self.no_mail += 1;
            }
            Event::NotLeft(reason) => {
                lines.push(format!("could not leave a message: {reason:?}"));
                self.not_left = Some(reason);
            }
            other => lines.push(name(&other).to_owned()),
        }
    }
}

/// Whether a person need not wait for a message any more.
const fn told(state: State) -> bool {
    matches!(state, State::Received | State::Failed)
}

/// How many of a person's messages wait, after one of them went from `before` to `after`.
fn counted(waiting: usize, before: Option<State>, after: State) -> usize {
    let waited = usize::from(before.is_some_and(|state| !told(state)));
    (waiting + usize::from(!told(after))).saturating_sub(waited)
}

const fn name(event: &Event) -> &'static str {
    match event {
        Event::Verified => "trusts the helpline",
        Event::NotTaken(_) => "sees her ticket refused",
        _ => "sees something else",
    }
}

impl CounselorSeat {
    pub(super) fn serial(&self) -> Serial {
        self.certificate.serial
    }

    /// Whether all her words are received, or said to have failed.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.waiting == 0
    }

    /// Her words that are neither received nor failed, in chats that are open.
    pub fn open(&self) -> impl Iterator<Item = (TicketId, String)> {
        let open = self.states.iter().filter(|(_, state)| !told(**state));
        open.map(|((chat, id), _)| (*chat, id.clone()))
            .filter(|(chat, _)| self.live.contains(chat))
    }

    /// Her client dies; what it had kept is the shift.
    pub(super) fn crash(&mut self, now: Moment) {
        self.process.start += 1;
        self.seed = self.seed.wrapping_add(1);
        let shift = self.kept.as_ref().map(|(duty, x, seed)| {
            let secrets = DutySecrets {
                x: DhSecret::from_bytes(x),
                kem: KemSecret::from_seed(seed.clone()),
            };
            (duty.clone(), secrets)
        });
        let key = SignKey::from_bytes(&self.identity);
        self.machine = Counselor::new(
            self.root,
            key,
            self.certificate.clone(),
            shift,
            seeded(self.seed),
            now,
        );
        let mail = self.kept_mail.iter().map(|(key, x, seed)| {
            let secrets = MailKeySecrets {
                x: DhSecret::from_bytes(x),
                kem: KemSecret::from_seed(seed.clone()),
            };
            (key.clone(), secrets)
        });
        self.machine.take_mail_keys(mail.collect());
        self.machine.expect_homes(self.homes);
        self.machine.on_duty(now);
        // A new process: what the old one showed is gone with it.
        self.chats.clear();
        self.live.clear();
        self.replies.clear();
        self.mail.clear();
        self.mail_gone.clear();
        self.states.clear();
        self.waiting = 0;
        self.take_at = None;
        self.desk = (0, 0);
        self.reads_from = now.tick;
    }

    /// Ends every chat in which she has answered at least `least` messages.
    pub fn end_chats(&mut self, least: u32, now: Moment) {
        let done = |chat: &TicketId| self.replies.get(chat).is_some_and(|(_, count)| *count >= least);
        let chats: Vec<_> = self.live.iter().filter(|chat| done(chat)).copied().collect();
        for chat in chats {
            self.machine.end(&chat, now);
        }
    }

    fn see(&mut self, event: DeskEvent, now: Moment, judge: &mut Judge, lines: &mut Vec<String>) {
        match event {
            DeskEvent::ShiftBegan => {
                self.kept = self
                    .machine
                    .shift()
                    .map(|(duty, secrets)| (duty.clone(), *secrets.x.to_bytes(), secrets.kem.seed().clone()));
                lines.push("begins her shift".to_owned());
            }
            DeskEvent::Desk { waiting, urgent } => {
                self.desk = (waiting, urgent);
                lines.push(format!("sees {waiting} waiting"));
                if waiting > 0 && self.eager {
                    self.take_at.get_or_insert(now.tick + TAKE_PAUSE_MS);
                }
            }
            DeskEvent::Chat {
                chat,
                intake,
                returning,
            } => {
                if returning {
                    self.returning.insert(chat);
                }
                lines.push(format!("has the chat {chat:?}"));
                self.live.insert(chat);
                self.order.push((chat, intake.text.clone()));
                self.chats.entry(chat).or_default();
            }
            DeskEvent::Message { chat, id, text } => {
                judge.showed(self.process, Some(chat), &id, &text, now.tick);
                lines.push(format!("is shown {id}, {} bytes", text.len()));
                self.chats
                    .entry(chat)
                    .or_default()
                    .push((id.clone(), text.to_string()));
                self.reply(chat, &id, now, judge);
                self.pass_on(chat, now);
            }
            DeskEvent::State { chat, id, state } => {
                judge.stated(self.process, &id, state, now.tick);
                lines.push(format!("sees {id} {state:?}"));
                let before = self.states.insert((chat, id), state);
                self.waiting = counted(self.waiting, before, state);
            }
            DeskEvent::Ended { chat, by, reason } => {
                lines.push(format!("sees the end of {chat:?} by {by:?}, {reason:?}"));
                self.live.remove(&chat);
                self.ended.push((chat, by));
                if self.desk.0 > 0 && self.eager {
                    self.take_at.get_or_insert(now.tick + TAKE_PAUSE_MS);
                }
            }
            DeskEvent::OffDuty(reason) => {
                lines.push(format!("is off duty: {reason:?}"));
                self.off = Some(reason);
            }
            DeskEvent::BadObject(error) => {
                judge.bad_object(now.tick, &error);
                lines.push(format!("refused an object: {error}"));
            }
            DeskEvent::OnDuty => {
                self.off = None;
                lines.push("is on duty".to_owned());
            }
            DeskEvent::MailKeysChanged => {
                let keep = |(key, secrets): &(Signed<MailKey>, MailKeySecrets)| {
                    (key.clone(), *secrets.x.to_bytes(), secrets.kem.seed().clone())
                };
                self.kept_mail = self.machine.mail_keys().iter().map(keep).collect();
                self.machine.mail_keys_kept(now);
            }
            DeskEvent::Mail {
                mail,
                text,
                returning,
            } => {
                lines.push(format!("reads a sealed message, {} bytes", text.len()));
                if self.mail_gone.remove(&mail) {
                    // A home came back where it still waits.
                    return;
                }
                if self.mail.iter().any(|(known, ..)| *known == mail) {
                    let what = "a counselor saw a sealed message twice".to_owned();
                    judge.note(Wrong::Duplicated, now.tick, what);
                }
                self.mail.push((mail, text.to_string(), returning));
                if let Some(homes) = self.answers_mail {
                    let shown = judge.letters.shown(self.process, &text);
                    if let Some(phrase) = judge.found(now.tick, shown) {
                        self.answer_mail(mail, phrase, homes, now, judge);
                    }
                }
            }
            DeskEvent::MailAnswered { mail } => {
                lines.push("is told that a sealed message is answered".to_owned());
                self.mail_gone.insert(mail);
            }
            DeskEvent::MailState { id, state, .. } => {
                lines.push(format!("sees her reply {id} {state:?}"));
                judge.letters.reply_stated(&id, state);
                self.replied.insert(id, state);
            }
            DeskEvent::Link(state) => lines.push(format!("is {state:?}")),
            _ => {}
        }
    }

    /// She answers a sealed message.
    pub(super) fn answer_mail(
        &mut self,
        mail: DepositId,
        phrase: u8,
        homes: usize,
        now: Moment,
        judge: &mut Judge,
    ) {
        let id = format!("m{}.{}.{}", self.process.person, self.process.start, self.letters);
        self.letters += 1;
        let text = format!("answer {id}");
        self.machine.expect_homes(homes);
        match self
            .machine
            .reply(mail, id.clone(), Zeroizing::new(text.clone()), now)
        {
            Ok(()) => judge.letters.answered(self.process, mail, phrase, &id, &text),
            Err(ReplyError::Taken | ReplyError::NoMail) => {}
            Err(error) => {
                let what = format!("an answer to a sealed message was not taken: {error}");
                judge.note(Wrong::Broken, now.tick, what);
            }
        }
    }

    /// In the middle of a chat she asks once whether a colleague may go on.
    fn pass_on(&mut self, chat: TicketId, now: Moment) {
        let Some(colleague) = self.passes_to.clone() else {
            return;
        };
        let said = self.chats.get(&chat).map_or(0, Vec::len);
        // She may not be on duty, or gone: then nobody is asked, and the chat goes on.
        if said == PASS_AFTER {
            let _ = self.machine.transfer(&chat, &colleague, now);
        }
    }

    /// She answers every message with one of her own.
    fn reply(&mut self, chat: TicketId, to: &str, now: Moment, judge: &mut Judge) {
        let next = u32::try_from(self.replies.len()).unwrap_or(u32::MAX);
        let (number, count) = self.replies.entry(chat).or_insert((next, 0));
        let id = format!(
            "c{}.{}.{number}-{count:05}",
            self.process.person, self.process.start
        );
        let text = format!("re {to}");
        match self
            .machine
            .say(&chat, id.clone(), Zeroizing::new(text.clone()), now)
        {
            Ok(()) => {
                *count += 1;
                judge.said(self.process, &id, &text, now.tick);
            }
            Err(SayError::Over | SayError::QueueFull) => {}
            Err(error) => {
                let what = format!("a counselor's words were not taken: {error}");
                judge.note(Wrong::Broken, now.tick, what);
            }
        }
    }
}
