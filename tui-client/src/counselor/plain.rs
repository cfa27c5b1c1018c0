//! The desk line by line, for screen readers and dumb terminals: numbered menus, nothing is ever drawn over, the
//! words first and their state after them. `> words` is sent, a number is a command, nothing else does anything.
//! It stands on the same model as the screen, so both faces have the same rules.

mod tell;

use std::{collections::VecDeque, io::IsTerminal, pin::Pin, time::Instant};

use anyhow::Result;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use hamsa_client::{
    api::{CounselorCommand, Words},
    driver::CounselorHandle,
};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::mpsc,
};

use super::{
    model::{Author, Confirmation, DeskModel, Mode},
    run::{Shift, try_passphrase},
    update::{DeskEffect, DeskMsg, update},
    view::pace_marks,
};
use crate::{
    gate::{Asks, LineGate},
    i18n::{
        Text::{self, *},
        Texts, is_yes,
    },
    input::{Hand, LineInput, LineReader, Read},
    keyboard::{control, latin},
    shared::{DRAIN, part},
    terminal,
    text::clean,
};

/// Runs the plain desk on standard input and output.
pub(crate) async fn run(mut handle: CounselorHandle, shift: Shift) -> Result<()> {
    // What was typed ahead was meant for another program.
    crate::terminal::drop_input();
    let mut lines = LineInput::open(is_exit)?;
    let mut desk = DeskPlain {
        out: tokio::io::stdout(),
        texts: Texts::desk(shift.locale),
        model: DeskModel::default(),
        pending: VecDeque::new(),
        gate: LineGate::default(),
        now: Instant::now,
        clears: std::io::stdout().is_terminal() && !terminal::dumb(),
        strange_locale: std::io::stdout().is_terminal() && hamsa_system::locale::not_utf8().is_some(),
    };
    let left = tokio::select! {
        biased;
        left = desk.talk(&mut lines, terminal::stop(), &mut handle, &shift) => left,
        () = terminal::stuck() => Ok(()),
    };
    // While the engine says its last, what is still typed is neither echoed nor left for the shell.
    part(handle, desk.pending, DRAIN).await;
    drop(lines);
    left?;
    terminal::end_as_told();
    Ok(())
}

/// ^C leaves: the terminal gives single keys, and a signal would leave it so.
fn is_exit(key: &KeyEvent) -> bool {
    control(key) == Some('c')
}

struct DeskPlain<W> {
    out: W,
    texts: Texts,
    model: DeskModel,
    /// What the engine is to be told, in order.
    pending: VecDeque<CounselorCommand>,
    /// Before each line.
    gate: LineGate,
    /// The clock that the pause is measured with.
    now: fn() -> Instant,
    /// Whether locking empties the screen: a terminal that obeys, not a pipe.
    clears: bool,
    /// Whether the locale of this terminal does not name UTF-8.
    strange_locale: bool,
}

impl<W: AsyncWrite + Unpin> DeskPlain<W> {
    /// Goes on until the face is left or the input ends.
    async fn talk(
        &mut self,
        lines: &mut impl LineReader,
        stop: impl Future<Output = i32>,
        handle: &mut CounselorHandle,
        shift: &Shift,
    ) -> Result<()> {
        let mut stop = std::pin::pin!(stop);
        if self.strange_locale {
            self.print_key(DeskLocale).await?;
        }
        self.print_key(DeskPlainMenu).await?;
        let commands = handle.commands.clone();
        loop {
            // Whoever knows her passphrase by heart types it at once.
            lines.hide(self.model.locked());
            let effects = tokio::select! {
                biased;
                // What is typed after a signal is for nobody.
                _ = &mut stop => leave(),
                // A full queue of commands must not keep the desk from its events, or both sides wait for ever.
                permit = commands.reserve(), if !self.pending.is_empty() && self.model.engine => {
                    if let (Ok(permit), Some(command)) = (permit, self.pending.pop_front()) {
                        permit.send(command);
                    }
                    Vec::new()
                }
                event = handle.events.recv(), if self.model.engine => {
                    // What it says stands beside the line that is typed, not in the middle of it.
                    lines.pause();
                    self.on_event(event, lines.hand()).await?;
                    lines.resume();
                    Vec::new()
                }
                line = lines.next() => match line? {
                    Some(Read::Line(line)) if is_lock(&line) && self.model.locked() => {
                        self.unlock(lines, stop.as_mut(), handle, shift).await?
                    }
                    Some(Read::Line(line)) => self.on_line(&line, lines.begun()).await?,
                    Some(Read::TooLong) => self.not_taken(DeskPlainLong).await?,
                    Some(Read::NotText) => self.not_taken(DeskPlainNotText).await?,
                    Some(Read::Paste(_)) if self.model.locked() => self.not_taken(DeskPlainLocked).await?,
                    Some(Read::Paste(_)) => self.not_taken(DeskPlainPasted).await?,
                    Some(Read::Exit) | None => leave(),
                },
            };
            for effect in effects {
                match effect {
                    // An engine that stopped says so itself, on the other queue.
                    DeskEffect::Tell(command) => self.pending.push_back(command),
                    DeskEffect::Leave => return Ok(()),
                    DeskEffect::TryPassphrase(_) => {}
                }
            }
        }
    }

