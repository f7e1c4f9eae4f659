//! The triggers of one hotel, checked: at this moment of a stay, for these reservations, say this, and do this with the
//! answer. Filled by `config/` from `triggers.yaml` and the hotel's own file, which is laid over it.
//!
//! * here: the set, its policy, and a trigger.
//! * `when`: at which moment of a stay.
//! * `condition`: for whom.
//! * `question`: what is said, what is asked, and what an answer does.

mod condition;
mod question;
mod when;

pub use condition::{Condition, Field, Order, Test, Value};
pub use question::{Answer, AnswerAlert, Content, Kind, Media, Other, Question, Severity, Texts, Variant};
pub use when::{Anchor, Day, IfMissed, Offset, Otherwise, Side, When};

use super::hotel::Window;
use super::ids::{QuestionId, TriggerId};
use super::message::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// All that is in force at one hotel: the base pack with the hotel's own file laid over it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TriggerSet {
    /// Guards for every trigger.
    pub policy: Policy,
    /// By id.
    pub triggers: BTreeMap<TriggerId, Trigger>,
    /// Questions asked by `then`, by id. The question of a trigger has the trigger's id and is not repeated here.
    pub questions: BTreeMap<QuestionId, Question>,
}

impl TriggerSet {
    /// A question by its id: a shared one, or the one a trigger asks.
    pub fn question(&self, id: &QuestionId) -> Option<&Question> {
        self.questions.get(id).or_else(|| match self.triggers.get(&TriggerId(id.0.clone()))?.says {
            Says::Ask(ref question) => Some(question),
            Says::Send(_) => None,
        })
    }
}

/// Guards for every trigger: when nobody is written to, and how often one guest is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Hours in which nothing begins; the hotel file's own win over the trigger files'. `None`: no such hours.
    pub quiet_hours: Option<Window>,
    /// At most so many messages that open something…
    pub at_most: u32,
    /// …within this time before.
    pub every: Duration,
    /// The least time between two of them.
    pub min_gap: Duration,
    /// After a person of the hotel wrote in the chat.
    pub after_staff_reply: Duration,
    /// While a question is unanswered, since it was asked.
    pub unanswered_question: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            quiet_hours: Some(Window { start: jiff::civil::time(21, 0, 0, 0), end: jiff::civil::time(9, 0, 0, 0) }),
            at_most: 2,
            every: Duration::from_secs(24 * HOUR),
            min_gap: Duration::from_secs(4 * HOUR),
            after_staff_reply: Duration::from_secs(2 * HOUR),
            unanswered_question: Duration::from_secs(24 * HOUR),
        }
    }
}

words!(
    /// How far a trigger goes.
    TriggerMode {
        /// Written to guests.
        Live = "live",
        /// A person of the hotel approves each message first.
        Draft = "draft",
        /// Recorded as if sent, and not sent.
        Shadow = "shadow",
    }
);

/// One trigger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// Its name in the file.
    pub id: TriggerId,
    /// What it is for, in the manager's words.
    pub about: Option<String>,
    /// Off: as if it were not there, but known.
    pub enabled: bool,
    /// Who goes first when the limit allows only one; more is first. 50 unless said.
    pub priority: i64,
    /// How far it goes.
    pub mode: TriggerMode,
    /// At which moment.
    pub when: When,
    /// For whom; `All` of nothing is everybody.
    pub filter: Condition,
    /// How often.
    pub once: Once,
    /// What it says.
    pub says: Says,
    /// The policy for this trigger: the set's, with the trigger's own fields laid over it.
    pub policy: Policy,
    /// Why this trigger may be freer than the policy of the set.
    pub because: Option<String>,
}

/// What a trigger says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Something.
    Send(Content),
    /// Something that wants an answer; the question's id is the trigger's.
    Ask(Question),
}

impl Says {
    /// The words.
    pub fn content(&self) -> &Content {
        match self {
            Says::Send(content) => content,
            Says::Ask(question) => &question.content,
        }
    }
}

/// How often a guest hears a trigger. Limits each occurrence of the anchor: a recurring anchor recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Once {
    /// Overlapping reservations of one person are one stay.
    PerStay,
    /// Each reservation its own.
    PerRoom,
    /// Once for ever.
    PerGuest,
    /// Not again within this time, across stays.
    Every(Duration),
}
