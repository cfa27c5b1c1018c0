//! The loop behind the demo's screen.

use std::time::Duration;

use anyhow::Result;
use crossterm::event::Event;
use futures::StreamExt;
use hamsa_client::api::{CounselorCommand, SeekerCommand};

use super::{
    model::{Effect, Model, Msg},
    view::view,
    world::Stage,
};
use crate::counselor::text::Texts;

/// How long leaving waits for both engines (their own bound is 5 s).
const DRAIN: Duration = Duration::from_secs(6);
/// Frames are drawn at most this often: a burst of records is one frame.
const FRAME: Duration = Duration::from_millis(33);

/// Shows the demo until somebody leaves it.
pub(crate) async fn run(stage: &mut Stage, language: &str) -> Result<()> {
    let mut guard = crate::terminal::Guard::enter()?;
    let ended = play(guard.terminal(), stage, language).await;
    drop(guard);
    ended?;
    let _ = stage.seeker.commands.try_send(SeekerCommand::Exit);
    let _ = stage.counselor.commands.try_send(CounselorCommand::Exit);
    let drain = async {
        while stage.seeker.events.recv().await.is_some() {}
        while stage.counselor.events.recv().await.is_some() {}
    };
    let _ = tokio::time::timeout(DRAIN, drain).await;
    Ok(())
}

async fn play<B>(terminal: &mut ratatui::Terminal<B>, stage: &mut Stage, language: &str) -> Result<()>
where
    B: ratatui::backend::Backend,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let texts = Texts::new(language);
    let mut model = Model::default();
    let mut keys = crate::input::keys(|_| false)?;
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut dirty = true;
    stage.counselor.commands.send(CounselorCommand::OnDuty).await?;
    loop {
        let msg = tokio::select! {
            event = keys.next() => match event {
                Some(Ok(Event::Key(key))) => Msg::Key(key),
                Some(Ok(Event::Paste(text))) => Msg::Paste(text),
                Some(Ok(_)) => { dirty = true; continue }
                Some(Err(_)) | None => return Ok(()),
            },
            event = stage.seeker.events.recv(), if !model.stopped.0 => Msg::Seeker(event),
            event = stage.counselor.events.recv(), if !model.stopped.1 => Msg::Counselor(event),
            Some(seen) = stage.sights.recv() => Msg::Seen(seen),
            _ = frames.tick(), if dirty => {
                terminal.draw(|frame| view(frame, &model, &texts))?;
                dirty = false;
                continue;
            }
        };
        dirty = true;
        for effect in model.update(msg) {
            // An engine that stopped says so itself, on the other queue.
            match effect {
                Effect::Seeker(command) => drop(stage.seeker.commands.send(command).await),
                Effect::Counselor(command) => drop(stage.counselor.commands.send(command).await),
                Effect::Leave => return Ok(()),
            }
        }
    }
}
