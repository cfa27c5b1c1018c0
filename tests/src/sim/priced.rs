//! What urgency costs, and what a counselor's verdict does to the price: small worlds beside that of a seed.

use hamsa_protocol_planted::{
    home::{LinkId, VERDICT_STAYS, Via},
    machine::Machine,
    objects::{Duty, Signed, TicketId},
    session::{
        chat::EndedBy,
        ticket::{self, Intake, TICKET_LEN, UrgencyPayment},
    },
    time::millis,
    wire::{ClientMessage, Refusal},
};

use super::{
    Faults, Manner, Person, SeekerSeat, World,
    judge::Wrong,
    queue::{CROWD, PAUSE_MS, at_the_door, name},
};

/// A ticket comes to a desk, is claimed and answered in this time when nothing breaks, in milliseconds.
const REACHED_MS: u64 = 2_000;
/// Room comes and a client asks again in this time, in milliseconds.
const ADMITTED_MS: u64 = 30_000;
/// All that waits, and what was paid for it, is on a desk with a slow line in this time, in milliseconds.
const SHOWN_MS: u64 = 8_000;
/// A payment is forgotten in this time, and a receipt still comes in without a price, in milliseconds.
const FORGOTTEN_MS: u64 = 660_000;
/// A client is stopped for this long, in milliseconds.
const STOPPED_MS: u64 = 5_000;
/// Who pays nothing for urgency.
const CHEAT: usize = 4_000;

fn seeker(world: &World, person: usize) -> Option<&SeekerSeat> {
    match world.people.get(person) {
        Some(Person::Seeker(seat)) => Some(seat),
        _ => None,
    }
}

fn waits(world: &World, person: usize) -> bool {
    seeker(world, person).is_some_and(|seat| !seat.places.is_empty())
}

fn answered(world: &World, person: usize) -> bool {
    seeker(world, person).is_some_and(|seat| !seat.answered.is_empty())
}

/// A desk that takes nobody by itself.
fn patient_desk(world: &mut World) -> usize {
    let desk = world.add_counselor("Nour", &["ar"]);
    if let Some(Person::Counselor(seat)) = world.people.get_mut(desk) {
        seat.eager = false;
    }
    desk
}

fn take(world: &mut World, desk: usize) {
    world.act(desk, |person, now| {
        if let Person::Counselor(seat) = person {
            seat.machine.take_next(now);
        }
    });
}

fn comes(world: &mut World, urgent: bool) -> usize {
    let manner = Manner {
        urgent,
        pause: 100,
        ..Manner::default()
    };
    let person = world.add_seeker_like("ar", vec!["salam".to_owned()], manner);
    world.run(ADMITTED_MS, |world| waits(world, person));
    person
}

/// A ticket that says urgent, for this duty, with nothing paid for it.
fn unpaid(world: &mut World, desk: usize) -> Option<Box<[u8; TICKET_LEN]>> {
    let duty: Signed<Duty> = match world.people.get(desk) {
        Some(Person::Counselor(seat)) => seat.machine.shift()?.0.clone(),
        _ => return None,
    };
    let intake = Intake {
        language: "ar".parse().ok()?,
        urgent: true,
    };
    let helpline = hamsa_protocol_planted::crypto::keys::RootKey(world.root.public()).helpline();
    let card = (&intake, &UrgencyPayment::default());
    let sealed = ticket::seal(
        &helpline,
        TicketId(name(CHEAT)),
        0,
        &[&duty],
        card,
        &mut world.random,
    );
    sealed.ok().map(|sealed| sealed.body)
}

/// Somebody waits, a crowd makes the price rise, one of it pays for its ticket and not for the urgency that it claims, and a
/// person in danger comes last. She is first, then the one who waited, and then the cheat.
pub(super) fn urgency_is_paid_for(seed: u64) -> World {
    let mut world = World::new(seed, 1, Faults::default());
    let desk = patient_desk(&mut world);
    let early = comes(&mut world, false);
    let asked = at_the_door(&mut world, |strangers| {
        (0..CROWD).find_map(|number| match strangers.post(Via(0), name(number), None) {
            Err(Some(Refusal::Effort(prices))) => Some(prices),
            _ => None,
        })
    });
    let (Some(Some(prices)), Some(body)) = (asked, unpaid(&mut world, desk)) else {
        world.judge.note(
            Wrong::Broken,
            world.tick,
            "a crowd was asked for nothing".to_owned(),
        );
        return world;
    };
    let mut cheats = false;
    for _ in 0..50 {
        world.run(PAUSE_MS, |_| false);
        let body = body.clone();
        let came = at_the_door(&mut world, |strangers| {
            strangers.pay(name(CHEAT), prices, true);
            strangers.post_body(Via(0), name(CHEAT), None, body).is_ok()
        });
        cheats = came == Some(true);
        if cheats {
            break;
        }
    }
    let danger = comes(&mut world, true);
    // Whoever is in no danger does as much.
    let calm = comes(&mut world, false);
    world.run(SHOWN_MS, |_| false);
    let solved = |person| seeker(&world, person).map_or(0, |seat| seat.solved);
    let paid = solved(danger).min(solved(calm));
    take(&mut world, desk);
    let first = world.run(REACHED_MS, |world| answered(world, danger));
    take(&mut world, desk);
    let second = world.run(REACHED_MS, |world| answered(world, early));
    if !cheats || paid < 2 || !first || !second {
        let what = format!(
            "a cheat came in: {cheats}; each solved {paid} puzzles; who is in danger was first: {first}; who waited was second: {second}"
        );
        world.judge.note(Wrong::Broken, world.tick, what);
    }
    world
}

