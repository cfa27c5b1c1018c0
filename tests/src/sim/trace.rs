//! What happened in a run: a hash over everything, and on demand lines for a person to read.
//!
//! No words: ids, sizes, kinds and times.

use hamsa_protocol_planted::time::Tick;

/// FNV-1a, 64 bits: the same on every machine and in every version of Rust; nobody attacks it here.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// Mixes `words` into one number.
#[must_use]
pub fn hash(words: &[u8]) -> u64 {
    words
        .iter()
        .fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

/// The trace of one run.
#[derive(Debug)]
pub struct Trace {
    hash: u64,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// An empty one; `read` keeps lines.
    #[must_use]
    pub const fn new(read: bool) -> Self {
        Self {
            hash: OFFSET,
            lines: if read { Some(Vec::new()) } else { None },
        }
    }

    /// Takes numbers into the hash.
    pub fn mix(&mut self, numbers: &[u64]) {
        for number in numbers {
            self.hash = (self.hash ^ number).wrapping_mul(PRIME);
            self.hash ^= self.hash >> 29;
        }
    }

    /// Takes an event: into the hash by its time and text, and as a line if somebody reads.
    pub fn say(&mut self, now: Tick, line: &str) {
        self.mix(&[now.0, hash(line.as_bytes())]);
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>9}.{:03}  {line}", now.0 / 1_000, now.0 % 1_000));
        }
    }

    /// Takes a line that only a reader wants.
    pub fn note(&mut self, now: Tick, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>9}.{:03}    {}", now.0 / 1_000, now.0 % 1_000, line()));
        }
    }

    /// The hash so far.
    #[must_use]
    pub const fn value(&self) -> u64 {
        self.hash
    }

    /// The lines so far.
    pub fn take_lines(&mut self) -> Vec<String> {
        self.lines.as_mut().map(core::mem::take).unwrap_or_default()
    }
}
