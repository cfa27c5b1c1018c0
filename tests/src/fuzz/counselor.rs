//! The counselor's machine among homes that say anything, and with a seeker who may be one.

use std::collections::BTreeSet;

use hamsa_protocol::{
    client::ProvenLink,
    counselor::{Counselor, Event},
    crypto::tokens::{self, ChannelTokens, Direction},
    machine::{Machine, Output},
    objects::{Bytes, HomeIndex, TicketId, postcard_encode},
    session::{
        chat::{Beginning, Chat, EndReason, Role, Seen, Status},
        ticket::Sealed,
    },
    time::{Millis, Moment},
    wire::{Kind, Posting, RECORD_LEN, Receipt, Record, Refusal, split},
};
use zeroize::Zeroizing;

use super::{
    helpline::{START, helpline, later, seeded},
    input::Input,
};

/// Homes, all with the one delegation there is: she knows them by number.
const HOMES: usize = 3;
/// Tickets of one run.
const TICKETS: usize = 3;
/// Steps in a row that a machine may want at one moment.
const HASTY_MAX: u32 = 50;

/// A seeker as far as her chat goes.
struct Visitor {
    sealed: Sealed,
    attempt: u32,
    chat: Option<(Chat, ChannelTokens)>,
    /// A cell of this chat was given to the machine.
    spoke: bool,
}

struct World {
    counselor: Counselor,
    now: Moment,
    wake: Option<Millis>,
    up: [bool; HOMES],
    /// Homes whose link she wants closed; what she still says to them is lost.
    closing: [bool; HOMES],
    asked: [Vec<Record>; HOMES],
    visitors: Vec<Option<Visitor>>,
    roster: Vec<u8>,
    said: u32,
    shown: BTreeSet<(TicketId, String)>,
    links: u64,
}

fn name(number: usize) -> TicketId {
    TicketId([u8::try_from(number).unwrap_or_default(); 32])
}

/// Runs the operations in `data`.
pub fn counselor(data: &[u8]) {
    let known = helpline();
    let mut input = Input::new(data);
    let shift = (input.one_in(2)).then(|| (known.duty.clone(), known.secrets()));
    let counselor = Counselor::new(
        known.root_key,
        known.identity(),
        known.certificate.clone(),
        shift,
        seeded(71),
        START,
    );
    let mut world = World {
        counselor,
        now: START,
        wake: None,
        up: [false; HOMES],
        closing: [false; HOMES],
        asked: Default::default(),
        visitors: (0..TICKETS).map(|_| None).collect(),
        roster: known.roster_of(1, true),
        said: 0,
        shown: BTreeSet::new(),
        links: 0,
    };
    while !input.is_empty() {
        operate(&mut input, &mut world);
        drain(&mut world);
    }
}

fn operate(input: &mut Input<'_>, world: &mut World) {
    let home = input.below(HOMES);
    match input.byte() % 24 {
        0 | 1 => {
            if !world.up[home] {
                world.up[home] = true;
                world.links += 1;
                let mut hash = [0; 32];
                hash[..8].copy_from_slice(&world.links.to_be_bytes());
                let delegation = helpline().delegation.clone();
                let link = ProvenLink { delegation, hash };
                world.counselor.handle_connected(HomeIndex(home), link, world.now);
            }
        }
        2 => down(world, home),
        3 => wait(world, u64::from(input.short())),
        4 => {
            if let Some(due) = world.wake {
                wait(world, due.since(world.now.tick));
            }
        }
        5 => world.counselor.on_duty(world.now),
        6 if input.byte() < 64 => world.counselor.off_duty(world.now),
        6 => world.counselor.take_break(world.now),
        7 | 8 => world.counselor.take_next(world.now),
        9 => {
            let text = Zeroizing::new("x".repeat(usize::from(input.short()) % 20_000));
            let id = format!("w{}", world.said);
            let chat = name(input.below(TICKETS + 1));
            if world.counselor.say(&chat, id, text, world.now).is_ok() {
                world.said += 1;
            }
        }
        10 if input.byte() < 64 => {
            let chat = name(input.below(TICKETS));
            world.counselor.end(&chat, world.now);
        }
        10 | 11 => ticket(input, world, home),
        12..=17 => serve(input, world, home),
        18..=20 => talk(input, world, home),
        _ => {
            let record = arbitrary(input, world, home);
            send(world, home, record);
        }
    }
}

fn down(world: &mut World, home: usize) {
    if core::mem::take(&mut world.up[home]) {
        world.asked[home].clear();
        world.counselor.handle_disconnected(HomeIndex(home), world.now);
    }
}

fn wait(world: &mut World, milliseconds: u64) {
    world.now = later(world.now, milliseconds);
    for step in 0.. {
        assert!(
            step < HASTY_MAX,
            "wants to be woken at a moment that is over, again and again"
        );
        world.counselor.handle_timeout(world.now);
        drain(world);
        if world.wake.is_none_or(|due| due > world.now.tick) {
            break;
        }
    }
}

