//! Every bound of the network layer, with its reason.

use std::time::Duration;

/// TCP, Noise and yamux together must be done in this time, in either direction; a slow mobile link needs 2–3 s.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection without a stream is closed after this time, by client and node alike.
pub(crate) const IDLE_CONNECTION: Duration = Duration::from_secs(60);
/// Opening a stream on a live connection is local work (the protocol is agreed lazily): waiting longer does not help.
pub(crate) const OPEN_TIMEOUT: Duration = Duration::from_secs(10);
/// Questions of one partner whether an entry lends itself that are in work, at most: a home asks one at a time, and its
/// operator's command one more.
pub(crate) const LEND_QUESTIONS: usize = 4;
/// A question has its place for this time at least: each costs a signature, and a home asks every 10 s.
pub(crate) const LEND_PAUSE: Duration = Duration::from_secs(1);
/// Most bytes of a partner's question whether an entry lends itself, and of the answer: each is a signed object and a key.
pub(crate) const LEND_FRAME: usize = 512;
/// How long the last bytes of a closing stream may take to leave.
pub(crate) const LINGER: Duration = Duration::from_secs(10);
/// How long the close of a refused stream may take; after it the stream is reset.
pub(crate) const REFUSAL_LINGER: Duration = Duration::from_secs(1);
/// How long a connection that the node closes may take for its last bytes: a peer that does not read them must not keep
/// a file descriptor.
pub(crate) const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// Where places are short, who waits so long without a word makes room: an honest client says its first within a round
/// trip, and a slow mobile link needs 2–3 s.
pub(crate) const WAIT_UNDER_PRESSURE: Duration = Duration::from_secs(5);
/// Connections that made room and are not closed yet, at most: each has its file descriptor still.
pub(crate) const CLOSING_MAX: usize = 32;
/// Connections of a trusted proxy whose header has not come yet, at most, of each transport: a proxy sends it with the
/// first packet.
pub(crate) const PROXY_HEADERS_MAX: usize = 64;
/// Transports that read such headers: TCP and WebSocket.
const PROXY_TRANSPORTS: usize = 2;
/// The header of a trusted proxy must have come in this time.
pub(crate) const PROXY_HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the log says that a trusted proxy sends no header: a proxy that lost its setting turns everybody away, and
/// an operator who looks hours later must find a line.
pub(crate) const PROXY_TELL_EVERY: Duration = Duration::from_secs(600);
/// However few file descriptors there are, so many strangers are let in.
const CONNECTIONS_MIN: usize = 16;
/// Of the file descriptors for strangers, the part that may be shaking hands: a handshake lasts a second, and a
/// connection an hour.
const HANDSHAKES_PART: usize = 8;
/// As many handshakes as there may be of partners at one moment.
const HANDSHAKES_MIN: usize = 8;

/// How long `shutdown` waits for connections to close and tasks to end; the node has 5 s in all.
pub(crate) const SHUTDOWN: Duration = Duration::from_secs(2);

/// Connections kept with each partner. One yamux connection carries 4,096 streams and is one TCP window.
pub(crate) const PARTNER_LINKS: usize = 4;
/// Connections accepted from one partner: both sides may dial at the same moment, and old ones may linger half-open.
pub(crate) const PARTNER_LINKS_MAX: usize = 16;
/// First pause before a partner is dialled again.
pub(crate) const REDIAL_MIN: Duration = Duration::from_millis(200);
/// Longest pause: a partner that comes back is found within seconds.
pub(crate) const REDIAL_MAX: Duration = Duration::from_secs(5);

/// Streams of one yamux connection; above it yamux refuses its own configuration (1 GiB of windows / 256 KiB).
pub(crate) const YAMUX_STREAMS: usize = 4_096;
/// Streams of one connection that are agreeing on a protocol at one moment; more wait their turn.
pub(crate) const NEGOTIATING_STREAMS: usize = 128;
/// Stream requests waiting in one connection's handler.
pub(crate) const OPEN_QUEUE: usize = 1_024;
/// Bytes moved by one read of a splice; yamux cuts its frames at 16 KiB.
pub(crate) const SPLICE_CHUNK: usize = 16 * 1_024;
/// Bytes that Noise encrypts at once: a unit and a half with what frames it, so that a record alone is one piece. Its three
/// buffers keep this size for the life of a connection.
pub(crate) const NOISE_PIECE: usize = 3 * 1_024;
/// Reads of one splice before others get their turn on the thread.
pub(crate) const SPLICE_TURNS: usize = 16;
/// Commands waiting for the swarm's task.
pub(crate) const COMMAND_QUEUE: usize = 256;
/// Connections waiting in the kernel to be accepted: a thousand seekers may arrive at once.
pub(crate) const LISTEN_BACKLOG: u32 = 4_096;

