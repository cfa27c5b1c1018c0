//! What a session wants done outside: keys on another thread, a survey on a connection of its own, files.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use hamsa_protocol::crypto::{
    keys::SignKey,
    phrase::NoMemory,
    puzzle::{Puzzle, Search, Step},
};
use tokio::task::{AbortHandle, JoinSet, spawn_blocking};

use super::{
    clock::{DeviceClock, today},
    survey,
};
use crate::{
    api::{ErrorReport, SurveyState},
    session::{
        CounselorCredentials, CounselorEffect, CounselorOutcome, CounselorRole, SeekerOutcome, SeekerRole,
        SeekerTask, SessionRole,
    },
    vault::{UnlockedVault, VaultError},
};

/// A role whose effects this driver performs.
pub(super) trait Driven:
    SessionRole<Machine: Send, Command: Send, Event: Send, Effect: Send, Outcome: Send + 'static> + Send + 'static
{
    /// What they need.
    type Tools: Send;

    /// Performs an effect at once and gives its outcome, or spawns it.
    fn perform(
        tools: &mut Self::Tools,
        effect: Self::Effect,
        spawned: &mut JoinSet<Self::Outcome>,
    ) -> Option<Self::Outcome>;
}

/// What a seeker's effects need.
pub(super) struct SeekerTools {
    clock: DeviceClock,
    survey: Option<AbortHandle>,
    /// One puzzle is wanted at a time.
    solving: Option<AbortHandle>,
}

impl SeekerTools {
    pub(super) fn new(clock: DeviceClock) -> Self {
        Self {
            clock,
            survey: None,
            solving: None,
        }
    }
}

impl Driven for SeekerRole {
    type Tools = SeekerTools;

    fn perform(
        tools: &mut SeekerTools,
        effect: SeekerTask,
        spawned: &mut JoinSet<SeekerOutcome>,
    ) -> Option<SeekerOutcome> {
        match effect {
            SeekerTask::DeriveKeys { phrase, root } => {
                let keys = spawn_blocking(move || phrase.derive(&root));
                spawned.spawn(async { SeekerOutcome::Keys(keys.await.unwrap_or(Err(NoMemory))) });
            }
            SeekerTask::Solve(toll) => {
                let solved =
                    async move { SeekerOutcome::Solved(toll.number, solve(toll.puzzle, toll.step).await) };
                abort(tools.solving.replace(spawned.spawn(solved)));
            }
            SeekerTask::StopSolving => abort(tools.solving.take()),
            SeekerTask::SubmitSurvey(submission) => {
                let submitted =
                    AssertUnwindSafe(survey::submit(submission, tools.clock.clone())).catch_unwind();
                let outcome = async { SeekerOutcome::Survey(submitted.await.unwrap_or(SurveyState::Failed)) };
                tools.survey = Some(spawned.spawn(outcome));
            }
            SeekerTask::CancelSurvey => abort(tools.survey.take()),
        }
        None
    }
}

fn abort(task: Option<AbortHandle>) {
    if let Some(task) = task {
        task.abort();
    }
}

/// Attempts between two looks at whether the puzzle is still wanted: a few milliseconds, so that a program that is left
/// ends at once.
const ATTEMPTS: u32 = 64;

/// Solves a puzzle on another thread, in slices.
pub(super) async fn solve(puzzle: Puzzle, step: Step) -> u64 {
    let mut search = Search::new(puzzle, step);
    loop {
        let slice = move || (search.run(ATTEMPTS), search);
        match spawn_blocking(slice).await {
            Ok((Some(nonce), _)) => return nonce,
            Ok((None, rest)) => search = rest,
            // The runtime is shutting down, so the nonce is not used.
            Err(_) => return 0,
        }
    }
}

impl Driven for CounselorRole {
    type Tools = UnlockedVault;

    fn perform(
        vault: &mut UnlockedVault,
        effect: CounselorEffect,
        _: &mut JoinSet<CounselorOutcome>,
    ) -> Option<CounselorOutcome> {
        let reported = |error: VaultError| ErrorReport::new(error.code(), error.to_string(), error.advice());
        Some(match effect {
            CounselorEffect::KeepShift(shift) => {
                let (duty, secrets) = *shift;
                CounselorOutcome::ShiftSealed(vault.keep_duty(&duty, &secrets).map_err(reported))
            }
            CounselorEffect::ForgetShift => {
                CounselorOutcome::ShiftSealed(vault.forget_duty().map_err(reported))
            }
            CounselorEffect::KeepMailKeys(keys) => {
                CounselorOutcome::MailKeysSealed(vault.keep_mail_keys(&keys).map_err(reported))
            }
            CounselorEffect::KeepRoster(roster) => {
                CounselorOutcome::RosterKept(vault.keep_roster(*roster, today()).map_err(reported))
            }
            CounselorEffect::KeepEvidence { version, rosters } => {
                CounselorOutcome::RosterKept(vault.keep_evidence(version, &rosters).map_err(reported))
            }
        })
    }
}

/// What a session needs of a vault. The vault keeps its files.
pub(super) fn credentials(vault: &mut UnlockedVault) -> CounselorCredentials {
    CounselorCredentials {
        address: vault.address().clone(),
        certificate: vault.certificate().clone(),
        identity: SignKey::from_bytes(&vault.identity().to_bytes()),
        shift: vault.take_duty(),
        mail_keys: vault.take_mail_keys(),
        roster: vault.roster().cloned(),
    }
}

#[cfg(test)]
mod tests {
    use hamsa_protocol::{crypto::keys::HelplineId, seeker::Toll};

    use super::*;

    fn toll(number: u64, step: u8) -> SeekerTask {
        SeekerTask::Solve(Toll {
            number,
            puzzle: Puzzle::urgent(&HelplineId([1; 32]), &[2; 32], &[]),
            step: step.try_into().unwrap(),
        })
    }

    #[tokio::test]
    async fn a_puzzle_that_is_wanted_no_more_is_left() {
        let mut tools = SeekerTools::new(DeviceClock::new());
        let mut spawned = JoinSet::new();
        for task in [toll(1, 8), toll(2, 1), SeekerTask::StopSolving, toll(3, 1)] {
            SeekerRole::perform(&mut tools, task, &mut spawned);
        }
        let mut solved = Vec::new();
        while let Some(done) = spawned.join_next().await {
            match done {
                Ok(SeekerOutcome::Solved(number, _)) => solved.push(number),
                Ok(_) => panic!("nothing else was asked"),
                Err(error) => assert!(error.is_cancelled()),
            }
        }
        assert_eq!(solved, [3]);
    }
}
