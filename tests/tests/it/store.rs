//! Mail on a real disk: what was acknowledged stays, whatever happens to process, disk and files; what has passed is gone.
//!
//! The long run, in minutes instead of half an hour:
//! `HAMSA_LONG=1 CARGO_PROFILE_DEV_OPT_LEVEL=2 cargo test --workspace --test it -- store --nocapture`

mod damage;
mod full;
mod kills;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use hamsa_node::store::{MailDiskError, MailLimits, SledDisk};
use hamsa_protocol::home::{
    memory::MemoryStore,
    store::{Day, Disk, ItemKind, Place, StoreError},
};
use hamsa_tests::{
    args,
    cast::{Host, Node, hamsa_node},
    store::{Dice, conformance, place, value},
};

use crate::together::{long, skip};

const MIB: u64 = 1_024 * 1_024;
/// A lock that a store has let go of is free after this long.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// The day that everything is put under.
const DAY: u32 = 20_782;

/// Limits for a disk that may be small.
fn modest() -> MailLimits {
    MailLimits {
        bytes: 256 * MIB,
        floor: MIB,
        reserve: MIB,
    }
}

/// Opens a store, also where another one was closed a moment ago: a process that another test is just starting has copies
/// of all open files until it becomes its program, and with them the lock.
fn open_with(directory: &Path, limits: MailLimits) -> SledDisk {
    let start = Instant::now();
    loop {
        match SledDisk::open(directory, limits) {
            Err(MailDiskError::Held(_)) if start.elapsed() < LOCK_PATIENCE => {
                std::thread::yield_now();
            }
            opened => return opened.unwrap(),
        }
    }
}

