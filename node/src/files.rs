//! Atomic writes of the node's files, secrets that only their owner may read, and one command at a time in a directory.

use std::{
    fs::{self, File, Metadata, OpenOptions, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use data_encoding::HEXLOWER;
use hamsa_protocol::{
    crypto::hash::Secret,
    text::{self, TextError},
};
use hamsa_system::read;
use rustix::process::geteuid;
use zeroize::Zeroizing;

/// Bits of a mode that let others read or write.
const OTHERS: u32 = 0o077;

/// What went wrong with a file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum NodeFileError {
    /// The system refused.
    #[error("could not {action} {}: {source}; {}", path.display(), advice(source, path))]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A text in another encoding.
    #[error("{}, {reason}", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The line, and why.
        reason: TextError,
    },
    /// Others can read a secret.
    #[error("{} can be read by other users of this machine; run `chmod 600 {}`", .0.display(), .0.display())]
    Readable(PathBuf),
    /// Something else is there.
    #[error("{} exists and is no earlier file of this command for the same one: it was left as it is; choose another path, or move that file away", .0.display())]
    Taken(PathBuf),
    /// A link that another user made, or a loop of links.
    #[error("{} is a link that another user made, or leads in a circle: it was not followed; remove it", .0.display())]
    Planted(PathBuf),
    /// Another command holds the lock.
    #[error("another command is changing {} and has not ended within {} s: nothing was changed; wait until it has ended, or stop it, and give this command again", .0.display(), LOCK_WAIT.as_secs())]
    InUse(PathBuf),
    /// A key of another length.
    #[error("{} is not a key of this node: expected 32 bytes, got {got}; put back a copy of it", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// Bytes.
        got: usize,
    },
}

/// What to do about a file that could not be used.
fn advice(error: &io::Error, path: &Path) -> String {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => None,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some("free some space, then try again"),
        io::ErrorKind::ReadOnlyFilesystem => Some("make that disk writable, or choose another place"),
        io::ErrorKind::NotFound => {
            Some("check that the path exists: make the folder first, or put back a copy of what was there")
        }
        io::ErrorKind::IsADirectory | io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge => {
            Some("check the path: a file belongs there")
        }
        io::ErrorKind::TimedOut => Some("check the command that should write into it"),
        _ => Some("check that the path exists and that this user may use it"),
    };
    if let Some(advice) = advice {
        return advice.to_owned();
    }
    let me = geteuid();
    format!(
        "this is user {me}. If a command was run as another user, give the files back: `chown -R {me} {}` as root",
        folder_of(path).display()
    )
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> NodeFileError {
    let path = path.to_owned();
    move |source| NodeFileError::Io { action, path, source }
}

/// Whether something is at a path. What this user may not look at is not said to be missing.
pub(crate) fn is_there(path: &Path) -> Result<bool, NodeFileError> {
    path.try_exists().map_err(io("look at", path))
}

/// What a file held before a command changed it: put back when the command fails later.
#[derive(Debug)]
pub(crate) struct FileBefore {
    path: PathBuf,
    bytes: Option<Vec<u8>>,
}

impl FileBefore {
    pub(crate) fn of(path: &Path) -> Result<Self, NodeFileError> {
        Ok(Self {
            path: path.to_owned(),
            bytes: read_if_there(path)?,
        })
    }

    /// Undoes a change, unless the file is not any more as this command wrote it.
    pub(crate) fn put_back(self, written: &[u8]) -> Result<(), NodeFileError> {
        if read_if_there(&self.path)?.as_deref() != Some(written) {
            return Ok(());
        }
        match self.bytes {
            Some(bytes) => write_whole(&self.path, &bytes, 0o600),
            None => fs::remove_file(&self.path).map_err(io("remove", &self.path)),
        }
    }
}

/// Most links that are followed to a file; more is a loop.
const LINKS_MAX: usize = 8;

