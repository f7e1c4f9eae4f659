//! The triggers of one hotel, checked: at this moment of a stay, for these reservations, say this, and do this with the
//! answer. Filled by `config/` from `triggers.yaml` and the hotel's own file, which is laid over it.

use super::hotel::Window;
use super::ids::{AnswerId, QuestionId, TriggerId};
use super::language::Language;
use super::message::words;
use super::understanding::{Sentiment, Topic};
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A text by language.
pub type Texts = BTreeMap<Language, String>;

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

/// The moment of a trigger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct When {
    /// On which side of the anchor.
    pub side: Side,
    /// What it goes by.
    pub anchor: Anchor,
    /// How far from it.
    pub by: Option<Offset>,
    /// At which clock time, hotel time.
    pub at: Option<Time>,
    /// Only in these hours, hotel time.
    pub only_between: Option<Window>,
    /// Only on these days; empty means every day.
    pub days: Vec<Day>,
    /// What a moment outside of them does.
    pub otherwise: Otherwise,
    /// What a moment does that was already past.
    pub if_missed: IfMissed,
}

words!(
    /// A day of the week.
    Day {
        /// Monday.
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
);

impl Day {
    /// The day of the week of a date.
    pub fn of(date: jiff::civil::Date) -> Self {
        Day::ALL[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())]
    }
}

words!(
    /// On which side of its anchor a moment lies.
    Side { /// Before it.
        Before = "before", /// After it.
        After = "after", /// At it.
        On = "on" }
);

/// What a moment goes by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The reservation became known, or its `booked_at`.
    BookingCreated,
    /// Dates, room type or number of guests changed.
    BookingChanged,
    /// Called off.
    BookingCancelled,
    /// The guest did not come.
    NoShow,
    /// Planned arrival.
    Arrival,
    /// Real check-in; the planned arrival only with `assume_check_in`.
    CheckIn,
    /// Arrival day + half the nights, rounded down; from two nights on; 11:00 unless `at` is said.
    MidStay,
    /// Every day strictly between arrival and departure day; needs `at`.
    InHouseDaily,
    /// The guest moved to another room.
    RoomChanged,
    /// Planned departure.
    CheckOut,
    /// Real departure; the planned one only with `assume_check_in`.
    CheckedOut,
    /// The guest's first message.
    FirstMessage,
    /// Each message of the guest.
    Message,
    /// A message that was read as this.
    Sentiment {
        /// The reading.
        is: Sentiment,
    },
    /// An answer to a question.
    Answer {
        /// Which question.
        of: QuestionId,
        /// Which answer; `None` is any.
        is: Option<AnswerId>,
    },
    /// An alert was resolved.
    AlertResolved,
    /// The guest has been silent since the last message or, without one, since the check-in.
    Silence,
    /// A clock of its own, hotel time, for guests in house; the occurrence is the day.
    Schedule {
        /// Five fields, as cron has them.
        cron: String,
    },
}

impl Anchor {
    /// The word in the file.
    pub fn as_str(&self) -> &'static str {
        match self {
            Anchor::BookingCreated => "booking_created",
            Anchor::BookingChanged => "booking_changed",
            Anchor::BookingCancelled => "booking_cancelled",
            Anchor::NoShow => "no_show",
            Anchor::Arrival => "arrival",
            Anchor::CheckIn => "check_in",
            Anchor::MidStay => "mid_stay",
            Anchor::InHouseDaily => "in_house_daily",
            Anchor::RoomChanged => "room_changed",
            Anchor::CheckOut => "check_out",
            Anchor::CheckedOut => "checked_out",
            Anchor::FirstMessage => "first_message",
            Anchor::Message => "message",
            Anchor::Sentiment { .. } => "sentiment",
            Anchor::Answer { .. } => "answer",
            Anchor::AlertResolved => "alert_resolved",
            Anchor::Silence => "silence",
            Anchor::Schedule { .. } => "schedule",
        }
    }
}

/// A distance in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offset {
    /// Hours and minutes: time that passes.
    Elapsed(Duration),
    /// Days and weeks: the calendar's, which keep the clock time.
    Days(i64),
}

words!(
    /// What a moment outside `only_between` and `days` does.
    Otherwise { /// Waits for the next window.
        Later = "later", /// Goes in the last minute of the window before.
        Earlier = "earlier", /// Is passed over.
        Skip = "skip" }
);

/// What a moment does that was already past when the reservation became known or the daemon was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IfMissed {
    /// It is passed over.
    Skip,
    /// It goes, however late.
    Send,
    /// It goes if it is no later than this.
    Within(Duration),
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
