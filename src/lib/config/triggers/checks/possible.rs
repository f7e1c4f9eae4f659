//! Conditions no reservation can meet: numbers without a number between them, two words at once, a status that gets no
//! messages at this moment.

use super::super::place;
use super::Look;
use super::intervals::{Clash, clash};
use crate::config::fields::Collector;
use crate::config::yaml::{Kind, Node, Span};
use crate::domain::trigger::{Anchor, Condition, Field, Says, Side, Test, Trigger, Value};

/// Looks at every `where`.
pub(super) fn run(look: Look<'_>, c: &mut Collector<'_>) {
    for trigger in look.set.triggers.values() {
        let id = trigger.id.as_str();
        let path = ["triggers", id, "where"];
        if tell(look, &trigger.filter, &path, c) {
            continue;
        }
        never_written_to(look, trigger, c);
        let section = if matches!(trigger.says, Says::Ask(_)) { "ask" } else { "send" };
        for (at, variant) in trigger.says.content().variants.iter().enumerate() {
            tell(look, &variant.filter, &["triggers", id, section, "variants", &at.to_string(), "where"], c);
        }
    }
}

/// Whether a condition contradicts itself; then it has been told.
fn tell(look: Look<'_>, condition: &Condition, path: &[&str], c: &mut Collector<'_>) -> bool {
    let Some(Clash { field, why }) = clash(condition) else { return false };
    let name = name(&field);
    let span = last_span(look, path, &name);
    let message = format!("no reservation can meet this: `{name}` {why}");
    c.error::<()>(span, message, "change one of the two, or put them under `any`");
    true
}

/// The status that the condition asks for gets no message at this moment.
fn never_written_to(look: Look<'_>, trigger: &Trigger, c: &mut Collector<'_>) {
    let asked = Condition::Is {
        field: Field::Status,
        test: Test::OneOf(written_to(trigger).map(|word| Value::Word(word.into())).to_vec()),
    };
    let both = Condition::All(vec![trigger.filter.clone(), asked]);
    if clash(&both).is_some() {
        let span = last_span(look, &["triggers", trigger.id.as_str(), "where"], "status");
        let anchor = trigger.when.anchor.as_str();
        let message = format!("guests of this status get no message at `{anchor}`");
        let fix = "write `confirmed` or `checked_in`, or choose an anchor such as `booking_cancelled` or `checked_out`";
        c.error::<()>(span, message, fix);
    }
}

fn written_to(trigger: &Trigger) -> [&'static str; 3] {
    let more = match trigger.when.anchor {
        Anchor::BookingCancelled => "cancelled",
        Anchor::NoShow => "no_show",
        Anchor::CheckedOut => "checked_out",
        Anchor::CheckOut if trigger.when.side == Side::After => "checked_out",
        _ => "confirmed",
    };
    ["confirmed", "checked_in", more]
}

/// As the file calls it.
fn name(field: &Field) -> String {
    match field {
        Field::Answered(_) => "answered".into(),
        Field::Sent(_) => "sent".into(),
        Field::Custom(key) => format!("custom.{key}"),
        plain => {
            let known = super::super::condition::FIELDS.iter().find(|(_, known, _)| known == plain);
            known.map_or_else(String::new, |(name, ..)| (*name).to_owned())
        }
    }
}

/// Where a field is last spoken of below a path.
fn last_span(look: Look<'_>, path: &[&str], name: &str) -> Span {
    place::node(look.root, path).and_then(|node| last_in(node, name)).unwrap_or_else(|| look.span(path))
}

fn last_in(node: &Node, name: &str) -> Option<Span> {
    match &node.kind {
        Kind::List(items) => items.iter().rev().find_map(|item| last_in(item, name)),
        Kind::Map(entries) => entries.iter().rev().find_map(|(key, value)| {
            let own = || {
                (key.text == name).then_some(if matches!(value.kind, Kind::Word(_)) { value.span } else { key.span })
            };
            last_in(value, name).or_else(own)
        }),
        Kind::Word(_) | Kind::Empty => None,
    }
}