/// A ticket that says urgent is paid for, and its urgency is not. It is left until the home has forgotten the payment, and
/// comes back with its receipt: nothing of it is urgent then either.
pub(super) fn urgency_after_a_pause(seed: u64) -> World {
    let mut world = World::new(seed, 1, Faults::default());
    let desk = patient_desk(&mut world);
    world.run(ADMITTED_MS, |_| false);
    let asked = at_the_door(&mut world, |strangers| {
        (0..CROWD).find_map(|number| match strangers.post(Via(0), name(number), None) {
            Err(Some(Refusal::Effort(prices))) => Some(prices),
            _ => None,
        })
    });
    let (Some(Some(prices)), Some(body)) = (asked, unpaid(&mut world, desk)) else {
        let what = "a crowd was asked for nothing".to_owned();
        world.judge.note(Wrong::Broken, world.tick, what);
        return world;
    };
    world.run(PAUSE_MS, |_| false);
    let first = body.clone();
    let receipt = at_the_door(&mut world, |strangers| {
        strangers.pay(name(CHEAT), prices, true);
        let receipt = strangers.post_body(Via(0), name(CHEAT), None, first).ok();
        strangers.hang_up();
        receipt
    });
    let receipt = receipt.flatten();
    world.run(FORGOTTEN_MS, |_| false);
    let again = at_the_door(&mut world, |strangers| {
        strangers.post_body(Via(0), name(CHEAT), receipt, body).ok()
    });
    world.run(SHOWN_MS, |_| false);
    let shown = match world.people.get(desk) {
        Some(Person::Counselor(seat)) => seat.desk,
        _ => (0, 0),
    };
    let back =
        receipt.is_some() && again.flatten().map(|again| again.order) == receipt.map(|first| first.order);
    if !back || shown != (1, 0) {
        let what = format!("a ticket came back: {back}; the desk has {shown:?}, and nobody paid for urgency");
        world.judge.note(Wrong::Broken, world.tick, what);
    }
    world
}

/// What is asked of a newcomer by this entry.
fn asked_at(world: &mut World, via: Via, number: usize) -> Option<u8> {
    at_the_door(world, |strangers| match strangers.post(via, name(number), None) {
        Ok(_) => Some(0),
        Err(Some(Refusal::Effort(prices))) => Some(prices.steps[0].into()),
        Err(_) => None,
    })
    .flatten()
}

fn at_home(world: &mut World, link: LinkId, message: ClientMessage) {
    let now = world.home_now(0);
    if let Some(machine) = world.homes.first_mut().and_then(|sim| sim.machine.as_mut()) {
        machine.handle_record(link, message.record(), now);
    }
    world.drain_home(0);
}

/// A chat is blocked. What comes by its entry costs one step more for ten minutes, and nobody else pays.
pub(super) fn a_verdict_prices_one_entry(seed: u64) -> World {
    let mut world = World::new(seed, 1, Faults::default());
    world.set_entries(2);
    let desk = patient_desk(&mut world);
    let abuser = comes(&mut world, false);
    let via = |world: &World, person: usize| {
        let link = world.by_person.get(&(person, 0))?;
        Some((*link, world.homes.first()?.machine.as_ref()?.via(*link)?))
    };
    let (Some((own, _)), Some((link, here))) = (via(&world, desk), via(&world, abuser)) else {
        world
            .judge
            .note(Wrong::Broken, world.tick, "nobody came".to_owned());
        return world;
    };
    let there = Via(1 - here.0.min(1));
    world.run(SHOWN_MS, |_| false);
    take(&mut world, desk);
    world.run(REACHED_MS, |world| answered(world, abuser));
    world.run(REACHED_MS, |_| false);
    let chat = match world.people.get(desk) {
        Some(Person::Counselor(seat)) => seat.live.first().copied(),
        _ => None,
    };
    let Some(chat) = chat else {
        world
            .judge
            .note(Wrong::Broken, world.tick, "there is no chat".to_owned());
        return world;
    };
    // Words of strangers, and of the one who is meant.
    for link in [link, LinkId(u64::MAX)] {
        at_home(&mut world, link, ClientMessage::Abuse { ticket: chat });
    }
    let before = [asked_at(&mut world, here, 1), asked_at(&mut world, there, 2)];
    // The abuser's client says nothing for a while, so that only the verdict takes the ticket away.
    world.stop_person(abuser, STOPPED_MS);
    let blocked = world.act(desk, |person, now| match person {
        Person::Counselor(seat) => seat.machine.block(&chat, now),
        Person::Seeker(_) => false,
    });
    world.run(REACHED_MS, |_| false);
    at_home(&mut world, own, ClientMessage::Abuse { ticket: chat });
    let after = [asked_at(&mut world, here, 3), asked_at(&mut world, there, 4)];
    world.run(2 * STOPPED_MS, |_| false);
    let ended = seeker(&world, abuser).and_then(|seat| seat.ended);
    world.run(millis(VERDICT_STAYS), |_| false);
    let later = asked_at(&mut world, here, 5);
    let asked = (before, after, later);
    let expected = ([Some(0); 2], [Some(1), Some(0)], Some(0));
    if blocked != Some(true) || ended != Some(EndedBy::Peer) || asked != expected {
        let what = format!(
            "a verdict asked {asked:?} instead of {expected:?}; blocked: {blocked:?}, ended by {ended:?}"
        );
        world.judge.note(Wrong::Broken, world.tick, what);
    }
    world
}
