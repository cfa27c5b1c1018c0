//! Serves clients: the handshake of a link, then records between its stream and the machine's task.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hamsa_net::HomeStream;
use hamsa_protocol::{
    home::LinkId,
    session::home_link::{self, Link},
    wire::{Record, UNIT},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::task::TaskTracker;

use crate::{
    TraceEvent,
    answers::{self, AnswerReceiver},
    task::{HomeHandle, TaskInput, system_random},
};

/// How long a client may take for its first message.
const FIRST_UNIT: Duration = Duration::from_secs(45);
/// Requests of one link that the machine's task has and has not answered. A stranger's request has at most 128 answers,
/// the cells of one ring.
const REQUESTS: usize = 4;
/// A client takes each record within this time, or its link is closed: less than 90 bytes a second.
const ONE_RECORD: Duration = Duration::from_secs(30);
/// Units of a link that were read and wait to be opened.
const UNIT_QUEUE: usize = 16;
/// How long a client may take for the last record of a link that the home ends: a client that reads has it within a
/// round trip.
const LAST_RECORD: Duration = Duration::from_secs(1);

/// What accepts the streams of clients.
#[derive(Clone)]
pub(crate) struct LinkServer {
    home: HomeHandle,
    next_link: Arc<AtomicU64>,
    /// Links that stand: each goes when its last record has left.
    standing: TaskTracker,
    observer: Option<mpsc::Sender<TraceEvent>>,
}

impl LinkServer {
    pub(crate) fn new(home: HomeHandle, observer: Option<mpsc::Sender<TraceEvent>>) -> Self {
        Self {
            home,
            next_link: Arc::new(AtomicU64::new(1)),
            standing: TaskTracker::new(),
            observer,
        }
    }

    /// Waits until the last record of every link has left, where the client takes it.
    pub(crate) async fn finish(&self) {
        self.standing.close();
        let _ = timeout(LAST_RECORD, self.standing.wait()).await;
    }

    /// Serves one client until either side ends it. Nothing about the client is logged.
    pub(crate) async fn serve(self, HomeStream { mut stream, entry }: HomeStream) {
        let Some(link) = self.accept(&mut stream).await else {
            return;
        };
        let id = LinkId(self.next_link.fetch_add(1, Ordering::Relaxed));
        let (answers, outgoing, ending) = answers::queue();
        let _standing = self.standing.token();
        let hash = link.hash();
        let opened = TaskInput::Opened {
            link: id,
            hash,
            entry,
            answers,
        };
        if self.home.send(opened).await {
            // When the task lets go of a link, its last records may leave. Nothing waits for a client that takes none.
            let let_go = async {
                ending.gently.cancelled().await;
                sleep(LAST_RECORD).await;
            };
            tokio::select! {
                () = self.relay(id, link, stream, outgoing) => {}
                () = let_go => {}
                () = ending.at_once.cancelled() => {}
            }
            self.home.send(TaskInput::Closed { link: id }).await;
        }
    }

    /// The handshake. A node without a delegation accepts no link.
    async fn accept(&self, stream: &mut hamsa_net::Stream) -> Option<Link> {
        let proof = self.home.proof()?;
        let mut unit = vec![0; UNIT];
        timeout(FIRST_UNIT, stream.read_exact(&mut unit))
            .await
            .ok()?
            .ok()?;
        let (link, answer) = home_link::accept(
            &proof.helpline,
            &proof.home_x,
            &proof.delegation,
            &unit,
            &mut system_random(),
        )
        .ok()?;
        timeout(FIRST_UNIT, stream.write_all(&answer)).await.ok()?.ok()?;
        stream.flush().await.ok()?;
        Some(link)
    }

    /// Passes records on until the stream or the machine ends the link.
    async fn relay(
        &self,
        id: LinkId,
        mut link: Link,
        stream: hamsa_net::Stream,
        mut outgoing: AnswerReceiver,
    ) {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let (units, mut incoming) = mpsc::channel::<Vec<u8>>(UNIT_QUEUE);
        // Ends with this function, also where that is cancelled.
        let mut reading = JoinSet::new();
        reading.spawn(async move {
            loop {
                let mut unit = vec![0; UNIT];
                if reader.read_exact(&mut unit).await.is_err() || units.send(unit).await.is_err() {
                    return;
                }
            }
        });
        let requests = Arc::new(Semaphore::new(REQUESTS));
        loop {
            tokio::select! {
                request = next(&mut incoming, &requests), if outgoing.takes_requests() => {
                    let record = request.and_then(|(unit, turn)| Some((link.open(&unit).ok()?, turn)));
                    let Some((record, turn)) = record else { break };
                    self.observe(id, true, &record);
                    if !self.home.send(TaskInput::Record { link: id, record, turn }).await {
                        break;
                    }
                }
                answer = outgoing.next() => {
                    let Some(answer) = answer else { break };
                    self.observe(id, false, answer.record());
                    let Ok(unit) = link.seal(answer.record()) else { break };
                    drop(answer);
                    let written = async {
                        writer.write_all(&unit).await?;
                        writer.flush().await
                    };
                    if !matches!(timeout(ONE_RECORD, written).await, Ok(Ok(()))) {
                        break;
                    }
                    if outgoing.has_room_again() && !self.home.send(TaskInput::Room { link: id }).await {
                        break;
                    }
                }
            }
        }
        let _ = timeout(LAST_RECORD, writer.shutdown()).await;
    }

    fn observe(&self, link: LinkId, inbound: bool, record: &Record) {
        if let Some(observer) = &self.observer {
            let [a, b, c, d, ..] = record.token;
            let event = TraceEvent {
                home: true,
                link: link.0,
                inbound,
                bytes: UNIT,
                kind: record.kind.name(),
                token: [a, b, c, d],
                index: record.index,
            };
            // A slow observer misses rows: the link does not wait for it.
            let _ = observer.try_send(event);
        }
    }
}

/// The next unit of a client, and its turn at the machine's task.
async fn next(
    incoming: &mut mpsc::Receiver<Vec<u8>>,
    requests: &Arc<Semaphore>,
) -> Option<(Vec<u8>, OwnedSemaphorePermit)> {
    // The turn first: a unit that was taken from the queue would be lost when another branch is ready.
    let turn = Arc::clone(requests).acquire_owned().await.ok()?;
    let unit = incoming.recv().await?;
    Some((unit, turn))
}
