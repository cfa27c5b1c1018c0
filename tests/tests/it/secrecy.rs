//! What is said is nowhere but with the two who said it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hamsa_node::{TraceEvent, run::start};
use hamsa_protocol::wire::UNIT;
use hamsa_tests::{
    cast::{Face, HAMSA, Helpline, PROMPT, Plan, Search, Tmux, files_under, program},
    proxy::Recorded,
};
use serde_json::json;
use tokio::{process::Command, sync::mpsc};

use crate::{talk::exchange, together::skip};

/// Words that stand nowhere else on earth.
const INTAKE: &str = "nacre-1f83 بغيت نهضر على واحد الحاجة";
const FROM_SEEKER: &str = "cobalt-77a1 كيهددني بتصاوري";
const FROM_COUNSELOR: &str = "saffron-90be نتي ماشي بوحدك";
/// Parts of them in each script, so that an escaped or a cut copy is found, too.
const MARKERS: [&str; 6] = [
    "nacre-1f83",
    "بغيت نهضر على واحد",
    "cobalt-77a1",
    "كيهددني بتصاوري",
    "saffron-90be",
    "نتي ماشي بوحدك",
];

/// R25 asks for so many.
const PLAINTEXTS: usize = 1_000;

fn said(id: &str, text: &str) -> [(String, String); 1] {
    [(id.to_owned(), text.to_owned())]
}

#[tokio::test]
async fn words_are_not_on_the_disk_in_logs_in_memory_or_on_the_wire() {
    let helpline = Helpline::found(Plan {
        proxied: true,
        ..Plan::default()
    })
    .await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let seeker = helpline.seeker("seeker");
    seeker.ask(INTAKE).await;
    let chat = counselor.take().await;
    assert_eq!(chat["text"], INTAKE);
    seeker.answered().await;
    let (there, back) = (said("s", FROM_SEEKER), said("c", FROM_COUNSELOR));
    exchange((&counselor, &seeker, &chat), &there, &back).await;
    assert_eq!(counselor.face.messages(), there);
    assert_eq!(seeker.face.messages(), back);
    // R25: a thousand known plaintexts, each with one of the markers in it.
    let many = |side: &str, text: &str| -> Vec<(String, String)> {
        (0..PLAINTEXTS / 2)
            .map(|number| (format!("{side}-{number}"), format!("{number} {text} {number}")))
            .collect()
    };
    // Not all at once: a chat keeps 256 that wait, and says so when there are more.
    let (from_seeker, from_counselor) = (many("s", FROM_SEEKER), many("c", FROM_COUNSELOR));
    for (some, others) in from_seeker.chunks(100).zip(from_counselor.chunks(100)) {
        exchange((&counselor, &seeker, &chat), some, others).await;
    }
    assert_eq!(
        counselor.face.messages().len() + seeker.face.messages().len(),
        PLAINTEXTS + 2
    );

    let words = Search::new(&MARKERS);
    // Each place is also searched for something that must be there: a search that finds nothing ever shows nothing.
    let peers: Vec<&str> = helpline.nodes().map(|node| node.peer.as_str()).collect();
    let names = Search::new(&peers);

    for node in helpline.nodes() {
        let pid = node.process().pid();
        match (words.in_process(pid), names.in_process(pid)) {
            (Ok((hits, read)), Ok((control, _))) => {
                assert!(
                    control > 0,
                    "{}: not even a peer's name in {read} bytes of memory",
                    node.name
                );
                assert_eq!(hits, 0, "{}: words in its memory", node.name);
            }
            (Err(error), _) | (_, Err(error)) => {
                skip(&format!(
                    "the memory of {} cannot be read here: {error}",
                    node.name
                ));
            }
        }
    }

    for proxy in helpline.ways.all() {
        let agreed = Search::new(&["/multistream/1.0.0"]);
        for Recorded {
            to_node, to_caller, ..
        } in proxy.recorded()
        {
            assert!(
                agreed.hits(&to_node) > 0,
                "the recording is not of a libp2p connection"
            );
            assert_eq!(
                words.hits(&to_node) + words.hits(&to_caller),
                0,
                "words on the wire"
            );
        }
    }
    assert!(!helpline.ways.seeker[0].recorded().is_empty() && !helpline.ways.desk[0].recorded().is_empty());

    seeker.face.exit().await;
    counselor.face.exit().await;
    for node in helpline.nodes() {
        let (status, _) = node.stop().await;
        assert!(status.success());
        let log = node.log();
        assert!(
            log.contains("stopping"),
            "{}: nothing is logged at all:\n{log}",
            node.name
        );
        assert_eq!(words.hits(log.as_bytes()), 0, "{}: words in its log", node.name);
    }
    let everything = helpline.path("");
    let node_files = names.in_files(&everything);
    assert!(
        node_files.iter().any(|path| path.ends_with("node.toml")),
        "{node_files:?}"
    );
    assert_eq!(
        words.in_files(&everything),
        [] as [PathBuf; 0],
        "words on the disk"
    );
}

