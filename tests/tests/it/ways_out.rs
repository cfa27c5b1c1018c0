//! A terminal or a pipe that takes nothing any more holds no way out: the engine hears it, and the process ends.

use hamsa_tests::cast::{Counselor, HAMSA, Helpline, Plan, Process, Seeker, Tmux, program};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::shown::{LONG, MANY, reader, through_cat, waits_in_lines};

/// How somebody leaves.
#[derive(Clone, Copy, Debug)]
enum Way {
    Key(&'static str),
    Told(Signal),
}

/// Runs a face whose keys come from one terminal and whose output goes to another, which freezes; then leaves.
async fn leaves(command: &str, ready: &str, way: Way) {
    let (keys, screen) = (Tmux::open(100, 30).await, Tmux::open(100, 30).await);
    let tty = screen.fact("pane_tty").await;
    // Nobody else reads or writes there.
    screen.types("exec sleep 1000").await;
    screen.press(&["Enter"]).await;
    keys.types(&format!("clear; {command} >{tty}; echo status $?"))
        .await;
    keys.press(&["Enter"]).await;
    screen.sees(ready).await;
    let program = keys.program().await;
    screen.freezes().await;
    println!("{way:?} of {command}");
    // More is drawn than there is room for.
    keys.press(&["F1", "C-k"]).await;
    match way {
        Way::Key(key) => keys.press(&[key]).await,
        Way::Told(signal) => Tmux::signal(program, signal),
    }
    Tmux::gone(program).await;
    if let Way::Told(signal) = way
        && command.contains("counsel")
    {
        keys.sees(&format!("status {}", 128 + signal.as_raw())).await;
    }
}

#[tokio::test]
async fn a_frozen_terminal_holds_no_seeker() {
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let (hamsa, address) = (program(HAMSA).display(), &helpline.address);
    let screen = format!("HOME=/nonexistent {hamsa} seek {address} --lang en --arabic off");
    let plain = format!("{screen} --plain");
    for (command, ways) in [
        (
            &screen,
            [Way::Key("C-x"), Way::Told(Signal::TERM), Way::Told(Signal::HUP)],
        ),
        (
            &plain,
            [Way::Key("C-x"), Way::Told(Signal::TERM), Way::Key("C-x")],
        ),
    ] {
        for way in ways {
            leaves(command, "Before you write", way).await;
        }
    }
}

#[tokio::test]
async fn a_frozen_terminal_holds_no_desk() {
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let (hamsa, vault) = (program(HAMSA).display(), helpline.vault(0).display());
    let passphrase = helpline.passphrase().display();
    let screen =
        format!("{hamsa} counsel --vault {vault} --passphrase-file {passphrase} --lang en --arabic off");
    let plain = format!("{screen} --plain");
    for (command, ready, signal) in [
        (&screen, "off duty", Signal::TERM),
        (&screen, "off duty", Signal::HUP),
        (&plain, "9 leave", Signal::QUIT),
    ] {
        leaves(command, ready, Way::Told(signal)).await;
    }
    leaves(&plain, "9 leave", Way::Key("C-c")).await;
}

/// The program that writes into the pipe.
fn writer(shell: &Process) -> Pid {
    let pid = shell.pid();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    let cat = reader(shell).as_raw_nonzero().to_string();
    let hamsa = children.split_whitespace().find(|child| **child != cat);
    Pid::from_raw(hamsa.unwrap().parse().unwrap()).unwrap()
}

/// A reader that stands still until this is dropped.
struct StandsStill(Pid);

impl Drop for StandsStill {
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::CONT);
    }
}

/// Says more to a seeker than its unread pipe holds.
async fn fills(counselor: &Counselor, seeker: &Process) -> StandsStill {
    let chat = counselor.take().await;
    let still = StandsStill(reader(seeker));
    Tmux::signal(still.0, Signal::STOP);
    for number in 0..MANY {
        let text = format!("{number} {}", "x".repeat(LONG));
        counselor.say(&chat, &format!("long-{number}"), &text).await;
    }
    let last = format!("long-{}", MANY - 1);
    counselor
        .face
        .until("at the node", |event| {
            event["event"] == "state" && event["id"] == last && event["state"] == "at_node"
        })
        .await;
    still
}

#[tokio::test]
async fn an_unread_pipe_holds_no_json_face() {
    let helpline = Helpline::found(Plan::default()).await;
    let (hamsa, address) = (program(HAMSA).display(), &helpline.address);
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let seeker = Seeker::by("unread", through_cat(&format!("{hamsa} seek {address} --json")));
    seeker.wait_in_line("kayhddni").await;
    let _still = fills(&counselor, seeker.face.process()).await;
    let program = writer(seeker.face.process());
    seeker.face.send(json!({"cmd": "exit"})).await;
    counselor.face.event("ended").await;
    Tmux::gone(program).await;
}

#[tokio::test]
async fn an_unread_pipe_holds_no_plain_face() {
    let helpline = Helpline::found(Plan::default()).await;
    let (hamsa, address) = (program(HAMSA).display(), &helpline.address);
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let seeker = Process::start(
        "unread",
        through_cat(&format!("{hamsa} seek {address} --plain --lang en")),
    );
    waits_in_lines(&seeker).await;
    let _still = fills(&counselor, &seeker).await;
    let program = writer(&seeker);
    seeker.say("x").await;
    counselor.face.event("ended").await;
    Tmux::gone(program).await;
}
