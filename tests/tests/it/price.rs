//! A crowd of strangers meets a price. Who cheats is cut off, who pays is let in, and a person does not notice.

use hamsa_protocol::{
    crypto::{
        keys::{DhPublic, HelplineId},
        puzzle::{Priced, Puzzle, Search},
        tokens::Token,
    },
    objects::{Bytes, TicketId, postcard_encode},
    session::{home_link::Link, ticket::TICKET_LEN},
    wire::{ClientMessage, HomeMessage, Kind, Posting, Prices, Record, Refusal, Terms, UNIT, split},
};
use hamsa_tests::cast::{Helpline, PATIENCE, Plan, Seeker};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};

use crate::garbage::Stranger;

/// More than a home takes for nothing.
const CROWD: u64 = 80;
/// Links of one connection.
const PER_CONNECTION: u64 = 20;
/// A client's own pause after a refusal.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(1);

/// One of the crowd: a link, and a ticket of random bytes.
struct Junk {
    link: Link,
    stream: hamsa_net::Stream,
    token: Token,
    puzzles: (HelplineId, DhPublic),
}

impl Junk {
    async fn come(stranger: &Stranger, home: &str, number: u64) -> Self {
        let (link, stream, home_x) = stranger.proven_link(home).await;
        let mut token = [0; 32];
        token[..8].copy_from_slice(&number.to_be_bytes());
        let token = Token(token);
        Self {
            link,
            stream,
            token,
            puzzles: (stranger.helpline(), home_x),
        }
    }

    fn puzzle(&self, prices: Prices) -> Puzzle {
        let (helpline, home) = &self.puzzles;
        Puzzle::new(helpline, home, prices.seed, Priced::Ticket, self.token.hash())
    }

    async fn send(&mut self, records: impl IntoIterator<Item = Record>) {
        for record in records {
            let unit = self.link.seal(&record).unwrap();
            self.stream.write_all(&unit).await.unwrap();
        }
        self.stream.flush().await.unwrap();
    }

    /// The next answer to a request; nothing when the home has ended the link.
    async fn answer(&mut self) -> Option<HomeMessage> {
        loop {
            let mut unit = vec![0; UNIT];
            let read = timeout(PATIENCE, self.stream.read_exact(&mut unit))
                .await
                .expect("an answer");
            read.ok()?;
            let record = self.link.open(&unit).unwrap();
            if record.request == 1 {
                return HomeMessage::read(record);
            }
        }
    }

    /// Posts the ticket; what is asked if it was not taken.
    async fn post(&mut self) -> Result<(), Refusal> {
        let posting = Posting {
            ticket: TicketId(self.token.0),
            attempt: 0,
            slot: self.token.hash(),
            receipt: None,
            body: Bytes(
                vec![self.token.0[7]; TICKET_LEN]
                    .into_boxed_slice()
                    .try_into()
                    .unwrap(),
            ),
        };
        let records = split(Kind::Post, 1, self.token.0, &postcard_encode(&posting));
        self.send(records).await;
        match self.answer().await {
            Some(HomeMessage::Posted { .. }) => Ok(()),
            Some(HomeMessage::Refused { reason, .. }) => Err(reason),
            other => panic!("{other:?}"),
        }
    }

    async fn withdraw(&mut self) {
        let withdraw = self.token;
        self.send([ClientMessage::Withdraw { withdraw }.record()]).await;
    }

    async fn pay(&mut self, nonce: u64, prices: Prices) {
        let (token, priced) = (self.token.hash(), Priced::Ticket);
        let terms = Some(Terms {
            priced,
            step: prices.step(priced),
            seed: prices.seed,
        });
        self.send([ClientMessage::Pay { token, nonce, terms }.record()])
            .await;
    }
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
            let number = 1 + crowd.len() as u64;
            crowd.push(Junk::come(stranger, home, number).await);
        }
    }
    let stranger = &strangers[0];
    let mut asked = None;
    for junk in &mut crowd {
        match junk.post().await {
            Ok(()) => {}
            Err(Refusal::Effort(prices)) => {
                asked = Some(prices);
                break;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    let prices = asked.expect("all are in, and nothing was asked");
    let step = prices.step(Priced::Ticket);

    // What solves the puzzle of one solves no other.
    let mut cheat = Junk::come(stranger, home, 1_001).await;
    let asked = cheat.puzzle(prices);
    let stolen = (0..).find(|nonce| !asked.is_solved(*nonce, step)).unwrap();
    cheat.pay(stolen, prices).await;
    assert!(cheat.answer().await.is_none(), "a false solution ends the link");

    // Who pays comes in: at once, or after a pause where others were first.
    let mut payer = Junk::come(stranger, home, 1_002).await;
    let mut asked = prices;
    loop {
        let step = asked.step(Priced::Ticket);
        let nonce = Search::new(payer.puzzle(asked), step).run(u32::MAX);
        payer.pay(nonce.unwrap(), asked).await;
        match payer.post().await {
            Ok(()) => break,
            Err(Refusal::Effort(prices)) => asked = prices,
            Err(other) => panic!("{other:?}"),
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
            let mut junk = Junk::come(stranger, home, number).await;
            let refused = junk.post().await;
            assert!(matches!(refused, Err(Refusal::Effort(_))), "{refused:?}");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocked_chat_ends_at_once_and_its_entry_costs_more() {
    let helpline = Helpline::found(Plan::default()).await;
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    let home = &helpline.homes[0].peer;
    let stranger = Stranger::new(&helpline);
    let mut before = Junk::come(&stranger, home, 1).await;
    assert_eq!(before.post().await, Ok(()));
    before.withdraw().await;

    let abuser = Seeker::start("who abuses", &helpline.address);
    abuser.wait_in_line("words that hurt").await;
    let chat = nour.take().await["chat"].clone();
    abuser.answered().await;
    nour.face.send(json!({ "cmd": "block", "chat": chat })).await;
    let ended = nour.face.event("ended").await;
    assert_eq!(
        ended,
        json!({ "event": "ended", "chat": chat, "by": "you", "reason": "finished" })
    );
    let told = abuser.face.event("ended").await;
    assert_eq!(
        told,
        json!({ "event": "ended", "by": "counselor", "reason": "finished" })
    );

    let mut after = Junk::come(&stranger, home, 2).await;
    let Err(Refusal::Effort(prices)) = after.post().await else {
        panic!("a puzzle is asked");
    };
    assert_eq!(u8::from(prices.step(Priced::Ticket)), 1);
    // The place is free: the next person is taken.
    let next = Seeker::start("who comes next", &helpline.address);
    next.wait_in_line("salam").await;
    nour.take().await;
    next.answered().await;
}
