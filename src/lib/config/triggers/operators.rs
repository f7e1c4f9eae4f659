//! The values of conditions: plain words, lists, and strings such as `">= 2"` or `"between 2 and 5"`.

use super::super::diagnose::{nearest, shown};
use super::super::fields::Collector;
use super::super::yaml::{Kind, Node, Span};
use super::when::parse_length;
use crate::domain::language::Language;
use crate::domain::trigger::{Order, Test, Value};
use regex::RegexBuilder;

/// What kind of values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    /// Any word or text.
    Text,
    /// One of these.
    Words(&'static [&'static str]),
    /// Whole numbers.
    Whole,
    /// A number of hours; a duration is taken as one.
    Hours,
    /// A duration, in seconds.
    Length,
    /// Yes or no.
    Flag,
    /// `yes`, `no`, or a level.
    Level,
    /// A language code.
    Language,
    /// Any text, which may be a number.
    Any,
}

/// The longest pattern, and how big it may become.
const LONGEST_PATTERN: usize = 256;
const BIGGEST_PATTERN: usize = 1 << 18;

/// What is asked of a field; `name` is the field as it is written.
pub(super) fn test(node: &Node, c: &mut Collector<'_>, name: &str, values: Values) -> Option<Test> {
    match &node.kind {
        Kind::Word(word) => word_test(word.trim(), node.span, c, Asked { name, values }),
        Kind::List(items) => {
            if items.is_empty() {
                return c.error(node.span, "an empty list is never met", "write the values, or delete the condition");
            }
            let values: Vec<Option<Value>> =
                items.iter().map(|item| item_value(item, c, Asked { name, values })).collect();
            values.into_iter().collect::<Option<Vec<Value>>>().map(Test::OneOf)
        }
        _ => c.error(node.span, format!("`{name}` needs a value"), format!("write `{name}: {}`", example(values))),
    }
}

/// A field and its values.
#[derive(Clone, Copy)]
struct Asked<'n> {
    name: &'n str,
    values: Values,
}

fn item_value(item: &Node, c: &mut Collector<'_>, asked: Asked<'_>) -> Option<Value> {
    match &item.kind {
        Kind::Word(word) => value(word.trim(), item.span, c, asked),
        _ => c.error(item.span, "a value is expected here", "write `[first, second]`"),
    }
}

fn word_test(word: &str, span: Span, c: &mut Collector<'_>, asked: Asked<'_>) -> Option<Test> {
    match word {
        "exists" => return Some(Test::Exists(true)),
        "not exists" | "missing" => return Some(Test::Exists(false)),
        _ => {}
    }
    if let Some(rest) = word.strip_prefix("between ") {
        return between(rest, span, c, asked);
    }
    if let Some(text) = word.strip_prefix("contains ") {
        return has_text(span, c, asked, "contains").then(|| Test::Contains(text.trim().to_owned()));
    }
    if let Some(pattern) = word.strip_prefix("matches ") {
        return has_text(span, c, asked, "matches").then_some(()).and_then(|()| matches(pattern.trim(), span, c));
    }
    if let Some(text) = word.strip_prefix("not ").or_else(|| word.strip_prefix("!=")) {
        return value(text.trim(), span, c, asked).map(Test::Differs);
    }
    let orders = [("<=", Order::AtMost), (">=", Order::AtLeast), ("≤", Order::AtMost), ("≥", Order::AtLeast)];
    let orders = orders.into_iter().chain([("<", Order::Less), (">", Order::More)]);
    for (sign, order) in orders {
        if let Some(rest) = word.strip_prefix(sign) {
            return number(rest.trim(), span, c, asked).map(|number| Test::Compare(order, number));
        }
    }
    value(word.strip_prefix('=').unwrap_or(word).trim(), span, c, asked).map(Test::Equals)
}

fn between(rest: &str, span: Span, c: &mut Collector<'_>, asked: Asked<'_>) -> Option<Test> {
    let Some((low, high)) = rest.split_once(" and ").or_else(|| rest.split_once("..")) else {
        return c.error(span, "`between` needs two numbers", "write `\"between 2 and 5\"`");
    };
    let low = number(low.trim(), span, c, asked);
    let high = number(high.trim(), span, c, asked);
    let (low, high) = (low?, high?);
    if low > high {
        return c.error(span, "no number lies between these", "write the smaller one first");
    }
    Some(Test::Between(low, high))
}

