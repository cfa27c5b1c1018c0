//! The exhaustive model at its small sizes; `hamsa-model` looks at the full ones.

use hamsa_tests::model::{Chat, Flaw, SMALL, TWINS, check};

#[test]
fn every_property_holds_in_every_state() {
    let mut states = 0;
    for faults in SMALL {
        let flaw = Flaw::None;
        let checked = check(Chat { faults, flaw });
        let (violated, stuck) = (checked.violated, checked.stuck);
        assert!(violated.is_empty(), "{faults:?}: {violated:?} {stuck:#?}");
        assert!(checked.done > 0);
        states += checked.states;
    }
    assert!(states > 50_000, "{states} states are no model");
}

#[test]
fn the_twin_of_each_rule_is_found_wrong() {
    for (flaw, faults, expected) in TWINS {
        let violated = check(Chat { faults, flaw }).violated;
        assert!(violated.contains(&expected), "{flaw:?}: {violated:?}");
    }
}
