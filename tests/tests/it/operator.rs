//! What an operator does: start, look, add, publish, stop.

use std::{fs, io::Write, process::Stdio, time::Duration};

use hamsa_protocol::wire::{Kind, UNIT};
use hamsa_tests::{
    args,
    attack::Stranger,
    cast::{FORWARDS, HAMSA, Helpline, NODE, Node, PATIENCE, Plan, hamsa, hamsa_node, program, run},
};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, process::Command, time::timeout};

use crate::{
    clocks::{by_the_clock, library},
    talk::{exchange, messages},
};

/// A stop takes at most this by contract.
const STOP: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_home_that_is_stopped_tells_its_clients_and_is_gone_in_time() {
    let helpline = Helpline::found(Plan::default()).await;
    let home = &helpline.homes[0];
    let (counselor, seeker, chat) = helpline.chat().await;
    let (there, back) = (messages("s", 20), messages("c", 20));
    exchange((&counselor, &seeker, &chat), &there, &back).await;
    counselor.face.mark();
    seeker.face.mark();
    // Somebody who reads every record: the last one is the word that it stops, not a line that broke.
    let stranger = Stranger::new(&helpline);
    let (mut link, mut stream) = stranger.link(&home.peer).await;
    let listening = tokio::spawn(async move {
        let (mut unit, mut last) = (vec![0; UNIT], None);
        while stream.read_exact(&mut unit).await.is_ok() {
            last = Some(link.open(&unit).unwrap().kind);
        }
        last
    });
    let (status, took) = home.stop().await;
    assert_eq!(status.code(), Some(0), "{}", home.log());
    assert!(took < STOP, "{took:?}");
    let last = timeout(STOP, listening)
        .await
        .expect("the end of the link")
        .unwrap();
    assert_eq!(last, Some(Kind::Bye));
    let away = |event: &Value| event["event"] == "link" && event["state"] != "connected";
    seeker.face.until_within("word of it", STOP, away).await;
    counselor.face.until_within("word of it", STOP, away).await;

    let ready = hamsa_node(args!["status", "--dir", home.dir, "--ready"]).await;
    assert_eq!(ready.status.code(), Some(1));
    let away = hamsa_node(args!["status", "--dir", home.dir, "--json"])
        .await
        .fails(&["does not run", "start it with"]);
    let told: Value = serde_json::from_str(&away.out).unwrap();
    assert_eq!(told["state"], "not_running", "{told:#}");
    assert!(told["error"].as_str().unwrap().contains("does not run"));

    // It comes back, and so does the chat.
    home.run().await;
    exchange(
        (&counselor, &seeker, &chat),
        &messages("s-2", 2),
        &messages("c-2", 2),
    )
    .await;
    assert_eq!(seeker.face.messages().len(), 22);
}

#[tokio::test]
async fn a_node_that_gives_no_answer_is_not_called_away() {
    let helpline = Helpline::found(Plan {
        counselors: &[],
        ..Plan::default()
    })
    .await;
    let home = &helpline.homes[0];
    let status = |how: &'static str| hamsa_node(args!["status", "--dir", home.dir, how]);
    let running: Value = serde_json::from_str(&status("--json").await.ok()).unwrap();
    assert_eq!(running["state"], "running");
    assert_eq!(running["peer"], home.peer);
    home.freeze();
    let silent = status("--json")
        .await
        .fails(&["runs", "gives no answer", "look at its log"]);
    assert!(!silent.err.contains("does not run"), "{silent:#?}");
    let told: Value = serde_json::from_str(&silent.out).unwrap();
    assert_eq!(told["state"], "no_answer", "{told:#}");
    assert_eq!(status("--ready").await.status.code(), Some(1));
    // What is written for it is done, and it is said that the running node did not take it.
    let partner = args!["partner", "add", "--dir", home.dir, helpline.entries[0].address];
    let added = hamsa_node(partner).await;
    assert!(
        added.err.contains("next start") && added.err.contains("no answer"),
        "{added:#?}"
    );
    let _ = added.ok();
    home.thaw();
    assert_eq!(home.status().await["state"], "running");
    // A socket that a killed process left behind is no process.
    home.kill().await;
    assert!(home.dir.join("control.sock").exists());
    status("--json").await.fails(&["does not run"]);
}

