//! Strangers who post what no honest client posts keep nobody out of the queue.

use hamsa_protocol::{
    home::MAX_TICKETS_PER_LINK,
    wire::{ClientMessage, Refusal},
};
use hamsa_tests::{
    attack::{Answered, Stranger, ticket, token},
    cast::{Counselor, Helpline, Plan, Seeker},
};

/// Somebody asks, and is answered next.
async fn is_answered(helpline: &Helpline, nour: &Counselor, name: &str) {
    let person = Seeker::start(name, &helpline.address);
    person.wait_in_line("salam").await;
    let chat = nour.take().await;
    assert_eq!(chat["text"], "salam");
    person.answered().await;
    person.say("s1", "labas?").await;
    person.face.received([&"s1".to_owned()]).await;
    nour.face
        .send(serde_json::json!({"cmd": "end", "chat": chat["chat"]}))
        .await;
    person.face.event("ended").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_tickets_of_strangers_keep_nobody_out() {
    let helpline = Helpline::found(Plan {
        entries: 2,
        ..Plan::default()
    })
    .await;
    let home = helpline.homes[0].peer.clone();
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    let mut number = 0;
    // Four links take what a link may have, and then say that all of it was answered elsewhere.
    let stranger = Stranger::by(&helpline, 0);
    let (mut taken, mut links) = (0, Vec::new());
    for _ in 0..4 {
        let mut link = stranger.raw_link(&home).await.expect("a link");
        for _ in 0..10 {
            number += 1;
            let owner = token(number);
            match link.post(owner, &ticket(owner)).await {
                Answered::Taken => taken += 1,
                other => {
                    assert_eq!(other, Answered::Refused(Refusal::Busy));
                    continue;
                }
            }
            let hold = ClientMessage::Hold {
                withdraw: owner,
                attempt: 0,
                claim: 0,
            };
            link.send([hold.record()]).await.unwrap();
        }
        links.push(link);
    }
    assert_eq!(taken, 4 * MAX_TICKETS_PER_LINK);
    is_answered(&helpline, &nour, "after the held ones").await;
}
