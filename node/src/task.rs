//! The task that drives the home machine.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hamsa_protocol::{
    crypto::{
        keys::{DhSecret, HelplineId, NodePeer, RootKey},
        random::Random,
    },
    home::{Counts, Home, HomeConfig, LinkId, NewLink, Told, Via, memory::MemoryStore, store::Store},
    machine::{Machine, Output},
    objects::{Delegation, Signed},
    time::{Tick, Unix},
    wire::Record,
};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, oneshot, watch},
    time::{Instant, interval, sleep_until},
};

use crate::{
    answers::{ANSWERS_MAX, AnswerBytes, AnswerQueue},
    clock::{HOUR, Verdict, today},
    clock_watch::ClockWatch,
    config::{Config, NodeRole},
    directory::{DirectoryError, NodeDirectory},
    publication::Publication,
    state::NodeState,
    store::{MailLimits, MailNumbers, Overview, SledStore},
};

/// Inputs that wait for the machine.
const INBOX: usize = 1_024;
/// How often the sums of the survey are written, whether they changed or not. So the time of the file does not tell when
/// a person answered, and two copies of it differ by a day's answers or more. A crash loses the answers of a day.
const KEEP_SURVEY: Duration = Duration::from_secs(24 * HOUR);
/// How often the date is kept: see [`crate::clock`].
const KEEP_HOUR: Duration = Duration::from_secs(HOUR);

/// An input of the machine's task.
pub(crate) enum TaskInput {
    Opened {
        link: LinkId,
        hash: [u8; 32],
        /// The node whose entry it came by.
        entry: NodePeer,
        answers: AnswerQueue,
    },
    /// Clients may come by the entry of this node.
    Entry {
        entry: NodePeer,
    },
    Record {
        link: LinkId,
        record: Record,
        /// Given back when the record's answers are queued.
        turn: OwnedSemaphorePermit,
    },
    Closed {
        link: LinkId,
    },
    Reload {
        done: oneshot::Sender<Result<(), String>>,
    },
    Counts {
        answer: oneshot::Sender<(Counts, u64)>,
    },
    Survey {
        answer: oneshot::Sender<Vec<Told>>,
    },
    Drain {
        done: oneshot::Sender<()>,
    },
}

/// What a link needs to prove that this node speaks for a helpline.
pub(crate) struct Proof {
    pub(crate) helpline: HelplineId,
    pub(crate) home_x: DhSecret,
    pub(crate) delegation: Signed<Delegation>,
}

/// The way to the machine's task.
#[derive(Clone)]
pub(crate) struct HomeHandle {
    inbox: mpsc::Sender<TaskInput>,
    proof: watch::Receiver<Option<Arc<Proof>>>,
    mail: MailNumbers,
    doubt: watch::Receiver<Option<String>>,
}

pub(crate) fn system_random() -> Random {
    Box::new(rand_core::UnwrapErr(getrandom::SysRng))
}

/// Starts the task. It reads delegation and publication from the directory, now and at each reload.
pub(crate) fn start(directory: NodeDirectory, config: &Config) -> Result<HomeHandle, DirectoryError> {
    let wall = today();
    // Only a home depends on the date.
    let verdict = if config.roles.contains(&NodeRole::Home) {
        directory.judge_clock(wall)?
    } else {
        Verdict::Right
    };
    let mut state = directory.state()?;
    state.boot = state.boot.saturating_add(1);
    directory.write_state(state)?;
    let (store, mail) = if config.roles.contains(&NodeRole::Home) {
        let store = SledStore::open(directory.path(), MailLimits::mebibytes(config.mail_mib))?;
        let mail = store.numbers();
        (Box::new(store) as Box<dyn Store>, mail)
    } else {
        // A node that is no home receives no mail.
        (
            Box::new(MemoryStore::new()) as Box<dyn Store>,
            MailNumbers::default(),
        )
    };
    let (inbox, inputs) = mpsc::channel(INBOX);
    let (prove, proof) = watch::channel(None);
    let clock = ClockWatch::new(directory.clone());
    let doubt = clock.doubt_text();
    let mut task = Task {
        directory,
        state,
        machine: None,
        wake: None,
        store: Some(store),
        links: BTreeMap::new(),
        entries: Vec::new(),
        waiting: AnswerBytes::default(),
        clock,
        draining: false,
        prove,
    };
    if let Verdict::Ahead(kept) = verdict {
        task.clock.doubt(kept, wall);
    }
    task.load().map_err(|error| match verdict {
        Verdict::Ahead(kept) => DirectoryError::ClockAhead {
            wall,
            kept,
            error: Box::new(error),
        },
        _ => error,
    })?;
    task.clock.keep_hour();
    tokio::spawn(task.run(inputs));
    Ok(HomeHandle {
        inbox,
        proof,
        mail,
        doubt,
    })
}

impl HomeHandle {
    /// Reads delegation and publication from the directory again.
    pub(crate) async fn reload(&self) -> Result<(), String> {
        let (done, answer) = oneshot::channel();
        self.send(TaskInput::Reload { done }).await;
        answer.await.unwrap_or_else(|_| Err("the node stops".to_owned()))
    }

