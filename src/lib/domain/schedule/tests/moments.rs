//! Anchors and moments.

use crate::domain::hotel::Hotel;
use crate::domain::schedule::facts::{Happening, What};
use crate::domain::schedule::plan::{Wanted, Wish, plan_trigger};
use crate::domain::schedule::testing::{
    at, checked_in, clock, day, days, hotel, hotel_in, hours, reservation, set, trigger, when,
};
use crate::domain::stay::{PlannedDay, Reservation};
use crate::domain::trigger::{Anchor, Offset, Side, When};
use crate::domain::understanding::Sentiment;
use std::time::Duration;

/// What one trigger wants of one reservation, without quiet hours, seen from long before.
fn wanted(hotel: &Hotel, reservation: &Reservation, when: When, happenings: &[Happening]) -> Vec<Wanted> {
    let hotel = Hotel { quiet_hours: Some(crate::domain::hotel::Window::NEVER), ..hotel.clone() };
    let set = set(vec![trigger("t", when)]);
    let now = at("2020-01-01T00:00:00Z");
    let wish = Wish { reservation, hotel: &hotel, set: &set, happenings, now, grace: jiff::SignedDuration::ZERO };
    plan_trigger(&wish, &set.triggers[&"t".into()])
}

fn moments(hotel: &Hotel, reservation: &Reservation, when: When) -> Vec<String> {
    let zone = hotel.time_zone();
    let shown = |wanted: Wanted| wanted.moment.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M%:z").to_string();
    wanted(hotel, reservation, when, &[]).into_iter().map(shown).collect()
}

fn timed(side: Side, anchor: Anchor, by: Option<Offset>, clock_time: &str) -> When {
    let at = (!clock_time.is_empty()).then(|| clock(clock_time));
    When { by, at, ..when(side, anchor) }
}

#[test]
fn hours_pass_and_days_keep_the_clock_time_on_the_nights_clocks_change() {
    let berlin = hotel_in("Europe/Berlin");
    // Clocks go from 2:00 to 3:00 on 29 March 2026, and from 3:00 to 2:00 on 25 October.
    for (arrived, by, expected) in [
        ("2026-03-28T23:30:00+01:00", hours(3), "2026-03-29T03:30+02:00"),
        ("2026-03-28T15:00:00+01:00", days(1), "2026-03-29T15:00+02:00"),
        ("2026-03-28T15:00:00+01:00", hours(24), "2026-03-29T16:00+02:00"),
        ("2026-03-28T02:30:00+01:00", days(1), "2026-03-29T03:00+02:00"),
        ("2026-03-28T02:00:00+01:00", days(1), "2026-03-29T03:00+02:00"),
        ("2026-10-24T02:30:00+02:00", days(1), "2026-10-25T02:30+02:00"),
        ("2026-10-25T00:30:00+02:00", hours(3), "2026-10-25T02:30+01:00"),
        ("2026-10-25T02:30:00+01:00", days(0), "2026-10-25T02:30+01:00"),
        ("2026-10-24T23:00:00+02:00", hours(3), "2026-10-25T02:00+02:00"),
        ("2026-10-25T02:30:00+01:00", days(7), "2026-11-01T02:30+01:00"),
    ] {
        let stay = checked_in(reservation("r", "2026-03-28", "2026-11-20"), arrived);

        let found = moments(&berlin, &stay, timed(Side::After, Anchor::CheckIn, by, ""));

        assert_eq!(found, [expected], "{arrived} {by:?}");
    }
}

