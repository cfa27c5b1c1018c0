//! One seeded, single-threaded world: seekers, counselors and homes of one helpline, virtual time, a virtual
//! network with delay, breaks, stalls and crashes. The same seed gives the same run, to the last byte.
//!
//! Links behave as TCP does: what is sent arrives once and in order, or the link breaks and what was on its
//! way is lost. Loss, duplication and reordering of cells come from that, from several homes, and from homes
//! that forget.

mod people;

use std::collections::{BTreeMap, BTreeSet};

use hamsa_protocol::{
    counselor::TransferError,
    home::{Home, HomeConfig, LinkId, Output as HomeOutput, memory::MemoryStore},
    keys::{DhSecret, NodePeer, RootKey, SignKey},
    objects::{
        Certificate, Delegation, Label, ROSTER_DEFAULT_SECONDS, Role, Roster, Serial, Settings, Signed,
    },
    random::{self, Random},
    seeker::NothingAsked,
    ticket::TicketId,
    time::{Millis, Moment, Unix},
    wire::Record,
};
pub use people::{CounselorSeat, Person, SeekerSeat};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// More steps in a row in the past than any honest hand-over needs.
const HASTY_MAX: u32 = 100;
/// Wall clock at the start of every run.
const START: Unix = Unix(1_790_000_000);

/// What may go wrong, each as a mean time between two of its kind in milliseconds; 0 is never.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// A link breaks; both ends notice at once.
    pub breaks: u64,
    /// A link stalls for up to 40 s; nobody notices.
    pub stalls: u64,
    /// A home dies, and is there again after up to 20 s, without its memory.
    pub crashes: u64,
    /// A home freezes for up to 60 s with all its links standing.
    pub freezes: u64,
    /// A counselor's client dies; it comes back after up to 60 s with the keys of its shift only.
    pub counselor_crashes: u64,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Messages said by people.
    pub said: u64,
    /// Messages shown to people.
    pub shown: u64,
    /// Faults that happened.
    pub faults: u64,
    /// Virtual milliseconds.
    pub elapsed: u64,
    /// What must not happen, in words.
    pub broken: Vec<String>,
}

struct SimHome {
    machine: Option<Home>,
    /// Its disk, which outlives its process.
    disk: MemoryStore,
    delegation: Signed<Delegation>,
    operator: [u8; 32],
    receipt_key: [u8; 32],
    boot: u32,
    floor: u64,
    back_at: Option<Millis>,
    frozen_until: Millis,
}

struct SimLink {
    person: usize,
    home: usize,
    /// When the last record to the home, and to the person, arrives: order is kept.
    last: [Millis; 2],
    stalled_until: Millis,
}

enum Arrival {
    AtHome(Record),
    AtPerson(Record),
}

/// The world.
pub struct World {
    now: Moment,
    random: Random,
    root: SignKey,
    homes: Vec<SimHome>,
    /// Everybody with a client.
    pub people: Vec<Person>,
    links: BTreeMap<LinkId, SimLink>,
    next_link: u64,
    arrivals: BTreeMap<(Millis, u64), (LinkId, Arrival)>,
    next_arrival: u64,
    /// When a person dials a home again.
    dials: BTreeMap<(Millis, usize, usize), ()>,
    certificates: Vec<Signed<Certificate>>,
    revoked: Vec<Serial>,
    roster_version: u64,
    roster: Vec<u8>,
    settings: Vec<u8>,
    faults: Faults,
    next_fault: BTreeMap<u8, Millis>,
    report: Report,
    /// Steps in a row in which a machine wanted to be woken in the past.
    hasty: u32,
}

/// A generator of its own for each machine, so that one more draw of one does not change the others.
fn seeded(seed: u64) -> Random {
    Box::new(ChaCha20Rng::seed_from_u64(seed))
}

