//! Links with the homes of a helpline: dialled through an entry, proven, kept, and made again when they break.
//!
//! One task for each home. It chooses an entry of another association where the address or the home's own
//! descriptor names one, and another entry after each failure.

use std::{
    collections::BTreeMap,
    future::pending,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use hamsa_net::{DialError, Dialer, NodeAddress, NodePeer};
use hamsa_protocol::{
    client::{ProvenLink, directory::Directory},
    crypto::{keys::RootKey, random},
    objects::{Delegation, Descriptor, HelplineAddress, HomeIndex, Signed, address::Route},
    session::home_link::{Dialing, LinkError},
    wire::{Record, UNIT},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf},
    sync::mpsc,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::device::{Clock, system_random};

/// How long a home may take to prove itself: a slow line of 8 kbit/s needs 5 s for both messages.
const HANDSHAKE: Duration = Duration::from_secs(15);
/// Reconnects wait at least this long …
const PAUSE_MIN_MS: usize = 200;
/// … and, after several failures, at most this long (full jitter).
const PAUSE_MAX_MS: usize = 3_000;
/// How long one way may take to give a link beside a silent one, before the next is tried: a mobile line needs 3 s.
const BESIDE: Duration = Duration::from_secs(5);
/// Records that wait for a slow line: two windows of a chat and what a ticket needs. More means that the line
/// takes nothing any more.
const QUEUE: usize = 512;
/// How long the last records may take to leave.
const FLUSH: Duration = Duration::from_secs(1);

/// The way a link takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) entry: NodePeer,
    pub(crate) home: NodePeer,
    pub(crate) split: bool,
}

/// Why a home is not linked at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The entry could not be reached.
    Dial(DialError),
    /// The entry was reached, and closed the stream: the home is not there, or not for this entry.
    HomeGone,
    /// The home could not prove itself.
    Unproven(LinkError),
}

/// What a link says.
pub(crate) enum Heard {
    /// It stands.
    Up {
        home: HomeIndex,
        link: ProvenLink,
        path: Path,
    },
    /// A record came.
    Record { home: HomeIndex, record: Record },
    /// It is gone, and is being made again.
    Down { home: HomeIndex },
    /// It could not be made, and is tried again.
    Failed { home: HomeIndex, trouble: Trouble },
}

enum Order {
    Send(Record),
    Suspect,
    Disconnect,
    Stop,
}

struct Home {
    orders: mpsc::Sender<Order>,
    routes: Arc<Mutex<Vec<Route>>>,
    task: JoinHandle<()>,
}

/// The links of one client.
pub(crate) struct Homes {
    homes: Vec<Home>,
    heard: mpsc::Receiver<Heard>,
}

impl Homes {
    /// Starts dialling every home of the address.
    pub(crate) fn start(address: &HelplineAddress, clock: &Clock) -> Result<Self, DialError> {
        let caller = Caller::new(address.root, clock)?;
        let (tell, heard) = mpsc::channel(QUEUE);
        let homes = address
            .homes()
            .into_iter()
            .enumerate()
            .map(|(index, peer)| {
                let routes = address
                    .routes
                    .iter()
                    .filter(|route| route.home == peer)
                    .cloned()
                    .collect();
                let routes = Arc::new(Mutex::new(routes));
                let (orders, inbox) = mpsc::channel(QUEUE);
                let link = LinkTask {
                    home: HomeIndex(index),
                    peer,
                    caller: caller.clone(),
                    routes: Arc::clone(&routes),
                    tell: tell.clone(),
                    inbox,
                };
                Home {
                    orders,
                    routes,
                    task: tokio::spawn(link.run()),
                }
            })
            .collect();
        Ok(Self { homes, heard })
    }

