//! The desk line by line, for screen readers and dumb terminals: numbered menus, nothing is ever drawn over, the
//! words first and their state after them. `> words` is sent, a number is a command, nothing else does anything.
//! It stands on the same model as the screen, so both faces have the same rules.

use anyhow::Result;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use hamsa_client::api::{CounselorEvent, CounselorHandle, MessageState, Words};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{
    model::{Chat, Duty, Mode, Model, Notice, Question, Who},
    run::{DRAIN, Shift, passphrase_opens},
    text::{Texts, clean},
    update::{Effect, Msg, update},
    view::{link_key, pace_marks, state_key},
};
use crate::input::{Read, Reading, Source};

/// Runs the plain desk on standard input and output.
pub(crate) async fn run(mut handle: CounselorHandle, shift: Shift) -> Result<()> {
    let mut lines = Source::open(is_exit)?;
    let mut desk = Plain {
        out: tokio::io::stdout(),
        texts: Texts::new(&shift.language),
        model: Model::default(),
    };
    let left = desk.talk(&mut lines, &mut handle, &shift).await;
    drop(lines);
    // An engine without a face leaves by itself.
    handle.commands = tokio::sync::mpsc::channel(1).0;
    let drain = async { while handle.events.recv().await.is_some() {} };
    let _ = tokio::time::timeout(DRAIN, drain).await;
    left
}

/// ^C leaves: the terminal gives single keys, and a signal would leave it so.
fn is_exit(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL)
}

struct Plain<W> {
    out: W,
    texts: Texts,
    model: Model,
}

impl<W: AsyncWrite + Unpin> Plain<W> {
    /// Goes on until she leaves or the input ends.
    async fn talk(
        &mut self,
        lines: &mut impl Reading,
        handle: &mut CounselorHandle,
        shift: &Shift,
    ) -> Result<()> {
        self.print_key("desk-plain-menu").await?;
        loop {
            let effects = tokio::select! {
                event = handle.events.recv(), if self.model.engine => {
                    self.on_event(event).await?;
                    Vec::new()
                }
                line = lines.next() => match line? {
                    Some(Read::Line(line)) if line.trim() == "6" && self.model.locked() => {
                        self.unlock(lines, handle, shift).await?;
                        Vec::new()
                    }
                    Some(Read::Line(line)) => self.on_line(&line).await?,
                    Some(Read::TooLong) => {
                        self.print_key("desk-plain-long").await?;
                        Vec::new()
                    }
                    Some(Read::Paste(_)) => {
                        let locked = self.model.locked();
                        let key = if locked { "desk-plain-locked" } else { "desk-plain-pasted" };
                        self.print_key(key).await?;
                        Vec::new()
                    }
                    Some(Read::Exit) | None => vec![Effect::Tell(hamsa_client::api::CounselorCommand::Exit), Effect::Leave],
                },
            };
            for effect in effects {
                match effect {
                    Effect::Tell(command) => {
                        // An engine that stopped says so itself, on the other queue.
                        let _ = handle.commands.send(command).await;
                    }
                    Effect::Leave => return Ok(()),
                    Effect::TryPassphrase(_) => {}
                }
            }
        }
    }

    async fn on_line(&mut self, line: &str) -> Result<Vec<Effect>> {
        if self.model.locked() {
            self.print_key("desk-plain-locked").await?;
            return Ok(Vec::new());
        }
        if let Mode::Confirm(_) = self.model.mode {
            let yes = line.trim().to_lowercase() == self.texts.say("desk-plain-yes").to_lowercase();
            let effects = self.press(if yes { KeyCode::Char('y') } else { KeyCode::Esc });
            self.notice().await?;
            return Ok(effects);
        }
        let effects = if let Some(words) = line.strip_prefix('>') {
            self.say(words.strip_prefix(' ').unwrap_or(words)).await?
        } else if let Some(rest) = line.strip_prefix("r ") {
            self.reply(rest).await?
        } else {
            self.on_number(line.trim()).await?
        };
        self.notice().await?;
        Ok(effects)
    }

