//! Moments that are words: made in the commit of the guest's turn. And moments that were missed.

use super::build::{HOUR, booking, hotel, set, trigger};
use crate::support::world::World;
use crate::support::{build, on_both_engines};
use hotelbot::domain::alert::{Act, Step, Through};
use hotelbot::domain::ids::HotelId;
use hotelbot::domain::trigger::{Anchor, Condition, Field, IfMissed, Test, Value};
use hotelbot::domain::understanding::Sentiment;
use hotelbot::ports::Clock;
use std::time::Duration;

on_both_engines!(
    words_of_a_guest_are_moments,
    silence_is_counted_from_the_last_word,
    the_end_of_an_alert_is_a_moment_and_an_open_one_a_condition,
    what_was_missed_goes_only_if_the_trigger_says_so,
    a_clock_that_is_set_makes_no_burst_and_nothing_twice,
);

const ANNA: &str = "79210000001@c.us";

impl World {
    /// The guest writes, and it is read so.
    async fn anna_writes(&self, hotel: &HotelId, message: &str, sentiment: Sentiment) {
        self.guest(hotel, ANNA, message, "some words").await;
        let gathered = self.gather_one().await;
        let mut turn = build::commit(&self.clock, self.me, &gathered);
        turn.record.sentiment = Some(sentiment);
        self.store.commit_turns(vec![turn]).await.expect("committed");
    }

    async fn in_house(&self, triggers: impl IntoIterator<Item = hotelbot::domain::trigger::Trigger>) -> HotelId {
        let astoria = self.put(hotel()).await;
        self.triggers(&astoria, set(triggers)).await;
        self.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-01")]).await;
        self.turn_to("01T15:00");
        astoria
    }
}

async fn words_of_a_guest_are_moments(world: World) {
    let unhappy = Anchor::Sentiment { is: Sentiment::Negative };
    let triggers = [
        trigger("first", Anchor::FirstMessage, Duration::ZERO),
        trigger("each", Anchor::Message, HOUR),
        trigger("sorry", unhappy, HOUR),
    ];
    let astoria = world.in_house(triggers).await;
    assert!(world.touchpoints().await.is_empty());

    world.anna_writes(&astoria, "M1", Sentiment::Neutral).await;
    assert_eq!(world.touchpoints().await, ["each R1 planned", "first R1 planned"]);
    assert_eq!(world.look_at_due().await.sent, 1);
    world.clock.turn(jiff::SignedDuration::from_mins(1));
    world.anna_writes(&astoria, "M2", Sentiment::Negative).await;

    assert_eq!(world.touchpoints().await, ["each R1 planned", "each R1 planned", "first R1 sent", "sorry R1 planned"]);
}

async fn silence_is_counted_from_the_last_word(world: World) {
    let astoria = world.in_house([trigger("quiet", Anchor::Silence, 2 * HOUR)]).await;
    world.anna_writes(&astoria, "M1", Sentiment::Neutral).await;
    world.turn_to("01T16:00");
    world.anna_writes(&astoria, "M2", Sentiment::Neutral).await;
    assert_eq!(world.touchpoints().await.iter().filter(|row| row.ends_with("planned")).count(), 1);

    world.turn_to("01T17:30");
    assert_eq!(world.look_at_due().await.sent, 0, "the silence was broken at four");
    world.turn_to("01T18:00");
    assert_eq!(world.look_at_due().await.sent, 1);
}

async fn the_end_of_an_alert_is_a_moment_and_an_open_one_a_condition(world: World) {
    let mut calm = trigger("calm", Anchor::CheckIn, 3 * HOUR);
    let open = Condition::Is { field: Field::OpenAlert, test: Test::Equals(Value::Flag(true)) };
    calm.filter = Condition::None(vec![open]);
    let astoria = world.in_house([trigger("fixed", Anchor::AlertResolved, HOUR), calm]).await;
    world.guest(&astoria, ANNA, "M1", "the room is cold").await;
    let gathered = world.gather_one().await;
    let mut turn = build::commit(&world.clock, world.me, &gathered);
    turn.record.sentiment = Some(Sentiment::Negative);
    turn.alerts.causes.push(build::cause(&world.clock, &hotel(), "the room is cold"));
    world.store.commit_turns(vec![turn]).await.expect("committed");
    let view = world.store.find_alerts("1", &[]).await.expect("found").remove(0);
    assert_eq!(view.alert.whereabouts.reservation, Some("R1".into()), "the stay of the guest");
    assert_eq!(world.touchpoints().await.iter().filter(|row| row.starts_with("fixed")).count(), 0);

    let end = |by: &str| Act { at: world.clock.now(), by: by.to_owned(), through: Through::Command };
    for by in ["anna", "boris"] {
        let (hotel, id) = (view.alert.hotel.clone(), view.alert.id);
        world.store.step_alert(hotel, id, Step::Resolve, end(by)).await.expect("stepped");
    }

    let planned = world.touchpoints().await;
    assert_eq!(planned.iter().filter(|row| *row == "fixed R1 planned").count(), 1, "{planned:?}");
    world.clock.turn(jiff::SignedDuration::from_hours(1));
    world.look_at_due().await;
    assert!(world.touchpoints().await.contains(&"fixed R1 sent".to_owned()));
}

async fn what_was_missed_goes_only_if_the_trigger_says_so(world: World) {
    let missed = |id: &str, if_missed| {
        let mut one = trigger(id, Anchor::Arrival, HOUR);
        one.when.if_missed = if_missed;
        one
    };
    let astoria = world.put(hotel()).await;
    let triggers = [
        missed("skip", IfMissed::Skip),
        missed("send", IfMissed::Send),
        missed("within-2h", IfMissed::Within(2 * HOUR)),
        missed("within-6h", IfMissed::Within(6 * HOUR)),
    ];
    world.triggers(&astoria, set(triggers)).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-01")]).await;

    // Nobody looked for four hours.
    world.turn_to("01T19:00");
    world.look_at_due().await;

    assert_eq!(
        world.touchpoints().await,
        ["send R1 sent", "skip R1 skipped missed", "within-2h R1 skipped missed", "within-6h R1 sent"]
    );
}

async fn a_clock_that_is_set_makes_no_burst_and_nothing_twice(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    let arrivals = (1..=9).map(|n| booking(&format!("R{n}"), &format!("+7921000000{n}"), &format!("2026-07-0{n}")));
    world.told(&hotel(), arrivals.collect()).await;
    world.turn_to("01T15:00");
    assert_eq!(world.look_at_due().await.sent, 1);

    // Ten years on, and back again: what became late by that is passed over, what was sent stays sent.
    let years = jiff::SignedDuration::from_hours(24 * 3652);
    world.clock.turn(years);
    assert_eq!(world.look_at_due().await.sent, 0);
    world.clock.turn(-years);
    assert_eq!(world.look_at_due().await.sent, 0);
    assert_eq!(world.touchpoints().await.iter().filter(|row| row.ends_with("sent")).count(), 1);
}
