//! Drives a session on tokio, over `hamsa-net`.

mod clock;
mod connector;
mod effects;
mod link_task;
mod pool;
mod survey;

use std::{
    collections::{BTreeSet, VecDeque},
    ops::ControlFlow,
};

use hamsa_net::DialError;
use hamsa_protocol::{crypto::keys::RootKey, objects::HelplineAddress, time::Tick};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    task::JoinSet,
    time::{Instant, sleep_until},
};

pub use clock::{system_random, today};

use crate::{
    api::{CounselorCommand, CounselorEvent, ErrorReport, SeekerCommand, SeekerEvent},
    names::ErrorCode,
    session::{CounselorSession, LinkEvent, SeekerSession, Session, SessionInput, SessionOutput},
    vault::UnlockedVault,
};
use clock::DeviceClock;
use effects::{Driven, SeekerTools};
use pool::LinkPool;

/// Commands and events that may wait for the other side.
const QUEUE: usize = 64;
/// Events of links that go before a deadline which has come: half of what may wait. So a cell is not held up by tickets that
/// a desk opens in its spare time, and no home can hold a deadline up for long.
const EVENTS_FIRST: usize = 256;

/// The two ends of a running engine. Dropping `commands` counts as `exit`. The engine has stopped when `events` ends.
#[derive(Debug)]
pub struct Handle<C, E> {
    /// What the face asks.
    pub commands: mpsc::Sender<C>,
    /// What the engine tells.
    pub events: mpsc::Receiver<E>,
}

/// A running engine of a seeker.
pub type SeekerHandle = Handle<SeekerCommand, SeekerEvent>;
/// A running engine of a counselor.
pub type CounselorHandle = Handle<CounselorCommand, CounselorEvent>;

/// Starts an engine for one visit. It opens no file.
///
/// # Panics
/// Outside a tokio runtime.
#[must_use]
pub fn start_seeker(address: HelplineAddress) -> SeekerHandle {
    let (clock, root) = (DeviceClock::new(), address.root);
    let session = SeekerSession::new(address, system_random, clock.now());
    start(session, SeekerTools::new(clock.clone()), root, clock)
}

/// Starts an engine for one shift.
///
/// # Panics
/// Outside a tokio runtime.
#[must_use]
pub fn start_counselor(mut vault: UnlockedVault) -> CounselorHandle {
    let (clock, root) = (DeviceClock::new(), vault.address().root);
    let session = CounselorSession::new(effects::credentials(&mut vault), system_random(), clock.now());
    start(session, vault, root, clock)
}

fn start<R: Driven>(
    session: Session<R>,
    tools: R::Tools,
    root: RootKey,
    clock: DeviceClock,
) -> Handle<R::Command, R::Event> {
    let (commands, inbox) = mpsc::channel(QUEUE);
    let (outbox, events) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        match LinkPool::start(root, session.homes(), &clock) {
            Ok(pool) => {
                let engine = Engine {
                    session,
                    tools,
                    pool,
                    clock,
                    commands: inbox,
                    events: outbox,
                    effects: JoinSet::new(),
                    went_first: 0,
                };
                engine.run().await;
            }
            Err(error) => {
                // The face is told, then the events end.
                let _ = outbox.send(ErrorReport::from(error).into()).await;
            }
        }
    });
    Handle { commands, events }
}

impl From<DialError> for ErrorReport {
    fn from(error: DialError) -> Self {
        let code = match error {
            DialError::BadAddress => ErrorCode::EntryAddress,
            DialError::NameNotFound => ErrorCode::EntryName,
            DialError::Refused => ErrorCode::EntryRefused,
            DialError::NoRoute => ErrorCode::NoRoute,
            DialError::TimedOut => ErrorCode::EntrySilent,
            DialError::WrongPeer => ErrorCode::EntryImpostor,
            DialError::LoginPage => ErrorCode::LoginPage,
            DialError::Broken => ErrorCode::EntryBroken,
            DialError::Stopped => ErrorCode::Stopped,
        };
        Self::new(code, error.to_string(), error.advice())
    }
}

/// One session, its links and its effects.
struct Engine<R: Driven> {
    session: Session<R>,
    tools: R::Tools,
    pool: LinkPool,
    clock: DeviceClock,
    commands: mpsc::Receiver<R::Command>,
    events: mpsc::Sender<R::Event>,
    effects: JoinSet<R::Outcome>,
    /// Events that went before the deadline that has come.
    went_first: usize,
}

