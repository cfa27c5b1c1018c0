//! The entry role: reads the home that a client asks for and joins the two, or refuses.

use std::sync::Arc;

use hamsa_protocol::crypto::keys::{KEY_LEN, NodePeer};
use tokio::{io::AsyncReadExt, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    address::to_peer_id,
    connections::Connection,
    places::PlaceGuard,
    protocols::HOME,
    shared::Shared,
    source::PeerSource,
    splice::{Splice, splice},
    stream::Stream,
};

/// What came of a forward stream.
pub(crate) enum Forwarded {
    /// The entry forwards it to a partner over this connection. Boxed, because many such values are held at once.
    Joined(Arc<Connection>, Box<Splice>),
    /// Its target is this node.
    Local(Stream),
    /// The target did not come, is no partner, or cannot be reached, or the stream made room for another.
    Refused(Stream),
}

/// A forward stream that has not named its target.
pub(crate) struct HalfOpen {
    pub(crate) source: PeerSource,
    pub(crate) place: PlaceGuard<CancellationToken>,
    /// Cancelled when it must make room for another.
    pub(crate) shed: CancellationToken,
}

/// Reads the target of a forward stream and joins the two.
pub(crate) async fn forward(
    node: &Shared,
    link: &Connection,
    mut stream: Stream,
    half_open: HalfOpen,
) -> Forwarded {
    let mut target = [0; KEY_LEN];
    let named = timeout(node.limits.first_frame, stream.read_exact(&mut target));
    let Some(Ok(Ok(_))) = half_open.shed.run_until_cancelled(named).await else {
        return Forwarded::Refused(stream);
    };
    let (source, target) = (half_open.source, NodePeer(target));
    drop(half_open.place);
    if let Some(observer) = &node.observer {
        stream.observe(node.number(), observer.clone());
    }
    if target == node.local {
        return Forwarded::Local(stream);
    }
    let peer = to_peer_id(&target);
    // Only partners: an entry that forwarded anywhere would be an open proxy.
    if node.is_partner(&peer)
        && let Some(place) = node.forwarded.take(source, ())
        && let Some((way, home)) = node.links.open(&peer, HOME).await
    {
        stream.hold(place);
        stream.hold(link.in_use());
        return Forwarded::Joined(way, Box::new(splice(stream, home, node.limits.idle_stream)));
    }
    Forwarded::Refused(stream)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::{Dialer, Limits, Node, NodeAddress, NodeConfig, NodeIdentity};

    async fn entry(limits: Limits) -> (Node, NodeAddress) {
        let identity = NodeIdentity::from_secret(&[3; 32]);
        let config = NodeConfig {
            limits,
            ..NodeConfig::new(identity, vec!["/ip4/127.0.0.1/tcp/0".to_owned()])
        };
        let (node, _) = Node::start(config).await.unwrap();
        let at = node.listening().remove(0);
        (node, at)
    }

    async fn ends(mut stream: Stream) -> Stream {
        let mut rest = Vec::new();
        let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut rest));
        assert_eq!(read.await.expect("closed in time").unwrap(), 0);
        stream
    }

    #[tokio::test]
    async fn a_target_cut_short_is_refused() {
        let (node, at) = entry(Limits::default()).await;
        let dialer = Dialer::new().unwrap();
        for length in [0, 1, KEY_LEN - 1] {
            let (_, mut stream) = dialer.forward_stream(&at).await.unwrap();
            stream.write_all(&vec![1; length]).await.unwrap();
            stream.shutdown().await.unwrap();
            ends(stream).await;
        }
        assert_eq!((node.refused(), node.counts().half_open), (3, 0));
    }

    #[tokio::test]
    async fn a_missing_target_is_refused_in_time() {
        let (node, at) = entry(Limits {
            first_frame: Duration::from_millis(300),
            ..Limits::default()
        })
        .await;
        let dialer = Dialer::new().unwrap();
        let (_, mut stream) = dialer.forward_stream(&at).await.unwrap();
        stream.write_all(&[1]).await.unwrap();
        ends(stream).await;
        assert_eq!((node.refused(), node.counts().half_open), (1, 0));
    }

    #[tokio::test]
    async fn a_stream_without_a_target_makes_room_for_another() {
        let (node, at) = entry(Limits {
            half_open: 4,
            ..Limits::default()
        })
        .await;
        let dialer = Dialer::new().unwrap();
        let mut held = Vec::new();
        for number in 0..5 {
            let (_, mut stream) = dialer.forward_stream(&at).await.unwrap();
            stream.write_all(&[1]).await.unwrap();
            while node.counts().half_open < 4.min(number + 1) {
                tokio::task::yield_now().await;
            }
            held.push(Box::pin(ends(stream)));
        }
        // The first gives its place to the fifth; the others have their full time.
        let (_, first, mut held) = futures::future::select_all(held).await;
        assert_eq!(first, 0);
        assert_eq!((node.refused(), node.counts().half_open), (1, 4));
        for stream in &mut held {
            assert!(futures::poll!(stream).is_pending());
        }
    }
}
