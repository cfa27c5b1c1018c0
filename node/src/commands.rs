//! The command line of `hamsa-node`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};
use clap::{Parser, Subcommand, ValueEnum};
use hamsa_net::peer_text;
use hamsa_protocol::objects::{CertificateFile, Role, Serial};
use serde::Serialize;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    association::{self, HomeAnswer},
    clock::today,
    control::{self, AskError, Request},
    directory::Directory,
    files,
    output::{Log, say, warn},
    publication::Publication,
    run,
};

/// A stop takes no longer than this.
const STOP: Duration = Duration::from_secs(5);

/// A node of an association: entry and home of an encrypted helpline.
#[derive(Debug, Parser)]
#[command(name = "hamsa-node", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a node: keys and configuration.
    Init {
        /// Its directory.
        #[arg(long)]
        dir: PathBuf,
        /// Where it listens, e.g. /ip4/0.0.0.0/tcp/4310; may be given several times.
        #[arg(long)]
        listen: Vec<String>,
        /// A name for yourself.
        #[arg(long, default_value = "")]
        name: String,
    },
    /// Print the node's peer id; works offline.
    Id {
        /// Its directory.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Look for what is wrong with a directory.
    Check {
        /// Its directory.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Run the node until SIGTERM or SIGINT.
    Run {
        /// Its directory.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Say how a running node stands.
    Status {
        /// Its directory.
        #[arg(long)]
        dir: PathBuf,
        /// As one JSON object.
        #[arg(long, conflicts_with = "ready")]
        json: bool,
        /// Only whether it runs, by the exit status.
        #[arg(long)]
        ready: bool,
    },
    /// The nodes this one works with.
    Partner {
        #[command(subcommand)]
        command: PartnerCommand,
    },
    /// Take a published file, for a root that stays offline.
    Install {
        /// The node's directory.
        #[arg(long)]
        dir: PathBuf,
        /// The file.
        file: PathBuf,
    },
    /// The association's own commands; its root key lies in its directory.
    Association {
        #[command(subcommand)]
        command: AssociationCommand,
    },
}

#[derive(Debug, Subcommand)]
enum PartnerCommand {
    /// Work with a node: forward to it and let it forward. Both sides must add each other.
    Add {
        /// This node's directory.
        #[arg(long)]
        dir: PathBuf,
        /// MULTIADDR/p2p/PEER of the other.
        address: String,
        /// Who runs it.
        #[arg(long)]
        association: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    Counselor,
    Supervisor,
}

#[derive(Debug, Subcommand)]
enum AssociationCommand {
    /// Make an association: its root key and its name.
    Init {
        /// Its directory.
        #[arg(long)]
        dir: PathBuf,
        /// Its name, as seekers see it.
        #[arg(long)]
        name: String,
    },
    /// Let a node speak for the association.
    AddHome {
        /// The association's directory.
        #[arg(long)]
        dir: PathBuf,
        /// The node's directory.
        #[arg(long)]
        node: PathBuf,
    },
    /// Name an entry through which the homes can be reached.
    AddEntry {
        /// The association's directory.
        #[arg(long)]
        dir: PathBuf,
        /// MULTIADDR/p2p/PEER of the entry.
        address: String,
        /// Who runs it; without, it is your own.
        #[arg(long)]
        association: Option<String>,
    },
    /// Certify a counselor.
    Certify {
        /// The association's directory.
        #[arg(long)]
        dir: PathBuf,
        /// Her request.
        #[arg(long)]
        request: PathBuf,
        /// The name seekers see.
        #[arg(long)]
        pseudonym: String,
        /// What she speaks, best first, e.g. fr,ar,en.
        #[arg(long)]
        languages: String,
        /// What she may do.
        #[arg(long, value_enum, default_value = "counselor")]
        role: RoleName,
        /// Seekers may take her name for the one of another counselor.
        #[arg(long)]
        allow_similar: bool,
        /// Where her certificate goes.
        #[arg(long)]
        out: PathBuf,
    },
    /// Take a certificate back; publish afterwards.
    Revoke {
        /// The association's directory.
        #[arg(long)]
        dir: PathBuf,
        /// Its serial, as `certify` printed it.
        serial: Serial,
    },
    /// Take name, hours and texts from a TOML file; publish afterwards.
    Settings {
        /// The association's directory.
        #[arg(long)]
        dir: PathBuf,
        /// The file.
        #[arg(long)]
        file: PathBuf,
    },
    /// Sign a new roster and hand it to the homes.
    Publish {
        /// The association's directory.
        #[arg(long)]
        dir: PathBuf,
        /// Also write it to a file, for homes that this machine cannot reach.
        #[arg(long)]
        out: Option<PathBuf>,
        /// It is fine when homes do not run now: they take it when they start.
        #[arg(long)]
        queue: bool,
    },
    /// Print the helpline's address and its twelve words.
    Address {
        /// The association's directory.
        #[arg(long)]
        dir: PathBuf,
        /// Also as a QR code.
        #[arg(long)]
        qr: bool,
    },
}

/// Runs the command line of this process. Exit status: 0 done, 1 failed with a reason, 2 wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    let unprotected = hamsa_system::harden();
    let cli = Cli::parse();
    if !unprotected.is_empty() {
        hamsa_system::output::complain(&format!("hamsa-node: {unprotected}"));
    }
    let filter = hamsa_net::QUIET.iter().fold(
        tracing_subscriber::EnvFilter::try_from_env("HAMSA_LOG")
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        |filter, quiet| match quiet.parse() {
            Ok(directive) => filter.add_directive(directive),
            Err(_) => filter,
        },
    );
    let log = match Log::start(std::io::stderr()) {
        Ok(log) => log,
        Err(error) => {
            warn(&format!("hamsa-node: could not start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(log.clone())
        .log_internal_errors(false)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = runtime
        .context("could not start")
        .and_then(|runtime| runtime.block_on(act(cli.command)));
    log.flush();
    match result {
        Ok(code) => code,
        Err(error) => {
            warn(&format!("hamsa-node: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn act(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Init { dir, listen, name } => {
            let directory = Directory::init(&dir, &listen, &name)?;
            say(&format!("node {}", peer_text(&directory.identity()?.peer())))?;
        }
        Command::Id { dir } => {
            say(&format!(
                "peer {}",
                peer_text(&Directory::open(&dir)?.identity()?.peer())
            ))?;
        }
        Command::Check { dir } => {
            let wrong = Directory::open(&dir)?.check(today());
            for line in &wrong {
                warn(line);
            }
            if !wrong.is_empty() {
                return Ok(ExitCode::FAILURE);
            }
            say("ok")?;
        }
        Command::Run { dir } => run_node(&dir).await?,
        Command::Status { dir, json, ready } => return status(&dir, json, ready).await,
        Command::Partner {
            command:
                PartnerCommand::Add {
                    dir,
                    address,
                    association,
                },
        } => {
            add_partner(&dir, &address, association.as_deref()).await?;
        }
        Command::Install { dir, file } => install(&dir, &file).await?,
        Command::Association { command } => act_for_association(command).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn run_node(dir: &Path) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("could not watch for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("could not watch for SIGINT")?;
    // A terminal that is closed must not take a helpline with it.
    let mut hangup = signal(SignalKind::hangup()).context("could not watch for SIGHUP")?;
    let node = run::start(dir, None).await?;
    for address in &node.ready {
        // A node serves its clients whether or not somebody reads this.
        if let Err(error) = say(&format!("ready {address}")) {
            tracing::warn!("{error:#}");
        }
    }
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
    // A second signal, or the time limit, ends it at once; live things are in memory only.
    tokio::select! {
        _ = tokio::time::timeout(STOP, node.shutdown()) => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// A status in JSON. Of a node that does not answer there are only `state` and `error`.
#[derive(Serialize)]
struct Running<'a> {
    state: &'static str,
    #[serde(flatten)]
    status: &'a control::Status,
}

async fn status(dir: &Path, json: bool, ready: bool) -> anyhow::Result<ExitCode> {
    Directory::open(dir)?;
    let status = match control::ask(dir, &Request::Status).await {
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
        say(&format!("peer     {}", status.peer))?;
        for listen in &status.listen {
            say(&format!("listen   {listen}"))?;
        }
        say(&format!("roles    {}", status.roles.join(", ")))?;
        for partner in &status.partners {
            let state = if partner.connected {
                "connected"
            } else {
                "not connected"
            };
            say(&format!("partner  {} {state}", partner.peer))?;
        }
        say(&format!("roster   {}", status.roster_version))?;
        say(&format!(
            "now      {} links, {} duties, {} tickets, {} channels",
            status.links, status.duties, status.tickets, status.channels
        ))?;
        let mail = &status.mail;
        say(&format!(
            "mail     {} items of {} days, {} of {} KiB{}",
            mail.items,
            mail.days.len(),
            mail.bytes / 1_024,
            mail.limit / 1_024,
            if mail.full {
                "; nothing more is taken: see the log"
            } else {
                ""
            }
        ))?;
        for row in &status.survey {
            say(&format!("survey   {row}"))?;
        }
        if let Some(clock) = &status.clock {
            say(&format!("clock    {clock}"))?;
        }
        for damaged in &mail.damaged {
            say(&format!("damaged  mail/{damaged} was put aside: see the log"))?;
        }
        say(&format!(
            "so far   {} stored, {} expired, {} refused",
            status.stored, status.expired, status.refused
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What a running node made of something that is `done` in its directory: one that does not run or does not answer
/// takes it at its next start.
fn told(answer: Result<control::Status, AskError>, done: &str) -> anyhow::Result<()> {
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

async fn add_partner(dir: &Path, address: &str, association: Option<&str>) -> anyhow::Result<()> {
    let partner = Directory::open(dir)?.add_partner(address, association)?;
    let running = control::ask(
        dir,
        &Request::Partner {
            address: partner.to_string(),
        },
    )
    .await;
    told(running, "it was written into node.toml")?;
    say(&format!("partner {}", peer_text(&partner.peer)))
}

async fn install(dir: &Path, file: &Path) -> anyhow::Result<()> {
    let publication =
        Publication::decode(&files::read(file)?).with_context(|| format!("{}", file.display()))?;
    let directory = Directory::open(dir)?;
    if let Some((root, _)) = directory.delegation()?
        && root != publication.root
    {
        bail!(
            "{} is of another association than the one this node is a home of",
            file.display()
        );
    }
    directory.write_publication(&publication)?;
    told(
        control::ask(dir, &Request::Reload).await,
        "it lies in the node's directory",
    )?;
    say(&format!("installed {}", publication.roster.version))
}

async fn act_for_association(command: AssociationCommand) -> anyhow::Result<()> {
    match command {
        AssociationCommand::Init { dir, name } => {
            association::init(&dir, &name)?;
            say(&format!("association {name}"))
        }
        AssociationCommand::AddHome { dir, node } => {
            let peer = association::add_home(&dir, &node).await?;
            say(&format!("home {peer}"))
        }
        AssociationCommand::AddEntry {
            dir,
            address,
            association,
        } => {
            let peer = association::add_entry(&dir, &address, association.as_deref())?;
            say(&format!("entry {peer}"))
        }
        AssociationCommand::Certify {
            dir,
            request,
            pseudonym,
            languages,
            role,
            allow_similar,
            out,
        } => {
            let request = files::read_text(&request)?;
            let role = match role {
                RoleName::Counselor => Role::Counselor,
                RoleName::Supervisor => Role::Supervisor,
            };
            files::check_out(&out, is_certificate)?;
            let (text, serial) =
                association::certify(&dir, &request, &pseudonym, &languages, role, allow_similar)?;
            files::write_out(&out, text.as_bytes(), 0o600, is_certificate)?;
            say(&format!("serial {serial}"))
        }
        AssociationCommand::Revoke { dir, serial } => {
            association::revoke(&dir, serial)?;
            say(&format!(
                "revoked {serial}; publish it with `hamsa-node association publish --dir {}`",
                dir.display()
            ))
        }
        AssociationCommand::Settings { dir, file } => {
            association::settings(&dir, &files::read_text(&file)?)?;
            say(&format!(
                "taken; publish it with `hamsa-node association publish --dir {}`",
                dir.display()
            ))
        }
        AssociationCommand::Publish { dir, out, queue } => publish(&dir, out.as_deref(), queue).await,
        AssociationCommand::Address { dir, qr } => address(&dir, qr),
    }
}

/// Whether a file is a certificate that `certify` wrote, of whichever association.
fn is_certificate(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.parse::<CertificateFile>().is_ok())
}

async fn publish(dir: &Path, out: Option<&Path>, queue: bool) -> anyhow::Result<()> {
    if let Some(out) = out {
        files::check_out(out, Publication::recognises)?;
    }
    let (publication, homes, failures) = association::publish(dir).await?;
    if let Some(out) = out {
        files::write_out(out, &publication.encode(), 0o644, Publication::recognises)?;
    }
    let mut missed = Vec::new();
    for home in homes {
        if home.answer == HomeAnswer::Served {
            say(&format!("published {} {}", home.peer, home.version))?;
            continue;
        }
        say(&format!("queued {}", home.peer))?;
        if let HomeAnswer::Silent(reason) | HomeAnswer::Refused(reason) = &home.answer {
            warn(reason);
        }
        // What a running home refused does not wait for its start.
        if !queue || matches!(home.answer, HomeAnswer::Refused(_)) {
            missed.push(home.peer);
        }
    }
    for failure in &failures {
        warn(failure);
    }
    if !missed.is_empty() {
        bail!(
            "not served now by {}: what is queued lies in the home's directory and is taken when that home starts; `--queue` says that this is wanted",
            missed.join(", ")
        );
    }
    if !failures.is_empty() {
        bail!("{} homes could not be given the publication", failures.len());
    }
    Ok(())
}

fn address(dir: &Path, qr: bool) -> anyhow::Result<()> {
    let (address, words) = association::address(dir)?;
    if address
        .routes
        .iter()
        .any(|route| route.entry_address.starts_with("/ip4/127."))
    {
        warn(
            "this address is only good on this machine; set `announce` in the node's node.toml, or add an entry",
        );
    }
    if address.routes.iter().all(|route| !route.foreign) {
        warn("no entry of another association is named: one node would see both who comes and that she asks");
    }
    say(&address.to_string())?;
    say(&words)?;
    if qr {
        say(&qr_code(&address.to_string())?)?;
    }
    Ok(())
}

/// The address as a picture of half blocks. In capitals throughout, which QR codes hold in fewer squares, and which
/// is the same address.
fn qr_code(address: &str) -> anyhow::Result<String> {
    let code = qrcode::QrCode::with_error_correction_level(address.to_ascii_uppercase(), qrcode::EcLevel::M)
        .context("the address is too long for a QR code: name fewer entries")?;
    // Dark on light, as cameras want it, on the dark ground that most terminals have.
    let mut picture = code.render::<qrcode::render::unicode::Dense1x2>();
    let (dark, light) = (
        qrcode::render::unicode::Dense1x2::Light,
        qrcode::render::unicode::Dense1x2::Dark,
    );
    Ok(picture
        .dark_color(dark)
        .light_color(light)
        .quiet_zone(true)
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_is_a_square_with_a_quiet_zone_and_an_address_that_is_too_long_is_said() {
        let picture = qr_code(&format!("hamsa:1:{}", "LM6X".repeat(60))).unwrap();
        let rows: Vec<usize> = picture.lines().map(|row| row.chars().count()).collect();
        assert!(rows.iter().all(|width| *width == rows[0]), "{rows:?}");
        assert_eq!(
            rows.len(),
            rows[0].div_ceil(2),
            "two squares in each row of letters"
        );
        assert!(
            picture.lines().next().unwrap().chars().all(|c| c == '█'),
            "light around it"
        );
        assert!(qr_code(&"X".repeat(5_000)).is_err());
    }
}
