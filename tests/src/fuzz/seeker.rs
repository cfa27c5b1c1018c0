//! The seeker's machine among homes that say anything, now and then the truth.

use std::collections::BTreeSet;

use hamsa_protocol::{
    client::ProvenLink,
    crypto::tokens::{self, ChannelTokens, Direction},
    machine::{Machine, Output},
    objects::{Bytes, HomeIndex, TicketId, postcard_decode, postcard_encode},
    seeker::{Event, Seeker},
    session::{
        chat::{Beginning, Chat, ChatEvent, EndReason, Role, Seen, Status},
        ticket::{self, Opened},
    },
    time::{Millis, Moment},
    wire::{Assembler, Kind, Posting, RECORD_LEN, Receipt, Record, Refusal, split},
};
use zeroize::Zeroizing;

use super::{
    helpline::{START, helpline, later, seeded},
    input::Input,
};

/// Homes, all with the one delegation there is: she knows them by number.
const HOMES: usize = 3;
/// Steps in a row that a machine may want at one moment.
const HASTY_MAX: u32 = 50;

struct World {
    seeker: Seeker,
    now: Moment,
    wake: Option<Millis>,
    up: [bool; HOMES],
    /// Homes whose link she wants closed; what she still says to them is lost.
    closing: [bool; HOMES],
    /// What she sent last to each home and has no answer yet.
    asked: [Vec<Record>; HOMES],
    pieces: Vec<Assembler>,
    /// Her ticket, as her last posting named it.
    ticket: Option<[u8; 32]>,
    /// Tickets of hers that the counselor could open.
    opened: Vec<(u32, Opened)>,
    /// Answers that were really made.
    answers: Vec<(u32, Vec<u8>)>,
    chat: Option<(Chat, ChannelTokens)>,
    answered: bool,
    roster: Vec<u8>,
    said: u32,
    shown: BTreeSet<String>,
}

/// Runs the operations in `data`.
pub fn seeker(data: &[u8]) {
    let known = helpline();
    let mut input = Input::new(data);
    let mut world = World {
        seeker: Seeker::new(known.root_key, seeded(61), START),
        now: START,
        wake: None,
        up: [false; HOMES],
        closing: [false; HOMES],
        asked: Default::default(),
        pieces: (0..HOMES).map(|_| Assembler::default()).collect(),
        ticket: None,
        opened: Vec::new(),
        answers: Vec::new(),
        chat: None,
        answered: false,
        roster: known.roster_of(1, true),
        said: 0,
        shown: BTreeSet::new(),
    };
    while !input.is_empty() {
        operate(&mut input, &mut world);
        drain(&mut world);
        assert!(
            !world.answered || !world.answers.is_empty(),
            "accepted what nobody answered"
        );
    }
}

fn operate(input: &mut Input<'_>, world: &mut World) {
    let home = input.below(HOMES);
    match input.byte() % 20 {
        0 | 1 => {
            if !world.up[home] {
                world.up[home] = true;
                world.pieces[home] = Assembler::default();
                world.seeker.handle_connected(
                    HomeIndex(home),
                    ProvenLink {
                        delegation: helpline().delegation.clone(),
                        hash: [0; 32],
                    },
                    world.now,
                );
            }
        }
        2 => down(world, home),
        3 => wait(world, u64::from(input.short())),
        4 => {
            // To the very moment she asked for.
            if let Some(due) = world.wake {
                wait(world, due.since(world.now.tick));
            }
        }
        5 => {
            let intake = ticket_of(input);
            let _ = world.seeker.start(intake, world.now);
        }
        6 | 7 => {
            let text = Zeroizing::new("x".repeat(usize::from(input.short()) % 20_000));
            if world
                .seeker
                .say(format!("w{}", world.said), text, world.now)
                .is_ok()
            {
                world.said += 1;
            }
        }
        8 if input.byte() < 64 => {
            let reason = [EndReason::Finished, EndReason::LeftQuickly][input.below(2)];
            world.seeker.end(reason, world.now);
        }
        8 => world.seeker.resend(world.now),
        9..=13 => serve(input, world, home),
        14 | 15 => answer(input, world, home),
        16 | 17 => talk(input, world, home),
        _ => {
            let record = arbitrary(input, world, home);
            send(world, home, record);
        }
    }
}

