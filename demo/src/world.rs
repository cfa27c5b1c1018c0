//! Two associations in a temporary directory: A has a home node and a counselor, B runs the entry. Everything is
//! the real thing over loopback: sockets, keys, certificates. The directory is gone when the world is.

use std::{os::unix::fs::PermissionsExt, path::Path};

use anyhow::{Context, Result};
use hamsa_client::{
    driver::{CounselorHandle, SeekerHandle},
    vault::{self, UnlockedVault},
};
use hamsa_net::NodeAddress;
use hamsa_node::{
    TraceEvent,
    association::{self, NewEntry},
    directory::NodeDirectory,
    run::{self, RunningNode},
};
use hamsa_protocol::{
    objects::{CertifiedRole, HelplineAddress},
    time::Unix,
};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// Name of the association that answers.
pub(crate) const ANSWERS: &str = "Association A";
/// Name of the association that only passes bytes on.
pub(crate) const PASSES: &str = "Association B";
/// The counselor's pseudonym.
pub(crate) const PSEUDONYM: &str = "Nour";
/// Trace events that may wait to be drawn. The home drops one rather than wait for a screen.
const TRACES_QUEUE: usize = 4_096;
/// Loopback only, and a port the system picks: the demo must not be reachable, and must not collide.
const LISTEN: &str = "/ip4/127.0.0.1/tcp/0";

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
    pub(crate) traces: mpsc::Receiver<TraceEvent>,
}

impl World {
    /// Founds both associations, starts both nodes and both people.
    pub(crate) async fn build() -> Result<(Self, Stage)> {
        let directory = tempfile::Builder::new()
            .prefix("hamsa-demo-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir()
            .context("no temporary directory for the demo: set TMPDIR to one you may write to")?;
        let founded = found(directory.path()).await?;
        let (observer, traces) = mpsc::channel(TRACES_QUEUE);
        let home = start(directory.path(), HOME, observer.clone()).await?;
        let entry = start(directory.path(), ENTRY, observer).await?;
        let stage = Stage {
            seeker: hamsa_client::driver::start_seeker(founded.address),
            counselor: hamsa_client::driver::start_counselor(founded.vault),
            traces,
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

async fn found(root: &Path) -> Result<Founded> {
    let (office, home, entry) = (root.join("association-a"), root.join(HOME), root.join(ENTRY));
    let home_address = settle(&home, ANSWERS)?;
    let entry_address = settle(&entry, PASSES)?;
    NodeDirectory::open(&home)?.add_partner(&entry_address, Some(PASSES))?;
    NodeDirectory::open(&entry)?.add_partner(&home_address, Some(ANSWERS))?;
    association::init(&office, ANSWERS)?;
    association::add_home(&office, &home).await?;
    let entry = NewEntry {
        address: Some(&entry_address),
        association: Some(PASSES),
        lent: None,
    };
    association::add_entry(&office, entry).await?;

    let (path, passphrase, now) = (root.join(VAULT), passphrase()?, now());
    // Argon2 takes a third of a second each time: away from the tasks that carry bytes.
    let certify = {
        let office = office.clone();
        move || -> Result<UnlockedVault> {
            let request = vault::request(&path, &passphrase, now)?;
            let issued = association::certify(
                &office,
                &request,
                PSEUDONYM,
                "fr,ar,en",
                CertifiedRole::Counselor,
                false,
                None,
            )?;
            vault::install(&path, &passphrase, &issued.file, now)?;
            Ok(vault::open(&path, &passphrase, now)?)
        }
    };
    let vault = tokio::task::spawn_blocking(certify).await??;
    association::publish(&office, None).await?;
    let address = association::address(&office)?.address;
    Ok(Founded { address, vault })
}

/// Makes a node's directory and gives its address.
fn settle(path: &Path, name: &str) -> Result<String> {
    let directory = NodeDirectory::init(path, &[LISTEN.to_owned()], name)?;
    let peer = directory.identity()?.peer();
    let config = directory.config()?;
    let listen = config.listen.first().context("the node has no address")?;
    Ok(NodeAddress {
        address: listen.clone(),
        peer,
    }
    .to_string())
}

async fn start(root: &Path, name: &str, observer: mpsc::Sender<TraceEvent>) -> Result<RunningNode> {
    let node = run::start(&root.join(name), Some(observer)).await;
    node.with_context(|| format!("{name} did not start"))
}

/// A random passphrase, for a vault that lasts as long as the demo.
fn passphrase() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system gives no randomness")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn now() -> Unix {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Unix(since.map_or(0, |since| since.as_secs()))
}
