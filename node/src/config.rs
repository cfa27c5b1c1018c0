//! `node.toml`: where a node listens, its roles and its partners. The operator writes it; this program changes only the
//! partners in it.

use std::{net::IpAddr, ops::RangeInclusive, path::Path};

use hamsa_net::{NodeAddress, NodePeer, TrustedProxy};
use hamsa_protocol::objects::Label;
use serde::{Deserialize, Serialize};
use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use crate::{
    directory::{DirectoryError, NodeDirectory},
    files, store,
};

/// Where a node listens when nothing is said: all of IPv4, at a port that no well-known service has.
const DEFAULT_LISTEN: &str = "/ip4/0.0.0.0/tcp/4310";
/// What a node may give to mail, in MiB: less than 8 is a handful of messages, and more than 1 TiB is a slip of the pen.
const MAIL_MIB: RangeInclusive<u64> = 8..=1_024 * 1_024;

/// What a node may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeRole {
    /// Forwards people's streams to its partners.
    Entry,
    /// Takes streams for a helpline that delegated it.
    Home,
}

/// A partner in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// Its address and peer id: `MULTIADDR/p2p/PEER`.
    pub address: String,
    /// The association that runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association: Option<String>,
}

/// What clients may take of the memory when nothing is said, in MiB: a machine of 512 MiB has as much again for
/// connections, sled and the system.
const DEFAULT_MEMORY_MIB: usize = 192;
/// Less is a few chats; more than a machine has.
const MEMORY_MIB: RangeInclusive<usize> = 32..=1_048_576;

/// `node.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A name for the operator.
    #[serde(default)]
    pub name: String,
    /// Where the node listens.
    pub listen: Vec<String>,
    /// Of these, those whose callers' addresses tell nothing: all of an onion service come from one. They share what one
    /// source may have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub onion: Vec<String>,
    /// The address or network of the proxy before the node, which sends the PROXY protocol: what it says of its callers'
    /// addresses is believed. Nothing else may connect from there.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "proxy")]
    pub trusted_proxy: Option<TrustedProxy>,
    /// Where others reach it, when that is another address than where it listens.
    #[serde(default)]
    pub announce: Vec<String>,
    /// What it does.
    #[serde(default = "both")]
    pub roles: Vec<NodeRole>,
    /// What sealed messages that wait may take of the disk, in MiB.
    #[serde(default = "mail_mib")]
    pub mail_mib: u64,
    /// What clients together may take of the memory, in MiB: their tickets, cells and answers, and what waits for the disk.
    #[serde(default = "memory_mib")]
    pub memory_mib: usize,
    /// The nodes it works with.
    #[serde(default)]
    pub partners: Vec<Partner>,
}

fn mail_mib() -> u64 {
    store::MAIL_MIB
}

fn memory_mib() -> usize {
    DEFAULT_MEMORY_MIB
}

fn both() -> Vec<NodeRole> {
    vec![NodeRole::Entry, NodeRole::Home]
}

/// A trusted proxy as text.
mod proxy {
    use hamsa_net::TrustedProxy;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<TrustedProxy>, D::Error> {
        let text = String::deserialize(from)?;
        text.parse()
            .map(Some)
            .map_err(|error| D::Error::custom(format!("{text:?}: {error}")))
    }

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(proxy: &Option<TrustedProxy>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&proxy.map(|proxy| proxy.to_string()).unwrap_or_default())
    }
}

impl Config {
    /// The configuration of a new node. A port 0 becomes a free port now: see [`NodeDirectory::init`].
    pub(crate) fn new(name: &str, listen: &[String]) -> Result<Self, DirectoryError> {
        let listen = if listen.is_empty() {
            vec![DEFAULT_LISTEN.to_owned()]
        } else {
            let fixed = listen.iter().map(|address| fixed_port(address));
            fixed.collect::<Result<_, _>>()?
        };
        Ok(Self {
            name: name.to_owned(),
            listen,
            onion: Vec::new(),
            trusted_proxy: None,
            announce: Vec::new(),
            roles: both(),
            mail_mib: mail_mib(),
            memory_mib: memory_mib(),
            partners: Vec::new(),
        })
    }

