//! A link to a home that sends whatever it is told to.

use std::{io, time::Duration};

use hamsa_net::Stream;
use hamsa_protocol::{
    crypto::{
        keys::{DhPublic, HelplineId},
        puzzle::{Priced, Puzzle},
        tokens::Token,
    },
    objects::{Bytes, TicketId, postcard_encode},
    session::{home_link::Link, ticket::TICKET_LEN},
    wire::{ClientMessage, HomeMessage, Kind, Posting, Prices, Record, Refusal, Terms, UNIT, split},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// A home that says nothing for this long has let go of the link.
const SILENCE: Duration = Duration::from_secs(30);
/// The request of everything that is asked here.
const REQUEST: u32 = 1;

/// What a home said to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It took it.
    Taken,
    /// It did not.
    Refused(Refusal),
    /// It ended the link.
    Ended,
}

/// A token by a number.
#[must_use]
pub fn token(number: u64) -> Token {
    let mut token = [0x5a; 32];
    token[..8].copy_from_slice(&number.to_be_bytes());
    Token(token)
}

/// A ticket of random bytes, whose name is its owner's token.
#[must_use]
pub fn ticket(owner: Token) -> Posting {
    let number = usize::from(owner.0[7]);
    let body: Vec<u8> = (0..TICKET_LEN).map(|at| (at * 31 + number) as u8).collect();
    Posting {
        ticket: TicketId(owner.0),
        attempt: 0,
        slot: owner.hash(),
        receipt: None,
        body: Bytes(body.into_boxed_slice().try_into().unwrap()),
    }
}

/// A link that stands.
pub struct RawLink {
    link: Link,
    stream: Stream,
    home: (HelplineId, DhPublic),
}

impl RawLink {
    pub(super) const fn new(link: Link, stream: Stream, home: (HelplineId, DhPublic)) -> Self {
        Self { link, stream, home }
    }

    /// Sends records, and reads nothing.
    ///
    /// # Errors
    /// When the home has ended the link.
    pub async fn send(&mut self, records: impl IntoIterator<Item = Record>) -> io::Result<()> {
        for record in records {
            let unit = self.link.seal(&record).map_err(io::Error::other)?;
            self.stream.write_all(&unit).await?;
        }
        self.stream.flush().await
    }

    /// The next record that answers a request; nothing when the home has ended the link.
    pub async fn record(&mut self) -> Option<Record> {
        loop {
            let mut unit = vec![0; UNIT];
            let read = timeout(SILENCE, self.stream.read_exact(&mut unit)).await;
            let _ = read.ok()?.ok()?;
            let record = self.link.open(&unit).ok()?;
            if record.request == REQUEST {
                return Some(record);
            }
        }
    }

    /// Whether the home ends the link, whatever it says before.
    pub async fn is_ended(&mut self) -> bool {
        let mut nowhere = tokio::io::sink();
        let rest = tokio::io::copy(&mut self.stream, &mut nowhere);
        timeout(SILENCE, rest).await.is_ok()
    }

    /// Asks something, and waits until it was taken or refused.
    pub async fn ask(&mut self, records: impl IntoIterator<Item = Record>) -> Answered {
        if self.send(records).await.is_err() {
            return Answered::Ended;
        }
        loop {
            let Some(record) = self.record().await else {
                return Answered::Ended;
            };
            match HomeMessage::read(record) {
                Some(HomeMessage::Refused { reason, .. }) => return Answered::Refused(reason),
                // Told whenever it changes.
                Some(HomeMessage::Place { .. }) => {}
                _ => return Answered::Taken,
            }
        }
    }

    /// Posts a ticket of this owner.
    pub async fn post(&mut self, owner: Token, posting: &Posting) -> Answered {
        self.ask(split(Kind::Post, REQUEST, owner.0, &postcard_encode(posting)))
            .await
    }

    /// The puzzle for a ticket of this owner.
    #[must_use]
    pub fn puzzle(&self, owner: Token, prices: Prices) -> Puzzle {
        let (helpline, home) = &self.home;
        Puzzle::new(helpline, home, prices.seed, Priced::Ticket, owner.hash())
    }

    /// Pays for a ticket of this owner.
    ///
    /// # Errors
    /// When the home has ended the link.
    pub async fn pay(&mut self, owner: Token, nonce: u64, prices: Prices) -> io::Result<()> {
        let priced = Priced::Ticket;
        let terms = Some(Terms {
            priced,
            step: prices.step(priced),
            seed: prices.seed,
        });
        let token = owner.hash();
        let pay = ClientMessage::Pay { token, nonce, terms };
        self.send([pay.record()]).await
    }

    /// Pays with a number that solves nothing.
    ///
    /// # Errors
    /// When the home has ended the link.
    pub async fn cheat(&mut self, owner: Token, prices: Prices) -> io::Result<()> {
        let (puzzle, step) = (self.puzzle(owner, prices), prices.step(Priced::Ticket));
        let nonce = (0..).find(|nonce| !puzzle.is_solved(*nonce, step));
        self.pay(owner, nonce.unwrap(), prices).await
    }
}
