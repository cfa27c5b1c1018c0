//! What every store promises, whatever it is made of: run for the one in memory and for the one on a disk.

use std::collections::BTreeMap;

use hamsa_protocol::home::store::{Day, Disk, ItemKind, Place};

/// The longest object that a home keeps: a deposit of 8 records.
const LARGEST: usize = 16 * 1_024;
const KINDS: [ItemKind; 3] = [ItemKind::Deposit, ItemKind::Reply, ItemKind::MailKey];

/// Numbers that look random and are the same in every run of a seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below a bound; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(bound).unwrap_or(0)
    }
}

/// A place by numbers.
#[must_use]
pub fn place(day: u32, kind: ItemKind, number: u64) -> Place {
    let mut key = [0; 32];
    for (to, from) in key.iter_mut().zip(number.to_be_bytes().iter().cycle()) {
        *to = *from;
    }
    Place {
        day: Day(day),
        kind,
        key,
    }
}

/// Bytes of a length that tell their number apart.
#[must_use]
pub fn value(number: u64, len: usize) -> Vec<u8> {
    let mut dice = Dice::new(number);
    let block: Vec<u8> = (0..8).flat_map(|_| dice.below(u64::MAX).to_le_bytes()).collect();
    let mut bytes = block.repeat(len / block.len().max(1) + 1);
    bytes.truncate(len);
    bytes
}

/// A disk that can be opened: empty the first time, then with what the store before left at its end, as after a crash.
pub type Opener = Box<dyn Fn() -> Box<dyn Disk>>;

/// Runs the contract of [`Disk`] against stores on new disks.
///
/// # Panics
/// When the contract is broken.
pub fn conformance(new: impl Fn() -> Opener) {
    let on_a_new_disk = |run: &dyn Fn(&mut dyn Disk)| {
        let disk = new();
        run(&mut *disk());
    };
    on_a_new_disk(&nothing_is_there_at_first);
    on_a_new_disk(&what_was_put_is_there);
    on_a_new_disk(&places_are_apart);
    on_a_new_disk(&putting_again_replaces);
    on_a_new_disk(&removing_removes_one);
    on_a_new_disk(&days_are_forgotten_whole);
    for seed in 0..4 {
        on_a_new_disk(&|store| it_does_what_a_map_does(store, seed));
    }
    what_was_committed_survives(&new());
    what_was_forgotten_stays_away(&new());
}

fn sorted(store: &mut dyn Disk) -> Vec<Place> {
    let places = store.places();
    assert!(places.is_ok(), "{places:?}");
    let mut places = places.unwrap_or_default();
    places.sort();
    places
}

fn nothing_is_there_at_first(store: &mut dyn Disk) {
    let place = place(20_000, ItemKind::Deposit, 1);
    assert_eq!(store.places(), Ok(vec![]));
    assert_eq!(store.read(&place), Ok(None));
    assert_eq!(store.remove(&place), Ok(()));
    assert_eq!(store.commit(), Ok(()));
    assert_eq!(store.forget_before(Day(30_000)), Ok(0));
    assert_eq!(store.places(), Ok(vec![]));
}

fn what_was_put_is_there(store: &mut dyn Disk) {
    for (number, len) in [(1, 0), (2, 1), (3, 2_048), (4, LARGEST)] {
        let place = place(20_000, ItemKind::Deposit, number);
        let value = value(number, len);
        assert_eq!(store.put(&place, &value), Ok(()));
        assert_eq!(
            store.read(&place),
            Ok(Some(value.clone())),
            "before commit, {len} bytes"
        );
        assert_eq!(store.commit(), Ok(()));
        assert_eq!(store.read(&place), Ok(Some(value)), "after commit, {len} bytes");
    }
    assert_eq!(sorted(store).len(), 4);
}

fn places_are_apart(store: &mut dyn Disk) {
    let mut all = Vec::new();
    for day in [0, 20_000, 20_001] {
        for kind in KINDS {
            for number in [0, 1, u64::MAX] {
                all.push(place(day, kind, number));
            }
        }
    }
    for (number, place) in (0..).zip(&all) {
        assert_eq!(store.put(place, &value(number, 100)), Ok(()));
    }
    assert_eq!(store.commit(), Ok(()));
    for (number, place) in (0..).zip(&all) {
        assert_eq!(store.read(place), Ok(Some(value(number, 100))), "{place:?}");
    }
    all.sort();
    assert_eq!(sorted(store), all);
}

fn putting_again_replaces(store: &mut dyn Disk) {
    let place = place(20_000, ItemKind::MailKey, 1);
    for number in 0..40 {
        let len = usize::try_from(number * 397 % 4_096).unwrap_or(0);
        assert_eq!(store.put(&place, &value(number, len)), Ok(()));
        assert_eq!(store.read(&place), Ok(Some(value(number, len))));
        if number % 3 == 0 {
            assert_eq!(store.commit(), Ok(()));
        }
    }
    assert_eq!(sorted(store), [place]);
}

fn removing_removes_one(store: &mut dyn Disk) {
    let [a, b] = [1, 2].map(|number| place(20_000, ItemKind::Reply, number));
    assert_eq!(store.put(&a, b"a"), Ok(()));
    assert_eq!(store.put(&b, b"b"), Ok(()));
    assert_eq!(store.commit(), Ok(()));
    assert_eq!(store.remove(&a), Ok(()));
    assert_eq!(store.read(&a), Ok(None), "at once");
    assert_eq!(store.commit(), Ok(()));
    assert_eq!(store.read(&a), Ok(None));
    assert_eq!(store.remove(&a), Ok(()), "again is no error");
    assert_eq!(store.read(&b), Ok(Some(b"b".to_vec())));
    assert_eq!(sorted(store), [b]);
    assert_eq!(store.put(&a, b"a again"), Ok(()));
    assert_eq!(store.read(&a), Ok(Some(b"a again".to_vec())));
}

