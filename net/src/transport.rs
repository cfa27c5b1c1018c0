//! The transports: TCP and WebSocket over TCP, names, Noise, yamux. No TLS is configured: Noise proves the peer.

use std::{
    io,
    num::NonZeroU8,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use libp2p::{
    Multiaddr, PeerId, Swarm, Transport,
    core::{
        ConnectedPoint,
        muxing::StreamMuxerBox,
        transport::{
            Boxed, DialOpts, ListenerId, TransportError, TransportEvent,
            map_err::MapErr,
            timeout::{TransportTimeout, TransportTimeoutError},
        },
        upgrade::Version,
    },
    dns,
    identity::Keypair,
    multiaddr::Protocol,
    noise, swarm, tcp, websocket, yamux,
};
use thiserror::Error;
use tracing::debug;

use crate::{
    answer::{Answered, is_web},
    behaviour::Behaviour,
    failure::kind_of,
    limits::{CONNECT_TIMEOUT, LISTEN_BACKLOG, NEGOTIATING_STREAMS, YAMUX_STREAMS},
};

/// A swarm of ours. Must be called within a tokio runtime.
pub(crate) fn swarm(
    key: &Keypair,
    behaviour: Behaviour,
    idle: Duration,
) -> Result<Swarm<Behaviour>, noise::Error> {
    let config = swarm::Config::with_tokio_executor()
        .with_idle_connection_timeout(idle)
        // The protocol is agreed while the first bytes are already on their way: no round trip for it.
        .with_substream_upgrade_protocol_override(Version::V1Lazy)
        .with_max_negotiating_inbound_streams(NEGOTIATING_STREAMS)
        // One address per dial: several at once would tell several networks about one wish.
        .with_dial_concurrency_factor(NonZeroU8::MIN);
    let peer = key.public().to_peer_id();
    Ok(Swarm::new(transport(key)?, behaviour, peer, config))
}

fn transport(key: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>, noise::Error> {
    let answered = |websocket| {
        named().map(move |stream, point: ConnectedPoint| Answered::new(stream, point.is_dialer(), websocket))
    };
    let websocket = authenticated(websocket::Config::new(answered(true)), key)?;
    let plain = authenticated(answered(false), key)?;
    // WebSocket first: plain TCP takes any address that begins with a port and would not pass `/ws` on.
    let either = websocket
        .or_transport(plain)
        .map(|either, _| either.into_inner())
        .map_err(|error| error.into_inner());
    Ok(TransportTimeout::new(either, CONNECT_TIMEOUT)
        .map_err(|error| match error {
            TransportTimeoutError::Timeout => io::ErrorKind::TimedOut.into(),
            TransportTimeoutError::TimerError(error) | TransportTimeoutError::Other(error) => error,
        })
        .boxed())
}

/// TCP whose names are looked up anew for each dial: a laptop that joins a network and a server that boots before its
/// DHCP answers get their name servers after the program was started.
struct Named {
    tcp: tcp::tokio::Transport,
}

impl Transport for Named {
    type Output = <tcp::tokio::Transport as Transport>::Output;
    type Error = io::Error;
    type ListenerUpgrade = <tcp::tokio::Transport as Transport>::ListenerUpgrade;
    type Dial = BoxFuture<'static, io::Result<Self::Output>>;

    fn listen_on(&mut self, id: ListenerId, address: Multiaddr) -> Result<(), TransportError<io::Error>> {
        self.tcp.listen_on(id, address)
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.tcp.remove_listener(id)
    }

    fn dial(
        &mut self,
        address: Multiaddr,
        options: DialOpts,
    ) -> Result<Self::Dial, TransportError<io::Error>> {
        let is_name = |part| matches!(part, Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_));
        if !address.iter().any(is_name) {
            return Ok(self.tcp.dial(address, options)?.boxed());
        }
        Ok(async move {
            let mut resolving = resolving();
            // The resolver does not fail before its future is polled.
            let dial = resolving
                .dial(address, options)
                .map_err(|_| io::ErrorKind::Unsupported)?;
            dial.await.map_err(|error| io::Error::from(kind_of(&error)))
        }
        .boxed())
    }

    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
        Pin::new(&mut self.tcp).poll(context)
    }
}

/// The layers above tell the source of an error below them but not that error itself: it must be a source.
#[derive(Debug, Error)]
#[error("the bytes did not pass")]
struct Below(#[source] io::Error);

fn named() -> MapErr<Named, fn(io::Error) -> Below> {
    Named { tcp: tcp() }.map_err(Below)
}

fn tcp() -> tcp::tokio::Transport {
    tcp::tokio::Transport::new(tcp::Config::new().nodelay(true).listen_backlog(LISTEN_BACKLOG))
}

/// TCP with the name servers and the hosts file as they stand now.
fn resolving() -> dns::tokio::Transport<tcp::tokio::Transport> {
    dns::tokio::Transport::system(tcp()).unwrap_or_else(|_| {
        // Without /etc/resolv.conf the hosts file still counts.
        debug!("the system's name servers could not be read");
        let (servers, options) = (dns::ResolverConfig::default(), dns::ResolverOpts::default());
        dns::tokio::Transport::custom(tcp(), servers, options)
    })
}

/// Noise and yamux over a transport of bytes. Errors keep their kind only: their texts contain addresses.
fn authenticated<T>(transport: T, key: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>, noise::Error>
where
    T: Transport + Send + Unpin + 'static,
    T::Output: futures::AsyncRead + futures::AsyncWrite + Send + Unpin + 'static,
    T::Error: Send + Sync + 'static,
    T::Dial: Send,
    T::ListenerUpgrade: Send,
{
    let mut streams = yamux::Config::default();
    streams.set_max_num_streams(YAMUX_STREAMS);
    Ok(transport
        .upgrade(Version::V1Lazy)
        .authenticate(noise::Config::new(key)?)
        .multiplex(streams)
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)))
        .map_err(|error| {
            io::Error::from(match kind_of(&error) {
                // Bytes that are no negotiation say nothing about their sender.
                io::ErrorKind::InvalidData if !is_web(&error) => io::ErrorKind::Other,
                kind => kind,
            })
        })
        .boxed())
}
