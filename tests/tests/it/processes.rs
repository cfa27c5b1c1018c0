//! The programs as processes: a terminal that is given back, passphrases that are not shown, no dumps.

use std::time::{Duration, Instant};

use hamsa_tests::cast::{HAMSA, Helpline, PATIENCE, PROMPT, Plan, Tmux, program};
use rustix::process::{Pid, Signal};

/// Enter is pressed again after so long: an Enter more does nothing at a plain desk.
const AGAIN: Duration = Duration::from_secs(3);

/// Leaves a terminal with a passphrase prompt, and looks whether it echoes.
async fn asked(out: &std::path::Path) -> Tmux {
    let tmux = Tmux::open(100, 20).await;
    // Unlike bash, dash does not repair a terminal.
    tmux.types(&format!("exec env PS1='{PROMPT} ' dash")).await;
    tmux.press(&["Enter"]).await;
    tmux.types("clear").await;
    tmux.press(&["Enter"]).await;
    let hamsa = program(HAMSA).display();
    let (vault, out) = (out.join("vault"), out.join("request"));
    tmux.types(&format!(
        "{hamsa} counsel request --vault {} --out {}",
        vault.display(),
        out.display()
    ))
    .await;
    tmux.press(&["Enter"]).await;
    tmux.sees("Passphrase:").await;
    tmux
}

#[tokio::test]
async fn whatever_ends_a_passphrase_prompt_the_terminal_echoes() {
    let folder = tempfile::tempdir().unwrap();
    let signals = [
        Signal::TERM,
        Signal::HUP,
        Signal::QUIT,
        Signal::ABORT,
        Signal::INT,
    ];
    for signal in signals.map(Some).into_iter().chain([None]) {
        let tmux = asked(folder.path()).await;
        tmux.types("not-to-be-seen").await;
        match signal {
            Some(signal) => Tmux::signal(tmux.program().await, signal),
            None => tmux.press(&["C-z"]).await,
        }
        // What is typed while the program still ends, it throws away with the rest of what was typed.
        tmux.until("a new prompt", |screen| screen.trim_end().ends_with(PROMPT))
            .await;
        tmux.types("stty -a | grep -o -E ' -?echo '").await;
        tmux.press(&["Enter"]).await;
        let screen = tmux.until("the echo", |screen| screen.contains("\n echo")).await;
        assert!(!screen.contains("not-to-be-seen"), "{signal:?}: {screen}");
        assert!(!folder.path().join("vault").exists());
    }
}

#[tokio::test]
async fn a_program_is_not_dumpable_and_writes_no_core() {
    let folder = tempfile::tempdir().unwrap();
    let tmux = asked(folder.path()).await;
    let pid = tmux.program().await;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", pid.as_raw_nonzero())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let words: Vec<&str> = core.unwrap().split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"]);
    // The files of a process that is not dumpable belong to root, whoever runs it.
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap();
    assert!(status.contains("Umask:\t0077"), "{status}");
    // The first one is taken for an overflow of a stack: the system's own action is put back, and the second one acts.
    let screen = tmux
        .until("the end", |screen| {
            let _ = rustix::process::kill_process(pid, Signal::SEGV);
            screen.contains("Segmentation fault")
        })
        .await;
    assert!(!screen.contains("core dumped"), "{screen}");
}

/// A desk in a shell that says how it ended, with the question for its passphrase.
async fn asks_for_the_desk(helpline: &Helpline, face: &str) -> Tmux {
    let tmux = Tmux::open(100, 30).await;
    let vault = helpline.vault(0).display();
    // A shell without jobs: a desk that is held for a moment is no matter of its.
    tmux.types(&format!(
        "clear; sh -c '{} counsel --vault {vault} --lang en {face}; echo status $?'",
        program(HAMSA).display()
    ))
    .await;
    tmux.press(&["Enter"]).await;
    tmux.sees("Passphrase:").await;
    tmux
}

async fn lone_desk() -> (Helpline, String) {
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let words = std::fs::read_to_string(helpline.passphrase()).unwrap();
    let passphrase = words.lines().next().unwrap().to_owned();
    (helpline, passphrase)
}

/// Presses Enter behind what was typed. A program that is slow reads both at once, as a paste, and waits for another one.
async fn enters_until(tmux: &Tmux, wanted: impl Fn(&str) -> bool) {
    let start = Instant::now();
    while !wanted(&tmux.screen().await) {
        assert!(start.elapsed() < PATIENCE, "{}", tmux.screen().await);
        tmux.press(&["Enter"]).await;
        let pressed = Instant::now();
        while pressed.elapsed() < AGAIN && !wanted(&tmux.screen().await) {}
    }
}

