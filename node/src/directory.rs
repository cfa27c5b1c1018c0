//! A node's directory: its configuration, keys, the root's word for it, and what it must not forget.
//!
//! | file | what |
//! |---|---|
//! | `node.toml` | where it listens, its roles and partners; the operator's |
//! | `identity.key`, `home.key`, `operator.key`, `receipt.key` | 32 secret bytes each, mode 600 |
//! | `delegation` | the root's public key and its word for this node |
//! | `mail/`, `keys/mail/` | sealed messages that wait, by expiry day, and the keys of the days: see [`crate::store`] |
//! | `publication` | the last that the association published |
//! | `state` | number of starts, highest descriptor version |
//! | `survey` | sums of the answers to the three questions, by month |
//! | `clock` | the hour in which it last knew the date, in hours since 1970 |
//! | `lock`, `control.sock` | while it runs |

use std::{
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use hamsa_net::{NodeAddress, NodeIdentity, NodePeer};
use hamsa_protocol::{
    crypto::{
        hash::Secret,
        keys::{DhSecret, RootKey, SignKey, VerifyKey},
    },
    home::Survey,
    objects::{Delegation, Label, Signed, postcard_decode, postcard_encode},
    time::Unix,
};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use crate::{
    clock::{Date, HOUR, Verdict, judge},
    files::{self, FileError},
    publication::{Publication, PublicationError},
    store,
};

/// Where a node listens when nothing is said: all of IPv4, at a port that no well-known service has.
const DEFAULT_LISTEN: &str = "/ip4/0.0.0.0/tcp/4310";

/// What a node may give to mail, in MiB: less than 8 is a handful of messages, and more than 1 TiB is a slip of the pen.
const MAIL_MIB: RangeInclusive<u64> = 8..=1_024 * 1_024;

/// What is wrong with a directory, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A node lives here already.
    #[error("{} is a node already; choose another directory", path.display())]
    Exists {
        /// The directory.
        path: PathBuf,
    },
    /// No node lives here.
    #[error("{} is no node; make one with `hamsa-node init --dir {}`", path.display(), path.display())]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// The configuration is not one.
    #[error("{} is not right at `{key}`: {reason}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// The reason, with its line.
        reason: String,
    },
    /// An address is none.
    #[error("{text} is no address: {reason}; write it as /ip4/203.0.113.5/tcp/4310 or /dns4/name/tcp/443/ws")]
    Address {
        /// As written.
        text: String,
        /// Why.
        reason: String,
    },
    /// Its mail.
    #[error(transparent)]
    Mail(#[from] store::MailError),
    /// A name is none.
    #[error("{0}")]
    Name(String),
    /// Another process runs this node.
    #[error("the node in {} runs already; stop it first", path.display())]
    Running {
        /// The directory.
        path: PathBuf,
    },
    /// The root's word does not hold.
    #[error("the delegation in {} does not hold: {reason}; run `hamsa-node association add-home` again", path.display())]
    Delegation {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The clock of this machine stands before a time that has been.
    #[error(
        "the clock of this machine says {}, and this node ran at {} already: set the clock, then start the node again. If the clock is right, delete {} first; nothing was changed",
        Date(*wall), Date(*kept), path.display()
    )]
    ClockBehind {
        /// What it says.
        wall: Unix,
        /// When the node ran.
        kept: Unix,
        /// Where that stands.
        path: PathBuf,
    },
    /// Something does not hold now, and it is not sure that it is now.
    #[error(
        "{error}. But first look at the clock of this machine: it says {}, and this node last ran at {}",
        Date(*wall), Date(*kept)
    )]
    ClockAhead {
        /// What it says.
        wall: Unix,
        /// When the node ran.
        kept: Unix,
        /// What does not hold.
        error: Box<DirectoryError>,
    },
    /// The publication does not hold.
    #[error("the publication in {} does not hold: {reason}; publish again, or set the clock of this machine if its date is wrong", path.display())]
    Publication {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: PublicationError,
    },
}

/// What a node may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeRole {
    /// Forwards people's streams to its partners.
    Entry,
    /// Takes streams for a helpline that delegated it.
    Home,
}

/// A partner in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// Where it is and who it is: `MULTIADDR/p2p/PEER`.
    pub address: String,
    /// Who runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association: Option<String>,
}

