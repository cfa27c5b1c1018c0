//! A thousand tickets a second from 64 addresses; then junk that is paid for and sealed validly: how much of it reaches a
//! desk at which price, and how long people wait beside it.

use std::{collections::BTreeMap, time::Duration};

use futures::future::join_all;
use hamsa_protocol::crypto::puzzle::{STEP_MAX, Step};
use hamsa_tests::{
    attack::{arrive, is_set_back, serve},
    cast::{Helpline, Plan, Seeker},
    print_line,
};
use serde_json::{Value, json};
use tokio::time::{Instant, interval, sleep_until, timeout};

use crate::{Attack, figures::share, room::Room, strike::Strike};

/// How long the crowd comes and pays nothing, and then cheats, in times of the length that was asked for.
const UNPAID: u32 = 6;
const CHEATING: u32 = 2;
/// Who waited before.
const BEFORE: usize = 5;
/// A newcomer comes so often, and is in the queue in this time.
const NEWCOMERS: Duration = Duration::from_secs(5);
const IN_THE_QUEUE: Duration = Duration::from_secs(10);
/// Beside paid junk somebody comes so often, every second one in danger, for so many times that length: eight steps of ten
/// seconds and a minute more when it is ten.
const EVERY: Duration = Duration::from_secs(1);
const PAID: u32 = 14;
/// Who was not answered in this time leaves.
const PATIENT: Duration = Duration::from_secs(60);

async fn found(room: &Room) -> Helpline {
    let helpline = Helpline::found(Plan {
        counselors: &["Nour", "Salma"],
        run: false,
        ..Plan::default()
    })
    .await;
    helpline.homes[0]
        .run_as(room.home(helpline.homes[0].command()))
        .await;
    let entry = &helpline.entries[0];
    entry.run_as(room.node(entry.command())).await;
    helpline.connected().await;
    helpline
}

/// Runs it; gives the bounds that are broken.
pub(crate) async fn run(room: &Room, seconds: u32) -> Vec<String> {
    let broken = unpaid(room, seconds).await;
    paid(room, seconds * PAID).await;
    broken
}

/// Somebody comes every few seconds; how long each needed to be in the queue.
async fn newcomers(helpline: &Helpline, lasts: Duration) -> Vec<Duration> {
    let (mut clock, until) = (interval(NEWCOMERS), Instant::now() + lasts);
    let mut took = Vec::new();
    while Instant::now() < until {
        let _ = clock.tick().await;
        let seeker = helpline.seeker("newcomer");
        let start = Instant::now();
        seeker.wait_in_line("").await;
        took.push(start.elapsed());
        seeker.face.exit().await;
    }
    took
}

async fn unpaid(room: &Room, seconds: u32) -> Vec<String> {
    let helpline = found(room).await;
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    let mut people: Vec<Seeker> = Vec::new();
    for number in 0..BEFORE {
        let seeker = helpline.seeker(&number.to_string());
        seeker.wait_in_line(&number.to_string()).await;
        people.push(seeker);
    }
    let mut broken = Vec::new();
    for (attack, lasts) in [(Attack::Crowd, UNPAID), (Attack::Cheats, CHEATING)] {
        let strike = Strike::begin(attack, &helpline, room).await;
        let took = newcomers(&helpline, Duration::from_secs((seconds * lasts).into())).await;
        let seconds = strike.seconds().len();
        let longest = took.iter().max().copied().unwrap_or_default();
        print_line(json!({
            "flood": attack.name(),
            "seconds": seconds,
            "done": strike.done(),
            "newcomers": took.len(),
            "in_the_queue_s": { "p50": share(&took, 0.5), "most": longest.as_secs_f64() },
        }));
        if longest > IN_THE_QUEUE {
            broken.push(format!(
                "{}: a newcomer was in the queue after {longest:?}",
                attack.name()
            ));
        }
        if strike.done()["cheated in"].as_u64() > Some(0) {
            broken.push("a false solution was taken".to_owned());
        }
    }
    if people.iter().any(is_set_back) {
        broken.push("somebody who waited before lost her place".to_owned());
    }
    let waiting = most_waiting(&nour.face.all("desk"));
    // One newcomer at a time, and one who is just leaving.
    if waiting > BEFORE as u64 + 2 {
        broken.push(format!("a desk showed {waiting} who wait"));
    }
    for (number, seeker) in people.iter().enumerate() {
        let chat = nour.take().await;
        if chat["text"] != json!(number.to_string()) {
            broken.push(format!("{chat} came before {number}"));
        }
        nour.face.send(json!({"cmd": "end", "chat": chat["chat"]})).await;
        let _ = seeker.face.event("ended").await;
    }
    broken
}

