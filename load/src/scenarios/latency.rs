//! How long one thing takes when nothing else happens, everything on one core.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use futures::{FutureExt, future::BoxFuture};
use hamsa_protocol::wire::{ClientMessage, HomeMessage, UNIT};
use hamsa_tests::attack::Stranger;
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    report::Sample,
    scenario::Scenario,
    stage::{LoadHelpline, Pair},
};

/// What people say in it: two lines on a screen.
const TEXT: &str =
    "I have thought about what you said, and I would like to try that tomorrow, when he is at work.";

/// One record, one message, a message and its answer.
#[derive(Debug, Args, Serialize)]
pub struct Latency {
    /// So many of each are measured.
    #[arg(long, default_value_t = 2_000)]
    count: usize,
    /// So many before them are not: allocators, caches and windows reach their size.
    #[arg(long, default_value_t = 200)]
    warm: usize,
}

impl Scenario for Latency {
    fn name(&self) -> &'static str {
        "latency"
    }

    fn pinned(&self) -> bool {
        true
    }

    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>> {
        async {
            let stage = LoadHelpline::found(false, 1).await?;
            let records = self.records(&stage).await?;
            let mut pair = stage.talk(0).await?;
            let messages = self.messages(&mut pair).await?;
            let exchanges = self.exchanges(&mut pair).await?;
            stage.alive().await?;
            let all = [
                Sample::times("record to the home and back", &records),
                Sample::times("say to message", &messages),
                Sample::times("say to message to answer to message", &exchanges),
            ];
            Ok(all.concat())
        }
        .boxed()
    }
}

impl Latency {
    /// What is left of `all` after the first.
    fn warmed(&self, mut all: Vec<Duration>) -> Vec<Duration> {
        all.split_off(self.warm.min(all.len()))
    }

    /// A record to the home through the entry, and its answer; both of the one size, each sealed twice.
    async fn records(&self, stage: &LoadHelpline) -> Result<Vec<Duration>> {
        let stranger = Stranger::new(stage.helpline());
        let (mut link, mut stream) = stranger.link(&stage.home()?.peer).await;
        let mut answer = vec![0; UNIT];
        let mut times = Vec::new();
        for _ in 0..self.warm + self.count {
            let start = Instant::now();
            let unit = link.seal(&ClientMessage::Heartbeat {}.record().request(1))?;
            stream.write_all(&unit).await?;
            stream.flush().await?;
            stream.read_exact(&mut answer).await?;
            let record = link.open(&answer)?;
            times.push(start.elapsed());
            let answered = HomeMessage::read(record);
            ensure!(
                matches!(answered, Some(HomeMessage::Beat { .. })),
                "the home said {answered:?}"
            );
        }
        Ok(self.warmed(times))
    }

    /// From the seeker's command to the counselor's event.
    async fn messages(&self, pair: &mut Pair) -> Result<Vec<Duration>> {
        let mut times = Vec::new();
        for number in 0..self.warm + self.count {
            let start = Instant::now();
            pair.seeker.say(number, TEXT).await?;
            pair.counselor.hear(number).await?;
            times.push(start.elapsed());
            // The other way in between, unmeasured: a talk goes to and fro.
            pair.answer(number, TEXT).await?;
            pair.seeker.hear(number).await?;
        }
        Ok(self.warmed(times))
    }

    /// From the seeker's command to the event of the answer.
    async fn exchanges(&self, pair: &mut Pair) -> Result<Vec<Duration>> {
        let mut times = Vec::new();
        // Ids are used once in a chat, and those before are taken.
        for number in (self.warm + self.count)..2 * (self.warm + self.count) {
            let start = Instant::now();
            pair.seeker.say(number, TEXT).await?;
            pair.counselor.hear(number).await?;
            pair.answer(number, TEXT).await?;
            pair.seeker.hear(number).await?;
            times.push(start.elapsed());
        }
        Ok(self.warmed(times))
    }
}
