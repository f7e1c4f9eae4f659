//! The inbox keeps what came in: durable before anybody is told, each event once, in order, and in the right chat.

use crate::support::build::{arrival, guest, row, staff};
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::received::{Body, ReceivedEvent};
use hotelbot::store::inbox::Stored;
use jiff::SignedDuration;
use std::time::Duration;

const ANNA: &str = "79001112233@c.us";

on_both_engines!(
    the_same_event_twice_is_one_row,
    a_thousand_parallel_copies_of_one_event_are_one_row,
    copies_within_one_batch_are_one_row,
    the_same_key_at_two_hotels_is_two_events,
    a_row_is_visible_to_others_when_receive_returns,
    a_batch_is_stored_in_its_order,
    other_words_under_the_same_id_are_kept_apart_for_a_person,
    a_repeated_conflict_is_kept_once,
    what_cannot_be_read_is_quarantined_with_its_reason,
    calls_and_ignored_events_are_done_at_once,
    a_nul_character_stops_no_batch,
    odd_texts_come_back_as_they_came,
    a_chat_is_due_after_its_quiet_time,
    each_message_of_a_burst_starts_the_quiet_time_anew,
    a_burst_is_answered_at_the_latest_after_four_quiet_times,
    what_staff_wrote_is_due_at_once,
    the_newest_profile_name_counts,
    an_unknown_hotel_stores_nothing,
);

async fn the_same_event_twice_is_one_row(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, ANNA, "M1", "hello").await;

    let again = world.receive(vec![guest(&world.clock, &astoria, ANNA, "M1", "hello")]).await;

    assert_eq!(again, [Stored::Again]);
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM messages").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM chats").await, 1);
}

async fn a_thousand_parallel_copies_of_one_event_are_one_row(world: World) {
    let astoria = world.hotel("astoria").await;
    let other = world.db.open().await;

    let mut copies = tokio::task::JoinSet::new();
    for n in 0..1000 {
        let store = if n % 2 == 0 { world.store.clone() } else { other.clone() };
        let copy = guest(&world.clock, &astoria, ANNA, "M1", "hello");
        copies.spawn(async move { store.receive(vec![copy]).await.expect("each copy is answered") });
    }
    let answers: Vec<Stored> = copies.join_all().await.into_iter().flatten().collect();

    assert_eq!(answers.iter().filter(|stored| **stored == Stored::New).count(), 1);
    assert_eq!(answers.len(), 1000);
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM messages").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM chats").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM guests").await, 1);
}

async fn copies_within_one_batch_are_one_row(world: World) {
    let astoria = world.hotel("astoria").await;
    let first = guest(&world.clock, &astoria, ANNA, "M1", "hello");
    let copy = guest(&world.clock, &astoria, ANNA, "M1", "hello");
    let other = guest(&world.clock, &astoria, ANNA, "M2", "and more");

    let answers = world.receive(vec![first, copy, other]).await;

    assert_eq!(answers, [Stored::New, Stored::Again, Stored::New]);
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox").await, 2);
    assert_eq!(world.number("SELECT COUNT(*) FROM messages").await, 2);
}

async fn the_same_key_at_two_hotels_is_two_events(world: World) {
    let astoria = world.hotel("astoria").await;
    let seaview = world.hotel("seaview").await;

    let answers = world
        .receive(vec![
            guest(&world.clock, &astoria, ANNA, "M1", "hello"),
            guest(&world.clock, &seaview, ANNA, "M1", "hello"),
        ])
        .await;

    assert_eq!(answers, [Stored::New, Stored::New]);
    assert_eq!(world.number("SELECT COUNT(*) FROM chats").await, 2);
    assert_eq!(world.number("SELECT COUNT(*) FROM guests").await, 2);
}

async fn a_row_is_visible_to_others_when_receive_returns(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut elsewhere = world.db.raw().await;

    for n in 0..50 {
        world.guest(&astoria, ANNA, &format!("M{n}"), "hello").await;

        assert_eq!(elsewhere.number("SELECT COUNT(*) FROM inbox").await, n + 1);
    }
}

