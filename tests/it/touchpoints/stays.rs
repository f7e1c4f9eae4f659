//! Moments that are changes and days of a stay, from what a PMS tells to what leaves.

use super::build::{HOUR, at, booking, hotel, set, trigger};
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::hotel::{Hotel, Window};
use hotelbot::domain::ids::HotelId;
use hotelbot::domain::stay::{Booking, PlannedDay, ReservationStatus};
use hotelbot::domain::trigger::{Anchor, IfMissed, Trigger};
use std::time::Duration;

on_both_engines!(
    every_day_in_house_speaks_and_ends_with_an_early_departure,
    the_middle_of_a_stay_moves_with_an_extension_and_speaks_once,
    a_schedule_speaks_only_to_guests_in_house,
    another_room_and_other_dates_each_speak_once_for_each_change,
    who_cancelled_did_not_come_or_left_hears_what_is_meant_for_them,
    a_check_in_told_again_with_another_time_moves_what_waits_and_repeats_nothing,
    what_waited_for_the_line_into_the_night_leaves_in_the_morning,
    what_was_planned_before_an_outage_is_late_by_the_morning_after,
);

const PHONE: &str = "+79210000001";

fn stay(nights: i64) -> Booking {
    let mut stay = booking("R1", PHONE, "2026-07-01");
    let departure = stay.arrival.date.checked_add(jiff::Span::new().days(nights)).expect("in range");
    stay.departure = PlannedDay { date: departure, time: None };
    stay
}

fn in_house(mut stay: Booking) -> Booking {
    stay.status = ReservationStatus::CheckedIn;
    stay
}

fn daily(id: &str, anchor: Anchor, clock_time: &str) -> Trigger {
    let mut daily = trigger(id, anchor, Duration::ZERO);
    (daily.when.by, daily.when.at) = (None, Some(at(clock_time)));
    daily
}

impl World {
    async fn planned_by(&self, triggers: impl IntoIterator<Item = Trigger>, stay: Booking) -> HotelId {
        let astoria = self.put(hotel()).await;
        self.triggers(&astoria, set(triggers)).await;
        self.told(&hotel(), vec![stay]).await;
        astoria
    }

    /// The texts that leave at this instant.
    async fn leaves_at(&self, hotel: &HotelId, day_and_time: &str) -> Vec<String> {
        self.turn_to(day_and_time);
        self.line_is_ready(hotel).await;
        self.look_at_due().await;
        let mut texts: Vec<String> = self.send_all().await;
        texts.iter_mut().for_each(|text| text.truncate(text.find(':').unwrap_or(text.len())));
        texts
    }
}

async fn every_day_in_house_speaks_and_ends_with_an_early_departure(world: World) {
    let astoria = world.planned_by([daily("daily", Anchor::InHouseDaily, "10:00")], stay(5)).await;
    world.turn_to("01T15:00");
    world.told(&hotel(), vec![in_house(stay(5))]).await;

    assert!(world.leaves_at(&astoria, "02T09:59").await.is_empty());
    assert_eq!(world.leaves_at(&astoria, "02T10:00").await, ["daily"]);
    assert_eq!(world.leaves_at(&astoria, "03T10:00").await, ["daily"]);
    let mut gone = stay(5);
    gone.status = ReservationStatus::CheckedOut;
    world.told(&hotel(), vec![gone]).await;

    assert!(world.leaves_at(&astoria, "04T10:00").await.is_empty());
    assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 2);
}

async fn the_middle_of_a_stay_moves_with_an_extension_and_speaks_once(world: World) {
    let astoria = world.planned_by([daily("middle", Anchor::MidStay, "12:00")], stay(4)).await;
    world.turn_to("02T15:00");
    world.told(&hotel(), vec![stay(6)]).await;

    assert!(world.leaves_at(&astoria, "03T12:00").await.is_empty());
    assert_eq!(world.leaves_at(&astoria, "04T12:00").await, ["middle"]);
    world.told(&hotel(), vec![stay(12)]).await;
    assert!(world.leaves_at(&astoria, "07T12:00").await.is_empty());
}

async fn a_schedule_speaks_only_to_guests_in_house(world: World) {
    let mut weekly = trigger("weekly", Anchor::Schedule { cron: "0 10 * * *".into() }, Duration::ZERO);
    weekly.when.by = None;
    let astoria = world.planned_by([weekly], stay(3)).await;
    let other = booking("R2", "+79210000002", "2026-07-01");
    world.told(&hotel(), vec![other]).await;
    world.turn_to("01T15:00");
    world.told(&hotel(), vec![in_house(stay(3))]).await;

    assert_eq!(world.leaves_at(&astoria, "02T10:00").await, ["weekly"]);
    assert_eq!(world.leaves_at(&astoria, "03T10:00").await, ["weekly"]);
    assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 2, "R2 never came");
}

