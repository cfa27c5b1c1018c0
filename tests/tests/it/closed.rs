//! Closed hours with the real programs: a message is left, one home is lost, an answer comes, and another process
//! reads it with the eight words and nothing else.

use std::time::Duration;

use hamsa_protocol::crypto::{
    phrase::{Phrase, WordList},
    random::Random,
};
use hamsa_tests::cast::{Counselor, Face, Helpline, Plan, Seeker};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::{Value, json};

const LEFT: &str = "salam, ma l9it 7ta wa7d. واش ممكن تجاوبوني؟ — é 👋🏽";
const ANSWER: &str = "مرحبا بيك. أنا هنا كل نهار من 10 حتى ل 18.\nNour";

/// Waits until the message `id` has come so far.
async fn state(face: &Face, id: &str, state: &str) -> Value {
    let is = |event: &Value| event["event"] == "state" && event["id"] == id && event["state"] == state;
    face.until(&format!("{state} for {id}"), is).await
}

async fn error(face: &Face, code: &str) -> Value {
    let is = |event: &Value| event["event"] == "error" && event["code"] == code;
    face.until(code, is).await
}

/// On duty for a moment, so that messages can be sealed to her.
async fn pass_by(helpline: &Helpline, counselor: usize) {
    let counselor = helpline.counselor(counselor);
    counselor.on_duty().await;
    counselor.face.send(json!({"cmd": "off_duty"})).await;
    counselor.face.event("off_duty").await;
    counselor.face.exit().await;
}

/// Finds nobody and leaves a message; gives her words.
async fn leave(helpline: &Helpline, text: &str) -> String {
    let seeker = helpline.seeker("seeker in closed hours");
    seeker.ask("").await;
    seeker.face.event("closed").await;
    seeker
        .face
        .send(json!({"cmd": "leave", "language": "fr", "text": text}))
        .await;
    let phrase = seeker.face.event("phrase").await;
    state(&seeker.face, "leave", "written").await;
    state(&seeker.face, "leave", "at_node").await;
    seeker.face.exit().await;
    phrase["words"].as_str().expect("eight words").to_owned()
}

async fn come_back(seeker: &Seeker, words: &str) {
    seeker.face.send(json!({"cmd": "return", "words": words})).await;
}

async fn answer(counselor: &Counselor, mail: &Value, text: &str) {
    let reply = json!({"cmd": "reply", "mail": mail["mail"], "id": "r1", "text": text});
    counselor.face.send(reply).await;
    let written = state(&counselor.face, "r1", "written").await;
    assert_eq!(written["chat"], mail["mail"]);
    state(&counselor.face, "r1", "at_node").await;
}

#[tokio::test]
async fn a_message_outlives_a_home_and_eight_words_read_its_answer() {
    let plan = Plan {
        homes: 2,
        counselors: &["Nour", "Salma"],
        ..Plan::default()
    };
    let helpline = Helpline::found(plan).await;
    for counselor in 0..2 {
        pass_by(&helpline, counselor).await;
    }
    let words = leave(&helpline, LEFT).await;
    assert_eq!(words.split(' ').count(), 8);
    // One home is gone for good, the other one comes back with its disk only.
    for home in &helpline.homes {
        home.kill().await;
    }
    helpline.homes[1].run().await;

    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let mail = counselor.face.event("mail").await;
    assert_eq!((&mail["text"], &mail["returning"]), (&LEFT.into(), &false.into()));
    // A colleague has it on her desk too, until it is answered.
    let colleague = helpline.counselor(1);
    colleague.on_duty().await;
    assert_eq!(colleague.face.event("mail").await["text"], LEFT);
    answer(&counselor, &mail, ANSWER).await;
    let answered = colleague.face.event("mail_answered").await;
    assert_eq!(answered["mail"], mail["mail"]);
    colleague.face.send(json!({"cmd": "off_duty"})).await;
    colleague.face.event("off_duty").await;
    assert!(counselor.face.all("mail_answered").is_empty());

    let seeker = helpline.seeker("seeker who comes back");
    come_back(&seeker, "abandon").await;
    assert!(
        error(&seeker.face, "bad_phrase").await["message"]
            .as_str()
            .unwrap()
            .contains('8')
    );
    come_back(&seeker, &words.to_uppercase().replace('É', "E")).await;
    let letter = seeker.face.event("mail").await;
    assert_eq!(letter["text"], ANSWER);
    let date = letter["date"].as_str().expect("a date");
    assert!(
        date.len() == 20 && date.starts_with("20") && date.ends_with('Z'),
        "{date}"
    );

    // She asks for somebody, and that counselor knows that she was here before.
    seeker.ask("ana").await;
    let chat = counselor.take().await;
    assert_eq!(chat["returning"], true);
    seeker.say("s1", "chokran").await;
    counselor.face.event("message").await;

    // Other words, as good as hers, read nothing.
    let mut random: Random = Box::new(ChaCha20Rng::seed_from_u64(7));
    let stranger = helpline.seeker("somebody else");
    come_back(
        &stranger,
        &Phrase::generate(WordList::English, &mut random).words(),
    )
    .await;
    error(&stranger.face, "no_mail").await;
    assert!(stranger.face.all("mail").is_empty());

    assert_eq!(counselor.face.all("mail").len(), 1, "shown once");
    assert_eq!(seeker.face.all("mail").len(), 1, "shown once");
    for face in [&seeker.face, &stranger.face, &counselor.face, &colleague.face] {
        face.exit().await;
    }
}

#[tokio::test]
async fn closed_is_told_before_a_word_is_written() {
    let plan = Plan {
        homes: 2,
        counselors: &["Nour"],
        ..Plan::default()
    };
    let helpline = Helpline::found(plan).await;
    let seeker = helpline.seeker("seeker who only looks");
    seeker.face.event("closed").await;
    let is = |name: &'static str| move |event: &Value| event["event"] == name;
    let at = |name| seeker.face.when(is(name)).expect(name);
    let after = at("closed").saturating_sub(at("verified"));
    assert!(after < Duration::from_secs(2), "{after:?} after it was verified");
    let none = |event: &Value| event["event"] == "sealed" && event["possible"] == false;
    seeker
        .face
        .until("a sealed message that nobody could read", none)
        .await;
    // Somebody comes and goes: she is told of both, and that a message can be left.
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    seeker.face.event("open").await;
    counselor.face.send(json!({"cmd": "off_duty"})).await;
    seeker.face.count("closed", 2).await;
    let some = |event: &Value| event["event"] == "sealed" && event["possible"] == true;
    seeker
        .face
        .until("a sealed message that somebody could read", some)
        .await;
    // Who asks all the same is answered.
    seeker.ask("").await;
    seeker.face.count("closed", 3).await;
    assert_eq!(seeker.face.all("open").len(), 1);
    for face in [&seeker.face, &counselor.face] {
        face.exit().await;
    }
}
