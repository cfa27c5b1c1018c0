//! A visit on a real terminal, in three languages: what it shows is what the seeker's own tests have drawn and somebody
//! has reviewed. The world is the real one: nodes, an association with texts of its own, three counselors, of whom the
//! first one's program is killed in the middle of the talk.

mod book;
#[path = "../../../../tui-client/src/seeker/tests/said.rs"]
mod said;
mod visit;
mod walk;

use std::{
    fs,
    time::{Duration, Instant},
};

use hamsa_tests::{
    args,
    cast::{Counselor, Helpline, PATIENCE, Plan},
};
use rustix::process::Signal;
use serde_json::{Value, json};

use visit::Visit;

/// Longer than it takes until the chats of a killed counselor are open again: the seekers wait 45 s for a sign of life.
const GIVEN_UP: Duration = Duration::from_secs(120);

/// Three seekers, each in a language of its own, walk side by side.
async fn each(visits: &mut [Visit; 3], walk: impl AsyncFn(&mut Visit)) {
    let [french, arabic, english] = visits;
    tokio::join!(walk(french), walk(arabic), walk(english));
}

#[tokio::test]
async fn a_terminal_shows_what_was_reviewed() {
    let helpline = found().await;
    let [french, arabic, english] = said::ALL;
    let mut visits = [
        Visit::new(french, &helpline.address).await,
        Visit::new(arabic, &helpline.address).await,
        Visit::new(english, &helpline.address).await,
    ];

    // Nobody is on duty; Nour was, so that messages can be sealed to Nour.
    pass_by(&helpline).await;
    helpline.entries[0].freeze();
    each(&mut visits, Visit::before_the_helpline_answers).await;
    helpline.entries[0].thaw();
    each(&mut visits, Visit::before_writing).await;
    each(&mut visits, Visit::in_closed_hours).await;

    // Next day.
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    answer_mail(&nour, &visits).await;
    each(&mut visits, Visit::by_the_phrase).await;
    for (ahead, visit) in visits.iter_mut().enumerate() {
        visit.asks().await;
        waiting(&nour, ahead + 1).await;
        visit.shows("waiting room").await;
    }
    each(&mut visits, Visit::waits).await;
    let mut chats = Vec::new();
    for visit in &mut visits {
        visit.shows("waiting room, next").await;
        let chat = nour.take().await;
        assert_eq!(chat["language"], visit.language);
        assert_eq!(chat["text"], visit.said.first);
        visit.shows("talk, answered").await;
        chats.push(chat);
    }
    for (visit, chat) in visits.iter_mut().zip(&chats) {
        nour.say(chat, "c1", visit.said.hello).await;
        visit.is_greeted().await;
        has_read(&nour, visit.said.talk[1]).await;
        nour.say(chat, "c2", visit.said.mixed).await;
        visit.shows("talk in both directions").await;
    }

    // The way is cut, and Nour's program is killed before it is mended: no word of Nour can overtake the screens.
    helpline.entries[0].freeze();
    each(&mut visits, Visit::is_cut_off).await;
    nour.face.process().signal(Signal::KILL);
    helpline.entries[0].thaw();
    each(&mut visits, Visit::writes_to_nobody).await;
    let amal = helpline.counselor(1);
    amal.on_duty().await;
    waiting(&amal, 3).await;
    each(&mut visits, async |visit| visit.shows("talk opened again").await).await;
    let mut chats = Vec::new();
    for visit in &mut visits {
        let chat = amal.take().await;
        assert_eq!(chat["language"], visit.language);
        visit.has_another_counselor().await;
        chats.push(chat);
    }

    // Amal passes them on.
    let salma = helpline.counselor(2);
    salma.on_duty().await;
    for (visit, chat) in visits.iter_mut().zip(&chats) {
        // Until Amal's program has heard of Salma's duty it says that there is no such colleague.
        let transfer = json!({"cmd": "transfer", "chat": chat["chat"], "to": helpline.pseudonym(2)});
        let start = Instant::now();
        while !visit.reads("Salma").await {
            assert!(start.elapsed() < PATIENCE, "nobody is asked about Salma");
            amal.face.send(transfer.clone()).await;
        }
        visit.is_asked().await;
        salma.take().await;
        visit.shows("passed on").await;
    }
    each(&mut visits, Visit::ends).await;

    // Again, and this time the counselor ends it.
    for visit in &mut visits {
        visit.begins_again().await;
        let chat = salma.take().await;
        visit.shows("talk without a word").await;
        salma.face.send(json!({"cmd": "end", "chat": chat["chat"]})).await;
    }
    each(&mut visits, Visit::leaves_at_once).await;
    helpline.entries[0].kill().await;
    each(&mut visits, Visit::has_no_helpline).await;
}

async fn found() -> Helpline {
    let plan = Plan {
        counselors: &["Nour", "Amal", "Salma"],
        ..Plan::default()
    };
    let helpline = Helpline::found(plan).await;
    let settings = helpline.path("settings.toml");
    fs::write(&settings, settings_of_the_association()).unwrap();
    let _ = helpline
        .association("settings", args!["--file", settings])
        .await
        .ok();
    helpline.publish().await;
    helpline
}

/// What the association says of itself.
fn settings_of_the_association() -> String {
    let mut settings = "name = \"Association A\"\nchats_at_once = 3\n".to_owned();
    for (language, said) in said::ALL {
        settings.push_str(&format!("[texts.{language}]\n"));
        for (part, text) in [
            ("hours", said.hours),
            ("confidentiality", said.confidentiality),
            ("danger", said.danger),
            ("legal", said.legal),
            ("services", said.services),
        ] {
            settings.push_str(&format!("{part} = {}\n", Value::from(text)));
        }
    }
    settings
}

/// On duty for a moment.
async fn pass_by(helpline: &Helpline) {
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    nour.face.send(json!({"cmd": "off_duty"})).await;
    nour.face.event("off_duty").await;
    nour.face.exit().await;
}

/// Answers the sealed message of each of them.
async fn answer_mail(nour: &Counselor, visits: &[Visit; 3]) {
    nour.face.count("mail", visits.len()).await;
    for mail in nour.face.all("mail") {
        let visit = visits.iter().find(|visit| mail["text"] == visit.said.first);
        let text = visit.expect("a message of one of them").said.answer;
        let id = mail["mail"].as_str().unwrap().to_owned();
        let reply = json!({"cmd": "reply", "mail": id, "id": id, "text": text});
        nour.face.send(reply).await;
        let left =
            |event: &Value| event["event"] == "state" && event["id"] == *id && event["state"] == "at_node";
        nour.face.until("a reply at a home", left).await;
    }
}

/// Waits until so many wait.
async fn waiting(counselor: &Counselor, count: usize) {
    let is = |event: &Value| event["event"] == "desk" && event["waiting"] == count;
    counselor.face.until_within("those who wait", GIVEN_UP, is).await;
}

/// Waits until the counselor has read words that end so.
async fn has_read(counselor: &Counselor, words: &str) {
    let is = |event: &Value| {
        let text = event["text"].as_str().unwrap_or_default();
        event["event"] == "message" && text.ends_with(words)
    };
    counselor.face.until(words, is).await;
}
