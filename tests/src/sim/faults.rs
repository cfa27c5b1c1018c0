//! What goes wrong, and when: every kind as a mean time between two of it.

use core::time::Duration;
use std::collections::BTreeMap;

use hamsa_protocol_planted::{
    crypto::random,
    home::{
        memory::{HeldBack, StoreStep},
        store::StoreError,
    },
    time::Tick,
    wire::Record,
};

use super::{Person, World};

/// The kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A link breaks; both ends notice at once, and what was on its way is lost.
    Break,
    /// A link breaks and one end does not notice.
    HalfOpen,
    /// A link stalls both ways for up to 40 s; nobody notices.
    Stall,
    /// A link carries everything up to 2 s later for a while.
    Delay,
    /// A person and a home do not reach each other, one way or both; or no home hears her for a minute.
    Partition,
    /// A home is cut off from everybody.
    Island,
    /// An entry dies with all links that go through it.
    Entry,
    /// A home dies, and is there again after up to 20 s, without its memory.
    Crash,
    /// A home dies for good.
    Lost,
    /// A home freezes for up to 40 s with all its links standing.
    Freeze,
    /// A counselor's client dies; it comes back with the keys of its shift only.
    CounselorCrash,
    /// A seeker's client dies, and her visit is over.
    SeekerCrash,
    /// The wall clock of one machine jumps by an hour or ten years.
    Clock,
    /// A face takes nothing for up to 20 s.
    SlowFace,
    /// Nobody looks at a face for up to 10 min: it takes words and shows none.
    Locked,
    /// A queue on the way holds eight records for a while; when it is full the link is cut.
    FullQueue,
    /// One home drops, doubles, delays, swaps, replays and falsifies what it should deliver, and tells counselors what
    /// is not so.
    Lies,
    /// A home's disk is full, fails, or hangs, with what it was asked before or after it has done it, for up to 40 s.
    Disk,
}

/// What befell a record on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hit {
    /// Its link broke, or a home that lies dropped it.
    Lost,
    /// It waited for a link that stalled, a home that froze, or behind one that did.
    Stalled,
    /// It came late.
    Late,
    /// It found a queue full.
    Crowded,
    /// A home that lies said it twice, or said an old one again.
    Doubled,
    /// A home that lies swapped it with the next.
    Swapped,
    /// A home that lies falsified it.
    Falsified,
    /// A home that lies made it up.
    Invented,
    /// A home that lies said that a sealed message is answered, or that somebody else answers it.
    Denied,
}

impl Hit {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Lost,
        Self::Stalled,
        Self::Late,
        Self::Crowded,
        Self::Doubled,
        Self::Swapped,
        Self::Falsified,
        Self::Invented,
        Self::Denied,
    ];
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Break,
        Self::HalfOpen,
        Self::Stall,
        Self::Delay,
        Self::Partition,
        Self::Island,
        Self::Entry,
        Self::Crash,
        Self::Lost,
        Self::Freeze,
        Self::CounselorCrash,
        Self::SeekerCrash,
        Self::Clock,
        Self::SlowFace,
        Self::Locked,
        Self::FullQueue,
        Self::Lies,
        Self::Disk,
    ];
}

/// How often what goes wrong: mean times between two of a kind in milliseconds; what is not named never does.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    means: BTreeMap<Fault, u64>,
    next: BTreeMap<Fault, Tick>,
    /// How often each happened.
    pub happened: BTreeMap<Fault, u64>,
    /// How many records they hit, and how.
    pub hit: BTreeMap<Hit, u64>,
}

impl Faults {
    /// These kinds with these means.
    #[must_use]
    pub fn new(means: &[(Fault, u64)]) -> Self {
        Self {
            means: means.iter().copied().filter(|(_, mean)| *mean > 0).collect(),
            ..Self::default()
        }
    }

    pub(super) fn hit(&mut self, how: Hit, records: u64) {
        if records > 0 {
            *self.hit.entry(how).or_default() += records;
        }
    }

    pub(super) fn calm(&mut self) {
        self.means.clear();
        self.next.clear();
    }

    pub(super) fn poll_timeout(&self, now: Tick) -> Option<Tick> {
        if self.means.len() > self.next.len() {
            return Some(now);
        }
        self.next.values().min().copied()
    }

