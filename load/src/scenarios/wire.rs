//! What an idle chat costs on the seeker's line.

use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;
use futures::{FutureExt, future::BoxFuture};
use hamsa_tests::proxy::Proxy;
use serde::Serialize;
use tokio::time::sleep;

use crate::{report::Sample, scenario::Scenario, stage::LoadHelpline};

/// After the first words: what belongs to the beginning of a chat has passed.
const BEGIN: Duration = Duration::from_secs(20);

/// Bytes of an idle chat on the seeker's line.
#[derive(Debug, Args, Serialize)]
pub struct IdleWire {
    /// So long.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

impl Scenario for IdleWire {
    fn name(&self) -> &'static str {
        "wire"
    }

    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>> {
        async {
            let stage = LoadHelpline::found(true, 1).await?;
            let _pair = stage.talk(0).await?;
            sleep(BEGIN).await;
            let lines = &stage.helpline().ways.seeker;
            let before = bytes(lines);
            sleep(Duration::from_secs(self.seconds.into())).await;
            let after = bytes(lines);
            stage.alive().await?;
            ensure!(
                after.0 > before.0 && after.1 > before.1,
                "nothing passed: this is not the line of the chat"
            );
            let minute = |bytes: usize| bytes as f64 * 60.0 / f64::from(self.seconds) / 1_000.0;
            let [there, back] = [minute(after.0 - before.0), minute(after.1 - before.1)];
            Ok(vec![
                Sample::new("an idle chat on the seeker's line", "kB a minute", there + back),
                Sample::new("of these, from the seeker", "kB a minute", there),
                Sample::new("of these, to the seeker", "kB a minute", back),
            ])
        }
        .boxed()
    }
}

/// Bytes to the node and from it, above TCP.
fn bytes(lines: &[Proxy]) -> (usize, usize) {
    let connections = lines.iter().flat_map(Proxy::recorded);
    connections.fold((0, 0), |(to, from), connection| {
        (to + connection.to_node.len(), from + connection.to_caller.len())
    })
}
