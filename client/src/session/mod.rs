//! The sessions of a seeker and of a counselor, without I/O: no socket, file, clock or thread.
//!
//! A driver gives one input by [`Session::handle`], polls [`Session::poll_output`] until it gives
//! [`SessionOutput::Sleep`] or [`SessionOutput::Finished`], and then waits for the next input. Events for the face are
//! polled apart by [`Session::poll_event`]. A driver whose face has no room leaves them where they are and goes on with
//! the links.

mod counselor;
mod links;
mod seeker;

use std::{collections::VecDeque, time::Duration};

use hamsa_protocol::{
    client::{ProvenLink, directory::Directory},
    crypto::keys::NodePeer,
    machine::{Machine, Output},
    objects::{HelplineAddress, HomeIndex},
    time::{Now, Tick},
    wire::Record,
};

pub use counselor::{
    CounselorCredentials, CounselorEffect, CounselorOutcome, CounselorRole, CounselorSession,
};
pub use links::{HomeRoutes, LinkFailure, LinkPath};
pub use seeker::{SeekerOutcome, SeekerRole, SeekerSession, SeekerTask, SurveySubmission};

use crate::api::ErrorReport;
use links::LinkTable;

/// How long the last words may take when the face leaves.
const DRAIN: Duration = Duration::from_secs(5);

/// What a driver tells a session.
pub enum SessionInput<R: SessionRole> {
    /// The face asks for something.
    Command(R::Command),
    /// The face gives no more commands, or takes no more events. It counts as its `exit`.
    FaceGone,
    /// Something happened to the link with a home.
    Link {
        /// The home.
        home: HomeIndex,
        /// What happened.
        event: LinkEvent,
    },
    /// What came of an effect.
    Outcome(R::Outcome),
    /// The time that [`SessionOutput::Sleep`] named has come.
    Timeout,
}

/// What happened to a link.
pub enum LinkEvent {
    /// The link is established.
    Connected {
        /// What its handshake proved.
        link: Box<ProvenLink>,
        /// The entry through which it goes.
        entry: NodePeer,
    },
    /// A record came.
    Record(Record),
    /// It is gone. The driver makes it again.
    Disconnected,
    /// It could not be made. The driver tries again.
    Failed(LinkFailure),
}

/// What a session wants of its driver.
pub enum SessionOutput<F> {
    /// Send this record.
    Send {
        /// To this home.
        home: HomeIndex,
        /// The record.
        record: Record,
    },
    /// An answer of this home was missed: make another link beside this one, and close this one when the other stands.
    Suspect {
        /// The home.
        home: HomeIndex,
    },
    /// Close the link with this home after what was sent, report [`LinkEvent::Disconnected`], and make it again.
    Disconnect {
        /// The home.
        home: HomeIndex,
    },
    /// Other routes lead to the home than before: these are all of them.
    Routes {
        /// The home.
        home: HomeIndex,
        /// All routes.
        routes: HomeRoutes,
    },
    /// Something to be done outside. What comes of it is the input [`SessionInput::Outcome`].
    Effect(F),
    /// Nothing more until the next input; with a time, the input [`SessionInput::Timeout`] is due then.
    Sleep(Option<Tick>),
    /// The session is over. Events that it has given already can still be polled.
    Finished,
}

/// What differs between the session of a seeker and that of a counselor.
pub trait SessionRole: Sized {
    /// The machine of the protocol.
    type Machine: Machine<Peer = HomeIndex, Link = ProvenLink>;
    /// What the face asks.
    type Command;
    /// What the face is told.
    type Event: From<ErrorReport>;
    /// What is done outside.
    type Effect;
    /// What comes of an effect.
    type Outcome;

    /// The machine.
    fn machine(&mut self) -> &mut Self::Machine;
    /// What the machine knows of the helpline.
    fn directory(&self) -> &Directory;
    /// Whether there is nothing left to do for a face that leaves.
    fn is_settled(&self) -> bool;
    /// Whether a face that leaves may still give this command.
    fn is_shown(command: &Self::Command) -> bool;
    /// The event for the path that words take now, if the role tells it.
    fn path_event(path: &LinkPath) -> Option<Self::Event>;
    /// Takes a command.
    ///
    /// # Errors
    /// What the face is told when nothing came of it.
    fn on_command(
        &mut self,
        command: Self::Command,
        state: &mut SessionState<Self>,
    ) -> Result<(), ErrorReport>;
    /// Takes what came of an effect.
    fn on_outcome(&mut self, outcome: Self::Outcome, state: &mut SessionState<Self>);
    /// Takes an event of the machine.
    fn on_event(&mut self, event: <Self::Machine as Machine>::Event, state: &mut SessionState<Self>);
    /// Begins the end: what is on its way has a bounded time to arrive.
    fn leave(&mut self, state: &mut SessionState<Self>);
}

