//! Plays both roles by itself, for `--plain` and `--script`: the counselor goes on duty, the seeker asks, the
//! counselor takes the ticket, and what one side says is compared with what the other side is shown.

use std::{collections::VecDeque, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use hamsa::face::{Locale, Text, Texts, clean};
use hamsa_client::{
    api::{CounselorCommand, CounselorEvent, ErrorReport, SeekerCommand, SeekerEvent, Words},
    names,
};
use hamsa_node::TraceEvent;
use tokio::{io::AsyncWriteExt, sync::mpsc, time::Instant};

use crate::{
    ledger::Ledger,
    script::{ScriptLine, Speaker, turns},
    tally::{self, Tally},
    world::{ANSWERS, PASSES, PSEUDONYM, Stage},
};

/// Without progress for this long, the run has failed. A line needs milliseconds, on a slow machine seconds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How long the engines may take to say goodbye (their own bound is 5 s).
const FAREWELL: Duration = Duration::from_secs(6);
/// The language the seeker of a script asks for.
const LANGUAGE: &str = "fr";

/// What came from one of the three sides.
#[derive(Debug)]
pub(crate) enum CastInput {
    /// The seeker's engine; `None` when it stopped.
    Seeker(Option<SeekerEvent>),
    /// The counselor's engine; `None` when it stopped.
    Counselor(Option<CounselorEvent>),
    /// A node.
    Trace(TraceEvent),
    /// A command went out; nothing to show.
    Sent,
}

/// Both roles, played.
pub(crate) struct Cast<W> {
    stage: Stage,
    out: W,
    texts: Texts,
    ledger: Ledger,
    tally: Tally,
    to_seeker: VecDeque<SeekerCommand>,
    to_counselor: VecDeque<CounselorCommand>,
    started: bool,
    taking: bool,
    chat: Option<String>,
    answered: bool,
    split: Option<bool>,
    leaving: bool,
    ended: bool,
    stopped: (bool, bool),
    /// When the run has failed, if nothing moves; `None` while people type.
    deadline: Option<Instant>,
    patience: Duration,
}

impl<W: tokio::io::AsyncWrite + Unpin> Cast<W> {
    /// Before the first event.
    pub(crate) fn new(stage: Stage, out: W, language: Locale) -> Self {
        Self {
            stage,
            out,
            texts: Texts::desk(language),
            ledger: Ledger::default(),
            tally: Tally::default(),
            to_seeker: VecDeque::new(),
            to_counselor: VecDeque::from([CounselorCommand::OnDuty]),
            started: false,
            taking: false,
            chat: None,
            answered: false,
            split: None,
            leaving: false,
            ended: false,
            stopped: (false, false),
            deadline: Some(Instant::now() + PATIENCE),
            patience: PATIENCE,
        }
    }

    /// Waits for what comes next. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> CastInput {
        tokio::select! {
            Some(event) = self.stage.traces.recv() => CastInput::Trace(event),
            event = self.stage.seeker.events.recv(), if !self.stopped.0 => CastInput::Seeker(event),
            event = self.stage.counselor.events.recv(), if !self.stopped.1 => CastInput::Counselor(event),
            // A full queue of commands must not keep us from reading events, or both sides wait for ever.
            Ok(permit) = self.stage.seeker.commands.reserve(), if !self.to_seeker.is_empty() => {
                send(permit, &mut self.to_seeker)
            }
            Ok(permit) = self.stage.counselor.commands.reserve(), if !self.to_counselor.is_empty() => {
                send(permit, &mut self.to_counselor)
            }
            () = past(self.deadline) => CastInput::Sent,
        }
    }

    /// Handles an input and writes the transcript.
    pub(crate) async fn take(&mut self, input: CastInput) -> Result<()> {
        match input {
            CastInput::Sent => Ok(()),
            CastInput::Trace(event) => {
                self.tally.add(&event);
                let node = if event.home { "home" } else { "entry" };
                self.write(&format!("{node} saw {}", tally::row(&event))).await
            }
            CastInput::Seeker(None) => {
                self.stopped.0 = true;
                ensure!(self.leaving, "the seeker's engine stopped by itself");
                Ok(())
            }
            CastInput::Counselor(None) => {
                self.stopped.1 = true;
                ensure!(self.leaving, "the counselor's engine stopped by itself");
                Ok(())
            }
            CastInput::Seeker(Some(event)) => self.on_seeker(event).await,
            CastInput::Counselor(Some(event)) => self.on_counselor(event).await,
        }
    }

    async fn on_seeker(&mut self, event: SeekerEvent) -> Result<()> {
        if !matches!(event, SeekerEvent::Link { .. } | SeekerEvent::Error(_)) {
            self.progress();
        }
        match event {
            SeekerEvent::Path { split, .. } => {
                self.split = Some(split);
                let answer = self.texts.say(if split { Text::DemoYes } else { Text::DemoNo });
                let sentence = self.texts.with(Text::DemoSplit, &[("split", &answer)]);
                self.note(&sentence).await
            }
            SeekerEvent::Waiting { .. } if self.chat.is_none() => self.note_key(Text::DemoStripWaiting).await,
            SeekerEvent::Answered {
                association,
                pseudonym,
            } => {
                self.answered = true;
                let variables = [
                    ("name", pseudonym.as_str()),
                    ("association", association.as_str()),
                ];
                let sentence = self.texts.with(Text::DemoStripAnswered, &variables);
                self.note(&sentence).await
            }
            SeekerEvent::Message { id, text, number } => {
                self.on_message(Speaker::Seeker, &id, &text).await?;
                // Its line is out.
                self.to_seeker.push_back(SeekerCommand::Shown { number });
                Ok(())
            }
            SeekerEvent::State { id, state } => Ok(self.ledger.state(Speaker::Seeker, &id, state)?),
            SeekerEvent::Reopened => self.note("the seeker's ticket waits again").await,
            SeekerEvent::Ended { by, reason } => {
                let (by, reason) = (names::seeker_ended_by(by), names::seeker_ended_reason(reason));
                self.on_ended("seeker", by, reason).await
            }
            SeekerEvent::Error(report) => self.on_error(Speaker::Seeker, &report).await,
            _ => Ok(()),
        }
    }

    async fn on_counselor(&mut self, event: CounselorEvent) -> Result<()> {
        if !matches!(event, CounselorEvent::Link { .. } | CounselorEvent::Error(_)) {
            self.progress();
        }
        match event {
            CounselorEvent::OnDuty if !self.started => {
                self.started = true;
                self.to_seeker.push_front(SeekerCommand::Start {
                    language: LANGUAGE.to_owned(),
                    urgent: false,
                    text: Words(String::new()),
                });
                let sentence = self.texts.with(Text::DemoStripDuty, &[("name", PSEUDONYM)]);
                self.note(&sentence).await
            }
            CounselorEvent::Desk { waiting, .. } => {
                if waiting > 0 && self.chat.is_none() && !self.taking {
                    self.taking = true;
                    self.to_counselor.push_back(CounselorCommand::TakeNext);
                }
                Ok(())
            }
            CounselorEvent::Chat { chat, .. } => {
                self.chat = Some(chat);
                self.taking = false;
                self.note_key(Text::DemoStripTaken).await
            }
            CounselorEvent::Message { id, text, number, .. } => {
                self.on_message(Speaker::Counselor, &id, &text).await?;
                self.to_counselor.push_back(CounselorCommand::Shown { number });
                Ok(())
            }
            CounselorEvent::State { id, state, .. } => {
                Ok(self.ledger.state(Speaker::Counselor, &id, state)?)
            }
            CounselorEvent::Ended { by, reason, .. } => {
                let (by, reason) = (
                    names::counselor_ended_by(by),
                    names::counselor_ended_reason(reason),
                );
                self.on_ended("counselor", by, reason).await
            }
            CounselorEvent::Error(report) => {
                self.taking = false;
                self.on_error(Speaker::Counselor, &report).await
            }
            _ => Ok(()),
        }
    }

    async fn on_message(&mut self, to: Speaker, id: &str, text: &Words) -> Result<()> {
        self.ledger.arrive(to, id, text)?;
        let from = to.other().name();
        let shown = clean(&text.0).replace('\n', &format!("\n{from}: "));
        self.write(&format!("{from}: {shown}")).await
    }

    async fn on_error(&mut self, of: Speaker, report: &ErrorReport) -> Result<()> {
        let ErrorReport {
            code,
            message,
            advice,
            ..
        } = report;
        self.note(&format!("{}: {}: {message} {advice}", of.name(), code.name()))
            .await
    }

    async fn on_ended(&mut self, at: &str, by: &str, reason: &str) -> Result<()> {
        if !self.leaving {
            bail!(
                "the chat ended on the {at}'s side before all was said: by {}, {}",
                clean(by),
                clean(reason)
            );
        }
        if !std::mem::replace(&mut self.ended, true) {
            self.note_key(Text::DemoStripEnded).await?;
        }
        Ok(())
    }

    /// One of them says something.
    pub(crate) fn say(&mut self, said: &ScriptLine) -> Result<()> {
        let id = self.ledger.say(said.by, &said.text);
        let text = said.text.clone();
        match said.by {
            Speaker::Seeker => self.to_seeker.push_back(SeekerCommand::Say { id, text }),
            Speaker::Counselor => {
                let chat = self.chat.clone().context("there is no chat yet to speak in")?;
                let say = CounselorCommand::Say { chat, id, text };
                self.to_counselor.push_back(say);
            }
        }
        Ok(())
    }

    /// Goes on until the two are talking.
    pub(crate) async fn meet(&mut self) -> Result<()> {
        while !(self.answered && self.chat.is_some()) {
            self.step().await.context("the two have not met")?;
        }
        Ok(())
    }

    /// Says it all, turn by turn: a turn is over when every line of it was shown and called received.
    pub(crate) async fn play(&mut self, script: &[ScriptLine]) -> Result<()> {
        for turn in turns(script) {
            self.progress();
            for said in turn {
                self.say(said)?;
            }
            while !self.ledger.settled() {
                self.step().await?;
            }
        }
        Ok(())
    }

    /// Goes on until all that was said has arrived.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        self.deadline = Some(Instant::now() + self.patience);
        while !self.ledger.settled() {
            self.step().await?;
        }
        Ok(())
    }

    /// One input within the patience.
    async fn step(&mut self) -> Result<()> {
        let input = self.next().await;
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            bail!("no progress for {} s", self.patience.as_secs());
        }
        self.take(input).await
    }

    /// Ends the chat and both engines, and checks what came after the last message.
    pub(crate) async fn part(&mut self) -> Result<()> {
        self.leaving = true;
        self.to_counselor
            .extend(self.chat.clone().map(|chat| CounselorCommand::End { chat }));
        let farewell = Instant::now() + FAREWELL;
        self.deadline = Some(farewell);
        while !self.ended && self.chat.is_some() && Instant::now() < farewell {
            let input = self.next().await;
            self.take(input).await?;
        }
        self.to_seeker.push_back(SeekerCommand::Exit);
        self.to_counselor.push_back(CounselorCommand::Exit);
        let farewell = Instant::now() + FAREWELL;
        self.deadline = Some(farewell);
        while !(self.stopped.0 && self.stopped.1) && Instant::now() < farewell {
            let input = self.next().await;
            self.take(input).await?;
        }
        Ok(self.ledger.close()?)
    }

    /// What came of it; an error when a promise was not kept.
    pub(crate) async fn summary(&mut self) -> Result<()> {
        let split = self
            .split
            .context("the client never told which way the words take")?;
        let tally = self.tally.clone();
        self.write("---").await?;
        self.write(&format!(
            "messages shown in order and received: {}",
            self.ledger.arrived()
        ))
        .await?;
        for (place, name, part) in [("entry", PASSES, &tally.entry), ("home", ANSWERS, &tally.home)] {
            let sizes = match (part.sizes.first(), part.sizes.last()) {
                (Some(least), Some(most)) if least == most => format!("all of {least} bytes"),
                (Some(least), Some(most)) => format!("of {least} to {most} bytes"),
                _ => "none".to_owned(),
            };
            let line = format!("{place} ({name}): {} pieces, {sizes}, words read: 0", part.pieces);
            self.write(&line).await?;
        }
        self.write(&format!("split: {split}")).await?;
        if !split {
            bail!("both nodes on the way belong to one association: the trust was not split");
        }
        Ok(())
    }

    /// Where it is written down.
    #[cfg(test)]
    pub(crate) const fn out(&mut self) -> &mut W {
        &mut self.out
    }

    /// Waits less long, for a test.
    #[cfg(test)]
    fn impatient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self.progress();
        self
    }

    /// From now on people type: nothing has to happen in any time.
    pub(crate) const fn wait_for_people(&mut self) {
        self.deadline = None;
    }

    fn progress(&mut self) {
        if self.deadline.is_some() && !self.leaving {
            self.deadline = Some(Instant::now() + self.patience);
        }
    }

    async fn note_key(&mut self, key: Text) -> Result<()> {
        let sentence = self.texts.say(key);
        self.note(&sentence).await
    }

    /// A sentence of the narrator.
    pub(crate) async fn note(&mut self, sentence: &str) -> Result<()> {
        self.write(&format!("— {}", clean(sentence))).await
    }

    async fn write(&mut self, line: &str) -> Result<()> {
        self.out.write_all(format!("{line}\n").as_bytes()).await?;
        Ok(self.out.flush().await?)
    }
}

async fn past(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn send<C>(permit: mpsc::Permit<'_, C>, queue: &mut VecDeque<C>) -> CastInput {
    if let Some(command) = queue.pop_front() {
        permit.send(command);
    }
    CastInput::Sent
}

#[cfg(test)]
#[path = "cast_tests.rs"]
mod tests;
