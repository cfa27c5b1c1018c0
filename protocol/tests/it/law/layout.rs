//! Streams, kinds and layouts: what lies where in a record, and which parts a message is made of.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    code::{Kind, Object, ROSTER_ID_LEN, Record, chat, handshake, kem, mail, noise, objects, ticket, wire},
    page::{LAW, columns, sizes, table, thousands},
};

const STREAMS: &str = include_str!("../../../../net/src/protocols.rs");

#[test]
fn every_signed_object_has_the_published_size_and_validity() {
    fn row<T: Object>(life: Option<Duration>) -> (String, (String, String)) {
        let seconds = life.map_or_else(|| "–".to_owned(), |life| life.as_secs().to_string());
        (T::NAME.to_owned(), (T::MAX.to_string(), seconds))
    }
    let code: BTreeMap<_, _> = [
        row::<objects::Delegation>(Some(objects::DELEGATION_LIFE_MAX)),
        row::<objects::Certificate>(Some(objects::CERTIFICATE_LIFE_MAX)),
        row::<objects::Roster>(Some(objects::ROSTER_LIFE_MAX)),
        row::<objects::EntryList>(None),
        row::<objects::Lend>(Some(objects::LEND_LIFE_MAX)),
        row::<objects::Duty>(Some(objects::DUTY_LIFE_MAX)),
        row::<objects::Descriptor>(Some(objects::DESCRIPTOR_LIFE)),
        row::<objects::MailKey>(Some(objects::MAIL_KEY_LIFE_MAX)),
        row::<objects::CertificateRequest>(None),
    ]
    .into();
    let law: BTreeMap<_, _> = columns::<4>("## Signed objects", "Object | Signed by")
        .into_iter()
        .map(|[name, _, most, seconds]| (name, (most, seconds)))
        .collect();
    assert_eq!(law, code);
}

#[test]
fn every_kind_of_record_stands_in_the_law_and_no_other() {
    let mut bytes = Record::new(Kind::Describe).encode();
    let mut code = BTreeMap::new();
    for byte in 0..=u8::MAX {
        bytes[0] = byte;
        if let Ok(record) = Record::decode(&bytes) {
            code.insert(byte.to_string(), format!("{:?}", record.kind));
        }
    }
    let law: BTreeMap<_, _> = columns::<2>("## Records", "Kind")
        .into_iter()
        .map(|[number, name]| (number, name))
        .collect();
    assert_eq!(law, code);
}

#[test]
fn the_streams_are_those_of_the_network() {
    let names = |text: &'static str, quote: char| -> BTreeSet<&str> {
        let quoted = text.split(quote).skip(1).step_by(2);
        quoted.filter(|name| name.starts_with("/hamsa/")).collect()
    };
    let law: BTreeSet<String> = table("## Who talks to whom", "Stream")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    let code = names(STREAMS, '"');
    assert_eq!(law, code.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(names(LAW, '`'), code, "the names in the text");
}

#[test]
fn a_record_lies_as_the_table_says() {
    let record = Record {
        more: true,
        ..Record::new(Kind::Put)
            .request(0x0102_0304)
            .token([5; 32])
            .index(u64::MAX - 6)
            .ack(u64::MAX - 7)
            .body(vec![8; 0x0709])
    };
    let mut body = vec![8; 0x0709];
    body.resize(wire::BODY_LEN, 0);
    let code = [
        ("kind", vec![15]),
        ("flags", vec![1]),
        ("request", vec![1, 2, 3, 4]),
        ("token", vec![5; 32]),
        ("index", (u64::MAX - 6).to_be_bytes().to_vec()),
        ("ack", (u64::MAX - 7).to_be_bytes().to_vec()),
        ("length of the body", vec![7, 9]),
        ("zeros", vec![0; 8]),
        ("body", body),
    ];
    lies_as(&table("## Records", "Offset"), &record.encode(), &code);
}

/// Compares a table "offset, bytes, field" with bytes and the parts that they were made of.
pub(super) fn lies_as(law: &[Vec<String>], whole: &[u8], parts: &[(&str, Vec<u8>)]) {
    let bytes = parts.iter().flat_map(|(_, part)| part);
    assert!(bytes.eq(whole), "the bytes are their parts, one after the other");
    let mut offset = 0;
    let mut code = Vec::new();
    for (name, part) in parts {
        code.push([thousands(offset), thousands(part.len()), (*name).to_owned()]);
        offset += part.len();
    }
    let law = law.iter().map(|row| {
        let name = row[2].split([':', ',']).next().unwrap();
        [row[0].clone(), row[1].clone(), name.to_owned()]
    });
    assert_eq!(law.collect::<Vec<_>>(), code);
}