#[tokio::test]
async fn a_signal_twice_and_an_interrupt_stop_it_too() {
    let helpline = Helpline::found(Plan {
        counselors: &[],
        ..Plan::default()
    })
    .await;
    for (node, signal) in helpline.nodes().zip([Signal::INT, Signal::TERM]) {
        let process = node.process();
        process.signal(signal);
        process.signal(signal);
        let status = process.exit(STOP).await;
        assert_eq!(status.code(), Some(0), "{}", process.story());
    }
}

#[tokio::test]
async fn status_tells_how_a_node_stands() {
    let helpline = Helpline::found(Plan::default()).await;
    let (home, entry) = (&helpline.homes[0], &helpline.entries[0]);
    let ready = hamsa_node(args!["status", "--dir", home.dir, "--ready"]).await;
    assert!(ready.status.success() && ready.out.is_empty());
    let status = home.status().await;
    assert_eq!(status["peer"], home.peer);
    assert_eq!(status["listen"], json!([home.address]));
    assert_eq!(status["roles"], json!(["entry", "home"]));
    assert_eq!(
        status["partners"],
        json!([{"peer": entry.peer, "connected": true}])
    );
    assert!(status["roster_version"].as_u64() > Some(0), "{status:#}");
    for count in ["stored", "expired", "refused"] {
        assert!(status[count].is_u64(), "{count} in {status:#}");
    }
    assert_eq!(entry.status().await["roster_version"], 0);
    for node in helpline.nodes() {
        assert_eq!(hamsa_node(args!["check", "--dir", node.dir]).await.ok(), "ok\n");
    }
}

#[tokio::test]
async fn publish_says_who_serves_it_and_who_will() {
    let helpline = Helpline::found(Plan {
        homes: 2,
        counselors: &[],
        ..Plan::default()
    })
    .await;
    let (up, down) = (&helpline.homes[0], &helpline.homes[1]);
    down.stop().await;
    let before = up.status().await["roster_version"].as_u64().unwrap();
    let missed = helpline.association("publish", args![]).await;
    missed.fails(&[down.peer.as_str(), "--queue"]);
    let out = helpline.association("publish", args!["--queue"]).await.ok();
    let lines: Vec<&str> = out.lines().collect();
    let version = up.status().await["roster_version"].as_u64().unwrap();
    assert!(version > before);
    assert_eq!(
        lines,
        [
            format!("published {} {version}", up.peer),
            format!("queued {}", down.peer)
        ]
    );
    down.run().await;
    assert_eq!(down.status().await["roster_version"], version);

    // For a home on another machine: the file, and `install`.
    let file = helpline.path("publication");
    let _ = helpline.association("publish", args!["--out", file]).await.ok();
    let out = hamsa_node(args!["install", "--dir", up.dir, file]).await.ok();
    let version = up.status().await["roster_version"].clone();
    assert_eq!(out, format!("installed {version}\n"));
}

