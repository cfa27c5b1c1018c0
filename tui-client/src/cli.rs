//! The command line: what is asked, which face shows it, and how it ends.
//!
//! A seeker's command opens no file for writing: no configuration, no log, no history. A passphrase is never
//! taken from the command line, where other users of the machine could read it.

use std::{
    fs,
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use hamsa_client::{
    driver::{start_counselor, start_seeker},
    names::ErrorCode,
    today,
    vault::{self, UnlockedVault, VaultError},
};
use hamsa_protocol::{
    objects::{CertificateRequest, HelplineAddress, Signed, address::AddressError},
    text,
};
use hamsa_system::{output, whole};
use zeroize::Zeroizing;

use crate::{
    counselor as desk,
    demo::{self, DemoOptions, ShowDemo},
    i18n::{self, Locale},
    input::prompt,
    json,
    notebook::{self, NotebookArgs},
    seeker as face, strength,
    text::{Sanitized, Strategy},
};

/// Longest address file that is read, in bytes.
const ADDRESS_FILE_MAX: u64 = 64 * 1_024;
/// Longest file that may be an earlier request, in bytes.
const REQUEST_FILE_MAX: u64 = 64 * 1_024;
/// How long a runtime may take to let go of its last tasks.
const LET_GO: std::time::Duration = std::time::Duration::from_millis(200);

/// Talk with a counselor, end to end encrypted, through two associations' nodes.
#[derive(Debug, Parser)]
#[command(name = "hamsa", bin_name = "hamsa", version)]
struct Arguments {
    #[command(subcommand)]
    command: ClientCommand,
    /// What Arabic needs in this terminal; without it, what the terminal says of itself (or HAMSA_ARABIC).
    #[arg(long, global = true, value_name = "HOW")]
    arabic: Option<Strategy>,
}

#[derive(Debug, Subcommand)]
enum ClientCommand {
    /// Look for help: nothing is saved on this device, nobody is asked who they are.
    Seek {
        /// The helpline's address (hamsa:1:…), or a file that contains it.
        address: String,
        /// Line by line, for screen readers.
        #[arg(long, conflicts_with = "json")]
        plain: bool,
        /// One JSON object per line, for programs.
        #[arg(long)]
        json: bool,
        /// Language of the screen: fr, ar, en, zgh-latn or zgh; without it, it is the first thing you choose.
        #[arg(long, value_parser = locale)]
        lang: Option<Locale>,
    },
    /// A counselor's desk.
    Counsel(Counsel),
    /// Write down what happened, on this device only, if it is safe to keep it here.
    Notebook(NotebookArgs),
    /// See a seeker and a counselor talk through two nodes, and what those nodes see.
    Demo(DemoOptions),
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Counsel {
    #[command(subcommand)]
    command: Option<CounselCommand>,
    #[command(flatten)]
    desk: DeskArgs,
}

#[derive(Debug, Args)]
struct DeskArgs {
    /// The file with your keys.
    // Optional only for the parser: a subcommand has a vault of its own. An optional struct of required
    // arguments would be taken for absent when all that is given lies one struct deeper.
    #[arg(long = "vault", value_name = "PATH", required = true)]
    vault: Option<PathBuf>,
    /// A file whose first line is the passphrase; without it you are asked.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
    /// Line by line, for screen readers.
    #[arg(long, conflicts_with = "json")]
    plain: bool,
    /// One JSON object per line, for programs.
    #[arg(long)]
    json: bool,
    /// Language of the screen: fr, ar or en; without it, the system's (LC_ALL, LC_MESSAGES, LANG), or English.
    #[arg(long, value_parser = i18n::chosen)]
    lang: Option<Locale>,
}

#[derive(Debug, Args)]
struct VaultArgs {
    /// The file with your keys.
    #[arg(long = "vault")]
    path: PathBuf,
    /// A file whose first line is the passphrase; without it you are asked.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum CounselCommand {
    /// Make keys and write a certificate request for your association.
    Request {
        #[command(flatten)]
        vault: VaultArgs,
        /// Where the request goes.
        #[arg(long)]
        out: PathBuf,
    },
    /// Take the certificate that your association gave you.
    Install {
        #[command(flatten)]
        vault: VaultArgs,
        /// The file.
        #[arg(long)]
        certificate: PathBuf,
    },
}

/// Runs the command line of this process; without `show_demo`, the demo is another program.
pub(crate) fn main(show_demo: Option<ShowDemo>) -> ExitCode {
    let unprotected = hamsa_system::harden();
    let cli = Arguments::parse();
    if let (ClientCommand::Demo(_), None) = (&cli.command, show_demo) {
        return fail(&demo::start_program());
    }
    // A whole screen comes over it at once: it would be seen only when the person has left.
    if !unprotected.is_empty() && !std::io::stderr().is_terminal() {
        output::complain(&format!("hamsa: {unprotected}"));
    }
    let variable = |name: &str| std::env::var(name).ok();
    let arabic = cli.arabic.unwrap_or_else(|| Strategy::guess(variable));
    let told = cli.arabic.is_some() || Strategy::told(variable);
    let result = match (cli.command, show_demo) {
        // Before anything that could reach the network exists.
        (ClientCommand::Notebook(notebook), _) => return notebook::main(notebook, arabic),
        (ClientCommand::Demo(options), Some(show)) => show(options, arabic),
        (command, _) => block_on(act(command, arabic, told)),
    };
    prompt::release();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Runs a command in a runtime of its own.
pub(crate) fn block_on(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("could not start")?;
    let result = runtime.block_on(command);
    // A read of the keyboard cannot be interrupted: an exit does not wait for it.
    runtime.shutdown_timeout(LET_GO);
    result
}

fn fail(error: &anyhow::Error) -> ExitCode {
    // A path or a certificate's text may be in it.
    output::complain(&format!("hamsa: {}", Sanitized::text(&format!("{error:#}"))));
    if let Some(vault) = error.downcast_ref::<VaultError>() {
        output::complain(vault.advice());
    }
    ExitCode::FAILURE
}

async fn act(command: ClientCommand, arabic: Strategy, told: bool) -> anyhow::Result<()> {
    match command {
        ClientCommand::Seek {
            address,
            plain: _,
            json: true,
            lang: _,
        } => {
            let address = match read_address(&address) {
                Ok(address) => address,
                Err(error) => {
                    json::report(
                        ErrorCode::BadAddress,
                        &format!("{error:#}"),
                        "Copy the address again, whole.",
                    )?;
                    return Err(error);
                }
            };
            json::run(start_seeker(address)).await
        }
        ClientCommand::Seek {
            address,
            plain,
            json: false,
            lang,
        } => {
            let address = read_address(&address)?;
            if plain {
                face::run_plain(address, lang).await
            } else {
                face::run(address, lang, arabic, told).await
            }
        }
        ClientCommand::Counsel(Counsel {
            command: Some(command),
            ..
        }) => prepare(command),
        ClientCommand::Counsel(Counsel { command: None, desk }) => run_desk(desk, arabic).await,
        // `main` has run them, before there was a runtime.
        ClientCommand::Notebook(_) | ClientCommand::Demo(_) => Ok(()),
    }
}

async fn run_desk(options: DeskArgs, arabic: Strategy) -> anyhow::Result<()> {
    let DeskArgs {
        vault,
        passphrase_file,
        plain,
        json: as_json,
        lang,
    } = options;
    let path = vault.context("which vault? add --vault FILE")?;
    let vault = VaultArgs {
        path,
        passphrase_file,
    };
    let opened = if as_json && vault.passphrase_file.is_none() {
        Err(anyhow::anyhow!(
            "the json face asks nobody: add --passphrase-file FILE"
        ))
    } else {
        open(&vault)
    };
    if as_json {
        return match opened {
            Ok(opened) => json::run(start_counselor(opened)).await,
            Err(error) => {
                let known = error.downcast_ref::<VaultError>();
                let (code, advice) = known.map_or((ErrorCode::Vault, "Check the command."), |error| {
                    (error.code(), error.advice())
                });
                json::report(code, &format!("{error:#}"), advice)?;
                Err(error)
            }
        };
    }
    let handle = start_counselor(opened?);
    let shift = desk::Shift {
        vault: vault.path,
        locale: lang.unwrap_or_else(i18n::language),
        arabic,
    };
    if plain {
        desk::run_plain(handle, shift).await
    } else {
        desk::run(handle, shift).await
    }
}

fn open(vault: &VaultArgs) -> anyhow::Result<UnlockedVault> {
    // A vault that is not there is said before anybody is asked for a passphrase.
    if !is_there(&vault.path)? {
        return Err(VaultError::Missing {
            path: vault.path.clone(),
        }
        .into());
    }
    let passphrase = passphrase(vault, false)?;
    Ok(vault::open_alone(&vault.path, &passphrase, today())?)
}

fn prepare(command: CounselCommand) -> anyhow::Result<()> {
    match command {
        CounselCommand::Request { vault, out } => {
            let earlier = earlier_request(&out, &vault)?;
            let new = !is_there(&vault.path)?;
            if new && earlier.is_some() {
                return Err(of_another_key(&out));
            }
            let passphrase = passphrase(&vault, new)?;
            let request = vault::request(&vault.path, &passphrase, today())?;
            let key = request.parse::<Signed<CertificateRequest>>()?.id_pk;
            if earlier.is_some_and(|earlier| earlier.id_pk != key) {
                return Err(of_another_key(&out));
            }
            whole::replace(&out, request.as_bytes(), whole::SECRET)
                .with_context(|| format!("could not write {}", out.display()))?;
            let _ = output::say(&format!(
                "Your request is in {}. Give it to your association.",
                out.display()
            ));
        }
        CounselCommand::Install { vault, certificate } => {
            let text = read_text(&certificate)?;
            let passphrase = passphrase(&vault, false)?;
            let file = vault::install(&vault.path, &passphrase, &text, today())?;
            let _ = output::say(&format!(
                "You are {} now. Begin with `hamsa counsel --vault {}`.",
                Sanitized::line(file.certificate.pseudonym.as_str()),
                vault.path.display()
            ));
        }
    }
    Ok(())
}

/// The passphrase, from a file or from the person; typed twice when it is a new one.
fn passphrase(vault: &VaultArgs, new: bool) -> anyhow::Result<Zeroizing<String>> {
    if let Some(path) = &vault.passphrase_file {
        let bytes = fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
        let passphrase = text::passphrase_file(&Zeroizing::new(bytes))
            .with_context(|| format!("in {}", path.display()))?;
        if new
            && !passphrase.is_empty()
            && let Some(why) = strength::weakness(&passphrase)
        {
            bail!(
                "the passphrase in {} is too weak: {why}; choose several words",
                path.display()
            );
        }
        return Ok(passphrase);
    }
    if !std::io::stdin().is_terminal() {
        bail!("there is no terminal to ask for the passphrase: add --passphrase-file FILE");
    }
    let ask = |question: &str| prompt::secret(question).context("no passphrase was typed");
    let mut first = ask("Passphrase: ")?;
    while new && let Some(why) = strength::weakness(&first) {
        output::complain(&format!("This passphrase is too weak: {why}."));
        if let Some(words) = strength::offered() {
            output::complain(&format!(
                "Choose another, or write these words down and type them: {words}"
            ));
        }
        first = ask("Passphrase: ")?;
    }
    if new && *ask("Again: ")? != *first {
        bail!("the two passphrases differ; nothing was made, try again");
    }
    Ok(first)
}

/// A language of the seeker's screen.
fn locale(code: &str) -> Result<Locale, String> {
    Locale::of(code).ok_or_else(|| "there is fr, ar, en, zgh-latn and zgh".to_owned())
}

/// An address, or a file that begins with one.
fn read_address(text: &str) -> anyhow::Result<HelplineAddress> {
    let path = Path::new(text);
    if HelplineAddress::is_meant_by(text) {
        return Ok(text.parse::<HelplineAddress>()?);
    }
    if !path
        .try_exists()
        .with_context(|| format!("could not look at {}", path.display()))?
    {
        // With the address in it, the words around it are the mistake.
        if text.parse::<HelplineAddress>() == Err(AddressError::WordsBefore) {
            return Err(AddressError::WordsBefore.into());
        }
        bail!("there is no file {text}, and it is no address: an address begins with hamsa:1:");
    }
    let about = || format!("could not read {}", path.display());
    if fs::metadata(path).with_context(about)?.len() > ADDRESS_FILE_MAX {
        bail!("{} is too long to be an address", path.display());
    }
    let text = read_text(path)?;
    text.parse::<HelplineAddress>()
        .with_context(|| format!("in {}", path.display()))
}

/// A text file of any system.
fn read_text(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
    text::decode(&bytes).with_context(|| format!("in {}", path.display()))
}

/// Whether a vault is at a path. What this user may not look at is not said to be missing.
fn is_there(vault: &Path) -> Result<bool, VaultError> {
    vault.try_exists().map_err(|source| VaultError::Io {
        action: "look at",
        path: vault.to_owned(),
        source,
    })
}

fn of_another_key(out: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "the request at {} is of another vault; choose another path for --out",
        out.display()
    )
}

/// Refuses a place for a request where something else lies, or that has no folder. An earlier request is returned: one of
/// the same vault may be replaced.
fn earlier_request(out: &Path, vault: &VaultArgs) -> anyhow::Result<Option<Signed<CertificateRequest>>> {
    let other = |path: &Path| whole::same_file(out, path);
    if other(&vault.path) {
        bail!(
            "--out and --vault are one file: the request would take the place of your keys; choose another path for --out"
        );
    }
    if vault.passphrase_file.as_deref().is_some_and(other) {
        bail!("--out is the file of the passphrase; choose another path for --out");
    }
    if fs::symlink_metadata(out).is_err() {
        let folder = whole::folder(out);
        fs::metadata(folder).with_context(|| format!("could not write into {}", folder.display()))?;
        return Ok(None);
    }
    let short = fs::metadata(out).is_ok_and(|about| about.is_file() && about.len() <= REQUEST_FILE_MAX);
    let text = short.then(|| read_text(out).ok()).flatten();
    let Some(earlier) = text.and_then(|text| text.parse().ok()) else {
        bail!(
            "there is already something at {}, and it is no earlier request; choose another path for --out",
            out.display()
        );
    };
    Ok(Some(earlier))
}
