//! A counselor's duty: the keys of one shift, to which tickets are sealed.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Bytes, Object, ObjectError, Serial, lasts, within};
use crate::{
    crypto::{
        kem::{EK_LEN, KemPublic, KemSecret},
        keys::{DhPublic, DhSecret},
        random::Random,
    },
    time::Unix,
};

/// Longest validity of a duty: 48 hours. An attacker who has its secrets reads the cards sealed to it, so it is short.
pub const DUTY_LIFE_MAX: Duration = Duration::from_secs(48 * 3_600);

/// "Seal to these keys for this shift." Signed by the counselor, the same one at every home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// The counselor's certificate.
    pub serial: Serial,
    /// Static key of the handshakes of this shift.
    pub x: DhPublic,
    /// ML-KEM-768 key of this shift.
    pub ek: Bytes<EK_LEN>,
    /// Not before.
    pub not_before: Unix,
    /// Not at or after.
    pub expires: Unix,
}

impl Duty {
    /// The KEM key.
    ///
    /// # Errors
    /// [`ObjectError::Rule`] when it is invalid, which `check` has excluded.
    pub fn kem(&self) -> Result<KemPublic, ObjectError> {
        KemPublic::from_bytes(self.ek.0.as_slice()).map_err(|_| ObjectError::Rule {
            name: Self::NAME,
            expected: "an ML-KEM-768 key",
        })
    }

    /// Checks the validity window.
    ///
    /// # Errors
    /// [`ObjectError::NotYet`] or [`ObjectError::Expired`].
    pub fn valid_at(&self, now: Unix) -> Result<(), ObjectError> {
        within(Self::NAME, self.not_before, self.expires, now)
    }
}

impl Object for Duty {
    const NAME: &'static str = "duty";
    /// 8 + 32 + (2 + 1,184) + 10 + 10.
    const MAX: usize = 1_246;

    fn check(&self) -> Result<(), &'static str> {
        if KemPublic::from_bytes(self.ek.0.as_slice()).is_err() {
            return Err("an ML-KEM-768 key reduced modulo q");
        }
        // Nothing could be sealed to it, nor to other duties together with it.
        if self.x.is_of_low_order() {
            return Err("an X25519 key that is not of low order");
        }
        lasts(self.not_before, self.expires, DUTY_LIFE_MAX).ok_or("a validity of at most 48 hours")
    }
}

/// The secret half of a duty; deleted when the last chat of the shift ends.
pub struct DutySecrets {
    /// Secret of [`Duty::x`].
    pub x: DhSecret,
    /// Secret of [`Duty::ek`].
    pub kem: KemSecret,
}

impl DutySecrets {
    /// New keys for a shift.
    pub fn generate(random: &mut Random) -> Self {
        Self {
            x: DhSecret::generate(random),
            kem: KemSecret::generate(random),
        }
    }

    /// The duty of these keys from `now` on, for `duration` (cut at the limit).
    #[must_use]
    pub fn duty(&self, serial: Serial, now: Unix, duration: Duration) -> Duty {
        Duty {
            serial,
            x: self.x.public(),
            ek: Bytes(Box::new(*self.kem.public().as_bytes())),
            not_before: now,
            expires: now + duration.min(DUTY_LIFE_MAX),
        }
    }
}

secret_debug!(DutySecrets);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crypto::keys::{RootKey, SignKey},
        objects::Signed,
        testing::seeded,
    };

    /// No ticket could be sealed while such a duty is among the chosen ones.
    #[test]
    fn a_duty_that_nothing_can_be_sealed_to_is_none() {
        let mut random = seeded(1);
        let identity = SignKey::generate(&mut random);
        let helpline = RootKey(identity.public()).helpline();
        let good =
            DutySecrets::generate(&mut random).duty(Serial([1; 8]), Unix(0), Duration::from_secs(3_600));
        assert!(Signed::sign(good.clone(), &identity, &helpline).is_ok());
        for low in [0, 1] {
            let mut duty = good.clone();
            duty.x.0 = [0; 32];
            duty.x.0[0] = low;
            assert!(Signed::sign(duty, &identity, &helpline).is_err(), "{low}");
        }
    }
}
