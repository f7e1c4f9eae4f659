//! `where`: three-valued while planning, two-valued at the moment of sending, and in words for `triggers explain`.

pub use super::fields::{Known, View, value};
use crate::domain::trigger::{Condition, Field, Order, Test, Value};
use regex::RegexBuilder;
use serde::{Deserialize, Serialize};

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on what may still change; only while planning.
    IfStillTrue,
}

impl Truth {
    fn of(holds: bool) -> Self {
        if holds { Truth::Yes } else { Truth::No }
    }

    fn not(self) -> Self {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::IfStillTrue => Truth::IfStillTrue,
        }
    }
}

/// Whether a condition holds from there.
pub fn holds(condition: &Condition, view: &View<'_>) -> Truth {
    match condition {
        Condition::All(parts) => any(parts, view, Truth::No).not(),
        Condition::Any(parts) => any(parts, view, Truth::Yes),
        Condition::None(parts) => any(parts, view, Truth::Yes).not(),
        Condition::Is { field, test } => match value(field, view) {
            Known::Now(values) => Truth::of(passes(test, &values)),
            Known::Later => Truth::IfStillTrue,
        },
    }
}

/// Yes if one of the parts is `wanted`, open if one may be, else no.
fn any(parts: &[Condition], view: &View<'_>, wanted: Truth) -> Truth {
    let mut found = Truth::No;
    for part in parts {
        match holds(part, view) {
            truth if truth == wanted => return Truth::Yes,
            Truth::IfStillTrue => found = Truth::IfStillTrue,
            _ => {}
        }
    }
    found
}

/// One test of a condition with what it saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Such as `room_type`, `answered.room-ok`, `custom.floor`.
    pub field: String,
    /// What is asked, as the file could say it.
    pub wanted: String,
    /// What it is; `None` if there is no value, or it is not known yet.
    pub saw: Option<String>,
    /// Whether the test passes. Under `none` a test that passes speaks against the trigger.
    pub truth: Truth,
    /// How it is combined: `all`, `any` or `none`, of the innermost list it stands in.
    pub list: String,
}

/// Every test of a condition, in the order of the file.
pub fn explain(condition: &Condition, view: &View<'_>) -> Vec<Seen> {
    let mut found = Vec::new();
    collect(condition, view, "all", &mut found);
    found
}

fn collect(condition: &Condition, view: &View<'_>, list: &str, found: &mut Vec<Seen>) {
    match condition {
        Condition::All(parts) => parts.iter().for_each(|part| collect(part, view, "all", found)),
        Condition::Any(parts) => parts.iter().for_each(|part| collect(part, view, "any", found)),
        Condition::None(parts) => parts.iter().for_each(|part| collect(part, view, "none", found)),
        Condition::Is { field, test } => {
            let saw = match value(field, view) {
                Known::Now(values) if !values.is_empty() => {
                    Some(values.iter().map(shown).collect::<Vec<_>>().join(", "))
                }
                _ => None,
            };
            let (field, wanted) = (field_name(field), test_text(test));
            found.push(Seen { field, wanted, saw, truth: holds(condition, view), list: list.to_owned() });
        }
    }
}

/// Whether one of the values passes. Without a value every test fails but `Exists(false)`.
pub fn passes(test: &Test, values: &[Value]) -> bool {
    match test {
        Test::Exists(wanted) => values.is_empty() != *wanted,
        Test::Differs(other) => !values.is_empty() && !values.iter().any(|value| equals(value, other)),
        Test::Equals(wanted) => values.iter().any(|value| equals(value, wanted)),
        Test::OneOf(wanted) => values.iter().any(|value| wanted.iter().any(|wanted| equals(value, wanted))),
        Test::Compare(order, limit) => values.iter().filter_map(number).any(|number| compares(*order, number, *limit)),
        Test::Between(low, high) => values.iter().filter_map(number).any(|number| *low <= number && number <= *high),
        Test::Contains(text) => values.iter().any(|value| folded(&shown(value)).contains(&folded(text))),
        Test::Matches(pattern) => matches(pattern, values),
    }
}

