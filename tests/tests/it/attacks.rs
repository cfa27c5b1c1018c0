//! What stopped a helpline once, by the hostile client, for seconds: desks on a narrow line, the mail of a day, false
//! urgency, a slow disk, and a crowd at the door. Beside it people talk, come and wait, and lose nothing. `hamsa-attack`
//! does the same for minutes, and measures.

use std::time::Duration;

use hamsa_tests::{
    attack::{
        Cheat, Talk, Tally, Target, crowd, is_set_back, one_ticket_again, sealed_messages, slow_disk, stopped,
    },
    cast::{Helpline, Plan},
    proxy::Weather,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::together::skip;

/// How fast the honest two talk.
const PACE: Duration = Duration::from_millis(40);
/// A desk's line, in bits per second.
const LINE: u32 = 1_000_000;
/// A word is received in this time, or a client looks for another way. On that line it took 20 s once, and then for ever.
const IN_TIME: Duration = Duration::from_secs(10);
/// Each sync of a slow disk takes so long.
const SYNC: Duration = Duration::from_secs(1);
/// What a home gives for nothing at once, and what comes in some seconds.
const FREE_MAIL: u64 = 16 + 2;
/// A stopped client costs 5 s of a place.
const STOPPED: usize = 3;
const EACH: Duration = Duration::from_secs(5);
/// What is left for two loaded cores. It was 60 s for each once.
const SLACK: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_ticket_again_and_again_leaves_a_desk_its_line() {
    let helpline = Helpline::found(Plan {
        proxied: true,
        ..Plan::default()
    })
    .await;
    let mut talk = Talk::begin(&helpline).await;
    helpline.ways.desk[0].set(Weather::narrow(LINE));
    let (target, tally) = (Target::of(&helpline).await, Tally::default());
    let start = Instant::now();
    tokio::select! {
        () = one_ticket_again(&target, &tally) => unreachable!("it has no end"),
        () = talk.go_on(PACE * 5) => unreachable!("it has no end"),
        () = tally.reaches("posted", 100) => {}
    }
    // Three at once, and one in ten seconds.
    let (taken, may) = (tally.of("taken"), 3 + 1 + start.elapsed().as_secs() / 10);
    assert!(taken <= may, "{taken} of 100 attempts were taken, and not {may}");
    let longest = talk.end().await.into_iter().max();
    assert!(longest < Some(IN_TIME), "a word took {longest:?}");
}

/// A shift that begins and ends: from then on a mail key is at the home.
async fn a_shift(helpline: &Helpline) {
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    counselor.face.send(json!({"cmd": "off_duty"})).await;
    counselor.face.event("off_duty").await;
    counselor.face.exit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_mail_leaves_room_for_a_message() {
    let helpline = Helpline::found(Plan {
        entries: 2,
        ..Plan::default()
    })
    .await;
    a_shift(&helpline).await;
    let (target, tally) = (Target::of(&helpline).await, Tally::default());
    let person = async {
        tally.reaches("refused", 20).await;
        let seeker = helpline.seeker("seeker");
        seeker.ask("").await;
        seeker.face.event("closed").await;
        let leave = json!({"cmd": "leave", "language": "ar", "text": "s'il vous plaît"});
        seeker.face.send(leave).await;
        let kept = |event: &Value| event["id"] == "leave" && event["state"] == "at_node";
        seeker.face.until("her message kept", kept).await;
    };
    let start = Instant::now();
    tokio::select! {
        () = sealed_messages(&target, &tally) => unreachable!("it has no end"),
        () = person => {}
    }
    let (taken, came) = (tally.of("taken"), start.elapsed().as_secs() / 20);
    assert!(taken <= FREE_MAIL + came, "{taken} were taken for nothing");
}

#[tokio::test]
async fn stopped_clients_that_say_urgent_cost_seconds() {
    let helpline = Helpline::found(Plan::default()).await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let _stopped = stopped(&helpline, STOPPED).await;
    let seeker = helpline.seeker("seeker");
    seeker.wait_in_line("salam").await;
    let start = Instant::now();
    let chat = counselor.take().await;
    assert_eq!(chat["text"], "salam");
    seeker.answered().await;
    let took = start.elapsed();
    assert!(took < EACH * STOPPED as u32 + SLACK, "{took:?}");
    seeker.say("s1", "labas?").await;
    seeker.face.received([&"s1".to_owned()]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_flow_beside_a_disk_whose_every_sync_takes_a_second() {
    let helpline = Helpline::found(Plan::default()).await;
    let home = &helpline.homes[0];
    let Some(command) = slow_disk(home.command(), SYNC) else {
        return skip("strace is not there, or not allowed to trace");
    };
    // The first start asks the disk for more than those after it.
    let _ = home.stop().await;
    home.run_as(command).await;
    helpline.connected().await;
    let mut talk = Talk::begin(&helpline).await;
    let (target, tally) = (Target::of(&helpline).await, Tally::default());
    tokio::select! {
        () = sealed_messages(&target, &tally) => unreachable!("it has no end"),
        () = talk.go_on(PACE) => unreachable!("it has no end"),
        // Nothing is acknowledged before the disk is done.
        () = tally.reaches("taken", 4) => {}
    }
    let mut waits = talk.end().await;
    waits.sort_unstable();
    let (middle, longest) = (waits[waits.len() / 2], waits.last());
    assert!(middle < SYNC / 2, "words waited for the disk: {waits:?}");
    assert!(longest < Some(&IN_TIME), "a word took {longest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_that_pays_nothing_takes_no_place_and_reaches_no_desk() {
    let helpline = Helpline::found(Plan::default()).await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let mut people = Vec::new();
    for name in ["first", "second", "third"] {
        let seeker = helpline.seeker(name);
        seeker.wait_in_line(name).await;
        people.push(seeker);
    }
    let target = Target::of(&helpline).await;
    for (cheat, name) in [(Cheat::Nothing, "fourth"), (Cheat::False, "fifth")] {
        let tally = Tally::default();
        let newcomer = async {
            tally.reaches("asked to pay", 100).await;
            let seeker = helpline.seeker(name);
            seeker.wait_in_line(name).await;
            seeker
        };
        let seeker = tokio::select! {
            () = crowd(&target, (16, 100), cheat, &tally) => unreachable!("it has no end"),
            seeker = newcomer => seeker,
        };
        people.push(seeker);
        assert_eq!(tally.of("cheated in"), 0);
    }
    let five = |event: &Value| event["event"] == "desk" && event["waiting"] == 5;
    counselor.face.until("five who wait", five).await;
    for (seeker, name) in people.iter().zip(["first", "second", "third", "fourth", "fifth"]) {
        assert!(!is_set_back(seeker), "{}", seeker.face.process().story());
        let chat = counselor.take().await;
        assert_eq!(chat["text"], name, "the order is not that of arrival");
        seeker.answered().await;
        let end = json!({"cmd": "end", "chat": chat["chat"]});
        counselor.face.send(end).await;
        seeker.face.event("ended").await;
    }
    let desks = counselor.face.all("desk");
    let waiting = desks.iter().filter_map(|event| event["waiting"].as_u64());
    assert_eq!(waiting.max(), Some(5), "a desk shows people, and no junk");
}
