//! From due to sent: once, judged twice, within the limits.

use super::build::{HOUR, booking, free, hotel, set, trigger};
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::stay::ReservationStatus;
use hotelbot::domain::trigger::{Anchor, Policy, TriggerMode};
use hotelbot::store::due::Ran;
use std::time::Duration;

on_both_engines!(
    a_message_is_planned_goes_out_once_and_never_again,
    what_is_no_longer_right_is_taken_back_at_the_last_look,
    a_message_that_was_taken_back_may_still_go_later,
    a_limit_lets_the_more_important_one_pass,
    draft_and_shadow_send_nothing,
    stop_and_staff_take_back_what_waits,
    two_daemons_at_once_send_each_message_once,
    a_paused_hotel_waits_without_holding_up_others,
);

async fn a_message_is_planned_goes_out_once_and_never_again(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-01")]).await;
    assert_eq!(world.touchpoints().await, ["welcome R1 planned"]);
    assert_eq!(world.look_at_due().await, Ran::default(), "not yet");

    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    assert_eq!(world.look_at_due().await, Ran { looked: 1, sent: 1, skipped: 0 });
    assert_eq!(world.send_all().await, ["welcome: hello Anna"]);

    // Told again as it was, told otherwise, applied again: what was sent stands for ever.
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-01")]).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-03")]).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, 2 * HOUR)])).await;
    world.turn_to("04T15:00");
    assert_eq!(world.look_at_due().await, Ran::default());
    assert_eq!(world.touchpoints().await, ["welcome R1 sent"]);
    assert_eq!(world.outbox_texts().await, ["accepted welcome: hello Anna"]);
}

async fn what_is_no_longer_right_is_taken_back_at_the_last_look(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    let [one, two, three] = ["R1", "R2", "R3"].map(|id| booking(id, &format!("+7921000000{}", &id[1..]), "2026-07-01"));
    world.told(&hotel(), vec![one.clone(), two.clone(), three.clone()]).await;
    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    assert_eq!(world.look_at_due().await.sent, 3);

    // Between planned and sent one is cancelled, one moves to another day.
    let mut cancelled = one;
    cancelled.status = ReservationStatus::Cancelled;
    let moved = booking("R2", "+79210000002", "2026-07-03");
    world.told(&hotel(), vec![cancelled, moved]).await;

    assert_eq!(world.send_all().await, ["welcome: hello Anna"]);
    assert_eq!(world.touchpoints().await, ["welcome R1 skipped status", "welcome R2 planned", "welcome R3 sent"]);
    world.turn_to("03T15:00");
    world.line_is_ready(&astoria).await;
    assert_eq!(world.look_at_due().await.sent, 1);
    assert_eq!(world.send_all().await.len(), 1, "the moved one goes on its new day");
    assert_eq!(world.send_all().await.len(), 0);
}

async fn a_message_that_was_taken_back_may_still_go_later(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-01")]).await;
    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    world.look_at_due().await;
    let mut cancelled = booking("R1", "+79210000001", "2026-07-01");
    cancelled.status = ReservationStatus::Cancelled;
    world.told(&hotel(), vec![cancelled]).await;
    assert!(world.send_all().await.is_empty());

    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-02")]).await;
    assert_eq!(world.touchpoints().await, ["welcome R1 planned"]);
    world.turn_to("02T15:00");
    world.line_is_ready(&astoria).await;
    world.look_at_due().await;
    assert_eq!(world.send_all().await, ["welcome: hello Anna"]);
    assert_eq!(world.outbox_texts().await, ["cancelled welcome: hello Anna", "accepted welcome: hello Anna"]);
}

async fn a_limit_lets_the_more_important_one_pass(world: World) {
    let astoria = world.put(hotel()).await;
    let limited = Policy { at_most: 1, every: 24 * HOUR, ..free() };
    let mut minor = trigger("a-minor", Anchor::Arrival, HOUR);
    let mut major = trigger("b-major", Anchor::Arrival, HOUR);
    (minor.policy, major.policy, major.priority) = (limited.clone(), limited, 90);
    world.triggers(&astoria, set([minor, major])).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-01")]).await;

    world.turn_to("01T15:00");
    assert_eq!(world.look_at_due().await, Ran { looked: 2, sent: 1, skipped: 1 });

    assert_eq!(world.touchpoints().await, ["a-minor R1 skipped limit", "b-major R1 sent"]);
}

