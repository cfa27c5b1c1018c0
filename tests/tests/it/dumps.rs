//! R33: no program leaves its memory in a dump, or shows it to another process of its user.
//!
//! Root may look everywhere. Where the tests run as root, the programs and those who look run as another user.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use hamsa_tests::cast::{HAMSA, Helpline, NODE, PATIENCE, Plan, Process, files_under, program};
use rustix::process::{Signal, geteuid};
use tokio::{process::Command, time::Instant};

use crate::together::skip;

/// The user of these programs where the tests run as root: "nobody" of every Linux.
const NOBODY: u32 = 65_534;
/// Files of a process through which others of its user may look into it.
const WINDOWS: [&str; 4] = ["maps", "mem", "environ", "auxv"];
/// A signal that has not ended a process after this long is sent again: the first SIGSEGV is taken for a full stack.
const AGAIN: Duration = Duration::from_millis(100);

/// The user that the programs of these tests run as.
fn user() -> u32 {
    let own = geteuid();
    if own.is_root() { NOBODY } else { own.as_raw() }
}

fn belongs_to_user(path: &Path) {
    if geteuid().is_root() {
        std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

/// A command of this user, in `folder`, without a limit on cores of its own. It ignores no signal, whatever the tests
/// inherited: a shell starts its background jobs with `SIGQUIT` ignored.
fn by_user(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("env");
    command
        .args([
            "--default-signal",
            "sh",
            "-c",
            "ulimit -c unlimited 2>/dev/null; exec \"$@\"",
            "sh",
        ])
        .args(words)
        .current_dir(folder)
        .env("HOME", folder);
    if geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Whether another process of the user can open this file of a process.
async fn opens(pid: i32, window: &str) -> bool {
    let look = format!(": < /proc/{pid}/{window}");
    let status = by_user(Path::new("/"), &["sh", "-c", &look])
        .stderr(std::process::Stdio::null())
        .status()
        .await
        .unwrap();
    status.success()
}

/// Sends a signal until it has ended the process.
async fn end(process: &Process, signal: Signal) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    while process.alive().await {
        assert!(
            Instant::now() < deadline,
            "{signal:?} does not end it: {}",
            process.story()
        );
        process.signal(signal);
        tokio::time::sleep(AGAIN).await;
    }
    process.exit(PATIENCE).await
}

/// A program of ours: its name, the words of its command, what it says when it holds secrets.
struct Subject {
    name: &'static str,
    words: Vec<String>,
    ready: &'static str,
}

/// A helpline and copies of the programs, all of it the user's.
async fn subjects() -> (Helpline, [Subject; 3]) {
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let text = |path: PathBuf| path.into_os_string().into_string().unwrap();
    let copy = |name: &str| {
        let copy = helpline.path(name);
        fs::copy(program(name), &copy).unwrap();
        text(copy)
    };
    let (hamsa, node) = (copy(HAMSA), copy(NODE));
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let home = text(helpline.homes[0].dir.clone());
    let (vault, passphrase) = (
        text(helpline.vault(0).to_owned()),
        text(helpline.passphrase().to_owned()),
    );
    let subjects = [
        Subject {
            name: "node",
            words: words(&[&node, "run", "--dir", &home]),
            ready: "ready /",
        },
        Subject {
            name: "seeker",
            words: words(&[&hamsa, "seek", &helpline.address, "--json"]),
            ready: "\"event\"",
        },
        Subject {
            name: "counselor",
            words: words(&[
                &hamsa,
                "counsel",
                "--json",
                "--vault",
                &vault,
                "--passphrase-file",
                &passphrase,
            ]),
            ready: "\"unlocked\"",
        },
    ];
    for path in fs::read_dir(helpline.path("")).unwrap() {
        own(&path.unwrap().path());
    }
    own(&helpline.path(""));
    (helpline, subjects)
}

fn own(path: &Path) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            own(&entry.unwrap().path());
        }
    }
    belongs_to_user(path);
}

async fn start(subject: &Subject, folder: &Path) -> Process {
    let words: Vec<&str> = subject.words.iter().map(String::as_str).collect();
    let process = Process::start(subject.name, by_user(folder, &words));
    process
        .find(subject.ready, 0, PATIENCE, |line| {
            line.text.contains(subject.ready).then_some(())
        })
        .await;
    process
}

#[tokio::test]
async fn no_program_shows_its_memory_to_its_user_or_leaves_a_core() {
    let (helpline, subjects) = subjects().await;
    let folder = |name: &str| {
        let folder = helpline.path(name);
        fs::create_dir(&folder).unwrap();
        belongs_to_user(&folder);
        folder
    };
    // What looks must see a program that hides nothing, or it would never see anything.
    let control = Process::start("control", by_user(&folder("control"), &["cat"]));
    let seen = |window: &'static str| opens(control.pid(), window);
    while fs::read_to_string(format!("/proc/{}/comm", control.pid())).unwrap() != "cat\n" {
        tokio::time::sleep(AGAIN).await;
    }
    assert!(
        seen("maps").await && seen("environ").await,
        "nothing can be looked into"
    );
    if !seen("mem").await {
        skip("on this system no process may read the memory of another one: only their maps were tried");
    }
    let dumps = end(&control, Signal::QUIT).await.core_dumped();
    if !dumps {
        skip("this system writes no dumps: whether a program leaves one was not tried");
    }

    for subject in &subjects {
        let cores = folder(&format!("cores-{}", subject.name));
        for signal in [Signal::QUIT, Signal::ABORT, Signal::SEGV] {
            let process = start(subject, &cores).await;
            let name = subject.name;
            let status = fs::read_to_string(format!("/proc/{}/status", process.pid())).unwrap();
            assert!(
                status.contains(&format!("Uid:\t{}\t", user())),
                "{name} does not run as the user: {status}"
            );
            if signal == Signal::QUIT {
                for window in WINDOWS {
                    assert!(
                        !opens(process.pid(), window).await,
                        "{name}: its user can open {window}"
                    );
                }
            }
            let ended = end(&process, signal).await;
            assert!(!ended.core_dumped(), "{name}: {signal:?} left a dump");
            assert_eq!(files_under(&cores), [] as [PathBuf; 0], "{name}: {signal:?}");
        }
    }
}
