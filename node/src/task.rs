//! The task that drives the home machine.

mod given;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hamsa_protocol::{
    crypto::{
        keys::{NodePeer, RootKey},
        random::Random,
    },
    home::{
        Counts, DISK_PATIENCE, Home, HomeConfig, LinkId, NewLink, Told, Via,
        memory::MemoryStore,
        store::{Store, StoreError},
    },
    machine::{Machine, Output},
    objects::{Entry, RosterId},
    time::{Now, Tick, Unix},
    wire::Record,
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, mpsc, oneshot, watch},
    task::spawn_blocking,
    time::{Instant, interval, sleep_until},
};

pub(crate) use self::given::{FromDirectory, Proof};
use crate::{
    answers::{AnswerBytes, AnswerQueue},
    clock::{HOUR, Verdict, today},
    clock_watch::ClockWatch,
    config::{Config, NodeRole},
    directory::{DirectoryError, NodeDirectory},
    files::NodeFileError,
    keeper::{Keeper, KeptFile},
    publication::Publication,
    state::NodeState,
    store::{MailLimits, MailNumbers, Overview, SledDisk, StoreThread},
};

/// Inputs that wait for the machine.
const INBOX: usize = 1_024;
/// How often the sums of the survey are written, whether they changed or not. So the time of the file does not tell when
/// a person answered, and two copies of it differ by a day's answers or more. A crash loses the answers of a day.
const KEEP_SURVEY: Duration = Duration::from_secs(24 * HOUR);
/// How often the date is kept: see [`crate::clock`].
const KEEP_HOUR: Duration = Duration::from_secs(HOUR);
/// Descriptor versions that are set aside on the disk before they are signed, so that no descriptor waits for it: those
/// of two hours, of which one is over when more are set aside. A version is the time in milliseconds.
const VERSION_MILLIS: u64 = 2 * HOUR * 1_000;
/// The same where versions stand ahead of the time: more descriptors than duties change in an hour.
const VERSIONS: u64 = 10_000;

/// Numbers, the version of the roster, and its entries of other associations with the end of each consent.
pub(crate) type HomeStanding = (Counts, u64, Vec<(Entry, Option<Unix>)>);

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
        /// FromDirectory back when the record's answers are queued.
        turn: OwnedSemaphorePermit,
    },
    /// The queue of this link is short again.
    Room {
        link: LinkId,
    },
    Closed {
        link: LinkId,
    },
    Reload {
        /// What the directory holds now.
        given: Result<Box<FromDirectory>, DirectoryError>,
        done: oneshot::Sender<Result<(), String>>,
    },
    Counts {
        answer: oneshot::Sender<HomeStanding>,
    },
    Survey {
        answer: oneshot::Sender<Vec<Told>>,
    },
    /// A consent that an entry gave.
    Lend {
        lend: Vec<u8>,
    },
    Drain {
        done: oneshot::Sender<()>,
    },
}

/// The way to the machine's task.
#[derive(Clone)]
pub(crate) struct HomeHandle {
    directory: NodeDirectory,
    inbox: mpsc::Sender<TaskInput>,
    proof: watch::Receiver<Option<Arc<Proof>>>,
    mail: MailNumbers,
    doubt: watch::Receiver<Option<String>>,
    wanted: watch::Receiver<Vec<NodePeer>>,
}

pub(crate) fn system_random() -> Random {
    Box::new(rand_core::UnwrapErr(getrandom::SysRng))
}

/// Starts the task. It reads delegation and publication from the directory, now and at each reload.
pub(crate) fn start(directory: NodeDirectory, config: &Config) -> Result<HomeHandle, DirectoryError> {
    let stored = Arc::new(Notify::new());
    if !config.roles.contains(&NodeRole::Home) {
        // A node that is no home receives no mail, and does not depend on the date.
        let (store, mail) = (Box::new(MemoryStore::new()), MailNumbers::default());
        return start_with(directory, config, Verdict::Right, (store, mail), stored);
    }
    let verdict = directory.judge_clock(today())?;
    let disk = SledDisk::open(directory.path(), MailLimits::mebibytes(config.mail_mib))?;
    let (mail, wake) = (disk.numbers(), Arc::clone(&stored));
    let store = StoreThread::start(disk, move || wake.notify_one());
    let store = store.map_err(|source| no_thread(&directory, source))?;
    start_with(directory, config, verdict, (Box::new(store), mail), stored)
}

fn no_thread(directory: &NodeDirectory, source: std::io::Error) -> DirectoryError {
    DirectoryError::from(NodeFileError::Io {
        action: "start a thread for",
        path: directory.path().to_owned(),
        source,
    })
}

