//! The counselor's vault: key, certificate, and the keys of the shift and of the mail, in one sealed file.
//!
//! What is in it can be opened with a passphrase only, at the price of one Argon2id (about a third of a second
//! and 64 MiB). Words of chats are never in it. Every change is a new file that takes the old one's place at
//! once, so that a power cut leaves the one or the other; nothing that goes wrong deletes a vault.
//!
//! Everything here blocks: call it away from an async worker.

mod error;
mod seal;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use hamsa_protocol::{
    crypto::{
        kem::KemSecret,
        keys::{DhSecret, SignKey},
    },
    objects::{
        Certificate, CertificateFile, CertificateRequest, Duty, DutySecrets, HelplineAddress, MailKey,
        MailKeySecrets, ObjectError, Roster, Signed,
    },
    text,
    time::Unix,
};
use hamsa_system::{read, whole::folder};
use zeroize::Zeroizing;

pub use error::VaultError;
use seal::{Contents, KeptKeys, READ_MAX, VAULT};

use crate::{
    api::RosterEvidence,
    sealed::{
        self, Key,
        file::{self, Lock},
    },
};

/// An open vault that has a certificate which is valid now.
pub struct UnlockedVault {
    path: PathBuf,
    key: Key,
    identity: SignKey,
    file: CertificateFile,
    duty: Option<(Signed<Duty>, DutySecrets)>,
    mail_keys: Vec<(Signed<MailKey>, MailKeySecrets)>,
    roster: Option<Signed<Roster>>,
    /// Keeps other desks out.
    alone: Option<Lock>,
}

/// Makes a vault (or opens the one there is) and gives the text of a certificate request.
///
/// The key of a vault that is there stays: a second request renews a certificate, not the identity.
///
/// # Errors
/// [`VaultError`]; nothing was written over.
pub fn request(path: &Path, passphrase: &str, now: Unix) -> Result<String, VaultError> {
    let identity = match read(path, passphrase) {
        Ok((_, contents)) => SignKey::from_bytes(contents.identity()),
        Err(VaultError::Missing { .. }) => create(path, passphrase)?,
        Err(error) => return Err(error),
    };
    let request = CertificateRequest {
        id_pk: identity.public().to_bytes(),
        made: now,
    };
    let request =
        Signed::sign(request, &identity, &CertificateRequest::HELPLINE).map_err(VaultError::Object)?;
    Ok(request.to_text())
}

/// Puts a certificate into a vault.
///
/// # Errors
/// [`VaultError`]; the vault is as it was.
pub fn install(
    path: &Path,
    passphrase: &str,
    certificate: &str,
    now: Unix,
) -> Result<CertificateFile, VaultError> {
    let file: CertificateFile = certificate.parse().map_err(VaultError::CertificateFile)?;
    let (key, contents) = read(path, passphrase)?;
    belongs(&file, &SignKey::from_bytes(contents.identity()), now)?;
    let text = Zeroizing::new(file.to_string());
    change(path, &key, |contents| contents.set_certificate(&text))?;
    Ok(file)
}

/// Opens a vault that has a certificate.
///
/// A kept shift that is over, or that belongs to an earlier certificate, is deleted on the way.
///
/// # Errors
/// [`VaultError`].
pub fn open(path: &Path, passphrase: &str, now: Unix) -> Result<UnlockedVault, VaultError> {
    let (key, contents) = read(path, passphrase)?;
    let identity = SignKey::from_bytes(contents.identity());
    let text = contents.certificate().ok_or(VaultError::NoCertificate)?;
    let file: CertificateFile = text.parse().map_err(VaultError::CertificateFile)?;
    belongs(&file, &identity, now)?;
    let duty = contents
        .duty()
        .and_then(|kept| usable(kept, &file, &identity, now));
    let mail_keys = contents
        .mail_keys()
        .iter()
        .filter_map(|kept| readable(kept, &file, &identity, now))
        .collect();
    let (root, helpline) = (&file.address.root, file.address.root.helpline());
    let roster = contents.roster();
    let roster = roster.and_then(|signed| Signed::<Roster>::verify(signed, &root.0, &helpline).ok());
    let stale = contents.duty().is_some() && duty.is_none();
    let mut vault = UnlockedVault {
        path: path.to_owned(),
        key,
        identity,
        file,
        duty,
        mail_keys,
        roster,
        alone: None,
    };
    if stale {
        vault.forget_duty()?;
    }
    Ok(vault)
}

/// As [`open`], for a desk: while it has the vault open no other desk has. Two with one vault would each write its own
/// shift and mail keys over the other's.
///
/// # Errors
/// [`VaultError::InUse`], and as [`open`].
pub fn open_alone(path: &Path, passphrase: &str, now: Unix) -> Result<UnlockedVault, VaultError> {
    file::look(path)?;
    let alone = file::lock_open(path).map_err(|file::OpenElsewhere| VaultError::InUse {
        path: path.to_owned(),
    })?;
    let mut vault = open(path, passphrase, now)?;
    vault.alone = alone;
    Ok(vault)
}

