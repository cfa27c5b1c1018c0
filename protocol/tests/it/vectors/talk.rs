//! A ticket, the chat it becomes, its healing, and the tokens of both.

use hamsa_protocol::{
    chat::{Beginning, Chat, ChatEvent, Colleague, EndReason, Pace, Role as End, Seen},
    keys::DhSecret,
    live::{self, lost_message},
    objects::{Bytes, Serial},
    random::Random,
    ticket::{self, TicketId},
    time::Millis,
    tokens::{self, ChannelTokens, Direction},
    wire::{ChannelOpening, Lane, Posting, Receipt, postcard_encode},
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    cast::Cast,
    homes::long,
    mail::{mail, phrases},
    tape::{Tape, hex, recorded},
};

struct Side {
    chat: Chat,
    name: &'static str,
    random: Random,
    tape: Tape,
}

struct Conversation {
    seeker: Side,
    counselor: Side,
    cells: Vec<Value>,
}

impl Conversation {
    /// Takes everything one side has to send to the other, notes it, and lets the other's face read.
    fn pass(&mut self, from_seeker: bool, now: Millis, kinds: &[u8]) {
        let (from, to) = if from_seeker {
            (&mut self.seeker, &mut self.counselor)
        } else {
            (&mut self.counselor, &mut self.seeker)
        };
        let mut count = 0;
        while let Some(index) = from.chat.poll_cell() {
            let cell = from.chat.cell(index).unwrap().to_vec();
            self.cells
                .push(json!({ "from": from.name, "index": index, "kind": kinds[count], "cell": hex(&cell) }));
            to.chat.handle_cell(index, &cell, now);
            assert_eq!(to.chat.next_in(), index + 1);
            while to.chat.poll_event(now).is_some() {}
            count += 1;
        }
        assert_eq!(count, kinds.len());
    }
}

