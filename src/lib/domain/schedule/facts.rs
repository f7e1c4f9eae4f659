//! Everything the last look goes by besides the hotel, its triggers and the reservation: what is known of the guest and
//! of what was said before. A database fills it with a few queries, the simulator from its own memory.

use crate::domain::ids::{AnswerId, QuestionId, ReservationId, TriggerId};
use crate::domain::language::Language;
use crate::domain::number_health::Hold;
use crate::domain::understanding::Sentiment;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of one guest for one reservation and one trigger, at the moment of looking. "The guest" is one person
/// or one phone: whoever shares the number of this reservation is meant too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// As the guest writes or as somebody said; `None` falls back to the reservation's own.
    pub language: Option<Language>,
    /// Reservations of this guest here that ended before this arrival and were really stayed.
    pub earlier_stays: u32,
    /// The guest asked for silence.
    pub opted_out: bool,
    /// Of the guest's last message.
    pub last_sentiment: Option<Sentiment>,
    /// The worst of the guest's messages since check-in; attention is worse than negative.
    pub worst_sentiment: Option<Sentiment>,
    /// The last numeric answer of this stay.
    pub score: Option<f64>,
    /// An alert of the guest is not resolved.
    pub open_alert: bool,
    /// The last answer of this stay to each question.
    #[serde(default)]
    pub answered: BTreeMap<QuestionId, Given>,
    /// Triggers sent in this stay.
    #[serde(default)]
    pub sent: BTreeSet<TriggerId>,
    /// Tags that answers gave, besides the reservation's own.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Fields that answers set; they win over the reservation's own.
    #[serde(default)]
    pub custom: BTreeMap<String, String>,
    /// A person leads the chat.
    pub person_leads: Option<Lead>,
    /// The last word of a person of the hotel in the chat.
    pub staff_wrote_at: Option<Timestamp>,
    /// The question that waits for an answer, if one does; of several the one asked last.
    pub open_question: Option<OpenQuestion>,
    /// When messages that open something were really sent to this guest, at least those within the longest `every` and
    /// `min_gap`; in any order. Replies, chained questions and reminders are none, nor is what a `draft` or `shadow`
    /// trigger only recorded.
    #[serde(default)]
    pub openings: Vec<Timestamp>,
    /// Each time this trigger was sent to this guest, at any reservation, shadows included.
    #[serde(default)]
    pub said: Vec<Said>,
    /// The guest never wrote and was never written to, and such guests have to wait.
    #[serde(default)]
    pub number_held: Option<Hold>,
}

/// An answer that was given: to a free question neither is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// Which of the answers.
    pub answer: Option<AnswerId>,
    /// The number, of a scale.
    pub score: Option<f64>,
}

/// How long a person leads a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// Until they hand it back.
    Open,
    /// Until then at the latest.
    Until(Timestamp),
}

/// A question without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenQuestion {
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it closes by itself.
    pub expires_at: Timestamp,
}

/// One time a trigger was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// For which reservation.
    pub reservation: ReservationId,
    /// Its planned arrival day, as it stands now.
    pub arrival: Date,
    /// Its planned departure day, as it stands now.
    pub departure: Date,
    /// For which occurrence of the anchor.
    pub occurrence: String,
    /// When.
    pub at: Timestamp,
}

/// Something that happened in the guest's chat and belongs to a reservation: what message-driven anchors go by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// The message's or alert's id; becomes the occurrence, so that each speaks once.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The guest wrote; a word that was read as an answer is a message too.
    Message {
        /// How it was read, once it was.
        sentiment: Option<Sentiment>,
    },
    /// The guest answered a question.
    Answer {
        /// Which.
        question: QuestionId,
        /// How; `None` for free text.
        answer: Option<AnswerId>,
    },
    /// An alert of the guest was resolved.
    AlertResolved,
}
