//! Atomic writes: a file is written whole or not at all, and never over a file that is not ours.
//!
//! The bytes go into a new file in the same folder, under a random name. It is synced, then renamed to the path. A link
//! that was planted under a guessed name is not followed, and the old file stands until the rename.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, RenameFlags, renameat_with};

/// Random bytes in the name of a file that is being written.
const NAME_LEN: usize = 8;
/// Bits of a mode that are kept when a file is replaced.
const MODE: u32 = 0o7777;
/// Bits of the owner.
const OWNER: u32 = 0o700;
/// The mode of a secret.
pub const SECRET: u32 = 0o600;

/// The folder a file lies in.
#[must_use]
pub fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The path behind symbolic links, so that replacing a file does not replace the link to it.
#[must_use]
pub fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether both paths lead to one file. A file that does not exist yet is known by its folder and name.
#[must_use]
pub fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => place(a) == place(b),
    }
}

/// The folder behind every link, and the name in it.
fn place(path: &Path) -> PathBuf {
    // A dangling link stands for the file that it names.
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(target) = fs::read_link(&path) else { break };
        path = folder(&path).join(target);
    }
    real(folder(&path)).join(path.file_name().unwrap_or_default())
}

/// The most links that are followed: as many as Linux follows.
const LINKS_MAX: usize = 40;

/// Creates a file with this mode where nothing exists.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when something exists there, a dangling link included; else the system's error.
/// Nothing was overwritten.
pub fn create(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let beside = Beside::write(path, bytes, |file| {
        file.set_permissions(fs::Permissions::from_mode(mode))
    })?;
    match renameat_with(CWD, &beside.0, CWD, path, RenameFlags::NOREPLACE) {
        // Not every file system knows this flag. A hard link refuses an existing file as well.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP) => {
            fs::hard_link(&beside.0, path)?;
        }
        other => other?,
    }
    sync_folder(path)
}

/// Replaces a file. Links to it lead to the new one, which has the old one's owner and mode. Where no file exists, one
/// with `mode` is created.
///
/// # Errors
/// The system's error. The old file is unchanged, unless only the sync of the folder failed.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    put(path, bytes, mode, MODE)
}

/// As [`replace`], for a secret: the new file drops all permissions of others that the old one had.
///
/// # Errors
/// As [`replace`].
pub fn replace_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    put(path, bytes, SECRET, SECRET)
}

/// `mode` of a new file, and the `most` that is kept of an old one's.
fn put(path: &Path, bytes: &[u8], mode: u32, most: u32) -> io::Result<()> {
    let path = real(path);
    let old = match fs::symlink_metadata(&path) {
        Ok(old) if old.is_file() => old,
        Ok(_) => return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return create(&path, bytes, mode),
        Err(error) => return Err(error),
    };
    let beside = Beside::write(&path, bytes, |file| {
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            // The group first: without the right to change the owner, the group may still be one of ours.
            let group = fchown(file, None, Some(old.gid()));
            let owner = fchown(file, Some(old.uid()), None);
            // With another owner, the old owner could not read the file any more.
            if new.uid() != old.uid() {
                owner?;
            }
            // Another group must not read what only the old one could read.
            if group.is_err() {
                return file.set_permissions(fs::Permissions::from_mode(old.mode() & most & OWNER));
            }
        }
        file.set_permissions(fs::Permissions::from_mode(old.mode() & most))
    })?;
    fs::rename(&beside.0, &path)?;
    sync_folder(&path)
}

/// Removes what an interrupted replacement of this file left beside it. The caller MUST hold a lock that every writer of
/// the file holds: a file that is being written looks the same.
pub fn sweep(path: &Path) {
    let path = real(path);
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return;
    };
    let ours = |beside: &str| {
        let random = beside
            .strip_prefix(name)?
            .strip_prefix('.')?
            .strip_suffix(".new")?;
        let good = random.len() == 2 * NAME_LEN && random.bytes().all(|byte| byte.is_ascii_hexdigit());
        good.then_some(())
    };
    for entry in fs::read_dir(folder(&path)).into_iter().flatten().flatten() {
        let named = entry.file_name().to_str().and_then(ours).is_some();
        if named && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

/// A file that is being written; removed when this is dropped before the rename.
struct Beside(PathBuf);

impl Beside {
    fn write(path: &Path, bytes: &[u8], finish: impl FnOnce(&File) -> io::Result<()>) -> io::Result<Self> {
        let mut random = [0_u8; NAME_LEN];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let random: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{random}.new"));
        let beside = path.with_file_name(name);
        // O_EXCL: no existing file or link is opened.
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(SECRET)
            .open(&beside)?;
        let beside = Self(beside);
        file.write_all(bytes)?;
        finish(&file)?;
        file.sync_all()?;
        Ok(beside)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn create_never_overwrites() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        create(&at("a"), b"one", 0o600).unwrap();
        let again = create(&at("a"), b"two", 0o600).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        symlink(at("nowhere"), at("link")).unwrap();
        let link = create(&at("link"), b"two", 0o600).unwrap_err();
        assert_eq!(link.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(at("a")).unwrap(), b"one");
        assert_eq!(names(folder.path()), ["a", "link"]);
    }

    #[test]
    fn replace_keeps_links_and_mode_and_follows_no_planted_link() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a"), b"one").unwrap();
        fs::set_permissions(at("a"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("a", at("link")).unwrap();
        fs::write(at("victim"), b"mine").unwrap();
        symlink(at("victim"), at("a.new")).unwrap();
        replace(&at("link"), b"two", 0o600).unwrap();
        assert_eq!(fs::read(at("a")).unwrap(), b"two");
        assert_eq!(fs::metadata(at("a")).unwrap().mode() & MODE, 0o640);
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
        assert_eq!(fs::read(at("victim")).unwrap(), b"mine");
        assert_eq!(names(folder.path()), ["a", "a.new", "link", "victim"]);
        replace_secret(&at("link"), b"three").unwrap();
        assert_eq!(fs::metadata(at("a")).unwrap().mode() & MODE, SECRET);
    }

    #[test]
    fn sweep_removes_only_interrupted_writes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let others = [
            "a",
            "a.new",
            "a.0123.new",
            "b.0123456789abcdef.new",
            "a.0123456789abcdeg.new",
        ];
        for name in others.iter().chain(&["a.0123456789abcdef.new"]) {
            fs::write(at(name), name).unwrap();
        }
        sweep(&at("a"));
        let mut others = others;
        others.sort_unstable();
        assert_eq!(names(folder.path()), others);
    }

    #[test]
    fn replace_by_root_keeps_the_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, b"one").unwrap();
        if std::os::unix::fs::chown(&path, Some(65_534), Some(65_534)).is_err() {
            // Only root gives files away.
            return;
        }
        replace(&path, b"two", 0o600).unwrap();
        let about = fs::metadata(&path).unwrap();
        assert_eq!((about.uid(), about.gid()), (65_534, 65_534));
    }

    #[test]
    fn same_file_sees_through_links() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        symlink(at("sub"), at("linked")).unwrap();
        assert!(same_file(&at("sub/new"), &at("linked/new")));
        assert!(same_file(&at("sub/../new"), &at("new")));
        assert!(!same_file(&at("sub/new"), &at("new")));
        symlink("sub/new", at("points")).unwrap();
        assert!(same_file(&at("points"), &at("sub/new")));
        fs::write(at("sub/new"), b"x").unwrap();
        fs::hard_link(at("sub/new"), at("second")).unwrap();
        assert!(same_file(&at("second"), &at("linked/new")));
        assert!(same_file(&at("points"), &at("second")));
    }
}
