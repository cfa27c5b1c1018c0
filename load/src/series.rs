//! All scenarios in rounds: what is compared is measured within minutes, and a machine that grows slower is slower for all.

use std::{collections::BTreeMap, env, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};

use crate::report::Report;

/// A scenario of the series.
#[derive(Debug)]
pub struct SeriesEntry {
    /// The arguments of `hamsa-load`.
    pub arguments: &'static str,
    /// Rounds that it takes part in, at most: what takes minutes and hardly differs is measured less often.
    pub rounds: u32,
}

impl SeriesEntry {
    const fn new(arguments: &'static str, rounds: u32) -> Self {
        Self { arguments, rounds }
    }

    /// The name of its file.
    #[must_use]
    pub fn file(&self) -> String {
        let words: Vec<_> = self
            .arguments
            .split([' ', '-'])
            .filter(|word| !word.is_empty())
            .collect();
        words.join("-") + ".json"
    }
}

/// Everything, in the order of the page.
pub const SERIES: &[SeriesEntry] = &[
    SeriesEntry::new("floor", u32::MAX),
    SeriesEntry::new("libp2p", u32::MAX),
    SeriesEntry::new("brokers mosquitto", u32::MAX),
    SeriesEntry::new("brokers nats", u32::MAX),
    SeriesEntry::new("tor", 2),
    SeriesEntry::new("latency", u32::MAX),
    SeriesEntry::new("round-trips", u32::MAX),
    SeriesEntry::new("idle --count 1000", u32::MAX),
    SeriesEntry::new("idle --ticket --count 250", u32::MAX),
    SeriesEntry::new("idle --count 8000", 2),
    SeriesEntry::new("arrivals --count 250", u32::MAX),
    SeriesEntry::new("arrivals --count 1000", u32::MAX),
    SeriesEntry::new("arrivals --count 5000", 2),
    SeriesEntry::new("churn", 2),
    SeriesEntry::new("throughput", u32::MAX),
    SeriesEntry::new("wire", 2),
];

/// Measures all of it, and keeps a file for each scenario. One that fails has no file; the others go on.
///
/// # Errors
/// With the sentences of all that failed.
pub fn run(out: &Path, rounds: u32, rehearsal: bool) -> Result<()> {
    fs::create_dir_all(out)?;
    let (mut reports, mut failed) = (BTreeMap::<&str, Report>::new(), BTreeMap::new());
    for round in 0..rounds {
        for entry in SERIES.iter().filter(|entry| round < entry.rounds) {
            if failed.contains_key(entry.arguments) {
                continue;
            }
            eprintln!("round {} of {rounds}: {}", round + 1, entry.arguments);
            match measure(entry, rehearsal) {
                Ok(report) => match reports.get_mut(entry.arguments) {
                    Some(known) => known.extend(&report),
                    None => drop(reports.insert(entry.arguments, report)),
                },
                Err(error) => {
                    eprintln!("{error:#}");
                    failed.insert(entry.arguments, format!("{error:#}"));
                }
            }
        }
    }
    for entry in SERIES {
        let file = out.join(entry.file());
        match reports
            .get(entry.arguments)
            .filter(|_| !failed.contains_key(entry.arguments))
        {
            Some(report) => fs::write(file, serde_json::to_string_pretty(report)? + "\n")?,
            // One of an earlier series would stand for this one.
            None => drop(fs::remove_file(file)),
        }
    }
    if !failed.is_empty() {
        bail!(
            "{} of {} were not measured:\n{}",
            failed.len(),
            SERIES.len(),
            Vec::from_iter(failed.into_values()).join("\n")
        );
    }
    Ok(())
}

/// Measures one in a process of its own, so that none finds the memory of the one before.
fn measure(entry: &SeriesEntry, rehearsal: bool) -> Result<Report> {
    let mut command = Command::new(env::current_exe()?);
    command
        .args(rehearsal.then_some("--rehearsal"))
        .args(entry.arguments.split(' '));
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {}", entry.arguments, said.trim());
    serde_json::from_slice(&output.stdout).with_context(|| format!("{}: no report", entry.arguments))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::Cli;

    #[test]
    fn every_entry_is_a_command_line_and_a_file() {
        let mut files = std::collections::BTreeSet::new();
        for entry in SERIES {
            let line = ["hamsa-load"].into_iter().chain(entry.arguments.split(' '));
            Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{}: {error}", entry.arguments));
            assert!(files.insert(entry.file()));
        }
    }
}
