//! Statuses, echoes and states: they come late, twice and in any order, and only ever add to what is known.

use crate::support::build::{echo, instance, status};
use crate::support::world::World;
use crate::support::{build, on_both_engines};
use hotelbot::domain::ids::{HotelId, OutboxId, ProviderMessageId};
use hotelbot::domain::message::{Author, Delivery};
use hotelbot::domain::received::{InstanceState, ReceivedEvent};
use hotelbot::ports::Clock;
use hotelbot::store::events::Applied;
use hotelbot::store::journal::ChatFilter;
use hotelbot::store::outbox::Became;
use jiff::SignedDuration;

const ANNA: &str = "79001112233@c.us";
const BORIS: &str = "79004445566@c.us";
const LID: &str = "120650379300963@lid";

on_both_engines!(
    statuses_climb_in_any_order,
    several_statuses_of_one_message_in_one_batch_end_at_the_highest,
    a_status_that_overtakes_the_answer_waits_for_it,
    a_status_nobody_knows_is_given_up_in_time,
    a_refusal_by_status_keeps_the_vendors_word,
    a_status_of_another_hotel_touches_nothing,
    an_echo_settles_an_uncertain_send_by_what_it_quotes,
    an_echo_settles_an_uncertain_send_by_chat_and_words,
    an_echo_of_other_words_settles_nothing,
    one_echo_settles_one_send,
    an_echo_under_a_new_address_teaches_the_alias,
    an_echo_of_a_known_message_is_done_at_once,
    words_that_the_channel_sends_once_more_are_told_apart_from_words_that_are_not_ours,
    two_stores_may_apply_the_same_events,
    the_state_of_an_instance_is_kept_with_its_beginning,
    an_empty_status_is_done_and_a_warning_waits_for_a_person,
);

/// A reply that was taken for sending, quoting the guest's message or not.
async fn sending(world: &World, hotel: &HotelId, chat: &str, name: &str, quotes: Option<&str>) -> OutboxId {
    let mut reply = build::reply(&world.clock, &format!("reply:{name}"), &format!("an answer {name}"));
    reply.quotes = quotes.map(ProviderMessageId::from);
    let id = reply.id;
    world.answered(hotel, chat, &format!("M-{name}"), vec![reply]).await;
    let taken = world.take_all().await;
    assert!(taken.iter().any(|one| one.id == id));
    id
}

async fn accepted(world: &World, hotel: &HotelId, name: &str) -> OutboxId {
    let id = sending(world, hotel, &format!("7900000{name}@c.us"), name, None).await;
    world.accepted(hotel, id, &format!("OUT-{name}")).await;
    id
}

