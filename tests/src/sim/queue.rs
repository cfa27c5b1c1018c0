//! Who may wait at a home, and who goes first: small worlds beside that of a seed, without any fault but people who
//! are stopped and strangers who post what no honest client posts.

use hamsa_protocol_planted::{
    crypto::{
        keys::{DhPublic, HelplineId, RootKey},
        puzzle::{Priced, Puzzle},
        tokens::{Token, TokenHash},
    },
    home::{Home, LinkId, NewLink, RECEIPT_LIFE, Via},
    limits::MAX_TICKETS,
    machine::Machine,
    objects::{Bytes, TicketId, postcard_encode},
    session::ticket::TICKET_LEN,
    time::Now,
    wire::{ClientMessage, HomeMessage, Kind, Posting, Prices, Receipt, Record, Refusal, Terms, split},
};

use super::{
    Faults, Person, World,
    judge::{Finding, Wrong},
    priced,
};

/// So many stopped clients are before the one who lives.
const STOPPED: u64 = 3;
/// A ticket comes to a desk, is claimed and answered in this time when nothing breaks, in milliseconds.
const REACHED_MS: u64 = 2_000;
/// After this long the home has found that a client says nothing, in milliseconds.
const SILENT_MS: u64 = 21_500;
/// What one stopped client costs before that, in milliseconds.
const EACH_MS: u64 = 5_000;
/// Strangers who come at once: more than a home takes for nothing.
pub(super) const CROWD: usize = 200;
/// And those of them who cheat: fewer than the room that comes in a second.
const CHEATS: usize = 5;
/// Strangers pause so long between two tickets, in milliseconds.
pub(super) const PAUSE_MS: u64 = 130;
/// Links of strangers begin here, far above those of people.
const STRANGERS: u64 = 1 << 40;

/// Plays all of it. What must not happen is found.
#[must_use]
pub fn findings(seed: u64) -> Vec<Finding> {
    let worlds = [
        the_living_first(seed, SILENT_MS, REACHED_MS),
        the_living_first(seed, 0, EACH_MS * STOPPED + REACHED_MS),
        strangers_at_one_entry(seed),
        collected_receipts(seed),
        a_crowd_that_does_not_pay(seed),
        priced::urgency_is_paid_for(seed),
        priced::urgency_after_a_pause(seed),
        priced::a_verdict_prices_one_entry(seed),
    ];
    let found = worlds.into_iter().flat_map(|world| world.findings().to_vec());
    found.collect()
}

/// Clients that wait are stopped; some time later a counselor takes the next.
fn the_living_first(seed: u64, pause: u64, bound: u64) -> World {
    let mut world = World::new(seed, 1, Faults::default());
    world.set_entries(2);
    let desk = world.add_counselor("Nour", &["ar"]);
    if let Some(Person::Counselor(seat)) = world.people.get_mut(desk) {
        seat.eager = false;
    }
    let waits = |world: &World, person: usize| matches!(world.people.get(person), Some(Person::Seeker(seat)) if !seat.places.is_empty());
    let mut people = Vec::new();
    for _ in 0..=STOPPED {
        let person = world.add_seeker("ar", vec!["salam".to_owned()], 100);
        world.run(30_000, |world| waits(world, person));
        people.push(person);
    }
    let Some(lives) = people.pop() else { return world };
    for person in people {
        world.stop_person(person, 600_000);
    }
    world.run(pause, |_| false);
    world.act(desk, |person, now| {
        if let Person::Counselor(seat) = person {
            seat.machine.take_next(now);
        }
    });
    let reached = world.run(
        bound,
        |world| matches!(world.people.get(lives), Some(Person::Seeker(seat)) if !seat.answered.is_empty()),
    );
    if !reached {
        let what =
            format!("a seeker who lives was not reached within {bound} ms behind {STOPPED} who were stopped");
        world.judge.note(Wrong::Lost, world.tick, what);
    }
    world
}

/// Strangers at the door of a home, each over a link of its own.
pub(super) struct Strangers<'a> {
    home: &'a mut Home,
    helpline: HelplineId,
    home_x: DhPublic,
    next: u64,
    now: Now,
    /// What the home said to people meanwhile.
    others: Vec<(LinkId, Record)>,
}

