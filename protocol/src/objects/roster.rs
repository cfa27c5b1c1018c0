//! The root's list of the certificates and delegations that count now.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Object, ObjectError, Serial, Signed, lasts, within};
use crate::{objects::ObjectHash, time::Unix};

/// Longest validity of a roster: 30 days.
pub const ROSTER_LIFE_MAX: Duration = Duration::from_secs(30 * 86_400);
/// Usual validity: 7 days. A lone stale home can hide a revocation this long, so it is short.
pub const ROSTER_LIFE: Duration = Duration::from_secs(7 * 86_400);
/// Most certificates in a roster; with the other lists it keeps a head within five records.
pub const MAX_CERTIFICATES: usize = 64;
/// Most homes in a roster.
pub const MAX_DELEGATIONS: usize = 8;
/// Most revoked serials that still have to be named (an expired certificate needs no naming).
pub const MAX_REVOKED: usize = 64;

/// A roster whose version is more than this ahead of the clock, a day, is refused and not remembered: one that was made
/// while a clock was wrong must not be the highest for ever.
pub const ROSTER_AHEAD: Duration = Duration::from_secs(86_400);

/// What rosters are compared by: first the key that signed, then the version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RosterOrder {
    /// Number of the signing key; 0 is the root.
    pub key: u64,
    /// Version of the roster.
    pub version: u64,
}

impl RosterOrder {
    /// Whether it is no more than a day ahead of `now`: a version is `max(last + 1, unix milliseconds)`.
    #[must_use]
    pub fn plausible_at(self, now: Unix) -> bool {
        self.version <= (now + ROSTER_AHEAD).0.saturating_mul(1_000)
    }
}

impl core::fmt::Display for RosterOrder {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.key {
            0 => write!(formatter, "{}", self.version),
            key => write!(formatter, "{} of key {key}", self.version),
        }
    }
}

/// Bytes of a [`RosterId`] in a handshake and in a hello.
pub const ROSTER_ID_LEN: usize = 8 + 8 + 32;

/// Names one roster. Two rosters of one order with different hashes are a split view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RosterId {
    /// What it is compared by.
    pub order: RosterOrder,
    /// Hash of its body.
    pub hash: ObjectHash,
}

impl RosterId {
    /// `key u64 ‖ version u64 ‖ hash`.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; ROSTER_ID_LEN] {
        let mut bytes = [0; ROSTER_ID_LEN];
        let numbers = [self.order.key, self.order.version].map(u64::to_be_bytes);
        for (to, from) in bytes
            .iter_mut()
            .zip(numbers.as_flattened().iter().chain(&self.hash.0))
        {
            *to = *from;
        }
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote; gives the bytes behind it too.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (key, rest) = bytes.split_first_chunk()?;
        let (version, rest) = rest.split_first_chunk()?;
        let (hash, rest) = rest.split_first_chunk()?;
        let order = RosterOrder {
            key: u64::from_be_bytes(*key),
            version: u64::from_be_bytes(*version),
        };
        let hash = ObjectHash(*hash);
        Some((Self { order, hash }, rest))
    }

    /// Whether both name the same order and not the same roster.
    #[must_use]
    pub fn splits(&self, other: &Self) -> bool {
        self.order == other.order && self.hash != other.hash
    }
}

/// Hashes of everything that the root vouches for, and the serials that it revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// `max(last + 1, unix milliseconds)`. A client never accepts a lower one.
    pub version: u64,
    /// When it was signed.
    pub issued: Unix,
    /// Not at or after.
    pub expires: Unix,
    /// Hashes of valid certificates.
    pub certificates: Vec<ObjectHash>,
    /// Hashes of valid delegations.
    pub delegations: Vec<ObjectHash>,
    /// Serials that were revoked before they expired.
    pub revoked: Vec<Serial>,
    /// Hash of the settings.
    pub settings: ObjectHash,
    /// Hash of the entry list.
    pub entries: ObjectHash,
}

impl Roster {
    /// Checks the validity window, and that the version is not ahead of the clock.
    ///
    /// # Errors
    /// [`ObjectError::NotYet`] or [`ObjectError::Expired`].
    pub fn valid_at(&self, now: Unix) -> Result<(), ObjectError> {
        if !self.order().plausible_at(now) {
            return Err(ObjectError::NotYet(Self::NAME));
        }
        within(Self::NAME, self.issued, self.expires, now)
    }

