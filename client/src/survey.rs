//! Her answers to the three questions at the end, on their way to the association.
//!
//! They go over a link that is made for nothing else: under a network identity of its own, to a home by chance, through
//! an entry of another association where there is one. So no home can join them with a talk by anything but the hour,
//! unless it is her entry as well.
//! It says one thing, hears one word, and closes.

use std::{collections::BTreeSet, time::Duration};

use hamsa_protocol::{
    crypto::{
        keys::RootKey,
        random::{Random, shuffle},
    },
    objects::address::Route,
    session::home_link::Link,
    wire::{Answers, Kind, Record, UNIT},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use crate::{
    api::SurveyState,
    device::{Clock, system_random},
    homes::{Caller, Trouble, split},
};

/// From the command to the home's word: a slow line of 8 kbit/s needs 10 s for the link and both records.
const PATIENCE: Duration = Duration::from_secs(20);
/// A way that gives no link for this long is left for the next: two of three are tried, and a slow line still makes it.
const ONE_WAY: Duration = Duration::from_secs(8);
/// The same from everybody.
const REQUEST: u32 = 1;

/// What is sent, and where it may go.
pub(crate) struct Errand {
    pub(crate) root: RootKey,
    /// Hashes of the delegations that the highest roster carries, if one is known.
    pub(crate) carried: Option<Vec<[u8; 32]>>,
    /// The ways to each home that may be asked.
    pub(crate) homes: Vec<Vec<Route>>,
    pub(crate) answers: Answers,
    pub(crate) clock: Clock,
}

/// What a home made of it.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Counted,
    Refused,
    /// Nothing that can be relied on: it may have counted.
    Nothing,
}

impl Errand {
    /// Brings it, or does not; how that went is all that is known of it.
    pub(crate) async fn run(self) -> SurveyState {
        match timeout(PATIENCE, self.bring()).await {
            Ok(true) => SurveyState::Counted,
            Ok(false) | Err(_) => SurveyState::Failed,
        }
    }

    /// Goes to the next home while none has been told anything, or it said that it does not count. Afterwards nothing is
    /// sent again: it could be counted twice.
    async fn bring(self) -> bool {
        let Ok(caller) = Caller::new(self.root, &self.clock) else {
            return false;
        };
        let mut silent = BTreeSet::new();
        for route in ways(self.homes, &mut system_random()) {
            if silent.contains(&route.entry) {
                continue;
            }
            let (mut standing, delegation) = match timeout(ONE_WAY, caller.connect(&route)).await {
                Ok(Ok(link)) => link,
                Ok(Err(Trouble::Dial(_))) => {
                    silent.insert(route.entry);
                    continue;
                }
                Ok(Err(_)) | Err(_) => continue,
            };
            let carried = self.carried.as_ref();
            if carried.is_some_and(|carried| !carried.contains(&delegation.hash())) {
                continue;
            }
            let (link, reader, writer) = (&mut standing.link, &mut standing.reader, &mut standing.writer);
            let said = ask(link, reader, writer, self.answers).await;
            // The home has said its word; whether it hears the end of the line is of no account.
            let _ = writer.shutdown().await;
            match said {
                Said::Counted => return true,
                Said::Refused => {}
                Said::Nothing => return false,
            }
        }
        false
    }
}

/// All ways in the order in which they are tried: each home once before any comes again, all else by chance. Where one
/// leads through another association's entry, only such are taken: an answer is not worth that a home sees her address.
fn ways(mut homes: Vec<Vec<Route>>, random: &mut Random) -> Vec<Route> {
    shuffle(random, &mut homes);
    let mut ways = Vec::new();
    for mut routes in homes {
        shuffle(random, &mut routes);
        routes.sort_by_key(|route| !split(route));
        ways.extend(routes.into_iter().enumerate());
    }
    if ways.iter().any(|(_, route)| split(route)) {
        ways.retain(|(_, route)| split(route));
    }
    ways.sort_by_key(|(turn, _)| *turn);
    ways.into_iter().map(|(_, route)| route).collect()
}

