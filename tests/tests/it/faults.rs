//! Things break in the middle: nothing is lost, and people are told.

use std::time::Duration;

use hamsa_tests::{
    cast::{Helpline, Plan, Seeker},
    proxy::{Proxy, Weather},
};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::talk::{exchange, messages};

/// How long a link stays broken.
const BREAK: Duration = Duration::from_secs(10);

#[tokio::test]
async fn tickets_keep_their_order_after_their_home_was_killed() {
    let helpline = Helpline::found(Plan::default()).await;
    let home = &helpline.homes[0];
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let mut seekers: Vec<Seeker> = Vec::new();
    for name in ["first", "second", "third"] {
        let seeker = helpline.seeker(name);
        seeker.wait_in_line(name).await;
        seekers.push(seeker);
    }
    let waiting = |count: u64| move |event: &Value| event["event"] == "desk" && event["waiting"] == count;
    counselor.face.until("three who wait", waiting(3)).await;

    home.kill().await;
    // Whoever comes back first must not be served first: the first in line comes back last.
    seekers[0].face.process().signal(Signal::STOP);
    counselor.face.mark();
    home.run().await;
    home.until("two tickets", |status| status["tickets"] == 2).await;
    seekers[0].face.process().signal(Signal::CONT);
    home.until("three tickets", |status| status["tickets"] == 3).await;
    counselor.face.until("three who wait again", waiting(3)).await;

    for (seeker, name) in seekers.iter().zip(["first", "second", "third"]) {
        let chat = counselor.take().await;
        assert_eq!(chat["text"], name, "the order is not the old one");
        seeker.answered().await;
        exchange((&counselor, seeker, &chat), &messages("s", 2), &messages("c", 2)).await;
        counselor
            .face
            .send(json!({"cmd": "end", "chat": chat["chat"]}))
            .await;
        let ended = seeker.face.event("ended").await;
        assert_eq!(
            (&ended["by"], &ended["reason"]),
            (&json!("counselor"), &json!("finished"))
        );
    }
}

/// A link breaks for ten seconds while both go on writing.
async fn a_break_loses_nothing(proxies: impl Fn(&Helpline) -> Vec<&Proxy>) {
    let helpline = Helpline::found(Plan {
        proxied: true,
        ..Plan::default()
    })
    .await;
    let (counselor, seeker, chat) = helpline.chat().await;
    let (mut there, mut back) = (messages("s-before", 5), messages("c-before", 5));
    exchange((&counselor, &seeker, &chat), &there, &back).await;
    seeker.face.mark();

    let broken = proxies(&helpline);
    for proxy in &broken {
        proxy.set(Weather::refusing());
        proxy.cut();
    }
    let mending = async {
        sleep(BREAK).await;
        for proxy in &broken {
            proxy.set(Weather::default());
        }
    };
    let (there_now, back_now) = (messages("s-during", 10), messages("c-during", 10));
    let talking = exchange((&counselor, &seeker, &chat), &there_now, &back_now);
    tokio::join!(mending, talking);
    there.extend(there_now);
    back.extend(back_now);

    let link = |state: &'static str| move |event: &Value| event["event"] == "link" && event["state"] == state;
    seeker.face.until("reconnecting", link("reconnecting")).await;
    seeker.face.until("connected", link("connected")).await;
    let states = seeker.face.all("link");
    let last = |state: &str| states.iter().rposition(|event| event["state"] == state);
    assert!(last("connected") > last("reconnecting"), "{states:?}");
    assert!(last("reconnecting").is_some(), "{states:?}");
    let (last_there, last_back) = (messages("s-after", 1), messages("c-after", 1));
    exchange((&counselor, &seeker, &chat), &last_there, &last_back).await;
    assert_eq!(counselor.face.messages(), [there, last_there].concat());
    assert_eq!(seeker.face.messages(), [back, last_back].concat());
    assert!(seeker.face.all("reopened").is_empty() && seeker.face.all("ended").is_empty());
}

/// A link of the seeker's breaks.
pub(crate) async fn the_seekers_link_breaks() {
    a_break_loses_nothing(|helpline| vec![&helpline.ways.seeker[0]]).await;
}

/// The links between the nodes break.
pub(crate) async fn the_link_between_the_nodes_breaks() {
    a_break_loses_nothing(|helpline| helpline.ways.between(0, 0).collect()).await;
}

#[tokio::test]
async fn a_revoked_counselor_is_told_and_can_take_nothing() {
    let helpline = Helpline::found(Plan {
        counselors: &["Nour", "Salma"],
        ..Plan::default()
    })
    .await;
    let (nour, seeker, chat) = helpline.chat().await;
    exchange((&nour, &seeker, &chat), &messages("s", 1), &messages("c", 1)).await;
    let salma = helpline.counselor(1);
    salma.on_duty().await;

    let start = Instant::now();
    helpline.revoke(0).await;
    let minute = Duration::from_secs(60);
    let revoked = |event: &Value| event["reason"] == "revoked";
    let off = |event: &Value| event["event"] == "off_duty" && revoked(event);
    nour.face.until_within("off_duty", minute, off).await;
    let over = |event: &Value| event["event"] == "ended" && revoked(event);
    let told = nour.face.until_within("the end of her chat", minute, over).await;
    assert_eq!(told["chat"], chat["chat"]);
    let told = seeker.face.until_within("why it ended", minute, over).await;
    assert_eq!(told["by"], "helpline");
    assert!(start.elapsed() < minute);

    // Somebody new waits: she cannot take her, a colleague can.
    nour.face.mark();
    let other = helpline.seeker("other");
    other.wait_in_line("for whoever is still here").await;
    salma.somebody_waits().await;
    nour.face.send(json!({"cmd": "take_next"})).await;
    nour.face.send(json!({"cmd": "on_duty"})).await;
    nour.face
        .until("a refusal", |event| {
            event["event"] == "off_duty" || event["event"] == "error"
        })
        .await;
    let chat = salma.take().await;
    other.answered().await;
    exchange((&salma, &other, &chat), &messages("s", 1), &messages("c", 1)).await;
    let wrong: Vec<Value> = nour.face.all("chat").split_off(1);
    assert!(wrong.is_empty(), "{wrong:?}");
    let desk = |event: &&Value| event["waiting"].as_u64() > Some(0);
    assert_eq!(
        nour.face.all("desk").iter().filter(desk).count(),
        1,
        "only her own first one"
    );

    // Nor with a new start of her client.
    nour.face.exit().await;
    let again = helpline.counselor(0);
    again.face.event("unlocked").await;
    again.face.send(json!({"cmd": "on_duty"})).await;
    again.face.until("the reason", off).await;
}

/// Words arrive so soon after the seeker's address has changed, and nothing told the connection.
const MOVED: Duration = Duration::from_secs(10);

#[tokio::test]
async fn words_arrive_in_seconds_after_an_address_change_in_a_chat() {
    let helpline = Helpline::found(Plan {
        proxied: true,
        ..Plan::default()
    })
    .await;
    let (counselor, seeker, chat) = helpline.chat().await;
    exchange(
        (&counselor, &seeker, &chat),
        &messages("s-before", 2),
        &messages("c-before", 2),
    )
    .await;
    helpline.ways.seeker[0].freeze();
    let start = Instant::now();
    exchange(
        (&counselor, &seeker, &chat),
        &messages("s-after", 2),
        &messages("c-after", 2),
    )
    .await;
    assert!(start.elapsed() < MOVED, "after {:?}", start.elapsed());
    assert!(seeker.face.all("reopened").is_empty() && seeker.face.all("error").is_empty());
}
