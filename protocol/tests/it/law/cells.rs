//! The cells of a chat as docs/protocol.md has them, against what is sent: a chat with known randomness is
//! decrypted by hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chacha20poly1305::{ChaCha20Poly1305, KeyInit, aead::Aead};
use hamsa_protocol::time::millis;
use hkdf::Hkdf;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    code::{
        Beginning, Binding, CELL_BODY_MAX, CT_LEN, Chat, Colleague, DhPublic, DhSecret, DutySecrets, End,
        EndReason, HEAL_LEN, HEALED_LEN, KemSecret, KemUse, MESSAGE_ID_MAX, MESSAGE_MAX, PLAIN_LEN,
        PROOF_LEN, Pace, Pattern, RATCHET_AFTER, ROSTER_ID_LEN, Random, RootKey, RosterId, Seen, Serial,
        SignKey, Signed, Status, TAG_LEN, Tick, TicketId, Unix, Waiting, handshake, random, sha256,
    },
    layout::lies_as,
    page::{columns, sizes, table, thousands},
    records::colleague,
    shapes::{Shape, bytes},
};
use crate::source::Source;

/// The run of the counselor's program.
const RUN: [u8; 16] = [9; 16];
/// The streams of randomness that are drawn from twice: by the protocol, and by hand.
const HANDSHAKE: u64 = 1;
const SEEKER: u64 = 2;
const COUNSELOR: u64 = 3;

fn seeded(seed: u64) -> Random {
    Box::new(ChaCha20Rng::seed_from_u64(seed))
}

/// One direction of a chat: the end that writes, and the key that it writes with.
struct OneWay {
    chat: Chat,
    random: Random,
    key: [u8; 32],
}

/// Both ends of a chat.
struct Overheard {
    seeker: OneWay,
    counselor: OneWay,
}

/// The key after every step of Noise is the first block of HKDF. The last two are the keys of the two directions.
fn transport_keys(steps: [Zeroizing<[u8; 32]>; 6]) -> [[u8; 32]; 2] {
    let mut chaining = sha256(&[Pattern::NxPsk0Psk2.name().as_bytes()]);
    for step in steps {
        let kdf = Hkdf::<Sha256>::new(Some(&chaining), step.as_slice());
        kdf.expand(&[], &mut chaining).unwrap();
    }
    let mut keys = [0; 64];
    let kdf = Hkdf::<Sha256>::new(Some(&chaining), &[]);
    kdf.expand(&[], &mut keys).unwrap();
    [0, 32].map(|at| keys[at..at + 32].try_into().unwrap())
}

impl Overheard {
    fn begin(proof: &[u8]) -> Self {
        let [root, identity] = [4, 5].map(|seed| SignKey::generate(&mut seeded(seed)));
        let helpline = RootKey(root.public()).helpline();
        let secrets = DutySecrets::generate(&mut seeded(6));
        let duty = secrets.duty(Serial([1; 8]), Unix(1), Duration::from_secs(3_600));
        let duty = Signed::sign(duty, &identity, &helpline).unwrap();
        let ticket = TicketId([2; 32]);
        let psk0 = handshake::psk0(&helpline, &Zeroizing::new([3; 32]));
        let binding = Binding {
            helpline,
            ticket,
            attempt: 0,
            sealed_hash: [4; 32],
        };
        let (waiting, message_1) = Waiting::start(binding, psk0.clone(), &mut seeded(HANDSHAKE)).unwrap();
        let (message_2, theirs) = handshake::respond(
            &binding,
            &psk0,
            &message_1,
            &duty,
            &secrets,
            RosterId::default(),
            &mut seeded(7),
        )
        .unwrap();
        let ours = waiting.finish(&message_2).unwrap();

        // psk, e, e, ee, es, psk: what the seeker knows, from the same randomness.
        let mut random = seeded(HANDSHAKE);
        let e = DhSecret::from_bytes(&random::secret(&mut random));
        let kem = KemSecret::generate(&mut random);
        let (ct, rest) = message_2.split_first_chunk::<CT_LEN>().unwrap();
        let other = DhPublic(*rest.first_chunk().unwrap());
        let [from_seeker, from_counselor] = transport_keys([
            psk0,
            Zeroizing::new(e.public().0),
            Zeroizing::new(other.0),
            e.agree(&other).unwrap(),
            e.agree(&secrets.x.public()).unwrap(),
            kem.decapsulate(KemUse::Live, ct),
        ]);
        let way = |established, role, extra, seed, key| {
            let mut random = seeded(seed);
            let beginning = Beginning {
                helpline,
                ticket,
                established,
                role,
                seen: Seen::default(),
                status: Status::default(),
                extra,
            };
            let chat = Chat::new(beginning, &mut random, Tick(0));
            OneWay { chat, random, key }
        };
        let duty_x = DhSecret::from_bytes(&secrets.x.to_bytes());
        Self {
            seeker: way(ours, End::Seeker, proof.to_vec(), SEEKER, from_seeker),
            counselor: way(
                theirs,
                End::Counselor(duty_x, RUN),
                Vec::new(),
                COUNSELOR,
                from_counselor,
            ),
        }
    }

