//! Clients that ask and do not read cost a home a bounded share of its memory, and it lets go of them.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use hamsa_protocol::{
    crypto::tokens::Token,
    session::{chat::CELL_LEN, home_link::Link},
    wire::{ChannelOpening, ClientMessage, HomeMessage, Lane, UNIT},
};
use hamsa_tests::cast::{Helpline, Plan};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::garbage::{Stranger, resident, while_two_talk};

/// Links of the attacker, and requests on each that bring a whole channel every time.
const LINKS: u8 = 16;
const REQUESTS: u64 = 60;
/// Cells in the channel of each link: all that its ring holds.
const CELLS: u64 = 128;
/// What the home may grow by, in kB of resident memory. All answers together are over 240 MiB.
const GROWTH: u64 = 32 * 1_024;
/// Longest that a write of the attacker may stall before it goes on with the next link.
const STALL: Duration = Duration::from_millis(500);

/// A link of an attacker whose channel is full.
async fn full_channel(stranger: &Stranger, home: &str, number: u8) -> (Link, hamsa_net::Stream, Token) {
    let (mut link, mut stream) = stranger.link(home).await;
    let token = |which: u8| {
        let mut token = [number; 32];
        token[0] = which;
        Token(token)
    };
    let lane = |which| Lane {
        put: token(which).hash(),
        listen: token(which + 1).hash(),
        start: 0,
    };
    let opening = ChannelOpening {
        from_seeker: lane(1),
        from_counselor: lane(3),
    };
    let open = ClientMessage::Open {
        token: token(2),
        opening: Some(opening),
    };
    let puts = (0..CELLS).map(|index| ClientMessage::Put {
        put: token(1),
        index,
        cell: vec![number; CELL_LEN],
    });
    for message in std::iter::once(open).chain(puts) {
        let unit = link.seal(&message.record().request(1)).unwrap();
        stream.write_all(&unit).await.unwrap();
        stream.flush().await.unwrap();
        loop {
            let mut answer = vec![0; UNIT];
            stream.read_exact(&mut answer).await.unwrap();
            match HomeMessage::read(link.open(&answer).unwrap()) {
                Some(HomeMessage::Opened { .. } | HomeMessage::Stored { .. }) => break,
                // Said to every link when something changes.
                Some(HomeMessage::Beat { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    (link, stream, token(2))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_do_not_read_cost_a_bounded_share() {
    let helpline = Helpline::found(Plan::default()).await;
    let node = &helpline.homes[0];
    let attack = async {
        let stranger = Stranger::new(&helpline);
        let mut links = Vec::new();
        for number in 1..=LINKS {
            links.push(full_channel(&stranger, &node.peer, number).await);
        }
        let before = resident(node);
        for (link, stream, listen) in &mut links {
            for _ in 0..REQUESTS {
                let listen = ClientMessage::Listen {
                    listen: *listen,
                    from: 0,
                };
                let unit = link.seal(&listen.record()).unwrap();
                let written = async {
                    stream.write_all(&unit).await?;
                    stream.flush().await
                };
                if timeout(STALL, written).await.is_err() {
                    break;
                }
            }
        }
        // The attacker holds its links open, and reads nothing: the home lets go of them by itself.
        let most = AtomicU64::new(before);
        let let_go = |status: &Value| {
            most.fetch_max(resident(node), Ordering::Relaxed);
            status["links"] == 2
        };
        node.until("only the two who talk", let_go).await;
        let grown = most.into_inner() - before;
        assert!(grown < GROWTH, "the home grew by {grown} kB");
        drop(links);
        grown
    };
    let grown = while_two_talk(&helpline, attack).await;
    println!("the home grew by {grown} kB");
}
