//! Paths and names on the disk. Nothing here reads or writes an item.
//!
//! | path | what |
//! |---|---|
//! | `mail/FORMAT` | what wrote it; a newer one is refused |
//! | `mail/lock` | held by the process that uses it |
//! | `mail/reserve` | room set aside, so that deleting works on a full disk too |
//! | `mail/2026-11-25/` | what expires on that day: sled's files, and `mark` |
//! | `mail/damaged-2026-11-25-1/` | a day that could not be read, put aside until its day has passed |
//! | `mail/forgotten-2026-11-25/` | a day that is just being removed |
//! | `keys/mail/2026-11-25.key` | the key of that day; never part of a backup |

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hamsa_protocol::home::store::Day;
use jiff::{ToSpan, civil::Date};

use super::MailDiskError;
use crate::files;

/// Version of everything in these folders.
const FORMAT: u32 = 1;
const FORMAT_PREFIX: &str = "hamsa mail ";
/// The last day that a name can be made for: 9999-12-31.
const LAST_DAY: u32 = 2_932_896;

/// Where a node's mail lies.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    mail: PathBuf,
    keys: PathBuf,
}

/// What a name in the mail folder says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FolderEntry {
    /// A day in use.
    Day(Day),
    /// A day put aside, with its number.
    Damaged(Day, u32),
    /// A day whose removal was begun.
    Forgotten(Day),
}

/// `2026-11-25`.
pub(super) fn date(day: Day) -> Option<String> {
    if day.0 > LAST_DAY {
        return None;
    }
    let days = i64::from(day.0).days();
    Date::constant(1970, 1, 1)
        .checked_add(days)
        .ok()
        .map(|date| date.to_string())
}

fn parse_date(text: &str) -> Option<Day> {
    let date: Date = text.parse().ok()?;
    let days = Date::constant(1970, 1, 1).until(date).ok()?.get_days();
    let day = Day(u32::try_from(days).ok()?);
    // Only the canonical form: another spelling would be a second name for the same day.
    (self::date(day)? == text).then_some(day)
}

impl FolderEntry {
    fn parse(name: &str) -> Option<Self> {
        if let Some(rest) = name.strip_prefix("damaged-") {
            let (date, number) = rest.rsplit_once('-')?;
            return Some(Self::Damaged(parse_date(date)?, number.parse().ok()?));
        }
        if let Some(date) = name.strip_prefix("forgotten-") {
            return parse_date(date).map(Self::Forgotten);
        }
        parse_date(name).map(Self::Day)
    }
}

impl Layout {
    /// The places in a node's directory.
    pub(super) fn new(directory: &Path) -> Self {
        Self {
            mail: directory.join("mail"),
            keys: directory.join("keys").join("mail"),
        }
    }

    pub(super) fn mail(&self) -> &Path {
        &self.mail
    }

    pub(super) fn keys(&self) -> &Path {
        &self.keys
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.mail.join("lock")
    }

    pub(super) fn reserve(&self) -> PathBuf {
        self.mail.join("reserve")
    }

    fn format(&self) -> PathBuf {
        self.mail.join("FORMAT")
    }

    /// Where a day lies; `None` for a day beyond all calendars.
    pub(super) fn day(&self, day: Day) -> Option<PathBuf> {
        Some(self.mail.join(date(day)?))
    }

    /// Where its key lies.
    pub(super) fn key(&self, day: Day) -> Option<PathBuf> {
        Some(self.keys.join(format!("{}.key", date(day)?)))
    }

    /// Where a day is while it is removed.
    pub(super) fn forgotten(&self, day: Day) -> Option<PathBuf> {
        Some(self.mail.join(format!("forgotten-{}", date(day)?)))
    }

    /// A free name to put a day aside under.
    pub(super) fn damaged(&self, day: Day) -> Option<PathBuf> {
        let date = date(day)?;
        (1..u32::MAX)
            .map(|number| self.mail.join(format!("damaged-{date}-{number}")))
            .find(|path| !path.exists())
    }

    /// What lies there now.
    pub(super) fn entries(&self) -> io::Result<Vec<(FolderEntry, PathBuf)>> {
        let mut entries = Vec::new();
        for found in fs::read_dir(&self.mail)? {
            let found = found?;
            let entry = found.file_name().to_str().and_then(FolderEntry::parse);
            entries.extend(entry.map(|entry| (entry, found.path())));
        }
        entries.sort_by(|(_, a), (_, b)| a.cmp(b));
        Ok(entries)
    }

