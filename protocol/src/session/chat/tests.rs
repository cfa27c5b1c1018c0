//! Two chats face to face: a test carries the cells of one end to the other, in any order.

use core::time::Duration;

use zeroize::Zeroizing;

use super::{ratchet::RatchetInitiator, *};
use crate::{
    crypto::keys::{RootKey, SignKey},
    limits::{CELL_HEARTBEAT, QUEUE_MAX, WINDOW},
    objects::{DutySecrets, RosterId, RunId, Serial, Signed, TicketId},
    session::ticket::{self, Intake},
    testing::seeded,
    time::{Unix, millis},
};

mod ending;
mod pace;
mod shown;

pub(super) fn pair(seed: u64) -> (Chat, Chat) {
    let mut random = seeded(seed);
    let helpline = RootKey(SignKey::generate(&mut random).public()).helpline();
    let identity = SignKey::generate(&mut random);
    let secrets = DutySecrets::generate(&mut random);
    let duty = secrets.duty(Serial([1; 8]), Unix(1_000), Duration::from_secs(3_600));
    let duty = Signed::sign(duty, &identity, &helpline).unwrap();
    let free = ticket::UrgencyPayment::default();
    let intake = Intake {
        language: "fr".parse().unwrap(),
        urgent: false,
    };
    let id = TicketId([7; 32]);
    let sealed = ticket::seal(&helpline, id, 0, &[&duty], (&intake, &free), &mut random).unwrap();
    let opened = ticket::open(&helpline, id, 0, &sealed.body, &duty, &secrets).unwrap();
    // A type that holds a secret does not print it: a derived `Debug` would print its bytes as numbers.
    assert_eq!(format!("{opened:?}"), "Opened(secret)");
    let (message_2, theirs) = opened
        .answer(&duty, &secrets, RosterId::default(), &mut random)
        .unwrap();
    assert_eq!(format!("{theirs:?}"), "Established(secret)");
    let ours = sealed.waiting.finish(&message_2).unwrap();
    let mut chat = |role, established| {
        let beginning = Beginning {
            helpline,
            ticket: id,
            established,
            role,
            seen: Seen::default(),
            status: Status::default(),
            extra: b"I was here before".to_vec(),
        };
        Chat::new(beginning, &mut random, Tick(0))
    };
    let key = DhSecret::from_bytes(&secrets.x.to_bytes());
    (
        chat(Role::Seeker, ours),
        chat(Role::Counselor(key, RunId::default()), theirs),
    )
}

fn fresh(chat: &mut Chat) -> Vec<(u64, Vec<u8>)> {
    let mut cells = Vec::new();
    while let Some(index) = chat.poll_cell() {
        cells.push((index, chat.cell(index).unwrap().to_vec()));
    }
    cells
}

/// The messages that the face takes while no person looks at it.
fn taken(chat: &mut Chat) -> Vec<(String, String)> {
    let mut taken = Vec::new();
    while let Some(event) = chat.poll_event() {
        if let ChatEvent::Message { id, text } = event {
            taken.push((id, text.to_string()));
        }
    }
    taken
}

/// The messages that the face takes and shows at once.
fn texts(chat: &mut Chat, now: Tick) -> Vec<String> {
    let source = *chat.source();
    let taken = taken(chat);
    for (id, _) in &taken {
        chat.shown(&source, id, now);
    }
    taken.into_iter().map(|(_, text)| text).collect()
}

fn states(chat: &mut Chat) -> Vec<State> {
    let mut states = Vec::new();
    while let Some(event) = chat.poll_event() {
        if let ChatEvent::State { state, .. } = event {
            states.push(state);
        }
    }
    states
}

fn say(chat: &mut Chat, id: &str, text: &str) -> Result<(), SayError> {
    chat.say(id.to_owned(), Zeroizing::new(text.to_owned()), Tick(0))
}

