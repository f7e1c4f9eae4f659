//! The states of an instance (`stateInstance`), as Green API spells them.

/// Where an instance stands with WhatsApp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No phone is linked: the QR code waits to be scanned.
    NotAuthorized,
    /// Everything works.
    Authorized,
    /// WhatsApp has banned the number.
    Blocked,
    /// Rebooting, up to five minutes.
    Starting,
    /// The phone was off (obsolete, still documented).
    SleepMode,
    /// Sending is partly or wholly suspended (before July 2026).
    YellowCard,
    /// Sending is suspended (since July 2026).
    Suspended,
}

impl Phase {
    const ALL: [Self; 7] = [
        Self::NotAuthorized,
        Self::Authorized,
        Self::Blocked,
        Self::Starting,
        Self::SleepMode,
        Self::YellowCard,
        Self::Suspended,
    ];

    /// The vendor's spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAuthorized => "notAuthorized",
            Self::Authorized => "authorized",
            Self::Blocked => "blocked",
            Self::Starting => "starting",
            Self::SleepMode => "sleepMode",
            Self::YellowCard => "yellowCard",
            Self::Suspended => "suspended",
        }
    }

    /// Reads the vendor's spelling; `None` for a state it does not have.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == text)
    }

    /// Whether the outgoing queue moves. In all other states messages wait up to 24 hours.
    #[must_use]
    pub fn sends(self) -> bool {
        self == Self::Authorized
    }

    /// Whether a phone is linked, so that the account's own data can be asked for.
    #[must_use]
    pub fn is_linked(self) -> bool {
        matches!(self, Self::Authorized | Self::YellowCard | Self::Suspended | Self::SleepMode)
    }
}
