//! The loop behind the seeker's screen. The first page is drawn before the engine exists; keys are looked at
//! before anything else, and nothing in the loop waits for the engine, so that the way out is never behind it.

use std::{
    collections::VecDeque,
    io,
    time::{Duration, Instant as Clock},
};

use crossterm::event::{Event, MouseButton, MouseEventKind};
use futures::{Stream, StreamExt};
use hamsa_client::{
    api::{SeekerCommand, SeekerEvent},
    driver::{SeekerHandle, start_seeker},
};
use hamsa_protocol::objects::HelplineAddress;
use ratatui::{Terminal, backend::Backend};
use tokio::{sync::mpsc, time::Instant};

use super::{
    message::{NotebookAnswer, NotebookWork, SeekerEffect, SeekerMsg},
    model::SeekerModel,
    notebook,
    pause::Pause,
    update::is_exit,
    view::view,
};
use crate::{
    i18n::{Locale, Texts},
    input,
    shared::{DRAIN, part},
    terminal,
    text::Strategy,
};

/// How long leaving at once waits for the last cell; the screen is empty by then.
pub(super) const QUICK: Duration = Duration::from_secs(1);
/// Frames are drawn at most this often: a burst of keys is one frame, and ^X behind it is found at once.
const FRAME: Duration = Duration::from_millis(16);
/// Days a sealed message is kept.
const LETTER_DAYS: i64 = 14;

/// Shows the seeker's screen until it is left. `told` says that it was said how this terminal draws Arabic; it is
/// only guessed otherwise, and asked before the first page in Arabic.
pub(crate) async fn run(
    address: HelplineAddress,
    locale: Option<Locale>,
    arabic: Strategy,
    told: bool,
) -> anyhow::Result<()> {
    let mut guard = terminal::Guard::enter()?;
    guard.take_mouse();
    let mut model = SeekerModel::new(locale);
    model.arabic = arabic;
    model.strange_locale = hamsa_system::locale::not_utf8().is_some();
    model.ask_for_letters(told);
    tell_time(&mut model);
    let texts = Texts::seeker(model.locale).drawn(arabic);
    // A terminal that takes no first page holds no way out either.
    let mut keys = input::keys(is_exit)?;
    let first = guard.terminal().draw(|frame| {
        model.drawn = view(frame, &model, &texts);
    });
    match first.map(drop) {
        Err(_) if terminal::hurried() => {}
        first => first?,
    }
    // What was typed ahead was meant for the shell.
    keys.forget();
    let mut handle = start_seeker(address);
    let mut visit = SeekerLoop {
        pause: Pause::new(&model, &texts),
        now: Clock::now,
        model,
        texts,
        pending: VecDeque::new(),
        clear: |_| terminal::wipe(),
        blank: |_| terminal::blank(),
        lost: || !terminal::ours(),
        work: notebook::start,
        answers: mpsc::channel(1),
    };
    let ended = visit.go(guard.terminal(), keys, stop(), &mut handle).await;
    let quick = visit.pending.contains(&SeekerCommand::QuickExit);
    if quick {
        terminal::vanish();
    }
    // While the engine says its last, what is still typed is neither echoed nor left for the shell.
    let _quiet = guard.leave();
    let SeekerLoop { model, pending, .. } = visit;
    // The words are wiped before the engine says its last.
    drop(model);
    part(handle, pending, if quick { QUICK } else { DRAIN }).await;
    ended
}

/// Resolves when the process is told to stop.
pub(super) async fn stop() {
    terminal::stop().await;
}

/// Tells the model the time, for words that arrive now and for letters that are left today.
pub(super) fn tell_time(model: &mut SeekerModel) {
    let now = jiff::ZonedDateTime::now();
    model.time = format!("{:02}:{:02}", now.hour(), now.minute());
    let days = jiff::Span::new().try_days(LETTER_DAYS);
    let last = days.and_then(|days| now.date().checked_add(days));
    model.expires = last.map(|date| date.to_string()).unwrap_or_default();
}

/// One visit. What touches the real terminal is handed in, so that a test sees all of it.
struct SeekerLoop<B: Backend> {
    model: SeekerModel,
    /// Before each key.
    pause: Pause,
    /// The clock that the pause is measured with.
    now: fn() -> Clock,
    texts: Texts,
    /// Commands the engine's queue had no room for yet.
    pending: VecDeque<SeekerCommand>,
    /// Empties the screen.
    clear: fn(&mut Terminal<B>),
    /// Empties it in practice.
    blank: fn(&mut Terminal<B>),
    /// Whether the terminal was taken away, by a panic in another task.
    lost: fn() -> bool,
    /// Sets the notebook's disk to work.
    work: fn(NotebookWork, mpsc::Sender<NotebookAnswer>),
    /// What it did: one thing at a time.
    answers: (mpsc::Sender<NotebookAnswer>, mpsc::Receiver<NotebookAnswer>),
}

