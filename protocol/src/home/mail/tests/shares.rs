//! What one entry may fill of a day's places.

use super::*;
use crate::home::mail::MAX_DEPOSITS_PER_DAY as PLACES;

fn places(home: &mut Home, via: Via, first: u32) -> usize {
    let mut taken = 0;
    for number in first.. {
        let link = LinkId(u64::from(number));
        let hash = [0; 32];
        home.handle_connected(link, NewLink { hash, via }, at(1));
        leave(home, link, number, at(1));
        match reason(&drain(home)) {
            None => taken += 1,
            Some(reason) => {
                assert_eq!(reason, Refusal::Full);
                break;
            }
        }
    }
    taken
}

#[test]
fn half_of_a_day_is_out_of_the_reach_of_one_entry() {
    let helpline = Helpline::new();
    let (disk, two) = (MemoryStore::new(), MemoryStore::new());
    let mut home = helpline.home(&disk, at(0));
    assert_eq!(places(&mut home, Via(0), 1_000), PLACES, "the only entry");

    let mut home = helpline.home(&two, at(0));
    home.know_entry(Via(1));
    assert_eq!(places(&mut home, Via(0), 1_000), PLACES / 2);
    assert_eq!(places(&mut home, Via(0), 3_000), 0);
    assert_eq!(places(&mut home, Via(1), 5_000), PLACES / 2);
    // What lies there is never given up for what comes.
    assert_eq!((home.counts().deposits, two.len()), (PLACES, PLACES));
    leave(&mut home, SEEKER, 1_000, at(2));
    assert_eq!(kinds(&drain(&mut home), SEEKER), [Kind::Deposited], "known");
}
