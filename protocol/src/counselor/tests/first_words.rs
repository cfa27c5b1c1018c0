//! First words: the first message of every chat that a ticket becomes, to each counselor once in a run.

use super::*;
use crate::{
    limits::QUEUE_MAX,
    session::chat::{EndReason, FIRST_ID, FIRST_WORDS_MAX},
};

const TO_HOMES: [Wire; HOMES] = [(SEEKER, 0, true), (SEEKER, 1, true)];

impl Table {
    fn first(&self) -> Option<State> {
        self.state(SEEKER, FIRST_ID)
    }

    /// Salma goes on duty, at both homes.
    fn salma_comes(&mut self) {
        for home in 0..HOMES {
            self.connect(SALMA, home);
        }
        self.desk(SALMA, Counselor::on_duty);
        self.pass(1_000);
    }

    /// The seeker counts the counselor as gone.
    fn falls_silent(&mut self, who: usize) {
        for home in 0..HOMES {
            self.disconnect(who, home);
        }
        self.pass(50_000);
        assert_eq!(self.stands.last(), Some(&Stands::Waiting));
    }

    /// Of what the seeker has sent, the homes get all up to the first cell and no more.
    fn only_hello_arrives(&mut self) {
        for wire in TO_HOMES {
            while let Some(record) = self.wires.get_mut(&wire).and_then(VecDeque::pop_front) {
                let (hello, now) = (record.kind == Kind::Put && record.index == 0, self.moment());
                let link = self.links[&(wire.0, wire.1)];
                self.homes[wire.1].handle_record(LinkId(link), record, now);
                self.settle();
                if hello {
                    return;
                }
            }
        }
        panic!("no first cell");
    }
}

#[test]
fn each_counselor_who_answers_is_given_them_first() {
    let mut table = Table::new();
    table.asks_with("salam");
    assert_eq!(table.first(), Some(State::Written), "on this device only");
    table.says(SEEKER, "s1");
    table.desk(NOUR, Counselor::take_next);
    table.pass(1_000);
    assert_eq!(table.begun, [(NOUR, "salam".to_owned())]);
    assert_eq!(table.shown, [(NOUR, "s1".to_owned())]);
    assert_eq!(table.first(), Some(State::Received));
    table.falls_silent(NOUR);
    table.says(SEEKER, "s2");
    table.salma_comes();
    // The ticket is sealed to Salma too.
    table.pass(11_000);
    table.desk(SALMA, Counselor::take_next);
    table.pass(1_000);
    assert_eq!(table.begun.last(), Some(&(SALMA, "salam".to_owned())));
    assert_eq!(table.shown.last(), Some(&(SALMA, "s2".to_owned())));
    assert_eq!(table.first(), Some(State::Received));
}

#[test]
fn a_run_shows_them_once_over_the_attempts_of_a_ticket() {
    let mut table = Table::new();
    table.asks_with("salam");
    table.desk(NOUR, Counselor::take_next);
    table.pass(1_000);
    table.falls_silent(NOUR);
    for home in 0..HOMES {
        table.connect(NOUR, home);
    }
    // The old chat is over.
    table.pass(21_000);
    table.desk(NOUR, Counselor::take_next);
    assert_eq!(
        table.begun,
        [(NOUR, "salam".to_owned()), (NOUR, String::new())],
        "the chat is there at once, without them"
    );
    table.pass(1_000);
    assert!(table.shown.is_empty());
    assert_eq!(table.first(), Some(State::Received));
}

#[test]
fn a_colleague_is_given_them_after_a_transfer() {
    let mut table = Table::new();
    table.salma_comes();
    table.asks_with("salam");
    table.desk(NOUR, Counselor::take_next);
    table.pass(1_000);
    let (_, chat) = table.chats[0];
    table
        .desk(NOUR, |desk, now| desk.transfer(&chat, "Salma", now))
        .unwrap();
    let now = table.moment();
    table.seeker.answer_transfer(true, now).unwrap();
    table.settle();
    table.pass(1_000);
    table.desk(SALMA, Counselor::take_next);
    table.pass(1_000);
    assert_eq!(table.begun.last(), Some(&(SALMA, "salam".to_owned())));
    assert_eq!(table.first(), Some(State::Received));
}

