//! Targets that damage handshakes: whoever changes a byte gets nowhere, and the good message still works
//! afterwards (invariants 3, 7, 8).

use std::sync::LazyLock;

use hamsa_protocol::{
    crypto::keys::NodePeer,
    objects::{RosterId, TicketId},
    session::{
        handshake::MESSAGE_1_LEN,
        home_link::{self, Dialing},
        ticket::{self, Sealed, TICKET_LEN},
    },
    wire::{Kind, Record, UNIT},
};

use super::{
    helpline::{START, TICKET, helpline, seeded},
    input::Input,
};

/// A ticket and the counselor's answer to it, the same in every run.
struct Answered {
    sealed: Sealed,
    message_2: Vec<u8>,
    hash: [u8; 32],
}

static ANSWERED: LazyLock<Answered> = LazyLock::new(|| {
    let known = helpline();
    let sealed = known.seal(TICKET, 2, 11);
    let opened = known.open(TICKET, 2, &sealed);
    let (message_2, established) = opened
        .answer(
            &known.duty,
            &known.secrets(),
            RosterId::default(),
            &mut seeded(12),
        )
        .expect("an answer");
    Answered {
        sealed,
        message_2,
        hash: *established.handshake_hash,
    }
});

/// A ticket's body as a counselor opens it.
pub fn ticket_open(data: &[u8]) {
    let known = helpline();
    let good = &ANSWERED.sealed;
    let mut input = Input::new(data);
    let open = |id, attempt, body: &[u8; TICKET_LEN]| {
        ticket::open(&known.id, id, attempt, body, &known.duty, &known.secrets())
    };
    let mut body = good.body.clone();
    match input.byte() % 4 {
        0 => {
            // Anything at all.
            let rest = input.rest();
            let length = rest.len().min(TICKET_LEN);
            *body = [0; TICKET_LEN];
            body[..length].copy_from_slice(&rest[..length]);
            assert!(open(TICKET, 2, &body).is_err());
        }
        1 => {
            let other = TicketId(input.array());
            assert!(open(other, 2, &body).is_err() || other == TICKET);
            let attempt = u32::try_from(input.number()).unwrap_or(u32::MAX);
            assert!(open(TICKET, attempt, &body).is_err() || attempt == 2);
        }
        2 => {
            // Message 1 is not needed to read the card, and a damaged one cannot be answered.
            let begin = TICKET_LEN - MESSAGE_1_LEN;
            let damaged = input.damage(&mut body[begin..]);
            let opened = open(TICKET, 2, &body).expect("wraps and card are whole");
            let answer = opened.answer(
                &known.duty,
                &known.secrets(),
                RosterId::default(),
                &mut seeded(12),
            );
            assert_eq!(answer.is_err(), damaged);
        }
        _ => {
            let end = TICKET_LEN - MESSAGE_1_LEN;
            let damaged = input.damage(&mut body[..end]);
            assert_eq!(
                open(TICKET, 2, &body).is_err(),
                damaged,
                "wraps and card hang together"
            );
        }
    }
}

/// Message 2 as a seeker takes it: a forged one changes nothing.
pub fn live_finish(data: &[u8]) {
    let Answered {
        sealed,
        message_2,
        hash,
    } = &*ANSWERED;
    let mut input = Input::new(data);
    let mut message = message_2.clone();
    if input.one_in(4) {
        message = input.rest().to_vec();
    } else {
        input.damage(&mut message);
    }
    let finished = sealed.waiting.finish(&message);
    assert_eq!(finished.is_ok(), message == *message_2);
    let established = sealed
        .waiting
        .finish(message_2)
        .expect("the good one still works");
    assert_eq!(*established.handshake_hash, *hash);
    assert_eq!(established.duty, helpline().duty.hash());
}

/// A home link: both handshake messages, then units.
pub fn home_link(data: &[u8]) {
    let known = helpline();
    let mut input = Input::new(data);
    let home = NodePeer([3; 32]);
    let (dialing, mut first) = Dialing::start(known.root_key, home, &mut seeded(21)).expect("a first unit");
    let stage = input.byte() % 5;
    if stage == 0 {
        first = input.rest().to_vec();
    }
    let damaged = match stage {
        1 => input.damage(&mut first),
        stage => stage == 0,
    };
    let accepted = home_link::accept(
        &known.id,
        &known.home_x(),
        &known.delegation,
        &first,
        &mut seeded(22),
    );
    let Ok((mut at_home, mut second)) = accepted else {
        assert!(damaged, "an honest first unit is taken");
        return;
    };
    assert_eq!(second.len(), UNIT);
    let damaged = match stage {
        2 => input.damage(&mut second),
        3 => {
            second = input.take(UNIT).to_vec();
            true
        }
        _ => damaged,
    };
    let finished = dialing.finish(&second, START.unix);
    assert_eq!(finished.is_err(), damaged, "any difference is noticed");
    let Ok((mut at_client, delegation)) = finished else {
        return;
    };
    assert_eq!(delegation, known.delegation);
    assert_eq!(at_client.hash(), at_home.hash());
    // Units: a damaged one gives no record, and the good one after it does.
    let mut number = 0;
    while !input.is_empty() {
        number += 1;
        let record = Record::new(Kind::Put).index(number).body(input.take(40).to_vec());
        let unit = at_client.seal(&record).expect("a unit");
        let mut forged = unit.clone();
        if input.damage(&mut forged) {
            assert!(at_home.open(&forged).is_err());
        }
        assert!(at_home.open(input.take(20)).is_err());
        assert_eq!(at_home.open(&unit).as_ref(), Ok(&record));
        assert!(at_home.open(&unit).is_err(), "a unit is read once");
    }
}
