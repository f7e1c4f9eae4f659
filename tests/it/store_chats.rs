//! Conversations: one person is one chat whatever the address, one chat has one taker, and a lost lease is lost.

use crate::support::build::{self, commit, guest, id};
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::conversation::{HandoffReason, Mode};
use hotelbot::domain::ids::{ChatAddress, ChatId, HotelId};
use hotelbot::domain::message::Author;
use hotelbot::ports::Clock;
use hotelbot::store::chats::{Claim, TakeChats};
use hotelbot::store::inbox::Arrival;
use hotelbot::store::journal::ChatFilter;
use hotelbot::store::turns::Committed;
use jiff::SignedDuration;
use std::collections::HashSet;

const PHONE: &str = "79001112233@c.us";
const LID: &str = "120650379300963@lid";

on_both_engines!(
    both_addresses_of_a_person_are_one_chat,
    both_addresses_in_one_batch_are_one_chat,
    a_second_address_told_later_in_the_batch_counts,
    two_stores_that_meet_a_person_at_once_make_one_chat,
    the_same_address_at_two_hotels_is_two_chats,
    a_chat_is_taken_once,
    two_stores_share_the_chats_and_none_is_taken_twice,
    a_claim_takes_at_most_its_limit_and_the_longest_due_first,
    a_busy_hotel_is_left_out,
    a_lease_that_ran_out_is_taken_anew_and_the_old_taker_is_fenced,
    a_renewed_lease_lasts_and_a_lost_one_cannot_be_renewed,
    only_the_takings_named_are_renewed,
    everything_can_be_freed_at_the_start,
    a_chat_given_back_is_due_again_while_something_waits,
    a_claim_of_an_earlier_taker_cannot_be_given_back,
    gathering_shows_what_waits_and_what_was_said_before,
    at_most_fifty_messages_are_gathered_at_once,
    the_next_due_instant_is_known,
    a_handoff_by_command_voids_the_turn_being_decided,
    handing_back_ends_the_waiting,
    a_handoff_by_command_takes_back_what_the_bot_planned,
    chats_are_listed_waiting_first_and_found_by_any_word,
    messages_are_listed_with_their_rule_and_delivery,
);

fn known_as(mut arrival: Arrival, second: &str) -> Arrival {
    arrival.received.also_known_as = Some(ChatAddress::from(second));
    arrival
}

async fn chats(world: &World) -> i64 {
    world.number("SELECT COUNT(*) FROM chats").await
}

async fn both_addresses_of_a_person_are_one_chat(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, PHONE, "M1", "from the phone").await;

    world.receive(vec![known_as(guest(&world.clock, &astoria, LID, "M2", "from the lid"), PHONE)]).await;
    world.guest(&astoria, LID, "M3", "again, without the phone").await;

    assert_eq!(chats(&world).await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM guests").await, 1);
    assert_eq!(world.gather_one().await.waiting.len(), 3);
}

