//! Everything of the crate that the comparisons use. A name that moves is corrected only here.

pub(super) use hamsa_protocol::{
    PROTOCOL, counselor,
    crypto::{
        fingerprint,
        hash::sha256,
        kem::{self, CT_LEN, EK_LEN, KemSecret, KemUse, SEED_LEN},
        keys::{DhPublic, DhSecret, HelplineId, NodePeer, RootKey, SIGNATURE_LEN, SignKey},
        noise::{self, Pattern, TAG_LEN},
        phrase::{self, PROOF_LEN},
        puzzle,
        random::{self, Random},
    },
    home,
    limits::{self, MAIL_NAMES},
    objects::{
        self, Bytes, Certificate, CertificateRequest, CertifiedRole, Delegation, Descriptor, Duty, DutyEntry,
        DutySecrets, Entry, EntryList, HelplineAddress, LABEL_LETTERS_MAX, LABEL_MAX, LANGUAGES_MAX, Label,
        Language, Lend, LocalTexts, MAX_CERTIFICATES, MAX_DELEGATIONS, MAX_DUTIES, MAX_ENTRIES, MAX_REVOKED,
        MailKey, Object, ROSTER_ID_LEN, Roster, RosterId, SETTINGS_MAX, Serial, Settings, Signed, TEXT_MAX,
        TicketId,
        address::{self, Route},
        postcard_decode, postcard_encode,
    },
    seeker,
    session::{
        chat::{
            self, Beginning, CELL_BODY_MAX, CELL_LEN, Chat, Colleague, EndReason, HEAL_LEN, HEALED_LEN,
            MESSAGE_ID_MAX, MESSAGE_MAX, PLAIN_LEN, Pace, RATCHET_AFTER, Role as End, Seen, Status,
        },
        handshake::{self, Binding, MESSAGE_2_LEN, Waiting},
        mail::{
            self, Card, DEPOSIT_LEN, DepositId, MAIL_BOXES_MAX, MAIL_TEXT_MAX, MailBox, REPLY_LEN,
            REPLY_TEXT_MAX,
        },
        ticket::{self, Intake, TICKET_LEN},
    },
    time::{self, Tick, Unix},
    wire::{
        self, BODY_LEN, ChannelOpening, DepositPosting, Kind, Lane, Posting, Receipt, Record, ReplyPosting,
        read_key_page, read_page, split,
    },
};
