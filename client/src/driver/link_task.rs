//! The link with one home: made, served, and made again when it breaks.

use std::{
    future::pending,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use hamsa_net::{NodePeer, Stream};
use hamsa_protocol::{
    client::ProvenLink,
    crypto::random,
    objects::{HomeIndex, address::Route},
    wire::{Record, UNIT},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf},
    sync::mpsc,
    time::{sleep, timeout},
};

use super::{
    clock::system_random,
    connector::{HomeConnector, OpenLink},
};
use crate::session::{HomeRoutes, LinkEvent};

/// Half of this is the shortest pause before a link is made again.
const PAUSE_MIN: Duration = Duration::from_millis(200);
/// The random part of the pause doubles with each failure, up to this.
const PAUSE_MAX: Duration = Duration::from_secs(3);
/// How long one route may take to give a link beside a silent one, before the next is tried: a mobile line needs 3 s.
const BESIDE: Duration = Duration::from_secs(5);
/// Records that wait for a slow line: two windows of a chat and what a ticket needs. A line with more is dead.
pub(super) const QUEUE: usize = 512;
/// How long the last records may take to leave.
pub(super) const FLUSH: Duration = Duration::from_secs(1);

/// What a link task is asked.
pub(super) enum LinkCommand {
    Send(Record),
    Suspect,
    Disconnect,
    Stop,
}

/// Makes and serves the link with one home. It prefers entries of other associations, and takes another entry after each
/// failure.
pub(super) struct LinkTask {
    pub(super) home: HomeIndex,
    pub(super) peer: NodePeer,
    pub(super) connector: HomeConnector,
    pub(super) routes: Arc<Mutex<HomeRoutes>>,
    pub(super) events: mpsc::Sender<(HomeIndex, LinkEvent)>,
    pub(super) commands: mpsc::Receiver<LinkCommand>,
}

/// How a link ended.
enum LinkEnd {
    Broken,
    /// Another one that was made beside it stands.
    Replaced(Box<OpenLink>),
    Stopped,
}

/// A link that is being made beside a silent one.
type Replacement = Pin<Box<dyn Future<Output = OpenLink> + Send>>;

impl LinkTask {
    pub(super) async fn run(mut self) {
        let mut failures = 0;
        loop {
            let route = self.next_route(failures);
            let go_on = match self.connector.connect(&route).await {
                Ok(open) => {
                    failures = 0;
                    self.serve_in_turn(open).await
                }
                Err(failure) => {
                    failures += 1;
                    self.connector.on_failed(&route);
                    self.emit(LinkEvent::Failed(failure)).await
                }
            };
            if !go_on || !self.pause(failures).await {
                return;
            }
        }
    }

    /// `false` when the session is gone.
    async fn emit(&self, event: LinkEvent) -> bool {
        self.events.send((self.home, event)).await.is_ok()
    }

