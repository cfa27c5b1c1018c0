//! First words are the first message of a chat: they have a state, and every counselor who answers is given them.

use hamsa_tests::cast::{Helpline, PATIENCE, Plan};
use rustix::process::Signal;
use serde_json::{Value, json};

const FIRST: &str = "salam, 3afak";

/// A counselor's client dies with the words on its screen, and another run of it has none of them.
#[tokio::test]
async fn first_words_go_to_each_run_that_answers() {
    let helpline = Helpline::found(Plan::default()).await;
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    let seeker = helpline.seeker("seeker");
    seeker.wait_in_line(FIRST).await;
    let reserved = json!({"cmd": "say", "id": "first", "text": "no"});
    seeker.face.send(reserved).await;
    assert_eq!(seeker.face.event("error").await["code"], "duplicate_id");
    seeker.say("s1", "and then").await;
    let chat = nour.take().await;
    assert_eq!(chat["text"], FIRST);
    nour.face.count("message", 1).await;
    seeker.face.received(&["first".to_owned(), "s1".to_owned()]).await;
    assert_eq!(
        states(&seeker.face.all("state")),
        ["written", "written", "received"]
    );

    nour.face.process().signal(Signal::KILL);
    nour.face.process().exit(PATIENCE).await;
    seeker.face.mark();
    let again = helpline.counselor(0);
    again.on_duty().await;
    let chat = again.face.event("chat").await;
    assert_eq!(chat["text"], FIRST);
    seeker.face.received(&["first".to_owned()]).await;
    let told = states(&seeker.face.all("state"));
    assert_eq!(told, ["written", "written", "received", "written", "received"]);
    again.say(&chat, "c1", "I am here").await;
    again.face.received(&["c1".to_owned()]).await;
    assert!(
        again.face.all("message").is_empty(),
        "what the first run was shown is not said again"
    );
}

/// The states of the first words, without those that may be left out.
fn states(events: &[Value]) -> Vec<String> {
    let first = events.iter().filter(|event| event["id"] == "first");
    let states = first.map(|event| event["state"].as_str().unwrap().to_owned());
    states.filter(|state| state != "at_node").collect()
}
