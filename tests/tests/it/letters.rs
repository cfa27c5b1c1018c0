//! Sealed messages through real processes: left in closed hours, answered, read by the phrase alone; and homes that are
//! killed while they write.

use std::time::Duration;

use hamsa_tests::{
    cast::{Counselor, Helpline, PATIENCE, Plan, Seeker},
    proxy::Storm,
};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    talk::{exchange, messages},
    together::long,
};

/// A home is open again in this time.
const OPEN: Duration = Duration::from_secs(2);
/// A stop takes at most this by contract.
const STOP: Duration = Duration::from_secs(5);

fn leave(text: &str) -> Value {
    json!({"cmd": "leave", "language": "ar", "text": text})
}

fn kept(event: &Value) -> bool {
    event["event"] == "state" && event["id"] == "leave" && event["state"] == "at_node"
}

/// A shift that begins and ends: from then on her mail key is at the homes.
async fn a_shift(helpline: &Helpline) {
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    counselor.face.send(json!({"cmd": "off_duty"})).await;
    counselor.face.event("off_duty").await;
    counselor.face.exit().await;
}

async fn left_answered_and_read(down: usize) {
    let helpline = Helpline::found(Plan {
        homes: 2,
        ..Plan::default()
    })
    .await;
    a_shift(&helpline).await;
    let seeker = helpline.seeker("seeker");
    seeker.ask("").await;
    seeker.face.event("closed").await;
    let words = "سمحو ليا، ma l9it 7ta wa7d. cobalt-77a1";
    seeker.face.send(leave(words)).await;
    let phrase = seeker.face.event("phrase").await;
    let phrase = phrase["words"].as_str().unwrap().to_owned();
    assert_eq!(phrase.split_whitespace().count(), 8, "{phrase}");
    seeker.face.until("her message kept", kept).await;
    seeker.face.exit().await;

    // One of the two homes is lost for good.
    helpline.homes[down].kill().await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let mail = counselor.face.event("mail").await;
    assert_eq!(mail["text"], words);
    assert_eq!(mail["returning"], false);
    let answer = "شكرا حيت كتبتي لينا. saffron-90be";
    let reply = json!({"cmd": "reply", "mail": mail["mail"], "id": "r", "text": answer});
    counselor.face.send(reply).await;
    let at_node =
        |event: &Value| event["event"] == "state" && event["id"] == "r" && event["state"] == "at_node";
    counselor.face.until("the answer kept", at_node).await;
    counselor.face.exit().await;

    // Another process, and nothing but eight words.
    let again = helpline.seeker("again");
    again.face.send(json!({"cmd": "return", "words": phrase})).await;
    let read = again.face.event("mail").await;
    assert_eq!(read["text"], answer);
    assert!(
        read["date"].as_str().is_some_and(|date| date.len() >= 10),
        "{read:#}"
    );
    assert_eq!(again.face.all("mail").len(), 1);
    // One wrong word is said to be one, and another phrase finds nothing.
    let mut wrong: Vec<&str> = phrase.split_whitespace().collect();
    wrong.swap(0, 7);
    let stranger = helpline.seeker("stranger");
    stranger
        .face
        .send(json!({"cmd": "return", "words": wrong.join(" ")}))
        .await;
    stranger.face.event("error").await;
    assert!(stranger.face.all("mail").is_empty());
}

#[tokio::test]
async fn a_message_is_answered_and_read_with_one_of_two_homes_gone() {
    tokio::join!(left_answered_and_read(0), left_answered_and_read(1));
}

/// Starts a home that was killed; it must be open in time.
async fn opens(helpline: &Helpline, home: usize) {
    let start = Instant::now();
    helpline.homes[home].run().await;
    let took = start.elapsed();
    assert!(took <= OPEN, "open after {took:?}");
}