async fn both_addresses_in_one_batch_are_one_chat(world: World) {
    let astoria = world.hotel("astoria").await;

    world
        .receive(vec![
            known_as(guest(&world.clock, &astoria, LID, "M1", "from the lid"), PHONE),
            guest(&world.clock, &astoria, PHONE, "M2", "from the phone"),
        ])
        .await;

    assert_eq!(chats(&world).await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM aliases").await, 2);
    assert_eq!(world.gather_one().await.waiting.len(), 2);
}

async fn a_second_address_told_later_in_the_batch_counts(world: World) {
    let astoria = world.hotel("astoria").await;

    world
        .receive(vec![
            guest(&world.clock, &astoria, LID, "M1", "without the phone"),
            known_as(guest(&world.clock, &astoria, LID, "M2", "with the phone"), PHONE),
            guest(&world.clock, &astoria, PHONE, "M3", "from the phone"),
        ])
        .await;

    assert_eq!(chats(&world).await, 1);
    assert_eq!(world.gather_one().await.waiting.len(), 3);
}

async fn two_stores_that_meet_a_person_at_once_make_one_chat(world: World) {
    let astoria = world.hotel("astoria").await;
    let other = world.db.open().await;

    for round in 0..25 {
        let (phone, lid) = (format!("7900{round:07}@c.us"), format!("1206{round:011}@lid"));
        let here = world
            .store
            .receive(vec![known_as(guest(&world.clock, &astoria, &lid, &format!("L{round}"), "from the lid"), &phone)]);
        let there = other.receive(vec![guest(&world.clock, &astoria, &phone, &format!("P{round}"), "from the phone")]);

        let (here, there) = tokio::join!(here, there);
        here.expect("stored");
        there.expect("stored");

        assert_eq!(chats(&world).await, round + 1);
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM guests").await, 25);
    assert_eq!(world.number("SELECT COUNT(*) FROM aliases").await, 50);
    assert!(world.gather().await.iter().all(|chat| chat.waiting.len() == 2));
}

async fn the_same_address_at_two_hotels_is_two_chats(world: World) {
    let astoria = world.hotel("astoria").await;
    let seaview = world.hotel("seaview").await;

    world.guest(&astoria, PHONE, "M1", "to astoria").await;
    world.guest(&seaview, PHONE, "M1", "to seaview").await;

    let hotels: HashSet<HotelId> = world.claim().await.into_iter().map(|claim| claim.hotel).collect();
    assert_eq!(hotels, HashSet::from([astoria, seaview]));
}

async fn a_chat_is_taken_once(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, PHONE, "M1", "hello").await;
    world.guest(&astoria, PHONE, "M2", "hello?").await;

    assert_eq!(world.claim().await.len(), 1);
    assert!(world.claim().await.is_empty());

    world.guest(&astoria, PHONE, "M3", "anybody?").await;
    assert!(world.claim().await.is_empty(), "more words do not make a second taker");
}

/// The hotel of a parallel test, with this many chats in which something is due.
async fn with_due_chats(world: &World, count: usize) -> HotelId {
    let astoria = world.hotel("astoria").await;
    let batch: Vec<Arrival> = (0..count)
        .map(|n| guest(&world.clock, &astoria, &format!("7900{n:07}@c.us"), &format!("M{n}"), "hello"))
        .collect();
    world.receive(batch).await;
    astoria
}

async fn two_stores_share_the_chats_and_none_is_taken_twice(world: World) {
    with_due_chats(&world, 300).await;
    let stores = [world.store.clone(), world.db.open().await];
    let (now, until) = (world.clock.now(), world.clock.now() + SignedDuration::from_secs(30));

    let mut takers = tokio::task::JoinSet::new();
    for n in 0..8 {
        let (store, by) = (stores[n % 2].clone(), world.clock.new_id());
        takers.spawn(async move {
            let mut taken: Vec<Claim> = Vec::new();
            loop {
                let some = store
                    .claim_chats(TakeChats { by, now, until, limit: 7, busy: Vec::new() })
                    .await
                    .expect("chats are taken");
                assert!(some.len() <= 7, "{} taken", some.len());
                if some.is_empty() {
                    return taken;
                }
                taken.extend(some);
            }
        });
    }
    let taken: Vec<Claim> = takers.join_all().await.into_iter().flatten().collect();

    let distinct: HashSet<ChatId> = taken.iter().map(|claim| claim.chat).collect();
    assert_eq!(distinct.len(), taken.len(), "a chat was taken twice");
    // One may be passed over while another taker holds its row; it is there for the next look.
    let left = world.claim_as(&world.store, world.me, 1000).await.len();
    assert_eq!(taken.len() + left, 300);
    assert!(taken.iter().all(|claim| claim.epoch == 1));
}

async fn a_claim_takes_at_most_its_limit_and_the_longest_due_first(world: World) {
    let astoria = world.hotel("astoria").await;
    for n in 0..5 {
        world.guest(&astoria, &format!("7900{n:07}@c.us"), &format!("M{n}"), &format!("words {n}")).await;
        world.clock.turn(SignedDuration::from_secs(1));
    }

    let claims = world.claim_as(&world.store, world.me, 2).await;

    let gathered = world.store.gather(claims, world.clock.now()).await.expect("gathered");
    let mut first: Vec<String> = gathered.iter().map(|chat| chat.conversation.address.to_string()).collect();
    first.sort();
    assert_eq!(first, ["79000000000@c.us", "79000000001@c.us"]);
}

async fn a_busy_hotel_is_left_out(world: World) {
    let astoria = world.hotel("astoria").await;
    let seaview = world.hotel("seaview").await;
    world.guest(&astoria, PHONE, "M1", "hello").await;
    world.guest(&seaview, PHONE, "M1", "hello").await;
    let (now, until) = (world.clock.now(), world.clock.now() + SignedDuration::from_secs(30));

    let busy = [astoria.clone(), id("not-in-force")];
    let claims = world
        .store
        .claim_chats(TakeChats { by: world.me, now, until, limit: 10, busy: busy.to_vec() })
        .await
        .expect("taken");
    let rest = world
        .store
        .claim_chats(TakeChats { by: world.me, now, until, limit: 10, busy: vec![seaview.clone()] })
        .await
        .expect("taken");

    assert_eq!(claims.iter().map(|claim| &claim.hotel).collect::<Vec<_>>(), [&seaview]);
    assert_eq!(rest.iter().map(|claim| &claim.hotel).collect::<Vec<_>>(), [&astoria]);
}

async fn a_lease_that_ran_out_is_taken_anew_and_the_old_taker_is_fenced(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, PHONE, "M1", "hello").await;
    let first = world.gather_one().await;
    world.clock.turn(SignedDuration::from_secs(31));
    let second_taker = world.clock.new_id();

    let claims = world.claim_as(&world.store, second_taker, 10).await;
    let second = world.store.gather(claims, world.clock.now()).await.expect("gathered").remove(0);
    let mut late = commit(&world.clock, world.me, &first);
    late.sends = vec![build::reply(&world.clock, "reply:1", "too late")];
    let outcome = world.store.commit_turns(vec![late]).await.expect("answered");

    assert!(second.claim.epoch > first.claim.epoch);
    assert_eq!(outcome, [Committed::Fenced]);
    for table in ["turns", "outbox"] {
        assert_eq!(world.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM messages").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox WHERE state = 'available'").await, 1);
    let good = commit(&world.clock, second_taker, &second);
    assert_eq!(world.store.commit_turns(vec![good]).await.expect("answered"), [Committed::Done]);
}