async fn a_batch_is_stored_in_its_order(world: World) {
    let astoria = world.hotel("astoria").await;
    let batch: Vec<_> = (0..200)
        .map(|n| {
            let chat = format!("7900000000{}@c.us", n % 3);
            guest(&world.clock, &astoria, &chat, &format!("M{}", 1000 - n), &format!("words {n}"))
        })
        .collect();

    world.receive(batch).await;

    let mut raw = world.db.raw().await;
    let texts =
        raw.texts("SELECT m.text FROM inbox i JOIN messages m ON m.message_id = i.inbox_id ORDER BY i.seq").await;
    assert_eq!(texts, (0..200).map(|n| format!("words {n}")).collect::<Vec<_>>());
}

async fn other_words_under_the_same_id_are_kept_apart_for_a_person(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, ANNA, "M1", "the first words").await;

    let answer = world.receive(vec![guest(&world.clock, &astoria, ANNA, "M1", "other words")]).await;

    assert_eq!(answer, [Stored::Again]);
    let mut raw = world.db.raw().await;
    assert_eq!(raw.texts("SELECT text FROM messages").await, ["the first words"]);
    assert_eq!(raw.texts("SELECT state FROM inbox ORDER BY seq").await, ["available", "quarantined"]);
    let note = raw.texts("SELECT note FROM inbox WHERE state = 'quarantined'").await;
    assert!(note[0].contains("the first one counts"), "{note:?}");
    let kept = raw.texts("SELECT event FROM inbox WHERE state = 'quarantined'").await;
    assert!(kept[0].contains("other words"), "{kept:?}");
    assert_eq!(world.gather_one().await.waiting.len(), 1);
}

async fn a_repeated_conflict_is_kept_once(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, ANNA, "M1", "the first words").await;

    for _ in 0..3 {
        world.receive(vec![guest(&world.clock, &astoria, ANNA, "M1", "other words")]).await;
    }
    world.receive(vec![guest(&world.clock, &astoria, ANNA, "M1", "third words")]).await;

    assert_eq!(world.number("SELECT COUNT(*) FROM inbox WHERE state = 'quarantined'").await, 2);
}

async fn what_cannot_be_read_is_quarantined_with_its_reason(world: World) {
    let astoria = world.hotel("astoria").await;
    let unreadable = ReceivedEvent::Unreadable { why: "no JSON".to_owned() };
    let mut poison = arrival(&world.clock, &astoria, "hash:1", None, unreadable);
    poison.raw = "\u{feff}<html>".to_owned();

    world.receive(vec![poison, guest(&world.clock, &astoria, ANNA, "M1", "hello")]).await;

    let mut raw = world.db.raw().await;
    assert_eq!(raw.texts("SELECT state FROM inbox ORDER BY seq").await, ["quarantined", "available"]);
    assert_eq!(raw.texts("SELECT note FROM inbox WHERE state = 'quarantined'").await, ["no JSON"]);
    assert_eq!(raw.texts("SELECT raw FROM inbox WHERE state = 'quarantined'").await, ["\u{feff}<html>"]);
}

async fn calls_and_ignored_events_are_done_at_once(world: World) {
    let astoria = world.hotel("astoria").await;
    let call = ReceivedEvent::Call { status: "missed".to_owned() };
    let ignored = ReceivedEvent::Ignored { why: "a group".to_owned() };

    world
        .receive(vec![
            arrival(&world.clock, &astoria, "call:1", Some(ANNA), call),
            arrival(&world.clock, &astoria, "hash:2", Some("1203@g.us"), ignored),
        ])
        .await;

    assert_eq!(world.number("SELECT COUNT(*) FROM inbox WHERE state = 'completed' AND done_at IS NOT NULL").await, 2);
    assert_eq!(world.number("SELECT COUNT(*) FROM chats").await, 0);
    assert!(world.claim().await.is_empty());
}

async fn a_nul_character_stops_no_batch(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut odd = guest(&world.clock, &astoria, ANNA, "M\0 1", "before\0after");
    odd.raw = "{\"a\":\"\0\"}".to_owned();
    odd.received.sender_name = Some("An\0na".to_owned());
    let copy = guest(&world.clock, &astoria, ANNA, "M\0 1", "other\0words");
    let unreadable = ReceivedEvent::Unreadable { why: "a \0 in it".to_owned() };
    let odder = arrival(&world.clock, &astoria, "hash:\0", None, unreadable);

    let answers = world.receive(vec![odd, copy, odder, guest(&world.clock, &astoria, ANNA, "M2", "good")]).await;

    assert_eq!(answers, [Stored::New, Stored::Again, Stored::New, Stored::New]);
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox").await, 4);
    assert_eq!(world.gather_one().await.waiting.len(), 2);
}

