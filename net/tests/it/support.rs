//! Nodes, homes that echo, and the end of patience.

use std::{
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use hamsa_net::{Dialer, Incoming, Node, NodeAddress, NodeConfig, NodeIdentity, NodePeer, Stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    time::timeout,
};

/// Nothing here takes longer on any machine; a test that hangs shall fail.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// What a person would call at once, on two loaded cores.
pub(crate) const QUICKLY: Duration = Duration::from_secs(5);

pub(crate) const LOOPBACK: &str = "/ip4/127.0.0.1/tcp/0";

/// A key that no other node of the run has.
pub(crate) fn identity() -> NodeIdentity {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let mut secret = [0x5a; 32];
    secret[..4].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    NodeIdentity::from_secret(&secret)
}

pub(crate) fn config(listen: &str) -> NodeConfig {
    NodeConfig::new(identity(), vec![listen.to_owned()])
}

pub(crate) fn entry_config() -> NodeConfig {
    NodeConfig {
        home: false,
        ..config(LOOPBACK)
    }
}

pub(crate) fn home_config() -> NodeConfig {
    NodeConfig {
        entry: false,
        ..config(LOOPBACK)
    }
}

pub(crate) async fn start(config: NodeConfig) -> (Node, Incoming) {
    Node::start(config).await.unwrap()
}

/// Starts a home whose streams come back as they went.
pub(crate) async fn start_echo(config: NodeConfig) -> Node {
    let (node, incoming) = start(config).await;
    tokio::spawn(echo(incoming));
    node
}

pub(crate) async fn echo(mut incoming: Incoming) {
    while let Some(home) = incoming.next().await {
        tokio::spawn(async move {
            let (mut from, mut to) = tokio::io::split(home.stream);
            let _ = tokio::io::copy(&mut from, &mut to).await;
            let _ = to.shutdown().await;
        });
    }
}

/// The first address of a node.
pub(crate) fn address(node: &Node) -> NodeAddress {
    node.listening().into_iter().next().unwrap()
}

/// An address of a peer that does not answer.
pub(crate) fn nowhere(peer: NodePeer) -> NodeAddress {
    NodeAddress::new("/ip4/127.0.0.1/tcp/1", peer).unwrap()
}

/// Makes two nodes partners and waits until each can use the other.
pub(crate) async fn befriend(one: &Node, other: &Node) {
    one.add_partner(&address(other)).unwrap();
    other.add_partner(&address(one)).unwrap();
    connected(one, other).await;
}

pub(crate) async fn connected(one: &Node, other: &Node) {
    let (there, back) = (other.peer(), one.peer());
    soon(async { tokio::join!(one.partner_is(&there, true), other.partner_is(&back, true)) }).await;
}

/// An entry and an echoing home that are partners.
pub(crate) async fn pair() -> (Node, Node) {
    let (entry, _) = start(entry_config()).await;
    let home = start_echo(home_config()).await;
    befriend(&entry, &home).await;
    (entry, home)
}

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("in time")
}

/// Sends a text and waits for it to come back.
pub(crate) async fn call(stream: &mut Stream, text: &[u8]) -> std::io::Result<()> {
    timeout(PATIENCE, async {
        stream.write_all(text).await?;
        stream.flush().await?;
        let mut answer = vec![0; text.len()];
        stream.read_exact(&mut answer).await?;
        assert_eq!(answer, text);
        Ok(())
    })
    .await
    .expect("in time")
}

/// Waits for the end of a stream, quickly, and that nothing comes before it.
pub(crate) async fn ends(stream: &mut Stream) {
    let read = timeout(QUICKLY, stream.read(&mut [0; 64]))
        .await
        .expect("closed quickly");
    assert_eq!(read.expect("an end, not an error"), 0);
}

pub(crate) fn dialer() -> Dialer {
    Dialer::new().unwrap()
}

/// Where a node of the loopback listens.
pub(crate) fn socket(at: &NodeAddress) -> SocketAddr {
    let parts: Vec<_> = at.address.split('/').collect();
    format!("{}:{}", parts[2], parts[4]).parse().unwrap()
}

/// A way to a node that comes from another loopback address, with some bytes before those of the caller.
pub(crate) async fn relay(at: &NodeAddress, from: Ipv4Addr, before: &[u8]) -> NodeAddress {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, to) = (listener.local_addr().unwrap().port(), socket(at));
    let before = before.to_vec();
    tokio::spawn(async move {
        while let Ok((caller, _)) = listener.accept().await {
            tokio::spawn(pass_on(caller, from, to, before.clone()));
        }
    });
    let old = format!("/tcp/{}", to.port());
    let address = at.address.replace(&old, &format!("/tcp/{port}"));
    NodeAddress::new(&address, at.peer).unwrap()
}

async fn pass_on(mut caller: TcpStream, from: Ipv4Addr, to: SocketAddr, before: Vec<u8>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    let Ok(mut node) = socket.connect(to).await else {
        return;
    };
    if node.write_all(&before).await.is_ok() {
        let _ = tokio::io::copy_bidirectional(&mut caller, &mut node).await;
    }
}
