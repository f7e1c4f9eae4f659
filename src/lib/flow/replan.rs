//! Other triggers, or another hotel → TOUCHPOINTS of all its stays, part by part.
//!
//! The change is one write, and from then on it counts: nothing that was planned by the old rules goes out. What follows
//! for each stay is written in many transactions, because SQLite has one writer, and webhooks need it too. Whoever
//! finds a hotel that is not done goes on with it, so that what is killed in the middle is finished by the next command
//! that looks at stays, or by a daemon.

use super::pace::Pace;
use crate::domain::ids::HotelId;
use crate::domain::trigger_plan::Effects;
use crate::ports::Clock;
use crate::store::triggers::{Applied, ApplyTriggers};
use crate::store::{Result, Store};
use jiff::SignedDuration;

/// What nobody worked on for this long is gone on with by a daemon.
pub(super) const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(30);

/// Hears how many stays are planned anew so far.
pub type Watch<'w> = &'w (dyn Fn(usize) + Sync);

/// Makes the changes of a plan in force and plans the stays of its hotels anew, to the end.
///
/// # Errors
/// Nothing of it is in force, unless [`Store::newest_triggers`] says so: then the stays that are left are planned anew
/// by whoever finds them.
pub async fn apply_triggers(
    store: &Store,
    clock: &dyn Clock,
    apply: ApplyTriggers,
    watch: Watch<'_>,
) -> Result<Applied> {
    let mut applied = store.apply_triggers(apply).await?;
    for (hotel, effects) in &mut applied.effects {
        *effects += finish(store, clock, hotel, watch).await?;
    }
    Ok(applied)
}

/// Plans what is left of a hotel's stays anew, whoever began it; what that did to their messages.
pub async fn finish(store: &Store, clock: &dyn Clock, hotel: &HotelId, watch: Watch<'_>) -> Result<Effects> {
    let (mut pace, mut stays, mut effects) = (Pace::of(store), 0, Effects::default());
    loop {
        let most = pace.rows();
        let Some(part) = pace.hold(|| store.replan_part(hotel, most, clock.now())).await? else { break };
        stays += part.stays;
        effects += part.effects;
        watch(stays);
        if part.done {
            break;
        }
    }
    Ok(effects)
}

/// Goes on with what nobody works on any more.
pub(super) async fn tidy(store: &Store, clock: &dyn Clock) -> Result<()> {
    for open in store.open_replans().await? {
        if clock.now().duration_since(open.worked_at) > LEFT_ALONE {
            tracing::info!(hotel = %open.hotel, left = open.left, "planning anew that was interrupted goes on");
            finish(store, clock, &open.hotel, &|_| {}).await?;
        }
    }
    Ok(())
}
