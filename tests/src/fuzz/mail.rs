//! The phrase as people type it, and sealed messages that somebody changed.

use std::{sync::LazyLock, time::Duration};

use hamsa_protocol::{
    crypto::{
        keys::DhPublic,
        phrase::{PROOF_LEN, Phrase, RETURN_KEYS_LEN, ReturnKeys, WordList, verify_proof},
        tokens::TokenHash,
    },
    objects::{Bytes, MailKey, MailKeySecrets, Signed, postcard_encode},
    session::mail::{
        Card, DEPOSIT_LEN, DepositId, MailBox, OnMail, REPLY_LEN, Replier, open_deposit, open_reply,
        seal_deposit, seal_reply,
    },
};

use super::{
    helpline::{TODAY, helpline, seeded},
    input::Input,
};

/// A sealed message and its reply, the same in every run.
pub(super) struct Correspondence {
    own: [(Signed<MailKey>, MailKeySecrets); 1],
    pub(super) id: DepositId,
    pub(super) deposit: Box<[u8; DEPOSIT_LEN]>,
    pub(super) secret: [u8; 32],
    pub(super) reply: Box<[u8; REPLY_LEN]>,
    proof: [u8; PROOF_LEN],
}

pub(super) static CORRESPONDENCE: LazyLock<Correspondence> = LazyLock::new(|| {
    let known = helpline();
    let mut random = seeded(91);
    let secrets = MailKeySecrets::generate(&mut random);
    let key = secrets.mail_key(known.certificate.serial, TODAY, Duration::from_secs(1_000_000));
    let key = Signed::sign(key, &known.identity(), &known.id).expect("a mail key");
    let keys = return_keys();
    let on_mail = OnMail {
        certificate: known.certificate.clone(),
        key: key.clone(),
        kem: secrets.kem.public(),
    };
    let card = Card {
        language: "fr".parse().expect("a language"),
        returning: true,
        number: 1,
        return_x: keys.x.public(),
        return_ek: Bytes(Box::new(*keys.kem.public().as_bytes())),
        boxes: vec![MailBox {
            home: known.delegation.home_x,
            read: TokenHash([4; 32]),
        }],
        text: "bonjour".into(),
    };
    let sealed = seal_deposit(&known.id, &[&on_mail], &card, &mut random).expect("a deposit");
    let replier = Replier {
        certificate: &known.certificate,
        key: &key,
        secrets: &secrets,
    };
    let reply = seal_reply(
        &known.id,
        sealed.id,
        &keys.x.public(),
        &keys.kem.public(),
        &replier,
        "oui",
        TODAY,
        &mut random,
    );
    Correspondence {
        id: sealed.id,
        deposit: sealed.body,
        secret: *sealed.secret,
        reply: reply.expect("a reply"),
        own: [(key, secrets)],
        proof: keys.prove(&known.id, &known.duty.x, &[6; 32]).expect("a proof"),
    }
});

/// What some phrase became; the slow function is not what is fuzzed here.
fn return_keys() -> ReturnKeys {
    ReturnKeys::from_bytes(&core::array::from_fn::<u8, RETURN_KEYS_LEN, _>(|n| {
        u8::try_from(n).unwrap_or_default()
    }))
}

/// What a desk publishes.
pub(super) fn mail_key() -> Vec<u8> {
    let (key, secrets) = &CORRESPONDENCE.own[0];
    postcard_encode(&(key.encoded().to_vec(), secrets.kem.public().as_bytes().to_vec()))
}

/// The body of the mail key, as it is signed.
pub(super) fn mail_key_body() -> Vec<u8> {
    CORRESPONDENCE.own[0].0.encoded()[hamsa_protocol::crypto::keys::SIGNATURE_LEN..].to_vec()
}

/// Words as people type them, and words of a real phrase in disorder.
pub fn phrase(data: &[u8]) {
    if let Ok(text) = core::str::from_utf8(data) {
        check_phrase(text);
    }
    let mut input = Input::new(data);
    let list = if input.one_in(2) {
        WordList::French
    } else {
        WordList::English
    };
    let phrase = Phrase::generate(list, &mut seeded(u64::from(input.byte())));
    let whole = phrase.words();
    check_phrase(&whole);
    let mut words: Vec<String> = whole.split(' ').map(str::to_owned).collect();
    for _ in 0..input.below(4) {
        let (one, other) = (input.below(8), input.below(8));
        words.swap(one, other);
    }
    let separator = ["  ", "\n", ", ", " 1. ", "-"][input.below(5)];
    let mut typed = words.join(separator);
    if input.one_in(2) {
        typed = typed.to_uppercase();
    }
    if input.one_in(2) {
        typed = typed.replace(['é', 'É'], "e\u{301}").replace(['è', 'È'], "e");
    }
    let read = Phrase::parse(&typed);
    if words.join(" ") == *whole {
        assert_eq!(
            read.map(|phrase| phrase.words()),
            Ok(whole),
            "her own words, however typed"
        );
    }
}

fn check_phrase(text: &str) {
    match Phrase::parse(text) {
        Ok(phrase) => {
            let words = phrase.words();
            assert_eq!(words.split(' ').count(), 8);
            let again = Phrase::parse(&words).map(|phrase| phrase.words());
            assert_eq!(again, Ok(words), "words and numbers are the same thing");
        }
        Err(error) => {
            // It names positions, never words.
            let said = error.to_string();
            let told = text
                .split_whitespace()
                .any(|word| word.len() > 8 && said.contains(word));
            assert!(!told || text.is_ascii());
        }
    }
}

/// A deposit, a reply and a proof: whoever changes a byte of one makes it nothing.
pub fn mail(data: &[u8]) {
    let known = helpline();
    let letters = &*CORRESPONDENCE;
    let mut input = Input::new(data);
    match input.byte() % 5 {
        0 => {
            let mut body = letters.deposit.clone();
            let damaged = input.damage(body.as_mut_slice());
            let opened = open_deposit(&known.id, body.as_slice(), letters.own.iter());
            assert_eq!(opened.is_none(), damaged);
            if let Some(opened) = opened {
                assert_eq!((opened.id, *opened.secret), (letters.id, letters.secret));
            }
        }
        1 => {
            let mut object = letters.reply.clone();
            let damaged = input.damage(object.as_mut_slice());
            let opened = open_reply(&known.root_key, &return_keys(), object.as_slice());
            assert_eq!(opened.is_none(), damaged);
        }
        2 => {
            let mut proof = letters.proof;
            let damaged = input.damage(&mut proof);
            let read = verify_proof(&known.id, &known.secrets().x, &[6; 32], &proof);
            assert_eq!(read.is_none(), damaged);
            let other: [u8; 32] = input.array();
            let elsewhere = verify_proof(&known.id, &known.secrets().x, &other, &letters.proof);
            assert!(elsewhere.is_none() || other == [6; 32], "a proof is for one chat");
        }
        3 => {
            let rest = input.rest();
            assert!(open_deposit(&known.id, rest, letters.own.iter()).is_none());
            assert!(open_reply(&known.root_key, &return_keys(), rest).is_none());
            assert!(verify_proof(&known.id, &known.secrets().x, &[6; 32], rest).is_none());
        }
        _ => {
            // A return key that leads nowhere is refused before anything is sealed to it.
            let x = DhPublic(input.array());
            let proof = return_keys().prove(&known.id, &x, &[6; 32]);
            assert!(proof.is_some() || x != return_keys().x.public());
        }
    }
}
