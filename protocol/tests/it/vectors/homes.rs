//! What a home answers to a login, a duty, a mail key and a ticket, and what it hands out.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer, SigningKey};
use hamsa_protocol::{
    crypto::{
        keys::SignKey,
        puzzle::{SEED_LEN, Seed, Step},
        tokens::Token,
    },
    home::{Home, HomeConfig, LinkId, NewLink, Via, memory::MemoryStore},
    machine::Machine,
    objects::{Bytes, Descriptor, Signed, TicketId, postcard_decode, postcard_encode},
    session::{home_link::login_message, ticket},
    time::{Now, Tick},
    wire::{BODY_LEN, HEADER_LEN, Kind, Posting, Prices, Receipt, Record, Refusal, split},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    cast::{Cast, NOW},
    tape::{hex, recorded},
};

const RECEIPT_KEY: [u8; 32] = [0x99; 32];
const DESK: LinkId = LinkId(1);
/// The handshake hash of every link.
pub(crate) const LINK_HASH: [u8; 32] = [0x5a; 32];
/// When a home was started.
pub(crate) const START: Now = Now {
    tick: Tick(0),
    unix: NOW,
};

/// A home that was just started, without a roster.
pub(crate) fn empty(cast: &Cast) -> Home {
    let config = HomeConfig {
        root: cast.root_key,
        delegation: cast.delegation(),
        operator: SignKey::from_bytes(&cast.operator.to_bytes()),
        receipt_key: Zeroizing::new(RECEIPT_KEY),
        boot: 7,
        descriptor_floor: 0,
    };
    Home::new(config, Box::<MemoryStore>::default(), recorded(0).0, START)
}

/// A home, and what it has sent since it was last asked: bodies by kind, with objects reassembled.
struct Speaking {
    home: Home,
    now: Now,
}

impl Speaking {
    fn start(cast: &Cast) -> Self {
        let mut home = empty(cast);
        let settings = Cast::settings().encode().unwrap();
        home.install(cast.roster().encoded(), &settings, &cast.entrances(), START)
            .unwrap();
        home.handle_connected(
            DESK,
            NewLink {
                hash: LINK_HASH,
                via: Via(0),
            },
            START,
        );
        Self { home, now: START }
    }

    fn ask(&mut self, records: impl IntoIterator<Item = Record>) -> BTreeMap<Kind, Vec<u8>> {
        for record in records {
            self.home.handle_record(DESK, record, self.now);
        }
        let mut said: BTreeMap<Kind, Vec<u8>> = BTreeMap::new();
        for (_, record) in self.home.drain().records() {
            said.entry(record.kind).or_default().extend(record.body);
        }
        said
    }
}

/// The body of the answer of this kind; it must have come.
fn body(said: &BTreeMap<Kind, Vec<u8>>, kind: Kind) -> &[u8] {
    said.get(&kind).unwrap_or_else(|| panic!("{kind:?} in {said:?}"))
}

/// A page without its zeros: the one slot that is taken, and the hash of the whole.
fn page(page: &[u8]) -> Value {
    let length = usize::from(u16::from_be_bytes([page[0], page[1]]));
    assert!(
        page[2 + length..].iter().all(|byte| *byte == 0),
        "one slot is taken"
    );
    assert_eq!(page.len(), 8 * BODY_LEN);
    json!({ "slot": hex(&page[..2 + length]), "bytes": page.len(), "sha256": sha256(page) })
}

