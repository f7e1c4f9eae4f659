//! Triggers in force, their revisions, and what applying them does to planned messages.

use super::build::{HOUR, booking, hotel, set, trigger};
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::ids::TriggerId;
use hotelbot::domain::stay::ReservationStatus;
use hotelbot::domain::trigger::{Anchor, IfMissed};
use hotelbot::ports::Clock;
use hotelbot::store::StoreError;
use hotelbot::store::triggers::{ApplyTriggers, TriggerChange};

on_both_engines!(
    applying_twice_changes_nothing_and_every_revision_is_kept,
    a_plan_of_another_revision_is_refused,
    what_is_foreseen_is_what_applying_does,
    moving_a_stay_moves_its_messages_and_cancelling_ends_them,
    a_first_import_is_silent_about_the_past,
    a_hotel_that_changes_its_times_moves_its_messages,
    a_retired_hotel_says_nothing_and_plans_again_when_it_is_back,
);

async fn applying_twice_changes_nothing_and_every_revision_is_kept(world: World) {
    let astoria = world.put(hotel()).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-02")]).await;
    let one = set([trigger("welcome", Anchor::Arrival, HOUR)]);
    let two = set([trigger("goodbye", Anchor::CheckOut, HOUR)]);

    let first = world.triggers(&astoria, one.clone()).await;
    assert_eq!((first.revision, first.effects[&astoria].total().planned), (1, 1));
    let again = world.triggers(&astoria, one.clone()).await;
    assert_eq!((again.revision, again.effects.len()), (1, 0));
    let second = world.triggers(&astoria, two.clone()).await;
    assert_eq!(second.revision, 2);
    assert_eq!(world.touchpoints().await, ["goodbye R1 planned", "welcome R1 cancelled"]);

    // A rollback is a new revision with an old definition.
    let old = world.store.triggers_at(1).await.expect("read").expect("there was one")[&astoria].clone();
    assert_eq!(old, one);
    assert_eq!(world.triggers(&astoria, old).await.revision, 3);
    assert_eq!(world.touchpoints().await, ["goodbye R1 cancelled", "welcome R1 planned"]);
    let history = world.store.trigger_history(&[], 10).await.expect("read");
    assert_eq!(history.iter().map(|entry| entry.revision).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(world.store.triggers_in_force().await.expect("read")[0].set, one);
    assert_eq!(world.store.triggers_at(9).await.expect("read"), None);
}

async fn a_plan_of_another_revision_is_refused(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;

    let changes = vec![TriggerChange { hotel: astoria, set: set([]), change: "1 retired".into() }];
    let apply = ApplyTriggers { base: 0, changes, by: "olga".into(), now: world.clock.now() };
    let refused = world.store.apply_triggers(apply).await;

    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(world.store.newest_triggers().await.expect("read").revision, 1);
}

async fn what_is_foreseen_is_what_applying_does(world: World) {
    let astoria = world.put(hotel()).await;
    let bookings = (0..30).map(|n| booking(&format!("R{n:02}"), &format!("+792100000{n:02}"), "2026-07-02"));
    world.told(&hotel(), bookings.collect()).await;
    world.triggers(&astoria, set([trigger("a", Anchor::Arrival, HOUR), trigger("b", Anchor::CheckOut, HOUR)])).await;

    let wanted = set([trigger("a", Anchor::Arrival, 2 * HOUR), trigger("c", Anchor::CheckOut, HOUR)]);
    let foreseen = world.store.foresee_triggers(&hotel(), &wanted, world.clock.now()).await.expect("foreseen");
    let applied = world.triggers(&astoria, wanted).await.effects.remove(&astoria).expect("its effects");

    assert_eq!(foreseen.nearest, applied.nearest);
    for (trigger, counts) in [("a", (0, 30, 0)), ("b", (0, 0, 30)), ("c", (30, 0, 0))] {
        for effects in [&foreseen, &applied] {
            let effects = &effects.triggers[&TriggerId(trigger.into())];
            assert_eq!((effects.planned, effects.moved, effects.cancelled), counts, "{trigger}");
        }
    }
}

async fn moving_a_stay_moves_its_messages_and_cancelling_ends_them(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-02")]).await;
    let due = "SELECT due_at FROM touchpoints";
    let before = world.number(due).await;

    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-03")]).await;
    assert_eq!(world.number(due).await - before, 24 * 3_600_000_000);

    let mut cancelled = booking("R1", "+79210000001", "2026-07-03");
    cancelled.status = ReservationStatus::Cancelled;
    world.told(&hotel(), vec![cancelled]).await;
    assert_eq!(world.touchpoints().await, ["welcome R1 skipped status"]);
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-03")]).await;
    assert_eq!(world.touchpoints().await, ["welcome R1 planned"], "what was passed over may come back");
}

async fn a_first_import_is_silent_about_the_past(world: World) {
    let astoria = world.put(hotel()).await;
    let mut always = trigger("welcome", Anchor::Arrival, HOUR);
    always.when.if_missed = IfMissed::Send;
    world.triggers(&astoria, set([always])).await;

    world.told_together(&hotel(), vec![booking("R1", "+79210000001", "2026-06-30")], true).await;
    world.told(&hotel(), vec![booking("R2", "+79210000002", "2026-06-30")]).await;

    assert_eq!(world.touchpoints().await, ["welcome R1 skipped missed", "welcome R2 planned"]);
}

async fn a_hotel_that_changes_its_times_moves_its_messages(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-02")]).await;
    let due = "SELECT due_at FROM touchpoints";
    let before = world.number(due).await;

    let mut earlier = hotel();
    earlier.check_in_time = super::build::at("12:00");
    world.put(earlier).await;

    assert_eq!(world.number(due).await - before, -2 * 3_600_000_000);
}

async fn a_retired_hotel_says_nothing_and_plans_again_when_it_is_back(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-02")]).await;

    let base = world.store.revision().await.expect("read");
    let retire = vec![hotelbot::store::hotels::HotelChange::Retire(astoria)];
    world.store.apply_hotels(base, retire, "a test".into(), world.clock.now()).await.expect("retired");
    assert_eq!(world.touchpoints().await, ["welcome R1 cancelled"]);
    world.put(hotel()).await;
    assert_eq!(world.touchpoints().await, ["welcome R1 planned"]);
}
