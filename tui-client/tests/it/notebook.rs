//! `hamsa notebook` as a process: the whole way from an empty file to a folder that others' tools accept, and what
//! goes wrong on it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Instant,
};

const PASS: &str = "une phrase, عربية too";
const SAFE: &str = "--yes-it-is-safe-here";
/// A picture for a program, words for a grep.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0the picture that he sent";

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::write(place.at("passphrase"), format!("{PASS}\nnot this line\n")).unwrap();
        fs::write(place.at("wrong"), "something else\n").unwrap();
        fs::write(place.at("capture d'écran.png"), PICTURE).unwrap();
        place
    }

    /// With an empty notebook in it.
    fn made() -> Self {
        let place = Self::new();
        let made = place.run(&["new", SAFE]);
        assert!(made.status.success(), "{}", said(&made));
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, args: &[&str], passphrase: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hamsa"));
        command
            .current_dir(self.0.path())
            .env("TZ", "Africa/Casablanca")
            .stdin(Stdio::null())
            .arg("notebook")
            .args(args)
            .args(["--lang", "en", "--file", "book", "--passphrase-file", passphrase]);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args, "passphrase").output().unwrap()
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = names
            .map(|item| item.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(text).unwrap()
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn from_an_empty_notebook_to_a_bag_that_others_accept() {
    let place = Place::made();
    assert!(said(&place.run(&["list"])).contains("Nothing is in it yet"));
    let added = place.run(&[
        "add",
        SAFE,
        "--url",
        "https://example.org/p/12?a=%0A",
        "--account",
        "@somebody",
        "--note",
        "kayhddni b tsawri\nقال غادي ينشرهم",
        "--date",
        "2026-11-25T18:30",
        "capture d'écran.png",
    ]);
    assert!(added.status.success(), "{}", said(&added));
    let second = place.run(&["add", SAFE, "--note", "again", "--date", "2026-11-26"]);
    assert!(said(&second).contains("number 2"), "{}", said(&second));

    let list = said(&place.run(&["list"]));
    for part in [
        "2026-11-25T18:30:00",
        "@somebody",
        "kayhddni",
        "ينشرهم",
        "capture d'écran.png",
        "Number 2",
    ] {
        assert!(list.contains(part), "{part} is missing in {list}");
    }
    // The file is sealed and hers alone; the picture is where it was, as it was.
    let book = fs::read(place.at("book")).unwrap();
    for needle in [b"the picture".as_slice(), b"kayhddni", b"@somebody", b"png"] {
        assert!(!contains(&book, needle));
    }
    let mode = fs::metadata(place.at("book")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read(place.at("capture d'écran.png")).unwrap(), PICTURE);

    let exported = place.run(&["export", SAFE, "--to", "bag"]);
    assert!(exported.status.success(), "{}", said(&exported));
    assert!(said(&exported).contains("lawyer"));
    let copy = place.at("bag/data/0001/1-capture_d_écran.png");
    assert_eq!(fs::read(copy).unwrap(), PICTURE);
    let mode = fs::metadata(place.at("bag")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert_eq!(
        place.names(),
        ["bag", "book", "capture d'écran.png", "passphrase", "wrong"]
    );
    bagit_accepts(&place.at("bag"));
    let again = place.run(&["export", SAFE, "--to", "bag"]);
    assert!(!again.status.success() && said(&again).contains("already"));
}

/// Asks the `bagit` tool from PyPI, where it is installed. `HAMSA_BAGIT` names it where it must be.
fn bagit_accepts(bag: &Path) {
    let named = std::env::var_os("HAMSA_BAGIT");
    let tool = named.clone().unwrap_or_else(|| "bagit.py".into());
    let validate = |bag: &Path| Command::new(&tool).arg("--validate").arg(bag).output();
    match validate(bag) {
        Ok(output) => {
            assert!(output.status.success(), "{}", said(&output));
            // It looks at what we think it looks at.
            fs::write(bag.join("data/entries.txt"), "changed").unwrap();
            assert!(!validate(bag).unwrap().status.success());
        }
        Err(error) => {
            assert!(named.is_none(), "{} does not run: {error}", tool.display());
            eprintln!("bagit.py is not installed: only our own check of the bag was made");
        }
    }
}

#[test]
fn without_a_yes_nothing_is_written() {
    let place = Place::new();
    let before = place.names();
    for args in [&["new"][..], &["add", "--note", "x"], &["export", "--to", "bag"]] {
        let output = place.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert_eq!(place.names(), before, "{args:?}");
    }
    assert!(said(&place.run(&["new"])).contains("Nothing was written"));
    let made = Place::made();
    let book = fs::read(made.at("book")).unwrap();
    for args in [&["add", "--note", "x"][..], &["export", "--to", "bag"]] {
        assert!(said(&made.run(args)).contains("Nothing was written"));
        assert_eq!(fs::read(made.at("book")).unwrap(), book);
        assert!(!made.at("bag").exists());
    }
}

#[test]
fn wrong_passphrase_and_damage_differ_and_change_nothing() {
    let place = Place::made();
    let good = fs::read(place.at("book")).unwrap();
    let wrong = place
        .command(&["add", SAFE, "--note", "x"], "wrong")
        .output()
        .unwrap();
    assert!(
        said(&wrong).contains("does not open this notebook"),
        "{}",
        said(&wrong)
    );
    let mut flipped = good.clone();
    flipped[1_000] ^= 1;
    for (bytes, what) in [
        (flipped.as_slice(), "damaged"),
        (&good[..good.len() / 2], "damaged"),
        (b"", "damaged"),
        (b"some other file of hers", "not a notebook"),
    ] {
        fs::write(place.at("book"), bytes).unwrap();
        for args in [&["list"][..], &["add", SAFE, "--note", "x"]] {
            let output = place.run(args);
            assert_eq!(output.status.code(), Some(1));
            assert!(said(&output).contains(what), "{}", said(&output));
            assert_eq!(fs::read(place.at("book")).unwrap(), bytes);
        }
    }
    let again = place.run(&["new", SAFE]);
    assert!(said(&again).contains("already"), "{}", said(&again));
    fs::remove_file(place.at("book")).unwrap();
    assert!(said(&place.run(&["list"])).contains("no notebook"));
    fs::write(place.at("passphrase"), "\n").unwrap();
    assert!(said(&place.run(&["new", SAFE])).contains("empty"));
    fs::write(place.at("passphrase"), "azertyuiop\n").unwrap();
    let weak = place.run(&["new", SAFE]);
    assert_eq!(weak.status.code(), Some(1));
    assert!(
        said(&weak).contains("too weak: many people") && said(&weak).contains("several words"),
        "{}",
        said(&weak)
    );
    assert!(!place.at("book").exists());
}

#[test]
fn what_cannot_be_kept_is_said_with_its_path() {
    let place = Place::made();
    fs::create_dir(place.at("folder")).unwrap();
    let big = fs::File::create(place.at("film.mp4")).unwrap();
    big.set_len((128 << 20) + 1).unwrap();
    let before = fs::read(place.at("book")).unwrap();
    for (args, what) in [
        (&["add", SAFE, "folder"][..], "folder"),
        (&["add", SAFE, "film.mp4"], "128 MiB"),
        (&["add", SAFE, "missing.png"], "missing.png"),
        (&["add", SAFE, "--note", "x", "--date", "yesterday"], "date"),
        (&["add", SAFE], "nothing to keep"),
        (&["add", SAFE, "--url", &"x".repeat(9_000)], "too long"),
    ] {
        let output = place.run(args);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(what), "{args:?}: {}", said(&output));
    }
    assert_eq!(fs::read(place.at("book")).unwrap(), before);
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_notebook_or_the_new_one() {
    let place = Place::made();
    let started = Instant::now();
    assert!(place.run(&["add", SAFE, "--note", "x"]).status.success());
    let whole = started.elapsed();
    let clock = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let mut kept = 1;
    for kill in 1..=9 {
        let before = fs::read(place.at("book")).unwrap();
        let mut child = place
            .command(&["add", SAFE, "--note", "x", "capture d'écran.png"], "passphrase")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Spread over what adding takes, closest at its end, where the file is replaced.
        let moment = whole * (10 - kill) / 9;
        clock.block_on(async { tokio::time::sleep(moment).await });
        let _ = child.kill();
        let _ = child.wait();
        if fs::read(place.at("book")).unwrap() != before {
            kept += 1;
        }
    }
    let list = said(&place.run(&["list"]));
    assert_eq!(list.matches("Number ").count(), kept, "{list}");
    let last = place.run(&["add", SAFE, "--note", "last"]);
    assert!(last.status.success(), "{}", said(&last));
    let left = fs::read_dir(place.0.path()).unwrap().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    let beside = |name: &std::ffi::OsString| name.to_string_lossy().ends_with(".new");
    assert!(!left.iter().any(beside), "{left:?}");
}

#[test]
fn what_cannot_be_written_leaves_the_old_notebook() {
    let place = Place::made();
    let before = fs::read(place.at("book")).unwrap();
    let hamsa = place.command(&["add", SAFE, "--note", "x"], "passphrase");
    let output = Command::new("sh")
        .current_dir(place.0.path())
        .stdin(Stdio::null())
        // No file may have a byte, and the system says so instead of ending the program.
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""])
        .arg(hamsa.get_program())
        .args(hamsa.get_args())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("book"), "{}", said(&output));
    assert_eq!(fs::read(place.at("book")).unwrap(), before);
    assert!(place.run(&["add", SAFE, "--note", "x"]).status.success());
}