/// `node.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A name for the operator.
    #[serde(default)]
    pub name: String,
    /// Where the node listens.
    pub listen: Vec<String>,
    /// Where others reach it, when that is another address than where it listens.
    #[serde(default)]
    pub announce: Vec<String>,
    /// What it does.
    #[serde(default = "both")]
    pub roles: Vec<NodeRole>,
    /// What sealed messages that wait may take of the disk, in MiB.
    #[serde(default = "mail_mib")]
    pub mail_mib: u64,
    /// The nodes it works with.
    #[serde(default)]
    pub partners: Vec<Partner>,
}

fn mail_mib() -> u64 {
    store::MAIL_MIB
}

fn both() -> Vec<NodeRole> {
    vec![NodeRole::Entry, NodeRole::Home]
}

impl Config {
    /// Reads the text of a configuration.
    ///
    /// # Errors
    /// [`DirectoryError::Config`] with line, key and reason; [`DirectoryError::Address`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, DirectoryError> {
        let wrong = |key: String, reason: String| DirectoryError::Config {
            path: path.to_owned(),
            key,
            reason,
        };
        let reader = toml::Deserializer::parse(text).map_err(|error| wrong(".".into(), error.to_string()))?;
        let config: Self = serde_path_to_error::deserialize(reader)
            .map_err(|error| wrong(error.path().to_string(), error.inner().to_string()))?;
        for listen in config.listen.iter().chain(&config.announce) {
            check_address(listen)?;
        }
        config.partner_addresses()?;
        if !MAIL_MIB.contains(&config.mail_mib) {
            return Err(wrong(
                "mail_mib".into(),
                format!(
                    "{} is not between {} and {} (MiB)",
                    config.mail_mib,
                    MAIL_MIB.start(),
                    MAIL_MIB.end()
                ),
            ));
        }
        let mut ports: Vec<&String> = config.listen.iter().collect();
        ports.sort();
        if ports.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(wrong(
                "listen".into(),
                "the same address stands there twice".into(),
            ));
        }
        Ok(config)
    }

    /// The partners' addresses.
    ///
    /// # Errors
    /// [`DirectoryError::Address`].
    pub fn partner_addresses(&self) -> Result<Vec<NodeAddress>, DirectoryError> {
        self.partners
            .iter()
            .map(|partner| parse_address(&partner.address))
            .collect()
    }
}

/// Reads `MULTIADDR/p2p/PEER`.
///
/// # Errors
/// [`DirectoryError::Address`].
pub fn parse_address(text: &str) -> Result<NodeAddress, DirectoryError> {
    text.parse()
        .map_err(|error: hamsa_net::AddressError| DirectoryError::Address {
            text: text.to_owned(),
            reason: error.to_string(),
        })
}

fn check_address(text: &str) -> Result<(), DirectoryError> {
    NodeAddress::new(text, NodePeer([0; 32]))
        .map(|_| ())
        .map_err(|error| DirectoryError::Address {
            text: text.to_owned(),
            reason: error.to_string(),
        })
}

/// What must survive a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Number of starts.
    pub boot: u32,
    /// Highest descriptor version ever signed.
    pub descriptor: u64,
}

/// A node's directory.
#[derive(Clone, Debug)]
pub struct Directory {
    path: PathBuf,
}

/// A running node holds it; it is free again when the process ends, however that happens.
#[derive(Debug)]
pub struct Lock {
    _file: std::fs::File,
}

impl Directory {
    /// Makes a node: keys and configuration. A port 0 becomes a free port now, because the address is handed out
    /// before the node runs.
    ///
    /// # Errors
    /// [`DirectoryError`]; a node that is there stays as it is.
    pub fn init(path: &Path, listen: &[String], name: &str) -> Result<Self, DirectoryError> {
        let directory = Self {
            path: path.to_owned(),
        };
        if directory.file("identity.key").exists() || directory.file("node.toml").exists() {
            return Err(DirectoryError::Exists {
                path: path.to_owned(),
            });
        }
        let listen: Vec<String> = if listen.is_empty() {
            vec![DEFAULT_LISTEN.to_owned()]
        } else {
            listen
                .iter()
                .map(|address| fixed_port(address))
                .collect::<Result<_, _>>()?
        };
        let config = Config {
            name: name.to_owned(),
            listen,
            announce: Vec::new(),
            roles: both(),
            mail_mib: mail_mib(),
            partners: Vec::new(),
        };
        files::make_folder(path)?;
        for key in ["identity.key", "home.key", "operator.key", "receipt.key"] {
            files::make_key(&directory.file(key))?;
        }
        directory.write_config(&config)?;
        Ok(directory)
    }

