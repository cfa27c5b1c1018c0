//! A notebook on disk: made, opened, added to. Each change is a new file that takes the old one's place at once.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use hamsa_client::sealed::{self, Fault, Key, SealedKind, file};
use hamsa_protocol::{crypto::hash, text};
use hamsa_system::read;
use jiff::{Timestamp, tz::TimeZone};
use zeroize::Zeroizing;

use super::{
    book::{BOOK_MAX, NotebookContents, NotebookEntry, Original},
    date,
    error::NotebookError,
};
use crate::strength;

/// How a notebook's file begins.
pub(super) const NOTEBOOK: SealedKind = SealedKind {
    magic: b"HAMSANBK",
    version: 1,
    oldest: 1,
};
/// Most bytes that are read of a file that may be a notebook.
const READ_MAX: u64 = BOOK_MAX as u64 + sealed::OVERHEAD as u64;

/// Makes an empty notebook where nothing is.
pub(crate) fn create(path: &Path, passphrase: &str) -> Result<(), NotebookError> {
    let judged = text::passphrase(passphrase);
    if judged.is_empty() {
        return Err(NotebookError::NoPassphrase);
    }
    if let Some(weakness) = strength::weakness(&judged) {
        return Err(NotebookError::Weak(weakness));
    }
    // Said before a third of a second of Argon2; the file's own check decides.
    absent(path)?;
    let at = |fault| NotebookError::at(fault, path);
    let key = Key::new(&NOTEBOOK, passphrase).map_err(at)?;
    let bytes = sealed::seal(&NOTEBOOK, &key, NotebookContents::default().write(None)?).map_err(at)?;
    Ok(file::create(path, &bytes)?)
}

/// Opens a notebook.
pub(crate) fn open(path: &Path, passphrase: &str) -> Result<(Key, NotebookContents), NotebookError> {
    let at = |fault| NotebookError::at(fault, path);
    let bytes = file::read(path, READ_MAX)?;
    let opened = sealed::open_with(&NOTEBOOK, &bytes, passphrase).map_err(at)?;
    drop(bytes);
    let book = NotebookContents::read(opened.plain).ok_or_else(|| at(Fault::Damaged))?;
    Ok((opened.key, book))
}

/// Adds an entry with these files. The files stay where they are, as they are.
pub(crate) fn add(
    path: &Path,
    passphrase: &str,
    mut entry: NotebookEntry,
    files: &[PathBuf],
    zone: &TimeZone,
) -> Result<usize, NotebookError> {
    if !entry.fits() {
        return Err(NotebookError::TooLong);
    }
    let mut originals = Vec::new();
    for file in files {
        let (original, bytes) = original(file, zone)?;
        entry.originals.push(original);
        originals.push(bytes);
    }
    let lock = file::lock(path)?;
    let (key, book) = open(path, passphrase)?;
    let number = book.entries().len() + 1;
    let plain = book
        .write(Some((entry, originals)))
        .map_err(|error| match error {
            NotebookError::TooLarge(_) => NotebookError::TooLarge(path.to_owned()),
            other => other,
        })?;
    let bytes = sealed::seal(&NOTEBOOK, &key, plain).map_err(|fault| NotebookError::at(fault, path))?;
    file::replace(path, &bytes, &lock)?;
    Ok(number)
}

fn original(path: &Path, zone: &TimeZone) -> Result<(Original, Zeroizing<Vec<u8>>), NotebookError> {
    let about = fs::metadata(path).map_err(NotebookError::io("read", path))?;
    let bytes = read::file(path, BOOK_MAX as u64).map_err(|source| match source.kind() {
        ErrorKind::IsADirectory | ErrorKind::InvalidInput => NotebookError::NoFile(path.to_owned()),
        ErrorKind::FileTooLarge => NotebookError::TooLarge(path.to_owned()),
        _ => NotebookError::io("read", path)(source),
    })?;
    let bytes = Zeroizing::new(bytes);
    let modified = about.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
    let original = Original {
        name: name_of(path),
        modified: modified.map(|at| date::moment(at, zone)),
        length: bytes.len() as u64,
        sha256: hash::sha256(&[&bytes]),
    };
    Ok((original, bytes))
}

/// The name of a file as text: bytes that are not UTF-8 stay readable, as `%E9`.
fn name_of(path: &Path) -> String {
    let mut name = String::new();
    for chunk in path
        .file_name()
        .unwrap_or_default()
        .as_encoded_bytes()
        .utf8_chunks()
    {
        name.push_str(chunk.valid());
        for byte in chunk.invalid() {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name
}

/// Refuses a path where something is.
pub(crate) fn absent(path: &Path) -> Result<(), NotebookError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(NotebookError::Exists(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(NotebookError::io("look at", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use super::*;

    #[test]
    fn a_name_of_another_encoding_loses_no_byte() {
        let name = |bytes: &[u8]| name_of(Path::new(OsStr::from_bytes(bytes)));
        assert_eq!(name("/x/déjà.png".as_bytes()), "déjà.png");
        assert_eq!(name(b"/x/d\xe9j\xe0.png"), "d%E9j%E0.png");
    }
}
