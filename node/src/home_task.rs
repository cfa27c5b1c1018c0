//! The task that feeds the home machine, and the tasks of its links.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hamsa_net::Stream;
use hamsa_protocol::{
    crypto::{
        keys::{DhSecret, HelplineId, RootKey},
        random::Random,
    },
    home::{Counts, Home, HomeConfig, LinkId, Told, memory::MemoryStore, store::Store},
    machine::{Machine, Output},
    objects::{Delegation, Signed},
    session::home_link,
    time::{Millis, Moment, Steady, Unix},
    wire::{Record, UNIT},
};
use rustix::time::{ClockId, clock_gettime};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{mpsc, oneshot, watch},
    time::{Instant as TokioInstant, interval, sleep_until, timeout},
};
use tokio_util::task::TaskTracker;

use crate::{
    Sight,
    clock::{self, Date, HOUR, Verdict},
    config::{Config, NodeRole},
    directory::{Directory, DirectoryError},
    state::State,
    store::{Limits, Numbers, Overview, SledStore},
};

/// How long a client may take for its first message.
const FIRST_UNIT: Duration = Duration::from_secs(45);
/// Records that wait for a slow client: a desk is shown up to 512 tickets of 7 records when it comes on duty.
const LINK_QUEUE: usize = 8_192;
/// Inputs that wait for the machine.
const INBOX: usize = 1_024;
/// How often the sums of the survey are kept, whether they changed or not: the time of their file says nothing of when
/// somebody answered, and two copies of it differ by a day's answers or more. A crash loses those of a day.
const KEEP_SURVEY: Duration = Duration::from_secs(24 * HOUR);
/// How often the date is kept: see [`crate::clock`].
const KEEP_HOUR: Duration = Duration::from_secs(HOUR);

/// How long clients may take for the last that they are told when this node stops: who reads has it within a round trip.
const LAST_WORD: Duration = Duration::from_secs(1);

/// What the machine's task is told.
pub(crate) enum Input {
    Opened {
        link: LinkId,
        hash: [u8; 32],
        records: mpsc::Sender<Record>,
    },
    Record {
        link: LinkId,
        record: Record,
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
    helpline: HelplineId,
    home_x: DhSecret,
    delegation: Signed<Delegation>,
}

/// The way to the machine's task.
#[derive(Clone)]
pub(crate) struct HomeHandle {
    inbox: mpsc::Sender<Input>,
    proof: watch::Receiver<Option<Arc<Proof>>>,
    next_link: Arc<AtomicU64>,
    /// Links that stand: each goes when the last it was told has left.
    standing: TaskTracker,
    sight: Option<mpsc::Sender<Sight>>,
    mail: Numbers,
    doubt: watch::Receiver<Option<String>>,
}

/// The clock may stand after the truth: what is sure is the hour that was kept, and the time that has passed since the
/// start.
#[derive(Clone, Copy)]
struct Doubt {
    /// The hour that was kept.
    kept: Unix,
    /// When this node started, by the monotonic clock.
    start: Millis,
}

impl Doubt {
    /// At least so late it is.
    const fn proven(&self, tick: Millis) -> Unix {
        self.kept.plus(tick.since(self.start) / 1_000)
    }
}

pub(crate) fn system_random() -> Random {
    Box::new(rand_core::UnwrapErr(getrandom::SysRng))
}

/// A clock that never jumps and goes on while the machine sleeps, so that sleep is no jump of the other one.
fn since_boot() -> Millis {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let millis = u64::try_from(time.tv_nsec / 1_000_000).unwrap_or_default();
    Millis(seconds.saturating_mul(1_000).saturating_add(millis))
}

pub(crate) fn today() -> Unix {
    Unix(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
    )
}

/// Starts the task; it takes delegation and publication from the directory, now and at each reload.
pub(crate) fn start(
    directory: Directory,
    config: &Config,
    sight: Option<mpsc::Sender<Sight>>,
) -> Result<HomeHandle, DirectoryError> {
    let wall = today();
    // An entry asks nobody for the date.
    let verdict = if config.roles.contains(&NodeRole::Home) {
        directory.judge_clock(wall)?
    } else {
        Verdict::Right
    };
    let mut state = directory.state()?;
    state.boot = state.boot.saturating_add(1);
    directory.write_state(state)?;
    let (store, mail) = if config.roles.contains(&NodeRole::Home) {
        let store = SledStore::open(directory.path(), Limits::mebibytes(config.mail_mib))?;
        let mail = store.numbers();
        (Box::new(store) as Box<dyn Store>, mail)
    } else {
        // Nobody brings mail to a node that is no home.
        (Box::new(MemoryStore::new()) as Box<dyn Store>, Numbers::default())
    };
    let (inbox, inputs) = mpsc::channel(INBOX);
    let (prove, proof) = watch::channel(None);
    let (tell_doubt, doubt) = watch::channel(None);
    let mut task = Task {
        directory,
        state,
        machine: None,
        wake: None,
        store: Some(store),
        links: BTreeMap::new(),
        start: Instant::now(),
        steady: Steady::default(),
        jump_told: false,
        draining: false,
        doubt: None,
        tell_doubt,
        prove,
        sight: sight.clone(),
    };
    if let Verdict::Ahead(kept) = verdict {
        task.doubt_clock(kept, wall);
    }
    task.load().map_err(|error| match verdict {
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
        inbox,
        proof,
        next_link: Arc::new(AtomicU64::new(1)),
        standing: TaskTracker::new(),
        sight,
        mail,
        doubt,
    })
}

impl HomeHandle {
    /// Takes delegation and publication from the directory again.
    pub(crate) async fn reload(&self) -> Result<(), String> {
        let (done, answer) = oneshot::channel();
        self.tell(Input::Reload { done }).await;
        answer.await.unwrap_or_else(|_| Err("the node stops".to_owned()))
    }

