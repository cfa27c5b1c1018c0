//! The network behaviour: it tracks connections, refuses those over the limits, and makes handlers.
//! It starts nothing by itself; dialling and closing are the driver's.

use std::{
    collections::HashSet,
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    swarm::{
        ConnectionClosed, ConnectionDenied, ConnectionId, DialFailure, FromSwarm, ListenFailure,
        NetworkBehaviour, THandlerInEvent, ToSwarm,
    },
};
use thiserror::Error;

use crate::{
    connections::{Connection, Connections},
    handler::Handler,
    limits::PARTNER_LINKS_MAX,
    shared::Shared,
    sources::Sources,
};

/// Said to libp2p when a connection is over a limit; the other side only sees the connection closed.
#[derive(Debug, Error)]
#[error("over the limit of connections")]
struct TooMany;

/// See the module.
pub(crate) struct Behaviour {
    links: Arc<Connections>,
    node: Option<Arc<Shared>>,
    pending: Sources,
    /// Established inbound connections of strangers.
    strangers: HashSet<ConnectionId>,
}

impl Behaviour {
    /// Without a node, for a client: nothing is accepted.
    pub(crate) fn new(links: Arc<Connections>, node: Option<Arc<Shared>>) -> Self {
        Self {
            links,
            node,
            pending: Sources::default(),
            strangers: HashSet::new(),
        }
    }

    fn link(&self, id: ConnectionId, peer: PeerId) -> Handler {
        let partner = self.node.as_ref().is_some_and(|n| n.is_partner(&peer));
        let link = Connection::new(id, peer, partner);
        self.links.add(&link);
        // A partner added between the question and the entry into the list would be missed by both sides.
        if !partner && self.node.as_ref().is_some_and(|n| n.is_partner(&peer)) {
            self.links.make_partner(&peer);
        }
        Handler::new(link, self.node.clone())
    }

    fn count(&self) {
        if let Some(node) = &self.node {
            node.set_connections(self.pending.len(), self.strangers.len());
        }
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        let Some(node) = &self.node else {
            return Err(ConnectionDenied::new(TooMany));
        };
        if !self.pending.enter(id, remote, node.limits.pending_connections) {
            node.limited();
            return Err(ConnectionDenied::new(TooMany));
        }
        self.count();
        Ok(())
    }

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<Handler, ConnectionDenied> {
        self.pending.leave(id);
        let Some(node) = &self.node else {
            return Err(ConnectionDenied::new(TooMany));
        };
        let partner = node.is_partner(&peer);
        let allowed = if partner {
            self.links.count(&peer) < PARTNER_LINKS_MAX
        } else {
            self.strangers.len() < node.limits.connections
                && self.links.count(&peer) < node.limits.connections_per_peer
        };
        if !allowed {
            node.limited();
            self.count();
            return Err(ConnectionDenied::new(TooMany));
        }
        if !partner {
            self.strangers.insert(id);
        }
        self.count();
        Ok(self.link(id, peer))
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(self.link(id, peer))
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionClosed(ConnectionClosed {
                peer_id,
                connection_id,
                ..
            }) => {
                self.strangers.remove(&connection_id);
                self.links.remove(&peer_id, connection_id);
            }
            FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
                self.pending.leave(connection_id);
            }
            FromSwarm::DialFailure(DialFailure {
                peer_id: Some(peer),
                connection_id,
                ..
            }) => self.links.remove(&peer, connection_id),
            _ => return,
        }
        self.count();
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: Infallible) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}
