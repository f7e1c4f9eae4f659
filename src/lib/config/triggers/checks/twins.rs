//! Two triggers for the same guest in the same minute: allowed, but one may keep the other back.

use super::Look;
use super::intervals::clash;
use crate::config::fields::Collector;
use crate::domain::trigger::{Condition, Once, Trigger, TriggerMode};

/// Looks at every pair.
pub(super) fn run(look: Look<'_>, c: &mut Collector<'_>) {
    let speaking: Vec<&Trigger> =
        look.set.triggers.values().filter(|trigger| trigger.enabled && trigger.mode != TriggerMode::Shadow).collect();
    for (at, trigger) in speaking.iter().enumerate() {
        let Some(other) = speaking[..at].iter().find(|other| meet(trigger, other)) else { continue };
        let fix = "the one with more `priority` goes, and the limit may keep the other back; move one of them";
        let span = look.span(&["triggers", trigger.id.as_str(), "when"]);
        c.warn(span, format!("a guest may get this in the same minute as `{}`", other.id), fix);
    }
}

fn meet(one: &Trigger, other: &Trigger) -> bool {
    let (a, b) = (&one.when, &other.when);
    let is_same = a.anchor == b.anchor && a.side == b.side && a.by == b.by && a.at == b.at && a.days == b.days;
    let is_rare = matches!(one.once, Once::Every(_)) || matches!(other.once, Once::Every(_));
    is_same && !is_rare && clash(&Condition::All(vec![one.filter.clone(), other.filter.clone()])).is_none()
}
