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
    command.args(args).env("LC_ALL", "C.UTF-8").output().unwrap()
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

/// The sentences of a command that failed.
fn said(lang: &str, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hamsa"));
    let output = command.args(args).env("LC_ALL", lang).output().unwrap();
    assert!(!output.status.success(), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn before_a_face_the_person_s_language_is_spoken() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("weak"), "password1\n").unwrap();
    fs::write(at("latin"), b"d\xe9j\xe0\n").unwrap();
    let (vault, out, weak, none) = (at("vault"), at("out"), at("weak"), at("none"));
    let request = |passphrase: &str| -> Vec<String> {
        let words = ["counsel", "request", "--vault", &vault, "--out", &out];
        let words = words.into_iter().chain(["--passphrase-file", passphrase]);
        words.map(str::to_owned).collect()
    };
    for (args, french, arabic) in [
        (
            vec!["seek".into(), none.clone()],
            "Il n'y a pas de fichier",
            "ما كاينش ملف",
        ),
        (vec!["seek".into(), "hamsa:1:AAAA".into()], "abîmée", "خاسر"),
        (
            vec!["seek".into(), "/dev/zero".into()],
            "pas un fichier",
            "ماشي ملف",
        ),
        (vec!["seek".into(), "/".into()], "dossier", "مجلد"),
        (vec!["seek".into(), at("latin")], "La ligne 1", "السطر 1"),
        (request(&weak), "trop faible", "ساهلة"),
        (request(&none), "Aucun fichier", "ما كاينش ملف"),
        (request("/"), "dossier", "مجلد"),
        (
            vec!["counsel".into(), "--vault".into(), none.clone()],
            "pas de coffre",
            "المختوم",
        ),
        (vec!["seek".into()], "n'a pas compris", "ما فهماتش"),
    ] {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        for (lang, words) in [("fr_MA.UTF-8", french), ("ar_MA.UTF-8", arabic)] {
            let told = said(lang, &args);
            assert!(told.contains(words), "{args:?} {lang}: {told}");
            assert!(!told.contains("os error"), "{told}");
        }
    }
    assert!(!folder.path().join("vault").exists());
    // What is asked for counts more than the system.
    let told = said("fr_FR.UTF-8", &["counsel", "--vault", &none, "--lang", "en"]);
    assert!(told.contains("There is no vault"), "{told}");
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let fifo = at("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    fs::write(at("pass"), "correct horse battery staple atlas\n").unwrap();
    let (pass, out) = (at("pass"), at("out"));
    let with = ["--passphrase-file", &pass];
    for path in [fifo.as_str(), "/dev/zero", "/"] {
        let cases: [&[&str]; 6] = [
            &["seek", path, "--plain"],
            &["counsel", "--plain", "--vault", path],
            &["counsel", "request", "--out", &out, "--vault", path],
            &["counsel", "install", "--vault", &pass, "--certificate", path],
            &["notebook", "list", "--file", path],
            &["notebook", "new", "--yes-it-is-safe-here", "--file", &out],
        ];
        for (number, case) in cases.into_iter().enumerate() {
            // The last one has it as its passphrase.
            let more: &[&str] = match number {
                0 => &[],
                5 => &["--passphrase-file", path],
                _ => &with,
            };
            let told = said("C.UTF-8", &[case, more].concat());
            assert!(told.contains(path), "{case:?}: {told}");
        }
    }
}

#[test]
fn a_passphrase_may_come_out_of_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let script = "exec \"$0\" counsel request --lang fr --vault \"$1/v\" --out \"$1/r\" \
                  --passphrase-file <(sleep 0.1; echo correct horse battery staple atlas)";
    let mut command = Command::new("bash");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_hamsa")])
        .arg(folder.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("Votre demande est dans"), "{told}");
    assert!(folder.path().join("r").exists());
}

#[test]
fn a_desk_is_opened_by_its_vault_wherever_the_option_stands() {
    let english = "There is no vault at /nonexistent/vault";
    for (order, said) in [
        (&["counsel", "--vault", "/nonexistent/vault"][..], english),
        (
            &[
                "counsel",
                "--json",
                "--vault",
                "/nonexistent/vault",
                "--passphrase-file",
                "/nonexistent",
            ],
            english,
        ),
        (
            &[
                "counsel",
                "--vault",
                "/nonexistent/vault",
                "--plain",
                "--lang",
                "ar",
            ],
            "ما كاينش الملف المختوم ف /nonexistent/vault",
        ),
    ] {
        let output = hamsa(order);
        assert_eq!(output.status.code(), Some(1), "{order:?}: {output:?}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(said), "{order:?}: {told}");
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
