//! Starts a node: listening addresses first, because a port in use must be reported before anything else.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use futures::StreamExt;
use libp2p::{
    Multiaddr, Swarm,
    core::transport::{ListenerId, TransportError},
    swarm::SwarmEvent,
};
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, getsockname, socket_with,
    sockopt::{set_ipv6_v6only, set_socket_reuseaddr},
};
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    address::{NodeAddressError, dialable},
    behaviour::Behaviour,
    failure::kind_of,
    source::socket,
};

/// Binding is immediate; only the interfaces of a wildcard address are asked for in the background.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a port in use is tried again. Copies of a closed listener live for milliseconds; an operator whose port is
/// really taken waits no longer than this for the error.
const PORT_PATIENCE: Duration = Duration::from_secs(2);
/// Pause between two attempts.
const PORT_RETRY: Duration = Duration::from_millis(20);

/// Why a node did not start. The addresses are those of the operator's own configuration.
#[derive(Debug, Error)]
pub enum NodeStartError {
    /// A listening address that is none.
    #[error("cannot listen on {address}: {reason}")]
    BadAddress {
        /// As configured.
        address: String,
        /// What is wrong with it.
        reason: NodeAddressError,
    },
    /// A name instead of a number.
    #[error("cannot listen on {address}: a name is not an address of this machine")]
    Name {
        /// As configured.
        address: String,
    },
    /// Another program listens there.
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
    Partner(NodeAddressError),
    /// The node's key could not be used.
    #[error("the node's key could not be used")]
    Key,
}

impl NodeStartError {
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
) -> Result<(Vec<ListenerId>, Vec<Multiaddr>), NodeStartError> {
    let mut listeners = Vec::new();
    for text in wanted {
        let address = dialable(text).map_err(|reason| NodeStartError::BadAddress {
            address: text.clone(),
            reason,
        })?;
        wait_for_port(&address)
            .await
            .map_err(|kind| start_error(text, kind))?;
        let id = swarm.listen_on(address).map_err(|error| match error {
            TransportError::MultiaddrNotSupported(_) => NodeStartError::Name {
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
        return Err(NodeStartError::Listen {
            address,
            kind: io::ErrorKind::TimedOut,
        });
    }
    Ok((listeners, bound))
}

/// Waits until the port is free, for a short while only.
///
/// A program that starts a child holds copies of its sockets in the child until that one has become another program:
/// a port whose listener was closed may stay taken for that moment.
async fn wait_for_port(address: &Multiaddr) -> Result<(), io::ErrorKind> {
    let Some(socket) = socket(address).filter(|socket| socket.port() != 0) else {
        return Ok(());
    };
    let start = Instant::now();
    loop {
        match probe(socket) {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && start.elapsed() < PORT_PATIENCE => {
                sleep(PORT_RETRY).await;
            }
            Err(error) => return Err(error.kind()),
        }
    }
}

/// Whether a port can be had, and which.
///
/// The library shares listening ports (`SO_REUSEPORT`), so that two nodes of one user would both start on one port and
/// each get half of the callers; a bind that does not share tells. The socket is bound as the library binds its own
/// (`SO_REUSEADDR`, one family only) and never listens: then it blocks no other bind, not even as a copy in a child,
/// and IPv4 and IPv6 can have the same port.
fn probe(socket: SocketAddr) -> io::Result<u16> {
    let family = match socket {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let probe = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    set_socket_reuseaddr(&probe, true)?;
    if socket.is_ipv6() {
        set_ipv6_v6only(&probe, true)?;
    }
    bind(&probe, &socket)?;
    let bound = SocketAddr::try_from(getsockname(&probe)?)?;
    Ok(bound.port())
}

/// A port of this machine's loopback that is free now, for a configuration that is written before the node runs.
///
/// # Errors
/// When the system has none.
pub fn free_port(ipv6: bool) -> io::Result<u16> {
    let host = if ipv6 {
        Ipv6Addr::LOCALHOST.into()
    } else {
        Ipv4Addr::LOCALHOST.into()
    };
    probe(SocketAddr::new(host, 0))
}

fn start_error(address: &str, kind: io::ErrorKind) -> NodeStartError {
    let address = address.to_owned();
    match kind {
        io::ErrorKind::AddrInUse => NodeStartError::PortInUse { address },
        io::ErrorKind::AddrNotAvailable => NodeStartError::NotAvailable { address },
        io::ErrorKind::PermissionDenied => NodeStartError::Forbidden { address },
        kind => NodeStartError::Listen { address, kind },
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_probe_stands_in_no_way_while_a_listener_does() {
        let port = free_port(false).unwrap();
        let socket = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
        // As a child would hold it: bound and still open.
        let held = socket_with(
            AddressFamily::INET,
            SocketType::STREAM,
            SocketFlags::CLOEXEC,
            None,
        )
        .unwrap();
        set_socket_reuseaddr(&held, true).unwrap();
        bind(&held, &socket).unwrap();
        assert_eq!(probe(socket).unwrap(), port);
        let listener = TcpListener::bind(socket).unwrap();
        assert_eq!(probe(socket).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(listener);
        assert_eq!(probe(socket).unwrap(), port);
    }

    #[test]
    fn both_families_can_have_one_port() {
        let Ok(port) = free_port(true) else {
            return println!("skipped: no IPv6 here");
        };
        let _six = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).unwrap();
        assert_eq!(
            probe(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port)).unwrap(),
            port
        );
        assert!(probe(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port)).is_err());
    }

    #[tokio::test]
    async fn a_port_that_is_given_back_is_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let address: Multiaddr = format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
        let (waited, ()) = tokio::join!(wait_for_port(&address), async {
            sleep(PORT_RETRY).await;
            drop(listener);
        });
        assert_eq!(waited, Ok(()));
    }
}
