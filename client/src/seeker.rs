//! The seeker's engine: her machine, her links, and the commands and events of a face.
//!
//! It opens no file. What it knows is gone when it ends.

use std::{
    collections::{BTreeMap, VecDeque},
    future::pending,
    time::Duration,
};

use hamsa_protocol::{
    crypto::{
        fingerprint::fingerprint,
        phrase::{NoMemory, Phrase, ReturnKeys, WordList},
    },
    machine::{Machine, Output},
    objects::{HelplineAddress, HomeIndex, Language, Settings},
    seeker::{Event, LEAVE_ID, LeaveError, LinkState as Links, Seeker, check_message},
    session::{
        chat::{EndReason, Pace, State, Status},
        ticket::Intake,
    },
    time::Millis,
    wire::Answers,
};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep_until},
};
use zeroize::Zeroizing;

use crate::{
    api::{
        AssociationTexts, CounselorState, ErrorReport, Handle, LinkState, MessageState, SeekerCommand,
        SeekerEvent, SeekerHandle, SurveyState, Words,
    },
    date,
    device::{Clock, system_random},
    homes::{Heard, Homes, Path, Trouble},
    names::{self, ErrorCode},
    report,
    survey::Errand,
};

/// Commands and events that may wait for the other side.
const QUEUE: usize = 64;
/// How long the last words may take when the face leaves in peace.
const DRAIN: Duration = Duration::from_secs(5);
/// How long the last cell may take when she leaves at once; her screen is clear by then.
const QUICK: Duration = Duration::from_millis(800);

/// Hex digits of a mail's id: eight bytes of its hash.
const MAIL_ID_LEN: usize = 16;