    /// Reads the text of a configuration.
    ///
    /// # Errors
    /// [`DirectoryError::Config`] with line, key and reason; [`DirectoryError::Address`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, DirectoryError> {
        let wrong = |key: String, reason: String| DirectoryError::Config {
            path: path.to_owned(),
            key,
            reason,
        };
        let reader = toml::Deserializer::parse(text).map_err(|error| wrong(".".into(), error.to_string()))?;
        let config: Self = serde_path_to_error::deserialize(reader)
            .map_err(|error| wrong(error.path().to_string(), error.inner().to_string()))?;
        for listen in config.listen.iter().chain(&config.announce) {
            check_address(listen)?;
        }
        config.partner_addresses()?;
        if let Some(other) = config.onion.iter().find(|onion| !config.listen.contains(onion)) {
            let reason = format!("{other} is none of the addresses in listen");
            return Err(wrong("onion".into(), reason));
        }
        // Callers are told apart by the address at which they are accepted.
        if let Some(free) = config.onion.iter().find(|onion| port_of(onion) == Some("0")) {
            let reason = format!("{free} has port 0, which is another one at each start: give it a port");
            return Err(wrong("onion".into(), reason));
        }
        if !MAIL_MIB.contains(&config.mail_mib) {
            return Err(wrong(
                "mail_mib".into(),
                format!(
                    "{} is not between {} and {} (MiB)",
                    config.mail_mib,
                    MAIL_MIB.start(),
                    MAIL_MIB.end()
                ),
            ));
        }
        if !MEMORY_MIB.contains(&config.memory_mib) {
            let (least, most) = (MEMORY_MIB.start(), MEMORY_MIB.end());
            let reason = format!("{} is not between {least} and {most} (MiB)", config.memory_mib);
            return Err(wrong("memory_mib".into(), reason));
        }
        let mut ports: Vec<&String> = config.listen.iter().collect();
        ports.sort();
        if ports.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(wrong(
                "listen".into(),
                "the same address stands there twice".into(),
            ));
        }
        Ok(config)
    }

    /// The partners' addresses.
    ///
    /// # Errors
    /// [`DirectoryError::Address`].
    pub fn partner_addresses(&self) -> Result<Vec<NodeAddress>, DirectoryError> {
        self.partners
            .iter()
            .map(|partner| parse_address(&partner.address))
            .collect()
    }
}

impl NodeDirectory {
    /// The configuration.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn config(&self) -> Result<Config, DirectoryError> {
        let path = self.file("node.toml");
        Config::parse(&path, &files::read_text(&path)?)
    }

    pub(crate) fn write_config(&self, config: &Config) -> Result<(), DirectoryError> {
        let path = self.file("node.toml");
        let text = toml::to_string(config).map_err(|error| DirectoryError::Config {
            path: path.clone(),
            key: ".".into(),
            reason: error.to_string(),
        })?;
        Ok(files::write_whole(&path, text.as_bytes(), 0o600)?)
    }

    /// Adds a partner to the configuration, or gives one a new address.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn add_partner(&self, text: &str, association: Option<&str>) -> Result<NodeAddress, DirectoryError> {
        let address = parse_address(text)?;
        if let Some(name) = association {
            hamsa_protocol::text::name(name)
                .parse::<Label>()
                .map_err(|error| DirectoryError::Name(error.to_string()))?;
        }
        let _changing = self.change()?;
        // An invalid file is reported before anything is written.
        self.config()?;
        let path = self.file("node.toml");
        let old = files::read_text(&path)?;
        let text = with_partner(&old, &address, association).map_err(|reason| DirectoryError::Config {
            path: path.clone(),
            key: "partners".into(),
            reason,
        })?;
        Config::parse(&path, &text)?;
        files::write_whole(&path, text.as_bytes(), 0o600)?;
        Ok(address)
    }
}

/// Reads `MULTIADDR/p2p/PEER`.
///
/// # Errors
/// [`DirectoryError::Address`].
pub fn parse_address(text: &str) -> Result<NodeAddress, DirectoryError> {
    let wrong = |reason: String| DirectoryError::NodeAddress {
        text: text.to_owned(),
        reason,
    };
    let address: NodeAddress = text
        .parse()
        .map_err(|error: hamsa_net::NodeAddressError| wrong(error.to_string()))?;
    let mut parts = address.address.split('/').skip(2);
    let (host, port) = (parts.next(), parts.nth(1));
    let nowhere = if host == Some("") {
        "the host has no name"
    } else if port == Some("0") {
        "nobody can be reached at port 0"
    } else if ip_of(&address.address).is_some_and(|ip| ip.is_unspecified()) {
        "it says where a node listens, and nobody can be reached there"
    } else {
        return Ok(address);
    };
    Err(wrong(nowhere.to_owned()))
}

