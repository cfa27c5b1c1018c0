//! The attackers: a process of their own, on cores of their own.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use hamsa_tests::{
    attack::{self, Cheat, Tally, Target},
    cast::{Helpline, PATIENCE, Process},
    print_line,
};
use serde_json::Value;
use tokio::time::interval;

use crate::{Attack, room::Room};

/// Addresses of the crowd, and tickets in a second.
const CROWD: (u32, u32) = (64, 1_000);
/// Paid junk stands for so long: it shall not keep out the next.
const STAYS: Duration = Duration::from_secs(10);

/// Whom the attackers are told to attack; said by this program to itself.
#[derive(Args)]
pub(crate) struct Whom {
    /// The helpline's address.
    #[arg(long, hide = true)]
    address: Option<String>,
    /// Its home.
    #[arg(long, hide = true, default_value = "")]
    home: String,
    /// Nodes that can be called, the entries first.
    #[arg(long, hide = true)]
    node: Vec<String>,
    /// The directory of a home that was broken into.
    #[arg(long, hide = true, default_value = ".")]
    dir: PathBuf,
    /// Cores to solve puzzles with.
    #[arg(long, hide = true, default_value_t = 1)]
    cores: usize,
}

impl Whom {
    /// Whether this is the attackers' process.
    pub(crate) const fn is_attacker(&self) -> bool {
        self.address.is_some()
    }

    async fn target(&self) -> Target {
        let address = self.address.as_deref().unwrap_or_default();
        let nodes = self.node.iter().map(|node| node.parse().expect("an address"));
        let address = address.parse().expect("an address");
        Target::new(address, self.home.clone(), nodes.collect()).await
    }

    /// Attacks until somebody kills this process, and says each second what was done.
    pub(crate) async fn attack(&self, attack: Attack) {
        let _ = hamsa_system::raise_open_files();
        let (target, tally) = (Arc::new(self.target().await), Arc::new(Tally::default()));
        let saying = async {
            let mut clock = interval(Duration::from_secs(1));
            loop {
                let _ = clock.tick().await;
                print_line(serde_json::json!(tally.counts()));
            }
        };
        tokio::select! {
            () = saying => {}
            () = run(attack, &target, (self.cores, self.dir.as_path()), &tally) => {}
        }
    }
}

async fn run(attack: Attack, target: &Arc<Target>, (cores, dir): (usize, &Path), tally: &Arc<Tally>) {
    match attack {
        Attack::Memory => attack::memory(target, tally).await,
        Attack::Tickets => attack::tickets(target, tally).await,
        Attack::Desks => attack::one_ticket_again(target, tally).await,
        Attack::Mail | Attack::Disk => attack::sealed_messages(target, tally).await,
        Attack::Connections => attack::connections(target, tally).await,
        Attack::Crowd => attack::crowd(target, CROWD, Cheat::Nothing, tally).await,
        Attack::Cheats => attack::crowd(target, CROWD, Cheat::False, tally).await,
        Attack::Paying => attack::paying(target, (cores, STAYS), tally).await,
        Attack::Entries => attack::false_entries(dir, tally).await,
        // Done from outside: by stopping clients, and by commands.
        Attack::Urgency | Attack::Rosters => {}
    }
}

/// Attackers at work. They end when this is dropped.
pub(crate) struct Strike(Process);

impl Strike {
    /// Sends them against a helpline, and waits until they have begun.
    pub(crate) async fn begin(attack: Attack, helpline: &Helpline, room: &Room) -> Self {
        let own = std::env::current_exe().expect("a program knows where it is");
        let mut command = room.attackers(Path::new(&own));
        command.args([&attack.name(), "--address", &helpline.address]);
        command.args(["--home", &helpline.homes[0].peer]);
        command.args(["--cores", &room.attackers_cores().to_string()]);
        if attack == Attack::Entries {
            command.arg("--dir").arg(&helpline.homes[1].dir);
        }
        for node in helpline.entries.iter().chain(&helpline.homes) {
            command.args(["--node", &node.address]);
        }
        let process = Process::start("attackers", command);
        let begun = |counts: &Value| counts.as_object().is_some_and(|counts| !counts.is_empty());
        process
            .find("a first blow", 0, PATIENCE, |line| {
                line.json.as_ref().filter(|counts| begun(counts)).map(|_| ())
            })
            .await;
        Self(process)
    }

    /// What they had done after each second.
    pub(crate) fn seconds(&self) -> Vec<Value> {
        self.0.lines().into_iter().filter_map(|line| line.json).collect()
    }

    /// What they have done.
    pub(crate) fn done(&self) -> Value {
        self.seconds().pop().unwrap_or_default()
    }
}
