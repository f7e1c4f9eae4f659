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

/// What plain code reads in a guest's words by itself: at once, without a network, and nobody can talk it out of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reading {
    /// The class.
    pub sentiment: Sentiment,
    /// How likely it is that the guest is unhappy or needs a person, from 0 to 1; 1 where a rule says so.
    pub score: f32,
    /// Whether a person must be told without anybody else's reading.
    pub alert: bool,
    /// What it is about, most likely first.
    pub topics: Vec<Topic>,
    /// The language, if it can be told.
    pub language: Option<Language>,
    /// The rules that matched, by name; `unknown_language` where nobody here can read it.
    pub rules: Vec<String>,
}

/// The rule of a [`Reading`] that says that the words could not be read.
pub const UNKNOWN_LANGUAGE: &str = "unknown_language";

impl Reading {
    /// The class that people see. Whoever must be told of is unhappy, however near the classes are.
    pub fn label(&self) -> Sentiment {
        if self.alert { self.sentiment.worse(Sentiment::Negative) } else { self.sentiment }
    }

    /// How sure the label is.
    pub fn confidence(&self) -> Option<Confidence> {
        let is_calm = matches!(self.label(), Sentiment::Positive | Sentiment::Neutral);
        Confidence::new(if is_calm { 1.0 - self.score } else { self.score })
    }

    /// Of two messages of one turn: the worse class of both, with everything that either says.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let key = |reading: &Self| (reading.label().gravity(), reading.alert, reading.score);
        let (mut first, second) = if key(&other) > key(&self) { (other, self) } else { (self, other) };
        add(&mut first.topics, &second.topics);
        add(&mut first.rules, &second.rules);
        first.language = first.language.or(second.language);
        first
    }

    /// Why a person must look, where one must.
    pub fn attention(&self) -> Option<AttentionReason> {
        let is_about = |topics: &[Topic]| self.topics.iter().any(|topic| topics.contains(topic));
        match self.label() {
            Sentiment::Positive | Sentiment::Neutral => None,
            _ if self.rules.iter().any(|rule| rule == UNKNOWN_LANGUAGE) => Some(AttentionReason::Unread),
            Sentiment::RequiresAttention if is_about(&[Topic::Safety, Topic::Health, Topic::Theft]) => {
                Some(AttentionReason::Safety)
            }
            Sentiment::RequiresAttention => Some(AttentionReason::Complaint),
            Sentiment::Negative => None,
        }
    }
}

impl Sentiment {
    /// How much it asks of people. Pleased and neither ask nothing.
    fn gravity(self) -> u8 {
        match self {
            Sentiment::Positive | Sentiment::Neutral => 0,
            Sentiment::Negative => 1,
            Sentiment::RequiresAttention => 2,
        }
    }

    /// The one that asks more of people; of two that ask nothing, this one.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if other.gravity() > self.gravity() { other } else { self }
    }
}

/// What both readers together make of a turn. The model's answer for the guest is its own; its label may only make
/// the local one worse: nothing that a guest writes to the model can take an alarm away.
#[must_use]
pub fn merge(local: Option<&Reading>, model: &Understanding) -> Understanding {
    let mut merged = model.clone();
    let Some(local) = local else { return merged };
    merged.sentiment = model.sentiment.worse(local.label());
    if merged.sentiment != model.sentiment {
        merged.confidence = local.confidence();
        merged.attention = model.attention.or(local.attention());
    }
    add(&mut merged.topics, &local.topics);
    merged.language = merged.language.or(local.language);
    merged
}

fn add<T: PartialEq + Clone>(to: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !to.contains(one) {
            to.push(one.clone());
        }
    }
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

#[cfg(test)]
mod tests {
    use super::Sentiment::{Negative, Neutral, Positive, RequiresAttention};
    use super::*;

    fn local(sentiment: Sentiment, alert: bool, topics: &[Topic]) -> Reading {
        Reading { sentiment, score: 0.8, alert, topics: topics.to_vec(), language: None, rules: Vec::new() }
    }

    fn model(sentiment: Sentiment) -> Understanding {
        Understanding {
            sentiment,
            attention: None,
            confidence: Confidence::new(0.9),
            topics: vec![Topic::Food],
            language: None,
            reply: Some("Thank you!".to_owned()),
            facts: Vec::new(),
            handoff: false,
        }
    }

    #[test]
    fn the_model_may_add_and_never_silence() {
        for (alert, here, there, both) in [
            (true, RequiresAttention, Positive, RequiresAttention),
            (true, RequiresAttention, Negative, RequiresAttention),
            (true, Negative, Positive, Negative),
            (true, Neutral, Positive, Negative),
            (false, Neutral, Negative, Negative),
            (false, Positive, RequiresAttention, RequiresAttention),
            (false, Neutral, Positive, Positive),
            (false, Positive, Neutral, Neutral),
            (false, Negative, Neutral, Negative),
        ] {
            let merged = merge(Some(&local(here, alert, &[])), &model(there));

            assert_eq!(merged.sentiment, both, "{here} {alert} with {there}");
        }
        assert_eq!(merge(None, &model(Positive)), model(Positive));
    }

    #[test]
    fn what_the_local_reading_adds_says_why_and_about_what_and_the_answer_stays_the_models() {
        let merged = merge(Some(&local(RequiresAttention, true, &[Topic::Safety, Topic::Food])), &model(Positive));

        assert_eq!(merged.attention, Some(AttentionReason::Safety));
        assert_eq!(merged.topics, [Topic::Food, Topic::Safety]);
        assert_eq!(merged.confidence, Confidence::new(0.8));
        assert_eq!(merged.reply.as_deref(), Some("Thank you!"));
    }

    #[test]
    fn words_that_nobody_here_can_read_are_told_apart_from_a_complaint() {
        let mut foreign = local(RequiresAttention, true, &[]);
        foreign.rules.push(UNKNOWN_LANGUAGE.to_owned());

        assert_eq!(merge(Some(&foreign), &model(Neutral)).attention, Some(AttentionReason::Unread));
    }

    #[test]
    fn of_two_messages_the_worse_counts_with_the_topics_of_both() {
        let calm = local(Positive, false, &[Topic::Food]);
        let both = calm.clone().and(local(Negative, true, &[Topic::Noise]));

        assert_eq!((both.sentiment, both.alert), (Negative, true));
        assert_eq!(both.topics, [Topic::Noise, Topic::Food]);
        assert_eq!(calm.clone().and(local(Neutral, false, &[])).sentiment, Positive);
    }
}
