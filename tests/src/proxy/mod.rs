//! A TCP proxy that makes bad weather: delay, narrow lines, silence in one direction or both, resets, refusals.
//!
//! It stands where a cable would. It takes no byte away from a connection that lives: what is held back comes later,
//! as TCP itself would bring it, or the connection is reset and all that was on its way is lost. It also writes down
//! what passes, so that a test can look for words on the wire.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is test code: it stops at the first surprise"
)]

mod weather;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep, sleep_until, timeout},
};
pub use weather::{Storm, Weather};

/// Bytes read at once; small, so that a narrow line is narrow at every moment.
const CHUNK: usize = 2_048;
/// Chunks on their way: with a delay of 2 s this is a line of half a megabyte per second.
const ON_THE_WAY: usize = 512;
/// How long a node may take to accept.
const ACCEPT: Duration = Duration::from_secs(5);

/// What passed on one connection.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// From whoever called to the node.
    pub to_node: Vec<u8>,
    /// From the node to whoever called.
    pub to_caller: Vec<u8>,
    /// How far each direction was when: time, to the node or not, bytes of that direction so far.
    pub moves: Vec<(Instant, bool, usize)>,
}

struct Control {
    node: SocketAddr,
    /// Where its connections to the node come from: the address at which it listens, and so not that of other callers.
    from: IpAddr,
    weather: watch::Sender<Weather>,
    /// Counts up: every connection that stands is reset.
    resets: watch::Sender<u64>,
    /// Counts up: every connection that stands becomes half open.
    halves: watch::Sender<u64>,
    /// Counts up: every connection that stands carries nothing more.
    freezes: watch::Sender<u64>,
    /// Connections that stand now.
    standing: watch::Sender<usize>,
    recorded: Mutex<Vec<Recorded>>,
}

/// A proxy before one node. It stops, and its connections break, when this is dropped.
pub struct Proxy {
    address: SocketAddr,
    control: Arc<Control>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

impl Proxy {
    /// Listens at `address` and carries to `node`.
    ///
    /// # Panics
    /// When it cannot listen there.
    pub async fn start(address: SocketAddr, node: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let control = Arc::new(Control {
            node,
            from: address.ip(),
            weather: watch::Sender::default(),
            resets: watch::Sender::default(),
            halves: watch::Sender::default(),
            freezes: watch::Sender::default(),
            standing: watch::Sender::default(),
            recorded: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&control)));
        Self {
            address,
            control,
            task,
        }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the weather, for connections that stand and for those to come.
    pub fn set(&self, weather: Weather) {
        self.control.weather.send_replace(weather);
    }

    /// Resets every connection; new ones may come at once.
    pub fn cut(&self) {
        self.control.resets.send_modify(|resets| *resets += 1);
    }

    /// Makes every connection half open: whoever called is told that it broke, the node is not, and hears nothing more
    /// on it. New ones may come at once.
    pub fn halve(&self) {
        self.control.halves.send_modify(|halves| *halves += 1);
    }

    /// Every connection that stands carries nothing more, and neither end is told: the caller's address has changed. New
    /// ones may come at once.
    pub fn freeze(&self) {
        self.control.freezes.send_modify(|freezes| *freezes += 1);
    }

    /// Waits until a connection stands.
    pub async fn used(&self) {
        let mut standing = self.control.standing.subscribe();
        let _ = standing.wait_for(|count| *count > 0).await;
    }

