//! `hamsa-model`: the exhaustive model at its full size, and the twin of each rule, which must be found wrong.

use std::process::ExitCode;

use clap::Parser;
use hamsa_tests::model::{Chat, FULL, Faults, Flaw, SMALL, TWINS, Verdict, check};

/// Looks at every state of one ticket and its chat: a seeker, two desks, two homes, three messages.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The size that `cargo test` checks.
    #[arg(long)]
    small: bool,
    /// Other sizes: messages, drops, crashes of homes, homes lost, crashes of desks, silences.
    #[arg(long, num_args = 6, value_names = ["MESSAGES", "DROPS", "HOMES", "LOST", "DESKS", "SILENCES"])]
    size: Option<Vec<u8>>,
    /// Without the twins.
    #[arg(long)]
    no_twins: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let faults = match arguments.size.as_deref() {
        Some(&[messages, drops, homes, lost, desks, silences]) => Faults {
            messages,
            drops,
            homes,
            lost,
            desks,
            silences,
        },
        _ if arguments.small => SMALL,
        _ => FULL,
    };
    let whole = check(Chat {
        faults,
        flaw: Flaw::None,
    });
    println!("{faults:?}");
    println!("{} states, of these {} at the end", whole.states, whole.done);
    let mut good = whole.verdict == Verdict::Holds;
    println!("every property: {:?}", whole.verdict);
    let twins = if arguments.no_twins { &[][..] } else { &TWINS[..] };
    for &(flaw, expected) in twins {
        let twin = check(Chat { faults: SMALL, flaw });
        let found = twin.verdict == Verdict::Violated(expected);
        println!("{flaw:?}: {:?}", twin.verdict);
        good &= found;
    }
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
