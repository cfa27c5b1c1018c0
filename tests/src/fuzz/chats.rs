//! Two chats face to face, with everything a network and a lying home do between them: exactly once, in order
//! (invariants 3 and 4).

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use hamsa_protocol::{
    crypto::random::Random,
    limits::{QUEUE_MAX, WINDOW},
    objects::{HomeIndex, RosterId},
    session::chat::{Beginning, Chat, ChatEvent, EndReason, Role, SayError, Seen, State, Status},
    time::Tick,
};
use zeroize::Zeroizing;

use super::{
    helpline::{TICKET, helpline, seeded},
    input::Input,
};

/// Rounds of perfect delivery that must be enough to bring everything over: both queues full, a message of nine
/// cells each, acknowledgements from the reserve only.
const CALM_ROUNDS: u64 = 400;

struct Side {
    chat: Chat,
    random: Random,
    /// What was said here and taken, in order.
    said: Vec<String>,
    /// What the face has and has not shown: ids and words.
    unseen: Vec<(String, String)>,
    /// What was shown here, in order.
    shown: Vec<String>,
    states: BTreeMap<String, Vec<State>>,
    ended: bool,
    quick: bool,
    peer_ended: bool,
    /// Good cells that were brought here while they were wanted.
    brought: BTreeSet<u64>,
}

struct Flying {
    to: usize,
    index: u64,
    cell: Vec<u8>,
}

/// Runs the operations in `data`, then a calm network, and looks at what came out.
pub fn chats(data: &[u8]) {
    let mut input = Input::new(data);
    let mut sides = pair();
    let mut flying: Vec<Flying> = Vec::new();
    let mut now = Tick(0);
    while !input.is_empty() {
        operate(&mut input, &mut sides, &mut flying, &mut now);
        for side in &mut sides {
            side.chat.ratchet(&mut side.random, now);
        }
        collect(&mut sides, &mut flying);
        for side in &sides {
            // Whatever was forged in between: the good cells count, all of them, and no others.
            let expected = (0..).find(|index| !side.brought.contains(index));
            assert_eq!(Some(side.chat.next_in()), expected);
            let unacknowledged = side.chat.unacknowledged().count();
            assert!(u64::try_from(unacknowledged).unwrap_or(u64::MAX) <= WINDOW);
        }
    }
    calm(&mut sides, now);
    check(&mut sides);
}

fn pair() -> [Side; 2] {
    let known = helpline();
    let sealed = known.seal(TICKET, 0, 31);
    let opened = known.open(TICKET, 0, &sealed);
    let (message_2, theirs) = opened
        .answer(
            &known.duty,
            &known.secrets(),
            RosterId::default(),
            &mut seeded(32),
        )
        .expect("an answer");
    let ours = sealed.waiting.finish(&message_2).expect("a chat");
    let side = |role, established| Side {
        chat: Chat::new(
            Beginning {
                helpline: known.id,
                ticket: TICKET,
                established,
                role,
                seen: Seen::default(),
                status: Status::default(),
                extra: Vec::new(),
            },
            &mut seeded(33),
            Tick(0),
        ),
        random: seeded(34),
        said: Vec::new(),
        unseen: Vec::new(),
        shown: Vec::new(),
        states: BTreeMap::new(),
        ended: false,
        quick: false,
        peer_ended: false,
        brought: BTreeSet::new(),
    };
    [
        side(Role::Seeker, ours),
        side(Role::Counselor(known.secrets().x, [1; 16]), theirs),
    ]
}

