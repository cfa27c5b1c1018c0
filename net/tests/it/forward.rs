//! Client, entry, home: bytes go both ways.

use hamsa_net::{NodeConfig, Passed};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
};

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_reaches_a_home_through_an_entry() {
    let (entry, home) = pair().await;
    let dialer = dialer();
    let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    call(&mut stream, b"salam").await.unwrap();
    // More than every window and buffer on the way, both ways at once.
    let long: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let (mut from, mut to) = tokio::io::split(stream);
    let sent = long.clone();
    let writer = tokio::spawn(async move {
        to.write_all(&sent).await.unwrap();
        to.flush().await.unwrap();
        to
    });
    let mut back = vec![0; long.len()];
    soon(from.read_exact(&mut back)).await.unwrap();
    assert!(back == long, "bytes were changed on the way");
    drop(writer.await.unwrap());
    assert_eq!(entry.refused() + home.refused(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_either_side_is_the_end_of_both() {
    let (entry, _) = start(entry_config()).await;
    let (home, mut incoming) = start(home_config()).await;
    befriend(&entry, &home).await;
    let dialer = dialer();

    let mut client = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    client.write_all(b"x").await.unwrap();
    let arrived = soon(incoming.next()).await.unwrap();
    assert_eq!(arrived.entry, entry.peer());
    let mut at_home = arrived.stream;
    assert_eq!(at_home.read_u8().await.unwrap(), b'x');
    // What was said last still arrives.
    at_home.write_all(b"goodbye").await.unwrap();
    at_home.shutdown().await.unwrap();
    drop(at_home);
    let mut last = Vec::new();
    soon(client.read_to_end(&mut last)).await.unwrap();
    assert_eq!(last, b"goodbye");

    let mut client = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    client.write_all(b"y").await.unwrap();
    let mut at_home = soon(incoming.next()).await.unwrap().stream;
    assert_eq!(at_home.read_u8().await.unwrap(), b'y');
    drop(client);
    assert_eq!(soon(at_home.read(&mut [0; 8])).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_both_roles_serves_itself() {
    let node = start_echo(config(LOOPBACK)).await;
    let dialer = dialer();
    let mut stream = dialer.home_stream(&address(&node), &node.peer()).await.unwrap();
    call(&mut stream, b"one association only").await.unwrap();
    assert_eq!(node.counts().home_streams, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_seekers_at_once_are_all_answered() {
    arrive(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs 4,096 open files and ten seconds"]
async fn a_thousand_seekers_at_once_are_all_answered() {
    arrive(1_000).await;
}

/// Each seeker with a connection and an identity of its own, all at the same moment.
async fn arrive(seekers: u32) {
    let (entry, home) = pair().await;
    let (at, peer) = (address(&entry), home.peer());
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..seekers {
        let at = at.clone();
        calls.spawn(async move {
            let dialer = dialer();
            let mut stream = dialer.home_stream(&at, &peer).await.unwrap();
            call(&mut stream, &number.to_be_bytes()).await.unwrap();
            call(&mut stream, &[7; 2_048]).await.unwrap();
        });
    }
    // A seeker without an answer panics in its task, and so does this.
    soon(calls.join_all()).await;
    assert_eq!(entry.refused() + home.refused(), 0);
    assert_eq!(entry.counts().limited, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_streams_of_one_partner_share_its_connections() {
    let (entry, home) = pair().await;
    let mut dialers = Vec::new();
    let mut streams = Vec::new();
    // More than one yamux connection lets wait for confirmation, and all open at the same time.
    for _ in 0..20 {
        let dialer = dialer();
        for _ in 0..20 {
            let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
            stream.write_all(b"here").await.unwrap();
            streams.push(stream);
        }
        dialers.push(dialer);
    }
    for stream in &mut streams {
        let mut answer = [0; 4];
        soon(stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"here");
    }
    assert_eq!(home.counts().home_streams, 400);
    assert_eq!(entry.counts().forwarded, 400);
    assert!(entry.counts().partner_connections >= 4, "{:?}", entry.counts());
    assert_eq!(entry.counts().half_open, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_sees_sizes_and_directions() {
    let (passed, mut seen) = mpsc::channel(64);
    let observed = NodeConfig {
        observer: Some(passed),
        ..entry_config()
    };
    let (entry, _) = start(observed).await;
    let home = start_echo(home_config()).await;
    befriend(&entry, &home).await;
    let dialer = dialer();
    let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    call(&mut stream, &[1; 100]).await.unwrap();
    let (mut there, mut back) = (0, 0);
    while there < 100 || back < 100 {
        let Passed {
            stream,
            to_home,
            bytes,
        } = soon(seen.recv()).await.unwrap();
        assert_eq!(stream, 1);
        *(if to_home { &mut there } else { &mut back }) += bytes;
    }
    assert_eq!((there, back), (100, 100));
}

/// A café's network answers every connection with its own web server.
#[tokio::test]
async fn a_web_server_is_told_from_a_broken_line() {
    use hamsa_net::DialError::{Broken, LoginPage};
    let page = b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\nContent-Length: 0\r\n\r\n";
    let gateway = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
    for (answer, path, told) in [
        (page.as_slice(), "", LoginPage),
        (page, "/ws", LoginPage),
        (b"\x15\x03\x03\0\x02\x02\x46", "", LoginPage),
        (b"\x15\x03\x03\0\x02\x02\x46", "/ws", LoginPage),
        (b"<html>400", "", LoginPage),
        // A failure of the entry itself, and bytes of no protocol.
        (gateway, "/ws", Broken),
        (&[b'x'; 300], "", Broken),
        (&[b'x'; 300], "/ws", Broken),
        (b"", "", Broken),
    ] {
        let error = soon(dial_who_answers(answer.to_vec(), path)).await;
        assert_eq!(error, told, "{path} {answer:?}");
    }
}

async fn dial_who_answers(answer: Vec<u8>, path: &str) -> hamsa_net::DialError {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (mut caller, _) = listener.accept().await.unwrap();
        let mut asked = [0; 64];
        let _ = caller.read(&mut asked).await;
        let _ = caller.write_all(&answer).await;
    });
    let peer = hamsa_protocol::crypto::keys::NodePeer([7; 32]);
    let address = format!("/ip4/127.0.0.1/tcp/{port}{path}");
    let entry = hamsa_net::NodeAddress::new(&address, peer).unwrap();
    let dialer = hamsa_net::Dialer::new().unwrap();
    let error = dialer.home_stream(&entry, &peer).await.unwrap_err();
    serving.abort();
    error
}
