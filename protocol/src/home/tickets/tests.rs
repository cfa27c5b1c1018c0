use super::*;
use crate::time::millis;

const NOW: Tick = Tick(0);
const SEEKER: LinkId = LinkId(1);
const DESK: LinkId = LinkId(2);
const OTHER: LinkId = LinkId(3);
const BY: Serial = Serial([4; 8]);
const OWNER: Token = Token([1; 32]);
const SLOT: Token = Token([2; 32]);
const ID: TicketId = TicketId([7; 32]);

fn posting(attempt: u32) -> Posting {
    Posting {
        ticket: ID,
        attempt,
        slot: SLOT.hash(),
        receipt: None,
        body: Bytes(
            vec![u8::try_from(attempt).unwrap(); TICKET_LEN]
                .into_boxed_slice()
                .try_into()
                .unwrap(),
        ),
    }
}

const ENTRY: Via = Via(0);

fn poster(link: LinkId, owner: Token, order: u64) -> Poster {
    Poster {
        link,
        via: ENTRY,
        owner: owner.hash(),
        order,
        share: MAX_TICKETS,
        paid: None,
    }
}

fn named(number: usize) -> [u8; 32] {
    let mut name = [0; 32];
    name[..8].copy_from_slice(&number.to_be_bytes());
    name
}

/// A stranger with a ticket of its own, over a link of its own.
fn stranger(tickets: &mut Tickets, number: usize, via: Via, share: usize) -> Result<u64, Refusal> {
    let order = u64::try_from(number).unwrap();
    let poster = Poster {
        via,
        share,
        ..poster(LinkId(order), Token(named(number)), order)
    };
    let ticket = TicketId(named(number));
    tickets.post(&poster, Posting { ticket, ..posting(0) }, NOW)
}

fn posted() -> Tickets {
    let mut tickets = Tickets::default();
    assert_eq!(tickets.post(&poster(SEEKER, OWNER, 5), posting(0), NOW), Ok(5));
    tickets.changes.clear();
    tickets
}

#[test]
fn one_claim_at_a_time_and_late_answers_are_fenced_off() {
    let mut tickets = posted();
    assert_eq!(tickets.claim(DESK, &ID, 0, NOW), Ok(1));
    assert_eq!(tickets.claim(DESK, &ID, 0, NOW), Ok(1), "asked again");
    assert_eq!(tickets.claim(OTHER, &ID, 0, NOW), Err(Refusal::Taken));
    tickets.expire(Tick(millis(CLAIM)));
    assert_eq!(tickets.claim(OTHER, &ID, 0, NOW), Ok(2));
    assert_eq!(
        tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW),
        Err(Refusal::Taken)
    );
    assert_eq!(
        tickets.answer(OTHER, &ID, BY, Token([9; 32]), 2, vec![1], NOW),
        Err(Refusal::Stale)
    );
    assert_eq!(tickets.answer(OTHER, &ID, BY, SLOT, 2, vec![1], NOW), Ok(()));
    assert_eq!(
        tickets.answer(OTHER, &ID, BY, SLOT, 2, vec![2], NOW),
        Err(Refusal::Taken),
        "written once"
    );
}

#[test]
fn a_new_attempt_keeps_its_place_and_tells_the_claimant() {
    let mut tickets = posted();
    tickets.claim(DESK, &ID, 0, NOW).unwrap();
    tickets.changes.clear();
    assert_eq!(tickets.post(&poster(SEEKER, OWNER, 99), posting(1), NOW), Ok(5));
    assert_eq!(
        tickets.changes,
        [
            Change::Taken {
                link: DESK,
                ticket: ID
            },
            Change::Opened(ID)
        ]
    );
    assert_eq!(
        tickets.post(&poster(SEEKER, OWNER, 99), posting(0), NOW),
        Err(Refusal::Stale)
    );
    assert_eq!(
        tickets.post(&poster(OTHER, Token([8; 32]), 99), posting(2), NOW),
        Err(Refusal::Taken),
        "not the owner"
    );
    assert_eq!(tickets.claim(DESK, &ID, 0, NOW), Err(Refusal::Stale));
}

