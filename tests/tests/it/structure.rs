//! The shape of the sources: which part of the protocol may know which, one meaning for each type name, and how long a
//! function and a file may be.
//!
//! The sources are parsed, not searched: a comment or a text that names a type is nothing here. Of what a macro makes, the
//! types are seen whose names stand in its text.

mod sources;

use std::collections::{BTreeMap, BTreeSet};

use sources::{Source, sources};

/// Lines of a function, from its signature to its last brace. Tests may be longer.
const FUNCTION_MAX: usize = 70;
/// Lines of a file, whatever is in it.
const FILE_MAX: usize = 700;
/// The three roles of the protocol. What two of them share lies below both.
const ROLES: [&str; 3] = ["counselor", "home", "seeker"];

/// Type names that may stand for two things, and why.
const SHARED_NAMES: &[(&str, &str)] = &[(
    "Event",
    "what a machine tells its face; always written with the machine's module",
)];

/// What is wrong today, a line each. It may only shrink: a line that is no longer wrong fails the test.
const KNOWN: &str = include_str!("structure/known.txt");

/// What is wrong, and where.
type Finding = (String, String);

#[test]
fn the_sources_have_the_shape_they_should_have() {
    let sources = sources();
    let findings = [
        circles(&sources),
        roles(&sources),
        names(&sources),
        lengths(&sources),
    ]
    .concat();
    let found: BTreeMap<String, String> = findings.into_iter().collect();
    let known: BTreeSet<&str> = KNOWN.lines().collect();
    let new = found.iter().filter(|(what, _)| !known.contains(what.as_str()));
    let new: String = new.map(|(what, place)| format!("{what} ({place})\n")).collect();
    assert!(new.is_empty(), "wrong:\n{new}");
    let gone: Vec<_> = known.iter().filter(|what| !found.contains_key(**what)).collect();
    assert!(
        gone.is_empty(),
        "no longer wrong, to be removed from known.txt: {gone:#?}"
    );
}

/// Which top-level module of the protocol uses which, with one file that shows it.
fn arrows(sources: &[Source]) -> BTreeMap<(String, String), String> {
    let mut arrows = BTreeMap::new();
    for source in sources
        .iter()
        .filter(|source| source.root == "protocol/src/lib.rs")
    {
        let Some(from) = source.module.first() else {
            continue;
        };
        for path in &source.uses {
            if let Some(to) = path.first().filter(|to| *to != from) {
                arrows
                    .entry((from.clone(), to.clone()))
                    .or_insert_with(|| source.path.clone());
            }
        }
    }
    let modules: BTreeSet<_> = sources
        .iter()
        .filter(|source| source.root == "protocol/src/lib.rs")
        .filter_map(|source| source.module.first())
        .collect();
    arrows.retain(|(_, to), _| modules.contains(to));
    assert!(
        arrows.len() > 20,
        "the protocol's modules use each other: {arrows:?}"
    );
    arrows
}

/// No two modules of the protocol may need each other, over whatever way.
fn circles(sources: &[Source]) -> Vec<Finding> {
    let arrows = arrows(sources);
    let reach = |start: &String| {
        let mut seen = BTreeSet::new();
        let mut next = vec![start];
        while let Some(from) = next.pop() {
            for (_, to) in arrows.keys().filter(|(origin, _)| origin == from) {
                if seen.insert(to) {
                    next.push(to);
                }
            }
        }
        seen
    };
    let circular = arrows.iter().filter(|((from, to), _)| reach(to).contains(from));
    circular
        .map(|((from, to), file)| (format!("circle: {from} -> {to}"), file.clone()))
        .collect()
}

fn roles(sources: &[Source]) -> Vec<Finding> {
    let arrows = arrows(sources);
    let role = |name: &String| ROLES.contains(&name.as_str());
    let between = arrows.iter().filter(|((from, to), _)| role(from) && role(to));
    between
        .map(|((from, to), file)| (format!("role: {from} -> {to}"), file.clone()))
        .collect()
}

/// A type name means one thing, wherever in the workspace it is read.
fn names(sources: &[Source]) -> Vec<Finding> {
    let mut places: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.test) {
        for (name, line) in &source.types {
            places
                .entry(name)
                .or_default()
                .insert(format!("{}:{line}", source.path));
        }
    }
    assert!(places.len() > 300, "{} type names", places.len());
    for (name, reason) in SHARED_NAMES {
        let shared = places.remove(name).is_some_and(|places| places.len() > 1);
        assert!(shared, "{name} is shared no longer ({reason})");
    }
    places.retain(|_, places| places.len() > 1);
    let say = |(name, places): (&str, BTreeSet<String>)| {
        (format!("type: {name}"), Vec::from_iter(places).join(", "))
    };
    places.into_iter().map(say).collect()
}

fn lengths(sources: &[Source]) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources {
        if source.lines > FILE_MAX {
            found.push((
                format!("file: {}", source.path),
                format!("{} lines", source.lines),
            ));
        }
        let long = source.functions.iter().filter(|(_, lines)| *lines > FUNCTION_MAX);
        found.extend(long.map(|(name, lines)| {
            (
                format!("function: {name} in {}", source.path),
                format!("{lines} lines"),
            )
        }));
    }
    found
}
