//! The exhaustive model at its small sizes, of which `hamsa-model` has the full ones, and the patches of the symbolic models.

use std::{path::Path, process::Command};

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

/// Verifpal is not needed for this: a change of a model that leaves a twin behind is seen without it.
#[test]
fn the_patches_of_the_symbolic_models_apply() {
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/model/run");
    let output = Command::new(run).arg("--twins").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let twins = Path::new(said.trim());
    assert!(std::fs::read_dir(twins).unwrap().count() > 40, "{said}");
    std::fs::remove_dir_all(twins.parent().unwrap()).unwrap();
}
