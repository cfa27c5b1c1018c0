//! The command line: what is asked, which face shows it, and how it ends.
//!
//! A seeker's command opens no file for writing: no configuration, no log, no history. A passphrase is never
//! taken from the command line, where other users of the machine could read it.
//!
//! What a command says before it has a face is said by its [`Console`]; usage is clap's, and English.

use std::{
    fs,
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use hamsa_client::{
    driver::{start_counselor, start_seeker},
    names::ErrorCode,
    sealed::file::{FileFault, look},
    today,
    vault::{self, UnlockedVault},
};
use hamsa_protocol::{
    objects::{CertificateRequest, HelplineAddress, Signed, address::AddressError},
    text,
};
use hamsa_system::{output, read, whole};

use crate::{
    console::{CommandError, Console},
    counselor as desk,
    demo::{self, DemoOptions, ShowDemo},
    i18n::{self, Locale, Text},
    input::prompt,
    json,
    notebook::{self, NotebookArgs},
    seeker as face, terminal,
    text::Strategy,
};

/// Longest address file that is read, in bytes.
const ADDRESS_FILE_MAX: u64 = 64 * 1_024;
/// Longest file that may be a certificate or an earlier request, in bytes.
const OBJECT_FILE_MAX: u64 = 64 * 1_024;
/// The exit status of wrong usage.
const USAGE: u8 = 2;
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
        /// Language of the sentences: fr, ar or en; without it, the system's (LC_ALL, LC_MESSAGES, LANG), or English.
        #[arg(long, value_parser = i18n::chosen)]
        lang: Option<Locale>,
    },
    /// Take the certificate that your association gave you.
    Install {
        #[command(flatten)]
        vault: VaultArgs,
        /// The file.
        #[arg(long)]
        certificate: PathBuf,
        /// Language of the sentences: fr, ar or en; without it, the system's (LC_ALL, LC_MESSAGES, LANG), or English.
        #[arg(long, value_parser = i18n::chosen)]
        lang: Option<Locale>,
    },
}

/// Runs the command line of this process; without `show_demo`, the demo is another program.
pub(crate) fn main(show_demo: Option<ShowDemo>) -> ExitCode {
    let unprotected = hamsa_system::harden();
    let variable = |name: &str| std::env::var(name).ok();
    let guess = Strategy::guess(variable);
    let cli = match Arguments::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error, guess),
    };
    let (arabic, locale) = (cli.arabic.unwrap_or(guess), cli.command.locale());
    let console = Console::new(locale, arabic);
    if let (ClientCommand::Demo(_), None) = (&cli.command, show_demo) {
        console.failed(&demo::start_program().into());
        return ExitCode::FAILURE;
    }
    // A whole screen comes over it at once: it would be seen only when the person has left.
    if !unprotected.is_empty() && !std::io::stderr().is_terminal() {
        output::complain(&format!("hamsa: {unprotected}"));
    }
    let told = cli.arabic.is_some() || Strategy::told(variable);
    let result = match (cli.command, show_demo) {
        // Before anything that could reach the network exists.
        (ClientCommand::Notebook(notebook), _) => return notebook::main(notebook, console),
        (ClientCommand::Demo(options), Some(show)) => show(options, arabic).map_err(Into::into),
        (command, _) => block_on(act(command, &console, told)),
    };
    prompt::release();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console.failed(&error);
            ExitCode::FAILURE
        }
    }
}

/// Usage that is none, or help that was asked for: clap's own words, and in another language what they are.
fn misunderstood(error: &clap::Error, arabic: Strategy) -> ExitCode {
    let _ = error.print();
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    let mut words = std::env::args_os().skip_while(|word| word != "--lang").skip(1);
    let asked = words.next().and_then(|code| Locale::of(code.to_str()?));
    let locale = asked.unwrap_or_else(i18n::language);
    if locale != Locale::English {
        let console = Console::new(locale, arabic);
        console.complain(&console.say(Text::CommandUsage));
    }
    ExitCode::from(USAGE)
}

