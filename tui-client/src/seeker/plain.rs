//! The seeker's pages line by line, for screen readers and dumb terminals: nothing is ever drawn over, choices
//! have numbers, the words come first and the time last. `> words` is sent, a number chooses, `x` leaves at
//! once; nothing else does anything.

use std::{collections::VecDeque, io::IsTerminal};

use anyhow::Result;
use hamsa_client::{
    api::{MessageState, SeekerCommand, SeekerEvent, SeekerHandle},
    seeker,
};
use hamsa_protocol::objects::HelplineAddress;
use tokio::io::{AsyncBufRead, AsyncWrite, AsyncWriteExt, BufReader};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    model::{Focus, Line, Model, Notice, Over, Step, Who},
    page::{self, Do, Page, Para, page},
    run::{DRAIN, QUICK, part, stop, tell_time},
    texts::{Texts, Tongue, clean, one_line},
    update::{Effect, Msg, choose, quick_exit, send, update},
};
use crate::{
    counselor::lines::{Lines, Read},
    terminal,
};

/// Letters of a message that are said again when its state is.
const REMINDER: usize = 24;

/// Runs the plain face on standard input and output.
pub(crate) async fn run(address: HelplineAddress, tongue: Option<Tongue>) -> Result<()> {
    let mut lines = Lines::new(BufReader::new(tokio::io::stdin()));
    let mut model = Model::new(tongue);
    model.calibrated = true;
    tell_time(&mut model);
    let mut plain = Plain {
        out: tokio::io::stdout(),
        texts: Texts::for_lines(model.tongue),
        model,
        clears: std::io::stdout().is_terminal() && !terminal::dumb(),
        pending: VecDeque::new(),
        said: Said::default(),
    };
    plain.show().await?;
    let mut handle = seeker::start(address);
    let left = plain.talk(&mut lines, stop(), &mut handle).await;
    let pending = std::mem::take(&mut plain.pending);
    drop(plain);
    let patience = if pending.contains(&SeekerCommand::QuickExit) {
        QUICK
    } else {
        DRAIN
    };
    part(handle, pending, patience).await;
    left
}

/// What was said last, so that only what is new is said.
#[derive(Default)]
struct Said {
    place: Option<(Step, Option<Over>, bool)>,
    title: String,
    status: Vec<String>,
    link: String,
}

struct Plain<W> {
    out: W,
    texts: Texts,
    model: Model,
    /// Whether leaving at once empties the screen: a terminal that obeys, not a pipe.
    clears: bool,
    pending: VecDeque<SeekerCommand>,
    said: Said,
}

impl<W: AsyncWrite + Unpin> Plain<W> {
    /// Goes on until she leaves or the input ends.
    async fn talk<R>(
        &mut self,
        lines: &mut Lines<R>,
        stop: impl Future<Output = ()>,
        handle: &mut SeekerHandle,
    ) -> Result<()>
    where
        R: AsyncBufRead + Unpin,
    {
        let SeekerHandle { commands, events } = handle;
        let mut stop = std::pin::pin!(stop);
        loop {
            let effects = tokio::select! {
                biased;
                line = lines.next() => match line? {
                    Some(Read::Line(line)) => {
                        tell_time(&mut self.model);
                        self.on_line(&line).await?
                    }
                    Some(Read::TooLong) => {
                        self.print_key("seek-plain-long").await?;
                        Vec::new()
                    }
                    None => vec![Effect::Tell(SeekerCommand::Exit), Effect::Leave],
                },
                () = &mut stop => quick_exit(),
                permit = commands.reserve(), if !self.pending.is_empty() && self.model.engine => {
                    if let (Ok(permit), Some(command)) = (permit, self.pending.pop_front()) {
                        permit.send(command);
                    }
                    continue;
                }
                event = events.recv(), if self.model.engine => {
                    tell_time(&mut self.model);
                    self.on_event(event).await?;
                    Vec::new()
                }
            };
            if self.obey(effects).await? {
                return Ok(());
            }
            if self.texts.tongue() != self.model.tongue {
                self.texts = Texts::for_lines(self.model.tongue);
                self.said = Said::default();
            }
            self.show().await?;
        }
    }

