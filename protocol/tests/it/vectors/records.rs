//! Every kind of record, in one story: a home starts, a counselor logs in, a seeker talks and leaves a message, the
//! counselor's program restarts, the home stops. The objects are those of the other sections.

use core::time::Duration;
use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use hamsa_protocol::{
    crypto::puzzle::{Priced, SEED_LEN, Seed, Step},
    home::{Home, LinkId, NewLink, Via},
    machine::Machine,
    objects::{Roster, Signed, postcard_encode},
    time::{Now, Tick, millis},
    wire::{Answers, HEADER_LEN, Kind, Record, Terms, split},
};
use serde_json::{Value, json};

use super::{
    cast::{Cast, NOW},
    homes::{LINK_HASH, START, empty, sha256},
    tape::hex,
};

const SEEKER: LinkId = LinkId(1);
const COUNSELOR: LinkId = LinkId(2);
/// The restarted program of the counselor has a link of its own.
const AGAIN: LinkId = LinkId(3);
/// The seeker's answers come over a link of their own.
const ASKED: LinkId = LinkId(4);
/// The seeker's secret at this home.
const OWNER: [u8; 32] = [0xa0; 32];
/// A body of at most this many bytes is shown; a longer one stands elsewhere in the file.
const SHOWN: usize = 256;

/// A home and everything that was said with it.
struct Story<'a> {
    cast: &'a Cast,
    known: &'a Value,
    home: Home,
    now: Now,
    requests: u32,
    kinds: BTreeSet<Kind>,
    records: Vec<Value>,
}

pub(crate) fn records(cast: &Cast, known: &Value) -> Value {
    let mut story = Story {
        cast,
        known,
        home: empty(cast),
        now: START,
        requests: 0,
        kinds: BTreeSet::new(),
        records: Vec::new(),
    };
    story.a_home_and_a_desk();
    story.a_ticket();
    story.a_channel();
    story.a_chat_that_is_lost();
    story.mail();
    story.three_questions();
    story.the_end();
    // A kind that is missing here would have no vector.
    let every: BTreeSet<Kind> = (0..=u8::MAX).filter_map(kind).collect();
    assert_eq!(story.kinds, every);
    Value::Array(story.records)
}

fn kind(byte: u8) -> Option<Kind> {
    let mut bytes = Record::new(Kind::Beat).encode();
    bytes[0] = byte;
    Record::decode(&bytes).ok().map(|record| record.kind)
}

fn name(link: LinkId) -> &'static str {
    match link {
        SEEKER => "seeker",
        COUNSELOR => "counselor",
        AGAIN => "counselor again",
        _ => "seeker, asked",
    }
}