    /// The next thing that a link says.
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        self.heard.recv().await
    }

    /// Sends a record. A home whose queue is full takes nothing any more: `false`, and its link is cut.
    pub(crate) fn send(&self, home: HomeIndex, record: Record) -> bool {
        let Some(link) = self.homes.get(home.0) else {
            return true;
        };
        link.orders.try_send(Order::Send(record)).is_ok()
    }

    /// An answer was missed: another link is made beside this one.
    pub(crate) fn suspect(&self, home: HomeIndex) {
        if let Some(link) = self.homes.get(home.0) {
            // A queue that is full has orders that wait for a dead line: it is cut soon.
            let _ = link.orders.try_send(Order::Suspect);
        }
    }

    /// Cuts a link; it is made again.
    pub(crate) async fn disconnect(&self, home: HomeIndex) {
        if let Some(link) = self.homes.get(home.0) {
            // Only a task that is gone does not take it.
            let _ = timeout(FLUSH, link.orders.send(Order::Disconnect)).await;
        }
    }

    /// Homes' descriptors name their entries: ways that the address did not have.
    pub(crate) fn learn(&self, address: &HelplineAddress, directory: &Directory) {
        for (index, peer) in address.homes().into_iter().enumerate() {
            if let Some(descriptor) = directory.descriptor(HomeIndex(index)) {
                self.learn_of(HomeIndex(index), peer, descriptor);
            }
        }
    }

    fn learn_of(&self, home: HomeIndex, peer: NodePeer, descriptor: &Descriptor) {
        let Some(link) = self.homes.get(home.0) else {
            return;
        };
        let mut known = link.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let routes = descriptor.entries.iter().map(|entry| Route {
            entry_address: entry.address.clone(),
            entry: entry.peer,
            home: peer,
            foreign: entry.association.is_some(),
        });
        for route in routes {
            let same =
                |other: &Route| other.entry == route.entry && other.entry_address == route.entry_address;
            if !known.iter().any(same) {
                known.push(route);
            }
        }
    }

    /// The ways to a home that are known now.
    pub(crate) fn routes(&self, home: HomeIndex) -> Vec<Route> {
        let known = self.homes.get(home.0).map(|link| &link.routes);
        known.map_or_else(Vec::new, |routes| {
            routes.lock().unwrap_or_else(PoisonError::into_inner).clone()
        })
    }

    /// Lets what was sent leave, then closes every link.
    pub(crate) async fn stop(self) {
        for home in &self.homes {
            let _ = home.orders.try_send(Order::Stop);
        }
        for home in self.homes {
            let mut task = home.task;
            if timeout(FLUSH, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

struct LinkTask {
    home: HomeIndex,
    peer: NodePeer,
    caller: Caller,
    routes: Arc<Mutex<Vec<Route>>>,
    tell: mpsc::Sender<Heard>,
    inbox: mpsc::Receiver<Order>,
}

/// When each entry was last heard. One connection to an entry carries the links with all homes behind it: a home that
/// is silent is no reason to cut it, an entry that is silent is.
#[derive(Default)]
struct Entries {
    heard: Mutex<BTreeMap<NodePeer, Instant>>,
}

impl Entries {
    fn hear(&self, entry: NodePeer) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.insert(entry, Instant::now());
    }

    /// When something last came from it.
    fn last(&self, entry: &NodePeer) -> Option<Instant> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.get(entry).copied()
    }

    /// Whether nothing came from it for as long as a handshake may take.
    fn silent(&self, entry: &NodePeer) -> bool {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.get(entry).is_none_or(|at| at.elapsed() >= HANDSHAKE)
    }
}

/// Makes links under one network identity, which is new with each [`Self::new`].
#[derive(Clone)]
pub(crate) struct Caller {
    root: RootKey,
    dialer: Arc<Dialer>,
    entries: Arc<Entries>,
    clock: Clock,
}

impl Caller {
    pub(crate) fn new(root: RootKey, clock: &Clock) -> Result<Self, DialError> {
        Ok(Self {
            root,
            dialer: Arc::new(Dialer::new()?),
            entries: Arc::default(),
            clock: clock.clone(),
        })
    }

    /// A link with the home of a route, and the root's word for it.
    pub(crate) async fn connect(&self, route: &Route) -> Result<(Standing, Signed<Delegation>), Trouble> {
        let entry = entry_of(route)?;
        let stream = self.dialer.home_stream(&entry, &route.home).await;
        self.prove(route, stream.map_err(Trouble::Dial)?).await
    }

    /// The same over a connection to the entry that is younger than `since`.
    async fn connect_since(
        &self,
        route: &Route,
        since: Instant,
    ) -> Result<(Standing, Signed<Delegation>), Trouble> {
        let entry = entry_of(route)?;
        let before = self.entries.last(&route.entry);
        let stream = self.dialer.home_stream_since(&entry, &route.home, since).await;
        let stream = stream.map_err(Trouble::Dial)?;
        let silent = self.entries.last(&route.entry) == before && before.is_none_or(|at| at <= since);
        let linked = self.prove(route, stream).await?;
        // Connections on which this entry says nothing to anybody are dead; another home's link may live on one.
        if silent {
            self.dialer.forget_before(&entry, since);
        }
        Ok(linked)
    }

    async fn prove(
        &self,
        route: &Route,
        stream: hamsa_net::Stream,
    ) -> Result<(Standing, Signed<Delegation>), Trouble> {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let (dialing, unit) =
            Dialing::start(self.root, route.home, &mut system_random()).map_err(Trouble::Unproven)?;
        let mut answer = vec![0; UNIT];
        let spoken = timeout(HANDSHAKE, async {
            writer.write_all(&unit).await?;
            writer.flush().await?;
            reader.read_exact(&mut answer).await
        });
        match spoken.await {
            Ok(Ok(_)) => self.entries.hear(route.entry),
            Ok(Err(_)) => {
                // The end is an answer of the entry's; if its connection broke, there is nothing to cut.
                self.entries.hear(route.entry);
                return Err(Trouble::HomeGone);
            }
            Err(_) => return Err(Trouble::HomeGone),
        }
        let (link, delegation) = dialing
            .finish(&answer, self.clock.today())
            .map_err(Trouble::Unproven)?;
        let standing = Standing {
            entry: route.entry,
            link,
            reader,
            writer,
        };
        Ok((standing, delegation))
    }

    /// No link came of a route: its entry is dialled anew next time, if it says nothing to anybody.
    fn failed(&self, route: &Route) {
        if self.entries.silent(&route.entry)
            && let Ok(entry) = NodeAddress::new(&route.entry_address, route.entry)
        {
            self.dialer.forget(&entry);
        }
    }
}

fn entry_of(route: &Route) -> Result<NodeAddress, Trouble> {
    NodeAddress::new(&route.entry_address, route.entry).map_err(|_| Trouble::Dial(DialError::BadAddress))
}

/// How a link ended.
enum End {
    Broken,
    /// Another one that was made beside it stands.
    Replaced(Box<Linked>),
    Stopped,
}

/// A link that stands, and what is told of it.
struct Linked {
    standing: Standing,
    delegation: Signed<Delegation>,
    route: Route,
}

impl LinkTask {
    async fn run(mut self) {
        let mut failures = 0_u32;
        loop {
            let route = self.route(failures);
            match self.caller.connect(&route).await {
                Ok((standing, delegation)) => {
                    failures = 0;
                    let mut linked = Box::new(Linked {
                        standing,
                        delegation,
                        route,
                    });
                    let end = loop {
                        match self.serve(*linked).await {
                            End::Replaced(next) => linked = next,
                            end => break end,
                        }
                        if self.tell.send(Heard::Down { home: self.home }).await.is_err() {
                            return;
                        }
                    };
                    if matches!(end, End::Stopped)
                        || self.tell.send(Heard::Down { home: self.home }).await.is_err()
                    {
                        return;
                    }
                }
                Err(trouble) => {
                    failures = failures.saturating_add(1);
                    self.caller.failed(&route);
                    let failed = Heard::Failed {
                        home: self.home,
                        trouble,
                    };
                    if self.tell.send(failed).await.is_err() {
                        return;
                    }
                }
            }
            if !self.pause(failures).await {
                return;
            }
        }
    }

    /// Waits before the next try; `false` when it was told to stop.
    async fn pause(&mut self, failures: u32) -> bool {
        let pause = sleep(pause_after(failures));
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = &mut pause => return true,
                order = self.inbox.recv() => match order {
                    // There is no link: what was meant for it is sent again by the machine when there is one.
                    Some(Order::Send(_) | Order::Suspect | Order::Disconnect) => {}
                    Some(Order::Stop) | None => return false,
                },
            }
        }
    }

    /// Entries of other associations first, in an order of chance; the next one after each failure.
    fn route(&self, failures: u32) -> Route {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let failures = usize::try_from(failures).unwrap_or(usize::MAX);
        routes.sort_by_key(|route| !split(route));
        let preferred = routes.iter().filter(|route| split(route)).count();
        if failures == 0 && preferred > 1 {
            let chosen = random::below(&mut system_random(), preferred);
            routes.swap(0, chosen);
        }
        let count = routes.len().max(1);
        routes.into_iter().nth(failures % count).unwrap_or(Route {
            entry_address: String::new(),
            entry: self.peer,
            home: self.peer,
            foreign: false,
        })
    }

    async fn serve(&mut self, linked: Linked) -> End {
        let Linked {
            standing,
            delegation,
            route: taken,
        } = linked;
        let up = Heard::Up {
            home: self.home,
            link: ProvenLink {
                delegation,
                hash: standing.link.hash(),
            },
            path: Path {
                entry: taken.entry,
                home: self.peer,
                split: split(&taken),
            },
        };
        // Whoever should hear it is gone: so is the link, a moment later.
        let _ = self.tell.send(up).await;
        let Standing {
            entry,
            mut link,
            reader,
            writer,
        } = standing;
        let mut heard = Instant::now();
        let mut beside: Option<Pin<Box<dyn Future<Output = Linked> + Send>>> = None;
        let (units_in, mut incoming) = mpsc::channel::<Vec<u8>>(16);
        let (outgoing, units_out) = mpsc::channel::<Vec<u8>>(QUEUE);
        let reading = tokio::spawn(read_units(reader, units_in));
        let mut writing = tokio::spawn(write_units(writer, units_out));
        let end = loop {
            tokio::select! {
                unit = incoming.recv() => {
                    if unit.is_some() {
                        self.caller.entries.hear(entry);
                        heard = Instant::now();
                        // This link has answered first.
                        beside = None;
                    }
                    let record = unit.and_then(|unit| link.open(&unit).ok());
                    let Some(record) = record else { break End::Broken };
                    if self.tell.send(Heard::Record { home: self.home, record }).await.is_err() {
                        break End::Stopped;
                    }
                }
                next = replacement(&mut beside) => break End::Replaced(Box::new(next)),
                order = self.inbox.recv() => match order {
                    Some(Order::Suspect) => {
                        if beside.is_none() {
                            let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner).clone();
                            let routes = routes_beside(routes, &taken);
                            beside = Some(Box::pin(link_beside(self.caller.clone(), routes, heard)));
                        }
                    }
                    Some(Order::Send(record)) => {
                        let Ok(unit) = link.seal(&record) else { break End::Broken };
                        if outgoing.try_send(unit).is_err() {
                            break End::Broken;
                        }
                    }
                    Some(Order::Disconnect) => break End::Broken,
                    Some(Order::Stop) | None => break End::Stopped,
                },
            }
        };
        reading.abort();
        drop(outgoing);
        if matches!(end, End::Stopped) {
            // The writer ends when its queue is empty.
            let _ = timeout(FLUSH, &mut writing).await;
        }
        writing.abort();
        end
    }
}