    fn seeker_cell(&mut self, now: Tick) -> ClearCell {
        self.seeker.bring(&mut self.counselor.chat, now)
    }

    fn counselor_cell(&mut self, now: Tick) -> ClearCell {
        self.counselor.bring(&mut self.seeker.chat, now)
    }
}

impl OneWay {
    /// Brings the next cell to the other end, which reads it; the test reads it too.
    fn bring(&mut self, to: &mut Chat, now: Tick) -> ClearCell {
        let index = self.chat.poll_cell().expect("a cell waits");
        let cell = self.chat.cell(index).unwrap().to_vec();
        to.handle_cell(index, &cell, now);
        while to.poll_event().is_some() {}
        let cipher = ChaCha20Poly1305::new(&self.key.into());
        let nonce = |number: u64| -> [u8; 12] {
            let bytes = [&[0; 4], number.to_le_bytes().as_slice()].concat();
            bytes.try_into().unwrap()
        };
        let plain = cipher.decrypt(&nonce(index).into(), cell.as_slice()).unwrap();
        let next = cipher
            .encrypt(&nonce(u64::MAX).into(), [0; 32].as_slice())
            .unwrap();
        self.key = *next.first_chunk().unwrap();
        ClearCell { plain, cell }
    }
}

/// A cell in plaintext, and as it was sent.
struct ClearCell {
    plain: Vec<u8>,
    cell: Vec<u8>,
}

impl ClearCell {
    fn kind(&self) -> String {
        self.plain[0].to_string()
    }

    fn body(&self) -> &[u8] {
        let length = u16::from_be_bytes([self.plain[18], self.plain[19]]);
        &self.plain[20..20 + usize::from(length)]
    }

    /// Status, ack and shown.
    fn told(&self) -> (u8, u64, u64) {
        let number = |at: usize| u64::from_be_bytes(self.plain[at..at + 8].try_into().unwrap());
        (self.plain[1], number(2), number(10))
    }
}

#[test]
fn a_cell_lies_as_the_table_says() {
    let mut both = Overheard::begin(&[]);
    both.counselor_cell(Tick(0));
    both.seeker_cell(Tick(0));
    both.seeker
        .chat
        .say("id".into(), Zeroizing::new("word".into()), Tick(0))
        .unwrap();
    let said = both.seeker_cell(Tick(0));
    let flags_and_message = b"\x03\x02idword";
    let mut body = flags_and_message.to_vec();
    body.resize(CELL_BODY_MAX, 0);
    let parts = [
        ("kind", vec![2]),
        ("status", vec![0]),
        ("ack", 1_u64.to_be_bytes().to_vec()),
        ("shown", 1_u64.to_be_bytes().to_vec()),
        ("length of the body", vec![0, 8]),
        ("body", body),
        ("tag", said.cell[PLAIN_LEN..].to_vec()),
    ];
    let whole = [said.plain.as_slice(), &said.cell[PLAIN_LEN..]].concat();
    assert_eq!(said.cell.len(), whole.len());
    assert_eq!(said.cell.len() - said.plain.len(), TAG_LEN);
    lies_as(&table("### Cells", "Offset"), &whole, &parts);
    assert_eq!(said.body(), flags_and_message);
}

