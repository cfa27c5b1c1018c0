//! An association's node: the public face of the entry and home roles.

use std::{fmt, sync::Arc};

use hamsa_protocol::crypto::keys::NodePeer;
use libp2p::multiaddr::Protocol;
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::{
    address::{NodeAddress, NodeAddressError, dialable, to_peer_id},
    behaviour::Behaviour,
    connections::lock,
    driver::Driver,
    identity::NodeIdentity,
    keepalive,
    lend::{self, Lender},
    limits::{COMMAND_QUEUE, Limits, SHUTDOWN},
    partners,
    proxied::TrustedProxy,
    shared::Shared,
    source::{self, SourceKey},
    start::{self, NodeStartError},
    stream::Passed,
    transport,
    types::{HomeStream, NodeCounts, PartnerStatus},
};

/// What a node is started with.
#[derive(Debug)]
pub struct NodeConfig {
    /// Its key.
    pub identity: NodeIdentity,
    /// Where it listens, as multiaddresses; port 0 is any free port. Empty for a node that only dials out.
    pub listen: Vec<String>,
    /// Of these, those whose callers' addresses tell nothing: an onion service brings everybody from one address. Their
    /// ports are fixed.
    pub onion: Vec<String>,
    /// The proxy before the listeners, which names its callers by the PROXY protocol.
    pub trusted_proxy: Option<TrustedProxy>,
    /// The nodes it works with. Both sides must have each other.
    pub partners: Vec<NodeAddress>,
    /// Whether clients may ask it to forward.
    pub entry: bool,
    /// Whether it takes streams for itself.
    pub home: bool,
    /// What it allows.
    pub limits: Limits,
    /// Is told how many bytes pass in forwarded streams; what it does not take in time is not told.
    pub observer: Option<mpsc::Sender<Passed>>,
    /// Answers partners that ask whether this entry lends itself; without it all are refused.
    pub lender: Option<Lender>,
}

impl NodeConfig {
    /// Both roles, no partner, default limits.
    #[must_use]
    pub fn new(identity: NodeIdentity, listen: Vec<String>) -> Self {
        Self {
            identity,
            listen,
            onion: Vec::new(),
            trusted_proxy: None,
            partners: Vec::new(),
            entry: true,
            home: true,
            limits: Limits::default(),
            observer: None,
            lender: None,
        }
    }
}

/// Streams for this home, in the order in which they came.
#[derive(Debug)]
pub struct Incoming {
    streams: mpsc::Receiver<HomeStream>,
    stop: CancellationToken,
}

impl Incoming {
    /// The next stream; nothing once the node has stopped. Without the home role none comes, so this waits for the stop.
    pub async fn next(&mut self) -> Option<HomeStream> {
        tokio::select! {
            () = self.stop.cancelled() => None,
            Some(stream) = self.streams.recv() => Some(stream),
        }
    }
}

/// A running node. Dropping it stops it; [`Node::shutdown`] also waits for the end.
pub struct Node {
    shared: Arc<Shared>,
}

