//! An echo over libp2p, as a program without entries and homes would talk: TCP, Noise and yamux, one stream, and no swarm
//! above it.

use std::{
    future::{pending, poll_fn},
    net::SocketAddr,
    task::Poll,
};

use anyhow::{Context, Result};
use clap::Args;
use futures::{FutureExt, StreamExt, future::BoxFuture};
use libp2p::{
    Multiaddr, PeerId, Transport,
    core::{
        Endpoint,
        muxing::{StreamMuxerBox, StreamMuxerExt, SubstreamBox},
        transport::{Boxed, DialOpts, ListenerId, PortUse, TransportEvent},
        upgrade::Version,
    },
    identity::Keypair,
    multiaddr::Protocol,
    noise, tcp, yamux,
};
use serde::Serialize;
use tokio_util::compat::FuturesAsyncReadCompatExt;

use super::{echo, echoes, part, parts::listens};
use crate::{report::Sample, scenario::Scenario};

/// An echo over a libp2p connection.
#[derive(Debug, Args, Serialize)]
pub struct Libp2p {
    /// So many echoes are measured.
    #[arg(long, default_value_t = 2_000)]
    count: usize,
    /// So many before them are not.
    #[arg(long, default_value_t = 200)]
    warm: usize,
}

impl Scenario for Libp2p {
    fn name(&self) -> &'static str {
        "libp2p"
    }

    fn pinned(&self) -> bool {
        true
    }

    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>> {
        async {
            let (_server, address) = part(&["libp2p-echo"]).await?;
            let stream = dial(address).await?;
            let times = echoes(stream.compat(), self.warm, self.count).await?;
            Ok(Sample::times("echo over one connection", &times).to_vec())
        }
        .boxed()
    }
}

fn transport() -> Result<Boxed<(PeerId, StreamMuxerBox)>> {
    let tcp = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    let proven = tcp
        .upgrade(Version::V1Lazy)
        .authenticate(noise::Config::new(&Keypair::generate_ed25519())?);
    Ok(proven.multiplex(yamux::Config::default()).boxed())
}

fn multiaddress(address: SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port()))
}

async fn dial(address: SocketAddr) -> Result<SubstreamBox> {
    let options = DialOpts {
        role: Endpoint::Dialer,
        port_use: PortUse::New,
    };
    let (_, mut muxer) = transport()?.dial(multiaddress(address), options)?.await?;
    let stream = poll_fn(|cx| {
        if let Poll::Ready(stream) = muxer.poll_outbound_unpin(cx) {
            return Poll::Ready(stream);
        }
        muxer
            .poll_unpin(cx)
            .map(|event| event.and_then(|_| Err(std::io::ErrorKind::Other.into())))
    });
    let stream = stream.await?;
    tokio::spawn(async move {
        // The task that owns a connection must poll it, or no bytes move.
        let _ = poll_fn(|cx| muxer.poll_unpin(cx)).await;
    });
    Ok(stream)
}

/// Listens, and gives back what comes.
///
/// # Errors
/// When it cannot listen.
pub(super) async fn serve() -> Result<()> {
    let mut transport = transport()?;
    transport.listen_on(ListenerId::next(), "/ip4/127.0.0.1/tcp/0".parse()?)?;
    while let Some(event) = transport.next().await {
        match event {
            TransportEvent::NewAddress { listen_addr, .. } => listens(socket(&listen_addr)?)?,
            TransportEvent::Incoming { upgrade, .. } => {
                tokio::spawn(async move {
                    let (_, muxer) = upgrade.await?;
                    serve_streams(muxer).await
                });
            }
            _ => {}
        }
    }
    pending().await
}

fn socket(address: &Multiaddr) -> Result<SocketAddr> {
    let mut parts = address.iter();
    match (parts.next(), parts.next()) {
        (Some(Protocol::Ip4(ip)), Some(Protocol::Tcp(port))) => Some(SocketAddr::new(ip.into(), port)),
        _ => None,
    }
    .context("an address that is none")
}

async fn serve_streams(mut muxer: StreamMuxerBox) -> std::io::Result<()> {
    loop {
        let stream = poll_fn(|cx| {
            let _ = muxer.poll_unpin(cx)?;
            muxer.poll_inbound_unpin(cx)
        });
        let stream = stream.await?;
        tokio::spawn(echo(stream.compat()));
    }
}
