//! The people of the simulator: what they do, and what they saw.

mod counselor;
mod eyes;
mod seeker;

use std::collections::VecDeque;

use hamsa_protocol_planted::{
    client::{ProvenLink, directory::Directory},
    machine::{Machine, Output},
    objects::{Delegation, HomeIndex, Signed},
    session::chat::State,
    time::{Now, Tick},
    wire::{Kind, Record},
};

/// First words name who says them, so that a judge at a desk knows them by their text.
const FIRST_WORDS: &str = "salam ";

/// What the judge calls a person's first words.
fn first_id(person: impl core::fmt::Display) -> String {
    format!("s{person}-{FIRST}")
}

pub use counselor::CounselorSeat;
pub use seeker::{Leave, Manner, SeekerSeat, Visit};

use super::judge::{FIRST, Judge, Process};

/// Anybody with a client.
pub enum Person {
    /// She looks for help.
    Seeker(Box<SeekerSeat>),
    /// She answers.
    Counselor(Box<CounselorSeat>),
}

/// What a person's machine and face gave at once.
#[derive(Default)]
pub(super) struct Drained {
    pub(super) records: Vec<(HomeIndex, Record)>,
    pub(super) dead: Vec<HomeIndex>,
    /// Lines for the trace.
    pub(super) lines: Vec<String>,
}

impl Person {
    /// Her client, as it runs now.
    #[must_use]
    pub const fn process(&self) -> Process {
        match self {
            Self::Seeker(seat) => seat.process,
            Self::Counselor(seat) => seat.process,
        }
    }

    /// What her client knows of the helpline.
    pub(super) const fn directory(&self) -> &Directory {
        match self {
            Self::Seeker(seat) => seat.machine.directory(),
            Self::Counselor(seat) => seat.machine.directory(),
        }
    }

    pub(super) const fn gone(&self) -> bool {
        matches!(self, Self::Seeker(seat) if seat.gone)
    }

    /// Her face is slow: it looks at nothing until then.
    pub(super) fn read_from(&mut self, at: Tick) {
        match self {
            Self::Seeker(seat) => seat.reads_from = at,
            Self::Counselor(seat) => seat.reads_from = at,
        }
    }

    /// Whoever sits there sees nothing until then: the screen of a counselor is locked, a seeker's page is covered.
    pub(super) fn close_eyes(&mut self, until: Tick) {
        match self {
            Self::Seeker(seat) => seat.eyes.close(until),
            Self::Counselor(seat) => seat.lock(until),
        }
    }

    /// Whether a message of hers may stay without an answer: its chat is over, and nobody can say whether it was seen.
    pub(super) fn adrift(&self, id: &str) -> bool {
        match self {
            Self::Seeker(seat) => seat.ended.is_some(),
            Self::Counselor(seat) => seat.adrift(id),
        }
    }

    pub(super) fn link_up(&mut self, home: usize, delegation: Signed<Delegation>, hash: [u8; 32], now: Now) {
        match self {
            Self::Seeker(seat) => {
                seat.machine
                    .handle_connected(HomeIndex(home), ProvenLink { delegation, hash }, now)
            }
            Self::Counselor(seat) => {
                seat.machine
                    .handle_connected(HomeIndex(home), ProvenLink { delegation, hash }, now)
            }
        }
    }

    pub(super) fn link_down(&mut self, home: usize, now: Now) {
        match self {
            Self::Seeker(seat) => seat.machine.handle_disconnected(HomeIndex(home), now),
            Self::Counselor(seat) => seat.machine.handle_disconnected(HomeIndex(home), now),
        }
    }

    pub(super) fn handle_record(&mut self, home: usize, record: Record, now: Now) {
        match self {
            Self::Seeker(seat) => seat.machine.handle_record(HomeIndex(home), record, now),
            Self::Counselor(seat) => seat.machine.handle_record(HomeIndex(home), record, now),
        }
    }

