//! The seeker's pace.

use core::time::Duration;

use super::*;
use crate::limits::QUEUE_MAX;

const DETAILS: Pace = Pace {
    pause: false,
    no_details: true,
};
const BOTH: Pace = Pace {
    pause: true,
    no_details: true,
};

/// What a counselor reads, in order: paces and words.
fn read(seeker: &mut Chat, counselor: &mut Chat, now: Tick) -> Vec<Result<Pace, String>> {
    for (index, cell) in fresh(seeker) {
        counselor.handle_cell(index, &cell, now);
    }
    let mut read = Vec::new();
    while let Some(event) = counselor.poll_event() {
        match event {
            ChatEvent::Pace(pace) => read.push(Ok(pace)),
            ChatEvent::Message { text, .. } => read.push(Err(text.to_string())),
            _ => {}
        }
    }
    for (index, cell) in fresh(counselor) {
        seeker.handle_cell(index, &cell, now);
    }
    read
}

#[test]
fn a_pace_is_one_byte_and_unknown_bits_are_ignored() {
    for byte in 0..=u8::MAX {
        let pace = Pace::decode(byte);
        assert_eq!(pace.encode(), byte & 3);
        assert_eq!((pace.pause, pace.no_details), (byte & 1 == 1, byte & 2 == 2));
    }
}

#[test]
fn a_wish_arrives_before_the_words_that_were_said_after_it() {
    let (mut seeker, mut counselor) = pair(21);
    say(&mut seeker, "a", "salam").unwrap();
    seeker.set_pace(DETAILS, Tick(0));
    say(&mut seeker, "b", "he writes to me").unwrap();
    let expected = [
        Err("salam".to_owned()),
        Ok(DETAILS),
        Err("he writes to me".to_owned()),
    ];
    assert_eq!(read(&mut seeker, &mut counselor, Tick(1)), expected);
}

#[test]
fn only_the_last_pending_pace_is_sent_and_uses_no_reserve() {
    let (mut seeker, mut counselor) = pair(22);
    for number in 0..QUEUE_MAX {
        say(&mut seeker, &format!("s{number}"), "x").unwrap();
    }
    let flying = seeker.unacknowledged().len();
    for _ in 0..100 {
        seeker.set_pace(BOTH, Tick(0));
        seeker.set_pace(DETAILS, Tick(0));
    }
    assert_eq!(seeker.unacknowledged().len(), flying);
    let first = read(&mut seeker, &mut counselor, Tick(1));
    assert!(first.iter().all(Result::is_err));
    counselor.handle_timeout(Tick(1_000));
    let acknowledged = read(&mut seeker, &mut counselor, Tick(1_000));
    assert!(acknowledged.is_empty(), "she did not know yet that there is room");
    assert_eq!(
        read(&mut seeker, &mut counselor, Tick(1_001)).first(),
        Some(&Ok(DETAILS))
    );
}

#[test]
fn who_leaves_quickly_says_nothing_more() {
    let (mut seeker, mut counselor) = pair(23);
    seeker.end(EndReason::LeftQuickly, Tick(0));
    seeker.set_pace(BOTH, Tick(0));
    assert!(read(&mut seeker, &mut counselor, Tick(1)).is_empty());
}

/// Cells are acknowledged whether or not the face takes their events, so the events must not pile up.
#[test]
fn a_peer_that_changes_its_mind_without_end_fills_no_memory() {
    let (mut seeker, mut counselor) = pair(24);
    let mut now = Tick(0);
    for round in 0..500 {
        now = Tick(round * 1_000);
        seeker.set_pace(if round % 2 == 0 { BOTH } else { DETAILS }, now);
        seeker.answer_transfer(false, now);
        for (index, cell) in fresh(&mut seeker) {
            counselor.handle_cell(index, &cell, now);
        }
        counselor.handle_timeout(now + Duration::from_millis(500));
        for (index, cell) in fresh(&mut counselor) {
            seeker.handle_cell(index, &cell, now + Duration::from_millis(500));
        }
    }
    // Pending answers must not pile up either, when a peer asks without end and acknowledges nothing.
    for round in 0..500 {
        seeker.answer_transfer(false, now + Duration::from_millis(round));
    }
    assert!(seeker.controls.len() <= 1, "{} wait", seeker.controls.len());
    assert!(counselor.next_in() > 900, "{counselor:?}");
    assert!(counselor.events.len() < 5, "{} wait", counselor.events.len());
    let last = core::iter::from_fn(|| counselor.poll_event()).find_map(|event| match event {
        ChatEvent::Pace(pace) => Some(pace),
        _ => None,
    });
    assert_eq!(last, Some(DETAILS));
}

#[test]
fn it_does_not_print_itself() {
    assert_eq!(format!("{:?}", ChatEvent::Pace(BOTH)), "Pace");
}
