//! The outbox: one message per reason to write, durable as `sending` before the call, in order, at its pace, and
//! never blindly repeated.

use crate::support::build::{self, commit};
use crate::support::db::Engine;
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::conversation::{Consent, HandoffReason, Mode};
use hotelbot::domain::ids::{HotelId, OutboxId, ProviderMessageId};
use hotelbot::domain::message::{Author, Origin};
use hotelbot::domain::received::InstanceState;
use hotelbot::ports::Clock;
use hotelbot::store::journal::ChatFilter;
use hotelbot::store::outbox::{Became, Candidate, EXPIRED, TakeForSending, Verdict};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

const ANNA: &str = "79001112233@c.us";
const BORIS: &str = "79004445566@c.us";

on_both_engines!(
    sending_is_durable_before_the_call,
    a_message_is_taken_once_by_two_stores_at_once,
    messages_of_a_chat_leave_one_by_one_and_in_order,
    a_message_is_not_taken_before_it_is_due,
    a_paced_hotel_sends_one_in_each_gap,
    two_stores_keep_the_pace_of_a_hotel_together,
    nothing_leaves_a_hotel_that_must_be_silent,
    a_line_must_have_been_seen_authorized_lately,
    the_judge_sees_fresh_data_and_its_word_counts,
    the_judge_knows_who_leads_and_who_asked_for_silence,
    what_expired_leaves_the_guest_waiting_for_a_person,
    an_accepted_message_carries_the_channels_id,
    what_surely_was_not_sent_is_planned_again,
    a_refused_message_leaves_the_guest_waiting_for_a_person,
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
    known_ids_of_the_channel_are_told,
    the_next_send_is_known,
    counts_tell_what_waits,
);

/// Plans a reply in a chat of its own turn.
async fn planned(world: &World, hotel: &HotelId, chat: &str, name: &str) -> OutboxId {
    let reply = build::reply(&world.clock, &format!("reply:{name}"), &format!("an answer {name}"));
    let id = reply.id;
    world.answered(hotel, chat, &format!("M-{name}"), vec![reply]).await;
    id
}

/// Takes as the world's daemon does, with a pace for every hotel.
async fn take_paced(world: &World, gap: Duration) -> Vec<OutboxId> {
    let taken = world
        .store
        .take_for_sending(TakeForSending { gap: Arc::new(move |_| gap), ..world.take() })
        .await
        .expect("taken");
    taken.into_iter().map(|one| one.id).collect()
}

fn ids(taken: &[hotelbot::store::outbox::Candidate]) -> Vec<OutboxId> {
    taken.iter().map(|one| one.id).collect()
}

async fn sending_is_durable_before_the_call(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    let mut elsewhere = world.db.raw().await;

    let taken = world.take_all().await;

    assert_eq!(ids(&taken), [id]);
    assert_eq!(taken[0].outgoing.text, "an answer 1");
    assert_eq!(taken[0].outgoing.to.as_str(), ANNA);
    assert_eq!((taken[0].attempts, taken[0].intent.as_str()), (0, "reply:1"));
    let me = world.me;
    let row = format!("SELECT COUNT(*) FROM outbox WHERE state = 'sending' AND sending_by = '{me}' AND sending_at > 0");
    assert_eq!(elsewhere.number(&row).await, 1);
    assert!(world.take_all().await.is_empty());
}

async fn a_message_is_taken_once_by_two_stores_at_once(world: World) {
    let astoria = world.hotel("astoria").await;
    for n in 0..40 {
        planned(&world, &astoria, &format!("7900{n:07}@c.us"), &n.to_string()).await;
    }
    let stores = [world.store.clone(), world.db.open().await];

    let mut takers = tokio::task::JoinSet::new();
    for n in 0..6 {
        let (store, by) = (stores[n % 2].clone(), world.clock.new_id());
        let take = TakeForSending { by, limit: 3, ..world.take() };
        takers.spawn(async move {
            let mut taken = Vec::new();
            loop {
                let some = store.take_for_sending(take.clone()).await;
                let some = some.expect("taken");
                if some.is_empty() {
                    return taken;
                }
                taken.extend(some);
            }
        });
    }
    let mut taken: Vec<OutboxId> = takers.join_all().await.into_iter().flatten().map(|one| one.id).collect();
    taken.extend(ids(&world.take_all().await));

    let total = taken.len();
    taken.sort();
    taken.dedup();
    assert_eq!((total, taken.len()), (40, 40));
}