fn operate(input: &mut Input<'_>, sides: &mut [Side; 2], flying: &mut Vec<Flying>, now: &mut Tick) {
    let operation = input.byte();
    let which = usize::from(operation >> 7);
    let side = &mut sides[which];
    match operation & 15 {
        0 | 1 => {
            let length = usize::try_from(input.number() % 6_000).unwrap_or_default();
            say(side, which, length, *now);
        }
        2..=5 => {
            if let Some(cell) = pick(input, flying).map(|pick| flying.swap_remove(pick)) {
                bring(&mut sides[cell.to], cell.index, &cell.cell, *now);
            }
        }
        6 => {
            if let Some(pick) = pick(input, flying) {
                let cell = &flying[pick];
                bring(&mut sides[cell.to], cell.index, &cell.cell, *now);
            }
        }
        7 => {
            if let Some(pick) = pick(input, flying) {
                flying.swap_remove(pick);
            }
        }
        8 => forge(input, side, flying, *now),
        9 => {
            let all: Vec<u64> = side.chat.unacknowledged().collect();
            for index in all {
                let cell = side.chat.cell(index).expect("it is unacknowledged").to_vec();
                flying.push(Flying {
                    to: 1 - which,
                    index,
                    cell,
                });
            }
            // What a network holds is bounded; old ones are lost.
            let excess = flying.len().saturating_sub(2_000);
            flying.drain(..excess);
        }
        10 => side.chat.handle_at_node(input.number()),
        11 => {
            *now = *now + Duration::from_millis(u64::from(input.short()));
            side.chat.handle_timeout(*now);
        }
        12 | 13 => {
            for _ in 0..1 + input.below(8) {
                poll(side);
            }
            if operation & 16 != 0 {
                look(side, *now);
            }
        }
        14 if input.byte() < 16 => {
            let reason = [EndReason::Finished, EndReason::LeftQuickly, EndReason::Revoked][input.below(3)];
            side.quick |= reason != EndReason::Finished && !side.ended;
            side.ended = true;
            side.chat.end(reason, *now);
        }
        _ => *now = *now + Duration::from_millis(u64::from(input.byte())),
    }
}

fn pick(input: &mut Input<'_>, flying: &[Flying]) -> Option<usize> {
    (!flying.is_empty()).then(|| input.below(flying.len().min(60_000)))
}

fn say(side: &mut Side, which: usize, length: usize, now: Tick) {
    let id = format!("{which}-{}", side.said.len());
    let mut text = format!("{id} ");
    text.extend(core::iter::repeat_n('x', length));
    match side.chat.say(id.clone(), Zeroizing::new(text.clone()), now) {
        Ok(()) => {
            let again = side.chat.say(id, Zeroizing::new(text.clone()), now);
            assert!(matches!(again, Err(SayError::DuplicateId | SayError::Over)));
            side.said.push(text);
        }
        Err(SayError::QueueFull) => assert!(side.said.len() >= QUEUE_MAX),
        // The peer's end may have come and not been shown yet.
        Err(SayError::Over) => assert!(side.ended || side.chat.next_in() > 0),
        Err(other) => panic!("{other}"),
    }
}

/// A good cell, from home 0.
fn bring(side: &mut Side, index: u64, cell: &[u8], now: Tick) {
    let next = side.chat.next_in();
    if (next..next + WINDOW).contains(&index) {
        side.brought.insert(index);
    }
    side.chat.handle_cell_from(HomeIndex(0), index, cell, now);
}

/// What home 1 makes up: another cell's bytes, a flipped byte, or nothing of the kind, at any index.
fn forge(input: &mut Input<'_>, side: &mut Side, flying: &[Flying], now: Tick) {
    let index = side.chat.next_in().wrapping_add(input.number());
    let Some(pick) = pick(input, flying) else {
        return side.chat.handle_cell_from(
            HomeIndex(1),
            index,
            &[1; hamsa_protocol::session::chat::CELL_LEN],
            now,
        );
    };
    let mut cell = flying[pick].cell.clone();
    // As it is, at another index or at the end that made it; or with a few bytes changed.
    let moved = input.one_in(2) && flying[pick].index != index;
    if moved || input.damage(&mut cell) {
        side.chat.handle_cell_from(HomeIndex(1), index, &cell, now);
    }
}

/// Somebody looks at the face.
fn look(side: &mut Side, now: Tick) {
    let source = *side.chat.source();
    for (id, text) in side.unseen.drain(..) {
        side.chat.shown(&source, &id, now);
        side.shown.push(text);
    }
}

