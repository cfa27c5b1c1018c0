//! An association: its root, its homes, its counselors, and what it publishes.
//!
//! The directory holds the secret of the root. It should be on a machine that is off most of the time: nodes need only
//! what the root signed.

mod certificates;
mod entries;
mod file;
mod publish;
mod settings;

use std::{
    fmt::Display,
    path::{Path, PathBuf},
};

use data_encoding::BASE32_NOPAD;
use hamsa_net::peer_text;
use hamsa_protocol::{
    crypto::{
        fingerprint::fingerprint,
        keys::{RootKey, SignKey},
    },
    objects::{
        DELEGATION_LIFE_MAX, Delegation, Entry, FileError, HelplineAddress, Label, LendError, Object, Serial,
        Signed, address::Route,
    },
    text::name,
    time::Unix,
};

use self::file::{AssociationFile, HomeRow};
pub use self::{
    certificates::{Issued, certify, revoke},
    entries::{AddedEntry, NewEntry, add_entry},
    publish::{HomeAnswer, NotGiven, Published, publish},
    settings::settings,
};
use crate::{
    clock::{Date, today},
    control::{self, Request},
    directory::{DirectoryError, NodeDirectory},
    files::{self, ChangeLock, FileBefore, NodeFileError},
    state::delegation_bytes,
};

/// The root's secret.
const ROOT_KEY: &str = "root.key";
/// What the association must not forget.
const FILE: &str = "association.toml";
/// Held by a command that changes the directory. Another name than that of a node: both may be one folder.
const LOCK: &str = "association.lock";
/// Routes in an address: what a QR code on a poster carries.
const ROUTES: usize = 4;

