//! The keepalive of partner connections.
//!
//! TCP reports a peer that vanished only after many minutes. A byte that the partner MUST return tells within seconds.
//! It also tells whether the other side counts this node as a partner.

use std::{io, sync::Arc};

use libp2p::{PeerId, swarm::ConnectionId};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};

use crate::{
    command::SwarmCommand, connections::Connection, protocols::KEEPALIVE, shared::Shared, stream::Stream,
};

/// Starts the keepalive of a new connection, if it is a partner's.
pub(crate) fn start(node: &Arc<Shared>, peer: &PeerId, id: ConnectionId) {
    if let Some(link) = node.links.find(peer, id)
        && link.is_partner()
    {
        watch(node, link);
    }
}

/// Watches a partner's connection until it is gone. A second call for the same connection does nothing.
pub(crate) fn watch(node: &Arc<Shared>, link: Arc<Connection>) {
    if !link.claim_keepalive() {
        return;
    }
    let shared = Arc::clone(node);
    node.spawn(async move {
        let gone = link.gone.clone();
        gone.run_until_cancelled(keep_alive(&shared, &link)).await;
    });
}

async fn keep_alive(node: &Shared, link: &Connection) {
    loop {
        let Some(mut stream) = link.open(KEEPALIVE).await else {
            break;
        };
        match exchange(node, link, &mut stream).await {
            // No echo in time: the connection is dead, whatever the kernel reports.
            Err(error) if error.kind() == io::ErrorKind::TimedOut => break,
            // Refused: the other side does not count us as a partner, or not yet.
            _ => {
                node.links.prove(link, false);
                sleep(node.limits.keepalive).await;
            }
        }
    }
    node.links.remove(&link.peer, link.id);
    // The swarm's task may be gone already; then the connection is too.
    let _ = node.commands.send(SwarmCommand::Close(vec![link.id])).await;
}

async fn exchange(node: &Shared, link: &Connection, stream: &mut Stream) -> io::Result<()> {
    loop {
        timeout(node.limits.keepalive, async {
            stream.write_all(&[0]).await?;
            stream.flush().await?;
            stream.read_u8().await
        })
        .await
        .map_err(|_| io::ErrorKind::TimedOut)??;
        node.links.prove(link, true);
        sleep(node.limits.keepalive).await;
    }
}