fn open(directory: &Path) -> SledDisk {
    open_with(directory, modest())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for found in fs::read_dir(from).unwrap() {
        let found = found.unwrap();
        let to = to.join(found.file_name());
        if found.file_type().unwrap().is_dir() {
            copy(&found.path(), &to);
        } else {
            fs::copy(found.path(), to).unwrap();
        }
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for found in fs::read_dir(folder).unwrap() {
        let path = found.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// Files below a folder that hold these bytes.
fn grep(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut files = files_below(folder);
    files.retain(|path| {
        let content = fs::read(path).unwrap();
        content.windows(bytes.len()).any(|window| window == bytes)
    });
    files
}

/// Without the bytes in the message: they fill a screen.
#[track_caller]
fn assert_holds(store: &mut dyn Disk, place: &Place, number: u64, len: usize, when: &str) {
    match store.read(place) {
        Ok(Some(read)) => assert!(read == value(number, len), "{when}: other bytes in item {number}"),
        Ok(None) => panic!("{when}: item {number} is lost"),
        Err(error) => panic!("{when}: item {number}: {error:?}"),
    }
}

#[test]
fn the_disk_keeps_the_contract() {
    conformance(|| {
        let folder = tempfile::tempdir().unwrap();
        Box::new(move || Box::new(open(folder.path())))
    });
}

#[test]
fn the_memory_keeps_the_contract() {
    conformance(|| {
        let disk = MemoryStore::new();
        Box::new(move || {
            disk.crash();
            Box::new(disk.clone())
        })
    });
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut known = BTreeMap::new();
    for round in 0..4_u64 {
        let mut store = open(folder.path());
        for (place, value) in &known {
            assert_eq!(store.read(place), Ok(Some(Vec::clone(value))), "round {round}");
        }
        assert_eq!(store.places().unwrap().len(), known.len());
        for number in 0..60 {
            let place = place(DAY + (number % 7) as u32, ItemKind::Deposit, round * 100 + number);
            let value = value(number, 300 * number as usize);
            store.put(&place, &value).unwrap();
            known.insert(place, value);
        }
        store.commit().unwrap();
        let numbers = store.numbers().now();
        assert_eq!(numbers.items, known.len());
        assert_eq!(numbers.days.len(), 7);
        assert_eq!(numbers.days[0].day, "2026-11-25");
    }
}

/// R24, and what a thief of an old copy has.
#[test]
fn a_day_that_has_passed_leaves_nothing_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let backup = tempfile::tempdir().unwrap();
    let marker = b"a marker that nobody else writes, 0xfeedface".as_slice();
    let mut store = open(folder.path());
    let old = place(DAY, ItemKind::Deposit, 1);
    let kept = place(DAY + 1, ItemKind::Deposit, 1);
    for place in [&old, &kept] {
        store.put(place, marker).unwrap();
    }
    store.commit().unwrap();
    assert!(grep(folder.path(), marker).is_empty(), "values are sealed");
    let key_file = folder.path().join("keys/mail/2026-11-25.key");
    let key = fs::read(&key_file).unwrap();
    assert_eq!(grep(folder.path(), &key), std::slice::from_ref(&key_file));
    let name = old.key.as_slice();
    assert!(!grep(folder.path(), name).is_empty());
    copy(folder.path(), backup.path());
    // A second name of the key's file: what was written to it can still be looked at.
    let link = backup.path().join("link");
    fs::hard_link(&key_file, &link).unwrap();

    assert_eq!(store.forget_before(Day(DAY + 1)), Ok(1));
    assert_eq!(
        fs::read(&link).unwrap(),
        [0; 32],
        "overwritten before it was removed"
    );
    for bytes in [marker, &key, b"2026-11-25"] {
        assert_eq!(grep(folder.path(), bytes), Vec::<PathBuf>::new());
    }
    assert!(!key_file.exists());
    assert!(!folder.path().join("mail/2026-11-25").exists());
    assert!(
        files_below(folder.path())
            .iter()
            .all(|path| !path.to_string_lossy().contains("2026-11-25")),
        "{:?}",
        files_below(folder.path())
    );
    assert_eq!(store.read(&kept), Ok(Some(marker.to_vec())));
    drop(store);

    // A backup holds no keys: what was copied before is of no use, also together with the keys of today.
    fs::remove_dir_all(backup.path().join("keys")).unwrap();
    copy(&folder.path().join("keys"), &backup.path().join("keys"));
    let mut store = open(backup.path());
    assert_eq!(store.read(&old), Err(StoreError::Damaged(Day(DAY))));
    assert_eq!(store.read(&kept), Ok(Some(marker.to_vec())));
    assert_eq!(store.numbers().now().damaged, ["damaged-2026-11-25-1"]);
    assert_eq!(store.forget_before(Day(DAY + 1)), Ok(0));
    assert_eq!(store.numbers().now().damaged, Vec::<String>::new());
}

#[test]
fn an_interrupted_forgetting_is_completed_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.put(&place(DAY, ItemKind::Deposit, 1), b"words").unwrap();
    store.commit().unwrap();
    drop(store);
    let mail = folder.path().join("mail");
    fs::rename(mail.join("2026-11-25"), mail.join("forgotten-2026-11-25")).unwrap();
    let mut store = open(folder.path());
    assert_eq!(store.places(), Ok(vec![]));
    assert!(!mail.join("forgotten-2026-11-25").exists());
    assert!(!folder.path().join("keys/mail/2026-11-25.key").exists());
    assert_eq!(store.numbers().now().damaged, Vec::<String>::new());
}

#[test]
fn what_cannot_be_opened_is_refused_with_path_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let format = folder.path().join("mail/FORMAT");
    let refused = |expected: &str| {
        let error = SledDisk::open(folder.path(), modest()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(
            error.contains(&folder.path().display().to_string()),
            "no path in: {error}"
        );
    };
    let store = open(folder.path());
    refused("is held by another process");
    drop(store);
    fs::write(&format, "hamsa mail 2\n").unwrap();
    refused("run the newer hamsa-node again");
    for damaged in ["", "hamsa", "hamsa mail -1", "\u{0}\u{0}"] {
        fs::write(&format, damaged).unwrap();
        refused("is damaged");
        assert_eq!(
            fs::read_to_string(&format).unwrap(),
            damaged,
            "nothing is changed"
        );
    }
    fs::write(&format, "hamsa mail 1\n").unwrap();
    drop(open(folder.path()));
    fs::remove_dir_all(folder.path().join("mail")).unwrap();
    fs::write(folder.path().join("mail"), "a file").unwrap();
    refused("check that");
}
