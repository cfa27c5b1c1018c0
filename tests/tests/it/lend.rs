//! Whose an entry is: the root's word, the entry's own consent, and what becomes of those who forge either.

use std::fs;

use data_encoding::BASE32_NOPAD;
use hamsa_node::publication::Publication;
use hamsa_protocol::crypto::hash::sha256;
use hamsa_tests::{
    args,
    cast::{FORWARDS, Helpline, NODE, Node, Plan, Ran, Seeker, hamsa_node, program, run},
};

use crate::together::skip;

/// A helpline without people: commands are what is looked at.
async fn quiet(homes: usize, running: bool) -> Helpline {
    Helpline::found(Plan {
        homes,
        counselors: &[],
        run: running,
        ..Plan::default()
    })
    .await
}

async fn lend(node: &Node, to: &str, out: &std::path::Path) -> Ran {
    hamsa_node(args!["lend", "--dir", node.dir, "--to", to, "--out", out]).await
}

/// What `add-entry` says when there is no consent.
fn lacks_consent(ran: &Ran) -> bool {
    ran.err.contains("no consent of this entry") && ran.err.contains("split: false")
}

#[tokio::test]
async fn a_consent_goes_by_a_file() {
    let helpline = quiet(1, false).await;
    let (entry, home) = (&helpline.entries[0], &helpline.homes[0]);
    let file = helpline.path("b.lend");
    let out = lend(entry, &helpline.address, &file).await.ok();
    assert_eq!(out.trim(), format!("lent {}", entry.peer));
    // Without the address: it stands in the file, and so does the name.
    let added = helpline.association("add-entry", args!["--lent", file]).await;
    assert!(added.err.is_empty(), "{added:#?}");
    assert_eq!(added.ok().trim(), format!("entry {}", entry.peer));
    let kept = fs::read_to_string(helpline.office.join("association.toml")).unwrap();
    assert!(
        kept.contains("lend = ") && kept.contains(&entry.address),
        "{kept}"
    );
    assert_eq!(helpline.publish().await.len(), 1);

    let other = args![home.address, "--lent", file];
    helpline
        .association("add-entry", other)
        .await
        .fails(&["another node"]);
    fs::write(helpline.path("words"), "no consent").unwrap();
    let words = args!["--lent", helpline.path("words")];
    let refused = helpline.association("add-entry", words).await;
    refused.fails(&["hamsa-lend:1:", "hamsa-node lend"]);
    // A file that it did not make stays.
    let taken = lend(entry, &helpline.address, &helpline.path("words")).await;
    assert!(!taken.status.success(), "{taken:#?}");
    let nothing = helpline.association("add-entry", args![]).await;
    assert_eq!(nothing.status.code(), Some(2), "{nothing:#?}");
}

#[tokio::test]
async fn a_consent_that_does_not_count_is_refused() {
    let helpline = quiet(1, false).await;
    let (entry, home) = (&helpline.entries[0], &helpline.homes[0]);
    let file = helpline.path("consent");
    lend(home, &helpline.address, &file)
        .await
        .fails(&["a node of your own association"]);

    // For another helpline.
    let other = Node::init(&helpline.path(""), "other", helpline.host.socket()).await;
    let office = helpline.path("association-c");
    let association =
        |command, rest: Vec<_>| hamsa_node([args!["association", command, "--dir", office], rest].concat());
    let _ = association("init", args!["--name", "Association C"]).await.ok();
    let _ = association("add-home", args!["--node", other.dir]).await.ok();
    let address = association("address", args![]).await.ok();
    let _ = lend(entry, address.lines().next().unwrap(), &file).await.ok();
    let refused = helpline.association("add-entry", args!["--lent", file]).await;
    refused.fails(&["for another helpline"]);

    // By a node that has become a home of this association since.
    let file = helpline.path("consent of another node");
    let _ = lend(&other, &helpline.address, &file).await.ok();
    let _ = helpline.association("add-home", args!["--node", other.dir]).await;
    let refused = helpline.association("add-entry", args!["--lent", file]).await;
    refused.fails(&["a node of your own association"]);

    // Of a year and more ago.
    let file = helpline.path("an old consent");
    let mut old = args!["-f", "-401d", program(NODE), "lend", "--dir", entry.dir];
    old.extend(args!["--to", helpline.address, "--out", file]);
    if std::process::Command::new("faketime")
        .arg("--version")
        .output()
        .is_err()
    {
        return skip("faketime is not there");
    }
    let _ = run(std::path::Path::new("faketime"), &old).await.ok();
    let refused = helpline.association("add-entry", args!["--lent", file]).await;
    refused.fails(&["expired", "hamsa-node lend"]);
}

