//! A lender's consent: "my node is an entry for this helpline, and I am another association than it is." The entry's
//! own key signs it, so nobody else can say it for that node. It shows consent, not independence.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Delegation, Label, Object, ObjectError, Signed, lasts, within};
use crate::{
    crypto::keys::{HelplineId, NodePeer, RootKey, SIGNATURE_LEN, SignKey, VerifyKey},
    time::Unix,
};

/// Longest validity of a consent: 400 days, a year and time to meet again.
pub const LEND_LIFE_MAX: Duration = Duration::from_secs(400 * 86_400);

/// How long a consent lasts that a node gives its partner when that one asks: a node that no longer forwards counts for a
/// month at most.
pub const LEND_PARTNER_LIFE: Duration = Duration::from_secs(30 * 86_400);

/// "I forward people to this helpline."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lend {
    /// The entry; its key signs.
    pub entry: NodePeer,
    /// The helpline.
    pub helpline: HelplineId,
    /// What the lender is called.
    pub name: Option<Label>,
    /// Not before.
    pub not_before: Unix,
    /// Not at or after.
    pub expires: Unix,
}

/// Why a consent does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LendError {
    /// For another root.
    #[error(
        "this consent is for another helpline; ask for one that is made with `--to` this helpline's address"
    )]
    OtherHelpline,
    /// The consent of a home of the helpline itself.
    #[error("this consent is by a node of your own association; another association has to give it")]
    OwnNode,
    /// Of another node than the one that is meant.
    #[error("this consent is of another node than the entry that you name")]
    OtherNode,
    /// Not signed by the entry, or not valid now.
    #[error("{0}; ask the other association for a new consent (`hamsa-node lend`)")]
    Object(#[from] ObjectError),
}

impl Lend {
    /// Checks a consent for `helpline`, of which `homes` are known.
    ///
    /// # Errors
    /// [`LendError`].
    pub fn counts(&self, helpline: &HelplineId, homes: &[NodePeer], now: Unix) -> Result<(), LendError> {
        if self.helpline != *helpline {
            return Err(LendError::OtherHelpline);
        }
        if homes.contains(&self.entry) {
            return Err(LendError::OwnNode);
        }
        Ok(within(Self::NAME, self.not_before, self.expires, now)?)
    }

    /// Signs the consent of the node whose key is `key`, from `now` on for `duration`.
    ///
    /// # Errors
    /// [`ObjectError::Rule`] when `duration` is more than [`LEND_LIFE_MAX`].
    pub fn give(
        key: &SignKey,
        helpline: HelplineId,
        name: Option<Label>,
        now: Unix,
        duration: Duration,
    ) -> Result<Signed<Self>, ObjectError> {
        let lend = Self {
            entry: NodePeer(key.public().to_bytes()),
            helpline,
            name,
            not_before: now,
            expires: now + duration,
        };
        Signed::sign(lend, key, &helpline)
    }
}

impl Signed<Lend> {
    /// Verifies a consent with the key of the entry that it names.
    ///
    /// # Errors
    /// Every [`ObjectError`] except those of time.
    pub fn read(encoded: &[u8]) -> Result<Self, ObjectError> {
        let said = Self::peek(encoded)?;
        let key = VerifyKey::from_bytes(&said.entry.0).map_err(|_| ObjectError::Signature(Lend::NAME))?;
        Self::verify(encoded, &key, &said.helpline)
    }
}

impl Object for Lend {
    const NAME: &'static str = "lend";
    /// 32 + 32 + (1 + 194) + 2 × 10.
    const MAX: usize = 279;

    fn check(&self) -> Result<(), &'static str> {
        lasts(self.not_before, self.expires, LEND_LIFE_MAX).ok_or("a validity of at most 400 days")
    }
}

/// What a home sends its partner to ask for a consent: the root key, and the root's delegation of the home.
#[must_use]
pub fn lend_request(root: &RootKey, delegation: &Signed<Delegation>) -> Vec<u8> {
    [&root.0.to_bytes(), delegation.encoded()].concat()
}

