//! Memory of nodes for people who are there and say nothing, and what it cost to let them in.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use futures::{FutureExt, future::BoxFuture};
use hamsa_tests::cast::Node;
use serde::Serialize;
use tokio::time::sleep;

use crate::{neighbours::used, report::Sample, scenario::Scenario, stage::LoadHelpline};

/// After the last one came: the nodes give back what they needed for the arrival.
const SETTLE: Duration = Duration::from_secs(10);

/// Memory of people who say nothing.
#[derive(Debug, Args, Serialize)]
pub struct Idle {
    /// So many.
    #[arg(long, default_value_t = 1_000)]
    count: usize,
    /// Each waits in line for a counselor.
    #[arg(long)]
    ticket: bool,
}

/// What a node has used.
#[derive(Clone, Copy)]
struct Used {
    memory: f64,
    processor: f64,
}

impl Used {
    fn of(node: &Node) -> Result<Self> {
        let process = node.process();
        let processor = used(process.pid())?.as_secs_f64() * 1e6;
        Ok(Self {
            memory: process.resident() as f64,
            processor,
        })
    }
}

impl Scenario for Idle {
    fn name(&self) -> &'static str {
        if self.ticket { "idle with a ticket" } else { "idle" }
    }

    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>> {
        async {
            let stage = LoadHelpline::found(false, 1).await?;
            let counselor = if self.ticket {
                Some(stage.on_duty(0).await?)
            } else {
                None
            };
            let nodes = [("the entry", stage.entry()?), ("the home", stage.home()?)];
            let before = [Used::of(nodes[0].1)?, Used::of(nodes[1].1)?];
            let people = stage.arrive(self.count, self.ticket).await?;
            let there = people.len() + usize::from(counselor.is_some());
            stage.links(there).await?;
            let arrived = [Used::of(nodes[0].1)?, Used::of(nodes[1].1)?];
            sleep(SETTLE).await;
            stage.links(there).await?;
            let mut samples = Vec::new();
            for (((name, node), before), arrived) in nodes.into_iter().zip(before).zip(arrived) {
                let each = |value: f64| value / self.count as f64;
                let memory = each(Used::of(node)?.memory - before.memory);
                let processor = each(arrived.processor - before.processor);
                samples.push(Sample::new(format!("memory of each at {name}"), "KiB", memory));
                samples.push(Sample::new(
                    format!("processor time of each arrival at {name}"),
                    "µs",
                    processor,
                ));
            }
            stage.alive().await?;
            Ok(samples)
        }
        .boxed()
    }
}