/// A modified client could leave out its hello. A desk would then show words of a chat that it was never shown.
#[test]
fn what_comes_before_hello_is_no_message() {
    let (mut seeker, mut counselor) = pair(31);
    for id in ["1", "2"] {
        let words = Zeroizing::new("words".to_owned());
        seeker.say(id.to_owned(), words, Tick(1)).unwrap();
    }
    for (index, cell) in fresh(&mut seeker) {
        let chain = counselor.epoch.chain.clone();
        if index == 1 {
            // As if the first cell had been of another kind.
            counselor.epoch.chain = None;
        }
        counselor.handle_cell(index, &cell, Tick(1));
        if index == 1 {
            counselor.epoch.chain = chain;
        }
    }
    assert_eq!(texts(&mut counselor, Tick(1)).len(), 1, "the second alone");
    assert_eq!(counselor.next_in(), 3);
}

/// Nor does it say that somebody read something.
#[test]
fn what_comes_before_hello_acknowledges_nothing() {
    let (mut seeker, mut counselor) = pair(32);
    say(&mut counselor, "c1", "I am here").unwrap();
    for (index, cell) in fresh(&mut counselor) {
        seeker.handle_cell(index, &cell, Tick(1));
    }
    texts(&mut seeker, Tick(1));
    say(&mut seeker, "s1", "words").unwrap();
    let (waiting, chain) = (counselor.outbox.len(), counselor.epoch.chain.take());
    for (index, cell) in fresh(&mut seeker).into_iter().filter(|(index, _)| *index > 0) {
        // As if the first cell had been of another kind.
        counselor.next_in = index;
        counselor.handle_cell(index, &cell, Tick(1));
    }
    counselor.epoch.chain = chain;
    assert_eq!(counselor.outbox.len(), waiting, "nothing is let go of");
}

#[test]
fn what_a_seeker_adds_to_the_first_cell_arrives_with_it() {
    let (mut seeker, mut counselor) = pair(1);
    assert!(counselor.hello_extra().is_empty());
    for (index, cell) in fresh(&mut seeker) {
        counselor.handle_cell(index, &cell, Tick(0));
    }
    for (index, cell) in fresh(&mut counselor) {
        seeker.handle_cell(index, &cell, Tick(0));
    }
    assert_eq!(counselor.hello_extra(), b"I was here before");
    assert!(seeker.hello_extra().is_empty());
}

#[test]
fn cells_in_any_order_give_words_in_order_and_equal_chains() {
    let (mut seeker, mut counselor) = pair(1);
    for number in 0..30 {
        say(&mut seeker, &format!("m{number}"), &format!("salam {number}")).unwrap();
    }
    let mut cells = fresh(&mut seeker);
    cells.reverse();
    let again = cells.clone();
    for (index, cell) in cells.into_iter().chain(again) {
        counselor.handle_cell(index, &cell, Tick(1));
    }
    let expected: Vec<String> = (0..30).map(|number| format!("salam {number}")).collect();
    assert_eq!(texts(&mut counselor, Tick(1)), expected);
    for (index, cell) in fresh(&mut counselor) {
        seeker.handle_cell(index, &cell, Tick(1));
    }
    assert!(seeker.chain().is_some());
    assert_eq!(seeker.chain(), counselor.chain());
}

#[test]
fn a_forged_cell_changes_nothing_and_blocks_no_valid_cell() {
    let (mut seeker, mut counselor) = pair(2);
    say(&mut seeker, "a", "one").unwrap();
    let cells = fresh(&mut seeker);
    let mut flipped = cells[0].1.clone();
    flipped[100] ^= 1;
    counselor.handle_cell(0, &flipped, Tick(0));
    assert_eq!(counselor.next_in(), 0);
    for (index, cell) in &cells {
        counselor.handle_cell(*index, cell, Tick(0));
    }
    assert_eq!(texts(&mut counselor, Tick(0)), ["one"]);
}

