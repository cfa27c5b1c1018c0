//! Why a command did not do what was asked; the console says it in the person's language, with the next step.

use std::{
    io,
    path::{Path, PathBuf},
};

use hamsa_client::{names::ErrorCode, sealed::file::FileFault, vault::VaultError};
use hamsa_protocol::{objects::address::AddressError, text::TextError};

use crate::strength::Weakness;

/// What went wrong. No variant carries words, keys or a passphrase.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// Neither a file nor an address.
    NoAddress(String),
    /// An address that is none, and the file it stands in.
    Address(AddressError, Option<PathBuf>),
    /// A file that could not be read or written.
    File(PathBuf, io::Error),
    /// A file that is no text.
    FileText(PathBuf, TextError),
    /// The full screen has no terminal.
    NoScreen,
    /// The terminal takes no full screen.
    Dumb,
    /// Nobody can be asked.
    NoTerminal,
    /// The input ended at a question.
    NotTyped,
    /// What was typed is not UTF-8.
    NotText,
    /// The json face would have to ask.
    JsonAsksNobody,
    /// Two passphrases that should be one.
    Differ,
    /// A passphrase in this file.
    Weak(PathBuf, Weakness),
    /// The request would be written over the vault.
    OutIsVault,
    /// Or over the passphrase.
    OutIsPassphrase,
    /// Or over something else.
    OutIsOther(PathBuf),
    /// Or over the request of another vault.
    OutOfAnotherVault(PathBuf),
    /// The vault.
    Vault(VaultError),
    /// Said already, by the json face.
    Said,
    /// What no command expects: a terminal that is gone, an output that takes nothing.
    Stopped(anyhow::Error),
}

impl CommandError {
    /// Something about a file.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File(path, source)
    }

    /// The keys of what happened and of what to do.
    pub(super) fn keys(&self) -> (&'static str, &'static str, &'static str) {
        let said = |code| ("command-error", code, code);
        match self {
            Self::NoAddress(_) => said("address-none"),
            Self::Address(error, _) => said(match error {
                AddressError::Prefix => "address-prefix",
                AddressError::WordsBefore => "address-words",
                AddressError::Version => "address-newer",
                AddressError::Damaged => "address-damaged",
                AddressError::Content => "address-content",
                AddressError::Exchanged => "address-exchanged",
            }),
            Self::File(_, source) => file_keys(source),
            Self::FileText(..) => said("text"),
            Self::NoScreen => said("no-screen"),
            Self::Dumb => said("dumb"),
            Self::NoTerminal => said("no-terminal"),
            Self::NotTyped => said("not-typed"),
            Self::NotText => said("not-text"),
            Self::JsonAsksNobody => said("json"),
            Self::Differ => said("differ"),
            Self::Weak(..) => said("weak"),
            Self::OutIsVault => ("command-error", "out-vault", "out"),
            Self::OutIsPassphrase => ("command-error", "out-passphrase", "out"),
            Self::OutIsOther(_) => ("command-error", "out-other", "out"),
            Self::OutOfAnotherVault(_) => ("command-error", "out-vault-other", "out"),
            Self::Vault(VaultError::Io { source, .. }) => file_keys(source),
            Self::Vault(error) => {
                let code = error.code().name();
                ("command", code, code)
            }
            Self::Stopped(_) | Self::Said => said("stopped"),
        }
    }

    /// The file that it is about.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::NoAddress(text) => Some(Path::new(text)),
            Self::Address(_, path) => path.as_deref(),
            Self::File(path, _)
            | Self::FileText(path, _)
            | Self::Weak(path, _)
            | Self::OutIsOther(path)
            | Self::OutOfAnotherVault(path) => Some(path),
            Self::Vault(error) => error.path(),
            _ => None,
        }
    }

    /// What the json face calls it at the start.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Vault(error) => error.code(),
            _ => ErrorCode::Vault,
        }
    }
}

/// The keys of what the system said about a file. Its own text is English and for engineers.
pub(super) fn file_keys(source: &io::Error) -> (&'static str, &'static str, &'static str) {
    use io::ErrorKind as Kind;
    let code = match source.kind() {
        Kind::NotFound | Kind::NotADirectory => "file-missing",
        Kind::IsADirectory => "file-folder",
        Kind::InvalidInput => "file-kind",
        Kind::FileTooLarge => "file-large",
        Kind::TimedOut => "file-silent",
        Kind::PermissionDenied => "file-denied",
        Kind::StorageFull | Kind::QuotaExceeded => "file-full",
        Kind::ReadOnlyFilesystem => "file-read-only",
        _ => "file-other",
    };
    ("command", code, code)
}

impl From<VaultError> for CommandError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<FileFault> for CommandError {
    fn from(fault: FileFault) -> Self {
        Self::Vault(fault.into())
    }
}

impl From<anyhow::Error> for CommandError {
    fn from(error: anyhow::Error) -> Self {
        Self::Stopped(error)
    }
}