async fn statuses_climb_in_any_order(world: World) {
    let astoria = world.hotel("astoria").await;
    use Delivery::{Delivered, Read, Refused, Sent};
    let orders: [(&[Delivery], Delivery); 6] = [
        (&[Sent, Delivered, Read], Read),
        (&[Read, Delivered, Sent], Read),
        (&[Delivered, Sent, Delivered], Delivered),
        (&[Refused, Sent], Sent),
        (&[Delivered, Refused], Delivered),
        (&[Refused], Refused),
    ];

    for (n, (order, end)) in orders.into_iter().enumerate() {
        let id = accepted(&world, &astoria, &format!("{n:04}")).await;
        for delivery in order {
            let mut event = status(&world.clock, &astoria, &format!("OUT-{n:04}"), *delivery);
            event.received.key.push_str(&world.clock.new_id().to_string());
            let applied = world.events(vec![event]).await;
            assert_eq!((applied.done, applied.later), (1, 0));
        }

        assert_eq!(world.state(id).await, end.as_str(), "{order:?}");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox WHERE state = 'available'").await, 0);
}

async fn several_statuses_of_one_message_in_one_batch_end_at_the_highest(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = accepted(&world, &astoria, "0001").await;
    let batch = [Delivery::Sent, Delivery::Read, Delivery::Delivered]
        .map(|delivery| status(&world.clock, &astoria, "OUT-0001", delivery));

    let applied = world.events(batch.to_vec()).await;

    assert_eq!(applied, Applied { done: 3, later: 0, settled: 0, sent_again: 0, failed_choices: 0 });
    assert_eq!(world.state(id).await, "read");
}

async fn a_status_that_overtakes_the_answer_waits_for_it(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = sending(&world, &astoria, ANNA, "1", None).await;

    let early = world.events(vec![status(&world.clock, &astoria, "OUT1", Delivery::Delivered)]).await;
    assert_eq!((early.done, early.later), (0, 1));
    assert_eq!(world.apply_waiting().await, Applied::default(), "not at once again");
    world.accepted(&astoria, id, "OUT1").await;
    world.clock.turn(SignedDuration::from_secs(2));
    let again = world.apply_waiting().await;

    assert_eq!((again.done, again.later), (1, 0));
    assert_eq!(world.state(id).await, "delivered");
}

async fn a_status_nobody_knows_is_given_up_in_time(world: World) {
    let astoria = world.hotel("astoria").await;
    world.events(vec![status(&world.clock, &astoria, "NOBODYS", Delivery::Read)]).await;

    world.clock.turn(SignedDuration::from_mins(6));
    let applied = world.apply_waiting().await;

    assert_eq!((applied.done, applied.later), (1, 0));
    let note = world.db.raw().await.texts("SELECT note FROM inbox WHERE kind = 'status'").await;
    assert_eq!(note, ["no message of ours has this id"]);
}

async fn a_refusal_by_status_keeps_the_vendors_word(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = accepted(&world, &astoria, "0001").await;

    world.events(vec![status(&world.clock, &astoria, "OUT-0001", Delivery::Refused)]).await;

    assert_eq!(world.state(id).await, "refused");
    assert_eq!(world.db.raw().await.texts("SELECT note FROM outbox").await, ["refused by the vendor"]);
    let waiting = ChatFilter { waiting: true, limit: 10, ..ChatFilter::default() };
    assert_eq!(world.store.chats(&waiting).await.expect("listed").len(), 1, "the guest waits for a person");
}

async fn a_status_of_another_hotel_touches_nothing(world: World) {
    let (astoria, seaview) = (world.hotel("astoria").await, world.hotel("seaview").await);
    let id = accepted(&world, &astoria, "0001").await;

    let applied = world.events(vec![status(&world.clock, &seaview, "OUT-0001", Delivery::Read)]).await;

    assert_eq!((applied.done, applied.later), (0, 1));
    assert_eq!(world.state(id).await, "accepted");
}

async fn an_echo_settles_an_uncertain_send_by_what_it_quotes(world: World) {
    let astoria = world.hotel("astoria").await;
    let on_its_way = sending(&world, &astoria, ANNA, "1", Some("M-1")).await;
    let unknown = sending(&world, &astoria, BORIS, "2", Some("M-2")).await;
    world.outcome(&astoria, unknown, Became::Unknown("a time-out".to_owned())).await;

    let applied = world
        .events(vec![
            echo(&world.clock, &astoria, LID, "OUT1", ("an answer 1", Some("M-1"))),
            echo(&world.clock, &astoria, BORIS, "OUT2", ("an answer 2", Some("M-2"))),
        ])
        .await;

    assert_eq!(applied, Applied { done: 2, later: 0, settled: 2, sent_again: 0, failed_choices: 0 });
    for id in [on_its_way, unknown] {
        assert_eq!(world.state(id).await, "accepted");
    }
    let mut raw = world.db.raw().await;
    let known = raw.texts("SELECT provider_id FROM outbox WHERE provider_id IS NOT NULL ORDER BY provider_id").await;
    assert_eq!(known, ["OUT1", "OUT2"]);
}

async fn an_echo_settles_an_uncertain_send_by_chat_and_words(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut hello = build::guest(&world.clock, &astoria, ANNA, "M0", "hello");
    hello.received.also_known_as = Some(LID.into());
    world.receive(vec![hello]).await;
    let gathered = world.gather_one().await;
    let turn = build::commit(&world.clock, world.me, &gathered);
    world.store.commit_turns(vec![turn]).await.expect("committed");
    let id = sending(&world, &astoria, ANNA, "1", None).await;
    world.outcome(&astoria, id, Became::Unknown("a time-out".to_owned())).await;

    let applied = world.events(vec![echo(&world.clock, &astoria, LID, "OUT1", ("an answer 1", None))]).await;

    assert_eq!(applied.settled, 1);
    assert_eq!(world.state(id).await, "accepted");
}

async fn words_that_the_channel_sends_once_more_are_told_apart_from_words_that_are_not_ours(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = accepted(&world, &astoria, "0001").await;
    let seaview = world.hotel("seaview").await;
    let chat = "79000000001@c.us";

    let applied = world
        .events(vec![
            echo(&world.clock, &astoria, chat, "COPY", ("an answer 0001", None)),
            echo(&world.clock, &astoria, chat, "OTHER", ("words of another program", None)),
            echo(&world.clock, &astoria, BORIS, "ELSEWHERE", ("an answer 0001", None)),
            echo(&world.clock, &seaview, chat, "ABROAD", ("an answer 0001", None)),
        ])
        .await;

    assert_eq!(applied, Applied { done: 1, later: 3, settled: 0, sent_again: 1, failed_choices: 0 });
    assert_eq!(world.state(id).await, "accepted");
    assert_eq!(world.number("SELECT COUNT(*) FROM messages WHERE author <> 'guest'").await, 1);
    let note = "SELECT note FROM inbox WHERE note IS NOT NULL";
    let notes = world.db.raw().await.texts(note).await;
    assert_eq!(notes, ["the channel sent an older message of ours once more"]);
}

async fn an_echo_of_other_words_settles_nothing(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = sending(&world, &astoria, ANNA, "1", None).await;
    let quoting = sending(&world, &astoria, BORIS, "2", Some("M-2")).await;
    let other = world.hotel("seaview").await;

    let applied = world
        .events(vec![
            echo(&world.clock, &astoria, ANNA, "OUT1", ("other words", None)),
            echo(&world.clock, &astoria, "79990000000@c.us", "OUT2", ("an answer 1", None)),
            echo(&world.clock, &astoria, BORIS, "OUT3", ("an answer 2", Some("another message"))),
            echo(&world.clock, &other, ANNA, "OUT4", ("an answer 1", None)),
        ])
        .await;

    assert_eq!((applied.settled, applied.done, applied.later), (0, 0, 4));
    for id in [id, quoting] {
        assert_eq!(world.state(id).await, "sending");
    }
}

async fn one_echo_settles_one_send(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut twins = Vec::new();
    for name in ["1", "2"] {
        let mut reply = build::reply(&world.clock, &format!("reply:{name}"), "the same words");
        // A person's second message does not wait for the end of the first.
        reply.author = Author::Staff;
        twins.push(reply.id);
        world.answered(&astoria, ANNA, &format!("M-{name}"), vec![reply]).await;
        world.take_all().await;
        world.outcome(&astoria, twins[twins.len() - 1], Became::Unknown("a time-out".to_owned())).await;
    }

    let first = world.events(vec![echo(&world.clock, &astoria, ANNA, "OUT1", ("the same words", None))]).await;
    assert_eq!(first.settled, 1);
    assert_eq!((world.state(twins[0]).await.as_str(), world.state(twins[1]).await.as_str()), ("accepted", "unknown"));

    let both = world
        .events(vec![
            echo(&world.clock, &astoria, ANNA, "OUT2", ("the same words", None)),
            echo(&world.clock, &astoria, ANNA, "OUT3", ("the same words", None)),
        ])
        .await;
    // Two were sent: the third echo is of one that the channel sent again.
    assert_eq!((both.settled, both.sent_again, both.later), (1, 1, 0));
    assert_eq!(world.state(twins[1]).await, "accepted");
}

async fn an_echo_under_a_new_address_teaches_the_alias(world: World) {
    let astoria = world.hotel("astoria").await;
    accepted(&world, &astoria, "0001").await;
    let chat = world.store.find_chats("79000000001@c.us", &[]).await.expect("found").remove(0).1.id;

    world.events(vec![echo(&world.clock, &astoria, LID, "OUT-0001", ("an answer 0001", None))]).await;
    world.guest(&astoria, LID, "M2", "from the other address").await;

    assert_eq!(world.gather_one().await.conversation.id, chat);
    assert_eq!(world.number("SELECT COUNT(*) FROM chats").await, 1);
}

async fn an_echo_of_a_known_message_is_done_at_once(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = accepted(&world, &astoria, "0001").await;

    let applied = world.events(vec![echo(&world.clock, &astoria, ANNA, "OUT-0001", ("an answer 0001", None))]).await;

    assert_eq!(applied, Applied { done: 1, later: 0, settled: 0, sent_again: 0, failed_choices: 0 });
    assert_eq!(world.state(id).await, "accepted");
    assert_eq!(world.number("SELECT COUNT(*) FROM messages WHERE direction = 'outbound'").await, 1);
}

async fn two_stores_may_apply_the_same_events(world: World) {
    let astoria = world.hotel("astoria").await;
    let other = world.db.open().await;
    let mut sent = Vec::new();
    for n in 0..20 {
        sent.push(
            sending(&world, &astoria, &format!("7900{n:07}@c.us"), &n.to_string(), Some(&format!("M-{n}"))).await,
        );
    }
    let mut events = Vec::new();
    for n in 0..20 {
        let (words, quotes) = (format!("an answer {n}"), format!("M-{n}"));
        let address = format!("7900{n:07}@c.us");
        events.push(echo(
            &world.clock,
            &astoria,
            &address,
            &format!("OUT{n}"),
            (words.as_str(), Some(quotes.as_str())),
        ));
    }
    world.receive(events).await;
    let now = world.clock.now();
    let waiting = world.store.waiting_events(now, 100).await.expect("read");
    let mut reversed = waiting.clone();
    reversed.reverse();

    let (here, there) = tokio::join!(world.store.apply_events(waiting, now), other.apply_events(reversed, now));

    here.expect("applied");
    there.expect("applied");
    for id in sent {
        assert_eq!(world.state(id).await, "accepted");
    }
    assert_eq!(world.number("SELECT COUNT(DISTINCT provider_id) FROM outbox").await, 20);
}

async fn the_state_of_an_instance_is_kept_with_its_beginning(world: World) {
    let astoria = world.hotel("astoria").await;
    let began = world.clock.turn(SignedDuration::from_secs(10));
    world.store.line_problem(astoria.clone(), Some("no answer".to_owned())).await.expect("kept");

    for n in 0..2 {
        let state = InstanceState::NotAuthorized;
        world.events(vec![instance(&world.clock, &astoria, &format!("state:{n}"), state)]).await;
        world.clock.turn(SignedDuration::from_secs(10));
    }

    let line = world.store.hotels_in_force().await.expect("read").remove(0);
    assert_eq!(line.line_state, Some(InstanceState::NotAuthorized));
    assert_eq!((line.line_since, line.line_problem.as_deref()), (Some(began), Some("no answer")));
    world.events(vec![instance(&world.clock, &astoria, "state:9", InstanceState::Authorized)]).await;
    let line = world.store.hotels_in_force().await.expect("read").remove(0);
    assert_eq!((line.line_state, line.line_problem), (Some(InstanceState::Authorized), None));
    assert_eq!((line.line_since, line.line_state_at), (Some(world.clock.now()), Some(world.clock.now())));
}

async fn an_empty_status_is_done_and_a_warning_waits_for_a_person(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = accepted(&world, &astoria, "0001").await;
    let empty =
        ReceivedEvent::Status { id: ProviderMessageId::from("OUT-0001"), delivery: None, detail: "nothing".to_owned() };
    let quota = ReceivedEvent::Warning { kind: "quota".to_owned(), detail: "500 of 500 used".to_owned() };

    let applied = world
        .events(vec![
            build::arrival(&world.clock, &astoria, "status:empty", None, empty),
            build::arrival(&world.clock, &astoria, "quota:1", None, quota),
        ])
        .await;

    assert_eq!(applied, Applied { done: 1, later: 0, settled: 0, sent_again: 0, failed_choices: 0 });
    assert_eq!(world.state(id).await, "accepted");
    let load = world.store.workloads().await.expect("read").remove(&astoria).expect("there is work");
    assert_eq!((load.warnings, load.quarantined), (1, 0));
}
