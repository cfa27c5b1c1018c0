//! Message brokers: one process between two clients, no end-to-end encryption, no anonymity, nothing ordered over a
//! break. What a group picks that only wants messages to pass.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use futures::{FutureExt, future::BoxFuture};
use hamsa_protocol::wire::UNIT;
use hamsa_tests::cast::{Host, Process};
use serde::Serialize;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::Command,
    time::sleep,
};

use super::{START, program};
use crate::{
    report::Sample,
    scenario::{Missing, Scenario},
};

/// Between two attempts to reach a broker that starts.
const KNOCK: Duration = Duration::from_millis(20);
/// After the last idle client came.
const SETTLE: Duration = Duration::from_secs(2);

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Broker {
    /// MQTT.
    Mosquitto,
    /// NATS.
    Nats,
}

/// Mosquitto or NATS.
#[derive(Debug, Args, Serialize)]
pub struct Brokers {
    broker: Broker,
    /// So many messages are measured.
    #[arg(long, default_value_t = 2_000)]
    count: usize,
    /// So many before them are not.
    #[arg(long, default_value_t = 200)]
    warm: usize,
    /// Clients that say nothing.
    #[arg(long, default_value_t = 1_000)]
    idle: usize,
}

impl Scenario for Brokers {
    fn name(&self) -> &'static str {
        match self.broker {
            Broker::Mosquitto => "mosquitto",
            Broker::Nats => "nats",
        }
    }

    fn pinned(&self) -> bool {
        true
    }

    fn measure(&self) -> BoxFuture<'_, Result<Vec<Sample>>> {
        async {
            let folder = tempfile::tempdir()?;
            let host = Host::new();
            let address = host.socket();
            let process = self.broker.start(address, folder.path())?;
            let mut seeker = Client::reach(self.broker, address, "seeker").await?;
            let mut counselor = Client::connect(self.broker, address, "counselor").await?;
            let (mut one_way, mut answered) = (Vec::new(), Vec::new());
            for number in 0..self.warm + self.count {
                let start = Instant::now();
                seeker.say("counselor").await?;
                counselor.hear().await?;
                let heard = start.elapsed();
                counselor.say("seeker").await?;
                seeker.hear().await?;
                if number >= self.warm {
                    one_way.push(heard);
                    answered.push(start.elapsed());
                }
            }
            let times = [
                Sample::times("say to message", &one_way),
                Sample::times("say to message to answer to message", &answered),
            ];
            let memory = self.idle(&process, address).await?;
            Ok([times.concat(), vec![memory]].concat())
        }
        .boxed()
    }
}

impl Brokers {
    /// Memory of a client that has subscribed and says nothing.
    async fn idle(&self, process: &Process, address: SocketAddr) -> Result<Sample> {
        let before = process.resident();
        let mut clients = Vec::new();
        for number in 0..self.idle {
            clients.push(Client::connect(self.broker, address, &format!("idle-{number}")).await?);
        }
        sleep(SETTLE).await;
        ensure!(process.alive().await, "the broker has ended");
        // That each is still there is seen by what it answers.
        for client in &mut clients {
            client.ping().await.context("an idle client is not connected")?;
        }
        let grown = process.resident().saturating_sub(before) as f64;
        Ok(Sample::new(
            "memory of each idle client",
            "KiB",
            grown / self.idle as f64,
        ))
    }
}

impl Broker {
    fn start(self, address: SocketAddr, folder: &Path) -> Result<Process> {
        let name = match self {
            Self::Mosquitto => "mosquitto",
            Self::Nats => "nats-server",
        };
        let path =
            program(name).ok_or_else(|| Missing(format!("{name} is not installed (a Debian package)")))?;
        let mut command = Command::new(path);
        let (ip, port) = (address.ip(), address.port());
        match self {
            Self::Mosquitto => {
                let file = folder.join("mosquitto.conf");
                // Root would become another user, who cannot read the folder.
                let text =
                    format!("listener {port} {ip}\nallow_anonymous true\nset_tcp_nodelay true\nuser root\n");
                fs::write(&file, text)?;
                command.arg("-c").arg(file);
            }
            Self::Nats => {
                command.args(["-a", &ip.to_string(), "-p", &port.to_string()]);
            }
        }
        Ok(Process::start(name, command))
    }
}

