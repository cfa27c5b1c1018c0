//! What can be read, and under which keys its lines stand.

/// What can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// What a counselor can do with you.
    Counselor,
    /// Keeping proof safely.
    Proof,
    /// Small steps for tonight.
    Tonight,
    /// A device that may be watched.
    Device,
    /// Before a complaint.
    Complaint,
    /// What helps in danger, by the association.
    Danger,
    /// Local services and hours, by the association.
    Services,
    /// Who reads and how long it is kept.
    Confidentiality,
}

impl Topic {
    /// All, in the order of the shelf.
    pub(crate) const ALL: [Self; 8] = [
        Self::Counselor,
        Self::Proof,
        Self::Tonight,
        Self::Device,
        Self::Complaint,
        Self::Danger,
        Self::Services,
        Self::Confidentiality,
    ];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Counselor => "seek-read-counselor",
            Self::Proof => "seek-read-proof",
            Self::Tonight => "seek-read-tonight",
            Self::Device => "seek-read-device",
            Self::Complaint => "seek-read-complaint",
            Self::Danger => "seek-read-danger",
            Self::Services => "seek-read-services",
            Self::Confidentiality => "seek-read-confidentiality",
        }
    }

    pub(super) const fn lines(self) -> &'static [&'static str] {
        match self {
            Self::Counselor => &[
                "seek-counselor-1",
                "seek-counselor-2",
                "seek-counselor-3",
                "seek-counselor-4",
            ],
            Self::Proof => &[
                "seek-proof-1",
                "seek-proof-2",
                "seek-proof-3",
                "seek-proof-4",
                "seek-proof-5",
                "seek-proof-6",
                "seek-proof-7",
            ],
            Self::Tonight => &[
                "seek-tonight-1",
                "seek-tonight-2",
                "seek-tonight-3",
                "seek-tonight-4",
            ],
            Self::Device => &["seek-device-1", "seek-device-2", "seek-device-3", "seek-device-4"],
            Self::Complaint => &["seek-complaint-1", "seek-complaint-2"],
            Self::Danger => &["seek-danger-general"],
            Self::Services => &[],
            Self::Confidentiality => &["seek-confidential-1", "seek-confidential-2"],
        }
    }
}
