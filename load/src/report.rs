//! Figures, their medians and their spread.

use std::{collections::BTreeSet, fs};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Duration;

/// One value of one repetition.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// What was measured.
    pub what: String,
    /// Its unit.
    pub unit: &'static str,
    /// The value.
    pub value: f64,
}

impl Sample {
    /// A value in a unit.
    #[must_use]
    pub fn new(what: impl Into<String>, unit: &'static str, value: f64) -> Self {
        Self {
            what: what.into(),
            unit,
            value,
        }
    }

    /// Median and 99th percentile of many times.
    #[must_use]
    pub fn times(what: &str, times: &[Duration]) -> [Self; 2] {
        let micros: Vec<_> = times.iter().map(|time| time.as_secs_f64() * 1e6).collect();
        let part = |name, part| Self::new(format!("{what}, {name}"), "µs", percentile(&micros, part));
        [part("p50", 0.5), part("p99", 0.99)]
    }
}

/// The value that so large a part of all values does not exceed (nearest rank); 0 of none.
#[must_use]
pub fn percentile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (part * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// One figure over all repetitions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// Its unit.
    pub unit: String,
    /// The median of the repetitions.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// All of them, in their order.
    pub values: Vec<f64>,
}

impl Figure {
    /// Adds the value of one repetition.
    pub fn add(figures: &mut Vec<Self>, sample: &Sample) {
        let known = figures.iter().position(|figure| figure.what == sample.what);
        let mut figure = known.map_or_else(|| Self::empty(sample), |at| figures.remove(at));
        figure.values.push(sample.value);
        figure.median = percentile(&figure.values, 0.5);
        figure.min = figure.values.iter().copied().fold(f64::INFINITY, f64::min);
        figure.max = figure.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        figures.insert(known.unwrap_or(figures.len()), figure);
    }

    fn empty(sample: &Sample) -> Self {
        Self {
            what: sample.what.clone(),
            unit: sample.unit.to_owned(),
            median: 0.0,
            min: 0.0,
            max: 0.0,
            values: Vec::new(),
        }
    }
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hardware {
    /// The model of its processor.
    pub processor: String,
    /// Its cores, whatever the measurement used of them.
    pub cores: usize,
    /// Its memory.
    pub memory_mib: u64,
    /// The kernel.
    pub system: String,
}

impl Hardware {
    /// The one this runs on.
    ///
    /// # Errors
    /// Without `/proc`.
    pub fn this() -> Result<Self> {
        let cpu = fs::read_to_string("/proc/cpuinfo")?;
        let value = |line: &str| line.split_once(':').map(|(_, value)| value.trim().to_owned());
        let memory = fs::read_to_string("/proc/meminfo")?;
        let kib = memory
            .split_whitespace()
            .nth(1)
            .and_then(|kib| kib.parse::<u64>().ok());
        Ok(Self {
            processor: cpu
                .lines()
                .find(|line| line.starts_with("model name"))
                .and_then(value)
                .unwrap_or_default(),
            cores: cpu.lines().filter(|line| line.starts_with("processor")).count(),
            memory_mib: kib.unwrap_or_default() / 1_024,
            system: fs::read_to_string("/proc/sys/kernel/osrelease")?
                .trim()
                .to_owned(),
        })
    }
}

/// All figures of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What was measured.
    pub scenario: String,
    /// The arguments of `hamsa-load` that repeat it.
    pub command: String,
    /// What it was measured with.
    pub parameters: Value,
    /// Whether all processes shared one core.
    pub pinned: bool,
    /// Tried out only: these figures tell nothing.
    pub rehearsal: bool,
    /// The sources; with a plus where they were changed.
    pub commit: String,
    /// Where.
    pub machine: Hardware,
    /// Of the minute before each repetition.
    pub load_average: Vec<f64>,
    /// Cores that other programs used meanwhile, at most.
    pub neighbours: f64,
    /// How often it was measured.
    pub repetitions: usize,
    /// Why it was not measured at all.
    pub skipped: Option<String>,
    /// The figures.
    pub figures: Vec<Figure>,
}

impl Report {
    /// Takes the repetitions of another report of the same scenario.
    pub fn extend(&mut self, other: &Self) {
        self.load_average.extend(&other.load_average);
        self.neighbours = self.neighbours.max(other.neighbours);
        self.repetitions += other.repetitions;
        for figure in &other.figures {
            for value in &figure.values {
                let sample = Sample {
                    what: figure.what.clone(),
                    unit: "",
                    value: *value,
                };
                Figure::add(&mut self.figures, &sample);
            }
        }
        let commits: BTreeSet<_> = self.commit.split(' ').chain([other.commit.as_str()]).collect();
        self.commit = Vec::from_iter(commits).join(" ");
    }

    /// The figure of this name.
    #[must_use]
    pub fn figure(&self, what: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.what == what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(
            [0.0, 0.5, 0.99, 1.0].map(|part| percentile(&values, part)),
            [1.0, 100.0, 198.0, 200.0]
        );
        assert_eq!(percentile(&[], 0.5), 0.0);
        assert_eq!(percentile(&[7.0], 0.99), 7.0);
    }

    #[test]
    fn a_figure_has_median_and_spread() {
        let mut figures = Vec::new();
        for value in [5.0, 1.0, 3.0] {
            Figure::add(&mut figures, &Sample::new("first", "µs", value));
            Figure::add(&mut figures, &Sample::new("second", "kB", -value));
        }
        let shape = |figure: &Figure| (figure.what.clone(), figure.median, figure.min, figure.max);
        let shapes: Vec<_> = figures.iter().map(shape).collect();
        assert_eq!(
            shapes,
            [
                ("first".to_owned(), 3.0, 1.0, 5.0),
                ("second".to_owned(), -3.0, -5.0, -1.0)
            ]
        );
    }
}
