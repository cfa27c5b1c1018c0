//! The sources, read as text: a test cannot see what a machine keeps private.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Sources of the two programs that implement parts of the protocol beside the machines: how a client makes links,
/// leaves, and brings its answers to the three questions; how a home waits for a client, keeps time and keeps sums.
const PROGRAMS: [&str; 9] = [
    "../client/src/driver/connector.rs",
    "../client/src/driver/link_task.rs",
    "../client/src/driver/survey.rs",
    "../client/src/session/mod.rs",
    "../client/src/session/seeker.rs",
    "../node/src/task.rs",
    "../node/src/link_server.rs",
    "../node/src/clock_watch.rs",
    "../node/src/clock.rs",
];

pub(crate) struct Source {
    /// Names of the constants that are numbers, each with the expressions it stands for (two files may use one name).
    constants: BTreeMap<String, BTreeSet<String>>,
    /// All files, one after the other.
    text: String,
}

impl Source {
    /// Everything of the protocol except its tests, and the sources of the programs above.
    pub(crate) fn read() -> Self {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut files = PROGRAMS.map(|file| here.join(file)).to_vec();
        collect(&here.join("src"), &mut files);
        let mut constants: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut all = String::new();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap();
            for declaration in text.split("const ").skip(1) {
                if let Some((name, expression)) = number(declaration) {
                    let expressions = constants.entry(name.to_owned()).or_default();
                    expressions.insert(expression.to_owned());
                }
            }
            all += text;
        }
        Self { constants, text: all }
    }

    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.constants.keys().map(String::as_str).collect()
    }

    /// The default of a field of the node's limits, in milliseconds.
    pub(crate) fn node_default(&self, field: &str) -> u64 {
        let limits = include_str!("../../../net/src/limits.rs");
        let (_, default) = limits.split_once("impl Default for Limits").unwrap();
        let (_, rest) = default.split_once(&format!(" {field}: ")).unwrap();
        Expression::new(self, rest.split(',').next().unwrap()).value()
    }

    /// Variants and numbers of an enum that gives its variants numbers.
    pub(crate) fn variants(&self, name: &str) -> Vec<(&str, u64)> {
        let lines = self.members("enum", name).into_iter();
        let pairs = lines.map(|line| line.split_once(" = ").expect("every variant has a number"));
        pairs
            .map(|(variant, number)| (variant, number.parse().unwrap()))
            .collect()
    }

    /// Names of a struct's fields, in order.
    pub(crate) fn fields(&self, name: &str) -> Vec<&str> {
        let lines = self.members("struct", name).into_iter();
        let pairs = lines.map(|line| line.split_once(": ").expect("every field has a type"));
        pairs
            .map(|(before, _)| before.rsplit(' ').next().unwrap())
            .collect()
    }

    /// The lines of a type without their comments and commas.
    fn members(&self, kind: &str, name: &str) -> Vec<&str> {
        let head = format!("{kind} {name} {{\n");
        let mut after = self.text.split(&head).skip(1);
        let (Some(after), None) = (after.next(), after.next()) else {
            panic!("one {kind} is called {name}");
        };
        let lines = after.split("\n}").next().unwrap().lines();
        let lines = lines.map(|line| line.trim().trim_end_matches(','));
        lines
            .filter(|line| !line.starts_with("//") && !line.starts_with("#["))
            .collect()
    }

    /// The value of a constant; times in milliseconds.
    pub(crate) fn value(&self, name: &str) -> u64 {
        let expressions = self.constants.get(name);
        let expressions = expressions.unwrap_or_else(|| panic!("no constant is called {name}"));
        let values: BTreeSet<u64> = expressions
            .iter()
            .map(|expression| Expression::new(self, expression).value())
            .collect();
        assert_eq!(values.len(), 1, "{name} has several values: {values:?}");
        values.into_iter().next().unwrap()
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            collect(&path, files);
        } else if name.ends_with(".rs")
            && !name.contains("test")
            && !path.to_str().unwrap().contains("/tests/")
        {
            files.push(path);
        }
    }
}

/// Name and expression of `NAME: type = expression;`, if the type is a number or a time.
fn number(declaration: &str) -> Option<(&str, &str)> {
    let (name, rest) = declaration.split_once(": ")?;
    let (kind, rest) = rest.split_once(" = ")?;
    let (expression, _) = rest.split_once(';')?;
    let numbers = ["u8", "u16", "u32", "u64", "usize", "Duration"];
    let letter = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    (numbers.contains(&kind) && name.chars().all(letter)).then_some((name, expression))
}

/// Sums and products of numbers and constants: limits consist of nothing else.
struct Expression<'a> {
    source: &'a Source,
    tokens: Vec<&'a str>,
    at: usize,
}

impl<'a> Expression<'a> {
    fn new(source: &'a Source, mut text: &'a str) -> Self {
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let mut tokens = Vec::new();
        while let Some(first) = text.chars().next() {
            let length = match first {
                c if word(c) => text.find(|c| !word(c)).unwrap_or(text.len()),
                c => c.len_utf8(),
            };
            let (token, rest) = text.split_at(length);
            tokens.push(token);
            text = rest;
        }
        tokens.retain(|token| !token.trim().is_empty());
        Self {
            source,
            tokens,
            at: 0,
        }
    }

    fn value(mut self) -> u64 {
        let value = self.sum();
        assert_eq!(self.at, self.tokens.len(), "read to the end: {:?}", self.tokens);
        value
    }

    fn next_is(&mut self, token: &str) -> bool {
        let is = self.tokens.get(self.at) == Some(&token);
        self.at += usize::from(is);
        is
    }

    fn sum(&mut self) -> u64 {
        let mut value = self.product();
        loop {
            if self.next_is("+") {
                value += self.product();
            } else if self.next_is("-") {
                value -= self.product();
            } else {
                return value;
            }
        }
    }

    fn product(&mut self) -> u64 {
        let mut value = self.atom();
        loop {
            if self.next_is("*") {
                value *= self.atom();
            } else if self.next_is("/") {
                value /= self.atom();
            } else if self.next_is("as") {
                self.at += 1;
            } else {
                return value;
            }
        }
    }

    fn atom(&mut self) -> u64 {
        let token = self.tokens[self.at];
        self.at += 1;
        if token == "(" {
            let value = self.sum();
            assert!(self.next_is(")"), "{:?}", self.tokens);
            return value;
        }
        if token.starts_with(|c: char| c.is_ascii_digit()) {
            return token.replace('_', "").parse().unwrap();
        }
        match token.rsplit("::").next().unwrap() {
            "from_secs" => 1_000 * self.atom(),
            "from_millis" => self.atom(),
            name => self.source.value(name),
        }
    }
}