/// Replaces a file of this program atomically: after a power cut there is the old one or the new one.
///
/// The new file is made under a random name in the same folder, so that a planted link is not followed. It has the owner
/// and the mode of the file that it replaces. A new file of root, or one that replaces a file of root, belongs to the
/// owner of the folder: so a command that runs as root takes no files away from a service. Where the path is a link, the
/// file behind it is replaced and the link stays.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> Result<(), NodeFileError> {
    let target = behind_links(path)?;
    let folder = folder_of(&target);
    let old = match fs::symlink_metadata(&target) {
        Ok(old) if !old.is_file() => {
            return Err(NodeFileError::Taken(path.to_owned()));
        }
        Ok(old) => Some(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(io("read", &target)(error)),
    };
    let (temporary, mut file) = create_beside(&target)?;
    let mut fill = || {
        give_owner(&file, old.as_ref(), folder).map_err(io("give an owner to", &temporary))?;
        let mode = old.as_ref().map_or(mode, |old| old.mode() & 0o777);
        file.set_permissions(Permissions::from_mode(mode))
            .map_err(io("set the mode of", &temporary))?;
        file.write_all(bytes).map_err(io("write", &temporary))?;
        file.sync_all().map_err(io("sync", &temporary))?;
        fs::rename(&temporary, &target).map_err(io("replace", path))
    };
    fill().inspect_err(|_| drop(fs::remove_file(&temporary)))?;
    let opened = File::open(folder).map_err(io("open", folder))?;
    opened.sync_all().map_err(io("sync", folder))
}

/// Writes to a path that the operator chose. An existing file is replaced only if `own` recognizes it as an earlier one
/// of the same kind.
pub(crate) fn write_out(
    path: &Path,
    bytes: &[u8],
    mode: u32,
    own: impl Fn(&[u8]) -> bool,
) -> Result<(), NodeFileError> {
    check_out(path, own)?;
    write_whole(path, bytes, mode)
}

/// Whether [`write_out`] may write there, in a folder that is there. To be called before anything is signed.
pub(crate) fn check_out(path: &Path, own: impl Fn(&[u8]) -> bool) -> Result<(), NodeFileError> {
    let taken = || NodeFileError::Taken(path.to_owned());
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = folder_of(path);
            fs::metadata(folder).map_err(io("write into", folder)).map(drop)
        }
        Err(error) => Err(io("read", path)(error)),
        // Reading a device or a pipe might never end.
        Ok(there) if !there.is_file() => Err(taken()),
        Ok(_) if own(&read(path)?) => Ok(()),
        Ok(_) => Err(taken()),
    }
}

/// The file behind the links of a path. A link of another user is followed only to a file of the owner of that link.
fn behind_links(path: &Path) -> Result<PathBuf, NodeFileError> {
    let mut target = path.to_owned();
    for _ in 0..LINKS_MAX {
        let link = match fs::symlink_metadata(&target) {
            Ok(link) if link.is_symlink() => link,
            _ => return Ok(target),
        };
        let to = fs::read_link(&target).map_err(io("follow", &target))?;
        let next = folder_of(&target).join(to);
        let owner = match fs::symlink_metadata(&next) {
            Ok(there) => there.uid(),
            Err(_) => fs::metadata(folder_of(&next))
                .map_err(io("follow", &target))?
                .uid(),
        };
        if link.uid() != geteuid().as_raw() && link.uid() != owner {
            return Err(NodeFileError::Planted(target));
        }
        target = next;
    }
    Err(NodeFileError::Planted(target))
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn create_beside(target: &Path) -> Result<(PathBuf, File), NodeFileError> {
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random)
        .map_err(|error| io("draw randomness for", target)(io::Error::other(error)))?;
    let temporary = folder_of(target).join(format!(".{}.new", HEXLOWER.encode(&random)));
    // `create_new` is O_EXCL: no existing file or link is opened.
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .map_err(io("create", &temporary))?;
    Ok((temporary, file))
}

/// Whether files can be written into a folder: the disk may be full or read-only.
pub(crate) fn try_to_write(folder: &Path) -> Result<(), NodeFileError> {
    let (temporary, mut file) = create_beside(&folder.join("new"))?;
    let written = file.write_all(&[0; 64]).and_then(|()| file.sync_all());
    let removed = fs::remove_file(&temporary);
    written.and(removed).map_err(io("write into", folder))
}

