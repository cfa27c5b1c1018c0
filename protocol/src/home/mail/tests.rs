mod budget;
mod shares;
mod slow_disk;

use core::time::Duration;

use super::*;
use crate::{
    crypto::{
        keys::{DhSecret, NodePeer, RootKey, SignKey},
        random::Random,
        tokens::TokenHash,
    },
    home::{
        HomeConfig, NewLink, Via,
        memory::{MemoryStore, StoreStep},
        store::StoreError,
    },
    limits::{MAIL_DAYS, MAX_DEPOSITS_PER_DAY, MAX_REPLIES_PER_BOX},
    machine::Machine,
    objects::{
        Bytes, Certificate, CertifiedRole, Delegation, MailKeySecrets, Roster, Serial, Settings,
        postcard_encode,
    },
    session::{
        home_link,
        mail::{DEPOSIT_LEN, REPLY_LEN},
    },
    testing::{no_entries, seeded},
    time::{Now, Tick, Unix},
    wire::{Assembler, read_key_page, split},
};

const START: Unix = Unix(1_800_000_000);
const SEEKER: LinkId = LinkId(1);
const DESK: LinkId = LinkId(2);
const OTHER: LinkId = LinkId(3);
const WRITE: [u8; 32] = [0x77; 32];
const READ: [u8; 32] = [0x88; 32];

const fn from(hash: [u8; 32]) -> NewLink {
    NewLink { hash, via: Via(0) }
}

fn at(seconds: u64) -> Now {
    Now {
        tick: Tick(seconds * 1_000),
        unix: START + Duration::from_secs(seconds),
    }
}

struct Helpline {
    root: SignKey,
    operator: [u8; 32],
    identity: SignKey,
    certificate: Signed<Certificate>,
    delegation: Signed<Delegation>,
    random: Random,
}

impl Helpline {
    fn new() -> Self {
        let mut random = seeded(1);
        let root = SignKey::generate(&mut random);
        let helpline = RootKey(root.public()).helpline();
        let (operator, identity) = (SignKey::generate(&mut random), SignKey::generate(&mut random));
        let certificate = Certificate {
            serial: Serial([1; 8]),
            id_pk: identity.public().to_bytes(),
            pseudonym: "Nour".parse().unwrap(),
            languages: vec!["fr".parse().unwrap()],
            role: CertifiedRole::Counselor,
            not_before: START,
            expires: START + Duration::from_secs(100 * 86_400),
        };
        let delegation = Delegation {
            home_peer: NodePeer([2; 32]),
            home_x: DhSecret::generate(&mut random).public(),
            op_pk: operator.public().to_bytes(),
            not_before: START,
            expires: START + Duration::from_secs(80 * 86_400),
        };
        Self {
            certificate: Signed::sign(certificate, &root, &helpline).unwrap(),
            delegation: Signed::sign(delegation, &root, &helpline).unwrap(),
            operator: *operator.to_bytes(),
            root,
            identity,
            random,
        }
    }

    fn roster(&self, version: u64, revoked: Vec<Serial>, settings: &[u8]) -> Vec<u8> {
        let roster = Roster {
            version,
            issued: START,
            expires: START + Duration::from_secs(30 * 86_400),
            certificates: vec![self.certificate.hash()],
            delegations: vec![self.delegation.hash()],
            revoked,
            settings: Settings::hash(settings),
            entries: no_entries(&self.root).list.hash(),
        };
        let helpline = RootKey(self.root.public()).helpline();
        Signed::sign(roster, &self.root, &helpline)
            .unwrap()
            .encoded()
            .to_vec()
    }

    fn install(&self, home: &mut Home, version: u64, revoked: Vec<Serial>, now: Now) {
        let settings = Settings::named("A".parse().unwrap()).encode().unwrap();
        let roster = self.roster(version, revoked, &settings);
        home.install(&roster, &settings, &no_entries(&self.root), now)
            .unwrap();
    }

