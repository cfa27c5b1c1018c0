//! One question of a partner and its answer: how a home asks an entry whether it lends itself. What is asked and answered
//! is the node's matter; here it is bytes.

use std::{fmt, io, sync::Arc};

use hamsa_protocol::crypto::keys::NodePeer;
use libp2p::PeerId;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{sleep, timeout},
};

use crate::{
    address::{from_peer_id, to_peer_id},
    limits::{LEND_FRAME, LEND_PAUSE, OPEN_TIMEOUT},
    permit::Permit,
    protocols::LEND,
    shared::Shared,
    stream::Stream,
};

/// What a node answers to a partner's question.
type Answering = dyn Fn(NodePeer, &[u8]) -> Option<Vec<u8>> + Send + Sync;

/// Answers a partner's question; nothing is a refusal. It MUST not wait.
#[derive(Clone)]
pub struct Lender(Arc<Answering>);

impl Lender {
    /// Answers with `answer`.
    pub fn new(answer: impl Fn(NodePeer, &[u8]) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(answer))
    }
}

impl fmt::Debug for Lender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Lender")
    }
}

/// Answers the one question of a stream. Its place is free again after a pause.
pub(crate) async fn serve(node: Arc<Shared>, asker: PeerId, mut stream: Stream, _question: Permit) {
    let pause = sleep(LEND_PAUSE);
    let answered = async {
        let question = read_frame(&mut stream).await?;
        let known = from_peer_id(&asker).zip(node.lender.get());
        let answer = known.and_then(|(asker, lender)| (lender.0)(asker, &question));
        write_frame(&mut stream, &answer.unwrap_or_default()).await?;
        stream.shutdown().await
    };
    // A partner that takes its time asks again.
    let _ = timeout(OPEN_TIMEOUT, answered).await;
    drop(stream);
    pause.await;
}

/// Asks a partner. Nothing: it cannot be reached, or refuses.
pub(crate) async fn ask(node: &Shared, partner: &NodePeer, question: &[u8]) -> Option<Vec<u8>> {
    let asked = async {
        let (_, mut stream) = node.links.open(&to_peer_id(partner), LEND).await?;
        write_frame(&mut stream, question).await.ok()?;
        read_frame(&mut stream).await.ok()
    };
    let answer = timeout(OPEN_TIMEOUT, asked).await.ok()??;
    (!answer.is_empty()).then_some(answer)
}

async fn read_frame(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let length = usize::from(stream.read_u16().await?);
    if length > LEND_FRAME {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame).await?;
    Ok(frame)
}

async fn write_frame(stream: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    let length = u16::try_from(frame.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    stream.write_all(&[&length.to_be_bytes(), frame].concat()).await?;
    stream.flush().await
}
