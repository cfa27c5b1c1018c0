//! All of 127.0.0.0/8 as callers.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use hamsa_net::NodeAddress;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
};

/// Source 0 is 127.128.0.0: above the addresses of the nodes themselves.
const FIRST: u32 = 0x7f80_0000;

/// A way to each node from any address of this machine: who calls one of its addresses at the port of a node reaches that
/// node, and is seen there as that address.
pub struct Sources {
    /// The nodes, and the port that leads to each.
    ports: Vec<(SocketAddr, u16)>,
    _ways: JoinSet<()>,
}

impl Sources {
    /// Opens ways to these nodes.
    ///
    /// # Panics
    /// When the system has no port left.
    pub async fn open(nodes: impl IntoIterator<Item = &NodeAddress>) -> Self {
        let (mut ports, mut ways) = (Vec::new(), JoinSet::new());
        for node in nodes {
            let node = socket(node);
            let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))
                .await
                .expect("a port");
            ports.push((node, listener.local_addr().unwrap().port()));
            ways.spawn(carry_all(listener, node));
        }
        Self { ports, _ways: ways }
    }

    /// The address of a node, as source `number` calls it.
    ///
    /// # Panics
    /// When there is no way to it.
    #[must_use]
    pub fn through(&self, number: u32, node: &NodeAddress) -> NodeAddress {
        let at = socket(node);
        let (_, port) = self.ports.iter().find(|(node, _)| *node == at).expect("a way");
        let source = Ipv4Addr::from_bits(FIRST + number);
        NodeAddress {
            address: format!("/ip4/{source}/tcp/{port}"),
            ..node.clone()
        }
    }
}

/// The socket of an address in numbers.
pub(super) fn socket(node: &NodeAddress) -> SocketAddr {
    let parts: Vec<&str> = node.address.split('/').collect();
    format!("{}:{}", parts[2], parts[4]).parse().unwrap()
}

async fn carry_all(listener: TcpListener, node: SocketAddr) {
    let mut carried = JoinSet::new();
    loop {
        let Ok((caller, _)) = listener.accept().await else {
            // Out of file descriptors: those that end make room.
            let _ = carried.join_next().await;
            continue;
        };
        carried.spawn(carry(caller, node));
        while carried.try_join_next().is_some() {}
    }
}

async fn carry(mut caller: TcpStream, node: SocketAddr) -> io::Result<()> {
    let source = caller.local_addr()?.ip();
    // Nobody from outside shall come in by this door.
    if !source.is_loopback() {
        return Ok(());
    }
    let mut there = from(source, node).await?;
    caller.set_nodelay(true)?;
    there.set_nodelay(true)?;
    tokio::io::copy_bidirectional(&mut caller, &mut there).await?;
    Ok(())
}

/// Connects from one address of this machine.
pub(super) async fn from(source: IpAddr, node: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(source, 0))?;
    socket.connect(node).await
}
