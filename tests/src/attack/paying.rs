//! An attacker who does all that an honest client does, many times at once: it solves its puzzles, seals to the counselors
//! on duty, says "urgent", keeps its links alive, and then does not answer. What it gets is junk that a counselor takes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hamsa_client::system_random;
use hamsa_protocol::{
    crypto::{
        keys::{HelplineId, RootKey, VerifyKey},
        puzzle::{Priced, Puzzle, Search, Step},
        tokens::Token,
    },
    objects::{Bytes, Certificate, Duty, Signed, TicketId},
    session::ticket::{Intake, UrgencyPayment, seal},
    wire::{Assembler, ClientMessage, Posting, Prices, Refusal, read_page},
};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{Answered, RawLink, Tally, Target, raw_link::token};

/// Addresses that it has.
const SOURCES: u32 = 64;
/// Tickets that wait for their turn at the home, at most.
const ASKING: usize = 128;
/// A client's own pause after a refusal.
const PAUSE: Duration = Duration::from_secs(5);
/// It gives up a ticket that is refused so often.
const TRIES: u32 = 12;
/// A heartbeat of a client.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Bits of the puzzle's search between two looks at whether to stop.
const SLICE: u32 = 64;

/// Junk, sealed validly and paid for by so many cores, by one entry; each ticket stands for `stays`. Without an end.
pub async fn paying(target: &Arc<Target>, (cores, stays): (usize, Duration), tally: &Arc<Tally>) {
    let (solvers, asking) = (Arc::new(Semaphore::new(cores)), Arc::new(Semaphore::new(ASKING)));
    let number = AtomicU64::new(0);
    let mut tickets = JoinSet::new();
    loop {
        let place = Arc::clone(&asking).acquire_owned().await;
        let junk = Junk {
            target: Arc::clone(target),
            tally: Arc::clone(tally),
            solvers: Arc::clone(&solvers),
            number: number.fetch_add(1, Ordering::Relaxed),
        };
        tickets.spawn(async move {
            let taken = junk.come().await;
            drop(place);
            if let Some((mut link, owner)) = taken {
                junk.stand(&mut link, owner, stays).await;
            }
        });
        while tickets.try_join_next().is_some() {}
    }
}

struct Junk {
    target: Arc<Target>,
    tally: Arc<Tally>,
    solvers: Arc<Semaphore>,
    number: u64,
}

impl Junk {
    /// A ticket that a home took.
    async fn come(&self) -> Option<(RawLink, Token)> {
        let source = u32::try_from(self.number % u64::from(SOURCES)).unwrap();
        let stranger = self.target.stranger(0, source);
        let mut link = stranger.raw_link(&self.target.home).await?;
        let duties = duties(&mut link, self.target.address.root).await;
        let owner = token(self.number);
        let mut posting = sealed(stranger.helpline(), owner, &duties, &UrgencyPayment::default())?;
        let mut paid = None;
        for _ in 0..TRIES {
            match link.post(owner, &posting).await {
                Answered::Taken => {
                    let step = paid.map_or(0, |prices: Prices| u8::from(prices.step(Priced::Ticket)));
                    self.tally.count(&format!("step {step}"));
                    return Some((link, owner));
                }
                Answered::Refused(Refusal::Effort(prices))
                    if paid.is_none_or(|paid| dearer(prices, paid)) =>
                {
                    let urgency = self.pay(&mut link, owner, prices).await?;
                    posting = sealed(stranger.helpline(), owner, &duties, &urgency)?;
                    paid = Some(prices);
                }
                Answered::Refused(_) => {
                    self.tally.count("waits");
                    sleep(PAUSE).await;
                }
                Answered::Ended => break,
            }
        }
        self.tally.count("given up");
        None
    }

    /// Pays for a ticket, and as much again for its urgency: a desk ranks it as not urgent otherwise.
    async fn pay(&self, link: &mut RawLink, owner: Token, prices: Prices) -> Option<UrgencyPayment> {
        let step = prices.step(Priced::Ticket);
        let nonce = self.solve(link.puzzle(owner, prices), step).await?;
        link.pay(owner, nonce, prices).await.ok()?;
        let (helpline, seeds) = (self.target.address.root.helpline(), vec![prices.seed]);
        let urgent = Puzzle::urgent(&helpline, &owner.0, &seeds);
        let nonce = self.solve(urgent, step).await?;
        Some(UrgencyPayment { seeds, nonce })
    }

    /// Uses one of the cores.
    async fn solve(&self, puzzle: Puzzle, step: Step) -> Option<u64> {
        let _core = self.solvers.acquire().await.ok()?;
        let mut search = Search::new(puzzle, step);
        tokio::task::spawn_blocking(move || (0..).find_map(|_: u64| search.run(SLICE)))
            .await
            .ok()?
    }

    /// Keeps a ticket alive, and takes it back to make room for the next one.
    async fn stand(&self, link: &mut RawLink, owner: Token, stays: Duration) {
        let until = Instant::now() + stays;
        while Instant::now() < until {
            let pause = HEARTBEAT.min(until - Instant::now());
            let _ = timeout(pause, async { while link.record().await.is_some() {} }).await;
            if link.send([ClientMessage::Heartbeat {}.record()]).await.is_err() {
                return;
            }
        }
        let withdraw = ClientMessage::Withdraw { withdraw: owner };
        let _ = link.send([withdraw.record()]).await;
    }
}

/// Whether more is asked than was paid, or by another seed.
fn dearer(asked: Prices, paid: Prices) -> bool {
    asked.step(Priced::Ticket) > paid.step(Priced::Ticket) || asked.seed != paid.seed
}

/// Who is on duty, as every client may ask.
pub async fn duties(link: &mut RawLink, root: RootKey) -> Vec<Signed<Duty>> {
    let ask = ClientMessage::Duties { page: 0 }.record().request(1);
    if link.send([ask]).await.is_err() {
        return Vec::new();
    }
    let mut page = Assembler::default();
    while let Some(part) = link.record().await {
        if let Ok(Some(page)) = page.take(&part) {
            let helpline = root.helpline();
            let verified = |(certificate, duty): (Vec<u8>, Vec<u8>)| {
                let certificate = Signed::<Certificate>::verify(&certificate, &root.0, &helpline).ok()?;
                let identity = VerifyKey::from_bytes(&certificate.id_pk).ok()?;
                Signed::verify(&duty, &identity, &helpline).ok()
            };
            return read_page(&page).into_iter().filter_map(verified).collect();
        }
    }
    Vec::new()
}

/// A ticket as an honest client makes it, that says "urgent"; nothing where nobody is on duty. Its name is its owner's token.
///
/// # Panics
/// Never: the language is one.
#[must_use]
pub fn sealed(
    helpline: HelplineId,
    owner: Token,
    duties: &[Signed<Duty>],
    urgency: &UrgencyPayment,
) -> Option<Posting> {
    let duties: Vec<_> = duties.iter().collect();
    let intake = Intake {
        language: "ar".parse().unwrap(),
        urgent: true,
    };
    let id = TicketId(owner.0);
    let sealed = seal(
        &helpline,
        id,
        0,
        &duties,
        (&intake, urgency),
        &mut system_random(),
    )
    .ok()?;
    Some(Posting {
        ticket: id,
        attempt: 0,
        slot: owner.hash(),
        receipt: None,
        body: Bytes(sealed.body),
    })
}
