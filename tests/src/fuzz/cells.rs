//! A counselor whose client lies: cells of any content, rightly encrypted by another implementation of Noise.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use clatter::{
    Handshaker, KeyPair, NqHandshake,
    bytearray::{ByteArray, SensitiveByteArray},
    crypto::{cipher::ChaChaPoly, dh::X25519, hash::Sha256},
    handshakepattern::noise_nx,
    transportstate::TransportState,
};
use hamsa_protocol::{
    crypto::{
        hash,
        kem::{KemPublic, KemUse},
    },
    limits::WINDOW,
    objects::RosterId,
    session::{
        chat::{
            Beginning, CELL_BODY_MAX, Chat, ChatEvent, MESSAGE_ID_MAX, MESSAGE_MAX, PLAIN_LEN, Role, Seen,
            State, Status,
        },
        handshake::{self, MESSAGE_1_LEN},
        ticket::TICKET_LEN,
    },
    time::Tick,
};
use zeroize::Zeroizing;

use super::{
    helpline::{TICKET, helpline, seeded},
    input::Input,
};

struct Liar {
    transport: TransportState<ChaChaPoly, Sha256>,
    next: u64,
}

impl Liar {
    /// One more cell with this plaintext.
    fn seal(&mut self, plain: &[u8]) -> (u64, Vec<u8>) {
        let cell = self.transport.send_vec(plain).expect("a cell");
        self.transport.rekey_sender().expect("the next key");
        self.next += 1;
        (self.next - 1, cell)
    }
}

fn meet() -> (Chat, Liar) {
    let known = helpline();
    let sealed = known.seal(TICKET, 0, 41);
    let begin = TICKET_LEN - MESSAGE_1_LEN;
    let prologue = [
        b"HP1/live".as_slice(),
        &known.id.0,
        &TICKET.0,
        &0_u32.to_be_bytes(),
        &hash::sha256(&[&sealed.body[..begin]]),
    ]
    .concat();
    let secrets = known.secrets();
    let own = KeyPair::new(
        secrets.x.public().0,
        SensitiveByteArray::from_slice(secrets.x.to_bytes().as_slice()),
    );
    let ephemeral = hamsa_protocol::crypto::keys::DhSecret::from_bytes(&[0x77; 32]);
    let ephemeral = KeyPair::new(
        ephemeral.public().0,
        SensitiveByteArray::from_slice(ephemeral.to_bytes().as_slice()),
    );
    let pattern = noise_nx().add_psks(&[0, 2], "NXpsk0+psk2");
    let mut end = NqHandshake::<X25519, ChaChaPoly, Sha256>::new(
        pattern,
        &prologue,
        false,
        Some(own),
        Some(ephemeral),
        None,
        None,
    )
    .expect("an end");
    end.push_psk(handshake::psk0(&known.id, &sealed.secret).as_slice());
    let mut buffer = vec![0; 4_096];
    let length = end
        .read_message(&sealed.body[begin..], &mut buffer)
        .expect("message 1");
    let ek = KemPublic::from_bytes(&buffer[..length]).expect("a key");
    let (ct, psk2) = ek.encapsulate(KemUse::Live, &mut seeded(42));
    end.push_psk(psk2.as_slice());
    let payload = [known.duty.hash().0.as_slice(), &RosterId::default().to_bytes()].concat();
    let length = end.write_message(&payload, &mut buffer).expect("message 2");
    let message_2 = [ct.as_slice(), &buffer[..length]].concat();
    let established = sealed
        .waiting
        .finish(&message_2)
        .expect("both implementations agree");
    let beginning = Beginning {
        helpline: known.id,
        ticket: TICKET,
        established,
        role: Role::Seeker,
        seen: Seen::default(),
        status: Status::default(),
        extra: Vec::new(),
    };
    let chat = Chat::new(beginning, &mut seeded(43), Tick(0));
    let liar = Liar {
        transport: end.finalize().expect("a chat"),
        next: 0,
    };
    (chat, liar)
}

/// Kind, acknowledgement, length, body; padded or cut to the size of a cell. Status and what was shown come of these: any
/// byte, and more than, less than and as much as what is acknowledged.
fn plain(kind: u8, ack: u64, length: u16, body: &[u8]) -> Vec<u8> {
    let status = body.last().copied().unwrap_or_default();
    let shown = ack.wrapping_add(u64::from(status % 3)).wrapping_sub(1);
    let numbers = [ack.to_be_bytes(), shown.to_be_bytes()].concat();
    let mut plain = [[kind, status].as_slice(), &numbers, &length.to_be_bytes(), body].concat();
    plain.resize(PLAIN_LEN, 0);
    plain
}

