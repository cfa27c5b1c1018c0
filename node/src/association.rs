//! An association: its root, its homes, its counselors, and what it publishes.
//!
//! The root's secret lies in this directory. Keep it on a machine that is off most of the time: nodes never
//! need it, they are handed what it signed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use data_encoding::BASE32_NOPAD;
use hamsa_net::{NodeAddress, peer_text};
use hamsa_protocol::{
    crypto::{
        fingerprint::fingerprint,
        keys::{RootKey, SignKey},
    },
    objects::{
        CERTIFICATE_MAX_SECONDS, Certificate, CertificateFile, CertificateRequest, DELEGATION_MAX_SECONDS,
        Delegation, Entry, HelplineAddress, Label, Language, LocalTexts, ROSTER_DEFAULT_SECONDS, Role,
        Roster, Serial, Settings, Signed, address::Route,
    },
    text::{code, name, prose},
    time::Unix,
};
use serde::{Deserialize, Serialize};

use crate::{
    clock::today,
    config::parse_address,
    control::{self, Request},
    directory::{Directory, DirectoryError},
    files::{self, FileError},
    publication::Publication,
};

/// Routes in an address: what a QR code on a poster carries.
const ROUTES: usize = 4;
/// How long `publish` waits for running homes.
const SERVED: Duration = Duration::from_secs(10);
/// How often a running home is asked whether it serves the new roster.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// What went wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum AssociationError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A node's directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// An association lives here already.
    #[error("{} is an association already; choose another directory", path.display())]
    Exists {
        /// The directory.
        path: PathBuf,
    },
    /// None lives here.
    #[error("{} is no association; make one with `hamsa-node association init --dir {} --name NAME`", path.display(), path.display())]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// Its record is damaged.
    #[error("{} is damaged: {reason}; put back a copy", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// A value is not one.
    #[error("{0}")]
    Value(String),
    /// Seekers could take one counselor for another.
    #[error(
        "the pseudonym looks like the one of another counselor, {0}; choose another one, revoke the other \
         certificate first, or add --allow-similar"
    )]
    Similar(Label),
    /// An object could not be signed.
    #[error("could not sign it: {0}")]
    Object(#[from] hamsa_protocol::objects::ObjectError),
    /// There is no home yet.
    #[error("there is no home yet; add one with `hamsa-node association add-home --dir {} --node DIR`", path.display())]
    NoHome {
        /// The directory.
        path: PathBuf,
    },
    /// No such certificate.
    #[error("no certificate with serial {0} was given out here; `certify` printed it")]
    Unknown(Serial),
    /// Nothing could be written.
    #[error("could not publish to any home:\n{0}")]
    Nowhere(String),
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    name: String,
    #[serde(default)]
    roster_version: u64,
    #[serde(default)]
    homes: Vec<HomeRow>,
    #[serde(default)]
    entries: Vec<EntryRow>,
    #[serde(default)]
    certificates: Vec<CertificateRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HomeRow {
    node: PathBuf,
    delegation: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryRow {
    address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    association: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CertificateRow {
    serial: String,
    certificate: String,
    #[serde(default)]
    revoked: bool,
}

/// `settings.toml`, as the association writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    name: Option<String>,
    chats_at_once: Option<u8>,
    #[serde(default)]
    texts: BTreeMap<String, TextsFile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TextsFile {
    hours: String,
    confidentiality: String,
    danger: String,
    legal: String,
    services: String,
}

/// Whether a home serves what was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The home.
    pub peer: String,
    /// Version of the roster.
    pub version: u64,
    /// What the home said.
    pub answer: Answer,
}

/// What a home says to a publication that lies in its directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It serves it.
    Served,
    /// Nothing: it does not run, and takes it when it starts.
    Away,
    /// Nothing, although it runs: this is said to the operator.
    Silent(String),
    /// It runs and does not take it, for this reason.
    Refused(String),
}

/// An association's directory, open.
pub struct Association {
    path: PathBuf,
    root: SignKey,
    book: Book,
}

/// Makes an association: its root key and its name.
///
/// # Errors
/// [`AssociationError`].
pub fn init(path: &Path, name: &str) -> Result<(), AssociationError> {
    if path.join("root.key").exists() || path.join("association.toml").exists() {
        return Err(AssociationError::Exists {
            path: path.to_owned(),
        });
    }
    let name = label(name)?;
    files::make_folder(path)?;
    files::make_key(&path.join("root.key"))?;
    let book = Book {
        name: name.to_string(),
        ..Book::default()
    };
    write_book(path, &book)
}

/// Lets a node speak for the association: delegates to it, hands it the delegation, remembers it.
///
/// # Errors
/// [`AssociationError`].
pub async fn add_home(path: &Path, node: &Path) -> Result<String, AssociationError> {
    let mut association = Association::open(path)?;
    let directory = Directory::open(node)?;
    let peer = directory.identity()?.peer();
    let now = today();
    let delegation = Delegation {
        home_peer: peer,
        home_x: directory.home_key()?.public(),
        op_pk: directory.operator_key()?.public().to_bytes(),
        not_before: now,
        expires: now.plus(DELEGATION_MAX_SECONDS),
    };
    let delegation = Signed::sign(delegation, &association.root, &association.root_key().helpline())?;
    directory.write_delegation(&association.root_key(), &delegation)?;
    let node = std::path::absolute(node).unwrap_or_else(|_| node.to_owned());
    association.book.homes.retain(|home| home.node != node);
    association.book.homes.push(HomeRow {
        node: node.clone(),
        delegation: BASE32_NOPAD.encode(delegation.encoded()),
    });
    write_book(path, &association.book)?;
    // A node that does not run or does not answer takes it when it starts.
    let _ = control::ask(&node, &Request::Reload).await;
    Ok(peer_text(&peer))
}

/// Remembers an entry through which the homes can be reached.
///
/// # Errors
/// [`AssociationError`].
pub fn add_entry(
    path: &Path,
    address: &str,
    association_name: Option<&str>,
) -> Result<String, AssociationError> {
    let mut association = Association::open(path)?;
    let address = parse_address(address)?;
    let name = association_name.map(label).transpose()?;
    let peer = address.peer;
    association
        .book
        .entries
        .retain(|entry| parse_address(&entry.address).is_ok_and(|known| known.peer != peer));
    association.book.entries.push(EntryRow {
        address: address.to_string(),
        association: name.map(String::from),
    });
    write_book(path, &association.book)?;
    Ok(peer_text(&peer))
}

/// Certifies a counselor; gives the text of the certificate file and the serial.
///
/// # Errors
/// [`AssociationError`].
pub fn certify(
    path: &Path,
    request: &str,
    pseudonym: &str,
    languages: &str,
    role: Role,
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
    association.book.certificates.push(CertificateRow {
        serial: certificate.serial.to_string(),
        certificate: BASE32_NOPAD.encode(certificate.encoded()),
        revoked: false,
    });
    write_book(path, &association.book)?;
    let serial = certificate.serial;
    Ok((CertificateFile { address, certificate }.to_string(), serial))
}

/// Takes a certificate back. It counts when it is published.
///
/// # Errors
/// [`AssociationError`].
pub fn revoke(path: &Path, serial: Serial) -> Result<(), AssociationError> {
    let mut association = Association::open(path)?;
    let text = serial.to_string();
    let row = association
        .book
        .certificates
        .iter_mut()
        .find(|row| row.serial == text);
    row.ok_or(AssociationError::Unknown(serial))?.revoked = true;
    write_book(path, &association.book)
}

/// Takes what the association says of itself.
///
/// # Errors
/// [`AssociationError`].
pub fn settings(path: &Path, text: &str) -> Result<(), AssociationError> {
    let association = Association::open(path)?;
    association.read_settings(text)?.encode()?;
    files::write_whole(&path.join("settings.toml"), text.as_bytes(), 0o600)?;
    Ok(())
}

/// Signs a new roster and hands it to every home; waits until running ones serve it. The texts say which homes could
/// not be given it.
///
/// # Errors
/// [`AssociationError`].
pub async fn publish(path: &Path) -> Result<(Publication, Vec<Published>, Vec<String>), AssociationError> {
    let mut association = Association::open(path)?;
    let now = today();
    let publication = association.sign(now)?;
    let version = publication.roster.version;
    write_book(path, &association.book)?;
    let mut homes = Vec::new();
    let mut failures = Vec::new();
    for home in &association.book.homes {
        let written = Directory::open(&home.node).and_then(|directory| {
            directory.write_publication(&publication)?;
            Ok((peer_text(&directory.identity()?.peer()), home.node.clone()))
        });
        match written {
            Ok(home) => homes.push(home),
            Err(error) => failures.push(error.to_string()),
        }
    }
    if homes.is_empty() && !association.book.homes.is_empty() {
        return Err(AssociationError::Nowhere(failures.join("\n")));
    }
    let mut published = Vec::new();
    for (peer, node) in homes {
        let answer = served(&node, version).await;
        published.push(Published {
            peer,
            version,
            answer,
        });
    }
    Ok((publication, published, failures))
}

/// Waits until a running home serves `version`.
async fn served(node: &Path, version: u64) -> Answer {
    let start = Instant::now();
    let mut answer = Answer::Away;
    while start.elapsed() < SERVED {
        match control::ask(node, &Request::Reload).await {
            Ok(status) if status.roster_version >= version => return Answer::Served,
            Ok(status) => answer = status.error.map_or(Answer::Away, Answer::Refused),
            Err(error) => match error.unless_not_running() {
                Ok(()) => return answer,
                Err(error) => answer = Answer::Silent(error.to_string()),
            },
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    answer
}

/// The address to hand out, and its twelve words.
///
/// # Errors
/// [`AssociationError`].
pub fn address(path: &Path) -> Result<(HelplineAddress, String), AssociationError> {
    let association = Association::open(path)?;
    Ok((association.address()?, fingerprint(&association.root_key())))
}

impl Association {
    /// Opens a directory.
    ///
    /// # Errors
    /// [`AssociationError`].
    pub fn open(path: &Path) -> Result<Self, AssociationError> {
        let file = path.join("association.toml");
        let Some(bytes) = files::read_if_there(&file)? else {
            return Err(AssociationError::Missing {
                path: path.to_owned(),
            });
        };
        let damaged = |reason: String| AssociationError::Damaged {
            path: file.clone(),
            reason,
        };
        let text = files::as_text(&file, &bytes)?;
        let book = toml::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        let root = SignKey::from_bytes(&*files::read_key(&path.join("root.key"))?);
        Ok(Self {
            path: path.to_owned(),
            root,
            book,
        })
    }

    /// The root's public half.
    #[must_use]
    pub fn root_key(&self) -> RootKey {
        RootKey(self.root.public())
    }

    fn delegations(&self) -> Result<Vec<(PathBuf, Signed<Delegation>)>, AssociationError> {
        self.book
            .homes
            .iter()
            .map(|home| Ok((home.node.clone(), self.verify(&home.delegation)?)))
            .collect()
    }

    fn verify<T: hamsa_protocol::objects::Object>(&self, text: &str) -> Result<Signed<T>, AssociationError> {
        let damaged = |reason: String| AssociationError::Damaged {
            path: self.path.join("association.toml"),
            reason,
        };
        let encoded = BASE32_NOPAD
            .decode(text.as_bytes())
            .map_err(|error| damaged(error.to_string()))?;
        let root = self.root_key();
        Signed::verify(&encoded, &root.0, &root.helpline()).map_err(|error| damaged(error.to_string()))
    }

    /// A counselor of another key whose certificate counts, and whose name a seeker takes for this one.
    fn looks_like(
        &self,
        pseudonym: &Label,
        id_pk: &[u8; 32],
        now: Unix,
    ) -> Result<Option<Label>, AssociationError> {
        let new = skeleton(pseudonym);
        for row in self.book.certificates.iter().filter(|row| !row.revoked) {
            let known = self.verify::<Certificate>(&row.certificate)?;
            let other = known.id_pk != *id_pk && known.valid_at(now).is_ok();
            if other && skeleton(&known.pseudonym) == new {
                return Ok(Some(known.pseudonym.clone()));
            }
        }
        Ok(None)
    }

    fn entries(&self) -> Result<Vec<(NodeAddress, Option<Label>)>, AssociationError> {
        let own = &self.book.name;
        self.book
            .entries
            .iter()
            .map(|entry| {
                let other = entry.association.as_ref().filter(|name| *name != own);
                Ok((
                    parse_address(&entry.address)?,
                    other.map(|name| label(name)).transpose()?,
                ))
            })
            .collect()
    }

    /// Every home at least once; entries of other associations first.
    fn address(&self) -> Result<HelplineAddress, AssociationError> {
        let homes = self.delegations()?;
        let entries = self.entries()?;
        let mut ways: Vec<Vec<Route>> = Vec::new();
        for (node, delegation) in &homes {
            let home = delegation.home_peer;
            let mut routes: Vec<Route> = entries
                .iter()
                .map(|(address, other)| Route {
                    entry_address: address.address.clone(),
                    entry: address.peer,
                    home,
                    foreign: other.is_some(),
                })
                .collect();
            if routes.is_empty() {
                let (own, _) = Directory::open(node)?.announced()?;
                routes.extend(own.into_iter().map(|address| Route {
                    entry_address: address.address,
                    entry: address.peer,
                    home,
                    foreign: false,
                }));
            }
            routes.sort_by_key(|route| !route.foreign);
            ways.push(routes);
        }
        // The first way of each home, then the second of each, until the address is full.
        let most = ways.iter().map(Vec::len).max().unwrap_or_default();
        let routes: Vec<Route> = (0..most)
            .flat_map(|number| ways.iter().filter_map(move |routes| routes.get(number).cloned()))
            .take(ROUTES)
            .collect();
        HelplineAddress::new(self.root_key(), routes).ok_or_else(|| AssociationError::NoHome {
            path: self.path.clone(),
        })
    }

    fn read_settings(&self, text: &str) -> Result<Settings, AssociationError> {
        let path = self.path.join("settings.toml");
        let reader = toml::Deserializer::parse(text).map_err(|error| AssociationError::Damaged {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        let file: SettingsFile =
            serde_path_to_error::deserialize(reader).map_err(|error| AssociationError::Damaged {
                path,
                reason: format!("at `{}`: {}", error.path(), error.inner()),
            })?;
        let texts = file
            .texts
            .into_iter()
            .map(|(language, texts)| {
                Ok(LocalTexts {
                    language: code(&language)
                        .parse()
                        .map_err(|error| AssociationError::Value(format!("texts.{language}: {error}")))?,
                    hours: prose(&texts.hours),
                    confidentiality: prose(&texts.confidentiality),
                    danger: prose(&texts.danger),
                    legal: prose(&texts.legal),
                    services: prose(&texts.services),
                })
            })
            .collect::<Result<Vec<_>, AssociationError>>()?;
        let name = file.name.as_deref().unwrap_or(&self.book.name);
        let settings = Settings {
            texts,
            ..Settings::named(label(name)?)
        };
        Ok(Settings {
            chats_at_once: file.chats_at_once.unwrap_or(settings.chats_at_once),
            ..settings
        })
    }

    fn sign(&mut self, now: Unix) -> Result<Publication, AssociationError> {
        let settings = match files::read_if_there(&self.path.join("settings.toml"))? {
            Some(bytes) => self.read_settings(&files::as_text(&self.path.join("settings.toml"), &bytes)?)?,
            None => Settings::named(label(&self.book.name)?),
        }
        .encode()?;
        let delegations: Vec<_> = self
            .delegations()?
            .into_iter()
            .map(|(_, delegation)| delegation)
            .filter(|delegation| delegation.valid_at(now).is_ok())
            .collect();
        if delegations.is_empty() {
            return Err(AssociationError::NoHome {
                path: self.path.clone(),
            });
        }
        let mut certificates = Vec::new();
        let mut revoked = Vec::new();
        for row in &self.book.certificates {
            let certificate = self.verify::<Certificate>(&row.certificate)?;
            // Neither list needs what has expired.
            if certificate.valid_at(now).is_err() {
                continue;
            }
            if row.revoked {
                revoked.push(certificate.serial);
            } else {
                certificates.push(certificate.hash());
            }
        }
        let milliseconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis());
        let version = (self.book.roster_version + 1).max(u64::try_from(milliseconds).unwrap_or_default());
        self.book.roster_version = version;
        let roster = Roster {
            version,
            issued: now,
            expires: now.plus(ROSTER_DEFAULT_SECONDS),
            certificates,
            delegations: delegations.iter().map(Signed::hash).collect(),
            revoked,
            settings: Settings::hash(&settings),
        };
        let root = self.root_key();
        let roster = Signed::sign(roster, &self.root, &root.helpline())?;
        let entries = self
            .entries()?
            .into_iter()
            .map(|(address, association)| Entry {
                address: address.address,
                peer: address.peer,
                association,
            })
            .collect();
        Ok(Publication {
            root,
            roster,
            settings,
            entries,
            delegations,
        })
    }
}

fn write_book(path: &Path, book: &Book) -> Result<(), AssociationError> {
    let file = path.join("association.toml");
    let text = toml::to_string(book).map_err(|error| AssociationError::Damaged {
        path: file.clone(),
        reason: error.to_string(),
    })?;
    Ok(files::write_whole(&file, text.as_bytes(), 0o600)?)
}

fn label(text: &str) -> Result<Label, AssociationError> {
    name(text)
        .parse()
        .map_err(|error| AssociationError::Value(format!("{text}: {error}")))
}

/// What the eye takes a name for (UTS 39, skeleton), in small letters.
fn skeleton(label: &Label) -> String {
    let small: String = code(label.as_str())
        .chars()
        .flat_map(char::to_lowercase)
        .collect();
    unicode_security::skeleton(&small).collect()
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod settings_tests;
