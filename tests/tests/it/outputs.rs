//! R34: output that is gone or full. No program panics, and none stops doing what it is there for.

use std::{
    fs,
    io::{PipeReader, PipeWriter, pipe},
    os::fd::AsRawFd,
    path::Path,
    process::Stdio,
    time::Duration,
};

use hamsa_tests::{
    args,
    cast::{Counselor, HAMSA, Helpline, NODE, Node, PATIENCE, Plan, Process, Seeker, hamsa_node, program},
    proxy::Weather,
};
use rustix::process::Signal;
use serde_json::json;
use tokio::process::Command;

use crate::talk::{exchange, messages};

/// A stop takes 5 s by contract; the rest is for two loaded cores.
const STOP: Duration = Duration::from_secs(10);

/// A place for output that the test may stop to read.
struct Sink {
    reader: PipeReader,
    writer: PipeWriter,
}

impl Sink {
    fn new() -> Self {
        let (reader, writer) = pipe().unwrap();
        Self { reader, writer }
    }

    /// What a shell opens it by.
    fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.writer.as_raw_fd())
    }

    /// The reader goes.
    fn gone(self) {}

    /// The reader stays and reads nothing.
    fn unread(self) -> PipeReader {
        self.reader
    }
}

/// The same command with its output as a shell redirects it, such as `>/dev/full`.
fn redirected(command: &Command, to: &str) -> Command {
    let command = command.as_std();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("exec \"$@\" {to}"), "sh"])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell
}

/// Runs a node whose `ready` may reach nobody, and waits until it answers.
async fn run_unheard(node: &Node, to: &str) -> Process {
    let process = Process::start(&node.name, redirected(&node.command(), to));
    let ready = || hamsa_node(args!["status", "--ready", "--dir", node.dir]);
    while !ready().await.status.success() {
        assert!(process.alive().await, "{}", process.story());
        assert!(process.age() < PATIENCE, "{}", process.story());
    }
    process
}

/// A chat through the nodes whose first connections break, then the end of both nodes.
async fn serves_and_ends(helpline: &Helpline, nodes: &[Process], break_it: bool) {
    helpline.connected().await;
    let (counselor, seeker, chat) = helpline.chat().await;
    let said = |side: &str| [(format!("{side}-1"), "salam".to_owned())];
    exchange((&counselor, &seeker, &chat), &said("s"), &said("c")).await;
    if break_it {
        // A task that died of its own log would dial no partner any more.
        for proxy in helpline.ways.between(0, 0) {
            proxy.set(Weather::refusing());
            proxy.cut();
        }
        helpline.homes[0]
            .until("a lost partner", |status| {
                status["partners"][0]["connected"] == false
            })
            .await;
        for proxy in helpline.ways.between(0, 0) {
            proxy.set(Weather::default());
        }
        helpline.connected().await;
    }
    let said = |side: &str| [(format!("{side}-2"), "salam".to_owned())];
    exchange((&counselor, &seeker, &chat), &said("s"), &said("c")).await;
    for node in nodes {
        assert!(node.alive().await, "{}", node.story());
        node.signal(Signal::TERM);
        let status = node.exit(STOP).await;
        assert_eq!(status.code(), Some(0), "{}", node.story());
    }
}

#[tokio::test]
async fn nodes_whose_output_has_no_reader_go_on() {
    let helpline = Helpline::found(Plan {
        run: false,
        proxied: true,
        ..Plan::default()
    })
    .await;
    let mut nodes = Vec::new();
    let mut sinks = Vec::new();
    for node in helpline.nodes() {
        let sink = Sink::new();
        let path = sink.path();
        nodes.push(run_unheard(node, &format!(">{path} 2>&1")).await);
        sinks.push(sink);
    }
    for sink in sinks {
        sink.gone();
    }
    serves_and_ends(&helpline, &nodes, true).await;
}

#[tokio::test]
async fn nodes_whose_log_is_full_go_on() {
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let (home, entry) = (&helpline.homes[0], &helpline.entries[0]);
    let sink = Sink::new();
    let path = sink.path();
    let unread = run_unheard(home, &format!("2>{path}")).await;
    let held = sink.unread();
    let full = run_unheard(entry, ">/dev/full 2>/dev/full").await;
    serves_and_ends(&helpline, &[unread, full], false).await;
    drop(held);
}

/// Where standard output and standard error of a command go, as a shell says it. Without more, standard output is a
/// pipe whose reader has gone.
const PLACES: [&str; 7] = [
    "",
    "2>&1",
    ">/dev/full",
    ">/dev/full 2>/dev/full",
    ">&-",
    ">&- 2>&-",
    "2>/dev/full",
];

