use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hamsa_client::{
    api::{CounselorCommand, CounselorEvent, MessageState},
    driver::Handle,
};
use tokio::{
    io::{AsyncReadExt, DuplexStream},
    sync::{mpsc, oneshot},
};

use super::*;
use crate::{gate::PAUSE, i18n::Locale, input::Lines};

/// A desk on pipes, and the engine's ends in the test's hands.
struct Bench {
    keys: DuplexStream,
    screen: DuplexStream,
    commands: mpsc::Receiver<CounselorCommand>,
    events: mpsc::Sender<CounselorEvent>,
    shown: String,
    /// A signal.
    stop: Option<oneshot::Sender<()>>,
    hidden: Arc<AtomicBool>,
}

/// The lines of a person, and whether they are hidden.
struct Watched(Lines<tokio::io::BufReader<DuplexStream>>, Arc<AtomicBool>);

impl LineReader for Watched {
    async fn next(&mut self) -> std::io::Result<Option<Read>> {
        self.0.next().await
    }

    fn hand(&self) -> Hand {
        self.0.hand()
    }

    fn hide(&mut self, hidden: bool) {
        self.1.store(hidden, Ordering::SeqCst);
    }
}

fn bench() -> Bench {
    let (keys, input) = tokio::io::duplex(1 << 17);
    let (output, screen) = tokio::io::duplex(1 << 17);
    let (command_sender, commands) = mpsc::channel(8);
    let (events, event_receiver) = mpsc::channel(8);
    let (stop, stopped) = oneshot::channel();
    let stopped = async move {
        match stopped.await {
            Ok(()) => 143,
            Err(_) => std::future::pending().await,
        }
    };
    let hidden = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&hidden);
    tokio::spawn(async move {
        let mut handle = Handle {
            commands: command_sender,
            events: event_receiver,
        };
        let shift = Shift {
            vault: "/nowhere".into(),
            locale: Locale::English,
            arabic: crate::text::Strategy::Visual,
        };
        let mut desk = DeskPlain {
            out: output,
            texts: Texts::desk(Locale::English),
            model: DeskModel::default(),
            pending: VecDeque::new(),
            gate: LineGate::default(),
            now: Instant::now,
            clears: false,
            strange_locale: false,
        };
        let mut lines = Watched(Lines::of_a_person(tokio::io::BufReader::new(input)), seen);
        desk.talk(&mut lines, stopped, &mut handle, &shift).await.unwrap();
        part(handle, desk.pending, DRAIN).await;
    });
    Bench {
        keys,
        screen,
        commands,
        events,
        shown: String::new(),
        stop: Some(stop),
        hidden,
    }
}

impl Bench {
    /// Types a line, as slowly as a hand does.
    async fn types(&mut self, line: &str) {
        self.keys.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    }

    /// Listens to what came by itself: the next line is begun after it.
    async fn listens(&mut self) {
        self.types("").await;
        tokio::time::sleep(PAUSE).await;
    }

