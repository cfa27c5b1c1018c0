//! What must hold when things go wrong, with real processes: homes killed and frozen, counselors gone, lines that break,
//! stall and crawl. docs/reliability.md names each by its number on the scoreboard.
//!
//! A short version of each runs with every `cargo test`; `HAMSA_LONG=1` makes them long.

use std::time::Duration;

use hamsa_tests::{
    cast::{Counselor, Helpline, Node, Plan, Seeker},
    proxy::{Proxy, Storm, Weather},
};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use crate::{
    faults::{the_link_between_the_nodes_breaks, the_seekers_link_breaks},
    talk::{exchange, messages},
    together::{Scenario, long, scenario, together},
};

/// Messages of each side in R10, and how often one comes.
const LOAD: usize = 100;
const EVERY: Duration = Duration::from_millis(20);
/// After a fault everything must have arrived in this time.
const DRAINED: Duration = Duration::from_secs(10);
/// After the end of a partition.
const HEALED: Duration = Duration::from_secs(30);
/// A chat whose counselor is gone is with another in this time.
const TAKEN_OVER: Duration = Duration::from_secs(60);

/// R12: a line that carries this much, in bits per second.
const NARROW: u32 = 8_000;

/// Messages of one side: ids and words.
type Words = [(String, String)];

/// Says both lists at an even pace; gives when it began. `at` is done in the middle.
async fn at_a_pace(
    (counselor, seeker, chat): (&Counselor, &Seeker, &Value),
    (there, back): (&Words, &Words),
    every: Duration,
    in_the_middle: impl AsyncFnOnce(),
) {
    let start = Instant::now();
    let mut in_the_middle = Some(in_the_middle);
    for (number, ((id, text), (other_id, other_text))) in there.iter().zip(back).enumerate() {
        sleep_until(start + every * u32::try_from(number).unwrap()).await;
        if number == there.len() / 2
            && let Some(act) = in_the_middle.take()
        {
            act().await;
        }
        seeker.say(id, text).await;
        counselor.say(chat, other_id, other_text).await;
    }
}

async fn all_received((counselor, seeker): (&Counselor, &Seeker), (there, back): (&Words, &Words)) {
    tokio::join!(
        seeker.face.received(there.iter().map(|(id, _)| id)),
        counselor.face.received(back.iter().map(|(id, _)| id)),
    );
}

/// R10: two or three homes under load, the one in use killed or frozen.
async fn the_home_in_use(homes: usize, frozen: bool) {
    let helpline = Helpline::found(Plan {
        homes,
        ..Plan::default()
    })
    .await;
    let (counselor, seeker, chat) = helpline.chat().await;
    let (there, back) = (messages("s", LOAD), messages("c", LOAD));
    let path = seeker.face.all("path").pop().unwrap();
    let in_use: &Node = helpline
        .homes
        .iter()
        .find(|home| path["home"] == *home.peer)
        .unwrap();
    seeker.face.mark();
    let mut fault = Instant::now();
    at_a_pace((&counselor, &seeker, &chat), (&there, &back), EVERY, async || {
        fault = Instant::now();
        if frozen {
            in_use.freeze();
        } else {
            in_use.process().signal(Signal::KILL);
        }
    })
    .await;
    all_received((&counselor, &seeker), (&there, &back)).await;
    let drained = fault.elapsed();
    assert!(
        drained <= DRAINED,
        "drained {drained:?} after the fault:\n{}{}",
        seeker.face.process().story(),
        counselor.face.process().story()
    );
    println!(
        "R10, {homes} homes, one {}: drained {:.1} s after the fault",
        if frozen { "frozen" } else { "killed" },
        drained.as_secs_f64()
    );
    // She is told which way her words go now, and again when the first home is back.
    let by = |home: &Value, it: bool| (*home == *in_use.peer) == it;
    let path = |it| move |event: &Value| event["event"] == "path" && by(&event["home"], it);
    seeker.face.until("another way", path(false)).await;
    seeker.face.mark();

    // It comes back, with all that it held: nothing of that is shown twice.
    if frozen {
        in_use.thaw();
    } else {
        in_use.kill().await;
        in_use.run().await;
    }
    seeker.face.until("the first way", path(true)).await;
    let (more_there, more_back) = (messages("s-more", 10), messages("c-more", 10));
    exchange((&counselor, &seeker, &chat), &more_there, &more_back).await;
    assert_eq!(counselor.face.messages(), [there, more_there].concat());
    assert_eq!(seeker.face.messages(), [back, more_back].concat());
    assert!(seeker.face.all("reopened").is_empty() && seeker.face.all("ended").is_empty());
}

