//! Joins two streams until one ends, without a buffer for each: ten thousand idle chats hold no memory here.
//!
//! Bytes are read into one scratch buffer per thread and written on at once. Only what the other side does not take
//! is kept, at most one chunk per direction, and nothing more is read until it has gone: slow readers slow senders.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use crate::{
    limits::{LINGER, SPLICE_CHUNK, SPLICE_TURNS},
    stream::Stream,
};

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; SPLICE_CHUNK].into());
}

/// Moves bytes both ways until either side ends, fails, or nothing has moved for `idle`; then closes both.
pub(crate) fn splice(client: Stream, home: Stream, idle: Duration) -> Splice {
    let last = Instant::now();
    Splice {
        client: SpliceEnd::new(client),
        home: SpliceEnd::new(home),
        there: HalfSplice::default(),
        back: HalfSplice::default(),
        idle,
        last,
        alarm: Box::pin(sleep_until(last + idle)),
        closing: false,
    }
}

/// Two joined streams. A future written by hand: an async block of the same steps reserves memory for both streams at each
/// await point, and one of these lives as long as each seeker's connection.
pub(crate) struct Splice {
    client: SpliceEnd,
    home: SpliceEnd,
    there: HalfSplice,
    back: HalfSplice,
    idle: Duration,
    last: Instant,
    alarm: Pin<Box<Sleep>>,
    /// One side has ended.
    closing: bool,
}

impl Future for Splice {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.closing {
            if ready!(self.poll_bytes(cx)).is_err() {
                // Dropping resets both: the other side must not take a broken stream for a finished one.
                return Poll::Ready(());
            }
            self.closing = true;
            self.alarm.as_mut().reset(Instant::now() + LINGER);
        }
        let (client, home) = (self.client.poll_close(cx), self.home.poll_close(cx));
        if client.is_ready() && home.is_ready() {
            return Poll::Ready(());
        }
        self.alarm.as_mut().poll(cx)
    }
}

impl Splice {
    /// Ready when a side has ended or failed, or nothing has moved for too long.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (client, home) = (&mut self.client.stream, &mut self.home.stream);
        let one = self.there.poll(cx, client, home);
        let other = self.back.poll(cx, home, client);
        if self.there.moved || self.back.moved {
            (self.there.moved, self.back.moved) = (false, false);
            self.last = Instant::now();
        }
        match (one, other) {
            (Poll::Ready(Err(error)), _) | (_, Poll::Ready(Err(error))) => return Poll::Ready(Err(error)),
            (Poll::Ready(Ok(())), _) | (_, Poll::Ready(Ok(()))) => return Poll::Ready(Ok(())),
            (Poll::Pending, Poll::Pending) => {}
        }
        // The alarm is moved only when it rings: moving it at every byte would cost more than the byte.
        while self.alarm.as_mut().poll(cx).is_ready() {
            let due = self.last + self.idle;
            if due <= Instant::now() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.alarm.as_mut().reset(due);
        }
        Poll::Pending
    }
}

/// One of two joined streams.
struct SpliceEnd {
    stream: Stream,
    closed: bool,
}

impl SpliceEnd {
    const fn new(stream: Stream) -> Self {
        Self {
            stream,
            closed: false,
        }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.closed {
            // An error ends it as well.
            let _ = ready!(Pin::new(&mut self.stream).poll_shutdown(cx));
            self.closed = true;
        }
        Poll::Ready(())
    }
}

/// One way of a splice.
#[derive(Default)]
struct HalfSplice {
    /// What was read and not yet taken by the other side.
    kept: Vec<u8>,
    /// How much of `kept` has been taken since.
    taken: usize,
    unflushed: bool,
    ended: bool,
    moved: bool,
}