#[test]
fn at_leads_to_the_clock_time_on_that_day() {
    let stay = reservation("r", "2026-07-10", "2026-07-14");
    for (side, anchor, by, time, expected) in [
        (Side::Before, Anchor::CheckOut, days(1), "18:00", "2026-07-13T18:00+00:00"),
        (Side::Before, Anchor::Arrival, days(2), "11:00", "2026-07-08T11:00+00:00"),
        (Side::After, Anchor::Arrival, days(0), "18:00", "2026-07-10T18:00+00:00"),
        (Side::After, Anchor::Arrival, days(7), "10:00", "2026-07-17T10:00+00:00"),
        // Without `by`: the first such time at or after, or the last one at or before.
        (Side::After, Anchor::Arrival, None, "18:00", "2026-07-10T18:00+00:00"),
        (Side::After, Anchor::Arrival, None, "14:00", "2026-07-10T14:00+00:00"),
        (Side::After, Anchor::Arrival, None, "10:00", "2026-07-11T10:00+00:00"),
        (Side::On, Anchor::Arrival, None, "18:00", "2026-07-10T18:00+00:00"),
        (Side::Before, Anchor::CheckOut, None, "10:00", "2026-07-14T10:00+00:00"),
        (Side::Before, Anchor::CheckOut, None, "12:00", "2026-07-14T12:00+00:00"),
        (Side::Before, Anchor::CheckOut, None, "18:00", "2026-07-13T18:00+00:00"),
        (Side::After, Anchor::CheckOut, hours(2), "", "2026-07-14T14:00+00:00"),
        (Side::Before, Anchor::CheckOut, hours(2), "", "2026-07-14T10:00+00:00"),
        (Side::On, Anchor::Arrival, None, "", "2026-07-10T14:00+00:00"),
    ] {
        assert_eq!(moments(&hotel(), &stay, timed(side, anchor, by, time)), [expected], "{side} {by:?} {time}");
    }
}

#[test]
fn planned_times_go_by_the_hotels_clock_and_by_what_the_booking_says() {
    let bangkok = hotel_in("Asia/Bangkok");
    let mut stay = reservation("r", "2026-07-10", "2026-07-14");
    assert_eq!(moments(&bangkok, &stay, when(Side::On, Anchor::Arrival)), ["2026-07-10T14:00+07:00"]);

    stay.booking.arrival = PlannedDay { date: day("2026-07-10"), time: Some(clock("20:30")) };

    assert_eq!(moments(&bangkok, &stay, when(Side::On, Anchor::Arrival)), ["2026-07-10T20:30+07:00"]);
}

#[test]
fn the_middle_of_a_stay_is_half_its_nights_after_arrival_from_two_nights_on() {
    for (departure, time, expected) in [
        ("2026-07-10", "", vec![]),
        ("2026-07-11", "", vec![]),
        ("2026-07-12", "", vec!["2026-07-11T11:00+00:00"]),
        ("2026-07-13", "", vec!["2026-07-11T11:00+00:00"]),
        ("2026-07-14", "", vec!["2026-07-12T11:00+00:00"]),
        ("2026-07-15", "09:30", vec!["2026-07-12T09:30+00:00"]),
    ] {
        let stay = reservation("r", "2026-07-10", departure);
        let found = moments(&hotel(), &stay, timed(Side::On, Anchor::MidStay, None, time));
        assert_eq!(found, expected, "until {departure}");
    }
}

#[test]
fn each_day_strictly_inside_the_stay_is_an_occurrence_named_by_its_date() {
    let stay = reservation("r", "2026-07-10", "2026-07-13");

    let found = wanted(&hotel(), &stay, timed(Side::On, Anchor::InHouseDaily, None, "10:00"), &[]);

    let named: Vec<(&str, String)> =
        found.iter().map(|wanted| (wanted.key.occurrence.as_str(), wanted.moment.to_string())).collect();
    assert_eq!(
        named,
        [("2026-07-11", "2026-07-11T10:00:00Z".to_owned()), ("2026-07-12", "2026-07-12T10:00:00Z".to_owned())]
    );
    let without_a_time = wanted(&hotel(), &stay, when(Side::On, Anchor::InHouseDaily), &[]);
    assert!(without_a_time.is_empty(), "the anchor needs `at`");
    let one_night = reservation("r", "2026-07-10", "2026-07-11");
    assert!(moments(&hotel(), &one_night, timed(Side::On, Anchor::InHouseDaily, None, "10:00")).is_empty());
}

#[test]
fn a_booking_is_created_when_it_was_booked_or_else_when_it_became_known() {
    let mut stay = reservation("r", "2026-07-10", "2026-07-13");
    assert_eq!(moments(&hotel(), &stay, when(Side::After, Anchor::BookingCreated)), ["2026-01-01T00:00+00:00"]);

    stay.booking.booked_at = Some(at("2025-12-24T18:00:00Z"));

    assert_eq!(moments(&hotel(), &stay, when(Side::After, Anchor::BookingCreated)), ["2025-12-24T18:00+00:00"]);
}