    fn home(&self, disk: &MemoryStore, now: Now) -> Home {
        let config = HomeConfig {
            root: RootKey(self.root.public()),
            delegation: self.delegation.clone(),
            operator: SignKey::from_bytes(&self.operator),
            receipt_key: [3; 32].into(),
            boot: 1,
            descriptor_floor: 0,
        };
        let mut home = Home::new(config, Box::new(disk.clone()), seeded(2), now);
        self.install(&mut home, 1, Vec::new(), now);
        for link in [SEEKER, DESK, OTHER] {
            home.handle_connected(link, from([u8::try_from(link.0).unwrap(); 32]), now);
        }
        drain(&mut home);
        home
    }

    /// Logs in and publishes a duty.
    fn on_duty(&mut self, home: &mut Home, link: LinkId, now: Now) {
        let helpline = RootKey(self.root.public()).helpline();
        let hash = [u8::try_from(link.0).unwrap(); 32];
        let message = home_link::login_message(&helpline, &self.delegation.home_x, &hash, &[1; 8]);
        let signature = self.identity.sign(&message);
        let certificate = self.certificate.encoded();
        let length = u16::try_from(certificate.len()).unwrap().to_be_bytes();
        let login = [length.as_slice(), certificate, &signature].concat();
        home.handle_record(link, Record::new(Kind::Login).body(login), now);
        let secrets = crate::objects::DutySecrets::generate(&mut seeded(4));
        let duty = Signed::sign(
            secrets.duty(Serial([1; 8]), START, Duration::from_secs(3_600)),
            &self.identity,
            &helpline,
        )
        .unwrap();
        home.handle_record(
            link,
            Record::new(Kind::PublishDuty).body(duty.encoded().to_vec()),
            now,
        );
        assert!(kinds(&drain(home), link).contains(&Kind::OnDuty));
    }

    fn mail_key(&mut self, now: Now) -> (Signed<MailKey>, Vec<u8>) {
        let helpline = RootKey(self.root.public()).helpline();
        let secrets = MailKeySecrets::generate(&mut self.random);
        let key = secrets.mail_key(Serial([1; 8]), now.unix, Duration::MAX);
        let key = Signed::sign(key, &self.identity, &helpline).unwrap();
        (key, secrets.kem.public().as_bytes().to_vec())
    }
}

fn drain(home: &mut Home) -> Vec<(LinkId, Record)> {
    home.drain().records().collect()
}

/// Looks at time limits, and lets the disk do what follows.
fn sweep(home: &mut Home, now: Now) {
    home.handle_timeout(now);
    drain(home);
}

fn kinds(records: &[(LinkId, Record)], link: LinkId) -> Vec<Kind> {
    let of = records.iter().filter(|(other, _)| *other == link);
    of.map(|(_, record)| record.kind).collect()
}

fn reason(records: &[(LinkId, Record)]) -> Option<Refusal> {
    let refused = records.iter().find(|(_, record)| record.kind == Kind::Refused)?;
    postcard_decode(&refused.1.body)
}

fn body(number: u32) -> Bytes<DEPOSIT_LEN> {
    let mut body = vec![0x5a; DEPOSIT_LEN];
    body[..4].copy_from_slice(&number.to_be_bytes());
    Bytes(body.into_boxed_slice().try_into().unwrap())
}

fn name(number: u32) -> DepositId {
    DepositId(crate::crypto::hash::sha256(&[body(number).0.as_slice()]))
}

fn leave(home: &mut Home, link: LinkId, number: u32, now: Now) {
    let posting = DepositPosting {
        write: Token(WRITE).hash(),
        read: Token(READ).hash(),
        body: body(number),
    };
    let records = split(Kind::Deposit, number + 1, [0; 32], &postcard_encode(&posting));
    assert_eq!(records.len(), 8, "the published size");
    for record in records {
        home.handle_record(link, record, now);
    }
}

fn answer(home: &mut Home, number: u32, reply: u8, token: [u8; 32], now: Now) {
    answer_to(home, number, reply, token, Token(READ).hash(), now);
}

