//! The daemon forgets by itself what is older than the hotel keeps.

use super::world::{Setup, World};
use crate::support::db::Engine;
use std::time::Duration;

on_both_engines!(the_daemon_forgets_what_is_older_than_the_hotels_days_and_says_how_much);

async fn the_daemon_forgets_what_is_older_than_the_hotels_days_and_says_how_much(engine: Engine) {
    let days = |_, hotel: &mut hotelbot::domain::hotel::Hotel| {
        hotel.privacy.keep_messages = Duration::from_hours(24 * 30);
        hotel.privacy.keep_raw_events = Duration::from_hours(24);
    };
    let mut setup = Setup { engine, hotel: Box::new(days), ..Setup::default() };
    setup.limits.forget_every = Duration::from_millis(50);
    let world = World::with(setup).await;
    world.guest("When is breakfast?");
    world.wait_states(&["read"]).await;
    // Three days go by: the raw events are too old, the words are not. (Two days are kept in any case.)
    age(&world, 3).await;
    world.wait_texts("SELECT kind FROM inbox", |kinds| kinds.is_empty()).await;
    assert_eq!(world.number("SELECT COUNT(*) FROM messages").await, 2);

    age(&world, 28).await;

    world.wait_texts("SELECT text FROM messages", |texts| texts.is_empty()).await;
    world.wait_texts("SELECT rule FROM turns", |rules| rules.is_empty()).await;
    assert_eq!(world.states().await.len(), 0);
    assert_eq!(world.number("SELECT COUNT(*) FROM guests").await, 1);
    let page = reqwest::get(format!("{}/metrics", world.admin)).await.expect("an answer").text().await.expect("text");
    let counted = |what: &str| page.contains(&format!("hotelbot_forgotten_total{{what=\"{what}\"}} "));
    assert!(counted("messages") && counted("turns") && counted("events"), "{page}");
}

async fn age(world: &World, days: i64) {
    let micros = days * 86_400_000_000;
    for (table, column) in [("messages", "at"), ("turns", "at"), ("inbox", "received_at")] {
        world.execute(&format!("UPDATE {table} SET {column} = {column} - {micros}")).await;
    }
}