async fn messages_of_a_chat_leave_one_by_one_and_in_order(world: World) {
    let astoria = world.hotel("astoria").await;
    let first = planned(&world, &astoria, ANNA, "1").await;
    let second = planned(&world, &astoria, ANNA, "2").await;
    let other = planned(&world, &astoria, BORIS, "3").await;

    assert_eq!(ids(&world.take_all().await), [first, other]);
    assert!(world.take_all().await.is_empty(), "one of the chat is on its way");
    let later = world.clock.now() + SignedDuration::from_secs(10);
    world.outcome(&astoria, first, Became::PlannedAgain { due_at: later, why: "busy".to_owned() }).await;
    assert!(world.take_all().await.is_empty(), "the second does not overtake the first");
    world.clock.turn(SignedDuration::from_secs(10));
    assert_eq!(ids(&world.take_all().await), [first]);
    world.accepted(&astoria, first, "OUT1").await;
    assert_eq!(ids(&world.take_all().await), [second]);
}

async fn a_message_is_not_taken_before_it_is_due(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut reply = build::reply(&world.clock, "reply:1", "later");
    reply.due_at = world.clock.now() + SignedDuration::from_secs(5);
    let id = reply.id;
    world.answered(&astoria, ANNA, "M1", vec![reply]).await;

    assert!(world.take_all().await.is_empty());
    world.clock.turn(SignedDuration::from_secs(5));
    assert_eq!(ids(&world.take_all().await), [id]);
}

async fn a_paced_hotel_sends_one_in_each_gap(world: World) {
    let astoria = world.hotel("astoria").await;
    let seaview = world.hotel("seaview").await;
    let first = planned(&world, &astoria, ANNA, "1").await;
    let second = planned(&world, &astoria, BORIS, "2").await;
    let elsewhere = planned(&world, &seaview, ANNA, "3").await;
    let gap = Duration::from_millis(500);

    let mut taken = take_paced(&world, gap).await;
    taken.sort();
    assert_eq!(taken, [first, elsewhere]);
    world.clock.turn(SignedDuration::from_millis(499));
    assert!(take_paced(&world, gap).await.is_empty());
    world.clock.turn(SignedDuration::from_millis(1));
    assert_eq!(take_paced(&world, gap).await, [second]);
}

async fn two_stores_keep_the_pace_of_a_hotel_together(world: World) {
    let hotels = [world.hotel("astoria").await, world.hotel("seaview").await];
    for hotel in &hotels {
        for n in 0..20 {
            planned(&world, hotel, &format!("7900{n:07}@c.us"), &n.to_string()).await;
        }
    }
    let stores = [world.store.clone(), world.db.open().await];

    for round in 0..20 {
        let takes = (0..4).map(|n| {
            let gap = Arc::new(|_: &HotelId| Duration::from_millis(500));
            let take = TakeForSending { by: world.clock.new_id(), gap, ..world.take() };
            let store = &stores[n % 2];
            async move { store.take_for_sending(take).await }
        });
        let taken: Vec<HotelId> = futures_util::future::join_all(takes)
            .await
            .into_iter()
            .flat_map(|some| some.expect("taken"))
            .map(|one| one.hotel)
            .collect();

        for hotel in &hotels {
            let sends = taken.iter().filter(|one| *one == hotel).count();
            assert!(sends <= 1, "round {round}: {sends} sends of {hotel} within one gap");
        }
        world.clock.turn(SignedDuration::from_millis(500));
    }
    // At most one of each hotel in each gap, and nothing was held up for long either.
    let gone = world.number("SELECT COUNT(*) FROM outbox WHERE state = 'sending'").await;
    assert!((20..=40).contains(&gone), "{gone} of 40 left in 20 gaps");
}

async fn nothing_leaves_a_hotel_that_must_be_silent(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    let now = world.clock.now();

    assert!(world.store.pause(astoria.clone(), Some("renovation".to_owned()), now).await.expect("paused"));
    assert!(world.take_all().await.is_empty(), "paused");
    assert!(world.store.resume(astoria.clone()).await.expect("resumed"));

    let busy = TakeForSending { busy: vec![astoria.clone()], ..world.take() };
    let taken = world.store.take_for_sending(busy).await.expect("taken");
    assert!(taken.is_empty(), "busy");

    for state in
        [InstanceState::NotAuthorized, InstanceState::Blocked, InstanceState::Starting, InstanceState::Suspended]
    {
        world.store.line_state(astoria.clone(), state.clone(), now).await.expect("kept");
        assert!(world.take_all().await.is_empty(), "{state:?}");
    }
    world.store.line_state(astoria.clone(), InstanceState::Authorized, now).await.expect("kept");

    world.store.line_stopped(astoria.clone(), "the token is wrong".to_owned()).await.expect("stopped");
    assert!(world.take_all().await.is_empty(), "stopped");
    world.store.line_state(astoria.clone(), InstanceState::Authorized, now).await.expect("kept");
    assert_eq!(ids(&world.take_all().await), [id]);
}

async fn a_line_must_have_been_seen_authorized_lately(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;

    world.clock.turn(SignedDuration::from_secs(61));
    assert!(world.take_all().await.is_empty());
    world.store.line_state(astoria, InstanceState::Authorized, world.clock.now()).await.expect("kept");
    assert_eq!(ids(&world.take_all().await), [id]);
}

