//! What a client believes, and why: the highest roster of the root, the settings it names, and the duties that
//! stand.
//!
//! Homes bring everything, and nothing is believed on their word alone. A roster is signed by the root and a duty
//! by a certified counselor. A descriptor is only one home's view. The roster that counts is the highest seen at
//! **any** home.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    crypto::keys::{HelplineId, NodePeer, RootKey},
    limits::DUTIES_PER_PAGE,
    objects::{
        Certificate, Delegation, Descriptor, Duty, Entry, EntryList, HomeIndex, Lend, MAX_ENTRIES, Object,
        ObjectError, ObjectHash, Roster, RosterId, Settings, Signed, SplitView, postcard_decode,
    },
    time::Unix,
    wire::{Prices, read_page},
};

/// A duty and the certificate of its counselor, both verified.
#[derive(Clone, Debug)]
pub struct OnDuty {
    /// The counselor's certificate.
    pub certificate: Signed<Certificate>,
    /// The counselor's duty.
    pub duty: Signed<Duty>,
}

#[derive(Default)]
struct HomeView {
    delegation: Option<Signed<Delegation>>,
    descriptor: Option<Signed<Descriptor>>,
    duties: Vec<OnDuty>,
    /// Duties of the pages that came so far. They count when the last page came.
    coming: Vec<OnDuty>,
}

/// Roster, descriptor, entry list, consents and prices, as they travel.
type HeadParts = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<Vec<u8>>, Prices);

/// What a head brought.
#[derive(Debug)]
pub(crate) struct HeadNews {
    /// What the roster of this home is beside the one that counts.
    pub(crate) roster: RosterNews,
    /// It shows a split view, which was not told yet.
    pub(crate) split: Option<SplitView>,
    /// How many pages of duties to fetch, or why the descriptor is invalid.
    pub(crate) pages: Result<u64, ObjectError>,
    /// What the home asks of strangers.
    pub(crate) prices: Prices,
}

/// What a roster is beside the one that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RosterNews {
    /// The new highest one. It counts from now on.
    Higher,
    /// The one that counts. So this home has the settings that it names.
    Same,
    /// Lower, or another one of the same order.
    Other,
}

/// The helpline as this client sees it.
pub struct Directory {
    root: RootKey,
    helpline: HelplineId,
    /// The roster that counted last in an earlier run. No lower one counts.
    floor: Option<Signed<Roster>>,
    roster: Option<Signed<Roster>>,
    /// A home that is behind the floor was told.
    behind_told: bool,
    /// Rosters of a split view that were told.
    told: BTreeSet<ObjectHash>,
    settings: Option<Settings>,
    /// The entry list that the roster names.
    entries: Option<Signed<EntryList>>,
    /// Of each entry the consent that lasts longest, from any home.
    lends: BTreeMap<NodePeer, Signed<Lend>>,
    /// Grows with everything that may change the ways to a home.
    ways: u64,
    homes: BTreeMap<HomeIndex, HomeView>,
}

impl Directory {
    /// Knows only the root.
    #[must_use]
    pub fn new(root: RootKey) -> Self {
        Self {
            helpline: root.helpline(),
            root,
            floor: None,
            roster: None,
            behind_told: false,
            told: BTreeSet::new(),
            settings: None,
            entries: None,
            lends: BTreeMap::new(),
            ways: 0,
            homes: BTreeMap::new(),
        }
    }

    /// The root key.
    #[must_use]
    pub const fn root(&self) -> &RootKey {
        &self.root
    }

    /// The highest roster seen.
    #[must_use]
    pub const fn roster(&self) -> Option<&Signed<Roster>> {
        self.roster.as_ref()
    }

    /// Name of the highest roster seen; zeros before the first.
    #[must_use]
    pub fn roster_id(&self) -> RosterId {
        self.roster.as_ref().map_or_else(RosterId::default, Signed::id)
    }

    /// Takes the roster that counted last in an earlier run of this client. It counts for nobody, and no lower one
    /// counts. One that is ahead of the clock is forgotten.
    pub(crate) fn remember(&mut self, roster: Signed<Roster>, now: Unix) {
        self.floor = roster.order().plausible_at(now).then_some(roster);
    }

