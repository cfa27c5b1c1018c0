//! Handshakes by source network: in a flood one network MUST NOT hold all the places.
//!
//! Addresses are kept only while a handshake lasts (10 s at most), in memory, and are never passed on.

use std::{collections::HashMap, net::IpAddr};

use libp2p::{Multiaddr, multiaddr::Protocol, swarm::ConnectionId};

/// Handshakes under way.
#[derive(Default)]
pub(crate) struct Sources {
    pending: HashMap<ConnectionId, Option<IpAddr>>,
    by_source: HashMap<IpAddr, usize>,
}

impl Sources {
    /// How many handshakes there are.
    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    /// One more, or false when all places are taken, or more than half are and this network holds half of all.
    /// Below that none is refused: a thousand people may share one address of a mobile provider.
    pub(crate) fn enter(&mut self, id: ConnectionId, remote: &Multiaddr, places: usize) -> bool {
        let source = source(remote);
        let held = source.and_then(|s| self.by_source.get(&s)).copied().unwrap_or(0);
        if self.pending.len() >= places || held > places / 2 {
            return false;
        }
        if let Some(source) = source {
            *self.by_source.entry(source).or_default() += 1;
        }
        self.pending.insert(id, source);
        true
    }

    /// One less: the handshake is done or has failed.
    pub(crate) fn leave(&mut self, id: ConnectionId) {
        if let Some(Some(source)) = self.pending.remove(&id)
            && let Some(held) = self.by_source.get_mut(&source)
        {
            *held -= 1;
            if *held == 0 {
                self.by_source.remove(&source);
            }
        }
    }
}

/// The address, or for IPv6 the network of 64 bits, which is what one customer gets.
fn source(remote: &Multiaddr) -> Option<IpAddr> {
    match remote.iter().next()? {
        Protocol::Ip4(ip) => Some(ip.into()),
        Protocol::Ip6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            Some(IpAddr::from([a, b, c, d, 0, 0, 0, 0]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> ConnectionId {
        ConnectionId::new_unchecked(number)
    }

    #[test]
    fn one_network_leaves_room_for_others() {
        let mut sources = Sources::default();
        let flood: Multiaddr = "/ip6/2001:db8::1/tcp/1".parse().unwrap();
        let same: Multiaddr = "/ip6/2001:db8::ffff:2/tcp/1".parse().unwrap();
        let other: Multiaddr = "/ip4/192.0.2.1/tcp/1".parse().unwrap();
        let entered = (0..10).filter(|n| sources.enter(id(*n), &flood, 10)).count();
        assert_eq!(entered, 6);
        assert!(!sources.enter(id(20), &same, 10), "the same customer");
        assert!((30..34).all(|n| sources.enter(id(n), &other, 10)));
        assert!(!sources.enter(id(40), &other, 10), "all places are taken");
        sources.leave(id(30));
        sources.leave(id(30));
        assert!(sources.enter(id(50), &other, 10));
        (0..60).for_each(|n| sources.leave(id(n)));
        assert!(sources.pending.is_empty() && sources.by_source.is_empty());
    }
}
