//! Bad input at the command lines and in files: each gets a text that says what happened and what to do, and the
//! status of the contract; nothing hangs, nothing is lost.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use hamsa_client::{system_random, today, vault};
use hamsa_protocol::{
    crypto::keys::SignKey,
    objects::{Certificate, CertificateFile, Signed},
    time::Unix,
};
use hamsa_tests::{
    args,
    cast::{Counselor, Face, Helpline, Node, PATIENCE, Plan, Seeker, hamsa, hamsa_node},
};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpListener, process::Command};

use crate::{talk::exchange, together::skip};

const DAY: u64 = 86_400;

/// That a face ended with status 1 after one error of this code, and gives its texts.
async fn ends_with(face: &Face, code: &str) -> (String, String) {
    let status = face.process().exit(PATIENCE).await;
    assert_eq!(status.code(), Some(1), "{}", face.process().story());
    let errors = face.all("error");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0]["code"], code, "{errors:#?}");
    let text = |key: &str| errors[0][key].as_str().unwrap().to_owned();
    let (message, advice) = (text("message"), text("advice"));
    assert!(!message.is_empty() && !advice.is_empty());
    // Whoever looks at the terminal is told, too.
    assert!(
        face.process().errors().contains(&message),
        "{}",
        face.process().story()
    );
    (message, advice)
}

#[tokio::test]
async fn an_address_that_is_none_is_said_to_be_none() {
    let helpline = Helpline::found(Plan {
        run: false,
        counselors: &[],
        ..Plan::default()
    })
    .await;
    let address = &helpline.address;
    let middle = address.len() / 2;
    let mut typo = address.clone().into_bytes();
    typo[middle] = if typo[middle] == b'A' { b'B' } else { b'A' };
    let (empty, long, binary) = (
        helpline.path("empty"),
        helpline.path("long"),
        helpline.path("binary"),
    );
    fs::write(&empty, "\n\n").unwrap();
    fs::write(&long, vec![b'x'; 1 << 20]).unwrap();
    fs::write(&binary, [0xff, 0xfe, 0]).unwrap();
    for wrong in [
        "garbage",
        "hamsa:1:",
        "hamsa:2:AAAA",
        "",
        &address[..middle],
        &String::from_utf8(typo).unwrap(),
        &format!("{address}AA"),
        empty.to_str().unwrap(),
        long.to_str().unwrap(),
        binary.to_str().unwrap(),
        helpline.path("").to_str().unwrap(),
    ] {
        let seeker = Seeker::start("seeker", wrong);
        ends_with(&seeker.face, "bad_address").await;
    }
}

