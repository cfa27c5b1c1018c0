//! The seekers of the simulator: what they do, and what they saw.

use core::time::Duration;
use std::collections::BTreeMap;

use hamsa_protocol_planted::{
    crypto::{keys::RootKey, puzzle::Search},
    seeker::{Event, LEAVE_ID, LinkState, NotLeft, Seeker, Toll},
    session::{
        chat::{EndReason, EndedBy, FIRST_ID, SayError, State, Status},
        ticket::Intake,
    },
    time::{Now, Tick, Unix},
};
use zeroize::Zeroizing;

use super::{
    FIRST_WORDS, Feed, counted,
    eyes::{Eyes, Unseen},
    first_id, told,
};
use crate::sim::{
    judge::{Judge, Process, Wrong},
    letters::phrase,
    seeded,
};

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
    /// She says that she is in danger.
    pub urgent: bool,
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
    pub(super) next_at: Option<Tick>,
    pub(super) reads_from: Tick,
    /// What the machine gave and the face has not looked at.
    pub(super) feed: Feed<Event>,
    pub(super) eyes: Eyes,
    /// Whether she sees herself in a chat.
    pub talks: bool,
    /// Since when.
    talks_since: Tick,
    /// Whether her client died: her visit is over.
    pub gone: bool,
    left: bool,
    /// Homes told of an answer since the last one that was shown.
    pub(super) holds: usize,
    /// The last state of each of her messages.
    pub states: BTreeMap<String, State>,
    /// How many of them are neither received nor failed: asked with every step of the world.
    waiting: usize,
    /// What the counselors said, in the order it was shown: id and words.
    pub shown: Vec<(String, String)>,
    /// How her counselor's face was, as it was told.
    pub statuses: Vec<Status>,
    /// Puzzles solved for her.
    pub solved: u32,
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
    /// How often a question was taken back.
    pub transfer_gone: u32,
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

impl SeekerSeat {
    #[expect(
        clippy::too_many_arguments,
        reason = "who she is, what she says and how; a struct would only rename them"
    )]
    pub(in crate::sim) fn new(
        root: RootKey,
        person: usize,
        language: &str,
        messages: Vec<String>,
        manner: Manner,
        seed: u64,
        now: Now,
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
                    urgent: manner.urgent,
                };
                let text = format!("{FIRST_WORDS}{person}");
                judge.said(Process { person, start: 0 }, &first_id(person), &text, now.tick);
                let started = machine.start(intake, Zeroizing::new(text), now);
                started.map_err(|error| error.to_string())
            });
        if let Err(error) = started {
            judge.note(Wrong::Broken, now.tick, error);
        }
        Self {
            machine,
            process: Process { person, start: 0 },
            messages,
            next: 0,
            next_at: Some(now.tick + Duration::from_millis(manner.pause)),
            visit: manner.visit,
            manner,
            reads_from: now.tick,
            feed: Feed::default(),
            eyes: Eyes::default(),
            talks: false,
            talks_since: now.tick,
            gone: false,
            left: false,
            holds: 0,
            states: BTreeMap::new(),
            waiting: 0,
            shown: Vec::new(),
            statuses: Vec::new(),
            solved: 0,
            places: Vec::new(),
            answered: Vec::new(),
            reopened: 0,
            closed: 0,
            links: Vec::new(),
            ended: None,
            transfer_asked: 0,
            transfer_gone: 0,
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
    pub fn has_talked(&self, since: Tick) -> bool {
        !self.gone && self.talks && self.talks_since <= since
    }

    /// Whether she sees herself in a chat with this counselor.
    #[must_use]
    pub fn talks_with(&self, counselor: &str) -> bool {
        !self.gone && self.talks && self.answered.last().is_some_and(|last| last == counselor)
    }

    /// Her client dies, and her visit is over.
    pub(in crate::sim) fn crash(&mut self) {
        self.gone = true;
        self.next_at = None;
    }

    pub(super) fn speak(&mut self, now: Now, judge: &mut Judge) {
        if self.next_at.is_none_or(|at| at > now.tick) {
            return;
        }
        if self.visit != Visit::Talk {
            self.next_at = None;
            self.come_for_mail(now, judge);
            return;
        }
        self.next_at = Some(now.tick + Duration::from_millis(self.manner.pause));
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
        // Her client is done with the chat, which her slow face has not shown yet.
        if self.talks && self.machine.settled() {
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
    fn come_for_mail(&mut self, now: Now, judge: &mut Judge) {
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

    fn take_leave(&mut self, now: Now) {
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

    /// She sees what her face has.
    pub(super) fn open_eyes(&mut self, now: Now, judge: &mut Judge, lines: &mut Vec<String>) {
        while !self.gone
            && let Some(message) = self.eyes.see(now.tick)
        {
            let Unseen { number, id, text, .. } = message;
            judge.showed(self.process, None, &id, &text, now.tick);
            lines.push(format!("is shown {id}, {} bytes", text.len()));
            self.shown.push((id, text));
            self.machine.shown(number, now);
        }
    }

    /// Solves a puzzle that waits, as a driver does it, whether somebody looks or not.
    pub(super) fn solve_next(&mut self, now: Now) -> bool {
        let waits = |event: &Event| matches!(event, Event::Solve(_));
        let at = self.feed.unread.iter().position(waits);
        match at.and_then(|at| self.feed.unread.remove(at)) {
            Some(Event::Solve(toll)) => {
                self.solve(toll, now);
                true
            }
            _ => false,
        }
    }

    fn solve(&mut self, toll: Toll, now: Now) {
        self.solved += 1;
        if let Some(nonce) = Search::new(toll.puzzle, toll.step).run(u32::MAX) {
            self.machine.solved(toll.number, nonce, now);
        }
    }

    pub(super) fn see(&mut self, event: Event, now: Now, judge: &mut Judge, lines: &mut Vec<String>) {
        match event {
            Event::Message { number, id, text } => {
                self.eyes.give(Unseen {
                    number,
                    chat: None,
                    id,
                    text: text.to_string(),
                });
            }
            Event::State { id, state } => {
                let first = id == FIRST_ID;
                let id = if first { first_id(self.process.person) } else { id };
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
                    self.waiting = counted(self.waiting, before, state, self.ended.is_some());
                }
            }
            Event::Counselor(status) => {
                lines.push(format!("is told {status:?}"));
                self.statuses.push(status);
            }
            Event::Solve(toll) => self.solve(toll, now),
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
                let open = self
                    .states
                    .iter()
                    .filter(|(id, state)| *id != LEAVE_ID && !told(**state, true));
                self.waiting = open.count();
            }
            Event::SplitView(_) => {
                judge.note(Wrong::Broken, now.tick, "a seeker sees a split view".to_owned());
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
            Event::TransferGone => {
                lines.push("is not asked any more".to_owned());
                self.transfer_gone += 1;
                self.transfer_answer = None;
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

const fn name(event: &Event) -> &'static str {
    match event {
        Event::Verified => "trusts the helpline",
        Event::NotTaken(_) => "sees her ticket refused",
        _ => "sees something else",
    }
}