/// The ways to try beside a silent one, in turn: through other associations' entries first, as ever, the silent one last
/// among these, and then the others.
fn routes_beside(mut routes: Vec<Route>, taken: &Route) -> Vec<Route> {
    routes.sort_by_key(|route| (!split(route), route == taken));
    if routes.is_empty() {
        routes.push(taken.clone());
    }
    routes
}

/// Makes another link while one is silent since `since`, one try at a time, until one stands or this is dropped.
async fn link_beside(caller: Caller, routes: Vec<Route>, since: Instant) -> Linked {
    let mut failures = 0;
    loop {
        for route in &routes {
            if let Ok(Ok((standing, delegation))) = timeout(BESIDE, caller.connect_since(route, since)).await
            {
                return Linked {
                    standing,
                    delegation,
                    route: route.clone(),
                };
            }
            failures += 1;
            sleep(pause_after(failures)).await;
        }
    }
}

async fn replacement(beside: &mut Option<Pin<Box<dyn Future<Output = Linked> + Send>>>) -> Linked {
    match beside {
        Some(linked) => linked.await,
        None => pending().await,
    }
}

/// How long to wait after so many failures: half of the least, and up to a most by chance that doubles with each.
fn pause_after(failures: u32) -> Duration {
    let most = (PAUSE_MIN_MS << failures.min(4)).min(PAUSE_MAX_MS);
    let wait = PAUSE_MIN_MS / 2 + random::below(&mut system_random(), most);
    Duration::from_millis(u64::try_from(wait).unwrap_or_default())
}

