//! Many commands at once in one directory: one after the other changes it, and nothing is lost. Two desks with one vault:
//! the second is told.

use std::{collections::BTreeSet, fs, path::Path};

use futures::future::join_all;
use hamsa_node::publication::Publication;
use hamsa_protocol::{
    crypto::keys::SignKey,
    objects::{CertificateRequest, Signed},
    time::Unix,
};
use hamsa_tests::{
    args,
    cast::{Helpline, Plan, hamsa_node},
};
use serde_json::Value;

/// As many as a script of an office may start at once.
const AT_ONCE: u8 = 12;

async fn quiet() -> Helpline {
    Helpline::found(Plan {
        counselors: &[],
        run: false,
        ..Plan::default()
    })
    .await
}

/// The request of a counselor with this key.
fn request(key: u8, file: &Path) {
    let key = SignKey::from_bytes(&[key; 32]);
    let request = CertificateRequest {
        id_pk: key.public().to_bytes(),
        made: Unix(1_800_000_000),
    };
    let request = Signed::sign(request, &key, &CertificateRequest::HELPLINE).unwrap();
    fs::write(file, request.to_text()).unwrap();
}

/// Certifies a counselor of this number, and gives the serial.
async fn certify(helpline: &Helpline, number: u8) -> String {
    let asked = helpline.path(&format!("request-{number}"));
    request(number + 1, &asked);
    let out = helpline.path(&format!("certificate-{number}"));
    // Names of which none looks like another.
    let name = format!("Counselor {}", "xy".repeat(1 + usize::from(number)));
    let mut certify = args!["--request", asked, "--pseudonym", name];
    certify.extend(args!["--languages", "fr", "--out", out]);
    let ran = helpline.association("certify", certify).await.ok();
    ran.split_whitespace().last().unwrap().to_owned()
}

#[tokio::test]
async fn many_who_certify_at_once_lose_nobody() {
    let helpline = quiet().await;
    let certified = join_all((0..AT_ONCE).map(|number| certify(&helpline, number)));
    // Two publish meanwhile.
    let published = async |name: &str| {
        let publish = args!["--queue", "--out", helpline.path(name)];
        let _ = helpline.association("publish", publish).await.ok();
        Publication::decode(&fs::read(helpline.path(name)).unwrap()).unwrap()
    };
    let (serials, one, other) = tokio::join!(certified, published("one"), published("other"));
    assert_ne!(one.roster.version, other.roster.version);
    let book = fs::read_to_string(helpline.office.join("association.toml")).unwrap();
    assert_eq!(
        book.matches("[[certificates]]").count(),
        usize::from(AT_ONCE),
        "{book}"
    );
    assert!(serials.iter().all(|serial| book.contains(serial)), "{book}");
    assert_eq!(BTreeSet::from_iter(&serials).len(), usize::from(AT_ONCE));
    let last = published("last").await;
    assert_eq!(last.roster.certificates.len(), usize::from(AT_ONCE));
}

#[tokio::test]
async fn many_partners_added_at_once_are_all_there() {
    let helpline = quiet().await;
    let (home, peer) = (&helpline.homes[0], &helpline.entries[0].peer);
    let before = fs::read_to_string(home.dir.join("node.toml")).unwrap();
    // Peers are Ed25519 keys.
    let peers: Vec<_> = (0..AT_ONCE)
        .map(|number| hamsa_net::NodeIdentity::from_secret(&[number + 50; 32]).peer())
        .map(|peer| hamsa_net::peer_text(&peer))
        .collect();
    assert!(!peers.contains(peer));
    let added = peers.iter().map(|peer| {
        let address = format!("/ip4/192.0.2.1/tcp/4310/p2p/{peer}");
        hamsa_node(args!["partner", "add", "--dir", home.dir, address])
    });
    for ran in join_all(added).await {
        let _ = ran.ok();
    }
    let after = fs::read_to_string(home.dir.join("node.toml")).unwrap();
    assert!(peers.iter().all(|peer| after.contains(peer)), "{after}");
    let rows = |text: &str| text.matches("/p2p/").count();
    assert_eq!(rows(&after), rows(&before) + usize::from(AT_ONCE));
}

#[tokio::test]
async fn one_of_two_who_found_an_association_is_refused() {
    let helpline = quiet().await;
    let office = helpline.path("association-c");
    let init = || {
        hamsa_node(args![
            "association",
            "init",
            "--dir",
            office,
            "--name",
            "Association C"
        ])
    };
    let ran = join_all((0..AT_ONCE).map(|_| init())).await;
    assert_eq!(
        ran.iter().filter(|ran| ran.status.success()).count(),
        1,
        "{ran:#?}"
    );
    let address = hamsa_node(args![
        "association",
        "add-home",
        "--dir",
        office,
        "--node",
        helpline.homes[0].dir
    ]);
    let _ = address.await.ok();
}

#[tokio::test]
async fn a_second_desk_with_one_vault_is_told() {
    let helpline = Helpline::found(Plan::default()).await;
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    let second = helpline.counselor(0);
    let told = |event: &Value| event["event"] == "error" && event["code"] == "vault_in_use";
    second.face.until("that the vault is in use", told).await;
    // The first goes on, and its place is free when it has ended.
    let seeker = helpline.seeker("seeker");
    seeker.wait_in_line("").await;
    nour.take().await;
    nour.face.exit().await;
    helpline.counselor(0).face.event("unlocked").await;
}