    /// The days that have a key, and what a crash left of keys that were never used.
    pub(super) fn key_files(&self) -> io::Result<Vec<(Option<Day>, PathBuf)>> {
        let mut keys = Vec::new();
        for found in fs::read_dir(&self.keys)? {
            let found = found?;
            let name = found.file_name();
            let name = name.to_str().unwrap_or_default();
            if name.ends_with(".key.new") {
                keys.push((None, found.path()));
            } else if let Some(day) = name
                .strip_suffix(".key")
                .or_else(|| name.strip_suffix(".key.damaged"))
                .and_then(parse_date)
            {
                keys.push((Some(day), found.path()));
            }
        }
        Ok(keys)
    }

    /// Makes the folders where they are missing, durably.
    pub(super) fn make(&self) -> Result<(), MailDiskError> {
        for folder in [&self.keys, &self.mail] {
            files::make_folder(folder)?;
            // Their names must be as durable as what will lie in them.
            for above in folder.ancestors().skip(1).take(2) {
                if above.is_dir() {
                    sync_folder(above).map_err(|source| MailDiskError::disk("sync", above, source))?;
                }
            }
        }
        Ok(())
    }

    /// What is wrong with a folder, without touching it.
    pub(super) fn complaint(&self, entry: FolderEntry, path: &Path) -> Option<String> {
        match entry {
            FolderEntry::Day(day) => {
                let key = self.key(day)?;
                match files::read_key(&key) {
                    Ok(_) => None,
                    Err(error) => Some(format!(
                        "the key of {} is needed to read it: {error}",
                        path.display()
                    )),
                }
            }
            FolderEntry::Damaged(..) => Some(format!(
                "{} was damaged and put aside; check this disk. It goes by itself after its day, or remove it now",
                path.display()
            )),
            // The next start ends it.
            FolderEntry::Forgotten(_) => None,
        }
    }

    /// Reads what wrote this, or writes that we do.
    pub(super) fn check_format(&self, write: bool) -> Result<(), MailDiskError> {
        let path = self.format();
        let Some(bytes) = files::read_if_there(&path)? else {
            if write {
                files::write_whole(&path, format!("{FORMAT_PREFIX}{FORMAT}\n").as_bytes(), 0o600)?;
            }
            return Ok(());
        };
        let version = String::from_utf8_lossy(&bytes)
            .trim_end()
            .strip_prefix(FORMAT_PREFIX)
            .and_then(|version| version.parse::<u32>().ok());
        match version {
            Some(FORMAT) => Ok(()),
            Some(found) if found > FORMAT => Err(MailDiskError::Newer {
                path,
                found,
                known: FORMAT,
            }),
            _ => Err(MailDiskError::Format {
                path,
                remedy: format!("{FORMAT_PREFIX}{FORMAT}"),
            }),
        }
    }
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_name() {
        assert_eq!(date(Day(0)).unwrap(), "1970-01-01");
        assert_eq!(date(Day(20_782)).unwrap(), "2026-11-25");
        assert_eq!(date(Day(LAST_DAY)).unwrap(), "9999-12-31");
        assert_eq!(date(Day(LAST_DAY + 1)), None);
        assert_eq!(date(Day(u32::MAX)), None);
        for day in [0, 58, 59, 60, 11_016, 20_782, LAST_DAY] {
            assert_eq!(parse_date(&date(Day(day)).unwrap()), Some(Day(day)));
        }
        for other in [
            "20261125",
            "2026-11-25T00",
            "1969-12-31",
            "+002026-11-25",
            "2026-2-3",
            "",
        ] {
            assert_eq!(parse_date(other), None, "{other}");
        }
    }

    #[test]
    fn unknown_names_are_ignored() {
        let day = Day(20_782);
        assert_eq!(FolderEntry::parse("2026-11-25"), Some(FolderEntry::Day(day)));
        assert_eq!(
            FolderEntry::parse("damaged-2026-11-25-12"),
            Some(FolderEntry::Damaged(day, 12))
        );
        assert_eq!(
            FolderEntry::parse("forgotten-2026-11-25"),
            Some(FolderEntry::Forgotten(day))
        );
        for other in [
            "FORMAT",
            "lock",
            "damaged-2026-11-25",
            "2026-11-25.old",
            "lost+found",
        ] {
            assert_eq!(FolderEntry::parse(other), None, "{other}");
        }
    }
}
