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
use crate::{
    clock::today,
    files::{self, FileBefore},
};

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

/// Certifies a counselor. The certificate goes to `out` first, and is remembered when it is there.
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
    out: Option<&Path>,
) -> Result<Issued, AssociationError> {
    let (_changing, mut association) = Association::change(path)?;
    let address = association.address()?;
    let pseudonym = label(pseudonym)?;
    let request: Signed<CertificateRequest> = request.parse().map_err(|error| {
        AssociationError::Value(format!(
            "the request was not taken: {error}; ask for the file again"
        ))
    })?;
    let languages = read_languages(languages)?;
    // Of this person, and so replaced by a newer one.
    let hers = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).ok();
        let file = text.and_then(|text| text.parse::<CertificateFile>().ok());
        file.is_some_and(|file| file.certificate.id_pk == request.id_pk)
    };
    if let Some(out) = out {
        files::check_out(out, hers)?;
    }
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
    let issued = Issued {
        serial: certificate.serial,
        file: CertificateFile { address, certificate }.to_string(),
        supersedes,
    };
    let Some(out) = out else {
        association.save()?;
        return Ok(issued);
    };
    let before = FileBefore::of(out)?;
    files::write_out(out, issued.file.as_bytes(), 0o600, hers)?;
    if let Err(error) = association.save() {
        before.put_back(issued.file.as_bytes())?;
        return Err(error);
    }
    Ok(issued)
}

/// Languages that are separated by commas or blanks.
fn read_languages(text: &str) -> Result<Vec<Language>, AssociationError> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '،' | ';'));
    let languages = words.filter(|word| !code(word).is_empty());
    let languages = languages
        .map(|word| code(word).parse::<Language>())
        .collect::<Result<Vec<_>, _>>();
    languages.map_err(|error| AssociationError::Value(format!("--languages: {error}")))
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
        let new = looks(pseudonym);
        let mut standing = self.listed(now)?.standing.into_iter();
        let alike =
            standing.find(|known| known.id_pk != *id_pk && !looks(&known.pseudonym).is_disjoint(&new));
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

/// How a name may be read. A capital letter looks like other letters than its small one (`I` like `l`, `Н` like `H`), so
/// the skeletons of both stand here, and that of a skeleton in small letters. Two names with one of these in common look
/// alike to somebody.
fn looks(label: &Label) -> BTreeSet<String> {
    let (small, written) = (
        skeleton(label),
        unicode_security::skeleton(&code(label.as_str())).collect::<String>(),
    );
    let again = [&small, &written].map(|text| unicode_security::skeleton(&text.to_lowercase()).collect());
    [small, written].into_iter().chain(again).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_in_capitals_or_small_letters() {
        let alike = |a: &str, b: &str| {
            let [a, b] = [a, b].map(|name| looks(&name.parse().unwrap()));
            !a.is_disjoint(&b)
        };
        for (a, b) in [
            ("llham", "Ilham"),
            ("ILHAM", "llham"),
            ("\u{41d}ind", "Hind"),
            ("\u{41c}aryam", "Maryam"),
            ("\u{41a}arima", "Karima"),
            ("\u{39d}our", "Nour"),
            ("N0ur", "Nour"),
            ("N\u{43e}ur", "nour"),
            ("NOUR", "Nour"),
        ] {
            assert!(alike(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("Nour", "Noura"),
            ("Hind", "Amal"),
            ("Salma", "Salwa"),
            ("Ilham", "Iman"),
        ] {
            assert!(!alike(a, b), "{a} {b}");
        }
    }

    #[test]
    fn languages_are_separated_by_commas_or_blanks() {
        let read = |text: &str| {
            read_languages(text).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        for text in ["fr,ar", "fr ar", " fr , ar ", "fr\u{a0}ar", "fr، ar"] {
            assert_eq!(read(text).unwrap(), ["fr", "ar"], "{text}");
        }
        assert!(read("francais, ar").is_ok() && read("f").is_err());
    }
}
