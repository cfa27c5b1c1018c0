//! A running node: network, home machine and operator's socket, started from a directory.

use std::path::Path;

use data_encoding::BASE32_NOPAD;
use hamsa_net::{Incoming, Limits, Node, NodeAddress, NodeConfig, Passed, parse_peer, peer_text};
use hamsa_protocol::{objects::Entry, time::Unix};
use tokio::{net::UnixListener, sync::mpsc, task::JoinHandle};

use crate::{
    TraceEvent,
    clock::today,
    config::{Config, NodeRole, parse_address},
    control::{self, EntryState, NodeStatus, PartnerState, Request},
    directory::{DirectoryError, NodeDirectory, NodeLock},
    lending,
    link_server::LinkServer,
    task::{self, HomeHandle},
};

/// File descriptors that connections never use: the runtime and standard streams (16), the operator's socket and its
/// callers (8), name servers (8), and the store with a database of three files for each day of two weeks and those that
/// are made or removed (64), and files that are written whole.
const FILES_RESERVED: usize = 112;
/// With fewer file descriptors than this the operator is told that few people will get in.
const FILES_FEW: usize = 4_096;
/// Pieces that the entry passed on and the observer has not taken.
const PASSED_QUEUE: usize = 1_024;

/// Why a node did not start, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Its directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The network.
    #[error("{0}; {advice}", advice = .0.advice())]
    Network(#[from] hamsa_net::NodeStartError),
    /// The operator's socket.
    #[error("could not listen for the operator in {path}: {source}; check that this user may write there")]
    Control {
        /// The directory.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// A node that runs.
pub struct RunningNode {
    /// `MULTIADDR/p2p/PEER` for each listening address.
    pub ready: Vec<String>,
    node: std::sync::Arc<Node>,
    home: HomeHandle,
    links: LinkServer,
    tasks: Vec<JoinHandle<()>>,
    /// Each is closed when its task has ended, however that happened.
    streams: mpsc::Sender<()>,
    operator: mpsc::Sender<()>,
    _lock: NodeLock,
}

/// Starts the node of a directory in the current tokio runtime. `observer` is told what passes.
///
/// # Errors
/// [`RunError`].
pub async fn start(dir: &Path, observer: Option<mpsc::Sender<TraceEvent>>) -> Result<RunningNode, RunError> {
    let directory = NodeDirectory::open(dir)?;
    let config = directory.config()?;
    let lock = directory.lock()?;
    let home = task::start(directory.clone(), &config)?;
    let links = LinkServer::new(home.clone(), observer.clone());
    let mut tasks = Vec::new();
    let observer = observer.map(|observer| {
        let (passed, incoming) = mpsc::channel(PASSED_QUEUE);
        tasks.push(tokio::spawn(report_passed(incoming, observer)));
        passed
    });
    let mut network = NodeConfig::new(directory.identity()?, config.listen.clone());
    network.partners = config.partner_addresses()?;
    network.onion.clone_from(&config.onion);
    network.trusted_proxy = config.trusted_proxy;
    network.limits = limits(network.partners.len(), network.trusted_proxy.is_some());
    network.entry = config.roles.contains(&NodeRole::Entry);
    network.home = config.roles.contains(&NodeRole::Home);
    network.observer = observer;
    let network_entry = network.entry;
    network.lender = Some(lending::lender(directory.lender_key()?, &config, home.clone()));
    let (node, incoming) = Node::start(network).await?;
    let node = std::sync::Arc::new(node);
    let listener = control::listen(dir).map_err(|source| RunError::Control {
        path: dir.display().to_string(),
        source,
    })?;
    tasks.push(tokio::spawn(lending::keep_lends(
        std::sync::Arc::clone(&node),
        home.clone(),
    )));
    let (streams, alive) = mpsc::channel(1);
    let taking = take_streams(incoming, links.clone());
    tasks.push(tokio::spawn(holding(alive, taking)));
    // A partner may be one that only uses this node as its own entry: it counts when a link comes by it.
    if network_entry {
        home.know_entry(node.peer()).await;
    }
    let operator = Operator {
        node: std::sync::Arc::clone(&node),
        home: home.clone(),
        config,
    };
    let (operator_lives, alive) = mpsc::channel(1);
    tasks.push(tokio::spawn(holding(alive, operator.run(listener))));
    let ready = node.listening().iter().map(NodeAddress::to_string).collect();
    Ok(RunningNode {
        ready,
        node,
        home,
        links,
        tasks,
        streams,
        operator: operator_lives,
        _lock: lock,
    })
}

impl RunningNode {
    /// Reads delegation and publication from the directory again.
    ///
    /// # Errors
    /// Why it was not taken; the node goes on with what it had.
    pub async fn reload(&self) -> Result<(), String> {
        self.home.reload().await
    }

    /// Waits until a task ends without which the node cannot go on, and names it. In normal operation none ends.
    pub async fn ended(&self) -> &'static str {
        tokio::select! {
            () = self.home.ended() => "home task",
            () = self.node.ended() => "network task",
            () = self.streams.closed() => "task that takes streams",
            () = self.operator.closed() => "operator's socket",
        }
    }

    /// Tells the clients, sends what is queued, and stops.
    pub async fn shutdown(self) {
        self.home.drain().await;
        self.links.finish().await;
        self.node.shutdown().await;
        for task in self.tasks {
            task.abort();
        }
    }
}

/// What the network may use of this process's file descriptors.
fn limits(partners: usize, proxied: bool) -> Limits {
    let files = hamsa_system::raise_open_files();
    let limits = Limits::default().within(files.saturating_sub(FILES_RESERVED), partners, proxied);
    if files < FILES_FEW {
        tracing::warn!(
            "the system allows this process {files} open files: {} connections of people at one moment; raise the hard \
             limit (LimitNOFILE= in systemd, ulimit -Hn) for more",
            limits.connections
        );
    }
    limits
}

/// Runs a task that holds `alive` until it ends, also by a panic.
async fn holding(alive: mpsc::Receiver<()>, task: impl Future<Output = ()>) {
    task.await;
    drop(alive);
}

async fn take_streams(mut incoming: Incoming, links: LinkServer) {
    while let Some(stream) = incoming.next().await {
        tokio::spawn(links.clone().serve(stream));
    }
}

async fn report_passed(mut passed: mpsc::Receiver<Passed>, observer: mpsc::Sender<TraceEvent>) {
    while let Some(passed) = passed.recv().await {
        let event = TraceEvent {
            home: false,
            link: passed.stream,
            inbound: passed.to_home,
            bytes: passed.bytes,
            kind: "",
            token: [0; 4],
            index: 0,
        };
        if observer.send(event).await.is_err() {
            return;
        }
    }
}

/// How the consents of entries stand now.
fn entry_states(consents: Vec<(Entry, Option<Unix>)>) -> Vec<EntryState> {
    let now = today();
    let state = |(entry, until): (Entry, Option<Unix>)| EntryState {
        peer: peer_text(&entry.peer),
        association: entry.association.map(String::from).unwrap_or_default(),
        consent_ends: until.map(|until| until.0),
        consents: until.is_some_and(|until| until > now),
    };
    consents.into_iter().map(state).collect()
}

struct Operator {
    node: std::sync::Arc<Node>,
    home: HomeHandle,
    config: Config,
}

impl Operator {
    async fn run(self, listener: UnixListener) {
        loop {
            let mut stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors for a moment: the next operator may have more luck.
                    tracing::warn!("the operator's socket: {error}");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    continue;
                }
            };
            if let Some(request) = control::read_request(&mut stream).await {
                let status = self.answer(request).await;
                control::write_answer(&mut stream, &status).await;
            }
        }
    }

    async fn add_partner(&self, address: &str) -> Result<(), String> {
        let partner = parse_address(address).map_err(|error| error.to_string())?;
        self.node
            .add_partner(&partner)
            .map_err(|error| error.to_string())?;
        Ok(())
    }

    async fn answer(&self, request: Request) -> NodeStatus {
        let mut lend = None;
        let error = match request {
            Request::Status => None,
            Request::Lend { peer } => {
                let asked = match parse_peer(&peer) {
                    Ok(peer) => lending::ask_now(&self.node, &self.home, &peer).await,
                    Err(error) => Err(error.to_string()),
                };
                lend = asked.as_ref().ok().map(|lend| BASE32_NOPAD.encode(lend));
                asked.err()
            }
            Request::Reload => self.home.reload().await.err(),
            Request::Partner { address } => self.add_partner(&address).await.err(),
        };
        let (counts, roster_version, consents) = self.home.counts().await;
        let role = |role: &NodeRole| match role {
            NodeRole::Entry => "entry".to_owned(),
            NodeRole::Home => "home".to_owned(),
        };
        let partner = |partner: hamsa_net::PartnerStatus| PartnerState {
            peer: peer_text(&partner.peer),
            connected: partner.connected,
        };
        NodeStatus {
            peer: peer_text(&self.node.peer()),
            listen: self.node.listening().iter().map(NodeAddress::to_string).collect(),
            roles: self.config.roles.iter().map(role).collect(),
            partners: self.node.partners().into_iter().map(partner).collect(),
            roster_version,
            entries: entry_states(consents),
            stored: counts.stored,
            expired: counts.expired,
            refused: counts.refused + self.node.refused(),
            links: counts.links,
            duties: counts.duties,
            tickets: counts.tickets,
            channels: counts.channels,
            mail: self.home.mail(),
            survey: self.home.survey().await.into_iter().map(Into::into).collect(),
            clock: self.home.doubt(),
            lend,
            error,
        }
    }
}
