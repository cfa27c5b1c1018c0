//! Serves clients: the handshake of a link, then records between its stream and the machine's task.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hamsa_net::Stream;
use hamsa_protocol::{
    home::LinkId,
    session::home_link::{self, Link},
    wire::{Record, UNIT},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
    time::timeout,
};
use tokio_util::task::TaskTracker;

use crate::{
    TraceEvent,
    task::{HomeHandle, TaskInput, system_random},
};

/// How long a client may take for its first message.
const FIRST_UNIT: Duration = Duration::from_secs(45);
/// Records that wait for a slow client: a desk is shown up to 512 tickets of 7 records when it comes on duty.
const LINK_QUEUE: usize = 8_192;
/// Units of a link that were read and wait to be opened.
const UNIT_QUEUE: usize = 16;
/// How long clients may take for the last record before this node stops: one that reads has it within a round trip.
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
    pub(crate) async fn serve(self, mut stream: Stream) {
        let Some(link) = self.accept(&mut stream).await else {
            return;
        };
        let id = LinkId(self.next_link.fetch_add(1, Ordering::Relaxed));
        let (records, outgoing) = mpsc::channel(LINK_QUEUE);
        let _standing = self.standing.token();
        let hash = link.hash();
        let opened = TaskInput::Opened {
            link: id,
            hash,
            records,
        };
        if self.home.send(opened).await {
            self.relay(id, link, stream, outgoing).await;
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
    async fn relay(&self, id: LinkId, mut link: Link, stream: Stream, mut outgoing: mpsc::Receiver<Record>) {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let (units, mut incoming) = mpsc::channel::<Vec<u8>>(UNIT_QUEUE);
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
                    self.observe(id, true, &record);
                    if !self.home.send(TaskInput::Record { link: id, record }).await {
                        break;
                    }
                }
                record = outgoing.recv() => {
                    let Some(record) = record else { break };
                    self.observe(id, false, &record);
                    let Ok(unit) = link.seal(&record) else { break };
                    if writer.write_all(&unit).await.is_err() || writer.flush().await.is_err() {
                        break;
                    }
                }
            }
        }
        let _ = writer.shutdown().await;
        reading.abort();
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
