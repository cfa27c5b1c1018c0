//! The counselor's vault: her key, her certificate and the keys of her shift, in one sealed file.

use std::path::Path;

use hamsa_protocol::{
    keys::SignKey,
    objects::{Certificate, CertificateFile, Duty, DutySecrets, HelplineAddress, Signed},
    time::Unix,
};

/// What went wrong with a vault.
#[derive(Debug, thiserror::Error)]
#[error("not written yet")]
pub struct VaultError;

/// An open vault.
#[derive(Debug)]
pub struct UnlockedVault {}

/// Makes a vault (or opens the one there is) and gives the text of a certificate request.
///
/// # Errors
/// [`VaultError`].
pub fn request(path: &Path, passphrase: &str, now: Unix) -> Result<String, VaultError> {
    let _ = (path, passphrase, now);
    Err(VaultError)
}

/// Puts a certificate into a vault.
///
/// # Errors
/// [`VaultError`].
pub fn install(path: &Path, passphrase: &str, certificate: &str, now: Unix) -> Result<CertificateFile, VaultError> {
    let _ = (path, passphrase, certificate, now);
    Err(VaultError)
}

/// Opens a vault that has a certificate.
///
/// # Errors
/// [`VaultError`].
pub fn open(path: &Path, passphrase: &str, now: Unix) -> Result<UnlockedVault, VaultError> {
    let _ = (path, passphrase, now);
    Err(VaultError)
}

impl UnlockedVault {
    /// Which helpline.
    #[must_use]
    pub fn address(&self) -> &HelplineAddress {
        unreachable!()
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Signed<Certificate> {
        unreachable!()
    }

    /// The counselor's key.
    #[must_use]
    pub fn identity(&self) -> &SignKey {
        unreachable!()
    }

    /// The shift that was kept, if one is there.
    pub fn take_duty(&mut self) -> Option<(Signed<Duty>, DutySecrets)> {
        None
    }

    /// Keeps a shift's keys, sealed, so that a client that was killed comes back to its own tickets.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn keep_duty(&mut self, duty: &Signed<Duty>, secrets: &DutySecrets) -> Result<(), VaultError> {
        let _ = (duty, secrets);
        Err(VaultError)
    }

    /// Deletes the shift's keys.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn forget_duty(&mut self) -> Result<(), VaultError> {
        Err(VaultError)
    }
}
