//! The published vectors of HP1: every object, handshake and token with fixed randomness, computed again and
//! compared with `docs/vectors/hp1.json`. `HAMSA_UPDATE_VECTORS=1` writes that file; whoever does it says in the
//! commit why the protocol changed. What is in the file is explained in docs/vectors.md.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    env, fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use ed25519_dalek::{Signer, SigningKey};
use hamsa_protocol::{
    chat::{Beginning, Chat, ChatEvent, EndReason, Role as End, Seen},
    fingerprint::fingerprint,
    home::{Home, HomeConfig, LinkId, Output, memory::MemoryStore},
    kem::{KemSecret, KemUse},
    keys::{DhSecret, HelplineId, NodePeer, RootKey, SignKey},
    link::{self, Dialing, login_message},
    live::{self, lost_message},
    mail::{Card, MailBox, OnMail, Replier, open_deposit, open_reply, seal_deposit, seal_reply},
    objects::{
        Bytes, Certificate, CertificateFile, CertificateRequest, Delegation, Descriptor, Duty, DutyEntry,
        DutySecrets, Entry, HelplineAddress, LocalTexts, MailKey, MailKeySecrets, Object, Role, Roster,
        Serial, Settings, Signed, address::Route,
    },
    phrase::{Phrase, ReturnKeys, WordList, verify_proof},
    random::Random,
    ticket::{self, Intake, TicketId},
    time::{Millis, Moment, Unix},
    tokens::{self, ChannelTokens, Direction},
    wire::{ChannelOpening, Kind, Lane, Posting, Receipt, Record, postcard_decode, postcard_encode, split},
};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng, TryCryptoRng, TryRng};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

const NOW: Unix = Unix(1_790_000_000);

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/vectors/hp1.json")
}

#[test]
fn the_published_vectors_are_what_this_version_computes() {
    let computed = vectors();
    if env::var_os("HAMSA_UPDATE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&computed).unwrap();
        fs::write(file(), text + "\n").unwrap();
    }
    let published = fs::read_to_string(file()).expect("docs/vectors/hp1.json is there");
    let published: Value = serde_json::from_str(&published).unwrap();
    let mut differences = Vec::new();
    compare("", &published, &computed, &mut differences);
    assert!(
        differences.is_empty(),
        "published and computed differ at {differences:#?}"
    );
}

/// Names what differs; a whole file in a message helps nobody.
fn compare(path: &str, published: &Value, computed: &Value, differences: &mut Vec<String>) {
    match (published, computed) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let none = Value::Null;
                let (a, b) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
                compare(&format!("{path}/{key}"), a, b, differences);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (number, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}/{number}"), a, b, differences);
            }
        }
        (a, b) if a != b => differences.push(path.to_owned()),
        _ => {}
    }
}

// ── randomness that leaves a trace ──

#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl Tape {
    fn hex(&self) -> String {
        hex(&self.0.lock().unwrap())
    }
}

struct Recorder {
    inner: ChaCha20Rng,
    tape: Tape,
}

impl TryRng for Recorder {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("HP1 draws bytes, and numbers of 64 bits")
    }

    /// A number is eight bytes, little-endian.
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.inner.fill_bytes(out);
        self.tape.0.lock().unwrap().extend_from_slice(out);
        Ok(())
    }
}

impl TryCryptoRng for Recorder {}

