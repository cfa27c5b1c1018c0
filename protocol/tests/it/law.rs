//! The tables of docs/protocol.md against the code. Each comparison goes both ways, so that a number that was added or
//! removed on one side only is noticed too.

mod cells;
mod shapes;

use std::collections::{BTreeMap, BTreeSet};

use hamsa_protocol::{
    PROTOCOL, counselor,
    crypto::{fingerprint, kem, noise, phrase},
    home, limits,
    objects::{self, Object, address},
    seeker,
    session::{chat, handshake, mail, ticket},
    time,
    wire::{self, Kind, Record},
};

use crate::source::Source;

const LAW: &str = include_str!("../../../docs/protocol.md");
const STREAMS: &str = include_str!("../../../net/src/protocols.rs");

/// Cells of a row, without code marks.
fn in_columns(line: &str) -> Vec<String> {
    let cells = line.trim_matches('|').split('|');
    cells
        .map(|cell| cell.trim().trim_matches('`').to_owned())
        .collect()
}

/// Everything below a heading, up to the next one.
fn section(heading: &str) -> &'static str {
    let (_, section) = LAW
        .split_once(&format!("\n{heading}\n"))
        .expect("the heading is there");
    section.split("\n#").next().unwrap()
}

/// The rows of the table below `heading` whose head begins with the cells `head`.
fn table(heading: &str, head: &str) -> Vec<Vec<String>> {
    let mut tables = section(heading).split("\n\n").map(str::trim_start);
    let table = tables.find(|table| table.starts_with(&format!("| {head} |")));
    let table = table.unwrap_or_else(|| panic!("a table {head} below {heading}"));
    table.lines().skip(2).map(in_columns).collect()
}

/// The same, only its first `N` cells.
fn columns<const N: usize>(heading: &str, head: &str) -> Vec<[String; N]> {
    let rows = table(heading, head);
    rows.iter()
        .map(|row| row[..N].to_vec().try_into().unwrap())
        .collect()
}

/// All rows of the section "Numbers".
fn numbers() -> Vec<Vec<String>> {
    let (_, section) = LAW.split_once("\n## Numbers\n").unwrap();
    let lines = section.split("\n## ").next().unwrap().lines();
    let rows = lines.filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    rows.map(in_columns).filter(|row| row[0] != "Name").collect()
}

/// A number as a table of bytes has it.
fn thousands(number: usize) -> String {
    match (number / 1_000, number % 1_000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    }
}

