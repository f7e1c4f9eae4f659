//! Who goes first: among messages due in the same minute the higher priority, then the trigger's id, then the
//! reservation's.

use crate::domain::ids::{ReservationId, TriggerId};
use jiff::Timestamp;
use std::cmp::Reverse;

/// A key to sort by. Messages of one guest are looked at one after the other in this order, so that the limit falls on
/// the right one.
pub fn turn<'a>(
    due_at: Timestamp,
    priority: i64,
    trigger: &'a TriggerId,
    reservation: &'a ReservationId,
) -> (i64, Reverse<i64>, &'a TriggerId, &'a ReservationId) {
    (due_at.as_second().div_euclid(60), Reverse(priority), trigger, reservation)
}
