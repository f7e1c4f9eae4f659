//! What one reservation wants: every trigger, every time of its anchor, and when. A pure function of the reservation, the
//! triggers, the hotel, what happened and the time.

use super::anchors::{Occurrence, occurrences};
use super::conditions::{Truth, View, holds};
use super::facts::Happening;
use super::moments::moment;
use super::windows::{Hours, Settled, past_departure};
use super::{missed, standing};
use crate::domain::hotel::Hotel;
use crate::domain::stay::Reservation;
use crate::domain::touchpoint::{SkipReason, TouchpointKey};
use crate::domain::trigger::{Anchor, Trigger, TriggerSet};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The reservation as it stands.
    pub reservation: &'a Reservation,
    /// The hotel in force.
    pub hotel: &'a Hotel,
    /// Its triggers in force.
    pub set: &'a TriggerSet,
    /// What happened in the guest's chat and belongs to this reservation; needed only for triggers whose anchor is a
    /// message, an answer, an alert or silence.
    pub happenings: &'a [Happening],
    /// The time of planning.
    pub now: Timestamp,
    /// How far past a moment may be and still be to come; [`missed::GRACE`] for a daemon.
    pub grace: SignedDuration,
}

/// One message a reservation wants, or would want.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Which.
    pub key: TouchpointKey,
    /// The instant its anchor gave.
    pub moment: Timestamp,
    /// When it is to go, after windows and quiet hours.
    pub due_at: Timestamp,
    /// Why it is known already that it will not go; a change of the reservation plans anew.
    pub skip: Option<SkipReason>,
    /// Whether its `where` looks at something that may be different by then.
    pub if_still_true: bool,
}

/// Every message a reservation wants, by trigger and occurrence. Triggers that are switched off want nothing.
pub fn plan(wish: &Wish<'_>) -> Vec<Wanted> {
    let enabled = wish.set.triggers.iter().filter(|(_, trigger)| trigger.enabled);
    enabled.flat_map(|(_, trigger)| plan_trigger(wish, trigger)).collect()
}

/// The same for one trigger, enabled or not.
pub fn plan_trigger(wish: &Wish<'_>, trigger: &Trigger) -> Vec<Wanted> {
    let hours = Hours::of(wish.hotel, wish.set, trigger);
    let times = occurrences(&trigger.when.anchor, wish.reservation, wish.hotel, wish.happenings);
    times.into_iter().filter_map(|time| want(wish, trigger, &hours, time)).collect()
}

fn want(wish: &Wish<'_>, trigger: &Trigger, hours: &Hours<'_>, time: Occurrence) -> Option<Wanted> {
    let moment = moment(&wish.hotel.time_zone(), &trigger.when, time.point)?;
    let settled = hours.settle(moment);
    let due_at = match settled {
        Settled::Moved(due_at, _) => due_at,
        Settled::Stays | Settled::Skipped(_) => moment,
    };
    let view = View { hotel: wish.hotel, reservation: wish.reservation, facts: None, as_of: due_at };
    let truth = holds(&trigger.filter, &view);
    let never = (truth == Truth::No).then_some(SkipReason::Condition);
    let skip = by_status(wish, trigger).or(never).or_else(|| by_time(wish, trigger, hours, settled, due_at));
    let key = TouchpointKey {
        reservation: wish.reservation.booking.id.clone(),
        trigger: trigger.id.clone(),
        occurrence: time.name,
    };
    Some(Wanted { key, moment, due_at, skip, if_still_true: truth == Truth::IfStillTrue })
}

fn by_status(wish: &Wish<'_>, trigger: &Trigger) -> Option<SkipReason> {
    let status = wish.reservation.status_at(wish.hotel, wish.now);
    (!standing::may_hear(status, &trigger.when)).then_some(SkipReason::Status)
}

/// What speaks against it besides what it is about: its hours, its age, and that nobody can be reached.
fn by_time(
    wish: &Wish<'_>,
    trigger: &Trigger,
    hours: &Hours<'_>,
    settled: Settled,
    due_at: Timestamp,
) -> Option<SkipReason> {
    match settled {
        Settled::Skipped(reason) => return Some(reason),
        Settled::Moved(due, reason) if past_departure(trigger, wish.reservation, wish.hotel, due) => {
            return Some(reason);
        }
        _ => {}
    }
    if is_missed(wish, trigger, due_at, hours) {
        return Some(SkipReason::Missed);
    }
    wish.reservation.booking.phone.number().is_none().then_some(SkipReason::NoPhone)
}

/// What counts is the moment after windows and quiet hours, and the attempt: the first allowed instant from now on.
fn is_missed(wish: &Wish<'_>, trigger: &Trigger, due_at: Timestamp, hours: &Hours<'_>) -> bool {
    // Of a booking that a first import tells without saying when it was made only this is known: it was before.
    let made_before = trigger.when.anchor == Anchor::BookingCreated && wish.reservation.booking.booked_at.is_none();
    let silent = wish.reservation.silent_before.is_some_and(|before| made_before || due_at < before);
    let late = missed::is_late(due_at, wish.now, wish.grace);
    let attempt = || hours.next_allowed(wish.now).unwrap_or(wish.now);
    silent || (late && missed::is_missed(trigger.when.if_missed, due_at, attempt(), late))
}
