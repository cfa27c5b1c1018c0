//! Strangers who post what no honest client posts keep nobody out of the queue.

use hamsa_net::Stream;
use hamsa_protocol::{
    crypto::tokens::{Token, TokenHash},
    home::MAX_TICKETS_PER_LINK,
    objects::{Bytes, TicketId, postcard_encode},
    session::{home_link::Link, ticket::TICKET_LEN},
    wire::{ClientMessage, HomeMessage, Kind, Posting, Record, Refusal, UNIT, split},
};
use hamsa_tests::cast::{Counselor, Helpline, Plan, Seeker};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::garbage::Stranger;

/// A ticket of random bytes, under a name that is its owner's too.
fn junk(number: usize) -> ([u8; 32], Vec<Record>) {
    let mut name = [0x5a; 32];
    name[..8].copy_from_slice(&number.to_be_bytes());
    let body: Vec<u8> = (0..TICKET_LEN).map(|at| (at * 31 + number) as u8).collect();
    let posting = Posting {
        ticket: TicketId(name),
        attempt: 0,
        slot: TokenHash(name),
        receipt: None,
        body: Bytes(body.into_boxed_slice().try_into().unwrap()),
    };
    (name, split(Kind::Post, 1, name, &postcard_encode(&posting)))
}

async fn send(link: &mut Link, stream: &mut Stream, records: Vec<Record>) {
    for record in records {
        let unit = link.seal(&record).unwrap();
        stream.write_all(&unit).await.unwrap();
    }
    stream.flush().await.unwrap();
}

/// Whether a ticket was taken.
async fn is_taken(link: &mut Link, stream: &mut Stream) -> bool {
    loop {
        let mut unit = vec![0; UNIT];
        stream.read_exact(&mut unit).await.unwrap();
        match HomeMessage::read(link.open(&unit).unwrap()) {
            Some(HomeMessage::Posted { .. }) => return true,
            Some(HomeMessage::Refused { reason, .. }) => {
                assert_eq!(reason, Refusal::Busy);
                return false;
            }
            // Told to every link, or about an earlier ticket.
            Some(HomeMessage::Beat { .. } | HomeMessage::Place { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Somebody asks, and is answered next.
async fn is_answered(helpline: &Helpline, nour: &Counselor, name: &str) {
    let person = Seeker::start(name, &helpline.address);
    person.wait_in_line("salam").await;
    let chat = nour.take().await;
    assert_eq!(chat["text"], "salam");
    person.answered().await;
    person.say("s1", "labas?").await;
    person.face.received([&"s1".to_owned()]).await;
    nour.face
        .send(serde_json::json!({"cmd": "end", "chat": chat["chat"]}))
        .await;
    person.face.event("ended").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_tickets_of_strangers_keep_nobody_out() {
    let helpline = Helpline::found(Plan {
        entries: 2,
        ..Plan::default()
    })
    .await;
    let home = helpline.homes[0].peer.clone();
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    let mut number = 0;
    // Four links take what a link may have, and then say that all of it was answered elsewhere.
    let stranger = Stranger::by(&helpline, 0);
    let (mut taken, mut links) = (0, Vec::new());
    for _ in 0..4 {
        let (mut link, mut stream) = stranger.link(&home).await;
        for _ in 0..10 {
            number += 1;
            let (name, records) = junk(number);
            send(&mut link, &mut stream, records).await;
            if is_taken(&mut link, &mut stream).await {
                taken += 1;
                let hold = ClientMessage::Hold {
                    withdraw: Token(name),
                    attempt: 0,
                    claim: 0,
                };
                send(&mut link, &mut stream, vec![hold.record()]).await;
            }
        }
        links.push((link, stream));
    }
    assert_eq!(taken, 4 * MAX_TICKETS_PER_LINK);
    is_answered(&helpline, &nour, "after the held ones").await;
}
