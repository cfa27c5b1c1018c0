//! Mail on a real disk: what was acknowledged stays, whatever happens to process, disk and files; what has passed is gone.
//!
//! The long run: `HAMSA_KILLS=1000 HAMSA_MAIL_ITEMS=20000 cargo test -p hamsa-tests --test it store:: -- --nocapture`

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use hamsa_node::store::{Limits, MailError, SledStore};
use hamsa_protocol::home::{
    memory::MemoryStore,
    store::{Day, Place, Shelf, Store, StoreError},
};
use hamsa_tests::{
    args,
    cast::{Host, Node, hamsa_node},
    store::{Dice, conformance, place, value},
};

const MIB: u64 = 1_024 * 1_024;
/// Where a child process finds its directory, and that it is one.
const CHILD: &str = "HAMSA_STORE_CHILD";
/// What its numbers start from.
const CHILD_SEED: &str = "HAMSA_STORE_SEED";
/// After how many steps it ends by itself.
const CHILD_STEPS: &str = "HAMSA_STORE_STEPS";
/// The day that everything is put under.
const DAY: u32 = 20_782;

/// Limits for a disk that may be small.
fn modest() -> Limits {
    Limits {
        bytes: 256 * MIB,
        floor: MIB,
        reserve: MIB,
    }
}

fn open(directory: &Path) -> SledStore {
    SledStore::open(directory, modest()).unwrap()
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
fn assert_holds(store: &mut dyn Store, place: &Place, number: u64, len: usize, when: &str) {
    match store.read(place) {
        Ok(Some(read)) => assert!(read == value(number, len), "{when}: other bytes in item {number}"),
        Ok(None) => panic!("{when}: item {number} is lost"),
        Err(error) => panic!("{when}: item {number}: {error:?}"),
    }
}

#[test]
fn the_disk_keeps_the_contract() {
    let folders: std::cell::RefCell<Vec<tempfile::TempDir>> = Default::default();
    conformance(|| {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        folders.borrow_mut().push(folder);
        Box::new(store)
    });
}

#[test]
fn the_memory_keeps_the_contract() {
    conformance(|| Box::new(MemoryStore::new()));
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
            let place = place(DAY + (number % 7) as u32, Shelf::Deposit, round * 100 + number);
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
    let old = place(DAY, Shelf::Deposit, 1);
    let kept = place(DAY + 1, Shelf::Deposit, 1);
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
fn a_stop_in_the_middle_of_forgetting_is_ended_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.put(&place(DAY, Shelf::Deposit, 1), b"words").unwrap();
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
fn the_share_of_mail_is_a_limit_and_removing_makes_room() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        bytes: MIB,
        ..modest()
    };
    let mut store = SledStore::open(folder.path(), limits).unwrap();
    let mut taken = 0;
    while store.put(&place(DAY, Shelf::Deposit, taken), &value(taken, 16_384)) == Ok(()) {
        taken += 1;
    }
    assert_eq!(taken, 63, "63 of 16,384 + 73 bytes are in a MiB");
    let next = place(DAY, Shelf::Deposit, taken);
    assert_eq!(store.put(&next, &value(taken, 16_384)), Err(StoreError::Full));
    assert!(store.numbers().now().full);
    assert_eq!(store.commit(), Ok(()), "what was taken is kept");
    let first = place(DAY, Shelf::Deposit, 0);
    assert_eq!(
        store.put(&first, &value(0, 16_384)),
        Ok(()),
        "the same again takes no more"
    );
    assert_eq!(store.read(&first), Ok(Some(value(0, 16_384))));
    assert_eq!(store.remove(&first), Ok(()));
    assert_eq!(store.put(&next, &value(taken, 16_384)), Ok(()));
    assert_eq!(store.commit(), Ok(()));
    assert!(!store.numbers().now().full);
    // Also after a restart, before anybody asked what is there.
    drop(store);
    let mut store = SledStore::open(folder.path(), limits).unwrap();
    assert_eq!(store.put(&first, &value(0, 16_384)), Err(StoreError::Full));
    assert_eq!(store.forget_before(Day(DAY + 1)), Ok(63));
    assert_eq!(store.put(&first, &value(0, 16_384)), Ok(()));
}

