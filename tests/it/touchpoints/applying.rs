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
    a_long_apply_counts_at_once_and_is_planned_part_by_part,
    a_big_hotel_that_is_retired_says_nothing_at_once,
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

/// Far more than is planned anew in the transaction of the apply.
const MANY: usize = 1_700;

async fn many(world: &World) {
    let bookings = (0..MANY).map(|n| booking(&format!("R{n:04}"), &format!("+7921000{n:04}"), "2026-07-02"));
    world.told(&hotel(), bookings.collect()).await;
}

async fn states(world: &World) -> Vec<String> {
    let counted = "SELECT trigger_id || ' ' || state || ' ' || COUNT(*) FROM touchpoints GROUP BY trigger_id, state
                   ORDER BY trigger_id, state";
    world.db.raw().await.texts(counted).await
}

async fn a_long_apply_counts_at_once_and_is_planned_part_by_part(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("old", Anchor::Arrival, HOUR)])).await;
    many(&world).await;
    world.turn_to("02T15:00");

    // Whoever applied this was killed after its first write.
    let first = world.triggers(&astoria, set([trigger("new", Anchor::Arrival, 2 * HOUR)])).await;

    assert_eq!((first.revision, first.effects[&astoria].total().planned), (2, 300));
    assert_eq!(world.store.triggers_in_force().await.expect("read")[0].revision, 2);
    let open = world.store.open_replans().await.expect("read");
    assert_eq!(open.iter().map(|open| open.left).collect::<Vec<_>>(), [1_400]);
    assert_eq!(states(&world).await, ["new planned 300", "old cancelled 300", "old planned 1400"]);
    assert_eq!(world.look_at_due().await.looked, 0, "what the old triggers planned is due, and nobody wants it");
    // What is told meanwhile is planned by the new ones, wherever it stands.
    world.told(&hotel(), vec![booking("R0000a", "+79219999999", "2026-07-09")]).await;

    let rest = hotelbot::flow::replan::finish(&world.store, &*world.clock, &astoria, &|_| {}).await.expect("planned");

    assert_eq!((rest.total().planned, rest.total().cancelled), (1_400, 1_400));
    assert!(world.store.open_replans().await.expect("read").is_empty());
    assert_eq!(states(&world).await, ["new planned 1701", "old cancelled 1700"]);
    world.turn_to("02T16:00");
    assert_eq!(world.look_at_due().await.sent, 256);
}

async fn a_big_hotel_that_is_retired_says_nothing_at_once(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    many(&world).await;
    hotelbot::flow::replan::finish(&world.store, &*world.clock, &astoria, &|_| {}).await.expect("planned");

    let base = world.store.revision().await.expect("read");
    let retire = vec![hotelbot::store::hotels::HotelChange::Retire(astoria.clone())];
    world.store.apply_hotels(base, retire, "a test".into(), world.clock.now()).await.expect("retired");
    assert_eq!(states(&world).await, ["welcome cancelled 300", "welcome planned 1400"]);
    world.turn_to("02T15:30");
    assert_eq!(world.look_at_due().await.looked, 0);
    hotelbot::flow::replan::finish(&world.store, &*world.clock, &astoria, &|_| {}).await.expect("planned");

    assert_eq!(states(&world).await, ["welcome cancelled 1700"]);
}