    /// Takes a line; `begun` is when it was begun, where that is known.
    async fn on_line(&mut self, line: &str, begun: Option<Instant>) -> Result<Vec<DeskEffect>> {
        if self.model.locked() {
            return self.only(DeskPlainLocked).await;
        }
        // Locking answers no question, and takes it away.
        if is_lock(line) {
            self.model.mode = Mode::Command;
        }
        let asked = matches!(self.model.mode, Mode::Confirm(_));
        let asks = if asked { Asks::Choice } else { asks(line) };
        if !self.gate.admits(asks, begun, (self.now)()) {
            self.refuse().await?;
            return Ok(Vec::new());
        }
        if let Mode::Confirm(_) = self.model.mode {
            let yes = is_yes(line);
            return Ok(self.press(if yes { KeyCode::Char('y') } else { KeyCode::Esc }));
        }
        // Between Arabic letters `>` is drawn as `<`: both begin words.
        let effects = if let Some(words) = line.strip_prefix(['>', '<']) {
            self.say(words.strip_prefix(' ').unwrap_or(words)).await?
        } else if let Some(rest) = replies(line) {
            self.reply(rest).await?
        } else {
            self.on_number(line.trim()).await?
        };
        self.notice().await?;
        Ok(effects)
    }

    /// A line was meant for what stood there before. What stands there now is said, and the next line is meant for it.
    async fn refuse(&mut self) -> Result<()> {
        self.print_key(DeskPlainCame).await?;
        let at = self.model.selected;
        let sentence = self.chat_sentence(at);
        self.print(&sentence).await?;
        if let Mode::Confirm(question) = &self.model.mode {
            let confirm = self.texts.say(DeskPlainConfirm);
            let about = match question {
                Confirmation::End(_) | Confirmation::Block(_) => self.model.chat().map(|chat| chat.number),
                Confirmation::Leave => None,
            };
            let confirm = about.map_or(confirm.clone(), |number| self.about(number, &confirm));
            self.print(&confirm).await?;
        }
        self.gate.said((self.now)());
        Ok(())
    }

    async fn on_number(&mut self, number: &str) -> Result<Vec<DeskEffect>> {
        let number: String = number.chars().map(latin).collect();
        let number = number.as_str();
        self.model.mode = Mode::Command;
        let effects = match number {
            "" => Vec::new(),
            "1" => self.press(KeyCode::Char('o')),
            "2" => self.press(KeyCode::Char('n')),
            "3" => self.press(KeyCode::Char('b')),
            "4" => self.ask_to_end('e').await?,
            "10" => self.ask_to_end('x').await?,
            "5" => {
                let effects = self.press(KeyCode::Tab);
                self.show_chat().await?;
                effects
            }
            "6" => {
                let effects = self.control('l');
                if self.clears {
                    self.out.write_all(terminal::WIPE.as_bytes()).await?;
                }
                self.print_key(DeskPlainLocked).await?;
                effects
            }
            "7" => {
                self.list_mails().await?;
                Vec::new()
            }
            number if number.starts_with("7 ") => {
                self.read_mail(number.get(2..).unwrap_or_default()).await?;
                Vec::new()
            }
            "8" => {
                let effects = self.press(KeyCode::Enter);
                self.show_chat().await?;
                effects
            }
            "9" => {
                let effects = self.control('q');
                if matches!(self.model.mode, Mode::Confirm(Confirmation::Leave)) {
                    self.print_key(DeskPlainConfirm).await?;
                }
                effects
            }
            "0" | "?" => self.only(DeskPlainMenu).await?,
            _ => self.only(DeskPlainUnknown).await?,
        };
        Ok(effects)
    }

