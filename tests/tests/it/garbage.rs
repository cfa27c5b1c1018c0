//! Garbage and oversized frames at each layer of a real node: only what brought them is closed, nobody honest notices,
//! and memory stays where it was.

use std::{net::SocketAddr, sync::LazyLock, time::Duration};

use hamsa_net::Stream;
use hamsa_protocol::wire::{BODY_LEN, Kind, Record, UNIT};
use hamsa_tests::{
    attack::{Stranger, Talk},
    cast::{Helpline, Node, PATIENCE, Plan},
    proxy::Storm,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::together::long;

/// How fast the honest two talk meanwhile.
const PACE: Duration = Duration::from_millis(40);
/// A word is received in this time, or a client looks for another way.
const IN_TIME: Duration = Duration::from_secs(10);
/// What a node may grow by, in kB of resident memory: allocator slack, not a leak of 20,000 frames of 2 kB.
const GROWTH: u64 = 24 * 1_024;
/// Most records on one link before the next is made.
const PER_LINK: u64 = 400;

fn socket(node: &Node) -> SocketAddr {
    let parts: Vec<&str> = node.address.split('/').collect();
    format!("{}:{}", parts[2], parts[4]).parse().unwrap()
}

/// Talks at an even pace until `attack` is over; then all of it must have arrived, once and in order, in time, and nobody
/// may have seen the link shake.
pub(crate) async fn while_two_talk<T>(helpline: &Helpline, attack: impl Future<Output = T>) -> T {
    let mut talk = Talk::begin(helpline).await;
    let result = tokio::select! {
        result = attack => result,
        () = talk.go_on(PACE) => unreachable!("it has no end"),
    };
    let longest = talk.end().await.into_iter().max();
    assert!(longest < Some(IN_TIME), "a word took {longest:?}");
    for node in helpline.nodes() {
        assert!(
            node.process().alive().await,
            "{} died:\n{}",
            node.name,
            node.process().story()
        );
    }
    result
}

/// Sends bytes to a port, ends, and reads whatever comes until the node closes.
async fn poke(at: SocketAddr, bytes: &[u8], finish: bool) {
    let mut stream = TcpStream::connect(at).await.unwrap();
    // The node may close in the middle of it: that is its right.
    let _ = stream.write_all(bytes).await;
    if finish {
        let _ = stream.shutdown().await;
    }
    let mut rest = Vec::new();
    let closed = timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
    assert!(
        closed.is_ok(),
        "a node held a connection of {} bytes of garbage",
        bytes.len()
    );
}

#[tokio::test]
async fn garbage_on_the_socket_is_closed_and_nobody_else_notices() {
    let helpline = Helpline::found(Plan::default()).await;
    let header = b"\x13/multistream/1.0.0\n";
    let noise = b"\x13/multistream/1.0.0\n\x07/noise\n";
    let mut storm = Storm::new(7);
    let garbage: Vec<(Vec<u8>, bool)> = vec![
        (b"".to_vec(), true),
        (b"\0".to_vec(), true),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), false),
        // WebSocket upgrade that goes nowhere.
        (
            b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".to_vec(),
            true,
        ),
        // A length that never ends, an empty frame, a length of 0xFFFFFFFF.
        (vec![0xff; 64], false),
        (vec![0x00; 64], false),
        (b"\xff\xff\xff\xff\x0f".to_vec(), true),
        (storm.bytes(1 << 20), false),
        // The right greeting, then anything.
        ([header.as_slice(), &storm.bytes(512)].concat(), true),
        ([header.as_slice(), b"\x07/nobody\n"].concat(), true),
        // Noise that is none: a frame of 65,535, of 0, a wrong first message, a cut one.
        ([noise.as_slice(), &[0xff; 70_000]].concat(), true),
        ([noise.as_slice(), &[0, 0, 0, 0]].concat(), true),
        (
            [noise.as_slice(), &[0, 32], &storm.bytes(32), &storm.bytes(400)].concat(),
            true,
        ),
        (
            [noise.as_slice(), &[0, 32], &[0; 32], &[0, 80], &[0; 80]].concat(),
            true,
        ),
        ([noise.as_slice(), &[0, 32], &[1; 7]].concat(), true),
        // Said and held open: let go of in time.
        (noise.to_vec(), false),
    ];
    let attack = async {
        for node in helpline.nodes() {
            let at = socket(node);
            let mut pokes = tokio::task::JoinSet::new();
            for (bytes, finish) in garbage.clone() {
                pokes.spawn(async move { poke(at, &bytes, finish).await });
            }
            while let Some(poked) = pokes.join_next().await {
                poked.unwrap();
            }
        }
    };
    while_two_talk(&helpline, attack).await;
}

/// Waits for the end of a stream, whatever comes before.
async fn ends(mut stream: Stream) {
    let mut rest = Vec::new();
    let ended = timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "a stream of garbage was held");
}

