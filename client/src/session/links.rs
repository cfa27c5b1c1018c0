//! What a session knows of the links with its homes: routes, failures and the path that words take.

use std::collections::BTreeMap;

use hamsa_protocol::{
    client::directory::Directory,
    crypto::keys::NodePeer,
    objects::{HelplineAddress, HomeIndex, address::Route},
    session::home_link::LinkError,
};

use crate::{api::ErrorReport, report};

/// A home and the routes to it.
#[derive(Clone, Debug)]
pub struct HomeRoutes {
    /// The home.
    pub peer: NodePeer,
    /// The routes that are known.
    pub routes: Vec<Route>,
}

/// The way a link takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkPath {
    /// Peer id of the entry.
    pub entry: String,
    /// Peer id of the home.
    pub home: String,
    /// Whether the entry belongs to another association than the home.
    pub split: bool,
}

/// Why a home is not linked at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkFailure {
    /// The entry could not be reached.
    Entry(ErrorReport),
    /// The entry was reached and closed the stream: the home is not there, or not for this entry.
    HomeGone,
    /// The home could not prove itself.
    Unproven(LinkError),
}

/// The links of one session.
pub(super) struct LinkTable {
    homes: Vec<HomeRoutes>,
    failures: Vec<Option<LinkFailure>>,
    /// The paths of the links that stand; words take the first that is used.
    paths: BTreeMap<HomeIndex, LinkPath>,
    /// The path that the face was told last.
    told: Option<LinkPath>,
}

impl LinkTable {
    pub(super) fn new(address: &HelplineAddress) -> Self {
        let homes = address.homes().into_iter().map(|peer| HomeRoutes {
            peer,
            routes: address
                .routes
                .iter()
                .filter(|route| route.home == peer)
                .cloned()
                .collect(),
        });
        let homes: Vec<_> = homes.collect();
        Self {
            failures: vec![None; homes.len()],
            homes,
            paths: BTreeMap::new(),
            told: None,
        }
    }

    pub(super) fn homes(&self) -> &[HomeRoutes] {
        &self.homes
    }

    pub(super) fn on_connected(&mut self, home: HomeIndex, path: LinkPath) {
        self.paths.insert(home, path);
        if let Some(failure) = self.failures.get_mut(home.0) {
            *failure = None;
        }
    }

    pub(super) fn on_disconnected(&mut self, home: HomeIndex) {
        self.paths.remove(&home);
    }

    /// Gives what the face is told: a proof that does not hold at once, anything else when no home can be reached.
    /// Each once, until the failure is another one.
    pub(super) fn on_failed(&mut self, home: HomeIndex, failure: LinkFailure) -> Option<ErrorReport> {
        let known = self.failures.get_mut(home.0)?;
        if known.as_ref() == Some(&failure) {
            return None;
        }
        let report = report::link_failure(&failure);
        let unproven = matches!(failure, LinkFailure::Unproven(_));
        *known = Some(failure);
        (unproven || self.failures.iter().all(Option::is_some)).then_some(report)
    }

    /// The path of the seeker's messages, when it has changed since the last call. `None` without a link.
    pub(super) fn poll_path(&mut self, directory: &Directory) -> Option<&LinkPath> {
        // A home that the roster has dropped keeps its link and gets no words.
        let used = |home: &HomeIndex| directory.roster().is_none() || directory.carries(*home);
        let (_, path) = self.paths.iter().find(|(home, _)| used(home))?;
        if self.told.as_ref() == Some(path) {
            return None;
        }
        self.told = Some(path.clone());
        self.told.as_ref()
    }

    /// A home whose descriptor names entries that were not known, with all routes to it.
    pub(super) fn poll_routes(&mut self, directory: &Directory) -> Option<(HomeIndex, Vec<Route>)> {
        self.homes.iter_mut().enumerate().find_map(|(index, home)| {
            let known = home.routes.len();
            for entry in &directory.descriptor(HomeIndex(index))?.entries {
                let same = |route: &Route| route.entry == entry.peer && route.entry_address == entry.address;
                if !home.routes.iter().any(same) {
                    home.routes.push(Route {
                        entry_address: entry.address.clone(),
                        entry: entry.peer,
                        home: home.peer,
                        foreign: entry.association.is_some(),
                    });
                }
            }
            (home.routes.len() > known).then(|| (HomeIndex(index), home.routes.clone()))
        })
    }
}