#[test]
fn it_opens_no_network_and_writes_nothing_but_the_notebook() {
    let place = Place::made();
    let hamsa = place.command(&["add", SAFE, "capture d'écran.png"], "passphrase");
    let traced = Command::new("strace")
        .current_dir(place.0.path())
        .stdin(Stdio::null())
        .args([
            "-f",
            "-qq",
            "-o",
            "trace",
            "-e",
            "trace=%network,open,openat,creat,rename,renameat,renameat2",
        ])
        .arg(hamsa.get_program())
        .args(hamsa.get_args())
        .output();
    let Ok(traced) = traced else {
        eprintln!("strace is not installed: not checked");
        return;
    };
    let trace = fs::read_to_string(place.at("trace")).unwrap_or_default();
    if trace.is_empty() {
        eprintln!("strace may not trace here: not checked");
        return;
    }
    assert!(traced.status.success(), "{}", said(&traced));
    for line in trace.lines() {
        for call in ["socket(", "connect(", "bind(", "sendto("] {
            assert!(!line.contains(call), "{line}");
        }
        if line.contains("O_WRONLY") || line.contains("O_RDWR") || line.contains("O_CREAT") {
            let new = line.contains("/book.") && line.contains(".new\"");
            assert!(new || line.contains("/dev/"), "{line}");
        }
    }
    assert!(trace.contains(".new\""), "the trace shows what is written");
}
