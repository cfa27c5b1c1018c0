//! What stopped a helpline once, for minutes and with figures: attackers in a process of their own, on cores of their own,
//! against real nodes, and people beside them who talk, come and wait.
//!
//!     hamsa-attack                    each attack five times, then the flood
//!     hamsa-attack memory desks       some of them
//!     hamsa-attack --flood
//!     hamsa-attack --repetitions 1 --seconds 2     all of it, in three minutes
//!
//! A line of JSON for each repetition goes to standard output, and a table at the end. It ends with 1 when a bound is
//! broken; with 101 when words were lost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this is test code: it stops at the first surprise"
)]

mod figures;
mod flood;
mod room;
mod siege;
mod strike;

use std::{process::ExitCode, time::Duration};

use clap::{Parser, ValueEnum};
use hamsa_tests::print_line;

use self::{room::Room, strike::Whom};

/// What attackers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Attack {
    /// Ask for full channels, and read nothing.
    Memory,
    /// Fill the queue by one entry with random bytes, and hold what was taken.
    Tickets,
    /// Post one ticket twenty times a second, where a desk's line is narrow.
    Desks,
    /// Fill the mail of a day by one entry with random bytes.
    Mail,
    /// Connect with fresh keys from 64 addresses, and say nothing.
    Connections,
    /// Say "urgent" and stop.
    Urgency,
    /// Name a node of one's own as an entry, from a home that was broken into.
    Entries,
    /// Bring older publications to a home.
    Rosters,
    /// The same as mail, where each sync of the disk takes a second.
    Disk,
    /// A thousand tickets a second from 64 addresses, and nothing paid.
    Crowd,
    /// The same, paid with false solutions.
    Cheats,
    /// Solve puzzles and seal validly, and answer nobody.
    Paying,
}

impl Attack {
    /// Those that are repeated, and measured beside a quiet time.
    const SIEGES: [Self; 9] = [
        Self::Memory,
        Self::Tickets,
        Self::Desks,
        Self::Mail,
        Self::Connections,
        Self::Urgency,
        Self::Entries,
        Self::Rosters,
        Self::Disk,
    ];

    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value().expect("none is skipped");
        value.get_name().to_owned()
    }
}

#[derive(Parser)]
#[command(about = "Attacks a helpline of real processes, and measures how long people wait beside it")]
struct Arguments {
    /// Which attacks: all of them, and the flood, when none is named. Crowd, cheats and paying are parts of the flood.
    attacks: Vec<Attack>,
    /// Only the flood, or the flood too.
    #[arg(long)]
    flood: bool,
    /// How often each attack is repeated, each time against a new helpline.
    #[arg(long, default_value_t = 5)]
    repetitions: usize,
    /// Seconds of each attack; the quiet time before it is half of that. The flood lasts six times as long.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    #[command(flatten)]
    whom: Whom,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.whom.is_attacker() {
        runtime().block_on(arguments.whom.attack(arguments.attacks[0]));
        return ExitCode::SUCCESS;
    }
    // Threads are where their process was put: the room is divided before there are any.
    let room = Room::new();
    let runtime = runtime();
    let broken = runtime.block_on(run(&arguments, &room));
    for what in &broken {
        eprintln!("broken: {what}");
    }
    if broken.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

/// Runs what is wanted; gives the bounds that are broken.
async fn run(arguments: &Arguments, room: &Room) -> Vec<String> {
    let _ = hamsa_system::raise_open_files();
    let all = arguments.attacks.is_empty() && !arguments.flood;
    let (mut rows, mut broken) = (Vec::new(), Vec::new());
    for attack in Attack::SIEGES {
        if !all && !arguments.attacks.contains(&attack) {
            continue;
        }
        let mut sieges = Vec::new();
        for _ in 0..arguments.repetitions {
            let Some(siege) = siege::lay(attack, room, Duration::from_secs(arguments.seconds.into())).await
            else {
                break;
            };
            print_line(siege.json(attack));
            sieges.push(siege);
        }
        if !sieges.is_empty() {
            broken.extend(siege::broken(attack, &sieges));
            rows.push(siege::row(attack, &sieges));
        }
    }
    if !rows.is_empty() {
        print_line(siege::HEAD);
        rows.iter().for_each(print_line);
    }
    if all || arguments.flood {
        broken.extend(flood::run(room, arguments.seconds).await);
    }
    broken
}
