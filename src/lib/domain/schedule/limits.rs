//! How much one guest hears: at most so many openings within a time, and a gap between two.

use crate::domain::trigger::Policy;
use jiff::{SignedDuration, Timestamp};

/// Whether one more message would be too much. An opening exactly `every` ago no longer counts, and a gap of exactly
/// `min_gap` is enough.
pub fn is_reached(policy: &Policy, openings: &[Timestamp], now: Timestamp) -> bool {
    let ago = |at: &Timestamp| now.duration_since(*at);
    let too_close = openings.iter().any(|at| ago(at).abs() < signed(policy.min_gap));
    let counted = openings.iter().filter(|at| ago(at).abs() < signed(policy.every)).count();
    too_close || counted >= usize::try_from(policy.at_most).unwrap_or(usize::MAX)
}

/// A duration that may be subtracted from an instant; absurd ones are as long as can be.
pub fn signed(duration: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
