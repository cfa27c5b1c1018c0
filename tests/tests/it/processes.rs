//! The programs as processes: a terminal that is given back, passphrases that are not shown, no dumps.

use hamsa_tests::cast::{HAMSA, PROMPT, Tmux, program};
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
