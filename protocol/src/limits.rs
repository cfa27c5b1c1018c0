//! Bounds and timers that several modules of the crate share. docs/protocol.md lists all of them under "Numbers".

use core::time::Duration;

/// Most cells in flight in one direction: what a home's ring holds.
pub const WINDOW: u64 = 128;
/// Most messages that the peer was not shown. Beyond that the face gets an error. An honest peer keeps the same
/// limit, so a message beyond it is dropped.
pub const QUEUE_MAX: usize = 256;
/// A chat sends at least one cell in this time. Three may be lost before the seeker reopens the ticket (45 s).
pub const CELL_HEARTBEAT: Duration = Duration::from_secs(15);
/// A client sends a heartbeat to each home this often.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long the last cells of a chat may take to reach the peer.
pub const LINGER: Duration = Duration::from_secs(5);
/// Bytes of a ticket's body: eight wraps, the card and message 1.
pub const TICKET_LEN: usize = 10_848;
/// Bytes of a deposit. With two hashes beside it, it takes eight records.
pub const DEPOSIT_LEN: usize = 15_504;
/// Bytes of a reply.
pub const REPLY_LEN: usize = 4_096;
/// Most tickets of a home: 6 MiB, far more than counselors could answer.
pub const MAX_TICKETS: usize = 512;
/// A duty is kept this long after its counselor's last link is gone: a short break of a line is no reason to close the
/// helpline.
pub const DUTY_ALONE: Duration = Duration::from_secs(60);
/// Duties on a page; a page is always this many records.
pub const DUTIES_PER_PAGE: usize = 8;
/// Days that a home stores deposits and replies.
pub const MAIL_DAYS: u32 = 14;
/// Mail keys on a page; a page is always this many records.
pub const MAIL_KEYS_PER_PAGE: usize = 8;
/// Deposits that are named in one record.
pub const MAIL_NAMES: usize = 64;
/// A claim on a sealed message lasts this long. It keeps two counselors from answering at the same time, and does
/// nothing more.
pub const MAIL_CLAIM: Duration = Duration::from_secs(300);
/// A message is kept at this many homes before it counts as "at node", if there are as many.
pub const MAIL_COPIES: usize = 2;
/// With one copy and no second home within this time, the message counts as kept. The other homes get it when they
/// are in reach.
pub const COPIES_PATIENCE: Duration = Duration::from_secs(10);
/// Most deposits that expire on one day: 4 MiB. A flood fills its own day only. The fifteen days that are stored at
/// once need at most 60 MiB, and tomorrow's deposit finds room whatever happened today.
pub const MAX_DEPOSITS_PER_DAY: usize = 256;
/// Most replies that are stored for one phrase at a time: enough for a long exchange within two weeks.
pub const MAX_REPLIES_PER_BOX: usize = 32;
