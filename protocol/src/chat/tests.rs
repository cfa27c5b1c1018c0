//! Two chats face to face: what one puts, the other takes, in whatever order a test wants.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::*;
use crate::{
    keys::{RootKey, SignKey},
    objects::{DutySecrets, Serial, Signed},
    testing::seeded,
    ticket::{self, Intake, TicketId},
    time::Unix,
};

fn pair(seed: u64) -> (Chat, Chat) {
    let mut random = seeded(seed);
    let helpline = RootKey(SignKey::generate(&mut random).public()).helpline();
    let identity = SignKey::generate(&mut random);
    let secrets = DutySecrets::generate(&mut random);
    let duty = secrets.duty(Serial([1; 8]), Unix(1_000), 3_600);
    let duty = Signed::sign(duty, &identity, &helpline).unwrap();
    let intake = Intake {
        language: "fr".parse().unwrap(),
        urgent: false,
        text: String::new(),
    };
    let id = TicketId([7; 32]);
    let sealed = ticket::seal(&helpline, id, 0, &[&duty], &intake, &mut random).unwrap();
    let opened = ticket::open(&helpline, id, 0, &sealed.body, &duty, &secrets).unwrap();
    let (message_2, theirs) = opened.answer(&duty, &secrets, 1, &mut random).unwrap();
    let ours = sealed.waiting.finish(&message_2).unwrap();
    let mut chat = |direction, established| {
        Chat::new(
            helpline,
            direction,
            established,
            BTreeSet::new(),
            &mut random,
            Millis(0),
        )
    };
    (
        chat(Direction::FromSeeker, ours),
        chat(Direction::FromCounselor, theirs),
    )
}

fn fresh(chat: &mut Chat) -> Vec<(u64, Vec<u8>)> {
    let mut cells = Vec::new();
    while let Some(index) = chat.poll_cell() {
        cells.push((index, chat.cell(index).unwrap().to_vec()));
    }
    cells
}

fn texts(chat: &mut Chat, now: Millis) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(event) = chat.poll_event(now) {
        if let ChatEvent::Message { text, .. } = event {
            texts.push(text.to_string());
        }
    }
    texts
}

fn states(chat: &mut Chat) -> Vec<State> {
    let mut states = Vec::new();
    while let Some(event) = chat.poll_event(Millis(0)) {
        if let ChatEvent::State { state, .. } = event {
            states.push(state);
        }
    }
    states
}

fn say(chat: &mut Chat, id: &str, text: &str) -> Result<(), SayError> {
    chat.say(id.to_owned(), Zeroizing::new(text.to_owned()), Millis(0))
}

#[test]
fn words_arrive_in_order_whatever_the_order_of_cells_and_both_ends_agree_on_the_chain() {
    let (mut seeker, mut counselor) = pair(1);
    for number in 0..30 {
        say(&mut seeker, &format!("m{number}"), &format!("salam {number}")).unwrap();
    }
    let mut cells = fresh(&mut seeker);
    cells.reverse();
    let again = cells.clone();
    for (index, cell) in cells.into_iter().chain(again) {
        counselor.handle_cell(index, &cell, Millis(1));
    }
    let expected: Vec<String> = (0..30).map(|number| format!("salam {number}")).collect();
    assert_eq!(texts(&mut counselor, Millis(1)), expected);
    for (index, cell) in fresh(&mut counselor) {
        seeker.handle_cell(index, &cell, Millis(1));
    }
    assert!(seeker.chain().is_some());
    assert_eq!(seeker.chain(), counselor.chain());
}

#[test]
fn a_forged_cell_changes_nothing_and_does_not_keep_the_good_one_out() {
    let (mut seeker, mut counselor) = pair(2);
    say(&mut seeker, "a", "one").unwrap();
    let cells = fresh(&mut seeker);
    let mut flipped = cells[0].1.clone();
    flipped[100] ^= 1;
    counselor.handle_cell(0, &flipped, Millis(0));
    assert_eq!(counselor.next_in(), 0);
    for (index, cell) in &cells {
        counselor.handle_cell(*index, cell, Millis(0));
    }
    assert_eq!(texts(&mut counselor, Millis(0)), ["one"]);
}