/// What went wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum AssociationError {
    /// A file.
    #[error(transparent)]
    File(#[from] NodeFileError),
    /// A node's directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// An association exists here already.
    #[error("{} is an association already; choose another directory", .0.display())]
    Exists(PathBuf),
    /// No association exists here.
    #[error("{} is no association; make one with `hamsa-node association init --dir {} --name NAME`", .0.display(), .0.display())]
    Missing(PathBuf),
    /// Its record is lost.
    #[error("{FILE} is missing in {}, and {ROOT_KEY} is there: put back a copy of {FILE}. For a new association choose another directory", .0.display())]
    NoRecord(PathBuf),
    /// Its record is damaged.
    #[error("{} is damaged: {reason}; put back a copy", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// Settings that are not right.
    #[error("{} is not right: {reason}; correct it there", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// A value is invalid.
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
    #[error("there is no home yet; add one with `hamsa-node association add-home --dir {} --node DIR`", .0.display())]
    NoHome(PathBuf),
    /// No delegation is valid now.
    #[error("no home may speak for the association on {}, by the clock of this machine: {}. A list without a home would end the helpline, so none was signed and nothing was written. Set the clock if it is wrong; else run `hamsa-node association add-home --dir {} --node DIR` again, then publish", Date(*now), homes.join("; "), path.display())]
    NoHomeNow {
        /// The directory.
        path: PathBuf,
        /// What the clock says.
        now: Unix,
        /// Each home and the time of its delegation.
        homes: Vec<String>,
    },
    /// A consent does not count.
    #[error(transparent)]
    Lend(#[from] LendError),
    /// A file is no consent.
    #[error("{0}; `hamsa-node lend` writes such a file")]
    LendFile(FileError),
    /// No such certificate.
    #[error("no certificate with serial {0} was given out here; `certify` printed it")]
    Unknown(Serial),
    /// Nothing could be written.
    #[error("could not publish to any home{}", .0.iter().map(|home| format!("\n{}: {}", home.peer, home.reason)).collect::<String>())]
    Nowhere(Vec<NotGiven>),
}

/// An association's directory, open.
pub struct Association {
    path: PathBuf,
    root: SignKey,
    file: AssociationFile,
}

/// Makes an association: its root key and its name.
///
/// # Errors
/// [`AssociationError`].
pub fn init(path: &Path, name: &str) -> Result<(), AssociationError> {
    if files::is_there(&path.join(FILE))? {
        return Err(AssociationError::Exists(path.to_owned()));
    }
    if files::is_there(&path.join(ROOT_KEY))? {
        return Err(AssociationError::NoRecord(path.to_owned()));
    }
    let name = label(name)?;
    files::make_folder(path)?;
    let _changing = files::lock_changes(&path.join(LOCK))?;
    if files::is_there(&path.join(ROOT_KEY))? {
        return Err(AssociationError::Exists(path.to_owned()));
    }
    files::make_key(&path.join(ROOT_KEY))?;
    Association::new(path, AssociationFile::named(&name))?.save()
}

/// Delegates to a node, which then is a home of the association.
///
/// # Errors
/// [`AssociationError`].
pub async fn add_home(path: &Path, node: &Path) -> Result<String, AssociationError> {
    let (changing, mut association) = Association::change(path)?;
    let directory = NodeDirectory::open(node)?;
    let peer = directory.identity()?.peer();
    let now = today();
    let delegation = Delegation {
        home_peer: peer,
        home_x: directory.home_key()?.public(),
        op_pk: directory.operator_key()?.public().to_bytes(),
        not_before: now,
        expires: now + DELEGATION_LIFE_MAX,
    };
    let delegation = Signed::sign(delegation, &association.root, &association.root_key().helpline())?;
    let before = FileBefore::of(&directory.file("delegation"))?;
    directory.write_delegation(&association.root_key(), &delegation)?;
    let node = std::path::absolute(node).unwrap_or_else(|_| node.to_owned());
    association.file.homes.retain(|home| home.node != node);
    association.file.homes.push(HomeRow {
        node: node.clone(),
        delegation: BASE32_NOPAD.encode(delegation.encoded()),
    });
    if let Err(error) = association.save() {
        before.put_back(&delegation_bytes(&association.root_key(), &delegation))?;
        return Err(error);
    }
    drop(changing);
    // A node that does not run or does not answer takes it when it starts.
    let _ = control::ask(&node, &Request::Reload).await;
    Ok(peer_text(&peer))
}

/// An address to hand out.
#[derive(Debug)]
pub struct HandedOut {
    /// The address.
    pub address: HelplineAddress,
    /// Its twelve words.
    pub words: String,
    /// Whether it names an entry of another association.
    pub others: bool,
}

/// The address to hand out.
///
/// # Errors
/// [`AssociationError`].
pub fn address(path: &Path) -> Result<HandedOut, AssociationError> {
    let association = Association::open(path)?;
    let entries = association.entries()?;
    Ok(HandedOut {
        address: association.address()?,
        words: fingerprint(&association.root_key()),
        others: entries.iter().any(|entry| entry.association.is_some()),
    })
}

impl Association {
    /// Opens a directory to change it: until the lock is dropped no other command does.
    fn change(path: &Path) -> Result<(ChangeLock, Self), AssociationError> {
        // What is no association, or cannot be read, gets no lock.
        Self::open(path)?;
        let changing = files::lock_changes(&path.join(LOCK))?;
        Ok((changing, Self::open(path)?))
    }

    /// Opens a directory to read it.
    ///
    /// # Errors
    /// [`AssociationError`].
    pub fn open(path: &Path) -> Result<Self, AssociationError> {
        let file = path.join(FILE);
        let Some(bytes) = files::read_if_there(&file)? else {
            return Err(match files::is_there(&path.join(ROOT_KEY))? {
                true => AssociationError::NoRecord(path.to_owned()),
                false => AssociationError::Missing(path.to_owned()),
            });
        };
        let text = files::as_text(&file, &bytes)?;
        Self::new(
            path,
            toml::from_str(&text).map_err(|error| damaged(&file, &error))?,
        )
    }

    fn new(path: &Path, file: AssociationFile) -> Result<Self, AssociationError> {
        Ok(Self {
            path: path.to_owned(),
            root: SignKey::from_bytes(&*files::read_key(&path.join(ROOT_KEY))?),
            file,
        })
    }

    /// The root's public half.
    #[must_use]
    pub fn root_key(&self) -> RootKey {
        RootKey(self.root.public())
    }

    fn delegations(&self) -> Result<Vec<(PathBuf, Signed<Delegation>)>, AssociationError> {
        self.file
            .homes
            .iter()
            .map(|home| Ok((home.node.clone(), self.verify(&home.delegation)?)))
            .collect()
    }

    fn verify<T: Object>(&self, text: &str) -> Result<Signed<T>, AssociationError> {
        let file = self.path.join(FILE);
        let encoded = BASE32_NOPAD
            .decode(text.as_bytes())
            .map_err(|error| damaged(&file, &error))?;
        let root = self.root_key();
        Signed::verify(&encoded, &root.0, &root.helpline()).map_err(|error| damaged(&file, &error))
    }

    /// Every home at least once; entries that belong to other associations first, and of several homes each begins with
    /// another one.
    fn address(&self) -> Result<HelplineAddress, AssociationError> {
        let homes = self.delegations()?;
        let entries = self.entries()?;
        let mut ways: Vec<Vec<Route>> = Vec::new();
        for (number, (node, delegation)) in homes.iter().enumerate() {
            let home = delegation.home_peer;
            let route = |entry: &Entry| Route {
                entry_address: entry.address.clone(),
                entry: entry.peer,
                home,
            };
            let (mut others, own): (Vec<_>, Vec<_>) =
                entries.iter().partition(|entry| entry.association.is_some());
            let turn = number.checked_rem(others.len()).unwrap_or_default();
            others.rotate_left(turn);
            let mut routes: Vec<Route> = others.into_iter().chain(own).map(route).collect();
            if routes.is_empty() {
                let (own, _) = NodeDirectory::open(node)?.announced()?;
                routes.extend(own.into_iter().map(|address| Route {
                    entry_address: address.address,
                    entry: address.peer,
                    home,
                }));
            }
            ways.push(routes);
        }
        // The first way of each home, then the second of each, until the address is full.
        let most = ways.iter().map(Vec::len).max().unwrap_or_default();
        let routes: Vec<Route> = (0..most)
            .flat_map(|number| ways.iter().filter_map(move |routes| routes.get(number).cloned()))
            .take(ROUTES)
            .collect();
        HelplineAddress::sign(&self.root, routes).ok_or_else(|| AssociationError::NoHome(self.path.clone()))
    }

    /// Writes its file.
    fn save(&self) -> Result<(), AssociationError> {
        let file = self.path.join(FILE);
        let text = toml::to_string(&self.file).map_err(|error| damaged(&file, &error))?;
        Ok(files::write_whole(&file, text.as_bytes(), 0o600)?)
    }
}

/// What to say of a file that is not what this program wrote.
fn damaged(path: &Path, reason: &dyn Display) -> AssociationError {
    AssociationError::Damaged {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

fn label(text: &str) -> Result<Label, AssociationError> {
    name(text)
        .parse()
        .map_err(|error| AssociationError::Value(format!("{text}: {error}")))
}
