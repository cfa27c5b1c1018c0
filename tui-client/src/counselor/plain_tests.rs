use hamsa_client::api::{CounselorCommand, Handle};
use tokio::{
    io::{AsyncReadExt, DuplexStream},
    sync::mpsc,
};

use super::*;
use crate::input::Lines;

/// A desk on pipes, and the engine's ends in the test's hands.
struct Bench {
    keys: DuplexStream,
    screen: DuplexStream,
    commands: mpsc::Receiver<CounselorCommand>,
    events: mpsc::Sender<CounselorEvent>,
    shown: String,
}

fn bench() -> Bench {
    let (keys, input) = tokio::io::duplex(1 << 17);
    let (output, screen) = tokio::io::duplex(1 << 17);
    let (command_sender, commands) = mpsc::channel(8);
    let (events, event_receiver) = mpsc::channel(8);
    tokio::spawn(async move {
        let mut handle = Handle {
            commands: command_sender,
            events: event_receiver,
        };
        let shift = Shift {
            vault: "/nowhere".into(),
            language: "en".into(),
        };
        let mut desk = Plain {
            out: output,
            texts: Texts::new("en"),
            model: Model::default(),
        };
        let mut lines = Lines::of_a_person(tokio::io::BufReader::new(input));
        desk.talk(&mut lines, &mut handle, &shift).await.unwrap();
    });
    Bench {
        keys,
        screen,
        commands,
        events,
        shown: String::new(),
    }
}

impl Bench {
    /// Types a line, as slowly as a hand does.
    async fn types(&mut self, line: &str) {
        self.keys.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    }

    /// Reads on until `wanted` stands on the screen.
    async fn sees(&mut self, wanted: &str) {
        while !self.shown.contains(wanted) {
            let mut bytes = [0; 4_096];
            let read = tokio::time::timeout(std::time::Duration::from_secs(10), self.screen.read(&mut bytes));
            let count = read
                .await
                .unwrap_or_else(|_| panic!("waited for {wanted:?} in {:?}", self.shown))
                .unwrap();
            assert!(count > 0, "the screen ended before {wanted:?}: {:?}", self.shown);
            self.shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }

    async fn chat(&mut self, urgent: bool) {
        self.events.send(CounselorEvent::OnDuty).await.unwrap();
        let text = "he says\nhe will post it\u{1b}[2J".into();
        let chat = CounselorEvent::Chat {
            chat: "k".into(),
            language: "en".into(),
            urgent,
            text,
            returning: false,
        };
        self.events.send(chat).await.unwrap();
    }
}

#[tokio::test]
async fn words_go_out_after_the_sign_only_and_states_come_back() {
    let mut bench = bench();
    bench.chat(false).await;
    bench.sees("she: he will post it[2J").await;
    bench.types("I am here").await;
    bench.sees("Not understood").await;
    bench.types("> I am here").await;
    let CounselorCommand::Say { chat, id, text } = bench.commands.recv().await.unwrap() else {
        panic!("expected words");
    };
    assert_eq!((chat.as_str(), text.0.as_str()), ("k", "I am here"));
    bench
        .events
        .send(CounselorEvent::State {
            chat,
            id,
            state: MessageState::Received,
        })
        .await
        .unwrap();
    bench.sees("received").await;
}

#[tokio::test]
async fn an_urgent_chat_says_its_words_only_when_asked() {
    let mut bench = bench();
    bench.chat(true).await;
    bench.sees("Heavy content").await;
    assert!(!bench.shown.contains("post it"));
    bench.types("8").await;
    bench.sees("post it").await;
}

#[tokio::test]
async fn locked_says_nothing_of_a_chat() {
    let mut bench = bench();
    bench.chat(false).await;
    bench.sees("post it").await;
    bench.types("6").await;
    bench.sees("Locked").await;
    bench.shown.clear();
    let message = CounselorEvent::Message {
        number: 0,
        chat: "k".into(),
        id: "s2".into(),
        text: "hidden".into(),
    };
    bench.events.send(message).await.unwrap();
    bench.types("> not sent").await;
    bench.sees("Locked").await;
    bench.types("6").await;
    bench.types("wrong").await;
    bench.sees("did not open").await;
    assert!(!bench.shown.contains("hidden"));
    assert!(bench.commands.try_recv().is_err());
}

#[tokio::test]
async fn ending_and_leaving_are_confirmed_and_the_end_of_input_leaves() {
    let mut bench = bench();
    bench.chat(false).await;
    bench.sees("post it").await;
    bench.types("4").await;
    bench.types("no").await;
    bench.types("4").await;
    bench.types("yes").await;
    assert_eq!(
        bench.commands.recv().await,
        Some(CounselorCommand::End { chat: "k".into() })
    );
    let Bench {
        keys, mut commands, ..
    } = bench;
    drop(keys);
    assert_eq!(commands.recv().await, Some(CounselorCommand::Exit));
}

#[tokio::test]
async fn nothing_of_a_paste_is_sent_or_obeyed() {
    let mut bench = bench();
    bench.chat(false).await;
    bench.types("> un\n4\n> deux").await;
    bench.sees("nothing of it was sent").await;
    bench.types("> trois").await;
    let Some(CounselorCommand::Say { text, .. }) = bench.commands.recv().await else {
        panic!("expected words");
    };
    assert_eq!(text.0, "trois");
}
