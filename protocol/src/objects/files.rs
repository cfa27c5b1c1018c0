//! Files that people hand to each other: a certificate request, the certificate that comes back, and the consent of
//! another association's entry.
//!
//! Each is one line of text that survives a mail program: a prefix that says what it is, then upper-case base32
//! (RFC 4648, no padding). Spaces, line breaks and invisible characters inside are ignored.

use core::{fmt, str::FromStr};

use data_encoding::BASE32_NOPAD;

use super::{
    Certificate, CertificateRequest, HelplineAddress, Lend, Object, ObjectError, Signed, carried,
    entries::ENTRY_ADDRESS_MAX,
};
use crate::crypto::keys::SIGNATURE_LEN;

const REQUEST_PREFIX: &str = "hamsa-request:1:";
const CERTIFICATE_PREFIX: &str = "hamsa-certificate:1:";
const LEND_PREFIX: &str = "hamsa-lend:1:";

/// Why a file was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Another file, or another version.
    #[error("expected a file that begins with {0}")]
    Prefix(&'static str),
    /// Characters are missing or changed.
    #[error("the file is damaged: it was not copied whole")]
    Damaged,
    /// The signature or the content is invalid.
    #[error(transparent)]
    Object(#[from] ObjectError),
}

impl Signed<CertificateRequest> {
    /// The text of a request file.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{REQUEST_PREFIX}{}\n", BASE32_NOPAD.encode(self.encoded()))
    }
}

impl FromStr for Signed<CertificateRequest> {
    type Err = FileError;
    fn from_str(text: &str) -> Result<Self, FileError> {
        decode(REQUEST_PREFIX, text, |body| Ok(CertificateRequest::verify(body)?))
    }
}

/// A certificate and the address of the helpline it is for: all that a counselor's client needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFile {
    /// The helpline.
    pub address: HelplineAddress,
    /// Signed by the root in the address; verified when the file was read.
    pub certificate: Signed<Certificate>,
}

impl fmt::Display for CertificateFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address.to_string();
        write_pair(
            formatter,
            CERTIFICATE_PREFIX,
            self.certificate.encoded(),
            &address,
        )
    }
}

impl FromStr for CertificateFile {
    type Err = FileError;
    fn from_str(text: &str) -> Result<Self, FileError> {
        decode(CERTIFICATE_PREFIX, text, |body| {
            let (certificate, address) = read_pair(body)?;
            let address: HelplineAddress = address.parse().map_err(|_| FileError::Damaged)?;
            let root = address.root;
            let certificate = Signed::verify(certificate, &root.0, &root.helpline())?;
            Ok(Self { address, certificate })
        })
    }
}

/// A consent and where its entry is: all that an association needs to name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LendFile {
    /// Multiaddr of the entry, without the peer.
    pub address: String,
    /// Signed by the entry; verified when the file was read.
    pub lend: Signed<Lend>,
}

impl fmt::Display for LendFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_pair(formatter, LEND_PREFIX, self.lend.encoded(), &self.address)
    }
}

impl FromStr for LendFile {
    type Err = FileError;
    fn from_str(text: &str) -> Result<Self, FileError> {
        decode(LEND_PREFIX, text, |body| {
            let (lend, address) = read_pair(body)?;
            if !(1..=ENTRY_ADDRESS_MAX).contains(&address.len()) {
                return Err(FileError::Damaged);
            }
            Ok(Self {
                address: address.to_owned(),
                lend: Signed::<Lend>::read(lend)?,
            })
        })
    }
}

/// A signed object and an address: `length u16 ‖ object ‖ address`.
fn write_pair(formatter: &mut fmt::Formatter<'_>, prefix: &str, object: &[u8], address: &str) -> fmt::Result {
    let length = u16::try_from(object.len()).unwrap_or(u16::MAX);
    let body = [&length.to_be_bytes(), object, address.as_bytes()].concat();
    writeln!(formatter, "{prefix}{}", BASE32_NOPAD.encode(&body))
}

