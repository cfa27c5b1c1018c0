//! The command line of `hamsa`, as a process: what it knows, and how it ends.
//!
//! This test needs the binary, and so `cargo test --workspace` builds it for the tests of the whole house, too.

// Tests may stop at the first surprise; the lints know a test by this.
#![cfg(test)]

mod notebook;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

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

/// Runs `hamsa demo` from a folder that holds nothing else than what the test puts there.
fn demo_in(folder: &Path, path: &Path) -> Output {
    let program = folder.join("hamsa");
    fs::hard_link(env!("CARGO_BIN_EXE_hamsa"), &program).unwrap();
    let mut command = Command::new(program);
    command
        .args(["demo", "--plain", "--lang", "ar"])
        .env("PATH", path);
    command.output().unwrap()
}

fn fake_demo(folder: &Path) {
    let program = folder.join("hamsa-demo");
    fs::write(&program, "#!/bin/sh\necho \"$@\"\nexit 7\n").unwrap();
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_demo_is_the_program_beside_this_one_or_on_the_path() {
    let folder = || tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (beside, alone, on_path) = (folder(), folder(), folder());
    fake_demo(beside.path());
    fake_demo(on_path.path());
    for (folder, path) in [(beside.path(), alone.path()), (alone.path(), on_path.path())] {
        let output = demo_in(folder, path);
        assert_eq!(output.status.code(), Some(7), "{output:?}");
        assert_eq!(output.stdout, b"demo --plain --lang ar\n");
    }
}

#[test]
fn without_its_program_the_demo_says_which_package_has_it() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let output = demo_in(folder.path(), folder.path());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("hamsa-demo") && told.contains("cargo run --release -- demo"),
        "{told}"
    );
}