/// Whether this passphrase opens this vault, whatever is in it: for a screen that was locked. A certificate
/// that ended meanwhile MUST NOT lock the counselor out of chats that go on.
///
/// # Errors
/// [`VaultError`].
pub fn check_passphrase(path: &Path, passphrase: &str) -> Result<(), VaultError> {
    read(path, passphrase).map(|_| ())
}

impl UnlockedVault {
    /// Which helpline.
    #[must_use]
    pub const fn address(&self) -> &HelplineAddress {
        &self.file.address
    }

    /// The certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Signed<Certificate> {
        &self.file.certificate
    }

    /// The counselor's key.
    #[must_use]
    pub const fn identity(&self) -> &SignKey {
        &self.identity
    }

    /// The shift that was kept, if one is there and not over. It stays in the file until
    /// [`Self::forget_duty`].
    pub fn take_duty(&mut self) -> Option<(Signed<Duty>, DutySecrets)> {
        self.duty.take()
    }

    /// Keeps a shift's keys, sealed, so that a client that was killed comes back to its own tickets.
    ///
    /// # Errors
    /// [`VaultError`]; the vault is as it was.
    pub fn keep_duty(&mut self, duty: &Signed<Duty>, secrets: &DutySecrets) -> Result<(), VaultError> {
        let kept = KeptKeys::new(duty.encoded(), &secrets.x.to_bytes(), secrets.kem.seed());
        change(&self.path, &self.key, |contents| contents.set_duty(Some(kept)))
    }

    /// The mail keys that were kept and may still be needed. They stay in the file.
    pub fn take_mail_keys(&mut self) -> Vec<(Signed<MailKey>, MailKeySecrets)> {
        core::mem::take(&mut self.mail_keys)
    }

    /// Keeps these mail keys and no others, sealed: messages that are left tonight are sealed to them.
    ///
    /// # Errors
    /// [`VaultError`]; the vault is as it was.
    pub fn keep_mail_keys(&mut self, keys: &[(Signed<MailKey>, MailKeySecrets)]) -> Result<(), VaultError> {
        let keep = |(key, secrets): &(Signed<MailKey>, MailKeySecrets)| {
            KeptKeys::new(key.encoded(), &secrets.x.to_bytes(), secrets.kem.seed())
        };
        let kept = keys.iter().map(keep).collect();
        change(&self.path, &self.key, |contents| contents.set_mail_keys(kept))
    }

    /// The highest roster that counted in an earlier run.
    #[must_use]
    pub const fn roster(&self) -> Option<&Signed<Roster>> {
        self.roster.as_ref()
    }

    /// Keeps the roster that counts now, so that no lower one counts in a later run. A higher one that lies in the file
    /// by now stays, unless it is ahead of the clock.
    ///
    /// # Errors
    /// [`VaultError`]; the vault is as it was.
    pub fn keep_roster(&mut self, roster: Signed<Roster>, now: Unix) -> Result<(), VaultError> {
        // The file may have a higher one, which counts.
        let known = |kept: &Signed<Roster>| {
            *kept == roster || (kept.order().plausible_at(now) && kept.order() >= roster.order())
        };
        if self.roster.as_ref().is_some_and(known) {
            return Ok(());
        }
        let (root, helpline) = (self.file.address.root, self.file.address.root.helpline());
        let mut highest = roster;
        change(&self.path, &self.key, |contents| {
            let kept = contents.roster();
            let kept = kept.and_then(|kept| Signed::<Roster>::verify(kept, &root.0, &helpline).ok());
            match kept.filter(|kept| kept.order().plausible_at(now) && kept.order() >= highest.order()) {
                Some(kept) => highest = kept,
                None => contents.set_roster(highest.encoded()),
            }
        })?;
        self.roster = Some(highest);
        Ok(())
    }

    /// Writes the evidence of a split view beside the vault: one line for each roster, its hash and, where it is there, the
    /// signed roster. There is one file for each version, and a bounded number of files. One with a proof stays; one without
    /// makes room for one with.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn keep_evidence(&self, version: u64, rosters: &[RosterEvidence; 2]) -> Result<(), VaultError> {
        let begins = format!("{}.split-view-", file_name(&self.path));
        let path = self.path.with_file_name(format!("{begins}{version}.txt"));
        let line = |roster: &RosterEvidence| {
            let signed = roster.signed.as_deref().unwrap_or("-");
            format!("{} {signed}\n", roster.hash)
        };
        let text: String = rosters.iter().map(line).collect();
        let lock = file::lock(&path)?;
        let known = evidence_beside(&path, &begins);
        // A peer can claim any number of rosters, and so cause files without a proof; only the root can make a proof.
        let least = known.iter().find(|file| !file.proven && file.path != path);
        match known.iter().find(|file| file.path == path) {
            Some(known) if known.proven || !is_proof(&text) => return Ok(()),
            None if known.len() >= EVIDENCE_MAX => match least {
                Some(least) if is_proof(&text) => file::remove(&least.path, &lock)?,
                _ => return Ok(()),
            },
            _ => {}
        }
        Ok(file::replace(&path, text.as_bytes(), &lock)?)
    }

    /// Deletes the shift's keys. The old file is unlinked; a disk that keeps old blocks may still have it,
    /// under the passphrase.
    ///
    /// # Errors
    /// [`VaultError`]; the keys are still there.
    pub fn forget_duty(&mut self) -> Result<(), VaultError> {
        change(&self.path, &self.key, |contents| contents.set_duty(None))
    }
}

