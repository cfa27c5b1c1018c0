//! The threat model's claims: each has something that shows it, or the word "believed" beside it; and what is named there
//! exists.

use std::{collections::BTreeSet, fs, path::Path};

use syn::{Item, ItemFn, parse_file};

/// Chapters without claims of their own: definitions, a summary, and what is not there.
const WITHOUT: [&str; 3] = [
    "# Who could harm somebody here",
    "## In one table",
    "## Not built in this release",
];

/// The heading row of tables of which each cell is a claim, and a cell that claims nothing.
const CELLS: &str = "| Can | Cannot |";
const NOTHING: &str = "–";

fn top() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Everything that may stand for a proof.
struct Proofs {
    /// Paths of tests and of the simulator's functions, as their parts without `tests`.
    tests: BTreeSet<Vec<String>>,
    /// Symbolic models and planted bugs.
    names: BTreeSet<String>,
}

impl Proofs {
    fn all() -> Self {
        let mut tests = BTreeSet::new();
        for file in files(top(), "rs") {
            let path = file.strip_prefix(top()).unwrap().with_extension("");
            let mut module: Vec<String> = path
                .iter()
                .map(|part| part.to_str().unwrap().to_owned())
                .collect();
            module.retain(|part| !["src", "mod", "lib", "main"].contains(&part.as_str()));
            // Its worlds are no tests themselves: a test plays them.
            let world = path.starts_with("tests/src/sim");
            let source = parse_file(&fs::read_to_string(&file).unwrap()).unwrap();
            functions(&source.items, &module, world, &mut tests);
        }
        let mut names = BTreeSet::new();
        for (folder, extension) in [("docs/model", "vp"), ("tests/planted/bugs", "patch")] {
            let files = files(&top().join(folder), extension);
            names.extend(
                files
                    .iter()
                    .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()),
            );
        }
        Self { tests, names }
    }

    /// Whether something of this name is there: a name, or some parts of a path that lie side by side. The last may be
    /// cut by "…".
    fn has(&self, named: &str) -> bool {
        if self.names.contains(named) {
            return true;
        }
        let mut parts: Vec<&str> = named.split("::").collect();
        parts.retain(|part| !of_tests(part));
        let Some((last, before)) = parts.split_last() else {
            return false;
        };
        let fits = |path: &[String]| {
            let (end, start) = path.split_last().unwrap();
            let cut = last.strip_suffix('…').is_some_and(|begin| end.starts_with(begin));
            (cut || end == last) && start == before
        };
        self.tests.iter().any(|path| path.windows(parts.len()).any(fits))
    }
}

fn of_tests(part: &str) -> bool {
    part == "tests"
}

fn functions(items: &[Item], module: &[String], world: bool, tests: &mut BTreeSet<Vec<String>>) {
    let is_test = |function: &ItemFn| {
        let last = |attribute: &syn::Attribute| {
            attribute
                .path()
                .segments
                .last()
                .is_some_and(|end| end.ident == "test")
        };
        function.attrs.iter().any(last)
    };
    for item in items {
        match item {
            Item::Fn(function) if world || is_test(function) => {
                let mut path = module.to_vec();
                path.push(function.sig.ident.to_string());
                path.retain(|part| !of_tests(part));
                let _ = tests.insert(path);
            }
            Item::Mod(inner) => {
                let name = [module, &[inner.ident.to_string()]].concat();
                let items = inner.content.as_ref().map(|(_, items)| items.as_slice());
                functions(items.unwrap_or_default(), &name, world, tests);
            }
            _ => {}
        }
    }
}

fn files(folder: &Path, extension: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with(".git") {
                found.extend(files(&path, extension));
            }
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found
}

/// The claims of a page: paragraphs, items of lists, rows of tables under a heading row, and each cell of what an adversary
/// can and cannot do.
fn claims(page: &str) -> Vec<String> {
    let (mut claims, mut chapter, mut open, mut head) = (Vec::<String>::new(), String::new(), false, None);
    for line in page.lines() {
        if line.starts_with('#') {
            chapter = line.to_owned();
        }
        if line.starts_with('#') || line.is_empty() {
            (open, head) = (false, None);
        } else if WITHOUT.iter().any(|without| chapter.starts_with(without)) {
        } else if line.starts_with('|') {
            // What the heading row names counts for each of its rows.
            match &head {
                None => head = Some(line.to_owned()),
                Some(_) if line.starts_with("|---") => {}
                Some(head) if head == CELLS => claims.extend(cells(line)),
                Some(head) => claims.push(format!("{line} {head}")),
            }
        } else if open && !line.starts_with("- ") {
            let claim = claims.last_mut().unwrap();
            *claim += "\n";
            *claim += line;
        } else {
            claims.push(line.to_owned());
            open = true;
        }
    }
    claims
}

/// The cells of a row that say something.
fn cells(row: &str) -> impl Iterator<Item = String> {
    let cells = row.trim_matches(['|', ' ']).split(" | ");
    cells.filter(|cell| *cell != NOTHING).map(str::to_owned)
}

/// What stands between backticks.
fn named(claim: &str) -> impl Iterator<Item = &str> {
    claim.split('`').skip(1).step_by(2)
}

#[test]
fn every_claim_has_a_proof_or_is_only_believed() {
    let page = fs::read_to_string(top().join("docs/threat-model.md")).unwrap();
    let (proofs, claims) = (Proofs::all(), claims(&page));
    assert!(claims.len() > 100, "{} claims", claims.len());
    let names: BTreeSet<&str> = named(&page).filter(|name| name.contains("::")).collect();
    let missing: Vec<_> = names.into_iter().filter(|name| !proofs.has(name)).collect();
    assert!(missing.is_empty(), "no such tests: {missing:#?}");
    // "Later" marks what is not built.
    let only_said = |claim: &&String| {
        let marked = claim.contains("believed") || claim.contains("*(later");
        !marked && !named(claim).any(|name| proofs.has(name))
    };
    let without: Vec<_> = claims.iter().filter(only_said).collect();
    assert!(
        without.is_empty(),
        "neither a test nor a model, nor \"believed\": {without:#?}"
    );
}

#[test]
fn what_does_not_exist_is_no_proof() {
    let proofs = Proofs::all();
    for there in [
        "forged",
        "05-healing",
        "split-without-consent",
        "claims::what_does_not…",
        "queue::findings",
    ] {
        assert!(proofs.has(there), "{there}");
    }
    for not_there in [
        "forge",
        "claims::what_does_not",
        "healing",
        "queue::finding",
        "split: true",
    ] {
        assert!(!proofs.has(not_there), "{not_there}");
    }
    let page = "## A\n\nOne\ntwo.\n\n- three\n- four\n\n| H |\n|---|\n| 5 |\n| 6 |\n\n\
        | Can | Cannot |\n|---|---|\n| 7 | 8 |\n| 9 | – |\n";
    assert_eq!(
        claims(page),
        [
            "One\ntwo.",
            "- three",
            "- four",
            "| 5 | | H |",
            "| 6 | | H |",
            "7",
            "8",
            "9"
        ]
    );
}
