//! A ticket, the chat it becomes, its ratchet, and the tokens of both.

use hamsa_protocol::{
    crypto::{
        puzzle::{Priced, Puzzle, SEED_LEN, Search, Seed, Step},
        tokens::{self, ChannelTokens, Direction},
    },
    objects::{Bytes, Serial, postcard_encode},
    session::{
        chat::{Chat, ChatEvent, Colleague, EndReason, Pace, Status},
        handshake::{self, lost_message},
        ticket::{self, UrgencyPayment},
    },
    time::Tick,
    wire::{ChannelOpening, Lane, Posting, Receipt, Terms},
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    cast::Cast,
    chats::{
        self, ACK, ANSWER_TRANSFER, ASK_TRANSFER, Conversation, DATA, END, HEAL, HEALED, HELLO, PACE, TICKET,
    },
    homes::long,
    lost::{SPEAKING, lost},
    mail::{mail, phrases},
    tape::{hex, recorded},
};

pub(crate) fn conversation(cast: &Cast, receipt: Receipt) -> Vec<(&'static str, Value)> {
    let id = TICKET;
    let attempt = 2;
    let duty = cast.duty();
    let intake = Cast::intake();
    let (mut random, ticket_tape) = recorded(300);
    let seeds = vec![Seed([0x5e; SEED_LEN]), Seed([0x5f; SEED_LEN])];
    let step = Step::FREE.up().up();
    let puzzle = Puzzle::urgent(&cast.id, &id.0, &seeds);
    let nonce = Search::new(puzzle, step).run(u32::MAX).unwrap();
    let payment = UrgencyPayment { seeds, nonce };
    let card = (&intake, &payment);
    let sealed = ticket::seal(&cast.id, id, attempt, &[&duty], card, &mut random).unwrap();
    let opened = ticket::open(&cast.id, id, attempt, &sealed.body, &duty, &cast.duty_secrets).unwrap();
    assert_eq!(opened.intake, intake);
    assert!(opened.urgency.covers(Some(&Terms {
        priced: Priced::Ticket,
        step,
        seed: payment.seeds[1],
    })));
    let home_x = cast.home_x.public();
    let posting = Posting {
        ticket: id,
        attempt,
        slot: tokens::answer_slot(&cast.id, &sealed.secret, attempt, &home_x).hash(),
        receipt: Some(receipt),
        body: Bytes(sealed.body.clone()),
    };
    let posting = long(&postcard_encode(&posting), ticket::TICKET_LEN);
    let ticket = json!({
        "ticket": hex(&id.0),
        "attempt": attempt,
        "sealed_to": ["duty"],
        "intake": { "language": intake.language.as_str(), "urgent": intake.urgent },
        "urgency": {
            "seeds": payment.seeds.iter().map(|seed| hex(&seed.0)).collect::<Vec<_>>(),
            "step": u8::from(step),
            "nonce": nonce,
        },
        "random": ticket_tape.hex(),
        "secret": hex(sealed.secret.as_slice()),
        "body": hex(sealed.body.as_slice()),
        "posting_with_receipt": posting,
    });

    let (mut random, live_tape) = recorded(301);
    let roster = cast.roster().id();
    let (message_2, theirs) = opened
        .answer(&duty, &cast.duty_secrets, roster, &mut random)
        .unwrap();
    let ours = sealed.waiting.finish(&message_2).unwrap();
    let h_0 = ours.handshake_hash.clone();
    assert_eq!(h_0, theirs.handshake_hash);
    let live = json!({
        "roster": hex(&roster.to_bytes()),
        "random": live_tape.hex(),
        "psk0": hex(handshake::psk0(&cast.id, &sealed.secret).as_slice()),
        "message_2": hex(&message_2),
        "h_0": hex(h_0.as_slice()),
        "lost_message": hex(&lost_message(&cast.id, &id, attempt, &SPEAKING)),
        "lost": lost(cast, id, attempt),
    });

    let (phrases, keys) = phrases(cast);
    let proof = keys.prove(&cast.id, &cast.duty_secrets.x.public(), &h_0).unwrap();
    let mut both = Conversation::begin(cast, (ours, theirs), &proof, [302, 303]);
    both.pass(true, Tick(0), &[HELLO]);
    both.pass(false, Tick(0), &[HELLO]);
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
    say(&mut both.seeker.chat, 0, Tick(10));
    // The counselor's screen is locked: the machine has the words, and they are shown later.
    both.counselor.set_status(Status::Locked);
    both.unread = true;
    both.pass(true, Tick(10), &[DATA]);
    both.counselor.chat.handle_timeout(Tick(100));
    both.pass(false, Tick(100), &[ACK]);
    both.unread = false;
    both.counselor.set_status(Status::Here);
    both.counselor.looks(Tick(150));
    say(&mut both.counselor.chat, 1, Tick(200));
    both.pass(false, Tick(200), &[DATA, DATA]);

    let later = Tick(61_000);
    both.seeker.chat.ratchet(&mut both.seeker.random, later);
    both.pass(true, later, &[HEAL]);
    both.counselor.chat.ratchet(&mut both.counselor.random, later);
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
    let ended = both.pass(true, later, &[END]);
    assert_eq!(ended, [ChatEvent::Ended(EndReason::Finished)]);

    let chat = json!({
        "source": hex(&SPEAKING),
        "random_seeker": both.seeker.tape.hex(),
        "random_counselor": both.counselor.tape.hex(),
        "chain_0": hex(chain_0.as_slice()),
        "chain_1": hex(chain_1.as_slice()),
        "colleague": { "serial": hex(&colleague.serial.0), "pseudonym": colleague.pseudonym.as_str() },
        "pace": { "pause": pace.pause, "no_details": pace.no_details },
        "said": said.iter().map(|(from, id, text)| json!({ "from": from, "id": id, "text": text })).collect::<Vec<_>>(),
        "cells": both.cells,
    });
    let again = || {
        let (mut random, _) = recorded(301);
        let answer = opened.answer(&duty, &cast.duty_secrets, roster, &mut random);
        let (again, theirs) = answer.unwrap();
        assert_eq!(again, message_2, "the same handshake");
        (sealed.waiting.finish(&message_2).unwrap(), theirs)
    };
    vec![
        ("ticket", ticket),
        ("live", live),
        ("chat", chat),
        ("chats", chats::short(cast, again)),
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
        put: channel.put(direction).hash(),
        listen: channel.listen(direction).hash(),
        start,
    };
    let opening = ChannelOpening {
        from_seeker: lane(Direction::FromSeeker, 0),
        from_counselor: lane(Direction::FromCounselor, 300),
    };
    json!({
        "answer_slot": hex(tokens::answer_slot(&cast.id, secret, attempt, &home_x).0.as_slice()),
        "channels": hex(channels.as_slice()),
        "put_from_seeker": hex(&channel.put(Direction::FromSeeker).0),
        "put_from_counselor": hex(&channel.put(Direction::FromCounselor).0),
        "listen_from_seeker": hex(&channel.listen(Direction::FromSeeker).0),
        "listen_from_counselor": hex(&channel.listen(Direction::FromCounselor).0),
        "hash_of_answer_slot": hex(&tokens::answer_slot(&cast.id, secret, attempt, &home_x).hash().0),
        "opening": { "from_counselor_start": 300, "encoded": hex(&postcard_encode(&opening)) },
    })
}
