//! The last look at the moment of sending.

use crate::domain::hotel::{Hotel, PmsPolicy, Window};
use crate::domain::number_health::{Hold, HoldReason};
use crate::domain::schedule::facts::{Facts, Lead, OpenQuestion, Said};
use crate::domain::schedule::judge::{Look, Verdict, explain, judge};
use crate::domain::schedule::missed::GRACE;
use crate::domain::schedule::testing::{
    HOUR, asking, at, checked_in, content, day, hotel, is, language, reservation, set, trigger, when, window,
};
use crate::domain::stay::{Phone, Reservation, ReservationStatus};
use crate::domain::touchpoint::SkipReason;
use crate::domain::trigger::{
    Anchor, Condition, Field, IfMissed, Once, Otherwise, Policy, Says, Side, Trigger, Variant, When,
};
use jiff::{SignedDuration, Timestamp};

const NOON: &str = "2026-07-12T12:00:00Z";

/// A guest in house, a trigger due at noon, and nothing against it.
struct Case {
    hotel: Hotel,
    trigger: Trigger,
    reservation: Reservation,
    facts: Facts,
    due_at: Timestamp,
    look_at: Timestamp,
    now: Timestamp,
}

fn case() -> Case {
    Case {
        hotel: hotel(),
        trigger: trigger("t", when(Side::On, Anchor::Arrival)),
        reservation: checked_in(reservation("r", "2026-07-10", "2026-07-14"), "2026-07-10T15:00:00Z"),
        facts: Facts::default(),
        due_at: at(NOON),
        look_at: at(NOON),
        now: at(NOON),
    }
}

impl Case {
    fn verdict(&self) -> Verdict {
        let set = set(vec![self.trigger.clone()]);
        let look = Look {
            hotel: &self.hotel,
            set: &set,
            trigger: &self.trigger,
            reservation: &self.reservation,
            occurrence: "",
            due_at: self.due_at,
            look_at: self.look_at,
            facts: &self.facts,
            now: self.now,
            grace: GRACE,
        };
        let (guards, _) = explain(&look);
        let verdict = judge(&look);
        let first = guards.into_iter().find_map(|guard| guard.objects);
        let sends = matches!(verdict, Verdict::Send { .. });
        assert!(first == Some(verdict) || (first.is_none() && sends), "what is explained is what is done");
        verdict
    }

    fn now(&mut self, text: &str) {
        self.now = at(text);
    }
}

fn verdict(change: impl FnOnce(&mut Case)) -> String {
    let mut case = case();
    change(&mut case);
    match case.verdict() {
        Verdict::Send { language, variant } => format!("send {language} {variant}"),
        Verdict::Wait { until, why } => format!("wait {} {why}", until.strftime("%d %H:%M")),
        Verdict::Skip(reason) => format!("skip {reason}"),
    }
}

fn status(status: ReservationStatus, side: Side, anchor: Anchor) -> String {
    verdict(|case| {
        case.reservation.booking.status = status;
        case.trigger.when = when(side, anchor);
    })
}

#[test]
fn nothing_against_it_means_send() {
    assert_eq!(verdict(|_| {}), "send en 0");
}

