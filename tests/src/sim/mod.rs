//! One seeded, single-threaded world: seekers, counselors, homes and entries of one helpline, virtual time, a
//! virtual network and everything that goes wrong. The same seed gives the same run, to the last byte.
//!
//! - [`World`] is the loop; `network` the links, [`faults`] what goes wrong;
//! - [`queue`] plays who may wait and who goes first, in small worlds beside that of a seed;
//! - [`people`] are those at the machines' faces, [`judge`] sees what must not happen;
//! - [`scenario`] makes a whole world from a seed, which `hamsa-sim` runs by the thousand.

mod entries;
pub mod faults;
pub mod judge;
pub mod letters;
mod network;
pub mod people;
pub mod planted;
mod priced;
pub mod queue;
mod room;
pub mod scenario;
pub mod trace;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

pub use faults::{Fault, Faults, Hit};
use hamsa_protocol_planted::{
    counselor::TransferError,
    crypto::{
        keys::{DhSecret, NodePeer, RootKey, SignKey},
        random::{self, Random},
    },
    home::{
        Home, HomeConfig, LinkId, Via,
        memory::{HeldBack, MemoryStore, StoreStep},
    },
    machine::Machine,
    objects::{
        Certificate, CertifiedRole, Delegation, Label, ROSTER_LIFE, Roster, Serial, Settings, Signed,
        TicketId,
    },
    seeker::NothingAsked,
    time::{Now, Tick, Unix, WallClockGuard},
    wire::{Posting, Record},
};
use judge::{Finding, Judge, Wrong};
use network::SimLink;
pub use people::{CounselorSeat, Leave, Manner, Person, SeekerSeat, Visit};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use trace::Trace;

/// More steps in a row in the past than any honest hand-over needs.
const HASTY_MAX: u32 = 100;
/// Wall clock at the start of every run.
const START: Unix = Unix(1_790_000_000);

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Messages shown to people.
    pub shown: u64,
    /// Faults that happened: each that was caused, and each record that one of them hit.
    pub faults: u64,
    /// Virtual milliseconds.
    pub elapsed: u64,
    /// What must not happen.
    pub findings: Vec<Finding>,
    /// The same, to read.
    pub broken: Vec<String>,
    /// Hash over everything that happened.
    pub trace: u64,
}

impl Report {
    /// How many findings are of this kind.
    #[must_use]
    pub fn count(&self, wrong: Wrong) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.wrong == wrong)
            .count()
    }
}

impl SimHome {
    /// There is room on the disk again, and it does not hang.
    fn mend_disk(&mut self) {
        if self.disk_bad_until.take().is_some() {
            self.disk.fail(StoreStep::Put, None);
            self.disk.fail(StoreStep::Commit, None);
            self.disk.hold_back(HeldBack::Nothing);
        }
    }
}

struct SimHome {
    machine: Option<Home>,
    delegation: Signed<Delegation>,
    operator: [u8; 32],
    receipt_key: [u8; 32],
    boot: u32,
    floor: u64,
    /// Its disk, which outlives its process.
    disk: MemoryStore,
    /// Until when the disk takes nothing, or says nothing.
    disk_bad_until: Option<Tick>,
    back_at: Option<Tick>,
    frozen_until: Tick,
    lost: bool,
    wake: Option<Tick>,
}

/// A machine's wall clock: how far off it stands, in seconds, and what its program makes of it.
#[derive(Clone, Copy, Default)]
struct Clock {
    off: i64,
    steady: WallClockGuard,
}

enum Arrival {
    AtHome(Record),
    AtPerson(Record),
}

