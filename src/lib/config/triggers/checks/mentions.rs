//! Triggers, questions and answers that are spoken of must be there.

use super::super::place;
use super::Look;
use crate::config::diagnose::nearest;
use crate::config::fields::Collector;
use crate::config::yaml::{Kind, Node, Span};
use crate::domain::ids::QuestionId;
use crate::domain::trigger::{Anchor, Condition, Field, Kind as Asks, Question, Says, Test, Value};
use std::collections::BTreeSet;

/// Looks at every condition and anchor that names one.
pub(super) fn run(look: Look<'_>, c: &mut Collector<'_>) {
    for trigger in look.set.triggers.values() {
        let id = trigger.id.as_str();
        if let Anchor::Answer { of, is } = &trigger.when.anchor {
            let spans = (look.span(&["triggers", id, "when", "of"]), look.span(&["triggers", id, "when", "is"]));
            question(look, of, spans.0, c);
            if let (Some(is), Some(question)) = (is, look.set.question(of)) {
                answer(question, is.as_str(), spans.1, c);
            }
        }
        mentioned(look, &trigger.filter, &["triggers", id, "where"], c);
        let section = if matches!(trigger.says, Says::Ask(_)) { "ask" } else { "send" };
        for (at, variant) in trigger.says.content().variants.iter().enumerate() {
            mentioned(look, &variant.filter, &["triggers", id, section, "variants", &at.to_string(), "where"], c);
        }
    }
}

fn mentioned(look: Look<'_>, condition: &Condition, path: &[&str], c: &mut Collector<'_>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) | Condition::None(parts) => {
            parts.iter().for_each(|part| mentioned(look, part, path, c));
        }
        Condition::Is { field: Field::Sent(id), .. } => {
            if !names(look.root, "triggers").contains(id.as_str()) {
                let span = find(look, path, id.as_str());
                unknown("trigger", id.as_str(), &names(look.root, "triggers"), span, c);
            }
        }
        Condition::Is { field: Field::Answered(id), test } => {
            let span = find(look, path, id.as_str());
            question(look, id, span, c);
            if let Some(question) = look.set.question(id) {
                let words: Vec<&Value> = match test {
                    Test::Equals(value) | Test::Differs(value) => vec![value],
                    Test::OneOf(values) => values.iter().collect(),
                    _ => Vec::new(),
                };
                for word in words {
                    if let Value::Word(word) = word {
                        let span = find(look, path, word);
                        answer(question, word, span, c);
                    }
                }
            }
        }
        Condition::Is { .. } => {}
    }
}

fn question(look: Look<'_>, id: &QuestionId, span: Span, c: &mut Collector<'_>) {
    let asking = names(look.root, "triggers")
        .into_iter()
        .filter(|id| place::node(look.root, &["triggers", id, "ask"]).is_some());
    let known: BTreeSet<&str> = asking.chain(names(look.root, "questions")).collect();
    if !known.contains(id.as_str()) {
        unknown("question", id.as_str(), &known, span, c);
    }
}

fn answer(question: &Question, word: &str, span: Span, c: &mut Collector<'_>) {
    let known: BTreeSet<&str> = question.answers.iter().map(|answer| answer.id.as_str()).collect();
    // Numbers answer a scale, and anything a free text.
    let is_free = question.kind == Asks::Text || (question.kind.range().is_some() && word.parse::<f64>().is_ok());
    if !is_free && !known.contains(word) {
        unknown("answer", word, &known, span, c);
    }
}

fn unknown(what: &str, id: &str, known: &BTreeSet<&str>, span: Span, c: &mut Collector<'_>) {
    let fix = match nearest(id, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "add it, or leave this out".into(),
        None => format!("there are {}", known.iter().copied().collect::<Vec<_>>().join(", ")),
    };
    c.error::<()>(span, format!("there is no {what} `{id}`"), fix);
}

fn names<'n>(root: &'n Node, section: &str) -> BTreeSet<&'n str> {
    match place::node(root, &[section]).map(|node| &node.kind) {
        Some(Kind::Map(entries)) => entries.iter().map(|(key, _)| key.text.as_str()).collect(),
        _ => BTreeSet::new(),
    }
}

/// The first word or name below a path that is this; the path itself if there is none.
fn find(look: Look<'_>, path: &[&str], word: &str) -> Span {
    place::node(look.root, path).and_then(|node| find_in(node, word)).unwrap_or_else(|| look.span(path))
}

fn find_in(node: &Node, word: &str) -> Option<Span> {
    match &node.kind {
        Kind::Word(own) if own.trim() == word => Some(node.span),
        Kind::Word(_) | Kind::Empty => None,
        Kind::List(items) => items.iter().find_map(|item| find_in(item, word)),
        Kind::Map(entries) => {
            entries.iter().find_map(|(key, value)| if key.text == word { Some(key.span) } else { find_in(value, word) })
        }
    }
}
