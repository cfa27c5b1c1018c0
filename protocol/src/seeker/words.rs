//! What the seeker says in one visit, and which messages of the counselors the face was given.

use std::collections::{BTreeSet, VecDeque};

use zeroize::Zeroizing;

use super::context::SeekerContext;
use crate::{
    limits::QUEUE_MAX,
    objects::RunId,
    session::chat::{FIRST_ID, Numbers, Pace, SayError, Seen, State},
};

#[derive(Default)]
pub(super) struct Said {
    /// The first words of the ticket. They are said first to each counselor who answers, also where they are none.
    pub(super) first: Zeroizing<String>,
    /// Whether no counselor of this ticket was shown them.
    pub(super) first_waits: bool,
    /// Messages that no chat has taken yet.
    pub(super) queue: VecDeque<(String, Zeroizing<String>)>,
    /// Everything said in this visit, so that a new counselor can be given what an earlier one had.
    said: Vec<(String, Zeroizing<String>)>,
    ids: BTreeSet<String>,
    /// How the seeker wants the talk to go, whichever counselor answers.
    pub(super) pace: Pace,
    /// Which messages of the counselors the face has taken, and which it has shown.
    pub(super) seen: Seen,
    /// The numbers by which the face refers to these messages.
    pub(super) numbers: Numbers<(RunId, String)>,
}

impl Said {
    pub(super) fn has(&self, id: &str) -> bool {
        id == FIRST_ID || self.ids.contains(id)
    }

    /// Everything said so far.
    pub(super) fn said(&self) -> VecDeque<(String, Zeroizing<String>)> {
        self.said.iter().cloned().collect()
    }

    /// A chat or the queue has the message.
    pub(super) fn keep(&mut self, id: String, text: Zeroizing<String>) {
        self.ids.insert(id.clone());
        self.said.push((id, text));
    }

    /// Holds a message until a chat takes it.
    pub(super) fn enqueue(
        &mut self,
        ctx: &mut SeekerContext,
        id: &str,
        text: &Zeroizing<String>,
    ) -> Result<(), SayError> {
        if self.queue.len() >= QUEUE_MAX {
            return Err(SayError::QueueFull);
        }
        ctx.emit_state(id.to_owned(), State::Written);
        self.queue.push_back((id.to_owned(), text.clone()));
        Ok(())
    }

    /// Whether the face is told of this message's states: first words that are none have none.
    pub(super) fn tells(&self, id: &str) -> bool {
        id != FIRST_ID || !self.first.is_empty()
    }

    /// The state of a message has changed.
    pub(super) fn emit_states(
        &self,
        ctx: &mut SeekerContext,
        states: impl IntoIterator<Item = (String, State)>,
    ) {
        ctx.emit_states(states.into_iter().filter(|(id, _)| self.tells(id)));
    }

    /// These messages wait for the next chat, behind the first words.
    pub(super) fn wait(&mut self, ctx: &mut SeekerContext, messages: Vec<(String, Zeroizing<String>)>) {
        self.emit_states(ctx, messages.iter().map(|(id, _)| (id.clone(), State::Written)));
        self.first_waits = messages.iter().any(|(id, _)| id == FIRST_ID);
        self.queue = messages.into_iter().filter(|(id, _)| id != FIRST_ID).collect();
    }

    /// What a chat begins with, first words first.
    pub(super) fn begin(&mut self) -> impl Iterator<Item = (String, Zeroizing<String>)> + use<> {
        let first = (FIRST_ID.to_owned(), self.first.clone());
        core::iter::once(first).chain(core::mem::take(&mut self.queue))
    }

    /// Nobody will be told what waits.
    pub(super) fn fail(&mut self, ctx: &mut SeekerContext) {
        let read = !self.first_waits;
        let waiting = self.begin().skip(usize::from(read));
        self.emit_states(ctx, waiting.map(|(id, _)| (id, State::Failed)));
    }
}
