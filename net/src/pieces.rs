//! Writes to Noise in small pieces, so that its buffers stay small.
//!
//! libp2p's Noise collects what is written until a flush, encrypts all of it at once, and keeps the three buffers as
//! large as they ever were: after one burst 54 KB for each seeker who waits. A flush after each piece keeps them at the
//! size of a piece. The bytes are the same, in more frames of 18 bytes each.

use std::{
    io, iter,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::{AsyncRead, AsyncWrite};
use libp2p::{
    core::{
        UpgradeInfo,
        upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade},
    },
    yamux,
};

use crate::limits::NOISE_PIECE;

/// Multiplexes over a stream that is written in pieces.
#[derive(Clone)]
pub(crate) struct InPieces(pub(crate) yamux::Config);

impl UpgradeInfo for InPieces {
    type Info = &'static str;
    type InfoIter = iter::Once<&'static str>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.protocol_info()
    }
}

impl<S> InboundConnectionUpgrade<S> for InPieces
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    type Output = yamux::Muxer<PieceWriter<S>>;
    type Error = io::Error;
    type Future = <yamux::Config as InboundConnectionUpgrade<PieceWriter<S>>>::Future;

    fn upgrade_inbound(self, stream: S, info: &'static str) -> Self::Future {
        self.0.upgrade_inbound(PieceWriter::new(stream), info)
    }
}

impl<S> OutboundConnectionUpgrade<S> for InPieces
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    type Output = yamux::Muxer<PieceWriter<S>>;
    type Error = io::Error;
    type Future = <yamux::Config as OutboundConnectionUpgrade<PieceWriter<S>>>::Future;

    fn upgrade_outbound(self, stream: S, info: &'static str) -> Self::Future {
        self.0.upgrade_outbound(PieceWriter::new(stream), info)
    }
}

/// Flushes whenever a piece has been written.
pub(crate) struct PieceWriter<S> {
    stream: S,
    /// Bytes since the last flush.
    unflushed: usize,
}

impl<S> PieceWriter<S> {
    const fn new(stream: S) -> Self {
        Self { stream, unflushed: 0 }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PieceWriter<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PieceWriter<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.unflushed >= NOISE_PIECE {
            ready!(self.as_mut().poll_flush(context))?;
        }
        let room = NOISE_PIECE - self.unflushed;
        let piece = bytes.get(..room).unwrap_or(bytes);
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, piece))?;
        self.unflushed += written;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.unflushed = 0;
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(context)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use futures::{AsyncWriteExt, io::AsyncReadExt};

    use super::*;

    /// Collects until a flush, as Noise does, and keeps the length of each frame.
    #[derive(Default)]
    struct Collector {
        collected: Vec<u8>,
        frames: VecDeque<Vec<u8>>,
        /// Every second flush must wait.
        stall: bool,
    }

    impl AsyncRead for Collector {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            let Some(frame) = self.frames.pop_front() else {
                return Poll::Ready(Ok(0));
            };
            buffer[..frame.len()].copy_from_slice(&frame);
            Poll::Ready(Ok(frame.len()))
        }
    }

    impl AsyncWrite for Collector {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.collected.extend_from_slice(bytes);
            assert!(self.collected.len() <= NOISE_PIECE, "a frame is a piece at most");
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.stall = !self.stall;
            if self.stall {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let frame = std::mem::take(&mut self.collected);
            self.frames.push_back(frame);
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll_flush(context)
        }
    }

    #[tokio::test]
    async fn a_burst_leaves_in_pieces_and_unchanged() {
        let mut writer = PieceWriter::new(Collector::default());
        let text: Vec<u8> = (0..50_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        // Cut as yamux cuts: a header, then a body.
        for part in text.chunks(6_007) {
            let (header, body) = part.split_at(12.min(part.len()));
            writer.write_all(header).await.unwrap();
            writer.write_all(body).await.unwrap();
        }
        writer.flush().await.unwrap();
        assert!(
            writer.stream.frames.len() <= 2 + text.len() / NOISE_PIECE,
            "no frame is cut short"
        );
        let mut read = Vec::new();
        let mut buffer = [0; NOISE_PIECE];
        while let count @ 1.. = writer.read(&mut buffer).await.unwrap() {
            read.extend_from_slice(&buffer[..count]);
        }
        assert!(read == text, "changed on the way");
    }
}