impl<B> SeekerLoop<B>
where
    B: Backend,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    async fn go(
        &mut self,
        terminal: &mut Terminal<B>,
        mut keys: impl Stream<Item = io::Result<Event>> + Unpin,
        stop: impl Future<Output = ()>,
        handle: &mut SeekerHandle,
    ) -> anyhow::Result<()> {
        let SeekerHandle { commands, events } = handle;
        let mut stop = std::pin::pin!(stop);
        let mut frame_at = Instant::now();
        let mut dirty = true;
        loop {
            let msg = tokio::select! {
                biased;
                () = tokio::time::sleep_until(frame_at), if dirty => {
                    match self.draw(terminal) {
                        // The way out is next, and what was not taken is drawn before the next frame.
                        Err(_) if crate::terminal::hurried() => {}
                        drawn => drawn?,
                    }
                    dirty = false;
                    frame_at = Instant::now() + FRAME;
                    continue;
                }
                key = keys.next() => match key {
                    Some(Ok(event)) => match message(event) {
                        Some(msg) => msg,
                        None => { dirty = true; continue }
                    },
                    // The terminal is gone: leave.
                    Some(Err(_)) | None => SeekerMsg::Stop,
                },
                () = &mut stop => SeekerMsg::Stop,
                Some(answer) = self.answers.1.recv() => SeekerMsg::Notebook(answer),
                permit = commands.reserve(), if !self.pending.is_empty() && self.model.engine => {
                    if let (Ok(permit), Some(command)) = (permit, self.pending.pop_front()) {
                        permit.send(command);
                    }
                    continue;
                }
                event = events.recv(), if self.model.engine => event.map_or(SeekerMsg::EngineStopped, SeekerMsg::Event),
            };
            if self.take(terminal, commands, msg) || (self.lost)() {
                return Ok(());
            }
            dirty = true;
        }
    }

    /// Takes one message; `true` when she leaves.
    fn take(
        &mut self,
        terminal: &mut Terminal<B>,
        commands: &mpsc::Sender<SeekerCommand>,
        msg: SeekerMsg,
    ) -> bool {
        if matches!(
            msg,
            SeekerMsg::Event(SeekerEvent::Message { .. }) | SeekerMsg::Key(_)
        ) {
            tell_time(&mut self.model);
        }
        let mut leaves = false;
        for effect in self.pause.act(&mut self.model, msg, &self.texts, (self.now)()) {
            match effect {
                SeekerEffect::Clear => (self.clear)(terminal),
                SeekerEffect::Blank => (self.blank)(terminal),
                SeekerEffect::Tell(SeekerCommand::QuickExit) => {
                    // Nothing that waited is said any more.
                    self.pending.clear();
                    self.pending.push_back(SeekerCommand::QuickExit);
                    let _ = commands.try_send(SeekerCommand::QuickExit);
                }
                SeekerEffect::Tell(command) => self.pending.push_back(command),
                SeekerEffect::Notebook(work) => (self.work)(work, self.answers.0.clone()),
                SeekerEffect::Leave => leaves = true,
            }
        }
        self.texts.follow(self.model.locale, self.model.arabic);
        leaves
    }

    fn draw(&mut self, terminal: &mut Terminal<B>) -> anyhow::Result<()> {
        let Self { model, texts, .. } = self;
        terminal.draw(|frame| {
            let drawn = view(frame, model, texts);
            model.drawn = drawn;
        })?;
        // Only now is it on the screen.
        if self.model.drawn.whole {
            self.pause.drawn((self.now)());
        } else {
            self.pause.hidden(&mut self.model);
        }
        self.pending.extend(self.model.shown());
        Ok(())
    }
}

/// What a terminal's event means; `None` when the screen only has to be drawn again.
fn message(event: Event) -> Option<SeekerMsg> {
    match event {
        event if event == input::NOT_TEXT => Some(SeekerMsg::NotText),
        Event::Key(key) => Some(SeekerMsg::Key(key)),
        Event::Paste(text) => Some(SeekerMsg::Paste(text)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(SeekerMsg::Click(mouse.column, mouse.row)),
            MouseEventKind::ScrollUp => Some(SeekerMsg::Wheel(true)),
            MouseEventKind::ScrollDown => Some(SeekerMsg::Wheel(false)),
            _ => None,
        },
        Event::Resize(..) | Event::FocusGained | Event::FocusLost => None,
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
