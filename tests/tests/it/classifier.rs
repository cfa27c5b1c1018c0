//! What a classifier learns from the wire between a person and her entry. Its eye is a proxy there: it reads the
//! lengths that stand in clear before each piece of libp2p's encryption, as anybody on the way can, and the entry sees no
//! more of what is inside. The home tells the truth of each record afterwards.
//!
//! By the size of records it must do no better than somebody who sees nothing and always says the commonest kind. How
//! many records come at once, and which way, does tell something: that is measured and printed, and
//! docs/threat-model.md has the figures.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    time::Duration,
};

use hamsa_node::{TraceEvent, run::start};
use hamsa_protocol::{crypto::noise::TAG_LEN, session::chat::CELL_BODY_MAX, wire::UNIT};
use hamsa_tests::{
    cast::{Counselor, Helpline, Plan},
    proxy::Recorded,
};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::Instant};

use crate::{talk::exchange, together::long};

/// Visits with a talk, and messages left in closed hours; three times as many in the long version.
const VISITS: u64 = 2;
/// How often each of the two speaks in a talk.
const TURNS: usize = 5;
/// Head of a yamux frame.
const YAMUX_HEAD: usize = 12;
/// Most bytes of heads beside the records of one burst.
const HEADS_MAX: usize = 16 * YAMUX_HEAD;
/// Most bytes that a node gives to libp2p's encryption at once.
const PIECE: usize = 3 * 1_024;
/// Records with no longer pause between them are one burst.
const PAUSE: Duration = Duration::from_millis(50);

/// A record as it passed the eye.
#[derive(Clone, Copy)]
struct Seen {
    at: Instant,
    connection: usize,
    inbound: bool,
    /// Its bytes, as far as the lengths on the wire tell.
    bytes: usize,
    /// What the home says that it was.
    kind: &'static str,
}

/// Somebody spoke.
struct Turn {
    start: Instant,
    end: Instant,
    seeker: bool,
    cells: usize,
}