/// Locks the plain desk, which empties the screen, and asks for its passphrase.
async fn locks(tmux: &Tmux, digit: &str) {
    for seen in ["Locked", "Passphrase:"] {
        tmux.types(digit).await;
        tmux.press(&["Enter"]).await;
        tmux.until(seen, |screen| {
            screen.contains(seen) && !screen.contains("9 leave")
        })
        .await;
    }
}

#[tokio::test]
async fn a_passphrase_is_in_clear_neither_at_the_start_nor_again() {
    let (helpline, passphrase) = lone_desk().await;
    let tmux = asks_for_the_desk(&helpline, "--plain").await;
    let line = tmux.fact("cursor_y").await;
    tmux.sends(format!("{passphrase}\r").as_bytes()).await;
    // The second one comes while the first is tried: that one was taken, and nothing else is said yet.
    while tmux.fact("cursor_y").await == line {}
    tmux.sends(format!("{passphrase}\r").as_bytes()).await;
    tmux.sees("9 leave").await;
    // Before the lock empties the screen.
    let everything = tmux.everything().await;
    assert!(!everything.contains(&passphrase), "{everything}");
    locks(&tmux, "٦").await;
    tmux.types("a wrong one").await;
    tmux.press(&["Enter"]).await;
    tmux.sees("did not open").await;
    tmux.press(&["Enter"]).await;
    // Asked once more for each try.
    tmux.until("the third question", |screen| {
        screen.matches("Passphrase:").count() == 3
    })
    .await;
    tmux.types(&passphrase).await;
    enters_until(&tmux, |screen| screen.contains("9 leave")).await;
    let everything = tmux.everything().await;
    assert!(
        !everything.contains(&passphrase) && !everything.contains("wrong one"),
        "{everything}"
    );
    // Typed at once, before it is asked for.
    tmux.types("6").await;
    tmux.press(&["Enter"]).await;
    tmux.until("the lock alone", |screen| {
        screen.contains("Locked") && !screen.contains("9 leave")
    })
    .await;
    tmux.types(&passphrase).await;
    enters_until(&tmux, |screen| screen.matches("Type 6 to unlock").count() > 1).await;
    let everything = tmux.everything().await;
    assert!(!everything.contains(&passphrase), "{everything}");
    // The way out of the question is no try.
    tmux.types("6").await;
    tmux.press(&["Enter"]).await;
    tmux.sees("Passphrase:").await;
    tmux.press(&["C-c"]).await;
    tmux.sees("status 0").await;
}

/// The desk behind the shell that says how it ended.
async fn desk_in(tmux: &Tmux) -> Pid {
    let shell = tmux.program().await.as_raw_nonzero();
    let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
    Pid::from_raw(children.trim().parse().unwrap()).unwrap()
}

#[tokio::test]
async fn after_a_signal_a_desk_echoes_nothing_and_leaves_no_line() {
    let (helpline, passphrase) = lone_desk().await;
    for (face, ready, signal) in [
        ("", "off duty", Signal::TERM),
        ("--plain", "9 leave", Signal::TERM),
        ("--plain", "9 leave", Signal::HUP),
        ("", "off duty", Signal::QUIT),
        ("--plain", "9 leave", Signal::ABORT),
    ] {
        let tmux = asks_for_the_desk(&helpline, face).await;
        tmux.sends(format!("{passphrase}\r").as_bytes()).await;
        tmux.sees(ready).await;
        let desk = desk_in(&tmux).await;
        // What is typed is there when the desk hears of the signal.
        Tmux::signal(desk, Signal::STOP);
        tmux.sends(b"> Madame Zahra\recho Madame Zahra\r").await;
        Tmux::signal(desk, signal);
        Tmux::signal(desk, Signal::CONT);
        let screen = tmux.sees(&format!("status {}", 128 + signal.as_raw())).await;
        assert!(!screen.contains("Zahra"), "{screen}");
        tmux.types("echo $((6*7))").await;
        tmux.press(&["Enter"]).await;
        let screen = tmux.sees("\n42").await;
        assert!(!screen.contains("Zahra"), "{screen}");
    }
}

#[tokio::test]
async fn what_is_half_typed_at_a_notebook_is_not_the_shells() {
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("book");
    std::fs::write(&book, "").unwrap();
    let tmux = Tmux::open(100, 20).await;
    tmux.types(&format!(
        "clear; {} notebook add --lang en --yes-it-is-safe-here --file {}",
        program(HAMSA).display(),
        book.display()
    ))
    .await;
    tmux.press(&["Enter"]).await;
    tmux.sees("A link, or Enter").await;
    tmux.types("he hit me").await;
    tmux.sees("he hit me").await;
    let notebook = tmux.program().await;
    Tmux::signal(notebook, Signal::TERM);
    Tmux::gone(notebook).await;
    tmux.press(&["Enter"]).await;
    tmux.types("echo $((6*7))").await;
    tmux.press(&["Enter"]).await;
    let screen = tmux.sees("\n42").await;
    assert!(!screen.contains("command not found"), "{screen}");
}
