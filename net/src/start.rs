//! Bringing a node up: listening addresses first, because a port in use must be said before anything else.

use std::{io, net::TcpListener, time::Duration};

use futures::StreamExt;
use libp2p::{
    Multiaddr, Swarm,
    core::transport::{ListenerId, TransportError},
    multiaddr::Protocol,
    swarm::SwarmEvent,
};
use thiserror::Error;
use tokio::time::timeout;

use crate::{AddressError, address::dialable, behaviour::Behaviour, failure::kind_of};

/// Binding is immediate; only the interfaces of a wildcard address are asked for in the background.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a node did not start. The addresses are those of the operator's own configuration.
#[derive(Debug, Error)]
pub enum StartError {
    /// A listening address that is none.
    #[error("cannot listen on {address}: {reason}")]
    BadAddress {
        /// As configured.
        address: String,
        /// What is wrong with it.
        reason: AddressError,
    },
    /// A name instead of a number.
    #[error("cannot listen on {address}: a name is not an address of this machine")]
    Name {
        /// As configured.
        address: String,
    },
    /// Somebody else listens there.
    #[error("the port of {address} is in use")]
    PortInUse {
        /// As configured.
        address: String,
    },
    /// Not an address of this machine.
    #[error("{address} is not an address of this machine")]
    NotAvailable {
        /// As configured.
        address: String,
    },
    /// A port below 1024, or a rule of the system.
    #[error("the system does not allow this user to listen on {address}")]
    Forbidden {
        /// As configured.
        address: String,
    },
    /// Anything else.
    #[error("cannot listen on {address}: {kind}")]
    Listen {
        /// As configured.
        address: String,
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// A partner whose address cannot be dialled.
    #[error("the address of a partner cannot be used: {0}")]
    Partner(AddressError),
    /// The node's key could not be used.
    #[error("the node's key could not be used")]
    Key,
}

impl StartError {
    /// What to do next.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::BadAddress { .. } => "write it like /ip4/0.0.0.0/tcp/4001 or /ip6/::/tcp/4001/ws",
            Self::Name { .. } => "listen on a number, for example /ip4/0.0.0.0/tcp/4001",
            Self::PortInUse { .. } => {
                "stop the other program (is this node running already?) or choose another port"
            }
            Self::NotAvailable { .. } => {
                "choose an address of this machine, or /ip4/0.0.0.0 for all; for /ip6 check that IPv6 is on"
            }
            Self::Forbidden { .. } => "choose a port above 1023, or give the service the right to low ports",
            Self::Listen { .. } => "check the address and the system's log",
            Self::Partner(_) => "copy the partner's address as its node prints it, or remove the partner",
            Self::Key => "check the node's directory; restore the key from a backup",
        }
    }
}

/// Listens on all addresses and waits until each is known with its real port.
pub(crate) async fn listen(
    swarm: &mut Swarm<Behaviour>,
    wanted: &[String],
) -> Result<(Vec<ListenerId>, Vec<Multiaddr>), StartError> {
    let mut listeners = Vec::new();
    for text in wanted {
        let address = dialable(text).map_err(|reason| StartError::BadAddress {
            address: text.clone(),
            reason,
        })?;
        probe(&address).map_err(|kind| start_error(text, kind))?;
        let id = swarm.listen_on(address).map_err(|error| match error {
            TransportError::MultiaddrNotSupported(_) => StartError::Name {
                address: text.clone(),
            },
            TransportError::Other(error) => start_error(text, kind_of(&error)),
        })?;
        listeners.push(id);
    }
    let mut silent = listeners.clone();
    let mut bound = Vec::new();
    let known = async {
        while !silent.is_empty() {
            if let SwarmEvent::NewListenAddr { listener_id, address } = swarm.select_next_some().await {
                silent.retain(|id| *id != listener_id);
                bound.push(address);
            }
        }
    };
    if timeout(LISTEN_TIMEOUT, known).await.is_err() {
        let at = listeners.iter().position(|id| silent.contains(id)).unwrap_or(0);
        let address = wanted.get(at).cloned().unwrap_or_default();
        return Err(StartError::Listen {
            address,
            kind: io::ErrorKind::TimedOut,
        });
    }
    Ok((listeners, bound))
}

/// Whether the port is free. The library shares listening ports (`SO_REUSEPORT`), so that two nodes of one user would
/// both start on one port and each get half of the callers; an ordinary bind tells.
fn probe(address: &Multiaddr) -> Result<(), io::ErrorKind> {
    let mut parts = address.iter();
    let host: std::net::IpAddr = match parts.next() {
        Some(Protocol::Ip4(ip)) => ip.into(),
        Some(Protocol::Ip6(ip)) => ip.into(),
        _ => return Ok(()),
    };
    match parts.next() {
        Some(Protocol::Tcp(port)) if port != 0 => {
            TcpListener::bind((host, port)).map(drop).map_err(|e| e.kind())
        }
        _ => Ok(()),
    }
}

fn start_error(address: &str, kind: io::ErrorKind) -> StartError {
    let address = address.to_owned();
    match kind {
        io::ErrorKind::AddrInUse => StartError::PortInUse { address },
        io::ErrorKind::AddrNotAvailable => StartError::NotAvailable { address },
        io::ErrorKind::PermissionDenied => StartError::Forbidden { address },
        kind => StartError::Listen { address, kind },
    }
}
