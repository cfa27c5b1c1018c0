//! Which entries a client uses, and which count as another association's.

use core::time::Duration;

use super::*;
use crate::{
    crypto::keys::{DhSecret, SignKey},
    objects::{Entrances, postcard_encode},
    testing::seeded,
};

const NOW: Unix = Unix(1_800_000_000);
const HOME: HomeIndex = HomeIndex(0);

/// A helpline, its only home, and a client.
struct Scene {
    root: SignKey,
    operator: SignKey,
    lender: SignKey,
    /// The home's own network key: in the hands of whoever broke into it.
    home: SignKey,
    delegation: Signed<Delegation>,
    version: u64,
    directory: Directory,
}

fn peer(key: &SignKey) -> NodePeer {
    NodePeer(key.public().to_bytes())
}

fn entry(key: &SignKey, association: Option<&str>) -> Entry {
    Entry {
        address: "/ip4/203.0.113.5/tcp/4310".into(),
        peer: peer(key),
        association: association.map(|name| name.parse().unwrap()),
    }
}

impl Scene {
    fn new() -> Self {
        let mut random = seeded(7);
        let [root, operator, lender, home] = [1, 2, 3, 4].map(|_| SignKey::generate(&mut random));
        let delegation = Delegation {
            home_peer: peer(&home),
            home_x: DhSecret::generate(&mut random).public(),
            op_pk: operator.public().to_bytes(),
            not_before: NOW,
            expires: NOW + Duration::from_secs(10 * 86_400),
        };
        let helpline = RootKey(root.public()).helpline();
        let delegation = Signed::sign(delegation, &root, &helpline).unwrap();
        let mut directory = Directory::new(RootKey(root.public()));
        directory.met(HOME, delegation.clone());
        Self {
            root,
            operator,
            lender,
            home,
            delegation,
            version: 0,
            directory,
        }
    }

    fn helpline(&self) -> HelplineId {
        RootKey(self.root.public()).helpline()
    }

    fn list(&self, entries: Vec<Entry>) -> Signed<EntryList> {
        Entrances::sign(entries, &self.root).unwrap().list
    }

    fn lend(&self, key: &SignKey) -> Signed<Lend> {
        Lend::give(key, self.helpline(), None, NOW, Duration::from_secs(86_400)).unwrap()
    }

    /// The home shows a roster that names `named`, the list `shown`, and chooses `chosen`.
    fn show(
        &mut self,
        named: &Signed<EntryList>,
        shown: &Signed<EntryList>,
        chosen: &[NodePeer],
        lends: &[Signed<Lend>],
    ) -> Result<u64, ObjectError> {
        self.version += 1;
        let (version, issued, expires) = (self.version, NOW, NOW + Duration::from_secs(5 * 86_400));
        let roster = Roster {
            version,
            issued,
            expires,
            certificates: Vec::new(),
            delegations: vec![self.delegation.hash()],
            revoked: Vec::new(),
            settings: ObjectHash([0; 32]),
            entries: named.hash(),
        };
        let descriptor = Descriptor {
            op_pk: self.operator.public().to_bytes(),
            version,
            issued,
            expires: NOW + Duration::from_secs(86_400),
            roster_version: version,
            entries: chosen.to_vec(),
            duties: Vec::new(),
        };
        let roster = Signed::sign(roster, &self.root, &self.helpline()).unwrap();
        let descriptor = Signed::sign(descriptor, &self.operator, &self.helpline()).unwrap();
        let lends: Vec<&[u8]> = lends.iter().map(Signed::encoded).collect();
        let head = postcard_encode(&(
            roster.encoded(),
            descriptor.encoded(),
            shown.encoded(),
            lends,
            Prices::free(),
        ));
        let news = self.directory.take_head(HOME, &head, NOW).unwrap().unwrap();
        news.pages
    }

    fn used(&self) -> Vec<NodePeer> {
        let entries = self.directory.entries_to(HOME).into_iter();
        entries.map(|entry| entry.peer).collect()
    }
}

