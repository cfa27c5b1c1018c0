//! Received means shown: a machine acknowledges cells for its face, and reports messages as shown only when they
//! were.

use core::time::Duration;

use super::*;
use crate::{
    limits::{CELL_HEARTBEAT, QUEUE_MAX},
    objects::RunId,
    time::millis,
};

/// Both ends, after both hellos.
fn met(seed: u64) -> (Chat, Chat) {
    let (mut seeker, mut counselor) = pair(seed);
    cross(&mut seeker, &mut counselor, Tick(0));
    (seeker, counselor)
}

/// Carries pending cells both ways, with what is due. No face shows anything.
fn cross(seeker: &mut Chat, counselor: &mut Chat, now: Tick) {
    for _ in 0..2 {
        for (index, cell) in fresh(seeker) {
            seeker.handle_at_node(index);
            counselor.handle_cell(index, &cell, now);
        }
        for (index, cell) in fresh(counselor) {
            counselor.handle_at_node(index);
            seeker.handle_cell(index, &cell, now);
        }
        seeker.handle_timeout(now);
        counselor.handle_timeout(now);
    }
}

#[test]
fn a_message_is_received_when_it_was_shown_and_not_before() {
    let (mut seeker, mut counselor) = met(3);
    say(&mut seeker, "a", "one").unwrap();
    for (index, cell) in fresh(&mut seeker) {
        seeker.handle_at_node(index);
        counselor.handle_cell(index, &cell, Tick(0));
    }
    cross(&mut seeker, &mut counselor, Tick(100));
    assert_eq!(states(&mut seeker), [State::Written, State::AtNode]);
    assert_eq!(seeker.peer_acked(), 2, "her machine has it");
    assert_eq!(taken(&mut counselor).len(), 1);
    cross(&mut seeker, &mut counselor, Tick(20_000));
    assert_eq!(states(&mut seeker), [], "the face has it, and nobody read it");
    counselor.shown(&RunId::default(), "a", Tick(20_001));
    cross(&mut seeker, &mut counselor, Tick(20_400));
    assert_eq!(states(&mut seeker), [State::Received]);
    assert_eq!(seeker.waiting(), 0);
}

#[test]
fn what_the_peer_has_before_a_home_said_so_lies_there() {
    let (mut seeker, mut counselor) = met(31);
    say(&mut seeker, "a", "one").unwrap();
    for (index, cell) in fresh(&mut seeker) {
        counselor.handle_cell(index, &cell, Tick(100));
    }
    assert_eq!(states(&mut seeker), [State::Written]);
    cross(&mut seeker, &mut counselor, Tick(200));
    cross(&mut seeker, &mut counselor, Tick(300));
    assert_eq!(states(&mut seeker), [State::AtNode]);
}

#[test]
fn shown_out_of_turn_waits_for_its_turn() {
    let (mut seeker, mut counselor) = met(32);
    for id in ["a", "b"] {
        say(&mut seeker, id, "words").unwrap();
    }
    cross(&mut seeker, &mut counselor, Tick(100));
    taken(&mut counselor);
    counselor.shown(&RunId::default(), "b", Tick(200));
    cross(&mut seeker, &mut counselor, Tick(2_000));
    assert!(!states(&mut seeker).contains(&State::Received));
    counselor.shown(&RunId::default(), "a", Tick(2_100));
    cross(&mut seeker, &mut counselor, Tick(4_000));
    assert_eq!(states(&mut seeker), [State::Received, State::Received]);
}

/// A desk is locked for an hour with one unread message. Everything else goes on, and nothing is sent twice for it.
#[test]
fn a_face_that_shows_nothing_for_an_hour_stops_no_window() {
    let (mut seeker, mut counselor) = met(33);
    let mut random = seeded(33);
    let mut number = 0;
    for second in 0..3_600 {
        let now = Tick(1_000 * (1 + second));
        if second % 30 == 0 && number < QUEUE_MAX {
            seeker
                .say(format!("s{number}"), Zeroizing::new("x".to_owned()), now)
                .unwrap();
            number += 1;
        }
        seeker.ratchet(&mut random, now);
        cross(&mut seeker, &mut counselor, now);
        counselor.ratchet(&mut random, now);
        assert!(seeker.flying() < SHOWN_WINDOW, "second {second}: {seeker:?}");
        assert!(
            counselor.flying() < SHOWN_WINDOW,
            "second {second}: {counselor:?}"
        );
    }
    assert_eq!(seeker.waiting(), number);
    assert!(!states(&mut seeker).contains(&State::Received));
    // The counselor unlocks the screen, and a frame shows one message after the other.
    let mut now = Tick(3_700_000);
    let before = counselor.next_out;
    for (id, _) in taken(&mut counselor) {
        now = now + Duration::from_millis(16);
        counselor.shown(&RunId::default(), &id, now);
        counselor.handle_timeout(now);
    }
    assert!(
        counselor.flying() <= 2 * SHOWN_WINDOW,
        "{counselor:?}, before {before}"
    );
    cross(&mut seeker, &mut counselor, now + Duration::from_millis(2_000));
    cross(&mut seeker, &mut counselor, now + Duration::from_millis(4_000));
    let received = |state: &State| *state == State::Received;
    assert_eq!(states(&mut seeker).into_iter().filter(received).count(), number);
}

