//! What is in a notebook, and its bytes under the seal:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | length of the index, big-endian |
//! | that many | the index: entries with the names, sizes and SHA-256 of their originals (postcard) |
//! | sizes as in the index | the originals, byte for byte, one after another |
//! | to the next 64 KiB | zeros, so that the file's size tells only roughly how much is in it |

use std::ops::Range;

use hamsa_protocol::crypto::hash;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::error::NotebookError;

/// Most bytes of everything in one notebook: it is held in memory twice while it is written, which a laptop with
/// 1 GiB can do. That is some hundred screenshots, or a few short films.
pub(crate) const BOOK_MAX: usize = 128 << 20;
/// A notebook's contents grow in steps of this many bytes.
const STEP: usize = 64 << 10;
/// Most bytes of an address, an account or a date: the longest link that browsers keep.
pub(crate) const LINE_MAX: usize = 8 << 10;
/// Most bytes of a note: twenty pages.
pub(crate) const NOTE_MAX: usize = 64 << 10;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct NotebookEntry {
    /// When it happened or was seen, as RFC 9557 with its time zone.
    pub(crate) happened: String,
    /// When it was written down, the same way.
    pub(crate) added: String,
    /// Where it can be seen.
    pub(crate) url: Option<String>,
    /// Whose account it was.
    pub(crate) account: Option<String>,
    /// In words.
    pub(crate) note: Option<String>,
    /// Files as they were.
    pub(crate) originals: Vec<Original>,
}

/// A file as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Original {
    /// Its name on the disk.
    pub(crate) name: String,
    /// When it last changed, by the disk.
    pub(crate) modified: Option<String>,
    /// Its size in bytes.
    pub(crate) length: u64,
    /// Of its bytes.
    pub(crate) sha256: [u8; 32],
}

/// An open notebook.
#[derive(Default)]
pub(crate) struct NotebookContents {
    entries: Vec<NotebookEntry>,
    /// Where the bytes of the first original begin.
    start: usize,
    plain: Zeroizing<Vec<u8>>,
}

impl NotebookEntry {
    /// Whether every text of it is short enough to be kept.
    pub(super) fn fits(&self) -> bool {
        let short = |text: &Option<String>| text.as_ref().is_none_or(|text| text.len() <= LINE_MAX);
        let note = self.note.as_ref().is_none_or(|note| note.len() <= NOTE_MAX);
        short(&self.url) && short(&self.account) && note
    }
}

impl NotebookContents {
    /// Everything that was kept, oldest first; an entry's number is its place, from 1 on.
    pub(crate) fn entries(&self) -> &[NotebookEntry] {
        &self.entries
    }

    /// The originals of every entry, in their order, with their bytes.
    pub(crate) fn originals(&self) -> impl Iterator<Item = (&Original, &[u8])> {
        let mut from = self.start;
        self.entries
            .iter()
            .flat_map(|entry| &entry.originals)
            .filter_map(move |original| {
                let range = range(from, original)?;
                from = range.end;
                Some((original, self.plain.get(range)?))
            })
    }

    /// Reads what was under the seal. Every original is checked against its SHA-256.
    pub(crate) fn read(plain: Zeroizing<Vec<u8>>) -> Option<Self> {
        let (length, rest) = plain.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let index = rest.get(..length)?;
        let (entries, []) = postcard::take_from_bytes::<Vec<NotebookEntry>>(index).ok()? else {
            return None;
        };
        let start = 4 + length;
        let book = Self {
            entries,
            start,
            plain,
        };
        let listed = book.entries.iter().flat_map(|entry| &entry.originals).count();
        let mut whole = 0;
        for (original, bytes) in book.originals() {
            if hash::sha256(&[bytes]) != original.sha256 {
                return None;
            }
            whole += 1;
        }
        (whole == listed).then_some(book)
    }