#[test]
fn each_status_hears_its_own_anchors() {
    use ReservationStatus::{Cancelled, CheckedIn, CheckedOut, Confirmed, NoShow, Tentative};
    let (sent, passed) = ("send en 0", "skip status");
    let cron = || Anchor::Schedule { cron: "0 12 * * *".to_owned() };
    for (stands, side, anchor, expected) in [
        (Tentative, Side::On, Anchor::BookingCreated, passed),
        (Tentative, Side::On, Anchor::BookingCancelled, passed),
        (Confirmed, Side::Before, Anchor::Arrival, sent),
        (Confirmed, Side::On, Anchor::BookingCancelled, passed),
        (Confirmed, Side::On, cron(), passed),
        (CheckedIn, Side::On, cron(), sent),
        (CheckedIn, Side::After, Anchor::CheckOut, sent),
        (CheckedIn, Side::After, Anchor::CheckedOut, passed),
        (CheckedOut, Side::After, Anchor::CheckedOut, sent),
        (CheckedOut, Side::After, Anchor::CheckOut, sent),
        (CheckedOut, Side::Before, Anchor::CheckOut, passed),
        (CheckedOut, Side::After, Anchor::CheckIn, passed),
        (CheckedOut, Side::After, Anchor::AlertResolved, passed),
        (Cancelled, Side::On, Anchor::BookingCancelled, sent),
        (Cancelled, Side::After, Anchor::CheckOut, passed),
        (Cancelled, Side::Before, Anchor::Arrival, passed),
        (NoShow, Side::On, Anchor::NoShow, sent),
        (NoShow, Side::On, Anchor::BookingCancelled, passed),
    ] {
        assert_eq!(status(stands, side, anchor.clone()), expected, "{stands} {side} {}", anchor.as_str());
    }
}

#[test]
fn at_a_hotel_that_assumes_the_planned_departure_is_the_end() {
    let assumed = |now: &str| {
        verdict(|case| {
            case.hotel.assume_check_in = true;
            case.reservation.booking.status = ReservationStatus::Confirmed;
            case.trigger.filter = is(Field::Status, "checked_in");
            (case.now, case.due_at, case.look_at) = (at(now), at(now), at(now));
        })
    };
    assert_eq!(assumed("2026-07-10T13:59:00Z"), "skip condition");
    assert_eq!(assumed("2026-07-10T14:00:00Z"), "send en 0");
    assert_eq!(assumed("2026-07-14T11:59:00Z"), "send en 0");
    assert_eq!(assumed("2026-07-14T12:00:00Z"), "skip status");
}

#[test]
fn silence_number_and_language_are_looked_at() {
    assert_eq!(verdict(|case| case.facts.opted_out = true), "skip opted_out");
    assert_eq!(verdict(|case| case.reservation.booking.phone = Phone::Missing), "skip no_phone");
    assert_eq!(verdict(|case| case.reservation.booking.phone = Phone::Unclear("900".into())), "skip no_phone");
    assert_eq!(verdict(|case| case.facts.language = Some(language("ru"))), "send ru 0");
    assert_eq!(verdict(|case| case.trigger.says = Says::Send(content(&["th"]))), "skip language");
    assert_eq!(
        verdict(|case| {
            case.trigger.says = Says::Send(content(&["th"]));
            case.facts.language = Some(language("th"));
        }),
        "send th 0",
        "also when the hotel does not list it"
    );
}

#[test]
fn the_first_wording_whose_condition_holds_is_used() {
    let variants = |case: &mut Case| {
        let mut says = content(&["en"]);
        let suite = Variant { filter: is(Field::RoomType, "suite"), ..says.variants[0].clone() };
        says.variants.insert(0, suite);
        case.trigger.says = Says::Send(says);
    };
    assert_eq!(verdict(variants), "send en 1");
    let in_a_suite = |case: &mut Case| {
        variants(case);
        case.reservation.booking.room_type = Some("Suite".to_owned());
    };
    assert_eq!(verdict(in_a_suite), "send en 0");
}

#[test]
fn old_words_of_a_pms_are_not_acted_on_and_files_and_people_never_grow_old() {
    let told = |by: &'static str, age: i64| {
        verdict(move |case| {
            case.reservation.told_by = by.to_owned();
            case.reservation.synced_at = case.now - SignedDuration::from_hours(age);
        })
    };
    assert_eq!(told("webhook", 24), "send en 0");
    assert_eq!(told("webhook", 25), "skip stale");
    assert_eq!(told("csv", 10_000), "send en 0");
    assert_eq!(told("manual", 10_000), "send en 0");
    let patient = verdict(|case| {
        case.hotel.pms = Some(PmsPolicy { kind: "webhook".into(), stale_after: HOUR * 48, secret: None });
        case.reservation.told_by = "webhook".to_owned();
        case.reservation.synced_at = case.now - SignedDuration::from_hours(47);
    });
    assert_eq!(patient, "send en 0");
}