fn has_text(span: Span, c: &mut Collector<'_>, asked: Asked<'_>, operator: &str) -> bool {
    let is_text = matches!(asked.values, Values::Text | Values::Any | Values::Level | Values::Words(_));
    if !is_text {
        let fix = format!("write `{}: {}`", asked.name, example(asked.values));
        c.error::<()>(span, format!("`{operator}` is asked of texts, and `{}` is none", asked.name), fix);
    }
    is_text
}

fn matches(pattern: &str, span: Span, c: &mut Collector<'_>) -> Option<Test> {
    let whole = format!("^(?:{pattern})$");
    let is_long = pattern.len() > LONGEST_PATTERN;
    match RegexBuilder::new(&whole).case_insensitive(true).size_limit(BIGGEST_PATTERN).build() {
        Ok(_) if !is_long && !pattern.is_empty() => Some(Test::Matches(pattern.to_owned())),
        _ if is_long => c.error(span, "the pattern is too long", "use a list of values"),
        _ => c.error(span, format!("`{}` is not a pattern", shown(pattern)), "check its brackets, or use `contains`"),
    }
}

fn number(word: &str, span: Span, c: &mut Collector<'_>, asked: Asked<'_>) -> Option<f64> {
    let plain = || word.parse::<f64>().ok().filter(|number| number.is_finite() && is_plain_number(word));
    let length = || parse_length(word).ok().map(|(duration, _)| duration.as_secs_f64());
    match asked.values {
        Values::Whole | Values::Any => {
            if let Some(number) = plain() {
                return Some(number);
            }
            let fix = format!("write `{}: \">= 2\"`", asked.name);
            c.error(span, format!("`{}` is not a number", shown(word)), fix)
        }
        Values::Hours => {
            if let Some(hours) = plain().or_else(|| length().map(|seconds| seconds / 3600.0)) {
                return Some(hours);
            }
            c.error(
                span,
                format!("`{}` is not a number of hours", shown(word)),
                format!("write `{}: \"< 24\"`", asked.name),
            )
        }
        Values::Length => match parse_length(word) {
            Ok((duration, _)) => Some(duration.as_secs_f64()),
            Err(fix) => c.error(span, format!("`{}` is not a duration", shown(word)), fix),
        },
        _ => {
            let fix = format!("write `{}: {}`", asked.name, example(asked.values));
            c.error(span, format!("`{}` is no number and has no order", asked.name), fix)
        }
    }
}

/// No `1e9`, `inf`, `1_000`.
fn is_plain_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    !digits.is_empty() && digits.len() <= 12 && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

fn value(word: &str, span: Span, c: &mut Collector<'_>, asked: Asked<'_>) -> Option<Value> {
    if word.is_empty() {
        return c.error(
            span,
            format!("`{}` needs a value", asked.name),
            format!("write `{}: {}`", asked.name, example(asked.values)),
        );
    }
    match asked.values {
        Values::Whole | Values::Hours | Values::Length => number(word, span, c, asked).map(Value::Number),
        Values::Flag => match yes_or_no(word) {
            Some(flag) => Some(Value::Flag(flag)),
            None => c.error(span, format!("`{}` is neither yes nor no", shown(word)), "write `yes` or `no`"),
        },
        Values::Level => Some(yes_or_no(word).map_or_else(|| Value::Word(word.to_owned()), Value::Flag)),
        Values::Words(known) => known_word(word, span, c, known),
        Values::Language => match Language::parse(word) {
            Some(language) => Some(Value::Word(language.as_str().to_owned())),
            None => c.error(span, format!("`{}` is not a language", shown(word)), "write a code such as `en`"),
        },
        Values::Text | Values::Any => Some(Value::Word(word.to_owned())),
    }
}

fn yes_or_no(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

fn known_word(word: &str, span: Span, c: &mut Collector<'_>, known: &'static [&'static str]) -> Option<Value> {
    let lower = word.to_lowercase().replace([' ', '-'], "_");
    if known.contains(&lower.as_str()) {
        return Some(Value::Word(lower));
    }
    let fix = match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of {}", known.join(", ")),
    };
    c.error(span, format!("unknown word `{}`", shown(word)), fix)
}

fn example(values: Values) -> String {
    match values {
        Values::Text | Values::Any => "deluxe".into(),
        Values::Words(known) => known.first().copied().unwrap_or_default().into(),
        Values::Whole => "\">= 2\"".into(),
        Values::Hours => "\"< 24\"".into(),
        Values::Length => "\"< 7d\"".into(),
        Values::Flag | Values::Level => "yes".into(),
        Values::Language => "en".into(),
    }
}
