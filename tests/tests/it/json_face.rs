//! docs/json-face.md against the types, both ways, and its visit against the real programs.

mod visit;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::PathBuf,
    time::Duration,
};

use hamsa_client::{
    api::{
        AssociationTexts, CounselorCommand, CounselorEvent, CounselorState, ErrorReport, LinkState,
        MessageState, PuzzleState, RosterEvidence, SeekerCommand, SeekerEvent, SurveyState,
    },
    names::{self, ErrorCode},
    vault::VaultError,
};
use hamsa_net::DialError;
use hamsa_node::{
    control::{AskError, EntryState, NodeStatus, PartnerState, SurveyRow},
    store::{DayNumbers, Overview},
};
use hamsa_protocol::{
    counselor::{ChatOver, OffReason},
    crypto::puzzle::{SEED_LEN, Seed, Step},
    limits::QUEUE_MAX,
    objects::{FileError, ObjectError},
    session::{
        chat::{EndReason, EndedBy, FIRST_WORDS_MAX, MESSAGE_ID_MAX, MESSAGE_MAX},
        mail::{MAIL_TEXT_MAX, REPLY_TEXT_MAX},
    },
    wire::{Prices, Refusal},
};
use hamsa_tests::{
    args,
    cast::{Face, Helpline, PATIENCE, Plan, Seeker},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

const PAGE: &str = include_str!("../../../docs/json-face.md");
/// Counts messages for `shown`, which the face says itself: no program needs it, and no line has to have it.
const FACES_OWN: &str = "number";

/// One value of each variant, with the variant's name. A variant that is missing does not compile.
macro_rules! every {
    ($type:ident: $($variant:ident => $value:expr,)*) => {{
        let _ = |value: &$type| match value {
            $($type::$variant { .. } => {})*
        };
        vec![$((stringify!($variant), $value),)*]
    }};
}

/// As [`every`], for variants without fields.
macro_rules! plain {
    ($type:ident: $($variant:ident,)*) => {
        every!($type: $($variant => $type::$variant,)*).into_iter().map(|(_, value)| value)
    };
}

/// What the page or a type says of one command or event: its fields with their types.
type Fields = BTreeMap<String, String>;

// ── the page ──

/// Everything below a heading, up to the next one.
fn section(heading: &str) -> &'static str {
    let (_, rest) = PAGE
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("the page has no heading {heading}"));
    rest.split("\n#").next().unwrap()
}

/// The rows of the table below a heading that has these columns, without code marks.
fn table<const N: usize>(heading: &str, head: [&str; N]) -> Vec<[String; N]> {
    let first = format!("| {} |", head.join(" | "));
    let lines = section(heading).lines().skip_while(|line| *line != first);
    let rows: Vec<_> = lines.take_while(|line| line.starts_with('|')).skip(2).collect();
    assert!(!rows.is_empty(), "no table {first} below {heading}");
    let cells = |row: &&str| {
        let row = row.strip_prefix('|').unwrap().strip_suffix('|').unwrap();
        let cells: Vec<String> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
        cells.try_into().unwrap_or_else(|_| panic!("{N} cells in {row}"))
    };
    rows.iter().map(cells).collect()
}

fn bare(cell: &str) -> String {
    cell.trim_matches('`').to_owned()
}

/// Commands or events of a section. Each field's type is what stands before a colon.
fn members(heading: &str, what: &str) -> BTreeMap<String, Fields> {
    let mut members: BTreeMap<String, Fields> = BTreeMap::new();
    let mut current = String::new();
    for [name, field, kind, meaning] in table(heading, [what, "Field", "Type", "Meaning"]) {
        assert!(!meaning.is_empty(), "{heading}: {name}{field} means nothing");
        if name.is_empty() {
            let fields = members.get_mut(&current).unwrap();
            assert_eq!(
                fields.insert(bare(&field), kind),
                None,
                "{current}: {field} twice"
            );
        } else {
            current = bare(&name);
            assert_eq!(
                members.insert(current.clone(), Fields::new()),
                None,
                "{current} twice"
            );
        }
    }
    members
}

/// The first column of a table of values; each once.
fn values<const N: usize>(heading: &str, head: [&str; N]) -> BTreeSet<String> {
    let rows = table(heading, head);
    let values: BTreeSet<String> = rows.iter().map(|row| bare(&row[0])).collect();
    assert_eq!(values.len(), rows.len(), "{heading}: a value stands twice");
    values
}

