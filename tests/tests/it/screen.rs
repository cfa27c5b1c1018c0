//! The seeker's screen on a real terminal: a whole visit, and every way out of it.

use std::time::{Duration, Instant};

use hamsa_tests::cast::{Counselor, HAMSA, Helpline, PROMPT, Plan, Tmux, program};
use rustix::process::Signal;

/// A word that stands in all that is said, to be looked for afterwards.
const MARK: &str = "kayhddni";
/// From the key to the empty screen.
pub(crate) const AT_ONCE: Duration = Duration::from_millis(200);

/// Starts the seeker's screen in a new terminal.
async fn start(helpline: &Helpline, width: u16, height: u16, language: &str) -> Tmux {
    let tmux = Tmux::open(width, height).await;
    let hamsa = program(HAMSA).display();
    let command = format!(
        "HOME=/nonexistent {hamsa} seek {} --lang {language}",
        helpline.address
    );
    tmux.types(&command).await;
    tmux.press(&["Enter"]).await;
    tmux.sees("Ctrl+X").await;
    tmux
}

/// From the first page into a talk with Nour, in which both have spoken.
async fn talk(helpline: &Helpline, tmux: &Tmux) -> Counselor {
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    tmux.sees("on duty").await;
    tmux.after_the_pause().await;
    tmux.press(&["Enter"]).await;
    tmux.sees("Are you in danger now?").await;
    tmux.press(&["Enter"]).await;
    tmux.sees("What would you like to say first?").await;
    tmux.types(&format!("kayn chi wa7d {MARK}")).await;
    tmux.press(&["Enter"]).await;
    tmux.sees("You are next").await;
    let chat = counselor.take().await;
    assert_eq!(chat["text"], format!("kayn chi wa7d {MARK}"));
    tmux.sees("Nour · verified counselor of Association A").await;
    counselor.say(&chat, "c1", &format!("I read you: {MARK}")).await;
    tmux.sees("I read you").await;
    tmux.after_the_pause().await;
    tmux.types(&format!("3afak {MARK}")).await;
    tmux.press(&["Enter"]).await;
    tmux.until("two received", |screen| {
        screen.matches("✓✓ received").count() == 2
    })
    .await;
    counselor
}

/// What must be true of the terminal when she has left at once.
pub(crate) async fn empty(tmux: &Tmux) {
    tmux.sees(PROMPT).await;
    let everything = tmux.everything().await;
    assert_eq!(everything.trim(), PROMPT, "nothing but a prompt");
    assert_eq!(tmux.fact("alternate_on").await, "0");
    assert_eq!(tmux.fact("mouse_any_flag").await, "0");
    // Letters show again, and lines are lines.
    tmux.types("echo $((40 + 2))").await;
    tmux.press(&["Enter"]).await;
    tmux.until("an answer", |screen| screen.lines().any(|line| line == "42"))
        .await;
}

#[tokio::test]
async fn a_visit_and_out_of_it_at_once_and_without_a_word_left() {
    let helpline = Helpline::found(Plan::default()).await;
    let tmux = start(&helpline, 80, 24, "en").await;
    let counselor = talk(&helpline, &tmux).await;
    // A paste with an Enter in it stays where she writes.
    tmux.pastes("not sent\nby itself").await;
    tmux.sees("by itself").await;
    for (width, height) in [(40, 15), (200, 60), (12, 4), (80, 24)] {
        tmux.resize(width, height).await;
    }
    tmux.sees("by itself").await;
    counselor.face.mark();

    // What asking tmux costs by itself.
    let asked = Instant::now();
    tmux.press(&["Right"]).await;
    tmux.screen().await;
    let cost = asked.elapsed();
    let pressed = Instant::now();
    tmux.press(&["C-x"]).await;
    tmux.until("an empty screen", |screen| matches!(screen.trim(), "" | PROMPT))
        .await;
    let cleared = pressed.elapsed();
    println!("from ^X to the empty screen: {cleared:?}, of which tmux about {cost:?}");
    assert!(cleared < AT_ONCE + cost, "{cleared:?}");

    let ended = counselor.face.event("ended").await;
    assert_eq!(ended["reason"], "left_quickly");
    empty(&tmux).await;
}

#[tokio::test]
async fn a_signal_leaves_a_clean_terminal_and_tells_the_counselor() {
    let helpline = Helpline::found(Plan::default()).await;
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let tmux = start(&helpline, 80, 24, "en").await;
        let counselor = talk(&helpline, &tmux).await;
        counselor.face.mark();
        let hamsa = tmux.program().await;
        Tmux::signal(hamsa, signal);
        Tmux::gone(hamsa).await;
        let ended = counselor.face.event("ended").await;
        assert_eq!(ended["reason"], "left_quickly", "{signal:?}");
        empty(&tmux).await;
    }
}

#[tokio::test]
async fn when_the_terminal_is_killed_the_seeker_leaves_too() {
    let helpline = Helpline::found(Plan::default()).await;
    let tmux = start(&helpline, 80, 24, "en").await;
    let counselor = talk(&helpline, &tmux).await;
    counselor.face.mark();
    let hamsa = tmux.program().await;
    Tmux::signal(tmux.shell().await, Signal::KILL);
    Tmux::gone(hamsa).await;
    let ended = counselor.face.event("ended").await;
    assert_eq!(ended["reason"], "left_quickly");
}

#[tokio::test]
async fn the_first_pages_need_no_network() {
    let helpline = Helpline::found(Plan {
        run: false,
        counselors: &[],
        ..Plan::default()
    });
    let helpline = helpline.await;
    let tmux = start(&helpline, 40, 15, "fr").await;
    tmux.press(&["Down", "Enter"]).await;
    tmux.sees("appuyez sur X").await;
    tmux.press(&["C-x"]).await;
    tmux.until("nothing", |screen| screen.trim().is_empty()).await;
    tmux.press(&["Enter"]).await;
    tmux.sees("C'était cela").await;
    tmux.press(&["C-x"]).await;
    empty(&tmux).await;

    // A terminal that cannot show it says what can.
    let hamsa = program(HAMSA).display();
    tmux.types(&format!("TERM=dumb {hamsa} seek {}", helpline.address))
        .await;
    tmux.press(&["Enter"]).await;
    tmux.sees("--plain").await;
}
