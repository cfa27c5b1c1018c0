//! The counselor ends the chat while the seeker types: digits and Enter choose nothing, and the shell gets nothing.

use std::time::Duration;

use hamsa_tests::cast::{HAMSA, Helpline, PROMPT, Plan, Tmux, program};

/// Between two letters of a quick hand.
const LETTER: Duration = Duration::from_millis(40);
/// Longer than the pause after a page that came by itself.
const READ: Duration = Duration::from_millis(700);
/// Words that are typed on, with all that could choose: digits, Enter, digits of another keyboard.
const GOES_ON: &str = "wa7d 12 3endo 25/11 ٣";

/// What stands on each page of a language.
struct Pages {
    language: &'static str,
    on_duty: &'static str,
    danger: &'static str,
    first_words: &'static str,
    ended: &'static str,
}

async fn the_end_comes_while_typing(page: Pages) {
    let helpline = Helpline::found(Plan::default()).await;
    let tmux = Tmux::open(96, 30).await;
    let hamsa = program(HAMSA).display();
    tmux.types(&format!(
        "HOME=/nonexistent {hamsa} seek {} --lang {} --arabic off",
        helpline.address, page.language
    ))
    .await;
    tmux.press(&["Enter"]).await;
    tmux.sees("Ctrl+X").await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    tmux.sees(page.on_duty).await;
    tmux.after_the_pause().await;
    // Consent, and no answer about danger.
    tmux.press(&["Enter"]).await;
    tmux.sees(page.danger).await;
    tmux.press(&["Enter"]).await;
    tmux.sees(page.first_words).await;
    tmux.types("salam").await;
    tmux.press(&["Enter"]).await;
    let chat = counselor.take().await;
    tmux.sees("Nour").await;
    tmux.after_the_pause().await;
    tmux.types("le ").await;
    // As a row of its own: the header has these letters too.
    tmux.until("the draft", |screen| {
        screen.lines().any(|row| matches!(row.trim(), "› le" | "le ›"))
    })
    .await;
    let end = serde_json::json!({"cmd": "end", "chat": chat["chat"]});
    counselor.face.send(end).await;
    for letter in GOES_ON.chars() {
        tmux.types(&letter.to_string()).await;
        tokio::time::sleep(LETTER).await;
    }
    tmux.press(&["Enter"]).await;
    // Slowly, as somebody does who looks at the keys.
    for letter in ["1", "2", "3", "Enter"] {
        tokio::time::sleep(READ).await;
        tmux.press(&[letter]).await;
    }
    tmux.until("the end, with the draft", |screen| {
        screen.contains(page.ended) && screen.contains("Tab") && screen.contains("le ")
    })
    .await;
    assert_eq!(tmux.fact("alternate_on").await, "1", "still there");
    // The way out, and a sentence behind it in one piece: nothing of it reaches the shell.
    tmux.press(&["C-x", "e", "c", "h", "o", "Enter"]).await;
    tmux.sees(PROMPT).await;
    tmux.types("echo $((40 + 2))").await;
    tmux.press(&["Enter"]).await;
    tmux.until("an answer", |screen| {
        screen.lines().any(|line| line.trim() == "42")
    })
    .await;
    let everything = tmux.everything().await;
    for part in ["wa7d", "25/11", "not found", "echo\n"] {
        assert!(!everything.contains(part), "{everything}");
    }
}

#[tokio::test]
async fn an_end_is_not_answered_by_what_is_typed_in_french() {
    the_end_comes_while_typing(Pages {
        language: "fr",
        on_duty: "Une écoutante est de service",
        danger: "Êtes-vous en danger maintenant",
        first_words: "Que voulez-vous dire",
        ended: "L'écoutante a terminé l'échange.",
    })
    .await;
}

#[tokio::test]
async fn an_end_is_not_answered_by_what_is_typed_in_arabic() {
    the_end_comes_while_typing(Pages {
        language: "ar",
        on_duty: "كاينة مستمعة",
        danger: "واش نتي فخطر",
        first_words: "شنو بغيتي تقولي",
        ended: "المستمعة سالات المحادثة.",
    })
    .await;
}

#[tokio::test]
async fn an_end_is_not_answered_by_what_is_typed_in_english() {
    the_end_comes_while_typing(Pages {
        language: "en",
        on_duty: "A counselor is on duty",
        danger: "Are you in danger now?",
        first_words: "What would you like to say first?",
        ended: "The counselor ended the chat.",
    })
    .await;
}
