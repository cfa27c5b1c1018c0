//! Rosters with the real binaries: they only go forward, a person is revoked and not a serial, and two of one version are
//! told.

use std::{fs, path::Path, time::Duration};

use hamsa_node::publication::Publication;
use hamsa_protocol::{
    crypto::keys::{RootKey, SignKey},
    objects::{Roster, Serial, Signed},
    time::Unix,
};
use hamsa_tests::{
    args,
    cast::{Helpline, Node, Plan, hamsa_node},
};
use serde_json::{Value, json};

/// What the association publishes now, in a file of this name.
async fn published(helpline: &Helpline, name: &str) -> Publication {
    let file = helpline.path(name);
    let _ = helpline
        .association("publish", args!["--queue", "--out", file])
        .await
        .ok();
    Publication::decode(&fs::read(file).unwrap()).unwrap()
}

async fn version(node: &Node) -> u64 {
    node.status().await["roster_version"].as_u64().unwrap()
}

/// Runs the node in the foreground, where it is expected to refuse.
async fn refuses_to_start(node: &Node, words: &[&str]) {
    hamsa_node(args!["run", "--dir", node.dir]).await.fails(words);
    // `check` says the same.
    hamsa_node(args!["check", "--dir", node.dir]).await.fails(&[]);
}

#[tokio::test]
async fn an_older_publication_brings_nobody_back() {
    let helpline = Helpline::found(Plan::default()).await;
    let home = &helpline.homes[0];
    let old = published(&helpline, "old").await;
    let (nour, seeker, _chat) = helpline.chat().await;
    helpline.revoke(0).await;
    let revoked = |event: &Value| event["event"] == "off_duty" && event["reason"] == "revoked";
    nour.face.until("the end of her duty", revoked).await;
    drop((nour, seeker));
    let kept = version(home).await;
    let both = [old.roster.version.to_string(), kept.to_string()];
    let words = [both[0].as_str(), both[1].as_str(), "older", "Publish again"];

    // Installed into a running node, into one that is stopped, and copied over what lies there.
    let file = helpline.path("old");
    let install = args!["install", "--dir", home.dir, file];
    hamsa_node(install.clone()).await.fails(&words);
    assert_eq!(version(home).await, kept);
    let newest = fs::read(home.dir.join("publication")).unwrap();
    home.stop().await;
    hamsa_node(install).await.fails(&words);
    assert_eq!(fs::read(home.dir.join("publication")).unwrap(), newest);
    fs::copy(&file, home.dir.join("publication")).unwrap();
    hamsa_node(args!["check", "--dir", home.dir])
        .await
        .fails(&words[..3]);
    home.run().await;
    assert_eq!(version(home).await, kept, "what it served last");
    assert!(
        home.log().contains("goes on with the publication"),
        "{}",
        home.log()
    );
    home.stop().await;

    // The newest one is taken again, and she stays revoked: also by the roster that her vault keeps.
    let file = helpline.path("newest");
    fs::write(&file, newest).unwrap();
    let _ = hamsa_node(args!["install", "--dir", home.dir, file]).await.ok();
    home.run().await;
    assert_eq!(version(home).await, kept);
    helpline.connected().await;
    let nour = helpline.counselor(0);
    nour.face.event("unlocked").await;
    nour.face.send(json!({"cmd": "on_duty"})).await;
    nour.face.until("a refusal", revoked).await;
}

/// The same publication with a roster of this version and date, signed by the root.
fn dated(office: &Path, from: Publication, version: u64, issued: Unix) -> Vec<u8> {
    let root = SignKey::from_bytes(&fs::read(office.join("root.key")).unwrap().try_into().unwrap());
    let roster = Roster {
        version,
        issued,
        expires: issued + Duration::from_secs(86_400),
        ..Roster::clone(&from.roster)
    };
    let helpline = RootKey(root.public()).helpline();
    let roster = Signed::sign(roster, &root, &helpline).unwrap();
    Publication { roster, ..from }.encode()
}

