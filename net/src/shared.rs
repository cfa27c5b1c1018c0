//! The state that all parts of a running node share: its roles, limits, partners and counters.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use hamsa_protocol::crypto::keys::NodePeer;
use libp2p::{Multiaddr, PeerId};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    command::SwarmCommand,
    connections::{Connection, ConnectionKey, Connections, lock},
    lend::Lender,
    limits::{LEND_QUESTIONS, Limits, PARTNER_LINKS_MAX},
    permit::{Gauge, Permit},
    places::Places,
    source::{PeerSource, SourceKey},
    stream::Passed,
    types::{HomeStream, NodeCounts},
};

/// See the module.
pub(crate) struct Shared {
    pub(crate) local: NodePeer,
    pub(crate) entry: bool,
    /// Where streams for this home go; nothing when the node has no home role.
    pub(crate) home: Option<mpsc::Sender<HomeStream>>,
    pub(crate) limits: Limits,
    pub(crate) observer: Option<mpsc::Sender<Passed>>,
    /// Answers partners that ask whether this entry lends itself.
    pub(crate) lender: OnceLock<Lender>,
    pub(crate) links: Arc<Connections>,
    pub(crate) commands: mpsc::Sender<SwarmCommand>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    /// The addresses we really listen on.
    pub(crate) listening: Mutex<Vec<Multiaddr>>,
    /// Partners.
    partners: Mutex<HashMap<PeerId, KnownPartner>>,
    pub(crate) sources: SourceKey,
    /// Inbound connections that are shaking hands; the token ends one.
    pub(crate) handshakes: Places<CancellationToken>,
    /// Inbound connections of strangers.
    pub(crate) connections: Places<ConnectionKey>,
    /// Forward streams that have not named their target; the token ends one.
    pub(crate) half_open: Places<CancellationToken>,
    /// Forward streams that have.
    pub(crate) forwarded: Places<()>,
    pub(crate) home_streams: Places<()>,
    totals: Totals,
}

/// A node that this one works with.
struct KnownPartner {
    peer: NodePeer,
    /// Where it may be dialled.
    address: Multiaddr,
    /// Its questions that are in work.
    questions: Gauge,
}

/// NodeCounts without a limit.
#[derive(Default)]
struct Totals {
    streams: AtomicU64,
    refused: AtomicU64,
    limited: AtomicU64,
}

impl Shared {
    pub(crate) fn new(
        local: NodePeer,
        entry: bool,
        home: Option<mpsc::Sender<HomeStream>>,
        limits: Limits,
        sources: SourceKey,
        observer: Option<mpsc::Sender<Passed>>,
        commands: mpsc::Sender<SwarmCommand>,
    ) -> Arc<Self> {
        Arc::new(Self {
            local,
            entry,
            home,
            sources,
            handshakes: Places::waiting(limits.pending_connections),
            connections: Places::new(limits.connections),
            half_open: Places::waiting(limits.half_open),
            forwarded: Places::new(limits.streams),
            home_streams: Places::new(limits.home_streams),
            limits,
            observer,
            lender: OnceLock::new(),
            links: Arc::new(Connections::new()),
            commands,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            listening: Mutex::default(),
            partners: Mutex::default(),
            totals: Totals::default(),
        })
    }

    /// Runs a task that ends with the node.
    pub(crate) fn spawn(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            stop.run_until_cancelled(task).await;
        });
    }

    /// NodeCounts a refusal.
    pub(crate) fn refuse(&self) {
        self.totals.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// NodeCounts a connection over the limits.
    pub(crate) fn limited(&self) {
        self.totals.limited.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of a new forwarded stream, from 1.
    pub(crate) fn number(&self) -> u64 {
        1 + self.totals.streams.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn refused(&self) -> u64 {
        self.totals.refused.load(Ordering::Relaxed)
    }

    pub(crate) fn is_partner(&self, peer: &PeerId) -> bool {
        lock(&self.partners).contains_key(peer)
    }

    /// Notes a partner or its new address; true when it is new.
    pub(crate) fn set_partner(&self, id: PeerId, peer: NodePeer, address: Multiaddr) -> bool {
        self.sources.set_partner(id, &address);
        let mut partners = lock(&self.partners);
        let questions = partners.get(&id).map(|known| known.questions.clone());
        let partner = KnownPartner {
            peer,
            address,
            questions: questions.unwrap_or_default(),
        };
        let new = partners.insert(id, partner).is_none();
        // From the first partner on, strangers leave it half of this home, and handshakes for its connections.
        self.home_streams
            .reserve(self.limits.home_streams, partners.len());
        self.handshakes.reserve(PARTNER_LINKS_MAX, partners.len());
        new
    }

    /// Whose the streams of a connection are.
    pub(crate) fn source(&self, link: &Connection) -> PeerSource {
        if link.is_partner() {
            self.sources.partner(&link.peer)
        } else {
            link.source()
        }
    }

    pub(crate) fn partner_address(&self, peer: &PeerId) -> Option<Multiaddr> {
        lock(&self.partners)
            .get(peer)
            .map(|partner| partner.address.clone())
    }

    pub(crate) fn partner(&self, peer: &PeerId) -> Option<NodePeer> {
        lock(&self.partners).get(peer).map(|partner| partner.peer)
    }

    /// A place for a question of a partner, if it has not too many.
    pub(crate) fn question(&self, peer: &PeerId) -> Option<Permit> {
        lock(&self.partners).get(peer)?.questions.take(LEND_QUESTIONS)
    }

    pub(crate) fn partners(&self) -> Vec<(PeerId, NodePeer)> {
        let partners = lock(&self.partners);
        partners.iter().map(|(id, partner)| (*id, partner.peer)).collect()
    }

    pub(crate) fn counts(&self) -> NodeCounts {
        let partner_connections = self.partners().iter().map(|(id, _)| self.links.count(id)).sum();
        NodeCounts {
            pending_connections: self.handshakes.count(),
            connections: self.connections.count(),
            partner_connections,
            half_open: self.half_open.count(),
            forwarded: self.forwarded.count(),
            home_streams: self.home_streams.count(),
            refused: self.refused(),
            limited: self.totals.limited.load(Ordering::Relaxed),
        }
    }
}
