//! The connections we have now, and how a stream is opened on one of them.
//!
//! A [`Connection`] is the part of a connection that the rest of the crate sees. The connection's own task polls the
//! [`Opens`] queue: opening a stream needs no trip through the swarm's task.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Instant,
};

use futures::task::AtomicWaker;
use libp2p::{PeerId, swarm::ConnectionId};
use tokio::{
    sync::{oneshot, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    limits::{OPEN_QUEUE, OPEN_TIMEOUT},
    permit::Gauge,
    places::{PlaceGuard, PlaceUse},
    source::PeerSource,
    stream::Stream,
};

/// Locks a mutex whose holders never panic; were one to, the data is still sound (single inserts and removals).
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request for a stream, on its way to a connection's handler.
#[derive(Debug)]
pub(crate) struct OpenRequest {
    pub(crate) protocol: &'static str,
    pub(crate) reply: oneshot::Sender<libp2p::Stream>,
}

/// The stream requests of one connection. A bounded queue of a few words: a connection of a client never uses it,
/// and a channel would cost each of ten thousand seekers more than a kilobyte.
#[derive(Debug, Default)]
struct Opens {
    queue: Mutex<VecDeque<OpenRequest>>,
    waker: AtomicWaker,
}

/// A connection as the task of the swarm knows it.
pub(crate) type ConnectionKey = (PeerId, ConnectionId);

/// Where a stranger's connection comes from, and its place among those of strangers.
#[derive(Debug)]
pub(crate) struct StrangerPlace {
    pub(crate) source: PeerSource,
    pub(crate) place: PlaceGuard<ConnectionKey>,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    pub(crate) peer: PeerId,
    /// When the connection was established.
    since: Instant,
    partner: AtomicBool,
    /// Of an inbound connection of a stranger, until it ends or turns out to be a partner's.
    stranger: Mutex<Option<StrangerPlace>>,
    /// Whether its keepalive runs.
    kept_alive: AtomicBool,
    /// Whether the partner's echo came: it is there and counts us as a partner.
    proved: AtomicBool,
    opens: Opens,
    /// Streams that we opened on it.
    pub(crate) load: Gauge,
    /// Streams that the other side opened on it.
    pub(crate) inbound: Gauge,
    /// Cancelled when the connection is closed or taken out of use; streams on it end with it.
    pub(crate) gone: CancellationToken,
}

impl Connection {
    pub(crate) fn new(
        id: ConnectionId,
        peer: PeerId,
        partner: bool,
        stranger: Option<StrangerPlace>,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            peer,
            since: Instant::now(),
            partner: AtomicBool::new(partner),
            stranger: Mutex::new(stranger),
            kept_alive: AtomicBool::new(false),
            proved: AtomicBool::new(false),
            opens: Opens::default(),
            load: Gauge::default(),
            inbound: Gauge::default(),
            gone: CancellationToken::new(),
        })
    }

    pub(crate) fn is_partner(&self) -> bool {
        self.partner.load(Ordering::Relaxed)
    }

    /// Where a stranger's connection comes from.
    pub(crate) fn source(&self) -> PeerSource {
        lock(&self.stranger)
            .as_ref()
            .map_or(PeerSource::Unnamed, |stranger| stranger.source)
    }

    /// While the returned guard lives, the connection is not evicted for a newcomer.
    pub(crate) fn in_use(&self) -> Option<PlaceUse<ConnectionKey>> {
        lock(&self.stranger)
            .as_ref()
            .map(|stranger| stranger.place.in_use())
    }

    /// True for the first call: the caller runs the keepalive.
    pub(crate) fn claim_keepalive(&self) -> bool {
        !self.kept_alive.swap(true, Ordering::Relaxed)
    }

    /// For the connection's handler: the next request, or a wake-up when there is one.
    pub(crate) fn poll_open(&self, cx: &mut Context<'_>) -> Poll<OpenRequest> {
        // Registered before the check, so that a request pushed in between wakes the task.
        self.opens.waker.register(cx.waker());
        let mut queue = lock(&self.opens.queue);
        while let Some(request) = queue.pop_front() {
            if !request.reply.is_closed() {
                return Poll::Ready(request);
            }
        }
        Poll::Pending
    }

    /// For the connection's handler when it ends: waiting requests are answered at once.
    pub(crate) fn end(&self) {
        self.gone.cancel();
        lock(&self.opens.queue).clear();
        lock(&self.stranger).take();
    }

    /// Opens a stream, or nothing when the connection is at its end or does not give one in time.
    pub(crate) async fn open(&self, protocol: &'static str) -> Option<Stream> {
        let permit = self.load.add();
        let (reply, answer) = oneshot::channel();
        {
            let mut queue = lock(&self.opens.queue);
            // Checked under the lock: `end` cancels first and clears then.
            if self.gone.is_cancelled() || queue.len() >= OPEN_QUEUE {
                return None;
            }
            queue.push_back(OpenRequest { protocol, reply });
        }
        self.opens.waker.wake();
        let stream = timeout(OPEN_TIMEOUT, answer).await.ok()?.ok()?;
        Some(Stream::network(stream, permit))
    }
}

