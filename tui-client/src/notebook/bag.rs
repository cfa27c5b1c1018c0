//! A notebook as a folder in BagIt form (RFC 8493, version 1.0): open, so that a lawyer or a court can read it with
//! no program of ours, with a SHA-256 of every file.
//!
//! | file | what |
//! |---|---|
//! | `bagit.txt`, `bag-info.txt` | that it is a bag, its date and its size |
//! | `manifest-sha256.txt`, `tagmanifest-sha256.txt` | the checksums |
//! | `data/entries.json` | every entry, exactly |
//! | `data/entries.txt` | the same for a person to read |
//! | `data/0001/1-photo.jpg` | the first original of the first entry, byte for byte |

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use hamsa_protocol::crypto::hash;
use serde::Serialize;

use super::{
    book::{NotebookContents, NotebookEntry, Original},
    error::NotebookError,
    keep::absent,
    words::Sentences,
};
use crate::text::Sanitized;

/// Most bytes of a file's name in a bag: half of what most disks take, as some count two bytes a letter.
const NAME_MAX: usize = 120;
const BAGIT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
const MANIFEST: &str = "manifest-sha256.txt";
const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";

/// Paths in a bag, each with its SHA-256 in letters.
type Sums = BTreeMap<String, String>;

/// Writes the bag at `to`, where nothing may be yet, and reads it back once. On any error nothing is left there.
pub(crate) fn export(
    book: &NotebookContents,
    to: &Path,
    words: &Sentences,
    day: &str,
) -> Result<(), NotebookError> {
    absent(to)?;
    // Beside it, under a name that says what it is: after a power cut an open copy must not lie there unseen.
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".unfinished");
    let beside = to.with_file_name(name);
    absent(&beside)?;
    let written = write(book, &beside, words, day)
        .and_then(|()| check(&beside))
        .and_then(|()| fs::rename(&beside, to).map_err(NotebookError::io("rename", &beside)));
    if written.is_err() {
        let _ = fs::remove_dir_all(&beside);
    }
    written
}

fn write(book: &NotebookContents, root: &Path, words: &Sentences, day: &str) -> Result<(), NotebookError> {
    let mut bag = Bag::new(root)?;
    let mut originals = book.originals();
    let mut listed = Vec::new();
    for (at, entry) in book.entries().iter().enumerate() {
        let number = at + 1;
        let mut files = Vec::new();
        for (at, (original, bytes)) in originals.by_ref().take(entry.originals.len()).enumerate() {
            let path = format!("data/{number:04}/{}-{}", at + 1, safe_name(&original.name));
            bag.payload(&path, bytes)?;
            files.push((path, original));
        }
        listed.push((number, entry, files));
    }
    let told: Vec<BagEntry> = listed
        .iter()
        .map(|(number, entry, files)| BagEntry::of(*number, entry, files))
        .collect();
    let json = serde_json::to_vec_pretty(&told).map_err(|_| NotebookError::Device)?;
    bag.payload("data/entries.json", &json)?;
    bag.payload("data/entries.txt", readable(&listed, words).as_bytes())?;
    bag.close(day)
}

/// An entry as `entries.json` tells it.
#[derive(Serialize)]
struct BagEntry<'a> {
    number: usize,
    happened: &'a str,
    added: &'a str,
    url: Option<&'a str>,
    account: Option<&'a str>,
    note: Option<&'a str>,
    files: Vec<BagFile<'a>>,
}

#[derive(Serialize)]
struct BagFile<'a> {
    path: &'a str,
    original_name: &'a str,
    modified: Option<&'a str>,
    bytes: u64,
    sha256: String,
}