#[test]
fn what_cannot_be_opened_is_refused_with_path_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let format = folder.path().join("mail/FORMAT");
    let refused = |expected: &str| {
        let error = SledStore::open(folder.path(), modest()).unwrap_err().to_string();
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

#[test]
fn a_folder_that_cannot_be_written_is_refused_with_the_remedy() {
    let Some(disk) = SmallDisk::mount(16) else { return };
    let mut store = open(disk.path());
    store.put(&place(DAY, Shelf::Deposit, 1), b"words").unwrap();
    store.commit().unwrap();
    drop(store);
    disk.remount("ro");
    let error = SledStore::open(disk.path(), modest()).unwrap_err();
    assert!(matches!(error, MailError::File(_)), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("Read-only file system") && text.contains("check that"),
        "{text}"
    );
    assert!(!hamsa_node::store::check(disk.path()).is_empty());
    disk.remount("rw");
    let mut store = open(disk.path());
    assert_eq!(
        store.read(&place(DAY, Shelf::Deposit, 1)),
        Ok(Some(b"words".to_vec()))
    );
}

/// A disk of its own, gone with the value.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(mebibytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"])
            .arg(folder.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(folder)),
            other => {
                eprintln!("skipped: a small disk cannot be mounted here ({other:?})");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, mode: &str) {
        let status = Command::new("mount")
            .args(["-o", &format!("remount,{mode}")])
            .arg(self.path())
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Takes all the room there is.
    fn fill(&self) {
        use std::io::Write;
        let mut file = fs::File::create(self.path().join("filler")).unwrap();
        for size in [64 * 1_024, 4_096, 512, 1] {
            let block = vec![7; size];
            while file.write_all(&block).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// R22.
#[test]
fn a_full_disk_refuses_with_its_own_code_serves_deletes_and_recovers() {
    let Some(disk) = SmallDisk::mount(80) else { return };
    let limits = Limits {
        bytes: 1_024 * MIB,
        floor: 20 * MIB,
        reserve: 8 * MIB,
    };
    let mut store = SledStore::open(disk.path(), limits).unwrap();
    let mut taken = 0;
    let put = |store: &mut SledStore, number| {
        store
            .put(
                &place(DAY + (number % 3) as u32, Shelf::Deposit, number),
                &value(number, 16_000),
            )
            .and_then(|()| store.commit())
    };
    // Until the store itself says that it is enough.
    while put(&mut store, taken) == Ok(()) {
        taken += 1;
        assert!(taken < 10_000, "a disk of 80 MiB is never full");
    }
    assert!(taken > 600, "{taken}");
    let numbers = rustix::fs::statvfs(disk.path()).unwrap();
    let left = numbers.f_bavail * numbers.f_frsize;
    assert!(left > 16 * MIB, "only {left} bytes are left to others");
    assert_eq!(put(&mut store, taken), Err(StoreError::Full));
    for round in 0..3 {
        // And now somebody else takes the rest.
        disk.fill();
        assert_eq!(put(&mut store, taken), Err(StoreError::Full));
        assert!(store.numbers().now().full);
        if round == 1 {
            // Starting again writes too: the room set aside is for that.
            drop(store);
            store = SledStore::open(disk.path(), limits).unwrap();
        }
        for number in 0..taken {
            let place = place(DAY + (number % 3) as u32, Shelf::Deposit, number);
            if number < round * 200 {
                assert_eq!(store.read(&place), Ok(None), "round {round}, item {number}");
            } else {
                assert_holds(&mut store, &place, number, 16_000, &format!("round {round}"));
            }
        }
        for number in round * 200..round * 200 + 200 {
            let place = place(DAY + (number % 3) as u32, Shelf::Deposit, number);
            assert_eq!(store.remove(&place), Ok(()), "round {round}");
            assert_eq!(store.commit(), Ok(()), "round {round}");
            assert_eq!(store.read(&place), Ok(None));
        }
        assert!(!disk.path().join("mail/reserve").exists(), "it was given up");
        disk.free();
        assert_eq!(store.commit(), Ok(()));
        assert!(
            disk.path().join("mail/reserve").exists(),
            "it is there for the next time"
        );
    }
    // Room comes from a day that goes.
    let gone = store.forget_before(Day(DAY + 1)).unwrap();
    assert_eq!(
        gone as u64,
        (600..taken).filter(|number| number % 3 == 0).count() as u64
    );
    for number in 10_000..10_060 {
        assert_eq!(put(&mut store, number), Ok(()), "without a restart");
    }
    assert!(!store.numbers().now().full);
    assert!(
        disk.path().join("mail/reserve").exists(),
        "it is there for the next time"
    );
    drop(store);
    let mut store = SledStore::open(disk.path(), limits).unwrap();
    for number in (600..taken)
        .filter(|number| number % 3 != 0)
        .chain(10_000..10_060)
    {
        let place = place(DAY + (number % 3) as u32, Shelf::Deposit, number);
        assert_holds(&mut store, &place, number, 16_000, "after a restart");
    }
    assert_eq!(store.numbers().now().damaged, Vec::<String>::new());
}

/// Without any precaution, so that sled itself runs into the end of the disk.
#[test]
fn the_end_of_the_disk_under_sled_loses_nothing_that_was_acknowledged() {
    let Some(disk) = SmallDisk::mount(48) else { return };
    let limits = Limits {
        bytes: 1_024 * MIB,
        floor: 0,
        reserve: 0,
    };
    // What others have on this disk, to be removed one after the other.
    let others: Vec<PathBuf> = (0..4)
        .map(|number| disk.path().join(format!("other-{number}")))
        .collect();
    for other in &others {
        fs::write(other, vec![7; 7 * 1_024 * 1_024]).unwrap();
    }
    let mut store = SledStore::open(disk.path(), limits).unwrap();
    let mut acknowledged = Vec::new();
    let mut number = 0;
    for (round, other) in others.iter().enumerate() {
        let mut refused = 0;
        while refused < 5 {
            let place = place(DAY + (number % 2) as u32, Shelf::Deposit, number);
            let kept = store
                .put(&place, &value(number, 16_000))
                .and_then(|()| store.commit());
            match kept {
                Ok(()) => acknowledged.push((place, number)),
                Err(error) => {
                    assert_eq!(error, StoreError::Full, "round {round}");
                    refused += 1;
                }
            }
            number += 1;
            assert!(number < 10_000);
        }
        fs::remove_file(other).unwrap();
        for (place, number) in &acknowledged {
            assert_holds(&mut store, place, *number, 16_000, &format!("round {round}"));
        }
    }
    assert!(acknowledged.len() > 300, "{}", acknowledged.len());
    drop(store);
    let mut store = SledStore::open(disk.path(), limits).unwrap();
    for (place, number) in &acknowledged {
        assert_holds(&mut store, place, *number, 16_000, "at the end");
    }
    assert_eq!(store.numbers().now().damaged, Vec::<String>::new());
}

/// A process that writes and says what was acknowledged, for as long as it is let.
///
/// It is a test so that it is in this binary; without the variable it does nothing.
#[test]
fn child() {
    let Ok(directory) = std::env::var(CHILD) else {
        return;
    };
    let seed: u64 = std::env::var(CHILD_SEED).unwrap().parse().unwrap();
    let mut dice = Dice::new(seed);
    let mut store = open(Path::new(&directory));
    println!("\nopen");
    let steps = std::env::var(CHILD_STEPS).map_or(u64::MAX, |text| text.parse().unwrap());
    for step in 0..steps {
        let mut lines = Vec::new();
        for _ in 0..=dice.below(4) {
            let number = dice.below(u64::MAX);
            let day = DAY + (seed % 3) as u32 + dice.below(2) as u32;
            let len = dice.below(16_384);
            let place = place(day, Shelf::Deposit, number);
            store.put(&place, &value(number, len as usize)).unwrap();
            lines.push(format!("put {day} {number} {len}"));
            // Now and then one goes again, in the same or in a later step.
            if dice.below(8) == 0 {
                store.remove(&place).unwrap();
                lines.push(format!("removed {day} {number} {len}"));
            }
        }
        store.commit().unwrap();
        println!("{}\ndone {step}", lines.join("\n"));
    }
}

fn child_command(directory: &Path, seed: u64, through: &[&str]) -> Command {
    let this = std::env::current_exe().unwrap();
    let mut words = through
        .iter()
        .map(|word| (*word).into())
        .collect::<Vec<std::ffi::OsString>>();
    words.push(this.into());
    let mut command = Command::new(words.remove(0));
    command
        .args(words)
        .args(["store::child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, directory)
        .env(CHILD_SEED, seed.to_string());
    command
}

/// What mail takes of the disk and of time. More of it: the command at the top.
#[test]
fn a_share_of_mail_opens_within_two_seconds() {
    let items: u64 = std::env::var("HAMSA_MAIL_ITEMS").map_or(600, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        bytes: 1_024 * MIB,
        ..modest()
    };
    let mut store = SledStore::open(folder.path(), limits).unwrap();
    let days = 14;
    let mut commits = Vec::new();
    for number in 0..items {
        let place = place(
            DAY + (number * days / items) as u32,
            Shelf::Deposit,
            Dice::new(number).below(u64::MAX),
        );
        store.put(&place, &value(number, 16_384)).unwrap();
        // In the long run most of the time would go into waiting for the disk.
        if items < 1_000 || number % 20 == 0 {
            let start = Instant::now();
            store.commit().unwrap();
            commits.push(start.elapsed());
        }
    }
    store.commit().unwrap();
    drop(store);
    let taken: u64 = files_below(folder.path())
        .iter()
        .map(|path| fs::metadata(path).unwrap().len())
        .sum();
    let kept = items * 16_384;
    let start = Instant::now();
    let mut store = SledStore::open(folder.path(), limits).unwrap();
    let found = store.places().unwrap().len();
    let opening = start.elapsed();
    assert_eq!(found as u64, items);
    // What a home does when it starts.
    let start = Instant::now();
    for place in store.places().unwrap() {
        assert!(store.read(&place).unwrap().is_some());
    }
    let reading = start.elapsed();
    commits.sort();
    let ratio = taken as f64 / kept as f64;
    eprintln!(
        "{items} deposits, {} MiB: {ratio:.2} times that on the disk, commit median {:?}, opening and listing {opening:?}, reading it all {reading:?}",
        kept / MIB,
        commits[commits.len() / 2]
    );
    assert!(ratio < 6.0, "{ratio}");
    assert!(opening < Duration::from_secs(2), "{opening:?}");
}

/// What comes and goes all day does not fill the disk: sled uses the room of what it has written anew.
#[test]
fn coming_and_going_does_not_grow_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let mut dice = Dice::new(1);
    let mut sizes = Vec::new();
    for step in 0..3_000 {
        let place = place(DAY, Shelf::Deposit, dice.below(100));
        if dice.below(2) == 0 {
            store.put(&place, &value(step, 16_384)).unwrap();
        } else {
            store.remove(&place).unwrap();
        }
        if step % 30 == 0 {
            store.commit().unwrap();
        }
        if step % 500 == 499 {
            let db = folder.path().join("mail/2026-11-25/db");
            sizes.push(fs::metadata(db).unwrap().len() / MIB);
        }
    }
    eprintln!("MiB of a day with 50 of 100 items of 16 KiB, every 500 changes: {sizes:?}");
    assert!(sizes.iter().all(|size| *size < 40), "{sizes:?}");
}

/// R7: killed at random points of writing; short here, long by the command at the top.
#[test]
fn kills_lose_nothing_that_was_acknowledged() {
    let kills: u64 = std::env::var("HAMSA_KILLS").map_or(20, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(7);
    let mut known: BTreeMap<Place, (u64, usize)> = BTreeMap::new();
    let mut times = Vec::new();
    let (mut acknowledged, mut steps) = (0, 0);
    for kill in 0..kills {
        let mut child = child_command(folder.path(), kill, &[])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = mpsc::sync_channel(10_000);
        let reader = std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                send.send(line).unwrap();
            }
        });
        // Most are killed while they write, at some time after some step; some while they open.
        let (wait, mut steps_left) = if dice.below(5) == 0 {
            (Duration::from_micros(dice.below(200_000)), 0)
        } else {
            (Duration::from_secs(60), 1 + dice.below(12))
        };
        let mut end = Instant::now() + wait;
        let mut pending = Vec::new();
        let mut seen = Vec::new();
        loop {
            match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if line.starts_with("done ") && steps_left > 0 {
                        steps_left -= 1;
                        if steps_left == 0 {
                            end = Instant::now() + Duration::from_micros(dice.below(10_000));
                        }
                    }
                    seen.push(line);
                    // A child that is faster than this reader would never be killed.
                    if Instant::now() >= end {
                        break;
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => break,
                Err(mpsc::RecvTimeoutError::Disconnected) => panic!("the child ended by itself"),
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        reader.join().unwrap();
        seen.extend(lines.try_iter());
        for line in seen {
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["done", _] => {
                    steps += 1;
                    for (place, item) in pending.drain(..) {
                        match item {
                            Some(item) => {
                                acknowledged += 1;
                                known.insert(place, item);
                            }
                            None => {
                                known.remove(&place);
                            }
                        }
                    }
                }
                [what @ ("put" | "removed"), day, number, len] => {
                    let number = number.parse().unwrap();
                    let place = place(day.parse().unwrap(), Shelf::Deposit, number);
                    let put = *what == "put";
                    pending.push((place, put.then(|| (number, len.parse().unwrap()))));
                }
                _ => {}
            }
        }
        let start = Instant::now();
        let mut store = open(folder.path());
        let places = store.places().unwrap();
        times.push(start.elapsed());
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "kill {kill}: opening took {:?}",
            start.elapsed()
        );
        assert!(places.len() >= known.len());
        for (place, (number, len)) in &known {
            assert_holds(&mut store, place, *number, *len, &format!("kill {kill}"));
        }
        assert_eq!(store.numbers().now().damaged, Vec::<String>::new(), "kill {kill}");
        // Now and then the oldest goes, so that the long run is not about the size of the disk.
        if kill % 50 == 49 {
            let day = DAY + 1 + (dice.below(3) as u32);
            store.forget_before(Day(day)).unwrap();
            known.retain(|place, _| place.day >= Day(day));
        }
    }
    assert!(acknowledged > kills, "{acknowledged} in {kills} kills is no test");
    times.sort();
    eprintln!(
        "R7: {kills} kills, {steps} commits, {acknowledged} items acknowledged, 0 lost; opening median {:?}, longest {:?}",
        times[times.len() / 2],
        times[times.len() - 1]
    );
}

/// What `commit` promises, as the kernel sees it: after the last byte of a step went into sled's file, that file and then
/// the mark are synced, and only then is the acknowledgement written.
#[test]
fn an_acknowledgement_follows_the_sync() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let node = folder.path().join("node");
    let through = [
        "strace",
        "-f",
        "-y",
        "-s",
        "12",
        "-e",
        "trace=write,pwrite64,fsync,fdatasync,sync_file_range",
        "-o",
        trace.to_str().unwrap(),
    ];
    let output = child_command(&node, 3, &through)
        .env(CHILD_STEPS, "10")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&trace).unwrap();
    let (mut writes, mut acknowledged) = (0, 0);
    let mut unsynced: BTreeMap<String, &str> = BTreeMap::new();
    for line in text.lines() {
        let file = |name: &str| {
            let path = line.split_once('<')?.1.split_once('>')?.0;
            (path.ends_with(name) && path.starts_with(node.to_str().unwrap())).then(|| path.to_owned())
        };
        if line.contains("pwrite64(") {
            if let Some(path) = file("/db").or_else(|| file("/mark")) {
                writes += 1;
                unsynced.insert(path, line);
            }
        } else if line.contains("fsync(") && !line.contains("unfinished") {
            if let Some(path) = file("/db").or_else(|| file("/mark")) {
                unsynced.remove(&path);
            }
        } else if line.contains("write(1<") && (line.contains("\"put ") || line.contains("\"done ")) {
            acknowledged += 1;
            assert!(
                unsynced.is_empty(),
                "acknowledged before it was synced: {unsynced:?}"
            );
        }
    }
    assert!(writes > 10 && acknowledged > 5, "{writes} {acknowledged}");
}

/// R9: only what was not synced is dropped from the end of sled's file, at many lengths.
#[test]
fn a_tail_that_was_not_synced_may_be_lost_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let node = folder.path().join("node");
    let mut store = open(&node);
    let db = node.join("mail/2026-11-25/db");
    let mut known = Vec::new();
    for number in 0..40 {
        let place = place(DAY, Shelf::Deposit, number);
        store.put(&place, &value(number, 3_000)).unwrap();
        known.push((place, number));
    }
    store.commit().unwrap();
    let synced = fs::metadata(&db).unwrap().len();
    let before = folder.path().join("before");
    copy(&node, &before);
    // These are written and never committed; the next open after a stop may find them, a part of them, or none.
    for number in 100..140 {
        store
            .put(&place(DAY, Shelf::Deposit, number), &value(number, 9_000))
            .unwrap();
    }
    store.commit().unwrap();
    let long = fs::read(&db).unwrap();
    assert!(long.len() as u64 > synced + 100_000);
    let mut dice = Dice::new(9);
    let mut lengths: Vec<u64> = (0..20)
        .map(|_| synced + dice.below(long.len() as u64 - synced))
        .collect();
    lengths.extend([synced, synced + 1, synced + 511, synced + 4_096]);
    for (round, length) in lengths.into_iter().enumerate() {
        let torn = folder.path().join(format!("torn-{round}"));
        copy(&before, &torn);
        let mut bytes = long[..length as usize].to_vec();
        // A page that was on its way: half of it is from before.
        if round % 2 == 0 {
            let from = (length.max(synced + 4_096) - 4_096).max(synced) as usize;
            bytes[from..].fill(0);
        }
        fs::write(torn.join("mail/2026-11-25/db"), bytes).unwrap();
        let mut store = open(&torn);
        for (place, number) in &known {
            assert_holds(&mut store, place, *number, 3_000, &format!("length {length}"));
        }
        for number in 100..140 {
            let read = store.read(&place(DAY, Shelf::Deposit, number)).unwrap();
            assert!(
                read.is_none_or(|read| read == value(number, 9_000)),
                "length {length}: half an item"
            );
        }
        assert_eq!(store.numbers().now().damaged, Vec::<String>::new());
        // And it goes on working.
        store.put(&place(DAY, Shelf::Reply, 1), b"after").unwrap();
        store.commit().unwrap();
        drop(store);
        assert_eq!(
            open(&torn).read(&place(DAY, Shelf::Reply, 1)),
            Ok(Some(b"after".to_vec()))
        );
        fs::remove_dir_all(torn).unwrap();
    }
}

