//! Narrow paths, driven by hand: a seeker, two counselors and two homes, with wires that hold each record until the
//! test releases it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;
use crate::{
    crypto::{
        keys::{DhSecret, NodePeer},
        phrase::ReturnKeys,
    },
    home::{Home, HomeConfig, LinkId, NewLink, Via, memory::MemoryStore},
    limits::LINGER,
    objects::{
        CertifiedRole as Office, Delegation, Roster, Serial, Settings, postcard_decode, postcard_encode,
    },
    seeker::{self, Seeker},
    session::{
        chat::State,
        mail::DepositId,
        ticket::{self, Intake},
    },
    testing::{no_entries, seeded},
    time::{Unix, millis},
    wire::{Kind, ShownTicket, split},
};

const START: Unix = Unix(1_800_000_000);
const HOMES: usize = 2;
const SEEKER: usize = 0;
const NOUR: usize = 1;
const SALMA: usize = 2;

/// A person, a home, and whether the direction is towards the home.
type Wire = (usize, usize, bool);

struct Table {
    root: SignKey,
    roster: Roster,
    settings: Vec<u8>,
    seeker: Seeker,
    desks: BTreeMap<usize, Counselor>,
    homes: Vec<Home>,
    delegations: Vec<Signed<Delegation>>,
    certificates: Vec<Signed<Certificate>>,
    wires: BTreeMap<Wire, VecDeque<Record>>,
    held: BTreeSet<Wire>,
    /// The number of the present link between a person and a home.
    links: BTreeMap<(usize, usize), u64>,
    next_link: u64,
    now: u64,
    /// What the faces were told.
    chats: Vec<(usize, TicketId)>,
    /// The same chats, with the first words they came with.
    begun: Vec<(usize, String)>,
    /// Cells that the seeker has put at homes.
    puts: usize,
    /// Who was told that no words came.
    wordless: Vec<usize>,
    shown: Vec<(usize, String)>,
    states: BTreeMap<(usize, String), State>,
    mails: Vec<(usize, DepositId)>,
    answered: Vec<(usize, DepositId)>,
    off: Vec<(usize, OffReason)>,
    ended: Vec<(usize, EndedBy, ChatOver)>,
    /// The states that the seeker's face was told.
    stands: Vec<Stands>,
    /// Whether a sealed message could be read, as the seeker's face was told.
    sealed: Vec<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Open,
    Closed,
    Waiting,
    Answered,
    Reopened,
}