/// Runs the operations in `data`.
pub fn cells(data: &[u8]) {
    let mut input = Input::new(data);
    let (mut chat, mut liar) = meet();
    let mut now = Tick(0);
    let mut random = seeded(44);
    let (mut said, mut told) = (0_u32, 0_u32);
    let mut honest: BTreeMap<String, String> = BTreeMap::new();
    let mut ids: BTreeSet<String> = BTreeSet::new();
    // Inputs that begin by looking at the face come without hello, the others behind one.
    if data.first().is_none_or(|first| first % 8 != 7) {
        let (index, cell) = liar.seal(&plain(1, 0, 32, &[7; 32]));
        chat.handle_cell(index, &cell, now);
    }
    while !input.is_empty() {
        match input.byte() % 8 {
            0 => {
                let (kind, ack, length) = (input.byte(), input.number(), input.short());
                let size = input.below(PLAIN_LEN);
                let body = input.take(size);
                let (index, cell) = liar.seal(&plain(kind, ack, length, body));
                chat.handle_cell(index, &cell, now);
            }
            1 | 2 => {
                // A well-formed cell with any content.
                let (kind, ack) = (1 + input.byte() % 9, u64::from(input.byte()));
                let mut body = vec![input.byte() % 4];
                let size = input.below(64);
                body.extend_from_slice(input.take(size));
                if input.one_in(4) {
                    body.resize(CELL_BODY_MAX, b'z');
                }
                let length = u16::try_from(body.len()).unwrap_or_default();
                let (index, cell) = liar.seal(&plain(kind, ack, length, &body));
                chat.handle_cell(index, &cell, now);
            }
            3 => {
                let text = String::from_utf8_lossy(input.take(200)).into_owned();
                let id = format!("honest-{told}");
                told += 1;
                let body = [
                    &[3, u8::try_from(id.len()).unwrap_or_default()],
                    id.as_bytes(),
                    text.as_bytes(),
                ]
                .concat();
                let length = u16::try_from(body.len()).unwrap_or_default();
                let (index, cell) = liar.seal(&plain(2, 0, length, &body));
                let greeted = chat.chain().is_some();
                chat.handle_cell(index, &cell, now);
                if greeted {
                    honest.insert(id, text);
                }
            }
            4 => {
                // Bytes that are no cell, at any index.
                let index = input.number();
                let cell = if input.one_in(2) {
                    vec![input.byte(); PLAIN_LEN + 16]
                } else {
                    input.take(100).to_vec()
                };
                chat.handle_cell(index, &cell, now);
            }
            5 => {
                let text = Zeroizing::new(format!("word {said}"));
                let _ = chat.say(format!("own-{said}"), text, now);
                said += 1;
            }
            6 => {
                now = now + Duration::from_millis(u64::from(input.short()));
                chat.handle_timeout(now);
            }
            _ => poll(&mut chat, now, &mut ids, &mut honest),
        }
        assert_eq!(
            chat.next_in(),
            liar.next,
            "every cell that decrypts counts, no other does"
        );
        chat.ratchet(&mut random, now);
        while chat.poll_cell().is_some() {}
        let waiting = u64::try_from(chat.unacknowledged().count()).unwrap_or(u64::MAX);
        assert!(waiting <= WINDOW);
    }
    poll(&mut chat, now, &mut ids, &mut honest);
    assert!(
        honest.is_empty(),
        "a message in one whole cell is shown: {honest:?}"
    );
}

fn poll(chat: &mut Chat, now: Tick, ids: &mut BTreeSet<String>, honest: &mut BTreeMap<String, String>) {
    while let Some(event) = chat.poll_event() {
        match event {
            ChatEvent::Message { id, text } => {
                // One of two is shown at once; of the others nobody says anything.
                if text.len().is_multiple_of(2) {
                    let source = *chat.source();
                    chat.shown(&source, &id, now);
                }
                assert!((1..=MESSAGE_ID_MAX).contains(&id.len()) && text.len() <= MESSAGE_MAX);
                // An id that was taken for something else before is not shown again.
                honest.remove(&id);
                assert!(ids.insert(id), "a message is shown once");
            }
            ChatEvent::State { state, .. } => assert_ne!(state, State::Failed),
            // Only now she has said which run of her program speaks; its ids are its own.
            ChatEvent::Ready => ids.clear(),
            ChatEvent::Ended(_)
            | ChatEvent::TransferAsked(_)
            | ChatEvent::TransferAnswered(_)
            | ChatEvent::Pace(_)
            | ChatEvent::Status(_) => {}
        }
    }
}
