//! `where:`: for which reservations.

use super::super::diagnose::{nearest, shown};
use super::super::fields::{Collector, entries, is_name};
use super::super::yaml::{Key, Kind, Node};
use super::operators::{Values, test};
use super::when::{name, named};
use crate::domain::ids::{QuestionId, TriggerId};
use crate::domain::trigger::{Condition, Field, Test, Value};

/// Lists of conditions.
pub(super) const LISTS: &[&str] = &["all", "any", "none"];

const STATUS: &[&str] = &["tentative", "confirmed", "checked_in", "checked_out", "cancelled", "no_show"];
const SENTIMENT: &[&str] = &["positive", "neutral", "negative", "requires_attention"];

/// Every field with the kind of its values; `answered`, `sent` and `custom` have a shape of their own.
pub(super) const FIELDS: &[(&str, Field, Values)] = &[
    ("status", Field::Status, Values::Words(STATUS)),
    ("room_type", Field::RoomType, Values::Text),
    ("room", Field::Room, Values::Text),
    ("rate_plan", Field::RatePlan, Values::Text),
    ("source", Field::Source, Values::Text),
    ("nights", Field::Nights, Values::Whole),
    ("lead_time", Field::LeadTime, Values::Length),
    ("adults", Field::Adults, Values::Whole),
    ("children", Field::Children, Values::Whole),
    ("hours_to_check_out", Field::HoursToCheckOut, Values::Hours),
    ("hours_since_check_in", Field::HoursSinceCheckIn, Values::Hours),
    ("country", Field::Country, Values::Text),
    ("language", Field::Language, Values::Language),
    ("returning", Field::Returning, Values::Flag),
    ("stays", Field::Stays, Values::Whole),
    ("vip", Field::Vip, Values::Level),
    ("tag", Field::Tag, Values::Text),
    ("birthday_in_stay", Field::BirthdayInStay, Values::Flag),
    ("last_sentiment", Field::LastSentiment, Values::Words(SENTIMENT)),
    ("worst_sentiment_in_stay", Field::WorstSentimentInStay, Values::Words(SENTIMENT)),
    ("score", Field::Score, Values::Whole),
    ("open_alert", Field::OpenAlert, Values::Flag),
    ("opted_out", Field::OptedOut, Values::Flag),
    ("ai_enabled", Field::AiEnabled, Values::Flag),
];

/// The fields with a shape of their own.
pub(super) const SHAPED: &[&str] = &["answered", "sent", "custom"];

/// A map of fields and lists, all of which must hold; a list stands for `all`.
pub(super) fn condition(node: &Node, c: &mut Collector<'_>) -> Option<Condition> {
    match &node.kind {
        Kind::List(items) => all(items.iter().map(|item| condition(item, c)).collect()),
        Kind::Empty => Some(Condition::everybody()),
        Kind::Word(said) => {
            let fix = as_field(said).unwrap_or_else(|| "write `status: checked_in`, one a line, indented".into());
            c.error(node.span, "a condition is a field and its value", fix)
        }
        Kind::Map(_) => {
            let parts = entries(node, c, "status: checked_in")?;
            all(parts.iter().map(|(key, value)| part(key, value, c)).collect())
        }
    }
}

/// `nights >= 2`, as it is written here.
fn as_field(said: &str) -> Option<String> {
    let (name, rest) = said.trim().split_once(' ')?;
    let (name, ..) = FIELDS.iter().find(|(known, ..)| *known == name)?;
    let value = rest.trim().trim_start_matches("is ").trim_start_matches("==").trim_start_matches('=').trim();
    let is_plain = value.chars().all(|c| c.is_alphanumeric() || c == '_');
    Some(if is_plain { format!("write `{name}: {value}`") } else { format!("write `{name}: \"{value}\"`") })
}