/// The root of the helpline for which `asker` asks. A home asks only for the helpline that it speaks for.
///
/// # Errors
/// [`ObjectError`] when the root does not say that `asker` is a home, or not now.
pub fn read_lend_request(request: &[u8], asker: &NodePeer, now: Unix) -> Result<RootKey, ObjectError> {
    let wrong = ObjectError::Length {
        name: Delegation::NAME,
        max: Delegation::MAX + SIGNATURE_LEN,
        got: request.len(),
    };
    let (root, delegation) = request.split_first_chunk::<32>().ok_or(wrong)?;
    let refused = ObjectError::Signature(Delegation::NAME);
    let root = RootKey(VerifyKey::from_bytes(root).map_err(|_| refused.clone())?);
    let delegation = Signed::<Delegation>::verify(delegation, &root.0, &root.helpline())?;
    delegation.valid_at(now)?;
    if delegation.home_peer != *asker {
        return Err(refused);
    }
    Ok(root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::seeded;

    const NOW: Unix = Unix(1_800_000_000);

    fn keys() -> [SignKey; 3] {
        let mut random = seeded(8);
        [1, 2, 3].map(|_| SignKey::generate(&mut random))
    }

    #[test]
    fn only_the_entry_itself_consents() {
        let [root, entry, other] = keys();
        let helpline = RootKey(root.public()).helpline();
        let lend = Lend::give(&entry, helpline, None, NOW, Duration::from_secs(60)).unwrap();
        assert_eq!(Signed::<Lend>::read(lend.encoded()), Ok(lend.clone()));
        // In the name of another node.
        let forged = Signed::sign((*lend).clone(), &other, &helpline).unwrap();
        let refused = Err(ObjectError::Signature("lend"));
        assert_eq!(Signed::<Lend>::read(forged.encoded()), refused);
        assert!(
            Lend::give(
                &entry,
                helpline,
                None,
                NOW,
                LEND_LIFE_MAX + Duration::from_secs(1)
            )
            .is_err()
        );
    }

    #[test]
    fn a_consent_counts_for_one_helpline_and_time() {
        let [root, entry, other] = keys();
        let [helpline, elsewhere] = [&root, &other].map(|key| RootKey(key.public()).helpline());
        let lend = Lend::give(&entry, helpline, None, NOW, Duration::from_secs(60)).unwrap();
        assert_eq!(lend.counts(&helpline, &[], NOW), Ok(()));
        assert_eq!(lend.counts(&elsewhere, &[], NOW), Err(LendError::OtherHelpline));
        assert_eq!(
            lend.counts(&helpline, &[lend.entry], NOW),
            Err(LendError::OwnNode)
        );
        let expired = Err(LendError::Object(ObjectError::Expired("lend")));
        assert_eq!(
            lend.counts(&helpline, &[], NOW + Duration::from_secs(60)),
            expired
        );
    }

    #[test]
    fn a_home_asks_for_its_own_helpline_only() {
        let [root, operator, other] = keys();
        let helpline = RootKey(root.public()).helpline();
        let home = NodePeer([1; 32]);
        let delegation = Delegation {
            home_peer: home,
            home_x: crate::crypto::keys::DhSecret::generate(&mut seeded(2)).public(),
            op_pk: operator.public().to_bytes(),
            not_before: NOW,
            expires: NOW + Duration::from_secs(60),
        };
        let delegation = Signed::sign(delegation, &root, &helpline).unwrap();
        let request = lend_request(&RootKey(root.public()), &delegation);
        assert_eq!(
            read_lend_request(&request, &home, NOW),
            Ok(RootKey(root.public()))
        );
        assert!(read_lend_request(&request, &NodePeer([2; 32]), NOW).is_err());
        assert!(read_lend_request(&request, &home, NOW + Duration::from_secs(60)).is_err());
        let elsewhere = lend_request(&RootKey(other.public()), &delegation);
        assert!(read_lend_request(&elsewhere, &home, NOW).is_err());
        assert!(read_lend_request(&request[..20], &home, NOW).is_err());
    }
}
