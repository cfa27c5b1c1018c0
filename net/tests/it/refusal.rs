//! What is refused, and that it is refused quickly and openly.

use std::net::SocketAddr;

use hamsa_net::{Limits, NodeConfig, NodePeer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_target_is_refused() {
    let (entry, _home) = pair().await;
    let dialer = dialer();
    for target in [identity().peer(), NodePeer([0xff; 32]), entry.peer()] {
        let mut stream = dialer.home_stream(&address(&entry), &target).await.unwrap();
        let _ = stream.write_all(b"first record").await;
        ends(&mut stream).await;
    }
    assert_eq!(entry.refused(), 3);
    assert_eq!(entry.counts().half_open, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_out_of_reach_is_refused() {
    let (entry, _) = start(entry_config()).await;
    let away = identity().peer();
    entry.add_partner(&nowhere(away)).unwrap();
    let dialer = dialer();
    let mut stream = dialer.home_stream(&address(&entry), &away).await.unwrap();
    ends(&mut stream).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_may_not_open_the_home() {
    let (home, mut incoming) = start(home_config()).await;
    // A node that the home does not know forwards to it all the same.
    let stranger = NodeConfig {
        partners: vec![address(&home)],
        ..entry_config()
    };
    let (stranger, _) = start(stranger).await;
    let dialer = dialer();
    for _ in 0..3 {
        let mut stream = dialer
            .home_stream(&address(&stranger), &home.peer())
            .await
            .unwrap();
        let _ = stream.write_all(b"let me in").await;
        ends(&mut stream).await;
    }
    assert_eq!(home.counts().home_streams, 0);
    home.shutdown().await;
    assert!(
        incoming.next().await.is_none(),
        "a stranger's stream reached the home"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_the_entry_role_forwards_nothing() {
    let node = start_echo(home_config()).await;
    let dialer = dialer();
    let mut stream = dialer.home_stream(&address(&node), &node.peer()).await.unwrap();
    let read = soon(stream.read(&mut [0; 8])).await;
    assert!(!matches!(read, Ok(1..)), "{read:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_refuses_and_says_so() {
    let narrow = NodeConfig {
        limits: Limits {
            home_queue: 2,
            ..Limits::default()
        },
        ..config(LOOPBACK)
    };
    let (node, mut incoming) = start(narrow).await;
    let dialer = dialer();
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = dialer.home_stream(&address(&node), &node.peer()).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        streams.push(stream);
    }
    // One of the three was too many, and its client knows.
    let mut ended = 0;
    let reads = streams.iter_mut().map(|stream| Box::pin(stream.read_u8()));
    let (first, ..) = soon(futures::future::select_all(reads)).await;
    assert!(first.is_err());
    ended += 1;
    assert_eq!(node.refused(), ended);
    for _ in 0..2 {
        assert!(soon(incoming.next()).await.is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_over_the_cap_of_a_connection_are_refused() {
    let capped = NodeConfig {
        limits: Limits {
            streams_per_connection: 2,
            ..Limits::default()
        },
        ..config(LOOPBACK)
    };
    let node = start_echo(capped).await;
    let one = dialer();
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = one.home_stream(&address(&node), &node.peer()).await.unwrap();
        call(&mut stream, b"mine").await.unwrap();
        kept.push(stream);
    }
    let mut third = one.home_stream(&address(&node), &node.peer()).await.unwrap();
    ends(&mut third).await;
    // Another person is not touched by it.
    let other = dialer();
    let mut stream = other.home_stream(&address(&node), &node.peer()).await.unwrap();
    call(&mut stream, b"theirs").await.unwrap();
    call(&mut kept[0], b"still").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_over_the_limit_are_refused() {
    let capped = NodeConfig {
        limits: Limits {
            connections: 2,
            ..Limits::default()
        },
        ..config(LOOPBACK)
    };
    let node = start_echo(capped).await;
    let mut kept = Vec::new();
    for _ in 0..2 {
        let dialer = dialer();
        let mut stream = dialer.home_stream(&address(&node), &node.peer()).await.unwrap();
        call(&mut stream, b"in").await.unwrap();
        kept.push((dialer, stream));
    }
    let third = dialer();
    let answer = match third.home_stream(&address(&node), &node.peer()).await {
        Ok(mut stream) => call(&mut stream, b"out").await.is_ok(),
        Err(_) => false,
    };
    assert!(!answer);
    assert!(node.counts().limited >= 1);
    call(&mut kept[0].1, b"still").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_closes_its_own_connection_only() {
    let node = start_echo(config(LOOPBACK)).await;
    let at = address(&node);
    let port: u16 = at.address.rsplit('/').next().unwrap().parse().unwrap();
    let socket = SocketAddr::from(([127, 0, 0, 1], port));
    for garbage in [b"GET / HTTP/1.1\r\n\r\n".as_slice(), &[0xff; 4_096], &[0; 1]] {
        let mut tcp = TcpStream::connect(socket).await.unwrap();
        tcp.write_all(garbage).await.unwrap();
        tcp.shutdown().await.unwrap();
        let mut rest = Vec::new();
        // The node may answer its own greeting first; then it closes, with an end or a reset.
        let _ = soon(tcp.read_to_end(&mut rest)).await;
    }
    let dialer = dialer();
    let mut stream = dialer.home_stream(&at, &node.peer()).await.unwrap();
    call(&mut stream, b"unharmed").await.unwrap();
}