fn recorded(seed: u64) -> (Random, Tape) {
    let tape = Tape::default();
    let recorder = Recorder {
        inner: ChaCha20Rng::seed_from_u64(seed),
        tape: tape.clone(),
    };
    (Box::new(recorder), tape)
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

// ── who there is ──

struct Cast {
    root: SignKey,
    identity: SignKey,
    operator: SignKey,
    home_x: DhSecret,
    duty_secrets: DutySecrets,
    mail_secrets: MailKeySecrets,
    root_key: RootKey,
    id: HelplineId,
}

impl Cast {
    fn new() -> Self {
        let root = SignKey::from_bytes(&[0x11; 32]);
        let root_key = RootKey(root.public());
        Self {
            root,
            identity: SignKey::from_bytes(&[0x22; 32]),
            operator: SignKey::from_bytes(&[0x33; 32]),
            home_x: DhSecret::from_bytes(&[0x44; 32]),
            duty_secrets: DutySecrets {
                x: DhSecret::from_bytes(&[0x55; 32]),
                kem: KemSecret::from_seed(Zeroizing::new(core::array::from_fn(|n| u8::try_from(n).unwrap()))),
            },
            mail_secrets: MailKeySecrets {
                x: DhSecret::from_bytes(&[0x56; 32]),
                kem: KemSecret::from_seed(Zeroizing::new([0x57; 64])),
            },
            id: root_key.helpline(),
            root_key,
        }
    }

    fn peer() -> NodePeer {
        NodePeer([0x66; 32])
    }

    fn delegation(&self) -> Signed<Delegation> {
        let delegation = Delegation {
            home_peer: Self::peer(),
            home_x: self.home_x.public(),
            op_pk: self.operator.public().to_bytes(),
            not_before: NOW,
            expires: NOW.plus(90 * 86_400),
        };
        Signed::sign(delegation, &self.root, &self.id).unwrap()
    }

    fn certificate(&self) -> Signed<Certificate> {
        let certificate = Certificate {
            serial: Serial([1, 2, 3, 4, 5, 6, 7, 8]),
            id_pk: self.identity.public().to_bytes(),
            pseudonym: "نور Nour".parse().unwrap(),
            languages: vec!["fr".parse().unwrap(), "ar".parse().unwrap()],
            role: Role::Supervisor,
            not_before: NOW,
            expires: NOW.plus(180 * 86_400),
        };
        Signed::sign(certificate, &self.root, &self.id).unwrap()
    }

    fn duty(&self) -> Signed<Duty> {
        let duty = self.duty_secrets.duty(self.certificate().serial, NOW, 12 * 3_600);
        Signed::sign(duty, &self.identity, &self.id).unwrap()
    }

    fn mail_key(&self) -> Signed<MailKey> {
        let key = self
            .mail_secrets
            .mail_key(self.certificate().serial, NOW, 14 * 86_400);
        Signed::sign(key, &self.identity, &self.id).unwrap()
    }

    fn settings() -> Settings {
        Settings {
            chats_at_once: 2,
            texts: vec![LocalTexts {
                language: "fr".parse().unwrap(),
                hours: "9 h – 18 h".into(),
                confidentiality: "Nous ne gardons rien.".into(),
                danger: String::new(),
                legal: String::new(),
                services: String::new(),
            }],
            ..Settings::named("Association A".parse().unwrap())
        }
    }

    fn roster(&self) -> Signed<Roster> {
        let roster = Roster {
            version: 300,
            issued: NOW,
            expires: NOW.plus(7 * 86_400),
            certificates: vec![self.certificate().hash()],
            delegations: vec![self.delegation().hash()],
            revoked: vec![Serial([9; 8])],
            settings: Settings::hash(&Self::settings().encode().unwrap()),
        };
        Signed::sign(roster, &self.root, &self.id).unwrap()
    }

    fn descriptor(&self) -> Signed<Descriptor> {
        let entry = |association| Entry {
            address: "/dns4/entry.example.org/tcp/443/ws".into(),
            peer: NodePeer([0x77; 32]),
            association,
        };
        let descriptor = Descriptor {
            op_pk: self.operator.public().to_bytes(),
            version: 1_790_000_000_123,
            issued: NOW,
            expires: NOW.plus(86_400),
            roster_version: 300,
            entries: vec![entry(Some("Association B".parse().unwrap())), entry(None)],
            duties: vec![DutyEntry {
                serial: self.certificate().serial,
                languages: self.certificate().languages.clone(),
                hash: self.duty().hash(),
            }],
        };
        Signed::sign(descriptor, &self.operator, &self.id).unwrap()
    }

    fn request(&self) -> Signed<CertificateRequest> {
        let request = CertificateRequest {
            id_pk: self.identity.public().to_bytes(),
            made: NOW,
        };
        Signed::sign(request, &self.identity, &CertificateRequest::HELPLINE).unwrap()
    }

    fn address(&self) -> HelplineAddress {
        let route = |address: &str, entry, foreign| Route {
            entry_address: address.into(),
            entry: NodePeer([entry; 32]),
            home: Self::peer(),
            foreign,
        };
        let routes = vec![
            route("/ip4/203.0.113.5/tcp/4310", 0x77, true),
            route("/dns4/entry.example.org/tcp/443/ws", 0x78, false),
        ];
        HelplineAddress::new(self.root_key, routes).unwrap()
    }

    fn intake() -> Intake {
        Intake {
            language: "ar".parse().unwrap(),
            urgent: true,
            text: "مرحبا, 3afak. Besoin de parler.".into(),
        }
    }
}

// ── the file ──

fn vectors() -> Value {
    let cast = Cast::new();
    let mut all = Map::new();
    all.insert("protocol".into(), json!(hamsa_protocol::PROTOCOL));
    all.insert("keys".into(), keys(&cast));
    all.insert("objects".into(), objects(&cast));
    all.insert("settings".into(), settings());
    all.insert("address".into(), address(&cast));
    all.insert("files".into(), files(&cast));
    all.insert("kem".into(), kem());
    all.insert("record".into(), record());
    all.insert("home_link".into(), home_link(&cast));
    all.insert("home".into(), home(&cast));
    for (name, value) in conversation(&cast) {
        all.insert(name.into(), value);
    }
    Value::Object(all)
}

fn keys(cast: &Cast) -> Value {
    let sign = |key: &SignKey| json!({ "secret": hex(key.to_bytes().as_slice()), "public": hex(&key.public().to_bytes()) });
    let dh =
        |key: &DhSecret| json!({ "secret": hex(key.to_bytes().as_slice()), "public": hex(&key.public().0) });
    let kem = &cast.duty_secrets.kem;
    json!({
        "root": sign(&cast.root),
        "identity": sign(&cast.identity),
        "operator": sign(&cast.operator),
        "home_x": dh(&cast.home_x),
        "duty_x": dh(&cast.duty_secrets.x),
        "mail_x": dh(&cast.mail_secrets.x),
        "mail_kem": { "seed": hex(cast.mail_secrets.kem.seed().as_slice()), "ek": hex(cast.mail_secrets.kem.public().as_bytes()) },
        "duty_kem": { "seed": hex(kem.seed().as_slice()), "ek": hex(kem.public().as_bytes()) },
        "helpline": hex(&cast.id.0),
    })
}

fn signed<T: Object>(object: &Signed<T>, by: &str, fields: Value) -> Value {
    json!({ "signed_by": by, "fields": fields, "encoded": hex(object.encoded()), "hash": hex(&object.hash()) })
}

fn objects(cast: &Cast) -> Value {
    let (delegation, certificate, duty) = (cast.delegation(), cast.certificate(), cast.duty());
    let (roster, descriptor, request) = (cast.roster(), cast.descriptor(), cast.request());
    let mail_key = cast.mail_key();
    let hashes = |hashes: &[[u8; 32]]| hashes.iter().map(|hash| hex(hash)).collect::<Vec<_>>();
    let languages = |languages: &[hamsa_protocol::objects::Language]| {
        languages
            .iter()
            .map(|language| language.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    json!({
        "delegation": signed(&delegation, "root", json!({
            "home_peer": hex(&delegation.home_peer.0),
            "home_x": hex(&delegation.home_x.0),
            "op_pk": hex(&delegation.op_pk),
            "not_before": delegation.not_before.0,
            "expires": delegation.expires.0,
        })),
        "certificate": signed(&certificate, "root", json!({
            "serial": hex(&certificate.serial.0),
            "id_pk": hex(&certificate.id_pk),
            "pseudonym": certificate.pseudonym.as_str(),
            "languages": languages(&certificate.languages),
            "role": 1,
            "not_before": certificate.not_before.0,
            "expires": certificate.expires.0,
        })),
        "roster": signed(&roster, "root", json!({
            "version": roster.version,
            "issued": roster.issued.0,
            "expires": roster.expires.0,
            "certificates": hashes(&roster.certificates),
            "delegations": hashes(&roster.delegations),
            "revoked": roster.revoked.iter().map(|serial| hex(&serial.0)).collect::<Vec<_>>(),
            "settings": hex(&roster.settings),
        })),
        "duty": signed(&duty, "identity", json!({
            "serial": hex(&duty.serial.0),
            "x": hex(&duty.x.0),
            "ek": hex(duty.ek.0.as_slice()),
            "not_before": duty.not_before.0,
            "expires": duty.expires.0,
        })),
        "descriptor": signed(&descriptor, "operator", json!({
            "op_pk": hex(&descriptor.op_pk),
            "version": descriptor.version,
            "issued": descriptor.issued.0,
            "expires": descriptor.expires.0,
            "roster_version": descriptor.roster_version,
            "entries": descriptor.entries.iter().map(|entry| json!({
                "address": entry.address,
                "peer": hex(&entry.peer.0),
                "association": entry.association.as_ref().map(|name| name.as_str().to_owned()),
            })).collect::<Vec<_>>(),
            "duties": descriptor.duties.iter().map(|duty| json!({
                "serial": hex(&duty.serial.0),
                "languages": languages(&duty.languages),
                "hash": hex(&duty.hash),
            })).collect::<Vec<_>>(),
        })),
        "mail_key": signed(&mail_key, "identity", json!({
            "serial": hex(&mail_key.serial.0),
            "x": hex(&mail_key.x.0),
            "ek_hash": hex(&mail_key.ek_hash),
            "not_before": mail_key.not_before.0,
            "expires": mail_key.expires.0,
        })),
        "request": signed(&request, "identity, for the helpline of 32 zeros", json!({
            "id_pk": hex(&request.id_pk),
            "made": request.made.0,
        })),
    })
}

fn settings() -> Value {
    let settings = Cast::settings();
    let encoded = settings.encode().unwrap();
    json!({
        "fields": {
            "name": settings.name.as_str(),
            "chats_at_once": settings.chats_at_once,
            "texts": settings.texts.iter().map(|texts| json!({
                "language": texts.language.as_str(),
                "hours": texts.hours,
                "confidentiality": texts.confidentiality,
                "danger": texts.danger,
                "legal": texts.legal,
                "services": texts.services,
            })).collect::<Vec<_>>(),
        },
        "encoded": hex(&encoded),
        "hash": hex(&Settings::hash(&encoded)),
    })
}

fn address(cast: &Cast) -> Value {
    let address = cast.address();
    json!({
        "root": hex(&address.root.0.to_bytes()),
        "routes": address.routes.iter().map(|route| json!({
            "entry_address": route.entry_address,
            "entry": hex(&route.entry.0),
            "home": hex(&route.home.0),
            "foreign": route.foreign,
        })).collect::<Vec<_>>(),
        "text": address.to_string(),
        "fingerprint": fingerprint(&address.root),
    })
}

fn files(cast: &Cast) -> Value {
    let file = CertificateFile {
        address: cast.address(),
        certificate: cast.certificate(),
    };
    json!({ "request": cast.request().to_text(), "certificate": file.to_string() })
}

fn kem() -> Value {
    let mut all = Map::new();
    let uses = [
        ("wrap", KemUse::Wrap),
        ("live", KemUse::Live),
        ("ratchet", KemUse::Ratchet),
        ("mail", KemUse::Mail),
    ];
    for (number, (name, purpose)) in (0_u64..).zip(uses) {
        let (mut random, tape) = recorded(100 + number);
        let secret = KemSecret::generate(&mut random);
        let (ct, psk) = secret.public().encapsulate(purpose, &mut random);
        assert_eq!(secret.decapsulate(purpose, &ct), psk);
        all.insert(
            name.into(),
            json!({ "random": tape.hex(), "ct": hex(ct.as_slice()), "psk": hex(psk.as_slice()) }),
        );
    }
    Value::Object(all)
}

fn record() -> Value {
    let record = Record {
        more: true,
        ..Record::new(Kind::Put)
            .request(0x0102_0304)
            .token([0xaa; 32])
            .index(5)
            .ack(6)
            .body(b"seven".to_vec())
    };
    json!({
        "kind": 15,
        "more": record.more,
        "request": record.request,
        "token": hex(&record.token),
        "index": record.index,
        "ack": record.ack,
        "body": hex(&record.body),
        "encoded": hex(&record.encode()),
    })
}

fn home_link(cast: &Cast) -> Value {
    let ((mut client, client_tape), (mut home, home_tape)) = (recorded(200), recorded(201));
    let (dialing, first) = Dialing::start(cast.root_key, Cast::peer(), &mut client).unwrap();
    let (mut at_home, second) =
        link::accept(&cast.id, &cast.home_x, &cast.delegation(), &first, &mut home).unwrap();
    let (mut at_client, delegation) = dialing.finish(&second, NOW).unwrap();
    assert_eq!(delegation, cast.delegation());
    assert_eq!(at_client.hash(), at_home.hash());
    let (asks, says) = (
        Record::new(Kind::Describe).request(1),
        Record::new(Kind::Beat).request(1).index(300),
    );
    let up = at_client.seal(&asks).unwrap();
    let down = at_home.seal(&says).unwrap();
    assert_eq!(at_home.open(&up), Ok(asks.clone()));
    assert_eq!(at_client.open(&down), Ok(says.clone()));
    let serial = cast.certificate().serial;
    let message = login_message(&cast.id, &cast.home_x.public(), &at_home.hash(), &serial.0);
    let signature = SigningKey::from_bytes(&cast.identity.to_bytes()).sign(&message);
    json!({
        "random_client": client_tape.hex(),
        "random_home": home_tape.hex(),
        "message_1": hex(&first),
        "message_2": hex(&second),
        "hash": hex(&at_client.hash()),
        "client_to_home": { "record": hex(&asks.encode()), "unit": hex(&up) },
        "home_to_client": { "record": hex(&says.encode()), "unit": hex(&down) },
        "login": { "message": hex(&message), "signature": hex(&signature.to_bytes()) },
    })
}

/// What a home says to a login and to a ticket: that the login of the vectors is one, and a receipt.
fn home(cast: &Cast) -> Value {
    let now = Moment {
        tick: Millis(0),
        unix: NOW,
    };
    let receipt_key = [0x99; 32];
    let config = HomeConfig {
        root: cast.root_key,
        delegation: cast.delegation(),
        operator: SignKey::from_bytes(&cast.operator.to_bytes()),
        receipt_key: Zeroizing::new(receipt_key),
        boot: 7,
        descriptor_floor: 0,
    };
    let mut home = Home::new(config, Box::<MemoryStore>::default(), recorded(0).0, now);
    let settings = Cast::settings().encode().unwrap();
    home.install(cast.roster().encoded(), &settings, Vec::new(), now)
        .unwrap();
    let hash = [0x5a; 32];
    home.link_opened(LinkId(1), hash, now);
    let certificate = cast.certificate();
    let message = login_message(&cast.id, &cast.home_x.public(), &hash, &certificate.serial.0);
    let signature = SigningKey::from_bytes(&cast.identity.to_bytes())
        .sign(&message)
        .to_bytes();
    let length = u16::try_from(certificate.encoded().len()).unwrap();
    let login = [&length.to_be_bytes(), certificate.encoded(), &signature].concat();
    home.handle_record(LinkId(1), Record::new(Kind::Login).body(login.clone()), now);
    let posting = Posting {
        ticket: TicketId([0x88; 32]),
        attempt: 0,
        slot: tokens::hash(&[0x12; 32]),
        receipt: None,
        body: Bytes(
            vec![0xcd; ticket::BODY_LEN]
                .into_boxed_slice()
                .try_into()
                .unwrap(),
        ),
    };
    let encoded = postcard_encode(&posting);
    for part in split(Kind::Post, 9, [0xa0; 32], &encoded) {
        home.handle_record(LinkId(1), part, now);
    }
    let mut answers = BTreeMap::new();
    while let Some(output) = home.poll_output() {
        if let Output::Send { record, .. } = output {
            answers.insert(record.kind, record.body);
        }
    }
    assert!(answers.contains_key(&Kind::LoggedIn), "{answers:?}");
    let receipt: Receipt = postcard_decode(&answers[&Kind::Posted]).unwrap();
    json!({
        "login": { "link_hash": hex(&hash), "body": hex(&login) },
        "posting": {
            "ticket": hex(&posting.ticket.0),
            "attempt": posting.attempt,
            "slot_token": hex(&[0x12; 32]),
            "body_byte": 0xcd,
            "head": hex(&encoded[..encoded.len() - ticket::BODY_LEN]),
        },
        "receipt": {
            "receipt_key": hex(&receipt_key),
            "order": receipt.order,
            "mac": hex(&receipt.mac),
            "encoded": hex(&answers[&Kind::Posted]),
        },
    })
}

// ── a ticket, the chat it becomes, and its healing ──

struct Side {
    chat: Chat,
    name: &'static str,
    random: Random,
    tape: Tape,
}

struct Conversation {
    seeker: Side,
    counselor: Side,
    cells: Vec<Value>,
}

impl Conversation {
    /// Takes everything one side has to send to the other, notes it, and lets the other's face read.
    fn pass(&mut self, from_seeker: bool, now: Millis, kinds: &[u8]) {
        let (from, to) = if from_seeker {
            (&mut self.seeker, &mut self.counselor)
        } else {
            (&mut self.counselor, &mut self.seeker)
        };
        let mut count = 0;
        while let Some(index) = from.chat.poll_cell() {
            let cell = from.chat.cell(index).unwrap().to_vec();
            self.cells
                .push(json!({ "from": from.name, "index": index, "kind": kinds[count], "cell": hex(&cell) }));
            to.chat.handle_cell(index, &cell, now);
            assert_eq!(to.chat.next_in(), index + 1);
            while to.chat.poll_event(now).is_some() {}
            count += 1;
        }
        assert_eq!(count, kinds.len());
    }
}

fn conversation(cast: &Cast) -> Vec<(&'static str, Value)> {
    let id = TicketId([0x88; 32]);
    let attempt = 2;
    let duty = cast.duty();
    let intake = Cast::intake();
    let (mut random, ticket_tape) = recorded(300);
    let sealed = ticket::seal(&cast.id, id, attempt, &[&duty], &intake, &mut random).unwrap();
    let opened = ticket::open(&cast.id, id, attempt, &sealed.body, &duty, &cast.duty_secrets).unwrap();
    assert_eq!(opened.intake, intake);
    let ticket = json!({
        "ticket": hex(&id.0),
        "attempt": attempt,
        "sealed_to": ["duty"],
        "intake": { "language": intake.language.as_str(), "urgent": intake.urgent, "text": intake.text },
        "random": ticket_tape.hex(),
        "secret": hex(sealed.secret.as_slice()),
        "body": hex(sealed.body.as_slice()),
    });

    let (mut random, live_tape) = recorded(301);
    let roster_version = 300;
    let (message_2, theirs) = opened
        .answer(&duty, &cast.duty_secrets, roster_version, &mut random)
        .unwrap();
    let ours = sealed.waiting.finish(&message_2).unwrap();
    let h_0 = ours.handshake_hash.clone();
    assert_eq!(h_0, theirs.handshake_hash);
    let live = json!({
        "roster_version": roster_version,
        "random": live_tape.hex(),
        "psk0": hex(live::psk0(&cast.id, &sealed.secret).as_slice()),
        "message_2": hex(&message_2),
        "h_0": hex(h_0.as_slice()),
        "lost_message": hex(&lost_message(&cast.id, &id, attempt, &[0x0f; 16])),
    });

    let (phrases, keys) = phrases(cast);
    let proof = keys.prove(&cast.id, &cast.duty_secrets.x.public(), &h_0).unwrap();
    let source = [0x0f; 16];
    let begin = |role, established, seed, name, extra| {
        let (mut random, tape) = recorded(seed);
        let beginning = Beginning {
            helpline: cast.id,
            ticket: id,
            established,
            role,
            seen: Seen::new(),
            extra,
        };
        let chat = Chat::new(beginning, &mut random, Millis(0));
        Side {
            chat,
            name,
            random,
            tape,
        }
    };
    let duty_x = DhSecret::from_bytes(&cast.duty_secrets.x.to_bytes());
    let mut both = Conversation {
        seeker: begin(End::Seeker, ours, 302, "seeker", proof.to_vec()),
        counselor: begin(
            End::Counselor(duty_x, source),
            theirs,
            303,
            "counselor",
            Vec::new(),
        ),
        cells: Vec::new(),
    };
    const HELLO: u8 = 1;
    const DATA: u8 = 2;
    const ACK: u8 = 3;
    const END: u8 = 4;
    const HEAL: u8 = 5;
    const HEALED: u8 = 6;
    both.pass(true, Millis(0), &[HELLO]);
    both.pass(false, Millis(0), &[HELLO]);
    let chain_0 = both.seeker.chat.chain().unwrap().clone();
    assert_eq!(both.counselor.chat.chain(), Some(&chain_0));

    let said = [
        ("seeker", "m1", "Bonjour, ça va ? السلام عليكم".to_owned()),
        ("counselor", "c1", "Je vous écoute. ".repeat(200)),
        ("seeker", "m2", "choukran 3la kolchi".to_owned()),
        ("counselor", "c2", "بالسلامة".to_owned()),
    ];
    let say = |chat: &mut Chat, number: usize, now| {
        let (_, id, text): &(&str, &str, String) = &said[number];
        chat.say((*id).to_owned(), Zeroizing::new(text.clone()), now)
            .unwrap();
    };
    say(&mut both.seeker.chat, 0, Millis(10));
    both.pass(true, Millis(10), &[DATA]);
    both.counselor.chat.handle_timeout(Millis(100));
    both.pass(false, Millis(100), &[ACK]);
    say(&mut both.counselor.chat, 1, Millis(200));
    both.pass(false, Millis(200), &[DATA, DATA]);

    let later = Millis(61_000);
    both.seeker.chat.heal(&mut both.seeker.random, later);
    both.pass(true, later, &[HEAL]);
    both.counselor.chat.heal(&mut both.counselor.random, later);
    both.pass(false, later, &[HEALED]);
    assert_eq!((both.seeker.chat.epoch(), both.counselor.chat.epoch()), (1, 1));
    let chain_1 = both.seeker.chat.chain().unwrap().clone();
    assert_eq!(both.counselor.chat.chain(), Some(&chain_1));
    say(&mut both.seeker.chat, 2, later);
    both.pass(true, later, &[DATA]);
    say(&mut both.counselor.chat, 3, later);
    both.pass(false, later, &[DATA]);
    both.seeker.chat.end(EndReason::Finished, later);
    let index = both.seeker.chat.poll_cell().unwrap();
    let last = both.seeker.chat.cell(index).unwrap().to_vec();
    both.cells
        .push(json!({ "from": "seeker", "index": index, "kind": END, "cell": hex(&last) }));
    both.counselor.chat.handle_cell(index, &last, later);
    let ended = core::iter::from_fn(|| both.counselor.chat.poll_event(later)).collect::<Vec<_>>();
    assert!(
        ended.contains(&ChatEvent::Ended(EndReason::Finished)),
        "{ended:?}"
    );

    let chat = json!({
        "source": hex(&source),
        "random_seeker": both.seeker.tape.hex(),
        "random_counselor": both.counselor.tape.hex(),
        "chain_0": hex(chain_0.as_slice()),
        "chain_1": hex(chain_1.as_slice()),
        "said": said.iter().map(|(from, id, text)| json!({ "from": from, "id": id, "text": text })).collect::<Vec<_>>(),
        "cells": both.cells,
    });
    vec![
        ("ticket", ticket),
        ("live", live),
        ("chat", chat),
        ("tokens", token_vectors(cast, &sealed.secret, attempt, &h_0)),
        ("mail", mail(cast, &h_0, phrases, &keys)),
    ]
}

// ── a phrase, what is left with it, and the answer ──

fn phrases(cast: &Cast) -> (Vec<Value>, ReturnKeys) {
    let mut phrases = Vec::new();
    for (seed, name, list) in [
        (400, "french", WordList::French),
        (401, "english", WordList::English),
    ] {
        let (mut random, tape) = recorded(seed);
        let phrase = Phrase::generate(list, &mut random);
        phrases.push(json!({ "list": name, "random": tape.hex(), "words": *phrase.words() }));
    }
    let phrase = Phrase::parse(phrases[0]["words"].as_str().unwrap()).unwrap();
    (phrases, phrase.derive(&cast.root_key).unwrap())
}

fn mail(cast: &Cast, h_0: &[u8; 32], phrases: Vec<Value>, keys: &ReturnKeys) -> Value {
    let duty = cast.duty_secrets.x.public();
    let proof = keys.prove(&cast.id, &duty, h_0).unwrap();
    assert_eq!(
        verify_proof(&cast.id, &cast.duty_secrets.x, h_0, &proof),
        Some(keys.x.public())
    );

    let home = cast.home_x.public();
    let read = tokens::mail_read(&cast.id, &keys.mailbox, &home);
    let key = cast.mail_key();
    let (certificate, ek) = (cast.certificate(), cast.mail_secrets.kem.public());
    let on_mail = OnMail::verify(
        &cast.root_key,
        certificate.encoded(),
        key.encoded(),
        ek.as_bytes(),
        NOW,
    );
    let on_mail = on_mail.unwrap();
    let card = Card {
        language: "fr".parse().unwrap(),
        returning: true,
        return_x: keys.x.public(),
        return_ek: Bytes(Box::new(*keys.kem.public().as_bytes())),
        boxes: vec![MailBox {
            home,
            read: tokens::hash(&read),
        }],
        text: "Je reviens. شكرا".into(),
    };
    let (mut random, deposit_tape) = recorded(402);
    let sealed = seal_deposit(&cast.id, &[&on_mail], &card, &mut random).unwrap();
    let write = tokens::mail_write(&cast.id, &sealed.secret, &home);
    let secrets = MailKeySecrets {
        x: DhSecret::from_bytes(&cast.mail_secrets.x.to_bytes()),
        kem: KemSecret::from_seed(cast.mail_secrets.kem.seed().clone()),
    };
    let own = [(key.clone(), secrets)];
    let opened = open_deposit(&cast.id, sealed.body.as_slice(), own.iter()).unwrap();
    assert_eq!((&opened.card, opened.id), (&card, sealed.id));

    let replier = Replier {
        certificate: &certificate,
        key: &key,
        secrets: &cast.mail_secrets,
    };
    let (date, text) = (NOW.plus(86_400), "Vous avez bien fait d'écrire.");
    let (mut random, reply_tape) = recorded(403);
    let (x, kem) = (&card.return_x, keys.kem.public());
    let reply = seal_reply(&cast.id, sealed.id, x, &kem, &replier, text, date, &mut random).unwrap();
    let back = open_reply(&cast.root_key, keys, reply.as_slice()).unwrap();
    assert_eq!((back.text.as_str(), back.date), (text, date));
    json!({
        "phrases": phrases,
        "return_keys": {
            "of": "the first phrase",
            "x": hex(keys.x.to_bytes().as_slice()),
            "kem_seed": hex(keys.kem.seed().as_slice()),
            "mailbox": hex(keys.mailbox.as_slice()),
        },
        "return_proof": { "h_0": hex(h_0), "proof": hex(&proof) },
        "tokens": { "read": hex(read.as_slice()), "write": hex(write.as_slice()) },
        "deposit": {
            "sealed_to": ["mail_key"],
            "card": { "language": "fr", "returning": true, "text": card.text },
            "random": deposit_tape.hex(),
            "secret": hex(sealed.secret.as_slice()),
            "body": hex(sealed.body.as_slice()),
            "id": hex(&sealed.id.0),
        },
        "reply": { "text": text, "date": date.0, "random": reply_tape.hex(), "object": hex(reply.as_slice()) },
    })
}

fn token_vectors(
    cast: &Cast,
    secret: &Zeroizing<[u8; 32]>,
    attempt: u32,
    h_0: &Zeroizing<[u8; 32]>,
) -> Value {
    let home_x = cast.home_x.public();
    let channels = tokens::channels(&cast.id, h_0);
    let channel = ChannelTokens::derive(&cast.id, &channels, &home_x);
    let lane = |direction, start| Lane {
        put: tokens::hash(&channel.put(direction)),
        listen: tokens::hash(&channel.listen(direction)),
        start,
    };
    let opening = ChannelOpening {
        from_seeker: lane(Direction::FromSeeker, 0),
        from_counselor: lane(Direction::FromCounselor, 300),
    };
    json!({
        "answer_slot": hex(tokens::answer_slot(&cast.id, secret, attempt, &home_x).as_slice()),
        "channels": hex(channels.as_slice()),
        "put_from_seeker": hex(&channel.put(Direction::FromSeeker)),
        "put_from_counselor": hex(&channel.put(Direction::FromCounselor)),
        "listen_from_seeker": hex(&channel.listen(Direction::FromSeeker)),
        "listen_from_counselor": hex(&channel.listen(Direction::FromCounselor)),
        "hash_of_answer_slot": hex(&tokens::hash(&tokens::answer_slot(&cast.id, secret, attempt, &home_x))),
        "opening": { "from_counselor_start": 300, "encoded": hex(&postcard_encode(&opening)) },
    })
}