    async fn on_number(&mut self, number: &str) -> Result<Vec<Effect>> {
        self.model.mode = Mode::Command;
        let effects = match number {
            "" => Vec::new(),
            "1" => self.press(KeyCode::Char('o')),
            "2" => self.press(KeyCode::Char('n')),
            "3" => self.press(KeyCode::Char('b')),
            "4" => {
                let effects = self.press(KeyCode::Char('e'));
                let asked = matches!(self.model.mode, Mode::Confirm(_));
                self.print_key(if asked {
                    "desk-plain-confirm"
                } else {
                    "desk-plain-no-chat"
                })
                .await?;
                effects
            }
            "5" => {
                let effects = self.press(KeyCode::Tab);
                self.show_chat().await?;
                effects
            }
            "6" => {
                self.model.mode = Mode::Locked(super::model::Lock::Quiet);
                self.print_key("desk-plain-locked").await?;
                Vec::new()
            }
            "7" => {
                self.show_mails().await?;
                Vec::new()
            }
            "8" => {
                let effects = self.press(KeyCode::Enter);
                self.show_chat().await?;
                effects
            }
            "9" => {
                let control_q = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::CONTROL);
                let effects = update(&mut self.model, Msg::Key(control_q));
                if matches!(self.model.mode, Mode::Confirm(Question::Leave)) {
                    self.print_key("desk-plain-confirm").await?;
                }
                effects
            }
            "0" | "?" => {
                self.print_key("desk-plain-menu").await?;
                Vec::new()
            }
            _ => {
                self.print_key("desk-plain-unknown").await?;
                Vec::new()
            }
        };
        Ok(effects)
    }

    async fn say(&mut self, words: &str) -> Result<Vec<Effect>> {
        let Some(chat) = self.model.chat_mut().filter(|chat| chat.ended.is_none()) else {
            self.print_key("desk-plain-no-chat").await?;
            return Ok(Vec::new());
        };
        if chat.blurred {
            self.print_key("desk-plain-heavy").await?;
            return Ok(Vec::new());
        }
        if !chat.composer.insert(words) {
            self.print_key("desk-too-long").await?;
            return Ok(Vec::new());
        }
        self.model.mode = Mode::Write;
        Ok(self.press(KeyCode::Enter))
    }

    async fn reply(&mut self, rest: &str) -> Result<Vec<Effect>> {
        let (number, words) = rest.trim_start().split_once(' ').unwrap_or((rest, ""));
        let at = number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        let Some((at, mail)) = at.and_then(|at| Some((at, self.model.mails.get_mut(at)?))) else {
            self.print_key("desk-plain-reply").await?;
            return Ok(Vec::new());
        };
        if mail.gone {
            self.print_key("desk-mail-gone").await?;
            return Ok(Vec::new());
        }
        if !mail.composer.insert(words) {
            self.print_key("desk-too-long").await?;
            return Ok(Vec::new());
        }
        self.model.mode = Mode::Mails(at);
        let effects = self.press(KeyCode::Enter);
        self.model.rest();
        Ok(effects)
    }

    fn press(&mut self, code: KeyCode) -> Vec<Effect> {
        update(&mut self.model, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    async fn on_event(&mut self, event: Option<CounselorEvent>) -> Result<()> {
        let Some(event) = event else {
            update(&mut self.model, Msg::EngineStopped);
            return self.notice().await;
        };
        let before = (
            self.model.duty.clone(),
            self.model.link,
            self.model.waiting,
            self.model.urgent,
        );
        let (mut arrived, mut state) = (None, None);
        match &event {
            CounselorEvent::Message { chat, .. } | CounselorEvent::Chat { chat, .. } => {
                arrived = Some(chat.clone())
            }
            CounselorEvent::State {
                id, state: reached, ..
            } if *reached >= MessageState::Received => {
                state = Some((id.clone(), *reached));
            }
            CounselorEvent::Unlocked { pseudonym, .. } => {
                let hello = self.texts.with("desk-plain-hello", &[("pseudonym", pseudonym)]);
                self.print(&hello).await?;
            }
            _ => {}
        }
        let opened = matches!(event, CounselorEvent::Chat { .. });
        update(&mut self.model, Msg::Event(event));
        // Locked: the model goes on, the screen says nothing.
        if self.model.locked() {
            self.model.notice = None;
            return Ok(());
        }
        self.notice().await?;
        if before.0 != self.model.duty {
            self.print_key(match self.model.duty {
                Duty::Off(_) => "desk-off-duty",
                Duty::Asked => "desk-asked",
                Duty::On => "desk-on-duty",
                Duty::Break => "desk-break",
            })
            .await?;
        }
        if before.1 != self.model.link {
            self.print_key(link_key(self.model.link)).await?;
        }
        if (before.2, before.3) != (self.model.waiting, self.model.urgent) {
            let waiting = self
                .texts
                .with("desk-waiting", &[("waiting", &self.model.waiting.to_string())]);
            let urgent = self
                .texts
                .with("desk-urgent", &[("urgent", &self.model.urgent.to_string())]);
            self.print(&format!("{waiting}. {urgent}.")).await?;
        }
        if let Some((id, reached)) = state {
            let reached = self.texts.say(state_key(reached));
            let sentence = self
                .texts
                .with("desk-plain-state", &[("id", &id), ("state", &reached)]);
            self.print(&sentence).await?;
        }
        if let Some(id) = arrived {
            self.on_arrived(&id, opened).await?;
        }
        Ok(())
    }

    async fn on_arrived(&mut self, id: &str, opened: bool) -> Result<()> {
        let Some(at) = self.model.chats.iter().position(|chat| chat.id == id) else {
            return Ok(());
        };
        if opened && self.model.selected == at {
            return self.show_chat().await;
        }
        let Some(chat) = self.model.chats.get(at) else {
            return Ok(());
        };
        let sentence = if self.model.selected == at && !chat.blurred {
            chat.lines
                .last()
                .map_or_else(String::new, |line| self.line(line.who, &line.text))
        } else {
            self.chat_sentence(chat)
        };
        self.print(&sentence).await
    }

    fn chat_sentence(&self, chat: &Chat) -> String {
        let number = chat.number.to_string();
        let mut sentence = self.texts.with(
            "desk-plain-chat",
            &[("number", &number), ("language", &chat.language)],
        );
        if chat.urgent {
            sentence.push_str(&format!(" {}.", self.texts.say("desk-urgent-mark")));
        }
        for mark in pace_marks(chat) {
            sentence.push_str(&format!(" {}.", self.texts.say(mark)));
        }
        if chat.unread > 0 {
            let unread = chat.unread.to_string();
            sentence.push_str(&format!(
                " {}.",
                self.texts.with("desk-new-mark", &[("number", &unread)])
            ));
        }
        sentence
    }

    /// Says which chat is open, and what came in it since she last heard.
    async fn show_chat(&mut self) -> Result<()> {
        let Some(chat) = self.model.chat() else {
            return self.print_key("desk-plain-no-chat").await;
        };
        let mut said = vec![self.chat_sentence(chat)];
        if chat.blurred {
            said.push(self.texts.say("desk-plain-heavy"));
        } else {
            let unread = usize::try_from(chat.unread).unwrap_or(usize::MAX);
            let skip = chat.lines.len().saturating_sub(unread.max(1));
            said.extend(
                chat.lines
                    .iter()
                    .skip(skip)
                    .map(|line| self.line(line.who, &line.text)),
            );
        }
        self.model.rest();
        self.print(&said.join("\n")).await
    }

    async fn show_mails(&mut self) -> Result<()> {
        if self.model.mails_there() == 0 {
            return self.print_key("desk-no-mail").await;
        }
        let count = self.model.mails.len().to_string();
        let mut said = Vec::new();
        for (at, mail) in self.model.mails.iter().enumerate().filter(|(_, mail)| !mail.gone) {
            let number = (at + 1).to_string();
            said.push(
                self.texts
                    .with("desk-mail-title", &[("number", &number), ("count", &count)]),
            );
            if mail.returning {
                said.push(self.texts.say("desk-mail-returning"));
            }
            said.push(clean(&mail.text.0));
        }
        said.push(self.texts.say("desk-plain-reply"));
        self.print(&said.join("\n")).await
    }

    fn line(&self, who: Who, text: &Words) -> String {
        let who = self
            .texts
            .say(if who == Who::Me { "desk-me" } else { "desk-she" });
        // Every row of hers is marked, so that her line breaks cannot pass for our own sentences.
        clean(&text.0)
            .split('\n')
            .map(|row| format!("{who}: {row}"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Asks for the passphrase without echo where there is a terminal; the engine's events go on meanwhile.
    async fn unlock(
        &mut self,
        lines: &mut impl Reading,
        handle: &mut CounselorHandle,
        shift: &Shift,
    ) -> Result<()> {
        self.print_key("desk-locked-asking").await?;
        lines.hide(true);
        let passphrase = loop {
            tokio::select! {
                read = lines.next() => break match read {
                    Ok(Some(Read::Line(line))) => Some(line),
                    _ => None,
                },
                event = handle.events.recv(), if self.model.engine => self.on_event(event).await?,
            }
        };
        lines.hide(false);
        let opened = match passphrase {
            Some(typed) => passphrase_opens(shift.vault.clone(), Words(typed)).await,
            None => false,
        };
        if !opened {
            return self.print_key("desk-locked-refused").await;
        }
        update(&mut self.model, Msg::Unlocked(true));
        if self.model.chats.is_empty() {
            self.print_key("desk-plain-menu").await
        } else {
            self.show_chat().await
        }
    }

    /// Says the model's last sentence, once.
    async fn notice(&mut self) -> Result<()> {
        match self.model.notice.take() {
            Some(Notice::Text(key)) => self.print_key(key).await,
            Some(Notice::Error(report)) => self.print(&self.texts.error(&report)).await,
            None => Ok(()),
        }
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

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