/// What the home says of a link, by direction.
#[derive(Default)]
struct Truth {
    inbound: Vec<(Instant, &'static str)>,
    outbound: Vec<(Instant, &'static str)>,
}

/// Pieces of libp2p's encryption in one direction of a connection, each with the bytes it ends at and its length: first
/// the two ends agree, in lines, that they use it.
fn pieces(stream: &[u8]) -> Vec<(usize, usize)> {
    let mut at = 0;
    loop {
        let Some(&length) = stream.get(at) else {
            return Vec::new();
        };
        let line = stream
            .get(at + 1..at + 1 + usize::from(length))
            .unwrap_or_default();
        at += 1 + usize::from(length);
        if line == b"/noise\n" {
            break;
        }
    }
    let mut pieces = Vec::new();
    while let Some(head) = stream.get(at..at + 2) {
        let length = usize::from(u16::from_be_bytes([head[0], head[1]]));
        at += 2 + length;
        pieces.push((at, length));
    }
    pieces
}

/// Records in one direction of a connection: time, and the size that is left for one when the others of its piece have
/// the size that all should have. An entry sends what it read at once: several records in one piece, and a full chunk is
/// followed by its rest.
fn records(connection: &Recorded, inbound: bool) -> Vec<(Instant, usize)> {
    let stream = if inbound {
        &connection.to_node
    } else {
        &connection.to_caller
    };
    let moves: Vec<_> = connection
        .moves
        .iter()
        .filter(|(_, way, _)| *way == inbound)
        .collect();
    let first = |(_, length): &(usize, usize)| *length < UNIT;
    let (mut records, mut joined) = (Vec::new(), 0);
    for (end, length) in pieces(stream).into_iter().skip_while(first) {
        let Some((at, ..)) = moves.iter().find(|(_, _, far)| *far >= end) else {
            break;
        };
        let bytes = length.saturating_sub(TAG_LEN);
        // What is so short and by itself carries heads only.
        if joined == 0 && bytes <= 4 * YAMUX_HEAD {
            continue;
        }
        joined += bytes;
        let (count, heads) = (joined / UNIT, joined % UNIT);
        // A record may be in two writes: what is left over are heads, or the record goes on.
        let whole = heads.is_multiple_of(YAMUX_HEAD) && heads <= HEADS_MAX;
        if bytes < PIECE && count > 0 && whole {
            records.extend((0..count).map(|_| (*at, UNIT)));
            joined = 0;
        }
    }
    if let (1.., Some((at, ..))) = (joined, moves.last()) {
        records.push((*at, joined));
    }
    records
}

/// What cells were, by who spoke when: the first of a turn are its words.
fn name_cells(truth: &mut [(Instant, &'static str)], kind: &str, turns: &[&Turn]) {
    for turn in turns {
        let within = |at: Instant| turn.start <= at && at <= turn.end;
        let cells = truth.iter_mut().filter(|(at, of)| *of == kind && within(*at));
        for (_, kind) in cells.take(turn.cells) {
            *kind = "words";
        }
    }
    for (_, of) in truth.iter_mut().filter(|(_, of)| *of == kind) {
        *of = "other cell";
    }
}

/// How often the commonest kind of all others with the same feature is right.
fn accuracy<F: Eq + Hash>(items: &[(&'static str, F)]) -> f64 {
    let mut counts: HashMap<&F, BTreeMap<&str, usize>> = HashMap::new();
    for (kind, feature) in items {
        *counts.entry(feature).or_default().entry(kind).or_default() += 1;
    }
    let right = items.iter().filter(|(kind, feature)| {
        let others = |(of, n): (&&str, &usize)| (n - usize::from(of == kind), of == kind);
        let best = counts[feature].iter().map(others).max();
        // Of two kinds that are as common the other one is guessed.
        best.is_some_and(|(most, _)| {
            counts[feature]
                .iter()
                .map(others)
                .filter(|(n, _)| *n == most)
                .all(|(_, own)| own)
        })
    });
    let right = u32::try_from(right.count()).unwrap();
    f64::from(right) / f64::from(u32::try_from(items.len()).unwrap())
}

/// Records of one direction that came at once.
#[derive(Clone, Copy)]
struct Burst {
    kind: &'static str,
    inbound: bool,
    records: usize,
    /// How long the connection had been silent, each way: milliseconds, as a power of two.
    after: u32,
}

/// What a burst is called when there are several kinds in it: the first of these that is.
const TELLING: [&str; 20] = [
    "post",
    "ticket",
    "deposit",
    "mail",
    "reply",
    "letter",
    "answer",
    "answered",
    "claim",
    "mail_claim",
    "granted",
    "words",
    "publish_duty",
    "publish_mail_key",
    "login",
    "read",
    "head",
    "duty_page",
    "other cell",
    "heartbeat",
];

fn bursts(seen: &[Seen]) -> Vec<Burst> {
    let mut bursts: Vec<(Instant, Burst)> = Vec::new();
    let mut open: BTreeMap<(usize, bool), (usize, Instant)> = BTreeMap::new();
    let mut heard: BTreeMap<usize, Instant> = BTreeMap::new();
    let rank = |kind| {
        TELLING
            .iter()
            .position(|telling| *telling == kind)
            .unwrap_or(TELLING.len())
    };
    for record in seen {
        let way = (record.connection, record.inbound);
        let last = open
            .get(&way)
            .filter(|(_, at)| record.at.duration_since(*at) <= PAUSE);
        let number = last.map_or(bursts.len(), |(number, _)| *number);
        let before = heard.insert(record.connection, record.at);
        if number == bursts.len() {
            let silent = before.map_or(0, |before| record.at.duration_since(before).as_millis());
            let burst = Burst {
                kind: record.kind,
                inbound: record.inbound,
                records: 0,
                after: silent.checked_ilog2().map_or(0, |power| power + 1),
            };
            bursts.push((record.at, burst));
        }
        let burst = &mut bursts[number].1;
        burst.records += 1;
        if rank(record.kind) < rank(burst.kind) {
            burst.kind = record.kind;
        }
        open.insert(way, (number, record.at));
    }
    bursts.into_iter().map(|(_, burst)| burst).collect()
}

/// Words of `bytes` bytes, and how many cells they take.
fn words(id: &str, bytes: usize) -> ((String, String), usize) {
    let cells = (1 + id.len() + bytes).div_ceil(CELL_BODY_MAX - 1);
    ((id.to_owned(), "x".repeat(bytes)), cells)
}

/// A talk in which each answers when the other has read.
async fn talk(helpline: &Helpline, counselor: &Counselor, visit: usize, turns: &mut Vec<Turn>) {
    let seeker = helpline.seeker("seeker");
    seeker.ask("salam").await;
    let chat = counselor.take().await;
    seeker.answered().await;
    for turn in 0..2 * TURNS {
        let by_seeker = turn % 2 == 0;
        let (message, cells) = words(
            &format!("{visit}-{turn}"),
            5 + (visit * 31 + turn * 1_237) % 6_000,
        );
        let message = [message];
        let start = Instant::now();
        let (there, back): (&[_], &[_]) = if by_seeker {
            (&message, &[])
        } else {
            (&[], &message)
        };
        exchange((counselor, &seeker, &chat), there, back).await;
        turns.push(Turn {
            start,
            end: Instant::now(),
            seeker: by_seeker,
            cells,
        });
    }
    counselor
        .face
        .send(json!({"cmd": "end", "chat": chat["chat"]}))
        .await;
    seeker.face.event("ended").await;
    seeker.face.exit().await;
}

/// Everything that people do: talks, a message left in closed hours, its answer, a return.
async fn everything(helpline: &Helpline) -> Vec<Turn> {
    let visits = usize::try_from(long(VISITS, 3 * VISITS)).unwrap();
    let mut turns = Vec::new();
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    for visit in 0..visits {
        talk(helpline, &counselor, visit, &mut turns).await;
    }
    counselor.face.send(json!({"cmd": "off_duty"})).await;
    counselor.face.event("off_duty").await;
    counselor.face.exit().await;

    let at_node = |id: String| {
        move |event: &Value| event["event"] == "state" && event["id"] == id && event["state"] == "at_node"
    };
    let mut phrases = Vec::new();
    for _ in 0..visits {
        let seeker = helpline.seeker("who writes");
        seeker.ask("").await;
        seeker.face.event("closed").await;
        let leave = json!({"cmd": "leave", "language": "ar", "text": "a message"});
        seeker.face.send(leave).await;
        phrases.push(seeker.face.event("phrase").await["words"].clone());
        seeker
            .face
            .until("her message kept", at_node("leave".to_owned()))
            .await;
        seeker.face.exit().await;
    }
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    counselor.face.count("mail", visits).await;
    for (number, mail) in counselor.face.all("mail").into_iter().enumerate() {
        let id = format!("r-{number}");
        let reply = json!({"cmd": "reply", "mail": mail["mail"], "id": id, "text": "an answer"});
        counselor.face.send(reply).await;
        counselor.face.until("the answer kept", at_node(id)).await;
    }
    counselor.face.exit().await;
    for phrase in phrases {
        let again = helpline.seeker("who is back");
        again.face.send(json!({"cmd": "return", "words": phrase})).await;
        again.face.event("mail").await;
        again.face.exit().await;
    }
    turns
}

/// Puts what the eye saw and what the home says together, in the order of time.
fn labelled(connections: &[Recorded], truths: BTreeMap<u64, Truth>, turns: &[Turn]) -> Vec<Seen> {
    assert_eq!(connections.len(), truths.len(), "a connection for each link");
    let mut seen = Vec::new();
    for (number, (connection, mut truth)) in connections.iter().zip(truths.into_values()).enumerate() {
        let seeker = !truth.inbound.iter().any(|(_, kind)| *kind == "login");
        let (hers, others): (Vec<_>, Vec<_>) = turns.iter().partition(|turn| turn.seeker == seeker);
        name_cells(&mut truth.inbound, "put", &hers);
        name_cells(&mut truth.outbound, "cell", &others);
        for (inbound, truth) in [(true, truth.inbound), (false, truth.outbound)] {
            let passed = records(connection, inbound);
            // The link's handshake is a unit each way. What a home still sends to somebody who is gone does not pass.
            let (got, said) = (passed.len(), truth.len() + 1);
            let all = if inbound {
                got == said
            } else {
                got <= said && got + 16 > said
            };
            assert!(
                all,
                "connection {number}, inbound {inbound}: {got} passed, the home says {said}"
            );
            seen.extend(
                passed
                    .into_iter()
                    .skip(1)
                    .zip(truth)
                    .map(|((at, bytes), (_, kind))| Seen {
                        at,
                        connection: number,
                        inbound,
                        bytes,
                        kind,
                    }),
            );
        }
    }
    seen.sort_by_key(|record| record.at);
    seen
}

/// By kind and direction: how many bursts there were of how many records.
fn table(bursts: &[Burst]) -> BTreeMap<(&'static str, bool), BTreeMap<usize, usize>> {
    let mut table: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for burst in bursts {
        let lengths = table.entry((burst.kind, burst.inbound)).or_default();
        *lengths.entry(burst.records).or_default() += 1;
    }
    table
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sizes_tell_nothing_about_kinds() {
    let helpline = Helpline::found(Plan {
        run: false,
        proxied: true,
        ..Plan::default()
    })
    .await;
    let (home_seen, mut home_sights) = mpsc::channel::<TraceEvent>(65_536);
    let home = start(&helpline.homes[0].dir, Some(home_seen)).await.unwrap();
    let entry = start(&helpline.entries[0].dir, None).await.unwrap();
    let truths = tokio::spawn(async move {
        let mut truths: BTreeMap<u64, Truth> = BTreeMap::new();
        while let Some(sight) = home_sights.recv().await {
            let truth = truths.entry(sight.link).or_default();
            let way = if sight.inbound {
                &mut truth.inbound
            } else {
                &mut truth.outbound
            };
            way.push((Instant::now(), sight.kind));
        }
        truths
    });
    let turns = everything(&helpline).await;
    entry.shutdown().await;
    home.shutdown().await;
    let truths = truths.await.unwrap();

    let proxies = helpline.ways.seeker.iter().chain(&helpline.ways.desk);
    let mut connections: Vec<Recorded> = proxies.flat_map(hamsa_tests::proxy::Proxy::recorded).collect();
    connections.retain(|connection| !records(connection, true).is_empty());
    connections.sort_by_key(|connection| connection.moves[0].0);
    let seen = labelled(&connections, truths, &turns);

    let by = |feature: fn(&Seen) -> (usize, bool)| -> f64 {
        let items: Vec<_> = seen.iter().map(|record| (record.kind, feature(record))).collect();
        accuracy(&items)
    };
    let (blind, size) = (by(|_| (0, true)), by(|record| (record.bytes, true)));
    let way = by(|record| (0, record.inbound));
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for record in &seen {
        *sizes.entry(record.bytes).or_default() += 1;
    }
    println!(
        "{} records, sizes {sizes:?}: blind {blind:.2}, by size {size:.2}, by direction {way:.2}",
        seen.len()
    );

    let bursts = bursts(&seen);
    let by = |feature: fn(&Burst) -> (usize, bool, u32)| -> f64 {
        let items: Vec<_> = bursts.iter().map(|burst| (burst.kind, feature(burst))).collect();
        accuracy(&items)
    };
    let (unseen, length) = (by(|_| (0, true, 0)), by(|burst| (burst.records, true, 0)));
    let both = by(|burst| (burst.records, burst.inbound, 0));
    println!(
        "{} bursts: blind {unseen:.2}, by length {length:.2}, by length and direction {both:.2}",
        bursts.len()
    );
    println!(
        "by the silence before them {:.2}, with direction {:.2}, with length and direction {:.2}",
        by(|burst| (0, true, burst.after)),
        by(|burst| (0, burst.inbound, burst.after)),
        by(|burst| (burst.records, burst.inbound, burst.after)),
    );
    let table = table(&bursts);
    for ((kind, inbound), lengths) in &table {
        let way = if *inbound { "to the home" } else { "to the person" };
        println!("  {kind} {way}: records → bursts {lengths:?}");
    }
    assert!(seen.len() > 250, "{} records", seen.len());
    assert!(
        (size - blind).abs() < f64::EPSILON,
        "by size {size}, blind {blind}"
    );
    assert_eq!(sizes.into_keys().collect::<Vec<_>>(), [UNIT]);
    // The eye is open, and what a burst is does show in its length: a ticket is 6 records, a sealed message 8.
    for (kind, parts) in [("post", 6), ("deposit", 8), ("reply", 3)] {
        let longest = table[&(kind, true)].last_key_value().map(|(records, _)| *records);
        assert!(longest >= Some(parts), "{kind}: {longest:?}");
    }
}