    /// Opens one.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`].
    pub fn open(path: &Path) -> Result<Self, DirectoryError> {
        let directory = Self {
            path: path.to_owned(),
        };
        if directory.file("node.toml").exists() {
            Ok(directory)
        } else {
            Err(DirectoryError::Missing {
                path: path.to_owned(),
            })
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The configuration.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn config(&self) -> Result<Config, DirectoryError> {
        let path = self.file("node.toml");
        Config::parse(&path, &files::read_text(&path)?)
    }

    fn write_config(&self, config: &Config) -> Result<(), DirectoryError> {
        let path = self.file("node.toml");
        let text = toml::to_string(config).map_err(|error| DirectoryError::Config {
            path: path.clone(),
            key: ".".into(),
            reason: error.to_string(),
        })?;
        Ok(files::write_whole(&path, text.as_bytes(), 0o600)?)
    }

    /// Adds a partner to the configuration, or gives one a new address.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn add_partner(&self, text: &str, association: Option<&str>) -> Result<NodeAddress, DirectoryError> {
        let address = parse_address(text)?;
        if let Some(name) = association {
            hamsa_protocol::text::name(name)
                .parse::<Label>()
                .map_err(|error| DirectoryError::Name(error.to_string()))?;
        }
        // What does not hold now is said before anything is written.
        self.config()?;
        let path = self.file("node.toml");
        let old = files::read_text(&path)?;
        let text = with_partner(&old, &address, association).map_err(|reason| DirectoryError::Config {
            path: path.clone(),
            key: "partners".into(),
            reason,
        })?;
        Config::parse(&path, &text)?;
        files::write_whole(&path, text.as_bytes(), 0o600)?;
        Ok(address)
    }

    /// The network identity.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn identity(&self) -> Result<NodeIdentity, DirectoryError> {
        Ok(NodeIdentity::from_secret(&*files::read_key(
            &self.file("identity.key"),
        )?))
    }