impl<'a> BagEntry<'a> {
    fn of(number: usize, entry: &'a NotebookEntry, files: &'a [(String, &'a Original)]) -> Self {
        Self {
            number,
            happened: &entry.happened,
            added: &entry.added,
            url: entry.url.as_deref(),
            account: entry.account.as_deref(),
            note: entry.note.as_deref(),
            files: files
                .iter()
                .map(|(path, original)| BagFile {
                    path,
                    original_name: &original.name,
                    modified: original.modified.as_deref(),
                    bytes: original.length,
                    sha256: hex(&original.sha256),
                })
                .collect(),
        }
    }
}

type Listed<'a> = (usize, &'a NotebookEntry, Vec<(String, &'a Original)>);

fn readable(listed: &[Listed<'_>], words: &Sentences) -> String {
    let mut text = String::new();
    for (number, entry, files) in listed {
        text.push_str(&words.entry(*number, entry));
        for (path, original) in files {
            text.push_str(&words.file(path, original));
        }
        text.push('\n');
    }
    text
}

/// A bag while it is written.
struct Bag<'a> {
    root: &'a Path,
    sums: Sums,
    octets: u64,
}

impl<'a> Bag<'a> {
    fn new(root: &'a Path) -> Result<Self, NotebookError> {
        folder(root)?;
        folder(&root.join("data"))?;
        Ok(Self {
            root,
            sums: Sums::new(),
            octets: 0,
        })
    }

    fn payload(&mut self, path: &str, bytes: &[u8]) -> Result<(), NotebookError> {
        let place = self.root.join(path);
        if let Some(parent) = place.parent()
            && !parent.is_dir()
        {
            folder(parent)?;
        }
        file(&place, bytes)?;
        self.octets += bytes.len() as u64;
        self.sums.insert(path.to_owned(), hex(&hash::sha256(&[bytes])));
        Ok(())
    }

    fn close(self, day: &str) -> Result<(), NotebookError> {
        let info = format!(
            "Bag-Software-Agent: hamsa {}\nBagging-Date: {day}\nPayload-Oxum: {}.{}\n",
            env!("CARGO_PKG_VERSION"),
            self.octets,
            self.sums.len()
        );
        let tags = [
            ("bag-info.txt", info.as_str()),
            ("bagit.txt", BAGIT),
            (MANIFEST, &manifest(&self.sums)),
        ];
        let mut sums = Sums::new();
        for (name, text) in tags {
            file(&self.root.join(name), text.as_bytes())?;
            sums.insert(name.to_owned(), hex(&hash::sha256(&[text.as_bytes()])));
        }
        file(&self.root.join(TAG_MANIFEST), manifest(&sums).as_bytes())?;
        let root = File::open(self.root).map_err(NotebookError::io("open", self.root))?;
        root.sync_all().map_err(NotebookError::io("sync", self.root))
    }
}

/// Whether the folder is a whole bag: every file that is listed is there and as it was, and none is there that is
/// not listed.
pub(crate) fn check(root: &Path) -> Result<(), NotebookError> {
    let bad = || NotebookError::BadBag(root.to_owned());
    let text = |name: &str| {
        let path = root.join(name);
        fs::read_to_string(&path).map_err(NotebookError::io("read", &path))
    };
    if text("bagit.txt")? != BAGIT {
        return Err(bad());
    }
    let tags = read_manifest(&text(TAG_MANIFEST)?).ok_or_else(bad)?;
    let payload = read_manifest(&text(MANIFEST)?).ok_or_else(bad)?;
    let mut octets = 0;
    for (listed, is_payload) in tags
        .iter()
        .map(|tag| (tag, false))
        .chain(payload.iter().map(|file| (file, true)))
    {
        let (path, sum) = listed;
        if path.starts_with("data/") != is_payload || path.split('/').any(|part| part == "..") {
            return Err(bad());
        }
        let place = root.join(path);
        let bytes = fs::read(&place).map_err(NotebookError::io("read", &place))?;
        if hex(&hash::sha256(&[&bytes])) != *sum {
            return Err(bad());
        }
        octets += if is_payload { bytes.len() as u64 } else { 0 };
    }
    let oxum = format!("Payload-Oxum: {octets}.{}", payload.len());
    if !text("bag-info.txt")?.lines().any(|line| line == oxum) {
        return Err(bad());
    }
    let there = count_files(&root.join("data"))?;
    if there == payload.len() {
        Ok(())
    } else {
        Err(bad())
    }
}

fn count_files(folder: &Path) -> Result<usize, NotebookError> {
    let mut count = 0;
    for item in fs::read_dir(folder).map_err(NotebookError::io("read", folder))? {
        let path = item.map_err(NotebookError::io("read", folder))?.path();
        count += if path.is_dir() { count_files(&path)? } else { 1 };
    }
    Ok(count)
}

fn manifest(sums: &Sums) -> String {
    sums.iter()
        .map(|(path, sum)| format!("{sum}  {}\n", encoded(path)))
        .collect()
}

fn read_manifest(text: &str) -> Option<Sums> {
    text.lines()
        .map(|line| {
            let (sum, path) = line.split_once("  ")?;
            Some((decoded(path), sum.to_owned()))
        })
        .collect()
}

/// RFC 8493, 2.1.3: a line break and the percent sign itself.
fn encoded(path: &str) -> String {
    path.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn decoded(path: &str) -> String {
    path.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name that every system takes and that says no more than it did: letters, digits, dots and dashes, of any script,
/// with its ending. The exact name stands in `entries.json`.
fn safe_name(name: &str) -> String {
    let kept: String = Sanitized::line(name)
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || ".-_".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let kept = kept.trim_matches(['.', '_']);
    let (stem, ending) = kept
        .rsplit_once('.')
        .filter(|(_, ending)| ending.len() <= 8)
        .map_or((kept, String::new()), |(stem, ending)| {
            (stem, format!(".{ending}"))
        });
    let mut end = stem.len().min(NAME_MAX - ending.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let stem = stem.get(..end).unwrap_or_default();
    if stem.is_empty() {
        format!("file{ending}")
    } else {
        format!("{stem}{ending}")
    }
}

fn folder(path: &Path) -> Result<(), NotebookError> {
    DirBuilder::new()
        .mode(0o700)
        .create(path)
        .map_err(NotebookError::io("make the folder", path))
}

fn file(path: &PathBuf, bytes: &[u8]) -> Result<(), NotebookError> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(NotebookError::io("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{i18n::Locale, text::Strategy};

    #[test]
    fn names_are_safe_and_keep_their_ending() {
        for (name, safe) in [
            ("photo.jpg", "photo.jpg"),
            ("../../etc/passwd", "etc_passwd"),
            ("صورة 1.png", "صورة_1.png"),
            (".hidden", "hidden"),
            ("a\n100%\r\u{202e}gpj.exe", "a_100__gpj.exe"),
            ("CON: <x>|?*\"", "CON___x"),
            ("…", "file"),
            ("", "file"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
        let long = safe_name(&format!("{}.jpeg", "é".repeat(300)));
        assert!(long.len() <= NAME_MAX && long.ends_with("é.jpeg"));
    }

    fn exported(to: &Path) {
        let original = Original {
            name: "a.png".to_owned(),
            modified: None,
            length: 3,
            sha256: hash::sha256(&[b"png"]),
        };
        let entry = NotebookEntry {
            happened: "2026-11-25[UTC]".to_owned(),
            added: "2026-11-25T19:00:00+00:00[UTC]".to_owned(),
            url: Some("https://example.org/%0A".to_owned()),
            account: None,
            note: Some("il a dit \u{1b}[31m\n« non »".to_owned()),
            originals: vec![original],
        };
        let bytes = vec![zeroize::Zeroizing::new(b"png".to_vec())];
        let book =
            NotebookContents::read(NotebookContents::default().write(Some((entry, bytes))).unwrap()).unwrap();
        export(
            &book,
            to,
            &Sentences::new(Locale::French, Strategy::Visual),
            "2026-11-25",
        )
        .unwrap();
    }

    #[test]
    fn a_bag_is_whole_or_it_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("bag");
        exported(&root);
        check(&root).unwrap();
        assert_eq!(fs::read(root.join("data/0001/1-a.png")).unwrap(), b"png");
        let json: serde_json::Value =
            serde_json::from_slice(&fs::read(root.join("data/entries.json")).unwrap()).unwrap();
        assert_eq!(json[0]["note"], "il a dit \u{1b}[31m\n« non »");
        assert_eq!(json[0]["files"][0]["path"], "data/0001/1-a.png");
        let text = fs::read_to_string(root.join("data/entries.txt")).unwrap();
        assert!(text.contains("« non »") && !text.contains('\u{1b}'));
        // Nothing is written over, and nothing is left beside it.
        let book = NotebookContents::default();
        let again = export(
            &book,
            &root,
            &Sentences::new(Locale::French, Strategy::Visual),
            "2026-11-25",
        );
        assert!(matches!(again, Err(NotebookError::Exists(_))));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);

        for (file, bytes) in [
            ("data/0001/1-a.png", "pnG"),
            ("data/more.txt", ""),
            ("manifest-sha256.txt", ""),
            ("bag-info.txt", "Payload-Oxum: 1.1\n"),
            ("bagit.txt", "BagIt-Version: 0.97\n"),
        ] {
            let path = root.join(file);
            let before = fs::read(&path).ok();
            fs::write(&path, bytes).unwrap();
            assert!(matches!(check(&root), Err(NotebookError::BadBag(_))), "{file}");
            match before {
                Some(before) => fs::write(&path, before).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
        }
        check(&root).unwrap();
        fs::remove_file(root.join("data/entries.txt")).unwrap();
        assert!(check(&root).is_err());
    }

    #[test]
    fn a_manifest_goes_there_and_back() {
        let sums = Sums::from([("data/a%0A\r\n%".to_owned(), "00".to_owned())]);
        let text = manifest(&sums);
        assert_eq!(text.lines().count(), 1);
        assert_eq!(read_manifest(&text), Some(sums));
    }
}