/// The messages that she was told were received, before the first event of this name.
fn received_before(seeker: &Seeker, name: &str) -> Vec<String> {
    let lines = seeker.face.process().lines();
    let events = lines.into_iter().filter_map(|line| line.json);
    let before = events.take_while(|event| event["event"] != name);
    before
        .filter(|event| event["event"] == "state" && event["state"] == "received")
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect()
}

/// A counselor is killed in the middle: another one has the chat, and every word that was not acknowledged.
async fn a_counselor_who_is_gone() {
    let helpline = Helpline::found(Plan {
        counselors: &["Nour", "Salma"],
        ..Plan::default()
    })
    .await;
    let (nour, seeker, chat) = helpline.chat().await;
    let salma = helpline.counselor(1);
    salma.on_duty().await;
    let known = messages("known", 5);
    exchange((&nour, &seeker, &chat), &known, &messages("c", 1)).await;

    // Some are on their way at that moment, some are said after it.
    let said = messages("said", 30);
    for (id, text) in &said[..20] {
        seeker.say(id, text).await;
    }
    let start = Instant::now();
    nour.face.process().signal(Signal::KILL);
    for (id, text) in &said[20..] {
        seeker.say(id, text).await;
    }
    let taken = salma.take().await;
    let took = start.elapsed();
    assert!(took <= TAKEN_OVER, "{took:?}");
    println!(
        "counselor killed: another one has the chat after {:.1} s",
        took.as_secs_f64()
    );
    seeker
        .face
        .until("the other counselor", |event| {
            event["event"] == "answered" && event["pseudonym"] == "Salma"
        })
        .await;
    assert_eq!(seeker.face.all("reopened").len(), 1);
    let by_nour = received_before(&seeker, "reopened");
    seeker.face.received(said.iter().map(|(id, _)| id)).await;
    let (known, unknown): (Vec<_>, Vec<_>) = known
        .into_iter()
        .chain(said)
        .partition(|(id, _)| by_nour.contains(id));
    println!("of these, {} words had not been acknowledged", unknown.len());
    assert!(unknown.len() >= 10, "what was said after it, at least");
    assert_eq!(
        salma.face.messages(),
        unknown,
        "what nobody had acknowledged, and only that"
    );

    // The rest when she says so.
    seeker.face.send(json!({"cmd": "resend"})).await;
    salma.face.count("message", unknown.len() + known.len()).await;
    assert_eq!(salma.face.messages(), [unknown, known].concat());
    exchange(
        (&salma, &seeker, &taken),
        &messages("s-end", 1),
        &messages("c-end", 1),
    )
    .await;
    assert_eq!(salma.face.messages().len(), 36);
}

/// R8 and more: a counselor's client is killed and started again; it is her own chat still.
async fn a_counselor_who_comes_back() {
    let helpline = Helpline::found(Plan::default()).await;
    let (nour, seeker, chat) = helpline.chat().await;
    exchange((&nour, &seeker, &chat), &messages("s", 3), &messages("c", 3)).await;
    nour.face.process().signal(Signal::KILL);
    nour.face.process().exit(DRAINED).await;
    let unknown = messages("unknown", 3);
    for (id, text) in &unknown {
        seeker.say(id, text).await;
    }
    let again = helpline.counselor(0);
    again.on_duty().await;
    let chat = again.face.event("chat").await;
    seeker.face.received(unknown.iter().map(|(id, _)| id)).await;
    exchange(
        (&again, &seeker, &chat),
        &messages("s-end", 1),
        &messages("c-end", 1),
    )
    .await;
    assert_eq!(again.face.messages(), [unknown, messages("s-end", 1)].concat());
    assert_eq!(
        seeker.face.messages(),
        [messages("c", 3), messages("c-end", 1)].concat()
    );
}

