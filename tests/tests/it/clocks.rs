//! R23: clocks that jump while people talk and mail lies there.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use hamsa_client::today;
use hamsa_node::store::{MailLimits, SledDisk};
use hamsa_protocol::home::store::{Day, Disk, ItemKind, Place};
use hamsa_tests::cast::{Helpline, NODE, Node, PATIENCE, Plan, Process, Seeker, program};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    talk::{exchange, messages},
    together::{long, skip},
};

/// The library that shows a process another wall clock; nothing when it is not installed.
pub(crate) fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    let mut found = folders
        .chain([PathBuf::from("/usr/lib")])
        .map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    let found = found.find(|path| path.exists());
    if found.is_none() {
        skip("libfaketime is not installed");
    }
    found
}

/// Shows that a process by this clock has another date: without it the tests below would prove nothing.
async fn the_clock_is_another(library: &Path, clock: &Path) {
    let year = async |jump| {
        fs::write(clock, jump).unwrap();
        let mut date = Command::new("date");
        date.arg("+%Y");
        let date = by_the_clock(date, library, clock).output().await.unwrap();
        String::from_utf8(date.stdout)
            .unwrap()
            .trim()
            .parse::<i32>()
            .unwrap()
    };
    let (then, now) = (year("+10y").await, year("+0s").await);
    assert!((9..=11).contains(&(then - now)), "{now} {then}");
}

/// A command whose wall clock is what stands in `clock`; its other clocks are true.
pub(crate) fn by_the_clock(mut command: Command, library: &Path, clock: &Path) -> Command {
    command
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", clock)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command
}

#[tokio::test]
async fn a_homes_clock_that_jumps_loses_nothing() {
    let Some(library) = library() else { return };
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let clock = helpline.path("clock");
    the_clock_is_another(&library, &clock).await;
    let home = &helpline.homes[0];
    home.run_as(by_the_clock(home.command(), &library, &clock)).await;
    helpline.entries[0].run().await;
    helpline.connected().await;

    let (counselor, seeker, chat) = helpline.chat().await;
    let writer = helpline.seeker("writer");
    let leave = json!({"cmd": "leave", "language": "ar", "text": "still here after all these years"});
    writer.face.send(leave).await;
    let kept = |event: &Value| event["event"] == "state" && event["state"] == "at_node";
    writer.face.until("her message kept", kept).await;
    let (mut there, mut back) = (Vec::new(), Vec::new());
    for (number, jump) in ["+1h", "-1h", "+10y", "-10y", "+0s"].into_iter().enumerate() {
        fs::write(&clock, jump).unwrap();
        // Longer than the home's own look at what has expired.
        tokio::time::sleep(Duration::from_millis(long(1_500, 60_000))).await;
        let (now_there, now_back) = (
            messages(&format!("s{number}"), 3),
            messages(&format!("c{number}"), 3),
        );
        exchange((&counselor, &seeker, &chat), &now_there, &now_back).await;
        there.extend(now_there);
        back.extend(now_back);
    }
    // The nearest to a suspend that can be had here: its time stands still, and afterwards it is later.
    home.freeze();
    fs::write(&clock, "+1h").unwrap();
    tokio::time::sleep(Duration::from_millis(long(2_000, 60_000))).await;
    home.thaw();
    let (now_there, now_back) = (messages("s-late", 3), messages("c-late", 3));
    exchange((&counselor, &seeker, &chat), &now_there, &now_back).await;
    there.extend(now_there);
    back.extend(now_back);
    fs::write(&clock, "+0s").unwrap();
    assert_eq!(counselor.face.messages(), there);
    assert_eq!(seeker.face.messages(), back);
    assert!(
        seeker.face.all("ended").is_empty(),
        "{}",
        seeker.face.process().story()
    );
    counselor
        .face
        .send(json!({"cmd": "end", "chat": chat["chat"]}))
        .await;
    seeker.face.event("ended").await;
    counselor.face.exit().await;
    assert!(
        home.log().contains("the clock of this machine has jumped"),
        "{}",
        home.log()
    );
    // Nothing expired early.
    home.stop().await;
    home.run().await;
    let again = helpline.counselor(0);
    again.on_duty().await;
    let mail = again.face.event("mail").await;
    assert_eq!(mail["text"], "still here after all these years");
}

/// What lies at a home's disk.
async fn lies(home: &Node) -> u64 {
    home.status().await["mail"]["items"].as_u64().unwrap()
}