async fn a_renewed_lease_lasts_and_a_lost_one_cannot_be_renewed(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, PHONE, "M1", "hello").await;
    let claims = world.claim().await;
    let renew = async || {
        let now = world.clock.now();
        let until = now + SignedDuration::from_secs(30);
        world.store.renew_claims(world.me, claims.clone(), now, until).await.expect("renewed")
    };

    world.clock.turn(SignedDuration::from_secs(20));
    assert_eq!(renew().await, 1);
    world.clock.turn(SignedDuration::from_secs(20));
    assert!(world.claim_as(&world.store, world.clock.new_id(), 10).await.is_empty(), "the lease was renewed");
    world.clock.turn(SignedDuration::from_secs(20));
    assert_eq!(renew().await, 0);
    assert_eq!(world.claim_as(&world.store, world.clock.new_id(), 10).await.len(), 1);
}

async fn only_the_takings_named_are_renewed(world: World) {
    with_due_chats(&world, 3).await;
    let claims = world.claim().await;
    world.clock.turn(SignedDuration::from_secs(20));
    let (now, until) = (world.clock.now(), world.clock.now() + SignedDuration::from_secs(30));
    let mut older = claims[1].clone();
    older.epoch -= 1;

    let named = vec![claims[0].clone(), older];
    assert_eq!(world.store.renew_claims(world.me, named, now, until).await.expect("renewed"), 1);
    let foreign = world.store.renew_claims(world.clock.new_id(), claims.clone(), now, until).await;
    assert_eq!(foreign.expect("renewed"), 0);

    world.clock.turn(SignedDuration::from_secs(20));
    let again = world.claim_as(&world.store, world.clock.new_id(), 10).await;
    assert_eq!(again.len(), 2, "the two that nobody works on run out");
    assert!(again.iter().all(|claim| claim.chat != claims[0].chat));
}

async fn everything_can_be_freed_at_the_start(world: World) {
    with_due_chats(&world, 3).await;
    assert_eq!(world.claim().await.len(), 3);

    assert_eq!(world.store.release_all_claims().await.expect("freed"), 3);

    assert_eq!(world.claim_as(&world.store, world.clock.new_id(), 10).await.len(), 3);
}

async fn a_chat_given_back_is_due_again_while_something_waits(world: World) {
    let astoria = world.hotel("astoria").await;
    let message = world.guest(&astoria, PHONE, "M1", "hello").await;
    let claim = world.claim().await.remove(0);

    world.store.release_claim(claim, world.me).await.expect("given back");
    let again = world.claim().await;
    assert_eq!(again.len(), 1);

    let row = vec![build::row(&message)];
    world.store.complete_rows(astoria, row, "no turn needed", world.clock.now()).await.expect("completed");
    world.store.release_claim(again[0].clone(), world.me).await.expect("given back");
    assert!(world.claim().await.is_empty());
    let note = world.db.raw().await.texts("SELECT note FROM inbox WHERE state = 'completed'").await;
    assert_eq!(note, ["no turn needed"]);
}

async fn a_claim_of_an_earlier_taker_cannot_be_given_back(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, PHONE, "M1", "hello").await;
    let old = world.claim().await.remove(0);
    world.clock.turn(SignedDuration::from_secs(31));
    world.claim_as(&world.store, world.clock.new_id(), 10).await;

    world.store.release_claim(old, world.me).await.expect("nothing happens");

    assert!(world.claim_as(&world.store, world.clock.new_id(), 10).await.is_empty());
}

