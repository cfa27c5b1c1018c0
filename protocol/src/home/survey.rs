//! The three questions at the end of a visit: for each month and question, how many said yes and how many said no.
//! Nothing else is kept: no person, no time, no order, and no connection between the three answers of one person.
//!
//! Only months that are over are published, and of these only sums that are not small. So no observer can watch a sum
//! grow and learn which answer was new.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Home, HomeRequest};
use crate::{
    crypto::puzzle::Priced,
    objects::{postcard_decode, postcard_encode},
    time::{Now, Unix, civil},
    wire::{Answers, HomeMessage, Refusal},
};

/// Most surveys over one link: a visit has one, over a link made for it.
pub const MAX_SURVEYS_PER_LINK: u32 = 1;
/// Most months that are kept: enough to compare a year with the one before. The oldest are dropped.
pub const SURVEY_MONTHS_MAX: usize = 24;
/// A smaller sum is not published, because it could identify a person.
pub const SMALL_SUM: u32 = 10;

/// A month of the calendar (UTC), counted from January 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(u32);

impl Month {
    /// December 9999: later months have no date of four digits.
    const LAST: Self = Self(96_359);

    /// The month in which `at` lies.
    #[must_use]
    pub fn of(at: Unix) -> Self {
        let (year, month, _) = civil(at.0 / 86_400);
        let count = year.saturating_sub(1970).saturating_mul(12) + month.saturating_sub(1);
        Self(u32::try_from(count).unwrap_or(u32::MAX)).min(Self::LAST)
    }
}

/// `2026-10`.
impl core::fmt::Display for Month {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{:04}-{:02}", 1970 + self.0 / 12, self.0 % 12 + 1)
    }
}

/// A question to the seeker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Whether the seeker felt heard.
    Heard,
    /// Whether the seeker knows a possible next step.
    Step,
    /// Whether the seeker feels a little safer than before.
    Safer,
}

impl Question {
    /// All, in the order of [`Answers`].
    pub const ALL: [Self; 3] = [Self::Heard, Self::Step, Self::Safer];

    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Heard => "heard",
            Self::Step => "step",
            Self::Safer => "safer",
        }
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    yes: u32,
    no: u32,
}

/// What may be published of one question in one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The month; it is over.
    pub month: Month,
    /// The question.
    pub question: Question,
    /// How many said yes; `None` if fewer than [`SMALL_SUM`], or none at all.
    pub yes: Option<u32>,
    /// How many said no; as for `yes`.
    pub no: Option<u32>,
}

/// The sums of each month, in the order of [`Question::ALL`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Survey(BTreeMap<Month, [Sum; 3]>);

impl Survey {
    /// The one encoding, for the disk.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard_encode(self)
    }

    /// Decodes what [`Self::encode`] returned, and nothing else.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let survey: Self = postcard_decode(bytes)?;
        let right = survey.0.len() <= SURVEY_MONTHS_MAX && survey.0.keys().all(|month| *month <= Month::LAST);
        right.then_some(survey)
    }

    /// What may be published: months that are over, and sums that are not small. A question without such a sum has no
    /// row, as if there had been no answers.
    #[must_use]
    pub fn told(&self, now: Unix) -> Vec<Told> {
        let over = self.0.range(..Month::of(now));
        let large = |sum: u32| (sum >= SMALL_SUM).then_some(sum);
        over.flat_map(|(month, sums)| Question::ALL.into_iter().zip(sums).map(|row| (*month, row)))
            .map(|(month, (question, sum))| Told {
                month,
                question,
                yes: large(sum.yes),
                no: large(sum.no),
            })
            .filter(|told| told.yes.is_some() || told.no.is_some())
            .collect()
    }

    fn count(&mut self, at: Unix, answers: Answers) {
        if answers.0 == [None; 3] {
            return;
        }
        let sums = self.0.entry(Month::of(at)).or_default();
        for (sum, answer) in sums.iter_mut().zip(answers.0) {
            match answer {
                Some(true) => sum.yes = sum.yes.saturating_add(1),
                Some(false) => sum.no = sum.no.saturating_add(1),
                None => {}
            }
        }
        while self.0.len() > SURVEY_MONTHS_MAX {
            self.0.pop_first();
        }
    }
}

impl core::fmt::Debug for Survey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Survey({} months)", self.0.len())
    }
}

impl Home {
    /// Continues with the sums of an earlier run. Called once, before the first link.
    pub fn remember_survey(&mut self, survey: Survey) {
        self.survey = survey;
    }

    /// The present sums, to be kept over a restart and never published.
    #[must_use]
    pub const fn survey(&self) -> &Survey {
        &self.survey
    }

    /// What may be published now. While the clock is doubted, a month is over only when that is certain.
    #[must_use]
    pub fn survey_told(&self, now: Now) -> Vec<Told> {
        self.survey.told(self.mail.for_sure(now))
    }

    pub(super) fn take_survey(&mut self, request: HomeRequest, answers: Answers) {
        if let Err(reason) = self.roster() {
            return self.refuse(request, reason);
        }
        let now = self.mail.for_sure(self.now);
        let Some(state) = self.links.get(&request.link) else {
            return;
        };
        let via = state.via;
        if state.surveys >= MAX_SURVEYS_PER_LINK {
            return self.refuse(request, Refusal::Busy);
        }
        if let Err(reason) = self.admit(Priced::Survey, request.token.hash(), (via, usize::MAX)) {
            return self.refuse(request, reason);
        }
        self.tolls.admitted(Priced::Survey, request.token.hash());
        if let Some(state) = self.links.get_mut(&request.link) {
            state.surveys += 1;
        }
        self.survey.count(now, answers);
        self.answer(request, HomeMessage::Counted {});
    }
}

#[cfg(test)]
mod tests;
