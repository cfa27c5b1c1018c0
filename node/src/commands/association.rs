//! The commands of an association.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use hamsa_protocol::objects::{CertifiedRole, Serial};

use crate::{
    association::{self, HandedOut, HomeAnswer, NewEntry, NotGiven},
    config::is_only_here,
    files,
    output::{say, warn},
};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RoleName {
    Counselor,
    Supervisor,
}

#[derive(Debug, Subcommand)]
pub(super) enum AssociationCommand {
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
        #[arg(required_unless_present = "lent")]
        address: Option<String>,
        /// Who runs it; without, it is your own.
        #[arg(long)]
        association: Option<String>,
        /// The file with its consent, as `hamsa-node lend` wrote it there.
        #[arg(long)]
        lent: Option<PathBuf>,
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
    /// Take back all certificates of a person; publish afterwards.
    Revoke {
        /// The association's directory.
        #[arg(long)]
        dir: PathBuf,
        /// The serial of one of them, as `certify` printed it.
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

pub(super) async fn run(command: AssociationCommand) -> anyhow::Result<()> {
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
            lent,
        } => add_entry(&dir, address.as_deref(), association.as_deref(), lent.as_deref()).await,
        AssociationCommand::Certify {
            dir,
            request,
            pseudonym,
            languages,
            role,
            allow_similar,
            out,
        } => {
            let request = files::read_given_text(&request)?;
            let role = match role {
                RoleName::Counselor => CertifiedRole::Counselor,
                RoleName::Supervisor => CertifiedRole::Supervisor,
            };
            let out = Some(out.as_path());
            let issued =
                association::certify(&dir, &request, &pseudonym, &languages, role, allow_similar, out)?;
            if let Some(earlier) = issued.supersedes {
                warn(&format!(
                    "the earlier certificate {earlier} of this counselor becomes invalid when you publish: the counselor should install this one first"
                ));
            }
            say(&format!("serial {}", issued.serial))
        }
        AssociationCommand::Revoke { dir, serial } => {
            association::revoke(&dir, serial)?;
            say(&format!(
                "revoked {serial}; publish it with `hamsa-node association publish --dir {}`",
                dir.display()
            ))
        }
        AssociationCommand::Settings { dir, file } => {
            association::settings(&dir, &file)?;
            say(&format!(
                "taken; publish it with `hamsa-node association publish --dir {}`",
                dir.display()
            ))
        }
        AssociationCommand::Publish { dir, out, queue } => publish(&dir, out.as_deref(), queue).await,
        AssociationCommand::Address { dir, qr } => address(&dir, qr),
    }
}

async fn add_entry(
    dir: &Path,
    address: Option<&str>,
    association: Option<&str>,
    lent: Option<&Path>,
) -> anyhow::Result<()> {
    let lent = lent.map(files::read_given_text).transpose()?;
    let new = NewEntry {
        address,
        association,
        lent: lent.as_deref(),
    };
    let added = association::add_entry(dir, new).await?;
    if let Some(reason) = added.no_consent {
        warn(&format!(
            "no consent of this entry: {reason}. Until there is one it does not count as another association's, and \
             seekers are told `split: false`. A home of yours that has it as partner asks for it by itself, when both \
             run; or take it from a file with `--lent`, which `hamsa-node lend` writes there"
        ));
    }
    say(&format!("entry {}", added.peer))
}

async fn publish(dir: &Path, out: Option<&Path>, queue: bool) -> anyhow::Result<()> {
    let (homes, failures) = association::publish(dir, out).await?;
    let (mut missed, mut refused) = (Vec::new(), Vec::new());
    for home in homes {
        if home.answer == HomeAnswer::Served {
            say(&format!("published {} {}", home.peer, home.version))?;
            continue;
        }
        if let HomeAnswer::Refused(reason) = &home.answer {
            say(&format!("refused {}", home.peer))?;
            warn(reason);
            refused.push(home.peer);
            continue;
        }
        say(&format!("queued {}", home.peer))?;
        if let HomeAnswer::Silent(reason) = &home.answer {
            warn(reason);
        }
        if !queue {
            missed.push(home.peer);
        }
    }
    let mut not_given = Vec::new();
    for NotGiven { peer, reason } in failures {
        warn(&format!("{peer}: {reason}"));
        not_given.push(peer);
    }
    let mut sentences = Vec::new();
    if !missed.is_empty() {
        sentences.push(format!(
            "not served now by {}: what is queued lies in the home's directory and is taken when that home starts; `--queue` says that this is wanted",
            missed.join(", ")
        ));
    }
    if !refused.is_empty() {
        sentences.push(format!(
            "refused by {}, for the reason above: such a home goes on with what it served before, and finds that again when it starts. Mend the reason, then publish again",
            refused.join(", ")
        ));
    }
    if !not_given.is_empty() {
        sentences.push(format!("not given to {}", not_given.join(", ")));
    }
    if !sentences.is_empty() {
        bail!(sentences.join("; "));
    }
    Ok(())
}

fn address(dir: &Path, qr: bool) -> anyhow::Result<()> {
    let HandedOut {
        address,
        words,
        others,
    } = association::address(dir)?;
    if address
        .routes
        .iter()
        .any(|route| is_only_here(&route.entry_address))
    {
        warn(
            "this address is only good on this machine; set `announce` in the node's node.toml, or add an entry",
        );
    }
    if !others {
        warn("no entry of another association is named: one node would see both who comes and that she asks");
    }
    say(&address.to_string())?;
    say(&words)?;
    if qr {
        say(&qr_code(&address.to_string())?)?;
    }
    Ok(())
}

/// The address as a picture of half blocks. In capitals, which need fewer squares in a QR code and are the same address.
fn qr_code(address: &str) -> anyhow::Result<String> {
    let code = qrcode::QrCode::with_error_correction_level(address.to_ascii_uppercase(), qrcode::EcLevel::M)
        .context("the address is too long for a QR code: name fewer entries")?;
    // Dark on light, as cameras expect it, on the dark background that most terminals have.
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
    fn a_qr_code_is_a_square_with_a_quiet_zone() {
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
