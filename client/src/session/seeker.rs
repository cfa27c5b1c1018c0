//! The session of a seeker: one visit.
//!
//! What it knows is gone when it ends.

use std::time::Duration;

use hamsa_net::peer_text;
use hamsa_protocol::{
    client::directory::Directory,
    crypto::{
        fingerprint::fingerprint,
        keys::RootKey,
        phrase::{NoMemory, Phrase, ReturnKeys, WordList},
        random::Random,
    },
    objects::{HelplineAddress, HomeIndex, Language, ObjectHash, Settings},
    seeker::{Event, LEAVE_ID, LeaveError, Seeker, Toll, check_message},
    session::{
        chat::{EndReason, Pace, SayError},
        ticket::Intake,
    },
    time::Now,
    wire::Answers,
};
use zeroize::Zeroizing;

use super::{DRAIN, HomeRoutes, LinkPath, Session, SessionRole, SessionState, short_id};
use crate::{
    api::{
        AssociationTexts, ErrorReport, MessageState, PuzzleState, RosterEvidence, SeekerCommand, SeekerEvent,
        SurveyState, Words,
    },
    date, report,
};

/// How long the last cell may take when the seeker leaves at once. The screen is clear by then.
const QUICK: Duration = Duration::from_millis(800);

/// The session of a seeker.
pub type SeekerSession = Session<SeekerRole>;

/// What a seeker's session wants done outside.
pub enum SeekerTask {
    /// Derive the keys of a phrase, which takes up to some seconds and 64 MiB. Gives [`SeekerOutcome::Keys`].
    DeriveKeys {
        /// The phrase.
        phrase: Phrase,
        /// The helpline's root key.
        root: RootKey,
    },
    /// Solve a puzzle, which takes up to seconds. Gives [`SeekerOutcome::Solved`].
    Solve(Toll),
    /// Stop solving: the puzzle is wanted no more. Its outcome counts no more.
    StopSolving,
    /// Submit the answers of a survey over a connection of its own. Gives [`SeekerOutcome::Survey`].
    SubmitSurvey(SurveySubmission),
    /// Stop the submission that runs. Its outcome counts no more.
    CancelSurvey,
}

/// What came of an effect.
pub enum SeekerOutcome {
    /// The keys of a phrase.
    Keys(Result<ReturnKeys, NoMemory>),
    /// The puzzle with this number is solved by this nonce.
    Solved(u64, u64),
    /// What became of the answers.
    Survey(SurveyState),
}

/// The answers of a survey, and the homes that may count them.
pub struct SurveySubmission {
    /// The helpline's root key.
    pub root: RootKey,
    /// Hashes of the delegations that the highest roster carries, if one is known. Any other home MUST NOT be asked.
    pub carried: Option<Vec<ObjectHash>>,
    /// The routes to each home that may be asked.
    pub homes: Vec<HomeRoutes>,
    /// The answers.
    pub answers: Answers,
}

/// What a seeker's session has beside what every session has.
pub struct SeekerRole {
    address: HelplineAddress,
    machine: Seeker,
    random: fn() -> Random,
    /// The language that was asked for last: it chooses the words of a phrase.
    language: Option<Language>,
    /// The phrase of this visit, made or returned with.
    phrase: Option<Phrase>,
    deriving: Option<Deriving>,
    /// A message that waits for the keys of its phrase.
    unsealed: Option<(Language, Zeroizing<String>)>,
    survey: SurveyPhase,
}

/// What the keys that are being derived are for.
enum Deriving {
    /// The phrase was made in this visit.
    Keep,
    /// The seeker came back with it.
    Return,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SurveyPhase {
    NotAnswered,
    Submitting,
    Counted,
}

impl SeekerSession {
    /// A new visit. Each call of `random` gives a source of its own.
    #[must_use]
    pub fn new(address: HelplineAddress, random: fn() -> Random, now: Now) -> Self {
        let mut machine = Seeker::new(address.root, random(), now);
        machine.expect_homes(address.homes().len());
        let role = SeekerRole {
            machine,
            address: address.clone(),
            random,
            language: None,
            phrase: None,
            deriving: None,
            unsealed: None,
            survey: SurveyPhase::NotAnswered,
        };
        Self::with_role(role, &address, now)
    }
}

impl SessionRole for SeekerRole {
    type Machine = Seeker;
    type Command = SeekerCommand;
    type Event = SeekerEvent;
    type Effect = SeekerTask;
    type Outcome = SeekerOutcome;

    fn machine(&mut self) -> &mut Seeker {
        &mut self.machine
    }

    fn directory(&self) -> &Directory {
        self.machine.directory()
    }

    fn is_settled(&self) -> bool {
        self.machine.settled() && self.unsealed.is_none() && self.survey != SurveyPhase::Submitting
    }

    fn is_shown(command: &SeekerCommand) -> bool {
        matches!(command, SeekerCommand::Shown { .. })
    }

    fn path_event(path: &LinkPath) -> Option<SeekerEvent> {
        Some(SeekerEvent::Path {
            entry: peer_text(&path.entry),
            home: peer_text(&path.home),
            split: path.split,
        })
    }

