//! The seeker's engine: her machine, her links, and the commands and events of a face.
//!
//! It opens no file. What it knows is gone when it ends.

use std::{collections::VecDeque, time::Duration};

use hamsa_protocol::{
    chat::{EndReason, State},
    fingerprint::fingerprint,
    objects::{HelplineAddress, Settings},
    seeker::{EndedBy, Event, LinkState as Links, Output, Seeker},
    ticket::Intake,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use zeroize::Zeroizing;

use crate::{
    api::{
        AssociationTexts, Handle, LinkState, MessageState, SeekerCommand, SeekerEvent, SeekerHandle, Words,
    },
    device::{Clock, system_random},
    homes::{Heard, Homes, Path, Trouble},
    report,
};

/// Commands and events that may wait for the other side.
const QUEUE: usize = 64;
/// How long the last words may take when the face leaves in peace.
const DRAIN: Duration = Duration::from_secs(5);
/// How long the last cell may take when she leaves at once; her screen is clear by then.
const QUICK: Duration = Duration::from_millis(800);

/// Starts an engine for one visit. Must be called inside a tokio runtime.
#[must_use]
pub fn start(address: HelplineAddress) -> SeekerHandle {
    let (commands, inbox) = mpsc::channel(QUEUE);
    let (outbox, events) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        match Homes::start(&address) {
            Ok(homes) => Engine::new(address, homes, inbox, outbox).run().await,
            Err(error) => {
                // The face is told, then the events end.
                let _ = outbox.send(SeekerEvent::Error(report::dial(error))).await;
            }
        }
    });
    Handle { commands, events }
}

struct Engine {
    address: HelplineAddress,
    machine: Seeker,
    clock: Clock,
    homes: Homes,
    commands: mpsc::Receiver<SeekerCommand>,
    events: mpsc::Sender<SeekerEvent>,
    /// Events of the engine itself, before those of the machine.
    ready: VecDeque<SeekerEvent>,
    path: Option<(usize, Path)>,
    troubles: Vec<Option<Trouble>>,
    leaving: Option<Instant>,
}

impl Engine {
    fn new(
        address: HelplineAddress,
        homes: Homes,
        commands: mpsc::Receiver<SeekerCommand>,
        events: mpsc::Sender<SeekerEvent>,
    ) -> Self {
        let clock = Clock::new();
        let count = address.homes().len();
        Self {
            machine: Seeker::new(address.root, system_random(), clock.now()),
            address,
            clock,
            homes,
            commands,
            events,
            ready: VecDeque::new(),
            path: None,
            troubles: vec![None; count],
            leaving: None,
        }
    }

    async fn run(mut self) {
        let events = self.events.clone();
        loop {
            let full = self.drain().await;
            if self
                .leaving
                .is_some_and(|until| until <= Instant::now() || self.machine.settled())
            {
                break;
            }
            let wake = self.machine.poll_timeout().map(|at| self.clock.instant(at));
            let wake = [wake, self.leaving].into_iter().flatten().min();
            let listening = self.leaving.is_none();
            tokio::select! {
                command = self.commands.recv(), if listening => self.obey(command),
                heard = self.homes.next() => match heard {
                    Some(heard) => self.hear(heard),
                    None => break,
                },
                room = events.reserve(), if full => {
                    // The face is gone: nobody is left to leave in peace.
                    if room.is_err() && self.leaving.is_none() {
                        self.leave(EndReason::Finished, DRAIN);
                    }
                }
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {
                    let now = self.clock.now();
                    self.machine.handle_timeout(now);
                }
            }
        }
        self.drain().await;
        self.homes.stop().await;
    }

    fn obey(&mut self, command: Option<SeekerCommand>) {
        let now = self.clock.now();
        let result = match command {
            Some(SeekerCommand::Start {
                language,
                urgent,
                text,
            }) => match language.parse() {
                Ok(language) => {
                    let intake = Intake {
                        language,
                        urgent,
                        text: text.0.clone(),
                    };
                    self.machine.start(intake, now).map_err(report::start)
                }
                Err(_) => Err(report::language()),
            },
            Some(SeekerCommand::Say { id, text }) => self
                .machine
                .say(id, Zeroizing::new(text.0.clone()), now)
                .map_err(report::say),
            Some(SeekerCommand::Resend) => {
                self.machine.resend(now);
                Ok(())
            }
            Some(SeekerCommand::Keep) => Err(report::not_yet("keeping a phrase")),
            Some(SeekerCommand::Leave { .. }) => Err(report::not_yet("leaving a message")),
            Some(SeekerCommand::Return { .. }) => Err(report::not_yet("coming back with a phrase")),
            Some(SeekerCommand::Agree) => self
                .machine
                .answer_transfer(true, now)
                .map_err(report::nothing_asked),
            Some(SeekerCommand::Decline) => self
                .machine
                .answer_transfer(false, now)
                .map_err(report::nothing_asked),
            Some(SeekerCommand::End) => {
                self.machine.end(EndReason::Finished, now);
                Ok(())
            }
            Some(SeekerCommand::Exit) | None => {
                self.leave(EndReason::Finished, DRAIN);
                Ok(())
            }
            Some(SeekerCommand::QuickExit) => {
                self.leave(EndReason::LeftQuickly, QUICK);
                Ok(())
            }
        };
        if let Err(error) = result {
            self.ready.push_back(SeekerEvent::Error(error));
        }
    }

    fn leave(&mut self, reason: EndReason, patience: Duration) {
        self.machine.end(reason, self.clock.now());
        self.leaving = Some(Instant::now() + patience);
    }

