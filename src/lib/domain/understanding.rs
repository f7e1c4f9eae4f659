//! What was made of a guest's turn.

use super::ids::FactId;
use super::language::Language;
use super::message::words;
use serde::{Deserialize, Serialize};

words!(
    /// The four classes that people see. Stored as polarity and attention; attention wins on the screen.
    Sentiment {
        /// Pleased.
        Positive = "positive",
        /// Neither.
        Neutral = "neutral",
        /// Unhappy.
        Negative = "negative",
        /// A person must look: a complaint, a danger, or nobody could read it.
        RequiresAttention = "requires_attention",
    }
);
words!(
    /// What a turn is about.
    Topic {
        /// The room itself.
        Room = "room",
        /// Dirt, insects, smell.
        Cleanliness = "cleanliness",
        /// Noise.
        Noise = "noise",
        /// Too cold, too hot.
        Temperature = "temperature",
        /// Water, shower, leaks.
        Water = "water",
        /// Wi-Fi.
        Internet = "internet",
        /// Breakfast, restaurant, bar.
        Food = "food",
        /// People who work here.
        Staff = "staff",
        /// Money.
        Billing = "billing",
        /// Fire, violence, locks.
        Safety = "safety",
        /// Illness.
        Health = "health",
        /// Something is gone.
        Theft = "theft",
        /// Dates, changes, cancellations.
        Booking = "booking",
        /// Anything else.
        Other = "other",
    }
);
words!(
    /// Why a person must look.
    AttentionReason {
        /// The guest complains.
        Complaint = "complaint",
        /// Somebody may be in danger.
        Safety = "safety",
        /// Money back is asked for.
        Refund = "refund",
        /// The guest wants a person.
        RequestHuman = "request_human",
        /// The hotel's facts do not say.
        UnknownAnswer = "unknown_answer",
        /// The model gave no usable label.
        Unread = "unread",
        /// Something else.
        Other = "other",
    }
);

/// How sure the reader says it is, 0 to 1. Models calibrate it badly: use it as a floor only.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(f32);

impl Confidence {
    /// A number outside 0..=1 is no confidence at all.
    pub fn new(value: f32) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// Between 0 and 1.
    pub fn value(self) -> f32 {
        self.0
    }
}

/// Parsed and checked; never a raw string of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Understanding {
    /// Already folded: attention wins over polarity.
    pub sentiment: Sentiment,
    /// Why attention is needed, when it is.
    pub attention: Option<AttentionReason>,
    /// `None` when the model did not say or said nonsense.
    pub confidence: Option<Confidence>,
    /// From the closed list; unknown ones are dropped.
    pub topics: Vec<Topic>,
    /// The language of the guest's turn.
    pub language: Option<Language>,
    /// The proposed answer, trimmed; `None` when blank.
    pub reply: Option<String>,
    /// The facts the answer says it rests on; only ids the hotel has.
    pub facts: Vec<FactId>,
    /// The model asks for a person.
    pub handoff: bool,
}

/// Why a turn could not be read. The reason is shown to support and counted, so the list is closed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// The hotel switched the model off.
    Disabled,
    /// There is no key.
    NoKey,
    /// The day's money is spent.
    OverBudget,
    /// No answer within the deadline.
    TimedOut,
    /// The service is down, overloaded or refuses the key or the balance.
    Unavailable,
    /// Only blank answers came.
    Blank,
    /// What came was not the object that was asked for.
    Invalid,
    /// The service refused the content.
    Filtered,
}

impl WhyNot {
    /// The word used in storage and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            WhyNot::Disabled => "disabled",
            WhyNot::NoKey => "no_key",
            WhyNot::OverBudget => "over_budget",
            WhyNot::TimedOut => "timed_out",
            WhyNot::Unavailable => "unavailable",
            WhyNot::Blank => "blank",
            WhyNot::Invalid => "invalid",
            WhyNot::Filtered => "filtered",
        }
    }
}
