//! TCP as it is used here: names are looked up anew for each dial, and a trusted proxy says whose connection it passes on.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use futures::{
    FutureExt, StreamExt,
    future::{self, BoxFuture},
    stream::FuturesUnordered,
};
use libp2p::{
    Multiaddr, Transport,
    core::transport::{DialOpts, ListenerId, TransportError, TransportEvent},
    dns,
    multiaddr::Protocol,
    tcp,
};
use tokio::time::timeout;
use tracing::{debug, warn};

use crate::{
    failure::kind_of,
    limits::{LISTEN_BACKLOG, PROXY_HEADER_TIMEOUT, PROXY_HEADERS_MAX, PROXY_TELL_EVERY},
    proxied::{TrustedProxy, read_header},
    source::socket,
};

type TcpTransport = tcp::tokio::Transport;
type TcpEvent = TransportEvent<<TcpTransport as Transport>::ListenerUpgrade, io::Error>;

/// A laptop that joins a network and a server that boots before its DHCP answers get their name servers after the program
/// was started: so each dial looks a name up anew.
pub(crate) struct Tcp {
    tcp: TcpTransport,
    proxy: Option<TrustedProxy>,
    /// Connections of the proxy whose header is being read.
    headers: FuturesUnordered<BoxFuture<'static, io::Result<TcpEvent>>>,
    /// Connections without a valid header that the operator was not told of, and when that was done last.
    unnamed: u64,
    told: Option<Instant>,
}

impl Tcp {
    pub(crate) fn new(proxy: Option<TrustedProxy>) -> Self {
        Self {
            tcp: tcp(),
            proxy,
            headers: FuturesUnordered::new(),
            unnamed: 0,
            told: None,
        }
    }

    /// Holds a connection of the proxy back until its header has come; everything else passes.
    fn sort(&mut self, event: TcpEvent) -> Option<TcpEvent> {
        match event {
            TransportEvent::Incoming {
                listener_id,
                upgrade,
                local_addr,
                send_back_addr,
            } if self.is_proxy(&send_back_addr) => {
                let arrived = named_by_proxy(listener_id, upgrade, local_addr, send_back_addr);
                self.headers.push(arrived.boxed());
                None
            }
            other => Some(other),
        }
    }

    /// A connection of the proxy had no valid header. The operator hears of it now and then, as long as it goes on: gives
    /// how many of them there were since.
    fn refused(&mut self, now: Instant) -> Option<u64> {
        self.unnamed += 1;
        let due = |told| now.duration_since(told) >= PROXY_TELL_EVERY;
        if !self.told.is_none_or(due) {
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.unnamed))
    }

    fn is_proxy(&self, remote: &Multiaddr) -> bool {
        let remote = socket(remote);
        remote.is_some_and(|remote| self.proxy.is_some_and(|proxy| proxy.contains(remote.ip())))
    }
}

/// A connection of the proxy as one of the caller that its header names.
async fn named_by_proxy(
    listener_id: ListenerId,
    upgrade: <TcpTransport as Transport>::ListenerUpgrade,
    local_addr: Multiaddr,
    proxy: Multiaddr,
) -> io::Result<TcpEvent> {
    let mut stream = upgrade.await?;
    let named = timeout(PROXY_HEADER_TIMEOUT, read_header(&mut stream)).await??;
    Ok(TransportEvent::Incoming {
        listener_id,
        upgrade: future::ok(stream),
        local_addr,
        send_back_addr: named.map_or(proxy, multiaddress),
    })
}

fn multiaddress(socket: SocketAddr) -> Multiaddr {
    Multiaddr::from(socket.ip()).with(Protocol::Tcp(socket.port()))
}

impl Transport for Tcp {
    type Output = <TcpTransport as Transport>::Output;
    type Error = io::Error;
    type ListenerUpgrade = <TcpTransport as Transport>::ListenerUpgrade;
    type Dial = BoxFuture<'static, io::Result<Self::Output>>;

    fn listen_on(&mut self, id: ListenerId, address: Multiaddr) -> Result<(), TransportError<io::Error>> {
        self.tcp.listen_on(id, address)
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.tcp.remove_listener(id)
    }

    fn dial(
        &mut self,
        address: Multiaddr,
        options: DialOpts,
    ) -> Result<Self::Dial, TransportError<io::Error>> {
        let is_name = |part| matches!(part, Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_));
        if !address.iter().any(is_name) {
            return Ok(self.tcp.dial(address, options)?.boxed());
        }
        Ok(async move {
            let mut resolving = resolving();
            // The resolver does not fail before its future is polled.
            let dial = resolving
                .dial(address, options)
                .map_err(|_| io::ErrorKind::Unsupported)?;
            dial.await.map_err(|error| io::Error::from(kind_of(&error)))
        }
        .boxed())
    }

    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
        loop {
            match self.headers.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(event))) => return Poll::Ready(event),
                Poll::Ready(Some(Err(_))) => {
                    if let Some(closed) = self.refused(Instant::now()) {
                        warn!(
                            "{closed} connections of the trusted proxy had no valid PROXY header and were closed; let the proxy send one"
                        );
                    }
                    continue;
                }
                Poll::Ready(None) | Poll::Pending => {}
            }
            // More wait in the kernel, until a header has come or its time is over.
            if self.headers.len() >= PROXY_HEADERS_MAX {
                return Poll::Pending;
            }
            let Poll::Ready(event) = Pin::new(&mut self.tcp).poll(context) else {
                return Poll::Pending;
            };
            if let Some(event) = self.sort(event) {
                return Poll::Ready(event);
            }
        }
    }
}

fn tcp() -> tcp::tokio::Transport {
    tcp::tokio::Transport::new(tcp::Config::new().nodelay(true).listen_backlog(LISTEN_BACKLOG))
}

/// TCP with the name servers and the hosts file as they stand now.
fn resolving() -> dns::tokio::Transport<tcp::tokio::Transport> {
    dns::tokio::Transport::system(tcp()).unwrap_or_else(|_| {
        // Without /etc/resolv.conf the hosts file still counts.
        debug!("the system's name servers could not be read");
        let (servers, options) = (dns::ResolverConfig::default(), dns::ResolverOpts::default());
        dns::tokio::Transport::custom(tcp(), servers, options)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_without_headers_is_told_of_again_and_again() {
        let (mut tcp, start) = (Tcp::new(None), Instant::now());
        assert_eq!(tcp.refused(start), Some(1));
        for _ in 0..40 {
            assert_eq!(tcp.refused(start + PROXY_TELL_EVERY / 2), None);
        }
        assert_eq!(tcp.refused(start + PROXY_TELL_EVERY), Some(41));
        assert_eq!(tcp.refused(start + PROXY_TELL_EVERY), None);
    }
}