fn most_waiting(desks: &[Value]) -> u64 {
    let waiting = desks.iter().filter_map(|event| event["waiting"].as_u64());
    waiting.max().unwrap_or_default()
}

/// What happened beside one price.
#[derive(Default)]
struct Beside {
    seconds: u64,
    junk: u64,
    /// How long people waited who came then: those in danger, and the others. Without a time they were not answered.
    waits: [Vec<Option<Duration>>; 2],
}

/// Two counselors serve, people come, and attackers pay.
async fn paid(room: &Room, people: u32) {
    let helpline = found(room).await;
    let (nour, salma) = (helpline.counselor(0), helpline.counselor(1));
    nour.on_duty().await;
    salma.on_duty().await;
    let strike = Strike::begin(Attack::Paying, &helpline, room).await;
    let (first, start) = (strike.seconds().len(), Instant::now());
    let helpline = &helpline;
    let coming = join_all((0..people).map(|number| async move {
        let comes = start + EVERY * number;
        sleep_until(comes).await;
        let urgent = number % 2 == 0;
        let wait = timeout(PATIENT, arrive(helpline, urgent)).await;
        (comes - start, urgent, wait.ok().map(|arrival| arrival.answered))
    }));
    let people = tokio::select! {
        people = coming => people,
        () = serve(&nour) => unreachable!("it has no end"),
        () = serve(&salma) => unreachable!("it has no end"),
    };
    let steps = steps(&strike.seconds());
    let mut prices: BTreeMap<u8, Beside> = BTreeMap::new();
    for (step, junk) in &steps {
        let beside = prices.entry(*step).or_default();
        beside.seconds += 1;
        beside.junk += junk;
    }
    for (came, urgent, wait) in people {
        let second = first + usize::try_from(came.as_secs()).unwrap();
        if let Some((step, _)) = steps.get(second) {
            prices.entry(*step).or_default().waits[usize::from(!urgent)].push(wait);
        }
    }
    tell(&prices, room.attackers_cores());
    let desk = most_waiting(&[nour.face.all("desk"), salma.face.all("desk")].concat());
    print_line(json!({"flood": "paying", "most_at_a_desk": desk, "done": strike.done()}));
}

/// The price of each second, and the junk that was taken in it.
fn steps(seconds: &[Value]) -> Vec<(u8, u64)> {
    let of = |counts: &Value, step: u8| counts[format!("step {step}")].as_u64().unwrap_or_default();
    let (mut before, mut at, mut steps) = (Value::Null, 0, Vec::new());
    for counts in seconds {
        let more = |step: u8| of(counts, step) - of(&before, step);
        at = (0..=STEP_MAX).rev().find(|step| more(*step) > 0).unwrap_or(at);
        steps.push((at, (0..=STEP_MAX).map(more).sum()));
        before = counts.clone();
    }
    steps
}

/// A line for each price, and a table of them.
fn tell(prices: &BTreeMap<u8, Beside>, cores: usize) {
    print_line(format_args!(
        "| Step | Attempts | Junk in a minute, {cores} cores | Urgent, p90, s | Not answered in {} s | Not urgent, p90, s \
        | Not answered |\n|---|---|---|---|---|---|---|",
        PATIENT.as_secs()
    ));
    for (step, beside) in prices {
        let attempts = Step::try_from(*step).map_or(0, Step::attempts);
        let minute = beside.junk * 60 / beside.seconds.max(1);
        let [urgent, other] = beside.waits.each_ref().map(|waits| {
            let longest = waits.iter().map(|wait| wait.unwrap_or(PATIENT));
            let p90 = share(&longest.collect::<Vec<_>>(), 0.9);
            let left = waits.iter().filter(|wait| wait.is_none()).count();
            (p90, left, waits.len())
        });
        let column = |(p90, left, all): (f64, usize, usize)| format!("{p90:.1} | {left} of {all}");
        let (urgent, other) = (column(urgent), column(other));
        print_line(format_args!(
            "| {step} | {attempts} | {minute} | {urgent} | {other} |"
        ));
    }
}
