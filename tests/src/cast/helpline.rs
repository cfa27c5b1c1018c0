//! Two associations: A answers with its homes and counselors, B runs the entries. Founded by the command lines of the
//! contract only.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{
    Counselor, Host, Node, Ran, Seeker, hamsa, hamsa_node,
    host::{multiaddress, socket_of},
    people::Desk,
};
use crate::{args, proxy::Proxy};

/// Who answers.
pub const ANSWERS: &str = "Association A";
/// Who forwards.
pub const FORWARDS: &str = "Association B";
const PASSPHRASE: &str = "a lantern, seven figs and the long way home";

/// What to found.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Homes of association A.
    pub homes: usize,
    /// Entries of association B.
    pub entries: usize,
    /// Pseudonyms of counselors, each of whom speaks ar, fr and en.
    pub counselors: &'static [&'static str],
    /// Every way leads through a proxy of its own.
    pub proxied: bool,
    /// Start the nodes.
    pub run: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            homes: 1,
            entries: 1,
            counselors: &["Nour"],
            proxied: false,
            run: true,
        }
    }
}

/// The proxies, when there are any.
#[derive(Default)]
pub struct Ways {
    /// From seekers to each entry.
    pub seeker: Vec<Proxy>,
    /// From counselors to each entry.
    pub desk: Vec<Proxy>,
    /// Between entries and homes, in both directions of dialling: entry, home, proxy.
    pub inner: Vec<(usize, usize, Proxy)>,
}

impl Ways {
    /// All proxies between an entry and a home.
    pub fn between(&self, entry: usize, home: usize) -> impl Iterator<Item = &Proxy> {
        let those = self
            .inner
            .iter()
            .filter(move |(e, h, _)| (*e, *h) == (entry, home));
        those.map(|(_, _, proxy)| proxy)
    }

    /// All proxies.
    pub fn all(&self) -> impl Iterator<Item = &Proxy> {
        let inner = self.inner.iter().map(|(_, _, proxy)| proxy);
        self.seeker.iter().chain(&self.desk).chain(inner)
    }
}

/// A helpline with everybody in it.
pub struct Helpline {
    /// Homes of association A.
    pub homes: Vec<Node>,
    /// Entries of association B.
    pub entries: Vec<Node>,
    /// The association's directory.
    pub office: PathBuf,
    /// `hamsa:1:…`.
    pub address: String,
    /// The proxies.
    pub ways: Ways,
    /// Where all of it listens.
    pub host: Host,
    desks: Vec<Desk>,
    passphrase: PathBuf,
    // Last: the files go when everybody is gone.
    directory: TempDir,
}

