//! What can be read, and under which keys its lines stand.

use super::super::screen::Topic;
use crate::i18n::Text;

impl Topic {
    pub(super) const fn title(self) -> Text {
        match self {
            Self::Counselor => Text::SeekReadCounselor,
            Self::Proof => Text::SeekReadProof,
            Self::Tonight => Text::SeekReadTonight,
            Self::Device => Text::SeekReadDevice,
            Self::Complaint => Text::SeekReadComplaint,
            Self::Danger => Text::SeekReadDanger,
            Self::Services => Text::SeekReadServices,
            Self::Confidentiality => Text::SeekReadConfidentiality,
        }
    }

    pub(super) const fn lines(self) -> &'static [Text] {
        match self {
            Self::Counselor => &[
                Text::SeekCounselor1,
                Text::SeekCounselor2,
                Text::SeekCounselor3,
                Text::SeekCounselor4,
            ],
            Self::Proof => &[
                Text::SeekProof1,
                Text::SeekProof2,
                Text::SeekProof3,
                Text::SeekProof4,
                Text::SeekProof5,
                Text::SeekProof6,
                Text::SeekProof7,
            ],
            Self::Tonight => &[
                Text::SeekTonight1,
                Text::SeekTonight2,
                Text::SeekTonight3,
                Text::SeekTonight4,
            ],
            Self::Device => &[
                Text::SeekDevice1,
                Text::SeekDevice2,
                Text::SeekDevice3,
                Text::SeekDevice4,
            ],
            Self::Complaint => &[Text::SeekComplaint1, Text::SeekComplaint2],
            Self::Danger => &[Text::SeekDangerGeneral],
            Self::Services => &[],
            Self::Confidentiality => &[Text::SeekConfidential1, Text::SeekConfidential2],
        }
    }
}