/// The IP address of a multiaddress, if it has one and not a name.
pub(crate) fn ip_of(address: &str) -> Option<IpAddr> {
    address.split('/').nth(2)?.parse().ok()
}

/// Whether an address leads nowhere from another machine.
pub(crate) fn is_only_here(address: &str) -> bool {
    ip_of(address).is_some_and(|ip| ip.is_loopback() || ip.is_unspecified())
}

fn check_address(text: &str) -> Result<(), DirectoryError> {
    NodeAddress::new(text, NodePeer([0; 32]))
        .map(|_| ())
        .map_err(|error| DirectoryError::address(text, &error))
}

/// The text of a configuration with a new partner, or with a new address for a known one. Everything else stays as the
/// operator wrote it, comments and order included.
fn with_partner(text: &str, address: &NodeAddress, association: Option<&str>) -> Result<String, String> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| error.to_string())?;
    let is_it = |row: &dyn TableLike| {
        let known = row.get("address").and_then(Item::as_str).map(parse_address);
        known.is_some_and(|known| known.is_ok_and(|known| known.peer == address.peer))
    };
    let fill = |row: &mut dyn TableLike| {
        row.insert("address", value(address.to_string()));
        if let Some(name) = association {
            row.insert("association", value(name));
        }
    };
    let partners = document
        .entry("partners")
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match partners {
        Item::ArrayOfTables(rows) => {
            if let Some(row) = rows.iter_mut().find(|row| is_it(*row)) {
                fill(row);
            } else {
                let mut row = Table::new();
                fill(&mut row);
                rows.push(row);
            }
        }
        Item::Value(Value::Array(rows)) => {
            if let Some(row) = rows
                .iter_mut()
                .filter_map(Value::as_inline_table_mut)
                .find(|row| is_it(*row))
            {
                fill(row);
            } else {
                let mut row = InlineTable::new();
                fill(&mut row);
                rows.push(row);
            }
        }
        _ => return Err("expected a list of partners".to_owned()),
    }
    Ok(document.to_string())
}

fn port_of(address: &str) -> Option<&str> {
    address.trim().split('/').nth(4)
}