pub(crate) fn conversation(cast: &Cast, receipt: Receipt) -> Vec<(&'static str, Value)> {
    let id = TicketId([0x88; 32]);
    let attempt = 2;
    let duty = cast.duty();
    let intake = Cast::intake();
    let (mut random, ticket_tape) = recorded(300);
    let sealed = ticket::seal(&cast.id, id, attempt, &[&duty], &intake, &mut random).unwrap();
    let opened = ticket::open(&cast.id, id, attempt, &sealed.body, &duty, &cast.duty_secrets).unwrap();
    assert_eq!(opened.intake, intake);
    let home_x = cast.home_x.public();
    let posting = Posting {
        ticket: id,
        attempt,
        slot: tokens::hash(&tokens::answer_slot(&cast.id, &sealed.secret, attempt, &home_x)),
        receipt: Some(receipt),
        body: Bytes(sealed.body.clone()),
    };
    let posting = long(&postcard_encode(&posting), ticket::BODY_LEN);
    let ticket = json!({
        "ticket": hex(&id.0),
        "attempt": attempt,
        "sealed_to": ["duty"],
        "intake": { "language": intake.language.as_str(), "urgent": intake.urgent, "text": intake.text },
        "random": ticket_tape.hex(),
        "secret": hex(sealed.secret.as_slice()),
        "body": hex(sealed.body.as_slice()),
        "posting_with_receipt": posting,
    });

    let (mut random, live_tape) = recorded(301);
    let roster_version = 300;
    let (message_2, theirs) = opened
        .answer(&duty, &cast.duty_secrets, roster_version, &mut random)
        .unwrap();
    let ours = sealed.waiting.finish(&message_2).unwrap();
    let h_0 = ours.handshake_hash.clone();
    assert_eq!(h_0, theirs.handshake_hash);
    let live = json!({
        "roster_version": roster_version,
        "random": live_tape.hex(),
        "psk0": hex(live::psk0(&cast.id, &sealed.secret).as_slice()),
        "message_2": hex(&message_2),
        "h_0": hex(h_0.as_slice()),
        "lost_message": hex(&lost_message(&cast.id, &id, attempt, &[0x0f; 16])),
    });

    let (phrases, keys) = phrases(cast);
    let proof = keys.prove(&cast.id, &cast.duty_secrets.x.public(), &h_0).unwrap();
    let source = [0x0f; 16];
    let begin = |role, established, seed, name, extra| {
        let (mut random, tape) = recorded(seed);
        let beginning = Beginning {
            helpline: cast.id,
            ticket: id,
            established,
            role,
            seen: Seen::new(),
            extra,
        };
        let chat = Chat::new(beginning, &mut random, Millis(0));
        Side {
            chat,
            name,
            random,
            tape,
        }
    };
    let duty_x = DhSecret::from_bytes(&cast.duty_secrets.x.to_bytes());
    let mut both = Conversation {
        seeker: begin(End::Seeker, ours, 302, "seeker", proof.to_vec()),
        counselor: begin(
            End::Counselor(duty_x, source),
            theirs,
            303,
            "counselor",
            Vec::new(),
        ),
        cells: Vec::new(),
    };
    const HELLO: u8 = 1;
    const DATA: u8 = 2;
    const ACK: u8 = 3;
    const END: u8 = 4;
    const HEAL: u8 = 5;
    const HEALED: u8 = 6;
    const ASK_TRANSFER: u8 = 7;
    const ANSWER_TRANSFER: u8 = 8;
    const PACE: u8 = 9;
    both.pass(true, Millis(0), &[HELLO]);
    both.pass(false, Millis(0), &[HELLO]);
    let chain_0 = both.seeker.chat.chain().unwrap().clone();
    assert_eq!(both.counselor.chat.chain(), Some(&chain_0));

    let said = [
        ("seeker", "m1", "Bonjour, ça va ? السلام عليكم".to_owned()),
        ("counselor", "c1", "Je vous écoute. ".repeat(200)),
        ("seeker", "m2", "choukran 3la kolchi".to_owned()),
        ("counselor", "c2", "بالسلامة".to_owned()),
    ];
    let say = |chat: &mut Chat, number: usize, now| {
        let (_, id, text): &(&str, &str, String) = &said[number];
        chat.say((*id).to_owned(), Zeroizing::new(text.clone()), now)
            .unwrap();
    };
    say(&mut both.seeker.chat, 0, Millis(10));
    both.pass(true, Millis(10), &[DATA]);
    both.counselor.chat.handle_timeout(Millis(100));
    both.pass(false, Millis(100), &[ACK]);
    say(&mut both.counselor.chat, 1, Millis(200));
    both.pass(false, Millis(200), &[DATA, DATA]);

    let later = Millis(61_000);
    both.seeker.chat.heal(&mut both.seeker.random, later);
    both.pass(true, later, &[HEAL]);
    both.counselor.chat.heal(&mut both.counselor.random, later);
    both.pass(false, later, &[HEALED]);
    assert_eq!((both.seeker.chat.epoch(), both.counselor.chat.epoch()), (1, 1));
    let chain_1 = both.seeker.chat.chain().unwrap().clone();
    assert_eq!(both.counselor.chat.chain(), Some(&chain_1));
    say(&mut both.seeker.chat, 2, later);
    both.pass(true, later, &[DATA]);
    say(&mut both.counselor.chat, 3, later);
    both.pass(false, later, &[DATA]);
    let colleague = Colleague {
        serial: Serial([8, 7, 6, 5, 4, 3, 2, 1]),
        pseudonym: "Amal".parse().unwrap(),
    };
    both.counselor.chat.ask_transfer(&colleague, later);
    both.pass(false, later, &[ASK_TRANSFER]);
    both.seeker.chat.answer_transfer(false, later);
    both.pass(true, later, &[ANSWER_TRANSFER]);
    let pace = Pace {
        pause: false,
        no_details: true,
    };
    both.seeker.chat.set_pace(pace, later);
    both.pass(true, later, &[PACE]);
    both.seeker.chat.end(EndReason::Finished, later);
    let index = both.seeker.chat.poll_cell().unwrap();
    let last = both.seeker.chat.cell(index).unwrap().to_vec();
    both.cells
        .push(json!({ "from": "seeker", "index": index, "kind": END, "cell": hex(&last) }));
    both.counselor.chat.handle_cell(index, &last, later);
    let ended = core::iter::from_fn(|| both.counselor.chat.poll_event(later)).collect::<Vec<_>>();
    assert!(
        ended.contains(&ChatEvent::Ended(EndReason::Finished)),
        "{ended:?}"
    );

    let chat = json!({
        "source": hex(&source),
        "random_seeker": both.seeker.tape.hex(),
        "random_counselor": both.counselor.tape.hex(),
        "chain_0": hex(chain_0.as_slice()),
        "chain_1": hex(chain_1.as_slice()),
        "colleague": { "serial": hex(&colleague.serial.0), "pseudonym": colleague.pseudonym.as_str() },
        "pace": { "pause": pace.pause, "no_details": pace.no_details },
        "said": said.iter().map(|(from, id, text)| json!({ "from": from, "id": id, "text": text })).collect::<Vec<_>>(),
        "cells": both.cells,
    });
    vec![
        ("ticket", ticket),
        ("live", live),
        ("chat", chat),
        ("tokens", token_vectors(cast, &sealed.secret, attempt, &h_0)),
        ("mail", mail(cast, &h_0, phrases, &keys)),
    ]
}

fn token_vectors(
    cast: &Cast,
    secret: &Zeroizing<[u8; 32]>,
    attempt: u32,
    h_0: &Zeroizing<[u8; 32]>,
) -> Value {
    let home_x = cast.home_x.public();
    let channels = tokens::channels(&cast.id, h_0);
    let channel = ChannelTokens::derive(&cast.id, &channels, &home_x);
    let lane = |direction, start| Lane {
        put: tokens::hash(&channel.put(direction)),
        listen: tokens::hash(&channel.listen(direction)),
        start,
    };
    let opening = ChannelOpening {
        from_seeker: lane(Direction::FromSeeker, 0),
        from_counselor: lane(Direction::FromCounselor, 300),
    };
    json!({
        "answer_slot": hex(tokens::answer_slot(&cast.id, secret, attempt, &home_x).as_slice()),
        "channels": hex(channels.as_slice()),
        "put_from_seeker": hex(&channel.put(Direction::FromSeeker)),
        "put_from_counselor": hex(&channel.put(Direction::FromCounselor)),
        "listen_from_seeker": hex(&channel.listen(Direction::FromSeeker)),
        "listen_from_counselor": hex(&channel.listen(Direction::FromCounselor)),
        "hash_of_answer_slot": hex(&tokens::hash(&tokens::answer_slot(&cast.id, secret, attempt, &home_x))),
        "opening": { "from_counselor_start": 300, "encoded": hex(&postcard_encode(&opening)) },
    })
}
