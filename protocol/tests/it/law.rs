//! The tables of docs/protocol.md against the constants. Each comparison goes both ways, so that a number that
//! was added or removed on one side only is noticed too.

use std::collections::BTreeMap;

use hamsa_protocol::{
    PROTOCOL, chat, counselor, fingerprint, home, kem, live, mail, noise,
    objects::{self, Object, address},
    phrase, seeker, ticket,
    wire::{self, Kind, Record},
};

const LAW: &str = include_str!("../../../docs/protocol.md");

/// First and second cell (without code marks) of every row below `heading`, up to the next heading.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let (_, section) = LAW
        .split_once(&format!("\n## {heading}\n"))
        .expect("the heading is there");
    let section = section.split("\n## ").next().unwrap();
    section
        .lines()
        .filter(|line| line.starts_with('|') && !line.starts_with("|---"))
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells
                .map(|cell| cell.trim().trim_matches('`').to_owned())
                .collect()
        })
        .collect()
}

#[test]
fn the_numbers_are_those_of_the_code() {
    let code: BTreeMap<&str, String> = [
        ("protocol", PROTOCOL.to_owned()),
        ("unit, bytes", wire::UNIT.to_string()),
        ("record, bytes", wire::RECORD_LEN.to_string()),
        ("header, bytes", wire::HEADER_LEN.to_string()),
        ("body, bytes", wire::BODY_LEN.to_string()),
        ("tag, bytes", noise::TAG_LEN.to_string()),
        ("ML-KEM key, bytes", kem::EK_LEN.to_string()),
        ("ML-KEM ciphertext, bytes", kem::CT_LEN.to_string()),
        ("wraps in a ticket", ticket::WRAPS.to_string()),
        ("wrap, bytes", ticket::WRAP_LEN.to_string()),
        ("card, bytes", ticket::CARD_LEN.to_string()),
        ("ticket body, bytes", ticket::BODY_LEN.to_string()),
        ("first words, bytes", ticket::INTAKE_MAX.to_string()),
        ("live message 1, bytes", live::MESSAGE_1_LEN.to_string()),
        ("live message 2, bytes", live::MESSAGE_2_LEN.to_string()),
        ("cell, bytes", chat::CELL_LEN.to_string()),
        ("cell in clear, bytes", chat::PLAIN_LEN.to_string()),
        ("cell body, bytes", chat::CELL_BODY_MAX.to_string()),
        ("message, bytes", chat::MESSAGE_MAX.to_string()),
        ("message id, bytes", chat::MESSAGE_ID_MAX.to_string()),
        ("cells in flight", chat::WINDOW.to_string()),
        ("data cells in flight", chat::DATA_WINDOW.to_string()),
        ("messages that wait", chat::QUEUE_MAX.to_string()),
        ("cell heartbeat, ms", chat::CELL_HEARTBEAT_MS.to_string()),
        ("heal, bytes", chat::HEAL_LEN.to_string()),
        ("healed, bytes", chat::HEALED_LEN.to_string()),
        ("heal after, ms", chat::HEAL_AFTER_MS.to_string()),
        ("heal after, cells with data", chat::HEAL_AFTER_CELLS.to_string()),
        ("heal asked again after, ms", chat::HEAL_AGAIN_MS.to_string()),
        ("heal questions of an epoch", chat::HEAL_ASKS_MAX.to_string()),
        ("heal given up after, ms", chat::HEAL_GIVE_UP_MS.to_string()),
        (
            "heal given up unheard after, ms",
            chat::HEAL_UNHEARD_MS.to_string(),
        ),
        ("no more data after, ms", chat::BLOCK_AFTER_MS.to_string()),
        (
            "no more data after, own cells",
            chat::BLOCK_AFTER_CELLS.to_string(),
        ),
        ("claim, ms", home::CLAIM_MS.to_string()),
        ("answer, ms", home::ANSWER_MS.to_string()),
        ("ticket without a link, ms", home::TICKET_ALONE_MS.to_string()),
        ("duty without a link, ms", home::DUTY_ALONE_MS.to_string()),
        ("silent link, ms", home::LINK_SILENT_MS.to_string()),
        (
            "channel without a listener, ms",
            home::CHANNEL_IDLE_MS.to_string(),
        ),
        ("counselor silent, ms", seeker::COUNSELOR_SILENT_MS.to_string()),
        ("widening, ms", seeker::WIDEN_MS.to_string()),
        ("clock leeway, s", objects::CLOCK_LEEWAY_SECONDS.to_string()),
        (
            "roster, usual validity, s",
            objects::ROSTER_DEFAULT_SECONDS.to_string(),
        ),
        ("tickets at a home", home::MAX_TICKETS.to_string()),
        ("tickets of a link", home::MAX_TICKETS_PER_LINK.to_string()),
        ("channels at a home", home::MAX_CHANNELS.to_string()),
        ("channels of a link", home::MAX_CHANNELS_PER_LINK.to_string()),
        ("cells at a home", home::MAX_CELLS.to_string()),
        ("cells of a direction", home::RING.to_string()),
        ("duties at a home", objects::MAX_DUTIES.to_string()),
        ("duties on a page", home::DUTIES_PER_PAGE.to_string()),
        ("head, bytes", objects::HEAD_MAX.to_string()),
        ("settings, bytes", objects::SETTINGS_MAX.to_string()),
        ("text of the settings, bytes", objects::TEXT_MAX.to_string()),
        ("label, bytes", objects::LABEL_MAX.to_string()),
        ("languages", objects::LANGUAGES_MAX.to_string()),
        ("routes in an address", address::ROUTES_MAX.to_string()),
        ("entries in a descriptor", objects::MAX_ENTRIES.to_string()),
        (
            "words of a fingerprint",
            fingerprint::FINGERPRINT_WORDS.to_string(),
        ),
        ("words of a phrase", phrase::PHRASE_WORDS.to_string()),
        ("memory of a phrase, KiB", phrase::PHRASE_MEMORY_KIB.to_string()),
        ("passes of a phrase", phrase::PHRASE_PASSES.to_string()),
        ("keys of a phrase, bytes", phrase::RETURN_KEYS_LEN.to_string()),
        ("proof of return, bytes", phrase::PROOF_LEN.to_string()),
        ("deposit, bytes", mail::DEPOSIT_LEN.to_string()),
        ("deposit's card, bytes", mail::DEPOSIT_CARD_LEN.to_string()),
        ("words of a deposit, bytes", mail::MAIL_TEXT_MAX.to_string()),
        ("boxes in a card", mail::MAIL_BOXES_MAX.to_string()),
        ("reply, bytes", mail::REPLY_LEN.to_string()),
        ("words of a reply, bytes", mail::REPLY_TEXT_MAX.to_string()),
        ("days of mail", mail::MAIL_DAYS.to_string()),
        ("copies of mail", seeker::MAIL_COPIES.to_string()),
        (
            "patience for a second copy, ms",
            seeker::COPIES_PATIENCE_MS.to_string(),
        ),
        (
            "secrets of a mail key after it, s",
            objects::MAIL_SECRETS_SECONDS.to_string(),
        ),
        ("mail keys in a vault", counselor::MAIL_KEYS_MAX.to_string()),
        ("mail keys at a home", home::MAX_MAIL_KEYS.to_string()),
        ("mail keys on a page", home::MAIL_KEYS_PER_PAGE.to_string()),
        ("names in a record", home::MAIL_NAMES.to_string()),
        ("deposits of a day", home::MAX_DEPOSITS_PER_DAY.to_string()),
        ("deposits of a link", home::MAX_DEPOSITS_PER_LINK.to_string()),
        ("replies of a day", home::MAX_REPLIES_PER_DAY.to_string()),
        ("replies of a box", home::MAX_REPLIES_PER_BOX.to_string()),
        ("reads of a link", home::MAX_READS_PER_LINK.to_string()),
        ("mail claim, ms", home::MAIL_CLAIM_MS.to_string()),
    ]
    .into();
    let rows = rows("Numbers");
    let law: BTreeMap<&str, String> = rows
        .iter()
        .skip(1)
        .map(|row| (row[0].as_str(), row[1].clone()))
        .collect();
    assert_eq!(law, code);
    assert_eq!(law.len(), rows.len() - 1, "no name stands twice");
}

