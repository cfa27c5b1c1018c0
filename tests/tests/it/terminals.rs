//! Terminals and texts that break programs, with the real binary on a real terminal: sizes that nothing fits in, no
//! locale, no terminal at all, and words full of what a terminal would obey. Nothing of it may panic, reach the
//! terminal, or be sent by a paste.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use hamsa_tests::{
    args,
    cast::{Counselor, HAMSA, Helpline, PROMPT, Plan, Tmux, hamsa, program},
};
use serde_json::{Value, json};

use crate::screen::{AT_ONCE, empty};

/// What a terminal would obey. In each there is a word to find it by.
const OBEYED: [&str; 12] = [
    "\u{1b}[2Jqamar",
    "\u{1b}[31;5mqamar",
    "\u{1b}]0;qamar\u{7}",
    "\u{1b}]52;c;cWFtYXI=\u{7}qamar",
    "\u{1b}]8;;https://qamar.example\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{1b}Pqamar\u{1b}\\",
    "\u{1b}_qamar\u{1b}\\",
    "\u{1b}cqamar",
    "\u{9b}6nqamar",
    "\u{9d}2;qamar\u{9c}",
    "\u{0}\u{7}\u{8}\u{7f}\u{e}qamar",
    "\u{202e}qamar\u{202c}\u{2066}\u{2069}\u{200f}",
];
/// Marks on one letter: 10,000 in two messages, as one message has at most 16 KiB.
const MARKS: usize = 5_000;
/// Marks that a letter may keep at most; the client allows fewer.
const MARKS_SEEN: usize = 16;

/// The cursor, the mouse, the alternate screen, bracketed paste.
const OUR_MODES: [&str; 8] = [
    "?25", "?1000", "?1002", "?1003", "?1006", "?1015", "?1049", "?2004",
];

/// Everything hostile, as messages.
fn hostile() -> Vec<String> {
    let mut all: Vec<String> = OBEYED.iter().map(|text| format!("a{text}z")).collect();
    all.push(OBEYED.concat());
    for mark in ['\u{301}', '\u{64e}'] {
        all.push(format!("o{}", mark.to_string().repeat(MARKS)));
    }
    all.push("x".repeat(16 * 1_024));
    all.push("\u{200b}\u{feff}\u{e0041}".to_owned());
    all
}

/// What a terminal got that is neither a letter nor one of the few sequences that we write: moving, colours,
/// clearing, the alternate screen, the mouse, bracketed paste.
fn obeyed(raw: &str) -> Option<String> {
    if let Some(found) = OBEYED.iter().find(|text| raw.contains(**text)) {
        return Some(format!("{found:?}"));
    }
    let mut letters = raw.chars();
    let mut marks = 0;
    while let Some(c) = letters.next() {
        marks = if matches!(c, '\u{301}' | '\u{64e}') {
            marks + 1
        } else {
            0
        };
        if marks > MARKS_SEEN {
            return Some(format!("{marks} marks on one letter"));
        }
        if c == '\u{1b}' {
            let mut sequence = String::new();
            let begin = letters.next();
            let end = letters.find(|c| {
                let inside = matches!(c, '0'..='9' | ';' | '?');
                if inside {
                    sequence.push(*c);
                }
                !inside
            });
            let ours = begin == Some('[')
                && match end {
                    Some('H' | 'J' | 'm' | 'K') => !sequence.contains('?'),
                    Some('h' | 'l') => OUR_MODES.contains(&sequence.as_str()),
                    _ => false,
                };
            if !ours {
                return Some(format!("ESC {begin:?} {sequence} {end:?}"));
            }
            continue;
        }
        let control = c.is_control() && !matches!(c, '\r' | '\n');
        let unseen = matches!(c,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0041}');
        if control || unseen {
            return Some(format!("{c:?}"));
        }
    }
    None
}

/// Starts the seeker's screen; `world` stands before the program, `rest` after it.
async fn start(tmux: &Tmux, helpline: &Helpline, world: &str, rest: &str) {
    let hamsa = program(HAMSA).display();
    let address = &helpline.address;
    tmux.types(&format!(
        "clear; {world} HOME=/nonexistent {hamsa} seek {address} {rest}"
    ))
    .await;
    tmux.press(&["Enter"]).await;
}

async fn nowhere() -> Helpline {
    Helpline::found(Plan {
        run: false,
        counselors: &[],
        ..Plan::default()
    })
    .await
}