#[test]
fn first_cells_and_messages_have_the_published_fields() {
    let proof = [8; PROOF_LEN];
    let roster = [7; ROSTER_ID_LEN];
    let hello = [&[], proof.as_slice()].map(|proof| {
        let behind = [roster.as_slice(), proof].concat();
        let hello = Overheard::begin(&behind).seeker_cell(Tick(0));
        hello.body().to_vec()
    });
    let mut random = seeded(SEEKER);
    let [r, key] = [
        random::public::<32>(&mut random),
        DhSecret::generate(&mut random).public().0,
    ];
    let twice = |bytes: &[u8]| [bytes.to_vec(), bytes.to_vec()];
    let fields = [
        ("random", twice(&r)),
        ("ratchet key", twice(&key)),
        ("roster", twice(&roster)),
        ("proof", [vec![], proof.to_vec()]),
    ];
    let code = Shape::new(hello, fields).rows();
    // The seeker has come back or not: there is no third value.
    let code: Vec<[String; 2]> = code
        .into_iter()
        .map(|[name, bytes]| [name, bytes.replace('–', " or ")])
        .collect();
    assert_eq!(columns::<2>("### Cells", "Hello of the seeker"), code);

    let mut both = Overheard::begin(&[]);
    let theirs = both.counselor_cell(Tick(0));
    let r = random::public::<32>(&mut seeded(COUNSELOR));
    let fields = [("random", twice(&r)), ("run", twice(&RUN))];
    let code = Shape::new(twice(theirs.body()), fields).rows();
    assert_eq!(columns::<2>("### Cells", "Hello of the counselor"), code);
    let row = table("### Cells", "Hello of the seeker").swap_remove(3);
    assert_eq!(sizes(&row[2]).iter().sum::<usize>(), PROOF_LEN);

    let message = |id: usize, words: usize| {
        let mut both = Overheard::begin(&[]);
        both.counselor_cell(Tick(0));
        both.seeker_cell(Tick(0));
        let text = Zeroizing::new("y".repeat(words));
        both.seeker.chat.say("x".repeat(id), text, Tick(0)).unwrap();
        let mut stream = Vec::new();
        loop {
            let part = both.seeker_cell(Tick(0));
            let (flags, part) = part.body().split_first().unwrap();
            assert_eq!(flags & 1 == 1, stream.is_empty());
            stream.extend_from_slice(part);
            if flags & 2 == 2 {
                return stream;
            }
        }
    };
    let fields = [
        ("length", [vec![1], vec![64]]),
        ("id", [vec![b'x'], vec![b'x'; MESSAGE_ID_MAX]]),
        ("words", [vec![], vec![b'y'; MESSAGE_MAX]]),
    ];
    let whole = [message(1, 0), message(MESSAGE_ID_MAX, MESSAGE_MAX)];
    let code = Shape::new(whole, fields).rows();
    assert_eq!(columns::<2>("### Cells", "Message, all fragments"), code);
}