async fn draft_and_shadow_send_nothing(world: World) {
    let astoria = world.put(hotel()).await;
    let mut draft = trigger("draft", Anchor::Arrival, HOUR);
    let mut shadow = trigger("shadow", Anchor::Arrival, HOUR);
    let mut live = trigger("live", Anchor::Arrival, HOUR);
    (draft.mode, shadow.mode) = (TriggerMode::Draft, TriggerMode::Shadow);
    live.priority = 10;
    live.policy = Policy { at_most: 1, every: 24 * HOUR, ..free() };
    world.triggers(&astoria, set([draft, shadow, live])).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-01")]).await;

    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    world.look_at_due().await;

    assert_eq!(world.touchpoints().await, ["draft R1 draft", "live R1 sent", "shadow R1 sent"]);
    assert_eq!(world.send_all().await, ["live: hello Anna"], "what only was recorded uses up no limit");
    let seen = world.db.raw().await.texts("SELECT seen FROM touchpoints WHERE trigger_id = 'draft'").await;
    let seen: hotelbot::flow::schedule::Seen = serde_json::from_str(&seen[0]).expect("what was seen");
    assert_eq!(seen.text.as_deref(), Some("draft: hello Anna"));
}

async fn stop_and_staff_take_back_what_waits(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-01")]).await;
    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    world.look_at_due().await;

    world.guest(&astoria, "79210000001@c.us", "M1", "STOP").await;
    let gathered = world.gather_one().await;
    let mut turn = crate::support::build::commit(&world.clock, world.me, &gathered);
    turn.conversation.consent = hotelbot::domain::conversation::Consent::OptedOut { at: turn.at };
    turn.cancel_planned = true;
    world.store.commit_turns(vec![turn]).await.expect("committed");

    assert_eq!(world.touchpoints().await, ["welcome R1 planned"], "to be looked at once more");
    assert_eq!(world.look_at_due().await.skipped, 1);
    assert_eq!(world.touchpoints().await, ["welcome R1 skipped opted_out"]);
    assert!(world.send_all().await.is_empty());
}

async fn two_daemons_at_once_send_each_message_once(world: World) {
    let astoria = world.put(hotel()).await;
    let limited = Policy { at_most: 1, every: 24 * HOUR, ..free() };
    let triggers = ["a", "b", "c"].map(|id| {
        let mut one = trigger(id, Anchor::Arrival, HOUR);
        one.policy = limited.clone();
        one
    });
    world.triggers(&astoria, set(triggers)).await;
    let bookings = (0..40).map(|n| booking(&format!("R{n:02}"), &format!("+792100000{n:02}"), "2026-07-01"));
    world.told(&hotel(), bookings.collect()).await;
    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;

    let other = world.db.open().await;
    let run = |store: hotelbot::store::Store| {
        let clock: std::sync::Arc<dyn hotelbot::ports::Clock> = world.clock.clone();
        async move {
            let now = clock.now();
            for _ in 0..40 {
                let clock = clock.clone();
                let decide = move |due: &_| hotelbot::flow::schedule::decide(&clock, due, now);
                store.run_due(now, 7, decide).await.expect("looked at");
            }
        }
    };
    tokio::join!(run(world.store.clone()), run(other));
    // A guest whose row the other one held last is looked at in the next round.
    while world.look_at_due().await.looked > 0 {}

    let count = |sql: &'static str| world.number(sql);
    assert_eq!(count("SELECT COUNT(*) FROM outbox").await, 40, "one for each guest, as the limit says");
    assert_eq!(count("SELECT COUNT(*) FROM touchpoints WHERE state = 'sent'").await, 40);
    assert_eq!(count("SELECT COUNT(*) FROM touchpoints WHERE reason = 'limit'").await, 80);
    assert_eq!(count("SELECT COUNT(*) FROM touchpoints WHERE state = 'sent' AND trigger_id = 'a'").await, 40);
}

async fn a_paused_hotel_waits_without_holding_up_others(world: World) {
    let astoria = world.put(hotel()).await;
    let mut other = hotel();
    other.id = crate::support::build::id("volga");
    other.whatsapp.instance = hotelbot::domain::ids::InstanceId("1101999999".into());
    let volga = world.put(other.clone()).await;
    for id in [&astoria, &volga] {
        world.triggers(id, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    }
    let bookings = (0..10).map(|n| booking(&format!("R{n}"), &format!("+7921000000{n}"), "2026-07-01"));
    world.told(&hotel(), bookings.collect()).await;
    world.told(&other, vec![booking("V1", "+79210000001", "2026-07-01")]).await;
    world.store.pause(astoria.clone(), None, hotelbot::ports::Clock::now(&*world.clock)).await.expect("paused");

    world.turn_to("01T15:01");
    let clock: std::sync::Arc<dyn hotelbot::ports::Clock> = world.clock.clone();
    let now = clock.now();
    let decide = move |due: &_| hotelbot::flow::schedule::decide(&clock, due, now);
    assert_eq!(world.store.run_due(now, 3, decide).await.expect("looked at").sent, 1);

    world.store.resume(astoria).await.expect("resumed");
    world.clock.turn(jiff::SignedDuration::try_from(Duration::from_secs(60)).expect("in range"));
    assert_eq!(world.look_at_due().await.sent, 10);
}
