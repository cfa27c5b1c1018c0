//! `hamsa-sim`: everybody's machines, by the thousand seeds, over a network, clocks and disks that fail.
//!
//! Prints one line, `seeds / messages / faults / simulated years / lost / duplicated / reordered / commit`, and
//! exits with 1 when something was lost, doubled, out of order or broken, with the seed to replay; and when a thousand
//! seeds or more leave out a kind of fault.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use clap::Parser;
use hamsa_tests::{
    print_line,
    sim::{
        Fault, Hit,
        judge::Wrong,
        planted,
        scenario::{self, Options, Outcome},
        trace::Trace,
    },
};

/// Milliseconds of a year, as calendars have it on average.
const YEAR_MS: f64 = 365.25 * 86_400_000.0;
/// After so many seeds a long run says how far it is.
const SIGN_OF_LIFE: u64 = 10_000;
/// In so many seeds every kind of fault has happened; if not, the storm has a hole.
const EVERY_KIND: u64 = 1_000;
/// Findings that are told of one seed, and seeds that are told.
const TOLD: usize = 3;

/// Runs everybody's machines over a network, clocks and disks that fail.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// How many seeds; 300 with --planted, else 100, unless said.
    #[arg(long)]
    seeds: Option<u64>,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Plants a bug in all machines; the run must end with 1.
    #[arg(long, value_name = "NAME")]
    planted: Option<String>,
    /// Names the bugs.
    #[arg(long)]
    list_planted: bool,
    /// Prints what happened in one seed.
    #[arg(long, value_name = "SEED")]
    trace: Option<u64>,
    /// Prints a hash over everything that happened in all seeds.
    #[arg(long)]
    hash: bool,
    /// Prints how often which fault happened, and the longest time to drain.
    #[arg(long)]
    verbose: bool,
}

/// All seeds together.
#[derive(Default)]
struct Sum {
    seeds: u64,
    messages: u64,
    faults: u64,
    elapsed: u64,
    lost: usize,
    duplicated: usize,
    reordered: usize,
    broken: usize,
    traces: BTreeMap<u64, u64>,
    happened: BTreeMap<Fault, u64>,
    hit: BTreeMap<Hit, u64>,
    seen: BTreeMap<&'static str, u64>,
    drained: (u64, u64),
    failed: Vec<u64>,
}

impl Sum {
    fn add(&mut self, seed: u64, outcome: &Outcome) {
        let report = &outcome.report;
        self.seeds += 1;
        self.messages += report.shown;
        self.faults += report.faults;
        self.elapsed += report.elapsed;
        self.lost += report.count(Wrong::Lost);
        self.duplicated += report.count(Wrong::Duplicated);
        self.reordered += report.count(Wrong::Reordered);
        self.broken += report.count(Wrong::Broken);
        self.traces.insert(seed, report.trace);
        for (fault, count) in &outcome.happened {
            *self.happened.entry(*fault).or_default() += count;
        }
        for (hit, count) in &outcome.hit {
            *self.hit.entry(*hit).or_default() += count;
        }
        for (what, count) in &outcome.seen {
            *self.seen.entry(what).or_default() += count;
        }
        self.drained = self.drained.max((outcome.drained, seed));
        if !report.findings.is_empty() {
            self.failed.push(seed);
        }
    }

    /// Kinds of faults that no seed had, and what nobody went through.
    fn missing(&self) -> Vec<String> {
        let through = |what: &&&str| self.seen.get(**what).is_none_or(|count| *count == 0);
        let faults = Fault::ALL
            .iter()
            .filter(|fault| !self.happened.contains_key(fault));
        let hits = Hit::ALL.iter().filter(|hit| !self.hit.contains_key(hit));
        faults
            .map(|fault| format!("{fault:?}"))
            .chain(hits.map(|hit| format!("records {hit:?}")))
            .chain(
                scenario::GONE_THROUGH
                    .iter()
                    .filter(through)
                    .map(|what| (*what).to_owned()),
            )
            .collect()
    }

    fn line(&self) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
        let years = self.elapsed as f64 / YEAR_MS;
        format!(
            "seeds {} / messages {} / faults {} / simulated years {years:.3} / lost {} / duplicated {} / reordered {} / commit {}",
            self.seeds,
            self.messages,
            self.faults,
            self.lost,
            self.duplicated,
            self.reordered,
            commit()
        )
    }
}

