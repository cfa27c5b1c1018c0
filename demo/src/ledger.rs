//! Checks delivery: each message must arrive on the other side once, in order, byte for byte, and the sender must be
//! told so.

use std::collections::VecDeque;

use hamsa_client::api::{MessageState, Words};

use crate::script::Speaker;

/// A promise that was broken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// An unknown or duplicate message arrived.
    #[error("the {0} was shown a message that was not said, or was shown before")]
    Unasked(&'static str),
    /// A message arrived out of order.
    #[error("message {got} arrived at the {to} where {expected} was next: the order is broken")]
    Order {
        /// The receiver.
        to: &'static str,
        /// The id that was next.
        expected: String,
        /// The id that came.
        got: String,
    },
    /// The words are not the same.
    #[error("message {id} arrived at the {to} with other bytes: {said} were said, {shown} were shown")]
    Bytes {
        /// The receiver.
        to: &'static str,
        /// Its id.
        id: String,
        /// Bytes said.
        said: usize,
        /// Bytes shown.
        shown: usize,
    },
    /// The engine gave up on it.
    #[error("message {id} of the {by} will not arrive: its state is failed")]
    Failed {
        /// The sender.
        by: &'static str,
        /// Its id.
        id: String,
    },
    /// `received` was said before the other side showed it.
    #[error("message {id} of the {by} is called received, but the other side has not shown it")]
    TooEarly {
        /// The sender.
        by: &'static str,
        /// Its id.
        id: String,
    },
}

#[derive(Debug)]
struct LedgerEntry {
    id: String,
    text: Words,
    received: bool,
}

/// What one person said and where it stands.
#[derive(Debug, Default)]
struct LedgerSide {
    /// Not shown on the other side yet.
    under_way: VecDeque<LedgerEntry>,
    /// Shown there, `received` not told yet.
    shown: Vec<String>,
    count: u64,
}

/// Both sides.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    seeker: LedgerSide,
    counselor: LedgerSide,
    arrived: u64,
}

impl Ledger {
    fn side(&mut self, by: Speaker) -> &mut LedgerSide {
        match by {
            Speaker::Seeker => &mut self.seeker,
            Speaker::Counselor => &mut self.counselor,
        }
    }

    /// `by` says something now; gives the id to say it with.
    pub(crate) fn say(&mut self, by: Speaker, text: &Words) -> String {
        let side = self.side(by);
        side.count += 1;
        let id = format!("{}{}", by.name().get(..1).unwrap_or_default(), side.count);
        side.under_way.push_back(LedgerEntry {
            id: id.clone(),
            text: text.clone(),
            received: false,
        });
        id
    }

    /// `to` was shown a message.
    pub(crate) fn arrive(&mut self, to: Speaker, id: &str, text: &Words) -> Result<(), Broken> {
        let name = to.name();
        let side = self.side(to.other());
        let next = side.under_way.front().ok_or(Broken::Unasked(name))?;
        if next.id != id {
            let known = side.under_way.iter().any(|entry| entry.id == id);
            let expected = next.id.clone();
            return Err(if known {
                Broken::Order {
                    to: name,
                    expected,
                    got: id.to_owned(),
                }
            } else {
                Broken::Unasked(name)
            });
        }
        if next.text != *text {
            let (said, shown) = (next.text.0.len(), text.0.len());
            return Err(Broken::Bytes {
                to: name,
                id: id.to_owned(),
                said,
                shown,
            });
        }
        if let Some(entry) = side.under_way.pop_front()
            && !entry.received
        {
            side.shown.push(entry.id);
        }
        self.arrived += 1;
        Ok(())
    }

    /// `by` was told the state of a message.
    ///
    /// `received` may come before the other side's own event: the two engines have two queues. [`Self::settled`] waits for
    /// both.
    pub(crate) fn state(&mut self, by: Speaker, id: &str, state: MessageState) -> Result<(), Broken> {
        match state {
            MessageState::Written | MessageState::AtNode => Ok(()),
            MessageState::Failed => Err(Broken::Failed {
                by: by.name(),
                id: id.to_owned(),
            }),
            MessageState::Received => {
                let side = self.side(by);
                side.shown.retain(|shown| shown != id);
                for entry in &mut side.under_way {
                    entry.received |= entry.id == id;
                }
                Ok(())
            }
        }
    }

