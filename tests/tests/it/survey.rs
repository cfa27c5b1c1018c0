//! The three questions at the end: the answers arrive as sums, and as nothing else.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, time::Duration};

use hamsa_client::today;
use hamsa_node::{TraceEvent, run::start};
use hamsa_protocol::{
    home::{Month, Survey},
    objects::postcard_encode,
    time::Unix,
};
use hamsa_tests::{
    args,
    cast::{Face, Helpline, Node, Plan, Seeker, hamsa_node},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::talk::{exchange, messages};

/// Yes and no, question by question.
type Sums = [(u32, u32); 3];

/// What a file with these months is, to the byte.
fn file<const N: usize>(months: [(Unix, Sums); N]) -> Vec<u8> {
    let months = months.map(|(at, sums)| (Month::of(at), sums));
    let bytes = postcard_encode(&BTreeMap::from(months));
    assert!(Survey::decode(&bytes).is_some());
    bytes
}

/// What lies at a home that has stopped.
fn lies(home: &Node) -> Vec<u8> {
    let path = home.dir.join("survey");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::read(path).unwrap()
}

async fn answer(seeker: &Seeker, answers: Value) {
    seeker.face.mark();
    seeker
        .face
        .send(json!({"cmd": "survey", "answers": answers}))
        .await;
}

async fn comes(face: &Face, state: &str) {
    assert_eq!(
        face.event("survey").await,
        json!({"event": "survey", "state": state})
    );
}

#[tokio::test]
async fn answers_are_sums_on_a_homes_disk_and_nothing_else_anywhere() {
    let helpline = Helpline::found(Plan::default()).await;
    let home = &helpline.homes[0];
    let (counselor, seeker, chat) = helpline.chat().await;

    // While they talk, somebody else answers who never asked for anybody.
    let other = helpline.seeker("somebody without a chat");
    answer(&other, json!([true, true, null])).await;
    comes(&other.face, "counted").await;
    exchange((&counselor, &seeker, &chat), &messages("s", 3), &messages("c", 3)).await;
    counselor
        .face
        .send(json!({"cmd": "end", "chat": chat["chat"]}))
        .await;
    seeker.face.event("ended").await;
    answer(&seeker, json!([true, false, null])).await;
    comes(&seeker.face, "counted").await;
    // Once is once.
    answer(&seeker, json!([true, false, true])).await;
    comes(&seeker.face, "counted").await;

    // Three skips are nothing to tell.
    let silent = helpline.seeker("somebody who skips");
    answer(&silent, json!([null, null, null])).await;
    comes(&silent.face, "counted").await;
    // What is no answer is said to be none.
    for wrong in [
        json!([true, false]),
        json!([true, false, null, null]),
        json!([1, 0, null]),
        Value::Null,
    ] {
        answer(&silent, wrong).await;
        silent.face.event("error").await;
    }

    // Who leaves has five seconds for it.
    let hasty = helpline.seeker("somebody in a hurry");
    hasty.face.event("path").await;
    answer(&hasty, json!([null, null, false])).await;
    hasty.face.exit().await;
    assert_eq!(
        hasty.face.all("survey"),
        [json!({"event": "survey", "state": "counted"})]
    );

    assert_eq!(
        home.status().await["survey"],
        json!([]),
        "nothing of this month is told"
    );
    for face in [&seeker.face, &other.face, &silent.face, &counselor.face] {
        face.exit().await;
    }
    home.stop().await;
    let sums = [(2, 0), (1, 1), (0, 1)];
    assert_eq!(lies(home), file([(today(), sums)]));
    assert!(!home.log().to_lowercase().contains("survey"), "{}", home.log());

    // It goes on from there.
    home.run().await;
    helpline.connected().await;
    let late = helpline.seeker("somebody after a restart");
    answer(&late, json!([true, null, null])).await;
    comes(&late.face, "counted").await;
    late.face.exit().await;
    home.stop().await;
    assert_eq!(lies(home), file([(today(), [(3, 0), (1, 1), (0, 1)])]));
}

#[tokio::test]
async fn a_month_that_is_over_is_told_without_its_small_sums() {
    let helpline = Helpline::found(Plan {
        counselors: &[],
        run: false,
        ..Plan::default()
    })
    .await;
    let home = &helpline.homes[0];
    let before = Unix(today().0 - 40 * 86_400);
    let months = file([
        (before, [(12, 9), (9, 3), (0, 10)]),
        (today(), [(500, 400), (0, 0), (0, 0)]),
    ]);
    fs::write(home.dir.join("survey"), &months).unwrap();
    home.run().await;
    let month = Month::of(before).to_string();
    assert_eq!(
        home.status().await["survey"],
        json!([
            {"month": month, "question": "heard", "yes": 12, "no": null},
            {"month": month, "question": "safer", "yes": null, "no": 10},
        ])
    );
    let told = hamsa_node(args!["status", "--dir", home.dir]).await.ok();
    let told: Vec<&str> = told.lines().filter(|line| line.starts_with("survey")).collect();
    assert_eq!(
        told,
        [
            format!("survey   {month}: 12 felt heard, fewer than 10 did not"),
            format!("survey   {month}: fewer than 10 felt a little safer, 10 did not"),
        ]
    );
    home.stop().await;
    assert_eq!(fs::read(home.dir.join("survey")).unwrap(), months);

    // A file that is damaged is put aside; the helpline goes on without.
    fs::write(home.dir.join("survey"), &months[1..]).unwrap();
    hamsa_node(args!["check", "--dir", home.dir])
        .await
        .fails(&["survey is damaged", "put back a copy"]);
    home.run().await;
    assert_eq!(home.status().await["survey"], json!([]));
    assert!(home.log().contains("survey.damaged-1"), "{}", home.log());
    assert_eq!(fs::read(home.dir.join("survey.damaged-1")).unwrap(), months[1..]);
    home.stop().await;
    assert_eq!(lies(home), file([]));
}

#[tokio::test]
async fn a_survey_that_nobody_took_is_told_and_can_be_sent_again() {
    let helpline = Helpline::found(Plan {
        counselors: &[],
        ..Plan::default()
    })
    .await;
    let home = &helpline.homes[0];
    let seeker = helpline.seeker("seeker");
    seeker.face.event("path").await;
    home.stop().await;
    answer(&seeker, json!([true, true, true])).await;
    comes(&seeker.face, "failed").await;
    home.run().await;
    helpline.connected().await;
    // While one is on its way another is passed over.
    home.freeze();
    answer(&seeker, json!([true, true, true])).await;
    answer(&seeker, json!([false, false, false])).await;
    seeker.face.send(json!({"cmd": "agree"})).await;
    let nothing = |event: &Value| event["event"] == "error" && event["code"] == "nothing_asked";
    seeker.face.until("word that it was heard", nothing).await;
    home.thaw();
    comes(&seeker.face, "counted").await;

    // Who leaves at once sends nothing more: the home hears of her wish, and not what she would have said.
    let quick = helpline.seeker("somebody who must go");
    quick.face.event("path").await;
    home.freeze();
    answer(&quick, json!([false, false, false])).await;
    quick.face.send(json!({"cmd": "quick_exit"})).await;
    let status = quick.face.process().exit(Duration::from_secs(5)).await;
    assert!(status.success(), "{}", quick.face.process().story());
    assert_eq!(quick.face.all("survey"), [] as [Value; 0]);
    home.thaw();
    seeker.face.exit().await;
    let states: Vec<Value> = seeker.face.all("survey");
    let states: Vec<&Value> = states.iter().map(|event| &event["state"]).collect();
    assert_eq!(states, ["failed", "counted"]);
    home.stop().await;
    assert_eq!(lies(home), file([(today(), [(1, 0); 3])]));
}

#[tokio::test]
async fn it_takes_a_connection_and_a_link_of_its_own() {
    let helpline = Helpline::found(Plan {
        counselors: &[],
        proxied: true,
        run: false,
        ..Plan::default()
    })
    .await;
    helpline.entries[0].run().await;
    let (seen, mut sights) = mpsc::channel(65_536);
    let home = start(&helpline.homes[0].dir, Some(seen)).await.unwrap();
    let seeker = helpline.seeker("seeker");
    seeker.face.event("verified").await;
    let ways = || helpline.ways.seeker.iter().chain(&helpline.ways.desk);
    let connections = || ways().map(|way| way.recorded().len()).sum::<usize>();
    assert_eq!(connections(), 1);
    answer(&seeker, json!([true, true, true])).await;
    comes(&seeker.face, "counted").await;
    assert_eq!(connections(), 2);
    seeker.face.exit().await;
    home.shutdown().await;

    let mut links: BTreeMap<u64, Vec<(bool, &str)>> = BTreeMap::new();
    while let Some(TraceEvent {
        link,
        inbound,
        kind,
        token,
        index,
        ..
    }) = sights.recv().await
    {
        if kind == "survey" {
            // What a puzzle would pay for: drawn for this link alone.
            assert!(token != [0; 4] && index == 0);
        }
        // A home that stops says so to every link whose end it has not seen yet.
        if kind == "bye" {
            continue;
        }
        links.entry(link).or_default().push((inbound, kind));
    }
    let with = |records: &Vec<(bool, &str)>| records.iter().any(|(_, kind)| *kind == "survey");
    let (surveys, others): (Vec<_>, Vec<_>) = links.into_values().partition(with);
    assert_eq!(surveys, [[(true, "survey"), (false, "counted")]]);
    assert!(!others.is_empty(), "her other link was seen too");
}
