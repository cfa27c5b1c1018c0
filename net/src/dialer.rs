//! The client's side: streams to homes through entry nodes.

use std::{fmt, sync::Arc, time::Instant};

use hamsa_protocol::crypto::keys::NodePeer;
use libp2p::{identity::Keypair, swarm::ConnectionId};
use tokio::{io::AsyncWriteExt, sync::mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    address::{NodeAddress, dialable, to_peer_id},
    behaviour::Behaviour,
    command::{self, SwarmCommand},
    connections::{Connection, Connections},
    driver::Driver,
    failure::DialError,
    limits::{COMMAND_QUEUE, IDLE_CONNECTION},
    protocols::FORWARD,
    stream::Stream,
    transport,
};

/// Attempts to get a stream: a connection that died unnoticed costs one, the new connection is the second.
const TRIES: usize = 2;

/// Makes streams to homes. It has a fresh random identity, listens nowhere and speaks the forward protocol only.
/// Dropping it closes its connections and stops its task.
pub struct Dialer {
    links: Arc<Connections>,
    commands: mpsc::Sender<SwarmCommand>,
    _stop: DropGuard,
}

impl Dialer {
    /// Starts the dialer's task in the current tokio runtime.
    ///
    /// # Errors
    /// [`DialError::Stopped`] when the network part cannot be set up.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new() -> Result<Self, DialError> {
        let links = Arc::new(Connections::new());
        let behaviour = Behaviour::new(Arc::clone(&links), None);
        let swarm = transport::swarm(&Keypair::generate_ed25519(), behaviour, IDLE_CONNECTION, None)
            .map_err(|_| DialError::Stopped)?;
        let (commands, inbox) = mpsc::channel(COMMAND_QUEUE);
        let stop = CancellationToken::new();
        tokio::spawn(Driver::new(swarm, inbox, Vec::new(), None).run(stop.clone()));
        Ok(Self {
            links,
            commands,
            _stop: stop.drop_guard(),
        })
    }

    /// A stream to a home through an entry, connecting to the entry if need be.
    ///
    /// It returns as soon as the wish is on its way, without a round trip: write your first bytes at once.
    /// An entry that does not forward to this home closes the stream, so that a read gives the end.
    ///
    /// # Errors
    /// [`DialError`] when the entry cannot be reached.
    pub async fn home_stream(&self, entry: &NodeAddress, home: &NodePeer) -> Result<Stream, DialError> {
        for _ in 0..TRIES {
            let (link, mut stream) = self.forward_stream(entry).await?;
            if name_home(&mut stream, home, &link).await {
                return Ok(stream);
            }
        }
        Err(DialError::Broken)
    }

    /// A stream to a home over a connection to the entry that came to stand after `since`: made now, beside those there
    /// are, if there is none. For a connection that misses an answer, and may live or not.
    ///
    /// # Errors
    /// [`DialError`] when the entry cannot be reached.
    pub async fn home_stream_since(
        &self,
        entry: &NodeAddress,
        home: &NodePeer,
        since: Instant,
    ) -> Result<Stream, DialError> {
        let address = dialable(&entry.address).map_err(|_| DialError::BadAddress)?;
        let peer = to_peer_id(&entry.peer);
        if self.links.since(&peer, since).is_none() {
            command::dial(&self.commands, peer, address, true).await?;
        }
        let link = self.links.since(&peer, since).ok_or(DialError::Broken)?;
        let mut stream = link.open(FORWARD).await.ok_or(DialError::Broken)?;
        let named = name_home(&mut stream, home, &link).await;
        named.then_some(stream).ok_or(DialError::Broken)
    }

    /// Closes the connections to an entry that stood before `moment`, with all their streams.
    pub fn forget_before(&self, entry: &NodeAddress, moment: Instant) {
        self.close(self.links.remove_before(&to_peer_id(&entry.peer), moment));
    }

    /// A stream that has not named its target yet.
    pub(crate) async fn forward_stream(
        &self,
        entry: &NodeAddress,
    ) -> Result<(Arc<Connection>, Stream), DialError> {
        let address = dialable(&entry.address).map_err(|_| DialError::BadAddress)?;
        let peer = to_peer_id(&entry.peer);
        for _ in 0..TRIES {
            if self.links.count(&peer) == 0 {
                command::dial(&self.commands, peer, address.clone(), true).await?;
            }
            if let Some(opened) = self.links.open(&peer, FORWARD).await {
                return Ok(opened);
            }
        }
        Err(DialError::Broken)
    }

    /// Closes the connection to an entry, with all its streams, so that the next call dials anew: for a connection
    /// that seems dead, or after the device changed its network.
    pub fn forget(&self, entry: &NodeAddress) {
        self.close(self.links.remove_all(&to_peer_id(&entry.peer)));
    }

    fn close(&self, connections: Vec<ConnectionId>) {
        if connections.is_empty() {
            return;
        }
        let close = SwarmCommand::Close(connections);
        if let Err(mpsc::error::TrySendError::Full(close)) = self.commands.try_send(close) {
            // Out of use already; only the closing itself waits its turn.
            let commands = self.commands.clone();
            tokio::spawn(async move { commands.send(close).await });
        }
    }
}

/// Names the home on a stream to an entry. An entry that refuses before that has answered: reading gives the end.
async fn name_home(stream: &mut Stream, home: &NodePeer, link: &Connection) -> bool {
    let named = stream.write_all(&home.0).await;
    named.is_ok() && stream.flush().await.is_ok() || !link.gone.is_cancelled()
}

impl fmt::Debug for Dialer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Dialer")
    }
}