/// Gives a new file the owner that it should have.
fn give_owner(file: &File, old: Option<&Metadata>, folder: &Path) -> io::Result<()> {
    let root = geteuid().is_root();
    let (uid, gid) = match old {
        Some(old) if !(root && old.uid() == 0) => (old.uid(), old.gid()),
        None if !root => return Ok(()),
        _ => {
            let folder = fs::metadata(folder)?;
            (folder.uid(), folder.gid())
        }
    };
    let now = file.metadata()?;
    if (now.uid(), now.gid()) == (uid, gid) {
        return Ok(());
    }
    match std::os::unix::fs::fchown(file, Some(uid), Some(gid)) {
        // Not root: a file of another user becomes this user's, which may replace files in this folder.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && !root => Ok(()),
        other => other,
    }
}

/// Most files that a check of owners looks at.
const CHECKED_FILES: usize = 100_000;

/// Files below a directory that belong to another user than it does, and keys that others can read, in words.
pub(crate) fn check_owners(directory: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let Ok(owner) = fs::metadata(directory).map(|there| there.uid()) else {
        return vec![format!("{} cannot be read", directory.display())];
    };
    let me = geteuid();
    if !me.is_root() && me.as_raw() != owner {
        wrong.push(format!(
            "{} belongs to user {owner} and this is user {me}: run this as that user, or `chown -R {me} {}` as root",
            directory.display(),
            directory.display(),
        ));
    }
    let mut folders = vec![directory.to_owned()];
    let (mut seen, mut strange) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            wrong.push(format!("{} cannot be read by user {me}", folder.display()));
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            seen += 1;
            if seen > CHECKED_FILES {
                break;
            }
            let Ok(there) = fs::symlink_metadata(&path) else {
                continue;
            };
            if there.uid() != owner {
                strange.push((path.clone(), there.uid()));
            }
            if there.is_dir() {
                folders.push(path);
            }
        }
    }
    strange.sort();
    if let Some((path, uid)) = strange.first() {
        wrong.push(format!(
            "{} and {} more belong to user {uid}, while {} belongs to user {owner}: the node could not use them; run `chown -R {owner} {}` as root",
            path.display(),
            strange.len() - 1,
            directory.display(),
            directory.display()
        ));
    }
    wrong
}

/// Renames a damaged file to the first free name of `FILE.damaged-1`, `-2` …, and returns it.
pub(crate) fn put_aside(path: &Path) -> Result<PathBuf, NodeFileError> {
    let mut number = 1_u64;
    let aside = loop {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".damaged-{number}"));
        let name = PathBuf::from(name);
        if !name.exists() {
            break name;
        }
        number += 1;
    };
    fs::rename(path, &aside).map_err(io("put aside", path))?;
    Ok(aside)
}

/// Most bytes that are read of a file: an association.toml of ten thousand certificates is a sixth of it.
const FILE_MAX: u64 = 64 * 1_024 * 1_024;

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, NodeFileError> {
    read::file(path, FILE_MAX).map_err(io("read", path))
}

/// Reads a text file of any system; see [`text::decode`].
pub(crate) fn read_text(path: &Path) -> Result<String, NodeFileError> {
    as_text(path, &read(path)?)
}

/// As [`read_text`], of what is handed over once: a pipe will do.
pub(crate) fn read_given_text(path: &Path) -> Result<String, NodeFileError> {
    as_text(path, &read::given(path, GIVEN_MAX).map_err(io("read", path))?)
}

/// Most bytes of a text that is handed over: settings are the largest, and a tenth of it.
const GIVEN_MAX: u64 = 1_024 * 1_024;

/// The text of a file that was read.
pub(crate) fn as_text(path: &Path, bytes: &[u8]) -> Result<String, NodeFileError> {
    text::decode(bytes).map_err(|reason| NodeFileError::NotText {
        path: path.to_owned(),
        reason,
    })
}

pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, NodeFileError> {
    match read::file(path, FILE_MAX) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io("read", path)(error)),
    }
}

pub(crate) fn make_folder(path: &Path) -> Result<(), NodeFileError> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(io("create", path))
}

pub(crate) fn open_folder(path: &Path) -> Result<File, NodeFileError> {
    File::open(path).map_err(io("open", path))
}

/// Opens a file to lock it. One of root belongs to the owner of the folder, as what [`write_whole`] writes.
pub(crate) fn open_lock(path: &Path) -> Result<File, NodeFileError> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(io("open", path))?;
    give_owner(&file, None, folder_of(path)).map_err(io("give an owner to", path))?;
    Ok(file)
}

/// How long a command waits for another one that changes the same directory: each writes a few small files, which a slow
/// disk does within seconds.
const LOCK_WAIT: Duration = Duration::from_secs(10);
/// How often it looks: a command holds the lock for some milliseconds.
const LOCK_POLL: Duration = Duration::from_millis(10);

/// Held by a command from its reading of a directory to its last write there. The system releases it when the process
/// ends, however that happens.
#[derive(Debug)]
pub(crate) struct ChangeLock(#[expect(dead_code, reason = "held, not read")] File);

/// Waits until no other command changes the directory whose lock file this is, and keeps others out.
///
/// # Errors
/// [`NodeFileError::InUse`] after ten seconds.
pub(crate) fn lock_changes(path: &Path) -> Result<ChangeLock, NodeFileError> {
    lock_within(path, LOCK_WAIT)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command that waits for another one has nothing else to do"
)]
fn lock_within(path: &Path, wait: Duration) -> Result<ChangeLock, NodeFileError> {
    let (file, begin) = (open_lock(path)?, Instant::now());
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(ChangeLock(file)),
            Err(TryLockError::WouldBlock) if begin.elapsed() < wait => sleep(LOCK_POLL),
            Err(TryLockError::WouldBlock) => return Err(NodeFileError::InUse(folder_of(path).to_owned())),
            Err(TryLockError::Error(source)) => return Err(io("lock", path)(source)),
        }
    }
}

/// Reads a key; refuses one that other users can read.
pub(crate) fn read_key(path: &Path) -> Result<Secret, NodeFileError> {
    let metadata = fs::metadata(path).map_err(io("read", path))?;
    if metadata.mode() & OTHERS != 0 {
        return Err(NodeFileError::Readable(path.to_owned()));
    }
    let bytes = Zeroizing::new(read(path)?);
    let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| NodeFileError::NotAKey {
        path: path.to_owned(),
        got: bytes.len(),
    })?;
    Ok(Zeroizing::new(key))
}