#[tokio::test]
async fn a_roster_of_another_year_is_refused_and_forgotten() {
    let helpline = Helpline::found(Plan::default()).await;
    let home = &helpline.homes[0];
    let now = published(&helpline, "now").await;
    let (kept, issued) = (now.roster.version, now.roster.issued);
    let years = 10 * 365 * 86_400;
    for (version, issued) in [
        (kept + years * 1_000, issued),
        (kept + years * 1_000, issued + Duration::from_secs(years)),
        (kept + 1, issued + Duration::from_secs(years)),
    ] {
        let file = helpline.path("years ahead");
        let from = published(&helpline, "now").await;
        fs::write(&file, dated(&helpline.office, from, version, issued)).unwrap();
        hamsa_node(args!["install", "--dir", home.dir, file])
            .await
            .fails(&["2036-", "Set the clock"]);
    }
    // The clock of the association's machine was wrong once: what it signed then is no bound for what it signs now.
    let book = helpline.office.join("association.toml");
    let text = fs::read_to_string(&book).unwrap();
    let last = published(&helpline, "now").await.roster.version;
    let ahead = text
        .lines()
        .map(|line| match line.starts_with("roster_version") {
            true => format!("roster_version = {}\n", last + years * 1_000),
            false => format!("{line}\n"),
        })
        .collect::<String>();
    fs::write(&book, ahead).unwrap();
    let next = published(&helpline, "next").await.roster.version;
    assert!(next > last && next < last + 3_600_000, "{last} {next}");
    assert_eq!(version(home).await, next);

    let (nour, seeker, chat) = helpline.chat().await;
    seeker.say("s1", "still here").await;
    nour.face
        .until("her words", |event| event["text"] == "still here")
        .await;
    nour.say(&chat, "c1", "so are we").await;
    seeker
        .face
        .until("the answer", |event| event["text"] == "so are we")
        .await;
}

#[tokio::test]
async fn a_person_is_revoked_and_not_a_serial() {
    let helpline = Helpline::found(Plan {
        counselors: &["Nour", "Salma"],
        run: false,
        ..Plan::default()
    })
    .await;
    let request = helpline.path("Nour.request");
    let certify = async |name: &str| {
        let out = helpline.path(name);
        let named = args!["--pseudonym", "Nour", "--languages", "fr", "--out", out];
        let out = helpline
            .association("certify", [args!["--request", request], named].concat())
            .await
            .ok();
        out.split_whitespace().last().unwrap().to_owned()
    };
    let first = helpline.serial(0).to_owned();
    let second = certify("second").await;
    let third = certify("third").await;

    // The newest one supersedes the others.
    let book = published(&helpline, "superseded").await.roster;
    assert_eq!((book.certificates.len(), book.revoked.len()), (2, 0));

    // Revoking one of them, not the newest, revokes her.
    let _ = helpline.association("revoke", args![second]).await.ok();
    let book = published(&helpline, "revoked").await.roster;
    assert_eq!(book.certificates.len(), 1, "Salma");
    let mut revoked: Vec<Serial> = book.revoked.clone();
    let mut all: Vec<Serial> = [first, second, third]
        .iter()
        .map(|serial| serial.parse().unwrap())
        .collect();
    revoked.sort_by_key(|serial| serial.0);
    all.sort_by_key(|serial| serial.0);
    assert_eq!(revoked, all);

    // To certify her again is the association's own word.
    let _ = certify("fourth").await;
    let book = published(&helpline, "again").await.roster;
    assert_eq!((book.certificates.len(), book.revoked.len()), (2, 3));
}