// ── the types ──

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Every field at its path, with the kind of its value.
fn flatten(prefix: &str, value: &Value, into: &mut BTreeMap<String, &'static str>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{prefix}{name}");
                flatten(&format!("{path}."), value, into);
                into.insert(path, kind(value));
            }
        }
        Value::Array(items) => {
            let prefix = format!("{}[].", prefix.trim_end_matches('.'));
            for item in items {
                flatten(&prefix, item, into);
            }
        }
        _ => {}
    }
}

/// The fields that samples of one thing show: a type, two where one of them is null, and whether one may be missing.
fn shape(samples: &[Value]) -> Fields {
    let flat = samples.iter().map(|sample| {
        let mut flat = BTreeMap::new();
        flatten("", sample, &mut flat);
        flat
    });
    let flat: Vec<_> = flat.collect();
    let paths: BTreeSet<&String> = flat.iter().flat_map(BTreeMap::keys).collect();
    let one = |path: &String| {
        let kinds: BTreeSet<&str> = flat.iter().filter_map(|flat| flat.get(path).copied()).collect();
        let mut kinds: Vec<&str> = kinds.into_iter().collect();
        kinds.sort_by_key(|kind| *kind == "null");
        let missing = if flat.iter().all(|flat| flat.contains_key(path)) {
            ""
        } else {
            ", may be missing"
        };
        (path.clone(), kinds.join(" or ") + missing)
    };
    paths.into_iter().map(one).collect()
}

