//! The seeker's pages line by line, for screen readers and dumb terminals: nothing is ever drawn over, choices
//! have numbers, the words come first and the time last. `> words` is sent, a number chooses, `x` leaves at
//! once, and so does ^X where the terminal gives single keys; nothing else does anything. Lines that come at once
//! are a paste: they are said back, and nothing of them is sent or obeyed by itself.

use std::{collections::VecDeque, io::IsTerminal, time::Instant};

use anyhow::Result;
use hamsa_client::{
    api::{MessageState, SeekerCommand, SeekerEvent, Words},
    driver::{SeekerHandle, start_seeker},
};
use hamsa_protocol::objects::HelplineAddress;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::mpsc,
};
use unicode_segmentation::UnicodeSegmentation;
use zeroize::{Zeroize, Zeroizing};

use super::{
    message::{NotebookAnswer, SeekerEffect, SeekerMsg},
    model::{Focus, SeekerLine, SeekerModel, SeekerNotice},
    notebook,
    page::{self, Page, Para, page},
    pause::meaning,
    run::{QUICK, stop, tell_time},
    screen::{Action, Overlay, Screen},
    update::{choose, is_exit, quick_exit, send, update},
};
use crate::{
    composer::MESSAGE_MAX,
    gate::{Asks, LineGate},
    i18n::{
        Locale,
        Text::{self, *},
        Texts,
    },
    input::{Hand, LineInput, LineReader, Read},
    shared::{Author, DRAIN, part},
    terminal,
    text::clean,
};

/// Letters of a message that are said again when its state is.
const REMINDER: usize = 24;

/// Runs the plain face on standard input and output.
pub(crate) async fn run(address: HelplineAddress, locale: Option<Locale>) -> Result<()> {
    // What was typed ahead was meant for the shell.
    terminal::drop_input();
    let mut lines = LineInput::open(is_exit)?;
    let mut model = SeekerModel::new(locale);
    model.calibrated = true;
    model.by_lines = true;
    model.hides = lines.single();
    model.strange_locale = std::io::stdout().is_terminal() && hamsa_system::locale::not_utf8().is_some();
    tell_time(&mut model);
    let mut plain = SeekerPlain {
        out: tokio::io::stdout(),
        texts: Texts::for_lines(model.locale),
        model,
        clears: std::io::stdout().is_terminal() && !terminal::dumb(),
        single: lines.single(),
        pending: VecDeque::new(),
        answers: mpsc::channel(1),
        saying: Zeroizing::default(),
        said: SaidPage::default(),
        gate: LineGate::default(),
        now: Instant::now,
        heard: Vec::new(),
    };
    plain.show();
    plain.pour(&mut lines).await?;
    let mut handle = start_seeker(address);
    let left = tokio::select! {
        biased;
        left = plain.talk(&mut lines, stop(), &mut handle) => left,
        () = terminal::stuck() => {
            plain.pending = VecDeque::from([SeekerCommand::QuickExit]);
            Ok(())
        }
    };
    let pending = std::mem::take(&mut plain.pending);
    drop(plain);
    let patience = if pending.contains(&SeekerCommand::QuickExit) {
        QUICK
    } else {
        DRAIN
    };
    // While the engine says its last, what is still typed is neither echoed nor left for the shell.
    part(handle, pending, patience).await;
    drop(lines);
    left
}

/// What was said last, so that only what is new is said.
#[derive(Default)]
struct SaidPage {
    place: Option<(Screen, Option<Overlay>, bool)>,
    title: String,
    status: Vec<String>,
    choices: Vec<String>,
    link: String,
}

struct SeekerPlain<W> {
    out: W,
    texts: Texts,
    model: SeekerModel,
    /// Whether leaving at once empties the screen: a terminal that obeys, not a pipe.
    clears: bool,
    /// Whether a key works without Enter.
    single: bool,
    pending: VecDeque<SeekerCommand>,
    /// What the notebook's disk did.
    answers: (mpsc::Sender<NotebookAnswer>, mpsc::Receiver<NotebookAnswer>),
    /// What is to be said next.
    saying: Zeroizing<String>,
    said: SaidPage,
    /// Before each line.
    gate: LineGate,
    /// The clock that the pause is measured with.
    now: fn() -> Instant,
    /// The counselor's messages that stand in `saying`.
    heard: Vec<u64>,
}

