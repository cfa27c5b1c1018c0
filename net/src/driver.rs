//! The one task that owns the swarm: it executes commands and handles the events of the swarm.

use std::sync::Arc;

use futures::StreamExt;
use libp2p::{
    PeerId, Swarm,
    core::transport::ListenerId,
    swarm::{
        ConnectionId, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    behaviour::Behaviour,
    command::SwarmCommand,
    connections::lock,
    failure::{DialError, dial_error},
    keepalive,
    limits::SHUTDOWN,
    shared::Shared,
};

/// A dial under way and the requests that wait for it.
struct Flight {
    id: ConnectionId,
    peer: PeerId,
    waiting: Vec<oneshot::Sender<Result<(), DialError>>>,
}

/// See the module.
pub(crate) struct Driver {
    swarm: Swarm<Behaviour>,
    commands: mpsc::Receiver<SwarmCommand>,
    flights: Vec<Flight>,
    listeners: Vec<ListenerId>,
    node: Option<Arc<Shared>>,
}

impl Driver {
    pub(crate) fn new(
        swarm: Swarm<Behaviour>,
        commands: mpsc::Receiver<SwarmCommand>,
        listeners: Vec<ListenerId>,
        node: Option<Arc<Shared>>,
    ) -> Self {
        Self {
            swarm,
            commands,
            flights: Vec::new(),
            listeners,
            node,
        }
    }

    /// Runs until told to stop, then closes every connection.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(command) = self.commands.recv() => self.handle_command(command),
                event = self.swarm.select_next_some() => self.on_swarm_event(event),
            }
        }
        // Dropped senders tell the requests that there will be no connection.
        self.flights.clear();
        let _ = timeout(SHUTDOWN, self.close()).await;
    }

    async fn close(&mut self) {
        for id in self.listeners.drain(..) {
            self.swarm.remove_listener(id);
        }
        let peers: Vec<_> = self.swarm.connected_peers().copied().collect();
        for peer in peers {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        while self.swarm.network_info().connection_counters().num_established() > 0 {
            self.swarm.select_next_some().await;
        }
    }

    fn handle_command(&mut self, command: SwarmCommand) {
        match command {
            SwarmCommand::Close(connections) => {
                for id in connections {
                    self.swarm.close_connection(id);
                }
            }
            SwarmCommand::Dial {
                peer,
                address,
                share,
                reply,
            } => {
                if share && let Some(flight) = self.flights.iter_mut().find(|flight| flight.peer == peer) {
                    return flight.waiting.push(reply);
                }
                let options = DialOpts::peer_id(peer)
                    .addresses(vec![address])
                    .condition(PeerCondition::Always)
                    // A listening port as source would let only one connection to a partner live.
                    .allocate_new_port()
                    .build();
                let id = options.connection_id();
                match self.swarm.dial(options) {
                    Ok(()) => self.flights.push(Flight {
                        id,
                        peer,
                        waiting: vec![reply],
                    }),
                    Err(error) => drop(reply.send(Err(dial_error(&error)))),
                }
            }
        }
    }

    fn on_swarm_event(&mut self, event: SwarmEvent<std::convert::Infallible>) {
        match event {
            SwarmEvent::ConnectionEstablished {
                peer_id,
                connection_id,
                ..
            } => {
                if let Some(node) = &self.node {
                    keepalive::start(node, &peer_id, connection_id);
                }
                self.land(connection_id, Ok(()));
            }
            SwarmEvent::OutgoingConnectionError {
                connection_id, error, ..
            } => self.land(connection_id, Err(dial_error(&error))),
            SwarmEvent::NewListenAddr { address, .. } => {
                if let Some(node) = &self.node {
                    let mut listening = lock(&node.listening);
                    if !listening.contains(&address) {
                        listening.push(address);
                    }
                }
            }
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                if let Some(node) = &self.node {
                    lock(&node.listening).retain(|known| *known != address);
                }
            }
            SwarmEvent::ListenerClosed {
                reason: Err(error), ..
            } => {
                tracing::error!(kind = ?error.kind(), "a listening address was lost; restart the node");
            }
            _ => {}
        }
    }

    fn land(&mut self, id: ConnectionId, outcome: Result<(), DialError>) {
        let Some(at) = self.flights.iter().position(|flight| flight.id == id) else {
            return;
        };
        for reply in self.flights.swap_remove(at).waiting {
            let _ = reply.send(outcome);
        }
    }
}
