//! What calls to the channel ended in, and what a person has to look at afterwards.

use super::{ANNA, BORIS, planned, waiting};
use crate::support::build;
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::ids::ProviderMessageId;
use hotelbot::domain::message::{Author, Origin};
use hotelbot::ports::Clock;
use hotelbot::store::outbox::Became;
use jiff::SignedDuration;
use std::time::Duration;

on_both_engines!(
    an_accepted_message_carries_the_channels_id,
    what_surely_was_not_sent_is_planned_again,
    a_refused_message_leaves_the_guest_waiting_for_a_person,
    known_ids_of_the_channel_are_told,
    counts_tell_what_waits,
);

async fn an_accepted_message_carries_the_channels_id(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    world.take_all().await;

    world.accepted(&astoria, id, "OUT1").await;

    let mut raw = world.db.raw().await;
    assert_eq!(raw.texts("SELECT state || '/' || provider_id FROM outbox").await, ["accepted/OUT1"]);
    assert_eq!(raw.number("SELECT COUNT(*) FROM outbox WHERE accepted_at IS NOT NULL").await, 1);
    world.outcome(&astoria, id, Became::Unknown("late".to_owned())).await;
    world.outcome(&astoria, id, Became::Refused("late".to_owned())).await;
    let later = world.clock.now();
    world.outcome(&astoria, id, Became::PlannedAgain { due_at: later, why: "late".to_owned() }).await;
    assert_eq!(world.state(id).await, "accepted");
    assert_eq!(waiting(&world).await, 0, "a late refusal of an accepted message means nothing");
}

async fn what_surely_was_not_sent_is_planned_again(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    world.take_all().await;
    let due_at = world.clock.now() + SignedDuration::from_secs(2);

    world.outcome(&astoria, id, Became::PlannedAgain { due_at, why: "429".to_owned() }).await;

    assert_eq!(world.state(id).await, "planned");
    assert!(world.take_all().await.is_empty());
    world.clock.turn(SignedDuration::from_secs(2));
    let taken = world.take_all().await;
    assert_eq!((taken[0].id, taken[0].attempts), (id, 1));
}

async fn a_refused_message_leaves_the_guest_waiting_for_a_person(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    world.take_all().await;
    assert_eq!(waiting(&world).await, 0);

    world.outcome(&astoria, id, Became::Refused("no such number".to_owned())).await;

    assert_eq!(world.state(id).await, "refused");
    assert_eq!(waiting(&world).await, 1);
    let note = world.db.raw().await.texts("SELECT note FROM outbox").await;
    assert_eq!(note, ["no such number"]);
    assert!(world.take_all().await.is_empty());
}

async fn known_ids_of_the_channel_are_told(world: World) {
    let (astoria, seaview) = (world.hotel("astoria").await, world.hotel("seaview").await);
    let id = planned(&world, &astoria, ANNA, "1").await;
    world.take_all().await;
    world.accepted(&astoria, id, "OUT1").await;
    let asked = [ProviderMessageId::from("OUT1"), ProviderMessageId::from("OUT2")];

    let known = world.store.known_provider_ids(&astoria, &asked).await.expect("asked");
    let elsewhere = world.store.known_provider_ids(&seaview, &asked).await.expect("asked");

    assert_eq!(known, [ProviderMessageId::from("OUT1")]);
    assert!(elsewhere.is_empty());
    assert!(world.store.known_provider_ids(&astoria, &[]).await.expect("asked").is_empty());
}

async fn counts_tell_what_waits(world: World) {
    let astoria = world.hotel("astoria").await;
    planned(&world, &astoria, ANNA, "1").await;
    let mut reply = build::reply(&world.clock, "reply:2", "an answer");
    reply.origin = Origin::Template;
    reply.author = Author::Bot;
    let refused = reply.id;
    world.answered(&astoria, BORIS, "M2", vec![reply]).await;
    world.take_all().await;
    world.outcome(&astoria, refused, Became::Refused("no such number".to_owned())).await;
    world.guest(&astoria, ANNA, "M3", "hello").await;
    world.clock.turn(SignedDuration::from_secs(7));

    let counts = world.store.counts(world.clock.now()).await.expect("counted");

    let number = |list: &[(String, i64)], state: &str| {
        list.iter().find(|(known, _)| known == state).unwrap_or_else(|| panic!("no {state} in {list:?}")).1
    };
    assert_eq!(number(&counts.inbox, "available"), 1);
    assert_eq!(number(&counts.inbox, "failed"), 0);
    assert_eq!(number(&counts.outbox, "sending"), 1);
    assert_eq!(number(&counts.outbox, "unknown"), 0);
    assert_eq!(counts.lines, [("authorized".to_owned(), 1)]);
    assert_eq!(counts.waiting, 1);
    assert!(counts.waiting_longest >= Duration::from_secs(7), "{:?}", counts.waiting_longest);
}