/// Starts the task over a store, which calls `stored` when it has done something.
fn start_with(
    directory: NodeDirectory,
    config: &Config,
    verdict: Verdict,
    (store, mail): (Box<dyn Store>, MailNumbers),
    stored: Arc<Notify>,
) -> Result<HomeHandle, DirectoryError> {
    let wall = today();
    let mut state = directory.state()?;
    let descriptor_floor = state.descriptor;
    state.boot = state.boot.saturating_add(1);
    state.descriptor = versions_ahead(descriptor_floor, wall.0);
    directory.write_state(&state)?;
    let keeper = Keeper::start(directory.clone()).map_err(|source| no_thread(&directory, source))?;
    let (inbox, inputs) = mpsc::channel(INBOX);
    let (prove, proof) = watch::channel(None);
    let (want, wanted) = watch::channel(Vec::new());
    let clock = ClockWatch::new(directory.clone());
    let doubt = clock.doubt_text();
    let mut task = Task {
        directory: directory.clone(),
        keeper,
        descriptor_floor,
        stored,
        disk_late: false,
        state,
        served: None,
        machine: None,
        wake: None,
        store: Some(store),
        links: BTreeMap::new(),
        entries: Vec::new(),
        waiting: AnswerBytes::default(),
        memory: config.memory_mib.saturating_mul(1_024 * 1_024),
        clock,
        draining: false,
        prove,
        want,
    };
    if let Verdict::Ahead(kept) = verdict {
        task.clock.doubt(kept, wall);
    }
    let given = FromDirectory::read(&directory, true);
    given
        .and_then(|given| match task.load(*given) {
            // While the clock is in doubt, that is what the operator looks at first.
            Err(refused) if !matches!(verdict, Verdict::Ahead(_)) => task.fall_back(refused),
            other => other,
        })
        .map_err(|error| match verdict {
            Verdict::Ahead(kept) => DirectoryError::ClockAhead {
                wall,
                kept,
                error: Box::new(error),
            },
            _ => error,
        })?;
    task.keep_hour();
    tokio::spawn(task.run(inputs));
    Ok(HomeHandle {
        directory,
        inbox,
        proof,
        mail,
        doubt,
        wanted,
    })
}

impl HomeHandle {
    /// Reads delegation and publication from the directory again.
    pub(crate) async fn reload(&self) -> Result<(), String> {
        let stops = || "the node stops".to_owned();
        let (directory, first) = (self.directory.clone(), self.proof().is_none());
        // Here and not in the task: the disk may take its time.
        let given = spawn_blocking(move || FromDirectory::read(&directory, first));
        let given = given.await.map_err(|_| stops())?;
        let (done, answer) = oneshot::channel();
        self.send(TaskInput::Reload { given, done }).await;
        answer.await.unwrap_or_else(|_| Err(stops()))
    }

    /// Waits until the machine's task has ended.
    pub(crate) async fn ended(&self) {
        self.inbox.closed().await;
    }

    /// Clients may come by the entry of this node.
    pub(crate) async fn know_entry(&self, entry: NodePeer) {
        self.send(TaskInput::Entry { entry }).await;
    }

    /// How the home stands.
    pub(crate) async fn counts(&self) -> HomeStanding {
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

    /// The entries whose consent this home lacks, or will lack soon.
    pub(crate) fn lends_wanted(&self) -> watch::Receiver<Vec<NodePeer>> {
        self.wanted.clone()
    }

    /// Hands an input to the task; false when the task has ended.
    pub(crate) async fn send(&self, input: TaskInput) -> bool {
        self.inbox.send(input).await.is_ok()
    }
}

/// A version that no descriptor will have for a while after `signed`.
fn versions_ahead(signed: u64, unix: u64) -> u64 {
    let by_time = unix.saturating_mul(1_000).saturating_add(VERSION_MILLIS);
    signed.saturating_add(VERSIONS).max(by_time)
}

struct Task {
    directory: NodeDirectory,
    keeper: Keeper,
    /// As it is on the disk, or soon will be.
    state: NodeState,
    /// The roster of the publication that was kept as the one that is served.
    served: Option<RosterId>,
    /// The highest descriptor version that an earlier run may have signed.
    descriptor_floor: u64,
    /// The store has done something.
    stored: Arc<Notify>,
    /// The log says that the disk takes too long.
    disk_late: bool,
    machine: Option<Home>,
    /// When the machine wants to be woken.
    wake: Option<Tick>,
    /// Until the machine has it.
    store: Option<Box<dyn Store>>,
    links: BTreeMap<LinkId, AnswerQueue>,
    /// The entries that clients may come by. The machine knows each by its position.
    entries: Vec<NodePeer>,
    /// What waits for all links together.
    waiting: AnswerBytes,
    /// Bytes that clients may take.
    memory: usize,
    clock: ClockWatch,
    draining: bool,
    prove: watch::Sender<Option<Arc<Proof>>>,
    want: watch::Sender<Vec<NodePeer>>,
}

impl Task {
    /// Takes what the directory holds.
    fn load(&mut self, given: FromDirectory) -> Result<(), DirectoryError> {
        let now = self.clock.now();
        let Some((root, delegation)) = given.delegation else {
            return Ok(());
        };
        if let Some(first) = given.first
            && let Some(store) = self.store.take()
        {
            let config = HomeConfig {
                root,
                delegation: delegation.clone(),
                operator: first.operator,
                receipt_key: first.receipt_key,
                boot: self.state.boot,
                descriptor_floor: self.descriptor_floor,
            };
            let mut machine = Home::new(config, store, system_random(), now);
            if let Some(proven) = self.clock.proven(now.tick) {
                machine.doubt_clock(proven);
            }
            machine.remember_survey(first.survey);
            for via in (0..).map(Via).take(self.entries.len()) {
                machine.know_entry(via);
            }
            self.machine = Some(machine);
        }
        let proof = Proof {
            root,
            helpline: root.helpline(),
            home_x: given.home_x,
            delegation,
        };
        self.prove.send_replace(Some(Arc::new(proof)));
        given
            .publication
            .map_or(Ok(()), |publication| self.take(&root, &publication?))
    }

