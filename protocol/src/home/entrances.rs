//! The entries of the helpline and the consents of their lenders, as this home hands them out. It makes neither: the
//! root signs the list, and each entry its consent.

use core::time::Duration;

use super::{Home, InstalledRoster};
use crate::{
    crypto::keys::{HelplineId, NodePeer},
    objects::{Entrances, Entry, Lend, LendError, Signed},
    time::{Now, Unix},
};

/// A consent is asked for again when less than this of it is left: half of what a partner gives at a time.
pub const LEND_AGAIN: Duration = Duration::from_secs(15 * 86_400);

/// What was published, with the consents that came since and are of the same list.
pub(super) fn installed(
    before: Option<InstalledRoster>,
    published: &Entrances,
    helpline: &HelplineId,
) -> Entrances {
    let before = before.map(|before| before.entrances.lends);
    merged(before.unwrap_or_default(), published, helpline)
}

fn merged(before: Vec<Signed<Lend>>, published: &Entrances, helpline: &HelplineId) -> Entrances {
    let mut entrances = Entrances {
        list: published.list.clone(),
        lends: Vec::new(),
    };
    let all = before.into_iter().chain(published.lends.iter().cloned());
    // The file that carries them is not signed as a whole: one for another helpline must not stand in the way.
    for lend in all.filter(|lend| lend.helpline == *helpline) {
        put(&mut entrances, lend);
    }
    entrances
}

/// Keeps a consent if the list names its entry as another association's, and it is the one of this entry that lasts
/// longest. Returns whether it was kept.
fn put(entrances: &mut Entrances, lend: Signed<Lend>) -> bool {
    let named = entrances.list.find(&lend.entry);
    if named.is_none_or(|entry| entry.association.is_none()) {
        return false;
    }
    let longer = |known: &Signed<Lend>| known.entry == lend.entry && known.expires >= lend.expires;
    if entrances.lends.iter().any(longer) {
        return false;
    }
    entrances.lends.retain(|known| known.entry != lend.entry);
    entrances.lends.push(lend);
    true
}

impl Home {
    /// The entries that the list names as another association's and whose consent is missing, or expires soon.
    #[must_use]
    pub fn lends_wanted(&self, now: Unix) -> Vec<NodePeer> {
        let Some(InstalledRoster { entrances, .. }) = &self.publication else {
            return Vec::new();
        };
        let soon = now + LEND_AGAIN;
        let stands = |peer: &NodePeer| {
            let of_it = |lend: &&Signed<Lend>| lend.entry == *peer;
            entrances
                .lends
                .iter()
                .find(of_it)
                .is_some_and(|lend| lend.expires > soon)
        };
        let others = entrances
            .list
            .entries
            .iter()
            .filter(|entry| entry.association.is_some());
        let lacking =
            others.filter(|entry| entry.peer != self.config.delegation.home_peer && !stands(&entry.peer));
        lacking.map(|entry| entry.peer).collect()
    }

    /// The entries that the list names as another association's, and until when the consent of each counts, if there is
    /// one.
    #[must_use]
    pub fn consents(&self) -> Vec<(Entry, Option<Unix>)> {
        let Some(InstalledRoster { entrances, .. }) = &self.publication else {
            return Vec::new();
        };
        let entries = entrances.list.entries.iter();
        let others = entries.filter(|entry| entry.association.is_some());
        let until = |entry: &Entry| {
            let mut lends = entrances.lends.iter();
            lends
                .find(|lend| lend.entry == entry.peer)
                .map(|lend| lend.expires)
        };
        others.map(|entry| (entry.clone(), until(entry))).collect()
    }

    /// Takes a consent that an entry gave, and tells all clients of it.
    ///
    /// # Errors
    /// [`LendError`] when it does not count.
    pub fn take_lend(&mut self, lend: &[u8], now: Now) -> Result<(), LendError> {
        self.now = now;
        let lend = Signed::<Lend>::read(lend)?;
        lend.counts(&self.helpline, &[self.config.delegation.home_peer], now.unix)?;
        if let Some(publication) = &mut self.publication
            && put(&mut publication.entrances, lend)
        {
            self.describe_anew();
            self.tell_changes();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::keys::SignKey;

    const NOW: Unix = Unix(1_800_000_000);

    fn list(root: &SignKey, entries: &[(&SignKey, bool)]) -> Entrances {
        let entry = |(key, other): &(&SignKey, bool)| Entry {
            address: "/ip4/203.0.113.5/tcp/4310".into(),
            peer: NodePeer(key.public().to_bytes()),
            association: other.then(|| "B".parse().unwrap()),
        };
        Entrances::sign(entries.iter().map(entry).collect(), root).unwrap()
    }

    #[test]
    fn the_longest_consent_of_a_listed_entry_is_kept() {
        let [root, lender, own, unlisted] = [1, 2, 3, 4].map(|byte| SignKey::from_bytes(&[byte; 32]));
        let helpline = crate::crypto::keys::RootKey(root.public()).helpline();
        let lend = |key, seconds| Lend::give(key, helpline, None, NOW, Duration::from_secs(seconds)).unwrap();
        let mut entrances = list(&root, &[(&lender, true), (&own, false)]);
        assert!(put(&mut entrances, lend(&lender, 100)));
        for refused in [lend(&lender, 99), lend(&own, 100), lend(&unlisted, 100)] {
            assert!(!put(&mut entrances, refused));
        }
        assert!(put(&mut entrances, lend(&lender, 101)));
        assert_eq!(entrances.lends, [lend(&lender, 101)]);

        // A new list keeps what it still names.
        let published = list(&root, &[(&lender, true)]);
        let kept = merged(entrances.lends.clone(), &published, &helpline);
        assert_eq!(kept.lends.len(), 1);
        // A longer one for another helpline is none.
        let elsewhere = crate::crypto::keys::RootKey(lender.public()).helpline();
        let foreign = Lend::give(&lender, elsewhere, None, NOW, Duration::from_secs(999)).unwrap();
        let both = [entrances.lends.clone(), vec![foreign]].concat();
        assert_eq!(merged(both, &published, &helpline).lends, entrances.lends);
        let without = list(&root, &[(&own, true)]);
        assert_eq!(merged(entrances.lends, &without, &helpline).lends, []);
    }
}