#[test]
fn cells_forged_ahead_by_one_home_block_no_valid_cells() {
    let (mut seeker, mut counselor) = pair(2);
    say(&mut seeker, "a", "one").unwrap();
    say(&mut seeker, "b", "two").unwrap();
    let cells = fresh(&mut seeker);
    // A lying home has forged cells for every index. Each valid cell then comes once, from an honest home.
    for number in 0..4 {
        for index in 0..10 {
            counselor.handle_cell_from(HomeIndex(7), index, &[number; CELL_LEN], Tick(0));
        }
    }
    for (index, cell) in cells.iter().rev() {
        counselor.handle_cell_from(HomeIndex(3), *index, cell, Tick(0));
    }
    assert_eq!(texts(&mut counselor, Tick(0)), ["one", "two"]);
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
    seeker.end(EndReason::Finished, Tick(0));
    assert_eq!(say(&mut seeker, "b", "two"), Err(SayError::Over));
}

#[test]
fn the_window_limits_cells_in_flight_and_full_windows_drain() {
    let (mut seeker, mut counselor) = pair(5);
    for number in 0..QUEUE_MAX {
        say(&mut seeker, &format!("s{number}"), "x").unwrap();
        say(&mut counselor, &format!("c{number}"), "y").unwrap();
    }
    assert_eq!(say(&mut seeker, "more", "x"), Err(SayError::QueueFull));
    let (mut at_seeker, mut at_counselor) = (0, 0);
    for round in 1..100 {
        let now = Tick(round * 2_000);
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
        seeker.handle_timeout(now + Duration::from_millis(100));
        counselor.handle_timeout(now + Duration::from_millis(100));
    }
    assert_eq!((at_seeker, at_counselor), (QUEUE_MAX, QUEUE_MAX));
}

fn bring(from: &mut Chat, to: &mut Chat, random: &mut Random, now: Tick) {
    from.ratchet(random, now);
    from.handle_timeout(now);
    for (index, cell) in fresh(from) {
        to.handle_cell(index, &cell, now);
        to.ratchet(random, now);
    }
}

/// Carries cells both ways until none is left, with ratchet steps on the way.
pub(super) fn carry(
    seeker: &mut Chat,
    counselor: &mut Chat,
    random: &mut Random,
    now: Tick,
) -> (usize, usize) {
    let mut shown = (0, 0);
    for _ in 0..20 {
        bring(seeker, counselor, random, now);
        bring(counselor, seeker, random, now);
        shown.0 += texts(seeker, now).len();
        shown.1 += texts(counselor, now).len();
    }
    shown
}

#[test]
fn a_chat_ratchets_after_a_minute_of_words_and_after_a_burst() {
    let (mut seeker, mut counselor) = pair(7);
    let mut random = seeded(70);
    carry(&mut seeker, &mut counselor, &mut random, Tick(10));
    assert_eq!(
        (seeker.epoch(), counselor.epoch()),
        (0, 0),
        "nobody said anything"
    );
    carry(
        &mut seeker,
        &mut counselor,
        &mut random,
        Tick(millis(RATCHET_AFTER) * 9),
    );
    assert_eq!(
        (seeker.epoch(), counselor.epoch()),
        (0, 0),
        "nobody said anything for long"
    );

    let start = millis(RATCHET_AFTER) * 10;
    let speak = |chat: &mut Chat, id: &str, now| {
        chat.say(id.to_owned(), Zeroizing::new("x".to_owned()), Tick(now))
            .unwrap();
    };
    speak(&mut counselor, "c", start);
    assert_eq!(
        carry(&mut seeker, &mut counselor, &mut random, Tick(start)),
        (1, 0)
    );
    assert_eq!(
        seeker
            .poll_timeout()
            .map(|at| at.0 <= start + millis(RATCHET_AFTER)),
        Some(true)
    );
    carry(
        &mut seeker,
        &mut counselor,
        &mut random,
        Tick(start + millis(RATCHET_AFTER)),
    );
    assert_eq!((seeker.epoch(), counselor.epoch()), (1, 1));

    for number in 0..RATCHET_AFTER_CELLS {
        speak(&mut seeker, &format!("m{number}"), start + millis(RATCHET_AFTER));
    }
    let (_, shown) = carry(
        &mut seeker,
        &mut counselor,
        &mut random,
        Tick(start + millis(RATCHET_AFTER)),
    );
    assert_eq!(u64::try_from(shown), Ok(RATCHET_AFTER_CELLS));
    assert_eq!((seeker.epoch(), counselor.epoch()), (2, 2));
    assert_eq!(seeker.chain(), counselor.chain());
    assert_eq!(seeker.handshake_hash(), counselor.handshake_hash());
    speak(&mut counselor, "last", start + millis(RATCHET_AFTER));
    assert_eq!(
        carry(
            &mut seeker,
            &mut counselor,
            &mut random,
            Tick(start + millis(RATCHET_AFTER))
        ),
        (1, 0)
    );
}