impl<W: AsyncWrite + Unpin> SeekerPlain<W> {
    /// Goes on until the face is left or the input ends.
    async fn talk(
        &mut self,
        lines: &mut impl LineReader,
        stop: impl Future<Output = ()>,
        handle: &mut SeekerHandle,
    ) -> Result<()> {
        let SeekerHandle { commands, events } = handle;
        let mut stop = std::pin::pin!(stop);
        loop {
            lines.hide(self.model.hidden());
            if !self.pour(lines).await? {
                self.obey(quick_exit()).await?;
                return Ok(());
            }
            self.gate.said((self.now)());
            let effects = tokio::select! {
                biased;
                read = lines.next() => {
                    tell_time(&mut self.model);
                    self.on_read(read?, lines.begun())
                }
                () = &mut stop => quick_exit(),
                Some(answer) = self.answers.1.recv() => {
                    self.by_itself(lines.hand(), |plain| {
                        update(&mut plain.model, SeekerMsg::Notebook(answer), &plain.texts);
                    });
                    Vec::new()
                }
                permit = commands.reserve(), if !self.pending.is_empty() && self.model.engine => {
                    if let (Ok(permit), Some(command)) = (permit, self.pending.pop_front()) {
                        permit.send(command);
                    }
                    continue;
                }
                event = events.recv(), if self.model.engine => {
                    tell_time(&mut self.model);
                    self.by_itself(lines.hand(), |plain| plain.on_event(event));
                    Vec::new()
                }
            };
            // Whatever was said, it is on the terminal when the next line is asked for.
            if self.obey(effects).await? {
                return Ok(());
            }
            if self.texts.follow(self.model.locale, self.model.arabic) {
                self.said = SaidPage::default();
            }
            self.show();
        }
    }

    /// `true` when the face is left.
    async fn obey(&mut self, effects: Vec<SeekerEffect>) -> Result<bool> {
        let mut leaves = false;
        for effect in effects {
            match effect {
                SeekerEffect::Clear => {
                    self.saying.zeroize();
                    self.erase(terminal::WIPE).await?;
                }
                SeekerEffect::Blank => self.erase(terminal::BLANK).await?,
                SeekerEffect::Tell(SeekerCommand::QuickExit) => {
                    self.pending.clear();
                    self.pending.push_back(SeekerCommand::QuickExit);
                }
                SeekerEffect::Tell(command) => self.pending.push_back(command),
                SeekerEffect::Notebook(work) => notebook::start(work, self.answers.0.clone()),
                SeekerEffect::Leave => leaves = true,
            }
        }
        Ok(leaves)
    }

    async fn erase(&mut self, sequence: &str) -> Result<()> {
        if self.clears {
            self.out.write_all(sequence.as_bytes()).await?;
            self.out.flush().await?;
        }
        Ok(())
    }

    /// Takes what was read; `begun` is when it was begun, where that is known.
    fn on_read(&mut self, read: Option<Read>, begun: Option<Instant>) -> Vec<SeekerEffect> {
        match read {
            Some(Read::Line(line)) => {
                let line = Words(line);
                if !self.gate.admits(asks(&line.0), begun, (self.now)()) {
                    self.print_key(SeekPlainCame);
                    self.said = SaidPage::default();
                    return Vec::new();
                }
                self.on_line(&line.0)
            }
            Some(Read::TooLong) => {
                self.gate.whole_line();
                self.print_key(SeekPlainLong);
                Vec::new()
            }
            Some(Read::NotText) => {
                self.gate.whole_line();
                self.print_key(SeekPlainNotText);
                Vec::new()
            }
            Some(Read::Paste(text)) => {
                self.gate.whole_line();
                self.on_paste(text);
                Vec::new()
            }
            Some(Read::Exit) => self.exit(),
            None => vec![SeekerEffect::Tell(SeekerCommand::Exit), SeekerEffect::Leave],
        }
    }

    /// Lets something change that is not the person's doing. What a line means may be new then.
    fn by_itself(&mut self, hand: Hand, change: impl FnOnce(&mut Self)) {
        let before = meaning(&self.model, &self.texts);
        change(self);
        let after = meaning(&self.model, &self.texts);
        if before != after {
            self.gate.changed(hand, before.0 != after.0);
        }
    }

    /// Out, or out in practice.
    fn exit(&mut self) -> Vec<SeekerEffect> {
        if self.model.top() == Some(Overlay::Practice) {
            self.model.close();
            self.model.notice = Some(SeekerNotice::Text(SeekPracticeDone));
            return vec![SeekerEffect::Blank];
        }
        quick_exit()
    }

