//! What programs that are none of ours used of the processor: figures beside a build that runs are none.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

/// Ticks of the processor's accounting in a second, as every Linux tells them to programs.
const TICKS: f64 = 100.0;
/// The kernel's own threads: what they do is done for somebody, and here mostly for us.
const KERNEL_THREADS: u32 = 2;

/// The processor time of all other programs so far.
#[derive(Debug)]
pub struct Neighbours {
    at: Instant,
    ticks: u64,
}

/// What `/proc/PID/stat` says.
#[derive(Debug, PartialEq)]
struct Stat {
    parent: u32,
    /// Its own and that of its children that have ended: so what ends between two looks is counted.
    ticks: u64,
}

impl Neighbours {
    /// Looks at all processes.
    ///
    /// # Errors
    /// Without `/proc`.
    pub fn now() -> Result<Self> {
        let all = processes()?;
        let own = family(&all, std::process::id());
        let others = all.iter().filter(|(id, _)| !own.contains(id));
        Ok(Self {
            at: Instant::now(),
            ticks: others.map(|(_, stat)| stat.ticks).sum(),
        })
    }

    /// How many cores they used since, on average.
    ///
    /// # Errors
    /// Without `/proc`.
    pub fn used_since(&self) -> Result<f64> {
        let now = Self::now()?;
        let ticks = now.ticks.saturating_sub(self.ticks);
        Ok(ticks as f64 / TICKS / now.at.duration_since(self.at).as_secs_f64())
    }
}

/// The processor time of one process.
///
/// # Errors
/// When it is gone.
pub fn used(id: i32) -> Result<Duration> {
    let stat = read(&fs::read_to_string(format!("/proc/{id}/stat"))?).context("/proc/PID/stat")?;
    Ok(Duration::from_secs_f64(stat.ticks as f64 / TICKS))
}

fn processes() -> Result<BTreeMap<u32, Stat>> {
    let ids = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // A process that ends during the measurement is not counted.
    Ok(ids
        .filter_map(|id: u32| Some((id, read(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?)))
        .collect())
}

fn read(stat: &str) -> Option<Stat> {
    // The name before it may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        ticks,
    })
}

/// A process and all that come from it; and the kernel's threads.
fn family(all: &BTreeMap<u32, Stat>, root: u32) -> BTreeSet<u32> {
    let mut own = BTreeSet::from([root, KERNEL_THREADS]);
    loop {
        let before = own.len();
        let children = all
            .iter()
            .filter(|(_, stat)| own.contains(&stat.parent))
            .map(|(id, _)| *id);
        own = children.collect::<BTreeSet<_>>().union(&own).copied().collect();
        if own.len() == before {
            return own;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_counts_for_its_parent() {
        let line = "7 (a ) b) S 3 7 7 0 -1 0 1 2 3 4 10 20 300 4000 20 0 1";
        assert_eq!(
            read(line),
            Some(Stat {
                parent: 3,
                ticks: 4_330
            })
        );
        assert_eq!(read("7 (cut"), None);
    }

    #[test]
    fn descendants_are_no_neighbours() {
        let all = [(1, 0), (5, 1), (6, 5), (9, 6), (8, 1), (3, 2)];
        let all = all.map(|(id, parent)| (id, Stat { parent, ticks: 1 })).into();
        assert_eq!(family(&all, 5), [2, 3, 5, 6, 9].into());
    }
}