impl Table {
    fn new() -> Self {
        let mut random = seeded(1);
        let root = SignKey::generate(&mut random);
        let key = RootKey(root.public());
        let helpline = key.helpline();
        let moment = Now {
            tick: Tick(0),
            unix: START,
        };
        let settings = Settings {
            chats_at_once: 2,
            ..Settings::named("A".parse().unwrap())
        };
        let settings = settings.encode().unwrap();
        let identities: Vec<SignKey> = (0..2).map(|_| SignKey::generate(&mut random)).collect();
        let certificates: Vec<Signed<Certificate>> = [("Nour", NOUR), ("Salma", SALMA)]
            .into_iter()
            .zip(&identities)
            .map(|((name, number), identity)| {
                let certificate = Certificate {
                    serial: Serial([u8::try_from(number).unwrap(); 8]),
                    id_pk: identity.public().to_bytes(),
                    pseudonym: name.parse().unwrap(),
                    languages: vec!["fr".parse().unwrap()],
                    role: Office::Counselor,
                    not_before: START,
                    expires: START + Duration::from_secs(86_400),
                };
                Signed::sign(certificate, &root, &helpline).unwrap()
            })
            .collect();
        let operator = SignKey::generate(&mut random);
        let delegations: Vec<Signed<Delegation>> = (0..HOMES)
            .map(|home| {
                let delegation = Delegation {
                    home_peer: NodePeer([u8::try_from(home).unwrap(); 32]),
                    home_x: DhSecret::generate(&mut random).public(),
                    op_pk: operator.public().to_bytes(),
                    not_before: START,
                    expires: START + Duration::from_secs(86_400),
                };
                Signed::sign(delegation, &root, &helpline).unwrap()
            })
            .collect();
        let roster = Roster {
            version: 1,
            issued: START,
            expires: START + Duration::from_secs(86_400),
            certificates: certificates.iter().map(Signed::hash).collect(),
            delegations: delegations.iter().map(Signed::hash).collect(),
            revoked: Vec::new(),
            settings: Settings::hash(&settings),
            entries: no_entries(&root).list.hash(),
        };
        let signed = Signed::sign(roster.clone(), &root, &helpline).unwrap();
        let homes = delegations
            .iter()
            .map(|delegation| {
                let config = HomeConfig {
                    root: key,
                    delegation: delegation.clone(),
                    operator: SignKey::from_bytes(&operator.to_bytes()),
                    receipt_key: [3; 32].into(),
                    boot: 1,
                    descriptor_floor: 0,
                };
                let store = Box::new(MemoryStore::new());
                let mut home = Home::new(config, store, seeded(2), moment);
                home.install(signed.encoded(), &settings, &no_entries(&root), moment)
                    .unwrap();
                home
            })
            .collect();
        let desk = |(number, (identity, certificate)): (usize, (SignKey, Signed<Certificate>))| {
            let random = seeded(10 + u64::try_from(number).unwrap());
            let desk = Counselor::new(key, identity, certificate, None, random, moment);
            (number + 1, desk)
        };
        let people = identities.into_iter().zip(certificates.clone()).enumerate();
        let mut table = Self {
            root,
            roster,
            settings,
            seeker: Seeker::new(key, seeded(3), moment),
            desks: people.map(desk).collect(),
            homes,
            delegations,
            certificates,
            wires: BTreeMap::new(),
            held: BTreeSet::new(),
            links: BTreeMap::new(),
            next_link: 1,
            now: 0,
            chats: Vec::new(),
            begun: Vec::new(),
            puts: 0,
            wordless: Vec::new(),
            shown: Vec::new(),
            states: BTreeMap::new(),
            mails: Vec::new(),
            answered: Vec::new(),
            off: Vec::new(),
            ended: Vec::new(),
            stands: Vec::new(),
            sealed: Vec::new(),
        };
        for home in 0..HOMES {
            for person in [SEEKER, NOUR] {
                table.connect(person, home);
            }
        }
        table.desk(NOUR, Counselor::on_duty);
        table.pass(1_000);
        // Forget what was told before the first shift.
        table.stands.clear();
        table.sealed.clear();
        table
    }

    fn moment(&self) -> Now {
        Now {
            tick: Tick(self.now),
            unix: START + Duration::from_secs(self.now / 1_000),
        }
    }

    fn connect(&mut self, person: usize, home: usize) {
        let (link, now) = (LinkId(self.next_link), self.moment());
        self.next_link += 1;
        let hash = [u8::try_from(link.0).unwrap(); 32];
        self.links.insert((person, home), link.0);
        self.homes[home].handle_connected(link, NewLink { hash, via: Via(0) }, now);
        let delegation = self.delegations[home].clone();
        match self.desks.get_mut(&person) {
            Some(desk) => desk.handle_connected(HomeIndex(home), ProvenLink { delegation, hash }, now),
            None => self
                .seeker
                .handle_connected(HomeIndex(home), ProvenLink { delegation, hash }, now),
        }
        self.settle();
    }

    /// A link breaks: the records in flight are lost.
    fn disconnect(&mut self, person: usize, home: usize) {
        let now = self.moment();
        let link = self.links.remove(&(person, home)).unwrap();
        self.homes[home].handle_disconnected(LinkId(link), now);
        self.wires.retain(|(who, at, _), _| (*who, *at) != (person, home));
        match self.desks.get_mut(&person) {
            Some(desk) => desk.handle_disconnected(HomeIndex(home), now),
            None => self.seeker.handle_disconnected(HomeIndex(home), now),
        }
        self.settle();
    }