fn answer_to(home: &mut Home, number: u32, reply: u8, token: [u8; 32], read: TokenHash, now: Now) {
    let mut object = vec![reply; REPLY_LEN];
    object[..32].copy_from_slice(&name(number).0);
    let posting = ReplyPosting {
        read: TokenHash(read.0),
        object: Bytes(object.into_boxed_slice().try_into().unwrap()),
    };
    for record in split(Kind::Reply, 9, token, &postcard_encode(&posting)) {
        home.handle_record(DESK, record, now);
    }
}

fn letters(home: &mut Home, token: [u8; 32], now: Now) -> Vec<u8> {
    home.handle_record(OTHER, Record::new(Kind::Read).request(5).token(token), now);
    let mut pieces = Assembler::default();
    let mut letters = Vec::new();
    let records = drain(home);
    assert_eq!(records.last().map(|(_, record)| record.kind), Some(Kind::ReadEnd));
    for (_, record) in records.iter().filter(|(_, record)| record.kind == Kind::Letter) {
        if let Some(letter) = pieces.take(record).unwrap() {
            assert_eq!(letter.len(), REPLY_LEN);
            letters.extend(letter.last());
        }
    }
    letters
}

fn named(home: &mut Home, now: Now) -> Vec<u8> {
    home.handle_record(DESK, Record::new(Kind::Mails).request(6), now);
    let records = drain(home);
    assert_eq!(kinds(&records, DESK), [Kind::MailNames]);
    records[0].1.body.clone()
}

#[test]
fn mail_is_acknowledged_only_when_it_survives_a_crash() {
    let mut helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    leave(&mut home, SEEKER, 1, at(1));
    leave(&mut home, OTHER, 2, at(1));
    let records = drain(&mut home);
    assert_eq!(kinds(&records, SEEKER), [Kind::Deposited]);
    assert_eq!(records[0].1.token, name(1).0);
    assert_eq!(kinds(&records, OTHER), [Kind::Deposited]);
    disk.crash();

    // The home stops before it is drained: no answer was sent.
    leave(&mut home, SEEKER, 3, at(2));
    drop(home);
    disk.crash();

    let mut home = helpline.home(&disk, at(3));
    assert_eq!(home.counts().deposits, 2);
    helpline.on_duty(&mut home, DESK, at(3));
    let mut expected = [name(1), name(2)];
    expected.sort();
    assert_eq!(named(&mut home, at(3)), expected.map(|id| id.0).concat());
    home.handle_record(
        DESK,
        Record::new(Kind::FetchMail).request(1).token(name(2).0),
        at(3),
    );
    let mut pieces = Assembler::default();
    let mut whole = None;
    for (_, record) in drain(&mut home) {
        assert_eq!((record.kind, record.token), (Kind::Mail, name(2).0));
        whole = pieces.take(&record).unwrap();
    }
    assert_eq!(whole.as_deref(), Some(body(2).0.as_slice()));
}

#[test]
fn a_disk_that_fails_is_said_and_nothing_is_acknowledged() {
    let helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    for (step, error, expected) in [
        (StoreStep::Put, StoreError::Full, Refusal::Full),
        (StoreStep::Commit, StoreError::Unavailable, Refusal::Disk),
        (StoreStep::Commit, StoreError::Full, Refusal::Full),
    ] {
        disk.fail(step, Some(error));
        leave(&mut home, SEEKER, 1, at(1));
        let records = drain(&mut home);
        assert_eq!(kinds(&records, SEEKER), [Kind::Refused]);
        assert_eq!(reason(&records), Some(expected));
        assert_eq!(home.store_fault(), Some(error));
        assert_eq!((home.counts().deposits, disk.len()), (0, 0));
        disk.fail(step, None);
        home.handle_disconnected(SEEKER, at(1));
        home.handle_connected(SEEKER, from([1; 32]), at(1));
    }
    // The store works again without a restart.
    leave(&mut home, SEEKER, 1, at(1));
    assert_eq!(kinds(&drain(&mut home), SEEKER), [Kind::Deposited]);
    assert_eq!(home.store_fault(), None);
    // The same deposit again is not kept twice.
    leave(&mut home, SEEKER, 1, at(1));
    assert_eq!(kinds(&drain(&mut home), SEEKER), [Kind::Deposited]);
    assert_eq!(disk.len(), 1);
}