    /// `true` when she leaves.
    async fn obey(&mut self, effects: Vec<Effect>) -> Result<bool> {
        let mut leaves = false;
        for effect in effects {
            match effect {
                Effect::Clear if self.clears => {
                    self.out.write_all(terminal::WIPE.as_bytes()).await?;
                    self.out.flush().await?;
                }
                Effect::Clear => {}
                Effect::Tell(SeekerCommand::QuickExit) => {
                    self.pending.clear();
                    self.pending.push_back(SeekerCommand::QuickExit);
                }
                Effect::Tell(command) => self.pending.push_back(command),
                // Lines are in the order in which they are read aloud.
                Effect::Draw(_) => {}
                Effect::Leave => leaves = true,
            }
        }
        Ok(leaves)
    }

    async fn on_line(&mut self, line: &str) -> Result<Vec<Effect>> {
        let typed = line.trim();
        // ^X is a letter here, and whoever types it means it.
        if matches!(typed, "x" | "X" | "×" | "\u{18}") {
            if self.model.top() == Some(Over::Practice) {
                self.model.close();
                self.model.notice = Some(Notice::Text("seek-practice-done"));
                return Ok(vec![Effect::Clear]);
            }
            return Ok(quick_exit());
        }
        if typed.is_empty() {
            return Ok(Vec::new());
        }
        if typed == "0" || typed == "?" || typed == "٠" {
            self.said = Said::default();
            return Ok(Vec::new());
        }
        if let Some(words) = line.trim_start().strip_prefix('>') {
            return self.write(words.strip_prefix(' ').unwrap_or(words)).await;
        }
        let phrase = matches!(
            (self.model.top(), self.model.step),
            (Some(Over::PhraseBack), _) | (None, Step::Return)
        );
        if phrase && typed.contains(char::is_whitespace) {
            return self.write(typed).await;
        }
        if let Some(does) = self.picked(typed) {
            return Ok(choose(&mut self.model, does));
        }
        self.print_key("seek-plain-unknown").await?;
        Ok(Vec::new())
    }

    /// The choice a number means.
    fn picked(&self, typed: &str) -> Option<Do> {
        let digits: Option<String> = typed
            .chars()
            .map(|c| match c {
                '0'..='9' => Some(c),
                '٠' | '۰' => Some('0'),
                c => {
                    super::update::number(c).and_then(|at| char::from_digit(u32::try_from(at + 1).ok()?, 10))
                }
            })
            .collect();
        let number: usize = digits?.parse().ok()?;
        let page = page(&self.model, &self.texts);
        page.choices.get(number.checked_sub(1)?).map(|choice| choice.does)
    }

    async fn write(&mut self, words: &str) -> Result<Vec<Effect>> {
        self.model.focus = Focus::Words;
        let Some(input) = self.model.input_mut() else {
            self.print_key("seek-plain-nothing-to-write").await?;
            return Ok(Vec::new());
        };
        // A line is the whole message: what stood there was shown and not sent.
        input.take();
        if !input.insert(words) {
            self.print_key("seek-too-long").await?;
            return Ok(Vec::new());
        }
        Ok(send(&mut self.model))
    }