impl Helpline {
    /// Founds it.
    ///
    /// # Panics
    /// When any command does not do what the contract says.
    pub async fn found(plan: Plan) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("hamsa-test-")
            .tempdir()
            .expect("a temporary directory");
        let root = directory.path();
        let host = Host::new();
        let passphrase = root.join("passphrase");
        fs::write(&passphrase, format!("{PASSPHRASE}\nnot this line\n")).unwrap();
        let (mut homes, mut entries) = (Vec::new(), Vec::new());
        for number in 1..=plan.homes {
            homes.push(Node::init(root, &format!("home-{number}"), host.socket()).await);
        }
        for number in 1..=plan.entries {
            entries.push(Node::init(root, &format!("entry-{number}"), host.socket()).await);
        }
        let mut helpline = Self {
            homes,
            entries,
            office: root.join("association-a"),
            address: String::new(),
            ways: Ways::default(),
            host,
            desks: Vec::new(),
            passphrase,
            directory,
        };
        helpline.introduce(plan.proxied).await;
        helpline.establish(&plan).await;
        if plan.run {
            for node in helpline.nodes() {
                node.run().await;
            }
            helpline.connected().await;
        }
        helpline
    }

    /// Makes entries and homes partners, both ways.
    async fn introduce(&mut self, proxied: bool) {
        for (e, entry) in self.entries.iter().enumerate() {
            for (h, home) in self.homes.iter().enumerate() {
                let (mut to_home, mut to_entry) = (home.address.clone(), entry.address.clone());
                if proxied {
                    for address in [&mut to_home, &mut to_entry] {
                        let (proxy, through) = through(&self.host, address).await;
                        *address = through;
                        self.ways.inner.push((e, h, proxy));
                    }
                }
                entry.partner(&to_home, ANSWERS).await;
                home.partner(&to_entry, FORWARDS).await;
            }
        }
    }

    /// Association A: homes, entries, counselors, publication, address.
    async fn establish(&mut self, plan: &Plan) {
        let _ = self.association("init", args!["--name", ANSWERS]).await.ok();
        for home in &self.homes {
            let _ = self.association("add-home", args!["--node", home.dir]).await.ok();
        }
        self.ways.desk = self.entries_through(plan.proxied).await;
        for pseudonym in plan.counselors {
            let desk = self.certify(pseudonym, &self.office.clone()).await;
            self.desks.push(desk);
        }
        if plan.proxied {
            self.ways.seeker = self.entries_through(true).await;
        }
        let published = self.publish().await;
        assert_eq!(published.len(), self.homes.len());
        let address = self.association("address", args![]).await.ok();
        self.address = address.lines().next().expect("an address").to_owned();
        assert!(self.address.starts_with("hamsa:1:"), "{address}");
    }

    /// Names every entry to the association, through proxies or not.
    async fn entries_through(&self, proxied: bool) -> Vec<Proxy> {
        let mut proxies = Vec::new();
        for entry in &self.entries {
            let mut address = entry.address.clone();
            if proxied {
                let (proxy, through) = through(&self.host, &address).await;
                address = through;
                proxies.push(proxy);
            }
            let named = args![address, "--association", FORWARDS];
            let _ = self.association("add-entry", named).await.ok();
        }
        proxies
    }

    /// Makes a counselor: request, certificate of the association in `office`, installation.
    async fn certify(&self, pseudonym: &str, office: &Path) -> Desk {
        let vault = self.path(&format!("{pseudonym}.vault"));
        let request = self.path(&format!("{pseudonym}.request"));
        let certificate = self.path(&format!("{pseudonym}.certificate"));
        let pass = &self.passphrase;
        let asked = args![
            "counsel",
            "request",
            "--vault",
            vault,
            "--passphrase-file",
            pass,
            "--out",
            request
        ];
        let _ = hamsa(asked).await.ok();
        let named = args![
            "--pseudonym",
            pseudonym,
            "--languages",
            "ar,fr,en",
            "--out",
            certificate
        ];
        let certify = args!["association", "certify", "--dir", office, "--request", request];
        let out = hamsa_node([certify, named].concat()).await.ok();
        let serial = out.split_whitespace().last().expect("the serial").to_owned();
        let install = args!["counsel", "install", "--vault", vault, "--passphrase-file", pass];
        let _ = hamsa([install, args!["--certificate", certificate]].concat())
            .await
            .ok();
        Desk {
            pseudonym: pseudonym.to_owned(),
            serial,
            vault,
        }
    }

    /// Waits until every entry and every home can use each other.
    pub async fn connected(&self) {
        for node in self.nodes() {
            node.until("connection with every partner", |status| {
                let partners = status["partners"].as_array();
                partners.is_some_and(|all| all.iter().all(|partner| partner["connected"] == true))
            })
            .await;
        }
    }

    /// Homes, then entries.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.homes.iter().chain(&self.entries)
    }

    /// A path in the directory of everything.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// `hamsa-node association COMMAND --dir OFFICE …`.
    pub async fn association(&self, command: &str, rest: Vec<OsString>) -> Ran {
        hamsa_node([args!["association", command, "--dir", self.office], rest].concat()).await
    }

    /// `hamsa-node association publish --queue`, as homes may not run yet; gives its lines.
    pub async fn publish(&self) -> Vec<String> {
        let out = self.association("publish", args!["--queue"]).await.ok();
        out.lines().map(str::to_owned).collect()
    }

    /// Takes a counselor's certificate back, and publishes that.
    pub async fn revoke(&self, counselor: usize) {
        let serial = self.desks[counselor].serial.clone();
        let _ = self.association("revoke", args![serial]).await.ok();
        let lines = self.publish().await;
        assert!(
            lines.iter().all(|line| line.starts_with("published ")),
            "{lines:?}"
        );
    }

    /// The serial of her certificate.
    #[must_use]
    pub fn serial(&self, counselor: usize) -> &str {
        &self.desks[counselor].serial
    }

    /// A counselor's vault.
    #[must_use]
    pub fn vault(&self, counselor: usize) -> &Path {
        &self.desks[counselor].vault
    }

    /// The file with everybody's passphrase.
    #[must_use]
    pub fn passphrase(&self) -> &Path {
        &self.passphrase
    }

    /// A counselor's pseudonym.
    #[must_use]
    pub fn pseudonym(&self, counselor: usize) -> &str {
        &self.desks[counselor].pseudonym
    }

    /// Starts a seeker.
    #[must_use]
    pub fn seeker(&self, name: &str) -> Seeker {
        Seeker::start(name, &self.address)
    }

    /// Starts a counselor's client.
    #[must_use]
    pub fn counselor(&self, number: usize) -> Counselor {
        let desk = &self.desks[number];
        Counselor::start(&desk.pseudonym, &desk.vault, &self.passphrase)
    }

    /// A counselor on duty, a seeker she took, and the event of their chat.
    pub async fn chat(&self) -> (Counselor, Seeker, Value) {
        let counselor = self.counselor(0);
        counselor.on_duty().await;
        let seeker = self.seeker("seeker");
        seeker.ask("").await;
        let chat = counselor.take().await;
        seeker.answered().await;
        (counselor, seeker, chat)
    }
}

/// A proxy before an address, and the address that leads through it.
async fn through(host: &Host, address: &str) -> (Proxy, String) {
    let (_, peer) = address.split_once("/p2p/").expect("a peer");
    let proxy = Proxy::start(host.socket(), socket_of(address)).await;
    let through = format!("{}/p2p/{peer}", multiaddress(proxy.address()));
    (proxy, through)
}