    /// What lies in the directory was refused at the start: the home goes on with what it served last, or waits for the
    /// next one. Without it nobody who waits for this home would reach it.
    fn fall_back(&mut self, refused: DirectoryError) -> Result<(), DirectoryError> {
        if matches!(refused, DirectoryError::File(_) | DirectoryError::Stopped) {
            return Err(refused);
        }
        let root = self.prove.borrow().as_ref().map(|proof| proof.root);
        let served = self.directory.served().ok().flatten().zip(root);
        let taken = served.is_some_and(|(served, root)| self.take(&root, &served).is_ok());
        if taken {
            tracing::error!("{refused}. This home goes on with the publication that it served last");
        } else {
            tracing::error!(
                "{refused}. This home runs without a publication, and nobody is helped by it until it has one"
            );
        }
        Ok(())
    }

    /// Takes a publication, if it may count.
    fn take(&mut self, root: &RootKey, publication: &Publication) -> Result<(), DirectoryError> {
        let now = self.clock.now();
        let issued = publication.roster.issued;
        self.keep_roster(root, publication, now.unix)?;
        let Some(machine) = &mut self.machine else {
            return Ok(());
        };
        let installed = machine.install(
            publication.roster.encoded(),
            &publication.settings,
            &publication.entrances,
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
            self.keep_hour();
        }
        self.want_lends();
        let roster = Some(publication.roster.id());
        if self.served != roster {
            self.keeper.keep(KeptFile::Served(publication.encode()));
            self.served = roster;
        }
        Ok(())
    }

    /// Tells whose consents the home lacks.
    fn want_lends(&mut self) {
        let now = self.clock.now().unix;
        let wanted = self.machine.as_ref().map(|machine| machine.lends_wanted(now));
        let wanted = wanted.unwrap_or_default();
        self.want.send_if_modified(|known| {
            let changed = *known != wanted;
            *known = wanted;
            changed
        });
    }

    /// Checks the roster of a publication against the highest one, and keeps which one is the highest before it counts.
    fn keep_roster(
        &mut self,
        root: &RootKey,
        publication: &Publication,
        now: Unix,
    ) -> Result<(), DirectoryError> {
        let roster = publication.roster.id();
        // The machine refuses what another root signed.
        if publication.root != *root || self.state.highest(root) == Some(roster) {
            return Ok(());
        }
        self.state.check_roster(root, &publication.roster, now)?;
        // Nor is one remembered that the machine refuses for its dates.
        if publication.roster.valid_at(now).is_err() {
            return Ok(());
        }
        let mut state = self.state.clone();
        state.raise(root, roster);
        self.keeper.keep_now(state.clone())?;
        self.state = state;
        Ok(())
    }

    /// Keeps the sums of the three questions.
    fn keep_survey(&self) {
        if let Some(machine) = &self.machine {
            self.keeper.keep(KeptFile::Survey(machine.survey().clone()));
        }
    }

    /// Keeps the date as far as it is known, for the next start, and sets descriptor versions aside.
    fn keep_hour(&mut self) {
        let now = self.clock.now();
        self.keeper.keep(KeptFile::Hour(self.clock.known()));
        if self.machine.is_some() {
            self.set_versions_aside(now);
        }
    }