    fn desk<T>(&mut self, who: usize, act: impl FnOnce(&mut Counselor, Now) -> T) -> T {
        let now = self.moment();
        let done = act(self.desks.get_mut(&who).unwrap(), now);
        self.settle();
        done
    }

    fn says(&mut self, who: usize, id: &str) {
        let (now, words) = (self.moment(), Zeroizing::new("words".to_owned()));
        match self.desks.get_mut(&who) {
            Some(desk) => {
                let (_, chat) = self.chats.iter().rfind(|(desk, _)| *desk == who).unwrap();
                desk.say(chat, id.to_owned(), words, now).unwrap();
            }
            None => self.seeker.say(id.to_owned(), words, now).unwrap(),
        }
        self.settle();
    }

    fn hold(&mut self, wires: &[Wire]) {
        self.held.extend(wires);
    }

    fn release(&mut self, wires: &[Wire]) {
        self.held.retain(|wire| !wires.contains(wire));
        self.settle();
    }

    /// Moves outputs and events of the machines, and delivers what is not held, until nothing is left.
    fn settle(&mut self) {
        loop {
            self.poll();
            let ready = |(wire, records): (&Wire, &VecDeque<Record>)| {
                (!records.is_empty() && !self.held.contains(wire)).then_some(*wire)
            };
            let Some(wire) = self.wires.iter().find_map(ready) else {
                return;
            };
            let (person, home, there) = wire;
            let record = self.wires.get_mut(&wire).unwrap().pop_front().unwrap();
            let now = self.moment();
            if there {
                self.puts += usize::from(person == SEEKER && record.kind == Kind::Put);
                let link = self.links[&(person, home)];
                self.homes[home].handle_record(LinkId(link), record, now);
            } else {
                match self.desks.get_mut(&person) {
                    Some(desk) => desk.handle_record(HomeIndex(home), record, now),
                    None => self.seeker.handle_record(HomeIndex(home), record, now),
                }
            }
        }
    }

    fn poll(&mut self) {
        let now = self.moment();
        let mut sent = Vec::new();
        loop {
            let mut drained = self.seeker.drain();
            if drained.events.is_empty() && drained.links.is_empty() {
                break;
            }
            sent.extend(drained.records().map(|(home, record)| (SEEKER, home, record)));
            for event in drained.events {
                self.seeker_event(event, now);
            }
        }
        for (who, desk) in &mut self.desks {
            loop {
                let mut drained = desk.drain();
                if drained.events.is_empty() && drained.links.is_empty() {
                    // A ticket that came is tried at a deadline.
                    if desk.desk.opening_due().is_none_or(|due| due > now.tick) {
                        break;
                    }
                    desk.handle_timeout(now);
                }
                sent.extend(drained.records().map(|(home, record)| (*who, home, record)));
                for event in drained.events {
                    match event {
                        Event::MailKeysChanged => desk.mail_keys_kept(now),
                        Event::Mail { mail, .. } => self.mails.push((*who, mail)),
                        Event::MailAnswered { mail } => self.answered.push((*who, mail)),
                        Event::MailState { id, state, .. } => {
                            self.states.insert((*who, id), state);
                        }
                        Event::OffDuty(reason) => self.off.push((*who, reason)),
                        Event::Ended { by, reason, .. } => self.ended.push((*who, by, reason)),
                        Event::Chat {
                            chat, text, number, ..
                        } => {
                            self.chats.push((*who, chat));
                            self.begun.push((*who, text.to_string()));
                            if let Some(number) = number {
                                desk.shown(number, now);
                            }
                        }
                        Event::NoWords { .. } => self.wordless.push(*who),
                        Event::Message { number, id, .. } => {
                            desk.shown(number, now);
                            self.shown.push((*who, id));
                        }
                        Event::State { id, state, .. } => {
                            self.states.insert((*who, id), state);
                        }
                        _ => {}
                    }
                }
            }
        }
        for (who, HomeIndex(home), record) in sent {
            if self.links.contains_key(&(who, home)) {
                self.wires.entry((who, home, true)).or_default().push_back(record);
            }
        }
        for home in 0..HOMES {
            for (link, record) in self.homes[home].drain().records() {
                if let Some(((who, _), _)) = self
                    .links
                    .iter()
                    .find(|((_, at), id)| *at == home && **id == link.0)
                {
                    self.wires
                        .entry((*who, home, false))
                        .or_default()
                        .push_back(record);
                }
            }
        }
    }

