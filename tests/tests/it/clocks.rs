//! R23: clocks that jump while people talk and mail lies there.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use hamsa_tests::cast::{Helpline, Plan};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    talk::{exchange, messages},
    together::long,
};

/// The library that shows a process another wall clock; nothing when it is not installed.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    let mut found = folders
        .chain([PathBuf::from("/usr/lib")])
        .map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    let found = found.find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: libfaketime is not installed");
    }
    found
}

/// A command whose wall clock is what stands in `clock`; its other clocks are true.
fn by_the_clock(mut command: Command, library: &Path, clock: &Path) -> Command {
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
    fs::write(&clock, "+0s").unwrap();
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
    // Nothing expired early.
    home.stop().await;
    home.run().await;
    let again = helpline.counselor(0);
    again.on_duty().await;
    let mail = again.face.event("mail").await;
    assert_eq!(mail["text"], "still here after all these years");
}

#[tokio::test]
async fn a_persons_clock_that_jumps_loses_nothing() {
    let Some(library) = library() else { return };
    let helpline = Helpline::found(Plan::default()).await;
    let clock = helpline.path("clock");
    fs::write(&clock, "+0s").unwrap();
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
