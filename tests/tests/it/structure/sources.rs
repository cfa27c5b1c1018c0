//! Every source file of the workspace, as its crate has it: followed from the crate's root through `mod`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Expr, ExprLit, Ident, ItemMod, Lit, Meta, UseTree, parse_file,
    spanned::Spanned,
    visit::{self, Visit},
};

/// One file and what stands in it. Code under `cfg(test)` is only counted in `lines`.
pub(super) struct Source {
    /// From the top of the repository.
    pub(super) path: String,
    /// The root of the crate.
    pub(super) root: String,
    /// The name of the module, from the root of the crate on.
    pub(super) module: Vec<String>,
    /// Whether all of it is for tests.
    pub(super) test: bool,
    pub(super) lines: usize,
    /// Types and traits that are defined here, and in which line.
    pub(super) types: Vec<(String, usize)>,
    /// Names and lines of functions.
    pub(super) functions: Vec<(String, usize)>,
    /// Paths within the crate, from its root on.
    pub(super) uses: Vec<Vec<String>>,
}

/// All files of all crates. A file that no crate has is an error.
pub(super) fn sources() -> Vec<Source> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap();
    let mut all = BTreeSet::new();
    for folder in fs::read_dir(&top).unwrap() {
        let folder = folder.unwrap().path();
        if folder.join("Cargo.toml").exists() {
            collect(&folder, &mut all);
        }
    }
    let mut sources = Vec::new();
    for root in all.iter().filter(|path| is_root(path)) {
        let name = relative(&top, root);
        // The crates of this folder are tests themselves.
        let test = ["tests/", "fuzz/", "bench/"]
            .iter()
            .any(|folder| name.starts_with(folder))
            || name.contains("/tests/");
        let folder = root.parent().unwrap().to_owned();
        Reader {
            top: &top,
            root: &name,
        }
        .file(root, folder, Vec::new(), test, &mut sources);
    }
    let read: BTreeSet<_> = sources.iter().map(|source| top.join(&source.path)).collect();
    let unread: Vec<_> = all.difference(&read).collect();
    assert!(unread.is_empty(), "of no crate: {unread:?}");
    sources
}

fn relative(top: &Path, path: &Path) -> String {
    path.strip_prefix(top).unwrap().to_str().unwrap().to_owned()
}

fn collect(folder: &Path, all: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") {
                collect(&path, all);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.insert(path);
        }
    }
}

/// Where cargo begins to read: a library, a program, an integration test, a benchmark, an example, a build script.
fn is_root(path: &Path) -> bool {
    let folder = path.parent().unwrap();
    let beside = |name: &str| folder.join(name).exists();
    match path.file_name().unwrap().to_str().unwrap() {
        "lib.rs" => folder.ends_with("src"),
        "main.rs" => true,
        "build.rs" => beside("Cargo.toml"),
        _ => {
            folder.ends_with("src/bin")
                || folder.ends_with("examples")
                || folder.ends_with("benches")
                || folder.ends_with("fuzz_targets")
                || (folder.ends_with("tests") && folder.join("../Cargo.toml").exists())
        }
    }
}

struct Reader<'a> {
    top: &'a Path,
    root: &'a str,
}

impl Reader<'_> {
    /// Reads a file and the files of its modules, which lie in `folder`.
    fn file(&self, path: &Path, folder: PathBuf, module: Vec<String>, test: bool, sources: &mut Vec<Source>) {
        let text = fs::read_to_string(path).unwrap();
        let file = parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let source = Source {
            path: relative(self.top, path),
            root: self.root.to_owned(),
            module: module.clone(),
            test: test || for_tests(&file.attrs),
            lines: text.lines().count(),
            types: Vec::new(),
            functions: Vec::new(),
            uses: Vec::new(),
        };
        let mut walk = Walk {
            source,
            module,
            folder,
            file_folder: path.parent().unwrap().to_owned(),
            children: Vec::new(),
        };
        walk.visit_file(&file);
        let Walk {
            mut source, children, ..
        } = walk;
        let test = source.test;
        if test {
            source.types.clear();
            source.functions.clear();
            source.uses.clear();
        }
        sources.push(source);
        for child in children {
            self.file(
                &child.path,
                child.folder,
                child.module,
                test || child.test,
                sources,
            );
        }
    }
}

/// A module in a file of its own.
struct Child {
    path: PathBuf,
    folder: PathBuf,
    module: Vec<String>,
    test: bool,
}

/// Goes through one file.
struct Walk {
    source: Source,
    /// The module that is walked, which may be an inner one.
    module: Vec<String>,
    /// Where the files of its modules lie.
    folder: PathBuf,
    /// Where the file lies: `#[path]` counts from here.
    file_folder: PathBuf,
    children: Vec<Child>,
}

impl Walk {
    fn within<T>(&mut self, name: &Ident, walk: impl FnOnce(&mut Self) -> T) -> T {
        let name = name.to_string();
        self.folder.push(&name);
        self.module.push(name);
        let result = walk(self);
        self.folder.pop();
        self.module.pop();
        result
    }