#[test]
fn a_person_in_the_conversation_silences_or_delays() {
    assert_eq!(verdict(|case| case.facts.person_leads = Some(Lead::Open)), "skip handoff");
    let leads = |until: &'static str| verdict(move |case| case.facts.person_leads = Some(Lead::Until(at(until))));
    assert_eq!(leads("2026-07-12T12:30:00Z"), "wait 12 12:30 handoff");
    assert_eq!(leads("2026-07-12T12:00:00Z"), "send en 0");
    let wrote = |when: &'static str| verdict(move |case| case.facts.staff_wrote_at = Some(at(when)));
    assert_eq!(wrote("2026-07-12T11:00:00Z"), "wait 12 13:00 handoff", "two hours after a staff reply");
    assert_eq!(wrote("2026-07-12T10:00:00Z"), "send en 0");
}

#[test]
fn a_wait_ends_in_an_allowed_hour_and_not_after_the_stay() {
    let late = |departure: &'static str, otherwise: Otherwise| {
        verdict(move |case| {
            case.reservation.booking.departure.date = day(departure);
            case.trigger.when =
                When { otherwise, only_between: Some(window("10:00-20:30")), ..case.trigger.when.clone() };
            (case.due_at, case.look_at, case.now) =
                (at("2026-07-12T20:00:00Z"), at("2026-07-12T20:00:00Z"), at("2026-07-12T20:00:00Z"));
            case.facts.staff_wrote_at = Some(at("2026-07-12T19:00:00Z"));
        })
    };
    assert_eq!(late("2026-07-14", Otherwise::Later), "wait 13 10:00 handoff");
    assert_eq!(late("2026-07-14", Otherwise::Skip), "skip window");
    // The departure at noon on the 13th leaves room, one on the 12th does not.
    assert_eq!(late("2026-07-13", Otherwise::Later), "wait 13 10:00 handoff");
    assert_eq!(late("2026-07-12", Otherwise::Later), "skip handoff");
}

#[test]
fn while_a_question_is_open_nothing_is_asked_and_things_are_told() {
    let open = |asks: bool, asked: &'static str, expires: &'static str| {
        verdict(move |case| {
            if asks {
                case.trigger = asking(case.trigger.clone());
            }
            case.facts.open_question = Some(OpenQuestion { asked_at: at(asked), expires_at: at(expires) });
        })
    };
    let (asked, expires) = ("2026-07-12T09:00:00Z", "2026-07-13T21:00:00Z");
    assert_eq!(open(true, asked, expires), "wait 13 09:00 limit");
    assert_eq!(open(false, asked, expires), "send en 0");
    assert_eq!(open(true, asked, "2026-07-12T18:00:00Z"), "wait 12 18:00 limit", "once it expired it is not open");
    assert_eq!(open(true, "2026-07-11T12:00:00Z", expires), "send en 0", "24 hours are over");
}

#[test]
fn limits_are_counted_by_instants() {
    let heard = |hours: &'static [i64]| {
        verdict(move |case| {
            case.facts.openings = hours.iter().map(|hours| case.now - SignedDuration::from_hours(*hours)).collect();
        })
    };
    assert_eq!(heard(&[4]), "send en 0", "at least four hours apart");
    assert_eq!(heard(&[3]), "skip limit");
    assert_eq!(heard(&[5, 10]), "skip limit", "two in a day");
    assert_eq!(heard(&[5, 24]), "send en 0");
    let own = verdict(|case| {
        case.trigger.policy = Policy { at_most: 1, ..Policy::default() };
        case.facts.openings = vec![case.now - SignedDuration::from_hours(10)];
    });
    assert_eq!(own, "skip limit", "a trigger may tighten it");
}

