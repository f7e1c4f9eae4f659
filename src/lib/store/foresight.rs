//! What a plan can foresee of messages that are not due yet: those that their quiet hours put off, and those that would
//! not go as far as that is known today. For counting before an apply; the last look decides by itself.

use super::known_guests::KnownGuests;
use super::touchpoints::Rules;
use crate::domain::ids::TriggerId;
use crate::domain::schedule::conditions::View;
use crate::domain::schedule::facts::Facts;
use crate::domain::schedule::plan::Wanted;
use crate::domain::schedule::windows::Hours;
use crate::domain::schedule::{limits, order, speech};
use crate::domain::stay::Reservation;
use crate::domain::touchpoint::{SkipReason, TouchpointKey};
use crate::domain::trigger::{Trigger, TriggerMode};
use jiff::Timestamp;
use std::collections::HashMap;

/// Whether a moment is quiet for a trigger.
pub(super) fn is_quiet(rules: &Rules, trigger: &Trigger, moment: Timestamp) -> bool {
    Hours::of(&rules.hotel, &rules.set, trigger).is_quiet(moment)
}

/// What stands against the messages of one stay, one after the other in the order they would go.
pub(super) fn objections(
    rules: &Rules,
    stay: &Reservation,
    guests: &KnownGuests,
    wanted: &[Wanted],
) -> HashMap<TouchpointKey, SkipReason> {
    let mut to_come: Vec<(&Wanted, &Trigger)> = wanted
        .iter()
        .filter(|wanted| wanted.skip.is_none())
        .filter_map(|wanted| Some((wanted, rules.set.triggers.get(&wanted.key.trigger)?)))
        .collect();
    to_come.sort_by(|a, b| {
        let turn = |(wanted, trigger): &(&Wanted, &Trigger)| (wanted.due_at, trigger.priority);
        let ((due_a, priority_a), (due_b, priority_b)) = (turn(a), turn(b));
        order::turn(due_a, priority_a, &a.1.id, &stay.booking.id).cmp(&order::turn(
            due_b,
            priority_b,
            &b.1.id,
            &stay.booking.id,
        ))
    });
    // What was said by which trigger does not matter here: the facts are the same for all of them.
    let facts = guests.facts(stay, &TriggerId(String::new()), None);
    let mut openings = facts.openings.clone();
    let mut found = HashMap::new();
    for (wanted, trigger) in to_come {
        let view = View { hotel: &rules.hotel, reservation: stay, facts: Some(&facts), as_of: wanted.due_at };
        match objection(trigger, &facts, &view, &openings) {
            Some(reason) => {
                found.insert(wanted.key.clone(), reason);
            }
            None if trigger.mode == TriggerMode::Live => openings.push(wanted.due_at),
            None => {}
        }
    }
    found
}

fn objection(trigger: &Trigger, facts: &Facts, view: &View<'_>, openings: &[Timestamp]) -> Option<SkipReason> {
    if facts.opted_out {
        return Some(SkipReason::OptedOut);
    }
    if speech::words(trigger.says.content(), view).is_none() {
        return Some(SkipReason::Language);
    }
    limits::is_reached(&trigger.policy, openings, view.as_of).then_some(SkipReason::Limit)
}
