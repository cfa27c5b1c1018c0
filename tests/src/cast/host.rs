//! A loopback address of one's own: Linux answers on all of 127.0.0.0/8, so tests that run at the same time, and
//! whatever else listens on this machine, never meet at a port.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr as UnixAddr, UnixListener},
    },
    sync::atomic::{AtomicU16, AtomicU32, Ordering},
};

/// The first port that is given out; below the ports that the system gives to callers.
const FIRST_PORT: u16 = 4_310;

/// The first address, 127.64.0.0: far from 127.0.0.1 and from resolvers at 127.0.0.53.
const FIRST: u32 = 0x7f40_0000;
/// So many addresses are there, up to 127.127.255.255.
const HOSTS: u32 = 1 << 22;
/// A process begins to look so many addresses behind the one with the number before it.
const STRIDE: u32 = 1 << 10;

/// An address of this machine, and the next port on it.
#[derive(Debug)]
pub struct Host {
    address: Ipv4Addr,
    next: AtomicU16,
    /// The claim on the address: an abstract socket of its name, which one process at a time can have, and which the
    /// system takes back when that process ends.
    _claim: UnixListener,
}

impl Host {
    /// One that nobody else has.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let begin = std::process::id().wrapping_mul(STRIDE);
        loop {
            let number = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % HOSTS;
            let address = Ipv4Addr::from_bits(FIRST + number);
            let name = UnixAddr::from_abstract_name(format!("hamsa-tests/{address}")).expect("a short name");
            if let Ok(claim) = UnixListener::bind_addr(&name) {
                return Self {
                    address,
                    next: AtomicU16::new(FIRST_PORT),
                    _claim: claim,
                };
            }
        }
    }

    /// A socket address that nobody uses.
    pub fn socket(&self) -> SocketAddr {
        SocketAddr::new(
            IpAddr::V4(self.address),
            self.next.fetch_add(1, Ordering::Relaxed),
        )
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(formatter)
    }
}

/// As a multiaddress.
#[must_use]
pub(super) fn multiaddress(socket: SocketAddr) -> String {
    format!("/ip4/{}/tcp/{}", socket.ip(), socket.port())
}

/// The socket address in `/ip4/…/tcp/…[/p2p/…]`.
#[must_use]
pub(super) fn socket_of(address: &str) -> SocketAddr {
    let parts: Vec<&str> = address.split('/').collect();
    format!("{}:{}", parts[2], parts[4])
        .parse()
        .expect("an address by number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_hosts_have_one_address() {
        // More than a byte counts.
        let hosts: Vec<Host> = (0..300).map(|_| Host::new()).collect();
        let addresses: std::collections::HashSet<_> = hosts.iter().map(|host| host.address).collect();
        assert_eq!(addresses.len(), hosts.len());
        assert!(addresses.iter().all(|address| address.is_loopback()));
    }
}
