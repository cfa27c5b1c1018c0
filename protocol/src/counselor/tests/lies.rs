//! What one home that lies can do to a duty, to a ticket on the desk, and to a chat.

use super::*;
use crate::time::millis;

/// The home that lies; the other one is honest.
const LIAR: usize = 1;
const HONEST: usize = 0;

impl Table {
    /// The lying home sends this record.
    fn lies(&mut self, record: Record) {
        self.hears(NOUR, LIAR, record);
    }

    fn hears(&mut self, who: usize, home: usize, record: Record) {
        self.desk(who, |desk, now| desk.handle_record(HomeIndex(home), record, now));
    }

    /// A ticket as a home offers it, in fragments.
    fn offers(&mut self, ticket: TicketId, attempt: u32, body: Box<[u8; ticket::TICKET_LEN]>) {
        for piece in offer(ticket, attempt, body) {
            self.lies(piece);
        }
    }

    fn empty_offer(&mut self, ticket: TicketId, attempt: u32) {
        self.offers(ticket, attempt, Box::new([0; ticket::TICKET_LEN]));
    }

    /// A ticket that any party can make: sealed to Nour's duty, which is public.
    fn sealed_offer(&mut self, ticket: TicketId, attempt: u32) {
        let body = self.sealed(ticket, attempt);
        self.offers(ticket, attempt, body);
    }

    fn sealed(&self, ticket: TicketId, attempt: u32) -> Box<[u8; ticket::TICKET_LEN]> {
        let intake = Intake {
            language: "fr".parse().unwrap(),
            urgent: true,
        };
        let (duty, _) = self.desks[&NOUR].shift().unwrap();
        let (helpline, random) = (self.desks[&NOUR].ctx.helpline, &mut seeded(99));
        let card = (&intake, &ticket::UrgencyPayment::default());
        ticket::seal(&helpline, ticket, attempt, &[duty], card, random)
            .unwrap()
            .body
    }

    fn ticket(&self) -> TicketId {
        *self.desks[&NOUR].desk.ids().first().unwrap()
    }

    fn duties(&self) -> Vec<usize> {
        self.homes.iter().map(|home| home.counts().duties).collect()
    }

    fn talks(&self) -> usize {
        let desk = &self.desks[&NOUR];
        desk.chats.values().filter(|talk| talk.closing.is_none()).count()
    }

    /// The association publishes a new roster.
    pub(super) fn publishes(&mut self, change: impl FnOnce(&mut Roster), homes: &[usize]) {
        self.roster.version += 1;
        change(&mut self.roster);
        let helpline = RootKey(self.root.public()).helpline();
        let signed = Signed::sign(self.roster.clone(), &self.root, &helpline).unwrap();
        let now = self.moment();
        for home in homes {
            self.homes[*home]
                .install(signed.encoded(), &self.settings, &no_entries(&self.root), now)
                .unwrap();
        }
        self.settle();
    }
}

fn offer(ticket: TicketId, attempt: u32, body: Box<[u8; ticket::TICKET_LEN]>) -> Vec<Record> {
    let shown = ShownTicket {
        ticket,
        attempt,
        order: u64::MAX,
        paid: None,
        body: crate::objects::Bytes(body),
    };
    split(Kind::Ticket, 0, ticket.0, &postcard_encode(&shown))
}

fn off_duty(reason: Refusal) -> Record {
    Record::new(Kind::OffDuty).body(postcard_encode(&reason))
}

/// A chat at both homes, in which both sides have spoken.
fn chat_of_nour() -> (Table, TicketId) {
    let mut table = Table::new();
    table.asks();
    table.desk(NOUR, Counselor::take_next);
    table.says(SEEKER, "s1");
    table.says(NOUR, "n1");
    table.pass(1_000);
    let [(NOUR, chat)] = table.chats[..] else {
        panic!("no chat");
    };
    assert_eq!(table.state(NOUR, "n1"), Some(State::Received));
    (table, chat)
}