impl World {
    /// A helpline with `homes` homes and nobody there yet.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a world that cannot be made is a broken test")]
    pub fn new(seed: u64, homes: usize, faults: Faults) -> Self {
        let mut random = seeded(seed);
        let root = SignKey::generate(&mut random);
        let helpline = RootKey(root.public()).helpline();
        let homes = (0..homes)
            .map(|_| {
                let operator = SignKey::generate(&mut random);
                let delegation = Delegation {
                    home_peer: NodePeer(random::public(&mut random)),
                    home_x: DhSecret::generate(&mut random).public(),
                    op_pk: operator.public().to_bytes(),
                    not_before: START,
                    expires: START.plus(80 * 86_400),
                };
                SimHome {
                    machine: None,
                    disk: MemoryStore::new(),
                    delegation: Signed::sign(delegation, &root, &helpline).expect("a delegation"),
                    operator: *operator.to_bytes(),
                    receipt_key: random::public(&mut random),
                    boot: 0,
                    floor: 0,
                    back_at: Some(Millis(0)),
                    frozen_until: Millis(0),
                }
            })
            .collect();
        let name: Label = "Association A".parse().expect("a name");
        let settings = Settings {
            chats_at_once: 3,
            ..Settings::named(name)
        };
        let mut world = Self {
            now: Moment {
                tick: Millis(1_000),
                unix: START,
            },
            random,
            root,
            homes,
            people: Vec::new(),
            links: BTreeMap::new(),
            next_link: 1,
            arrivals: BTreeMap::new(),
            next_arrival: 0,
            dials: BTreeMap::new(),
            certificates: Vec::new(),
            revoked: Vec::new(),
            roster_version: 0,
            roster: Vec::new(),
            settings: settings.encode().expect("settings"),
            faults,
            next_fault: BTreeMap::new(),
            report: Report::default(),
            hasty: 0,
        };
        world.publish();
        world
    }

    /// The time.
    #[must_use]
    pub const fn now(&self) -> Moment {
        self.now
    }

    /// A counselor with a certificate; gives her index among the people.
    #[expect(clippy::expect_used, reason = "a world that cannot be made is a broken test")]
    pub fn add_counselor(&mut self, pseudonym: &str, languages: &[&str]) -> usize {
        let identity = SignKey::generate(&mut self.random);
        let root = RootKey(self.root.public());
        let certificate = Certificate {
            serial: Serial(random::public(&mut self.random)),
            id_pk: identity.public().to_bytes(),
            pseudonym: pseudonym.parse().expect("a pseudonym"),
            languages: languages
                .iter()
                .map(|code| code.parse().expect("a language"))
                .collect(),
            role: Role::Counselor,
            not_before: START,
            expires: START.plus(100 * 86_400),
        };
        let certificate = Signed::sign(certificate, &self.root, &root.helpline()).expect("a certificate");
        self.certificates.push(certificate.clone());
        self.publish();
        let seed = self.random.next_u64();
        self.people.push(Person::counselor(
            root,
            *identity.to_bytes(),
            certificate,
            seed,
            self.now,
        ));
        self.arrive(self.people.len() - 1)
    }

    /// A seeker who will say `messages`, one each `pause` milliseconds; gives her index among the people.
    pub fn add_seeker(&mut self, language: &str, messages: Vec<String>, pause: u64) -> usize {
        let seed = self.random.next_u64();
        let root = RootKey(self.root.public());
        self.people
            .push(Person::seeker(root, language, messages, pause, seed, self.now));
        self.arrive(self.people.len() - 1)
    }

    fn arrive(&mut self, person: usize) -> usize {
        for home in 0..self.homes.len() {
            self.dials.insert((self.now.tick, person, home), ());
        }
        person
    }

    /// Takes a counselor's certificate back, as `association revoke` and `publish` do.
    pub fn revoke(&mut self, person: usize) {
        if let Some(Person::Counselor(seat)) = self.people.get(person) {
            self.revoked.push(seat.serial());
        }
        self.publish();
    }

