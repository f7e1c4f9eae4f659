//! Moments that can never be, or never as they are written.

use super::super::policy::minutes;
use super::{Look, OfHotels};
use crate::config::fields::Collector;
use crate::config::yaml::Span;
use crate::domain::hotel::{Hotel, Window};
use crate::domain::trigger::{Anchor, Offset, Otherwise, Side, Trigger, When};
use jiff::civil::Time;

/// The middle of a stay, unless `at` is said.
const MID_STAY: Time = jiff::civil::time(11, 0, 0, 0);

/// Looks at the moment of every trigger.
pub(super) fn run(look: Look<'_>, c: &mut Collector<'_>, of_hotels: &mut OfHotels) {
    for trigger in look.set.triggers.values() {
        let moment = Moment { look, trigger };
        moment.check_shape(c);
        moment.check_window(c);
        if trigger.enabled {
            moment.check_hours(c);
        }
        if let Some(hotel) = look.hotel {
            moment.check_clock(hotel, c, of_hotels);
        }
    }
}

struct Moment<'l> {
    look: Look<'l>,
    trigger: &'l Trigger,
}

impl Moment<'_> {
    fn when(&self) -> &When {
        &self.trigger.when
    }

    fn span(&self, field: &str) -> Span {
        self.look.span(&["triggers", self.trigger.id.as_str(), "when", field])
    }

    /// Fields that say nothing together.
    fn check_shape(&self, c: &mut Collector<'_>) {
        let When { side, anchor, by, at, .. } = self.when();
        let name = anchor.as_str();
        let mut error = |field: &str, message: String, fix: &str| c.error::<()>(self.span(field), message, fix);
        match (anchor, by, at) {
            (Anchor::Schedule { .. }, Some(_), _) => {
                error("by", "`schedule` goes by its `cron` alone".into(), "delete `by`");
            }
            (Anchor::Schedule { .. }, _, Some(_)) => {
                error("at", "`schedule` goes by its `cron` alone".into(), "delete `at`");
            }
            (Anchor::InHouseDaily, _, None) => {
                error("at", "`in_house_daily` lacks its clock time".into(), "add `at: \"10:00\"`");
            }
            (Anchor::InHouseDaily, Some(_), _) => {
                error("by", "`in_house_daily` is each day; there is nothing to count".into(), "delete `by`");
            }
            (Anchor::Silence, None, _) => {
                error("after", "`silence` lacks how long".into(), "add `by: 2d`");
            }
            (_, Some(Offset::Elapsed(_)), Some(_)) => {
                let message = "hours after the anchor and a clock time are two moments".into();
                error("at", message, "count in days (`by: 1d`), or leave `at` out");
            }
            (_, Some(by), _) if *side == Side::On && *by != Offset::Days(0) => {
                let message = format!("`on: {name}` is that day or instant itself");
                error("by", message, "write `after:` or `before:`, or delete `by`");
            }
            _ => {}
        }
    }

    /// Windows that say nothing, or leave no minute.
    fn check_window(&self, c: &mut Collector<'_>) {
        let When { only_between, days, otherwise, .. } = self.when();
        if only_between.is_none() && days.is_empty() && *otherwise != Otherwise::Later {
            let fix = "add `only_between` or `days`, or delete it; quiet hours always move to later";
            c.warn(self.span("otherwise"), "`otherwise` speaks of a window, and there is none", fix);
        }
        let quiet = self.trigger.policy.quiet_hours;
        if let (Some(window), Some(quiet)) = (only_between, quiet)
            && minutes().all(|minute| !window.contains(minute) || quiet.contains(minute))
        {
            let message = format!("all of these hours are quiet hours ({})", spelled(quiet));
            c.error::<()>(
                self.span("only_between"),
                message,
                "choose hours of the day, or give the trigger a `policy` of its own",
            );
        }
    }

    /// A clock time that its own window or the quiet hours always move.
    fn check_hours(&self, c: &mut Collector<'_>) {
        let (field, at) = match (self.when().at, &self.when().anchor) {
            (Some(at), _) => ("at", at),
            (None, Anchor::MidStay) => ("on", MID_STAY),
            _ => return,
        };
        let clock = clock(at);
        match self.when().only_between {
            Some(window) if !window.contains(at) => match self.when().otherwise {
                Otherwise::Skip => {
                    let message = format!("{clock} is never within {}, so this is always skipped", spelled(window));
                    c.error::<()>(self.span(field), message, "choose a time within it, or `otherwise: later`");
                }
                Otherwise::Later | Otherwise::Earlier => {
                    let message = format!("{clock} is never within {}, so this is always moved", spelled(window));
                    c.warn(self.span(field), message, "choose a time within it");
                }
            },
            _ => {
                if let Some(quiet) = self.trigger.policy.quiet_hours.filter(|quiet| quiet.contains(at)) {
                    let message =
                        format!("{clock} is within the quiet hours ({}), so this always waits", spelled(quiet));
                    let fix = format!("choose a time from {} on", self::clock(quiet.end));
                    c.warn(self.span(field), message, fix);
                }
            }
        }
    }

    /// A clock time of the same day on the wrong side of a planned anchor; and what only some hotels know.
    fn check_clock(&self, hotel: &Hotel, c: &Collector<'_>, of_hotels: &mut OfHotels) {
        let When { side, anchor, by, at, .. } = self.when();
        if *side == Side::Before && *anchor == Anchor::CheckIn && !hotel.assume_check_in {
            let message = "nobody knows beforehand when a guest really checks in (at {hotels})";
            of_hotels.error(c, self.span("before"), (message, "write `before: arrival`, the planned time"), hotel);
        }
        let anchored = match anchor {
            Anchor::Arrival => hotel.check_in_time,
            Anchor::CheckIn if hotel.assume_check_in => hotel.check_in_time,
            Anchor::CheckOut => hotel.check_out_time,
            _ => return,
        };
        let (Some(Offset::Days(0)), Some(at)) = (by, at) else { return };
        let is_wrong = match side {
            Side::After => *at < anchored,
            Side::Before => *at > anchored,
            Side::On => false,
        };
        if is_wrong {
            let message = format!("{} is not {side} {} at {{hotels}}, on the same day", clock(*at), clock(anchored));
            let fix = format!("choose another time, or write `on: {}`", anchor.as_str());
            of_hotels.error(c, self.span("at"), (&message, &fix), hotel);
        }
    }
}

fn spelled(window: Window) -> String {
    format!("{}-{}", clock(window.start), clock(window.end))
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}
