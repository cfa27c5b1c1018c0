//! Two associations in a temporary directory: A has a home node and a counselor, B runs the entry. Everything is
//! the real thing over loopback: sockets, keys, certificates. The directory is gone when the world is.

use std::{os::unix::fs::PermissionsExt, path::Path};

use anyhow::{Context, Result};
use hamsa_client::{
    api::{CounselorHandle, SeekerHandle},
    vault::{self, UnlockedVault},
};
use hamsa_node::{
    association, directory,
    run::{self, RunningNode},
    sight::Sight,
};
use hamsa_protocol::{objects::HelplineAddress, time::Unix};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// Name of the association that answers.
pub(crate) const ANSWERS: &str = "Association A";
/// Name of the association that only passes bytes on.
pub(crate) const PASSES: &str = "Association B";
/// The counselor's pseudonym.
pub(crate) const PSEUDONYM: &str = "Nour";
/// Records that may wait to be drawn. The node drops a sight rather than wait for a screen.
const SIGHTS_QUEUE: usize = 1_024;
/// Loopback only, and a port the system picks: the demo must not be reachable, and must not collide.
const LISTEN: &str = "/ip4/127.0.0.1/tcp/0";

/// Which node saw something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// The entry node of association B.
    Entry,
    /// The home node of association A.
    Home,
}

/// What a node saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Which node.
    pub(crate) place: Place,
    /// What.
    pub(crate) sight: Sight,
}

/// Everything the demo runs on.
pub(crate) struct World {
    directory: TempDir,
    entry: RunningNode,
    home: RunningNode,
}

/// The two people in it, and what the nodes see.
pub(crate) struct Stage {
    /// The seeker's engine.
    pub(crate) seeker: SeekerHandle,
    /// The counselor's engine.
    pub(crate) counselor: CounselorHandle,
    /// What the nodes see.
    pub(crate) sights: mpsc::Receiver<Seen>,
}

impl World {
    /// Founds both associations, starts both nodes and both people.
    pub(crate) async fn build() -> Result<(Self, Stage)> {
        let directory = tempfile::Builder::new()
            .prefix("hamsa-demo-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir()
            .context("no temporary directory for the demo: set TMPDIR to one you may write to")?;
        let root = directory.path().to_owned();
        // Keys, files and Argon2: away from the tasks that carry bytes.
        let founded = tokio::task::spawn_blocking(move || found(&root)).await??;
        let (sender, sights) = mpsc::channel(SIGHTS_QUEUE);
        let home = start(directory.path(), HOME, Place::Home, &sender).await?;
        let entry = start(directory.path(), ENTRY, Place::Entry, &sender).await?;
        let stage = Stage {
            seeker: hamsa_client::seeker::start(founded.address),
            counselor: hamsa_client::counselor::start(founded.vault),
            sights,
        };
        Ok((
            Self {
                directory,
                entry,
                home,
            },
            stage,
        ))
    }

    /// Stops both nodes and removes every file.
    pub(crate) async fn close(self) -> Result<()> {
        self.entry.shutdown().await;
        self.home.shutdown().await;
        self.directory
            .close()
            .context("the demo's temporary directory could not be removed")
    }
}

const HOME: &str = "node-a";
const ENTRY: &str = "node-b";
const VAULT: &str = "vault";

struct Founded {
    address: HelplineAddress,
    vault: UnlockedVault,
}

fn found(root: &Path) -> Result<Founded> {
    let (office, home, entry) = (root.join("association-a"), root.join(HOME), root.join(ENTRY));
    let home_address = directory::init(&home, &[LISTEN.to_owned()], Some(ANSWERS))?;
    let entry_address = directory::init(&entry, &[LISTEN.to_owned()], Some(PASSES))?;
    directory::add_partner(&home, &entry_address, Some(PASSES))?;
    directory::add_partner(&entry, &home_address, Some(ANSWERS))?;
    association::init(&office, ANSWERS)?;
    association::add_home(&office, &home)?;
    association::add_entry(&office, &entry_address, Some(PASSES))?;

    let (vault_path, passphrase, now) = (root.join(VAULT), passphrase()?, now());
    let request = vault::request(&vault_path, &passphrase, now)?;
    let certificate = association::certify(&office, &request, PSEUDONYM, &["fr", "ar", "en"])?;
    vault::install(&vault_path, &passphrase, &certificate.to_string(), now)?;
    association::publish(&office)?;
    let vault = vault::open(&vault_path, &passphrase, now)?;
    Ok(Founded {
        address: association::address(&office)?,
        vault,
    })
}

async fn start(root: &Path, name: &str, place: Place, seen: &mpsc::Sender<Seen>) -> Result<RunningNode> {
    let (sender, mut sights) = mpsc::channel::<Sight>(SIGHTS_QUEUE);
    let seen = seen.clone();
    tokio::spawn(async move {
        while let Some(sight) = sights.recv().await {
            // Nobody looks any more: the node goes on without us.
            if seen.send(Seen { place, sight }).await.is_err() {
                return;
            }
        }
    });
    let node = run::start(&root.join(name), Some(sender))
        .await
        .with_context(|| format!("{name} did not start"))?;
    Ok(node)
}

/// Nobody ever types it: it guards a vault that lives as long as the demo.
fn passphrase() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system gives no randomness")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn now() -> Unix {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Unix(since.map_or(0, |since| since.as_secs()))
}