#[tokio::test]
async fn an_own_node_is_no_friend_under_another_spelling() {
    let helpline = quiet(1, false).await;
    let entry = &helpline.entries[0];
    let file = helpline.path("consent");
    let listed = async || {
        let out = helpline.path("published");
        let _ = helpline
            .association("publish", args!["--queue", "--out", out])
            .await
            .ok();
        let published = Publication::decode(&fs::read(out).unwrap()).unwrap();
        let list = &published.entrances.list.entries;
        let entry = list.iter().find(|listed| listed.address == at(&entry.address));
        entry.unwrap().association.clone()
    };
    assert_eq!(listed().await.map(String::from).as_deref(), Some(FORWARDS));
    // A small letter, more room, a letter of another script, and the name that seekers see.
    let settings = helpline.path("settings.toml");
    fs::write(&settings, "name = \"Women of the Valley\"\n").unwrap();
    let _ = helpline
        .association("settings", args!["--file", settings])
        .await
        .ok();
    for own in [
        "association A",
        "Association-A.",
        "\u{410}ssociation \u{410}",
        "women of the valley",
    ] {
        let mut lent = args![
            "lend",
            "--dir",
            entry.dir,
            "--to",
            helpline.address,
            "--out",
            file
        ];
        lent.extend(args!["--name", own]);
        let _ = hamsa_node(lent).await.ok();
        for named in [
            args!["--lent", file],
            args!["--lent", file, "--association", FORWARDS],
        ] {
            let refused = helpline.association("add-entry", named).await;
            refused.fails(&["a node of your own association"]);
        }
        let named = args![entry.address, "--association", own];
        let added = helpline.association("add-entry", named).await;
        assert!(added.err.is_empty(), "its own entry needs no consent: {added:#?}");
        assert_eq!(listed().await, None, "{own}");
    }
}

/// A multiaddress without its peer.
fn at(address: &str) -> String {
    address.split("/p2p/").next().unwrap().to_owned()
}

#[tokio::test]
async fn a_running_home_fetches_the_consent() {
    let helpline = quiet(2, true).await;
    let entry = &helpline.entries[0];
    let named = |address: &str| args![address, "--association", FORWARDS];
    let added = helpline.association("add-entry", named(&entry.address)).await;
    assert!(added.err.is_empty(), "{added:#?}");
    let kept = fs::read_to_string(helpline.office.join("association.toml")).unwrap();
    assert!(kept.contains("lend = "), "{kept}");

    // One's own home gives none, nor does a node that is no partner.
    let own = &helpline.homes[1];
    let stranger = Node::init(&helpline.path(""), "stranger", helpline.host.socket()).await;
    for (node, reason) in [
        (own, "of your own association"),
        (&stranger, "no partner of this home"),
    ] {
        let added = helpline.association("add-entry", named(&node.address)).await;
        assert!(lacks_consent(&added) && added.err.contains(reason), "{added:#?}");
        assert_eq!(added.ok().trim(), format!("entry {}", node.peer));
    }

    // The operator of a home sees what counts, and what to do where nothing does.
    helpline.publish().await;
    let home = &helpline.homes[0];
    let status = home.status().await;
    let entries = status["entries"].as_array().unwrap();
    let of = |node: &Node| entries.iter().find(|entry| entry["peer"] == *node.peer).unwrap();
    assert_eq!(of(entry)["consents"], true, "{status:#}");
    assert_eq!(of(entry)["association"], FORWARDS);
    assert!(of(entry)["consent_ends"].as_u64().is_some(), "{status:#}");
    assert_eq!(of(&stranger)["consents"], false, "{status:#}");
    assert!(of(&stranger)["consent_ends"].is_null(), "{status:#}");
    let said = hamsa_node(args!["status", "--dir", home.dir]).await.ok();
    for words in [
        format!("{} of {FORWARDS}: consents until 20", entry.peer),
        format!("{} of {FORWARDS}: no consent: people are told", stranger.peer),
    ] {
        assert!(said.contains(&words), "{said}");
    }
}

#[tokio::test]
async fn the_path_is_split_by_the_roots_word_and_the_consent() {
    let helpline = Helpline::found(Plan::default()).await;
    let entry = &helpline.entries[0];
    let split = |split: bool| {
        let peer = entry.peer.clone();
        move |event: &serde_json::Value| {
            event["event"] == "path" && event["split"] == split && event["entry"] == *peer
        }
    };
    // Nobody fetched a consent by a command: the home asked by itself.
    let seeker = helpline.seeker("seeker");
    seeker.face.until("a split path", split(true)).await;
    // The root takes its word back, and then gives it again.
    let _ = helpline.association("add-entry", args![entry.address]).await.ok();
    helpline.publish().await;
    seeker.face.until("no split path", split(false)).await;
    seeker.face.mark();
    let again = args![entry.address, "--association", FORWARDS];
    let _ = helpline.association("add-entry", again).await.ok();
    helpline.publish().await;
    seeker.face.until("a split path again", split(true)).await;
}

#[tokio::test]
async fn exchanged_routes_are_refused_before_anything_is_dialled() {
    let helpline = quiet(1, false).await;
    let text = helpline.address.strip_prefix("hamsa:1:").unwrap();
    let mut bytes = BASE32_NOPAD.decode(text.as_bytes()).unwrap();
    // Another entry, with a checksum that is right, as somebody writes it who does not have the root.
    let entry = 32 + 1 + 1 + usize::from(bytes[33]);
    bytes[entry..entry + 32].fill(7);
    let body = bytes.len() - 4;
    let sum = sha256(&[b"HP1/address", &bytes[..body]]);
    bytes[body..].copy_from_slice(&sum[..4]);
    let seeker = Seeker::start("seeker", &format!("hamsa:1:{}", BASE32_NOPAD.encode(&bytes)));
    let error = seeker.face.event("error").await;
    assert_eq!(error["code"], "bad_address");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("routes in this address were exchanged"),
        "{error:#}"
    );
    assert!(seeker.face.all("link").is_empty());
}
