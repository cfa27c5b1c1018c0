//! The player against two engines of a few lines each: a good pair, and pairs with one fault.

use hamsa_client::{api::MessageState, driver::Handle};

use super::*;
use crate::script::parse;

/// What the pair of fake engines does wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Doubles,
    Changes,
    Swaps,
    OneAssociation,
    Fails,
}

fn stage(fault: Fault) -> Stage {
    let (seeker_commands, mut from_seeker) = mpsc::channel(2);
    let (to_seeker, seeker_events) = mpsc::channel(2);
    let (counselor_commands, mut from_counselor) = mpsc::channel(2);
    let (to_counselor, counselor_events) = mpsc::channel(2);
    // The sender of trace events lives in the task, as the nodes do.
    let (sender, traces) = mpsc::channel(1);
    tokio::spawn(async move {
        let _sender = sender;
        let mut held: Option<(String, Words)> = None;
        // What was given to a face, to be called received when it is shown.
        let (mut given, mut number) = (std::collections::HashMap::new(), 0);
        loop {
            tokio::select! {
                command = from_seeker.recv() => match command {
                    Some(SeekerCommand::Start { .. }) => {
                        let split = fault != Fault::OneAssociation;
                        let path = SeekerEvent::Path { entry: "e".into(), home: "h".into(), split };
                        to_seeker.send(path).await.unwrap();
                        to_counselor.send(CounselorEvent::Desk { waiting: 1, urgent: 0 }).await.unwrap();
                    }
                    Some(SeekerCommand::Say { id, text }) => {
                        let chat = "k".to_owned();
                        if fault == Fault::Fails {
                            to_seeker.send(SeekerEvent::State { id, state: MessageState::Failed }).await.unwrap();
                            continue;
                        }
                        let text = if fault == Fault::Changes { Words(text.0.trim().to_owned()) } else { text };
                        if fault == Fault::Swaps && held.is_none() {
                            held = Some((id, text));
                            continue;
                        }
                        for _ in 0..if fault == Fault::Doubles { 2 } else { 1 } {
                            number += 1;
                            given.insert(number, id.clone());
                            let message = CounselorEvent::Message { number, chat: chat.clone(), id: id.clone(), text: text.clone() };
                            if to_counselor.send(message).await.is_err() { return }
                        }
                    }
                    Some(SeekerCommand::Shown { number }) => {
                        let (chat, id) = ("k".to_owned(), given.remove(&number).unwrap());
                        let state = CounselorEvent::State { chat, id, state: MessageState::Received };
                        to_counselor.send(state).await.unwrap();
                    }
                    Some(SeekerCommand::Exit) | None => return,
                    Some(_) => {}
                },
                command = from_counselor.recv() => match command {
                    Some(CounselorCommand::OnDuty) => to_counselor.send(CounselorEvent::OnDuty).await.unwrap(),
                    Some(CounselorCommand::TakeNext) => {
                        let chat = CounselorEvent::Chat { chat: "k".into(), language: "fr".into(), urgent: false, text: "".into(), number: None, returning: false };
                        to_counselor.send(chat).await.unwrap();
                        let answered = SeekerEvent::Answered { association: "A".into(), pseudonym: "Nour".into() };
                        to_seeker.send(answered).await.unwrap();
                    }
                    Some(CounselorCommand::Say { id, text, .. }) => {
                        number += 1;
                        given.insert(number, id.clone());
                        to_seeker.send(SeekerEvent::Message { number, id, text }).await.unwrap();
                    }
                    Some(CounselorCommand::Shown { number }) => {
                        let id = given.remove(&number).unwrap();
                        let _ = to_seeker.send(SeekerEvent::State { id, state: MessageState::Received }).await;
                    }
                    Some(CounselorCommand::End { chat }) => {
                        let ended = CounselorEvent::Ended { chat, by: hamsa_client::api::EndedBy::You, reason: hamsa_client::api::ChatOver::Said(hamsa_client::api::EndReason::Finished) };
                        to_counselor.send(ended).await.unwrap();
                    }
                    Some(_) | None => {}
                },
            }
        }
    });
    Stage {
        seeker: Handle {
            commands: seeker_commands,
            events: seeker_events,
        },
        counselor: Handle {
            commands: counselor_commands,
            events: counselor_events,
        },
        traces,
    }
}

async fn played(fault: Fault) -> Result<String> {
    let script = parse("seeker: سلام \nseeker: b\nseeker: c\nseeker: d\ncounselor: e\nseeker: f").unwrap();
    let mut cast = Cast::new(stage(fault), Vec::new(), hamsa::face::Locale::English);
    cast.meet().await?;
    cast.play(&script).await?;
    cast.part().await?;
    cast.summary().await?;
    Ok(String::from_utf8(std::mem::take(cast.out())).unwrap())
}

#[tokio::test]
async fn a_whole_talk_is_written_down_in_order() {
    let shown = played(Fault::None).await.unwrap();
    let words: Vec<_> = shown
        .lines()
        .filter(|line| line.starts_with(['s', 'c']) && line.contains(": "))
        .collect();
    let talk = [
        "seeker: سلام ",
        "seeker: b",
        "seeker: c",
        "seeker: d",
        "counselor: e",
        "seeker: f",
        "split: true",
    ];
    assert_eq!(words, talk);
}

#[tokio::test]
async fn every_broken_promise_fails_the_run() {
    for (fault, reason) in [
        (Fault::Doubles, "shown before"),
        (Fault::Changes, "other bytes"),
        (Fault::Swaps, "order is broken"),
        (Fault::OneAssociation, "not split"),
        (Fault::Fails, "will not arrive"),
    ] {
        let error = format!("{:#}", played(fault).await.unwrap_err());
        assert!(error.contains(reason), "{error}");
    }
}

#[tokio::test]
async fn silence_fails_the_run() {
    let mut stage = stage(Fault::None);
    let (silent, _kept) = mpsc::channel(8);
    stage.counselor.commands = silent;
    let mut cast =
        Cast::new(stage, Vec::new(), hamsa::face::Locale::English).impatient(Duration::from_secs(1));
    let error = format!("{:#}", cast.meet().await.unwrap_err());
    assert!(error.contains("no progress for 1 s"), "{error}");
}
