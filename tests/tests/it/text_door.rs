//! Text from other systems, with the real binaries: read alike, or refused with file, line and reason. And files that
//! exist: nothing is written over them.

use std::fs;

use hamsa_tests::{
    args,
    cast::{Helpline, Plan, hamsa, hamsa_node},
};

/// A passphrase with letters that two systems write in two ways.
const PASSPHRASE: &str = "l\u{e9}na a \u{e9}t\u{e9} l\u{e0} hier";
const DECOMPOSED: &str = "le\u{301}na a e\u{301}te\u{301} la\u{300} hier";

async fn nowhere() -> Helpline {
    Helpline::found(Plan {
        run: false,
        counselors: &[],
        ..Plan::default()
    })
    .await
}

#[tokio::test]
async fn a_passphrase_of_every_system_opens_the_vault() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let utf16: Vec<u8> = "\u{feff}l\u{e9}na a \u{e9}t\u{e9} l\u{e0} hier\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let forms = [
        ("plain", format!("{PASSPHRASE}\n").into_bytes()),
        ("decomposed", format!("{DECOMPOSED}\n").into_bytes()),
        ("marked", format!("\u{feff}{PASSPHRASE}\r\nmore\r\n").into_bytes()),
        ("directed", format!("\u{200f}{PASSPHRASE}\u{202c}").into_bytes()),
        ("utf16", utf16),
    ];
    for (name, bytes) in forms {
        fs::write(at(name), bytes).unwrap();
        let request = args![
            "counsel",
            "request",
            "--vault",
            at("vault"),
            "--out",
            at("request")
        ];
        let with = args!["--passphrase-file", at(name)];
        let _ = hamsa([request, with].concat()).await.ok();
    }
    fs::write(at("latin"), b"l\xe9na\n").unwrap();
    let request = args![
        "counsel",
        "request",
        "--vault",
        at("vault"),
        "--out",
        at("request")
    ];
    hamsa([request, args!["--passphrase-file", at("latin")]].concat())
        .await
        .fails(&["latin", "line 1", "UTF-8"]);
}

#[tokio::test]
async fn settings_of_another_encoding_are_refused_with_their_line() {
    let helpline = nowhere().await;
    let file = helpline.path("s.toml");
    for (bytes, words) in [
        (
            b"name = \"A\"\n[texts.fr]\nhours = \"d\xe9j\xe0\"\n".as_slice(),
            "line 3",
        ),
        (b"name = \"A\"\0\n", "line 1"),
        (b"\xff\xfe\0\0", "line 1"),
    ] {
        fs::write(&file, bytes).unwrap();
        helpline
            .association("settings", args!["--file", file])
            .await
            .fails(&["s.toml", words, "UTF-8"]);
    }
    fs::write(
        &file,
        "\u{feff}name = \"E\u{301}coute\u{200f}\"\r\n[texts.fr]\r\nhours = \"9 h\"\r\n",
    )
    .unwrap();
    let _ = helpline.association("settings", args!["--file", file]).await.ok();
}

#[tokio::test]
async fn an_address_of_every_system_is_read_and_a_missing_file_is_said() {
    let helpline = nowhere().await;
    let file = helpline.path("a");
    let address = helpline.address.to_string();
    let (a, b) = address.split_at(72);
    let latin = [b"\xe9".as_slice(), address.as_bytes()].concat();
    for (bytes, words) in [
        (format!("Notre ligne : {address}\n").into_bytes(), "other words"),
        (format!("{a}\n{}\n", &b[1..]).into_bytes(), "damaged"),
        (latin, "line 1"),
    ] {
        fs::write(&file, bytes).unwrap();
        hamsa(args!["seek", file]).await.fails(&[words]);
    }
    for form in [
        format!("\u{feff}{address}\r\n"),
        format!("{a}\n{b}\n\ntwelve words\n"),
        format!("\u{2066}{a}\u{200b}{b}\u{2069}"),
    ] {
        fs::write(&file, &form).unwrap();
        // It was read: only the terminal is missing.
        hamsa(args!["seek", file]).await.fails(&["no terminal"]);
    }
    hamsa(args!["seek", helpline.path("none")])
        .await
        .fails(&["there is no file"]);
}

#[tokio::test]
async fn a_request_takes_the_place_of_nothing_but_an_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("pass"), "correct horse battery staple atlas\n").unwrap();
    let request = |vault: &str, out: &str| {
        let words = args!["counsel", "request", "--vault", at(vault), "--out", at(out)];
        hamsa([words, args!["--passphrase-file", at("pass")]].concat())
    };
    let _ = request("vault", "request").await.ok();
    let before = fs::read(at("vault")).unwrap();
    std::os::unix::fs::symlink("vault", at("link")).unwrap();
    fs::hard_link(at("vault"), at("second")).unwrap();
    fs::write(at("letter"), "my letter").unwrap();
    for out in ["vault", "link", "second", "./vault", "letter", "pass"] {
        request("vault", out).await.fails(&["--out"]);
    }
    request("new", "new").await.fails(&["--out"]);
    assert!(!at("new").exists());
    assert_eq!(fs::read(at("vault")).unwrap(), before);
    assert_eq!(fs::read(at("letter")).unwrap(), b"my letter");
    let _ = request("vault", "request").await.ok();
}

#[tokio::test]
async fn weak_passphrases_and_unknown_languages_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("pass"), "password1\n").unwrap();
    let request = args![
        "counsel",
        "request",
        "--vault",
        at("vault"),
        "--out",
        at("request")
    ];
    hamsa([request, args!["--passphrase-file", at("pass")]].concat())
        .await
        .fails(&["too weak"]);
    assert!(!at("vault").exists());
    let refused = hamsa(args!["demo", "--lang", "xx"]).await;
    assert_eq!(refused.status.code(), Some(2), "{refused:#?}");
    assert!(refused.err.contains("fr, ar, en"), "{refused:#?}");
}

#[tokio::test]
async fn names_that_look_alike_are_certified_only_on_purpose() {
    let helpline = nowhere().await;
    let at = |name: &str| helpline.path(name);
    for name in ["a", "b"] {
        let request = args![
            "counsel",
            "request",
            "--vault",
            at(&format!("v{name}")),
            "--out",
            at(name)
        ];
        let with = args!["--passphrase-file", helpline.passphrase()];
        let _ = hamsa([request, with].concat()).await.ok();
    }
    let certify = |request: &str, pseudonym: &str, more: &[&str]| {
        let mut words = args![
            "--request",
            at(request),
            "--pseudonym",
            pseudonym,
            "--languages",
            "fr",
            "--out",
            at("cert")
        ];
        words.extend(more.iter().map(Into::into));
        helpline.association("certify", words)
    };
    let _ = certify("a", "Nour", &[]).await.ok();
    certify("b", "N\u{43e}ur", &[])
        .await
        .fails(&["looks like", "--allow-similar"]);
    let _ = certify("a", "Nour", &[]).await.ok();
    let _ = certify("b", "N\u{43e}ur", &["--allow-similar"]).await.ok();
    let _ = hamsa_node(args!["check", "--dir", helpline.homes[0].dir]).await;
}