/// Into a talk with Nour.
async fn into_a_talk(tmux: &Tmux, counselor: &Counselor) -> Value {
    tmux.sees("on duty").await;
    tmux.after_the_pause().await;
    tmux.press(&["Enter"]).await;
    tmux.sees("Are you in danger now?").await;
    tmux.press(&["Enter"]).await;
    tmux.sees("What would you like to say first?").await;
    tmux.types("kayhddni").await;
    tmux.press(&["Enter"]).await;
    tmux.sees("You are next").await;
    let chat = counselor.take().await;
    tmux.sees("verified counselor").await;
    tmux.after_the_pause().await;
    chat
}

#[tokio::test]
async fn every_size_and_locale_works_and_a_missing_terminal_is_told() {
    let helpline = nowhere().await;

    let tmux = Tmux::open(20, 5).await;
    start(&tmux, &helpline, "", "--lang en").await;
    tmux.sees("Ctrl+X leave at once").await;
    tmux.sees("too").await;
    tmux.press(&["C-x"]).await;
    empty(&tmux).await;

    let tmux = Tmux::open(80, 24).await;
    // A size that a serial line has, and a shell in a container.
    start(&tmux, &helpline, "stty rows 0 cols 0;", "--lang en").await;
    let running = || async { tmux.fact("alternate_on").await == "1" };
    until("the alternate screen", running).await;
    tmux.resize(81, 25).await;
    tmux.sees("Before you write").await;
    // Another one with every key, and back.
    for number in 0_u16..120 {
        let (width, height) = (1 + number * 37 % 200, 1 + number * 23 % 60);
        tmux.resize(width, height).await;
    }
    tmux.resize(80, 24).await;
    tmux.sees("Before you write").await;
    tmux.press(&["C-x"]).await;
    empty(&tmux).await;

    for world in [
        "LC_ALL=C",
        "LC_ALL=POSIX LANG= LC_CTYPE=",
        "TERM=vt100",
        "env -u TERM",
        "TERM=nonsense",
    ] {
        start(&tmux, &helpline, world, "--lang ar").await;
        tmux.sees("Ctrl+X").await;
        tmux.sees("─────").await;
        tmux.press(&["C-x"]).await;
        empty(&tmux).await;
    }

    for rest in ["< /dev/null", "| cat", "> /dev/null"] {
        // A screen that has nothing of the one before.
        let tmux = Tmux::open(80, 24).await;
        start(&tmux, &helpline, "", &format!("--lang en {rest}")).await;
        tmux.sees("There is no terminal here").await;
        tmux.sees("--plain").await;
    }
    start(&tmux, &helpline, "TERM=dumb", "--lang en").await;
    tmux.sees("TERM=dumb)").await;
    hamsa(args!["seek", helpline.address])
        .await
        .fails(&["no terminal", "--plain", "--json"]);
}

