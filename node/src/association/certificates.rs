//! Issues and revokes the certificates of counselors.

use std::path::Path;

use data_encoding::BASE32_NOPAD;
use hamsa_protocol::{
    objects::{
        CERTIFICATE_MAX_SECONDS, Certificate, CertificateFile, CertificateRequest, CertifiedRole, Label,
        Language, Serial, Signed,
    },
    text::code,
    time::Unix,
};

use super::{Association, AssociationError, file::CertificateRow, label};
use crate::clock::today;

/// Certifies a counselor; gives the text of the certificate file and the serial.
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
) -> Result<(String, Serial), AssociationError> {
    let mut association = Association::open(path)?;
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
    let certificate = Certificate {
        serial: Serial(serial),
        id_pk: request.id_pk,
        pseudonym,
        languages,
        role,
        not_before: now,
        expires: now.plus(CERTIFICATE_MAX_SECONDS),
    };
    let certificate = Signed::sign(certificate, &association.root, &association.root_key().helpline())?;
    association.file.certificates.push(CertificateRow {
        serial: certificate.serial.to_string(),
        certificate: BASE32_NOPAD.encode(certificate.encoded()),
        revoked: false,
    });
    association.save()?;
    let serial = certificate.serial;
    Ok((CertificateFile { address, certificate }.to_string(), serial))
}

/// Revokes a certificate. This takes effect when it is published.
///
/// # Errors
/// [`AssociationError`].
pub fn revoke(path: &Path, serial: Serial) -> Result<(), AssociationError> {
    let mut association = Association::open(path)?;
    let text = serial.to_string();
    let row = association
        .file
        .certificates
        .iter_mut()
        .find(|row| row.serial == text);
    row.ok_or(AssociationError::Unknown(serial))?.revoked = true;
    association.save()
}

impl Association {
    /// The name of a counselor with another key and a valid certificate that a seeker could take for this name.
    fn looks_like(
        &self,
        pseudonym: &Label,
        id_pk: &[u8; 32],
        now: Unix,
    ) -> Result<Option<Label>, AssociationError> {
        let new = skeleton(pseudonym);
        for row in self.file.certificates.iter().filter(|row| !row.revoked) {
            let known = self.verify::<Certificate>(&row.certificate)?;
            let other = known.id_pk != *id_pk && known.valid_at(now).is_ok();
            if other && skeleton(&known.pseudonym) == new {
                return Ok(Some(known.pseudonym.clone()));
            }
        }
        Ok(None)
    }
}

/// The confusable skeleton of a name (UTS 39), in lower case.
fn skeleton(label: &Label) -> String {
    let small: String = code(label.as_str())
        .chars()
        .flat_map(char::to_lowercase)
        .collect();
    unicode_security::skeleton(&small).collect()
}
