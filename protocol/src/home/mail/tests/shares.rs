//! What one entry may fill of a day's places.

use super::*;
use crate::home::mail::MAX_DEPOSITS_PER_DAY as PLACES;

fn places(home: &mut Home, via: Via, first: u32) -> usize {
    let mut taken = 0;
    for number in first.. {
        let link = LinkId(u64::from(number));
        let hash = [0; 32];
        // As slowly as no puzzle is asked.
        let now = at(20 * u64::from(number));
        home.handle_connected(link, NewLink { hash, via }, now);
        leave(home, link, number, now);
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
    assert_eq!(places(&mut home, Via(0), 100), PLACES, "the only entry");

    let mut home = helpline.home(&two, at(0));
    home.know_entry(Via(1));
    assert_eq!(places(&mut home, Via(0), 100), PLACES / 2);
    assert_eq!(places(&mut home, Via(0), 400), 0);
    assert_eq!(places(&mut home, Via(1), 700), PLACES / 2);
    // What lies there is never given up for what comes.
    assert_eq!((home.counts().deposits, two.len()), (PLACES, PLACES));
    leave(&mut home, SEEKER, 100, at(20_000));
    assert_eq!(kinds(&drain(&mut home), SEEKER), [Kind::Deposited], "known");
}