    /// Asks whether the chat that is shown shall end in the way of this key.
    async fn ask_to_end(&mut self, key: char) -> Result<Vec<DeskEffect>> {
        let effects = self.press(KeyCode::Char(key));
        if !matches!(self.model.mode, Mode::Confirm(_)) {
            self.print_key(DeskPlainNoChat).await?;
        } else if let Some(number) = self.model.chat().map(|chat| chat.number) {
            let confirm = self.texts.say(DeskPlainConfirm);
            self.print(&self.about(number, &confirm)).await?;
        }
        Ok(effects)
    }

    async fn say(&mut self, words: &str) -> Result<Vec<DeskEffect>> {
        let engine = self.model.engine;
        let Some(chat) = self.model.chat_mut() else {
            return self.only(DeskPlainNoChat).await;
        };
        let refused = if !engine {
            Some(DeskEngineStopped)
        } else if chat.ended() {
            Some(DeskChatOver)
        } else if chat.blurred {
            Some(DeskPlainHeavy)
        } else if !chat.opened() {
            Some(DeskPlainOpen)
        } else if !chat.composer.insert(words) {
            Some(DeskTooLong)
        } else {
            None
        };
        if let Some(key) = refused {
            let number = chat.number;
            let sentence = self.texts.say(key);
            self.print(&self.about(number, &sentence)).await?;
            return Ok(Vec::new());
        }
        self.model.mode = Mode::Write;
        Ok(self.press(KeyCode::Enter))
    }

    async fn reply(&mut self, rest: &str) -> Result<Vec<DeskEffect>> {
        let (number, words) = rest.trim_start().split_once(' ').unwrap_or((rest, ""));
        let at = index(number);
        let Some((at, mail)) = at.and_then(|at| Some((at, self.model.mails.get_mut(at)?))) else {
            return self.only(DeskPlainReply).await;
        };
        if !mail.writable() {
            let key = if mail.gone {
                DeskMailGone
            } else if mail.blurred {
                DeskPlainMailOpen
            } else {
                DeskMailAnswered
            };
            let sentence = self.texts.with(key, &[("number", &(at + 1).to_string())]);
            self.print(&sentence).await?;
            return Ok(Vec::new());
        }
        if !mail.composer.insert(words) {
            return self.only(DeskTooLong).await;
        }
        self.model.mode = Mode::Mails(at);
        let effects = self.press(KeyCode::Enter);
        self.model.rest();
        Ok(effects)
    }

    fn press(&mut self, code: KeyCode) -> Vec<DeskEffect> {
        update(
            &mut self.model,
            DeskMsg::Key(KeyEvent::new(code, KeyModifiers::NONE)),
        )
    }

    fn control(&mut self, c: char) -> Vec<DeskEffect> {
        let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
        update(&mut self.model, DeskMsg::Key(key))
    }

    /// A sentence about a chat, which it names.
    fn about(&self, number: u32, sentence: &str) -> String {
        let chat = self.texts.with(DeskChat, &[("number", &number.to_string())]);
        format!("{chat}: {sentence}")
    }

    fn chat_sentence(&self, at: usize) -> String {
        let Some(chat) = self.model.chats.get(at) else {
            return String::new();
        };
        let number = chat.number.to_string();
        let mut sentence = self.texts.with(
            DeskPlainChat,
            &[("number", &number), ("language", &chat.language)],
        );
        if chat.urgent {
            sentence.push_str(&format!(" {}.", self.texts.say(DeskUrgentMark)));
        }
        for mark in pace_marks(chat) {
            sentence.push_str(&format!(" {}.", self.texts.say(mark)));
        }
        let unread = chat.unread();
        if unread > 0 {
            let unread = unread.to_string();
            sentence.push_str(&format!(
                " {}.",
                self.texts.with(DeskNewMark, &[("number", &unread)])
            ));
        }
        if let Some(notice) = chat.told().filter(|_| chat.ended()) {
            sentence.push_str(&format!(" {}", self.texts.notice(&notice)));
        }
        sentence
    }