#[test]
fn cells_that_cross_a_switch_arrive_whatever_their_order() {
    let (mut seeker, mut counselor) = pair(8);
    let mut random = seeded(80);
    carry(&mut seeker, &mut counselor, &mut random, Tick(1));
    let mut said = 0;
    let mut shown = 0;
    // In every round many cells are in flight in both directions when an epoch ends, and they arrive in reverse
    // order.
    for round in 0..12_u64 {
        let now = Tick(10 + round);
        for _ in 0..20 {
            for (chat, by) in [(&mut seeker, 's'), (&mut counselor, 'c')] {
                chat.say(format!("{by}{said}"), Zeroizing::new("x".to_owned()), now)
                    .unwrap();
                said += 1;
            }
        }
        for _ in 0..3 {
            seeker.ratchet(&mut random, now);
            counselor.ratchet(&mut random, now);
            let (mut out, mut back) = (fresh(&mut seeker), fresh(&mut counselor));
            out.reverse();
            back.reverse();
            for (index, cell) in out {
                counselor.handle_cell(index, &cell, now);
            }
            for (index, cell) in back {
                seeker.handle_cell(index, &cell, now);
            }
            shown += texts(&mut seeker, now).len() + texts(&mut counselor, now).len();
            seeker.handle_timeout(now + Duration::from_millis(100));
            counselor.handle_timeout(now + Duration::from_millis(100));
        }
    }
    let rest = carry(&mut seeker, &mut counselor, &mut random, Tick(5_000));
    assert_eq!(shown + rest.0 + rest.1, said);
    assert!(seeker.epoch() > 5, "{} epochs", seeker.epoch());
    assert_eq!(seeker.epoch(), counselor.epoch());
}