/// R9: damage in what was synced. It is found, put aside and said; what can be read is served; nothing stops.
#[test]
fn damage_is_found_put_aside_and_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let node = folder.path().join("node");
    let mut store = open(&node);
    let good = place(DAY + 1, Shelf::Deposit, 1);
    store.put(&good, b"another day").unwrap();
    let places: Vec<Place> = (0..120)
        .map(|number| place(DAY, Shelf::Deposit, number))
        .collect();
    for chunk in places.chunks(6) {
        for place in chunk {
            store.put(place, &value(u64::from(place.key[7]), 10_000)).unwrap();
        }
        store.commit().unwrap();
    }
    drop(store);
    let day = node.join("mail/2026-11-25");
    let whole = fs::read(day.join("db")).unwrap();
    let mut dice = Dice::new(22);
    let (mut aside, mut lost_all) = (0, 0);
    for round in 0..36 {
        let copied = folder.path().join(format!("copy-{round}"));
        copy(&node, &copied);
        let day = copied.join("mail/2026-11-25");
        let at = dice.below(whole.len() as u64) as usize;
        let mut bytes = whole.clone();
        match round % 6 {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 0x40,
            2 => {
                let end = (at + 4_096).min(bytes.len());
                bytes[at..end].fill(0);
            }
            3 => {
                let end = (at + 300_000).min(bytes.len());
                bytes[at..end].copy_from_slice(&value(round, end - at));
            }
            4 => {
                bytes = if round < 18 {
                    Vec::new()
                } else {
                    value(round, bytes.len())
                }
            }
            _ => {
                // Another file of sled's.
                for found in fs::read_dir(&day).unwrap() {
                    let path = found.unwrap().path();
                    if path.is_file() && path.file_name().unwrap() != "db" {
                        let len = fs::metadata(&path).unwrap().len();
                        match round % 4 {
                            1 => fs::write(&path, "").unwrap(),
                            _ => fs::write(&path, value(round, len as usize)).unwrap(),
                        }
                    }
                }
            }
        }
        fs::write(day.join("db"), bytes).unwrap();
        let mut store = open(&copied);
        let mut readable = 0;
        let mut damaged = 0;
        for place in &places {
            match store.read(place) {
                Ok(Some(read)) => {
                    assert_eq!(read, value(u64::from(place.key[7]), 10_000));
                    readable += 1;
                }
                Ok(None) => {}
                Err(StoreError::Damaged(Day(DAY))) => damaged += 1,
                Err(error) => panic!("round {round}: {error:?}"),
            }
        }
        let numbers = store.numbers().now();
        if readable < places.len() {
            assert!(
                !numbers.damaged.is_empty() || damaged == places.len() - readable,
                "round {round}: {readable} of {} are there and nobody says a word",
                places.len()
            );
        }
        aside += usize::from(!numbers.damaged.is_empty());
        lost_all += usize::from(readable == 0);
        assert_eq!(
            store.read(&good),
            Ok(Some(b"another day".to_vec())),
            "round {round}"
        );
        store.put(&places[0], b"new").unwrap();
        store.commit().unwrap();
        assert_eq!(store.read(&places[0]), Ok(Some(b"new".to_vec())));
        if let Some(name) = numbers.damaged.first() {
            let told = hamsa_node::store::check(&copied);
            assert!(told.iter().any(|line| line.contains(name)), "{told:?}");
        }
        assert_eq!(store.forget_before(Day(DAY + 1)).map(|count| count > 0), Ok(true));
        assert_eq!(store.numbers().now().damaged, Vec::<String>::new());
        drop(store);
        fs::remove_dir_all(copied).unwrap();
    }
    assert!(aside > 20, "{aside} of 36 put aside is no test");
    eprintln!(
        "R9: 36 damaged copies, {aside} put aside, {lost_all} without anything left to save, 0 panics out of the store"
    );
}