    /// The key of the home link.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn home_key(&self) -> Result<DhSecret, DirectoryError> {
        Ok(DhSecret::from_bytes(&*files::read_key(&self.file("home.key"))?))
    }

    /// The key that signs descriptors.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn operator_key(&self) -> Result<SignKey, DirectoryError> {
        Ok(SignKey::from_bytes(&*files::read_key(
            &self.file("operator.key"),
        )?))
    }

    /// The key of place receipts.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn receipt_key(&self) -> Result<Secret, DirectoryError> {
        Ok(files::read_key(&self.file("receipt.key"))?)
    }

    /// Takes the root's word for this node.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn write_delegation(
        &self,
        root: &RootKey,
        delegation: &Signed<Delegation>,
    ) -> Result<(), DirectoryError> {
        let bytes = [root.0.to_bytes().as_slice(), delegation.encoded()].concat();
        Ok(files::write_whole(&self.file("delegation"), &bytes, 0o600)?)
    }

    /// The root and its word for this node, if it was given; valid or not.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn delegation(&self) -> Result<Option<(RootKey, Signed<Delegation>)>, DirectoryError> {
        let path = self.file("delegation");
        let Some(bytes) = files::read_if_there(&path)? else {
            return Ok(None);
        };
        let wrong = |reason: String| DirectoryError::Delegation {
            path: path.clone(),
            reason,
        };
        let (root, encoded) = bytes
            .split_first_chunk::<32>()
            .ok_or_else(|| wrong("it is cut off".into()))?;
        let root = RootKey(VerifyKey::from_bytes(root).map_err(|error| wrong(error.to_string()))?);
        let delegation = Signed::<Delegation>::verify(encoded, &root.0, &root.helpline())
            .map_err(|error| wrong(error.to_string()))?;
        if delegation.home_peer != self.identity()?.peer() || delegation.home_x != self.home_key()?.public() {
            return Err(wrong("it is for another node".into()));
        }
        Ok(Some((root, delegation)))
    }

    /// Takes what an association published.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn write_publication(&self, publication: &Publication) -> Result<(), DirectoryError> {
        let own = self.identity()?.peer();
        if let Some(delegation) = publication
            .delegations
            .iter()
            .find(|delegation| delegation.home_peer == own)
        {
            self.write_delegation(&publication.root, delegation)?;
        }
        Ok(files::write_whole(
            &self.file("publication"),
            &publication.encode(),
            0o600,
        )?)
    }

    /// What was published last, if anything was.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn publication(&self) -> Result<Option<Publication>, DirectoryError> {
        let path = self.file("publication");
        let Some(bytes) = files::read_if_there(&path)? else {
            return Ok(None);
        };
        let publication =
            Publication::decode(&bytes).map_err(|reason| DirectoryError::Publication { path, reason })?;
        Ok(Some(publication))
    }

    /// What must survive a restart.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn state(&self) -> Result<State, DirectoryError> {
        let bytes = files::read_if_there(&self.file("state"))?;
        Ok(bytes
            .and_then(|bytes| postcard_decode(&bytes))
            .unwrap_or_default())
    }

    /// Keeps it.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn write_state(&self, state: State) -> Result<(), DirectoryError> {
        Ok(files::write_whole(
            &self.file("state"),
            &postcard_encode(&state),
            0o600,
        )?)
    }

    /// The sums of the three questions. A file that holds none is put aside, and they begin anew.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn survey(&self) -> Result<Survey, DirectoryError> {
        let path = self.file("survey");
        let Some(bytes) = files::read_if_there(&path)? else {
            return Ok(Survey::default());
        };
        if let Some(survey) = Survey::decode(&bytes) {
            return Ok(survey);
        }
        let aside = files::put_aside(&path)?;
        tracing::error!(
            "{} is damaged: the sums of the three questions begin anew. It was put aside as {}; if there is a copy, stop this node, put the copy back and start it again. Check this disk",
            path.display(),
            aside.display()
        );
        Ok(Survey::default())
    }

    /// Keeps them.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn write_survey(&self, survey: &Survey) -> Result<(), DirectoryError> {
        Ok(files::write_whole(&self.file("survey"), &survey.encode(), 0o600)?)
    }

    /// Whether the sums can be read, without touching them.
    fn check_survey(&self) -> Result<(), String> {
        let path = self.file("survey");
        let bytes = files::read_if_there(&path).map_err(|error| error.to_string())?;
        if bytes.is_none_or(|bytes| Survey::decode(&bytes).is_some()) {
            return Ok(());
        }
        Err(format!(
            "{} is damaged: put back a copy of it, or else its sums begin anew at the next start",
            path.display()
        ))
    }

    /// Where the last known hour is kept.
    #[must_use]
    pub(crate) fn clock(&self) -> PathBuf {
        self.file("clock")
    }

    /// The hour in which this node last knew the date. A file that says none is as good as none.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub(crate) fn kept_hour(&self) -> Result<Option<Unix>, DirectoryError> {
        let bytes = files::read_if_there(&self.clock())?;
        let hours = bytes.and_then(|bytes| String::from_utf8(bytes).ok()?.trim().parse::<u64>().ok());
        Ok(hours.map(|hours| Unix(hours.saturating_mul(HOUR))))
    }

    /// Keeps the hour of this moment.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub(crate) fn keep_hour(&self, now: Unix) -> Result<(), DirectoryError> {
        let text = format!("{}\n", now.0 / HOUR);
        Ok(files::write_whole(&self.clock(), text.as_bytes(), 0o600)?)
    }

    /// What is to be made of this machine's clock.
    ///
    /// # Errors
    /// [`DirectoryError::ClockBehind`].
    pub(crate) fn judge_clock(&self, wall: Unix) -> Result<Verdict, DirectoryError> {
        let verdict = judge(self.kept_hour()?, wall);
        match verdict {
            Verdict::Behind(kept) => Err(DirectoryError::ClockBehind {
                wall,
                kept,
                path: self.clock(),
            }),
            Verdict::Right | Verdict::Ahead(_) => Ok(verdict),
        }
    }

    /// Makes sure that this process is the only one that runs this node.
    ///
    /// # Errors
    /// [`DirectoryError::Running`].
    pub fn lock(&self) -> Result<Lock, DirectoryError> {
        let file = files::open_lock(&self.file("lock"))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Lock { _file: file }),
            Err(_) => Err(DirectoryError::Running {
                path: self.path.clone(),
            }),
        }
    }

    /// Everything that can be wrong, in words.
    #[must_use]
    pub fn check(&self, now: Unix) -> Vec<String> {
        let mut wrong = files::check_owners(&self.path);
        let mut note = |result: Result<(), String>| wrong.extend(result.err());
        let text = |error: DirectoryError| error.to_string();
        note(self.config().map(|_| ()).map_err(text));
        note(self.identity().map(|_| ()).map_err(text));
        note(self.home_key().map(|_| ()).map_err(text));
        note(self.operator_key().map(|_| ()).map_err(text));
        note(self.receipt_key().map(|_| ()).map_err(text));
        note(self.state().map(|_| ()).map_err(text));
        note(self.check_survey());
        note(self.judge_clock(now).map(|_| ()).map_err(text));
        note(match self.delegation() {
            Ok(Some((_, delegation))) => delegation.valid_at(now).map_err(|error| {
                format!(
                    "{}: {error}; run `hamsa-node association add-home` again",
                    self.file("delegation").display()
                )
            }),
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        });
        note(match self.publication() {
            Ok(Some(publication)) => publication.roster.valid_at(now).map_err(|error| {
                format!(
                    "{}: {error}; run `hamsa-node association publish`",
                    self.file("publication").display()
                )
            }),
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        });
        wrong.extend(store::check(&self.path));
        wrong
    }

    /// Addresses to hand out, and whether one of them is only good on this machine.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn announced(&self) -> Result<(Vec<NodeAddress>, bool), DirectoryError> {
        let config = self.config()?;
        let peer = self.identity()?.peer();
        let given = if config.announce.is_empty() {
            &config.listen
        } else {
            &config.announce
        };
        let mut local = false;
        let mut addresses = Vec::new();
        for text in given {
            let here = text
                .replace("/ip4/0.0.0.0/", "/ip4/127.0.0.1/")
                .replace("/ip6/::/", "/ip6/::1/");
            local |= here != *text;
            let address = NodeAddress::new(&here, peer).map_err(|error| DirectoryError::Address {
                text: text.clone(),
                reason: error.to_string(),
            })?;
            addresses.push(address);
        }
        Ok((addresses, local))
    }
}

