//! Signs what the association publishes, and hands it to its homes.

use std::{
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hamsa_net::peer_text;
use hamsa_protocol::{
    objects::{Delegation, ROSTER_LIFE, Roster, RosterOrder, Settings, Signed},
    time::Unix,
};

use super::{Association, AssociationError, certificates::ListedCertificates};
use crate::{
    clock::{Date, today},
    control::{self, Request},
    directory::{DirectoryError, NodeDirectory},
    files::{self, FileBefore},
    publication::Publication,
};

/// How long `publish` waits for running homes.
const SERVED: Duration = Duration::from_secs(10);
/// How often a running home is asked whether it serves the new roster.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Whether a home serves what was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The home.
    pub peer: String,
    /// Version of the roster.
    pub version: u64,
    /// What the home said.
    pub answer: HomeAnswer,
}

/// What a home says to a publication that lies in its directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HomeAnswer {
    /// It serves it.
    Served,
    /// Nothing: it does not run, and takes it when it starts.
    Away,
    /// Nothing, although it runs: this is said to the operator.
    Silent(String),
    /// It runs and does not take it, for this reason.
    Refused(String),
}

/// A home that could not be given a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotGiven {
    /// The home.
    pub peer: String,
    /// Why, and what to do.
    pub reason: String,
}

/// Signs a new roster, hands it to every home, writes it to `out` as well, and waits until the running homes serve it.
///
/// # Errors
/// [`AssociationError`]. With [`AssociationError::Nowhere`] the file is written all the same.
pub async fn publish(
    path: &Path,
    out: Option<&Path>,
) -> Result<(Vec<Published>, Vec<NotGiven>), AssociationError> {
    let (changing, mut association) = Association::change(path)?;
    let (now, root) = (today(), association.root_key());
    let earlier = |bytes: &[u8]| Publication::decode(bytes).is_ok_and(|other| other.root == root);
    if let Some(out) = out {
        files::check_out(out, earlier)?;
    }
    let publication = association.sign(now)?;
    let version = publication.roster.version;
    association.save()?;
    let mut homes = Vec::new();
    let mut failures = Vec::new();
    for (node, delegation) in association.delegations()? {
        let peer = peer_text(&delegation.home_peer);
        let written = NodeDirectory::open(&node).and_then(|directory| {
            let before = FileBefore::of(&directory.file("publication"))?;
            directory.write_publication(&publication, now)?;
            Ok((directory, before))
        });
        match written {
            Ok((directory, before)) => homes.push((peer, directory, before)),
            Err(error) => failures.push(NotGiven {
                peer,
                reason: not_given(&error, path),
            }),
        }
    }
    // Homes take seconds; what they were given is written.
    drop(changing);
    if let Some(out) = out {
        files::write_out(out, &publication.encode(), 0o644, earlier)?;
    }
    if homes.is_empty() && !failures.is_empty() {
        return Err(AssociationError::Nowhere(failures));
    }
    let mut published = Vec::new();
    for (peer, directory, before) in homes {
        let mut answer = served(directory.path(), version).await;
        // What it serves lies there again for its next start.
        if let HomeAnswer::Refused(reason) = &mut answer
            && let Err(error) = directory.take_back(before, &publication)
        {
            reason.push_str("; ");
            reason.push_str(&error.to_string());
        }
        published.push(Published {
            peer,
            version,
            answer,
        });
    }
    Ok((published, failures))
}

/// Why a home was not given a publication, and what to do.
fn not_given(error: &DirectoryError, association: &Path) -> String {
    match error {
        DirectoryError::Missing(home) => format!(
            "{} is no node now: if its disk is not mounted, mount it; if the node was moved, run `hamsa-node association add-home --dir {} --node DIR` with its new place",
            home.display(),
            association.display()
        ),
        error => error.to_string(),
    }
}

/// Waits until a running home serves `version`, or what another command has published since.
async fn served(node: &Path, version: u64) -> HomeAnswer {
    let start = Instant::now();
    let mut answer = HomeAnswer::Away;
    while start.elapsed() < SERVED {
        match control::ask(node, &Request::Reload).await {
            Ok(status) if status.error.is_none() && status.roster_version >= version => {
                return HomeAnswer::Served;
            }
            Ok(status) => match status.error {
                Some(reason) => return HomeAnswer::Refused(reason),
                None => answer = HomeAnswer::Away,
            },
            Err(error) => match error.unless_not_running() {
                Ok(()) => return answer,
                Err(error) => answer = HomeAnswer::Silent(error.to_string()),
            },
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    answer
}

/// The version of the next roster. The last one is no bound when it is ahead of the clock: the clock was wrong then, and no
/// home or client has taken it.
fn next_version(last: u64, now: Unix) -> u64 {
    let milliseconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    let milliseconds = u64::try_from(milliseconds).unwrap_or_default();
    let next = RosterOrder {
        key: 0,
        version: last.saturating_add(1),
    };
    if next.plausible_at(now) {
        next.version.max(milliseconds)
    } else {
        milliseconds
    }
}

impl Association {
    /// The delegations that are valid now.
    fn valid_delegations(&self, now: Unix) -> Result<Vec<Signed<Delegation>>, AssociationError> {
        let (mut valid, mut others) = (Vec::new(), Vec::new());
        for (node, delegation) in self.delegations()? {
            if delegation.valid_at(now).is_ok() {
                valid.push(delegation);
                continue;
            }
            others.push(format!(
                "the delegation of {} is from {} to {}",
                node.display(),
                Date(delegation.not_before),
                Date(delegation.expires)
            ));
        }
        match (valid.is_empty(), others.is_empty()) {
            (false, _) => Ok(valid),
            (true, true) => Err(AssociationError::NoHome(self.path.clone())),
            (true, false) => Err(AssociationError::NoHomeNow {
                path: self.path.clone(),
                now,
                homes: others,
            }),
        }
    }

    fn sign(&mut self, now: Unix) -> Result<Publication, AssociationError> {
        let settings = self.settings()?.encode()?;
        let delegations = self.valid_delegations(now)?;
        let ListedCertificates { standing, revoked } = self.listed(now)?;
        let entrances = self.entrances(now)?;
        let version = next_version(self.file.roster_version, now);
        self.file.roster_version = version;
        let roster = Roster {
            version,
            issued: now,
            expires: now + ROSTER_LIFE,
            certificates: standing.iter().map(Signed::hash).collect(),
            delegations: delegations.iter().map(Signed::hash).collect(),
            revoked,
            settings: Settings::hash(&settings),
            entries: entrances.list.hash(),
        };
        let root = self.root_key();
        let roster = Signed::sign(roster, &self.root, &root.helpline())?;
        Ok(Publication {
            root,
            roster,
            settings,
            entrances,
            delegations,
        })
    }
}
