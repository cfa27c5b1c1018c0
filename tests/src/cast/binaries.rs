//! Finds the real programs next to the test that runs, and refuses stale ones.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::SystemTime,
};

/// The client.
pub const HAMSA: &str = "hamsa";
/// The node.
pub const NODE: &str = "hamsa-node";
/// The demo, which `hamsa demo` becomes.
const DEMO: &str = "hamsa-demo";

/// Where a program lies. `cargo test --workspace` has built it: each of these packages has a test of its own that
/// needs its binary.
#[must_use]
pub fn program(name: &str) -> &'static Path {
    static PROGRAMS: OnceLock<[(&str, PathBuf); 3]> = OnceLock::new();
    let programs = PROGRAMS.get_or_init(|| [HAMSA, NODE, DEMO].map(|name| (name, find(name))));
    let found = programs.iter().find(|(known, _)| *known == name);
    found.map(|(_, path)| path.as_path()).expect("one of these")
}

fn find(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    // target/debug/deps/it-0123 → target/debug; a program of ours lies there itself.
    let folder = test.parent().expect("cargo's folders");
    let folder = if folder.ends_with("deps") {
        folder.join("..")
    } else {
        folder.to_owned()
    };
    let path = folder.join(name);
    let build = "run `cargo test --workspace`, or `cargo build --workspace` first";
    let built = modified(&path).unwrap_or_else(|| panic!("{} is not there; {build}", path.display()));
    // cargo wrote beside it what it was made of.
    let made_of = fs::read_to_string(path.with_extension("d")).unwrap_or_default();
    let sources = made_of.split_once(": ").map_or("", |(_, sources)| sources);
    for source in sources.split_whitespace() {
        let newer = modified(Path::new(source)).is_some_and(|changed| changed > built);
        assert!(!newer, "{} is older than {source}; {build}", path.display());
    }
    path
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}