/// System calls that make or change a file, or open one.
const CALLS: &str = "trace=open,openat,openat2,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,\
                     mkdir,mkdirat,mknod,mknodat,truncate,ftruncate,memfd_create,unlink,unlinkat";

/// `strace` before a command, or nothing when it is not there or not allowed.
fn traced(trace: &Path, program: &Path) -> Option<Command> {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", CALLS, "-o"]).arg(trace);
    let mut probe = std::process::Command::new("strace");
    let works = probe.args(["-qq", "-e", "trace=none", "true"]).output();
    if !works.is_ok_and(|output| output.status.success()) {
        skip("strace is not there, or not allowed to trace");
        return None;
    }
    command.arg(program);
    Some(command)
}

/// Lines of a trace that write, other than to a device or a process's own pipes.
fn writing(trace: &Path) -> Vec<String> {
    let text = fs::read_to_string(trace).unwrap();
    assert!(text.contains("open"), "the trace shows nothing at all");
    let writes = |line: &&str| {
        let call = line.split_whitespace().nth(1).unwrap_or_default();
        if call.starts_with('+') || call.starts_with('-') || call.starts_with("<...") {
            return false;
        }
        if !call.starts_with("open") {
            return true;
        }
        let device = line.contains("\"/dev/null\"") || line.contains("\"/dev/tty\"");
        let flags = [
            "O_WRONLY",
            "O_RDWR",
            "O_CREAT",
            "O_TRUNC",
            "O_APPEND",
            "O_TMPFILE",
        ];
        !device && flags.iter().any(|flag| line.contains(flag))
    };
    text.lines().filter(writes).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_seeker_opens_no_file_for_writing() {
    let helpline = Helpline::found(Plan::default()).await;
    let home = helpline.path("empty-home");
    fs::create_dir(&home).unwrap();
    let trace = helpline.path("trace");
    let Some(mut command) = traced(&trace, program(HAMSA)) else {
        return;
    };
    command
        .args(["seek", &helpline.address, "--json"])
        .current_dir(&home)
        .env_clear()
        .envs([("HOME", &home), ("TMPDIR", &home), ("XDG_CONFIG_HOME", &home)])
        .env("SSLKEYLOGFILE", home.join("keys"));

    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    let seeker = hamsa_tests::cast::Seeker::by("traced seeker", command);
    seeker.ask(INTAKE).await;
    let chat = counselor.take().await;
    seeker.answered().await;
    exchange(
        (&counselor, &seeker, &chat),
        &said("s", FROM_SEEKER),
        &said("c", FROM_COUNSELOR),
    )
    .await;
    seeker.face.send(json!({"cmd": "end"})).await;
    seeker.face.event("ended").await;
    seeker.face.exit().await;

    assert_eq!(writing(&trace), [] as [String; 0]);
    assert_eq!(files_under(&home), [] as [PathBuf; 0]);

    // The same eyes see a program that does write.
    let (trace, vault, request) = (helpline.path("trace-2"), helpline.path("v"), helpline.path("r"));
    let mut command = traced(&trace, program(HAMSA)).unwrap();
    command
        .args(["counsel", "request", "--vault"])
        .arg(&vault)
        .arg("--out")
        .arg(&request);
    command.arg("--passphrase-file").arg(helpline.passphrase());
    let process = Face::start("traced request", command);
    assert!(
        process
            .process()
            .exit(hamsa_tests::cast::PATIENCE)
            .await
            .success()
    );
    let name = request.to_str().unwrap();
    assert!(
        writing(&trace).iter().any(|line| line.contains(name)),
        "{:?}",
        writing(&trace)
    );
}

/// Starts a seeker's screen under `strace`, in a home that is empty.
async fn traced_screen(tmux: &Tmux, trace: &Path, home: &Path, address: &str) {
    let (trace, home, hamsa) = (trace.display(), home.display(), program(HAMSA).display());
    let world = format!(
        "env -i TERM=screen LANG=C.UTF-8 HOME={home} TMPDIR={home} XDG_CONFIG_HOME={home} SSLKEYLOGFILE={home}/keys"
    );
    let strace = format!("strace -f -qq -e {CALLS} -o {trace}");
    tmux.types(&format!(
        "clear; cd {home}; {strace} {world} {hamsa} seek {address} --lang en"
    ))
    .await;
    tmux.press(&["Enter"]).await;
    tmux.sees("connected").await;
}

/// The words of the phrase that is on the screen.
fn phrase_on(screen: &str) -> String {
    let word = |number: usize| {
        let mark = format!("{number}  ");
        let rest = screen.split_once(&mark).expect("eight numbered words").1;
        rest.split_whitespace().next().unwrap().to_owned()
    };
    (1..=8).map(word).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_seekers_screen_opens_no_file_for_writing_in_two_visits() {
    let helpline = Helpline::found(Plan::default()).await;
    let home = helpline.path("empty-home");
    fs::create_dir(&home).unwrap();
    if traced(&helpline.path("probe"), program(HAMSA)).is_none() {
        return;
    }
    let (first, second) = (helpline.path("trace-1"), helpline.path("trace-2"));
    let tmux = Tmux::open(80, 24).await;
    traced_screen(&tmux, &first, &home, &helpline.address).await;
    tmux.sees("Nobody is on duty").await;
    tmux.after_the_pause().await;
    tmux.press(&["Enter"]).await;
    tmux.sees("Are you in danger now?").await;
    tmux.press(&["Enter"]).await;
    tmux.sees("What would you like to say first?").await;
    tmux.types("nacre").await;
    tmux.press(&["Enter"]).await;
    // Nobody is on duty yet: only then is a phrase offered.
    let alone = |screen: &str| screen.contains("Nobody is on duty") && !screen.contains("to say first?");
    tmux.until("closed hours", alone).await;
    tmux.after_the_pause().await;
    tmux.press(&["C-k"]).await;
    tmux.sees("A phrase to come back with").await;
    tmux.press(&["4"]).await;
    tmux.sees("Create my return phrase").await;
    tmux.press(&["1"]).await;
    let phrase = phrase_on(&tmux.sees("let me type them once").await);
    tmux.after_the_pause().await;
    tmux.press(&["1"]).await;
    tmux.sees("Type the eight words once").await;
    tmux.types(&phrase).await;
    tmux.press(&["Enter"]).await;
    tmux.sees("You can come back with these words").await;
    tmux.press(&["Enter"]).await;
    tmux.until("closed hours", alone).await;
    let counselor = helpline.counselor(0);
    counselor.on_duty().await;
    tmux.sees("You are next").await;
    let chat = counselor.take().await;
    tmux.sees("verified counselor").await;
    counselor.say(&chat, "c1", FROM_COUNSELOR).await;
    tmux.sees("saffron-90be").await;
    tmux.after_the_pause().await;
    tmux.types(FROM_SEEKER).await;
    tmux.press(&["Enter"]).await;
    counselor.face.event("message").await;
    tmux.press(&["C-k"]).await;
    // The menu: its name stands in the talk too.
    tmux.sees("A notebook of what happened").await;
    tmux.press(&["End", "Enter"]).await;
    tmux.sees("End the chat?").await;
    tmux.press(&["2"]).await;
    tmux.sees("Thank you for your trust").await;
    counselor.face.event("ended").await;
    tmux.press(&["1"]).await;
    tmux.until("a prompt", |screen| screen.trim_end().ends_with(PROMPT))
        .await;

    traced_screen(&tmux, &second, &home, &helpline.address).await;
    tmux.press(&["5"]).await;
    tmux.sees("Type the eight words of your phrase").await;
    tmux.types(&phrase).await;
    tmux.press(&["Enter"]).await;
    tmux.sees("There is no answer yet").await;
    tmux.press(&["C-x"]).await;
    tmux.until("a prompt", |screen| screen.trim_end().ends_with(PROMPT))
        .await;

    for trace in [first, second] {
        assert_eq!(writing(&trace), [] as [String; 0]);
    }
    assert_eq!(files_under(&home), [] as [PathBuf; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_entry_sees_records_of_one_size_and_no_kind() {
    // The nodes run in this process, because only then can we look through their eyes.
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let (seen, mut sights) = mpsc::channel(65_536);
    let (home_seen, mut home_sights) = mpsc::channel(65_536);
    let home = start(&helpline.homes[0].dir, Some(home_seen)).await.unwrap();
    let entry = start(&helpline.entries[0].dir, Some(seen)).await.unwrap();

    let (counselor, seeker, chat) = helpline.chat().await;
    let (there, back) = (crate::talk::messages("s", 30), crate::talk::messages("c", 30));
    exchange((&counselor, &seeker, &chat), &there, &back).await;
    seeker.face.exit().await;
    counselor.face.exit().await;
    entry.shutdown().await;
    home.shutdown().await;

    let mut sums = [0_usize; 2];
    while let Some(sight) = sights.recv().await {
        let TraceEvent {
            home,
            link: _,
            inbound,
            bytes,
            kind,
            token,
            index,
        } = sight;
        assert!(!home);
        assert_eq!(
            (kind, token, index),
            ("", [0; 4], 0),
            "an entry knows only streams and sizes"
        );
        // A piece is what one read gave: records that came together, sometimes with a part of the next.
        sums[usize::from(inbound)] += bytes;
    }
    for sum in sums {
        assert_eq!(sum % UNIT, 0, "{sum} bytes are not a number of records of {UNIT}");
        assert!(
            sum / UNIT > 60,
            "only {} records of 60 messages were seen",
            sum / UNIT
        );
    }
    let mut kinds = std::collections::BTreeSet::new();
    while let Some(sight) = home_sights.recv().await {
        assert!(sight.home);
        assert_eq!(sight.bytes, UNIT);
        kinds.insert(sight.kind);
    }
    assert!(kinds.len() > 10, "the home does see kinds: {kinds:?}");
}