#[test]
fn one_home_that_rejects_a_certificate_ends_no_chat_or_duty() {
    let (mut table, _) = chat_of_nour();
    for reason in [Refusal::Revoked, Refusal::Expired, Refusal::NotListed] {
        table.lies(off_duty(reason));
        table.pass(200);
    }
    table.lies(Record::new(Kind::OffDuty));
    table.says(NOUR, "n2");
    table.pass(1_000);
    assert_eq!(table.state(NOUR, "n2"), Some(State::Received));
    assert!(
        table.ended.is_empty() && table.off.is_empty(),
        "{:?} {:?}",
        table.ended,
        table.off
    );
    assert_eq!(table.duties()[HONEST], 1);
    // The duty is published there again, and further words of this home change nothing.
    table.pass(millis(DUTY_AGAIN) + 1_000);
    let standing = |table: &Table| table.desks[&NOUR].ctx.homes[&HomeIndex(LIAR)].standing;
    assert!(standing(&table) == Standing::OnDuty);
    table.lies(off_duty(Refusal::Revoked));
    assert!(matches!(standing(&table), Standing::Refused(..)));
    table.hold(&[(NOUR, LIAR, true)]);
    table.pass(millis(DUTY_AGAIN) + 100);
    let asked = table.desks[&NOUR].ctx.homes[&HomeIndex(LIAR)].asked;
    let refused = Record::new(Kind::Refused).request(asked);
    table.lies(refused.body(postcard_encode(&Refusal::Revoked)));
    assert!(matches!(standing(&table), Standing::Refused(..)));
    assert!(table.ended.is_empty() && table.off.is_empty());
}

#[test]
fn all_homes_together_end_a_duty_but_only_a_roster_ends_chats() {
    let (mut table, _) = chat_of_nour();
    for home in 0..HOMES {
        assert!(table.off.is_empty());
        table.hears(NOUR, home, off_duty(Refusal::Revoked));
    }
    assert!(table.off.is_empty(), "a roster that says so may be on its way");
    table.pass(3_000);
    assert_eq!(table.off, [(NOUR, OffReason::HomesAlone)]);
    assert!(table.ended.is_empty());
    // No roster revokes the certificate: Nour goes on duty again.
    table.desk(NOUR, Counselor::on_duty);
    table.pass(1_000);
    assert_eq!((table.duties(), table.off.len()), (vec![1, 1], 1));
    table.hold(&[(SEEKER, 0, false), (SEEKER, 1, false)]);
    table.publishes(|roster| roster.revoked.push(Serial([1; 8])), &[HONEST]);
    table.pass(1_000);
    let revoked = (NOUR, EndedBy::Helpline, ChatOver::Said(EndReason::Revoked));
    assert_eq!(table.ended, [revoked]);
}

/// A new roster has reached one home. The other home still holds the duty, and gets the withdrawal.
#[test]
fn a_revoked_counselor_withdraws_the_duty_at_every_home() {
    let mut table = Table::new();
    assert_eq!(table.duties(), [1, 1]);
    table.publishes(|roster| roster.revoked.push(Serial([1; 8])), &[HONEST]);
    table.pass(1_000);
    assert_eq!(table.off, [(NOUR, OffReason::Home(Refusal::Revoked))]);
    assert_eq!(table.duties(), [0, 0]);
}

#[test]
fn another_program_ends_a_duty_only_if_every_home_says_so() {
    let mut table = Table::new();
    table.hears(NOUR, HONEST, Record::new(Kind::OffDuty));
    table.pass(millis(DUTY_AGAIN) + 1_000);
    assert!(table.desks[&NOUR].ctx.homes[&HomeIndex(HONEST)].standing == Standing::Withdrawn);
    assert!(table.off.is_empty());
    table.lies(Record::new(Kind::OffDuty));
    assert_eq!(table.off, [(NOUR, OffReason::Elsewhere)]);
}

