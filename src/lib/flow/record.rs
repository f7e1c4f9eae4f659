//! What is kept of a decided turn: the rule, both readings with the label made of them, and what the model cost.

use super::prepare::Prepared;
use crate::domain::decide::{Action, Decision, Event};
use crate::domain::received::Body;
use crate::domain::understanding::{AttentionReason, Confidence, Reading, Sentiment, Understanding, merge};
use crate::ports::{AiUsage, Analysis};
use crate::store::turns::{TurnRecord, Usage};

/// Rules that call a person because nobody here could read or answer the words.
const UNREAD: &[&str] = &["unsupported", "stale", "loop_guard", "asks_person", "question_other"];

/// How deciding a turn ended.
pub(super) struct Outcome {
    pub(super) decision: Decision,
    pub(super) analysis: Option<Analysis>,
}

/// The record of a turn.
pub(super) fn record(prepared: &Prepared, outcome: &Outcome) -> TurnRecord {
    let language = match &prepared.event {
        Event::GuestWrote { turn, .. } => turn.signals.language,
        Event::StaffWrote => None,
    };
    let analysis = outcome.analysis.as_ref();
    let understanding = analysis.and_then(|analysis| analysis.outcome.as_ref().ok());
    let why_not = analysis.and_then(|analysis| analysis.outcome.as_ref().err()).map(|why| why.as_str());
    let local = prepared.reading.as_ref();
    let label = label(prepared, outcome);
    let merged = understanding.map(|understanding| merge(local, understanding));
    let (topics, attention) = match (merged, local) {
        (Some(merged), _) => (merged.topics, merged.attention),
        (None, Some(local)) => (local.topics.clone(), local.attention()),
        (None, None) => (Vec::new(), None),
    };
    TurnRecord {
        rule: outcome.decision.rule.to_owned(),
        reasons: outcome.decision.reasons.clone(),
        language: language.or(understanding.and_then(|u| u.language)),
        sentiment: label.map(|label| label.sentiment),
        confidence: label.and_then(|label| label.confidence).map(Confidence::value),
        topics,
        attention: attention.or(why_not.map(|_| AttentionReason::Unread)),
        reading: prepared.reading.clone(),
        understanding: understanding.cloned(),
        why_not,
        detail: analysis.and_then(|analysis| analysis.detail.clone()),
        usage: analysis.map(|analysis| usage(&analysis.usage)).unwrap_or_default(),
    }
}

/// A class, and how sure whoever gave it is.
#[derive(Clone, Copy)]
struct Label {
    sentiment: Sentiment,
    confidence: Option<Confidence>,
}

impl Label {
    fn calls_person(confidence: Option<Confidence>) -> Self {
        Self { sentiment: Sentiment::RequiresAttention, confidence }
    }

    fn of(understanding: &Understanding) -> Self {
        Self { sentiment: understanding.sentiment, confidence: understanding.confidence }
    }
}

/// What could not be read needs a person. An answer that calls a person does, whatever anybody makes of its words.
fn label(prepared: &Prepared, outcome: &Outcome) -> Option<Label> {
    let local = prepared.reading.as_ref();
    if outcome.decision.actions.iter().any(|action| matches!(action, Action::Alert(_))) {
        return Some(Label::calls_person(None));
    }
    match &outcome.analysis {
        Some(Analysis { outcome: Ok(understanding), .. }) => Some(Label::of(&merge(local, understanding))),
        Some(_) => Some(Label::calls_person(None)),
        None if UNREAD.contains(&outcome.decision.rule) && !is_only_stickers(&prepared.event) => {
            Some(Label::calls_person(None))
        }
        None => without_model(answered(&outcome.decision), local),
    }
}

/// A sticker alone needs nobody.
fn is_only_stickers(event: &Event) -> bool {
    matches!(event, Event::GuestWrote { turn, .. } if turn.messages.iter().all(|message| message.body == Body::Sticker))
}

/// What an answer to a question says of the guest's mood.
fn answered(decision: &Decision) -> Option<Sentiment> {
    decision.actions.iter().find_map(|action| match action {
        Action::Record(recorded) => recorded.sentiment,
        _ => None,
    })
}

/// The words beside an answer may be worse than the answer. A turn without words or answer has no label.
fn without_model(answered: Option<Sentiment>, local: Option<&Reading>) -> Option<Label> {
    let local = local.map(|reading| Label { sentiment: reading.label(), confidence: reading.confidence() });
    let answered = answered.map(|sentiment| Label { sentiment, confidence: None });
    match (answered, local) {
        (Some(answered), Some(local)) if answered.sentiment.worse(local.sentiment) == answered.sentiment => {
            Some(answered)
        }
        (answered, local) => local.or(answered),
    }
}

fn usage(usage: &AiUsage) -> Usage {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Usage {
        prompt: Some(usage.prompt.clone()).filter(|prompt| !prompt.is_empty()),
        model: Some(usage.model.clone()).filter(|model| !model.is_empty()),
        calls: i64::from(usage.calls),
        hit_tokens: count(usage.hit_tokens),
        miss_tokens: count(usage.miss_tokens),
        output_tokens: count(usage.output_tokens),
        cost_micro_usd: usage.cost_micro_usd,
        latency_ms: i64::try_from(usage.latency.as_millis()).unwrap_or(i64::MAX),
    }
}