/// Everybody behind a proxy of their own.
async fn behind_proxies() -> Helpline {
    Helpline::found(Plan {
        proxied: true,
        ..Plan::default()
    })
    .await
}

/// One line of a helpline: the seeker's, the counselor's, or that between the nodes.
fn line(helpline: &Helpline, which: u64) -> Vec<&Proxy> {
    match which {
        0 => vec![&helpline.ways.seeker[0]],
        1 => vec![&helpline.ways.desk[0]],
        _ => helpline.ways.between(0, 0).collect(),
    }
}

/// R11: a line is cut in two, both ways or one way, and heals.
async fn partitions() {
    let helpline = behind_proxies().await;
    let (counselor, seeker, chat) = helpline.chat().await;
    let cycles = long(4, 36);
    let mut storm = Storm::new(11);
    let (mut there, mut back) = (Vec::new(), Vec::new());
    let mut worst = Duration::ZERO;
    for cycle in 0..cycles {
        // Each line in turn; each kind of partition in turn: twelve cycles see all of them.
        let proxies = line(&helpline, cycle % 3);
        for proxy in &proxies {
            match cycle % 4 {
                0 => proxy.set(Weather::silent()),
                1 => proxy.set(Weather::deaf()),
                2 => proxy.set(Weather::mute()),
                // Half open: one end is gone, and nobody tells the other.
                _ => proxy.halve(),
            }
        }
        let lasts = storm.between(Duration::from_secs(4), Duration::from_secs(long(9, 25)));
        let (now_there, now_back) = (
            messages(&format!("s{cycle}"), 10),
            messages(&format!("c{cycle}"), 10),
        );
        let pace = lasts / 10;
        at_a_pace(
            (&counselor, &seeker, &chat),
            (&now_there, &now_back),
            pace,
            async || {},
        )
        .await;
        for proxy in &proxies {
            proxy.set(Weather::default());
            // Half of the time the connections of before are gone when it heals.
            if storm.below(2) == 0 {
                proxy.cut();
            }
        }
        let healed = Instant::now();
        all_received((&counselor, &seeker), (&now_there, &now_back)).await;
        let drained = healed.elapsed();
        assert!(
            drained <= HEALED,
            "cycle {cycle}: drained {drained:?} after it healed"
        );
        worst = worst.max(drained);
        there.extend(now_there);
        back.extend(now_back);
    }
    assert_eq!(counselor.face.messages(), there);
    assert_eq!(seeker.face.messages(), back);
    assert!(seeker.face.all("ended").is_empty());
    println!(
        "R11: {cycles} partitions, drained at most {:.1} s after each",
        worst.as_secs_f64()
    );
}