#[tokio::test]
async fn a_partner_added_to_running_nodes_is_used() {
    let helpline = Helpline::found(Plan::default()).await;
    let home = &helpline.homes[0];
    let late = Node::init(&helpline.path(""), "entry-late", helpline.host.socket()).await;
    late.run().await;
    home.partner(&late.address, FORWARDS).await;
    late.partner(&home.address, "Association A").await;
    let with = |peer: String| {
        move |status: &Value| {
            let partners = status["partners"].as_array().unwrap();
            partners
                .iter()
                .any(|partner| partner["peer"] == *peer && partner["connected"] == true)
        }
    };
    home.until("the late partner", with(late.peer.clone())).await;
    late.until("the home", with(home.peer.clone())).await;

    // The only entry so far goes away; who comes now comes through the late one.
    let named = args![late.address, "--association", FORWARDS];
    let _ = helpline.association("add-entry", named).await.ok();
    helpline.publish().await;
    let (counselor, seeker, chat) = helpline.chat().await;
    helpline.entries[0].kill().await;
    exchange((&counselor, &seeker, &chat), &messages("s", 3), &[]).await;
    seeker
        .face
        .until("the other path", |event| {
            event["event"] == "path" && event["entry"] == *late.peer
        })
        .await;
}

#[tokio::test]
async fn the_demo_plays_a_script_and_fails_a_wrong_one() {
    let demo = |args: Vec<std::ffi::OsString>| async move { run(program(HAMSA), &args).await };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/demo-script.txt");
    let out = demo(args!["demo", "--script", script]).await.ok();
    assert!(
        out.contains("seeker: kayn chi wa7d kayhddni") && out.contains("counselor: واش نتي دابا"),
        "{out}"
    );
    assert!(
        out.contains("split: true") && out.contains("words read: 0"),
        "{out}"
    );

    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("script");
    std::fs::write(&wrong, "seeker: salam\nnobody: words\n").unwrap();
    demo(args!["demo", "--script", wrong])
        .await
        .fails(&["line 2", "script"]);
    demo(args!["demo", "--script", folder.path().join("none")])
        .await
        .fails(&["none", "not taken"]);
}

#[tokio::test]
async fn the_plain_demo_is_a_transcript_that_ends() {
    let mut command = tokio::process::Command::new(program(HAMSA));
    command.args(["demo", "--plain", "--lang", "en"]);
    let demo = hamsa_tests::cast::Process::start("demo", command);
    demo.say("s a line of hers 3afak").await;
    demo.say("c شكرا").await;
    demo.close_stdin().await;
    let status = demo.exit(PATIENCE).await;
    assert!(status.success(), "{}", demo.story());
    let lines: Vec<String> = demo.lines().into_iter().map(|line| line.text).collect();
    for line in ["seeker: a line of hers 3afak", "counselor: شكرا"] {
        assert_eq!(lines.iter().filter(|said| *said == line).count(), 1, "{lines:#?}");
    }
    assert!(
        lines.iter().any(|line| line.starts_with("entry saw ")),
        "{lines:#?}"
    );
    assert!(
        lines.iter().any(|line| line.starts_with("home saw ")),
        "{lines:#?}"
    );
}

#[tokio::test]
async fn what_a_home_refused_is_not_what_it_starts_with() {
    let Some(library) = library() else { return };
    let helpline = Helpline::found(Plan {
        counselors: &[],
        ..Plan::default()
    })
    .await;
    let home = &helpline.homes[0];
    let version = async || home.status().await["roster_version"].clone();
    let (served, lies) = (version().await, home.dir.join("publication"));
    let (before, clock) = (fs::read(&lies).unwrap(), helpline.path("clock"));
    let publish = async |jump: &str| {
        fs::write(&clock, jump).unwrap();
        let mut publish = Command::new(program(NODE));
        publish
            .args(["association", "publish", "--dir"])
            .arg(&helpline.office)
            .arg("--out")
            .arg(helpline.path("out"));
        let ran = by_the_clock(publish, &library, &clock).output().await.unwrap();
        assert_eq!(ran.status.code(), Some(1), "{ran:?}");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(ran.stdout), text(ran.stderr))
    };
    let (out, error) = publish("+1h").await;
    assert_eq!(out, format!("refused {}\n", home.peer));
    assert!(error.contains("goes on with what it served before"), "{error}");
    assert!(!error.contains("is taken when that home starts"), "{error}");
    assert_eq!(fs::read(&lies).unwrap(), before);
    // Before its delegation nobody is a home.
    fs::remove_file(helpline.path("out")).unwrap();
    let (_, error) = publish("-3d").await;
    let dir = home.dir.to_str().unwrap();
    for words in [
        "by the clock of this machine",
        dir,
        " from ",
        "nothing was written",
        "add-home",
    ] {
        assert!(error.contains(words), "{error}");
    }
    assert!(!helpline.path("out").exists());
    home.stop().await;
    fs::write(&lies, b"bad").unwrap();
    home.run().await;
    assert_eq!(version().await, served);
    assert!(home.log().contains("that it served last"), "{}", home.log());
    // Of another association's node nobody becomes a home by a file.
    let file = helpline.path("file");
    fs::write(&file, before).unwrap();
    let install = args!["install", "--dir", helpline.entries[0].dir, file];
    hamsa_node(install).await.fails(&["no home of", "add-home"]);
}

