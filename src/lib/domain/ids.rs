//! Identifiers as types: parsed once at the edge, trusted everywhere after.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// A hotel's id is also a file name and a part of a URL.
    #[error("`{0}` is not a hotel id: use 1 to 32 of a-z, 0-9 and -")]
    Hotel(String),
    /// Our own ids are UUIDs.
    #[error("`{0}` is not an id")]
    Uuid(String),
}

/// A hotel: the name of its file, `[a-z0-9-]{1,32}`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HotelId(String);

impl HotelId {
    /// Reads an id; upper case, dots and confusable letters are refused.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || text.len() > 32 || !text.chars().all(allowed) {
            return Err(IdError::Hotel(text.chars().take(40).collect()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HotelId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<HotelId> for String {
    fn from(id: HotelId) -> String {
        id.0
    }
}

impl fmt::Display for HotelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HotelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HotelId({})", self.0)
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Reads the usual hyphenated form.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| IdError::Uuid(text.chars().take(40).collect()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(/** Our record of one conversation; the channel's address is a [`ChatAddress`]. */ ChatId);
uuid_id!(/** The person behind one or several chats. */ GuestId);
uuid_id!(/** One inbound or outbound message. */ MessageId);
uuid_id!(/** One event as it came in. */ InboxId);
uuid_id!(/** One message on its way out. */ OutboxId);
uuid_id!(/** One trigger for one stay at one instant. */ TouchpointId);
uuid_id!(/** One question, put to one guest once. */ AskedId);
uuid_id!(/** What a guest wrote in one breath, and what was decided about it. */ TurnId);
uuid_id!(/** A matter that a person must look after; people type its number. */ AlertId);
uuid_id!(/** One telling of one contact over one channel. */ NoticeId);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The text as the other side wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// Where a channel delivers, as the channel spells it (`79…@c.us`, `…@lid`, `…@g.us`).
    /// Opaque: a phone number is never cut out of it, because `@lid` addresses hold none.
    ChatAddress
);
text_id!(
    /// The channel's own id of a message; unique only within one instance and chat.
    ProviderMessageId
);
text_id!(
    /// A fact of a hotel, such as `breakfast.hours`.
    FactId
);
text_id!(
    /// Green API's idInstance: up to 12 digits.
    InstanceId
);
text_id!(
    /// A reservation, as the PMS calls it; unique within one hotel.
    ReservationId
);
text_id!(
    /// A trigger: its name in the file, `[a-z0-9_-]{1,64}`.
    TriggerId
);
text_id!(
    /// A question: its name in the file, or that of the trigger that asks it.
    QuestionId
);
text_id!(
    /// An answer: unique within its question.
    AnswerId
);

impl ChatAddress {
    /// Whether the address is that of a single person, the only kind the bot answers.
    pub fn is_personal(&self) -> bool {
        self.0.ends_with("@c.us") || self.0.ends_with("@lid") || !self.0.contains('@')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hotel_id_is_a_safe_file_name_and_nothing_else() {
        for good in ["astoria", "sea-view", "h1", "a", &"x".repeat(32)] {
            assert!(HotelId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "../x", "Astoria", "а", "a b", "a.b", "CON", &"x".repeat(33)] {
            assert!(HotelId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn groups_and_broadcasts_are_not_personal() {
        for address in ["79001234567@c.us", "120650379300963@lid", "79001234567"] {
            assert!(ChatAddress::from(address).is_personal(), "{address}");
        }
        for address in ["1203@g.us", "status@broadcast", "1@newsletter", "79001234567@с.us"] {
            assert!(!ChatAddress::from(address).is_personal(), "{address}");
        }
    }
}
