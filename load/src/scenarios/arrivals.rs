//! Many people at once: how soon the helpline is proven to each, and how soon each waits in line.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use futures::{FutureExt, future::BoxFuture};
use hamsa_client::api::{PuzzleState, SeekerEvent};
use serde::Serialize;
use serde_json::Value;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    report::Sample,
    scenario::Scenario,
    stage::{LoadHelpline, LoadSeeker},
};

/// A seeker without a place in the queue after this time is counted as "without a place".
const PATIENCE: Duration = Duration::from_secs(60);

/// Many at once, until they wait in line.
#[derive(Debug, Args, Serialize)]
pub struct Arrivals {
    /// So many.
    #[arg(long, default_value_t = 1_000)]
    count: usize,
}

/// What came of one.
struct Arrival {
    /// Since everybody was started.
    verified: Option<Duration>,
    waiting: Option<Duration>,
    /// Puzzles that a home asked for.
    puzzles: u32,
    /// Errors that the face was told.
    errors: u32,
    /// Stays until all have come.
    visitor: LoadSeeker,
}

impl Scenario for Arrivals {
    fn name(&self) -> &'static str {
        "arrivals"
    }

    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>> {
        async {
            let stage = LoadHelpline::found(false, 1).await?;
            // The counselor stays on duty: without a duty no seeker can post a ticket.
            let _counselor = stage.on_duty(0).await?;
            let refused = refused(&stage).await?;
            let all = self.arrive(&stage).await?;
            let refused = self::refused(&stage).await? - refused;
            stage.alive().await?;
            let verified: Vec<_> = all.iter().filter_map(|arrival| arrival.verified).collect();
            let waiting: Vec<_> = all.iter().filter_map(|arrival| arrival.waiting).collect();
            ensure!(!waiting.is_empty(), "nobody came to wait in line");
            let missing = |there: &[Duration]| (self.count - there.len()) as f64;
            let sum = |of: fn(&Arrival) -> u32| all.iter().map(of).sum::<u32>().into();
            let counts = [
                Sample::new("never verified", "people", missing(&verified)),
                Sample::new("without a place", "people", missing(&waiting)),
                Sample::new("refused by the home", "requests", refused),
                Sample::new("puzzles asked", "puzzles", sum(|arrival| arrival.puzzles)),
                Sample::new("errors told", "errors", sum(|arrival| arrival.errors)),
            ];
            let times = [
                Sample::times("to verified", &verified),
                Sample::times("to waiting", &waiting),
            ];
            Ok([times.concat(), counts.to_vec()].concat())
        }
        .boxed()
    }
}

impl Arrivals {
    async fn arrive(&self, stage: &LoadHelpline) -> Result<Vec<Arrival>> {
        let start = Instant::now();
        let mut arriving = JoinSet::new();
        for _ in 0..self.count {
            arriving.spawn(arrive(stage.visitor(), start));
        }
        let all = arriving.join_all().await;
        all.into_iter().collect()
    }
}

async fn arrive(visitor: LoadSeeker, start: Instant) -> Result<Arrival> {
    visitor.start().await?;
    let mut arrival = Arrival {
        verified: None,
        waiting: None,
        puzzles: 0,
        errors: 0,
        visitor,
    };
    // The end of it is no error here: who does not arrive is counted.
    let _ = timeout(PATIENCE, async {
        while arrival.waiting.is_none() {
            match arrival.visitor.event().await {
                None => return,
                Some(SeekerEvent::Verified { .. }) => arrival.verified = Some(start.elapsed()),
                Some(SeekerEvent::Waiting { ahead: Some(_) }) => arrival.waiting = Some(start.elapsed()),
                Some(SeekerEvent::Puzzle {
                    state: PuzzleState::Solving,
                }) => arrival.puzzles += 1,
                Some(SeekerEvent::Error(_)) => arrival.errors += 1,
                Some(_) => {}
            }
        }
    })
    .await;
    Ok(arrival)
}

/// Requests that the home and the entry have refused so far.
async fn refused(stage: &LoadHelpline) -> Result<f64> {
    let mut refused = 0.0;
    for node in [stage.home()?, stage.entry()?] {
        let status: Value = node.status().await;
        refused += status
            .get("refused")
            .and_then(Value::as_f64)
            .context("the status of a node does not say what was refused")?;
    }
    Ok(refused)
}