impl fmt::Debug for UnlockedVault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UnlockedVault(secret)")
    }
}

/// Files with the evidence of split views beside a vault, at most: each is a version, and one is enough to act.
const EVIDENCE_MAX: usize = 16;
/// Most bytes that are read of such a file: two rosters in letters take a tenth of it.
const EVIDENCE_LEN_MAX: u64 = 1 << 20;

/// What lies there of one version.
struct Evidence {
    path: PathBuf,
    proven: bool,
}

/// Whether both rosters stand there, signed.
fn is_proof(text: &str) -> bool {
    !text.lines().any(|line| line.ends_with(" -"))
}

fn evidence_beside(path: &Path, begins: &str) -> Vec<Evidence> {
    let files = std::fs::read_dir(folder(path)).into_iter().flatten().flatten();
    let evidence = files.filter(|file| {
        let name = file.file_name();
        let name = name.to_str().unwrap_or_default();
        name.starts_with(begins) && name.ends_with(".txt")
    });
    let evidence = evidence.map(|file| Evidence {
        proven: read::file(&file.path(), EVIDENCE_LEN_MAX)
            .is_ok_and(|bytes| is_proof(&String::from_utf8_lossy(&bytes))),
        path: file.path(),
    });
    let mut all: Vec<_> = evidence.collect();
    all.sort_by(|one, other| one.path.cmp(&other.path));
    all
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn create(path: &Path, passphrase: &str) -> Result<SignKey, VaultError> {
    if text::passphrase(passphrase).is_empty() {
        return Err(VaultError::NoPassphrase);
    }
    let at = |fault| VaultError::at(fault, path);
    let secret = Zeroizing::new(sealed::random::<32>().map_err(at)?);
    let key = Key::new(&VAULT, passphrase).map_err(at)?;
    let bytes = seal::seal(&key, &Contents::new(&secret))?;
    file::create(path, &bytes)?;
    Ok(SignKey::from_bytes(&secret))
}

fn read(path: &Path, passphrase: &str) -> Result<(Key, Contents), VaultError> {
    seal::open_with(&file::read(path, READ_MAX)?, passphrase).map_err(|fault| VaultError::at(fault, path))
}

/// Reads, changes and writes under a lock: another program may have put a certificate in since we read.
fn change(path: &Path, key: &Key, change: impl FnOnce(&mut Contents)) -> Result<(), VaultError> {
    let lock = file::lock(path)?;
    let mut contents =
        seal::open(&file::read(path, READ_MAX)?, key).map_err(|fault| VaultError::at(fault, path))?;
    change(&mut contents);
    Ok(file::replace(path, &seal::seal(key, &contents)?, &lock)?)
}

/// The certificate is for this key and valid now; its signature was verified when it was parsed.
fn belongs(file: &CertificateFile, identity: &SignKey, now: Unix) -> Result<(), VaultError> {
    if file.certificate.id_pk != identity.public().to_bytes() {
        return Err(VaultError::NotYours);
    }
    file.certificate.valid_at(now).map_err(|error| match error {
        ObjectError::NotYet(_) => VaultError::NotYet,
        ObjectError::Expired(_) => VaultError::Expired,
        other => VaultError::Object(other),
    })
}

fn usable(
    kept: &KeptKeys,
    file: &CertificateFile,
    identity: &SignKey,
    now: Unix,
) -> Option<(Signed<Duty>, DutySecrets)> {
    let helpline = file.address.root.helpline();
    let duty = Signed::<Duty>::verify(kept.encoded(), &identity.public(), &helpline).ok()?;
    let secrets = DutySecrets {
        x: DhSecret::from_bytes(kept.x()),
        kem: KemSecret::from_seed(kept.seed()),
    };
    let good =
        duty.serial == file.certificate.serial && duty.valid_at(now).is_ok() && duty.x == secrets.x.public();
    good.then_some((duty, secrets))
}

fn readable(
    kept: &KeptKeys,
    file: &CertificateFile,
    identity: &SignKey,
    now: Unix,
) -> Option<(Signed<MailKey>, MailKeySecrets)> {
    let helpline = file.address.root.helpline();
    let key = Signed::<MailKey>::verify(kept.encoded(), &identity.public(), &helpline).ok()?;
    let secrets = MailKeySecrets {
        x: DhSecret::from_bytes(kept.x()),
        kem: KemSecret::from_seed(kept.seed()),
    };
    (key.needed_at(now) && key.x == secrets.x.public()).then_some((key, secrets))
}