impl Strangers<'_> {
    fn say(&mut self, via: Via, message: impl FnOnce(u32) -> Vec<Record>) -> Option<HomeMessage> {
        self.next += 1;
        let link = LinkId(STRANGERS + self.next);
        self.home
            .handle_connected(link, NewLink { hash: [0; 32], via }, self.now);
        for record in message(1) {
            self.home.handle_record(link, record, self.now);
        }
        let mut own = None;
        for (to, record) in self.home.drain().records() {
            if to.0 < STRANGERS {
                self.others.push((to, record));
            } else if to == link && record.request == 1 {
                own.get_or_insert(record);
            }
        }
        HomeMessage::read(own?)
    }

    /// Posts random bytes under the name of a ticket, whose owner has the same name.
    pub(super) fn post(
        &mut self,
        via: Via,
        name: [u8; 32],
        receipt: Option<Receipt>,
    ) -> Result<Receipt, Option<Refusal>> {
        let body = vec![name[0]; TICKET_LEN].into_boxed_slice();
        self.post_body(via, name, receipt, body.try_into().map_err(|_| None)?)
    }

    pub(super) fn post_body(
        &mut self,
        via: Via,
        name: [u8; 32],
        receipt: Option<Receipt>,
        body: Box<[u8; TICKET_LEN]>,
    ) -> Result<Receipt, Option<Refusal>> {
        let posting = Posting {
            ticket: TicketId(name),
            attempt: 0,
            slot: TokenHash(name),
            receipt,
            body: Bytes(body),
        };
        let posting = postcard_encode(&posting);
        match self.say(via, |request| split(Kind::Post, request, name, &posting)) {
            Some(HomeMessage::Posted {
                receipt: Some(receipt),
                ..
            }) => Ok(receipt),
            Some(HomeMessage::Refused { reason, .. }) => Err(Some(reason)),
            _ => Err(None),
        }
    }

    /// Pays for a ticket, with a number that solves its puzzle or with one that does not.
    pub(super) fn pay(&mut self, name: [u8; 32], prices: Prices, truly: bool) {
        let (token, priced, seed) = (Token(name).hash(), Priced::Ticket, prices.seed);
        let step = prices.step(priced);
        let puzzle = Puzzle::new(&self.helpline, &self.home_x, seed, priced, token);
        let nonce = (0..)
            .find(|nonce| puzzle.is_solved(*nonce, step) == truly)
            .unwrap_or_default();
        let terms = Some(Terms { priced, step, seed });
        self.say(Via(0), |_| {
            vec![ClientMessage::Pay { token, nonce, terms }.record()]
        });
    }

    /// The link of the last one is gone.
    pub(super) fn hang_up(&mut self) {
        let link = LinkId(STRANGERS + self.next);
        self.home.handle_disconnected(link, self.now);
    }

    fn withdraw(&mut self, name: [u8; 32]) {
        let withdraw = Token(name);
        self.say(Via(0), |_| vec![ClientMessage::Withdraw { withdraw }.record()]);
    }
}

pub(super) fn name(number: usize) -> [u8; 32] {
    let mut name = [7; 32];
    if let Some(head) = name.first_chunk_mut::<8>() {
        *head = number.to_le_bytes();
    }
    name
}

