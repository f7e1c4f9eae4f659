//! What a person sees of the queues, and what they decide about single rows.

use crate::support::build::{self, id};
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::conversation::{HandoffReason, Mode};
use hotelbot::domain::ids::{HotelId, OutboxId};
use hotelbot::domain::message::{Author, Delivery, Origin};
use hotelbot::domain::received::ReceivedEvent;
use hotelbot::ports::Clock;
use hotelbot::store::inbox::Arrival;
use hotelbot::store::outbox::Became;
use hotelbot::store::queues::QueueFilter;
use hotelbot::store::turns::{Committed, StaffSend};
use jiff::SignedDuration;

const ANNA: &str = "79001112233@c.us";

on_both_engines!(
    rows_of_the_inbox_are_listed_and_found,
    rows_of_the_outbox_are_listed_and_found,
    a_chat_is_found_by_the_end_of_its_id,
    a_failed_row_is_handled_once_more,
    what_nobody_will_handle_is_discarded,
    a_message_is_sent_again_by_command,
    a_message_is_taken_back_by_command,
    a_persons_answer_voids_the_turn_being_decided,
    each_hotels_work_is_counted,
);

fn all() -> QueueFilter {
    QueueFilter { limit: 10, ..QueueFilter::default() }
}

fn unreadable(world: &World, hotel: &HotelId, key: &str) -> Arrival {
    build::arrival(&world.clock, hotel, key, None, ReceivedEvent::Unreadable { why: "no JSON".to_owned() })
}

async fn rows_of_the_inbox_are_listed_and_found(world: World) {
    let (astoria, seaview) = (world.hotel("astoria").await, world.hotel("seaview").await);
    let first = world.guest(&astoria, ANNA, "M1", "hello").await;
    let bad = unreadable(&world, &seaview, "hash:1");
    world.receive(vec![bad.clone()]).await;

    let list = async |filter: QueueFilter| -> Vec<uuid::Uuid> {
        let rows = world.store.inbox_rows(&filter).await.expect("listed");
        rows.into_iter().map(|row| row.id.0).collect()
    };
    assert_eq!(list(all()).await, [bad.id, first.id]);
    assert_eq!(list(QueueFilter { limit: 1, ..all() }).await, [bad.id]);
    assert_eq!(list(QueueFilter { hotels: vec![astoria.clone()], ..all() }).await, [first.id]);
    assert_eq!(list(QueueFilter { states: vec!["quarantined", "failed"], ..all() }).await, [bad.id]);
    let ending = first.id.to_string()[28..].to_owned();
    let found = world.store.find_inbox(&ending, &[astoria], 10).await.expect("searched");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id.0, &found[0].received), (first.id, &first.received));
    assert!(world.store.find_inbox(&ending, &[seaview], 10).await.expect("searched").is_empty());
    assert!(world.store.find_inbox("%%%%", &[], 10).await.expect("searched").is_empty());
}

/// A planned reply of a turn of its own.
async fn planned(world: &World, hotel: &HotelId, name: &str) -> OutboxId {
    let reply = build::reply(&world.clock, &format!("reply:{name}"), &format!("an answer {name}"));
    let id = reply.id;
    world.answered(hotel, ANNA, &format!("M-{name}"), vec![reply]).await;
    id
}

async fn rows_of_the_outbox_are_listed_and_found(world: World) {
    let astoria = world.hotel("astoria").await;
    let first = planned(&world, &astoria, "1").await;
    world.take_all().await;
    world.accepted(&astoria, first, "OUT1").await;
    world.clock.turn(SignedDuration::from_secs(1));
    let second = planned(&world, &astoria, "2").await;

    let rows = world.store.outbox_rows(&all()).await.expect("listed");
    let open = QueueFilter { states: vec!["planned"], hotels: vec![astoria.clone()], ..all() };
    let open = world.store.outbox_rows(&open).await.expect("listed");
    let ending = first.to_string()[28..].to_owned();
    let found = world.store.find_outbox(&ending, &[], 10).await.expect("searched");

    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [second, first]);
    assert_eq!((rows[1].state, rows[1].provider_id.as_deref()), (Delivery::Accepted, Some("OUT1")));
    assert_eq!(open.iter().map(|row| row.id).collect::<Vec<_>>(), [second]);
    assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), [first]);
}

async fn a_chat_is_found_by_the_end_of_its_id(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, ANNA, "M1", "hello").await;
    let chat = world.gather_one().await.conversation.id;
    let ending = &chat.to_string()[30..];

    let found = world.store.chats_ending(ending, &[]).await.expect("searched");
    let elsewhere = world.store.chats_ending(ending, &[id("seaview")]).await.expect("searched");

    assert_eq!(found.iter().map(|(hotel, chat)| (hotel, chat.id)).collect::<Vec<_>>(), [(&astoria, chat)]);
    assert!(elsewhere.is_empty());
}

