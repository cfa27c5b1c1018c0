//! The network behaviour: it tracks connections, refuses those over the limits, closes those that make room for others,
//! and makes handlers. It starts nothing by itself; dialling is the driver's.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    swarm::{
        CloseConnection, ConnectionClosed, ConnectionDenied, ConnectionId, DialFailure, FromSwarm,
        ListenFailure, NetworkBehaviour, THandlerInEvent, ToSwarm,
    },
};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::{
    connections::{Connection, ConnectionKey, Connections, StrangerPlace},
    ending::Arriving,
    handler::Handler,
    limits::{CLOSING_MAX, PARTNER_LINKS_MAX},
    places::PlaceGuard,
    shared::Shared,
    source::PeerSource,
};

/// Said to libp2p when a connection is over a limit; the other side only sees the connection closed.
#[derive(Debug, Error)]
#[error("over the limit of connections")]
struct TooMany;

/// See the module.
pub(crate) struct Behaviour {
    links: Arc<Connections>,
    node: Option<Arc<Shared>>,
    arriving: Arriving,
    /// Handshakes, those that made room and have not ended yet included.
    handshakes: HashMap<ConnectionId, Handshaking>,
    /// Established inbound connections of strangers, those that made room and are not closed yet included.
    strangers: HashSet<ConnectionId>,
    /// To be closed now.
    closing: VecDeque<ConnectionKey>,
}

struct Handshaking {
    source: PeerSource,
    _place: PlaceGuard<CancellationToken>,
}

impl Behaviour {
    /// Without a node, for a client: nothing is accepted.
    pub(crate) fn new(links: Arc<Connections>, node: Option<Arc<Shared>>) -> Self {
        Self {
            links,
            node,
            arriving: Arriving::default(),
            handshakes: HashMap::new(),
            strangers: HashSet::new(),
            closing: VecDeque::new(),
        }
    }

    /// Where the transport says how the handshake that comes next is ended.
    pub(crate) fn arriving(&self) -> Arriving {
        Arriving::clone(&self.arriving)
    }

    fn link(&self, id: ConnectionId, peer: PeerId, stranger: Option<StrangerPlace>) -> Handler {
        let partner = self.node.as_ref().is_some_and(|n| n.is_partner(&peer));
        let link = Connection::new(id, peer, partner, stranger);
        self.links.add(&link);
        // A partner added between the question and the entry into the list would be missed by both sides.
        if !partner && self.node.as_ref().is_some_and(|n| n.is_partner(&peer)) {
            self.links.make_partner(&peer);
        }
        Handler::new(link, self.node.clone())
    }

    fn denied(&self) -> ConnectionDenied {
        if let Some(node) = &self.node {
            node.limited();
        }
        ConnectionDenied::new(TooMany)
    }

    /// Lets a handshake begin, in the place of another one where it must be.
    fn begin(&mut self, id: ConnectionId, local: &Multiaddr, remote: &Multiaddr) -> Option<()> {
        let cancel = self.arriving.take();
        let node = self.node.as_ref()?;
        if self.handshakes.len() >= node.limits.pending_connections + CLOSING_MAX {
            return None;
        }
        let source = node.sources.of(local, remote);
        let (place, shed) = node.handshakes.enter(node.sources.expected(source), cancel)?;
        if let Some(shed) = shed {
            node.limited();
            shed.cancel();
        }
        let handshake = Handshaking {
            source,
            _place: place,
        };
        self.handshakes.insert(id, handshake);
        Some(())
    }

    /// Lets a connection of a stranger stand, in the place of another one where it must be.
    fn stand(&mut self, id: ConnectionId, peer: PeerId, source: PeerSource) -> Option<StrangerPlace> {
        let node = self.node.as_ref()?;
        if self.strangers.len() >= node.limits.connections + CLOSING_MAX
            || self.links.count(&peer) >= node.limits.connections_per_peer
        {
            return None;
        }
        let (place, shed) = node.connections.enter(source, (peer, id))?;
        if let Some((peer, id)) = shed {
            node.limited();
            self.links.remove(&peer, id);
            self.closing.push_back((peer, id));
        }
        self.strangers.insert(id);
        Some(StrangerPlace { source, place })
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.begin(id, local, remote).ok_or_else(|| self.denied())
    }

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<Handler, ConnectionDenied> {
        let handshake = self.handshakes.remove(&id);
        let source = handshake.map_or(PeerSource::Unnamed, |handshake| handshake.source);
        let partner = self.node.as_ref().filter(|node| node.is_partner(&peer));
        let stranger = if let Some(node) = partner {
            node.sources.partner_came(peer, source);
            if self.links.count(&peer) >= PARTNER_LINKS_MAX {
                return Err(self.denied());
            }
            None
        } else {
            let place = self.stand(id, peer, source).ok_or_else(|| self.denied())?;
            Some(place)
        };
        Ok(self.link(id, peer, stranger))
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(self.link(id, peer, None))
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
                self.handshakes.remove(&connection_id);
            }
            FromSwarm::DialFailure(DialFailure {
                peer_id: Some(peer),
                connection_id,
                ..
            }) => self.links.remove(&peer, connection_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: Infallible) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        match self.closing.pop_front() {
            Some((peer_id, id)) => Poll::Ready(ToSwarm::CloseConnection {
                peer_id,
                connection: CloseConnection::One(id),
            }),
            // Whatever fills the list is called by the swarm, which polls again after it.
            None => Poll::Pending,
        }
    }
}
