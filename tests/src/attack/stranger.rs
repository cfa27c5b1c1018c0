//! Somebody who speaks the network and means no good.

use std::time::Duration;

use hamsa_client::{system_random, today};
use hamsa_net::{Dialer, NodeAddress, Stream, parse_peer};
use hamsa_protocol::{
    crypto::keys::{DhPublic, HelplineId, RootKey},
    objects::HelplineAddress,
    session::home_link::{Dialing, Link},
    wire::UNIT,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::{RawLink, Sources};
use crate::cast::{Helpline, PATIENCE};

/// An attacker waits for a link this long, and then tries another one.
const GIVES_UP: Duration = Duration::from_secs(10);

/// A helpline as an attacker sees it: what stands in its address, and where its nodes are.
pub struct Target {
    /// The helpline.
    pub address: HelplineAddress,
    /// Its home.
    pub home: String,
    /// Entries, then other nodes that can be called.
    pub nodes: Vec<NodeAddress>,
    sources: Sources,
}

impl Target {
    /// One with these nodes, the entries first.
    pub async fn new(address: HelplineAddress, home: String, nodes: Vec<NodeAddress>) -> Self {
        let sources = Sources::open(&nodes).await;
        Self {
            address,
            home,
            nodes,
            sources,
        }
    }

    /// A helpline of a test.
    ///
    /// # Panics
    /// When its addresses are none.
    pub async fn of(helpline: &Helpline) -> Self {
        let nodes = helpline.entries.iter().chain(&helpline.homes);
        Self::new(
            helpline.address.parse().unwrap(),
            helpline.homes[0].peer.clone(),
            nodes.map(|node| node.address.parse().unwrap()).collect(),
        )
        .await
    }

    /// A stranger with a connection of its own to this node, from source `number`.
    #[must_use]
    pub fn stranger(&self, node: usize, number: u32) -> Stranger {
        Stranger::at(self.way(node, number), self.address.clone())
    }

    /// The address of a node, as source `number` calls it.
    #[must_use]
    pub fn way(&self, node: usize, number: u32) -> NodeAddress {
        self.sources.through(number, &self.nodes[node])
    }
}

/// Somebody with a connection to an entry.
pub struct Stranger {
    dialer: Dialer,
    entry: NodeAddress,
    address: HelplineAddress,
}

impl Stranger {
    /// One at the first entry of a helpline.
    #[must_use]
    pub fn new(helpline: &Helpline) -> Self {
        Self::by(helpline, 0)
    }

    /// One with a connection of its own to this entry.
    ///
    /// # Panics
    /// When the addresses of the helpline are none.
    #[must_use]
    pub fn by(helpline: &Helpline, entry: usize) -> Self {
        let entry = helpline.entries[entry].address.parse().unwrap();
        Self::at(entry, helpline.address.parse().unwrap())
    }

    /// One with a connection of its own to the node at this address.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn at(entry: NodeAddress, address: HelplineAddress) -> Self {
        Self {
            dialer: Dialer::new().unwrap(),
            entry,
            address,
        }
    }

    /// The helpline that it is after.
    #[must_use]
    pub fn helpline(&self) -> HelplineId {
        self.root().helpline()
    }

    /// Its root.
    #[must_use]
    pub const fn root(&self) -> RootKey {
        self.address.root
    }

    /// A stream to a node, as to a home.
    ///
    /// # Panics
    /// When the entry cannot be reached.
    pub async fn stream(&self, home: &str) -> Stream {
        let home = parse_peer(home).unwrap();
        self.dialer.home_stream(&self.entry, &home).await.unwrap()
    }

    /// A link that stands.
    ///
    /// # Panics
    /// When the home does not answer.
    pub async fn link(&self, home: &str) -> (Link, Stream) {
        let made = timeout(PATIENCE, self.proven_link(home)).await;
        let (link, stream, _) = made.ok().flatten().expect("a link");
        (link, stream)
    }

    /// The same, for records; nothing where the node or the home does not want another one.
    pub async fn raw_link(&self, home: &str) -> Option<RawLink> {
        let made = timeout(GIVES_UP, self.proven_link(home)).await;
        let (link, stream, home_x) = made.ok()??;
        Some(RawLink::new(link, stream, (self.helpline(), home_x)))
    }

    async fn proven_link(&self, home: &str) -> Option<(Link, Stream, DhPublic)> {
        let peer = parse_peer(home).unwrap();
        let mut stream = self.dialer.home_stream(&self.entry, &peer).await.ok()?;
        let (dialing, unit) = Dialing::start(self.address.root, peer, &mut system_random()).unwrap();
        stream.write_all(&unit).await.ok()?;
        stream.flush().await.ok()?;
        let mut answer = vec![0; UNIT];
        let _ = stream.read_exact(&mut answer).await.ok()?;
        let (link, delegation) = dialing.finish(&answer, today()).unwrap();
        Some((link, stream, delegation.home_x))
    }
}