/// The tables of bytes add up, so that a slip in one row is noticed.
#[test]
fn sizes_that_are_sums_are_sums() {
    assert_eq!(
        ticket::WRAPS * ticket::WRAP_LEN + ticket::CARD_LEN + handshake::MESSAGE_1_LEN,
        ticket::TICKET_LEN
    );
    assert_eq!(wire::HEADER_LEN + wire::BODY_LEN + noise::TAG_LEN, wire::UNIT);
    let lends = 1 + objects::MAX_ENTRIES * (objects::Lend::MAX + 64 + 2);
    let head =
        objects::Roster::MAX + objects::Descriptor::MAX + objects::EntryList::MAX + 3 * (64 + 2) + lends;
    assert!(head <= objects::HEAD_MAX, "a head of {head} bytes");
    // Certificate and duty share one slot of a page.
    let slot = 2 + objects::Certificate::MAX + objects::Duty::MAX + 2 * (64 + 2);
    assert!(slot <= wire::BODY_LEN, "a slot of {slot} bytes");
    // So do certificate, mail key and its KEM key.
    let slot = 2 + objects::Certificate::MAX + objects::MailKey::MAX + 2 * (64 + 2) + kem::EK_LEN + 2;
    assert!(slot <= wire::BODY_LEN, "a slot of {slot} bytes");
    assert_eq!(
        ticket::WRAPS * ticket::WRAP_LEN + mail::DEPOSIT_CARD_LEN,
        mail::DEPOSIT_LEN
    );
}

#[test]
fn formulas_have_the_published_sizes() {
    let part = |heading: &str, name: &str| {
        let row = table(heading, "Bytes").into_iter().find(|row| row[1] == name);
        let row = row.unwrap_or_else(|| panic!("{name} below {heading}"));
        (row[0].clone(), sizes(&row[2]))
    };
    let wraps = (
        format!("{} × {}", ticket::WRAPS, thousands(ticket::WRAP_LEN)),
        vec![kem::CT_LEN, 32 + 32 + noise::TAG_LEN],
    );
    assert_eq!(sizes("ct (1,088) ‖ x (a) (80)"), wraps.1);
    let card = |length: usize| (thousands(length), vec![length - noise::TAG_LEN]);
    assert_eq!(part("## Ticket", "wraps"), wraps);
    assert_eq!(part("## Ticket", "card"), card(ticket::CARD_LEN));
    assert_eq!(
        part("## Ticket", "message 1").0,
        thousands(handshake::MESSAGE_1_LEN)
    );
    assert_eq!(part("### Deposit", "wraps"), wraps);
    assert_eq!(part("### Deposit", "card"), card(mail::DEPOSIT_CARD_LEN));
    let message = mail::REPLY_LEN - 32 - kem::CT_LEN;
    let inner = vec![32, 32 + noise::TAG_LEN, message - 32 - 32 - noise::TAG_LEN];
    assert_eq!(part("### Reply", "name").0, "32");
    assert_eq!(part("### Reply", "ct").0, thousands(kem::CT_LEN));
    assert_eq!(part("### Reply", "Noise_Xpsk0"), (thousands(message), inner));

    let messages = |heading| -> Vec<(String, Vec<usize>)> {
        let rows = table(heading, "Message").into_iter();
        rows.map(|row| (row[1].clone(), sizes(&row[2]))).collect()
    };
    let code = |messages: [(usize, Vec<usize>); 2]| {
        messages.map(|(length, parts)| {
            assert_eq!(parts.iter().sum::<usize>(), length);
            (thousands(length), parts)
        })
    };
    let static_key = 32 + noise::TAG_LEN;
    let live = [
        (handshake::MESSAGE_1_LEN, vec![32, kem::EK_LEN + noise::TAG_LEN]),
        (
            handshake::MESSAGE_2_LEN,
            vec![kem::CT_LEN, 32, static_key, 32 + ROSTER_ID_LEN + noise::TAG_LEN],
        ),
    ];
    assert_eq!(messages("## Live handshake"), code(live));
    let home = [
        (wire::UNIT, vec![32, wire::UNIT - 32]),
        (wire::UNIT, vec![32, static_key, wire::UNIT - 32 - static_key]),
    ];
    assert_eq!(messages("## Home link"), code(home));

    let ratchet = [
        (chat::HEAL_LEN, vec![32, kem::EK_LEN + 32 + noise::TAG_LEN]),
        (chat::HEALED_LEN, vec![kem::CT_LEN, 32, 32 + noise::TAG_LEN]),
    ];
    assert_eq!(messages("### Ratchet"), code(ratchet));
}