#[tokio::test]
async fn a_clock_that_is_wrong_at_a_homes_start_expires_nothing() {
    let Some(library) = library() else { return };
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let clock = helpline.path("clock");
    let home = &helpline.homes[0];
    let set = |jump: &str| {
        fs::write(&clock, jump).unwrap();
        by_the_clock(home.command(), &library, &clock)
    };
    let fails = async |jump: &str, words: &[&str]| {
        let process = Process::start("a home with a wrong clock", set(jump));
        assert_eq!(process.exit(PATIENCE).await.code(), Some(1), "{jump}");
        for word in words {
            assert!(process.errors().contains(word), "{jump}: {}", process.errors());
        }
    };
    // It runs by the right clock once; then something lies there that is over in two days.
    helpline.entries[0].run().await;
    home.run().await;
    assert_eq!(home.status().await["clock"], Value::Null);
    home.stop().await;
    let mut store = SledDisk::open(&home.dir, MailLimits::default()).unwrap();
    let day = Day(u32::try_from(today().0 / 86_400).unwrap() + 2);
    let (kind, key) = (ItemKind::Deposit, [7; 32]);
    store.put(&Place { day, kind, key }, b"sealed").unwrap();
    store.commit().unwrap();
    drop(store);

    // Behind: it does not start by it, and says what to do.
    for jump in ["-2d", "-10y"] {
        let file = home.dir.join("clock").display().to_string();
        fails(jump, &["the clock of this machine says", "set the clock", &file]).await;
    }
    // Beyond what the association signed: it does not start either, and says that it may be the clock.
    fails(
        "+10y",
        &["look at the clock of this machine", "this node last ran at"],
    )
    .await;
    // An hour is no reason.
    home.run_as(set("+1h")).await;
    assert_eq!(
        (&home.status().await["clock"], lies(home).await),
        (&Value::Null, 1)
    );
    home.stop().await;

    // Ahead, within what the association signed: it runs, and makes nothing old.
    home.run_as(set("+5d")).await;
    let told = home.status().await["clock"].as_str().unwrap().to_owned();
    assert!(told.contains("this node last ran at"), "{told}");
    helpline.connected().await;
    // With somebody there a home looks for what is over each second.
    let seeker = Seeker::by(
        "seeker",
        by_the_clock(Seeker::command(&helpline.address), &library, &clock),
    );
    seeker.face.event("verified").await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(lies(home).await, 1, "{}", home.log());
    // Publishing by another clock is no witness for this one.
    helpline.publish().await;
    assert!(home.status().await["clock"].is_string());
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(lies(home).await, 1, "{}", home.log());
    home.stop().await;

    // It was the clock: set right, and nothing was lost.
    home.run_as(set("+0s")).await;
    assert_eq!(
        (&home.status().await["clock"], lies(home).await),
        (&Value::Null, 1)
    );
    home.stop().await;

    // It was not the clock: a roster of that date says so, and what is over goes.
    home.run_as(set("+5d")).await;
    assert_eq!(lies(home).await, 1);
    let mut publish = Command::new(program(NODE));
    publish
        .args(["association", "publish", "--queue", "--dir"])
        .arg(&helpline.office);
    let publish = by_the_clock(publish, &library, &clock).output().await.unwrap();
    assert!(publish.status.success(), "{publish:?}");
    assert_eq!(home.status().await["clock"], Value::Null);
    home.until("nothing that is over", |status| status["mail"]["items"] == 0)
        .await;
}

#[tokio::test]
async fn a_persons_clock_that_jumps_loses_nothing() {
    let Some(library) = library() else { return };
    let helpline = Helpline::found(Plan::default()).await;
    let clock = helpline.path("clock");
    the_clock_is_another(&library, &clock).await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let command = hamsa_tests::cast::Seeker::command(&helpline.address);
    let seeker = hamsa_tests::cast::Seeker::by("seeker", by_the_clock(command, &library, &clock));
    seeker.ask("").await;
    let chat = counselor.take().await;
    seeker.answered().await;
    let (mut there, mut back) = (Vec::new(), Vec::new());
    for (number, jump) in ["+1h", "-1h", "+10y", "-10y", "+0s"].into_iter().enumerate() {
        fs::write(&clock, jump).unwrap();
        let (now_there, now_back) = (
            messages(&format!("s{number}"), 3),
            messages(&format!("c{number}"), 3),
        );
        exchange((&counselor, &seeker, &chat), &now_there, &now_back).await;
        there.extend(now_there);
        back.extend(now_back);
    }
    assert_eq!(counselor.face.messages(), there);
    assert_eq!(seeker.face.messages(), back);
    assert!(
        seeker.face.all("ended").is_empty(),
        "{}",
        seeker.face.process().story()
    );
}