fn send(world: &mut World, home: usize, record: Record) {
    world.counselor.handle_record(HomeIndex(home), record, world.now);
}

/// A home shows a ticket: one sealed to her, a new attempt of it, or a damaged one.
fn ticket(input: &mut Input<'_>, world: &mut World, home: usize) {
    let number = input.below(TICKETS);
    let Some((duty, _)) = world.counselor.shift() else {
        return;
    };
    let twist = input.byte();
    let fresh = world.visitors[number].is_none() || twist < 32;
    if fresh {
        let attempt = world.visitors[number]
            .as_ref()
            .map_or(0, |visitor| visitor.attempt + 1);
        let sealed = hamsa_protocol::session::ticket::seal(
            &helpline().id,
            name(number),
            attempt,
            &[duty],
            &super::helpline::Helpline::intake(),
            &mut seeded(u64::from(twist) + 72),
        );
        let Ok(sealed) = sealed else { return };
        world.visitors[number] = Some(Visitor {
            sealed,
            attempt,
            chat: None,
            spoke: false,
        });
    }
    let Some(visitor) = &world.visitors[number] else {
        return;
    };
    let mut body = visitor.sealed.body.clone();
    if (32..64).contains(&twist) {
        input.damage(body.as_mut_slice());
    }
    let posting = Posting {
        ticket: name(number),
        attempt: visitor.attempt,
        slot: [0; 32],
        receipt: Some(Receipt {
            order: input.number(),
            mac: [0; 32],
        }),
        body: Bytes(body),
    };
    for record in split(Kind::Ticket, 0, name(number).0, &postcard_encode(&posting)) {
        send(world, home, record);
    }
}

/// Answers the oldest question, truthfully or nearly so.
fn serve(input: &mut Input<'_>, world: &mut World, home: usize) {
    if world.asked[home].is_empty() {
        return;
    }
    let asked = world.asked[home].remove(0);
    let known = helpline();
    let twist = input.byte();
    let mut records = match asked.kind {
        Kind::Describe => {
            if twist % 16 == 1 {
                world.roster = known.roster_of(u64::from(input.byte() % 4), !input.one_in(4));
            }
            let head = known.head(&world.roster, u64::from(twist), twist.is_multiple_of(2));
            split(Kind::Head, asked.request, [0; 32], &head)
        }
        Kind::Duties => split(Kind::DutyPage, asked.request, [0; 32], &known.page()),
        Kind::Settings => split(Kind::SettingsText, asked.request, [0; 32], &known.settings),
        Kind::Heartbeat => vec![Record::new(Kind::Beat).index(input.number()).ack(input.number())],
        Kind::Login => vec![Record::new(Kind::LoggedIn)],
        Kind::PublishDuty => vec![Record::new(Kind::OnDuty)],
        Kind::WithdrawDuty => vec![Record::new(Kind::OffDuty)],
        Kind::Claim => vec![
            Record::new(Kind::Granted)
                .token(asked.token)
                .index(asked.index)
                .ack(u64::from(twist)),
        ],
        Kind::Answer => {
            answered(world, &asked);
            return;
        }
        Kind::Open => vec![Record::new(Kind::Opened).token(asked.token)],
        Kind::Put => {
            let kind = [Kind::Stored, Kind::Stored, Kind::Full, Kind::Gone][usize::from(twist % 4)];
            for visitor in world.visitors.iter_mut().flatten() {
                if let Some((chat, tokens)) = &mut visitor.chat
                    && tokens.put(Direction::FromCounselor) == asked.token
                {
                    chat.handle_cell(asked.index, &asked.body, world.now.tick);
                }
            }
            vec![Record::new(kind).token(asked.token).index(asked.index)]
        }
        _ => return,
    };
    if twist >= 248 {
        let reasons = [Refusal::Busy, Refusal::Taken, Refusal::Revoked, Refusal::NoRoster];
        let reason = reasons[usize::from(twist % 4)];
        let kind = if twist >= 252 {
            Kind::Refused
        } else {
            Kind::OffDuty
        };
        records = vec![
            Record::new(kind)
                .token(asked.token)
                .body(postcard_encode(&reason)),
        ];
    }
    for record in records {
        send(world, home, record.request(asked.request));
    }
}