/// The text of a configuration with one partner more, or with another address for one that is there; everything else
/// in it, comments and order too, stays as the operator wrote it.
fn with_partner(text: &str, address: &NodeAddress, association: Option<&str>) -> Result<String, String> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| error.to_string())?;
    let is_it = |row: &dyn TableLike| {
        let known = row.get("address").and_then(Item::as_str).map(parse_address);
        known.is_some_and(|known| known.is_ok_and(|known| known.peer == address.peer))
    };
    let fill = |row: &mut dyn TableLike| {
        row.insert("address", value(address.to_string()));
        if let Some(name) = association {
            row.insert("association", value(name));
        }
    };
    let partners = document
        .entry("partners")
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match partners {
        Item::ArrayOfTables(rows) => {
            if let Some(row) = rows.iter_mut().find(|row| is_it(*row)) {
                fill(row);
            } else {
                let mut row = Table::new();
                fill(&mut row);
                rows.push(row);
            }
        }
        Item::Value(Value::Array(rows)) => {
            if let Some(row) = rows
                .iter_mut()
                .filter_map(Value::as_inline_table_mut)
                .find(|row| is_it(*row))
            {
                fill(row);
            } else {
                let mut row = InlineTable::new();
                fill(&mut row);
                rows.push(row);
            }
        }
        _ => return Err("expected a list of partners".to_owned()),
    }
    Ok(document.to_string())
}

