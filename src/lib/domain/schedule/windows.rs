//! When a message may go: `only_between`, `days`, quiet hours, and what a moment outside of them does.

use crate::domain::hotel::{Hotel, Window};
use crate::domain::stay::{Reservation, instant_in};
use crate::domain::touchpoint::SkipReason;
use crate::domain::trigger::{Anchor, Day, Otherwise, Side, Trigger, TriggerSet, When};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// How far is looked, in days: most windows open within a day; one that opens on some weekday opens within a week, and
/// two more days are for nights on which clocks change.
const REACHES: [i64; 2] = [2, 9];
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The hours in which a message may go.
#[derive(Clone, Debug)]
pub struct Hours<'a> {
    zone: TimeZone,
    only_between: Option<Window>,
    days: &'a [Day],
    quiet: Option<Window>,
    otherwise: Otherwise,
}

/// What became of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It may go as it is.
    Stays,
    /// It goes then, because of this.
    Moved(Timestamp, SkipReason),
    /// It is passed over.
    Skipped(SkipReason),
}

/// The quiet hours of a trigger: its own, else those in the hotel's file, else those of the trigger files.
pub fn quiet_hours(hotel: &Hotel, set: &TriggerSet, trigger: &Trigger) -> Option<Window> {
    if trigger.policy.quiet_hours != set.policy.quiet_hours {
        return trigger.policy.quiet_hours;
    }
    hotel.quiet_hours.or(set.policy.quiet_hours)
}

impl<'a> Hours<'a> {
    /// Those of one trigger at one hotel.
    pub fn of(hotel: &Hotel, set: &TriggerSet, trigger: &'a Trigger) -> Self {
        let quiet = quiet_hours(hotel, set, trigger);
        Self::new(hotel.time_zone(), &trigger.when, quiet)
    }

    /// Those of a moment's description, with quiet hours.
    pub fn new(zone: TimeZone, when: &'a When, quiet: Option<Window>) -> Self {
        Self { zone, only_between: when.only_between, days: &when.days, quiet, otherwise: when.otherwise }
    }

    /// Whether the instant lies outside `only_between` or `days`; the day is the one on the clock then.
    pub fn is_outside(&self, at: Timestamp) -> bool {
        let local = at.to_zoned(self.zone.clone()).datetime();
        let in_days = self.days.is_empty() || self.days.contains(&Day::of(local.date()));
        let in_hours = self.only_between.is_none_or(|window| window.contains(local.time()));
        !(in_days && in_hours)
    }

    /// Whether nothing may begin at the instant.
    pub fn is_quiet(&self, at: Timestamp) -> bool {
        self.quiet.is_some_and(|quiet| quiet.contains(at.to_zoned(self.zone.clone()).time()))
    }

    fn allows(&self, at: Timestamp) -> bool {
        !self.is_outside(at) && !self.is_quiet(at)
    }

    /// Where a moment ends up. `otherwise` speaks whenever the moment is outside; quiet hours alone move later.
    pub fn settle(&self, moment: Timestamp) -> Settled {
        let outside = self.is_outside(moment);
        let reason = if outside { SkipReason::Window } else { SkipReason::Quiet };
        if !outside && !self.is_quiet(moment) {
            return Settled::Stays;
        }
        let moved = match self.otherwise {
            Otherwise::Skip if outside => None,
            Otherwise::Earlier if outside => self.last_minute_before(moment),
            _ => self.next_allowed(moment),
        };
        moved.map_or(Settled::Skipped(reason), |due| Settled::Moved(due, reason))
    }

    /// The first allowed instant at or after this one; `None` if no window opens.
    pub fn next_allowed(&self, from: Timestamp) -> Option<Timestamp> {
        if self.allows(from) {
            return Some(from);
        }
        let after =
            |days| self.edges(from, days).into_iter().filter(|edge| *edge > from).find(|edge| self.allows(*edge));
        REACHES.into_iter().find_map(after)
    }

    /// The last whole minute before this instant that is allowed.
    fn last_minute_before(&self, moment: Timestamp) -> Option<Timestamp> {
        let before = |days| {
            let edges = self.edges(moment, days).into_iter().rev().filter(|edge| *edge <= moment);
            let mut minutes = edges.filter_map(|edge| edge.checked_sub(MINUTE).ok());
            minutes.find(|minute| self.allows(*minute))
        };
        REACHES.into_iter().find_map(before)
    }

    /// Every instant near this one at which what is allowed can change, in order: the clock shows an edge of a window or
    /// midnight, or the clock itself is changed.
    fn edges(&self, around: Timestamp, days: i64) -> Vec<Timestamp> {
        let reach = SignedDuration::from_hours(24 * days);
        let (first, last) =
            (around.saturating_sub(reach).unwrap_or(around), around.saturating_add(reach).unwrap_or(around));
        let mut edges: Vec<Timestamp> =
            self.zone.following(first).map(|change| change.timestamp()).take_while(|at| *at <= last).collect();
        let day = around.to_zoned(self.zone.clone()).date();
        for offset in -days..=days {
            let Ok(date) = day.checked_add(offset.days()) else { continue };
            for time in self.edge_times() {
                edges.extend(both_instants(&self.zone, date, time));
            }
        }
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    fn edge_times(&self) -> impl Iterator<Item = Time> {
        let windows = self.only_between.into_iter().chain(self.quiet);
        windows.flat_map(|window| [window.start, window.end]).chain([Time::midnight()])
    }
}

/// The instants at which a clock shows this; two on the night it is set back.
fn both_instants(zone: &TimeZone, date: Date, time: Time) -> impl Iterator<Item = Timestamp> {
    let first = instant_in(zone, date, time);
    let ambiguous = zone.to_ambiguous_zoned(date.to_datetime(time));
    let second = ambiguous.later().ok().map(|zoned| zoned.timestamp()).filter(|second| *second != first);
    std::iter::once(first).chain(second)
}

/// Why a message that was moved may no longer go: it was moved to or past the planned or the real departure. Messages
/// that are about the departure or come after it are free of this: `checked_out`, `check_out` with `after` or `on`, and
/// those of bookings that were called off.
pub fn past_departure(trigger: &Trigger, reservation: &Reservation, hotel: &Hotel, due: Timestamp) -> bool {
    let free = match trigger.when.anchor {
        Anchor::CheckOut => trigger.when.side != Side::Before,
        Anchor::CheckedOut | Anchor::BookingCancelled | Anchor::NoShow => true,
        _ => false,
    };
    let left = reservation.history.checked_out_at.is_some_and(|left| due >= left);
    !free && (left || due >= reservation.departs_at(hotel))
}
