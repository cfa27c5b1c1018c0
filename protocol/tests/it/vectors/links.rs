//! The KEM, one record, and a link with a home.

use ed25519_dalek::{Signer, SigningKey};
use hamsa_protocol::{
    crypto::kem::{KemSecret, KemUse},
    session::home_link::{self, Dialing, login_message},
    wire::{Kind, Record},
};
use serde_json::{Map, Value, json};

use super::{
    cast::{Cast, NOW},
    tape::{hex, recorded},
};

pub(crate) fn kem() -> Value {
    let mut all = Map::new();
    let uses = [
        ("wrap", KemUse::Wrap),
        ("live", KemUse::Live),
        ("ratchet", KemUse::Ratchet),
        ("mail", KemUse::Mail),
    ];
    for (number, (name, purpose)) in (0_u64..).zip(uses) {
        let (mut random, tape) = recorded(100 + number);
        let secret = KemSecret::generate(&mut random);
        let (ct, psk) = secret.public().encapsulate(purpose, &mut random);
        assert_eq!(secret.decapsulate(purpose, &ct), psk);
        all.insert(
            name.into(),
            json!({ "random": tape.hex(), "ct": hex(ct.as_slice()), "psk": hex(psk.as_slice()) }),
        );
    }
    Value::Object(all)
}

pub(crate) fn record() -> Value {
    let record = Record {
        more: true,
        ..Record::new(Kind::Put)
            .request(0x0102_0304)
            .token([0xaa; 32])
            .index(5)
            .ack(6)
            .body(b"seven".to_vec())
    };
    json!({
        "kind": 15,
        "more": record.more,
        "request": record.request,
        "token": hex(&record.token),
        "index": record.index,
        "ack": record.ack,
        "body": hex(&record.body),
        "encoded": hex(&record.encode()),
    })
}

pub(crate) fn home_link(cast: &Cast) -> Value {
    let ((mut client, client_tape), (mut home, home_tape)) = (recorded(200), recorded(201));
    let (dialing, first) = Dialing::start(cast.root_key, Cast::peer(), &mut client).unwrap();
    let (mut at_home, second) =
        home_link::accept(&cast.id, &cast.home_x, &cast.delegation(), &first, &mut home).unwrap();
    let (mut at_client, delegation) = dialing.finish(&second, NOW).unwrap();
    assert_eq!(delegation, cast.delegation());
    assert_eq!(at_client.hash(), at_home.hash());
    let (asks, says) = (
        Record::new(Kind::Describe).request(1),
        Record::new(Kind::Beat).request(1).index(300),
    );
    let up = at_client.seal(&asks).unwrap();
    let down = at_home.seal(&says).unwrap();
    assert_eq!(at_home.open(&up), Ok(asks.clone()));
    assert_eq!(at_client.open(&down), Ok(says.clone()));
    let serial = cast.certificate().serial;
    let message = login_message(&cast.id, &cast.home_x.public(), &at_home.hash(), &serial.0);
    let signature = SigningKey::from_bytes(&cast.identity.to_bytes()).sign(&message);
    json!({
        "random_client": client_tape.hex(),
        "random_home": home_tape.hex(),
        "message_1": hex(&first),
        "message_2": hex(&second),
        "hash": hex(&at_client.hash()),
        "client_to_home": { "record": hex(&asks.encode()), "unit": hex(&up) },
        "home_to_client": { "record": hex(&says.encode()), "unit": hex(&down) },
        "login": { "message": hex(&message), "signature": hex(&signature.to_bytes()) },
    })
}