/// Waits until something is so.
async fn until<F: Future<Output = bool>>(what: &str, is: impl Fn() -> F) {
    let start = Instant::now();
    while !is().await {
        assert!(start.elapsed() < hamsa_tests::cast::PATIENCE, "no {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn hostile_words_reach_no_terminal_and_a_paste_sends_nothing() {
    let helpline = Helpline::found(Plan::default()).await;
    let tmux = Tmux::open(80, 24).await;
    let raw = helpline.path("raw");
    tmux.records(&raw).await;
    start(&tmux, &helpline, "", "--lang en").await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let chat = into_a_talk(&tmux, &counselor).await;

    // From the counselor. Words that do not fit are read on with a key, and are received when they were on the screen.
    let all = hostile();
    for (number, text) in all.iter().enumerate() {
        let id = format!("c{number}");
        counselor.say(&chat, &id, text).await;
        let received = |event: &serde_json::Value| event["id"] == *id && event["state"] == "received";
        let received = || async { counselor.face.events().iter().any(received) };
        until("received", || async {
            tmux.press(&["PageDown"; 50]).await;
            received().await
        })
        .await;
    }
    counselor.say(&chat, "last", "that was the last one").await;
    tmux.sees("that was the last one").await;
    // Each was on the screen, and each is when she looks back.
    tmux.press(&["PageUp"; 200]).await;
    tmux.sees("kayhddni").await;
    tmux.press(&["PageDown"; 200]).await;
    tmux.sees("that was the last one").await;

    // Pasted by her, in every place where something can be written and in one where nothing can.
    counselor.face.mark();
    for text in &all {
        // Whoever pastes ends a paste early only with this sequence, which terminals take out.
        tmux.pastes(&format!("{text}\n\r\n")).await;
    }
    tmux.pastes(&"0123456789\n".repeat(100_000)).await;
    tmux.sees("That is too long").await;
    // The menu: its name stands in the talk too.
    tmux.press(&["C-k"]).await;
    tmux.sees("A notebook of what happened").await;
    tmux.pastes("8\n8\n").await;
    tmux.sees("A notebook of what happened").await;
    tmux.press(&["Escape"]).await;
    tmux.sees("verified counselor").await;
    let sent = counselor.face.all("message");
    assert_eq!(sent, [] as [Value; 0], "a paste sent something");
    for (width, height) in [(20, 5), (40, 15), (200, 60), (80, 24)] {
        tmux.resize(width, height).await;
    }
    tmux.sees("verified counselor").await;
    // The window was too small for the page: what is on it now is read first.
    tmux.after_the_pause().await;
    // What she sends is what stood there; the counselor's own terminal is the counselor's face's matter.
    tmux.press(&["Enter"]).await;
    counselor.face.event("message").await;
    assert_eq!(counselor.face.all("message").len(), 1);
    tmux.press(&["C-x"]).await;
    empty(&tmux).await;

    let text = recorded(&tmux, &raw, "\u{1b}[?1049l").await;
    assert!(text.len() > 10_000, "only {} bytes were recorded", text.len());
    assert!(
        text.contains("qamar"),
        "the words are shown, without what is obeyed"
    );
    let ours = text.find("\u{1b}[?1049h").expect("our screen");
    let end = text.rfind("\u{1b}[?1049l").expect("its end");
    assert_eq!(obeyed(&text[ours..end]), None, "this reached the terminal");
}

/// What the terminal was sent, up to these words and perhaps beyond: the record is written behind the screen.
async fn recorded(tmux: &Tmux, raw: &Path, words: &str) -> String {
    let text = || fs::read(raw).map(|raw| String::from_utf8_lossy(&raw).into_owned());
    let there = |_: &str| text().is_ok_and(|text| text.contains(words));
    tmux.until("the end of the record", there).await;
    text().unwrap()
}

#[tokio::test]
async fn hostile_words_reach_no_terminal_line_by_line_either() {
    let helpline = Helpline::found(Plan::default()).await;
    let tmux = Tmux::open(200, 60).await;
    let raw = helpline.path("raw");
    start(&tmux, &helpline, "", "--lang en --plain").await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    tmux.sees("connected").await;
    tmux.records(&raw).await;
    for (line, seen) in [
        ("1", "Are you in danger now?"),
        ("1", "What would you like to say first?"),
        ("> kayhddni", "You are next"),
    ] {
        tmux.types(line).await;
        tmux.press(&["Enter"]).await;
        tmux.sees(seen).await;
    }
    let chat = counselor.take().await;
    for (number, text) in hostile().iter().enumerate() {
        let id = format!("c{number}");
        counselor.say(&chat, &id, text).await;
        counselor.face.received([&id]).await;
    }
    counselor.say(&chat, "last", "that was the last one").await;
    let text = recorded(&tmux, &raw, "that was the last one").await;
    assert!(text.contains("qamar"));
    assert_eq!(obeyed(&text), None, "this reached the terminal");
    tmux.types("x").await;
    tmux.press(&["Enter"]).await;
    empty(&tmux).await;
}

#[test]
fn the_eyes_of_this_test_see_what_is_obeyed() {
    assert_eq!(
        obeyed("\u{1b}[2J\u{1b}[1;2Hqamar\u{1b}[?25l\u{1b}[0m o\u{301}\r\n"),
        None
    );
    for text in hostile().into_iter().chain(["\u{1b}[6n".to_owned()]) {
        let only_long = text.chars().all(|c| c == 'x');
        assert!(obeyed(&text).is_some() || only_long);
    }
}

/// A place, the keys that lead there, and words that are seen there.
type Place = (&'static str, &'static [&'static str], &'static str);

/// Without a helpline that answers.
const PLACES_ALONE: [Place; 16] = [
    ("safety", &[], "Before you write"),
    ("practice", &["2"], "press X now"),
    ("what helps in danger", &["3"], "to where other people"),
    ("shelf", &["4"], "Small steps for tonight"),
    ("reading", &["4", "2"], "instead of deleting them"),
    ("reading about a device", &["4", "4"], "Encryption does not help"),
    ("coming back", &["5"], "Type the eight words"),
    ("coming back, typing", &["5", "a", "b", "a"], "› aba"),
    ("not now", &["6"], "None of your words"),
    ("help", &["F1"], "leave at once (^C does the same)"),
    ("languages", &["C-l"], "Tamaziɣt"),
    ("menu", &["C-k"], "What you can do here"),
    ("danger", &["1"], "Are you in danger now?"),
    ("in danger", &["1", "2"], "to where other people"),
    ("first words", &["1", "3", "k", "a", "y"], "› kay"),
    (
        "waiting for the helpline",
        &["1", "3", "k", "a", "y", "Enter"],
        "being sealed",
    ),
];

/// From a talk on.
const PLACES_IN_A_TALK: [Place; 11] = [
    ("talk", &[], "verified counselor"),
    ("talk, writing", &["s", "i", "r"], "› sir"),
    ("talk, choices", &["Tab"], "▸  1"),
    ("menu", &["C-k"], "End the chat"),
    ("shelf", &["C-k", "4"], "Your place is kept"),
    ("reading", &["C-k", "4", "3"], "What was done to you"),
    ("languages", &["C-l"], "Tamaziɣt"),
    ("help", &["F1"], "leave at once (^C does the same)"),
    ("end question", &["C-k", "8"], "End the chat?"),
    ("over", &["C-k", "8", "2"], "Thank you for your trust"),
    (
        "question for herself",
        &["C-k", "8", "2", "4"],
        "Did you feel heard?",
    ),
];

/// When nobody is on duty: only then is a phrase offered.
const PLACES_IN_CLOSED_HOURS: [Place; 3] = [
    ("before a phrase", &["C-k", "4"], "Eight words let you"),
    ("phrase", &["C-k", "4", "1"], "These are your words"),
    (
        "phrase typed back",
        &["C-k", "4", "1", "1"],
        "Type the eight words once",
    ),
];

/// Goes to a place, key by key.
async fn go(tmux: &Tmux, (name, keys, words): Place) {
    for key in keys {
        let before = tmux.screen().await;
        tmux.press(&[*key]).await;
        tmux.until(name, |screen| screen != before).await;
        // A phrase takes a moment.
        tmux.until(name, |screen| !screen.contains("being made")).await;
        if tmux.pauses().await {
            tmux.after_the_pause().await;
        }
    }
    tmux.sees(words).await;
}

/// Leaves at once; gives how long it took from the key to the empty screen, without what tmux itself costs.
async fn leave(tmux: &Tmux) -> Duration {
    let asked = Instant::now();
    tmux.press(&["F12"]).await;
    tmux.screen().await;
    let cost = asked.elapsed();
    let pressed = Instant::now();
    tmux.press(&["C-x"]).await;
    tmux.until("an empty screen", |screen| matches!(screen.trim(), "" | PROMPT))
        .await;
    let cleared = pressed.elapsed();
    empty(tmux).await;
    cleared.saturating_sub(cost)
}

#[tokio::test]
async fn from_thirty_places_the_way_out_is_at_once_and_leaves_no_word() {
    let mut took = Vec::new();
    let helpline = nowhere().await;
    let tmux = Tmux::open(80, 24).await;
    for place in PLACES_ALONE {
        start(&tmux, &helpline, "", "--lang en").await;
        tmux.sees("Before you write").await;
        // Once it is said that nobody is reached, only keys change the page.
        tmux.sees("Hamsa keeps trying.").await;
        go(&tmux, place).await;
        // Where it is practised, the first one is practice.
        if place.0 == "practice" {
            tmux.press(&["C-x"]).await;
            tmux.until("nothing", |screen| screen.trim().is_empty()).await;
        }
        took.push((leave(&tmux).await, place.0));
    }

    let helpline = Helpline::found(Plan::default()).await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    for place in PLACES_IN_A_TALK {
        start(&tmux, &helpline, "", "--lang en").await;
        let chat = into_a_talk(&tmux, &counselor).await;
        counselor.say(&chat, place.0, "qamar, I am here").await;
        tmux.sees("qamar").await;
        go(&tmux, place).await;
        took.push((leave(&tmux).await, place.0));
        let gone = |event: &Value| event["event"] == "ended" && event["chat"] == chat["chat"];
        let ended = counselor.face.until("the end", gone).await;
        let at_once = json!(["left_quickly", "finished"]);
        assert!(
            at_once.as_array().unwrap().contains(&ended["reason"]),
            "{ended:#}"
        );
    }
    counselor.face.send(json!({"cmd": "off_duty"})).await;
    counselor.face.event("off_duty").await;
    for place in PLACES_IN_CLOSED_HOURS {
        start(&tmux, &helpline, "", "--lang en").await;
        tmux.sees("on duty").await;
        tmux.after_the_pause().await;
        for words in ["Are you in danger now?", "What would you like to say first?"] {
            tmux.press(&["Enter"]).await;
            tmux.sees(words).await;
        }
        tmux.press(&["Enter"]).await;
        // The pages before may say it too.
        let alone = |screen: &str| screen.contains("Nobody is on duty") && !screen.contains("to say first?");
        tmux.until("closed hours", alone).await;
        tmux.after_the_pause().await;
        go(&tmux, place).await;
        took.push((leave(&tmux).await, place.0));
    }
    took.sort_unstable();
    println!("from ^X to the empty screen: {took:?}");
    // One of them may have met a machine that was busy with something else.
    let (slowest, place) = took[took.len() - 2];
    assert!(slowest < AT_ONCE, "{slowest:?} from {place}");
}