    pub(super) fn poll_timeout(&self, now: Tick) -> Option<Tick> {
        let (machine, own, reads, eyes) = match self {
            Self::Seeker(seat) if seat.gone => return None,
            Self::Seeker(seat) => (seat.feed.wake, seat.next_at, seat.reads_from, &seat.eyes),
            Self::Counselor(seat) => {
                // Nobody does anything at a screen that is locked.
                let own = seat.take_at.into_iter().chain(seat.on_again_at).min();
                let own = own.map(|at| seat.eyes.open_at(now).map_or(at, |open| at.max(open)));
                (seat.feed.wake, own, seat.reads_from, &seat.eyes)
            }
        };
        let reads = (reads > now).then_some(reads);
        let others = own.into_iter().chain(reads).chain(eyes.open_at(now));
        machine.into_iter().chain(others).min()
    }

    /// How the machine describes itself.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Seeker(seat) => format!("{:?}", seat.machine),
            Self::Counselor(seat) => format!("{:?}", seat.machine),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Now, judge: &mut Judge) {
        match self {
            Self::Seeker(seat) => {
                seat.machine.handle_timeout(now);
                seat.speak(now, judge);
            }
            Self::Counselor(seat) => {
                seat.machine.handle_timeout(now);
                seat.look(now);
            }
        }
    }

    /// Sees what there is to see, unless the face is slow, and gives what must be sent.
    pub(super) fn drain(&mut self, now: Now, judge: &mut Judge) -> Drained {
        let mut drained = Drained::default();
        match self {
            Self::Seeker(seat) => {
                let talks = seat.answered.len();
                let reads = seat.reads_from <= now.tick;
                while let Some(event) = drained.poll(&mut seat.machine, &mut seat.feed, reads) {
                    seat.see(event, now, judge, &mut drained.lines);
                }
                seat.open_eyes(now, judge, &mut drained.lines);
                drained.poll(&mut seat.machine, &mut seat.feed, false);
                while seat.solve_next(now) {
                    drained.poll(&mut seat.machine, &mut seat.feed, false);
                }
                let holds = drained
                    .records
                    .iter()
                    .filter(|(_, record)| record.kind == Kind::Hold);
                seat.holds += holds.count();
                if seat.answered.len() > talks {
                    judge.held(seat.process, core::mem::take(&mut seat.holds), now.tick);
                }
            }
            Self::Counselor(seat) => {
                let reads = seat.reads_from <= now.tick;
                while let Some(event) = drained.poll(&mut seat.machine, &mut seat.feed, reads) {
                    seat.see(event, now, judge, &mut drained.lines);
                }
                seat.open_eyes(now, judge, &mut drained.lines);
                drained.poll(&mut seat.machine, &mut seat.feed, false);
            }
        }
        drained
    }
}

/// What a machine has given to its driver.
pub(super) struct Feed<E> {
    /// Events that the face has not looked at.
    pub(super) unread: VecDeque<E>,
    /// When the machine wants to be woken.
    pub(super) wake: Option<Tick>,
}

impl<E> Default for Feed<E> {
    fn default() -> Self {
        Self {
            unread: VecDeque::new(),
            wake: None,
        }
    }
}

impl Drained {
    /// Polls a machine up to the next event for a face that reads, or until it sleeps.
    fn poll<M: Machine<Peer = HomeIndex>>(
        &mut self,
        machine: &mut M,
        feed: &mut Feed<M::Event>,
        reads: bool,
    ) -> Option<M::Event> {
        if reads && let Some(event) = feed.unread.pop_front() {
            return Some(event);
        }
        loop {
            match machine.poll_output() {
                Output::Send { peer, record } => self.records.push((peer, record)),
                Output::Disconnect { peer } => self.dead.push(peer),
                // A link beside a silent one is for the network's changes, which this world has not.
                Output::Suspect { .. } => {}
                Output::Event(event) if reads => return Some(event),
                Output::Event(event) => feed.unread.push_back(event),
                Output::Sleep(wake) => {
                    feed.wake = wake;
                    return None;
                }
            }
        }
    }
}

/// Whether a person need not wait for a message any more. In a chat that is over, what the other machine has may stay as
/// it is.
const fn told(state: State, over: bool) -> bool {
    matches!(state, State::Received | State::Failed) || over && matches!(state, State::AtNode)
}

/// How many of a person's messages wait, after one of them went from `before` to `after`.
fn counted(waiting: usize, before: Option<State>, after: State, over: bool) -> usize {
    let waited = usize::from(before.is_some_and(|state| !told(state, over)));
    (waiting + usize::from(!told(after, over))).saturating_sub(waited)
}