/// The only home in reach refuses while its confirmation is in flight.
#[test]
fn the_later_word_of_a_home_counts() {
    let mut table = Table::new();
    table.desk(NOUR, Counselor::off_duty);
    table.pass(4_000);
    table.off.clear();
    table.disconnect(NOUR, HONEST);
    table.desk(NOUR, |desk, now| {
        desk.expect_homes(HOMES);
        desk.on_duty(now);
    });
    table.hold(&[(NOUR, LIAR, true)]);
    table.disconnect(NOUR, LIAR);
    table.connect(NOUR, LIAR);
    table.pass(500);
    let login = table.desks[&NOUR].ctx.homes[&HomeIndex(LIAR)].asked;
    table.lies(Record::new(Kind::LoggedIn).request(login));
    let duty = table.desks[&NOUR].ctx.homes[&HomeIndex(LIAR)].asked;
    assert_ne!(login, duty);
    table.lies(off_duty(Refusal::Revoked));
    // An answer to another request says nothing.
    table.lies(Record::new(Kind::OnDuty).request(login));
    let standing = |table: &Table| table.desks[&NOUR].ctx.homes[&HomeIndex(LIAR)].standing;
    assert!(matches!(standing(&table), Standing::Refused(..)));
    table.lies(Record::new(Kind::OnDuty).request(duty));
    assert!(standing(&table) == Standing::OnDuty);
    table.pass(5_000);
    assert!(table.off.is_empty());
}

/// Off duty and on again before a home has answered: its answer does not speak of another program.
#[test]
fn a_counselor_back_before_the_withdrawal_answer_is_on_duty() {
    let mut table = Table::new();
    table.hold(&[(NOUR, 0, false), (NOUR, 1, false)]);
    table.desk(NOUR, Counselor::off_duty);
    table.desk(NOUR, Counselor::on_duty);
    table.release(&[(NOUR, 0, false), (NOUR, 1, false)]);
    table.pass(1_000);
    assert_eq!((table.duties(), table.off.len()), (vec![1, 1], 0));
}

/// The roster that lists the counselor has not reached one home. That home says so before the other has taken the duty.
#[test]
fn one_home_with_an_old_roster_blocks_no_duty_at_another() {
    let mut table = Table::new();
    table.desk(NOUR, Counselor::off_duty);
    table.pass(4_000);
    table.off.clear();
    table.hold(&[(NOUR, 0, true), (NOUR, 1, true)]);
    for home in 0..HOMES {
        table.disconnect(NOUR, home);
        table.connect(NOUR, home);
    }
    table.desk(NOUR, Counselor::on_duty);
    let refused = |table: &Table, home| {
        let asked = table.desks[&NOUR].ctx.homes[&home].asked;
        let refused = Record::new(Kind::Refused).request(asked);
        refused.body(postcard_encode(&Refusal::NotListed))
    };
    table.lies(refused(&table, HomeIndex(LIAR)));
    assert!(table.off.is_empty());
    table.release(&[(NOUR, HONEST, true)]);
    table.pass(1_000);
    assert_eq!((table.duties(), table.off.len()), (vec![1, 0], 0));
    // The duty is retried there.
    table.release(&[(NOUR, LIAR, true)]);
    table.pass(millis(DUTY_AGAIN) + 1_000);
    assert_eq!(table.duties(), [1, 1]);

    // All homes in reach have refused: that is told after the other home had its time.
    let mut table = Table::new();
    table.desk(NOUR, Counselor::off_duty);
    table.pass(4_000);
    table.off.clear();
    table.disconnect(NOUR, LIAR);
    table.hold(&[(NOUR, HONEST, true)]);
    table.desk(NOUR, |desk, now| {
        desk.expect_homes(HOMES);
        desk.on_duty(now);
    });
    let refused = refused(&table, HomeIndex(HONEST));
    table.hears(NOUR, HONEST, refused);
    table.pass(1_000);
    assert!(table.off.is_empty(), "the other home may list her");
    table.pass(3_000);
    assert_eq!(table.off, [(NOUR, OffReason::Home(Refusal::NotListed))]);
}

