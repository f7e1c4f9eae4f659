use super::*;
use crate::domain::rules::testing::hotel;
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

const GUEST: GuestId = GuestId(Uuid::from_u128(1));

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn booking() -> Booking {
    Booking {
        guest_name: Some("Anna".to_owned()),
        phone: Phone::Known("+79210004567".to_owned()),
        room_type: Some("standard".to_owned()),
        adults: Some(2),
        ..Booking::bare("R1", date(2026, 7, 1), date(2026, 7, 5))
    }
}

fn with(edit: impl FnOnce(&mut Booking)) -> Told {
    let mut booking = booking();
    edit(&mut booking);
    Told::whole(booking)
}

/// Tells one after the other, an hour apart, from 2026-06-01 on.
fn after(tellings: &[Told]) -> Known {
    let hotel = hotel();
    let mut known = None;
    for (hour, told) in tellings.iter().enumerate() {
        let at = at("2026-06-01T00:00:00Z") + jiff::SignedDuration::from_hours(hour as i64);
        let telling = Telling { hotel: &hotel, by: "csv", at, first: false };
        known = tell(known.as_ref(), told, GUEST, &telling).or(known);
    }
    known.expect("something was told")
}

#[test]
fn telling_the_same_again_changes_nothing_but_when_it_was_told() {
    let once = after(&[with(|_| {})]);
    let often = after(&vec![with(|_| {}); 100]);

    assert!(is_same(&once.reservation, &often.reservation));
    assert_eq!(often.told, None);
    assert!(often.reservation.synced_at > once.reservation.synced_at);
}

#[test]
fn dates_the_class_of_room_and_the_number_of_guests_are_changes_and_nothing_else_is() {
    let changes = |edit: fn(&mut Booking)| after(&[with(|_| {}), with(edit)]).reservation.history.changed.len();

    assert_eq!(changes(|b| b.departure.date = date(2026, 7, 7)), 1);
    assert_eq!(changes(|b| b.arrival.date = date(2026, 7, 2)), 1);
    assert_eq!(changes(|b| b.room_type = Some("suite".to_owned())), 1);
    assert_eq!(changes(|b| b.adults = Some(3)), 1);
    assert_eq!(changes(|b| b.children = Some(1)), 0, "the first time a number is told it is no other one");
    assert_eq!(changes(|b| b.guest_name = Some("Maria".to_owned())), 0);
    assert_eq!(changes(|b| b.room = Some("101".to_owned())), 0);
    assert_eq!(changes(|b| b.status = ReservationStatus::Cancelled), 0);
}

#[test]
fn the_first_room_is_no_move_and_every_other_one_is() {
    let room = |room: &str| with(|b| b.room = Some(room.to_owned()));

    let history = after(&[with(|_| {}), room("101"), room("101"), room("102"), room("101")]).reservation.history;

    assert_eq!(history.moved, [at("2026-06-01T03:00:00Z"), at("2026-06-01T04:00:00Z")]);
}

#[test]
fn a_status_is_reached_when_it_is_told_or_when_the_source_says() {
    let checked_in = with(|b| b.status = ReservationStatus::CheckedIn);
    let said = Told { status_at: Some(at("2026-06-01T00:20:00Z")), ..checked_in.clone() };

    let told = after(&[with(|_| {}), checked_in.clone()]).reservation.history;
    let exact = after(&[with(|_| {}), said.clone()]).reservation.history;
    let corrected = after(&[with(|_| {}), checked_in, said]).reservation.history;

    assert_eq!(told.checked_in_at, Some(at("2026-06-01T01:00:00Z")));
    assert_eq!(exact.checked_in_at, Some(at("2026-06-01T00:20:00Z")));
    assert_eq!(corrected.checked_in_at, exact.checked_in_at);
}

#[test]
fn what_became_known_late_happened_at_its_planned_instant() {
    let hotel = hotel();
    let now = at("2026-07-03T12:00:00Z");
    let begin = |status| {
        let telling = Telling { hotel: &hotel, by: "csv", at: now, first: true };
        tell(None, &with(|b| b.status = status), GUEST, &telling).expect("taken").reservation
    };

    let in_house = begin(ReservationStatus::CheckedIn);
    assert_eq!(in_house.history.checked_in_at, Some(in_house.arrives_at(&hotel)));
    let early = begin(ReservationStatus::CheckedOut);
    assert_eq!(early.history.checked_out_at, Some(now), "before the planned departure: now at the latest");
    assert!(early.silent_before > Some(early.history.known_at), "it being known is part of the past");
}

#[test]
fn a_reverted_check_in_and_an_undone_cancellation_leave_no_trace() {
    let status = |status| with(|b| b.status = status);
    use ReservationStatus::{Cancelled, CheckedIn, CheckedOut, Confirmed};

    let reverted = after(&[status(Confirmed), status(CheckedIn), status(Confirmed)]).reservation.history;
    assert_eq!(reverted.checked_in_at, None);
    let undone = after(&[status(Confirmed), status(Cancelled), status(Confirmed)]).reservation.history;
    assert_eq!(undone.cancelled_at, None);
    let back = after(&[status(Confirmed), status(CheckedIn), status(CheckedOut), status(CheckedIn)]).reservation;
    assert_eq!(back.history.checked_in_at, Some(at("2026-06-01T01:00:00Z")));
    assert_eq!(back.history.checked_out_at, None);
}