fn all(parts: Vec<Option<Condition>>) -> Option<Condition> {
    let mut parts = parts.into_iter().collect::<Option<Vec<Condition>>>()?;
    Some(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
}

fn part(key: &Key, value: &Node, c: &mut Collector<'_>) -> Option<Condition> {
    let name = key.text.as_str();
    if LISTS.contains(&name) {
        return group(name, value, c);
    }
    if let Some((_, field, values)) = FIELDS.iter().find(|(known, ..)| *known == name) {
        let test = test(value, c, name, *values)?;
        return Some(Condition::Is { field: field.clone(), test });
    }
    match name {
        "answered" => answered(value, c),
        "sent" => sent(value, c),
        "custom" => {
            let fields = entries(value, c, "loyalty: gold")?;
            all(fields.iter().map(|(key, value)| custom(&key.text, key, value, c)).collect())
        }
        _ => match name.strip_prefix("custom.") {
            Some(custom_key) => custom(custom_key, key, value, c),
            None => unknown(key, c),
        },
    }
}

fn group(name: &str, node: &Node, c: &mut Collector<'_>) -> Option<Condition> {
    let items = match &node.kind {
        Kind::List(items) => items.iter().map(|item| condition(item, c)).collect::<Vec<_>>(),
        Kind::Map(entries) => entries.iter().map(|(key, value)| part(key, value, c)).collect(),
        Kind::Empty => Vec::new(),
        Kind::Word(_) => {
            return c.error(
                node.span,
                "a list is expected here",
                format!("write `{name}: [ {{ status: checked_in }} ]`"),
            );
        }
    };
    let items = items.into_iter().collect::<Option<Vec<Condition>>>()?;
    match name {
        "all" => Some(Condition::All(items)),
        "any" if items.is_empty() => c.error(node.span, "of no conditions none can hold", "write one, or delete `any`"),
        "any" => Some(Condition::Any(items)),
        _ => Some(Condition::None(items)),
    }
}

fn answered(node: &Node, c: &mut Collector<'_>) -> Option<Condition> {
    let questions = entries(node, c, "room-ok: fine")?;
    let one = |(key, value): &(Key, Node), c: &mut Collector<'_>| {
        let question = named(&key.text, key.span, c, "question")?;
        let test = test(value, c, "answered", Values::Any)?;
        Some(Condition::Is { field: Field::Answered(QuestionId(question)), test })
    };
    all(questions.iter().map(|entry| one(entry, c)).collect())
}

fn sent(node: &Node, c: &mut Collector<'_>) -> Option<Condition> {
    let one = |node: &Node, c: &mut Collector<'_>| {
        let trigger = TriggerId(name(node, c, "trigger")?);
        Some(Condition::Is { field: Field::Sent(trigger), test: Test::Equals(Value::Flag(true)) })
    };
    match &node.kind {
        Kind::List(items) => {
            let triggers = items.iter().map(|item| one(item, c)).collect::<Option<Vec<Condition>>>()?;
            Some(Condition::Any(triggers))
        }
        _ => one(node, c),
    }
}

fn custom(name: &str, key: &Key, value: &Node, c: &mut Collector<'_>) -> Option<Condition> {
    if name.trim().is_empty() || name.chars().count() > 64 || !is_name(&name.to_lowercase(), 64, true) {
        return c.error(
            key.span,
            format!("`{}` is not the key of a field", shown(&key.text)),
            "write `custom.loyalty: gold`",
        );
    }
    let test = test(value, c, &key.text, Values::Any)?;
    Some(Condition::Is { field: Field::Custom(name.to_owned()), test })
}

fn unknown(key: &Key, c: &mut Collector<'_>) -> Option<Condition> {
    let known = || FIELDS.iter().map(|(name, ..)| *name).chain(SHAPED.iter().copied()).chain(LISTS.iter().copied());
    let fix = match nearest(&key.text, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("a condition knows {}, and `custom.<key>`", known().collect::<Vec<_>>().join(", ")),
    };
    c.error(key.span, format!("unknown field `{}`", shown(&key.text)), fix)
}