    /// The next command.
    async fn told(&mut self) -> Option<CounselorCommand> {
        let told = tokio::time::timeout(std::time::Duration::from_secs(10), self.commands.recv());
        told.await.expect("a command in time")
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
            number: None,
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
    bench.listens().await;
    bench.types("I am here").await;
    bench.sees("Not understood").await;
    bench.types("> I am here").await;
    let CounselorCommand::Say { chat, id, text } = bench.told().await.unwrap() else {
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
    bench.listens().await;
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
    assert!(bench.shown.contains("1 new in 1 chat"));
    let locked = CounselorCommand::ScreenLocked { locked: true };
    assert_eq!(bench.commands.try_recv(), Ok(locked));
    assert!(bench.commands.try_recv().is_err());
}

#[tokio::test]
async fn a_wrong_passphrase_stays_hidden_and_is_asked_again() {
    let mut bench = bench();
    bench.chat(false).await;
    bench.sees("post it").await;
    bench.listens().await;
    // With the digit of the other layout, and over a question that is open.
    bench.types("4").await;
    bench.types("٦").await;
    bench.sees("Locked").await;
    assert!(bench.hidden.load(Ordering::SeqCst), "before it is asked for");
    bench.types("٦").await;
    for try_of in ["wrong", "> words"] {
        bench.shown.clear();
        bench.types(try_of).await;
        bench.sees("did not open").await;
        bench.sees("Passphrase:").await;
        assert!(bench.hidden.load(Ordering::SeqCst));
    }
    bench.types("").await;
    bench.types("6").await;
    assert!(bench.hidden.load(Ordering::SeqCst));
    // The way out is none of the tries.
    let Bench {
        keys, mut commands, ..
    } = bench;
    drop(keys);
    let locked = CounselorCommand::ScreenLocked { locked: true };
    assert_eq!(commands.recv().await, Some(locked));
    assert_eq!(commands.recv().await, Some(CounselorCommand::Exit));
}

#[tokio::test]
async fn after_a_signal_nothing_that_is_typed_is_taken() {
    for locked in [false, true] {
        let mut bench = bench();
        bench.chat(false).await;
        bench.sees("post it").await;
        bench.listens().await;
        if locked {
            bench.types("6").await;
            bench.types("6").await;
            bench.sees("Passphrase:").await;
            let locked = CounselorCommand::ScreenLocked { locked: true };
            assert_eq!(bench.told().await, Some(locked));
        }
        bench.stop.take().unwrap().send(()).unwrap();
        let _ = bench.keys.write_all(b"> after the signal\n").await;
        assert_eq!(bench.told().await, Some(CounselorCommand::Exit));
        assert_eq!(bench.told().await, None);
    }
}

#[tokio::test]
async fn ending_and_leaving_are_confirmed_and_the_end_of_input_leaves() {
    let mut bench = bench();
    bench.chat(false).await;
    bench.sees("post it").await;
    bench.listens().await;
    bench.types("4").await;
    bench.types("no").await;
    bench.types("4").await;
    bench.types("yes").await;
    assert_eq!(
        bench.told().await,
        Some(CounselorCommand::End { chat: "k".into() })
    );
    let Bench {
        keys, mut commands, ..
    } = bench;
    drop(keys);
    assert_eq!(commands.recv().await, Some(CounselorCommand::Exit));
}

#[tokio::test]
async fn a_yes_is_one_in_the_words_that_people_use() {
    for yes in ["نعم", "آه", "ايه", "oui"] {
        let mut bench = bench();
        bench.chat(false).await;
        bench.sees("post it").await;
        bench.listens().await;
        bench.types("4").await;
        bench.types(yes).await;
        let end = CounselorCommand::End { chat: "k".into() };
        assert_eq!(bench.told().await, Some(end), "{yes}");
    }
}

#[tokio::test]
async fn abuse_is_confirmed_with_its_own_number_on_both_layouts() {
    for ten in ["10", "١٠"] {
        let mut bench = bench();
        bench.chat(false).await;
        bench.sees("post it").await;
        bench.listens().await;
        bench.types(ten).await;
        bench.sees("Type yes to confirm").await;
        bench.types("yes").await;
        let block = CounselorCommand::Block { chat: "k".into() };
        assert_eq!(bench.told().await, Some(block), "{ten}");
    }
}

#[tokio::test]
async fn nothing_of_a_paste_is_sent_or_obeyed() {
    let mut bench = bench();
    bench.chat(false).await;
    bench.types("> un\n4\n> deux").await;
    bench.sees("nothing of it was sent").await;
    bench.listens().await;
    bench.types("> trois").await;
    let Some(CounselorCommand::Say { text, .. }) = bench.told().await else {
        panic!("expected words");
    };
    assert_eq!(text.0, "trois");
}

fn message(chat: &str, number: u64, text: &str) -> CounselorEvent {
    CounselorEvent::Message {
        number,
        chat: chat.into(),
        id: format!("s{number}"),
        text: text.into(),
    }
}

fn ended(chat: &str) -> CounselorEvent {
    CounselorEvent::Ended {
        chat: chat.into(),
        by: hamsa_client::api::EndedBy::Peer,
        reason: hamsa_client::api::ChatOver::Said(hamsa_client::api::EndReason::LeftQuickly),
    }
}

impl Bench {
    async fn other_chat(&mut self) {
        let chat = CounselorEvent::Chat {
            chat: "k2".into(),
            language: "ar".into(),
            urgent: false,
            text: "salam".into(),
            number: None,
            returning: false,
        };
        self.events.send(chat).await.unwrap();
    }

    async fn event(&mut self, event: CounselorEvent) {
        self.events.send(event).await.unwrap();
    }
}

#[tokio::test]
async fn each_line_about_a_chat_names_it() {
    let mut bench = bench();
    bench.chat(false).await;
    bench.other_chat().await;
    bench.sees("Chat 2, language ar. new: 1.").await;
    bench.event(ended("k2")).await;
    bench.sees("chat 2: She left quickly.").await;
    let pace = CounselorEvent::Pace {
        chat: "k".into(),
        pause: true,
        no_details: false,
    };
    bench.event(pace).await;
    bench.sees("chat 1: She needs a pause.").await;
    bench.event(message("k", 7, "kayhddni")).await;
    bench.sees("chat 1, she: kayhddni").await;
    assert!(!bench.shown.contains("chat 1: She left"));
}

#[tokio::test]
async fn words_for_one_seeker_do_not_reach_the_next() {
    let mut bench = bench();
    bench.chat(false).await;
    bench.sees("post it").await;
    bench.event(ended("k")).await;
    bench.other_chat().await;
    bench.sees("chat 2: This chat takes no words yet").await;
    bench.types("> votre mari n'a rien vu").await;
    bench.sees("Your line did nothing").await;
    bench.types("8").await;
    bench.listens().await;
    bench.types("> rien").await;
    assert!(bench.commands.try_recv().is_err());
    bench.types("8").await;
    bench.types("> salam").await;
    let Some(CounselorCommand::Say { chat, text, .. }) = bench.told().await else {
        panic!("expected words");
    };
    assert_eq!((chat.as_str(), text.0.as_str()), ("k2", "salam"));
}

#[tokio::test]
async fn an_answer_under_way_meets_no_other_question() {
    let mut bench = bench();
    bench.chat(false).await;
    bench.sees("post it").await;
    bench.listens().await;
    bench.types("4").await;
    bench.event(ended("k")).await;
    bench.sees("no longer asked").await;
    bench.types("yes").await;
    bench.sees("Your line did nothing").await;
    bench.listens().await;
    bench.types("yes").await;
    bench.sees("Not understood").await;
    assert!(bench.commands.try_recv().is_err());
}

#[tokio::test]
async fn a_message_is_told_as_shown_when_its_line_is_out() {
    let mut bench = bench();
    bench.chat(false).await;
    bench.sees("post it").await;
    bench.event(message("k", 7, "kayhddni")).await;
    bench.sees("kayhddni").await;
    assert_eq!(bench.told().await, Some(CounselorCommand::Shown { number: 7 }));
    bench.other_chat().await;
    bench.event(message("k2", 8, "hidden")).await;
    bench.sees("Chat 2, language ar. new: 2.").await;
    assert!(!bench.shown.contains("hidden"));
    assert!(bench.commands.try_recv().is_err());
    bench.listens().await;
    bench.types("5").await;
    assert_eq!(bench.told().await, Some(CounselorCommand::Shown { number: 8 }));
    bench.sees("chat 2, she: hidden").await;
}

#[tokio::test]
async fn a_sealed_message_is_heard_when_it_is_asked_for() {
    let mut bench = bench();
    let mail = CounselorEvent::Mail {
        mail: "m".into(),
        text: "sealed words".into(),
        returning: false,
    };
    bench.event(mail).await;
    bench.sees("sealed messages: 1").await;
    bench.types("7").await;
    bench.sees("Type 7 1").await;
    bench.types("r 1 salam").await;
    assert!(bench.commands.try_recv().is_err() && !bench.shown.contains("sealed words"));
    bench.types("7 1").await;
    bench.sees("sealed words").await;
    // On an Arabic layout, with the key of R.
    bench.types("ق ١ salam").await;
    assert!(matches!(bench.told().await, Some(CounselorCommand::Reply { .. })));
}
