//! Silent connections, half-open ones and streams without a target make room for people who come to talk.

use std::net::Ipv4Addr;

use hamsa_net::{Dialer, Limits, Node, NodeAddress, NodeConfig};
use tokio::{io::AsyncReadExt, net::TcpStream};

use crate::support::*;

async fn small_node() -> (Node, NodeAddress) {
    let node = start_echo(NodeConfig {
        limits: Limits {
            connections: 8,
            pending_connections: 8,
            ..Limits::default()
        },
        ..config(LOOPBACK)
    })
    .await;
    let at = address(&node);
    (node, at)
}

/// A connection that says nothing more.
async fn silent(at: &NodeAddress) -> Dialer {
    let dialer = dialer();
    let mut stream = dialer.home_stream(at, &identity().peer()).await.unwrap();
    // Refused at once, because the target is nobody; if the connection was taken at all.
    let _ = soon(stream.read(&mut [0; 8])).await;
    dialer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_make_room_for_people() {
    let (node, at) = small_node().await;
    let mut attackers = Vec::new();
    for from in [1, 2] {
        let way = relay(&at, Ipv4Addr::new(127, 0, 1, from), b"").await;
        for _ in 0..20 {
            attackers.push(silent(&way).await);
        }
    }
    let mut people = Vec::new();
    // As long as an attacker has two that are silent, it has more than a newcomer.
    for from in 10..16 {
        let dialer = dialer();
        let way = relay(&at, Ipv4Addr::new(127, 0, 1, from), b"").await;
        let mut stream = dialer.home_stream(&way, &at.peer).await.unwrap();
        call(&mut stream, b"hello").await.unwrap();
        people.push((dialer, stream));
    }
    for (_, stream) in &mut people {
        call(stream, b"still").await.unwrap();
    }
    assert_eq!(node.counts().connections, 8);
    drop((attackers, people));
    soon(async {
        while node.counts().connections > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_connections_make_room_for_people() {
    let (node, at) = small_node().await;
    let mut attackers = Vec::new();
    for _ in 0..30 {
        attackers.push(TcpStream::connect(socket(&at)).await.unwrap());
    }
    // The first are ended long before their ten seconds; the last stand.
    let (first, last) = attackers.split_at_mut(4);
    for stream in first {
        let _ = soon(stream.read_to_end(&mut Vec::new())).await;
    }
    let way = relay(&at, Ipv4Addr::new(127, 0, 1, 9), b"").await;
    for at in [&way, &at] {
        let mut stream = dialer_of(at).await;
        call(&mut stream.1, b"hello").await.unwrap();
    }
    assert!(node.counts().pending_connections >= 3, "{} are held", last.len());
}

async fn dialer_of(at: &NodeAddress) -> (Dialer, hamsa_net::Stream) {
    let dialer = dialer();
    let stream = dialer.home_stream(at, &at.peer).await.unwrap();
    (dialer, stream)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_connects_while_strangers_hold_everything() {
    let (entry, at) = small_node().await;
    let mut attackers = Vec::new();
    for from in [1, 2] {
        let way = relay(&at, Ipv4Addr::new(127, 0, 2, from), b"").await;
        for _ in 0..4 {
            let (dialer, mut stream) = dialer_of(&way).await;
            call(&mut stream, b"mine").await.unwrap();
            attackers.push((dialer, stream));
        }
    }
    assert_eq!(entry.counts().connections, 8);
    // One that only dials out, so that it must be let in.
    let hidden = NodeConfig {
        listen: Vec::new(),
        partners: vec![at.clone()],
        ..home_config()
    };
    let home = start_echo(hidden).await;
    entry.add_partner(&nowhere(home.peer())).unwrap();
    connected(&entry, &home).await;
    // Through a connection that stands: no other one has room.
    let (dialer, _) = &attackers[0];
    let mut stream = dialer.home_stream(&at, &home.peer()).await.unwrap();
    call(&mut stream, b"through").await.unwrap();
}
