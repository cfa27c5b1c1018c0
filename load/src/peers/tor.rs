//! A Tor network of its own on loopback: three authorities and three relays, all of which are exits, and a client. An
//! echo passes three of them on its way and three on its way back.
//!
//! What Tor gives against an observer of several lines is more than two nodes give; the figures say nothing of that.

use std::{
    fmt::Write,
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use futures::{FutureExt, future::BoxFuture};
use hamsa_tests::cast::{Host, Process};
use serde::Serialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
};

use super::{echoes, floor::listen, program};
use crate::{
    report::Sample,
    scenario::{Missing, Scenario},
};

const AUTHORITIES: usize = 3;
const RELAYS: usize = 3;
/// Longest wait for a circuit: the authorities have to agree on a first consensus, which takes them 20 s.
const BOOTSTRAP: Duration = Duration::from_secs(180);
/// For everybody. The votes are as fast as tor allows: a real network votes once in an hour.
const COMMON: &str = "\
TestingTorNetwork 1
AssumeReachable 1
PathsNeededToBuildCircuits 0.25
Log notice stdout
";
const RELAY: &str = "\
SocksPort 0
ExitRelay 1
ExitPolicyRejectPrivate 0
ExitPolicy accept *:*
ContactInfo nobody@example.net
";
const AUTHORITY: &str = "\
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
TestingV3AuthInitialVotingInterval 20
TestingV3AuthInitialVoteDelay 4
TestingV3AuthInitialDistDelay 4
V3AuthVotingInterval 20
V3AuthVoteDelay 4
V3AuthDistDelay 4
TestingDirAuthVoteExit *
TestingDirAuthVoteGuard *
";

/// A Tor network of its own.
#[derive(Debug, Args, Serialize)]
pub struct Tor {
    /// So many echoes are measured.
    #[arg(long, default_value_t = 500)]
    count: usize,
    /// So many before them are not.
    #[arg(long, default_value_t = 50)]
    warm: usize,
}

impl Scenario for Tor {
    fn name(&self) -> &'static str {
        "tor"
    }

    fn pinned(&self) -> bool {
        true
    }

    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>> {
        async {
            let folder = tempfile::tempdir()?;
            let network = Network::new(folder.path())?;
            let (_processes, socks) = network.start().await?;
            let stream = connect(socks, listen().await?).await?;
            let times = echoes(stream, self.warm, self.count).await?;
            Ok(Sample::times("echo through three relays", &times).to_vec())
        }
        .boxed()
    }
}

/// Where the network lies, and with what it is made.
struct Network<'a> {
    tor: PathBuf,
    gencert: PathBuf,
    folder: &'a Path,
    host: Host,
}

/// A relay, which may be an authority too.
struct Member {
    name: String,
    folder: PathBuf,
    /// For circuits, and for the directory.
    ports: [SocketAddr; 2],
}

impl<'a> Network<'a> {
    fn new(folder: &'a Path) -> Result<Self> {
        let find =
            |name| program(name).ok_or_else(|| Missing("tor is not installed (a Debian package)".to_owned()));
        let (tor, gencert) = (find("tor")?, find("tor-gencert")?);
        Ok(Self {
            tor,
            gencert,
            folder,
            host: Host::new(),
        })
    }

    /// Starts everybody; gives the processes, and where the client takes connections.
    async fn start(&self) -> Result<(Vec<Process>, SocketAddr)> {
        let (mut members, mut authorities) = (Vec::new(), String::new());
        for number in 0..AUTHORITIES + RELAYS {
            let member = self.member(number)?;
            if number < AUTHORITIES {
                let line = self.authority(&member).await?;
                writeln!(authorities, "{line}")?;
            }
            members.push(member);
        }
        let mut processes = Vec::new();
        for (
            number,
            Member {
                name,
                folder,
                ports: [circuits, directory],
            },
        ) in members.iter().enumerate()
        {
            let role = if number < AUTHORITIES { AUTHORITY } else { "" };
            let own = format!(
                "Nickname {name}\nAddress {}\nORPort {circuits}\nDirPort {directory}\n{RELAY}{role}",
                circuits.ip()
            );
            processes.push(self.run(folder, &authorities, &own)?);
        }
        let (folder, socks) = (self.new_folder("client")?, self.host.socket());
        let own = format!("SocksPort {socks}\nClientRejectInternalAddresses 0\n");
        let client = self.run(&folder, &authorities, &own)?;
        client
            .find("a circuit", 0, BOOTSTRAP, |line| {
                line.text.contains("Bootstrapped 100%").then_some(())
            })
            .await;
        processes.push(client);
        Ok((processes, socks))
    }