async fn gathering_shows_what_waits_and_what_was_said_before(world: World) {
    let astoria = world.hotel("astoria").await;
    let sends = vec![build::reply(&world.clock, "reply:1", "an answer")];
    world.answered(&astoria, PHONE, "M1", sends).await;
    world.clock.turn(SignedDuration::from_secs(60));
    let second = world.guest(&astoria, PHONE, "M2", "and breakfast?").await;

    let gathered = world.gather_one().await;

    assert_eq!(gathered.waiting.iter().map(|waiting| waiting.id).collect::<Vec<_>>(), [build::row(&second)]);
    assert_eq!(gathered.waiting[0].received, second.received);
    assert_eq!(gathered.waiting[0].received_at, second.at);
    let said: Vec<(Author, &str)> =
        gathered.recent.iter().map(|message| (message.author, message.text.as_str())).collect();
    assert_eq!(said, [(Author::Guest, "a question"), (Author::Bot, "an answer")]);
    assert_eq!(gathered.conversation.mode, Mode::Bot);
    assert_eq!(gathered.reruns, 0);
}

async fn at_most_fifty_messages_are_gathered_at_once(world: World) {
    let astoria = world.hotel("astoria").await;
    let many: Vec<Arrival> =
        (0..120).map(|n| guest(&world.clock, &astoria, PHONE, &format!("M{n}"), &format!("{n}"))).collect();
    world.receive(many).await;

    let mut seen = Vec::new();
    for _ in 0..3 {
        let gathered = world.gather_one().await;
        let turn = commit(&world.clock, world.me, &gathered);
        assert_eq!(world.store.commit_turns(vec![turn]).await.expect("committed"), [Committed::Done]);
        seen.push(gathered.waiting.len());
    }

    assert_eq!(seen, [50, 50, 20]);
    assert!(world.claim().await.is_empty());
}

async fn the_next_due_instant_is_known(world: World) {
    let astoria = world.hotel("astoria").await;
    assert_eq!(world.store.next_due(world.clock.now()).await.expect("asked"), None);
    let mut message = guest(&world.clock, &astoria, PHONE, "M1", "hello");
    message.coalesce = std::time::Duration::from_secs(4);
    world.receive(vec![message]).await;

    let next = world.store.next_due(world.clock.now()).await.expect("asked");

    assert_eq!(next, Some(world.clock.now() + SignedDuration::from_secs(4)));
}

fn handed_off(world: &World) -> Mode {
    Mode::Handoff { since: world.clock.now(), until: None, why: HandoffReason::Command }
}

async fn a_handoff_by_command_voids_the_turn_being_decided(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, PHONE, "M1", "hello").await;
    let gathered = world.gather_one().await;
    let mode = handed_off(&world);

    let chat = gathered.conversation.id;
    world.store.set_mode(astoria.clone(), chat, mode, world.clock.now()).await.expect("handed off");
    let mut turn = commit(&world.clock, world.me, &gathered);
    turn.sends = vec![build::reply(&world.clock, "reply:1", "the bot talks over the person")];
    let outcome = world.store.commit_turns(vec![turn]).await.expect("answered");

    assert_eq!(outcome, [Committed::Fenced]);
    assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 0);
    let anew = world.gather_one().await;
    assert_eq!(anew.conversation.mode, mode);
    assert_eq!(anew.waiting.len(), 1);
}

async fn handing_back_ends_the_waiting(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, PHONE, "M1", "I want a person").await;
    let gathered = world.gather_one().await;
    let mut turn = commit(&world.clock, world.me, &gathered);
    turn.conversation.mode = handed_off(&world);
    turn.conversation.waiting_since = Some(world.clock.now());
    world.store.commit_turns(vec![turn]).await.expect("committed");
    let waiting = ChatFilter { waiting: true, limit: 10, ..ChatFilter::default() };
    assert_eq!(world.store.chats(&waiting).await.expect("listed").len(), 1);

    let chat = gathered.conversation.id;
    world.store.set_mode(astoria, chat, Mode::Bot, world.clock.now()).await.expect("handed back");

    assert_eq!(world.store.chats(&waiting).await.expect("listed").len(), 0);
    let all = ChatFilter { limit: 10, ..ChatFilter::default() };
    assert_eq!(world.store.chats(&all).await.expect("listed")[0].conversation.mode, Mode::Bot);
}