    async fn on_event(&mut self, event: Option<SeekerEvent>) -> Result<()> {
        let mut reached = None;
        let mut came = false;
        match &event {
            Some(SeekerEvent::State { id, state }) if *state >= MessageState::Received => {
                reached = Some((id.clone(), *state));
            }
            Some(SeekerEvent::Message { .. }) => came = true,
            _ => {}
        }
        let msg = event.map_or(Msg::EngineStopped, Msg::Event);
        update(&mut self.model, msg, &self.texts);
        if came && let Some(line) = self.model.lines.last() {
            let said = self.line(line);
            self.print(&said).await?;
        }
        if let Some((id, state)) = reached {
            let line = self.model.lines.iter().rev().find(|line| line.id == id);
            if let Some(line) = line.filter(|line| line.who == Who::Me) {
                let words: String = clean(&line.text.0)
                    .replace('\n', " ")
                    .graphemes(true)
                    .take(REMINDER)
                    .collect();
                let state = spoken(&page::state(state, &self.texts));
                let said = self
                    .texts
                    .with("seek-plain-state", &[("words", &words), ("state", &state)]);
                self.print(&said).await?;
            }
        }
        Ok(())
    }

    /// Says what is new: the page she is on, or what changed on it, and what was reported.
    async fn show(&mut self) -> Result<()> {
        let notice = match self.model.notice.take() {
            Some(Notice::Text(key)) => Some(self.texts.say(key)),
            Some(Notice::Error(report)) => Some(self.texts.error(&report)),
            None => None,
        };
        let link = page::link(&self.model, &self.texts);
        let place = (self.model.step, self.model.top(), self.model.ended.is_some());
        let page = page(&self.model, &self.texts);
        let mut said = Vec::new();
        said.extend(notice);
        if self.said.link != link && self.model.step != Step::Language {
            said.push(link.clone());
            self.said.link = link;
        }
        if self.said.place != Some(place) {
            said.extend(self.whole(&page));
        } else {
            if self.said.title != page.title {
                said.push(page.title.clone());
            }
            if self.said.status != page.status {
                said.extend(page.status.iter().cloned());
            }
        }
        self.said.place = Some(place);
        self.said.title = page.title;
        self.said.status = page.status;
        self.print(&said.join("\n")).await
    }

    fn whole(&self, page: &Page) -> Vec<String> {
        let mut said = vec![String::new()];
        said.push(page.title.clone());
        for para in &page.paras {
            match para {
                Para::Say(sentence) | Para::Strong(sentence) | Para::Row(sentence) => {
                    said.push(sentence.clone())
                }
                Para::Quote(words) => {
                    said.extend(words.split('\n').map(|row| format!("« {row} »")));
                }
                Para::Line(line) => said.push(self.line(line)),
                Para::Gap => {}
            }
        }
        said.extend(page.status.iter().cloned());
        let choices = page.choices.iter().enumerate();
        said.extend(choices.map(|(at, choice)| format!("{} {}", at + 1, clean(&choice.label))));
        if self.model.input().is_some() {
            said.push(self.texts.say("seek-plain-write"));
        }
        said.push(self.texts.say("seek-plain-keys"));
        said
    }

    /// A message: the words, then the time. Every row of it is marked, so that line breaks in it cannot pass for
    /// our own sentences.
    fn line(&self, line: &Line) -> String {
        let who = match line.who {
            Who::Me => self.texts.say("seek-you"),
            Who::Counselor => line
                .name
                .as_deref()
                .map_or_else(|| self.texts.say("seek-counselor"), one_line),
        };
        let words = clean(&line.text.0);
        let rows: Vec<String> = words.split('\n').map(|row| format!("{who}: {row}")).collect();
        let state = line.state.map(|state| spoken(&page::state(state, &self.texts)));
        let about: Vec<String> = [Some(line.time.clone()), state].into_iter().flatten().collect();
        format!("{} ({})", rows.join("\n"), about.join(", "))
    }

    async fn print_key(&mut self, key: &str) -> Result<()> {
        let sentence = self.texts.say(key);
        self.print(&sentence).await
    }

    async fn print(&mut self, sentence: &str) -> Result<()> {
        if !sentence.is_empty() {
            self.out.write_all(format!("{sentence}\n").as_bytes()).await?;
            self.out.flush().await?;
        }
        Ok(())
    }
}

/// A state without its sign, which a screen reader would spell out.
fn spoken(state: &str) -> String {
    let words = state.trim_start_matches(|c: char| !c.is_alphabetic());
    words.to_owned()
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
