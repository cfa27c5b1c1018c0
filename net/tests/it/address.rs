//! Addresses: both IP versions, WebSocket, names; and what is said when one cannot be had.

use hamsa_net::{NodeAddress, NodeConfig, NodePeer, NodeStartError};
use tokio::net::TcpListener;

use crate::support::*;

async fn reached_at(listen: &str, dial: impl Fn(&str) -> String) {
    let node = start_echo(config(listen)).await;
    let at = address(&node);
    assert!(!at.address.contains("/tcp/0"), "the real port is told");
    let at = NodeAddress::new(&dial(&at.address), at.peer).unwrap();
    let dialer = dialer();
    let mut stream = dialer.home_stream(&at, &at.peer).await.unwrap();
    call(&mut stream, b"reached").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_ipv6() {
    reached_at("/ip6/::1/tcp/0", str::to_owned).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_websocket() {
    reached_at("/ip4/127.0.0.1/tcp/0/ws", |at| {
        assert!(at.ends_with("/ws"));
        at.to_owned()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_name() {
    reached_at(LOOPBACK, |at| at.replace("/ip4/127.0.0.1", "/dns4/localhost")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_name_over_websocket() {
    reached_at("/ip4/127.0.0.1/tcp/0/ws", |at| {
        at.replace("/ip4/127.0.0.1", "/dns4/localhost")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_all_interfaces() {
    let node = start_echo(config("/ip4/0.0.0.0/tcp/0")).await;
    let loopback = node
        .listening()
        .into_iter()
        .find(|at| at.address.contains("/127.0.0.1/"));
    let at = loopback.expect("the loopback is one of all");
    let dialer = dialer();
    let mut stream = dialer.home_stream(&at, &at.peer).await.unwrap();
    call(&mut stream, b"any").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partners_over_websocket_and_ipv6() {
    let (entry, _) = start(NodeConfig {
        home: false,
        ..config("/ip6/::1/tcp/0/ws")
    })
    .await;
    let home = start_echo(NodeConfig {
        entry: false,
        ..config("/ip6/::1/tcp/0")
    })
    .await;
    befriend(&entry, &home).await;
    let dialer = dialer();
    let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    call(&mut stream, b"mixed").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_is_named() {
    // Another node of the same user, and any other program.
    let (node, _) = start(config(LOOPBACK)).await;
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = format!("/ip4/127.0.0.1/tcp/{}", other.local_addr().unwrap().port());
    for taken in [address(&node).address, plain.clone(), plain + "/ws"] {
        let error = hamsa_net::Node::start(config(&taken)).await.unwrap_err();
        assert!(
            matches!(&error, NodeStartError::PortInUse { address } if *address == taken),
            "{error:?}"
        );
        assert!(error.advice().contains("port"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_bad_listening_address_has_its_own_error() {
    let error =
        |listen: &'static str| async move { hamsa_net::Node::start(config(listen)).await.unwrap_err() };
    assert!(matches!(
        error("/ip4/192.0.2.1/tcp/4001").await,
        NodeStartError::NotAvailable { .. }
    ));
    assert!(matches!(
        error("0.0.0.0:4001").await,
        NodeStartError::BadAddress { .. }
    ));
    assert!(matches!(
        error("/ip4/0.0.0.0/udp/1").await,
        NodeStartError::BadAddress { .. }
    ));
    assert!(matches!(
        error("/dns4/localhost/tcp/0").await,
        NodeStartError::Name { .. }
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_failed_dial_has_its_own_error() {
    let node = start_echo(config(LOOPBACK)).await;
    let at = address(&node);
    let dialer = dialer();
    let code = |at: NodeAddress| {
        let dialer = &dialer;
        async move { soon(dialer.home_stream(&at, &at.peer)).await.unwrap_err().code() }
    };
    let peer = identity().peer();
    assert_eq!(code(nowhere(peer)).await, "entry_refused");
    let named = |text: &str, peer: NodePeer| NodeAddress {
        address: text.to_owned(),
        peer,
    };
    assert_eq!(code(named("/dns4/localhost/tcp/1", peer)).await, "entry_refused");
    assert_eq!(
        code(named("/dns4/localhost/tcp/1/ws", peer)).await,
        "entry_refused"
    );
    assert_eq!(
        code(named("/dns4/no-such-host.invalid/tcp/1", peer)).await,
        "entry_name"
    );
    assert_eq!(code(named("nonsense", peer)).await, "entry_address");
    // Somebody else's key at the right address.
    assert_eq!(code(named(&at.address, peer)).await, "entry_impostor");
    // A listener that never says a word costs the timeout, not more.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    assert_eq!(
        code(named(&format!("/ip4/127.0.0.1/tcp/{port}"), peer)).await,
        "entry_silent"
    );
}