#[test]
fn a_hold_over_a_new_link_tells_where_the_seeker_is() {
    let mut tickets = posted();
    tickets.claim(DESK, &ID, 0, NOW).unwrap();
    tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
    tickets.hold(SEEKER, OWNER, 1, MAX_HELD, NOW);
    tickets.release(SEEKER, NOW);
    assert!(tickets.links_held_by(&ID, BY).is_empty());
    tickets.hold(OTHER, OWNER, 1, MAX_HELD, NOW);
    assert_eq!(tickets.links_held_by(&ID, BY), [OTHER]);
    assert_eq!(tickets.expire(Tick(2 * millis(TICKET_ALONE))), 0, "she is there");
}

#[test]
fn hold_tells_the_loser_and_only_the_loser() {
    let mut tickets = posted();
    tickets.claim(DESK, &ID, 0, NOW).unwrap();
    tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
    tickets.changes.clear();
    tickets.hold(SEEKER, OWNER, 1, MAX_HELD, NOW);
    assert!(tickets.changes.is_empty());
    assert_eq!(tickets.expire(Tick(millis(ANSWER))), 0);
    assert!(tickets.open().is_empty(), "held stays held");

    let mut tickets = posted();
    tickets.claim(DESK, &ID, 0, NOW).unwrap();
    tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
    tickets.changes.clear();
    tickets.hold(SEEKER, OWNER, 0, MAX_HELD, NOW);
    assert_eq!(
        tickets.changes,
        [Change::Taken {
            link: DESK,
            ticket: ID
        }]
    );
}

#[test]
fn garbage_reopens_at_the_next_claim_number() {
    let mut tickets = posted();
    tickets.claim(DESK, &ID, 0, NOW).unwrap();
    tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
    tickets.reject(OWNER, 7);
    assert!(tickets.open().is_empty());
    tickets.reject(OWNER, 1);
    assert_eq!(tickets.open(), [(5, ID)]);
    assert_eq!(tickets.claim(OTHER, &ID, 0, NOW), Ok(2));
}

#[test]
fn a_ticket_lives_while_its_seeker_is_near() {
    let mut tickets = posted();
    tickets.release(SEEKER, NOW);
    assert_eq!(tickets.expire(Tick(millis(TICKET_ALONE) - 1)), 0);
    tickets.post(&poster(OTHER, OWNER, 9), posting(0), NOW).unwrap();
    assert_eq!(tickets.expire(Tick(millis(TICKET_ALONE) * 3)), 0);
    tickets.release(OTHER, Tick(1));
    assert_eq!(tickets.expire(Tick(millis(TICKET_ALONE) + 1)), 1);
    assert_eq!((tickets.len(), tickets.owners.len()), (0, 0));
}

#[test]
fn a_link_and_an_owner_have_what_a_seeker_needs() {
    let mut tickets = posted();
    let post = |tickets: &mut Tickets, link, owner, number| {
        let ticket = TicketId(named(number));
        tickets.post(&poster(link, owner, 9), Posting { ticket, ..posting(0) }, NOW)
    };
    assert_eq!(
        post(&mut tickets, OTHER, OWNER, 1),
        Err(Refusal::Taken),
        "one of an owner"
    );
    for number in 1..MAX_TICKETS_PER_LINK {
        post(&mut tickets, SEEKER, Token(named(number)), number).unwrap();
    }
    assert_eq!(
        post(&mut tickets, SEEKER, Token(named(99)), 99),
        Err(Refusal::Busy)
    );
    assert!(post(&mut tickets, OTHER, Token(named(99)), 99).is_ok());
}