#[tokio::test]
async fn a_command_that_fails_changes_nothing() {
    let helpline = Helpline::found(Plan {
        counselors: &["Nour", "Salma"],
        run: false,
        ..Plan::default()
    })
    .await;
    let book = helpline.office.join("association.toml");
    let kept = [
        book,
        helpline.path("Nour.certificate"),
        helpline.path("Nour.request"),
    ];
    let bytes = || kept.clone().map(|path| fs::read(path).unwrap());
    let before = bytes();
    let certify = async |request: &str, out: &str| {
        let named = args![
            "--pseudonym",
            "Rim",
            "--languages",
            "fr ar",
            "--out",
            helpline.path(out)
        ];
        let asked = args!["--request", helpline.path(request)];
        helpline.association("certify", [asked, named].concat()).await
    };
    certify("Nour.request", "nodir/x")
        .await
        .fails(&["nodir", "folder"]);
    certify("Salma.request", "Nour.certificate")
        .await
        .fails(&["choose another path"]);
    let request = args![
        "counsel",
        "request",
        "--vault",
        helpline.vault(1),
        "--out",
        kept[2]
    ];
    let request = [request, args!["--passphrase-file", helpline.passphrase()]].concat();
    hamsa(request).await.fails(&["of another vault"]);
    assert_eq!(bytes(), before);
    let _ = certify("Nour.request", "Nour.certificate").await.ok();

    // Keys without node.toml are a node that lost it.
    let node = &helpline.entries[0].dir;
    let key = fs::read(node.join("home.key")).unwrap();
    for lost in ["node.toml", "identity.key"] {
        fs::remove_file(node.join(lost)).unwrap();
        for command in ["init", "status", "check", "id"] {
            let ran = hamsa_node(args![command, "--dir", node]).await;
            ran.fails(&["node.toml is missing", "home.key", "put back a copy"]);
        }
    }
    assert_eq!(fs::read(node.join("home.key")).unwrap(), key);
}

#[tokio::test]
async fn a_node_whose_output_is_not_read_still_stops() {
    let helpline = Helpline::found(Plan {
        run: false,
        counselors: &[],
        ..Plan::default()
    })
    .await;
    let node = &helpline.entries[0];
    // As large as a pipe is on Linux, and nobody reads it.
    let (_unread, mut pipe) = std::io::pipe().unwrap();
    pipe.write_all(&[b' '; 65_536]).unwrap();
    let mut process = node
        .command()
        .stdout(Stdio::from(pipe))
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let ready = async || hamsa_node(args!["status", "--dir", node.dir, "--ready"]).await;
    timeout(PATIENCE, async { while !ready().await.status.success() {} })
        .await
        .expect("a node that answers");
    let id = i32::try_from(process.id().unwrap()).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(id).unwrap(), Signal::TERM).unwrap();
    let status = timeout(STOP, process.wait()).await.expect("its end").unwrap();
    assert_eq!(status.code(), Some(0));
}