    fn known_routes(&self) -> HomeRoutes {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits before the next attempt; `false` when the task was stopped.
    async fn pause(&mut self, failures: usize) -> bool {
        let pause = sleep(pause_after(failures));
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = &mut pause => return true,
                command = self.commands.recv() => match command {
                    // The machine sends again when there is a link.
                    Some(LinkCommand::Send(_) | LinkCommand::Suspect | LinkCommand::Disconnect) => {}
                    Some(LinkCommand::Stop) | None => return false,
                },
            }
        }
    }

    /// Entries of other associations first, the first of them at random; the next one after each failure. Until the entry
    /// list is known, the order of the address, which the root signed.
    fn next_route(&self, failures: usize) -> Route {
        let HomeRoutes { mut routes, lent, .. } = self.known_routes();
        if failures == 0 && lent > 1 {
            let chosen = random::below(&mut system_random(), lent);
            routes.swap(0, chosen);
        }
        let count = routes.len().max(1);
        routes.into_iter().nth(failures % count).unwrap_or(Route {
            entry_address: String::new(),
            entry: self.peer,
            home: self.peer,
        })
    }

    /// Serves a link, and each that replaces it; `false` when the task was stopped.
    async fn serve_in_turn(&mut self, mut open: OpenLink) -> bool {
        loop {
            let end = self.serve(open).await;
            if matches!(end, LinkEnd::Stopped) || !self.emit(LinkEvent::Disconnected).await {
                return false;
            }
            let LinkEnd::Replaced(next) = end else {
                return true;
            };
            open = *next;
        }
    }

    async fn serve(&mut self, open: OpenLink) -> LinkEnd {
        let OpenLink {
            route,
            delegation,
            mut link,
            reader,
            writer,
        } = open;
        let hash = link.hash();
        let connected = LinkEvent::Connected {
            link: Box::new(ProvenLink { delegation, hash }),
            entry: route.entry,
        };
        // Without a session the loop below ends at once.
        self.emit(connected).await;
        let (units_in, mut incoming) = mpsc::channel(16);
        let (outgoing, units_out) = mpsc::channel(QUEUE);
        let reading = tokio::spawn(read_units(reader, units_in));
        let mut writing = tokio::spawn(write_units(writer, units_out));
        let mut heard = Instant::now();
        let mut replacement: Option<Replacement> = None;
        let end = loop {
            tokio::select! {
                unit = incoming.recv() => {
                    let Some(unit) = unit else { break LinkEnd::Broken };
                    self.connector.on_unit(route.entry);
                    heard = Instant::now();
                    // This link has answered before the other one stood.
                    replacement = None;
                    let Ok(record) = link.open(&unit) else { break LinkEnd::Broken };
                    if !self.emit(LinkEvent::Record(record)).await {
                        break LinkEnd::Stopped;
                    }
                }
                open = replaced(&mut replacement) => break LinkEnd::Replaced(Box::new(open)),
                command = self.commands.recv() => match command {
                    Some(LinkCommand::Suspect) => {
                        replacement.get_or_insert_with(|| {
                            let routes = routes_beside(self.known_routes(), &route);
                            Box::pin(link_beside(self.connector.clone(), routes, heard))
                        });
                    }
                    Some(LinkCommand::Send(record)) => {
                        let sent = link.seal(&record).is_ok_and(|unit| outgoing.try_send(unit).is_ok());
                        if !sent {
                            break LinkEnd::Broken;
                        }
                    }
                    Some(LinkCommand::Disconnect) => break LinkEnd::Broken,
                    Some(LinkCommand::Stop) | None => break LinkEnd::Stopped,
                },
            }
        };
        reading.abort();
        drop(outgoing);
        if matches!(end, LinkEnd::Stopped) {
            // The writer ends when its queue is empty.
            let _ = timeout(FLUSH, &mut writing).await;
        }
        writing.abort();
        end
    }
}

/// The routes to try beside a silent one, in turn: entries of other associations first, the silent one last of these.
fn routes_beside(known: HomeRoutes, silent: &Route) -> Vec<Route> {
    let HomeRoutes { routes, lent, .. } = known;
    let mut numbered: Vec<_> = routes.into_iter().enumerate().collect();
    numbered.sort_by_key(|(number, route)| (*number >= lent, route == silent));
    let mut routes: Vec<_> = numbered.into_iter().map(|(_, route)| route).collect();
    if routes.is_empty() {
        routes.push(silent.clone());
    }
    routes
}

/// Makes another link while one is silent since `since`, one attempt at a time, until one stands or this is dropped.
async fn link_beside(connector: HomeConnector, routes: Vec<Route>, since: Instant) -> OpenLink {
    let mut failures = 0;
    loop {
        for route in &routes {
            if let Ok(Ok(open)) = timeout(BESIDE, connector.connect_since(route, since)).await {
                return open;
            }
            failures += 1;
            sleep(pause_after(failures)).await;
        }
    }
}

async fn replaced(replacement: &mut Option<Replacement>) -> OpenLink {
    match replacement {
        Some(open) => open.await,
        None => pending().await,
    }
}

/// The pause after so many failures: half of the shortest, and a random part, so that not all clients come together.
fn pause_after(failures: usize) -> Duration {
    let most = PAUSE_MIN.saturating_mul(1 << failures.min(4)).min(PAUSE_MAX);
    let chance = random::below(&mut system_random(), 1_000) as f64 / 1_000.0;
    PAUSE_MIN / 2 + most.mul_f64(chance)
}

async fn read_units(mut reader: ReadHalf<Stream>, units: mpsc::Sender<Vec<u8>>) {
    loop {
        let mut unit = vec![0; UNIT];
        if reader.read_exact(&mut unit).await.is_err() || units.send(unit).await.is_err() {
            return;
        }
    }
}

async fn write_units(mut writer: WriteHalf<Stream>, mut units: mpsc::Receiver<Vec<u8>>) {
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
    fn a_silent_entry_is_tried_last_of_the_lent_ones() {
        let peer = NodePeer([9; 32]);
        let [own, silent, other] = [9, 1, 2].map(|entry| Route {
            entry_address: "/ip4/127.0.0.1/tcp/1".to_owned(),
            entry: NodePeer([entry; 32]),
            home: peer,
        });
        let known = |routes, lent| HomeRoutes { peer, routes, lent };
        let routes = known(vec![silent.clone(), other.clone(), own.clone()], 2);
        assert_eq!(routes_beside(routes, &silent), [other, silent.clone(), own]);
        assert_eq!(routes_beside(known(Vec::new(), 0), &silent), [silent]);
    }
}
