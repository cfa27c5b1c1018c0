//! R8: whoever is killed, no (key, nonce) pair is used twice. Real clients, real sockets; the homes are the test's own
//! and write down what comes.
//!
//! A cell's key and nonce are told by the token it is put under (one chat, one direction) and its index: under both
//! there is one ciphertext or none, however often it is sent, wherever it is sent, whoever comes back. What a client
//! draws for a handshake or a ticket never stands in two of them. And a process that was started anew writes nothing
//! under a key that an earlier one had.

use hamsa_node::directory::NodeDirectory;
use hamsa_tests::{
    cast::{Counselor, Helpline, Plan, Seeker},
    proxy::Storm,
};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    talk::{exchange, messages},
    together::long,
    witness::Witness,
};

/// Longest that a killed process may take to be gone.
const GONE: std::time::Duration = std::time::Duration::from_secs(10);

struct Play {
    helpline: Helpline,
    witness: Witness,
    storm: Storm,
    said: usize,
}

impl Play {
    async fn begin() -> Self {
        let plan = Plan {
            homes: 2,
            run: false,
            ..Plan::default()
        };
        let helpline = Helpline::found(plan).await;
        let homes: Vec<NodeDirectory> = helpline
            .homes
            .iter()
            .map(|home| NodeDirectory::open(&home.dir).unwrap())
            .collect();
        let witness = Witness::start(&homes).await;
        let entry = &helpline.entries[0];
        entry.run().await;
        let connected = |status: &Value| {
            let partners = status["partners"].as_array();
            partners.is_some_and(|all| all.iter().all(|partner| partner["connected"] == true))
        };
        entry.until("connection with both homes", connected).await;
        Self {
            helpline,
            witness,
            storm: Storm::new(8),
            said: 0,
        }
    }

    async fn counselor(&self) -> Counselor {
        self.witness.another_desk();
        let counselor = self.helpline.counselor(0);
        counselor.on_duty().await;
        counselor
    }

    async fn seeker(&self, name: &str) -> Seeker {
        self.witness.another_seeker();
        let seeker = self.helpline.seeker(name);
        seeker.ask("").await;
        seeker
    }

    /// Both write without a pause; it ends somewhere in the middle, by what has passed the homes.
    async fn in_the_middle(&mut self, counselor: &Counselor, seeker: &Seeker, chat: &Value) {
        let until = self.witness.events() + 1 + self.storm.below(20);
        for number in 0..8 {
            // One of them fills several cells.
            let (id, text) = messages("", 8).swap_remove(if number == 3 { 7 } else { number });
            self.said += 1;
            seeker.say(&format!("s{}{id}", self.said), &text).await;
            counselor.say(chat, &format!("c{}{id}", self.said), &text).await;
        }
        self.witness.reaches(until).await;
    }

    /// One more chat, with nobody killed in it: what one home loses comes to the other, as the same bytes.
    async fn cells_at_two_homes(&mut self, counselor: &Counselor) {
        let seeker = self.seeker("at two homes").await;
        let chat = counselor.take().await;
        self.witness.loses_at(0);
        for number in 0..8 {
            seeker.say(&format!("both-{number}"), "at both").await;
            counselor.say(&chat, &format!("both-{number}"), "at both").await;
        }
        while self.witness.compare() == 0 {
            self.witness.reaches(self.witness.events() + 1).await;
        }
        assert_eq!(seeker.face.all("answered").len(), 1, "one chat, and no other key");
    }

    /// She is started again and has her own chat back; or takes whoever waits.
    async fn comes_back(&self) -> (Counselor, Value) {
        let counselor = self.counselor().await;
        let event = counselor
            .face
            .until("her chat, or somebody who waits", |event| {
                event["event"] == "chat" || event["event"] == "desk" && event["waiting"].as_u64() > Some(0)
            })
            .await;
        if event["event"] == "desk" {
            counselor.face.send(json!({"cmd": "take_next"})).await;
        }
        let chat = counselor.face.event("chat").await;
        (counselor, chat)
    }
}

async fn kill(face: &hamsa_tests::cast::Face) {
    face.process().signal(Signal::KILL);
    face.process().exit(GONE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_and_nonce_meet_twice_over_kills() {
    let mut play = Play::begin().await;
    let (visits, kills) = (long(2, 20), long(2, 5));
    let mut counselor = play.counselor().await;
    for visit in 0..visits {
        let seeker = play.seeker(&format!("seeker-{visit}")).await;
        if visit % 2 == 1 {
            // Killed between her claim and the first word.
            counselor.somebody_waits().await;
            let until = play.witness.events() + play.storm.below(4);
            counselor.face.send(json!({"cmd": "take_next"})).await;
            play.witness.reaches(until).await;
        } else {
            let chat = counselor.take().await;
            play.in_the_middle(&counselor, &seeker, &chat).await;
        }
        kill(&counselor.face).await;
        let mut chat;
        (counselor, chat) = play.comes_back().await;
        for _ in 1..kills {
            play.in_the_middle(&counselor, &seeker, &chat).await;
            kill(&counselor.face).await;
            (counselor, chat) = play.comes_back().await;
        }
        // Until all has arrived: what the homes lost on the way is sent again.
        let side = |side: &str| messages(&format!("{side}-all-{visit}-"), 8);
        exchange((&counselor, &seeker, &chat), &side("s"), &side("c")).await;
        // The seeker's program is killed while both write: nobody comes back with her keys.
        play.in_the_middle(&counselor, &seeker, &chat).await;
        kill(&seeker.face).await;
        let end = json!({"cmd": "end", "chat": chat["chat"]});
        counselor.face.send(end).await;
        counselor.face.event("ended").await;
        counselor.face.mark();
    }
    play.cells_at_two_homes(&counselor).await;
    // Killed while her ticket is on its way.
    for visit in 0..2 {
        let until = play.witness.events() + 1 + visit;
        let seeker = play.seeker("in a hurry").await;
        play.witness.reaches(until).await;
        kill(&seeker.face).await;
    }

    let (found, seen) = play.witness.verdict();
    assert!(found.is_empty(), "{found:#?}\n{seen:?}");
    println!("R8: {visits} visits, {seen:?}");
    // It looked at enough to find it.
    let runs = visits * (kills + 1);
    assert!(
        seen.runs as u64 >= runs && seen.handshakes >= 2 * runs,
        "{seen:?}"
    );
    assert!(
        seen.keys > seen.runs && seen.cells as u64 + seen.again == seen.puts,
        "{seen:?}"
    );
    assert!(seen.at_two_homes > 0, "{seen:?}");
    // Two visits may pass without a cell that comes again; twenty do not.
    assert!(visits < 20 || seen.again > 0, "{seen:?}");
    assert!(
        seen.postings >= visits * kills && seen.answers >= visits * kills,
        "{seen:?}"
    );
}
