//! snow's primitives: x25519-dalek, sha2, and the AEAD of [`crate::crypto::aead`].
//!
//! Differences from snow's own primitives: an all-zero Diffie–Hellman result is an error (RFC 7748 section 6.1),
//! and private keys and cipher keys are wiped when replaced and when dropped. The only randomness is one ephemeral
//! key that the caller drew, so that a run can be replayed and no generator's state outlives a handshake.

use sha2::{Digest, Sha256};
use snow::{
    Error,
    params::{CipherChoice, DHChoice, HashChoice},
    resolvers::CryptoResolver,
    types::{Cipher, Dh, Hash, Random},
};
use zeroize::{Zeroize, Zeroizing};

use crate::crypto::{
    aead::{self, TAG_LEN},
    keys::{DhPublic, DhSecret},
};

/// Resolves HP1's suite and nothing else.
pub(crate) struct Resolver {
    ephemeral: Zeroizing<[u8; 32]>,
}

impl Resolver {
    /// A resolver whose handshake uses this ephemeral private key, once.
    pub(crate) fn with_ephemeral(ephemeral: Zeroizing<[u8; 32]>) -> Self {
        Self { ephemeral }
    }
}

impl CryptoResolver for Resolver {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(OneKey(Some(self.ephemeral.clone()))))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        matches!(choice, DHChoice::Curve25519).then(|| Box::<X25519>::default() as Box<dyn Dh>)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        matches!(choice, HashChoice::SHA256).then(|| Box::<Sha>::default() as Box<dyn Hash>)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        matches!(choice, CipherChoice::ChaChaPoly).then(|| Box::<ChaChaPoly>::default() as Box<dyn Cipher>)
    }
}

/// Gives its 32 bytes once. Every pattern of HP1 draws one ephemeral key per side, so a second draw is a bug.
struct OneKey(Option<Zeroizing<[u8; 32]>>);

impl Random for OneKey {
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Error> {
        let key = self.0.as_mut().ok_or(Error::Rng)?;
        if out.len() != key.len() {
            return Err(Error::Rng);
        }
        out.copy_from_slice(key.as_slice());
        // Wipe first: taking the value out would leave its bytes in place.
        key.zeroize();
        self.0 = None;
        Ok(())
    }
}

#[derive(Default)]
struct X25519 {
    secret: Option<DhSecret>,
    /// snow asks for a slice of the private key. This copy is kept beside the key and wiped with it.
    secret_bytes: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

impl X25519 {
    fn take(&mut self, bytes: Zeroizing<[u8; 32]>) {
        let secret = DhSecret::from_bytes(&bytes);
        self.public = secret.public().0;
        self.secret = Some(secret);
        self.secret_bytes = bytes;
    }
}

impl Dh for X25519 {
    fn name(&self) -> &'static str {
        "25519"
    }

    fn pub_len(&self) -> usize {
        32
    }

    fn priv_len(&self) -> usize {
        32
    }

    fn set(&mut self, privkey: &[u8]) {
        // Callers give `DhSecret` bytes, so the length is right by type.
        let mut bytes = Zeroizing::new([0; 32]);
        for (to, from) in bytes.iter_mut().zip(privkey) {
            *to = *from;
        }
        self.take(bytes);
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(bytes.as_mut())?;
        self.take(bytes);
        Ok(())
    }

    fn pubkey(&self) -> &[u8] {
        &self.public
    }

    fn privkey(&self) -> &[u8] {
        self.secret_bytes.as_slice()
    }

    fn dh(&self, pubkey: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let their = pubkey
            .first_chunk::<32>()
            .map(|key| DhPublic(*key))
            .ok_or(Error::Dh)?;
        let secret = self.secret.as_ref().ok_or(Error::Dh)?;
        let shared = secret.agree(&their).ok_or(Error::Dh)?;
        out.get_mut(..32)
            .ok_or(Error::Dh)?
            .copy_from_slice(shared.as_slice());
        Ok(())
    }
}

#[derive(Default)]
struct ChaChaPoly {
    key: Zeroizing<[u8; 32]>,
}

/// The Noise nonce: 32 zero bits and the counter, little-endian (section 12.3).
fn nonce(counter: u64) -> [u8; 12] {
    let mut bytes = [0; 12];
    let (_, low) = bytes.split_at_mut(4);
    low.copy_from_slice(&counter.to_le_bytes());
    bytes
}

impl Cipher for ChaChaPoly {
    fn name(&self) -> &'static str {
        "ChaChaPoly"
    }

    fn set(&mut self, key: &[u8; 32]) {
        #[cfg(test)]
        watched::see(key);
        self.key.zeroize();
        *self.key = *key;
    }

    fn encrypt(&self, counter: u64, ad: &[u8], plaintext: &[u8], out: &mut [u8]) -> usize {
        let Some((text, rest)) = out.split_at_mut_checked(plaintext.len()) else {
            return 0;
        };
        let Some(tag_out) = rest.first_chunk_mut::<TAG_LEN>() else {
            return 0;
        };
        text.copy_from_slice(plaintext);
        // The only error is a plaintext beyond 256 GiB.
        match aead::seal(&self.key, nonce(counter), ad, text) {
            Some(tag) => {
                *tag_out = tag;
                plaintext.len() + TAG_LEN
            }
            None => 0,
        }
    }

    fn decrypt(&self, counter: u64, ad: &[u8], ciphertext: &[u8], out: &mut [u8]) -> Result<usize, Error> {
        let (text, tag) = ciphertext.split_last_chunk::<TAG_LEN>().ok_or(Error::Decrypt)?;
        let out = out.get_mut(..text.len()).ok_or(Error::Decrypt)?;
        out.copy_from_slice(text);
        aead::open(&self.key, nonce(counter), ad, out, tag).ok_or(Error::Decrypt)?;
        Ok(text.len())
    }
}

#[derive(Default)]
struct Sha(Sha256);

impl Hash for Sha {
    fn name(&self) -> &'static str {
        "SHA256"
    }

    fn block_len(&self) -> usize {
        64
    }

    fn hash_len(&self) -> usize {
        32
    }

    fn reset(&mut self) {
        self.0 = Sha256::new();
    }

    fn input(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn result(&mut self, out: &mut [u8]) {
        let digest = core::mem::take(&mut self.0).finalize();
        if let Some(out) = out.get_mut(..32) {
            out.copy_from_slice(&digest);
        }
    }
}

/// Records the keys that ciphers were given, for the test that searches for them afterwards.
#[cfg(test)]
pub(crate) mod watched {
    use std::cell::RefCell;

    type Seen = (u8, Vec<[u8; 32]>);

    thread_local! {
        static SEEN: RefCell<Option<Seen>> = const { RefCell::new(None) };
    }

    /// Starts to record the keys of this thread, masked.
    pub(crate) fn start(mask: u8) {
        SEEN.with_borrow_mut(|seen| *seen = Some((mask, Vec::new())));
    }

    pub(super) fn see(key: &[u8; 32]) {
        SEEN.with_borrow_mut(|seen| {
            if let Some((mask, keys)) = seen {
                keys.push(key.map(|byte| byte ^ *mask));
            }
        });
    }

    /// Stops recording and gives the keys, still masked.
    pub(crate) fn stop() -> Vec<[u8; 32]> {
        SEEN.with_borrow_mut(Option::take)
            .map(|(_, keys)| keys)
            .unwrap_or_default()
    }
}