/// A copy of the association's directory that does not reach this home, but a copy of its directory.
fn without(helpline: &Helpline, name: &str, home: &Node, version: u64) -> std::path::PathBuf {
    let (office, decoy) = (helpline.path(name), helpline.path(&format!("{name}-decoy")));
    for (from, to) in [(&helpline.office, &office), (&home.dir, &decoy)] {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
    let book = office.join("association.toml");
    let text = fs::read_to_string(&book).unwrap();
    let text: String = text
        .replace(
            &format!("node = \"{}\"", home.dir.display()),
            &format!("node = \"{}\"", decoy.display()),
        )
        .lines()
        .map(|line| match line.starts_with("roster_version") {
            true => format!("roster_version = {version}\n"),
            false => format!("{line}\n"),
        })
        .collect();
    assert!(text.contains(decoy.to_str().unwrap()), "{text}");
    fs::write(book, text).unwrap();
    office
}

#[tokio::test]
async fn two_rosters_of_one_version_are_told_to_both() {
    let helpline = Helpline::found(Plan {
        homes: 2,
        ..Plan::default()
    })
    .await;
    let (one, two) = (&helpline.homes[0], &helpline.homes[1]);
    one.stop().await;
    // Two copies of the root, each at one home; the second association has another name.
    let ahead = version(two).await + 60_000;
    let offices = [
        without(&helpline, "office-1", two, ahead),
        without(&helpline, "office-2", one, ahead),
    ];
    let settings = helpline.path("settings.toml");
    fs::write(&settings, "name = \"Association A too\"\n").unwrap();
    let _ = hamsa_node(args![
        "association",
        "settings",
        "--dir",
        offices[1],
        "--file",
        settings
    ])
    .await
    .ok();
    for office in &offices {
        let publish = args!["association", "publish", "--queue", "--dir", office];
        let _ = hamsa_node(publish).await.ok();
    }
    assert_eq!(version(two).await, ahead + 1);

    // A third roster of this version is refused by a home that has one.
    let file = helpline.path("other");
    fs::copy(helpline.path("office-2-decoy").join("publication"), &file).unwrap();
    fs::copy(one.dir.join("publication"), &file).unwrap();
    hamsa_node(args!["install", "--dir", two.dir, file])
        .await
        .fails(&["another roster", "root key"]);

    // The counselor sees the second home first, then both.
    let nour = helpline.counselor(0);
    nour.on_duty().await;
    one.run().await;
    let split = nour.face.event("split_view").await;
    assert_eq!(split["version"], ahead + 1);
    assert_eq!(split["chat"], Value::Null);
    let rosters = split["rosters"].as_array().unwrap();
    assert!(rosters.iter().all(|roster| roster["signed"].is_string()));
    assert_ne!(rosters[0]["hash"], rosters[1]["hash"]);
    let coded = |event: &Value| event["event"] == "error" && event["code"] == "split_view";
    nour.face.until("the words", coded).await;
    let vault = helpline.vault(0).display().to_string();
    let evidence = format!("{vault}.split-view-{}.txt", ahead + 1);
    let evidence = fs::read_to_string(evidence).unwrap();
    for roster in rosters {
        assert!(evidence.contains(roster["signed"].as_str().unwrap()));
    }

    // A seeker who reaches the first home alone learns it from the counselor's answer, and the counselor from her hello.
    two.stop().await;
    let seeker = helpline.seeker("seeker");
    seeker.wait_in_line("").await;
    let chat = nour.take().await;
    seeker.answered().await;
    let named = seeker.face.event("split_view").await;
    assert_eq!(named["rosters"][0]["hash"], rosters[1]["hash"]);
    assert_eq!(named["rosters"][1]["hash"], rosters[0]["hash"]);
    assert_eq!(named["rosters"][1]["signed"], Value::Null);
    seeker.face.until("the words", coded).await;
    let of_chat = |event: &Value| event["event"] == "split_view" && event["chat"] == chat["chat"];
    nour.face.until("the chat's split view", of_chat).await;

    // The chat goes on.
    seeker.say("s1", "did you hear that").await;
    nour.face
        .until("her words", |event| event["text"] == "did you hear that")
        .await;
    nour.say(&chat, "c1", "yes").await;
    seeker
        .face
        .until("the answer", |event| event["text"] == "yes")
        .await;
}

#[tokio::test]
async fn publish_names_a_home_whose_directory_is_gone() {
    let helpline = Helpline::found(Plan {
        homes: 2,
        counselors: &[],
        ..Plan::default()
    })
    .await;
    let (here, gone) = (&helpline.homes[0], &helpline.homes[1]);
    gone.stop().await;
    fs::rename(&gone.dir, helpline.path("elsewhere")).unwrap();
    let ran = helpline.association("publish", args!["--queue"]).await;
    let ran = ran.fails(&["not given to", gone.peer.as_str(), "is no node now", "mount it"]);
    assert_eq!(
        ran.out,
        format!("published {} {}\n", here.peer, version(here).await)
    );
    here.stop().await;
    fs::rename(&here.dir, helpline.path("elsewhere too")).unwrap();
    // The file is written all the same: it may be what a home that lies elsewhere is waiting for.
    let file = helpline.path("for a messenger");
    let ran = helpline
        .association("publish", args!["--queue", "--out", file])
        .await;
    ran.fails(&[
        "could not publish to any home",
        gone.peer.as_str(),
        here.peer.as_str(),
    ]);
    let book = fs::read_to_string(helpline.office.join("association.toml")).unwrap();
    let written = Publication::decode(&fs::read(file).unwrap()).unwrap();
    assert!(book.contains(&format!("roster_version = {}", written.roster.version)));
}

#[tokio::test]
async fn a_damaged_state_is_no_empty_one() {
    let helpline = Helpline::found(Plan {
        counselors: &[],
        ..Plan::default()
    })
    .await;
    let home = &helpline.homes[0];
    home.stop().await;
    fs::write(home.dir.join("state"), [1]).unwrap();
    refuses_to_start(home, &["state", "damaged", "newest publication"]).await;
    fs::remove_file(home.dir.join("state")).unwrap();
    home.run().await;
}
