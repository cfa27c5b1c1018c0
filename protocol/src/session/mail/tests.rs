use core::time::Duration;

use super::*;
use crate::{
    crypto::{
        kem::KemPublic,
        keys::{DhPublic, RootKey, SignKey},
        phrase::ReturnKeys,
        random::{self, Random},
        tokens::TokenHash,
    },
    objects::{Bytes, Certificate, CertifiedRole, MailKey, MailKeySecrets, Object, Serial, Signed},
    testing::seeded,
    time::Unix,
};

const NOW: Unix = Unix(1_800_000_000);

struct Desk {
    certificate: Signed<Certificate>,
    keys: (Signed<MailKey>, MailKeySecrets),
}

fn desk(root: &SignKey, number: u8, random: &mut Random) -> Desk {
    let helpline = RootKey(root.public()).helpline();
    let identity = SignKey::generate(random);
    let certificate = Certificate {
        serial: Serial([number; 8]),
        id_pk: identity.public().to_bytes(),
        pseudonym: "\u{10330}".repeat(48).parse().unwrap(),
        languages: (0..8).map(|n| format!("zgh-tf0{n}").parse().unwrap()).collect(),
        role: CertifiedRole::Supervisor,
        not_before: Unix(0),
        expires: NOW + Duration::from_secs(1),
    };
    let certificate = Certificate {
        not_before: Unix(NOW.0 - 100),
        ..certificate
    };
    let certificate = Signed::sign(certificate, root, &helpline).unwrap();
    let secrets = MailKeySecrets::generate(random);
    let key = secrets.mail_key(Serial([number; 8]), Unix(NOW.0 - 50), Duration::MAX);
    let key = Signed::sign(key, &identity, &helpline).unwrap();
    Desk {
        certificate,
        keys: (key, secrets),
    }
}

fn on_mail(root: &SignKey, desk: &Desk) -> OnMail {
    OnMail::verify(
        &RootKey(root.public()),
        desk.certificate.encoded(),
        desk.keys.0.encoded(),
        desk.keys.1.kem.public().as_bytes(),
        NOW,
    )
    .unwrap()
}

fn card(keys: &ReturnKeys, text: &str) -> Card {
    let mailbox = |n: u8| MailBox {
        home: DhPublic([n; 32]),
        read: TokenHash([n; 32]),
    };
    Card {
        language: "zgh-tfng".parse().unwrap(),
        returning: true,
        number: 1,
        return_x: keys.x.public(),
        return_ek: Bytes(Box::new(*keys.kem.public().as_bytes())),
        boxes: (0..8).map(mailbox).collect(),
        text: text.to_owned(),
    }
}

#[test]
fn a_deposit_opens_for_those_it_is_sealed_to_and_has_one_size() {
    let mut random = seeded(1);
    let root = SignKey::generate(&mut random);
    let helpline = RootKey(root.public()).helpline();
    let [nour, amal, other] = [1, 2, 3].map(|n| desk(&root, n, &mut random));
    let keys = ReturnKeys::from_bytes(&random::secret(&mut random));
    let (a, b) = (on_mail(&root, &nour), on_mail(&root, &amal));
    for text in ["", "salam", &"م".repeat(MAIL_TEXT_MAX / 2)] {
        let sealed = seal_deposit(&helpline, &[&a, &b], &card(&keys, text), &mut random).unwrap();
        assert_eq!(sealed.body.len(), DEPOSIT_LEN);
        for desk in [&nour, &amal] {
            let opened = open_deposit(&helpline, sealed.body.as_slice(), [&desk.keys].into_iter()).unwrap();
            assert_eq!((opened.id, &opened.secret), (sealed.id, &sealed.secret));
            assert_eq!(opened.card, card(&keys, text));
        }
        assert!(open_deposit(&helpline, sealed.body.as_slice(), [&other.keys].into_iter()).is_none());
        // A key that does not fit must not stop the search.
        let both = [&other.keys, &nour.keys].into_iter();
        assert!(open_deposit(&helpline, sealed.body.as_slice(), both).is_some());
    }
    let long = card(&keys, &"x".repeat(MAIL_TEXT_MAX + 1));
    let error = seal_deposit(&helpline, &[&a], &long, &mut random).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a sealed message holds at most 4096 bytes, this one has 4097"
    );
    assert_eq!(
        seal_deposit(&helpline, &[], &card(&keys, ""), &mut random).err(),
        Some(MailError::Keys(0))
    );
}

