//! One attack, once: a new helpline, a quiet time, twice that time under attack, and what people had of it.

use std::time::Duration;

use hamsa_tests::{
    args,
    attack::{Arrival, Talk, Tally, arrive, serve, slow_disk, stopped},
    cast::{Counselor, Helpline, Node, Plan, Seeker, hamsa_node},
    proxy::Weather,
};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::{
    Attack,
    figures::{Spread, share},
    room::{Room, most_memory},
    strike::Strike,
};

/// How fast the two talk; on the narrow line they shall not fill it themselves.
const PACE: Duration = Duration::from_millis(50);
const PACE_ON_THE_LINE: Duration = Duration::from_millis(250);
/// A desk's line, in bits per second, in the attack on desks.
const LINE: u32 = 1_000_000;
/// A sync of the slow disk.
const SYNC: Duration = Duration::from_secs(1);
/// Clients that say "urgent" and stop.
const STOPPED: usize = 3;
/// People wait at most so many times as long as in quiet times.
const TIMES: f64 = 2.0;
/// A newcomer is in the queue in this time, in seconds.
const IN_THE_QUEUE: f64 = 10.0;
/// The budget of a home's memory when nothing is configured, and a tenth more, in MiB.
const MEMORY: u64 = 192 + 19;

/// What people had in one time.
struct Time {
    words: Vec<Duration>,
    arrivals: Vec<Arrival>,
}

impl Time {
    fn p50(&self) -> f64 {
        share(&self.words, 0.5)
    }

    fn p99(&self) -> f64 {
        share(&self.words, 0.99)
    }

    fn places(&self) -> f64 {
        self.worst(|arrival| arrival.place)
    }

    fn answers(&self) -> f64 {
        self.worst(|arrival| arrival.answered)
    }

    fn worst(&self, of: impl Fn(&Arrival) -> Duration) -> f64 {
        share(&self.arrivals.iter().map(of).collect::<Vec<_>>(), 0.99)
    }
}

/// What one repetition showed.
pub(crate) struct Siege {
    quiet: Time,
    attacked: Time,
    /// Until a sealed message was kept, in the attack on mail.
    kept: Option<Duration>,
    home: u64,
    entry: u64,
    /// Homes that the system ended because their memory was used up, in this and all repetitions before.
    killed: u64,
    done: Value,
}

/// Everybody of one repetition.
struct Siegers<'a> {
    helpline: &'a Helpline,
    talk: Talk,
    pace: Duration,
    salma: Counselor,
}

impl Siegers<'_> {
    /// Two talk, and people come one after the other and are served.
    async fn time(&mut self, lasts: Duration) -> Time {
        let until = Instant::now() + lasts;
        let coming = async {
            let mut arrivals = Vec::new();
            while Instant::now() < until {
                arrivals.push(arrive(self.helpline, false).await);
            }
            arrivals
        };
        let served = async {
            tokio::select! {
                arrivals = coming => arrivals,
                () = serve(&self.salma) => unreachable!("it has no end"),
            }
        };
        let talking = timeout(lasts, self.talk.go_on(self.pace));
        let (arrivals, _) = tokio::join!(served, talking);
        Time {
            words: self.talk.end().await,
            arrivals,
        }
    }
}

/// Runs one repetition; nothing where the machine cannot.
pub(crate) async fn lay(attack: Attack, room: &Room, lasts: Duration) -> Option<Siege> {
    let helpline = Helpline::found(Plan {
        homes: if attack == Attack::Entries { 2 } else { 1 },
        entries: if matches!(attack, Attack::Tickets | Attack::Mail) {
            2
        } else {
            1
        },
        counselors: &["Nour", "Salma"],
        proxied: attack == Attack::Desks,
        run: false,
    })
    .await;
    let home: &Node = &helpline.homes[0];
    let mut command = home.command();
    if attack == Attack::Disk {
        let Some(slow) = slow_disk(command, SYNC) else {
            eprintln!("no slow disk: strace is not there, or not allowed to trace");
            return None;
        };
        command = slow;
    }
    home.run_as(room.home(command)).await;
    for entry in &helpline.entries {
        entry.run_as(room.node(entry.command())).await;
    }
    if attack == Attack::Entries {
        // The other home is in other hands.
        let partners = |status: &Value| status["partners"][0]["connected"] == true;
        home.until("its entry", partners).await;
    } else {
        helpline.connected().await;
    }
    let talk = Talk::begin(&helpline).await;
    let salma = helpline.counselor(1);
    salma.on_duty().await;
    if attack == Attack::Desks {
        helpline.ways.desk[0].set(Weather::narrow(LINE));
    }
    let mut all = Siegers {
        helpline: &helpline,
        talk,
        pace: if attack == Attack::Desks {
            PACE_ON_THE_LINE
        } else {
            PACE
        },
        salma,
    };
    let mut kept = None;
    let quiet = all.time(lasts / 2).await;
    let (attacked, done) = match attack {
        Attack::Urgency => {
            let stopped = stop_some(&helpline).await;
            (all.time(lasts).await, json!({"stopped": stopped.len()}))
        }
        Attack::Rosters => {
            let tally = Tally::default();
            let attacked = tokio::select! {
                attacked = all.time(lasts) => attacked,
                () = older_publications(&helpline, &tally) => unreachable!("it has no end"),
            };
            (attacked, json!(tally.counts()))
        }
        _ => {
            let strike = Strike::begin(attack, &helpline, room).await;
            let attacked = all.time(lasts).await;
            if attack == Attack::Mail {
                let Siegers { talk, salma, .. } = all;
                talk.close().await;
                kept = Some(leave(&helpline, &salma).await);
            }
            (attacked, strike.done())
        }
    };
    Some(Siege {
        quiet,
        attacked,
        kept,
        home: most_memory(home),
        entry: most_memory(&helpline.entries[0]),
        killed: room.killed(),
        done,
    })
}