fn read_pair(body: &[u8]) -> Result<(&[u8], &str), FileError> {
    let (length, rest) = body.split_first_chunk::<2>().ok_or(FileError::Damaged)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (object, address) = rest.split_at_checked(length).ok_or(FileError::Damaged)?;
    let address = core::str::from_utf8(address).map_err(|_| FileError::Damaged)?;
    Ok((object, address))
}

fn decode<T>(
    prefix: &'static str,
    text: &str,
    read: impl Fn(&[u8]) -> Result<T, FileError>,
) -> Result<T, FileError> {
    /// A certificate file with four long routes. Anything longer is another file.
    const MAX: usize = 2 * (SIGNATURE_LEN + Certificate::MAX + 2_048);
    if text.len() > MAX {
        return Err(FileError::Prefix(prefix));
    }
    carried::read(prefix, text, &FileError::Damaged, read).unwrap_or(Err(FileError::Prefix(prefix)))
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;
    use crate::{
        crypto::keys::{NodePeer, RootKey, SignKey},
        objects::{CertifiedRole, Label, Serial, address::Route},
        testing::seeded,
        time::Unix,
    };

    #[test]
    fn requests_and_certificates_round_trip_and_foreign_roots_fail() {
        let mut random = seeded(5);
        let (root, identity) = (SignKey::generate(&mut random), SignKey::generate(&mut random));
        let request = CertificateRequest {
            id_pk: identity.public().to_bytes(),
            made: Unix(9),
        };
        let request = Signed::sign(request, &identity, &CertificateRequest::HELPLINE).unwrap();
        let text = request.to_text();
        let (a, b) = text.trim().split_at(40);
        for form in [
            text.clone(),
            format!("{a}\r\n{b}"),
            format!("{text}--\nSalma, de la ligne\n"),
            format!("{a}\n{b}\nSalma"),
            format!("{a}{b}."),
        ] {
            assert_eq!(form.parse().as_ref(), Ok(&request), "{form:?}");
        }

        let address = |root: &SignKey| {
            let route = Route {
                entry_address: "/ip4/127.0.0.1/tcp/1".into(),
                entry: NodePeer([1; 32]),
                home: NodePeer([2; 32]),
            };
            HelplineAddress::sign(root, vec![route]).unwrap()
        };
        let certificate = Certificate {
            serial: Serial([1; 8]),
            id_pk: identity.public().to_bytes(),
            pseudonym: Label::try_from("Nour".to_owned()).unwrap(),
            languages: vec!["fr".parse().unwrap()],
            role: CertifiedRole::Counselor,
            not_before: Unix(1),
            expires: Unix(1_000),
        };
        let helpline = RootKey(root.public()).helpline();
        let certificate = Signed::sign(certificate, &root, &helpline).unwrap();
        let file = CertificateFile {
            address: address(&root),
            certificate,
        };
        let text = file.to_string();
        assert_eq!(text.parse(), Ok(file.clone()));
        let other = CertificateFile {
            address: address(&identity),
            ..file
        };
        assert!(matches!(
            other.to_string().parse::<CertificateFile>(),
            Err(FileError::Object(ObjectError::Signature(_)))
        ));
        assert!(matches!(
            text[..60].parse::<CertificateFile>(),
            Err(FileError::Damaged)
        ));
        assert!(matches!(
            "hello".parse::<CertificateFile>(),
            Err(FileError::Prefix(_))
        ));
    }

    #[test]
    fn a_consent_round_trips_and_a_changed_one_fails() {
        let mut random = seeded(5);
        let (root, entry) = (SignKey::generate(&mut random), SignKey::generate(&mut random));
        let helpline = RootKey(root.public()).helpline();
        let name = "Association B".parse().ok();
        let file = LendFile {
            address: "/dns4/entry.example.org/tcp/443/ws".into(),
            lend: Lend::give(&entry, helpline, name, Unix(1_000), Duration::from_secs(60)).unwrap(),
        };
        let text = file.to_string();
        assert_eq!(text.parse(), Ok(file));
        assert_eq!(text[..60].parse::<LendFile>(), Err(FileError::Damaged));
        let mut changed = text.into_bytes();
        changed[40] = if changed[40] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap().parse::<LendFile>();
        assert!(matches!(changed, Err(FileError::Object(_))), "{changed:?}");
    }
}