/// The first home in reach has a roster from before the certificate.
#[test]
fn an_older_roster_without_the_counselor_ends_no_duty() {
    let mut table = Table::new();
    table.connect(SALMA, HONEST);
    // Salma is new: only the other home has the roster that lists the certificate.
    table.publishes(|roster| roster.certificates.truncate(1), &[HONEST]);
    table.desk(SALMA, |desk, _| desk.expect_homes(HOMES));
    table.desk(SALMA, Counselor::on_duty);
    table.pass(1_000);
    let listed = table.certificates.iter().map(Signed::hash).collect();
    table.publishes(|roster| roster.certificates = listed, &[LIAR]);
    table.connect(SALMA, LIAR);
    table.pass(1_000);
    assert_eq!((table.duties(), table.off.len()), (vec![1, 2], 0));
}

/// The home that holds the duty has no link for a moment, and the other home says that it holds none.
#[test]
fn an_unreachable_home_may_still_hold_the_duty() {
    let mut table = Table::new();
    table.desk(NOUR, |desk, _| desk.expect_homes(HOMES));
    table.disconnect(NOUR, HONEST);
    table.hold(&[(NOUR, LIAR, true)]);
    table.lies(off_duty(Refusal::Revoked));
    table.pass(15_000);
    table.connect(NOUR, HONEST);
    table.pass(60_000);
    assert!(table.off.is_empty());
    assert_eq!(table.duties()[HONEST], 1);
}

#[test]
fn a_newer_attempt_named_by_one_home_ends_no_active_chat() {
    let (mut table, chat) = chat_of_nour();
    for attempt in 1..9 {
        table.empty_offer(chat, attempt);
        table.sealed_offer(chat, attempt);
        table.pass(15_000);
    }
    table.says(NOUR, "n2");
    table.says(SEEKER, "s2");
    table.pass(1_000);
    assert_eq!(table.state(NOUR, "n2"), Some(State::Received));
    assert_eq!(table.state(SEEKER, "s2"), Some(State::Received));
    assert!(table.ended.is_empty(), "{:?}", table.ended);
    assert_eq!(table.waiting(NOUR), 0, "nobody waits");
}

#[test]
fn a_reopened_ticket_is_offered_once_the_seeker_was_silent() {
    let (mut table, chat) = chat_of_nour();
    let gone = (NOUR, EndedBy::Peer, ChatOver::Gone);
    // No cells of the seeker come any more, and a home says that the ticket was reopened.
    table.hold(&[(SEEKER, 0, true), (SEEKER, 1, true)]);
    table.empty_offer(chat, 1);
    table.pass(18_000);
    assert!(table.ended.is_empty());
    // The machine wakes the driver for that moment.
    let due = table.desk(NOUR, |desk, _| desk.drain().wake).unwrap();
    assert!(due <= Tick(table.now + 3_000));
    table.pass(3_000);
    assert_eq!(table.ended, [gone]);

    // The home takes the offer back: nothing follows.
    let (mut table, chat) = chat_of_nour();
    table.hold(&[(SEEKER, 0, true), (SEEKER, 1, true)]);
    table.empty_offer(chat, 1);
    table.lies(Record::new(Kind::TicketGone).token(chat.0));
    table.pass(30_000);
    assert!(table.ended.is_empty());
    // The seeker has already been silent for that long.
    table.sealed_offer(chat, 1);
    assert_eq!(table.ended, [gone]);
    assert_eq!(table.waiting(NOUR), 1);
}

/// A home cannot end a chat that waits for the seeker's first cell either.
#[test]
fn a_newer_attempt_does_not_block_the_seekers_first_cell() {
    let mut table = Table::new();
    table.asks();
    let ticket = table.ticket();
    table.hold(&[(SEEKER, 0, true), (SEEKER, 1, true)]);
    table.desk(NOUR, Counselor::take_next);
    table.sealed_offer(ticket, 1);
    table.pass(5_000);
    table.desk(NOUR, Counselor::take_next);
    table.release(&[(SEEKER, 0, true), (SEEKER, 1, true)]);
    table.pass(1_000);
    assert_eq!(table.chats, [(NOUR, ticket)]);
    assert!(table.ended.is_empty());
}

