//! Keys under way when the screen changes by itself, with real processes on a real terminal: the seeker leaves while
//! the counselor types, and somebody else waits.

use std::time::Duration;

use hamsa_tests::cast::{HAMSA, Helpline, Plan, Tmux, program};
use serde_json::json;
use tokio::time::sleep;

/// Between two letters of a sentence.
const HAND: Duration = Duration::from_millis(90);
/// Longer than keys must rest before they act again.
const REST: Duration = Duration::from_millis(600);

/// The words of the desk in one language: on duty, how the chat ended, what became of the draft.
const DESKS: [(&str, &str, &str, &str); 3] = [
    ("en", "on duty ·", "She left quickly.", "not sent, kept"),
    ("fr", "de service ·", "Elle est partie vite.", "pas envoyé, gardé"),
    ("ar", "فالخدمة ·", "خرجات بالزربة.", "ما تصيفطش، محفوظ"),
];

#[tokio::test]
async fn the_rest_of_a_sentence_reaches_nobody_else() {
    for (language, on_duty, ended, kept) in DESKS {
        let helpline = Helpline::found(Plan::default()).await;
        let tmux = Tmux::open(110, 28).await;
        let (hamsa, vault) = (program(HAMSA).display(), helpline.vault(0).display());
        let passphrase = helpline.passphrase().display();
        tmux.types(&format!(
            "clear; HAMSA_ARABIC=off {hamsa} counsel --vault {vault} --passphrase-file {passphrase} --lang {language}"
        ))
        .await;
        tmux.press(&["Enter"]).await;
        // The line that was typed names the vault: only the desk has this.
        tmux.sees("^L").await;
        tmux.sees("Nour").await;
        tmux.types("o").await;
        tmux.sees(on_duty).await;

        let first = helpline.seeker("first");
        first.wait_in_line("kayhddni").await;
        tmux.until("somebody who waits", |screen| screen.contains(": 1"))
            .await;
        tmux.types("n").await;
        tmux.sees("kayhddni").await;
        first.answered().await;
        let second = helpline.seeker("second");
        second.wait_in_line("salam").await;
        sleep(REST).await;
        open(&tmux).await;
        tmux.types("je reste ").await;
        tmux.sees("› je reste").await;

        // She leaves, and the sentence goes on: through the change and long after it.
        first.face.send(json!({"cmd": "quick_exit"})).await;
        let mut letters = "n'oc ey ".chars().cycle();
        while !tmux.screen().await.contains(ended) {
            tmux.types(&letters.next().unwrap().to_string()).await;
            sleep(HAND).await;
        }
        let draft = row(&tmux.sees(kept).await);
        assert!(draft.starts_with("› je reste"), "{language}: {draft}");
        for letter in letters.take(24) {
            tmux.types(&letter.to_string()).await;
            sleep(HAND).await;
        }
        tmux.press(&["Enter"]).await;
        sleep(REST).await;
        tmux.types("noce").await;
        open(&tmux).await;
        tmux.types("y").await;
        tmux.press(&["Tab"]).await;
        sleep(REST).await;
        tmux.types("cny").await;
        let screen = tmux.screen().await;
        assert!(
            screen.contains(ended) && screen.contains(kept),
            "{language}: {screen}"
        );
        assert!(screen.contains(on_duty), "{language}: {screen}");
        assert_eq!(row(&screen), draft, "{language}: the draft stays as it was");
        assert!(
            second.face.all("answered").is_empty(),
            "{language}: the next was taken"
        );

        // On purpose the next is taken, and gets nothing of it.
        tmux.press(&["C-k"]).await;
        sleep(REST).await;
        tmux.types("n").await;
        tmux.sees("salam").await;
        second.answered().await;
        tmux.types("rien vu").await;
        sleep(REST).await;
        open(&tmux).await;
        tmux.types("salam 3lik").await;
        tmux.press(&["Enter"]).await;
        second.face.event("message").await;
        let heard: Vec<String> = second.face.messages().into_iter().map(|(_, text)| text).collect();
        assert_eq!(heard, ["salam 3lik"], "{language}");
        tmux.press(&["Tab"]).await;
        assert_eq!(row(&tmux.sees(kept).await), draft, "{language}");
    }
}

/// Presses Enter as a hand does: what follows at once would be a paste.
async fn open(tmux: &Tmux) {
    tmux.press(&["Enter"]).await;
    sleep(HAND).await;
}

/// The row that is being written, without what stands around it.
fn row(screen: &str) -> String {
    let row = screen.lines().find_map(|line| Some(&line[line.find('›')?..]));
    let row = row.unwrap_or_default();
    row.split('│').next().unwrap_or_default().trim_end().to_owned()
}
