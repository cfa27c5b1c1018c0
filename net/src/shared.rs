//! What all parts of a running node share: its roles, limits, partners, counters, and the door for inbound streams.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use hamsa_protocol::crypto::keys::NodePeer;
use libp2p::{Multiaddr, PeerId};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Limits,
    driver::Command,
    entry,
    limits::YAMUX_STREAMS,
    links::{Link, Links, lock},
    node::{Counts, HomeStream},
    permit::Gauge,
    protocols::{FORWARD, HOME, PULSE},
    pulse,
    stream::{Passed, Stream},
};

/// See the module.
pub(crate) struct Shared {
    pub(crate) local: NodePeer,
    pub(crate) entry: bool,
    /// Where streams for this home go; nothing when the node has no home role.
    pub(crate) home: Option<mpsc::Sender<HomeStream>>,
    pub(crate) limits: Limits,
    pub(crate) observer: Option<mpsc::Sender<Passed>>,
    pub(crate) links: Arc<Links>,
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    /// The addresses we really listen on.
    pub(crate) listening: Mutex<Vec<Multiaddr>>,
    /// Partners and where each may be dialled.
    partners: Mutex<HashMap<PeerId, (NodePeer, Multiaddr)>>,
    pub(crate) half_open: Gauge,
    pub(crate) forwarded: Gauge,
    home_streams: Gauge,
    next_stream: AtomicU64,
    refused: AtomicU64,
    limited: AtomicU64,
    pending: AtomicUsize,
    strangers: AtomicUsize,
}

impl Shared {
    pub(crate) fn new(
        local: NodePeer,
        entry: bool,
        home: Option<mpsc::Sender<HomeStream>>,
        limits: Limits,
        observer: Option<mpsc::Sender<Passed>>,
        commands: mpsc::Sender<Command>,
        stop: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self {
            local,
            entry,
            home,
            limits,
            observer,
            links: Arc::new(Links::new()),
            commands,
            tasks: TaskTracker::new(),
            stop,
            listening: Mutex::default(),
            partners: Mutex::default(),
            half_open: Gauge::default(),
            forwarded: Gauge::default(),
            home_streams: Gauge::default(),
            next_stream: AtomicU64::new(1),
            refused: AtomicU64::new(0),
            limited: AtomicU64::new(0),
            pending: AtomicUsize::new(0),
            strangers: AtomicUsize::new(0),
        })
    }

    /// Runs a task that ends with the node.
    pub(crate) fn spawn(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            stop.run_until_cancelled(task).await;
        });
    }

    /// An inbound stream: taken within the limits or refused, at once. Dropping a stream resets it.
    pub(crate) fn accept(self: &Arc<Self>, link: &Arc<Link>, stream: libp2p::Stream, protocol: &str) {
        let per_link = match link.is_partner() {
            true => YAMUX_STREAMS,
            false => self.limits.streams_per_connection,
        };
        let Some(place) = link.inbound.take(per_link) else {
            return self.refuse();
        };
        let mut stream = Stream::network(stream, place);
        match protocol {
            FORWARD if self.entry => {
                let half_open = self.half_open.take(self.limits.half_open);
                let (Some(half_open), Some(place)) = (half_open, self.forwarded.take(self.limits.streams))
                else {
                    return self.refuse();
                };
                stream.hold(place);
                self.spawn(entry::serve(Arc::clone(self), stream, half_open));
            }
            // The offer to strangers lacks these already; asked again here because much hangs on it.
            HOME if link.is_partner() => self.deliver(stream),
            PULSE if link.is_partner() => self.spawn(pulse::echo(stream)),
            _ => self.refuse(),
        }
    }

    /// Gives a stream to this home; over the limits it is refused.
    pub(crate) fn deliver(self: &Arc<Self>, mut stream: Stream) {
        let (Some(home), Some(place)) = (&self.home, self.home_streams.take(self.limits.home_streams)) else {
            return self.turn_away(stream);
        };
        stream.hold(place);
        if let Err(error) = home.try_send(HomeStream { stream }) {
            let (mpsc::error::TrySendError::Full(back) | mpsc::error::TrySendError::Closed(back)) = error;
            self.turn_away(back.stream);
        }
    }

    /// Counts a refusal.
    pub(crate) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Refuses a stream by closing it, without waiting for that.
    fn turn_away(self: &Arc<Self>, stream: Stream) {
        self.refuse();
        self.spawn(entry::close(stream));
    }

    /// Counts a connection over the limits.
    pub(crate) fn limited(&self) {
        self.limited.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn set_connections(&self, pending: usize, strangers: usize) {
        self.pending.store(pending, Ordering::Relaxed);
        self.strangers.store(strangers, Ordering::Relaxed);
    }

    /// A number for a forwarded stream.
    pub(crate) fn number(&self) -> u64 {
        self.next_stream.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    pub(crate) fn is_partner(&self, peer: &PeerId) -> bool {
        lock(&self.partners).contains_key(peer)
    }

    /// Notes a partner or its new address; true when it is new.
    pub(crate) fn set_partner(&self, id: PeerId, peer: NodePeer, address: Multiaddr) -> bool {
        lock(&self.partners).insert(id, (peer, address)).is_none()
    }

    pub(crate) fn partner_address(&self, peer: &PeerId) -> Option<Multiaddr> {
        lock(&self.partners).get(peer).map(|(_, address)| address.clone())
    }

    pub(crate) fn partners(&self) -> Vec<(PeerId, NodePeer)> {
        let partners = lock(&self.partners);
        partners.iter().map(|(id, (peer, _))| (*id, *peer)).collect()
    }

    pub(crate) fn counts(&self) -> Counts {
        let partner_connections = self.partners().iter().map(|(id, _)| self.links.count(id)).sum();
        Counts {
            pending_connections: self.pending.load(Ordering::Relaxed),
            connections: self.strangers.load(Ordering::Relaxed),
            partner_connections,
            half_open: self.half_open.count(),
            forwarded: self.forwarded.count(),
            home_streams: self.home_streams.count(),
            refused: self.refused(),
            limited: self.limited.load(Ordering::Relaxed),
        }
    }
}
