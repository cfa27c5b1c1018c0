//! The command line of `hamsa`, as a process: what it knows, and how it ends.
//!
//! This test needs the binary, and so `cargo test --workspace` builds it for the tests of the whole house, too.

// Tests may stop at the first surprise; the lints know a test by this.
#![cfg(test)]

mod notebook;

use std::process::{Command, Output};

fn hamsa(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hamsa"));
    command.args(args).output().unwrap()
}

#[test]
fn help_names_every_command() {
    let help = hamsa(&["--help"]);
    assert!(help.status.success());
    let text = String::from_utf8(help.stdout).unwrap();
    for command in ["seek", "counsel", "notebook", "demo"] {
        assert!(
            text.contains(&format!("\n  {command}")),
            "{command} is missing in:\n{text}"
        );
    }
}

#[test]
fn wrong_usage_is_status_2_and_says_what_was_expected() {
    for wrong in [
        &["sek"][..],
        &["seek"],
        &["seek", "hamsa:1:X", "--json", "--plain"],
        &["counsel"],
        &["counsel", "--json"],
        &["counsel", "--vault"],
        &["counsel", "--vault", "v", "--json", "--plain"],
        &["counsel", "request", "--vault", "v"],
        &["demo", "--nothing"],
    ] {
        let output = hamsa(wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {output:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{wrong:?}: {output:?}"
        );
    }
}

#[test]
fn a_desk_is_opened_by_its_vault_wherever_the_option_stands() {
    for order in [
        &["counsel", "--vault", "/nonexistent/vault"][..],
        &[
            "counsel",
            "--json",
            "--vault",
            "/nonexistent/vault",
            "--passphrase-file",
            "/nonexistent",
        ],
        &[
            "counsel",
            "--vault",
            "/nonexistent/vault",
            "--plain",
            "--lang",
            "ar",
        ],
    ] {
        let output = hamsa(order);
        assert_eq!(output.status.code(), Some(1), "{order:?}: {output:?}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            told.contains("there is no vault at /nonexistent/vault"),
            "{order:?}: {told}"
        );
    }
}