    /// Compares the roster that counts with what the peer of a chat says of its own.
    pub(crate) fn compare(&self, theirs: RosterId) -> Option<SplitView> {
        let own = self.roster.as_ref().filter(|own| own.id().splits(&theirs))?;
        Some(SplitView {
            own: own.clone(),
            other: theirs,
            proof: None,
        })
    }

    /// The settings that the roster names.
    #[must_use]
    pub const fn settings(&self) -> Option<&Settings> {
        self.settings.as_ref()
    }

    /// Version of the descriptor of `home`.
    #[must_use]
    pub fn descriptor_version(&self, home: HomeIndex) -> u64 {
        let view = self.homes.get(&home);
        view.and_then(|view| view.descriptor.as_ref())
            .map_or(0, |descriptor| descriptor.version)
    }

    /// The entry list that the roster names, once it is known.
    #[must_use]
    pub const fn entry_list(&self) -> Option<&Signed<EntryList>> {
        self.entries.as_ref()
    }

    /// The entries to `home`: those of the root's list that its descriptor chooses. What stands only in a descriptor is
    /// no entry.
    #[must_use]
    pub fn entries_to(&self, home: HomeIndex) -> Vec<&Entry> {
        let view = self.homes.get(&home);
        let (Some(list), Some(descriptor)) = (&self.entries, view.and_then(|view| view.descriptor.as_ref()))
        else {
            return Vec::new();
        };
        let chosen = |entry: &&Entry| descriptor.entries.contains(&entry.peer);
        list.entries.iter().filter(chosen).collect()
    }

    /// Whether the node is an entry of another association: the root's list says so, and the node's own consent for this
    /// helpline is valid now. A home of the helpline is none, whatever it signed.
    #[must_use]
    pub fn is_lent(&self, entry: &NodePeer, now: Unix) -> bool {
        let list = self.entries.as_ref();
        let named = list.and_then(|list| list.find(entry)?.association.as_ref());
        let homes = self.homes.values().filter_map(|view| view.delegation.as_ref());
        let homes: Vec<_> = homes.map(|delegation| delegation.home_peer).collect();
        let consents = |lend: &Signed<Lend>| lend.counts(&self.helpline, &homes, now).is_ok();
        named.is_some() && self.lends.get(entry).is_some_and(consents)
    }

    /// A number that grows with every change of [`Self::entries_to`], and with every consent.
    #[must_use]
    pub const fn ways(&self) -> u64 {
        self.ways
    }

    /// A link to `home` is up. The link has verified its delegation.
    pub(crate) fn met(&mut self, home: HomeIndex, delegation: Signed<Delegation>) {
        self.homes.entry(home).or_default().delegation = Some(delegation);
    }

    /// Whether the highest roster still carries `home`.
    #[must_use]
    pub fn carries(&self, home: HomeIndex) -> bool {
        let delegation = self.homes.get(&home).and_then(|view| view.delegation.as_ref());
        match (&self.roster, delegation) {
            (Some(roster), Some(delegation)) => roster.delegations.contains(&delegation.hash()),
            _ => false,
        }
    }

    /// Takes a head from `home`. An empty one says that nothing is published there yet. The roster is signed by the
    /// root, so it counts even if the home's own descriptor is invalid.
    pub(crate) fn take_head(
        &mut self,
        home: HomeIndex,
        head: &[u8],
        now: Unix,
    ) -> Result<Option<HeadNews>, ObjectError> {
        if head.is_empty() {
            return Ok(None);
        }
        let (roster, descriptor, entries, lends, prices): HeadParts =
            postcard_decode(head).ok_or(ObjectError::Shape("head"))?;
        let (roster, split) = self.take_roster(&roster, now)?;
        let entries = if roster != RosterNews::Other {
            self.take_entries(&entries)
        } else {
            Ok(())
        };
        self.take_lends(&lends);
        let pages = entries.and_then(|()| self.take_descriptor(home, &descriptor, now));
        self.ways += 1;
        Ok(Some(HeadNews {
            roster,
            split,
            pages,
            prices,
        }))
    }

