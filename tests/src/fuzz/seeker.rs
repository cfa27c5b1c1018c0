//! The seeker's machine among homes that say anything, now and then the truth.

use std::collections::BTreeSet;

use hamsa_protocol::{
    crypto::tokens::{ChannelTokens, Direction},
    objects::{Bytes, RosterId, TicketId, postcard_decode, postcard_encode},
    seeker::{Event, Seeker},
    session::{
        chat::{Chat, ChatEvent, EndReason, Role},
        ticket::{self, Opened},
    },
    time::Unix,
    wire::{Assembler, Kind, Posting, Receipt, Record, Refusal},
};
use zeroize::Zeroizing;

use super::{
    helpline::{START, helpline, seeded},
    homes::{ClientWorld, HOMES, Homes, other_end},
    input::Input,
};

struct World {
    homes: Homes<Seeker>,
    pieces: Vec<Assembler>,
    /// Her ticket, as her last posting named it.
    ticket: Option<[u8; 32]>,
    /// Tickets of hers that the counselor could open.
    opened: Vec<(u32, Opened)>,
    /// Answers that were really made.
    answers: Vec<(u32, Vec<u8>)>,
    chat: Option<(Chat, ChannelTokens)>,
    answered: bool,
    said: u32,
    shown: BTreeSet<String>,
}

impl ClientWorld for World {
    type Client = Seeker;

    fn homes(&mut self) -> &mut Homes<Seeker> {
        &mut self.homes
    }

    fn on_sent(&mut self, home: usize, record: &Record) -> bool {
        if record.kind == Kind::Post {
            assert!(
                self.homes.machine.directory().roster().is_some(),
                "words for nobody known"
            );
            match self.pieces[home].take(record) {
                Ok(Some(posting)) => take_posting(self, &posting),
                Ok(None) => return false,
                Err(error) => panic!("{error}"),
            }
        }
        true
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Answered { pseudonym } => {
                self.answered = true;
                assert_eq!(pseudonym, "Nour");
            }
            Event::Message { number, id, .. } => {
                assert!(self.shown.insert(id), "given once");
                if !number.is_multiple_of(3) {
                    let now = self.homes.now;
                    for number in [number, number, number + 1] {
                        self.homes.machine.shown(number, now);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Runs the operations in `data`.
pub fn seeker(data: &[u8]) {
    let mut input = Input::new(data);
    let mut world = World {
        homes: Homes::new(Seeker::new(helpline().root_key, seeded(61), START)),
        pieces: (0..HOMES).map(|_| Assembler::default()).collect(),
        ticket: None,
        opened: Vec::new(),
        answers: Vec::new(),
        chat: None,
        answered: false,
        said: 0,
        shown: BTreeSet::new(),
    };
    while !input.is_empty() {
        operate(&mut input, &mut world);
        world.drain();
        assert!(
            !world.answered || !world.answers.is_empty(),
            "accepted what nobody answered"
        );
    }
}

fn operate(input: &mut Input<'_>, world: &mut World) {
    let now = world.homes.now;
    let home = input.below(HOMES);
    match input.byte() % 20 {
        0 | 1 => {
            if world.up(home) {
                world.pieces[home] = Assembler::default();
            }
        }
        2 => world.down(home),
        3 => world.wait(u64::from(input.short())),
        4 => world.wait_until_due(),
        5 => {
            let (intake, first) = (super::helpline::Helpline::intake(), input.short());
            let first = Zeroizing::new("y".repeat(usize::from(first) % 2_500));
            let _ = world.homes.machine.start(intake, first, now);
        }
        6 | 7 => {
            let text = Zeroizing::new("x".repeat(usize::from(input.short()) % 20_000));
            if world
                .homes
                .machine
                .say(format!("w{}", world.said), text, now)
                .is_ok()
            {
                world.said += 1;
            }
        }
        8 if input.byte() < 64 => {
            let reason = [EndReason::Finished, EndReason::LeftQuickly][input.below(2)];
            world.homes.machine.end(reason, now);
        }
        8 => world.homes.machine.resend(now),
        9..=13 => serve(input, world, home),
        14 | 15 => answer(input, world, home),
        16 | 17 => talk(input, world, home),
        _ => {
            let ticket = world.ticket.unwrap_or_default();
            let record = world.homes.arbitrary(home, input, |_| ticket);
            world.send(home, record);
        }
    }
}

/// Answers the oldest question, truthfully or nearly so.
fn serve(input: &mut Input<'_>, world: &mut World, home: usize) {
    let Some(asked) = world.homes.next_asked(home) else {
        return;
    };
    let twist = input.byte();
    let answered = world.homes.answer(&asked, twist, twist % 8 != 2, input);
    let mut records = match (answered, asked.kind) {
        (Some(records), kind) => {
            if let (Kind::Put, Some((chat, _))) = (kind, &mut world.chat) {
                chat.handle_cell(asked.index, &asked.body, world.homes.now.tick);
            }
            records
        }
        (None, Kind::Post) => {
            let receipt = Receipt {
                order: 1,
                issued: Unix(1),
                mac: [1; 32],
            };
            let posted = Record::new(Kind::Posted).index(input.number());
            vec![posted.body(postcard_encode(&receipt))]
        }
        (None, _) => return,
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
        world.send(home, record);
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
            RosterId::default(),
            &mut seeded(62 + u64::from(twist)),
        );
        let Ok((message_2, established)) = made else {
            return;
        };
        let role = Role::Counselor(known.secrets().x, [1; 16]);
        let end = other_end(TicketId(ticket), established, role, 63, world.homes.now.tick);
        world.answers.push((*attempt, message_2));
        world.chat = Some(end);
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
    world.send(home, record);
}

/// The counselor's machine says something through this home.
fn talk(input: &mut Input<'_>, world: &mut World, home: usize) {
    let now = world.homes.now.tick;
    let Some((chat, tokens)) = &mut world.chat else {
        return;
    };
    match input.byte() % 4 {
        0 => {
            let id = format!("c{}", input.byte());
            let _ = chat.say(id, Zeroizing::new("oui".to_owned()), now);
        }
        1 => chat.handle_timeout(now),
        2 => while chat.poll_event().is_some_and(|event| event != ChatEvent::Ready) {},
        _ if input.byte() < 8 => chat.end(EndReason::Finished, now),
        _ => {}
    }
    chat.ratchet(&mut seeded(64), now);
    while chat.poll_cell().is_some() {}
    let token = tokens.listen(Direction::FromCounselor);
    let mut cells = Vec::new();
    for index in chat.unacknowledged() {
        let mut cell = chat.cell(index).expect("it is unacknowledged").to_vec();
        if input.byte() < 16 {
            input.damage(&mut cell);
        }
        cells.push(Record::new(Kind::Cell).token(token.0).index(index).body(cell));
    }
    for cell in cells {
        world.send(home, cell);
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
