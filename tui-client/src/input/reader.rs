//! The one thread that reads the terminal. It always reads on, however busy the screen is; what the screen has no time
//! for waits in a queue with an end, and the way out waits in no queue.

use std::{
    io::{self, PipeReader, PipeWriter},
    os::fd::AsFd,
    pin::Pin,
    task::{Context, Poll},
    thread,
    time::{Duration, Instant},
};

use crossterm::event::{Event, KeyEvent};
use futures::Stream;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};
use zeroize::Zeroizing;

use super::Decoder;
use crate::terminal::{self, exit_waits};

/// Most bytes of one read: what a terminal's driver holds (N_TTY_BUF_SIZE of Linux).
pub(super) const READ: usize = 4_096;
/// Most keys and pastes that wait for the screen. Beyond it they are lost: something lies on the keyboard.
const WAITING: usize = 1_024;

/// Keys, pastes and sizes, as they come; the end when the terminal is gone.
#[derive(Debug)]
pub struct Keys {
    exit: mpsc::Receiver<Event>,
    events: mpsc::Receiver<Event>,
    resized: Signal,
    /// Whether the way out was read last.
    leaves: bool,
    /// Dropped with this: the thread wakes up and ends, and what is typed after that is the shell's.
    _ends: PipeWriter,
}

/// Begins to read standard input. A key that `is_exit` knows goes before all others. Must be called inside a tokio
/// runtime, while the terminal gives single keys.
///
/// # Errors
/// When the system gives no thread or no pipe.
pub fn keys(is_exit: fn(&KeyEvent) -> bool) -> io::Result<Keys> {
    let (end, ends) = io::pipe()?;
    let resized = signal(SignalKind::window_change())?;
    let (exit, exit_receiver) = mpsc::channel(1);
    let (events, event_receiver) = mpsc::channel(WAITING);
    thread::Builder::new().name("keys".to_owned()).spawn(move || {
        // However it ends, the queues end with it, and the face knows.
        let _ = read(&io::stdin(), &end, is_exit, (&exit, exit_waits), &events);
    })?;
    Ok(Keys {
        exit: exit_receiver,
        events: event_receiver,
        resized,
        leaves: false,
        _ends: ends,
    })
}

impl Keys {
    /// Forgets what was typed so far, but not the way out.
    pub(crate) fn forget(&mut self) {
        terminal::drop_input();
        while self.events.try_recv().is_ok() {}
    }
}

fn read(
    terminal: &impl AsFd,
    end: &PipeReader,
    is_exit: fn(&KeyEvent) -> bool,
    (exit, waits): (&mpsc::Sender<Event>, fn(bool)),
    events: &mpsc::Sender<Event>,
) -> io::Result<()> {
    let mut bytes = Zeroizing::new([0; READ]);
    let mut decoder = Decoder::new(is_exit, Instant::now());
    let mut out = Vec::new();
    loop {
        let wait = decoder
            .deadline()
            .map(|at| at.saturating_duration_since(Instant::now()));
        let mut ready = [
            PollFd::new(terminal, PollFlags::IN),
            PollFd::new(end, PollFlags::IN),
        ];
        match poll(&mut ready, wait.map(timespec).as_ref()) {
            Err(Errno::INTR) => continue,
            other => other?,
        };
        let [keys, ended] = ready.map(|ready| !ready.revents().is_empty());
        if ended {
            return Ok(());
        }
        if keys {
            let count = match rustix::io::read(terminal, bytes.as_mut_slice()) {
                Err(Errno::INTR | Errno::AGAIN) => continue,
                other => other?,
            };
            if count == 0 {
                return Ok(());
            }
            decoder.feed(bytes.get(..count).unwrap_or_default(), Instant::now(), &mut out);
        } else {
            decoder.silence(Instant::now(), &mut out);
        }
        for event in out.drain(..) {
            let queue = match &event {
                Event::Key(key) if is_exit(key) => {
                    waits(true);
                    exit
                }
                _ => events,
            };
            if let Err(mpsc::error::TrySendError::Closed(_)) = queue.try_send(event) {
                return Ok(());
            }
        }
    }
}

/// A wait, rounded up: a silence that is looked at too early is no silence yet.
fn timespec(wait: Duration) -> Timespec {
    let wait = wait + Duration::from_millis(1);
    Timespec {
        tv_sec: wait.as_secs().try_into().unwrap_or(1),
        tv_nsec: wait.subsec_nanos().into(),
    }
}

impl Stream for Keys {
    type Item = io::Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // The face stays: what the way out did is done.
        if std::mem::take(&mut self.leaves) {
            exit_waits(false);
        }
        if let Poll::Ready(Some(event)) = self.exit.poll_recv(context) {
            self.leaves = true;
            return Poll::Ready(Some(Ok(event)));
        }
        if let Poll::Ready(Some(())) = self.resized.poll_recv(context) {
            // The screen asks for its size itself.
            return Poll::Ready(Some(Ok(Event::Resize(0, 0))));
        }
        self.events.poll_recv(context).map(|event| event.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    fn is_exit(key: &KeyEvent) -> bool {
        key.code == KeyCode::Char('x') && key.modifiers.contains(KeyModifiers::CONTROL)
    }

    #[tokio::test]
    async fn a_full_queue_does_not_hold_the_way_out_and_the_end_is_told() {
        let (terminal, mut hand) = io::pipe().unwrap();
        let (end, ends) = io::pipe().unwrap();
        let (exit, mut exits) = mpsc::channel(1);
        let (events, mut waiting) = mpsc::channel(WAITING);
        let thread = thread::spawn(move || read(&terminal, &end, is_exit, (&exit, |_| {}), &events).is_ok());
        for _ in 0..WAITING + 100 {
            hand.write_all(b"\x1b[A").unwrap();
        }
        hand.write_all(b"\x1b[200~never closed\x18").unwrap();
        let left = tokio::time::timeout(Duration::from_secs(10), exits.recv());
        assert!(matches!(left.await, Ok(Some(Event::Key(key))) if is_exit(&key)));
        assert_eq!(waiting.len(), WAITING);
        // The terminal is gone.
        drop(hand);
        while waiting.recv().await.is_some() {}
        assert!(thread.join().unwrap());
        drop(ends);
    }

    #[tokio::test]
    async fn nothing_is_read_without_a_reader() {
        let (terminal, hand) = io::pipe().unwrap();
        let (end, ends) = io::pipe().unwrap();
        let (exit, _exits) = mpsc::channel(1);
        let (events, mut waiting) = mpsc::channel(WAITING);
        let thread = thread::spawn(move || read(&terminal, &end, is_exit, (&exit, |_| {}), &events).is_ok());
        drop(ends);
        assert!(waiting.recv().await.is_none());
        assert!(thread.join().unwrap());
        drop(hand);
    }
}
