//! What a user would pick instead, and bare TCP, measured in the same way: both ends in this process, as both engines
//! are, and what lies between them in processes of its own.

mod brokers;
mod floor;
mod libp2p;
pub mod parts;
mod tor;

use std::{
    env, io,
    net::SocketAddr,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use hamsa_protocol::wire::UNIT;
use hamsa_tests::cast::Process;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    process::Command,
};

pub use brokers::Brokers;
pub use floor::Floor;
pub use libp2p::Libp2p;
pub use tor::Tor;

/// Longest wait for a process to listen.
const START: Duration = Duration::from_secs(20);

/// Starts a part of this program as a process; gives it and where it listens.
async fn part(arguments: &[&str]) -> Result<(Process, SocketAddr)> {
    let mut command = Command::new(env::current_exe()?);
    command.arg("part").args(arguments);
    let process = Process::start(&format!("part {arguments:?}"), command);
    let address = process
        .find("an address", 0, START, |line| line.text.parse().ok())
        .await;
    Ok((process, address))
}

/// A program of the system: also where only administrators look for it.
fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Sends so many bytes as a record has, and waits until they are back; again and again.
async fn echoes(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    warm: usize,
    count: usize,
) -> Result<Vec<Duration>> {
    let sent = [0x5a; UNIT];
    let mut back = [0; UNIT];
    let mut times = Vec::new();
    for number in 0..warm + count {
        let start = Instant::now();
        stream.write_all(&sent).await?;
        stream.flush().await?;
        stream
            .read_exact(&mut back)
            .await
            .context("an echo did not come")?;
        ensure!(back == sent, "an echo was another one");
        if number >= warm {
            times.push(start.elapsed());
        }
    }
    Ok(times)
}

/// Gives back what comes, until the other end has gone.
async fn echo(stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut bytes = [0; UNIT];
    loop {
        reader.read_exact(&mut bytes).await?;
        writer.write_all(&bytes).await?;
        writer.flush().await?;
    }
}
