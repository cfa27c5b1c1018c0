//! Objects as the page has them, field by field with their sizes, against what the code writes.

use data_encoding::BASE32_NOPAD;
use hamsa_protocol::{
    crypto::{
        puzzle::{SEED_LEN, Seed},
        tokens::TokenHash,
    },
    objects::ObjectHash,
    session::ticket::{URGENCY_SEEDS_MAX, UrgencyPayment},
};
use serde::Serialize;

use super::{
    code::{
        Bytes, Card, Certificate, CertificateRequest, CertifiedRole, Delegation, DepositId, Descriptor,
        DhPublic, Duty, DutyEntry, EK_LEN, Entry, EntryList, HelplineAddress, HelplineId, Intake, LABEL_MAX,
        LANGUAGES_MAX, Label, Language, Lend, LocalTexts, MAIL_BOXES_MAX, MAIL_TEXT_MAX, MAX_CERTIFICATES,
        MAX_DELEGATIONS, MAX_DUTIES, MAX_ENTRIES, MAX_REVOKED, MailBox, MailKey, NodePeer, REPLY_TEXT_MAX,
        RootKey, Roster, Route, SETTINGS_MAX, SIGNATURE_LEN, Serial, Settings, SignKey, TEXT_MAX, Unix,
        postcard_encode, sha256,
    },
    page::{columns, section, sizes, thousands},
};
use crate::source::Source;

/// The least and the largest encoding of something.
pub(super) type Ends = [Vec<u8>; 2];

/// Of the smallest (0) and the largest (1) value of a field, the one for this end.
pub(super) fn at<T>(end: usize, [least, most]: [T; 2]) -> T {
    if end == 0 { least } else { most }
}

pub(super) fn ends<T: Serialize>(make: impl Fn(usize) -> T) -> Ends {
    [0, 1].map(|end| postcard_encode(&make(end)))
}

fn text(least: usize, most: usize) -> Ends {
    ends(|end| "x".repeat(at(end, [least, most])))
}

/// A number that no other field has, so that no two fields can be confused.
pub(super) fn number(own: u64) -> Ends {
    ends(|end| at(end, [own, u64::MAX - own]))
}

/// Bytes without a length. As with numbers, each field has its own.
pub(super) fn fixed(length: usize, own: u8) -> Ends {
    [vec![own; length], vec![own; length]]
}

/// Bytes with a length that the type knows.
pub(super) fn heap<const N: usize>(own: u8) -> Bytes<N> {
    Bytes(vec![own; N].into_boxed_slice().try_into().unwrap())
}

/// A name of this many bytes, in letters of four bytes where possible.
pub(super) fn label(length: usize) -> Label {
    let letters = ["x".repeat(length % 4), "\u{10330}".repeat(length / 4)].concat();
    letters.parse().unwrap()
}

/// A name of one byte, and the longest.
fn name() -> Ends {
    [1, LABEL_MAX].map(|length| postcard_encode(&label(length)))
}

fn language(length: usize) -> Language {
    "x".repeat(length).parse().unwrap()
}

fn languages(end: usize) -> Vec<Language> {
    at(end, [vec![language(2)], vec![language(8); LANGUAGES_MAX]])
}

/// Bytes as a table has them: one number, or from the least to the most.
pub(super) fn bytes([least, most]: &Ends) -> String {
    match (least.len(), most.len()) {
        (least, most) if least == most => thousands(least),
        (least, most) => format!("{}–{}", thousands(least), thousands(most)),
    }
}

