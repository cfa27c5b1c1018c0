//! Objects inside records against what the code writes, and how many records they take.

use hamsa_protocol::{
    crypto::{
        puzzle::{Priced, SEED_LEN, STEP_MAX, Seed, Step},
        tokens::TokenHash,
    },
    wire::{Prices, ShownTicket, Terms},
};

use super::{
    code::{
        BODY_LEN, CELL_LEN, ChannelOpening, Colleague, DEPOSIT_LEN, DepositPosting, EK_LEN, Kind, LABEL_MAX,
        Lane, MAIL_NAMES, MAX_ENTRIES, MESSAGE_2_LEN, Posting, REPLY_LEN, Receipt, ReplyPosting,
        SETTINGS_MAX, SIGNATURE_LEN, Serial, Settings, TICKET_LEN, TicketId, Unix, postcard_encode,
        read_key_page, read_page, split,
    },
    page::{columns, sizes, table, thousands},
    shapes::{
        Ends, Shape, at, bytes, certificate, descriptor, duty, ends, entries, fixed, heap, label, lend,
        mail_key, number, roster,
    },
};

/// Objects that are not signed as a whole.
struct Unsigned {
    head: Shape,
    prices: Shape,
    terms: Shape,
    duties: Shape,
    mail_keys: Shape,
    mail_key: Shape,
    posting: Shape,
    shown: Shape,
    receipt: Shape,
    opening: Shape,
    direction: Shape,
    deposit: Shape,
    reply: Shape,
}