/// R7, as far as two cores and a minute go: the store's own test does it a thousand times.
#[tokio::test]
async fn a_home_that_is_killed_while_it_writes_keeps_what_it_took() {
    let helpline = Helpline::found(Plan::default()).await;
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    let mut line: Vec<Seeker> = Vec::new();
    for name in ["first", "second", "third"] {
        let seeker = helpline.seeker(name);
        seeker.wait_in_line(name).await;
        line.push(seeker);
    }
    let writer = helpline.seeker("writer");
    let kills = long(20, 200);
    let mut storm = Storm::new(7);
    // The words become keys before the first kill: that takes its time once.
    writer.face.send(leave("letter 0")).await;
    writer.face.until("the first one kept", kept).await;
    for number in 1..=kills {
        writer.face.mark();
        writer.face.send(leave(&format!("letter {number}"))).await;
        sleep(storm.between(Duration::ZERO, Duration::from_millis(60))).await;
        helpline.homes[0].kill().await;
        opens(&helpline, 0).await;
        writer.face.until("it kept", kept).await;
    }
    // Once more without her: all that was called kept is there, each once.
    writer.face.exit().await;
    helpline.homes[0].kill().await;
    opens(&helpline, 0).await;
    nour.face.exit().await;
    let again = helpline.counselor(0);
    again.on_duty().await;
    let total = usize::try_from(kills).unwrap() + 1;
    again.face.count("mail", total).await;
    let text = |mail: &Value| mail["text"].as_str().unwrap().to_owned();
    let mut texts: Vec<String> = again.face.all("mail").iter().map(text).collect();
    texts.sort_by_key(|text| (text.len(), text.clone()));
    let expected: Vec<String> = (0..=kills).map(|number| format!("letter {number}")).collect();
    assert_eq!(texts, expected);
    // And the tickets kept their order, once all three are back and sealed to the new shift.
    let all_wait = |event: &Value| event["event"] == "desk" && event["waiting"] == 3;
    again.face.until("all three wait", all_wait).await;
    for (seeker, name) in line.iter().zip(["first", "second", "third"]) {
        let chat = again.take().await;
        assert_eq!(chat["text"], name);
        seeker.answered().await;
        again.face.send(json!({"cmd": "end", "chat": chat["chat"]})).await;
        seeker.face.event("ended").await;
    }
}

/// R21: SIGTERM under load.
#[tokio::test]
async fn a_home_that_is_stopped_under_load_stores_what_it_took() {
    let helpline = Helpline::found(Plan::default()).await;
    let (counselor, seeker, chat) = helpline.chat().await;
    let writer = helpline.seeker("writer");
    writer.face.send(leave("letter 0")).await;
    writer.face.until("the first one kept", kept).await;
    let stops = long(4, 100);
    let mut said = 0;
    for number in 1..=stops {
        writer.face.mark();
        writer.face.send(leave(&format!("letter {number}"))).await;
        // What the stop before this one held up arrives first: a client takes so many messages ahead, and no more.
        let load = messages("s", said + 20);
        seeker
            .face
            .received(load[said.saturating_sub(20)..said].iter().map(|(id, _)| id))
            .await;
        for (id, text) in &load[said..] {
            seeker.say(id, text).await;
        }
        said += 20;
        let (status, took) = helpline.homes[0].stop().await;
        assert_eq!(status.code(), Some(0), "{}", helpline.homes[0].log());
        assert!(took <= STOP, "{took:?}");
        opens(&helpline, 0).await;
        writer.face.until("it kept", kept).await;
    }
    let there = messages("s", said);
    seeker.face.received(there.iter().map(|(id, _)| id)).await;
    let (last_there, last_back) = (messages("s-last", 1), messages("c-last", 1));
    exchange((&counselor, &seeker, &chat), &last_there, &last_back).await;
    assert_eq!(counselor.face.messages(), [there, last_there].concat());
    let reader = Counselor::start("again", helpline.vault(0), helpline.passphrase());
    counselor.face.process().signal(Signal::KILL);
    counselor.face.process().exit(PATIENCE).await;
    reader.on_duty().await;
    reader
        .face
        .count("mail", usize::try_from(stops).unwrap() + 1)
        .await;
}
