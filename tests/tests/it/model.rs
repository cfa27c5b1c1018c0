//! The exhaustive model at its small size; `hamsa-model` looks at the full one.

use hamsa_tests::model::{Chat, Flaw, SMALL, TWINS, Verdict, check};

#[test]
fn every_property_holds_in_every_state() {
    let checked = check(Chat {
        faults: SMALL,
        flaw: Flaw::None,
    });
    assert_eq!(checked.verdict, Verdict::Holds);
    assert!(checked.states > 10_000, "{} states are no model", checked.states);
    assert!(checked.done > 0);
}

#[test]
fn the_twin_of_each_rule_is_found_wrong() {
    for (flaw, expected) in TWINS {
        let verdict = check(Chat { faults: SMALL, flaw }).verdict;
        assert_eq!(verdict, Verdict::Violated(expected), "{flaw:?}");
    }
}