/// What a node allows. The defaults suit two cores and 512 MB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Inbound connections that are still shaking hands.
    pub pending_connections: usize,
    /// Inbound connections of strangers; partners do not count.
    pub connections: usize,
    /// Connections of one stranger's key.
    pub connections_per_peer: usize,
    /// Streams at one moment on a stranger's connection: one per home, some more while reconnecting.
    pub streams_per_connection: usize,
    /// Forwarded streams at one moment, over all connections.
    pub streams: usize,
    /// Streams that have not named their target yet.
    pub half_open: usize,
    /// Streams for this home at one moment, over all connections.
    pub home_streams: usize,
    /// Streams for this home that wait to be taken with [`crate::Incoming::next`].
    pub home_queue: usize,
    /// The target of a forward stream must have come in this time.
    pub first_frame: Duration,
    /// A forwarded stream without a byte in either direction for so long is closed.
    pub idle_stream: Duration,
    /// A connection that carries no stream and belongs to no partner is closed after this time.
    pub idle_connection: Duration,
    /// Between two keepalives on a partner connection; one that is not answered for as long ends the connection.
    pub keepalive: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A thousand seekers at once must all get in; one handshake is about 10 KB.
            pending_connections: 2_048,
            // 10,000 idle and 1,000 active chats, with room for reconnects.
            connections: 16_384,
            connections_per_peer: 4,
            streams_per_connection: 32,
            streams: 32_768,
            half_open: 4_096,
            home_streams: 32_768,
            home_queue: 2_048,
            // A bad link may stall for 30 s in the middle of its first packet.
            first_frame: Duration::from_secs(45),
            // Heartbeats come every 15 s: the loss of eight is no accident.
            idle_stream: Duration::from_secs(120),
            idle_connection: IDLE_CONNECTION,
            // A half-open partner is found within 20 s; nothing else would tell for many minutes.
            keepalive: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// The same for a process that has so many file descriptors for its connections: those of partners come first, and
    /// those whose header a trusted proxy has not sent yet.
    #[must_use]
    pub fn within(self, descriptors: usize, partners: usize, proxied: bool) -> Self {
        // One partner may be added while the node runs.
        let partners = (partners + 1).saturating_mul(PARTNER_LINKS_MAX);
        let headers = if proxied {
            PROXY_TRANSPORTS * PROXY_HEADERS_MAX
        } else {
            0
        };
        let strangers = descriptors.saturating_sub(partners + headers + CLOSING_MAX);
        let handshakes = (strangers / HANDSHAKES_PART).max(HANDSHAKES_MIN);
        let connections = strangers.saturating_sub(handshakes).max(CONNECTIONS_MIN);
        Self {
            pending_connections: self.pending_connections.min(handshakes),
            connections: self.connections.min(connections),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_file_descriptors_mean_few_strangers() {
        let within = |descriptors, proxied| {
            let limits = Limits::default().within(descriptors, 2, proxied);
            (limits.pending_connections, limits.connections)
        };
        let at = |descriptors| within(descriptors, false);
        assert_eq!(at(1 << 20), (2_048, 16_384));
        for few in 200..20_000 {
            let (handshakes, connections) = at(few);
            assert!(handshakes + connections + 3 * PARTNER_LINKS_MAX + CLOSING_MAX <= few);
            assert!(connections >= few / 4, "{few}");
            // What waits for a proxy's header is no stranger yet, and has its file descriptor.
            let headers = PROXY_TRANSPORTS * PROXY_HEADERS_MAX;
            assert_eq!(within(few + headers, true), (handshakes, connections));
        }
        assert_eq!(at(0), (HANDSHAKES_MIN, CONNECTIONS_MIN));
    }
}
