//! What the engine says, told line by line.

use anyhow::Result;
use hamsa_client::api::{CounselorCommand, CounselorEvent, ErrorReport, LinkState, MessageState};
use tokio::io::AsyncWrite;

use super::{
    super::{
        model::{Confirmation, DeskModel, DutyState, Mode},
        screen::{DeskMeaning, Shown, meaning},
        update::{DeskMsg, update},
        view::{link_key, state_key},
    },
    DeskPlain,
};
use crate::{i18n::Text::*, input::Hand, shared::Author};

impl<W: AsyncWrite + Unpin> DeskPlain<W> {
    /// Takes what the engine says. What a line means may be new then.
    pub(super) async fn on_event(&mut self, event: Option<CounselorEvent>, hand: Hand) -> Result<()> {
        let before = Aims::of(&self.model);
        let said = self.tell_event(event).await;
        let after = Aims::of(&self.model);
        if before != after {
            self.gate.changed(hand, before.words != after.words);
        }
        if !self.model.locked() {
            self.gate.said((self.now)());
        }
        said
    }

    async fn tell_event(&mut self, event: Option<CounselorEvent>) -> Result<()> {
        let Some(event) = event else {
            update(&mut self.model, DeskMsg::EngineStopped);
            return self.print_key(DeskEngineStopped).await;
        };
        let before = Before::of(&self.model);
        let news = Announcement::of(&event);
        if let CounselorEvent::Unlocked { pseudonym, .. } = &event {
            let hello = self.texts.with(DeskPlainHello, &[("pseudonym", pseudonym)]);
            self.print(&hello).await?;
        }
        update(&mut self.model, DeskMsg::Event(event));
        // Locked: the model goes on, and only a count is said.
        if self.model.locked() {
            let unread = self.model.unread();
            if unread != before.unread && unread.0 > 0 {
                let count = self.texts.unread(unread);
                self.print(&count).await?;
            }
            return Ok(());
        }
        self.notice().await?;
        self.desk_changed(&before).await?;
        let asked = matches!(before.meaning, DeskMeaning::Confirm(..));
        if asked && before.meaning != meaning(&self.model) {
            // An answer that is under way was meant for the old question.
            self.model.rest();
            self.print_key(DeskPlainQuestionGone).await?;
        }
        match news {
            Announcement::Arrived(id, opened) => self.on_arrived(&id, opened).await,
            Announcement::Told(id) => self.tell_chat(&id).await,
            Announcement::Reached(chat, id, reached) => {
                let reached = self.texts.say(state_key(reached));
                let variables = [("id", id.as_str()), ("state", reached.as_str())];
                let mut sentence = self.texts.with(DeskPlainState, &variables);
                if let Some(chat) = self.model.chat_by_id(&chat).map(|chat| chat.number) {
                    sentence = self.about(chat, &sentence);
                }
                self.print(&sentence).await
            }
            Announcement::Other => Ok(()),
        }
    }

    /// What is new of the desk itself, each as one sentence.
    async fn desk_changed(&mut self, before: &Before) -> Result<()> {
        if before.duty != self.model.duty {
            let sentence = match (&self.model.duty, self.model.told()) {
                (DutyState::Off(_), Some(notice)) => self.texts.notice(&notice),
                (DutyState::Off(_), None) => self.texts.say(DeskOffDuty),
                (DutyState::Asked, _) => self.texts.say(DeskAsked),
                (DutyState::On, _) => self.texts.say(DeskOnDuty),
                (DutyState::Break, _) => self.texts.say(DeskBreak),
            };
            self.print(&sentence).await?;
        }
        if before.link != self.model.link {
            self.print_key(link_key(self.model.link)).await?;
        }
        if before.waiting != (self.model.waiting, self.model.urgent) {
            let (waiting, urgent) = (self.model.waiting.to_string(), self.model.urgent.to_string());
            let waiting = self.texts.with(DeskWaiting, &[("waiting", &waiting)]);
            let urgent = self.texts.with(DeskUrgent, &[("urgent", &urgent)]);
            self.print(&format!("{waiting}. {urgent}.")).await?;
        }
        let mails = self.model.mails_there();
        if before.mails < mails {
            let sentence = self.texts.with(DeskMail, &[("number", &mails.to_string())]);
            self.print(&sentence).await?;
        }
        Ok(())
    }

    /// What has become true of a chat.
    async fn tell_chat(&mut self, id: &str) -> Result<()> {
        let told = self
            .model
            .chat_by_id(id)
            .and_then(|chat| Some((chat.number, chat.told()?)));
        let Some((number, notice)) = told else {
            return Ok(());
        };
        let sentence = self.texts.notice(&notice);
        self.print(&self.about(number, &sentence)).await
    }

