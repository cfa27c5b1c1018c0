//! Connections that must end: a handshake that makes room for another, and a close that the other side does not read.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use futures::{FutureExt, future::BoxFuture};
use libp2p::{
    Multiaddr, PeerId, Transport,
    core::{
        muxing::{StreamMuxer, StreamMuxerBox, StreamMuxerEvent},
        transport::{Boxed, DialOpts, ListenerId, TransportError, TransportEvent},
    },
};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::CancellationToken;

use crate::{connections::lock, limits::CLOSE_TIMEOUT};

/// How the handshake that the transport has just announced is ended. The swarm asks the behaviour about each before it
/// polls the transport again, so there is never more than one.
#[derive(Clone, Default)]
pub(crate) struct Arriving(Arc<Mutex<CancellationToken>>);

impl Arriving {
    /// The token of the handshake that the behaviour is asked about now.
    pub(crate) fn take(&self) -> CancellationToken {
        std::mem::take(&mut *lock(&self.0))
    }

    fn announce(&self) -> CancellationToken {
        let token = CancellationToken::new();
        *lock(&self.0) = token.clone();
        token
    }
}

type Upgraded = (PeerId, StreamMuxerBox);

/// A transport whose handshakes of others can be ended: libp2p itself ends them by time only.
pub(crate) struct Endable {
    transport: Boxed<Upgraded>,
    arriving: Arriving,
}

impl Endable {
    pub(crate) const fn new(transport: Boxed<Upgraded>, arriving: Arriving) -> Self {
        Self { transport, arriving }
    }
}

impl Transport for Endable {
    type Output = Upgraded;
    type Error = io::Error;
    type ListenerUpgrade = BoxFuture<'static, io::Result<Upgraded>>;
    type Dial = <Boxed<Upgraded> as Transport>::Dial;

    fn listen_on(&mut self, id: ListenerId, address: Multiaddr) -> Result<(), TransportError<io::Error>> {
        self.transport.listen_on(id, address)
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.transport.remove_listener(id)
    }

    fn dial(
        &mut self,
        address: Multiaddr,
        options: DialOpts,
    ) -> Result<Self::Dial, TransportError<io::Error>> {
        self.transport.dial(address, options)
    }

    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
        let event = Pin::new(&mut self.transport).poll(context);
        event.map(|event| {
            event.map_upgrade(|upgrade| {
                let end = self.arriving.announce();
                let upgraded = async move { end.run_until_cancelled_owned(upgrade).await };
                upgraded
                    .map(|done| done.unwrap_or_else(|| Err(io::ErrorKind::ConnectionAborted.into())))
                    .boxed()
            })
        })
    }
}

/// A multiplexed connection whose close has a time limit. Without one a peer that reads nothing keeps it for ever.
pub(crate) struct ClosesSoon<M> {
    muxer: M,
    closing: Option<Pin<Box<Sleep>>>,
}

impl<M> ClosesSoon<M> {
    pub(crate) const fn new(muxer: M) -> Self {
        Self { muxer, closing: None }
    }
}

impl<M: StreamMuxer + Unpin> StreamMuxer for ClosesSoon<M> {
    type Substream = M::Substream;
    type Error = M::Error;

    fn poll_inbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<M::Substream, M::Error>> {
        Pin::new(&mut self.muxer).poll_inbound(cx)
    }

    fn poll_outbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<M::Substream, M::Error>> {
        Pin::new(&mut self.muxer).poll_outbound(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), M::Error>> {
        let closed = Pin::new(&mut self.muxer).poll_close(cx);
        if closed.is_ready() {
            return closed;
        }
        let limit = self.closing.get_or_insert_with(|| Box::pin(sleep(CLOSE_TIMEOUT)));
        // What is dropped after this is closed by the system.
        limit.as_mut().poll(cx).map(Ok)
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<StreamMuxerEvent, M::Error>> {
        Pin::new(&mut self.muxer).poll(cx)
    }
}