/// A link that a home has proven itself on.
pub(crate) struct Standing {
    entry: NodePeer,
    pub(crate) link: hamsa_protocol::session::home_link::Link,
    pub(crate) reader: ReadHalf<hamsa_net::Stream>,
    pub(crate) writer: WriteHalf<hamsa_net::Stream>,
}

pub(crate) fn split(route: &Route) -> bool {
    route.foreign && route.entry != route.home
}

async fn read_units(mut reader: ReadHalf<hamsa_net::Stream>, units: mpsc::Sender<Vec<u8>>) {
    loop {
        let mut unit = vec![0; UNIT];
        if reader.read_exact(&mut unit).await.is_err() || units.send(unit).await.is_err() {
            return;
        }
    }
}

async fn write_units(mut writer: WriteHalf<hamsa_net::Stream>, mut units: mpsc::Receiver<Vec<u8>>) {
    while let Some(unit) = units.recv().await {
        if writer.write_all(&unit).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
    let _ = writer.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_a_silent_link_other_associations_entries_come_first_and_the_silent_one_last_of_them() {
        let route = |entry: u8, foreign| Route {
            entry_address: "/ip4/127.0.0.1/tcp/1".to_owned(),
            entry: NodePeer([entry; 32]),
            home: NodePeer([9; 32]),
            foreign,
        };
        let (own, silent, other) = (route(9, false), route(1, true), route(2, true));
        let routes = vec![own.clone(), silent.clone(), other.clone()];
        assert_eq!(routes_beside(routes, &silent), [other, silent.clone(), own]);
        assert_eq!(routes_beside(Vec::new(), &silent), [silent]);
    }
}