fn ticket_of(input: &mut Input<'_>) -> ticket::Intake {
    let mut intake = super::helpline::Helpline::intake();
    intake.text = "y".repeat(usize::from(input.short()) % 2_500);
    intake
}

fn down(world: &mut World, home: usize) {
    if core::mem::take(&mut world.up[home]) {
        world.asked[home].clear();
        world.seeker.handle_disconnected(HomeIndex(home), world.now);
    }
}

fn wait(world: &mut World, milliseconds: u64) {
    world.now = later(world.now, milliseconds);
    for step in 0.. {
        assert!(
            step < HASTY_MAX,
            "wants to be woken at a moment that is over, again and again"
        );
        world.seeker.handle_timeout(world.now);
        drain(world);
        if world.wake.is_none_or(|due| due > world.now.tick) {
            break;
        }
    }
}

fn send(world: &mut World, home: usize, record: Record) {
    // A home without a link cannot speak; the machine is asked all the same, and must not mind.
    world.seeker.handle_record(HomeIndex(home), record, world.now);
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
            let head = known.head(&world.roster, u64::from(twist), twist % 8 != 2);
            split(Kind::Head, asked.request, [0; 32], &head)
        }
        Kind::Duties => split(Kind::DutyPage, asked.request, [0; 32], &known.page()),
        Kind::Settings => split(Kind::SettingsText, asked.request, [0; 32], &known.settings),
        Kind::Heartbeat => vec![Record::new(Kind::Beat).index(input.number()).ack(input.number())],
        Kind::Post => {
            let receipt = Receipt {
                order: 1,
                mac: [1; 32],
            };
            let posted = Record::new(Kind::Posted).index(input.number());
            vec![posted.body(postcard_encode(&receipt))]
        }
        Kind::Open => vec![Record::new(Kind::Opened).token(asked.token)],
        Kind::Put => {
            let kind = [Kind::Stored, Kind::Stored, Kind::Full, Kind::Gone][usize::from(twist % 4)];
            if let Some((chat, _)) = &mut world.chat {
                chat.handle_cell(asked.index, &asked.body, world.now.tick);
            }
            vec![Record::new(kind).token(asked.token).index(asked.index)]
        }
        _ => return,
    };
    if twist == 255 {
        records = vec![Record::new(Kind::Refused).body(postcard_encode(&Refusal::Busy))];
    }
    for record in records {
        let mut record = record.request(asked.request);
        if twist == 254 {
            let mut body = core::mem::take(&mut record.body);
            input.damage(&mut body);
            record.body = body;
        }
        send(world, home, record);
    }
}

/// A counselor answers, or somebody who only says so.
fn answer(input: &mut Input<'_>, world: &mut World, home: usize) {
    let known = helpline();
    let twist = input.byte();
    if world.answers.is_empty() || twist.is_multiple_of(4) {
        let (Some((attempt, opened)), Some(ticket)) = (world.opened.last(), world.ticket) else {
            return;
        };
        let made = opened.answer(
            &known.duty,
            &known.secrets(),
            1,
            &mut seeded(62 + u64::from(twist)),
        );
        let Ok((message_2, established)) = made else {
            return;
        };
        let channels = tokens::channels(&known.id, &established.handshake_hash);
        let tokens = ChannelTokens::derive(&known.id, &channels, &known.delegation.home_x);
        let chat = Chat::new(
            Beginning {
                helpline: known.id,
                ticket: TicketId(ticket),
                established,
                role: Role::Counselor(known.secrets().x, [1; 16]),
                seen: Seen::default(),
                status: Status::default(),
                extra: Vec::new(),
            },
            &mut seeded(63),
            world.now.tick,
        );
        world.answers.push((*attempt, message_2));
        world.chat = Some((chat, tokens));
    }
    let Some((attempt, message_2)) = world.answers.last() else {
        return;
    };
    let (mut attempt, mut message) = (u64::from(*attempt), message_2.clone());
    match twist {
        0..32 => {
            input.damage(&mut message);
        }
        32..48 => attempt = input.number(),
        48..64 => message = input.take(200).to_vec(),
        _ => {}
    }
    let Some(ticket) = world.ticket else { return };
    let record = Record::new(Kind::Answered)
        .token(ticket)
        .index(attempt)
        .ack(input.number())
        .body(message);
    send(world, home, record);
}