    fn hear(&mut self, heard: Heard) {
        let now = self.clock.now();
        match heard {
            Heard::Up {
                home,
                delegation,
                path,
                ..
            } => {
                self.trouble(home, None);
                if self.path.as_ref().is_none_or(|(known, _)| *known >= home) {
                    self.take_path(home, path);
                }
                self.machine.link_up(home, delegation, now);
            }
            Heard::Record { home, record } => self.machine.handle_record(home, record, now),
            Heard::Down { home } => self.machine.link_down(home, now),
            Heard::Failed { home, trouble } => self.trouble(home, Some(trouble)),
        }
    }

    fn take_path(&mut self, home: usize, path: Path) {
        if self.path.as_ref().is_some_and(|(_, known)| *known == path) {
            return;
        }
        self.ready.push_back(SeekerEvent::Path {
            entry: hamsa_net::peer_text(&path.entry),
            home: hamsa_net::peer_text(&path.home),
            split: path.split,
        });
        self.path = Some((home, path));
    }

    /// Says what is wrong when no home can be reached, once for each reason.
    fn trouble(&mut self, home: usize, trouble: Option<Trouble>) {
        let Some(known) = self.troubles.get_mut(home) else {
            return;
        };
        let news = *known != trouble;
        known.clone_from(&trouble);
        let unproven = matches!(trouble, Some(Trouble::Unproven(_)));
        let everywhere = self.troubles.iter().all(Option::is_some);
        if let Some(trouble) = trouble
            && news
            && (unproven || everywhere)
        {
            self.ready
                .push_back(SeekerEvent::Error(report::trouble(&trouble)));
        }
    }

    /// Sends what the machine wants sent and shows what it wants shown; `true` when the face has no room.
    async fn drain(&mut self) -> bool {
        let events = self.events.clone();
        loop {
            self.drain_outputs().await;
            let room = match events.try_reserve() {
                Ok(room) => room,
                Err(mpsc::error::TrySendError::Full(())) => return true,
                Err(mpsc::error::TrySendError::Closed(())) => {
                    if self.leaving.is_none() {
                        self.leave(EndReason::Finished, DRAIN);
                        continue;
                    }
                    // Nobody looks any more, but the machine goes on until it is settled.
                    while self.machine.poll_event().is_some() {}
                    self.drain_outputs().await;
                    return false;
                }
            };
            if let Some(event) = self.ready.pop_front() {
                room.send(event);
                continue;
            }
            let Some(event) = self.machine.poll_event() else {
                return false;
            };
            if let Some(event) = show(event, &self.machine, &self.address) {
                room.send(event);
            }
        }
    }

    async fn drain_outputs(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            let dead = match output {
                Output::Send { home, record } => (!self.homes.send(home, record)).then_some(home),
                Output::Disconnect { home } => Some(home),
            };
            if let Some(home) = dead {
                self.homes.disconnect(home).await;
                self.machine.link_down(home, self.clock.now());
            }
        }
        self.homes.learn(&self.address, self.machine.directory());
    }
}

fn show(event: Event, machine: &Seeker, address: &HelplineAddress) -> Option<SeekerEvent> {
    let settings = machine.directory().settings();
    let name = settings
        .map(|settings| settings.name.as_str().to_owned())
        .unwrap_or_default();
    Some(match event {
        Event::Verified => SeekerEvent::Verified {
            association: name,
            fingerprint: fingerprint(&address.root),
            texts: settings.map(texts).unwrap_or_default(),
        },
        Event::Closed => SeekerEvent::Closed {
            until: settings.and_then(|settings| {
                settings
                    .texts
                    .iter()
                    .map(|texts| texts.hours.clone())
                    .find(|hours| !hours.is_empty())
            }),
        },
        Event::Waiting(ahead) => SeekerEvent::Waiting { ahead },
        Event::Answered { pseudonym } => SeekerEvent::Answered {
            association: name,
            pseudonym,
        },
        Event::Message { id, text } => SeekerEvent::Message {
            id,
            text: Words(text.to_string()),
        },
        Event::State { id, state } => SeekerEvent::State {
            id,
            state: message_state(state),
        },
        Event::Link(state) => SeekerEvent::Link {
            state: link_state(state),
        },
        Event::Reopened => SeekerEvent::Reopened,
        Event::TransferAsked { to } => SeekerEvent::TransferAsked { to },
        Event::Ended { by, reason } => SeekerEvent::Ended {
            by: match by {
                EndedBy::You => "you",
                EndedBy::Peer => "counselor",
                EndedBy::Helpline => "helpline",
            }
            .to_owned(),
            reason: match reason {
                EndReason::Finished => "finished",
                EndReason::LeftQuickly => "left",
                EndReason::Revoked => "revoked",
                EndReason::Transferred => "transferred",
            }
            .to_owned(),
        },
        Event::BadObject(error) => SeekerEvent::Error(report::object(&error)),
        Event::NotTaken(reason) => SeekerEvent::Error(report::refusal(reason)),
    })
}

fn texts(settings: &Settings) -> Vec<AssociationTexts> {
    let texts = settings.texts.iter().map(|texts| AssociationTexts {
        language: texts.language.as_str().to_owned(),
        hours: texts.hours.clone(),
        confidentiality: texts.confidentiality.clone(),
        danger: texts.danger.clone(),
        legal: texts.legal.clone(),
        services: texts.services.clone(),
    });
    texts.collect()
}

pub(crate) const fn message_state(state: State) -> MessageState {
    match state {
        State::Written => MessageState::Written,
        State::AtNode => MessageState::AtNode,
        State::Received => MessageState::Received,
        State::Failed => MessageState::Failed,
    }
}

pub(crate) const fn link_state(state: Links) -> LinkState {
    match state {
        Links::Connected => LinkState::Connected,
        Links::Reconnecting => LinkState::Reconnecting,
        Links::Offline => LinkState::Offline,
    }
}
