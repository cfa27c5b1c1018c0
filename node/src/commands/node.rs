//! The commands of one node: run it, ask it, change what lies in its directory.

use std::{path::Path, process::ExitCode, time::Duration};

use anyhow::{Context, bail};
use hamsa_net::peer_text;
use hamsa_protocol::{
    objects::{HelplineAddress, LEND_LIFE_MAX, LendError, LendFile},
    time::Unix,
};
use serde::Serialize;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    clock::{Date, today},
    config::NodeRole,
    control::{AskError, EntryState, NodeStatus, Request, ask},
    directory::NodeDirectory,
    files::{self, FileBefore},
    output::{say, warn},
    publication::Publication,
};

/// A stop takes no longer than this.
const STOP: Duration = Duration::from_secs(5);

pub(super) async fn run(dir: &Path) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("could not watch for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("could not watch for SIGINT")?;
    // A terminal that closes must not end a helpline.
    let mut hangup = signal(SignalKind::hangup()).context("could not watch for SIGHUP")?;
    let node = crate::run::start(dir, None).await?;
    say_ready(&node.ready);
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => match node.reload().await {
                Ok(()) => tracing::info!("SIGHUP: delegation and publication were read again; node.toml counts at the next start"),
                Err(error) => tracing::error!("SIGHUP: {error}; the node goes on with what it had"),
            },
            part = node.ended() => {
                bail!("the node stops, because its {part} ended by a fault of the program: start it again and report the log");
            }
        }
    }
    tracing::info!("stopping: clients are told");
    // A second signal or the time limit ends it at once: live state is in memory only.
    tokio::select! {
        _ = tokio::time::timeout(STOP, node.shutdown()) => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Prints the addresses, in a thread that the end of the program does not wait for. A node serves its clients and heeds
/// signals even if its output is not read: a terminal that is paused takes no line for ever.
fn say_ready(addresses: &[String]) {
    let lines: Vec<String> = addresses
        .iter()
        .map(|address| format!("ready {address}"))
        .collect();
    std::thread::spawn(move || {
        for line in lines {
            if let Err(error) = say(&line) {
                tracing::warn!("{error:#}");
            }
        }
    });
}

/// A status in JSON. Of a node that does not answer there are only `state` and `error`.
#[derive(Serialize)]
struct Running<'a> {
    state: &'static str,
    #[serde(flatten)]
    status: &'a NodeStatus,
}

