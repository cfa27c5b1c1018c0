//! Links between the documents: each leads to an existing file, and to a heading of it. So do the paths of sources
//! that a page names, except on the pages about the past.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Pages about what was: the sources that they name may be gone.
const OF_THE_PAST: [&str; 2] = ["CHANGELOG.md", "decisions"];
const CRATES: [&str; 10] = [
    "client",
    "demo",
    "fuzz",
    "load",
    "net",
    "node",
    "protocol",
    "system",
    "tests",
    "tui-client",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All documents: those at the top, and those under docs.
fn pages() -> Vec<PathBuf> {
    let mut folders = vec![root().join("docs")];
    let mut pages = files(&root(), &mut Vec::new());
    while let Some(folder) = folders.pop() {
        pages.extend(files(&folder, &mut folders));
    }
    pages
}

fn files(folder: &Path, folders: &mut Vec<PathBuf>) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (inner, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    folders.extend(inner);
    let pages = files.into_iter();
    pages
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect()
}

/// The text of a page without its code blocks.
fn read(page: &Path) -> String {
    let text = fs::read_to_string(page).unwrap();
    text.split("```").step_by(2).collect()
}

/// The name of a heading as hosts make it: small letters, hyphens for spaces, no other marks.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn anchors(page: &Path) -> BTreeSet<String> {
    let text = read(page);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect()
}

/// What stands in parentheses behind a text in brackets, without the addresses of other hosts.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let inside = targets.filter(|target| !target.contains("://"));
    inside.map(str::to_owned).collect()
}

#[test]
fn every_link_leads_to_a_heading_that_exists() {
    let (mut broken, mut count) = (Vec::new(), 0);
    for page in pages() {
        for link in links(&read(&page)) {
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => page.clone(),
                file => page.with_file_name(file),
            };
            let there = target.exists() && (heading.is_empty() || anchors(&target).contains(heading));
            if !there {
                broken.push(format!("{}: {link}", page.display()));
            }
            count += 1;
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(count > 300, "{count} links");
}

#[test]
fn every_source_that_a_page_names_exists() {
    let (mut gone, mut count) = (Vec::new(), 0);
    for page in pages() {
        if OF_THE_PAST
            .iter()
            .any(|past| page.iter().any(|name| name == *past))
        {
            continue;
        }
        let text = read(&page);
        for name in text.split('`').skip(1).step_by(2) {
            let path = |c: char| c.is_alphanumeric() || ['/', '.', '-', '_'].contains(&c);
            let folder = name.split('/').next().unwrap_or_default();
            // Every crate has a `tests/it` of its own.
            let named = CRATES.contains(&folder) && name.contains('/') && !name.starts_with("tests/it");
            if named && name.chars().all(path) {
                count += 1;
                if !root().join(name).exists() {
                    gone.push(format!("{}: {name}", page.display()));
                }
            }
        }
    }
    assert!(gone.is_empty(), "{gone:#?}");
    assert!(count > 30, "{count} sources");
}

#[test]
fn every_decision_stands_in_the_index() {
    let folder = root().join("docs/decisions");
    let index = folder.join("README.md");
    let listed: BTreeSet<String> = links(&read(&index)).into_iter().collect();
    let pages = files(&folder, &mut Vec::new()).into_iter();
    let pages = pages.filter(|page| *page != index);
    let missing: Vec<_> = pages
        .filter(|page| !listed.contains(page.file_name().unwrap().to_str().unwrap()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
