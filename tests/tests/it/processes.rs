//! The programs as processes: a terminal that is given back, passphrases that are not shown, no dumps.

use hamsa_tests::cast::{HAMSA, Helpline, PROMPT, Plan, Tmux, program};
use rustix::process::Signal;

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

/// A desk's shell, with the question for its passphrase.
async fn asks_for_the_desk(helpline: &Helpline, face: &str) -> Tmux {
    let tmux = Tmux::open(100, 30).await;
    let vault = helpline.vault(0).display();
    tmux.types(&format!(
        "clear; {} counsel --vault {vault} --lang en {face}",
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

#[tokio::test]
async fn a_passphrase_is_in_clear_neither_at_the_start_nor_again() {
    let (helpline, passphrase) = lone_desk().await;
    let tmux = asks_for_the_desk(&helpline, "--plain").await;
    // The second one comes while the first is tried.
    tmux.sends(format!("{passphrase}\r").as_bytes()).await;
    tmux.sends(format!("{passphrase}\r").as_bytes()).await;
    tmux.sees("9 leave").await;
    for line in ["6", "6", "a wrong one"] {
        tmux.types(line).await;
        tmux.press(&["Enter"]).await;
    }
    tmux.sees("did not open").await;
    tmux.press(&["Enter"]).await;
    tmux.types(&passphrase).await;
    tmux.press(&["Enter"]).await;
    tmux.sees("9 leave").await;
    let everything = tmux.everything().await;
    assert!(
        !everything.contains("seven figs") && !everything.contains("wrong one"),
        "{everything}"
    );
}

#[tokio::test]
async fn after_a_signal_a_desk_echoes_nothing_and_leaves_no_line() {
    let (helpline, passphrase) = lone_desk().await;
    for face in ["", "--plain"] {
        let tmux = asks_for_the_desk(&helpline, face).await;
        tmux.sends(format!("{passphrase}\r").as_bytes()).await;
        tmux.sees(if face.is_empty() { "off duty" } else { "9 leave" })
            .await;
        let desk = tmux.program().await;
        Tmux::signal(desk, Signal::TERM);
        tmux.sends(b"Madame Zahra").await;
        Tmux::gone(desk).await;
        tmux.types("echo status $?").await;
        tmux.press(&["Enter"]).await;
        let screen = tmux.sees("status 143").await;
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
    tmux.sees("(https").await;
    tmux.types("he hit me").await;
    let notebook = tmux.program().await;
    Tmux::signal(notebook, Signal::TERM);
    Tmux::gone(notebook).await;
    tmux.press(&["Enter"]).await;
    tmux.types("echo $((6*7))").await;
    tmux.press(&["Enter"]).await;
    let screen = tmux.sees("\n42").await;
    assert!(!screen.contains("command not found"), "{screen}");
}