#[test]
fn what_a_person_set_holds_until_the_source_says_something_new_about_it() {
    let hotel = hotel();
    let known = after(&[with(|_| {})]);
    let by_hand = ByHand {
        status: Some(ReservationStatus::CheckedIn),
        at: Some(at("2026-07-01T13:00:00Z")),
        departure: Some(PlannedDay { date: date(2026, 7, 6), time: None }),
        ..ByHand::default()
    };
    let set = set(&known, &by_hand, at("2026-07-01T14:00:00Z"));
    assert_eq!(set.reservation.history.checked_in_at, by_hand.at);
    assert_eq!(set.told.as_ref().map(|told| told.status), Some(ReservationStatus::Confirmed));

    let tell_next = |known: &Known, told: &Told, time: &str| {
        tell(Some(known), told, GUEST, &Telling { hotel: &hotel, by: "csv", at: at(time), first: false })
            .expect("taken")
    };
    let again = tell_next(&set, &with(|_| {}), "2026-07-02T00:00:00Z");
    assert!(is_same(&again.reservation, &set.reservation));
    let room = tell_next(&again, &with(|b| b.room = Some("7".to_owned())), "2026-07-02T01:00:00Z");
    assert_eq!(room.reservation.booking.status, ReservationStatus::CheckedIn);
    let cancelled = tell_next(&room, &with(|b| b.status = ReservationStatus::Cancelled), "2026-07-02T02:00:00Z");
    assert_eq!(cancelled.reservation.booking.status, ReservationStatus::Cancelled);
    assert_eq!(cancelled.reservation.booking.departure.date, date(2026, 7, 6), "about that it said nothing new");
}

#[test]
fn a_source_without_a_column_says_nothing_about_it() {
    let full = with(|b| {
        b.status = ReservationStatus::CheckedIn;
        b.custom = [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())].into();
    });
    let mut poor = with(|b| {
        b.adults = None;
        b.custom = [("c".to_owned(), "3".to_owned())].into();
    });
    poor.untold.parts = [Part::Status, Part::Adults].into();
    poor.untold.emptied = ["a".to_owned()].into();

    let booking = after(&[full, poor]).reservation.booking;

    assert_eq!((booking.status, booking.adults), (ReservationStatus::CheckedIn, Some(2)));
    assert_eq!(booking.custom.keys().map(String::as_str).collect::<Vec<_>>(), ["b", "c"]);
}

#[test]
fn what_is_older_by_the_sources_own_time_is_not_taken() {
    let hotel = hotel();
    let as_of = |time: &str, adults| Told { as_of: Some(at(time)), ..with(|b| b.adults = Some(adults)) };
    let known = after(&[as_of("2026-05-02T00:00:00Z", 3)]);
    let telling = Telling { hotel: &hotel, by: "webhook", at: at("2026-06-02T00:00:00Z"), first: false };

    assert_eq!(tell(Some(&known), &as_of("2026-05-01T00:00:00Z", 1), GUEST, &telling), None);
    assert!(tell(Some(&known), &as_of("2026-05-02T00:00:00Z", 1), GUEST, &telling).is_some());
}

fn any_booking() -> impl Strategy<Value = Told> {
    let status = prop::sample::select(ReservationStatus::ALL.to_vec());
    let days = (1_i8..20, 0_i8..8);
    let (room, adults) = (prop::option::of("[1-3]"), prop::option::of(1_u32..4));
    let name = prop::option::of("[ab]");
    (status, days, room, adults, name).prop_map(|(status, (day, nights), room, adults, name)| {
        with(|b| {
            b.status = status;
            b.arrival.date = date(2026, 7, day);
            b.departure.date = date(2026, 7, day + nights);
            (b.room, b.adults, b.guest_name) = (room, adults, name);
        })
    })
}

proptest! {
    #[test]
    fn any_sequence_of_tellings_ends_where_its_last_one_does(tellings in prop::collection::vec(any_booking(), 1..12)) {
        let last = tellings.last().cloned().expect("at least one");
        let whole = after(&tellings);

        prop_assert_eq!(&whole.reservation.booking, &last.booking);
        prop_assert_eq!(whole.told, None);
        let history = &whole.reservation.history;
        prop_assert!(history.changed.is_sorted() && history.moved.is_sorted());
        let status = last.booking.status;
        prop_assert_eq!(history.cancelled_at.is_some(), status == ReservationStatus::Cancelled);
        prop_assert_eq!(history.no_show_at.is_some(), status == ReservationStatus::NoShow);
        prop_assert_eq!(history.checked_out_at.is_some(), status == ReservationStatus::CheckedOut);
    }
}
