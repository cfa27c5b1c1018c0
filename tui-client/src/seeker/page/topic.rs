//! What can be read, and under which keys its lines stand.

use super::super::screen::Topic;
use crate::i18n::Text::{self, *};

impl Topic {
    pub(super) const fn title(self) -> Text {
        match self {
            Self::Counselor => SeekReadCounselor,
            Self::Proof => SeekReadProof,
            Self::Tonight => SeekReadTonight,
            Self::Device => SeekReadDevice,
            Self::Complaint => SeekReadComplaint,
            Self::Danger => SeekReadDanger,
            Self::Services => SeekReadServices,
            Self::Confidentiality => SeekReadConfidentiality,
        }
    }

    pub(super) const fn lines(self) -> &'static [Text] {
        match self {
            Self::Counselor => &[SeekCounselor1, SeekCounselor2, SeekCounselor3, SeekCounselor4],
            Self::Proof => &[
                SeekProof1, SeekProof2, SeekProof3, SeekProof4, SeekProof5, SeekProof6, SeekProof7,
            ],
            Self::Tonight => &[SeekTonight1, SeekTonight2, SeekTonight3, SeekTonight4],
            Self::Device => &[SeekDevice1, SeekDevice2, SeekDevice3, SeekDevice4],
            Self::Complaint => &[SeekComplaint1, SeekComplaint2],
            Self::Danger => &[SeekDangerGeneral],
            Self::Services => &[],
            Self::Confidentiality => &[SeekConfidential1, SeekConfidential2],
        }
    }
}
