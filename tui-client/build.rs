//! Makes the enum of all texts from the English files: the key of a text that does not exist does not compile.

use std::{env, fs, io, path::Path};

const LOCALES: &str = "src/i18n/locales";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={LOCALES}");
    let (mut variants, mut names) = (String::new(), String::new());
    for catalog in ["seeker", "desk", "notebook", "command"] {
        let source = fs::read_to_string(format!("{LOCALES}/en-{catalog}.ftl"))?;
        let lines = source
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        for (key, _) in lines.filter_map(|line| line.split_once(" =")) {
            let parts = key.split('-').map(|part| part.split_at(1));
            let variant: String = parts.map(|(first, rest)| first.to_uppercase() + rest).collect();
            variants += &format!("/// `{key}`\n{variant},\n");
            names += &format!("(Text::{variant}, {key:?}),\n");
        }
    }
    let count = names.lines().count();
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let code = format!(
        "/// A text of a face, by its key in the files of `{LOCALES}`.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\n\
         #[allow(clippy::enum_variant_names)]\n\
         #[allow(missing_docs, reason = \"the keys of the Fluent files\")]\n         pub enum Text {{\n{variants}}}\n\
         /// Every text with its key, in the order of the variants.\n\
         pub(crate) static KEYS: [(Text, &str); {count}] = [\n{names}];\n"
    );
    fs::write(Path::new(&out).join("text_keys.rs"), code)
}
