//! An answer of a question and what it does.

use super::super::diagnose::shown;
use super::super::fields::{Collector, Fields, choice, entries, flag, is_name, text, word};
use super::super::yaml::{Kind as Form, Node, Span};
use super::content::{texts, words_or_one};
use super::when::{name, words};
use crate::domain::ids::{AnswerId, QuestionId};
use crate::domain::language::Language;
use crate::domain::trigger::{Answer, AnswerAlert, Kind, Severity, Texts};
use crate::domain::understanding::{Sentiment, Topic};
use std::collections::BTreeMap;

/// The fields of an answer.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "label",
    "means",
    "score",
    "range",
    "sentiment",
    "reply",
    "alert",
    "notify",
    "tag",
    "set",
    "then",
    "handoff",
    "stop",
];
/// The fields of `alert`.
pub(super) const ALERT: &[&str] = &["topic", "severity", "department"];

/// Reads one.
pub(super) fn answer(node: &Node, c: &mut Collector<'_>, kind: Kind) -> Option<Answer> {
    let fields = c.fields(node, "an answer", FIELDS)?;
    let id = fields.required("id", "fine", c, |n, c| self::name_of(n, c, kind));
    let label = label(&fields, c, kind);
    let means = fields.optional("means", c, |n, c| words_or_one(n, c, |n, c| text(n, c, 64)));
    let score = fields.optional("score", c, whole);
    let range = range(&fields, c, kind);
    let sentiment = fields.optional("sentiment", c, |n, c| choice(n, c, &words(Sentiment::ALL, |one| one.as_str())));
    let reply = fields.optional("reply", c, texts);
    let alert = fields.optional("alert", c, alert);
    let notify = fields.optional("notify", c, |n, c| words_or_one(n, c, |n, c| name(n, c, "contact")));
    let tag = fields.optional("tag", c, |n, c| words_or_one(n, c, |n, c| text(n, c, 64)));
    let set = fields.optional("set", c, set);
    let then = fields.optional("then", c, |n, c| name(n, c, "question"));
    let handoff = fields.optional("handoff", c, flag);
    let stop = fields.optional("stop", c, flag);
    Some(Answer {
        id: AnswerId(id?),
        label: label?,
        means: means.unwrap_or_default(),
        score,
        range: range?,
        sentiment,
        reply: reply.unwrap_or_default(),
        alert,
        notify: notify.unwrap_or_default(),
        tag: tag.unwrap_or_default(),
        set: set.unwrap_or_default(),
        then: then.map(QuestionId),
        handoff: handoff.unwrap_or(false),
        stop: stop.unwrap_or(false),
    })
}

fn name_of(node: &Node, c: &mut Collector<'_>, kind: Kind) -> Option<String> {
    let id = name(node, c, "answer")?;
    if kind == Kind::YesNo && !matches!(id.as_str(), "yes" | "no") {
        return c.error(
            node.span,
            format!("`{}` is neither yes nor no", shown(&id)),
            "call it `yes` or `no`, or write `kind: choice`",
        );
    }
    Some(id)
}

/// The id of an answer and where it stands, for comparing.
pub(super) fn id(node: &Node) -> Option<(&str, Span)> {
    let Form::Map(fields) = &node.kind else { return None };
    match fields.iter().find(|(key, _)| key.text == "id") {
        Some((_, Node { kind: Form::Word(word), span })) => Some((word.trim(), *span)),
        _ => None,
    }
}

/// Shown to the guest, so a choice needs it; numbers and yes show themselves.
fn label(fields: &Fields<'_>, c: &mut Collector<'_>, kind: Kind) -> Option<Texts> {
    match fields.get("label") {
        Some(label) => texts(label, c),
        None if kind == Kind::Choice => fields.required("label", "{ en: \"…\" }", c, texts),
        None => Some(Texts::new()),
    }
}

