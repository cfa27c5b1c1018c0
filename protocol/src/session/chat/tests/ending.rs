//! How a chat ends: at once, or when queued messages have gone.

use core::time::Duration;

use super::*;
use crate::limits::QUEUE_MAX;

#[test]
fn leaving_quickly_goes_before_what_waits() {
    let (mut seeker, mut counselor) = pair(6);
    for number in 0..QUEUE_MAX {
        say(&mut seeker, &format!("s{number}"), "x").unwrap();
    }
    seeker.end(EndReason::LeftQuickly, Tick(0));
    let mut shown = 0;
    let mut ended = false;
    for round in 1..5 {
        let now = Tick(round * 1_000);
        for (index, cell) in fresh(&mut seeker) {
            counselor.handle_cell(index, &cell, now);
        }
        while let Some(event) = counselor.poll_event() {
            shown += usize::from(matches!(event, ChatEvent::Message { .. }));
            ended |= event == ChatEvent::Ended(EndReason::LeftQuickly);
        }
        counselor.handle_timeout(now + Duration::from_millis(100));
        for (index, cell) in fresh(&mut counselor) {
            seeker.handle_cell(index, &cell, now);
        }
    }
    assert!(ended && shown < QUEUE_MAX, "{shown} messages shown");
}

#[test]
fn the_end_is_reached_though_words_wait_for_another_epoch() {
    let (mut seeker, mut counselor) = pair(22);
    let mut random = seeded(22);
    // Two cells each: more than one epoch carries.
    let long = "x".repeat(CELL_BODY_MAX);
    let count = usize::try_from(BLOCK_AFTER_CELLS).unwrap() / 2 + 40;
    for number in 0..count {
        say(&mut seeker, &format!("m{number}"), &long).unwrap();
    }
    seeker.end(EndReason::Finished, Tick(1));
    let (mut shown, mut ended) = (0, false);
    for round in 0..60 {
        let now = Tick(100 * round);
        bring(&mut seeker, &mut counselor, &mut random, now);
        while let Some(event) = counselor.poll_event() {
            shown += usize::from(matches!(event, ChatEvent::Message { .. }));
            ended |= event == ChatEvent::Ended(EndReason::Finished);
        }
        bring(&mut counselor, &mut seeker, &mut random, now);
        texts(&mut seeker, now);
    }
    assert_eq!((shown, ended), (count, true));
}

#[test]
fn leaving_quickly_says_which_words_will_not_arrive() {
    let (mut seeker, _) = pair(21);
    for number in 0..QUEUE_MAX {
        say(&mut seeker, &format!("s{number}"), "x").unwrap();
    }
    let flying = usize::try_from(DATA_WINDOW).unwrap();
    seeker.end(EndReason::LeftQuickly, Tick(0));
    let failed = states(&mut seeker)
        .into_iter()
        .filter(|state| *state == State::Failed)
        .count();
    assert!(failed >= QUEUE_MAX - flying, "{failed} were said to have failed");
}
