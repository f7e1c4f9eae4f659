//! `policy:`: guards for every trigger, and what one trigger has of its own.

use super::super::durations::{Bounds, DAY, duration};
use super::super::fields::{Collector, flag, number};
use super::super::times::window;
use super::super::yaml::{Kind, Node};
use crate::domain::hotel::Window;
use crate::domain::trigger::Policy;
use std::time::Duration;

/// The fields of `policy`; a trigger's own has `because`, too.
pub(super) const POLICY: &[&str] = &["quiet_hours", "per_guest", "after_staff_reply", "unanswered_question"];
pub(super) const OWN: &[&str] = &["quiet_hours", "per_guest", "after_staff_reply", "unanswered_question", "because"];
pub(super) const PER_GUEST: &[&str] = &["at_most", "every", "min_gap"];
pub(super) const WAIT: &[&str] = &["wait"];

/// `base` with the fields of the file laid over it.
pub(super) fn policy(node: &Node, c: &mut Collector<'_>, base: &Policy, is_of_trigger: bool) -> Option<Policy> {
    let fields = c.fields(node, "`policy`", if is_of_trigger { OWN } else { POLICY })?;
    let quiet_hours = fields.optional("quiet_hours", c, window);
    let mut policy = base.clone();
    if let Some(quiet_hours) = quiet_hours {
        policy.quiet_hours = quiet_hours;
    }
    fields.optional("per_guest", c, |n, c| per_guest(n, c, &mut policy));
    if let Some(wait) = fields.optional("after_staff_reply", c, wait) {
        policy.after_staff_reply = wait;
    }
    if let Some(wait) = fields.optional("unanswered_question", c, wait) {
        policy.unanswered_question = wait;
    }
    Some(policy)
}

const LENGTHS: Bounds = Bounds { least: Duration::ZERO, most: Duration::from_secs(60 * 86_400) };

fn per_guest(node: &Node, c: &mut Collector<'_>, policy: &mut Policy) -> Option<()> {
    let fields = c.fields(node, "`per_guest`", PER_GUEST)?;
    if let Some(most) = fields.optional("at_most", c, whole) {
        policy.at_most = most;
    }
    if let Some(every) =
        fields.optional("every", c, |n, c| duration(n, c, Bounds { least: Duration::from_secs(3600), most: 60 * DAY }))
    {
        policy.every = every;
    }
    if let Some(gap) = fields.optional("min_gap", c, |n, c| duration(n, c, LENGTHS)) {
        policy.min_gap = gap;
    }
    Some(())
}

fn whole(node: &Node, c: &mut Collector<'_>) -> Option<u32> {
    let number = number(node, c, 1.0, 100.0)?;
    if number.fract() != 0.0 {
        return c.error(node.span, "this is not a whole number", "write `1`, `2`, …");
    }
    // Between 1 and 100.
    format!("{number}").parse().ok()
}

/// `{ wait: 2h }`, `2h`, or `no`.
fn wait(node: &Node, c: &mut Collector<'_>) -> Option<Duration> {
    match &node.kind {
        Kind::Word(word) if matches!(word.trim(), "no" | "off" | "false") => flag(node, c).map(|_| Duration::ZERO),
        Kind::Word(_) => duration(node, c, LENGTHS),
        _ => {
            let fields = c.fields(node, "this guard", WAIT)?;
            fields.required("wait", "2h", c, |n, c| duration(n, c, LENGTHS))
        }
    }
}

/// What of `policy` is freer than `base`, by field.
pub(super) fn loosened(policy: &Policy, base: &Policy) -> Vec<&'static str> {
    let mut fields = Vec::new();
    if !covers(policy.quiet_hours, base.quiet_hours) {
        fields.push("quiet_hours");
    }
    // The same number in less time, or more in the same time.
    if policy.at_most > base.at_most || policy.every < base.every || policy.min_gap < base.min_gap {
        fields.push("per_guest");
    }
    if policy.after_staff_reply < base.after_staff_reply {
        fields.push("after_staff_reply");
    }
    if policy.unanswered_question < base.unanswered_question {
        fields.push("unanswered_question");
    }
    fields
}

/// Whether every minute of `inner` is one of `outer`.
pub(super) fn covers(outer: Option<Window>, inner: Option<Window>) -> bool {
    let (Some(outer), Some(inner)) = (outer, inner) else { return inner.is_none() };
    minutes().all(|minute| !inner.contains(minute) || outer.contains(minute))
}

/// Every minute of a day.
pub(super) fn minutes() -> impl Iterator<Item = jiff::civil::Time> {
    (0..24).flat_map(|hour| (0..60).map(move |minute| jiff::civil::time(hour, minute, 0, 0)))
}
