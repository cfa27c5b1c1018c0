//! Reading a file that somebody named. What the path leads to is looked at before it is opened and again afterwards, no
//! opening waits, and every reading has an end: a folder, a device, a socket or a file without end is refused.
//!
//! - [`file()`] is for what lies on a disk and is read again, such as a vault.
//! - [`given`] is for what is handed over once, such as a passphrase or a certificate: it takes a pipe too, as
//!   `<(…)` and `/dev/stdin` are.
//!
//! What is refused has an [`io::ErrorKind`] of its own: `IsADirectory`, `InvalidInput` (no file), `FileTooLarge`,
//! `TimedOut` (a pipe out of which nothing came).

use std::{
    fs::{self, File, FileType, OpenOptions},
    io::{self, ErrorKind, Read},
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::Path,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
};

/// How long a pipe may take: what writes into it may be a password manager that asks for its own passphrase first.
const PIPE_WAIT: Duration = Duration::from_secs(120);

/// Whether a file that can be read later is at a path, behind links too.
///
/// # Errors
/// [`ErrorKind::NotFound`] where nothing is; another one for what is no file, and for what this user may not look at.
pub fn look(path: &Path) -> io::Result<()> {
    is_good(fs::metadata(path)?.file_type(), false)
}

/// Reads a file of at most so many bytes.
///
/// # Errors
/// The system's, and those of the module.
pub fn file(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read(path, most, false)
}

/// Reads a file or a pipe of at most so many bytes.
///
/// # Errors
/// The system's, and those of the module.
pub fn given(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read(path, most, true)
}

fn is_good(kind: FileType, pipes: bool) -> io::Result<()> {
    if kind.is_file() || (pipes && kind.is_fifo()) {
        Ok(())
    } else if kind.is_dir() {
        Err(io::Error::new(
            ErrorKind::IsADirectory,
            "it is a folder, not a file",
        ))
    } else {
        Err(io::Error::new(
            ErrorKind::InvalidInput,
            "it is no file, but a device, a socket or a pipe",
        ))
    }
}

fn read(path: &Path, most: u64, pipes: bool) -> io::Result<Vec<u8>> {
    // To open a device may do something to it.
    is_good(fs::metadata(path)?.file_type(), pipes)?;
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let about = file.metadata()?;
    is_good(about.file_type(), pipes)?;
    if about.file_type().is_fifo() {
        return pipe(&file, most, PIPE_WAIT);
    }
    if about.len() > most {
        return Err(too_large(most));
    }
    // All at once: a buffer that grows would leave copies of a secret behind.
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default() + 1);
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    bounded(bytes, most)
}

/// Reads a pipe to its end. One that nobody writes into is at its end.
fn pipe(mut file: &File, most: u64, wait: Duration) -> io::Result<Vec<u8>> {
    let until = Instant::now() + wait;
    let nothing = || io::Error::new(ErrorKind::TimedOut, "nothing came out of the pipe");
    let most_len = usize::try_from(most).unwrap_or(usize::MAX);
    let mut bytes = vec![0; most_len.saturating_add(1)];
    let mut filled = 0;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) if filled == 0 => return Err(nothing()),
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(nothing());
                }
                let left = Timespec::try_from(left).map_err(io::Error::other)?;
                match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&left)) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    bounded(bytes, most)
}

fn bounded(bytes: Vec<u8>, most: u64) -> io::Result<Vec<u8>> {
    if u64::try_from(bytes.len()).is_ok_and(|len| len <= most) {
        Ok(bytes)
    } else {
        Err(too_large(most))
    }
}

fn too_large(most: u64) -> io::Error {
    io::Error::new(
        ErrorKind::FileTooLarge,
        format!("it has more than the {most} bytes that are read"),
    )
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        os::{
            fd::AsRawFd,
            unix::{fs::symlink, net::UnixListener},
        },
        thread,
    };

    use rustix::fs::{CWD, FileType as Kind, Mode, mknodat};

    use super::*;

    fn kind(result: io::Result<impl Sized>) -> ErrorKind {
        result.map(drop).unwrap_err().kind()
    }

    /// A folder with one of each kind in it.
    fn kinds() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), b"salam\n").unwrap();
        fs::create_dir(at("folder")).unwrap();
        symlink("file", at("link")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        mknodat(CWD, at("fifo"), Kind::Fifo, Mode::RWXU, 0).unwrap();
        drop(UnixListener::bind(at("socket")).unwrap());
        folder
    }

    #[test]
    fn only_files_are_read_and_nothing_waits() {
        let folder = kinds();
        let at = |name: &str| folder.path().join(name);
        for read in [file, given] {
            assert_eq!(read(&at("file"), 6).unwrap(), b"salam\n");
            assert_eq!(read(&at("link"), 6).unwrap(), b"salam\n");
            assert_eq!(kind(read(&at("file"), 5)), ErrorKind::FileTooLarge);
            assert_eq!(kind(read(&at("none"), 5)), ErrorKind::NotFound);
            assert_eq!(kind(read(&at("dangling"), 5)), ErrorKind::NotFound);
            assert_eq!(kind(read(&at("folder"), 5)), ErrorKind::IsADirectory);
            assert_eq!(kind(read(&at("socket"), 5)), ErrorKind::InvalidInput);
            assert_eq!(kind(read(Path::new("/dev/zero"), 5)), ErrorKind::InvalidInput);
        }
        // Nobody writes into it.
        assert_eq!(kind(file(&at("fifo"), 5)), ErrorKind::InvalidInput);
        assert_eq!(kind(given(&at("fifo"), 5)), ErrorKind::TimedOut);
        assert!(look(&at("link")).is_ok());
        assert_eq!(kind(look(&at("fifo"))), ErrorKind::InvalidInput);
        assert_eq!(kind(look(&at("dangling"))), ErrorKind::NotFound);
        // Its length is not told.
        assert!(file(Path::new("/proc/self/status"), 1 << 16).unwrap().len() > 100);
    }

    #[test]
    fn a_pipe_is_read_to_its_end_and_no_further() {
        let (reader, mut writer) = io::pipe().unwrap();
        let path = format!("/proc/self/fd/{}", reader.as_raw_fd());
        let write = thread::spawn(move || {
            for piece in ["a long ", "passphrase", "\n"] {
                writer.write_all(piece.as_bytes()).unwrap();
                thread::yield_now();
            }
        });
        assert_eq!(given(Path::new(&path), 64).unwrap(), b"a long passphrase\n");
        write.join().unwrap();
        // It is at its end now.
        assert_eq!(kind(given(Path::new(&path), 64)), ErrorKind::TimedOut);
        // A writer that says nothing, and one that says too much.
        let (reader, mut writer) = io::pipe().unwrap();
        rustix::io::ioctl_fionbio(&reader, true).unwrap();
        let reader = File::from(std::os::fd::OwnedFd::from(reader));
        assert_eq!(
            kind(pipe(&reader, 4, Duration::from_millis(5))),
            ErrorKind::TimedOut
        );
        writer.write_all(b"12345").unwrap();
        assert_eq!(kind(pipe(&reader, 4, PIPE_WAIT)), ErrorKind::FileTooLarge);
    }
}