    /// Says which chat is shown, and what came in it since the last time. From here on words go there.
    async fn show_chat(&mut self) -> Result<()> {
        let at = self.model.selected;
        let Some(chat) = self.model.chats.get_mut(at) else {
            return self.print_key(DeskPlainNoChat).await;
        };
        let blurred = chat.blurred;
        if !blurred {
            chat.open();
        }
        let last = chat.lines.last().filter(|_| !blurred && chat.unread() == 0);
        let last = last.map(|line| (chat.number, line.who, line.text.clone()));
        self.model.rest();
        let mut said = vec![self.chat_sentence(at)];
        if blurred {
            said.push(self.texts.say(DeskPlainHeavy));
        }
        said.extend(last.map(|(number, who, text)| self.line(number, who, &text)));
        self.print(&said.join("\n")).await?;
        if blurred {
            return Ok(());
        }
        self.print_lines(at).await
    }

    /// Which sealed messages there are. Their words stand behind the blur until one is asked for.
    async fn list_mails(&mut self) -> Result<()> {
        if self.model.mails_there() == 0 {
            return self.print_key(DeskNoMail).await;
        }
        let count = self.model.mails.len().to_string();
        let mut said = Vec::new();
        for (at, mail) in self.model.mails.iter().enumerate().filter(|(_, mail)| !mail.gone) {
            let number = (at + 1).to_string();
            let title = [("number", number.as_str()), ("count", count.as_str())];
            let mut sentence = self.texts.with(DeskMailTitle, &title);
            if mail.returning {
                sentence.push_str(&format!(". {}", self.texts.say(DeskMailReturning)));
            }
            said.push(sentence);
            said.push(self.texts.with(DeskPlainMailOpen, &[("number", &number)]));
        }
        self.print(&said.join("\n")).await
    }

    /// The words of one sealed message, which was asked for.
    async fn read_mail(&mut self, number: &str) -> Result<()> {
        let at = index(number.trim());
        let Some((at, mail)) = at.and_then(|at| Some((at, self.model.mails.get_mut(at)?))) else {
            return self.print_key(DeskPlainUnknown).await;
        };
        mail.blurred = false;
        let words = clean(&mail.text.0);
        let (number, count) = ((at + 1).to_string(), self.model.mails.len().to_string());
        let title = [("number", number.as_str()), ("count", count.as_str())];
        let title = self.texts.with(DeskMailTitle, &title);
        let she = self.texts.say(DeskShe);
        let rows = words.split('\n').map(|row| format!("{she}: {row}"));
        let mut said = vec![title];
        said.extend(rows);
        said.push(self.texts.say(DeskPlainReply));
        self.print(&said.join("\n")).await
    }