#[test]
fn without_a_ratchet_step_words_stop_at_the_limits() {
    let (mut seeker, mut counselor) = pair(9);
    let mut random = seeded(90);
    carry(&mut seeker, &mut counselor, &mut random, Tick(1));
    // The counselor's machine never answers: `ratchet` is not called for it.
    let mut through = |seeker: &mut Chat, counselor: &mut Chat, now: Tick| {
        seeker.ratchet(&mut random, now);
        let mut shown = 0;
        for _ in 0..4 {
            for (index, cell) in fresh(seeker) {
                counselor.handle_cell(index, &cell, now);
            }
            shown += texts(counselor, now).len();
            counselor.handle_timeout(now + Duration::from_millis(100));
            for (index, cell) in fresh(counselor) {
                seeker.handle_cell(index, &cell, now);
            }
            seeker.handle_timeout(now);
        }
        shown
    };
    let mut shown = 0;
    for number in 0..BLOCK_AFTER_CELLS + 50 {
        let now = Tick(1_000 + number);
        seeker
            .say(format!("m{number}"), Zeroizing::new("x".to_owned()), now)
            .unwrap();
        shown += through(&mut seeker, &mut counselor, now);
    }
    assert_eq!(u64::try_from(shown), Ok(BLOCK_AFTER_CELLS));
    let (_, rest) = carry(&mut seeker, &mut counselor, &mut seeded(91), Tick(3_000));
    assert_eq!(rest, 50);

    // The same by time: three minutes after the first data of an epoch.
    let (mut seeker, mut counselor) = pair(10);
    carry(&mut seeker, &mut counselor, &mut seeded(100), Tick(1));
    say(&mut counselor, "a", "x").unwrap();
    let late = Tick(millis(BLOCK_AFTER) + 1);
    counselor
        .say("b".to_owned(), Zeroizing::new("x".to_owned()), late)
        .unwrap();
    let first: usize = fresh(&mut counselor)
        .into_iter()
        .map(|(index, cell)| {
            seeker.handle_cell(index, &cell, late);
            texts(&mut seeker, late).len()
        })
        .sum();
    assert_eq!(first, 1, "the second waits");
    let (rest, _) = carry(
        &mut seeker,
        &mut counselor,
        &mut seeded(101),
        late + Duration::from_millis(millis(RATCHET_AFTER)),
    );
    assert_eq!(rest, 1);
}

#[test]
fn words_of_a_key_thief_beyond_the_epoch_limit_are_dropped() {
    let (mut seeker, mut counselor) = pair(12);
    let mut random = seeded(12);
    let now = Tick(1);
    let mut heard = 0;
    for number in 0..300 {
        // The attacker has the seeker's keys, and does not keep the seeker's limits.
        seeker.used = EpochUsage::default();
        say(&mut seeker, &format!("m{number}"), "salam").unwrap();
        for (index, cell) in fresh(&mut seeker) {
            counselor.handle_cell(index, &cell, now);
        }
        heard += texts(&mut counselor, now).len();
        counselor.handle_timeout(Tick(1_000));
        for (index, cell) in fresh(&mut counselor) {
            seeker.handle_cell(index, &cell, now);
        }
    }
    assert_eq!(counselor.next_in(), 301, "cells still count");
    assert_eq!(u64::try_from(heard).unwrap(), ratchet::BLOCK_AFTER_CELLS);
    // A peer that ratchets is heard again.
    seeker.used.sent(now);
    let later = Tick(millis(RATCHET_AFTER) + 1);
    bring(&mut seeker, &mut counselor, &mut random, later);
    bring(&mut counselor, &mut seeker, &mut random, later);
    say(&mut seeker, "new", "in a new epoch").unwrap();
    bring(&mut seeker, &mut counselor, &mut random, later);
    assert!(counselor.epoch() > 0);
    assert_eq!(texts(&mut counselor, later), ["in a new epoch"]);
}

#[test]
fn a_thief_of_the_epoch_can_neither_ask_nor_answer_in_a_new_one() {
    let (mut seeker, mut counselor) = pair(11);
    let mut random = seeded(110);
    carry(&mut seeker, &mut counselor, &mut random, Tick(1));
    // The attacker has chain and hash of this epoch and every public key, but neither static secret.
    let thief = DhSecret::generate(&mut random);
    let (
        Party::Seeker {
            own,
            counselor: proven,
        },
        Party::Counselor { .. },
    ) = (&seeker.party, &counselor.party)
    else {
        panic!("the ends are the wrong way round");
    };
    let (asked, message) = RatchetInitiator::start(&seeker.epoch, own, proven, &mut random).unwrap();
    let (forged, _) = ratchet::answer(&seeker.epoch, &thief, &own.public(), &message, &mut random)
        .map_or_else(
            |_| (Zeroizing::new(vec![7; HEALED_LEN]), None),
            |(body, next)| (body, Some(next)),
        );
    assert!(asked.finish(&seeker.epoch, own, proven, &forged).is_err());
    let (_, asking) = RatchetInitiator::start(&seeker.epoch, &thief, proven, &mut random).unwrap();
    let Party::Counselor {
        own: duty,
        seeker: Some(known),
    } = &counselor.party
    else {
        panic!("no key told")
    };
    assert!(ratchet::answer(&counselor.epoch, duty, known, &asking, &mut random).is_err());
    // The failure left everything unchanged.
    let (answer, _) = ratchet::answer(&counselor.epoch, duty, known, &message, &mut random).unwrap();
    assert!(asked.finish(&seeker.epoch, own, proven, &answer).is_ok());
}

