//! Bugs that must be found: each is planted in one run, and a run that ends well is a simulator that sees nothing.

use hamsa_protocol_planted::planted::Bug;

/// All of them, by the names of the command line: each is a patch in tests/planted/bugs.
pub const BUGS: &[(&str, Bug)] = Bug::ALL;

/// The bug of this name.
#[must_use]
pub fn named(name: &str) -> Option<Bug> {
    BUGS.iter().find(|(known, _)| *known == name).map(|(_, bug)| *bug)
}
