//! The loop behind the demo's screen.

use std::{collections::VecDeque, time::Duration};

use anyhow::Result;
use crossterm::event::Event;
use futures::StreamExt;
use hamsa::face::{self, Guard, Locale, Strategy, Texts};
use hamsa_client::api::{CounselorCommand, SeekerCommand};

use crate::{
    model::{DemoEffect, DemoModel, DemoMsg},
    view::{DrawnLines, view},
    world::Stage,
};

/// How long leaving waits for both engines (their own bound is 5 s).
const DRAIN: Duration = Duration::from_secs(6);
/// Frames are drawn at most this often: a burst of records is one frame.
const FRAME: Duration = Duration::from_millis(33);

/// Shows the demo until it is left.
pub(crate) async fn run(stage: &mut Stage, language: Locale, arabic: Strategy) -> Result<()> {
    let mut guard = Guard::enter()?;
    let ended = play(guard.terminal(), stage, language, arabic).await;
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

async fn play<B>(
    terminal: &mut ratatui::Terminal<B>,
    stage: &mut Stage,
    language: Locale,
    arabic: Strategy,
) -> Result<()>
where
    B: ratatui::backend::Backend,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let texts = Texts::desk(language).drawn(arabic);
    let mut model = DemoModel::default();
    model.arabic = arabic;
    let mut keys = face::keys(|_| false)?;
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut dirty = true;
    stage.counselor.commands.send(CounselorCommand::OnDuty).await?;
    // A full queue of commands must not keep the demo from its events, or both sides wait for ever.
    let mut pending = PendingCommands::default();
    loop {
        let msg = tokio::select! {
            event = keys.next() => match event {
                Some(Ok(event)) if event == face::NOT_TEXT => DemoMsg::NotText,
                Some(Ok(Event::Key(key))) => DemoMsg::Key(key),
                Some(Ok(Event::Paste(text))) => DemoMsg::Paste(text),
                Some(Ok(_)) => { dirty = true; continue }
                Some(Err(_)) | None => return Ok(()),
            },
            event = stage.seeker.events.recv(), if !model.stopped.0 => DemoMsg::Seeker(event),
            event = stage.counselor.events.recv(), if !model.stopped.1 => DemoMsg::Counselor(event),
            Some(event) = stage.traces.recv() => DemoMsg::Trace(event),
            permit = stage.seeker.commands.reserve(), if !pending.seeker.is_empty() && !model.stopped.0 => {
                if let (Ok(permit), Some(command)) = (permit, pending.seeker.pop_front()) {
                    permit.send(command);
                }
                continue;
            }
            permit = stage.counselor.commands.reserve(), if !pending.counselor.is_empty() && !model.stopped.1 => {
                if let (Ok(permit), Some(command)) = (permit, pending.counselor.pop_front()) {
                    permit.send(command);
                }
                continue;
            }
            _ = frames.tick(), if dirty => {
                let mut drawn = DrawnLines::default();
                terminal.draw(|frame| drawn = view(frame, &model, &texts))?;
                for effect in model.drawn(&drawn) {
                    pending.add(effect);
                }
                dirty = false;
                continue;
            }
        };
        dirty = true;
        for effect in model.update(msg) {
            if pending.add(effect) {
                let PendingCommands { seeker, counselor } = pending;
                for command in seeker {
                    let _ = stage.seeker.commands.try_send(command);
                }
                for command in counselor {
                    let _ = stage.counselor.commands.try_send(command);
                }
                return Ok(());
            }
        }
    }
}

/// Commands that wait for the engines, in order. An engine that stopped says so on its event queue.
#[derive(Default)]
struct PendingCommands {
    seeker: VecDeque<SeekerCommand>,
    counselor: VecDeque<CounselorCommand>,
}

impl PendingCommands {
    /// Takes an effect in; true when it is to leave.
    fn add(&mut self, effect: DemoEffect) -> bool {
        match effect {
            // Nothing that waited is said any more.
            DemoEffect::Seeker(SeekerCommand::QuickExit) => {
                self.seeker = VecDeque::from([SeekerCommand::QuickExit])
            }
            DemoEffect::Seeker(command) => self.seeker.push_back(command),
            DemoEffect::Counselor(command) => self.counselor.push_back(command),
            DemoEffect::Leave => return true,
        }
        false
    }
}
