//! What both faces share.

use std::{collections::VecDeque, time::Duration};

use hamsa_client::api::Handle;

/// How long leaving waits for the engine to drain (its own bound is 5 s).
pub(crate) const DRAIN: Duration = Duration::from_secs(6);

/// The author of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    /// The other end of the chat.
    Peer,
    /// The person at this face.
    Me,
}

/// Gives the engine the commands that are left, and the time to say its last.
pub(crate) async fn part<C, E>(handle: Handle<C, E>, pending: VecDeque<C>, patience: Duration) {
    let Handle { commands, mut events } = handle;
    let tell = async {
        for command in pending {
            if commands.send(command).await.is_err() {
                break;
            }
        }
        // An engine without a face leaves by itself.
        drop(commands);
    };
    let drain = async { while events.recv().await.is_some() {} };
    let _ = tokio::time::timeout(patience, async { tokio::join!(tell, drain) }).await;
}