/// One connection, which has subscribed to its own name.
struct Client {
    broker: Broker,
    stream: BufReader<TcpStream>,
}

impl Client {
    /// The first one: the broker may still start.
    async fn reach(broker: Broker, address: SocketAddr, name: &str) -> Result<Self> {
        let start = Instant::now();
        loop {
            match Self::connect(broker, address, name).await {
                Err(error) if start.elapsed() > START => {
                    return Err(error.context("the broker does not answer"));
                }
                Err(_) => sleep(KNOCK).await,
                Ok(client) => return Ok(client),
            }
        }
    }

    async fn connect(broker: Broker, address: SocketAddr, name: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut client = Self {
            broker,
            stream: BufReader::new(stream),
        };
        match broker {
            Broker::Mosquitto => {
                // CONNECT of MQTT 3.1.1 with a clean session and no keepalive.
                let hello = [b"\0\x04MQTT\x04\x02\0\0".as_slice(), &sized(name)].concat();
                client.packet(0x10, &hello).await?;
                ensure!(client.read_packet().await?.0 == 0x20, "no CONNACK");
                client
                    .packet(0x82, &[b"\0\x01".as_slice(), &sized(name), b"\0"].concat())
                    .await?;
                ensure!(client.read_packet().await?.0 == 0x90, "no SUBACK");
            }
            Broker::Nats => {
                ensure!(client.line().await?.starts_with("INFO "), "no INFO");
                client
                    .send(format!("CONNECT {{\"verbose\":false}}\r\nSUB {name} 1\r\n").as_bytes())
                    .await?;
                client.ping().await?;
            }
        }
        Ok(client)
    }

    /// Publishes as many bytes as a record has.
    async fn say(&mut self, to: &str) -> Result<()> {
        let words = [0x5a; UNIT];
        match self.broker {
            Broker::Mosquitto => self.packet(0x30, &[sized(to).as_slice(), &words].concat()).await,
            Broker::Nats => {
                let head = format!("PUB {to} {UNIT}\r\n");
                self.send(&[head.as_bytes(), &words, b"\r\n"].concat()).await
            }
        }
    }

    /// Waits for a message.
    async fn hear(&mut self) -> Result<()> {
        match self.broker {
            Broker::Mosquitto => {
                let (kind, body) = self.read_packet().await?;
                ensure!(kind == 0x30 && body.len() > UNIT, "no message, but {kind:#x}");
            }
            Broker::Nats => loop {
                let line = self.line().await?;
                match line.split(' ').next() {
                    Some("MSG") => break self.skip(UNIT + 2).await?,
                    Some("PING") => self.send(b"PONG\r\n").await?,
                    _ => bail!("no message, but {line}"),
                }
            },
        }
        Ok(())
    }

    async fn ping(&mut self) -> Result<()> {
        match self.broker {
            Broker::Mosquitto => {
                self.packet(0xc0, &[]).await?;
                ensure!(self.read_packet().await?.0 == 0xd0, "no PINGRESP");
            }
            Broker::Nats => {
                self.send(b"PING\r\n").await?;
                while self.line().await? != "PONG" {}
            }
        }
        Ok(())
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.get_mut().write_all(bytes).await?)
    }

    /// A line of NATS.
    async fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(
            self.stream.read_line(&mut line).await? > 0,
            "the broker has closed the connection"
        );
        Ok(line.trim_end().to_owned())
    }

    async fn skip(&mut self, count: usize) -> Result<()> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).await?;
        Ok(())
    }

    /// A packet of MQTT: kind, length in groups of seven bits, body.
    async fn packet(&mut self, kind: u8, body: &[u8]) -> Result<()> {
        let mut bytes = vec![kind];
        let mut length = body.len();
        loop {
            let more = if length > 0x7f { 0x80 } else { 0 };
            bytes.push(u8::try_from(length & 0x7f)? | more);
            length >>= 7;
            if length == 0 {
                break;
            }
        }
        bytes.extend(body);
        self.send(&bytes).await
    }

    async fn read_packet(&mut self) -> Result<(u8, Vec<u8>)> {
        let kind = self.stream.read_u8().await?;
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = self.stream.read_u8().await?;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 || shift > 21 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok((kind, body))
    }
}

/// A text of MQTT: its length in two bytes before it.
fn sized(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    [length.to_be_bytes().as_slice(), text.as_bytes()].concat()
}
