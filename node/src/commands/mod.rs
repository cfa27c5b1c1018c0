//! The command line of `hamsa-node`.

mod association;
mod node;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Parser, Subcommand};
use hamsa_net::peer_text;

use self::association::AssociationCommand;
use crate::{
    clock::today,
    directory::NodeDirectory,
    output::{LogQueue, say, warn},
};

/// A node of an association: entry and home of an encrypted helpline.
#[derive(Debug, Parser)]
#[command(name = "hamsa-node", version)]
struct NodeCli {
    #[command(subcommand)]
    command: NodeCommand,
}

#[derive(Debug, Subcommand)]
enum NodeCommand {
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
    /// Consent to be an entry for another association's helpline; its operator takes the file with `add-entry --lent`.
    Lend {
        /// The node's directory.
        #[arg(long)]
        dir: PathBuf,
        /// The helpline's address, or a file that begins with it.
        #[arg(long)]
        to: String,
        /// What your association is called; without, the name in node.toml.
        #[arg(long)]
        name: Option<String>,
        /// Where the consent goes.
        #[arg(long)]
        out: PathBuf,
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

/// Runs the command line of this process. Exit status: 0 done, 1 failed with a reason, 2 wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    let unprotected = hamsa_system::harden();
    let cli = NodeCli::parse();
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
    let log = match LogQueue::start(std::io::stderr()) {
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
            warn(&format!("hamsa-node: {}", told_once(&error)));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes. One that a sentence before it has named already is not said again.
fn told_once(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

async fn act(command: NodeCommand) -> anyhow::Result<ExitCode> {
    match command {
        NodeCommand::Init { dir, listen, name } => {
            let directory = NodeDirectory::init(&dir, &listen, &name)?;
            say(&format!("node {}", peer_text(&directory.identity()?.peer())))?;
        }
        NodeCommand::Id { dir } => {
            say(&format!(
                "peer {}",
                peer_text(&NodeDirectory::open(&dir)?.identity()?.peer())
            ))?;
        }
        NodeCommand::Check { dir } => {
            let wrong = NodeDirectory::open(&dir)?.check(today());
            for line in &wrong {
                warn(line);
            }
            if !wrong.is_empty() {
                return Ok(ExitCode::FAILURE);
            }
            say("ok")?;
        }
        NodeCommand::Run { dir } => node::run(&dir).await?,
        NodeCommand::Status { dir, json, ready } => return node::status(&dir, json, ready).await,
        NodeCommand::Partner {
            command:
                PartnerCommand::Add {
                    dir,
                    address,
                    association,
                },
        } => {
            node::add_partner(&dir, &address, association.as_deref()).await?;
        }
        NodeCommand::Lend { dir, to, name, out } => node::lend(&dir, &to, name.as_deref(), &out)?,
        NodeCommand::Install { dir, file } => node::install(&dir, &file).await?,
        NodeCommand::Association { command } => association::run(command).await?,
    }
    Ok(ExitCode::SUCCESS)
}
