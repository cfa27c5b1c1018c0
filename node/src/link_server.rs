//! Serves clients: the handshake of a link, then records between its stream and the machine's task.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hamsa_net::{HomeStream, Stream};
use hamsa_protocol::{
    home::LinkId,
    session::home_link::{self, Link},
    wire::{Record, UNIT},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
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
        // Boxed: a task is as large as its largest future for as long as the link lasts.
        let Some(link) = Box::pin(self.accept(&mut stream)).await else {
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
    async fn accept(&self, stream: &mut Stream) -> Option<Link> {
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
    async fn relay(&self, id: LinkId, mut link: Link, mut stream: Stream, mut outgoing: AnswerReceiver) {
        let mut coming = ComingUnit::default();
        let requests = Arc::new(Semaphore::new(REQUESTS));
        loop {
            tokio::select! {
                request = next(&mut stream, &mut coming, &requests), if outgoing.takes_requests() => {
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
                    if !write_unit(&mut stream, unit).await {
                        break;
                    }
                    if outgoing.has_room_again() && !self.home.send(TaskInput::Room { link: id }).await {
                        break;
                    }
                }
            }
        }
        let _ = timeout(LAST_RECORD, stream.shutdown()).await;
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

/// Whether the client took it in time.
async fn write_unit(stream: &mut Stream, unit: Vec<u8>) -> bool {
    let written = async {
        stream.write_all(&unit).await?;
        stream.flush().await
    };
    // Boxed: a write takes a moment, and the link lasts for hours.
    matches!(Box::pin(timeout(ONE_RECORD, written)).await, Ok(Ok(())))
}

/// The part of a client's next unit that has come. Until its first byte it takes no memory.
#[derive(Default)]
struct ComingUnit(Vec<u8>);

impl ComingUnit {
    /// The whole unit; nothing when the stream ends. Cancelled, it goes on later.
    async fn read(&mut self, stream: &mut Stream) -> Option<Vec<u8>> {
        if self.0.is_empty() {
            let first = stream.read_u8().await.ok()?;
            self.0.reserve_exact(UNIT);
            self.0.push(first);
        }
        while let missing @ 1.. = UNIT.saturating_sub(self.0.len()) {
            let mut rest = (&mut *stream).take(u64::try_from(missing).unwrap_or_default());
            if rest.read_buf(&mut self.0).await.ok()? == 0 {
                return None;
            }
        }
        Some(std::mem::take(&mut self.0))
    }
}

/// The next unit of a client, and its turn at the machine's task.
async fn next(
    stream: &mut Stream,
    coming: &mut ComingUnit,
    requests: &Arc<Semaphore>,
) -> Option<(Vec<u8>, OwnedSemaphorePermit)> {
    // The turn first: a whole unit would be lost when another branch is ready.
    let turn = Arc::clone(requests).acquire_owned().await.ok()?;
    let unit = coming.read(stream).await?;
    Some((unit, turn))
}
