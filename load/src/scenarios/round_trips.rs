//! Round trips until a helpline is proven, and until first words are stored: over a long line they are all that counts.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use futures::{FutureExt, future::BoxFuture};
use hamsa_client::api::SeekerEvent;
use hamsa_tests::proxy::Weather;
use serde::Serialize;

use crate::{report::Sample, scenario::Scenario, stage::LoadHelpline};

/// Round trips until a helpline is proven.
#[derive(Debug, Args, Serialize)]
pub struct RoundTrips {
    /// Of the seeker's line, there and back, in milliseconds.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..))]
    delay: u32,
}

impl Scenario for RoundTrips {
    fn name(&self) -> &'static str {
        "round trips"
    }

    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>> {
        async {
            let round = Duration::from_millis(self.delay.into());
            let stage = LoadHelpline::found(true, 1).await?;
            let _counselor = stage.on_duty(0).await?;
            let line = stage.helpline().ways.seeker.first();
            ensure!(line.is_some(), "the seeker has no line of its own");
            line.inspect(|line| {
                line.set(Weather {
                    delay: round / 2,
                    ..Weather::default()
                })
            });
            let start = Instant::now();
            let mut visitor = stage.visitor();
            visitor.verified().await?;
            let verified = start.elapsed();
            let start = Instant::now();
            visitor.start().await?;
            let waits = |event| matches!(event, SeekerEvent::Waiting { ahead: Some(_) }).then_some(());
            visitor.until(waits).await?;
            let waiting = start.elapsed();
            let rounds = |time: Duration| time.as_secs_f64() / round.as_secs_f64();
            // The first of them is TCP's, which ends at the proxy beside the seeker: its time is added.
            Ok(vec![
                Sample::new("to verified", "round trips", rounds(verified) + 1.0),
                Sample::new("from there to waiting", "round trips", rounds(waiting)),
            ])
        }
        .boxed()
    }
}