/// What became of the events that the session gave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EventDelivery {
    Complete,
    NoRoom,
    FaceGone,
}

impl<R: Driven> Engine<R> {
    async fn run(mut self) {
        let events = self.events.clone();
        let (mut commands_open, mut face_gone) = (true, false);
        while let ControlFlow::Continue(wake) = self.drain_outputs().await {
            let delivery = self.deliver_events();
            if delivery == EventDelivery::FaceGone && !face_gone {
                face_gone = true;
                self.session.handle(SessionInput::FaceGone, self.clock.now());
                continue;
            }
            let wake = wake.map(|at| self.clock.instant(at));
            let input = tokio::select! {
                command = self.commands.recv(), if commands_open => {
                    commands_open = command.is_some();
                    command.map_or(SessionInput::FaceGone, SessionInput::Command)
                }
                heard = self.pool.next() => match heard {
                    Some((home, event)) => SessionInput::Link { home, event },
                    None => break,
                },
                Some(done) = self.effects.join_next() => match done {
                    Ok(outcome) => SessionInput::Outcome(outcome),
                    // A submission that was cancelled, or a puzzle that is wanted no more.
                    Err(_) => continue,
                },
                _ = events.reserve(), if delivery == EventDelivery::NoRoom => continue,
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => self.on_deadline(),
            };
            self.session.handle(input, self.clock.now());
        }
        self.deliver_events();
        self.effects.abort_all();
        self.pool.stop().await;
    }

    /// A deadline has come. What came on the links meanwhile is older.
    fn on_deadline(&mut self) -> SessionInput<R> {
        if self.went_first < EVENTS_FIRST
            && let Some((home, event)) = self.pool.try_next()
        {
            self.went_first += 1;
            return SessionInput::Link { home, event };
        }
        self.went_first = 0;
        SessionInput::Timeout
    }

    /// Does what the session wants done until it waits, and gives the time of its timeout; breaks when it is over.
    async fn drain_outputs(&mut self) -> ControlFlow<(), Option<Tick>> {
        // Of a link that is cut nothing more is sent: a record after a gap would be the wrong next one.
        let mut cut = BTreeSet::new();
        let mut inputs = VecDeque::new();
        loop {
            let (home, keep) = match self.session.poll_output() {
                SessionOutput::Send { home, .. } | SessionOutput::Disconnect { home }
                    if cut.contains(&home) =>
                {
                    continue;
                }
                SessionOutput::Send { home, record } => (home, self.pool.send(home, record)),
                SessionOutput::Disconnect { home } => (home, false),
                SessionOutput::Suspect { home } => {
                    self.pool.suspect(home);
                    continue;
                }
                SessionOutput::Routes { home, routes } => {
                    self.pool.set_routes(home, routes);
                    continue;
                }
                SessionOutput::Effect(effect) => {
                    let outcome = R::perform(&mut self.tools, effect, &mut self.effects);
                    inputs.extend(outcome.map(SessionInput::Outcome));
                    continue;
                }
                last @ (SessionOutput::Sleep(_) | SessionOutput::Finished) => {
                    let Some(input) = inputs.pop_front() else {
                        return match last {
                            SessionOutput::Sleep(wake) => ControlFlow::Continue(wake),
                            _ => ControlFlow::Break(()),
                        };
                    };
                    self.session.handle(input, self.clock.now());
                    continue;
                }
            };
            if !keep {
                self.pool.disconnect(home).await;
                cut.insert(home);
                let event = LinkEvent::Disconnected;
                inputs.push_back(SessionInput::Link { home, event });
            }
        }
    }

    /// Gives the face the events for which it has room. Events for a face that is gone are dropped.
    fn deliver_events(&mut self) -> EventDelivery {
        loop {
            match self.events.try_reserve() {
                Ok(room) => match self.session.poll_event() {
                    Some(event) => room.send(event),
                    None => return EventDelivery::Complete,
                },
                Err(TrySendError::Full(())) => return EventDelivery::NoRoom,
                Err(TrySendError::Closed(())) => {
                    while self.session.poll_event().is_some() {}
                    return EventDelivery::FaceGone;
                }
            }
        }
    }
}