#[tokio::test]
async fn a_vault_that_does_not_open_says_why_and_stays_as_it_is() {
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let (whole, pass) = (fs::read(helpline.vault(0)).unwrap(), helpline.passphrase());
    let file = |name: &str, bytes: &[u8]| {
        let path = helpline.path(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let wrong = file(
        "wrong-passphrase",
        b"a lantern, seven figs and the long way hom\n",
    );
    let mut flipped = whole.clone();
    let middle = whole.len() / 2;
    flipped[middle] ^= 1;
    let bare = helpline.path("bare.vault");
    let request = args!["counsel", "request", "--vault", bare, "--passphrase-file", pass];
    let _ = hamsa([request, args!["--out", helpline.path("request")]].concat())
        .await
        .ok();
    let cases = [
        (helpline.vault(0).to_owned(), wrong.as_path(), "vault_passphrase"),
        (file("flipped.vault", &flipped), pass, "vault_damaged"),
        (
            file("cut.vault", &whole[..whole.len() - 7]),
            pass,
            "vault_damaged",
        ),
        (file("other.vault", b"a shopping list"), pass, "vault_not_a_vault"),
        (file("empty.vault", b""), pass, "vault_damaged"),
        (bare, pass, "vault_no_certificate"),
        (helpline.path("nowhere/none.vault"), pass, "vault_missing"),
    ];
    for (vault, passphrase, code) in &cases {
        let before = fs::read(vault).ok();
        let counselor = Counselor::start(code, vault, passphrase);
        ends_with(&counselor.face, code).await;
        assert_eq!(fs::read(vault).ok(), before, "{code}: the vault was changed");
    }
    // Without a passphrase file nobody can be asked here.
    let args = args!["counsel", "--vault", helpline.vault(0)];
    hamsa(args).await.fails(&["no terminal", "--passphrase-file"]);
    let args = args!["counsel", "--json", "--vault", helpline.vault(0)];
    hamsa(args).await.fails(&["--passphrase-file"]);
    let none = helpline.path("no-such-file");
    let args = args![
        "counsel",
        "--json",
        "--vault",
        helpline.vault(0),
        "--passphrase-file",
        none
    ];
    hamsa(args).await.fails(&["no-such-file"]);
}

/// Installs a certificate in a vault, as if it were another day.
fn install_on(day: Unix, helpline: &Helpline, vault: &Path, certificate: Certificate, root: &SignKey) {
    let address: hamsa_protocol::objects::HelplineAddress = helpline.address.parse().unwrap();
    let certificate = Signed::sign(certificate, root, &address.root.helpline()).unwrap();
    let file = CertificateFile { address, certificate };
    let passphrase = fs::read_to_string(helpline.passphrase()).unwrap();
    vault::install(vault, passphrase.lines().next().unwrap(), &file.to_string(), day).unwrap();
}

#[tokio::test]
async fn a_certificate_that_does_not_count_is_said_not_to() {
    let helpline = Helpline::found(Plan {
        counselors: &["Nour", "Salma", "Late"],
        ..Plan::default()
    })
    .await;
    let now = today();
    let pass = helpline.passphrase();
    let install = |vault: &Path, certificate: &Path| {
        let args = args!["counsel", "install", "--vault", vault, "--passphrase-file", pass];
        hamsa([args, args!["--certificate", certificate]].concat())
    };
    // Somebody else's, and one that was changed on the way.
    install(helpline.vault(0), &helpline.path("Salma.certificate"))
        .await
        .fails(&["another vault", "own request"]);
    let mut text = fs::read_to_string(helpline.path("Nour.certificate")).unwrap();
    let middle = text.len() / 2;
    let other = if text.as_bytes()[middle] == b'A' { "B" } else { "A" };
    text.replace_range(middle..=middle, other);
    let changed = helpline.path("changed.certificate");
    fs::write(&changed, &text).unwrap();
    install(helpline.vault(0), &changed)
        .await
        .fails(&["no certificate", "as it is"]);
    // Another association's, dressed up with this helpline's address.
    let other_root = SignKey::generate(&mut system_random());
    let file: CertificateFile = fs::read_to_string(helpline.path("Nour.certificate"))
        .unwrap()
        .parse()
        .unwrap();
    let address = file.address.clone();
    let forged = Signed::sign((*file.certificate).clone(), &other_root, &address.root.helpline()).unwrap();
    let dressed = helpline.path("dressed.certificate");
    fs::write(
        &dressed,
        CertificateFile {
            address,
            certificate: forged,
        }
        .to_string(),
    )
    .unwrap();
    install(helpline.vault(0), &dressed)
        .await
        .fails(&["no certificate"]);

    // Expired and not yet valid, as the days go by.
    let root = SignKey::from_bytes(
        &fs::read(helpline.office.join("root.key"))
            .unwrap()
            .try_into()
            .unwrap(),
    );
    let dated = |from: u64, to: u64| Certificate {
        not_before: Unix(from),
        expires: Unix(to),
        ..(*file.certificate).clone()
    };
    let old = dated(now.0 - 20 * DAY, now.0 - 10 * DAY);
    install_on(Unix(now.0 - 15 * DAY), &helpline, helpline.vault(0), old, &root);
    let nour = helpline.counselor(0);
    let (_, advice) = ends_with(&nour.face, "certificate_expired").await;
    assert!(advice.contains("new request"), "{advice}");
    let early = dated(now.0 + 10 * DAY, now.0 + 20 * DAY);
    install_on(Unix(now.0 + 15 * DAY), &helpline, helpline.vault(0), early, &root);
    let nour = helpline.counselor(0);
    let (_, advice) = ends_with(&nour.face, "certificate_not_yet_valid").await;
    assert!(advice.contains("date"), "{advice}");

    // Good, but the association has not said so yet: the home does not take her.
    let mut late: CertificateFile = fs::read_to_string(helpline.path("Late.certificate"))
        .unwrap()
        .parse()
        .unwrap();
    let unlisted = Certificate {
        serial: hamsa_protocol::objects::Serial([7; 8]),
        ..(*late.certificate).clone()
    };
    late.certificate = Signed::sign(unlisted.clone(), &root, &late.address.root.helpline()).unwrap();
    install_on(now, &helpline, helpline.vault(2), unlisted, &root);
    let unlisted = helpline.counselor(2);
    unlisted.face.event("unlocked").await;
    unlisted.face.send(json!({"cmd": "on_duty"})).await;
    let off = unlisted.face.event("off_duty").await;
    assert_eq!(off["reason"], "not_listed", "{off:#}");
    assert!(unlisted.face.all("on_duty").is_empty());
}

#[tokio::test]
async fn a_node_that_cannot_start_says_why_and_what_to_do() {
    let helpline = Helpline::found(Plan {
        homes: 2,
        counselors: &[],
        run: false,
        ..Plan::default()
    })
    .await;
    let (one, two) = (&helpline.homes[0], &helpline.homes[1]);
    let run = |node: &Node| hamsa_node(args!["run", "--dir", node.dir]);
    let config = two.dir.join("node.toml");
    let good = fs::read_to_string(&config).unwrap();

    // Its port is somebody else's.
    let taken = good.replace(
        &two.address[..two.address.find("/p2p").unwrap()],
        &one.address[..one.address.find("/p2p").unwrap()],
    );
    assert_ne!(taken, good);
    fs::write(&config, &taken).unwrap();
    one.run().await;
    run(two).await.fails(&["in use", "another port"]);
    // It runs already.
    run(one).await.fails(&["runs already", "stop it first"]);
    // Nothing there, or not a node.
    hamsa_node(args!["run", "--dir", helpline.path("nowhere")])
        .await
        .fails(&["is no node", "hamsa-node init"]);
    hamsa_node(args!["init", "--dir", one.dir])
        .await
        .fails(&["already", "another directory"]);

    // The configuration.
    for (text, words) in [
        (
            format!("colour = \"red\"\n{good}"),
            &["node.toml", "colour", "line 1"][..],
        ),
        (
            good.replace("listen = ", "listen = 7 # "),
            &["node.toml", "listen", "line"],
        ),
        (good.replace("/tcp/", "/udp/"), &["is no address", "/tcp/"]),
        ("listen = [".to_owned(), &["node.toml", "line 1"]),
        (
            good.replace("listen = [", "listen = [\"/ip4/192.0.2.1/tcp/4310\", "),
            &["192.0.2.1", "not an address of this machine"],
        ),
        (good.replace(r#""entry""#, r#""antry""#), &["roles", "antry"]),
    ] {
        fs::write(&config, text).unwrap();
        run(two).await.fails(words);
    }
    fs::write(&config, &good).unwrap();

    // The keys.
    let key = two.dir.join("home.key");
    let secret = fs::read(&key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    run(two).await.fails(&["home.key", "chmod 600"]);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, &secret[..31]).unwrap();
    run(two).await.fails(&["home.key", "31"]);
    fs::remove_file(&key).unwrap();
    run(two).await.fails(&["home.key", "check that"]);
    fs::write(&key, [9; 32]).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    run(two).await.fails(&["delegation", "another node", "add-home"]);
    fs::write(&key, &secret).unwrap();

    // What it was given.
    for (name, advice) in [("delegation", "add-home"), ("publication", "publish")] {
        let path = two.dir.join(name);
        let ends = name == "delegation";
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        *flipped.last_mut().unwrap() ^= 1;
        for damaged in [&flipped[..], &whole[..whole.len() / 2], b""] {
            fs::write(&path, damaged).unwrap();
            if ends {
                run(two).await.fails(&[name, "does not hold", advice]);
            } else {
                two.run().await;
                two.stop().await;
                for words in [name, "does not hold", advice, "This home"] {
                    assert!(two.log().contains(words), "{words} in {}", two.log());
                }
            }
            let check = hamsa_node(args!["check", "--dir", two.dir]).await;
            assert_eq!(check.status.code(), Some(1), "{check:?}");
        }
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(hamsa_node(args!["check", "--dir", two.dir]).await.ok(), "ok\n");
    // After all that it is as good as before.
    two.run().await;
    // And a socket that a killed process left behind is no obstacle.
    two.kill().await;
    assert!(two.dir.join("control.sock").exists());
    two.run().await;
}

#[tokio::test]
async fn an_association_is_told_what_is_wrong_with_what_it_asks() {
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let association = |command: &'static str, rest| helpline.association(command, rest);
    association("init", args!["--name", "again"])
        .await
        .fails(&["already", "another directory"]);
    association("revoke", args!["0123456789abcdef"])
        .await
        .fails(&["no certificate with serial"]);
    association("add-entry", args!["/ip4/192.0.2.1/udp/1/quic-v1"])
        .await
        .fails(&["is no address", "write it as"]);
    let settings = helpline.path("settings.toml");
    fs::write(&settings, "name = \"A\"\nhous = \"all day\"\n").unwrap();
    association("settings", args!["--file", settings])
        .await
        .fails(&["hous", "line 2"]);
    let request = helpline.path("Nour.request");
    let out = helpline.path("out");
    let languages = |code: &str| {
        args![
            "--request",
            request,
            "--pseudonym",
            "N",
            "--languages",
            code,
            "--out",
            out
        ]
    };
    association("certify", languages("french!"))
        .await
        .fails(&["--languages"]);
    fs::write(&request, "hello").unwrap();
    association("certify", languages("fr"))
        .await
        .fails(&["not taken", "again"]);
    assert!(!out.exists());
    hamsa_node(args!["association", "publish", "--dir", helpline.path("none")])
        .await
        .fails(&["is no association", "association init"]);
    fs::set_permissions(
        helpline.office.join("root.key"),
        fs::Permissions::from_mode(0o604),
    )
    .unwrap();
    association("publish", args![])
        .await
        .fails(&["root.key", "chmod 600"]);
    fs::set_permissions(
        helpline.office.join("root.key"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    let book = helpline.office.join("association.toml");
    let good = fs::read_to_string(&book).unwrap();
    fs::write(&book, good.replace("name = ", "nam = ")).unwrap();
    association("publish", args![])
        .await
        .fails(&["association.toml", "damaged", "put back a copy"]);
    fs::write(&book, good).unwrap();
    let out = association("publish", args!["--queue"]).await.ok();
    assert_eq!(out, format!("queued {}\n", helpline.homes[0].peer));
}

fn error(code: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "error" && event["code"] == code
}

#[tokio::test]
async fn nodes_that_cannot_be_reached_are_tried_until_they_can() {
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let (home, entry) = (&helpline.homes[0], &helpline.entries[0]);
    let seeker = helpline.seeker("seeker");
    seeker.ask("").await;
    let told = seeker
        .face
        .until("that nobody is there", error("entry_refused"))
        .await;
    assert!(told["advice"].as_str().unwrap().contains("again"), "{told:#}");
    // Somebody else at the entry's address.
    let config = home.dir.join("node.toml");
    let good = fs::read_to_string(&config).unwrap();
    let listen = |node: &Node| node.address[..node.address.find("/p2p").unwrap()].to_owned();
    fs::write(&config, good.replacen(&listen(home), &listen(entry), 1)).unwrap();
    let impostor = hamsa_tests::cast::Process::start("impostor", home.command());
    let told = seeker
        .face
        .until("that it is another", error("entry_impostor"))
        .await;
    assert!(
        told["advice"].as_str().unwrap().contains("tell the association"),
        "{told:#}"
    );
    impostor.signal(rustix::process::Signal::KILL);
    impostor.exit(PATIENCE).await;
    fs::write(&config, good).unwrap();
    // The entry is there, the home is not.
    entry.run().await;
    let told = seeker
        .face
        .until("that the home is missing", error("home_gone"))
        .await;
    assert!(
        told["advice"].as_str().unwrap().contains("tried again"),
        "{told:#}"
    );
    home.run().await;
    seeker.face.event("verified").await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let chat = counselor.take().await;
    seeker.answered().await;
    exchange((&counselor, &seeker, &chat), &[("s".into(), "salam".into())], &[]).await;
}

#[tokio::test]
async fn an_entry_that_says_nothing_is_given_up_in_time() {
    let helpline = Helpline::found(Plan {
        run: false,
        counselors: &[],
        ..Plan::default()
    })
    .await;
    let entry = &helpline.entries[0].address;
    let parts: Vec<&str> = entry.split('/').collect();
    let silent = TcpListener::bind(format!("{}:{}", parts[2], parts[4]))
        .await
        .unwrap();
    let seeker = helpline.seeker("seeker");
    let (mut held, _) = silent.accept().await.unwrap();
    let patience = Duration::from_secs(20);
    let told = seeker
        .face
        .until_within("that it is silent", patience, error("entry_silent"))
        .await;
    assert!(
        told["advice"].as_str().unwrap().contains("another network"),
        "{told:#}"
    );
    // A web server in its place may be the login page of a network; anything else is no hint of one.
    for (answer, code) in [
        ([b'x'; 4_096].as_slice(), "entry_broken"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n",
            "login_page",
        ),
        (&[b'y'; 4_096], "entry_broken"),
        (b"\x15\x03\x03\0\x02\x02\x46", "login_page"),
    ] {
        drop(held);
        seeker.face.mark();
        (held, _) = silent.accept().await.unwrap();
        held.write_all(answer).await.unwrap();
        seeker.face.until(code, error(code)).await;
    }
    seeker.face.exit().await;
}

#[tokio::test]
async fn lines_that_are_no_commands_change_nothing() {
    let helpline = Helpline::found(Plan::default()).await;
    let (counselor, seeker, chat) = helpline.chat().await;
    for face in [&seeker.face, &counselor.face] {
        let process = face.process();
        let wrong: [&[u8]; 7] = [
            b"not json\n",
            b"{\"cmd\":\"dance\"}\n",
            b"{\"cmd\":\"say\",\"id\":7,\"text\":\"x\"}\n",
            b"{\"cmd\":\"start\",\"language\":\"ar\",\"colour\":\"red\"}\n",
            b"[]\n",
            b"\xff\xfe\n",
            &[vec![b'x'; 300_000], vec![b'\n']].concat(),
        ];
        for (number, line) in wrong.iter().enumerate() {
            process.feed(line).await;
            face.count("error", number + 1).await;
        }
        process.feed(b"\n   \n").await;
        let errors = face.all("error");
        assert_eq!(errors.len(), wrong.len());
        for error in errors {
            assert_eq!(error["code"], "bad_command", "{error:#}");
        }
    }
    // Commands that are ones, with values that cannot be.
    let say = |id: &str, text: String| json!({"cmd": "say", "chat": chat["chat"], "id": id, "text": text});
    for (face, chat) in [(&seeker.face, false), (&counselor.face, true)] {
        face.mark();
        let say = |id: &str, text: String| {
            let mut command = say(id, text);
            if !chat {
                command.as_object_mut().unwrap().remove("chat");
            }
            command
        };
        face.send(say("long", "ا".repeat(8_193))).await;
        let told = face.until("too long", error("too_long")).await;
        let message = told["message"].as_str().unwrap();
        assert!(
            message.contains("16386") && message.contains("16384"),
            "{message}"
        );
        face.send(say("full", "ا".repeat(8_192))).await;
        face.send(say("full", "again".into())).await;
        face.until("the double", error("duplicate_id")).await;
        face.send(say("", "x".into())).await;
        face.send(say(&"i".repeat(65), "x".into())).await;
        face.count("error", 11).await;
        face.received([&"full".to_owned()]).await;
    }
    counselor
        .face
        .send(json!({"cmd": "say", "chat": "none", "id": "x", "text": "x"}))
        .await;
    counselor.face.until("no such chat", error("no_chat")).await;
    counselor.face.send(json!({"cmd": "take_next"})).await;
    counselor.face.until("that one is enough", error("enough")).await;
    seeker.face.send(json!({"cmd": "start", "language": "ar"})).await;
    seeker.face.until("already", error("already")).await;
    assert_eq!(seeker.face.messages(), counselor.face.messages());

    // A start that cannot be, then one that can; the end of input leaves in peace.
    let other = helpline.seeker("other");
    other
        .face
        .send(json!({"cmd": "start", "language": "darija!"}))
        .await;
    other.face.until("a wrong language", error("bad_language")).await;
    other
        .face
        .send(json!({"cmd": "start", "language": "ar", "text": "x".repeat(1_901)}))
        .await;
    let told = other.face.until("too long", error("too_long")).await;
    assert!(told["message"].as_str().unwrap().contains("1900"), "{told:#}");
    other.wait_in_line(&"x".repeat(1_900)).await;
    for face in [&other.face, &seeker.face, &counselor.face] {
        face.process().close_stdin().await;
        let status = face.process().exit(Duration::from_secs(10)).await;
        assert!(status.success(), "{}", face.process().story());
    }
    helpline.homes[0]
        .until("an empty house", |status| status["links"] == 0)
        .await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_said_to_be() {
    let probe = std::process::Command::new("faketime")
        .args(["-f", "+1d", "true"])
        .output();
    if !probe.is_ok_and(|output| output.status.success()) {
        skip("faketime is not there");
        return;
    }
    let helpline = Helpline::found(Plan::default()).await;
    let shifted = |shift: &str, command: Command| {
        let mut faked = Command::new("faketime");
        faked.args(["-f", shift]).arg(command.as_std().get_program());
        faked.args(command.as_std().get_args());
        // Only what the wall shows is wrong.
        faked.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        faked
    };
    for shift in ["-400d", "+400d"] {
        let seeker = Seeker::by(shift, shifted(shift, Seeker::command(&helpline.address)));
        seeker.ask("words that must not leave").await;
        let told = seeker.face.until("the date", error("expired")).await;
        assert!(
            told["advice"]
                .as_str()
                .unwrap()
                .contains("date and time of this device"),
            "{told:#}"
        );
        assert!(seeker.face.all("waiting").is_empty() && seeker.face.all("verified").is_empty());
        let command = Counselor::command(helpline.vault(0), helpline.passphrase());
        let counselor = Counselor::by(shift, shifted(shift, command));
        let code = if shift.starts_with('-') {
            "certificate_not_yet_valid"
        } else {
            "certificate_expired"
        };
        ends_with(&counselor.face, code).await;
    }
    assert_eq!(helpline.homes[0].status().await["tickets"], 0);
}
