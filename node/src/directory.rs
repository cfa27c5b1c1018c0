//! A node's directory: configuration, keys, the delegation by the root, and state.
//!
//! | file | what |
//! |---|---|
//! | `node.toml` | where it listens, its roles and partners; the operator's |
//! | `identity.key`, `home.key`, `operator.key`, `receipt.key` | 32 secret bytes each, mode 600 |
//! | `delegation` | the root's public key and its delegation of this node |
//! | `mail/`, `keys/mail/` | sealed messages that wait, by expiry day, and the keys of the days: see [`crate::store`] |
//! | `publication` | the last that the association published |
//! | `publication.served` | the last that this home served |
//! | `state` | number of starts, highest descriptor version, highest roster of each association |
//! | `survey` | sums of the answers to the three questions, by month |
//! | `clock` | the hour in which it last knew the date, in hours since 1970 |
//! | `lock`, `control.sock` | while it runs |
//! | `changes.lock` | held by a command that changes one of these |

use std::{
    fmt::Display,
    path::{Path, PathBuf},
};

use hamsa_net::NodeAddress;
use hamsa_protocol::{objects::RosterOrder, time::Unix};
use rustix::fs::{FlockOperation, flock};

use crate::{
    checks,
    clock::Date,
    config::Config,
    files::{self, ChangeLock, NodeFileError},
    publication::{Publication, PublicationError},
    store,
};

/// What is wrong with a directory, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// A file.
    #[error(transparent)]
    File(#[from] NodeFileError),
    /// A node exists here already.
    #[error("{} is a node already; choose another directory", .0.display())]
    Exists(PathBuf),
    /// A node whose configuration is lost.
    #[error("node.toml is missing in {}, and {there} of a node are there: put back a copy of node.toml, or write one with the line `listen = [\"/ip4/0.0.0.0/tcp/4310\"]`. For a new node choose another directory", path.display())]
    NoConfig {
        /// The directory.
        path: PathBuf,
        /// The files.
        there: String,
    },
    /// No node exists here.
    #[error("{} is no node; make one with `hamsa-node init --dir {}`", .0.display(), .0.display())]
    Missing(PathBuf),
    /// The configuration is invalid.
    #[error("{} is not right at `{key}`: {reason}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// The reason, with its line.
        reason: String,
    },
    /// An address is invalid.
    #[error("{text} is no address: {reason}; write it as /ip4/203.0.113.5/tcp/4310 or /dns4/name/tcp/443/ws")]
    Address {
        /// As written.
        text: String,
        /// Why.
        reason: String,
    },
    /// The address of another node is invalid.
    #[error(
        "{text} is no address of a node: {reason}; write it as /ip4/203.0.113.5/tcp/4310/p2p/12D3Koo…, as that node prints it after `ready`"
    )]
    NodeAddress {
        /// As written.
        text: String,
        /// Why.
        reason: String,
    },
    /// Its mail.
    #[error(transparent)]
    Mail(#[from] store::MailDiskError),
    /// A name is invalid.
    #[error("{0}")]
    Name(String),
    /// Another process runs this node.
    #[error("the node in {} runs already; stop it first", .0.display())]
    Running(PathBuf),
    /// The delegation is invalid.
    #[error("the delegation in {} does not hold: {reason}; run `hamsa-node association add-home` again", path.display())]
    Delegation {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The wall clock of this machine is behind the hour that was kept.
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
    /// Something is not valid now, and the wall clock is in doubt.
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
    /// Its state.
    #[error("{} is damaged, or of another version of this program: put back a copy. Without one delete it, and give this node the newest publication before it starts: which roster was the highest is forgotten", .0.display())]
    State(PathBuf),
    /// The thread that writes has ended.
    #[error(
        "the state of this node was not written: the part of this program that writes has stopped; start the node again"
    )]
    Stopped,
    /// A roster of the future.
    #[error(
        "this roster is dated {}, more than a day after the clock of this machine, {}: it was not taken. Set the clock that is wrong, and publish again",
        Date(*dated), Date(*wall)
    )]
    RosterAhead {
        /// Its date or version, whichever is later.
        dated: Unix,
        /// What the clock says.
        wall: Unix,
    },
    /// A roster lower than one that counted.
    #[error(
        "roster {offered} is older than roster {kept}, which counts at this node: it was not taken, because it would undo what was revoked since. Publish again with `hamsa-node association publish`, or install the newest publication"
    )]
    RosterOlder {
        /// The one that was offered.
        offered: RosterOrder,
        /// The highest one.
        kept: RosterOrder,
    },
    /// The same, and the one that counted is more than a day ahead of this machine's clock.
    #[error(
        "roster {offered} is older than roster {kept} of {}, which counts at this node, and the clock of this machine says {}: it was not taken. The clock was set back: set it, and publish again. If the clock is right, and roster {kept} was made while one was wrong, stop this node, delete `state` and `publication` in its directory, and publish again",
        Date(*dated), Date(*wall)
    )]
    ClockBehindRoster {
        /// The one that was offered.
        offered: RosterOrder,
        /// The highest one.
        kept: RosterOrder,
        /// When that was made.
        dated: Unix,
        /// What the clock says.
        wall: Unix,
    },
    /// Another roster of the same order.
    #[error(
        "this is another roster {0} than the one that counts at this node: it was not taken. Two copies of the association's directory were used, or its root key is in other hands; find out which, then publish again"
    )]
    RosterSplit(RosterOrder),
    /// The publication is invalid.
    #[error("the publication in {} does not hold: {reason}; publish again, or set the clock of this machine if its date is wrong", path.display())]
    Publication {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: PublicationError,
    },
}