#[test]
fn one_entry_leaves_half_of_the_queue_to_the_others() {
    let (mut tickets, share) = (Tickets::default(), MAX_TICKETS / 2);
    for number in 0..share {
        stranger(&mut tickets, number, ENTRY, share).unwrap();
    }
    assert_eq!(stranger(&mut tickets, share, ENTRY, share), Err(Refusal::Busy));
    // A link by another entry for a ticket that stands makes no room at the first one.
    let again = Poster {
        via: Via(1),
        ..poster(LinkId(70_000), Token(named(0)), 0)
    };
    let ticket = TicketId(named(0));
    tickets
        .post(&again, Posting { ticket, ..posting(0) }, NOW)
        .unwrap();
    assert_eq!(stranger(&mut tickets, share, ENTRY, share), Err(Refusal::Busy));
    for number in share..MAX_TICKETS {
        stranger(&mut tickets, number, Via(1), share).unwrap();
    }
    assert_eq!(
        stranger(&mut tickets, MAX_TICKETS, Via(2), share),
        Err(Refusal::Busy)
    );
}

#[test]
fn held_tickets_take_no_place_of_the_queue() {
    let mut tickets = Tickets::default();
    for number in 0..MAX_TICKETS {
        stranger(&mut tickets, number, ENTRY, MAX_TICKETS).unwrap();
        let (link, owner) = (LinkId(u64::try_from(number).unwrap()), Token(named(number)));
        tickets.hold(link, owner, 0, MAX_HELD, NOW);
    }
    assert_eq!(tickets.len(), MAX_TICKETS);
    assert!(tickets.tickets.values().all(|ticket| ticket.body.is_none()));
    let poster = poster(SEEKER, OWNER, 99_999);
    assert_eq!(tickets.post(&poster, posting(0), NOW), Ok(99_999));
    assert_eq!(tickets.ahead(99_999), 0);
}

#[test]
fn too_many_held_push_out_the_oldest_that_nobody_answered() {
    let mut tickets = posted();
    tickets.claim(DESK, &ID, 0, NOW).unwrap();
    tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
    tickets.hold(SEEKER, OWNER, 1, 3, NOW);
    for number in 10..14 {
        stranger(&mut tickets, number, ENTRY, MAX_TICKETS).unwrap();
        let link = LinkId(u64::try_from(number).unwrap());
        tickets.hold(
            link,
            Token(named(number)),
            0,
            3,
            Tick(u64::try_from(number).unwrap()),
        );
    }
    let left: Vec<_> = tickets.tickets.keys().copied().collect();
    assert_eq!(left, [TicketId(named(12)), TicketId(named(13)), ID]);
    assert!(!tickets.owners.contains_key(&Token(named(10)).hash()));
}

#[test]
fn a_held_ticket_comes_back_when_there_is_room_or_it_was_answered_here() {
    let mut tickets = posted();
    tickets.claim(DESK, &ID, 0, NOW).unwrap();
    tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
    tickets.hold(SEEKER, OWNER, 1, MAX_HELD, NOW);
    stranger(&mut tickets, 70, ENTRY, 1).unwrap();
    tickets.hold(LinkId(70), Token(named(70)), 0, MAX_HELD, NOW);
    stranger(&mut tickets, 71, ENTRY, 1).unwrap();
    let again = |tickets: &mut Tickets, ticket, owner, link| {
        let poster = Poster {
            share: 1,
            ..poster(link, owner, 0)
        };
        tickets.post(&poster, Posting { ticket, ..posting(1) }, NOW)
    };
    let elsewhere = TicketId(named(70));
    assert_eq!(
        again(&mut tickets, elsewhere, Token(named(70)), LinkId(70)),
        Err(Refusal::Busy)
    );
    assert_eq!(again(&mut tickets, ID, OWNER, SEEKER), Ok(5));
    assert!(tickets.get(&ID).is_some_and(|ticket| ticket.body.is_some()));
}