/// Runs a command to its end with its output in one of [`PLACES`]. It ends with one of these statuses.
async fn ends(name: &str, words: &[&str], to: &str, statuses: &[i32]) {
    let mut command = Command::new(program(name));
    command.args(words);
    let (_, gone) = pipe().unwrap();
    let child = redirected(&command, to)
        .stdin(Stdio::null())
        .stdout(gone)
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    let output = output.unwrap_or_else(|_| panic!("{words:?} {to} did not end"));
    let output = output.unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    assert!(
        code.is_some_and(|code| statuses.contains(&code)) && !error.contains("panicked"),
        "{words:?} {to}: {}\n{error}",
        output.status
    );
}

#[tokio::test]
async fn commands_with_unwritable_output_fail_or_have_done_their_work() {
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (home, office) = (text(&helpline.homes[0].dir), text(&helpline.office));
    let (passphrase, notebook) = (text(helpline.passphrase()), text(&helpline.path("notebook")));
    let asked = text(&helpline.path("again"));
    let vault = text(helpline.vault(0));
    let with = ["--passphrase-file", &passphrase];
    let request = [
        &["counsel", "request", "--vault", &vault, "--out", &asked],
        &with[..],
    ]
    .concat();
    let safe = ["notebook", "new", "--yes-it-is-safe-here", "--file", &notebook];
    let new = [&safe, &with[..]].concat();
    let address = ["association", "address", "--qr", "--dir", &office];
    for to in PLACES {
        // Where a descriptor is closed, the system gives a place that takes everything.
        let told = [i32::from(!to.contains(">&-"))];
        ends(NODE, &["id", "--dir", &home], to, &told).await;
        ends(NODE, &address, to, &told).await;
        ends(NODE, &["status", "--json", "--dir", &home], to, &[1]).await;
        ends(NODE, &["run", "--dir", "/nonexistent"], to, &[1]).await;
        for name in [NODE, HAMSA] {
            ends(name, &["--help"], to, &[0, 1]).await;
            ends(name, &["--no-such-word"], to, &[2]).await;
        }
        // The work is done; that it cannot be told does not undo it.
        ends(HAMSA, &request, to, &[0]).await;
        fs::remove_file(&asked).unwrap();
        ends(HAMSA, &new, to, &[0]).await;
        fs::remove_file(&notebook).unwrap();
        ends(HAMSA, &["demo", "--plain", "--script", "/nonexistent"], to, &[1]).await;
        let plain = ["seek", &helpline.address, "--plain", "--lang", "en"];
        ends(HAMSA, &plain, to, &told).await;
        // An address that is none is said on stdout, and fails either way.
        ends(HAMSA, &["seek", "hamsa:1:X", "--json"], to, &[1]).await;
    }
}

/// A drain takes 5 s by contract, after a second for lines that came before; the rest is for two loaded cores.
const DRAIN: Duration = Duration::from_secs(40);

/// That a json face whose output is gone ends with a reason, and without a panic.
async fn ends_with_a_reason(face: &Process) {
    let status = face.exit(DRAIN).await;
    assert_eq!(status.code(), Some(1), "{}", face.story());
    let error = face.errors();
    assert!(
        error.contains("stdout") && error.lines().count() == 1,
        "{}",
        face.story()
    );
}

#[tokio::test]
async fn a_json_face_without_a_reader_brings_what_was_said_and_ends() {
    let helpline = Helpline::found(Plan::default()).await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let sink = Sink::new();
    let command = redirected(&Seeker::command(&helpline.address), &format!(">{}", sink.path()));
    let seeker = Seeker::by("seeker", command);
    seeker.ask("salam").await;
    let chat = counselor.take().await;
    let said = messages("s", 30);
    for (id, text) in &said {
        seeker.say(id, text).await;
    }
    sink.gone();
    // The next event finds no reader.
    counselor.say(&chat, "c", "wach nti hna?").await;
    ends_with_a_reason(seeker.face.process()).await;
    counselor.face.event("ended").await;
    assert_eq!(counselor.face.messages(), said);

    // A desk's.
    let sink = Sink::new();
    let vault = Counselor::command(helpline.vault(0), helpline.passphrase());
    counselor.face.exit().await;
    let desk = Counselor::by("desk", redirected(&vault, &format!(">{}", sink.path())));
    desk.face.send(json!({"cmd": "on_duty"})).await;
    helpline.homes[0]
        .until("a duty", |status| status["duties"] == 1)
        .await;
    sink.gone();
    desk.face.send(json!({"cmd": "dance"})).await;
    ends_with_a_reason(desk.face.process()).await;
    helpline.homes[0]
        .until("no duty", |status| status["duties"] == 0)
        .await;
}
