//! The whole of what is in force at one hotel, from one tree.

use super::super::diagnose::nearest;
use super::super::fields::{Collector, Fields, entries};
use super::super::hotels::LoadedHotel;
use super::super::yaml::{Key, Kind, Node};
use super::header::{FIELDS, version};
use super::policy::policy;
use super::question::question;
use super::trigger::trigger;
use super::when::named;
use crate::domain::hotel::Window;
use crate::domain::ids::{QuestionId, TriggerId};
use crate::domain::trigger::{Policy, Question, Trigger, TriggerSet};
use std::collections::BTreeMap;

/// Reads a tree; `base` are the names of the base pack, so that a slip in one is seen.
pub(super) fn set(
    root: &Node,
    c: &mut Collector<'_>,
    hotel: Option<&LoadedHotel>,
    base: &[String],
) -> Option<TriggerSet> {
    let fields = c.fields(root, "the file", FIELDS)?;
    fields.required("version", "1", c, version);
    let guards = guards(&fields, c, hotel);
    Some(TriggerSet { triggers: triggers(&fields, c, &guards, base), questions: questions(&fields, c), policy: guards })
}

/// The files' policy; what the hotel's own file says of quiet hours wins.
fn guards(fields: &Fields<'_>, c: &mut Collector<'_>, hotel: Option<&LoadedHotel>) -> Policy {
    let read = fields.optional("policy", c, |n, c| policy(n, c, &Policy::default(), false));
    let mut guards = read.unwrap_or_default();
    if let Some(said) = hotel.and_then(|hotel| hotel.hotel.quiet_hours) {
        guards.quiet_hours = Some(said).filter(|window| *window != Window::NEVER);
    }
    guards
}

fn triggers(
    fields: &Fields<'_>,
    c: &mut Collector<'_>,
    guards: &Policy,
    base: &[String],
) -> BTreeMap<TriggerId, Trigger> {
    let mut triggers = BTreeMap::new();
    let read = fields.optional("triggers", c, |n, c| entries(n, c, "room-ok: …").map(<[_]>::to_vec));
    for (key, node) in read.unwrap_or_default() {
        let is_named = named(&key.text, key.span, c, "trigger").is_some();
        if is_lost("triggers", &key, &node, c) || is_stray(&key, &node, c, base) {
            continue;
        }
        // Also of a trigger with a wrong name every mistake is told.
        if let Some(trigger) = trigger(&key.text, &node, c, guards).filter(|_| is_named) {
            triggers.insert(trigger.id.clone(), trigger);
        }
    }
    triggers
}

/// Its form is broken, which has been told.
fn is_lost(section: &str, key: &Key, node: &Node, c: &Collector<'_>) -> bool {
    node.kind == Kind::Empty && c.is_unreadable(&format!("{section}.{}", key.text))
}

/// A hotel's fields for a trigger that the base pack does not have: most likely a slip in its name.
fn is_stray(key: &Key, node: &Node, c: &mut Collector<'_>, base: &[String]) -> bool {
    let Kind::Map(fields) = &node.kind else { return false };
    let has = |name: &str| fields.iter().any(|(key, _)| key.text == name);
    if key.span.layer == 0 || has("when") || has("send") || has("ask") || base.contains(&key.text) {
        return false;
    }
    let fix = match nearest(&key.text, base.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "give it `when` and `send` or `ask`, or take the name of a trigger of triggers.yaml".into(),
    };
    let message = format!("there is no trigger `{}` to change", super::super::diagnose::shown(&key.text));
    c.error::<()>(key.span, message, fix);
    true
}

fn questions(fields: &Fields<'_>, c: &mut Collector<'_>) -> BTreeMap<QuestionId, Question> {
    let mut questions = BTreeMap::new();
    let read = fields.optional("questions", c, |n, c| entries(n, c, "what-is-wrong: …").map(<[_]>::to_vec));
    for (key, node) in read.unwrap_or_default() {
        if named(&key.text, key.span, c, "question").is_none() || is_lost("questions", &key, &node, c) {
            continue;
        }
        if let Some(question) = question(&node, c, &key.text) {
            questions.insert(question.id.clone(), question);
        }
    }
    questions
}
