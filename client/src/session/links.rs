//! What a session knows of the links with its homes: routes, failures and the path that words take.

use std::collections::BTreeMap;

use hamsa_protocol::{
    client::directory::Directory,
    crypto::keys::NodePeer,
    objects::{HelplineAddress, HomeIndex, address::Route},
    session::home_link::LinkError,
    time::Unix,
};

use crate::{api::ErrorReport, report};

/// A home and the routes to it: those of the address, which the root signed, and those of the root's entry list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeRoutes {
    /// The home.
    pub peer: NodePeer,
    /// The routes in the order of preference.
    pub routes: Vec<Route>,
    /// So many of the first ones lead through entries of other associations. None before the entry list is known.
    pub lent: usize,
}

/// The way a link takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkPath {
    /// The entry.
    pub entry: NodePeer,
    /// The home.
    pub home: NodePeer,
    /// Whether the entry belongs to another association than the home, by the root's word and the entry's consent.
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
    /// The entries of the links that stand; words take the first that is used.
    entries: BTreeMap<HomeIndex, NodePeer>,
    /// The path that the face was told last.
    told: Option<LinkPath>,
    /// What the address says of each home.
    signed: Vec<Vec<Route>>,
    /// How much of the directory the routes know.
    ways: u64,
}

impl LinkTable {
    pub(super) fn new(address: &HelplineAddress) -> Self {
        let to = |peer: &NodePeer| {
            let routes = address.routes.iter().filter(|route| route.home == *peer);
            in_order(routes.cloned().collect(), |_| false)
        };
        let homes = address.homes().into_iter();
        let homes = homes.map(|peer| HomeRoutes {
            peer,
            routes: to(&peer),
            lent: 0,
        });
        let homes: Vec<_> = homes.collect();
        Self {
            failures: vec![None; homes.len()],
            signed: homes.iter().map(|home| home.routes.clone()).collect(),
            homes,
            entries: BTreeMap::new(),
            told: None,
            ways: 0,
        }
    }

    pub(super) fn homes(&self) -> &[HomeRoutes] {
        &self.homes
    }

    pub(super) fn on_connected(&mut self, home: HomeIndex, entry: NodePeer) {
        self.entries.insert(home, entry);
        if let Some(failure) = self.failures.get_mut(home.0) {
            *failure = None;
        }
    }

    pub(super) fn on_disconnected(&mut self, home: HomeIndex) {
        self.entries.remove(&home);
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

    /// The path of the seeker's messages, when it has changed since the last call. `None` without a link, and before
    /// the entry list is known: only the list says whether an entry is another association's.
    pub(super) fn poll_path(&mut self, directory: &Directory, now: Unix) -> Option<&LinkPath> {
        directory.entry_list()?;
        // A home that the roster has dropped keeps its link and gets no words.
        let used = |(home, _): &(&HomeIndex, &NodePeer)| directory.carries(**home);
        let (index, entry) = self.entries.iter().find(used)?;
        let path = LinkPath {
            entry: *entry,
            home: self.homes.get(index.0)?.peer,
            split: self.is_lent(entry, directory, now),
        };
        if self.told.as_ref() == Some(&path) {
            return None;
        }
        self.told = Some(path);
        self.told.as_ref()
    }

    fn is_lent(&self, entry: &NodePeer, directory: &Directory, now: Unix) -> bool {
        self.homes.iter().all(|home| home.peer != *entry) && directory.is_lent(entry, now)
    }

    /// A home to which other routes lead than before, or in another order, with all of them.
    pub(super) fn poll_routes(
        &mut self,
        directory: &Directory,
        now: Unix,
    ) -> Option<(HomeIndex, HomeRoutes)> {
        if self.ways == directory.ways() {
            return None;
        }
        for (index, signed) in self.signed.iter().enumerate() {
            let known = self.homes.get(index)?;
            let mut routes = signed.clone();
            for entry in directory.entries_to(HomeIndex(index)) {
                let route = Route {
                    entry_address: entry.address.clone(),
                    entry: entry.peer,
                    home: known.peer,
                };
                if !routes.contains(&route) {
                    routes.push(route);
                }
            }
            let lent = |route: &Route| self.is_lent(&route.entry, directory, now);
            let routes = HomeRoutes {
                peer: known.peer,
                lent: routes.iter().filter(|route| lent(route)).count(),
                routes: in_order(routes, lent),
            };
            if routes != *known {
                *self.homes.get_mut(index)? = routes.clone();
                return Some((HomeIndex(index), routes));
            }
        }
        self.ways = directory.ways();
        None
    }
}

/// Entries of other associations first, the home as its own entry last; else as the root has them. That one of the
/// home's own association is nearer or answers faster changes nothing.
fn in_order(mut routes: Vec<Route>, lent: impl Fn(&Route) -> bool) -> Vec<Route> {
    routes.sort_by_key(|route| (!lent(route), route.entry == route.home));
    routes
}
