//! What the parts of the machine share: who the counselor is, its links and standing at each home, randomness, events
//! and the time of the input that is handled.

use std::collections::{BTreeMap, VecDeque};

use super::{
    event::Event,
    shift::{HomeDesk, Standing},
};
use crate::{
    client::home_links::HomeLinks,
    crypto::{
        keys::{HelplineId, SignKey},
        random::Random,
    },
    objects::{Certificate, HomeIndex, Signed},
    time::Now,
    wire::{ClientMessage, Refusal},
};

pub(super) struct DeskContext {
    pub(super) helpline: HelplineId,
    pub(super) random: Random,
    pub(super) links: HomeLinks,
    pub(super) identity: SignKey,
    pub(super) certificate: Signed<Certificate>,
    pub(super) homes: BTreeMap<HomeIndex, HomeDesk>,
    /// How many homes the address names; 0 where it is not known.
    pub(super) homes_expected: usize,
    pub(super) events: VecDeque<Event>,
    pub(super) now: Now,
}

impl DeskContext {
    pub(super) fn emit(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// Whether a home has a part in the shift: a home that the roster does not carry has none.
    pub(super) fn serves(&self, home: HomeIndex) -> bool {
        let directory = self.links.directory();
        directory.roster().is_none() || directory.carries(home)
    }

    /// Homes in use with at least this standing.
    pub(super) fn desks(&self, least: Standing) -> Vec<HomeIndex> {
        let stands = |standing| match least {
            Standing::OnDuty => standing == Standing::OnDuty,
            _ => matches!(standing, Standing::In | Standing::Publishing | Standing::OnDuty),
        };
        let desks = self.homes.iter().filter(|(_, desk)| stands(desk.standing));
        let homes = desks.map(|(home, _)| *home);
        homes.filter(|home| self.serves(*home)).collect()
    }

    /// Withdraws the duty at every home that holds it. Where it is still being published, it is withdrawn when the home
    /// confirms it.
    pub(super) fn withdraw_everywhere(&mut self) {
        let holds =
            |(home, desk): (&HomeIndex, &HomeDesk)| (desk.standing == Standing::OnDuty).then_some(*home);
        let homes: Vec<HomeIndex> = self.homes.iter().filter_map(holds).collect();
        for home in homes {
            self.withdraw_at(home);
        }
    }

    pub(super) fn withdraw_at(&mut self, home: HomeIndex) {
        let request = self.links.ask(home, ClientMessage::WithdrawDuty {}, self.now);
        if let Some(desk) = self.homes.get_mut(&home) {
            desk.standing = Standing::Withdrawing(request);
        }
    }

    /// The reason of the most recent refusal.
    pub(super) fn refused_with(&self) -> Option<Refusal> {
        let said = self.homes.values().filter_map(|desk| match desk.standing {
            Standing::Refused(again, reason) => Some((again, reason)),
            _ => None,
        });
        said.max_by_key(|(again, _)| *again).map(|(_, reason)| reason)
    }

    /// Whether homes say that the association revoked the certificate, and the roster does not.
    pub(super) fn homes_alone(&self) -> bool {
        let roster = self.links.directory().roster();
        let taken = roster.is_some_and(|roster| roster.revoked.contains(&self.certificate.serial));
        self.refused_with() == Some(Refusal::Revoked) && !taken
    }

    /// Changes the standing from `from` to `to`; `false` if it was another one.
    pub(super) fn stand(&mut self, home: HomeIndex, from: Standing, to: Standing) -> bool {
        let desk = self.homes.get_mut(&home).filter(|desk| desk.standing == from);
        desk.map(|desk| desk.standing = to).is_some()
    }
}
