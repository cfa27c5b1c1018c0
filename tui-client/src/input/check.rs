//! What must hold for any bytes that a terminal could send: for a fuzzer, and for the tests that replay what it found.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::{
    Decoder, NOT_TEXT,
    decoder::{KEY_PAUSE, PASTE_MAX},
    reader::READ,
};

/// Longest a decoder may wait for anything.
const PATIENCE: Duration = Duration::from_secs(2);
/// The sign for bytes that are no letter, as a person may type it.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();
/// ^X as a terminal sends it.
const EXIT: u8 = 0x18;

fn is_exit(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('x') && key.modifiers.contains(KeyModifiers::CONTROL)
}

fn left(events: &[Event]) -> bool {
    events
        .iter()
        .any(|event| matches!(event, Event::Key(key) if is_exit(key)))
}

/// A decoder and the time it lives in.
struct Bench {
    decoder: Decoder,
    now: Instant,
    out: Vec<Event>,
}

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            decoder: Decoder::new(is_exit, now),
            now,
            out: Vec::new(),
        }
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        for piece in bytes.chunks(READ) {
            self.decoder.feed(piece, self.now, &mut self.out);
        }
        holds(
            self.decoder.held() <= PASTE_MAX + 3 * READ,
            "what is held has an end",
        )
    }

    fn wait(&mut self, pause: Duration) {
        let until = self.now + pause;
        while let Some(at) = self.decoder.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.decoder.silence(self.now, &mut self.out);
        }
        self.now = until;
    }
}

/// Feeds `bytes` in pieces with silences between them. The first byte says how: a piece ends where a byte, taken with
/// it, is divisible by seven.
///
/// # Errors
/// The sentence that does not hold; never the bytes themselves.
pub fn bytes(bytes: &[u8]) -> Result<(), &'static str> {
    let (salt, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let mut bench = Bench::new();
    for piece in bytes.split_inclusive(|byte| (byte ^ salt) % 7 == 0) {
        bench.feed(piece)?;
        let pause = match piece.last().map_or(0, |byte| byte % 5) {
            0 => 0,
            1 => 5,
            2 => 30,
            3 => 60,
            _ => 1_500,
        };
        bench.wait(Duration::from_millis(pause));
    }
    for event in &bench.out {
        if let Event::Paste(text) = event {
            let bad = |c: char| c.is_ascii_control() && !"\r\n\t".contains(c);
            holds(!text.contains(bad), "a pasted text has no keys in it")?;
            holds(text.len() <= 3 * PASTE_MAX, "a paste has an end")?;
            let came = || bytes.windows(REPLACEMENT.len()).any(|three| three == REPLACEMENT);
            let cut = text.len() >= PASTE_MAX;
            holds(
                cut || !text.contains('\u{fffd}') || came(),
                "no letter is replaced",
            )?;
        }
    }

    // The way out, in whatever state this left it.
    bench.out.clear();
    bench.feed(&[EXIT])?;
    bench.wait(KEY_PAUSE);
    holds(left(&bench.out), "the way out is seen")?;

    // A silence decides everything.
    let mut bench = Bench::new();
    bench.feed(bytes)?;
    bench.wait(PATIENCE);
    holds(bench.decoder.deadline().is_none(), "every wait has an end")?;
    bench.out.clear();
    bench.feed(b"z")?;
    holds(
        bench.out == [Event::Key(KeyCode::Char('z').into())],
        "after a silence a key is a key",
    )?;

    // In an open paste nothing is a key.
    let mut bench = Bench::new();
    bench.feed(b"\x1b[200~")?;
    let mut text = bytes.to_vec();
    for byte in text.iter_mut().filter(|byte| **byte == b'~') {
        *byte = b' ';
    }
    text.push(b'.');
    bench.feed(&text)?;
    holds(bench.out.is_empty(), "a paste says nothing before its end")?;
    bench.feed(b"\x1b[201~")?;
    holds(
        matches!(bench.out.as_slice(), [Event::Paste(_)]) || bench.out == [NOT_TEXT],
        "a paste is one paste, or refused",
    )
}

fn holds(yes: bool, what: &'static str) -> Result<(), &'static str> {
    if yes { Ok(()) } else { Err(what) }
}