/// What this was built from: told by the build, or asked of git.
fn commit() -> String {
    if let Some(commit) = option_env!("HAMSA_COMMIT") {
        return commit.to_owned();
    }
    let asked = std::process::Command::new("git")
        .args(["rev-parse", "--short=7", "HEAD"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    asked
        .ok()
        .filter(|output| output.status.success())
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .filter(|commit| !commit.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

fn tell(seed: u64, outcome: &Outcome, planted: Option<&str>) {
    for finding in outcome.report.findings.iter().take(TOLD) {
        let at = finding.at.0;
        eprintln!(
            "seed {seed}, {}.{:03} s: {:?}: {}",
            at / 1_000,
            at % 1_000,
            finding.wrong,
            finding.what
        );
    }
    let planted = planted
        .map(|name| format!(" --planted {name}"))
        .unwrap_or_default();
    eprintln!("replay with: hamsa-sim --trace {seed}{planted}");
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list_planted {
        for (name, _) in planted::BUGS {
            print_line(name);
        }
        return ExitCode::SUCCESS;
    }
    let name = arguments.planted.as_deref();
    let bug = match name.map(|name| (name, planted::named(name))) {
        Some((name, None)) => {
            eprintln!("there is no planted bug {name}; --list-planted names them");
            return ExitCode::from(2);
        }
        Some((_, bug)) => bug,
        None => None,
    };
    if let Some(seed) = arguments.trace {
        let outcome = scenario::run(
            seed,
            Options {
                planted: bug,
                read: true,
            },
        );
        for line in &outcome.lines {
            print_line(line);
        }
        if outcome.report.findings.is_empty() {
            return ExitCode::SUCCESS;
        }
        tell(seed, &outcome, name);
        return ExitCode::FAILURE;
    }

    let seeds = arguments.seeds.unwrap_or(if bug.is_some() { 300 } else { 100 });
    let (next, stop) = (AtomicU64::new(arguments.from), AtomicBool::new(false));
    let end = arguments.from.saturating_add(seeds);
    let sum = Mutex::new(Sum::default());
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let options = Options {
                        planted: bug,
                        read: false,
                    };
                    let outcome = scenario::run(seed, options);
                    let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                    sum.add(seed, &outcome);
                    if sum.seeds % SIGN_OF_LIFE == 0 {
                        eprintln!("so far: {}", sum.line());
                    }
                    if !outcome.report.findings.is_empty() && sum.failed.len() <= TOLD {
                        tell(seed, &outcome, name);
                    }
                    // One seed is enough to know that a bug is found.
                    if bug.is_some() && !sum.failed.is_empty() {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    print_line(sum.line());
    if arguments.hash {
        let mut all = Trace::new(false);
        for (seed, trace) in &sum.traces {
            all.mix(&[*seed, *trace]);
        }
        print_line(format_args!("hash {:016x}", all.value()));
    }
    if arguments.verbose {
        for (fault, count) in &sum.happened {
            eprintln!("{fault:?} {count}");
        }
        for (hit, count) in &sum.hit {
            eprintln!("records {hit:?} {count}");
        }
        for (what, count) in &sum.seen {
            eprintln!("{what} {count}");
        }
        let (longest, seed) = sum.drained;
        eprintln!("longest time to drain {} s, seed {seed}", longest / 1_000);
    }
    if sum.failed.is_empty() {
        if let Some(name) = name {
            eprintln!("{name} was planted and not found in {seeds} seeds");
        } else if seeds >= EVERY_KIND {
            let missing = sum.missing();
            if !missing.is_empty() {
                eprintln!("in {seeds} seeds these never happened: {}", missing.join(", "));
                return ExitCode::FAILURE;
            }
        }
        return ExitCode::SUCCESS;
    }
    let mut failed = sum.failed;
    failed.sort_unstable();
    eprintln!(
        "{} of {} seeds failed ({} broken invariants): {:?}",
        failed.len(),
        sum.seeds,
        sum.broken,
        failed.iter().take(20).collect::<Vec<_>>()
    );
    ExitCode::FAILURE
}
