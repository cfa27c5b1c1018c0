//! The storm, by the program that everybody can run: `hamsa-sim`. It is a test binary of its own because it takes all
//! cores, and the tests of real processes measure seconds. The full size of R1 is `just storm`, which `.ci/run` runs too.

#![cfg(test)]

use std::{
    process::{Command, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Seeds and least messages of the short R1: half a minute on two cores, where the full 2,000 seeds take three.
const SEEDS: &str = "400";
const MESSAGES: u64 = 200_000;

/// One run at a time: each takes all cores.
fn alone() -> MutexGuard<'static, ()> {
    static RUN: Mutex<()> = Mutex::new(());
    RUN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hamsa_sim(args: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_hamsa-sim"));
    program.args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The short R1. That every kind of fault happened is a part of how the full one ends.
#[test]
fn no_message_is_lost_doubled_or_out_of_order() {
    let _alone = alone();
    let run = hamsa_sim(&["--seeds", SEEDS]);
    let line = text(&run.stdout);
    println!("{line}");
    assert!(run.status.success(), "{line}{}", text(&run.stderr));
    assert!(line.contains("/ lost 0 / duplicated 0 / reordered 0 /"), "{line}");
    let messages = line.split(" / ").find_map(|part| part.strip_prefix("messages "));
    let messages: u64 = messages.unwrap().parse().unwrap();
    assert!(messages >= MESSAGES, "{line}");
}

/// R5: a simulator that finds nothing is worth what it is known to find.
#[test]
fn every_planted_bug_is_found() {
    let _alone = alone();
    let list = hamsa_sim(&["--list-planted"]);
    let names: Vec<_> = text(&list.stdout).lines().collect();
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        let run = hamsa_sim(&["--planted", name]);
        assert_eq!(run.status.code(), Some(1), "{name}: {}", text(&run.stderr));
        assert!(
            text(&run.stderr).contains("replay with: hamsa-sim --trace"),
            "{name}"
        );
    }
    let unknown = hamsa_sim(&["--planted", "nothing"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_hamsa-sim"));
    let program = program
        .arg("--list-planted")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = program.spawn().unwrap();
    drop(child.stdout.take());
    let run = child.wait_with_output().unwrap();
    assert!(run.status.success(), "{}", text(&run.stderr));
}

/// R3, as far as a few seconds go: what happens comes from the seed alone.
#[test]
fn two_runs_are_the_same_to_the_last_byte() {
    let _alone = alone();
    let run = || hamsa_sim(&["--seeds", "40", "--from", "500000", "--hash"]).stdout;
    let first = run();
    assert!(text(&first).contains("\nhash "), "{}", text(&first));
    assert_eq!(first, run());
}