#[test]
fn a_peer_cannot_fill_the_memory_of_a_face_that_shows_nothing() {
    let (mut seeker, mut counselor) = met(34);
    for number in 0..2 * QUEUE_MAX {
        let now = Tick(1_000 * u64::try_from(number).unwrap());
        // An honest seeker never does this: it counts as received what was not shown.
        seeker.messages.clear();
        seeker.used = EpochUsage::default();
        counselor.heard = 0;
        seeker
            .say(format!("s{number}"), Zeroizing::new("x".to_owned()), now)
            .unwrap();
        cross(&mut seeker, &mut counselor, now);
    }
    // And the first words.
    assert_eq!(taken(&mut counselor).len(), QUEUE_MAX + 1);
    assert_eq!(counselor.unshown.len(), QUEUE_MAX + 1);
    assert!(
        counselor.next_in() > u64::try_from(2 * QUEUE_MAX).unwrap(),
        "cells still count"
    );
}

/// The next attempt sends again what was not shown. The face gets it once, and it counts as shown once it is.
#[test]
fn what_the_face_has_from_an_earlier_attempt_is_not_given_twice() {
    let (mut seeker, mut counselor) = met(35);
    for id in ["a", "b"] {
        say(&mut seeker, id, "words").unwrap();
    }
    cross(&mut seeker, &mut counselor, Tick(100));
    assert_eq!(taken(&mut counselor).len(), 2);
    counselor.shown(&RunId::default(), "a", Tick(200));
    cross(&mut seeker, &mut counselor, Tick(2_000));
    let left = seeker.unreceived();
    assert_eq!(left.len(), 1, "what was shown is not said again");

    let (mut again, mut other) = pair(36);
    other.seen = counselor.into_seen();
    cross(&mut again, &mut other, Tick(3_000));
    for (id, text) in left {
        again.say(id, text, Tick(3_000)).unwrap();
    }
    cross(&mut again, &mut other, Tick(3_100));
    cross(&mut again, &mut other, Tick(3_200));
    assert_eq!(taken(&mut other), [], "the face has it");
    assert!(!states(&mut again).contains(&State::Received));
    other.shown(&RunId::default(), "b", Tick(3_300));
    cross(&mut again, &mut other, Tick(5_000));
    assert_eq!(states(&mut again), [State::Received]);
}

#[test]
fn shown_between_two_attempts_counts_in_the_second() {
    let (mut again, mut other) = pair(37);
    other.seen.take(RunId::default(), "b".to_owned());
    other.shown(&RunId::default(), "b", Tick(1));
    cross(&mut again, &mut other, Tick(2));
    say(&mut again, "b", "words").unwrap();
    cross(&mut again, &mut other, Tick(100));
    cross(&mut again, &mut other, Tick(2_000));
    assert_eq!(taken(&mut other), []);
    assert!(states(&mut again).contains(&State::Received));
}

#[test]
fn that_her_screen_is_locked_rides_in_a_cell_that_goes_anyway() {
    let (mut seeker, mut counselor) = met(38);
    cross(&mut seeker, &mut counselor, Tick(500));
    taken(&mut seeker);
    let before = counselor.next_out;
    counselor.set_status(Status::Locked);
    cross(&mut seeker, &mut counselor, Tick(1_000));
    assert_eq!(counselor.next_out, before, "no cell of its own");
    let beat = Tick(millis(CELL_HEARTBEAT) + 1_000);
    cross(&mut seeker, &mut counselor, beat);
    cross(&mut seeker, &mut counselor, beat);
    let status = |chat: &mut Chat| {
        core::iter::from_fn(|| chat.poll_event())
            .filter(|event| matches!(event, ChatEvent::Status(_)))
            .collect::<Vec<_>>()
    };
    assert_eq!(status(&mut seeker), [ChatEvent::Status(Status::Locked)]);
    assert_eq!(status(&mut counselor), [], "a seeker tells nothing of hers");
    // Of status changes that the face has not polled, only the last counts.
    for now in [Status::Here, Status::Asking, Status::Here, Status::Locked] {
        counselor.set_status(now);
        counselor.send(CellKind::Ack, Zeroizing::default(), beat);
    }
    counselor.set_status(Status::Here);
    counselor.send(CellKind::Ack, Zeroizing::default(), beat);
    cross(&mut seeker, &mut counselor, beat + Duration::from_millis(100));
    assert_eq!(status(&mut seeker), [ChatEvent::Status(Status::Here)]);
}

/// Last words and an end come together: what the other side showed of them is reported before the chat is over.
#[test]
fn the_last_words_are_received_though_the_end_came_with_them() {
    let (mut seeker, mut counselor) = met(39);
    counselor
        .say("c".to_owned(), Zeroizing::new("take care".to_owned()), Tick(1))
        .unwrap();
    counselor.end(EndReason::Finished, Tick(1));
    cross(&mut seeker, &mut counselor, Tick(50));
    seeker.end(EndReason::Finished, Tick(60));
    cross(&mut seeker, &mut counselor, Tick(100));
    cross(&mut seeker, &mut counselor, Tick(200));
    assert!(seeker.done() && !seeker.over(), "she has not read them");
    assert!(counselor.done() && !counselor.over());
    assert_eq!(texts(&mut seeker, Tick(300)), ["take care"]);
    assert!(!seeker.done(), "that is still to be told");
    cross(&mut seeker, &mut counselor, Tick(2_000));
    assert!(states(&mut counselor).contains(&State::Received));
    assert!(seeker.over() && counselor.over());
}

/// The peer's machine has the message. Whether it will be shown is unknown: a desk that is gone cannot report it.
#[test]
fn at_the_end_only_what_the_peer_lacks_is_lost() {
    let (mut seeker, mut counselor) = met(40);
    say(&mut seeker, "a", "one").unwrap();
    cross(&mut seeker, &mut counselor, Tick(100));
    say(&mut seeker, "b", "two").unwrap();
    assert_eq!(seeker.take_lost(), ["b"]);
}