    /// A roster counts if it is higher than the known one.
    fn take_roster(
        &mut self,
        roster: &[u8],
        now: Unix,
    ) -> Result<(RosterNews, Option<SplitView>), ObjectError> {
        // Every home brings the same roster, and each head the same as the one before. The same bytes are not
        // verified twice.
        let roster = match &self.roster {
            Some(known) if known.encoded() == roster => known.clone(),
            _ => Signed::<Roster>::verify(roster, &self.root.0, &self.helpline)?,
        };
        roster.valid_at(now)?;
        if self
            .floor
            .as_ref()
            .is_some_and(|floor| roster.order() < floor.order())
        {
            // A home that is only behind gets the newest one within minutes. Once is enough.
            let told = core::mem::replace(&mut self.behind_told, true);
            return told
                .then_some((RosterNews::Other, None))
                .ok_or(ObjectError::Older(Roster::NAME));
        }
        let split = self.split(&roster);
        if let Some(known) = &self.roster
            && roster.order() <= known.order()
        {
            let same = roster.hash() == known.hash();
            let news = if same { RosterNews::Same } else { RosterNews::Other };
            return Ok((news, split));
        }
        let settings = self.roster.as_ref().map(|known| known.settings);
        if settings != Some(roster.settings) {
            self.settings = None;
        }
        let entries = self.entries.as_ref();
        if entries.is_some_and(|known| known.hash() != roster.entries) {
            self.entries = None;
        }
        self.roster = Some(roster);
        Ok((RosterNews::Higher, split))
    }

    /// A split view that this roster shows and that was not told yet.
    fn split(&mut self, roster: &Signed<Roster>) -> Option<SplitView> {
        let known = self.roster.as_ref().or(self.floor.as_ref())?;
        let split = known.id().splits(&roster.id()) && self.told.insert(roster.hash());
        split.then(|| SplitView {
            own: known.clone(),
            other: roster.id(),
            proof: Some(roster.clone()),
        })
    }

    /// Takes an entry list if the roster that counts names it.
    fn take_entries(&mut self, list: &[u8]) -> Result<(), ObjectError> {
        let same = |known: &Signed<EntryList>| known.encoded() == list;
        if let Some(roster) = &self.roster
            && !self.entries.as_ref().is_some_and(same)
        {
            let (root, named) = (&self.root, &roster.entries);
            self.entries = Some(Signed::<EntryList>::verify_named(
                list,
                root,
                &self.helpline,
                named,
            )?);
        }
        Ok(())
    }

    /// Takes the consents of entries that the list names. They prove themselves, so any home may bring them; those that
    /// do not hold are left out.
    fn take_lends(&mut self, lends: &[Vec<u8>]) {
        for encoded in lends.iter().take(MAX_ENTRIES) {
            if self.lends.values().any(|known| known.encoded() == encoded) {
                continue;
            }
            let Ok(lend) = Signed::<Lend>::read(encoded) else {
                continue;
            };
            // One for another helpline must not stand in the way of the right one.
            if lend.helpline != self.helpline {
                continue;
            }
            let listed = self
                .entries
                .as_ref()
                .is_some_and(|list| list.find(&lend.entry).is_some());
            let longer = |known: &Signed<Lend>| known.expires >= lend.expires;
            if listed && !self.lends.get(&lend.entry).is_some_and(longer) {
                self.lends.insert(lend.entry, lend);
            }
        }
    }

    /// Returns how many pages of duties to fetch.
    fn take_descriptor(&mut self, home: HomeIndex, descriptor: &[u8], now: Unix) -> Result<u64, ObjectError> {
        let view = self.homes.entry(home).or_default();
        let delegation = view
            .delegation
            .as_ref()
            .ok_or(ObjectError::Signature("descriptor"))?;
        let descriptor = Signed::<Descriptor>::verify(descriptor, &delegation.operator()?, &self.helpline)?;
        descriptor.valid_at(now)?;
        if descriptor.op_pk != delegation.op_pk {
            return Err(ObjectError::Signature("descriptor"));
        }
        // The version of a descriptor never goes down in a run.
        let known = view.descriptor.as_ref().map_or(0, |known| known.version);
        if descriptor.version < known {
            return Ok(0);
        }
        let pages = descriptor.duties.len().div_ceil(DUTIES_PER_PAGE);
        view.coming.clear();
        if pages == 0 {
            view.duties.clear();
        }
        view.descriptor = Some(descriptor);
        Ok(u64::try_from(pages).unwrap_or_default())
    }

