//! What is between sled and the store: faults that cannot be made from outside.

use std::{fs, path::Path};

use hamsa_protocol::home::store::{Day, Disk, ItemKind, Place, StoreError};

use super::{
    MailLimits, SledDisk,
    day::{OpenDay, Trust, VALUE_MAX},
    guard::{SledFault, guarded},
    layout::Layout,
    seal,
};

const DAY: Day = Day(20_782);

fn place(number: u8) -> Place {
    Place {
        day: DAY,
        kind: ItemKind::Deposit,
        key: [number; 32],
    }
}

fn open(directory: &Path) -> SledDisk {
    let limits = MailLimits {
        bytes: 64 << 20,
        floor: 0,
        reserve: 0,
    };
    SledDisk::open(directory, limits).unwrap()
}

fn open_day(directory: &Path) -> OpenDay {
    let folder = Layout::new(directory).day(DAY).unwrap();
    OpenDay::open(&folder, Trust::Whole).unwrap().0
}

fn filled(directory: &Path) -> SledDisk {
    let mut store = open(directory);
    for number in 0..5 {
        store.put(&place(number), &[number; 100]).unwrap();
        store.commit().unwrap();
    }
    store
}

#[test]
fn a_changed_value_is_reported_and_the_others_are_served() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    // With sled's own checksums in order: an attacker with write access exchanged two.
    let mut day = open_day(folder.path());
    let [a, b, c] = [1, 2, 3].map(|number| seal::name(&place(number)));
    let [a_value, b_value, mut c_value] = [&a, &b, &c].map(|name| day.read(name).unwrap().unwrap());
    day.insert(&a, b_value).unwrap();
    day.insert(&b, a_value).unwrap();
    c_value[40] ^= 1;
    day.insert(&c, c_value).unwrap();
    day.commit().unwrap();
    drop(day);
    let mut store = open(folder.path());
    assert_eq!(store.places().unwrap().len(), 5);
    for number in 1..4 {
        assert_eq!(store.read(&place(number)), Err(StoreError::Damaged(DAY)));
        assert_eq!(store.read(&place(number)), Ok(None), "told once");
    }
    for number in [0, 4] {
        assert_eq!(store.read(&place(number)), Ok(Some(vec![number; 100])));
    }
    assert_eq!(store.places().unwrap().len(), 2);
    store.put(&place(2), b"again").unwrap();
    store.commit().unwrap();
    assert_eq!(store.read(&place(2)), Ok(Some(b"again".to_vec())));
}

#[test]
fn a_database_that_went_back_in_time_is_found_by_its_mark() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("mail/2026-11-25/db");
    let mut store = filled(folder.path());
    let old = fs::read(&db).unwrap();
    store.put(&place(9), b"acknowledged").unwrap();
    store.commit().unwrap();
    drop(store);
    fs::write(&db, old).unwrap();
    let mut store = open(folder.path());
    // Everything older is saved, and what is missing is not passed over in silence.
    assert_eq!(store.read(&place(9)), Err(StoreError::Damaged(DAY)));
    for number in 0..5 {
        assert_eq!(store.read(&place(number)), Ok(Some(vec![number; 100])));
    }
    assert_eq!(store.numbers().now().damaged, ["damaged-2026-11-25-1"]);
    // Told once: the fresh day has a mark of its own.
    drop(store);
    let mut store = open(folder.path());
    assert_eq!(store.places().unwrap().len(), 5);
    assert_eq!(store.numbers().now().damaged.len(), 1);
}

#[test]
fn a_day_without_its_key_is_put_aside() {
    for damage in ["missing", "short"] {
        let folder = tempfile::tempdir().unwrap();
        drop(filled(folder.path()));
        let key = folder.path().join("keys/mail/2026-11-25.key");
        match damage {
            "missing" => fs::remove_file(&key).unwrap(),
            _ => fs::write(&key, [7; 31]).unwrap(),
        }
        assert_eq!(super::check(folder.path()).len(), 1, "{damage}");
        let mut store = open(folder.path());
        assert_eq!(store.places(), Ok(vec![]), "{damage}");
        store.put(&place(1), b"new").unwrap();
        store.commit().unwrap();
        assert_eq!(store.read(&place(1)), Ok(Some(b"new".to_vec())));
        assert_eq!(store.numbers().now().damaged.len(), 1);
        assert_eq!(store.forget_before(Day(DAY.0 + 1)), Ok(1));
        assert_eq!(
            fs::read_dir(key.parent().unwrap()).unwrap().count(),
            0,
            "{damage}: a key is left"
        );
    }
}