/// The world.
pub struct World {
    tick: Tick,
    random: Random,
    root: SignKey,
    homes: Vec<SimHome>,
    /// Until when each entry is down.
    entries: Vec<Tick>,
    /// Everybody with a client.
    pub people: Vec<Person>,
    people_names: Vec<String>,
    wakes: Vec<Option<Tick>>,
    /// Homes first, then people.
    clocks: Vec<Clock>,
    links: BTreeMap<LinkId, SimLink>,
    by_person: BTreeMap<(usize, usize), LinkId>,
    next_link: u64,
    arrivals: BTreeMap<(Tick, u64), (LinkId, Arrival)>,
    next_arrival: u64,
    /// When a person dials a home again.
    dials: BTreeSet<(Tick, usize, usize)>,
    parted: BTreeMap<(usize, usize), Tick>,
    too_full: BTreeSet<LinkId>,
    liar: Option<usize>,
    lies_until: Tick,
    /// Tickets as homes got them, until one of them lies; then its own.
    overheard: BTreeMap<(usize, TicketId), Posting>,
    certificates: Vec<Signed<Certificate>>,
    revoked: Vec<Serial>,
    roster_version: u64,
    roster: Vec<u8>,
    settings: Vec<u8>,
    faults: Faults,
    judge: Judge,
    trace: Trace,
    /// Steps in a row in which a machine wanted to be woken in the past.
    hasty: u32,
}

/// A generator of its own for each machine, so that one more draw of one does not change the others.
fn seeded(seed: u64) -> Random {
    Box::new(ChaCha8Rng::seed_from_u64(seed))
}

impl World {
    /// A helpline with `homes` homes and nobody there yet.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a world that cannot be made is a broken test")]
    pub fn new(seed: u64, homes: usize, faults: Faults) -> Self {
        let mut random = seeded(seed);
        let root = SignKey::generate(&mut random);
        let helpline = RootKey(root.public()).helpline();
        let homes: Vec<SimHome> = (0..homes)
            .map(|_| {
                let operator = SignKey::generate(&mut random);
                let delegation = Delegation {
                    home_peer: NodePeer(random::public(&mut random)),
                    home_x: DhSecret::generate(&mut random).public(),
                    op_pk: operator.public().to_bytes(),
                    not_before: START,
                    expires: START + Duration::from_secs(80 * 86_400),
                };
                SimHome {
                    machine: None,
                    delegation: Signed::sign(delegation, &root, &helpline).expect("a delegation"),
                    operator: *operator.to_bytes(),
                    receipt_key: random::public(&mut random),
                    boot: 0,
                    floor: 0,
                    disk: MemoryStore::new(),
                    disk_bad_until: None,
                    back_at: Some(Tick(0)),
                    frozen_until: Tick(0),
                    lost: false,
                    wake: None,
                }
            })
            .collect();
        let name: Label = "Association A".parse().expect("a name");
        let settings = Settings {
            chats_at_once: 3,
            ..Settings::named(name)
        };
        let mut world = Self {
            tick: Tick(1_000),
            random,
            root,
            entries: vec![Tick(0)],
            clocks: vec![Clock::default(); homes.len()],
            homes,
            people: Vec::new(),
            people_names: Vec::new(),
            wakes: Vec::new(),
            links: BTreeMap::new(),
            by_person: BTreeMap::new(),
            next_link: 1,
            arrivals: BTreeMap::new(),
            next_arrival: 0,
            dials: BTreeSet::new(),
            parted: BTreeMap::new(),
            too_full: BTreeSet::new(),
            liar: None,
            lies_until: Tick(0),
            overheard: BTreeMap::new(),
            certificates: Vec::new(),
            revoked: Vec::new(),
            roster_version: 0,
            roster: Vec::new(),
            settings: settings.encode().expect("settings"),
            faults,
            judge: Judge::default(),
            trace: Trace::new(false),
            hasty: 0,
        };
        world.publish();
        world
    }

    /// Keeps lines of what happens, for a person to read.
    pub fn read_trace(&mut self) {
        self.trace = Trace::new(true);
    }

    /// The lines so far.
    pub fn take_lines(&mut self) -> Vec<String> {
        self.trace.take_lines()
    }

    /// That many entries instead of one.
    pub fn set_entries(&mut self, count: usize) {
        self.entries = vec![Tick(0); count.max(1)];
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Now {
        Now {
            tick: self.tick,
            unix: self.true_unix(),
        }
    }

    /// What was found so far.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.judge.findings()
    }

