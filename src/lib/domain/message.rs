//! Messages: who wrote what in which direction, and how far it got.

use super::ids::{ChatId, MessageId, ProviderMessageId};
use super::language::Language;
use super::understanding::Sentiment;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word used in storage, JSON and on screens.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// Reads the word back; `None` for any other.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words!(
    /// Seen from the hotel.
    Direction { /// From the guest.
        Inbound = "inbound", /// To the guest.
        Outbound = "outbound" }
);
words!(
    /// Who wrote a message.
    Author { /// The guest.
        Guest = "guest", /// hotelbot.
        Bot = "bot", /// A person of the hotel.
        Staff = "staff" }
);
words!(
    /// What caused a message.
    Origin {
        /// The guest wrote by themselves.
        Guest = "guest",
        /// An answer of the model.
        Reply = "reply",
        /// A trigger spoke first.
        Trigger = "trigger",
        /// The fixed reply to an answer of a question.
        Answer = "answer",
        /// One of the hotel's own texts.
        Template = "template",
        /// A person of the hotel, on the phone or through `chats send`.
        Staff = "staff",
        /// An alert for staff.
        Alert = "alert",
    }
);
words!(
    /// How far an outgoing message got. A ladder: it only climbs. Green API's 200 is `accepted`, not `sent`.
    Delivery {
        /// In our outbox.
        Planned = "planned",
        /// Committed as about to be sent; the call may or may not have happened.
        Sending = "sending",
        /// The vendor answered with an id: it is in the vendor's queue.
        Accepted = "accepted",
        /// WhatsApp took it.
        Sent = "sent",
        /// On the guest's phone.
        Delivered = "delivered",
        /// Seen.
        Read = "read",
        /// Will not arrive.
        Refused = "refused",
        /// Nobody knows yet; being reconciled.
        Unknown = "unknown",
        /// Taken back before it left.
        Cancelled = "cancelled",
    }
);

impl Delivery {
    /// The state after hearing `next`. Statuses come late, twice and out of order, and `failed` is reported
    /// even for delivered messages (green-api issue 557), so a step down is ignored.
    pub fn climb(self, next: Delivery) -> Delivery {
        if next.rank() > self.rank() { next } else { self }
    }

    /// Whether nothing further is expected.
    pub fn is_final(self) -> bool {
        matches!(self, Delivery::Read | Delivery::Refused | Delivery::Cancelled)
    }

    /// Height on the ladder, also kept in the database so that a status update is one comparison.
    pub fn rank(self) -> i32 {
        match self {
            Delivery::Planned => 0,
            Delivery::Sending => 10,
            Delivery::Unknown => 20,
            Delivery::Cancelled => 25,
            Delivery::Accepted => 30,
            Delivery::Refused => 35,
            Delivery::Sent => 40,
            Delivery::Delivered => 50,
            Delivery::Read => 60,
        }
    }
}

/// One message of a conversation, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Ours.
    pub id: MessageId,
    /// The conversation it belongs to.
    pub chat: ChatId,
    /// The channel's id, when it has one.
    pub provider_id: Option<ProviderMessageId>,
    /// Inbound or outbound.
    pub direction: Direction,
    /// Guest, bot or staff.
    pub author: Author,
    /// What caused it.
    pub origin: Origin,
    /// The words, or a bracketed description of what is not text (`[voice]`).
    pub text: String,
    /// When we received or planned it.
    pub at: Timestamp,
    /// Only for outgoing ones.
    pub delivery: Option<Delivery>,
    /// The language it was read as.
    pub language: Option<Language>,
    /// How it was read, for inbound ones that were understood.
    pub sentiment: Option<Sentiment>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delivery_only_climbs_whatever_the_order_of_statuses() {
        assert_eq!(Delivery::Read.climb(Delivery::Delivered), Delivery::Read);
        assert_eq!(Delivery::Delivered.climb(Delivery::Refused), Delivery::Delivered);
        assert_eq!(Delivery::Accepted.climb(Delivery::Refused), Delivery::Refused);
        assert_eq!(Delivery::Refused.climb(Delivery::Delivered), Delivery::Delivered);
        assert_eq!(Delivery::Unknown.climb(Delivery::Accepted), Delivery::Accepted);
    }

    #[test]
    fn every_word_reads_back() {
        for delivery in Delivery::ALL {
            assert_eq!(Delivery::parse(delivery.as_str()), Some(*delivery));
        }
    }
}