    /// Waits until the machine's task has ended.
    pub(crate) async fn ended(&self) {
        self.inbox.closed().await;
    }

    /// Numbers, and the version of the roster.
    pub(crate) async fn counts(&self) -> (Counts, u64) {
        let (answer, counts) = oneshot::channel();
        self.tell(Input::Counts { answer }).await;
        counts.await.unwrap_or_default()
    }

    /// What may be told of the three questions.
    pub(crate) async fn survey(&self) -> Vec<Told> {
        let (answer, told) = oneshot::channel();
        self.tell(Input::Survey { answer }).await;
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

    /// Tells every client that this node stops, and waits until that has left, where it is taken.
    pub(crate) async fn drain(&self) {
        let (done, drained) = oneshot::channel();
        self.tell(Input::Drain { done }).await;
        let _ = drained.await;
        self.standing.close();
        let _ = timeout(LAST_WORD, self.standing.wait()).await;
    }

    async fn tell(&self, input: Input) -> bool {
        self.inbox.send(input).await.is_ok()
    }

    /// Serves one client until either side ends it. Nothing about her is logged.
    pub(crate) async fn serve(self, mut stream: Stream) {
        // A node that nobody delegated has nothing to say.
        let Some(proof) = self.proof.borrow().clone() else {
            return;
        };
        let mut unit = vec![0; UNIT];
        if !matches!(timeout(FIRST_UNIT, stream.read_exact(&mut unit)).await, Ok(Ok(_))) {
            return;
        }
        let accepted = home_link::accept(
            &proof.helpline,
            &proof.home_x,
            &proof.delegation,
            &unit,
            &mut system_random(),
        );
        let Ok((mut link, answer)) = accepted else { return };
        if !matches!(timeout(FIRST_UNIT, stream.write_all(&answer)).await, Ok(Ok(())))
            || stream.flush().await.is_err()
        {
            return;
        }
        let id = LinkId(self.next_link.fetch_add(1, Ordering::Relaxed));
        let (records, mut outgoing) = mpsc::channel(LINK_QUEUE);
        let _standing = self.standing.token();
        if !self
            .tell(Input::Opened {
                link: id,
                hash: link.hash(),
                records,
            })
            .await
        {
            return;
        }
        let (mut reader, mut writer) = tokio::io::split(stream);
        let (units, mut incoming) = mpsc::channel::<Vec<u8>>(16);
        let reading = tokio::spawn(async move {
            loop {
                let mut unit = vec![0; UNIT];
                if reader.read_exact(&mut unit).await.is_err() || units.send(unit).await.is_err() {
                    return;
                }
            }
        });
        loop {
            tokio::select! {
                unit = incoming.recv() => {
                    let record = unit.and_then(|unit| link.open(&unit).ok());
                    let Some(record) = record else { break };
                    self.see(id, true, &record);
                    if !self.tell(Input::Record { link: id, record }).await {
                        break;
                    }
                }
                record = outgoing.recv() => {
                    let Some(record) = record else { break };
                    self.see(id, false, &record);
                    let Ok(unit) = link.seal(&record) else { break };
                    if writer.write_all(&unit).await.is_err() || writer.flush().await.is_err() {
                        break;
                    }
                }
            }
        }
        let _ = writer.shutdown().await;
        reading.abort();
        self.tell(Input::Closed { link: id }).await;
    }

    fn see(&self, link: LinkId, inbound: bool, record: &Record) {
        if let Some(sight) = &self.sight {
            let [a, b, c, d, ..] = record.token;
            let seen = Sight {
                home: true,
                link: link.0,
                inbound,
                bytes: UNIT,
                kind: record.kind.name(),
                token: [a, b, c, d],
                index: record.index,
            };
            // Whoever looks too slowly misses a row; nobody waits for him.
            let _ = sight.try_send(seen);
        }
    }
}

struct Task {
    directory: Directory,
    state: State,
    machine: Option<Home>,
    /// When the machine wants to be woken.
    wake: Option<Millis>,
    /// Until the machine has it.
    store: Option<Box<dyn Store>>,
    links: BTreeMap<LinkId, mpsc::Sender<Record>>,
    start: Instant,
    /// What is believed of the wall clock.
    steady: Steady,
    jump_told: bool,
    draining: bool,
    doubt: Option<Doubt>,
    tell_doubt: watch::Sender<Option<String>>,
    prove: watch::Sender<Option<Arc<Proof>>>,
    sight: Option<mpsc::Sender<Sight>>,
}

impl Task {
    fn now(&mut self) -> Moment {
        let elapsed = self.start.elapsed();
        Moment {
            tick: Millis(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)),
            unix: self.steady.read(since_boot(), today()).unix,
        }
    }

