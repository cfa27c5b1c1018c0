//! Copies of one sealed object at several homes: of a seeker's message, or of a reply to one.

use std::collections::BTreeMap;

use crate::{limits::COPIES_PATIENCE, objects::HomeIndex, time::Tick, wire::Refusal};

/// What became of an object at one home.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailCopy {
    /// It was sent with this request.
    Asked(u32),
    Kept,
    /// It is paid for first, or waits for room, until then.
    Waits(Tick),
    /// The reason, and the time of the retry. There is no retry where the same object lies with other tokens.
    Refused(Refusal, Option<Tick>),
}

impl MailCopy {
    /// When it is sent again.
    pub(crate) const fn again(self) -> Option<Tick> {
        match self {
            Self::Asked(_) | Self::Kept => None,
            Self::Waits(until) => Some(until),
            Self::Refused(_, until) => until,
        }
    }

    /// Whether it is sent again now.
    pub(crate) fn is_due(self, now: Tick) -> bool {
        self.again().is_some_and(|at| at <= now)
    }
}

/// The copies of one object.
#[derive(Default)]
pub(crate) struct MailCopies {
    homes: BTreeMap<HomeIndex, MailCopy>,
    first_kept: Option<Tick>,
}

impl MailCopies {
    pub(crate) fn is_empty(&self) -> bool {
        self.homes.is_empty()
    }

    /// Homes that were asked.
    pub(crate) fn homes(&self) -> impl Iterator<Item = HomeIndex> {
        self.homes.keys().copied()
    }

    pub(crate) fn has(&self, home: HomeIndex) -> bool {
        self.homes.contains_key(&home)
    }

    /// Whether this request brought it to this home, and is not answered.
    pub(crate) fn is_asked(&self, home: HomeIndex, request: u32) -> bool {
        self.homes.get(&home) == Some(&MailCopy::Asked(request))
    }

    /// Whether it is to be sent to this home now.
    pub(crate) fn is_due(&self, home: HomeIndex, now: Tick) -> bool {
        self.homes.get(&home).is_none_or(|copy| copy.is_due(now))
    }

    pub(crate) fn set(&mut self, home: HomeIndex, copy: MailCopy, now: Tick) {
        self.homes.insert(home, copy);
        if copy == MailCopy::Kept {
            self.first_kept.get_or_insert(now);
        }
    }

    /// Without a link, only what is kept counts.
    pub(crate) fn home_down(&mut self, home: HomeIndex) {
        self.homes
            .retain(|other, copy| *other != home || *copy == MailCopy::Kept);
    }

    /// The roster no longer carries this home: what it keeps does not count.
    pub(crate) fn home_dropped(&mut self, home: HomeIndex) {
        self.homes.remove(&home);
        if self.kept() == 0 {
            self.first_kept = None;
        }
    }

    fn kept(&self) -> usize {
        self.homes
            .values()
            .filter(|copy| **copy == MailCopy::Kept)
            .count()
    }

    /// Whether so many homes keep it, or one does and the others had their time.
    pub(crate) fn enough(&self, wanted: usize, now: Tick) -> bool {
        let patient = |at| now.since(at) >= COPIES_PATIENCE;
        self.kept() >= wanted || self.first_kept.is_some_and(patient)
    }

    /// A reason, where no home keeps it and each of these refused it.
    pub(crate) fn refused_by(&self, homes: &[HomeIndex]) -> Option<Refusal> {
        let reason = |home: &HomeIndex| match self.homes.get(home) {
            Some(MailCopy::Refused(reason, _)) => Some(*reason),
            _ => None,
        };
        let reasons: Option<Vec<Refusal>> = homes.iter().map(reason).collect();
        reasons?.first().copied().filter(|_| self.kept() == 0)
    }

    /// When something is to be done; `told`: whether the person was told that it is kept.
    pub(crate) fn poll_timeout(&self, told: bool) -> impl Iterator<Item = Tick> {
        let patience = self.first_kept.filter(|_| !told);
        let again = self.homes.values().filter_map(|copy| copy.again());
        again.chain(patience.map(|at| at + COPIES_PATIENCE))
    }
}