/// R12: bad lines, one kind after the other, then any.
async fn bad_lines() {
    let helpline = behind_proxies().await;
    let (counselor, seeker, chat) = helpline.chat().await;
    let mut storm = Storm::new(12);
    let (mut there, mut back) = (Vec::new(), Vec::new());
    let second = Duration::from_secs(1);
    let stall = second * u32::try_from(long(12, 30)).unwrap();
    let fixed = [
        (Weather::slow(second * 2), 8 * second),
        (Weather::narrow(NARROW), 15 * second),
        (Weather::silent(), stall),
    ];
    let mut phases: Vec<(Weather, Duration, u64)> = Vec::new();
    for (number, (weather, lasts)) in fixed.into_iter().enumerate() {
        phases.push((weather, lasts, number as u64));
    }
    for _ in 0..long(2, 20) {
        let weather = Weather {
            delay: storm.between(Duration::ZERO, 2 * second),
            bytes_per_second: (storm.below(2) == 0).then_some(NARROW / 8),
            ..Weather::default()
        };
        phases.push((weather, storm.between(5 * second, 15 * second), storm.below(3)));
    }
    for (phase, (weather, lasts, which)) in phases.into_iter().enumerate() {
        for proxy in line(&helpline, which) {
            proxy.set(weather.clone());
        }
        let (now_there, now_back) = (
            messages(&format!("s{phase}"), 5),
            messages(&format!("c{phase}"), 5),
        );
        at_a_pace(
            (&counselor, &seeker, &chat),
            (&now_there, &now_back),
            lasts / 5,
            async || {
                // A reset in the middle of the changing ones.
                if phase >= 3 {
                    line(&helpline, which).iter().for_each(|proxy| proxy.cut());
                }
            },
        )
        .await;
        for proxy in line(&helpline, which) {
            proxy.set(Weather::default());
        }
        there.extend(now_there);
        back.extend(now_back);
    }
    let start = Instant::now();
    all_received((&counselor, &seeker), (&there, &back)).await;
    assert!(start.elapsed() <= HEALED, "{:?}", start.elapsed());
    assert_eq!(counselor.face.messages(), there);
    assert_eq!(seeker.face.messages(), back);
    assert!(seeker.face.all("ended").is_empty() && seeker.face.all("reopened").is_empty());
}

/// Resets every few seconds on every line, for a while: a message each second still arrives.
async fn resets() {
    let helpline = behind_proxies().await;
    let (counselor, seeker, chat) = helpline.chat().await;
    let count = usize::try_from(long(15, 300)).unwrap();
    let (there, back) = (messages("s", count), messages("c", count));
    let talk = at_a_pace(
        (&counselor, &seeker, &chat),
        (&there, &back),
        Duration::from_secs(1),
        async || {},
    );
    let breaking = async {
        let mut storm = Storm::new(13);
        loop {
            sleep(storm.between(Duration::from_secs(2), Duration::from_secs(6))).await;
            line(&helpline, storm.below(3))
                .iter()
                .for_each(|proxy| proxy.cut());
        }
    };
    tokio::select! {
        () = talk => {}
        () = breaking => unreachable!("it has no end"),
    }
    let start = Instant::now();
    all_received((&counselor, &seeker), (&there, &back)).await;
    assert!(start.elapsed() <= HEALED, "{:?}", start.elapsed());
    assert_eq!(counselor.face.messages(), there);
    assert_eq!(seeker.face.messages(), back);
    assert!(seeker.face.all("ended").is_empty());
}

#[tokio::test]
async fn homes_and_counselors_that_go() {
    // The timed ones one after the other: they measure seconds, and share two cores with whoever waits meanwhile.
    let one_by_one = async {
        the_home_in_use(2, false).await;
        the_home_in_use(2, true).await;
        the_home_in_use(3, false).await;
        a_counselor_who_comes_back().await;
    };
    let scenarios: Vec<Scenario> = vec![
        scenario("R10 killed, R10 frozen, R8", one_by_one),
        scenario(
            "a counselor is killed, another takes over",
            a_counselor_who_is_gone(),
        ),
    ];
    together(scenarios).await;
}

#[tokio::test]
async fn lines_that_break_stall_and_crawl() {
    let scenarios: Vec<Scenario> = vec![
        scenario("R11, partitions", partitions()),
        scenario("R12, bad lines", bad_lines()),
        scenario("R12, resets", resets()),
        scenario("the seeker's link breaks for 10 s", the_seekers_link_breaks()),
        scenario(
            "the link between the nodes breaks for 10 s",
            the_link_between_the_nodes_breaks(),
        ),
    ];
    together(scenarios).await;
}