#[test]
fn received_means_that_the_face_took_it() {
    let (mut seeker, mut counselor) = pair(3);
    say(&mut seeker, "a", "one").unwrap();
    for (index, cell) in fresh(&mut seeker) {
        seeker.handle_at_node(index);
        counselor.handle_cell(index, &cell, Millis(0));
    }
    counselor.handle_timeout(Millis(100));
    for (index, cell) in fresh(&mut counselor) {
        seeker.handle_cell(index, &cell, Millis(100));
    }
    assert_eq!(states(&mut seeker), [State::Written, State::AtNode]);
    assert_eq!(texts(&mut counselor, Millis(200)), ["one"]);
    counselor.handle_timeout(Millis(400));
    for (index, cell) in fresh(&mut counselor) {
        seeker.handle_cell(index, &cell, Millis(400));
    }
    assert_eq!(states(&mut seeker), [State::Received]);
}

#[test]
fn words_beyond_the_limits_are_refused_with_both_numbers() {
    let (mut seeker, _) = pair(4);
    let long = "x".repeat(MESSAGE_MAX + 1);
    assert_eq!(
        say(&mut seeker, "a", &long),
        Err(SayError::TooLong {
            max: MESSAGE_MAX,
            got: MESSAGE_MAX + 1
        })
    );
    say(&mut seeker, "a", "one").unwrap();
    assert_eq!(say(&mut seeker, "a", "two"), Err(SayError::DuplicateId));
    assert_eq!(say(&mut seeker, "", "two"), Err(SayError::Id));
    seeker.end(EndReason::Finished, Millis(0));
    assert_eq!(say(&mut seeker, "b", "two"), Err(SayError::Over));
}

#[test]
fn the_window_bounds_what_flies_and_two_full_windows_do_not_block_each_other() {
    let (mut seeker, mut counselor) = pair(5);
    for number in 0..QUEUE_MAX {
        say(&mut seeker, &format!("s{number}"), "x").unwrap();
        say(&mut counselor, &format!("c{number}"), "y").unwrap();
    }
    assert_eq!(say(&mut seeker, "more", "x"), Err(SayError::QueueFull));
    let (mut at_seeker, mut at_counselor) = (0, 0);
    for round in 1..100 {
        let now = Millis(round * 2_000);
        let (from_seeker, from_counselor) = (fresh(&mut seeker), fresh(&mut counselor));
        assert!(seeker.unacknowledged().count() <= usize::try_from(WINDOW).unwrap());
        for (index, cell) in from_seeker {
            counselor.handle_cell(index, &cell, now);
        }
        for (index, cell) in from_counselor {
            seeker.handle_cell(index, &cell, now);
        }
        at_seeker += texts(&mut seeker, now).len();
        at_counselor += texts(&mut counselor, now).len();
        seeker.handle_timeout(now + 100);
        counselor.handle_timeout(now + 100);
    }
    assert_eq!((at_seeker, at_counselor), (QUEUE_MAX, QUEUE_MAX));
}

#[test]
fn leaving_quickly_goes_before_what_waits() {
    let (mut seeker, mut counselor) = pair(6);
    for number in 0..QUEUE_MAX {
        say(&mut seeker, &format!("s{number}"), "x").unwrap();
    }
    seeker.end(EndReason::LeftQuickly, Millis(0));
    let mut shown = 0;
    let mut ended = false;
    for round in 1..5 {
        let now = Millis(round * 1_000);
        for (index, cell) in fresh(&mut seeker) {
            counselor.handle_cell(index, &cell, now);
        }
        while let Some(event) = counselor.poll_event(now) {
            shown += usize::from(matches!(event, ChatEvent::Message { .. }));
            ended |= event == ChatEvent::Ended(EndReason::LeftQuickly);
        }
        counselor.handle_timeout(now + 100);
        for (index, cell) in fresh(&mut counselor) {
            seeker.handle_cell(index, &cell, now);
        }
    }
    assert!(ended && shown < QUEUE_MAX, "{shown} messages shown");
}
