//! Clients that ask and do not read cost a home a bounded share of its memory, and it lets go of them.

use std::sync::atomic::{AtomicU64, Ordering};

use hamsa_tests::{
    attack::{Stranger, full_channel, unread_answers},
    cast::{Helpline, Plan},
};
use serde_json::Value;

use crate::garbage::while_two_talk;

/// Links of the attacker; all that they ask for together is over 240 MiB.
const LINKS: u64 = 16;
/// What the home may grow by, in kB of resident memory.
const GROWTH: u64 = 32 * 1_024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_do_not_read_cost_a_bounded_share() {
    let helpline = Helpline::found(Plan::default()).await;
    let node = &helpline.homes[0];
    let attack = async {
        let stranger = Stranger::new(&helpline);
        let mut links = Vec::new();
        for number in 1..=LINKS {
            let mut link = stranger.raw_link(&node.peer).await.unwrap();
            let listen = full_channel(&mut link, number).await.unwrap();
            links.push((link, listen));
        }
        let before = node.process().resident();
        for (link, listen) in &mut links {
            unread_answers(link, *listen).await;
        }
        // The attacker holds its links open, and reads nothing: the home lets go of them by itself.
        let most = AtomicU64::new(before);
        let let_go = |status: &Value| {
            most.fetch_max(node.process().resident(), Ordering::Relaxed);
            status["links"] == 2
        };
        node.until("only the two who talk", let_go).await;
        let grown = most.into_inner() - before;
        assert!(grown < GROWTH, "the home grew by {grown} kB");
        drop(links);
        grown
    };
    let grown = while_two_talk(&helpline, attack).await;
    println!("the home grew by {grown} kB");
}