    fn true_unix(&self) -> Unix {
        START + Duration::from_secs(self.tick.0 / 1_000)
    }

    /// What the machine of this clock believes.
    fn read_clock(&mut self, clock: usize) -> Now {
        let (tick, unix) = (self.tick, self.true_unix());
        let Some(clock) = self.clocks.get_mut(clock) else {
            return Now { tick, unix };
        };
        clock
            .steady
            .read(tick, Unix(unix.0.saturating_add_signed(clock.off)))
    }

    fn home_now(&mut self, home: usize) -> Now {
        self.read_clock(home)
    }

    fn person_now(&mut self, person: usize) -> Now {
        self.read_clock(self.homes.len() + person)
    }

    fn say(&mut self, line: &str) {
        self.trace.say(self.tick, line);
    }

    fn name(&self, person: usize) -> String {
        self.people_names.get(person).cloned().unwrap_or_default()
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
            role: CertifiedRole::Counselor,
            not_before: START,
            expires: START + Duration::from_secs(100 * 86_400),
        };
        let certificate = Signed::sign(certificate, &self.root, &root.helpline()).expect("a certificate");
        self.certificates.push(certificate.clone());
        self.publish();
        let (seed, person) = (self.random.next_u64(), self.people.len());
        self.clocks.push(Clock::default());
        let now = self.person_now(person);
        let homes = self.homes.len();
        let seat = CounselorSeat::new(
            root,
            person,
            *identity.to_bytes(),
            certificate,
            (seed, homes),
            now,
        );
        self.arrive(Person::Counselor(Box::new(seat)), pseudonym.to_owned())
    }

    /// A seeker who will say `messages`, one each `pause` milliseconds; gives her index among the people.
    pub fn add_seeker(&mut self, language: &str, messages: Vec<String>, pause: u64) -> usize {
        let manner = Manner {
            pause,
            ..Manner::default()
        };
        self.add_seeker_like(language, messages, manner)
    }

    /// A seeker with a manner of her own.
    pub fn add_seeker_like(&mut self, language: &str, messages: Vec<String>, manner: Manner) -> usize {
        let (seed, person) = (self.random.next_u64(), self.people.len());
        let root = RootKey(self.root.public());
        self.clocks.push(Clock::default());
        let now = self.person_now(person);
        let seat = SeekerSeat::new(
            root,
            person,
            language,
            messages,
            manner,
            seed,
            now,
            &mut self.judge,
        );
        self.arrive(Person::Seeker(Box::new(seat)), format!("seeker {person}"))
    }

    fn arrive(&mut self, seat: Person, name: String) -> usize {
        let person = self.people.len();
        self.people.push(seat);
        self.people_names.push(name);
        self.wakes.push(Some(self.tick));
        for home in 0..self.homes.len() {
            self.dials.insert((self.tick, person, home));
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
        let issued = self.true_unix();
        let roster = Roster {
            version: self.roster_version,
            issued,
            expires: issued + ROSTER_LIFE,
            certificates: self.certificates.iter().map(Signed::hash).collect(),
            delegations: self.homes.iter().map(|home| home.delegation.hash()).collect(),
            revoked: self.revoked.clone(),
            settings: Settings::hash(&self.settings),
            entries: entries::entrances(&self.root, self.roster_version).list.hash(),
        };
        let helpline = RootKey(self.root.public()).helpline();
        let roster = Signed::sign(roster, &self.root, &helpline).expect("a roster");
        self.roster = roster.encoded().to_vec();
        for home in 0..self.homes.len() {
            self.install(home);
        }
    }

    fn install(&mut self, home: usize) {
        let (roster, settings) = (self.roster.clone(), self.settings.clone());
        let now = self.home_now(home);
        let entrances = entries::entrances(&self.root, self.roster_version);
        if let Some(machine) = self.homes.get_mut(home).and_then(|home| home.machine.as_mut()) {
            self.judge.installed(home);
            if let Err(error) = machine.install(&roster, &settings, &entrances, now) {
                self.judge.bad_object(self.tick, &error);
            }
        }
        self.drain_home(home);
    }

    /// Somebody does something.
    pub fn act<T>(&mut self, person: usize, act: impl FnOnce(&mut Person, Now) -> T) -> Option<T> {
        let now = self.person_now(person);
        let done = act(self.people.get_mut(person)?, now);
        self.drain_person(person);
        Some(done)
    }

    /// The disk of a home.
    #[must_use]
    pub fn disk(&self, home: usize) -> Option<&MemoryStore> {
        self.homes.get(home).map(|home| &home.disk)
    }

    // ── what a test makes happen ──

    /// Kills a home; it is back after `pause` milliseconds.
    pub fn crash_home(&mut self, home: usize, pause: u64) {
        let Some(sim) = self.homes.get_mut(home) else {
            return;
        };
        let last = sim.machine.take();
        sim.floor = last.map_or(sim.floor, |machine| machine.descriptor_version());
        sim.disk.crash();
        sim.back_at = Some(self.tick + Duration::from_millis(pause));
        sim.wake = None;
        for link in self.links_where(|link| link.home == home) {
            self.break_link(link);
        }
    }

    /// Breaks every link of a person; they are dialled again.
    pub fn break_links_of(&mut self, person: usize) {
        for link in self.links_where(|link| link.person == person) {
            self.break_link(link);
        }
    }

    /// Freezes a home for `pause` milliseconds with its links standing.
    pub fn freeze_home(&mut self, home: usize, pause: u64) {
        if let Some(sim) = self.homes.get_mut(home) {
            sim.frozen_until = self.tick + Duration::from_millis(pause);
        }
    }

    /// Whoever sits there sees nothing for `pause` milliseconds.
    pub fn close_eyes(&mut self, person: usize, pause: u64) {
        let until = self.tick + Duration::from_millis(pause);
        if let Some(who) = self.people.get_mut(person) {
            who.close_eyes(until);
        }
        self.drain_person(person);
    }

    /// Stops a person's client for `pause` milliseconds, with its links standing.
    pub fn stop_person(&mut self, person: usize, pause: u64) {
        let until = self.tick + Duration::from_millis(pause);
        for home in 0..self.homes.len() {
            self.part(person, home, 2, until);
        }
    }

    /// What a person says does not come to any home for `pause` milliseconds, and then all of it does.
    pub fn mute_person(&mut self, person: usize, pause: u64) {
        let until = self.tick + Duration::from_millis(pause);
        for home in 0..self.homes.len() {
            self.part(person, home, 0, until);
        }
    }

    /// Kills a person's client. A counselor starts it again; a seeker's visit is over.
    pub fn crash_person(&mut self, person: usize, pause: u64) {
        // A dead machine tells nobody and hears nothing; what its face had not shown is never shown.
        let at = self.tick + Duration::from_millis(pause);
        let now = self.person_now(person);
        match self.people.get_mut(person) {
            Some(Person::Seeker(seat)) => seat.crash(),
            Some(Person::Counselor(seat)) => seat.crash(now),
            None => return,
        }
        self.break_links_of(person);
        self.dials.retain(|(_, dialling, _)| *dialling != person);
        if self.people.get(person).is_some_and(|who| !who.gone()) {
            for home in 0..self.homes.len() {
                self.dials.insert((at, person, home));
            }
        }
        self.drain_person(person);
    }

    /// A counselor asks whether the colleague named `to` may go on with a chat.
    ///
    /// # Errors
    /// As the machine says.
    pub fn transfer(&mut self, person: usize, chat: &TicketId, to: &str) -> Result<(), TransferError> {
        let now = self.person_now(person);
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
        let now = self.person_now(person);
        let Some(Person::Seeker(seat)) = self.people.get_mut(person) else {
            return Err(NothingAsked);
        };
        seat.machine.answer_transfer(yes, now)?;
        if yes {
            self.judge.parted(seat.process);
        }
        self.drain_person(person);
        Ok(())
    }

    /// No more faults from now on; what they broke is whole again, but for a home that is lost.
    pub fn calm(&mut self) {
        self.faults.calm();
        let tick = self.tick;
        for link in self.links.values_mut() {
            link.stalled = [tick; 2];
            link.last = link.last.map(|last| last.min(tick + Duration::from_millis(100)));
            link.late_until = tick;
            link.narrow_until = tick;
        }
        // What waited for a stall arrives now, in its order.
        let waiting = core::mem::take(&mut self.arrivals);
        for ((at, number), arrival) in waiting {
            self.arrivals
                .insert((at.min(tick + Duration::from_millis(100)), number), arrival);
        }
        for home in &mut self.homes {
            home.frozen_until = tick;
            home.disk_bad_until = home.disk_bad_until.map(|_| tick);
            home.back_at = home.back_at.map(|at| at.min(tick + Duration::from_millis(1_000)));
        }
        self.entries.fill(tick);
        self.parted.clear();
        self.lies_until = tick;
        // On a line that is whole, the end that does not know of a link says so to the end that uses it.
        for link in self.links_where(|link| link.open != [true; 2]) {
            self.break_link(link);
        }
        for person in 0..self.people.len() {
            let now = self.person_now(person);
            if let Some(who) = self.people.get_mut(person).filter(|who| !who.gone()) {
                who.read_from(tick);
                who.close_eyes(tick);
                who.handle_timeout(now, &mut self.judge);
            }
            self.drain_person(person);
        }
        for clock in &mut self.clocks {
            clock.off = 0;
        }
        self.say("calm");
    }

    /// What happened so far.
    #[must_use]
    pub fn report(&self) -> Report {
        let (letters_shown, letters_read) = self.judge.letters.counts();
        Report {
            shown: self.judge.shown_count() + letters_shown + letters_read,
            faults: self
                .faults
                .happened
                .values()
                .chain(self.faults.hit.values())
                .sum(),
            elapsed: self.tick.0,
            findings: self.judge.findings().to_vec(),
            broken: self
                .judge
                .findings()
                .iter()
                .map(|finding| finding.what.clone())
                .collect(),
            trace: self.trace.value(),
        }
    }

    /// How often which fault happened.
    #[must_use]
    pub const fn happened(&self) -> &BTreeMap<Fault, u64> {
        &self.faults.happened
    }

    /// Cells that came to a home's door again.
    #[must_use]
    pub const fn put_again(&self) -> u64 {
        self.judge.again
    }

    /// How many records were hit, and how.
    #[must_use]
    pub const fn hit(&self) -> &BTreeMap<Hit, u64> {
        &self.faults.hit
    }

    /// Whether a home is there and honest, so that what lies there can be asked of it.
    fn good(&self, home: usize) -> bool {
        self.liar != Some(home) && self.homes.get(home).is_some_and(|sim| !sim.lost)
    }

    // ── the loop ──

    /// Runs until `until` says so or `limit` milliseconds have passed; gives whether it said so.
    pub fn run(&mut self, limit: u64, mut until: impl FnMut(&Self) -> bool) -> bool {
        let end = self.tick + Duration::from_millis(limit);
        while self.tick < end {
            if until(self) {
                return true;
            }
            self.step(end);
        }
        until(self)
    }

    fn step(&mut self, end: Tick) {
        let homes = self.homes.iter().flat_map(|home| {
            let wake = home.wake.map(|at| at.max(home.frozen_until));
            let mended = home.disk_bad_until.map(|at| at.max(home.frozen_until));
            [home.back_at, mended, wake.filter(|_| home.machine.is_some())]
        });
        let next = homes
            .chain(self.wakes.iter().copied())
            .chain([
                self.arrivals.keys().next().map(|(at, _)| *at),
                self.dials.first().map(|(at, ..)| *at),
                self.faults.poll_timeout(self.tick),
            ])
            .flatten()
            .min();
        self.advance(next.unwrap_or(end).min(end));
        self.happen();
        self.wake();
        self.dial();
        self.deliver();
        self.cut_full();
    }

    fn advance(&mut self, to: Tick) {
        // A machine that asks for the past is woken a millisecond later: time goes on whatever it says. On a
        // device it would spin.
        self.hasty = if to <= self.tick { self.hasty + 1 } else { 0 };
        if self.hasty == HASTY_MAX {
            let what = format!(
                "somebody wants to be woken in the past, again and again: {}",
                self.who_is_hasty()
            );
            self.judge.note(Wrong::Broken, self.tick, what);
        }
        self.tick = if to <= self.tick {
            self.tick + Duration::from_millis(1)
        } else {
            to
        };
    }

    fn who_is_hasty(&self) -> String {
        let late = |at: Option<Tick>| at.is_some_and(|at| at <= self.tick);
        let homes = self
            .homes
            .iter()
            .filter(|home| late(home.wake))
            .filter_map(|home| home.machine.as_ref());
        let people = self
            .people
            .iter()
            .zip(&self.wakes)
            .filter(|(_, wake)| late(**wake));
        let homes: Vec<String> = homes.map(|home| format!("{home:?}")).collect();
        let people: Vec<String> = people.map(|(person, _)| person.describe()).collect();
        format!("{homes:?} {people:?}")
    }

    /// Asks a person when to wake her.
    fn woken(&mut self, person: usize) {
        let wake = self
            .people
            .get(person)
            .and_then(|who| who.poll_timeout(self.tick));
        if let Some(known) = self.wakes.get_mut(person) {
            *known = wake;
        }
    }

    fn wake(&mut self) {
        let tick = self.tick;
        for home in 0..self.homes.len() {
            let Some(sim) = self.homes.get_mut(home) else {
                continue;
            };
            if sim.disk_bad_until.is_some_and(|until| until <= tick) && sim.frozen_until <= tick {
                self.mend_disk(home);
            }
            let Some(sim) = self.homes.get_mut(home) else {
                continue;
            };
            if sim.back_at.is_some_and(|at| at <= tick) {
                self.start_home(home);
            } else if sim.frozen_until <= tick && sim.wake.is_some_and(|at| at <= tick) {
                let now = self.home_now(home);
                if let Some(machine) = self.homes.get_mut(home).and_then(|sim| sim.machine.as_mut()) {
                    machine.handle_timeout(now);
                }
                self.drain_home(home);
            }
        }
        for person in 0..self.people.len() {
            if self
                .wakes
                .get(person)
                .copied()
                .flatten()
                .is_some_and(|at| at <= tick)
            {
                let now = self.person_now(person);
                if let Some(who) = self.people.get_mut(person) {
                    who.handle_timeout(now, &mut self.judge);
                }
                self.drain_person(person);
            }
        }
    }

    /// A home's disk works again, and says what it has done.
    fn mend_disk(&mut self, home: usize) {
        let now = self.home_now(home);
        if let Some(sim) = self.homes.get_mut(home) {
            sim.mend_disk();
            if let Some(machine) = &mut sim.machine {
                machine.handle_stored(now);
            }
        }
        self.drain_home(home);
    }

    fn start_home(&mut self, home: usize) {
        // A program reads its clock anew when it starts; a home whose clock is years off would have no roster,
        // so its operator sets it right first.
        if let Some(clock) = self.clocks.get_mut(home) {
            *clock = Clock::default();
        }
        let now = self.home_now(home);
        let Some(sim) = self.homes.get_mut(home) else {
            return;
        };
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
        let mut machine = Home::new(config, store, seeded(u64::from(sim.boot)), now);
        for via in (0..).map(Via).take(self.entries.len()) {
            machine.know_entry(via);
        }
        sim.machine = Some(machine);
        self.judge.home_started(home);
        self.say(&format!("home {home} starts"));
        self.install(home);
    }
}