#[test]
fn a_changed_deposit_does_not_open() {
    let mut random = seeded(2);
    let root = SignKey::generate(&mut random);
    let helpline = RootKey(root.public()).helpline();
    let nour = desk(&root, 1, &mut random);
    let keys = ReturnKeys::from_bytes(&random::secret(&mut random));
    let to = on_mail(&root, &nour);
    let sealed = seal_deposit(&helpline, &[&to], &card(&keys, "salam"), &mut random).unwrap();
    for position in (0..DEPOSIT_LEN).step_by(577).chain([DEPOSIT_LEN - 1]) {
        let mut forged = sealed.body.to_vec();
        forged[position] ^= 1;
        let opened = open_deposit(&helpline, &forged, [&nour.keys].into_iter());
        assert!(opened.is_none(), "at {position}");
    }
    assert!(open_deposit(&helpline, &sealed.body[1..], [&nour.keys].into_iter()).is_none());
}

#[test]
fn mail_keys_of_others_or_of_another_time_are_none() {
    let mut random = seeded(3);
    let root = SignKey::generate(&mut random);
    let [nour, amal] = [1, 2].map(|n| desk(&root, n, &mut random));
    let verify = |certificate: &Signed<Certificate>, desk: &Desk, ek: &Desk, now| {
        OnMail::verify(
            &RootKey(root.public()),
            certificate.encoded(),
            desk.keys.0.encoded(),
            ek.keys.1.kem.public().as_bytes(),
            now,
        )
        .is_some()
    };
    assert!(verify(&nour.certificate, &nour, &nour, NOW));
    assert!(
        !verify(&amal.certificate, &nour, &nour, NOW),
        "signed by somebody else"
    );
    assert!(
        !verify(&nour.certificate, &nour, &amal, NOW),
        "another KEM key beside it"
    );
    assert!(!verify(
        &nour.certificate,
        &nour,
        &nour,
        NOW + Duration::from_secs(20 * 86_400)
    ));
    assert!(
        nour.keys.0.needed_at(NOW + Duration::from_secs(20 * 86_400)),
        "messages may still lie there"
    );
    assert!(!nour.keys.0.needed_at(NOW + Duration::from_secs(29 * 86_400)));
    let secrets = MailKeySecrets::generate(&mut random);
    let long = MailKey {
        expires: NOW + Duration::from_secs(15 * 86_400),
        ..secrets.mail_key(Serial([1; 8]), NOW, Duration::from_secs(1))
    };
    assert!(long.check().is_err());
}

#[test]
fn a_reply_is_read_by_the_phrase_alone_and_names_its_writer() {
    let mut random = seeded(4);
    let root = SignKey::generate(&mut random);
    let root_key = RootKey(root.public());
    let helpline = root_key.helpline();
    let [nour, amal] = [1, 2].map(|n| desk(&root, n, &mut random));
    let keys = ReturnKeys::from_bytes(&random::secret(&mut random));
    let stranger = ReturnKeys::from_bytes(&random::secret(&mut random));
    let deposit = DepositId([9; 32]);
    let seal = |certificate, desk: &Desk, text: &str, date, random: &mut Random| {
        let replier = Replier {
            certificate,
            key: &desk.keys.0,
            secrets: &desk.keys.1,
        };
        let kem = KemPublic::from_bytes(keys.kem.public().as_bytes()).unwrap();
        seal_reply(
            &helpline,
            deposit,
            &keys.x.public(),
            &kem,
            &replier,
            text,
            date,
            random,
        )
    };
    for text in ["", "marhba", &"م".repeat(REPLY_TEXT_MAX / 2)] {
        let object = seal(&nour.certificate, &nour, text, NOW, &mut random).unwrap();
        let opened = open_reply(&root_key, &keys, object.as_slice()).unwrap();
        assert_eq!((opened.deposit, opened.date), (deposit, NOW));
        assert_eq!(opened.text.as_str(), text);
        assert_eq!(opened.certificate, nour.certificate);
        assert!(open_reply(&root_key, &stranger, object.as_slice()).is_none());
        assert!(
            open_reply(
                &RootKey(SignKey::generate(&mut random).public()),
                &keys,
                object.as_slice()
            )
            .is_none()
        );
    }
    assert_eq!(
        seal(
            &nour.certificate,
            &nour,
            &"x".repeat(REPLY_TEXT_MAX + 1),
            NOW,
            &mut random
        )
        .err(),
        Some(MailError::TooLong {
            max: REPLY_TEXT_MAX,
            got: REPLY_TEXT_MAX + 1
        })
    );

    // A colleague's certificate, or a date at which nothing was valid, makes a reply invalid.
    for (certificate, date) in [
        (&amal.certificate, NOW),
        (&nour.certificate, NOW + Duration::from_secs(2)),
    ] {
        let object = seal(certificate, &nour, "", date, &mut random).unwrap();
        assert!(open_reply(&root_key, &keys, object.as_slice()).is_none());
    }
    let object = seal(&nour.certificate, &nour, "marhba", NOW, &mut random).unwrap();
    for position in [0, 31, 32, 1_119, 1_120, 1_160, 1_300, 2_000, REPLY_LEN - 1] {
        let mut forged = object.to_vec();
        forged[position] ^= 1;
        assert!(open_reply(&root_key, &keys, &forged).is_none(), "at {position}");
    }
}
