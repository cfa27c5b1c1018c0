//! The program as it is called: the shape of what it prints, and that it fails loudly.

#![cfg(test)]

use std::{
    path::Path,
    process::{Command, Output},
};

use hamsa_load::report::Report;

fn load(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hamsa-load"))
        .args(arguments)
        .output()
        .unwrap()
}

fn report(output: &Output) -> Report {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn fails(output: &Output, sentence: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        said.starts_with("hamsa-load: ") && said.contains(sentence),
        "{said}"
    );
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn a_rehearsal_has_the_shape_of_a_report() {
    let report = report(&load(&["--rehearsal", "latency", "--warm", "2", "--count", "8"]));
    assert!(report.rehearsal && report.pinned && report.repetitions == 1);
    assert_eq!(report.load_average.len(), 1);
    assert_eq!(report.parameters["count"], 8);
    assert!(report.machine.cores > 0 && report.machine.memory_mib > 0);
    for what in [
        "record to the home and back",
        "say to message",
        "say to message to answer to message",
    ] {
        let [p50, p99] =
            ["p50", "p99"].map(|part| report.figure(&format!("{what}, {part}")).unwrap().clone());
        assert_eq!((p50.unit.as_str(), p50.values.len()), ("µs", 1));
        assert!(p50.median > 0.0 && p50.median <= p99.median, "{what}");
    }
}

#[test]
fn repetitions_and_peers_have_a_spread() {
    let report = report(&load(&[
        "--rehearsal",
        "--repetitions",
        "3",
        "floor",
        "--warm",
        "2",
        "--count",
        "8",
    ]));
    assert_eq!(report.repetitions, 3);
    let figure = report.figure("echo through three proxies, p50").unwrap();
    assert_eq!(figure.values.len(), 3);
    assert!(figure.min <= figure.median && figure.median <= figure.max);
}

#[test]
fn a_debug_build_measures_nothing() {
    if cfg!(debug_assertions) {
        fails(&load(&["latency"]), "this is a debug build");
    }
}

#[test]
fn no_page_is_made_of_a_rehearsal_or_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let page = |from: &Path| {
        load(&[
            "page",
            "--from",
            from.to_str().unwrap(),
            "--docs",
            from.to_str().unwrap(),
        ])
    };
    fails(&page(folder.path()), "there is no report");
    let mut floor = report(&load(&["--rehearsal", "floor", "--warm", "2", "--count", "8"]));
    let write = |report: &Report| {
        let text = serde_json::to_string(report).unwrap();
        std::fs::write(folder.path().join("floor.json"), text).unwrap();
    };
    write(&floor);
    fails(&page(folder.path()), "is a rehearsal");
    // The same, as if it were none: the page says what it has, and what it has not.
    floor.rehearsal = false;
    write(&floor);
    assert!(page(folder.path()).status.success());
    let text = std::fs::read_to_string(folder.path().join("performance.md")).unwrap();
    assert!(
        text.contains("### floor") && text.contains("| echo through two proxies, p50 |"),
        "{text}"
    );
    assert!(
        text.contains("| idle seeker at the entry / at the home | not measured |"),
        "{text}"
    );
    assert!(folder.path().join("figures/latency.svg").exists());
}