    /// Forgets the duties of a home that was unreachable for too long.
    pub(crate) fn forget_duties(&mut self, home: HomeIndex) {
        if let Some(view) = self.homes.get_mut(&home) {
            view.duties.clear();
            view.coming.clear();
        }
    }

    /// Whether there is a roster that has not expired. After its expiry, homes that withhold the next one could
    /// hide a revocation.
    #[must_use]
    pub fn in_force(&self, now: Unix) -> bool {
        let roster = self.roster.as_ref();
        roster.is_some_and(|roster| roster.valid_at(now).is_ok())
    }

    /// Takes a page of duties; `last` completes the series. Invalid duties are left out.
    pub(crate) fn take_page(&mut self, home: HomeIndex, page: &[u8], last: bool, now: Unix) {
        let duties: Vec<OnDuty> = read_page(page)
            .into_iter()
            .filter_map(|(certificate, duty)| match self.known(&certificate, &duty) {
                Some(known) => known.duty.valid_at(now).is_ok().then(|| known.clone()),
                None => self.verify(&certificate, &duty, now),
            })
            .collect();
        let view = self.homes.entry(home).or_default();
        view.coming.extend(duties);
        if last {
            view.duties = core::mem::take(&mut view.coming);
        }
    }

    /// Takes settings if the roster names them.
    pub(crate) fn take_settings(&mut self, settings: &[u8]) -> Result<(), ObjectError> {
        let roster = self.roster.as_ref().ok_or(ObjectError::Signature("settings"))?;
        self.settings = Some(Settings::verify(settings, &roster.settings)?);
        Ok(())
    }

    /// All duties that stand at a home that the roster carries, each once. Two duties that share a key are both
    /// left out: one of them is a copy, and a client cannot tell which. Empty once the roster has expired.
    #[must_use]
    pub fn on_duty(&self, now: Unix) -> Vec<OnDuty> {
        if !self.in_force(now) {
            return Vec::new();
        }
        let mut union: BTreeMap<ObjectHash, OnDuty> = BTreeMap::new();
        for (home, view) in &self.homes {
            if !self.carries(*home) {
                continue;
            }
            for duty in &view.duties {
                if self.stands(duty, now) {
                    union.insert(duty.duty.hash(), duty.clone());
                }
            }
        }
        let all: Vec<OnDuty> = union.into_values().collect();
        let shared = |one: &OnDuty| {
            let same = |other: &&OnDuty| other.duty.x == one.duty.x || other.duty.ek == one.duty.ek;
            all.iter().filter(same).count() > 1
        };
        all.iter().filter(|one| !shared(one)).cloned().collect()
    }

    /// Whether certificate and duty are valid now and the roster carries the certificate.
    #[must_use]
    pub fn stands(&self, on_duty: &OnDuty, now: Unix) -> bool {
        on_duty.duty.valid_at(now).is_ok() && self.certified(&on_duty.certificate, now)
    }

    /// Whether the certificate is valid now and the highest roster carries it.
    #[must_use]
    pub fn certified(&self, certificate: &Signed<Certificate>, now: Unix) -> bool {
        let listed = |roster: &Signed<Roster>| roster.lists(&certificate.hash(), certificate.serial);
        certificate.valid_at(now).is_ok() && self.roster.as_ref().is_some_and(listed)
    }

    /// A duty that was verified before, from any home. The same bytes need no second verification.
    fn known(&self, certificate: &[u8], duty: &[u8]) -> Option<&OnDuty> {
        let same =
            |known: &&OnDuty| known.duty.encoded() == duty && known.certificate.encoded() == certificate;
        self.homes
            .values()
            .flat_map(|view| view.duties.iter().chain(&view.coming))
            .find(same)
    }

    fn verify(&self, certificate: &[u8], duty: &[u8], now: Unix) -> Option<OnDuty> {
        let certificate = Signed::<Certificate>::verify(certificate, &self.root.0, &self.helpline).ok()?;
        let duty = Signed::<Duty>::verify(duty, &certificate.identity().ok()?, &self.helpline).ok()?;
        let on_duty = OnDuty { certificate, duty };
        let same = on_duty.duty.serial == on_duty.certificate.serial;
        (same && on_duty.duty.valid_at(now).is_ok()).then_some(on_duty)
    }
}

