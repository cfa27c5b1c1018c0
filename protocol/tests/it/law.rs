//! The tables of docs/protocol.md against the constants. Each comparison goes both ways, so that a number that
//! was added or removed on one side only is noticed too.

use std::collections::{BTreeMap, BTreeSet};

use hamsa_protocol::{
    PROTOCOL, chat, counselor, fingerprint, home, kem, live, mail, noise,
    objects::{self, Object, address},
    phrase, seeker, ticket, time,
    wire::{self, Kind, Record},
};

use crate::source::Source;

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

/// Rows and the constants that tests can see; `code` takes the last part of a path for the constant's name.
macro_rules! seen {
    ($($row:literal => $($part:ident)::+,)*) => {
        vec![$(($row, stringify!($($part)::+), ($($part)::+).to_string())),*]
    };
}

fn numbers_in_sight() -> Vec<(&'static str, &'static str, String)> {
    seen! {
        // Sizes
        "protocol" => PROTOCOL,
        "unit, bytes" => wire::UNIT,
        "record, bytes" => wire::RECORD_LEN,
        "header, bytes" => wire::HEADER_LEN,
        "body, bytes" => wire::BODY_LEN,
        "tag, bytes" => noise::TAG_LEN,
        "ML-KEM key, bytes" => kem::EK_LEN,
        "ML-KEM ciphertext, bytes" => kem::CT_LEN,
        "wraps in a ticket" => ticket::WRAPS,
        "wrap, bytes" => ticket::WRAP_LEN,
        "card, bytes" => ticket::CARD_LEN,
        "ticket body, bytes" => ticket::BODY_LEN,
        "first words, bytes" => ticket::INTAKE_MAX,
        "live message 1, bytes" => live::MESSAGE_1_LEN,
        "live message 2, bytes" => live::MESSAGE_2_LEN,
        "cell, bytes" => chat::CELL_LEN,
        "cell in clear, bytes" => chat::PLAIN_LEN,
        "cell body, bytes" => chat::CELL_BODY_MAX,
        "message, bytes" => chat::MESSAGE_MAX,
        "message id, bytes" => chat::MESSAGE_ID_MAX,
        "proof of return, bytes" => phrase::PROOF_LEN,
        "heal, bytes" => chat::HEAL_LEN,
        "healed, bytes" => chat::HEALED_LEN,
        "deposit, bytes" => mail::DEPOSIT_LEN,
        "deposit's card, bytes" => mail::DEPOSIT_CARD_LEN,
        "words of a deposit, bytes" => mail::MAIL_TEXT_MAX,
        "boxes in a card" => mail::MAIL_BOXES_MAX,
        "reply, bytes" => mail::REPLY_LEN,
        "words of a reply, bytes" => mail::REPLY_TEXT_MAX,
        // What an association says
        "certificates in a roster" => objects::MAX_CERTIFICATES,
        "delegations in a roster" => objects::MAX_DELEGATIONS,
        "revoked serials in a roster" => objects::MAX_REVOKED,
        "head, bytes" => objects::HEAD_MAX,
        "entries in a descriptor" => objects::MAX_ENTRIES,
        "routes in an address" => address::ROUTES_MAX,
        "label, bytes" => objects::LABEL_MAX,
        "languages" => objects::LANGUAGES_MAX,
        "settings, bytes" => objects::SETTINGS_MAX,
        "text of the settings, bytes" => objects::TEXT_MAX,
        "chats at once, at most" => objects::CHATS_MAX,
        "words of a fingerprint" => fingerprint::FINGERPRINT_WORDS,
        "words of a phrase" => phrase::PHRASE_WORDS,
        "memory of a phrase, KiB" => phrase::PHRASE_MEMORY_KIB,
        "passes of a phrase" => phrase::PHRASE_PASSES,
        "keys of a phrase, bytes" => phrase::RETURN_KEYS_LEN,
        // Days and clocks
        "clock leeway, s" => objects::CLOCK_LEEWAY_SECONDS,
        "jump of a clock, s" => time::CLOCK_JUMP_SECONDS,
        "roster, usual validity, s" => objects::ROSTER_DEFAULT_SECONDS,
        "shift, s" => counselor::SHIFT_SECONDS,
        "secrets of a mail key after it, s" => objects::MAIL_SECRETS_SECONDS,
        "days of mail" => mail::MAIL_DAYS,
        // Links
        "silent link, ms" => home::LINK_SILENT_MS,
        // Chats
        "cells in flight" => chat::WINDOW,
        "data cells in flight" => chat::DATA_WINDOW,
        "messages that wait" => chat::QUEUE_MAX,
        "cell heartbeat, ms" => chat::CELL_HEARTBEAT_MS,
        "heal after, ms" => chat::HEAL_AFTER_MS,
        "heal after, cells with data" => chat::HEAL_AFTER_CELLS,
        "heal asked again after, ms" => chat::HEAL_AGAIN_MS,
        "heal questions of an epoch" => chat::HEAL_ASKS_MAX,
        "heal given up after, ms" => chat::HEAL_GIVE_UP_MS,
        "heal given up unheard after, ms" => chat::HEAL_UNHEARD_MS,
        "no more data after, ms" => chat::BLOCK_AFTER_MS,
        "no more data after, own cells" => chat::BLOCK_AFTER_CELLS,
        "last cells, ms" => seeker::LINGER_MS,
        // A seeker
        "counselor silent, ms" => seeker::COUNSELOR_SILENT_MS,
        "widening, ms" => seeker::WIDEN_MS,
        "copies of mail" => seeker::MAIL_COPIES,
        "patience for a second copy, ms" => seeker::COPIES_PATIENCE_MS,
        // A counselor
        "first cell of the seeker, ms" => counselor::HELLO_MS,
        "seeker silent, ms" => counselor::SEEKER_SILENT_MS,
        "seeker silent beside a newer attempt, ms" => counselor::REOPENED_MS,
        "mail keys in a vault" => counselor::MAIL_KEYS_MAX,
        // Limits of a home
        "claim, ms" => home::CLAIM_MS,
        "answer, ms" => home::ANSWER_MS,
        "ticket without a link, ms" => home::TICKET_ALONE_MS,
        "duty without a link, ms" => home::DUTY_ALONE_MS,
        "channel without a listener, ms" => home::CHANNEL_IDLE_MS,
        "tickets at a home" => home::MAX_TICKETS,
        "tickets of a link" => home::MAX_TICKETS_PER_LINK,
        "channels at a home" => home::MAX_CHANNELS,
        "channels of a link" => home::MAX_CHANNELS_PER_LINK,
        "cells at a home" => home::MAX_CELLS,
        "cells of a direction" => home::RING,
        "duties at a home" => objects::MAX_DUTIES,
        "duties on a page" => home::DUTIES_PER_PAGE,
        "mail keys at a home" => home::MAX_MAIL_KEYS,
        "mail keys on a page" => home::MAIL_KEYS_PER_PAGE,
        "names in a record" => home::MAIL_NAMES,
        "deposits of a day" => home::MAX_DEPOSITS_PER_DAY,
        "deposits of a link" => home::MAX_DEPOSITS_PER_LINK,
        "replies of a day" => home::MAX_REPLIES_PER_DAY,
        "replies of a box" => home::MAX_REPLIES_PER_BOX,
        "reads of a link" => home::MAX_READS_PER_LINK,
        "mail claim, ms" => home::MAIL_CLAIM_MS,
        "surveys of a link" => home::MAX_SURVEYS_PER_LINK,
        "months of a survey" => home::SURVEY_MONTHS_MAX,
        "small sum of a survey" => home::SMALL_SUM,
    }
}