impl Story<'_> {
    // ── what happens ──

    fn a_home_and_a_desk(&mut self) {
        for link in [SEEKER, COUNSELOR, AGAIN, ASKED] {
            self.home.handle_connected(
                link,
                NewLink {
                    hash: LINK_HASH,
                    via: Via(0),
                },
                self.now,
            );
        }
        self.ask(SEEKER, Record::new(Kind::Describe));
        self.install(&self.cast.roster());
        self.ask(SEEKER, Record::new(Kind::Settings));
        self.ask(SEEKER, Record::new(Kind::Heartbeat));
        self.ask(
            COUNSELOR,
            Record::new(Kind::Login).body(self.bytes("/home/login/body")),
        );
        self.ask(
            COUNSELOR,
            Record::new(Kind::PublishDuty).body(self.bytes("/objects/duty/encoded")),
        );
        let key = self.bytes("/home/publish_mail_key");
        self.ask(COUNSELOR, Record::new(Kind::PublishMailKey).body(key));
        self.ask(SEEKER, Record::new(Kind::Describe));
        // Page numbers of duties wrap: with one page, page 5 is the first.
        self.ask(SEEKER, Record::new(Kind::Duties).index(5));
        self.ask(SEEKER, Record::new(Kind::MailKeys));
        // Page numbers of mail keys do not wrap: behind the last page are zeros.
        self.ask(SEEKER, Record::new(Kind::MailKeys).index(1));
    }

    fn a_ticket(&mut self) {
        let posting = [
            self.bytes("/ticket/posting_with_receipt/head"),
            self.bytes("/ticket/body"),
        ];
        self.ask_object(SEEKER, Kind::Post, OWNER, &posting.concat());
        self.wait(1);
        // The seeker says nothing, and speaks again.
        self.wait(20);
        self.ask(SEEKER, Record::new(Kind::Heartbeat));
        self.wait(1);
        // The seeker rejects the first answer and accepts the second.
        let (ticket, attempt) = (self.token("/ticket/ticket"), 2);
        let slot = self.token("/tokens/answer_slot");
        let answer = [ticket.to_vec(), self.bytes("/live/message_2")].concat();
        for (claim, verdict) in [(1, Kind::Reject), (2, Kind::Hold)] {
            self.ask(COUNSELOR, Record::new(Kind::Claim).token(ticket).index(attempt));
            let answer = Record::new(Kind::Answer)
                .token(slot)
                .ack(claim)
                .body(answer.clone());
            self.ask(COUNSELOR, answer);
            self.tell(SEEKER, Record::new(verdict).token(OWNER).ack(claim));
        }
    }

    fn a_channel(&mut self) {
        let [put, hers, listen] = [
            "/tokens/put_from_seeker",
            "/tokens/listen_from_counselor",
            "/tokens/listen_from_seeker",
        ]
        .map(|pointer| self.token(pointer));
        let opening = self.bytes("/tokens/opening/encoded");
        let cell = self.bytes("/chat/cells/0/cell");
        self.ask(SEEKER, Record::new(Kind::Open).token(hers).body(opening.clone()));
        // A client that names no listen token of the channel learns nothing of it.
        self.ask(ASKED, Record::new(Kind::Open).token(put).body(opening));
        self.tell(COUNSELOR, Record::new(Kind::Listen).token(listen));
        let put = |index| Record::new(Kind::Put).token(put).index(index).body(cell.clone());
        self.ask(SEEKER, put(0));
        // The first index beyond the ring.
        self.ask(SEEKER, put(128));
        self.tell(COUNSELOR, Record::new(Kind::Ack).token(listen).ack(1));
        self.tell(SEEKER, Record::new(Kind::Close).token(hers));
        self.tell(COUNSELOR, Record::new(Kind::Close).token(listen));
        self.ask(SEEKER, put(1));
    }

    fn a_chat_that_is_lost(&mut self) {
        self.ask(
            AGAIN,
            Record::new(Kind::Login).body(self.bytes("/home/login/body")),
        );
        self.ask(
            AGAIN,
            Record::new(Kind::PublishDuty).body(self.bytes("/objects/duty/encoded")),
        );
        let lost = Record::new(Kind::Lost)
            .token(self.token("/ticket/ticket"))
            .index(2);
        self.tell(AGAIN, lost.body(self.bytes("/live/lost/body")));
        // Of a ticket that this counselor did not answer here.
        self.tell(AGAIN, Record::new(Kind::Abuse).token([0xcc; 32]));
        self.tell(SEEKER, Record::new(Kind::Withdraw).token(OWNER));
    }

    fn mail(&mut self) {
        let object = |story: &Self, of: &str, body: &str| {
            let head = story.bytes(&format!("/mail/{of}/posting/head"));
            [head, story.bytes(&format!("/mail/{of}/{body}"))].concat()
        };
        let id = self.token("/mail/deposit/id");
        let (read, write) = (self.token("/mail/tokens/read"), self.token("/mail/tokens/write"));
        self.ask_object(SEEKER, Kind::Deposit, [0; 32], &object(self, "deposit", "body"));
        self.ask(COUNSELOR, Record::new(Kind::Mails));
        // There is no name behind the last one.
        self.ask(COUNSELOR, Record::new(Kind::Mails).token(id));
        self.ask(COUNSELOR, Record::new(Kind::FetchMail).token(id));
        self.ask(COUNSELOR, Record::new(Kind::FetchMail).token([0xee; 32]));
        self.ask(COUNSELOR, Record::new(Kind::MailClaim).token(id));
        self.tell(COUNSELOR, Record::new(Kind::MailClaim).token(id).index(1));
        self.ask_object(COUNSELOR, Kind::Reply, write, &object(self, "reply", "object"));
        self.ask(SEEKER, Record::new(Kind::Read).token(read));
    }

    fn three_questions(&mut self) {
        // An invalid one, one that counts, and one beyond the limit of a link.
        self.ask(ASKED, Record::new(Kind::Survey).body(vec![3, 0, 0]));
        let answers = Answers([Some(true), Some(false), None]).encode();
        // Nobody asked for this payment, and its seed is none: it buys nothing.
        let terms = Terms {
            priced: Priced::Survey,
            step: Step::FREE.up(),
            seed: Seed([0x5e; SEED_LEN]),
        };
        let pay = Record::new(Kind::Pay).token([0xa1; 32]).index(5);
        self.tell(ASKED, pay.body(postcard_encode(&terms)));
        self.ask(ASKED, Record::new(Kind::Survey).body(answers.clone()));
        self.ask(ASKED, Record::new(Kind::Survey).body(answers));
        // Records that only homes send.
        self.ask(
            ASKED,
            Record::new(Kind::Counted).token([0xbb; 32]).index(6).ack(7),
        );
    }

    fn the_end(&mut self) {
        self.ask(AGAIN, Record::new(Kind::WithdrawDuty));
        self.ask(
            COUNSELOR,
            Record::new(Kind::PublishDuty).body(self.bytes("/objects/duty/encoded")),
        );
        let certificate = self.cast.certificate();
        let roster = Roster {
            version: 301,
            certificates: Vec::new(),
            revoked: vec![certificate.serial],
            ..(*self.cast.roster()).clone()
        };
        self.install(&Signed::sign(roster, &self.cast.root, &self.cast.id).unwrap());
        self.wait(1);
        self.home.stop(self.now);
        self.listen();
    }

    // ── how it is told ──

    /// The bytes at `pointer` in the other sections.
    fn bytes(&self, pointer: &str) -> Vec<u8> {
        let text = self.known.pointer(pointer).and_then(Value::as_str);
        let text = text.unwrap_or_else(|| panic!("there is bytes at {pointer}"));
        HEXLOWER.decode(text.as_bytes()).unwrap()
    }

    fn token(&self, pointer: &str) -> [u8; 32] {
        self.bytes(pointer).try_into().unwrap()
    }

    fn install(&mut self, roster: &Signed<Roster>) {
        let settings = self.bytes("/settings/encoded");
        let installed = self
            .home
            .install(roster.encoded(), &settings, &self.cast.entrances(), self.now);
        assert_eq!(installed, Ok(roster.version));
        self.listen();
    }

    /// So many seconds later.
    fn wait(&mut self, seconds: u64) {
        let tick = self.now.tick + Duration::from_secs(seconds);
        self.now = Now {
            tick,
            unix: NOW + Duration::from_secs(millis(tick.since(Tick(0)) / 1_000)),
        };
        self.home.handle_timeout(self.now);
        self.listen();
    }

    /// Sends a record that is answered. Requests are counted from 1, over all links.
    fn ask(&mut self, from: LinkId, record: Record) {
        self.requests += 1;
        self.say(from, vec![record.request(self.requests)]);
    }

    fn ask_object(&mut self, from: LinkId, kind: Kind, token: [u8; 32], object: &[u8]) {
        self.requests += 1;
        self.say(from, split(kind, self.requests, token, object));
    }

    /// Sends a record that is not answered.
    fn tell(&mut self, from: LinkId, record: Record) {
        self.say(from, vec![record]);
    }

    fn say(&mut self, from: LinkId, records: Vec<Record>) {
        self.note(name(from), "home", &records);
        for record in records {
            self.home.handle_record(from, record, self.now);
        }
        self.listen();
    }

    fn listen(&mut self) {
        let mut parts = Vec::new();
        for (link, record) in self.home.drain().records() {
            let more = record.more;
            parts.push(record);
            if !more {
                self.note("home", name(link), &core::mem::take(&mut parts));
            }
        }
        assert!(parts.is_empty(), "every object has an end");
    }

    fn note(&mut self, from: &str, to: &str, parts: &[Record]) {
        let kind = parts[0].kind;
        self.kinds.insert(kind);
        let object: Vec<u8> = parts.iter().flat_map(|part| part.body.clone()).collect();
        let encoded: Vec<u8> = parts.iter().flat_map(Record::encode).collect();
        let mut value = json!({
            "from": from,
            "to": to,
            "kind": kind as u8,
            "name": format!("{kind:?}"),
            "records": parts.len(),
            "head": hex(&encoded[..HEADER_LEN]),
            "bytes": object.len(),
            "sha256": sha256(&encoded),
        });
        if object.len() <= SHOWN {
            value["body"] = json!(hex(&object));
        }
        self.records.push(value);
    }
}