#[test]
fn while_the_number_is_to_be_spared_a_new_contact_waits() {
    let held = |until: &'static str| {
        verdict(move |case| case.facts.number_held = Some(Hold { until: at(until), why: HoldReason::WarmUp }))
    };
    assert_eq!(held("2026-07-12T18:00:00Z"), "wait 12 18:00 number");
    assert_eq!(held(NOON), "send en 0", "it is over");
}

fn said(reservation: &str, arrival: &str, departure: &str, occurrence: &str, when: &str) -> Said {
    Said {
        reservation: reservation.into(),
        arrival: day(arrival),
        departure: day(departure),
        occurrence: occurrence.to_owned(),
        at: at(when),
    }
}

#[test]
fn once_is_per_stay_room_guest_or_time() {
    let month = Once::Every(HOUR * 24 * 30);
    let overlapping = said("other", "2026-07-12", "2026-07-20", "", "2026-07-12T09:00:00Z");
    let other_day = said("r", "2026-07-10", "2026-07-14", "2026-07-11", "2026-07-11T09:00:00Z");
    let before = said("before", "2026-06-20", "2026-06-22", "", "2026-06-21T09:00:00Z");
    let same_day = said("before", "2026-07-08", "2026-07-10", "", "2026-06-01T09:00:00Z");
    let own = said("r", "2026-07-10", "2026-07-14", "", "2026-07-11T09:00:00Z");
    let (sent, passed) = ("send en 0", "skip duplicate");
    for (once, earlier, expected) in [
        (Once::PerStay, &own, passed),
        (Once::PerRoom, &own, passed),
        (Once::PerStay, &overlapping, passed),
        (Once::PerRoom, &overlapping, sent),
        (Once::PerStay, &before, sent),
        (Once::PerStay, &same_day, sent),
        (Once::PerStay, &other_day, sent),
        (Once::PerGuest, &before, passed),
        (Once::PerGuest, &other_day, passed),
        (month, &before, passed),
        (month, &same_day, sent),
    ] {
        let found = verdict(|case| {
            case.trigger.once = once;
            case.facts.said = vec![earlier.clone()];
        });
        assert_eq!(found, expected, "{once:?} {earlier:?}");
    }
}

#[test]
fn what_is_looked_at_late_goes_by_if_missed_and_a_wait_is_no_miss() {
    let late = |if_missed, now: &'static str| {
        verdict(move |case| {
            case.trigger.when.if_missed = if_missed;
            case.now(now);
        })
    };
    let six = IfMissed::Within(HOUR * 6);
    assert_eq!(late(IfMissed::Skip, "2026-07-12T12:05:00Z"), "send en 0", "a few minutes are no miss");
    assert_eq!(late(IfMissed::Skip, "2026-07-12T12:06:00Z"), "skip missed");
    assert_eq!(late(IfMissed::Send, "2026-07-13T12:00:00Z"), "send en 0");
    assert_eq!(late(six, "2026-07-12T18:00:00Z"), "send en 0");
    assert_eq!(late(six, "2026-07-12T18:01:00Z"), "skip missed");
    // At night the attempt is the next morning.
    assert_eq!(late(six, "2026-07-12T22:00:00Z"), "skip missed");
    assert_eq!(late(IfMissed::Within(HOUR * 24), "2026-07-12T22:00:00Z"), "wait 13 09:00 quiet");
    let waited = verdict(|case| {
        case.look_at = at("2026-07-12T14:00:00Z");
        case.now("2026-07-12T14:00:00Z");
    });
    assert_eq!(waited, "send en 0");
}

