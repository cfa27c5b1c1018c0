//! The processes that stand between the two ends: each prints where it listens, and runs until it is ended.

use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr},
};

use anyhow::Result;
use clap::Subcommand;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

use super::libp2p;

/// A process that another measurement needs.
#[derive(Debug, Subcommand)]
pub enum Helper {
    /// Carries bytes to an address and back.
    Proxy {
        /// There.
        to: SocketAddr,
    },
    /// Gives back what comes over libp2p.
    Libp2pEcho,
}

/// Runs one.
///
/// # Errors
/// When it cannot listen.
pub async fn run(part: &Helper) -> Result<()> {
    match part {
        Helper::Proxy { to } => proxy(*to).await,
        Helper::Libp2pEcho => libp2p::serve().await,
    }
}

/// Says where this process listens.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn listens(address: SocketAddr) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{address}")?;
    Ok(out.flush()?)
}

async fn proxy(to: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    listens(listener.local_addr()?)?;
    loop {
        let (mut caller, _) = listener.accept().await?;
        tokio::spawn(async move {
            let mut callee = TcpStream::connect(to).await?;
            caller.set_nodelay(true)?;
            callee.set_nodelay(true)?;
            copy_bidirectional(&mut caller, &mut callee).await
        });
    }
}