    fn line(&self, number: u32, who: Author, text: &Words) -> String {
        let chat = self.texts.with(DeskChat, &[("number", &number.to_string())]);
        let who = self.texts.say(if who == Author::Me { DeskMe } else { DeskShe });
        // Every row of the seeker is marked, so that line breaks in it cannot pass for our own sentences.
        clean(&text.0)
            .split('\n')
            .map(|row| format!("{chat}, {who}: {row}"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Asks for the passphrase, hidden, until it is right or the face is left; the engine's events go on meanwhile.
    async fn unlock(
        &mut self,
        lines: &mut impl LineReader,
        mut stop: Pin<&mut impl Future<Output = i32>>,
        handle: &mut CounselorHandle,
        shift: &Shift,
    ) -> Result<Vec<DeskEffect>> {
        let (tried, mut trials) = mpsc::channel(1);
        let mut trying = false;
        self.print_key(DeskLockedAsking).await?;
        loop {
            tokio::select! {
                biased;
                _ = stop.as_mut() => return Ok(leave()),
                Some(opened) = trials.recv() => {
                    trying = false;
                    if opened {
                        self.unlocked(lines.hand()).await?;
                        return Ok(Vec::new());
                    }
                    self.print_key(DeskPlainRefused).await?;
                    self.print_key(DeskLockedAsking).await?;
                }
                read = lines.next() => match read? {
                    Some(Read::Exit) | None => return Ok(leave()),
                    // Typed while another is tried: it is for nobody.
                    Some(_) if trying => {}
                    Some(Read::Line(line)) if line.is_empty() || is_lock(&line) => {
                        self.print_key(DeskLockedAsking).await?;
                    }
                    Some(Read::Line(line)) => {
                        trying = true;
                        try_passphrase(shift.vault.clone(), Words(line), tried.clone());
                    }
                    Some(Read::NotText) => self.print_key(DeskPlainNotText).await?,
                    Some(Read::TooLong | Read::Paste(_)) => self.print_key(DeskPlainRefused).await?,
                },
                event = handle.events.recv(), if self.model.engine => self.on_event(event, lines.hand()).await?,
            }
        }
    }

    /// Opens the desk again: where words go stays as it was, and what came meanwhile is said.
    async fn unlocked(&mut self, hand: Hand) -> Result<()> {
        self.say_all().await?;
        // What was typed while the passphrase was tried was meant for a desk that had not been heard.
        self.gate.changed(hand, true);
        self.gate.said((self.now)());
        Ok(())
    }

    async fn say_all(&mut self) -> Result<()> {
        for effect in update(&mut self.model, DeskMsg::Unlocked(true)) {
            if let DeskEffect::Tell(command) = effect {
                self.pending.push_back(command);
            }
        }
        if self.model.chats.is_empty() {
            return self.print_key(DeskPlainMenu).await;
        }
        for at in 0..self.model.chats.len() {
            let sentence = self.chat_sentence(at);
            self.print(&sentence).await?;
        }
        let at = self.model.selected;
        if self.model.chat().is_some_and(|chat| chat.blurred) {
            return self.print_key(DeskPlainHeavy).await;
        }
        self.print_lines(at).await
    }

    /// Says the desk's last sentence, once.
    async fn notice(&mut self) -> Result<()> {
        match self.model.notice.take() {
            Some(notice) => {
                let sentence = self.texts.notice(&notice);
                self.print(&sentence).await
            }
            None => Ok(()),
        }
    }

    /// A whole line that asks for nothing: says why.
    async fn not_taken(&mut self, text: Text) -> Result<Vec<DeskEffect>> {
        self.gate.whole_line();
        self.only(text).await
    }

    /// Says this and does nothing.
    async fn only(&mut self, text: Text) -> Result<Vec<DeskEffect>> {
        self.print_key(text).await?;
        Ok(Vec::new())
    }

    async fn print_key(&mut self, key: Text) -> Result<()> {
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

/// The index that a number from 1 on means.
fn index(number: &str) -> Option<usize> {
    let number: String = number.chars().map(latin).collect();
    number.parse::<usize>().ok()?.checked_sub(1)
}

/// Whether a line locks and unlocks the desk, on each layout.
fn is_lock(line: &str) -> bool {
    line.trim().chars().map(latin).eq("6".chars())
}

/// What stands after the letter for a reply, on each layout.
fn replies(line: &str) -> Option<&str> {
    let mut letters = line.chars();
    letters.next().filter(|first| latin(*first) == 'r')?;
    letters.as_str().strip_prefix(' ')
}

fn leave() -> Vec<DeskEffect> {
    vec![DeskEffect::Tell(CounselorCommand::Exit), DeskEffect::Leave]
}

/// What a line asks for where no question is open. A sealed message is named by its number, which stays.
fn asks(line: &str) -> Asks {
    let typed: String = line.trim().chars().map(latin).collect();
    if line.starts_with(['>', '<']) {
        Asks::Words
    } else if matches!(typed.as_str(), "" | "0" | "?" | "6" | "7" | "9")
        || replies(line).is_some()
        || typed.starts_with("7 ")
    {
        Asks::Way
    } else {
        Asks::Choice
    }
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "lines_tests.rs"]
mod lines_tests;
