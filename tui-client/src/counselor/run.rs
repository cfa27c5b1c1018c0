//! The loop behind the desk: keys, the engine's events and the idle clock go in, frames and commands come out.
//! It draws only when something changed.

use std::{collections::VecDeque, path::PathBuf, time::Duration};

use crossterm::event::Event;
use futures::StreamExt;
use hamsa_client::{
    api::{CounselorCommand, Words},
    driver::CounselorHandle,
};
use ratatui::{Terminal, backend::Backend};
use tokio::{sync::mpsc, time::Instant};

use super::{
    model::{DeskModel, DeskNotice, DeskTime},
    screen::GatedDesk,
    update::{DeskEffect, DeskMsg, is_lock},
    view::{DeskFrame, view},
};
use crate::{
    i18n::{Locale, Text, Texts},
    input::NOT_TEXT,
    shared::{DRAIN, part},
    terminal,
    text::Strategy,
};

/// An untouched desk locks itself: long enough to listen, short enough for a coffee.
const IDLE: Duration = Duration::from_secs(5 * 60);

/// How long a frame stands whose times are the only thing that changes.
const MINUTE: Duration = Duration::from_secs(60);

/// What a shift needs besides its engine.
pub(crate) struct Shift {
    /// Where the vault lies, to unlock the screen with its passphrase.
    pub(crate) vault: PathBuf,
    /// Language of the screen.
    pub(crate) locale: Locale,
    /// How Arabic is drawn.
    pub(crate) arabic: Strategy,
}

/// Shows the desk until it is left.
pub(crate) async fn run(mut handle: CounselorHandle, shift: Shift) -> anyhow::Result<()> {
    let mut guard = terminal::Guard::enter()?;
    let mut pending = VecDeque::new();
    let ended = desk(guard.terminal(), &mut handle, &shift, &mut pending).await;
    // The screen is given back while the engine says its last words. What is still typed is neither echoed nor left for
    // the shell.
    let quiet = guard.leave();
    ended?;
    part(handle, pending, DRAIN).await;
    drop(quiet);
    terminal::end_as_told();
    Ok(())
}

async fn desk<B>(
    tty: &mut Terminal<B>,
    handle: &mut CounselorHandle,
    shift: &Shift,
    pending: &mut VecDeque<CounselorCommand>,
) -> anyhow::Result<()>
where
    B: Backend,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let texts = Texts::desk(shift.locale).drawn(shift.arabic);
    let mut screen = GatedDesk::new(first(shift));
    // What was typed ahead was meant for another program; what is typed before the first frame is swallowed.
    crate::terminal::drop_input();
    // The panic key of this screen locks it.
    let mut keys = crate::input::keys(is_lock)?;
    // One attempt at a time: a slot for its answer is all there is.
    let (tried, mut trials) = mpsc::channel(1);
    let mut idle = Instant::now() + IDLE;
    let opened = Instant::now();
    let mut dirty = true;
    let mut stop = std::pin::pin!(terminal::stop());
    loop {
        screen.model.now = Some(time(opened));
        if dirty {
            // What was new in this frame is not new in the next one.
            dirty = draw(tty, &mut screen, &texts, pending)?;
            if dirty {
                continue;
            }
        }
        let msg = tokio::select! {
            biased;
            // What is typed after a signal is no key of the desk's.
            _ = &mut stop => return Ok(()),
            event = keys.next() => match event {
                Some(Ok(event)) if event == NOT_TEXT => DeskMsg::NotText,
                Some(Ok(Event::Key(key))) => { idle = Instant::now() + IDLE; DeskMsg::Key(key) }
                Some(Ok(Event::Paste(text))) => { idle = Instant::now() + IDLE; DeskMsg::Paste(text) }
                Some(Ok(_)) => { dirty = true; continue }
                // The terminal is gone: leave.
                Some(Err(_)) | None => return Ok(()),
            },
            // A full queue of commands must not keep the desk from its events, or both sides wait for ever.
            permit = handle.commands.reserve(), if !pending.is_empty() && screen.model.engine => {
                if let (Ok(permit), Some(command)) = (permit, pending.pop_front()) {
                    permit.send(command);
                }
                continue;
            }
            event = handle.events.recv(), if screen.model.engine => event.map_or(DeskMsg::EngineStopped, DeskMsg::Event),
            Some(opened) = trials.recv() => DeskMsg::Unlocked(opened),
            // The times on the screen go on.
            () = tokio::time::sleep(MINUTE) => { dirty = true; continue }
            () = tokio::time::sleep_until(idle) => { idle = Instant::now() + IDLE; DeskMsg::Idle }
        };
        for effect in screen.take(msg, std::time::Instant::now()) {
            match effect {
                // An engine that stopped says so itself, on the other queue.
                DeskEffect::Tell(command) => pending.push_back(command),
                DeskEffect::TryPassphrase(passphrase) => {
                    try_passphrase(shift.vault.clone(), passphrase, tried.clone())
                }
                DeskEffect::Leave => return Ok(()),
            }
        }
        dirty = true;
    }
}

/// The desk before anything has come.
fn first(shift: &Shift) -> DeskModel {
    let mut model = DeskModel::default();
    model.arabic = shift.arabic;
    if hamsa_system::locale::not_utf8().is_some() {
        model.notice = Some(DeskNotice::Text(Text::DeskLocale));
    }
    model
}

/// What the clocks show, at a desk that was opened then.
fn time(opened: Instant) -> DeskTime {
    DeskTime {
        wall: jiff::ZonedDateTime::now().time(),
        run: opened.elapsed(),
    }
}

/// Draws a frame; `true` when another one is to follow.
fn draw<B>(
    tty: &mut Terminal<B>,
    screen: &mut GatedDesk,
    texts: &Texts,
    pending: &mut VecDeque<CounselorCommand>,
) -> anyhow::Result<bool>
where
    B: Backend,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let mut drawn = DeskFrame::default();
    match tty
        .draw(|frame| drawn = view(frame, &screen.model, texts))
        .map(drop)
    {
        // The key that waits or the end is next, and what was not taken is drawn before the next frame.
        Err(_) if terminal::hurried() => return Ok(false),
        frame => frame?,
    }
    let (told, again) = screen.drawn(&drawn, std::time::Instant::now());
    pending.extend(told);
    Ok(again)
}

/// Tries the passphrase away from the screen: Argon2 takes its time by design.
pub(super) fn try_passphrase(vault: PathBuf, passphrase: Words, tried: mpsc::Sender<bool>) {
    tokio::spawn(async move {
        let trial = tokio::task::spawn_blocking(move || {
            hamsa_client::vault::check_passphrase(&vault, &passphrase.0).is_ok()
        });
        let _ = tried.send(trial.await.unwrap_or(false)).await;
    });
}
