//! For whom.

use crate::domain::ids::{QuestionId, TriggerId};
use crate::domain::message::words;
use serde::{Deserialize, Serialize};

/// For whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Every one holds; of none: true.
    All(Vec<Condition>),
    /// One holds; of none: false.
    Any(Vec<Condition>),
    /// None holds.
    None(Vec<Condition>),
    /// A field passes a test.
    Is {
        /// Which.
        field: Field,
        /// What is asked of it.
        test: Test,
    },
}

impl Condition {
    /// Holds for everybody.
    pub fn everybody() -> Self {
        Condition::All(Vec::new())
    }
}

/// What a condition may look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// `tentative`, `confirmed`, `checked_in`, `checked_out`, `cancelled`, `no_show`.
    Status,
    /// A word.
    RoomType,
    /// A word.
    Room,
    /// A word.
    RatePlan,
    /// A word.
    Source,
    /// A number.
    Nights,
    /// From booking to arrival, a duration.
    LeadTime,
    /// A number.
    Adults,
    /// A number.
    Children,
    /// A number of hours, also negative after the planned departure.
    HoursToCheckOut,
    /// A number of hours since the real check-in; no value before it.
    HoursSinceCheckIn,
    /// ISO 3166 code.
    Country,
    /// The guest's known language.
    Language,
    /// Has an earlier stay here.
    Returning,
    /// How many earlier stays here.
    Stays,
    /// `yes`, or a level.
    Vip,
    /// The words of the PMS and of answers; a test passes if one of them does.
    Tag,
    /// Yes if the birthday lies between arrival and departure day, both included.
    BirthdayInStay,
    /// Of the guest's last message.
    LastSentiment,
    /// Of the guest's messages since check-in: requires_attention, negative, neutral, positive.
    WorstSentimentInStay,
    /// The last numeric answer of this stay.
    Score,
    /// Yes while an alert of the guest is open.
    OpenAlert,
    /// Yes after STOP.
    OptedOut,
    /// The answer given to a question in this stay.
    Answered(QuestionId),
    /// Yes if a trigger was sent in this stay.
    Sent(TriggerId),
    /// Whether the hotel's AI is on.
    AiEnabled,
    /// A field of the PMS or the file.
    Custom(String),
}

/// What is asked of a field. Words compare without regard to case. A field without a value fails every test but
/// `Exists(false)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// The same.
    Equals(Value),
    /// One of these.
    OneOf(Vec<Value>),
    /// Something else; no value is not something else.
    Differs(Value),
    /// Compared with a number.
    Compare(Order, f64),
    /// From … to …, both included.
    Between(f64, f64),
    /// Whether there is a value.
    Exists(bool),
    /// Holds this text.
    Contains(String),
    /// The whole value matches this regular expression.
    Matches(String),
}

words!(
    /// How numbers are compared. Durations are compared in seconds.
    Order { /// Less.
        Less = "<", /// Less or the same.
        AtMost = "<=", /// More.
        More = ">", /// More or the same.
        AtLeast = ">=" }
);

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A word or text.
    Word(String),
    /// A number; of a duration its seconds.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}
