//! Messages of several chats at once, as many as two cores carry.

use std::time::Instant;

use anyhow::Result;
use clap::Args;
use futures::{FutureExt, future::BoxFuture};
use serde::Serialize;
use tokio::task::JoinSet;

use crate::{
    report::Sample,
    scenario::Scenario,
    stage::{LoadHelpline, Pair},
};

/// What is said: a short line.
const TEXT: &str = "Yes, and he was there again this morning.";

/// Messages of several chats at once.
#[derive(Debug, Args, Serialize)]
pub struct Throughput {
    /// So many chats.
    #[arg(long, default_value_t = 8)]
    chats: usize,
    /// Messages in each.
    #[arg(long, default_value_t = 2_000)]
    count: usize,
    /// Messages of a chat that are on their way at once.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..))]
    window: u32,
}

impl Scenario for Throughput {
    fn name(&self) -> &'static str {
        "throughput"
    }

    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>> {
        async {
            let stage = LoadHelpline::found(false, self.chats).await?;
            let mut pairs = Vec::new();
            for number in 0..self.chats {
                pairs.push(stage.talk(number).await?);
            }
            let (count, window) = (self.count, usize::try_from(self.window)?);
            let start = Instant::now();
            let talks: JoinSet<_> = pairs.into_iter().map(|pair| talk(pair, count, window)).collect();
            // The pairs stay until the last has ended.
            let pairs = talks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
            let seconds = start.elapsed().as_secs_f64();
            stage.alive().await?;
            let messages = (pairs.len() * count) as f64;
            Ok(vec![Sample::new(
                "messages of all chats",
                "a second",
                messages / seconds,
            )])
        }
        .boxed()
    }
}

/// The seeker speaks, a window at a time; each message is heard by its number.
async fn talk(mut pair: Pair, count: usize, window: usize) -> Result<Pair> {
    let mut heard = 0;
    for number in 0..count {
        pair.seeker.say(number, TEXT).await?;
        while number + 1 - heard >= window {
            pair.counselor.hear(heard).await?;
            heard += 1;
        }
        pair.seeker.drain();
    }
    while heard < count {
        pair.counselor.hear(heard).await?;
        heard += 1;
    }
    Ok(pair)
}