    /// Kinds that are due, and when the next of each is.
    fn due(&mut self, now: Tick, mut draw: impl FnMut() -> u64) -> Vec<Fault> {
        let mut due = Vec::new();
        for (kind, mean) in &self.means {
            let wait = mean * draw() / 500 + 1;
            let at = self
                .next
                .entry(*kind)
                .or_insert(now + Duration::from_millis(wait));
            if *at <= now {
                *at = now + Duration::from_millis(wait);
                due.push(*kind);
            }
        }
        due
    }
}

impl World {
    pub(super) fn happen(&mut self) {
        let random = &mut self.random;
        let due = self.faults.due(self.tick, || {
            u64::try_from(random::below(random, 1_000)).unwrap_or_default()
        });
        for fault in due {
            if self.cause(fault) {
                *self.faults.happened.entry(fault).or_default() += 1;
                self.say(&format!("fault: {fault:?}"));
            }
        }
    }

    pub(super) fn draw(&mut self, bound: u64) -> u64 {
        let bound = usize::try_from(bound).unwrap_or(usize::MAX);
        u64::try_from(random::below(&mut self.random, bound)).unwrap_or_default()
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        let pick = random::below(&mut self.random, from.len());
        from.get(pick).copied()
    }

    /// Makes one happen; `false` when there is nothing it could happen to.
    fn cause(&mut self, fault: Fault) -> bool {
        let long = 1_000 * (1 + self.draw(40));
        let until = self.tick + Duration::from_millis(long);
        let links: Vec<_> = self.links.keys().copied().collect();
        let people: Vec<_> = (0..self.people.len())
            .filter(|person| self.people.get(*person).is_some_and(|who| !who.gone()))
            .collect();
        let standing: Vec<_> = (0..self.homes.len())
            .filter(|home| self.homes.get(*home).is_some_and(|sim| sim.machine.is_some()))
            .collect();
        match fault {
            Fault::Break => self.pick(&links).map(|link| self.break_link(link)),
            Fault::HalfOpen => {
                let at_home = self.draw(2) == 0;
                self.pick(&links).map(|link| self.half_open(link, at_home))
            }
            Fault::Stall => self.pick(&links).map(|id| {
                if let Some(link) = self.links.get_mut(&id) {
                    link.stalled = [until; 2];
                }
            }),
            Fault::Delay => {
                let late = 200 + self.draw(1_800);
                self.pick(&links).map(|id| {
                    if let Some(link) = self.links.get_mut(&id) {
                        link.late = late;
                        link.late_until = until;
                    }
                })
            }
            Fault::Partition => {
                let way = self.draw(3);
                let home = self.draw(u64::try_from(self.homes.len()).unwrap_or_default());
                let home = usize::try_from(home).unwrap_or_default();
                let longer = self.tick + Duration::from_millis(long * 2);
                // Now and then no home hears her, for longer than a seeker waits for her counselor: what she has read
                // by then is said to her again.
                let mute = (self.draw(8) == 0).then(|| {
                    self.tick + Duration::from_millis(50_000) + Duration::from_millis(self.draw(30_000))
                });
                self.pick(&people).map(|person| match mute {
                    Some(until) => {
                        for home in 0..self.homes.len() {
                            self.part(person, home, 0, until);
                        }
                    }
                    None => self.part(person, home, way, longer),
                })
            }
            Fault::Island => self.pick(&standing).map(|home| {
                for person in people {
                    self.part(person, home, 2, until);
                }
            }),
            Fault::Entry => {
                let entries = self.entries.len();
                let entry = random::below(&mut self.random, entries);
                self.entries.get_mut(entry).map(|down| *down = until).map(|()| {
                    let through = links.iter().filter(|id| {
                        let link = self.links.get(id);
                        link.is_some_and(|link| link.entry == entry)
                    });
                    for link in through.copied().collect::<Vec<_>>() {
                        self.break_link(link);
                    }
                })
            }
            Fault::Crash => self.pick(&standing).map(|home| self.crash_home(home, long / 2)),
            Fault::Lost => self.lose_home(&standing),
            Fault::Freeze => self.pick(&standing).map(|home| self.freeze_home(home, long)),
            Fault::CounselorCrash | Fault::SeekerCrash => {
                let seeker = fault == Fault::SeekerCrash;
                let of_kind =
                    |person: &usize| matches!(self.people.get(*person), Some(Person::Seeker(_))) == seeker;
                let who: Vec<_> = people.into_iter().filter(of_kind).collect();
                // One seeker at least stays.
                let enough = !seeker || who.len() > 1;
                self.pick(&who)
                    .filter(|_| enough)
                    .map(|person| self.crash_person(person, long))
            }
            Fault::Clock => {
                let jump = if self.draw(2) == 0 { 3_600 } else { 315_360_000 };
                let jump = if self.draw(2) == 0 { jump } else { -jump };
                let machines = self.clocks.len();
                let machine = random::below(&mut self.random, machines);
                self.clocks.get_mut(machine).map(|clock| clock.off = jump)
            }
            Fault::SlowFace => {
                let until = self.tick + Duration::from_millis(long / 2);
                self.pick(&people).map(|person| {
                    if let Some(who) = self.people.get_mut(person) {
                        who.read_from(until);
                    }
                    self.woken(person);
                })
            }
            Fault::Locked => {
                // Mostly for a moment; now and then for longer than anybody waits for an answer.
                let pause = if self.draw(4) == 0 { 15 * long } else { long };
                self.pick(&people).map(|person| self.close_eyes(person, pause))
            }
            Fault::FullQueue => self.pick(&links).map(|id| {
                if let Some(link) = self.links.get_mut(&id) {
                    link.narrow_until = until;
                }
            }),
            Fault::Lies => self.begin_lies(until),
            Fault::Disk => {
                let how = self.draw(4);
                let home = self.pick(&standing);
                home.and_then(|home| self.homes.get_mut(home)).map(|sim| {
                    match how {
                        0 => sim.disk.fail(StoreStep::Put, Some(StoreError::Full)),
                        1 => sim.disk.fail(StoreStep::Commit, Some(StoreError::Unavailable)),
                        2 => sim.disk.hold_back(HeldBack::Work),
                        _ => sim.disk.hold_back(HeldBack::Word),
                    }
                    sim.disk_bad_until = Some(until);
                })
            }
        }
        .is_some()
    }

