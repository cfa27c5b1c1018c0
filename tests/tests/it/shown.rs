//! Received is shown (R30), with the real programs: a desk that is locked, covered, scrolled or too small, and faces
//! whose reader is slow.

use std::time::Duration;

use hamsa_tests::cast::{Counselor, Face, HAMSA, Helpline, PATIENCE, Plan, Process, Seeker, Tmux, program};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::{process::Command, time::sleep};

/// Longer than keys must rest before they act again.
const REST: Duration = Duration::from_millis(700);
/// So long a message that nobody reads is watched: a machine has acknowledged it within a tenth of this.
const UNREAD: Duration = Duration::from_secs(2);
/// Bytes of a message that fills a pipe: 64 KiB in a dozen of them.
pub(crate) const LONG: usize = 6_000;
/// So many of them that a pipe and every buffer behind it are full.
pub(crate) const MANY: usize = 40;

/// A desk on a real terminal with one chat open.
async fn desk(helpline: &Helpline) -> (Tmux, Seeker) {
    let tmux = Tmux::open(110, 28).await;
    let (hamsa, vault) = (program(HAMSA).display(), helpline.vault(0).display());
    let passphrase = helpline.passphrase().display();
    tmux.types(&format!(
        "clear; HAMSA_ARABIC=off {hamsa} counsel --vault {vault} --passphrase-file {passphrase} --lang en"
    ))
    .await;
    tmux.press(&["Enter"]).await;
    // The line that was typed names the vault: only the desk has this.
    tmux.sees("^L").await;
    tmux.sees("Nour").await;
    tmux.types("o").await;
    tmux.sees("on duty ·").await;
    let seeker = helpline.seeker("seeker");
    seeker.wait_in_line("kayhddni").await;
    tmux.until("somebody who waits", |screen| screen.contains(": 1"))
        .await;
    tmux.types("n").await;
    tmux.sees("kayhddni").await;
    seeker.answered().await;
    sleep(REST).await;
    (tmux, seeker)
}

fn is(id: &str, state: &str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "state" && event["id"] == id && event["state"] == state
}

/// Says something, and looks that it arrives and is not called received.
async fn unread(seeker: &Seeker, id: &str, text: &str) {
    seeker.say(id, text).await;
    seeker.face.until("at the node", is(id, "at_node")).await;
    sleep(UNREAD).await;
    assert!(
        !seeker.face.events().iter().any(is(id, "received")),
        "{id} is called received, and nobody was shown it"
    );
}

async fn received(face: &Face, id: &str) {
    face.until(&format!("received for {id}"), is(id, "received"))
        .await;
}

#[tokio::test]
async fn a_desk_that_shows_nothing_has_received_nothing() {
    let helpline = Helpline::found(Plan::default()).await;
    let (tmux, seeker) = desk(&helpline).await;
    seeker.say("open", "on an open screen").await;
    tmux.sees("on an open screen").await;
    received(&seeker.face, "open").await;

    // Covered by help.
    tmux.press(&["F1"]).await;
    tmux.sees("Esc back").await;
    unread(&seeker, "covered", "behind the help").await;
    tmux.press(&["Escape"]).await;
    tmux.sees("behind the help").await;
    received(&seeker.face, "covered").await;

    // Too small for anything; then as small as a talk can be.
    tmux.resize(20, 5).await;
    tmux.sees("too").await;
    unread(&seeker, "small", "in a small window").await;
    tmux.resize(40, 12).await;
    tmux.sees("in a small window").await;
    received(&seeker.face, "small").await;
    tmux.resize(110, 28).await;

    // Scrolled up.
    for number in 0..40 {
        let id = format!("row-{number}");
        seeker.say(&id, &format!("row {number}")).await;
        received(&seeker.face, &id).await;
    }
    sleep(REST).await;
    tmux.press(&["PageUp", "PageUp", "PageUp"]).await;
    tmux.until("older words", |screen| !screen.contains("row 39"))
        .await;
    unread(&seeker, "below", "below the screen").await;
    tmux.press(&["PageDown", "PageDown", "PageDown", "PageDown"])
        .await;
    tmux.sees("below the screen").await;
    received(&seeker.face, "below").await;

    // Locked: and the seeker is told, in a cell that goes anyway.
    tmux.press(&["C-l"]).await;
    tmux.sees("Locked.").await;
    unread(&seeker, "locked", "behind the lock").await;
    let told = |event: &Value| event["event"] == "counselor";
    assert_eq!(seeker.face.until("her screen", told).await["state"], "locked");
    tmux.sees("1 new in 1 chat").await;
    seeker.face.mark();
    tmux.press(&["Enter"]).await;
    tmux.sees("Passphrase:").await;
    let passphrase = std::fs::read_to_string(helpline.passphrase()).unwrap();
    tmux.types(passphrase.trim_end()).await;
    tmux.press(&["Enter"]).await;
    tmux.sees("behind the lock").await;
    received(&seeker.face, "locked").await;
    assert_eq!(seeker.face.until("her screen", told).await["state"], "here");
}