    async fn on_arrived(&mut self, id: &str, opened: bool) -> Result<()> {
        let Some(at) = self.model.chats.iter().position(|chat| chat.id == id) else {
            return Ok(());
        };
        let shown = self.model.selected == at;
        let first = self.model.chats.len() == 1;
        let Some(chat) = self.model.chats.get_mut(at) else {
            return Ok(());
        };
        // Without another chat no words can be under way to anybody else. Every later one waits for its number.
        let again = chat.notice.is_some();
        if opened && first && !again && !chat.blurred {
            chat.open();
        }
        if opened || !shown || chat.blurred {
            let sentence = self.chat_sentence(at);
            self.print(&sentence).await?;
        }
        if opened && again {
            self.tell_chat(id).await?;
        }
        let Some(chat) = self.model.chats.get(at).filter(|_| shown) else {
            return Ok(());
        };
        let number = chat.number;
        let waits = match (chat.blurred, chat.opened()) {
            (true, _) => Some(DeskPlainHeavy),
            (false, false) if opened => Some(DeskPlainOpen),
            (false, _) => None,
        };
        if !chat.blurred {
            self.print_lines(at).await?;
        }
        match waits {
            Some(key) if opened => {
                let sentence = self.texts.say(key);
                self.print(&self.about(number, &sentence)).await
            }
            _ => Ok(()),
        }
    }

    /// Writes the words of a chat that were not written yet, each as one line or more, and tells the engine of each
    /// that is out.
    pub(super) async fn print_lines(&mut self, at: usize) -> Result<()> {
        loop {
            let Some(chat) = self.model.chats.get(at) else {
                return Ok(());
            };
            let new = chat
                .lines
                .iter()
                .position(|line| line.who == Author::Peer && !line.shown);
            let Some(new) = new else {
                return Ok(());
            };
            let line = chat.lines.get(new);
            let said = line.map(|line| self.line(chat.number, line.who, &line.text));
            self.print(&said.unwrap_or_default()).await?;
            let number = self
                .model
                .chats
                .get_mut(at)
                .and_then(|chat| chat.show(new))
                .flatten();
            self.pending
                .extend(number.map(|number| CounselorCommand::Shown { number }));
        }
    }
}

/// What lines act on.
#[derive(PartialEq, Eq)]
struct Aims {
    /// Where words go.
    words: Option<Shown>,
    /// Whether a number asks for a duty or gives it back.
    off: bool,
    /// The chat that is shown next.
    next: Option<String>,
    /// What a yes answers.
    asked: Option<Confirmation>,
}

impl Aims {
    fn of(model: &DeskModel) -> Self {
        let next = (model.selected + 1).checked_rem(model.chats.len());
        Self {
            words: model.chat().map(Shown::of),
            off: matches!(model.duty, DutyState::Off(_)),
            next: next
                .and_then(|next| model.chats.get(next))
                .map(|chat| chat.id.clone()),
            asked: match &model.mode {
                Mode::Confirm(question) => Some(question.clone()),
                _ => None,
            },
        }
    }
}

/// What the desk was before an event.
struct Before {
    duty: DutyState,
    link: LinkState,
    waiting: (u32, u32),
    mails: usize,
    unread: (usize, usize),
    meaning: DeskMeaning,
}

impl Before {
    fn of(model: &DeskModel) -> Self {
        Self {
            duty: model.duty.clone(),
            link: model.link,
            waiting: (model.waiting, model.urgent),
            mails: model.mails_there(),
            unread: model.unread(),
            meaning: meaning(model),
        }
    }
}

/// What an event says of a chat.
enum Announcement {
    /// A chat, or words in it; whether the chat itself is new.
    Arrived(String, bool),
    /// Something else about this chat.
    Told(String),
    /// A message of this desk came so far: the chat, the message, the state.
    Reached(String, String, MessageState),
    /// Nothing.
    Other,
}

impl Announcement {
    fn of(event: &CounselorEvent) -> Self {
        match event {
            CounselorEvent::Chat { chat, .. } => Self::Arrived(chat.clone(), true),
            CounselorEvent::Message { chat, .. } => Self::Arrived(chat.clone(), false),
            CounselorEvent::Pace { chat, .. }
            | CounselorEvent::Ended { chat, .. }
            | CounselorEvent::Error(ErrorReport { chat: Some(chat), .. }) => Self::Told(chat.clone()),
            CounselorEvent::State { chat, id, state } if *state >= MessageState::Received => {
                Self::Reached(chat.clone(), id.clone(), *state)
            }
            _ => Self::Other,
        }
    }
}
