//! A crowd of strangers meets a price. Who cheats is cut off, who pays is let in, and a person does not notice.

use hamsa_protocol::{
    crypto::puzzle::{Priced, Search},
    session::ticket::UrgencyPayment,
    wire::{ClientMessage, Refusal},
};
use hamsa_tests::{
    attack::{Answered, RawLink, Stranger, duties, sealed, ticket, token},
    cast::{Counselor, Helpline, Plan, Seeker},
};
use serde_json::{Value, json};
use tokio::time::sleep;

/// More than a home takes for nothing.
const CROWD: u64 = 80;
/// Links of one connection.
const PER_CONNECTION: u64 = 20;
/// A client's own pause after a refusal.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(1);

async fn come(stranger: &Stranger, home: &str) -> RawLink {
    stranger.raw_link(home).await.expect("a link")
}

/// Posts a ticket of random bytes.
async fn post(link: &mut RawLink, number: u64) -> Answered {
    link.post(token(number), &ticket(token(number))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_pays_a_cheat_is_cut_off_and_a_person_is_let_in() {
    let helpline = Helpline::found(Plan::default()).await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let home = &helpline.homes[0].peer;
    // All links first: what is taken for nothing grows with time, and a slow machine makes links slowly. A link ends with
    // its stranger, so all of them stay.
    let strangers: Vec<_> = (0..CROWD / PER_CONNECTION)
        .map(|_| Stranger::new(&helpline))
        .collect();
    let mut crowd = Vec::new();
    for stranger in &strangers {
        for _ in 0..PER_CONNECTION {
            crowd.push(come(stranger, home).await);
        }
    }
    let stranger = &strangers[0];
    let mut asked = None;
    for (number, junk) in (1..).zip(&mut crowd) {
        match post(junk, number).await {
            Answered::Taken => {}
            Answered::Refused(Refusal::Effort(prices)) => {
                asked = Some(prices);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    let prices = asked.expect("all are in, and nothing was asked");

    // What solves the puzzle of one solves no other.
    let mut cheat = come(stranger, home).await;
    cheat.cheat(token(1_001), prices).await.unwrap();
    assert!(cheat.is_ended().await, "a false solution ends the link");

    // Who pays comes in: at once, or after a pause where others were first.
    let (mut payer, owner) = (come(stranger, home).await, 1_002);
    let mut asked = prices;
    loop {
        let step = asked.step(Priced::Ticket);
        let nonce = Search::new(payer.puzzle(token(owner), asked), step).run(u32::MAX);
        payer.pay(token(owner), nonce.unwrap(), asked).await.unwrap();
        match post(&mut payer, owner).await {
            Answered::Taken => break,
            Answered::Refused(Refusal::Effort(prices)) => asked = prices,
            other => panic!("{other:?}"),
        }
        sleep(AGAIN).await;
    }

    // The crowd asks on and pays nothing, and a person comes.
    let person = async {
        let seeker = helpline.seeker("she");
        seeker.ask("s'il vous plaît").await;
        // Once more for urgency, whether she is in danger or not.
        for state in ["solving", "solved", "solving", "solved"] {
            let puzzle = json!({ "event": "puzzle", "state": state });
            seeker.face.until(state, |event| *event == puzzle).await;
        }
        seeker.has_a_place().await;
        seeker
    };
    let pressing = async {
        for number in 2_000.. {
            let mut junk = come(stranger, home).await;
            let refused = post(&mut junk, number).await;
            let asked = matches!(refused, Answered::Refused(Refusal::Effort(_)));
            assert!(asked, "{refused:?}");
        }
    };
    let seeker = tokio::select! {
        seeker = person => seeker,
        () = pressing => unreachable!("it has no end"),
    };
    counselor.somebody_waits().await;
    counselor.take().await;
    seeker.answered().await;
}

/// Somebody who is blocked: the chat, and what the counselor is told of its end.
async fn blocked(helpline: &Helpline, nour: &Counselor) -> (Seeker, Value, Value) {
    let abuser = helpline.seeker("who abuses");
    abuser.wait_in_line("words that hurt").await;
    let chat = nour.take().await["chat"].clone();
    abuser.answered().await;
    nour.face.send(json!({ "cmd": "block", "chat": chat })).await;
    let ended = nour.face.event("ended").await;
    (abuser, chat, ended)
}

#[tokio::test]
async fn urgency_that_is_not_paid_for_passes_nobody() {
    let helpline = Helpline::found(Plan::default()).await;
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    // From now on this entry has a price.
    let _ = blocked(&helpline, &nour).await;
    let first = helpline.seeker("who was first");
    first.wait_in_line("salam").await;

    // It pays for its ticket, says "urgent" to the counselors on duty, and pays nothing for that.
    let stranger = Stranger::new(&helpline);
    let mut link = come(&stranger, &helpline.homes[0].peer).await;
    let (owner, on_duty) = (token(1), duties(&mut link, stranger.root()).await);
    let posting = sealed(stranger.helpline(), owner, &on_duty, &UrgencyPayment::default()).unwrap();
    let Answered::Refused(Refusal::Effort(prices)) = link.post(owner, &posting).await else {
        panic!("a puzzle is asked");
    };
    let nonce = Search::new(link.puzzle(owner, prices), prices.step(Priced::Ticket)).run(u32::MAX);
    link.pay(owner, nonce.unwrap(), prices).await.unwrap();
    assert_eq!(link.post(owner, &posting).await, Answered::Taken);
    let two = |event: &Value| event["event"] == "desk" && event["waiting"] == 2;
    nour.face.until("two who wait", two).await;
    assert_eq!(nour.take().await["text"], "salam");
    first.answered().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocked_chat_ends_at_once_and_its_entry_costs_more() {
    let helpline = Helpline::found(Plan::default()).await;
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    let home = &helpline.homes[0].peer;
    let stranger = Stranger::new(&helpline);
    let mut before = come(&stranger, home).await;
    assert_eq!(post(&mut before, 1).await, Answered::Taken);
    let withdraw = ClientMessage::Withdraw { withdraw: token(1) };
    before.send([withdraw.record()]).await.unwrap();

    let (abuser, chat, ended) = blocked(&helpline, &nour).await;
    assert_eq!(
        ended,
        json!({ "event": "ended", "chat": chat, "by": "you", "reason": "finished" })
    );
    let told = abuser.face.event("ended").await;
    assert_eq!(
        told,
        json!({ "event": "ended", "by": "counselor", "reason": "finished" })
    );

    let mut after = come(&stranger, home).await;
    let Answered::Refused(Refusal::Effort(prices)) = post(&mut after, 2).await else {
        panic!("a puzzle is asked");
    };
    assert_eq!(u8::from(prices.step(Priced::Ticket)), 1);
    // The place is free: the next person is taken.
    let next = helpline.seeker("who comes next");
    next.wait_in_line("salam").await;
    nour.take().await;
    next.answered().await;
}