fn unsigned() -> Unsigned {
    let ([_, descriptor], [_, list]) = (descriptor(), entries());
    let [roster, descriptor, certificate, duty, key] =
        [roster(), descriptor, certificate(), duty(), mail_key()];
    let ek = || ends(|_| vec![6_u8; EK_LEN]);
    let steps = |end| [at(end, [0, STEP_MAX]); 3].map(|step| Step::try_from(step).unwrap());
    let prices = ends(|end| Prices {
        seed: Seed([8; SEED_LEN]),
        steps: steps(end),
    });
    let terms = ends(|end| Terms {
        priced: at(end, [Priced::Ticket, Priced::Survey]),
        step: at(end, [Step::FREE, steps(1)[0]]),
        seed: Seed([8; SEED_LEN]),
    });
    let lends = ends(|end| at(end, [vec![], vec![lend().signed()[end].clone(); MAX_ENTRIES]]));
    let head = ends(|end| {
        let lends = at(end, [vec![], vec![lend().signed()[end].clone(); MAX_ENTRIES]]);
        (
            roster.signed()[end].clone(),
            descriptor.signed()[end].clone(),
            list.signed()[end].clone(),
            lends,
            Prices {
                seed: Seed([8; SEED_LEN]),
                steps: steps(end),
            },
        )
    });
    let slot = |end: usize| (certificate.signed()[end].clone(), duty.signed()[end].clone());
    let key_slot = |end: usize| {
        (
            certificate.signed()[end].clone(),
            key.signed()[end].clone(),
            vec![6_u8; EK_LEN],
        )
    };
    for end in [0, 1] {
        // A client reads from a page what docs/protocol.md says of it.
        assert_eq!(read_page(&page(&postcard_encode(&slot(end)))), [slot(end)]);
        let read = read_key_page(&page(&postcard_encode(&key_slot(end))));
        assert_eq!(read, (vec![key_slot(end)], true));
    }
    let receipt = |end| Receipt {
        order: at(end, [0, u64::MAX]),
        issued: Unix(at(end, [0, u64::MAX])),
        mac: [3; 32],
    };
    let posting = ends(move |end| Posting {
        ticket: TicketId([4; 32]),
        attempt: at(end, [0, u32::MAX]),
        slot: TokenHash([5; 32]),
        receipt: at(end, [None, Some(receipt(1))]),
        body: heap(6),
    });
    let paid = |end| {
        let (priced, seed) = (Priced::Ticket, Seed([8; SEED_LEN]));
        let step = steps(1)[0];
        at(end, [None, Some(Terms { priced, step, seed })])
    };
    let shown = ends(|end| ShownTicket {
        ticket: TicketId([4; 32]),
        attempt: at(end, [0, u32::MAX]),
        order: at(end, [0, u64::MAX]),
        paid: paid(end),
        body: heap(6),
    });
    let lane = |own| {
        move |end| Lane {
            put: TokenHash([own; 32]),
            listen: TokenHash([own + 1; 32]),
            start: at(end, [0, u64::MAX]),
        }
    };
    let opening = ends(|end| ChannelOpening {
        from_seeker: lane(2)(end),
        from_counselor: lane(4)(end),
    });
    let deposit = ends(|_| DepositPosting {
        write: TokenHash([2; 32]),
        read: TokenHash([3; 32]),
        body: heap(4),
    });
    let reply = ends(|_| ReplyPosting {
        read: TokenHash([3; 32]),
        object: heap(4),
    });
    let key_and_ek = ends(|end| (key.signed()[end].clone(), vec![6_u8; EK_LEN]));
    Unsigned {
        head: Shape::new(
            head,
            [
                ("roster", roster.inside()),
                ("descriptor", descriptor.inside()),
                ("entries", list.inside()),
                ("lends", lends),
                ("prices", prices.clone()),
            ],
        ),
        prices: Shape::new(prices, [("seed", fixed(SEED_LEN, 8)), ("steps", ends(steps))]),
        terms: Shape::new(
            terms,
            [
                ("priced", ends(|end| at(end, [Priced::Ticket, Priced::Survey]))),
                ("step", ends(|end| steps(end)[0])),
                ("seed", fixed(SEED_LEN, 8)),
            ],
        ),
        duties: Shape::new(
            ends(slot),
            [("certificate", certificate.inside()), ("duty", duty.inside())],
        ),
        mail_keys: Shape::new(
            ends(key_slot),
            [
                ("certificate", certificate.inside()),
                ("mail key", key.inside()),
                ("ek", ek()),
            ],
        ),
        mail_key: Shape::new(key_and_ek, [("mail key", key.inside()), ("ek", ek())]),
        posting: Shape::new(
            posting,
            [
                ("ticket", fixed(32, 4)),
                ("attempt", ends(|end| at(end, [0, u32::MAX]))),
                ("slot", fixed(32, 5)),
                ("receipt", ends(|end| at(end, [None, Some(receipt(1))]))),
                ("body", ends(|_| heap::<TICKET_LEN>(6))),
            ],
        ),
        shown: Shape::new(
            shown,
            [
                ("ticket", fixed(32, 4)),
                ("attempt", ends(|end| at(end, [0, u32::MAX]))),
                ("order", number(0)),
                ("paid", ends(paid)),
                ("body", ends(|_| heap::<TICKET_LEN>(6))),
            ],
        ),
        receipt: Shape::new(
            ends(receipt),
            [("order", number(0)), ("issued", number(0)), ("MAC", fixed(32, 3))],
        ),
        opening: Shape::new(
            opening,
            [
                ("from the seeker", ends(lane(2))),
                ("from the counselor", ends(lane(4))),
            ],
        ),
        direction: Shape::new(
            ends(lane(2)),
            [
                ("put", fixed(32, 2)),
                ("listen", fixed(32, 3)),
                ("start", number(0)),
            ],
        ),
        deposit: Shape::new(
            deposit,
            [
                ("write", fixed(32, 2)),
                ("read", fixed(32, 3)),
                ("deposit", ends(|_| heap::<DEPOSIT_LEN>(4))),
            ],
        ),
        reply: Shape::new(
            reply,
            [("read", fixed(32, 3)), ("reply", ends(|_| heap::<REPLY_LEN>(4)))],
        ),
    }
}

/// A page with one slot taken.
fn page(object: &[u8]) -> Vec<u8> {
    let length = u16::try_from(object.len()).unwrap().to_be_bytes();
    let mut page = [&length, object].concat();
    page.resize(8 * BODY_LEN, 0);
    page
}

