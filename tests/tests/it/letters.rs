//! Sealed messages through real processes: left in closed hours, answered, read by the phrase alone; and homes that are
//! killed while they write.

use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};

use hamsa_protocol::crypto::{
    phrase::{Phrase, WordList},
    random::Random,
};
use hamsa_tests::{
    cast::{Counselor, Helpline, Node, PATIENCE, Plan, Seeker},
    proxy::Storm,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
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
    wrong[7] = "xylophon";
    let mut random: Random = Box::new(ChaCha20Rng::seed_from_u64(7));
    let other = Phrase::generate(WordList::English, &mut random).words();
    let stranger = helpline.seeker("stranger");
    for (words, code) in [(wrong.join(" "), "bad_phrase"), (other.to_string(), "no_mail")] {
        stranger.face.send(json!({"cmd": "return", "words": words})).await;
        let error = |event: &Value| event["event"] == "error" && event["code"] == code;
        stranger.face.until(code, error).await;
    }
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

/// What a counselor reads when letters 0 to `last` are there, in the order of their numbers.
async fn letters(reader: &Counselor, last: u64) -> Vec<String> {
    reader
        .face
        .count("mail", usize::try_from(last).unwrap() + 1)
        .await;
    let text = |mail: &Value| mail["text"].as_str().unwrap().to_owned();
    let mut texts: Vec<String> = reader.face.all("mail").iter().map(text).collect();
    texts.sort_by_key(|text| (text.len(), text.clone()));
    texts
}

fn expected(last: u64) -> Vec<String> {
    (0..=last).map(|number| format!("letter {number}")).collect()
}

/// R7, as far as two cores and a minute go: the store's own test does it a thousand times.
#[tokio::test]
async fn a_home_that_is_killed_while_it_writes_keeps_what_it_took() {
    let helpline = Helpline::found(Plan::default()).await;
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    let mut line: Vec<Seeker> = Vec::new();
    let mut names = ["first", "second", "third"].map(str::to_owned).to_vec();
    for name in &names {
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
        // Now and then somebody new asks in the same moment.
        let newcomer = (number % (kills / 4) == 0).then(|| format!("newcomer {number}"));
        if let Some(name) = &newcomer {
            let seeker = helpline.seeker(name);
            seeker.face.event("verified").await;
            seeker.ask(name).await;
            line.push(seeker);
            names.push(name.clone());
        }
        sleep(storm.between(Duration::ZERO, Duration::from_millis(60))).await;
        helpline.homes[0].kill().await;
        opens(&helpline, 0).await;
        writer.face.until("it kept", kept).await;
        if newcomer.is_some() {
            // The next one asks after her.
            line.last().unwrap().has_a_place().await;
        }
    }
    // Once more without her: all that was called kept is there, each once.
    writer.face.exit().await;
    helpline.homes[0].kill().await;
    opens(&helpline, 0).await;
    nour.face.exit().await;
    let again = helpline.counselor(0);
    again.on_duty().await;
    assert_eq!(letters(&again, kills).await, expected(kills));
    // And the tickets kept their order, once all are back and sealed to the new shift.
    let all_wait = |event: &Value| event["event"] == "desk" && event["waiting"] == names.len();
    again.face.until("all of them wait", all_wait).await;
    for (seeker, name) in line.iter().zip(names) {
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
    assert_eq!(letters(&reader, stops).await, expected(stops));
}

/// Where sled keeps a home's mail: one file a day.
fn mail_files(home: &Node) -> Vec<PathBuf> {
    let days = fs::read_dir(home.dir.join("mail")).unwrap().flatten();
    let mut files: Vec<_> = days.map(|day| day.path().join("db")).collect();
    files.retain(|file| file.exists());
    assert!(!files.is_empty());
    files
}

fn lengths(files: &[PathBuf]) -> Vec<u64> {
    files
        .iter()
        .map(|file| fs::metadata(file).unwrap().len())
        .collect()
}

/// What says how many times a day was made durable: it is written, and synced, after sled's file was.
fn marks(files: &[PathBuf]) -> Vec<Vec<u8>> {
    let mark = |file: &PathBuf| fs::read(file.with_file_name("mark")).unwrap();
    files.iter().map(mark).collect()
}

/// R9 at a node: what was written after the last answer is lost in part, as when the power goes; nothing else is.
#[tokio::test]
async fn a_home_that_loses_what_was_not_synced_has_all_it_called_kept() {
    let helpline = Helpline::found(Plan::default()).await;
    let home = &helpline.homes[0];
    a_shift(&helpline).await;
    let mut storm = Storm::new(9);
    let (mut promised, mut torn) = (BTreeSet::new(), 0);
    let rounds = long(5, 40);
    for round in 0..rounds {
        let writer = helpline.seeker(&format!("writer {round}"));
        for number in 0..3 {
            let text = format!("letter {round} {number}");
            writer.face.mark();
            writer.face.send(leave(&text)).await;
            writer.face.until("it kept", kept).await;
            promised.insert(text);
        }
        // One more, in the middle of which the power goes.
        let files = mail_files(home);
        let (synced, before) = (lengths(&files), marks(&files));
        let last = format!("letter {round} last");
        writer.face.mark();
        writer.face.send(leave(&last)).await;
        sleep(storm.between(Duration::ZERO, Duration::from_millis(150))).await;
        home.kill().await;
        writer.face.process().signal(Signal::KILL);
        writer.face.process().exit(PATIENCE).await;
        let states = writer.face.all("state");
        if states.iter().filter(|event| kept(event)).count() == 4 {
            promised.insert(last);
        } else {
            let changed = before
                .into_iter()
                .zip(marks(&files))
                .map(|(before, now)| before != now);
            for (((file, synced), length), changed) in
                files.iter().zip(synced).zip(lengths(&files)).zip(changed)
            {
                // It was made durable before the power went, though the answer is still on its way: no disk loses it.
                if changed {
                    continue;
                }
                let cut = synced + storm.below(length - synced + 1);
                let mut bytes = fs::read(file).unwrap();
                bytes.truncate(usize::try_from(cut).unwrap());
                // The last page was on its way.
                let blank = usize::try_from(synced.max(cut.saturating_sub(4_096))).unwrap();
                bytes[blank..].fill(0);
                fs::write(file, bytes).unwrap();
                torn += u64::from(cut < length);
            }
        }
        opens(&helpline, 0).await;
        assert_eq!(home.status().await["mail"]["damaged"], json!([]));
    }
    println!("R9: {rounds} times, {torn} files shortened");
    let reader = helpline.counselor(0);
    reader.on_duty().await;
    // Not so many of them: what was kept and not promised is there too.
    for text in &promised {
        let reads = |event: &Value| event["event"] == "mail" && event["text"] == text.as_str();
        reader.face.until(text, reads).await;
    }
}

/// R9 at a node: damage in what was synced. It is said, the rest is served, and the other home has what this one lost.
#[tokio::test]
async fn a_home_whose_disk_is_damaged_says_so_and_serves_on() {
    let helpline = Helpline::found(Plan {
        homes: 2,
        ..Plan::default()
    })
    .await;
    let home = &helpline.homes[0];
    a_shift(&helpline).await;
    let mut writer = helpline.seeker("writer");
    for number in 0..=9 {
        // A home takes only so many messages over one link.
        if number % 3 == 2 {
            writer = helpline.seeker(&format!("writer {number}"));
        }
        writer.face.mark();
        writer.face.send(leave(&format!("letter {number}"))).await;
        writer.face.until("it kept", kept).await;
    }
    home.kill().await;
    for file in mail_files(home) {
        let mut bytes = fs::read(&file).unwrap();
        let (from, to) = (bytes.len() / 4, bytes.len() * 3 / 4);
        bytes[from..to].fill(0);
        fs::write(file, bytes).unwrap();
    }
    opens(&helpline, 0).await;
    let status = home.status().await;
    let damaged = status["mail"]["damaged"].as_array().unwrap();
    assert!(!damaged.is_empty(), "{status:#}");
    let name = damaged[0].as_str().unwrap();
    assert!(home.log().contains(name), "{}", home.log());

    let reader = helpline.counselor(0);
    reader.on_duty().await;
    assert_eq!(letters(&reader, 9).await, expected(9));
    // And it takes new mail: the other one is gone.
    helpline.homes[1].kill().await;
    writer.face.mark();
    writer.face.send(leave("letter 10")).await;
    writer.face.until("it kept", kept).await;
    assert_eq!(letters(&reader, 10).await, expected(10));
}
