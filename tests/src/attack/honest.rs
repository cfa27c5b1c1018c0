//! The honest people beside an attack, and how long they wait.

use std::{collections::HashMap, time::Duration};

use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::cast::{Counselor, Face, Helpline, Seeker, messages};

/// Two who talk at an even pace.
pub struct Talk {
    counselor: Counselor,
    seeker: Seeker,
    chat: Value,
    /// When the word of each number was said, by the clocks of the seeker's and the counselor's process.
    said: Vec<(Duration, Duration)>,
    /// Of these, the waits that were given already.
    told: usize,
}

impl Talk {
    /// A counselor takes a seeker, and they are ready to talk.
    pub async fn begin(helpline: &Helpline) -> Self {
        let (counselor, seeker, chat) = helpline.chat().await;
        Self {
            counselor,
            seeker,
            chat,
            said: Vec::new(),
            told: 0,
        }
    }

    /// The talk, without an end.
    pub async fn go_on(&mut self, pace: Duration) {
        loop {
            self.say_one().await;
            sleep(pace).await;
        }
    }

    /// Ends the chat; the counselor goes off duty.
    pub async fn close(self) {
        let end = json!({"cmd": "end", "chat": self.chat["chat"]});
        self.counselor.face.send(end).await;
        let _ = self.seeker.face.event("ended").await;
        self.counselor.face.send(json!({"cmd": "off_duty"})).await;
        let _ = self.counselor.face.event("off_duty").await;
    }

    async fn say_one(&mut self) {
        let number = self.said.len();
        let word = |side: &str| messages(side, number + 1).pop().unwrap();
        let ((there, there_text), (back, back_text)) = (word("s"), word("c"));
        let age = |face: &Face| face.process().age();
        let at = (age(&self.seeker.face), age(&self.counselor.face));
        self.seeker.say(&there, &there_text).await;
        self.counselor.say(&self.chat, &back, &back_text).await;
        // Only now: who stops in the middle says the same word again, and the face takes it once.
        self.said.push(at);
    }

    /// One more word each way. Then all of them must have arrived, once and in order, and nobody may have seen the link
    /// shake. Gives how long each word since the last call took until it was called received.
    ///
    /// # Panics
    /// When anything of it is not so.
    pub async fn end(&mut self) -> Vec<Duration> {
        self.say_one().await;
        let count = self.said.len();
        let (there, back) = (messages("s", count), messages("c", count));
        self.seeker.face.received(there.iter().map(|(id, _)| id)).await;
        self.counselor.face.received(back.iter().map(|(id, _)| id)).await;
        assert_eq!(self.counselor.face.messages(), there);
        assert_eq!(self.seeker.face.messages(), back);
        for face in [&self.seeker.face, &self.counselor.face] {
            let shaken = |event: &&Value| event["state"] == "reconnecting" || event["state"] == "offline";
            let links = face.all("link");
            assert_eq!(
                links.iter().filter(shaken).count(),
                0,
                "{}",
                face.process().story()
            );
        }
        let since = std::mem::replace(&mut self.told, count);
        let said = &self.said[since..];
        let mut all = waits(&self.seeker.face, &there[since..], said.iter().map(|(at, _)| *at));
        all.extend(waits(
            &self.counselor.face,
            &back[since..],
            said.iter().map(|(_, at)| *at),
        ));
        all
    }
}

/// How long somebody who came waited.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Until she had a place in the queue.
    pub place: Duration,
    /// Until a counselor was there.
    pub answered: Duration,
}

/// Somebody comes, asks, is answered, and leaves.
pub async fn arrive(helpline: &Helpline, urgent: bool) -> Arrival {
    let seeker = helpline.seeker("somebody who comes");
    let _ = seeker.face.event("verified").await;
    let start = Instant::now();
    let ask = json!({"cmd": "start", "language": "ar", "urgent": urgent, "text": "salam"});
    seeker.face.send(ask).await;
    seeker.has_a_place().await;
    let place = start.elapsed();
    let _ = seeker.answered().await;
    let answered = start.elapsed();
    let _ = seeker.face.event("ended").await;
    Arrival { place, answered }
}

/// Whether somebody who waits has been put back, or lost the place.
#[must_use]
pub fn is_set_back(seeker: &Seeker) -> bool {
    let places = seeker.face.all("waiting");
    let ahead: Vec<u64> = places
        .iter()
        .filter_map(|event| event["ahead"].as_u64())
        .collect();
    !ahead.is_sorted_by(|before, after| before >= after) || !seeker.face.all("reopened").is_empty()
}

/// How long each of these words took until it was received.
fn waits(face: &Face, words: &[(String, String)], said: impl Iterator<Item = Duration>) -> Vec<Duration> {
    let lines = face.process().lines();
    let received = lines.iter().filter_map(|line| {
        let event = line.json.as_ref()?;
        let id = event["id"].as_str().filter(|_| event["state"] == "received")?;
        Some((id, line.at))
    });
    let received: HashMap<&str, Duration> = received.collect();
    let wait = |((id, _), said): (&(String, String), Duration)| received[id.as_str()].saturating_sub(said);
    words.iter().zip(said).map(wait).collect()
}

/// A counselor who takes whoever is next, and ends each chat as soon as it is there; without an end.
pub async fn serve(counselor: &Counselor) {
    loop {
        counselor.somebody_waits().await;
        counselor.face.mark();
        counselor.face.send(json!({"cmd": "take_next"})).await;
        let come = |event: &Value| event["event"] == "chat" || event["event"] == "error";
        let event = counselor.face.until("a chat", come).await;
        if event["event"] == "chat" {
            let end = json!({"cmd": "end", "chat": event["chat"]});
            counselor.face.send(end).await;
        }
    }
}

/// So many clients that say to be in danger, have a place, and are stopped then.
///
/// # Panics
/// When one of them gets no place.
pub async fn stopped(helpline: &Helpline, count: usize) -> Vec<Seeker> {
    let mut stopped = Vec::new();
    for number in 0..count {
        let client = helpline.seeker(&format!("stopped {number}"));
        let start = json!({"cmd": "start", "language": "ar", "urgent": true, "text": "junk"});
        client.face.send(start).await;
        client.has_a_place().await;
        client.face.process().signal(Signal::STOP);
        stopped.push(client);
    }
    stopped
}