    fn seeker_event(&mut self, event: seeker::Event, now: Now) {
        match event {
            seeker::Event::Message { number, id, .. } => {
                self.seeker.shown(number, now);
                self.shown.push((SEEKER, id));
            }
            seeker::Event::State { id, state } => {
                self.states.insert((SEEKER, id), state);
            }
            seeker::Event::Open => self.stands.push(Stands::Open),
            seeker::Event::Sealed(possible) => self.sealed.push(possible),
            seeker::Event::Closed => self.stands.push(Stands::Closed),
            seeker::Event::Waiting(_) => self.stands.push(Stands::Waiting),
            seeker::Event::Answered { .. } => self.stands.push(Stands::Answered),
            seeker::Event::Reopened => self.stands.push(Stands::Reopened),
            _ => {}
        }
    }

    /// Advances time in steps smaller than any timer that matters here.
    fn pass(&mut self, millis: u64) {
        for _ in 0..millis.div_ceil(100) {
            self.now += 100;
            let now = self.moment();
            self.seeker.handle_timeout(now);
            for desk in self.desks.values_mut() {
                desk.handle_timeout(now);
            }
            for home in &mut self.homes {
                home.handle_timeout(now);
            }
            self.settle();
        }
    }

    fn asks(&mut self) {
        self.asks_with("");
    }

    fn asks_with(&mut self, first: &str) {
        let now = self.moment();
        let intake = Intake {
            language: "fr".parse().unwrap(),
            urgent: false,
        };
        let first = Zeroizing::new(first.to_owned());
        self.seeker.start(intake, first, now).unwrap();
        self.settle();
    }

    /// A sealed message that both counselors have on their desks, at these homes.
    fn left_message(&mut self, homes: [&[usize]; 2]) -> DepositId {
        for home in 0..HOMES {
            self.connect(SALMA, home);
        }
        self.desk(SALMA, Counselor::on_duty);
        self.pass(1_000);
        for who in [NOUR, SALMA] {
            self.desk(who, Counselor::off_duty);
        }
        self.pass(4_000);
        self.asks();
        self.pass(4_000);
        let now = self.moment();
        self.seeker.expect_homes(HOMES);
        self.seeker.keep_phrase(ReturnKeys::from_bytes(&[7; 128]));
        let words = Zeroizing::new("salam".to_owned());
        self.seeker.leave("fr".parse().unwrap(), words, now).unwrap();
        self.settle();
        self.pass(1_000);
        for (who, homes) in [NOUR, SALMA].into_iter().zip(homes) {
            for home in (0..HOMES).filter(|home| !homes.contains(home)) {
                self.disconnect(who, home);
            }
            self.desk(who, |desk, now| {
                desk.expect_homes(HOMES);
                desk.on_duty(now);
            });
        }
        self.pass(1_000);
        let [(NOUR, mail), (SALMA, same)] = self.mails[..] else {
            panic!("{:?}", self.mails.len());
        };
        assert_eq!(mail, same);
        mail
    }

    fn replies(&mut self, who: usize, mail: DepositId, id: &str) -> Result<(), ReplyError> {
        let words = Zeroizing::new("marhba".to_owned());
        self.desk(who, |desk, now| desk.reply(mail, id.to_owned(), words, now))
    }

    fn state(&self, who: usize, id: &str) -> Option<State> {
        self.states.get(&(who, id.to_owned())).copied()
    }

