//! Signs what the association publishes, and hands it to its homes.

use std::{
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hamsa_net::peer_text;
use hamsa_protocol::{
    objects::{Certificate, ROSTER_DEFAULT_SECONDS, Roster, Settings, Signed},
    time::Unix,
};

use super::{Association, AssociationError};
use crate::{
    clock::today,
    control::{self, Request},
    directory::NodeDirectory,
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

/// Signs a new roster, hands it to every home and waits until the running homes serve it. The texts name the homes that
/// could not be given it.
///
/// # Errors
/// [`AssociationError`].
pub async fn publish(path: &Path) -> Result<(Publication, Vec<Published>, Vec<String>), AssociationError> {
    let mut association = Association::open(path)?;
    let now = today();
    let publication = association.sign(now)?;
    let version = publication.roster.version;
    association.save()?;
    let mut homes = Vec::new();
    let mut failures = Vec::new();
    for home in &association.file.homes {
        let written = NodeDirectory::open(&home.node).and_then(|directory| {
            directory.write_publication(&publication)?;
            Ok((peer_text(&directory.identity()?.peer()), home.node.clone()))
        });
        match written {
            Ok(home) => homes.push(home),
            Err(error) => failures.push(error.to_string()),
        }
    }
    if homes.is_empty() && !association.file.homes.is_empty() {
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
async fn served(node: &Path, version: u64) -> HomeAnswer {
    let start = Instant::now();
    let mut answer = HomeAnswer::Away;
    while start.elapsed() < SERVED {
        match control::ask(node, &Request::Reload).await {
            Ok(status) if status.roster_version >= version => return HomeAnswer::Served,
            Ok(status) => answer = status.error.map_or(HomeAnswer::Away, HomeAnswer::Refused),
            Err(error) => match error.unless_not_running() {
                Ok(()) => return answer,
                Err(error) => answer = HomeAnswer::Silent(error.to_string()),
            },
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    answer
}

impl Association {
    fn sign(&mut self, now: Unix) -> Result<Publication, AssociationError> {
        let settings = self.settings()?.encode()?;
        let delegations: Vec<_> = self
            .delegations()?
            .into_iter()
            .map(|(_, delegation)| delegation)
            .filter(|delegation| delegation.valid_at(now).is_ok())
            .collect();
        if delegations.is_empty() {
            return Err(AssociationError::NoHome(self.path.clone()));
        }
        let mut certificates = Vec::new();
        let mut revoked = Vec::new();
        for row in &self.file.certificates {
            let certificate = self.verify::<Certificate>(&row.certificate)?;
            // Expired certificates stand in neither list.
            if certificate.valid_at(now).is_err() {
                continue;
            }
            if row.revoked {
                revoked.push(certificate.serial);
            } else {
                certificates.push(certificate.hash());
            }
        }
        let entrances = self.entrances(now)?;
        let milliseconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis());
        let version = (self.file.roster_version + 1).max(u64::try_from(milliseconds).unwrap_or_default());
        self.file.roster_version = version;
        let roster = Roster {
            version,
            issued: now,
            expires: now.plus(ROSTER_DEFAULT_SECONDS),
            certificates,
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
