//! Home links and records.

use std::time::Duration;

use hamsa_protocol::{
    crypto::{
        keys::{DhSecret, HelplineId, NodePeer, RootKey, SignKey},
        tokens::Token,
    },
    objects::{Delegation, Signed},
    session::{
        chat::CELL_LEN,
        home_link::{Dialing, Link, accept},
    },
    time::Unix,
    wire::{ClientMessage, Record},
};

use crate::{Work, seeded};

pub(crate) const TODAY: Unix = Unix(1_790_000_000);
pub(crate) const HOME_PEER: NodePeer = NodePeer([3; 32]);

/// A home as the root knows it.
pub(crate) struct KnownHome {
    pub(crate) root: SignKey,
    pub(crate) root_key: RootKey,
    pub(crate) helpline: HelplineId,
    pub(crate) operator: SignKey,
    pub(crate) home_x: DhSecret,
    pub(crate) delegation: Signed<Delegation>,
}

impl KnownHome {
    pub(crate) fn new() -> Self {
        let mut random = seeded(1);
        let (root, operator) = (SignKey::generate(&mut random), SignKey::generate(&mut random));
        let home_x = DhSecret::generate(&mut random);
        let root_key = RootKey(root.public());
        let helpline = root_key.helpline();
        let delegation = Delegation {
            home_peer: HOME_PEER,
            home_x: home_x.public(),
            op_pk: operator.public().to_bytes(),
            not_before: TODAY,
            expires: TODAY + Duration::from_secs(80 * 86_400),
        };
        let delegation = Signed::sign(delegation, &root, &helpline).unwrap();
        Self {
            root,
            root_key,
            helpline,
            operator,
            home_x,
            delegation,
        }
    }

    fn link(&self, seed: u64) -> [Link; 2] {
        let mut random = seeded(seed);
        let (dialing, unit) = Dialing::start(self.root_key, HOME_PEER, &mut random).unwrap();
        let (theirs, answer) =
            accept(&self.helpline, &self.home_x, &self.delegation, &unit, &mut random).unwrap();
        let (ours, _) = dialing.finish(&answer, TODAY).unwrap();
        [ours, theirs]
    }
}

fn a_record() -> Record {
    let put = Token([7; 32]);
    let cell = vec![0x5c; CELL_LEN];
    ClientMessage::Put { put, index: 1, cell }.record()
}

pub(crate) fn record() -> Work {
    let record = a_record();
    Box::new(move || assert!(Record::decode(&record.encode()).is_ok()))
}

pub(crate) fn unit() -> Work {
    let [mut from, mut to] = KnownHome::new().link(2);
    let record = a_record();
    Box::new(move || {
        let unit = from.seal(&record).unwrap();
        to.open(&unit).unwrap();
    })
}

pub(crate) fn handshake() -> Work {
    let home = KnownHome::new();
    let mut seed = 0;
    Box::new(move || {
        seed += 1;
        home.link(seed);
    })
}
