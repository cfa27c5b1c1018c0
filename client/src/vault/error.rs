//! What can be wrong with a vault, said so that a person knows what to do next.

use std::{
    io,
    path::{Path, PathBuf},
};

use hamsa_protocol::objects::{FileError, ObjectError};

use crate::names::ErrorCode;
use crate::sealed::{Fault, file::FileFault};

/// What went wrong with a vault. No variant carries a key, a name or a passphrase.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No file there.
    #[error("there is no vault at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is whole and the passphrase does not open it.
    #[error("the passphrase does not open this vault")]
    WrongPassphrase,
    /// A vault must have a passphrase.
    #[error("a vault needs a passphrase, this one is empty")]
    NoPassphrase,
    /// The file is not what was written: its checksum differs.
    #[error("the vault at {} is damaged: it is not as it was written", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A file, but no vault.
    #[error("the file at {} is not a vault", path.display())]
    NotAVault {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later version of this program.
    #[error("the vault at {} is of a newer kind ({version}) than this program knows", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u8,
    },
    /// Written by an earlier version of this program.
    #[error("the vault at {} is of an older kind ({version}) than this program reads", path.display())]
    OlderFormat {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u8,
    },
    /// Another file appeared there while a vault was made.
    #[error("there is already a file at {}", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another program has it open.
    #[error("another program has the vault at {} open", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Another vault lies there now.
    #[error("the vault at {} was replaced by another one while it was open", path.display())]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// The vault has a key but no certificate yet.
    #[error("this vault has no certificate yet")]
    NoCertificate,
    /// The certificate is for another key.
    #[error("this certificate is for the key of another vault")]
    NotYours,
    /// The certificate's time is over.
    #[error("the certificate has expired")]
    Expired,
    /// The certificate's time has not come.
    #[error("the certificate is not valid yet")]
    NotYet,
    /// The text is no certificate that can be trusted.
    #[error("this is no certificate for a vault: {0}")]
    CertificateFile(FileError),
    /// An object in it does not hold.
    #[error(transparent)]
    Object(ObjectError),
    /// The operating system gave no random numbers, or no memory for the passphrase.
    #[error("this device could not do the cryptography: {0}")]
    Device(&'static str),
    /// The disk said no.
    #[error("could not {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl VaultError {
    /// A stable name, for programs and translations.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Missing { .. } => ErrorCode::VaultMissing,
            Self::WrongPassphrase => ErrorCode::VaultPassphrase,
            Self::NoPassphrase => ErrorCode::VaultNoPassphrase,
            Self::Damaged { .. } => ErrorCode::VaultDamaged,
            Self::NotAVault { .. } => ErrorCode::VaultNotAVault,
            Self::NewerFormat { .. } => ErrorCode::VaultNewer,
            Self::OlderFormat { .. } => ErrorCode::VaultOlder,
            Self::Exists { .. } => ErrorCode::VaultExists,
            Self::InUse { .. } => ErrorCode::VaultInUse,
            Self::Replaced { .. } => ErrorCode::VaultReplaced,
            Self::NoCertificate => ErrorCode::VaultNoCertificate,
            Self::NotYours => ErrorCode::CertificateNotYours,
            Self::Expired => ErrorCode::CertificateExpired,
            Self::NotYet => ErrorCode::CertificateNotYetValid,
            Self::CertificateFile(_) => ErrorCode::CertificateFile,
            Self::Object(_) => ErrorCode::VaultObject,
            Self::Device(_) => ErrorCode::VaultDevice,
            Self::Io { .. } => ErrorCode::VaultIo,
        }
    }

    /// The file or folder that it is about.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Missing { path }
            | Self::Damaged { path }
            | Self::NotAVault { path }
            | Self::NewerFormat { path, .. }
            | Self::OlderFormat { path, .. }
            | Self::Exists { path }
            | Self::InUse { path }
            | Self::Replaced { path }
            | Self::Io { path, .. } => Some(path),
            _ => None,
        }
    }

    /// What to do next, in English.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Missing { .. } => {
                "Check the path, or make a vault with `hamsa counsel request --vault FILE --out REQUEST`."
            }
            Self::WrongPassphrase => {
                "Try again; mind the keyboard layout and capital letters. The vault is whole."
            }
            Self::NoPassphrase => "Choose a passphrase of several words that nobody else knows.",
            Self::Damaged { .. } => {
                "Keep the file, nothing was deleted. Put back a copy, or make a vault at another path and ask \
                 your association for a new certificate."
            }
            Self::NotAVault { .. } => {
                "Check the path: this file was left as it is. Choose another for the vault."
            }
            Self::NewerFormat { .. } => "Update this program; the vault was left as it is.",
            Self::OlderFormat { .. } => {
                "The vault was left as it is. Make one at another path with `hamsa counsel request`, and ask your \
                 association to certify it and to revoke the old one."
            }
            Self::Exists { .. } => "Choose another path, or open what is there.",
            Self::InUse { .. } => {
                "Close the desk that is open with it, here or on another device, then start again. Each counselor has a vault of her own."
            }
            Self::Replaced { .. } => "Close this program and open the vault again.",
            Self::NoCertificate => {
                "Send the request to your association, then `hamsa counsel install --vault FILE --certificate FILE`."
            }
            Self::NotYours => "Ask your association for the certificate of this vault's own request.",
            Self::Expired => "Make a new request with the same vault and ask your association to certify it.",
            Self::NotYet => "Check the date of this device; if it is right, wait or ask your association.",
            Self::CertificateFile(_) => {
                "Ask for the file again and take it as it is, without changing a line."
            }
            Self::Object(_) => {
                "Check the date of this device and ask your association for a new certificate."
            }
            Self::Device(_) => "Close other programs and try again; Hamsa needs 64 MiB for a passphrase.",
            Self::Io { source, .. } => io_advice(source.kind()),
        }
    }
}

fn io_advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::PermissionDenied => {
            "Make the file and its folder yours (`chown`, `chmod u+rw`), or choose another path."
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "Free some space and try again; the vault is as it was."
        }
        io::ErrorKind::ReadOnlyFilesystem => "Make the disk writable, or move the vault to one that is.",
        io::ErrorKind::NotFound => "Make the folder first, or choose another path.",
        io::ErrorKind::IsADirectory | io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge => {
            "Give the path of the vault's file: what is there was left as it is."
        }
        _ => "Check the disk and the path, then try again; the vault is as it was.",
    }
}

impl VaultError {
    /// What is wrong with a vault's bytes, and where they lie.
    pub(super) fn at(fault: Fault, path: &Path) -> Self {
        let path = path.to_owned();
        match fault {
            Fault::WrongPassphrase => Self::WrongPassphrase,
            Fault::Damaged => Self::Damaged { path },
            Fault::OtherKind => Self::NotAVault { path },
            Fault::Newer(version) => Self::NewerFormat { path, version },
            Fault::Older(version) => Self::OlderFormat { path, version },
            Fault::Replaced => Self::Replaced { path },
            Fault::Device(why) => Self::Device(why),
        }
    }
}

impl From<FileFault> for VaultError {
    fn from(fault: FileFault) -> Self {
        match fault {
            FileFault::Missing(path) => Self::Missing { path },
            FileFault::Exists(path) => Self::Exists { path },
            FileFault::Io { action, path, source } => Self::Io { action, path, source },
        }
    }
}