    /// Nothing of a paste is sent or obeyed. Where words can be written, it is said back, with a question.
    fn on_paste(&mut self, text: Words) {
        let shown = self.model.top() == Some(Overlay::Pasted);
        if !shown && self.model.input().is_none() {
            self.print_key(SeekPastedNowhere);
            return;
        }
        let text = text.0.trim_start();
        let words = text.strip_prefix(['>', '<']).map_or(text, str::trim_start);
        let draft = match self.model.pasted.as_ref().filter(|_| shown) {
            Some(before) => Words(format!("{}\n{words}", before.0)),
            None => Words(words.to_owned()),
        };
        if draft.0.len() > MESSAGE_MAX {
            let said = self.texts.too_long(SeekTooLong, draft.0.len(), MESSAGE_MAX);
            self.print(&said);
            return;
        }
        self.model.pasted = Some(draft);
        if shown {
            self.said = SaidPage::default();
        } else {
            self.model.open(Overlay::Pasted);
        }
    }

    fn on_line(&mut self, line: &str) -> Vec<SeekerEffect> {
        let typed = line.trim();
        // ^X is a letter where keys are lines, and is meant as the way out. On an Arabic keyboard the key of X gives
        // a hamza, and the letter of the same beginning as the way out is another.
        if is_exit_line(typed) {
            return self.exit();
        }
        if typed.is_empty() {
            return Vec::new();
        }
        if typed == "0" || typed == "?" || typed == "٠" {
            self.said = SaidPage::default();
            return Vec::new();
        }
        // On every page, as the keys of the screen; on an Arabic keyboard the letters of the same sound.
        let opens = match typed {
            "m" | "M" | "م" => Some(Overlay::Menu),
            "l" | "L" | "ل" => Some(Overlay::Languages),
            "h" | "H" | "ه" => Some(Overlay::Help),
            _ => None,
        };
        if let Some(over) = opens {
            if self.model.top() != Some(over) {
                self.model.open(over);
            }
            return Vec::new();
        }
        if let Some(words) = line.trim_start().strip_prefix(['>', '<']) {
            return self.write(words.strip_prefix(' ').unwrap_or(words));
        }
        let phrase = matches!(
            (self.model.top(), self.model.screen),
            (Some(Overlay::PhraseBack), _) | (None, Screen::Return)
        );
        if phrase && typed.contains(char::is_whitespace) {
            return self.write(typed);
        }
        if let Some(does) = self.picked(typed) {
            return choose(&mut self.model, does);
        }
        // A path and a passphrase are no message: they need no sign before them.
        if matches!(self.model.top(), Some(Overlay::Notebook(leaf)) if leaf.writes()) {
            return self.write(line);
        }
        self.print_key(SeekPlainUnknown);
        Vec::new()
    }