impl Node {
    /// Starts a node in the current tokio runtime and waits until it listens.
    ///
    /// # Errors
    /// [`NodeStartError`], each with its advice.
    pub async fn start(config: NodeConfig) -> Result<(Self, Incoming), NodeStartError> {
        let (commands, inbox) = mpsc::channel(COMMAND_QUEUE);
        let (home, streams) = mpsc::channel(config.limits.home_queue.max(1));
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| NodeStartError::Key)?;
        let onion = config.onion.iter().filter_map(|address| dialable(address).ok());
        let onion = onion.filter_map(|address| source::socket(&address)).collect();
        let shared = Shared::new(
            config.identity.peer(),
            config.entry,
            config.home.then_some(home),
            config.limits,
            SourceKey::new(key, onion),
            config.observer,
            commands,
        );
        let stop = shared.stop.clone();
        if let Some(lender) = config.lender {
            // `set` fails only on a second call, and this is the only one.
            let _ = shared.lender.set(lender);
        }
        let behaviour = Behaviour::new(Arc::clone(&shared.links), Some(Arc::clone(&shared)));
        let mut swarm = transport::swarm(
            &config.identity.keypair(),
            behaviour,
            shared.limits.idle_connection,
            config.trusted_proxy,
        )
        .map_err(|_| NodeStartError::Key)?;
        let (listeners, bound) = start::listen(&mut swarm, &config.listen).await?;
        *lock(&shared.listening) = bound;
        let driver = Driver::new(swarm, inbox, listeners, Some(Arc::clone(&shared)));
        shared.tasks.spawn(driver.run(stop.clone()));
        let node = Self { shared };
        for partner in &config.partners {
            node.add_partner(partner).map_err(NodeStartError::Partner)?;
        }
        Ok((node, Incoming { streams, stop }))
    }

    /// What the node is called.
    #[must_use]
    pub fn peer(&self) -> NodePeer {
        self.shared.local
    }

    /// Where the node listens: real ports, and for a wildcard every interface.
    #[must_use]
    pub fn listening(&self) -> Vec<NodeAddress> {
        let listening = lock(&self.shared.listening);
        let addresses = listening.iter().map(|address| {
            let plain = address.iter().filter(|part| !matches!(part, Protocol::P2p(_)));
            NodeAddress {
                address: plain.collect::<libp2p::Multiaddr>().to_string(),
                peer: self.shared.local,
            }
        });
        addresses.collect()
    }

    /// Adds a partner, or gives one a new address. It is dialled at once and again whenever it is lost.
    /// A node that is its own partner is left out.
    ///
    /// # Errors
    /// [`NodeAddressError`] when the address cannot be dialled.
    pub fn add_partner(&self, partner: &NodeAddress) -> Result<(), NodeAddressError> {
        let address = dialable(&partner.address)?;
        if partner.peer == self.shared.local {
            return Ok(());
        }
        let id = to_peer_id(&partner.peer);
        if self.shared.set_partner(id, partner.peer, address) {
            for link in self.shared.links.make_partner(&id) {
                keepalive::watch(&self.shared, link);
            }
            self.shared
                .spawn(partners::supervise(Arc::clone(&self.shared), id));
        }
        Ok(())
    }

    /// Waits until the network's task has ended: without one of [`Node::shutdown`] a fault of the program.
    pub async fn ended(&self) {
        self.shared.commands.closed().await;
    }

    /// All partners and whether each can be used now.
    #[must_use]
    pub fn partners(&self) -> Vec<PartnerStatus> {
        let partners = self.shared.partners().into_iter();
        let status = partners.map(|(id, peer)| PartnerStatus {
            peer,
            connected: self.shared.links.is_proved(&id),
        });
        status.collect()
    }

    /// Waits until a partner can be used, or cannot any more.
    pub async fn partner_is(&self, peer: &NodePeer, connected: bool) {
        let id = to_peer_id(peer);
        let mut changes = self.shared.links.watch();
        while self.shared.links.is_proved(&id) != connected {
            if changes.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// Asks a partner one question, which its [`Lender`] answers. Nothing: it cannot be reached, or refuses.
    pub async fn ask_lender(&self, partner: &NodePeer, question: &[u8]) -> Option<Vec<u8>> {
        lend::ask(&self.shared, partner, question).await
    }

    /// Streams refused since the start.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.shared.refused()
    }

    /// How much of everything there is now.
    #[must_use]
    pub fn counts(&self) -> NodeCounts {
        self.shared.counts()
    }

    /// Stops taking anything new, closes all connections and waits for that, 4 seconds at most.
    pub async fn shutdown(&self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        // The driver's own closing has its limit; this one is for tasks that would not end.
        let _ = timeout(SHUTDOWN.saturating_mul(2), self.shared.tasks.wait()).await;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Node({:?})", self.shared.local)
    }
}