async fn ask(
    link: &mut Link,
    reader: &mut (impl AsyncRead + Unpin),
    writer: &mut (impl AsyncWrite + Unpin),
    answers: Answers,
) -> Said {
    let survey = Record::new(Kind::Survey).request(REQUEST).body(answers.encode());
    let Ok(unit) = link.seal(&survey) else {
        return Said::Nothing;
    };
    if writer.write_all(&unit).await.is_err() || writer.flush().await.is_err() {
        return Said::Nothing;
    }
    loop {
        let mut unit = vec![0; UNIT];
        if reader.read_exact(&mut unit).await.is_err() {
            return Said::Nothing;
        }
        let Ok(record) = link.open(&unit) else {
            return Said::Nothing;
        };
        match record.kind {
            Kind::Counted if record.request == REQUEST => return Said::Counted,
            Kind::Refused if record.request == REQUEST => return Said::Refused,
            // A beat that all links hear.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use hamsa_protocol::{
        crypto::keys::{DhSecret, NodePeer, SignKey},
        objects::{Delegation, Signed},
        session::home_link::{self, Dialing},
        time::Unix,
    };
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;

    fn seeded(seed: u64) -> Random {
        Box::new(ChaCha20Rng::seed_from_u64(seed))
    }

    fn route(entry: u8, home: u8, foreign: bool) -> Route {
        Route {
            entry_address: "/ip4/203.0.113.5/tcp/4310".into(),
            entry: NodePeer([entry; 32]),
            home: NodePeer([home; 32]),
            foreign,
        }
    }

    #[test]
    fn a_foreign_entry_is_taken_or_none_and_all_else_is_chance() {
        let homes = || {
            vec![
                vec![route(1, 1, false), route(8, 1, true), route(9, 1, true)],
                vec![route(2, 2, false), route(8, 2, true)],
                vec![route(3, 3, false)],
            ]
        };
        let mut first = BTreeSet::new();
        for seed in 0..200 {
            let ways = ways(homes(), &mut seeded(seed));
            assert_eq!(ways.len(), 3);
            assert!(ways.iter().all(split));
            assert_ne!(ways[0].home, ways[1].home);
            first.insert((ways[0].entry.0[0], ways[0].home.0[0]));
        }
        assert_eq!(first, BTreeSet::from([(8, 1), (9, 1), (8, 2)]));
        let own = vec![vec![route(1, 1, false)], vec![route(2, 2, false)]];
        assert_eq!(ways(own, &mut seeded(1)).len(), 2);
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

    /// What she makes of a home that says `records`, and what it heard.
    async fn asked(records: Vec<Record>) -> (Said, Record) {
        let (mut client, mut home) = pair();
        let (hers, its) = tokio::io::duplex(16 * UNIT);
        let (mut reader, mut writer) = tokio::io::split(hers);
        let (mut from, mut to) = tokio::io::split(its);
        let home = async move {
            let mut unit = vec![0; UNIT];
            from.read_exact(&mut unit).await.unwrap();
            for record in records {
                to.write_all(&home.seal(&record).unwrap()).await.unwrap();
            }
            to.shutdown().await.unwrap();
            home.open(&unit).unwrap()
        };
        let answers = Answers([Some(true), Some(false), None]);
        tokio::join!(ask(&mut client, &mut reader, &mut writer, answers), home)
    }

    #[tokio::test]
    async fn one_record_goes_and_only_its_own_answer_counts() {
        let answer = |kind, request| Record::new(kind).request(request);
        for (records, expected) in [
            (vec![answer(Kind::Counted, REQUEST)], Said::Counted),
            (
                vec![answer(Kind::Beat, 0), answer(Kind::Counted, REQUEST)],
                Said::Counted,
            ),
            (
                vec![answer(Kind::Counted, 2), answer(Kind::Refused, REQUEST)],
                Said::Refused,
            ),
            (
                vec![answer(Kind::Counted, 0), answer(Kind::Refused, 0)],
                Said::Nothing,
            ),
            (vec![answer(Kind::Bye, 0)], Said::Nothing),
            (Vec::new(), Said::Nothing),
        ] {
            let (said, heard) = asked(records).await;
            assert_eq!(said, expected);
            let survey = Record::new(Kind::Survey).request(REQUEST).body(vec![1, 2, 0]);
            assert_eq!(heard, survey, "three bytes and nothing else");
        }
    }
}
