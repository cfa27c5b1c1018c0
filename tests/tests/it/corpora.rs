//! Every file that fuzzing left behind, through its target again: what was once found stays found.

use std::{collections::BTreeSet, env, fs, panic, path::PathBuf};

use hamsa_tests::fuzz::{TARGETS, seeds};

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

#[test]
fn corpora_are_replayed() {
    let mut files = 0;
    let mut broken = Vec::new();
    for (name, target) in TARGETS {
        let mut inputs: Vec<(String, Vec<u8>)> = seeds(name)
            .into_iter()
            .enumerate()
            .map(|(number, seed)| (format!("seed {number}"), seed))
            .collect();
        assert!(!inputs.is_empty(), "{name} has seeds");
        inputs.push(("nothing".into(), Vec::new()));
        for file in fs::read_dir(corpus().join(name)).unwrap() {
            let path = file.unwrap().path();
            inputs.push((path.display().to_string(), fs::read(&path).unwrap()));
            files += 1;
        }
        for (input, bytes) in inputs {
            if panic::catch_unwind(|| target(&bytes)).is_err() {
                broken.push(format!("{name}: {input}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(TARGETS.len() >= 12 && files >= TARGETS.len());
}

/// `HAMSA_SEEDS=FOLDER` writes the seeds there, one folder a target, for a fuzzer to begin with.
#[test]
fn seeds_can_be_written() {
    let Some(folder) = env::var_os("HAMSA_SEEDS") else {
        return;
    };
    for (name, _) in TARGETS {
        let folder = PathBuf::from(&folder).join(name);
        fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds(name).into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
        }
    }
}

#[test]
fn every_target_has_a_corpus_and_a_fuzz_binary_and_no_others_have() {
    let names: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let list = |folder: PathBuf| -> BTreeSet<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.trim_end_matches(".rs").to_owned()
        });
        names.collect()
    };
    assert_eq!(list(corpus()), names);
    let fuzz = corpus().join("../../fuzz");
    assert_eq!(list(fuzz.join("fuzz_targets")), names);
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for name in names {
        assert!(
            manifest.contains(&format!("name = \"{name}\"\n")),
            "{name} in fuzz/Cargo.toml"
        );
    }
}