    /// How many tickets a desk could take.
    fn waiting(&self, who: usize) -> u32 {
        self.desks[&who].waiting().0
    }

    /// How many tickets lie on the desk, including those that are claimed or in a chat.
    fn offered(&self, who: usize) -> u32 {
        self.desks[&who].desk.counts(|_| true).0
    }

    /// Everything a person said has arrived, or was said to have failed.
    fn nothing_is_lost(&self, ids: &[(usize, &str)]) {
        for (who, id) in ids {
            let state = self.states.get(&(*who, (*id).to_owned())).copied();
            let there = self.shown.iter().any(|(_, shown)| shown == id);
            assert!(
                state == Some(State::Failed) || (state == Some(State::Received) && there),
                "{id} of {who}: {state:?}, shown {there}"
            );
        }
    }
}

/// Two chats at once are allowed. A ticket is sealed again while a claim of the older body is in flight, and a home
/// that does not know the new body yet grants that claim.
#[test]
fn a_late_grant_of_an_older_attempt_loses_no_words() {
    let mut table = Table::new();
    table.asks();
    assert_eq!(table.waiting(NOUR), 1);
    table.pass(9_000);
    // Salma comes on duty, so that the seeker seals again; Nour has claimed meanwhile.
    table.connect(SALMA, 0);
    table.desk(SALMA, Counselor::on_duty);
    table.hold(&[(NOUR, 0, true), (NOUR, 1, true)]);
    table.desk(NOUR, Counselor::take_next);
    table.hold(&[(SEEKER, 1, true)]);
    table.pass(3_000);
    assert_eq!(table.offered(NOUR), 1, "the new body came from the first home");
    // From now on the link from the seeker to the first home is slow. The second home grants the older body.
    table.hold(&[(SEEKER, 0, true)]);
    table.release(&[(NOUR, 1, true)]);
    // The seeker's link to the second home breaks and comes back: that home never gets the newer body.
    table.disconnect(SEEKER, 1);
    table.release(&[(SEEKER, 1, true)]);
    table.connect(SEEKER, 1);
    table.pass(200);
    let mut said = vec![(SEEKER, "s1")];
    table.says(SEEKER, "s1");
    table.hold(&[(NOUR, 1, true)]);
    if !table.chats.is_empty() {
        table.says(NOUR, "n1");
        said.push((NOUR, "n1"));
    }
    table.release(&[(NOUR, 0, true)]);
    table.desk(NOUR, Counselor::take_next);
    table.pass(200);
    table.release(&[(NOUR, 1, true), (SEEKER, 0, true)]);
    table.pass(1_000);
    assert!(!table.chats.is_empty(), "somebody has the seeker");
    table.says(NOUR, "n2");
    said.push((NOUR, "n2"));
    table.pass(180_000);
    table.nothing_is_lost(&said);
}

/// An ended chat lingers for its last cells. The seeker has received nothing, and reopens the ticket meanwhile.
#[test]
fn words_of_a_lingering_chat_fail_before_the_next_replaces_it() {
    let mut table = Table::new();
    table.asks();
    table.desk(NOUR, Counselor::take_next);
    assert_eq!(table.chats.len(), 1);
    table.hold(&[(NOUR, 0, true), (NOUR, 1, true)]);
    table.says(NOUR, "n1");
    table.pass(42_000);
    let (_, chat) = table.chats[0];
    table.says(NOUR, "n2");
    assert!(table.desk(NOUR, |desk, now| desk.end(&chat, now)));
    let mut waited = 0;
    while table.offered(NOUR) == 0 {
        table.pass(100);
        waited += 100;
        assert!(
            waited < millis(LINGER),
            "she opened it within the time that a chat lingers"
        );
    }
    assert_eq!(table.waiting(NOUR), 0, "the last words still have their time");
    table.pass(millis(LINGER) - waited);
    assert_eq!(table.waiting(NOUR), 1);
    table.release(&[(NOUR, 0, true), (NOUR, 1, true)]);
    table.desk(NOUR, Counselor::take_next);
    table.pass(1_000);
    assert_eq!(table.chats.len(), 2, "her own again");
    table.says(NOUR, "n3");
    table.pass(60_000);
    table.nothing_is_lost(&[(NOUR, "n1"), (NOUR, "n2"), (NOUR, "n3")]);
}

