//! Small tables: what a field may hold, how long a machine waits, and which number stands for what.

use std::time::Duration;

use super::{
    code::{
        Certificate, CertifiedRole, LABEL_LETTERS_MAX, LABEL_MAX, LANGUAGES_MAX, Label, Language, MAIL_NAMES,
        MAX_CERTIFICATES, MAX_DELEGATIONS, MAX_DUTIES, MAX_ENTRIES, MAX_REVOKED, ROSTER_ID_LEN, RootKey,
        SEED_LEN, Serial, SignKey, Signed, Unix, address, chat, counselor, fingerprint, home, limits,
        objects, phrase, postcard_decode, seeker, wire,
    },
    page::{columns, thousands},
};
use crate::source::Source;

/// A time as a table has it.
fn time(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{} s", duration.as_secs()),
        _ => format!("{} ms", duration.as_millis()),
    }
}

fn range(least: impl ToString, most: impl ToString) -> String {
    format!("{}–{}", least.to_string(), most.to_string())
}

#[test]
fn texts_have_the_published_lengths() {
    let lengths: Vec<usize> = (0..20)
        .filter(|length| "x".repeat(*length).parse::<Language>().is_ok())
        .collect();
    let language = range(lengths[0], lengths[lengths.len() - 1]);
    assert!("".parse::<Label>().is_err() && "x".parse::<Label>().is_ok());
    let code = [
        [
            "label".to_owned(),
            range(1, LABEL_MAX),
            range(1, LABEL_LETTERS_MAX),
        ],
        ["language".to_owned(), language.clone(), language],
    ];
    assert_eq!(columns::<3>("### Labels and languages", "Text"), code);
}

#[test]
fn lists_have_the_published_lengths() {
    let root = SignKey::from_bytes(&[1; 32]);
    let helpline = RootKey(root.public()).helpline();
    let of_a_certificate = |languages: usize| {
        let certificate = Certificate {
            serial: Serial([1; 8]),
            id_pk: root.public().to_bytes(),
            pseudonym: "x".parse().unwrap(),
            languages: (0..languages)
                .map(|at| format!("a{at}").parse().unwrap())
                .collect(),
            role: CertifiedRole::Counselor,
            not_before: Unix(1),
            expires: Unix(2),
        };
        Signed::sign(certificate, &root, &helpline).is_ok()
    };
    let taken: Vec<usize> = (0..20).filter(|length| of_a_certificate(*length)).collect();
    let languages = range(taken[0], taken[taken.len() - 1]);
    assert_eq!(languages, range(1, LANGUAGES_MAX));
    let up_to = |most: usize| range(0, most);
    let texts = Source::read().value("TEXT_LANGUAGES_MAX");
    let code = [
        ["languages of a certificate", &languages],
        ["certificates of a roster", &up_to(MAX_CERTIFICATES)],
        ["delegations of a roster", &up_to(MAX_DELEGATIONS)],
        ["revoked of a roster", &up_to(MAX_REVOKED)],
        ["entries", &up_to(MAX_ENTRIES)],
        ["entries of a descriptor", &up_to(MAX_ENTRIES)],
        ["duties of a descriptor", &up_to(MAX_DUTIES)],
        ["languages of a duty in it", &languages],
        ["texts of the settings", &range(0, texts)],
    ];
    assert_eq!(columns::<2>("## Signed objects", "List"), code);
    let slot = thousands(wire::BODY_LEN);
    let code = [
        ["DutyPage", &limits::DUTIES_PER_PAGE.to_string(), &slot],
        ["MailKeyPage", &limits::MAIL_KEYS_PER_PAGE.to_string(), &slot],
        ["MailNames", &up_to(MAIL_NAMES), "32"],
    ];
    assert_eq!(columns::<3>("### What the records carry", "Row"), code);
}

#[test]
fn fields_have_the_published_values() {
    let settings = columns::<3>("### Settings", "Settings").map_to(|[field, _, values]| [field, values]);
    let chats = range(1, objects::CHATS_MAX);
    let code = [
        ["name", "–"],
        ["chats at once", &chats],
        ["texts", "–"],
        ["in all", "–"],
    ];
    assert_eq!(settings, code);

    let address = columns::<3>("## Address", "Address").map_to(|[field, _, values]| [field, values]);
    let routes = range(1, address::ROUTES_MAX);
    let entry = range(1, Source::read().value("ENTRY_ADDRESS_MAX"));
    let code = [
        ["root", "–"],
        ["routes", &routes],
        ["entry's address", &entry],
        ["entry", "–"],
        ["home", "–"],
        ["signature", "–"],
        ["checksum", "–"],
    ];
    assert_eq!(address, code);

    let id = ROSTER_ID_LEN.to_string();
    let code = [["key", "8"], ["version", "8"], ["hash", "32"], ["in all", &id]];
    assert_eq!(columns::<2>("### The order of rosters", "Name of a roster"), code);

    let most = Source::read().value("HELLO_MAX").to_string();
    let code = [["of a later version, at most", &most]];
    assert_eq!(columns::<2>("### Cells", "Hello | Bytes"), code);
}

/// Rows turned into others.
trait MapTo<T> {
    fn map_to<U>(self, to: impl Fn(T) -> U) -> Vec<U>;
}

impl<T> MapTo<T> for Vec<T> {
    fn map_to<U>(self, to: impl Fn(T) -> U) -> Vec<U> {
        self.into_iter().map(to).collect()
    }
}

