//! The pulse of partner connections. A connection whose other end vanished without a word looks alive for many
//! minutes; a byte that must come back tells within seconds, and also whether the partner counts us as one.

use std::{io, sync::Arc};

use libp2p::{PeerId, swarm::ConnectionId};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};

use crate::{driver::Command, links::Link, protocols::PULSE, shared::Shared, stream::Stream};

/// Starts the pulse of a connection just made, if it is a partner's.
pub(crate) fn start(node: &Arc<Shared>, peer: &PeerId, id: ConnectionId) {
    if let Some(link) = node.links.find(peer, id)
        && link.is_partner()
    {
        keep(node, link);
    }
}

/// Keeps the pulse of a partner's connection until it is gone.
pub(crate) fn keep(node: &Arc<Shared>, link: Arc<Link>) {
    if !link.claim_pulse() {
        return;
    }
    let shared = Arc::clone(node);
    node.spawn(async move {
        let gone = link.gone.clone();
        gone.run_until_cancelled(beat(&shared, &link)).await;
    });
}

async fn beat(node: &Shared, link: &Link) {
    loop {
        let Some(mut stream) = link.open(PULSE).await else {
            break;
        };
        match rounds(node, link, &mut stream).await {
            // No echo in time: the connection is dead, whatever the kernel believes.
            Err(error) if error.kind() == io::ErrorKind::TimedOut => break,
            // Refused: the other side does not count us as a partner, or not yet.
            _ => {
                node.links.prove(link, false);
                sleep(node.limits.pulse).await;
            }
        }
    }
    node.links.remove(&link.peer, link.id);
    // The swarm's task may be gone already; then the connection is too.
    let _ = node.commands.send(Command::Close(vec![link.id])).await;
}

async fn rounds(node: &Shared, link: &Link, stream: &mut Stream) -> io::Result<()> {
    loop {
        timeout(node.limits.pulse, async {
            stream.write_all(&[0]).await?;
            stream.flush().await?;
            stream.read_u8().await
        })
        .await
        .map_err(|_| io::ErrorKind::TimedOut)??;
        node.links.prove(link, true);
        sleep(node.limits.pulse).await;
    }
}

/// The other side of a pulse: gives each byte back until the other side stops or the connection ends.
pub(crate) async fn echo(mut stream: Stream) {
    while let Ok(byte) = stream.read_u8().await {
        if stream.write_all(&[byte]).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}
