//! The one contract of everything that is measured.

use std::{env, fs, os::unix::process::CommandExt, process::Command, thread::available_parallelism};

use anyhow::{Context, Result, ensure};
use futures::future::BoxFuture;
use thiserror::Error;
use tokio::runtime::Runtime;

use crate::{
    Measure,
    neighbours::Neighbours,
    report::{Figure, Hardware, Report, Sample},
};

/// What other programs may use of the machine meanwhile, in cores. More than this moves a median.
const NEIGHBOURS_MAX: f64 = 0.1;

/// Something that is measured.
pub trait Scenario: Sync {
    /// What the report is called.
    fn name(&self) -> &'static str;

    /// Whether all processes share one core: then no figure depends on where the system put them.
    fn pinned(&self) -> bool {
        false
    }

    /// Measures once, with processes of its own.
    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>>;
}

/// A peer that this machine does not have. It is said, and is no failure.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Missing(pub String);

/// A runtime with as many threads as there are cores for it.
///
/// # Errors
/// When the system gives no threads.
pub fn runtime() -> Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder.enable_all().build()?)
}

/// Measures a scenario so often, and prints its report.
///
/// # Errors
/// When the scenario failed, or another program used the machine.
pub fn measure(scenario: &dyn Scenario, parameters: &Measure, times: u32, rehearsal: bool) -> Result<()> {
    if scenario.pinned() {
        pin()?;
    }
    let mut report = Report {
        scenario: scenario.name().to_owned(),
        command: env::args().skip(1).collect::<Vec<_>>().join(" "),
        parameters: serde_json::to_value(parameters)?,
        pinned: scenario.pinned(),
        rehearsal,
        commit: commit(),
        machine: Hardware::this()?,
        load_average: Vec::new(),
        neighbours: 0.0,
        repetitions: 0,
        skipped: None,
        figures: Vec::new(),
    };
    for _ in 0..times {
        let load = load_average()?;
        let before = Neighbours::now()?;
        let samples = match runtime()?.block_on(scenario.measure()) {
            Ok(samples) => samples,
            Err(error) if error.is::<Missing>() => {
                report.skipped = Some(error.to_string());
                break;
            }
            Err(error) => return Err(error.context(scenario.name())),
        };
        let used = before.used_since()?;
        ensure!(
            rehearsal || used <= NEIGHBOURS_MAX,
            "{}: other programs used {used:.2} cores meanwhile, so this is no figure; stop them and measure again",
            scenario.name()
        );
        report.neighbours = report.neighbours.max(used);
        report.load_average.push(load);
        report.repetitions += 1;
        for sample in samples {
            Figure::add(&mut report.figures, &sample);
        }
    }
    hamsa_tests::print_line(serde_json::to_string(&report)?);
    Ok(())
}

/// Puts this process on one core, and all that it starts; starts it anew for that.
fn pin() -> Result<()> {
    if available_parallelism()?.get() == 1 {
        return Ok(());
    }
    let status = fs::read_to_string("/proc/self/status")?;
    let allowed = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    // The last one: the first has most of the system's interrupts.
    let core = allowed
        .and_then(|list| list.trim().rsplit([',', '-']).next())
        .unwrap_or("0");
    let mut taskset = Command::new("taskset");
    taskset
        .args(["-c", core])
        .arg(env::current_exe()?)
        .args(env::args_os().skip(1));
    // It only comes back with an error.
    Err(taskset.exec()).context("taskset, to measure on one core (package util-linux)")
}

/// The load of the last minute.
fn load_average() -> Result<f64> {
    let text = fs::read_to_string("/proc/loadavg")?;
    let first = text
        .split_whitespace()
        .next()
        .and_then(|first| first.parse().ok());
    first.context("/proc/loadavg")
}

/// What the sources are called; with a plus where files differ from it.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(env!("CARGO_MANIFEST_DIR"))
            .args(arguments)
            .output();
        output
            .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
            .unwrap_or_default()
    };
    let changed = git(&[
        "status",
        "--porcelain",
        "--untracked-files=no",
        "--",
        "*.rs",
        "*.toml",
        "*.lock",
    ]);
    let mark = if changed.is_empty() { "" } else { "+" };
    git(&["rev-parse", "--short=12", "HEAD"]) + mark
}