/// Numbers that stand alone in parentheses: the sizes in a formula.
fn sizes(formula: &str) -> Vec<usize> {
    let inner = formula.split('(').skip(1).filter_map(|rest| rest.split_once(')'));
    inner
        .filter_map(|(inner, _)| inner.replace(',', "").parse().ok())
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
        "ticket body, bytes" => ticket::TICKET_LEN,
        "first words, bytes" => ticket::INTAKE_MAX,
        "live message 1, bytes" => handshake::MESSAGE_1_LEN,
        "live message 2, bytes" => handshake::MESSAGE_2_LEN,
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
        "clock leeway, s" => objects::CLOCK_LEEWAY_SECONDS,
        "jump of a clock, s" => time::CLOCK_JUMP_SECONDS,
        "roster, usual validity, s" => objects::ROSTER_DEFAULT_SECONDS,
        "shift, s" => counselor::SHIFT_SECONDS,
        "secrets of a mail key after it, s" => objects::MAIL_SECRETS_SECONDS,
        "days of mail" => limits::MAIL_DAYS,
        // Links
        "silent link, ms" => home::LINK_SILENT_MS,
        // Chats
        "cells in flight" => limits::WINDOW,
        "data cells in flight" => chat::DATA_WINDOW,
        "messages that wait" => limits::QUEUE_MAX,
        "cell heartbeat, ms" => limits::CELL_HEARTBEAT_MS,
        "heal after, ms" => chat::HEAL_AFTER_MS,
        "heal after, cells with data" => chat::HEAL_AFTER_CELLS,
        "heal asked again after, ms" => chat::HEAL_AGAIN_MS,
        "heal questions of an epoch" => chat::HEAL_ASKS_MAX,
        "heal given up after, ms" => chat::HEAL_GIVE_UP_MS,
        "heal given up unheard after, ms" => chat::HEAL_UNHEARD_MS,
        "no more data after, ms" => chat::BLOCK_AFTER_MS,
        "no more data after, own cells" => chat::BLOCK_AFTER_CELLS,
        "last cells, ms" => limits::LINGER_MS,
        // A seeker
        "counselor silent, ms" => seeker::COUNSELOR_SILENT_MS,
        "widening, ms" => seeker::WIDEN_MS,
        "copies of mail" => limits::MAIL_COPIES,
        "patience for a second copy, ms" => limits::COPIES_PATIENCE_MS,
        // A counselor
        "first cell of the seeker, ms" => counselor::HELLO_MS,
        "seeker silent, ms" => counselor::SEEKER_SILENT_MS,
        "seeker silent beside a newer attempt, ms" => counselor::REOPENED_MS,
        "mail keys in a vault" => counselor::MAIL_KEYS_MAX,
        // Limits of a home
        "claim, ms" => home::CLAIM_MS,
        "answer, ms" => home::ANSWER_MS,
        "ticket without a link, ms" => home::TICKET_ALONE_MS,
        "duty without a link, ms" => limits::DUTY_ALONE_MS,
        "channel without a listener, ms" => home::CHANNEL_IDLE_MS,
        "tickets at a home" => limits::MAX_TICKETS,
        "tickets of a link" => home::MAX_TICKETS_PER_LINK,
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
        "mail claim, ms" => limits::MAIL_CLAIM_MS,
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
    ("date kept every, ms", "KEEP_HOUR"),
    ("clock doubted beyond, s", "TOLERANCE_SECONDS"),
    ("roster a witness for, s", "WITNESS_SECONDS"),
    ("sums of the survey kept every, ms", "KEEP_SURVEY"),
    ("descriptor renewed after, s", "DESCRIPTOR_RENEW_SECONDS"),
    ("shift taken up again with, s", "SHIFT_LEFT_SECONDS"),
    ("mail key renewed with less than, s", "MAIL_KEY_LEFT_SECONDS"),
    // Links
    ("link heartbeat, ms", "HEARTBEAT_MS"),
    ("link slow, ms", "SLOW_MS"),
    ("burst of a link, records", "BURST"),
    ("link beside, ms", "BESIDE"),
    ("link dead, ms", "DEAD_MS"),
    ("offline, ms", "OFFLINE_MS"),
    ("head asked again after, ms", "ASK_AGAIN_MS"),
    ("proof of a home, ms", "HANDSHAKE"),
    ("pause before a link is made again, ms", "PAUSE_MIN_MS"),
    ("pause at most, ms", "PAUSE_MAX_MS"),
    ("objects in pieces of a link", "IN_PIECES_MAX"),
    ("first message of a client, ms", "FIRST_UNIT"),
    ("last word of a home that stops, ms", "LAST_WORD"),
    // Chats
    ("acknowledgement waits, ms", "ACK_DELAY_MS"),
    ("shown told at once, cells", "SHOWN_WINDOW"),
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
    ("letters of a home in a visit", "LETTERS_PER_HOME"),
    ("leaving in peace, ms", "DRAIN"),
    ("leaving at once, ms", "QUICK"),
    ("survey, ms", "PATIENCE"),
    ("a way of a survey, ms", "ONE_WAY"),
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
    ("messages of a home on the desk", "MAILS_PER_HOME"),
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
    // Of one program, not between two.
    "DAY_SECONDS",
    "HOUR",
    "QUEUE",
    "FLUSH",
    "REQUEST",
    "MAIL_ID_LEN",
    "CHAT_ID_LEN",
    "LINK_QUEUE",
    "INBOX",
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
    code.insert("pulse of partners, ms", source.node_default("pulse").to_string());
    let rows = numbers();
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

fn number(text: &str) -> Option<u64> {
    text.replace(',', "").parse().ok()
}

fn milliseconds(text: &str, unit: &str) -> Option<u64> {
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "days" => 86_400_000,
        _ => return None,
    };
    Some(unit * number(text)?)
}

/// Each word with the one after it, without what stands around them.
fn pairs(text: &str) -> Vec<[&str; 2]> {
    let bare = |word| str::trim_matches(word, |c: char| !c.is_alphanumeric());
    let words: Vec<&str> = text.split_whitespace().chain([""]).map(bare).collect();
    words.windows(2).map(|pair| [pair[0], pair[1]]).collect()
}