#[test]
fn every_signed_object_has_the_published_size_and_validity() {
    fn row<T: Object>(seconds: Option<u64>) -> (String, (String, String)) {
        let seconds = seconds.map_or_else(|| "–".to_owned(), |seconds| seconds.to_string());
        (T::NAME.to_owned(), (T::MAX.to_string(), seconds))
    }
    let code: BTreeMap<_, _> = [
        row::<objects::Delegation>(Some(objects::DELEGATION_MAX_SECONDS)),
        row::<objects::Certificate>(Some(objects::CERTIFICATE_MAX_SECONDS)),
        row::<objects::Roster>(Some(objects::ROSTER_MAX_SECONDS)),
        row::<objects::Duty>(Some(objects::DUTY_MAX_SECONDS)),
        row::<objects::Descriptor>(Some(objects::DESCRIPTOR_MAX_SECONDS)),
        row::<objects::MailKey>(Some(objects::MAIL_KEY_MAX_SECONDS)),
        row::<objects::CertificateRequest>(None),
    ]
    .into();
    // The first table has four columns, the second (fields) has two.
    let law: BTreeMap<_, _> = rows("Signed objects")
        .into_iter()
        .filter(|row| row.len() == 4 && row[0] != "Object")
        .map(|row| (row[0].clone(), (row[2].clone(), row[3].clone())))
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
    let law: BTreeMap<_, _> = rows("Records")
        .into_iter()
        .filter(|row| row.len() == 4 && row[0] != "Kind")
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    assert_eq!(law, code);
}

#[test]
fn reasons_stand_in_the_order_of_their_codes() {
    let (_, list) = LAW
        .split_once("Reasons (postcard, in order from 0): ")
        .expect("the list is there");
    let law: Vec<&str> = list
        .lines()
        .next()
        .unwrap()
        .trim_end_matches('.')
        .split(", ")
        .collect();
    let refusal = |code: u8| wire::postcard_decode::<wire::Refusal>(&[code]);
    let code: Vec<&str> = (0..=u8::MAX)
        .map_while(refusal)
        .map(wire::Refusal::name)
        .collect();
    assert_eq!(law, code);
}

/// The tables of bytes add up: a slip in one row shows.
#[test]
fn sizes_that_are_sums_are_sums() {
    assert_eq!(
        ticket::WRAPS * ticket::WRAP_LEN + ticket::CARD_LEN + live::MESSAGE_1_LEN,
        ticket::BODY_LEN
    );
    assert_eq!(wire::HEADER_LEN + wire::BODY_LEN + noise::TAG_LEN, wire::UNIT);
    let head = objects::Roster::MAX + objects::Descriptor::MAX + 2 * (64 + 2);
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
    // Two hashes and a length beside it: eight records.
    assert_eq!((mail::DEPOSIT_LEN + 2 * 32 + 2).div_ceil(wire::BODY_LEN), 8);
    assert_eq!((mail::REPLY_LEN + 32 + 2).div_ceil(wire::BODY_LEN), 3);
}
