//! The stable English words that an event carries in `by`, `reason` and `code`.
//!
//! Programs and translations compare them: a word MUST NOT change, nor get another meaning. docs/json-face.md explains
//! every one of them.

use hamsa_protocol::{
    counselor::{ChatOver, OffReason},
    session::chat::{EndReason, EndedBy},
};
use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal,)*) => {
        /// The code of an error that a session, its driver, a vault or the json face itself reports.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* $code,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// As it stands in the event.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)*
                }
            }
        }
    };
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

codes! {
    // What was asked
    /// Words beyond a limit.
    TooLong = "too_long",
    /// No words.
    Empty = "empty",
    /// An id that was used before.
    DuplicateId = "duplicate_id",
    /// An id that is empty or too long.
    BadId = "bad_id",
    /// No language code.
    BadLanguage = "bad_language",
    /// Too many messages wait.
    QueueFull = "queue_full",
    /// The chat has ended.
    Over = "over",
    /// A ticket or a chat is there.
    Already = "already",
    /// No question to agree to or to decline.
    NothingAsked = "nothing_asked",
    /// No such chat.
    NoChat = "no_chat",
    /// No colleague of that name on duty.
    NoColleague = "no_colleague",
    /// Nothing that the seeker wrote has come for a minute.
    NoWords = "no_words",
    /// The seeker stays.
    TransferDeclined = "transfer_declined",
    /// No ticket that this counselor could open.
    NobodyWaits = "nobody_waits",
    /// As many chats as the association allows.
    Enough = "enough",

    // Sealed messages and phrases
    /// No words of a phrase.
    BadPhrase = "bad_phrase",
    /// The phrase before is still being computed.
    PhraseBusy = "phrase_busy",
    /// A sealed message without a phrase.
    NoPhrase = "no_phrase",
    /// No memory for a phrase.
    NoMemory = "no_memory",
    /// The sealed message before is on its way.
    LeaveBusy = "leave_busy",
    /// No counselor has a mail key.
    NobodyReads = "nobody_reads",
    /// No home kept the message.
    NotKept = "not_kept",
    /// No home takes one more message over its link.
    LeaveLater = "leave_later",
    /// No reply, or no such message.
    NoMail = "no_mail",
    /// A reply of a counselor that is no longer listed.
    MailRefused = "mail_refused",
    /// A colleague has it.
    Taken = "taken",

    // What a helpline answers
    /// The home is at a limit.
    Busy = "busy",
    /// No room for more messages.
    Full = "full",
    /// The disk of the home.
    Disk = "disk",
    /// No valid roster.
    NoRoster = "no_roster",
    /// The certificate is not listed.
    NotListed = "not_listed",
    /// The certificate was taken back.
    Revoked = "revoked",
    /// Something that was signed has expired, or this device's clock is wrong.
    Expired = "expired",
    /// The certificate or the shift is not valid yet.
    NotYetValid = "not_yet_valid",
    /// Any other refusal.
    Refused = "refused",
    /// A roster lower than the one that counted in an earlier run.
    OlderRoster = "older_roster",
    /// Two rosters of one version.
    SplitView = "split_view",
    /// A proof does not hold.
    NotTheHelpline = "not_the_helpline",
    /// The entry was reached, the home was not.
    HomeGone = "home_gone",

    // The entry
    /// The address of the entry is invalid.
    EntryAddress = "entry_address",
    /// The name of the entry cannot be resolved.
    EntryName = "entry_name",
    /// It refused the connection.
    EntryRefused = "entry_refused",
    /// No route to its network.
    NoRoute = "no_route",
    /// No answer in time.
    EntrySilent = "entry_silent",
    /// Another node answers at its address.
    EntryImpostor = "entry_impostor",
    /// A web server answers at its address.
    LoginPage = "login_page",
    /// The connection broke while it was made.
    EntryBroken = "entry_broken",
    /// The network part of the program has stopped.
    Stopped = "stopped",

    // The vault
    /// No file there.
    VaultMissing = "vault_missing",
    /// The passphrase does not open it.
    VaultPassphrase = "vault_passphrase",
    /// No passphrase.
    VaultNoPassphrase = "vault_no_passphrase",
    /// Its checksum differs.
    VaultDamaged = "vault_damaged",
    /// A file of another kind.
    VaultNotAVault = "vault_not_a_vault",
    /// Written by a later version.
    VaultNewer = "vault_newer",
    /// Written by an earlier version, which is not read.
    VaultOlder = "vault_older",
    /// A file is there already.
    VaultExists = "vault_exists",
    /// Another program has it open.
    VaultInUse = "vault_in_use",
    /// Another vault lies there now.
    VaultReplaced = "vault_replaced",
    /// No certificate yet.
    VaultNoCertificate = "vault_no_certificate",
    /// The certificate is for another key.
    CertificateNotYours = "certificate_not_yours",
    /// The certificate has expired.
    CertificateExpired = "certificate_expired",
    /// The certificate is not valid yet.
    CertificateNotYetValid = "certificate_not_yet_valid",
    /// No certificate that can be trusted.
    CertificateFile = "certificate_file",
    /// An object in it does not hold.
    VaultObject = "vault_object",
    /// No random numbers, or no memory for the passphrase.
    VaultDevice = "vault_device",
    /// The disk.
    VaultIo = "vault_io",

    // The json face itself
    /// A line that is no command.
    BadCommand = "bad_command",
    /// No helpline address.
    BadAddress = "bad_address",
    /// The vault's passphrase could not be had.
    Vault = "vault",
}

