//! All rows under "Numbers" against the constants of the code, both ways.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    code::{
        PROTOCOL, address, chat, counselor, fingerprint, handshake, home, kem, limits, mail, noise, objects,
        phrase, puzzle, seeker, ticket, time, wire,
    },
    page::numbers,
};
use crate::source::Source;

/// A number as the page writes it; a duration in seconds where the row says `s`, else in milliseconds.
fn published(row: &str, number: &dyn Any) -> String {
    macro_rules! first {
        ($($kind:ty => $write:expr;)+) => {
            None$(.or_else(|| number.downcast_ref::<$kind>().map($write)))+
        };
    }
    let text = first! {
        Duration => |duration| (duration.as_millis() / unit(row)).to_string();
        usize => ToString::to_string;
        u64 => ToString::to_string;
        u32 => ToString::to_string;
        u8 => ToString::to_string;
        &str => ToString::to_string;
    };
    text.expect("a number of a kind that the page has")
}

/// Milliseconds of what the row counts.
fn unit(row: &str) -> u128 {
    if row.ends_with(", s") { 1_000 } else { 1 }
}

/// Rows and the constants that tests can see; `code` takes the last part of a path for the constant's name.
macro_rules! seen {
    ($($row:literal => $($part:ident)::+,)*) => {
        vec![$(($row, stringify!($($part)::+), published($row, &$($part)::+))),*]
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
        "seeds in a card" => ticket::URGENCY_SEEDS_MAX,
        "wraps in a ticket" => ticket::WRAPS,
        "wrap, bytes" => ticket::WRAP_LEN,
        "card, bytes" => ticket::CARD_LEN,
        "ticket body, bytes" => ticket::TICKET_LEN,
        "live message 1, bytes" => handshake::MESSAGE_1_LEN,
        "live message 2, bytes" => handshake::MESSAGE_2_LEN,
        "cell, bytes" => chat::CELL_LEN,
        "cell in clear, bytes" => chat::PLAIN_LEN,
        "cell body, bytes" => chat::CELL_BODY_MAX,
        "message, bytes" => chat::MESSAGE_MAX,
        "first words, bytes" => chat::FIRST_WORDS_MAX,
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
        "entries of a helpline" => objects::MAX_ENTRIES,
        "routes in an address" => address::ROUTES_MAX,
        "label, letters" => objects::LABEL_LETTERS_MAX,
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
        "clock leeway, s" => objects::CLOCK_LEEWAY,
        "jump of a clock, s" => time::CLOCK_JUMP,
        "roster ahead of the clock, s" => objects::ROSTER_AHEAD,
        "roster, usual validity, s" => objects::ROSTER_LIFE,
        "shift, s" => counselor::SHIFT,
        "consent of a partner, s" => objects::LEND_PARTNER_LIFE,
        "consent asked for again with less than, s" => home::LEND_AGAIN,
        "secrets of a mail key after it, s" => objects::MAIL_SECRETS_KEPT,
        "days of mail" => limits::MAIL_DAYS,
        // Links
        "silent link, ms" => home::LINK_SILENT,
        // Chats
        "cells in flight" => limits::WINDOW,
        "data cells in flight" => chat::DATA_WINDOW,
        "messages that wait" => limits::QUEUE_MAX,
        "cell keepalive, ms" => limits::CELL_HEARTBEAT,
        "ratchet due after, ms" => chat::RATCHET_AFTER,
        "ratchet due after, cells with data" => chat::RATCHET_AFTER_CELLS,
        "ratchet retry after, ms" => chat::RATCHET_AGAIN,
        "ratchet requests of an epoch" => chat::RATCHET_ASKS_MAX,
        "ratchet given up after, ms" => chat::RATCHET_GIVE_UP,
        "ratchet given up unacknowledged after, ms" => chat::RATCHET_UNHEARD,
        "no more data after, ms" => chat::BLOCK_AFTER,
        "no more data after, own cells" => chat::BLOCK_AFTER_CELLS,
        "last cells, ms" => limits::LINGER,
        // A seeker
        "counselor silent, ms" => seeker::COUNSELOR_SILENT,
        "widening, ms" => seeker::WIDEN,
        "copies of mail" => limits::MAIL_COPIES,
        "patience for a second copy, ms" => limits::COPIES_PATIENCE,
        // A counselor
        "first cell of the seeker, ms" => counselor::HELLO,
        "place of an answer, ms" => counselor::PLACE,
        "place of an answer, round trips" => counselor::PLACE_ROUND_TRIPS,
        "long wait, ms" => counselor::LONG_WAIT,
        "urgent ones ahead of a long wait" => counselor::URGENT_AHEAD,
        "first words waited for, ms" => counselor::FIRST_WORDS,
        "words waited for, ms" => counselor::WORDS,
        "seeker silent, ms" => counselor::SEEKER_SILENT,
        "seeker silent beside a newer attempt, ms" => counselor::REOPENED,
        "mail keys in a vault" => counselor::MAIL_KEYS_MAX,
        // Limits of a home
        "claim, ms" => home::CLAIM,
        "answer, ms" => home::ANSWER,
        "ticket without a link, ms" => home::TICKET_ALONE,
        "silent ticket, ms" => home::TICKET_SILENT,
        "attempts of a ticket at once" => home::ATTEMPTS_AT_ONCE,
        "one more attempt each, ms" => home::ATTEMPT_EVERY,
        "receipt, s" => home::RECEIPT_LIFE,
        "receipt without a price, s" => home::RECEIPT_FREE,
        "receipt renewed after, ms" => home::RECEIPT_RENEWED,
        "withdrawn places remembered" => home::MAX_SPENT,
        "terms of tickets that are gone" => home::MAX_LEFT,
        "duty without a link, ms" => limits::DUTY_ALONE,
        "channel without a listener, ms" => home::CHANNEL_IDLE,
        "tickets at a home" => limits::MAX_TICKETS,
        "tickets of a link" => home::MAX_TICKETS_PER_LINK,
        "held tickets at a home" => home::MAX_HELD,
        "channels at a home" => home::MAX_CHANNELS,
        "channels of a link" => home::MAX_CHANNELS_PER_LINK,
        "cells at a home" => home::MAX_CELLS,
        "cells of a direction" => home::RING,
        "duties at a home" => objects::MAX_DUTIES,
        "duties on a page" => limits::DUTIES_PER_PAGE,
        "mail keys at a home" => home::MAX_MAIL_KEYS,
        "mail keys on a page" => limits::MAIL_KEYS_PER_PAGE,
        "names in a record" => limits::MAIL_NAMES,
        "deposits of a day" => limits::MAX_DEPOSITS_PER_DAY,
        "deposits of a link" => home::MAX_DEPOSITS_PER_LINK,
        "replies of a day" => home::MAX_REPLIES_PER_DAY,
        "replies of a box" => limits::MAX_REPLIES_PER_BOX,
        "reads of a link" => home::MAX_READS_PER_LINK,
        "mail claim, ms" => limits::MAIL_CLAIM,
        "operations that wait for the disk" => home::MAX_DISK_OPS,
        "bytes that wait for the disk" => home::MAX_DISK_BYTES,
        "disk, ms" => home::DISK_PATIENCE,
        "surveys of a link" => home::MAX_SURVEYS_PER_LINK,
        "months of a survey" => home::SURVEY_MONTHS_MAX,
        "small sum of a survey" => home::SMALL_SUM,
        "memory of an attempt, KiB" => puzzle::PUZZLE_MEMORY_KIB,
        "passes of an attempt" => puzzle::PUZZLE_PASSES,
        "attempts of the first step" => puzzle::FIRST_STEP_ATTEMPTS,
        "highest step" => puzzle::STEP_MAX,
        "seed of puzzles, ms" => puzzle::SEED_LIFE,
        "step of puzzles stays, ms" => home::STEP_PAUSE,
        "lobby" => home::LOBBY_MAX,
        "payments remembered" => home::PAYMENTS_MAX,
        "steps of verdicts" => home::VERDICT_STEPS,
        "step of a verdict stays, ms" => home::VERDICT_STAYS,
        "verdicts of a counselor in an hour" => home::VERDICTS_AN_HOUR,
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
    ("date kept every, ms", "KEEP_HOUR"),
    ("clock doubted beyond, s", "TOLERANCE"),
    ("roster a witness for, s", "WITNESS"),
    ("sums of the survey kept every, ms", "KEEP_SURVEY"),
    ("descriptor renewed after, s", "DESCRIPTOR_RENEW"),
    ("shift taken up again with, s", "SHIFT_LEFT"),
    ("mail key renewed with less than, s", "MAIL_KEY_LEFT"),
    // Links
    ("link keepalive, ms", "HEARTBEAT"),
    ("link slow, ms", "SLOW"),
    ("burst of a link, records", "BURST"),
    ("link beside, one attempt, ms", "BESIDE"),
    ("link dead, ms", "DEAD"),
    ("offline, ms", "OFFLINE"),
    ("head asked again after, ms", "ASK_AGAIN"),
    ("proof of a home, ms", "HANDSHAKE"),
    ("pause before a link is made again, ms", "PAUSE_MIN"),
    ("pause at most, ms", "PAUSE_MAX"),
    ("objects in fragments of a link", "IN_PIECES_MAX"),
    ("first message of a client, ms", "FIRST_UNIT"),
    ("last record of a home that ends a link, ms", "LAST_RECORD"),
    ("one record to a client, ms", "ONE_RECORD"),
    // Chats
    ("acknowledgement waits, ms", "ACK_DELAY"),
    ("shown told at once, cells in flight", "SHOWN_WINDOW"),
    ("acknowledgement from the reserve, ms", "RESERVE_PAUSE"),
    ("cell overdue, ms", "OVERDUE_MIN"),
    ("cell overdue, round trips", "OVERDUE_ROUND_TRIPS"),
    ("first round trip, ms", "ROUND_TRIP_FIRST"),
    ("pause after full or gone, ms", "PATH_PAUSE"),
    ("home told after, cells", "ACK_EVERY"),
    ("home told after, ms", "ACK_AFTER"),
    // A seeker
    ("ticket sealed again after, ms", "RESEAL_PAUSE"),
    ("ticket posted again after, ms", "POST_AGAIN"),
    ("ticket posted again at most after, ms", "POST_AGAIN_MAX"),
    ("closed after, ms", "CLOSED_PATIENCE"),
    ("homes waited for with mail, ms", "HOMES_PATIENCE"),
    ("mail asked again after, ms", "AGAIN"),
    ("pages of mail keys", "PAGES_MAX"),
    ("letters of a home in a visit", "LETTERS_PER_HOME"),
    ("puzzles for a home in a visit", "PAYMENTS_PER_HOME"),
    ("terms of a home for urgency", "URGENCIES_PER_HOME"),
    ("ticket waits for urgency, ms", "URGENCY_PATIENCE"),
    ("leaving in peace, ms", "DRAIN"),
    ("leaving at once, ms", "QUICK"),
    ("survey, ms", "PATIENCE"),
    ("a way of a survey, ms", "ONE_WAY"),
    // A counselor
    ("claim given up after, ms", "TAKE"),
    ("duty asked for again after, ms", "DUTY_AGAIN"),
    ("off duty after, ms", "OFF_DUTY"),
    ("another home waited for, ms", "ANOTHER_HOME"),
    (
        "a roster waited for that says what homes say, ms",
        "ROSTER_FOLLOWS",
    ),
    ("tickets tried at once", "OPENED_AT_ONCE"),
    ("next tickets tried after, ms", "OPENING_PAUSE"),
    ("tickets on the desk, of a home", "WAITING_MAX"),
    ("chats of an earlier run that a home may name", "YOURS_MAX"),
    ("messages of a home on the desk", "MAILS_PER_HOME"),
    ("mail claim answered, ms", "CLAIM_PATIENCE"),
    ("mail fetched elsewhere after, ms", "FETCH_PATIENCE"),
    ("mail fetched again after, ms", "FETCH_AGAIN"),
    ("mail held back for an earlier part, ms", "ORDER_PATIENCE"),
    ("reply without a box, ms", "NOWHERE"),
    // Limits of a home
    ("limits looked at, ms", "SWEEP"),
    ("cells of a link's channels", "MAX_CELLS_PER_LINK"),
    ("tickets free at once", "FREE_TICKETS"),
    ("tickets free, one each, ms", "TICKET_EVERY"),
    ("deposits free at once", "FREE_DEPOSITS"),
    ("deposits free, one each, ms", "DEPOSIT_EVERY"),
    ("surveys free at once", "FREE_SURVEYS"),
    ("surveys free, one each, ms", "SURVEY_EVERY"),
    ("lobby, last asked, ms", "LOBBY_ASKS"),
    ("lobby remembered, ms", "LOBBY_KEPT"),
];

/// Constants that are neither a limit nor a timer of the protocol: parts of a layout that the page shows as a
/// whole, or rows of another table.
const NO_NUMBERS: &[&str] = &[
    // How an address may be wrapped where it is read.
    "LINES_MAX",
    // Parts of a form.
    "KEY_LEN",
    "SIGNATURE_LEN",
    "SEED_LEN",
    "MORE",
    "HEAD_LEN",
    "FIRST",
    "LAST",
    "PART_MAX",
    "PAUSE",
    "NO_DETAILS",
    "CHECKSUM_LEN",
    "BITS_LEN",
    "ROSTER_ID_LEN",
    "WORD_BITS",
    "INTAKE_LEN",
    "CARD_PLAIN_LEN",
    "PAYLOAD_LEN",
    "PAYLOAD_1_LEN",
    "PAYLOAD_2_LEN",
    // Rows of "Signed objects".
    "MAX",
    "DELEGATION_LIFE_MAX",
    "CERTIFICATE_LIFE_MAX",
    "ROSTER_LIFE_MAX",
    "DUTY_LIFE_MAX",
    "DESCRIPTOR_LIFE",
    "MAIL_KEY_LIFE_MAX",
    "LEND_LIFE_MAX",
    // Of one program, not between two.
    "DAY_SECONDS",
    "HOUR",
    "QUEUE",
    "FLUSH",
    "REQUEST",
    "REQUESTS",
    "INBOX",
    "FIELDS",
    "VERSIONS",
    "VERSION_MILLIS",
];

#[test]
fn the_numbers_are_those_of_the_code() {
    let source = Source::read();
    let mut code: BTreeMap<&str, String> = BTreeMap::new();
    for (row, _, value) in numbers_in_sight() {
        code.insert(row, value);
    }
    for (row, constant) in NUMBERS_WITHIN {
        code.insert(row, (u128::from(source.value(constant)) / unit(row)).to_string());
    }
    code.insert(
        "keepalive of partners, ms",
        source.node_default("keepalive").to_string(),
    );
    let rows = numbers();
    let law: BTreeMap<&str, String> = rows.iter().map(|row| (row[0].as_str(), row[1].clone())).collect();
    assert_eq!(law, code);
    assert_eq!(law.len(), rows.len(), "no name stands twice");
    assert!(
        rows.iter().all(|row| !row[2].is_empty()),
        "every number has a reason"
    );
}

/// A limit that is added to the code needs a row under "Numbers" and a line above.
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