impl ClientCommand {
    /// The language that this command speaks.
    fn locale(&self) -> Locale {
        let lang = match self {
            Self::Seek { lang, .. } => *lang,
            Self::Counsel(Counsel { command, desk }) => match command {
                Some(CounselCommand::Request { lang, .. } | CounselCommand::Install { lang, .. }) => *lang,
                None => desk.lang,
            },
            Self::Notebook(notebook) => notebook.lang,
            Self::Demo(options) => options.lang,
        };
        lang.unwrap_or_else(i18n::language)
    }
}

/// Runs a command in a runtime of its own.
pub(crate) fn block_on<E: From<anyhow::Error>>(
    command: impl Future<Output = Result<(), E>>,
) -> Result<(), E> {
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

async fn act(command: ClientCommand, console: &Console, told: bool) -> Result<(), CommandError> {
    match command {
        ClientCommand::Seek {
            address, json: true, ..
        } => match read_address(&address) {
            Ok(address) => Ok(json::run(start_seeker(address)).await?),
            Err(error) => reported(ErrorCode::BadAddress, error),
        },
        ClientCommand::Seek {
            address,
            plain,
            json: false,
            lang,
        } => {
            let address = read_address(&address)?;
            if plain {
                return Ok(face::run_plain(address, lang).await?);
            }
            has_screen()?;
            Ok(face::run(address, lang, console.arabic(), told).await?)
        }
        ClientCommand::Counsel(Counsel {
            command: Some(command),
            ..
        }) => prepare(command, console),
        ClientCommand::Counsel(Counsel { command: None, desk }) => run_desk(desk, console).await,
        // `main` has run them, before there was a runtime.
        ClientCommand::Notebook(_) | ClientCommand::Demo(_) => Ok(()),
    }
}

/// The json face has said it, in the language of programs; so it is on standard error too.
fn reported(code: ErrorCode, error: CommandError) -> Result<(), CommandError> {
    let console = Console::new(Locale::English, Strategy::Off);
    let (message, advice) = console.error(&error);
    json::report(code, &message, &advice)?;
    console.failed(&error);
    Err(CommandError::Said)
}

/// A full screen is for a terminal that takes one.
fn has_screen() -> Result<(), CommandError> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(CommandError::NoScreen);
    }
    if terminal::dumb() {
        return Err(CommandError::Dumb);
    }
    Ok(())
}

async fn run_desk(options: DeskArgs, console: &Console) -> Result<(), CommandError> {
    let DeskArgs {
        vault,
        passphrase_file,
        plain,
        json: as_json,
        lang: _,
    } = options;
    let path = vault.context("which vault? add --vault FILE")?;
    let vault = VaultArgs {
        path,
        passphrase_file,
    };
    if as_json {
        let asks_nobody = || match vault.passphrase_file {
            Some(_) => Ok(()),
            None => Err(CommandError::JsonAsksNobody),
        };
        return match open(&vault, console, asks_nobody) {
            Ok(opened) => Ok(json::run(start_counselor(opened)).await?),
            Err(error) => reported(error.code(), error),
        };
    }
    // Before a passphrase is typed for nothing; where nobody can type one, that is what is said.
    let screen = || match &vault.passphrase_file {
        _ if plain => Ok(()),
        None if !std::io::stdin().is_terminal() => Err(CommandError::NoTerminal),
        _ => has_screen(),
    };
    let handle = start_counselor(open(&vault, console, screen)?);
    let shift = desk::Shift {
        vault: vault.path,
        locale: console.locale(),
        arabic: console.arabic(),
    };
    if plain {
        Ok(desk::run_plain(handle, shift).await?)
    } else {
        Ok(desk::run(handle, shift).await?)
    }
}

/// Opens a vault. One that is not there is said before anything else.
fn open(
    vault: &VaultArgs,
    console: &Console,
    ready: impl FnOnce() -> Result<(), CommandError>,
) -> Result<UnlockedVault, CommandError> {
    look(&vault.path)?;
    ready()?;
    let passphrase = console.passphrase(vault.passphrase_file.as_deref(), false)?;
    Ok(vault::open_alone(&vault.path, &passphrase, today())?)
}