async fn a_handoff_by_command_takes_back_what_the_bot_planned(world: World) {
    let astoria = world.hotel("astoria").await;
    let reply = build::reply(&world.clock, "reply:1", "an answer");
    let mut by_staff = build::reply(&world.clock, "staff:1", "I am here");
    by_staff.author = Author::Staff;
    let gathered = world.answered(&astoria, PHONE, "M1", vec![reply.clone(), by_staff.clone()]).await;

    let mode = handed_off(&world);
    world.store.set_mode(astoria, gathered.conversation.id, mode, world.clock.now()).await.expect("handed off");

    assert_eq!(world.state(reply.id).await, "cancelled");
    assert_eq!(world.state(by_staff.id).await, "planned");
}

async fn chats_are_listed_waiting_first_and_found_by_any_word(world: World) {
    let astoria = world.hotel("astoria").await;
    let seaview = world.hotel("seaview").await;
    world.receive(vec![known_as(guest(&world.clock, &astoria, LID, "M1", "hello"), PHONE)]).await;
    world.clock.turn(SignedDuration::from_secs(5));
    world.guest(&seaview, "79990000000@c.us", "M2", "the latest words").await;
    let gathered = world.gather().await;
    let waits = gathered.iter().find(|chat| chat.claim.hotel == astoria).expect("taken");
    let mut turn = commit(&world.clock, world.me, waits);
    turn.conversation.waiting_since = Some(world.clock.now());
    world.store.commit_turns(vec![turn]).await.expect("committed");

    let list = async |filter: ChatFilter| -> Vec<String> {
        let chats = world.store.chats(&filter).await.expect("listed");
        chats.into_iter().map(|chat| chat.hotel.to_string()).collect()
    };
    let all = || ChatFilter { limit: 10, ..ChatFilter::default() };
    assert_eq!(list(all()).await, ["astoria", "seaview"]);
    assert_eq!(list(ChatFilter { hotels: vec![seaview.clone()], ..all() }).await, ["seaview"]);
    assert_eq!(list(ChatFilter { waiting: true, ..all() }).await, ["astoria"]);
    assert_eq!(list(ChatFilter { limit: 1, ..all() }).await, ["astoria"]);
    let later = world.clock.now() + SignedDuration::from_secs(1);
    assert_eq!(list(ChatFilter { since: Some(later), ..all() }).await, [] as [String; 0]);

    let chat = waits.conversation.id;
    for word in [chat.to_string().as_str(), LID, PHONE, "79001112233", "+7 900 111-22-33"] {
        let found = world.store.find_chats(word, &[]).await.expect("searched");
        assert_eq!(found.len(), 1, "{word}");
        assert_eq!((&found[0].0, found[0].1.id), (&astoria, chat), "{word}");
    }
    assert!(world.store.find_chats(PHONE, &[seaview]).await.expect("searched").is_empty());
    assert!(world.store.find_chats("' OR 1=1 --", &[]).await.expect("searched").is_empty());
}

async fn messages_are_listed_with_their_rule_and_delivery(world: World) {
    let astoria = world.hotel("astoria").await;
    let reply = build::reply(&world.clock, "reply:1", "an answer");
    let gathered = world.answered(&astoria, PHONE, "M1", vec![reply.clone()]).await;
    world.take_all().await;
    world.accepted(&astoria, reply.id, "OUT1").await;
    let chat = gathered.conversation.id;

    let messages = world.store.chat_messages(&astoria, chat, build::long_ago(), 10).await.expect("listed");
    let newest = world.store.chat_messages(&astoria, chat, build::long_ago(), 1).await.expect("listed");
    let followed = world.store.messages_since(&[], build::long_ago(), 10).await.expect("listed");
    let elsewhere = world.store.messages_since(&[id("seaview")], build::long_ago(), 10).await.expect("listed");
    let turns = world.store.turns(&astoria, chat, 10).await.expect("listed");

    let texts: Vec<&str> = messages.iter().map(|one| one.message.text.as_str()).collect();
    assert_eq!(texts, ["a question", "an answer"]);
    assert_eq!(messages[0].rule.as_deref(), Some("answer"));
    assert_eq!(messages[1].message.delivery.map(|delivery| delivery.as_str()), Some("accepted"));
    assert_eq!(messages[1].message.provider_id.as_ref().map(|id| id.as_str()), Some("OUT1"));
    assert_eq!(newest.iter().map(|one| one.message.text.as_str()).collect::<Vec<_>>(), ["an answer"]);
    assert_eq!(followed.len(), 2);
    assert!(elsewhere.is_empty());
    assert_eq!(turns.len(), 1);
    assert_eq!((turns[0].rule.as_str(), turns[0].id), ("answer", messages[0].turn.expect("in a turn")));
}
