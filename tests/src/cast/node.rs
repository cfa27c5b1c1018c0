//! A node: its directory and, while it runs, its process.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rustix::process::Signal;
use serde_json::Value;
use tokio::{process::Command, time::Instant};

use super::{HAMSA, NODE, PATIENCE, Process, Ran, host::multiaddress, process, program};

/// A node asked for its status waits this long before it is asked again.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// A stop takes at most 5 s by contract; the rest is for two loaded cores.
const STOP: Duration = Duration::from_secs(10);

/// A node of an association.
pub struct Node {
    /// What the test calls it.
    pub name: String,
    /// Its directory.
    pub dir: PathBuf,
    /// `MULTIADDR/p2p/PEER`.
    pub address: String,
    /// What the network calls it.
    pub peer: String,
    process: Mutex<Option<std::sync::Arc<Process>>>,
    /// What earlier processes of it said on standard error.
    past: Mutex<String>,
}

/// Arguments of a command, from text and paths.
#[macro_export]
macro_rules! args {
    ($($part:expr),* $(,)?) => {
        vec![$(::std::ffi::OsString::from(&$part)),*]
    };
}

/// Runs `hamsa-node` to its end.
pub async fn hamsa_node(args: Vec<OsString>) -> Ran {
    process::run(program(NODE), &args).await
}

/// Runs `hamsa` to its end.
pub async fn hamsa(args: Vec<OsString>) -> Ran {
    process::run(program(HAMSA), &args).await
}

impl Node {
    /// `hamsa-node init`, and its address by the contract: the last word of `id` is the peer.
    pub async fn init(root: &Path, name: &str, socket: std::net::SocketAddr) -> Self {
        let dir = root.join(name);
        let listen = multiaddress(socket);
        let init = hamsa_node(args!["init", "--dir", dir, "--listen", listen, "--name", name]);
        let _ = init.await.ok();
        let id = hamsa_node(args!["id", "--dir", dir]).await.ok();
        let peer = id.split_whitespace().last().expect("the peer id").to_owned();
        Self {
            name: name.to_owned(),
            address: format!("{listen}/p2p/{peer}"),
            dir,
            peer,
            process: Mutex::new(None),
            past: Mutex::default(),
        }
    }

    /// `hamsa-node partner add`.
    pub async fn partner(&self, address: &str, association: &str) {
        let out = hamsa_node(args![
            "partner",
            "add",
            "--dir",
            self.dir,
            address,
            "--association",
            association
        ]);
        let out = out.await.ok();
        assert!(out.starts_with("partner 12D3Koo"), "{out}");
    }

    /// The command that runs it.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(program(NODE));
        command
            .args(["run", "--dir"])
            .arg(&self.dir)
            .env("HAMSA_LOG", "trace");
        command
    }

    /// Runs it and waits until it is ready.
    pub async fn run(&self) {
        self.run_as(self.command()).await;
    }

    /// The same, by another command.
    pub async fn run_as(&self, command: Command) {
        let process = Process::start(&self.name, command);
        let ready = format!("ready {}", self.address);
        process
            .find("ready", 0, PATIENCE, |line| (line.text == ready).then_some(()))
            .await;
        let old = self.lock().replace(std::sync::Arc::new(process));
        self.remember(old);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<std::sync::Arc<Process>>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, process: Option<std::sync::Arc<Process>>) {
        let said = process.map(|process| process.errors()).unwrap_or_default();
        self.past
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_str(&said);
    }

    /// Its process.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn process(&self) -> std::sync::Arc<Process> {
        self.lock()
            .clone()
            .unwrap_or_else(|| panic!("{} does not run", self.name))
    }

    /// Everything all its processes said on standard error.
    #[must_use]
    pub fn log(&self) -> String {
        let past = self.past.lock().unwrap_or_else(PoisonError::into_inner).clone();
        past + &self
            .lock()
            .as_ref()
            .map(|process| process.errors())
            .unwrap_or_default()
    }

    /// `kill -9`.
    pub async fn kill(&self) {
        let process = self.process();
        process.signal(Signal::KILL);
        process.exit(STOP).await;
        let gone = self.lock().take();
        self.remember(gone);
    }

    /// Stops its time: it is not dead, and says nothing.
    pub fn freeze(&self) {
        self.process().signal(Signal::STOP);
    }

    /// Lets its time go on.
    pub fn thaw(&self) {
        self.process().signal(Signal::CONT);
    }

    /// SIGTERM; gives its exit status and how long it took.
    pub async fn stop(&self) -> (ExitStatus, Duration) {
        let process = self.process();
        let start = Instant::now();
        process.signal(Signal::TERM);
        let status = process.exit(STOP).await;
        let gone = self.lock().take();
        self.remember(gone);
        (status, start.elapsed())
    }

    /// `status --json`.
    pub async fn status(&self) -> Value {
        let out = hamsa_node(args!["status", "--dir", self.dir, "--json"])
            .await
            .ok();
        serde_json::from_str(&out).expect("status is JSON")
    }

    /// Asks for the status until it `is`.
    ///
    /// # Panics
    /// When that takes too long.
    pub async fn until(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = self.status().await;
            if is(&status) {
                return status;
            }
            assert!(Instant::now() < deadline, "{}: no {what}: {status:#}", self.name);
            tokio::time::sleep(ASK_EVERY).await;
        }
    }
}