    /// What it is compared by. The number of a key comes from the object that introduces the key, and the root alone
    /// signs rosters today.
    #[must_use]
    pub const fn order(&self) -> RosterOrder {
        RosterOrder {
            key: 0,
            version: self.version,
        }
    }

    /// Whether a certificate of this hash and serial stands.
    #[must_use]
    pub fn lists(&self, certificate: &ObjectHash, serial: Serial) -> bool {
        self.certificates.contains(certificate) && !self.revoked.contains(&serial)
    }
}

impl Signed<Roster> {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> RosterId {
        RosterId {
            order: self.order(),
            hash: self.hash(),
        }
    }
}

/// Two rosters of one order. The root signs no second one of a version, so somebody else has its key, or a copy of its
/// directory was used.
#[derive(Clone, Debug)]
pub struct SplitView {
    /// The roster that counts here.
    pub own: Signed<Roster>,
    /// The other one.
    pub other: RosterId,
    /// The other one, signed, where a home has shown it. Without it the peer of a chat has only said its name.
    pub proof: Option<Signed<Roster>>,
}

impl Object for Roster {
    const NAME: &'static str = "roster";
    /// 10 + 10 + 10 + (1 + 64 × 32) + (1 + 8 × 32) + (1 + 64 × 8) + 32 + 32.
    const MAX: usize = 2_913;

    fn check(&self) -> Result<(), &'static str> {
        if self.certificates.len() > MAX_CERTIFICATES {
            return Err("at most 64 certificates");
        }
        if self.delegations.len() > MAX_DELEGATIONS {
            return Err("at most 8 homes");
        }
        if self.revoked.len() > MAX_REVOKED {
            return Err("at most 64 revoked serials");
        }
        lasts(self.issued, self.expires, ROSTER_LIFE_MAX).ok_or("a validity of at most 30 days")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crypto::keys::{RootKey, SignKey},
        testing::seeded,
    };

    const NOW: Unix = Unix(1_800_000_000);

    fn order(key: u64, version: u64) -> RosterOrder {
        RosterOrder { key, version }
    }

    #[test]
    fn a_later_key_is_above_every_version_of_an_earlier_one() {
        assert!(order(0, 2) > order(0, 1));
        assert!(order(1, 1) > order(0, u64::MAX));
        assert_eq!(order(0, 7).to_string(), "7");
        assert_eq!(order(2, 7).to_string(), "7 of key 2");
    }

    #[test]
    fn a_version_of_the_day_after_tomorrow_is_not_valid_yet() {
        let day = (NOW + ROSTER_AHEAD).0 * 1_000;
        assert!(order(0, day).plausible_at(NOW));
        assert!(!order(0, day + 1).plausible_at(NOW));
        assert!(order(0, u64::MAX).plausible_at(Unix(u64::MAX)));
        let roster = |version| Roster {
            version,
            issued: NOW,
            expires: NOW + Duration::from_secs(60),
            certificates: Vec::new(),
            delegations: Vec::new(),
            revoked: Vec::new(),
            settings: ObjectHash::default(),
            entries: ObjectHash::default(),
        };
        assert_eq!(roster(day).valid_at(NOW), Ok(()));
        let refused = roster(day + 1).valid_at(NOW);
        assert_eq!(refused, Err(ObjectError::NotYet("roster")));
    }

    #[test]
    fn the_name_of_a_roster_round_trips_and_tells_split_views() {
        let root = SignKey::generate(&mut seeded(1));
        let signed = |version, expires| {
            let roster = Roster {
                version,
                issued: NOW,
                expires: NOW + Duration::from_secs(expires),
                certificates: Vec::new(),
                delegations: Vec::new(),
                revoked: Vec::new(),
                settings: ObjectHash::default(),
                entries: ObjectHash::default(),
            };
            Signed::sign(roster, &root, &RootKey(root.public()).helpline()).unwrap()
        };
        let (one, other, next) = (signed(5, 60), signed(5, 61), signed(6, 60));
        let bytes = [one.id().to_bytes().as_slice(), b"rest"].concat();
        assert_eq!(RosterId::read(&bytes), Some((one.id(), b"rest".as_slice())));
        assert_eq!(RosterId::read(&bytes[..ROSTER_ID_LEN - 1]), None);
        assert!(one.id().splits(&other.id()));
        assert!(!one.id().splits(&one.id()));
        assert!(!one.id().splits(&next.id()));
    }
}