    /// At the end of a run: whether something was called received and never shown.
    pub(crate) fn close(&self) -> Result<(), Broken> {
        for (by, side) in [
            (Speaker::Seeker, &self.seeker),
            (Speaker::Counselor, &self.counselor),
        ] {
            if let Some(entry) = side.under_way.iter().find(|entry| entry.received) {
                return Err(Broken::TooEarly {
                    by: by.name(),
                    id: entry.id.clone(),
                });
            }
        }
        Ok(())
    }

    /// Whether all that was said was shown and called received.
    pub(crate) fn settled(&self) -> bool {
        [&self.seeker, &self.counselor]
            .iter()
            .all(|side| side.under_way.is_empty() && side.shown.is_empty())
    }

    /// How many messages arrived.
    pub(crate) const fn arrived(&self) -> u64 {
        self.arrived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk() -> (Ledger, String, String) {
        let mut ledger = Ledger::default();
        let first = ledger.say(Speaker::Seeker, &"سلام".into());
        let second = ledger.say(Speaker::Seeker, &"b".into());
        (ledger, first, second)
    }

    #[test]
    fn settled_means_shown_and_told_on_both_sides() {
        let (mut ledger, first, second) = talk();
        ledger.arrive(Speaker::Counselor, &first, &"سلام".into()).unwrap();
        ledger.arrive(Speaker::Counselor, &second, &"b".into()).unwrap();
        ledger
            .state(Speaker::Seeker, &first, MessageState::AtNode)
            .unwrap();
        ledger
            .state(Speaker::Seeker, &first, MessageState::Received)
            .unwrap();
        assert!(!ledger.settled());
        ledger
            .state(Speaker::Seeker, &second, MessageState::Received)
            .unwrap();
        assert!(ledger.settled());
        assert_eq!(ledger.arrived(), 2);
    }

    #[test]
    fn received_may_come_before_the_arrival_but_does_not_replace_it() {
        let (mut ledger, first, second) = talk();
        ledger
            .state(Speaker::Seeker, &first, MessageState::Received)
            .unwrap();
        assert_eq!(
            ledger.close(),
            Err(Broken::TooEarly {
                by: "seeker",
                id: first.clone()
            })
        );
        ledger.arrive(Speaker::Counselor, &first, &"سلام".into()).unwrap();
        assert_eq!(ledger.close(), Ok(()));
        ledger.arrive(Speaker::Counselor, &second, &"b".into()).unwrap();
        assert!(!ledger.settled());
    }

    #[test]
    fn order_bytes_doubles_and_strangers_are_caught() {
        let (mut ledger, first, second) = talk();
        let order = Broken::Order {
            to: "counselor",
            expected: first.clone(),
            got: second.clone(),
        };
        assert_eq!(
            ledger.arrive(Speaker::Counselor, &second, &"b".into()),
            Err(order)
        );
        let bytes = Broken::Bytes {
            to: "counselor",
            id: first.clone(),
            said: 8,
            shown: 1,
        };
        assert_eq!(ledger.arrive(Speaker::Counselor, &first, &"x".into()), Err(bytes));
        ledger.arrive(Speaker::Counselor, &first, &"سلام".into()).unwrap();
        let twice = ledger.arrive(Speaker::Counselor, &first, &"سلام".into());
        assert_eq!(twice, Err(Broken::Unasked("counselor")));
        assert_eq!(
            ledger.arrive(Speaker::Seeker, "c1", &"x".into()),
            Err(Broken::Unasked("seeker"))
        );
        let failed = ledger.state(Speaker::Seeker, &second, MessageState::Failed);
        assert_eq!(
            failed,
            Err(Broken::Failed {
                by: "seeker",
                id: second
            })
        );
    }
}
