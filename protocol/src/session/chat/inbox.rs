//! Which messages were given to the face, and which of them it has shown.
//!
//! A message counts as shown when a person could read it, and only the face knows when that is. Until then it is
//! pending here, and its sender keeps it.

use std::collections::{BTreeMap, VecDeque};

use crate::objects::RunId;

/// Ids of the messages that were given to the face, by the run that sent them.
#[derive(Clone, Debug, Default)]
pub struct Seen(BTreeMap<RunId, BTreeMap<String, Given>>);

/// State of a message at this end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    /// The face has taken it.
    Taken,
    /// A person could read it.
    Shown,
}

impl Seen {
    /// Whether the face has taken this message, shown or not.
    #[must_use]
    pub fn has(&self, source: &RunId, id: &str) -> bool {
        self.get(source, id).is_some()
    }

    /// Whether this message was shown.
    #[must_use]
    pub fn shown(&self, source: &RunId, id: &str) -> bool {
        self.get(source, id) == Some(Given::Shown)
    }

    /// The face takes a message.
    pub fn take(&mut self, source: RunId, id: String) {
        self.0
            .entry(source)
            .or_default()
            .entry(id)
            .or_insert(Given::Taken);
    }

    /// The face has shown a message that it took.
    pub fn show(&mut self, source: &RunId, id: &str) {
        if let Some(given) = self.0.get_mut(source).and_then(|ids| ids.get_mut(id)) {
            *given = Given::Shown;
        }
    }

    fn get(&self, source: &RunId, id: &str) -> Option<Given> {
        self.0.get(source)?.get(id).copied()
    }
}

/// Messages of the peer that came in order and were not shown yet, oldest first, by the index of their last cell.
#[derive(Default)]
pub(super) struct Unshown(VecDeque<(u64, String)>);

impl Unshown {
    pub(super) fn push(&mut self, index: u64, id: String) {
        self.0.push_back((index, id));
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Index of the last cell of the oldest one.
    pub(super) fn first(&self) -> Option<u64> {
        self.0.front().map(|(index, _)| *index)
    }

    /// Removes the shown messages up to the first one that was not shown. Returns whether any was removed.
    pub(super) fn settle(&mut self, shown: impl Fn(&str) -> bool) -> bool {
        let before = self.0.len();
        while self.0.front().is_some_and(|(_, id)| shown(id)) {
            self.0.pop_front();
        }
        self.0.len() < before
    }
}

/// Numbers by which a face names the messages it was given. The peer chooses the ids, so an id may not be unique.
#[derive(Debug)]
pub(crate) struct Numbers<K> {
    given: u64,
    open: BTreeMap<u64, K>,
}

impl<K> Default for Numbers<K> {
    fn default() -> Self {
        Self {
            given: 0,
            open: BTreeMap::new(),
        }
    }
}

impl<K> Numbers<K> {
    /// Gives a new number to a message that the face takes now. Numbers count from one.
    pub(crate) fn give(&mut self, message: K) -> u64 {
        self.given += 1;
        self.open.insert(self.given, message);
        self.given
    }

    /// The message of this number, once.
    pub(crate) fn take(&mut self, number: u64) -> Option<K> {
        self.open.remove(&number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_out_of_turn_waits_for_what_was_not() {
        let mut unshown = Unshown::default();
        for (index, id) in [(3, "a"), (5, "b"), (9, "c")] {
            unshown.push(index, id.to_owned());
        }
        assert!(!unshown.settle(|id| id == "b"));
        assert_eq!(unshown.first(), Some(3));
        assert!(unshown.settle(|id| id != "c"));
        assert_eq!((unshown.first(), unshown.len()), (Some(9), 1));
    }

    #[test]
    fn an_id_belongs_to_who_said_it() {
        let (one, other) = ([1; 16], [2; 16]);
        let mut seen = Seen::default();
        seen.take(one, "m1".to_owned());
        seen.show(&other, "m1");
        assert!(seen.has(&one, "m1") && !seen.has(&other, "m1"));
        assert!(!seen.shown(&one, "m1"));
        seen.show(&one, "m1");
        seen.take(one, "m1".to_owned());
        assert!(seen.shown(&one, "m1"), "taken again, it was shown all the same");
    }

    #[test]
    fn a_number_is_taken_once() {
        let mut numbers = Numbers::default();
        assert_eq!((numbers.give('a'), numbers.give('b')), (1, 2));
        assert_eq!(
            (numbers.take(2), numbers.take(2), numbers.take(9)),
            (Some('b'), None, None)
        );
    }
}