/// All connections by peer.
#[derive(Debug)]
pub(crate) struct Connections {
    by_peer: Mutex<HashMap<PeerId, Vec<Arc<Connection>>>>,
    /// NodeCounts changes of partner links, to wake the tasks that keep them.
    changes: watch::Sender<u64>,
}

impl Connections {
    pub(crate) fn new() -> Self {
        Self {
            by_peer: Mutex::default(),
            changes: watch::Sender::new(0),
        }
    }

    pub(crate) fn add(&self, link: &Arc<Connection>) {
        lock(&self.by_peer)
            .entry(link.peer)
            .or_default()
            .push(Arc::clone(link));
        self.changed(link);
    }

    /// Takes a link out of use, before or after its connection is closed.
    pub(crate) fn remove(&self, peer: &PeerId, id: ConnectionId) {
        let mut by_peer = lock(&self.by_peer);
        let Some(links) = by_peer.get_mut(peer) else {
            return;
        };
        let Some(at) = links.iter().position(|link| link.id == id) else {
            return;
        };
        let link = links.swap_remove(at);
        if links.is_empty() {
            by_peer.remove(peer);
        }
        drop(by_peer);
        link.end();
        self.changed(&link);
    }

    /// Takes all links of a peer out of use and names their connections.
    pub(crate) fn remove_all(&self, peer: &PeerId) -> Vec<ConnectionId> {
        let links = lock(&self.by_peer).remove(peer).unwrap_or_default();
        for link in &links {
            link.end();
            self.changed(link);
        }
        links.iter().map(|link| link.id).collect()
    }

    /// From now on the peer's connections belong to a partner. Gives those that were there already.
    pub(crate) fn make_partner(&self, peer: &PeerId) -> Vec<Arc<Connection>> {
        let links = lock(&self.by_peer).get(peer).cloned().unwrap_or_default();
        links
            .into_iter()
            .filter(|link| !link.partner.swap(true, Ordering::Relaxed))
            .inspect(|link| {
                lock(&link.stranger).take();
                // The connection's task looks again at what it offers and whether it may idle out.
                link.opens.waker.wake();
                self.changed(link);
            })
            .collect()
    }

    /// The peer's link with the fewest streams of ours.
    pub(crate) fn least_loaded(&self, peer: &PeerId) -> Option<Arc<Connection>> {
        lock(&self.by_peer)
            .get(peer)?
            .iter()
            .min_by_key(|link| link.load.count())
            .cloned()
    }

    /// The peer's newest link, if it came to stand after `moment`.
    pub(crate) fn since(&self, peer: &PeerId, moment: Instant) -> Option<Arc<Connection>> {
        let by_peer = lock(&self.by_peer);
        let newest = by_peer.get(peer)?.iter().max_by_key(|link| link.since)?;
        (newest.since > moment).then(|| Arc::clone(newest))
    }