#[test]
fn words_that_come_late_are_a_message() {
    let mut table = Table::new();
    table.asks_with("salam");
    table.hold(&TO_HOMES);
    table.desk(NOUR, Counselor::take_next);
    table.only_hello_arrives();
    table.pass(1_900);
    assert!(table.begun.is_empty(), "they may still come");
    table.pass(100);
    assert_eq!(table.begun, [(NOUR, String::new())]);
    table.says(NOUR, "n1");
    table.release(&TO_HOMES);
    table.pass(1_000);
    assert_eq!(
        table.shown,
        [(SEEKER, "n1".to_owned()), (NOUR, FIRST_ID.to_owned())]
    );
    assert_eq!(table.first(), Some(State::Received));
}

#[test]
fn a_counselor_who_gets_no_words_is_told_so_once() {
    // A person who wrote none, and says nothing.
    let mut table = Table::new();
    table.asks();
    table.desk(NOUR, Counselor::take_next);
    assert_eq!(table.begun, [(NOUR, String::new())], "nothing is awaited");
    table.pass(59_000);
    assert!(table.wordless.is_empty());
    table.pass(120_000);
    assert_eq!(table.wordless, [NOUR]);
    assert!(table.ended.is_empty(), "the chat goes on");
    // Nobody is there.
    let mut table = Table::new();
    table.asks_with("salam");
    table.hold(&TO_HOMES);
    table.desk(NOUR, Counselor::take_next);
    table.pass(61_000);
    assert_eq!(table.wordless, [NOUR]);
    assert_eq!(table.ended, [(NOUR, EndedBy::Peer, ChatOver::Taken)]);
    // Words that came are enough.
    let mut table = Table::new();
    table.asks_with("salam");
    table.desk(NOUR, Counselor::take_next);
    table.pass(120_000);
    assert!(table.wordless.is_empty());
}

#[test]
fn a_home_sees_as_many_cells_without_first_words() {
    let cells = |first: &str| {
        let mut table = Table::new();
        table.asks_with(first);
        table.desk(NOUR, Counselor::take_next);
        table.pass(10_000);
        assert_eq!(table.begun, [(NOUR, first.to_owned())]);
        table.puts
    };
    assert_eq!(cells(""), cells(&"x".repeat(FIRST_WORDS_MAX)));
    assert!(cells("") >= 2);
}

#[test]
fn words_that_are_none_have_no_state_and_their_id_is_taken() {
    let mut table = Table::new();
    table.asks();
    table.desk(NOUR, Counselor::take_next);
    table.pass(1_000);
    assert_eq!(table.first(), None);
    assert!(table.shown.is_empty());
    let (words, now) = (Zeroizing::new("x".to_owned()), table.moment());
    assert_eq!(
        table.seeker.say(FIRST_ID.to_owned(), words, now),
        Err(SayError::DuplicateId)
    );
}

/// The end of one chat is in flight while the person asks anew.
#[test]
fn the_state_is_that_of_the_last_ticket() {
    let mut table = Table::new();
    table.asks_with("one");
    table.desk(NOUR, Counselor::take_next);
    table.hold(&[(NOUR, 0, true), (NOUR, 1, true)]);
    let now = table.moment();
    table.seeker.end(EndReason::Finished, now);
    table.asks_with("two");
    table.release(&[(NOUR, 0, true), (NOUR, 1, true)]);
    table.pass(1_000);
    assert_eq!(
        table.begun,
        [(NOUR, "one".to_owned())],
        "read, of the first ticket"
    );
    assert_eq!(table.first(), Some(State::Written));
    // Who takes the request back is told that they will not arrive; not of words that somebody has read.
    let now = table.moment();
    table.seeker.end(EndReason::Finished, now);
    table.settle();
    assert_eq!(table.first(), Some(State::Failed));
    table.asks_with("three");
    table.desk(NOUR, Counselor::take_next);
    table.pass(1_000);
    table.falls_silent(NOUR);
    let now = table.moment();
    table.seeker.end(EndReason::Finished, now);
    table.settle();
    assert_eq!(table.first(), Some(State::Received));
}

#[test]
fn they_take_no_room_of_the_messages_that_wait() {
    let mut table = Table::new();
    table.asks_with("salam");
    let now = table.moment();
    let say = |table: &mut Table, number: usize| {
        let words = Zeroizing::new("x".to_owned());
        table.seeker.say(format!("s{number:03}"), words, now)
    };
    for number in 0..QUEUE_MAX {
        say(&mut table, number).unwrap();
    }
    assert_eq!(say(&mut table, QUEUE_MAX), Err(SayError::QueueFull));
    table.desk(NOUR, Counselor::take_next);
    table.pass(180_000);
    assert_eq!(table.begun, [(NOUR, "salam".to_owned())]);
    assert_eq!(table.shown.len(), QUEUE_MAX);
    assert!(table.states.values().all(|state| *state == State::Received));
}
