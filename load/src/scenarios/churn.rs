//! People who come and go: what they leave behind in the nodes.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use futures::{FutureExt, future::BoxFuture};
use serde::Serialize;
use tokio::time::sleep;

use crate::{report::Sample, scenario::Scenario, stage::LoadHelpline};

/// After the last one left: the nodes give back what they can.
const SETTLE: Duration = Duration::from_secs(5);

/// People who come and go.
#[derive(Debug, Args, Serialize)]
pub struct Churn {
    /// People of a wave: so many are there at once.
    #[arg(long, default_value_t = 500)]
    count: usize,
    /// Waves after the first, which fills the allocators and is not measured.
    #[arg(long, default_value_t = 4)]
    waves: usize,
}

impl Scenario for Churn {
    fn name(&self) -> &'static str {
        "churn"
    }

    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>> {
        async {
            let stage = LoadHelpline::found(false, 1).await?;
            self.wave(&stage).await?;
            let memory = || -> Result<[u64; 2]> {
                Ok([
                    stage.entry()?.process().resident(),
                    stage.home()?.process().resident(),
                ])
            };
            let before = memory()?;
            for _ in 0..self.waves {
                self.wave(&stage).await?;
            }
            stage.alive().await?;
            let visits = (self.count * self.waves) as f64;
            let nodes = ["the entry", "the home"]
                .into_iter()
                .zip(before.into_iter().zip(memory()?));
            let left = |(name, (before, after)): (&str, (u64, u64))| {
                let each = (after as f64 - before as f64) / visits;
                Sample::new(format!("left behind by each visit at {name}"), "KiB", each)
            };
            Ok(nodes.map(left).collect())
        }
        .boxed()
    }
}

impl Churn {
    /// A wave comes, and goes.
    async fn wave(&self, stage: &LoadHelpline) -> Result<()> {
        let people = stage.arrive(self.count, false).await?;
        stage.links(self.count).await?;
        drop(people);
        stage.links(0).await?;
        sleep(SETTLE).await;
        Ok(())
    }
}