#[test]
fn attempts_come_as_often_as_an_honest_client_makes_them() {
    let mut tickets = posted();
    let mut attempt = 0;
    let mut post = |tickets: &mut Tickets, at: u64| {
        let poster = poster(SEEKER, OWNER, 9);
        let taken = tickets.post(&poster, posting(attempt + 1), Tick(at));
        attempt += u32::from(taken.is_ok());
        taken.is_ok()
    };
    let burst = (0..20).filter(|_| post(&mut tickets, 0)).count();
    assert_eq!(burst, ATTEMPTS_AT_ONCE as usize);
    let every = millis(ATTEMPT_EVERY);
    assert!(!post(&mut tickets, every - 1));
    let flood = (0..1_000)
        .filter(|number| post(&mut tickets, every + number * 50))
        .count();
    assert_eq!(flood, 5, "one in ten seconds");
    // The widening of an honest client finds one each time, and a pause fills the burst.
    assert!((1..50).all(|number| post(&mut tickets, 200_000 + number * every)));
    assert!(
        tickets
            .post(&poster(OTHER, OWNER, 9), posting(attempt), Tick(0))
            .is_ok(),
        "no new attempt"
    );
}

#[test]
fn a_withdrawn_place_is_spent_until_its_receipt_has_expired() {
    let mut tickets = posted();
    tickets.withdraw(OWNER, NOW);
    let over = millis(RECEIPT_LIFE);
    tickets.expire(Tick(over - 1));
    assert!(tickets.is_spent(5) && !tickets.is_spent(6));
    tickets.expire(Tick(over));
    assert!(!tickets.is_spent(5));
    for number in 0..MAX_SPENT + 10 {
        stranger(&mut tickets, number, ENTRY, MAX_TICKETS).unwrap();
        tickets.withdraw(Token(named(number)), Tick(u64::try_from(number).unwrap()));
    }
    assert_eq!(tickets.spent.len(), MAX_SPENT);
    assert!(!tickets.is_spent(9) && tickets.is_spent(10));
}

#[test]
fn a_seeker_who_says_nothing_is_silent_until_it_speaks() {
    let mut tickets = posted();
    let judge = |tickets: &mut Tickets, heard: Option<u64>, now| {
        tickets.judge_living(|_| heard.map(Tick), Tick(now));
        core::mem::take(&mut tickets.changes)
    };
    let silent = millis(TICKET_SILENT);
    assert_eq!(judge(&mut tickets, Some(0), silent - 1), []);
    assert_eq!(judge(&mut tickets, Some(0), silent), [Change::Living(ID)]);
    assert_eq!(judge(&mut tickets, Some(0), silent + 9), [], "told once");
    assert_eq!(tickets.ahead(9), 0, "nobody who lives is before the next");
    assert_eq!(
        judge(&mut tickets, Some(silent), silent + 10),
        [Change::Living(ID)]
    );
    assert_eq!(tickets.ahead(9), 1);
    assert_eq!(
        judge(&mut tickets, None, silent + 11),
        [Change::Living(ID)],
        "no link is left"
    );
    // A new attempt is a word of the seeker.
    tickets.post(&poster(SEEKER, OWNER, 9), posting(1), NOW).unwrap();
    assert!(tickets.get(&ID).is_some_and(|ticket| ticket.living));
}

#[test]
fn places_are_told_by_steps_and_receipts_are_renewed() {
    let mut tickets = Tickets::default();
    for number in 0..30 {
        stranger(&mut tickets, number, ENTRY, MAX_TICKETS).unwrap();
    }
    let told: Vec<u64> = tickets.places(NOW).iter().map(|news| news.ahead).collect();
    let mut steps = vec![0, 1, 2, 3, 4, 5];
    steps.extend([10; 5]);
    steps.extend([20; 10]);
    steps.extend([50; 9]);
    assert_eq!(told, steps);
    assert!(tickets.places(NOW).is_empty());
    tickets.withdraw(Token(named(0)), NOW);
    let told: Vec<u64> = tickets.places(NOW).iter().map(|news| news.ahead).collect();
    assert_eq!(told, [0, 1, 2, 3, 4, 5, 10, 20], "only where a step changed");
    let renewed = tickets.places(Tick(millis(RECEIPT_RENEWED)));
    assert_eq!(renewed.len(), 29);
    assert_eq!(step(501), MAX_TICKETS as u64);
}