impl HalfSplice {
    /// Ready when `from` has ended and all its bytes are on their way.
    fn poll(&mut self, cx: &mut Context<'_>, from: &mut Stream, to: &mut Stream) -> Poll<io::Result<()>> {
        for _ in 0..SPLICE_TURNS {
            ready!(self.poll_kept(cx, to))?;
            if self.ended {
                return self.poll_flush(cx, to);
            }
            let read = SCRATCH.with_borrow_mut(|scratch| self.poll_through(cx, from, to, scratch))?;
            if read.is_pending() {
                ready!(self.poll_flush(cx, to))?;
                return Poll::Pending;
            }
        }
        // Other tasks of this thread have their turn first.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Reads once and writes what the other side takes now.
    fn poll_through(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Stream,
        to: &mut Stream,
        scratch: &mut [u8],
    ) -> io::Result<Poll<()>> {
        let mut buffer = ReadBuf::new(scratch);
        if Pin::new(from).poll_read(cx, &mut buffer)?.is_pending() {
            return Ok(Poll::Pending);
        }
        let mut bytes = buffer.filled();
        if bytes.is_empty() {
            self.ended = true;
            return Ok(Poll::Ready(()));
        }
        self.moved = true;
        while !bytes.is_empty() {
            let Poll::Ready(written) = Pin::new(&mut *to).poll_write(cx, bytes)? else {
                self.kept.extend_from_slice(bytes);
                break;
            };
            bytes = self.advance(bytes, written)?;
        }
        Ok(Poll::Ready(()))
    }

    /// Writes what was kept.
    fn poll_kept(&mut self, cx: &mut Context<'_>, to: &mut Stream) -> Poll<io::Result<()>> {
        while let Some(bytes @ [_, ..]) = self.kept.get(self.taken..) {
            let written = ready!(Pin::new(&mut *to).poll_write(cx, bytes))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.taken += written;
            self.moved = true;
            self.unflushed = true;
        }
        // The memory goes back: a stream that was slow once is idle most of its life.
        (self.kept, self.taken) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>, to: &mut Stream) -> Poll<io::Result<()>> {
        if self.unflushed {
            ready!(Pin::new(to).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn advance<'a>(&mut self, bytes: &'a [u8], written: usize) -> io::Result<&'a [u8]> {
        self.unflushed = true;
        match bytes.get(written..) {
            Some(rest) if written > 0 => Ok(rest),
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        time::timeout,
    };

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// A splice under way and its two outer ends.
    fn spliced(buffer: usize, idle: Duration) -> (Stream, Stream, tokio::task::JoinHandle<()>) {
        let (client, left) = Stream::pair(buffer);
        let (home, right) = Stream::pair(buffer);
        (client, home, tokio::spawn(splice(left, right, idle)))
    }

    #[tokio::test]
    async fn bytes_pass_a_small_buffer_unchanged() {
        let (mut client, mut home, task) = spliced(7, LONG);
        let text: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let sent = text.clone();
        let writer = tokio::spawn(async move {
            client.write_all(&sent).await.unwrap();
            client.shutdown().await.unwrap();
            client
        });
        let mut read = Vec::new();
        home.read_to_end(&mut read).await.unwrap();
        assert!(read == text, "changed on the way");
        task.await.unwrap();
        drop(writer.await.unwrap());
    }

    #[tokio::test]
    async fn a_reader_that_does_not_read_stops_the_writer() {
        let (mut client, _home, task) = spliced(1_024, LONG);
        let mut taken = 0;
        // The writer must come to a stop: both buffers, and one chunk that is kept.
        while let Ok(written) = timeout(Duration::from_millis(500), client.write(&[1; 1_024])).await {
            taken += written.unwrap();
            assert!(taken <= 2 * 1_024 + SPLICE_CHUNK, "{taken} bytes are held");
        }
        assert!(taken >= 2 * 1_024);
        task.abort();
    }

    #[tokio::test]
    async fn silence_ends_both() {
        let (mut client, mut home, task) = spliced(64, Duration::from_millis(200));
        client.write_all(b"x").await.unwrap();
        assert_eq!(home.read_u8().await.unwrap(), b'x');
        timeout(LONG, task).await.unwrap().unwrap();
        assert_eq!(client.read(&mut [0; 8]).await.unwrap(), 0);
        assert_eq!(home.read(&mut [0; 8]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_byte_now_and_then_keeps_it_open() {
        let (mut client, mut home, task) = spliced(64, Duration::from_millis(400));
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(1_200) {
            tokio::time::sleep(Duration::from_millis(50)).await;
            home.write_all(b"y").await.unwrap();
            assert_eq!(client.read_u8().await.unwrap(), b'y');
        }
        assert!(!task.is_finished());
        drop(home);
        timeout(LONG, task).await.unwrap().unwrap();
        assert_eq!(client.read(&mut [0; 8]).await.unwrap(), 0);
    }
}