#[test]
fn a_message_that_a_colleague_has_answered_leaves_the_desk() {
    let mut table = Table::new();
    let mail = table.left_message([&[0, 1], &[0, 1]]);
    table.replies(NOUR, mail, "n1").unwrap();
    table.pass(1_000);
    assert_eq!(table.state(NOUR, "n1"), Some(State::AtNode));
    assert_eq!(table.answered, [(SALMA, mail)], "once, and not to who answered");
    assert_eq!(table.replies(SALMA, mail, "s1"), Err(ReplyError::Taken));
    // A second part of a reply does not count as a second answer.
    table.replies(NOUR, mail, "n2").unwrap();
    table.pass(1_000);
    assert_eq!(table.state(NOUR, "n2"), Some(State::AtNode));
    assert_eq!(table.answered.len(), 1);
}

#[test]
fn a_message_answered_while_offline_leaves_the_desk() {
    let mut table = Table::new();
    let mail = table.left_message([&[0, 1], &[0, 1]]);
    for home in 0..HOMES {
        table.disconnect(SALMA, home);
    }
    table.replies(NOUR, mail, "n1").unwrap();
    table.pass(1_000);
    assert!(table.answered.is_empty());
    table.connect(SALMA, 0);
    table.pass(1_000);
    assert_eq!(table.answered, [(SALMA, mail)]);

    // No event is told for a message that still waits, at a home that comes back, or that lies at another home only.
    let mut table = Table::new();
    table.left_message([&[0, 1], &[0, 1]]);
    for home in [0, 1, 0] {
        table.disconnect(SALMA, home);
        table.pass(1_000);
        table.connect(SALMA, home);
        table.pass(1_000);
    }
    assert!(table.answered.is_empty() && table.mails.len() == 2);
}

#[test]
fn of_two_counselors_who_answer_at_once_exactly_one_succeeds() {
    for homes in [
        [&[0, 1][..], &[0, 1][..]],
        [&[0, 1], &[1]],
        [&[0], &[0, 1]],
        [&[1], &[1, 0]],
    ] {
        let mut table = Table::new();
        let mail = table.left_message(homes);
        // Both counselors reply before either claim is answered.
        let wires: Vec<Wire> = (0..HOMES)
            .flat_map(|home| [(NOUR, home, true), (SALMA, home, true)])
            .collect();
        table.hold(&wires);
        table.replies(NOUR, mail, "n1").unwrap();
        table.replies(SALMA, mail, "s1").unwrap();
        table.release(&wires);
        table.pass(15_000);
        let states = [table.state(NOUR, "n1"), table.state(SALMA, "s1")];
        let one = |wanted| states.iter().filter(|state| **state == Some(wanted)).count();
        assert_eq!(
            (one(State::AtNode), one(State::Failed)),
            (1, 1),
            "{homes:?}: {states:?}"
        );
    }
}

#[test]
fn going_off_duty_at_once_counts_at_every_home() {
    let mut table = Table::new();
    table.desk(NOUR, Counselor::off_duty);
    table.pass(4_000);
    // The second home is slow to confirm the duty.
    table.hold(&[(NOUR, 1, false)]);
    table.desk(NOUR, Counselor::on_duty);
    table.desk(NOUR, Counselor::off_duty);
    let duties =
        |table: &Table| -> Vec<usize> { table.homes.iter().map(|home| home.counts().duties).collect() };
    assert_eq!(duties(&table), [0, 1]);
    table.release(&[(NOUR, 1, false)]);
    assert_eq!(duties(&table), [0, 0]);
}

mod changes;
mod first_words;
mod lies;
mod mail;
mod waiting;
