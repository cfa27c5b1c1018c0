//! Two ends of a chat that exchange their cells, and short chats after one handshake, which show what the long chat
//! of `talk` does not.

use hamsa_protocol::{
    crypto::{keys::DhSecret, random::Random},
    objects::{Serial, TicketId},
    session::{
        chat::{Beginning, Chat, ChatEvent, Colleague, EndReason, Pace, Role, Seen, Status},
        handshake::Established,
    },
    time::Tick,
};
use serde_json::{Value, json};

use super::{
    cast::Cast,
    lost::SPEAKING,
    tape::{Tape, hex, recorded},
};

pub(crate) const TICKET: TicketId = TicketId([0x88; 32]);

pub(crate) const HELLO: u8 = 1;
pub(crate) const DATA: u8 = 2;
pub(crate) const ACK: u8 = 3;
pub(crate) const END: u8 = 4;
pub(crate) const HEAL: u8 = 5;
pub(crate) const HEALED: u8 = 6;
pub(crate) const ASK_TRANSFER: u8 = 7;
pub(crate) const ANSWER_TRANSFER: u8 = 8;
pub(crate) const PACE: u8 = 9;

pub(crate) struct Side {
    pub(crate) chat: Chat,
    pub(crate) random: Random,
    pub(crate) tape: Tape,
    name: &'static str,
    /// The first message that the face has taken and not shown: where it ends, and the message.
    unread: Option<(u64, String)>,
    pub(crate) status: Status,
}

pub(crate) struct Conversation {
    pub(crate) seeker: Side,
    pub(crate) counselor: Side,
    pub(crate) cells: Vec<Value>,
    /// Whether the faces only take messages and do not show them.
    pub(crate) unread: bool,
}

impl Side {
    /// The face shows what it has taken.
    pub(crate) fn looks(&mut self, now: Tick) {
        if let Some((_, id)) = self.unread.take() {
            let source = *self.chat.source();
            self.chat.shown(&source, &id, now);
        }
    }

    /// The screen is locked, or open again.
    pub(crate) fn set_status(&mut self, status: Status) {
        self.status = status;
        self.chat.set_status(status);
    }

    fn shown_below(&self) -> u64 {
        self.unread
            .as_ref()
            .map_or(self.chat.next_in(), |(index, _)| *index)
    }
}

impl Conversation {
    /// Both ends after a handshake, the seeker's first; `proof` is at the end of the seeker's hello.
    pub(crate) fn begin(
        cast: &Cast,
        (ours, theirs): (Established, Established),
        proof: &[u8],
        seeds: [u64; 2],
    ) -> Self {
        let extra = [cast.roster().id().to_bytes().as_slice(), proof].concat();
        let begin = |role, established, seed, name, extra| {
            let (mut random, tape) = recorded(seed);
            let beginning = Beginning {
                helpline: cast.id,
                ticket: TICKET,
                established,
                role,
                seen: Seen::default(),
                status: Status::default(),
                extra,
            };
            let chat = Chat::new(beginning, &mut random, Tick(0));
            Side {
                chat,
                random,
                tape,
                name,
                unread: None,
                status: Status::Here,
            }
        };
        let duty_x = DhSecret::from_bytes(&cast.duty_secrets.x.to_bytes());
        let counselor = Role::Counselor(duty_x, SPEAKING);
        Self {
            seeker: begin(Role::Seeker, ours, seeds[0], "seeker", extra),
            counselor: begin(counselor, theirs, seeds[1], "counselor", Vec::new()),
            cells: Vec::new(),
            unread: false,
        }
    }