async fn another_room_and_other_dates_each_speak_once_for_each_change(world: World) {
    let triggers = [trigger("room", Anchor::RoomChanged, HOUR), trigger("changed", Anchor::BookingChanged, HOUR)];
    let in_room = |nights, room: &str| Booking { room: Some(room.to_owned()), ..stay(nights) };
    let astoria = world.planned_by(triggers, in_room(4, "101")).await;
    world.turn_to("01T15:00");
    world.told(&hotel(), vec![in_room(4, "202")]).await;
    world.told(&hotel(), vec![in_room(4, "202")]).await;
    assert_eq!(world.leaves_at(&astoria, "01T16:00").await, ["room"]);

    world.told(&hotel(), vec![in_room(5, "202")]).await;
    assert_eq!(world.leaves_at(&astoria, "01T17:00").await, ["changed"]);
    world.told(&hotel(), vec![in_room(5, "303")]).await;
    assert_eq!(world.leaves_at(&astoria, "01T18:00").await, ["room"]);
    assert!(world.leaves_at(&astoria, "02T18:00").await.is_empty());
}

async fn who_cancelled_did_not_come_or_left_hears_what_is_meant_for_them(world: World) {
    let triggers = [
        trigger("cancelled", Anchor::BookingCancelled, HOUR),
        trigger("absent", Anchor::NoShow, HOUR),
        trigger("left", Anchor::CheckedOut, HOUR),
        daily("middle", Anchor::MidStay, "12:00"),
    ];
    let astoria = world.planned_by(triggers, stay(2)).await;
    let of = |id: &str, status| Booking { status, ..booking(id, &format!("+7921000000{}", &id[1..]), "2026-07-01") };
    let confirmed = ["R2", "R3"].map(|id| of(id, ReservationStatus::Confirmed));
    world.told(&hotel(), confirmed.to_vec()).await;
    world.turn_to("01T15:00");
    let told = [
        of("R1", ReservationStatus::Cancelled),
        of("R2", ReservationStatus::NoShow),
        of("R3", ReservationStatus::CheckedIn),
    ];
    world.told(&hotel(), told.to_vec()).await;
    let mut both = world.leaves_at(&astoria, "01T16:00").await;
    both.sort();
    assert_eq!(both, ["absent", "cancelled"]);

    assert_eq!(world.leaves_at(&astoria, "02T12:00").await, ["middle"], "only who is in house has a middle");
    world.told(&hotel(), vec![of("R3", ReservationStatus::CheckedOut)]).await;
    assert_eq!(world.leaves_at(&astoria, "02T13:00").await, ["left"]);
}

async fn a_check_in_told_again_with_another_time_moves_what_waits_and_repeats_nothing(world: World) {
    let triggers = [trigger("soon", Anchor::CheckIn, HOUR), trigger("later", Anchor::CheckIn, 4 * HOUR)];
    let astoria = world.planned_by(triggers, stay(4)).await;
    assert!(world.touchpoints().await.is_empty(), "nobody came yet");
    world.turn_to("01T15:00");
    world.told(&hotel(), vec![in_house(stay(4))]).await;
    assert_eq!(world.leaves_at(&astoria, "01T16:00").await, ["soon"]);

    // Taken back, and reported anew two hours later.
    world.told(&hotel(), vec![stay(4)]).await;
    world.turn_to("01T17:00");
    world.told(&hotel(), vec![in_house(stay(4))]).await;

    assert!(world.leaves_at(&astoria, "01T19:00").await.is_empty());
    assert_eq!(world.leaves_at(&astoria, "01T21:00").await, ["later"]);
    assert!(world.leaves_at(&astoria, "02T12:00").await.is_empty());
}

/// From nine in the evening to nine in the morning.
fn quiet_at_night() -> Hotel {
    let night = Window { start: at("21:00"), end: at("09:00") };
    Hotel { quiet_hours: Some(night), ..hotel() }
}

async fn what_waited_for_the_line_into_the_night_leaves_in_the_morning(world: World) {
    let mut kind = trigger("kind", Anchor::Arrival, 7 * HOUR - Duration::from_secs(600));
    kind.when.if_missed = IfMissed::Within(24 * HOUR);
    let astoria = world.put(quiet_at_night()).await;
    world.triggers(&astoria, set([kind])).await;
    world.told(&quiet_at_night(), vec![stay(4)]).await;
    world.turn_to("01T20:50");
    assert_eq!(world.look_at_due().await.sent, 1, "in the outbox before the night");

    assert!(world.leaves_at(&astoria, "01T21:00").await.is_empty(), "at nine it is quiet");
    assert_eq!(world.touchpoints().await, ["kind R1 planned"]);
    assert!(world.leaves_at(&astoria, "02T08:59").await.is_empty());
    assert_eq!(world.leaves_at(&astoria, "02T09:00").await, ["kind"]);
}

async fn what_was_planned_before_an_outage_is_late_by_the_morning_after(world: World) {
    let astoria = world.put(quiet_at_night()).await;
    let strict = trigger("strict", Anchor::Arrival, 6 * HOUR);
    world.triggers(&astoria, set([strict])).await;
    world.told(&quiet_at_night(), vec![stay(4)]).await;

    assert!(world.leaves_at(&astoria, "01T23:00").await.is_empty());
    assert!(world.leaves_at(&astoria, "02T09:00").await.is_empty());
    assert_eq!(world.touchpoints().await, ["strict R1 skipped missed"]);
}
