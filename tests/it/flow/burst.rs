//! Several messages in a row: answered together, once, and never over each other.

use super::world::{Setup, World};
use crate::support::db::Engine;
use hotelbot::domain::hotel::Hotel;
use hotelbot::sandbox::Options;
use std::time::Duration;

on_both_engines!(
    three_quick_messages_get_one_answer_that_quotes_the_newest,
    a_message_that_comes_while_the_model_thinks_is_answered_with_the_first_in_one,
    a_guest_who_never_pauses_is_answered_all_the_same,
    without_coalescing_each_message_gets_its_own_answer_in_order,
);

/// A burst is over after this much quiet.
fn coalescing(engine: Engine, latency: Duration) -> Setup {
    Setup {
        engine,
        hotel: Box::new(|_, hotel: &mut Hotel| hotel.conversation.coalesce = Duration::from_millis(300)),
        sandbox: Options { deepseek_latency: latency, ..super::world::vendors() },
        ..Setup::default()
    }
}

async fn three_quick_messages_get_one_answer_that_quotes_the_newest(engine: Engine) {
    let world = World::with(coalescing(engine, Duration::ZERO)).await;

    world.guest("Hello!");
    world.guest("When is breakfast? echo:m1x");
    let newest = world.guest("And where is the parking? echo:m2x");

    let answer = world.wait_answer().await;
    assert!(answer.text.contains("m1x") && answer.text.contains("m2x"), "{}", answer.text);
    assert_eq!(answer.quoted_message_id, Some(newest));
    world.quiet().await;
    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM turns").await, 1);
}

async fn a_message_that_comes_while_the_model_thinks_is_answered_with_the_first_in_one(engine: Engine) {
    let world = World::with(coalescing(engine, Duration::from_millis(800))).await;
    world.guest("When is breakfast? echo:m1x");
    world.model_asked(1).await;

    world.guest("For two persons, echo:m2x");

    let answer = world.wait_answer().await;
    assert!(answer.text.contains("m1x") && answer.text.contains("m2x"), "{}", answer.text);
    world.quiet().await;
    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.sandbox.model_requests().len(), 2);
}

async fn a_guest_who_never_pauses_is_answered_all_the_same(engine: Engine) {
    let world = World::with(coalescing(engine, Duration::ZERO)).await;
    let mut number = 0;

    // Far more messages than fit into the longest burst, each well within the quiet time.
    while world.sent().is_empty() {
        number += 1;
        assert!(number < 200, "nothing was answered");
        let id = world.guest(&format!("When is breakfast? echo:m{number}x"));
        let arrived = format!("SELECT event_key FROM inbox WHERE event_key = 'm:{id}'");
        world.wait_texts(&arrived, |found| !found.is_empty()).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    assert!(number > 3, "a burst was cut after {number} messages");
    world.quiet().await;
    let answers = world.sent_texts().join(" ");
    for wanted in 1..=number {
        assert_eq!(answers.matches(&format!("m{wanted}x")).count(), 1, "m{wanted}x in {answers}");
    }
}

async fn without_coalescing_each_message_gets_its_own_answer_in_order(engine: Engine) {
    let world = World::with(Setup { engine, ..Setup::default() }).await;

    for number in 1..=5 {
        world.guest(&format!("When is breakfast? echo:m{number}x"));
    }

    let sent = world.wait_sent(5).await;
    world.quiet().await;
    assert_eq!(world.sent().len(), 5);
    for (place, record) in sent.iter().enumerate() {
        assert!(record.text.contains(&format!("m{}x", place + 1)), "{}", record.text);
    }
}
