//! Looks for words where they must not be: in files, in recordings, in the memory of a process.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use memchr::memmem::Finder;

/// Bytes of a process's memory that are read at once.
const CHUNK: usize = 1 << 20;

/// Words to look for, in their UTF-8.
pub struct Search {
    words: Vec<Finder<'static>>,
    longest: usize,
}

impl Search {
    /// Looks for these.
    ///
    /// # Panics
    /// When one of them is too short to be found by chance alone.
    #[must_use]
    pub fn new<S: AsRef<str>>(words: &[S]) -> Self {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_ref().as_bytes()).collect();
        assert!(
            words.iter().all(|word| word.len() >= 8),
            "chance would find these"
        );
        Self {
            longest: words.iter().map(|word| word.len()).max().unwrap_or_default(),
            words: words.iter().map(|word| Finder::new(word).into_owned()).collect(),
        }
    }

    /// How many of the words stand in these bytes.
    #[must_use]
    pub fn hits(&self, bytes: &[u8]) -> usize {
        self.words
            .iter()
            .filter(|word| word.find(bytes).is_some())
            .count()
    }

    /// Files under a folder with one of the words in them, or in their name.
    #[must_use]
    pub fn in_files(&self, folder: &Path) -> Vec<PathBuf> {
        let mut files = files_under(folder);
        files.retain(|path| {
            let name = path.as_os_str().as_encoded_bytes();
            self.hits(name) + fs::read(path).map_or(0, |bytes| self.hits(&bytes)) > 0
        });
        files
    }

    /// Hits in everything that a process can read of itself, and how many bytes that was.
    ///
    /// # Errors
    /// When the system does not let us look.
    pub fn in_process(&self, pid: i32) -> io::Result<(usize, u64)> {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps"))?;
        let memory = File::open(format!("/proc/{pid}/mem"))?;
        let (mut hits, mut read) = (0, 0);
        for line in maps.lines() {
            let Some((start, end)) = range(line) else { continue };
            let mut at = start;
            let mut buffer = vec![0; CHUNK + self.longest];
            while at < end {
                let wanted = usize::try_from(end - at).unwrap_or(CHUNK).min(buffer.len());
                // A guard page or a device inside a readable range: the rest of the range is left out.
                let Ok(got @ 1..) = memory.read_at(&mut buffer[..wanted], at) else {
                    break;
                };
                hits += self.hits(&buffer[..got]);
                read += got as u64;
                if got < wanted || at + wanted as u64 == end {
                    break;
                }
                // The seam is read twice, so that a word across it is found.
                at += (wanted - self.longest) as u64;
            }
        }
        Ok((hits, read))
    }
}

/// Start and end of a readable range of a line of `maps`.
fn range(line: &str) -> Option<(u64, u64)> {
    let (range, rest) = line.split_once(' ')?;
    // The kernel's own pages cannot be read by us and hold nothing of the process.
    if !rest.starts_with('r') || rest.contains("[vvar") || rest.contains("[vsyscall]") {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    Some((
        u64::from_str_radix(start, 16).ok()?,
        u64::from_str_radix(end, 16).ok()?,
    ))
}

/// All files under a folder.
#[must_use]
pub fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files.extend(files_under(&entry.path())),
            _ => files.push(entry.path()),
        }
    }
    files
}
