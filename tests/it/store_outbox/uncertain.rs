//! Rows of which nobody knows whether they left: looked up, and sent once more at the most.

use super::{ANNA, BORIS, ids, planned, waiting};
use crate::support::build::{self, commit};
use crate::support::db::Engine;
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::message::Author;
use hotelbot::domain::received::InstanceState;
use hotelbot::ports::Clock;
use hotelbot::store::outbox::{Became, Uncertain};
use jiff::{SignedDuration, Timestamp};

on_both_engines!(
    nothing_of_the_bot_overtakes_an_uncertain_message,
    an_unknown_end_can_still_become_accepted_or_refused_alone,
    an_id_from_the_channel_counts_even_when_planned_again,
    an_orphan_of_another_daemon_is_uncertain,
    all_addresses_of_an_uncertain_message_are_told_whatever_the_limit,
    an_overtaken_message_is_told_as_such,
    whether_a_message_was_overtaken_is_a_look_into_an_index,
    a_look_that_found_nothing_is_counted,
    an_unsent_message_is_retried_at_most_once,
    a_message_whose_caller_died_keeps_its_retry,
);

async fn uncertain(world: &World, before: Timestamp, limit: i64) -> Vec<Uncertain> {
    world.store.uncertain(before, None, limit).await.expect("asked")
}

async fn nothing_of_the_bot_overtakes_an_uncertain_message(world: World) {
    let astoria = world.hotel("astoria").await;
    let first = planned(&world, &astoria, ANNA, "1").await;
    world.take_all().await;
    world.outcome(&astoria, first, Became::Unknown("a time-out".to_owned())).await;
    let second = planned(&world, &astoria, ANNA, "2").await;

    assert!(world.take_all().await.is_empty());
    world.store.record_sweep(vec![(astoria.clone(), first)], world.clock.now()).await.expect("counted");
    assert!(world.take_all().await.is_empty());
    world.store.retry_once(astoria.clone(), first, world.clock.now()).await.expect("planned once more");
    assert_eq!(ids(&world.take_all().await), [first]);
    world.accepted(&astoria, first, "OUT1").await;
    assert_eq!(ids(&world.take_all().await), [second]);
}

async fn an_unknown_end_can_still_become_accepted_or_refused_alone(world: World) {
    let astoria = world.hotel("astoria").await;
    let first = planned(&world, &astoria, ANNA, "1").await;
    let second = planned(&world, &astoria, BORIS, "2").await;
    world.take_all().await;
    for id in [first, second] {
        world.outcome(&astoria, id, Became::Unknown("a time-out".to_owned())).await;
        assert_eq!(world.state(id).await, "unknown");
    }

    let now = world.clock.now();
    world.outcome(&astoria, first, Became::PlannedAgain { due_at: now, why: "late".to_owned() }).await;
    assert_eq!(world.state(first).await, "unknown", "an uncertain message is never planned again just so");
    assert!(world.take_all().await.is_empty());
    world.accepted(&astoria, first, "OUT1").await;
    world.outcome(&astoria, second, Became::Refused("a person must look".to_owned())).await;

    assert_eq!(world.state(first).await, "accepted");
    assert_eq!(world.state(second).await, "refused");
}

async fn an_id_from_the_channel_counts_even_when_planned_again(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    world.take_all().await;
    world.outcome(&astoria, id, Became::Unknown("a time-out".to_owned())).await;
    world.store.retry_once(astoria.clone(), id, world.clock.now()).await.expect("planned once more");

    // The first call ends after all: it did send.
    world.accepted(&astoria, id, "OUT1").await;

    assert_eq!(world.state(id).await, "accepted");
    assert!(world.take_all().await.is_empty(), "a second message would leave");
}

async fn an_orphan_of_another_daemon_is_uncertain(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    world.take_all().await;
    let now = world.clock.now();

    assert!(uncertain(&world, now, 10).await.is_empty(), "it may still be on its way");
    let found = uncertain(&world, now + SignedDuration::from_secs(1), 10).await;
    assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [id]);
    assert_eq!((found[0].sending_at, found[0].retried, found[0].overtaken), (now, false, false));
    let mine = world.store.uncertain(now, Some(world.me), 10).await.expect("asked");
    assert!(mine.is_empty(), "my own call is on its way");
    let orphans = world.store.uncertain(now, Some(world.clock.new_id()), 10).await.expect("asked");
    assert_eq!(orphans.len(), 1, "its caller is gone for certain");
    world.accepted(&astoria, id, "OUT1").await;
    assert!(uncertain(&world, now + SignedDuration::from_secs(99), 10).await.is_empty());
}

async fn all_addresses_of_an_uncertain_message_are_told_whatever_the_limit(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut hello = build::guest(&world.clock, &astoria, ANNA, "M0", "hello");
    hello.received.also_known_as = Some("1206@lid".into());
    world.receive(vec![hello]).await;
    let gathered = world.gather_one().await;
    world.store.commit_turns(vec![commit(&world.clock, world.me, &gathered)]).await.expect("committed");
    let id = planned(&world, &astoria, ANNA, "1").await;
    world.take_all().await;
    world.outcome(&astoria, id, Became::Unknown("a time-out".to_owned())).await;

    let found = uncertain(&world, world.clock.now(), 1).await;

    let mut addresses: Vec<&str> = found[0].addresses.iter().map(|address| address.as_str()).collect();
    addresses.sort_unstable();
    assert_eq!(addresses, ["1206@lid", ANNA]);
}

