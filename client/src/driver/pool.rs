//! The links with all homes of a helpline, one task for each home.

use std::sync::{Arc, Mutex, PoisonError};

use hamsa_net::DialError;
use hamsa_protocol::{crypto::keys::RootKey, objects::HomeIndex, wire::Record};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use super::{
    clock::DeviceClock,
    connector::HomeConnector,
    link_task::{FLUSH, LinkCommand, LinkTask, QUEUE},
};
use crate::session::{HomeRoutes, LinkEvent};

/// A link task as the pool sees it.
struct LinkHandle {
    commands: mpsc::Sender<LinkCommand>,
    routes: Arc<Mutex<HomeRoutes>>,
    task: JoinHandle<()>,
}

/// The links of one session.
pub(super) struct LinkPool {
    links: Vec<LinkHandle>,
    events: mpsc::Receiver<(HomeIndex, LinkEvent)>,
}

impl LinkPool {
    /// Starts to dial every home.
    pub(super) fn start(root: RootKey, homes: &[HomeRoutes], clock: &DeviceClock) -> Result<Self, DialError> {
        let connector = HomeConnector::new(root, clock)?;
        let (outbox, events) = mpsc::channel(QUEUE);
        let links = homes.iter().enumerate().map(|(index, home)| {
            let routes = Arc::new(Mutex::new(home.clone()));
            let (commands, inbox) = mpsc::channel(QUEUE);
            let link = LinkTask {
                home: HomeIndex(index),
                peer: home.peer,
                connector: connector.clone(),
                routes: Arc::clone(&routes),
                events: outbox.clone(),
                commands: inbox,
            };
            LinkHandle {
                commands,
                routes,
                task: tokio::spawn(link.run()),
            }
        });
        Ok(Self {
            links: links.collect(),
            events,
        })
    }

    /// The next event of a link.
    pub(super) async fn next(&mut self) -> Option<(HomeIndex, LinkEvent)> {
        self.events.recv().await
    }

    /// An event of a link that has come already.
    pub(super) fn try_next(&mut self) -> Option<(HomeIndex, LinkEvent)> {
        self.events.try_recv().ok()
    }

    /// Sends a record; `false` when the queue is full. Such a link takes nothing any more and MUST be cut.
    pub(super) fn send(&self, home: HomeIndex, record: Record) -> bool {
        let link = self.links.get(home.0);
        link.is_none_or(|link| link.commands.try_send(LinkCommand::Send(record)).is_ok())
    }

    /// Makes another link beside one that missed an answer.
    pub(super) fn suspect(&self, home: HomeIndex) {
        if let Some(link) = self.links.get(home.0) {
            // A queue that is full waits for a dead line: the link is cut soon.
            let _ = link.commands.try_send(LinkCommand::Suspect);
        }
    }

    /// Cuts a link. Its task makes it again.
    pub(super) async fn disconnect(&self, home: HomeIndex) {
        if let Some(link) = self.links.get(home.0) {
            // Only a task that has ended does not take it.
            let _ = timeout(FLUSH, link.commands.send(LinkCommand::Disconnect)).await;
        }
    }

    /// Replaces the routes to a home. They count from the next attempt.
    pub(super) fn set_routes(&self, home: HomeIndex, routes: HomeRoutes) {
        if let Some(link) = self.links.get(home.0) {
            *link.routes.lock().unwrap_or_else(PoisonError::into_inner) = routes;
        }
    }

    /// Flushes what was sent, then closes every link.
    pub(super) async fn stop(self) {
        for link in &self.links {
            let _ = link.commands.try_send(LinkCommand::Stop);
        }
        for mut link in self.links {
            if timeout(FLUSH, &mut link.task).await.is_err() {
                link.task.abort();
            }
        }
    }
}