    fn child(&mut self, item: &ItemMod) {
        let name = item.ident.to_string();
        let named = item.attrs.iter().find_map(named_path);
        let (flat, nested) = (
            self.folder.join(format!("{name}.rs")),
            self.folder.join(&name).join("mod.rs"),
        );
        let path = named.map_or_else(
            || if flat.exists() { flat } else { nested },
            |named| self.file_folder.join(named),
        );
        let path = path
            .canonicalize()
            .unwrap_or_else(|error| panic!("mod {name} of {}: {error}", self.source.path));
        let own =
            path.ends_with("mod.rs") || item.attrs.iter().any(|attribute| named_path(attribute).is_some());
        let folder = if own {
            path.parent().unwrap().to_owned()
        } else {
            self.folder.join(&name)
        };
        let module = [self.module.clone(), vec![name]].concat();
        let test = for_tests(&item.attrs);
        self.children.push(Child {
            path,
            folder,
            module,
            test,
        });
    }

    fn function(&mut self, name: &Ident, from: &impl Spanned, to: &impl Spanned) {
        let lines = to.span().end().line + 1 - from.span().start().line;
        self.source.functions.push((name.to_string(), lines));
    }

    /// A path as it is written; what does not begin in this crate is another crate's or local.
    fn uses(&mut self, path: &[String]) {
        let first = path.first().map_or("", String::as_str);
        let mut base = if first == "crate" {
            Vec::new()
        } else {
            self.module.clone()
        };
        if !matches!(first, "crate" | "self" | "super") {
            return;
        }
        let mut rest = path;
        while let Some((word, after)) = rest
            .split_first()
            .filter(|(word, _)| matches!(word.as_str(), "crate" | "self" | "super"))
        {
            if word == "super" {
                base.pop();
            }
            rest = after;
        }
        self.source.uses.push([base.as_slice(), rest].concat());
    }

    fn tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: &Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            UseTree::Name(name) => self.uses(&with(&name.ident)),
            UseTree::Rename(name) => self.uses(&with(&name.ident)),
            UseTree::Glob(_) => self.uses(before),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(before, tree)),
        }
    }

    /// Paths and types in a macro: what it is given, and the text that it makes.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    let keyword = path.last().map(String::as_str);
                    if colons == 0 && matches!(keyword, Some("struct" | "enum" | "union" | "trait")) {
                        self.source
                            .types
                            .push((ident.to_string(), ident.span().start().line));
                    }
                    if colons != 2 {
                        self.uses(&std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.uses(&std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.uses(&path);
    }
}

impl<'ast> Visit<'ast> for Walk {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (attributes, name) = match item {
            syn::Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            syn::Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            syn::Item::Union(item) => (&item.attrs, Some(&item.ident)),
            syn::Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            syn::Item::Type(item) => (&item.attrs, Some(&item.ident)),
            syn::Item::Fn(item) => (&item.attrs, None),
            syn::Item::Impl(item) => (&item.attrs, None),
            syn::Item::Use(item) => (&item.attrs, None),
            syn::Item::Const(item) => (&item.attrs, None),
            syn::Item::Static(item) => (&item.attrs, None),
            syn::Item::Macro(item) => (&item.attrs, None),
            // A module may have files, which must be read.
            _ => return visit::visit_item(self, item),
        };
        if for_tests(attributes) {
            return;
        }
        let line = |name: &Ident| (name.to_string(), name.span().start().line);
        self.source.types.extend(name.map(line));
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        match &item.content {
            None => self.child(item),
            Some((_, items)) => self.within(&item.ident, |walk| {
                // Files of a module for tests are read, what stands here is not.
                let before = (
                    walk.source.types.len(),
                    walk.source.functions.len(),
                    walk.source.uses.len(),
                );
                let children = walk.children.len();
                items.iter().for_each(|item| walk.visit_item(item));
                if for_tests(&item.attrs) {
                    walk.source.types.truncate(before.0);
                    walk.source.functions.truncate(before.1);
                    walk.source.uses.truncate(before.2);
                    walk.children
                        .iter_mut()
                        .skip(children)
                        .for_each(|child| child.test = true);
                }
            }),
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig.ident, &item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if for_tests(&item.attrs) {
            return;
        }
        self.function(&item.sig.ident, &item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Vec<_> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        self.uses(&words);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}

/// `#[test]`, or `cfg(test)` in whatever combination that needs it.
fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let tokens = match &attribute.meta {
            Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string(),
            meta => return meta.path().is_ident("test"),
        };
        tokens == "test" || (tokens.starts_with("all") && tokens.contains("test") && !tokens.contains("not"))
    })
}

/// The file of `#[path = "…"]`.
fn named_path(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text), ..
    }) = &pair.value
    else {
        return None;
    };
    pair.path.is_ident("path").then(|| text.value())
}
