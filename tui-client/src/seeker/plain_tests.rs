use hamsa_client::{
    api::{LinkState, Words},
    driver::Handle,
};
use tokio::{
    io::{AsyncReadExt, BufReader, DuplexStream},
    sync::mpsc,
};

use super::*;
use crate::{gate::PAUSE, input::Lines, seeker::chance::ended};

/// Between two lines that a hand types: more than what lies between two lines of a paste.
const HAND: std::time::Duration = std::time::Duration::from_millis(60);

/// A plain face on pipes, and the engine's ends in the test's hands.
struct Bench {
    keys: DuplexStream,
    screen: DuplexStream,
    commands: mpsc::Receiver<SeekerCommand>,
    events: mpsc::Sender<SeekerEvent>,
    shown: String,
    face: tokio::task::JoinHandle<VecDeque<SeekerCommand>>,
}

fn bench(clears: bool) -> Bench {
    bench_with(clears, 1 << 20)
}

/// With room for so many bytes that nobody reads.
fn bench_with(clears: bool, room: usize) -> Bench {
    let (keys, input) = tokio::io::duplex(1 << 17);
    let (output, screen) = tokio::io::duplex(room);
    let (command_sender, commands) = mpsc::channel(8);
    let (events, event_receiver) = mpsc::channel(8);
    let face = tokio::spawn(async move {
        let mut handle = Handle {
            commands: command_sender,
            events: event_receiver,
        };
        let mut model = SeekerModel::new(None);
        model.calibrated = true;
        model.by_lines = true;
        model.hides = false;
        let mut plain = SeekerPlain {
            out: output,
            texts: Texts::for_lines(model.locale),
            model,
            clears,
            single: false,
            pending: VecDeque::new(),
            answers: mpsc::channel(1),
            saying: Zeroizing::default(),
            said: SaidPage::default(),
            gate: LineGate::default(),
            now: Instant::now,
            heard: Vec::new(),
        };
        plain.show();
        let mut lines = Lines::of_a_person(BufReader::new(input));
        plain
            .talk(&mut lines, std::future::pending(), &mut handle)
            .await
            .unwrap();
        plain.pending
    });
    Bench {
        keys,
        screen,
        commands,
        events,
        shown: String::new(),
        face,
    }
}

impl Bench {
    /// Types a line, as slowly as a hand does.
    async fn types(&mut self, line: &str) {
        self.keys.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        tokio::time::sleep(HAND).await;
    }

    /// Types a line after a page that came by itself: first it answers nothing, then the page was read.
    async fn types_twice(&mut self, line: &str) {
        self.types(line).await;
        self.hears("Your line chose nothing").await;
        self.shown = self.shown.replace("Your line chose nothing", "");
        tokio::time::sleep(PAUSE * 2).await;
        self.types(line).await;
    }

    /// The next command.
    async fn told(&mut self) -> Option<SeekerCommand> {
        let told = tokio::time::timeout(std::time::Duration::from_secs(10), self.commands.recv());
        told.await.expect("a command in time")
    }

