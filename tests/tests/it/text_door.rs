//! Text from other systems, with the real binaries: read alike, or refused with file, line and reason. And files that
//! exist: nothing is written over them.

use std::fs;

use hamsa_tests::{
    args,
    cast::{HAMSA, Helpline, NODE, PATIENCE, PROMPT, Plan, Process, Tmux, hamsa, hamsa_node, program},
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
async fn an_address_file_of_every_system_is_read_or_told_missing() {
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
        .fails(&["There is no file"]);
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
    let new = args!["notebook", "new", "--yes-it-is-safe-here", "--file", at("n")];
    let lang = args!["--lang", "fr", "--passphrase-file", at("pass")];
    hamsa([new.clone(), lang].concat())
        .await
        .fails(&["trop faible", "beaucoup de gens"]);
    // Without a terminal nothing waits for an answer.
    hamsa(new).await.fails(&["no terminal"]);
    assert!(!at("n").exists());
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
            at(&format!("{request}.certificate"))
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

/// What a terminal of Latin-1 sends for `déjà`.
const LATIN_1: &[u8] = b"d\xe9j\xe0";

async fn enters(tmux: &Tmux, line: &str) {
    tmux.types(&format!("clear; {line}")).await;
    tmux.press(&["Enter"]).await;
}

async fn back_at_the_prompt(tmux: &Tmux) {
    tmux.until("a prompt", |screen| screen.trim_end().ends_with(PROMPT))
        .await;
}

#[tokio::test]
async fn a_terminal_of_another_encoding_loses_no_letter_silently() {
    let helpline = nowhere().await;
    let (hamsa, address) = (program(HAMSA).display(), &helpline.address);
    let tmux = Tmux::open(100, 40).await;
    for world in ["LC_ALL=C", "LC_ALL=fr_FR.ISO-8859-1", "LC_ALL= LANG= LC_CTYPE="] {
        enters(&tmux, &format!("{world} {hamsa} seek {address} --lang en")).await;
        // It draws all the same.
        tmux.sees("do not name UTF-8").await;
        tmux.sees("─────").await;
        tmux.press(&["C-x"]).await;
        back_at_the_prompt(&tmux).await;
        enters(
            &tmux,
            &format!("{world} {hamsa} seek {address} --lang fr --plain"),
        )
        .await;
        tmux.sees("n'indiquent pas UTF-8").await;
        tmux.sends(b"> il vient ").await;
        tmux.sends(LATIN_1).await;
        tmux.sends(b" ici\r").await;
        tmux.sees("n'est pas en UTF-8").await;
        tmux.press(&["x", "Enter"]).await;
        back_at_the_prompt(&tmux).await;
    }
    // A terminal that says UTF-8 and sends something else.
    enters(&tmux, &format!("{hamsa} seek {address} --lang en")).await;
    let first = tmux.sees("Before you write").await;
    assert!(!first.contains("do not name UTF-8"), "{first}");
    tmux.press(&["Enter"]).await;
    tmux.sees("Are you in danger now?").await;
    tmux.press(&["Enter"]).await;
    tmux.sees("What would you like to say first?").await;
    tmux.sends(LATIN_1).await;
    tmux.sees("Letters are missing").await;
    tmux.press(&["C-x"]).await;
    back_at_the_prompt(&tmux).await;
    // At a question.
    let notebook = helpline.path("n");
    let new = format!("{hamsa} notebook new --lang en --yes-it-is-safe-here --file");
    enters(&tmux, &format!("{new} {}", notebook.display())).await;
    tmux.sees("Passphrase:").await;
    tmux.sends(&[LATIN_1, b"\r"].concat()).await;
    tmux.sees("is not UTF-8").await;
    assert!(!notebook.exists());
    // The node's names are shown in a locale that cannot be trusted with them.
    let node = format!("{} association", program(NODE).display());
    let office = helpline.path("office");
    let init = format!("{node} init --dir {} --name Écoute", office.display());
    enters(&tmux, &format!("LC_ALL=C {init}")).await;
    tmux.sees("does not name UTF-8 (LC_ALL=C)").await;
    tmux.sees("Écoute").await;
}

#[tokio::test]
async fn lines_of_another_encoding_are_refused_from_a_pipe_too() {
    let helpline = nowhere().await;
    let mut command = tokio::process::Command::new(program(HAMSA));
    command.args(["seek", &helpline.address, "--plain", "--lang", "en"]);
    let face = Process::start("plain", command);
    let says = async |words: &'static str| {
        let found = |line: &hamsa_tests::cast::Line| line.text.contains(words).then_some(());
        face.find(words, 0, PATIENCE, found).await;
    };
    face.feed(b"1\n1\n").await;
    says("To write, type >").await;
    face.feed(&[b"> ", LATIN_1, b"\n"].concat()).await;
    says("That line is not UTF-8").await;
    // The page is where it was: nothing of the line was taken.
    face.say("> salam").await;
    says("waiting room").await;
    face.say("x").await;
    assert!(face.exit(PATIENCE).await.success());
}

#[tokio::test]
async fn a_weak_notebook_passphrase_is_refused_and_one_is_offered() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("n");
    let tmux = Tmux::open(160, 20).await;
    let hamsa = program(HAMSA).display();
    let new = format!("{hamsa} notebook new --lang en --yes-it-is-safe-here --file");
    enters(&tmux, &format!("{new} {}", file.display())).await;
    tmux.sees("Passphrase:").await;
    tmux.types("12345678").await;
    tmux.press(&["Enter"]).await;
    let screen = tmux.sees("type them: ").await;
    assert!(screen.contains("too weak: many people use it"), "{screen}");
    let offered = screen.split_once("type them: ").unwrap().1;
    let offered = offered.lines().next().unwrap().trim().to_owned();
    assert_eq!(offered.split(' ').count(), 6, "{screen}");
    tmux.types(&offered).await;
    tmux.press(&["Enter"]).await;
    tmux.sees("Once more:").await;
    tmux.types(&offered).await;
    tmux.press(&["Enter"]).await;
    tmux.sees("The notebook is made").await;
    assert!(!tmux.everything().await.contains("12345678"));
    assert!(file.exists());
}
