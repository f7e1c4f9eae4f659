//! The database is away, busy, or refuses one turn.

use super::world::{BREAKFAST, HOOK_TOKEN, PATIENCE, Setup, World};
use crate::support::db::{Engine, Raw};
use hotelbot::sandbox::Options;
use hotelbot::store::hotels::HotelChange;
use std::time::{Duration, Instant};

on_both_engines!(
    a_turn_that_cannot_be_stored_is_left_to_a_person_and_the_chat_goes_on,
    a_turn_that_was_refused_once_is_decided_anew,
    what_waits_at_a_hotel_that_was_retired_is_not_taken_again_and_again,
);

/// The database refuses to store turns, as it would with a mistake in one of our statements.
async fn poison(world: &World) {
    match world.db.engine {
        Engine::Sqlite => {
            let refuse = "CREATE TRIGGER poison BEFORE INSERT ON turns BEGIN SELECT RAISE(ABORT, 'poison'); END";
            world.execute(refuse).await;
        }
        Engine::Postgres => world.execute("ALTER TABLE turns ADD CONSTRAINT poison CHECK (false) NOT VALID").await,
    }
}

async fn cure(world: &World) {
    match world.db.engine {
        Engine::Sqlite => world.execute("DROP TRIGGER poison").await,
        Engine::Postgres => world.execute("ALTER TABLE turns DROP CONSTRAINT poison").await,
    }
}

async fn a_turn_that_cannot_be_stored_is_left_to_a_person_and_the_chat_goes_on(engine: Engine) {
    let world = World::with(Setup { engine, ..Setup::default() }).await;
    poison(&world).await;

    let bad = world.guest("When is breakfast?");

    assert_eq!(world.decided(&bad).await, "failed");
    assert_eq!(world.waiting().await, 1);
    assert_eq!(world.number("SELECT attempts FROM inbox WHERE state = 'failed'").await, 3);
    cure(&world).await;
    world.guest("When is breakfast?");
    assert!(world.wait_answer().await.text.contains(BREAKFAST));
}

async fn a_turn_that_was_refused_once_is_decided_anew(engine: Engine) {
    let world = World::with(Setup { engine, ..Setup::default() }).await;
    poison(&world).await;
    world.guest("When is breakfast?");
    world.wait_texts("SELECT note FROM inbox WHERE attempts > 0", |notes| notes == ["its turn failed"]).await;

    cure(&world).await;

    assert!(world.wait_answer().await.text.contains(BREAKFAST));
    world.quiet().await;
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_locked_events_are_refused_and_afterwards_nothing_is_missing() {
    let slow = Options { deepseek_latency: Duration::from_millis(600), ..super::world::vendors() };
    let world = World::with(Setup { sandbox: slow, ..Setup::default() }).await;
    world.guest("When is breakfast? echo:m1x");
    world.model_asked(1).await;
    // Someone else writes for longer than a writer waits, 10 s.
    let mut other = world.db.raw().await;
    other.execute("BEGIN IMMEDIATE").await.expect("taken");

    let begun = Instant::now();
    let body = super::door::incoming("LOCKED1", "When is breakfast? echo:m2x");
    let refused = super::door::post(&world, HOOK_TOKEN, &body).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert!(begun.elapsed() < Duration::from_secs(8), "the sender is told in time");
    hold(&mut other, begun, Duration::from_secs(13)).await;

    let deadline = Instant::now() + PATIENCE;
    while super::door::post(&world, HOOK_TOKEN, &body).await.status() != 200 {
        assert!(Instant::now() < deadline, "it takes events again");
        super::world::pause().await;
    }
    let sent = world.wait_sent(2).await;
    world.quiet().await;
    assert!(sent[0].text.contains("m1x") && sent[1].text.contains("m2x"));
    assert_eq!(world.sent().len(), 2);
}

/// Holds the lock until so long after `begun`: the length of the wait is what is tested.
async fn hold(other: &mut Raw, begun: Instant, length: Duration) {
    tokio::time::sleep(length.saturating_sub(begun.elapsed())).await;
    other.execute("ROLLBACK").await.expect("given back");
}

async fn what_waits_at_a_hotel_that_was_retired_is_not_taken_again_and_again(engine: Engine) {
    let mut world = World::with(Setup { engine, ..Setup::default() }).await;
    let slow = hotelbot::sandbox::deepseek::faults::Fault::Slow { seconds: 60.0 };
    world.sandbox.switch_model(hotelbot::sandbox::switches::Switch::next(slow, 1));
    world.guest("When is breakfast?");
    world.model_asked(1).await;
    world.kill().await;
    let store = world.db.open().await;
    let retired = vec![HotelChange::Retire(super::world::hotel_id(0))];
    store.apply_hotels(1, retired, "a test".into(), super::world::now()).await.expect("applied");
    let before = world.number("SELECT epoch FROM chats").await;
    let woken = super::world::now().as_microsecond();

    world.wake().await;

    let given_back = format!("SELECT CAST(due_at AS TEXT) FROM chats WHERE epoch > {before} AND lease_by IS NULL");
    let due = world.wait_texts(&given_back, |found| !found.is_empty()).await;
    let due: i64 = due[0].parse().expect("an instant");
    assert!(due - woken > 1_500_000, "it is due again after {} µs", due - woken);
    assert_eq!(world.texts("SELECT state FROM inbox").await, ["available"]);
}
