//! A proxy before the node: whose connection it passes on stands in a header, for TCP and for WebSocket.

use std::net::Ipv4Addr;

use hamsa_net::{Dialer, Limits, Node, NodeAddress, NodeConfig, Stream};

use crate::support::*;

const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// A header of version 2 for a caller.
fn version_2(caller: [u8; 4]) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    header.extend_from_slice(&caller);
    header.extend_from_slice(&[127, 0, 0, 1, 0xc3, 0x50, 0x10, 0xd6]);
    header
}

fn version_1(caller: [u8; 4]) -> Vec<u8> {
    let caller = Ipv4Addr::from(caller);
    format!("PROXY TCP4 {caller} 127.0.0.1 50000 4310\r\n").into_bytes()
}

async fn node(listen: &str) -> Node {
    start_echo(NodeConfig {
        trusted_proxy: Some(PROXY.to_string().parse().unwrap()),
        limits: Limits {
            connections: 8,
            ..Limits::default()
        },
        ..config(listen)
    })
    .await
}

/// A person who talks, or is refused.
async fn person(at: &NodeAddress) -> Option<(Dialer, Stream)> {
    let dialer = dialer();
    let mut stream = dialer.home_stream(at, &at.peer).await.ok()?;
    call(&mut stream, b"hello").await.ok()?;
    Some((dialer, stream))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_is_the_one_that_the_header_names() {
    for (listen, header) in [
        (LOOPBACK, version_2 as fn(_) -> _),
        ("/ip4/127.0.0.1/tcp/0/ws", version_2),
        (LOOPBACK, version_1),
    ] {
        let node = node(listen).await;
        let at = address(&node);
        let crowd = relay(&at, PROXY, &header([192, 0, 2, 1])).await;
        let mut talking = Vec::new();
        for _ in 0..4 {
            talking.push(person(&crowd).await.expect("below pressure all are served"));
        }
        // Half of the places are used: one address has its share, and the next one has another.
        assert!(person(&crowd).await.is_none(), "{listen}");
        let other = relay(&at, PROXY, &header([192, 0, 2, 2])).await;
        talking.push(person(&other).await.expect("another source"));
        for (_, stream) in &mut talking {
            call(stream, b"still").await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_header_is_demanded_of_the_proxy_and_of_nobody_else() {
    let node = node(LOOPBACK).await;
    let at = address(&node);
    assert!(person(&relay(&at, PROXY, b"").await).await.is_none());
    let stranger = Ipv4Addr::new(127, 0, 0, 3);
    assert!(
        person(&relay(&at, stranger, &version_2([192, 0, 2, 1])).await)
            .await
            .is_none()
    );
    assert!(person(&relay(&at, stranger, b"").await).await.is_some());
    assert!(person(&at).await.is_some());
    assert!(
        person(&relay(&at, PROXY, &version_2([192, 0, 2, 1])).await)
            .await
            .is_some()
    );
}
