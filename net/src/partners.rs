//! Keeps connections to each partner. Both sides dial: one that can reach the other is enough, so a home that only dials
//! out is a full partner.

use std::{sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use libp2p::PeerId;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tracing::{debug, error, info};

use crate::{
    command,
    limits::{PARTNER_LINKS, REDIAL_MAX, REDIAL_MIN},
    shared::Shared,
};

/// After a set of connections that held so long, the backoff starts again.
const SOUND: Duration = Duration::from_secs(30);

fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(REDIAL_MIN)
        .with_max_delay(REDIAL_MAX)
        .with_jitter()
        .without_max_times()
        .build()
}

/// Runs [`keep`] and, should it end by a fault of the program, runs it again: a partner must not be lost for that.
pub(crate) async fn supervise(node: Arc<Shared>, peer: PeerId) {
    loop {
        // The set ends the task together with this one.
        let mut task = JoinSet::new();
        task.spawn(keep(Arc::clone(&node), peer));
        match task.join_next().await {
            Some(Err(fault)) if fault.is_panic() => {
                error!(partner = %peer, "the task of a partner ended by a fault of the program; it is started again");
                sleep(REDIAL_MAX).await;
            }
            _ => return,
        }
    }
}

/// Keeps the planned number of connections with a partner, for ever.
pub(crate) async fn keep(node: Arc<Shared>, peer: PeerId) {
    let mut changes = node.links.watch();
    let mut pause = pauses();
    let mut made = 0;
    loop {
        changes.borrow_and_update();
        if node.links.count(&peer) >= PARTNER_LINKS {
            info!(partner = %peer, "partner connected");
            let since = Instant::now();
            while node.links.count(&peer) >= PARTNER_LINKS {
                if changes.changed().await.is_err() {
                    return;
                }
            }
            info!(partner = %peer, left = node.links.count(&peer), "connections to a partner were lost");
            if since.elapsed() >= SOUND {
                pause = pauses();
            }
            made = 0;
            // A little later, so that both sides do not dial at the same instant.
            sleep(pause.next().unwrap_or(REDIAL_MAX)).await;
            continue;
        }
        let Some(address) = node.partner_address(&peer) else {
            return;
        };
        let outcome = command::dial(&node.commands, peer, address, false).await;
        match outcome {
            // A partner that takes connections only to close them must not be dialled without end.
            Ok(()) if made < PARTNER_LINKS => {
                made += 1;
                continue;
            }
            Ok(()) => {}
            Err(error) => debug!(partner = %peer, code = error.code(), "a partner could not be dialled"),
        }
        let before = node.links.count(&peer);
        let rest = sleep(pause.next().unwrap_or(REDIAL_MAX));
        tokio::select! {
            () = rest => {}
            // The partner has dialled: there is no need to wait.
            () = more_than(&node, &peer, before) => {}
        }
    }
}

async fn more_than(node: &Shared, peer: &PeerId, before: usize) {
    let mut changes = node.links.watch();
    while node.links.count(peer) <= before {
        if changes.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}
