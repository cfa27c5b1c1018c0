//! Pastes on a real terminal, honest and broken: none of them sends anything, and none of them stands before the way
//! out.

use std::time::{Duration, Instant};

use hamsa_tests::cast::{HAMSA, Helpline, PROMPT, Plan, Tmux, program};
use rustix::process::Signal;

/// From the key to the empty screen.
const AT_ONCE: Duration = Duration::from_millis(200);
/// The same on a machine that has other work: as many times what it takes to ask tmux for one screen.
const AT_ONCE_IN_LOOKS: u32 = 20;
/// The marks of a paste.
const OPENS: &str = "\x1b[200~";
const CLOSES: &str = "\x1b[201~";
/// What stands where she writes her first words.
const FIRST: &str = "What would you like to say first?";

/// An association whose nodes do not run: nothing here needs them.
async fn silent() -> Helpline {
    Helpline::found(Plan {
        run: false,
        counselors: &[],
        ..Plan::default()
    })
    .await
}

/// The seeker in a terminal, where she writes her first words.
async fn writing(helpline: &Helpline, more: &str) -> Tmux {
    let tmux = Tmux::open(80, 24).await;
    let hamsa = program(HAMSA).display();
    let command = format!(
        "HOME=/nonexistent {hamsa} seek {} --lang en {more}",
        helpline.address
    );
    tmux.types(&command).await;
    tmux.press(&["Enter"]).await;
    tmux.sees("Before you write").await;
    tmux
}

async fn to_first_words(tmux: &Tmux) {
    tmux.after_the_pause().await;
    for sees in ["Are you in danger now?", FIRST] {
        tmux.press(&["Enter"]).await;
        tmux.sees(sees).await;
    }
}

/// Leaves, and holds the time against what she has.
async fn leaves(tmux: &Tmux, what: &str) {
    assert!(leaves_at_once(tmux, what).await, "{what}: late");
}

/// Leaves; whether that was at once, without what tmux took of it.
async fn leaves_at_once(tmux: &Tmux, what: &str) -> bool {
    // What asking tmux costs by itself.
    let asked = Instant::now();
    tmux.fact("pane_pid").await;
    tmux.screen().await;
    let cost = asked.elapsed();
    let pressed = Instant::now();
    tmux.press(&["C-x"]).await;
    tmux.until("an empty screen", |screen| matches!(screen.trim(), "" | PROMPT))
        .await;
    let cleared = pressed.elapsed();
    println!("{what}: from ^X to the empty screen {cleared:?}, of which tmux about {cost:?}");
    tmux.sees(PROMPT).await;
    let everything = tmux.everything().await;
    assert_eq!(everything.trim(), PROMPT, "{what}: nothing but a prompt");
    cleared.saturating_sub(cost) < AT_ONCE.max(cost * AT_ONCE_IN_LOOKS)
}

#[tokio::test]
async fn the_way_out_works_while_a_paste_is_open() {
    let helpline = silent().await;
    for (what, keys) in [
        ("on a page", &[][..]),
        ("over a modal", &["F1"]),
        ("in the menu", &["C-k"]),
    ] {
        let tmux = writing(&helpline, "").await;
        to_first_words(&tmux).await;
        if !keys.is_empty() {
            tmux.press(keys).await;
            tmux.until("what lies over it", |screen| !screen.contains(FIRST))
                .await;
        }
        tmux.sends(format!("{OPENS}il va tout\rpublier").as_bytes()).await;
        tmux.resize(60, 20).await;
        leaves(&tmux, &format!("an open paste {what}")).await;
    }
}

