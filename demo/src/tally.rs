//! Counts what each node saw: that is all a node could count, too.

use std::collections::{BTreeMap, BTreeSet};

use crate::world::{Place, Seen};

/// One node's part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// Pieces that came in.
    pub(crate) inbound: u64,
    /// Pieces that went out.
    pub(crate) outbound: u64,
    /// Bytes in all.
    pub(crate) bytes: u64,
    /// The sizes it saw.
    pub(crate) sizes: BTreeSet<usize>,
    /// Kinds of record by name; empty at an entry, which sees none.
    pub(crate) kinds: BTreeMap<&'static str, u64>,
}

impl Part {
    /// Pieces in all.
    pub(crate) const fn pieces(&self) -> u64 {
        self.inbound + self.outbound
    }
}

/// Both nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// The entry of association B.
    pub(crate) entry: Part,
    /// The home of association A.
    pub(crate) home: Part,
}

impl Tally {
    /// Counts one.
    pub(crate) fn add(&mut self, seen: &Seen) {
        let part = match seen.place {
            Place::Entry => &mut self.entry,
            Place::Home => &mut self.home,
        };
        if seen.sight.inbound {
            part.inbound += 1;
        } else {
            part.outbound += 1;
        }
        part.bytes = part
            .bytes
            .saturating_add(u64::try_from(seen.sight.bytes).unwrap_or(u64::MAX));
        part.sizes.insert(seen.sight.bytes);
        if !seen.sight.kind.is_empty() {
            *part.kinds.entry(seen.sight.kind).or_default() += 1;
        }
    }
}

/// One sight as a row: everything the node learned from it.
pub(crate) fn row(seen: &Seen) -> String {
    let sight = &seen.sight;
    let arrow = if sight.inbound { '→' } else { '←' };
    match seen.place {
        Place::Entry => format!("{arrow} {:>5} B", sight.bytes),
        Place::Home => {
            let [a, b, c, d] = sight.token;
            let token = if sight.token == [0; 4] {
                "········".to_owned()
            } else {
                format!("{a:02x}{b:02x}{c:02x}{d:02x}")
            };
            format!(
                "{arrow} {:>5} B  {:<12} {token} {:>4}",
                sight.bytes, sight.kind, sight.index
            )
        }
    }
}