    /// The choice a number means.
    fn picked(&self, typed: &str) -> Option<Action> {
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

    fn write(&mut self, words: &str) -> Vec<SeekerEffect> {
        self.model.focus = Focus::Words;
        let Some(input) = self.model.input_mut() else {
            self.print_key(SeekPlainNothingToWrite);
            return Vec::new();
        };
        // A line is the whole message: what stood there was shown and not sent.
        input.take();
        if !input.insert(words) {
            let said = self.texts.too_long(SeekTooLong, words.len(), MESSAGE_MAX);
            self.print(&said);
            return Vec::new();
        }
        send(&mut self.model)
    }

    fn on_event(&mut self, event: Option<SeekerEvent>) {
        let mut reached = None;
        let mut came = false;
        match &event {
            Some(SeekerEvent::State { id, state }) if *state >= MessageState::Received => {
                reached = Some((id.clone(), *state));
            }
            Some(SeekerEvent::Message { .. }) => came = true,
            _ => {}
        }
        let msg = event.map_or(SeekerMsg::EngineStopped, SeekerMsg::Event);
        update(&mut self.model, msg, &self.texts);
        if came {
            let number = self.model.lines.last_mut().and_then(|line| line.unshown.take());
            if let Some(line) = self.model.lines.last() {
                let said = self.line(line);
                self.print(&said);
            }
            self.heard.extend(number);
        }
        if let Some((id, state)) = reached {
            let line = self.model.lines.iter().rev().find(|line| line.id == id);
            if let Some(line) = line.filter(|line| line.who == Author::Me) {
                let words: String = clean(&line.text.0)
                    .replace('\n', " ")
                    .graphemes(true)
                    .take(REMINDER)
                    .collect();
                let state = spoken(&page::state(state, &self.texts));
                let said = self
                    .texts
                    .with(SeekPlainState, &[("words", &words), ("state", &state)]);
                self.print(&said);
            }
        }
    }

    /// Says what is new: the page, or what changed on it, and what was reported.
    fn show(&mut self) {
        let notice = self
            .model
            .notice
            .take()
            .map(|notice| page::notice(&notice, &self.texts));
        let link = page::link(&self.model, &self.texts);
        let place = (self.model.screen, self.model.top(), self.model.ended());
        let page = page(&self.model, &self.texts);
        let choices = numbered(&page);
        let mut said = Vec::new();
        said.extend(notice);
        if self.said.link != link && self.model.screen != Screen::Language {
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
            // A number must never mean something else than what was last heard of it.
            if self.said.choices != choices {
                said.extend(choices.iter().cloned());
            }
        }
        self.said.choices = choices;
        self.said.place = Some(place);
        self.said.title = page.title;
        self.said.status = page.status;
        self.print(&said.join("\n"));
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
        said.extend(numbered(page));
        if self.model.input().is_some() {
            said.push(self.texts.say(SeekPlainWrite));
        }
        said.push(self.texts.say(SeekPlainKeys));
        let begins = matches!((self.model.top(), self.model.screen), (None, Screen::Safety));
        if begins || self.model.top() == Some(Overlay::Help) {
            said.push(self.texts.say(SeekPlainMore));
            if self.single {
                said.push(self.texts.say(SeekPlainExitKey));
            }
        }
        said
    }

    /// A message: the words, then the time. Every row of it is marked, so that line breaks in it cannot pass for
    /// our own sentences.
    fn line(&self, line: &SeekerLine) -> String {
        let who = page::author(line, &self.texts);
        let words = clean(&line.text.0);
        let colon = self.texts.locale().colon();
        let rows = words.split('\n').map(|row| format!("{who}{colon} {row}"));
        let rows: Vec<String> = rows.collect();
        let state = line.state.map(|state| spoken(&page::state(state, &self.texts)));
        let about: Vec<String> = [Some(line.time.clone()), state].into_iter().flatten().collect();
        format!("{} ({})", rows.join("\n"), about.join(", "))
    }

    fn print_key(&mut self, key: Text) {
        let sentence = self.texts.say(key);
        self.print(&sentence);
    }

    fn print(&mut self, sentence: &str) {
        if !sentence.is_empty() {
            self.saying.push_str(sentence);
            self.saying.push('\n');
        }
    }

    /// Says it, beside the line that is typed and not in the middle of it.
    ///
    /// `false` when nobody takes it and she wants out.
    async fn pour(&mut self, lines: &mut impl LineReader) -> Result<bool> {
        if !self.saying.is_empty() {
            lines.pause();
            let says = async {
                self.out.write_all(self.saying.as_bytes()).await?;
                self.out.flush().await
            };
            let wants_out = async {
                lines.out(is_exit_line).await;
                tokio::time::sleep(terminal::STUCK).await;
            };
            tokio::select! {
                biased;
                said = says => said?,
                () = wants_out => {
                    self.clears = false;
                    self.saying.zeroize();
                    return Ok(false);
                }
            }
            let shown = self.heard.drain(..);
            self.pending
                .extend(shown.map(|number| SeekerCommand::Shown { number }));
            lines.resume();
            self.saying.zeroize();
        }
        Ok(true)
    }
}

/// Whether a line is the way out. On an Arabic keyboard the key of X gives a hamza, and the letter of the same
/// beginning as the way out is another.
fn is_exit_line(typed: &str) -> bool {
    matches!(typed, "x" | "X" | "×" | "\u{18}" | "ء" | "خ")
}

/// What a line asks for.
fn asks(line: &str) -> Asks {
    let typed = line.trim();
    let helps = matches!(typed, "m" | "M" | "م" | "h" | "H" | "ه");
    if is_exit_line(typed) || typed.is_empty() || matches!(typed, "0" | "?" | "٠") || helps {
        Asks::Way
    } else if typed.starts_with(['>', '<']) {
        Asks::Words
    } else {
        Asks::Choice
    }
}

/// The choices with their numbers.
fn numbered(page: &Page) -> Vec<String> {
    let choices = page.choices.iter().enumerate();
    choices
        .map(|(at, choice)| format!("{} {}", at + 1, clean(&choice.label)))
        .collect()
}

/// A state without its sign, which a screen reader would spell out.
fn spoken(state: &str) -> String {
    let words = state.trim_start_matches(|c: char| !c.is_alphabetic());
    words.to_owned()
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "lines_tests.rs"]
mod lines_tests;
