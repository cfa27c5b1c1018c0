//! The counselor's machine among homes that say anything, and with a seeker who may be one.

use std::collections::BTreeSet;

use hamsa_protocol::{
    counselor::{Counselor, Event},
    crypto::tokens::{ChannelTokens, Direction, Token},
    objects::{Bytes, TicketId, postcard_encode},
    session::{
        chat::{Chat, EndReason, FIRST_ID, Role},
        ticket::{Sealed, UrgencyPayment},
    },
    wire::{Kind, Record, Refusal, ShownTicket, split},
};
use zeroize::Zeroizing;

use super::{
    helpline::{START, helpline, seeded},
    homes::{ClientWorld, HOMES, Homes, other_end},
    input::Input,
};

/// Tickets of one run.
const TICKETS: usize = 3;

/// A seeker as far as her chat goes.
struct Visitor {
    sealed: Sealed,
    attempt: u32,
    chat: Option<(Chat, ChannelTokens)>,
    /// A cell of this chat was given to the machine.
    spoke: bool,
}

struct World {
    homes: Homes<Counselor>,
    visitors: Vec<Option<Visitor>>,
    said: u32,
    shown: BTreeSet<(TicketId, String)>,
}

impl ClientWorld for World {
    type Client = Counselor;

    fn homes(&mut self) -> &mut Homes<Counselor> {
        &mut self.homes
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Chat {
                chat, number, text, ..
            } => {
                let visitor = self.visitors.get(usize::from(chat.0[0])).and_then(Option::as_ref);
                assert!(
                    visitor.is_some_and(|visitor| visitor.spoke),
                    "a chat is shown after the seeker's first cell only"
                );
                assert_eq!(number.is_some(), !text.is_empty());
                if let Some(number) = number {
                    assert!(self.shown.insert((chat, FIRST_ID.to_owned())), "given once");
                    self.homes.machine.shown(number, self.homes.now);
                }
            }
            Event::Message { chat, number, id, .. } => {
                assert!(self.shown.insert((chat, id)), "given once");
                // Numbers that were not given, and given ones twice, are nothing; every third message nobody looks at.
                if !number.is_multiple_of(3) {
                    let now = self.homes.now;
                    for number in [number, number, number + 1] {
                        self.homes.machine.shown(number, now);
                    }
                }
            }
            Event::Desk { waiting, urgent } => {
                assert!(
                    urgent <= waiting && usize::try_from(waiting).is_ok_and(|waiting| waiting <= TICKETS)
                );
            }
            _ => {}
        }
    }
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
        homes: Homes::new(counselor),
        visitors: (0..TICKETS).map(|_| None).collect(),
        said: 0,
        shown: BTreeSet::new(),
    };
    while !input.is_empty() {
        operate(&mut input, &mut world);
        world.drain();
    }
}

fn operate(input: &mut Input<'_>, world: &mut World) {
    let now = world.homes.now;
    let home = input.below(HOMES);
    match input.byte() % 24 {
        0 | 1 => {
            world.up(home);
        }
        2 => world.down(home),
        3 => world.wait(u64::from(input.short())),
        4 => world.wait_until_due(),
        5 => world.homes.machine.on_duty(now),
        6 if input.byte() < 64 => world.homes.machine.off_duty(now),
        6 => world.homes.machine.take_break(now),
        7 | 8 => world.homes.machine.take_next(now),
        9 => {
            let text = Zeroizing::new("x".repeat(usize::from(input.short()) % 20_000));
            let id = format!("w{}", world.said);
            let chat = name(input.below(TICKETS + 1));
            if world.homes.machine.say(&chat, id, text, now).is_ok() {
                world.said += 1;
            }
        }
        10 if input.byte() < 64 => {
            let chat = name(input.below(TICKETS));
            world.homes.machine.end(&chat, now);
        }
        10 | 11 => ticket(input, world, home),
        12..=17 => serve(input, world, home),
        18..=20 => talk(input, world, home),
        _ => {
            let ticket = |input: &mut Input<'_>| name(input.below(TICKETS)).0;
            let record = world.homes.arbitrary(home, input, ticket);
            world.send(home, record);
        }
    }
}

/// A home shows a ticket: one sealed to her, a new attempt of it, or a damaged one.
fn ticket(input: &mut Input<'_>, world: &mut World, home: usize) {
    let number = input.below(TICKETS);
    let Some((duty, _)) = world.homes.machine.shift() else {
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
            (&super::helpline::Helpline::intake(), &UrgencyPayment::default()),
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
    let shown = ShownTicket {
        ticket: name(number),
        attempt: visitor.attempt,
        order: input.number(),
        paid: None,
        body: Bytes(body),
    };
    for record in split(Kind::Ticket, 0, name(number).0, &postcard_encode(&shown)) {
        world.send(home, record);
    }
}

/// Answers the oldest question, truthfully or nearly so.
fn serve(input: &mut Input<'_>, world: &mut World, home: usize) {
    let Some(asked) = world.homes.next_asked(home) else {
        return;
    };
    let twist = input.byte();
    let told = world.homes.answer(&asked, twist, twist.is_multiple_of(2), input);
    let mut records = match asked.kind {
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
        Kind::Put => {
            for visitor in world.visitors.iter_mut().flatten() {
                if let Some((chat, tokens)) = &mut visitor.chat
                    && tokens.put(Direction::FromCounselor) == Token(asked.token)
                {
                    chat.handle_cell(asked.index, &asked.body, world.homes.now.tick);
                }
            }
            told.unwrap_or_default()
        }
        _ => match told {
            Some(records) => records,
            None => return,
        },
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
        world.send(home, record.request(asked.request));
    }
}

/// The seeker takes the answer: a chat begins at her end.
fn answered(world: &mut World, answer: &Record) {
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
    let end = other_end(TicketId(*id), established, Role::Seeker, 73, world.homes.now.tick);
    visitor.chat = Some(end);
}

/// A seeker's machine says something through this home.
fn talk(input: &mut Input<'_>, world: &mut World, home: usize) {
    let number = input.below(TICKETS);
    let now = world.homes.now.tick;
    let Some(visitor) = &mut world.visitors[number] else {
        return;
    };
    let Some((chat, tokens)) = &mut visitor.chat else {
        return;
    };
    match input.byte() % 4 {
        0 => {
            let id = match input.byte() {
                ..64 => FIRST_ID.to_owned(),
                number => format!("s{number}"),
            };
            let text = if input.byte() < 64 { "" } else { "salam" };
            let _ = chat.say(id, Zeroizing::new(text.to_owned()), now);
        }
        1 => chat.handle_timeout(now),
        2 => while chat.poll_event().is_some() {},
        _ if input.byte() < 8 => chat.end(EndReason::LeftQuickly, now),
        _ => {}
    }
    chat.ratchet(&mut seeded(74), now);
    while chat.poll_cell().is_some() {}
    let token = tokens.listen(Direction::FromSeeker);
    let mut cells = Vec::new();
    for index in chat.unacknowledged() {
        let mut cell = chat.cell(index).expect("it is unacknowledged").to_vec();
        let damaged = input.byte() < 16 && input.damage(&mut cell);
        visitor.spoke |= !damaged;
        cells.push(Record::new(Kind::Cell).token(token.0).index(index).body(cell));
    }
    for cell in cells {
        world.send(home, cell);
    }
}