/// An active attacker who copied the epoch's keys once. It writes with the seeker's keys at the seeker's indexes.
struct Thief {
    copy: Chat,
    kind: CellKind,
    /// How many of the seeker's ratchet requests it replaces.
    takes: usize,
}

impl Thief {
    /// The same seed makes the same keys.
    fn new(seed: u64, takes: usize) -> Self {
        let kind = if takes.is_multiple_of(2) {
            CellKind::Ack
        } else {
            CellKind::Heal
        };
        let (copy, _) = pair(seed);
        Self { copy, kind, takes }
    }

    fn write(&mut self, index: u64) -> Vec<u8> {
        self.write_with(index, 0)
    }

    fn write_with(&mut self, index: u64, ack: u64) -> Vec<u8> {
        let cell = Cell {
            kind: self.kind,
            status: Status::default(),
            ack,
            shown: ack,
            body: Zeroizing::new(vec![7; HEAL_LEN]),
        };
        loop {
            let sealed = self.copy.transport.seal(&cell.encode()).unwrap();
            self.copy.transport.rekey_outgoing();
            self.copy.next_out += 1;
            if self.copy.next_out > index {
                return sealed;
            }
        }
    }

    /// One round trip of a chat through the attacker.
    fn carry(&mut self, seeker: &mut Chat, counselor: &mut Chat, random: &mut Random, now: Tick) {
        seeker.ratchet(random, now);
        for (index, mut cell) in fresh(seeker) {
            let asked = seeker.asking.last().is_some_and(|asking| asking.index == index);
            if asked && self.takes > 0 {
                self.takes -= 1;
                cell = self.write(index);
            }
            counselor.handle_cell(index, &cell, now);
            counselor.ratchet(random, now);
        }
        texts(counselor, now);
        counselor.handle_timeout(now + Duration::from_millis(100));
        for (index, cell) in fresh(counselor) {
            seeker.handle_cell(index, &cell, now);
        }
        texts(seeker, now);
        seeker.handle_timeout(now + Duration::from_millis(100));
    }
}

#[test]
fn a_key_thief_who_displaces_heal_requests_stops_no_words() {
    for takes in 0..=RATCHET_ASKS_MAX {
        let (mut seeker, mut counselor) = pair(13);
        let mut thief = Thief::new(13, takes);
        let mut random = seeded(130);
        let mut now = Tick(1);
        say(&mut seeker, "first", "x").unwrap();
        let mut given_up = None;
        for _ in 0..(millis(RATCHET_AFTER) + millis(RATCHET_GIVE_UP) + millis(RATCHET_AGAIN)) / 1_000 {
            thief.carry(&mut seeker, &mut counselor, &mut random, now);
            if seeker.give_up_due().is_some_and(|due| due <= now) {
                given_up.get_or_insert(now);
            }
            assert!(seeker.asking.len() <= RATCHET_ASKS_MAX);
            now = now + Duration::from_millis(1_000);
        }
        let healed = takes < RATCHET_ASKS_MAX;
        assert_eq!(seeker.epoch(), u32::from(healed), "{takes} taken");
        assert_eq!(
            seeker.epoch(),
            counselor.epoch(),
            "nothing that he writes begins an epoch"
        );
        // All requests were replaced: the seeker's machine then has to reopen its ticket.
        assert_eq!(given_up.is_some(), !healed, "{takes} taken");
        assert_eq!(seeker.chain(), counselor.chain());
        seeker
            .say("late".to_owned(), Zeroizing::new("x".to_owned()), now)
            .unwrap();
        let (_, shown) = carry(&mut seeker, &mut counselor, &mut random, now);
        assert_eq!(shown, usize::from(healed), "{takes} taken");
    }
}

