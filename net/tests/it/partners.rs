//! Connections between nodes: made from either side, made again, watched.

use hamsa_net::{NodeAddress, NodeConfig, NodeIdentity};

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
async fn a_partner_that_does_not_know_us_is_not_called_connected() {
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