#[test]
fn answers_need_the_write_token_and_reading_the_read_token() {
    let mut helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    leave(&mut home, SEEKER, 1, at(0));
    drain(&mut home);
    answer(&mut home, 1, 7, WRITE, at(0));
    assert_eq!(
        reason(&drain(&mut home)),
        Some(Refusal::Login),
        "nobody logged in"
    );
    helpline.on_duty(&mut home, DESK, at(0));
    answer(&mut home, 1, 7, [1; 32], at(0));
    assert_eq!(reason(&drain(&mut home)), Some(Refusal::Taken));
    assert_eq!(letters(&mut home, READ, at(0)), [0_u8; 0]);

    answer(&mut home, 1, 7, WRITE, at(0));
    assert_eq!(kinds(&drain(&mut home), DESK), [Kind::Replied]);
    assert!(named(&mut home, at(0)).is_empty(), "answered");
    // A second part of a reply, and a reply to a message that lies at another home only.
    answer(&mut home, 1, 8, WRITE, at(0));
    answer(&mut home, 2, 9, [5; 32], at(0));
    assert_eq!(kinds(&drain(&mut home), DESK), [Kind::Replied; 2]);
    let mut read = letters(&mut home, READ, at(0));
    read.sort_unstable();
    assert_eq!(read, [7, 8, 9]);
    // If the message names its box, the reply need not. Without either, no phrase could find it.
    answer_to(&mut home, 1, 10, WRITE, TokenHash([0; 32]), at(0));
    assert_eq!(kinds(&drain(&mut home), DESK), [Kind::Replied]);
    answer_to(&mut home, 3, 11, [5; 32], TokenHash([0; 32]), at(0));
    assert_eq!(reason(&drain(&mut home)), Some(Refusal::Malformed));

    // Wrong, unknown and empty look alike.
    for token in [WRITE, [0; 32], Token(READ).hash().0] {
        home.handle_record(OTHER, Record::new(Kind::Read).request(5).token(token), at(0));
        let records = drain(&mut home);
        assert_eq!(records, [(OTHER, Record::new(Kind::ReadEnd).request(5))]);
    }

    // All of this survives a restart. A message that was answered with a wrong token is still open.
    drop(home);
    disk.crash();
    let mut home = helpline.home(&disk, at(9));
    assert_eq!(letters(&mut home, READ, at(9)).len(), 4);
    leave(&mut home, SEEKER, 2, at(9));
    drain(&mut home);
    helpline.on_duty(&mut home, DESK, at(9));
    assert_eq!(
        named(&mut home, at(9)),
        name(2).0,
        "its own write token was not used"
    );
}