/// What an operator sees of it: numbers while it runs, and a reason with a remedy when it does not.
#[tokio::test]
async fn an_operator_is_told_how_mail_stands_and_what_to_mend() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new();
    let node = Node::init(folder.path(), "home", host.socket()).await;
    let _ = hamsa_node(args!["check", "--dir", node.dir]).await.ok();
    node.run().await;
    let mail = node.status().await["mail"].clone();
    assert_eq!(mail["items"], 0);
    assert_eq!(mail["limit"], 256 * MIB);
    assert_eq!(mail["damaged"], serde_json::json!([]));
    let text = hamsa_node(args!["status", "--dir", node.dir]).await.ok();
    assert!(
        text.contains("mail     0 items of 0 days, 0 of 262144 KiB\n"),
        "{text}"
    );
    node.stop().await;

    // Another program holds it.
    let store = open(&node.dir);
    let held = hamsa_node(args!["run", "--dir", node.dir]).await;
    held.fails(&["mail/lock", "held by another process", "stop the other one"]);
    drop(store);
    // A newer version was here.
    let format = node.dir.join("mail/FORMAT");
    fs::write(&format, "hamsa mail 2\n").unwrap();
    for command in ["run", "check"] {
        let newer = hamsa_node(args![command, "--dir", node.dir]).await;
        newer.fails(&["mail/FORMAT", "format 2", "run the newer hamsa-node"]);
    }
    assert_eq!(fs::read_to_string(&format).unwrap(), "hamsa mail 2\n");
    fs::write(&format, "hamsa mail 1\n").unwrap();
    // A day that was put aside, and one whose key was lost.
    fs::create_dir(node.dir.join("mail/damaged-2026-11-25-1")).unwrap();
    fs::create_dir(node.dir.join("mail/2026-11-26")).unwrap();
    let damaged = hamsa_node(args!["check", "--dir", node.dir]).await;
    damaged.fails(&["damaged-2026-11-25-1 was damaged and put aside", "2026-11-26"]);
    node.run().await;
    assert_eq!(
        node.status().await["mail"]["damaged"],
        serde_json::json!(["damaged-2026-11-25-1"])
    );
    node.stop().await;
}