    #[expect(clippy::expect_used, reason = "a world that cannot be made is a broken test")]
    fn publish(&mut self) {
        self.roster_version += 1;
        let roster = Roster {
            version: self.roster_version,
            issued: self.now.unix,
            expires: self.now.unix.plus(ROSTER_DEFAULT_SECONDS),
            certificates: self.certificates.iter().map(Signed::hash).collect(),
            delegations: self.homes.iter().map(|home| home.delegation.hash()).collect(),
            revoked: self.revoked.clone(),
            settings: Settings::hash(&self.settings),
        };
        let helpline = RootKey(self.root.public()).helpline();
        let roster = Signed::sign(roster, &self.root, &helpline).expect("a roster");
        self.roster = roster.encoded().to_vec();
        for home in 0..self.homes.len() {
            self.install(home);
        }
    }

    fn install(&mut self, home: usize) {
        let (now, roster, settings) = (self.now, self.roster.clone(), self.settings.clone());
        if let Some(machine) = self.homes.get_mut(home).and_then(|home| home.machine.as_mut())
            && let Err(error) = machine.install(&roster, &settings, Vec::new(), now)
        {
            self.report
                .broken
                .push(format!("a home refused its roster: {error}"));
        }
        self.drain_home(home);
    }

    /// Somebody does something.
    pub fn act<T>(&mut self, person: usize, act: impl FnOnce(&mut Person, Moment) -> T) -> Option<T> {
        let done = act(self.people.get_mut(person)?, self.now);
        self.drain_person(person);
        Some(done)
    }

    /// The disk of a home.
    #[must_use]
    pub fn disk(&self, home: usize) -> Option<&MemoryStore> {
        self.homes.get(home).map(|home| &home.disk)
    }

    // ── faults ──

    /// Kills a home; it is back after `pause` milliseconds.
    pub fn crash_home(&mut self, home: usize, pause: u64) {
        let Some(sim) = self.homes.get_mut(home) else {
            return;
        };
        sim.floor = sim
            .machine
            .take()
            .map_or(sim.floor, |machine| machine.descriptor_version());
        sim.disk.crash();
        sim.back_at = Some(self.now.tick + pause);
        let links: Vec<_> = self
            .links
            .iter()
            .filter(|(_, link)| link.home == home)
            .map(|(id, _)| *id)
            .collect();
        for link in links {
            self.break_link(link);
        }
    }

    /// Breaks every link of a person; they are dialled again.
    pub fn break_links_of(&mut self, person: usize) {
        let links: Vec<_> = self
            .links
            .iter()
            .filter(|(_, link)| link.person == person)
            .map(|(id, _)| *id)
            .collect();
        for link in links {
            self.break_link(link);
        }
    }

    /// Freezes a home for `pause` milliseconds with its links standing.
    pub fn freeze_home(&mut self, home: usize, pause: u64) {
        if let Some(sim) = self.homes.get_mut(home) {
            sim.frozen_until = self.now.tick + pause;
        }
    }

    /// Kills a person's client.
    pub fn crash_person(&mut self, person: usize, pause: u64) {
        self.break_links_of(person);
        self.dials.retain(|(_, dialling, _), ()| *dialling != person);
        let at = self.now.tick + pause;
        if let Some(Person::Counselor(seat)) = self.people.get_mut(person) {
            seat.crash(self.now);
            for home in 0..self.homes.len() {
                self.dials.insert((at, person, home), ());
            }
        }
    }

    /// A counselor asks whether the colleague named `to` may go on with a chat.
    ///
    /// # Errors
    /// As the machine says.
    pub fn transfer(&mut self, person: usize, chat: &TicketId, to: &str) -> Result<(), TransferError> {
        let now = self.now;
        let Some(Person::Counselor(seat)) = self.people.get_mut(person) else {
            return Err(TransferError::NoChat);
        };
        seat.machine.transfer(chat, to, now)?;
        self.drain_person(person);
        Ok(())
    }