/// Does something at the door of the one home.
pub(super) fn at_the_door<T>(world: &mut World, act: impl FnOnce(&mut Strangers<'_>) -> T) -> Option<T> {
    let now = world.home_now(0);
    let next = world.next_link;
    world.next_link += 10_000;
    let helpline = RootKey(world.root.public()).helpline();
    let sim = world.homes.first_mut()?;
    let home_x = sim.delegation.home_x;
    let home = sim.machine.as_mut()?;
    let mut strangers = Strangers {
        home,
        helpline,
        home_x,
        next,
        now,
        others: Vec::new(),
    };
    let done = act(&mut strangers);
    for (link, record) in core::mem::take(&mut strangers.others) {
        world.leave_home(0, link, record);
    }
    world.drain_home(0);
    Some(done)
}

/// One entry of two is used to fill the queue.
fn strangers_at_one_entry(seed: u64) -> World {
    let mut world = World::new(seed, 1, Faults::default());
    world.set_entries(2);
    world.run(10, |_| false);
    // No faster than a home takes tickets for nothing.
    let mut post = |via, number: usize| {
        world.run(PAUSE_MS, |_| false);
        at_the_door(&mut world, |strangers| {
            strangers.post(via, name(number), None).is_ok()
        }) == Some(true)
    };
    let first = (0..MAX_TICKETS / 2)
        .filter(|number| post(Via(0), *number))
        .count();
    let (other, beyond) = (post(Via(1), MAX_TICKETS), post(Via(0), MAX_TICKETS / 2));
    if (first, other, beyond) != (MAX_TICKETS / 2, true, false) {
        let what = format!("one entry took {first} places, another {other}, and the first one more {beyond}");
        world.judge.note(Wrong::Broken, world.tick, what);
    }
    world
}

/// A crowd comes at once and pays nothing, or with numbers that solve nothing.
fn a_crowd_that_does_not_pay(seed: u64) -> World {
    let mut world = World::new(seed, 1, Faults::default());
    world.run(10, |_| false);
    let crowd = at_the_door(&mut world, |strangers| {
        let mut asked = None;
        let inside = (0..CROWD).filter(|number| match strangers.post(Via(0), name(*number), None) {
            Ok(_) => true,
            Err(Some(Refusal::Effort(prices))) => {
                asked = Some(prices);
                false
            }
            Err(_) => false,
        });
        (inside.count(), asked)
    });
    // Room comes, and not for them.
    world.run(1_000, |_| false);
    let (inside, Some(prices)) = crowd.unwrap_or_default() else {
        let what = format!("of a crowd of {CROWD} nobody was asked to pay");
        world.judge.note(Wrong::Broken, world.tick, what);
        return world;
    };
    let cheated = at_the_door(&mut world, |strangers| {
        let cheats = (CROWD..CROWD + CHEATS).filter(|number| {
            strangers.pay(name(*number), prices, false);
            strangers.post(Via(0), name(*number), None).is_ok()
        });
        let cheats = cheats.count();
        // And those who ask again without paying.
        let again = (inside..CROWD).filter(|number| strangers.post(Via(0), name(*number), None).is_ok());
        (cheats, again.count())
    });
    if inside >= CROWD / 2 || cheated != Some((0, 0)) {
        let what = format!(
            "of a crowd that paid nothing {inside} came in, and of those who cheated, or asked again, {cheated:?}"
        );
        world.judge.note(Wrong::Broken, world.tick, what);
    }
    world
}

/// Receipts are collected: of a ticket that was withdrawn, and of one that stood when the home failed.
fn collected_receipts(seed: u64) -> World {
    let mut world = World::new(seed, 1, Faults::default());
    world.run(10, |_| false);
    let stands = at_the_door(&mut world, |strangers| {
        let spent = strangers.post(Via(0), name(1), None).ok();
        strangers.withdraw(name(1));
        let again = strangers.post(Via(0), name(1), spent).ok();
        let stolen = strangers.post(Via(0), name(2), spent).ok();
        let order = |receipt: Option<Receipt>| receipt.map(|receipt| receipt.order);
        (order(again) != order(spent) && order(stolen) != order(spent))
            .then_some(again)
            .flatten()
    });
    let Some(Some(receipt)) = stands else {
        let what = "the receipt of a ticket that was withdrawn gave its place again".to_owned();
        world.judge.note(Wrong::Broken, world.tick, what);
        return world;
    };
    for (minutes, counts) in [(10, true), (RECEIPT_LIFE.as_secs() / 60 - 10, false)] {
        world.crash_home(0, 100);
        world.run(minutes * 60_000 + 1_000, |_| false);
        let order = at_the_door(&mut world, |strangers| {
            let again = strangers.post(Via(0), name(1), Some(receipt)).ok();
            again.map(|again| again.order)
        });
        if (order == Some(Some(receipt.order))) != counts {
            let what = format!("{minutes} minutes later a receipt gave the place {order:?}");
            world.judge.note(Wrong::Broken, world.tick, what);
        }
    }
    world
}
