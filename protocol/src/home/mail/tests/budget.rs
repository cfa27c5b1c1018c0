//! What a home counts, what it gives up, and who is a stranger to it.

use super::*;
use crate::{
    objects::TicketId,
    session::{chat::CELL_LEN, ticket::TICKET_LEN},
    wire::{ChannelOpening, ClientMessage, Lane, Posting},
};

/// Opens the channel of this number and listens on one side of it.
fn listen(home: &mut Home, link: LinkId, channel: u8, side: u8) {
    let token = |part: u8| Token([channel + part; 32]);
    let lane = |part| Lane {
        put: token(part).hash(),
        listen: token(part + 1).hash(),
        start: 0,
    };
    let opening = Some(ChannelOpening {
        from_seeker: lane(0),
        from_counselor: lane(2),
    });
    let (token, listen) = (token(1 + 2 * side), token(1 + 2 * side));
    home.handle_record(link, ClientMessage::Open { token, opening }.record(), at(1));
    home.handle_record(link, ClientMessage::Listen { listen, from: 0 }.record(), at(1));
}

fn put(home: &mut Home, link: LinkId, channel: u8) {
    let (put, cell) = (Token([channel; 32]), vec![7; CELL_LEN]);
    home.handle_record(link, ClientMessage::Put { put, index: 0, cell }.record(), at(1));
}

fn post(home: &mut Home, link: LinkId, number: u8) {
    let posting = Posting {
        ticket: TicketId([number; 32]),
        attempt: 0,
        slot: Token([number; 32]).hash(),
        receipt: None,
        body: Bytes(vec![7; TICKET_LEN].into_boxed_slice().try_into().unwrap()),
    };
    for record in split(Kind::Post, 9, [number; 32], &postcard_encode(&posting)) {
        home.handle_record(link, record, at(1));
    }
}

#[test]
fn a_stranger_is_who_has_no_desk_on_the_other_side() {
    let mut helpline = Helpline::new();
    let mut home = helpline.home(&MemoryStore::new(), at(0));
    helpline.on_duty(&mut home, DESK, at(0));
    assert!(!home.is_stranger(DESK));
    assert!(home.is_stranger(SEEKER) && home.is_stranger(OTHER));
    listen(&mut home, SEEKER, 10, 0);
    listen(&mut home, OTHER, 10, 1);
    assert!(home.is_stranger(SEEKER), "in a chat with a stranger");
    listen(&mut home, SEEKER, 20, 0);
    listen(&mut home, DESK, 20, 1);
    assert!(!home.is_stranger(SEEKER) && home.is_stranger(OTHER));
    home.handle_disconnected(DESK, at(2));
    assert!(home.is_stranger(SEEKER));
    assert!(home.is_stranger(LinkId(99)), "nobody");
}

#[test]
fn bytes_are_counted_and_a_stranger_is_shed_with_them() {
    let mut helpline = Helpline::new();
    let mut home = helpline.home(&MemoryStore::new(), at(0));
    helpline.on_duty(&mut home, DESK, at(0));
    assert_eq!(home.bytes(), 0);
    // A chat with a desk, then one of two strangers, a ticket, and an object that is not whole.
    listen(&mut home, SEEKER, 10, 0);
    listen(&mut home, DESK, 10, 1);
    put(&mut home, SEEKER, 10);
    listen(&mut home, OTHER, 20, 0);
    put(&mut home, OTHER, 20);
    post(&mut home, OTHER, 1);
    let part = split(Kind::Deposit, 5, [0; 32], &[7; 9_000]).remove(0);
    let length = part.body.len();
    home.handle_record(OTHER, part, at(1));
    assert_eq!(home.bytes(), 2 * CELL_LEN + TICKET_LEN + length);
    assert_eq!(home.bytes_of(OTHER), CELL_LEN + TICKET_LEN + length);
    assert_eq!(home.bytes_of(DESK), 0);
    home.shed(OTHER, at(2));
    assert_eq!(home.bytes(), CELL_LEN);
    assert_eq!(home.counts().tickets, 0);
    // One who fills a channel and goes.
    home.handle_connected(OTHER, from([3; 32]), at(2));
    listen(&mut home, OTHER, 30, 0);
    put(&mut home, OTHER, 30);
    assert!(!home.shed_abandoned());
    home.handle_disconnected(OTHER, at(2));
    assert_eq!(home.bytes(), 2 * CELL_LEN);
    assert!(home.shed_abandoned() && !home.shed_abandoned());
    home.shed(SEEKER, at(2));
    assert_eq!(home.bytes(), CELL_LEN, "a desk listens there");
    post(&mut home, DESK, 2);
    assert_eq!(home.bytes(), CELL_LEN + TICKET_LEN);
}
