//! The command line of `hamsa-demo`, as a process: it is that of `hamsa`, with the demo in it.
//!
//! This test needs the binary, and so `cargo test --workspace` builds it for the tests of the whole house, too.

// Tests may stop at the first surprise; the lints know a test by this.
#![cfg(test)]

use std::process::{Command, Output};

fn hamsa_demo(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hamsa-demo"));
    command.args(args).output().unwrap()
}

#[test]
fn it_has_every_command_of_hamsa() {
    let help = hamsa_demo(&["--help"]);
    assert!(help.status.success());
    let text = String::from_utf8(help.stdout).unwrap();
    for expected in [
        "Usage: hamsa [",
        "\n  seek ",
        "\n  counsel ",
        "\n  notebook ",
        "\n  demo ",
    ] {
        assert!(text.contains(expected), "{expected} is missing in:\n{text}");
    }
    let failed = hamsa_demo(&["seek", "hamsa:1:X", "--plain", "--lang", "en"]);
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(failed.stderr.starts_with(b"The address is damaged"), "{failed:?}");
}

#[test]
fn wrong_usage_is_status_2() {
    for wrong in [
        &[][..],
        &["sek"],
        &["demo", "--nothing"],
        &["demo", "--lang", "xx"],
    ] {
        let output = hamsa_demo(wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {output:?}");
    }
}
