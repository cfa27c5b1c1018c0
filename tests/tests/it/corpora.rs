//! Every file that fuzzing left behind, through its target again: what was once found stays found.

use std::{
    collections::BTreeSet,
    env, fs, panic,
    path::PathBuf,
    time::{Duration, Instant},
};

use hamsa_tests::fuzz::{TARGETS, seeds};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

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

/// A fuzzer for machines that have none: `HAMSA_BLIND_SECONDS=60` changes seeds and corpora at random for that
/// long, each target in turn. It sees no coverage; libFuzzer does, see docs/reliability.md.
#[test]
fn blind_fuzzing_finds_nothing() {
    let Some(seconds) = env::var("HAMSA_BLIND_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok())
    else {
        return;
    };
    let only = env::var("HAMSA_BLIND_TARGET").ok();
    let mut random = ChaCha20Rng::seed_from_u64(rand_seed());
    for (name, target) in TARGETS {
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let mut inputs = seeds(name);
        for file in fs::read_dir(corpus().join(name)).unwrap() {
            inputs.push(fs::read(file.unwrap().path()).unwrap());
        }
        let (begin, mut runs) = (Instant::now(), 0_u64);
        while begin.elapsed() < Duration::from_secs(seconds) {
            let bytes = changed(&inputs, &mut random);
            if panic::catch_unwind(|| target(&bytes)).is_err() {
                let path = env::temp_dir().join(format!("hamsa-{name}-{runs}"));
                fs::write(&path, &bytes).unwrap();
                panic!("{name}: {}", path.display());
            }
            runs += 1;
        }
        println!("{name}: {runs} runs");
    }
}

fn rand_seed() -> u64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    since.map_or(1, |since| u64::from(since.subsec_nanos()))
}

/// One input with some bytes changed, left out, repeated or taken from another.
fn changed(inputs: &[Vec<u8>], random: &mut ChaCha20Rng) -> Vec<u8> {
    let mut below = |bound: usize| usize::try_from(random.next_u64()).unwrap() % bound.max(1);
    let mut bytes = inputs[below(inputs.len())].clone();
    for _ in 0..1 + below(6) {
        let (at, length) = (below(bytes.len()), below(16));
        let end = (at + length).min(bytes.len());
        match below(5) {
            0 if !bytes.is_empty() => bytes[at] = u8::try_from(below(256)).unwrap(),
            1 if !bytes.is_empty() => bytes[at] ^= 1 << below(8),
            2 => {
                bytes.drain(at..end);
            }
            3 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let other = &inputs[below(inputs.len())];
                let from = below(other.len());
                let to = (from + length).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
        }
    }
    bytes
}

#[test]
fn targets_corpora_and_fuzz_binaries_have_the_same_names() {
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