/// Both ends of a chat in which the counselor has answered a ratchet request, and the seeker has read the answer.
fn answered(seed: u64) -> (Chat, Chat) {
    let (mut seeker, mut counselor) = pair(seed);
    let mut random = seeded(seed);
    let now = Tick(1);
    for (index, cell) in fresh(&mut counselor) {
        seeker.handle_cell(index, &cell, now);
    }
    say(&mut seeker, "first", "x").unwrap();
    let later = now + Duration::from_millis(millis(RATCHET_AFTER));
    bring(&mut seeker, &mut counselor, &mut random, later);
    texts(&mut counselor, later);
    counselor.handle_timeout(later + Duration::from_millis(100));
    assert_eq!((seeker.epoch(), counselor.epoch()), (0, 1));
    let healed = fresh(&mut counselor);
    for (index, cell) in healed {
        seeker.handle_cell(index, &cell, later + Duration::from_millis(100));
    }
    assert_eq!(seeker.epoch(), 1);
    assert!(counselor.next.is_some(), "nothing of the new epoch came from her");
    (seeker, counselor)
}

#[test]
fn after_the_heal_answer_is_read_old_epoch_cells_are_ignored() {
    let (mut seeker, mut counselor) = answered(16);
    let later = Tick(2 * millis(RATCHET_AFTER));
    let mut thief = Thief::new(16, 0);
    // The attacker answers in the seeker's place, as the seeker's machine does: it acknowledges all that the
    // counselor wrote.
    let (at, ack) = (counselor.next_in(), counselor.next_out);
    counselor.handle_cell(at, &thief.write_with(at, ack), later);
    assert_eq!(counselor.next_in(), at, "he took the place of her first cell");
    assert!(
        counselor.peer_acked() < ack,
        "his word for what she has read counts"
    );
    // The seeker's own cell comes over a home that the attacker does not control.
    seeker
        .say("second".to_owned(), Zeroizing::new("hers".to_owned()), later)
        .unwrap();
    let cells = fresh(&mut seeker);
    for (index, cell) in cells {
        counselor.handle_cell(index, &cell, later);
    }
    assert_eq!(texts(&mut counselor, later), ["hers"]);
    assert!(counselor.next.is_none());
}

#[test]
fn an_old_epoch_cell_is_read_after_a_forgery_at_its_index() {
    let (mut seeker, mut counselor) = pair(17);
    let mut random = seeded(17);
    let later = Tick(millis(RATCHET_AFTER));
    for (index, cell) in fresh(&mut counselor) {
        seeker.handle_cell(index, &cell, Tick(0));
    }
    say(&mut seeker, "first", "x").unwrap();
    seeker.ratchet(&mut random, later);
    // Written before the seeker has read the answer, and so of the old epoch.
    say(&mut seeker, "second", "y").unwrap();
    let cells = fresh(&mut seeker);
    let (last, before) = cells.split_last().unwrap();
    for (index, cell) in before {
        counselor.handle_cell(*index, cell, later);
    }
    counselor.ratchet(&mut random, later);
    assert_eq!(counselor.epoch(), 1);
    let forged = Thief::new(17, 0).write_with(last.0, counselor.next_out);
    counselor.handle_cell_from(HomeIndex(7), last.0, &forged, later);
    counselor.handle_cell_from(HomeIndex(3), last.0, &last.1, later);
    assert_eq!(texts(&mut counselor, later), ["x", "y"]);
}

