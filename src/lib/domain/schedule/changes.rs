//! From the rows that stand to the rows that are wanted. Applying it and planning from scratch come to the same, but for
//! what was sent and what waits.

use super::plan::Wanted;
use crate::domain::ids::TouchpointId;
use crate::domain::touchpoint::{SkipReason, Touchpoint, TouchpointKey, TouchpointState};
use std::collections::HashMap;

/// What must be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// New rows: planned, or skipped if `skip` is given.
    pub add: Vec<Wanted>,
    /// Rows that become as wanted; `look_at` is `due_at` again.
    pub alter: Vec<(TouchpointId, Wanted)>,
    /// Rows nobody wants any more: they become `cancelled`.
    pub cancel: Vec<TouchpointId>,
}

impl Changes {
    /// Whether nothing must be written.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.alter.is_empty() && self.cancel.is_empty()
    }
}

/// What must change in the rows of one reservation.
///
/// * What was sent stands for ever.
/// * A planned row whose due is the same stands as it is, also if it waits: it was not missed, it is being looked after.
/// * A draft that waits for approval keeps its text; it is cancelled when its message is no longer wanted.
/// * A skipped row with the same due keeps its first reason, unless it may go again.
pub fn changes(standing: &[Touchpoint], wanted: Vec<Wanted>) -> Changes {
    let mut by_key: HashMap<&TouchpointKey, &Touchpoint> = standing.iter().map(|row| (&row.key, row)).collect();
    let mut found = Changes::default();
    for wanted in wanted {
        match by_key.remove(&wanted.key) {
            None => found.add.push(wanted),
            Some(row) if draft_falls(row, &wanted) => found.cancel.push(row.id),
            Some(row) if stands(row, &wanted) => {}
            Some(row) => found.alter.push((row.id, wanted)),
        }
    }
    let unwanted = by_key.into_values().filter(|row| {
        matches!(row.state, TouchpointState::Planned | TouchpointState::Draft | TouchpointState::Skipped)
    });
    found.cancel.extend(unwanted.map(|row| row.id));
    found.cancel.sort_unstable();
    found
}

fn draft_falls(row: &Touchpoint, wanted: &Wanted) -> bool {
    row.state == TouchpointState::Draft && !matches!(wanted.skip, None | Some(SkipReason::Missed))
}

fn stands(row: &Touchpoint, wanted: &Wanted) -> bool {
    let same_time = row.due_at == wanted.due_at && row.moment == wanted.moment;
    match row.state {
        TouchpointState::Sent | TouchpointState::Draft => true,
        TouchpointState::Planned => same_time && matches!(wanted.skip, None | Some(SkipReason::Missed)),
        TouchpointState::Skipped => same_time && wanted.skip.is_some(),
        TouchpointState::Cancelled => false,
    }
}