#[test]
fn only_who_answered_a_held_ticket_may_judge_it() {
    let mut tickets = posted();
    tickets.claim(DESK, &ID, 0, NOW).unwrap();
    tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
    assert_eq!(tickets.answered_by(&ID, BY), None, "no chat yet");
    // Also where another home brought the same answer.
    tickets.hold(SEEKER, OWNER, 0, MAX_HELD, NOW);
    assert_eq!(tickets.answered_by(&ID, Serial([9; 8])), None);
    assert_eq!(tickets.answered_by(&ID, BY), Some(ENTRY));
    tickets.spend(&ID, NOW);
    assert_eq!(tickets.answered_by(&ID, BY), None, "once");
    assert!(tickets.is_spent(5));

    let mut tickets = posted();
    tickets.claim(DESK, &ID, 0, NOW).unwrap();
    tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
    tickets.post(&poster(SEEKER, OWNER, 5), posting(1), NOW).unwrap();
    tickets.hold(SEEKER, OWNER, 0, MAX_HELD, NOW);
    assert_eq!(tickets.answered_by(&ID, BY), None, "of an attempt that is over");

    let mut tickets = posted();
    tickets.claim(DESK, &ID, 0, NOW).unwrap();
    tickets.answer(DESK, &ID, BY, SLOT, 1, vec![1], NOW).unwrap();
    tickets.reject(OWNER, 1);
    tickets.hold(SEEKER, OWNER, 0, MAX_HELD, NOW);
    assert_eq!(
        tickets.answered_by(&ID, BY),
        None,
        "whose answer was no valid one"
    );
}

#[test]
fn a_ticket_that_is_gone_keeps_the_terms_it_had() {
    let paid = Terms {
        priced: crate::crypto::puzzle::Priced::Ticket,
        step: 3.try_into().unwrap(),
        seed: crate::crypto::puzzle::Seed([6; 16]),
    };
    let paying = || Poster {
        paid: Some(paid),
        ..poster(SEEKER, OWNER, 5)
    };
    let mut tickets = Tickets::default();
    tickets.post(&paying(), posting(0), NOW).unwrap();
    assert_eq!(tickets.terms_left(&OWNER.hash()), None, "it stands");
    tickets.release(SEEKER, NOW);
    let gone = TICKET_ALONE + RECEIPT_FREE;
    assert_eq!(tickets.expire(Tick(millis(TICKET_ALONE))), 1);
    tickets.expire(Tick(millis(gone) - 1));
    assert_eq!(tickets.terms_left(&OWNER.hash()), Some(paid));
    tickets.expire(Tick(millis(gone)));
    assert_eq!(tickets.terms_left(&OWNER.hash()), None, "it would pay again");

    tickets.post(&paying(), posting(0), NOW).unwrap();
    tickets.withdraw(OWNER, NOW);
    assert_eq!(tickets.terms_left(&OWNER.hash()), None, "its receipts are void");
    for number in 0..=MAX_LEFT {
        let order = u64::try_from(number).unwrap();
        let owner = Token(named(number));
        let poster = Poster {
            paid: Some(paid),
            ..poster(LinkId(order), owner, order)
        };
        let ticket = TicketId(named(number));
        tickets
            .post(&poster, Posting { ticket, ..posting(0) }, Tick(order))
            .unwrap();
        tickets.shed(LinkId(order), Tick(order));
    }
    assert_eq!(tickets.left.len(), MAX_LEFT);
    assert_eq!(
        tickets.terms_left(&Token(named(0)).hash()),
        None,
        "the oldest goes"
    );
}