#[test]
fn a_real_check_in_counts_and_the_planned_one_only_where_the_hotel_assumes_it() {
    let after = || timed(Side::After, Anchor::CheckIn, hours(3), "");
    let promised = reservation("r", "2026-07-10", "2026-07-13");
    let arrived = checked_in(promised.clone(), "2026-07-11T00:40:00Z");
    let assuming = Hotel { assume_check_in: true, ..hotel() };

    assert!(moments(&hotel(), &promised, after()).is_empty());
    assert_eq!(moments(&hotel(), &arrived, after()), ["2026-07-11T03:40+00:00"]);
    assert_eq!(moments(&assuming, &promised, after()), ["2026-07-10T17:00+00:00"]);
    assert_eq!(moments(&assuming, &arrived, after()), ["2026-07-11T03:40+00:00"]);
    let named = |stay: &Reservation| wanted(&assuming, stay, after(), &[])[0].key.clone();
    assert_eq!(named(&promised), named(&arrived), "a later real check-in repeats nothing");
    // A check-in after midnight belongs to its own calendar day.
    let evening = timed(Side::After, Anchor::CheckIn, days(0), "18:00");
    assert_eq!(moments(&hotel(), &arrived, evening), ["2026-07-11T18:00+00:00"]);
}

#[test]
fn a_departure_is_real_or_assumed_and_the_planned_one_stands_beside_it() {
    let mut stay = checked_in(reservation("r", "2026-07-10", "2026-07-13"), "2026-07-10T15:00:00Z");
    let after = |anchor| timed(Side::After, anchor, hours(2), "");
    assert!(moments(&hotel(), &stay, after(Anchor::CheckedOut)).is_empty());
    assert_eq!(
        moments(&Hotel { assume_check_in: true, ..hotel() }, &stay, after(Anchor::CheckedOut)),
        ["2026-07-13T14:00+00:00"]
    );

    stay.history.checked_out_at = Some(at("2026-07-12T07:30:00Z"));

    assert_eq!(moments(&hotel(), &stay, after(Anchor::CheckedOut)), ["2026-07-12T09:30+00:00"]);
    assert_eq!(moments(&hotel(), &stay, after(Anchor::CheckOut)), ["2026-07-13T14:00+00:00"]);
}

#[test]
fn changes_cancellations_and_absence_are_at_the_instant_they_became_known() {
    let mut stay = reservation("r", "2026-07-10", "2026-07-13");
    let on = |anchor| when(Side::On, anchor);
    for anchor in [Anchor::BookingChanged, Anchor::RoomChanged, Anchor::BookingCancelled, Anchor::NoShow] {
        assert!(moments(&hotel(), &stay, on(anchor)).is_empty());
    }
    stay.history.changed = vec![at("2026-07-01T10:00:00Z"), at("2026-07-02T11:00:00Z")];
    stay.history.moved = vec![at("2026-07-11T12:00:00Z")];
    stay.history.cancelled_at = Some(at("2026-07-03T09:00:00Z"));
    stay.history.no_show_at = Some(at("2026-07-11T06:00:00Z"));

    assert_eq!(
        moments(&hotel(), &stay, on(Anchor::BookingChanged)),
        ["2026-07-01T10:00+00:00", "2026-07-02T11:00+00:00"]
    );
    assert_eq!(moments(&hotel(), &stay, on(Anchor::RoomChanged)), ["2026-07-11T12:00+00:00"]);
    assert_eq!(moments(&hotel(), &stay, on(Anchor::BookingCancelled)), ["2026-07-03T09:00+00:00"]);
    assert_eq!(moments(&hotel(), &stay, on(Anchor::NoShow)), ["2026-07-11T06:00+00:00"]);
}