impl DirectoryError {
    /// [`Self::Address`] of a text that was not read.
    pub(crate) fn address(text: &str, reason: &dyn Display) -> Self {
        Self::Address {
            text: text.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// The files of its secrets.
const KEYS: [&str; 4] = ["identity.key", "home.key", "operator.key", "receipt.key"];

/// A node's directory.
#[derive(Clone, Debug)]
pub struct NodeDirectory {
    path: PathBuf,
}

/// Held by a running node; the system releases it when the process ends.
#[derive(Debug)]
pub struct NodeLock {
    _file: std::fs::File,
}

impl NodeDirectory {
    /// Makes a node: keys and configuration. Port 0 becomes a free port now, because the address is handed out before
    /// the node runs.
    ///
    /// # Errors
    /// [`DirectoryError`]; an existing node is not changed.
    pub fn init(path: &Path, listen: &[String], name: &str) -> Result<Self, DirectoryError> {
        let directory = Self {
            path: path.to_owned(),
        };
        if files::is_there(&directory.file("node.toml"))? {
            return Err(DirectoryError::Exists(path.to_owned()));
        }
        // A key that is there is some node's, and there may be no other copy of it.
        directory.holds_no_keys()?;
        let config = Config::new(name, listen)?;
        files::make_folder(path)?;
        let _changing = directory.change()?;
        directory.holds_no_keys()?;
        for key in KEYS {
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
        if files::is_there(&directory.file("node.toml"))? {
            return Ok(directory);
        }
        directory.holds_no_keys()?;
        Err(DirectoryError::Missing(path.to_owned()))
    }

    /// Refuses a directory with files of a node, which has lost its configuration.
    fn holds_no_keys(&self) -> Result<(), DirectoryError> {
        let mut there = Vec::new();
        for name in KEYS.into_iter().chain(["delegation", "state"]) {
            if files::is_there(&self.file(name))? {
                there.push(name);
            }
        }
        if there.is_empty() {
            return Ok(());
        }
        Err(DirectoryError::NoConfig {
            path: self.path.clone(),
            there: there.join(", "),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// One command at a time reads, changes and writes what lies here. What a running node writes is its own.
    pub(crate) fn change(&self) -> Result<ChangeLock, DirectoryError> {
        Ok(files::lock_changes(&self.file("changes.lock"))?)
    }

    /// Makes sure that this process is the only one that runs this node.
    ///
    /// # Errors
    /// [`DirectoryError::Running`].
    pub fn lock(&self) -> Result<NodeLock, DirectoryError> {
        let file = files::open_lock(&self.file("lock"))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(NodeLock { _file: file }),
            Err(_) => Err(DirectoryError::Running(self.path.clone())),
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
            Ok(Some(publication)) => self.check_publication(&publication, now),
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        });
        wrong.extend(store::check(&self.path));
        wrong.extend(checks::surroundings(self));
        wrong
    }

    fn check_publication(&self, publication: &Publication, now: Unix) -> Result<(), String> {
        if let Ok(state) = self.state() {
            let checked = state.check_roster(&publication.root, &publication.roster, now);
            checked.map_err(|error| error.to_string())?;
        }
        publication.roster.valid_at(now).map_err(|error| {
            format!(
                "{}: {error}; run `hamsa-node association publish`",
                self.file("publication").display()
            )
        })
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
            let address = NodeAddress::new(&here, peer);
            addresses.push(address.map_err(|error| DirectoryError::address(text, &error))?);
        }
        Ok((addresses, local))
    }
}
