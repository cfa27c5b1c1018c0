//! Where fuzzing begins: one honest input of each kind, so that a fuzzer need not find by chance what everybody
//! knows, and for the machines some long runs of random operations.

use std::collections::BTreeSet;

use hamsa_protocol::{
    crypto::tokens::TokenHash,
    objects::{
        Bytes, CertificateFile, CertificateRequest, LendFile, Object, SETTINGS_MAX, Signed, postcard_encode,
    },
    time::Unix,
    wire::{ChannelOpening, DepositPosting, Kind, Lane, Posting, Prices, Receipt, Record, ReplyPosting},
};

use super::{
    helpline::{TICKET, helpline, seeded},
    mail::CORRESPONDENCE,
};

/// Random runs of each machine.
const RUNS: u64 = 4;
/// Bytes of such a run.
const RUN_LEN: usize = 1_500;

/// The seeds of a target; none for a name that is no target.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let known = helpline();
    let text = |text: &str| text.as_bytes().to_vec();
    let numbered = |number: u8, body: &[u8]| [&[number], body].concat();
    match target {
        "record" => vec![
            Record::new(Kind::Beat).encode(),
            Record::new(Kind::Put)
                .token([3; 32])
                .index(5)
                .body(vec![9; 2_048])
                .encode(),
        ],
        "address" => vec![
            text(&known.address.to_string()),
            text("hamsa:2:AAAA"),
            address_body(),
            // The routes alone: the target signs them.
            address_body()[32..address_body().len() - 64].to_vec(),
        ],
        "files" => {
            let request = CertificateRequest {
                id_pk: known.identity().public().to_bytes(),
                made: Unix(9),
            };
            let request = Signed::sign(request, &known.identity(), &CertificateRequest::HELPLINE);
            let file = CertificateFile {
                address: known.address.clone(),
                certificate: known.certificate.clone(),
            };
            let lend = LendFile {
                address: "/ip4/203.0.113.5/tcp/4310".into(),
                lend: known.entrances().lends[0].clone(),
            };
            vec![
                text(&request.expect("a request").to_text()),
                text(&file.to_string()),
                text(&lend.to_string()),
                numbered(1, body(&known.certificate)),
            ]
        }
        "objects" => vec![
            numbered(0, body(&known.delegation)),
            numbered(1, body(&known.certificate)),
            numbered(2, body(&known.roster)),
            numbered(3, body(&known.duty)),
            numbered(4, &descriptor_body()),
            numbered(5, &super::mail::mail_key_body()),
            numbered(
                6,
                &[known.identity().public().to_bytes().as_slice(), &[9]].concat(),
            ),
            numbered(7, body(&known.entrances().list)),
            numbered(8, body(&known.entrances().lends[0])),
            // A roster whose first number is longer than it need be, and one that promises a billion hashes.
            numbered(2, &[[0x81, 0x00].as_slice(), &body(&known.roster)[1..]].concat()),
            numbered(2, &[1, 1, 2, 0xff, 0xff, 0xff, 0xff, 0x0f]),
        ],
        "messages" => vec![
            numbered(0, &postcard_encode(&posting())),
            numbered(1, &postcard_encode(&posting().receipt.expect("a receipt"))),
            numbered(2, &postcard_encode(&opening())),
            numbered(3, &[10]),
            numbered(4, &postcard_encode(&super::helpline::Helpline::intake())),
            numbered(5, &known.head(known.roster.encoded(), 1, true)),
            numbered(5, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
            numbered(6, &postcard_encode(&deposit())),
            numbered(7, &postcard_encode(&reply())),
            numbered(9, &known.page()),
            numbered(10, &[1, 2, 0]),
            // October 2026: ten who felt heard.
            numbered(11, &[1, 0xa9, 5, 10, 0, 0, 0, 0, 0]),
        ],
        "settings" => vec![known.settings.clone(), vec![0xff; 12], vec![0; SETTINGS_MAX + 1]],
        "texts" => vec![
            text("Nour"),
            text("zgh-Tfng"),
            text("0123456789abcdef"),
            text("\u{202e}evil"),
            text(" "),
        ],
        "kem_key" => vec![
            numbered(0, &[0, 0, 0, 0]),
            numbered(1, known.duty.ek.0.as_slice()),
            numbered(1, &[0xff; 1_184]),
        ],
        "mail" | "ticket_open" | "live_finish" | "home_link" => (0..5_u8)
            .flat_map(|stage| [numbered(stage, &[0, 0, 5, 1]), numbered(stage, &[1; 60])])
            .collect(),
        "phrase" => vec![
            text("abandon abandon abandon abandon abandon abandon abandon about"),
            text("abaisser abaisser abaisser abaisser abaisser abaisser abaisser abaisser"),
            numbered(0, &[7, 0, 0, 0, 0]),
            numbered(1, &[9, 1, 2, 3, 4, 0, 0]),
        ],
        "parts" | "cells" | "chats" | "home" | "seeker" | "counselor" => runs(),
        #[cfg(feature = "programs")]
        "vault" => vec![
            numbered(0, b"HAMSAVLT"),
            numbered(0, &[]),
            numbered(1, &[0, 0, 50, 1]),
            numbered(2, &[0xff; 40]),
            numbered(3, &[0]),
            numbered(3, &[1, 3, 1, 2, 3]),
        ],
        #[cfg(feature = "programs")]
        "config" => vec![
            text("listen = [\"/ip4/0.0.0.0/tcp/4310\"]\nroles = [\"entry\"]\n"),
            text("listen = [\"/ip4/0.0.0.0/tcp/1\", \"/ip4/0.0.0.0/tcp/1\"]\n"),
            text("listen = []\nnmae = \"x\"\n"),
            text("listen = 5\n"),
        ],
        #[cfg(feature = "programs")]
        "publication" => vec![publication()],
        #[cfg(feature = "programs")]
        "commands" => vec![
            text(r#"{"cmd":"start","language":"fr","urgent":true,"text":"bonjour"}"#),
            text(r#"{"cmd":"say","id":"1","text":"\u00e9\ud83d\ude00"}"#),
            text(r#"{"cmd":"say","chat":"00","id":"1","text":""}"#),
            text(r#"{"cmd":"take_next"}"#),
            text(r#"{"cmd":"exit","more":1}"#),
            vec![b'['; 5_000],
        ],
        #[cfg(feature = "programs")]
        "node_address" => vec![
            text("/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"),
            text(
                "/dns4/entry.example.org/tcp/443/ws/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN",
            ),
            text("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"),
            text("/ip4/192.0.2.1/udp/4001/quic-v1"),
        ],
        #[cfg(feature = "programs")]
        "keys" => vec![
            text("\u{0}salam\r\u{1b}[A\u{1b}OH\u{1b}[3;5~\u{1b}[<0;12;5M\u{1b}[M !!\u{1b}f\u{1b}"),
            text("\u{3}\u{1b}[200~un\rdeux\u{18}\u{1b}[20\u{1b}[201~\rtrois\r\u{1b}[200~كيقول\r"),
            numbered(5, &[0xd8, 0x1b, 0x5b, 0x31, 0x3b, 0x18, 0xff, 0x03, 0xf0, 0x9f]),
            [&[6], [b'9'; 100].as_slice(), b"\r\n\t\x1b[120;5u\x1b[27;5;120~"].concat(),
        ],
        #[cfg(feature = "programs")]
        "layout" => vec![
            text("\u{14}\u{7f}salam (السلام) \u{1b}[2J\u{202e}7abib"),
            text("\u{1}\u{0}لا لَا ﷺ e\u{301}\u{301}\u{301} 👩‍👧"),
            numbered(9, &[0xff, 0xfe, 0x9b, 0x31, 0x6d, 0x00]),
        ],
        _ => Vec::new(),
    }
}

/// What was signed, without the signature.
fn body<T: Object>(object: &Signed<T>) -> &[u8] {
    &object.encoded()[hamsa_protocol::crypto::keys::SIGNATURE_LEN..]
}

fn descriptor_body() -> Vec<u8> {
    let known = helpline();
    let head = known.head(known.roster.encoded(), 5, true);
    type Parts = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<Vec<u8>>, Prices);
    let parts: Option<Parts> = hamsa_protocol::objects::postcard_decode(&head);
    let (_, descriptor, ..) = parts.expect("a head");
    descriptor[hamsa_protocol::crypto::keys::SIGNATURE_LEN..].to_vec()
}

fn address_body() -> Vec<u8> {
    let text = helpline().address.to_string();
    let bytes = data_encoding::BASE32_NOPAD.decode(&text.as_bytes()["hamsa:1:".len()..]);
    let mut bytes = bytes.expect("an address");
    bytes.truncate(bytes.len() - 4);
    bytes
}

fn posting() -> Posting {
    Posting {
        ticket: TICKET,
        attempt: 3,
        slot: TokenHash([1; 32]),
        receipt: Some(Receipt {
            order: 300,
            issued: Unix(7),
            mac: [2; 32],
        }),
        body: Bytes(helpline().seal(TICKET, 3, 81).body),
    }
}

fn deposit() -> DepositPosting {
    DepositPosting {
        write: TokenHash([1; 32]),
        read: TokenHash([2; 32]),
        body: Bytes(CORRESPONDENCE.deposit.clone()),
    }
}

fn reply() -> ReplyPosting {
    ReplyPosting {
        read: TokenHash([2; 32]),
        object: Bytes(CORRESPONDENCE.reply.clone()),
    }
}

fn opening() -> ChannelOpening {
    let lane = |byte, start| Lane {
        put: TokenHash([byte; 32]),
        listen: TokenHash([byte + 1; 32]),
        start,
    };
    ChannelOpening {
        from_seeker: lane(1, 0),
        from_counselor: lane(3, u64::MAX),
    }
}

#[cfg(feature = "programs")]
fn publication() -> Vec<u8> {
    let known = helpline();
    let publication = hamsa_node::publication::Publication {
        root: known.root_key,
        roster: known.roster.clone(),
        settings: known.settings.clone(),
        entrances: known.entrances(),
        delegations: vec![known.delegation.clone()],
    };
    publication.encode()
}

fn runs() -> Vec<Vec<u8>> {
    let run = |seed| {
        let mut bytes = vec![0; RUN_LEN];
        seeded(seed).fill_bytes(&mut bytes);
        bytes
    };
    let runs: BTreeSet<Vec<u8>> = (0..RUNS).map(run).collect();
    runs.into_iter().collect()
}
