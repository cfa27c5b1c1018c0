//! A phrase, the sealed message that is left with it, and the reply.

use std::time::Duration;

use hamsa_protocol::{
    crypto::{
        kem::KemSecret,
        keys::DhSecret,
        phrase::{Phrase, ReturnKeys, WordList, verify_proof},
        tokens,
    },
    objects::{Bytes, MailKeySecrets, postcard_encode},
    session::mail::{
        Card, DEPOSIT_LEN, MailBox, OnMail, REPLY_LEN, Replier, open_deposit, open_reply, seal_deposit,
        seal_reply,
    },
    wire::{DepositPosting, ReplyPosting},
};
use serde_json::{Value, json};

use super::{
    cast::{Cast, NOW},
    homes::long,
    tape::{hex, recorded},
};

pub(crate) fn phrases(cast: &Cast) -> (Vec<Value>, ReturnKeys) {
    let mut phrases = Vec::new();
    for (seed, name, list) in [
        (400, "french", WordList::French),
        (401, "english", WordList::English),
    ] {
        let (mut random, tape) = recorded(seed);
        let phrase = Phrase::generate(list, &mut random);
        phrases.push(json!({ "list": name, "random": tape.hex(), "words": *phrase.words() }));
    }
    let phrase = Phrase::parse(phrases[0]["words"].as_str().unwrap()).unwrap();
    (phrases, phrase.derive(&cast.root_key).unwrap())
}

pub(crate) fn mail(cast: &Cast, h_0: &[u8; 32], phrases: Vec<Value>, keys: &ReturnKeys) -> Value {
    let duty = cast.duty_secrets.x.public();
    let proof = keys.prove(&cast.id, &duty, h_0).unwrap();
    assert_eq!(
        verify_proof(&cast.id, &cast.duty_secrets.x, h_0, &proof),
        Some(keys.x.public())
    );

    let home = cast.home_x.public();
    let read = tokens::mail_read(&cast.id, &keys.mailbox, &home);
    let key = cast.mail_key();
    let (certificate, ek) = (cast.certificate(), cast.mail_secrets.kem.public());
    let on_mail = OnMail::verify(
        &cast.root_key,
        certificate.encoded(),
        key.encoded(),
        ek.as_bytes(),
        NOW,
    );
    let on_mail = on_mail.unwrap();
    let card = Card {
        language: "fr".parse().unwrap(),
        returning: true,
        number: 3,
        return_x: keys.x.public(),
        return_ek: Bytes(Box::new(*keys.kem.public().as_bytes())),
        boxes: vec![MailBox {
            home,
            read: read.hash(),
        }],
        text: "Je reviens. شكرا".into(),
    };
    let (mut random, deposit_tape) = recorded(402);
    let sealed = seal_deposit(&cast.id, &[&on_mail], &card, &mut random).unwrap();
    let write = tokens::mail_write(&cast.id, &sealed.secret, &home);
    let secrets = MailKeySecrets {
        x: DhSecret::from_bytes(&cast.mail_secrets.x.to_bytes()),
        kem: KemSecret::from_seed(cast.mail_secrets.kem.seed().clone()),
    };
    let own = [(key.clone(), secrets)];
    let opened = open_deposit(&cast.id, sealed.body.as_slice(), own.iter()).unwrap();
    assert_eq!((&opened.card, opened.id), (&card, sealed.id));

    let deposit_posting = DepositPosting {
        write: write.hash(),
        read: read.hash(),
        body: Bytes(sealed.body.clone()),
    };
    let deposit_posting = long(&postcard_encode(&deposit_posting), DEPOSIT_LEN);

    let replier = Replier {
        certificate: &certificate,
        key: &key,
        secrets: &cast.mail_secrets,
    };
    let (date, text) = (NOW + Duration::from_secs(86_400), "Vous avez bien fait d'écrire.");
    let (mut random, reply_tape) = recorded(403);
    let (x, kem) = (&card.return_x, keys.kem.public());
    let reply = seal_reply(&cast.id, sealed.id, x, &kem, &replier, text, date, &mut random).unwrap();
    let back = open_reply(&cast.root_key, keys, reply.as_slice()).unwrap();
    assert_eq!((back.text.as_str(), back.date), (text, date));
    let reply_posting = ReplyPosting {
        read: read.hash(),
        object: Bytes(reply.clone()),
    };
    let reply_posting = long(&postcard_encode(&reply_posting), REPLY_LEN);
    json!({
        "phrases": phrases,
        "return_keys": {
            "of": "the first phrase",
            "x": hex(keys.x.to_bytes().as_slice()),
            "kem_seed": hex(keys.kem.seed().as_slice()),
            "mailbox": hex(keys.mailbox.as_slice()),
        },
        "return_proof": { "h_0": hex(h_0), "proof": hex(&proof) },
        "tokens": { "read": hex(&read.0), "write": hex(&write.0) },
        "deposit": {
            "sealed_to": ["mail_key"],
            "card": { "language": "fr", "returning": true, "number": 3, "text": card.text },
            "random": deposit_tape.hex(),
            "secret": hex(sealed.secret.as_slice()),
            "body": hex(sealed.body.as_slice()),
            "id": hex(&sealed.id.0),
            "posting": deposit_posting,
        },
        "reply": { "text": text, "date": date.0, "random": reply_tape.hex(), "object": hex(reply.as_slice()), "posting": reply_posting },
    })
}
