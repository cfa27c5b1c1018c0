//! The constants of the sources, read as text: what a machine keeps to itself cannot be seen from a test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Names of the constants that are numbers, each with the expressions it stands for (two files may use one name).
pub(crate) struct Source(BTreeMap<String, BTreeSet<String>>);

impl Source {
    /// Everything of the protocol but its tests, and how a client makes links.
    pub(crate) fn read() -> Self {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut files = vec![here.join("../client/src/homes.rs")];
        collect(&here.join("src"), &mut files);
        let mut constants: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap();
            for declaration in text.split("const ").skip(1) {
                if let Some((name, expression)) = number(declaration) {
                    let expressions = constants.entry(name.to_owned()).or_default();
                    expressions.insert(expression.to_owned());
                }
            }
        }
        Self(constants)
    }

    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// What a constant comes to; times in milliseconds.
    pub(crate) fn value(&self, name: &str) -> u64 {
        let expressions = self.0.get(name);
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

/// Sums and products of numbers and constants: all that limits are made of.
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