/// A desk dies with a word behind its lock: the next one is told it, and only then it is received.
#[tokio::test]
async fn what_a_dead_desk_had_and_did_not_show_reaches_the_next() {
    let helpline = Helpline::found(Plan {
        counselors: &["Nour", "Salma"],
        ..Plan::default()
    })
    .await;
    let (tmux, seeker) = desk(&helpline).await;
    tmux.press(&["C-l"]).await;
    tmux.sees("Locked.").await;
    unread(&seeker, "locked", "behind the lock").await;
    let next = helpline.counselor(1);
    next.on_duty().await;
    Tmux::signal(tmux.program().await, Signal::KILL);
    let chat = next.take().await;
    let message = |event: &Value| event["event"] == "message" && event["chat"] == chat["chat"];
    assert_eq!(
        next.face.until("the message", message).await["text"],
        "behind the lock"
    );
    received(&seeker.face, "locked").await;
}

/// A program of the shell's whose output goes through one that can be stopped.
pub(crate) fn through_cat(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{command} | cat")]);
    shell.env("HOME", "/nonexistent");
    shell
}

/// The process that reads what the program writes.
pub(crate) fn reader(shell: &Process) -> Pid {
    let pid = shell.pid();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    let is_cat = |pid: &&str| {
        std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "cat")
    };
    let cat = children.split_whitespace().find(is_cat).unwrap();
    Pid::from_raw(cat.parse().unwrap()).unwrap()
}

/// Says much to a face whose reader stands still; what it has not written is not received, and all of it is when the
/// reader goes on.
async fn a_slow_reader(cat: Pid, say: impl AsyncFn(String, String), sender: &Face) {
    kill_process(cat, Signal::STOP).unwrap();
    let id = |number: usize| format!("long-{number}");
    for number in 0..MANY {
        say(id(number), format!("{number} {}", "x".repeat(LONG))).await;
    }
    let last = id(MANY - 1);
    sender.until("at the node", is(&last, "at_node")).await;
    sleep(UNREAD).await;
    let seen = sender.events();
    assert!(!seen.iter().any(is(&last, "received")), "nobody has written it");
    kill_process(cat, Signal::CONT).unwrap();
    for number in 0..MANY {
        received(sender, &id(number)).await;
    }
}

#[tokio::test]
async fn a_json_face_whose_reader_is_slow_has_received_what_it_wrote() {
    let helpline = Helpline::found(Plan::default()).await;
    let (hamsa, vault) = (program(HAMSA).display(), helpline.vault(0).display());
    let passphrase = helpline.passphrase().display();
    let command = format!("{hamsa} counsel --json --vault {vault} --passphrase-file {passphrase}");
    let counselor = Counselor::by("slow counselor", through_cat(&command));
    counselor.on_duty().await;
    let seeker = helpline.seeker("seeker");
    seeker.wait_in_line("salam").await;
    counselor.take().await;
    seeker.answered().await;
    let cat = reader(counselor.face.process());
    let say = async |id: String, text: String| seeker.say(&id, &text).await;
    a_slow_reader(cat, say, &seeker.face).await;
}

/// On the plain face, from the first page to a place in the queue.
pub(crate) async fn waits_in_lines(seeker: &Process) {
    for (line, seen) in [
        ("", "connected"),
        ("1", "Are you in danger now?"),
        ("3", "What would you like to say first?"),
        ("> kayhddni", "You are next"),
    ] {
        if !line.is_empty() {
            seeker.say(line).await;
        }
        seeker
            .find(seen, 0, PATIENCE, |line| line.text.contains(seen).then_some(()))
            .await;
    }
}

#[tokio::test]
async fn a_plain_face_whose_reader_is_slow_has_received_what_it_wrote() {
    let helpline = Helpline::found(Plan::default()).await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let (hamsa, address) = (program(HAMSA).display(), &helpline.address);
    let command = format!("{hamsa} seek {address} --plain --lang en");
    let seeker = Process::start("slow seeker", through_cat(&command));
    waits_in_lines(&seeker).await;
    let chat = counselor.take().await;
    let cat = reader(&seeker);
    let say = async |id: String, text: String| counselor.say(&chat, &id, &text).await;
    a_slow_reader(cat, say, &counselor.face).await;
    let more = json!({"cmd": "end", "chat": chat["chat"]});
    counselor.face.send(more).await;
}