fn range(fields: &Fields<'_>, c: &mut Collector<'_>, kind: Kind) -> Option<Option<(i64, i64)>> {
    let said = match fields.get("range") {
        None => match (fields.get("score").and_then(number), kind.range()) {
            // On a scale the score is the number that is answered.
            (Some(score), Some(_)) => Some((score, score)),
            _ => None,
        },
        Some(range) => Some(small_range(range, c)?),
    };
    let span = if fields.get("range").is_some() { fields.span("range") } else { fields.span("score") };
    match (said, kind.range()) {
        (Some(_), None) => {
            c.error(span, "only the answers of a scale have a range", "write `kind: scale`, or `score: 5`")
        }
        (Some((from, to)), Some((low, high))) if from < low || to > high => {
            c.error(span, format!("the scale goes from {low} to {high}"), "keep within it")
        }
        (None, Some(_)) => {
            let fix = "add `range: [1, 2]`: which numbers it stands for";
            c.error(fields.span("id"), "no number leads to this answer", fix)
        }
        (said, _) => Some(said),
    }
}

fn number(node: &Node) -> Option<i64> {
    match &node.kind {
        Form::Word(word) => word.trim().parse().ok(),
        _ => None,
    }
}

/// `[1, 5]`.
pub(super) fn small_range(node: &Node, c: &mut Collector<'_>) -> Option<(i64, i64)> {
    let Form::List(items) = &node.kind else {
        return c.error(node.span, "two numbers are expected here", "write `[1, 5]`");
    };
    let [low, high] = items.as_slice() else {
        return c.error(node.span, "two numbers are expected here", "write `[1, 5]`");
    };
    let (low, high) = (whole(low, c), whole(high, c));
    let (low, high) = (low?, high?);
    if low > high {
        return c.error(node.span, "no number lies between these", format!("write `[{high}, {low}]`"));
    }
    Some((low, high))
}

fn whole(node: &Node, c: &mut Collector<'_>) -> Option<i64> {
    let word = word(node, c, "a whole number")?;
    match word.parse::<i64>() {
        Ok(number) if (-100..=100).contains(&number) => Some(number),
        _ => c.error(node.span, format!("`{}` is not a whole number up to 100", shown(word)), "write one such as `5`"),
    }
}

fn alert(node: &Node, c: &mut Collector<'_>) -> Option<AnswerAlert> {
    let fields = c.fields(node, "`alert`", ALERT)?;
    let topic = fields.optional("topic", c, |n, c| choice(n, c, &words(Topic::ALL, |topic| topic.as_str())));
    let severity = fields.optional("severity", c, |n, c| choice(n, c, &words(Severity::ALL, |one| one.as_str())));
    let department = fields.optional("department", c, |n, c| name(n, c, "department"));
    Some(AnswerAlert {
        topic: topic.unwrap_or(Topic::Other),
        severity: severity.unwrap_or(Severity::Medium),
        department,
    })
}

/// Keys as they are in the reservation, without `custom.` before them.
fn set(node: &Node, c: &mut Collector<'_>) -> Option<BTreeMap<String, String>> {
    let mut fields = BTreeMap::new();
    for (key, value) in entries(node, c, "custom.pillow: soft")? {
        let name = key.text.strip_prefix("custom.").unwrap_or(&key.text);
        if !is_name(name, 64, false) {
            let fix = "only `custom.…` may be set, such as `custom.pillow: soft`";
            c.error::<()>(key.span, format!("`{}` is not the key of a field", shown(&key.text)), fix);
            continue;
        }
        if let Some(value) = text(value, c, 128) {
            fields.insert(name.to_owned(), value);
        }
    }
    Some(fields)
}

const YES_NO: &[(&str, &str, &str)] = &[
    ("en", "Yes", "No"),
    ("ru", "Да", "Нет"),
    ("de", "Ja", "Nein"),
    ("es", "Sí", "No"),
    ("fr", "Oui", "Non"),
    ("it", "Sì", "No"),
    ("tr", "Evet", "Hayır"),
    ("zh", "是", "否"),
    ("ar", "نعم", "لا"),
    ("th", "ใช่", "ไม่"),
];

/// The labels of `yes` and `no` where the file has none.
pub(super) fn yes_or_no(id: &str) -> Texts {
    let labels = YES_NO.iter().filter_map(|(code, yes, no)| {
        Some((Language::parse(code)?, if id == "yes" { (*yes).to_owned() } else { (*no).to_owned() }))
    });
    labels.collect()
}