pub(super) async fn status(dir: &Path, json: bool, ready: bool) -> anyhow::Result<ExitCode> {
    NodeDirectory::open(dir)?;
    let status = match ask(dir, &Request::Status).await {
        Ok(status) => status,
        Err(error) => {
            if json {
                say(&json!({"state": error.state(), "error": error.to_string()}).to_string())?;
            }
            if ready {
                return Ok(ExitCode::FAILURE);
            }
            bail!(error);
        }
    };
    if json {
        say(&serde_json::to_string(&Running {
            state: "running",
            status: &status,
        })?)?;
    } else if !ready {
        for line in lines(&status) {
            say(&line)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A status for people.
fn lines(status: &NodeStatus) -> Vec<String> {
    let mut lines = vec![format!("peer     {}", status.peer)];
    lines.extend(status.listen.iter().map(|listen| format!("listen   {listen}")));
    lines.push(format!("roles    {}", status.roles.join(", ")));
    for partner in &status.partners {
        let state = if partner.connected {
            "connected"
        } else {
            "not connected"
        };
        lines.push(format!("partner  {} {state}", partner.peer));
    }
    lines.push(format!("roster   {}", status.roster_version));
    lines.extend(status.entries.iter().map(entry_line));
    lines.push(format!(
        "now      {} links, {} duties, {} tickets, {} channels",
        status.links, status.duties, status.tickets, status.channels
    ));
    let mail = &status.mail;
    let full = if mail.full {
        "; nothing more is taken: see the log"
    } else {
        ""
    };
    lines.push(format!(
        "mail     {} items of {} days, {} of {} KiB{full}",
        mail.items,
        mail.days.len(),
        mail.bytes / 1_024,
        mail.limit / 1_024,
    ));
    lines.extend(status.survey.iter().map(|row| format!("survey   {row}")));
    lines.extend(status.clock.iter().map(|clock| format!("clock    {clock}")));
    let damaged = mail.damaged.iter();
    lines.extend(damaged.map(|folder| format!("damaged  mail/{folder} was put aside: see the log")));
    lines.push(format!(
        "so far   {} stored, {} expired, {} refused",
        status.stored, status.expired, status.refused
    ));
    lines
}

/// An entry of another association, and what its operator has to do if it does not count as one.
fn entry_line(entry: &EntryState) -> String {
    let EntryState {
        peer, association, ..
    } = entry;
    let consent = match entry.consent_ends.map(Unix) {
        Some(until) if entry.consents => format!("consents until {}", Date(until)),
        Some(until) => format!(
            "the consent expired at {}: people are told that their path is not split. Ask {association} to run its node, or for a new one (`hamsa-node lend`)",
            Date(until)
        ),
        None => format!(
            "no consent: people are told that their path is not split. Ask {association} to add this home as partner, or for a consent (`hamsa-node lend`)"
        ),
    };
    format!("entry    {peer} of {association}: {consent}")
}

/// Reports how a running node took what is `done` in its directory. A node that does not run or does not answer takes it
/// at its next start.
fn told(answer: Result<NodeStatus, AskError>, done: &str) -> anyhow::Result<()> {
    match answer {
        Ok(status) => match status.error {
            Some(error) => bail!("{error}"),
            None => Ok(()),
        },
        Err(error) => {
            if let Err(error) = error.unless_not_running() {
                warn(&format!(
                    "hamsa-node: {done} and counts at the next start; {error}"
                ));
            }
            Ok(())
        }
    }
}

pub(super) async fn add_partner(dir: &Path, address: &str, association: Option<&str>) -> anyhow::Result<()> {
    let partner = NodeDirectory::open(dir)?.add_partner(address, association)?;
    let running = ask(
        dir,
        &Request::Partner {
            address: partner.to_string(),
        },
    )
    .await;
    told(running, "it was written into node.toml")?;
    say(&format!("partner {}", peer_text(&partner.peer)))
}

pub(super) fn lend(dir: &Path, to: &str, name: Option<&str>, out: &Path) -> anyhow::Result<()> {
    let directory = NodeDirectory::open(dir)?;
    let address = if HelplineAddress::is_meant_by(to) {
        to.parse()?
    } else {
        let text = files::read_given_text(Path::new(to))?;
        text.parse::<HelplineAddress>().with_context(|| to.to_owned())?
    };
    if !directory.config()?.roles.contains(&NodeRole::Entry) {
        bail!("this node is no entry: give it the role \"entry\" in node.toml");
    }
    if directory
        .delegation()?
        .is_some_and(|(root, _)| root == address.root)
    {
        bail!(LendError::OwnNode);
    }
    let name = name
        .map(|name| hamsa_protocol::text::name(name).parse())
        .transpose()?;
    let (announced, local) = directory.announced()?;
    let entry = announced.into_iter().next().context("the node has no address")?;
    if local {
        warn("the address in it is only good on this machine; set `announce` in the node's node.toml");
    }
    let helpline = address.root.helpline();
    // An earlier consent of this node for this helpline.
    let earlier = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).ok();
        let file = text.and_then(|text| text.parse::<LendFile>().ok());
        file.is_some_and(|file| file.lend.helpline == helpline && file.lend.entry == entry.peer)
    };
    files::check_out(out, earlier)?;
    let file = LendFile {
        address: entry.address,
        lend: directory.lend(helpline, name, today(), LEND_LIFE_MAX)?,
    };
    files::write_out(out, file.to_string().as_bytes(), 0o644, earlier)?;
    say(&format!("lent {}", peer_text(&entry.peer)))
}

pub(super) async fn install(dir: &Path, file: &Path) -> anyhow::Result<()> {
    let publication =
        Publication::decode(&files::read(file)?).with_context(|| format!("{}", file.display()))?;
    let directory = NodeDirectory::open(dir)?;
    if let Some((root, _)) = directory.delegation()?
        && root != publication.root
    {
        bail!(
            "{} is of another association than the one this node is a home of",
            file.display()
        );
    }
    let own = directory.identity()?.peer();
    let named = publication.delegations.iter().any(|home| home.home_peer == own);
    if !named && directory.delegation()?.is_none() {
        bail!(
            "{} is of an association that this node is no home of: nothing was installed. It names this node when `hamsa-node association add-home` was run with this node's directory, and the association has published since",
            file.display()
        );
    }
    let before = FileBefore::of(&directory.file("publication"))?;
    directory.write_publication(&publication, today())?;
    let taken = told(
        ask(dir, &Request::Reload).await,
        "it lies in the node's directory",
    );
    if let Err(refused) = taken {
        directory.take_back(before, &publication)?;
        return Err(refused);
    }
    say(&format!("installed {}", publication.roster.version))
}
