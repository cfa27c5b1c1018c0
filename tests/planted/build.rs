//! Makes a copy of the protocol's sources and applies all patches to it, for the simulator alone.
//!
//! A patch is a unified diff after one line that says what it does. All of them are read against the sources as they are, so
//! that their order means nothing. The numbers of a hunk mean nothing either: its old lines must stand in the file exactly
//! once. What does not apply fails the build with the name of the patch.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

/// From this folder.
const PROTOCOL: &str = "../../protocol";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=bugs");
    println!("cargo::rerun-if-changed=probes");
    println!("cargo::rerun-if-changed={PROTOCOL}/src");
    println!("cargo::rerun-if-changed={PROTOCOL}/Cargo.toml");
    same_dependencies()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let bugs = patches("bugs")?;
    let mut changes = Changes::default();
    for path in bugs.iter().chain(&patches("probes")?) {
        changes
            .add(path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    // A file that is gone from the sources must be gone from the copy.
    let copy = out.join("protocol");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    copy_all(&Path::new(PROTOCOL).join("src"), &copy, &mut changes)?;
    if let Some(file) = changes.files.keys().next() {
        return Err(format!("{file} is not there, and a patch changes it").into());
    }
    fs::write(out.join("bugs.rs"), table(&bugs)?)?;
    Ok(())
}

/// Cargo cannot take the list of another crate. The two must say the same.
fn same_dependencies() -> Result<(), Box<dyn Error>> {
    let list = |path: &str| -> Result<Vec<String>, Box<dyn Error>> {
        let text = fs::read_to_string(path)?;
        let mut wanted = false;
        let mut lines = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if line.starts_with('[') {
                wanted = line.ends_with("dependencies]") && !line.ends_with("dev-dependencies]");
                wanted &= !line.ends_with("build-dependencies]");
            }
            if wanted {
                lines.push(line.to_owned());
            }
        }
        Ok(lines)
    };
    let (theirs, ours) = (list(&format!("{PROTOCOL}/Cargo.toml"))?, list("Cargo.toml")?);
    if theirs.is_empty() || theirs != ours {
        return Err(
            "the dependencies of protocol/Cargo.toml and tests/planted/Cargo.toml must be the same lines"
                .into(),
        );
    }
    Ok(())
}

/// The patches of a folder, by name.
fn patches(folder: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

/// What all patches do to one file: lines that go, and lines that come before one of the old.
#[derive(Default)]
struct Change {
    gone: BTreeSet<usize>,
    come: BTreeMap<usize, Vec<String>>,
}

/// By file, from `protocol/src` on.
#[derive(Default)]
struct Changes {
    files: BTreeMap<String, Change>,
}

impl Changes {
    fn add(&mut self, path: &Path) -> Result<(), Box<dyn Error>> {
        let text = fs::read_to_string(path)?;
        let (mut file, mut old, mut hunk) = (String::new(), Vec::new(), Vec::new());
        for line in text.lines().skip(1) {
            if line.starts_with("@@") || line.starts_with("--- ") {
                self.apply(&file, &old, &std::mem::take(&mut hunk))?;
            }
            if let Some(name) = line.strip_prefix("+++ b/protocol/src/") {
                name.clone_into(&mut file);
                let source = fs::read_to_string(Path::new(PROTOCOL).join("src").join(name));
                let source = source.map_err(|error| format!("protocol/src/{name}: {error}"))?;
                old = source.lines().map(str::to_owned).collect();
            } else if !line.starts_with("@@") && !line.starts_with("--- ") {
                hunk.push(line);
            }
        }
        if file.is_empty() {
            return Err("changes nothing".into());
        }
        self.apply(&file, &old, &hunk)
    }

    fn apply(&mut self, file: &str, old: &[String], hunk: &[&str]) -> Result<(), Box<dyn Error>> {
        let wanted: Vec<&str> = hunk
            .iter()
            .filter(|line| !line.starts_with('+'))
            .filter_map(|line| line.get(1..))
            .collect();
        if wanted.is_empty() {
            return if hunk.is_empty() {
                Ok(())
            } else {
                Err("a hunk without a line of the file".into())
            };
        }
        let mut places = old
            .windows(wanted.len())
            .enumerate()
            .filter(|(_, lines)| *lines == wanted);
        let (Some((mut at, _)), None) = (places.next(), places.next()) else {
            return Err(format!(
                "these lines do not stand in {file} exactly once:\n{}",
                wanted.join("\n")
            )
            .into());
        };
        let change = self.files.entry(file.to_owned()).or_default();
        for line in hunk {
            let (mark, text) = line.split_at_checked(1).unwrap_or((" ", ""));
            match mark {
                " " => at += 1,
                "+" => change.come.entry(at).or_default().push(text.to_owned()),
                "-" if change.gone.insert(at) => at += 1,
                "-" => return Err(format!("another patch takes this line of {file} too: {text}").into()),
                _ => return Err(format!("not a line of a diff: {line}").into()),
            }
        }
        Ok(())
    }
}

fn copy_all(from: &Path, to: &Path, changes: &mut Changes) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_all(&path, &target, changes)?;
            continue;
        }
        let source = fs::read_to_string(&path)?;
        let name = path
            .strip_prefix(Path::new(PROTOCOL).join("src"))?
            .to_str()
            .unwrap_or_default()
            .to_owned();
        let mut change = changes.files.remove(&name).unwrap_or_default();
        let mut copy = Vec::new();
        for (number, line) in source.lines().enumerate() {
            copy.extend(change.come.remove(&number).unwrap_or_default());
            // The head of the crate is that of src/lib.rs: a file that is included has none.
            let head = name == "lib.rs" && line.starts_with("//!");
            if !head && !change.gone.contains(&number) {
                copy.push(line.to_owned());
            }
        }
        copy.extend(change.come.into_values().flatten());
        fs::write(target, copy.join("\n") + "\n")?;
    }
    Ok(())
}

/// The enumeration of the bugs: a patch that is called `no-dedup` plants `Bug::NoDedup`, and says so in its changes.
fn table(bugs: &[PathBuf]) -> Result<String, Box<dyn Error>> {
    let (mut variants, mut names) = (String::new(), String::new());
    for path in bugs {
        let text = fs::read_to_string(path)?;
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let capital =
            |word: &str| word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default();
        let bug: String = name.split('-').map(capital).collect();
        if !text.contains(&format!("planted!({bug})")) {
            return Err(format!("{}: planted!({bug}) does not stand in it", path.display()).into());
        }
        variants += &format!(
            "    /// {}\n    {bug},\n",
            text.lines().next().unwrap_or_default()
        );
        names += &format!("        ({name:?}, Self::{bug}),\n");
    }
    Ok(format!(
        "/// A bug, named after what it does.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum Bug {{\n{variants}}}\n\n\
         impl Bug {{\n    /// All of them, by the names of their patches.\n    pub const ALL: &[(&str, Self)] = &[\n{names}    ];\n}}\n"
    ))
}
