//! A crowd of strangers who want places in the queue, and pay nothing or cheat.

use std::time::Duration;

use futures::future::join_all;
use hamsa_protocol::wire::Refusal;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::{
    Answered, Tally, Target,
    raw_link::{RawLink, ticket, token},
};

/// Who finds no way in tries again after this long.
const PAUSE: Duration = Duration::from_millis(100);
/// Connections of one address: as many tickets are on their way at a time.
const AT_ONCE: u32 = 4;

/// What the crowd answers when it is asked to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cheat {
    /// Nothing: it asks on.
    Nothing,
    /// With numbers that solve nothing.
    False,
}

/// So many tickets in a second, from so many addresses, by one entry; without an end.
pub async fn crowd(target: &Target, (sources, a_second): (u32, u32), cheat: Cheat, tally: &Tally) {
    let callers = sources * AT_ONCE;
    let every = Duration::from_secs(1) * callers / a_second;
    join_all((0..callers).map(|caller| async move {
        let mut clock = interval(every);
        clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let stranger = target.stranger(0, caller % sources);
        let mut number = u64::from(caller) << 32;
        loop {
            let Some(mut link) = stranger.raw_link(&target.home).await else {
                tally.count("no link");
                sleep(PAUSE).await;
                continue;
            };
            while one_more(&mut link, number, cheat, tally).await {
                number += 1;
                let _ = clock.tick().await;
            }
            number += 1;
        }
    }))
    .await;
}

/// One ticket of random bytes; whether the link can carry another one.
async fn one_more(link: &mut RawLink, number: u64, cheat: Cheat, tally: &Tally) -> bool {
    tally.count("sent");
    let owner = token(number);
    match link.post(owner, &ticket(owner)).await {
        Answered::Taken => tally.count("taken"),
        Answered::Refused(Refusal::Effort(prices)) => {
            tally.count("asked to pay");
            if cheat == Cheat::False {
                let _ = link.cheat(owner, prices).await;
                // A home cuts off who cheats: the next answer is the end.
                if link.post(owner, &ticket(owner)).await == Answered::Taken {
                    tally.count("cheated in");
                }
                return false;
            }
        }
        // A link has two tickets at most.
        Answered::Refused(_) => {
            tally.count("refused");
            return false;
        }
        Answered::Ended => {
            tally.count("ended");
            return false;
        }
    }
    true
}