/// Samples by their name. A variant that no line can carry has none.
fn samples<T: Serialize>(tag: &str, all: Vec<(&'static str, T)>) -> BTreeMap<String, Vec<Value>> {
    let mut samples: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (variant, value) in all {
        let of = samples.entry(snake(variant)).or_default();
        let Ok(Value::Object(mut fields)) = serde_json::to_value(value) else {
            continue;
        };
        assert_eq!(
            fields.remove(tag),
            Some(snake(variant).into()),
            "a sample of another variant"
        );
        fields.remove(FACES_OWN);
        of.push(fields.into());
    }
    samples
}

/// That the page says of each command or event what its type says, and of no other.
fn agree(
    heading: &str,
    what: &str,
    samples: &BTreeMap<String, Vec<Value>>,
    shape: impl Fn(&str, &[Value]) -> Fields,
) {
    let mut page = members(heading, what);
    let names = |map: Vec<&String>| map.into_iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(
        names(page.keys().collect()),
        names(samples.keys().collect()),
        "{heading}"
    );
    for (name, samples) in samples {
        let page = page.get_mut(name).unwrap();
        page.remove(FACES_OWN);
        if !samples.is_empty() {
            assert_eq!(*page, shape(name, samples), "{heading}: {name}");
        }
    }
}

/// The fields of a command: those that may be left out, with what counts then, are tried.
fn command_shape<T: Serialize + DeserializeOwned>(name: &str, samples: &[Value]) -> Fields {
    let mut shape = shape(samples);
    let Some(Value::Object(whole)) = samples.first() else {
        return shape;
    };
    for (field, kind) in &mut shape {
        let mut part = whole.clone();
        part.remove(field);
        part.insert("cmd".to_owned(), name.into());
        if let Ok(read) = serde_json::from_value::<T>(part.into()) {
            let counts = match &serde_json::to_value(read).unwrap()[field] {
                Value::String(text) if text.is_empty() => "empty".to_owned(),
                other => format!("`{other}`"),
            };
            kind.push_str(&format!(", may be left out: {counts}"));
        }
    }
    shape
}

fn seeker_commands() -> Vec<(&'static str, SeekerCommand)> {
    every! { SeekerCommand:
        Start => SeekerCommand::Start { language: "fr".into(), urgent: true, text: "a".into() },
        Say => SeekerCommand::Say { id: "i".into(), text: "a".into() },
        Pace => SeekerCommand::Pace { pause: true, no_details: true },
        Resend => SeekerCommand::Resend,
        Keep => SeekerCommand::Keep,
        Leave => SeekerCommand::Leave { language: "fr".into(), text: "a".into() },
        Return => SeekerCommand::Return { words: "a".into() },
        Agree => SeekerCommand::Agree,
        Decline => SeekerCommand::Decline,
        Survey => SeekerCommand::Survey { answers: [Some(true), None, Some(false)] },
        End => SeekerCommand::End,
        Shown => SeekerCommand::Shown { number: 1 },
        Exit => SeekerCommand::Exit,
        QuickExit => SeekerCommand::QuickExit,
    }
}

fn counselor_commands() -> Vec<(&'static str, CounselorCommand)> {
    let chat = || "c".to_owned();
    every! { CounselorCommand:
        OnDuty => CounselorCommand::OnDuty,
        OffDuty => CounselorCommand::OffDuty,
        Break => CounselorCommand::Break,
        TakeNext => CounselorCommand::TakeNext,
        Say => CounselorCommand::Say { chat: chat(), id: "i".into(), text: "a".into() },
        End => CounselorCommand::End { chat: chat() },
        Block => CounselorCommand::Block { chat: chat() },
        Transfer => CounselorCommand::Transfer { chat: chat(), to: "b".into() },
        Reply => CounselorCommand::Reply { mail: "m".into(), id: "i".into(), text: "a".into() },
        Shown => CounselorCommand::Shown { number: 1 },
        ScreenLocked => CounselorCommand::ScreenLocked { locked: true },
        Exit => CounselorCommand::Exit,
    }
}

fn plain_report() -> ErrorReport {
    ErrorReport::new(ErrorCode::Busy, "", "")
}

fn measured() -> ErrorReport {
    ErrorReport {
        limit: Some(1),
        length: Some(2),
        ..plain_report()
    }
}

fn seeker_events() -> Vec<(&'static str, SeekerEvent)> {
    let text = || "a".to_owned();
    let texts = AssociationTexts {
        language: text(),
        hours: text(),
        confidentiality: text(),
        danger: text(),
        legal: text(),
        services: text(),
    };
    let mut events = every! { SeekerEvent:
        Verified => SeekerEvent::Verified { association: text(), fingerprint: text(), texts: vec![texts] },
        Closed => SeekerEvent::Closed { until: Some(text()), opens: Some(text()) },
        Open => SeekerEvent::Open,
        Sealed => SeekerEvent::Sealed { possible: true },
        Path => SeekerEvent::Path { entry: text(), home: text(), split: true },
        Waiting => SeekerEvent::Waiting { ahead: Some(1) },
        Answered => SeekerEvent::Answered { association: text(), pseudonym: text() },
        Counselor => SeekerEvent::Counselor { state: CounselorState::Here },
        Message => SeekerEvent::Message { number: 1, id: text(), text: "a".into() },
        State => SeekerEvent::State { id: text(), state: MessageState::AtNode },
        Link => SeekerEvent::Link { state: LinkState::Connected },
        Phrase => SeekerEvent::Phrase { words: "a".into() },
        Mail => SeekerEvent::Mail { mail: text(), text: "a".into(), date: text() },
        TransferAsked => SeekerEvent::TransferAsked { to: text() },
        TransferGone => SeekerEvent::TransferGone,
        Reopened => SeekerEvent::Reopened,
        Ended => SeekerEvent::Ended { by: EndedBy::You, reason: EndReason::Finished },
        Puzzle => SeekerEvent::Puzzle { state: PuzzleState::Solving },
        Survey => SeekerEvent::Survey { state: SurveyState::Counted },
        SplitView => SeekerEvent::SplitView { version: 1, rosters: rosters(true) },
        Error => SeekerEvent::Error(measured()),
    };
    events.extend([
        (
            "Closed",
            SeekerEvent::Closed {
                until: None,
                opens: None,
            },
        ),
        ("Waiting", SeekerEvent::Waiting { ahead: None }),
        (
            "SplitView",
            SeekerEvent::SplitView {
                version: 1,
                rosters: rosters(false),
            },
        ),
        ("Error", SeekerEvent::Error(plain_report())),
    ]);
    events
}

/// Both rosters of a split view, or one and the hash of the other.
fn rosters(both: bool) -> [RosterEvidence; 2] {
    [true, both].map(|there| RosterEvidence {
        hash: "a".to_owned(),
        signed: there.then(|| "a".to_owned()),
    })
}

fn counselor_events() -> Vec<(&'static str, CounselorEvent)> {
    let text = || "a".to_owned();
    let unlocked = |association| CounselorEvent::Unlocked {
        pseudonym: text(),
        association,
        certificate_ends: 1,
    };
    let chat = CounselorEvent::Chat {
        chat: text(),
        language: text(),
        urgent: true,
        text: "a".into(),
        number: None,
        returning: true,
    };
    let message = CounselorEvent::Message {
        number: 1,
        chat: text(),
        id: text(),
        text: "a".into(),
    };
    let state = CounselorEvent::State {
        chat: text(),
        id: text(),
        state: MessageState::AtNode,
    };
    let mut events = every! { CounselorEvent:
        Unlocked => unlocked(None),
        OnDuty => CounselorEvent::OnDuty,
        OffDuty => CounselorEvent::OffDuty { reason: OffReason::Asked },
        Desk => CounselorEvent::Desk { waiting: 1, urgent: 1 },
        Chat => chat,
        Message => message,
        Pace => CounselorEvent::Pace { chat: text(), pause: true, no_details: true },
        State => state,
        Mail => CounselorEvent::Mail { mail: text(), text: "a".into(), returning: true },
        MailAnswered => CounselorEvent::MailAnswered { mail: text() },
        Link => CounselorEvent::Link { state: LinkState::Connected },
        Ended => CounselorEvent::Ended { chat: text(), by: EndedBy::You, reason: ChatOver::Gone },
        SplitView => CounselorEvent::SplitView { chat: None, version: 1, rosters: rosters(true) },
        Error => CounselorEvent::Error(ErrorReport {
            chat: Some(String::new()),
            ..measured()
        }),
    };
    events.extend([
        ("Unlocked", unlocked(Some(text()))),
        (
            "SplitView",
            CounselorEvent::SplitView {
                chat: Some(text()),
                version: 1,
                rosters: rosters(false),
            },
        ),
        ("Error", CounselorEvent::Error(plain_report())),
    ]);
    events
}

const SEEKER_COMMANDS: (&str, &str) = ("## Seeker: commands", "Command");
const SEEKER_EVENTS: (&str, &str) = ("## Seeker: events", "Event");
const COUNSELOR_COMMANDS: (&str, &str) = ("## Counselor: commands", "Command");
const COUNSELOR_EVENTS: (&str, &str) = ("## Counselor: events", "Event");

#[test]
fn every_command_and_event_stands_in_the_page_with_its_fields() {
    let of_event = |_: &str, samples: &[Value]| shape(samples);
    let (heading, what) = SEEKER_COMMANDS;
    agree(
        heading,
        what,
        &samples("cmd", seeker_commands()),
        command_shape::<SeekerCommand>,
    );
    let (heading, what) = COUNSELOR_COMMANDS;
    agree(
        heading,
        what,
        &samples("cmd", counselor_commands()),
        command_shape::<CounselorCommand>,
    );
    let (heading, what) = SEEKER_EVENTS;
    agree(heading, what, &samples("event", seeker_events()), of_event);
    let (heading, what) = COUNSELOR_EVENTS;
    agree(heading, what, &samples("event", counselor_events()), of_event);
}

fn texts<T: Serialize>(values: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    let text = |value| serde_json::to_value(value).unwrap().as_str().unwrap().to_owned();
    values.into_iter().map(text).collect()
}

fn end_reasons() -> impl Iterator<Item = EndReason> {
    plain!(EndReason: Finished, LeftQuickly, Revoked, Transferred, NoPlace,)
}

fn chat_overs() -> Vec<ChatOver> {
    let others = every! { ChatOver:
        Said => ChatOver::Said(EndReason::Finished),
        Taken => ChatOver::Taken,
        Gone => ChatOver::Gone,
    };
    let others = others.into_iter().map(|(_, over)| over);
    others.chain(end_reasons().map(ChatOver::Said)).collect()
}

fn off_reasons() -> Vec<OffReason> {
    let effort = Prices {
        seed: Seed([0; SEED_LEN]),
        steps: [Step::FREE; 3],
    };
    let refusals = every! { Refusal:
        Login => Refusal::Login,
        NotListed => Refusal::NotListed,
        Revoked => Refusal::Revoked,
        Expired => Refusal::Expired,
        NotYet => Refusal::NotYet,
        Duty => Refusal::Duty,
        NoRoster => Refusal::NoRoster,
        Taken => Refusal::Taken,
        Stale => Refusal::Stale,
        Busy => Refusal::Busy,
        Malformed => Refusal::Malformed,
        Full => Refusal::Full,
        Disk => Refusal::Disk,
        Effort => Refusal::Effort(effort),
    };
    // An effort is asked of strangers, and never of a desk.
    let of_desks = |refusal: &Refusal| !matches!(refusal, Refusal::Effort(_));
    let refusals = refusals.into_iter().map(|(_, refusal)| refusal).filter(of_desks);
    let others = every! { OffReason:
        Asked => OffReason::Asked,
        Break => OffReason::Break,
        Home => OffReason::Home(Refusal::Revoked),
        HomesAlone => OffReason::HomesAlone,
        ShiftOver => OffReason::ShiftOver,
        Elsewhere => OffReason::Elsewhere,
    };
    let others = others.into_iter().map(|(_, reason)| reason);
    others.chain(refusals.map(OffReason::Home)).collect()
}

/// `by` and `reason` as the page has them.
fn ended(heading: &str) -> [BTreeSet<String>; 2] {
    ["`by`", "`reason`"].map(|field| {
        let rows = table(heading, ["Field", "Value", "Meaning"]);
        let rows = rows.iter().filter(|row| row[0] == field);
        rows.map(|row| bare(&row[1])).collect()
    })
}

#[test]
fn every_state_and_reason_stands_in_the_page() {
    let state = |of: &str| values(&format!("### state of {of}"), ["Value", "Meaning"]);
    let known = plain!(MessageState: Written, AtNode, Received, Failed,);
    assert_eq!(state("state"), texts(known));
    assert_eq!(
        state("link"),
        texts(plain!(LinkState: Connected, Reconnecting, Offline,))
    );
    assert_eq!(
        state("counselor"),
        texts(plain!(CounselorState: Here, Locked, Asking,))
    );
    assert_eq!(state("survey"), texts(plain!(SurveyState: Counted, Failed,)));
    assert_eq!(
        state("puzzle"),
        texts(plain!(PuzzleState: Solving, Solved, Dropped,))
    );
    let by = || plain!(EndedBy: You, Peer, Helpline,);
    let seeker = [
        texts(by().map(names::seeker_ended_by)),
        texts(end_reasons().map(names::seeker_ended_reason)),
    ];
    assert_eq!(ended("### by and reason of ended, to the seeker"), seeker);
    let counselor = [
        texts(by().map(names::counselor_ended_by)),
        texts(chat_overs().into_iter().map(names::counselor_ended_reason)),
    ];
    assert_eq!(ended("### by and reason of ended, to the counselor"), counselor);
    let off = texts(off_reasons().into_iter().map(names::off_duty_reason));
    assert_eq!(
        values("### reason of off_duty", ["Value", "Meaning, and what to do"]),
        off
    );
}

fn vault_errors() -> impl Iterator<Item = VaultError> {
    let path = PathBuf::new;
    let all = every! { VaultError:
        Missing => VaultError::Missing { path: path() },
        OlderFormat => VaultError::OlderFormat { path: path(), version: 2 },
        WrongPassphrase => VaultError::WrongPassphrase,
        NoPassphrase => VaultError::NoPassphrase,
        Damaged => VaultError::Damaged { path: path() },
        NotAVault => VaultError::NotAVault { path: path() },
        NewerFormat => VaultError::NewerFormat { path: path(), version: 3 },
        Exists => VaultError::Exists { path: path() },
        InUse => VaultError::InUse { path: path() },
        Replaced => VaultError::Replaced { path: path() },
        NoCertificate => VaultError::NoCertificate,
        NotYours => VaultError::NotYours,
        Expired => VaultError::Expired,
        NotYet => VaultError::NotYet,
        CertificateFile => VaultError::CertificateFile(FileError::Damaged),
        Object => VaultError::Object(ObjectError::Shape("duty")),
        Device => VaultError::Device("no memory"),
        Io => VaultError::Io { action: "read", path: path(), source: io::Error::other("no") },
    };
    all.into_iter().map(|(_, error)| error)
}

fn codes() -> BTreeSet<String> {
    let dial = plain! { DialError:
        BadAddress, NameNotFound, Refused, NoRoute, TimedOut, WrongPeer, LoginPage, Broken, Stopped,
    };
    let own = ErrorCode::ALL.iter().map(|code| code.name());
    let others = dial
        .map(DialError::code)
        .chain(vault_errors().map(|error| error.code().name()));
    own.chain(others).map(str::to_owned).collect()
}

#[test]
fn every_error_code_stands_in_the_page() {
    let page = values("## Codes of error", ["Code", "Face", "When", "What to do next"]);
    assert_eq!(page, codes());
}

#[test]
fn the_limits_of_the_page_are_those_of_the_code() {
    let thousands = |number: usize| format!("{},{:03}", number / 1_000, number % 1_000);
    let rows: Vec<(String, String)> = table("## Lines", ["Limit", "Bytes", "Otherwise"])
        .into_iter()
        .map(|[limit, bytes, _]| (limit, bytes))
        .collect();
    for (limit, bytes) in [
        ("first words (`start`)", thousands(FIRST_WORDS_MAX)),
        ("a message (`say`)", thousands(MESSAGE_MAX)),
        ("a sealed message (`leave`)", thousands(MAIL_TEXT_MAX)),
        ("a reply to it (`reply`)", thousands(REPLY_TEXT_MAX)),
        ("the id of a message", format!("1 to {MESSAGE_ID_MAX}")),
    ] {
        assert!(
            rows.contains(&(limit.to_owned(), bytes.clone())),
            "{limit}: {bytes}"
        );
    }
    assert!(section("## Lines").contains(&format!("At most {QUEUE_MAX} messages wait")));
}

fn status() -> Vec<Value> {
    let row = |yes, no| SurveyRow {
        month: String::new(),
        question: String::new(),
        yes,
        no,
    };
    let entry = |consent_ends| EntryState {
        peer: String::new(),
        association: String::new(),
        consent_ends,
        consents: true,
    };
    let mail = Overview {
        days: vec![DayNumbers::default()],
        ..Overview::default()
    };
    let full = NodeStatus {
        partners: vec![PartnerState {
            peer: String::new(),
            connected: true,
        }],
        entries: vec![entry(Some(7))],
        mail,
        survey: vec![row(Some(12), Some(12))],
        clock: Some(String::new()),
        error: Some(String::new()),
        ..NodeStatus::default()
    };
    let bare = NodeStatus {
        entries: vec![entry(None)],
        survey: vec![row(None, None)],
        clock: None,
        error: None,
        ..full.clone()
    };
    [full, bare]
        .map(|status| serde_json::to_value(status).unwrap())
        .into()
}

#[test]
fn every_field_of_a_nodes_status_stands_in_the_page() {
    let rows = table("## hamsa-node status --json", ["Field", "Type", "Meaning"]);
    let page: Fields = rows.iter().map(|row| (bare(&row[0]), row[1].clone())).collect();
    assert_eq!(page.len(), rows.len());
    assert_eq!(page, shape(&status()));
}

/// Every word of the page that looks like a name is one.
#[test]
fn the_page_names_nothing_that_does_not_exist() {
    let mut known = codes();
    for (heading, what) in [
        SEEKER_COMMANDS,
        SEEKER_EVENTS,
        COUNSELOR_COMMANDS,
        COUNSELOR_EVENTS,
    ] {
        // Compared with the types elsewhere.
        for (name, fields) in members(heading, what) {
            known.insert(name);
            known.extend(fields.into_keys());
        }
    }
    known.extend(shape(&status()).into_keys());
    let silent = [AskError::NotRunning, AskError::NoAnswer];
    known.extend(silent.map(|error| error(String::new()).state().to_owned()));
    known.extend(texts(chat_overs().into_iter().map(names::counselor_ended_reason)));
    known.extend(texts(off_reasons().into_iter().map(names::off_duty_reason)));
    known.extend(texts(plain!(MessageState: Written, AtNode, Received, Failed,)));
    let marked = PAGE.split('`').skip(1).step_by(2);
    let name = |word: &&str| word.contains('_') && word.chars().all(|c| c == '_' || c.is_ascii_lowercase());
    let unknown: Vec<&str> = marked
        .filter(name)
        .filter(|word| !known.contains(*word))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
