//! Connections between nodes: made from either side, made again, watched.

use std::{sync::Arc, time::Duration};

use hamsa_net::{Lender, Limits, NodeAddress, NodeConfig, NodeIdentity};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_that_only_dials_out_is_reached() {
    let (entry, _) = start(entry_config()).await;
    let hidden = NodeConfig {
        listen: Vec::new(),
        partners: vec![address(&entry)],
        ..home_config()
    };
    let home = start_echo(hidden).await;
    // The home was there first, as a stranger: its connections count as a partner's from now on.
    entry.add_partner(&nowhere(home.peer())).unwrap();
    connected(&entry, &home).await;
    let dialer = dialer();
    let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    call(&mut stream, b"behind a router").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_that_comes_back_is_found_again() {
    let (entry, _) = start(entry_config()).await;
    let secret = [0x77; 32];
    let config = |listen: String| NodeConfig {
        entry: false,
        partners: vec![address(&entry)],
        ..NodeConfig::new(NodeIdentity::from_secret(&secret), vec![listen])
    };
    let home = start_echo(config(LOOPBACK.to_owned())).await;
    let at = address(&home);
    entry.add_partner(&at).unwrap();
    connected(&entry, &home).await;
    let dialer = dialer();
    let mut before = dialer.home_stream(&address(&entry), &at.peer).await.unwrap();
    call(&mut before, b"before").await.unwrap();

    soon(home.shutdown()).await;
    ends(&mut before).await;
    soon(entry.partner_is(&at.peer, false)).await;
    let mut meanwhile = dialer.home_stream(&address(&entry), &at.peer).await.unwrap();
    ends(&mut meanwhile).await;

    // On the same port, which must be free again.
    let home = start_echo(config(at.address.clone())).await;
    connected(&entry, &home).await;
    let mut after = dialer.home_stream(&address(&entry), &at.peer).await.unwrap();
    call(&mut after, b"after").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_one_sided_partner_is_not_connected() {
    let (entry, _) = start(entry_config()).await;
    let home = start_echo(home_config()).await;
    entry.add_partner(&address(&home)).unwrap();
    // The home gets connections, but refuses what only partners may do.
    let dialer = dialer();
    let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    ends(&mut stream).await;
    assert!(entry.partners().iter().all(|partner| !partner.connected));
    home.add_partner(&address(&entry)).unwrap();
    connected(&entry, &home).await;
    let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    call(&mut stream, b"now").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_may_be_given_a_new_address() {
    let (entry, _) = start(entry_config()).await;
    let home = start_echo(home_config()).await;
    let wrong = nowhere(home.peer());
    home.add_partner(&nowhere(entry.peer())).unwrap();
    entry.add_partner(&wrong).unwrap();
    assert_eq!(entry.partners().len(), 1);
    entry.add_partner(&address(&home)).unwrap();
    assert_eq!(entry.partners().len(), 1);
    connected(&entry, &home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_goes_on_after_its_entry_came_back() {
    let secret = [0x78; 32];
    let config = |listen: String| NodeConfig::new(NodeIdentity::from_secret(&secret), vec![listen]);
    let node = start_echo(config(LOOPBACK.to_owned())).await;
    let at: NodeAddress = address(&node);
    let dialer = dialer();
    let mut stream = dialer.home_stream(&at, &at.peer).await.unwrap();
    call(&mut stream, b"one").await.unwrap();
    soon(node.shutdown()).await;
    ends(&mut stream).await;
    let refused = dialer.home_stream(&at, &at.peer).await.unwrap_err();
    assert_eq!(refused.code(), "entry_refused");
    let _node = start_echo(config(at.address.clone())).await;
    let mut stream = dialer.home_stream(&at, &at.peer).await.unwrap();
    call(&mut stream, b"two").await.unwrap();
    dialer.forget(&at);
    ends(&mut stream).await;
    let mut stream = dialer.home_stream(&at, &at.peer).await.unwrap();
    call(&mut stream, b"three").await.unwrap();
}

/// A proxy that can stop passing bytes on without closing anything, as a router that lost its power does.
async fn stallable(to: String) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let open = watch::Sender::new(true);
    let gate = open.subscribe();
    let to = Arc::new(to);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let (to, gate) = (Arc::clone(&to), gate.clone());
            tokio::spawn(async move {
                let far = TcpStream::connect(to.as_str()).await.unwrap();
                let (near_from, near_to) = near.into_split();
                let (far_from, far_to) = far.into_split();
                tokio::spawn(pass(near_from, far_to, gate.clone()));
                pass(far_from, near_to, gate).await;
            });
        }
    });
    (port, open)
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut gate: watch::Receiver<bool>,
) {
    let mut buffer = vec![0; 4_096];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if gate.wait_for(|open| *open).await.is_err() || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_open_partner_is_noticed_and_met_again() {
    let quick = || Limits {
        keepalive: Duration::from_millis(500),
        ..Limits::default()
    };
    let home = start_echo(NodeConfig {
        limits: quick(),
        ..home_config()
    })
    .await;
    let port = address(&home).address.rsplit('/').next().unwrap().to_owned();
    let (proxy, open) = stallable(format!("127.0.0.1:{port}")).await;
    let (entry, _) = start(NodeConfig {
        limits: quick(),
        ..entry_config()
    })
    .await;
    let way = NodeAddress::new(&format!("/ip4/127.0.0.1/tcp/{proxy}"), home.peer()).unwrap();
    // The home knows no way to the entry, so that all connections go through the proxy.
    home.add_partner(&nowhere(entry.peer())).unwrap();
    entry.add_partner(&way).unwrap();
    connected(&entry, &home).await;
    let dialer = dialer();
    let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    call(&mut stream, b"before").await.unwrap();

    open.send_replace(false);
    soon(entry.partner_is(&home.peer(), false)).await;
    // Open streams end at once, instead of after the idle time of two minutes.
    let end = soon(stream.read(&mut [0; 8])).await;
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");

    open.send_replace(true);
    connected(&entry, &home).await;
    let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    call(&mut stream, b"after").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_clients_are_let_go_and_partners_are_kept() {
    let idle = || Limits {
        idle_connection: Duration::from_millis(300),
        ..Limits::default()
    };
    let (entry, _) = start(NodeConfig {
        limits: idle(),
        ..entry_config()
    })
    .await;
    let home = start_echo(NodeConfig {
        limits: idle(),
        ..home_config()
    })
    .await;
    befriend(&entry, &home).await;
    let dialer = dialer();
    let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    call(&mut stream, b"one").await.unwrap();
    // Three times the idle time, with a stream open: nothing is closed.
    tokio::time::sleep(Duration::from_millis(900)).await;
    call(&mut stream, b"two").await.unwrap();
    assert_eq!(entry.counts().connections, 1);
    drop(stream);
    // Nothing tells a connection's end to the outside, so this asks now and then.
    soon(async {
        while entry.counts().connections > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert!(entry.counts().partner_connections >= 4, "{:?}", entry.counts());
    let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    call(&mut stream, b"three").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_has_few_questions_at_a_time() {
    let lender = Lender::new(|_, question| Some(question.to_vec()));
    let lending = NodeConfig {
        lender: Some(lender),
        ..entry_config()
    };
    let (entry, _) = start(lending).await;
    let home = start_echo(home_config()).await;
    entry.add_partner(&address(&home)).unwrap();
    home.add_partner(&address(&entry)).unwrap();
    connected(&entry, &home).await;
    soon(home.partner_is(&entry.peer(), true)).await;
    let to = entry.peer();
    let ask = || home.ask_lender(&to, b"lent?");
    // All at once, over all connections with this partner.
    let asked = futures::future::join_all((0..20).map(|_| ask())).await;
    assert_eq!(asked.iter().flatten().count(), 4, "{asked:?}");
    // The places are free again after a pause, and so the next question is answered.
    soon(async { while ask().await.is_none() {} }).await;
}