/// `LeftQuickly` is "left quickly" on the page.
fn words(variant: &str) -> String {
    let mut words = String::new();
    for letter in variant.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[test]
fn every_kind_of_cell_stands_in_the_law_and_no_other() {
    let rows: Vec<[String; 4]> = columns("### Cells", "Kind");
    let law: BTreeMap<String, String> = rows
        .iter()
        .map(|[number, name, ..]| (number.clone(), name.clone()))
        .collect();
    assert_eq!(law.len(), rows.len());
    let source = Source::read();
    let variants = source.variants("CellKind").into_iter();
    let code: BTreeMap<String, String> = variants
        .map(|(variant, number)| (number.to_string(), words(variant)))
        .collect();
    assert_eq!(law, code);

    // And they are what is sent.
    let mut both = Overheard::begin(&[0; ROSTER_ID_LEN + PROOF_LEN]);
    let (start, soon, later) = (Tick(0), Tick(100), Tick(millis(RATCHET_AFTER) + 1_000));
    let mut seen: Vec<(&str, &str, ClearCell)> = Vec::new();
    seen.push(("hello", "either", both.seeker_cell(start)));
    seen.push(("hello", "either", both.counselor_cell(start)));
    let text = Zeroizing::new("word".to_owned());
    both.seeker.chat.say("id".into(), text, start).unwrap();
    seen.push(("data", "either", both.seeker_cell(start)));
    both.counselor.chat.handle_timeout(soon);
    seen.push(("ack", "either", both.counselor_cell(soon)));
    let colleague_of = Colleague {
        serial: Serial([7; 8]),
        pseudonym: "Amal".parse().unwrap(),
    };
    both.counselor.chat.ask_transfer(&colleague_of, soon);
    seen.push(("ask transfer", "counselor", both.counselor_cell(soon)));
    for yes in [true, false] {
        both.seeker.chat.answer_transfer(yes, soon);
        let answer = both.seeker_cell(soon);
        assert_eq!(answer.body(), [u8::from(yes)]);
        seen.push(("answer transfer", "seeker", answer));
    }
    let mut bits = Vec::new();
    for (name, pause, no_details) in [("pause", true, false), ("no details", false, true)] {
        both.seeker.chat.set_pace(Pace { pause, no_details }, soon);
        let pace = both.seeker_cell(soon);
        bits.push([pace.body()[0].to_string(), name.to_owned()]);
        seen.push(("pace", "seeker", pace));
    }
    assert_eq!(columns::<2>("### Cells", "Bit of pace"), bits);
    both.seeker.chat.ratchet(&mut both.seeker.random, later);
    seen.push(("heal", "seeker", both.seeker_cell(later)));
    both.counselor.chat.ratchet(&mut both.counselor.random, later);
    seen.push(("healed", "counselor", both.counselor_cell(later)));
    let mut both = Overheard::begin(&[]);
    both.seeker_cell(start);
    both.seeker.chat.end(EndReason::Finished, start);
    seen.push(("end", "either", both.seeker_cell(start)));

    let one = |length: usize| thousands(length);
    let lengths: BTreeMap<&str, String> = [
        (
            "hello",
            format!(
                "{}, {} or {}",
                32 + RUN.len(),
                32 + 32 + ROSTER_ID_LEN,
                32 + 32 + ROSTER_ID_LEN + PROOF_LEN
            ),
        ),
        ("data", format!("2–{}", thousands(CELL_BODY_MAX))),
        ("ack", one(0)),
        ("end", one(1)),
        ("heal", one(HEAL_LEN)),
        ("healed", one(HEALED_LEN)),
        ("ask transfer", bytes(&colleague())),
        ("answer transfer", one(1)),
        ("pace", one(1)),
    ]
    .into();
    let travelled: BTreeSet<[String; 4]> = seen
        .iter()
        .map(|(name, from, cell)| {
            [
                cell.kind(),
                (*name).to_owned(),
                (*from).to_owned(),
                lengths[name].clone(),
            ]
        })
        .collect();
    assert_eq!(travelled, rows.into_iter().collect());
    for (name, _, cell) in &seen {
        let length = &lengths[name];
        let fixed = thousands(cell.body().len());
        let within = match *name {
            "hello" => length.split([',', ' ']).any(|one| one == fixed),
            "data" => cell.body().len() <= CELL_BODY_MAX,
            "ask transfer" => cell.body().len() == 8 + 1 + "Amal".len(),
            _ => *length == fixed,
        };
        assert!(within, "{name}: {fixed}");
    }
}

#[test]
fn every_reason_of_an_end_stands_in_the_law_and_no_other() {
    let source = Source::read();
    let variants = source.variants("EndReason").into_iter();
    let code: Vec<[String; 2]> = variants
        .map(|(variant, number)| [number.to_string(), words(variant)])
        .collect();
    assert_eq!(columns::<2>("### Cells", "Reason"), code);
    // And they are what is sent.
    let all = [
        EndReason::Finished,
        EndReason::LeftQuickly,
        EndReason::Revoked,
        EndReason::Transferred,
        EndReason::NoPlace,
    ];
    assert_eq!(all.len(), code.len());
    for (reason, [number, name]) in all.into_iter().zip(code) {
        let mut both = Overheard::begin(&[]);
        both.seeker_cell(Tick(0));
        both.seeker.chat.end(reason, Tick(0));
        let end = both.seeker_cell(Tick(0));
        assert_eq!(end.body(), [number.parse::<u8>().unwrap()], "{name}");
        assert_eq!(words(&format!("{reason:?}")), name);
    }
}

#[test]
fn every_status_stands_in_the_law_and_both_counters_travel() {
    let source = Source::read();
    let variants = source.variants("Status").into_iter();
    let code: Vec<[String; 2]> = variants
        .map(|(variant, number)| [number.to_string(), words(variant)])
        .collect();
    assert_eq!(columns::<2>("### Cells", "Status"), code);
    for status in [Status::Here, Status::Locked, Status::Asking] {
        let mut both = Overheard::begin(&[]);
        both.seeker_cell(Tick(0));
        both.counselor_cell(Tick(0));
        let text = Zeroizing::new("word".to_owned());
        both.seeker.chat.say("id".into(), text, Tick(0)).unwrap();
        both.seeker_cell(Tick(0));
        both.counselor.chat.set_status(status);
        both.counselor.chat.handle_timeout(Tick(100));
        // The machine has it, and its face has not shown it.
        assert_eq!(both.counselor_cell(Tick(100)).told(), (status as u8, 2, 1));
        both.counselor.chat.shown(&[0; 16], "id", Tick(200));
        both.counselor.chat.handle_timeout(Tick(300));
        assert_eq!(both.counselor_cell(Tick(300)).told(), (status as u8, 2, 2));
    }
}
