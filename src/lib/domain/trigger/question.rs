//! What is said, what is asked, and what an answer does.

use super::Condition;
use crate::domain::ids::{AnswerId, QuestionId};
use crate::domain::language::Language;
use crate::domain::message::words;
use crate::domain::understanding::{Sentiment, Topic};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A text by language.
pub type Texts = BTreeMap<Language, String>;

/// The words of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// In order; the first whose condition holds is used. The last one holds for everybody.
    pub variants: Vec<Variant>,
    /// Sent with them.
    pub media: Option<Media>,
}

/// One wording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// For whom.
    pub filter: Condition,
    /// Templates by language.
    pub text: Texts,
}

/// A file or address the hotel owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// An https address, or a path under the hotel's folder.
    pub source: String,
    /// Templates by language.
    pub caption: Texts,
}

/// Something that wants an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Its own id, or that of the trigger that asks it.
    pub id: QuestionId,
    /// The words.
    pub content: Content,
    /// What kind of answer is wanted.
    pub kind: Kind,
    /// The answers it knows, in the order they are shown.
    pub answers: Vec<Answer>,
    /// What any other text does.
    pub other: Other,
    /// How long it stays open.
    pub expires: Duration,
    /// At most one reminder.
    pub remind: Option<Duration>,
}

/// What kind of answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One of the answers.
    Choice,
    /// A number from … to …
    Scale(i64, i64),
    /// 0 to 10.
    Nps,
    /// The answers `yes` and `no`.
    YesNo,
    /// Free text.
    Text,
}

impl Kind {
    /// The numbers that are an answer, both included; `None` if numbers are not asked for.
    pub fn range(self) -> Option<(i64, i64)> {
        match self {
            Kind::Scale(low, high) => Some((low, high)),
            Kind::Nps => Some((0, 10)),
            Kind::Choice | Kind::YesNo | Kind::Text => None,
        }
    }
}

/// One answer and what it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Unique within the question.
    pub id: AnswerId,
    /// As it is shown.
    pub label: Texts,
    /// Other words that count as it.
    pub means: Vec<String>,
    /// The number it stands for.
    pub score: Option<i64>,
    /// Of a scale or nps: the numbers it stands for, both included.
    pub range: Option<(i64, i64)>,
    /// What it says of the guest's mood.
    pub sentiment: Option<Sentiment>,
    /// What is said to it; templates.
    pub reply: Texts,
    /// Brings a person.
    pub alert: Option<AnswerAlert>,
    /// Contacts or departments that hear of it.
    pub notify: Vec<String>,
    /// Put on the reservation.
    pub tag: Vec<String>,
    /// Fields put on the reservation, `custom.<key>`.
    pub set: BTreeMap<String, String>,
    /// The question asked next.
    pub then: Option<QuestionId>,
    /// A person leads from then on.
    pub handoff: bool,
    /// The guest is never written to again unless they ask for it.
    pub stop: bool,
}

impl Answer {
    /// An answer from which nothing follows.
    pub fn bare(id: impl Into<AnswerId>) -> Self {
        Self {
            id: id.into(),
            label: Texts::new(),
            means: Vec::new(),
            score: None,
            range: None,
            sentiment: None,
            reply: Texts::new(),
            alert: None,
            notify: Vec::new(),
            tag: Vec::new(),
            set: BTreeMap::new(),
            then: None,
            handoff: false,
            stop: false,
        }
    }
}

/// The alert an answer raises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerAlert {
    /// What it is about.
    pub topic: Topic,
    /// How bad.
    pub severity: Severity,
    /// Who is to come.
    pub department: Option<String>,
}

words!(
    /// How bad it is.
    Severity { /// Can wait.
        Low = "low", /// Today.
        Medium = "medium", /// Soon.
        High = "high", /// Now.
        Critical = "critical" }
);

words!(
    /// What text does that is no answer.
    Other {
        /// It is read like any message; the question stays open until it expires.
        Classify = "classify",
        /// A person leads.
        Handoff = "handoff",
        /// The question is shown once more, then it is read like any message.
        Repeat = "repeat",
    }
);
