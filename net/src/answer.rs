//! The first bytes of an answer at an entry's address. A captive portal puts its web server in the place of every
//! address: that is worth a hint. Nothing else is looked for, and nothing is kept.

use std::{
    error::Error as StdError,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::{AsyncRead, AsyncWrite};
use thiserror::Error;

/// Most bytes that are inspected: the first line of HTTP up to its status.
const HEAD: usize = b"HTTP/1.1 200".len();
/// Where the status begins.
const STATUS: usize = b"HTTP/1.1 ".len();
/// First byte of an alert and of a handshake record of TLS (RFC 8446, 5.1).
const TLS: [u8; 2] = [0x15, 0x16];
/// The version that such a record names, and the highest second half of it.
const TLS_VERSION: (u8, u8) = (3, 4);

/// A web server answered. The layers above tell the source of an error below them but not that error itself.
#[derive(Debug, Error)]
#[error("the bytes are not a node's")]
struct Web(#[source] Server);

#[derive(Debug, Error)]
#[error("a web server answers")]
struct Server;

/// Whether this error comes from a web server in an entry's place.
pub(crate) fn is_web(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<Server>() {
            return true;
        }
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = inside
            .map(|inside| inside as &(dyn StdError + 'static))
            .or_else(|| error.source());
    }
    false
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FirstBytes {
    /// Too few bytes yet.
    Open,
    Web,
    /// A node, or something that is neither.
    Other,
}

/// What begins so. Behind WebSocket a node's first words are HTTP as well.
fn judge(head: &[u8], websocket: bool) -> FirstBytes {
    // No message of multistream-select begins with any of these.
    match head {
        [] => FirstBytes::Open,
        [first, rest @ ..] if TLS.contains(first) => match rest {
            [] => FirstBytes::Open,
            [major] if *major == TLS_VERSION.0 => FirstBytes::Open,
            [major, minor, ..] if *major == TLS_VERSION.0 && *minor <= TLS_VERSION.1 => FirstBytes::Web,
            _ => FirstBytes::Other,
        },
        // The page itself, as servers send it to a request that they do not understand.
        [b'<'] => FirstBytes::Open,
        [b'<', b'!' | b'?' | b'h' | b'H', ..] => FirstBytes::Web,
        _ => http(head, websocket),
    }
}

fn http(head: &[u8], websocket: bool) -> FirstBytes {
    let begins = b"HTTP/".iter().zip(head).all(|(a, b)| a == b);
    if !begins {
        return FirstBytes::Other;
    }
    if !websocket && head.len() >= b"HTTP/".len() {
        return FirstBytes::Web;
    }
    match head.get(STATUS..HEAD) {
        None => FirstBytes::Open,
        // A page, another place, or "network authentication required" (RFC 6585). Every other one is the entry's own
        // trouble, and 101 is WebSocket.
        Some([b'2' | b'3', ..] | b"511") => FirstBytes::Web,
        Some(_) => FirstBytes::Other,
    }
}

/// A connection whose first bytes are inspected if it was dialled.
pub(crate) struct Answered<S> {
    stream: S,
    /// What came first, until it is known what it is.
    head: Option<Vec<u8>>,
    websocket: bool,
}

impl<S> Answered<S> {
    pub(crate) fn new(stream: S, dialled: bool, websocket: bool) -> Self {
        Self {
            stream,
            head: dialled.then(|| Vec::with_capacity(HEAD)),
            websocket,
        }
    }

    fn look(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(head) = &mut self.head else {
            return Ok(());
        };
        let room = HEAD - head.len();
        head.extend(bytes.iter().take(room));
        match judge(head, self.websocket) {
            FirstBytes::Open => {}
            FirstBytes::Other => self.head = None,
            FirstBytes::Web => return Err(io::Error::new(io::ErrorKind::InvalidData, Web(Server))),
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Answered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.look(buffer.get(..count).unwrap_or_default())?;
        Poll::Ready(Ok(count))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Answered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the bytes are cut, the answer is one.
    fn judged(bytes: &[u8], websocket: bool) -> FirstBytes {
        let head = &bytes[..bytes.len().min(HEAD)];
        let whole = judge(head, websocket);
        for cut in 0..head.len() {
            let part = judge(&head[..cut], websocket);
            assert!(
                part == FirstBytes::Open || part == whole,
                "{bytes:?} at {cut}: {part:?}"
            );
        }
        whole
    }

    #[test]
    fn pages_redirects_and_tls_are_a_web_server() {
        for websocket in [false, true] {
            for bytes in [
                b"HTTP/1.1 302 Found\r\n".as_slice(),
                b"HTTP/1.0 200 OK\r\n",
                b"HTTP/1.1 511 Network Authentication Required\r\n",
                b"<!DOCTYPE html>",
                b"<html>",
                b"\x15\x03\x03\0\x02\x02\x46",
                b"\x16\x03\x01\0\x05",
            ] {
                assert_eq!(judged(bytes, websocket), FirstBytes::Web, "{bytes:?}");
            }
            for bytes in [
                b"\x13/multistream/1.0.0\n".as_slice(),
                b"SSH-2.0-OpenSSH_9.2\r\n",
                b"220 mail.example ESMTP\r\n",
                b"xxxxxxxxxxxxxxxx",
                b"HTML is not HTTP",
                b"\x15\x02\0",
                b"\x16\x03\x09",
                b"<3",
                b"\0\0\0\0",
            ] {
                assert_eq!(judged(bytes, websocket), FirstBytes::Other, "{bytes:?}");
            }
        }
    }

    #[test]
    fn behind_websocket_a_node_speaks_http_too() {
        for status in [
            "101 Switching Protocols",
            "400 Bad Request",
            "404 Not Found",
            "502 Bad Gateway",
        ] {
            let line = format!("HTTP/1.1 {status}\r\n");
            assert_eq!(judged(line.as_bytes(), true), FirstBytes::Other, "{line}");
            assert_eq!(judged(line.as_bytes(), false), FirstBytes::Web, "{line}");
        }
    }

    #[test]
    fn the_error_is_known_through_the_layers_above() {
        let mut answered = Answered::new((), true, false);
        let error = answered.look(b"HTTP/1.1 302 Found").unwrap_err();
        assert!(is_web(&io::Error::other(io::Error::other(error))));
        assert!(!is_web(&io::Error::from(io::ErrorKind::InvalidData)));
        assert!(
            Answered::new((), false, false).look(b"HTTP/1.1").is_ok(),
            "not dialled"
        );
    }
}
