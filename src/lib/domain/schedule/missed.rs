//! Moments that were already past: when the reservation became known, or while the daemon was down.

use crate::domain::trigger::IfMissed;
use jiff::{SignedDuration, Timestamp};

/// What is looked at within this time of its due is on time; a daemon looks every few seconds, and a restart takes some.
pub const GRACE: SignedDuration = SignedDuration::from_mins(5);

/// Whether a message may no longer go because its moment is past. `due_at` is the moment after windows and quiet hours,
/// `look_at` when it was to be looked at (later than `due_at` if it had to wait), `attempt` when it would really go.
pub fn is_missed(if_missed: IfMissed, due_at: Timestamp, attempt: Timestamp, late: bool) -> bool {
    late && match if_missed {
        IfMissed::Skip => true,
        IfMissed::Send => false,
        IfMissed::Within(longest) => {
            SignedDuration::try_from(longest).is_ok_and(|longest| attempt.duration_since(due_at) > longest)
        }
    }
}

/// Whether a look comes later than it was to come.
pub fn is_late(look_at: Timestamp, now: Timestamp, grace: SignedDuration) -> bool {
    now.duration_since(look_at) > grace
}
