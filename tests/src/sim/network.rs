//! Links: streams as TCP makes them, through entries, with everything that befalls them.
//!
//! What is sent arrives once and in order, or the link breaks and what was on its way is lost. Loss,
//! duplication and reordering of cells come from that, from several homes, from homes that forget, and from one
//! that lies.

use core::time::Duration;
use std::collections::BTreeSet;

use hamsa_protocol_planted::{
    crypto::{keys::RootKey, random},
    home::{LinkId, NewLink, Via, store::ItemKind},
    machine::{Machine, Output},
    objects::{Duty, Signed, TicketId, postcard_decode, postcard_encode},
    session::{
        mail::DepositId,
        ticket::{self, Intake, TICKET_LEN, UrgencyPayment},
    },
    time::Tick,
    wire::{Assembler, Kind, Posting, Record, Refusal, ShownTicket, split},
};

use super::{Arrival, Hit, Person, World, faults::falsified, judge::Wrong, room, trace::hash};

/// Records that wait on a link before it is cut: as many of full length as the programs have room for.
const QUEUE: u32 = 1_000;
/// The same while a queue is narrow.
const NARROW: u32 = 8;
/// A connection that nobody answers is given up after this long, in milliseconds.
const DIAL_AGAIN_MS: u64 = 1_000;
/// Cells that a liar keeps to say them again.
const KEPT_BY_LIAR: usize = 32;
/// Of so many records to a counselor, a liar follows one with each kind of thing that it makes up.
const INVENTS_ONE_OF: u64 = 40;
/// Request number of a ticket that a liar makes up: its pieces must not mix with those of a true one.
const INVENTED_REQUEST: u32 = u32::MAX;

/// One link.
pub(super) struct SimLink {
    pub(super) person: usize,
    pub(super) home: usize,
    pub(super) entry: usize,
    /// Whether the home, and the person, believe that it stands.
    pub(super) open: [bool; 2],
    /// When the last record to the home, and to the person, arrives: order is kept.
    pub(super) last: [Tick; 2],
    /// Until when nothing goes to the home, and to the person.
    pub(super) stalled: [Tick; 2],
    pub(super) flying: [u32; 2],
    /// The home holds back what it would tell without being asked.
    pub(super) held_back: bool,
    pace: u64,
    pub(super) late: u64,
    pub(super) late_until: Tick,
    pub(super) narrow_until: Tick,
    /// What a liar holds back to swap it with the next.
    held: Option<Record>,
    kept: Vec<Record>,
    /// What a seeker posts, in pieces.
    posts: Assembler,
    /// The last request number the home saw.
    asked: u32,
    /// The duty it was given.
    duty: Vec<u8>,
    /// Sealed messages that the home has named.
    named: BTreeSet<[u8; 32]>,
}

impl World {
    pub(super) fn links_where(&self, which: impl Fn(&SimLink) -> bool) -> Vec<LinkId> {
        let links = self.links.iter().filter(|(_, link)| which(link));
        links.map(|(id, _)| *id).collect()
    }

    /// The link a person believes in.
    fn link_of(&self, person: usize, home: usize) -> Option<LinkId> {
        self.by_person.get(&(person, home)).copied()
    }

    /// Breaks a link; both ends notice.
    pub(super) fn break_link(&mut self, id: LinkId) {
        self.shut(id, true);
        self.shut(id, false);
    }