#[test]
fn a_schedule_speaks_once_a_day_while_the_guest_is_in_house() {
    let stay = checked_in(reservation("r", "2026-07-10", "2026-07-13"), "2026-07-10T15:00:00Z");
    let cron = |text: &str| when(Side::On, Anchor::Schedule { cron: text.to_owned() });

    assert_eq!(
        moments(&hotel(), &stay, cron("0 10 * * *")),
        ["2026-07-11T10:00+00:00", "2026-07-12T10:00+00:00", "2026-07-13T10:00+00:00"]
    );
    // On the day of arrival only the evening is in the stay, on the day of departure only the morning.
    assert_eq!(
        moments(&hotel(), &stay, cron("0 10,18 * * *")),
        ["2026-07-10T18:00+00:00", "2026-07-11T10:00+00:00", "2026-07-12T10:00+00:00", "2026-07-13T10:00+00:00"]
    );
    assert_eq!(moments(&hotel(), &stay, cron("0 18 * * sun")), ["2026-07-12T18:00+00:00"]);
}

fn happening(id: &str, when: &str, what: What) -> Happening {
    Happening { id: id.to_owned(), at: at(when), what }
}

#[test]
fn messages_answers_and_alerts_speak_by_their_own_id() {
    let stay = checked_in(reservation("r", "2026-07-10", "2026-07-13"), "2026-07-10T15:00:00Z");
    let answer = |answer: &str| What::Answer { question: "room-ok".into(), answer: Some(answer.into()) };
    let heard = [
        happening("m1", "2026-07-10T16:00:00Z", What::Message { sentiment: None }),
        happening("m2", "2026-07-10T17:00:00Z", What::Message { sentiment: Some(Sentiment::Negative) }),
        happening("m2", "2026-07-10T17:00:00Z", answer("problem")),
        happening("a1", "2026-07-10T18:00:00Z", What::AlertResolved),
    ];
    let of = |anchor| {
        let found =
            wanted(&hotel(), &stay, timed(Side::After, anchor, Some(Offset::Elapsed(Duration::ZERO)), ""), &heard);
        found.into_iter().map(|wanted| (wanted.key.occurrence, wanted.moment.to_string())).collect::<Vec<_>>()
    };
    let pair = |name: &str, time: &str| (name.to_owned(), format!("2026-07-10T{time}:00Z"));

    assert_eq!(of(Anchor::Message), [pair("m1", "16:00"), pair("m2", "17:00")]);
    assert_eq!(of(Anchor::FirstMessage), [pair("", "16:00")]);
    assert_eq!(of(Anchor::Sentiment { is: Sentiment::Negative }), [pair("m2", "17:00")]);
    assert_eq!(of(Anchor::Sentiment { is: Sentiment::Positive }), []);
    let answered = |is: Option<&str>| Anchor::Answer { of: "room-ok".into(), is: is.map(Into::into) };
    assert_eq!(of(answered(None)), [pair("m2", "17:00")]);
    assert_eq!(of(answered(Some("problem"))), [pair("m2", "17:00")]);
    assert_eq!(of(answered(Some("fine"))), []);
    assert_eq!(of(Anchor::AlertResolved), [pair("a1", "18:00")]);
    assert_eq!(of(Anchor::Silence), [pair("m2", "17:00")], "since the last message");
    let silent = wanted(&hotel(), &stay, when(Side::After, Anchor::Silence), &[]);
    assert_eq!(silent[0].moment, at("2026-07-10T15:00:00Z"), "without a message since the check-in");
}

#[test]
fn moving_a_reservation_keeps_the_key() {
    let on = || timed(Side::Before, Anchor::CheckOut, days(1), "18:00");
    let before = wanted(&hotel(), &reservation("r", "2026-07-10", "2026-07-13"), on(), &[]);
    let after = wanted(&hotel(), &reservation("r", "2026-07-12", "2026-07-19"), on(), &[]);

    assert_eq!(before[0].key, after[0].key);
    assert_ne!(before[0].due_at, after[0].due_at);
}

#[test]
fn absurd_distances_give_no_moment_instead_of_a_crash() {
    let stay = reservation("r", "2026-07-10", "2026-07-13");
    for by in [days(i64::MAX), days(40_000_000), Some(Offset::Elapsed(Duration::MAX))] {
        for side in [Side::Before, Side::After] {
            assert!(moments(&hotel(), &stay, timed(side, Anchor::Arrival, by, "")).is_empty(), "{by:?}");
        }
    }
}
