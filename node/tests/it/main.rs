//! The command line of `hamsa-node`, as a process: what it knows, and how it ends.
//!
//! This test needs the binary, and so `cargo test --workspace` builds it for the tests of the whole house, too.

// Tests may stop at the first surprise; the lints know a test by this.
#![cfg(test)]

use std::process::{Command, Output};

fn hamsa_node(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hamsa-node"));
    command.args(args).output().unwrap()
}

#[test]
fn help_names_every_command() {
    let help = hamsa_node(&["--help"]);
    assert!(help.status.success());
    let text = String::from_utf8(help.stdout).unwrap();
    for command in [
        "init",
        "id",
        "check",
        "run",
        "status",
        "partner",
        "install",
        "association",
    ] {
        assert!(
            text.contains(&format!("\n  {command}")),
            "{command} is missing in:\n{text}"
        );
    }
}

#[test]
fn wrong_usage_is_status_2_and_says_what_was_expected() {
    for wrong in [
        &["rnu"][..],
        &["run"],
        &["init", "--dir"],
        &["status", "--dir", "/nonexistent", "--json", "--ready"],
        &["association", "revoke", "--dir", "/nonexistent", "not-a-serial"],
    ] {
        let output = hamsa_node(wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {output:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{wrong:?}: {output:?}"
        );
    }
}