#[test]
fn desks_are_told_of_what_comes_and_of_what_is_answered() {
    let mut helpline = Helpline::new();
    let mut home = helpline.home(&MemoryStore::new(), at(0));
    home.handle_record(DESK, Record::new(Kind::Mails), at(0));
    assert_eq!(reason(&drain(&mut home)), Some(Refusal::Login));
    helpline.on_duty(&mut home, DESK, at(0));
    helpline.on_duty(&mut home, OTHER, at(0));
    leave(&mut home, SEEKER, 1, at(0));
    let records = drain(&mut home);
    for desk in [DESK, OTHER] {
        let told = records.iter().find(|(link, _)| *link == desk).unwrap();
        assert_eq!(
            (told.1.kind, told.1.body.as_slice()),
            (Kind::MailNames, name(1).0.as_slice())
        );
    }

    let claim = |home: &mut Home, link, now| {
        home.handle_record(link, Record::new(Kind::MailClaim).token(name(1).0), now);
        kinds(&drain(home), link)
    };
    assert_eq!(claim(&mut home, DESK, at(0)), [Kind::Granted]);
    assert_eq!(claim(&mut home, DESK, at(1)), [Kind::Granted], "her own");
    assert_eq!(claim(&mut home, OTHER, at(2)), [Kind::Refused]);
    // Only the holder of a claim may release it.
    let release = |home: &mut Home, link, now| {
        let release = Record::new(Kind::MailClaim).token(name(1).0).index(1);
        home.handle_record(link, release, now);
        assert_eq!(kinds(&drain(home), link), []);
    };
    release(&mut home, OTHER, at(2));
    assert_eq!(claim(&mut home, OTHER, at(2)), [Kind::Refused]);
    release(&mut home, DESK, at(2));
    assert_eq!(claim(&mut home, OTHER, at(2)), [Kind::Granted]);
    release(&mut home, OTHER, at(2));
    assert_eq!(claim(&mut home, DESK, at(2)), [Kind::Granted]);
    assert_eq!(
        claim(&mut home, OTHER, at(302)),
        [Kind::Granted],
        "it is a hint with an end"
    );
    home.handle_disconnected(OTHER, at(303));
    assert_eq!(claim(&mut home, DESK, at(303)), [Kind::Granted]);
    home.handle_connected(OTHER, from([3; 32]), at(303));
    helpline.on_duty(&mut home, OTHER, at(303));

    answer(&mut home, 1, 7, WRITE, at(304));
    let records = drain(&mut home);
    assert_eq!(kinds(&records, OTHER), [Kind::MailGone]);
    assert_eq!(claim(&mut home, OTHER, at(304)), [Kind::Refused]);
}

#[test]
fn mail_keys_lie_over_a_restart_and_go_with_their_counselor() {
    let mut helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    let publish = |home: &mut Home, (key, ek): &(Signed<MailKey>, Vec<u8>), now| {
        let body = postcard_encode(&(key.encoded(), ek.as_slice()));
        home.handle_record(DESK, Record::new(Kind::PublishMailKey).body(body), now);
        let records = drain(home);
        (kinds(&records, DESK), reason(&records))
    };
    let page = |home: &mut Home, number, now| {
        home.handle_record(SEEKER, Record::new(Kind::MailKeys).index(number), now);
        let records = drain(home);
        let page: Vec<u8> = records
            .iter()
            .flat_map(|(_, record)| record.body.clone())
            .collect();
        assert_eq!(records.len(), 8);
        read_key_page(&page)
    };
    let first = helpline.mail_key(at(0));
    assert_eq!(publish(&mut home, &first, at(0)).1, Some(Refusal::Login));
    helpline.on_duty(&mut home, DESK, at(0));
    assert_eq!(publish(&mut home, &first, at(0)).0, [Kind::MailKeyKept]);
    assert_eq!(
        publish(&mut home, &first, at(0)).0,
        [Kind::MailKeyKept],
        "again is not twice"
    );
    let crossed = (first.0.clone(), helpline.mail_key(at(0)).1);
    assert_eq!(publish(&mut home, &crossed, at(0)).1, Some(Refusal::Duty));
    let second = helpline.mail_key(at(86_400));
    assert_eq!(publish(&mut home, &second, at(86_400)).0, [Kind::MailKeyKept]);
    assert_eq!(publish(&mut home, &first, at(86_400)).1, Some(Refusal::Stale));
    assert_eq!(disk.len(), 1, "the newest is enough");

    drop(home);
    disk.crash();
    let mut home = helpline.home(&disk, at(86_500));
    let (keys, last) = page(&mut home, 0, at(86_500));
    assert!(last);
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].1, second.0.encoded());
    assert_eq!(keys[0].2, second.1);
    assert!(page(&mut home, 1, at(86_500)).0.is_empty());
    assert!(page(&mut home, 0, at(15 * 86_400)).0.is_empty(), "expired");

    helpline.install(&mut home, 2, vec![Serial([1; 8])], at(86_501));
    drain(&mut home);
    assert!(page(&mut home, 0, at(86_501)).0.is_empty(), "revoked");
    assert!(disk.is_empty());
}