    /// A home dies for good: never the last one, and never the last honest one.
    fn lose_home(&mut self, standing: &[usize]) -> Option<()> {
        let lost = self.homes.iter().any(|home| home.lost);
        let alive = self.homes.len();
        let candidates: Vec<_> = match self.liar {
            Some(liar) if alive < 3 => standing.iter().copied().filter(|home| *home == liar).collect(),
            _ => standing.to_vec(),
        };
        if lost || alive < 2 {
            return None;
        }
        let home = self.pick(&candidates)?;
        self.crash_home(home, 0);
        let sim = self.homes.get_mut(home)?;
        sim.back_at = None;
        sim.lost = true;
        Some(())
    }

    /// The same home lies each time, and another one is honest.
    fn begin_lies(&mut self, until: Tick) -> Option<()> {
        let honest = self.homes.iter().filter(|home| !home.lost).count();
        if honest < 2 && self.homes.iter().any(|home| home.lost) || self.homes.len() < 2 {
            return None;
        }
        if self.liar.is_none() {
            let home = random::below(&mut self.random, self.homes.len());
            if self.homes.get(home).is_none_or(|sim| sim.lost) {
                return None;
            }
            self.liar = Some(home);
            self.judge.expect_lies();
        }
        self.lies_until = until;
        Some(())
    }
}

/// One bit or number of it is another.
pub(super) fn falsified(mut record: Record, which: usize) -> Record {
    let bit = 1_u8 << (which % 8);
    match which % 5 {
        0 => {
            record.index = record
                .index
                .wrapping_add(u64::try_from(which % 7).unwrap_or_default())
        }
        1 => {
            record.ack = record
                .ack
                .wrapping_add(u64::try_from(which % 7).unwrap_or_default())
        }
        _ => {
            let place = which / 5 % record.body.len().max(1);
            match record.body.get_mut(place) {
                Some(byte) => *byte ^= bit,
                None => record.request ^= 1,
            }
        }
    }
    record
}