#[test]
fn a_readable_key_is_refused_and_nothing_is_put_aside() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    let key = folder.path().join("keys/mail/2026-11-25.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(super::check(folder.path())[0].contains("chmod 600"));
    let mut store = open(folder.path());
    assert_eq!(store.places(), Ok(vec![]), "left out, and told in the log");
    assert_eq!(store.read(&place(1)), Err(StoreError::Unavailable));
    assert_eq!(store.put(&place(1), b"x"), Err(StoreError::Unavailable));
    let other = Place {
        day: Day(DAY.0 + 1),
        ..place(1)
    };
    assert_eq!(
        store.put(&other, b"x"),
        Ok(()),
        "another day does not wait for it"
    );
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(store.read(&place(1)), Ok(Some(vec![1; 100])), "without a restart");
    assert_eq!(store.places().unwrap().len(), 6);
    assert!(super::check(folder.path()).is_empty());
}

#[test]
fn a_day_held_by_another_process_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    let held = open_day(folder.path());
    let mut store = open(folder.path());
    assert_eq!(store.read(&place(1)), Err(StoreError::Unavailable));
    assert!(store.numbers().now().damaged.is_empty());
    drop(held);
    assert_eq!(store.read(&place(1)), Ok(Some(vec![1; 100])));
}

#[test]
fn an_item_that_is_too_long_or_of_no_day_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    assert_eq!(store.put(&place(1), &vec![0; VALUE_MAX]), Ok(()));
    assert_eq!(
        store.put(&place(1), &vec![0; VALUE_MAX + 1]),
        Err(StoreError::Unavailable)
    );
    let never = Place {
        day: Day(u32::MAX),
        ..place(2)
    };
    assert_eq!(store.put(&never, b"x"), Err(StoreError::Unavailable));
    assert_eq!(store.read(&place(1)), Ok(Some(vec![0; VALUE_MAX])));
}

/// The longest items, as many as a page of sled's can hold, stay in its log: nothing is written to files that it never
/// syncs.
#[test]
fn the_longest_items_make_no_files_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let blobs = folder.path().join("mail/2026-11-25/blobs");
    for number in 0..120 {
        store.put(&place(number), &vec![number; VALUE_MAX]).unwrap();
        if number % 7 == 0 {
            store.remove(&place(number / 2)).unwrap();
        }
        assert_eq!(fs::read_dir(&blobs).unwrap().count(), 0, "{number}");
    }
}

#[test]
fn a_commit_reports_what_was_lost_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = filled(folder.path());
    store.put(&place(9), b"not durable yet").unwrap();
    // As when the disk fails under another item of the day.
    assert_eq!(store.days.fail(DAY, SledFault::Full), StoreError::Full);
    assert_eq!(store.put(&place(10), b"after"), Ok(()), "it is open again");
    assert_eq!(store.commit(), Err(StoreError::Full), "not everything is kept");
    assert_eq!(store.commit(), Ok(()), "told once");
    for number in 0..5 {
        assert_eq!(store.read(&place(number)), Ok(Some(vec![number; 100])));
    }
}

#[test]
fn more_days_than_may_be_open_are_served_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let places: Vec<Place> = (0..40)
        .map(|number| Place {
            day: Day(DAY.0 + number % 13),
            ..place(u8::try_from(number).unwrap())
        })
        .collect();
    let mut store = open(folder.path());
    for place in &places {
        store.put(place, &place.key).unwrap();
    }
    // Days that were closed in between count as much as those that are open.
    store.commit().unwrap();
    let descriptors = fs::read_dir("/proc/self/fd").unwrap().filter_map(|found| {
        let path = fs::read_link(found.ok()?.path()).ok()?;
        (path.starts_with(folder.path()) && path.ends_with("db")).then_some(path)
    });
    assert!(descriptors.count() <= 8, "two for each of four days");
    drop(store);
    let mut store = open(folder.path());
    for place in &places {
        assert_eq!(store.read(place), Ok(Some(place.key.to_vec())));
    }
}

#[test]
fn a_panic_of_sled_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let fault = guarded(folder.path(), || -> Result<(), SledFault> {
        panic!("as sled does")
    });
    assert!(matches!(fault, Err(SledFault::Damaged(_))), "{fault:?}");
}