/// The seeker takes the answer: a chat begins at her end.
fn answered(world: &mut World, answer: &Record) {
    let known = helpline();
    let Some((id, message_2)) = answer.body.split_first_chunk::<32>() else {
        panic!("an answer without a ticket");
    };
    let visitor = world
        .visitors
        .get_mut(usize::from(id[0]))
        .and_then(Option::as_mut);
    let Some(visitor) = visitor.filter(|visitor| visitor.chat.is_none()) else {
        return;
    };
    // It may be an answer to an earlier attempt.
    let Ok(established) = visitor.sealed.waiting.finish(message_2) else {
        return;
    };
    let channels = tokens::channels(&known.id, &established.handshake_hash);
    let tokens = ChannelTokens::derive(&known.id, &channels, &known.delegation.home_x);
    let chat = Chat::new(
        Beginning {
            helpline: known.id,
            ticket: TicketId(*id),
            established,
            role: Role::Seeker,
            seen: Seen::default(),
            status: Status::default(),
            extra: Vec::new(),
        },
        &mut seeded(73),
        world.now.tick,
    );
    visitor.chat = Some((chat, tokens));
}

/// A seeker's machine says something through this home.
fn talk(input: &mut Input<'_>, world: &mut World, home: usize) {
    let number = input.below(TICKETS);
    let now = world.now.tick;
    let Some(visitor) = &mut world.visitors[number] else {
        return;
    };
    let Some((chat, tokens)) = &mut visitor.chat else {
        return;
    };
    match input.byte() % 4 {
        0 => {
            let id = format!("s{}", input.byte());
            let _ = chat.say(id, Zeroizing::new("salam".to_owned()), now);
        }
        1 => chat.handle_timeout(now),
        2 => while chat.poll_event().is_some() {},
        _ if input.byte() < 8 => chat.end(EndReason::LeftQuickly, now),
        _ => {}
    }
    chat.heal(&mut seeded(74), now);
    while chat.poll_cell().is_some() {}
    let token = tokens.listen(Direction::FromSeeker);
    let mut cells = Vec::new();
    for index in chat.unacknowledged() {
        let mut cell = chat.cell(index).expect("it is unacknowledged").to_vec();
        let damaged = input.byte() < 16 && input.damage(&mut cell);
        visitor.spoke |= !damaged;
        cells.push(Record::new(Kind::Cell).token(token).index(index).body(cell));
    }
    for cell in cells {
        send(world, home, cell);
    }
}

fn arbitrary(input: &mut Input<'_>, world: &World, home: usize) -> Record {
    let mut bytes = vec![0; RECORD_LEN];
    loop {
        bytes[0] = input.byte();
        if input.is_empty() {
            bytes[0] = 67;
        }
        if Record::decode(&bytes).is_ok() {
            break;
        }
    }
    let mut record = Record::decode(&bytes).expect("it was one just now");
    let asked = world.asked[home].first();
    record.token = match input.byte() % 3 {
        0 => input.array(),
        1 => asked.map_or([0; 32], |asked| asked.token),
        _ => name(input.below(TICKETS)).0,
    };
    record.request = asked
        .map_or(0, |asked| asked.request)
        .wrapping_add(u32::from(input.byte() % 2));
    record.more = input.one_in(4);
    record.index = input.number();
    record.ack = input.number();
    let size = usize::from(input.byte());
    record.body = input.take(size).to_vec();
    record
}

fn drain(world: &mut World) {
    loop {
        match world.counselor.poll_output() {
            Output::Suspect { peer } => assert!(world.up[peer.0], "a doubt about a home without a link"),
            Output::Disconnect { peer } => world.closing[peer.0] = true,
            Output::Send {
                peer: HomeIndex(home),
                record,
            } => {
                assert!(world.up[home], "{record:?} to a home without a link");
                assert_eq!(Record::decode(&record.encode()).as_ref(), Ok(&record));
                if world.closing[home] {
                    continue;
                }
                let asked = &mut world.asked[home];
                asked.push(record);
                let excess = asked.len().saturating_sub(64);
                asked.drain(..excess);
            }
            Output::Event(event) => take_event(world, event),
            Output::Sleep(wake) => {
                world.wake = wake;
                let closing: Vec<_> = (0..HOMES)
                    .filter(|home| core::mem::take(&mut world.closing[*home]))
                    .collect();
                if closing.is_empty() {
                    return;
                }
                for home in closing {
                    down(world, home);
                }
            }
        }
    }
}

fn take_event(world: &mut World, event: Event) {
    match event {
        Event::Chat { chat, .. } => {
            let visitor = world
                .visitors
                .get(usize::from(chat.0[0]))
                .and_then(Option::as_ref);
            assert!(
                visitor.is_some_and(|visitor| visitor.spoke),
                "a chat is shown after the seeker's first cell only"
            );
        }
        Event::Message { chat, number, id, .. } => {
            assert!(world.shown.insert((chat, id)), "given once");
            // Numbers that were not given, and given ones twice, are nothing; every third message nobody looks at.
            if !number.is_multiple_of(3) {
                let now = world.now;
                for number in [number, number, number + 1] {
                    world.counselor.shown(number, now);
                }
            }
        }
        Event::Desk { waiting, urgent } => {
            assert!(urgent <= waiting && usize::try_from(waiting).is_ok_and(|waiting| waiting <= TICKETS));
        }
        _ => {}
    }
}