    /// Waits until the machine's task has ended.
    pub(crate) async fn ended(&self) {
        self.inbox.closed().await;
    }

    /// Clients may come by the entry of this node.
    pub(crate) async fn know_entry(&self, entry: NodePeer) {
        self.send(TaskInput::Entry { entry }).await;
    }

    /// Numbers, and the version of the roster.
    pub(crate) async fn counts(&self) -> (Counts, u64) {
        let (answer, counts) = oneshot::channel();
        self.send(TaskInput::Counts { answer }).await;
        counts.await.unwrap_or_default()
    }

    /// The sums of the three questions that may be published.
    pub(crate) async fn survey(&self) -> Vec<Told> {
        let (answer, told) = oneshot::channel();
        self.send(TaskInput::Survey { answer }).await;
        told.await.unwrap_or_default()
    }

    /// How mail stands.
    pub(crate) fn mail(&self) -> Overview {
        self.mail.now()
    }

    /// What is doubtful about the clock.
    pub(crate) fn doubt(&self) -> Option<String> {
        self.doubt.borrow().clone()
    }

    /// Tells every client that this node stops.
    pub(crate) async fn drain(&self) {
        let (done, drained) = oneshot::channel();
        self.send(TaskInput::Drain { done }).await;
        let _ = drained.await;
    }

    /// What proves that this node speaks for a helpline; nothing before a delegation.
    pub(crate) fn proof(&self) -> Option<Arc<Proof>> {
        self.proof.borrow().clone()
    }

    /// Hands an input to the task; false when the task has ended.
    pub(crate) async fn send(&self, input: TaskInput) -> bool {
        self.inbox.send(input).await.is_ok()
    }
}

struct Task {
    directory: NodeDirectory,
    state: NodeState,
    machine: Option<Home>,
    /// When the machine wants to be woken.
    wake: Option<Tick>,
    /// Until the machine has it.
    store: Option<Box<dyn Store>>,
    links: BTreeMap<LinkId, AnswerQueue>,
    /// The entries that clients may come by. The machine knows each by its position.
    entries: Vec<NodePeer>,
    /// AnswerQueue of all links together.
    waiting: AnswerBytes,
    clock: ClockWatch,
    draining: bool,
    prove: watch::Sender<Option<Arc<Proof>>>,
}

impl Task {
    /// Reads delegation and publication from the directory.
    fn load(&mut self) -> Result<(), DirectoryError> {
        let now = self.clock.now();
        let Some((root, delegation)) = self.directory.delegation()? else {
            return Ok(());
        };
        if self.machine.is_none() {
            let config = HomeConfig {
                root,
                delegation: delegation.clone(),
                operator: self.directory.operator_key()?,
                receipt_key: self.directory.receipt_key()?,
                boot: self.state.boot,
                descriptor_floor: self.state.descriptor,
            };
            let survey = self.directory.survey()?;
            if let Some(store) = self.store.take() {
                let mut machine = Home::new(config, store, system_random(), now);
                if let Some(proven) = self.clock.proven(now.tick) {
                    machine.doubt_clock(proven);
                }
                machine.remember_survey(survey);
                for via in (0..).map(Via).take(self.entries.len()) {
                    machine.know_entry(via);
                }
                self.machine = Some(machine);
            }
        }
        self.show_proof(root, delegation)?;
        let Some(publication) = self.directory.publication()? else {
            return Ok(());
        };
        let issued = publication.roster.issued;
        self.keep_roster(&root, &publication, now.unix)?;
        let Some(machine) = &mut self.machine else {
            return Ok(());
        };
        let installed = machine.install(
            publication.roster.encoded(),
            &publication.settings,
            publication.entries,
            now,
        );
        if let Err(reason) = installed {
            return Err(DirectoryError::Publication {
                path: self.directory.path().join("publication"),
                reason: reason.into(),
            });
        }
        if self.clock.on_roster(issued, now) {
            machine.trust_clock(now);
        }
        Ok(())
    }

    /// Checks the roster of a publication against the highest one, and keeps which one is the highest before it counts.
    fn keep_roster(
        &mut self,
        root: &RootKey,
        publication: &Publication,
        now: Unix,
    ) -> Result<(), DirectoryError> {
        let roster = Some(publication.roster.id());
        // The machine refuses what another root signed.
        if publication.root != *root || self.state.roster == roster {
            return Ok(());
        }
        self.state.check_roster(&publication.roster, now)?;
        let state = NodeState { roster, ..self.state };
        self.directory.write_state(state)?;
        self.state = state;
        Ok(())
    }

    /// Keeps the sums of the three questions.
    fn keep_survey(&self) {
        if let Some(machine) = &self.machine
            && let Err(error) = self.directory.write_survey(machine.survey())
        {
            tracing::error!("{error}");
        }
    }

    fn show_proof(&mut self, root: RootKey, delegation: Signed<Delegation>) -> Result<(), DirectoryError> {
        let proof = Proof {
            helpline: root.helpline(),
            home_x: self.directory.home_key()?,
            delegation,
        };
        self.prove.send_replace(Some(Arc::new(proof)));
        Ok(())
    }

