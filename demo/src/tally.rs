//! Counts what each node saw: that is all a node could count, too.

use std::collections::BTreeSet;

use hamsa_node::TraceEvent;

/// One node's part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// Pieces that passed.
    pub(crate) pieces: u64,
    /// Their sizes.
    pub(crate) sizes: BTreeSet<usize>,
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
    pub(crate) fn add(&mut self, event: &TraceEvent) {
        let part = if event.home {
            &mut self.home
        } else {
            &mut self.entry
        };
        part.pieces += 1;
        part.sizes.insert(event.bytes);
    }
}

/// One trace event as a row: everything the node learned from it.
pub(crate) fn row(event: &TraceEvent) -> String {
    let arrow = if event.inbound { '→' } else { '←' };
    if !event.home {
        return format!("{arrow} {:>5} B", event.bytes);
    }
    let [a, b, c, d] = event.token;
    let token = if event.token == [0; 4] {
        "········".to_owned()
    } else {
        format!("{a:02x}{b:02x}{c:02x}{d:02x}")
    };
    format!(
        "{arrow} {:>5} B  {:<12} {token} {:>4}",
        event.bytes, event.kind, event.index
    )
}
