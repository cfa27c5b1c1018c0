//! Submits the answers of a survey.
//!
//! They go over a link that is made for nothing else: under a network identity of its own, to a home at random, through
//! an entry of another association where there is one. A home can join them with a chat by the hour alone, unless it is
//! the seeker's entry as well.

use std::{collections::BTreeSet, time::Duration};

use hamsa_protocol::{
    crypto::{
        keys::{DhPublic, HelplineId},
        puzzle::{Priced, Puzzle},
        random::{self, Random, shuffle},
        tokens::{Token, TokenHash},
    },
    objects::address::Route,
    session::home_link::Link,
    wire::{ClientMessage, HomeMessage, Prices, Record, Refusal, Terms, UNIT},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::{
    clock::{DeviceClock, system_random},
    connector::HomeConnector,
    effects::solve,
};
use crate::{
    api::SurveyState,
    session::{HomeRoutes, LinkFailure, SurveySubmission},
};

/// From the command to the home's word: a slow line of 8 kbit/s needs 10 s for the link and both records.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long one route may take to give a link: two of three are tried, and a slow line still makes it.
const ONE_WAY: Duration = Duration::from_secs(8);
/// The same for everybody.
const REQUEST: u32 = 1;

/// What a home made of the answers.
#[derive(Debug, PartialEq, Eq)]
enum HomeReply {
    Counted,
    Refused,
    /// It wants a puzzle solved first.
    Effort(Prices),
    /// Nothing reliable: it may have counted.
    Nothing,
}

/// Submits the answers.
pub(super) async fn submit(submission: SurveySubmission, clock: DeviceClock) -> SurveyState {
    match timeout(PATIENCE, try_homes(submission, &clock)).await {
        Ok(true) => SurveyState::Counted,
        Ok(false) | Err(_) => SurveyState::Failed,
    }
}

/// Goes to the next home while none has the answers, or the one that has them refused. After that nothing is sent again:
/// it could be counted twice.
async fn try_homes(submission: SurveySubmission, clock: &DeviceClock) -> bool {
    let Ok(connector) = HomeConnector::new(submission.root, clock) else {
        return false;
    };
    let mut unreachable = BTreeSet::new();
    for route in routes_in_turn(submission.homes, &mut system_random()) {
        if unreachable.contains(&route.entry) {
            continue;
        }
        let mut open = match timeout(ONE_WAY, connector.connect(&route)).await {
            Ok(Ok(open)) => open,
            Ok(Err(LinkFailure::Entry(_))) => {
                unreachable.insert(route.entry);
                continue;
            }
            Ok(Err(_)) | Err(_) => continue,
        };
        let carried = submission.carried.as_ref();
        if carried.is_some_and(|carried| !carried.contains(&open.delegation.hash())) {
            continue;
        }
        let mut random = system_random();
        let token = Token(random::public(&mut random));
        let survey = ClientMessage::Survey {
            token,
            answers: submission.answers,
        };
        let survey = survey.record().request(REQUEST);
        let (link, reader, writer) = (&mut open.link, &mut open.reader, &mut open.writer);
        let mut reply = ask(link, reader, writer, &[&survey]).await;
        if let HomeReply::Effort(prices) = reply {
            let helpline = submission.root.helpline();
            let paid = pay(&helpline, &open.delegation.home_x, prices, token.hash()).await;
            reply = ask(link, reader, writer, &[&paid, &survey]).await;
        }
        // The home has replied already.
        let _ = open.writer.shutdown().await;
        match reply {
            HomeReply::Counted => return true,
            HomeReply::Refused | HomeReply::Effort(_) => {}
            HomeReply::Nothing => return false,
        }
    }
    false
}

/// All routes in the order in which they are tried: each home once before any comes again, all else at random. Where one
/// leads through another association's entry, only such are taken: an answer MUST NOT cost the seeker's address.
fn routes_in_turn(mut homes: Vec<HomeRoutes>, random: &mut Random) -> Vec<Route> {
    shuffle(random, &mut homes);
    let any_lent = homes.iter().any(|home| home.lent > 0);
    let mut turns = Vec::new();
    for HomeRoutes { mut routes, lent, .. } in homes {
        if any_lent {
            routes.truncate(lent);
        }
        shuffle(random, &mut routes);
        turns.extend(routes.into_iter().enumerate());
    }
    turns.sort_by_key(|(turn, _)| *turn);
    turns.into_iter().map(|(_, route)| route).collect()
}

/// Solves what the home asks. The puzzle is for these answers alone.
async fn pay(helpline: &HelplineId, home_x: &DhPublic, prices: Prices, token: TokenHash) -> Record {
    let (priced, seed) = (Priced::Survey, prices.seed);
    let step = prices.step(priced);
    let nonce = solve(Puzzle::new(helpline, home_x, seed, priced, token), step).await;
    let terms = Some(Terms { priced, step, seed });
    ClientMessage::Pay { token, nonce, terms }.record()
}

async fn ask(
    link: &mut Link,
    reader: &mut (impl AsyncRead + Unpin),
    writer: &mut (impl AsyncWrite + Unpin),
    records: &[&Record],
) -> HomeReply {
    for record in records {
        let Ok(unit) = link.seal(record) else {
            return HomeReply::Nothing;
        };
        if writer.write_all(&unit).await.is_err() || writer.flush().await.is_err() {
            return HomeReply::Nothing;
        }
    }
    loop {
        let mut unit = vec![0; UNIT];
        if reader.read_exact(&mut unit).await.is_err() {
            return HomeReply::Nothing;
        }
        let Ok(record) = link.open(&unit) else {
            return HomeReply::Nothing;
        };
        if record.request != REQUEST {
            continue;
        }
        match HomeMessage::read(record) {
            Some(HomeMessage::Counted {}) => return HomeReply::Counted,
            Some(HomeMessage::Refused {
                reason: Refusal::Effort(prices),
                ..
            }) => return HomeReply::Effort(prices),
            Some(HomeMessage::Refused { .. }) => return HomeReply::Refused,
            // A heartbeat.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use hamsa_protocol::{
        crypto::keys::{DhSecret, NodePeer, RootKey, SignKey},
        objects::{Delegation, Signed},
        session::home_link::{self, Dialing},
        time::Unix,
        wire::{Answers, Kind},
    };
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;

    fn seeded(seed: u64) -> Random {
        Box::new(ChaCha20Rng::seed_from_u64(seed))
    }

    /// The first `lent` of these entries are other associations'.
    fn routes(home: u8, entries: &[u8], lent: usize) -> HomeRoutes {
        let peer = NodePeer([home; 32]);
        let route = |entry: &u8| Route {
            entry_address: "/ip4/203.0.113.5/tcp/4310".into(),
            entry: NodePeer([*entry; 32]),
            home: peer,
        };
        HomeRoutes {
            peer,
            routes: entries.iter().map(route).collect(),
            lent,
        }
    }

    #[test]
    fn lent_entries_are_preferred_and_the_rest_is_random() {
        let homes = || {
            vec![
                routes(1, &[8, 9, 1], 2),
                routes(2, &[8, 2], 1),
                routes(3, &[3], 0),
            ]
        };
        let mut first = BTreeSet::new();
        for seed in 0..200 {
            let ways = routes_in_turn(homes(), &mut seeded(seed));
            assert_eq!(ways.len(), 3);
            assert!(ways.iter().all(|route| route.entry.0[0] >= 8));
            assert_ne!(ways[0].home, ways[1].home);
            first.insert((ways[0].entry.0[0], ways[0].home.0[0]));
        }
        assert_eq!(first, BTreeSet::from([(8, 1), (9, 1), (8, 2)]));
        let own = vec![routes(1, &[1], 0), routes(2, &[2], 0)];
        assert_eq!(routes_in_turn(own, &mut seeded(1)).len(), 2);
    }

    /// Both ends of a link.
    fn pair() -> (Link, Link) {
        let mut random = seeded(1);
        let root = SignKey::generate(&mut random);
        let key = RootKey(root.public());
        let home_x = DhSecret::generate(&mut random);
        let peer = NodePeer([1; 32]);
        let delegation = Delegation {
            home_peer: peer,
            home_x: home_x.public(),
            op_pk: SignKey::generate(&mut random).public().to_bytes(),
            not_before: Unix(1_800_000_000),
            expires: Unix(1_800_086_400),
        };
        let delegation = Signed::sign(delegation, &root, &key.helpline()).unwrap();
        let (dialing, unit) = Dialing::start(key, peer, &mut random).unwrap();
        let accepted = home_link::accept(&key.helpline(), &home_x, &delegation, &unit, &mut random);
        let (home, answer) = accepted.unwrap();
        let (client, _) = dialing.finish(&answer, Unix(1_800_000_000)).unwrap();
        (client, home)
    }

    fn survey() -> Record {
        let message = ClientMessage::Survey {
            token: Token([7; 32]),
            answers: Answers([Some(true), Some(false), None]),
        };
        message.record().request(REQUEST)
    }

    /// The reply that is taken from a home that sends `records`, and what the home received.
    async fn asked(records: Vec<Record>) -> (HomeReply, Record) {
        let (mut client, mut home) = pair();
        let (left, right) = tokio::io::duplex(16 * UNIT);
        let (mut reader, mut writer) = tokio::io::split(left);
        let (mut from, mut to) = tokio::io::split(right);
        let home = async move {
            let mut unit = vec![0; UNIT];
            from.read_exact(&mut unit).await.unwrap();
            for record in records {
                to.write_all(&home.seal(&record).unwrap()).await.unwrap();
            }
            to.shutdown().await.unwrap();
            home.open(&unit).unwrap()
        };
        let survey = survey();
        let records = [&survey];
        tokio::join!(ask(&mut client, &mut reader, &mut writer, &records), home)
    }

    #[tokio::test]
    async fn one_record_is_sent_and_only_its_answer_counts() {
        let answer = |kind, request| Record::new(kind).request(request);
        for (records, expected) in [
            (vec![answer(Kind::Counted, REQUEST)], HomeReply::Counted),
            (
                vec![answer(Kind::Beat, 0), answer(Kind::Counted, REQUEST)],
                HomeReply::Counted,
            ),
            (
                vec![answer(Kind::Counted, 2), answer(Kind::Refused, REQUEST)],
                HomeReply::Refused,
            ),
            (
                vec![answer(Kind::Counted, 0), answer(Kind::Refused, 0)],
                HomeReply::Nothing,
            ),
            (vec![answer(Kind::Bye, 0)], HomeReply::Nothing),
            (Vec::new(), HomeReply::Nothing),
        ] {
            let (reply, heard) = asked(records).await;
            assert_eq!(reply, expected);
            assert_eq!((heard.body.as_slice(), &heard), ([1, 2, 0].as_slice(), &survey()));
        }
    }
}
