//! ML-KEM-768 (FIPS 203) and how its secret enters a Noise psk slot.
//!
//! `KEM(ctx) = HKDF-SHA256(salt = "HP1/kem/" ‖ ctx, ikm = ss, info = SHA256(ek) ‖ SHA256(ct))` is the one mechanism
//! for wraps, live handshakes, ratchet and mail.

use core::fmt;

use ml_kem::{
    B32, MlKem768, Seed,
    kem::{Decapsulate, KeyExport},
    ml_kem_768,
};
use zeroize::{Zeroize, Zeroizing};

use crate::crypto::{
    hash::{self, Secret},
    random::{self, Random},
};

/// Length of an encapsulation key, in bytes (FIPS 203, table 3).
pub const EK_LEN: usize = 1_184;
/// Length of a ciphertext, in bytes (FIPS 203, table 3).
pub const CT_LEN: usize = 1_088;
/// Length of the seed `d ‖ z`, as which a decapsulation key is kept, in bytes.
pub const SEED_LEN: usize = 64;

/// What a KEM secret is used for; part of the salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KemUse {
    /// A wrap of a ticket's secret.
    Wrap,
    /// The live handshake.
    Live,
    /// A ratchet step.
    Ratchet,
    /// Mail.
    Mail,
}

impl KemUse {
    const fn salt(self) -> &'static [u8] {
        match self {
            Self::Wrap => b"HP1/kem/wrap",
            Self::Live => b"HP1/kem/live",
            Self::Ratchet => b"HP1/kem/ratchet",
            Self::Mail => b"HP1/kem/mail",
        }
    }
}

/// The bytes are not an encapsulation key: wrong length, or a coefficient not below the modulus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an ML-KEM-768 encapsulation key of {EK_LEN} bytes reduced modulo q, got bytes that are none"
)]
pub struct BadKemKey;

/// An encapsulation key that passed the modulus check of FIPS 203 section 7.2.
#[derive(Clone)]
pub struct KemPublic {
    bytes: Box<[u8; EK_LEN]>,
    key: ml_kem_768::EncapsulationKey,
}

impl KemPublic {
    /// Takes a key that came from another party.
    ///
    /// # Errors
    /// [`BadKemKey`] when length or modulus check fails.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadKemKey> {
        let array = ml_kem::Key::<ml_kem_768::EncapsulationKey>::try_from(bytes).map_err(|_| BadKemKey)?;
        let key = ml_kem_768::EncapsulationKey::new(&array).map_err(|_| BadKemKey)?;
        let bytes: [u8; EK_LEN] = bytes.try_into().map_err(|_| BadKemKey)?;
        Ok(Self {
            bytes: Box::new(bytes),
            key,
        })
    }

    /// The bytes as they travel.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; EK_LEN] {
        &self.bytes
    }

    /// A ciphertext for this key and the secret for the psk slot.
    pub fn encapsulate(&self, purpose: KemUse, random: &mut Random) -> (Box<[u8; CT_LEN]>, Secret) {
        let mut message = B32::from(*random::secret::<32>(random));
        let (ciphertext, shared) = self.key.encapsulate_deterministic(&message);
        // Wipe it: with the public key it gives the secret.
        message.as_mut_slice().zeroize();
        let mut ct = Box::new([0; CT_LEN]);
        ct.copy_from_slice(&ciphertext);
        let shared = Zeroizing::new(shared.0);
        let psk = combine(purpose, &shared, self.bytes.as_slice(), ct.as_slice());
        (ct, psk)
    }
}

impl fmt::Debug for KemPublic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KemPublic")
    }
}

impl PartialEq for KemPublic {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}
impl Eq for KemPublic {}

/// A decapsulation key, kept as its seed.
pub struct KemSecret {
    seed: Zeroizing<[u8; SEED_LEN]>,
    key: Box<ml_kem::DecapsulationKey<MlKem768>>,
    public: Box<[u8; EK_LEN]>,
}

impl KemSecret {
    /// A new key pair.
    pub fn generate(random: &mut Random) -> Self {
        Self::from_seed(random::secret(random))
    }

    /// The key of a seed.
    #[must_use]
    pub fn from_seed(seed: Zeroizing<[u8; SEED_LEN]>) -> Self {
        let key = Box::new(ml_kem::DecapsulationKey::<MlKem768>::from_seed(Seed::from(*seed)));
        let mut public = Box::new([0; EK_LEN]);
        public.copy_from_slice(&key.encapsulation_key().to_bytes());
        Self { seed, key, public }
    }

    /// The seed, for its owner to seal.
    #[must_use]
    pub fn seed(&self) -> &Zeroizing<[u8; SEED_LEN]> {
        &self.seed
    }

    /// The encapsulation key.
    #[must_use]
    pub fn public(&self) -> KemPublic {
        KemPublic {
            bytes: self.public.clone(),
            key: self.key.encapsulation_key().clone(),
        }
    }

    /// The secret for the psk slot. A forged ciphertext gives a secret that no other party has (implicit
    /// rejection), so that the Noise message after it fails.
    #[must_use]
    pub fn decapsulate(&self, purpose: KemUse, ct: &[u8; CT_LEN]) -> Secret {
        let ciphertext = ml_kem_768::Ciphertext::from(*ct);
        let shared = Zeroizing::new(self.key.decapsulate(&ciphertext).0);
        combine(purpose, &shared, self.public.as_slice(), ct)
    }
}

secret_debug!(KemSecret);

fn combine(purpose: KemUse, shared: &[u8; 32], ek: &[u8], ct: &[u8]) -> Secret {
    let mut info = [0; 64];
    let (left, right) = info.split_at_mut(32);
    left.copy_from_slice(&hash::sha256(&[ek]));
    right.copy_from_slice(&hash::sha256(&[ct]));
    hash::hkdf_raw(purpose.salt(), shared, &info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::seeded;

    #[test]
    fn both_sides_agree_and_the_use_matters() {
        let mut random = seeded(7);
        let secret = KemSecret::generate(&mut random);
        let public = KemPublic::from_bytes(secret.public().as_bytes()).unwrap();
        let (ct, ours) = public.encapsulate(KemUse::Wrap, &mut random);
        assert_eq!(ours, secret.decapsulate(KemUse::Wrap, &ct));
        assert_ne!(ours, secret.decapsulate(KemUse::Live, &ct));
    }

    #[test]
    fn any_flipped_bit_of_the_ciphertext_changes_the_secret() {
        let mut random = seeded(8);
        let secret = KemSecret::generate(&mut random);
        let (ct, ours) = secret.public().encapsulate(KemUse::Live, &mut random);
        for position in [0, 500, CT_LEN - 1] {
            let mut forged = ct.clone();
            forged[position] ^= 1;
            assert_ne!(ours, secret.decapsulate(KemUse::Live, &forged));
        }
    }

    #[test]
    fn a_key_that_is_not_reduced_is_refused() {
        let mut bytes = *KemSecret::generate(&mut seeded(9)).public().as_bytes();
        bytes[0] = 0xff;
        bytes[1] = 0xff;
        assert_eq!(KemPublic::from_bytes(&bytes), Err(BadKemKey));
        assert_eq!(KemPublic::from_bytes(&bytes[..EK_LEN - 1]), Err(BadKemKey));
    }
}
