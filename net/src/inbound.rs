//! Inbound streams: each is accepted within the limits or refused, at once. Dropping a stream resets it.

use std::sync::Arc;

use hamsa_protocol::crypto::keys::NodePeer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    connections::Connection,
    entry::{self, Forwarded, HalfOpen},
    lend,
    limits::{REFUSAL_LINGER, YAMUX_STREAMS},
    protocols::{FORWARD, HOME, KEEPALIVE, LEND},
    shared::Shared,
    source::PeerSource,
    stream::Stream,
    types::HomeStream,
};

/// Accepts or refuses a stream that the other side of `link` opened for `protocol`.
pub(crate) fn accept(node: &Arc<Shared>, link: &Arc<Connection>, stream: libp2p::Stream, protocol: &str) {
    // It made room for another and is being closed.
    if link.gone.is_cancelled() {
        return node.refuse();
    }
    let per_link = match link.is_partner() {
        true => YAMUX_STREAMS,
        false => node.limits.streams_per_connection,
    };
    let Some(place) = link.inbound.take(per_link) else {
        return node.refuse();
    };
    let stream = Stream::network(stream, place);
    match protocol {
        FORWARD if node.entry => {
            let (source, shed) = (node.source(link), CancellationToken::new());
            let Some((place, other)) = node.half_open.enter(source, shed.clone()) else {
                return node.refuse();
            };
            if let Some(other) = other {
                other.cancel();
            }
            let half_open = HalfOpen { source, place, shed };
            node.spawn(serve(Arc::clone(node), Arc::clone(link), stream, half_open));
        }
        // The offer to strangers lacks both already. They are checked again because the home and the keepalive MUST
        // be reachable for partners only.
        HOME if link.is_partner() => {
            let refused = match node.partner(&link.peer) {
                Some(entry) => deliver(node, node.source(link), stream, entry),
                None => Some(stream),
            };
            if let Some(stream) = refused {
                node.spawn(refuse(Arc::clone(node), stream));
            }
        }
        KEEPALIVE if link.is_partner() => node.spawn(echo(stream)),
        LEND if link.is_partner() => match node.question(&link.peer) {
            Some(question) => node.spawn(lend::serve(Arc::clone(node), link.peer, stream, question)),
            None => node.refuse(),
        },
        _ => node.refuse(),
    }
}

/// Serves one forward stream to its end.
async fn serve(node: Arc<Shared>, link: Arc<Connection>, stream: Stream, half_open: HalfOpen) {
    let source = half_open.source;
    // Boxed, as what lasts a moment is: the task keeps the room of its largest part while a person waits.
    let refused = match Box::pin(entry::forward(&node, &link, stream, half_open)).await {
        Forwarded::Joined(way, splice) => {
            // A link found dead takes its streams with it, so that clients start again at once.
            way.gone.run_until_cancelled(splice).await;
            return;
        }
        // Both roles in one process: the stream itself is handed over, nothing is copied.
        Forwarded::Local(mut stream) => {
            stream.hold(link.in_use());
            deliver(&node, source, stream, node.local)
        }
        Forwarded::Refused(stream) => Some(stream),
    };
    if let Some(stream) = refused {
        Box::pin(refuse(node, stream)).await;
    }
}

/// Gives a stream to this home, or gives it back when that is over the limits.
fn deliver(node: &Shared, source: PeerSource, mut stream: Stream, entry: NodePeer) -> Option<Stream> {
    let (Some(home), Some(place)) = (&node.home, node.home_streams.take(source, ())) else {
        return Some(stream);
    };
    stream.hold(place);
    match home.try_send(HomeStream { stream, entry }) {
        Ok(()) => None,
        Err(mpsc::error::TrySendError::Full(back) | mpsc::error::TrySendError::Closed(back)) => {
            Some(back.stream)
        }
    }
}

/// Refuses a stream by closing it. A peer that does not take the end within the time limit gets a reset.
async fn refuse(node: Arc<Shared>, mut stream: Stream) {
    node.refuse();
    let _ = timeout(REFUSAL_LINGER, stream.shutdown()).await;
}

/// The other side of a keepalive: returns each byte until the stream ends.
pub(crate) async fn echo(mut stream: Stream) {
    while let Ok(byte) = stream.read_u8().await {
        if stream.write_all(&[byte]).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}