    /// One end notices that a link is gone: the home, or the person. A link nobody believes in is forgotten.
    fn shut(&mut self, id: LinkId, at_home: bool) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let [home_end, person_end] = &mut link.open;
        let end = if at_home { home_end } else { person_end };
        let was_open = core::mem::replace(end, false);
        let (home, person, forgotten) = (link.home, link.person, link.open == [false, false]);
        if forgotten {
            self.links.remove(&id);
        }
        if !was_open {
            return;
        }
        if at_home {
            self.judge.link_closed(home, id);
            let now = self.home_now(home);
            if let Some(machine) = self.homes.get_mut(home).and_then(|sim| sim.machine.as_mut()) {
                machine.handle_disconnected(id, now);
            }
            self.drain_home(home);
        } else {
            self.by_person.remove(&(person, home));
            let now = self.person_now(person);
            let pause = 200 + self.draw(2_800);
            if let Some(who) = self.people.get_mut(person).filter(|who| !who.gone()) {
                who.link_down(home, now);
                self.dials
                    .insert((self.tick + Duration::from_millis(pause), person, home));
                self.drain_person(person);
            }
        }
    }

    /// One end notices that the link is gone, the other does not.
    pub(super) fn half_open(&mut self, id: LinkId, home_notices: bool) {
        self.shut(id, home_notices);
    }

    /// A person and a home do not reach each other: 0 and 1 one way, 2 both.
    pub(super) fn part(&mut self, person: usize, home: usize, way: u64, until: Tick) {
        self.parted.insert((person, home), until);
        for link in self.links.values_mut() {
            if link.person == person && link.home == home {
                let [to_home, to_person] = &mut link.stalled;
                if way != 1 {
                    *to_home = until;
                }
                if way != 0 {
                    *to_person = until;
                }
            }
        }
    }

    pub(super) fn dial(&mut self) {
        while let Some(dial) = self.dials.first().copied().filter(|(at, ..)| *at <= self.tick) {
            self.dials.remove(&dial);
            let (_, person, home) = dial;
            let gone = self.people.get(person).is_none_or(super::Person::gone);
            if gone || self.link_of(person, home).is_some() {
                continue;
            }
            let there = self
                .homes
                .get(home)
                .is_some_and(|sim| sim.machine.is_some() && sim.frozen_until <= self.tick);
            let reached = self
                .parted
                .get(&(person, home))
                .is_none_or(|until| *until <= self.tick);
            // Another entry each time, as the client does.
            let entry = random::below(&mut self.random, self.entries.len());
            let entry_up = self.entries.get(entry).is_none_or(|down| *down <= self.tick);
            if !there || !reached || !entry_up {
                let lost = self.homes.get(home).is_some_and(|sim| sim.lost);
                let again = if lost { 20 * DIAL_AGAIN_MS } else { DIAL_AGAIN_MS };
                self.dials
                    .insert((self.tick + Duration::from_millis(again), person, home));
                continue;
            }
            self.link_up(person, home, entry);
        }
    }

    fn link_up(&mut self, person: usize, home: usize, entry: usize) {
        let id = LinkId(self.next_link);
        self.next_link += 1;
        let link = SimLink {
            person,
            home,
            entry,
            open: [true; 2],
            last: [self.tick; 2],
            stalled: [self.tick; 2],
            flying: [0; 2],
            held_back: false,
            pace: 5 + self.draw(75),
            late: 0,
            late_until: self.tick,
            narrow_until: self.tick,
            held: None,
            kept: Vec::new(),
            posts: Assembler::default(),
            asked: 0,
            duty: Vec::new(),
            named: BTreeSet::new(),
        };
        self.links.insert(id, link);
        self.by_person.insert((person, home), id);
        self.say(&format!("{} dials home {home}", self.name(person)));
        let mut hash = [0; 32];
        if let Some(head) = hash.first_chunk_mut::<8>() {
            *head = id.0.to_be_bytes();
        }
        let (home_now, person_now) = (self.home_now(home), self.person_now(person));
        let Some(sim) = self.homes.get_mut(home) else {
            return;
        };
        let delegation = sim.delegation.clone();
        if let Some(machine) = &mut sim.machine {
            let via = Via(u16::try_from(entry).unwrap_or_default());
            machine.handle_connected(id, NewLink { hash, via }, home_now);
        }
        self.drain_home(home);
        if let Some(who) = self.people.get_mut(person) {
            who.link_up(home, delegation, hash, person_now);
        }
        self.drain_person(person);
    }

    pub(super) fn deliver(&mut self) {
        while let Some((&(at, number), _)) = self.arrivals.first_key_value() {
            if at > self.tick {
                return;
            }
            let Some((id, arrival)) = self.arrivals.remove(&(at, number)) else {
                return;
            };
            let to_home = matches!(arrival, Arrival::AtHome(_));
            let tick = self.tick;
            let Some(link) = self.links.get_mut(&id) else {
                self.faults.hit(Hit::Lost, 1);
                continue;
            };
            let (home, person) = (link.home, link.person);
            let frozen = self.homes.get(home).map_or(at, |sim| sim.frozen_until);
            let [home_stall, person_stall] = link.stalled;
            let blocked = if to_home {
                home_stall.max(frozen)
            } else {
                person_stall
            };
            if blocked > tick {
                self.faults.hit(Hit::Stalled, 1);
                // Everything behind it waits too: the number keeps the order.
                self.arrivals.insert((blocked, number), (id, arrival));
                continue;
            }
            let [home_open, person_open] = link.open;
            let [home_flying, person_flying] = &mut link.flying;
            let (open, flying) = if to_home {
                (home_open, home_flying)
            } else {
                (person_open, person_flying)
            };
            *flying = flying.saturating_sub(1);
            if !to_home && link.held_back && *flying < room::TOLD / 2 {
                self.has_room_again(id, home, frozen <= tick);
            }
            if !open {
                self.faults.hit(Hit::Lost, 1);
                continue;
            }
            match arrival {
                Arrival::AtHome(record) => self.reach_home(id, home, person, record),
                Arrival::AtPerson(record) => self.reach_person(id, home, person, record),
            }
        }
    }

    fn reach_home(&mut self, id: LinkId, home: usize, person: usize, record: Record) {
        self.mix(id, 0, &record);
        self.trace.note(self.tick, || {
            format!(
                "home {home} hears {} {record:?}",
                self.people_names.get(person).map_or("?", String::as_str)
            )
        });
        self.overhears(home, id, &record);
        if self.grants_falsely(home, &record) {
            let granted = Record::new(Kind::Granted)
                .request(record.request)
                .token(record.token);
            self.faults.hit(Hit::Invented, 1);
            self.send(id, Arrival::AtPerson(granted.index(record.index).ack(1)));
            return;
        }
        if self.swallows(home, &record) {
            self.faults.hit(Hit::Lost, 1);
            let stored = Record::new(Kind::Stored)
                .request(record.request)
                .token(record.token)
                .index(record.index);
            self.send(id, Arrival::AtPerson(stored));
            return;
        }
        if let Some(process) = self.people.get(person).map(super::Person::process) {
            self.judge.to_home(home, id, process, &record, self.tick);
        }
        let now = self.home_now(home);
        if let Some(machine) = self.homes.get_mut(home).and_then(|sim| sim.machine.as_mut()) {
            machine.handle_record(id, record, now);
        }
        self.drain_home(home);
    }

    fn reach_person(&mut self, id: LinkId, home: usize, person: usize, record: Record) {
        self.mix(id, 1, &record);
        self.trace.note(self.tick, || {
            format!(
                "{} hears home {home}: {record:?}",
                self.people_names.get(person).map_or("?", String::as_str)
            )
        });
        if record.kind == Kind::Posted && self.liar != Some(home) {
            self.judge.place(home, &record, self.tick);
        }
        let now = self.person_now(person);
        if let Some(who) = self.people.get_mut(person) {
            who.handle_record(home, record, now);
        }
        self.drain_person(person);
    }

    fn mix(&mut self, id: LinkId, way: u64, record: &Record) {
        let head = record.body.get(..record.body.len().min(16)).unwrap_or_default();
        self.trace.mix(&[
            self.tick.0,
            id.0,
            way,
            record.kind as u64,
            u64::from(record.request),
            record.index,
            record.ack,
            u64::try_from(record.body.len()).unwrap_or_default(),
            hash(head),
            hash(&record.token),
        ]);
    }

    pub(super) fn send(&mut self, id: LinkId, arrival: Arrival) {
        let jitter = self.draw(20);
        let tick = self.tick;
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let late = if link.late_until > tick { link.late } else { 0 };
        let delay = link.pace + jitter + late;
        let [home_last, person_last] = &mut link.last;
        let [home_stall, person_stall] = link.stalled;
        let [home_flying, person_flying] = &mut link.flying;
        let (last, stalled, flying) = if matches!(arrival, Arrival::AtHome(_)) {
            (home_last, home_stall, home_flying)
        } else {
            (person_last, person_stall, person_flying)
        };
        let room = if link.narrow_until > tick { NARROW } else { QUEUE };
        if *flying >= room {
            self.too_full.insert(id);
            self.faults.hit(Hit::Crowded, 1);
            return;
        }
        *flying += 1;
        let at = (tick + Duration::from_millis(delay)).max(*last).max(stalled);
        self.faults.hit(Hit::Late, u64::from(late > 0));
        self.faults.hit(
            Hit::Stalled,
            u64::from(stalled > tick + Duration::from_millis(delay)),
        );
        *last = at;
        self.next_arrival += 1;
        self.arrivals.insert((at, self.next_arrival), (id, arrival));
    }

    /// Links whose queue was full are cut, as the programs do.
    pub(super) fn cut_full(&mut self) {
        while let Some(id) = self.too_full.pop_first() {
            self.break_link(id);
        }
    }

    pub(super) fn drain_home(&mut self, home: usize) {
        let now = self.home_now(home);
        let mut closed = Vec::new();
        while let Some(sim) = self.homes.get_mut(home)
            && let Some(machine) = &mut sim.machine
        {
            match machine.poll_output() {
                Output::Send { peer, record } => {
                    self.judge.from_home(home, peer, &record, self.tick);
                    self.said_kept(home, peer, &record);
                    self.leave_home(home, peer, record);
                    self.hold_back(home, peer, now);
                }
                Output::Disconnect { peer } => closed.push(peer),
                Output::Sleep(wake) => {
                    sim.wake = wake;
                    break;
                }
                _ => {}
            }
        }
        for link in closed {
            // The machine forgot it already; the other end sees the stream end.
            self.break_link(link);
        }
    }

    /// A home says that a sealed message or an answer is kept: then it is on the disk by now.
    fn said_kept(&mut self, home: usize, id: LinkId, record: &Record) {
        let person = self.links.get(&id).map(|link| link.person);
        let (Some(person), Some(sim)) = (person, self.homes.get(home)) else {
            return;
        };
        match record.kind {
            Kind::Deposited => {
                self.judge.letters.kept(person, home);
                if !sim.disk.holds(ItemKind::Deposit, &record.token) {
                    let what =
                        format!("home {home} said that a message is kept, and its disk has not got it");
                    self.judge.note(Wrong::Lost, self.tick, what);
                }
            }
            Kind::Replied => {
                if let Some(process) = self.people.get(person).map(super::Person::process) {
                    let mail = DepositId(record.token);
                    self.judge.letters.replied(process, mail, home);
                }
            }
            _ => {}
        }
    }

    pub(super) fn drain_person(&mut self, person: usize) {
        let now = self.person_now(person);
        let Some(who) = self.people.get_mut(person).filter(|who| !who.gone()) else {
            self.woken(person);
            return;
        };
        let drained = who.drain(now, &mut self.judge);
        for line in drained.lines {
            let name = self.name(person);
            self.say(&format!("{name} {line}"));
        }
        for (home, record) in drained.records {
            if let Some(id) = self.link_of(person, home.0) {
                self.send(id, Arrival::AtHome(record));
            }
        }
        self.judge_entries(person, now);
        let broken: BTreeSet<usize> = drained.dead.into_iter().map(|home| home.0).collect();
        self.woken(person);
        for home in broken {
            if let Some(id) = self.link_of(person, home) {
                // The home hears of it, if the way there is open.
                let heard = self.links.get(&id).is_some_and(|link| {
                    let [to_home, _] = link.stalled;
                    to_home <= self.tick
                });
                self.shut(id, false);
                if heard {
                    self.shut(id, true);
                }
            }
        }
    }

    // ── a home that lies ──

    fn lying(&self, home: usize) -> bool {
        self.liar == Some(home) && self.lies_until > self.tick
    }

    /// "Stored", and it is not.
    fn swallows(&mut self, home: usize, record: &Record) -> bool {
        self.lying(home) && record.kind == Kind::Put && self.draw(8) == 0
    }

    /// "Granted", and it is not.
    fn grants_falsely(&mut self, home: usize, record: &Record) -> bool {
        self.lying(home) && record.kind == Kind::Claim && self.draw(4) == 0
    }

    /// Of sealed messages it has named it says that they are answered, or that somebody else answers them.
    fn deny(&mut self, id: LinkId, mut record: Record) -> (Record, Vec<Record>) {
        let (deny, rarely) = (self.draw(2) == 0, self.draw(16) == 0);
        let Some(link) = self.links.get(&id) else {
            return (record, Vec::new());
        };
        let mut gone = Vec::new();
        if deny && record.kind == Kind::MailNames || rarely {
            let names = link.named.iter();
            gone.extend(names.map(|name| Record::new(Kind::MailGone).token(*name)));
        }
        let refused = deny && record.kind == Kind::Granted && link.named.contains(&record.token);
        if refused {
            record = Record::new(Kind::Refused)
                .request(record.request)
                .token(record.token)
                .body(postcard_encode(&Refusal::Taken));
        }
        let denied = u64::try_from(gone.len()).unwrap_or_default() + u64::from(refused);
        self.faults.hit(Hit::Denied, denied);
        (record, gone)
    }

    pub(super) fn leave_home(&mut self, home: usize, id: LinkId, record: Record) {
        if record.kind == Kind::MailNames
            && let Some(link) = self.links.get_mut(&id)
        {
            let names = record.body.chunks_exact(32);
            link.named
                .extend(names.filter_map(|name| <[u8; 32]>::try_from(name).ok()));
        }
        if !self.lying(home) {
            // What was held back comes late.
            let held = self.links.get_mut(&id).and_then(|link| link.held.take());
            self.send(id, Arrival::AtPerson(record));
            if let Some(held) = held {
                self.send(id, Arrival::AtPerson(held));
            }
            return;
        }
        let record = self.exchange_list(record);
        let (trick, which) = (self.draw(24), self.draw(1 << 20));
        let (record, denied) = self.deny(id, record);
        let which = usize::try_from(which).unwrap_or_default();
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        if record.kind == Kind::Cell {
            if link.kept.len() >= KEPT_BY_LIAR {
                link.kept.remove(0);
            }
            link.kept.push(record.clone());
        }
        let mut out = Vec::new();
        let hit = match trick {
            0 => Some(Hit::Lost),
            1 | 3 => Some(Hit::Doubled),
            2 => Some(Hit::Swapped),
            4..=6 => Some(Hit::Falsified),
            _ => None,
        };
        if let Some(hit) = hit {
            self.faults.hit(hit, 1);
        }
        match trick {
            0 => {}
            1 => out.extend([record.clone(), record]),
            2 if link.held.is_none() => link.held = Some(record),
            3 => {
                let old = link.kept.get(which % link.kept.len().max(1)).cloned();
                out.extend([Some(record), old].into_iter().flatten());
            }
            4 => out.push(falsified(record, which)),
            // A false one before the good one.
            5 => out.extend([falsified(record.clone(), which), record]),
            6 => out.extend([
                falsified(record.clone(), which),
                falsified(record.clone(), which + 1),
                record,
            ]),
            _ => out.push(record),
        }
        out.extend(if trick == 2 { None } else { link.held.take() });
        out.extend(denied);
        for record in out {
            self.send(id, Arrival::AtPerson(record));
        }
        let invented = self.invent(home, id);
        self.faults
            .hit(Hit::Invented, u64::try_from(invented.len()).unwrap_or_default());
        for record in invented {
            self.send(id, Arrival::AtPerson(record));
        }
    }

    /// Any home may turn out to lie: it remembers what it could use then.
    fn overhears(&mut self, home: usize, id: LinkId, record: &Record) {
        if self.liar.is_some_and(|liar| liar != home) {
            return;
        }
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        if record.request != 0 {
            link.asked = record.request;
        }
        if record.kind == Kind::PublishDuty {
            link.duty.clone_from(&record.body);
        }
        if record.kind == Kind::Post
            && let Ok(Some(object)) = link.posts.take(record)
            && let Some(posting) = postcard_decode::<Posting>(&object)
        {
            self.overheard.insert((home, posting.ticket), posting);
        }
    }

    /// A ticket that a counselor can open: anybody can seal to a duty.
    fn seal_falsely(&mut self, id: LinkId, ticket: TicketId, attempt: u32) -> Option<Box<[u8; TICKET_LEN]>> {
        let link = self.links.get(&id)?;
        let Some(Person::Counselor(seat)) = self.people.get(link.person) else {
            return None;
        };
        let helpline = RootKey(self.root.public()).helpline();
        let certificate = self
            .certificates
            .iter()
            .find(|known| known.serial == seat.serial())?;
        let duty = Signed::<Duty>::verify(&link.duty, &certificate.identity().ok()?, &helpline).ok()?;
        let intake = Intake {
            language: "fr".parse().ok()?,
            urgent: true,
        };
        let card = (&intake, &UrgencyPayment::default());
        let sealed = ticket::seal(&helpline, ticket, attempt, &[&duty], card, &mut self.random).ok()?;
        Some(sealed.body)
    }

    /// What a home that lies says of its own to a counselor: that her duty is over, that a seeker opened her ticket
    /// again, that a request was refused which may be another home's, that a chat of an earlier run is hers.
    fn invent(&mut self, home: usize, id: LinkId) -> Vec<Record> {
        let counselor = self
            .links
            .get(&id)
            .map(|link| (link.asked, self.people.get(link.person)));
        let Some((asked, Some(Person::Counselor(_)))) = counselor else {
            return Vec::new();
        };
        let (trick, which) = (self.draw(INVENTS_ONE_OF * 6), self.draw(1 << 20));
        let known: Vec<TicketId> = self
            .overheard
            .keys()
            .filter(|(at, _)| *at == home)
            .map(|(_, ticket)| *ticket)
            .collect();
        let ticket = self
            .pick(&known)
            .and_then(|ticket| self.overheard.get(&(home, ticket)))
            .cloned();
        let reason = if which.is_multiple_of(2) {
            Refusal::Revoked
        } else {
            Refusal::Taken
        };
        let small = u32::try_from(which % 5).unwrap_or_default();
        match (trick, ticket) {
            (0, _) => vec![Record::new(Kind::OffDuty).body(postcard_encode(&Refusal::Revoked))],
            (1, _) => {
                let refused = Record::new(Kind::Refused).request(asked.wrapping_add(small));
                vec![refused.body(postcard_encode(&reason))]
            }
            (2, Some(posting)) => {
                let attempt = u64::from(posting.attempt) * u64::from(small % 2);
                vec![Record::new(Kind::Yours).token(posting.ticket.0).index(attempt)]
            }
            (3..=5, Some(posting)) => {
                let mut newer = posting;
                newer.attempt = newer.attempt.saturating_add(1 + small);
                if trick == 3 {
                    newer.body.0.fill(0);
                }
                if trick == 5 {
                    let Some(body) = self.seal_falsely(id, newer.ticket, newer.attempt) else {
                        return Vec::new();
                    };
                    newer.body.0 = body;
                }
                let token = newer.ticket.0;
                let shown = ShownTicket {
                    ticket: newer.ticket,
                    attempt: newer.attempt,
                    order: newer.receipt.map_or(u64::MAX, |receipt| receipt.order),
                    paid: None,
                    body: newer.body,
                };
                split(Kind::Ticket, INVENTED_REQUEST, token, &postcard_encode(&shown))
            }
            _ => Vec::new(),
        }
    }
}
