//! One connection's protocols: it opens the streams that are asked for and hands inbound ones to the node.
//!
//! It keeps no queue of inbound streams: each is either taken within the limits at once or refused at once.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use libp2p::swarm::{
    ConnectionHandler, ConnectionHandlerEvent, SubstreamProtocol,
    handler::{ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound},
};
use tokio::sync::oneshot;

use crate::{
    connections::Connection,
    inbound,
    limits::OPEN_TIMEOUT,
    protocols::{Ask, ProtocolOffer},
    shared::Shared,
};

/// The handler of one connection.
pub(crate) struct Handler {
    link: Arc<Connection>,
    /// A client has no node behind it and accepts nothing.
    node: Option<Arc<Shared>>,
}

impl Handler {
    pub(crate) fn new(link: Arc<Connection>, node: Option<Arc<Shared>>) -> Self {
        Self { link, node }
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Infallible;
    type ToBehaviour = Infallible;
    type InboundProtocol = ProtocolOffer;
    type OutboundProtocol = Ask;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = oneshot::Sender<libp2p::Stream>;

    fn listen_protocol(&self) -> SubstreamProtocol<ProtocolOffer> {
        let offer = match &self.node {
            Some(node) => ProtocolOffer::of(node.entry, node.home.is_some(), self.link.is_partner()),
            None => ProtocolOffer::NONE,
        };
        SubstreamProtocol::new(offer, ()).with_timeout(OPEN_TIMEOUT)
    }

    fn connection_keep_alive(&self) -> bool {
        self.link.is_partner()
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Ask, Self::OutboundOpenInfo, Infallible>> {
        self.link.poll_open(cx).map(|request| {
            let ask = SubstreamProtocol::new(Ask(request.protocol), request.reply);
            ConnectionHandlerEvent::OutboundSubstreamRequest {
                protocol: ask.with_timeout(OPEN_TIMEOUT),
            }
        })
    }

    fn on_behaviour_event(&mut self, event: Infallible) {
        match event {}
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<'_, ProtocolOffer, Ask, (), Self::OutboundOpenInfo>,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (stream, protocol),
                ..
            }) => {
                if let Some(node) = &self.node {
                    inbound::accept(node, &self.link, stream, protocol);
                }
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, info }) => {
                // The request was dropped: so is the stream, which resets it.
                let _ = info.send(protocol);
            }
            // Dropping the sender answers the request.
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info, .. }) => drop(info),
            _ => {}
        }
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        self.link.end();
    }
}
