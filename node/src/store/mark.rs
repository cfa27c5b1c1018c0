//! A number outside sled: how many times a day was made durable.
//!
//! sled, when its file is damaged in the middle, goes back to what it had before and says nothing. The same number
//! lies inside sled; when that one is smaller, something that was acknowledged is missing.
//!
//! Two slots, a sector apart, are written in turn, so that a torn write leaves the one before:
//! `count u64 ‖ !count u64`, big-endian.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};

/// Distance of the slots in bytes: the unit that a disk writes whole.
const SECTOR: u64 = 4_096;
/// The name of the file in the folder of a day.
pub(super) const NAME: &str = "mark";

#[derive(Debug)]
pub(super) struct Mark {
    file: File,
    count: u64,
}

impl Mark {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.join(NAME))?;
        // Both slots take their room now: a full disk must not stop the second one.
        let len = file.metadata()?.len();
        for slot in [0, SECTOR].into_iter().filter(|slot| slot + 16 > len) {
            file.write_all_at(&[0; 16], slot)?;
        }
        let read = |slot: u64| {
            let mut bytes = [0; 16];
            file.read_exact_at(&mut bytes, slot * SECTOR).ok()?;
            let (count, check) = bytes.split_first_chunk::<8>()?;
            let count = u64::from_be_bytes(*count);
            (check == (!count).to_be_bytes()).then_some(count)
        };
        let count = read(0).max(read(1)).unwrap_or(0);
        Ok(Self { file, count })
    }

    /// How many times this day was made durable.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Writes it, durably.
    pub(super) fn advance(&mut self, count: u64) -> io::Result<()> {
        let bytes = [count.to_be_bytes(), (!count).to_be_bytes()];
        self.file
            .write_all_at(bytes.as_flattened(), (count % 2) * SECTOR)?;
        self.file.sync_all()?;
        self.count = count;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_write_leaves_the_number_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut mark = Mark::open(folder.path()).unwrap();
        assert_eq!(mark.count(), 0);
        for count in 1..6 {
            mark.advance(count).unwrap();
            assert_eq!(Mark::open(folder.path()).unwrap().count(), count);
        }
        for torn in 0..16 {
            let file = OpenOptions::new()
                .write(true)
                .open(folder.path().join(NAME))
                .unwrap();
            file.write_all_at(&[0xaa], SECTOR + torn).unwrap();
            assert_eq!(Mark::open(folder.path()).unwrap().count(), 4);
            Mark::open(folder.path()).unwrap().advance(5).unwrap();
        }
    }
}