    fn on_command(
        &mut self,
        command: SeekerCommand,
        state: &mut SessionState<Self>,
    ) -> Result<(), ErrorReport> {
        let now = state.now;
        match command {
            SeekerCommand::Start {
                language,
                urgent,
                text,
            } => {
                let language: Language = language.parse().map_err(|_| report::language())?;
                self.language = Some(language.clone());
                let started = self
                    .machine
                    .start(Intake { language, urgent }, text.into_text(), now);
                return started.map_err(report::start);
            }
            // The states of a sealed message are told by this id.
            SeekerCommand::Say { id, .. } if id == LEAVE_ID => {
                return Err(report::say(SayError::DuplicateId));
            }
            SeekerCommand::Say { id, text } => {
                report::not_empty(&text.0)?;
                return self.machine.say(id, text.into_text(), now).map_err(report::say);
            }
            SeekerCommand::Pace { pause, no_details } => {
                self.machine.set_pace(Pace { pause, no_details }, now);
            }
            SeekerCommand::Resend => self.machine.resend(now),
            SeekerCommand::Keep => self.keep(state),
            SeekerCommand::Leave { language, text } => {
                let language = language.parse().map_err(|_| report::language())?;
                return self.leave_message(language, text.into_text(), state);
            }
            SeekerCommand::Return { words } => return self.come_back(&words.0, state),
            SeekerCommand::Agree => return self.answer_transfer(true, now),
            SeekerCommand::Decline => return self.answer_transfer(false, now),
            SeekerCommand::Survey { answers } => self.submit_survey(answers, state),
            SeekerCommand::End => self.machine.end(EndReason::Finished, now),
            SeekerCommand::Shown { number } => self.machine.shown(number, now),
            SeekerCommand::Exit => self.leave(state),
            SeekerCommand::QuickExit => {
                if self.survey == SurveyPhase::Submitting {
                    self.survey = SurveyPhase::NotAnswered;
                    state.effects.push_back(SeekerTask::CancelSurvey);
                }
                self.machine.end(EndReason::LeftQuickly, now);
                state.leave_within(QUICK);
            }
        }
        Ok(())
    }

    fn on_outcome(&mut self, outcome: SeekerOutcome, state: &mut SessionState<Self>) {
        match outcome {
            SeekerOutcome::Keys(keys) => self.on_keys(keys, state),
            SeekerOutcome::Solved(number, nonce) => {
                state.emit(SeekerEvent::Puzzle {
                    state: PuzzleState::Solved,
                });
                self.machine.solved(number, nonce, state.now);
            }
            SeekerOutcome::Survey(became) if self.survey == SurveyPhase::Submitting => {
                self.survey = match became {
                    SurveyState::Counted => SurveyPhase::Counted,
                    SurveyState::Failed => SurveyPhase::NotAnswered,
                };
                state.emit(SeekerEvent::Survey { state: became });
            }
            SeekerOutcome::Survey(_) => {}
        }
    }

    fn on_event(&mut self, event: Event, state: &mut SessionState<Self>) {
        if let Event::SplitView(split) = &event {
            state.emit(SeekerEvent::SplitView {
                version: split.other.order.version,
                rosters: RosterEvidence::of(split),
            });
        }
        match &event {
            Event::Solve(toll) => state.effects.push_back(SeekerTask::Solve(*toll)),
            Event::StopSolving => state.effects.push_back(SeekerTask::StopSolving),
            _ => {}
        }
        state.emit(self.seeker_event(event));
    }

    fn leave(&mut self, state: &mut SessionState<Self>) {
        self.machine.end(EndReason::Finished, state.now);
        state.leave_within(DRAIN);
    }
}

impl SeekerRole {
    fn answer_transfer(&mut self, agreed: bool, now: Now) -> Result<(), ErrorReport> {
        self.machine
            .answer_transfer(agreed, now)
            .map_err(report::nothing_asked)
    }

    /// Submits answers to the homes that the roster carries; to any of the address before a roster is known.
    fn submit_survey(&mut self, answers: [Option<bool>; 3], state: &mut SessionState<Self>) {
        match self.survey {
            SurveyPhase::Submitting => return,
            SurveyPhase::NotAnswered if answers != [None; 3] => {}
            SurveyPhase::NotAnswered | SurveyPhase::Counted => {
                return state.emit(SeekerEvent::Survey {
                    state: SurveyState::Counted,
                });
            }
        }
        let directory = self.machine.directory();
        let homes = state.links.homes();
        let any = !(0..homes.len()).any(|home| directory.carries(HomeIndex(home)));
        let carried = homes
            .iter()
            .enumerate()
            .filter(|(home, _)| any || directory.carries(HomeIndex(*home)));
        let submission = SurveySubmission {
            root: self.address.root,
            carried: directory.roster().map(|roster| roster.delegations.clone()),
            homes: carried.map(|(_, home)| home.clone()).collect(),
            answers: Answers(answers),
        };
        self.survey = SurveyPhase::Submitting;
        state.effects.push_back(SeekerTask::SubmitSurvey(submission));
    }