#[test]
fn one_home_cannot_withdraw_a_ticket_that_another_one_offers() {
    let mut table = Table::new();
    table.asks();
    let ticket = table.ticket();
    // A newer attempt that is not sealed to this counselor; the present attempt with another body; the withdrawal.
    table.empty_offer(ticket, 1);
    assert_eq!(table.waiting(NOUR), 1);
    table.empty_offer(ticket, 0);
    assert_eq!(table.waiting(NOUR), 1);
    table.lies(Record::new(Kind::TicketGone).token(ticket.0));
    assert_eq!(table.waiting(NOUR), 1);
    table.desk(NOUR, Counselor::take_next);
    table.pass(1_000);
    assert_eq!(table.chats, [(NOUR, ticket)]);
}

#[test]
fn an_older_attempt_is_taken_when_the_newest_leads_nowhere() {
    // First the home refuses the claim of its own offer; then it grants the claim and no peer speaks.
    for granted in [false, true] {
        let mut table = Table::new();
        table.asks();
        let ticket = table.ticket();
        table.hold(&[(NOUR, LIAR, true)]);
        let mut waited = 0;
        while table.chats.is_empty() {
            assert!(waited < 150_000, "she is never answered, {granted}");
            // After each claim the home offers a newer attempt.
            let attempt = 1 + u32::try_from(waited / 1_000).unwrap();
            table.sealed_offer(ticket, attempt);
            assert_eq!(table.offered(NOUR), 1, "one person");
            table.desk(NOUR, Counselor::take_next);
            let asked = |table: &Table| {
                let taking = table.desks[&NOUR].taking.as_ref()?;
                let asked = taking.asked.iter().find(|(_, home)| **home == HomeIndex(LIAR))?;
                Some((*asked.0, taking.waiting.attempt))
            };
            if let Some((request, attempt)) = asked(&table) {
                let kind = if granted { Kind::Granted } else { Kind::Refused };
                let said = Record::new(kind).request(request).token(ticket.0).ack(1);
                table.lies(said.index(u64::from(attempt)));
            }
            table.pass(1_000);
            waited += 1_000;
        }
        assert_eq!(table.chats, [(NOUR, ticket)]);
    }
}

#[test]
fn a_home_that_was_not_asked_answers_no_request() {
    let mut table = Table::new();
    table.asks();
    table.lies(Record::new(Kind::TicketGone).token(table.ticket().0));
    table.hold(&[(NOUR, HONEST, false)]);
    table.desk(NOUR, Counselor::take_next);
    for request in 0..200 {
        let refused = Record::new(Kind::Refused).request(request);
        table.lies(refused.body(postcard_encode(&Refusal::Taken)));
        table.lies(Record::new(Kind::Granted).request(request).ack(1));
    }
    table.release(&[(NOUR, HONEST, false)]);
    table.pass(1_000);
    assert_eq!(table.chats.len(), 1);
    assert_eq!(table.talks(), 1);
}