/// What a session keeps beside its role.
pub struct SessionState<R: SessionRole> {
    links: LinkTable,
    events: VecDeque<R::Event>,
    effects: VecDeque<R::Effect>,
    leaving: Option<Tick>,
    now: Now,
}

impl<R: SessionRole> SessionState<R> {
    fn emit(&mut self, event: impl Into<R::Event>) {
        self.events.push_back(event.into());
    }

    /// The session ends when it is settled, and after `patience` in any case.
    fn leave_within(&mut self, patience: Duration) {
        self.leaving = Some(self.now.tick + patience);
    }

    /// Tells the path that words take, when it has changed.
    fn emit_path(&mut self, directory: &Directory) {
        let path = self.links.poll_path(directory, self.now.unix);
        let event = path.and_then(R::path_event);
        self.events.extend(event);
    }
}

/// A session of one face: see the [module](self).
pub struct Session<R: SessionRole> {
    role: R,
    state: SessionState<R>,
}

impl<R: SessionRole> Session<R> {
    fn with_role(role: R, address: &HelplineAddress, now: Now) -> Self {
        Self {
            role,
            state: SessionState {
                links: LinkTable::new(address),
                events: VecDeque::new(),
                effects: VecDeque::new(),
                leaving: None,
                now,
            },
        }
    }

    /// The homes to be linked, in the order of their [`HomeIndex`].
    #[must_use]
    pub fn homes(&self) -> &[HomeRoutes] {
        self.state.links.homes()
    }

    /// Takes one input.
    pub fn handle(&mut self, input: SessionInput<R>, now: Now) {
        let Self { role, state } = self;
        state.now = now;
        match input {
            SessionInput::Command(command) if state.leaving.is_none() || R::is_shown(&command) => {
                if let Err(report) = role.on_command(command, state) {
                    state.emit(report);
                }
            }
            SessionInput::FaceGone if state.leaving.is_none() => role.leave(state),
            SessionInput::Command(_) | SessionInput::FaceGone => {}
            SessionInput::Link { home, event } => self.on_link(home, event),
            SessionInput::Outcome(outcome) => role.on_outcome(outcome, state),
            SessionInput::Timeout => role.machine().handle_timeout(now),
        }
    }

    fn on_link(&mut self, home: HomeIndex, event: LinkEvent) {
        let Self { role, state } = self;
        let now = state.now;
        match event {
            LinkEvent::Connected { link, entry } => {
                state.links.on_connected(home, entry);
                state.emit_path(role.directory());
                role.machine().handle_connected(home, *link, now);
            }
            LinkEvent::Record(record) => {
                role.machine().handle_record(home, record, now);
                state.emit_path(role.directory());
            }
            LinkEvent::Disconnected => {
                state.links.on_disconnected(home);
                state.emit_path(role.directory());
                role.machine().handle_disconnected(home, now);
            }
            LinkEvent::Failed(failure) => {
                if let Some(report) = state.links.on_failed(home, failure) {
                    state.emit(report);
                }
            }
        }
    }

    /// Gives the next output; [`SessionOutput::Sleep`] or [`SessionOutput::Finished`] when there is none.
    pub fn poll_output(&mut self) -> SessionOutput<R::Effect> {
        let Self { role, state } = self;
        let wake = loop {
            match role.machine().poll_output() {
                Output::Send { peer: home, record } => return SessionOutput::Send { home, record },
                Output::Suspect { peer: home } => return SessionOutput::Suspect { home },
                Output::Disconnect { peer: home } => return SessionOutput::Disconnect { home },
                Output::Event(event) => role.on_event(event, state),
                Output::Sleep(wake) => break wake,
            }
        };
        if let Some(effect) = state.effects.pop_front() {
            return SessionOutput::Effect(effect);
        }
        if let Some((home, routes)) = state.links.poll_routes(role.directory(), state.now.unix) {
            return SessionOutput::Routes { home, routes };
        }
        let over = |until| until <= state.now.tick || role.is_settled();
        if state.leaving.is_some_and(over) {
            return SessionOutput::Finished;
        }
        SessionOutput::Sleep(wake.into_iter().chain(state.leaving).min())
    }

    /// Gives the next event for the face.
    pub fn poll_event(&mut self) -> Option<R::Event> {
        self.state.events.pop_front()
    }
}

/// The id of a chat or of a mail in the events of a face: the first eight bytes of its name, in hex.
fn short_id(name: &[u8]) -> String {
    name.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