    /// What passed so far, by connection.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        self.control
            .recorded
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn accept(listener: TcpListener, control: Arc<Control>) {
    loop {
        let Ok((caller, _)) = listener.accept().await else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        tokio::spawn(carry(caller, Arc::clone(&control)));
    }
}

async fn connect(from: IpAddr, node: SocketAddr) -> io::Result<TcpStream> {
    let socket = if from.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    socket.bind(SocketAddr::new(from, 0))?;
    socket.connect(node).await
}

/// Carries one connection to its end.
async fn carry(caller: TcpStream, control: Arc<Control>) {
    let (mut resets, mut halves) = (control.resets.subscribe(), control.halves.subscribe());
    let mut freezes = control.freezes.subscribe();
    if control.weather.borrow().refuse {
        reset(&caller);
        return;
    }
    let Ok(Ok(node)) = timeout(ACCEPT, connect(control.from, control.node)).await else {
        reset(&caller);
        return;
    };
    let _ = (caller.set_nodelay(true), node.set_nodelay(true));
    let number = {
        let mut recorded = control.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        recorded.push(Recorded::default());
        recorded.len() - 1
    };
    control.standing.send_modify(|count| *count += 1);
    let carried = async {
        let there = pump(
            &caller,
            &node,
            Way {
                number,
                to_node: true,
            },
            &control,
        );
        let back = pump(
            &node,
            &caller,
            Way {
                number,
                to_node: false,
            },
            &control,
        );
        tokio::try_join!(there, back)
    };
    let end = tokio::select! {
        ended = carried => if ended.is_ok() { End::Said } else { End::Broken },
        _ = resets.changed() => End::Broken,
        _ = halves.changed() => End::Half,
        _ = freezes.changed() => End::Frozen,
    };
    control.standing.send_modify(|count| *count -= 1);
    if end == End::Half {
        reset(&caller);
        drop(caller);
        // The node's end stands until it gives up or this proxy goes.
        let _ = resets.changed().await;
        reset(&node);
    } else if end == End::Frozen {
        // Both ends stand until this proxy goes.
        let _ = resets.changed().await;
        reset(&caller);
        reset(&node);
    } else if end == End::Broken {
        reset(&caller);
        reset(&node);
    }
}

/// How a connection ended.
#[derive(PartialEq)]
enum End {
    Said,
    Broken,
    Half,
    Frozen,
}

/// Closing it then tells the other side that it broke, and forgets what was on its way.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

#[derive(Clone, Copy)]
struct Way {
    number: usize,
    to_node: bool,
}

impl Way {
    fn holds(self, weather: &Weather) -> bool {
        if self.to_node {
            weather.hold_to_node
        } else {
            weather.hold_to_caller
        }
    }
}

/// One direction of a connection, until it ends or breaks.
async fn pump(from: &TcpStream, to: &TcpStream, way: Way, control: &Control) -> io::Result<()> {
    let (chunks, mut coming) = mpsc::channel::<(Instant, Vec<u8>)>(ON_THE_WAY);
    let reading = async move {
        let mut weather = control.weather.subscribe();
        loop {
            // The sender lives in the proxy's control, which outlives this.
            let _ = weather.wait_for(|weather| !way.holds(weather)).await;
            from.readable().await?;
            let mut bytes = vec![0; CHUNK];
            let got = match from.try_read(&mut bytes) {
                Ok(got) => got,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error),
            };
            if got == 0 {
                return Ok::<_, io::Error>(());
            }
            bytes.truncate(got);
            let due = Instant::now() + weather.borrow().delay;
            if chunks.send((due, bytes)).await.is_err() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
    };
    let writing = async move {
        let mut weather = control.weather.subscribe();
        while let Some((due, bytes)) = coming.recv().await {
            sleep_until(due).await;
            let narrow = {
                let weather = weather.wait_for(|weather| !way.holds(weather)).await;
                weather.ok().and_then(|weather| weather.bytes_per_second)
            };
            if let Some(rate) = narrow {
                sleep(Duration::from_secs_f64(bytes.len() as f64 / f64::from(rate))).await;
            }
            record(control, way, &bytes);
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                to.writable().await?;
                match to.try_write(rest) {
                    Ok(written) => rest = &rest[written..],
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
        }
        // The end is said in its turn, after the last byte.
        rustix::net::shutdown(to, rustix::net::Shutdown::Write).map_err(io::Error::from)
    };
    tokio::try_join!(reading, writing).map(|_| ())
}

fn record(control: &Control, way: Way, bytes: &[u8]) {
    let mut recorded = control.recorded.lock().unwrap_or_else(PoisonError::into_inner);
    let connection = &mut recorded[way.number];
    let all = if way.to_node {
        &mut connection.to_node
    } else {
        &mut connection.to_caller
    };
    all.extend_from_slice(bytes);
    let far = all.len();
    connection.moves.push((Instant::now(), way.to_node, far));
}