#[tokio::test]
async fn a_megabyte_does_not_stand_before_the_way_out() {
    let helpline = silent().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("much");
    std::fs::write(&file, "كيقول غادي ينشر كلشي, 3afak\n".repeat(26_000)).unwrap();
    assert!(std::fs::metadata(&file).unwrap().len() > 1 << 20);
    for marked in [true, false] {
        // tmux has its own work with a megabyte, and other tests have theirs: the best of three is the program's.
        let mut at_once = false;
        for _ in 0..3 {
            let tmux = writing(&helpline, "").await;
            to_first_words(&tmux).await;
            tmux.pastes_file(&file, marked).await;
            at_once |= leaves_at_once(&tmux, &format!("a megabyte, marked: {marked}")).await;
        }
        assert!(at_once, "marked: {marked}: late three times");
    }
}

#[tokio::test]
async fn no_paste_sends_anything_and_none_takes_the_keys_away() {
    let helpline = silent().await;
    let tmux = writing(&helpline, "").await;
    to_first_words(&tmux).await;
    // A byte that is the way out, hidden in a text, and the closing mark in a text.
    let text = format!("{OPENS}he wrote\x18 this\rand{CLOSES}\rthe rest\r{CLOSES}");
    tmux.sends(text.as_bytes()).await;
    let screen = tmux.sees("the rest").await;
    assert!(
        screen.contains("he wrote this") && screen.contains(FIRST),
        "{screen}"
    );
    // Without marks.
    tmux.sends(b"\rthen\rthat\r").await;
    let screen = tmux.sees("that").await;
    assert!(screen.contains(FIRST), "{screen}");
    // Never closed: it ends by itself, and then keys are keys again.
    tmux.sends(format!("{OPENS}open\r").as_bytes()).await;
    // As a row of its own: the page has this word too.
    let open = |screen: &str| screen.lines().any(|row| row.trim() == "open");
    let screen = tmux.until("what was pasted", open).await;
    assert!(screen.contains(FIRST), "{screen}");
    tmux.press(&["C-l"]).await;
    tmux.sees("Français").await;
    leaves(&tmux, "after all of it").await;
}

/// The plain face, where she writes her first words.
async fn plain(helpline: &Helpline, before: &str) -> Tmux {
    let tmux = Tmux::open(80, 50).await;
    let hamsa = program(HAMSA).display();
    let seek = format!("{before} {hamsa} seek {} --lang en --plain", helpline.address);
    tmux.types(&format!("{seek}; stty -a | grep -o ' [i]canon.* echo '"))
        .await;
    tmux.press(&["Enter"]).await;
    for sees in ["Before you write", "Are you in danger now?", FIRST] {
        tmux.sees(sees).await;
        if sees != FIRST {
            tmux.press(&["1"]).await;
            tmux.press(&["Enter"]).await;
        }
    }
    tmux.sees("To write, type >").await;
    tmux
}

/// The talk has not begun.
async fn nothing_sent(tmux: &Tmux) {
    let everything = tmux.everything().await;
    assert!(!everything.contains("waiting room"), "{everything}");
}

/// After the plain face the terminal gives lines again, and shows them.
async fn lines_again(tmux: &Tmux) {
    let screen = tmux.sees(PROMPT).await;
    assert!(screen.contains("icanon") && screen.contains("echo"), "{screen}");
    assert!(!tmux.everything().await.contains("he wrote"));
}

#[tokio::test]
async fn line_by_line_nothing_of_a_paste_is_sent_either() {
    let helpline = silent().await;
    let tmux = plain(&helpline, "").await;
    // One line waits for her Enter, whatever stands at its end.
    tmux.pastes("> he wrote\n").await;
    tmux.sees("\n> he wrote").await;
    tmux.press(&["C-u"]).await;
    tmux.until("an empty line", |screen| !screen.contains("he wrote"))
        .await;
    // Several are said back.
    tmux.pastes("> he wrote\n1\nx\n").await;
    let screen = tmux.sees("2 Throw it away").await;
    for said in [
        "« he wrote »",
        "« 1 »",
        "« x »",
        "Lines: 3",
        "Nothing of it was sent",
    ] {
        assert!(screen.contains(said), "{said} on\n{screen}");
    }
    nothing_sent(&tmux).await;
    tmux.press(&["2"]).await;
    tmux.press(&["Enter"]).await;
    tmux.until("the page again", |screen| screen.matches(FIRST).count() == 2)
        .await;
    // In an open paste the way out works, and the terminal is as it was.
    tmux.sends(format!("{OPENS}> he wrote\r").as_bytes()).await;
    nothing_sent(&tmux).await;
    let pressed = Instant::now();
    tmux.press(&["C-x"]).await;
    tmux.until("an empty screen", |screen| !screen.contains(FIRST))
        .await;
    println!("line by line, an open paste: {:?}", pressed.elapsed());
    lines_again(&tmux).await;
}

