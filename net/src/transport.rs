//! The transports: TCP and WebSocket over TCP, names, Noise, yamux. No TLS is configured: Noise proves the peer.

use std::{io, num::NonZeroU8, time::Duration};

use libp2p::{
    PeerId, Swarm, Transport,
    core::{
        muxing::StreamMuxerBox,
        transport::{
            Boxed,
            timeout::{TransportTimeout, TransportTimeoutError},
        },
        upgrade::Version,
    },
    dns,
    identity::Keypair,
    noise, swarm, tcp, websocket, yamux,
};
use tracing::warn;

use crate::{
    behaviour::Behaviour,
    failure::kind_of,
    limits::{CONNECT_TIMEOUT, LISTEN_BACKLOG, NEGOTIATING_STREAMS, YAMUX_STREAMS},
};

type Named = dns::tokio::Transport<tcp::tokio::Transport>;

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
    let websocket = authenticated(websocket::Config::new(named()), key)?;
    let plain = authenticated(named(), key)?;
    // WebSocket first: the transport for names takes any address and would not pass `/ws` on.
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

fn named() -> Named {
    let tcp = || {
        let config = tcp::Config::new().nodelay(true).listen_backlog(LISTEN_BACKLOG);
        tcp::tokio::Transport::new(config)
    };
    dns::tokio::Transport::system(tcp()).unwrap_or_else(|_| {
        // A machine without /etc/resolv.conf still dials by number and by its hosts file.
        warn!("the system's name servers could not be read; only addresses by number will work");
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
        .map_err(|error| io::Error::from(kind_of(&error)))
        .boxed())
}
