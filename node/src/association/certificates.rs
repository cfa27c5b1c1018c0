//! Issues and revokes the certificates of counselors.

use std::{collections::BTreeSet, path::Path};

use data_encoding::BASE32_NOPAD;
use hamsa_protocol::{
    objects::{
        CERTIFICATE_LIFE_MAX, Certificate, CertificateFile, CertificateRequest, CertifiedRole, Label,
        Language, MAX_REVOKED, Serial, Signed,
    },
    text::code,
    time::Unix,
};

use super::{Association, AssociationError, file::CertificateRow, label};
use crate::clock::today;

/// A certificate that was made.
#[derive(Debug)]
pub struct Issued {
    /// Text of the certificate file.
    pub file: String,
    /// Its serial.
    pub serial: Serial,
    /// The certificate of the same person that it supersedes: that one falls with the next roster.
    pub supersedes: Option<Serial>,
}

/// Certifies a counselor.
///
/// # Errors
/// [`AssociationError`].
pub fn certify(
    path: &Path,
    request: &str,
    pseudonym: &str,
    languages: &str,
    role: CertifiedRole,
    allow_similar: bool,
) -> Result<Issued, AssociationError> {
    let (_changing, mut association) = Association::change(path)?;
    let address = association.address()?;
    let pseudonym = label(pseudonym)?;
    let request: Signed<CertificateRequest> = request.parse().map_err(|error| {
        AssociationError::Value(format!(
            "the request was not taken: {error}; ask for the file again"
        ))
    })?;
    let languages = languages
        .split(',')
        .map(|language| code(language).parse::<Language>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| AssociationError::Value(format!("--languages: {error}")))?;
    let mut serial = [0; 8];
    getrandom::fill(&mut serial)
        .map_err(|error| AssociationError::Value(format!("no randomness: {error}")))?;
    let now = today();
    if !allow_similar && let Some(other) = association.looks_like(&pseudonym, &request.id_pk, now)? {
        return Err(AssociationError::Similar(other));
    }
    let standing = association.listed(now)?.standing;
    let earlier = standing.iter().find(|known| known.id_pk == request.id_pk);
    let supersedes = earlier.map(|known| known.serial);
    let certificate = Certificate {
        serial: Serial(serial),
        id_pk: request.id_pk,
        pseudonym,
        languages,
        role,
        not_before: now,
        expires: now + CERTIFICATE_LIFE_MAX,
    };
    let certificate = Signed::sign(certificate, &association.root, &association.root_key().helpline())?;
    association.file.certificates.push(CertificateRow {
        serial: certificate.serial.to_string(),
        certificate: BASE32_NOPAD.encode(certificate.encoded()),
        revoked: false,
    });
    association.save()?;
    Ok(Issued {
        serial: certificate.serial,
        file: CertificateFile { address, certificate }.to_string(),
        supersedes,
    })
}

/// Revokes the person with this certificate: every certificate of the same identity key. This takes effect when it is
/// published.
///
/// # Errors
/// [`AssociationError`].
pub fn revoke(path: &Path, serial: Serial) -> Result<(), AssociationError> {
    let (_changing, mut association) = Association::change(path)?;
    let text = serial.to_string();
    let row = association
        .file
        .certificates
        .iter()
        .find(|row| row.serial == text);
    let row = row.ok_or(AssociationError::Unknown(serial))?;
    let person = association.verify::<Certificate>(&row.certificate)?.id_pk;
    let mut theirs = Vec::new();
    for row in &association.file.certificates {
        theirs.push(association.verify::<Certificate>(&row.certificate)?.id_pk == person);
    }
    for (row, theirs) in association.file.certificates.iter_mut().zip(theirs) {
        row.revoked |= theirs;
    }
    association.save()
}

/// The certificates that a roster names.
pub(super) struct ListedCertificates {
    /// Those that stand: of each person the newest, if it is not revoked and valid.
    pub(super) standing: Vec<Signed<Certificate>>,
    /// Serials that were revoked and have not expired, the newest first. As many as a roster has room for: a certificate
    /// that is not listed does not stand either.
    pub(super) revoked: Vec<Serial>,
}

impl Association {
    /// The certificates that the next roster names.
    pub(super) fn listed(&self, now: Unix) -> Result<ListedCertificates, AssociationError> {
        let (mut standing, mut revoked) = (Vec::new(), Vec::new());
        let mut people = BTreeSet::new();
        for row in self.file.certificates.iter().rev() {
            let certificate = self.verify::<Certificate>(&row.certificate)?;
            // One that is not valid takes nobody's place.
            if certificate.valid_at(now).is_err() {
                continue;
            }
            let newest = people.insert(certificate.id_pk);
            if row.revoked {
                revoked.push(certificate.serial);
            } else if newest {
                standing.push(certificate);
            }
        }
        standing.reverse();
        revoked.truncate(MAX_REVOKED);
        Ok(ListedCertificates { standing, revoked })
    }

    /// The name of a counselor with another key and a valid certificate that a seeker could take for this name.
    fn looks_like(
        &self,
        pseudonym: &Label,
        id_pk: &[u8; 32],
        now: Unix,
    ) -> Result<Option<Label>, AssociationError> {
        let new = skeleton(pseudonym);
        let mut standing = self.listed(now)?.standing.into_iter();
        let alike = standing.find(|known| known.id_pk != *id_pk && skeleton(&known.pseudonym) == new);
        Ok(alike.map(|known| known.pseudonym.clone()))
    }
}

/// The confusable skeleton of a name (UTS 39), in lower case.
pub(super) fn skeleton(label: &Label) -> String {
    let small: String = code(label.as_str())
        .chars()
        .flat_map(char::to_lowercase)
        .collect();
    unicode_security::skeleton(&small).collect()
}