/// The counselor's machine says something through this home.
fn talk(input: &mut Input<'_>, world: &mut World, home: usize) {
    let now = world.now.tick;
    let Some((chat, tokens)) = &mut world.chat else {
        return;
    };
    match input.byte() % 4 {
        0 => {
            let id = format!("c{}", input.byte());
            let _ = chat.say(id, Zeroizing::new("oui".to_owned()), world.now.tick);
        }
        1 => chat.handle_timeout(world.now.tick),
        2 => while chat.poll_event().is_some_and(|event| event != ChatEvent::Ready) {},
        _ if input.byte() < 8 => chat.end(EndReason::Finished, world.now.tick),
        _ => {}
    }
    chat.heal(&mut seeded(64), now);
    while chat.poll_cell().is_some() {}
    let token = tokens.listen(Direction::FromCounselor);
    let mut cells = Vec::new();
    for index in chat.unacknowledged() {
        let mut cell = chat.cell(index).expect("it is unacknowledged").to_vec();
        if input.byte() < 16 {
            input.damage(&mut cell);
        }
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
        _ => world.ticket.unwrap_or_default(),
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
        match world.seeker.poll_output() {
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
            output => take_output(world, output),
        }
    }
}

fn take_output(world: &mut World, output: Output<HomeIndex, Event>) {
    match output {
        Output::Suspect { peer } => assert!(world.up[peer.0], "a doubt about a home without a link"),
        Output::Disconnect { peer } => world.closing[peer.0] = true,
        Output::Send {
            peer: HomeIndex(home),
            record,
        } => {
            assert!(world.up[home], "{record:?} to a home without a link");
            assert_eq!(Record::decode(&record.encode()).as_ref(), Ok(&record));
            if world.closing[home] {
                return;
            }
            if record.kind == Kind::Post {
                assert!(
                    world.seeker.directory().roster().is_some(),
                    "words for nobody known"
                );
                match world.pieces[home].take(&record) {
                    Ok(Some(posting)) => take_posting(world, &posting),
                    Ok(None) => return,
                    Err(error) => panic!("{error}"),
                }
            }
            let asked = &mut world.asked[home];
            asked.push(record);
            let excess = asked.len().saturating_sub(64);
            asked.drain(..excess);
        }
        Output::Event(_) | Output::Sleep(_) => {}
    }
}

fn take_posting(world: &mut World, posting: &[u8]) {
    let known = helpline();
    let posting: Posting = postcard_decode(posting).expect("a posting");
    let Bytes(body) = &posting.body;
    let (id, attempt) = (posting.ticket, posting.attempt);
    let opened = ticket::open(&known.id, id, attempt, body, &known.duty, &known.secrets());
    let opened = opened.expect("sealed to the only counselor there is");
    if world.ticket != Some(id.0) {
        world.ticket = Some(id.0);
        world.opened.clear();
        world.shown.clear();
        world.answered = false;
        world.answers.clear();
        world.chat = None;
    }
    world.opened.push((attempt, opened));
    let excess = world.opened.len().saturating_sub(3);
    world.opened.drain(..excess);
}

fn take_event(world: &mut World, event: Event) {
    match event {
        Event::Answered { pseudonym } => {
            world.answered = true;
            assert_eq!(pseudonym, "Nour");
        }
        Event::Message { number, id, .. } => {
            assert!(world.shown.insert(id), "given once");
            if !number.is_multiple_of(3) {
                let now = world.now;
                for number in [number, number, number + 1] {
                    world.seeker.shown(number, now);
                }
            }
        }
        _ => {}
    }
}
