//! A loopback address of one's own: Linux answers on all of 127.0.0.0/8, so tests that run at the same time, and
//! whatever else listens on this machine, never meet at a port.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU16, Ordering},
};

/// The first port that is given out; below the ports that the system gives to callers.
const FIRST_PORT: u16 = 4_310;

/// An address of this machine, and the next port on it.
#[derive(Debug)]
pub struct Host {
    address: Ipv4Addr,
    next: AtomicU16,
}

impl Host {
    /// One that nobody else has.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(1);
        let [_, _, high, low] = std::process::id().to_be_bytes();
        let [_, number] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        Self {
            // 127.64.… and up: far from 127.0.0.1 and from resolvers at 127.0.0.53.
            address: Ipv4Addr::new(127, 64 | high, low, number),
            next: AtomicU16::new(FIRST_PORT),
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