#[test]
fn refusals_stand_in_the_order_of_their_codes() {
    let refusal = |code: u8| {
        // Behind the code for effort stand the prices.
        let whole = [[code].as_slice(), &[0; 19]].concat();
        let refusal = postcard_decode::<wire::Refusal>(&[code]).or_else(|| postcard_decode(&whole))?;
        Some([code.to_string(), refusal.name().to_owned()])
    };
    let code: Vec<[String; 2]> = (0..=u8::MAX).map_while(refusal).collect();
    assert_eq!(columns::<2>("## Records", "Code"), code);
}

#[test]
fn codes_and_bits_are_those_of_the_code() {
    let role = |code: u8| {
        let role = postcard_decode::<CertifiedRole>(&[code])?;
        Some([code.to_string(), format!("{role:?}").to_lowercase()])
    };
    let code: Vec<[String; 2]> = (0..=u8::MAX).map_while(role).collect();
    assert_eq!(columns::<2>("## Signed objects", "Role"), code);

    let answer = |name: &str, answer| {
        let byte = wire::Answers([answer; 3]).encode()[0];
        [byte.to_string(), name.to_owned()]
    };
    let code = [
        answer("skipped", None),
        answer("yes", Some(true)),
        answer("no", Some(false)),
    ];
    assert_eq!(columns::<2>("## Three questions", "Answer"), code);

    let source = Source::read();
    let code = [
        [source.value("FIRST").to_string(), "first fragment".to_owned()],
        [source.value("LAST").to_string(), "last fragment".to_owned()],
    ];
    assert_eq!(columns::<2>("### Cells", "Bit of data"), code);
}

#[test]
fn words_and_keys_of_a_phrase_have_the_published_sizes() {
    let source = Source::read();
    let word = source.value("WORD_BITS");
    let row = |name: &str, words: usize, bits: u64| {
        let check = word * u64::try_from(words).unwrap() - bits;
        [
            name.to_owned(),
            words.to_string(),
            word.to_string(),
            bits.to_string(),
            check.to_string(),
        ]
    };
    let fingerprint = fingerprint::FINGERPRINT_WORDS;
    let code = [
        row(
            "a fingerprint",
            fingerprint,
            word * source.value("FINGERPRINT_WORDS"),
        ),
        row("a phrase", phrase::PHRASE_WORDS, 8 * source.value("BITS_LEN")),
    ];
    assert_eq!(columns::<5>("## Primitives", "Words of"), code);

    let code = [
        [
            "memory, MiB".to_owned(),
            (phrase::PHRASE_MEMORY_KIB / 1_024).to_string(),
        ],
        ["passes".to_owned(), phrase::PHRASE_PASSES.to_string()],
    ];
    assert_eq!(columns::<2>("### Phrase", "Argon2id"), code);
    let seed = SEED_LEN.to_string();
    let all = phrase::RETURN_KEYS_LEN.to_string();
    let code = [
        ["return_x secret", "32"],
        ["seed of the return ML-KEM key", &seed],
        ["mailbox", "32"],
        ["in all", &all],
    ];
    assert_eq!(32 + SEED_LEN + 32, phrase::RETURN_KEYS_LEN);
    assert_eq!(columns::<2>("### Phrase", "Keys of a phrase"), code);
}

#[test]
fn a_cell_is_overdue_after_the_published_time() {
    let source = Source::read();
    let code = [[
        "from the larger of".to_owned(),
        time(Duration::from_millis(source.value("OVERDUE_MIN"))),
        source.value("OVERDUE_ROUND_TRIPS").to_string(),
    ]];
    assert_eq!(columns::<3>("### Channels", "Overdue"), code);
}

#[test]
fn a_place_is_told_by_the_published_steps() {
    let most = [limits::MAX_TICKETS as u64];
    let steps = home::PLACE_STEPS.iter().chain(&most).map(ToString::to_string);
    let code = [["the least of".to_owned(), steps.collect::<Vec<_>>().join(", ")]];
    assert_eq!(columns::<2>("### Life at a home", "A place is told as"), code);
}

#[test]
fn people_wait_as_long_as_the_machines() {
    let source = Source::read();
    let value = |name| time(Duration::from_millis(source.value(name)));
    let waits = |heading| -> Vec<String> {
        let rows = columns::<2>(heading, "Waits for");
        rows.map_to(|[_, how_long]| how_long)
    };
    let code = [
        value("CLOSED_PATIENCE"),
        value("CLOSED_PATIENCE"),
        "–".to_owned(),
        value("CLOSED_PATIENCE"),
        time(seeker::WIDEN),
        value("POST_AGAIN"),
        time(seeker::COUNSELOR_SILENT),
        time(chat::RATCHET_GIVE_UP),
        time(chat::RATCHET_UNHEARD),
        time(limits::LINGER),
        value("DRAIN"),
        value("QUICK"),
    ];
    assert_eq!(waits("### The seeker's"), code);
    let code = [
        value("TAKE"),
        time(counselor::PLACE),
        time(counselor::HELLO),
        time(counselor::SEEKER_SILENT),
        time(counselor::REOPENED),
        value("OFF_DUTY"),
        value("ANOTHER_HOME"),
        time(limits::DUTY_ALONE),
    ];
    assert_eq!(waits("### The counselor's"), code);
}
