//! One trigger.

use super::super::fields::{Collector, Fields, choice, flag, text, word};
use super::super::yaml::Node;
use super::condition::condition;
use super::content::send;
use super::policy::policy;
use super::question::question;
use super::when::{once, when, words};
use crate::domain::ids::TriggerId;
use crate::domain::trigger::{Condition, Once, Policy, Says, Trigger, TriggerMode};

/// The fields of a trigger.
pub(super) const FIELDS: &[&str] =
    &["about", "enabled", "priority", "mode", "when", "where", "once", "send", "ask", "policy", "because"];

const PRIORITY: i64 = 50;

/// Reads one; `guards` hold for every trigger of the file.
pub(super) fn trigger(id: &str, node: &Node, c: &mut Collector<'_>, guards: &Policy) -> Option<Trigger> {
    let fields = c.fields(node, "the trigger", FIELDS)?;
    let about = fields.optional("about", c, |n, c| text(n, c, 500));
    let enabled = fields.optional("enabled", c, flag).unwrap_or(true);
    let priority = fields.optional("priority", c, priority).unwrap_or(PRIORITY);
    let mode = fields.optional("mode", c, |n, c| choice(n, c, &words(TriggerMode::ALL, |mode| mode.as_str())));
    let when = fields.required("when", "{ after: check_in, by: 3h }", c, when);
    let filter = match fields.get("where") {
        Some(filter) => condition(filter, c),
        None => Some(Condition::everybody()),
    };
    let once = fields.optional("once", c, once).unwrap_or(Once::PerStay);
    let says = says(&fields, id, c);
    let own = fields.get("policy").map_or_else(|| Some(guards.clone()), |n| policy(n, c, guards, true));
    Some(Trigger {
        id: TriggerId::from(id),
        about,
        enabled,
        priority,
        mode: mode.unwrap_or(TriggerMode::Live),
        when: when?,
        filter: filter?,
        once,
        says: says?,
        policy: own?,
        because: because(&fields, c),
    })
}

fn priority(node: &Node, c: &mut Collector<'_>) -> Option<i64> {
    match word(node, c, "a number")?.parse::<i64>() {
        Ok(number) if (0..=1000).contains(&number) => Some(number),
        _ => c.error(node.span, "a priority is a whole number from 0 to 1000", "write `50`; more goes first"),
    }
}

fn says(fields: &Fields<'_>, id: &str, c: &mut Collector<'_>) -> Option<Says> {
    match (fields.get("send"), fields.get("ask")) {
        (Some(_), Some(ask)) => {
            c.error(ask.span, "both `send` and `ask`", "keep one; a question may say something, too")
        }
        (Some(node), None) => send(node, c).map(Says::Send),
        (None, Some(node)) => question(node, c, id).map(Says::Ask),
        (None, None) => {
            fields.required("send", "{ text: { en: \"…\" } }` or `ask: …", c, |_, _| Some(()));
            None
        }
    }
}

/// Beside the policy or in it.
fn because(fields: &Fields<'_>, c: &mut Collector<'_>) -> Option<String> {
    let beside = fields.optional("because", c, |n, c| text(n, c, 500));
    let inside = fields.get("policy").and_then(|policy| super::place::node(policy, &["because"]));
    beside.or_else(|| inside.and_then(|node| text(node, c, 500)))
}