#[tokio::test]
async fn garbage_in_a_forwarded_stream_closes_that_stream_only() {
    let helpline = Helpline::found(Plan::default()).await;
    let (home, entry) = (helpline.homes[0].peer.clone(), helpline.entries[0].peer.clone());
    let nobody = hamsa_net::peer_text(&hamsa_net::NodeIdentity::from_secret(&[3; 32]).peer());
    let attack = async {
        let stranger = Stranger::new(&helpline);
        let mut storm = Storm::new(11);
        // A home that is none, and an entry that is nobody's home.
        for target in [&nobody, &entry] {
            let mut stream = stranger.stream(target).await;
            let _ = stream.write_all(&storm.bytes(3 * UNIT)).await;
            let _ = stream.flush().await;
            ends(stream).await;
        }
        // The first unit of a home link: zeros are a key that agrees on nothing; the rest is cut or too much.
        for bytes in [
            vec![0; UNIT],
            vec![0xff; UNIT],
            storm.bytes(UNIT - 1),
            storm.bytes(1),
            Vec::new(),
            storm.bytes(100 * UNIT),
        ] {
            let mut stream = stranger.stream(&home).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            ends(stream).await;
        }
        // After a handshake: a unit that was not sealed, one that was bent, one twice, one cut.
        for how in 0..4 {
            let (mut link, mut stream) = stranger.link(&home).await;
            let mut unit = link.seal(&Record::new(Kind::Describe).request(1)).unwrap();
            match how {
                0 => unit = storm.bytes(UNIT),
                1 => unit[UNIT / 2] ^= 1,
                2 => unit = [unit.clone(), unit].concat(),
                _ => unit.truncate(UNIT - 1),
            }
            stream.write_all(&unit).await.unwrap();
            if how == 3 {
                let _ = stream.shutdown().await;
            }
            let _ = stream.flush().await;
            ends(stream).await;
        }
    };
    while_two_talk(&helpline, attack).await;
    assert!(helpline.entries[0].status().await["refused"].as_u64() > Some(0));
}

/// Every kind that there is: the first byte of a record, as long as it is one.
static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let mut bytes = Record::new(Kind::Describe).encode();
    let mut kinds = Vec::new();
    for byte in 0..=u8::MAX {
        bytes[0] = byte;
        kinds.extend(Record::decode(&bytes).map(|record| record.kind));
    }
    assert!(
        kinds.contains(&Kind::Deposit) && kinds.contains(&Kind::Counted),
        "{kinds:?}"
    );
    kinds
});

/// A record of any kind with anything in it.
fn anything(storm: &mut Storm) -> Record {
    let kind = KINDS[usize::try_from(storm.below(KINDS.len() as u64)).unwrap()];
    let edge = |storm: &mut Storm| match storm.below(4) {
        0 => 0,
        1 => storm.below(8),
        2 => u64::MAX - storm.below(2),
        _ => storm.below(u64::MAX),
    };
    let length = match storm.below(4) {
        0 => 0,
        1 => BODY_LEN,
        _ => usize::try_from(storm.below(BODY_LEN as u64)).unwrap(),
    };
    let mut token = [0; 32];
    // Often the same few, so that one garbage meets another's.
    token[0] = u8::try_from(storm.below(4)).unwrap();
    let mut record = Record::new(kind)
        .request(u32::try_from(edge(storm) & 0xffff_ffff).unwrap())
        .token(token)
        .index(edge(storm))
        .ack(edge(storm))
        .body(storm.bytes(length));
    record.more = storm.below(3) == 0;
    record
}

/// R20: mutated frames at a real node.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_with_anything_in_them_harm_nobody() {
    let frames = long(20_000, 1_000_000);
    let helpline = Helpline::found(Plan::default()).await;
    let home = helpline.homes[0].peer.clone();
    let attack = async {
        let stranger = Stranger::new(&helpline);
        let mut storm = Storm::new(20);
        let mut before = Vec::new();
        let (mut sent, mut links) = (0, 0);
        while sent < frames {
            // The first tenth is warming up: allocators and tables reach their size.
            if before.is_empty() && sent >= frames / 10 {
                before = helpline.nodes().map(|node| node.process().resident()).collect();
            }
            let (mut link, stream) = stranger.link(&home).await;
            links += 1;
            let (mut reader, mut writer) = tokio::io::split(stream);
            let reading = tokio::spawn(async move {
                // Whatever it answers; who does not read is cut off, and that is tested elsewhere.
                let _ = tokio::io::copy(&mut reader, &mut tokio::io::sink()).await;
            });
            let last = PER_LINK.min(frames - sent);
            for number in 0..last {
                let mut unit = link.seal(&anything(&mut storm)).unwrap();
                if number + 1 == last {
                    let at = usize::try_from(storm.below(UNIT as u64)).unwrap();
                    unit[at] ^= 1 << storm.below(8);
                }
                if writer.write_all(&unit).await.is_err() {
                    break;
                }
                sent += 1;
            }
            let _ = writer.flush().await;
            let ended = timeout(PATIENCE, reading).await;
            assert!(ended.is_ok(), "a link was held after a frame that was not sealed");
        }
        (before, links)
    };
    let (before, links) = while_two_talk(&helpline, attack).await;
    assert!(links >= frames / PER_LINK / 2, "{links} links");
    for (node, before) in helpline.nodes().zip(before) {
        let after = node.process().resident();
        assert!(
            after < before + GROWTH,
            "{}: from {before} to {after} kB",
            node.name
        );
    }
    let status = helpline.homes[0].status().await;
    assert!(status["refused"].as_u64() > Some(frames / 100), "{status:#}");
    assert_eq!(
        status["tickets"], 1,
        "hers is kept for her return; nothing of it became one"
    );
}
