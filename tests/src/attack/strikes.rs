//! The attacks of one stranger or many, each without an end: who runs one stops it.

use std::time::Duration;

use futures::future::join_all;
use hamsa_net::{Dialer, NodeAddress, NodeIdentity};
use hamsa_protocol::{
    crypto::tokens::Token,
    objects::{Bytes, postcard_encode},
    session::{chat::CELL_LEN, mail::DEPOSIT_LEN},
    wire::{ChannelOpening, ClientMessage, DepositPosting, Kind, Lane, Refusal, split},
};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{
    Answered, RawLink, Tally, Target,
    raw_link::{ticket, token},
    sources::{from, socket},
};

/// As many addresses as an attacker has.
const SOURCES: u32 = 64;
/// Links of one address, and what each does before the next is made.
const LINKS: u32 = 4;
const PER_LINK: u64 = 400;
/// Who finds no way in tries again after this long.
const PAUSE: Duration = Duration::from_millis(100);
/// Cells in a channel: all that its ring holds.
const CELLS: u64 = 128;
/// Requests that bring a whole channel every time.
const REQUESTS: u64 = 60;
/// Longest that a write may stall before the attacker takes the next link.
const STALL: Duration = Duration::from_millis(500);
/// A link that is not read is held this long, as long as a home waits for it.
const HELD: Duration = Duration::from_secs(30);
/// One ticket is posted again so often.
const AGAIN: Duration = Duration::from_millis(50);
/// Silent connections that are held from each address to each node, and half-open ones.
const SILENT: usize = 32;

/// Runs the same from each address, and never ends.
async fn from_everywhere(sources: u32, act: impl AsyncFn(u32)) {
    join_all((0..sources).map(|source| {
        let act = &act;
        async move {
            loop {
                act(source).await;
                sleep(PAUSE).await;
            }
        }
    }))
    .await;
}

/// Makes the channel of a link full; nothing when the home ends the link before.
pub async fn full_channel(link: &mut RawLink, number: u64) -> Option<Token> {
    let number = number.wrapping_mul(4);
    let lane = |which| Lane {
        put: token(number + which).hash(),
        listen: token(number + which + 1).hash(),
        start: 0,
    };
    let (put, listen) = (token(number), token(number + 1));
    let open = ClientMessage::Open {
        token: listen,
        opening: Some(ChannelOpening {
            from_seeker: lane(0),
            from_counselor: lane(2),
        }),
    };
    let puts = (0..CELLS).map(|index| ClientMessage::Put {
        put,
        index,
        cell: vec![0x5a; CELL_LEN],
    });
    for message in std::iter::once(open).chain(puts) {
        if link.ask([message.record().request(1)]).await != Answered::Taken {
            return None;
        }
    }
    Some(listen)
}

/// Asks for a full channel again and again, and reads nothing.
pub async fn unread_answers(link: &mut RawLink, listen: Token) {
    for _ in 0..REQUESTS {
        let listen = ClientMessage::Listen { listen, from: 0 };
        if !matches!(timeout(STALL, link.send([listen.record()])).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// Links from 64 addresses that fill a channel each, ask for all of it and do not read.
pub async fn memory(target: &Target, tally: &Tally) {
    from_everywhere(SOURCES, async |source| {
        let stranger = target.stranger(0, source);
        let Some(mut link) = stranger.raw_link(&target.home).await else {
            return;
        };
        let number = u64::from(source) << 32 | tally.of("links");
        let Some(listen) = full_channel(&mut link, number).await else {
            return;
        };
        tally.count("links");
        unread_answers(&mut link, listen).await;
        sleep(HELD).await;
    })
    .await;
}

/// One address fills the queue by one entry with random bytes, and holds what it got.
pub async fn tickets(target: &Target, tally: &Tally) {
    from_everywhere(LINKS, async |number| {
        let stranger = target.stranger(0, 0);
        let Some(mut link) = stranger.raw_link(&target.home).await else {
            return;
        };
        for _ in 0..PER_LINK {
            tally.count("sent");
            let owner = token(u64::from(number) << 32 | tally.of("sent"));
            match link.post(owner, &ticket(owner)).await {
                Answered::Taken => {
                    tally.count("taken");
                    let hold = ClientMessage::Hold {
                        withdraw: owner,
                        attempt: 0,
                        claim: 0,
                    };
                    let _ = link.send([hold.record()]).await;
                }
                Answered::Refused(Refusal::Effort(_)) => tally.count("asked to pay"),
                // Two tickets of this link: the next one takes two more.
                Answered::Refused(_) => return tally.count("refused"),
                Answered::Ended => return,
            }
        }
    })
    .await;
}

/// One ticket, posted twenty times a second.
pub async fn one_ticket_again(target: &Target, tally: &Tally) {
    from_everywhere(1, async |_| {
        let stranger = target.stranger(0, 0);
        let Some(mut link) = stranger.raw_link(&target.home).await else {
            return;
        };
        let owner = token(tally.of("posted"));
        let mut posting = ticket(owner);
        let mut clock = interval(AGAIN);
        clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            clock.tick().await;
            tally.count("posted");
            match link.post(owner, &posting).await {
                Answered::Taken => tally.count("taken"),
                Answered::Refused(_) => tally.count("refused"),
                Answered::Ended => return,
            }
            posting.attempt += 1;
        }
    })
    .await;
}

/// Sealed messages of random bytes, by one entry.
pub async fn sealed_messages(target: &Target, tally: &Tally) {
    from_everywhere(LINKS, async |number| {
        let stranger = target.stranger(0, number);
        let Some(mut link) = stranger.raw_link(&target.home).await else {
            return;
        };
        loop {
            tally.count("sent");
            let name = token(u64::from(number) << 32 | tally.of("sent"));
            let mut body = vec![0; DEPOSIT_LEN];
            body[..32].copy_from_slice(&name.0);
            let posting = DepositPosting {
                write: name.hash(),
                read: name.hash(),
                body: Bytes(body.into_boxed_slice().try_into().unwrap()),
            };
            let records = split(Kind::Deposit, 1, name.0, &postcard_encode(&posting));
            match link.ask(records).await {
                Answered::Taken => tally.count("taken"),
                Answered::Refused(_) => return tally.count("refused"),
                Answered::Ended => return,
            }
        }
    })
    .await;
}

/// A connection that has proved a key of its own and says nothing more, if the node takes it.
pub async fn silent(at: &NodeAddress) -> Option<Dialer> {
    let nobody = NodeIdentity::from_secret(&[3; 32]).peer();
    let dialer = Dialer::new().ok()?;
    let mut stream = dialer.home_stream(at, &nobody).await.ok()?;
    // The node refuses the stream, and keeps the connection.
    let _ = timeout(HELD, stream.read(&mut [0; 8])).await;
    Some(dialer)
}

/// Connections with fresh keys that say nothing, and half-open ones, from 64 addresses to every node.
pub async fn connections(target: &Target, tally: &Tally) {
    from_everywhere(SOURCES, async |source| {
        let (mut held, mut half_open): (Vec<Dialer>, Vec<TcpStream>) = (Vec::new(), Vec::new());
        for _ in 0..SILENT {
            for node in 0..target.nodes.len() {
                let at = target.way(node, source);
                if let Some(dialer) = silent(&at).await {
                    tally.count("connections");
                    held.push(dialer);
                }
                let caller = socket(&at).ip();
                if let Ok(stream) = from(caller, socket(&target.nodes[node])).await {
                    tally.count("half open");
                    half_open.push(stream);
                }
            }
        }
        sleep(HELD).await;
    })
    .await;
}
