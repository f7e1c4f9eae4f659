//! What a replan changes, counted.

use super::Rules;
use crate::domain::ids::TouchpointId;
use crate::domain::schedule::changes::Changes;
use crate::domain::schedule::plan::Wanted;
use crate::domain::touchpoint::{SkipReason, Touchpoint, TouchpointKey, TouchpointState};
use crate::domain::trigger_plan::{Effects, NEAREST, Near, keep_nearest};
use crate::store::foresight;
use std::collections::HashMap;

/// Counts effects while planning.
#[derive(Default)]
pub(super) struct Tally {
    effects: Effects,
    near: Vec<Near>,
}

impl Tally {
    pub(super) fn count(&mut self, changes: &Changes, rows: &[Touchpoint]) {
        let before: HashMap<TouchpointId, &Touchpoint> = rows.iter().map(|row| (row.id, row)).collect();
        for wanted in &changes.add {
            self.wanted(wanted, None);
        }
        for (id, wanted) in &changes.alter {
            self.wanted(wanted, before.get(id).copied());
        }
        for id in &changes.cancel {
            let was = before.get(id).filter(|row| is_to_come(row));
            if let Some(row) = was {
                self.effects.triggers.entry(row.key.trigger.clone()).or_default().cancelled += 1;
            }
        }
    }

    fn wanted(&mut self, wanted: &Wanted, before: Option<&Touchpoint>) {
        let was_planned = before.is_some_and(is_to_come);
        let effects = self.effects.triggers.entry(wanted.key.trigger.clone()).or_default();
        match (wanted.skip, was_planned) {
            (Some(reason), was_planned) => {
                *effects.skipped.entry(reason.as_str().to_owned()).or_default() += 1;
                effects.cancelled += usize::from(was_planned);
                return;
            }
            (None, true) => effects.moved += 1,
            (None, false) => effects.planned += 1,
        }
        effects.first = Some(effects.first.map_or(wanted.due_at, |first| first.min(wanted.due_at)));
        let key = &wanted.key;
        let near = Near { reservation: key.reservation.clone(), trigger: key.trigger.clone(), due_at: wanted.due_at };
        self.near.push(near);
        if self.near.len() > 100 * NEAREST {
            keep_nearest(&mut self.near);
        }
    }

    /// Of what would be planned or moved: what would not go as far as that is known, and what quiet hours put off.
    pub(super) fn hold_back(
        &mut self,
        rules: &Rules,
        changes: &Changes,
        objections: &HashMap<TouchpointKey, SkipReason>,
    ) {
        let wanted = changes.add.iter().chain(changes.alter.iter().map(|(_, wanted)| wanted));
        for wanted in wanted.filter(|wanted| wanted.skip.is_none()) {
            let Some(trigger) = rules.set.triggers.get(&wanted.key.trigger) else { continue };
            let effects = self.effects.triggers.entry(wanted.key.trigger.clone()).or_default();
            effects.quiet += usize::from(foresight::is_quiet(rules, trigger, wanted.moment));
            if let Some(reason) = objections.get(&wanted.key) {
                effects.hold_back(*reason);
            }
        }
    }

    pub(super) fn done(mut self) -> Effects {
        keep_nearest(&mut self.near);
        self.effects.nearest = self.near;
        self.effects.triggers.retain(|_, effects| !effects.is_empty());
        self.effects
    }
}

fn is_to_come(row: &Touchpoint) -> bool {
    matches!(row.state, TouchpointState::Planned | TouchpointState::Draft)
}
