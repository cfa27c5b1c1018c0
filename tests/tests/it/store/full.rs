//! Disks and shares that are full, or cannot be written.

use super::*;

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
                skip(&format!("a small disk cannot be mounted here ({other:?})"));
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

#[test]
fn the_share_of_mail_is_a_limit_and_removing_makes_room() {
    let folder = tempfile::tempdir().unwrap();
    let limits = MailLimits {
        bytes: MIB,
        ..modest()
    };
    let mut store = open_with(folder.path(), limits);
    let mut taken = 0;
    while store.put(&place(DAY, ItemKind::Deposit, taken), &value(taken, 16_384)) == Ok(()) {
        taken += 1;
    }
    assert_eq!(taken, 63, "63 of 16,384 + 73 bytes are in a MiB");
    let next = place(DAY, ItemKind::Deposit, taken);
    assert_eq!(store.put(&next, &value(taken, 16_384)), Err(StoreError::Full));
    assert!(store.numbers().now().full);
    assert_eq!(store.commit(), Ok(()), "what was taken is kept");
    let first = place(DAY, ItemKind::Deposit, 0);
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
    let mut store = open_with(folder.path(), limits);
    assert_eq!(store.put(&first, &value(0, 16_384)), Err(StoreError::Full));
    assert_eq!(store.forget_before(Day(DAY + 1)), Ok(63));
    assert_eq!(store.put(&first, &value(0, 16_384)), Ok(()));
}

/// R22.
#[test]
fn a_full_disk_refuses_with_its_code_serves_deletes_recovers() {
    let Some(disk) = SmallDisk::mount(80) else { return };
    let limits = MailLimits {
        bytes: 1_024 * MIB,
        floor: 20 * MIB,
        reserve: 8 * MIB,
    };
    let mut store = open_with(disk.path(), limits);
    let mut taken = 0;
    let put = |store: &mut SledDisk, number| {
        store
            .put(
                &place(DAY + (number % 3) as u32, ItemKind::Deposit, number),
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
            store = open_with(disk.path(), limits);
        }
        for number in 0..taken {
            let place = place(DAY + (number % 3) as u32, ItemKind::Deposit, number);
            if number < round * 200 {
                assert_eq!(store.read(&place), Ok(None), "round {round}, item {number}");
            } else {
                assert_holds(&mut store, &place, number, 16_000, &format!("round {round}"));
            }
        }
        for number in round * 200..round * 200 + 200 {
            let place = place(DAY + (number % 3) as u32, ItemKind::Deposit, number);
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
    let mut store = open_with(disk.path(), limits);
    for number in (600..taken)
        .filter(|number| number % 3 != 0)
        .chain(10_000..10_060)
    {
        let place = place(DAY + (number % 3) as u32, ItemKind::Deposit, number);
        assert_holds(&mut store, &place, number, 16_000, "after a restart");
    }
    assert_eq!(store.numbers().now().damaged, Vec::<String>::new());
}

/// Without any precaution, so that sled itself runs into the end of the disk.
#[test]
fn the_end_of_the_disk_under_sled_loses_nothing_acknowledged() {
    let Some(disk) = SmallDisk::mount(48) else { return };
    let limits = MailLimits {
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
    let mut store = open_with(disk.path(), limits);
    let mut acknowledged = Vec::new();
    let mut number = 0;
    for (round, other) in others.iter().enumerate() {
        let mut refused = 0;
        while refused < 5 {
            let place = place(DAY + (number % 2) as u32, ItemKind::Deposit, number);
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
    let mut store = open_with(disk.path(), limits);
    for (place, number) in &acknowledged {
        assert_holds(&mut store, place, *number, 16_000, "at the end");
    }
    assert_eq!(store.numbers().now().damaged, Vec::<String>::new());
}

/// What mail takes of the disk and of time. More of it: the command at the top.
#[test]
fn a_share_of_mail_opens_within_two_seconds() {
    let items = long(600, 20_000);
    let folder = tempfile::tempdir().unwrap();
    let limits = MailLimits {
        bytes: 1_024 * MIB,
        ..modest()
    };
    let mut store = open_with(folder.path(), limits);
    let days = 14;
    let mut commits = Vec::new();
    for number in 0..items {
        let place = place(
            DAY + (number * days / items) as u32,
            ItemKind::Deposit,
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
    let mut store = open_with(folder.path(), limits);
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
        let place = place(DAY, ItemKind::Deposit, dice.below(100));
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

#[test]
fn a_folder_that_cannot_be_written_is_refused_with_the_remedy() {
    let Some(disk) = SmallDisk::mount(16) else { return };
    let mut store = open(disk.path());
    store.put(&place(DAY, ItemKind::Deposit, 1), b"words").unwrap();
    store.commit().unwrap();
    drop(store);
    disk.remount("ro");
    let error = SledDisk::open(disk.path(), modest()).unwrap_err();
    assert!(matches!(error, MailDiskError::File(_)), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("Read-only file system") && text.contains("make that disk writable"),
        "{text}"
    );
    assert!(!hamsa_node::store::check(disk.path()).is_empty());
    disk.remount("rw");
    let mut store = open(disk.path());
    assert_eq!(
        store.read(&place(DAY, ItemKind::Deposit, 1)),
        Ok(Some(b"words".to_vec()))
    );
}
