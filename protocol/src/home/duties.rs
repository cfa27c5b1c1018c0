//! The duties at this home, and what it signs about them.

use std::collections::{BTreeMap, BTreeSet};

use super::LinkId;
use crate::{
    limits::{DUTIES_PER_PAGE, DUTY_ALONE},
    objects::{Certificate, Duty, DutyEntry, MAX_DUTIES, Roster, Serial, Signed, postcard_encode},
    time::{Now, Tick},
    wire::{BODY_LEN, Refusal},
};

struct PostedDuty {
    certificate: Signed<Certificate>,
    duty: Signed<Duty>,
    links: BTreeSet<LinkId>,
    alone_since: Option<Tick>,
}

#[derive(Default)]
pub(super) struct Duties {
    standing: BTreeMap<Serial, PostedDuty>,
}

impl Duties {
    pub(super) fn len(&self) -> usize {
        self.standing.len()
    }

    /// Takes a duty. If it is a new one, returns the links whose duty it replaces.
    pub(super) fn publish(
        &mut self,
        link: LinkId,
        certificate: &Signed<Certificate>,
        duty: Signed<Duty>,
    ) -> Result<Option<BTreeSet<LinkId>>, Refusal> {
        // A counselor that published the keys of another would be handed the claims of that counselor's tickets.
        let shared = self.standing.iter().any(|(serial, other)| {
            *serial != duty.serial && (other.duty.x == duty.x || other.duty.ek == duty.ek)
        });
        if shared {
            return Err(Refusal::Duty);
        }
        if let Some(standing) = self.standing.get_mut(&duty.serial) {
            if standing.duty == duty {
                standing.links.insert(link);
                standing.alone_since = None;
                return Ok(None);
            }
            // Two programs of one counselor would replace each other without end: the later shift stays.
            let others = standing.links.iter().any(|other| *other != link);
            if others && standing.duty.not_before > duty.not_before {
                return Err(Refusal::Stale);
            }
        }
        if self.standing.len() >= MAX_DUTIES && !self.standing.contains_key(&duty.serial) {
            return Err(Refusal::Busy);
        }
        let standing = PostedDuty {
            certificate: certificate.clone(),
            duty,
            links: BTreeSet::from([link]),
            alone_since: None,
        };
        let old = self.standing.insert(standing.duty.serial, standing);
        let mut replaced = old.map(|old| old.links).unwrap_or_default();
        replaced.remove(&link);
        Ok(Some(replaced))
    }

    /// Withdraws a duty; returns the links that had published it.
    pub(super) fn withdraw(&mut self, serial: Serial) -> Option<BTreeSet<LinkId>> {
        self.standing.remove(&serial).map(|standing| standing.links)
    }

    pub(super) fn link_closed(&mut self, link: LinkId, now: Tick) {
        for standing in self.standing.values_mut() {
            standing.links.remove(&link);
            if standing.links.is_empty() {
                standing.alone_since.get_or_insert(now);
            }
        }
    }

    /// Removes expired duties; returns the links to tell, and the reason.
    pub(super) fn expire(&mut self, now: Now) -> Vec<(BTreeSet<LinkId>, Refusal)> {
        let over = |standing: &PostedDuty| {
            let alone = standing
                .alone_since
                .is_some_and(|since| now.tick.since(since) >= DUTY_ALONE);
            let expired =
                standing.duty.valid_at(now.unix).is_err() || standing.certificate.valid_at(now.unix).is_err();
            alone || expired
        };
        let gone: Vec<_> = self
            .standing
            .iter()
            .filter(|(_, standing)| over(standing))
            .map(|(serial, _)| *serial)
            .collect();
        gone.iter()
            .filter_map(|serial| self.withdraw(*serial))
            .map(|links| (links, Refusal::Expired))
            .collect()
    }

    /// Drops duties that a roster does not carry; returns the links to tell.
    pub(super) fn keep_listed(&mut self, roster: &Roster) -> Vec<LinkId> {
        let unlisted: Vec<_> = self
            .standing
            .iter()
            .filter(|(serial, standing)| !roster.lists(&standing.certificate.hash(), **serial))
            .map(|(serial, _)| *serial)
            .collect();
        unlisted
            .iter()
            .filter_map(|serial| self.withdraw(*serial))
            .flatten()
            .collect()
    }

    /// The links that get tickets.
    pub(super) fn links(&self) -> BTreeSet<LinkId> {
        self.standing
            .values()
            .flat_map(|standing| standing.links.iter().copied())
            .collect()
    }

    pub(super) fn has_link(&self, link: LinkId) -> bool {
        self.standing
            .values()
            .any(|standing| standing.links.contains(&link))
    }

    /// The duties for the descriptor.
    pub(super) fn entries(&self) -> Vec<DutyEntry> {
        self.standing
            .values()
            .map(|standing| DutyEntry {
                serial: standing.duty.serial,
                languages: standing.certificate.languages.clone(),
                hash: standing.duty.hash(),
            })
            .collect()
    }

    /// Page `number`, modulo the number of pages. It has eight slots of one record each:
    /// `length u16 ‖ certificate and duty ‖ zeros`.
    pub(super) fn page(&self, number: u64) -> Vec<u8> {
        let pages = self.standing.len().div_ceil(DUTIES_PER_PAGE).max(1);
        let number = usize::try_from(number).unwrap_or_default() % pages;
        let mut page = Vec::with_capacity(DUTIES_PER_PAGE * BODY_LEN);
        let slots = self
            .standing
            .values()
            .skip(number * DUTIES_PER_PAGE)
            .take(DUTIES_PER_PAGE);
        for standing in slots {
            let mut slot = postcard_encode(&(standing.certificate.encoded(), standing.duty.encoded()));
            let length = u16::try_from(slot.len()).unwrap_or_default();
            page.extend_from_slice(&length.to_be_bytes());
            slot.resize(BODY_LEN - 2, 0);
            page.append(&mut slot);
        }
        page.resize(DUTIES_PER_PAGE * BODY_LEN, 0);
        page
    }
}