    /// Takes the links of a peer that stood before `moment` out of use and names their connections.
    pub(crate) fn remove_before(&self, peer: &PeerId, moment: Instant) -> Vec<ConnectionId> {
        let old: Vec<_> = lock(&self.by_peer)
            .get(peer)
            .into_iter()
            .flatten()
            .filter(|link| link.since <= moment)
            .map(|link| link.id)
            .collect();
        for id in &old {
            self.remove(peer, *id);
        }
        old
    }

    /// One link.
    pub(crate) fn find(&self, peer: &PeerId, id: ConnectionId) -> Option<Arc<Connection>> {
        let by_peer = lock(&self.by_peer);
        by_peer.get(peer)?.iter().find(|link| link.id == id).cloned()
    }

    /// Notes whether the keepalive of a link is answered.
    pub(crate) fn prove(&self, link: &Connection, answered: bool) {
        if link.proved.swap(answered, Ordering::Relaxed) != answered {
            self.changed(link);
        }
    }

    /// Whether any link of the peer is answered.
    pub(crate) fn is_proved(&self, peer: &PeerId) -> bool {
        let by_peer = lock(&self.by_peer);
        let links = by_peer.get(peer).into_iter().flatten();
        links.into_iter().any(|link| link.proved.load(Ordering::Relaxed))
    }

    /// How many links a peer has.
    pub(crate) fn count(&self, peer: &PeerId) -> usize {
        lock(&self.by_peer).get(peer).map_or(0, Vec::len)
    }

    /// Opens a stream on the best link; a link that broke at this very moment is replaced by the next.
    pub(crate) async fn open(
        &self,
        peer: &PeerId,
        protocol: &'static str,
    ) -> Option<(Arc<Connection>, Stream)> {
        /// As many as a partner has links by plan; more failures in a row mean that the peer is gone.
        const TRIES: usize = crate::limits::PARTNER_LINKS;
        for _ in 0..TRIES {
            let link = self.least_loaded(peer)?;
            if let Some(stream) = link.open(protocol).await {
                return Some((link, stream));
            }
            // It answered nothing: out of use, so that the next try takes another.
            self.remove(peer, link.id);
        }
        None
    }

    /// Tells when partner links come or go.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn changed(&self, link: &Connection) {
        if link.is_partner() {
            self.changes.send_modify(|count| *count += 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn link(id: usize) -> Arc<Connection> {
        let peer = crate::address::to_peer_id(&hamsa_protocol::crypto::keys::NodePeer([9; 32]));
        Connection::new(ConnectionId::new_unchecked(id), peer, true, None)
    }

    #[tokio::test]
    async fn the_end_of_a_link_answers_waiting_requests() {
        let link = link(1);
        let waiting = tokio::spawn({
            let link = Arc::clone(&link);
            async move { link.open("/x").await.is_none() }
        });
        // The request must be in the queue before the end comes.
        while lock(&link.opens.queue).is_empty() {
            tokio::task::yield_now().await;
        }
        link.end();
        assert!(waiting.await.unwrap());
        assert!(link.open("/x").await.is_none());
        assert_eq!(link.load.count(), 0);
    }

    #[tokio::test]
    async fn the_queue_is_bounded() {
        let link = link(1);
        let mut waiting: Vec<_> = (0..OPEN_QUEUE).map(|_| Box::pin(link.open("/x"))).collect();
        for open in &mut waiting {
            assert!(futures::poll!(open.as_mut()).is_pending());
        }
        assert!(link.open("/x").await.is_none());
        // Requests that were dropped are skipped.
        waiting.truncate(1);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(link.poll_open(&mut cx).is_ready());
        assert!(link.poll_open(&mut cx).is_pending());
    }

    #[test]
    fn streams_go_where_the_fewest_are() {
        let links = Connections::new();
        let (one, two) = (link(1), link(2));
        links.add(&one);
        links.add(&two);
        let busy = one.load.add();
        assert_eq!(links.least_loaded(&one.peer).unwrap().id, two.id);
        drop(busy);
        links.remove(&one.peer, two.id);
        assert_eq!(links.least_loaded(&one.peer).unwrap().id, one.id);
        links.remove(&one.peer, one.id);
        assert!(links.least_loaded(&one.peer).is_none());
        assert!(one.gone.is_cancelled() && two.gone.is_cancelled());
    }
}
