//! The notebook in the faces, on a real terminal: made, written in, left at once, and read by the command.

use std::{fs, path::Path};

use hamsa_tests::cast::{HAMSA, Helpline, PROMPT, Plan, Tmux, program, run};

const PASSPHRASE: &str = "quatre mots assez longs";
const NOTE: &str = "il a tout dit";

async fn types(tmux: &Tmux, text: &str, sees: &str) {
    tmux.types(text).await;
    tmux.press(&["Enter"]).await;
    tmux.sees(sees).await;
}

/// As [`types`], where the page comes by itself when the disk has done its work. Line by line, too, nothing acts that
/// comes too soon after it.
async fn types_and_reads(tmux: &Tmux, text: &str, sees: &str) {
    types(tmux, text, sees).await;
    tmux.after_the_pause().await;
}

/// The number of the choice that says this.
async fn numbered(tmux: &Tmux, words: &str) -> String {
    let screen = tmux.screen().await;
    let row = screen.lines().rev().find(|row| row.contains(words)).unwrap();
    let row = row.trim_start_matches(|c: char| !c.is_ascii_digit());
    row.chars().take_while(char::is_ascii_digit).collect()
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

async fn begin(helpline: &Helpline, more: &str) -> Tmux {
    let tmux = Tmux::open(100, 60).await;
    let hamsa = program(HAMSA).display();
    let address = &helpline.address;
    let command = format!("HOME=/nonexistent {hamsa} seek {address} --lang en {more}");
    types(&tmux, &command, "Before you write").await;
    tmux
}

/// What she wrote is there, and the terminal says nothing of it.
async fn kept(tmux: &Tmux, folder: &Path, file: &Path) {
    tmux.press(&["C-x"]).await;
    tmux.sees(PROMPT).await;
    assert_eq!(tmux.everything().await.trim(), PROMPT);
    let passphrase = folder.join("passphrase");
    fs::write(&passphrase, PASSPHRASE).unwrap();
    let list = [
        "notebook",
        "list",
        "--lang",
        "en",
        "--file",
        file.to_str().unwrap(),
    ];
    let read = ["--passphrase-file", passphrase.to_str().unwrap()];
    let listed = run(program(HAMSA), &[&list[..], &read[..]].concat()).await.ok();
    assert!(listed.contains(NOTE) && listed.contains("Number 1"), "{listed}");
    fs::remove_file(passphrase).unwrap();
    assert_eq!(files(folder), 1);
}

#[tokio::test]
async fn she_keeps_a_note_and_leaves_at_once() {
    let helpline = Helpline::found(Plan {
        run: false,
        counselors: &[],
        ..Plan::default()
    });
    let helpline = helpline.await;
    let folder = tempfile::tempdir().unwrap();

    // On the screen.
    let file = folder.path().join("screen");
    let tmux = begin(&helpline, "").await;
    tmux.press(&["C-k"]).await;
    tmux.sees("A notebook of what happened").await;
    tmux.press(&[&numbered(&tmux, "A notebook of what happened").await])
        .await;
    tmux.sees("the only thing Hamsa ever writes").await;
    tmux.press(&["2"]).await;
    tmux.sees("Nothing is written yet").await;
    types_and_reads(&tmux, file.to_str().unwrap(), "Choose a passphrase").await;
    types(&tmux, PASSPHRASE, "Type it once more").await;
    assert_eq!(files(folder.path()), 0, "nothing before the second time");
    types_and_reads(&tmux, PASSPHRASE, "The notebook is made").await;
    tmux.press(&["1"]).await;
    tmux.sees("What happened, in your own words").await;
    types(&tmux, NOTE, "Kept as number 1").await;
    let screen = tmux.screen().await;
    assert!(!screen.contains("quatre mots"), "{screen}");
    kept(&tmux, folder.path(), &file).await;
    fs::remove_file(&file).unwrap();

    // Line by line: a passphrase is not shown there either.
    let file = folder.path().join("lines");
    let tmux = begin(&helpline, "--plain").await;
    types(&tmux, "1", "Are you in danger now?").await;
    types(&tmux, "1", "To write, type >").await;
    types(&tmux, "> salam", "What you can do here").await;
    types(
        &tmux,
        &numbered(&tmux, "What you can do here").await,
        "A notebook of what happened",
    )
    .await;
    types(
        &tmux,
        &numbered(&tmux, "A notebook of what happened").await,
        "the only thing Hamsa ever",
    )
    .await;
    types(&tmux, "2", "Nothing is written yet").await;
    types_and_reads(&tmux, file.to_str().unwrap(), "Choose a passphrase").await;
    types(&tmux, PASSPHRASE, "Type it once more").await;
    assert_eq!(files(folder.path()), 0, "nothing before the second time");
    types_and_reads(&tmux, PASSPHRASE, "The notebook is made").await;
    types(&tmux, "1", "Type them in one line").await;
    types(&tmux, NOTE, "Kept as number 1").await;
    let everything = tmux.everything().await;
    assert!(!everything.contains("quatre mots"), "{everything}");
    kept(&tmux, folder.path(), &file).await;
}
