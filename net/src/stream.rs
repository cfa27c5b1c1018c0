//! One stream of bytes, whatever carries it.

use std::{
    any::Any,
    fmt, io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf},
    sync::mpsc,
};
use tokio_util::compat::{Compat, FuturesAsyncReadCompatExt};

use crate::permit::Permit;

/// What an entry sees when it forwards: that bytes passed, how many, in which direction. Never the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// Which forwarded stream, counted from 1 since the node started.
    pub stream: u64,
    /// From the client to the home, or back.
    pub to_home: bool,
    /// How many bytes.
    pub bytes: usize,
}

/// A stream of bytes to or from a node. The end of the stream also says "refused": an entry that will not forward closes.
pub struct Stream {
    carrier: Carrier,
    observer: Option<Observer>,
    /// The counted places this stream takes; given back when it is dropped.
    held: Vec<Box<dyn Any + Send + Sync>>,
}

enum Carrier {
    Network(Compat<libp2p::Stream>),
    Memory(DuplexStream),
}

struct Observer {
    stream: u64,
    passed: mpsc::Sender<Passed>,
}

impl Observer {
    fn see(&self, to_home: bool, bytes: usize) {
        // A full or closed observer must never slow a stream down.
        let _ = self.passed.try_send(Passed {
            stream: self.stream,
            to_home,
            bytes,
        });
    }
}

impl Stream {
    /// Two ends in memory, each holding at most `buffer` bytes that the other has not read: for one process that plays both sides.
    #[must_use]
    pub fn pair(buffer: usize) -> (Self, Self) {
        let (left, right) = tokio::io::duplex(buffer);
        (Self::of(Carrier::Memory(left)), Self::of(Carrier::Memory(right)))
    }

    pub(crate) fn network(stream: libp2p::Stream, permit: Permit) -> Self {
        let mut stream = Self::of(Carrier::Network(stream.compat()));
        stream.hold(permit);
        stream
    }

    fn of(carrier: Carrier) -> Self {
        Self {
            carrier,
            observer: None,
            held: Vec::new(),
        }
    }

    /// Keeps a place taken as long as the stream lives.
    pub(crate) fn hold(&mut self, place: impl Any + Send + Sync) {
        self.held.push(Box::new(place));
    }

    /// From now on tells how many bytes pass: what is read comes from the client, what is written goes to it.
    pub(crate) fn observe(&mut self, stream: u64, passed: mpsc::Sender<Passed>) {
        self.observer = Some(Observer { stream, passed });
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let carrier = match self.carrier {
            Carrier::Network(_) => "network",
            Carrier::Memory(_) => "memory",
        };
        write!(formatter, "Stream({carrier})")
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = match &mut self.carrier {
            Carrier::Network(stream) => Pin::new(stream).poll_read(cx, buffer),
            Carrier::Memory(stream) => Pin::new(stream).poll_read(cx, buffer),
        };
        match ready!(result) {
            Ok(()) => {}
            // Closed before the lazily agreed protocol was confirmed, or while yamux wanted to grant more window:
            // to the reader that is the end like any other.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::UnexpectedEof | io::ErrorKind::WriteZero
                ) => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
        let bytes = buffer.filled().len() - before;
        if bytes > 0
            && let Some(observer) = &self.observer
        {
            observer.see(true, bytes);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(match &mut self.carrier {
            Carrier::Network(stream) => Pin::new(stream).poll_write(cx, bytes),
            Carrier::Memory(stream) => Pin::new(stream).poll_write(cx, bytes),
        })
        .map_err(closed)?;
        if written > 0
            && let Some(observer) = &self.observer
        {
            observer.see(false, written);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.carrier {
            Carrier::Network(stream) => Pin::new(stream).poll_flush(cx),
            Carrier::Memory(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.carrier {
            Carrier::Network(stream) => Pin::new(stream).poll_shutdown(cx),
            Carrier::Memory(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// yamux says `WriteZero` with its own numbers when the other side has closed.
fn closed(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WriteZero => io::ErrorKind::BrokenPipe.into(),
        _ => error,
    }
}
