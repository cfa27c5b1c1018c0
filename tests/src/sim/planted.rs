//! Bugs that must be found: each is planted in one run, and a run that ends well is a simulator that sees nothing.

use hamsa_protocol_planted::planted::Bug;

/// All of them, by the names of the command line.
pub const BUGS: [(&str, Bug); 23] = [
    ("shown-before-shown", Bug::ShownBeforeShown),
    ("received-when-acknowledged", Bug::ReceivedWhenAcknowledged),
    ("acknowledge-too-much", Bug::AcknowledgeTooMuch),
    ("no-dedup", Bug::NoDedup),
    ("cursor-moved-by-forgery", Bug::CursorMovedByForgery),
    ("cursor-moved-early", Bug::CursorMovedEarly),
    ("cell-encrypted-twice", Bug::CellEncryptedTwice),
    ("rekey-skipped", Bug::RekeySkipped),
    ("outbox-dropped-at-stored", Bug::OutboxDroppedAtStored),
    ("claim-granted-twice", Bug::ClaimGrantedTwice),
    ("home-forgets-order", Bug::HomeForgetsOrder),
    ("order-from-clock", Bug::OrderFromClock),
    ("seeker-accepts-two", Bug::SeekerAcceptsTwo),
    ("hold-not-posted", Bug::HoldNotPosted),
    ("stale-attempt-answered", Bug::StaleAttemptAnswered),
    ("ring-overwrites", Bug::RingOverwrites),
    ("reopen-forgets", Bug::ReopenForgets),
    ("reopen-reverses", Bug::ReopenReverses),
    ("no-fail-over", Bug::NoFailOver),
    ("heal-not-answered", Bug::HealNotAnswered),
    ("limits-ignored", Bug::LimitsIgnored),
    ("mail-kept-too-early", Bug::MailKeptTooEarly),
    ("reply-shown-twice", Bug::ReplyShownTwice),
];

/// The bug of this name.
#[must_use]
pub fn named(name: &str) -> Option<Bug> {
    BUGS.into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, bug)| bug)
}
