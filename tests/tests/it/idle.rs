//! What a person who waits costs a node: memory of an entry and of a home for each idle link.

use hamsa_protocol::wire::{ClientMessage, UNIT};
use hamsa_tests::{
    attack::Stranger,
    cast::{Helpline, Node, PATIENCE, Plan},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// Links that warm the nodes up, and those that are measured. `HAMSA_IDLE` measures another number.
const WARM: usize = 20;
const LINKS: usize = 150;
/// Bytes of resident memory for each link, at most; docs/decisions/0028 has what was measured.
const ENTRY: u64 = 48 * 1_024;
const HOME: u64 = 10 * 1_024;

/// The number of the last request.
const LAST: u32 = 9;

/// A client as it stands after its first second: it has asked for all that a seeker asks for, and says nothing more.
async fn idle(helpline: &Helpline, home: &Node) -> impl Sized {
    let stranger = Stranger::by(helpline, 0);
    let (mut link, mut stream) = stranger.link(&home.peer).await;
    let asked = [
        ClientMessage::Describe {},
        ClientMessage::Settings {},
        ClientMessage::Duties { page: 0 },
        ClientMessage::Heartbeat {},
    ];
    for (message, number) in asked.into_iter().zip([1, 2, 3, LAST]) {
        let unit = link.seal(&message.record().request(number)).unwrap();
        stream.write_all(&unit).await.unwrap();
    }
    stream.flush().await.unwrap();
    let answered = async {
        loop {
            let mut answer = vec![0; UNIT];
            stream.read_exact(&mut answer).await.unwrap();
            if link.open(&answer).unwrap().request == LAST {
                return;
            }
        }
    };
    timeout(PATIENCE, answered).await.unwrap();
    (stranger, link, stream)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_link_costs_little_memory() {
    let count = std::env::var("HAMSA_IDLE")
        .ok()
        .and_then(|count| count.parse().ok());
    let count: usize = count.unwrap_or(LINKS);
    let helpline = Helpline::found(Plan::default()).await;
    let (entry, home) = (&helpline.entries[0], &helpline.homes[0]);
    let mut links = Vec::new();
    for _ in 0..WARM {
        links.push(idle(&helpline, home).await);
    }
    let before = [entry, home].map(|node| node.process().resident());
    for _ in 0..count {
        links.push(idle(&helpline, home).await);
    }
    let after = [entry, home].map(|node| node.process().resident());
    let [at_entry, at_home] = [0, 1].map(|node| {
        let grown = after[node].saturating_sub(before[node]) * 1_024;
        grown / u64::try_from(count).unwrap()
    });
    println!("each of {count} idle links: {at_entry} bytes at the entry, {at_home} at the home");
    assert!(
        at_entry <= ENTRY,
        "{at_entry} bytes of the entry for each idle link"
    );
    assert!(at_home <= HOME, "{at_home} bytes of the home for each idle link");
    drop(links);
}