    fn new_folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir_all(folder.join("keys"))?;
        Ok(folder)
    }

    fn member(&self, number: usize) -> Result<Member> {
        let name = format!("relay{number}");
        let ports = [self.host.socket(), self.host.socket()];
        Ok(Member {
            folder: self.new_folder(&name)?,
            name,
            ports,
        })
    }

    /// Makes the keys of an authority; gives the line by which all others know it.
    async fn authority(&self, member: &Member) -> Result<String> {
        let Member {
            name,
            folder,
            ports: [circuits, directory],
        } = member;
        let passphrase = folder.join("passphrase");
        fs::write(&passphrase, "none\n")?;
        let keys = folder.join("keys");
        let certificate = keys.join("authority_certificate");
        let mut make = Command::new(&self.gencert);
        make.arg("--create-identity-key")
            .arg("-i")
            .arg(keys.join("authority_identity_key"));
        make.arg("-s")
            .arg(keys.join("authority_signing_key"))
            .arg("-c")
            .arg(&certificate);
        make.args(["-a", &directory.to_string(), "-m", "12", "--passphrase-fd", "0"]);
        let made = make.stdin(File::open(passphrase)?).output().await?;
        ensure!(
            made.status.success(),
            "tor-gencert: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        let text = fs::read_to_string(certificate)?;
        let identity = text
            .lines()
            .find_map(|line| line.strip_prefix("fingerprint "))
            .context("no fingerprint")?;
        let mut list = Command::new(&self.tor);
        list.args([
            "--list-fingerprint",
            "--quiet",
            "--ignore-missing-torrc",
            "-f",
            "/nonexistent",
        ]);
        list.args([
            "--nickname",
            name,
            "--orport",
            &circuits.to_string(),
            "--datadirectory",
        ])
        .arg(folder);
        // It asks for an authority, and does not use this one.
        list.args([
            "--dirserver",
            "none 127.0.0.1:1 ffffffffffffffffffffffffffffffffffffffff",
        ]);
        let listed = list.stdin(Stdio::null()).output().await?;
        let listed = String::from_utf8(listed.stdout)?;
        let fingerprint = listed
            .lines()
            .last()
            .and_then(|line| line.split_once(' '))
            .context("no fingerprint")?
            .1;
        let fingerprint = fingerprint.replace(' ', "");
        let port = circuits.port();
        Ok(format!(
            "DirAuthority {name} orport={port} no-v2 v3ident={identity} {directory} {fingerprint}"
        ))
    }

    fn run(&self, folder: &Path, authorities: &str, own: &str) -> Result<Process> {
        let file = folder.join("torrc");
        fs::write(
            &file,
            format!("{COMMON}DataDirectory {}\n{authorities}{own}", folder.display()),
        )?;
        let mut command = Command::new(&self.tor);
        command.arg("-f").arg(file);
        Ok(Process::start("tor", command))
    }
}

/// A connection through the network, by SOCKS 5 without a password.
async fn connect(socks: SocketAddr, to: SocketAddr) -> Result<TcpStream> {
    let SocketAddr::V4(to) = to else {
        anyhow::bail!("the echo has no address of IPv4")
    };
    let mut stream = TcpStream::connect(socks).await?;
    stream.set_nodelay(true)?;
    let address = [to.ip().octets().as_slice(), &to.port().to_be_bytes()].concat();
    stream
        .write_all(&[[5, 1, 0, 5, 1, 0, 1].as_slice(), &address].concat())
        .await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    ensure!(
        answer.get(..4) == Some(&[5, 0, 5, 0]),
        "tor did not connect: {answer:?}"
    );
    Ok(stream)
}
