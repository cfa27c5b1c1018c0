//! Strangers who connect and say nothing, against nodes with few file descriptors: people get in, the operator gets an
//! answer, a publication arrives, and nobody who talks is cut.

use std::{fs, net::SocketAddr, time::Duration};

use futures::future::join_all;
use hamsa_net::{Dialer, NodeAddress};
use hamsa_tests::{
    attack::{Stranger, silent},
    cast::{Helpline, Node, PATIENCE, Plan},
};
use tokio::{
    net::TcpStream,
    process::Command,
    time::{Instant, sleep},
};

use crate::garbage::while_two_talk;

/// File descriptors of a node under attack.
const FILES: usize = 256;
/// Of these, what strangers leave alone: control, partners and disk have their own.
const LEFT: usize = 64;
/// Silent connections with a fresh key each, and half-open ones, to each node.
const SILENT: usize = 150;
const HALF_OPEN: usize = 50;
/// As many handshakes at once as a node with few file descriptors takes.
const AT_ONCE: usize = 5;
/// The first silent connection is closed for its idleness after 60 s: who gets in before that got a place of one.
const BEFORE_IDLE: Duration = Duration::from_secs(45);
/// Honest people at one address, each with a connection and a link.
const PEOPLE: usize = 120;

/// Runs a node with few file descriptors.
async fn run_small(node: &Node) {
    let usual = node.command();
    let mut small = Command::new("sh");
    small.args(["-c", &format!("ulimit -n {FILES} && exec \"$0\" \"$@\"")]);
    small
        .arg(usual.as_std().get_program())
        .args(usual.as_std().get_args());
    node.run_as(small).await;
}

/// How many file descriptors a node has open.
fn files(node: &Node) -> usize {
    let folder = format!("/proc/{}/fd", node.process().pid());
    fs::read_dir(folder).unwrap().count()
}

fn socket(at: &NodeAddress) -> SocketAddr {
    let parts: Vec<_> = at.address.split('/').collect();
    format!("{}:{}", parts[2], parts[4]).parse().unwrap()
}

/// Everything that an attacker at one address can open without a word.
async fn wave(at: &NodeAddress) -> (Vec<Option<Dialer>>, Vec<TcpStream>) {
    let mut dialers = Vec::new();
    for _ in 0..SILENT / AT_ONCE {
        dialers.extend(join_all((0..AT_ONCE).map(|_| silent(at))).await);
    }
    let half_open = join_all((0..HALF_OPEN).map(|_| TcpStream::connect(socket(at)))).await;
    (dialers, half_open.into_iter().filter_map(Result::ok).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_strangers_stop_no_helpline() {
    let _ = hamsa_system::raise_open_files();
    let helpline = Helpline::found(Plan {
        proxied: true,
        run: false,
        ..Plan::default()
    })
    .await;
    for node in helpline.nodes() {
        run_small(node).await;
    }
    helpline.connected().await;
    let before: Vec<usize> = helpline.nodes().map(files).collect();
    let targets: Vec<NodeAddress> = helpline
        .nodes()
        .map(|node| node.address.parse().unwrap())
        .collect();
    // The first wave comes before the two who talk: they must get in. The second must not cut them.
    let began = Instant::now();
    let mut held = join_all(targets.iter().map(wave)).await;
    let attack = async {
        assert!(
            began.elapsed() < BEFORE_IDLE,
            "people waited for silent connections to end"
        );
        held.extend(join_all(targets.iter().map(wave)).await);
        for node in helpline.nodes() {
            let open = files(node);
            assert!(open + LEFT <= FILES, "{} has {open} open files", node.name);
            assert_eq!(node.status().await["state"], "running");
        }
        let published = helpline.publish().await;
        assert!(
            published.iter().all(|line| line.starts_with("published ")),
            "{published:?}"
        );
    };
    while_two_talk(&helpline, attack).await;
    drop(held);
    let deadline = Instant::now() + PATIENCE;
    for (node, before) in helpline.nodes().zip(before) {
        // Links of the two who talked may linger; those of the attackers are gone.
        while files(node) > before + 8 {
            assert!(
                Instant::now() < deadline,
                "{}: {} of {before}",
                node.name,
                files(node)
            );
            sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_honest_people_at_one_address_are_served() {
    let _ = hamsa_system::raise_open_files();
    let helpline = Helpline::found(Plan::default()).await;
    let home = &helpline.homes[0];
    let people = join_all((0..PEOPLE).map(|_| async {
        let person = Stranger::new(&helpline);
        let link = person.link(&home.peer).await;
        (person, link)
    }));
    let people = people.await;
    home.until("a link for each", |status| status["links"] == PEOPLE)
        .await;
    for node in helpline.nodes() {
        assert_eq!(node.status().await["refused"], 0);
    }
    drop(people);
    home.until("no link", |status| status["links"] == 0).await;
}
