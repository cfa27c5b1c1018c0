//! `hamsa-model`: the exhaustive model at its full sizes, and the twin of each rule, which must be found wrong.

use std::process::ExitCode;

use clap::Parser;
use hamsa_tests::{
    model::{Chat, FULL, Faults, Flaw, SMALL, TWINS, check},
    print_line,
};

/// Looks at every state of one ticket and its chat: a seeker, two desks, two homes, up to three messages.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Only the sizes that `cargo test` checks.
    #[arg(long)]
    small: bool,
    /// Another size instead: messages, drops, crashes of homes, homes lost, crashes of desks, silences.
    #[arg(long, num_args = 6, value_names = ["MESSAGES", "DROPS", "HOMES", "LOST", "DESKS", "SILENCES"])]
    size: Option<Vec<u8>>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut sizes = SMALL.to_vec();
    if !arguments.small {
        sizes.extend(FULL);
    }
    if let Some(&[messages, drops, homes, lost, desks, silences]) = arguments.size.as_deref() {
        sizes = vec![Faults {
            messages,
            drops,
            homes,
            lost,
            desks,
            silences,
        }];
    }
    let (mut good, mut all) = (true, 0);
    for faults in sizes {
        let flaw = Flaw::None;
        let whole = check(Chat { faults, flaw });
        print_line(format_args!(
            "{faults:?}: {} states, of these {} at the end, violated: {:?}",
            whole.states, whole.done, whole.violated
        ));
        if let Some(stuck) = whole.stuck {
            print_line(format_args!("stuck: {stuck:#?}"));
        }
        good &= whole.violated.is_empty();
        all += whole.states;
    }
    for (flaw, faults, expected) in TWINS {
        let twin = check(Chat { faults, flaw });
        print_line(format_args!("twin {flaw:?}: violated: {:?}", twin.violated));
        good &= twin.violated.contains(&expected);
    }
    print_line(format_args!("states {all}, twins {}", TWINS.len()));
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