#[test]
fn chats_claimed_by_a_lying_home_stay_within_the_limits() {
    let mut table = Table::new();
    table.hold(&[(NOUR, LIAR, true)]);
    let yours = |id: TicketId| Record::new(Kind::Yours).token(id.0);
    for number in 0..100 {
        table.lies(yours(TicketId([number; 32])));
        table.lies(yours(TicketId([number; 32])).index(1));
    }
    let said = |table: &Table| {
        table.wires[&(NOUR, LIAR, true)]
            .iter()
            .filter(|r| r.kind == Kind::Lost)
            .count()
    };
    assert!(said(&table) <= 8, "{}", said(&table));
    assert!(table.desks[&NOUR].mine.len() <= 8);

    // The counselor has as many chats as allowed: none is taken without being asked for.
    let (mut table, _) = chat_of_nour();
    table.hold(&[(NOUR, LIAR, true)]);
    for number in 0..3 {
        let ticket = TicketId([number; 32]);
        table.lies(yours(ticket));
        table.sealed_offer(ticket, 1);
    }
    let taking = |table: &Table| table.desks[&NOUR].taking.as_ref().map(|taking| taking.ticket);
    assert!(taking(&table).is_some(), "one more, which was hers");
    table.says(NOUR, "n2");
    // With a second chat, none is taken.
    let (request, _) = table.desks[&NOUR]
        .taking
        .as_ref()
        .unwrap()
        .asked
        .first_key_value()
        .unwrap();
    let granted = Record::new(Kind::Granted).request(*request).ack(1);
    table.lies(granted);
    // As long as the answer keeps its place.
    table.pass(millis(crate::counselor::PLACE) - 1_000);
    assert_eq!((table.talks(), taking(&table)), (2, None));
}

#[test]
fn a_home_dropped_from_the_roster_has_no_part_in_the_shift() {
    let (mut table, chat) = chat_of_nour();
    table.publishes(
        |roster| {
            roster.delegations.remove(LIAR);
        },
        &[HONEST],
    );
    table.pass(1_000);
    assert_eq!(table.duties(), [1, 0]);
    table.hold(&[(NOUR, LIAR, true)]);
    table.says(NOUR, "n2");
    table.sealed_offer(chat, 1);
    table.sealed_offer(TicketId([7; 32]), 0);
    table.pass(60_000);
    let sent: Vec<Kind> = table.wires[&(NOUR, LIAR, true)]
        .iter()
        .map(|record| record.kind)
        .collect();
    assert!(
        sent.iter()
            .all(|kind| matches!(kind, Kind::Heartbeat | Kind::Describe)),
        "{sent:?}"
    );
    assert_eq!(table.offered(NOUR), 0);
    assert_eq!(table.state(NOUR, "n2"), Some(State::Received));
}

#[test]
fn a_blocked_chat_ends_at_once_and_shows_nothing_more() {
    let (mut table, chat) = chat_of_nour();
    // Words of the seeker are on their way.
    let wires = [HONEST, LIAR].map(|home| (SEEKER, home, true));
    table.hold(&wires);
    table.says(SEEKER, "s2");
    assert!(table.desk(NOUR, |desk, now| desk.block(&chat, now)));
    assert_eq!(table.talks(), 0, "the place is free");
    assert!(!table.desk(NOUR, |desk, now| desk.block(&chat, now)), "once");
    table.release(&wires);
    table.pass(1_000);
    let over = ChatOver::Said(crate::session::chat::EndReason::Finished);
    assert_eq!(table.ended, [(NOUR, EndedBy::You, over)]);
    assert!(!table.shown.contains(&(NOUR, "s2".to_owned())));
    assert_ne!(table.state(SEEKER, "s2"), Some(State::Received));
}

#[test]
fn a_flood_of_tickets_is_tried_at_deadlines_alone() {
    let mut table = Table::new();
    let offers: Vec<_> = (0..6_u8)
        .map(|number| {
            let ticket = TicketId([number; 32]);
            offer(ticket, 0, table.sealed(ticket, 0))
        })
        .collect();
    // A millisecond each: on a real clock every one comes at a time of its own.
    for record in offers.into_iter().flatten() {
        table.now += 1;
        let now = table.moment();
        let desk = table.desks.get_mut(&NOUR).unwrap();
        desk.handle_record(HomeIndex(LIAR), record, now);
        assert_eq!(desk.desk.ids(), [], "what comes on the links goes first");
    }
    let now = table.moment();
    let desk = table.desks.get_mut(&NOUR).unwrap();
    assert!(desk.drain().wake.is_some_and(|due| due <= now.tick));
    desk.handle_timeout(now);
    assert_eq!(desk.desk.ids().len(), 4);
    table.pass(100);
    assert_eq!(table.desks[&NOUR].desk.ids().len(), 6);
}