#[test]
fn a_past_day_is_forgotten_but_a_clock_jump_forgets_nothing() {
    let mut helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    leave(&mut home, SEEKER, 1, at(0));
    drain(&mut home);
    helpline.on_duty(&mut home, DESK, at(0));
    answer(&mut home, 1, 7, WRITE, at(0));
    drain(&mut home);
    let days = u64::from(MAIL_DAYS) * 86_400;
    sweep(
        &mut home,
        Now {
            unix: START + Duration::from_secs(3_650 * 86_400),
            ..at(60)
        },
    );
    assert_eq!((home.counts().deposits, home.counts().replies), (1, 1));
    sweep(&mut home, at(days));
    assert_eq!(disk.len(), 2, "its last day");
    disk.fail(StoreStep::Commit, Some(StoreError::Unavailable));
    sweep(&mut home, at(days + 86_400));
    assert_eq!(
        (home.counts().deposits, disk.len()),
        (0, 2),
        "not shown, not yet gone"
    );
    disk.fail(StoreStep::Commit, None);
    sweep(&mut home, at(days + 86_410));
    assert!(disk.is_empty());
    assert_eq!(home.counts().expired, 2);
}

#[test]
fn a_doubted_clock_makes_nothing_older_than_it_surely_is() {
    const DAY: u64 = 86_400;
    let helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    leave(&mut home, SEEKER, 1, at(0));
    drain(&mut home);
    // A restart: the clock says that all of it expired long ago, and the home is told to doubt the clock.
    let days = u64::from(MAIL_DAYS) + 2;
    let ahead = |seconds: u64| Now {
        tick: Tick(seconds * 1_000),
        unix: START + Duration::from_secs(days * DAY + seconds),
    };
    let mut home = helpline.home(&disk, ahead(0));
    home.doubt_clock(START);
    sweep(&mut home, ahead(2));
    assert_eq!((disk.len(), home.counts().expired), (1, 0));
    // New mail is kept for its full time, even if the clock is right.
    home.handle_connected(SEEKER, from([0; 32]), ahead(3));
    leave(&mut home, SEEKER, 2, ahead(3));
    drain(&mut home);
    // Time passes: what has certainly expired is deleted.
    sweep(&mut home, ahead((days - 1) * DAY));
    assert_eq!((disk.len(), home.counts().deposits), (1, 1));
    sweep(&mut home, ahead((days + 13) * DAY));
    assert_eq!(disk.len(), 1);
    // The clock is confirmed: the rest is deleted too.
    home.trust_clock(ahead((days + 13) * DAY));
    sweep(&mut home, ahead((days + 13) * DAY + 10));
    assert!(disk.is_empty());

    // The same when the clock is confirmed at once.
    let mut home = helpline.home(&disk, at(0));
    leave(&mut home, SEEKER, 3, at(0));
    drain(&mut home);
    let mut home = helpline.home(&disk, ahead(0));
    home.doubt_clock(START);
    sweep(&mut home, ahead(2));
    assert_eq!(disk.len(), 1);
    home.trust_clock(ahead(3));
    sweep(&mut home, ahead(10));
    assert!(disk.is_empty());
}