#[test]
fn the_first_import_is_silent_about_the_past_whatever_if_missed_says() {
    let silent = |before: &'static str| {
        verdict(move |case| {
            case.trigger.when.if_missed = IfMissed::Send;
            case.reservation.silent_before = Some(at(before));
        })
    };
    assert_eq!(silent("2026-07-12T12:00:01Z"), "skip missed");
    assert_eq!(silent("2026-07-12T12:00:00Z"), "send en 0");
}

#[test]
fn hours_are_looked_at_again() {
    let at_night = |change: fn(&mut Case)| {
        verdict(|case| {
            let night = at("2026-07-12T20:59:00Z");
            (case.due_at, case.look_at, case.now) = (night, night, at("2026-07-12T21:00:00Z"));
            change(case);
        })
    };
    assert_eq!(at_night(|_| {}), "wait 13 09:00 quiet");
    assert_eq!(at_night(|case| case.hotel.quiet_hours = Some(Window::NEVER)), "send en 0");
    assert_eq!(at_night(|case| case.reservation.booking.departure.date = day("2026-07-13")), "wait 13 09:00 quiet");
    let gone = at_night(|case| {
        case.reservation.booking.departure.date = day("2026-07-13");
        case.hotel.check_out_time = jiff::civil::time(9, 0, 0, 0);
    });
    assert_eq!(gone, "skip quiet");
    let free = at_night(|case| {
        case.reservation.booking.departure.date = day("2026-07-13");
        case.hotel.check_out_time = jiff::civil::time(9, 0, 0, 0);
        case.trigger.when = when(Side::After, Anchor::CheckOut);
    });
    assert_eq!(free, "wait 13 09:00 quiet", "a message about the departure may come after it");
}

#[test]
fn conditions_are_judged_as_of_the_due_moment_with_the_facts_of_now() {
    let hours = |now: &'static str| {
        verdict(move |case| {
            case.trigger.when.if_missed = IfMissed::Send;
            case.trigger.filter = Condition::Is {
                field: Field::HoursSinceCheckIn,
                test: crate::domain::trigger::Test::Compare(crate::domain::trigger::Order::AtMost, 45.0),
            };
            case.now(now);
        })
    };
    assert_eq!(hours(NOON), "send en 0");
    assert_eq!(hours("2026-07-12T18:00:00Z"), "send en 0", "45 hours had passed when it was due");
    let alert = verdict(|case| {
        case.trigger.filter = Condition::None(vec![Condition::Is {
            field: Field::OpenAlert,
            test: crate::domain::trigger::Test::Equals(crate::domain::trigger::Value::Flag(true)),
        }]);
        case.facts.open_alert = true;
    });
    assert_eq!(alert, "skip condition");
}

#[test]
fn the_explanation_names_every_guard_and_every_test_with_what_it_saw() {
    let mut case = case();
    case.trigger.filter = Condition::All(vec![
        is(Field::RoomType, "suite"),
        Condition::None(vec![is(Field::Custom("floor".into()), "3")]),
    ]);
    case.reservation.booking.room_type = Some("standard".to_owned());
    let set = set(vec![case.trigger.clone()]);
    let look = Look {
        hotel: &case.hotel,
        set: &set,
        trigger: &case.trigger,
        reservation: &case.reservation,
        occurrence: "",
        due_at: case.due_at,
        look_at: case.look_at,
        facts: &case.facts,
        now: case.now,
        grace: GRACE,
    };

    let (guards, tests) = explain(&look);

    let objecting: Vec<&str> =
        guards.iter().filter(|guard| guard.objects.is_some()).map(|guard| guard.name.as_str()).collect();
    assert_eq!(objecting, ["where"]);
    assert_eq!(guards.len(), 13);
    let seen: Vec<(&str, Option<&str>, &str)> =
        tests.iter().map(|test| (test.field.as_str(), test.saw.as_deref(), test.list.as_str())).collect();
    assert_eq!(seen, [("room_type", Some("standard"), "all"), ("custom.floor", None, "none")]);
    assert_eq!(case.verdict(), Verdict::Skip(SkipReason::Condition));
}