/// Rows and the constants that only the machines see: they are read from the source.
const NUMBERS_WITHIN: &[(&str, &str)] = &[
    // Sizes
    ("object, bytes", "OBJECT_MAX"),
    ("hello, bytes", "HELLO_MAX"),
    // What an association says
    ("address of an entry, bytes", "ENTRY_ADDRESS_MAX"),
    ("languages of the settings", "TEXT_LANGUAGES_MAX"),
    // Days and clocks
    ("descriptor renewed after, s", "DESCRIPTOR_RENEW_SECONDS"),
    ("shift taken up again with, s", "SHIFT_LEFT_SECONDS"),
    ("mail key renewed with less than, s", "MAIL_KEY_LEFT_SECONDS"),
    // Links
    ("link heartbeat, ms", "HEARTBEAT_MS"),
    ("link slow, ms", "SLOW_MS"),
    ("link dead, ms", "DEAD_MS"),
    ("offline, ms", "OFFLINE_MS"),
    ("head asked again after, ms", "ASK_AGAIN_MS"),
    ("proof of a home, ms", "HANDSHAKE"),
    ("pause before a link is made again, ms", "PAUSE_MIN_MS"),
    ("pause at most, ms", "PAUSE_MAX_MS"),
    ("objects in pieces of a link", "IN_PIECES_MAX"),
    // Chats
    ("acknowledgement waits, ms", "ACK_DELAY_MS"),
    ("acknowledgement from the reserve, ms", "RESERVE_PAUSE_MS"),
    ("cell overdue, ms", "OVERDUE_MIN_MS"),
    ("cell overdue, round trips", "OVERDUE_ROUND_TRIPS"),
    ("first round trip, ms", "ROUND_TRIP_FIRST_MS"),
    ("pause after full or gone, ms", "PAUSE_MS"),
    ("home told after, cells", "ACK_EVERY"),
    ("home told after, ms", "ACK_AFTER_MS"),
    // A seeker
    ("ticket sealed again after, ms", "RESEAL_PAUSE_MS"),
    ("ticket posted again after, ms", "POST_AGAIN_MS"),
    ("closed after, ms", "CLOSED_PATIENCE_MS"),
    ("homes waited for with mail, ms", "HOMES_PATIENCE_MS"),
    ("mail asked again after, ms", "AGAIN_MS"),
    ("pages of mail keys", "PAGES_MAX"),
    // A counselor
    ("claim given up after, ms", "TAKE_MS"),
    ("duty asked for again after, ms", "DUTY_AGAIN_MS"),
    ("off duty after, ms", "OFF_DUTY_MS"),
    ("another home waited for, ms", "ANOTHER_HOME_MS"),
    (
        "a roster waited for that says what homes say, ms",
        "ROSTER_FOLLOWS_MS",
    ),
    ("tickets on the desk, of a home", "WAITING_MAX"),
    ("chats of an earlier run that a home may name", "YOURS_MAX"),
    ("mail claim answered, ms", "CLAIM_PATIENCE_MS"),
    ("mail fetched elsewhere after, ms", "FETCH_PATIENCE_MS"),
    ("mail fetched again after, ms", "FETCH_AGAIN_MS"),
    ("reply without a box, ms", "NOWHERE_MS"),
    // Limits of a home
    ("limits looked at, ms", "SWEEP_MS"),
    ("cells of a link's channels", "MAX_CELLS_PER_LINK"),
];

