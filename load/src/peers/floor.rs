//! Bare TCP through proxies: nothing that passes through other processes can be faster.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::Result;
use clap::Args;
use futures::{FutureExt, future::BoxFuture};
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};

use super::{echo, echoes, part};
use crate::{report::Sample, scenario::Scenario};

/// Bare TCP through two and three proxies.
#[derive(Debug, Args, Serialize)]
pub struct Floor {
    /// So many echoes are measured.
    #[arg(long, default_value_t = 2_000)]
    count: usize,
    /// So many before them are not.
    #[arg(long, default_value_t = 200)]
    warm: usize,
}

impl Scenario for Floor {
    fn name(&self) -> &'static str {
        "floor"
    }

    fn pinned(&self) -> bool {
        true
    }

    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>> {
        async {
            let two = self.through(2).await?;
            let three = self.through(3).await?;
            let names = ["echo through two proxies", "echo through three proxies"];
            Ok([Sample::times(names[0], &two), Sample::times(names[1], &three)].concat())
        }
        .boxed()
    }
}

impl Floor {
    /// From this process through so many others, to this process and back.
    async fn through(&self, proxies: usize) -> Result<Vec<Duration>> {
        let mut next = listen().await?;
        let mut running = Vec::new();
        for _ in 0..proxies {
            let (process, address) = part(&["proxy", &next.to_string()]).await?;
            running.push(process);
            next = address;
        }
        let stream = TcpStream::connect(next).await?;
        stream.set_nodelay(true)?;
        echoes(stream, self.warm, self.count).await
    }
}

/// Echoes one connection.
pub(super) async fn listen() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        echo(stream).await
    });
    Ok(address)
}
