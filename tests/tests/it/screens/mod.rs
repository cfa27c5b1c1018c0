//! Every step of a visit on a real terminal, in three languages and at two sizes, held against the golden files in
//! `tests/golden/seeker`. The world is the real one: nodes, an association with texts of its own, three counselors,
//! of whom the first one's program is killed in the middle of the talk.

mod book;
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

use crate::together::{scenario, together};
use visit::Visit;

/// Longer than a counselor who was killed keeps her talks, and her homes wait for her.
const GIVEN_UP: Duration = Duration::from_secs(120);

/// What the association says of itself.
const SETTINGS: &str = r#"
name = "Association A"
chats_at_once = 3

[texts.fr]
hours = "lundi à vendredi, 9 h à 18 h"
confidentiality = "Deux écoutantes et une responsable lisent les messages scellés. Après 14 jours, ils disparaissent."
danger = "Venez à l'accueil, rue 3. La porte est ouverte la nuit."
legal = "Parlez-nous d'abord : l'avocate reçoit le mardi."
services = "Accueil, rue 3. Écoute, hébergement, accompagnement."

[texts.ar]
hours = "من الاثنين للجمعة، من 9 حتى 18"
confidentiality = "جوج مستمعات ومسؤولة كيقراو الرسائل المختومة. من بعد 14 يوم كتمسح."
danger = "أجي للاستقبال، زنقة 3. الباب محلول بالليل."
legal = "هضري معانا الأول: المحامية كاينة نهار الثلاثاء."
services = "الاستقبال، زنقة 3. استماع، إيواء، مرافقة."

[texts.en]
hours = "Monday to Friday, 9 to 18"
confidentiality = "Two counselors and a supervisor read sealed messages. After 14 days they are gone."
danger = "Come to our house, street 3. The door is open at night."
legal = "Talk to us first: the lawyer is there on Tuesdays."
services = "House, street 3. Listening, shelter, company."
"#;

#[tokio::test]
async fn every_step_of_a_visit_looks_as_it_was_reviewed() {
    together(vec![
        scenario("80x24", visits((80, 24))),
        scenario("40x15", visits((40, 15))),
    ])
    .await;
}

/// Three seekers, each in her language, walk side by side.
async fn each(visits: &mut [Visit; 3], walk: impl AsyncFn(&mut Visit)) {
    let [french, arabic, english] = visits;
    tokio::join!(walk(french), walk(arabic), walk(english));
}

async fn visits(size: (u16, u16)) {
    let helpline = found().await;
    let address = &helpline.address;
    let mut visits = [
        Visit::new("fr", size, address).await,
        Visit::new("ar", size, address).await,
        Visit::new("en", size, address).await,
    ];

    // Nobody is on duty; Nour was, so that messages can be sealed to her.
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
        visit.shows("50-waiting-room").await;
    }
    each(&mut visits, Visit::waits).await;
    let mut chats = Vec::new();
    for visit in &mut visits {
        visit.is_next().await;
        let chat = nour.take().await;
        assert_eq!(chat["language"], visit.language);
        assert_eq!(chat["text"], visit.said.first);
        visit.is_answered().await;
        chats.push(chat);
    }
    for (visit, chat) in visits.iter_mut().zip(&chats) {
        nour.say(chat, "c1", visit.said.hello).await;
        visit.is_greeted().await;
        said(&nour, visit.said.talk[1]).await;
        nour.say(chat, "c2", visit.said.mixed).await;
        visit.reads_mixed_words().await;
    }
    each(&mut visits, Visit::looks_around_in_a_talk).await;

    // The way is cut, and Nour's program is killed before it is mended: no word of hers can overtake the screens.
    helpline.entries[0].freeze();
    each(&mut visits, Visit::is_cut_off).await;
    nour.face.process().signal(Signal::KILL);
    helpline.entries[0].thaw();
    each(&mut visits, Visit::writes_to_nobody).await;
    let amal = helpline.counselor(1);
    amal.on_duty().await;
    waiting(&amal, 3).await;
    each(&mut visits, Visit::is_reopened).await;
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
        visit.is_passed_on().await;
    }
    each(&mut visits, Visit::ends).await;

    // Again, and this time the counselor ends it.
    for visit in &mut visits {
        visit.begins_again().await;
        let chat = salma.take().await;
        visit.has_a_talk_again().await;
        salma.face.send(json!({"cmd": "end", "chat": chat["chat"]})).await;
    }
    each(&mut visits, Visit::leaves_at_once).await;
    helpline.entries[0].kill().await;
    each(&mut visits, Visit::has_no_helpline).await;
    for visit in visits {
        visit.book.close();
    }
}

async fn found() -> Helpline {
    let plan = Plan {
        counselors: &["Nour", "Amal", "Salma"],
        ..Plan::default()
    };
    let helpline = Helpline::found(plan).await;
    let settings = helpline.path("settings.toml");
    fs::write(&settings, SETTINGS).unwrap();
    let _ = helpline
        .association("settings", args!["--file", settings])
        .await
        .ok();
    helpline.publish().await;
    helpline
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
async fn said(counselor: &Counselor, words: &str) {
    let is = |event: &Value| {
        let text = event["text"].as_str().unwrap_or_default();
        event["event"] == "message" && text.ends_with(words)
    };
    counselor.face.until(words, is).await;
}