/// Constants that are no limit and no timer of the protocol: parts of a form that stands on the page as a whole, or as
/// a row of another table.
const NO_NUMBERS: &[&str] = &[
    // Parts of a form.
    "KEY_LEN",
    "SIGNATURE_LEN",
    "SEED_LEN",
    "MORE",
    "HEAD_LEN",
    "FIRST",
    "LAST",
    "PAUSE",
    "NO_DETAILS",
    "CHECKSUM_LEN",
    "BITS_LEN",
    "WORD_BITS",
    "INTAKE_LEN",
    "CARD_PLAIN_LEN",
    "PAYLOAD_LEN",
    "PAYLOAD_1_LEN",
    "PAYLOAD_2_LEN",
    // Rows of "Signed objects".
    "MAX",
    "DELEGATION_MAX_SECONDS",
    "CERTIFICATE_MAX_SECONDS",
    "ROSTER_MAX_SECONDS",
    "DUTY_MAX_SECONDS",
    "DESCRIPTOR_MAX_SECONDS",
    "MAIL_KEY_MAX_SECONDS",
    // Computed from rows.
    "MAILS_PER_HOME",
    "LETTERS_PER_HOME",
    // Of one program, not between two.
    "DAY_SECONDS",
    "QUEUE",
    "FLUSH",
];

#[test]
fn the_numbers_are_those_of_the_code() {
    let source = Source::read();
    let mut code: BTreeMap<&str, String> = BTreeMap::new();
    for (row, _, value) in numbers_in_sight() {
        code.insert(row, value);
    }
    for (row, constant) in NUMBERS_WITHIN {
        code.insert(row, source.value(constant).to_string());
    }
    let mut rows = rows("Numbers");
    rows.retain(|row| row[0] != "Name");
    let law: BTreeMap<&str, String> = rows.iter().map(|row| (row[0].as_str(), row[1].clone())).collect();
    assert_eq!(law, code);
    assert_eq!(law.len(), rows.len(), "no name stands twice");
    assert!(
        rows.iter().all(|row| !row[2].is_empty()),
        "every number has a reason"
    );
}

/// A limit that somebody adds to the code needs a row under "Numbers" and a line above.
#[test]
fn no_limit_of_the_code_lacks_a_row() {
    let source = Source::read();
    let seen = numbers_in_sight();
    let seen = seen
        .iter()
        .map(|(_, path, _)| path.rsplit("::").next().unwrap().trim());
    let within = NUMBERS_WITHIN.iter().map(|(_, constant)| *constant);
    let known: BTreeSet<&str> = seen.chain(within).chain(NO_NUMBERS.iter().copied()).collect();
    let names = source.names();
    let without: Vec<_> = names.difference(&known).collect();
    assert!(without.is_empty(), "constants without a row: {without:?}");
    let listed: BTreeSet<&str> = NO_NUMBERS.iter().copied().collect();
    let gone: Vec<_> = listed.difference(&names).collect();
    assert!(gone.is_empty(), "listed here, and not in the code: {gone:?}");
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
