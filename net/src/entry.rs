//! The entry role: reads which home a client wants and joins the two, or refuses.

use std::{sync::Arc, time::Duration};

use hamsa_protocol::keys::{KEY_LEN, NodePeer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, timeout, timeout_at},
};

use crate::{
    address::to_peer_id, limits::REFUSAL_LINGER, permit::Permit, protocols::HOME, shared::Shared,
    splice::splice, stream::Stream,
};

/// How often a waiting stream looks whether the shorter deadline holds now.
const PRESSURE_CHECK: Duration = Duration::from_secs(5);

/// Serves one forward stream to its end.
pub(crate) async fn serve(node: Arc<Shared>, mut stream: Stream, half_open: Permit) {
    let Some(target) = read_target(&node, &mut stream).await else {
        node.refuse();
        return close(stream).await;
    };
    drop(half_open);
    if let Some(observer) = &node.observer {
        stream.observe(node.number(), observer.clone());
    }
    if target == node.local {
        // Both roles in one process: the stream itself is handed over, nothing is copied.
        return node.deliver(stream);
    }
    let peer = to_peer_id(&target);
    // Only partners: an entry that forwarded to anybody would be an open proxy.
    if node.is_partner(&peer)
        && let Some((link, home)) = node.links.open(&peer, HOME).await
    {
        // A link found dead takes its streams with it, so that clients start again at once.
        link.gone
            .run_until_cancelled(splice(stream, home, node.limits.idle_stream))
            .await;
        return;
    }
    node.refuse();
    close(stream).await;
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

/// Says the end politely, for a short while.
pub(crate) async fn close(mut stream: Stream) {
    let _ = timeout(REFUSAL_LINGER, stream.shutdown()).await;
}