/// The publication of before a newer one is brought to a home again and again; it must refuse it each time.
async fn older_publications(helpline: &Helpline, tally: &Tally) {
    let (home, old) = (&helpline.homes[0], helpline.path("old"));
    let publish = args!["--queue", "--out", old];
    let _ = helpline.association("publish", publish).await.ok();
    let _ = helpline.publish().await;
    let kept = home.status().await["roster_version"].clone();
    loop {
        let install = hamsa_node(args!["install", "--dir", home.dir, old]);
        let _ = install.await.fails(&["older", "Publish again"]);
        assert_eq!(home.status().await["roster_version"], kept);
        tally.count("refused");
    }
}

/// Clients that say "urgent", have a place, and are stopped until they are known to be silent: somebody who then waits has
/// none of them before her.
async fn stop_some(helpline: &Helpline) -> Vec<Seeker> {
    let stopped = stopped(helpline, STOPPED).await;
    let watch = helpline.seeker("watch");
    watch.wait_in_line("").await;
    let first = |event: &Value| event["event"] == "waiting" && event["ahead"] == 0;
    watch.face.until("nobody before her", first).await;
    watch.face.exit().await;
    stopped
}

/// The helpline closes, and somebody leaves a message.
async fn leave(helpline: &Helpline, salma: &Counselor) -> Duration {
    salma.face.send(json!({"cmd": "off_duty"})).await;
    let _ = salma.face.event("off_duty").await;
    let seeker = helpline.seeker("seeker");
    seeker.ask("").await;
    let _ = seeker.face.event("closed").await;
    let start = Instant::now();
    let leave = json!({"cmd": "leave", "language": "ar", "text": "s'il vous plaît"});
    seeker.face.send(leave).await;
    let kept = |event: &Value| event["id"] == "leave" && event["state"] == "at_node";
    seeker.face.until("her message kept", kept).await;
    start.elapsed()
}

impl Siege {
    /// All of it, for programs.
    pub(crate) fn json(&self, attack: Attack) -> Value {
        let time = |time: &Time| {
            json!({
                "words": time.words.len(),
                "words_p50_s": time.p50(),
                "words_p99_s": time.p99(),
                "arrivals": time.arrivals.len(),
                "place_p99_s": time.places(),
                "answered_p99_s": time.answers(),
            })
        };
        json!({
            "attack": attack.name(),
            "quiet": time(&self.quiet),
            "attacked": time(&self.attacked),
            "lost": 0,
            "kept_s": self.kept.as_ref().map(Duration::as_secs_f64),
            "home_mib": self.home,
            "entry_mib": self.entry,
            "killed": self.killed,
            "done": self.done,
        })
    }
}

/// The names of the columns of [`row`].
pub(crate) const HEAD: &str = "| Attack | Words p50, quiet, ms | under attack | Words p99, quiet, ms | under attack | In the queue p99, quiet, s | under attack \
    | Answered p99, quiet, s | under attack | Home, MiB | Entry, MiB |\n|---|---|---|---|---|---|---|---|---|---|---|";

fn spread(sieges: &[Siege], of: impl Fn(&Siege) -> f64) -> Spread {
    Spread::of(sieges.iter().map(of))
}

/// A row for people: medians, with the least and the most.
pub(crate) fn row(attack: Attack, sieges: &[Siege]) -> String {
    let milliseconds = |of: fn(&Siege) -> f64| spread(sieges, of).in_units(1_000.0);
    let seconds = |of: fn(&Siege) -> f64| spread(sieges, of).in_units(1.0);
    let columns = [
        attack.name(),
        milliseconds(|siege| siege.quiet.p50()),
        milliseconds(|siege| siege.attacked.p50()),
        milliseconds(|siege| siege.quiet.p99()),
        milliseconds(|siege| siege.attacked.p99()),
        seconds(|siege| siege.quiet.places()),
        seconds(|siege| siege.attacked.places()),
        seconds(|siege| siege.quiet.answers()),
        seconds(|siege| siege.attacked.answers()),
        seconds(|siege| siege.home as f64),
        seconds(|siege| siege.entry as f64),
    ];
    format!("| {} |", columns.join(" | "))
}

/// Which bounds are broken.
pub(crate) fn broken(attack: Attack, sieges: &[Siege]) -> Vec<String> {
    let name = attack.name();
    let median = |of: fn(&Siege) -> f64| spread(sieges, of).median;
    let (quiet, attacked) = (
        median(|siege| siege.quiet.p99()),
        median(|siege| siege.attacked.p99()),
    );
    let mut broken = Vec::new();
    if attacked > TIMES * quiet {
        broken.push(format!(
            "{name}: words took {attacked:.3} s, and {quiet:.3} s in quiet times"
        ));
    }
    let place = spread(sieges, |siege| siege.attacked.places()).most;
    if place > IN_THE_QUEUE {
        broken.push(format!("{name}: somebody was in the queue after {place:.1} s"));
    }
    if sieges
        .iter()
        .any(|siege| siege.done["led astray"].as_u64() > Some(0))
    {
        broken.push(format!("{name}: somebody came to a false entry"));
    }
    let memory = sieges.iter().map(|siege| siege.home).max().unwrap_or_default();
    if memory > MEMORY {
        broken.push(format!("{name}: the home had {memory} MiB"));
    }
    if sieges.iter().any(|siege| siege.killed > 0) {
        broken.push(format!("{name}: a home was ended for its memory"));
    }
    broken
}
