//! The entry list of a world, what a home that lies makes of it, and what no client may believe of it.

use hamsa_protocol_planted::{
    crypto::keys::{NodePeer, SignKey},
    objects::{Entrances, Entry, postcard_decode, postcard_encode},
    time::Now,
    wire::{Kind, Prices, Record},
};

use super::{World, faults::Hit, judge::Wrong};

/// Roster, descriptor, entry list, consents and prices, as they travel.
type Head = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<Vec<u8>>, Prices);

/// The list that comes with this roster: one entry, which the root calls another association's. It never consents.
#[expect(clippy::expect_used, reason = "a world that cannot be made is a broken test")]
pub(super) fn entrances(root: &SignKey, roster_version: u64) -> Entrances {
    let byte = u8::try_from(roster_version % 251).unwrap_or_default();
    let entry = Entry {
        address: "/ip4/203.0.113.5/tcp/4310".into(),
        peer: NodePeer([byte; 32]),
        association: "Association B".parse().ok(),
    };
    Entrances::sign(vec![entry], root).expect("an entry list")
}

impl World {
    /// A home that lies shows its own roster with the list of another one.
    pub(super) fn exchange_list(&mut self, record: Record) -> Record {
        if record.kind != Kind::Head || record.more || record.index > 0 || self.draw(2) == 0 {
            return record;
        }
        let Some((roster, descriptor, _, lends, prices)) = postcard_decode::<Head>(&record.body) else {
            return record;
        };
        let other = entrances(&self.root, self.roster_version + 1);
        let head = postcard_encode(&(roster, descriptor, other.list.encoded(), lends, prices));
        self.faults.hit(Hit::Falsified, 1);
        let length = u64::try_from(head.len()).unwrap_or_default();
        record.ack(length).body(head)
    }

    /// What a client believes of entries is what the root says, and no entry here has consented.
    pub(super) fn judge_entries(&mut self, person: usize, now: Now) {
        let Some(who) = self.people.get(person) else {
            return;
        };
        let directory = who.directory();
        let named = directory.roster().map(|roster| roster.entries);
        let list = directory.entry_list();
        let wrong = if list.is_some_and(|list| Some(list.hash()) != named) {
            "an entry list that its roster does not name"
        } else if list.is_some_and(|list| list.entries.iter().any(|e| directory.is_lent(&e.peer, now.unix))) {
            "an entry as another association's, without its consent"
        } else {
            return;
        };
        let what = format!("{:?} took {wrong}", who.process());
        self.judge.note(Wrong::Broken, self.tick, what);
    }
}
