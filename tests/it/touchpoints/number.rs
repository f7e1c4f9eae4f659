//! Sparing the number: who never wrote waits while there were enough new ones, or the number was suspended lately.

use super::build::{HOUR, booking, hotel, set, trigger};
use crate::support::build as base;
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::number_health::{NewContacts, NumberSeen};
use hotelbot::domain::received::InstanceState;
use hotelbot::domain::stay::Booking;
use hotelbot::domain::trigger::Anchor;
use hotelbot::ports::Clock;
use hotelbot::store::due::Ran;

on_both_engines!(
    a_new_number_writes_to_twenty_new_guests_a_day_and_to_those_in_a_dialogue,
    two_daemons_count_new_contacts_together,
    after_a_suspension_only_new_guests_wait_for_a_day,
    who_was_written_to_first_and_who_answered_is_counted,
);

fn phone(n: usize) -> String {
    format!("+7921{n:07}")
}

fn bookings(numbers: std::ops::Range<usize>) -> Vec<Booking> {
    numbers.map(|n| booking(&format!("R{n:02}"), &phone(n), "2026-07-01")).collect()
}

fn limited(policy: NewContacts) -> Hotel {
    let mut hotel = hotel();
    hotel.whatsapp.new_contacts = policy;
    hotel
}

async fn a_new_number_writes_to_twenty_new_guests_a_day_and_to_those_in_a_dialogue(world: World) {
    let policy = NewContacts { number_since: Some(jiff::civil::date(2026, 6, 25)), ..NewContacts::default() };
    let astoria = world.put(limited(policy)).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    world.told(&hotel(), bookings(0..25)).await;
    world.guest(&astoria, "79210000024@c.us", "M1", "hello").await;

    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    assert_eq!(world.look_at_due().await, Ran { looked: 25, sent: 21, skipped: 0 });
    assert!(world.touchpoints().await.contains(&"welcome R24 sent".to_owned()), "the one who wrote");

    world.turn_to("01T23:59");
    assert_eq!(world.look_at_due().await.looked, 0, "nobody looks before the next day");
    world.turn_to("02T00:00");
    assert_eq!(world.look_at_due().await, Ran { looked: 4, sent: 4, skipped: 0 });
}

async fn two_daemons_count_new_contacts_together(world: World) {
    let astoria = world.put(limited(NewContacts { per_day: Some(7), ..NewContacts::default() })).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    world.told(&hotel(), bookings(0..40)).await;
    world.turn_to("01T15:00");
    let step = |store: hotelbot::store::Store| {
        let clock: std::sync::Arc<dyn Clock> = world.clock.clone();
        let now = clock.now();
        let decide = move |due: &_| hotelbot::flow::schedule::decide(&clock, due, now);
        async move { store.run_due(now, 10, decide).await.expect("looked at").sent }
    };
    let stores = [world.db.open().await, world.db.open().await];

    let mut steps = tokio::task::JoinSet::new();
    for n in 0..8 {
        steps.spawn(step(stores[n % 2].clone()));
    }

    assert_eq!(steps.join_all().await.iter().sum::<usize>(), 7);
    assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 7);
}

async fn after_a_suspension_only_new_guests_wait_for_a_day(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    world.told(&hotel(), bookings(0..3)).await;
    world.guest(&astoria, "79210000001@c.us", "M1", "hello").await;
    world.turn_to("01T13:00");
    world.store.line_state(astoria.clone(), InstanceState::Suspended, world.clock.now()).await.expect("kept");

    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    assert_eq!(world.look_at_due().await, Ran { looked: 3, sent: 1, skipped: 0 });
    assert_eq!(world.touchpoints().await, ["welcome R00 planned", "welcome R01 sent", "welcome R02 planned"]);
    world.turn_to("02T13:00");
    assert_eq!(world.look_at_due().await.sent, 2);

    // Another instance is another number.
    world.store.line_state(astoria.clone(), InstanceState::Blocked, world.clock.now()).await.expect("kept");
    let other = base::hotel("astoria-2").whatsapp.instance;
    let mut moved = hotel();
    moved.whatsapp.instance = other;
    world.put(moved.clone()).await;
    let seen = world.store.number_seen(&moved, world.clock.now()).await.expect("read");
    assert_eq!(seen.ailed_at, None);
}

async fn who_was_written_to_first_and_who_answered_is_counted(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    world.told(&hotel(), bookings(0..4)).await;
    world.guest(&astoria, "79210000000@c.us", "M1", "I wrote first").await;
    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    world.look_at_due().await;
    world.send_all().await;

    world.staff(&astoria, "79210000001@c.us", "M2", "a person of the hotel").await;
    world.guest(&astoria, "79210000002@c.us", "M3", "an answer").await;

    let hotel = hotel();
    let seen = |now| world.store.number_seen(&hotel, now);
    let now = world.clock.now();
    let counted = NumberSeen { today: 3, lately: 3, answered: 1, ailed_at: None };
    assert_eq!(seen(now).await.expect("read"), counted);
    world.turn_to("02T15:00");
    assert_eq!(seen(world.clock.now()).await.expect("read"), NumberSeen { today: 0, ..counted });
    world.turn_to("31T15:01");
    assert_eq!(seen(world.clock.now()).await.expect("read"), NumberSeen::default());
}
