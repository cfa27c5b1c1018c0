//! The key of a node. A client has none that lasts: its dialer makes one for each run.

use std::fmt;

use hamsa_protocol::crypto::keys::NodePeer;
use libp2p::identity::{Keypair, ed25519};
use zeroize::Zeroizing;

/// A node's Ed25519 key pair.
pub struct NodeIdentity {
    keypair: ed25519::Keypair,
}

impl NodeIdentity {
    /// From the 32 secret bytes (RFC 8032 seed).
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        let mut bytes = Zeroizing::new(*secret);
        #[expect(
            clippy::expect_used,
            reason = "any 32 bytes are an Ed25519 seed; only the length is checked"
        )]
        let secret = ed25519::SecretKey::try_from_bytes(bytes.as_mut_slice()).expect("32 bytes");
        Self {
            keypair: ed25519::Keypair::from(secret),
        }
    }

    /// The public half: what the node is called.
    #[must_use]
    pub fn peer(&self) -> NodePeer {
        NodePeer(self.keypair.public().to_bytes())
    }

    /// For the transport.
    pub(crate) fn keypair(&self) -> Keypair {
        self.keypair.clone().into()
    }
}

impl fmt::Debug for NodeIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NodeIdentity({:?})", self.peer())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_tells_the_public_half_only() {
        let identity = NodeIdentity::from_secret(&[0xab; 32]);
        let text = format!("{identity:?}");
        assert!(!text.contains("abab"), "{text}");
        assert_eq!(text, format!("NodeIdentity({:?})", identity.peer()));
    }
}
