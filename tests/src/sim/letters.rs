//! Sealed messages and their answers in a storm: what the judge knows of them.
//!
//! What a home said it keeps must be on its disk at that moment, and whatever lies at a home that is neither
//! lost nor a liar must be read by a counselor, answered, and read again by whoever has the phrase, once.

use std::collections::{BTreeMap, BTreeSet};

use hamsa_protocol_planted::{
    crypto::phrase::ReturnKeys,
    session::{chat::State, mail::DepositId},
};

use super::judge::{Process, Wrong};

/// Somebody's phrase, by its number in this world.
#[must_use]
pub fn phrase(number: u8) -> ReturnKeys {
    ReturnKeys::from_bytes(&[number; 128])
}

struct Letter {
    phrase: u8,
    text: String,
    state: Option<State>,
    /// Who has seen it.
    shown: BTreeSet<Process>,
}

struct Reply {
    from: Process,
    mail: DepositId,
    phrase: u8,
    text: String,
    state: Option<State>,
    /// Who has read it.
    read: BTreeSet<Process>,
}

/// Something that must not happen.
pub(super) type Found = (Wrong, String);

/// All sealed messages of a world.
#[derive(Default)]
pub struct Letters {
    /// By their authors' place among the people.
    left: BTreeMap<usize, Letter>,
    /// Homes that said that they keep a person's message.
    kept: BTreeMap<usize, BTreeSet<usize>>,
    /// By their ids.
    replies: BTreeMap<String, Reply>,
    /// Homes that said that they keep a counselor's answer.
    replied: BTreeMap<(Process, DepositId), BTreeSet<usize>>,
}

impl Letters {
    pub(super) fn left(&mut self, author: usize, phrase: u8, text: &str) {
        let letter = Letter {
            phrase,
            text: text.to_owned(),
            state: None,
            shown: BTreeSet::new(),
        };
        self.left.insert(author, letter);
    }

    pub(super) fn stated(&mut self, author: usize, state: State) {
        if let Some(letter) = self.left.get_mut(&author) {
            letter.state = Some(state);
        }
    }

    pub(super) fn kept(&mut self, author: usize, home: usize) {
        self.kept.entry(author).or_default().insert(home);
    }

    pub(super) fn replied(&mut self, counselor: Process, mail: DepositId, home: usize) {
        self.replied.entry((counselor, mail)).or_default().insert(home);
    }

    /// A counselor is shown a message. Gives whose phrase answers it, unless these words were never left.
    pub(super) fn shown(&mut self, at: Process, text: &str) -> Result<u8, Found> {
        let Some(letter) = self.left.values_mut().find(|letter| letter.text == text) else {
            return Err((
                Wrong::Broken,
                "a sealed message was shown that nobody left".to_owned(),
            ));
        };
        if letter.shown.insert(at) {
            Ok(letter.phrase)
        } else {
            let what = format!("a sealed message was shown twice by {at:?}");
            Err((Wrong::Duplicated, what))
        }
    }

    pub(super) fn answered(&mut self, from: Process, mail: DepositId, phrase: u8, id: &str, text: &str) {
        let reply = Reply {
            from,
            mail,
            phrase,
            text: text.to_owned(),
            state: None,
            read: BTreeSet::new(),
        };
        self.replies.insert(id.to_owned(), reply);
    }

    pub(super) fn reply_stated(&mut self, id: &str, state: State) {
        if let Some(reply) = self.replies.get_mut(id) {
            reply.state = Some(state);
        }
    }

    /// Somebody with a phrase reads an answer.
    pub(super) fn read(&mut self, at: Process, phrase: u8, text: &str) -> Result<(), Found> {
        let its = |reply: &&mut Reply| reply.text == text && reply.phrase == phrase;
        let Some(reply) = self.replies.values_mut().find(its) else {
            return Err((Wrong::Broken, format!("{at:?} read an answer that is not hers")));
        };
        if reply.read.insert(at) {
            Ok(())
        } else {
            Err((Wrong::Duplicated, format!("{at:?} read an answer twice")))
        }
    }

    /// Authors who were not told yet how their message came on.
    pub(super) fn untold(&self) -> impl Iterator<Item = usize> + '_ {
        let told = |letter: &Letter| matches!(letter.state, Some(State::AtNode | State::Failed));
        let untold = self.left.iter().filter(move |(_, letter)| !told(letter));
        untold.map(|(author, _)| *author)
    }

    /// Messages that lie at a home of `good` and that no counselor has seen.
    pub(super) fn unseen(&self, good: impl Fn(usize) -> bool) -> usize {
        let lies = |author: &usize| {
            self.kept
                .get(author)
                .is_some_and(|homes| homes.iter().any(|home| good(*home)))
        };
        self.left
            .iter()
            .filter(|(author, letter)| letter.state == Some(State::AtNode) && lies(author))
            .filter(|(_, letter)| letter.shown.is_empty())
            .count()
    }

    /// Whose phrase answers a message that lies at a home of `good` and that nobody has answered at any home.
    pub(super) fn unanswered(&self, mail: DepositId, text: &str, good: impl Fn(usize) -> bool) -> Option<u8> {
        let (author, letter) = self.left.iter().find(|(_, letter)| letter.text == text)?;
        let homes = self.kept.get(author)?;
        let answered = self.replied.keys().any(|(_, answered)| *answered == mail);
        (!answered && homes.iter().any(|home| good(*home))).then_some(letter.phrase)
    }

    /// Whether an answer is still on its way.
    pub(super) fn answering(&self, running: impl Fn(Process) -> bool) -> bool {
        self.replies
            .values()
            .any(|reply| running(reply.from) && !matches!(reply.state, Some(State::AtNode | State::Failed)))
    }

    /// Answers to a phrase that lie at a home of `good` and that `reader` has not read.
    pub(super) fn unread(&self, phrase: u8, reader: Process, good: impl Fn(usize) -> bool) -> usize {
        let lies = |reply: &Reply| {
            self.replied
                .get(&(reply.from, reply.mail))
                .is_some_and(|homes| homes.iter().any(|home| good(*home)))
        };
        self.replies
            .values()
            .filter(|reply| reply.phrase == phrase && reply.state == Some(State::AtNode) && lies(reply))
            .filter(|reply| !reply.read.contains(&reader))
            .count()
    }

    /// Phrases that somebody may come back with.
    pub(super) fn phrases(&self) -> Vec<u8> {
        self.left.values().map(|letter| letter.phrase).collect()
    }

    /// Messages that counselors saw, and answers that were read.
    pub(super) fn counts(&self) -> (u64, u64) {
        let shown: usize = self.left.values().map(|letter| letter.shown.len()).sum();
        let read: usize = self.replies.values().map(|reply| reply.read.len()).sum();
        (
            u64::try_from(shown).unwrap_or_default(),
            u64::try_from(read).unwrap_or_default(),
        )
    }
}