/// Replaces port 0 by one that is free now.
fn fixed_port(address: &str) -> Result<String, DirectoryError> {
    check_address(address)?;
    let mut parts: Vec<&str> = address.trim().split('/').collect();
    let port = match parts.get(4) {
        Some(&"0") => {
            let free = hamsa_net::free_port(address.starts_with("/ip6/"));
            let free = free.map_err(|error| DirectoryError::Address {
                text: address.to_owned(),
                reason: error.to_string(),
            })?;
            free.to_string()
        }
        _ => return Ok(address.trim().to_owned()),
    };
    if let Some(part) = parts.get_mut(4) {
        *part = &port;
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_kept_for_their_owner_only_and_a_damaged_file_is_put_aside() {
        use std::os::unix::fs::MetadataExt;

        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::init(folder.path(), &[], "n").unwrap();
        assert_eq!(directory.survey().unwrap(), Survey::default());
        // One month, with 300 who felt heard.
        let bytes = [1, 1, 0xac, 2, 0, 0, 0, 0, 0];
        let survey = Survey::decode(&bytes).unwrap();
        directory.write_survey(&survey).unwrap();
        let path = folder.path().join("survey");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(directory.survey().unwrap(), survey);
        assert_eq!(directory.check_survey(), Ok(()));
        // Twice, so that the second does not take the place of the first.
        for (number, damaged) in [&bytes[1..], b""].into_iter().enumerate() {
            std::fs::write(&path, damaged).unwrap();
            assert!(
                directory
                    .check_survey()
                    .unwrap_err()
                    .contains("survey is damaged")
            );
            assert_eq!(directory.survey().unwrap(), Survey::default());
            assert!(!path.exists());
            let aside = folder.path().join(format!("survey.damaged-{}", number + 1));
            assert_eq!(std::fs::read(aside).unwrap(), damaged);
        }
        // What cannot be read at all is no reason to begin anew.
        std::fs::create_dir(&path).unwrap();
        assert!(directory.survey().unwrap_err().to_string().contains("survey"));
    }

    fn parse(text: &str) -> Result<Config, DirectoryError> {
        Config::parse(Path::new("node.toml"), text)
    }

    #[test]
    fn a_share_for_mail_has_a_default_and_bounds() {
        let listen = "listen = [\"/ip4/127.0.0.1/tcp/4310\"]\n";
        assert_eq!(parse(listen).unwrap().mail_mib, store::MAIL_MIB);
        assert_eq!(parse(&format!("{listen}mail_mib = 8")).unwrap().mail_mib, 8);
        for (wrong, reason) in [
            ("mail_mib = 7", "not between 8 and"),
            ("mail_mib = 0", "not between 8 and"),
            ("mail_mib = 1048577", "not between 8 and"),
            ("mail_mib = -1", "mail_mib"),
            ("mail_mib = \"512\"", "mail_mib"),
            ("mail_mb = 512", "mail_mb"),
        ] {
            let error = parse(&format!("{listen}{wrong}")).unwrap_err().to_string();
            assert!(error.contains("node.toml") && error.contains(reason), "{error}");
        }
    }

    #[test]
    fn a_partner_more_leaves_comments_and_order_as_they_are() {
        let peer = NodeIdentity::from_secret(&[7; 32]).peer();
        let at = |port: u16| NodeAddress::new(&format!("/ip4/192.0.2.1/tcp/{port}"), peer).unwrap();
        let head =
            "# call the office\nname = \"A\"\nmail_mib = 64 # small\nlisten = [\"/ip4/127.0.0.1/tcp/1\"]\n";
        for list in [
            "",
            "partners = [] # none yet\n",
            "[[partners]]\n# the old one\naddress = \"A\"\n",
        ] {
            let other = NodeIdentity::from_secret(&[8; 32]).peer();
            let other = NodeAddress::new("/ip4/192.0.2.9/tcp/1", other)
                .unwrap()
                .to_string();
            let old = format!("{head}{}", list.replace("\"A\"", &format!("\"{other}\"")));
            let one = with_partner(&old, &at(1), Some("B")).unwrap();
            assert!(one.starts_with(head), "{one}");
            assert_eq!(one.contains("# the old one"), list.contains("# the old one"));
            let two = with_partner(&one, &at(2), None).unwrap();
            let (before, after) = (parse(&one).unwrap().partners, parse(&two).unwrap().partners);
            assert_eq!(before.len(), after.len());
            assert_eq!(after.last().unwrap().address, at(2).to_string());
            assert_eq!(after.last().unwrap().association.as_deref(), Some("B"));
        }
    }
}