/// Starts an engine for one visit. Must be called inside a tokio runtime.
#[must_use]
pub fn start(address: HelplineAddress) -> SeekerHandle {
    let (commands, inbox) = mpsc::channel(QUEUE);
    let (outbox, events) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        let clock = Clock::new();
        match Homes::start(&address, &clock) {
            Ok(homes) => Engine::new(address, clock, homes, inbox, outbox).run().await,
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
    /// The ways to the homes whose link stands; words go to the first.
    paths: BTreeMap<HomeIndex, Path>,
    /// The way that the face knows.
    path: Option<Path>,
    troubles: Vec<Option<Trouble>>,
    /// When the machine wants to be woken.
    wake: Option<Millis>,
    leaving: Option<Instant>,
    /// The face has let its end of the commands go.
    alone: bool,
    /// What she asked for last, for the words of a phrase.
    language: Option<Language>,
    /// The phrase of this visit, made or returned with.
    phrase: Option<Phrase>,
    deriving: Option<Deriving>,
    /// A message that waits for the keys of its phrase.
    unsealed: Option<(Language, Zeroizing<String>)>,
    /// Her answers to the three questions are on their way.
    surveying: Option<JoinHandle<SurveyState>>,
    /// They were counted in this run.
    surveyed: bool,
}

/// The keys of a phrase are being computed, away from the events.
struct Deriving {
    task: JoinHandle<Result<ReturnKeys, NoMemory>>,
    /// She came back with it; else it was made now.
    returned: bool,
}

impl Engine {
    fn new(
        address: HelplineAddress,
        clock: Clock,
        homes: Homes,
        commands: mpsc::Receiver<SeekerCommand>,
        events: mpsc::Sender<SeekerEvent>,
    ) -> Self {
        let count = address.homes().len();
        let mut machine = Seeker::new(address.root, system_random(), clock.now());
        machine.expect_homes(count);
        Self {
            machine,
            address,
            clock,
            homes,
            commands,
            events,
            ready: VecDeque::new(),
            paths: BTreeMap::new(),
            path: None,
            troubles: vec![None; count],
            wake: None,
            leaving: None,
            alone: false,
            language: None,
            phrase: None,
            deriving: None,
            unsealed: None,
            surveying: None,
            surveyed: false,
        }
    }

    async fn run(mut self) {
        let events = self.events.clone();
        loop {
            let full = self.drain().await;
            if self
                .leaving
                .is_some_and(|until| until <= Instant::now() || self.settled())
            {
                break;
            }
            let wake = self.wake.map(|at| self.clock.instant(at));
            let wake = [wake, self.leaving].into_iter().flatten().min();
            tokio::select! {
                command = self.commands.recv(), if !self.alone => self.obey(command),
                heard = self.homes.next() => match heard {
                    Some(heard) => self.hear(heard),
                    None => break,
                },
                keys = derived(&mut self.deriving) => self.take_keys(keys),
                state = surveyed(&mut self.surveying) => self.take_survey(state),
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
        self.forget_survey();
        self.drain().await;
        self.homes.stop().await;
    }

    fn obey(&mut self, command: Option<SeekerCommand>) {
        let now = self.clock.now();
        self.alone = command.is_none();
        // While the engine drains, it takes no command but what was shown.
        if self.leaving.is_some() && !matches!(command, Some(SeekerCommand::Shown { .. })) {
            return;
        }
        let result = match command {
            Some(SeekerCommand::Start {
                language,
                urgent,
                text,
            }) => match language.parse() {
                Ok(language) => {
                    self.language = Some(Language::clone(&language));
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
            Some(SeekerCommand::Pace { pause, no_details }) => {
                self.machine.set_pace(Pace { pause, no_details }, now);
                Ok(())
            }
            Some(SeekerCommand::Resend) => {
                self.machine.resend(now);
                Ok(())
            }
            Some(SeekerCommand::Keep) => {
                self.keep();
                Ok(())
            }
            Some(SeekerCommand::Leave { language, text }) => match language.parse() {
                Ok(language) => self.leave_message(language, Zeroizing::new(text.0.clone())),
                Err(_) => Err(report::language()),
            },
            Some(SeekerCommand::Return { words }) => self.come_back(&words.0),
            Some(SeekerCommand::Agree) => self
                .machine
                .answer_transfer(true, now)
                .map_err(report::nothing_asked),
            Some(SeekerCommand::Decline) => self
                .machine
                .answer_transfer(false, now)
                .map_err(report::nothing_asked),
            Some(SeekerCommand::Survey { answers }) => {
                self.survey(answers);
                Ok(())
            }
            Some(SeekerCommand::End) => {
                self.machine.end(EndReason::Finished, now);
                Ok(())
            }
            Some(SeekerCommand::Shown { number }) => {
                self.machine.shown(number, now);
                Ok(())
            }
            Some(SeekerCommand::Exit) | None => {
                self.leave(EndReason::Finished, DRAIN);
                Ok(())
            }
            Some(SeekerCommand::QuickExit) => {
                self.forget_survey();
                self.leave(EndReason::LeftQuickly, QUICK);
                Ok(())
            }
        };
        if let Err(error) = result {
            self.ready.push_back(SeekerEvent::Error(error));
        }
    }

    fn settled(&self) -> bool {
        self.machine.settled() && self.unsealed.is_none() && self.surveying.is_none()
    }

    /// Sends her answers, to a home that the roster carries; to any of the address before a roster is known.
    fn survey(&mut self, answers: [Option<bool>; 3]) {
        if self.surveying.is_some() {
            return;
        }
        if self.surveyed || answers == [None; 3] {
            return self.tell_survey(SurveyState::Counted);
        }
        let directory = self.machine.directory();
        let count = self.address.homes().len();
        let mut homes: Vec<_> = (0..count)
            .map(HomeIndex)
            .filter(|home| directory.carries(*home))
            .collect();
        if homes.is_empty() {
            homes = (0..count).map(HomeIndex).collect();
        }
        let errand = Errand {
            root: self.address.root,
            carried: directory.roster().map(|roster| roster.delegations.clone()),
            homes: homes.into_iter().map(|home| self.homes.routes(home)).collect(),
            answers: Answers(answers),
            clock: self.clock.clone(),
        };
        self.surveying = Some(tokio::spawn(errand.run()));
    }

    fn take_survey(&mut self, state: SurveyState) {
        self.surveying = None;
        self.surveyed = state == SurveyState::Counted;
        self.tell_survey(state);
    }

    fn tell_survey(&mut self, state: SurveyState) {
        self.ready.push_back(SeekerEvent::Survey { state });
    }

    /// What is on its way goes no further.
    fn forget_survey(&mut self) {
        if let Some(task) = self.surveying.take() {
            task.abort();
        }
    }

    /// Makes a phrase, or shows the one there is.
    fn keep(&mut self) {
        let phrase = self.phrase.take().unwrap_or_else(|| {
            // There are words in two languages. Who reads Arabic or Tamazight here has met French before English.
            let english = |code: &Language| matches!(code.as_str().split('-').next(), Some("en"));
            let list = if self.language.as_ref().is_some_and(english) {
                WordList::English
            } else {
                WordList::French
            };
            let phrase = Phrase::generate(list, &mut system_random());
            self.derive(&phrase, false);
            phrase
        });
        self.ready.push_back(SeekerEvent::Phrase {
            words: Words(phrase.words().as_str().to_owned()),
        });
        self.phrase = Some(phrase);
    }

    fn leave_message(&mut self, language: Language, text: Zeroizing<String>) -> Result<(), ErrorReport> {
        check_message(&text).map_err(report::leave)?;
        if self.unsealed.is_some() {
            return Err(report::leave(LeaveError::Already));
        }
        self.language = Some(language.clone());
        if self.phrase.is_none() {
            self.keep();
        }
        if self.deriving.is_some() {
            self.unsealed = Some((language, text));
            return Ok(());
        }
        let now = self.clock.now();
        self.machine.leave(language, text, now).map_err(report::leave)
    }

    fn come_back(&mut self, words: &str) -> Result<(), ErrorReport> {
        let phrase = Phrase::parse(words).map_err(report::phrase)?;
        if self.deriving.is_some() {
            return Err(report::other(
                ErrorCode::PhraseBusy,
                "the words before are still being worked on",
                "Wait a moment, then give them again.",
            ));
        }
        self.derive(&phrase, true);
        self.phrase = Some(phrase);
        Ok(())
    }

    fn derive(&mut self, phrase: &Phrase, returned: bool) {
        let (phrase, root) = (phrase.copy(), self.address.root);
        let task = tokio::task::spawn_blocking(move || phrase.derive(&root));
        self.deriving = Some(Deriving { task, returned });
    }

    fn take_keys(&mut self, keys: Result<ReturnKeys, NoMemory>) {
        let returned = self.deriving.take().is_some_and(|deriving| deriving.returned);
        let now = self.clock.now();
        match keys {
            Ok(keys) if returned => self.machine.come_back(keys, now),
            Ok(keys) => self.machine.keep_phrase(keys),
            Err(error) => {
                self.phrase = None;
                self.ready.push_back(SeekerEvent::Error(report::no_memory(error)));
            }
        }
        let Some((language, text)) = self.unsealed.take() else {
            return;
        };
        if let Err(error) = self.machine.leave(language, text, now) {
            self.ready.push_back(SeekerEvent::State {
                id: LEAVE_ID.to_owned(),
                state: MessageState::Failed,
            });
            self.ready.push_back(SeekerEvent::Error(report::leave(error)));
        }
    }

    fn leave(&mut self, reason: EndReason, patience: Duration) {
        self.machine.end(reason, self.clock.now());
        self.leaving = Some(Instant::now() + patience);
    }

    fn hear(&mut self, heard: Heard) {
        let now = self.clock.now();
        match heard {
            Heard::Up { home, link, path } => {
                self.trouble(home, None);
                self.paths.insert(home, path);
                self.tell_path();
                self.machine.handle_connected(home, link, now);
            }
            Heard::Record { home, record } => {
                self.machine.handle_record(home, record, now);
                self.tell_path();
            }
            Heard::Down { home } => {
                self.paths.remove(&home);
                self.tell_path();
                self.machine.handle_disconnected(home, now);
            }
            Heard::Failed { home, trouble } => self.trouble(home, Some(trouble)),
        }
    }

    /// Says which way her words go, whenever that changes. Without any link it is the state of the link that says so.
    fn tell_path(&mut self) {
        // One that the roster has dropped keeps its link, and gets no words.
        let directory = self.machine.directory();
        let used = |home: &HomeIndex| directory.roster().is_none() || directory.carries(*home);
        let first = self.paths.iter().find(|(home, _)| used(home));
        let Some((_, path)) = first else {
            return;
        };
        if self.path.as_ref() == Some(path) {
            return;
        }
        self.ready.push_back(SeekerEvent::Path {
            entry: hamsa_net::peer_text(&path.entry),
            home: hamsa_net::peer_text(&path.home),
            split: path.split,
        });
        self.path = Some(path.clone());
    }

    /// Says what is wrong when no home can be reached, once for each reason.
    fn trouble(&mut self, home: HomeIndex, trouble: Option<Trouble>) {
        let Some(known) = self.troubles.get_mut(home.0) else {
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
        loop {
            self.drain_machine().await;
            let Some(event) = self.ready.pop_front() else {
                return false;
            };
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(event)) => {
                    self.ready.push_front(event);
                    return true;
                }
                // The face is gone: the machine goes on until it is settled.
                Err(mpsc::error::TrySendError::Closed(_)) => {
                    self.ready.clear();
                    if self.leaving.is_none() {
                        self.leave(EndReason::Finished, DRAIN);
                    }
                }
            }
        }
    }

    async fn drain_machine(&mut self) {
        loop {
            let dead = match self.machine.poll_output() {
                Output::Send { peer, record } => (!self.homes.send(peer, record)).then_some(peer),
                Output::Suspect { peer } => {
                    self.homes.suspect(peer);
                    None
                }
                Output::Disconnect { peer } => Some(peer),
                Output::Event(event) => {
                    if let Some(event) = show(event, &self.machine, &self.address, self.language.as_ref()) {
                        self.ready.push_back(event);
                    }
                    None
                }
                Output::Sleep(wake) => {
                    self.wake = wake;
                    break;
                }
            };
            if let Some(home) = dead {
                self.homes.disconnect(home).await;
                self.machine.handle_disconnected(home, self.clock.now());
            }
        }
        self.homes.learn(&self.address, self.machine.directory());
    }
}

fn show(
    event: Event,
    machine: &Seeker,
    address: &HelplineAddress,
    language: Option<&Language>,
) -> Option<SeekerEvent> {
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
        Event::Open => SeekerEvent::Open,
        Event::Closed => SeekerEvent::Closed {
            until: settings.and_then(|settings| hours(settings, language)),
            opens: None,
        },
        Event::Sealed(possible) => SeekerEvent::Sealed { possible },
        Event::Waiting(ahead) => SeekerEvent::Waiting { ahead },
        Event::Answered { pseudonym } => SeekerEvent::Answered {
            association: name,
            pseudonym,
        },
        Event::Counselor(status) => SeekerEvent::Counselor {
            state: match status {
                Status::Here => CounselorState::Here,
                Status::Locked => CounselorState::Locked,
                Status::Asking => CounselorState::Asking,
            },
        },
        Event::Message { number, id, text } => SeekerEvent::Message {
            number,
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
            by: names::seeker_ended_by(by).to_owned(),
            reason: names::seeker_ended_reason(reason).to_owned(),
        },
        Event::BadObject(error) => SeekerEvent::Error(report::object(&error)),
        Event::NotTaken(reason) => SeekerEvent::Error(report::refusal(reason)),
        Event::NotLeft(reason) => SeekerEvent::Error(report::not_left(reason)),
        Event::Mail { mail, text, date, .. } => SeekerEvent::Mail {
            mail: mail_id(&mail),
            text: Words(text.to_string()),
            date: date::iso(date),
        },
        Event::MailRefused => SeekerEvent::Error(report::mail_refused()),
        Event::NoMail => SeekerEvent::Error(report::no_mail()),
    })
}

/// Waits for the keys of a phrase; for ever if none are being computed.
async fn derived(deriving: &mut Option<Deriving>) -> Result<ReturnKeys, NoMemory> {
    match deriving {
        Some(deriving) => (&mut deriving.task).await.unwrap_or(Err(NoMemory)),
        None => pending().await,
    }
}

/// Waits for what becomes of a survey; for ever if none is on its way.
async fn surveyed(surveying: &mut Option<JoinHandle<SurveyState>>) -> SurveyState {
    match surveying {
        Some(task) => task.await.unwrap_or(SurveyState::Failed),
        None => pending().await,
    }
}

/// The id of a mail, on either side.
pub(crate) fn mail_id(hash: &[u8; 32]) -> String {
    let mut id = String::with_capacity(MAIL_ID_LEN);
    for byte in hash.iter().take(MAIL_ID_LEN / 2) {
        id.push_str(&format!("{byte:02x}"));
    }
    id
}

/// Opening hours: in the language asked for, else in the first language in which there are any.
fn hours(settings: &Settings, language: Option<&Language>) -> Option<String> {
    let written = || settings.texts.iter().filter(|texts| !texts.hours.is_empty());
    let asked = written().find(|texts| Some(&texts.language) == language);
    asked
        .or_else(|| written().next())
        .map(|texts| texts.hours.clone())
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