#[test]
fn objects_in_records_have_the_published_fields() {
    let it = unsigned();
    let code = [
        it.head.row("head"),
        it.prices.row("prices"),
        it.terms.row("terms"),
        it.duties.row("slot of duties"),
        it.mail_keys.row("slot of mail keys"),
        it.mail_key.row("mail key and ek"),
        it.posting.row("posting"),
        it.shown.row("shown ticket"),
        it.receipt.row("receipt"),
        it.opening.row("opening"),
        it.direction.row("a direction in it"),
        it.deposit.row("deposit and two hashes"),
        it.reply.row("reply and a hash"),
    ];
    assert_eq!(columns::<3>("### What the records carry", "Object"), code);
}

#[test]
fn records_carry_the_published_sizes() {
    let it = unsigned();
    let whole = |length: usize| [vec![0; length], vec![0; length]];
    let up_to = |least: usize, most: usize| [vec![0; least], vec![0; most]];
    let login = certificate()
        .signed()
        .map(|certificate| [certificate.as_slice(), &[0; 2 + SIGNATURE_LEN]].concat());
    let code = [
        (Kind::Head, it.head.whole.clone()),
        (Kind::DutyPage, whole(8 * BODY_LEN)),
        (Kind::MailKeyPage, whole(8 * BODY_LEN)),
        (
            Kind::SettingsText,
            up_to(Settings::named(label(1)).encode().unwrap().len(), SETTINGS_MAX),
        ),
        (Kind::Login, login),
        (Kind::PublishDuty, duty().signed()),
        (Kind::PublishMailKey, it.mail_key.whole.clone()),
        (Kind::Post, it.posting.whole.clone()),
        (Kind::Posted, it.receipt.whole.clone()),
        (Kind::Place, it.receipt.whole.clone()),
        (Kind::Ticket, it.shown.whole.clone()),
        (Kind::Answered, whole(MESSAGE_2_LEN)),
        (Kind::Answer, whole(32 + MESSAGE_2_LEN)),
        (Kind::Open, it.opening.whole.clone()),
        (Kind::Put, whole(CELL_LEN)),
        (Kind::Cell, whole(CELL_LEN)),
        (Kind::Deposit, it.deposit.whole.clone()),
        (Kind::Mail, whole(DEPOSIT_LEN)),
        (Kind::MailNames, up_to(0, MAIL_NAMES * 32)),
        (Kind::Reply, it.reply.whole.clone()),
        (Kind::Letter, whole(REPLY_LEN)),
        (Kind::Survey, whole(3)),
        (Kind::Lost, whole(SIGNATURE_LEN + 16)),
        (Kind::LostBy, whole(SIGNATURE_LEN + 16)),
        (Kind::Refused, up_to(1, 1 + it.prices.whole[0].len())),
        (Kind::Pay, it.terms.whole.clone()),
        (Kind::OffDuty, up_to(0, 1)),
    ];
    let rows = code.map(|(kind, ends)| [format!("{kind:?}"), bytes(&ends), records(&ends)]);
    assert_eq!(columns::<3>("### What the records carry", "Record | Bytes"), rows);
    for row in table("### What the records carry", "Record | Bytes") {
        // Where the parts stand beside it, they are all of it.
        let parts = sizes(&row[3]);
        let sum = thousands(parts.iter().sum());
        assert!(parts.is_empty() || sum == row[1], "{row:?}");
    }
}

/// How many records an object of these lengths is fragmented over.
fn records(ends: &Ends) -> String {
    let counts = ends
        .clone()
        .map(|object| split(Kind::Post, 1, [0; 32], &object).len());
    match counts {
        [least, most] if least == most => least.to_string(),
        [least, most] => format!("{least}–{most}"),
    }
}

/// The encodings of a counselor's transfer request, for the cells.
pub(super) fn colleague() -> Ends {
    ends(|end| Colleague {
        serial: Serial([2; 8]),
        pseudonym: label(at(end, [1, LABEL_MAX])),
    })
}
