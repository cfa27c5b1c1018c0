//! Whatever is not the helpline's own is refused by the seeker, and no word leaves her before.

use std::{fs, sync::Arc, time::Duration};

use hamsa_client::{system_random, today, vault};
use hamsa_node::directory::NodeDirectory;
use hamsa_protocol::{
    crypto::keys::{NodePeer, RootKey, SignKey},
    objects::{Certificate, Entrances, Entry, Lend, Roster, Signed},
    time::Unix,
    wire::Kind,
};
use hamsa_tests::{
    args,
    attack::{Claim, Evil, certificate, duty},
    cast::{Helpline, Plan, Seeker, hamsa_node},
};
use serde_json::Value;

const DAY: u64 = 86_400;

/// Starts a seeker who asks at once, so that her words are ready to leave.
async fn asks(helpline: &Helpline, name: &str) -> Seeker {
    let seeker = helpline.seeker(name);
    seeker.ask("words that must not leave").await;
    seeker.say("early", "nor these").await;
    seeker
}

fn refused(event: &Value) -> bool {
    event["event"] == "error" && event["code"] == "not_the_helpline"
}

#[tokio::test]
async fn a_home_that_lies_gets_no_ticket() {
    let helpline = Helpline::found(Plan {
        run: false,
        counselors: &["Nour", "Revoked"],
        ..Plan::default()
    })
    .await;
    // Revoked before anything runs.
    let _ = helpline
        .association("revoke", args![helpline.serial(1)])
        .await
        .ok();
    helpline.publish().await;
    helpline.entries[0].run().await;
    let evil = Evil::start(&NodeDirectory::open(&helpline.homes[0].dir).unwrap()).await;
    let root = evil.root;
    let now = today();
    let passphrase = fs::read_to_string(helpline.passphrase()).unwrap();
    let passphrase = passphrase.lines().next().unwrap();
    let nour = vault::open(helpline.vault(0), passphrase, now).unwrap();
    let gone = vault::open(helpline.vault(1), passphrase, now).unwrap();

    let honest = Claim {
        roster: evil.publication.roster.clone(),
        operator: Arc::clone(&evil.operator),
        named_operator: evil.operator.public().to_bytes(),
        certificate: nour.certificate().clone(),
        duty: duty(&root, nour.certificate(), nour.identity()),
        entrances: evil.publication.entrances.clone(),
    };
    // The root's own hand, for what only it could have signed.
    let key = fs::read(helpline.office.join("root.key")).unwrap();
    let root_key = SignKey::from_bytes(&key.try_into().unwrap());
    let other_root = SignKey::generate(&mut system_random());
    let stranger = SignKey::generate(&mut system_random());
    let week = (now, Unix(now.0 + 7 * DAY));
    let with = |certificate: Signed<Certificate>, listed: bool| {
        let mut roster: Roster = (*honest.roster).clone();
        if listed {
            roster.certificates.push(certificate.hash());
        }
        Claim {
            duty: duty(&root, &certificate, &stranger),
            certificate,
            roster: Signed::sign(roster, &root_key, &root.helpline()).unwrap(),
            ..honest.clone()
        }
    };
    let foreign = RootKey(other_root.public());
    let last_week = (Unix(now.0 - 14 * DAY), Unix(now.0 - 7 * DAY));
    let next_week = (Unix(now.0 + 7 * DAY), Unix(now.0 + 14 * DAY));
    // Nobody is on duty, as far as these show.
    let closed = [
        (
            "of another association",
            with(certificate(&foreign, &other_root, &stranger, week), true),
        ),
        (
            "signed by the home",
            with(certificate(&root, &evil.operator, &stranger, week), true),
        ),
        (
            "signed by herself",
            with(certificate(&root, &stranger, &stranger, week), true),
        ),
        (
            "not in the roster",
            with(certificate(&root, &root_key, &stranger, week), false),
        ),
        (
            "expired",
            with(certificate(&root, &root_key, &stranger, last_week), true),
        ),
        (
            "not yet valid",
            with(certificate(&root, &root_key, &stranger, next_week), true),
        ),
        (
            "revoked",
            Claim {
                certificate: gone.certificate().clone(),
                duty: duty(&root, gone.certificate(), gone.identity()),
                ..honest.clone()
            },
        ),
        (
            "with a shift that somebody else signed",
            Claim {
                duty: duty(&root, nour.certificate(), &stranger),
                ..honest.clone()
            },
        ),
    ];
    // The home names a node of its own as another association's, in a list of its own and in an old one of the root.
    let own = SignKey::generate(&mut system_random());
    let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let entry = Entry {
        address: format!("/ip4/127.0.0.1/tcp/{}", trap.local_addr().unwrap().port()),
        peer: NodePeer(own.public().to_bytes()),
        association: Some("Association B".parse().unwrap()),
    };
    let lend = Lend::give(&own, root.helpline(), None, now, Duration::from_secs(DAY)).unwrap();
    let named = |signer: &SignKey| {
        let mut entrances = Entrances::sign(vec![entry.clone()], signer).unwrap();
        entrances.lends.push(lend.clone());
        Claim {
            entrances,
            ..honest.clone()
        }
    };
    // Nobody is the helpline, as far as these show.
    let wrong = [
        (
            "a descriptor that another key signed",
            Claim {
                operator: Arc::new(SignKey::generate(&mut system_random())),
                ..honest.clone()
            },
        ),
        (
            "a descriptor that names another key",
            Claim {
                named_operator: stranger.public().to_bytes(),
                ..honest.clone()
            },
        ),
        (
            "a roster of another root",
            Claim {
                roster: Signed::sign((*honest.roster).clone(), &other_root, &root.helpline()).unwrap(),
                ..honest.clone()
            },
        ),
        ("an entry list that the operator signed", named(&evil.operator)),
        ("an entry list that the roster does not name", named(&root_key)),
    ];

    let mut seekers = Vec::new();
    for (number, (what, claim)) in closed.iter().chain(&wrong).enumerate() {
        evil.claim(number, claim.clone());
        let seeker = asks(&helpline, what).await;
        seeker
            .face
            .until("a link", |event| {
                event["event"] == "link" && event["state"] == "connected"
            })
            .await;
        seekers.push((what, number < closed.len(), seeker));
    }
    for (number, (what, is_closed, seeker)) in seekers.iter().enumerate() {
        if *is_closed {
            seeker.face.event("closed").await;
        } else {
            seeker.face.until("a refusal", refused).await;
        }
        let heard = evil.heard(number);
        assert!(heard.contains(&Kind::Describe), "{what}: {heard:?}");
        assert!(
            !heard.contains(&Kind::Post) && !heard.contains(&Kind::Put),
            "{what}: {heard:?}"
        );
    }
    // The same home, honest for once, is trusted, and so is a claim made as those above with nothing wrong in it: so it
    // was what is wrong in each that was refused.
    let good = with(certificate(&root, &root_key, &stranger, week), true);
    let claims = [("made here, all in order", good), ("honest", honest.clone())];
    for (number, (what, claim)) in (seekers.len()..).zip(claims) {
        evil.claim(number, claim);
        let _seeker = asks(&helpline, what).await;
        let start = tokio::time::Instant::now();
        while !evil.heard(number).contains(&Kind::Post) {
            assert!(
                start.elapsed() < hamsa_tests::cast::PATIENCE,
                "{what}: {:?}",
                evil.heard(number)
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    for (number, (what, ..)) in seekers.iter().enumerate() {
        assert!(!evil.heard(number).contains(&Kind::Post), "{what}");
    }

    // The home cuts them off, so that they look for another way: nobody comes to its own node.
    evil.claim(usize::MAX, named(&evil.operator));
    let misled = seekers.iter().filter(|(what, ..)| what.contains("entry list"));
    let misled: Vec<_> = misled.map(|(.., seeker)| &seeker.face).collect();
    misled.iter().for_each(|face| face.mark());
    helpline.entries[0].kill().await;
    for face in &misled {
        face.until("a second try", |event| {
            event["event"] == "error" && event["code"] == "entry_refused"
        })
        .await;
    }
    helpline.entries[0].run().await;
    for face in &misled {
        let connected = |event: &Value| event["event"] == "link" && event["state"] == "connected";
        face.until("the way that the root names", connected).await;
    }
    assert_eq!(misled.len(), 2);
    let came = trap.accept().map_err(|error| error.kind());
    assert_eq!(
        came.err(),
        Some(std::io::ErrorKind::WouldBlock),
        "somebody was led astray"
    );
}

#[tokio::test]
async fn a_node_that_nobody_delegated_gets_no_word() {
    let helpline = Helpline::found(Plan {
        run: false,
        counselors: &[],
        ..Plan::default()
    })
    .await;
    let home = &helpline.homes[0];
    helpline.entries[0].run().await;
    fs::remove_file(home.dir.join("delegation")).unwrap();
    home.run().await;
    helpline.connected().await;
    let seeker = asks(&helpline, "seeker").await;
    let error = seeker.face.event("error").await;
    assert_eq!(error["code"], "home_gone", "{error:#}");
    assert_eq!(home.status().await["stored"], 0);

    // A node with the same name in the network and another association's word.
    home.stop().await;
    let other = helpline.path("association-c");
    let _ = hamsa_node(args![
        "association",
        "init",
        "--dir",
        other,
        "--name",
        "Association C"
    ])
    .await
    .ok();
    let _ = hamsa_node(args![
        "association",
        "add-home",
        "--dir",
        other,
        "--node",
        home.dir
    ])
    .await
    .ok();
    let _ = hamsa_node(args!["association", "publish", "--queue", "--dir", other])
        .await
        .ok();
    home.run().await;
    seeker.face.until("a refusal", refused).await;
    let fresh = asks(&helpline, "fresh").await;
    let error = fresh.face.until("a refusal", refused).await;
    assert!(
        error["advice"]
            .as_str()
            .unwrap()
            .contains("Nothing you wrote was sent"),
        "{error:#}"
    );
    for face in [&seeker.face, &fresh.face] {
        assert!(face.all("verified").is_empty() && face.all("waiting").is_empty());
    }
    // Its links end at the handshake's second message; nothing came after it.
    let status = home.status().await;
    assert_eq!((&status["stored"], &status["tickets"]), (&0.into(), &0.into()));
}

#[tokio::test]
async fn a_home_whose_operators_key_was_changed_is_refused() {
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let home = &helpline.homes[0];
    // The node itself does not notice: its word is the root's, its hand is not.
    fs::write(home.dir.join("operator.key"), [0x5a; 32]).unwrap();
    for node in helpline.nodes() {
        node.run().await;
    }
    helpline.connected().await;
    let seeker = asks(&helpline, "seeker").await;
    seeker.face.until("a refusal", refused).await;
    let counselor = helpline.counselor(0);
    counselor.face.event("unlocked").await;
    counselor.face.until("a refusal", refused).await;
    assert_eq!(home.status().await["tickets"], 0);
    assert!(seeker.face.all("verified").is_empty());
}