async fn a_failed_row_is_handled_once_more(world: World) {
    let astoria = world.hotel("astoria").await;
    let message = world.guest(&astoria, ANNA, "M1", "hello").await;
    let gathered = world.gather_one().await;
    let mut raw = world.db.raw().await;
    raw.execute("UPDATE inbox SET state = 'failed'").await.expect("as if it could not be handled");
    world.store.release_claim(gathered.claim, world.me).await.expect("given back");
    assert!(world.claim().await.is_empty());
    let rows = vec![(astoria.clone(), build::row(&message))];

    assert_eq!(world.store.retry_inbox(rows.clone(), world.clock.now()).await.expect("retried"), 1);

    assert_eq!(world.gather_one().await.waiting[0].id, build::row(&message));
    assert_eq!(world.store.retry_inbox(rows, world.clock.now()).await.expect("nothing to retry"), 0);
}

async fn what_nobody_will_handle_is_discarded(world: World) {
    let astoria = world.hotel("astoria").await;
    let (good, bad) = (world.guest(&astoria, ANNA, "M1", "hello").await, unreadable(&world, &astoria, "hash:1"));
    world.receive(vec![bad.clone()]).await;
    let rows = vec![(astoria.clone(), build::row(&good)), (astoria, build::row(&bad))];

    let discarded = world.store.discard_inbox(rows, "looked at".to_owned(), world.clock.now()).await;

    assert_eq!(discarded.expect("discarded"), 1, "a message that waits is not discarded");
    let states = world.db.raw().await.texts("SELECT state || COALESCE(note, '') FROM inbox ORDER BY seq").await;
    assert_eq!(states, ["available", "discardedlooked at"]);
}

async fn a_message_is_sent_again_by_command(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, "1").await;
    world.take_all().await;
    world.outcome(&astoria, id, Became::Refused("no such number".to_owned())).await;
    let (now, until) = (world.clock.now(), world.clock.now() + SignedDuration::from_mins(15));
    let rows = vec![(astoria.clone(), id)];

    assert_eq!(world.store.retry_outbox(rows.clone(), now, until).await.expect("planned"), 1);

    let taken = world.take_all().await;
    assert_eq!((taken[0].id, taken[0].attempts), (id, 0));
    assert_eq!(world.store.retry_outbox(rows, now, until).await.expect("it is on its way"), 0);
}

async fn a_message_is_taken_back_by_command(world: World) {
    let astoria = world.hotel("astoria").await;
    let sent = planned(&world, &astoria, "1").await;
    world.take_all().await;
    world.accepted(&astoria, sent, "OUT1").await;
    let waits = planned(&world, &astoria, "2").await;

    let cancelled = world.store.cancel_outbox(vec![(astoria.clone(), sent), (astoria, waits)]).await;

    assert_eq!(cancelled.expect("cancelled"), 1);
    assert_eq!((world.state(sent).await.as_str(), world.state(waits).await.as_str()), ("accepted", "cancelled"));
    assert!(world.take_all().await.is_empty());
}

async fn a_persons_answer_voids_the_turn_being_decided(world: World) {
    let astoria = world.hotel("astoria").await;
    let waits = planned(&world, &astoria, "1").await;
    world.guest(&astoria, ANNA, "M2", "hello").await;
    let gathered = world.gather_one().await;
    let mode = Mode::Handoff { since: world.clock.now(), until: None, why: HandoffReason::StaffWrote };

    let mut send = build::reply(&world.clock, "staff:1", "I am here");
    (send.author, send.origin) = (Author::Staff, Origin::Staff);
    let address = gathered.conversation.address.clone();
    let chat = gathered.conversation.id;
    let staff =
        StaffSend { hotel: astoria, chat, address, send, leads: mode, by: "anna".to_owned(), at: world.clock.now() };
    world.store.plan_staff_send(staff).await.expect("a person leads");
    let mut turn = build::commit(&world.clock, world.me, &gathered);
    turn.sends = vec![build::reply(&world.clock, "reply:2", "the bot talks over the person")];
    let outcome = world.store.commit_turns(vec![turn]).await.expect("answered");

    assert_eq!(outcome, [Committed::Fenced]);
    assert_eq!(world.state(waits).await, "cancelled");
    let anew = world.gather_one().await;
    assert_eq!((anew.conversation.mode, anew.conversation.waiting_since), (mode, None));
}

async fn each_hotels_work_is_counted(world: World) {
    let (astoria, seaview) = (world.hotel("astoria").await, world.hotel("seaview").await);
    let began = world.clock.now();
    let mut staff = build::reply(&world.clock, "staff:1", "words");
    staff.author = Author::Staff;
    world.answered(&astoria, ANNA, "M1", vec![staff]).await;
    world.guest(&astoria, ANNA, "M2", "hello").await;
    world.receive(vec![unreadable(&world, &seaview, "hash:1")]).await;
    world.hotel("quiet").await;

    let loads = world.store.workloads().await.expect("counted");

    assert_eq!(loads.keys().map(HotelId::as_str).collect::<Vec<_>>(), ["astoria", "seaview"]);
    let (first, second) = (&loads[&astoria], &loads[&seaview]);
    assert_eq!((first.inbox, first.planned, first.unknown, first.waiting), (1, 1, 0, 0));
    assert!(first.inbox_oldest.is_some_and(|at| at >= began));
    assert_eq!((second.inbox, second.quarantined, second.failed), (0, 1, 0));
}