fn compares(order: Order, number: f64, limit: f64) -> bool {
    match order {
        Order::Less => number < limit,
        Order::AtMost => number <= limit,
        Order::More => number > limit,
        Order::AtLeast => number >= limit,
    }
}

/// The whole value, without regard to case. A pattern that is none matches nothing; `check` reports it.
fn matches(pattern: &str, values: &[Value]) -> bool {
    let whole = RegexBuilder::new(&format!(r"\A(?:{pattern})\z")).case_insensitive(true).size_limit(1 << 20).build();
    whole.is_ok_and(|whole| values.iter().any(|value| whole.is_match(&shown(value))))
}

/// Files and PMSs know no types: `"3"` is 3, and `yes` is true where a number or a yes is asked for.
fn equals(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Word(a), Value::Word(b)) => folded(a) == folded(b),
        (Value::Flag(a), Value::Flag(b)) => a == b,
        (Value::Flag(flag), Value::Word(word)) | (Value::Word(word), Value::Flag(flag)) => {
            flag_word(word) == Some(*flag)
        }
        (a, b) => number(a).zip(number(b)).is_some_and(|(a, b)| (a - b).abs() < 1e-9),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Word(word) => word.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        Value::Flag(_) => None,
    }
}

/// A word that is a yes or a no.
pub fn flag_word(word: &str) -> Option<bool> {
    match folded(word).as_str() {
        "yes" | "true" | "1" | "y" | "да" => Some(true),
        "no" | "false" | "0" | "n" | "нет" => Some(false),
        _ => None,
    }
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A value as a screen shows it and as `contains` and `matches` read it.
fn shown(value: &Value) -> String {
    match value {
        Value::Word(word) => word.clone(),
        Value::Number(number) => number_text(*number),
        Value::Flag(flag) => flag.to_string(),
    }
}

fn number_text(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.1}") }
}

/// A field as the file names it.
pub fn field_name(field: &Field) -> String {
    match field {
        Field::Status => "status".to_owned(),
        Field::RoomType => "room_type".to_owned(),
        Field::Room => "room".to_owned(),
        Field::RatePlan => "rate_plan".to_owned(),
        Field::Source => "source".to_owned(),
        Field::Nights => "nights".to_owned(),
        Field::LeadTime => "lead_time".to_owned(),
        Field::Adults => "adults".to_owned(),
        Field::Children => "children".to_owned(),
        Field::HoursToCheckOut => "hours_to_check_out".to_owned(),
        Field::HoursSinceCheckIn => "hours_since_check_in".to_owned(),
        Field::Country => "country".to_owned(),
        Field::Language => "language".to_owned(),
        Field::Returning => "returning".to_owned(),
        Field::Stays => "stays".to_owned(),
        Field::Vip => "vip".to_owned(),
        Field::Tag => "tag".to_owned(),
        Field::BirthdayInStay => "birthday_in_stay".to_owned(),
        Field::LastSentiment => "last_sentiment".to_owned(),
        Field::WorstSentimentInStay => "worst_sentiment_in_stay".to_owned(),
        Field::Score => "score".to_owned(),
        Field::OpenAlert => "open_alert".to_owned(),
        Field::OptedOut => "opted_out".to_owned(),
        Field::Answered(question) => format!("answered.{question}"),
        Field::Sent(trigger) => format!("sent.{trigger}"),
        Field::AiEnabled => "ai_enabled".to_owned(),
        Field::Custom(key) => format!("custom.{key}"),
    }
}

fn test_text(test: &Test) -> String {
    match test {
        Test::Equals(value) => shown(value),
        Test::OneOf(values) => format!("[{}]", values.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Test::Differs(value) => format!("!= {}", shown(value)),
        Test::Compare(order, limit) => format!("{order} {}", number_text(*limit)),
        Test::Between(low, high) => format!("between {} and {}", number_text(*low), number_text(*high)),
        Test::Exists(true) => "exists".to_owned(),
        Test::Exists(false) => "does not exist".to_owned(),
        Test::Contains(text) => format!("contains {text}"),
        Test::Matches(pattern) => format!("matches {pattern}"),
    }
}