    /// The bytes to seal, with one entry more where there is one. `originals` are the bytes of that entry's files.
    pub(crate) fn write(
        self,
        entry: Option<(NotebookEntry, Vec<Zeroizing<Vec<u8>>>)>,
    ) -> Result<Zeroizing<Vec<u8>>, NotebookError> {
        let Self {
            mut entries,
            start,
            plain,
        } = self;
        let kept: u64 = entries
            .iter()
            .flat_map(|entry| &entry.originals)
            .map(|original| original.length)
            .sum();
        let kept = usize::try_from(kept).map_err(|_| NotebookError::Device)?;
        let kept = plain.get(start..start + kept).ok_or(NotebookError::Device)?;
        let mut added = Vec::new();
        if let Some((entry, originals)) = entry {
            entries.push(entry);
            added = originals;
        }
        let index = Zeroizing::new(postcard::to_allocvec(&entries).map_err(|_| NotebookError::Device)?);
        let length = u32::try_from(index.len()).map_err(|_| NotebookError::TooLong)?;
        let used = 4 + index.len() + kept.len() + added.iter().map(|bytes| bytes.len()).sum::<usize>();
        let size = used.next_multiple_of(STEP);
        if size > BOOK_MAX {
            return Err(NotebookError::TooLarge("the notebook".into()));
        }
        // At its full size from the start: a buffer that grows would leave copies behind.
        let mut out = Zeroizing::new(Vec::with_capacity(size));
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&index);
        out.extend_from_slice(kept);
        for bytes in &added {
            out.extend_from_slice(bytes);
        }
        out.resize(size, 0);
        Ok(out)
    }
}

/// Words of a person never reach a log.
impl std::fmt::Debug for NotebookContents {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Book({} entries)", self.entries.len())
    }
}

fn range(from: usize, original: &Original) -> Option<Range<usize>> {
    let length = usize::try_from(original.length).ok()?;
    Some(from..from.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(files: &[&[u8]]) -> (NotebookEntry, Vec<Zeroizing<Vec<u8>>>) {
        let originals = files.iter().map(|bytes| Original {
            name: "a".to_owned(),
            modified: None,
            length: bytes.len() as u64,
            sha256: hash::sha256(&[bytes]),
        });
        let entry = NotebookEntry {
            happened: "2026-11-25T18:30:00+01:00[Africa/Casablanca]".to_owned(),
            added: "2026-11-25T19:00:00+01:00[Africa/Casablanca]".to_owned(),
            url: None,
            account: None,
            note: None,
            originals: originals.collect(),
        };
        let bytes = files.iter().map(|bytes| Zeroizing::new(bytes.to_vec()));
        (entry, bytes.collect())
    }

    fn with(book: NotebookContents, files: &[&[u8]]) -> NotebookContents {
        NotebookContents::read(book.write(Some(entry(files))).unwrap()).unwrap()
    }

    #[test]
    fn originals_come_back_byte_for_byte_in_their_order() {
        let book = with(NotebookContents::default(), &[b"one", b""]);
        let book = with(book, &[]);
        let book = with(book, &[&[0; 70_000], b"\r\n\0"]);
        assert_eq!(book.entries().len(), 3);
        let bytes: Vec<&[u8]> = book.originals().map(|(_, bytes)| bytes).collect();
        assert_eq!(bytes, [b"one".as_slice(), b"", &[0; 70_000], b"\r\n\0"]);
        assert_eq!(book.plain.len() % STEP, 0);
    }

    #[test]
    fn what_makes_no_sense_is_no_book() {
        let plain = NotebookContents::default().write(Some(entry(&[b"one"]))).unwrap();
        for change in [0, 3, 4] {
            let mut bad = plain.clone();
            bad[change] ^= 0x41;
            assert!(NotebookContents::read(bad).is_none(), "byte {change}");
        }
        let at = plain.windows(3).position(|bytes| bytes == b"one").unwrap();
        let mut bad = plain.clone();
        bad[at] ^= 1;
        assert!(NotebookContents::read(bad).is_none());
        assert!(NotebookContents::read(Zeroizing::new(Vec::new())).is_none());
        assert!(NotebookContents::read(plain).is_some());
    }
}