    /// Makes a phrase, or shows the one there is.
    fn keep(&mut self, state: &mut SessionState<Self>) {
        let phrase = self.phrase.take().unwrap_or_else(|| {
            // There are words in two languages. Readers of Arabic or Tamazight here have met French before English.
            let english = |code: &Language| matches!(code.as_str().split('-').next(), Some("en"));
            let list = if self.language.as_ref().is_some_and(english) {
                WordList::English
            } else {
                WordList::French
            };
            let phrase = Phrase::generate(list, &mut (self.random)());
            self.derive(&phrase, Deriving::Keep, state);
            phrase
        });
        state.emit(SeekerEvent::Phrase {
            words: Words(phrase.words().as_str().to_owned()),
        });
        self.phrase = Some(phrase);
    }

    fn leave_message(
        &mut self,
        language: Language,
        text: Zeroizing<String>,
        state: &mut SessionState<Self>,
    ) -> Result<(), ErrorReport> {
        check_message(&text).map_err(report::leave)?;
        if self.unsealed.is_some() {
            return Err(report::leave(LeaveError::Already));
        }
        self.language = Some(language.clone());
        if self.phrase.is_none() {
            self.keep(state);
        }
        if self.deriving.is_some() {
            self.unsealed = Some((language, text));
            return Ok(());
        }
        self.machine
            .leave(language, text, state.now)
            .map_err(report::leave)
    }

    fn come_back(&mut self, words: &str, state: &mut SessionState<Self>) -> Result<(), ErrorReport> {
        let phrase = Phrase::parse(words).map_err(report::phrase)?;
        if self.deriving.is_some() {
            return Err(report::phrase_busy());
        }
        self.derive(&phrase, Deriving::Return, state);
        self.phrase = Some(phrase);
        Ok(())
    }

    fn derive(&mut self, phrase: &Phrase, deriving: Deriving, state: &mut SessionState<Self>) {
        self.deriving = Some(deriving);
        state.effects.push_back(SeekerTask::DeriveKeys {
            phrase: phrase.copy(),
            root: self.address.root,
        });
    }

    fn on_keys(&mut self, keys: Result<ReturnKeys, NoMemory>, state: &mut SessionState<Self>) {
        match (keys, self.deriving.take()) {
            (Ok(keys), Some(Deriving::Return)) => self.machine.come_back(keys, state.now),
            (Ok(keys), _) => self.machine.keep_phrase(keys),
            (Err(error), _) => {
                self.phrase = None;
                state.emit(report::no_memory(error));
            }
        }
        let Some((language, text)) = self.unsealed.take() else {
            return;
        };
        if let Err(error) = self.machine.leave(language, text, state.now) {
            state.emit(SeekerEvent::State {
                id: LEAVE_ID.to_owned(),
                state: MessageState::Failed,
            });
            state.emit(report::leave(error));
        }
    }

    fn seeker_event(&self, event: Event) -> SeekerEvent {
        let settings = self.machine.directory().settings();
        let name = settings
            .map(|settings| settings.name.as_str().to_owned())
            .unwrap_or_default();
        match event {
            Event::Verified => SeekerEvent::Verified {
                association: name,
                fingerprint: fingerprint(&self.address.root),
                texts: settings.map(texts).unwrap_or_default(),
            },
            Event::Open => SeekerEvent::Open,
            Event::Closed => SeekerEvent::Closed {
                until: settings.and_then(|settings| hours(settings, self.language.as_ref())),
                opens: None,
            },
            Event::Sealed(possible) => SeekerEvent::Sealed { possible },
            Event::Solve(_) => SeekerEvent::Puzzle {
                state: PuzzleState::Solving,
            },
            Event::StopSolving => SeekerEvent::Puzzle {
                state: PuzzleState::Dropped,
            },
            Event::Waiting(ahead) => SeekerEvent::Waiting { ahead },
            Event::Answered { pseudonym } => SeekerEvent::Answered {
                association: name,
                pseudonym,
            },
            Event::Counselor(state) => SeekerEvent::Counselor { state },
            Event::Message { number, id, text } => SeekerEvent::Message {
                number,
                id,
                text: Words(text.to_string()),
            },
            Event::State { id, state } => SeekerEvent::State { id, state },
            Event::Link(state) => SeekerEvent::Link { state },
            Event::Reopened => SeekerEvent::Reopened,
            Event::TransferAsked { to } => SeekerEvent::TransferAsked { to },
            Event::TransferGone => SeekerEvent::TransferGone,
            Event::Ended { by, reason } => SeekerEvent::Ended { by, reason },
            Event::SplitView(_) => report::split_view().into(),
            Event::BadObject(error) => report::object(&error).into(),
            Event::NotTaken(reason) => report::refusal(reason).into(),
            Event::NotLeft(reason) => report::not_left(reason).into(),
            Event::Mail { mail, text, date, .. } => SeekerEvent::Mail {
                mail: short_id(&mail),
                text: Words(text.to_string()),
                date: date::iso(date),
            },
            Event::MailRefused => report::mail_refused().into(),
            Event::NoMail => report::no_mail().into(),
        }
    }
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