#[test]
fn after_a_switch_an_old_epoch_thief_has_at_most_one_window() {
    let (_, mut counselor) = answered(18);
    let later = Tick(2 * millis(RATCHET_AFTER));
    let mut thief = Thief::new(18, 0);
    let start = counselor.next_in();
    for index in start..start + 3 * WINDOW {
        // The attacker says that it has not read the answer.
        counselor.handle_cell(index, &thief.write(index), later);
    }
    let read = counselor.next_in() - start;
    assert!((1..=WINDOW).contains(&read), "{read} cells");
}

#[test]
fn a_cell_that_comes_again_and_again_is_answered_once_a_second() {
    let (mut seeker, mut counselor) = pair(19);
    let old = fresh(&mut seeker);
    for (index, cell) in &old {
        counselor.handle_cell(*index, cell, Tick(0));
    }
    counselor.handle_timeout(Tick(100));
    fresh(&mut counselor);
    let mut answers = Vec::new();
    for now in (100..10_100).step_by(20).map(Tick) {
        // A home repeats the old cells as fast as it can.
        for (index, cell) in &old {
            counselor.handle_cell(*index, cell, now);
        }
        counselor.handle_timeout(now);
        answers.extend(fresh(&mut counselor).into_iter().map(|_| now));
    }
    assert!((9..=10).contains(&answers.len()), "{} answers", answers.len());
    let close = answers
        .windows(2)
        .any(|two| two[1].since(two[0]) < Duration::from_millis(millis(RESERVE_PAUSE)));
    assert!(!close, "{answers:?}");
}

#[test]
fn a_late_heal_request_is_not_repeated_and_each_answer_matches() {
    let (mut seeker, mut counselor) = pair(14);
    let mut random = seeded(140);
    say(&mut seeker, "first", "x").unwrap();
    carry(&mut seeker, &mut counselor, &mut random, Tick(1));
    // On a slow link nothing comes back for minutes.
    for minute in 1..5 {
        seeker.ratchet(&mut random, Tick(1 + minute * millis(RATCHET_AFTER)));
        assert_eq!(seeker.asking.len(), 1);
        let given_up = Tick(1 + millis(RATCHET_AFTER)) + Duration::from_millis(millis(RATCHET_UNHEARD));
        assert_eq!(seeker.give_up_due(), Some(given_up), "not soon");
    }
    // A counselor that acknowledges first and answers later gets two requests and answers one. The answer fits,
    // whichever it is.
    let late = Tick(6 * millis(RATCHET_AFTER));
    let to_her = fresh(&mut seeker);
    for (index, cell) in &to_her {
        counselor.handle_cell(*index, cell, late);
    }
    counselor.handle_timeout(late + Duration::from_millis(100));
    for (index, cell) in fresh(&mut counselor) {
        seeker.handle_cell(index, &cell, late);
    }
    seeker.ratchet(&mut random, late);
    assert_eq!(seeker.asking.len(), 2);
    // The counselor answers the first request before the second comes.
    counselor.ratchet(&mut random, late);
    carry(&mut seeker, &mut counselor, &mut random, late);
    assert_eq!((seeker.epoch(), counselor.epoch()), (1, 1));
    assert!(seeker.asking.is_empty() && counselor.asked_by_peer.is_none());
    say(&mut seeker, "again", "x").unwrap();
    assert_eq!(carry(&mut seeker, &mut counselor, &mut random, late).1, 1);
}

#[test]
fn a_full_window_sets_no_timeout_in_the_past() {
    let (mut seeker, _) = pair(20);
    for number in 0..QUEUE_MAX {
        say(&mut seeker, &format!("s{number}"), "x").unwrap();
    }
    let later = Tick(10 * millis(CELL_HEARTBEAT));
    seeker.handle_timeout(later);
    assert!(
        seeker.poll_timeout().is_none_or(|at| at > later),
        "it would spin until the peer is back"
    );
}
