//! Load and latency of Hamsa, measured by real client sessions against real nodes, and of peers beside them.
//!
//! | Module | What |
//! |---|---|
//! | [`scenario`] | the one contract of everything that is measured |
//! | [`scenarios`] | what is measured of Hamsa |
//! | [`peers`] | the same of what a user would pick instead, and of bare TCP |
//! | [`report`] | figures, their medians and their spread |
//! | [`neighbours`] | what other programs used meanwhile |
//! | [`series`] | all scenarios in rounds, for the page |
//! | [`page`], [`plot`] | docs/performance.md and its figures |
//!
//! Whatever is measured comes from processes as they are installed, over loopback. A measurement that is not what it
//! claims to be is an error and not a figure.

pub mod neighbours;
pub mod page;
pub mod peers;
pub mod plot;
pub mod report;
pub mod scenario;
pub mod scenarios;
pub mod series;
pub mod stage;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Parser, Subcommand};
use serde::Serialize;

use peers::{Brokers, Floor, Libp2p, Tor, parts::Helper};
use scenario::Scenario;
use scenarios::{Arrivals, Churn, Idle, IdleWire, Latency, RoundTrips, Throughput};

/// Measures Hamsa beside what a user would pick instead. Figures go to standard output as JSON.
#[derive(Debug, Parser)]
#[command(name = "hamsa-load", version)]
pub struct Cli {
    /// Measure so often; each time with new processes.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repetitions: u32,
    /// Try it out: a debug build, a busy machine. The figures say so, and no page takes them.
    #[arg(long)]
    rehearsal: bool,
    #[command(subcommand)]
    command: LoadCommand,
}

#[derive(Debug, Subcommand)]
enum LoadCommand {
    #[command(flatten)]
    Measure(Measure),
    /// Measures everything in rounds, and keeps a file for each scenario.
    Series {
        /// The folder of the files.
        #[arg(long)]
        out: PathBuf,
    },
    /// Makes docs/performance.md and its plots of such a folder.
    Page {
        /// The folder of the files.
        #[arg(long)]
        from: PathBuf,
        /// The folder of the documents.
        #[arg(long, default_value = "docs")]
        docs: PathBuf,
    },
    /// A process that another measurement needs.
    #[command(subcommand, hide = true)]
    Part(Helper),
}

/// What can be measured.
#[derive(Debug, Subcommand, Serialize)]
#[serde(untagged)]
pub enum Measure {
    /// One record, one message, a message and its answer.
    Latency(Latency),
    /// Many at once, until they wait in line.
    Arrivals(Arrivals),
    /// Memory of people who say nothing.
    Idle(Idle),
    /// People who come and go.
    Churn(Churn),
    /// Messages of several chats at once.
    Throughput(Throughput),
    /// Bytes of an idle chat on the seeker's line.
    Wire(IdleWire),
    /// Round trips until a helpline is proven.
    RoundTrips(RoundTrips),
    /// Bare TCP through two and three proxies.
    Floor(Floor),
    /// An echo over a libp2p connection.
    Libp2p(Libp2p),
    /// Mosquitto or NATS.
    Brokers(Brokers),
    /// A Tor network of its own.
    Tor(Tor),
}

impl Measure {
    fn scenario(&self) -> &dyn Scenario {
        match self {
            Self::Latency(scenario) => scenario,
            Self::Arrivals(scenario) => scenario,
            Self::Idle(scenario) => scenario,
            Self::Churn(scenario) => scenario,
            Self::Throughput(scenario) => scenario,
            Self::Wire(scenario) => scenario,
            Self::RoundTrips(scenario) => scenario,
            Self::Floor(scenario) => scenario,
            Self::Libp2p(scenario) => scenario,
            Self::Brokers(scenario) => scenario,
            Self::Tor(scenario) => scenario,
        }
    }
}

/// Does what a command line says.
///
/// # Errors
/// With a sentence, when something could not be measured or was not what it claims to be.
pub fn run(cli: Cli) -> Result<()> {
    let Cli {
        repetitions,
        rehearsal,
        command,
    } = cli;
    match command {
        LoadCommand::Measure(measure) => {
            ensure!(
                rehearsal || !cfg!(debug_assertions),
                "this is a debug build; run `cargo run --release -p hamsa-load`, or say --rehearsal"
            );
            scenario::measure(measure.scenario(), &measure, repetitions, rehearsal)
        }
        LoadCommand::Series { out } => series::run(&out, repetitions, rehearsal),
        LoadCommand::Page { from, docs } => page::write(&from, &docs),
        LoadCommand::Part(part) => scenario::runtime()?.block_on(peers::parts::run(&part)),
    }
}
