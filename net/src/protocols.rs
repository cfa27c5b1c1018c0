//! The protocol names, and what each connection offers. Nothing else is spoken: no identify, no ping, no discovery.

use std::{convert::Infallible, future, iter, slice};

use libp2p::core::upgrade::{InboundUpgrade, OutboundUpgrade, UpgradeInfo};

/// Client to entry: 32 bytes of the target peer, then the client's own bytes.
pub(crate) const FORWARD: &str = "/hamsa/forward/1";
/// Entry to home, partners only: the client's bytes.
pub(crate) const HOME: &str = "/hamsa/home/1";
/// Partner to partner: each byte comes back, so that a half-open connection is noticed.
pub(crate) const KEEPALIVE: &str = "/hamsa/pulse/1";
/// Home to entry, partners only: one question, and one answer. What they say is the node's matter.
pub(crate) const LEND: &str = "/hamsa/lend/1";

/// What we accept on a connection, as a static list: it is asked for at every poll of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProtocolOffer(&'static [&'static str]);

impl ProtocolOffer {
    /// What a node with these roles offers to a stranger or a partner.
    pub(crate) const fn of(entry: bool, home: bool, partner: bool) -> Self {
        Self(match (entry, home && partner, partner) {
            (true, true, _) => &[FORWARD, HOME, KEEPALIVE, LEND],
            (true, false, true) => &[FORWARD, KEEPALIVE, LEND],
            (true, false, false) => &[FORWARD],
            (false, true, _) => &[HOME, KEEPALIVE],
            (false, false, true) => &[KEEPALIVE],
            (false, false, false) => &[],
        })
    }

    /// A client accepts nothing.
    pub(crate) const NONE: Self = Self(&[]);
}

impl UpgradeInfo for ProtocolOffer {
    type Info = &'static str;
    type InfoIter = iter::Copied<slice::Iter<'static, &'static str>>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.iter().copied()
    }
}

impl<C> InboundUpgrade<C> for ProtocolOffer {
    type Output = (C, &'static str);
    type Error = Infallible;
    type Future = future::Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_inbound(self, stream: C, protocol: Self::Info) -> Self::Future {
        future::ready(Ok((stream, protocol)))
    }
}

/// What we ask for when we open a stream: one protocol, so that it can be agreed lazily (no round trip).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask(pub(crate) &'static str);

impl UpgradeInfo for Ask {
    type Info = &'static str;
    type InfoIter = iter::Once<&'static str>;

    fn protocol_info(&self) -> Self::InfoIter {
        iter::once(self.0)
    }
}

impl<C> OutboundUpgrade<C> for Ask {
    type Output = C;
    type Error = Infallible;
    type Future = future::Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_outbound(self, stream: C, _: Self::Info) -> Self::Future {
        future::ready(Ok(stream))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_never_offered_the_home() {
        for entry in [false, true] {
            for home in [false, true] {
                let offered: Vec<_> = ProtocolOffer::of(entry, home, false).protocol_info().collect();
                assert_eq!(offered.contains(&FORWARD), entry);
                assert!(
                    [HOME, KEEPALIVE, LEND]
                        .iter()
                        .all(|inner| !offered.contains(inner))
                );
                let offered: Vec<_> = ProtocolOffer::of(entry, home, true).protocol_info().collect();
                assert_eq!(offered.contains(&FORWARD), entry);
                assert_eq!(offered.contains(&HOME), home);
                assert!(offered.contains(&KEEPALIVE));
                assert_eq!(offered.contains(&LEND), entry);
            }
        }
    }
}