#[test]
fn an_entry_that_stands_only_in_a_descriptor_is_not_used() {
    let mut scene = Scene::new();
    let lender = peer(&scene.lender);
    let list = scene.list(vec![entry(&scene.lender, Some("B"))]);
    let lend = scene.lend(&scene.lender);
    let own = NodePeer([9; 32]);
    scene.show(&list, &list, &[own, lender], &[lend]).unwrap();
    assert_eq!(scene.used(), [lender]);
    assert!(scene.directory.is_lent(&lender, NOW));
    assert!(!scene.directory.is_lent(&own, NOW));
    scene.show(&list, &list, &[own], &[]).unwrap();
    assert_eq!(scene.used(), []);
}

#[test]
fn a_list_that_the_roster_does_not_name_is_refused() {
    let mut scene = Scene::new();
    let named = scene.list(Vec::new());
    // The root's own list of another day, and one of another root.
    let old = scene.list(vec![entry(&scene.lender, Some("B"))]);
    let stranger = SignKey::generate(&mut seeded(9));
    let forged = Entrances::sign(vec![entry(&scene.home, Some("B"))], &stranger)
        .unwrap()
        .list;
    for shown in [old, forged] {
        let chosen: Vec<_> = shown.entries.iter().map(|entry| entry.peer).collect();
        assert!(scene.show(&named, &shown, &chosen, &[]).is_err());
        assert_eq!(scene.used(), []);
    }
    assert_eq!(scene.show(&named, &named, &[], &[]), Ok(0));
}

#[test]
fn a_new_roster_takes_the_list_of_the_old_one_away() {
    let mut scene = Scene::new();
    let lender = peer(&scene.lender);
    let list = scene.list(vec![entry(&scene.lender, Some("B"))]);
    let none = scene.list(Vec::new());
    let lend = scene.lend(&scene.lender);
    scene
        .show(&list, &list, &[lender], std::slice::from_ref(&lend))
        .unwrap();
    assert!(scene.directory.is_lent(&lender, NOW));
    // The home goes on showing the list that it had.
    assert!(scene.show(&none, &list, &[lender], &[lend]).is_err());
    assert_eq!(scene.used(), []);
    assert!(!scene.directory.is_lent(&lender, NOW));
}

#[test]
fn split_needs_the_roots_word_and_the_entrys_own() {
    let mut scene = Scene::new();
    let helpline = scene.helpline();
    let (lender, own) = (peer(&scene.lender), SignKey::generate(&mut seeded(11)));
    let list = scene.list(vec![entry(&scene.lender, Some("B")), entry(&own, None)]);
    let chosen = [lender, peer(&own)];
    let other = RootKey(own.public()).helpline();
    let elsewhere = Lend::give(&scene.lender, other, None, NOW, Duration::from_secs(86_400)).unwrap();
    let expired = Lend::give(
        &scene.lender,
        helpline,
        None,
        Unix(NOW.0 - 60),
        Duration::from_secs(60),
    )
    .unwrap();
    // In the lender's name, by the key of the home.
    let forged = Signed::sign((*scene.lend(&scene.lender)).clone(), &scene.home, &helpline).unwrap();
    for lend in [elsewhere, expired, forged] {
        scene.show(&list, &list, &chosen, &[lend]).unwrap();
        assert_eq!(scene.used(), chosen, "it may be used all the same");
        assert!(!scene.directory.is_lent(&lender, NOW));
    }
    let consents = [scene.lend(&scene.lender), scene.lend(&own)];
    scene.show(&list, &list, &chosen, &consents).unwrap();
    assert!(scene.directory.is_lent(&lender, NOW));
    assert!(
        !scene.directory.is_lent(&peer(&own), NOW),
        "its root calls it its own"
    );
    let end = NOW + Duration::from_secs(86_400);
    assert!(!scene.directory.is_lent(&lender, end), "the consent is over");
}

#[test]
fn a_home_of_the_helpline_is_never_lent() {
    let mut scene = Scene::new();
    let home = peer(&scene.home);
    let list = scene.list(vec![entry(&scene.home, Some("B"))]);
    let lend = scene.lend(&scene.home);
    scene.show(&list, &list, &[home], &[lend]).unwrap();
    assert_eq!(scene.used(), [home]);
    assert!(!scene.directory.is_lent(&home, NOW));
}