#[test]
fn limits_bound_the_messages_of_links_days_and_boxes() {
    let mut helpline = Helpline::new();
    let mut home = helpline.home(&MemoryStore::new(), at(0));
    for number in 0..MAX_DEPOSITS_PER_LINK {
        leave(&mut home, SEEKER, number, at(0));
    }
    leave(&mut home, SEEKER, 99, at(0));
    assert_eq!(reason(&drain(&mut home)), Some(Refusal::Busy));
    let mut taken = usize::try_from(MAX_DEPOSITS_PER_LINK).unwrap();
    for number in 1_000..1_000 + 2 * u32::try_from(MAX_DEPOSITS_PER_DAY).unwrap() {
        let link = LinkId(u64::from(number));
        // As slowly as no puzzle is asked.
        let now = at(20 * u64::from(number - 1_000));
        home.handle_connected(link, from([0; 32]), now);
        leave(&mut home, link, number, now);
        if let Some(reason) = reason(&drain(&mut home)) {
            assert_eq!(reason, Refusal::Full);
            break;
        }
        taken += 1;
    }
    assert_eq!(taken, MAX_DEPOSITS_PER_DAY);

    // All of them are named, page by page, and each once.
    helpline.on_duty(&mut home, DESK, at(1));
    let (mut names, mut last) = (Vec::new(), [0; 32]);
    loop {
        home.handle_record(DESK, Record::new(Kind::Mails).token(last), at(1));
        let page = drain(&mut home).remove(0).1.body;
        names.extend(page.chunks_exact(32).map(<[u8]>::to_vec));
        if page.len() < crate::wire::BODY_LEN {
            break;
        }
        last = page.last_chunk().copied().unwrap();
    }
    assert_eq!(names.len(), MAX_DEPOSITS_PER_DAY);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), MAX_DEPOSITS_PER_DAY);
    home.handle_timeout(at(86_400));
    home.handle_connected(SEEKER, from([1; 32]), at(86_400));
    leave(&mut home, SEEKER, 5_000, at(86_400));
    let records = drain(&mut home);
    assert!(
        kinds(&records, SEEKER).contains(&Kind::Deposited),
        "tomorrow has room"
    );

    home.handle_connected(DESK, from([2; 32]), at(86_400));
    let helpline_now = at(100);
    helpline.on_duty(&mut home, DESK, helpline_now);
    for reply in 0..=u8::try_from(MAX_REPLIES_PER_BOX).unwrap() {
        answer(&mut home, 0, reply, WRITE, at(86_400));
    }
    let records = drain(&mut home);
    let stored = kinds(&records, DESK)
        .iter()
        .filter(|kind| **kind == Kind::Replied)
        .count();
    assert_eq!(
        (stored, reason(&records)),
        (MAX_REPLIES_PER_BOX, Some(Refusal::Full))
    );
}

#[test]
fn a_message_filed_first_with_foreign_tokens_is_no_copy() {
    let mut helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    let file = |home: &mut Home, link: LinkId, number: u32, [write, read]: [[u8; 32]; 2]| {
        let posting = DepositPosting {
            write: Token(write).hash(),
            read: Token(read).hash(),
            body: body(number),
        };
        for record in split(Kind::Deposit, 9, [0; 32], &postcard_encode(&posting)) {
            home.handle_record(link, record, at(1));
        }
    };
    // A party that has the body, like another home or a desk, files it with its own tokens.
    for thief in [[[1; 32], READ], [WRITE, [2; 32]]] {
        let number = u32::from(thief[1][0]);
        file(&mut home, OTHER, number, thief);
        assert_eq!(kinds(&drain(&mut home), OTHER), [Kind::Deposited]);
        leave(&mut home, SEEKER, number, at(1));
        let records = drain(&mut home);
        assert_eq!(kinds(&records, SEEKER), [Kind::Refused]);
        assert_eq!(reason(&records), Some(Refusal::Taken));
        // The same posting again, after a reconnect, is no error.
        file(&mut home, OTHER, number, thief);
        assert_eq!(kinds(&drain(&mut home), OTHER), [Kind::Deposited]);
    }
    // The same when both come before the commit.
    leave(&mut home, SEEKER, 7, at(1));
    file(&mut home, OTHER, 7, [[1; 32], READ]);
    let records = drain(&mut home);
    assert_eq!(kinds(&records, SEEKER), [Kind::Deposited]);
    assert_eq!(kinds(&records, OTHER), [Kind::Refused]);
    helpline.on_duty(&mut home, DESK, at(2));
    answer(&mut home, 7, 1, WRITE, at(2));
    assert_eq!(kinds(&drain(&mut home), DESK), [Kind::Replied]);
    assert_eq!(letters(&mut home, READ, at(2)), [1], "hers, read with her token");
}