    fn set_versions_aside(&mut self, now: Now) {
        let signed = self.machine.as_ref().map_or(0, Home::descriptor_version);
        self.state.descriptor = versions_ahead(signed, now.unix.0).max(self.state.descriptor);
        self.keeper.keep(KeptFile::State(self.state.clone()));
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
                () = self.stored.notified() => {
                    let now = self.clock.now();
                    if let Some(machine) = &mut self.machine {
                        machine.handle_stored(now);
                    }
                }
                _ = keep.tick() => {
                    self.keep_hour();
                    self.want_lends();
                }
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
            TaskInput::Room { link } => {
                if let Some(machine) = &mut self.machine {
                    machine.handle_room(link, true, now);
                }
            }
            TaskInput::Closed { link } => {
                self.links.remove(&link);
                if let Some(machine) = &mut self.machine {
                    machine.handle_disconnected(link, now);
                }
            }
            TaskInput::Reload { given, done } => {
                self.clock.confirm();
                let result = given.and_then(|given| self.load(*given));
                let result = result.map_err(|error| error.to_string());
                self.flush();
                let _ = done.send(result);
            }
            TaskInput::Counts { answer } => {
                let machine = self.machine.as_ref();
                let counts = machine.map(|home| (home.counts(), home.roster_version(), home.consents()));
                let _ = answer.send(counts.unwrap_or_default());
            }
            TaskInput::Lend { lend } => {
                if let Some(machine) = &mut self.machine
                    && let Err(error) = machine.take_lend(&lend, now)
                {
                    tracing::warn!("the consent of an entry: {error}");
                }
                self.want_lends();
            }
            TaskInput::Survey { answer } => {
                let told = self.machine.as_ref().map(|machine| machine.survey_told(now));
                let _ = answer.send(told.unwrap_or_default());
            }
            TaskInput::Drain { done } => self.drain(now, done),
        }
    }

    /// Tells every link that this node stops, lets go of them, and keeps what must survive.
    fn drain(&mut self, now: Now, done: oneshot::Sender<()>) {
        if let Some(machine) = &mut self.machine {
            machine.stop(now);
        }
        self.flush();
        self.keeper.keep(KeptFile::Hour(self.clock.known()));
        self.keep_survey();
        // What was set aside and not signed is given back.
        if let Some(machine) = &self.machine {
            self.state.descriptor = machine.descriptor_version();
            self.keeper.keep(KeptFile::State(self.state.clone()));
        }
        self.draining = true;
        // A link's task ends when its queue is empty and closed.
        self.links.clear();
        let written = self.keeper.written();
        tokio::spawn(async move {
            written.await;
            let _ = done.send(());
        });
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

    /// Sends what the machine has queued. The version of a new descriptor was set aside before.
    fn flush(&mut self) {
        self.log_late_disk();
        let Some(machine) = &mut self.machine else { return };
        if !self.draining && machine.descriptor_version() + VERSIONS / 2 > self.state.descriptor {
            let now = self.clock.now();
            self.set_versions_aside(now);
        }
        let now = self.clock.now();
        while let Some(machine) = &mut self.machine {
            match machine.poll_output() {
                Output::Send { peer, record } => {
                    let Some(answers) = self.links.get(&peer) else {
                        continue;
                    };
                    let queued = answers.push(record, &self.waiting);
                    answers.judge(|| machine.is_stranger(peer));
                    if !queued {
                        self.end(peer);
                    } else if answers.holds_back() {
                        machine.handle_room(peer, false, now);
                    }
                }
                Output::Disconnect { peer } => {
                    self.links.remove(&peer);
                }
                Output::Sleep(wake) => {
                    self.wake = wake;
                    break;
                }
                // A home suspects no client, and has no face.
                Output::Suspect { .. } => {}
                Output::Event(never) => match never {},
            }
        }
        self.shed();
    }

    /// Logs that the disk for mail takes too long, once.
    fn log_late_disk(&mut self) {
        let Some(machine) = &self.machine else { return };
        let late = machine.store_fault() == Some(StoreError::Late);
        if late && !self.disk_late {
            tracing::error!(
                "the disk for mail does not answer within {} s; mail is refused until it does. Check this disk",
                DISK_PATIENCE.as_secs()
            );
        }
        self.disk_late = late;
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

    /// Where clients together take more memory than they may, ends the newest links of strangers that have a part in it.
    /// Desks, and seekers in a chat with one, are no strangers.
    fn shed(&mut self) {
        let now = self.clock.now();
        while let Some(machine) = &mut self.machine
            && self.waiting.bytes().saturating_add(machine.bytes()) > self.memory
        {
            if machine.shed_abandoned() {
                continue;
            }
            let mut newest = self.links.iter().rev();
            let stranger = newest.find(|(link, answers)| {
                (!answers.is_empty() || machine.bytes_of(**link) > 0) && machine.is_stranger(**link)
            });
            let Some(link) = stranger.map(|(link, _)| *link) else {
                return;
            };
            machine.shed(link, now);
            self.end(link);
        }
    }
}

#[cfg(test)]
mod tests;