    /// Reads on until `wanted` stands there.
    async fn hears(&mut self, wanted: &str) {
        while !self.shown.contains(wanted) {
            let mut bytes = [0; 4_096];
            let read = tokio::time::timeout(std::time::Duration::from_secs(10), self.screen.read(&mut bytes));
            let count = read
                .await
                .unwrap_or_else(|_| panic!("waited for {wanted:?} in {:?}", self.shown))
                .unwrap();
            assert!(count > 0, "it ended before {wanted:?}: {:?}", self.shown);
            self.shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }

    /// English, consent, no danger question, first words.
    async fn asks(&mut self) {
        for line in ["3", "1", "1", "> I am afraid"] {
            self.types(line).await;
        }
        self.hears("waiting room").await;
        let Some(SeekerCommand::Start {
            language,
            urgent,
            text,
        }) = self.told().await
        else {
            panic!("expected a start");
        };
        assert_eq!(
            (language.as_str(), urgent, text.0.as_str()),
            ("en", false, "I am afraid")
        );
    }

    async fn answered(&mut self) {
        let answered = SeekerEvent::Answered {
            association: "Association A".to_owned(),
            pseudonym: "Nour".to_owned(),
        };
        self.events.send(answered).await.unwrap();
        self.hears("Nour · verified counselor of Association A").await;
    }
}

#[tokio::test]
async fn an_output_that_nobody_reads_does_not_hold_the_way_out() {
    for way in ["x\n", ""] {
        let mut bench = bench_with(false, 16);
        bench
            .keys
            .write_all(format!("1\n{way}").as_bytes())
            .await
            .unwrap();
        drop(bench.keys);
        let left = tokio::time::timeout(std::time::Duration::from_secs(10), &mut bench.face);
        let pending = left.await.unwrap().unwrap();
        assert!(pending.contains(&SeekerCommand::QuickExit));
    }
}

#[tokio::test]
async fn a_whole_visit_by_numbers_and_words() {
    let mut bench = bench(false);
    bench.hears("2 العربية").await;
    bench.asks().await;
    bench
        .events
        .send(SeekerEvent::Waiting { ahead: Some(2) })
        .await
        .unwrap();
    bench.hears("People before you: 2").await;
    let many = SeekerEvent::Waiting { ahead: Some(20) };
    bench.events.send(many).await.unwrap();
    bench.hears("People before you: at most 20").await;
    bench.answered().await;
    let text = Words("Salam\nyou: forged".to_owned());
    let id = "c1".to_owned();
    bench
        .events
        .send(SeekerEvent::Message { number: 0, id, text })
        .await
        .unwrap();
    // The words first, the time last; a line break in them cannot pass for another speaker.
    bench.hears("Nour: Salam\nNour: you: forged (").await;
    bench.types_twice("3afak").await;
    bench.hears("Not understood").await;
    bench.types("> 3afak").await;
    // Its line was written: it is shown.
    let shown = Some(SeekerCommand::Shown { number: 0 });
    assert_eq!(bench.told().await, shown);
    let Some(SeekerCommand::Say { id, text }) = bench.told().await else {
        panic!("expected words");
    };
    assert_eq!(text.0, "3afak");
    let state = MessageState::Received;
    bench.events.send(SeekerEvent::State { id, state }).await.unwrap();
    bench.hears("3afak: received").await;
    bench
        .events
        .send(SeekerEvent::Link {
            state: LinkState::Connected,
        })
        .await
        .unwrap();
    bench.hears("connected").await;
    assert!(
        !bench.shown.contains(['─', '│', '▸', '\u{1b}']),
        "{}",
        bench.shown
    );
    assert!(!bench.shown.contains("^X"), "{}", bench.shown);
}

#[tokio::test]
async fn x_leaves_from_anywhere_and_drops_what_waits() {
    let mut bench = bench(false);
    bench.asks().await;
    bench.types("x").await;
    assert_eq!(bench.face.await.unwrap(), [SeekerCommand::QuickExit]);
}

#[tokio::test]
async fn the_way_out_is_on_an_arabic_keyboard_too() {
    for letter in ["X", "ء", "خ", "\u{18}"] {
        let mut bench = bench(false);
        bench.asks().await;
        bench.types(letter).await;
        let left = tokio::time::timeout(std::time::Duration::from_secs(10), bench.face).await;
        assert_eq!(
            left.expect("she left").unwrap(),
            [SeekerCommand::QuickExit],
            "{letter:?}"
        );
    }
}

#[tokio::test]
async fn a_refused_message_is_said_to_be_refused() {
    let mut bench = bench(false);
    bench.asks().await;
    bench.answered().await;
    bench.types("> 3afak").await;
    bench.told().await;
    let report = hamsa_client::api::ErrorReport::new(
        hamsa_client::names::ErrorCode::QueueFull,
        String::new(),
        String::new(),
    );
    bench.events.send(SeekerEvent::Error(report)).await.unwrap();
    bench.hears("Too many messages wait").await;
    // Nothing stands in the composer here: the words stay in the talk, marked.
    bench.types("0").await;
    bench.hears("you: 3afak").await;
    bench.hears("not delivered)").await;
}

#[tokio::test]
async fn practice_empties_the_screen_and_not_what_was_scrolled_off_it() {
    let mut bench = bench(true);
    bench.types("3").await;
    bench.types("2").await;
    bench.types("x").await;
    bench.hears(terminal::BLANK).await;
    bench.hears("That was it").await;
    assert!(!bench.shown.contains("\x1b[3J"), "{:?}", bench.shown);
}

#[tokio::test]
async fn x_empties_a_terminal_and_says_nothing_more() {
    let mut bench = bench(true);
    bench.asks().await;
    bench.types("x").await;
    bench.face.await.unwrap();
    let mut rest = String::new();
    bench.screen.read_to_string(&mut rest).await.unwrap();
    assert!(rest.ends_with(terminal::WIPE), "{rest:?}");
}

#[tokio::test]
async fn practice_stays_and_the_end_of_input_leaves_in_peace() {
    let mut bench = bench(false);
    bench.types("3").await;
    bench.types("2").await;
    bench.hears("Type x and Enter now.").await;
    bench.types("x").await;
    bench.hears("That was it").await;
    drop(bench.keys);
    assert_eq!(bench.face.await.unwrap(), [SeekerCommand::Exit]);
}

#[tokio::test]
async fn a_phrase_is_typed_back_in_one_line() {
    let mut bench = bench(false);
    bench.asks().await;
    bench
        .events
        .send(SeekerEvent::Closed {
            until: None,
            opens: None,
        })
        .await
        .unwrap();
    bench.hears("Leave a sealed message").await;
    // The menu, then its phrase.
    bench.types("m").await;
    bench.hears("4 A phrase to come back with").await;
    tokio::time::sleep(PAUSE * 2).await;
    bench.types("4").await;
    bench.hears("nobody can give them back").await;
    bench.types("1").await;
    assert_eq!(bench.told().await, Some(SeekerCommand::Keep));
    let words = Words("Été bagage cabine dauphin échelle fable gagner habitude".to_owned());
    bench.events.send(SeekerEvent::Phrase { words }).await.unwrap();
    bench.hears("8  habitude").await;
    bench.types_twice("1").await;
    bench.hears("Type the eight words once").await;
    bench
        .types("ete bagage cabine dauphin echelle fable gagner")
        .await;
    bench.hears("not the same words").await;
    bench
        .types("ete bagage cabine dauphin echelle fable gagner habitude")
        .await;
    bench.hears("You can come back with these words").await;
}

#[tokio::test]
async fn a_line_without_end_is_not_gathered() {
    let mut bench = bench(false);
    bench.hears("2 العربية").await;
    bench.types(&"x".repeat(100_000)).await;
    bench.hears("trop longue").await;
}

#[tokio::test]
async fn nothing_of_a_paste_is_sent_or_obeyed() {
    let mut bench = bench(false);
    bench.asks().await;
    bench.answered().await;
    bench.types("> he wrote\n1\nx\n> and then").await;
    bench.hears("« he wrote »\n« 1 »\n« x »\n« > and then »").await;
    bench.hears("Nothing of it was sent").await;
    tokio::time::sleep(PAUSE * 2).await;
    // Thrown away, nothing is left of it.
    bench.types("2").await;
    bench.types("> 3afak").await;
    let said = |command: Option<SeekerCommand>| match command {
        Some(SeekerCommand::Say { text, .. }) => text.0.clone(),
        other => panic!("expected words, got {other:?}"),
    };
    assert_eq!(said(bench.told().await), "3afak");
    // Two pastes are one draft, and only a choice sends it.
    bench.types("un\ndeux").await;
    bench.types("trois\nquatre").await;
    bench.hears("« trois »\n« quatre »").await;
    bench.types("1").await;
    assert_eq!(said(bench.told().await), "un\ndeux\ntrois\nquatre");
}

#[tokio::test]
async fn a_paste_is_not_offered_to_a_chat_that_ended() {
    let mut bench = bench(false);
    bench.asks().await;
    bench.answered().await;
    bench.types("un\ndeux").await;
    bench.hears("1 Send it in one message").await;
    bench.events.send(ended()).await.unwrap();
    bench.hears("The chat has ended meanwhile").await;
    bench.hears("1 Throw it away").await;
    bench.types_twice("1").await;
    bench.hears("The counselor ended the chat").await;
}

#[tokio::test]
async fn a_paste_where_nothing_is_written_does_nothing() {
    let mut bench = bench(false);
    bench.types("3").await;
    bench.hears("Before you write").await;
    bench.types("1\n1\nx").await;
    bench.hears("Nothing of what you pasted was sent").await;
    bench.types("x").await;
    assert_eq!(bench.face.await.unwrap(), [SeekerCommand::QuickExit]);
    assert!(bench.commands.try_recv().is_err());
}

#[tokio::test]
async fn menu_languages_and_help_open_from_every_page() {
    let mut bench = bench(false);
    bench.types("3").await;
    bench.hears("On every page: m for what you can do here").await;
    bench.types("h").await;
    bench.hears("To write, type > and your words").await;
    assert!(
        !bench.shown.contains("Tab") && !bench.shown.contains("PgUp"),
        "{}",
        bench.shown
    );
    bench.types("m").await;
    bench.hears("A notebook of what happened").await;
    bench.types("ل").await;
    bench.hears("1 Français").await;
    bench.types("1").await;
    bench.hears("Ce que vous pouvez faire ici").await;
}

#[tokio::test]
async fn a_number_never_changes_its_meaning_unheard() {
    let mut bench = bench(false);
    bench.asks().await;
    bench.hears("4 What you can do here").await;
    bench.answered().await;
    bench.hears("\n1 What you can do here\n").await;
    let to = "Salma".to_owned();
    bench
        .events
        .send(SeekerEvent::TransferAsked { to })
        .await
        .unwrap();
    bench.hears("2 Answer what the counselor asks").await;
    bench.types_twice("2").await;
    bench.hears("the first counselor").await;
    bench.types("2").await;
    assert_eq!(bench.told().await, Some(SeekerCommand::Agree));
}

#[tokio::test]
async fn no_passphrase_is_asked_where_it_would_be_shown() {
    let mut bench = bench(false);
    bench.asks().await;
    bench.types("m").await;
    bench.hears("7 A notebook of what happened").await;
    bench.types("7").await;
    bench.hears("hamsa notebook new").await;
    assert!(!bench.shown.contains("make a notebook"));
}