    /// Takes all pending cells of one end to the other, notes them, and lets the other's face read; gives what it
    /// read.
    pub(crate) fn pass(&mut self, from_seeker: bool, now: Tick, kinds: &[u8]) -> Vec<ChatEvent> {
        let (from, to) = if from_seeker {
            (&mut self.seeker, &mut self.counselor)
        } else {
            (&mut self.counselor, &mut self.seeker)
        };
        let mut count = 0;
        let mut read = Vec::new();
        while let Some(index) = from.chat.poll_cell() {
            let cell = from.chat.cell(index).unwrap().to_vec();
            // The hello is made before any cell could have come.
            let shown = if index == 0 { 0 } else { from.shown_below() };
            self.cells.push(json!({
                "from": from.name,
                "index": index,
                "kind": kinds[count],
                "status": from.status as u8,
                "shown": shown,
                "cell": hex(&cell),
            }));
            to.chat.handle_cell(index, &cell, now);
            assert_eq!(to.chat.next_in(), index + 1);
            let events: Vec<_> = core::iter::from_fn(|| to.chat.poll_event()).collect();
            for event in &events {
                if let ChatEvent::Message { id, .. } = event {
                    to.unread = Some((index, id.clone()));
                }
            }
            if !self.unread {
                to.looks(now);
            }
            read.extend(events);
            count += 1;
        }
        assert_eq!(count, kinds.len());
        read
    }
}

/// Chats after one and the same handshake, each with both hellos (the seeker's without a proof) and an end of its
/// own.
pub(crate) fn short(cast: &Cast, handshake: impl Fn() -> (Established, Established)) -> Value {
    let colleague = Colleague {
        serial: Serial([8, 7, 6, 5, 4, 3, 2, 1]),
        pseudonym: "Amal".parse().unwrap(),
    };
    let paces =
        [(true, false), (false, false), (true, true)].map(|(pause, no_details)| Pace { pause, no_details });
    let said = |pace: Pace| json!({ "pause": pace.pause, "no_details": pace.no_details });
    let now = Tick(0);
    let transferred = |both: &mut Conversation| {
        both.counselor.chat.ask_transfer(&colleague, now);
        both.pass(false, now, &[ASK_TRANSFER]);
        both.seeker.chat.answer_transfer(true, now);
        let read = both.pass(true, now, &[ANSWER_TRANSFER]);
        assert_eq!(read, [ChatEvent::TransferAnswered(true)]);
        both.seeker.chat.end(EndReason::Transferred, now);
        both.pass(true, now, &[END])
    };
    let left = |both: &mut Conversation| {
        for pace in paces {
            both.seeker.chat.set_pace(pace, now);
            assert_eq!(both.pass(true, now, &[PACE]), [ChatEvent::Pace(pace)]);
        }
        both.seeker.chat.end(EndReason::LeftQuickly, now);
        both.pass(true, now, &[END])
    };
    let revoked = |both: &mut Conversation| {
        both.counselor.chat.end(EndReason::Revoked, now);
        both.pass(false, now, &[END])
    };
    type Rest<'a> = &'a dyn Fn(&mut Conversation) -> Vec<ChatEvent>;
    let rests: [(EndReason, Rest<'_>); 3] = [
        (EndReason::Transferred, &transferred),
        (EndReason::LeftQuickly, &left),
        (EndReason::Revoked, &revoked),
    ];
    let mut chats = Vec::new();
    for (number, (reason, rest)) in (0_u64..).zip(rests) {
        let seeds = [310 + 2 * number, 311 + 2 * number];
        let mut both = Conversation::begin(cast, handshake(), &[], seeds);
        both.pass(true, now, &[HELLO]);
        assert!(both.counselor.chat.hello_extra() == cast.roster().id().to_bytes());
        both.pass(false, now, &[HELLO]);
        let chain = both.seeker.chat.chain().unwrap().clone();
        assert_eq!(rest(&mut both), [ChatEvent::Ended(reason)]);
        chats.push(json!({
            "source": hex(&SPEAKING),
            "random_seeker": both.seeker.tape.hex(),
            "random_counselor": both.counselor.tape.hex(),
            "chain_0": hex(chain.as_slice()),
            "ended": reason as u8,
            "paces": if reason == EndReason::LeftQuickly { json!(paces.map(said)) } else { json!([]) },
            "cells": both.cells,
        }));
    }
    json!(chats)
}