#[tokio::test]
async fn line_by_line_one_key_leaves_and_enter_sends_the_line() {
    let helpline = silent().await;
    let tmux = plain(&helpline, "").await;
    tmux.types("> he wrote سلام").await;
    tmux.sees("> he wrote").await;
    tmux.press(&["BSpace"]).await;
    tmux.press(&["Enter"]).await;
    tmux.sees("waiting room").await;
    tmux.types("> he wrote").await;
    let pressed = Instant::now();
    tmux.press(&["C-x"]).await;
    tmux.until("an empty screen", |screen| !screen.contains("waiting room"))
        .await;
    println!("line by line, in the middle of a line: {:?}", pressed.elapsed());
    lines_again(&tmux).await;
}

#[tokio::test]
async fn line_by_line_a_signal_puts_the_terminal_back_to_lines() {
    let helpline = silent().await;
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let tmux = plain(&helpline, "").await;
        tmux.types("> he wrote").await;
        tmux.sees("> he wrote").await;
        let hamsa = tmux.program().await;
        Tmux::signal(hamsa, signal);
        Tmux::gone(hamsa).await;
        lines_again(&tmux).await;
    }
}

#[tokio::test]
async fn a_terminal_that_has_only_lines_sends_nothing_of_a_paste() {
    let helpline = silent().await;
    let tmux = plain(&helpline, "TERM=dumb").await;
    tmux.pastes("> he wrote\n1\nx\n").await;
    tmux.sees("Lines: 3").await;
    nothing_sent(&tmux).await;
    tmux.press(&["x"]).await;
    tmux.press(&["Enter"]).await;
    tmux.sees(" icanon").await;
}

#[tokio::test]
async fn clicks_letters_of_every_script_and_keys_still_come() {
    let helpline = silent().await;
    let tmux = writing(&helpline, "").await;
    assert_eq!(tmux.fact("mouse_any_flag").await, "1");
    // Once it is said that nobody is reached, the rows stay where they are.
    tmux.sees("Hamsa keeps trying.").await;
    let screen = tmux.sees("Try Ctrl+X first").await;
    let row = screen
        .lines()
        .position(|row| row.contains("Try Ctrl+X first"))
        .unwrap()
        + 1;
    tmux.sends(format!("\x1b[<0;10;{row}M\x1b[<0;10;{row}m").as_bytes())
        .await;
    tmux.sees("press X now").await;
    tmux.press(&["Escape"]).await;
    tmux.sees("Before you write").await;
    to_first_words(&tmux).await;
    // A letter in two pieces, then the caret by its keys.
    let (first, second) = "كيقول".as_bytes().split_at(3);
    tmux.sends(first).await;
    tmux.sends(second).await;
    tmux.press(&["Space"]).await;
    tmux.types("un").await;
    for keys in [
        ["Home", "Delete"],
        ["End", "BSpace"],
        ["M-Enter", "z"],
        ["C-Left", "y"],
    ] {
        tmux.press(&keys).await;
    }
    let screen = tmux.sees("yz").await;
    assert!(screen.contains("u ﻝﻮﻘﻳ") && screen.contains(FIRST), "{screen}");
    leaves(&tmux, "after keys").await;
}
