//! What the seeker says in one visit, and which messages of the counselors the face was given.

use std::collections::{BTreeSet, VecDeque};

use zeroize::Zeroizing;

use super::context::SeekerContext;
use crate::{
    limits::QUEUE_MAX,
    objects::RunId,
    session::chat::{Numbers, Pace, SayError, Seen, State},
};

#[derive(Default)]
pub(super) struct Said {
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
        self.ids.contains(id)
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

    /// These messages wait for the next chat.
    pub(super) fn wait(&mut self, ctx: &mut SeekerContext, messages: Vec<(String, Zeroizing<String>)>) {
        for (id, _) in &messages {
            ctx.emit_state(id.clone(), State::Written);
        }
        self.queue = messages.into();
    }
}