/// The side that ended a chat, for the seeker.
#[must_use]
pub const fn seeker_ended_by(by: EndedBy) -> &'static str {
    match by {
        EndedBy::You => "you",
        EndedBy::Peer => "counselor",
        EndedBy::Helpline => "helpline",
    }
}

/// Why a chat ended, for the seeker.
#[must_use]
pub const fn seeker_ended_reason(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Finished => "finished",
        EndReason::LeftQuickly => "left",
        EndReason::Revoked => "revoked",
        EndReason::Transferred => "transferred",
        EndReason::NoPlace => "no_place",
    }
}

/// The side that ended a chat, for the counselor.
#[must_use]
pub const fn counselor_ended_by(by: EndedBy) -> &'static str {
    match by {
        EndedBy::You => "you",
        EndedBy::Peer => "seeker",
        EndedBy::Helpline => "helpline",
    }
}

/// Why a chat ended, for the counselor.
#[must_use]
pub const fn counselor_ended_reason(reason: ChatOver) -> &'static str {
    match reason {
        ChatOver::Said(EndReason::Finished) => "finished",
        ChatOver::Said(EndReason::LeftQuickly) => "left_quickly",
        ChatOver::Said(EndReason::Revoked) => "revoked",
        ChatOver::Said(EndReason::Transferred) => "transferred",
        ChatOver::Said(EndReason::NoPlace) => "no_place",
        ChatOver::Taken => "taken",
        ChatOver::Gone => "gone",
    }
}

/// Why a duty ended.
#[must_use]
pub const fn off_duty_reason(reason: OffReason) -> &'static str {
    match reason {
        OffReason::Asked => "asked",
        OffReason::Break => "break",
        OffReason::Home(refusal) => refusal.name(),
        OffReason::HomesAlone => "homes_alone",
        OffReason::ShiftOver => "shift_over",
        OffReason::Elsewhere => "elsewhere",
    }
}

macro_rules! by_name {
    ($($name:ident: $value:ty,)*) => {
        /// Values as their names.
        pub(crate) mod serialize {
            use super::*;

            $(pub(crate) fn $name<S: Serializer>(value: &$value, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(super::$name(*value))
            })*
        }
    };
}

by_name! {
    seeker_ended_by: EndedBy,
    seeker_ended_reason: EndReason,
    counselor_ended_by: EndedBy,
    counselor_ended_reason: ChatOver,
    off_duty_reason: OffReason,
}
