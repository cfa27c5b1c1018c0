//! Consents of entries: a home asks its partners for them, and an entry gives them to the partners that it forwards to.
//!
//! That a partner stands in `node.toml` is the lender's agreement: it says that this node forwards to that home. So the
//! consent is given without asking a person again, for the helpline that the home speaks for and for no other.

use std::{sync::Arc, time::Duration};

use hamsa_net::{Lender, Node, NodePeer};
use hamsa_protocol::{
    crypto::keys::{HelplineId, SignKey},
    objects::{LEND_PARTNER_LIFE, Label, Lend, ObjectError, Signed, lend_request, read_lend_request},
    text::name,
    time::Unix,
};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    clock::today,
    config::Config,
    directory::{DirectoryError, NodeDirectory},
    task::{HomeHandle, TaskInput},
};

/// After a refusal. The partner's operator may change its mind.
const ASK_EVERY: Duration = Duration::from_secs(10);
/// How long a command of the operator waits for a partner: less than the socket's patience.
const COMMAND: Duration = Duration::from_secs(4);

impl NodeDirectory {
    /// Signs this node's consent to be an entry of a helpline, under the name in `node.toml` if none is given.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn lend(
        &self,
        helpline: HelplineId,
        called: Option<Label>,
        now: Unix,
        duration: Duration,
    ) -> Result<Signed<Lend>, DirectoryError> {
        let key = self.lender_key()?;
        let called = called.or(own_name(&self.config()?));
        let lend = Lend::give(&key, helpline, called, now, duration);
        lend.map_err(|error| DirectoryError::Name(error.to_string()))
    }
}

/// The name in the configuration, if it is one that can be shown.
fn own_name(config: &Config) -> Option<Label> {
    name(&config.name).parse().ok()
}

/// Answers partners that ask whether this node lends itself. A home of the helpline itself gives none.
pub(crate) fn lender(key: SignKey, config: &Config, home: HomeHandle) -> Lender {
    let called = own_name(config);
    Lender::new(move |asker, request| {
        let answer = give(&key, called.clone(), &home, asker, request);
        answer.ok().map(|lend| lend.encoded().to_vec())
    })
}

fn give(
    key: &SignKey,
    called: Option<Label>,
    home: &HomeHandle,
    asker: NodePeer,
    request: &[u8],
) -> Result<Signed<Lend>, ObjectError> {
    let now = today();
    let root = read_lend_request(request, &asker, now)?;
    if home.proof().is_some_and(|proof| proof.root == root) {
        return Err(ObjectError::Rule {
            name: "lend",
            expected: "another association",
        });
    }
    Lend::give(key, root.helpline(), called, now, LEND_PARTNER_LIFE)
}

/// Asks partners for the consents that the home lacks, as soon as each can be used, until the node stops.
pub(crate) async fn keep_lends(node: Arc<Node>, home: HomeHandle) {
    let mut wanted = home.lends_wanted();
    loop {
        let peers = wanted.borrow_and_update().clone();
        // Dropped with the next change, and so ended.
        let mut asking = JoinSet::new();
        for peer in peers {
            asking.spawn(keep_asking(Arc::clone(&node), home.clone(), peer));
        }
        if wanted.changed().await.is_err() {
            return;
        }
    }
}

async fn keep_asking(node: Arc<Node>, home: HomeHandle, peer: NodePeer) {
    loop {
        node.partner_is(&peer, true).await;
        if let Some(lend) = ask(&node, &home, &peer).await {
            home.send(TaskInput::Lend { lend }).await;
        }
        sleep(ASK_EVERY).await;
    }
}

async fn ask(node: &Node, home: &HomeHandle, peer: &NodePeer) -> Option<Vec<u8>> {
    let proof = home.proof()?;
    let request = lend_request(&proof.root, &proof.delegation);
    node.ask_lender(peer, &request).await
}

/// Asks one partner, for a command of the operator.
///
/// # Errors
/// Why there is no consent.
pub(crate) async fn ask_now(node: &Node, home: &HomeHandle, peer: &NodePeer) -> Result<Vec<u8>, String> {
    if !node.partners().iter().any(|partner| partner.peer == *peer) {
        return Err("it is no partner of this home (`hamsa-node partner add`)".to_owned());
    }
    let asked = async {
        node.partner_is(peer, true).await;
        ask(node, home, peer).await
    };
    match timeout(COMMAND, asked).await {
        Ok(Some(lend)) => Ok(lend),
        Ok(None) => Err("it was asked, and gave no consent".to_owned()),
        Err(_) => Err("it is not connected with this home now".to_owned()),
    }
}