async fn the_judge_sees_fresh_data_and_its_word_counts(world: World) {
    let astoria = world.hotel("astoria").await;
    let cancelled = planned(&world, &astoria, ANNA, "cancel").await;
    let waits = planned(&world, &astoria, BORIS, "wait").await;
    let goes = planned(&world, &astoria, "79007778899@c.us", "go").await;

    let judge = Arc::new(|candidate: &Candidate| match candidate.intent.as_str() {
        "reply:cancel" => Verdict::Cancel("not wanted"),
        "reply:wait" => Verdict::Wait,
        _ => Verdict::Send,
    });
    let taken = world.store.take_for_sending(TakeForSending { judge, ..world.take() }).await.expect("taken");

    assert_eq!(ids(&taken), [goes]);
    assert_eq!(world.state(cancelled).await, "cancelled");
    assert_eq!(world.state(waits).await, "planned");
    let note = world.db.raw().await.texts("SELECT note FROM outbox WHERE state = 'cancelled'").await;
    assert_eq!(note, ["not wanted"]);
}

/// What the judge is shown about the only planned message.
async fn shown(world: &World) -> (bool, bool, bool) {
    let (tell, told) = std::sync::mpsc::channel();
    let tell = std::sync::Mutex::new(tell);
    let judge = Arc::new(move |candidate: &Candidate| {
        let seen = (candidate.opted_out, candidate.urgent_waiting, candidate.staff_leads);
        tell.lock().expect("not poisoned").send(seen).expect("somebody listens");
        Verdict::Wait
    });
    world.store.take_for_sending(TakeForSending { judge, ..world.take() }).await.expect("taken");
    told.recv().expect("one candidate")
}

async fn the_judge_knows_who_leads_and_who_asked_for_silence(world: World) {
    let astoria = world.hotel("astoria").await;
    planned(&world, &astoria, ANNA, "1").await;
    assert_eq!(shown(&world).await, (false, false, false));

    world.staff(&astoria, ANNA, "S1", "I am here").await;
    assert_eq!(shown(&world).await, (false, true, false));

    let gathered = world.gather_one().await;
    let mut turn = commit(&world.clock, world.me, &gathered);
    let until = Some(world.clock.now() + SignedDuration::from_secs(30));
    turn.conversation.mode = Mode::Handoff { since: world.clock.now(), until, why: HandoffReason::StaffWrote };
    turn.conversation.consent = Consent::OptedOut { at: world.clock.now() };
    world.store.commit_turns(vec![turn]).await.expect("committed");
    assert_eq!(shown(&world).await, (true, false, true));

    world.clock.turn(SignedDuration::from_secs(30));
    assert_eq!(shown(&world).await, (true, false, false), "the time of the person is over");

    let mut stop = build::guest(&world.clock, &astoria, ANNA, "M2", "STOP");
    stop.opt_out = true;
    world.receive(vec![stop]).await;
    assert_eq!(shown(&world).await, (true, true, false));
}

async fn waiting(world: &World) -> usize {
    let filter = ChatFilter { waiting: true, limit: 10, ..ChatFilter::default() };
    world.store.chats(&filter).await.expect("listed").len()
}

async fn what_expired_leaves_the_guest_waiting_for_a_person(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    let judge = Arc::new(|_: &Candidate| Verdict::Cancel(EXPIRED));

    world.store.take_for_sending(TakeForSending { judge, ..world.take() }).await.expect("taken");

    assert_eq!(world.state(id).await, "cancelled");
    assert_eq!(waiting(&world).await, 1);
}

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

async fn uncertain(world: &World, before: Timestamp, limit: i64) -> Vec<hotelbot::store::outbox::Uncertain> {
    world.store.uncertain(before, None, limit).await.expect("asked")
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

async fn the_next_send_is_known(world: World) {
    let astoria = world.hotel("astoria").await;
    let seen_since = world.clock.now() - SignedDuration::from_secs(60);
    let next = async || world.store.next_send_at(seen_since).await.expect("asked");
    assert_eq!(next().await, None);
    let mut reply = build::reply(&world.clock, "reply:1", "later");
    let due_at = world.clock.now() + SignedDuration::from_secs(5);
    reply.due_at = due_at;
    world.answered(&astoria, ANNA, "M1", vec![reply]).await;
    assert_eq!(next().await, Some(due_at));

    planned(&world, &astoria, BORIS, "2").await;
    let gap = Duration::from_secs(60);
    assert_eq!(take_paced(&world, gap).await.len(), 1);

    assert_eq!(next().await, Some(world.clock.now() + SignedDuration::from_secs(60)));
    world.store.pause(astoria, None, world.clock.now()).await.expect("paused");
    assert_eq!(next().await, None);
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
