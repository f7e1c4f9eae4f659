//! Whom a trigger may write to, by where the reservation stands.

use crate::domain::stay::ReservationStatus;
use crate::domain::trigger::{Anchor, Side, When};

/// Whether a reservation in this status hears this trigger at all.
///
/// Tentative ones hear nothing. Cancelled ones hear `booking_cancelled`, no-shows `no_show`, departed ones `checked_out`
/// and `check_out` with `after` or `on`; and those anchors speak to nobody else, so that a booking that was called off
/// by mistake is not told so, except that `check_out` also reaches who was never reported as departed. `schedule` speaks
/// to guests in house only.
pub fn hears(status: ReservationStatus, when: &When) -> bool {
    use ReservationStatus::{Cancelled, CheckedIn, CheckedOut, Confirmed, NoShow, Tentative};
    match status {
        Tentative => false,
        Cancelled => when.anchor == Anchor::BookingCancelled,
        NoShow => when.anchor == Anchor::NoShow,
        CheckedOut => match when.anchor {
            Anchor::CheckedOut => true,
            Anchor::CheckOut => when.side != Side::Before,
            _ => false,
        },
        Confirmed | CheckedIn => match when.anchor {
            Anchor::BookingCancelled | Anchor::NoShow | Anchor::CheckedOut => false,
            Anchor::Schedule { .. } => status == CheckedIn,
            _ => true,
        },
    }
}

/// Whether the status can still become one that hears it, without a word from outside: for the plan.
pub fn may_hear(status: ReservationStatus, when: &When) -> bool {
    let later = [ReservationStatus::CheckedIn, ReservationStatus::CheckedOut];
    let begun = matches!(status, ReservationStatus::Confirmed | ReservationStatus::CheckedIn);
    hears(status, when) || (begun && later.iter().any(|status| hears(*status, when)))
}