/// An object of the code, and what its fields are called on the page.
pub(super) struct Shape {
    pub(super) whole: Ends,
    fields: Vec<(&'static str, Ends)>,
}

impl Shape {
    /// Asserts that the object is its fields, one after the other: otherwise an order or a size is not the code's.
    pub(super) fn new<const N: usize>(whole: Ends, fields: [(&'static str, Ends); N]) -> Self {
        for (end, whole) in whole.iter().enumerate() {
            let parts = fields.iter().flat_map(|(_, field)| &field[end]);
            assert_eq!(parts.copied().collect::<Vec<u8>>(), *whole);
        }
        let fields = fields.to_vec();
        Self { whole, fields }
    }

    fn fields(&self) -> Vec<[String; 2]> {
        let fields = self.fields.iter();
        fields
            .map(|(name, field)| [(*name).to_owned(), bytes(field)])
            .collect()
    }

    /// As a table of its own.
    pub(super) fn rows(&self) -> Vec<[String; 2]> {
        let all = ["in all".to_owned(), bytes(&self.whole)];
        self.fields().into_iter().chain([all]).collect()
    }

    /// As a row in a table of objects.
    pub(super) fn row(&self, name: &str) -> [String; 3] {
        let fields: Vec<String> = self.fields().into_iter().map(|field| field.join(" ")).collect();
        [name.to_owned(), fields.join(", "), bytes(&self.whole)]
    }

    /// As `signature ‖ body`.
    pub(super) fn signed(&self) -> Ends {
        self.whole
            .clone()
            .map(|body| [vec![0; SIGNATURE_LEN], body].concat())
    }

    /// As `signature ‖ body` with its length, inside another object.
    pub(super) fn inside(&self) -> Ends {
        self.signed().map(|signed| postcard_encode(&signed))
    }
}

fn delegation() -> Shape {
    let whole = ends(|end| Delegation {
        home_peer: NodePeer([3; 32]),
        home_x: DhPublic([4; 32]),
        op_pk: [5; 32],
        not_before: Unix(at(end, [1, u64::MAX - 1])),
        expires: Unix(at(end, [2, u64::MAX - 2])),
    });
    let fields = [
        ("home_peer", fixed(32, 3)),
        ("home_x", fixed(32, 4)),
        ("op_pk", fixed(32, 5)),
        ("not_before", number(1)),
        ("expires", number(2)),
    ];
    Shape::new(whole, fields)
}

pub(super) fn certificate() -> Shape {
    let whole = ends(|end| Certificate {
        serial: Serial([3; 8]),
        id_pk: [4; 32],
        pseudonym: label(at(end, [1, LABEL_MAX])),
        languages: languages(end),
        role: at(end, [CertifiedRole::Counselor, CertifiedRole::Supervisor]),
        not_before: Unix(at(end, [1, u64::MAX - 1])),
        expires: Unix(at(end, [2, u64::MAX - 2])),
    });
    let fields = [
        ("serial", fixed(8, 3)),
        ("id_pk", fixed(32, 4)),
        ("pseudonym", name()),
        ("languages", ends(languages)),
        ("role", [vec![0], vec![1]]),
        ("not_before", number(1)),
        ("expires", number(2)),
    ];
    Shape::new(whole, fields)
}

pub(super) fn roster() -> Shape {
    let certificates = |end| at(end, [vec![], vec![ObjectHash([4; 32]); MAX_CERTIFICATES]]);
    let delegations = |end| at(end, [vec![], vec![ObjectHash([5; 32]); MAX_DELEGATIONS]]);
    let revoked = |end| at(end, [vec![], vec![Serial([6; 8]); MAX_REVOKED]]);
    let whole = ends(|end| Roster {
        version: at(end, [0, u64::MAX]),
        issued: Unix(at(end, [1, u64::MAX - 1])),
        expires: Unix(at(end, [2, u64::MAX - 2])),
        certificates: certificates(end),
        delegations: delegations(end),
        revoked: revoked(end),
        settings: ObjectHash([7; 32]),
        entries: ObjectHash([8; 32]),
    });
    let fields = [
        ("version", number(0)),
        ("issued", number(1)),
        ("expires", number(2)),
        ("certificates", ends(certificates)),
        ("delegations", ends(delegations)),
        ("revoked", ends(revoked)),
        ("settings", fixed(32, 7)),
        ("entries", fixed(32, 8)),
    ];
    Shape::new(whole, fields)
}

pub(super) fn duty() -> Shape {
    let whole = ends(|end| Duty {
        serial: Serial([3; 8]),
        x: DhPublic([4; 32]),
        ek: heap(5),
        not_before: Unix(at(end, [1, u64::MAX - 1])),
        expires: Unix(at(end, [2, u64::MAX - 2])),
    });
    let fields = [
        ("serial", fixed(8, 3)),
        ("x", fixed(32, 4)),
        ("ek", ends(|_| heap::<EK_LEN>(5))),
        ("not_before", number(1)),
        ("expires", number(2)),
    ];
    Shape::new(whole, fields)
}

/// Most bytes of an entry's address. The constant itself is private.
fn entry_address_most() -> usize {
    usize::try_from(Source::read().value("ENTRY_ADDRESS_MAX")).unwrap()
}

/// An entry, and the list of them.
pub(super) fn entries() -> [Shape; 2] {
    let address = entry_address_most();
    let association = |end| at(end, [None, Some(label(LABEL_MAX))]);
    let entry = |end| Entry {
        address: "x".repeat(at(end, [0, address])),
        peer: NodePeer([3; 32]),
        association: association(end),
    };
    let entries = |end| at(end, [vec![], vec![entry(1); MAX_ENTRIES]]);
    let whole = ends(|end| EntryList {
        entries: entries(end),
    });
    let of_entry = [
        ("address", text(0, address)),
        ("peer", fixed(32, 3)),
        ("association", ends(association)),
    ];
    [
        Shape::new(ends(entry), of_entry),
        Shape::new(whole, [("entries", ends(entries))]),
    ]
}

pub(super) fn lend() -> Shape {
    let association = |end| at(end, [None, Some(label(LABEL_MAX))]);
    let whole = ends(|end| Lend {
        entry: NodePeer([3; 32]),
        helpline: HelplineId([4; 32]),
        name: association(end),
        not_before: Unix(at(end, [1, u64::MAX - 1])),
        expires: Unix(at(end, [2, u64::MAX - 2])),
    });
    let fields = [
        ("entry", fixed(32, 3)),
        ("helpline", fixed(32, 4)),
        ("name", ends(association)),
        ("not_before", number(1)),
        ("expires", number(2)),
    ];
    Shape::new(whole, fields)
}

/// A duty of a descriptor, and the descriptor.
pub(super) fn descriptor() -> [Shape; 2] {
    let duty = |end| DutyEntry {
        serial: Serial([3; 8]),
        languages: languages(end),
        hash: ObjectHash([4; 32]),
    };
    let entries = |end| at(end, [vec![], vec![NodePeer([6; 32]); MAX_ENTRIES]]);
    let duties = |end| at(end, [vec![], vec![duty(1); MAX_DUTIES]]);
    let whole = ends(|end| Descriptor {
        op_pk: [5; 32],
        version: at(end, [0, u64::MAX]),
        issued: Unix(at(end, [1, u64::MAX - 1])),
        expires: Unix(at(end, [2, u64::MAX - 2])),
        roster_version: at(end, [3, u64::MAX - 3]),
        entries: entries(end),
        duties: duties(end),
    });
    let of_duty = [
        ("serial", fixed(8, 3)),
        ("languages", ends(languages)),
        ("hash", fixed(32, 4)),
    ];
    let fields = [
        ("op_pk", fixed(32, 5)),
        ("version", number(0)),
        ("issued", number(1)),
        ("expires", number(2)),
        ("roster_version", number(3)),
        ("entries", ends(entries)),
        ("duties", ends(duties)),
    ];
    [Shape::new(ends(duty), of_duty), Shape::new(whole, fields)]
}

pub(super) fn mail_key() -> Shape {
    let whole = ends(|end| MailKey {
        serial: Serial([3; 8]),
        x: DhPublic([4; 32]),
        ek_hash: [5; 32],
        not_before: Unix(at(end, [1, u64::MAX - 1])),
        expires: Unix(at(end, [2, u64::MAX - 2])),
    });
    let fields = [
        ("serial", fixed(8, 3)),
        ("x", fixed(32, 4)),
        ("ek_hash", fixed(32, 5)),
        ("not_before", number(1)),
        ("expires", number(2)),
    ];
    Shape::new(whole, fields)
}

fn request() -> Shape {
    let whole = ends(|end| CertificateRequest {
        id_pk: [3; 32],
        made: Unix(at(end, [1, u64::MAX - 1])),
    });
    Shape::new(whole, [("id_pk", fixed(32, 3)), ("made", number(1))])
}

#[test]
fn signed_objects_have_the_published_fields() {
    let [entry, list] = entries();
    let [duty_entry, descriptor] = descriptor();
    let code = [
        delegation().row("delegation"),
        certificate().row("certificate"),
        roster().row("roster"),
        duty().row("duty"),
        list.row("entries"),
        entry.row("an entry in it"),
        lend().row("lend"),
        descriptor.row("descriptor"),
        duty_entry.row("a duty in it"),
        mail_key().row("mail_key"),
        request().row("request"),
    ];
    assert_eq!(columns::<3>("## Signed objects", "Object | Fields"), code);
}

#[test]
fn settings_have_the_published_fields() {
    let texts = |end| {
        let text = |number: usize| at(end, [String::new(), number.to_string().repeat(TEXT_MAX)]);
        LocalTexts {
            language: language(at(end, [2, 8])),
            hours: text(1),
            confidentiality: text(2),
            danger: text(3),
            legal: text(4),
            services: text(5),
        }
    };
    let text_of = |number: usize| ends(|end| at(end, [String::new(), number.to_string().repeat(TEXT_MAX)]));
    let of_texts = [
        ("language", text(2, 8)),
        ("hours", text_of(1)),
        ("confidentiality", text_of(2)),
        ("danger", text_of(3)),
        ("legal", text_of(4)),
        ("services", text_of(5)),
    ];
    let one = Shape::new(ends(texts), of_texts);
    assert_eq!(columns::<2>("### Settings", "Texts of one language"), one.rows());

    let languages = usize::try_from(Source::read().value("TEXT_LANGUAGES_MAX")).unwrap();
    let all = |end| at(end, [vec![], vec![texts(1); languages]]);
    let settings = |end| Settings {
        name: label(at(end, [1, LABEL_MAX])),
        chats_at_once: at(end, [1, 3]),
        texts: all(end),
    };
    let fields = [
        ("name", name()),
        ("chats at once", [vec![1], vec![3]]),
        ("texts", ends(all)),
    ];
    let whole = Shape::new(ends(settings), fields);
    // All texts at their longest are refused, because the whole has a limit of its own.
    assert!(settings(1).encode().is_err());
    let mut rows = whole.fields();
    let least = settings(0).encode().unwrap();
    rows.push(["in all".to_owned(), bytes(&[least, vec![0; SETTINGS_MAX]])]);
    assert_eq!(columns::<2>("### Settings", "Settings"), rows);
}

#[test]
fn an_address_has_the_published_fields() {
    let key = SignKey::from_bytes(&[1; 32]);
    let root = RootKey(key.public());
    let whole = [1, entry_address_most()].map(|length| {
        let route = Route {
            entry_address: "x".repeat(length),
            entry: NodePeer([2; 32]),
            home: NodePeer([3; 32]),
        };
        let text = HelplineAddress::sign(&key, vec![route]).unwrap().to_string();
        BASE32_NOPAD
            .decode(text.strip_prefix("hamsa:1:").unwrap().as_bytes())
            .unwrap()
    });
    let checksum = whole.clone().map(|whole| {
        let body = &whole[..whole.len() - 4];
        sha256(&[b"HP1/address", body])[..4].to_vec()
    });
    let signature = whole
        .clone()
        .map(|whole| whole[whole.len() - 68..whole.len() - 4].to_vec());
    // A length of one byte, also where postcard would take two.
    let address = [1_u8, 128].map(|length| [vec![length], vec![b'x'; usize::from(length)]].concat());
    let key = root.0.to_bytes().to_vec();
    let fields = [
        ("root", [key.clone(), key]),
        ("routes", fixed(1, 1)),
        ("entry's address", address),
        ("entry", fixed(32, 2)),
        ("home", fixed(32, 3)),
        ("signature", signature),
        ("checksum", checksum),
    ];
    let shape = Shape::new(whole, fields);
    assert_eq!(columns::<2>("## Address", "Address"), shape.fields());
}

#[test]
fn intake_card_and_payload_have_the_published_fields() {
    let intake = ends(|end| Intake {
        language: language(at(end, [2, 8])),
        urgent: end == 1,
    });
    let fields = [("language", text(2, 8)), ("urgent", [vec![0], vec![1]])];
    assert_eq!(
        columns::<2>("## Ticket", "Intake"),
        Shape::new(intake, fields).rows()
    );

    let seeds = |end| at(end, [vec![], vec![Seed([1; SEED_LEN]); URGENCY_SEEDS_MAX]]);
    let urgency = ends(|end| UrgencyPayment {
        seeds: seeds(end),
        nonce: at(end, [0, u64::MAX]),
    });
    let fields = [("seeds", ends(seeds)), ("nonce", number(0))];
    assert_eq!(
        columns::<2>("## Ticket", "Urgency"),
        Shape::new(urgency, fields).rows()
    );

    let mailbox = || MailBox {
        home: DhPublic([2; 32]),
        read: TokenHash([3; 32]),
    };
    let boxes = |end| at(end, [vec![], vec![mailbox(); MAIL_BOXES_MAX]]);
    let card = ends(|end| Card {
        language: language(at(end, [2, 8])),
        returning: end == 1,
        number: at(end, [1, u16::MAX]),
        return_x: DhPublic([4; 32]),
        return_ek: heap(5),
        boxes: boxes(end),
        text: "x".repeat(at(end, [0, MAIL_TEXT_MAX])),
    });
    let fields = [
        ("language", text(2, 8)),
        ("came back", [vec![0], vec![1]]),
        ("number", [vec![1], postcard_encode(&u16::MAX)]),
        ("return_x", fixed(32, 4)),
        ("return ek", ends(|_| heap::<EK_LEN>(5))),
        ("boxes", ends(boxes)),
        ("words", text(0, MAIL_TEXT_MAX)),
    ];
    let card = Shape::new(card, fields);
    assert_eq!(columns::<2>("### Deposit", "Card"), card.rows());
    let row = section("### Deposit")
        .lines()
        .find(|line| line.starts_with("| boxes |"));
    assert_eq!(
        sizes(row.unwrap()).iter().sum::<usize>(),
        postcard_encode(&mailbox()).len()
    );

    // The type is private to its module: its order is read from the source, and the sizes are those of its fields'
    // types.
    let payload = ["deposit", "date", "mail_key", "certificate", "text"];
    assert_eq!(Source::read().fields("Payload"), payload);
    let [mail_key, certificate] = [mail_key(), certificate()].map(|shape| shape.inside());
    let fields = [
        ("deposit", ends(|_| DepositId([2; 32]))),
        ("date", number(3)),
        ("mail key", mail_key),
        ("certificate", certificate),
        ("words", text(0, REPLY_TEXT_MAX)),
    ];
    let whole: Ends = [0, 1].map(|end| fields.iter().flat_map(|(_, field)| field[end].clone()).collect());
    assert_eq!(
        columns::<2>("### Reply", "Payload"),
        Shape::new(whole, fields).rows()
    );
}