/// Makes a new key.
pub(crate) fn make_key(path: &Path) -> Result<(), NodeFileError> {
    let mut key = Zeroizing::new([0_u8; 32]);
    getrandom::fill(key.as_mut())
        .map_err(|error| io("draw randomness for", path)(io::Error::other(error)))?;
    write_whole(path, key.as_slice(), 0o600)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn write_out_replaces_only_its_own_kind() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let own = |bytes: &[u8]| bytes.starts_with(b"own");
        write_out(&out, b"own 1", 0o644, own).unwrap();
        write_out(&out, b"own 2", 0o644, own).unwrap();
        fs::write(&out, "a letter").unwrap();
        let error = write_out(&out, b"own 3", 0o644, own).unwrap_err().to_string();
        assert!(
            error.contains("out") && error.contains("choose another path"),
            "{error}"
        );
        assert_eq!(fs::read(&out).unwrap(), b"a letter");
        assert!(write_out(folder.path(), b"own", 0o644, own).is_err());
    }

    #[test]
    fn a_command_waits_for_another_one_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("changes.lock");
        let held = lock_changes(&path).unwrap();
        let error = lock_within(&path, LOCK_POLL * 3).unwrap_err().to_string();
        for words in [
            folder.path().to_str().unwrap(),
            "another command",
            "give this command again",
        ] {
            assert!(error.contains(words), "{error}");
        }
        let waits = std::thread::spawn(move || lock_changes(&path).map(drop));
        drop(held);
        waits.join().unwrap().unwrap();
    }

    #[test]
    fn what_may_not_be_looked_at_is_not_missing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink("b", at("a")).unwrap();
        symlink("a", at("b")).unwrap();
        assert!(!is_there(&at("none")).unwrap());
        assert!(
            is_there(&at("a/key"))
                .unwrap_err()
                .to_string()
                .contains("look at")
        );
        let denied = io("look at", &at("key"))(io::ErrorKind::PermissionDenied.into()).to_string();
        assert!(denied.contains("this is user"), "{denied}");
        let full = io("write", &at("key"))(io::ErrorKind::StorageFull.into()).to_string();
        assert!(
            full.contains("free some space") && !full.contains("this user"),
            "{full}"
        );
    }

    #[test]
    fn what_a_file_held_is_put_back_unless_it_changed_since() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("old"), "good").unwrap();
        for (name, left) in [("old", Some("good")), ("new", None)] {
            let before = FileBefore::of(&at(name)).unwrap();
            fs::write(at(name), "refused").unwrap();
            before.put_back(b"refused").unwrap();
            assert_eq!(fs::read_to_string(at(name)).ok().as_deref(), left);
            let before = FileBefore::of(&at(name)).unwrap();
            fs::write(at(name), "another command's").unwrap();
            before.put_back(b"refused").unwrap();
            assert_eq!(fs::read(at(name)).unwrap(), b"another command's");
        }
        let error = check_out(&at("none/out"), |_| true).unwrap_err().to_string();
        assert!(error.contains("none") && error.contains("folder"), "{error}");
    }

    #[test]
    fn write_whole_keeps_mode_and_link() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("git")).unwrap();
        fs::write(at("git/file"), "old").unwrap();
        fs::set_permissions(at("git/file"), Permissions::from_mode(0o640)).unwrap();
        symlink("git/file", at("file")).unwrap();
        fs::write(at("victim"), "mine").unwrap();
        symlink(at("victim"), at("file.new")).unwrap();
        symlink(at("victim"), at("git/file.new")).unwrap();
        write_whole(&at("file"), b"new", 0o600).unwrap();
        assert!(fs::symlink_metadata(at("file")).unwrap().is_symlink());
        assert_eq!(fs::read(at("git/file")).unwrap(), b"new");
        assert_eq!(fs::metadata(at("git/file")).unwrap().mode() & 0o777, 0o640);
        assert_eq!(fs::read(at("victim")).unwrap(), b"mine");
        assert_eq!(
            fs::read_dir(at("git")).unwrap().count(),
            2,
            "nothing is left over"
        );
        symlink("b", at("a")).unwrap();
        symlink("a", at("b")).unwrap();
        assert!(write_whole(&at("a"), b"new", 0o600).is_err());
    }

    #[test]
    fn files_of_root_get_the_owner_of_the_folder() {
        if !geteuid().is_root() {
            return println!("skipped: this needs root");
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::os::unix::fs::chown(folder.path(), Some(1_500), Some(1_501)).unwrap();
        for _ in 0..2 {
            write_whole(&file, b"new", 0o600).unwrap();
            let there = fs::metadata(&file).unwrap();
            assert_eq!((there.uid(), there.gid()), (1_500, 1_501));
        }
        assert_eq!(check_owners(folder.path()), Vec::<String>::new());
        std::os::unix::fs::chown(&file, Some(0), Some(0)).unwrap();
        let wrong = check_owners(folder.path()).join("");
        assert!(wrong.contains("chown -R 1500"), "{wrong}");
        // A link that the service's user planted is not root's to follow.
        let victim = tempfile::NamedTempFile::new().unwrap();
        let link = folder.path().join("link");
        symlink(victim.path(), &link).unwrap();
        std::os::unix::fs::lchown(&link, Some(1_500), Some(1_500)).unwrap();
        assert!(matches!(
            write_whole(&link, b"new", 0o600),
            Err(NodeFileError::Planted(_))
        ));
    }
}
