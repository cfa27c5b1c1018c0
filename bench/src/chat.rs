//! A chat between two ends in one place.

use std::time::Duration;

use hamsa_protocol::{
    crypto::keys::{DhSecret, RootKey, SignKey},
    objects::{DutySecrets, RosterId, Serial, Signed, TicketId},
    session::{
        chat::{Beginning, Chat, ChatEvent, Role, Seen, Status},
        handshake::{self, Binding, Established, Waiting},
    },
    time::{Tick, Unix},
};
use zeroize::Zeroizing;

use crate::{Work, seeded};

/// Both ends, the seeker's first.
fn pair() -> [Chat; 2] {
    let [root, identity] = [4, 5].map(|seed| SignKey::generate(&mut seeded(seed)));
    let helpline = RootKey(root.public()).helpline();
    let secrets = DutySecrets::generate(&mut seeded(6));
    let duty = secrets.duty(Serial([1; 8]), Unix(1), Duration::from_secs(3_600));
    let duty = Signed::sign(duty, &identity, &helpline).unwrap();
    let ticket = TicketId([2; 32]);
    let psk0 = handshake::psk0(&helpline, &Zeroizing::new([3; 32]));
    let binding = Binding {
        helpline,
        ticket,
        attempt: 0,
        sealed_hash: [4; 32],
    };
    let (waiting, message_1) = Waiting::start(binding, psk0.clone(), &mut seeded(1)).unwrap();
    let (message_2, theirs) = handshake::respond(
        &binding,
        &psk0,
        &message_1,
        &duty,
        &secrets,
        RosterId::default(),
        &mut seeded(7),
    )
    .unwrap();
    let ours = waiting.finish(&message_2).unwrap();
    let begin = |established: Established, role, seed| {
        let beginning = Beginning {
            helpline,
            ticket,
            established,
            role,
            seen: Seen::default(),
            status: Status::default(),
            extra: Vec::new(),
        };
        Chat::new(beginning, &mut seeded(seed), Tick(0))
    };
    let duty_x = DhSecret::from_bytes(&secrets.x.to_bytes());
    let seeker = begin(ours, Role::Seeker, 2);
    let counselor = begin(theirs, Role::Counselor(duty_x, [9; 16]), 3);
    [seeker, counselor]
}

/// Brings what waits to the other end, whose face shows it; how many cells.
fn carry(from: &mut Chat, to: &mut Chat) -> usize {
    let mut count = 0;
    while let Some(index) = from.poll_cell() {
        let cell = from.cell(index).unwrap().to_vec();
        from.handle_at_node(index);
        to.handle_cell(index, &cell, Tick(0));
        count += 1;
    }
    while let Some(event) = to.poll_event() {
        if let ChatEvent::Message { id, .. } = event {
            let source = *to.source();
            to.shown(&source, &id, Tick(0));
        }
    }
    while from.poll_event().is_some() {}
    count
}

pub(crate) fn cell() -> Work {
    let [mut one, mut other] = pair();
    assert_eq!(carry(&mut one, &mut other), 1);
    assert_eq!(carry(&mut other, &mut one), 1);
    let mut number = 0;
    let mut seekers_turn = true;
    Box::new(move || {
        let (from, to) = match seekers_turn {
            true => (&mut one, &mut other),
            false => (&mut other, &mut one),
        };
        let words = Zeroizing::new("a few words in one cell".to_owned());
        from.say(number.to_string(), words, Tick(0)).unwrap();
        // Each cell acknowledges those of the other end.
        assert_eq!(carry(from, to), 1);
        seekers_turn = !seekers_turn;
        number += 1;
    })
}
