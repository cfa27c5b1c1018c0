//! Where everybody runs: which core, and within how much memory.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use hamsa_tests::cast::Node;
use tokio::process::Command;

/// Memory of the machine that a home is made for, in MiB.
const MACHINE: u64 = 512;
/// How far attackers give way on a core that they share with people: enough to go second, and not to starve beside others.
const GIVE_WAY: &str = "5";

/// Cores for each, as `taskset` takes them.
struct Cores {
    nodes: String,
    people: String,
    attackers: String,
}

impl Cores {
    /// Whether attackers run where people do. They give way then: how fast a person's own program is is not the question.
    fn is_shared(&self) -> bool {
        self.people == self.attackers
    }
}

/// The machine, divided.
pub(crate) struct Room {
    cores: Option<Cores>,
    group: Option<PathBuf>,
}

impl Room {
    /// Divides the machine, and says what it does not have.
    pub(crate) fn new() -> Self {
        let cores = cores();
        match &cores {
            None => eprintln!("not pinned: this machine has one core, or no taskset"),
            Some(Cores {
                nodes,
                people,
                attackers,
            }) => eprintln!("nodes on core {nodes}, people on {people}, attackers on {attackers}"),
        }
        if let Some(cores) = &cores {
            let own = process::id().to_string();
            let _ = process::Command::new("taskset")
                .args(["-a", "-c", "-p", &cores.people, &own])
                .output();
        }
        let group = group().inspect_err(|error| eprintln!("no cgroup of {MACHINE} MB: {error}"));
        Self {
            cores,
            group: group.ok(),
        }
    }

    /// The command of a home: on its core, within its memory.
    pub(crate) fn home(&self, usual: Command) -> Command {
        self.within(usual, self.group.as_deref())
    }

    /// The command of another node.
    pub(crate) fn node(&self, usual: Command) -> Command {
        self.within(usual, None)
    }

    fn within(&self, usual: Command, group: Option<&Path>) -> Command {
        let mut script = String::new();
        if let Some(group) = group {
            script += &format!("echo $$ > '{}/cgroup.procs' && ", group.display());
        }
        script += "exec ";
        if let Some(cores) = &self.cores {
            script += &format!("taskset -c {} ", cores.nodes);
        }
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("{script}\"$0\" \"$@\"")])
            .arg(usual.as_std().get_program())
            .args(usual.as_std().get_args())
            // What is written about each record costs more than the record.
            .env("HAMSA_LOG", "warn");
        command
    }

    /// A command of the attackers.
    pub(crate) fn attackers(&self, program: &Path) -> Command {
        match &self.cores {
            None => Command::new(program),
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &cores.attackers]);
                if cores.is_shared() {
                    command.args(["nice", "-n", GIVE_WAY]);
                }
                command.arg(program);
                command
            }
        }
    }

    /// How many cores the attackers have.
    pub(crate) fn attackers_cores(&self) -> usize {
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        // On two cores the people share that of the attackers.
        if self.cores.is_some() {
            all.saturating_sub(2).max(1)
        } else {
            1
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(group) = &self.group {
            let _ = fs::remove_dir(group);
        }
    }
}

fn cores() -> Option<Cores> {
    let known = process::Command::new("taskset").arg("--version").output().is_ok();
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    match all {
        _ if !known => None,
        1 => None,
        2 => Some(("0", "1", "1".to_owned())),
        3 => Some(("0", "1", "2".to_owned())),
        _ => Some(("0", "1", format!("2-{}", all - 1))),
    }
    .map(|(nodes, people, attackers)| Cores {
        nodes: nodes.to_owned(),
        people: people.to_owned(),
        attackers,
    })
}

/// A group of processes with the memory of a small machine, below the one that we are in.
fn group() -> io::Result<PathBuf> {
    let own = fs::read_to_string("/proc/self/cgroup")?;
    let line = |of: &str| {
        own.lines()
            .find_map(|line| line.split_once(of).map(|(_, path)| path))
    };
    let (base, limit) = match line(":memory:") {
        Some(path) => (format!("/sys/fs/cgroup/memory{path}"), "memory.limit_in_bytes"),
        None => (
            format!("/sys/fs/cgroup{}", line("0::").unwrap_or("/")),
            "memory.max",
        ),
    };
    let group = Path::new(&base).join(format!("hamsa-attack-{}", process::id()));
    fs::create_dir(&group)?;
    let limited = fs::write(group.join(limit), (MACHINE << 20).to_string());
    if let Err(error) = limited {
        let _ = fs::remove_dir(&group);
        return Err(error);
    }
    Ok(group)
}

impl Room {
    /// How many processes of the home's group the system has ended because their memory was used up.
    pub(crate) fn killed(&self) -> u64 {
        let Some(group) = &self.group else { return 0 };
        let read = |file| fs::read_to_string(group.join(file)).unwrap_or_default();
        let counts = read("memory.oom_control") + &read("memory.events");
        let kills = counts.lines().filter_map(|line| line.strip_prefix("oom_kill "));
        kills.filter_map(|count| count.trim().parse::<u64>().ok()).sum()
    }
}

/// The most memory that a node has had, in MiB: the system's own mark of the highest.
pub(crate) fn most_memory(node: &Node) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", node.process().pid())).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1_024
}
