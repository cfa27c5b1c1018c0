//! Links with homes under one network identity: dialled through an entry and proven.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use hamsa_net::{DialError, Dialer, NodeAddress, NodePeer, Stream};
use hamsa_protocol::{
    crypto::keys::RootKey,
    objects::{Delegation, Signed, address::Route},
    session::home_link::{Dialing, Link},
    wire::UNIT,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf},
    time::timeout,
};

use super::clock::{DeviceClock, system_random};
use crate::session::LinkFailure;

/// How long a home may take to prove itself: a slow line of 8 kbit/s needs 5 s for both messages.
const HANDSHAKE: Duration = Duration::from_secs(15);

/// A link on which a home has proven itself.
pub(super) struct OpenLink {
    pub(super) route: Route,
    /// What the root says of the home.
    pub(super) delegation: Signed<Delegation>,
    pub(super) link: Link,
    pub(super) reader: ReadHalf<Stream>,
    pub(super) writer: WriteHalf<Stream>,
}

/// When each entry was last heard. One connection to an entry carries the links with all homes behind it. It is cut when
/// the entry is silent, not when one home is.
#[derive(Default)]
struct EntryActivity {
    heard: Mutex<BTreeMap<NodePeer, Instant>>,
}

impl EntryActivity {
    fn note(&self, entry: NodePeer) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.insert(entry, Instant::now());
    }

    fn last(&self, entry: &NodePeer) -> Option<Instant> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.get(entry).copied()
    }

    /// Whether nothing came from the entry for as long as a handshake may take.
    fn is_silent(&self, entry: &NodePeer) -> bool {
        self.last(entry).is_none_or(|at| at.elapsed() >= HANDSHAKE)
    }
}

/// Makes links under one network identity, which is new with each [`Self::new`].
#[derive(Clone)]
pub(super) struct HomeConnector {
    root: RootKey,
    dialer: Arc<Dialer>,
    entries: Arc<EntryActivity>,
    clock: DeviceClock,
}

impl HomeConnector {
    pub(super) fn new(root: RootKey, clock: &DeviceClock) -> Result<Self, DialError> {
        Ok(Self {
            root,
            dialer: Arc::new(Dialer::new()?),
            entries: Arc::default(),
            clock: clock.clone(),
        })
    }

    /// Makes a link with the home of a route.
    pub(super) async fn connect(&self, route: &Route) -> Result<OpenLink, LinkFailure> {
        let entry = entry_of(route)?;
        let stream = self.dialer.home_stream(&entry, &route.home).await;
        self.prove(route, stream.map_err(unreachable_entry)?).await
    }

    /// Makes a link over a connection to the entry that is younger than `since`.
    pub(super) async fn connect_since(&self, route: &Route, since: Instant) -> Result<OpenLink, LinkFailure> {
        let entry = entry_of(route)?;
        let before = self.entries.last(&route.entry);
        let stream = self.dialer.home_stream_since(&entry, &route.home, since).await;
        let stream = stream.map_err(unreachable_entry)?;
        let silent = self.entries.last(&route.entry) == before && before.is_none_or(|at| at <= since);
        let open = self.prove(route, stream).await?;
        // Older connections of a silent entry are dead. Another home's link may live on one of an entry that is not.
        if silent {
            self.dialer.forget_before(&entry, since);
        }
        Ok(open)
    }

    async fn prove(&self, route: &Route, stream: Stream) -> Result<OpenLink, LinkFailure> {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let (dialing, unit) =
            Dialing::start(self.root, route.home, &mut system_random()).map_err(LinkFailure::Unproven)?;
        let mut answer = vec![0; UNIT];
        let exchange = timeout(HANDSHAKE, async {
            writer.write_all(&unit).await?;
            writer.flush().await?;
            reader.read_exact(&mut answer).await
        });
        let Ok(exchanged) = exchange.await else {
            return Err(LinkFailure::HomeGone);
        };
        // The end of the stream is an answer of the entry too.
        self.entries.note(route.entry);
        exchanged.map_err(|_| LinkFailure::HomeGone)?;
        let finished = dialing.finish(&answer, self.clock.today());
        let (link, delegation) = finished.map_err(LinkFailure::Unproven)?;
        Ok(OpenLink {
            route: route.clone(),
            delegation,
            link,
            reader,
            writer,
        })
    }

    /// A unit came through this entry.
    pub(super) fn on_unit(&self, entry: NodePeer) {
        self.entries.note(entry);
    }

    /// No link came of a route: a silent entry is dialled anew next time.
    pub(super) fn on_failed(&self, route: &Route) {
        if self.entries.is_silent(&route.entry)
            && let Ok(entry) = entry_of(route)
        {
            self.dialer.forget(&entry);
        }
    }
}

fn entry_of(route: &Route) -> Result<NodeAddress, LinkFailure> {
    let entry = NodeAddress::new(&route.entry_address, route.entry);
    entry.map_err(|_| unreachable_entry(DialError::BadAddress))
}

fn unreachable_entry(error: DialError) -> LinkFailure {
    LinkFailure::Entry(error.into())
}