    /// A seeker answers that.
    ///
    /// # Errors
    /// As the machine says.
    pub fn answer_transfer(&mut self, person: usize, yes: bool) -> Result<(), NothingAsked> {
        let now = self.now;
        let Some(Person::Seeker(seat)) = self.people.get_mut(person) else {
            return Err(NothingAsked);
        };
        seat.machine.answer_transfer(yes, now)?;
        self.drain_person(person);
        Ok(())
    }

    fn break_link(&mut self, id: LinkId) {
        let Some(link) = self.links.remove(&id) else {
            return;
        };
        self.arrivals.retain(|_, (other, _)| *other != id);
        let now = self.now;
        if let Some(machine) = self
            .homes
            .get_mut(link.home)
            .and_then(|home| home.machine.as_mut())
        {
            machine.link_closed(id, now);
        }
        if let Some(person) = self.people.get_mut(link.person) {
            person.link_down(link.home, now);
        }
        let pause = 200 + u64::try_from(random::below(&mut self.random, 2_800)).unwrap_or_default();
        self.dials.insert((now.tick + pause, link.person, link.home), ());
        self.drain_home(link.home);
        self.drain_person(link.person);
    }

    fn happen(&mut self) {
        let kinds = [
            self.faults.breaks,
            self.faults.stalls,
            self.faults.crashes,
            self.faults.freezes,
            self.faults.counselor_crashes,
        ];
        for (kind, mean) in (0_u8..).zip(kinds) {
            if mean == 0 {
                continue;
            }
            let draw = u64::try_from(random::below(&mut self.random, 1_000)).unwrap_or_default();
            let wait = mean * draw / 500 + 1;
            let due = *self.next_fault.entry(kind).or_insert(self.now.tick + wait);
            if due > self.now.tick {
                continue;
            }
            self.next_fault.insert(kind, self.now.tick + wait);
            self.report.faults += 1;
            let long = 1_000 * (1 + u64::try_from(random::below(&mut self.random, 40)).unwrap_or_default());
            match kind {
                0 | 1 => {
                    let pick = random::below(&mut self.random, self.links.len());
                    let Some(id) = self.links.keys().nth(pick).copied() else {
                        continue;
                    };
                    if kind == 0 {
                        self.break_link(id);
                    } else if let Some(link) = self.links.get_mut(&id) {
                        link.stalled_until = self.now.tick + long;
                    }
                }
                2 => {
                    let home = random::below(&mut self.random, self.homes.len());
                    self.crash_home(home, long / 2);
                }
                3 => {
                    let home = random::below(&mut self.random, self.homes.len());
                    self.freeze_home(home, long);
                }
                _ => {
                    let counselors: Vec<usize> = (0..self.people.len())
                        .filter(|person| matches!(self.people.get(*person), Some(Person::Counselor(_))))
                        .collect();
                    let pick = random::below(&mut self.random, counselors.len());
                    if let Some(person) = counselors.get(pick) {
                        self.crash_person(*person, long);
                    }
                }
            }
        }
    }

    // ── the loop ──

    /// Runs until `until` says so or `limit` milliseconds have passed; gives whether it said so.
    pub fn run(&mut self, limit: u64, mut until: impl FnMut(&Self) -> bool) -> bool {
        let end = self.now.tick + limit;
        while self.now.tick < end {
            if until(self) {
                return true;
            }
            self.step(end);
        }
        until(self)
    }

    /// No more faults from now on.
    pub fn calm(&mut self) {
        self.faults = Faults::default();
        self.next_fault.clear();
        for link in self.links.values_mut() {
            link.stalled_until = self.now.tick;
        }
        for home in &mut self.homes {
            home.frozen_until = self.now.tick;
        }
    }

