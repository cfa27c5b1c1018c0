//! What the crate asks of the task that owns the swarm.

use libp2p::{Multiaddr, PeerId, swarm::ConnectionId};
use tokio::sync::{mpsc, oneshot};

use crate::failure::DialError;

/// A request to the driver.
pub(crate) enum SwarmCommand {
    /// Make a connection.
    Dial {
        peer: PeerId,
        address: Multiaddr,
        /// Whether a dial to this peer that is under way will do.
        share: bool,
        reply: oneshot::Sender<Result<(), DialError>>,
    },
    /// Close connections.
    Close(Vec<ConnectionId>),
}

/// Asks the driver for a connection and waits for the outcome.
pub(crate) async fn dial(
    commands: &mpsc::Sender<SwarmCommand>,
    peer: PeerId,
    address: Multiaddr,
    share: bool,
) -> Result<(), DialError> {
    let (reply, outcome) = oneshot::channel();
    let command = SwarmCommand::Dial {
        peer,
        address,
        share,
        reply,
    };
    commands.send(command).await.map_err(|_| DialError::Stopped)?;
    // The transport's own timeout ends every dial.
    outcome.await.unwrap_or(Err(DialError::Stopped))
}