    async fn run(mut self, mut inputs: mpsc::Receiver<TaskInput>) {
        self.flush();
        let (mut keep, mut keep_survey) = (interval(KEEP_HOUR), interval(KEEP_SURVEY));
        loop {
            let wake = self.wake.map(|tick| Instant::from_std(self.clock.after(tick)));
            tokio::select! {
                input = inputs.recv() => {
                    let Some(input) = input else { return };
                    self.handle_input(input);
                }
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {
                    let now = self.clock.now();
                    if let Some(machine) = &mut self.machine {
                        machine.handle_timeout(now);
                    }
                    self.clock.log_jump();
                }
                _ = keep.tick() => self.clock.keep_hour(),
                _ = keep_survey.tick() => self.keep_survey(),
            }
            self.flush();
        }
    }

    fn handle_input(&mut self, input: TaskInput) {
        let now = self.clock.now();
        match input {
            // A node that stops serves no new link: without the other end of its queue the link ends.
            TaskInput::Opened { .. } if self.draining => {}
            TaskInput::Opened {
                link,
                hash,
                entry,
                answers,
            } => {
                self.links.insert(link, answers);
                let via = self.via(entry);
                if let Some(machine) = &mut self.machine {
                    machine.handle_connected(link, NewLink { hash, via }, now);
                }
            }
            TaskInput::Entry { entry } => {
                self.via(entry);
            }
            TaskInput::Record { link, record, turn } => {
                if let Some(machine) = &mut self.machine {
                    machine.handle_record(link, record, now);
                }
                self.flush();
                drop(turn);
            }
            TaskInput::Closed { link } => {
                self.links.remove(&link);
                if let Some(machine) = &mut self.machine {
                    machine.handle_disconnected(link, now);
                }
            }
            TaskInput::Reload { done } => {
                self.clock.confirm();
                let result = self.load().map_err(|error| error.to_string());
                self.flush();
                let _ = done.send(result);
            }
            TaskInput::Counts { answer } => {
                let counts = self
                    .machine
                    .as_ref()
                    .map(|machine| (machine.counts(), machine.roster_version()));
                let _ = answer.send(counts.unwrap_or_default());
            }
            TaskInput::Survey { answer } => {
                let told = self.machine.as_ref().map(|machine| machine.survey_told(now));
                let _ = answer.send(told.unwrap_or_default());
            }
            TaskInput::Drain { done } => {
                if let Some(machine) = &mut self.machine {
                    machine.stop(now);
                }
                self.flush();
                self.clock.keep_hour();
                self.keep_survey();
                self.draining = true;
                // A link's task ends when its queue is empty and closed.
                self.links.clear();
                let _ = done.send(());
            }
        }
    }

    /// The number by which the machine knows an entry. There are as many as this node and its partners.
    fn via(&mut self, entry: NodePeer) -> Via {
        let known = self.entries.iter().position(|known| *known == entry);
        let position = known.unwrap_or(self.entries.len());
        let via = Via(u16::try_from(position).unwrap_or(u16::MAX));
        if known.is_none() {
            self.entries.push(entry);
            if let Some(machine) = &mut self.machine {
                machine.know_entry(via);
            }
        }
        via
    }

    /// Sends what the machine has queued. The version of a new descriptor is on disk before the descriptor is sent.
    fn flush(&mut self) {
        let Some(machine) = &mut self.machine else { return };
        if machine.descriptor_version() > self.state.descriptor {
            self.state.descriptor = machine.descriptor_version();
            if let Err(error) = self.directory.write_state(self.state) {
                tracing::error!("{error}");
            }
        }
        let drained = machine.drain();
        self.wake = drained.wake;
        let mut dead = Vec::new();
        for output in drained.links {
            match output {
                Output::Send { peer, record } => {
                    let Some(answers) = self.links.get(&peer) else {
                        continue;
                    };
                    let queued = answers.push(record, &self.waiting);
                    answers.judge(|| machine.is_stranger(peer));
                    if !queued {
                        dead.push(peer);
                    }
                }
                Output::Disconnect { peer } => {
                    self.links.remove(&peer);
                }
                // A home suspects no client, and has no face.
                _ => {}
            }
        }
        for link in dead {
            self.end(link);
        }
        self.shed();
    }

    /// Ends a link from this side, with all that waits for it.
    fn end(&mut self, link: LinkId) {
        let now = self.clock.now();
        if let Some(answers) = self.links.remove(&link) {
            answers.cut();
        }
        if let Some(machine) = &mut self.machine {
            machine.handle_disconnected(link, now);
        }
    }

    /// Where all answers together take more than they may, ends the newest link of a stranger that has some. Desks, and
    /// seekers in a chat with one, are no strangers.
    fn shed(&mut self) {
        if self.waiting.bytes() <= ANSWERS_MAX {
            return;
        }
        let Some(machine) = &self.machine else { return };
        let mut newest = self.links.iter().rev();
        let stranger = newest.find(|(link, answers)| !answers.is_empty() && machine.is_stranger(**link));
        if let Some(stranger) = stranger.map(|(link, _)| *link) {
            self.end(stranger);
        }
    }
}