async fn odd_texts_come_back_as_they_came(world: World) {
    let astoria = world.hotel("astoria").await;
    let odd = "«Ёлки» 👩‍👩‍👧 \\u0000 \\ \" ' %s $1 {} \u{202e}abc\u{7f}\u{1}\r\n\t\u{fffd} 𝒳 ;--";

    world.guest(&astoria, ANNA, "M1", odd).await;

    let gathered = world.gather_one().await;
    let ReceivedEvent::Guest { body, .. } = &gathered.waiting[0].received.event else { panic!("a guest wrote") };
    assert_eq!(*body, Body::Text(odd.to_owned()));
    assert_eq!(world.db.raw().await.texts("SELECT text FROM messages").await, [odd]);
}

async fn a_chat_is_due_after_its_quiet_time(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut message = guest(&world.clock, &astoria, ANNA, "M1", "hello");
    message.coalesce = Duration::from_secs(4);

    world.receive(vec![message]).await;

    world.clock.turn(SignedDuration::from_millis(3999));
    assert!(world.claim().await.is_empty());
    world.clock.turn(SignedDuration::from_millis(1));
    assert_eq!(world.claim().await.len(), 1);
}

async fn each_message_of_a_burst_starts_the_quiet_time_anew(world: World) {
    let astoria = world.hotel("astoria").await;
    for n in 0..3 {
        let mut message = guest(&world.clock, &astoria, ANNA, &format!("M{n}"), "and");
        message.coalesce = Duration::from_secs(4);
        world.receive(vec![message]).await;
        assert!(world.claim().await.is_empty());
        world.clock.turn(SignedDuration::from_secs(3));
    }

    world.clock.turn(SignedDuration::from_secs(1));

    assert_eq!(world.gather_one().await.waiting.len(), 3);
}

async fn a_burst_is_answered_at_the_latest_after_four_quiet_times(world: World) {
    let astoria = world.hotel("astoria").await;
    for n in 0..6 {
        let mut message = guest(&world.clock, &astoria, ANNA, &format!("M{n}"), "and");
        message.coalesce = Duration::from_secs(4);
        world.receive(vec![message]).await;
        if n < 5 {
            world.clock.turn(SignedDuration::from_secs(3));
            assert!(world.claim().await.is_empty(), "after {} s", (n + 1) * 3);
        }
    }

    world.clock.turn(SignedDuration::from_secs(1));

    // 16 s after the first message, though the last one came a second ago.
    assert_eq!(world.gather_one().await.waiting.len(), 6);
}

async fn what_staff_wrote_is_due_at_once(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut question = guest(&world.clock, &astoria, ANNA, "M1", "hello");
    question.coalesce = Duration::from_secs(4);
    let mut answer = staff(&world.clock, &astoria, ANNA, "M2", "I am on my way");
    answer.coalesce = Duration::from_secs(4);

    world.receive(vec![question]).await;
    world.receive(vec![answer.clone()]).await;

    let gathered = world.gather_one().await;
    assert_eq!(gathered.waiting.len(), 2);
    assert_eq!(gathered.waiting[1].id, row(&answer));
}

async fn the_newest_profile_name_counts(world: World) {
    let astoria = world.hotel("astoria").await;
    for (n, name) in [Some("Anna"), None, Some("Анна К.")].into_iter().enumerate() {
        let mut message = guest(&world.clock, &astoria, ANNA, &format!("M{n}"), "hello");
        message.received.sender_name = name.map(str::to_owned);
        world.receive(vec![message]).await;
    }

    assert_eq!(world.gather_one().await.conversation.name.as_deref(), Some("Анна К."));
}

async fn an_unknown_hotel_stores_nothing(world: World) {
    let astoria = world.hotel("astoria").await;
    let nowhere = crate::support::build::id("nowhere");

    let outcome = world.store.receive(vec![guest(&world.clock, &nowhere, ANNA, "M1", "hello")]).await;

    assert!(outcome.is_err());
    world.guest(&astoria, ANNA, "M1", "hello").await;
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox").await, 1);
}