/// The times in a text, in milliseconds.
fn times(text: &str) -> Vec<u64> {
    let pairs = pairs(text).into_iter();
    pairs
        .filter_map(|[time, unit]| milliseconds(time, unit))
        .collect()
}

/// What the text says beside the rows is said by hand: a time, and any other number with two digits, is one that has a
/// row. Which row, only whoever reads can tell.
#[test]
fn every_number_in_the_text_has_a_row() {
    let (mut known_times, mut known) = (BTreeSet::new(), BTreeSet::new());
    for row in numbers() {
        let unit = row[0].rsplit(", ").next().unwrap();
        let unit = if unit == "days of mail" { "days" } else { unit };
        known_times.extend(milliseconds(&row[1], unit));
        known.extend(number(&row[1]));
    }
    for row in columns::<4>("## Signed objects", "Object | Signed by") {
        known.extend(number(&row[3]));
    }
    let source = Source::read();
    let word = source.value("WORD_BITS");
    known.extend([
        word,
        word * source.value("FINGERPRINT_WORDS"),
        8 * source.value("BITS_LEN"),
    ]);
    let (before, rest) = LAW.split_once("\n## Numbers\n").unwrap();
    let (_, after) = rest.split_once("\n## ").unwrap();
    let (mut told, mut others) = (0, 0);
    for line in before.lines().chain(after.lines()) {
        for time in times(line) {
            assert!(known_times.contains(&time), "no row for {time} ms: {line}");
            told += 1;
        }
        // Of a table the last cell: the others have tests of their own, and so has the "(32)" of a formula.
        let row = line.strip_suffix('|').and_then(|row| row.rsplit('|').next());
        let words = row.unwrap_or(line).split_whitespace();
        let words: Vec<&str> = words.filter(|word| sizes(word).is_empty()).collect();
        let words = words.join(" ");
        let pairs = pairs(&words);
        let named = pairs
            .iter()
            .filter(|[name, _]| ["RFC", "FIPS", "decision"].contains(name));
        let named: Vec<&str> = named.map(|[_, number]| *number).collect();
        for [text, unit] in pairs {
            let other = number(text).filter(|other| *other > 9 && milliseconds(text, unit).is_none());
            if let Some(other) = other.filter(|_| !named.contains(&text)) {
                assert!(known.contains(&other), "no row for {other}: {line}");
                others += 1;
            }
        }
    }
    assert!(told > 100 && others > 40, "{told} times, {others} others");
}

#[test]
fn people_wait_as_long_as_the_machines() {
    let source = Source::read();
    let law = |heading| -> Vec<Vec<u64>> {
        let rows = columns::<2>(heading, "Waits for").into_iter();
        rows.map(|[_, how_long]| times(&how_long)).collect()
    };
    let value = |name| source.value(name);
    let code = vec![
        vec![value("CLOSED_PATIENCE_MS"); 2],
        vec![],
        vec![value("CLOSED_PATIENCE_MS")],
        vec![seeker::WIDEN_MS],
        vec![value("POST_AGAIN_MS")],
        vec![seeker::COUNSELOR_SILENT_MS],
        vec![chat::HEAL_GIVE_UP_MS, chat::HEAL_UNHEARD_MS],
        vec![limits::LINGER_MS],
        vec![value("DRAIN")],
        vec![value("QUICK")],
    ];
    assert_eq!(law("### The seeker's"), code);
    let code = vec![
        vec![value("TAKE_MS")],
        vec![counselor::HELLO_MS],
        vec![counselor::SEEKER_SILENT_MS, counselor::REOPENED_MS],
        vec![value("OFF_DUTY_MS")],
        vec![value("ANOTHER_HOME_MS"), limits::DUTY_ALONE_MS],
    ];
    assert_eq!(law("### The counselor's"), code);
}