fn days_are_forgotten_whole(store: &mut dyn Disk) {
    for day in 20_000..20_005 {
        for number in 0..3 {
            assert_eq!(
                store.put(&place(day, ItemKind::Deposit, number), &value(number, 500)),
                Ok(())
            );
        }
    }
    assert_eq!(store.commit(), Ok(()));
    // One that was never made durable goes as well.
    assert_eq!(
        store.put(&place(20_001, ItemKind::Reply, 9), b"not committed"),
        Ok(())
    );
    assert_eq!(store.forget_before(Day(20_003)), Ok(10));
    assert_eq!(store.forget_before(Day(20_003)), Ok(0), "once");
    assert_eq!(store.read(&place(20_002, ItemKind::Deposit, 0)), Ok(None));
    assert_eq!(
        store.read(&place(20_003, ItemKind::Deposit, 0)),
        Ok(Some(value(0, 500))),
        "the day itself stays"
    );
    assert!(sorted(store).iter().all(|place| place.day >= Day(20_003)));
    assert_eq!(sorted(store).len(), 6);
    assert_eq!(store.commit(), Ok(()));
    // A home whose clock was wrong may ask for such a day again.
    let again = place(20_001, ItemKind::Deposit, 0);
    assert_eq!(store.put(&again, b"again"), Ok(()));
    assert_eq!(store.commit(), Ok(()));
    assert_eq!(store.read(&again), Ok(Some(b"again".to_vec())));
    assert_eq!(store.forget_before(Day(u32::MAX)), Ok(7));
    assert_eq!(store.places(), Ok(vec![]));
}

fn what_was_committed_survives(disk: &Opener) {
    let [kept, removed, replaced, new] = [1, 2, 3, 4].map(|number| place(20_000, ItemKind::Deposit, number));
    let mut store = disk();
    for (number, place) in [(1, kept), (2, removed), (3, replaced)] {
        assert_eq!(store.put(&place, &value(number, 3_000)), Ok(()));
    }
    assert_eq!(store.commit(), Ok(()));
    assert_eq!(store.remove(&removed), Ok(()));
    assert_eq!(store.put(&replaced, &value(33, 5_000)), Ok(()));
    assert_eq!(store.put(&new, &value(4, 5_000)), Ok(()));
    drop(store);

    // What was not committed happened whole, or not at all.
    let mut store = disk();
    assert_eq!(store.read(&kept), Ok(Some(value(1, 3_000))));
    for (place, before, after) in [
        (removed, Some(value(2, 3_000)), None),
        (replaced, Some(value(3, 3_000)), Some(value(33, 5_000))),
        (new, None, Some(value(4, 5_000))),
    ] {
        let read = store.read(&place);
        assert!(read == Ok(before) || read == Ok(after), "{place:?}");
        assert_eq!(
            sorted(&mut *store).contains(&place),
            read.is_ok_and(|value| value.is_some())
        );
    }
    assert_eq!(store.remove(&removed), Ok(()));
    assert_eq!(store.commit(), Ok(()));
    drop(store);
    let mut store = disk();
    assert_eq!(store.read(&removed), Ok(None), "for good");
    assert_eq!(store.read(&kept), Ok(Some(value(1, 3_000))));
}

fn what_was_forgotten_stays_away(disk: &Opener) {
    let mut store = disk();
    for day in 20_000..20_003 {
        assert_eq!(store.put(&place(day, ItemKind::Reply, 1), &value(1, 500)), Ok(()));
    }
    assert_eq!(store.commit(), Ok(()));
    assert_eq!(store.forget_before(Day(20_002)), Ok(2));
    drop(store);
    let mut store = disk();
    assert_eq!(sorted(&mut *store), [place(20_002, ItemKind::Reply, 1)]);
    assert_eq!(store.read(&place(20_001, ItemKind::Reply, 1)), Ok(None));
}

fn it_does_what_a_map_does(store: &mut dyn Disk, seed: u64) {
    let mut dice = Dice::new(seed);
    let mut map = BTreeMap::new();
    for step in 0..300 {
        let day = 20_000 + u32::try_from(dice.below(6)).unwrap_or(0);
        let kind = KINDS
            .into_iter()
            .cycle()
            .nth(usize::try_from(dice.below(3)).unwrap_or(0));
        let place = place(day, kind.unwrap_or(ItemKind::Deposit), dice.below(40));
        match dice.below(100) {
            0..60 => {
                let value = value(step, usize::try_from(dice.below(4_000)).unwrap_or(0));
                assert_eq!(store.put(&place, &value), Ok(()), "seed {seed}");
                map.insert(place, value);
            }
            60..75 => {
                assert_eq!(store.remove(&place), Ok(()), "seed {seed}");
                map.remove(&place);
            }
            75..95 => assert_eq!(store.read(&place), Ok(map.get(&place).cloned()), "seed {seed}"),
            95..99 => assert_eq!(store.commit(), Ok(()), "seed {seed}"),
            _ => {
                let before = map.len();
                map.retain(|place, _| place.day >= Day(day));
                assert_eq!(
                    store.forget_before(Day(day)),
                    Ok(before - map.len()),
                    "seed {seed}"
                );
            }
        }
    }
    assert_eq!(
        sorted(store),
        map.keys().copied().collect::<Vec<_>>(),
        "seed {seed}"
    );
}