    /// What happened so far.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = self.report.clone();
        report.elapsed = self.now.tick.0;
        for person in &self.people {
            person.count(&mut report);
        }
        report
    }

    fn step(&mut self, end: Millis) {
        let mut next = end;
        let mut sooner = |at: Option<Millis>| {
            if let Some(at) = at {
                next = next.min(at);
            }
        };
        for ((at, _), (link, _)) in self.arrivals.iter().take(1) {
            let _ = link;
            sooner(Some(*at));
        }
        sooner(self.dials.keys().next().map(|(at, ..)| *at));
        for home in &self.homes {
            sooner(home.back_at);
            let wake = home.machine.as_ref().and_then(Home::poll_timeout);
            sooner(wake.map(|at| at.max(home.frozen_until)));
        }
        for person in &self.people {
            sooner(person.poll_timeout());
        }
        let faults = [
            self.faults.breaks,
            self.faults.stalls,
            self.faults.crashes,
            self.faults.freezes,
        ];
        if faults.iter().any(|mean| *mean > 0) {
            sooner(self.next_fault.values().min().copied().or(Some(self.now.tick)));
        }
        self.advance(next);
        self.happen();
        self.wake();
        self.dial();
        self.deliver();
    }

    fn advance(&mut self, to: Millis) {
        // A machine that asks for the past is woken a millisecond later: time goes on whatever it says. On a
        // device it would spin.
        self.hasty = if to <= self.now.tick { self.hasty + 1 } else { 0 };
        if self.hasty == HASTY_MAX {
            self.report.broken.push(format!(
                "somebody wants to be woken in the past, again and again: {}",
                self.who_is_hasty()
            ));
        }
        let to = if to <= self.now.tick {
            self.now.tick + 1
        } else {
            to
        };
        let seconds = (to.0 / 1_000) - (self.now.tick.0 / 1_000);
        self.now = Moment {
            tick: to,
            unix: self.now.unix.plus(seconds),
        };
    }

    fn who_is_hasty(&self) -> String {
        let late = |at: Option<Millis>| at.is_some_and(|at| at <= self.now.tick);
        let homes = self
            .homes
            .iter()
            .filter_map(|home| home.machine.as_ref())
            .filter(|home| late(home.poll_timeout()));
        let people = self.people.iter().filter(|person| late(person.poll_timeout()));
        let homes: Vec<String> = homes.map(|home| format!("{home:?}")).collect();
        let people: Vec<String> = people.map(Person::describe).collect();
        format!("{homes:?} {people:?}")
    }

    fn wake(&mut self) {
        let now = self.now;
        for home in 0..self.homes.len() {
            let Some(sim) = self.homes.get_mut(home) else {
                continue;
            };
            if sim.back_at.is_some_and(|at| at <= now.tick) {
                sim.back_at = None;
                sim.boot += 1;
                let config = HomeConfig {
                    root: RootKey(self.root.public()),
                    delegation: sim.delegation.clone(),
                    operator: SignKey::from_bytes(&sim.operator),
                    receipt_key: sim.receipt_key.into(),
                    boot: sim.boot,
                    descriptor_floor: sim.floor,
                };
                let store = Box::new(sim.disk.clone());
                sim.machine = Some(Home::new(config, store, seeded(u64::from(sim.boot)), now));
                self.install(home);
            } else if sim.frozen_until <= now.tick
                && let Some(machine) = &mut sim.machine
                && machine.poll_timeout().is_some_and(|at| at <= now.tick)
            {
                machine.handle_timeout(now);
                self.drain_home(home);
            }
        }
        for person in 0..self.people.len() {
            let Some(who) = self.people.get_mut(person) else {
                continue;
            };
            if who.poll_timeout().is_some_and(|at| at <= now.tick) {
                who.handle_timeout(now);
                self.drain_person(person);
            }
        }
    }

    fn dial(&mut self) {
        let due: Vec<_> = self
            .dials
            .keys()
            .take_while(|(at, ..)| *at <= self.now.tick)
            .copied()
            .collect();
        for dial in due {
            self.dials.remove(&dial);
            let (_, person, home) = dial;
            let now = self.now;
            let there = self
                .homes
                .get(home)
                .is_some_and(|sim| sim.machine.is_some() && sim.frozen_until <= now.tick);
            let linked = self
                .links
                .values()
                .any(|link| link.person == person && link.home == home);
            if linked {
                continue;
            }
            if !there {
                self.dials.insert((now.tick + 1_000, person, home), ());
                continue;
            }
            let id = LinkId(self.next_link);
            self.next_link += 1;
            let link = SimLink {
                person,
                home,
                last: [now.tick; 2],
                stalled_until: now.tick,
            };
            self.links.insert(id, link);
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&id.0.to_be_bytes());
            let Some(sim) = self.homes.get_mut(home) else {
                continue;
            };
            let delegation = sim.delegation.clone();
            if let Some(machine) = &mut sim.machine {
                machine.link_opened(id, hash, now);
            }
            if let Some(who) = self.people.get_mut(person) {
                who.link_up(home, delegation, hash, now);
            }
            self.drain_person(person);
        }
    }

    fn deliver(&mut self) {
        while let Some((&(at, number), _)) = self.arrivals.first_key_value() {
            if at > self.now.tick {
                return;
            }
            let Some((id, arrival)) = self.arrivals.remove(&(at, number)) else {
                return;
            };
            let Some(link) = self.links.get(&id) else { continue };
            let (home, person) = (link.home, link.person);
            let frozen = self.homes.get(home).map_or(at, |sim| sim.frozen_until);
            let blocked = link.stalled_until.max(if matches!(arrival, Arrival::AtHome(_)) {
                frozen
            } else {
                at
            });
            if blocked > self.now.tick {
                // Everything behind it waits too: the number keeps the order.
                self.arrivals.insert((blocked, number), (id, arrival));
                continue;
            }
            let now = self.now;
            match arrival {
                Arrival::AtHome(record) => {
                    if let Some(machine) = self.homes.get_mut(home).and_then(|sim| sim.machine.as_mut()) {
                        machine.handle_record(id, record, now);
                    }
                    self.drain_home(home);
                }
                Arrival::AtPerson(record) => {
                    if let Some(who) = self.people.get_mut(person) {
                        who.handle_record(home, record, now);
                    }
                    self.drain_person(person);
                }
            }
        }
    }

    fn send(&mut self, id: LinkId, arrival: Arrival) {
        let delay = 5 + u64::try_from(random::below(&mut self.random, 95)).unwrap_or_default();
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let [to_home, to_person] = &mut link.last;
        let last = if matches!(arrival, Arrival::AtHome(_)) {
            to_home
        } else {
            to_person
        };
        let at = (self.now.tick + delay).max(*last).max(link.stalled_until);
        *last = at;
        self.next_arrival += 1;
        self.arrivals.insert((at, self.next_arrival), (id, arrival));
    }

    fn drain_home(&mut self, home: usize) {
        let mut closed = Vec::new();
        loop {
            let machine = self.homes.get_mut(home).and_then(|sim| sim.machine.as_mut());
            match machine.and_then(Home::poll_output) {
                None => break,
                Some(HomeOutput::Send { link, record }) => self.send(link, Arrival::AtPerson(record)),
                Some(HomeOutput::Close { link }) => closed.push(link),
            }
        }
        for link in closed {
            self.break_link(link);
        }
    }

    fn drain_person(&mut self, person: usize) {
        let now = self.now;
        let Some(who) = self.people.get_mut(person) else {
            return;
        };
        let outputs = who.drain(now);
        let mut broken = BTreeSet::new();
        for output in outputs {
            match output {
                hamsa_protocol::seeker::Output::Send { home, record } => {
                    let found = self
                        .links
                        .iter()
                        .find(|(_, link)| link.person == person && link.home == home);
                    if let Some(id) = found.map(|(id, _)| *id) {
                        self.send(id, Arrival::AtHome(record));
                    }
                }
                hamsa_protocol::seeker::Output::Disconnect { home } => {
                    broken.insert(home);
                }
            }
        }
        for home in broken {
            let found = self
                .links
                .iter()
                .find(|(_, link)| link.person == person && link.home == home);
            if let Some(id) = found.map(|(id, _)| *id) {
                self.break_link(id);
            }
        }
    }
}