fn prepare(command: CounselCommand, console: &Console) -> Result<(), CommandError> {
    match command {
        CounselCommand::Request { vault, out, lang: _ } => {
            let earlier = earlier_request(&out, &vault)?;
            let new = match look(&vault.path) {
                Ok(()) => false,
                Err(FileFault::Missing(_)) => true,
                Err(fault) => return Err(fault.into()),
            };
            if new && earlier.is_some() {
                return Err(CommandError::OutOfAnotherVault(out));
            }
            let passphrase = console.passphrase(vault.passphrase_file.as_deref(), new)?;
            let request = vault::request(&vault.path, &passphrase, today())?;
            let key = request
                .parse::<Signed<CertificateRequest>>()
                .context("the request does not hold")?
                .id_pk;
            if earlier.is_some_and(|earlier| earlier.id_pk != key) {
                return Err(CommandError::OutOfAnotherVault(out));
            }
            whole::replace(&out, request.as_bytes(), whole::SECRET).map_err(CommandError::file(&out))?;
            let path = out.display().to_string();
            console.tell(&console.with(Text::CommandRequested, &[("path", &path)]));
        }
        CounselCommand::Install {
            vault,
            certificate,
            lang: _,
        } => {
            let text = read_text(&certificate, OBJECT_FILE_MAX)?;
            let passphrase = console.passphrase(vault.passphrase_file.as_deref(), false)?;
            let file = vault::install(&vault.path, &passphrase, &text, today())?;
            let name = file.certificate.pseudonym.as_str();
            let installed = console.with(Text::CommandInstalled, &[("name", name)]);
            let path = vault.path.display().to_string();
            let begin = console.with(Text::CommandBegin, &[("path", &path)]);
            console.tell(&format!("{installed}\n{begin}"));
        }
    }
    Ok(())
}

/// A language of the seeker's screen.
fn locale(code: &str) -> Result<Locale, String> {
    Locale::of(code).ok_or_else(|| "there is fr, ar, en, zgh-latn and zgh".to_owned())
}

/// An address, or a file that begins with one.
fn read_address(text: &str) -> Result<HelplineAddress, CommandError> {
    let parsed = text.parse::<HelplineAddress>();
    if HelplineAddress::is_meant_by(text) {
        return parsed.map_err(|error| CommandError::Address(error, None));
    }
    let path = Path::new(text);
    match read_text(path, ADDRESS_FILE_MAX) {
        Ok(inside) => inside
            .parse()
            .map_err(|error| CommandError::Address(error, Some(path.to_owned()))),
        Err(CommandError::File(_, error)) if is_no_path(&error) => Err(match parsed {
            // With the address in it, the words around it are the mistake.
            Err(error @ AddressError::WordsBefore) => CommandError::Address(error, None),
            _ => CommandError::NoAddress(text.to_owned()),
        }),
        Err(error) => Err(error),
    }
}

/// Whether nothing is, or can be, at a path.
fn is_no_path(error: &std::io::Error) -> bool {
    use std::io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::NotFound | Kind::NotADirectory | Kind::InvalidFilename
    )
}

/// A text file of any system, or what a pipe gives.
fn read_text(path: &Path, most: u64) -> Result<String, CommandError> {
    let bytes = read::given(path, most).map_err(CommandError::file(path))?;
    text::decode(&bytes).map_err(|error| CommandError::FileText(path.to_owned(), error))
}

/// Refuses a place for a request where something else lies, or that has no folder. An earlier request is returned: one of
/// the same vault may be replaced.
fn earlier_request(
    out: &Path,
    vault: &VaultArgs,
) -> Result<Option<Signed<CertificateRequest>>, CommandError> {
    let other = |path: &Path| whole::same_file(out, path);
    if other(&vault.path) {
        return Err(CommandError::OutIsVault);
    }
    if vault.passphrase_file.as_deref().is_some_and(other) {
        return Err(CommandError::OutIsPassphrase);
    }
    if fs::symlink_metadata(out).is_err() {
        let folder = whole::folder(out);
        fs::metadata(folder).map_err(CommandError::file(folder))?;
        return Ok(None);
    }
    let bytes = read::file(out, OBJECT_FILE_MAX).unwrap_or_default();
    let earlier = text::decode(&bytes).ok().and_then(|text| text.parse().ok());
    earlier
        .map(Some)
        .ok_or_else(|| CommandError::OutIsOther(out.to_owned()))
}
