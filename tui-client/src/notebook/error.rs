//! What can be wrong with a notebook; [`words`](super::words) says it, with the next step.

use std::{
    io,
    path::{Path, PathBuf},
};

use hamsa_client::sealed::{Fault, file::FileFault};

use crate::{console::CommandError, strength::Weakness};

/// What went wrong. No variant carries what is in a notebook.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotebookError {
    #[error("there is no notebook at {}", .0.display())]
    Missing(PathBuf),
    #[error("there is already something at {}", .0.display())]
    Exists(PathBuf),
    #[error("the passphrase does not open this notebook")]
    WrongPassphrase,
    #[error("a notebook needs a passphrase, this one is empty")]
    NoPassphrase,
    #[error("the passphrase is too weak")]
    Weak(Weakness),
    #[error("the notebook at {} is damaged: it is not as it was written", .0.display())]
    Damaged(PathBuf),
    #[error("the file at {} is not a notebook", .0.display())]
    NotANotebook(PathBuf),
    #[error("the notebook at {} is of a newer kind than this program knows", .0.display())]
    Newer(PathBuf),
    #[error("{} is too large for a notebook", .0.display())]
    TooLarge(PathBuf),
    #[error("{} is no file that can be kept", .0.display())]
    NoFile(PathBuf),
    #[error("a text is too long for an entry")]
    TooLong,
    #[error("there is nothing to keep")]
    Nothing,
    #[error("the date was not understood")]
    Date,
    #[error("nobody said that it is safe to keep this here")]
    NotSafe,
    #[error("the command could not ask")]
    Command(CommandError),
    #[error("the folder at {} is not what was written", .0.display())]
    BadBag(PathBuf),
    #[error("this device could not do the cryptography")]
    Device,
    #[error("could not {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

impl NotebookError {
    /// What is wrong with a notebook's bytes, and where they lie.
    pub(super) fn at(fault: Fault, path: &Path) -> Self {
        let path = path.to_owned();
        match fault {
            Fault::WrongPassphrase => Self::WrongPassphrase,
            // No version of a notebook is refused for its age.
            Fault::Damaged | Fault::Replaced | Fault::Older(_) => Self::Damaged(path),
            Fault::OtherKind => Self::NotANotebook(path),
            Fault::Newer(_) => Self::Newer(path),
            Fault::Device(_) => Self::Device,
        }
    }

    /// Something that the disk refused.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// A stable name, for its sentences.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Exists(_) => "exists",
            Self::WrongPassphrase => "passphrase",
            Self::NoPassphrase => "no-passphrase",
            Self::Damaged(_) => "damaged",
            Self::NotANotebook(_) => "other",
            Self::Newer(_) => "newer",
            Self::TooLarge(_) => "large",
            Self::NoFile(_) => "no-file",
            Self::TooLong => "long",
            Self::Nothing => "nothing",
            Self::Date => "date",
            Self::NotSafe => "not-safe",
            Self::BadBag(_) => "bag",
            // These have sentences of the console.
            Self::Weak(_) | Self::Command(_) | Self::Io { .. } | Self::Device => "device",
        }
    }

    /// The file or folder it is about.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Missing(path)
            | Self::Exists(path)
            | Self::Damaged(path)
            | Self::NotANotebook(path)
            | Self::Newer(path)
            | Self::TooLarge(path)
            | Self::NoFile(path)
            | Self::BadBag(path)
            | Self::Io { path, .. } => Some(path),
            _ => None,
        }
    }
}

impl From<FileFault> for NotebookError {
    fn from(fault: FileFault) -> Self {
        match fault {
            FileFault::Missing(path) => Self::Missing(path),
            FileFault::Exists(path) => Self::Exists(path),
            FileFault::Io { action, path, source } => Self::Io { action, path, source },
        }
    }
}

impl From<CommandError> for NotebookError {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}