/// Small numbers and codes that stand in the text alone.
#[test]
fn the_text_has_the_numbers_of_the_code() {
    let source = Source::read();
    let lengths: Vec<usize> = (0..20)
        .filter(|length| "x".repeat(*length).parse::<objects::Language>().is_ok())
        .collect();
    let role = |role| objects::postcard_encode(&role)[0];
    let answer = |answer| wire::Answers([answer; 3]).encode()[0];
    let value = |name| source.value(name);
    for said in [
        format!(
            "Labels: 1–{} bytes in at most {} letters",
            objects::LABEL_MAX,
            objects::LABEL_LETTERS_MAX
        ),
        format!("Languages: {}–{} of", lengths[0], lengths[lengths.len() - 1]),
        format!("| how many, 1 to {};", address::ROUTES_MAX),
        format!("length u8 and text, 1–{} bytes", value("ENTRY_ADDRESS_MAX")),
        format!("languages: list of 1–{};", objects::LANGUAGES_MAX),
        format!("role: {} counselor, ", role(objects::Role::Counselor)),
        format!(", {} supervisor |", role(objects::Role::Supervisor)),
        format!("`u8`, 1–{}: for each counselor", objects::CHATS_MAX),
        format!(": {} skipped, ", answer(None)),
        format!(" skipped, {} yes, ", answer(Some(true))),
        format!(" yes, {} no |", answer(Some(false))),
        format!(
            "{} slots of {}, each `length u16 ‖ slot of duties",
            limits::DUTIES_PER_PAGE,
            thousands(wire::BODY_LEN)
        ),
        format!(
            "{} slots of {}, each `length u16 ‖ slot of mail keys",
            limits::MAIL_KEYS_PER_PAGE,
            thousands(wire::BODY_LEN)
        ),
        format!("up to {} names, 32 each", limits::MAIL_NAMES),
        format!("an id (1–{} bytes, unique per sender)", chat::MESSAGE_ID_MAX),
        format!(
            "younger than max({} s, {} round trips);",
            value("OVERDUE_MIN_MS") / 1_000,
            value("OVERDUE_ROUND_TRIPS")
        ),
        format!(
            "acknowledged max({} s, {} round trips of",
            value("OVERDUE_MIN_MS") / 1_000,
            value("OVERDUE_ROUND_TRIPS")
        ),
        format!("the first {} bits of", 11 * fingerprint::FINGERPRINT_WORDS),
        format!("{} random bits ‖", 8 * value("BITS_LEN")),
        format!("numbers of {} bits", value("WORD_BITS")),
        format!(
            "`flags ({} = first part, {} = last)",
            value("FIRST"),
            value("LAST")
        ),
        format!("end (reason {})", chat::EndReason::Transferred as u8),
        format!("sums of {} or more", home::SMALL_SUM),
    ] {
        assert!(LAW.contains(&said), "{said}");
    }
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
fn lies_as(law: &[Vec<String>], whole: &[u8], parts: &[(&str, Vec<u8>)]) {
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
    let refusal = |code: u8| objects::postcard_decode::<wire::Refusal>(&[code]);
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
        ticket::WRAPS * ticket::WRAP_LEN + ticket::CARD_LEN + handshake::MESSAGE_1_LEN,
        ticket::TICKET_LEN
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
            vec![kem::CT_LEN, 32, static_key, 32 + 8 + noise::TAG_LEN],
        ),
    ];
    assert_eq!(messages("## Live handshake"), code(live));
    let home = [
        (wire::UNIT, vec![32, wire::UNIT - 32]),
        (wire::UNIT, vec![32, static_key, wire::UNIT - 32 - static_key]),
    ];
    assert_eq!(messages("## Home link"), code(home));

    let healing = |name: &str| {
        let mut lines = section("### Healing").lines();
        let line = lines.find(|line| line.trim_start().starts_with(&format!("{name} ")));
        sizes(line.unwrap())
    };
    let heal = [
        (chat::HEAL_LEN, vec![32, kem::EK_LEN + 32 + noise::TAG_LEN]),
        (chat::HEALED_LEN, vec![kem::CT_LEN, 32, 32 + noise::TAG_LEN]),
    ];
    assert_eq!(
        [healing("heal"), healing("healed")],
        code(heal).map(|(_, parts)| parts)
    );
    let phrase = section("### Phrase")
        .lines()
        .find(|line| line.contains("Argon2id("));
    let phrase = phrase.unwrap();
    assert_eq!(sizes(phrase).iter().sum::<usize>(), phrase::RETURN_KEYS_LEN);
    let cost = format!(
        "{} MiB, {} passes",
        phrase::PHRASE_MEMORY_KIB / 1_024,
        phrase::PHRASE_PASSES
    );
    assert!(phrase.contains(&cost), "{phrase}");
}
