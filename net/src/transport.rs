//! The transports: TCP and WebSocket over TCP, names, Noise, yamux. No TLS is configured: Noise proves the peer.

use std::{io, num::NonZeroU8, time::Duration};

use libp2p::{
    PeerId, Swarm, Transport,
    core::{
        ConnectedPoint,
        muxing::StreamMuxerBox,
        transport::{
            Boxed,
            map_err::MapErr,
            timeout::{TransportTimeout, TransportTimeoutError},
        },
        upgrade::Version,
    },
    identity::Keypair,
    noise, swarm, websocket, yamux,
};
use thiserror::Error;

use crate::{
    answer::{Answered, is_web},
    behaviour::Behaviour,
    ending::{Arriving, ClosesSoon, Endable},
    failure::kind_of,
    limits::{CONNECT_TIMEOUT, NEGOTIATING_STREAMS, YAMUX_STREAMS},
    pieces::InPieces,
    proxied::TrustedProxy,
    tcp::Tcp,
};

/// A swarm of ours. Must be called within a tokio runtime.
pub(crate) fn swarm(
    key: &Keypair,
    behaviour: Behaviour,
    idle: Duration,
    proxy: Option<TrustedProxy>,
) -> Result<Swarm<Behaviour>, noise::Error> {
    let config = swarm::Config::with_tokio_executor()
        .with_idle_connection_timeout(idle)
        // The protocol is agreed while the first bytes are already on their way: no round trip for it.
        .with_substream_upgrade_protocol_override(Version::V1Lazy)
        .with_max_negotiating_inbound_streams(NEGOTIATING_STREAMS)
        // One address per dial: several at once would tell several networks about one wish.
        .with_dial_concurrency_factor(NonZeroU8::MIN);
    let peer = key.public().to_peer_id();
    let transport = transport(key, proxy, behaviour.arriving())?;
    Ok(Swarm::new(transport, behaviour, peer, config))
}

fn transport(
    key: &Keypair,
    proxy: Option<TrustedProxy>,
    arriving: Arriving,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, noise::Error> {
    let answered = |websocket| {
        bytes(proxy)
            .map(move |stream, point: ConnectedPoint| Answered::new(stream, point.is_dialer(), websocket))
    };
    let websocket = authenticated(websocket::Config::new(answered(true)), key)?;
    let plain = authenticated(answered(false), key)?;
    // WebSocket first: plain TCP takes any address that begins with a port and would not pass `/ws` on.
    let either = websocket
        .or_transport(plain)
        .map(|either, _| either.into_inner())
        .map_err(|error| error.into_inner());
    let in_time = TransportTimeout::new(either, CONNECT_TIMEOUT).map_err(|error| match error {
        TransportTimeoutError::Timeout => io::ErrorKind::TimedOut.into(),
        TransportTimeoutError::TimerError(error) | TransportTimeoutError::Other(error) => error,
    });
    Ok(Endable::new(in_time.boxed(), arriving).boxed())
}

/// The layers above tell the source of an error below them but not that error itself: it must be a source.
#[derive(Debug, Error)]
#[error("the bytes did not pass")]
struct Below(#[source] io::Error);

fn bytes(proxy: Option<TrustedProxy>) -> MapErr<Tcp, fn(io::Error) -> Below> {
    Tcp::new(proxy).map_err(Below)
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
        .multiplex(InPieces(streams))
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(ClosesSoon::new(muxer))))
        .map_err(|error| {
            io::Error::from(match kind_of(&error) {
                // Bytes that are no negotiation say nothing about their sender.
                io::ErrorKind::InvalidData if !is_web(&error) => io::ErrorKind::Other,
                kind => kind,
            })
        })
        .boxed())
}