async fn an_overtaken_message_is_told_as_such(world: World) {
    let astoria = world.hotel("astoria").await;
    let first = planned(&world, &astoria, ANNA, "1").await;
    world.take_all().await;
    world.outcome(&astoria, first, Became::Unknown("a time-out".to_owned())).await;
    assert!(!uncertain(&world, world.clock.now(), 10).await[0].overtaken);

    let mut by_staff = build::reply(&world.clock, "staff:1", "a person's words");
    by_staff.author = Author::Staff;
    let second = by_staff.id;
    world.answered(&astoria, ANNA, "M-2", vec![by_staff]).await;
    assert_eq!(ids(&world.take_all().await), [second], "a person does not wait for the end of an uncertain send");
    world.accepted(&astoria, second, "OUT2").await;

    let found = uncertain(&world, world.clock.now(), 10).await;
    assert_eq!((found[0].id, found[0].overtaken), (first, true));
}

async fn whether_a_message_was_overtaken_is_a_look_into_an_index(world: World) {
    world.hotel("astoria").await;
    let mut raw = world.db.raw().await;
    let numbers =
        |count: usize| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    let statements = [
        "INSERT INTO guests (hotel_id, guest_id, created_at) VALUES ('astoria', 'g', 0)".to_owned(),
        format!(
            "INSERT INTO chats (hotel_id, chat_id, guest_id, address, created_at, last_at)
             {} SELECT 'astoria', 'C' || i, 'g', 'A' || i, 0, 0 FROM n",
            numbers(200)
        ),
        "INSERT INTO aliases (hotel_id, address, chat_id) SELECT hotel_id, address, chat_id FROM chats".to_owned(),
        format!(
            "INSERT INTO messages (hotel_id, message_id, chat_id, direction, author, origin, text, at)
             {} SELECT 'astoria', 'M' || (100000 + i), 'C' || (1 + i % 200), 'outbound', 'bot', 'reply', 't', i FROM n",
            numbers(20_000)
        ),
        "INSERT INTO outbox (hotel_id, outbox_id, chat_id, message_id, intent, address, text, author, origin, state, rank,
                             due_at, expires_at, sending_at, created_at)
         SELECT hotel_id, message_id, chat_id, message_id, message_id, 'a', 't', 'bot', 'reply',
                CASE WHEN at % 1000 = 0 THEN 'unknown' ELSE 'read' END, CASE WHEN at % 1000 = 0 THEN 20 ELSE 60 END,
                at, at, at, at FROM messages"
            .to_owned(),
        "ANALYZE".to_owned(),
    ];
    for statement in &statements {
        raw.execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let uncertain = hotelbot::store::outbox::UNCERTAIN;
    let (prefix, sql) = match world.db.engine {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN", uncertain.lite),
        Engine::Postgres => ("EXPLAIN", uncertain.pg),
    };
    let sql = format!("{prefix} {}", sql.replace("$1", "30").replace("$2", "64").replace("$3", "''"));

    let plan = raw.explain(&sql).await.join("\n");

    for index in ["messages_chat", "outbox_message", "outbox_uncertain"] {
        assert!(plan.contains(index), "without {index}: {plan}");
    }
    for whole in ["Seq Scan on outbox", "SCAN outbox\n", "SCAN p\n", "outbox_pkey", "Seq Scan on messages", "SCAN m\n"]
    {
        assert!(!format!("{plan}\n").contains(whole), "{plan}");
    }
}

async fn a_look_that_found_nothing_is_counted(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    world.take_all().await;

    for look in 1..=2 {
        let now = world.clock.turn(SignedDuration::from_secs(60));
        world.store.record_sweep(vec![(astoria.clone(), id)], now).await.expect("counted");

        let found = uncertain(&world, now, 10).await;
        assert_eq!((found[0].sweeps, found[0].swept_at), (look, Some(now)));
    }
    assert_eq!(world.state(id).await, "unknown");
    world.accepted(&astoria, id, "OUT1").await;
    world.store.record_sweep(vec![(astoria, id)], world.clock.now()).await.expect("too late");
    assert_eq!(world.state(id).await, "accepted");
}

async fn an_unsent_message_is_retried_at_most_once(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;

    for round in 0..2 {
        assert_eq!(ids(&world.take_all().await), [id], "round {round}");
        world.outcome(&astoria, id, Became::Unknown("a time-out".to_owned())).await;
        world.store.retry_once(astoria.clone(), id, world.clock.now()).await.expect("answered");
    }

    assert_eq!(world.state(id).await, "refused");
    assert!(world.take_all().await.is_empty());
    assert_eq!(waiting(&world).await, 1, "its guest waits for a person");
    world.accepted(&astoria, id, "OUT1").await;
    assert_eq!(world.state(id).await, "refused", "settled for good, by a person");
}

async fn a_message_whose_caller_died_keeps_its_retry(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;

    for round in 0..3 {
        assert_eq!(ids(&world.take_all().await), [id], "round {round}");
        let now = world.clock.turn(SignedDuration::from_secs(60));
        world.store.record_sweep(vec![(astoria.clone(), id)], now).await.expect("counted");
        assert!(!uncertain(&world, now, 10).await[0].retried);
        world.store.line_state(astoria.clone(), InstanceState::Authorized, now).await.expect("kept");
        world.store.retry_once(astoria.clone(), id, now).await.expect("planned once more");
    }

    assert_eq!(ids(&world.take_all().await), [id]);
    world.outcome(&astoria, id, Became::Unknown("a time-out".to_owned())).await;
    world.store.retry_once(astoria.clone(), id, world.clock.now()).await.expect("planned once more");
    assert_eq!(ids(&world.take_all().await), [id]);
    world.outcome(&astoria, id, Became::Unknown("a time-out".to_owned())).await;
    assert!(uncertain(&world, world.clock.now(), 10).await[0].retried);
}
