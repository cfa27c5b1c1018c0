//! `hamsa-counts`: instructions of each case, counted by callgrind, against the committed baseline.
//!
//! ```text
//! hamsa-counts            counts all cases and compares them with bench/counts.txt
//! hamsa-counts --write    writes them there
//! hamsa-counts CASE N     does the work of a case N times; callgrind runs this
//! ```
//!
//! A case is run twice, with no repetition and with some. The difference is the work alone: what the program does before
//! and after is the same in both. InstructionCounts do not depend on what else a machine does. They do depend on the compiler and on the
//! instructions that the processor has: where these differ from the baseline's, the comparison is shown and nothing fails.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use hamsa_bench::{CASES, Case};

/// What a count may grow by before it is an error, in percent.
const ALLOWED: u64 = 5;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => compare(),
        ["--write"] => write(),
        [name, runs] => work(name, runs).map(|()| true),
        _ => Err("usage: hamsa-counts [--write | CASE N]".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("hamsa-counts: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Does the work of a case so often.
fn work(name: &str, runs: &str) -> Result<(), String> {
    let case = CASES.iter().find(|case| case.name == name);
    let case = case.ok_or_else(|| format!("no case is called {name}"))?;
    let runs: u32 = runs.parse().map_err(|_| format!("not a number: {runs}"))?;
    let mut work = (case.make)();
    for _ in 0..runs {
        work();
    }
    // What the processor offers under callgrind, for the baseline.
    print(&processor())
}

fn print(line: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{line}").map_err(|error| error.to_string())
}

/// The instructions that the libraries below choose by.
fn processor() -> String {
    #[cfg(target_arch = "x86_64")]
    let has = [
        ("ssse3", std::is_x86_feature_detected!("ssse3")),
        ("sse4.1", std::is_x86_feature_detected!("sse4.1")),
        ("avx", std::is_x86_feature_detected!("avx")),
        ("avx2", std::is_x86_feature_detected!("avx2")),
        ("avx512f", std::is_x86_feature_detected!("avx512f")),
        ("bmi2", std::is_x86_feature_detected!("bmi2")),
        ("adx", std::is_x86_feature_detected!("adx")),
        ("sha", std::is_x86_feature_detected!("sha")),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let has: [(&str, bool); 0] = [];
    let names = has.into_iter().filter(|(_, has)| *has).map(|(name, _)| name);
    let names: Vec<&str> = [env::consts::ARCH].into_iter().chain(names).collect();
    names.join(" ")
}

/// Where the counts were made, and the counts.
#[derive(Debug, Default, PartialEq, Eq)]
struct InstructionCounts {
    compiler: String,
    processor: String,
    instructions: BTreeMap<String, u64>,
}

impl InstructionCounts {
    fn made() -> Result<Self, String> {
        let mut counts = Self {
            compiler: compiler()?,
            ..Self::default()
        };
        for case in CASES {
            let (nothing, _) = counted(case, 0)?;
            let (all, processor) = counted(case, case.runs)?;
            counts.processor = processor;
            let work = all.saturating_sub(nothing) / u64::from(case.runs);
            counts.instructions.insert(case.name.to_owned(), work);
        }
        Ok(counts)
    }

    fn encode(&self) -> String {
        let mut text = format!(
            "# Instructions of each case, by `just counts --write`. See bench/src/main.rs.\ncompiler {}\nprocessor {}\n",
            self.compiler, self.processor
        );
        for (name, count) in &self.instructions {
            text += &format!("{name} {count}\n");
        }
        text
    }

    fn decode(text: &str) -> Result<Self, String> {
        let mut counts = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.split_once(' ').ok_or_else(|| format!("no value: {line}"))?;
            match name {
                "compiler" => value.clone_into(&mut counts.compiler),
                "processor" => value.clone_into(&mut counts.processor),
                _ => {
                    let count = value.parse().map_err(|_| format!("not a count: {line}"))?;
                    counts.instructions.insert(name.to_owned(), count);
                }
            }
        }
        Ok(counts)
    }
}

fn compiler() -> Result<String, String> {
    let compiler = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let output = Command::new(compiler).arg("--version").output();
    let output = output.map_err(|error| format!("rustc --version: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The instructions of one process that does the work of a case so often, and what its processor offers.
fn counted(case: &Case, runs: u32) -> Result<(u64, String), String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([case.name, &runs.to_string()])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind did not start: {error}; on Debian: apt-get install valgrind"))?;
    let (said, told) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    if !output.status.success() {
        return Err(format!("{}: callgrind failed:\n{told}", case.name));
    }
    let total = told.lines().find_map(|line| line.split_once("Collected : "));
    let total = total.and_then(|(_, count)| count.trim().parse().ok());
    let total = total.ok_or_else(|| format!("{}: callgrind gave no count:\n{told}", case.name))?;
    Ok((total, said.trim().to_owned()))
}

fn baseline() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("counts.txt")
}

fn write() -> Result<bool, String> {
    let path = baseline();
    fs::write(&path, InstructionCounts::made()?.encode())
        .map_err(|error| format!("{}: {error}", path.display()))?;
    print(&format!("written: {}", path.display()))?;
    Ok(true)
}

fn compare() -> Result<bool, String> {
    let path = baseline();
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let verdict = judge(&InstructionCounts::decode(&text)?, &InstructionCounts::made()?);
    print(verdict.text.trim_end())?;
    Ok(verdict.good)
}

/// What came of a comparison.
struct Comparison {
    text: String,
    good: bool,
}

fn judge(baseline: &InstructionCounts, now: &InstructionCounts) -> Comparison {
    let comparable = (&baseline.compiler, &baseline.processor) == (&now.compiler, &now.processor);
    let (mut text, mut good) = (String::new(), true);
    for (name, count) in &now.instructions {
        let Some(before) = baseline.instructions.get(name) else {
            text += &format!("{name:12} {count:>12}  not in the baseline: `just counts --write`\n");
            good = false;
            continue;
        };
        let grown = count * 100 > before * (100 + ALLOWED);
        let shrunk = count * (100 + ALLOWED) < before * 100;
        let said = match (grown, shrunk) {
            (true, _) => "MORE",
            (_, true) => "less: `just counts --write` keeps it",
            _ => "",
        };
        good &= !grown || !comparable;
        text += &format!("{name:12} {count:>12}  baseline {before:>12}  {said}\n");
    }
    if !comparable {
        text += &format!(
            "compared only: the baseline is of {} on {}, this is {} on {}\n",
            baseline.compiler, baseline.processor, now.compiler, now.processor
        );
    } else if !good {
        text += &format!(
            "more than {ALLOWED} % above the baseline; if that is wanted, say why and `just counts --write`\n"
        );
    }
    Comparison { text, good }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(compiler: &str, cell: u64) -> InstructionCounts {
        InstructionCounts {
            compiler: compiler.to_owned(),
            processor: "x86_64 avx2".to_owned(),
            instructions: [("cell".to_owned(), cell)].into(),
        }
    }

    #[test]
    fn five_percent_more_fails_where_it_can_be_compared() {
        let baseline = counts("rustc 1", 1_000);
        assert_eq!(
            InstructionCounts::decode(&baseline.encode()),
            Ok(counts("rustc 1", 1_000))
        );
        for (compiler, cell, good) in [
            ("rustc 1", 1_050, true),
            ("rustc 1", 1_051, false),
            ("rustc 1", 10, true),
            ("rustc 2", 9_999, true),
        ] {
            assert_eq!(
                judge(&baseline, &counts(compiler, cell)).good,
                good,
                "{compiler} {cell}"
            );
        }
        assert!(
            !judge(&InstructionCounts::default(), &baseline).good,
            "a new case needs a baseline"
        );
    }

    #[test]
    fn the_baseline_has_every_case() {
        let text = fs::read_to_string(baseline()).unwrap();
        let counts = InstructionCounts::decode(&text).unwrap();
        let names: Vec<&str> = counts.instructions.keys().map(String::as_str).collect();
        let mut cases: Vec<&str> = CASES.iter().map(|case| case.name).collect();
        cases.sort_unstable();
        assert_eq!(names, cases);
    }
}
