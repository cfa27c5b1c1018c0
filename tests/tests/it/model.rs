//! The exhaustive model at its small sizes; `hamsa-model` looks at the full ones.

use hamsa_tests::model::{Chat, Flaw, SMALL, TWINS, Verdict, check};

#[test]
fn every_property_holds_in_every_state() {
    let mut states = 0;
    for faults in SMALL {
        let flaw = Flaw::None;
        let checked = check(Chat { faults, flaw });
        assert_eq!(checked.verdict, Verdict::Holds, "{faults:?}: {:#?}", checked.stuck);
        assert!(checked.done > 0);
        states += checked.states;
    }
    assert!(states > 50_000, "{states} states are no model");
}

#[test]
fn the_twin_of_each_rule_is_found_wrong() {
    for (flaw, faults, expected) in TWINS {
        let verdict = check(Chat { faults, flaw }).verdict;
        assert_eq!(verdict, Verdict::Violated(expected), "{flaw:?}");
    }
}