    /// Takes delegation and publication from the directory.
    fn load(&mut self) -> Result<(), DirectoryError> {
        let now = self.now();
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
                if let Some(doubt) = &self.doubt {
                    machine.doubt_clock(doubt.proven(now.tick));
                }
                machine.remember_survey(survey);
                self.machine = Some(machine);
            }
        }
        self.show_proof(root, delegation)?;
        let Some(publication) = self.directory.publication()? else {
            return Ok(());
        };
        let issued = publication.roster.issued;
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
            let path: PathBuf = self.directory.path().join("publication");
            return Err(DirectoryError::Publication {
                path,
                reason: reason.into(),
            });
        }
        // The root has the same date: two clocks do not go wrong alike.
        if self.doubt.is_some() && clock::witnesses(issued, now.unix) {
            machine.trust_clock(now);
            self.doubt = None;
            self.tell_doubt.send_replace(None);
            tracing::info!("the roster was issued at the date that this machine shows: it is believed");
            self.keep_hour();
        }
        Ok(())
    }

    fn doubt_clock(&mut self, kept: Unix, wall: Unix) {
        let start = self.now().tick;
        self.doubt = Some(Doubt { kept, start });
        let path = self.directory.clock();
        let told = format!(
            "this machine says {}, and this node last ran at {}: until it is sure which, mail does not grow older than the time that it runs. If the date is right, publish, or stop the node, delete {} and start it again; if not, set the clock and start it again",
            Date(wall),
            Date(kept),
            path.display()
        );
        tracing::warn!("{told}");
        self.tell_doubt.send_replace(Some(told));
    }

    /// Keeps the date as far as it is known, for the next start.
    fn keep_hour(&mut self) {
        let now = self.now();
        let known = self.doubt.map_or(now.unix, |doubt| doubt.proven(now.tick));
        if let Err(error) = self.directory.keep_hour(known) {
            tracing::error!("{error}");
        }
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

    async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        self.flush();
        let (mut keep, mut keep_survey) = (interval(KEEP_HOUR), interval(KEEP_SURVEY));
        self.flush();
        loop {
            let wake = self
                .wake
                .map(|at| TokioInstant::from_std(self.start) + Duration::from_millis(at.0 + 1));
            tokio::select! {
                input = inputs.recv() => {
                    let Some(input) = input else { return };
                    self.take(input).await;
                }
                () = sleep_until(wake.unwrap_or_else(TokioInstant::now)), if wake.is_some() => {
                    let now = self.now();
                    if let Some(machine) = &mut self.machine {
                        machine.handle_timeout(now);
                    }
                    self.watch_clock();
                }
                _ = keep.tick() => self.keep_hour(),
                _ = keep_survey.tick() => self.keep_survey(),
            }
            self.flush();
        }
    }

    async fn take(&mut self, input: Input) {
        let now = self.now();
        match input {
            // Who comes while this node stops is not served any more: without the other end of its queue its link is over.
            Input::Opened { .. } if self.draining => {}
            Input::Opened { link, hash, records } => {
                self.links.insert(link, records);
                if let Some(machine) = &mut self.machine {
                    machine.handle_connected(link, hash, now);
                }
            }
            Input::Record { link, record } => {
                if let Some(machine) = &mut self.machine {
                    machine.handle_record(link, record, now);
                }
            }
            Input::Closed { link } => {
                self.links.remove(&link);
                if let Some(machine) = &mut self.machine {
                    machine.handle_disconnected(link, now);
                }
            }
            Input::Reload { done } => {
                // The operator is here: the date that this machine shows now is believed.
                self.steady.confirm();
                let result = self.load().map_err(|error| error.to_string());
                self.flush();
                let _ = done.send(result);
            }
            Input::Counts { answer } => {
                let counts = self
                    .machine
                    .as_ref()
                    .map(|machine| (machine.counts(), machine.roster_version()));
                let _ = answer.send(counts.unwrap_or_default());
            }
            Input::Survey { answer } => {
                let told = self.machine.as_ref().map(|machine| machine.survey_told(now));
                let _ = answer.send(told.unwrap_or_default());
            }
            Input::Drain { done } => {
                if let Some(machine) = &mut self.machine {
                    machine.stop(now);
                }
                self.flush();
                self.keep_hour();
                self.keep_survey();
                self.draining = true;
                // A link's task ends when its queue is empty and closed.
                self.links.clear();
                let _ = done.send(());
            }
        }
    }

    /// Sends what the machine wants sent; a new descriptor's version is on disk before it leaves.
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
                    let full = self
                        .links
                        .get(&peer)
                        .is_some_and(|records| records.try_send(record).is_err());
                    if full {
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
        let now = self.now();
        for link in dead {
            self.links.remove(&link);
            if let Some(machine) = &mut self.machine {
                machine.handle_disconnected(link, now);
            }
        }
    }

    fn watch_clock(&mut self) {
        if self.steady.jumped() && !self.jump_told {
            tracing::warn!(
                "the clock of this machine has jumped; this node goes on by the time it had. If the new date is right, publish or install again, or start the node again"
            );
        }
        self.jump_told = self.steady.jumped();
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // The sight channel closes with the last link, so that whoever looks knows that it is over.
        self.sight = None;
    }
}
