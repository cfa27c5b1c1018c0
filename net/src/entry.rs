//! The entry role: reads the home that a client asks for and joins the two, or refuses.

use std::time::Duration;

use hamsa_protocol::crypto::keys::{KEY_LEN, NodePeer};
use tokio::{
    io::AsyncReadExt,
    time::{Instant, timeout_at},
};

use crate::{
    address::to_peer_id, permit::Permit, protocols::HOME, shared::Shared, splice::splice, stream::Stream,
};

/// How often a waiting stream checks whether the shorter deadline holds now.
const PRESSURE_CHECK: Duration = Duration::from_secs(5);

/// What came of a forward stream.
pub(crate) enum Forwarded {
    /// It was joined with a stream to a partner, and has ended.
    Joined,
    /// Its target is this node.
    Local(Stream),
    /// The target did not come, is no partner, or cannot be reached.
    Refused(Stream),
}

/// Reads the target of a forward stream and joins the two until either ends.
pub(crate) async fn forward(node: &Shared, mut stream: Stream, half_open: Permit) -> Forwarded {
    let Some(target) = read_target(node, &mut stream).await else {
        return Forwarded::Refused(stream);
    };
    drop(half_open);
    if let Some(observer) = &node.observer {
        stream.observe(node.number(), observer.clone());
    }
    if target == node.local {
        return Forwarded::Local(stream);
    }
    let peer = to_peer_id(&target);
    // Only partners: an entry that forwarded anywhere would be an open proxy.
    if node.is_partner(&peer)
        && let Some((link, home)) = node.links.open(&peer, HOME).await
    {
        // A link found dead takes its streams with it, so that clients start again at once.
        link.gone
            .run_until_cancelled(splice(stream, home, node.limits.idle_stream))
            .await;
        return Forwarded::Joined;
    }
    Forwarded::Refused(stream)
}

/// The first 32 bytes, or nothing when they do not come in time or the stream ends.
async fn read_target(node: &Shared, stream: &mut Stream) -> Option<NodePeer> {
    let start = Instant::now();
    let mut target = [0; KEY_LEN];
    let mut read = std::pin::pin!(stream.read_exact(&mut target));
    let end = start + node.limits.first_frame;
    let mut check = end.min(start + node.limits.first_frame_pressed);
    loop {
        match timeout_at(check, &mut read).await {
            Ok(Ok(_)) => break,
            Ok(Err(_)) => return None,
            Err(_) => {
                let pressed = node.half_open.count() > node.limits.half_open / 2;
                if pressed || check >= end {
                    return None;
                }
                check = (check + PRESSURE_CHECK).min(end);
            }
        }
    }
    Some(NodePeer(target))
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncWriteExt, time::timeout};

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
    async fn under_pressure_the_wait_is_short_and_the_limit_holds() {
        let (node, at) = entry(Limits {
            half_open: 2,
            first_frame_pressed: Duration::from_millis(500),
            ..Limits::default()
        })
        .await;
        let dialer = Dialer::new().unwrap();
        let mut held = Vec::new();
        for _ in 0..3 {
            let (_, mut stream) = dialer.forward_stream(&at).await.unwrap();
            stream.write_all(&[1]).await.unwrap();
            held.push(Box::pin(ends(stream)));
        }
        // One of three is over the cap. Of the two within it one is let go early, not after 45 s; then the pressure is
        // gone, and the last has its full time.
        let (_, _, held) = futures::future::select_all(held).await;
        let (_, _, mut held) = futures::future::select_all(held).await;
        assert_eq!((node.refused(), node.counts().half_open), (2, 1));
        assert!(futures::poll!(&mut held[0]).is_pending());
    }
}