fn poll(side: &mut Side) -> bool {
    let Some(event) = side.chat.poll_event() else {
        return false;
    };
    match event {
        ChatEvent::Ready => assert!(side.chat.chain().is_some()),
        ChatEvent::Message { id, text } => side.unseen.push((id, text.to_string())),
        ChatEvent::State { id, state } => side.states.entry(id).or_default().push(state),
        ChatEvent::Ended(_) => side.peer_ended = true,
        ChatEvent::TransferAsked(_)
        | ChatEvent::TransferAnswered(_)
        | ChatEvent::Pace(_)
        | ChatEvent::Status(_) => {
            panic!("nobody asked for that")
        }
    }
    true
}

fn collect(sides: &mut [Side; 2], flying: &mut Vec<Flying>) {
    for (which, side) in sides.iter_mut().enumerate() {
        while let Some(index) = side.chat.poll_cell() {
            if let Some(cell) = side.chat.cell(index) {
                flying.push(Flying {
                    to: 1 - which,
                    index,
                    cell: cell.to_vec(),
                });
            }
        }
    }
}

fn calm(sides: &mut [Side; 2], mut now: Tick) {
    let (mut last, mut still) = ([(0, 0, 0, 0); 2], 0);
    for _ in 0..CALM_ROUNDS {
        now = now + Duration::from_millis(2_000);
        for which in [0, 1] {
            let [seeker, counselor] = sides;
            let (from, to) = if which == 0 {
                (seeker, counselor)
            } else {
                (counselor, seeker)
            };
            from.chat.handle_timeout(now);
            from.chat.ratchet(&mut from.random, now);
            while from.chat.poll_cell().is_some() {}
            let cells: Vec<(u64, Vec<u8>)> = from
                .chat
                .unacknowledged()
                .map(|index| (index, from.chat.cell(index).unwrap_or_default().to_vec()))
                .collect();
            for (index, cell) in cells {
                from.chat.handle_at_node(index);
                bring(to, index, &cell, now);
            }
            for side in [to, from] {
                while poll(side) {}
                look(side, now);
            }
        }
        let state = |side: &Side| {
            let told: usize = side.states.values().map(Vec::len).sum();
            (
                side.chat.peer_acked(),
                side.chat.next_in(),
                side.shown.len(),
                told,
            )
        };
        let snapshot = [state(&sides[0]), state(&sides[1])];
        still = if snapshot == last { still + 1 } else { 0 };
        last = snapshot;
        if still == 3 {
            return;
        }
    }
}

fn check(sides: &mut [Side; 2]) {
    let [seeker, counselor] = sides;
    assert_eq!(seeker.chat.epoch(), counselor.chat.epoch(), "one epoch");
    assert_eq!(seeker.chat.chain(), counselor.chat.chain(), "one chain");
    for (from, to) in [(&*seeker, &*counselor), (&*counselor, &*seeker)] {
        let shown = to.shown.len();
        assert!(shown <= from.said.len(), "shown at most once");
        assert_eq!(to.shown, from.said[..shown], "in order, nothing left out");
        let complete = !from.quick && !from.peer_ended;
        if complete {
            assert_eq!(shown, from.said.len(), "everything arrived");
        }
        for (number, text) in from.said.iter().enumerate() {
            let id = text.split(' ').next().unwrap_or_default();
            let states = from.states.get(id).map(Vec::as_slice).unwrap_or_default();
            assert!(states.is_sorted(), "a message only comes further: {states:?}");
            assert_eq!(states.iter().filter(|state| **state == State::Written).count(), 1);
            let received = states.iter().filter(|state| **state == State::Received).count();
            assert!(received <= 1);
            if received == 1 {
                assert!(number < shown, "received means shown");
            }
            if complete {
                assert_eq!(received, 1, "and shown is told: {states:?}");
            }
        }
    }
}