/// An object whose end is long and known: what stands before it, and the hash of the whole.
pub(crate) fn long(object: &[u8], known: usize) -> Value {
    json!({ "head": hex(&object[..object.len() - known]), "bytes": object.len(), "sha256": sha256(object) })
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn home(cast: &Cast) -> (Value, Receipt) {
    let mut home = Speaking::start(cast);
    let certificate = cast.certificate();
    let message = login_message(&cast.id, &cast.home_x.public(), &LINK_HASH, &certificate.serial.0);
    let signature = SigningKey::from_bytes(&cast.identity.to_bytes())
        .sign(&message)
        .to_bytes();
    let length = u16::try_from(certificate.encoded().len()).unwrap();
    let login = [&length.to_be_bytes(), certificate.encoded(), &signature].concat();
    body(
        &home.ask([Record::new(Kind::Login).body(login.clone())]),
        Kind::LoggedIn,
    );

    let duty = cast.duty().encoded().to_vec();
    body(
        &home.ask([Record::new(Kind::PublishDuty).body(duty)]),
        Kind::OnDuty,
    );
    let (key, ek) = (cast.mail_key(), cast.mail_secrets.kem.public());
    let publication = postcard_encode(&(key.encoded(), ek.as_bytes().as_slice()));
    let publish = Record::new(Kind::PublishMailKey).body(publication.clone());
    body(&home.ask([publish]), Kind::MailKeyKept);
    let head = home.ask([Record::new(Kind::Describe)]);
    let duties = home.ask([Record::new(Kind::Duties)]);
    let mail_keys = home.ask([Record::new(Kind::MailKeys)]);

    let posting = Posting {
        ticket: TicketId([0x88; 32]),
        attempt: 0,
        slot: Token([0x12; 32]).hash(),
        receipt: None,
        body: Bytes(
            vec![0xcd; ticket::TICKET_LEN]
                .into_boxed_slice()
                .try_into()
                .unwrap(),
        ),
    };
    let encoded = postcard_encode(&posting);
    let said = home.ask(split(Kind::Post, 9, [0xa0; 32], &encoded));
    let receipt: Receipt = postcard_decode(body(&said, Kind::Posted)).unwrap();
    type Head = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<Vec<u8>>, Prices);
    let (_, descriptor, _, _, prices): Head = postcard_decode(body(&head, Kind::Head)).unwrap();
    let descriptor = Signed::<Descriptor>::verify(&descriptor, &cast.operator.public(), &cast.id).unwrap();
    let value = json!({
        "login": { "link_hash": hex(&LINK_HASH), "body": hex(&login) },
        "publish_mail_key": hex(&publication),
        "seed": hex(&prices.seed.0),
        "head": { "descriptor_version": descriptor.version, "encoded": hex(body(&head, Kind::Head)) },
        "duty_page": page(body(&duties, Kind::DutyPage)),
        "mail_key_page": page(body(&mail_keys, Kind::MailKeyPage)),
        "posting": {
            "ticket": hex(&posting.ticket.0),
            "attempt": posting.attempt,
            "withdraw": hex(&[0xa0; 32]),
            "slot_token": hex(&[0x12; 32]),
            "body_byte": 0xcd,
            "head": hex(&encoded[..encoded.len() - ticket::TICKET_LEN]),
        },
        "receipt": {
            "receipt_key": hex(&RECEIPT_KEY),
            "order": receipt.order,
            "issued": receipt.issued.0,
            "mac": hex(&receipt.mac),
            "encoded": hex(body(&said, Kind::Posted)),
        },
        "shown_to_desks": long(body(&said, Kind::Ticket), ticket::TICKET_LEN),
        "refusals": refusals(),
        "refused_answer": refused_answer(&mut home),
    });
    (value, receipt)
}

fn refusals() -> Value {
    let prices = Prices {
        seed: Seed([0x5e; SEED_LEN]),
        steps: [1, 0, 8].map(|step| Step::try_from(step).unwrap()),
    };
    let reasons = (0..=u8::MAX).map_while(|code| postcard_decode::<Refusal>(&[code]));
    let reasons = reasons.chain([Refusal::Effort(prices)]);
    let bodies: Map<String, Value> = reasons
        .map(|reason| (reason.name().to_owned(), json!(hex(&postcard_encode(&reason)))))
        .collect();
    Value::Object(bodies)
}

/// An answer without a claim: the refusal names the ticket, not the slot.
fn refused_answer(home: &mut Speaking) -> Value {
    let (ticket, slot) = ([0x88; 32], [0x12; 32]);
    let message_2 = vec![0; hamsa_protocol::session::handshake::MESSAGE_2_LEN];
    let answer = Record::new(Kind::Answer)
        .request(5)
        .token(slot)
        .ack(3)
        .body([ticket.as_slice(), &message_2].concat());
    home.home.handle_record(DESK, answer, home.now);
    let mut drained = home.home.drain();
    let mut records = drained.records().map(|(_, record)| record);
    let refused = records.find(|record| record.kind == Kind::Refused);
    let record = refused.expect("nobody has claimed it");
    assert_eq!(record.token, ticket);
    json!({
        "request": record.request,
        "token": hex(&record.token),
        "index": record.index,
        "reason": "taken",
        "encoded": hex(&record.encode()[..HEADER_LEN + 1]),
    })
}