impl core::fmt::Debug for Directory {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let version = self.roster.as_ref().map_or(0, |roster| roster.version);
        write!(
            formatter,
            "Directory(roster {version}, {} homes)",
            self.homes.len()
        )
    }
}

#[cfg(test)]
mod entry_tests;

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;
    use crate::{
        crypto::keys::{DhSecret, NodePeer, SignKey},
        objects::{CertifiedRole, DutySecrets, Serial, postcard_encode},
        testing::{no_entries, seeded},
    };

    #[test]
    fn nobody_is_on_duty_by_an_expired_roster() {
        let mut random = seeded(1);
        let [root, operator, identity] = [1, 2, 3].map(|_| SignKey::generate(&mut random));
        let helpline = RootKey(root.public()).helpline();
        let start = Unix(1_000_000);
        let (serial, end) = (Serial([1; 8]), start + Duration::from_secs(10_000));
        let delegation = Delegation {
            home_peer: NodePeer([1; 32]),
            home_x: DhSecret::generate(&mut random).public(),
            op_pk: operator.public().to_bytes(),
            not_before: start,
            expires: end,
        };
        let certificate = Certificate {
            serial,
            id_pk: identity.public().to_bytes(),
            pseudonym: "Nour".parse().unwrap(),
            languages: vec!["fr".parse().unwrap()],
            role: CertifiedRole::Counselor,
            not_before: start,
            expires: end,
        };
        let delegation = Signed::sign(delegation, &root, &helpline).unwrap();
        let certificate = Signed::sign(certificate, &root, &helpline).unwrap();
        let duty = DutySecrets::generate(&mut random).duty(serial, start, Duration::from_secs(10_000));
        let duty = Signed::sign(duty, &identity, &helpline).unwrap();
        let roster = Roster {
            version: 1,
            issued: start,
            expires: start + Duration::from_secs(5_000),
            certificates: vec![certificate.hash()],
            delegations: vec![delegation.hash()],
            revoked: Vec::new(),
            settings: ObjectHash([0; 32]),
            entries: no_entries(&root).list.hash(),
        };
        let mut directory = Directory::new(RootKey(root.public()));
        directory.met(HomeIndex(0), delegation.clone());
        directory.roster = Some(Signed::sign(roster.clone(), &root, &helpline).unwrap());
        let view = directory.homes.get_mut(&HomeIndex(0)).unwrap();
        view.duties.push(OnDuty { certificate, duty });
        assert_eq!(directory.on_duty(start + Duration::from_secs(4_999)).len(), 1);
        assert!(directory.on_duty(start + Duration::from_secs(5_000)).is_empty());

        // The roster counts although the home's own descriptor is invalid: the home's clock is a day behind.
        let descriptor = Descriptor {
            op_pk: operator.public().to_bytes(),
            version: 1,
            issued: Unix(start.0 - 200_000),
            expires: Unix(start.0 - 190_000),
            roster_version: 1,
            entries: Vec::new(),
            duties: Vec::new(),
        };
        let descriptor = Signed::sign(descriptor, &operator, &helpline).unwrap();
        let next = Roster {
            version: 2,
            expires: end,
            revoked: vec![serial],
            ..roster
        };
        let next = Signed::sign(next, &root, &helpline).unwrap();
        let entrances = no_entries(&root);
        let none: Vec<Vec<u8>> = Vec::new();
        let list = entrances.list.encoded();
        let head = postcard_encode(&(next.encoded(), descriptor.encoded(), list, none, Prices::free()));
        let news = directory.take_head(HomeIndex(0), &head, start).unwrap().unwrap();
        assert!(
            news.roster == RosterNews::Higher && news.pages.is_err(),
            "{news:?}"
        );
        assert_eq!(directory.roster().map(|roster| roster.version), Some(2));
        assert!(directory.on_duty(start).is_empty(), "revoked");
    }

    const START: Unix = Unix(1_800_000_000);

    /// A directory, and how a home shows it a roster of this version; `seconds` make two of one version differ.
    fn shown() -> (
        Directory,
        impl Fn(&mut Directory, u64, u64) -> Result<HeadNews, ObjectError>,
    ) {
        let root = SignKey::generate(&mut seeded(1));
        let directory = Directory::new(RootKey(root.public()));
        let show = move |directory: &mut Directory, version, seconds| {
            let roster = signed(&root, version, seconds);
            let (none, no_lends) = (Vec::<u8>::new(), Vec::<Vec<u8>>::new());
            let head = postcard_encode(&(roster.encoded(), &none, &none, no_lends, Prices::free()));
            directory
                .take_head(HomeIndex(0), &head, START)
                .map(Option::unwrap)
        };
        (directory, show)
    }

    fn signed(root: &SignKey, version: u64, seconds: u64) -> Signed<Roster> {
        let roster = Roster {
            version,
            issued: START,
            expires: START + Duration::from_secs(seconds),
            certificates: Vec::new(),
            delegations: Vec::new(),
            revoked: Vec::new(),
            settings: ObjectHash::default(),
            entries: ObjectHash::default(),
        };
        Signed::sign(roster, root, &RootKey(root.public()).helpline()).unwrap()
    }

    #[test]
    fn no_roster_below_that_of_an_earlier_run_counts() {
        let root = SignKey::generate(&mut seeded(1));
        let (mut directory, show) = shown();
        directory.remember(signed(&root, 5, 60), START);
        assert!(directory.roster().is_none(), "it counts for nobody");
        let refused = show(&mut directory, 4, 60).unwrap_err();
        assert_eq!(refused, ObjectError::Older("roster"));
        assert_eq!(show(&mut directory, 4, 60).unwrap().roster, RosterNews::Other);
        assert!(directory.roster().is_none());
        let same = show(&mut directory, 5, 60).unwrap();
        assert!(same.roster == RosterNews::Higher && same.split.is_none());
        assert_eq!(show(&mut directory, 6, 60).unwrap().roster, RosterNews::Higher);
        assert_eq!(show(&mut directory, 6, 60).unwrap().roster, RosterNews::Same);

        // A client whose clock was in another year once does not lock itself out.
        let (mut directory, show) = shown();
        directory.remember(signed(&root, START.0 * 2_000, 60), START);
        assert_eq!(show(&mut directory, 4, 60).unwrap().roster, RosterNews::Higher);
    }

    #[test]
    fn a_roster_of_another_year_is_not_remembered() {
        let (mut directory, show) = shown();
        let refused = show(&mut directory, START.0 * 2_000, 60).unwrap_err();
        assert_eq!(refused, ObjectError::NotYet("roster"));
        assert_eq!(show(&mut directory, 5, 60).unwrap().roster, RosterNews::Higher);
        assert_eq!(directory.roster().map(|roster| roster.version), Some(5));
    }

    #[test]
    fn a_split_view_is_told_once_with_both_rosters() {
        let (mut directory, show) = shown();
        assert!(show(&mut directory, 5, 60).unwrap().split.is_none());
        let news = show(&mut directory, 5, 61).unwrap();
        assert_eq!(news.roster, RosterNews::Other);
        let split = news.split.unwrap();
        let proof = split.proof.unwrap();
        assert_eq!(
            (split.own.expires, proof.expires),
            (START + Duration::from_secs(60), START + Duration::from_secs(61))
        );
        assert_eq!(split.other, proof.id());
        assert!(show(&mut directory, 5, 61).unwrap().split.is_none(), "told");
        assert!(show(&mut directory, 4, 61).unwrap().split.is_none(), "only old");
        assert_eq!(directory.roster_id(), split.own.id(), "the first one counts");

        // The peer of a chat names its own.
        assert!(directory.compare(directory.roster_id()).is_none());
        assert!(directory.compare(RosterId::default()).is_none());
        let named = directory.compare(proof.id()).unwrap();
        assert!(named.other == proof.id() && named.proof.is_none());

        // Also against the roster of an earlier run.
        let root = SignKey::generate(&mut seeded(1));
        let (mut directory, show) = shown();
        directory.remember(signed(&root, 5, 60), START);
        let news = show(&mut directory, 5, 61).unwrap();
        assert!(news.roster == RosterNews::Higher && news.split.is_some());
    }
}