/// Replaces port 0 by one that is free now.
fn fixed_port(address: &str) -> Result<String, DirectoryError> {
    check_address(address)?;
    let mut parts: Vec<&str> = address.trim().split('/').collect();
    let free;
    if let Some(port @ &mut "0") = parts.get_mut(4) {
        free = hamsa_net::free_port(address.starts_with("/ip6/"))
            .map_err(|error| DirectoryError::address(address, &error))?
            .to_string();
        *port = &free;
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use hamsa_net::NodeIdentity;

    use super::*;

    fn parse(text: &str) -> Result<Config, DirectoryError> {
        Config::parse(Path::new("node.toml"), text)
    }

    #[test]
    fn mail_mib_has_a_default_and_bounds() {
        let listen = "listen = [\"/ip4/127.0.0.1/tcp/4310\"]\n";
        assert_eq!(parse(listen).unwrap().mail_mib, store::MAIL_MIB);
        assert_eq!(parse(&format!("{listen}mail_mib = 8")).unwrap().mail_mib, 8);
        for (wrong, reason) in [
            ("mail_mib = 7", "not between 8 and"),
            ("memory_mib = 31", "not between 32 and"),
            ("memory_mib = 1048577", "not between 32 and"),
            ("mail_mib = 0", "not between 8 and"),
            ("mail_mib = 1048577", "not between 8 and"),
            ("mail_mib = -1", "mail_mib"),
            ("mail_mib = \"512\"", "mail_mib"),
            ("mail_mb = 512", "mail_mb"),
        ] {
            let error = parse(&format!("{listen}{wrong}")).unwrap_err().to_string();
            assert!(error.contains("node.toml") && error.contains(reason), "{error}");
        }
    }

    #[test]
    fn a_partner_is_somewhere() {
        let peer = hamsa_net::peer_text(&NodeIdentity::from_secret(&[7; 32]).peer());
        for (text, reason) in [
            ("/dns4/b.example/tcp/1".to_owned(), "/tcp/4310/p2p/12D3Koo"),
            (format!("/dns4//tcp/1/p2p/{peer}"), "is no address of a node"),
            (format!("/ip4/192.0.2.1/tcp/0/p2p/{peer}"), "port 0"),
            (
                format!("/ip4/0.0.0.0/tcp/1/p2p/{peer}"),
                "nobody can be reached there",
            ),
            (format!("/ip6/::/tcp/1/p2p/{peer}"), "nobody can be reached there"),
            (format!("/dns4/a b.example/tcp/1/p2p/{peer}"), "no blanks"),
        ] {
            let error = parse_address(&text).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
        let good = format!("/dns4/b.example/tcp/1/ws/p2p/{peer}");
        assert_eq!(parse_address(&good).unwrap().to_string(), good);
        for (address, here) in [
            ("/ip4/127.9.9.9/tcp/1", true),
            ("/ip4/0.0.0.0/tcp/1", true),
            ("/ip6/::1/tcp/1", true),
            ("/ip6/::/tcp/1", true),
            ("/ip4/192.0.2.1/tcp/1", false),
            ("/dns4/b.example/tcp/1", false),
        ] {
            assert_eq!(is_only_here(address), here, "{address}");
        }
    }

    #[test]
    fn a_proxy_and_an_onion_listener_are_checked() {
        let listen = "listen = [\"/ip4/127.0.0.1/tcp/4310\"]\n";
        let good = "trusted_proxy = \"127.0.0.2\"\nonion = [\"/ip4/127.0.0.1/tcp/4310\"]";
        let config = parse(&format!("{listen}{good}")).unwrap();
        assert_eq!(config.trusted_proxy, Some("127.0.0.2".parse().unwrap()));
        let written = toml::to_string(&config).unwrap();
        assert_eq!(parse(&written).unwrap(), config);
        for (wrong, reason) in [
            ("trusted_proxy = \"localhost\"", "not an address or a network"),
            ("trusted_proxy = \"0.0.0.0/0\"", "not an address or a network"),
            ("trusted_proxy = 1", "trusted_proxy"),
            (
                "onion = [\"/ip4/127.0.0.1/tcp/4311\"]",
                "none of the addresses in listen",
            ),
            (
                "onion = [\"/ip4/127.0.0.1/tcp/0/ws\"]\nlisten = [\"/ip4/127.0.0.1/tcp/0/ws\"]",
                "give it a port",
            ),
        ] {
            let listen = if wrong.contains("\nlisten") { "" } else { listen };
            let error = parse(&format!("{listen}{wrong}")).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn a_new_partner_leaves_comments_and_order_as_they_are() {
        let peer = NodeIdentity::from_secret(&[7; 32]).peer();
        let at = |port: u16| NodeAddress::new(&format!("/ip4/192.0.2.1/tcp/{port}"), peer).unwrap();
        let head =
            "# call the office\nname = \"A\"\nmail_mib = 64 # small\nlisten = [\"/ip4/127.0.0.1/tcp/1\"]\n";
        for list in [
            "",
            "partners = [] # none yet\n",
            "[[partners]]\n# the old one\naddress = \"A\"\n",
        ] {
            let other = NodeIdentity::from_secret(&[8; 32]).peer();
            let other = NodeAddress::new("/ip4/192.0.2.9/tcp/1", other)
                .unwrap()
                .to_string();
            let old = format!("{head}{}", list.replace("\"A\"", &format!("\"{other}\"")));
            let one = with_partner(&old, &at(1), Some("B")).unwrap();
            assert!(one.starts_with(head), "{one}");
            assert_eq!(one.contains("# the old one"), list.contains("# the old one"));
            let two = with_partner(&one, &at(2), None).unwrap();
            let (before, after) = (parse(&one).unwrap().partners, parse(&two).unwrap().partners);
            assert_eq!(before.len(), after.len());
            assert_eq!(after.last().unwrap().address, at(2).to_string());
            assert_eq!(after.last().unwrap().association.as_deref(), Some("B"));
        }
    }
}
